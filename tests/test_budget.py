"""The budget plugin measures, and fails far above the budget."""

import os
import sys
import time
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from tests import budget

LINUX = pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a process's peak memory")


@LINUX
def test_peak_memory_remembers_what_was_freed():
    before = budget.peak_memory(os.getpid())
    block = np.ones(50_000_000)
    del block
    assert budget.peak_memory(os.getpid()) >= before + 300 or before > 1000  # 400 MB, unless it was that high already


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


@pytest.mark.parametrize(("late", "memory"), [(100, 900.0), (0, 1600.0)])
def test_a_lesson_far_above_its_budget_fails(lesson, monkeypatch, late, memory):
    monkeypatch.setattr(budget, "peak_memory", lambda pid: memory)
    lesson.started -= late
    with pytest.raises(AssertionError, match="01_digits"):
        budget.teardown(lesson)
    assert len(lesson.config.stash[budget.COSTS]) == 1
