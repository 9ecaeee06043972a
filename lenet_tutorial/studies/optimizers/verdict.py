"""The textbook's closing claim, what would have to be true, and what the records say of it.

The claim: the gap between its Keras network and its earlier TensorFlow network comes from SGD, which lacks what Adam
has. If so, SGD must stay behind Adam when each has the learning rate that suits it, and when both start from the
same kind of first weights. If the gap closes, the learning rate explains it, and SGD does not.
"""

from dataclasses import dataclass

import numpy as np

from lenet_tutorial.studies.optimizers import intervals
from lenet_tutorial.studies.optimizers.grid import ADAM_DEFAULT, TEXTBOOK, TEXTBOOK_INITIALIZATION, Grid, name, setting

# What the earlier TensorFlow network printed, and a second run of the textbook's own Keras recipe. Source: the book's
# public code, PacktPublishing/Mastering-TensorFlow-1x, Chapter09/ch-09a_CNN_MNIST_TF_and_Keras.ipynb.
EARLIER_TEST_ACCURACY = 0.9854
SECOND_TEST_ACCURACY = 0.9796

# The equivalence margin, stated before the grid was run, in test accuracy: 0.003 is 0.3 percentage points.
#   Not larger: the gap to be explained is 0.69 points, EARLIER_TEST_ACCURACY less textbook.TEST_ACCURACY. What makes up
#   less than 0.3 points leaves more than half of the gap to something else, and so is not where the gap comes from.
#   Not smaller: one standard error of an accuracy on 10,000 digits is 0.09 to 0.14 points. A difference of two good
#   networks, paired by digit, can hardly be told more finely than 0.2 points, whatever the number of seeds.
MARGIN = 0.003

SUPPORTED, NOT_SUPPORTED, CANNOT_TELL = "supported", "not supported", "cannot tell"


@dataclass(frozen=True)
class Comparison:
    """Two recipes of one grid, compared on the test data. A positive difference: the first reads better.

    Attributes:
        first, second: the recipes, or None where the records do not tell yet which it is.
        difference: an :class:`intervals.Difference`; None if no seed was run to its end with both.
        diverged: how many of the two recipes' recorded runs diverged.
    """

    first: object
    second: object
    difference: object
    diverged: int

    @property
    def known(self):
        """Whether there are enough pairs for an interval: two at least."""
        return self.difference is not None and self.difference.both.known

    @property
    def outcome(self):
        """Where the interval with both sources of chance lies.

        ``"more"`` or ``"less"``: beyond the margin; ``"same"``: within it; ``"not more"``: short of its upper end only;
        ``"unclear"``: across it; ``"unknown"``: there is no interval.
        """
        if not self.known:
            return "unknown"
        low, high = self.difference.both.low, self.difference.both.high
        if low > MARGIN:
            return "more"
        if high < -MARGIN:
            return "less"
        if low > -MARGIN and high < MARGIN:
            return "same"
        return "not more" if high < MARGIN else "unclear"

    def __str__(self):
        if self.first is None or self.second is None:
            return "not every candidate has its runs yet"
        words = f"{name(self.first)} less {name(self.second)}"
        if self.difference is None:
            return f"{words}: no seed was run to its end with both"
        if not self.known:
            return f"{words}: {points(self.difference.value)} points, from one pair of runs: no interval"
        both = self.difference.both
        return (
            f"{words}: {points(both.value)} points ({points(both.low)} to {points(both.high)}), "
            f"{len(self.difference.pairs)} pairs of runs{f', {self.diverged} runs diverged' if self.diverged else ''}"
        )


def points(share):
    """A difference of shares in percentage points, with its sign.

    Example:

    >>> points(0.0069)
    '+0.69'
    """
    return f"{100 * share:+.2f}"


@dataclass(frozen=True)
class Verdict:
    """What the records say of the claim.

    Attributes:
        outcome: ``"supported"``, ``"not supported"`` or ``"cannot tell"``.
        reason: a sentence, its numbers computed.
        as_set: :class:`Comparison` of Adam 0.001 and SGD 0.01, the learning rates of the two networks compared.
        at_best: of the best Adam and the best SGD, each chosen on validation data. It decides.
        first_weights: of Glorot-uniform and the earlier network's first weights, under Adam 0.001 and under SGD 0.01.
        best: ``{family: recipe}``, the choice on validation data; None where it is still open.
    """

    outcome: str
    reason: str
    as_set: Comparison
    at_best: Comparison
    first_weights: tuple
    best: dict

    def __str__(self):
        return (
            f"Verdict: the claim is {self.outcome}. {self.reason}"
            if self.outcome != CANNOT_TELL
            else (f"Verdict: cannot tell. {self.reason}")
        )


