"""The commands of every study: run, status, summary, merge."""

import argparse
import sys
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import median

from lenet_tutorial.data import DataError
from lenet_tutorial.studies.cluster import ClusterError
from lenet_tutorial.studies.records import RecordError, Records, merge
from lenet_tutorial.studies.runner import Study, run_planned


def main(
    study: Study,
    plan: Callable[[Records, argparse.Namespace], list[dict]],
    summarize: Callable[[Records, argparse.Namespace], list[str]],
    *,
    options: Callable[[argparse.ArgumentParser], None] = lambda parser: None,
    about: str = "",
    argv: Sequence[str] | None = None,
) -> int:
    """Do what the command line asks of a study.

    Args:
        study: which.
        plan: gives the settings of all runs that are wanted, as for :func:`runner.run_planned`.
        summarize: what the records say, as lines.
        options: adds the study's own options, which run, status and summary take.
        about: the study in a sentence.
        argv: the arguments; those of the process, if None.

    Returns:
        The exit status.
    """
    arguments = parse(study, options, about, argv)
    try:
        _act(study, plan, summarize, arguments)
    except (ValueError, DataError, ClusterError) as error:  # RecordError is a ValueError
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nInterrupted. What ended is recorded; the same command goes on.", file=sys.stderr)
        return 130
    return 0


def _act(study: Study, plan: Callable, summarize: Callable, arguments: argparse.Namespace) -> None:
    if arguments.command == "merge":
        new = merge(arguments.target, *arguments.sources, kind=study.record)
        print(f"{new} new runs in {arguments.target}.")
    elif arguments.command == "run":
        where = {"workers": arguments.workers, "scheduler": arguments.scheduler}
        path, first = arguments.records, arguments.digits
        done = run_planned(study, path, lambda records: plan(records, arguments), first=first, **where)
        print(f"{len(done)} runs recorded, none to go. Now: {_program(study)} summary --records {path}")
    else:
        path = _chosen(study, arguments.records)
        records = study.read(path)
        lines = summarize(records, arguments)
        if arguments.command == "status":
            lines = status(study, records, records.missing(plan(records, arguments)))
        print("\n".join([f"Records: {path.name}", *lines]))


def _program(study: Study) -> str:
    return f"python -m {study.record.__module__.rpartition('.')[0]}"


def _own(study: Study) -> Path:
    """The file that `run` adds to, if none is named."""
    return Path(f"{study.record.study}.jsonl")


def _chosen(study: Study, named: Path | None) -> Path:
    """The file to read: the one named, else one's own, else the records that come with the package."""
    if named and not named.exists():
        raise RecordError(f"{named} does not exist: name a file of records.")
    return named or (_own(study) if _own(study).exists() else study.shipped)


def status(study: Study, records: Records, todo: Sequence[dict]) -> list[str]:
    """How far a study is, as lines."""
    lines = [f"{len(records)} runs recorded, {len(todo)} to go."]
    seconds = [each.seconds for each in records if not each.failed]
    if seconds and todo:
        minutes = len(todo) * median(seconds) / 60
        lines.append(f"A run took {median(seconds):.0f} s (median); the rest would take {minutes:.0f} minutes.")
    waiting = Counter(study.label(settings) for settings in todo)
    return [
        *lines,
        *(str(each) for each in records if each.failed),
        *(f"To go: {words} ({n})" for words, n in waiting.items()),
    ]


def positive(words: str) -> int:
    """A whole number from 1 on, as argparse wants it."""
    if not words.isdecimal() or int(words) < 1:
        raise argparse.ArgumentTypeError(f"expected a whole number from 1 on, got {words!r}")
    return int(words)


def kinds_and_seeds(kind: str, known: Sequence[str], seeds: int) -> Callable[[argparse.ArgumentParser], None]:
    """The options of a study that makes several runs of each of a few kinds: ``--only`` and ``--seeds``.

    Args:
        kind: what its kinds are called: "architecture".
        known: the kinds.
        seeds: how many runs of each, if the command line doesn't say.

    Returns:
        A function that adds them to a parser.
    """

    def options(parser: argparse.ArgumentParser) -> None:
        text = f"this {kind} only; may be repeated (default: all)"
        parser.add_argument("--only", action="append", choices=known, help=text)
        text = f"runs of each {kind} (default: %(default)s)"
        parser.add_argument("--seeds", type=positive, default=seeds, metavar="N", help=text)

    return options


def parse(study: Study, options: Callable, about: str, argv: Sequence[str] | None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog=_program(study), description=about)
    commands = parser.add_subparsers(required=True, dest="command", metavar="command")
    common = argparse.ArgumentParser(add_help=False)
    options(common)
    run = commands.add_parser("run", parents=[common], help="make the runs that are missing, and record each")
    run.add_argument("--records", type=Path, default=_own(study), help="the file to add to (default: %(default)s)")
    run.add_argument("--digits", type=positive, metavar="N", help="only the first N digits of each part, for a trial")
    where = run.add_mutually_exclusive_group()
    where.add_argument("--workers", type=positive, metavar="N", help="Dask workers to start on this machine")
    where.add_argument("--scheduler", metavar="ADDRESS", help="a running Dask scheduler, such as tcp://host:8786")
    for name, text in (
        ("status", "say which runs are recorded and which are missing"),
        ("summary", "say what the records show"),
    ):
        command = commands.add_parser(name, parents=[common], help=text)
        text = f"the file to read (default: {_own(study)}, else the one shipped)"
        command.add_argument("--records", type=Path, help=text)
    command = commands.add_parser("merge", help="add the records of other files to a file; twice changes nothing")
    command.add_argument("target", type=Path, help="the file to add to")
    command.add_argument("sources", type=Path, nargs="+", help="the files to add")
    return parser.parse_args(argv)
