"""A network as the browser gets it: a description of its layers, and the bytes of their weights. See network.js."""

from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike

from lenet_tutorial.backend import keras
from lenet_tutorial.interface import Call, digit_interface, interface, listen, named, parts

ACTIVATIONS = {
    "linear": {},
    "relu": {"activation": "relu"},
    "tanh": {"activation": "tanh"},
    "sigmoid": {"activation": "sigmoid"},
    "softmax": {"activation": "softmax"},
    "leaky_relu": {"activation": "leakyRelu", "slope": 0.2},
}
# Layers that do nothing but in training.
IDLE = ("Dropout", "SpatialDropout2D", "GaussianNoise", "GaussianDropout", "AlphaDropout", "Identity")
IDLE += ("RandomTranslation", "RandomRotation", "RandomZoom", "RandomFlip", "RandomContrast", "RandomBrightness")


@dataclass(eq=False)
class PackedNetwork:
    """A network for the browser.

    Attributes:
        description: ``{"inputShape": [28, 28, 1], "layers": [...]}``, plain numbers and words: each layer's name, kind
            and settings, and for each of its arrays dtype, shape and offset in the bytes.
        data: the arrays, little-endian, one behind the other.
    """

    description: dict[str, Any] = field(default_factory=dict)
    data: bytearray = field(default_factory=bytearray)

    def convolutions(self) -> "PackedNetwork":
        """Give the layers before the first that is flattened, pooled as a whole or dense, with their weights alone."""
        layers = self.description["layers"]
        ends = [at for at, each in enumerate(layers) if each["kind"].startswith(("flatten", "dense", "global"))]
        kept, rest = layers[: ends[0] if ends else None], layers[ends[0] if ends else len(layers) :]
        offsets = [each["offset"] for layer in rest for each in layer.get("weights", {}).values()]
        return PackedNetwork(self.description | {"layers": kept}, self.data[: min(offsets, default=None)])

    def _add(self, array: ArrayLike, dtype: str = "float32") -> dict[str, Any]:
        array = np.asarray(array)
        if dtype == "int8" and array.ndim > 1:
            scale = np.maximum(np.abs(array).max(axis=tuple(range(array.ndim - 1))), 1e-30) / 127
            return self._append(np.round(array / scale), "int8") | {"scale": self._append(scale, "float32")}
        return self._append(array, "float32")

    def _append(self, array, dtype):
        array = np.asarray(array, np.dtype(dtype).newbyteorder("<"))
        where = {"dtype": dtype, "shape": list(array.shape), "offset": len(self.data)}
        self.data += array.tobytes()
        return where


def pack_network(model: keras.Model, *, dtype: Literal["float32", "int8"] = "float32") -> PackedNetwork:
    """Pack a chain of layers for network.js.

    Args:
        model: a built Keras model of 28×28 images, one layer after another, nested models included.
        dtype: of the kernels. 8-bit numbers have a scale for each output channel: a quarter of the bytes, and rounded.

    Returns:
        A :class:`PackedNetwork`, which takes pixels from 0 to 1.

    Raises:
        ValueError: the model has a layer that the browser cannot compute, or branches. The message names the layer.

    Example:

    >>> from lenet_tutorial.model import build_lenet
    >>> packed = pack_network(build_lenet())
    >>> [layer["kind"] for layer in packed.description["layers"]][:3], len(packed.data)
    (['reshape', 'conv', 'maxPool'], 13023656)
    """
    if dtype not in ("float32", "int8"):
        raise ValueError(f"expected dtype 'float32' or 'int8', got {dtype!r}")
    known = interface(model)
    _, calls = listen(model, np.zeros((1, *known.shape), np.float32))
    calls = {name: call for name, call in named(calls).items() if not parts(call.layer)}
    packed, layers, before = PackedNetwork(), [], None
    if known.scale != 1:
        layers.append({"name": "pixels", "kind": "scale", **_scaled(packed, [known.scale], [0])})
    for name, call in calls.items():
        if len(call.inputs) != 1 or (before is not None and tuple(call.inputs[0].shape) != before.shape):
            raise ValueError(f"expected layers that follow one another, got branches at the layer {name!r}")
        layers.append({"name": name, **_described(name, call, packed, dtype)})
        before = call
    packed.description = {"inputShape": list(known.shape), "layers": layers}
    return packed


