"""Again and again: what passes once must pass every time: tests and lessons on the sample 20 times, on MNIST 3."""

from lenet_tutorial.data import MNIST_VARIABLE
from tests.qa import cases
from tests.qa.records import Part

NAME, WANTS_MNIST = "again", True
NOTHING = {"passed": 0, "slowest": ""}  # what is found where pytest itself breaks off
TIMES = {"unit tests": 20, "lessons on the sample": 20, "lessons on MNIST": 3}
# A test that makes lesson 3's whole training: with the lessons, not with what takes seconds.
TRAINS = "tests/lessons/test_lessons.py::test_a_wrong_learning_rate_fails"
WHAT = {
    "unit tests": ("tests", f"--deselect={TRAINS}"),
    "lessons on the sample": ("notebooks",),
    "lessons on MNIST": ("notebooks", TRAINS),
}


def parts():
    """The names of all parts: each kind of run, as often as it is made."""
    return [f"{kind}, {number}" for kind, times in TIMES.items() for number in range(1, times + 1)]


def measure(name, tree):
    """Make one run; the record has what failed, how many passed, and what was slowest."""
    kind = name.rpartition(", ")[0]
    variables = {MNIST_VARIABLE: "sample"} if kind == "lessons on the sample" else {}
    found = cases.run(tree, *WHAT[kind], timeout=7200, **variables)
    failed = [case.node for case in cases.failed(found)]
    passed = sum(case.outcome == "passed" for case in found)
    seconds = round(sum(case.seconds for case in found), 1)
    return Part(NAME, name, failed, {"passed": passed, "slowest": cases.slowest(found)}, seconds)
