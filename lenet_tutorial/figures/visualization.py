"""Pictures of what channels are for: kernels, patches, probes, class visualizations, projections."""

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.patches import Rectangle
from numpy.typing import ArrayLike, NDArray

from lenet_tutorial.evaluation import Accuracy
from lenet_tutorial.figures.maps import SIGNED, tiled
from lenet_tutorial.figures.picture import (
    COLORS,
    GRID,
    OURS,
    QUIET,
    TEXTBOOK,
    Picture,
    bare,
    draw_digit,
    framed,
    listed,
    styled,
)
from lenet_tutorial.studies.intervals import Interval

# Ten colors for ten classes (Paul Tol's "muted", darkened gray); the points have the shape of their digit as well.
CLASSES = ("#332288", "#117733", "#882255", "#1f78b4", "#999933", "#cc3311", "#44aa99", "#aa4499", "#b8860b", "#444444")

FOOT = 4  # pixels below a patch, for its class


@styled
def kernel_slices(kernel: ArrayLike, *, title: str) -> Picture:
    """Draw one kernel of a later layer, slice by slice, on one symmetric color scale.

    Args:
        kernel: floats (k, k, channels).
        title: what to see.

    Returns:
        A Picture: one small square for each channel of the kernel's input.
    """
    kernel = np.moveaxis(np.asarray(kernel), -1, 0)
    reach = float(np.abs(kernel).max())
    columns = 16
    rows = -(-len(kernel) // columns)
    picture = Picture(7.2, 0.42 * rows + 1.0, title=title)
    axes = picture.subplots()
    drawn = axes.imshow(tiled(kernel, columns=columns), cmap=SIGNED, vmin=-reach, vmax=reach, interpolation="nearest")
    bare(axes)
    picture.colorbar(drawn, ax=axes, orientation="horizontal", shrink=0.5, aspect=40, label="weight")
    size = kernel.shape[1]
    return picture.describe(
        alt=f"{len(kernel)} small squares of {size} by {size} weights, in shades of red and blue.",
        caption=f"{len(kernel)} slices of {size} × {size} weights, one for each map of the layer before. One color "
        f"scale from {-reach:.2f} (blue) to {reach:.2f} (red), white is 0.",
    )


@styled
def patch_origin(image: ArrayLike, patch: NDArray, *, row: int, column: int, activation: float) -> Picture:
    """Draw a digit with the square that one unit sees, and what it sees there.

    Args:
        image: floats (28, 28) in [0, 1].
        patch: floats (size, size) in [0, 1].
        row, column: where the patch starts; it may reach over the image's edge.
        activation: the unit's activation.

    Returns:
        A Picture of two panels.
    """
    size = len(patch)
    picture = Picture(7.2, 3.3, title="The patch that activates one channel most")
    whole, part = picture.subplots(1, 2)
    draw_digit(whole, image)
    whole.add_patch(Rectangle((column - 0.5, row - 0.5), size, size, fill=False, edgecolor=TEXTBOOK, linewidth=2.5))
    reach = (min(column, 0) - 1, max(column + size, 28)), (min(row, 0) - 1, max(row + size, 28))
    whole.set_xlim(reach[0][0], reach[0][1])
    whole.set_ylim(reach[1][1], reach[1][0])
    draw_digit(part, patch)
    whole.set_title("the digit")
    part.set_title(f"what the unit sees: {size} × {size}")
    return picture.describe(
        alt=f"A digit with a square of {size} by {size} pixels framed, and that square enlarged.",
        caption=f"The unit sees the framed {size} × {size} pixels and nothing else. Activation: {activation:.2f}.",
    )


@styled
def patch_sheet(rows: Mapping[str, tuple[ArrayLike, ArrayLike]], *, title: str, caption: str) -> Picture:
    """Draw patches in rows, such as a row for each channel or for each part of a channel's range.

    Args:
        rows: dict from a row's name, written on its left, to patches (n, size, size) in [0, 1] and the classes (n,) of
            the digits that they come from, each written below its patch. All have as many patches.
        title: what to see.
        caption: how to read it.

    Returns:
        A Picture; all patches on one scale, white paper to black ink.

    Raises:
        ValueError: a row has more or fewer patches than classes, or than another row.
    """
    shapes = [(*np.shape(patches), len(classes)) for patches, classes in rows.values()]
    if len(set(shapes)) > 1 or shapes[0][0] != shapes[0][-1]:
        raise ValueError(f"expected as many patches and classes in each row, got {shapes}")
    n, size = shapes[0][:2]
    picture = Picture(7.2, 0.66 * len(rows) + 0.5, title=title)
    axes = picture.subplots()
    patches = np.concatenate([patches for patches, _ in rows.values()])
    patches = np.ma.masked_invalid(np.pad(patches, ((0, 0), (0, FOOT), (0, 0)), constant_values=np.nan))
    axes.imshow(tiled(patches, columns=n, gap=2), cmap="gray_r", vmin=0, vmax=1, interpolation="nearest")
    axes.set_facecolor("#c7d2e0")
    bare(axes)
    text = []
    for row, (name, (_, classes)) in enumerate(rows.items()):
        top = row * (size + FOOT + 2)
        axes.text(-3, top + (size - 1) / 2, name, ha="right", va="center", fontsize=9.5)
        for column, digit in enumerate(classes):
            middle = column * (size + 2) + (size - 1) / 2
            axes.text(middle, top + size + (FOOT - 1) / 2, str(digit), ha="center", va="center", fontsize=9)
        text.append(f"{name}: {''.join(map(str, classes))}")
    return picture.describe(
        alt=f"{title}. {len(rows)} rows of {n} patches of {size} by {size} pixels, with the classes of their digits. "
        f"{'; '.join(text)}.",
        caption=f"{caption} Below each patch is the class of its digit.",
    )


@styled
def class_visualizations(
    rows: Mapping[str, ArrayLike],
    scores: Mapping[str, Sequence[float | str]],
    *,
    title: str,
    caption: str,
    outlined: tuple[int, int] | None = None,
) -> Picture:
    """Draw rows of images, one for each unit or class, with a score beneath each.

    Args:
        rows: dict from a row's name to images (n, height, width), floats in [0, 1]; n the same in every row.
        scores: dict from a row's name to n numbers, or n words.
        title: what to see.
        caption: how to read it.
        outlined: the first and the last row, and column, of a square that is outlined in every image.

    Returns:
        A Picture; all images on one scale, white paper to black ink.
    """
    columns = len(next(iter(rows.values())))
    picture = Picture(7.2, len(rows) * (6.7 / columns + 0.23) + 0.4, title=title)
    grid = picture.subplots(len(rows), columns, squeeze=False)
    text = []
    for line, (name, images) in zip(grid, rows.items(), strict=True):
        words = [each if isinstance(each, str) else f"{each:.1f}" for each in scores[name]]
        for axes, image, word in zip(line, images, words, strict=True):
            draw_digit(axes, image)
            if outlined:
                start, size = outlined[0] - 0.5, outlined[1] - outlined[0] + 1
                axes.add_patch(Rectangle((start, start), size, size, fill=False, edgecolor=TEXTBOOK, linewidth=1.2))
            axes.set_xlabel(word, fontsize=9.5, labelpad=2)
        line[0].set_ylabel(name, fontsize=9.5)
        text.append(f"{name}: {', '.join(words)}")
    return picture.describe(alt=f"{title}. From left to right, {'; '.join(text)}.", caption=caption)


@styled
def class_costs(costs: Mapping[str, Sequence[Interval]], *, title: str) -> Picture:
    """Draw what a change of the network costs each class in accuracy.

    Args:
        costs: dict from a change's name to the ten classes' accuracy before minus accuracy after, -1 to 1.
        title: what to see.

    Returns:
        A Picture: for each class a point with its interval for every change, in percentage points.
    """
    picture = Picture(7.2, 4.2, title=title)
    axes = picture.subplots()
    told = []
    for i, (name, given) in enumerate(costs.items()):
        low, value, high = _ends(given)
        where = np.arange(10) + 0.22 * (i - (len(costs) - 1) / 2)
        axes.errorbar(where, value, [value - low, high - value], fmt="os^D"[i], ms=5.5, color=COLORS[i], label=name)
        worst = int(value.argmax())
        told.append(f"{name}: {value.min():.1f} to {value.max():.1f} points, most for the {worst}s")
    axes.axhline(0, color=QUIET, lw=1)
    axes.set_xticks(range(10))
    axes.set_xlabel("true digit")
    axes.set_ylabel("accuracy lost (points)")
    axes.grid(axis="y", color=GRID)
    picture.legend(frameon=False, loc="outside lower center", ncols=2, fontsize=9.5)
    text = "; ".join(told)
    return picture.describe(
        alt=f"{title}. Points with intervals for ten classes. {text}.",
        caption="Lines: 95% intervals. Above 0, accuracy is lost.",
    )


@styled
def accuracy_curves(
    places: Sequence[str | int],
    curves: Mapping[str, Sequence[Interval | Accuracy]],
    *,
    title: str,
    xlabel: str,
    caption: str,
    levels: Mapping[str, float] | None = None,
    floor: float = 0.0,
) -> Picture:
    """Draw accuracies at some places, such as layers, with their intervals.

    Args:
        places: what stands below each point; the first line of it is its name.
        curves: dict from a name to an accuracy with its interval, 0 to 1, at each place: an ``Interval``, or an
            ``Accuracy``.
        title: what to see.
        xlabel: what the places are.
        caption: how to read it.
        levels: dict from a name to an accuracy, drawn as a dashed line; below the floor its name alone is written.
        floor: where the axis of accuracy starts, in [0, 1].

    Returns:
        A Picture: the values are written beside their points, above the highest and below the lowest.
    """
    picture = Picture(7.2, 4.2, title=title)
    axes = picture.subplots()
    ends = {name: _ends(given) for name, given in curves.items()}
    told = []
    for i, (name, (low, values, high)) in enumerate(ends.items()):
        axes.plot(range(len(places)), values, "os^"[i] + "-", color=COLORS[i], label=name)
        axes.fill_between(range(len(places)), low, high, color=COLORS[i], alpha=0.25, lw=0)
        for x, value in enumerate(values):
            others = [other[1][x] for other in ends.values()]
            ha, va, offset = ("center", "top", (0, -9)) if value == min(others) else ("left", "center", (9, 0))
            if value == max(others):
                ha, va, offset = "center", "bottom", (0, 9)
            words = {"ha": ha, "va": va, "color": COLORS[i], "fontsize": 9, "textcoords": "offset points"}
            axes.annotate(f"{value:.1f}", (x, value), offset, **words)
        named = [f"{str(place).splitlines()[0]} {value:.1f}%" for place, value in zip(places, values, strict=True)]
        told.append(f"{name}: {listed(named)}")
    low_ones = 0
    for name, level in (levels or {}).items():
        words, quiet = f"{name}: {level:.1%}", {"color": QUIET, "fontsize": 9}
        if level >= floor:
            axes.axhline(100 * level, color=QUIET, ls="--", lw=1.2)
            axes.text(-0.38, 100 * level + 0.4, words, va="bottom", **quiet)
        else:
            axes.text(0.99, 0.03 + 0.06 * low_ones, f"↓ {words}", ha="right", transform=axes.transAxes, **quiet)
            low_ones += 1
        told.append(words)
    axes.set_xticks(range(len(places)), places)
    axes.set_xlim(-0.4, len(places) - 0.6)
    axes.set_ylim(100 * floor, 106 - 6 * floor)
    axes.set_xlabel(xlabel)
    axes.set_ylabel("accuracy (%)")
    axes.grid(axis="y", color=GRID)
    picture.legend(frameon=False, loc="outside lower center", ncols=len(curves))
    return picture.describe(alt=f"{title}. Curves of accuracy. {'; '.join(told)}.", caption=caption)


def _ends(intervals: Sequence[Interval | Accuracy]) -> NDArray[np.float64]:
    """The lower ends, the values and the upper ends of some shares, in percent: (3, n)."""
    shares = np.transpose([(each.low, each.value, each.high) for each in intervals])
    return np.round(100 * shares, 9)  # so that a mean of equal shares is written as one of them is


@styled
def projections(views: Mapping[str, ArrayLike], labels: ArrayLike, *, title: str, caption: str) -> Picture:
    """Draw projected features, each point in the shape and the color of its digit.

    Args:
        views: dict from a name to points (n, 2).
        labels: integers (n,) from 0 to 9.
        title: what to see.
        caption: how to read it.

    Returns:
        A Picture of panels, two in a row; an axis has no unit of its own, so it has no ticks.
    """
    labels = np.asarray(labels)
    rows = -(-len(views) // 2)
    picture = Picture(7.2, 3.75 * rows + 0.4, title=title)
    for axes, (name, points) in zip(picture.subplots(rows, 2).flat, views.items(), strict=False):
        for digit, color in enumerate(CLASSES):
            across, up = np.asarray(points)[labels == digit].T
            axes.scatter(across, up, s=26, marker=f"${digit}$", color=color, linewidths=0)
        axes.set_title(name)
        framed(axes)
    return picture.describe(
        alt=f"{title}. {len(labels)} digits as points in {len(views)} panels. {caption}", caption=caption
    )


@styled
def cluster_projections(views: Mapping[str, ArrayLike], groups: ArrayLike, *, title: str) -> Picture:
    """Draw the same groups of points in several views, and measure their gaps and widths in each.

    Args:
        views: dict from a name to points (n, 2).
        groups: integers (n,) from 0, three of them, in a line.
        title: what to see.

    Returns:
        A Picture of panels side by side, each with one scale for both its axes and with what was measured above it.
    """
    groups = np.asarray(groups)
    picture = Picture(7.2, 7.2 / len(views) + 0.7, title=title)
    text = []
    for axes, (name, points) in zip(picture.subplots(1, len(views), squeeze=False)[0], views.items(), strict=True):
        each = [np.asarray(points)[groups == group] for group in range(groups.max() + 1)]
        for own, color, mark in zip(each, (OURS, TEXTBOOK, QUIET), "os^", strict=True):
            axes.scatter(*own.T, s=14, color=color, marker=mark, linewidths=0)
        axes.set_aspect("equal", adjustable="datalim")
        axes.margins(0.12)
        framed(axes)
        gaps, widths = _gaps_and_widths(points, groups)
        measured = f"second gap: {gaps[1] / gaps[0]:.1f} times the first"
        wide = f"widths: {listed(f'{width / widths[0]:.1f}' for width in widths)}"
        axes.set_title(f"{name}\n{measured}\n{wide}")
        text.append(f"{name}, {measured}, {wide}")
    caption = "Circles: the first group; squares: the second; triangles: the last. The width of the first group is 1.0."
    return picture.describe(
        alt=f"{title}. Three groups of points in {len(views)} views. {'. '.join(text)}. {caption}", caption=caption
    )


def _gaps_and_widths(points, groups):
    """Measure groups of points: the distances from each group's middle to the next one's, and their own widths.

    Args:
        points: floats (n, d).
        groups: integers (n,) from 0.

    Returns:
        Two float arrays: (groups - 1,) distances, and (groups,) root mean square distances from the group's middle.
    """
    points, groups = np.asarray(points, np.float64), np.asarray(groups)
    each = [points[groups == group] for group in range(groups.max() + 1)]
    middles = np.stack([own.mean(axis=0) for own in each])
    widths = [np.sqrt(((own - own.mean(axis=0)) ** 2).sum(axis=1).mean()) for own in each]
    return np.linalg.norm(np.diff(middles, axis=0), axis=1), np.array(widths)
