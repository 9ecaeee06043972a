"""What ``make hold-long`` measured, part by part: records.jsonl, and the tables made from it in records.md.

One line a finished part, so that a run that was stopped goes on where it was. Of a part measured again, the newer line
takes the older one's place.
"""

import json
import os
import platform
import subprocess
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from lenet_tutorial import files
from tests.qa.tree import ROOT

FILE = Path(__file__).with_name("records.jsonl")


@dataclass(frozen=True)
class Part:
    """One finished part of a long check.

    Attributes:
        check: the check's name.
        part: which part of it, such as ``"SSE41, 01_digits"``.
        failed: the nodes that failed, each in a line.
        found: what was measured, by name; numbers, texts and lists.
        seconds: how long it took.
        commit, cpu, ended: on what, on which processor, and when, in UTC.
    """

    check: str
    part: str
    failed: list
    found: dict
    seconds: float
    commit: str = field(default_factory=lambda: commit())
    cpu: str = field(default_factory=lambda: cpu())
    ended: str = field(default_factory=lambda: datetime.now(UTC).isoformat(timespec="minutes"))

    def line(self):
        """This part as a line of JSON."""
        return json.dumps(asdict(self), ensure_ascii=False, allow_nan=False) + "\n"


def read(path=FILE):
    """The parts in a file, in its order; none if it does not exist. A last line that broke off is left out."""
    if not path.exists():
        return []
    parts = []
    lines = path.read_text(encoding="utf-8").splitlines()
    for number, line in enumerate(lines, 1):
        try:
            parts.append(Part(**json.loads(line)))
        except (ValueError, TypeError):
            if number < len(lines):
                raise ValueError(f"{path.name}, line {number} is no record: take it out") from None
    return parts


def done(check, part, at, path=FILE):
    """Whether a part stands there for a commit and this processor; a checkout with changes is never done."""
    here = (check, part, at, cpu())
    return not at.endswith("+") and any(here == (each.check, each.part, each.commit, each.cpu) for each in read(path))


def add(part, path=FILE):
    """Put a part into the file, in place of what stands there for the same part, and write the file whole."""
    kept = [each for each in read(path) if (each.check, each.part, each.cpu) != (part.check, part.part, part.cpu)]
    with files.atomic_write(path) as place:
        place.write_text("".join(each.line() for each in [*kept, part]), encoding="utf-8")


def commit(tree=ROOT):
    """The last commit that changed anything but the records; a + behind it if anything was changed or added since.

    A copy without git's history is of no known commit: ``unknown+``. Committing the records of a first part leaves what
    they say valid, and the second part goes on from there.
    """
    others = ["--", ".", ":!tests/qa/records.*"]
    command = ["git", "log", "-1", "--format=%h", "--abbrev=10", *others]
    named = subprocess.run(command, cwd=tree, capture_output=True, text=True, check=False)
    if named.returncode:
        return "unknown+"
    command = ["git", "status", "--porcelain", "--untracked-files=normal", *others]
    changed = subprocess.run(command, cwd=tree, capture_output=True, text=True, check=False).stdout
    return named.stdout.strip() + ("+" if changed.strip() else "")


def cpu():
    """The processor's name."""
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
        name = next(line.split(":", 1)[1].strip() for line in lines if line.startswith("model name"))
    except (OSError, StopIteration, IndexError):  # not Linux, or a processor without a name
        name = platform.processor() or platform.machine() or "unknown"
    return f"{name}, {os.cpu_count()} cores"
