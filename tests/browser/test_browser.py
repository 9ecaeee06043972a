"""The lessons in JupyterLab, in a real browser: one after the other, each runs, shows its figures, asks no other host.

Deselected by default, since it needs a chromium: `python -m pytest -m browser`; without what takes longest,
`-m "browser and not qa"`. Everything runs on copies and on the offline sample, so that neither the lessons nor the
user's own settings change.
"""

import json
import sys
from pathlib import Path

import nbformat
import pytest

from lenet_tutorial.tools import lab as lab_tool
from lenet_tutorial.tools.lessons import KERNELSPEC, find_lessons
from tests.browser.lab_page import (
    CLEAR,
    MODEL,
    RUN_ALL,
    complaints,
    dead_widgets,
    drawn,
    dressed,
    faint_figures,
    holding,
    opened,
    ready,
    run_all,
    run_from_scratch,
    texts,
    unseen_figures,
)

pytestmark = pytest.mark.browser

LESSONS = [lesson.name for lesson in find_lessons()]


@pytest.mark.parametrize("name", LESSONS)
def test_a_lesson_runs_from_top_to_bottom(page, server, name):
    path = f"notebooks/{name}.ipynb"
    assert opened(page, server, path) == path
    recorded = drawn(page)
    page.evaluate(CLEAR)
    cells = run_all(page)
    assert cells
    assert complaints(cells) == []
    assert drawn(page) == recorded
    assert unseen_figures(page) == []
    assert dead_widgets(page) == []
    assert page.console == []
    assert page.hosts <= {"127.0.0.1", None}, "the page asked another host"


def test_one_lesson_after_the_other_fits_into_binders_memory(server):
    """Server and kernels together, while the tests above opened the lessons and shut their kernels down."""
    assert 50e6 < server.memory.peak < 2e9, f"{server.memory.peak / 1e6:.0f} MB"


@pytest.mark.qa
@pytest.mark.parametrize("name", LESSONS)
def test_restart_and_run_all_twice_gives_the_same(page, server, name):
    opened(page, server, f"notebooks/{name}.ipynb")
    runs = [run_from_scratch(page) for _ in range(2)]
    assert [complaints(cells) for cells in runs] == [[], []]
    first, second = map(texts, runs)
    assert any(first)
    for number, (one, other) in enumerate(zip(first, second, strict=True), 1):
        assert one == other, f"code cell {number}"


@pytest.mark.parametrize("theme", ["JupyterLab Light", "JupyterLab Dark"])
@pytest.mark.parametrize("name", [LESSONS[0], *(pytest.param(each, marks=pytest.mark.qa) for each in LESSONS[1:])])
def test_figures_and_captions_can_be_read_in_either_theme(page, server, name, theme):
    """As recorded: nothing is run."""
    opened(page, server, f"notebooks/{name}.ipynb")
    dressed(page, theme)
    try:
        assert holding(page, "image/")
        assert faint_figures(page) == []
    finally:
        dressed(page, "JupyterLab Light")


def test_the_source_opens_as_a_notebook(page, server):
    """By a double click in the list of files, as a learner opens it."""
    page.goto(server.url("notebooks"))
    page.locator(".jp-DirListing-item", has_text=f"{LESSONS[0]}.py").dblclick()
    assert ready(page) == f"notebooks/{LESSONS[0]}.py"
    assert any(cell["cell_type"] == "markdown" for cell in page.evaluate(MODEL)["cells"])


def test_a_link_to_the_glossary_opens_a_page_to_read(page, server):
    opened(page, server, f"notebooks/{LESSONS[1]}.ipynb")
    page.locator(".jp-Notebook a", has_text="glossary").first.click()
    page.locator(".jp-MarkdownViewer").get_by_role("heading", name="Receptive field").wait_for(timeout=20_000)


def test_a_long_line_of_code_is_broken_where_the_window_ends(page, server):
    """On a projector, say: with letters twice as large, as the browser makes them."""
    page.set_viewport_size({"width": 700, "height": 500})
    opened(page, server, f"notebooks/{LESSONS[1]}.ipynb")
    lines = page.locator(".jp-CodeCell .cm-content")
    lines.first.wait_for()
    wide = "nodes => nodes.map(node => node.scrollWidth - node.closest('.cm-scroller').clientWidth)"
    assert max(lines.evaluate_all(wide)) <= 1


# --- What the tests above rely on ---


def test_this_environment_has_the_settings():
    """`make` writes them while it builds the environment; the test above relies on them."""
    path = Path(sys.prefix) / lab_tool.LAB_SETTINGS_FILE
    wanted = "run python -m lenet_tutorial settings"
    assert path.exists(), f"{path} is missing: {wanted}"
    assert json.loads(path.read_text(encoding="utf-8")) == lab_tool.LAB_SETTINGS, f"{path} has aged: {wanted}"


def broken_lesson():
    """What the checks must see: a foreign host, stderr, a script's words, a lost picture, a dead widget, an error."""
    foreign = "from IPython.display import HTML, display; HTML('<img src=\"http://example.invalid/x.png\">')"
    script = "display({'application/javascript': 'console.error(\"lost\")', 'text/plain': ''}, raw=True)"
    no_picture = "display({'image/png': 'AAAA', 'text/plain': 'alt'}, raw=True)"
    caption = "display({'text/markdown': '*A caption*'}, raw=True)"
    widget = "import anywidget\nanywidget.AnyWidget(_esm='export default { render() { throw new Error(\"no pad\") } }')"
    sources = (foreign, "import sys; sys.stderr.write('x')", script, f"{no_picture}; {caption}", widget, "1 / 0", "2")
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source) for source in sources])
    notebook.metadata["kernelspec"] = KERNELSPEC
    return notebook


@pytest.mark.qa
def test_a_broken_lesson_is_seen(page, server):
    """The checks bite."""
    nbformat.write(broken_lesson(), server.folder / "broken.ipynb")
    opened(page, server, "broken.ipynb")
    assert page.evaluate(RUN_ALL, 60) is False  # a cell failed
    page.wait_for_selector("img[src*=invalid]", state="attached")
    found = "\n".join(complaints(page.evaluate(MODEL)["cells"]))
    assert "code cell 2: wrote to stderr" in found
    assert "code cell 6: ZeroDivisionError" in found
    assert "code cell 7 was not run" in found
    assert "example.invalid" in page.hosts
    assert unseen_figures(page) == ["cell 4: its picture is not to be seen"]
    assert drawn(page) == ([3], [4])
    assert dead_widgets(page) == ["cell 5: its widget is not drawn"]
    assert any("lost" in each for each in page.console)
    assert any("no pad" in each for each in page.console)
