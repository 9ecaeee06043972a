"""The image that activates a unit most, found by gradient ascent."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lenet_tutorial.backend import keras, tf
from lenet_tutorial.inspection.checks import check_choice, check_count, check_layer, is_spatial
from lenet_tutorial.inspection.forward import (
    batches,
    compile_pass,
    pick_class,
    preactivation,
    unflattened,
    with_gradient,
)
from lenet_tutorial.inspection.network import float32, network
from lenet_tutorial.inspection.receptive_field import receptive_field, window
from lenet_tutorial.interface import cached_per_model


@dataclass(frozen=True)
class Ascent:
    """How gradient ascent steps, and how it is regularized. By default it is not: pixels only stay in [0, 1].

    The steps get evenly shorter, towards 0, and with them the decay and the blur of a step: the image settles where the
    three balance. Decay and blur after each step are the regularizations of Yosinski et al. (2015), Understanding
    neural networks through deep visualization, arXiv:1506.06579; jitter is that of Mordvintsev, Olah and Tyka (2015),
    Inceptionism, Google Research Blog.

    Attributes:
        steps: how many.
        step_size: root mean square change of a pixel in the first step, before it is cut to [0, 1].
        decay: share of the ink that the first step takes away, 0 to 1: ink that raises no score fades.
        blur: standard deviation in pixels of the Gaussian that the first step smooths the image with.
        jitter: each step scores the image shifted by up to so many pixels, so that no single position matters. Not for
            a unit at one position of a feature map.
        diversity: how many points of its score an image gives up to be unlike the others of the same unit: this times
            the mean cosine similarity between its pixels and theirs is subtracted. It matters only for a unit that is
            asked for several times. Olah, Mordvintsev and Schubert (2017), Feature visualization, Distill,
            doi:10.23915/distill.00007, have this term; they compare a layer's activations instead of pixels.
        seed: fixes the noise that the ascent starts from, and the shifts.

    Raises:
        ValueError: a value is outside what is said above.
    """

    steps: int = 64
    step_size: float = 0.1
    decay: float = 0.0
    blur: float = 0.0
    jitter: int = 0
    diversity: float = 0.0
    seed: int = 0

    def __post_init__(self):
        check_count("steps", self.steps, 1)
        check_count("jitter", self.jitter, 0)
        if not self.step_size > 0 or not np.isfinite(self.step_size):
            raise ValueError(f"expected step_size greater than 0, got {self.step_size!r}")
        if not 0 <= self.decay < 1:
            raise ValueError(f"expected decay from 0 to below 1, got {self.decay!r}")
        if not 0 <= self.blur < np.inf:
            raise ValueError(f"expected blur of at least 0 pixels, got {self.blur!r}")
        if not 0 <= self.diversity < np.inf:
            raise ValueError(f"expected diversity of at least 0, got {self.diversity!r}")


@dataclass(frozen=True, eq=False)
class ActivationMaximum:
    """The images that activate the units of a layer most.

    Attributes:
        images: float32 (units, 28, 28) in [0, 1].
        before: float32 (units,): each unit's score of the noise that the ascent started from.
        after: float32 (units,): its score of its own image.
        units: int64 (units,): which units.
    """

    images: NDArray[np.float32]
    before: NDArray[np.float32]
    after: NDArray[np.float32]
    units: NDArray[np.int64]


def maximize_activation(
    model: keras.Model,
    layer: str,
    *,
    units: ArrayLike | None = None,
    over: Literal["center", "map"] = "center",
    ascent: Ascent | None = None,
) -> ActivationMaximum:
    """Find the images that activate a layer's units most by gradient ascent, many units in one batch.

    The score is the unit's preactivation: the logit for the last layer, and for a convolution a sum that has a gradient
    even where its ReLU would be 0. Every unit starts from the same faint noise; a unit that is asked for several times,
    from other noise each time. Each step follows the gradient, divided by its root mean square, and clips the pixels to
    [0, 1]. It finds a local maximum, not the global one.
    Source: Erhan, Bengio, Courville and Vincent (2009), Visualizing higher-layer features of a deep network, Université
    de Montréal, technical report 1341.

    Args:
        model: a built Keras model.
        layer: a layer's name: ``"output"`` for the classes, ``"conv2"`` for its kernels.
        units: integers, which channels or neurons; all of them, if none are given. One may be named several times.
        over: where a layer has feature maps, ``"center"`` is the one unit at the image's center, whose receptive field
            alone is then drawn; ``"map"`` is the mean over all positions, which fills the image.
        ascent: an :class:`Ascent`; one without regularization, if none is given.

    Returns:
        A :class:`ActivationMaximum`.

    Raises:
        ValueError: the layer or a unit is unknown, the model is not built, or jitter is set for a unit at one position.

    Example:

    >>> from lenet_tutorial.model import build_lenet
    >>> found = maximize_activation(build_lenet(), "conv1", units=[0, 7], ascent=Ascent(steps=4))
    >>> found.images.shape, bool((found.after > found.before).all())
    ((2, 28, 28), True)
    """
    units_fit = "layer with feature maps or one row of units an image"
    found = check_layer(model, layer, fits=lambda each: len(each.shape) in (2, 4), kind=units_fit)
    check_choice("over", over, ("center", "map"))
    ascent = ascent or Ascent()
    if ascent.jitter and over == "center" and is_spatial(found):
        raise ValueError('expected jitter 0 with over="center", where one position matters: use over="map"')
    units = _check_units(units, layer, found.shape[-1])
    gradient_pass = _gradient_pass(model, layer, over)
    starts = _starts(units, network(model).side, ascent.seed)
    cuts = [slice(0, len(units))] if ascent.diversity else batches(len(units))  # similar images must meet in one batch
    parts = [_ascend(gradient_pass, units[cut], starts[cut], ascent) for cut in cuts]
    images, before, after = (np.concatenate(each) for each in zip(*parts, strict=True))
    return ActivationMaximum(unflattened(images), before, after, units)


def _starts(units, side, seed):
    """Faint noise, (units, side * side): the same for all units, and other noise each time that a unit comes again."""
    times = [int(np.sum(units[:at] == unit)) for at, unit in enumerate(units)]
    noise = np.random.default_rng(seed).uniform(0.0, 0.1, (max(times) + 1, side * side)).astype(np.float32)
    return noise[times]


def _ascend(gradient_pass, units, images, ascent):
    """Gradient ascent for one batch of units from images (units, 784): images, scores before and after."""
    random, side = np.random.default_rng([ascent.seed, 1]), int(np.sqrt(images.shape[1]))
    units, diversity, before = units.astype(np.int32), np.float32(ascent.diversity), None
    for step in range(ascent.steps):
        length = 1 - step / ascent.steps
        shift = random.integers(-ascent.jitter, ascent.jitter + 1, 2).astype(np.int32)
        scores, gradient = gradient_pass(images, units, shift, diversity)
        before = np.asarray(scores) if before is None else before
        gradient = np.asarray(gradient)
        rms = np.sqrt(np.mean(gradient**2, axis=1, keepdims=True)) + np.float32(1e-12)
        images = images + np.float32(ascent.step_size * length) * gradient / rms
        images = images * np.float32(1 - ascent.decay * length)
        if ascent.blur:
            smooth = _blur_matrix(side, ascent.blur * np.sqrt(length))
            images = (smooth @ unflattened(images) @ smooth.T).reshape(images.shape)
        images = images.clip(0, 1)
    after, _ = gradient_pass(images, units, np.zeros(2, np.int32), diversity)
    return images, before, np.asarray(after)


@cached_per_model
def _gradient_pass(model, layer, over):
    """Compile: pixels (n, 784), units (n,), shift (2,), diversity () -> each row's score for its own unit, and the
    gradient of this score less the diversity's share."""
    net, side = network(model), network(model).side
    position = _central_unit(model, layer) if is_spatial(net.calls[layer]) and over == "center" else None

    def scores_and_gradient(pixels, units, shift, diversity):
        def scores(values):
            shifted = tf.roll(tf.reshape(values, (-1, side, side)), shift, axis=(1, 2))
            _, calls = net.run(tf.reshape(shifted, (-1, side * side)))
            return _scores(calls[layer], units, position)

        found, gradient = with_gradient(scores, pixels)
        _, alike = with_gradient(lambda values: _similarity(values, units), pixels)
        return found, gradient - diversity / 2 * alike  # half, as each pair counts for both of its images

    more = (((None,), tf.int32), ((2,), tf.int32), ((), tf.float32))
    return compile_pass(scores_and_gradient, model, *(tf.TensorSpec(*each) for each in more))


