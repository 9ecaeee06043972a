"""``python -m tests.hold``: make the checks, and print a table of what they saw."""

import argparse
import sys

from tests.hold import bite
from tests.hold.check import Check, run

CHECKS = (Check("bite", bite.look),)


def main(argv=None):
    parser = argparse.ArgumentParser(prog="python -m tests.hold", description="What holds, measured.")
    parser.add_argument("--only", metavar="NAME", choices=[each.name for each in CHECKS], help="make this check alone")
    arguments = parser.parse_args(argv)
    chosen = [each for each in CHECKS if arguments.only in (None, each.name)]
    return 0 if run(chosen) else 1


if __name__ == "__main__":
    sys.exit(main())
