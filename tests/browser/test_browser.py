"""The lessons in JupyterLab, in a real browser: one after the other, each runs, shows its figures, asks no other host.

Deselected by default, since it needs a chromium: `python -m pytest -m browser`; without what takes longest,
`-m "browser and not qa"`. Everything runs on copies and on the offline sample, so that neither the lessons nor the
user's own settings change.
"""

import io
import json
import sys
from pathlib import Path

import nbformat
import numpy as np
import pytest
from PIL import Image

from lenet_tutorial import digit_input
from lenet_tutorial.tools import lab as lab_tool
from lenet_tutorial.tools.lessons import KERNELSPEC, find_lessons
from tests.browser.conftest import watched_page
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
    made_anew,
    opened,
    ready,
    run_all,
    run_cell,
    run_from_scratch,
    texts,
    unseen_figures,
    written,
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
    page.locator(".jp-MarkdownViewer").get_by_role("cell", name="receptive field", exact=True).wait_for(timeout=20_000)


def test_a_long_line_of_code_is_broken_where_the_window_ends(page, server):
    """On a projector, say: with letters twice as large, as the browser makes them."""
    page.set_viewport_size({"width": 700, "height": 500})
    opened(page, server, f"notebooks/{LESSONS[1]}.ipynb")
    lines = page.locator(".jp-CodeCell .cm-content")
    lines.first.wait_for()
    wide = "nodes => nodes.map(node => node.scrollWidth - node.closest('.cm-scroller').clientWidth)"
    assert max(lines.evaluate_all(wide)) <= 1


# --- The drawing pad ---


PAD = """from lenet_tutorial.model import build_lenet
from lenet_tutorial.widgets.pad import DrawingPad

pad = DrawingPad(build_lenet())
pad"""
SHARES = "() => [...document.querySelectorAll('.lenet-pad-share')].map(each => each.textContent)"
INK = """() => {
    const pixels = document.querySelector('.lenet-pad-seen').getContext('2d').getImageData(0, 0, 28, 28).data;
    return pixels.filter((value, i) => i % 4 === 0 && value < 128).length;
}"""
SEEN = """() => {
    const pixels = document.querySelector('.lenet-pad-seen').getContext('2d').getImageData(0, 0, 28, 28).data;
    return [...pixels].filter((value, i) => i % 4 === 0).map(value => 255 - value);
}"""
TURN = "() => Number(document.querySelector('.lenet-pad').dataset.turn)"
MILLISECONDS = "() => Number(document.querySelector('.lenet-pad').dataset.milliseconds)"
HELD = "import numpy as np\nprint(len(pad.drawing['strokes']), pad.image.shape, float(np.round(pad.image.sum())))"


@pytest.fixture(scope="module")
def pad_notebook(browser, server):
    """A notebook with a drawing pad, open and with a kernel of its own."""
    with watched_page(browser) as page:
        opened(page, server, written(server, "pad.ipynb", PAD, HELD))
        yield page


@pytest.fixture
def pad(pad_notebook):
    """The notebook with a pad that has just been made and drawn."""
    page = made_anew(pad_notebook, ".lenet-pad-page")
    page.wait_for_function("() => document.querySelector('.lenet-pad').dataset.turn === '0'")
    return page


ANSWERED = """after => {
    const { turn, asked } = document.querySelector('.lenet-pad').dataset;
    return Number(turn) > after && turn === asked;
}"""


def answered(page, after):
    """Wait until Python has answered something newer than that turn, and all that was asked; give the shares."""
    page.wait_for_function(ANSWERED, arg=after)
    page.wait_for_timeout(150)  # a question may be waiting for its time, while a stroke is being drawn
    page.wait_for_function(ANSWERED, arg=after)
    return page.evaluate(SHARES)


def stroke(page, *points):
    """Draw a stroke with the mouse, through points in shares of the page's side; give the shares after it."""
    frame = page.locator(".lenet-pad-page").bounding_box()
    where = [(frame["x"] + x * frame["width"], frame["y"] + y * frame["height"]) for x, y in points]
    turn = page.evaluate(TURN)
    page.mouse.move(*where[0])
    page.mouse.down()
    for x, y in where[1:]:
        page.mouse.move(x, y, steps=10)
    page.mouse.up()
    return answered(page, turn)


def clicked(page, name):
    turn = page.evaluate(TURN)
    page.get_by_role("button", name=name, exact=True).click()
    return answered(page, turn)


def held(page):
    """What Python has: the number of strokes, the page's shape, and how much ink."""
    strokes, rest = run_cell(page, 1).split(" ", 1)
    assert rest.startswith("(280, 280) ")
    return int(strokes), float(rest.split()[-1])


