"""Whether the two files of each lesson are in step: the .py and the inputs of the .ipynb. Nothing is written."""

import difflib

import jupytext
import nbformat
from jupytext.config import load_jupytext_config
from nbformat import NotebookNode

from lenet_tutorial.tools.lessons import Lesson, LessonError, find_lessons


def as_text(notebook: NotebookNode, lesson: Lesson) -> str:
    """Give a notebook's inputs as jupytext writes them into the lesson's .py file."""
    return jupytext.writes(notebook, fmt="py:percent", config=load_jupytext_config(str(lesson.source)))


def read_source(lesson: Lesson) -> NotebookNode:
    """Read the lesson's .py file as a notebook without outputs."""
    text = lesson.source.read_text(encoding="utf-8")
    return jupytext.reads(text, fmt="py:percent", config=load_jupytext_config(str(lesson.source)))


def read_notebook(lesson: Lesson) -> NotebookNode:
    """Read the lesson's .ipynb file.

    Raises:
        LessonError: it is damaged. The message says how to get it back.
    """
    try:
        return nbformat.read(lesson.notebook, as_version=4)
    except (nbformat.reader.NotJSONError, UnicodeDecodeError) as error:
        raise LessonError(
            f"{lesson.notebook} is not a notebook ({error.__class__.__name__}). "
            f"Bring it back with: make fresh LESSON={lesson.name[:2]}"
        ) from error


def differences(lesson: Lesson) -> list[str]:
    """Compare the two files of a lesson: code, text and tags count, outputs don't.

    Returns:
        The lines of a diff; none if the pair is in step.
    """
    for path in (lesson.source, lesson.notebook):
        if not path.exists():
            return [f"{path.name} is missing"]
    source = lesson.source.read_text(encoding="utf-8").splitlines()
    notebook = as_text(read_notebook(lesson), lesson).splitlines()
    return list(difflib.unified_diff(source, notebook, lesson.source.name, lesson.notebook.name, lineterm="", n=1))


def report(lesson: str = "") -> int:
    """Print what keeps lessons from being in step.

    Args:
        lesson: which one; all if not given.

    Returns:
        The exit status: 1 if a pair is out of step, else 0.
    """
    found = {each.name: differences(each) for each in find_lessons(lesson)}
    for name, lines in found.items():
        if lines:
            print(*lines, f"{name}: the pair is out of step. Run: make lessons LESSON={name[:2]}", sep="\n")
    return int(any(found.values()))
