"""Pictures of drawings, of what a network reads in them, and of adversarial examples."""

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.patches import Rectangle
from numpy.typing import ArrayLike

from lenet_tutorial.evaluation import wilson_intervals
from lenet_tutorial.figures.maps import SIGNED
from lenet_tutorial.figures.picture import (
    COLORS,
    FRAME,
    GRID,
    OURS,
    QUIET,
    TEXTBOOK,
    Picture,
    as_images,
    bare,
    draw_digit,
    draw_probabilities,
    framed,
    listed,
    sentence,
    styled,
)


@styled
def drawn_digit(page: ArrayLike, digit: ArrayLike, probabilities: ArrayLike, *, who: str) -> Picture:
    """Draw a drawing, what a classifier gets of it, and its prediction: what the drawing pad shows.

    Args:
        page: ink, floats (side, side) in [0, 1].
        digit: floats (28, 28) in [0, 1].
        probabilities: floats (10,); all 0 if there is no prediction.
        who: what predicts, in a word.

    Returns:
        A Picture of three panels.
    """
    probabilities = np.asarray(probabilities)
    best, is_empty = int(probabilities.argmax()), not probabilities.any()
    picture = Picture(7.2, 2.7, title="The drawing pad")
    left, middle, right = picture.subplots(1, 3, width_ratios=(1, 1, 1.2))
    for axes, image, name in ((left, page, "the drawing"), (middle, digit, f"what the {who} sees")):
        draw_digit(axes, image)
        axes.set_title(name)
    draw_probabilities(right, probabilities, best)
    right.set_xticks(range(10))
    right.set_ylabel("probability (%)" if who == "network" else "score (%)")
    says = "There is no digit on it yet" if is_empty else f"The {who} says {best}, with {_percent(probabilities[best])}"
    right.set_title("no digit yet" if is_empty else f"says {best}")
    return picture.describe(
        alt=f"A drawing, the same as 28 by 28 pixels, and ten bars. {says}.",
        caption=f"{says}. Open the lesson in JupyterLab and run it, and you can draw here.",
    )


@styled
def reading_steps(
    gray: ArrayLike,
    box: tuple[int, int, int, int],
    plain: ArrayLike,
    ink: ArrayLike,
    digit: ArrayLike,
    *,
    probabilities: ArrayLike,
    caption: str,
) -> Picture:
    """Draw how a picture is read: the picture with its crop framed, one threshold for all, the ink, and the digit.

    Args:
        gray: floats (height, width) in [0, 1], 0 black and 1 white.
        box: top, bottom, left and right of the crop, in pixels; bottom and right excluded.
        plain: floats of the same shape in [0, 1], 1 where the picture is darker than one threshold.
        ink: floats (height, width) in [0, 1], 1 is ink.
        digit: floats (28, 28) in [0, 1].
        probabilities: floats (10,), what the network says.
        caption: how to read it.

    Returns:
        A Picture of four panels.
    """
    top, bottom, left, right = box
    picture = Picture(7.2, 3.2, title="From a sheet to a digit")
    panels = picture.subplots(1, 4)
    (prediction,) = _predictions([probabilities])
    extent = (-0.5, np.shape(gray)[1] - 0.5, np.shape(gray)[0] - 0.5, -0.5)
    few = np.asarray(gray)[::4, ::4]  # a small file
    panels[0].imshow(few, cmap="gray", vmin=0, vmax=1, extent=extent, interpolation="nearest")
    panels[0].add_patch(Rectangle((left, top), right - left, bottom - top, fill=False, edgecolor=TEXTBOOK, linewidth=2))
    for axes, each in zip(panels[1:3], (plain, ink), strict=True):
        axes.imshow(1 - np.asarray(each), cmap="gray", vmin=0, vmax=1)
        framed(axes)
    bare(panels[0])
    draw_digit(panels[3], digit)
    names = ("the picture, and\nthe part that is used", "one threshold\nfor all of it", "the ink\nin the frame")
    for axes, name in zip(panels, (*names, f"read as\n{prediction}"), strict=True):
        axes.set_title(name, fontsize=9.5)
        axes.set_anchor("N")  # the panels have different heights: their tops line up
    return picture.describe(
        alt="Four panels: a photo of a sheet with a small digit, framed; the same with one threshold, where a large "
        "part is black; the ink in the frame; the digit as 28 by 28 pixels, which the network reads as "
        f"{prediction}.",
        caption=caption,
    )