def pack_classifier(model: keras.Model, *, dtype: Literal["float32", "int8"] = "float32") -> PackedNetwork:
    """Pack a network of ten classes as :func:`pack_network` does; it ends in probabilities, if need be by a softmax."""
    probabilities = digit_interface(model).probabilities
    packed = pack_network(model, dtype=dtype)
    if not probabilities:
        packed.description["layers"].append({"name": "probabilities", **_activated("softmax")})
    return packed


def _scaled(packed, factor, offset):
    return {"weights": {"factor": packed._add(factor), "offset": packed._add(offset)}}


def _described(name: str, call: Call, packed: PackedNetwork, dtype: str) -> dict[str, Any]:
    """Describe one layer, and add its weights."""
    last = (-1, len(call.shape) - 1)
    describe = {
        "Conv2D": _conv,
        "Dense": _dense,
        "MaxPooling2D": lambda layer, *_: {"kind": "maxPool", **_window(layer, layer.pool_size)},
        "AveragePooling2D": lambda layer, *_: {"kind": "averagePool", **_window(layer, layer.pool_size)},
        "GlobalMaxPooling2D": lambda *_: {"kind": "globalMaxPool"},
        "GlobalAveragePooling2D": lambda *_: {"kind": "globalAveragePool"},
        "Flatten": lambda *_: {"kind": "flatten"},
        "Reshape": lambda *_: {"kind": "reshape", "shape": list(call.shape[1:])},
        "Rescaling": _rescaling,
        "BatchNormalization": _batch_normalization if getattr(call.layer, "axis", -1) in last else None,
        "Activation": lambda layer, *_: {"kind": "activation", **_activation(layer.activation)},
        "ReLU": _relu,
        "LeakyReLU": lambda layer, *_: _activated("leakyRelu", slope=float(layer.negative_slope)),
        "Softmax": lambda layer, *_: _activated("softmax") if layer.axis in last else None,
        **dict.fromkeys(IDLE, lambda *_: {"kind": "activation"}),
    }.get(call.kind)
    described = describe and describe(call.layer, packed, dtype)
    if not described:
        raise ValueError(
            f"expected layers that the browser can compute, got {name!r}, a {call.kind} with settings that it can't: "
            "the static picture shows the network instead"
        )
    return described


def _activated(activation: str, **settings: float) -> dict[str, Any]:
    return {"kind": "activation", "activation": activation, **settings}


def _activation(function) -> dict[str, Any]:
    name = getattr(function, "__name__", str(function))
    if name not in ACTIVATIONS:
        raise ValueError(f"expected an activation out of {', '.join(ACTIVATIONS)}, got {name!r}")
    return ACTIVATIONS[name]


def _window(layer, size) -> dict[str, Any]:
    return {"size": list(size), "stride": list(layer.strides), "padding": layer.padding}


def _weights(layer, packed, dtype):
    weights = {"kernel": packed._add(layer.kernel, dtype)}
    if layer.use_bias:
        weights["bias"] = packed._add(layer.bias)
    return {"weights": weights, **_activation(layer.activation)}


def _conv(layer, packed, dtype):
    if layer.groups != 1 or set(layer.dilation_rate) != {1} or layer.data_format != "channels_last":
        return None
    window = _window(layer, layer.kernel_size)
    return {"kind": "conv", "filters": layer.filters, **window, **_weights(layer, packed, dtype)}


def _dense(layer, packed, dtype):
    return {"kind": "dense", "units": layer.units, **_weights(layer, packed, dtype)}


def _rescaling(layer, packed, dtype):
    factor, offset = np.broadcast_arrays(np.atleast_1d(layer.scale), np.atleast_1d(layer.offset))
    return {"kind": "scale", **_scaled(packed, factor, offset)}


def _batch_normalization(layer, packed, dtype):
    deviation = np.sqrt(np.asarray(layer.moving_variance) + layer.epsilon)
    factor = (np.asarray(layer.gamma) if layer.scale else 1) / deviation
    offset = (np.asarray(layer.beta) if layer.center else 0) - np.asarray(layer.moving_mean) * factor
    return {"kind": "scale", **_scaled(packed, factor, offset)}


def _relu(layer, packed, dtype):
    if layer.max_value is not None or layer.threshold:
        return None
    return _activated("leakyRelu", slope=float(layer.negative_slope)) if layer.negative_slope else _activated("relu")
