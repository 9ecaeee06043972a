"""Find the ink in a picture: gray levels in, ink out, 0 for background and 1 for ink, in even light or not."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import ndimage

from lenet_tutorial.digit_input.decode import PLAIN
from lenet_tutorial.digit_input.preprocess import DigitInputError, check_size

WIDE, NARROW = 1 / 3, 1 / 14  # what the paper is estimated from, as shares of the picture's longer side
PAPER_NOISE = 4  # ink stands out from paper by so many standard deviations of the paper


@dataclass(frozen=True, eq=False)
class Darkness:
    """How much darker than its paper a picture is, and where that is ink.

    Attributes:
        values: float32 (height, width), 0 as the paper and 1 black.
        is_ink: bool (height, width), what is darker than the threshold.
        paper: what is halfway to the threshold counts as paper.
        full: what is so dark, the mean of the ink, counts as full ink.
        stands_out: how much darker the ink is than the paper, on average.
    """

    values: NDArray[np.float32]
    is_ink: NDArray[np.bool_]
    paper: float
    full: float
    stands_out: float

    def ink(self, where: NDArray[np.bool_]) -> NDArray[np.float32]:
        """Give the ink of some pixels and their neighbors: float32 (height, width), 0 paper and 1 ink, edges gray."""
        ink = np.clip((self.values - self.paper) / (self.full - self.paper), 0, 1)
        return np.where(ndimage.binary_dilation(where), ink, 0).astype(np.float32)


def find_darkness(gray: NDArray[np.floating], window: float = WIDE, least: float = PLAIN) -> Darkness:
    """Tell ink from paper, in even light or not.

    Light paper in uneven light has no one gray: in the shadow it may be darker than ink in the light. So first, at each
    pixel, :func:`estimate_background` estimates how light the paper would be there. Ink is what is darker than that, by
    more than the threshold that separates all the pixels best into two groups (:func:`otsu_threshold`).

    Args:
        gray: floats (height, width), 0 black and 1 white. Where most of the edge is dark, as on a blackboard, light is
            taken for ink.
        window: as for :func:`estimate_background`.
        least: how much darker than the paper ink is at least, on average, as a share of the paper's light.

    Returns:
        A :class:`Darkness`.

    Raises:
        DigitInputError: nothing on the picture stands out from its paper, or too much does.
    """
    check_size(*gray.shape)
    values = (
        gray - (1 - estimate_background(1 - gray, window))
        if _is_blackboard(gray)
        else 1 - gray / np.maximum(estimate_background(gray, window), 1e-3)
    )
    values = np.clip(ndimage.gaussian_filter(values, max(gray.shape) / 300), 0, 1)  # noise: a pixel's, of 400
    limit = otsu_threshold(values)
    is_ink = values > limit
    light, dark = values[~is_ink], values[is_ink]
    stands_out = float(dark.mean() - light.mean()) if len(light) and len(dark) else 0.0
    if stands_out < least or stands_out < PAPER_NOISE * light.std():
        raise DigitInputError(_why_no_ink(gray, stands_out))
    if is_ink.mean() > 0.6:
        raise DigitInputError(
            f"expected ink on paper, got a picture that is {is_ink.mean():.0%} ink: leave some paper around the digit"
        )
    return Darkness(values.astype(np.float32), is_ink, limit / 2, float(dark.mean()), stands_out)


def _why_no_ink(gray: NDArray[np.floating], stands_out: float) -> str:
    """Say what was measured in a picture without ink, and the one thing to change."""
    light = np.exp(_surface(np.log(np.maximum(gray, 0.02))))
    seen = "expected ink on paper, got a picture in which no ink stands out"
    if light.max() > 2 * light.min():
        return (
            f"{seen}: the light falls from {light.max():.0%} of white to {light.min():.0%}; take it in more even "
            "light, and crop closer to the digit"
        )
    if stands_out > PLAIN / 3:
        return (
            f"{seen}: its darkest part is only {stands_out:.0%} darker than the paper; crop closer to the digit, or "
            "write with a darker pen"
        )
    return f"{seen}: it is nearly one gray, {gray.mean():.2f} of white; choose a picture of a digit"


def estimate_background(gray: NDArray[np.floating], window: float = WIDE) -> NDArray[np.floating]:
    """Estimate how light the paper is under the ink.

    First the light as a whole: a smooth surface, which falls off to a side or to the corners (the logarithm of the gray
    as a quadratic of the place, fitted to all pixels but those far darker than it). Then what is left, such as soft
    shadows: each pixel takes the lightest value of its surroundings, a square that no stroke fills; then the darkest of
    these lightest, so that light does not leak into the shadow (the two together are called a closing); then all is
    blurred.

    Args:
        gray: floats (height, width), 0 black and 1 white.
        window: the side of that square as a share of the picture's longer side. A narrower one follows a harder shadow,
            and is filled by the strokes of a digit that fills the picture.

    Returns:
        floats (height, width).
    """
    surface = np.exp(_surface(np.log(np.maximum(gray, 0.02)), below=0.15))
    size = max(3, round(window * max(gray.shape)))
    calm = ndimage.median_filter(gray / surface, 3)  # one bright pixel, noise of the camera, would fill its square
    rest = ndimage.gaussian_filter(ndimage.grey_closing(calm, size, mode="nearest"), size / 6, mode="nearest")
    return surface * rest


def _is_blackboard(gray: NDArray[np.floating]) -> bool:
    """Whether most of the picture, and most of its edge, is nearer to its dark end than to its light one.

    How the light falls is left out first. The edge alone may be a dark table; all without the edge, a thick digit.
    """
    rest = ndimage.gaussian_filter(gray - _surface(gray, terms=3), max(gray.shape) / 300)
    edge = np.concatenate([rest[0], rest[-1], rest[:, 0], rest[:, -1]])
    return max(np.median(edge), np.median(rest)) < (rest.min() + rest.max()) / 2


def _surface(values: NDArray[np.floating], terms: int = 6, below: float = np.inf) -> NDArray[np.floating]:
    """Fit a plane (3 terms) or a quadratic (6) of the place to a picture; leave out what lies further ``below`` it."""
    y, x = (each / max(values.shape) - 0.5 for each in np.indices(values.shape))
    powers = np.stack([np.ones_like(x), x, y, x * x, x * y, y * y][:terms], axis=-1)
    few = slice(None, None, max(1, max(values.shape) // 64))  # a surface so smooth needs no more pixels
    some, at = values[few, few].ravel(), powers[few, few].reshape(-1, terms)
    kept = np.ones(len(some), bool)
    for _ in range(6 if np.isfinite(below) else 1):
        chosen = at[kept]  # least squares by its normal equations: six numbers need no more, and it is quick
        weights = np.linalg.solve(chosen.T @ chosen + 1e-6 * np.eye(terms), chosen.T @ some[kept])
        kept = some > at @ weights - below
    return powers @ weights


def otsu_threshold(values: ArrayLike) -> float:
    """Find the number that parts values best into two groups: the two means far apart, and both groups large.

    Source: Otsu (1979), A threshold selection method from gray-level histograms, IEEE Trans. Syst. Man Cybern. 9, 62,
    doi:10.1109/TSMC.1979.4310076: it maximizes the variance between the groups.

    Args:
        values: floats in [0, 1].

    Returns:
        A float: of 255 equally spaced ones, the best; of several that are equally good, the middle one.

    Example:

    >>> round(otsu_threshold(np.array([0.1, 0.1, 0.1, 0.9])), 2)  # all between the two part them equally well
    0.5
    """
    counts, edges = np.histogram(values, 256, (0, 1))
    middles = (edges[1:] + edges[:-1]) / 2
    below, total = np.cumsum(counts)[:-1], np.cumsum(counts * middles)[:-1]
    above, rest = counts.sum() - below, (counts * middles).sum() - total
    between = below * above * (total / np.maximum(below, 1) - rest / np.maximum(above, 1)) ** 2
    best = np.flatnonzero(between >= between.max() * (1 - 1e-9))
    return float(edges[1:-1][best].mean())
