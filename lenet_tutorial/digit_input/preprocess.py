"""From ink on a canvas of any size to a digit as MNIST's are: cropped, thickened, fitted, centered, in gray levels.

Source: Y. LeCun, C. Cortes and C. J. C. Burges, The MNIST database of handwritten digits,
http://yann.lecun.com/exdb/mnist/: black-and-white digits of NIST, fitted into 20×20 with their proportions kept, gray
from the anti-aliasing of that; then placed in 28×28 so that the center of mass lies in the middle.
"""

import numpy as np
from numpy.typing import ArrayLike, NDArray
from PIL import Image
from scipy import ndimage

SIDE, BOX = 28, 20  # a digit's image, and the square in it that its ink is fitted into
STROKE = 2  # pixels: thinner strokes, as they would be in the box, are thickened to this width
FAINT = 0.25  # less ink than this is no ink: the faint fringe of a smoothed edge does not move the crop
SMALLEST, MOST_PIXELS = 8, 50_000_000  # a page's smallest side; what a page or a picture may have in all


class DigitInputError(ValueError):
    """This is no picture of a digit: the message says what came, what was wanted, and what to do."""


def prepare(ink: ArrayLike) -> NDArray[np.float32]:
    """Turn ink into a digit as MNIST's are: cropped, not too thin, fitted into 20×20 pixels, centered in 28×28.

    Args:
        ink: floats (height, width) in [0, 1], 0 paper and 1 ink, of any size from 8×8 pixels on.

    Returns:
        float32 (28, 28) in [0, 1], the darkest pixel 1: :func:`crop`, :func:`thicken`, :func:`fit`, :func:`center`, in
        this order.

    Raises:
        DigitInputError: the page is empty, is all ink, holds a mere dot, or is no page of ink at all.

    Example:

    >>> page = np.zeros((100, 300))
    >>> page[20:80, 250:262] = 1  # a thick stroke, far off on the right
    >>> digit = prepare(page)
    >>> digit.shape, bool(np.abs(np.subtract(center_of_mass(digit), 14)).max() < 0.51)
    ((28, 28), True)
    """
    cropped = crop(ink)
    height, width = cropped.shape
    if cropped.mean() > 0.7 and max(height, width) < 1.5 * min(height, width):
        raise DigitInputError(
            f"expected strokes, got a single dot of {height}×{width} pixels, which would be blown up to fill the "
            "page: draw a line"
        )
    fitted = fit(thicken(cropped))
    return center(fitted / fitted.max())


def after_each_step(ink: ArrayLike) -> dict[str, NDArray[np.float32]]:
    """Take the steps that made MNIST, and stop after each of them.

    Args:
        ink: floats (side, side) in [0, 1], as for :func:`shrink`.

    Returns:
        dict from what was done last to float32 (28, 28): the page as a camera sees it; inverted; cropped, and stretched
        over the whole image; fitted, and laid in the middle; centered by its mass. Nothing is thickened.

    Example:

    >>> page = np.zeros((56, 56))
    >>> page[4:44, 30:34] = 1
    >>> {name: round(float(each.sum()), 3) for name, each in after_each_step(page).items()}
    {'as a photo': 744.0, 'inverted': 40.0, 'cropped': 784.0, 'fitted': 40.0, 'centered': 40.0}
    """
    fitted, small = fit(crop(ink)), shrink(ink)
    return {
        "as a photo": 1 - small,
        "inverted": small,
        "cropped": _resized(crop(ink), SIDE, SIDE),
        "fitted": _in_the_middle(fitted),
        "centered": center(fitted),
    }


def without_one_step(ink: ArrayLike) -> dict[str, NDArray[np.float32]]:
    """Take all the steps that made MNIST, but for one part of them.

    Args:
        ink: as in :func:`prepare`; of the page's longer side, the image's 28 pixels are a picture.

    Returns:
        dict from what was left out, and what stands in for it, to float32 (28, 28). The crop stays, since the fit needs
        its rectangle, and nothing is thickened.

    Example:

    >>> page = np.zeros((280, 280))
    >>> page[100:150, 50:60] = 1  # in 28×28, 5 pixels by 1
    >>> without_one_step(page)["size: as large as drawn"].sum()
    np.float32(5.0)
    """
    cropped = crop(ink)
    whole = center(fit(cropped))
    own_size = [max(1, round(SIDE * each / max(np.shape(ink)))) for each in cropped.shape]
    return {
        "invert: paper is 1 at the end": 1 - whole,
        "size: as large as drawn": center(_resized(cropped, own_size[1], own_size[0])),
        "proportions: stretched to 20×20": center(_resized(cropped, BOX, BOX)),
        "center of mass: the rectangle in the middle": _in_the_middle(fit(cropped)),
        "gray edges: only 0 and 1": np.float32(whole > 0.5),
        "nothing: all the steps": whole,
    }


