"""Pictures of predictions for drawings, and of adversarial examples."""

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.patches import Rectangle
from numpy.typing import ArrayLike, NDArray

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
    listed,
    sentence,
    styled,
)


@styled
def prediction_grid(
    images: ArrayLike, names: Sequence[str], probabilities: ArrayLike, *, title: str, caption: str
) -> Picture:
    """Draw images side by side, and beneath each a network's prediction.

    Args:
        images: floats (n, 784) or (n, 28, 28), in [0, 1].
        names: n words, one above each image.
        probabilities: floats (n, 10).
        title: what to see.
        caption: how to read it; the predictions are added.

    Returns:
        A Picture: n columns; the bar of the predicted class in blue, all on one scale from 0 to 100 %.

    Raises:
        ValueError: the three do not pair up.
    """
    images, probabilities = as_images(images), np.asarray(probabilities)
    if not len(images) == len(names) == len(probabilities):
        raise ValueError(
            "expected a name and ten probabilities for each image, "
            f"got {len(names)} and {len(probabilities)} for {len(images)}"
        )
    lines = max(each.count("\n") for each in names)
    picture = Picture(7.2, 6.6 / len(images) + 1.6 + 0.17 * lines, title=title)
    grid = picture.subplots(2, len(images), squeeze=False, sharey="row", height_ratios=(6.2 / len(images), 0.9))
    for above, below, image, name, each in zip(*grid, images, names, probabilities, strict=True):
        draw_digit(above, image)
        above.set_title(name, fontsize=9.5)
        draw_probabilities(below, each, each.argmax())
        below.set_xticks(range(10), [str(n) for n in range(10)], fontsize=7.5)
        below.set_xlabel(f"says {each.argmax()}, {each.max():.0%}", fontsize=9.5)
    grid[1][0].set_ylabel("probability (%)")
    plain = [name.replace("\n", ", ") for name in names]
    text = "; ".join(
        f"{name}: says {each.argmax()} with {each.max():.1%}" for name, each in zip(plain, probabilities, strict=True)
    )
    return picture.describe(
        alt=f"{sentence(title)} {len(images)} pages, each above ten bars of probability. {text}.",
        caption=f"{caption} Bars: the ten probabilities, the answer in blue. From left to right: {text}.",
    )


