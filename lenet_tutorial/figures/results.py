"""Pictures of training and of predictions."""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import ArrayLike

from lenet_tutorial.figures.picture import (
    GRID,
    INK,
    OURS,
    QUIET,
    TEXTBOOK,
    Picture,
    as_images,
    draw_digit,
    draw_probabilities,
    styled,
)
from lenet_tutorial.textbook import Epoch


@styled
def training_curves(history: Mapping[str, Sequence[float]], log: Sequence[Epoch], *, name: str) -> Picture:
    """Draw loss and accuracy epoch by epoch, ours over the textbook's.

    Args:
        history: dict with ``loss`` and ``accuracy``, one number an epoch, Keras's running averages.
        log: a sequence of :class:`lenet_tutorial.textbook.Epoch`, or an empty one for no comparison.
        name: the data that the network was trained on.

    Returns:
        A Picture of two panels.
    """
    picture = Picture(7.2, 3.3, title="Training, epoch by epoch" + (": ours and the textbook's" if log else ""))
    panels = picture.subplots(1, 2)
    epochs = np.arange(1, len(history["loss"]) + 1)
    for axes, what, unit in zip(panels, ("loss", "accuracy"), (1, 100), strict=True):
        if log:
            theirs = [unit * getattr(epoch, what) for epoch in log]
            axes.plot([e.number for e in log], theirs, "o", ms=9, mfc="none", mew=1.8, color=TEXTBOOK, label="textbook")
        axes.plot(epochs, unit * np.array(history[what]), ".-", color=OURS, label=f"ours, {name}")
        axes.set_xlabel("epoch")
        axes.set_ylabel("training loss (nats)" if what == "loss" else "training accuracy (%)")
        axes.set_xticks(epochs)
        axes.grid(axis="y", color=GRID)
        axes.legend(frameon=False)
    panels[0].set_ylim(bottom=0)
    ours = f"from {history['loss'][0]:.3f} to {history['loss'][-1]:.3f}"
    text = (
        f"Our loss falls {ours}, our accuracy rises from {history['accuracy'][0]:.3f} to {history['accuracy'][-1]:.3f}"
    )
    beside = f"; the textbook's end at {log[-1].loss:.3f} and {log[-1].accuracy:.3f}" if log else ""
    return picture.describe(
        alt=f"Two curves over {len(epochs)} epochs. {text}{beside}.",
        caption=f"Both are Keras's running averages over each epoch, on training images. {text}{beside}.",
    )


@styled
def confusion(matrix: ArrayLike) -> Picture:
    """Draw a confusion matrix: every count as a number, color for the mistakes only.

    Args:
        matrix: integers (10, 10), row = true class, column = predicted class.

    Returns:
        A Picture.
    """
    matrix = np.asarray(matrix)
    mistakes = matrix - np.diag(np.diag(matrix))
    true, read = np.unravel_index(mistakes.argmax(), mistakes.shape)
    picture = Picture(5.4, 5.1, title="Who is read as whom")
    axes = picture.subplots()
    shown = np.ma.masked_array(mistakes, mask=np.eye(10, dtype=bool))
    axes.imshow(shown, cmap="Oranges", vmin=0, vmax=max(mistakes.max(), 1))
    for (row, column), count in np.ndenumerate(matrix):
        if count:
            color = QUIET if row == column else ("white" if count > 0.6 * mistakes.max() else INK)
            axes.text(column, row, str(count), ha="center", va="center", fontsize=9.5, color=color)
    axes.set_xticks(range(10))
    axes.set_yticks(range(10))
    axes.set_xlabel("the network's answer")
    axes.set_ylabel("the digit it was")
    most = f"{true} read as {read}, {mistakes.max()} times"
    return picture.describe(
        alt=f"A table of 10 by 10 counts. {np.trace(matrix):,} of {matrix.sum():,} digits lie on the diagonal, read "
        f"correctly. The most frequent mistake: {most}.",
        caption=f"On the diagonal, uncolored: {np.trace(matrix):,} of {matrix.sum():,} digits read correctly. Off it, "
        f"the {mistakes.sum():,} mistakes; the most frequent is {most}.",
    )


@styled
def prediction_bars(images: ArrayLike, probabilities: ArrayLike, labels: Sequence[int], *, title: str) -> Picture:
    """Draw digits, and beneath each the probability that the network gives to every class.

    Args:
        images: digits (n, 28, 28) or (n, 784), uint8 in [0, 255] or floats in [0, 1].
        probabilities: floats (n, 10).
        labels: integers (n,), the true classes.
        title: what to see.

    Returns:
        A Picture: n columns; the bar of the true class in blue, all on one scale from 0 to 100 %.
    """
    images, probabilities = as_images(images), np.asarray(probabilities)
    picture = Picture(7.2, 3.1, title=title)
    grid = picture.subplots(2, len(images), squeeze=False, sharey="row", height_ratios=(1.2, 1))
    for above, below, image, each, label in zip(*grid, images, probabilities, labels, strict=True):
        draw_digit(above, image)
        above.set_yticks([])
        draw_probabilities(below, each, label)
        below.set_xticks(range(10), [str(n) for n in range(10)], fontsize=7.5)
    grid[1][0].set_ylabel("probability (%)")
    text = "; ".join(
        f"a {label} is read as {each.argmax()} with {each.max():.1%}"
        for label, each in zip(labels, probabilities, strict=True)
    )
    return picture.describe(
        alt=f"{len(images)} digits, each above ten bars of probability: {text}.",
        caption=f"Bars: the ten probabilities, the true class in blue. From left to right: {text}.",
    )
