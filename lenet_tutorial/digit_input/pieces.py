"""Pieces of ink: which belong to the digit, which to the edge of the picture, and how many digits there seem to be."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

SPECK = 0.05  # a piece smaller than this share of the largest one is a speck, not a stroke
SMALLEST = 0.04  # the least height of a digit, as a share of the picture's longer side
BLOB = 0.3  # strokes are thinner than this share of their piece's longer side; a shadow is not


@dataclass(frozen=True)
class Piece:
    """A connected piece of ink. Corner to corner counts as connected.

    Attributes:
        number: its number in the array of labels.
        top, bottom, left, right: its bounding box in pixels; bottom and right are excluded.
        size: its pixels.
        thickness: the diameter of the largest circle in it, in pixels.
        contact: of the picture's four sides, the largest share that it touches, from 0 to 1.
    """

    number: int
    top: int
    bottom: int
    left: int
    right: int
    size: int
    thickness: float
    contact: float

    @property
    def at_edge(self) -> bool:
        """Whether it touches the edge of the picture."""
        return self.contact > 0

    @property
    def height(self) -> int:
        """The height of the bounding box."""
        return self.bottom - self.top

    @property
    def width(self) -> int:
        """The width of the bounding box."""
        return self.right - self.left

    @property
    def extent(self) -> int:
        """The longer side of the bounding box."""
        return max(self.height, self.width)


def find_pieces(is_ink: NDArray[np.bool_]) -> tuple[NDArray[np.int32], list[Piece]]:
    """Find the connected pieces of ink.

    Args:
        is_ink: bool (height, width).

    Returns:
        int32 (height, width), the number of the piece that each pixel belongs to, 0 for paper; and the pieces.
    """
    labels, n = ndimage.label(is_ink, np.ones((3, 3)))
    numbers = range(1, n + 1)
    depths = ndimage.maximum(ndimage.distance_transform_edt(is_ink), labels, numbers) if n else []
    sizes = np.bincount(labels.ravel(), minlength=n + 1)
    sides = [labels[0], labels[-1], labels[:, 0], labels[:, -1]]
    contacts = np.max([np.bincount(each, minlength=n + 1) / len(each) for each in sides], axis=0)
    pieces = []
    for number, (rows, columns), depth in zip(numbers, ndimage.find_objects(labels), depths, strict=True):
        box = (rows.start, rows.stop, columns.start, columns.stop)
        pieces.append(Piece(number, *box, int(sizes[number]), 2 * float(depth) - 1, float(contacts[number])))
    return labels, pieces


def without_specks(pieces: list[Piece]) -> list[Piece]:
    """Keep the pieces that are not far smaller than the largest."""
    largest = max((each.size for each in pieces), default=0)
    return [each for each in pieces if each.size >= SPECK * largest]


def digit_pieces(pieces: list[Piece], side: int) -> list[Piece]:
    """Keep the pieces that can be a digit inside the picture: large enough, made of strokes, and off the edge."""
    return without_specks(
        [
            each
            for each in pieces
            if not each.at_edge and each.extent >= SMALLEST * side and each.thickness < BLOB * each.extent
        ]
    )


def group_digits(pieces: list[Piece]) -> list[list[Piece]]:
    """Group pieces into digits, left to right.

    Two pieces are of one digit if they stand above one another, close to each other: the narrower one lies, to more
    than a quarter of its width, in the columns of the other, and the gap between them is less than a quarter of the
    taller one.
    """
    groups: list[list[Piece]] = []
    for piece in sorted(pieces, key=lambda each: each.left):
        near = [group for group in groups if any(_together(piece, each) for each in group)]
        groups = [group for group in groups if group not in near]
        groups.append([piece, *(each for group in near for each in group)])
    tallest = max((_height(group) for group in groups), default=0)
    large = [group for group in groups if _height(group) >= 0.5 * tallest]
    return sorted(large, key=lambda group: min(each.left for each in group))


def _together(a: Piece, b: Piece) -> bool:
    shared = min(a.right, b.right) - max(a.left, b.left)
    gap = max(a.top, b.top) - min(a.bottom, b.bottom)
    return shared > min(a.width, b.width) / 4 and gap < max(a.height, b.height) / 4


def _height(group: list[Piece]) -> int:
    return max(each.bottom for each in group) - min(each.top for each in group)
