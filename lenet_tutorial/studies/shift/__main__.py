"""The study's commands: ``python -m lenet_tutorial.studies.shift --help``."""

import argparse
import sys
from collections.abc import Sequence

from lenet_tutorial.studies import commands
from lenet_tutorial.studies.records import Records
from lenet_tutorial.studies.shift.run import ARCHITECTURES, SEEDS, SHIFTS, STUDY, Run, accuracies, kind, planned

ABOUT = "How much does a shift matter? Accuracy of several networks on digits that were moved."

OPTIONS = commands.kinds_and_seeds("architecture", ARCHITECTURES, SEEDS)


def plan(records: Records[Run], arguments: argparse.Namespace) -> list[dict]:
    """All runs that the options name."""
    return planned(arguments.only or ARCHITECTURES, arguments.seeds)


def summarize(records: Records[Run], arguments: argparse.Namespace) -> list[str]:
    """A line for each architecture and number of images: mean accuracy over seeds, and half of its interval."""
    kinds = {kind(run.settings) for run in records}
    rows = [
        f"{name:18}{n or '':6}" + "".join(f"{100 * each.value:7.2f} ± {100 * each.half_width:4.2f}" for each in found)
        for name, recipe in ARCHITECTURES.items()
        for n in recipe.images
        if (name, n) in kinds
        for found in [accuracies(records, name, n)]
    ]
    head = f"{'moved by':24}" + "".join(f"{shift:14}" for shift in SHIFTS)
    return ["Accuracy in %, mean over seeds with its 95% interval (Student's t).", head, *rows]


def main(argv: Sequence[str] | None = None) -> int:
    """Do what the command line asks."""
    return commands.main(STUDY, plan, summarize, options=OPTIONS, about=ABOUT, argv=argv)


if __name__ == "__main__":
    sys.exit(main())
