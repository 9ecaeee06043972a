"""pytest plugin: how far each number with a tolerance is from the recorded one.

Writes one line of JSON a cell with a ``tol-`` tag to the file that HOLD_MOVES names: the cell, the tolerance as the tag
has it, and the largest distance. A cell whose words differ, too, has none: it fails anyhow.
"""

import json
import os

from nbval.plugin import IPyNbCell

from tests.plugins import near
from tests.plugins.lesson_check import tags_of


def distance(recorded, now):
    """The largest distance between the numbers of two texts; None if they differ in anything else."""
    if near.NUMBER.split(recorded) != near.NUMBER.split(now):
        return None
    pairs = zip(near.numbers(recorded), near.numbers(now), strict=True)
    return float(max((abs(one - other) for one, other in pairs), default=0))


compare_outputs, near_equal = IPyNbCell.compare_outputs, near.Near.__eq__
current = []


def note_and_compare(one, other):
    """Near's own comparison, which notes how far apart the two are."""
    if current and isinstance(other, str):
        current[-1].append(distance(one, other))
    return near_equal(one, other)


def compare_and_write(cell, *args, **kwargs):
    current.append([])
    try:
        return compare_outputs(cell, *args, **kwargs)
    finally:
        seen = [each for each in current.pop() if each is not None]
        tolerance = near.tolerance_of(tags_of(cell))
        if tolerance is not None and seen:
            line = {"cell": cell.name, "tolerance": float(tolerance), "moved": max(seen)}
            with open(os.environ["HOLD_MOVES"], "a", encoding="utf-8") as file:
                file.write(json.dumps(line) + "\n")


def pytest_configure():
    """Only as a plugin: a test that imports this must not change how the lessons of the same run are compared."""
    near.Near.__eq__, IPyNbCell.compare_outputs = note_and_compare, compare_and_write
