"""Further questions to the records: curves, epochs needed, learning rates that do well, sign reversals, precision."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from lenet_tutorial import textbook
from lenet_tutorial.recipe import Recipe
from lenet_tutorial.studies import intervals
from lenet_tutorial.studies.optimizers.run import Run, runs_of
from lenet_tutorial.studies.optimizers.verdict import MARGIN
from lenet_tutorial.studies.records import Records

PRECISIONS_COMPARED = ("float32", "mixed_bfloat16")  # the arithmetic of a run, the exact one first


def curve(records: Records[Run], recipe: Recipe, name: str) -> np.ndarray:
    """A curve of all of a recipe's runs.

    Args:
        records: of this study.
        recipe: the recipe; its seed does not matter.
        name: one of `run.CURVES`.

    Returns:
        Floats (runs, epochs), by seed; NaN where there was no number, and where a run that diverged had ended.
    """
    runs = runs_of(records, recipe)
    values = np.full((len(runs), recipe.epochs), np.nan)
    for row, run in zip(values, runs, strict=True):
        found = run.curves[name]
        row[: len(found)] = np.array(found, dtype=float)  # None becomes NaN
    return values


def epochs_to_reach(run: Run, accuracy: float = textbook.TEST_ACCURACY) -> int | None:
    """The first epoch, counted from 1, after which a run read that share of the test digits; None if none did."""
    for epoch, reached in enumerate(run.curves["test_accuracy"], 1):
        if reached is not None and reached >= accuracy:
            return epoch
    return None


@dataclass(frozen=True)
class LearningRates:
    """The learning rates that do about as well as the best one.

    Attributes:
        low, high: the smallest and the largest of them; all that were tried in between do, too.
        at_edge: whether one of them is the smallest or largest that was tried: the range may then be wider.
    """

    low: float
    high: float
    at_edge: bool

    @property
    def factor(self) -> float:
        """How many times larger the largest is."""
        return self.high / self.low


def good_learning_rates(
    records: Records[Run], candidates: Sequence[Recipe], margin: float = MARGIN, *, seeds: int | None = None
) -> LearningRates | None:
    """The range of learning rates around the best one that come close to it in mean validation accuracy.

    Args:
        records: of this study.
        candidates: recipes that differ in their learning rate alone.
        seeds: how many of each one's runs count, the first by seed, so that all rest on the same seeds; all, if none.
        margin: how much worse than the best counts as close, in accuracy.

    Returns:
        A :class:`LearningRates`; None if a candidate has no runs, or all diverged. One of which a run diverged is never
        close.
    """
    candidates = sorted(candidates, key=lambda recipe: recipe.learning_rate)
    means = [_mean(runs_of(records, recipe)[:seeds]) for recipe in candidates]
    if None in means or not np.isfinite(means).any():
        return None
    best = low = high = int(np.nanargmax(means))
    while low > 0 and means[low - 1] >= means[best] - margin:
        low -= 1
    while high + 1 < len(means) and means[high + 1] >= means[best] - margin:
        high += 1
    at_edge = low == 0 or high == len(means) - 1
    return LearningRates(candidates[low].learning_rate, candidates[high].learning_rate, at_edge)


def _mean(runs: list[Run]) -> float | None:
    """Mean validation accuracy of a recipe's runs: None without runs, NaN if one diverged."""
    if not runs:
        return None
    return np.nan if any(run.diverged for run in runs) else np.mean([run.last("validation_accuracy") for run in runs])


@dataclass(frozen=True)
class SignReversals:
    """What single pairs of runs say, beside what all of them together say.

    Attributes:
        pairs: pairs of one run of each recipe, whatever their seeds.
        reversed: pairs in which the recipe that is worse on the mean is the more accurate.
        ties: pairs of equal accuracy.
    """

    pairs: int
    reversed: int
    ties: int

    @property
    def rate(self) -> float:
        """Share of pairs with a reversed sign."""
        return self.reversed / self.pairs


def sign_reversal_rate(records: Records[Run], first: Recipe, second: Recipe) -> SignReversals | None:
    """Count how often one run of each of two recipes has the other sign than the difference of their means.

    Returns:
        A :class:`SignReversals`; None if a recipe has no run that ended.
    """
    scores = [
        np.array([run.last("test_accuracy") for run in runs_of(records, recipe) if not run.diverged])
        for recipe in (first, second)
    ]
    if not all(map(len, scores)):
        return None
    differences = np.round(np.subtract.outer(*scores), 9)  # accuracies are counts: what is smaller is rounding
    against = np.sign(differences) == -np.sign(scores[0].mean() - scores[1].mean())
    ties = int(np.sum(differences == 0))
    return SignReversals(differences.size, int(np.sum(against & (differences != 0))), ties)


def interaction(records: Records[Run], first: Recipe, second: Recipe) -> intervals.Interval | None:
    """Measure whether the faster arithmetic changes the difference between two recipes, which is what is compared.

    Args:
        records: of this study.
        first, second: the recipes; their seed and precision do not matter.

    Returns:
        An :class:`intervals.Interval` over seeds: the first recipe's test accuracy minus the second's in float32, minus
        the same in mixed bfloat16; None if no seed was run with both recipes both ways.
    """
    runs = [_ended(records, recipe, way) for way in PRECISIONS_COMPARED for recipe in (first, second)]
    seeds = sorted(set.intersection(*map(set, runs)))
    if not seeds:
        return None
    exact_first, exact_second, fast_first, fast_second = (
        np.array([each[seed].last("test_accuracy") for seed in seeds]) for each in runs
    )
    return intervals.mean((exact_first - exact_second) - (fast_first - fast_second))


def _ended(records: Records[Run], recipe: Recipe, precision: str) -> dict[int, Run]:
    """A recipe's runs in one arithmetic that did not diverge, by their seed."""
    runs = runs_of(records, replace(recipe, precision=precision))
    return {run.recipe.seed: run for run in runs if not run.diverged}


def precision_differences(records: Records[Run]) -> dict[Recipe, intervals.Difference]:
    """Measure what the faster arithmetic changes, on every recipe that was run both ways.

    Args:
        records: of this study.

    Returns:
        ``{recipe: difference}``: an :class:`intervals.Difference` of the test accuracy in float32 minus that in mixed
        bfloat16, paired by seed and by digit. The recipe is the one in float32, with seed 0.
    """
    found = {}
    for recipe in dict.fromkeys(replace(run.recipe, seed=0, precision="float32") for run in records):
        exact, fast = (
            {seed: run.misread for seed, run in _ended(records, recipe, way).items()} for way in PRECISIONS_COMPARED
        )
        if set(exact) & set(fast):
            found[recipe] = intervals.difference(exact, fast, records.data["test"])
    return found
