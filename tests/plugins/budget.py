"""pytest plugin: what each lesson costs, in seconds and memory, beside what it may cost; failing far above it.

Machines differ and are shared, so only three times the seconds fail, and none where `make hold-long` runs the lessons
with a processor's old instructions (HOLD_MOVES). Memory differs little, by tens of megabytes from
run to run, and Binder kills a kernel at 2 GB: what fails lies between the budget and that.
"""

import os
import time
from pathlib import Path

import pytest
from nbval.plugin import IPyNbFile

SECONDS = {"01": 30, "02": 30, "03": 360, "04": 40, "05": 40, "06": 40, "07": 60, "08": 40}  # lessons on two cores
MEGABYTES, TOO_MANY_MEGABYTES = 1500, 1750
COSTS = pytest.StashKey[list[str]]()

nbval_setup, nbval_teardown = IPyNbFile.setup, IPyNbFile.teardown


def peak_memory(pid: int) -> float | None:
    """Most resident memory that a process has had so far, in MB; None where the system does not tell (not Linux)."""
    status = Path(f"/proc/{pid}/status")
    if not status.exists():
        return None
    (line,) = (line for line in status.read_text().splitlines() if line.startswith("VmHWM:"))
    return int(line.split()[1]) * 1024 / 1e6


def setup(lesson: IPyNbFile) -> None:
    nbval_setup(lesson)
    lesson.started = time.perf_counter()


def teardown(lesson: IPyNbFile) -> None:
    seconds = time.perf_counter() - lesson.started
    memory = peak_memory(lesson.kernel.km.provisioner.pid)
    nbval_teardown(lesson)
    budget = SECONDS.get(lesson.path.name[:2], 60)
    told = f"{lesson.path.stem}: {seconds:.0f} s (budget {budget} s)"
    if memory is not None:
        told += f", at most {memory:.0f} MB (budget {MEGABYTES} MB)"
    lesson.config.stash.setdefault(COSTS, []).append(told)
    assert seconds <= 3 * budget or "HOLD_MOVES" in os.environ, told
    assert memory is None or memory <= TOO_MANY_MEGABYTES, told


IPyNbFile.setup, IPyNbFile.teardown = setup, teardown


def pytest_terminal_summary(terminalreporter: "pytest.TerminalReporter", config: pytest.Config) -> None:
    for told in config.stash.get(COSTS, []):
        terminalreporter.write_line(told)