def _in_the_middle(fitted):
    """Lay ink so that its rectangle is in the middle of the image."""
    around = [((SIDE - each) // 2, SIDE - each - (SIDE - each) // 2) for each in fitted.shape]
    return np.pad(fitted, around)


def _resized(ink, width, height):
    return np.clip(np.asarray(Image.fromarray(ink).resize((width, height), Image.Resampling.HAMMING)), 0, 1)


def shrink(ink: ArrayLike) -> NDArray[np.float32]:
    """Shrink a square page to 28×28 as it is, nothing centered or fitted: each pixel is the mean of its square of ink.

    Args:
        ink: floats (side, side) in [0, 1], whose side is a multiple of 28, such as a drawn page of 280×280.

    Returns:
        float32 (28, 28) in [0, 1].

    Raises:
        DigitInputError: the page is empty, or of another size.

    Example:

    >>> page = np.zeros((56, 56))
    >>> page[0, :2] = 1
    >>> float(shrink(page)[0, 0])
    0.5
    """
    ink = np.asarray(ink, np.float32)
    if ink.ndim != 2 or ink.shape[0] != ink.shape[1] or not ink.shape[0] or ink.shape[0] % SIDE:
        raise DigitInputError(f"expected a square page whose side is a multiple of {SIDE}, got {ink.shape}")
    if ink.max() <= FAINT:
        raise DigitInputError("expected some ink, got an empty page: draw a digit")
    by = ink.shape[0] // SIDE
    return ink.reshape(SIDE, by, SIDE, by).mean(axis=(1, 3))


def crop(ink: ArrayLike) -> NDArray[np.float32]:
    """Cut out the ink.

    Args:
        ink: as in :func:`prepare`.

    Returns:
        float32 (height, width): the smallest rectangle with all the ink, where ink is what has more than a quarter
        of full ink.

    Raises:
        DigitInputError: there is no ink, or nothing else, or what came is no page of ink.
    """
    ink = check_ink(ink)
    if ink.max() <= FAINT:
        raise DigitInputError(f"expected a digit, got an empty page of {_size(ink)} pixels: draw something first")
    if ink.min() > FAINT:
        raise DigitInputError(
            f"expected ink on paper, got a page of {_size(ink)} pixels that is ink everywhere: ink is 1 and paper 0; "
            "for a picture of dark ink on light paper, call lenet_tutorial.digit_input.read first"
        )
    return _cut_out(ink)


def stroke_width(ink: ArrayLike) -> float:
    """Estimate how wide the strokes are.

    Within a straight stroke the distance to the paper grows evenly to its middle: its mean is a quarter of the width.

    Args:
        ink: floats (height, width) in [0, 1], with some ink.

    Returns:
        A float in pixels, at least 1.

    Example:

    >>> page = np.zeros((60, 60))
    >>> page[10:50, 20:28] = 1
    >>> round(stroke_width(page), 1)  # the ends of the stroke take a little off
    7.5
    """
    ink = np.asarray(ink)
    is_ink = np.pad(ink > ink.max() / 2, 1)
    return max(1.0, 4 * float(ndimage.distance_transform_edt(is_ink)[is_ink].mean()) - 2)


def thicken(ink: ArrayLike, stroke: float = STROKE, box: int = BOX) -> NDArray[np.float32]:
    """Make thin strokes as wide as MNIST's; wider ones stay.

    Args:
        ink: floats (height, width) in [0, 1], cropped.
        stroke: the width to reach, in pixels, once the ink is fitted into the box.
        box: pixels of the longer side that the ink will be fitted into.

    Returns:
        float32 (height, width), cropped: every pixel is inked that lies within a certain distance of the ink. If the
        strokes are wide enough, the ink as it came.
    """
    ink = np.asarray(ink, np.float32)
    share = stroke / box
    reach = (share * max(ink.shape) - stroke_width(ink)) / (2 - 2 * share)  # the ink grows with its strokes
    if reach <= 0:
        return ink
    padded = np.pad(ink, int(np.ceil(reach)) + 1)
    away = ndimage.distance_transform_edt(padded <= ink.max() / 2)
    return _cut_out(np.maximum(padded, np.clip(reach + 1 - away, 0, 1).astype(np.float32)))


def fit(ink: ArrayLike, side: int = BOX) -> NDArray[np.float32]:
    """Scale ink so that its longer side has ``side`` pixels; the proportions stay, and the edges turn gray.

    Args:
        ink: floats (height, width) in [0, 1], cropped.
        side: pixels of the longer side.

    Returns:
        float32 (height, width) in [0, 1]: each pixel a weighted mean of the ink that lay there.
    """
    ink = np.ascontiguousarray(ink, np.float32)
    height, width = (max(1, round(side * each / max(ink.shape))) for each in ink.shape)
    return _resized(ink, width, height)


def center(ink: ArrayLike, side: int = SIDE) -> NDArray[np.float32]:
    """Place ink on an empty page so that its center of mass lies in the middle.

    Args:
        ink: floats (height, width) in [0, 1], neither side longer than ``side``, with some ink.
        side: pixels of the page's side.

    Returns:
        float32 (side, side). The ink moves by whole pixels, so that the center of mass lies within half a pixel of the
        middle, for MNIST pixel (14, 14). Where that would push ink over the page's edge, it stops there.
    """
    ink = np.asarray(ink, np.float32)
    at = [
        int(np.clip(round(side / 2 - each), 0, side - n))
        for each, n in zip(center_of_mass(ink), ink.shape, strict=True)
    ]
    page = np.zeros((side, side), np.float32)
    page[at[0] : at[0] + ink.shape[0], at[1] : at[1] + ink.shape[1]] = ink
    return page


def fit_to_canvas(ink: ArrayLike, side: int) -> NDArray[np.float32]:
    """Lay ink on a square page as a whole: its longer side fills the page, and paper is added beside the shorter one.

    Args:
        ink: as in :func:`prepare`.
        side: pixels of the page's side.

    Returns:
        float32 (side, side) in [0, 1].
    """
    scaled = fit(check_ink(ink), side)
    page = np.zeros((side, side), np.float32)
    top, left = ((side - n) // 2 for n in scaled.shape)
    page[top : top + scaled.shape[0], left : left + scaled.shape[1]] = scaled
    return page


def center_of_mass(ink: NDArray[np.floating]) -> tuple[float, float]:
    """Compute where the center of mass lies: (row, column), in pixels from the first one's middle."""
    weight = ink / ink.sum(dtype=np.float64)
    return weight.sum(axis=1) @ np.arange(ink.shape[0]), weight.sum(axis=0) @ np.arange(ink.shape[1])


def check_ink(ink: ArrayLike) -> NDArray[np.float32]:
    """Give ink as float32 (height, width), or raise :class:`DigitInputError`."""
    ink = np.asarray(ink)
    if ink.ndim != 2 or not (np.issubdtype(ink.dtype, np.floating) or ink.dtype == bool):
        raise DigitInputError(
            f"expected a page of ink, floats (height, width) from 0 to 1, got {ink.dtype} of shape {ink.shape}; "
            "of a picture lenet_tutorial.digit_input.read makes such a page"
        )
    check_size(*ink.shape)
    low, high = ink.min(), ink.max()
    if not (low >= 0 and high <= 1):  # so written, NaN is caught too
        raise DigitInputError(
            f"expected ink from 0 (paper) to 1 (full ink), got {low} to {high}: divide by the largest value"
        )
    return ink.astype(np.float32)


def check_size(height: int, width: int) -> None:
    """Raise :class:`DigitInputError` unless a page or picture of that size can hold a digit, and fits into memory."""
    if min(height, width) < SMALLEST:
        raise DigitInputError(
            f"expected a picture of at least {SMALLEST}×{SMALLEST} pixels, got {height}×{width}: too small to hold a "
            "digit; take a larger one"
        )
    if height * width > MOST_PIXELS:
        raise DigitInputError(
            f"expected a picture of at most {MOST_PIXELS:,} pixels, got {height}×{width}, which are "
            f"{height * width:,}: make it smaller, 1000×1000 is plenty"
        )


def _cut_out(ink: NDArray[np.float32]) -> NDArray[np.float32]:
    rows, columns = (np.flatnonzero((ink > FAINT).any(axis=axis)) for axis in (1, 0))
    return ink[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]


def _size(ink: NDArray) -> str:
    return f"{ink.shape[0]}×{ink.shape[1]}"
