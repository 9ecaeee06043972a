"""Makes the runs that a study has planned and not recorded yet, here or on Dask, and records each as it ends."""

import inspect
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache, partial
from os import PathLike
from pathlib import Path

from lenet_tutorial.data import MNIST_VARIABLE, Digits
from lenet_tutorial.studies import cluster, digits, machine
from lenet_tutorial.studies.records import Record, RecordError, Records, append, describe, locked, read

_one_at_a_time = threading.Lock()  # a seed counts for a whole process; a worker may have several threads


@dataclass(frozen=True)
class Study:
    """What the runner must know of a study. Functions stand in modules, so that Dask's workers can import them.

    Attributes:
        record: the study's class of records.
        run: takes settings, the :class:`data.Digits`, and a function that it may call with the share of the run
            that it has done since the last call; returns the results.
        label: what the runs of these settings are called, whatever their seed.
    """

    record: type[Record]
    run: Callable[[dict, Digits, Callable[[float], object]], dict]
    label: Callable[[dict], str] = str

    @property
    def shipped(self) -> Path:
        """The records that come with the package."""
        return Path(inspect.getfile(self.record)).with_name("records.jsonl")

    def read(self, path: str | PathLike | None = None, *, data: dict | None = None) -> Records:
        """Read a file of the study's records, the shipped one if none is named; what was wrong in it is printed."""
        found = read(path or self.shipped, self.record, data=data)
        for note in found.notes:
            print(note, file=sys.stderr)
        return found

    def make(
        self, settings: dict, loaded: Digits, *, data: dict | None = None, progress: Callable = lambda share: None
    ) -> Record:
        """Make one run.

        Args:
            settings: what identifies the run.
            loaded: the digits.
            data: what :func:`digits.describe` says of them, if it is known already.
            progress: told how much of the run has been done.
        """
        made_on = {"machine": machine.machine(), "versions": machine.versions()}
        start = time.perf_counter()
        results = self.run(settings, loaded, progress)
        return self.record(
            settings=settings,
            data=data or digits.describe(loaded),
            results=results,
            **made_on,
            seconds=round(time.perf_counter() - start, 2),
            ended=datetime.now(UTC).isoformat(timespec="milliseconds"),
        )


def run_planned(
    study: Study,
    path: str | PathLike,
    plan: Callable[[Records], list[dict]],
    *,
    first: int | None = None,
    workers: int | None = None,
    scheduler: str | None = None,
) -> Records:
    """Make the runs that a file of records lacks. What had ended when it was stopped is not made again.

    Args:
        study: which.
        path: the file of records to add to; it is locked meanwhile.
        plan: gives the settings of all runs that are wanted, the ones most worth having first. It is asked again when
            all are recorded, since records may tell which further runs are worth having.
        first: only so many digits of each part, to try things out.
        workers: how many Dask workers to start on this machine; or
        scheduler: the address of a running Dask scheduler. Without either, runs are made in this process.

    Returns:
        All the records.

    Raises:
        RecordError: another run is writing to the file, or what is in it does not fit.
        ClusterError: Dask cannot be used.
    """
    with locked(path):
        loaded = digits.load(first)
        data = digits.describe(loaded)
        print(loaded.note or describe(data))
        while todo := (known := study.read(path, data=data)).missing(plan(known)):
            print(f"{len(known)} runs recorded, {len(todo)} to go.", flush=True)
            with _bar(len(todo)) as bar:
                if workers or scheduler:
                    on_worker = partial(_on_worker, study, data, first)
                    made = cluster.run_all(on_worker, todo, scheduler=scheduler, workers=workers)
                else:
                    made = (study.make(settings, loaded, data=data, progress=bar.update) for settings in todo)
                for n, record in enumerate(made, 1):
                    append(path, record)
                    bar.write(str(record))
                    bar.update(n - bar.n)
    return known


def _bar(total: int):
    from tqdm import tqdm

    words = "{percentage:3.0f}%|{bar}| {n:.1f}/{total} runs [{elapsed}<{remaining}]"
    return tqdm(total=total, bar_format=words, smoothing=0.05)


@lru_cache(maxsize=1)
def _loaded(first: int | None) -> tuple[Digits, dict]:
    loaded = digits.load(first)
    return loaded, digits.describe(loaded)


def _on_worker(study: Study, data: dict, first: int | None, settings: dict) -> Record:
    """One run on a worker, which reads the digits once and makes one run at a time."""
    with _one_at_a_time:
        loaded, here = _loaded(first)
        if here != data:
            raise RecordError(
                f"a worker has the data {describe(here)}, and {describe(data)} are wanted: "
                f"set {MNIST_VARIABLE} where the worker starts"
            )
        return study.make(settings, loaded, data=data)
