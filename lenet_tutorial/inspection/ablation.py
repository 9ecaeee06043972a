"""What a network predicts without some of its channels."""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import ArrayLike, NDArray
from threadpoolctl import threadpool_limits

from lenet_tutorial.backend import keras
from lenet_tutorial.inspection.activations import feature_maps
from lenet_tutorial.inspection.checks import check_images, check_layer, check_scores
from lenet_tutorial.inspection.network import network

PASSES_ON = ("Flatten", "Dropout", "Identity")  # layers that leave the numbers and their order as they are


def ablated_logits(
    model: keras.Model,
    images: ArrayLike,
    layer: str,
    groups: Sequence[ArrayLike] | None = None,
    *,
    others: ArrayLike | None = None,
) -> NDArray[np.float32]:
    """Compute the logits of a network that has lost some channels of a layer, for many choices of channels.

    A channel is lost if its map is replaced, by zeros or by its map of another image. Zeros are the usual choice, but
    for a channel that is seldom 0 they are an unusual input, and the layers after it were never trained on it; another
    image's map is an ordinary one that says nothing about this image. Sources: Morcos, Barrett, Rabinowitz and
    Botvinick (2018), On the importance of single directions for generalization, arXiv:1803.06959; for values of another
    example in its place, Breiman (2001), Random forests, Machine Learning 45, 5, doi:10.1023/A:1010933404324.

    The layer is computed once. For each group only the sums of the layer after it change, by the lost channels' part.

    Args:
        model: a built Keras model: after the layer only Flatten, Dropout and Dense layers.
        images: floats (n, 784) in [0, 1].
        layer: the name of the layer that loses channels; for the textbook's network ``"pool2"``.
        groups: what to lose, lists of channel numbers; by default each channel alone.
        others: floats (n, 784), for each image the one whose maps replace its own; by default zeros replace them.

    Returns:
        float32 (groups, n, classes).

    Raises:
        ValueError: the layer is unknown or not followed by Dense layers only, a channel is unknown, or the images are
            not as said above.

    Example:

    >>> from lenet_tutorial.model import build_lenet
    >>> ablated_logits(build_lenet(), np.zeros((2, 784), "float32"), "pool2", [[], [0, 7]]).shape
    (2, 2, 10)
    """
    check_scores(model)
    dense = _dense_layers_after(model, layer)
    images = check_images(model, images)
    lost = feature_maps(model, images, layer)[layer]
    channels = lost.shape[-1]
    groups = [_check_group(each, channels) for each in ([[k] for k in range(channels)] if groups is None else groups)]
    first, bias = _weights(dense[0])
    sums = lost.reshape(len(images), -1) @ first + bias
    if others is not None:
        others = check_images(model, others)
        if len(others) != len(images):
            raise ValueError(f"expected one other image for each of {len(images)}, got {len(others)}")
        lost = lost - feature_maps(model, others, layer)[layer]
    lost = lost.reshape(len(images), -1, channels)
    first = first.reshape(-1, channels, first.shape[-1])

    def without(group):
        part = lost[:, :, group].reshape(len(images), -1) @ first[:, group].reshape(-1, first.shape[-1])
        return _through(dense, sums - part)

    with threadpool_limits(1):  # on busy cores, threads wait for one another longer than they work
        return np.stack([without(group) for group in groups])


def _dense_layers_after(model, layer):
    """The Dense layers after a layer, the last of them that of the class scores."""
    check_layer(model, layer)
    calls = network(model).calls
    names = list(calls)
    after = [calls[name] for name in names[names.index(layer) + 1 :]]
    dense = [each.layer for each in after if isinstance(each.layer, keras.layers.Dense)]
    strange = [each for each in after if each.layer not in dense and each.kind not in PASSES_ON]
    if strange or not dense:
        found = f"{strange[0].path!r}, a {strange[0].kind}" if strange else "nothing"
        raise ValueError(f"expected a layer with only Flatten, Dropout and Dense after it, got {layer!r}, then {found}")
    return dense


def _check_group(group, channels):
    group = np.asarray(group, int) if not len(group) else np.asarray(group)
    if group.ndim != 1 or not np.issubdtype(group.dtype, np.integer) or len(np.unique(group)) < len(group):
        raise ValueError(f"expected different channel numbers in a list, got {group.tolist()}")
    if len(group) and not 0 <= group.min() <= group.max() < channels:
        raise ValueError(f"expected channels from 0 to {channels - 1}, got {group.tolist()}")
    return group


def _weights(layer):
    kernel = np.asarray(layer.kernel).astype(np.float32)
    return kernel, 0 if layer.bias is None else np.asarray(layer.bias).astype(np.float32)


def _through(dense, sums):
    """From the sums of the first of some Dense layers to those of the last."""
    for before, layer in pairwise(dense):
        kernel, bias = _weights(layer)
        sums = np.asarray(before.activation(sums)) @ kernel + bias
    return sums