@styled
def drawn_digit(page: ArrayLike, digit: ArrayLike, probabilities: ArrayLike, *, who: str) -> Picture:
    """Draw a page, what a classifier gets of it, and its prediction: what the drawing pad shows.

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
    for axes, image, name in ((left, page, "the page"), (middle, digit, f"what the {who} sees")):
        draw_digit(axes, image)
        axes.set_title(name)
    draw_probabilities(right, probabilities, best)
    right.set_xticks(range(10))
    right.set_ylabel("probability (%)" if who == "network" else "score (%)")
    says = "There is no digit on it yet" if is_empty else f"The {who} says {best}, with {probabilities[best]:.1%}"
    right.set_title("no digit yet" if is_empty else f"says {best}")
    return picture.describe(
        alt=f"A page to draw on, the same as 28 by 28 pixels, and ten bars. {says}.",
        caption=f"{says}. Open the lesson in JupyterLab and run it, and you can draw here.",
    )


@styled
def reading_steps(
    gray: ArrayLike, box: tuple[int, int, int, int], ink: ArrayLike, digit: ArrayLike, *, prediction: str, caption: str
) -> Picture:
    """Draw how a picture is read: the picture with its crop framed, the ink in it, and the digit.

    Args:
        gray: floats (height, width) in [0, 1], 0 black and 1 white.
        box: top, bottom, left and right of the crop, in pixels; bottom and right excluded.
        ink: floats (height, width) in [0, 1], 1 is ink.
        digit: floats (28, 28) in [0, 1].
        prediction: what the network says, in a word or two.
        caption: how to read it.

    Returns:
        A Picture of three panels.
    """
    top, bottom, left, right = box
    picture = Picture(7.2, 3.4, title="From a sheet to a digit")
    panels = picture.subplots(1, 3)
    panels[0].imshow(gray, cmap="gray", vmin=0, vmax=1)
    panels[0].add_patch(Rectangle((left, top), right - left, bottom - top, fill=False, edgecolor=TEXTBOOK, linewidth=2))
    panels[1].imshow(1 - np.asarray(ink), cmap="gray", vmin=0, vmax=1)
    for axes in panels[:2]:
        bare(axes)
    draw_digit(panels[2], digit)
    names = ("the picture, and\nthe part that is used", "the ink in it", f"what the network gets:\n{prediction}")
    for axes, name in zip(panels, names, strict=True):
        axes.set_title(name, fontsize=9.5)
    share = (right - left) * (bottom - top) / np.asarray(gray).size
    return picture.describe(
        alt="Three panels: a photo of a sheet with a small digit, framed; the ink in the frame; the digit as 28 by 28 "
        f"pixels, which the network reads as {prediction}.",
        caption=f"The frame holds {share:.0%} of the picture. {caption}",
    )


@styled
def fgsm_step(
    image: ArrayLike, gradient: NDArray, perturbed: ArrayLike, *, epsilon: float, predictions: tuple[str, str]
) -> Picture:
    """Draw the fast gradient sign method in its steps: digit, gradient of the loss, its sign, and the sum.

    Args:
        image: floats (28, 28) in [0, 1].
        gradient: floats (28, 28), the gradient of the loss with respect to each pixel.
        perturbed: floats (28, 28) in [0, 1], the perturbed digit.
        epsilon: by how much each pixel moves.
        predictions: two words, the prediction for the digit and for the perturbed digit.

    Returns:
        A Picture of four panels.
    """
    before, after = predictions
    picture = Picture(7.2, 2.5, title="A small step against the network")
    panels = picture.subplots(1, 4)
    reach = max(float(np.abs(gradient).max()), 1e-30)
    draw_digit(panels[0], image)
    panels[1].imshow(gradient / reach, cmap=SIGNED, vmin=-1, vmax=1)
    panels[2].imshow(np.sign(gradient), cmap=SIGNED, vmin=-1, vmax=1)
    draw_digit(panels[3], perturbed)
    for axes in panels[1:3]:
        bare(axes)
    names = (f"the digit:\n{before}", "slope of the loss", "its sign", f"a step of {epsilon:.3f}:\n{after}")
    for axes, name in zip(panels, names, strict=True):
        axes.set_title(name, fontsize=9.5)
    up, down = (np.mean(np.sign(gradient) == sign) for sign in (1, -1))
    return picture.describe(
        alt=f"Four panels: a digit, to which the network says {before}; the slope of the loss at each pixel; the sign "
        f"of the slope; and the digit after a step of {epsilon:.3f} along the sign, to which it says {after}.",
        caption=f"Red: more ink raises the loss ({up:.0%} of the pixels). Blue: less ink does ({down:.0%}). The slope "
        f"is drawn divided by its largest absolute value, {reach:.1e}. Every pixel changes by {epsilon:.3f}, "
        f"{255 * epsilon:.0f} of 255 gray levels, but for those that would leave the page's range.",
    )


@styled
def adversarial_examples(
    images: ArrayLike, perturbed: ArrayLike, titles: Sequence[str], *, title: str, caption: str
) -> Picture:
    """Draw digits, the perturbation of each, and the sum.

    Args:
        images: digits (n, 784) or (n, 28, 28), floats in [0, 1].
        perturbed: the same, perturbed.
        titles: n words, one above each column.
        title: what to see.
        caption: how to read it; the scale is added.

    Returns:
        A Picture of three rows; the changes on one symmetric scale.
    """
    images, perturbed = as_images(images), as_images(perturbed)
    changes = perturbed - images
    reach = max(float(np.abs(changes).max()), 1e-9)
    lines = max(each.count("\n") for each in titles)
    picture = Picture(7.2, 3 * 6.7 / len(images) + 1.15 + 0.17 * lines, title=title)
    grid = picture.subplots(3, len(images), squeeze=False)
    for column, image, change, result, name in zip(grid.T, images, changes, perturbed, titles, strict=True):
        draw_digit(column[0], image)
        drawn = column[1].imshow(change, cmap=SIGNED, vmin=-reach, vmax=reach, interpolation="nearest")
        bare(column[1])
        draw_digit(column[2], result)
        column[0].set_title(name, fontsize=9.5)
    for axes, name in zip(grid[:, 0], ("digit", "change", "sum"), strict=True):
        axes.set_ylabel(name)
    picture.colorbar(drawn, ax=grid, orientation="horizontal", shrink=0.5, aspect=45, label="change of the ink")
    plain = [name.replace("\n", " ") for name in titles]
    return picture.describe(
        alt=f"{sentence(title)} {len(images)} digits; beneath each the change and the sum: {listed(plain)}.",
        caption=f"{caption} The changes share one scale: red is more ink, blue is less, up to {reach:.2f}.",
    )


@styled
def fooling_rates(epsilons: Mapping[str, ArrayLike], *, title: str, limit: float, shown: float = 0.1) -> Picture:
    """Draw what share of the predictions an epsilon of each size changes.

    Args:
        epsilons: dict from a name to numbers (n,), the smallest that changes each digit's prediction, infinite where
            none does.
        title: what to see.
        limit: the largest epsilon that was tried.
        shown: an epsilon whose shares are put into words.

    Returns:
        A Picture: one rising curve a name.
    """
    picture = Picture(7.2, 3.7, title=title)
    axes = picture.subplots()
    text = []
    for (name, each), color in zip(epsilons.items(), (OURS, QUIET, *COLORS[1:]), strict=False):
        each = np.sort(np.asarray(each, np.float64))
        grid = np.concatenate([[0], each[each <= limit], [limit]])
        share = 100 * np.searchsorted(each, grid, side="right") / len(each)
        axes.step(grid, share, where="post", color=color, lw=2, ls="-" if color == OURS else "--", label=name)
        text.append(f"{name} {np.mean(each <= shown):.1%}")
    axes.axvline(shown, color=FRAME, lw=1, zorder=0)
    axes.set_xlim(0, limit)
    axes.set_ylim(0, 101)
    axes.set_xlabel("size of the step (share of the way from paper to full ink)")
    axes.set_ylabel("answers changed (%)")
    axes.grid(axis="y", color=GRID)
    above = axes.secondary_xaxis("top", functions=(lambda size: 255 * size, lambda levels: levels / 255))
    above.set_xlabel("the same in gray levels of 255", fontsize=9.5)
    axes.legend(frameon=False, loc="upper left", bbox_to_anchor=(1, 1))
    text = "; ".join(text)
    n = len(next(iter(epsilons.values())))
    return picture.describe(
        alt=f"{sentence(title)} Rising curves over the size of the step. Changed at {shown:g}: {text}.",
        caption=f"{n} digits, all read correctly before. A curve shows what share of the answers a step of that size "
        f"has changed. At {shown:g}, the pale line: {text}.",
    )
