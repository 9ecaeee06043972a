"""Recording a lesson: its .ipynb is brought in step with its .py, executed, and stored with its outputs, or not."""

import hashlib
import itertools
import os
import time

import nbformat
from jupytext.combine import map_outputs_to_inputs
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError
from nbformat import NotebookNode

from lenet_tutorial import files
from lenet_tutorial.data import MNIST_VARIABLE, load_raw
from lenet_tutorial.tools.check import as_text, read_notebook, read_source
from lenet_tutorial.tools.lessons import KERNELSPEC, Lesson, LessonError, find_lessons

CELL_METADATA = ("jupyter", "tags")  # in the order in which a notebook stores them
FOLDED = "folded"  # the tag of a cell whose outputs are recorded folded: readers predict them first
CELL_TIMEOUT = 1800  # seconds; the longest cell trains ten epochs, some three minutes on two cores


def set_ids(notebook: NotebookNode, old: NotebookNode, name: str) -> None:
    """Give each cell the id that it has in `old`, and a new cell one made from its content: no random ids in diffs."""
    taken = {cell.get("id") for cell in old.cells}
    for cell, match in zip(notebook.cells, map_outputs_to_inputs(notebook.cells, old.cells), strict=True):
        keys = (f"{name} {cell.cell_type} {cell.source} {count}" for count in itertools.count())
        ids = (hashlib.sha256(key.encode()).hexdigest()[:8] for key in keys)
        cell["id"] = (match is not None and old.cells[match].get("id")) or next(
            each for each in ids if each not in taken
        )
        taken.add(cell["id"])


def in_step(lesson: Lesson) -> NotebookNode:
    """Read the lesson's inputs from its .py, with the cell ids of its .ipynb, ready to be executed; writes nothing.

    Raises:
        LessonError: the .ipynb holds newer edits, which taking the .py would lose, or there is no .py.
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
    set_ids(notebook, old, lesson.name)
    for cell in notebook.cells:
        if FOLDED in cell.metadata.get("tags", []):  # JupyterLab forgets a fold when the cell is run and saved
            cell.metadata["jupyter"] = cell.metadata.get("jupyter", {}) | {"outputs_hidden": True}
        cell.metadata = nbformat.from_dict({key: cell.metadata[key] for key in CELL_METADATA if cell.metadata.get(key)})
    notebook.metadata = nbformat.from_dict({"kernelspec": KERNELSPEC})
    notebook.nbformat_minor = 5
    return notebook


def run_cells(notebook: NotebookNode, lesson: Lesson, timeout: float) -> None:
    """Execute a notebook in a kernel of its own, in the lesson's folder, and keep no trace of when it ran.

    Raises:
        LessonError: a cell fails, takes too long, or ends its kernel. The message shows the cell.
    """
    started = []  # the numbers of the cells started so far
    client = NotebookClient(
        notebook,
        timeout=timeout,
        record_timing=False,
        store_widget_state=False,
        coalesce_streams=True,
        extra_arguments=["--Application.log_level=ERROR"],  # the kernel's own remarks are not for the terminal
        resources={"metadata": {"path": str(lesson.folder)}},
        on_cell_start=lambda cell, cell_index: started.append(cell_index),
    )
    try:
        client.execute()
    except (CellExecutionError, CellTimeoutError, DeadKernelError) as error:
        number = started[-1] if started else 0
        code = "\n".join("    " + line for line in notebook.cells[number].source.splitlines())
        what = {
            CellTimeoutError: f"took longer than {timeout} seconds",
            DeadKernelError: "ended its kernel (out of memory?)",
        }.get(type(error), f"raised {getattr(error, 'ename', '')}: {getattr(error, 'evalue', '')}")
        raise LessonError(
            f"{lesson.name}: cell {number + 1} {what}\n\n{code}\n\nThe recorded lesson is unchanged."
        ) from error


def execute(lesson: Lesson, *, timeout: float = CELL_TIMEOUT) -> NotebookNode:
    """Bring the .ipynb in step with its .py, execute it in a fresh kernel and store it, outputs included.

    Args:
        lesson: the lesson.
        timeout: how long a cell may take, in seconds.

    Returns:
        The notebook as stored.

    Raises:
        LessonError: the pair cannot be brought in step, a cell fails, or the source was edited while the lesson ran.
            The files are then unchanged.
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


def report(lesson: str = "") -> int:
    """Record lessons, and print what each took.

    Args:
        lesson: which one; all if not given.

    Returns:
        The exit status.

    Raises:
        LessonError: the data are not MNIST, or a lesson could not be recorded.
    """
    raw = load_raw()
    if not raw.is_mnist and os.environ.get("ALLOW_SAMPLE") != "1":
        raise LessonError(
            f"the data are the {raw.name}, and the committed lessons show MNIST. Connect to a network, or set "
            f"{MNIST_VARIABLE} to mnist.npz; to record from the sample all the same, set ALLOW_SAMPLE=1."
        )
    for each in find_lessons(lesson):
        print(f"Recording {each.name} on {raw.name} ...", flush=True)
        start = time.perf_counter()
        cells = sum(cell.cell_type == "code" for cell in execute(each).cells)
        kilobytes = each.notebook.stat().st_size / 1000
        print(f"  {cells} code cells in {time.perf_counter() - start:.0f} s, {kilobytes:.0f} KB")
    return 0
