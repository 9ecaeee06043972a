"""Run pytest in a process of its own, and tell what became of each test and of each cell."""

import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ElementTree
from dataclasses import dataclass, field
from pathlib import Path

from tests.qa.tree import environment


@dataclass(frozen=True)
class Case:
    """One test, or one cell of a lesson.

    Attributes:
        node: as pytest names it: ``tests/unit/test_data.py::test_named_npz``, ``notebooks/01_digits.ipynb::Cell 3``.
        outcome: ``"passed"``, ``"failed"`` or ``"skipped"``.
        seconds: what it took.
        told: why it failed or was skipped.
        noted: what the test recorded as properties.
    """

    node: str
    outcome: str
    seconds: float
    told: str
    noted: dict = field(default_factory=dict)


def run(tree, *arguments, timeout=3600, python=sys.executable, **variables):
    """Run pytest in a copy of the project.

    Args:
        tree: the copy.
        arguments: nodes and options.
        timeout: seconds for all.
        python: the Python to run it with.
        variables: more environment variables.

    Returns:
        A list of :class:`Case`, in the order of the run.

    Raises:
        RuntimeError: pytest broke off: it could not collect, or took too long.
    """
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder, "report.xml")
        options = ["-q", "-p", "no:cacheprovider", "--color=no", "-o", "junit_family=xunit1", f"--junitxml={report}"]
        command = [python, "-m", "pytest", *options, *arguments]
        try:
            done = subprocess.run(
                command,
                cwd=tree,
                env=environment(tree, **variables),
                capture_output=True,
                text=True,
                timeout=timeout,
                check=False,
            )
        except subprocess.TimeoutExpired:
            raise RuntimeError(f"pytest did not end within {timeout} seconds: {' '.join(arguments)}") from None
        if done.returncode not in (0, 1) or not report.exists():  # neither all passed nor some failed
            said = (done.stdout + done.stderr).strip().splitlines()
            raise RuntimeError("\n".join([f"pytest ended with {done.returncode}", *said[-15:]]))
        return [_case(each) for each in ElementTree.parse(report).iter("testcase")]


def _case(element):
    trouble = [child for child in element if child.tag in ("failure", "error", "skipped")]
    outcome = "passed" if not trouble else "skipped" if trouble[0].tag == "skipped" else "failed"
    told = " ".join(child.get("message") or child.text or "" for child in trouble)
    noted = {each.get("name"): each.get("value") for each in element.iter("property")}
    return Case(f"{element.get('file')}::{element.get('name')}", outcome, float(element.get("time")), told, noted)


def failed(cases):
    """Those that failed."""
    return [case for case in cases if case.outcome == "failed"]


def slowest(cases, n=5):
    """The slowest of those that took a second or more, in words."""
    ordered = sorted((case for case in cases if case.seconds >= 1), key=lambda case: -case.seconds)[:n]
    return ", ".join(f"{case.node.rpartition('/')[2]} {case.seconds:.0f} s" for case in ordered)
