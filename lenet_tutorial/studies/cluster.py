"""Many calls of a function on Dask: on workers of this machine, or on those of a scheduler that is named.

A call whose worker is killed is made again elsewhere; its result comes back once, to the process that asked for it.
"""

import os
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

SECONDS_TO_ANSWER = 15
SECONDS_TO_FIND_WORKERS = 60
TRIES = 10  # deaths of workers that a single call may cause or suffer before it is given up


class ClusterError(RuntimeError):
    """The cluster cannot be used: the message says why and what to do."""


def run_all(
    function: Callable, items: Sequence, *, scheduler: str | None = None, workers: int | None = None
) -> Iterator[Any]:
    """Call a function on each item, on Dask.

    Args:
        function: what a worker calls, with one item.
        items: in the order in which their results are worth having.
        scheduler: address of a running scheduler, ``tcp://host:8786``; or
        workers: how many worker processes to start on this machine.

    Yields:
        The results, as they come. What the function raises is raised here.

    Raises:
        ClusterError: Dask is not installed, the scheduler does not answer or has no workers or goes away, or workers
            kept dying.
    """
    try:
        from distributed import CancelledError, KilledWorker, as_completed
        from distributed.comm import CommClosedError
    except ImportError:
        raise ClusterError("Dask is not installed: pip install distributed") from None
    deaths = Counter()
    with _client(scheduler, workers) as client:

        def submit(i: int):
            return client.submit(function, items[i], pure=False, priority=-i)

        asked = {submit(i): i for i in range(len(items))}
        ended = as_completed(asked)
        for future in ended:
            i = asked.pop(future)
            try:
                yield future.result()
            except KilledWorker:
                deaths[i] += 1
                if deaths[i] == TRIES:
                    raise ClusterError(f"{TRIES} times workers died during {items[i]}: see their logs") from None
                print(f"A worker died during {items[i]}: the run is made again.", file=sys.stderr)
                asked[again := submit(i)] = i
                ended.add(again)
            except (CancelledError, CommClosedError):
                raise ClusterError("The scheduler is gone. What ended is recorded; the same command goes on.") from None


@contextmanager
def _client(scheduler: str | None, workers: int | None) -> Iterator:
    from distributed import Client, LocalCluster

    if scheduler:
        with _connected(Client, scheduler) as client:
            yield client
        return
    threads = str(max(1, (os.cpu_count() or 1) // workers))
    env = {"TF_NUM_INTRAOP_THREADS": threads, "TF_NUM_INTEROP_THREADS": threads, "OMP_NUM_THREADS": threads}
    # memory_limit=0: no limit, for Dask would kill a worker that comes near it, again and again.
    local = LocalCluster(
        n_workers=workers, threads_per_worker=1, dashboard_address=None, memory_limit=0, env=env, silence_logs=50
    )
    with local, Client(local) as client:
        yield client


def _connected(client_of: Callable, scheduler: str):
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
