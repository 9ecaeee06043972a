"""Read a picture of a digit: find its ink, crop a whole sheet to it, and say what else the picture holds."""

import warnings
from dataclasses import dataclass
from os import PathLike

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lenet_tutorial.digit_input.decode import PLAIN, as_gray, read_bytes, read_file, reduce
from lenet_tutorial.digit_input.pieces import BLOB, Piece, digit_pieces, find_pieces, group_digits, without_specks
from lenet_tutorial.digit_input.preprocess import DigitInputError
from lenet_tutorial.digit_input.segment import NARROW, WIDE, Darkness, find_darkness

LOOK = 400  # pixels of the longer side of what is looked at
MARGIN = 0.5  # paper around the digit in a close-up, as a share of the digit's longer side
CLOSE = 0.7  # a part of the picture smaller than this share of it is looked at again, from close by
ALONG = 0.9  # what runs along that much of a side of the picture is no digit that the edge cuts off
WIDER = 1.6  # one digit is hardly wider than that, in heights
MASS = 0.4  # a digit's strokes are thinner than this share of its longer side
FULL = 0.5  # a digit covers less than this share of its picture


class DigitInputWarning(UserWarning):
    """The picture was read, but the prediction may be worth nothing: the message says what was seen and what to do."""


@dataclass(frozen=True, eq=False)
class Reading:
    """What was found in a picture.

    Attributes:
        gray: float32 (height, width), the picture's gray levels, 0 black and 1 white.
        box: top, bottom, left and right of the part that was used, in pixels of ``gray``; bottom and right excluded.
        ink: float32 (height, width), the ink in that part, 0 paper and 1 ink; its longer side has at most 400 pixels.
        remarks: what makes a prediction doubtful, a sentence or two each; empty if nothing does.
        digits: the ink of each digit that there seems to be, left to right, arrays as ``ink``.
    """

    gray: NDArray[np.float32]
    box: tuple[int, int, int, int]
    ink: NDArray[np.float32]
    remarks: tuple[str, ...]
    digits: tuple[NDArray[np.float32], ...]


def read(picture: str | PathLike | bytes | ArrayLike) -> NDArray[np.float32]:
    """Find the ink in a picture: :func:`look`, with a warning for each of its remarks.

    Args:
        picture: as for :func:`look`.

    Returns:
        float32 (height, width), 0 paper and 1 ink, for :func:`lenet_tutorial.digit_input.prepare`.

    Raises:
        DigitInputError: the file or the array is no picture of ink on paper.

    Example:

    >>> paper = np.full((60, 60), 240, np.uint8)
    >>> paper[10:50, 28:34] = 30  # a dark stroke
    >>> ink = read(paper)
    >>> float(ink[0, 0]), float(ink[30, 30])
    (0.0, 1.0)
    """
    reading = look(picture)
    for remark in reading.remarks:
        warnings.warn(remark, DigitInputWarning, stacklevel=2)
    return reading.ink


def look(picture: str | PathLike | bytes | ArrayLike) -> Reading:
    """Find the ink in a picture, and what else it holds.

    The paper's light is estimated from wide surroundings first, and from narrow ones if no digit is found so, as in a
    hard shadow. A digit that is small in its picture, such as one on a whole sheet, is cropped and looked at again from
    close by. Ink at the edge of the picture is left out if a digit lies inside.

    Args:
        picture: the path of a PNG or JPEG file, its content as bytes, or an array: (height, width) gray or (height,
            width, channels), where 2 and 4 channels have alpha as the last one; uint8, uint16, bool, or floats in
            [0, 1], 0 black and 1 white.

    Returns:
        A :class:`Reading`.

    Raises:
        DigitInputError: the file or the array is no picture of ink on paper.
    """
    gray = _gray_levels(picture)
    small, found, problem = reduce(gray, LOOK), None, None
    for window, least in ((WIDE, PLAIN), (NARROW, PLAIN / 2)):
        try:
            whole = _choose(find_darkness(small, window, least))
            box, seen = _look_closely(gray, whole)
        except DigitInputError as error:
            problem = problem or error
            continue
        digits = tuple(seen.ink(group) for group in group_digits(seen.kept))
        reading = Reading(gray, box, seen.ink(seen.kept), (*_edge_remarks(whole), *_ink_remarks(seen)), digits)
        if seen.is_digit:
            return reading
        found = found or reading
    if found is None:
        raise problem
    return found


def _gray_levels(picture: str | PathLike | bytes | ArrayLike) -> NDArray[np.float32]:
    if isinstance(picture, str | PathLike):
        return read_file(picture)
    return read_bytes(picture) if isinstance(picture, bytes) else as_gray(picture)


@dataclass(frozen=True, eq=False)
class _Seen:
    """The pieces of ink of a picture: those that were kept, large ones at the edge, and whether a digit was found."""

    darkness: Darkness
    labels: NDArray[np.int32]
    kept: list[Piece]
    at_edge: list[Piece]
    is_digit: bool

    def ink(self, pieces: list[Piece]) -> NDArray[np.float32]:
        return self.darkness.ink(np.isin(self.labels, [each.number for each in pieces]))


