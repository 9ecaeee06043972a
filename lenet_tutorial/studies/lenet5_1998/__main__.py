"""The study's commands: ``python -m lenet_tutorial.studies.lenet5_1998 --help``."""

import argparse
import sys
from collections.abc import Sequence

from lenet_tutorial.studies import commands
from lenet_tutorial.studies.lenet5_1998 import errors
from lenet_tutorial.studies.lenet5_1998.run import STUDY, Run, planned
from lenet_tutorial.studies.lenet5_1998.table import ALL
from lenet_tutorial.studies.records import Records

ABOUT = "The table of 1998, run again: linear classifiers, neighbors, kernels and networks on the same digits."

OPTIONS = commands.kinds_and_seeds("row", ALL, 5)


def plan(records: Records[Run], arguments: argparse.Namespace) -> list[dict]:
    """All runs that the options name."""
    return planned(arguments.only or ALL, arguments.seeds)


def summarize(records: Records[Run], arguments: argparse.Namespace) -> list[str]:
    """A line for each row."""
    return errors.summarize(list(records))


def main(argv: Sequence[str] | None = None) -> int:
    """Do what the command line asks."""
    return commands.main(STUDY, plan, summarize, options=OPTIONS, about=ABOUT, argv=argv)


if __name__ == "__main__":
    sys.exit(main())
