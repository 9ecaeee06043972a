"""Pictures of an experiment: how far one step goes, runs over epochs, learning rates, differences and single pairs."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lenet_tutorial.figures.picture import COLORS, GRID, INK, OURS, QUIET, TEXTBOOK, Picture, listed, sentence, styled
from lenet_tutorial.studies.intervals import Interval

BAND = "#e8f1f8"  # pale blue, behind what lies within a margin


@styled
def step_lengths(steps: Mapping[str, Mapping[str, NDArray]], *, title: str) -> Picture:
    """Draw how far each of a network's parameters moves in one step.

    Args:
        steps: dict from a step's name to a dict from a recipe's name to the absolute changes (n,) of all parameters.
        title: what to see.

    Returns:
        A Picture: for each step and recipe a bar over a logarithmic axis, from the 10th to the 90th percentile of the
        parameters that moved, with the median as a dot.
    """
    picture = Picture(7.2, 0.45 * sum(map(len, steps.values())) + 1.5, title=title)
    panels = picture.subplots(len(steps), 1, sharex=True, squeeze=False)[:, 0]
    text = []
    for axes, (step, lengths) in zip(panels, steps.items(), strict=True):
        for row, ((name, each), color) in enumerate(zip(lengths.items(), COLORS, strict=False)):
            low, middle, high = np.percentile(each[each > 0], (10, 50, 90))
            axes.plot([low, high], [row, row], color=color, lw=9, alpha=0.45, solid_capstyle="butt")
            axes.plot(middle, row, "o", color=color, ms=8)
            text.append(f"{step}, {name}: {_scientific(low)} to {_scientific(high)}, median {_scientific(middle)}")
        axes.set_xscale("log")
        axes.set_yticks(range(len(lengths)), list(lengths))
        axes.set_ylim(len(lengths) - 0.5, -0.5)
        axes.set_title(step, loc="left")
        axes.grid(axis="x", color=GRID)
    panels[-1].set_xlabel("how far a parameter moved in one step")
    text = "; ".join(text)
    return picture.describe(
        alt=f"{sentence(title)} Bars over a logarithmic axis. {text}.",
        caption="Bars: from the 10th to the 90th percentile of the parameters that moved at all. Dots: the medians.",
    )


def _scientific(number):
    """A number as a mantissa and a power of ten: ``5.2 · 10⁻⁷``."""
    mantissa, exponent = f"{number:.1e}".split("e")
    return f"{mantissa} · 10{str(int(exponent)).translate(str.maketrans('-0123456789', '⁻⁰¹²³⁴⁵⁶⁷⁸⁹'))}"


@styled
def runs_over_epochs(
    curves: Mapping[str, ArrayLike], *, title: str, level: tuple[float, str] | None = None, floor: float = 0
) -> Picture:
    """Draw the test accuracy of runs, epoch by epoch.

    Args:
        curves: dict from a recipe's name to accuracies (runs, epochs), 0 to 1; NaN where a run had ended.
        title: what to see.
        level: an accuracy to draw as a dashed line and its name, ``(0.9785, "textbook")``; or None.
        floor: where the vertical axis begins, 0 to 1.

    Returns:
        A Picture: a thin line a run, a thick one with its points for the mean of the runs.
    """
    picture = Picture(7.2, 4.2, title=title)
    axes = picture.subplots()
    text = []
    for (name, runs), color in zip(curves.items(), COLORS, strict=False):
        runs = 100 * np.asarray(runs, float)
        epochs = np.arange(1, runs.shape[1] + 1)
        axes.plot(epochs, runs.T, color=color, lw=0.8, alpha=0.5)
        axes.plot(epochs, runs.mean(axis=0), ".-", color=color, lw=2, label=f"{name} ({len(runs)})")
        text.append(f"{name} {runs[:, -1].mean():.2f}")
    if level:
        axes.axhline(100 * level[0], color=INK, ls="--", lw=1, label=f"{level[1]}, {level[0]:.2%}")
    axes.set_ylim(bottom=100 * floor)
    axes.set_xticks(epochs)
    axes.set_xlabel("epoch")
    axes.set_ylabel("test accuracy (%)")
    axes.grid(axis="y", color=GRID)
    picture.legend(frameon=False, loc="outside lower center", ncols=3)
    text = "; ".join(text)
    return picture.describe(
        alt=f"{sentence(title)} Curves over {len(epochs)} epochs. Mean accuracy after the last, in percent: {text}.",
        caption="Thin: single runs, as many as the number in brackets. Thick: their mean. After the last epoch, in "
        f"percent: {text}.",
    )


@styled
def over_learning_rates(
    families: Mapping[str, Mapping[float, ArrayLike]],
    *,
    title: str,
    margin: float,
    floor: float,
    beyond: Mapping[str, Mapping[float, ArrayLike]] | None = None,
) -> Picture:
    """Draw the validation accuracy of every run over its learning rate, a panel for each optimizer.

    Args:
        families: dict from an optimizer's name to ``{learning rate: accuracies (runs,)}``, 0 to 1; NaN for a run that
            diverged.
        title: what to see.
        margin: how much less than the best mean of all still counts as close, in accuracy: drawn as a band.
        floor: where the vertical axis begins, 0 to 1; a run below it is drawn as a triangle on the axis.
        beyond: runs of another program, drawn as hollow dots, in the same form.

    Returns:
        A Picture: a dot for each run, a line through the means.
    """
    beyond = beyond or {}
    picture = Picture(7.2, 3.9, title=title)
    widths = [len(rates) + len(beyond.get(family, ())) + 1 for family, rates in families.items()]
    panels = picture.subplots(1, len(families), sharey=True, squeeze=False, width_ratios=widths)
    means = {family: {rate: np.mean(runs) for rate, runs in rates.items()} for family, rates in families.items()}
    best = np.nanmax([mean for each in means.values() for mean in each.values()])
    text = []
    for axes, (family, rates), color in zip(panels[0], families.items(), COLORS, strict=False):
        line = np.array(list(means[family].values()))
        others = beyond.get(family, {})
        axes.set_xscale("log")
        axes.axhspan(100 * (best - margin), 100 * best, color=BAND, lw=0)
        axes.plot(list(rates), 100 * np.where(line >= floor, line, np.nan), color=color, lw=1.5)
        for each, fill in ((rates, color), (others, "white")):
            for rate, runs in each.items():
                _runs_at(axes, rate, np.asarray(runs, float), floor, color, fill)
        ticks = sorted({*rates, *others})
        axes.set_xticks(ticks, [f"{rate:g}" for rate in ticks], rotation=45, fontsize=9)
        axes.minorticks_off()
        axes.margins(x=0.12)
        axes.set_title(family.replace(" with ", "\nwith "))
        axes.set_xlabel("learning rate")
        axes.grid(axis="y", color=GRID)
        at = listed(f"{rate:g}: {_percent(runs)}" for rate, runs in rates.items())
        text.append(
            f"{family}, {at}" + "".join(f"; hollow {rate:g}: {_percent(runs)}" for rate, runs in others.items())
        )
    panels[0, 0].set_ylim(100 * floor - 0.25, 99.8)
    panels[0, 0].set_ylabel("validation accuracy (%)")
    text = "; ".join(text)
    return picture.describe(
        alt=f"{sentence(title)} A panel for each optimizer, accuracy over learning rate. {text}.",
        caption=f"Each dot is a run, and the line goes through the means. The band reaches {100 * margin:g} points "
        f"down from the best mean of all. Triangles: runs below {floor:.1%}, one upon the other; a mean below it is "
        "not drawn.",
    )


def _runs_at(axes, rate, runs, floor, color, fill):
    """The runs of one learning rate: dots, triangles below the floor, crosses for what diverged."""
    dot = {"color": color, "markerfacecolor": fill, "ls": "none"}
    shown = runs[runs >= floor]
    axes.plot(np.full(len(shown), rate), 100 * shown, "o", ms=4, alpha=0.75, **dot)
    for marker, n in (("v", np.sum(runs < floor)), ("x", np.isnan(runs).sum())):
        axes.plot(np.full(n, rate), np.full(n, 100 * floor - 0.12), marker, ms=6, mew=1.8, **dot)


def _percent(runs):
    """The mean of runs in percent, or what kept it from being one."""
    diverged = int(np.isnan(runs).sum())
    return f"{diverged} of {len(runs)} diverged" if diverged else f"{100 * np.mean(runs):.2f}"


@styled
def differences(
    compared: Mapping[str, Mapping[str, Interval]], *, margin: float = 0, title: str, of: str = "test accuracy"
) -> Picture:
    """Draw differences with their intervals, beside a margin.

    Args:
        compared: dict from what is compared to ``{source of chance: interval}``, as shares; the same sources
            everywhere, the last one drawn thick.
        margin: differences within it are too small to matter, as a share: drawn as a band around 0, if there is one.
        title: what to see.
        of: what they are differences of.

    Returns:
        A Picture: a group of lines for each comparison, in percentage points.
    """
    sources = list(next(iter(compared.values())))
    picture = Picture(7.2, 0.7 * len(compared) + 1.6, title=title)
    axes = picture.subplots()
    if margin:
        label = f"within the margin of {100 * margin:g} points"
        axes.axvspan(-100 * margin, 100 * margin, color=BAND, lw=0, label=label)
    axes.axvline(0, color=QUIET, lw=0.8)
    text, told = [], []
    colors = [*(COLORS[2], COLORS[1])[: len(sources) - 1], INK]
    for row, (what, found) in enumerate(compared.items()):
        for i, (source, interval) in enumerate(found.items()):
            y, last = -row - 0.18 + 0.18 * i, source == sources[-1]
            label = source if row == 0 else None
            low, value, high = interval.points.ends
            width = 3 if last else 1.6
            axes.plot([low, high], [y, y], color=colors[i], lw=width, solid_capstyle="butt", label=label)
            axes.plot(value, y, "o", color=colors[i], ms=6 if last else 3.5)
        told.append(f"{interval.points:+.2f}")
        text.append(f"{what} {told[-1]}".replace("\n", " "))
    axes.set_yticks(-np.arange(len(compared)), list(compared))
    axes.set_ylim(-len(compared) + 0.5, 0.5)
    axes.tick_params(axis="y", length=0)
    axes.spines["left"].set_visible(False)
    axes.set_xlabel(f"difference in {of} (percentage points)")
    picture.legend(frameon=False, loc="outside lower center", ncols=2)
    text = "; ".join(text)
    return picture.describe(
        alt=f"{sentence(title)} Differences with 95% intervals, in percentage points: {text}.",
        caption=f"In points, {sources[-1]}, from top to bottom: {'; '.join(told)}.",
    )


@styled
def corners(accuracies: Mapping[tuple[str, str], ArrayLike], *, title: str) -> Picture:
    """Draw the four combinations of two changes, and what each change does to the accuracy.

    Args:
        accuracies: dict from (row, column) to test accuracies (runs,), 0 to 1: two rows and two columns.
        title: what to see.

    Returns:
        A Picture: four boxes with the mean accuracies, the first at the upper left, and arrows between them with the
        differences in percentage points.
    """
    rows, columns = (list(dict.fromkeys(pair[i] for pair in accuracies)) for i in (0, 1))
    picture = Picture(7.2, 4.2, title=title)
    axes = picture.subplots()
    axes.set(xlim=(-0.42, 1.42), ylim=(1.35, -0.45))
    axes.axis("off")
    means = {pair: 100 * np.mean(runs) for pair, runs in accuracies.items()}
    for (row, column), mean in means.items():
        x, y = columns.index(column), rows.index(row)
        box = {"boxstyle": "round,pad=0.6", "fc": BAND, "ec": QUIET}
        axes.text(x, y, f"{column}\n{row}\n{mean:.2f}%", ha="center", va="center", fontsize=11, bbox=box)
    text = []
    for i in (0, 1):
        for (x, y), (u, v), start, end in (
            ((0, i), (1, i), (rows[i], columns[0]), (rows[i], columns[1])),
            ((i, 0), (i, 1), (rows[0], columns[i]), (rows[1], columns[i])),
        ):
            change = means[end] - means[start]
            color = OURS if change > 0 else TEXTBOOK
            gap = (0.27, 0) if y == v else (0, 0.24)
            arrow = {"arrowstyle": "-|>", "color": color, "lw": 2.5, "mutation_scale": 18}
            axes.annotate("", (u - gap[0], v - gap[1]), (x + gap[0], y + gap[1]), arrowprops=arrow)
            where = {"ha": "center", "va": "bottom"} if y == v else {"ha": "left", "va": "center"}
            nudge = (0, -0.03) if y == v else (0.03, 0)
            words = f"{change:+.2f}"
            axes.text(
                (x + u) / 2 + nudge[0], (y + v) / 2 + nudge[1], words, color=color, fontsize=13, weight="bold", **where
            )
            text.append(f"from {', '.join(reversed(start))} to {', '.join(reversed(end))} {words}")
    runs = len(next(iter(accuracies.values())))
    return picture.describe(
        alt=f"{sentence(title)} Four boxes with arrows. In percentage points, {listed(text)}.",
        caption=f"In the boxes, the mean test accuracy of {runs} runs each; at the arrows, differences in "
        "percentage points, taken before rounding.",
    )


@styled
def single_pairs(compared: Mapping[str, ArrayLike], *, title: str) -> Picture:
    """Draw the difference that each single pair of runs gives for two recipes.

    Args:
        compared: dict from what is compared to differences in test accuracy (n,), one for each pair of runs.
        title: what to see.

    Returns:
        A Picture: a row for each comparison, a dot for each pair, blue on the side of the mean and orange on the other.
    """
    picture = Picture(7.2, 0.95 * len(compared) + 1.3, title=title)
    axes = picture.subplots()
    axes.axvline(0, color=QUIET, lw=0.8)
    text, told = [], []
    for row, (what, each) in enumerate(compared.items()):
        points = np.sort(100 * np.ravel(each))
        against = np.sign(np.round(points, 6)) != np.sign(points.mean())
        rise = -row + np.linspace(-0.28, 0.28, len(points))  # in order, so that no dot hides another
        axes.scatter(points, rise, s=24, color=np.where(against, TEXTBOOK, OURS))
        axes.plot([points.mean()] * 2, [-row - 0.36, -row + 0.36], color=INK, lw=1.5)
        what = what.replace("\n", " ")
        told.append(f"{against.mean():.1%}")
        text.append(f"{what}: mean {points.mean():+.2f}, of another sign in {told[-1]} of pairs")
    axes.set_yticks(-np.arange(len(compared)), list(compared))
    axes.tick_params(axis="y", length=0)
    axes.spines["left"].set_visible(False)
    axes.set_xlabel("difference of one pair in test accuracy (points)")
    text = "; ".join(text)
    return picture.describe(
        alt=f"{sentence(title)} Rows of dots, one for each pair of runs. In percentage points, {text}.",
        caption="A dot is one run of the first recipe against one of the second, in order of size; the black line is "
        "the mean of all. Blue: on the same side of 0 as the mean. Orange: on the other side, or on 0, from top to "
        f"bottom {', '.join(told)} of the dots.",
    )
