"""The records of the long checks as Markdown: what a reviewer reads."""

import statistics
from collections import defaultdict

from tests.qa import again, ends, machines

HEAD = """# What `make hold-long` measured

Made from records.jsonl; do not edit. Each part names the commit and the processor that it was made on.
"""


def written(parts):
    """The tables of all parts, as one text."""
    texts = [HEAD]
    for name, title, table in (
        (machines.NAME, "Another machine: how far each number moves", _moves),
        (again.NAME, "Again and again", _runs),
        (ends.NAME, "The oldest and the newest versions", _ends),
    ):
        by_cpu = defaultdict(list)
        for part in parts:
            if part.check == name:
                by_cpu[part.cpu].append(part)
        for cpu, some in by_cpu.items():
            texts.append(f"## {title}\n\nOn {cpu}.\n\n{table(some)}\n")
    return "\n".join(texts)


def _commits(parts):
    return ", ".join(dict.fromkeys(part.commit for part in parts))


def _table(head, rows):
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(map(str, line))} |" for line in lines)


def _moves(parts):
    """A row a cell with a tolerance, a column a setting: the largest distance to what is recorded in the lesson."""
    settings = list(dict.fromkeys(part.part.rpartition(", ")[0] for part in parts))
    cells, failed = defaultdict(dict), set()
    for part in parts:
        setting, _, lesson = part.part.rpartition(", ")
        for cell, (tolerance, moved) in part.found.items():
            cells[lesson, int(cell.removeprefix("Cell ")), tolerance][setting] = moved
        failed |= {(setting, node) for node in part.failed}
    rows = []
    for (lesson, cell, tolerance), moved in sorted(cells.items()):
        most = f"{max(moved.values()) / tolerance:.0%}" if tolerance else "-"
        rows.append(
            [lesson, cell, f"{tolerance:g}", *(f"{moved[s]:.3g}" if s in moved else "" for s in settings), most]
        )
    table = _table(["lesson", "cell", "tolerance", *settings, "most, of the tolerance"], rows)
    made = _table(["lesson", *settings], [[lesson, *places.values()] for lesson, places in _places(parts, settings)])
    told = [f"Failed with {setting}: {node}" for setting, node in sorted(failed)]
    return "\n\n".join([table, *told, "Made at these commits:", made])


def _places(parts, settings):
    """For each lesson, at which commit it was run under each setting."""
    places = defaultdict(lambda: dict.fromkeys(settings, ""))
    for part in parts:
        setting, _, lesson = part.part.rpartition(", ")
        places[lesson][setting] = part.commit
    return sorted(places.items())


def _runs(parts):
    """A row a kind of run: how often it was made, in how many runs something failed, and what was slowest."""
    kinds = defaultdict(list)
    for part in parts:
        kinds[part.part.rpartition(", ")[0]].append(part)
    rows = []
    for kind, runs in kinds.items():
        flaky = sorted({node for run in runs for node in run.failed})
        seconds = statistics.median(run.seconds for run in runs)
        failures = sum(bool(run.failed) for run in runs)
        rows.append([kind, len(runs), failures, ", ".join(flaky) or "-", f"{seconds:.0f}", _commits(runs)])
    head = ["what", "runs", "with a failure", "what failed", "seconds, median", "at"]
    slowest = [
        f"Slowest of the {kind}: {runs[-1].found['slowest'] or 'none over a second'}." for kind, runs in kinds.items()
    ]
    return "\n\n".join([_table(head, rows), *slowest])


def _ends(parts):
    """A row an environment: its Python, its versions, and what failed in it."""
    rows = [
        [
            part.part,
            part.found["python"],
            ", ".join(part.found["versions"]),
            part.found["passed"],
            len(part.failed),
            part.commit,
        ]
        for part in parts
    ]
    told = [f"Failed with the {part.part} versions: {node}" for part in parts for node in part.failed]
    return "\n\n".join([_table(["versions", "Python", "of", "passed", "failed", "at"], rows), *told])
