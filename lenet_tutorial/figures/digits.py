"""Pictures of digits and of the data they come in."""

from collections.abc import Iterable, Mapping

import numpy as np
from matplotlib.patches import Rectangle
from numpy.typing import ArrayLike, NDArray

from lenet_tutorial.figures.picture import INK, OURS, QUIET, TEXTBOOK, Picture, as_images, draw_digit, styled


@styled
def digit_sheet(images: ArrayLike, titles: Iterable[object], *, title: str, caption: str, columns: int = 10) -> Picture:
    """Draw digits in rows, each under its own title.

    Args:
        images: digits (n, 28, 28) or (n, 784), uint8 in [0, 255] or floats in [0, 1].
        titles: n words, one above each digit.
        title: what to see.
        caption: how to read it.
        columns: digits in a row.

    Returns:
        A Picture; all digits on one scale, white paper to black ink.

    Raises:
        ValueError: wrong shape, no digit, or another number of titles than of digits.
    """
    images, titles = as_images(images), [str(each) for each in titles]
    if not len(images) or len(images) != len(titles):
        raise ValueError(f"expected one title for each of at least one digit, got {len(titles)} for {len(images)}")
    rows = -(-len(images) // columns)
    lines = 1 + max(each.count("\n") for each in titles)
    picture = Picture(7.2, rows * (7.2 / columns + 0.17 * lines) + 0.45, title=title)
    grid = picture.subplots(rows, columns, squeeze=False)
    for axes in grid.flat[len(images) :]:
        axes.set_axis_off()
    for axes, image, each in zip(grid.flat, images, titles, strict=False):
        draw_digit(axes, image)
        axes.set_title(each, fontsize=9.5, pad=3)
    text = [each.replace("\n", " ") for each in titles]
    by_row = "; ".join(", ".join(text[i : i + columns]) for i in range(0, len(text), columns))
    return picture.describe(alt=f"{title}. {len(images)} handwritten digits, row by row: {by_row}.", caption=caption)


@styled
def pixel_values(image: NDArray[np.uint8], top: int, left: int, *, side: int = 10) -> Picture:
    """Draw one digit, and beside it a window of it with the number that each pixel holds.

    Args:
        image: uint8 (28, 28), 0 to 255.
        top, left: first row and column of the window.
        side: rows and columns of the window.

    Returns:
        A Picture of two panels.

    Raises:
        ValueError: the window does not lie within the image.
    """
    window = np.asarray(image)[top : top + side, left : left + side]
    if min(top, left) < 0 or window.shape != (side, side):
        raise ValueError(f"expected a window of {side}×{side} within 28×28, got one from row {top}, column {left}")
    picture = Picture(7.2, 3.9, title="A picture is a grid of numbers")
    whole, zoomed = picture.subplots(1, 2, width_ratios=(1, 1.15))
    draw_digit(whole, image / 255)
    whole.add_patch(_frame(left, top, side))
    draw_digit(zoomed, window / 255)
    for (row, column), value in np.ndenumerate(window):
        color = "white" if value > 100 else INK
        zoomed.text(column, row, str(value), ha="center", va="center", fontsize=8.5, color=color)
    whole.set_title("28 × 28 pixels")
    zoomed.set_title(f"rows {top}–{top + side - 1}, columns {left}–{left + side - 1}")
    return picture.describe(
        alt=f"Left, a handwritten digit with a square of {side} by {side} pixels framed. Right, that square enlarged "
        f"with the value of each pixel, from {window.min()} to {window.max()}.",
        caption=f"0 is paper and 255 is full ink. Of the {side * side} framed pixels {np.sum(window == 0)} hold 0 and "
        f"{np.sum(window >= 250)} hold 250 or more; the others, in between, are the gray edge of the pen's stroke.",
    )


def _frame(left, top, side):
    return Rectangle((left - 0.5, top - 0.5), side, side, fill=False, edgecolor=TEXTBOOK, linewidth=2)


@styled
def flattening(image: ArrayLike, rows: tuple[int, int]) -> Picture:
    """Draw how a picture becomes one long row of numbers.

    Args:
        image: digit (28, 28), uint8 in [0, 255] or floats in [0, 1].
        rows: two neighboring row numbers to follow into the long row.

    Returns:
        A Picture: the digit above, the 784 numbers as one strip below, the two rows marked in both.
    """
    first, second = rows
    (image,) = as_images(np.asarray(image)[None])
    picture = Picture(7.2, 3.6, title="Flattening lays the rows end to end")
    whole, strip = picture.subplots(2, 1, height_ratios=(5, 1))
    draw_digit(whole, image)
    whole.set_yticks([first - 0.4, second + 0.6], [f"row {first}", f"row {second}"])
    whole.tick_params(length=0)
    draw_digit(strip, image.reshape(1, 784))
    strip.set_aspect("auto")
    strip.set_xticks([0, first * 28, second * 28, 783])
    for label, side in zip(strip.get_xticklabels(), ("center", "right", "left", "center"), strict=True):
        label.set_horizontalalignment(side)
    strip.set_xlabel("position in the flat row of 784 numbers")
    for row, color in ((first, OURS), (second, TEXTBOOK)):
        whole.axhspan(row - 0.5, row + 0.5, color=color, alpha=0.35, lw=0)
        strip.axvspan(row * 28 - 0.5, row * 28 + 27.5, color=color, alpha=0.35, lw=0)
    return picture.describe(
        alt=f"A digit of 28 by 28 pixels above, and below it the same pixels as one strip of 784. Rows {first} and "
        f"{second} are marked in both: they become positions {first * 28} to {second * 28 + 27}.",
        caption=f"Row {first} becomes positions {first * 28} to {first * 28 + 27}, row {second} the 28 after them. "
        "Two pixels, one above the other, end up 28 positions apart.",
    )


@styled
def class_balance(counts: Mapping[str, ArrayLike], *, title: str) -> Picture:
    """Draw how many digits of each class the splits hold, as shares of each split.

    Args:
        counts: dict from a split's name to integers (10,).
        title: what to see.

    Returns:
        A Picture: ten groups of bars, one bar a split; a dashed line at one in ten.
    """
    picture = Picture(7.2, 3.2, title=title)
    axes = picture.subplots()
    width = 0.8 / len(counts)
    for i, (name, each) in enumerate(counts.items()):
        shares = 100 * np.asarray(each) / np.sum(each)
        where = np.arange(10) - 0.4 + width * (i + 0.5)
        axes.bar(where, shares, width * 0.92, color=(OURS, TEXTBOOK, QUIET)[i % 3], label=f"{name} ({np.sum(each):,})")
    axes.axhline(10, color=INK, linestyle="--", linewidth=1)
    axes.set_xticks(range(10))
    axes.set_xlabel("digit")
    axes.set_ylabel("% of the split")
    axes.set_ylim(0, axes.get_ylim()[1] * 1.18)
    axes.legend(frameon=False, ncols=len(counts), loc="upper center", fontsize=9.5)
    every = np.sum([np.asarray(each) for each in counts.values()], axis=0)
    most, least = int(every.argmax()), int(every.argmin())
    return picture.describe(
        alt=f"Bars: the share of each digit in the splits {', '.join(counts)}. All lie near the dashed line at 10%. "
        f"Over all splits together, {most} is the most frequent with {every[most]:,} and {least} the rarest with "
        f"{every[least]:,}.",
        caption=f"The dashed line is one in ten. Over all splits, {most} is the most frequent digit "
        f"({every[most] / every.sum():.1%}) and {least} the rarest ({every[least] / every.sum():.1%}).",
    )
