"""Records of runs that never were, and a study that trains nothing: `python -m tests.unit.toy_study run`."""

import sys
import time
from dataclasses import asdict
from typing import ClassVar

import pytest

from lenet_tutorial.data import MNIST_VARIABLE
from lenet_tutorial.recipe import Recipe
from lenet_tutorial.studies import commands
from lenet_tutorial.studies.optimizers.run import CURVES, Run
from lenet_tutorial.studies.records import Record
from lenet_tutorial.studies.runner import Study

N_TEST = 2000
DATA = {"name": "MNIST", "sha256": "0123456789abcdef", "train": 55000, "validation": 5000, "test": N_TEST}
MACHINE = {"cpu": "a processor", "cores": 2, "device": "CPU"}
VERSIONS = {"python": "3.12.0", "numpy": "2.0.0", "keras": "3.10.0", "backend": "tensorflow 2.19.0"}
MADE_ON = {"machine": MACHINE, "versions": VERSIONS, "seconds": 2.0, "ended": "2026-01-01T00:00:00.000+00:00"}
SHORT = Recipe(epochs=2)


@pytest.fixture(scope="module", autouse=True)
def sample():
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(MNIST_VARIABLE, "sample")
        yield


class Toy(Record):
    """Its settings are a seed and how long to wait."""

    study: ClassVar[str] = "toy"

    def __str__(self):
        return f"seed {self.settings['seed']} has ended"


def toy(seed=0, *, result=0.5, ended="2026-01-01T00:00:00.000+00:00", data=DATA):
    """A record of a run that never was."""
    return Toy({"seed": seed, "wait": 0.0}, data, {"result": result}, {"cpu": "one"}, {"python": "3"}, 2.0, ended)


def made_up(recipe=SHORT, *, misread=(3, 5), validation=0.98, diverged=False):
    """A record of a run that never was."""
    epochs = recipe.epochs
    curves = {name: [None if diverged else 0.5] * epochs for name in CURVES}
    curves["validation_accuracy"] = [validation] * epochs
    curves["test_accuracy"] = [1 - len(misread) / N_TEST] * epochs
    outcome, misread = ("diverged", None) if diverged else ("finished", sorted(map(int, misread)))
    results = {"outcome": outcome, "curves": curves, "misread": misread}
    return Run(asdict(recipe), DATA, results, MACHINE, VERSIONS, 200.0, "2026-01-01T00:00:00.000+00:00")


def run(settings, digits, progress):
    """Wait, in two steps."""
    for _ in range(2):
        time.sleep(settings["wait"] / 2)
        progress(0.5)
    return {"result": settings["seed"] ** 2, "digits": len(digits.train)}


def label(settings):
    """One label for all."""
    return "toy"


def plan(records, arguments):
    """Some seeds; once they are all there, those that `--then` names, too."""
    first = [{"seed": seed, "wait": arguments.wait} for seed in range(arguments.seeds)]
    then = [{"seed": seed, "wait": arguments.wait} for seed in arguments.then]
    return first if records.missing(first) else [*first, *then]


def main(argv=None):
    """The study's commands."""

    def options(parser):
        parser.add_argument("--seeds", type=commands.positive, default=2)
        parser.add_argument("--then", type=int, nargs="*", default=[])
        parser.add_argument("--wait", type=float, default=0.0)

    def summarize(records, arguments):
        return [f"sum {sum(each.results['result'] for each in records)}"]

    return commands.main(STUDY, plan, summarize, options=options, argv=argv)


STUDY = Study(Toy, run, label)

if __name__ == "__main__":
    from tests.unit import toy_study  # a worker must find it under this name

    sys.exit(toy_study.main())
