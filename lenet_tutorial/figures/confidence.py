"""Pictures of how far a network's probabilities can be trusted: calibration, refusing, and what is no digit."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import ArrayLike

from lenet_tutorial.evaluation import Auroc, auroc, wilson_interval, wilson_intervals
from lenet_tutorial.figures.picture import (
    COLORS,
    GRID,
    GROUND,
    INK,
    OURS,
    QUIET,
    TEXTBOOK,
    Picture,
    listed,
    sentence,
    styled,
)

BINS = (0, 0.5, 0.6, 0.7, 0.8, 0.9, 1)  # of the probability that a network gives to its prediction
MOST_POINTS = 300  # drawn in a row


@styled
def reliability(probabilities: ArrayLike, correct: ArrayLike) -> Picture:
    """Draw a reliability diagram: how often predictions of about the same probability are correct.

    Args:
        probabilities: floats (n,), the probability that a network gives to each of its predictions.
        correct: booleans (n,), whether each prediction is correct.

    Returns:
        A Picture: predictions are grouped by probability, up to 50%, 60%, and so on to 100%. Each group is a point
        with its 95% Wilson interval and its count.
    """
    probabilities, correct = np.asarray(probabilities), np.asarray(correct, bool)
    picture = Picture(5.6, 4.8, title="When it says 90%, how often is it right?")
    axes = picture.subplots()
    axes.plot([0, 100], [0, 100], "--", color=QUIET, lw=1.2, label="calibrated: right as often as it says")
    told, paper = [], {"fc": GROUND, "ec": "none", "pad": 1}
    group = np.clip(np.digitize(probabilities, BINS) - 1, 0, len(BINS) - 2)
    for each in np.unique(group):
        inside = group == each
        n, hits = int(inside.sum()), int(correct[inside].sum())
        said, share = 100 * probabilities[inside].mean(), 100 * hits / n
        low, high = (100 * end for end in wilson_interval(hits, n))
        axes.errorbar(said, share, [[share - low], [high - share]], fmt="o", ms=7, capsize=4, color=OURS)
        axes.annotate(f"{n:,}", (said, share), (11, -5), textcoords="offset points", color=INK, bbox=paper)
        told.append(f"{share:.1f}% of {n:,} at {said:.0f}%")
    axes.set(xlim=(20, 112), ylim=(0, 108))
    axes.legend(frameon=False, loc="upper left")
    axes.set_xlabel("what the network says: its mean probability in the group (%)")
    axes.set_ylabel("how often it is right (%)")
    axes.grid(color=GRID)
    return picture.describe(
        alt=f"Points beside a diagonal, one for each group of predictions. Correct predictions, at the mean "
        f"probability of the group: {listed(told)}.",
        caption="Each point is a group of test digits, with its 95% interval and its number of digits. Over all "
        f"{len(correct):,} digits together, the network says {100 * probabilities.mean():.1f}% and is right "
        f"{100 * correct.mean():.1f}% of the time.",
    )


@styled
def rejection_curves(
    groups: Mapping[str, tuple[ArrayLike, ArrayLike]], *, title: str, most: float = 0.5, shown: float = 0.1
) -> Picture:
    """Draw how many mistakes remain if a network refuses to answer where its probability is lowest.

    Args:
        groups: dict from a name to the probabilities of the predictions, floats (n,), and booleans (n,), which of them
            are correct.
        title: what to see.
        most: the largest share of refused images to draw.
        shown: a share of refused images whose mistakes are put into words.

    Returns:
        A Picture: a panel for each group, each on its own scale: a curve with its 95% Wilson band, between a dashed
        line for refusing at random and a dotted one for refusing nothing but mistakes.
    """
    picture = Picture(7.2, 3.6, title=title)
    panels = picture.subplots(1, len(groups), squeeze=False)[0]
    told = []
    for axes, (name, (probabilities, correct)), color in zip(panels, groups.items(), COLORS, strict=False):
        area = auroc(*(np.asarray(probabilities)[np.asarray(correct, bool) == is_right] for is_right in (True, False)))
        wrong = ~np.asarray(correct, bool)[np.argsort(-np.asarray(probabilities), kind="stable")]
        left = np.unique(np.round(np.linspace(1 - most, 1, 101) * len(wrong)).astype(int))
        mistakes = np.cumsum(wrong)[left - 1]
        refused, share = 100 * (1 - left / len(wrong)), 100 * mistakes / left
        best = 100 * np.maximum(wrong.sum() - (len(wrong) - left), 0) / left
        axes.plot(refused, share, color=color, lw=2, label="the least sure")
        axes.fill_between(refused, *(100 * wilson_intervals(mistakes, left)), color=color, alpha=0.2, lw=0)
        axes.axhline(share[-1], color=QUIET, lw=1.2, ls="--", label="at random")
        axes.plot(refused, best, ":", color=QUIET, lw=1.8, label="only mistakes")
        axes.set_title(f"{name}\nAUROC {_with_ends(area)}", fontsize=10)
        axes.set_xlim(0, 100 * most)
        axes.set_ylim(bottom=0)
        axes.set_xlabel("refused (%)")
        axes.grid(axis="y", color=GRID)
        few = np.argmin(np.abs(refused - 100 * shown))
        told.append(
            f"{name}: {share[-1]:.1f}% without refusing, {share[few]:.1f}% if {refused[few]:.0f}% are refused, "
            f"AUROC {_with_ends(area)}"
        )
    panels[0].set_ylabel("mistakes among the answers (%)")
    panels[0].legend(frameon=False, title="refused:", fontsize=9.5)
    return picture.describe(
        alt=f"{sentence(title)} Falling curves over the share of refused images, with 95% intervals. Mistakes: "
        f"{'; '.join(told)}.",
        caption="Bands: 95% intervals. Each panel has its own scale.",
    )


@styled
def highest_probabilities(
    groups: Mapping[str, ArrayLike], areas: Mapping[str, Auroc], *, title: str, threshold: float
) -> Picture:
    """Draw the highest probability that a network gives to each image of some groups, a row for each group.

    Args:
        groups: dict from a name to floats (n,); the first one, in blue, is what the others are compared with.
        areas: dict from the name of every other group to its AUROC.
        title: what to see.
        threshold: a probability; what share of a group lies above it is written beside its row.

    Returns:
        A Picture: a point for each image, for 300 at most, on a scale that spreads the probabilities near 1; the
        median as a bar.
    """
    picture = Picture(7.2, 0.55 * len(groups) + 1.5, title=title)
    axes = picture.subplots()
    random, ticks, told = np.random.default_rng(0), (0.5, 0.8, 0.9, 0.99, 0.999, 0.9999), []
    right, sides = _spread(0.99999), []
    for row, (name, each) in enumerate(groups.items()):
        each = np.asarray(each, np.float64)
        color = OURS if name not in areas else TEXTBOOK
        some = random.permutation(each)[:MOST_POINTS]
        axes.plot(
            np.minimum(_spread(some), right),
            row + random.uniform(-0.3, 0.3, some.size),
            ".",
            ms=3,
            color=color,
            alpha=0.4,
        )
        axes.plot([min(_spread(np.median(each)), right)] * 2, [row - 0.36, row + 0.36], color=INK, lw=2.5)
        passing = f"{np.mean(each >= threshold):.1%}"
        sides.append(f"AUROC {_with_ends(areas[name])}\n{passing} above" if name in areas else f"{passing} above")
        told.append(f"{name}: {f'AUROC {areas[name]}, ' if name in areas else ''}{passing} above the threshold")
    axes.axvline(_spread(threshold), color=INK, lw=1, ls="--", zorder=0)
    axes.text(_spread(threshold), -0.75, f"threshold {threshold:.1%}", fontsize=9, ha="left", color=QUIET)
    axes.set_yticks(range(len(groups)), list(groups))
    axes.set_ylim(len(groups) - 0.5, -0.6)
    beside = axes.secondary_yaxis("right")
    beside.set_yticks(range(len(groups)), sides, fontsize=9.5)
    beside.tick_params(length=0)
    beside.spines["right"].set_visible(False)
    axes.set_xticks([_spread(tick) for tick in ticks], [f"{100 * tick:g}" for tick in ticks])
    axes.set_xlim(_spread(0.15), right)
    axes.set_xlabel("highest of the ten probabilities (%)")
    axes.grid(axis="x", color=GRID)
    first, text = next(iter(groups)), "; ".join(told)
    return picture.describe(
        alt=f"{sentence(title)} Rows of points, one for each group of images, at most {MOST_POINTS} of a group, with "
        f"the AUROC against {first} and its 95% interval. {text}.",
        caption=f"A point is an image (at most {MOST_POINTS} of a group), the bar the median. The scale spreads what "
        "is near 100%; in brackets: 95% intervals.",
    )


def _with_ends(area: Auroc) -> str:
    return f"{area.value:.2f} ({area.low:.2f} to {area.high:.2f})"


def _spread(probabilities):
    """Place probabilities so that 0.9, 0.99 and 0.999 are equally far apart."""
    return -np.log10(np.maximum(1 - np.asarray(probabilities, np.float64), 1e-12))
