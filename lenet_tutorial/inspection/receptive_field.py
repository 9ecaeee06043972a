"""The part of the image that a unit can see."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lenet_tutorial.backend import keras
from lenet_tutorial.inspection.checks import check_layer, is_spatial
from lenet_tutorial.inspection.network import network
from lenet_tutorial.interface import Call, cached_per_model, parts

# By type: layers that slide a window; those that take each unit alone; and TensorFlow's operations that do so.
WINDOWS = ("Conv2D", "DepthwiseConv2D", "SeparableConv2D", "MaxPooling2D", "AveragePooling2D")
ELEMENT_BY_ELEMENT = (
    *("Activation", "ReLU", "LeakyReLU", "PReLU", "ELU", "BatchNormalization", "Rescaling", "Normalization"),
    *("Dropout", "SpatialDropout2D", "GaussianDropout", "GaussianNoise", "ActivityRegularization", "Identity"),
    *("Add", "Subtract", "Multiply", "Average", "Maximum", "Minimum"),
)
ELEMENTWISE = ("Cast", "Identity", "Add", "AddV2", "Sub", "Mul", "RealDiv", "Maximum", "Minimum", "Relu", "Tanh")


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
        model: a built Keras model. Where branches meet, the field holds those of all of them.
        layer: a layer's name. From a Flatten or Dense layer on, a unit sees the whole image.

    Returns:
        A :class:`ReceptiveField`; the same along both sides, as images and kernels are square.

    Raises:
        ValueError: the model is not built, has no such layer, or a layer before it whose receptive field is not known:
            a ``Resizing`` layer moves pixels by no whole number. Resize the images, and take the model without it.

    Example:

    >>> from lenet_tutorial.model import build_lenet
    >>> receptive_field(build_lenet(), "conv2")
    ReceptiveField(size=11, stride=2, start=-3)
    """
    call = check_layer(model, layer)
    field = _fields(model)[layer]
    if isinstance(field, str):
        raise ValueError(f"the receptive field of {layer!r} is not known, as {field}")
    if field == _whole(model) and is_spatial(call) and call.shape[1] > 1:
        raise ValueError(
            f"each unit of {layer!r} sees the whole image, so that its place in the map says nothing: ask for a layer "
            "before the one that sees it all"
        )
    return field


@cached_per_model
def _fields(model):
    """The receptive field of each layer by name, or in words why it is not known."""
    net, whole, result = network(model), _whole(model), {}
    known = {net.inputs.name: ReceptiveField(1, 1, 0)}  # by the name of a tensor
    for name, call in net.calls.items():
        composite = bool(parts(call.layer))  # its output was computed by the layers inside
        field = _union([_seen_by(each, known, whole) for each in ([call.output] if composite else call.inputs)], whole)
        result[name] = known[call.output.name] = field if composite or field == whole else _widened(field, call, whole)
    return result


def _seen_by(tensor, known, whole):
    """The field of a tensor that is computed from those that are known; of a constant, none."""
    if tensor.name in known:
        return known[tensor.name]
    field = _union([_seen_by(each, known, whole) for each in tensor.op.inputs], whole)
    if field in (None, whole) or tensor.op.type in ELEMENTWISE:
        return field
    return f"{tensor.op.name!r}, a {tensor.op.type}, stands outside of a layer: ask for a layer before it"


def _union(fields, whole):
    """The smallest field that holds those given; constants, which have none, add nothing."""
    fields = [each for each in fields if each]
    if not fields or whole in fields:
        return whole if fields else None
    if reasons := [each for each in fields if isinstance(each, str)]:
        return reasons[0]
    if len({each.stride for each in fields}) > 1:
        return "branches of different strides meet before it: ask for a layer in one of them"
    start = min(each.start for each in fields)
    return ReceptiveField(max(each.start + each.size for each in fields) - start, fields[0].stride, start)


def _widened(field, call, whole):
    """The field behind a layer, from that before it; or in words why it is not known."""
    layer, kind, before, after = call.layer, call.kind, call.inputs[0].shape, call.output.shape
    if kind == "Flatten" or kind.startswith("Global") or (kind == "Dense" and len(before) == 2):
        return whole
    if isinstance(field, str):
        return field
    size, stride, start = field.size, field.stride, field.start
    if kind in WINDOWS:
        try:
            kernel, step, padding = window(call)
        except ValueError as error:
            return f"{error}: ask for a layer before it"
        return ReceptiveField(size + (kernel - 1) * stride, stride * step, start - padding * stride)
    if kind in ("ZeroPadding2D", "Cropping2D"):
        (top, _), (left, _) = layer.padding if kind == "ZeroPadding2D" else layer.cropping
        if top != left:
            return f"{call.path!r} moves rows and columns by different amounts: ask for a layer before it"
        return ReceptiveField(size, stride, start + (top if kind == "Cropping2D" else -top) * stride)
    if kind == "Resizing" and before != after:
        return (
            f"{call.path!r} moves pixels by no whole number: resize the images to {after[1]} × {after[2]} yourself, "
            "and inspect the model without that layer"
        )
    same = kind in ELEMENT_BY_ELEMENT or kind.startswith("Random") or kind in ("Dense", "Resizing")
    same = same or (kind == "Reshape" and _is_square(before) and _is_square(after))
    same = same or (kind == "Concatenate" and layer.axis in (-1, len(after) - 1))
    return field if same else f"{call.path!r} is a {kind}, which is not known here: ask for a layer before it"


def _is_square(shape):
    """Whether a shape is that of one gray map an image, flat or not, such as (n, 784) or (n, 28, 28, 1)."""
    side = math.isqrt(math.prod(shape[1:]))
    return tuple(shape[1:]) in ((side**2,), (side, side), (side, side, 1))


def _whole(model):
    side = network(model).side
    return ReceptiveField(side, side, 0)


def window(call: Call) -> tuple[int, int, int]:
    """Give a square convolution or pooling's window: its size, its stride, and the zeros put before an axis."""
    layer = call.layer
    sizes = layer.kernel_size if hasattr(layer, "kernel_size") else layer.pool_size
    if len(set(sizes)) > 1 or len(set(layer.strides)) > 1 or max(getattr(layer, "dilation_rate", (1,))) > 1:
        raise ValueError(f"expected square windows without dilation, got {sizes} in the layer {layer.name!r}")
    size, stride, side = sizes[0], layer.strides[0], call.inputs[0].shape[1]
    if layer.padding != "same":
        return size, stride, 0
    # SAME puts half of all zeros first, the smaller half where they are odd.
    return size, stride, max((math.ceil(side / stride) - 1) * stride + size - side, 0) // 2
