"""The network explorer: draw or choose a digit, and all maps of all layers answer, in the browser."""

import base64
from typing import Any, Literal

import anywidget
import numpy as np
import traitlets
from numpy.typing import ArrayLike

from lenet_tutorial import figures, inspection
from lenet_tutorial.backend import keras
from lenet_tutorial.inspection.network import network
from lenet_tutorial.interface import interface
from lenet_tutorial.widgets.modules import joined, styles
from lenet_tutorial.widgets.network import PackedNetwork, pack_network

MOST_IMAGES = 20


class NetworkExplorer(anywidget.AnyWidget):
    """All feature maps of a network, live: everything is computed in the browser, with weights that are sent once.

    Args:
        model: a built Keras model of 28×28 images that ends in ten probabilities: layers that follow one another.
        images: floats (n, 784) in [0, 1] to choose from; the first 20 are shown.
        untrained: a model of the same layers before training, whose maps are drawn beside.
        dtype: of the weights: "float32", 13 MB for the textbook's network, or "int8", 3 MB and rounded.

    Attributes:
        number: the image that was chosen last, from 0.
        layer, channel: the map that was chosen last.

    If the model has a layer that the browser cannot compute, the explorer names it and shows a picture instead.

    Raises:
        ValueError: the model or the images are of another shape, or the untrained model has other layers.

    Example:

    >>> from lenet_tutorial.model import build_lenet
    >>> explorer = NetworkExplorer(build_lenet(), np.zeros((3, 784)))
    >>> len(explorer.data), explorer.number
    (13023656, 0)
    """

    _esm = joined("explorer", "renderExplorer")
    _css = styles("widgets", "explorer")
    description = traitlets.Dict().tag(sync=True)
    data = traitlets.Bytes().tag(sync=True)
    untrained_description = traitlets.Dict().tag(sync=True)
    untrained_data = traitlets.Bytes().tag(sync=True)
    images = traitlets.Bytes().tag(sync=True)  # float32 (n, 784)
    number = traitlets.Int(0, min=0).tag(sync=True)
    layer = traitlets.Unicode().tag(sync=True)
    channel = traitlets.Int(0, min=0).tag(sync=True)
    message = traitlets.Unicode().tag(sync=True)  # why the browser cannot compute the model, if it cannot
    picture = traitlets.Bytes().tag(sync=True)  # what is shown then, a PNG file

    def __init__(
        self,
        model: keras.Model,
        images: ArrayLike,
        *,
        untrained: keras.Model | None = None,
        dtype: Literal["float32", "int8"] = "float32",
    ):
        message, packed, before = "", PackedNetwork(), PackedNetwork()
        _check_shape(model)
        try:
            packed = pack_network(model, dtype=dtype)
            before = pack_network(untrained, dtype=dtype).convolutions() if untrained is not None else before
        except ValueError as error:
            message = f"This network cannot be explored in the browser: {error}."
        kinds = [[layer["kind"] for layer in each.description.get("layers", [])] for each in (packed, before)]
        if kinds[0][: len(kinds[1])] != kinds[1]:
            raise ValueError("expected an untrained model of the same layers, got one with others")
        images = np.asarray(images)
        if images.size % 784 or not images.size:
            raise ValueError(f"expected images of shape (n, 784), got {images.shape}")
        images = np.ascontiguousarray(images.reshape(-1, 784)[:MOST_IMAGES], "<f4")
        if not (images.min() >= 0 and images.max() <= 1):  # so written, NaN is caught too
            raise ValueError(f"expected pixels from 0 to 1, got {images.min():g} to {images.max():g}: divide by 255")
        self._picture = _picture(model, images[:1])
        super().__init__(
            message=message,
            picture=figures.as_png(self._picture) if message else b"",
            description=packed.description,
            data=bytes(packed.data),
            untrained_description=before.description,
            untrained_data=bytes(before.data),
            images=images.tobytes(),
        )

    def _repr_mimebundle_(self, **kwargs: Any) -> Any:
        """Where no script runs, as on GitHub, a static picture stands in: the maps of the first layer."""
        bundle = super()._repr_mimebundle_(**kwargs)
        data, metadata = bundle if isinstance(bundle, tuple) else (bundle or {}, {})
        data = data | {"image/png": base64.b64encode(figures.as_png(self._picture)).decode()}
        data["text/plain"] = self._picture.alt
        return data, metadata | {"image/png": {"alt": self._picture.alt}}


def _picture(model: keras.Model, image: np.ndarray) -> figures.Picture:
    """Draw the maps of the first layer that has some."""
    name = next(name for name, call in network(model).calls.items() if len(call.shape) == 4 and call.shape[3] > 1)
    maps = inspection.feature_maps(model, image, [name])[name][0]
    title = f"The maps of {name} for one digit"
    return figures.map_sheet(np.moveaxis(maps, -1, 0), title=title, image=image[0].reshape(28, 28))


def _check_shape(model: keras.Model) -> None:
    known = interface(model)
    if known.side != 28 or known.output != (10,):
        raise ValueError(
            f"expected a model from 28×28 images to ten classes, got one from images of shape {known.shape} to outputs "
            f"of shape {known.output}"
        )
