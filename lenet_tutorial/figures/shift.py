"""Pictures of what a shift does: to an image beside its centroid, and to the accuracy of classifiers."""

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import ArrayLike, NDArray

from lenet_tutorial.figures.picture import (
    COLORS,
    GRID,
    QUIET,
    Picture,
    apart,
    as_images,
    draw_digit,
    framed,
    listed,
    sentence,
    styled,
)


@styled
def differences_from(centroid: ArrayLike, images: Mapping[str, ArrayLike], *, title: str) -> Picture:
    """Draw images, a centroid, and the difference between them, pixel by pixel.

    Args:
        centroid: floats (784,) or (28, 28), in [0, 1].
        images: dict from a name to an image of the same kind, one row each.
        title: what to see.

    Returns:
        A Picture: a row for each image; red where only the image has ink, blue where only the centroid has.
    """
    (centroid,) = as_images(np.asarray(centroid)[None])
    picture = Picture(7.2, 2.3 * len(images) + 0.3, title=title)
    grid = picture.subplots(len(images), 3, squeeze=False)
    distances = {}
    for row, (name, image) in zip(grid, images.items(), strict=True):
        (image,) = as_images(np.asarray(image)[None])
        distances[name] = float(((image - centroid) ** 2).sum())
        for axes, drawn, words in zip(row, (image, centroid), (name, "the centroid"), strict=False):
            draw_digit(axes, drawn)
            axes.set_title(words)
        row[2].imshow(image - centroid, cmap="RdBu_r", vmin=-1, vmax=1, interpolation="nearest")
        framed(row[2])
        row[2].set_title(f"squared distance {distances[name]:.1f}")
    text = "; ".join(f"{name}: {distance:.1f}" for name, distance in distances.items())
    return picture.describe(
        alt=f"{title}. Rows of an image, the centroid and their difference. Squared distances: {text}.",
        caption="Red: ink in the image that the centroid lacks. Blue: ink in the centroid that the image lacks. "
        f"Squared distance, the sum of all squared differences: {text}.",
    )


@styled
def shift_curves(shifts: Sequence[int], accuracies: Mapping[str, ArrayLike], *, title: str) -> Picture:
    """Draw the accuracy of classifiers on digits that were moved.

    Args:
        shifts: (n,) by how many pixels.
        accuracies: dict from a classifier's name to its accuracies in [0, 1]: (n,), or (3, n), the lower ends of their
            intervals, the values and the upper ends.
        title: what to see.

    Returns:
        A Picture: a line for each classifier, named at its end; a dashed line at one in ten.
    """
    picture = Picture(7.2, 3.9, title=title)
    axes = picture.subplots()
    ends, told = [], []
    for (name, given), color in zip(accuracies.items(), COLORS, strict=False):
        values = _curve(axes, shifts, given, color, name)
        told.append(f"{name} {', '.join(f'{value:.1f}' for value in values)}")
        ends.append((values[-1], f"{name}: {values[0]:.0f} → {values[-1]:.0f}", color))
    heights = apart([end[0] for end in ends], 6.5)
    for height, (_, words, color) in zip(heights, ends, strict=True):
        axes.text(shifts[-1] + 0.12, height, words, color=color, va="center", fontsize=10)
    axes.axhline(10, color=QUIET, linestyle="--", linewidth=1)
    axes.text(shifts[0], 11.5, "one in ten", color=QUIET, fontsize=9)
    axes.set_xticks(shifts)
    axes.set_xlim(shifts[0] - 0.15, shifts[-1] + 0.62 * (shifts[-1] - shifts[0]))
    axes.set_ylim(0, 104)
    axes.set_xlabel("pixels moved to the right", loc="left")
    axes.set_ylabel("accuracy (%)")
    axes.grid(axis="y", color=GRID)
    text = "; ".join(f"{words}%" for _, words, _ in ends)
    return picture.describe(
        alt=f"{title}. Curves of accuracy for digits moved by {shifts[0]} to {shifts[-1]} pixels. {text}.",
        caption=f"Accuracy in percent at {listed(shifts)} pixels: {'; '.join(told)}.",
    )


@styled
def shift_panels(shifts: Sequence[int], panels: Mapping[str, Mapping[str, ArrayLike]], *, title: str) -> Picture:
    """Draw the accuracy of several classifiers on moved digits, a panel for each way of training.

    Args:
        shifts: (n,) by how many pixels.
        panels: dict from a panel's name to a dict from a classifier's name to accuracies in [0, 1]: (3, n), the lower
            ends of their intervals, the values and the upper ends.
        title: what to see.

    Returns:
        A Picture: panels side by side on one scale; a line for each classifier, named in the last.
    """
    picture = Picture(7.2, 4.0, title=title)
    grid = picture.subplots(1, len(panels), sharey=True, squeeze=False)[0]
    told = []
    for axes, (panel, classifiers) in zip(grid, panels.items(), strict=True):
        for (name, given), color in zip(classifiers.items(), COLORS, strict=False):
            values = _curve(axes, shifts, given, color, name)
            told.append(f"{panel}, {name} {', '.join(f'{value:.1f}' for value in values)}")
        axes.set_title(panel)
        axes.set_xticks(shifts)
        axes.set_ylim(0, 104)
        axes.axhline(10, color=QUIET, ls="--", lw=1)
        axes.grid(axis="y", color=GRID)
    grid[0].set_ylabel("accuracy (%)")
    grid[len(grid) // 2].set_xlabel("pixels moved to the right")
    handles, labels = grid[0].get_legend_handles_labels()
    picture.legend(handles, labels, loc="outside lower center", ncols=2, frameon=False)
    return picture.describe(
        alt=f"{sentence(title)} Accuracy in percent at {len(shifts)} shifts: {'; '.join(told)}.",
        caption="Lines: means over seeds. Bands: their 95% intervals. Dashed: one in ten, which guessing would get.",
    )


def _curve(axes: Axes, shifts: Sequence[int], given: ArrayLike, color: str, name: str) -> NDArray:
    """Draw accuracies in percent over shifts, with a band if their intervals are given, and return the accuracies."""
    given = 100 * np.asarray(given, float)
    low, values, high = given if given.ndim == 2 else (given, given, given)
    axes.plot(shifts, values, "o-", color=color, label=name)
    axes.fill_between(shifts, np.clip(low, 0, 100), np.clip(high, 0, 100), color=color, alpha=0.25, lw=0)
    return values
