"""The part of the image that a unit can see."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lenet_tutorial.backend import keras
from lenet_tutorial.inspection.checks import check_built, check_layer, layers_in_order


@dataclass(frozen=True)
class ReceptiveField:
    """The part of the input that one unit of a layer can see, along one side of the image.

    The unit at position ``i`` sees the ``size`` pixels from ``start + i * stride`` on. Some may lie in the padding.

    Attributes:
        size: pixels.
        stride: pixels between the fields of neighboring units.
        start: first pixel of the field of unit 0; negative in the padding.
    """

    size: int
    stride: int
    start: int

    def center(self, unit: ArrayLike) -> float | NDArray[np.float64]:
        """Give the center of a unit's field, in pixels from the middle of pixel 0; ``unit`` may be an array."""
        return self.start + self.stride * np.asarray(unit) + (self.size - 1) / 2


def receptive_field(model: keras.Model, layer: str) -> ReceptiveField:
    """Compute a layer's receptive field from the layers before it.

    Each convolution or pooling widens the field by (kernel - 1) times the stride so far. Source: Araujo, Norris and
    Sim (2019), Computing receptive fields of convolutional neural networks, Distill, doi:10.23915/distill.00021.

    Args:
        model: a built Keras model whose layers follow one another.
        layer: a layer's name. From a Flatten or Dense layer on, a unit sees the whole image.

    Returns:
        A :class:`ReceptiveField`; the same along both sides, as images and kernels are square.

    Raises:
        ValueError: the model is not built, or has no such layer, or a layer that this function does not know.

    Example:

    >>> from lenet_tutorial.model import build_lenet
    >>> receptive_field(build_lenet(), "conv2")
    ReceptiveField(size=11, stride=2, start=-3)
    """
    last = check_layer(model, layer)
    size, stride, start = 1, 1, 0
    for each in layers_in_order(model)[: layers_in_order(model).index(last) + 1]:
        kind = type(each).__name__
        if kind in ("Conv2D", "MaxPooling2D", "AveragePooling2D"):
            kernel, step, padding = window(each)
            size, start = size + (kernel - 1) * stride, start - padding * stride
            stride *= step
        elif kind in ("Flatten", "Dense"):
            side = check_built(model)
            return ReceptiveField(side, side, 0)
        elif kind not in ("Reshape", "InputLayer", "Activation", "ReLU", "Dropout", "BatchNormalization"):
            raise ValueError(
                f"the layer {each.name!r} is a {kind}, whose receptive field is not known: ask for a layer before it"
            )
    return ReceptiveField(size, stride, start)


def window(layer: keras.Layer) -> tuple[int, int, int]:
    """Give a square convolution or pooling's window: its size, its stride, and the zeros put before an axis."""
    sizes = layer.kernel_size if hasattr(layer, "kernel_size") else layer.pool_size
    if len(set(sizes)) > 1 or len(set(layer.strides)) > 1 or max(getattr(layer, "dilation_rate", (1,))) > 1:
        raise ValueError(f"expected square windows without dilation, got {sizes} in the layer {layer.name!r}")
    size, stride, side = sizes[0], layer.strides[0], layer.input.shape[1]
    if layer.padding != "same":
        return size, stride, 0
    # SAME puts half of all zeros first, the smaller half where they are odd.
    return size, stride, max((math.ceil(side / stride) - 1) * stride + size - side, 0) // 2
