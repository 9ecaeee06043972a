"""Pictures of attributions: maps of the evidence for a prediction, and tests of how far to trust such maps."""

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle
from numpy.typing import ArrayLike, NDArray

from lenet_tutorial.figures.maps import SIGNED
from lenet_tutorial.figures.picture import (
    COLORS,
    GRID,
    INK,
    QUIET,
    Picture,
    apart,
    as_images,
    bare,
    draw_digit,
    listed,
    sentence,
    styled,
)
from lenet_tutorial.studies.intervals import Interval

# Maps that ask no network: always gray, each with its kind of line.
BASELINES = {"gray levels": "--", "noise": ":", "smoothed noise": "-."}
METHOD_COLORS = COLORS[1:]  # without the blue, which means "against the class" in a map


@styled
def attribution_maps(
    images: ArrayLike,
    rows: Mapping[str, Mapping[str, NDArray]],
    *,
    title: str,
    caption: str,
    boxes: Sequence[tuple[int, int, int]] = (),
) -> Picture:
    """Draw digits, and beside each its maps, each over the digit's outline.

    Args:
        images: digits (n, 784) or (n, 28, 28), floats in [0, 1], one a row.
        rows: dict from a row's name to a dict from a method's name to a map (28, 28); the same methods in each row.
        title: what to see.
        caption: how to read it; the scale and the largest values are added.
        boxes: squares to frame, one a row: their first row, first column and side in pixels.

    Returns:
        A Picture of n rows: the digit, then its maps, each divided by its own largest absolute value. Red is evidence
        for the class, blue against it.
    """
    images, methods = as_images(images), list(next(iter(rows.values())))
    height = 1.32 if len(rows) < 4 else 1.15
    picture = Picture(7.2, height * len(rows) + 1.25, title=title)
    grid = picture.subplots(len(rows), 1 + len(methods), squeeze=False)
    text = []
    for at, (line, image, (name, maps)) in enumerate(zip(grid, images, rows.items(), strict=True)):
        draw_digit(line[0], image)
        line[0].set_ylabel(name, fontsize=9.5)
        for axes, one in zip(line[1:], maps.values(), strict=True):
            drawn = axes.imshow(one / max(np.abs(one).max(), 1e-9), cmap=SIGNED, vmin=-1, vmax=1)
            axes.contour(image, levels=[0.5], colors=INK, linewidths=0.5)
            bare(axes)
        for axes in line if boxes else ():
            _frame(axes, *boxes[at])
        largest = listed(f"{method} {np.abs(one).max():.2f}" for method, one in maps.items())
        text.append(f"{name.replace(chr(10), ' ')}: {largest}" if len(rows) > 1 else largest)
    grid[0, 0].set_title("digit", fontsize=9.5)
    for axes, method in zip(grid[0, 1:], methods, strict=True):
        axes.set_title(method.replace("integrated ", "integrated\n"), fontsize=9.5)
    bar = picture.colorbar(drawn, ax=grid, orientation="horizontal", shrink=0.5, aspect=45, ticks=(-1, 0, 1))
    bar.ax.set_xticklabels(["against", "0", "for"])
    text = "; ".join(text)
    return picture.describe(
        alt=f"{sentence(title)} Beside each digit its maps: {listed(methods)}. Largest absolute values: {text}.",
        caption=f"{caption} Red speaks for the class, blue against it. Each map is divided by its own largest absolute "
        "value, so compare positions and not sizes.",
    )


def _frame(axes: Axes, row: int, column: int, side: int) -> None:
    """Draw a green square around pixels."""
    axes.add_patch(
        Rectangle((column - 0.5, row - 0.5), side, side, fill=False, edgecolor=COLORS[2], lw=1.8, clip_on=False)
    )


@styled
def score_points(
    groups: Mapping[str, Mapping[str, Interval]], *, title: str, xlabel: str, better: str, limit: float | None = None
) -> Picture:
    """Draw a score of each method as a point with its interval, in one group or in several.

    Args:
        groups: dict from a group's name to a dict from a method's name to its score; the same methods in each group.
            Maps that ask no network are named as in :data:`BASELINES`.
        title: what to see.
        xlabel: what the score is.
        better: which values are good, in words.
        limit: a pass mark, drawn as a dashed line.

    Returns:
        A Picture: a row for each method, a point in it for each group; baselines in gray, below a line.
    """
    names = list(next(iter(groups.values())))
    picture = Picture(7.2, 0.27 * len(names) * (1 + 0.55 * len(groups)) + 1.2, title=title)
    axes = picture.subplots()
    told = []
    for i, (group, (marker, fill)) in enumerate(zip(groups, (("o", True), ("D", False)), strict=False)):
        shift = 0.36 * (i - (len(groups) - 1) / 2)
        for row, (name, score) in enumerate(groups[group].items()):
            low, value, high = score.ends
            color = _look(name, names)[0]
            fill_color = color if fill else "white"
            errors = [[value - low], [high - value]]
            axes.errorbar(value, row + shift, xerr=errors, fmt=marker, ms=7, color=color, mfc=fill_color, capsize=3)
            axes.annotate(f"{value:.2f}", (high, row + shift), (8, -4), textcoords="offset points", fontsize=9)
        axes.plot([], [], marker, color=INK, mfc=INK if fill else "white", label=group)
        words = listed(f"{name} {score.value:.2f}" for name, score in groups[group].items())
        told.append(f"{group}: {words}" if len(groups) > 1 else words)
    if any(name in BASELINES for name in names):
        axes.axhline(sum(name not in BASELINES for name in names) - 0.5, color=GRID, lw=1.5)
    if limit is not None:
        axes.axvline(limit, color=INK, ls="--", lw=1, zorder=0.5)
    axes.set_yticks(range(len(names)), names)
    axes.set_ylim(len(names) - 0.5, -0.5)
    axes.set_xlim(-0.02, 1.1)
    axes.set_xlabel(f"{xlabel}: {better}")
    axes.grid(axis="x", color=GRID)
    if len(groups) > 1:
        picture.legend(frameon=False, loc="outside lower center", ncols=len(groups), fontsize=9.5)
    text = "; ".join(told)
    return picture.describe(
        alt=f"{sentence(title)} Points with intervals; {xlabel}: {better}. {text}.",
        caption="Lines: 95% intervals. Gray: maps that ask no network.",
    )


