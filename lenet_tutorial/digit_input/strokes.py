"""Strokes: digits and other signs as chains of points, drawn with a round brush. The pad's strokes are such, too.

A stroke is an array (n, 2) of points (x, y) from 0 to 1, from the page's left to its right and from its top to its
bottom; a single point is a dot. The vocabulary below was written for this project.
"""

from collections.abc import Iterable

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.interpolate import CubicSpline

from lenet_tutorial.digit_input.preprocess import DigitInputError, check_size

CANVAS = 280  # pixels of a drawn page's side
BRUSH = 0.09  # the brush's width, as a share of the page's side


def _arc(x: float, y: float, across: float, down: float, start: float, end: float, n: int = 20) -> NDArray:
    """Points on an ellipse around (x, y), from one angle to another, in degrees: 0 is right, 90 is down."""
    angle = np.radians(np.linspace(start, end, n))
    return np.stack([x + across * np.cos(angle), y + down * np.sin(angle)], axis=1)


def _bent(*points: ArrayLike) -> NDArray:
    """A smooth curve through points."""
    points = np.array(points, float)
    way = np.concatenate([[0], np.cumsum(np.linalg.norm(np.diff(points, axis=0), axis=1))])
    return CubicSpline(way, points)(np.linspace(0, way[-1], 8 * len(points)))


def _line(*points: ArrayLike) -> NDArray:
    return np.array(points, float)


# Each sign as its strokes, in a square; `handwritten` gives it a size, a place and a slant.
DIGITS = {
    0: [_arc(0.5, 0.5, 0.27, 0.4, -80, 285, 32)],
    1: [_line((0.42, 0.24), (0.52, 0.1), (0.5, 0.9))],
    2: [
        np.concatenate(
            [
                _bent((0.24, 0.3), (0.34, 0.13), (0.55, 0.1), (0.7, 0.26), (0.6, 0.5), (0.4, 0.73), (0.24, 0.89)),
                _line((0.24, 0.89), (0.78, 0.88)),
            ]
        )
    ],
    3: [
        np.concatenate(
            [
                _bent((0.28, 0.18), (0.48, 0.1), (0.68, 0.2), (0.64, 0.39), (0.44, 0.48)),
                _bent((0.44, 0.48), (0.66, 0.53), (0.74, 0.72), (0.55, 0.89), (0.25, 0.82)),
            ]
        )
    ],
    4: [_line((0.3, 0.1), (0.22, 0.55), (0.8, 0.52)), _line((0.66, 0.2), (0.6, 0.92))],
    5: [
        np.concatenate(
            [
                _line((0.32, 0.12), (0.28, 0.47)),
                _bent((0.28, 0.47), (0.5, 0.4), (0.7, 0.54), (0.68, 0.76), (0.48, 0.9), (0.24, 0.82)),
            ]
        ),
        _line((0.32, 0.12), (0.74, 0.1)),
    ],
    6: [
        _bent(
            (0.62, 0.1), (0.42, 0.3), (0.29, 0.6), (0.36, 0.84), (0.55, 0.9), (0.69, 0.74), (0.58, 0.56), (0.4, 0.6),
            (0.32, 0.72),
        )
    ],
    7: [_line((0.22, 0.14), (0.76, 0.13), (0.42, 0.9))],
    8: [
        _bent(
            (0.66, 0.2), (0.5, 0.1), (0.34, 0.22), (0.42, 0.42), (0.62, 0.58), (0.67, 0.78), (0.5, 0.9), (0.33, 0.78),
            (0.4, 0.58), (0.6, 0.42), (0.68, 0.25), (0.62, 0.16),
        )
    ],
    9: [np.concatenate([_arc(0.49, 0.3, 0.19, 0.19, -20, -340, 20), _line((0.68, 0.24), (0.66, 0.5), (0.58, 0.91))])],
}  # fmt: skip


def one_with_upstroke(length: float) -> list[NDArray[np.float64]]:
    """Give the strokes of a 1 that begins with an upstroke, at 45° to its stem.

    Args:
        length: of the upstroke, as a share of the stem's, from 0 to 0.8.

    Returns:
        A list of one stroke (3, 2), of points (x, y) in [0, 1].

    Example:

    >>> one_with_upstroke(0)[0].tolist()  # a stem alone
    [[0.55, 0.1], [0.55, 0.1], [0.55, 0.9]]
    """
    aside = 0.8 * length / np.sqrt(2)
    return [_line((0.55 - aside, 0.1 + aside), (0.55, 0.1), (0.55, 0.9))]


