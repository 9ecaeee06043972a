"""Do the tests notice what they are there for? Each fault, injected while they run, makes a test fail that it names."""

import os
import shlex
from concurrent.futures import ThreadPoolExecutor

from tests.qa.check import Broken
from tests.qa.faults import FAULTS, Fault
from tests.qa.pytest_run import run

TIMEOUT = 300  # seconds for one fault


def look(jobs: int = max(1, min(4, os.cpu_count() or 1))) -> str:
    """Try every fault, several at once.

    Returns:
        How many were noticed, in words.

    Raises:
        Broken: a fault was not noticed, or its tests fail without it.
    """
    with ThreadPoolExecutor(jobs) as pool:
        without = dict(zip(_selections(), pool.map(_outcome, _selections()), strict=True))
        noticed = list(pool.map(lambda fault: _outcome(fault.noticed_by, fault), FAULTS.values()))
    wrong = [f"fails without a fault: {tests}" for tests, outcome in without.items() if outcome != "passed"]
    wrong += [
        f"{outcome}: {fault.name}: expected a failure of {fault.noticed_by}"
        for fault, outcome in zip(FAULTS.values(), noticed, strict=True)
        if outcome != "failed"
    ]
    seen = f"{noticed.count('failed')} of {len(FAULTS)} faults noticed"
    if wrong:
        raise Broken("\n".join([seen, *wrong]))
    return seen


def _selections() -> list[str]:
    return list(dict.fromkeys(fault.noticed_by for fault in FAULTS.values()))


def _outcome(tests: str, fault: Fault | None = None) -> str:
    """What pytest says of these tests: "passed", "failed", or why it said neither."""
    options = ["-x", "-p", "tests.qa.faults", *(["--fault", fault.name] if fault else [])]
    try:
        found = run(*options, *shlex.split(tests), timeout=TIMEOUT)
    except RuntimeError as error:
        return str(error).splitlines()[0]
    return "failed" if found.failed else "passed" if found.passed else "no test ran"
