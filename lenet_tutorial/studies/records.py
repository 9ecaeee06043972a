"""What a run of a study leaves behind: a record, one line of JSON; files of records, read, added to and merged.

A file of records only ever grows by whole lines, each written and flushed to disk in one go as its run ends. What a
crash can leave is a broken last line: you are told, it is ignored, and its run is made again.
"""

import json
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from os import PathLike
from pathlib import Path
from typing import Any, ClassVar, Generic, Self, TypeVar

from lenet_tutorial import files

SCHEMA = 2


class RecordError(ValueError):
    """This is not a file of records, or not one that fits: the message says what came, what was wanted, what to do."""


def key(settings: dict[str, Any]) -> frozenset:
    """What tells the runs of a study apart: settings with equal keys are one run."""
    return frozenset(settings.items())


@dataclass(frozen=True)
class Record:
    """One run of a study, as it went. Each study has a subclass that names it.

    Attributes:
        settings: what identifies the run within its study, its seed included: numbers, strings, booleans or None.
        data: what :func:`digits.describe` says of the digits.
        results: what the study's function returned, as JSON can hold it: without NaN.
        machine: what :func:`machine.machine` says.
        versions: what :func:`machine.versions` says.
        seconds: duration of the whole run.
        ended: when, in UTC, as ISO 8601.
    """

    study: ClassVar[str] = ""
    settings: dict
    data: dict
    results: dict
    machine: dict
    versions: dict
    seconds: float
    ended: str

    @property
    def failed(self) -> bool:
        """Whether the run ended without the results that it was made for; each study may say."""
        return False

    def check(self) -> None:
        """Each study may raise a ValueError, KeyError or TypeError if its settings or results cannot be right."""

    def line(self) -> str:
        """This record as a line of JSON, its newline included."""
        content = {"schema": SCHEMA, "study": self.study, **asdict(self)}
        return json.dumps(content, allow_nan=False, ensure_ascii=False, separators=(",", ":")) + "\n"

    @classmethod
    def parse(cls, line: str | bytes) -> Self:
        """Read a line of JSON back.

        Raises:
            RecordError: the record is of another version or another study.
            ValueError: the line is not a record.
        """
        content = json.loads(line)
        if not isinstance(content, dict) or "schema" not in content:
            raise ValueError("it has no 'schema'")
        for name, here in (("schema", SCHEMA), ("study", cls.study)):
            if (there := content.pop(name, None)) != here:
                raise RecordError(f"expected records of {name} {here!r}, got {there!r}: name another file")
        try:
            record = cls(**content)
            key(record.settings)
            describe(record.data)
            record.check()
        except (TypeError, KeyError, AttributeError, IndexError, OverflowError) as error:
            raise ValueError(f"a field is not as it should be ({error})") from None
        return record


R = TypeVar("R", bound=Record)


@dataclass(frozen=True)
class Records(Generic[R]):
    """Records of one study on one kind of data, each run once.

    Attributes:
        records: in the order of their file.
        notes: what was found wrong while reading, as sentences.
        whole: bytes of the file that hold whole lines; what is behind them is a broken last line.
    """

    records: tuple[R, ...] = ()
    notes: tuple[str, ...] = ()
    whole: int = 0

    def __iter__(self) -> Iterator[R]:
        return iter(self.records)

    def __len__(self) -> int:
        return len(self.records)

    @property
    def data(self) -> dict | None:
        """Which data the records were made with, or None if there are none."""
        return self.records[0].data if self.records else None

    def missing(self, planned: Iterable[dict]) -> list[dict]:
        """Those settings of which there is no record, in their order."""
        recorded = {key(record.settings) for record in self}
        return [settings for settings in planned if key(settings) not in recorded]


def describe(data: dict) -> str:
    """Which data, in words: their name, the sizes of their parts, and the beginning of their digest."""
    return f"{data['name']} ({data['train']:,} + {data['validation']:,} + {data['test']:,}, {data['sha256'][:8]})"