# Other forms of three digits, as many people in Europe write them.
FORMS = {
    "1 with a long upstroke": one_with_upstroke(0.55),
    "7 with a bar": [_line((0.22, 0.14), (0.76, 0.13), (0.42, 0.9)), _line((0.34, 0.5), (0.74, 0.5))],
    "9 with a hook": [
        np.concatenate(
            [
                _arc(0.49, 0.3, 0.19, 0.19, -20, -340, 20),
                _bent((0.68, 0.24), (0.68, 0.6), (0.6, 0.82), (0.44, 0.9), (0.26, 0.82)),
            ]
        )
    ],
}
LETTERS = {
    "A": [_line((0.2, 0.9), (0.5, 0.1), (0.8, 0.9)), _line((0.32, 0.62), (0.68, 0.62))],
    "K": [_line((0.28, 0.1), (0.28, 0.9)), _line((0.74, 0.1), (0.28, 0.54), (0.76, 0.9))],
    "M": [_line((0.16, 0.9), (0.2, 0.1), (0.5, 0.6), (0.8, 0.1), (0.84, 0.9))],
    "R": [
        _line((0.28, 0.9), (0.28, 0.1)),
        _bent((0.28, 0.1), (0.6, 0.12), (0.7, 0.29), (0.58, 0.48), (0.28, 0.5)),
        _line((0.44, 0.5), (0.76, 0.9)),
    ],
    "W": [_line((0.12, 0.1), (0.3, 0.9), (0.5, 0.3), (0.7, 0.9), (0.88, 0.1))],
    "X": [_line((0.2, 0.1), (0.8, 0.9)), _line((0.8, 0.1), (0.2, 0.9))],
}


def draw_strokes(strokes: Iterable[ArrayLike], *, side: int = CANVAS, width: ArrayLike = BRUSH) -> NDArray[np.float32]:
    """Draw strokes on an empty page.

    Args:
        strokes: arrays (n, 2) of points (x, y) in [0, 1]; see the top of this file.
        side: pixels of the page's side.
        width: the brush's width as a share of the side: one for all strokes, or one each.

    Returns:
        float32 (side, side), 0 paper and 1 ink.

    Raises:
        DigitInputError: a stroke is no chain of points on the page, or a width is none.

    Example:

    >>> page = draw_strokes([[(0.5, 0.2), (0.5, 0.8)]], side=100)
    >>> page.shape, float(page[50, 50]), float(page[50, 20])
    ((100, 100), 1.0, 0.0)
    """
    strokes = list(strokes)
    check_size(side, side)
    page = np.zeros((side, side), np.float32)
    for points, each in zip(strokes, np.broadcast_to(width, len(strokes)), strict=True):
        draw_stroke(page, points, float(each))
    return page


def draw_stroke(canvas: NDArray[np.float32], points: ArrayLike, width: float) -> None:
    """Draw one stroke on a canvas, in place: each pixel is inked that lies within half a width of the chain of points.

    Args:
        canvas: float32 (side, side), 0 paper and 1 ink.
        points: (n, 2), (x, y) in [0, 1].
        width: the brush's width as a share of the side, above 0 and at most a half.

    Raises:
        DigitInputError: what came is no stroke.
    """
    points, side = check_stroke(points, width), len(canvas)
    radius = max(width * side, 1) / 2
    points = points * side - 0.5  # in pixels: the first pixel's middle is at 0
    for a, b in zip(points, points[1:] if len(points) > 1 else points, strict=False):
        low = np.clip(np.floor(np.minimum(a, b) - radius - 1), 0, side).astype(int)
        high = np.clip(np.ceil(np.maximum(a, b) + radius + 2), 0, side).astype(int)
        window = canvas[low[1] : high[1], low[0] : high[0]]
        x, y = np.arange(low[0], high[0]), np.arange(low[1], high[1])[:, None]
        ink = np.clip(radius + 0.5 - distance(x, y, a, b), 0, 1)  # an edge of one gray pixel
        np.maximum(window, ink, out=window, casting="same_kind")


def distance(x: NDArray, y: NDArray, a: ArrayLike, b: ArrayLike) -> NDArray:
    """Compute how far points (x, y) lie from the straight line that joins two points.

    Args:
        x, y: arrays of coordinates that broadcast together.
        a, b: the ends, (x, y).

    Returns:
        floats: the distance to the nearest point between a and b.
    """
    (ax, ay), (dx, dy) = a, np.subtract(b, a)
    along = np.clip(((x - ax) * dx + (y - ay) * dy) / max(dx * dx + dy * dy, 1e-12), 0, 1)
    return np.hypot(x - ax - along * dx, y - ay - along * dy)


