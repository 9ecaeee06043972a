"""The study's commands: ``python -m lenet_tutorial.studies.optimizers --help``."""

import argparse
import sys
from collections.abc import Sequence
from dataclasses import asdict

from lenet_tutorial.recipe import PRECISIONS
from lenet_tutorial.studies import commands
from lenet_tutorial.studies.optimizers import grid as grids
from lenet_tutorial.studies.optimizers.run import STUDY, Run
from lenet_tutorial.studies.records import Records

ABOUT = "Is it really SGD? A grid of recipes and seeds, its records, and what they say of the textbook's claim."


def grid_of(arguments: argparse.Namespace) -> grids.Grid:
    """The grid that the options name."""
    recipes = tuple(dict.fromkeys(map(grids.find, arguments.only))) or grids.RECIPES
    return grids.Grid(recipes, arguments.seeds, arguments.epochs, precision=arguments.precision)


def plan(records: Records[Run], arguments: argparse.Namespace) -> list[dict]:
    """The grid's settings."""
    return [asdict(recipe) for recipe in grid_of(arguments).planned()]


def summarize(records: Records[Run], arguments: argparse.Namespace) -> list[str]:
    """Records and verdict; the last line is the verdict."""
    from lenet_tutorial.studies.optimizers.summary import summarize

    return summarize(records, grid_of(arguments))


def options(parser: argparse.ArgumentParser) -> None:
    """Which grid: the same options for every command."""
    text = "this recipe only, such as 'SGD 0.01'; may be repeated"
    parser.add_argument("--only", action="append", default=[], metavar="NAME", help=text)
    for option, value, text in (
        ("--epochs", grids.Grid.epochs, "epochs of each run"),
        ("--seeds", grids.Grid.seeds, "runs of each recipe"),
    ):
        text += " (default: %(default)s)"
        parser.add_argument(option, type=commands.positive, default=value, metavar="N", help=text)
    text = "precision of all runs (default: %(default)s)"
    parser.add_argument("--precision", choices=PRECISIONS, default=grids.Grid.precision, help=text)


def main(argv: Sequence[str] | None = None) -> int:
    """Do what the command line asks."""
    return commands.main(STUDY, plan, summarize, options=options, about=ABOUT, argv=argv)


if __name__ == "__main__":
    sys.exit(main())
