"""Pictures of the network's parts: values, parameters, receptive fields, one kernel at work."""

import math
from collections.abc import Mapping, Sequence
from typing import Protocol

import numpy as np
from matplotlib.patches import Rectangle
from numpy.typing import ArrayLike, NDArray
from scipy.signal import correlate2d

from lenet_tutorial.figures.picture import (
    INK,
    OURS,
    QUIET,
    TEXTBOOK,
    Picture,
    draw_digit,
    listed,
    styled,
)
from lenet_tutorial.textbook import Layer


class Field(Protocol):
    """The part of the image that a unit sees, such as :class:`lenet_tutorial.inspection.ReceptiveField`."""

    size: int
    stride: int
    start: int


GAP, SLOT = 14, 66  # between two layers, and the least width of one with its name, in values


@styled
def network_values(outputs: Mapping[str, ArrayLike]) -> Picture:
    """Draw what every layer gives for one image: one small pixel is one number, in all layers on the same scale.

    Maps lie side by side in a square; a row of numbers is folded into a rectangle.

    Args:
        outputs: dict from a layer's name to its output for one image, (height, width, channels) or (n,).

    Returns:
        A Picture; each layer from 0, dark, to its largest activation, bright.
    """
    picture = Picture(7.2, 2.9, title="One digit on its way: every small pixel is a number")
    axes = picture.subplots()
    axes.set_axis_off()
    axes.set_aspect("equal")
    x, sizes = 0.0, {}
    for name, output in outputs.items():
        output = np.asarray(output)
        sheet, sizes[name] = _sheet(output), output.size
        height, width = sheet.shape
        slot = max(width, SLOT)
        left = x + (slot - width) / 2
        place = (left, left + width, -height / 2, height / 2)
        axes.imshow(sheet, cmap="viridis", vmin=0, extent=place, interpolation="nearest")
        shape = "×".join(str(side) for side in output.shape)
        axes.text(x + slot / 2, -104, f"{name}\n{shape}", ha="center", va="top", fontsize=8.5, linespacing=1.4)
        axes.text(x + slot / 2, height / 2 + 5, f"{output.size:,}", ha="center", fontsize=8.5)
        x += slot + GAP
    axes.set_xlim(-4, x - GAP + 4)
    axes.set_ylim(-150, 112)
    text = listed(f"{name} {size:,}" for name, size in sizes.items())
    return picture.describe(
        alt=f"Squares from left to right, one for each layer, whose area is its number of values: {text}.",
        caption=f"Above each layer, how many numbers it gives: {text}. Each layer is drawn from 0 (dark) to its own "
        "largest number (bright). The maps of a layer lie side by side.",
    )


def _sheet(output: NDArray) -> NDArray:
    """Lay maps side by side in about a square, and fold a row of numbers; what is not filled is NaN."""
    if output.ndim == 1:
        rows = next(n for n in range(math.isqrt(len(output)), 0, -1) if len(output) % n == 0)
        return output.reshape(-1, rows)
    height, width, count = output.shape
    columns = math.ceil(math.sqrt(count))
    sheet = np.full((math.ceil(count / columns) * height, columns * width), np.nan)
    for channel in range(count):
        row, column = divmod(channel, columns)
        sheet[row * height : (row + 1) * height, column * width : (column + 1) * width] = output[:, :, channel]
    return sheet


@styled
def parameter_shares(layers: Sequence[Layer]) -> Picture:
    """Draw how many parameters each layer has, on a linear scale.

    Args:
        layers: a sequence of :class:`lenet_tutorial.textbook.Layer`; those without parameters are left out.

    Returns:
        A Picture of horizontal bars.
    """
    layers = [layer for layer in layers if layer.parameters]
    counts = np.array([layer.parameters for layer in layers])
    biggest = layers[int(counts.argmax())].name
    share = counts.max() / counts.sum()
    picture = Picture(7.2, 2.5, title=f"One layer holds {share:.1%} of the parameters: {biggest}")
    axes = picture.subplots()
    colors = [TEXTBOOK if layer.name == biggest else OURS for layer in layers]
    axes.barh(range(len(layers)), counts, color=colors, height=0.65)
    for row, count in enumerate(counts):
        axes.text(
            count + counts.max() * 0.01, row, f"{count:,} ({count / counts.sum():.2%})", va="center", fontsize=9.5
        )
    axes.set_yticks(range(len(layers)), [layer.name for layer in layers])
    axes.invert_yaxis()
    axes.set_xlim(0, counts.max() * 1.27)
    axes.set_xlabel("parameters (millions)")
    axes.xaxis.set_major_formatter(lambda count, _: f"{count / 1e6:g}")
    text = listed(f"{layer.name} {layer.parameters:,}" for layer in layers)
    return picture.describe(
        alt=f"Horizontal bars of the parameters a layer: {text}. All but {biggest} are slivers.",
        caption=f"{counts.sum():,} parameters in all; every layer but {biggest} together has "
        f"{counts.sum() - counts.max():,}.",
    )


