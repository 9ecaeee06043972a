"""A named check, and the table of what checks saw."""

import math
import time
from collections.abc import Callable
from dataclasses import dataclass


class Broken(Exception):
    """What was promised does not hold. The first line says what was seen; the others, where."""


class Skipped(Exception):
    """It cannot be looked at here; the message says why."""


@dataclass(frozen=True)
class Check:
    """One promise.

    Attributes:
        name: what ``--only`` calls it.
        look: gives in one line what was seen; raises :class:`Broken` or :class:`Skipped`.
        limit: seconds that it may take on two cores; longer is told, and no failure: machines differ.
    """

    name: str
    look: Callable[[], str]
    limit: float = math.inf


def run(checks, show=print, limit=math.inf):
    """Make one check after the other, and show a line for each as it ends; the last line counts them.

    Args:
        checks: :class:`Check` each.
        show: called with each line.
        limit: seconds that all of them together may take on two cores.

    Returns:
        True if none failed. An error of the check's own counts as a failure.
    """
    start = time.perf_counter()
    counts = {"ok": 0, "skipped": 0, "FAILED": 0}
    show(f"{'':8} {'check':10} {'seconds':>7}  seen")
    for each in checks:
        state, seen, seconds = _looked(each)
        counts[state] += 1
        first, *where = seen.splitlines() or [""]
        show(f"{state:8} {each.name:10} {seconds:7.0f}  {first}")
        for line in where:
            show(f"{'':28}{line}")
        if seconds > each.limit:
            show(f"{'':28}slow: more than {each.limit:.0f} s")
    told = ", ".join(f"{count} {state if state != 'FAILED' else 'failed'}" for state, count in counts.items())
    seconds = time.perf_counter() - start
    slow = f", slow: more than {limit:.0f} s" if seconds > limit else ""
    show(f"hold: {told} in {seconds:.0f} s{slow}")
    return not counts["FAILED"]


def _looked(check):
    start = time.perf_counter()
    try:
        state, seen = "ok", check.look()
    except Skipped as reason:
        state, seen = "skipped", str(reason)
    except Broken as found:
        state, seen = "FAILED", str(found)
    except Exception as error:  # a check that cannot do its work has proved nothing
        state, seen = "FAILED", f"{type(error).__name__}: {error}"
    return state, seen, time.perf_counter() - start