@styled
def reading_curves(
    images: ArrayLike, levels: Sequence[float], counts: ArrayLike, *, title: str, xlabel: str, caption: str
) -> Picture:
    """Draw as what images are read while they change step by step, and one of them at each step.

    Args:
        images: digits (k, 28, 28) or (k, 784), floats in [0, 1], one for each step.
        levels: (k,) numbers that grow, what is changed.
        counts: integers (k, 10), how many images of each step are read as each digit.
        title: what to see.
        xlabel: what the levels are.
        caption: how to read it.

    Returns:
        A Picture: the images in a row above, and a curve with its 95% Wilson intervals for each digit that one image in
        ten is read as, at some step.
    """
    images, counts = as_images(images), np.asarray(counts)
    picture = Picture(7.2, 4.4, title=title)
    grid = picture.add_gridspec(2, len(images), height_ratios=(1, 3.6))
    for column, (image, level) in enumerate(zip(images, levels, strict=True)):
        axes = picture.add_subplot(grid[0, column])
        draw_digit(axes, image)
        axes.set_title(f"{level:g}", fontsize=9.5, pad=3)
    axes, totals, told = picture.add_subplot(grid[1, :]), counts.sum(axis=1), []
    often = np.flatnonzero((counts / totals[:, None]).max(axis=0) >= 0.1)
    for digit, color in zip(often, COLORS, strict=False):
        shares, ends = 100 * counts[:, digit] / totals, 100 * wilson_intervals(counts[:, digit], totals)
        axes.plot(levels, shares, "o-", color=color, lw=2, ms=5, label=f"read as {digit}")
        axes.fill_between(levels, *ends, color=color, alpha=0.15, lw=0)
        told.append(f"as {digit}: {listed(f'{share:.1f}% at {x:g}' for share, x in zip(shares, levels, strict=True))}")
    axes.set_xticks(levels)
    axes.set_ylim(0, 101)
    axes.set_xlabel(xlabel)
    axes.set_ylabel("share of the drawings (%)")
    axes.grid(axis="y", color=GRID)
    axes.legend(frameon=False, loc="center left", fontsize=9.5)
    return picture.describe(
        alt=f"{sentence(title)} A row of digits, and curves over {xlabel}, with 95% intervals. Read {'; '.join(told)}.",
        caption=caption,
    )


@styled
def fgsm_step(
    image: ArrayLike, gradient: ArrayLike, perturbed: ArrayLike, probabilities: ArrayLike, *, epsilon: float
) -> Picture:
    """Draw the fast gradient sign method in its steps: digit, gradient of the loss, its sign, and the sum.

    Args:
        image: floats (784,) or (28, 28), in [0, 1].
        gradient: floats of the same shape, the gradient of the loss with respect to each pixel.
        perturbed: floats of the same shape in [0, 1], the perturbed digit.
        probabilities: floats (2, 10), for the digit and for the perturbed digit.
        epsilon: by how much each pixel moves.

    Returns:
        A Picture of four panels.
    """
    before, after = _predictions(probabilities)
    image, gradient, perturbed = as_images([image, gradient, perturbed])
    picture = Picture(7.2, 2.5, title="One step against the network")
    panels = picture.subplots(1, 4)
    reach = max(float(np.abs(gradient).max()), 1e-30)
    draw_digit(panels[0], image)
    panels[1].imshow(gradient / reach, cmap=SIGNED, vmin=-1, vmax=1)
    panels[2].imshow(np.sign(gradient), cmap=SIGNED, vmin=-1, vmax=1)
    draw_digit(panels[3], perturbed)
    for axes in panels[1:3]:
        framed(axes)
    names = (f"the digit:\n{before}", "gradient of the loss", "its sign", f"after the step:\n{after}")
    for axes, name in zip(panels, names, strict=True):
        axes.set_title(name, fontsize=9.5)
    up, down = (np.mean(np.sign(gradient) == sign) for sign in (1, -1))
    return picture.describe(
        alt=f"Four panels: a digit, with the prediction {before}; the gradient of the loss at each pixel; the sign "
        f"of the gradient, positive at {up:.1%} of the pixels and negative at {down:.1%}; and the digit after the "
        f"step, with the prediction {after}. The step is {255 * epsilon:.0f} gray levels of 255, or {epsilon:.3f} on "
        "the scale from 0 to 1.",
        caption=f"Red: more ink raises the loss; blue: less ink does. A pixel moves by {255 * epsilon:.0f} gray levels "
        "of 255, and stops at white and black.",
    )