@styled
def receptive_fields(image: ArrayLike, fields: Mapping[str, Field], *, row: int, column: int) -> Picture:
    """Draw on a digit how much of it one unit of each layer sees.

    Args:
        image: digit (28, 28), floats in [0, 1].
        fields: dict from a layer's name to its ``ReceptiveField``.
        row, column: the pixel on which the fields are to lie, 0 to 27.

    Returns:
        A Picture, one panel a layer.
    """
    title = "Each layer sees a wider part of the digit"
    picture = Picture(7.2, 2.6, title=title)
    panels = picture.subplots(1, len(fields), squeeze=False)[0]
    for axes, (name, field) in zip(panels, fields.items(), strict=True):
        draw_digit(axes, image)
        unit = ((row - field.start) // field.stride, (column - field.start) // field.stride)
        middle = field.size // (2 * field.stride)
        top, left = (field.start + (each - middle) * field.stride for each in unit)
        axes.add_patch(
            Rectangle((left - 0.5, top - 0.5), field.size, field.size, facecolor=OURS, alpha=0.25, edgecolor="none")
        )
        axes.add_patch(
            Rectangle((left - 0.5, top - 0.5), field.size, field.size, fill=False, edgecolor=OURS, linewidth=2)
        )
        axes.set_title(f"{name}\n{field.size} × {field.size}")
    text = listed(f"{name} {field.size} by {field.size}" for name, field in fields.items())
    return picture.describe(
        alt=f"The same digit {len(fields)} times, each with a square that one number of a layer's output sees, in "
        f"pixels: {text}.",
        caption="Squares: the pixels that one number of a layer's output sees. "
        + "; ".join(f"{name}: {f.size} × {f.size}, neighbors {f.stride} apart" for name, f in fields.items())
        + ".",
    )


@styled
def kernel_at_work(patch: ArrayLike, kernel: ArrayLike, bias: float) -> Picture:
    """Draw one output value of a convolution: patch times kernel, summed, plus bias.

    Args:
        patch: floats (k, k) in [0, 1], a piece of the image.
        kernel: floats (k, k), the weights.
        bias: one float.

    Returns:
        A Picture of three panels; kernel and products share one symmetric color scale.
    """
    products = np.asarray(patch) * kernel
    reach = max(np.abs(kernel).max(), np.abs(products).max())
    bias = round(float(bias), 3) + 0.0  # no "-0.000"
    total = products.sum() + bias
    picture = Picture(7.2, 3.0, title="One output value: multiply, add up, add the bias")
    panels = picture.subplots(1, 3)
    colors = ({"cmap": "gray_r", "vmin": 0, "vmax": 1}, *[{"cmap": "RdBu_r", "vmin": -reach, "vmax": reach}] * 2)
    names = ("patch of the image", "× kernel", "= products")
    for axes, values, name, color in zip(panels, (patch, kernel, products), names, colors, strict=True):
        drawn = axes.imshow(values, **color)
        axes.set_title(name)
        axes.set_xticks([])
        axes.set_yticks([])
        for (row, column), value in np.ndenumerate(values):
            red, green, blue, _ = drawn.cmap(drawn.norm(value))
            dark = 0.3 * red + 0.6 * green + 0.1 * blue < 0.5
            axes.text(
                column,
                row,
                f"{round(value, 2) + 0.0:.2f}",
                ha="center",
                va="center",
                fontsize=9,
                color="white" if dark else INK,
            )
    return picture.describe(
        alt="Three grids of numbers: a patch of the image, a kernel, and their products cell by cell. The products "
        f"add up to {products.sum():.3f}; with the bias {bias:.3f} that is {total:.3f}.",
        caption=f"The products add up to {products.sum():.3f}. With the bias of {bias:.3f} that makes {total:.3f}; "
        f"{'ReLU leaves it as it is' if total > 0 else 'below 0, so ReLU makes it 0'}. Kernel and products share one "
        "color scale: red above 0, blue below.",
    )


@styled
def convolution(image: ArrayLike, kernel: ArrayLike, *, row: int, column: int) -> Picture:
    """Draw one kernel sliding over an image: the window at one position, the kernel, and the whole map.

    Args:
        image: floats (height, width) in [0, 1].
        kernel: floats (rows, columns).
        row, column: the window's position, in pixels of the map. The image is padded with 0 as Keras's "same" does it.

    Returns:
        A Picture of three panels; kernel and map each on a symmetric scale of its own.
    """
    image, kernel = np.asarray(image, float), np.asarray(kernel, float)
    before = [(side - 1) // 2 for side in kernel.shape]
    padded = np.pad(image, [(first, side - 1 - first) for first, side in zip(before, kernel.shape, strict=True)])
    sums = correlate2d(padded, kernel, mode="valid")
    picture = Picture(7.2, 3.1, title="A kernel slides over an image")
    panels = picture.subplots(1, 3)
    draw_digit(panels[0], image)
    corner = column - before[1] - 0.5, row - before[0] - 0.5
    panels[0].add_patch(Rectangle(corner, *kernel.shape[::-1], fill=False, edgecolor=TEXTBOOK, linewidth=2.5))
    panels[0].add_patch(Rectangle((-0.5, -0.5), *image.shape[::-1], fill=False, edgecolor=QUIET, linestyle=":"))
    panels[0].set_xlim(-before[1] - 0.6, image.shape[1] + kernel.shape[1])
    panels[0].set_ylim(image.shape[0] + kernel.shape[0], -before[0] - 0.6)
    for axes, values in zip(panels[1:], (kernel, sums), strict=True):
        reach = np.abs(values).max() or 1
        axes.imshow(values, cmap="RdBu_r", vmin=-reach, vmax=reach)
        axes.set_xticks([])
        axes.set_yticks([])
    panels[2].add_patch(Rectangle((column - 0.5, row - 0.5), 1, 1, fill=False, edgecolor=TEXTBOOK, linewidth=2))
    for axes, name in zip(panels, ("the image and the window", "the kernel", "the map of all sums"), strict=True):
        axes.set_title(name)
    value = sums[row, column]
    rows, columns = kernel.shape
    return picture.describe(
        alt=f"An image with a window of {rows} by {columns} pixels framed, the kernel's weights, and the map of "
        f"{sums.shape[0]} by {sums.shape[1]} sums. At row {row}, column {column} the sum is {value:.2f}.",
        caption=f"At row {row}, column {column} the products add up to {value:.2f}. Red is above 0, blue below.",
    )
