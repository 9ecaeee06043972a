"""Many runs on Dask: on workers of this machine, or on those of a scheduler that is named.

A worker reads the data once and makes one run at a time. One that is killed costs a repeat of its run: Dask starts the
run again elsewhere, and records are written by the process that asked for the runs, once each.
"""

import os
import sys
import threading
from collections import Counter
from contextlib import contextmanager
from functools import lru_cache

from lenet_tutorial.data import MNIST_VARIABLE
from lenet_tutorial.studies.optimizers.grid import name
from lenet_tutorial.studies.optimizers.record import RecordError
from lenet_tutorial.studies.optimizers.source import describe, load

SECONDS_TO_ANSWER = 15
SECONDS_TO_FIND_WORKERS = 60
TRIES = 10  # deaths of workers that a single run may cause or suffer before it is given up

_one_at_a_time = threading.Lock()  # a seed counts for a whole process; a worker may have several threads


class ClusterError(RuntimeError):
    """The cluster cannot be used: the message says why and what to do."""


def runs(recipes, wanted, *, first=None, scheduler=None, workers=None):
    """Make runs on Dask.

    Args:
        recipes: what to run, in the order in which it is worth having.
        wanted: what :func:`source.describe` says of the data. A worker that has other data is an error.
        first: only so many digits of each part, as for `source.load`.
        scheduler: address of a running scheduler, ``tcp://host:8786``; or
        workers: how many worker processes to start on this machine.

    Yields:
        A :class:`Record` a recipe, as they end.

    Raises:
        ClusterError: Dask is not installed, the scheduler does not answer or has no workers or goes
            away, or workers kept dying.
        RecordError: a worker has other data.
    """
    try:
        from distributed import CancelledError, KilledWorker, as_completed
        from distributed.comm import CommClosedError
    except ImportError:
        raise ClusterError("Dask is not installed: pip install distributed") from None
    with _client(scheduler, workers) as client:

        def submit(recipe):
            return client.submit(_trial, recipe, wanted, first, pure=False, priority=-recipes.index(recipe))

        asked = {submit(recipe): recipe for recipe in recipes}
        deaths = Counter()
        ended = as_completed(asked)
        for future in ended:
            recipe = asked.pop(future)
            try:
                yield future.result()
            except KilledWorker:
                deaths[recipe] += 1
                if deaths[recipe] == TRIES:
                    raise ClusterError(f"{TRIES} times workers died during the run {recipe}: see their logs") from None
                print(
                    f"A worker died during {name(recipe)}, seed {recipe.seed}: the run is made again.", file=sys.stderr
                )
                again = submit(recipe)
                asked[again] = recipe
                ended.add(again)
            except (CancelledError, CommClosedError):
                raise ClusterError("The scheduler is gone. What ended is recorded; the same command goes on.") from None


@contextmanager
def _client(scheduler, workers):
    from distributed import Client, LocalCluster

    if scheduler:
        with _connected(Client, scheduler) as client:
            yield client
        return
    threads = max(1, (os.cpu_count() or 1) // workers)
    settings = {"TF_NUM_INTRAOP_THREADS": str(threads), "TF_NUM_INTEROP_THREADS": str(threads)}
    # memory_limit=0: no limit, for Dask would kill a worker that comes near it, again and again.
    local = LocalCluster(
        n_workers=workers, threads_per_worker=1, dashboard_address=None, memory_limit=0, env=settings, silence_logs=50
    )
    with local, Client(local) as client:
        yield client


def _connected(client_of, scheduler):
    try:
        client = client_of(scheduler, timeout=SECONDS_TO_ANSWER)
    except (OSError, TimeoutError, ValueError) as error:
        raise ClusterError(
            f"No scheduler answers at {scheduler!r} ({type(error).__name__}). Start one with `dask scheduler` and "
            "workers with `dask worker ADDRESS --nthreads 1`, or leave --scheduler out."
        ) from None
    try:
        client.wait_for_workers(1, timeout=SECONDS_TO_FIND_WORKERS)
    except TimeoutError:
        client.close()
        raise ClusterError(
            f"The scheduler at {scheduler} has no workers. Start some: dask worker {scheduler} --nthreads 1"
        ) from None
    return client


@lru_cache(maxsize=1)
def _loaded(first):
    digits = load(first)
    return digits, describe(digits)


def _trial(recipe, wanted, first):
    """One run, on a worker."""
    from lenet_tutorial.studies.optimizers import trial

    with _one_at_a_time:
        digits, here = _loaded(first)
        if here != wanted:
            raise RecordError(
                f"a worker has the data {here['name']} ({here['sha256'][:8]}), and {wanted['name']} "
                f"({wanted['sha256'][:8]}) are wanted: set {MNIST_VARIABLE} where the worker starts"
            )
        return trial.run(recipe, digits, data=here)
