"""From a picture to ink: a file or an array of any kind in, floats out, 0 where paper is and 1 where ink is.

Everything happens on this machine, and nothing is kept. A picture is drawn small before it is looked at: a digit of
28×28 needs no twelve megapixels.
"""

import io
import struct
import warnings
import zlib
from os import PathLike
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps
from scipy import ndimage

from lenet_tutorial.digit_input.preprocess import SMALLEST, DigitInputError, check_size

MOST_BYTES = 50_000_000  # of a file, before it is read
LOOK = 400  # pixels of the longer side of the picture that is looked at
PLAIN = 0.12  # a picture whose ink is less darker than its paper, as a share of the paper's light, holds no ink
SPECK = 0.05  # what is smaller than this share of the largest piece of ink is a speck, not a stroke
# How other kinds of files begin: they get a clear word each. HEIC and AVIF have theirs at the fifth byte.
BEGINNINGS = {
    b"GIF8": "a GIF",
    b"BM": "a BMP",
    b"II*\0": "a TIFF",
    b"MM\0*": "a TIFF",
    b"%PDF": "a PDF",
    b"RIFF": "a WebP",
    b"<svg": "an SVG drawing",
    b"<?xml": "an XML file",
    b"PK": "a zip archive",
}
BRANDS = {b"heic": "HEIC", b"heix": "HEIC", b"hevc": "HEIC", b"mif1": "HEIC", b"msf1": "HEIC", b"avif": "AVIF"}
BROKEN = (OSError, SyntaxError, ValueError, EOFError, zlib.error, struct.error, IndexError, OverflowError)


def read(picture):
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


def read_file(path):
    """Read a PNG or JPEG file as gray levels, upright as the camera was held.

    Args:
        path: of the file.

    Returns:
        float32 (height, width), 0 black and 1 white; see-through parts show white paper.

    Raises:
        DigitInputError: there is no such file, it is too large, of another kind, or broken.
    """
    path = Path(path)
    if not path.is_file():
        raise DigitInputError(f"expected a PNG or JPEG file, got {path.name!r}, where there is no file: check the name")
    if path.stat().st_size > MOST_BYTES:
        raise DigitInputError(
            f"expected a file of at most {MOST_BYTES // 10**6} MB, got {path.name!r} with "
            f"{path.stat().st_size / 1e6:.0f} MB: make the picture smaller"
        )
    try:
        return read_bytes(path.read_bytes(), path.name)
    except OSError as error:
        raise DigitInputError(f"the file {path.name!r} cannot be read ({error.strerror}): copy it elsewhere") from None


def read_bytes(data, name="the picture"):
    """Read the content of a PNG or JPEG file; all else as for :func:`read_file`.

    Args:
        data: the content, as bytes.
        name: what messages call it.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # our own limit on pixels is lower than the one Pillow warns of
            with Image.open(io.BytesIO(data), formats=("PNG", "JPEG")) as image:
                check_size(image.height, image.width)  # before anything is decoded
                image.draft(None, (LOOK, LOOK))  # a large JPEG is decoded at a half, a quarter or an eighth
                return _image_as_gray(ImageOps.exif_transpose(image))
    except DigitInputError:
        raise
    except Image.DecompressionBombError:
        raise DigitInputError(f"{name!r} has far too many pixels: make it smaller, 1000×1000 is plenty") from None
    except Image.UnidentifiedImageError:
        raise DigitInputError(f"expected a PNG or JPEG file, got {name!r}, which is {_kind(data[:512])}") from None
    except BROKEN as error:
        told = f"{type(error).__name__}: {error}".split("\n")[0]
        raise DigitInputError(f"the picture {name!r} is broken ({told}): save or send it again") from None


def as_gray(array):
    """Bring an array into gray levels.

    Args:
        array: as in :func:`read`.

    Returns:
        float32 (height, width), 0 black and 1 white; see-through parts show white paper.

    Raises:
        DigitInputError: another shape, dtype or range.
    """
    array = np.asarray(array)
    channels = array.shape[2] if array.ndim == 3 else 1
    if array.ndim not in (2, 3) or channels not in (1, 2, 3, 4):
        raise DigitInputError(
            f"expected a picture of shape (height, width) or (height, width, 1 to 4 channels), got {array.shape}"
        )
    check_size(*array.shape[:2])
    if array.dtype in (np.uint8, np.uint16):
        array = array / np.float32(np.iinfo(array.dtype).max)
    elif array.dtype != bool and not np.issubdtype(array.dtype, np.floating):
        raise DigitInputError(
            f"expected a picture as uint8, uint16, bool or floats from 0 to 1, got {array.dtype}: "
            "whole numbers from 0 to 255 become uint8 by .astype('uint8')"
        )
    low, high = array.min(), array.max()
    if not (low >= 0 and high <= 1):  # so written, NaN is caught too
        raise DigitInputError(
            f"expected gray levels from 0 (black) to 1 (white), got {low} to {high}: divide by the largest"
        )
    array = array.reshape(*array.shape[:2], channels).astype(np.float32)
    colors, alpha = (array[..., :-1], array[..., -1]) if channels in (2, 4) else (array, None)
    gray = colors @ np.float32([0.299, 0.587, 0.114]) if colors.shape[2] == 3 else colors[..., 0]  # ITU-R BT.601
    return _small(np.clip(gray if alpha is None else _on_paper(gray, alpha), 0, 1))


def find_ink(gray):
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


def estimate_background(gray):
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


def _is_blackboard(gray):
    """Whether the picture's edge is nearer to its dark end than to its light one, apart from how the light falls."""
    rest = ndimage.gaussian_filter(gray - _surface(gray, terms=3), max(gray.shape) / 300)
    edge = np.concatenate([rest[0], rest[-1], rest[:, 0], rest[:, -1]])
    return np.median(edge) < (rest.min() + rest.max()) / 2


