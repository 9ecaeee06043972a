"""The lessons as they are committed: executed on MNIST, clean, readable.

The lessons themselves are run, and their outputs compared, by the plugin tests/plugins/lessons.py.
"""

import ast
import re
from pathlib import Path

import jupytext
import nbformat
import pytest
from nbformat import NotebookNode

from lenet_tutorial.tools.record import FOLDED
from tests.plugins.near import tolerance_of
from tests.plugins.trouble import troubles

NOTEBOOKS = Path(__file__).resolve().parents[2] / "notebooks"
# Both halves of every pair: a lesson that lost its executed half is found, too.
LESSONS = sorted({path.stem for ending in ("py", "ipynb") for path in NOTEBOOKS.glob(f"[0-9][0-9]_*.{ending}")})
TEXT = ("text/plain", "text/html", "text/markdown", "text/latex", "image/svg+xml")
# A path of at least two folders, which no fraction, HTML tag or address on the web is.
MACHINE_PATH = re.compile(r"(?<![\w<:/.])/(?:[\w.-]+/)+[\w.-]+|\b[A-Za-z]:\\")


@pytest.fixture(params=LESSONS)
def lesson(request: pytest.FixtureRequest) -> NotebookNode:
    return read(request.param)


def read(name: str) -> NotebookNode:
    if not (NOTEBOOKS / f"{name}.ipynb").exists():
        pytest.fail(f"{name}.ipynb is missing. Run: make lessons LESSON={name[:2]}", pytrace=False)
    return nbformat.read(NOTEBOOKS / f"{name}.ipynb", as_version=4)


def code_cells(notebook: NotebookNode) -> list[NotebookNode]:
    """The code cells in the order, and so under the numbers, that nbval gives them."""
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def tags(cell: NotebookNode) -> list[str]:
    return cell.metadata.get("tags", [])


def shown_text(cell: NotebookNode) -> list[tuple[dict, str]]:
    """Every text among a cell's outputs, as the place that holds it and the key: ``place[key]`` is the text."""
    streams = [(output, "text") for output in cell.outputs if output.output_type == "stream"]
    return streams + [(output.data, kind) for output in cell.outputs for kind in TEXT if kind in output.get("data", {})]


def test_there_are_lessons():
    assert LESSONS[:3] == ["01_digits", "02_convolution", "03_build"]


@pytest.mark.parametrize("name", LESSONS)
def test_both_files_of_a_pair_hold_the_same_cells(name: str):
    assert (NOTEBOOKS / f"{name}.py").exists(), f"{name}.py is missing"
    recorded = read(name)
    written = jupytext.read(NOTEBOOKS / f"{name}.py")
    source, notebook = (
        [(cell.cell_type, cell.source, tags(cell), cell.metadata.get("jupyter", {})) for cell in book.cells]
        for book in (written, recorded)
    )
    assert source == notebook, f"run: make lessons LESSON={name[:2]}"


@pytest.mark.parametrize("name", LESSONS)
def test_a_lesson_is_small_enough_to_read(name: str):
    """Reading ends where the exercises begin: there the learner writes, in as few cells as there are questions."""
    cells = read(name).cells
    start = next((at for at, cell in enumerate(cells) if re.search("^## Exercises$", cell.source, re.MULTILINE)), None)
    before, after = (sum(cell.cell_type == "code" for cell in part) for part in (cells[:start], cells[start:]))
    assert 0 < before <= 25
    assert start is None or after <= 4, "three exercises at most, and the tally"
    assert (NOTEBOOKS / f"{name}.ipynb").stat().st_size < 600_000


def test_every_cell_was_executed_in_order(lesson: NotebookNode):
    """nbval passes a cell that was never executed."""
    cells = code_cells(lesson)
    assert [cell.execution_count for cell in cells] == list(range(1, len(cells) + 1))


def test_nothing_went_wrong_while_recording(lesson: NotebookNode):
    assert [troubles(cell.outputs) for cell in code_cells(lesson) if troubles(cell.outputs)] == []


