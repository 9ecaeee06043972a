"""The lessons in JupyterLab, in a real browser: each opens, Run All works, and nothing asks another host.

Deselected by default, since it needs a chromium: `python -m pytest -m browser`. Everything runs on copies and on the
offline sample, so that neither the lessons nor the user's own settings change.
"""

import os
import secrets
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import nbformat
import pytest

from lenet_tutorial import lab
from lenet_tutorial.lessons import KERNELSPEC, find_lessons

pytestmark = pytest.mark.browser

ROOT = Path(__file__).resolve().parent.parent
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
BROWSER_FLAGS = [
    "--no-sandbox",
    "--disable-dev-shm-usage",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]
LESSONS = [lesson.name for lesson in find_lessons()]
RUN_TIMEOUT = 600  # seconds for all the cells of one lesson, on the offline sample

# Resolves when the document in front has a kernel that answers: the idle badge alone is shown before it connects.
KERNEL_READY = """async () => {
    const widget = window.jupyterapp.shell.currentWidget;
    await widget.context.ready;
    await widget.sessionContext.ready;
    const kernel = () => widget.sessionContext.session?.kernel;
    for (let i = 0; i < 600; i++) {
        if (kernel()?.connectionStatus === 'connected' && kernel()?.status === 'idle') return true;
        await new Promise(resolve => setTimeout(resolve, 100));
    }
    return false;
}"""
RUN_ALL = "() => window.jupyterapp.commands.execute('notebook:run-all-cells')"
MODEL = "() => window.jupyterapp.shell.currentWidget.content.model.toJSON()"
IS_NOTEBOOK = "() => Boolean(window.jupyterapp?.shell.currentWidget?.content?.model?.cells)"
PATH = "() => window.jupyterapp.shell.currentWidget.context.path"
SHUT_DOWN = "() => window.jupyterapp.serviceManager.sessions.shutdownAll()"


@dataclass(frozen=True)
class Server:
    """A running JupyterLab: its address, its token, and the folder that it serves."""

    address: str
    token: str
    folder: Path

    def url(self, path):
        return f"{self.address}/lab/tree/{path}?token={self.token}&reset"


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_for(process, address, log):
    """Wait until the server answers; say what it printed if it does not."""
    for _ in range(240):
        if process.poll() is not None:
            break
        with suppress(OSError), urllib.request.urlopen(f"{address}/api", timeout=5):
            return
        time.sleep(0.25)
    pytest.fail(f"JupyterLab did not start:\n{log.read_text()}")


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """JupyterLab as `make lab` starts it, on a copy of the lessons, with settings and cache of its own."""
    folder = tmp_path_factory.mktemp("lab")
    served = folder / "served"
    shutil.copytree(ROOT / "notebooks", served / "notebooks", ignore=shutil.ignore_patterns("mine", ".*"))
    shutil.copy(ROOT / "pyproject.toml", served)  # jupytext's settings
    environment = os.environ | {"LENET_TUTORIAL_MNIST": "sample", "LENET_TUTORIAL_CACHE": str(folder / "cache")}
    for kind in ("CONFIG", "DATA", "RUNTIME"):
        environment[f"JUPYTER_{kind}_DIR"] = str(folder / kind.lower())
    port, token, log = free_port(), secrets.token_hex(16), folder / "log"
    command = [sys.executable, "-m", "jupyterlab", "--no-browser", "--ip=127.0.0.1", f"--port={port}"]
    command += ["--ServerApp.port_retries=0", f"--IdentityProvider.token={token}", f"--ServerApp.root_dir={served}"]
    command += ["--LabApp.expose_app_in_browser=True"]
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        command.append("--allow-root")
    with log.open("wb") as output:
        process = subprocess.Popen(command, env=environment, cwd=served, stdout=output, stderr=subprocess.STDOUT)
    address = f"http://127.0.0.1:{port}"
    try:
        wait_for(process, address, log)
        yield Server(address, token, served)
    finally:
        process.terminate()
        with suppress(subprocess.TimeoutExpired):
            process.wait(timeout=20)
        process.kill()


