"""200 pictures of digits as people take them, drawn by code: pens, papers, light, sheets, tables, screens.

A regression set, and no proof: it holds what its author thought of.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from lenet_tutorial import digit_input

EACH = 20
SIGNS = {sign: sign for sign in digit_input.DIGITS} | {name: int(name[0]) for name in digit_input.FORMS}


@dataclass(frozen=True, eq=False)
class Photo:
    """A picture, the digit in it (None if there are several), and its strokes on clean paper."""

    kind: str
    gray: NDArray[np.float64]
    label: int | None
    clean: NDArray[np.float32]


def photos(seed: int = 0) -> list[Photo]:
    """Draw the pictures: 20 of each kind in ``KINDS``, the same for the same seed."""
    random = np.random.default_rng(seed)
    return [_photo(kind, number, random) for kind in KINDS for number in range(EACH)]


def _photo(kind: str, number: int, random: np.random.Generator) -> Photo:
    sign = list(SIGNS)[number % len(SIGNS)]
    draw, *pen = KINDS[kind]
    clean = digit_input.handwritten(sign, random, side=400, width=random.uniform(*pen[0]))
    gray = draw(clean, random)
    return Photo(kind, gray, None if kind == "several" else SIGNS[sign], clean)


def on_paper(ink: NDArray, random: np.random.Generator, dark: float = 0.6) -> NDArray:
    """Ink on paper in light that falls off to one side, out of focus by a little, with the camera's noise."""
    y, x = np.indices(ink.shape) / max(ink.shape) - 0.5
    right, down = random.uniform(-0.35, 0.35, 2)
    light = random.uniform(0.55, 0.8) * (1 + right * x + down * y)
    taken = light * (1 - dark * ndimage.gaussian_filter(ink, random.uniform(0.5, 1)))
    return np.clip(taken + random.normal(0, random.uniform(0.005, 0.015), ink.shape), 0, 1)


def on_sheet(ink: NDArray, random: np.random.Generator) -> NDArray:
    """A digit on a sheet that is six to twelve times as wide; ink (1200, 900)."""
    size = int(random.uniform(1 / 12, 1 / 6) * 900)
    digit = digit_input.fit_to_canvas(digit_input.crop(ink), size)
    sheet = np.zeros((1200, 900))
    top, left = random.integers(200, 1000 - size), random.integers(200, 700 - size)
    sheet[top : top + size, left : left + size] = digit
    return sheet


def pen(ink, random):
    return on_paper(ink, random, random.uniform(0.4, 0.7))


def pencil(ink, random):
    return on_paper(ink, random, random.uniform(0.25, 0.35))


def screen(ink, random):
    return ink if random.random() < 0.5 else 1 - ink


def squared(ink, random):
    lines = np.zeros_like(ink)
    start, step = random.integers(5, 40), random.integers(40, 70)
    lines[start::step] = lines[:, start::step] = 0.12
    return on_paper(np.maximum(ink, lines), random)


def sheet(ink, random):
    return on_paper(on_sheet(ink, random), random)


def shadow(ink, random):
    """A sheet with the shadow of a hand or a phone, from a corner."""
    gray = sheet(ink, random)
    y, x = np.indices(gray.shape) / max(gray.shape)
    if random.random() < 0.5:
        x = x.max() - x
    away = np.hypot(x, y.max() - y) - random.uniform(0.12, 0.2)
    return gray * (0.35 + 0.65 / (1 + np.exp(-away / random.uniform(0.003, 0.02))))


def table(ink, random):
    """A sheet that does not fill the picture: a dark table at one or two sides."""
    gray = sheet(ink, random)
    edge = random.integers(40, 120)
    gray[-edge:] *= 0.3
    if random.random() < 0.5:
        gray[:, :edge] *= 0.3
    return gray


def frame(ink, random):
    """A digit in a box of a form, whose lines leave the picture."""
    framed = np.pad(ink, 60)
    for line in (random.integers(15, 50), -random.integers(15, 50)):
        framed[line : line + 5 or None] = framed[:, line : line + 5 or None] = 1
    return on_paper(framed, random)


def several(ink, random):
    """Two to five digits in a row."""
    others = [digit_input.crop(digit_input.handwritten(int(sign), side=150)) for sign in random.integers(0, 10, 4)]
    row = [digit_input.crop(ink), *others[: random.integers(1, 5)]]
    row = [np.pad(digit_input.fit(each, 120), 10) for each in row]
    height = max(each.shape[0] for each in row)
    return on_paper(
        np.pad(np.hstack([np.pad(each, ((0, height - each.shape[0]), (0, 0))) for each in row]), 60), random
    )


# How each kind is drawn, and how wide its pen is, as shares of the digit's height.
KINDS: dict[str, tuple[Callable, tuple[float, float]]] = {
    "pen": (pen, (0.025, 0.06)),
    "pencil": (pencil, (0.03, 0.06)),
    "marker": (pen, (0.12, 0.2)),
    "screen": (screen, (0.01, 0.1)),
    "squared paper": (squared, (0.04, 0.08)),
    "sheet": (sheet, (0.05, 0.09)),
    "shadow": (shadow, (0.05, 0.09)),
    "table": (table, (0.05, 0.09)),
    "frame": (frame, (0.04, 0.08)),
    "several": (several, (0.06, 0.1)),
}