NOTHING = ["–"] * 10


def test_the_pad_takes_the_mouse(pad):
    assert pad.evaluate(SHARES) == NOTHING
    one = stroke(pad, (0.3, 0.2), (0.7, 0.2))
    assert sum(float(each.split()[0]) for each in one) == pytest.approx(100, abs=1)
    seven = stroke(pad, (0.7, 0.2), (0.45, 0.85))
    assert seven != one
    inked = pad.evaluate(INK)
    assert 20 < inked < 250
    strokes, inked = held(pad)
    assert strokes == 2
    assert 280 * 0.09 * 280 * 0.7 < inked < 280 * 0.09 * 280 * 1.5  # as long as drawn, and as wide
    assert clicked(pad, "Undo") == one
    assert clicked(pad, "Undo") == NOTHING
    assert pad.evaluate(INK) == 0
    stroke(pad, (0.5, 0.2), (0.5, 0.8))
    assert clicked(pad, "Clear") == NOTHING
    assert held(pad) == (0, 0)
    assert clicked(pad, "Undo") != NOTHING  # what was cleared comes back
    assert held(pad)[0] == 1
    assert pad.hosts <= {"127.0.0.1", None}, "the page asked another host"


def test_the_pad_answers_at_once(pad):
    """A tenth of a second, on two cores that have nothing else to do; as with the lessons, three times that fails."""
    times = []
    for i in range(6):
        stroke(pad, (0.3, 0.2 + 0.1 * i), (0.7, 0.3 + 0.1 * i))
        times.append(pad.evaluate(MILLISECONDS))
    print(f"milliseconds from the end of a stroke to its answer on the page: {times}")
    assert min(times) < 300


def test_the_pad_answers_while_the_stroke_goes_on(pad):
    frame = pad.locator(".lenet-pad-page").bounding_box()
    pad.mouse.move(frame["x"] + 80, frame["y"] + 60)
    pad.mouse.down()
    pad.mouse.move(frame["x"] + 200, frame["y"] + 60, steps=10)
    assert answered(pad, 0) != NOTHING
    turn = pad.evaluate(TURN)
    pad.mouse.move(frame["x"] + 120, frame["y"] + 240, steps=10)
    assert answered(pad, turn) != NOTHING
    pad.mouse.up()


def test_the_pad_takes_the_keyboard(pad):
    """From Tab on, without a mouse; and JupyterLab does not take the keys for its own."""
    pad.locator(".jp-Notebook .jp-Cell").first.click()
    pad.keyboard.press("Escape")
    pad.locator(".lenet-pad-page").focus()
    for key in ("ArrowUp",) * 8 + (" ",) + ("ArrowDown",) * 16 + (" ",):
        pad.keyboard.press(key)
    one = answered(pad, 0)
    assert one != NOTHING
    strokes, inked = held(pad)
    assert strokes == 1
    assert inked == pytest.approx(280 * 0.09 * 280 * (0.64 + 0.0707), rel=0.05)
    pad.locator(".lenet-pad-page").focus()
    pad.keyboard.press("Backspace")
    assert answered(pad, pad.evaluate(TURN) - 1) == NOTHING
    for key in ("b", "x"):  # in the notebook, these would add a cell and cut one
        pad.keyboard.press(key)
    pad.keyboard.press("Tab")
    assert pad.evaluate("() => document.activeElement.textContent") == "Undo"
    pad.keyboard.press("Tab")
    assert pad.evaluate("() => document.activeElement.textContent") == "Clear"
    pad.keyboard.press("Tab")
    assert pad.evaluate("() => document.activeElement.textContent") == "Photo…"
    pad.keyboard.press("Tab")
    assert pad.evaluate("() => document.activeElement.type") == "range"
    pad.keyboard.press("ArrowUp")
    assert pad.evaluate("() => document.activeElement.value") == "10"
    for _ in range(3):
        pad.keyboard.press("Shift+Tab")
    pad.keyboard.press("Enter")  # on Undo; in the notebook it would open the cell for editing
    assert answered(pad, pad.evaluate(TURN) - 1) == NOTHING
    assert pad.evaluate("() => document.activeElement.textContent") == "Undo"
    cells = pad.evaluate(MODEL)["cells"]
    assert len(cells) == 2, "a key of the pad changed the notebook"


