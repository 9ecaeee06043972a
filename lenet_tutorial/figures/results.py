"""Pictures of training and of predictions."""

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle
from numpy.typing import ArrayLike, NDArray

from lenet_tutorial.figures.picture import (
    GOOD,
    GRID,
    INK,
    OURS,
    QUIET,
    TEXTBOOK,
    Picture,
    as_images,
    draw_digit,
    draw_probabilities,
    listed,
    styled,
)
from lenet_tutorial.textbook import Epoch

PANELS = {"loss": "loss (nats)", "accuracy": "accuracy (share)"}


@styled
def learning_curves(history: Mapping[str, Sequence[float]], *, title: str, top: float | None = None) -> Picture:
    """Draw loss and accuracy over the epochs, on training and on validation digits.

    Args:
        history: what ``fit`` returns as ``history``: ``loss``, ``accuracy``, ``val_loss`` and ``val_accuracy``, one
            number an epoch.
        title: what to see.
        top: upper end of the loss's axis, so that small losses can be seen; by default all of the curve.

    Returns:
        A Picture of two panels.
    """
    picture = Picture(7.2, 3.6, title=title)
    panels = picture.subplots(1, 2)
    for axes, (what, label) in zip(panels, PANELS.items(), strict=True):
        _curve(axes, history[what], ".-", color=OURS, label="training")
        _curve(axes, history[f"val_{what}"], "s-", ms=4, color=GOOD, label="validation")
        axes.set_ylabel(label)
        axes.legend(frameon=False)
    panels[0].set_ylim(0, top)
    lowest = int(np.argmin(history["val_loss"]))
    point, at_the_end = (lowest + 1, history["val_loss"][lowest]), lowest > 0.7 * len(history["val_loss"])
    panels[0].plot(*point, "s", ms=11, mfc="none", color=INK)
    placed = {"textcoords": "offset points", "ha": "right" if at_the_end else "center", "fontsize": 9}
    panels[0].annotate("lowest\nvalidation loss", point, (6 if at_the_end else 0, 24), **placed)
    text = (
        f"Training loss: {history['loss'][0]:.3f} at first, {history['loss'][-1]:.3f} at last. Validation loss: "
        f"{history['val_loss'][0]:.3f} at first, {history['val_loss'][lowest]:.3f} at its lowest, "
        f"{history['val_loss'][-1]:.3f} at last. Validation accuracy: {history['val_accuracy'][0]:.3f} after the first "
        f"epoch, {history['val_accuracy'][-1]:.3f} after the last"
    )
    cut = f" Losses above {top:g} are cut off." if top is not None and max(history["loss"]) > top else ""
    return picture.describe(alt=f"Two panels of two curves, over the epochs. {text}.{cut}", caption=f"{text}.{cut}")


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
    picture = Picture(7.2, 3.3, title="Our training" + (" and the textbook's" if log else ""))
    for axes, (what, label) in zip(picture.subplots(1, 2), PANELS.items(), strict=True):
        if log:
            theirs = [getattr(epoch, what) for epoch in log]
            _curve(axes, theirs, "o", ms=9, mfc="none", mew=1.8, color=TEXTBOOK, label="textbook")
        _curve(axes, history[what], ".-", color=OURS, label=f"ours, {name}")
        axes.set_ylabel(f"training {label}")
        axes.set_ylim(bottom=0 if what == "loss" else None)
        axes.legend(frameon=False)
    text = f"Our loss ends at {history['loss'][-1]:.3f} and our accuracy at {history['accuracy'][-1]:.3f}"
    if log:
        text += f"; the textbook's at {log[-1].loss:.3f} and {log[-1].accuracy:.3f}"
        apart = [
            abs(getattr(epoch, what) - ours)
            for what in PANELS
            for epoch, ours in zip(log, history[what], strict=False)
            if epoch.number > 2
        ]
        text += f". From the third epoch on, the two are at most {max(apart, default=0):.4f} apart"
    return picture.describe(
        alt=f"Two panels, loss and accuracy over {len(history['loss'])} epochs. {text}.",
        caption=f"{text}. All are running averages over an epoch, on training digits.",
    )


def _curve(axes: Axes, values: ArrayLike, *style: str, **settings: object) -> None:
    """Draw one number an epoch, counted from 1."""
    axes.plot(np.arange(1, len(values) + 1), values, *style, **settings)
    axes.set_xlabel("epoch")
    axes.xaxis.get_major_locator().set_params(integer=True)
    axes.grid(axis="y", color=GRID)


