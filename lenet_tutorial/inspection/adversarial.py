"""Adversarial examples: the fast gradient sign method, and projected gradient descent."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lenet_tutorial.backend import keras, tf
from lenet_tutorial.inspection.checks import check_classes, check_count, check_images, check_scores
from lenet_tutorial.inspection.forward import (
    CLASSES,
    compile_pass,
    in_batches,
    logit_function,
    pick_class,
    with_gradient,
)
from lenet_tutorial.interface import cached_per_model


def fgsm(model: keras.Model, images: ArrayLike, labels: ArrayLike, epsilon: ArrayLike) -> NDArray[np.float32]:
    """Move every pixel by the same small amount, each in the direction in which the loss grows.

    Where the gradient is 0 the pixel stays, and no pixel leaves [0, 1]. Source: Goodfellow, Shlens and Szegedy (2015),
    Explaining and harnessing adversarial examples, ICLR, arXiv:1412.6572, section 4: the fast gradient sign method.

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
    epsilon = _check_epsilon(images, epsilon)
    return np.clip(images + epsilon * loss_gradient_sign(model, images, labels), 0, 1).reshape(shape)


def pgd(
    model: keras.Model,
    images: ArrayLike,
    labels: ArrayLike,
    epsilon: ArrayLike,
    *,
    steps: int = 10,
    random: np.random.Generator | None = None,
) -> NDArray[np.float32]:
    """Take many small steps of :func:`fgsm`, each with a new gradient, and never leave the cube around the image.

    Each step has the size 2.5 · epsilon / steps, so that they can cross the cube; after each, every pixel is brought
    back to at most epsilon from where it was. What it does not find may exist: more steps and more random starts find
    more. Source: Madry et al. (2018), Towards deep learning models resistant to adversarial attacks, ICLR,
    arXiv:1706.06083, section 2.1: projected gradient descent, PGD.

    Args:
        model: a built Keras model.
        images: floats (n, 784) in [0, 1].
        labels: integers (n,), the true classes, or one for all.
        epsilon: by how much a pixel moves at most, in [0, 1]: one for all images, or one each.
        steps: how many steps.
        random: draws where in the cube to start, as in the paper. Without it, each image starts as it is: that is the
            basic iterative method of Kurakin, Goodfellow and Bengio (2017), arXiv:1607.02533.

    Returns:
        float32 in [0, 1], of the images' shape.

    Raises:
        ValueError: the model is not built, or an argument is not as said above.

    Example:

    >>> from lenet_tutorial.model import build_lenet
    >>> images = np.full((2, 784), 0.5, "float32")
    >>> moved = np.abs(pgd(build_lenet(), images, [3, 5], 0.1) - images)
    >>> round(float(moved.max()), 3)
    0.1
    """
    shape, images = np.shape(images), check_images(model, images)
    epsilon = _check_epsilon(images, epsilon)
    check_count("steps", steps, 1)
    low, high = np.clip(images - epsilon, 0, 1), np.clip(images + epsilon, 0, 1)
    moved = images if random is None else random.uniform(low, high).astype(np.float32)
    for _ in range(steps):
        moved = np.clip(moved + 2.5 * epsilon / steps * loss_gradient_sign(model, moved, labels), low, high)
    return moved.reshape(shape)


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


def _check_epsilon(images, epsilon):
    """Give one epsilon for all images, or one each as a column."""
    epsilon = np.asarray(epsilon, np.float32)
    if epsilon.shape not in ((), (len(images),)) or not (epsilon.min() >= 0 and epsilon.max() <= 1):
        raise ValueError(f"expected epsilon from 0 to 1, one for all images or one each, got {epsilon}")
    return epsilon[..., None]


def _check_labels(model, images, labels):
    labels = check_classes(model, images, labels)
    if check_scores(model) == 1:
        raise ValueError(
            f"expected a model of at least two classes, got {model.name!r}, which gives one number an image: put both "
            "probabilities behind it, keras.Sequential([model, "
            "keras.layers.Lambda(lambda p: keras.ops.concatenate([1 - p, p], axis=1))])"
        )
    return labels
