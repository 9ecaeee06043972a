"""The budget plugin measures, and fails far above the budget."""

import os
import re
import subprocess
import sys
import time
from pathlib import Path
from types import SimpleNamespace

import pytest

from lenet_tutorial.tools.lessons import find_lessons
from tests.plugins import budget

ROOT = Path(__file__).resolve().parents[2]
LINUX = pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a process's peak memory")


def test_every_lesson_is_in_the_readme_and_has_the_budget_that_is_promised_there():
    """A budget doubled in silence would let a lesson take six times as long as its reader was told."""
    rows = re.findall(r"^\| \[.+?\]\(notebooks/(\w+)\.ipynb\) .*\| ([^|]+) \|$", (ROOT / "README.md").read_text(), re.M)
    assert [name for name, _ in rows] == [lesson.name for lesson in find_lessons()]
    promised = {name[:2]: int(found[1]) for name, words in rows if (found := re.fullmatch(r"under (\d+) s", words))}
    assert promised
    assert {number: budget.SECONDS[number] for number in promised} == promised


def test_a_lesson_fails_before_binder_kills_it():
    assert budget.MEGABYTES < budget.TOO_MANY_MEGABYTES < 2000


@LINUX
def test_peak_memory_remembers_what_was_freed():
    """In a process of its own, whose peak is not already higher for another test's sake."""
    code = (
        "import os, numpy as np; from tests.plugins.budget import peak_memory; before = peak_memory(os.getpid()); "
        "block = np.ones(50_000_000); del block; print(before, peak_memory(os.getpid()))"
    )
    run = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    before, after = map(float, run.stdout.split())
    assert 350 < after - before < 500  # the block has 400 MB


@pytest.fixture
def lesson(monkeypatch):
    monkeypatch.setattr(budget, "nbval_teardown", lambda lesson: None)
    kernel = SimpleNamespace(km=SimpleNamespace(provisioner=SimpleNamespace(pid=os.getpid())))
    config = SimpleNamespace(stash=pytest.Stash())
    return SimpleNamespace(path=Path("01_digits.ipynb"), kernel=kernel, config=config, started=time.perf_counter())


def test_a_lesson_within_its_budget_is_told(lesson, monkeypatch):
    monkeypatch.setattr(budget, "peak_memory", lambda pid: 1234.0)
    budget.teardown(lesson)
    assert lesson.config.stash[budget.COSTS] == ["01_digits: 0 s (budget 30 s), at most 1234 MB (budget 1500 MB)"]


@pytest.mark.parametrize(("late", "memory"), [(100, 900.0), (0, 1800.0)])
def test_a_lesson_far_above_its_budget_fails(lesson, monkeypatch, late, memory):
    monkeypatch.setattr(budget, "peak_memory", lambda pid: memory)
    lesson.started -= late
    with pytest.raises(AssertionError, match="01_digits"):
        budget.teardown(lesson)
    assert len(lesson.config.stash[budget.COSTS]) == 1


def test_where_old_instructions_are_tried_only_memory_counts(lesson, monkeypatch):
    monkeypatch.setenv("HOLD_MOVES", "moves.jsonl")
    monkeypatch.setattr(budget, "peak_memory", lambda pid: 1234.0)
    lesson.started -= 5000
    budget.teardown(lesson)
    monkeypatch.setattr(budget, "peak_memory", lambda pid: 1800.0)
    with pytest.raises(AssertionError, match="01_digits"):
        budget.teardown(lesson)
