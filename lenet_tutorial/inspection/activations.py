"""What a layer is made of and what it answers: kernels, feature maps, and the patches that excite them most."""

from dataclasses import dataclass

import numpy as np

from lenet_tutorial.backend import keras, tf
from lenet_tutorial.inspection.checks import check_count, check_images, check_layer, is_spatial
from lenet_tutorial.inspection.forward import (
    apply_layers,
    batches,
    cached_per_model,
    compile_pass,
    layer_pass,
    split_at,
)
from lenet_tutorial.inspection.receptive_field import receptive_field


def kernels(model, layer):
    """Give the kernels of a convolution, the kernel's number first.

    Args:
        model: a built Keras model.
        layer: the name of a Conv2D layer.

    Returns:
        float32 (kernels, height, width, channels), a copy. Keras itself keeps (height, width, channels, kernels). The
        textbook's ``conv1`` gives (32, 4, 4, 1), pictures by ``[..., 0]``; its ``conv2`` gives (64, 4, 4, 32).

    Raises:
        ValueError: the model has no convolution of that name.

    Example:

    >>> from lenet_tutorial.model import build_lenet
    >>> kernels(build_lenet(), "conv1").shape
    (32, 4, 4, 1)
    """
    convolution = check_layer(model, layer, lambda each: isinstance(each, keras.layers.Conv2D), "convolution")
    return np.moveaxis(np.asarray(convolution.kernel).astype(np.float32), -1, 0)


def feature_maps(model, images, layers):
    """Compute the outputs of the named layers, all of them in one forward pass a batch.

    Args:
        model: a built Keras model.
        images: floats (n, 784) in [0, 1].
        layers: layer names. Name only what you need: one image's outputs of all the textbook's layers are 208 kB, those
            of 10,000 images 2 GB. ``conv1`` alone takes half of that.

    Returns:
        A dict from each name to float32 (n, ...), in the order asked for: (n, height, width, channels) before the
        Flatten layer, (n, units) from it on. The arrays are read-only: they may be TensorFlow's own.

    Raises:
        ValueError: a name is not a layer's, the model is not built, or the images have another shape, dtype or range.

    Example:

    >>> from lenet_tutorial.model import build_lenet
    >>> maps = feature_maps(build_lenet(), np.zeros((2, 784), "float32"), ["conv1", "pool1"])
    >>> {name: each.shape for name, each in maps.items()}
    {'conv1': (2, 28, 28, 32), 'pool1': (2, 14, 14, 32)}
    """
    asked = [layers] if isinstance(layers, str) else layers
    shapes = {name: check_layer(model, name).output.shape[1:] for name in asked}
    if not shapes:
        raise ValueError("expected at least one layer's name, got none")
    images = check_images(model, images)
    forward, cuts = layer_pass(model, tuple(shapes)), batches(len(images))
    if len(cuts) == 1:  # nothing to put together, so nothing to copy
        return dict(zip(shapes, map(np.asarray, forward(images)), strict=True))
    whole = {name: np.empty((len(images), *shape), np.float32) for name, shape in shapes.items()}
    for cut in cuts:
        for name, outputs in zip(shapes, forward(images[cut]), strict=True):
            whole[name][cut] = outputs
    for each in whole.values():
        each.flags.writeable = False
    return whole


def embedding(model, images, *, layer="dense"):
    """Compute the features of the images: the outputs of a fully connected layer.

    Args:
        model: a built Keras model.
        images: floats (n, 784) in [0, 1].
        layer: the name of a layer whose output is one row an image.

    Returns:
        float32 (n, units): (n, 1024), none below 0, for the textbook's ``dense``. 10,000 images make 41 MB.

    Raises:
        ValueError: the layer is unknown or its outputs are maps, or the model or the images are not as said above.

    Example:

    >>> from lenet_tutorial.model import build_lenet
    >>> embedding(build_lenet(), np.zeros((2, 784), "float32")).shape
    (2, 1024)
    """
    check_layer(model, layer, lambda each: len(each.output.shape) == 2, "layer with one row of features an image")
    return feature_maps(model, images, [layer])[layer]


