"""Pictures of a loss, of its slope, and of the steps that lead downhill."""

from collections.abc import Callable, Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import ArrayLike, NDArray

from lenet_tutorial.figures.picture import GRID, INK, OURS, QUIET, TEXTBOOK, Picture, listed, styled

MINUS = "\N{MINUS SIGN}"  # as matplotlib writes it on an axis
Loss = Callable[[NDArray], NDArray]


@styled
def loss_curve(marked: Sequence[float]) -> Picture:
    """Draw the cross-entropy of one digit over the probability of its right class, with some points marked.

    Args:
        marked: probabilities, greater than 0 and at most 1.

    Returns:
        A Picture.
    """
    picture = Picture(7.2, 3.6, title="The loss for one digit")
    axes = picture.subplots()
    probability = np.linspace(0.01, 1, 400)
    axes.plot(probability, -np.log(probability), color=OURS, lw=2)
    for each in marked:
        axes.plot(each, -np.log(each), "o", ms=8, color=TEXTBOOK)
        _note(axes, f"p = {each:g}: {-np.log(each):.3f}", (each, -np.log(each)), (8, 8))
    axes.set(
        xlabel="p, the probability of the right class",
        ylabel=f"loss, {MINUS}ln p (nats)",
        xlim=(0, 1.12),
        ylim=(0, 4.7),
    )
    axes.set_xticks(np.arange(0, 1.1, 0.1))
    axes.grid(axis="y", color=GRID)
    points = listed(f"{-np.log(each):.3f} at p = {each:g}" for each in marked)
    return picture.describe(
        alt=f"A curve that falls from far above 4 near p = 0 to 0 at p = 1. Three points on it: {points}.",
        caption=f"The more probable the right class, the smaller the loss: {points}. "
        "Toward p = 0 the curve rises without limit.",
    )


@styled
def slope_and_step(loss: Loss, start: float, slope: float, rate: float) -> Picture:
    """Draw a loss over one weight, its slope at a point, and one step of gradient descent from there.

    Args:
        loss: a function of the weight, for arrays, too.
        start: where the step begins.
        slope: of the loss at ``start``.
        rate: the learning rate.

    Returns:
        A Picture.
    """
    picture = Picture(7.2, 3.8, title="One step downhill")
    axes = picture.subplots()
    end = start - rate * slope
    _hill(axes, loss, start - 1.5, start + 3.5)
    beside = np.array([start - 0.9, start + 1.3])
    tangent = loss(start) + slope * (beside - start)
    axes.plot(beside, tangent, "--", color=TEXTBOOK, lw=1.8)
    _note(axes, f"slope {_signed(slope)}", (beside[1], tangent[1]), (6, -4), color=TEXTBOOK)
    axes.plot([start, end], loss(np.array([start, end])), "o", ms=9, color=OURS)
    arrow = {"arrowstyle": "-|>", "color": INK, "lw": 1.6, "shrinkA": 6, "shrinkB": 0}
    axes.annotate("", (end, loss(start)), (start, loss(start)), arrowprops=arrow)
    axes.plot([end, end], [loss(start), loss(end)], ":", color=INK, lw=1.4)
    _note(axes, f"step: {MINUS}{rate:g} · ({_signed(slope)}) = {_signed(end - start)}", (end, loss(start)), (6, 2))
    _note(axes, f"w = {_signed(start)}", (start, loss(start)), (-8, -18), ha="right")
    _note(axes, f"w = {_signed(end)}", (end, loss(end)), (-8, -18), ha="right")
    axes.set(xlabel="w, the one weight", ylabel="loss (nats)")
    stepped = f"from w = {_signed(start)} to w = {_signed(end)}"
    fell = f"the loss goes from {loss(start):.3f} to {loss(end):.3f}"
    return picture.describe(
        alt=f"A curve shaped like a valley. A dashed line touches it at w = {_signed(start)} with a slope of "
        f"{_signed(slope)}; an arrow leads {stepped}, and {fell}.",
        caption=f"The dashed line has the curve's slope at w = {_signed(start)}, which is {_signed(slope)}. The step "
        f"goes where it falls, {stepped}, and {fell}.",
    )


@styled
def descents(loss: Loss, paths: Mapping[float, ArrayLike]) -> Picture:
    """Draw several gradient descents on the same loss, one panel each.

    Args:
        loss: a function of the weight, for arrays, too.
        paths: ``{learning rate: the weights, from the first to the last}``.

    Returns:
        A Picture; all panels on one scale.
    """
    paths = {rate: np.asarray(path, float) for rate, path in paths.items()}
    low, high = (each([path.min() if each is min else path.max() for path in paths.values()]) for each in (min, max))
    picture = Picture(7.2, 3.2, title="The same start, three learning rates")
    panels = picture.subplots(1, len(paths), sharex=True, sharey=True, squeeze=False)[0]
    for axes, (rate, path) in zip(panels, paths.items(), strict=True):
        _hill(axes, loss, low - 1, high + 1)
        axes.plot(path, loss(path), "o-", ms=5, lw=1, color=OURS)
        axes.plot(path[0], loss(path[0]), "o", ms=8, mfc="white", color=OURS)
        axes.plot(path[-1], loss(path[-1]), "o", ms=8, color=TEXTBOOK)
        axes.set_title(f"learning rate {rate:g}\nloss {loss(path[-1]):.3f} after {len(path) - 1} steps")
        axes.set_xlabel("w")
    panels[0].set_ylabel("loss (nats)")
    ends = listed(f"{loss(path[-1]):.3f} with {rate:g}" for rate, path in paths.items())
    (first,) = {path[0] for path in paths.values()}
    return picture.describe(
        alt=f"{len(paths)} panels with the same valley and the steps of a descent. The loss at the end: {ends}.",
        caption=f"Each descent starts at the white point, where the loss is {loss(first):.3f}, and ends at the orange "
        f"one. The loss at the end: {ends}.",
    )


def _signed(number: float) -> str:
    return f"{number:g}".replace("-", MINUS)


def _note(axes: Axes, words: str, point: tuple[float, float], offset: tuple[float, float], **settings: object) -> None:
    axes.annotate(words, point, offset, textcoords="offset points", **settings)


def _hill(axes: Axes, loss: Loss, low: float, high: float) -> None:
    weights = np.linspace(low, high, 300)
    axes.plot(weights, loss(weights), color=QUIET, lw=2)
    axes.grid(axis="y", color=GRID)
