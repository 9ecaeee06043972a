"""How little it takes to change an answer: the fast gradient sign method, and the smallest step that does it."""

from dataclasses import dataclass

import numpy as np

from lenet_tutorial.backend import tf
from lenet_tutorial.inspection.checks import check_classes, check_count, check_images
from lenet_tutorial.inspection.forward import (
    CLASSES,
    as_images,
    batches,
    cached_per_model,
    compile_pass,
    logit_function,
    logit_pass,
    pick_class,
)


@dataclass(frozen=True, eq=False)
class AdversarialResult:
    """The minimal perturbation that changes each image's prediction.

    Attributes:
        epsilons: float64 (n,): by how much every pixel moves, in [0, 1]; 0 where the prediction was wrong from the
            start, infinite where no step up to the limit changes it.
        images: float32 (n, 28, 28): the images, changed by that step; unchanged where none is large enough.
        predictions: integers (n,): the classes that the network predicts for them.
    """

    epsilons: np.ndarray
    images: np.ndarray
    predictions: np.ndarray


def fgsm(model, images, labels, size):
    """Move every pixel by the same small amount, each in the direction in which the loss grows.

    Where the slope is 0 the pixel stays, and no pixel leaves [0, 1]. Source: Goodfellow, Shlens and Szegedy (2014),
    Explaining and harnessing adversarial examples, arXiv:1412.6572, section 4: the fast gradient sign method, FGSM.

    Args:
        model: a built Keras model.
        images: floats (n, 784) in [0, 1].
        labels: integers (n,), the true classes, or one for all.
        size: by how much a pixel moves, in [0, 1]: one for all images, or one each.

    Returns:
        float32 (n, 784) in [0, 1].

    Raises:
        ValueError: the model is not built, or an argument is not as said above.

    Example:

    >>> from lenet_tutorial.model import build_lenet
    >>> images = np.full((2, 784), 0.5, "float32")
    >>> moved = np.abs(fgsm(build_lenet(), images, [3, 5], 0.1) - images)
    >>> round(float(moved.max()), 3)
    0.1
    """
    images = check_images(model, images)
    size = np.asarray(size, np.float32)
    if size.shape not in ((), (len(images),)) or not (size.min() >= 0 and size.max() <= 1):
        raise ValueError(f"expected a step from 0 to 1, one for all images or one each, got {size}")
    return _moved(images, loss_gradient_sign(model, images, labels), size)


def loss_gradient_sign(model, images, labels):
    """Compute for each pixel whether more ink there raises the loss, the cross-entropy of the label.

    The loss grows exactly where the label's lead shrinks: the lead of its logit over the others, taken together by the
    logarithm of the sum of their powers of e. The two slopes have the same sign everywhere, but a network that is sure
    has a loss near 0, whose slope vanishes in float32; the slope of the lead does not.

    Args:
        model: a built Keras model.
        images: floats (n, 784) in [0, 1].
        labels: integers (n,), the true classes, or one for all.

    Returns:
        float32 (n, 784): 1 where the loss grows with the pixel, -1 where it shrinks, 0 where the slope is 0.

    Raises:
        ValueError: the model is not built, or an argument is not as said above.
    """
    images = check_images(model, images)
    labels = check_classes(model, images, labels)
    slope = _lead_pass(model)
    return -np.sign(np.concatenate([np.asarray(slope(images[cut], labels[cut])) for cut in batches(len(images))]))


def minimal_perturbation(model, images, labels, *, directions=None, limit=0.5, scan=0.02, halvings=8):
    """Find the smallest step that changes the answer, for many images at once.

    The size grows by ``scan`` until the answer is no longer the label; then the last interval is halved and halved
    again. An answer that changes and changes back within one ``scan`` is missed, so the true smallest step may be
    smaller.

    Args:
        model: a built Keras model.
        images: floats (n, 784) in [0, 1].
        labels: integers (n,), the true classes, or one for all.
        directions: numbers (n, 784) from -1 to 1, where to move each pixel; without them, :func:`loss_gradient_sign`.
        limit: the largest step to try, in (0, 1].
        scan: from one size to the next.
        halvings: of the last interval.

    Returns:
        An :class:`AdversarialResult`. Its epsilons are exact to ``scan / 2**halvings``, and at each of them the
        prediction is changed.

    Raises:
        ValueError: the model is not built, or an argument is not as said above.

    Example:

    >>> from lenet_tutorial.model import build_lenet
    >>> found = minimal_perturbation(build_lenet(), np.zeros((2, 784), "float32"), [3, 5], limit=0.1)
    >>> found.epsilons.shape, found.images.shape, found.predictions.shape
    ((2,), (2, 28, 28), (2,))
    """
    images = check_images(model, images)
    labels = check_classes(model, images, labels)
    if not 0 < scan <= limit <= 1:
        raise ValueError(f"expected 0 < scan <= limit <= 1, got scan {scan} and limit {limit}")
    check_count("halvings", halvings, 0, 30)
    directions = _check_directions(
        images, loss_gradient_sign(model, images, labels) if directions is None else directions
    )

    def changed(which, sizes):
        answers = _answers(model, _moved(images[which], directions[which], sizes))
        return answers != labels[which]

    high = np.full(len(images), np.inf)
    left = np.arange(len(images))  # the images whose answer has not changed yet
    for size in np.append(np.arange(0, limit, scan), limit):
        flipped = changed(left, np.full(len(left), size))
        high[left[flipped]] = size
        left = left[~flipped]
        if not len(left):
            break
    between = np.flatnonzero(np.isfinite(high) & (high > 0))
    low = np.maximum(high[between] - scan, 0)
    for _ in range(halvings if len(between) else 0):
        middle = (low + high[between]) / 2
        flipped = changed(between, middle)
        high[between[flipped]] = middle[flipped]
        low = np.where(flipped, low, middle)
    pages = _moved(images, directions, np.where(np.isfinite(high), high, 0))
    return AdversarialResult(high, as_images(pages), _answers(model, pages))


@cached_per_model
def _lead_pass(model):
    """Compile: pixels (n, 784), labels (n,) -> the slope of the label's lead over the other classes, (n, 784)."""
    forward = logit_function(model)

    def slope(pixels, labels):
        with tf.GradientTape() as tape:
            tape.watch(pixels)
            scores = forward(pixels)
            own = tf.one_hot(labels, tf.shape(scores)[1], on_value=-np.inf, off_value=0.0)
            lead = pick_class(scores, labels) - tf.reduce_logsumexp(scores + own, axis=1)
        return tape.gradient(lead, pixels)

    return compile_pass(slope, model, CLASSES)


def _moved(images, directions, size):
    step = np.asarray(size, np.float32)[..., None] * directions.astype(np.float32)
    return np.clip(images + step, 0, 1)


def _answers(model, pages):
    forward = logit_pass(model)
    return np.concatenate([np.asarray(forward(pages[cut])).argmax(axis=1) for cut in batches(len(pages))])


def _check_directions(images, directions):
    directions = np.asarray(directions)
    if directions.shape != images.shape or not np.abs(directions).max() <= 1:
        raise ValueError(
            f"expected directions of the images' shape {images.shape}, from -1 to 1, got {directions.shape}"
            + (f" up to {np.abs(directions).max()}" if directions.size else "")
        )
    return directions