@dataclass(frozen=True, eq=False)
class Patches:
    """For each channel of a layer, the patches of the data that excite it most, the strongest first.

    Attributes:
        pixels: float32 (channels, n, size, size) in [0, 1]: the receptive field of the unit; 0 outside the image.
        activations: float32 (channels, n): what the unit answered. A channel of zeros is silent: no image excites it,
            and its patches mean nothing.
        images: int64 (channels, n): which image.
        positions: int64 (channels, n, 2): row and column of the unit in the feature map.
    """

    pixels: np.ndarray
    activations: np.ndarray
    images: np.ndarray
    positions: np.ndarray


def top_activating_patches(model, images, layer, *, n=9):
    """Find the patches of the data that excite each channel of a layer most, at most one an image.

    The images stream through in batches, and only the strongest so far are kept, so that memory does not grow with
    their number. Ties go to the earlier image. Source: Zeiler and Fergus (2014), Visualizing and understanding
    convolutional networks, ECCV, doi:10.1007/978-3-319-10590-1_53, figure 2.

    Args:
        model: a built Keras model.
        images: floats (m, 784) in [0, 1], m at least n.
        layer: the name of a layer before the Flatten layer.
        n: patches a channel.

    Returns:
        A :class:`Patches`.

    Raises:
        ValueError: the layer is unknown or its units have no place, there are fewer than n images, or the model or the
            images are not as said above.

    Example:

    >>> from lenet_tutorial.model import build_lenet
    >>> found = top_activating_patches(build_lenet(), np.eye(5, 784, dtype="float32"), "conv2", n=3)
    >>> found.pixels.shape, found.positions.shape
    ((64, 3, 11, 11), (64, 3, 2))
    """
    check_layer(model, layer, is_spatial, "layer with feature maps")
    images = check_images(model, images)
    check_count("n", n, 1, len(images))
    forward = _peak_pass(model, layer)
    best = None
    for cut in batches(len(images)):
        values, places = (np.asarray(each) for each in forward(images[cut]))
        which = np.broadcast_to(np.arange(cut.start, cut.stop)[:, None], values.shape)
        found = (values, places.astype(np.int64), which)
        best = found if best is None else [np.concatenate(pair) for pair in zip(best, found, strict=True)]
        order = np.argsort(-best[0], axis=0, kind="stable")[:n]
        best = [np.take_along_axis(each, order, axis=0) for each in best]
    values, places, which = (np.ascontiguousarray(each.T) for each in best)
    width = model.get_layer(layer).output.shape[2]
    positions = np.stack([places // width, places % width], axis=-1)
    return Patches(_cut(images[which], positions, receptive_field(model, layer)), values, which, positions)


@cached_per_model
def _peak_pass(model, layer):
    """Compile: pixels (n, 784) -> each channel's largest activation (n, channels), and where, counted row by row."""
    before, peak_layer, _ = split_at(model, layer)

    def peaks(pixels):
        maps = apply_layers([*before, peak_layer], pixels)
        flat = tf.reshape(maps, (-1, maps.shape[1] * maps.shape[2], maps.shape[3]))
        return tf.reduce_max(flat, axis=1), tf.argmax(flat, axis=1, output_type=tf.int32)

    return compile_pass(peaks, model)


def _cut(pages, positions, field):
    """Cut the field of the unit at each position out of its page: (..., 784), (..., 2) -> (..., size, size)."""
    side = int(np.sqrt(pages.shape[-1]))
    offset = np.arange(field.size)
    rows, columns = (field.start + field.stride * positions[..., axis, None] + offset for axis in (0, 1))
    inside = ((rows >= 0) & (rows < side))[..., :, None] & ((columns >= 0) & (columns < side))[..., None, :]
    index = rows.clip(0, side - 1)[..., :, None] * side + columns.clip(0, side - 1)[..., None, :]
    pixels = np.take_along_axis(pages, index.reshape(*index.shape[:-2], -1), axis=-1).reshape(index.shape)
    return np.where(inside, pixels, np.float32(0))
