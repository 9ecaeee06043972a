"""Rows of small pictures: images, kernels and maps."""

from collections.abc import Collection, Mapping, Sequence
from typing import Literal

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import ArrayLike, NDArray

from lenet_tutorial.figures.picture import INK, Picture, draw_digit, framed, styled

WRITTEN = 6  # rows and columns: larger arrays are drawn without their numbers


@styled
def tiles(
    rows: Sequence[Mapping[str, ArrayLike]],
    *,
    title: str,
    caption: str,
    ink: Collection[str] = (),
    scale: Literal["own", "row", "all"] = "row",
    numbers: bool = True,
    height: float = 0,
) -> Picture:
    """Draw rows of arrays, each under its name; small arrays with their numbers.

    Args:
        rows: one mapping a row, from a name to numbers (height, width).
        title: what to see.
        caption: how to read it; the scale is added.
        ink: names of those that are images, from 0, white, to 1, black. In the others red is above 0, blue below, and
            white is 0.
        scale: what shares a scale of colors, so that it can be compared: a row, or all; or each array has its own.
        numbers: whether small arrays show their numbers.
        height: of a row in inches; chosen by the width if not given.

    Returns:
        A Picture.

    Raises:
        ValueError: there are no arrays, or one has another number of axes than two.
    """
    rows = [{name: np.asarray(each, float) for name, each in row.items()} for row in rows]
    if not rows or not all(rows) or any(each.ndim != 2 for row in rows for each in row.values()):
        raise ValueError("expected rows of arrays with two axes each, got " + str([list(row) for row in rows]))
    columns = max(len(row) for row in rows)
    picture = Picture(7.2, len(rows) * (height or min(7.2 / columns, 3.2) + 0.3) + 0.4, title=title)
    grid = picture.subplots(len(rows), columns, squeeze=False)
    colored = [{name: _reach(each) for name, each in row.items() if name not in ink} for row in rows]
    of_rows = [max(each.values(), default=0) for each in colored]
    for axes_of_row, row, largest, of_row in zip(grid, rows, colored, of_rows, strict=True):
        for axes in axes_of_row[len(row) :]:
            axes.set_axis_off()
        for axes, (name, each) in zip(axes_of_row, row.items(), strict=False):
            reach = {"own": largest.get(name, 0), "row": of_row, "all": max(of_rows)}[scale] or 1
            if name in ink:
                draw_digit(axes, each)
            else:
                _draw_signed(axes, each, reach)
            axes.set_title(name, fontsize=10)
            if numbers:
                _write_numbers(axes, each, reach, name in ink)
    used = {"own": [], "row": [each for each in of_rows if each], "all": [max(of_rows)]}[scale]
    darkest = (
        f"±{', '.join(dict.fromkeys(f'{each:.3g}' for each in used))}" if used else "the largest value of each picture"
    )
    words = f" Red is above 0, blue below, white is 0; the darkest color is {darkest}." if any(of_rows) else ""
    text = "; ".join(
        f"{name.replace(chr(10), ' ')} ({each.shape[0]}×{each.shape[1]}, from {each.min():.2f} to {each.max():.2f})"
        for row in rows
        for name, each in row.items()
    )
    return picture.describe(alt=f"{title}. Small pictures, row by row: {text}.", caption=f"{caption}{words}")


def _reach(values: NDArray) -> float:
    return float(np.abs(values).max())


def _draw_signed(axes: Axes, values: NDArray, reach: float) -> None:
    axes.imshow(values, cmap="RdBu_r", vmin=-reach, vmax=reach, interpolation="nearest")
    framed(axes)


def _write_numbers(axes: Axes, values: NDArray, reach: float, is_ink: bool) -> None:
    if max(values.shape) > WRITTEN:
        return
    for (row, column), value in np.ndenumerate(values):
        is_dark = value > 0.5 if is_ink else abs(value) > 0.6 * reach
        words = f"{value:.2f}".rstrip("0").rstrip(".")
        axes.text(column, row, words, ha="center", va="center", fontsize=9, color="white" if is_dark else INK)
