"""A layer's kernels, its activations, and the patches of images that activate it most."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lenet_tutorial.backend import keras, tf
from lenet_tutorial.inspection.checks import check_count, check_images, check_layer, is_spatial
from lenet_tutorial.inspection.forward import (
    batches,
    compile_pass,
    layer_pass,
    unflattened,
)
from lenet_tutorial.inspection.network import float32, network
from lenet_tutorial.inspection.receptive_field import ReceptiveField, receptive_field
from lenet_tutorial.interface import cached_per_model


def kernels(model: keras.Model, layer: str) -> NDArray[np.float32]:
    """Give the kernels of a convolution, the kernel's number first.

    Args:
        model: a built Keras model.
        layer: the name of a Conv2D layer.

    Returns:
        float32 (kernels, height, width, channels), a copy. Keras itself keeps (height, width, channels, kernels). The
        textbook's ``conv1`` gives (32, 4, 4, 1), images by ``[..., 0]``; its ``conv2`` gives (64, 4, 4, 32).

    Raises:
        ValueError: the model has no convolution of that name.

    Example:

    >>> from lenet_tutorial.model import build_lenet
    >>> kernels(build_lenet(), "conv1").shape
    (32, 4, 4, 1)
    """
    call = check_layer(model, layer, fits=lambda each: isinstance(each.layer, keras.layers.Conv2D), kind="convolution")
    return np.moveaxis(np.asarray(call.layer.kernel).astype(np.float32), -1, 0)


def feature_maps(model: keras.Model, images: ArrayLike, layers: str | Sequence[str]) -> dict[str, NDArray[np.float32]]:
    """Compute the outputs of the named layers, all of them in one forward pass a batch.

    Args:
        model: a built Keras model.
        images: floats (n, 784) in [0, 1].
        layers: a layer's name, or several. Name only what you need: one image's outputs of all the textbook's layers
            are 208 kB, those of 10,000 images 2 GB. ``conv1`` alone takes half of that.

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
    names = [layers] if isinstance(layers, str) else layers
    shapes = {name: check_layer(model, name).shape[1:] for name in names}
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


def embedding(model: keras.Model, images: ArrayLike, *, layer: str = "dense") -> NDArray[np.float32]:
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
    kind = "layer with one row of features an image"
    check_layer(model, layer, fits=lambda each: len(each.shape) == 2, kind=kind)
    return feature_maps(model, images, [layer])[layer]


@dataclass(frozen=True, eq=False)
class Patches:
    """For each channel of a layer, patches of images, the one that activates it most first.

    Attributes:
        pixels: float32 (channels, n, size, size) in [0, 1]: the receptive field of the unit; 0 outside the image.
        activations: float32 (channels, n): the unit's activation. A channel of zeros is dead: no image activates it,
            and its patches mean nothing.
        images: int64 (channels, n): which image.
        positions: int64 (channels, n, 2): row and column of the unit in the feature map.
    """

    pixels: NDArray[np.float32]
    activations: NDArray[np.float32]
    images: NDArray[np.int64]
    positions: NDArray[np.int64]


def top_activating_patches(model: keras.Model, images: ArrayLike, layer: str, *, n: int = 9) -> Patches:
    """Find the patches that activate each channel of a layer most, at most one from each image.

    Each image counts with the position where it activates the channel most. Ties go to the earlier image. Source:
    Zeiler and Fergus (2014), Visualizing and understanding convolutional networks, ECCV,
    doi:10.1007/978-3-319-10590-1_53, figure 2.

    Args:
        model: a built Keras model.
        images: floats (m, 784) in [0, 1], m at least n.
        layer: the name of a layer before the Flatten layer.
        n: patches a channel.

    Returns:
        A :class:`Patches`.

    Raises:
        ValueError: the layer is unknown or has no feature maps, there are fewer than n images, or the model or the
            images are not as said above.

    Example:

    >>> from lenet_tutorial.model import build_lenet
    >>> found = top_activating_patches(build_lenet(), np.eye(5, 784, dtype="float32"), "conv2", n=3)
    >>> found.pixels.shape, found.positions.shape
    ((64, 3, 11, 11), (64, 3, 2))
    """
    return patches_at_percentile(model, images, layer, 100, n=n)


def patches_at_percentile(
    model: keras.Model, images: ArrayLike, layer: str, percentile: float, *, n: int = 9
) -> Patches:
    """Find patches from anywhere in a channel's range of activations, not only from its top.

    The images are ranked by their largest activation of the channel, as in :func:`top_activating_patches`. The n
    patches are neighbors in this ranking, around the percentile: half of the images activate the channel more than
    those at the 50th. Source: Olah, Mordvintsev and Schubert (2017), Feature visualization, Distill,
    doi:10.23915/distill.00007, "dataset examples".

    Args:
        model, images, layer, n: as in :func:`top_activating_patches`.
        percentile: 0 to 100, the strongest.

    Returns:
        A :class:`Patches`.

    Raises:
        ValueError: the percentile is not from 0 to 100, or as in :func:`top_activating_patches`.

    Example:

    >>> from lenet_tutorial.model import build_lenet
    >>> patches_at_percentile(build_lenet(), np.eye(5, 784, dtype="float32"), "conv2", 50, n=3).pixels.shape
    (64, 3, 11, 11)
    """
    width = check_layer(model, layer, fits=is_spatial, kind="layer with feature maps").shape[2]
    field = receptive_field(model, layer)
    images = check_images(model, images)
    check_count("n", n, 1, len(images))
    if not 0 <= percentile <= 100:
        raise ValueError(f"expected a percentile from 0 to 100, got {percentile!r}")
    found = map(_peak_pass(model, layer), (images[cut] for cut in batches(len(images))))
    values, flat = (np.concatenate(each) for each in zip(*found, strict=True))
    middle = (1 - percentile / 100) * (len(images) - 1)
    first = int(np.clip(round(middle - (n - 1) / 2), 0, len(images) - n))
    which = np.argsort(-values, axis=0, kind="stable")[first : first + n]
    values, flat = (np.take_along_axis(each, which, axis=0).T for each in (values, flat.astype(np.int64)))
    which, positions = np.ascontiguousarray(which.T), np.stack(np.divmod(flat, width), axis=-1)
    return Patches(_patches(unflattened(images), which, positions, field), values.copy(), which, positions)


@cached_per_model
def _peak_pass(model, layer):
    """Compile: pixels (n, 784) -> each channel's largest activation (n, channels), and where, counted row by row."""
    net = network(model)

    def peaks(pixels):
        maps = float32(net.run(pixels)[1][layer].output)
        flat = tf.reshape(maps, (-1, maps.shape[1] * maps.shape[2], maps.shape[3]))
        return tf.reduce_max(flat, axis=1), tf.argmax(flat, axis=1, output_type=tf.int32)

    return compile_pass(peaks, model)


def _patches(images: NDArray, which: NDArray, positions: NDArray, field: ReceptiveField) -> NDArray[np.float32]:
    """Cut the receptive field of the unit at each position (..., 2) out of its image: (..., size, size)."""
    margin = field.size + abs(field.start)  # wide enough for a field that lies in the padding
    used, index = np.unique(which, return_inverse=True)
    padded = np.pad(images[used], ((0, 0), (margin, margin), (margin, margin)))
    offset = margin + field.start + np.arange(field.size)
    rows, columns = (field.stride * positions[..., axis, None] + offset for axis in (0, 1))
    return padded[index.reshape(which.shape)[..., None, None], rows[..., :, None], columns[..., None, :]]