def read(path: str | PathLike, kind: type[R], *, data: dict | None = None) -> Records[R]:
    """Read a file of records.

    Args:
        path: the file; one that does not exist holds no records.
        kind: the study's class of records.
        data: the data that they must have been made with; any, if None.

    Returns:
        A :class:`Records`. A broken last line is ignored, and a run found twice counts once; its notes say so.

    Raises:
        RecordError: another line is broken, or the records are of another version, another study or other data.
    """
    path = Path(path)
    try:
        lines = path.read_bytes().splitlines(keepends=True)
    except (FileNotFoundError, NotADirectoryError):
        return Records()
    except OSError as error:
        raise RecordError(f"{path} cannot be read: {error.strerror}. Name a file of records.") from None
    found, notes, whole = [], [], 0
    for number, line in enumerate(lines, 1):
        try:
            found.append(kind.parse(line))
        except RecordError as error:
            raise RecordError(f"{path}, line {number}: {error}.") from None
        except ValueError as error:
            cut_short = isinstance(error, json.JSONDecodeError | UnicodeDecodeError)
            if number < len(lines) or not cut_short:
                raise RecordError(
                    f"{path}, line {number} is not a record: {error}. Take the line out; its run is then made again."
                ) from None
            notes.append(f"{path.name}: the last line is broken, as a crash leaves it; it is ignored.")
            break
        whole += len(line)
    for record in found:
        if record.data != (data := data or record.data):
            raise RecordError(
                f"{path} holds records from {describe(record.data)}, and here the data are {describe(data)}. "
                "Records from different data are not mixed: name another file."
            )
    once = _once(found)
    if repeated := len(found) - len(once):
        notes.append(f"{path.name}: {repeated} run(s) stood there more than once; the first to end counts.")
    return Records(tuple(once), tuple(notes), whole)


def _once(records: Iterable[Record]) -> list[Record]:
    """Each run once: of several records of one run, the one that ended first."""
    kept = {}
    for record in records:
        other = kept.setdefault(key(record.settings), record)
        kept[key(record.settings)] = min(other, record, key=lambda each: (each.ended, each.line()))
    return list(kept.values())


@contextmanager
def locked(path: str | PathLike) -> Iterator[None]:
    """Keep a file of records for yourself, from reading it to the last record that you add.

    Raises:
        RecordError: another process is at it, or no lock can be made there.
    """
    from filelock import FileLock, Timeout

    path = Path(path)
    lock = FileLock(f"{path}.lock")
    with _writing(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            lock.acquire(timeout=0)
        except Timeout:
            raise RecordError(f"Another run is writing to {path}. Wait for it, or name another file.") from None
    try:
        yield
    finally:
        lock.release()


@contextmanager
def _writing(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise RecordError(f"{path} cannot be written to: {error.strerror}. Name another file.") from None


def append(path: str | PathLike, record: Record) -> None:
    """Add a record to a file, while you hold its lock: one write, flushed to disk. A broken last line makes room.

    Raises:
        RecordError: the file holds another study, other data or another version, or cannot be written to.
    """
    known = read(path, type(record), data=record.data)
    if not known.missing([record.settings]):
        return
    with _writing(Path(path)), open(path, "a+b") as file:
        file.truncate(known.whole)
        file.seek(max(known.whole - 1, 0))
        newline = b"" if file.read(1) in (b"", b"\n") else b"\n"
        file.write(newline + record.line().encode())
        file.flush()
        os.fsync(file.fileno())


def merge(target: str | PathLike, *sources: str | PathLike, kind: type[Record]) -> int:
    """Add the records of other files to one file, in one step: all or nothing. Doing it twice changes nothing.

    Returns:
        How many records were new.

    Raises:
        RecordError: a file does not exist or holds another study, other data or another version, or a run is writing
            to the target.
    """
    with locked(target):
        known = read(target, kind)
        found = list(known)
        for source in sources:
            if not Path(source).exists():
                raise RecordError(f"{source} does not exist: name a file of records.")
            found += read(source, kind, data=found[0].data if found else None)
        merged = _once(found)
        if merged != list(known):
            write(target, merged)
        return len(merged) - len(known)


def write(path: str | PathLike, records: Iterable[Record]) -> None:
    """Write a whole file of records in place of what is there, atomically."""
    path = Path(path)
    with _writing(path), files.atomic_write(path) as place:
        place.write_text("".join(record.line() for record in records), encoding="utf-8")
