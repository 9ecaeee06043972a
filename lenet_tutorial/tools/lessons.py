"""The lesson files: pairs of NN_noun.py (the source to edit) and NN_noun.ipynb (executed), kept in step.

`record` executes a lesson and stores its outputs, `differences` proves a pair in step without writing anything, and
`fresh` brings a lesson back as it was committed. Each writes a file whole or not at all.
"""

import difflib
import hashlib
import os
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

import jupytext
import nbformat
from jupytext.config import load_jupytext_config

from lenet_tutorial import files

NOTEBOOKS = Path(__file__).resolve().parents[2] / "notebooks"
KERNELSPEC = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}
CELL_METADATA = ("jupyter", "tags")  # in the order in which a notebook stores them
CELL_TIMEOUT = 1800  # seconds; the longest cell trains ten epochs, some three minutes on two cores


class LessonError(Exception):
    """What went wrong with a lesson file, in words for the person at the keyboard."""


@dataclass(frozen=True)
class Lesson:
    """One lesson: the pair of files `notebooks/NN_noun.py` and `notebooks/NN_noun.ipynb`."""

    folder: Path
    name: str

    @property
    def source(self):
        return self.folder / f"{self.name}.py"

    @property
    def notebook(self):
        return self.folder / f"{self.name}.ipynb"


def find_lessons(which="", folder=NOTEBOOKS):
    """The lessons in a folder, in order, or the one that `which` names.

    Args:
        which: `""` for all, or one lesson as people write it: `3`, `03`, `03_train`, `notebooks/03_train.ipynb`.
        folder: Where the lessons lie.

    Returns:
        A list of `Lesson`.

    Raises:
        LessonError: If no lesson has that name; the message lists those there are.
    """
    folder = Path(folder)
    stems = {path.stem for ending in ("py", "ipynb") for path in folder.glob(f"[0-9][0-9]_*.{ending}")}
    lessons = [Lesson(folder, stem) for stem in sorted(stems)]
    wanted = Path(which).stem if which else ""
    if not wanted:
        return lessons
    chosen = [lesson for lesson in lessons if wanted in (lesson.name, lesson.name[:2], lesson.name[:2].lstrip("0"))]
    if not chosen:
        names = ", ".join(lesson.name for lesson in lessons) or "none"
        raise LessonError(f"expected one of the lessons in {folder} ({names}), got {which!r}")
    return chosen


def as_text(notebook, lesson):
    """A notebook's inputs as jupytext writes them into the lesson's .py file."""
    config = load_jupytext_config(str(lesson.source))
    return jupytext.writes(notebook, fmt="py:percent", config=config)


def read_source(lesson):
    config = load_jupytext_config(str(lesson.source))
    return jupytext.reads(lesson.source.read_text(encoding="utf-8"), fmt="py:percent", config=config)


def read_notebook(lesson):
    try:
        return nbformat.read(lesson.notebook, as_version=4)
    except (nbformat.reader.NotJSONError, UnicodeDecodeError) as error:
        raise LessonError(
            f"{lesson.notebook} is not a notebook ({error.__class__.__name__}). "
            f"Bring it back with: make fresh LESSON={lesson.name[:2]}"
        ) from error


def differences(lesson):
    """What keeps a pair from being in step, as the lines of a diff; an empty list if nothing does.

    Code, text and tags count; outputs do not. Nothing is written.
    """
    for path in (lesson.source, lesson.notebook):
        if not path.exists():
            return [f"{path.name} is missing"]
    source = lesson.source.read_text(encoding="utf-8").splitlines()
    notebook = as_text(read_notebook(lesson), lesson).splitlines()
    return list(difflib.unified_diff(source, notebook, lesson.source.name, lesson.notebook.name, lineterm="", n=1))


def with_stable_ids(notebook, old, name):
    """Give each cell the id it had in `old`, and a new cell one made from its content: no random ids in diffs."""
    keys, old_keys = ([(cell.cell_type, cell.source) for cell in book.cells] for book in (notebook, old))
    ids = [None] * len(keys)
    for kind, a, b, c, d in difflib.SequenceMatcher(None, old_keys, keys, autojunk=False).get_opcodes():
        if kind == "equal" or (kind == "replace" and b - a == d - c):  # an edited cell is still the same cell
            ids[c:d] = [cell.get("id") for cell in old.cells[a:b]]
    taken = set(ids)
    for position, key in enumerate(keys):
        count = 0
        while ids[position] is None:
            fresh_id = hashlib.sha256(repr((name, key, count)).encode()).hexdigest()[:8]
            ids[position] = None if fresh_id in taken else fresh_id
            count += 1
        taken.add(ids[position])
    for cell, cell_id in zip(notebook.cells, ids, strict=True):
        cell["id"] = cell_id
    return notebook