def compare(records, first, second):
    """Compare two recipes on the test data, paired by seed and by digit.

    Args:
        records: a :class:`lenet_tutorial.studies.optimizers.record.Records`.
        first, second: recipes of one setting; their seed is of no account. None where it is not known yet.

    Returns:
        A :class:`Comparison`.

    Raises:
        ValueError: the two differ in epochs, batch size or precision.
    """
    if first is None or second is None:
        return Comparison(first, second, None, 0)
    if setting(first) != setting(second):
        raise ValueError(
            "expected recipes with the same epochs, batch size and precision, "
            f"got {setting(first)} and {setting(second)}"
        )
    runs = [records.of(recipe) for recipe in (first, second)]
    misread = [{each.recipe.seed: each.misread for each in some if not each.diverged} for some in runs]
    diverged = sum(each.diverged for some in runs for each in some)
    if not set(misread[0]) & set(misread[1]):
        return Comparison(first, second, None, diverged)
    return Comparison(first, second, intervals.difference(*misread, records.data["test"]), diverged)


def best(records, grid=None):
    """Choose the best recipe of each family on the validation data, never on the test data.

    The mean validation accuracy after the last epoch decides, over the seeds that every recipe of the grid has;
    of two that are equal, the smaller loss. A recipe of which a run diverged is not chosen.

    Args:
        records: a :class:`lenet_tutorial.studies.optimizers.record.Records`.
        grid: the :class:`Grid`; the whole one, if none is given.

    Returns:
        ``{family: recipe}``; None for a family of which runs are missing or every candidate diverged.
    """
    grid = grid or Grid()
    return {family: _best(records, candidates, grid.seeds) for family, candidates in grid.families().items()}


def _best(records, candidates, n_seeds):
    scores = []
    for recipe in candidates:
        runs = [each for each in records.of(recipe) if each.recipe.seed < n_seeds]
        if len(runs) < n_seeds:
            return None
        if any(each.diverged for each in runs):
            continue
        accuracy = np.mean([each.last("validation_accuracy") for each in runs])
        loss = np.mean([each.last("validation_loss") for each in runs])
        scores.append(((accuracy, -loss), recipe))
    return max(scores, key=lambda pair: pair[0])[1] if scores else None


def judge(records, grid=None):
    """Put the claim to the records.

    Args:
        records: a :class:`lenet_tutorial.studies.optimizers.record.Records`.
        grid: the :class:`Grid` whose setting is judged; the whole one, if none is given.

    Returns:
        A :class:`Verdict`.
    """
    grid = grid or Grid()
    chosen = best(records, grid)
    as_set = compare(records, grid.settle(ADAM_DEFAULT), grid.settle(TEXTBOOK))
    at_best = compare(records, chosen.get("Adam"), chosen.get("SGD"))
    weights = tuple(
        compare(records, grid.settle(glorot), grid.settle(normal))
        for glorot, normal in zip((ADAM_DEFAULT, TEXTBOOK), TEXTBOOK_INITIALIZATION, strict=True)
    )
    outcome, reason = _outcome(as_set, at_best)
    return Verdict(outcome, reason, as_set, at_best, weights, chosen)


def _outcome(as_set, at_best):
    margin = f"{100 * MARGIN:g} points"
    if not at_best.known or not as_set.known:
        return CANNOT_TELL, "Runs are missing or diverged: the recipes compared need two pairs of runs at least."
    few = f"{len(at_best.difference.pairs)} pairs of runs"
    if at_best.outcome == "more":
        return SUPPORTED, (f"Each at its best learning rate, Adam still reads better by more than {margin}: {at_best}.")
    if at_best.outcome in ("same", "not more", "less"):
        closes = as_set.outcome == "more"
        return NOT_SUPPORTED, (
            f"{_as_they_were(as_set, margin)} Each at its best learning rate: {at_best}. "
            f"{'So the learning rate closes the gap: there' if closes else 'There'} a lead of Adam of {margin} or more "
            f"is ruled out; {few} do not prove that the two are equal."
        )
    return CANNOT_TELL, (
        f"{_as_they_were(as_set, margin)} Each at its best learning rate: {at_best}. That is neither beyond {margin} "
        "nor short of them; more seeds would narrow it."
    )


def _as_they_were(as_set, margin):
    """What the records say of the learning rates of the two networks: a sentence."""
    lead = "no lead of Adam is shown"
    if as_set.outcome == "more":
        lead = f"Adam is ahead by more than {margin}"
    elif as_set.difference.both.low > 0:
        lead = f"Adam is ahead by more than chance, and whether by {margin} is open"
        if as_set.outcome == "same":
            lead = f"Adam is ahead by more than chance, and by less than {margin}"
    return f"With the learning rates of the two networks {lead}: {as_set}."
