"""What a run leaves behind: one line of JSON; files of such lines, read, added to and merged.

A file of records only ever grows by whole lines, each written and flushed to disk in one go as its run ends. What a
crash can leave is a broken last line: it is told, ignored, and its run is made again.
"""

import json
import math
import os
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path

from lenet_tutorial import files
from lenet_tutorial.recipe import Recipe

SCHEMA = 1
SHIPPED = Path(__file__).with_name("records.jsonl")
CURVES = (
    "running_loss",
    "running_accuracy",
    "validation_loss",
    "validation_accuracy",
    "test_loss",
    "test_accuracy",
    "seconds",
)


class RecordError(ValueError):
    """This is no file of records, or not one that fits: the message says what came, what was wanted, what to do."""


@dataclass(frozen=True)
class Record:
    """One run, as it went.

    Attributes:
        recipe: the :class:`Recipe`, seed and precision included.
        data: ``{"name", "sha256", "train", "validation", "test"}``: which data, and how many digits in each part.
        outcome: ``"finished"``, or ``"diverged"``: a loss or a weight stopped being a finite number, and the run
            ended with that epoch.
        curves: ``{name: [one number an epoch]}`` for the names in `CURVES`. ``running_loss`` and ``running_accuracy``
            are Keras's averages over the training images while the epoch still changes the network; those on
            validation and test data are taken after the epoch. ``seconds`` is the training of the epoch alone.
            What is not a number is None.
        misread: positions in the test data of the digits misread at the end; None if the run diverged.
        seconds: of the whole run.
        made_on: ``{"cpu", "cores", "device", "python", "numpy", "keras", "tensorflow"}``.
        ended: when, in UTC, as ISO 8601.
    """

    recipe: Recipe
    data: dict
    outcome: str
    curves: dict
    misread: list | None
    seconds: float
    made_on: dict
    ended: str

    @property
    def diverged(self):
        """Whether a loss or a weight stopped being a finite number."""
        return self.outcome == "diverged"

    def last(self, curve):
        """The last epoch's value of a curve, a float; NaN if it was not a number."""
        value = self.curves[curve][-1]
        return math.nan if value is None else value

    def line(self):
        """This record as a line of JSON, its newline included."""
        content = {"schema": SCHEMA, **asdict(self)}
        return json.dumps(content, allow_nan=False, ensure_ascii=False, separators=(",", ":")) + "\n"


def parse(line):
    """Read a line of JSON back.

    Raises:
        RecordError: it is of another version.
        ValueError: it is no record.
    """
    content = json.loads(line)
    if not isinstance(content, dict) or "schema" not in content:
        raise ValueError("it has no 'schema'")
    schema = content.pop("schema")
    if schema != SCHEMA:
        raise RecordError(
            f"its records are of version {schema!r}, and this code reads version {SCHEMA}. Use the code that it was "
            "made with, or another file"
        )
    wanted = {field.name for field in fields(Record)}
    if set(content) != wanted:
        raise ValueError(f"expected the fields {sorted(wanted)}, got {sorted(content)}")
    try:
        record = Record(**{**content, "recipe": Recipe(**content["recipe"])})
        _check(record)
    except (TypeError, KeyError, AttributeError) as error:
        raise ValueError(f"a field is not as it should be ({error})") from None
    return record


def _check(record):
    lengths = {name: len(record.curves[name]) for name in CURVES}
    if len(set(lengths.values())) != 1 or not 1 <= lengths["seconds"] <= record.recipe.epochs:
        raise ValueError(f"expected curves of one length from 1 to {record.recipe.epochs}, got {lengths}")
    if record.outcome not in ("finished", "diverged"):
        raise ValueError(f"expected the outcome finished or diverged, got {record.outcome!r}")
    if record.diverged:
        return
    if lengths["seconds"] != record.recipe.epochs:
        raise ValueError(f"a finished run of {record.recipe.epochs} epochs has curves of {lengths['seconds']}")
    n, right = record.data["test"], record.curves["test_accuracy"][-1]
    if round(n * (1 - right)) != len(record.misread):
        raise ValueError(f"{len(record.misread)} misread of {n} digits do not make a test accuracy of {right}")


