"""The experiment's commands: ``python -m lenet_tutorial.studies.optimizers --help``."""

import argparse
import sys
from collections import Counter
from pathlib import Path

from lenet_tutorial.data import DataError
from lenet_tutorial.recipe import PRECISIONS
from lenet_tutorial.studies.optimizers import grid as grids
from lenet_tutorial.studies.optimizers import record, source
from lenet_tutorial.studies.optimizers.cluster import ClusterError

RECORDS = Path("experiments.jsonl")


def grid_of(arguments, records=()):
    """The grid that the options name; its precision, if they do not, is that of most of the records."""
    precisions = Counter(each.recipe.precision for each in records) or {grids.Grid.precision: 1}
    recipes = tuple(dict.fromkeys(grids.find(words) for words in arguments.only)) or grids.RECIPES
    return grids.Grid(
        recipes=recipes,
        seeds=arguments.seeds,
        deciding_seeds=max(arguments.seeds, arguments.deciding_seeds),
        epochs=arguments.epochs,
        precision=arguments.precision or max(precisions, key=precisions.get),
    )


def to_do(grid, records):
    """What the records lack: the first stage, and once that is there, more seeds for the best of each family."""
    from lenet_tutorial.studies.optimizers.verdict import best

    done = records.runs()
    left = [each for each in grid.runs() if each not in done]
    if left:
        return left
    chosen = [each for each in best(records, grid).values() if each]
    return [each for each in grid.runs(chosen) if each not in done]


def read(path, **wanted):
    records = record.read(path, **wanted)
    for note in records.notes:
        print(note, file=sys.stderr)
    return records


def run(arguments):
    from filelock import FileLock, Timeout

    grid, path = grid_of(arguments), arguments.records
    lock = FileLock(path.with_name(path.name + ".lock"))
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        held = lock.acquire(timeout=0)
    except Timeout:
        raise record.RecordError(f"Another run is writing to {path}. Wait for it, or name another file.") from None
    except OSError as error:
        raise record.RecordError(f"{path} cannot be written to: {error.strerror}. Name another file.") from None
    with held:
        digits = source.load(arguments.digits)
        print(digits.note or digits)
        wanted = source.describe(digits)
        records = read(path, data=wanted)
        while todo := to_do(grid, records):
            print(f"{len(records)} runs recorded, {len(todo)} to go.", flush=True)
            make(todo, digits, wanted, arguments)
            records = read(path, data=wanted)
    print(
        f"{len(records)} runs recorded, none to go. Now: "
        f"python -m lenet_tutorial.studies.optimizers summary --records {path}"
    )
    return 0


def make(todo, digits, wanted, arguments):
    """Make the runs and record each as it ends, under a progress bar with the time left."""
    from tqdm import tqdm

    epochs = sum(each.epochs for each in todo)
    with tqdm(total=epochs, unit="epoch", smoothing=0.05, mininterval=arguments.every) as bar:
        if arguments.scheduler or arguments.workers:
            from lenet_tutorial.studies.optimizers.cluster import runs

            made = runs(todo, wanted, first=arguments.digits, scheduler=arguments.scheduler, workers=arguments.workers)
        else:
            made = here(todo, digits, wanted, bar)
        for one in made:
            record.append(arguments.records, one)
            words = f"{grids.name(one.recipe)}, seed {one.recipe.seed}"
            ended = "DIVERGED" if one.diverged else f"test accuracy {one.last('test_accuracy'):.2%}"
            bar.write(f"{words}: {ended}, {one.seconds:.0f} s")
            if arguments.scheduler or arguments.workers:
                bar.update(len(one.curves["seconds"]))
            bar.total -= one.recipe.epochs - len(one.curves["seconds"])  # a diverged run ends early


def here(todo, digits, wanted, bar):
    """Runs in this process, one after another."""
    from lenet_tutorial.studies.optimizers import trial

    for recipe in todo:
        bar.set_description(f"{grids.name(recipe)}, seed {recipe.seed}")
        yield trial.run(recipe, digits, data=wanted, each_epoch=bar.update)


