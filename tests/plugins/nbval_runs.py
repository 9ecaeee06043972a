"""Run nbval over one notebook in a pytest of its own, under the project's settings, and tell what each cell did."""

import os
import re
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def run_notebook(path: Path, **environment: str) -> dict[int, str]:
    """The cells of a notebook by nbval's number: "" for one that passed, else what was reported.

    Args:
        path: The notebook; a file with the report is left beside it.
        environment: Variables to set for this run.

    Raises:
        RuntimeError: pytest could not do its work.
    """
    report = path.with_suffix(".xml")
    command = [sys.executable, "-m", "pytest", "-c", "pyproject.toml", "-p", "tests.plugins.lesson_check"]
    options = ["-p", "no:cacheprovider", "--color=no", f"--junitxml={report}", str(path)]
    done = subprocess.run(
        [*command, *options], cwd=ROOT, env={**os.environ, **environment}, capture_output=True, text=True
    )
    if done.returncode not in (0, 1):  # all passed, some failed
        raise RuntimeError(f"pytest ended with {done.returncode}\n{done.stdout}\n{done.stderr}")
    outcome = {}
    for case in ElementTree.parse(report).iter("testcase"):
        failures = [child.text or "" for child in case if child.tag in ("failure", "error", "skipped")]
        outcome[int(re.fullmatch(r"Cell (\d+)", case.get("name"))[1])] = "\n".join(failures)
    return outcome
