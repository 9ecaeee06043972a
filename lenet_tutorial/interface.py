"""How to give any Keras model of gray images its pixels, and which layers it calls with them.

Flat pixels from 0 to 1 are this project's images. A model may take them flat or as a square, and from 0 to 255 if it
rescales them itself. Its layers are found by listening to a call, not in its list of layers: so those of nested models
are found too, and those of branches and subclassed models, each where it stands.
"""

import math
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache, wraps
from typing import Any

import numpy as np

from lenet_tutorial.backend import keras

# Layers that may prepare an image before the first layer that learns.
PREPARE = (
    *("Rescaling", "Normalization", "Lambda", "Reshape", "Flatten", "ZeroPadding2D", "Cropping2D", "CenterCrop"),
    *("Resizing", "Dropout", "GaussianNoise", "Identity", "InputLayer"),
)
BYTES = 255


@dataclass(frozen=True, eq=False)
class Call:
    """One call of a layer.

    Attributes:
        path: the layer's name, after those of the layers and nested models that it lies in, such as ``features/conv1``.
        layer: the layer.
        inputs: the tensors that it got.
        output: the tensor that it gave.
    """

    path: str
    layer: keras.Layer
    inputs: list[Any]
    output: Any

    @property
    def shape(self) -> tuple[int | None, ...]:
        """The output's shape, its first axis that of the images."""
        return tuple(self.output.shape)

    @property
    def kind(self) -> str:
        """The layer's type, such as ``Conv2D``."""
        return type(self.layer).__name__


@dataclass(frozen=True)
class Interface:
    """What a model takes and gives.

    Attributes:
        shape: of one image, as the model takes it: (784,), (28, 28) or (28, 28, 1).
        scale: the model expects pixels from 0 to this: 1, or 255 if it rescales them itself.
        output: shape of what it gives for one image, such as (10,).
        probabilities: whether it gives numbers from 0 to 1.
        exclusive: whether these sum to 1, as those of a softmax do.
    """

    shape: tuple[int, ...]
    scale: int
    output: tuple[int, ...]
    probabilities: bool
    exclusive: bool

    @property
    def side(self) -> int:
        """Side of an image in pixels."""
        return math.isqrt(math.prod(self.shape))

    def enter(self, pixels: Any) -> Any:
        """Give flat pixels (n, 784) in [0, 1], an array or a tensor, as the model takes them."""
        if len(self.shape) > 1:
            reshape = np.reshape if isinstance(pixels, np.ndarray) else keras.ops.reshape
            pixels = reshape(pixels, (-1, *self.shape))
        return pixels if self.scale == 1 else pixels * self.scale


def parts(layer: keras.Layer) -> list[keras.Layer]:
    """Give the layers inside a model or a layer, at any depth."""
    return layer._flatten_layers(include_self=False)


def listen(model: keras.Model, inputs: Any) -> tuple[Any, list[Call]]:
    """Call a model, and note each call of its layers, in the order in which they end.

    Args:
        model: a built Keras model.
        inputs: an array or a tensor, as the model takes it.

    Returns:
        The model's output, and the calls of all layers inside that give one tensor. No layer is trained, and
        augmentation and dropout are off.
    """
    calls, names = [], []

    def noted(layer, call):
        @wraps(call)
        def note(*args, **kwargs):
            names.append(layer.name)
            output = call(*args, **kwargs)
            if keras.ops.is_tensor(output):
                tensors = [each for each in keras.tree.flatten((args, kwargs)) if keras.ops.is_tensor(each)]
                calls.append(Call("/".join(names), layer, tensors, output))
            names.pop()
            return output

        return note

    layers = parts(model)
    own = [vars(each).get("call") for each in layers]
    try:
        for layer in layers:
            layer.call = noted(layer, layer.call)
        return model(inputs, training=False), calls
    finally:
        for layer, before in zip(layers, own, strict=True):
            if before:
                layer.call = before
            elif "call" in vars(layer):
                del layer.call


def named(calls: list[Call]) -> dict[str, Call]:
    """Name the calls: a layer's own name if it is the only one, its path if not; ``pool:2`` is its second call."""
    own = Counter(path.rpartition("/")[2] for path in {each.path for each in calls})
    result, times = {}, Counter()
    for each in calls:
        short = each.path.rpartition("/")[2]
        times[each.path] += 1
        number = f":{times[each.path]}" if times[each.path] > 1 else ""
        result[(short if own[short] == 1 else each.path) + number] = each
    return result


def cached_per_model(build: Callable[..., Any]) -> Callable[..., Any]:
    """Keep what ``build(model, ...)`` made while the model's layers stay what they were.

    That is all that a compiled pass holds of them: their activations, and what a Normalization layer was adapted to.
    New weights need nothing new, as a pass reads them where they are. The last 16 results of a kind are kept, and their
    models with them.
    """

    @lru_cache(maxsize=16)
    def cached(layers, model, *rest):
        return build(model, *rest)

    @wraps(build)
    def looked_up(model, *rest):
        return cached(tuple(map(_held, parts(model))), model, *rest)

    return looked_up


def _held(layer):
    return layer, getattr(layer, "activation", None), *(np.asarray(each).tobytes() for each in _statistics(layer))


