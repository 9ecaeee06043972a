"""How faithful a map is: whether the answer hangs on the pixels that it names."""

from dataclasses import dataclass

import numpy as np

from lenet_tutorial.backend import tf
from lenet_tutorial.inspection.checks import check_choice, check_classes, check_count, check_images
from lenet_tutorial.inspection.forward import batches, cached_per_model, compile_pass, logit_function


@dataclass(frozen=True, eq=False)
class DeletionCurve:
    """What is left of the answer while pixels go, the most important first.

    Attributes:
        removed: float64 (steps + 1,): share of the page's pixels removed, from 0 to 1.
        scores: float32 (n, steps + 1): the class's probability, or logit, on each of these pages.
        area: float64 (n,): area under each curve, the mean score on the way. The smaller, the better the map.
    """

    removed: np.ndarray
    scores: np.ndarray
    area: np.ndarray


def deletion_curve(model, images, maps, classes, *, steps=28, score="probability"):
    """Remove pixels from the most important down, and follow the score of the class.

    A removed pixel turns into background, 0. So removing what is background already changes nothing, and a map
    that ranks ink first beats a random one for that alone: a random order of the ink is the harder rival.
    Source: Petsiuk, Das and Saenko (2018), RISE, BMVC, arXiv:1806.07421, section 4.3.

    Args:
        model: a built Keras model.
        images: floats (n, 784) in [0, 1].
        maps: numbers (n, 28, 28), importance; the largest goes first, and of equals the one further up, then left. To
            rank by strength whatever the sign, pass ``np.abs(maps)``.
        classes: integers (n,), the class to follow in each image, or one for all.
        steps: in how many equal parts the pixels go, from 1 to 784.
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
    scores = np.empty(len(images) * len(counts), np.float32)
    for cut in batches(len(scores)):
        image, step = np.divmod(np.arange(cut.start, cut.stop), len(counts))
        pages = np.where(rank[image] < counts[step, None], np.float32(0), images[image])
        scores[cut] = np.asarray(forward(pages))[np.arange(len(image)), classes[image]]
    scores = scores.reshape(len(images), len(counts))
    removed = counts / n_pixels
    return DeletionCurve(removed, scores, np.trapezoid(scores.astype(np.float64), removed, axis=1))


@cached_per_model
def _score_pass(model, score):
    """Compile: pixels (n, 784) -> probabilities or logits (n, classes)."""
    forward = logit_function(model)
    if score == "logit":
        return compile_pass(forward, model)
    return compile_pass(lambda pixels: tf.nn.softmax(forward(pixels)), model)


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
