"""The study's commands: ``python -m lenet_tutorial.studies.optimizers --help``."""

import argparse
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict

from lenet_tutorial.recipe import PRECISIONS
from lenet_tutorial.studies import commands
from lenet_tutorial.studies.optimizers import grid as grids
from lenet_tutorial.studies.optimizers.run import STUDY, Run
from lenet_tutorial.studies.records import Records

ABOUT = "Is it really SGD? A grid of recipes and seeds, its records, and what they say of the textbook's claim."


def grid_of(arguments: argparse.Namespace, records: Records[Run]) -> grids.Grid:
    """The grid that the options name; its precision, if they do not, is that of most of the records."""
    precisions = Counter(run.recipe.precision for run in records) or Counter([grids.Grid.precision])
    return grids.Grid(
        recipes=tuple(dict.fromkeys(map(grids.find, arguments.only))) or grids.RECIPES,
        seeds=arguments.seeds,
        deciding_seeds=max(arguments.seeds, arguments.deciding_seeds),
        epochs=arguments.epochs,
        precision=arguments.precision or precisions.most_common(1)[0][0],
    )


def plan(records: Records[Run], arguments: argparse.Namespace) -> list[dict]:
    """The grid's settings; and once it is all there, those of more seeds for the best of each family."""
    from lenet_tutorial.studies.optimizers.verdict import best

    grid = grid_of(arguments, records)
    settings = [asdict(recipe) for recipe in grid.planned()]
    if records.missing(settings):
        return settings
    return [asdict(recipe) for recipe in grid.planned([each for each in best(records, grid).values() if each])]


def summarize(records: Records[Run], arguments: argparse.Namespace) -> list[str]:
    """Records and verdict; the last line is the verdict."""
    from lenet_tutorial.studies.optimizers.summary import summarize

    return summarize(records, grid_of(arguments, records))


def options(parser: argparse.ArgumentParser) -> None:
    """Which grid: the same options for every command."""
    text = "this recipe only, such as 'SGD 0.01'; may be repeated"
    parser.add_argument("--only", action="append", default=[], metavar="NAME", help=text)
    for option, value, text in (
        ("--epochs", grids.Grid.epochs, "epochs of each run"),
        ("--seeds", grids.Grid.seeds, "runs of each recipe"),
        ("--deciding-seeds", grids.Grid.deciding_seeds, "runs of each recipe that decides"),
    ):
        text += " (default: %(default)s)"
        parser.add_argument(option, type=commands.positive, default=value, metavar="N", help=text)
    text = f"precision of all runs (default: that of most of the records, else {grids.Grid.precision})"
    parser.add_argument("--precision", choices=PRECISIONS, help=text)


def main(argv: Sequence[str] | None = None) -> int:
    """Do what the command line asks."""
    return commands.main(STUDY, plan, summarize, options=options, about=ABOUT, argv=argv)


if __name__ == "__main__":
    sys.exit(main())