@dataclass(frozen=True)
class Records:
    """Records of one kind of data, each run once.

    Attributes:
        records: a tuple of :class:`Record`, in the order of their file.
        notes: what was found wrong while reading, as sentences.
        whole: bytes of the file that hold whole lines; what is behind them is a broken last line.
    """

    records: tuple = ()
    notes: tuple = ()
    whole: int = 0

    def __iter__(self):
        return iter(self.records)

    def __len__(self):
        return len(self.records)

    @property
    def data(self):
        """Which data the records were made with, or None if there are none."""
        return self.records[0].data if self.records else None

    def runs(self):
        """The recipes, seeds included, that are recorded."""
        return {record.recipe for record in self.records}

    def of(self, recipe):
        """The records of a recipe, whatever their seed, by seed."""
        found = (record for record in self.records if replace(record.recipe, seed=recipe.seed) == recipe)
        return sorted(found, key=lambda record: record.recipe.seed)


def read(path, *, data=None):
    """Read a file of records.

    Args:
        path: the file; one that does not exist holds no records.
        data: the data that they must have been made with; whichever, if none are given.

    Returns:
        A :class:`Records`. A broken last line is ignored, and a run found twice counts once; its notes tell.

    Raises:
        RecordError: another line is broken, or the records are of another version or from other data.
    """
    path = Path(path)
    if not path.exists():
        return Records()
    try:
        lines = path.read_bytes().splitlines(keepends=True)
    except OSError as error:
        raise RecordError(f"{path} cannot be read: {error.strerror}. Name a file of records.") from None
    found, notes, whole = [], [], 0
    for number, line in enumerate(lines, 1):
        try:
            found.append(parse(line))
        except RecordError as error:
            raise RecordError(f"{path}, line {number}: {error}.") from None
        except ValueError as error:
            cut_short = isinstance(error, json.JSONDecodeError | UnicodeDecodeError)
            if number < len(lines) or not cut_short:
                raise RecordError(
                    f"{path}, line {number} is no record: {error}. Take the line out; its run is then made again."
                ) from None
            notes.append(f"{path.name}: the last line is broken, as a crash leaves it; it is ignored.")
            break
        whole += len(line)
    _same_data(found, path, data)
    once = _once(found)
    if len(once) < len(found):
        notes.append(
            f"{path.name}: {len(found) - len(once)} run(s) stood there more than once; the first to end counts."
        )
    return Records(tuple(once), tuple(notes), whole)


def _same_data(records, path, wanted):
    for record in records:
        wanted = wanted or record.data
        if record.data != wanted:
            raise RecordError(
                f"{path} holds records from {_describe(record.data)}, and here the data are {_describe(wanted)}. "
                "Records from different data are not mixed: name another file."
            )


def _describe(data):
    return f"{data['name']} ({data['train']:,} + {data['validation']:,} + {data['test']:,}, {data['sha256'][:8]})"


def _once(records):
    """Each run once: of several records of one run, the one that ended first."""
    kept = {}
    for record in records:
        other = kept.setdefault(record.recipe, record)
        kept[record.recipe] = min(other, record, key=lambda each: (each.ended, each.line()))
    return list(kept.values())


def append(path, record):
    """Add a record to a file: one write, flushed to disk. A broken last line makes room for it.

    Raises:
        RecordError: the file holds other data or another version, or cannot be written to.
    """
    path = Path(path)
    known = read(path, data=record.data)
    if record.recipe in known.runs():
        return
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with open(path, "ab") as file:
            file.truncate(known.whole)
            file.seek(0, os.SEEK_END)
            newline = known.whole and not _ends_whole(path, known.whole)
            file.write((b"\n" if newline else b"") + record.line().encode())
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        raise RecordError(f"{path} cannot be written to: {error.strerror}. Name another file.") from None


def _ends_whole(path, size):
    with open(path, "rb") as file:
        file.seek(size - 1)
        return file.read(1) == b"\n"


def merge(target, *sources):
    """Add the records of other files to one file, in one step: all or nothing. Doing it twice changes nothing.

    Returns:
        How many records were new.

    Raises:
        RecordError: a file does not exist, or holds other data or another version.
    """
    target = Path(target)
    known = read(target)
    found = list(known)
    for source in sources:
        if not Path(source).exists():
            raise RecordError(f"{source} does not exist: name a file of records.")
        found += read(source, data=found[0].data if found else None)
    merged = _once(found)
    if merged != list(known):
        write(target, merged)
    return len(merged) - len(known)


def write(path, records):
    """Write a whole file of records in place of what is there, atomically."""
    path = Path(path)
    try:
        with files.atomic_write(path) as place:
            place.write_text("".join(record.line() for record in records), encoding="utf-8")
    except OSError as error:
        raise RecordError(f"{path} cannot be written to: {error.strerror}. Name another file.") from None
