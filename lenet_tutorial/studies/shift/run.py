"""A run: one training, and its accuracy on test digits that were moved to the right."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from lenet_tutorial.data import Digits
from lenet_tutorial.studies import intervals
from lenet_tutorial.studies.records import Record
from lenet_tutorial.studies.runner import Study

SHIFTS = (0, 1, 2, 3, 4)  # pixels
SEEDS = 5


@dataclass(frozen=True)
class Recipe:
    """How an architecture is trained, on all training images in batches of 100.

    Attributes:
        layers: what it is, in words.
        optimizer: Keras's name.
        learning_rate: of that optimizer.
        epochs: passes over the training images.
    """

    layers: str
    optimizer: str
    learning_rate: float
    epochs: int


# Stated before the runs. `train.BUILD` has a function for each.
ARCHITECTURES = {
    "dense": Recipe("784-1024-1024-10, ReLU", "adam", 0.001, 3),
    "textbook": Recipe("the textbook's network", "sgd", 0.1, 2),
}


@dataclass(frozen=True)
class Run(Record):
    """One training. Its settings are the architecture and the seed; its results:

    - ``accuracy``: on the test digits moved by each of ``SHIFTS``, from 0 to 1.
    """

    study: ClassVar[str] = "shift"

    def check(self) -> None:
        """Raise a ValueError or KeyError if settings and results do not fit together."""
        accuracy = self.results["accuracy"]
        if self.settings["architecture"] not in ARCHITECTURES or len(accuracy) != len(SHIFTS):
            raise ValueError(f"expected {len(SHIFTS)} accuracies of one of {', '.join(ARCHITECTURES)}, got {self}")
        if not all(0 <= each <= 1 for each in accuracy):
            raise ValueError(f"expected accuracies from 0 to 1, got {accuracy}")

    def __str__(self) -> str:
        percent = ", ".join(f"{100 * each:.1f}" for each in self.results["accuracy"])
        return f"{_label(self.settings)}, seed {self.settings['seed']}: {percent}% when moved by {SHIFTS}"


def planned(architectures: Iterable[str] = ARCHITECTURES, seeds: int = SEEDS) -> list[dict]:
    """The settings of all runs, seed by seed."""
    return [{"architecture": each, "seed": seed} for seed in range(seeds) for each in architectures]


def accuracies(records: Iterable[Run], architecture: str) -> list[intervals.Interval]:
    """The mean accuracy over seeds, with Student's t interval, for each of ``SHIFTS``.

    Raises:
        ValueError: there is no run of that architecture.
    """
    found = [run.results["accuracy"] for run in records if run.settings["architecture"] == architecture]
    if not found:
        raise ValueError(f"expected runs of {architecture!r}, got none: python -m lenet_tutorial.studies.shift run")
    return [intervals.mean(column) for column in np.transpose(found)]


def _label(settings: dict) -> str:
    return settings["architecture"]


def _train(settings: dict, digits: Digits, progress: Callable[[float], object]) -> dict:
    from lenet_tutorial.studies.shift.train import train  # imports Keras, which reading records does without

    return train(settings["architecture"], settings["seed"], digits, progress)


STUDY = Study(Run, _train, _label)
