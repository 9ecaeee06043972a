"""``python -m tests.qa``: what holds, a line a check. ``--only NAME`` makes one."""

import argparse
import sys

from tests.qa import audit, mutation, numeric_drift, offline, suites
from tests.qa.check import Check, run

CHECKS = (
    Check("mutation", mutation.look),
    Check("hostile", suites.hostile),
    Check("offline", offline.look),
    Check("audit", audit.look),
    Check("javascript", suites.javascript),
    Check("browser", suites.browser),
)
ASKED_FOR = (Check("numeric_drift", numeric_drift.look),)  # takes half an hour


def main(argv: list[str] | None = None) -> int:
    """Make the checks and print a table; give the exit status."""
    parser = argparse.ArgumentParser(prog="python -m tests.qa", description="What holds, measured.")
    names = [check.name for check in (*CHECKS, *ASKED_FOR)]
    parser.add_argument("--only", choices=names, help="make this check alone (numeric_drift only so)")
    arguments = parser.parse_args(argv)
    chosen = [check for check in (*CHECKS, *ASKED_FOR) if check.name == arguments.only] or CHECKS
    return 0 if run(chosen) else 1


if __name__ == "__main__":
    sys.exit(main())
