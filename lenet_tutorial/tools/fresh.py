"""Bring a lesson back as it was committed, and keep what you made of it."""

import os
import subprocess
import time
from pathlib import Path

from lenet_tutorial import files
from lenet_tutorial.tools.lessons import Lesson, LessonError, find_lessons


def committed(path: Path) -> bytes:
    """Read a file's content as last committed to git.

    Raises:
        LessonError: git isn't installed, or doesn't have the file.
    """
    try:
        shown = subprocess.run(
            ["git", "show", f"HEAD:./{path.name}"], cwd=path.parent, capture_output=True, check=False
        )
    except FileNotFoundError as error:
        raise LessonError(f"git is not installed, and the original of {path.name} comes from it") from error
    if shown.returncode:
        raise LessonError(
            f"git has no original of {path} ({shown.stderr.decode(errors='replace').strip()}). "
            "If you downloaded the lessons as a ZIP file, take the lesson from a new download."
        )
    return shown.stdout


def is_as_committed(path: Path, original: bytes) -> bool:
    """Tell whether a file has its original content; line ends, which git may have translated, don't count."""
    return path.exists() and path.read_bytes().replace(b"\r\n", b"\n") == original.replace(b"\r\n", b"\n")


def keep_copies(lesson: Lesson, paths: list[Path]) -> list[Path]:
    """Copy files of a lesson to `mine/` beside it, under a name with the time.

    Returns:
        The copies.
    """
    name = f"{lesson.name}-{time.strftime('%Y%m%d-%H%M%S')}"
    mine = lesson.folder / "mine"
    end = next(end for end in ("", *(f"-{count}" for count in range(2, 100))) if not list(mine.glob(f"{name}{end}.*")))
    copies = [mine / f"{name}{end}{path.suffix}" for path in paths]
    for path, copy in zip(paths, copies, strict=True):
        files.write_bytes(copy, path.read_bytes())
    return copies


def fresh(lesson: Lesson) -> tuple[list[Path], list[Path]]:
    """Bring a lesson back as it was committed, keeping copies of files that you changed in `notebooks/mine/`.

    Returns:
        The files that were brought back, and the copies.

    Raises:
        LessonError: git does not have the original. Nothing is changed then.
    """
    originals = {path: committed(path) for path in (lesson.notebook, lesson.source)}
    changed = [path for path, original in originals.items() if not is_as_committed(path, original)]
    copies = keep_copies(lesson, [path for path in changed if path.exists()])
    for path in changed:
        files.write_bytes(path, originals[path])
    if changed:
        os.utime(lesson.source)  # jupytext trusts file times: the source must be the newer of the two
    return changed, copies


def report(lesson: str) -> int:
    """Bring one lesson back and print where the copies are.

    Args:
        lesson: which one.

    Returns:
        The exit status.

    Raises:
        LessonError: no lesson, or more than one, has that name, or git does not have the original.
    """
    found = find_lessons(lesson)
    if len(found) != 1:
        raise LessonError(f"expected one lesson, got {lesson!r}: {', '.join(each.name for each in found)}. Name one.")
    changed, copies = fresh(found[0])
    if not changed:
        print(f"{found[0].name} is as it was committed: nothing to bring back.")
        return 0
    print(f"{found[0].name} is as it was committed. If it is open in JupyterLab, close its tab and open it again.")
    for copy in copies:
        print(f"Your copy: {os.path.relpath(copy)}")
    return 0
