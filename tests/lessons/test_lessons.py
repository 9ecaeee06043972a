"""The lessons as they are committed: executed on MNIST, clean, readable; and what compares them does bite.

The lessons themselves are run, and their outputs compared, by the plugin in lesson_check.py.
"""

import ast
import re
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import jupytext
import nbformat
import pytest
from nbformat import NotebookNode

from tests.plugins.nbval_runs import run_notebook
from tests.plugins.near import NUMBER, tolerance_of
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
    assert LESSONS[:3] == ["01_digits", "02_build", "03_train"]


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
        captions = [
            output.data["text/markdown"]
            for output in cell.outputs[pictures[0] + 1 :]
            if "text/markdown" in output.get("data", {})
        ]
        assert captions, f"no caption: {cell.source}"
        assert len(captions[0].split()) >= 5, f"caption {captions[0]!r}: {cell.source}"


def test_tags_are_known_and_the_only_way_past_the_comparison(lesson: NotebookNode):
    for cell in lesson.cells:
        own = [tag for tag in tags(cell) if tag not in ("data", "varies")]
        assert all(tag.startswith("tol-") for tag in own), f"unknown tag among {own}: {cell.source}"
        tolerance_of(own)
        assert not (own and "varies" in tags(cell)), f"varies and a tolerance: {cell.source}"
        assert cell.cell_type == "code" or not tags(cell), f"a tag on prose: {cell.source}"
        assert "NBVAL" not in cell.source.upper()


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


# --- The comparison bites ---


def raise_a_shape(text: str, tolerance: Decimal) -> str:
    """(60000, 28, 28) becomes (60001, 28, 28)."""
    return re.sub(r"\((\d+)(?=(, ?\d+)+\))", lambda found: f"({int(found[1]) + 1}", text, count=1)


def raise_a_number(text: str, tolerance: Decimal) -> str:
    """0.9785 becomes 0.9885 where 0.005 is allowed, and 1.9785 where nothing is."""

    def raised(found: re.Match) -> str:
        return str(Decimal(found[0].replace(",", "").replace("\N{MINUS SIGN}", "-")) + (2 * tolerance or 1))

    return NUMBER.sub(raised, text, count=1)


def lose_a_line(text: str, tolerance: Decimal) -> str:
    """The last line goes, if it was not the only one."""
    lines = text.rstrip("\n").split("\n")
    return "\n".join(lines[:-1]) + "\n" if len([line for line in lines if line.strip()]) > 1 else text


def alter(cells: list[NotebookNode], change: Callable, *, sparing: list[int]) -> int | None:
    """Make one change to the first recorded output that allows it; return its cell's number, None if none does."""
    for number, cell in enumerate(cells):
        if number in sparing:
            continue
        tolerance = tolerance_of(tags(cell)) or Decimal(0)
        for place, key in shown_text(cell):
            altered = change(place[key], tolerance)
            if altered != place[key]:
                place[key] = altered
                return number
    return None


@pytest.mark.parametrize("change", [raise_a_shape, raise_a_number, lose_a_line], ids=lambda change: change.__name__)
def test_an_alteration_alters(change: Callable):
    """What the next test relies on."""
    text = "(60000, 28, 28)\nmean 1,234.5\n"
    expected = {
        raise_a_shape: "(60001, 28, 28)\nmean 1,234.5\n",
        raise_a_number: "(60000, 28, 28)\nmean 1234.70\n",
        lose_a_line: "(60000, 28, 28)\n",
    }
    assert change(text, Decimal("0.10")) == expected[change]


def test_altered_outputs_fail_and_no_others_do(tmp_path: Path, on_mnist: bool):
    """One altered number, one altered shape, one lost line, each in a cell of its own.

    On MNIST the number is one with a tolerance. On the sample no such cell is compared, and an exact one has to do.
    """
    tried = {}
    for name in LESSONS[:2]:  # these do not train
        notebook = read(name)
        cells = code_cells(notebook)
        spared = [n for n, c in enumerate(cells) if "varies" in tags(c) or ("data" in tags(c) and not on_mnist)]
        exact = [n for n, c in enumerate(cells) if on_mnist and not tolerance_of(tags(c))]
        altered = tried[name] = [alter(cells, raise_a_number, sparing=spared + exact)]
        for change in (raise_a_shape, lose_a_line):
            altered.append(alter(cells, change, sparing=spared + altered))
        if None not in altered:
            break
    assert None not in altered, f"no lesson has an output for each of the three changes: {tried}"
    nbformat.write(notebook, tmp_path / "altered.ipynb")
    outcome = run_notebook(tmp_path / "altered.ipynb")
    assert {number for number, failure in outcome.items() if failure} == set(altered)
    assert all("Cell outputs differ" in outcome[number] for number in altered)
    assert len(outcome) == len(cells)


def test_a_wrong_learning_rate_fails(tmp_path: Path, on_mnist: bool):
    if not on_mnist:
        pytest.skip("trains lesson 3's network on MNIST, and there is none: its outputs are not compared")
    notebook = read("03_train")
    changed = []
    for number, cell in enumerate(code_cells(notebook)):
        source = re.sub(r"(learning_rate ?= ?)[\w.]+", r"\g<1>0.02", cell.source)
        if source != cell.source:
            changed.append(number)
            cell.source = source
    assert changed, "lesson 3 states no learning rate"
    nbformat.write(notebook, tmp_path / "03_train.ipynb")
    outcome = run_notebook(tmp_path / "03_train.ipynb", LENET_TUTORIAL_CACHE=str(tmp_path / "cache"))
    fit = next(number for number, cell in enumerate(code_cells(notebook)) if ".fit(" in cell.source)
    assert "Cell outputs differ" in outcome[fit]
