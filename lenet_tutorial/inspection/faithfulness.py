"""How faithful an attribution map is: whether the prediction depends on the pixels that the map ranks first."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lenet_tutorial.backend import keras, tf
from lenet_tutorial.inspection.checks import check_choice, check_classes, check_count, check_images, check_scores
from lenet_tutorial.inspection.forward import compile_pass, logit_function, scores_of_variants
from lenet_tutorial.interface import cached_per_model


@dataclass(frozen=True, eq=False)
class DeletionCurve:
    """The score of a class while pixels are removed, the most important first.

    Attributes:
        removed: float64 (steps + 1,): share of the image's pixels removed, from 0 to 1.
        scores: float32 (n, steps + 1): the class's probability, or logit, after each removal.
        area: float64 (n,): area under each curve, the mean score over all removals. The smaller, the better the map.
    """

    removed: NDArray[np.float64]
    scores: NDArray[np.float32]
    area: NDArray[np.float64]


def deletion_curve(
    model: keras.Model,
    images: ArrayLike,
    maps: ArrayLike,
    classes: ArrayLike,
    *,
    steps: int = 28,
    score: Literal["probability", "logit"] = "probability",
) -> DeletionCurve:
    """Remove pixels from the most important down, and follow the score of the class.

    A removed pixel becomes background, 0. Removing background changes nothing, so a map that merely ranks ink first
    beats a random one: a random order of the ink is the harder baseline.
    Source: Petsiuk, Das and Saenko (2018), RISE, BMVC, arXiv:1806.07421, section 4.3.

    Args:
        model: a built Keras model.
        images: floats (n, 784) in [0, 1].
        maps: numbers (n, 28, 28), importance; the largest goes first, and of equals the one further up, then left. To
            rank by strength whatever the sign, pass ``np.abs(maps)``.
        classes: integers (n,), the class to follow in each image, or one for all.
        steps: in how many equal parts the pixels are removed, from 1 to 784.
        score: ``"probability"`` or ``"logit"``.

    Returns:
        A :class:`DeletionCurve`.

    Raises:
        ValueError: the model is not built, or an argument is not as said above.

    Example:

    >>> from lenet_tutorial.model import build_lenet
    >>> curve = deletion_curve(build_lenet(), np.ones((2, 784)), np.zeros((2, 28, 28)), 3, steps=4)
    >>> curve.removed.tolist(), curve.scores.shape, curve.area.shape
    ([0.0, 0.25, 0.5, 0.75, 1.0], (2, 5), (2,))
    """
    images = check_images(model, images)
    classes = check_classes(model, images, classes)
    n_pixels = images.shape[1]
    check_count("steps", steps, 1, n_pixels)
    check_choice("score", score, ("probability", "logit"))
    order = np.argsort(-_check_maps(maps, images), axis=1, kind="stable")
    rank = np.empty_like(order)
    np.put_along_axis(rank, order, np.arange(n_pixels), axis=1)
    counts = np.round(np.linspace(0, n_pixels, steps + 1)).astype(int)
    forward = _score_pass(model, score)
    scores = scores_of_variants(
        forward,
        classes,
        len(counts),
        lambda image, step: np.where(rank[image] < counts[step, None], np.float32(0), images[image]),
    )
    removed = counts / n_pixels
    return DeletionCurve(removed, scores, np.trapezoid(scores.astype(np.float64), removed, axis=1))


@cached_per_model
def _score_pass(model, score):
    """Compile: pixels (n, 784) -> probabilities or logits (n, classes)."""
    forward = logit_function(model)
    if score == "logit":
        return compile_pass(forward, model)
    squash = tf.sigmoid if check_scores(model) == 1 else tf.nn.softmax  # one number an image is that of one class
    return compile_pass(lambda pixels: squash(forward(pixels)), model)


def _check_maps(maps, images):
    """Give the maps as float64 (n, 784), or raise ValueError."""
    maps = np.asarray(maps)
    side = int(np.sqrt(images.shape[1]))
    if maps.shape != (len(images), side, side) or not np.issubdtype(maps.dtype, np.number):
        raise ValueError(
            f"expected one map of numbers per image, of shape {(len(images), side, side)}, "
            f"got {maps.dtype} of shape {maps.shape}"
        )
    if not np.isfinite(maps).all():
        raise ValueError(f"expected finite maps, got {np.sum(~np.isfinite(maps))} values that are NaN or infinite")
    return maps.reshape(len(maps), -1).astype(np.float64)
