"""A run: one training of a recipe, as it is recorded."""

import math
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from typing import ClassVar

from lenet_tutorial.data import Digits
from lenet_tutorial.recipe import Recipe
from lenet_tutorial.studies.optimizers.grid import name
from lenet_tutorial.studies.records import Record, Records
from lenet_tutorial.studies.runner import Study

CURVES = ("running_loss", "running_accuracy", "validation_accuracy", "test_accuracy")


@dataclass(frozen=True)
class Run(Record):
    """One training of a recipe. Its settings are the recipe's fields, its results these three:

    - ``outcome``: ``"finished"``, or ``"diverged"``: a loss or a weight stopped being a finite number, and the run
      ended with that epoch.
    - ``curves``: ``{name: [one number an epoch]}`` for the names in `CURVES`. ``running_loss`` and
      ``running_accuracy`` are averages over the training images while the epoch still changes the network, as Keras
      prints them; those on validation and test data are taken after the epoch. None stands for what is not a finite
      number.
    - ``misread``: positions in the test data of the digits misread at the end; None if the run diverged.
    """

    study: ClassVar[str] = "optimizers"

    @property
    def recipe(self) -> Recipe:
        """The recipe, seed and precision included."""
        return Recipe(**self.settings)

    @property
    def curves(self) -> dict[str, list]:
        """The results' curves."""
        return self.results["curves"]

    @property
    def misread(self) -> list[int] | None:
        """The results' positions of misread test digits."""
        return self.results["misread"]

    @property
    def diverged(self) -> bool:
        """Whether a loss or a weight stopped being a finite number."""
        return self.results["outcome"] == "diverged"

    failed = diverged

    def last(self, curve: str) -> float:
        """The last epoch's value of a curve; NaN if it was not a finite number."""
        value = self.curves[curve][-1]
        return math.nan if value is None else value

    def check(self) -> None:
        """Raise a ValueError, KeyError or TypeError if recipe and results do not fit together."""
        recipe, outcome = self.recipe, self.results["outcome"]
        lengths = {name: len(self.curves[name]) for name in CURVES}
        length = lengths["test_accuracy"]
        if len(set(lengths.values())) != 1 or not 1 <= length <= recipe.epochs:
            raise ValueError(f"expected curves of one length from 1 to {recipe.epochs}, got {lengths}")
        if outcome not in ("finished", "diverged"):
            raise ValueError(f"expected the outcome finished or diverged, got {outcome!r}")
        if self.diverged:
            return
        if length != recipe.epochs:
            raise ValueError(f"a finished run of {recipe.epochs} epochs has curves of {length}")
        n, correct = self.data["test"], self.curves["test_accuracy"][-1]
        if round(n * (1 - correct)) != len(self.misread):
            raise ValueError(f"{len(self.misread)} misread of {n} digits do not make a test accuracy of {correct}")

    def __str__(self) -> str:
        ended = "DIVERGED" if self.diverged else f"test accuracy {self.last('test_accuracy'):.2%}"
        return f"{name(self.recipe)}, seed {self.recipe.seed}: {ended}, {self.seconds:.0f} s"


def _label(settings: dict) -> str:
    recipe = Recipe(**settings)
    return f"{name(recipe)}, {recipe.precision}"


def _train(settings: dict, digits: Digits, progress: Callable[[float], object]) -> dict:
    from lenet_tutorial.studies.optimizers.train import train  # imports Keras, which reading records does without

    return train(Recipe(**settings), digits, progress)


STUDY = Study(Run, _train, _label)
ON_GPU = STUDY.shipped.with_name("h100.jsonl")  # the grid on one GPU; the records of our own program are STUDY.shipped


def run_recipe(recipe: Recipe, digits: Digits) -> Run:
    """Train with a recipe, and record how it went."""
    return STUDY.make(asdict(recipe), digits)


def runs_of(records: Records[Run], recipe: Recipe) -> list[Run]:
    """The runs of a recipe, whatever its seed, by seed."""
    found = (run for run in records if replace(run.recipe, seed=recipe.seed) == recipe)
    return sorted(found, key=lambda run: run.recipe.seed)
