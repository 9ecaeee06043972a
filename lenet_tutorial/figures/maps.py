"""Pictures of kernels and feature maps, and of one digit's way through the network."""

from collections.abc import Mapping

import numpy as np
from matplotlib.gridspec import GridSpecFromSubplotSpec
from numpy.typing import ArrayLike, NDArray

from lenet_tutorial.figures.picture import (
    INK,
    OURS,
    QUIET,
    Picture,
    bare,
    draw_digit,
    draw_probabilities,
    listed,
    styled,
)

ACTIVATION = "viridis"  # 0 is dark, strong is bright; told apart by color-blind readers, and in gray
SIGNED = "RdBu_r"  # white is 0, red above, blue below
OWN = "Each map has its own scale: dark is 0, bright is its largest activation"
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
def kernel_sheets(before: NDArray, after: NDArray) -> Picture:
    """Draw all kernels of a layer before and after training, each on a scale of its own, so that its pattern shows.

    Args:
        before, after: floats (n, k, k).

    Returns:
        A Picture of two sheets; kernel number i has the same position in both.
    """
    picture = Picture(7.2, 3.0, title="The kernels of the first layer")
    for axes, kernels, name in zip(picture.subplots(1, 2), (before, after), ("untrained", "trained"), strict=True):
        own = kernels / np.maximum(np.abs(kernels).max(axis=(1, 2), keepdims=True), 1e-9)
        axes.imshow(tiled(own, columns=8, gap=2), cmap=SIGNED, vmin=-1, vmax=1, interpolation="nearest")
        axes.set_title(name, fontweight="bold", pad=18)  # above the numbers of the columns
        bare(axes)
        for number in range(0, len(kernels), 8):
            row = number // 8 * (kernels.shape[1] + 2) + (kernels.shape[1] - 1) / 2
            axes.text(-1.3, row, str(number), ha="right", va="center", fontsize=8.5, color=QUIET)
        for number in range(min(len(kernels), 8)):
            column = number * (kernels.shape[2] + 2) + (kernels.shape[2] - 1) / 2
            axes.text(column, -1.1, f"+{number}", ha="center", va="bottom", fontsize=8.5, color=QUIET)
    sizes = [np.abs(kernels).mean() for kernels in (before, after)]
    return picture.describe(
        alt=f"Two sheets of {len(before)} kernels of {before.shape[1]} by {before.shape[2]} weights, untrained and "
        f"trained. The mean size of a weight is {sizes[0]:.3f} and {sizes[1]:.3f}.",
        caption="Each kernel has its own scale: red is above 0, blue below, and the darkest color is its largest "
        "weight. A kernel's number is that of its row plus that of its column. Mean size of a weight: "
        f"{sizes[0]:.3f} untrained, {sizes[1]:.3f} trained.",
    )


@styled
def map_sheet(
    maps: ArrayLike, *, title: str, image: ArrayLike | None = None, columns: int = 8, one_scale: bool = True
) -> Picture:
    """Draw feature maps side by side, from 0, dark, to the largest value, bright.

    Args:
        maps: floats (n, height, width), 0 or above.
        title: what to see.
        image: the digit (28, 28) that they belong to, floats in [0, 1], drawn beside them; or None.
        columns: maps in a row.
        one_scale: whether all maps share a scale, so that they can be compared; else each has its own.

    Returns:
        A Picture; each map has its number in its corner.
    """
    maps = np.asarray(maps)
    top = max(float(maps.max()), 1e-9)
    rows, (height, width) = -(-len(maps) // columns), maps.shape[1:]
    share = 0.0 if image is None else 0.22
    picture = Picture(7.2, (1 - share) * 7.0 * rows / columns + 0.5, title=title)
    if image is None:
        axes = picture.subplots()
    else:
        beside, axes = picture.subplots(1, 2, width_ratios=(share, 1 - share))
        draw_digit(beside, image)
        beside.set_anchor("N")  # beside the first rows, where a learner looks first
    drawn, reach = (maps, top) if one_scale else (_on_own_scales(maps), 1)
    axes.imshow(tiled(drawn, columns=columns, gap=GAP), cmap=ACTIVATION, vmin=0, vmax=reach)
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
        caption=f"{f'One scale for all maps: dark is 0, bright is {top:.2f}' if one_scale else OWN}. The largest "
        f"activation, {top:.2f}, is in map {peaks.argmax()}. Exactly 0 everywhere: {dead} of {len(maps)}.",
    )


def _on_own_scales(maps: NDArray) -> NDArray:
    """Divide each map (n, height, width) by its largest value, if it has one above 0."""
    peaks = maps.max(axis=(1, 2), keepdims=True)
    return maps / np.where(peaks > 0, peaks, 1)


