"""How far do the lessons' numbers move on another machine, as far as one can be had here?

The lessons run under other processor instructions and other numbers of threads, each with a cache folder of its own, so
that lesson 4 trains there. Also a pytest plugin, which notes for each cell with a tolerance how much of it was used.
"""

import os
import tempfile
from collections.abc import Iterable
from pathlib import Path

import pytest

from lenet_tutorial.data import CACHE_VARIABLE
from tests.plugins.lessons import Cell
from tests.plugins.near import NUMBER, numbers, tolerance_of
from tests.qa.check import Broken
from tests.qa.pytest_run import run

NOTES = "QA_DRIFT_NOTES"  # the variable with the plugin's file: a line a cell, the share of its tolerance, its name
THREADS = ("TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS")
SETTINGS = {
    "AVX2": {"ONEDNN_MAX_CPU_ISA": "AVX2"},
    "one thread": dict.fromkeys(THREADS, "1"),
}
PATIENCE = ("--nbval-cell-timeout=3600", "--timeout=3700")


def look() -> str:
    """Run the lessons under each setting; tell which number moved most.

    Raises:
        Broken: a number moved farther than its tolerance, or a lesson failed.
    """
    lines, failed = [], []
    for name, variables in SETTINGS.items():
        with tempfile.TemporaryDirectory() as folder:
            notes = Path(folder, "notes")
            own = {CACHE_VARIABLE: str(Path(folder, "cache")), NOTES: str(notes)}
            found = run("-p", "tests.qa.numeric_drift", *PATIENCE, "notebooks", timeout=7200, **variables, **own)
            used = [line.split(maxsplit=1) for line in notes.read_text().splitlines()]
        share, cell = max(used, key=lambda pair: float(pair[0]))
        lines.append(f"{name}: {len(used)} cells with a tolerance; the most used: {float(share):.0%}, {cell}")
        failed += [f"{name}: {line}" for line in found.failed]
    if failed:
        raise Broken("\n".join([f"{len(failed)} cells failed", *failed, *lines]))
    return "\n".join([f"{len(SETTINGS)} settings, no number beyond its tolerance", *lines])


def texts(outputs: Iterable[dict]) -> list[str]:
    """Every text among a cell's outputs."""
    shown = [output.get("data", {}) | {"text": output.get("text", "")} for output in outputs]
    return [text for each in shown for kind, text in sorted(each.items()) if kind.startswith("text") and text]


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item):
    outcome = yield
    tolerance = tolerance_of(item.tags) if isinstance(item, Cell) and NOTES in os.environ else None
    if tolerance:
        pairs = [
            (before, after)
            for recorded, now in zip(texts(item.cell.outputs), texts(item.test_outputs), strict=False)
            if NUMBER.split(recorded) == NUMBER.split(now)
            for before, after in zip(numbers(recorded), numbers(now), strict=True)
        ]
        used = max((abs(before - after) / tolerance for before, after in pairs), default=0)
        with open(os.environ[NOTES], "a", encoding="utf-8") as file:
            file.write(f"{used} {item.path.stem}, {item.name}\n")
    return outcome
