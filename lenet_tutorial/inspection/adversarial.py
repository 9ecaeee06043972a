"""Adversarial examples: the fast gradient sign method, and the minimal perturbation that changes a prediction."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lenet_tutorial.backend import keras, tf
from lenet_tutorial.inspection.checks import check_classes, check_images, check_scores
from lenet_tutorial.inspection.forward import (
    CLASSES,
    compile_pass,
    in_batches,
    logit_function,
    logit_pass,
    pick_class,
    unflattened,
    with_gradient,
)
from lenet_tutorial.interface import cached_per_model

BISECTIONS = 8


@dataclass(frozen=True, eq=False)
class AdversarialResult:
    """The minimal perturbation that changes each image's prediction.

    Attributes:
        epsilons: float64 (n,): by how much every pixel moves, in [0, 1]; 0 where the prediction was wrong from the
            start, infinite where no epsilon up to the limit changes it.
        images: float32 (n, 28, 28): the perturbed images; unchanged where no epsilon is large enough.
        predictions: int64 (n,): the classes that the network predicts for them.
    """

    epsilons: NDArray[np.float64]
    images: NDArray[np.float32]
    predictions: NDArray[np.int64]


def fgsm(model: keras.Model, images: ArrayLike, labels: ArrayLike, epsilon: ArrayLike) -> NDArray[np.float32]:
    """Move every pixel by the same small amount, each in the direction in which the loss grows.

    Where the gradient is 0 the pixel stays, and no pixel leaves [0, 1]. Source: Goodfellow, Shlens and Szegedy (2014),
    Explaining and harnessing adversarial examples, arXiv:1412.6572, section 4: the fast gradient sign method, FGSM.

    Args:
        model: a built Keras model.
        images: floats (n, 784) in [0, 1].
        labels: integers (n,), the true classes, or one for all.
        epsilon: by how much a pixel moves, in [0, 1]: one for all images, or one each.

    Returns:
        float32 in [0, 1], of the images' shape.

    Raises:
        ValueError: the model is not built, or an argument is not as said above.

    Example:

    >>> from lenet_tutorial.model import build_lenet
    >>> images = np.full((2, 784), 0.5, "float32")
    >>> moved = np.abs(fgsm(build_lenet(), images, [3, 5], 0.1) - images)
    >>> round(float(moved.max()), 3)
    0.1
    """
    shape, images = np.shape(images), check_images(model, images)
    epsilon = np.asarray(epsilon, np.float32)
    if epsilon.shape not in ((), (len(images),)) or not (epsilon.min() >= 0 and epsilon.max() <= 1):
        raise ValueError(f"expected epsilon from 0 to 1, one for all images or one each, got {epsilon}")
    return _perturbed(images, loss_gradient_sign(model, images, labels), epsilon).reshape(shape)


def loss_gradient_sign(model: keras.Model, images: ArrayLike, labels: ArrayLike) -> NDArray[np.float32]:
    """Compute for each pixel whether more ink there raises the loss, the cross-entropy of the label.

    The loss grows exactly where the label's margin shrinks: its logit minus the log-sum-exp of the others. The two
    gradients have opposite signs everywhere, but a confident network has a loss near 0, whose gradient vanishes in
    float32; that of the margin does not.

    Args:
        model: a built Keras model.
        images: floats (n, 784) in [0, 1].
        labels: integers (n,), the true classes, or one for all.

    Returns:
        float32, of the images' shape: 1 where the loss grows with the pixel, -1 where it shrinks, 0 where the gradient
            is 0.

    Raises:
        ValueError: the model is not built, or an argument is not as said above.
    """
    shape, images = np.shape(images), check_images(model, images)
    labels = _check_labels(model, images, labels)
    return -np.sign(in_batches(_margin_gradient_pass(model), images, labels)).reshape(shape)


def minimal_perturbation(
    model: keras.Model,
    images: ArrayLike,
    labels: ArrayLike,
    *,
    directions: ArrayLike | None = None,
    limit: float = 0.5,
    step: float = 0.02,
) -> AdversarialResult:
    """Find the smallest epsilon that changes the prediction, for many images at once.

    Epsilon grows by ``step`` until the prediction is no longer the label; then bisections of the last interval follow.
    A prediction that changes and changes back within one ``step`` is missed, so the true minimum may be smaller.

    Args:
        model: a built Keras model.
        images: floats (n, 784) in [0, 1].
        labels: integers (n,), the true classes, or one for all.
        directions: numbers from -1 to 1 in the images' shape, where to move each pixel; without them,
            :func:`loss_gradient_sign`.
        limit: the largest epsilon to try, in (0, 1].
        step: from one epsilon to the next.

    Returns:
        An :class:`AdversarialResult`. Its epsilons are exact to ``step / 2**8``, and at each of them the prediction is
        changed.

    Raises:
        ValueError: the model is not built, or an argument is not as said above.

    Example:

    >>> from lenet_tutorial.model import build_lenet
    >>> found = minimal_perturbation(build_lenet(), np.zeros((2, 784), "float32"), [3, 5], limit=0.1)
    >>> found.epsilons.shape, found.images.shape, found.predictions.shape
    ((2,), (2, 28, 28), (2,))
    """
    shape, images = np.shape(images), check_images(model, images)
    labels = _check_labels(model, images, labels)
    if not 0 < step <= limit <= 1:
        raise ValueError(f"expected 0 < step <= limit <= 1, got step {step} and limit {limit}")
    if directions is None:
        directions = loss_gradient_sign(model, images, labels).reshape(shape)
    directions = _check_directions(shape, directions).reshape(images.shape)

    def changed(which, epsilons):
        return _predictions(model, _perturbed(images[which], directions[which], epsilons)) != labels[which]

    high = np.full(len(images), np.inf)
    left = np.arange(len(images))  # the images whose prediction has not changed yet
    for epsilon in np.append(np.arange(0, limit, step), limit):
        flipped = changed(left, np.full(len(left), epsilon))
        high[left[flipped]] = epsilon
        left = left[~flipped]
        if not len(left):
            break
    between = np.flatnonzero(np.isfinite(high) & (high > 0))
    low = np.maximum(high[between] - step, 0)
    for _ in range(BISECTIONS if len(between) else 0):
        middle = (low + high[between]) / 2
        flipped = changed(between, middle)
        high[between[flipped]] = middle[flipped]
        low = np.where(flipped, low, middle)
    perturbed = _perturbed(images, directions, np.where(np.isfinite(high), high, 0))
    return AdversarialResult(high, unflattened(perturbed), _predictions(model, perturbed))


@cached_per_model
def _margin_gradient_pass(model):
    """Compile: pixels (n, 784), labels (n,) -> the gradient of the label's margin over the other classes, (n, 784)."""
    forward = logit_function(model)

    def gradient(pixels, labels):
        def margin(values):
            scores = forward(values)
            own = tf.one_hot(labels, tf.shape(scores)[1], on_value=-np.inf, off_value=0.0)
            return pick_class(scores, labels) - tf.reduce_logsumexp(scores + own, axis=1)

        return with_gradient(margin, pixels)[1]

    return compile_pass(gradient, model, CLASSES)


def _perturbed(images, directions, epsilon):
    """Move each image by its epsilon, one for all or one each, and clip the pixels to [0, 1]."""
    step = np.asarray(epsilon, np.float32)[..., None] * directions.astype(np.float32)
    return np.clip(images + step, 0, 1)


def _predictions(model, images):
    return in_batches(logit_pass(model), images).argmax(axis=1)


def _check_labels(model, images, labels):
    labels = check_classes(model, images, labels)
    if check_scores(model) == 1:
        raise ValueError(
            f"expected a model of at least two classes, got {model.name!r}, which gives one number an image: put both "
            "probabilities behind it, keras.Sequential([model, "
            "keras.layers.Lambda(lambda p: keras.ops.concatenate([1 - p, p], axis=1))])"
        )
    return labels


def _check_directions(shape, directions):
    directions = np.asarray(directions)
    if directions.shape != shape or not np.abs(directions).max() <= 1:
        raise ValueError(
            f"expected directions of the images' shape {shape}, from -1 to 1, got {directions.shape}"
            + (f" up to {np.abs(directions).max()}" if directions.size else "")
        )
    return directions
