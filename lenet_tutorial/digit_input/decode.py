"""Decode a picture: a PNG or JPEG file, its bytes, or an array of any kind in; gray levels out, 0 black and 1 white.

Everything happens on this machine, and nothing is kept. A picture is reduced before it is looked at: a digit of 28×28
needs no twelve megapixels.
"""

import io
import warnings
from os import PathLike
from pathlib import Path

import numpy as np
from numpy.typing import ArrayLike, NDArray
from PIL import Image, ImageOps

from lenet_tutorial.digit_input.preprocess import SMALLEST, DigitInputError, check_size

MOST_BYTES = 50_000_000  # of a file, before it is read
FINE = 1200  # pixels of the longer side of a picture that is kept: enough to look closely at a small digit on a sheet
PLAIN = 0.12  # a picture whose ink is less darker than its background, as a share of its light, holds no ink
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


def read_file(path: str | PathLike) -> NDArray[np.float32]:
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


def read_bytes(data: bytes, name: str = "the picture") -> NDArray[np.float32]:
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
                image.draft(None, (FINE, FINE))  # a large JPEG is decoded at a half, a quarter or an eighth
                return _image_as_gray(ImageOps.exif_transpose(image))
    except DigitInputError:
        raise
    except Image.DecompressionBombError:
        raise DigitInputError(f"{name!r} has far too many pixels: make it smaller, 1000×1000 is plenty") from None
    except Image.UnidentifiedImageError:
        raise DigitInputError(f"expected a PNG or JPEG file, got {name!r}, which is {_kind(data[:512])}") from None
    except Exception as error:  # Pillow has no one kind of error for damaged bytes
        told = f"{type(error).__name__}: {error}".split("\n")[0]
        raise DigitInputError(f"the picture {name!r} is damaged ({told}): save or send it again") from None


def as_gray(array: ArrayLike) -> NDArray[np.float32]:
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
    return reduce(np.clip(gray if alpha is None else _on_paper(gray, alpha), 0, 1), FINE)


def _image_as_gray(image: Image.Image) -> NDArray[np.float32]:
    """A Pillow image of any mode, as gray levels; it is decoded here."""
    if image.mode.startswith("I;16"):  # 16 bits: Pillow's own conversion to "L" would cut everything above 255
        return as_gray(np.asarray(image).astype(np.uint16))
    if image.mode == "I":
        return as_gray(np.clip(np.asarray(image), 0, 65535).astype(np.uint16))
    image = image.convert("RGBA" if image.has_transparency_data else "L")
    height, width = _reduced(image.height, image.width, 2 * FINE)  # while each pixel still has a byte or four
    return as_gray(np.asarray(image.resize((width, height), Image.Resampling.BOX)))


def _on_paper(gray: NDArray[np.float32], alpha: NDArray[np.float32]) -> NDArray[np.float32]:
    """Lay a picture with see-through parts on white paper; light ink, which would not be seen there, on black."""
    white, black = gray * alpha + 1 - alpha, gray * alpha
    return black if np.ptp(white) < PLAIN < np.ptp(black) else white


def reduce(gray: NDArray[np.float32], longest: int) -> NDArray[np.float32]:
    """Reduce a picture so that its longer side has at most so many pixels, by means over what falls together."""
    height, width = _reduced(*gray.shape, longest)
    return np.asarray(Image.fromarray(gray).resize((width, height), Image.Resampling.BOX))


def _reduced(height: int, width: int, longest: int) -> tuple[int, int]:
    """The size that a picture shrinks to; a strip that would vanish on the way is told."""
    share = min(1, longest / max(height, width))
    small = max(1, round(share * height)), max(1, round(share * width))
    if min(small) < SMALLEST:
        raise DigitInputError(
            f"expected a picture of a digit, got a long strip of {height}×{width} pixels: cut it shorter"
        )
    return small


def _kind(start: bytes) -> str:
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