@styled
def digit_journey(
    image: ArrayLike, maps: Mapping[str, NDArray], features: NDArray, probabilities: ArrayLike
) -> Picture:
    """Draw one digit on its whole way through the network.

    Args:
        image: floats (28, 28) in [0, 1].
        maps: dict from a layer's name to its feature maps (height, width, channels), in order.
        features: floats (n,), the neurons of the fully connected layer.
        probabilities: floats (10,).

    Returns:
        A Picture: the digit, a sheet of maps a layer, the neurons as a square, and the ten probabilities.
    """
    picture = Picture(7.2, 4.6, title="One digit, all the way through")
    grid = picture.add_gridspec(2, 1, height_ratios=(1, 1.15))
    above = GridSpecFromSubplotSpec(1, 3, grid[0], width_ratios=(0.55, 1, 1))
    below = GridSpecFromSubplotSpec(1, 4, grid[1], width_ratios=(1, 1, 0.8, 1))
    positions = [above[1], above[2], below[0], below[1]]
    start = picture.add_subplot(above[0])
    draw_digit(start, image)
    start.set_title("image\n28 × 28", fontsize=10)
    for position, (name, each) in zip(positions, maps.items(), strict=True):
        axes = picture.add_subplot(position)
        height, width, channels = each.shape
        own = _on_own_scales(np.moveaxis(each, -1, 0))
        axes.imshow(tiled(own, columns=8), cmap=ACTIVATION, vmin=0, vmax=1, interpolation="nearest")
        axes.set_title(f"{name}\n{channels} maps of {height} × {width}", fontsize=10)
        bare(axes)
    axes = picture.add_subplot(below[2])
    side = int(np.sqrt(len(features)))
    axes.imshow(features[: side * side].reshape(side, side), cmap=ACTIVATION, vmin=0, vmax=max(features.max(), 1e-9))
    axes.set_title(f"dense\n{len(features):,} neurons", fontsize=10)
    bare(axes)
    axes = picture.add_subplot(below[3])
    best = int(np.argmax(probabilities))
    draw_probabilities(axes, probabilities, best)
    axes.set_xticks(range(10))
    axes.set_title("output\nprobability (%)", fontsize=10)
    steps = listed(f"{name} ({each.shape[2]} maps, {each.shape[0]} by {each.shape[1]})" for name, each in maps.items())
    dark = {name: f"{np.mean(each == 0):.1%}" for name, each in maps.items()}
    return picture.describe(
        alt=f"A digit, then what it becomes: {steps}, {len(features)} neurons, and ten bars, of which {best} is the "
        f"highest with {probabilities[best]:.1%}.",
        caption=f"From left to right, then the second row. {OWN}. Share of values that are exactly 0: "
        + ", ".join(f"{name} {share}" for name, share in dark.items())
        + f". The prediction is {best}, with {probabilities[best]:.1%}.",
    )


@styled
def restored_layers(accuracies: Mapping[str, Mapping[str, float]], *, whole: float, title: str) -> Picture:
    """Draw the accuracy of a trained network in which one layer got other weights.

    Args:
        accuracies: dict from a kind of weights to a dict from a layer's name to an accuracy in [0, 1].
        whole: accuracy of the network as it was trained.
        title: what to see.

    Returns:
        A Picture of horizontal bars in groups, in percent; a line for the whole network.
    """
    names = list(next(iter(accuracies.values())))
    picture = Picture(7.2, 0.62 * len(names) + 1.4, title=title)
    axes = picture.subplots()
    height = 0.8 / len(accuracies)
    for i, (kind, each) in enumerate(accuracies.items()):
        where = np.arange(len(names)) - 0.4 + height * (i + 0.5)
        bars = axes.barh(where, [100 * each[name] for name in names], height * 0.9, color=(OURS, QUIET)[i], label=kind)
        axes.bar_label(bars, fmt="%.1f %%", padding=3, fontsize=9)
    axes.axvline(100 * whole, color=INK, lw=1.2, ls="--")
    axes.text(100 * whole + 0.8, -0.62, f"as trained: {100 * whole:.1f} %", fontsize=9, va="bottom", ha="right")
    axes.set_yticks(range(len(names)), names)
    axes.set_ylim(len(names) - 0.4, -0.9)
    axes.set_xlim(0, 112)
    axes.set_xlabel("accuracy on the test digits (%)")
    picture.legend(frameon=False, loc="outside lower center", ncols=len(accuracies))
    text = "; ".join(
        f"{kind}: {listed(f'{name} {share:.1%}' for name, share in each.items())}" for kind, each in accuracies.items()
    )
    return picture.describe(
        alt=f"{title}. Bars of accuracy. As trained {whole:.1%}. {text}.", caption=f"As trained: {whole:.1%}. {text}."
    )


@styled
def change_by_layer(changes: Mapping[str, Mapping[str, float]], *, title: str, xlabel: str) -> Picture:
    """Draw how much each layer's output changes, for several kinds of change.

    Args:
        changes: dict from a kind of change to a dict from a layer's name to a share, 0 for no change at all.
        title: what to see.
        xlabel: what the bars measure.

    Returns:
        A Picture of horizontal bars in groups, in percent.
    """
    layers = list(next(iter(changes.values())))
    picture = Picture(7.2, 0.45 * len(layers) + 1.5, title=title)
    axes = picture.subplots()
    height = 0.8 / len(changes)
    for i, (name, each) in enumerate(changes.items()):
        where = np.arange(len(layers)) - 0.4 + height * (i + 0.5)
        shares = [100 * each[layer] for layer in layers]
        bars = axes.barh(where, shares, height * 0.9, color=(QUIET, OURS)[i], label=name)
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