@styled
def layer_curves(
    layers: Sequence[str], scores: Mapping[str, Sequence[Interval]], *, title: str, limit: float
) -> Picture:
    """Draw how similar maps stay while one layer after the other gets random weights.

    Args:
        layers: the layers in the order in which they get random weights.
        scores: dict from a method's name to its score for each layer. Maps that ask no network are named as in
            :data:`BASELINES`.
        title: what to see.
        limit: the pass mark, drawn as a dashed line.

    Returns:
        A Picture: a line for each method from 1, the trained network itself, named at its end.
    """
    picture = Picture(7.2, 4.2, title=title)
    axes = picture.subplots()
    steps, ends = np.arange(len(layers) + 1), []
    for name, found in scores.items():
        low, values, high = np.transpose([(1.0, 1.0, 1.0), *(each.ends for each in found)])
        color, style = _look(name, list(scores))
        axes.plot(steps, values, style, marker="o", ms=4, color=color)
        axes.fill_between(steps, low, high, color=color, alpha=0.18, lw=0)
        ends.append((values[-1], f"{name}: {values[-1]:.2f}", color))
    for height, (_, words, color) in zip(apart([end[0] for end in ends], 0.062), ends, strict=True):
        axes.text(steps[-1] + 0.12, height, words, color=color, va="center", fontsize=10)
    axes.axhline(limit, color=INK, ls="--", lw=1, zorder=0.5)
    axes.text(steps[-1] + 0.12, limit + 0.015, "to pass, end below this line", fontsize=9)
    axes.set_xticks(steps, ["trained", layers[0], *(f"+ {name}" for name in layers[1:])])
    axes.set_xlim(-0.15, steps[-1] + 0.52 * steps[-1])
    axes.set_ylim(-0.02, 1.05)
    axes.set_xlabel("layers with random weights", loc="left")
    axes.set_ylabel("rank correlation on the ink")
    axes.grid(axis="y", color=GRID)
    text = "; ".join(words for _, words, _ in ends)
    return picture.describe(
        alt=f"{sentence(title)} Lines that begin at 1, for the trained network. With all layers random: {text}.",
        caption="Numbers: with all layers random. Bands: 95% intervals. Gray: maps that ask no network.",
    )


@styled
def deletion_curves(erased: NDArray, scores: Mapping[str, NDArray], *, title: str) -> Picture:
    """Draw the probability of the class while ink is erased.

    Args:
        erased: floats (steps + 1,), the share of the ink that is erased.
        scores: dict from an order's name to probabilities (n, steps + 1). Orders that ask no network are named as in
            :data:`BASELINES`.
        title: what to see.

    Returns:
        A Picture: the mean curve of each order with its 95% interval.
    """
    picture = Picture(7.2, 4.8, title=title)
    axes = picture.subplots()
    areas = {}
    for name, each in scores.items():
        color, style = _look(name, list(scores))
        mean, reach = _interval(100 * each)
        axes.fill_between(100 * erased, mean - reach, mean + reach, color=color, alpha=0.18, lw=0)
        areas[name] = np.trapezoid(each, erased, axis=1).mean()
        axes.plot(100 * erased, mean, style, color=color, lw=2, label=f"{name}: {areas[name]:.2f}")
    axes.set_xlim(0, 100)
    axes.set_ylim(0, 101)
    axes.set_xlabel("ink erased (%)")
    axes.set_ylabel("probability of the prediction (%)")
    axes.grid(axis="y", color=GRID)
    lines, words = axes.get_legend_handles_labels()
    order = np.argsort(list(areas.values()))
    settings = {"frameon": False, "ncols": 3, "title": "order, and the mean height of its curve"}
    picture.legend([lines[i] for i in order], [words[i] for i in order], loc="outside lower center", **settings)
    text = "; ".join(f"{name} {area:.2f}" for name, area in areas.items())
    n = len(next(iter(scores.values())))
    return picture.describe(
        alt=f"{sentence(title)} Falling curves, one for each order of erasing. Mean heights: {text}.",
        caption=f"Means over {n} digits, bands: 95% intervals. A low curve is good. Gray: orders that ask no network.",
    )


def _interval(values: ArrayLike) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Give the mean over the first axis, and how far its 95% interval reaches to each side: 1.96 standard errors."""
    values = np.asarray(values, np.float64)
    return values.mean(axis=0), 1.96 * values.std(axis=0, ddof=1) / np.sqrt(len(values))


def _look(name: str, names: Sequence[str]) -> tuple[str, str]:
    """A method's color and its kind of line, the same in every picture of the same methods."""
    if name in BASELINES:
        return QUIET, BASELINES[name]
    return METHOD_COLORS[[each for each in names if each not in BASELINES].index(name)], "-"