def interface(model: keras.Model) -> Interface:
    """Find out what a model takes and gives.

    A model that divides the pixels by 32 to 1024 before its first layer that learns expects them from 0 to 255, be it
    by a ``Rescaling``, ``Normalization`` or ``Lambda`` layer or by ``images / 255`` alone. One that divides by 3 or
    less, or not at all, expects them from 0 to 1, as far as can be told.

    Args:
        model: a built Keras model of square gray images.

    Returns:
        An :class:`Interface`.

    Raises:
        ValueError: the model is not built, takes or gives something else, or expects pixels of an unknown range.

    Example:

    >>> from lenet_tutorial.model import build_lenet
    >>> interface(build_lenet())
    Interface(shape=(784,), scale=1, output=(10,), probabilities=True, exclusive=True)
    """
    if not isinstance(model, keras.Model):
        raise ValueError(f"expected a built model, got {model!r}")
    return _interface(model)


def digit_interface(model: keras.Model) -> Interface:
    """Find out what a model of digits takes: as :func:`interface`, for 28×28 images and ten classes alone.

    Raises:
        ValueError: as there, or the model is of other images or classes.
    """
    known = interface(model)
    if known.side != 28 or known.output != (10,):
        raise ValueError(
            "expected a model from 28×28 images to ten classes, such as build_lenet(), got one from images of "
            f"shape {known.shape} to outputs of shape {known.output}"
        )
    return known


@cached_per_model
def _interface(model):
    shape = _image_shape(model)
    probe = np.random.default_rng(0).random((8, *shape), np.float32)
    probe[0], probe[1] = 0, 1
    output, calls = listen(model, probe)
    if not keras.ops.is_tensor(output):
        raise ValueError(
            f"expected a model that gives one tensor, got {model.name!r}, which gives a {type(output).__name__} of "
            f"{len(keras.tree.flatten(output))}: choose one by keras.Model(model.inputs, model.outputs[0])"
        )
    calls = [each for each in calls if type(each.output) is type(output)]  # not those inside of a compiled function
    output = _array(output)
    probabilities = bool(output.min() >= 0 and output.max() <= 1)
    exclusive = probabilities and output.shape[-1] > 1 and bool(np.abs(output.sum(axis=-1) - 1).max() < 0.02)
    return Interface(shape, _scale(model, probe, calls), output.shape[1:], probabilities, exclusive)


def _image_shape(model):
    """The shape of one image, as the model takes it."""
    inputs = getattr(model, "inputs", None)
    shapes = [tuple(each.shape) for each in inputs or ()]
    if not inputs and model.built:
        shapes = [(None, *(model.get_build_config() or {}).get("input_shape", (None,))[1:])]
    before = "keras.Sequential([keras.Input((28, 28, 1)), model])"
    if not shapes or shapes == [(None,)]:
        raise ValueError(
            f"expected a built model, got {model.name!r}, which has no shapes yet: put its input in front, {before}"
        )
    came = f"inputs of shape {', '.join(map(str, shapes))}"
    batch, *shape = shapes[0]
    side = math.isqrt(shape[0]) if len(shape) == 1 and shape[0] else shape[0] if shape else 0
    if len(shapes) > 1 or not side or tuple(shape) not in ((side**2,), (side, side), (side, side, 1)):
        hint = f": put the size in front, {before}" if None in shape else ""
        if len(shapes) == 1 and len(shape) == 3 and shape[2] == 3:
            hint = ": repeat the gray image, image = keras.Input((28, 28, 1)) and keras.Model(image, "
            hint += "model(keras.layers.Concatenate()([image, image, image])))"
        raise ValueError(
            "expected a model that takes one batch of square gray images, such as (n, 784), (n, 28, 28) or "
            f"(n, 28, 28, 1), got {came}{hint}"
        )
    if batch is not None or (inputs and "float" not in inputs[0].dtype):
        raise ValueError(
            f"expected a model that takes any number of images, as floats, got {came} and {inputs[0].dtype}: "
            f"copy = keras.models.clone_model(model, input_tensors=keras.Input({tuple(shape)})) and "
            "copy.set_weights(model.get_weights())"
        )
    return tuple(shape)


def _scale(model, probe, calls):
    """The range of pixels that a model expects: 255 if its first layer that learns gets them divided by about that."""
    rescaling = [each for each in parts(model) if type(each).__name__ in ("Rescaling", "Normalization")]
    got = [each.inputs[0] for each in calls if each.inputs and not _only_prepares(each.layer)]
    if not calls and rescaling:  # in a call that was compiled before, layers are not heard
        got = [rescaling[0](probe)]
    blank, full = _array(got[0] if got else probe)[:2]
    factors = np.abs(full - blank)
    divisor = 1 / factors[factors > 0].min(initial=np.inf)
    if divisor <= 3:
        return 1
    if 32 <= divisor <= 1024:
        return BYTES
    raise ValueError(
        f"expected a model of pixels from 0 to 1 or from 0 to 255, got {model.name!r}, which divides them by about "
        f"{divisor:.3g}: put the range in front, such as keras.Sequential([keras.Input((28, 28, 1)), "
        "keras.layers.Rescaling(16.0), model]) for pixels from 0 to 16"
    )


def _array(tensor):
    return keras.ops.convert_to_numpy(keras.ops.cast(tensor, "float32"))


def _only_prepares(layer):
    """Whether a layer only prepares the images, or consists of such layers alone."""
    if inside := parts(layer):
        return all(map(_only_prepares, inside))
    return type(layer).__name__ in PREPARE or type(layer).__name__.startswith("Random")


def _statistics(layer):
    """The mean and the variance that a Normalization layer holds, none in any other layer."""
    return [getattr(layer, name) for name in ("mean", "variance")] if type(layer).__name__ == "Normalization" else []