def test_the_pad_takes_a_finger(pad):
    """A touch draws, and scrolls nothing."""
    frame = pad.locator(".lenet-pad-page").bounding_box()
    session = pad.context.new_cdp_session(pad)

    def touch(kind, *points):
        where = [{"x": frame["x"] + x, "y": frame["y"] + y} for x, y in points]
        session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": where})

    touch("touchStart", (140, 60))
    for y in range(70, 240, 10):
        touch("touchMove", (140, y))
    touch("touchEnd")
    assert answered(pad, 0) != NOTHING
    assert pad.locator(".lenet-pad-page").bounding_box() == frame
    strokes, inked = held(pad)
    assert strokes == 1
    assert inked > 280 * 0.09 * 150  # the whole way, not only until the browser took it for scrolling


def test_a_wider_brush_draws_more_ink(pad):
    inked = []
    for width in ("4", "16"):
        pad.locator(".lenet-pad input").fill(width)
        stroke(pad, (0.5, 0.2), (0.5, 0.8))
        inked.append(held(pad)[1])
        clicked(pad, "Clear")
    assert inked[1] > 3 * inked[0]


def photographed(page, name, content):
    """Choose a file by the pad's button, as a learner would; give the shares after it."""
    turn = page.evaluate(TURN)
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name="Photo…").click()
    chooser.value.set_files({"name": name, "mimeType": "image/png", "buffer": content})
    return answered(page, turn)


def paper_with(page, kind="PNG", **options):
    """A picture of a page of ink as a file's content."""
    file = io.BytesIO()
    Image.fromarray(np.uint8(235 - 180 * page)).save(file, kind, **options)
    return file.getvalue()


GROUND = """() => {
    const page = document.querySelector('.lenet-pad-page');
    const pixels = page.getContext('2d').getImageData(0, 0, page.width, page.height).data;
    return pixels.filter((value, i) => i % 4 === 0 && value < 128).length / (page.width * page.height);
}"""


def test_the_pad_takes_a_photo(pad):
    two = digit_input.handwritten(2, width=0.06)
    read = photographed(pad, "two.png", paper_with(two))
    assert read != NOTHING
    strokes, inked = held(pad)
    assert strokes == 0
    assert inked == pytest.approx(two.sum(), rel=0.1)
    assert pad.evaluate(GROUND) == pytest.approx((two > 0.5).mean(), rel=0.2)  # and shows it
    assert stroke(pad, (0.1, 0.1), (0.9, 0.1)) != read
    assert clicked(pad, "Undo") == read
    assert clicked(pad, "Clear") == NOTHING
    assert pad.evaluate(GROUND) == 0
    assert clicked(pad, "Undo") == read  # what was cleared comes back
    assert photographed(pad, "letter.png", b"Dear network") == NOTHING
    assert "which is text" in pad.locator(".lenet-pad-said").inner_text()
    assert photographed(pad, "holiday.heic", b"\0\0\0\x18ftypheic" + bytes(5_000_000)) == NOTHING
    assert "which is HEIC" in pad.locator(".lenet-pad-said").inner_text()
    assert pad.hosts <= {"127.0.0.1", None}, "the page asked another host"


def test_a_photo_larger_than_jupyter_carries_is_made_smaller_and_kept_upright(pad):
    """As a phone takes it: twelve megapixels, more than ten megabytes, lying on its side with a note that says so."""
    two, noise = digit_input.handwritten(2, width=0.06, side=1500), np.random.default_rng(0).normal(0, 6, (4000, 3000))
    upright = np.full((4000, 3000), 220.0) + noise
    upright[1000:2500, 700:2200] -= 160 * two
    exif = Image.Exif()
    exif[0x0112] = 6  # to be turned by a quarter, clockwise
    file = io.BytesIO()
    Image.fromarray(np.uint8(np.clip(np.rot90(upright), 0, 255))).save(file, "JPEG", quality=100, exif=exif)
    assert len(file.getvalue()) > 5e6
    small = photographed(pad, "phone.jpg", file.getvalue())
    direct = digit_input.prepare(two)
    seen = np.array(pad.evaluate(SEEN)).reshape(28, 28) / 255
    assert np.abs(seen - direct).mean() < 0.03
    assert small != NOTHING


def test_what_a_screen_reader_gets_of_the_pad(pad):
    assert pad.get_by_role("application", name="Page to draw a digit on").count() == 1
    assert pad.get_by_role("img", name="What the network sees").count() == 1
    assert pad.get_by_role("slider", name="Brush").count() == 1
    assert pad.get_by_role("slider", name="Brush").bounding_box()["width"] > 100  # room for a finger
    assert pad.get_by_role("button", name="Photo…").count() == 1
    assert pad.get_by_role("list", name="Probability of each digit").count() == 1
    stroke(pad, (0.5, 0.2), (0.5, 0.8))
    assert "The network says" in pad.get_by_role("status").filter(has_text="network").inner_text()


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
