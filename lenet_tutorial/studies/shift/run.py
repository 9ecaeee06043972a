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
SIZES = (500, 5_000, 60_000)  # training images of the networks that are compared at equal size


@dataclass(frozen=True)
class Recipe:
    """How an architecture is trained, in batches of 100.

    Attributes:
        layers: what it is, in words.
        optimizer: Keras's name.
        learning_rate: of that optimizer.
        steps: how many, whatever the number of training images.
        images: how many training images, a run each, drawn by the seed from all 60,000; None for the 55,000 that the
            textbook trains on.
    """

    layers: str
    optimizer: str
    learning_rate: float
    steps: int
    images: tuple[int | None, ...] = (None,)


def _small(layers: str) -> Recipe:
    return Recipe(layers, "adam", 0.001, 3000, SIZES)


# Stated before the runs. `train.BUILD` has a function for each. Those of EQUAL have about 58,500 parameters each. The
# last two change one thing about one of them.
ARCHITECTURES = {
    "dense": Recipe("784-1024-1024-10, ReLU", "adam", 0.001, 1650),
    "textbook": Recipe("the textbook's network", "sgd", 0.1, 1100),
    "fully connected": _small("70 and 48 neurons that see everything before them"),
    "locally connected": _small("5×5 windows at every second position, each with kernels of its own: 6 maps, then 14"),
    "convolutional": _small("5×5 windows at every second position, with shared kernels: 32 maps, then 60"),
    "locally connected, pooled": _small("5×5 windows at every position, each with kernels of its own: 2, 8; pooling"),
    "convolutional, pooled": _small(
        "5×5 windows at every position, with shared kernels: 32, 60; max pooling over 2×2 behind each"
    ),
    "convolutional, 6 and 14": _small("as many maps as the locally connected network, with shared kernels"),
    "locally connected, shuffled": _small("the locally connected network, on pixels in another order"),
}
EQUAL = ("fully connected", "locally connected", "convolutional", "locally connected, pooled", "convolutional, pooled")


@dataclass(frozen=True)
class Run(Record):
    """One training. Its settings are the architecture, the seed and, of those at equal size, the images; its results:

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
    return [
        {"architecture": name, "seed": seed} | ({"images": n} if n else {})
        for seed in range(seeds)
        for name in architectures
        for n in ARCHITECTURES[name].images
    ]


def accuracies(records: Iterable[Run], architecture: str, images: int | None = None) -> list[intervals.Interval]:
    """The mean accuracy over seeds, with Student's t interval, for each of ``SHIFTS``.

    Args:
        records: recorded runs.
        architecture: a name of ``ARCHITECTURES``.
        images: training images, of an architecture that was trained on several numbers of them.

    Raises:
        ValueError: there is no such run.
    """
    return [intervals.mean(column) for column in np.transpose(list(_by_seed(records, architecture, images).values()))]


def gains(records: Iterable[Run], first: str, second: str, images: int | None = None) -> list[intervals.Interval]:
    """How much more accurate the second architecture is than the first, paired by seed, for each of ``SHIFTS``.

    Args, Raises: as :func:`accuracies`.
    """
    records = list(records)
    one, other = (_by_seed(records, name, images) for name in (first, second))
    seeds = sorted(one.keys() & other.keys())
    return [intervals.mean(column) for column in np.transpose([np.subtract(other[at], one[at]) for at in seeds])]


def _by_seed(records: Iterable[Run], architecture: str, images: int | None) -> dict[int, list[float]]:
    runs = [run for run in records if kind(run.settings) == (architecture, images)]
    if not runs:
        raise ValueError(
            f"expected runs of {architecture!r} on {images or 'all'} images, got none: "
            "python -m lenet_tutorial.studies.shift run"
        )
    return {run.settings["seed"]: run.results["accuracy"] for run in runs}


def kind(settings: dict) -> tuple[str, int | None]:
    """The architecture, and how many training images it had, None for all of the textbook's."""
    return settings["architecture"], settings.get("images")


def _label(settings: dict) -> str:
    name, images = kind(settings)
    return f"{name}, {images:,} images" if images else name


def _train(settings: dict, digits: Digits, progress: Callable[[float], object]) -> dict:
    from lenet_tutorial.studies.shift.train import train  # imports Keras, which reading records does without

    return train(*kind(settings), settings["seed"], digits, progress)


STUDY = Study(Run, _train, _label)