def _surface(values, terms=6, below=np.inf):
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


def otsu_threshold(values):
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


def _without_specks(is_ink):
    """Keep the pieces of ink that are not much smaller than the largest; corner to corner counts as touching."""
    pieces, _ = ndimage.label(is_ink, np.ones((3, 3)))
    sizes = np.bincount(pieces.ravel())
    sizes[0] = 0
    return (sizes >= SPECK * sizes.max())[pieces]


def _image_as_gray(image):
    """A Pillow image of any mode, as gray levels; it is decoded here."""
    if image.mode.startswith("I;16"):  # 16 bits: Pillow's own conversion to "L" would cut everything above 255
        return as_gray(np.asarray(image).astype(np.uint16))
    if image.mode == "I":
        return as_gray(np.clip(np.asarray(image), 0, 65535).astype(np.uint16))
    image = image.convert("RGBA" if image.has_transparency_data else "L")
    height, width = _reduced(image.height, image.width, 2 * LOOK)  # while each pixel still has a byte or four
    return as_gray(np.asarray(image.resize((width, height), Image.Resampling.BOX)))


def _on_paper(gray, alpha):
    """Lay a picture with see-through parts on white paper; light ink, which would not be seen there, on black."""
    white, black = gray * alpha + 1 - alpha, gray * alpha
    return black if np.ptp(white) < PLAIN < np.ptp(black) else white


def _small(gray):
    """Reduce a picture so that its longer side has at most ``LOOK`` pixels, by means over what falls together."""
    height, width = _reduced(*gray.shape, LOOK)
    return np.asarray(Image.fromarray(gray).resize((width, height), Image.Resampling.BOX))


def _reduced(height, width, longest):
    """The size that a picture shrinks to; a strip that would vanish on the way is told."""
    share = min(1, longest / max(height, width))
    small = max(1, round(share * height)), max(1, round(share * width))
    if min(small) < SMALLEST:
        raise DigitInputError(
            f"expected a picture of a digit, got a long strip of {height}×{width} pixels: cut it shorter"
        )
    return small


def _kind(start):
    """What a file is that is neither PNG nor JPEG, by how it starts, and what to do about it."""
    if start[4:8] == b"ftyp" and start[8:12] in BRANDS:
        return f"{BRANDS[start[8:12]]}: on the phone choose JPEG (“most compatible”), or export it as JPEG"
    for beginning, kind in BEGINNINGS.items():
        if start.lstrip().startswith(beginning):
            return f"{kind}: save it as PNG"
    if not start:
        return "empty: save or send it again"
    if b"\0" not in start:
        return "text, whatever its name says: choose a picture"
    return "of a kind unknown here, or broken at its start: save it as PNG"
