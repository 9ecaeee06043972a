"""Pictures of kernels and feature maps, and of one digit's way through the network."""

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import ArrayLike, NDArray

from lenet_tutorial.figures.picture import (
    COLORS,
    INK,
    OURS,
    QUIET,
    Picture,
    bare,
    draw_digit,
    listed,
    styled,
)

ACTIVATION = "viridis"  # 0 is dark, strong is bright; told apart by color-blind readers, and in gray
SIGNED = "RdBu_r"  # white is 0, red above, blue below
OWN = "Each map has its own scale: dark is 0, bright is its largest activation"
COLUMNS, SOME = 8, 8  # pairs in a row of a sheet; maps of a layer that stand for all
GAP = 1  # empty pixels between maps that stand side by side


def tiled(maps: NDArray, *, columns: int, gap: int = GAP) -> np.ma.MaskedArray:
    """Lay maps out side by side in one array, so that many are drawn as one image.

    Args:
        maps: numbers (n, height, width).
        columns: maps in a row.
        gap: empty pixels between them.

    Returns:
        A masked array (rows, columns) of pixels; the gaps are masked.
    """
    n, height, width = maps.shape
    rows = -(-n // columns)
    shape = (rows * (height + gap) - gap, columns * (width + gap) - gap)
    sheet = np.ma.masked_array(np.zeros(shape), mask=True)
    for i, one in enumerate(maps):
        top, left = (i // columns) * (height + gap), (i % columns) * (width + gap)
        sheet[top : top + height, left : left + width] = one
    return sheet


@styled
def paired_sheets(
    before: ArrayLike, after: ArrayLike, *, title: str, numbers: Sequence[int] | None = None, one_scale: bool = False
) -> Picture:
    """Draw kernels or feature maps in pairs, the untrained network's above the trained network's.

    Args:
        before, after: floats (n, height, width). If none is negative they are drawn as maps, else as kernels.
        title: what to see.
        numbers: integers (n,), the numbers of the channels; from 0 on if not given.
        one_scale: whether all share a scale, so that they can be compared; else each has its own.

    Returns:
        A Picture with a panel for each eight pairs.
    """
    before, after = np.asarray(before), np.asarray(after)
    numbers = range(len(before)) if numbers is None else numbers
    signed, reach = min(before.min(), after.min()) < 0, float(np.abs([before, after]).max())
    scaled = [each / reach if one_scale else _on_own_scales(each) for each in (before, after)]
    panels = -(-len(before) // COLUMNS)
    picture = Picture(7.2, 1.75 * panels + 0.5, title=title)
    for at, axes in enumerate(picture.subplots(panels, 1, squeeze=False)[:, 0]):
        cut = slice(at * COLUMNS, (at + 1) * COLUMNS)
        sheet = tiled(np.concatenate([each[cut] for each in scaled]), columns=len(scaled[0][cut]))
        axes.imshow(
            sheet, cmap=SIGNED if signed else ACTIVATION, vmin=-1 if signed else 0, vmax=1, interpolation="nearest"
        )
        bare(axes)
        height, width = (side + GAP for side in before.shape[1:])
        for row, name in enumerate(("untrained", "trained")):
            y = (row + 0.5) * height - 1
            axes.text(-0.03 * width - 0.5, y, name, rotation=90, ha="right", va="center", fontsize=9, color=QUIET)
        for column, number in enumerate(numbers[cut]):
            x = (column + 0.5) * width - 1
            axes.text(x, -0.5 - 0.04 * height, str(number), ha="center", va="bottom", fontsize=9, color=QUIET)
    what = "kernel" if signed else "map"
    scale = f"One scale for all {what}s" if one_scale else f"Each {what} has its own scale"
    colors = "red is above 0, blue below, white is 0" if signed else "dark is 0, bright is its largest activation"
    sizes = [np.abs(each).max(axis=(1, 2)) for each in (before, after)]
    largest = " and ".join(
        f"{np.median(each):.2f} {name}" for each, name in zip(sizes, ("untrained", "trained"), strict=True)
    )
    return picture.describe(
        alt=f"{title}. {len(before)} pairs of {what}s of {before.shape[1]} by {before.shape[2]}, the untrained one "
        f"above the trained one. The largest size in a {what}, median: {largest}.",
        caption=f"Above, untrained; below, the same channel trained. {scale}: {colors}. The largest size in a {what}, "
        f"median: {largest}.",
    )


@styled
def map_sheet(maps: ArrayLike, *, title: str, image: ArrayLike | None = None, columns: int = 8) -> Picture:
    """Draw feature maps side by side, each on a scale of its own from 0, dark, to its largest value, bright.

    Args:
        maps: floats (n, height, width), 0 or above.
        title: what to see.
        image: the digit (28, 28) that they belong to, floats in [0, 1], drawn beside them; or None.
        columns: maps in a row.

    Returns:
        A Picture; each map has its number in its corner.
    """
    maps = np.asarray(maps)
    rows, (height, width) = -(-len(maps) // columns), maps.shape[1:]
    share = 0.0 if image is None else 0.22
    picture = Picture(7.2, (1 - share) * 7.0 * rows / columns + 0.5, title=title)
    if image is None:
        axes = picture.subplots()
    else:
        beside, axes = picture.subplots(1, 2, width_ratios=(share, 1 - share))
        draw_digit(beside, image)
        beside.set_anchor("N")  # beside the first rows, where a learner looks first
    sheet = tiled(_on_own_scales(maps), columns=columns)
    axes.imshow(sheet, cmap=ACTIVATION, vmin=0, vmax=1, interpolation="nearest")
    bare(axes)
    for number in range(len(maps)):
        left, above = (number % columns) * (width + GAP) - 0.2, (number // columns) * (height + GAP) - 0.2
        label = axes.text(left, above, str(number), fontsize=7.5, color="white", va="top")
        label.set_in_layout(False)  # within the axes anyway, and measuring 64 texts takes time
    peaks = maps.max(axis=(1, 2))
    dead = np.sum(peaks == 0)
    return picture.describe(
        alt=f"{title}. {len(maps)} maps of {height} by {width}. The brightest is number {peaks.argmax()}; "
        f"{dead} are 0 everywhere.",
        caption=f"{OWN}. The largest activation, {peaks.max():.2f}, is in map {peaks.argmax()}. Exactly 0 everywhere: "
        f"{dead} of {len(maps)}.",
    )


def _on_own_scales(maps: NDArray) -> NDArray:
    """Divide each map (n, height, width) by its largest size, if that is above 0."""
    peaks = np.abs(maps).max(axis=(1, 2), keepdims=True)
    return maps / np.where(peaks > 0, peaks, 1)


@styled
def digit_journey(
    image: ArrayLike, networks: Mapping[str, tuple[Mapping[str, NDArray], ArrayLike]], *, title: str
) -> Picture:
    """Draw one digit on its way through a network, or through several: eight maps of each layer.

    Args:
        image: floats (28, 28) in [0, 1].
        networks: dict from a network's name to its feature maps and its probabilities (10,). The maps are a dict from
            a layer's name to floats (height, width, channels), in order.
        title: what to see.

    Returns:
        A Picture with a row for each network: the digit, the first eight maps of each layer that aren't 0 everywhere,
        and the ten probabilities.
    """
    shapes = {name: each.shape for name, each in next(iter(networks.values()))[0].items()}
    picture = Picture(7.2, 3.0 * len(networks) + 0.4, title=title)
    widths = (1.1, *[1.3] * len(shapes), 1.1)
    grid = picture.subplots(len(networks), len(widths), squeeze=False, width_ratios=widths)
    told = []
    for (first, *panels, last), (network, (maps, probabilities)) in zip(grid, networks.items(), strict=True):
        draw_digit(first, image)
        first.set_title(network or "the digit", fontsize=10, fontweight="bold")
        for axes, (name, each) in zip(panels, maps.items(), strict=True):
            _draw_some_maps(axes, name, each)
        best = int(np.argmax(probabilities))
        _draw_probabilities_downward(last, probabilities, best)
        told.append(f"{network or 'the network'} predicts {best} with {probabilities[best]:.1%}")
    layers = listed(f"{name} ({height} by {width})" for name, (height, width, _) in shapes.items())
    return picture.describe(
        alt=f"{title}. From left to right: the digit, {SOME} feature maps each of {layers}, and bars for ten "
        f"probabilities. {'; '.join(told)}.",
        caption=f"From left to right. Of each layer, the first {SOME} maps that aren't 0 everywhere. {OWN}. "
        f"{'; '.join(told)}.",
    )


def _draw_probabilities_downward(axes: Axes, probabilities: ArrayLike, marked: int) -> None:
    """Draw ten bars from 0 to 100%, the digit 0 on top, one of them marked in blue."""
    axes.barh(range(10), 100 * np.asarray(probabilities), color=QUIET)[marked].set_color(OURS)
    axes.set_xlim(0, 100)
    axes.set_xticks([0, 100], ["0", "100%"], fontsize=9)
    axes.set_yticks(range(10), range(10), fontsize=9)
    axes.invert_yaxis()
    axes.set_title("probability\nof each digit", fontsize=9.5)


def _draw_some_maps(axes: Axes, name: str, maps: NDArray) -> None:
    """Draw the first few maps (height, width, channels) that are not 0 everywhere, two in a row."""
    height, width, channels = maps.shape
    some = [each for each in np.moveaxis(maps, -1, 0) if each.any()][:SOME] or [maps[..., 0]]
    large = np.kron(_on_own_scales(np.stack(some)), np.ones((1, max(28 // height, 1), max(28 // width, 1))))
    axes.imshow(tiled(large, columns=2), cmap=ACTIVATION, vmin=0, vmax=1, interpolation="nearest")
    axes.set_title(f"{name}: {height} × {width}\n{len(some)} of {channels} maps", fontsize=9.5)
    bare(axes)


@styled
def restored_layers(accuracies: Mapping[str, Mapping[str, ArrayLike]], *, whole: float, title: str) -> Picture:
    """Draw the accuracy of a trained network in which one layer got other weights, drawn once or several times.

    Args:
        accuracies: dict from a kind of weights to a dict from a layer's name to accuracies (draws,) in [0, 1].
        whole: accuracy of the network as it was trained.
        title: what to see.

    Returns:
        A Picture of horizontal bars in groups, in percent: means, with a line from the lowest to the highest; a line
        for the whole network.
    """
    names = list(next(iter(accuracies.values())))
    picture = Picture(7.2, 0.62 * len(names) + 1.4, title=title)
    axes = picture.subplots()
    height, told = 0.8 / len(accuracies), []
    for i, (kind, each) in enumerate(accuracies.items()):
        where = np.arange(len(names)) - 0.4 + height * (i + 0.5)
        ends = np.array([[100 * end(each[name]) for name in names] for end in (np.mean, np.min, np.max)])
        axes.barh(where, ends[0], height * 0.9, color=(OURS, QUIET)[i], label=kind)
        axes.hlines(where, *ends[1:], color=INK, lw=1.5)
        for y, (mean, _, high) in zip(where, ends.T, strict=True):
            axes.text(high + 1 if high < 85 else 101, y, f"{mean:.1f}%", va="center", fontsize=9)
        told.append(f"{kind}: {listed(f'{name} {mean:.1f}%' for name, mean in zip(names, ends[0], strict=True))}")
    axes.axvline(100 * whole, color=INK, lw=1.2, ls="--", zorder=0.5)
    axes.text(100 * whole, -0.55, f"as trained: {100 * whole:.1f}%", fontsize=9, va="bottom", ha="right")
    axes.set_yticks(range(len(names)), names)
    axes.set_ylim(len(names) - 0.4, -0.9)
    axes.set_xlim(0, 112)
    axes.set_xlabel("accuracy (%)")
    picture.legend(frameon=False, loc="outside lower center", ncols=len(accuracies))
    return picture.describe(
        alt=f"{title}. Bars of accuracy. As trained {whole:.1%}. {'; '.join(told)}.",
        caption=f"As trained: {whole:.1%}. {'; '.join(told)}. Lines: from the lowest to the highest of several draws.",
    )


@styled
def change_by_layer(changes: Mapping[str, Mapping[str, float]], *, title: str, xlabel: str) -> Picture:
    """Draw how much each layer's output changes, for several networks.

    Args:
        changes: dict from a network's name to a dict from a layer's name to a share, 0 for no change at all. All have
            the same layers.
        title: what to see.
        xlabel: what the bars measure.

    Returns:
        A Picture of horizontal bars in groups, in percent.
    """
    layers = list(next(iter(changes.values())))
    picture = Picture(7.2, (0.1 + 0.18 * len(changes)) * len(layers) + 1.4, title=title)
    axes = picture.subplots()
    height = 0.8 / len(changes)
    for name, each, i in zip(changes, changes.values(), range(len(changes)), strict=True):
        where = np.arange(len(layers)) - 0.4 + height * (i + 0.5)
        shares = [100 * each[layer] for layer in layers]
        bars = axes.barh(where, shares, height * 0.9, color=(QUIET, OURS, COLORS[4])[i], label=name)
        axes.bar_label(bars, fmt="%.0f %%", padding=3, fontsize=9)
    axes.set_yticks(range(len(layers)), layers)
    axes.invert_yaxis()
    axes.set_xlim(0, axes.get_xlim()[1] * 1.08)
    axes.set_xlabel(xlabel)
    axes.legend(frameon=False, loc="lower right")
    text = "; ".join(
        f"{name}: {listed(f'{layer} {share:.1%}' for layer, share in each.items())}" for name, each in changes.items()
    )
    return picture.describe(alt=f"{title}. {text}.", caption=f"{text}.")
