"""How far an attribution map can be trusted: three scores, each of which a useless map may reach, too.

Score maps that ask no network as well (:func:`lenet_tutorial.inspection.baseline_maps`): what they reach by themselves
proves nothing.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import stats

from lenet_tutorial.backend import keras, tf
from lenet_tutorial.inspection.checks import check_choice, check_classes, check_count, check_images, check_scores
from lenet_tutorial.inspection.forward import compile_pass, logit_function, scores_of_variants
from lenet_tutorial.interface import cached_per_model


def share_inside(maps: ArrayLike, region: ArrayLike) -> NDArray[np.float64]:
    """Compute the share of a map's positive attribution that lies inside a region.

    The score wants a region that is known to decide the prediction, such as a planted cue. Evidence against the class,
    below 0, counts neither inside nor outside.

    Args:
        maps: numbers (n, height, width).
        region: booleans (n, height, width), or one region for all.

    Returns:
        float64 (n,), from 0 to 1; 0 for a map that is nowhere above 0.

    Example:

    >>> share_inside([[[3.0, 1.0], [-5.0, 0.0]]], [[True, False], [True, False]])
    array([0.75])
    """
    positive = np.maximum(np.asarray(maps, np.float64), 0)
    total = positive.sum(axis=(1, 2))
    inside = np.where(region, positive, 0).sum(axis=(1, 2))
    return np.divide(inside, total, out=np.zeros_like(total), where=total > 0)


def rank_similarity(maps: ArrayLike, others: ArrayLike, region: ArrayLike) -> NDArray[np.float64]:
    """Compute how alike two maps order the pixels of a region: the absolute value of their rank correlation.

    Absolute, since for a random network the opposite order is as likely as the order itself, and the mean of a signed
    correlation is then 0 whatever the method. A map that is the same everywhere in the region has no order: 0.
    Source: Adebayo et al. (2018), Sanity checks for saliency maps, NeurIPS, arXiv:1810.03292, who compare maps by rank
    correlation; Spearman (1904), doi:10.2307/1412159.

    Args:
        maps: numbers (n, height, width).
        others: numbers of the same shape.
        region: booleans of the same shape: which pixels are compared, such as those with ink.

    Returns:
        float64 (n,), from 0 to 1.

    Example:

    >>> rank_similarity([[[1, 2], [3, 9]]], [[[8, 5], [1, 9]]], [[[True, True], [True, False]]])
    array([1.])
    """
    triples = zip(np.asarray(maps), np.asarray(others), np.asarray(region, bool), strict=True)
    return np.array([_rank_correlation(one[inside], other[inside]) for one, other, inside in triples])


def _rank_correlation(one, other):
    ranks = stats.rankdata([one, other], axis=1)
    ranks -= ranks.mean(axis=1, keepdims=True)
    size = np.sqrt((ranks**2).sum(axis=1).prod())
    return abs(ranks[0] @ ranks[1]) / size if size else 0.0


@dataclass(frozen=True, eq=False)
class DeletionCurve:
    """The score of a class while ink is erased, the most important first.

    Attributes:
        erased: float64 (steps + 1,): share of the image's ink that is erased, from 0 to 1.
        scores: float32 (n, steps + 1): the class's probability, or logit, after each step.
        area: float64 (n,): area under each curve, the mean score over all steps. The smaller, the better the map.
    """

    erased: NDArray[np.float64]
    scores: NDArray[np.float32]
    area: NDArray[np.float64]


def deletion_curve(
    model: keras.Model,
    images: ArrayLike,
    maps: ArrayLike,
    classes: ArrayLike,
    *,
    steps: int = 25,
    score: Literal["probability", "logit"] = "probability",
) -> DeletionCurve:
    """Erase ink from the most important pixel down, and follow the score of the class.

    Only pixels with ink are ranked, since erasing background changes nothing. All orders have erased the same amount of
    ink after each step, the sum of the pixels' values, or less by a part of a pixel: else an order that takes the
    darkest pixels first would erase more than the others. Source: pixel flipping, Bach et al. (2015),
    doi:10.1371/journal.pone.0130140, and Samek et al. (2017), doi:10.1109/TNNLS.2016.2599820; the area under the curve
    is the deletion metric of Petsiuk, Das and Saenko (2018), arXiv:1806.07421, section 4.3.

    Args:
        model: a built Keras model.
        images: floats (n, 784) in [0, 1].
        maps: numbers (n, 28, 28), importance; the largest goes first, and of equals the one further up, then left. To
            rank by strength whatever the sign, pass ``np.abs(maps)``.
        classes: integers (n,), the class to follow in each image, or one for all.
        steps: in how many equal parts the ink is erased.
        score: ``"probability"`` or ``"logit"``.

    Returns:
        A :class:`DeletionCurve`.

    Raises:
        ValueError: the model is not built, or an argument is not as said above.

    Example:

    >>> from lenet_tutorial.model import build_lenet
    >>> curve = deletion_curve(build_lenet(), np.ones((2, 784)), np.zeros((2, 28, 28)), 3, steps=4)
    >>> curve.erased.tolist(), curve.scores.shape, curve.area.shape
    ([0.0, 0.25, 0.5, 0.75, 1.0], (2, 5), (2,))
    """
    images = check_images(model, images)
    classes = check_classes(model, images, classes)
    check_count("steps", steps, 1)
    check_choice("score", score, ("probability", "logit"))
    gone = _gone_at(images, _check_maps(maps, images))
    erased = np.linspace(0, 1, steps + 1)
    scores = scores_of_variants(
        _score_pass(model, score),
        classes,
        len(erased),
        lambda image, step: np.where(gone[image] <= erased[step, None] + 1e-6, np.float32(0), images[image]),
    )
    return DeletionCurve(erased, scores, np.trapezoid(scores.astype(np.float64), erased, axis=1))


def _gone_at(images, maps):
    """The share of an image's ink that is erased once a pixel is: (n, pixels); background comes last, at 1."""
    order = np.argsort(np.where(images > 0, -maps, np.inf), axis=1, kind="stable")
    so_far = np.take_along_axis(images, order, axis=1).astype(np.float64).cumsum(axis=1)
    gone = np.empty_like(so_far)
    np.put_along_axis(gone, order, so_far / np.maximum(so_far[:, -1:], 1e-9), axis=1)
    return gone


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
