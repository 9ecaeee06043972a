"""A widget to look through feature maps: pick a digit and a layer."""

import functools
import html
from collections.abc import Sequence

import ipywidgets
import numpy as np
from numpy.typing import ArrayLike

from lenet_tutorial import figures, inspection
from lenet_tutorial.backend import keras
from lenet_tutorial.inspection.network import network


def feature_map_explorer(
    model: keras.Model,
    images: ArrayLike,
    labels: Sequence[int],
    *,
    layers: Sequence[str] | None = None,
) -> ipywidgets.VBox:
    """Make a widget to look through feature maps: a slider picks the digit, a list picks the layer.

    Args:
        model: a built Keras model.
        images: floats (n, 784) in [0, 1], or of shape (n, 28, 28) or (n, 28, 28, 1).
        labels: integers (n,).
        layers: the layers to choose from, by name, each with feature maps; the convolutions and the poolings of the
            model, if none are given.

    Returns:
        An ``ipywidgets.VBox``. Its ``redraw`` draws the maps of its ``digit`` and ``layer``; it needs no network and,
        once made, no browser.

    Raises:
        ValueError: a layer's name is unknown, or images and labels do not pair up.
    """
    if len(images) != len(labels) or not len(images):
        raise ValueError(f"expected one label for each of at least one image, got {len(images)} and {len(labels)}")
    if layers is None:
        maps = {name: each for name, each in network(model).calls.items() if len(each.shape) == 4}
        layers = [name for name, each in maps.items() if each.kind.endswith(("Conv2D", "Pooling2D"))]
    digit = ipywidgets.IntSlider(0, 0, len(images) - 1, description="digit", continuous_update=False)
    layer = ipywidgets.Dropdown(options=list(layers), description="layer")
    picture = ipywidgets.Image(format="png", layout=ipywidgets.Layout(max_width="100%", width="720px"))
    caption = ipywidgets.HTML()

    @functools.lru_cache(maxsize=64)
    def drawn(number, name):
        image = np.asarray(images[number : number + 1])
        maps = inspection.feature_maps(model, image, [name])[name][0]
        title = f"Digit {number}, a {labels[number]}: the maps of {name}"
        made = figures.map_sheet(np.moveaxis(maps, -1, 0), title=title, image=image[0].reshape(28, 28))
        return figures.as_png(made, quick=True), made.caption

    def redraw(change=None):
        picture.value, text = drawn(digit.value, layer.value)
        caption.value = f"<em>{html.escape(text)}</em>"

    digit.observe(redraw, "value")
    layer.observe(redraw, "value")
    redraw()
    box = ipywidgets.VBox([ipywidgets.HBox([digit, layer]), picture, caption])
    box.digit, box.layer, box.picture, box.caption, box.redraw = digit, layer, picture, caption, redraw
    return box
