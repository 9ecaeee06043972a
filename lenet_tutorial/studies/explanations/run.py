"""A run: one network of three kinds, and how the attribution methods do in the tests that it is for.

Scores and pass marks were chosen before the runs. A score is one number for each method and network, a mean over test
digits that the seed draws; intervals are over the seeds, so they hold the chance of networks and of digits.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from lenet_tutorial.data import Digits
from lenet_tutorial.studies import intervals
from lenet_tutorial.studies.records import Record
from lenet_tutorial.studies.runner import Study

SEEDS = 5
LAYERS = ("output", "dense", "conv2", "conv1")  # in the order in which they get random weights
METHODS = ("occlusion", "gradient", "integrated gradients", "Grad-CAM")
BASELINES = ("gray levels", "noise")
HALF = 0.5  # similar maps: as near to a map that never changes, 1, as to maps that have nothing in common, 0


@dataclass(frozen=True)
class Recipe:
    """How a kind of network is trained, by Adam with Keras's settings in batches of 100.

    Attributes:
        images: how many training images, drawn by the seed.
        epochs: passes over them.
    """

    images: int
    epochs: int


# Stated before the runs.
NETWORKS = {
    "cue": Recipe(10_000, 2),  # a third of the images carry the cue
    "digits": Recipe(10_000, 2),
    "labels": Recipe(500, 40),  # three networks: two that learn the digits, one that learns shuffled labels by heart
}
# The scores of each kind of network, each a dict from a method's or a baseline's name to numbers.
SCORES = {
    "cue": ("inside", "strength inside", "strongest inside"),
    "digits": ("random weights", "strength, random weights", "deletion"),
    "labels": ("true labels", "shuffled labels"),
}


@dataclass(frozen=True)
class Run(Record):
    """One network, or three of ``labels``. Its settings are the kind of network and the seed.

    Its results are the ``accuracy`` of each network by name, on test digits, and the ``scores`` of :data:`SCORES`:

    - ``inside``: mean share of the positive attribution inside the cue; ``strength inside``: the same of absolute
      values; ``strongest inside``: of the 16 strongest pixels, the share inside.
    - ``random weights``: mean absolute rank correlation on the ink between the network's maps and those after its last
      1, 2, 3 and 4 layers got random weights, a list; ``strength, random weights``: the same of absolute values.
    - ``deletion``: mean height of the deletion curve.
    - ``true labels``, ``shuffled labels``: mean absolute rank correlation on the ink with a network that learned the
      digits, of another one that did, and of one that learned shuffled labels. Baselines know neither network, so they
      score the same in both.
    """

    study: ClassVar[str] = "explanations"

    def check(self) -> None:
        """Raise a ValueError or KeyError if settings and results do not fit together."""
        found, wanted = self.results["scores"], SCORES[self.settings["network"]]
        if sorted(found) != sorted(wanted):
            raise ValueError(f"expected the scores {', '.join(wanted)}, got {', '.join(found)}")
        for name, each in found.items():
            values = np.concatenate([np.ravel(each[method]) for method in (*METHODS, *BASELINES)])
            if not ((values >= 0) & (values <= 1 + 1e-9)).all():
                raise ValueError(f"expected scores from 0 to 1, got {name} {each}")

    def __str__(self) -> str:
        accuracy = ", ".join(f"{name} {100 * share:.1f}%" for name, share in self.results["accuracy"].items())
        return f"{_label(self.settings)}, seed {self.settings['seed']}: {accuracy}"


def planned(networks: Iterable[str] = NETWORKS, seeds: int = SEEDS) -> list[dict]:
    """The settings of all runs, seed by seed."""
    return [{"network": each, "seed": seed} for seed in range(seeds) for each in networks]


def scores(records: Iterable[Run], name: str) -> dict[str, np.ndarray]:
    """One of the scores, for every method and baseline.

    Args:
        records: runs of the study.
        name: a name of :data:`SCORES`.

    Returns:
        A dict from a method's or a baseline's name to floats (seeds,), or (seeds, 4) of the random weights.

    Raises:
        ValueError: there is no run that has such a score.
    """
    found = [run.results["scores"][name] for run in records if name in run.results["scores"]]
    if not found:
        raise ValueError(f"expected runs with {name!r}, got none: python -m lenet_tutorial.studies.explanations run")
    return {method: np.array([each[method] for each in found]) for method in (*METHODS, *BASELINES)}


def means(records: Iterable[Run], name: str) -> dict[str, intervals.Interval | list[intervals.Interval]]:
    """One of the scores as the mean over seeds with its interval.

    Args:
        records: runs of the study.
        name: a name of :data:`SCORES`.

    Returns:
        A dict from a method's or a baseline's name to an interval, or to a list of four for the random weights.
    """
    return {
        name: intervals.mean(each) if each.ndim == 1 else list(map(intervals.mean, each.T))
        for name, each in scores(records, name).items()
    }


@dataclass(frozen=True)
class Verdict:
    """How a method does in a test.

    Attributes:
        score: mean over the seeds, with its interval.
        margin: by how much it is better than it must be, with its interval.
        wide: the same margin, with an interval so wide that those of all verdicts hold together: Bonferroni's
            correction.
    """

    score: intervals.Interval
    margin: intervals.Interval
    wide: intervals.Interval

    @property
    def passes(self) -> bool:
        """Whether it is better than it must be by an interval that excludes 0."""
        return self.margin.low > 0

    def __str__(self) -> str:
        return "**passes**" if self.wide.low > 0 else "passes barely" if self.passes else "fails"


def verdicts(records: Iterable[Run]) -> dict[str, dict[str, Verdict]]:
    """Judge every method and both baselines by the pass marks, which were stated before the runs.

    - ``planted cue``: a larger share inside than the better of the two baselines.
    - ``random weights``: with all layers random, a similarity below one half.
    - ``shuffled labels``: a similarity below that of two networks which learned the digits.
    - ``deletion``: a lower curve than the better of the two baselines.

    Returns:
        A dict from each test to a dict from a method's or a baseline's name to its :class:`Verdict`.
    """
    records = list(records)
    inside, areas = scores(records, "inside"), scores(records, "deletion")
    weights = {name: each[:, -1] for name, each in scores(records, "random weights").items()}
    shuffled, true = scores(records, "shuffled labels"), scores(records, "true labels")

    best_inside = np.max([inside[name] for name in BASELINES], axis=0)
    lowest_area = np.min([areas[name] for name in BASELINES], axis=0)
    margins = {
        "planted cue": (inside, lambda name: inside[name] - best_inside),
        "random weights": (weights, lambda name: HALF - weights[name]),
        "shuffled labels": (shuffled, lambda name: true[name] - shuffled[name]),
        "deletion": (areas, lambda name: lowest_area - areas[name]),
    }
    level = 1 - (1 - intervals.LEVEL) / sum(len(found) for found, _ in margins.values())
    return {
        test: {
            name: Verdict(intervals.mean(each), intervals.mean(margin(name)), intervals.mean(margin(name), level=level))
            for name, each in found.items()
        }
        for test, (found, margin) in margins.items()
    }


def verdict_table(records: Iterable[Run]) -> str:
    """What every method and both baselines pass, as a table in Markdown: the score, its interval, and the verdict."""
    found = verdicts(records)
    heads = [f"{test} {arrow}" for test, arrow in zip(found, "↑↓↓↓", strict=True)]
    lines = ["| | " + " | ".join(heads) + " |", "|---|" + "---|" * len(found)]
    for name in (*METHODS, *BASELINES):
        cells = []
        for test, each in ((test, of[name]) for test, of in found.items()):
            interval = f"{each.score.low:.2f} to {each.score.high:.2f}" if each.score.half_width > 1e-9 else "always"
            score = f"{each.score.value:.2f} ({interval})"
            control = f", control {each.score.value + each.margin.value:.2f}" if test == "shuffled labels" else ""
            cells.append(f"{each} {score}{control}")
        lines.append(f"| {name} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def _label(settings: dict) -> str:
    return settings["network"]


def _train(settings: dict, digits: Digits, progress: Callable[[float], object]) -> dict:
    from lenet_tutorial.studies.explanations import train  # imports TensorFlow, which reading records does without

    return train.MEASURE[settings["network"]](settings["seed"], digits, progress)


STUDY = Study(Run, _train, _label)
