"""Further questions to the records: curves, how soon, how wide, and how often one pair of runs would mislead."""

from dataclasses import dataclass, replace

import numpy as np

from lenet_tutorial import textbook
from lenet_tutorial.studies.optimizers import intervals
from lenet_tutorial.studies.optimizers.verdict import MARGIN

PRECISIONS_COMPARED = ("float32", "mixed_bfloat16")  # the arithmetic of a run, the exact one first


def curve(records, recipe, name):
    """A curve of all of a recipe's runs.

    Args:
        records: a :class:`lenet_tutorial.studies.optimizers.record.Records`.
        recipe: the recipe; its seed is of no account.
        name: one of `record.CURVES`.

    Returns:
        Floats (runs, epochs), by seed; NaN where there was no number, and where a run that diverged had ended.
    """
    runs = records.of(recipe)
    values = np.full((len(runs), recipe.epochs), np.nan)
    for row, run in zip(values, runs, strict=True):
        found = run.curves[name]
        row[: len(found)] = np.array(found, dtype=float)  # None becomes NaN
    return values


def epochs_to_reach(record, accuracy=textbook.TEST_ACCURACY):
    """The first epoch, counted from 1, after which a run read that share of the test digits; None if none did."""
    for epoch, reached in enumerate(record.curves["test_accuracy"], 1):
        if reached is not None and reached >= accuracy:
            return epoch
    return None


@dataclass(frozen=True)
class Width:
    """The learning rates that serve about as well as the best one.

    Attributes:
        low, high: the smallest and the largest of them; all that were tried in between serve, too.
        at_edge: whether one of them is the smallest or largest that was tried: the range may then be wider.
    """

    low: float
    high: float
    at_edge: bool

    @property
    def factor(self):
        """How many times larger the largest is."""
        return self.high / self.low


def width(records, candidates, margin=MARGIN, *, seeds=None):
    """How wide a range of learning rates serves, by mean validation accuracy after the last epoch.

    Args:
        records: a :class:`lenet_tutorial.studies.optimizers.record.Records`.
        candidates: recipes that differ in their learning rate alone.
        seeds: how many of each one's runs count, the first by seed, so that all rest on the same seeds; all, if none.
        margin: how much worse than the best still serves, in accuracy.

    Returns:
        A :class:`Width`; None if a candidate has no runs, or all diverged. One of which a run diverged does not serve.
    """
    candidates = sorted(candidates, key=lambda recipe: recipe.learning_rate)
    means = [_mean(records.of(recipe)[:seeds]) for recipe in candidates]
    if None in means or not np.isfinite(means).any():
        return None
    best = low = high = int(np.nanargmax(means))
    while low > 0 and means[low - 1] >= means[best] - margin:
        low -= 1
    while high + 1 < len(means) and means[high + 1] >= means[best] - margin:
        high += 1
    at_edge = low == 0 or high == len(means) - 1
    return Width(candidates[low].learning_rate, candidates[high].learning_rate, at_edge)


def _mean(runs):
    """Mean validation accuracy of a recipe's runs: None without runs, NaN if one diverged."""
    if not runs:
        return None
    return np.nan if any(run.diverged for run in runs) else np.mean([run.last("validation_accuracy") for run in runs])


@dataclass(frozen=True)
class SignReversals:
    """What single pairs of runs say, beside what all of them together say.

    Attributes:
        pairs: pairs of one run of each recipe, whatever their seeds.
        wrong: pairs in which the recipe that is worse on the mean reads more test digits.
        ties: pairs that read equally many.
    """

    pairs: int
    wrong: int
    ties: int

    @property
    def share(self):
        """Share of pairs that mislead."""
        return self.wrong / self.pairs


def sign_reversal_rate(records, first, second):
    """Count how often one run of each of two recipes would mislead about which is better on the mean.

    Returns:
        A :class:`SignReversals`; None if a recipe has no run that ended.
    """
    scores = [
        np.array([run.last("test_accuracy") for run in records.of(recipe) if not run.diverged])
        for recipe in (first, second)
    ]
    if not all(map(len, scores)):
        return None
    differences = np.round(np.subtract.outer(*scores), 9)  # accuracies are counts: what is smaller is rounding
    against = np.sign(differences) == -np.sign(scores[0].mean() - scores[1].mean())
    ties = int(np.sum(differences == 0))
    return SignReversals(differences.size, int(np.sum(against & (differences != 0))), ties)


def interaction(records, first, second):
    """Measure whether the faster arithmetic changes the difference between two recipes, which is what is compared.

    Args:
        records: a :class:`lenet_tutorial.studies.optimizers.record.Records`.
        first, second: the recipes; their seed and precision are of no account.

    Returns:
        An :class:`intervals.Interval` over seeds: the first recipe's test accuracy less the second's in float32, less
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


def _ended(records, recipe, precision):
    """A recipe's runs in one arithmetic that did not diverge, by their seed."""
    runs = records.of(replace(recipe, precision=precision))
    return {run.recipe.seed: run for run in runs if not run.diverged}


def precision_differences(records):
    """Measure what the faster arithmetic changes, on every recipe that was run both ways.

    Args:
        records: a :class:`lenet_tutorial.studies.optimizers.record.Records`.

    Returns:
        ``{recipe: difference}``: an :class:`intervals.Difference` of the test accuracy in float32 less that in mixed
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
