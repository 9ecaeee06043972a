"""Checks of what the inspection functions are given: each message says what came, what was wanted and what to do."""

from collections.abc import Callable, Collection

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lenet_tutorial.backend import keras
from lenet_tutorial.inspection.network import network
from lenet_tutorial.interface import Call


def check_layer(
    model: keras.Model, name: str, *, fits: Callable[[Call], bool] = lambda call: True, kind: str = "layer"
) -> Call:
    """Give the call of the layer of that name.

    Args:
        model: a Keras model.
        name: the name that was asked for.
        fits: whether a layer can be used; by default, every layer can.
        kind: what the message calls such a layer.

    Raises:
        ValueError: the model is not built, has no such layer, or the layer cannot be used. The message lists those that
            can.
    """
    calls = network(model).calls
    fitting = {each: call for each, call in calls.items() if fits(call)}
    if isinstance(name, str) and name in fitting:
        return fitting[name]
    known = isinstance(name, str) and name in calls
    came = f"{name!r}, which is a {calls[name].kind}" if known else repr(name)
    listed = f"out of {', '.join(fitting)}" if fitting else "(this model has none)"
    hidden = "" if calls else f". The layers of {model.name!r} cannot be seen: take @tf.function from its call method"
    raise ValueError(f"expected the name of a {kind} {listed}, got {came}{hidden}")


def is_spatial(call: Call) -> bool:
    """Whether a layer gives feature maps: its output is (n, height, width, channels)."""
    return len(call.shape) == 4


def check_images(model: keras.Model, images: ArrayLike) -> NDArray[np.float32]:
    """Give the images, which may come as (n, 784), (n, 28, 28) or (n, 28, 28, 1), as float32 (n, 784).

    Raises:
        ValueError: the model cannot be inspected, or the images have another shape, dtype or range.
    """
    side = network(model).side
    shapes = (side**2,), (side, side), (side, side, 1)
    images = np.asarray(images)
    if images.shape[1:] not in shapes:
        hint = ": use images[None]" if images.shape in shapes else ""
        *most, last = (str((0, *each)).replace("0", "n", 1) for each in shapes)
        raise ValueError(f"expected images of shape {', '.join(most)} or {last}, got {images.shape}{hint}")
    if not len(images):
        raise ValueError(f"expected at least one image, got an array of shape {images.shape}")
    if not np.issubdtype(images.dtype, np.floating):
        raise ValueError(f"expected images as floats from 0 to 1, got {images.dtype}: divide bytes by 255")
    low, high = images.min(), images.max()
    if not (low >= 0 and high <= 1):  # so written, NaN is caught too
        if np.isfinite(images).all():
            raise ValueError(f"expected pixels from 0 to 1, got {low:g} to {high:g}: divide pixels up to 255 by 255")
        raise ValueError(f"expected pixels from 0 to 1, got {np.sum(~np.isfinite(images))} that are NaN or infinite")
    return np.ascontiguousarray(images.reshape(-1, side**2), np.float32)


def check_scores(model: keras.Model) -> int:
    """Give the number of classes.

    Raises:
        ValueError: the model cannot be inspected, or gives something else than one row of scores an image.
    """
    output = network(model).interface.output
    if len(output) != 1:
        raise ValueError(
            f"expected a model that gives class scores of shape (n, classes), got {model.name!r}, which gives "
            f"{('n', *output)}".replace("'n'", "n")
        )
    return output[0]


def check_classes(model: keras.Model, images: NDArray[np.float32], classes: ArrayLike) -> NDArray[np.int32]:
    """Give one class for each image as int32 (n,); one integer stands for all.

    Raises:
        ValueError: the classes are not integers, or too many, or not the model's.
    """
    n_classes = check_scores(model)
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
