"""Rows of small pictures: images, kernels and maps."""

from collections.abc import Collection, Mapping, Sequence

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
    one_scale: bool = True,
    height: float = 0,
) -> Picture:
    """Draw rows of arrays, each under its name; small arrays with their numbers.

    Args:
        rows: one mapping a row, from a name to numbers (height, width).
        title: what to see.
        caption: how to read it; the scale is added.
        ink: names of those that are images, from 0, white, to 1, black. In the others red is above 0, blue below, and
            white is 0.
        one_scale: whether the colored arrays of a row share a scale, so that they can be compared.
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
    scales = []
    for axes_of_row, row in zip(grid, rows, strict=True):
        largest = {name: float(np.abs(each).max()) for name, each in row.items() if name not in ink}
        scales.append(max(largest.values(), default=0))
        for axes in axes_of_row[len(row) :]:
            axes.set_axis_off()
        for axes, (name, each) in zip(axes_of_row, row.items(), strict=False):
            reach = (scales[-1] if one_scale else largest.get(name, 0)) or 1
            if name in ink:
                draw_digit(axes, each)
            else:
                _draw_signed(axes, each, reach)
            axes.set_title(name, fontsize=10)
            _write_numbers(axes, each, reach, name in ink)
    darkest = (
        f"±{', '.join(dict.fromkeys(f'{scale:.3g}' for scale in scales if scale))}" if one_scale else "its largest"
    )
    words = f" Red is above 0, blue below, white is 0; the darkest color is {darkest}." if any(scales) else ""
    text = "; ".join(
        f"{name.replace(chr(10), ' ')} ({each.shape[0]}×{each.shape[1]}, from {each.min():.2f} to {each.max():.2f})"
        for row in rows
        for name, each in row.items()
    )
    return picture.describe(alt=f"{title}. Small pictures, row by row: {text}.", caption=f"{caption}{words}")


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