def chosen(arguments):
    """The file to read: the one named, else one's own, else the records that come with the lessons."""
    if arguments.records:
        if not arguments.records.exists():
            raise record.RecordError(f"{arguments.records} does not exist: name a file of records.")
        return arguments.records
    return RECORDS if RECORDS.exists() else record.SHIPPED


def status(arguments):
    from lenet_tutorial.studies.optimizers.summary import status as lines

    path = chosen(arguments)
    records = read(path)
    grid = grid_of(arguments, records)
    print(f"Records: {path.name}, {grid.precision}")
    print("\n".join(lines(records, grid, to_do(grid, records))))
    return 0


def summary(arguments):
    from lenet_tutorial.studies.optimizers.summary import summarize

    path = chosen(arguments)
    records = read(path)
    print(f"Records: {path.name}")
    print("\n".join(summarize(records, grid_of(arguments, records))))
    return 0


def merge(arguments):
    new = record.merge(arguments.target, *arguments.sources)
    print(f"{new} new runs in {arguments.target}.")
    return 0


def positive(words):
    if not words.isdecimal() or int(words) < 1:
        raise argparse.ArgumentTypeError(f"expected a whole number from 1 on, got {words!r}")
    return int(words)


def parse(argv):
    text = "Is it really SGD? A grid of recipes and seeds, its records, and what they say of the textbook's claim."
    parser = argparse.ArgumentParser(prog="python -m lenet_tutorial.studies.optimizers", description=text)
    commands = parser.add_subparsers(required=True, metavar="command")
    common = grid_options()
    text = "make the runs that are missing, and record each as it ends"
    run_options(commands.add_parser("run", parents=[common], help=text))
    for name, act, text in (
        ("status", status, "say which runs are recorded and which are missing"),
        ("summary", summary, "show the records; the last line is the verdict"),
    ):
        command = commands.add_parser(name, parents=[common], help=text)
        text = f"the file to read (default: {RECORDS}, else the one shipped)"
        command.add_argument("--records", type=Path, help=text)
        command.set_defaults(act=act)
    command = commands.add_parser("merge", help="add the records of other files to a file; twice changes nothing")
    command.add_argument("target", type=Path, help="the file to add to")
    command.add_argument("sources", type=Path, nargs="+", help="the files to add")
    command.set_defaults(act=merge)
    return parser.parse_args(argv)


def grid_options():
    """Which grid: the same options for every command."""
    common = argparse.ArgumentParser(add_help=False)
    text = "this recipe only, such as 'SGD 0.01'; may be repeated"
    common.add_argument("--only", action="append", default=[], metavar="NAME", help=text)
    default = grids.Grid()
    for option, value, text in (
        ("--epochs", default.epochs, "epochs of each run"),
        ("--seeds", default.seeds, "runs of each recipe"),
        ("--deciding-seeds", default.deciding_seeds, "runs of each recipe that decides"),
    ):
        common.add_argument(option, type=positive, default=value, metavar="N", help=f"{text} (default: {value})")
    text = f"arithmetic of all runs (default: that of most of the records, else {default.precision})"
    common.add_argument("--precision", choices=PRECISIONS, help=text)
    return common


def run_options(command):
    """What only `run` takes."""
    command.add_argument("--records", type=Path, default=RECORDS, help=f"the file to add to (default: {RECORDS})")
    text = "only the first N digits of each part, to try things out"
    command.add_argument("--digits", type=positive, metavar="N", help=text)
    text = "seconds between two drawings of the progress bar"
    command.add_argument("--every", type=float, default=0.1, metavar="S", help=text)
    where = command.add_mutually_exclusive_group()
    where.add_argument("--workers", type=positive, metavar="N", help="Dask workers to start on this machine")
    where.add_argument("--scheduler", metavar="ADDRESS", help="a running Dask scheduler, such as tcp://host:8786")
    command.set_defaults(act=run)


def main(argv=None):
    arguments = parse(argv)
    try:
        return arguments.act(arguments)
    except (ValueError, DataError, ClusterError) as error:  # RecordError is a ValueError
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nInterrupted. What ended is recorded; the same command goes on.", file=sys.stderr)
        return 130


if __name__ == "__main__":
    sys.exit(main())
