"""Bring a lesson's two files in step after one of them was edited in another program, such as VS Code."""

import os
import sys

import nbformat
from jupytext.combine import combine_inputs_with_outputs

from lenet_tutorial import files
from lenet_tutorial.tools.check import as_text, differences, read_notebook, read_source
from lenet_tutorial.tools.fresh import committed, is_as_committed, keep_copies
from lenet_tutorial.tools.lessons import Lesson, LessonError, find_lessons


def synchronize(lesson: Lesson) -> str:
    """Carry the edits of one file of a pair over to the other, if only one was edited since the last commit.

    Where git has no original, as in lessons that were downloaded as a ZIP file, the newer file counts as the edited
    one. A copy of what is replaced is kept in `notebooks/mine`.

    Args:
        lesson: the lesson.

    Returns:
        What was done, for the person at the keyboard; "" if the pair was in step.

    Raises:
        LessonError: both files were edited, or one is missing or damaged. Nothing is changed.
    """
    if not differences(lesson):
        return ""
    if not (lesson.source.exists() and lesson.notebook.exists()):
        raise LessonError(f"half of {lesson.name} is missing. Bring it back with: make fresh LESSON={lesson.name[:2]}")
    source_edited, notebook_edited = _edited(lesson)
    if source_edited and notebook_edited:
        raise LessonError(
            f"{lesson.source.name} and {lesson.notebook.name} were both edited, and they differ. Nothing was changed. "
            f"To keep the notebook's edits: jupytext --to py:percent {lesson.notebook}  "
            f"To keep the source's: jupytext --to ipynb --update {lesson.source}"
        )
    edited, other = (lesson.source, lesson.notebook) if source_edited else (lesson.notebook, lesson.source)
    (copy,) = keep_copies(lesson, [other])
    if source_edited:
        notebook = combine_inputs_with_outputs(read_source(lesson), read_notebook(lesson), "ipynb")
        files.write_bytes(lesson.notebook, (nbformat.writes(notebook, version=4) + "\n").encode())
    else:
        files.write_bytes(lesson.source, as_text(read_notebook(lesson), lesson).encode())
    os.utime(lesson.source)  # jupytext trusts file times: the source must be the newer of the two
    return (
        f"{edited.name} was edited outside of JupyterLab: {other.name} has the same edits now. "
        f"What it held before: {os.path.relpath(copy)}"
    )


def _edited(lesson: Lesson) -> tuple[bool, bool]:
    """Whether the source, and the notebook, differ from the last commit; without git, which of them is the newer."""
    try:
        original = nbformat.reads(committed(lesson.notebook).decode(), as_version=4)
        source_edited = not is_as_committed(lesson.source, committed(lesson.source))
    except LessonError:
        notebook_is_newer = lesson.notebook.stat().st_mtime > lesson.source.stat().st_mtime
        return not notebook_is_newer, notebook_is_newer
    return source_edited, as_text(read_notebook(lesson), lesson) != as_text(original, lesson)


def report(lesson: str = "") -> int:
    """Synchronize lessons, and print what was done or why not.

    Args:
        lesson: which one; all if not given.

    Returns:
        The exit status: 1 if a pair could not be synchronized, else 0.
    """
    status = 0
    for each in find_lessons(lesson):
        try:
            if done := synchronize(each):
                print(done)
        except LessonError as problem:
            print(problem, file=sys.stderr)
            status = 1
    return status
