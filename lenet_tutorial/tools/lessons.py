"""The lessons of a clone: pairs of NN_noun.py, the source to edit, and NN_noun.ipynb, the same with its outputs."""

import re
from dataclasses import dataclass
from os import PathLike
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
NOTEBOOKS = ROOT / "notebooks"
KERNELSPEC = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}
NAME = re.compile(r"\d\d_\w+")  # so JupyterLab's duplicates, 04_train-Copy1, are no lessons


def in_clone() -> bool:
    """Tell whether this package is in a clone of the project, where the lessons are; a wheel has none."""
    return (ROOT / "pyproject.toml").is_file()


class LessonError(Exception):
    """What went wrong with a lesson file, in words for the person at the keyboard."""


@dataclass(frozen=True)
class Lesson:
    """One lesson: the pair of files `NN_noun.py` and `NN_noun.ipynb` in a folder."""

    folder: Path
    name: str

    @property
    def source(self) -> Path:
        """The file to edit."""
        return self.folder / f"{self.name}.py"

    @property
    def notebook(self) -> Path:
        """The executed notebook."""
        return self.folder / f"{self.name}.ipynb"


def find_lessons(which: str = "", folder: str | PathLike | None = None) -> list[Lesson]:
    """Find the lessons in a folder, or those that a name stands for.

    Args:
        which: `""` for all, or one lesson as people write it: `4`, `04`, `04_train`, `notebooks/04_train.ipynb`.
        folder: where the lessons are; `notebooks` if not given.

    Returns:
        The lessons, in the order of their names.

    Raises:
        LessonError: no lesson has that name. The message lists those that there are.
    """
    folder = Path(folder or NOTEBOOKS)
    names = {path.stem for ending in ("py", "ipynb") for path in folder.glob(f"*.{ending}")}
    lessons = [Lesson(folder, name) for name in sorted(filter(NAME.fullmatch, names))]
    if not which:
        return lessons
    wanted = Path(which).stem
    chosen = [lesson for lesson in lessons if wanted in (lesson.name, lesson.name[:2], lesson.name[:2].lstrip("0"))]
    if not chosen:
        names = ", ".join(lesson.name for lesson in lessons) or "none"
        raise LessonError(f"expected one of the lessons in {folder} ({names}), got {which!r}")
    return chosen
