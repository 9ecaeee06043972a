"""Checks that are tests of the project's own: hostile conditions, the browser's code, and JupyterLab in a browser."""

from tests.qa.check import Broken, Skipped
from tests.qa.pytest_run import run

HOSTILE = ("data", "drawings", "hostile", "records", "security", "training")


def hostile() -> str:
    """Damaged files, bad mirrors, full and read-only disks, kills, and what a file or a stranger may not do."""
    return _seen(*(f"tests/unit/test_{name}.py" for name in HOSTILE), "-n", "auto")


def browser() -> str:
    """JupyterLab in a browser, with what CI leaves out."""
    return _seen("-m", "browser", "tests/browser")


def javascript() -> str:
    """A thousand random networks, computed by the browser's code and by Keras."""
    return _seen("-m", "qa and not browser", "tests/unit/test_javascript.py")


def _seen(*arguments: str) -> str:
    found = run(*arguments)
    if not found.passed and not found.failed:
        raise Skipped(found.skipped[0]) if found.skipped else Broken("no test was found")
    left = [f"skipped: {line}" for line in found.skipped]
    if found.failed:
        raise Broken("\n".join([f"{len(found.failed)} tests failed", *found.failed, *left]))
    return "\n".join([f"{found.passed} tests passed", *left])