def _similarity(pixels, units):
    """Each row's mean cosine similarity with the other rows of its unit; 0 if there are none."""
    length = tf.sqrt(tf.reduce_sum(pixels**2, axis=1, keepdims=True) + 1e-12)
    cosines = tf.matmul(pixels / length, pixels / length, transpose_b=True)
    others = tf.cast(units[:, None] == units[None], tf.float32) - tf.eye(tf.shape(units)[0])
    return tf.reduce_sum(cosines * others, axis=1) / tf.maximum(tf.reduce_sum(others, axis=1), 1)


def _scores(call, units, position):
    """Each row's score for its own unit: at one position, or, if there is none, the mean over all of a map."""
    if position is not None and isinstance(call.layer, keras.layers.Conv2D) and call.layer.groups == 1:
        return _own_sums(call, units, position)
    sums = preactivation(call)
    if position is not None:
        sums = sums[:, position, position]
    elif len(sums.shape) == 4:
        sums = tf.reduce_mean(sums, axis=(1, 2))
    return pick_class(sums, units)


def _own_sums(call, units, position):
    """A convolution's sum at one position for each row's own kernel; nothing else is computed."""
    layer, (size, stride, padding) = call.layer, window(call)
    margin = [size, size]
    start = margin[0] + position * stride - padding
    inputs = tf.pad(float32(call.inputs[0]), [[0, 0], margin, margin, [0, 0]])
    patches = inputs[:, start : start + size, start : start + size]
    own = float32(tf.transpose(tf.gather(layer.kernel, units, axis=3), (3, 0, 1, 2)))
    sums = tf.reduce_sum(patches * own, axis=(1, 2, 3))
    return sums if layer.bias is None else sums + float32(tf.gather(layer.bias, units))


def _central_unit(model, layer):
    """The row, and column, of the unit whose receptive field has its center nearest to the image's."""
    middle = (network(model).side - 1) / 2
    centers = receptive_field(model, layer).center(np.arange(network(model).calls[layer].shape[1]))
    return int(np.argmin(np.abs(centers - middle)))


def _blur_matrix(side, sigma):
    """(side, side): each row a Gaussian around its own pixel, summing to 1, so that the border does not darken."""
    distance = np.subtract.outer(np.arange(side), np.arange(side))
    weights = np.exp(-0.5 * (distance / sigma) ** 2)
    return (weights / weights.sum(axis=1, keepdims=True)).astype(np.float32)


def _check_units(units, layer, n_units):
    units = np.arange(n_units) if units is None else np.asarray(units)
    if units.ndim != 1 or not len(units) or not np.issubdtype(units.dtype, np.integer):
        raise ValueError(f"expected units as a list of integers, got {units.dtype} of shape {units.shape}")
    if units.min() < 0 or units.max() >= n_units:
        raise ValueError(f"expected units of {layer!r} from 0 to {n_units - 1}, got {units.min()} to {units.max()}")
    return units.astype(np.int64)
