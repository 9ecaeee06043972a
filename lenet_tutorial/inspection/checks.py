"""What the functions of this folder ask of their inputs: each check says what came and what was wanted."""

import math

import numpy as np


def layers_in_order(model):
    """Give the model's layers in the order in which the pixels go through them."""
    return [each for each in model.layers if type(each).__name__ != "InputLayer"]


def check_built(model):
    """Give the side of the model's images, 28, or raise ValueError unless it is a built chain from flat images."""
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


def check_layer(model, name, kinds=None, wanted="layer"):
    """Give the layer of that name.

    Args:
        model: a Keras model.
        name: what the user asked for.
        kinds: a function from a layer to whether it will do; any layer, if there is none.
        wanted: how such a layer is called in the message.

    Raises:
        ValueError: the model is not built, has no such layer, or the layer will not do. The message lists those that
            will.
    """
    check_built(model)
    fitting = {each.name: each for each in layers_in_order(model) if kinds is None or kinds(each)}
    if isinstance(name, str) and name in fitting:
        return fitting[name]
    kind = (
        {each.name: type(each).__name__ for each in layers_in_order(model)}.get(name) if isinstance(name, str) else None
    )
    came = f"{name!r}, which is a {kind}" if kind else repr(name)
    listed = f"out of {', '.join(fitting)}" if fitting else "(this model has none)"
    raise ValueError(f"expected the name of a {wanted} {listed}, got {came}")


def is_spatial(layer):
    """Whether a layer's units lie in a grid over the image: (n, height, width, channels)."""
    return len(layer.output.shape) == 4


def check_images(model, images):
    """Give the images as float32 (n, 784), or raise ValueError."""
    pixels = check_built(model) ** 2
    images = np.asarray(images)
    if images.ndim != 2 or images.shape[1] != pixels:
        hint = "; one image becomes a batch by images[i : i + 1]" if images.shape == (pixels,) else ""
        raise ValueError(f"expected images of shape (n, {pixels}), got {images.shape}{hint}")
    if not len(images):
        raise ValueError(f"expected at least one image, got an array of shape {images.shape}")
    if not np.issubdtype(images.dtype, np.floating):
        raise ValueError(f"expected images as floats from 0 to 1, got {images.dtype}; bytes become such by / 255")
    low, high = images.min(), images.max()
    if not (low >= 0 and high <= 1):  # so written, NaN is caught too
        if np.isfinite(images).all():
            raise ValueError(f"expected pixels from 0 to 1, got {low:g} to {high:g}; 0 to 255 becomes 0 to 1 by / 255")
        raise ValueError(f"expected pixels from 0 to 1, got {np.sum(~np.isfinite(images))} that are NaN or infinite")
    return np.ascontiguousarray(images, np.float32)


def check_classes(model, images, classes):
    """Give the classes to explain as int32 (n,), one an image, or raise ValueError. One integer stands for all."""
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


def check_count(name, value, low, high=None):
    """Raise ValueError unless the value is an integer from low to high."""
    if isinstance(value, bool) or not isinstance(value, int | np.integer) or value < low or value > (high or value):
        wanted = f"from {low} to {high}" if high else f"of at least {low}"
        raise ValueError(f"expected {name} as an integer {wanted}, got {value!r}")


def check_choice(name, value, choices):
    """Raise ValueError unless the value is one of the choices."""
    if value not in choices:
        raise ValueError(f"expected {name} out of {', '.join(map(repr, choices))}, got {value!r}")