def test_nothing_is_stored_that_changes_with_every_recording(lesson: NotebookNode):
    assert set(lesson.metadata) == {"kernelspec", "language_info"}  # so, no widget state
    assert not [cell.metadata for cell in lesson.cells if set(cell.metadata) - {"tags", "jupyter"}]  # so, no timing
    identities = [cell.id for cell in lesson.cells]
    assert all(re.fullmatch("[0-9a-f]{8}", identity) for identity in identities)  # an editor's own are longer
    assert len(set(identities)) == len(identities)
    paths = [MACHINE_PATH.search(place[key]) for cell in code_cells(lesson) for place, key in shown_text(cell)]
    assert not [path[0] for path in paths if path]


def test_the_recorded_data_is_mnist(lesson: NotebookNode):
    texts = [place[key] for cell in code_cells(lesson) for place, key in shown_text(cell)]
    assert not [text for text in texts if "offline sample" in text]


def test_the_first_cell_is_the_contract(lesson: NotebookNode):
    first = lesson.cells[0]
    assert first.cell_type == "markdown"
    assert first.source.startswith("# ")
    for promise in (r"\bneeds?\b", r"\b(seconds?|minutes?)\b"):
        assert re.search(promise, first.source, re.IGNORECASE), f"what the lesson takes: no {promise}"


WIDGET = "application/vnd.jupyter.widget-view+json"


def test_every_figure_is_one_picture_with_alt_text_and_a_caption(lesson: NotebookNode):
    for cell in code_cells(lesson):
        kinds = [set(output.get("data", {})) for output in cell.outputs]
        pictures = [at for at, kind in enumerate(kinds) if any(name.startswith("image/") for name in kind)]
        if not pictures:
            continue
        assert len(pictures) == 1, f"{len(pictures)} pictures: {cell.source}"
        assert "image/png" in kinds[pictures[0]], cell.source
        alt = cell.outputs[pictures[0]].metadata.get("image/png", {}).get("alt", "")
        assert len(alt.split()) >= 5, f"alt text {alt!r}: {cell.source}"
        if WIDGET in kinds[pictures[0]]:  # a picture that stands in for it where no script runs
            continue
        captions = [
            output.data["text/markdown"]
            for output in cell.outputs[pictures[0] + 1 :]
            if "text/markdown" in output.get("data", {})
        ]
        assert captions, f"no caption: {cell.source}"
        assert len(captions[0].split()) >= 5, f"caption {captions[0]!r}: {cell.source}"


def test_tags_are_known_and_the_only_way_past_the_comparison(lesson: NotebookNode):
    for cell in lesson.cells:
        own = [tag for tag in tags(cell) if tag not in ("data", "varies", FOLDED)]
        assert all(tag.startswith("tol-") for tag in own), f"unknown tag among {own}: {cell.source}"
        tolerance_of(own)
        assert not (own and "varies" in tags(cell)), f"varies and a tolerance: {cell.source}"
        assert cell.cell_type == "code" or not tags(cell), f"a tag on prose: {cell.source}"
        assert "NBVAL" not in cell.source.upper()


def test_what_the_reader_predicts_is_folded(lesson: NotebookNode):
    for cell in code_cells(lesson):
        is_folded = cell.metadata.get("jupyter", {}).get("outputs_hidden", False)
        assert is_folded == (FOLDED in tags(cell)), f"run: make lessons: {cell.source}"
        assert not is_folded or any("image/png" in output.get("data", {}) for output in cell.outputs), cell.source


def test_cells_that_vary_are_few_and_end_in_an_assert(lesson: NotebookNode):
    cells = code_cells(lesson)
    varying = [cell for cell in cells if "varies" in tags(cell)]
    assert len(varying) <= 0.2 * len(cells)
    for cell in varying:
        assert isinstance(ast.parse(cell.source).body[-1], ast.Assert), cell.source


def test_no_more_than_two_code_cells_without_prose_between(lesson: NotebookNode):
    """Markdown that a cell computes is prose, too."""
    run = 0
    for cell in lesson.cells:
        told = any("text/markdown" in output.get("data", {}) for output in cell.get("outputs", []))
        run = 0 if told or cell.cell_type == "markdown" else run + 1
        assert run <= 2, cell.source
