"""One JupyterLab and one browser for all tests here."""

import secrets
import shutil
import sys
import threading
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest

from lenet_tutorial.backend import keras
from lenet_tutorial.data import MNIST_VARIABLE
from lenet_tutorial.model import build_lenet
from lenet_tutorial.tools import chromium, demo
from tests.browser import lab_server
from tests.browser.lab_page import SHUT_DOWN, watch

ROOT = Path(__file__).resolve().parents[2]


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


@pytest.fixture(scope="session")
def server(tmp_path_factory):
    """JupyterLab as `make lab` starts it, on a copy of the lessons, with settings and cache of its own."""
    folder = tmp_path_factory.mktemp("lab")
    served = folder / "served"
    shutil.copytree(ROOT / "notebooks", served / "notebooks", ignore=shutil.ignore_patterns("mine", ".*"))
    shutil.copy(ROOT / "pyproject.toml", served)  # jupytext's settings
    token = secrets.token_hex(16)
    command = [sys.executable, "-m", "jupyterlab", "--no-browser", "--ip=127.0.0.1"]
    command += [f"--IdentityProvider.token={token}", f"--ServerApp.root_dir={served}"]
    command += ["--LabApp.expose_app_in_browser=True"]
    variables = {"LENET_TUTORIAL_MNIST": "sample", "LENET_TUTORIAL_CACHE": str(folder / "cache")}
    with lab_server.running(command, folder, served, **variables) as (process, said):
        memory = Memory(process)
        try:
            yield Server(said["url"].rstrip("/"), token, served, memory)
        finally:
            memory.stop()


@pytest.fixture(scope="session")
def browser():
    with ExitStack() as stack:
        try:
            yield stack.enter_context(chromium.started())
        except chromium.NoBrowser as reason:
            pytest.skip(str(reason))


@pytest.fixture(scope="session")
def network():
    """The textbook's network with first weights that are always the same."""
    keras.utils.set_random_seed(3)
    return build_lenet()


@pytest.fixture(scope="session")
def plain_address(network):
    """Where the widgets are served on a plain page, with that network and digits of the offline sample."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(MNIST_VARIABLE, "sample")
        served = demo.server(model=network)
    with served as running:
        threading.Thread(target=running.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{running.server_port}/"
        running.shutdown()


@contextmanager
def watched_page(browser):
    """A page that notes whom it asks and what it complains of; its kernels are ended afterwards, as the lessons say."""
    page = watch(browser.new_page(viewport={"width": 1400, "height": 1000}))
    yield page
    with suppress(Exception):  # a page that never opened has no sessions to end
        page.evaluate(SHUT_DOWN)
    page.close()


@pytest.fixture
def page(browser, server):
    with watched_page(browser) as page:
        yield page
