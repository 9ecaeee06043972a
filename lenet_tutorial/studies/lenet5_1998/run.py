"""A run: one classifier of the table, trained on all 60,000 digits, and the test digits that it misreads."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import ClassVar

from lenet_tutorial.data import Digits
from lenet_tutorial.studies.lenet5_1998.table import ALL
from lenet_tutorial.studies.records import Record
from lenet_tutorial.studies.runner import Study


@dataclass(frozen=True)
class Run(Record):
    """One training. Its settings are the row and the seed; its results:

    - ``misread``: positions of the test digits that it misreads.
    - ``parameters``: numbers that it keeps; those that are trained, of a network.
    - ``operations``: multiplications with an addition that it takes for a digit.
    - ``training_seconds``: duration of the training alone.
    - ``training_misread``: how many of the training digits it misreads, of a network. Early runs lack it.
    """

    study: ClassVar[str] = "lenet5_1998"

    @property
    def error(self) -> float:
        """The share of test digits misread, 0 to 1."""
        return len(self.results["misread"]) / self.data["test"]

    def check(self) -> None:
        """Raise a ValueError, KeyError or TypeError if settings and results do not fit together."""
        if self.settings["row"] not in ALL:
            raise ValueError(f"expected a row out of {', '.join(ALL)}, got {self.settings['row']!r}")
        misread = self.results["misread"]
        if sorted(set(misread)) != misread or not set(misread) <= set(range(self.data["test"])):
            raise ValueError(f"expected positions from 0 to {self.data['test'] - 1}, each once, in order")
        if not all(self.results[each] >= 0 for each in ("parameters", "operations", "training_seconds")):
            raise ValueError("expected parameters, operations and seconds from 0 on")

    def __str__(self) -> str:
        took = f"trained in {self.results['training_seconds']:.0f} s"
        return f"{_label(self.settings)}, seed {self.settings['seed']}: {100 * self.error:.2f}% misread, {took}"


def planned(rows: Iterable[str] = ALL, seeds: int = 5) -> list[dict]:
    """The settings of all runs, seed by seed; rows without chance have one."""
    return [{"row": row, "seed": seed} for seed in range(seeds) for row in rows if seed == 0 or ALL[row].chance]


def _label(settings: dict) -> str:
    return settings["row"]


def _train(settings: dict, digits: Digits, progress: Callable[[float], object]) -> dict:
    row, seed = settings["row"], settings["seed"]
    if ALL[row].network:
        from lenet_tutorial.studies.lenet5_1998 import networks  # imports Keras, which reading records does without

        return networks.train(row, seed, digits, progress)
    from lenet_tutorial.studies.lenet5_1998 import classical

    return classical.train(row, seed, digits)


STUDY = Study(Run, _train, _label)