@pytest.fixture(scope="module")
def browser():
    executable = next(filter(None, map(shutil.which, BROWSERS)), None)
    if executable is None:
        pytest.skip(f"no browser here: looked for {', '.join(BROWSERS)}")
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    with playwright.sync_playwright() as api:
        started = api.chromium.launch(executable_path=executable, args=BROWSER_FLAGS)
        yield started
        started.close()


@pytest.fixture
def page(browser, server):
    """A page that notes which hosts it asks; its kernels are ended afterwards."""
    page = browser.new_page(viewport={"width": 1400, "height": 1000})
    page.hosts = set()
    page.on("request", lambda request: page.hosts.add(urlsplit(request.url).hostname))
    page.on("websocket", lambda socket: page.hosts.add(urlsplit(socket.url).hostname))
    page.set_default_timeout(60_000)
    yield page
    with suppress(Exception):  # a page that never opened has no sessions to end
        page.evaluate(SHUT_DOWN)
    page.close()


def opened(page, server, path):
    """Open a lesson and wait for its kernel; give the path that JupyterLab opened."""
    page.goto(server.url(path))
    page.wait_for_function(IS_NOTEBOOK)
    assert page.evaluate(KERNEL_READY), f"{path}: no kernel answered within 60 seconds"
    return page.evaluate(PATH)


def run_all(page):
    """Run every cell and give the code cells that are not empty, as the page then holds them."""
    page.set_default_timeout(RUN_TIMEOUT * 1000)
    assert page.evaluate(RUN_ALL) is True
    return [cell for cell in page.evaluate(MODEL)["cells"] if cell["cell_type"] == "code" and "".join(cell["source"])]


def clear_outputs(page):
    page.evaluate("() => window.jupyterapp.commands.execute('notebook:clear-all-cell-outputs')")


def complaints(cells):
    """What a learner would stumble over: a cell that was not run, an error, a line on stderr."""
    found = []
    for number, cell in enumerate(cells, start=1):
        if cell["execution_count"] is None:
            found.append(f"code cell {number} was not run: {''.join(cell['source'])[:60]}")
        for output in cell["outputs"]:
            if output["output_type"] == "error":
                found.append(f"code cell {number}: {output['ename']}: {output['evalue']}")
            elif output.get("name") == "stderr":
                found.append(f"code cell {number} wrote to stderr: {''.join(output['text'])[:200]}")
    return found


@pytest.mark.parametrize("name", LESSONS)
def test_a_lesson_runs_from_top_to_bottom(page, server, name):
    assert opened(page, server, f"notebooks/{name}.ipynb") == f"notebooks/{name}.ipynb"
    clear_outputs(page)
    cells = run_all(page)
    assert cells
    assert complaints(cells) == []
    assert page.hosts <= {"127.0.0.1", None}, "the page asked another host"


PAD = """from lenet_tutorial.model import build_lenet
from lenet_tutorial.pad import DrawingPad

pad = DrawingPad(build_lenet())
pad"""
SHARES = "() => [...document.querySelectorAll('.lenet-pad-share')].map(each => each.textContent)"
INK = """() => {
    const pixels = document.querySelector('.lenet-pad-seen').getContext('2d').getImageData(0, 0, 28, 28).data;
    return pixels.filter((value, i) => i % 4 === 0 && value < 128).length;
}"""
TURN = "() => Number(document.querySelector('.lenet-pad').dataset.turn)"
MILLISECONDS = "() => Number(document.querySelector('.lenet-pad').dataset.milliseconds)"
HELD = "import numpy as np\nprint(len(pad.drawing['strokes']), pad.image.shape, float(np.round(pad.image.sum())))"


