"""The study's commands: ``python -m lenet_tutorial.studies.explanations --help``."""

import argparse
import sys
from collections.abc import Sequence

from lenet_tutorial.studies import commands
from lenet_tutorial.studies.explanations.run import NETWORKS, SEEDS, STUDY, Run, planned, verdicts
from lenet_tutorial.studies.records import Records

ABOUT = "Which explanation deserves trust? Attribution methods in tests that each can fail."

OPTIONS = commands.kinds_and_seeds("kind of network", NETWORKS, SEEDS)


def plan(records: Records[Run], arguments: argparse.Namespace) -> list[dict]:
    """All runs that the options name."""
    return planned(arguments.only or NETWORKS, arguments.seeds)


def summarize(records: Records[Run], arguments: argparse.Namespace) -> list[str]:
    """For each test, a line for each method: its score and by how much it passes, with intervals."""
    lines = ["Means over seeds with 95% intervals (Student's t). To pass, the margin's interval must lie above 0."]
    for test, found in verdicts(records).items():
        lines += ["", f"{test:22}{'score':>18}{'margin':>22}"]
        for name, each in found.items():
            score = f"{each.score.value:.3f} ± {each.score.half_width:.3f}"
            margin = f"{each.margin.value:+.3f} ± {each.margin.half_width:.3f}"
            lines.append(f"  {name:22}{score:>16}{margin:>22}  {'passes' if each.passes else ''}".rstrip())
    return lines


def main(argv: Sequence[str] | None = None) -> int:
    """Do what the command line asks."""
    return commands.main(STUDY, plan, summarize, options=OPTIONS, about=ABOUT, argv=argv)


if __name__ == "__main__":
    sys.exit(main())