def handwritten(
    sign: int | str | list[NDArray],
    random: np.random.Generator | None = None,
    *,
    side: int = CANVAS,
    width: float = BRUSH,
) -> NDArray[np.float32]:
    """Draw a sign as if by hand, never the same twice.

    Args:
        sign: a key of ``DIGITS``, ``FORMS`` or ``LETTERS``, or strokes of your own in a square.
        random: a ``numpy.random.Generator``, which draws the size (a third to nine tenths of the page), the place, the
            proportions, the slant, a turn, a bend of each stroke, and a width of the brush that goes with the size;
            without one, the sign fills the page, upright.
        side: pixels of the page's side.
        width: the brush's width as a share of the sign's height.

    Returns:
        float32 (side, side), 0 paper and 1 ink.

    Raises:
        DigitInputError: the vocabulary has no such sign.
    """
    if not isinstance(sign, list):
        signs = DIGITS | FORMS | LETTERS
        if sign not in signs:
            raise DigitInputError(f"expected a sign out of {', '.join(map(str, signs))}, got {sign!r}")
        sign = signs[sign]
    strokes = [each - 0.5 for each in sign]
    if random is None:
        return draw_strokes([each + 0.5 for each in strokes], side=side, width=width)
    size, stretch = random.uniform(0.35, 0.9), random.uniform(0.65, 1.1)
    slant, turn = random.normal(0.1, 0.25), np.radians(random.normal(0, 8))
    shape = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]]) @ [[stretch, -slant], [0, 1]]
    strokes = [size * (each + _wave(each, random)) @ shape.T for each in strokes]
    width = size * width * random.uniform(0.8, 1.5)
    every = np.concatenate(strokes)
    low, high = width / 2 - every.min(axis=0), 1 - width / 2 - every.max(axis=0)
    place = random.uniform(np.minimum(low, high), np.maximum(low, high))
    return draw_strokes([np.clip(each + place, 0, 1) for each in strokes], side=side, width=width)


def _wave(points: NDArray, random: np.random.Generator) -> NDArray:
    """How far each point is led astray: a slow wave over the page, along each axis."""
    turns, start = random.uniform(-4, 4, (2, 2)), random.uniform(0, 2 * np.pi, 2)
    return random.uniform(0.01, 0.06, 2) * np.sin(points @ turns + start)


def scribble(random: np.random.Generator, *, side: int = CANVAS, width: float = 0.05) -> NDArray[np.float32]:
    """Draw a curve through a dozen random points: no digit.

    Args:
        random: a ``numpy.random.Generator``.
        side: pixels of the page's side.
        width: the brush's width as a share of the side.

    Returns:
        float32 (side, side), 0 paper and 1 ink.
    """
    return draw_strokes([np.clip(_bent(*random.uniform(0.12, 0.88, (12, 2))), 0, 1)], side=side, width=width)


def photographed(digit: int, random: np.random.Generator) -> NDArray[np.float64]:
    """Draw a sheet with a small digit on a dark table, as a phone may see it: the light falls off to a corner.

    Args:
        digit: a key of ``DIGITS``.
        random: draws the camera's noise.

    Returns:
        floats (900, 700) in [0, 1], 0 black and 1 white. In the dark corner, paper is darker than ink.
    """
    y, x = np.mgrid[:900, :700] / 900
    picture = 0.9 - 0.35 * x - 0.4 * y
    picture[380:500, 300:420] *= 1 - 0.45 * handwritten(digit, side=120, width=0.07)
    picture[800:] *= 0.3  # the table
    return np.clip(picture + random.normal(0, 0.004, picture.shape), 0, 1)


def check_stroke(points: ArrayLike, width: float) -> NDArray[np.float64]:
    """Give a stroke as float64 (n, 2), or raise DigitInputError."""
    try:
        points = np.asarray(points, np.float64)
    except (TypeError, ValueError):
        raise DigitInputError("expected a stroke as points (x, y), got something that is not numbers") from None
    if points.ndim != 2 or points.shape[1] != 2 or not len(points):
        raise DigitInputError(f"expected a stroke of points (x, y), of shape (n, 2), got {points.shape}")
    if not (points.min() >= 0 and points.max() <= 1):
        raise DigitInputError(
            f"expected points from 0 to 1, got {points.min()} to {points.max()}: divide by the page's side"
        )
    if not 0 < width <= 0.5:
        raise DigitInputError(f"expected a brush of a width above 0 and at most half the page, 0.5, got {width}")
    return points
