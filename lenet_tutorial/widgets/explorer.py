"""The network explorer: draw or choose a digit, and all maps of all layers answer, in the browser."""

from typing import Literal

import numpy as np
import traitlets
from numpy.typing import ArrayLike

from lenet_tutorial import figures, inspection
from lenet_tutorial.backend import keras
from lenet_tutorial.inspection.network import network
from lenet_tutorial.interface import digit_interface
from lenet_tutorial.widgets.modules import joined, styles
from lenet_tutorial.widgets.network import PackedNetwork, pack_classifier, pack_network
from lenet_tutorial.widgets.pictured import PicturedWidget

MOST_IMAGES = 20


class NetworkExplorer(PicturedWidget):
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
        digit_interface(model)
        try:
            packed = pack_classifier(model, dtype=dtype)
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
        self._model = model
        super().__init__(
            message=message,
            description=packed.description,
            data=bytes(packed.data),
            untrained_description=before.description,
            untrained_data=bytes(before.data),
            images=images.tobytes(),
        )
        if message:
            self.picture = figures.as_png(self.static_picture())

    def static_picture(self) -> figures.Picture:
        """Draw the maps of the first layer that has some, for the image that was chosen last."""
        calls = network(self._model).calls.items()
        name = next(name for name, call in calls if len(call.shape) == 4 and call.shape[3] > 1)
        image = np.frombuffer(self.images, "<f4").reshape(-1, 784)[self.number : self.number + 1]
        maps = inspection.feature_maps(self._model, image, [name])[name][0]
        title = f"The maps of {name} for one digit"
        return figures.map_sheet(np.moveaxis(maps, -1, 0), title=title, image=image[0].reshape(28, 28))
