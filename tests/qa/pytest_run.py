"""Run pytest in a process of its own, and count what became of the tests."""

import os
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ElementTree
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


@dataclass
class Run:
    """What a run of pytest came to.

    Attributes:
        passed: how many tests passed.
        failed: a line for each that failed: its name, and the first line of why.
        skipped: a line for each that was skipped.
    """

    passed: int = 0
    failed: list[str] = field(default_factory=list)
    skipped: list[str] = field(default_factory=list)


def run(*arguments: str, timeout: float = 3600, **variables: str) -> Run:
    """Run pytest in the project.

    Args:
        arguments: tests and options.
        timeout: seconds for all.
        variables: more environment variables.

    Raises:
        RuntimeError: pytest broke off: it could not collect, or took too long.
    """
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder, "report.xml")
        options = ["-q", "-p", "no:cacheprovider", "--color=no", f"--junitxml={report}"]
        environment = os.environ | {"PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1"} | variables
        try:
            done = subprocess.run(
                [sys.executable, "-m", "pytest", *options, *arguments],
                cwd=ROOT,
                env=environment,
                capture_output=True,
                text=True,
                timeout=timeout,
                check=False,
            )
        except subprocess.TimeoutExpired:
            raise RuntimeError(f"pytest did not end within {timeout} seconds: {' '.join(arguments)}") from None
        if done.returncode not in (0, 1, 5) or not report.exists():  # passed, failed, nothing selected
            said = (done.stdout + done.stderr).strip().splitlines()
            raise RuntimeError("\n".join([f"pytest ended with {done.returncode}", *said[-15:]]))
        counted = Run()
        for case in ElementTree.parse(report).iter("testcase"):
            _count(case, counted)
    return counted


def _count(case: ElementTree.Element, counted: Run) -> None:
    trouble = [child for child in case if child.tag in ("failure", "error", "skipped")]
    if not trouble:
        counted.passed += 1
        return
    why = (trouble[0].get("message") or trouble[0].text or "").strip().splitlines() or [""]
    line = f"{case.get('classname')}::{case.get('name')}: {why[0][:200]}"
    (counted.skipped if trouble[0].tag == "skipped" else counted.failed).append(line)
