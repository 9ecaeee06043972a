"""``python -m tests.qa``: make the checks and print a table of what they saw; ``--long``: those that take hours."""

import argparse
import functools
import math
import sys

from tests.qa import audit, bite, long, offline, tested
from tests.qa.check import Check, run

LIMIT = 2400  # seconds for all of them
SHORT = (
    Check("bite", bite.look, limit=600),
    Check("hostile", tested.hostile),
    Check("offline", offline.look),
    Check("audit", audit.look),
    Check("browser", tested.browser),
)


def checks(arguments):
    """Those that the command line asks for."""
    known = SHORT
    if arguments.long:
        known = [Check(name, functools.partial(long.look, name, arguments.part, say)) for name in long.CHECKS]
    chosen = [each for each in known if arguments.only in (None, each.name)]
    if not chosen:
        sys.exit(f"expected a check out of {', '.join(each.name for each in known)}, got {arguments.only!r}")
    return chosen


def say(line):
    """Print a line at once: a check takes minutes."""
    print(line, flush=True)


def main(argv=None):
    parser = argparse.ArgumentParser(prog="python -m tests.qa", description="What holds, measured.")
    parser.add_argument("--only", metavar="NAME", help="make this check alone")
    parser.add_argument("--long", action="store_true", help="the checks that take hours; each goes on where it was")
    parser.add_argument("--part", metavar="TEXT", default="", help="with --long: only parts whose name holds this text")
    arguments = parser.parse_args(argv)
    return 0 if run(checks(arguments), say, math.inf if arguments.long else LIMIT) else 1


if __name__ == "__main__":
    sys.exit(main())
