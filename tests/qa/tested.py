"""Checks that are tests of the project's own: hostile conditions, and JupyterLab in a browser."""

from tests.qa import cases
from tests.qa.check import Broken, Skipped
from tests.qa.tree import copied

HOSTILE = (
    "tests/unit/test_data.py",
    "tests/unit/test_hostile.py",
    "tests/unit/test_training.py",
    "tests/unit/test_security.py",
)


def hostile():
    """Damaged files, bad mirrors, full and read-only disks, kills, and what a file or a stranger may not do."""
    return _told("tests", HOSTILE)


def browser():
    """JupyterLab in a browser, all lessons in one server, what CI leaves out included."""
    return _told("tests in a browser", ("-m", "browser", "tests/browser/test_browser.py"))


def _told(what, arguments):
    with copied() as tree:
        found = cases.run(tree, *arguments)
    failed, skipped = cases.failed(found), [case for case in found if case.outcome == "skipped"]
    passed = len(found) - len(failed) - len(skipped)
    if not passed and not failed:
        raise Skipped(skipped[0].told if skipped else "no test was found")
    seen = f"{passed} {what} passed"
    seen += "".join(f"; {name.replace('_', ' ')}: {value}" for case in found for name, value in case.noted.items())
    left = [f"skipped: {case.node}: {case.told}" for case in skipped]
    if failed:
        raise Broken("\n".join([f"{len(failed)} of {len(found)} {what} failed", *map(_line, failed), *left]))
    return "\n".join([seen, *left])


def _line(case):
    return f"{case.node}: {(case.told.strip().splitlines() or [''])[0][:200]}"
