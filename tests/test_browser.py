"""The lessons in JupyterLab, in a real browser: one after the other, each runs, shows its figures, asks no other host.

Deselected by default, since it needs a chromium: `python -m pytest -m browser`; without what takes longest,
`-m "browser and not hold"`. Everything runs on copies and on the offline sample, so that neither the lessons nor the
user's own settings change.
"""

import os
import secrets
import shutil
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import nbformat
import psutil
import pytest

from lenet_tutorial import lab
from lenet_tutorial.lessons import KERNELSPEC, find_lessons
from tests.lab_page import (
    CLEAR,
    MODEL,
    RUN_ALL,
    SHUT_DOWN,
    THEME,
    complaints,
    dead_widgets,
    faint_figures,
    holding,
    opened,
    ready,
    run_all,
    run_from_scratch,
    texts,
    unseen_figures,
    watch,
)

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


@dataclass(frozen=True)
class Server:
    """A running JupyterLab: its address, its token, the folder that it serves, and the memory that it takes."""

    address: str
    token: str
    folder: Path
    memory: "Memory"

    def url(self, path):
        return f"{self.address}/lab/tree/{path}?token={self.token}&reset"


class Memory:
    """The most resident memory, in bytes, that a process and all that it started had at one time: sampled."""

    def __init__(self, process):
        self.peak = 0
        self._process, self._over = psutil.Process(process.pid), threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()

    def _watch(self):
        while not self._over.wait(0.5):
            total = 0
            with suppress(psutil.Error):  # one may end while it is looked at
                for each in (self._process, *self._process.children(recursive=True)):
                    total += each.memory_info().rss
            self.peak = max(self.peak, total)

    def stop(self):
        self._over.set()
        self._thread.join()


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
    address, memory = f"http://127.0.0.1:{port}", Memory(process)
    try:
        wait_for(process, address, log)
        yield Server(address, token, served, memory)
    finally:
        memory.stop()
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
    """A page that notes whom it asks and what it complains of; its kernels are ended afterwards, as the lessons say."""
    page = watch(browser.new_page(viewport={"width": 1400, "height": 1000}))
    yield page
    with suppress(Exception):  # a page that never opened has no sessions to end
        page.evaluate(SHUT_DOWN)
    page.close()


@pytest.mark.parametrize("name", LESSONS)
def test_a_lesson_runs_from_top_to_bottom(page, server, name):
    path = f"notebooks/{name}.ipynb"
    assert opened(page, server, path) == path
    page.evaluate(CLEAR)
    cells = run_all(page)
    assert cells
    assert complaints(cells) == []
    assert unseen_figures(page) == []
    assert dead_widgets(page) == []
    assert page.console == []
    assert page.hosts <= {"127.0.0.1", None}, "the page asked another host"


def test_one_lesson_after_the_other_fits_into_binders_memory(server, record_property):
    """Server and kernels together, while the tests above opened the lessons and shut their kernels down."""
    record_property("megabytes", round(server.memory.peak / 1e6))
    assert 50e6 < server.memory.peak < 2e9


@pytest.mark.hold
@pytest.mark.parametrize("name", LESSONS)
def test_restart_and_run_all_twice_gives_the_same(page, server, name):
    opened(page, server, f"notebooks/{name}.ipynb")
    first, second = (texts(run_from_scratch(page)) for _ in range(2))
    assert any(first)
    for number, (one, other) in enumerate(zip(first, second, strict=True), 1):
        assert one == other, f"code cell {number}"


@pytest.mark.parametrize("theme", ["JupyterLab Light", "JupyterLab Dark"])
@pytest.mark.parametrize("name", [LESSONS[0], *(pytest.param(each, marks=pytest.mark.hold) for each in LESSONS[1:])])
def test_figures_and_captions_can_be_read_in_either_theme(page, server, name, theme):
    """As recorded: nothing is run."""
    opened(page, server, f"notebooks/{name}.ipynb")
    page.evaluate(THEME, theme)
    try:
        assert holding(page, "image/")
        assert faint_figures(page) == []
    finally:
        page.evaluate(THEME, "JupyterLab Light")


def test_the_source_opens_as_a_notebook(page, server):
    """By a double click in the list of files, as a learner opens it."""
    page.goto(server.url("notebooks"))
    page.locator(".jp-DirListing-item", has_text=f"{LESSONS[0]}.py").dblclick()
    assert ready(page) == f"notebooks/{LESSONS[0]}.py"
    assert any(cell["cell_type"] == "markdown" for cell in page.evaluate(MODEL)["cells"])


def test_this_environment_has_the_settings():
    """`make` writes them while it builds the environment; the test above relies on them."""
    path = Path(sys.prefix) / lab.LAB_SETTINGS_FILE
    assert path.exists(), f"{path} is missing: run python -m lenet_tutorial settings"


def broken_lesson():
    """What the checks must see: a foreign host, stderr, a script that complains, a lost picture, an error."""
    foreign = "from IPython.display import HTML, display; HTML('<img src=\"http://example.invalid/x.png\">')"
    script = "display({'application/javascript': 'console.error(\"lost\")', 'text/plain': ''}, raw=True)"
    no_picture = "display({'image/png': 'AAAA', 'text/plain': 'alt'}, raw=True)"
    caption = "display({'text/markdown': '*A caption*'}, raw=True)"
    sources = (foreign, "import sys; sys.stderr.write('x')", script, f"{no_picture}; {caption}", "1 / 0", "2")
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source) for source in sources])
    notebook.metadata["kernelspec"] = KERNELSPEC
    return notebook


def test_a_broken_lesson_is_seen(page, server):
    """The checks bite."""
    nbformat.write(broken_lesson(), server.folder / "broken.ipynb")
    opened(page, server, "broken.ipynb")
    page.evaluate(RUN_ALL)
    page.wait_for_selector("img[src*=invalid]", state="attached")
    found = "\n".join(complaints(page.evaluate(MODEL)["cells"]))
    assert "code cell 2 wrote to stderr" in found
    assert "code cell 5: ZeroDivisionError" in found
    assert "code cell 6 was not run" in found
    assert "example.invalid" in page.hosts
    assert any("lost" in each for each in page.console)
    assert unseen_figures(page) == ["cell 4: its picture is not to be seen"]
