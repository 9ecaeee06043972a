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
