"""Further questions to the records: curves, good learning rates, single pairs of runs, failures, hard digits."""

from collections.abc import Iterable, Sequence

import numpy as np
from scipy import stats

from lenet_tutorial.recipe import Recipe
from lenet_tutorial.studies import intervals
from lenet_tutorial.studies.optimizers.grid import Grid
from lenet_tutorial.studies.optimizers.run import Run, runs_of
from lenet_tutorial.studies.optimizers.verdict import MARGIN, validation_accuracy
from lenet_tutorial.studies.records import Records

# One prediction for every digit is right for about a tenth of them: a network below this has learned nothing.
CHANCE = 0.2


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


def good_learning_rates(records: Records[Run], grid: Grid, margin: float = MARGIN) -> dict[str, list[float]]:
    """Judge the learning rates of every optimizer by one threshold: the best recipe of all, minus a margin.

    Args:
        records: of this study.
        grid: which recipes and seeds.
        margin: how much less mean validation accuracy still counts as close.

    Returns:
        ``{family: learning rates in order}``. A recipe of which a run is missing or diverged is never close.
    """
    families = grid.families()
    means = {
        recipe: validation_accuracy(records, recipe, grid.seeds) for recipes in families.values() for recipe in recipes
    }
    threshold = np.nanmax([np.nan if mean is None else mean for mean in means.values()]) - margin
    return {
        family: sorted(recipe.learning_rate for recipe in recipes if (means[recipe] or 0) >= threshold)
        for family, recipes in families.items()
    }


def single_pairs(records: Records[Run], first: Recipe, second: Recipe) -> np.ndarray:
    """The difference in test accuracy that each single pair of runs gives, whatever their seeds.

    Returns:
        Floats (runs of the first, runs of the second), without runs that diverged.
    """
    scores = [
        [run.last("test_accuracy") for run in runs_of(records, recipe) if not run.diverged]
        for recipe in (first, second)
    ]
    return np.subtract.outer(*scores).round(9)  # accuracies are counts: what is smaller is rounding


def failures(records: Records[Run], recipe: Recipe) -> tuple[int, int]:
    """How many of a recipe's runs learned nothing or diverged, and of how many."""
    runs = runs_of(records, recipe)
    return sum(run.diverged or run.last("test_accuracy") < CHANCE for run in runs), len(runs)


def always_misread(records: Records[Run], recipes: Iterable[Recipe]) -> list[int]:
    """Positions in the test data of the digits that every run of some recipes misread."""
    misread = [set(run.misread) for recipe in recipes for run in runs_of(records, recipe) if not run.diverged]
    return sorted(set.intersection(*misread))


def agreement(ours: Sequence[float], theirs: Sequence[float]) -> dict[str, float | tuple[float, float]]:
    """Ask whether two programs' runs of one recipe could come from one distribution.

    Args:
        ours, theirs: test accuracies, one a run.

    Returns:
        ``{"difference", "interval", "p"}``: the difference of the means, its 95% interval, low and high, and the
        p-value, all of Welch's t test, which lets the two spreads differ. Source: Welch (1947), Biometrika 34, 28,
        doi:10.1093/biomet/34.1-2.28; computed by SciPy.
    """
    found = stats.ttest_ind(ours, theirs, equal_var=False)
    return {
        "difference": float(np.mean(ours) - np.mean(theirs)),
        "interval": tuple(map(float, found.confidence_interval(intervals.LEVEL))),
        "p": float(found.pvalue),
    }
