"""A named check, and the table of what checks saw."""

import time
from collections.abc import Callable, Iterable
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
        look: gives what was seen, the main thing in the first line; raises :class:`Broken` or :class:`Skipped`.
    """

    name: str
    look: Callable[[], str]


def run(checks: Iterable[Check]) -> bool:
    """Make one check after the other, and print a line for each as it ends; the last line counts them.

    Returns:
        True if none failed. An error of the check's own counts as a failure: it has proved nothing.
    """
    start, states = time.perf_counter(), []
    print(f"{'':8} {'check':14} {'seconds':>7}  seen", flush=True)
    for check in checks:
        began = time.perf_counter()
        state, seen = _looked(check)
        first, *where = seen.splitlines() or [""]
        print(f"{state:8} {check.name:14} {time.perf_counter() - began:7.0f}  {first}", flush=True)
        for line in where:
            print(f"{'':32}{line}")
        states.append(state)
    counts = ", ".join(f"{states.count(state)} {state}" for state in ("ok", "skipped", "FAILED"))
    print(f"qa: {counts} in {time.perf_counter() - start:.0f} s")
    return "FAILED" not in states


def _looked(check: Check) -> tuple[str, str]:
    try:
        return "ok", check.look()
    except Skipped as reason:
        return "skipped", str(reason)
    except Broken as found:
        return "FAILED", str(found)
    except Exception as error:
        return "FAILED", f"{type(error).__name__}: {error}"
