"""Checks of what the inspection functions are given: each message says what came, what was wanted and what to do."""

import math
from collections.abc import Callable, Collection

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lenet_tutorial.backend import keras


def layers_in_order(model: keras.Model) -> list[keras.Layer]:
    """Give the model's layers in the order in which the pixels go through them."""
    return [each for each in model.layers if type(each).__name__ != "InputLayer"]


def check_built(model: keras.Model) -> int:
    """Give the side of the model's images, such as 28, in pixels.

    Raises:
        ValueError: the model is not built, or is no chain of layers from one batch of flat, square images.
    """
    if not getattr(model, "inputs", None):
        raise ValueError(
            f"expected a built model, got {getattr(model, 'name', model)!r}, which has no shapes yet: "
            "add keras.Input((784,)) as its first layer, or call model.build((None, 784))"
        )
    shape = tuple(model.inputs[0].shape)
    side = math.isqrt(shape[1]) if len(shape) == 2 and shape[1] else 0
    if len(model.inputs) != 1 or side == 0 or side * side != shape[1]:
        raise ValueError(
            f"expected a model that takes one batch of flat square images, such as (n, 784), "
            f"got inputs of shape {', '.join(str(tuple(each.shape)) for each in model.inputs)}"
        )
    if len(model.outputs) != 1 or any(isinstance(each.input, list) for each in layers_in_order(model)):
        raise ValueError(f"expected a model whose layers follow one another, got branches in {model.name!r}")
    return side


def check_layer(
    model: keras.Model, name: str, *, fits: Callable[[keras.Layer], bool] = lambda layer: True, kind: str = "layer"
) -> keras.Layer:
    """Give the layer of that name.

    Args:
        model: a Keras model.
        name: the name that was asked for.
        fits: whether a layer can be used; by default, every layer can.
        kind: what the message calls such a layer.

    Raises:
        ValueError: the model is not built, has no such layer, or the layer cannot be used. The message lists those that
            can.
    """
    check_built(model)
    layers = {each.name: each for each in layers_in_order(model)}
    fitting = {each: layer for each, layer in layers.items() if fits(layer)}
    if isinstance(name, str) and name in fitting:
        return fitting[name]
    known = isinstance(name, str) and name in layers
    came = f"{name!r}, which is a {type(layers[name]).__name__}" if known else repr(name)
    listed = f"out of {', '.join(fitting)}" if fitting else "(this model has none)"
    raise ValueError(f"expected the name of a {kind} {listed}, got {came}")


def is_spatial(layer: keras.Layer) -> bool:
    """Whether a layer gives feature maps: its output is (n, height, width, channels)."""
    return len(layer.output.shape) == 4


def check_images(model: keras.Model, images: ArrayLike) -> NDArray[np.float32]:
    """Give the images as float32 (n, 784).

    Raises:
        ValueError: the model is not built, or the images have another shape, dtype or range.
    """
    pixels = check_built(model) ** 2
    images = np.asarray(images)
    if images.ndim != 2 or images.shape[1] != pixels:
        hint = ": use images[None]" if images.shape == (pixels,) else f": use images.reshape(-1, {pixels})"
        raise ValueError(f"expected images of shape (n, {pixels}), got {images.shape}{hint}")
    if not len(images):
        raise ValueError(f"expected at least one image, got an array of shape {images.shape}")
    if not np.issubdtype(images.dtype, np.floating):
        raise ValueError(f"expected images as floats from 0 to 1, got {images.dtype}: divide bytes by 255")
    low, high = images.min(), images.max()
    if not (low >= 0 and high <= 1):  # so written, NaN is caught too
        if np.isfinite(images).all():
            raise ValueError(f"expected pixels from 0 to 1, got {low:g} to {high:g}: divide pixels up to 255 by 255")
        raise ValueError(f"expected pixels from 0 to 1, got {np.sum(~np.isfinite(images))} that are NaN or infinite")
    return np.ascontiguousarray(images, np.float32)


def check_classes(model: keras.Model, images: NDArray[np.float32], classes: ArrayLike) -> NDArray[np.int32]:
    """Give one class for each image as int32 (n,); one integer stands for all.

    Raises:
        ValueError: the classes are not integers, or too many, or not the model's.
    """
    n_classes = model.layers[-1].output.shape[-1]
    classes = np.asarray(classes)
    if not np.issubdtype(classes.dtype, np.integer) or classes.shape not in ((), (len(images),)):
        raise ValueError(
            f"expected one integer class per image, ({len(images)},), or one for all, "
            f"got {classes.dtype} of shape {classes.shape}"
        )
    if classes.min() < 0 or classes.max() >= n_classes:
        raise ValueError(f"expected classes from 0 to {n_classes - 1}, got {classes.min()} to {classes.max()}")
    return np.ascontiguousarray(np.broadcast_to(classes, (len(images),)), np.int32)


def check_count(name: str, value: int, low: int, high: int | None = None) -> None:
    """Raise ValueError unless the value is an integer from low to high."""
    if isinstance(value, bool) or not isinstance(value, int | np.integer) or value < low or value > (high or value):
        wanted = f"from {low} to {high}" if high else f"of at least {low}"
        raise ValueError(f"expected {name} as an integer {wanted}, got {value!r}")


def check_choice(name: str, value: str, choices: Collection[str]) -> None:
    """Raise ValueError unless the value is one of the choices."""
    if value not in choices:
        raise ValueError(f"expected {name} out of {', '.join(map(repr, choices))}, got {value!r}")