def in_step(lesson):
    """The lesson's inputs from its .py, ready to be executed, with the cell ids of its .ipynb; nothing is written.

    Raises:
        LessonError: If the .ipynb holds newer edits, which taking the .py would lose, or if there is no .py.
    """
    if not lesson.source.exists():
        raise LessonError(f"{lesson.source} is missing. Make it with: jupytext --to py:percent {lesson.notebook}")
    notebook = read_source(lesson)
    old = nbformat.v4.new_notebook()
    if lesson.notebook.exists():
        old = read_notebook(lesson)
        newer = lesson.notebook.stat().st_mtime > lesson.source.stat().st_mtime
        if newer and as_text(old, lesson) != as_text(notebook, lesson):
            raise LessonError(
                f"{lesson.notebook.name} was edited after {lesson.source.name}, and they differ. Nothing was changed. "
                f"To keep the notebook's edits: jupytext --sync {lesson.notebook}  "
                f"To keep the source's: touch {lesson.source}  Then run this again."
            )
    notebook.metadata = nbformat.from_dict({"kernelspec": KERNELSPEC})
    notebook.nbformat_minor = 5
    for cell in notebook.cells:
        cell.metadata = nbformat.from_dict({key: cell.metadata[key] for key in CELL_METADATA if cell.metadata.get(key)})
    return with_stable_ids(notebook, old, lesson.name)


def run_cells(notebook, lesson, timeout):
    """Execute a notebook in a kernel of its own, in the lesson's folder, and keep no trace of when it ran.

    Raises:
        LessonError: If a cell fails, takes too long, or ends its kernel; the message shows the cell.
    """
    # Imported here: `fresh` and `check`, run before every commit, do without a kernel.
    from nbclient import NotebookClient
    from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError

    client = NotebookClient(
        notebook,
        timeout=timeout,
        record_timing=False,
        store_widget_state=False,
        coalesce_streams=True,
        extra_arguments=["--Application.log_level=ERROR"],  # the kernel's own remarks are not for the terminal
        resources={"metadata": {"path": str(lesson.folder)}},
    )
    at = []  # the cells started so far
    client.on_cell_start = lambda cell, cell_index: at.append(cell_index)
    try:
        client.execute()
    except (CellExecutionError, CellTimeoutError, DeadKernelError) as error:
        where = at[-1] if at else 0
        code = "\n".join("    " + line for line in notebook.cells[where].source.splitlines())
        what = {
            CellTimeoutError: f"took longer than {timeout} seconds",
            DeadKernelError: "ended its kernel (out of memory?)",
        }.get(type(error), f"raised {getattr(error, 'ename', '')}: {getattr(error, 'evalue', '')}")
        raise LessonError(
            f"{lesson.name}: cell {where + 1} {what}\n\n{code}\n\nThe recorded lesson is unchanged."
        ) from error


def record(lesson, *, timeout=CELL_TIMEOUT):
    """Bring the .ipynb in step with its .py, execute it in a fresh kernel and store it, outputs included.

    Returns:
        The notebook as stored.

    Raises:
        LessonError: If the pair cannot be brought in step, a cell fails, or the source was edited while the lesson ran;
            the files are then unchanged.
    """
    notebook = in_step(lesson)
    started_from = lesson.source.read_bytes()
    run_cells(notebook, lesson, timeout)
    if lesson.source.read_bytes() != started_from:
        raise LessonError(
            f"{lesson.source.name} was edited while the lesson ran, so what ran is not what it says now. "
            "Your edit is kept and nothing was recorded; run this again."
        )
    notebook.metadata = nbformat.from_dict({"kernelspec": KERNELSPEC, "language_info": {"name": "python"}})
    nbformat.validate(notebook)
    files.write_bytes(lesson.notebook, (nbformat.writes(notebook, version=4) + "\n").encode())
    text = as_text(notebook, lesson)
    if text != lesson.source.read_text(encoding="utf-8"):
        files.write_bytes(lesson.source, text.encode())
    os.utime(lesson.source)  # jupytext trusts file times: the source must be the newer of the two
    return notebook


def committed(path):
    """A file's content as last committed to git."""
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


def keep_beside(lesson, paths):
    """Copy the learner's files to `mine/` beside the lesson, under a name with the time; give the copies' paths."""
    stamp = time.strftime("%Y%m%d-%H%M%S")
    mine = lesson.folder / "mine"
    ends = [""] + [f"-{count}" for count in range(2, 100)]
    end = next(end for end in ends if not list(mine.glob(f"{lesson.name}-{stamp}{end}.*")))
    copies = []
    for path in paths:
        copies.append(mine / f"{lesson.name}-{stamp}{end}{path.suffix}")
        files.write_bytes(copies[-1], path.read_bytes())
    return copies


def fresh(lesson):
    """Bring a lesson back as it was committed, keeping the learner's copy in `notebooks/mine/`.

    Returns:
        The paths of the kept copies; empty if the lesson was not changed.

    Raises:
        LessonError: If git does not have the original; nothing is changed then.
    """
    originals = {path: committed(path) for path in (lesson.notebook, lesson.source)}
    changed = [path for path, data in originals.items() if not path.exists() or path.read_bytes() != data]
    copies = keep_beside(lesson, [path for path in changed if path.exists()])
    for path in changed:
        files.write_bytes(path, originals[path])
    if changed:
        os.utime(lesson.source)
    return copies
