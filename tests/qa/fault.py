"""A seeded fault: a change of a few characters that one test, or one cell of a lesson, must notice."""

from contextlib import contextmanager
from dataclasses import dataclass


@dataclass(frozen=True)
class Fault:
    """A change that must not go unnoticed.

    Attributes:
        name: what is wrong then, in words.
        path: the file, from the project's folder.
        old, new: the text, which stands in the file exactly once, and what takes its place.
        fails: the one node that must fail: ``tests/FILE.py::TEST``, or ``notebooks/LESSON.ipynb::Cell N``, N counted by
            nbval from 0. Of a lesson, no cell before it may fail.
        trains: whether noticing it takes a training.
    """

    name: str
    path: str
    old: str
    new: str
    fails: str
    trains: bool = False

    @property
    def run(self):
        """What pytest is given: a cell needs those before it, so the whole lesson."""
        file, _, case = self.fails.partition("::")
        return file if case.startswith("Cell ") else self.fails

    def fits(self, tree):
        """Whether the fault can still be put into the project."""
        path = tree / self.path
        return path.is_file() and path.read_text(encoding="utf-8").count(self.old) == 1

    @contextmanager
    def put_into(self, tree):
        """The project in `tree` with the fault in it; afterwards as it was."""
        path = tree / self.path
        whole = path.read_bytes()
        path.write_text(whole.decode().replace(self.old, self.new), encoding="utf-8")
        try:
            yield
        finally:
            path.write_bytes(whole)
