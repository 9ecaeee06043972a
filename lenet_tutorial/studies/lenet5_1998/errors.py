"""What the records say: the error of each row, what it costs, and what a variant changes."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import median

from lenet_tutorial.studies import intervals
from lenet_tutorial.studies.intervals import Difference, Interval
from lenet_tutorial.studies.lenet5_1998.run import Run
from lenet_tutorial.studies.lenet5_1998.table import ALL, Row


@dataclass(frozen=True)
class Result:
    """What the runs of a row gave.

    Attributes:
        row: the row.
        errors: of the runs, by seed, 0 to 1.
        parameters, operations: as a :class:`run.Run` says.
        seconds: of training, the median of the runs.
    """

    row: Row
    errors: tuple[float, ...]
    parameters: int
    operations: int
    seconds: float

    @property
    def error(self) -> Interval:
        """The mean error over seeds, with Student's t interval where there are several."""
        return intervals.mean(self.errors)


def runs_of(records: Iterable[Run], name: str) -> list[Run]:
    """The recorded runs of a row, by seed.

    Raises:
        ValueError: there is none.
    """
    runs = sorted((run for run in records if run.settings["row"] == name), key=lambda run: run.settings["seed"])
    if not runs:
        raise ValueError(f"expected runs of {name!r}, got none: {command(name)}")
    return runs


def command(name: str) -> str:
    """The command that makes the runs of a row again."""
    return f'python -m lenet_tutorial.studies.lenet5_1998 run --only "{name}"'


def result(records: Iterable[Run], name: str) -> Result:
    """What the runs of a row gave.

    Raises:
        ValueError: there are none.
    """
    runs = runs_of(records, name)
    sizes = (runs[0].results[each] for each in ("parameters", "operations"))  # the same in all
    seconds = median(run.results["training_seconds"] for run in runs)
    return Result(ALL[name], tuple(run.error for run in runs), *sizes, seconds)


def results(records: Sequence[Run], names: Iterable[str] = ALL) -> dict[str, Result]:
    """What the runs of several rows gave, by their names; rows without a run are left out."""
    recorded = {run.settings["row"] for run in records}
    return {name: result(records, name) for name in names if name in recorded}


def change(records: Sequence[Run], first: str, second: str, *, level: float = intervals.LEVEL) -> Difference:
    """How many more test digits the second row misreads than the first, as a share, paired by digit.

    Not paired by seed: two rows differ in their layers, their loss or their optimizer, so that a seed gives them little
    in common.

    Args:
        records: the recorded runs.
        first, second: names of rows.
        level: of the intervals; closer to 1 if several shall hold together.
    """
    misread = [
        {run.settings["seed"]: run.results["misread"] for run in runs_of(records, name)} for name in (first, second)
    ]
    return intervals.difference(*misread, records[0].data["test"], level=level, paired=False)


def summarize(records: Sequence[Run]) -> list[str]:
    """A line for each row."""
    found = results(list(records))
    head = f"{'row':22}{'1998':>6}{'now':>20}{'parameters':>14}{'operations':>14}{'training':>10}"
    rows = [
        f"{name:22}{each.row.paper or '':>6}{_percent(each.error):>20}{each.parameters:14,}{each.operations:14,}"
        f"{each.seconds:8.0f} s"
        for name, each in found.items()
    ]
    return ["Errors on the test digits in percent: mean over seeds, and half its 95% interval.", head, *rows]


def _percent(error: Interval) -> str:
    return f"{100 * error.value:.2f}" + (f" ± {100 * error.half_width:.2f} ({error.n})" if error.known else "")
