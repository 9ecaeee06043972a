"""Find the ink in a picture: gray levels in, ink out, 0 for background and 1 for ink, in even light or not."""

from os import PathLike

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import ndimage

from lenet_tutorial.digit_input.decode import PLAIN, as_gray, read_bytes, read_file
from lenet_tutorial.digit_input.preprocess import DigitInputError, check_size

SPECK = 0.05  # what is smaller than this share of the largest piece of ink is a speck, not a stroke


def read(picture: str | PathLike | bytes | ArrayLike) -> NDArray[np.float32]:
    """Find the ink in a picture: :func:`as_gray`, :func:`read_file` or :func:`read_bytes`, then :func:`find_ink`.

    Args:
        picture: the path of a PNG or JPEG file, its content as bytes, or an array: (height, width) gray or (height,
            width, channels), where 2 and 4 channels have alpha as the last one; uint8, uint16, bool, or floats in
            [0, 1], 0 black and 1 white.

    Returns:
        float32 (height, width), 0 paper and 1 ink, for :func:`lenet_tutorial.digit_input.prepare`. The longer side has
        at most 400 pixels.

    Raises:
        DigitInputError: the file or the array is no picture of ink on paper.

    Example:

    >>> page = np.full((60, 60), 240, np.uint8)  # light paper
    >>> page[10:50, 28:34] = 30  # a dark stroke
    >>> ink = read(page)
    >>> float(ink[0, 0]), float(ink[30, 30])
    (0.0, 1.0)
    """
    if isinstance(picture, str | PathLike):
        return find_ink(read_file(picture))
    return find_ink(read_bytes(picture) if isinstance(picture, bytes) else as_gray(picture))


def find_ink(gray: NDArray[np.floating]) -> NDArray[np.float32]:
    """Tell ink from paper, in even light or not.

    Light paper in uneven light has no one gray: in the shadow it may be darker than ink in the light. So first, at each
    pixel, :func:`estimate_background` estimates how light the paper would be there. Ink is what is darker than that, by
    more than the threshold that separates all the pixels best into two groups (:func:`otsu_threshold`). The edge of a
    stroke stays gray, and specks far smaller than the largest stroke are removed.

    Args:
        gray: floats (height, width), 0 black and 1 white. Where most of the edge is dark, as on a blackboard, light is
            taken for ink.

    Returns:
        float32 (height, width), 0 paper and 1 ink.

    Raises:
        DigitInputError: nothing on the picture stands out from its paper, or too much does.
    """
    check_size(*gray.shape)
    darkness = (
        gray - (1 - estimate_background(1 - gray))
        if _is_blackboard(gray)
        else 1 - gray / np.maximum(estimate_background(gray), 1e-3)
    )
    darkness = np.clip(ndimage.gaussian_filter(darkness, max(gray.shape) / 300), 0, 1)  # noise: a pixel's, of 400
    limit = otsu_threshold(darkness)
    is_ink = darkness > limit
    light, dark = darkness[~is_ink], darkness[is_ink]
    stands_out = dark.mean() - light.mean() if len(light) and len(dark) else 0
    if stands_out < PLAIN or stands_out < 4 * light.std():
        raise DigitInputError(
            f"expected ink on paper, got a picture without any: it is nearly one gray, {gray.mean():.2f} of white, and "
            f"its darkest part stands out by {stands_out:.0%} only; take it in more light, press harder, or leave out "
            "all but the paper"
        )
    if is_ink.mean() > 0.6:
        raise DigitInputError(
            f"expected ink on paper, got a picture that is {is_ink.mean():.0%} ink: leave some paper around the digit"
        )
    # The paper ends halfway to the threshold, and full ink begins where the ink has its mean.
    ink = np.clip((darkness - limit / 2) / (dark.mean() - limit / 2), 0, 1)
    return np.where(ndimage.binary_dilation(_without_specks(is_ink)), ink, 0).astype(np.float32)


def estimate_background(gray: NDArray[np.floating]) -> NDArray[np.floating]:
    """Estimate how light the paper is under the ink.

    First the light as a whole: a smooth surface, which falls off to a side or to the corners (the logarithm of the gray
    as a quadratic of the place, fitted to all pixels but those far darker than it). Then what is left, such as soft
    shadows: each pixel takes the lightest value of its surroundings, a square of a third of the picture, which no
    stroke fills; then the darkest of these lightest, so that light does not leak into the shadow (the two together are
    called a closing); then all is blurred.

    Args:
        gray: floats (height, width), 0 black and 1 white.

    Returns:
        floats (height, width).
    """
    surface, size = np.exp(_surface(np.log(np.maximum(gray, 0.02)), below=0.15)), max(gray.shape) // 3
    calm = ndimage.median_filter(gray / surface, 3)  # one bright pixel, noise of the camera, would fill its square
    rest = ndimage.gaussian_filter(ndimage.grey_closing(calm, size, mode="nearest"), size / 6, mode="nearest")
    return surface * rest


def _is_blackboard(gray: NDArray[np.floating]) -> bool:
    """Whether the picture's edge is nearer to its dark end than to its light one, apart from how the light falls."""
    rest = ndimage.gaussian_filter(gray - _surface(gray, terms=3), max(gray.shape) / 300)
    edge = np.concatenate([rest[0], rest[-1], rest[:, 0], rest[:, -1]])
    return np.median(edge) < (rest.min() + rest.max()) / 2


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


def _without_specks(is_ink: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Keep the pieces of ink that are not much smaller than the largest; corner to corner counts as touching."""
    pieces, _ = ndimage.label(is_ink, np.ones((3, 3)))
    sizes = np.bincount(pieces.ravel())
    sizes[0] = 0
    return (sizes >= SPECK * sizes.max())[pieces]