def _look_closely(gray: NDArray[np.float32], whole: _Seen) -> tuple[tuple[int, int, int, int], _Seen]:
    """Crop a picture to a small digit and look again; give the box of the crop, and what was seen in it.

    Raises:
        DigitInputError: the ink is faint, and does not stand out from close by either.
    """
    is_faint, box = whole.darkness.stands_out < PLAIN, _box_around(whole, gray.shape)
    try:
        close = _choose(find_darkness(reduce(gray[box[0] : box[1], box[2] : box[3]], LOOK))) if box else whole
    except DigitInputError:
        close = whole
    if close is not whole and close.is_digit:
        return box, close
    if is_faint:
        raise DigitInputError("expected ink on paper, got a picture whose ink is faint: write with a darker pen")
    return (0, gray.shape[0], 0, gray.shape[1]), whole


def _choose(darkness: Darkness) -> _Seen:
    """Choose the pieces of the digit: those inside the picture, if they can be one; else one that the edge cuts off."""
    labels, pieces = find_pieces(darkness.is_ink)
    inside = digit_pieces(pieces, max(labels.shape))
    edge = [each for each in pieces if each.at_edge]
    cut = [each for each in edge if _may_be_cut_off(each, labels.shape)]
    across = [each for each in cut if _spans(each, labels.shape)]
    largest = _largest(inside)
    if inside and largest >= _largest([each for each in cut if each not in across]) / 4:
        return _Seen(darkness, labels, inside, [each for each in edge if each.extent >= largest / 2], True)
    if cut:
        kept = without_specks([each for each in pieces if each in cut or not each.at_edge])
        return _Seen(darkness, labels, kept, [each for each in edge if each not in cut], True)
    return _Seen(darkness, labels, without_specks(pieces), edge, False)


def _may_be_cut_off(piece: Piece, shape: tuple[int, int]) -> bool:
    """Whether a piece at the edge may be a digit: strokes, not along the edge, and no line from side to side."""
    is_line = piece.width >= ALONG * shape[1] and piece.width > WIDER * piece.height
    return piece.thickness < BLOB * piece.extent and piece.contact < ALONG and not is_line


def _spans(piece: Piece, shape: tuple[int, int]) -> bool:
    """Whether a piece goes from one side of the picture to the other."""
    return piece.height >= ALONG * shape[0] or piece.width >= ALONG * shape[1]


def _largest(pieces: list[Piece]) -> int:
    return max((each.extent for each in pieces), default=0)


def _box_of(pieces: list[Piece]) -> tuple[int, int, int, int]:
    return (
        min(each.top for each in pieces),
        max(each.bottom for each in pieces),
        min(each.left for each in pieces),
        max(each.right for each in pieces),
    )


def _box_around(seen: _Seen, shape: tuple[int, int]) -> tuple[int, int, int, int] | None:
    """Give the box with the digit and a margin, in pixels of a picture of that shape; None if it's nearly all of it."""
    top, bottom, left, right = _box_of(seen.kept)
    margin = MARGIN * max(bottom - top, right - left)
    scale = max(shape) / max(seen.labels.shape)
    low = [max(0, int(scale * (each - margin))) for each in (top, left)]
    high = [min(side, int(scale * (each + margin)) + 1) for each, side in zip((bottom, right), shape, strict=True)]
    if not seen.is_digit or max(high[0] - low[0], high[1] - low[1]) > CLOSE * max(shape):
        return None
    return low[0], high[0], low[1], high[1]


def _edge_remarks(seen: _Seen) -> list[str]:
    if not seen.at_edge:
        return []
    what = "Something dark reaches the edge of the picture, such as a shadow, a frame or the table"
    if seen.is_digit:
        return [f"{what}; it was left out. If the ink that is left isn't your digit, crop closer to it"]
    return [f"{what}, and no digit was found inside. Crop closer to the digit, and keep paper around it"]


def _ink_remarks(seen: _Seen) -> list[str]:
    top, bottom, left, right = _box_of(seen.kept)
    count = len(group_digits(seen.kept))
    if count > 1:
        return [f"There seem to be {count} digits, and the network reads one. Crop the picture to one digit"]
    if right - left > WIDER * (bottom - top):
        return [
            f"The ink is {(right - left) / (bottom - top):.1f} times as wide as it is high. Turn the picture upright, "
            "and crop it to one digit"
        ]
    if (covered := seen.darkness.is_ink.mean()) > FULL:
        return [f"{covered:.0%} of the picture is ink. Leave more paper around the digit, or write with a thinner pen"]
    if max(each.thickness / each.extent for each in seen.kept) > MASS:
        return ["The ink is a blot and no line. Write with a thinner pen, or choose another picture"]
    return []