@pytest.fixture
def pad(page, server):
    """A notebook with a drawing pad, which has just been drawn."""
    cells = [nbformat.v4.new_code_cell(source) for source in (PAD, HELD)]
    notebook = nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": KERNELSPEC})
    nbformat.write(notebook, server.folder / "pad.ipynb")
    opened(page, server, "pad.ipynb")
    assert complaints(run_all(page)) == []
    page.set_default_timeout(60_000)
    page.wait_for_selector(".lenet-pad-page")
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
    cells = page.evaluate("""async () => {
        const panel = window.jupyterapp.shell.currentWidget;
        panel.content.activeCellIndex = 1;
        await window.jupyterapp.commands.execute('notebook:run-cell');
        return panel.content.model.toJSON().cells;
    }""")
    text = "".join(cells[1]["outputs"][0]["text"])
    strokes, rest = text.split(" ", 1)
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
    strokes, ink = held(pad)
    assert strokes == 2
    assert 280 * 0.09 * 280 * 0.7 < ink < 280 * 0.09 * 280 * 1.5  # as long as drawn, and as wide
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
    strokes, ink = held(pad)
    assert strokes == 1
    assert ink == pytest.approx(280 * 0.09 * 280 * (0.64 + 0.0707), rel=0.05)
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
    assert pad.evaluate("() => document.activeElement.type") == "range"
    pad.keyboard.press("ArrowUp")
    assert pad.evaluate("() => document.activeElement.value") == "10"
    pad.keyboard.press("Shift+Tab")
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
    strokes, ink = held(pad)
    assert strokes == 1
    assert ink > 280 * 0.09 * 150  # the whole way, not only until the browser took it for scrolling


def test_a_wider_brush_draws_more_ink(pad):
    inked = []
    for width in ("4", "16"):
        pad.locator(".lenet-pad input").fill(width)
        stroke(pad, (0.5, 0.2), (0.5, 0.8))
        inked.append(held(pad)[1])
        clicked(pad, "Clear")
    assert inked[1] > 3 * inked[0]


def test_what_a_screen_reader_gets_of_the_pad(pad):
    assert pad.get_by_role("application", name="Page to draw a digit on").count() == 1
    assert pad.get_by_role("img", name="What the network sees").count() == 1
    assert pad.get_by_role("slider", name="Brush").count() == 1
    assert pad.get_by_role("list", name="Probability of each digit").count() == 1
    stroke(pad, (0.5, 0.2), (0.5, 0.8))
    assert "The network says" in pad.get_by_role("status").filter(has_text="network").inner_text()


@pytest.mark.parametrize("name", LESSONS[:1])
def test_the_source_opens_as_a_notebook(page, server, name):
    assert opened(page, server, f"notebooks/{name}.py") == f"notebooks/{name}.py"
    assert any(cell["cell_type"] == "markdown" for cell in page.evaluate(MODEL)["cells"])


def test_this_environment_has_the_settings():
    """`make` writes them while it builds the environment; the test above relies on them."""
    path = Path(sys.prefix) / lab.LAB_SETTINGS_FILE
    assert path.exists(), f"{path} is missing: run python -m lenet_tutorial settings"


def test_a_broken_lesson_is_seen(page, server):
    """The checks bite: a foreign picture, a line on stderr, an error, and the cells behind it, which are not run."""
    picture = "from IPython.display import HTML; HTML('<img src=\"http://example.invalid/x.png\">')"
    sources = (picture, "import sys; sys.stderr.write('x')", "1 / 0", "2")
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source) for source in sources])
    notebook.metadata["kernelspec"] = KERNELSPEC
    nbformat.write(notebook, server.folder / "broken.ipynb")
    opened(page, server, "broken.ipynb")
    page.evaluate(RUN_ALL)
    page.wait_for_selector("img[src*=invalid]", state="attached")
    found = "\n".join(complaints(page.evaluate(MODEL)["cells"]))
    assert "code cell 2 wrote to stderr" in found
    assert "code cell 3: ZeroDivisionError" in found
    assert "code cell 4 was not run" in found
    assert "example.invalid" in page.hosts