@styled
def confusion(matrix: ArrayLike, *, outlined: int = 3) -> Picture:
    """Draw a confusion matrix: every count as a number, color for the mistakes, and the most frequent outlined.

    Args:
        matrix: integers (10, 10), row = true class, column = predicted class.
        outlined: how many of the most frequent mistakes to outline.

    Returns:
        A Picture; the mistakes of each row and of each column are added up beside it.
    """
    matrix = np.asarray(matrix)
    mistakes = matrix - np.diag(np.diag(matrix))
    picture = Picture(6.4, 6.2, title="Which digit is read as which?")
    axes = picture.subplots()
    shown = np.ma.masked_array(mistakes, mask=np.eye(10, dtype=bool))
    axes.imshow(shown, cmap="Oranges", vmin=0, vmax=max(mistakes.max(), 1))
    for (row, column), count in np.ndenumerate(matrix):
        if count:
            color = QUIET if row == column else ("white" if count > 0.6 * mistakes.max() else INK)
            axes.text(column, row, str(count), ha="center", va="center", color=color)
    cells = np.column_stack(np.unravel_index(np.argsort(-mistakes, axis=None, kind="stable"), mistakes.shape))
    cells = [(row, column) for row, column in cells[:outlined] if mistakes[row, column]]
    for row, column in cells:
        axes.add_patch(Rectangle((column - 0.5, row - 0.5), 1, 1, fill=False, edgecolor=INK, lw=2.5))
    _sums(axes, mistakes)
    axes.set_xticks(range(10))
    axes.set_yticks(range(10))
    axes.tick_params(length=0)
    axes.set_xlabel("the network's prediction")
    axes.set_ylabel("the true digit")
    most = listed(f"{row} read as {column} ({mistakes[row, column]} times)" for row, column in cells) or "none"
    counted = f"{np.trace(matrix):,} of {matrix.sum():,} digits are read correctly"
    return picture.describe(
        alt=f"A table of 10 by 10 counts, with sums. {counted}. The most frequent mistakes: {most}.",
        caption=f"In gray on the diagonal, {counted}. Outlined, the most frequent of the {mistakes.sum():,} "
        f"mistakes: {most}. The sums outside count the mistakes of each row and of each column.",
    )


def _sums(axes: Axes, mistakes: NDArray[np.integer]) -> None:
    """Write the mistakes of each row to the right of a matrix, and of each column beneath it; the largest are bold."""
    for axis, sums in enumerate((mistakes.sum(axis=0), mistakes.sum(axis=1))):
        for at, count in enumerate(sums):
            x, y = (at, 10) if axis == 0 else (10, at)
            weight = "bold" if count == sums.max() > 0 else "normal"
            axes.text(x, y, str(count), ha="center", va="center", color=INK, weight=weight)
    axes.text(10, 10, str(mistakes.sum()), ha="center", va="center", color=INK)
    axes.text(10, -0.75, "mistakes", ha="center", color=QUIET, fontsize=9)
    axes.text(-0.65, 10, "mistakes", ha="right", va="center", color=QUIET, fontsize=9)
    axes.set_xlim(-0.5, 10.5)
    axes.set_ylim(10.5, -0.5)
    axes.axhline(9.5, color=QUIET, lw=1)
    axes.axvline(9.5, color=QUIET, lw=1)


@styled
def prediction_bars(
    images: ArrayLike,
    probabilities: ArrayLike,
    labels: Sequence[int],
    *,
    title: str,
    titles: Sequence[str] | None = None,
    caption: str = "",
) -> Picture:
    """Draw digits, and beneath each the probability that the network gives to every class.

    Args:
        images: digits (n, 28, 28) or (n, 784), uint8 in [0, 255] or floats in [0, 1].
        probabilities: floats (n, 10).
        labels: integers (n,), the true classes.
        title: what to see.
        titles: n words, one above each digit; by default the true class.
        caption: what else to say; then the predictions are told in the alternative text only.

    Returns:
        A Picture: n columns; the bar of the prediction in blue, the number of the true class framed, all on one scale
        from 0 to 100%.
    """
    images, probabilities = as_images(images), np.asarray(probabilities)
    titles = titles or [f"true digit: {label}" for label in labels]
    lines = max(each.count("\n") for each in titles)
    picture = Picture(min(7.2, 2.4 * len(images)), 3.4 + 0.1 * lines, title=title)
    grid = picture.subplots(2, len(images), squeeze=False, sharey="row", height_ratios=(1.2, 1))
    for above, below, image, each, label, words in zip(*grid, images, probabilities, labels, titles, strict=True):
        draw_digit(above, image)
        above.set_title(words, fontsize=9.5 if lines else 11)
        draw_probabilities(below, each, each.argmax())
        below.set_xticks(range(10), [str(n) for n in range(10)], fontsize=7 if lines else 8)
        below.get_xticklabels()[label].set(
            weight="bold", bbox={"boxstyle": "square,pad=0.15", "fill": False, "ec": INK}
        )
    grid[1][0].set_ylabel("probability (%)")
    text = "; ".join(
        f"{label} is read as {each.argmax()} with {each.max():.1%}"
        for label, each in zip(labels, probabilities, strict=True)
    )
    return picture.describe(
        alt=f"{len(images)} digits, each above ten bars of probability: {text}.",
        caption=f"{caption} Blue: the prediction; framed: the true digit."
        if caption
        else f"Blue: the prediction. Framed: the true digit. From left to right: {text}.",
    )