@styled
def adversarial_examples(
    image: ArrayLike,
    perturbed: ArrayLike,
    names: Sequence[str],
    probabilities: ArrayLike,
    *,
    title: str,
    caption: str,
) -> Picture:
    """Draw several perturbations of a digit, and beneath each the digit with it.

    Args:
        image: the digit, floats (784,) or (28, 28), in [0, 1].
        perturbed: floats (n, 784) or (n, 28, 28) in [0, 1], the digit perturbed in n ways.
        names: n words, one above each column.
        probabilities: floats (n, 10), for the perturbed digits.
        title: what to see.
        caption: how to read it; the scale is added.

    Returns:
        A Picture of two rows, the changes on one symmetric scale and the sums.
    """
    perturbed = as_images(perturbed)
    changes = perturbed - np.reshape(image, (28, 28))
    reach = max(float(np.abs(changes).max()), 1e-9)
    titles = [f"{name}\n{each}" for name, each in zip(names, _predictions(probabilities), strict=True)]
    picture = Picture(7.2, 2 * 6.7 / len(perturbed) + 0.8, title=title)
    grid = picture.subplots(2, len(perturbed), squeeze=False)
    for column, change, result, name in zip(grid.T, changes, perturbed, titles, strict=True):
        column[0].imshow(change, cmap=SIGNED, vmin=-reach, vmax=reach, interpolation="nearest")
        framed(column[0])
        draw_digit(column[1], result)
        column[0].set_title(name, fontsize=9.5)
    for axes, name in zip(grid[:, 0], ("the change", "digit and change"), strict=True):
        axes.set_ylabel(name)
    plain = "; ".join(name.replace("\n", ": ") for name in titles)
    return picture.describe(
        alt=f"{sentence(title)} {len(perturbed)} changes, of at most {255 * reach:.0f} gray levels of 255, and beneath "
        f"each the digit with it: {plain}.",
        caption=f"{caption} Red is more ink and blue less, all on one scale.",
    )


def _predictions(probabilities: ArrayLike) -> list[str]:
    """Give each prediction with its probability, in a few characters."""
    return [f"{each.argmax()}, {_percent(each.max())}" for each in np.asarray(probabilities)]


def _percent(probability: float) -> str:
    """Write a probability so that no network is said to be certain: at most 99.9%."""
    return f"{min(float(probability), 0.999):.1%}"


@styled
def attack_curves(
    levels: Sequence[int], changed: Mapping[str, ArrayLike], *, n: int, title: str, shown: int
) -> Picture:
    """Draw what share of the predictions is changed by perturbations of each size.

    Args:
        levels: (k,) sizes in gray levels of 255.
        changed: dict from a name to shares (k,) from 0 to 1.
        n: of how many digits.
        title: what to see.
        shown: one of the sizes, whose shares are put into words.

    Returns:
        A Picture: a curve for each name, with its 95% Wilson intervals.
    """
    picture = Picture(7.2, 4.1, title=title)
    axes = picture.subplots()
    told = []
    for (name, shares), color in zip(changed.items(), (QUIET, COLORS[4], OURS, TEXTBOOK, TEXTBOOK), strict=False):
        shares = np.asarray(shares, np.float64)
        low, high = 100 * wilson_intervals(np.round(shares * n), n)
        style = "o--" if color in [line.get_color() for line in axes.lines] else "o-"
        axes.plot(levels, 100 * shares, style, color=color, lw=2, ms=5, label=name)
        axes.fill_between(levels, low, high, color=color, alpha=0.15, lw=0)
        told.append(f"{name} {shares[list(levels).index(shown)]:.1%}")
    axes.axvline(shown, color=FRAME, lw=1, zorder=0)
    axes.set_xticks(levels)
    axes.set_xlim(0, max(levels))
    axes.set_ylim(0, 101)
    axes.set_xlabel("how far a pixel may move (gray levels of 255)")
    axes.set_ylabel("predictions changed (%)")
    axes.grid(axis="y", color=GRID)
    above = axes.secondary_xaxis("top", functions=(lambda size: size / 255, lambda share: 255 * share))
    above.set_xlabel("the same on the scale from 0 to 1", fontsize=9.5)
    axes.legend(frameon=False, loc="upper left", fontsize=9.5, handlelength=3.2)
    text = "; ".join(told)
    return picture.describe(
        alt=f"{sentence(title)} Rising curves over the size of the change, for {n} digits, with 95% intervals. Changed "
        f"at {shown} gray levels: {text}.",
        caption=f"{n} digits, all read correctly before. Bands: 95% intervals.",
    )
