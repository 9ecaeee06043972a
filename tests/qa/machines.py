"""Another machine, as far as one can be had here: other instructions, other libraries, other numbers of threads.

Strict nbval over all lessons under each setting, in order, with a cache of the setting's own: lesson 3 trains there.
How far each compared number moves is recorded beside its tolerance.
"""

import json
import os
import tempfile
from pathlib import Path

from lenet_tutorial.data import CACHE_VARIABLE, MNIST_VARIABLE, cache_folder
from lenet_tutorial.tools.lessons import find_lessons
from tests.qa import cases
from tests.qa.records import Part

NAME, WANTS_MNIST = "machines", True
NOTHING = {}  # what is found where pytest itself breaks off
# With old instructions ten epochs outlast the quarter of an hour that a cell gets elsewhere. Here it may take an hour.
PATIENCE = ("--nbval-cell-timeout=3600", "--timeout=3700")


def _threads(n):
    names = ("TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS")
    return dict.fromkeys(names, str(n))


SETTINGS = {
    "default": {},
    "AVX2": {"ONEDNN_MAX_CPU_ISA": "AVX2"},
    "SSE41": {"ONEDNN_MAX_CPU_ISA": "SSE41"},
    "oneDNN off": {"TF_ENABLE_ONEDNN_OPTS": "0"},
    "1 thread": _threads(1),
    "2 threads": _threads(2),
}


def parts():
    """The names of all parts, in order: each setting's lessons one after the other."""
    return [f"{setting}, {lesson.name}" for setting in SETTINGS for lesson in find_lessons()]


def _mnist():
    """MNIST of our own cache, by its name, if no other is named: each setting looks into another cache."""
    kept = cache_folder() / "mnist.npz"
    return {MNIST_VARIABLE: str(kept)} if not os.environ.get(MNIST_VARIABLE) and kept.is_file() else {}


def measure(name, tree):
    """Run one lesson under one setting, in a copy of the project.

    Returns:
        A :class:`tests.qa.records.Part`: ``{"Cell 3": [tolerance, moved]}`` for its cells with a tolerance.
    """
    setting, _, lesson = name.rpartition(", ")
    cache = cache_folder() / "hold" / setting.replace(" ", "-")
    with tempfile.TemporaryDirectory() as folder:
        moves = Path(folder, "moves.jsonl")
        variables = SETTINGS[setting] | _mnist() | {CACHE_VARIABLE: str(cache), "HOLD_MOVES": str(moves)}
        options = ["-p", "tests.qa.moves", *PATIENCE]
        found = cases.run(tree, *options, f"notebooks/{lesson}.ipynb", timeout=7200, **variables)
        lines = [json.loads(line) for line in moves.read_text().splitlines()] if moves.exists() else []
    moved = {line["cell"]: [line["tolerance"], line["moved"]] for line in lines}
    failed = [case.node for case in cases.failed(found)]
    return Part(NAME, name, failed, moved, round(sum(case.seconds for case in found), 1))
