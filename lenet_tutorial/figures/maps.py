"""Pictures of kernels and feature maps, and of one digit's way through the network."""

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.gridspec import GridSpecFromSubplotSpec
from numpy.typing import ArrayLike, NDArray

from lenet_tutorial.figures.picture import OURS, QUIET, Picture, bare, draw_digit, draw_probabilities, listed, styled

ACTIVATION = "viridis"  # 0 is dark, strong is bright; told apart by color-blind readers, and in gray
SIGNED = "RdBu_r"  # white is 0, red above, blue below
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
    """Draw all kernels of a layer before and after training, on one symmetric color scale.

    Args:
        before, after: floats (n, k, k).

    Returns:
        A Picture of two sheets; kernel number i has the same position in both.
    """
    reach = max(np.abs(before).max(), np.abs(after).max())
    picture = Picture(7.2, 3.1, title="The kernels of the first layer, before and after training")
    panels = picture.subplots(1, 2)
    for axes, kernels, name in zip(panels, (before, after), ("before", "after"), strict=True):
        drawn = axes.imshow(tiled(kernels, columns=8, gap=2), cmap=SIGNED, vmin=-reach, vmax=reach)
        axes.set_title(name, fontweight="bold", pad=18)  # above the numbers of the columns
        bare(axes)
        for number in range(0, len(kernels), 8):
            row = number // 8 * (kernels.shape[1] + 2) + (kernels.shape[1] - 1) / 2
            axes.text(-1.3, row, str(number), ha="right", va="center", fontsize=8.5, color=QUIET)
        for number in range(min(len(kernels), 8)):
            column = number * (kernels.shape[2] + 2) + (kernels.shape[2] - 1) / 2
            axes.text(column, -1.1, f"+{number}", ha="center", va="bottom", fontsize=8.5, color=QUIET)
    picture.colorbar(drawn, ax=panels, orientation="horizontal", shrink=0.5, aspect=40, label="weight")
    sizes = [np.abs(kernels).mean() for kernels in (before, after)]
    return picture.describe(
        alt=f"Two sheets of {len(before)} kernels of {before.shape[1]} by {before.shape[2]} weights, before and after "
        f"training, in one color scale. The mean size of a weight is {sizes[0]:.3f} before and {sizes[1]:.3f} after.",
        caption=f"{len(before)} kernels, the same one in the same place in both. A kernel's number: that of its row "
        f"plus that of its column. One color scale from {-reach:.2f} (blue) to {reach:.2f} (red), white is 0. Mean "
        f"size of a weight: {sizes[0]:.3f} before, {sizes[1]:.3f} after.",
    )


@styled
def map_sheet(maps: ArrayLike, *, title: str, image: ArrayLike | None = None, columns: int = 8) -> Picture:
    """Draw feature maps side by side, on one color scale from 0 to their largest value.

    Args:
        maps: floats (n, height, width), 0 or above.
        title: what to see.
        image: the digit (28, 28) that they belong to, floats in [0, 1], drawn beside them; or None.
        columns: maps in a row.

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
    axes.imshow(tiled(maps, columns=columns, gap=GAP), cmap=ACTIVATION, vmin=0, vmax=top)
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
        caption=f"One color scale for all: dark is 0, bright is {top:.2f}. Brightest: map {peaks.argmax()}. "
        f"Exactly 0 everywhere: {dead} of {len(maps)}; a map that answers weakly looks black, too.",
    )


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
        axes.imshow(tiled(np.moveaxis(each, -1, 0), columns=8), cmap=ACTIVATION, vmin=0, vmax=max(each.max(), 1e-9))
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
        caption="From left to right, then the second row. Each layer has a color scale of its own, from 0 (dark) to "
        "its largest value (bright). Share of values that are exactly 0: "
        + ", ".join(f"{name} {share}" for name, share in dark.items())
        + f". The answer is {best}, with {probabilities[best]:.1%}.",
    )


@styled
def maps_by_digit(
    images: ArrayLike, titles: Sequence[str], maps: Mapping[str, NDArray], *, title: str, caption: str
) -> Picture:
    """Draw digits in one row, and beneath each the feature maps of one kernel, or several.

    Args:
        images: floats (n, 28, 28) in [0, 1].
        titles: n words, what each picture shows.
        maps: dict from a name to maps (n, height, width), 0 or above; one row each.
        title: what to see.
        caption: how to read it; the color scale is added.

    Returns:
        A Picture; all maps on one color scale.
    """
    top = max(max(float(each.max()) for each in maps.values()), 1e-9)
    picture = Picture(7.2, (1 + len(maps)) * 7.0 / len(images) + 0.55, title=title)
    grid = picture.subplots(1 + len(maps), len(images), squeeze=False)
    for axes, image in zip(grid[0], images, strict=True):
        draw_digit(axes, image)
    for row, (name, each) in zip(grid[1:], maps.items(), strict=True):
        for axes, one in zip(row, each, strict=True):
            axes.imshow(one, cmap=ACTIVATION, vmin=0, vmax=top)
            bare(axes)
        row[0].set_ylabel(name, fontsize=8.5)
    strongest = {name: titles[int(each.max(axis=(1, 2)).argmax())] for name, each in maps.items()}
    text = "; ".join(f"{name} is brightest over {which}" for name, which in strongest.items())
    return picture.describe(
        alt=f"{title}. {len(images)} pictures in a row, and beneath each its maps: {text}.",
        caption=f"{caption} One color scale: dark is 0, bright is {top:.2f}; {text}.",
    )


@styled
def stroke_activations(
    strokes: Mapping[str, ArrayLike], kernels: NDArray, maps: NDArray, *, numbers: Sequence[int]
) -> Picture:
    """Draw strokes, the kernel that prefers each most, and its feature map.

    Args:
        strokes: dict from a stroke's name to its picture (28, 28), floats in [0, 1].
        kernels: floats (n, k, k), the winning kernels in the order of the strokes.
        maps: floats (n, height, width), their feature maps of the strokes.
        numbers: integers (n,), which kernels they are.

    Returns:
        A Picture of three rows; kernels on one symmetric scale, maps on one scale from 0.
    """
    picture = Picture(7.2, 5.2, title="For each stroke, the kernel with the strongest preference")
    grid = picture.subplots(3, len(strokes), squeeze=False)
    reach, top = np.abs(kernels).max(), max(float(maps.max()), 1e-9)
    for column, (name, stroke) in enumerate(strokes.items()):
        draw_digit(grid[0, column], stroke)
        grid[0, column].set_title(name)
        grid[1, column].imshow(kernels[column], cmap=SIGNED, vmin=-reach, vmax=reach)
        grid[1, column].set_title(f"kernel {numbers[column]}")
        grid[2, column].imshow(maps[column], cmap=ACTIVATION, vmin=0, vmax=top)
        grid[2, column].set_title("its map")
        bare(grid[1, column])
        bare(grid[2, column])
    text = listed(f"{name}: kernel {number}" for name, number in zip(strokes, numbers, strict=True))
    return picture.describe(
        alt=f"Strokes, and beneath each the first-layer kernel that prefers it most, with its map. {text}.",
        caption=f"{text}. Kernels: one scale from {-reach:.2f} (blue) to {reach:.2f} (red). Maps: dark is 0, bright is "
        f"{top:.2f}.",
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
