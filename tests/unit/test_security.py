"""No file may run code on its way in, and JupyterLab lets in nobody but the person at the keyboard.

The first tests read the code: what allows pickle shows nothing as long as nobody sends a pickle.
"""

import ast
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import psutil
import pytest

from tests.browser import lab_server

ROOT = Path(__file__).resolve().parents[2]
SOURCES = sorted([*ROOT.glob("lenet_tutorial/**/*.py"), *ROOT.glob("notebooks/*.py")])
# Modules that run what a file says, or store what such a module reads.
PICKLES = {"pickle", "_pickle", "cPickle", "cloudpickle", "dill", "joblib", "marshal", "shelve"}
UNSAFE_CALLS = {"read_pickle", "enable_unsafe_deserialization", "unsafe_load", "full_load"}


def unpickling(source):
    """Where a source may run what a file says, line by line."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found += [(node.lineno, name.name) for name in node.names if name.name.split(".")[0] in PICKLES]
        elif isinstance(node, ast.ImportFrom):
            found += [(node.lineno, node.module)] if (node.module or "").split(".")[0] in PICKLES else []
        elif isinstance(node, ast.Call):
            name = getattr(node.func, "attr", getattr(node.func, "id", ""))
            found += [(node.lineno, name)] if name in UNSAFE_CALLS else []
            found += [(node.lineno, each.arg) for each in node.keywords if each.arg == "allow_pickle" and not off(each)]
            if name == "load" and (len(node.args) > 2 or any(isinstance(each, ast.Starred) for each in node.args)):
                found += [(node.lineno, "load, whose third argument allows pickle")]
    return found


def off(keyword):
    return isinstance(keyword.value, ast.Constant) and keyword.value.value is False


def unsafe_reads(source):
    """Where a source reads a network without saying ``safe_mode=True``, line by line."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.Call):
            continue
        name = getattr(node.func, "attr", getattr(node.func, "id", ""))
        modes = [each.value for each in node.keywords if each.arg == "safe_mode"]
        says = [isinstance(mode, ast.Constant) and mode.value is True for mode in modes]
        if not all(says) or (name in ("load_model", "model_from_json", "deserialize_keras_object") and not says):
            found.append((node.lineno, name))
    return found


def in_sources(find):
    return [(path.name, *each) for path in SOURCES for each in find(path.read_text(encoding="utf-8"))]


def test_nothing_unpickles():
    assert len(SOURCES) > 20
    assert in_sources(unpickling) == []


def test_networks_are_read_in_safe_mode_only():
    assert in_sources(unsafe_reads) == []


@pytest.mark.parametrize(
    "line",
    [
        "import pickle",
        "from joblib import load",
        "import numpy as np; np.load('x', allow_pickle=True)",
        "import numpy as np; np.load('x', allow_pickle=0)",
        "import numpy as np; np.load('x', None, True)",
        "import numpy as np; np.load(*arguments)",
        "keras.config.enable_unsafe_deserialization()",
    ],
)
def test_what_unpickles_is_seen(line):
    assert unpickling(line)


@pytest.mark.parametrize("line", ["load_model('x')", "keras.models.load_model('x', safe_mode=False)"])
def test_a_network_read_unsafely_is_seen(line):
    assert unsafe_reads(line)


# --- JupyterLab, as `make lab` starts it ---

LAB = """
import sys
from lenet_tutorial.tools import commands, lab
lab.write_settings = lambda: None  # the environment's own settings are left alone
sys.exit(commands.main(["lab", "--no-browser", *sys.argv[1:]]))
"""


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    """The process of a running JupyterLab, and what it says of itself: its address and its token."""
    command = [sys.executable, "-c", LAB]
    with lab_server.running(command, tmp_path_factory.mktemp("lab"), ROOT, JUPYTER_TOKEN=None) as started:
        yield started


def status(address):
    """The HTTP status of an answer; a server that is only just there gets a second try."""
    for _ in range(20):
        try:
            with urllib.request.urlopen(address, timeout=20) as answer:
                return answer.status
        except urllib.error.HTTPError as error:
            return error.code
        except OSError:
            time.sleep(0.5)
    return None


def test_the_lab_wants_its_token(lab):
    _, said = lab
    assert len(said["token"]) >= 32
    assert status(f"{said['url']}api/contents") == 403
    assert status(f"{said['url']}api/contents?token=x") == 403
    assert status(f"{said['url']}api/contents?token={said['token']}") == 200


def test_the_lab_listens_on_loopback_only(lab):
    process, said = lab
    assert status(said["url"]) is not None
    listening = [
        each.laddr.ip for each in psutil.Process(process.pid).net_connections("inet") if each.status == "LISTEN"
    ]
    assert listening
    assert set(listening) <= {"127.0.0.1", "::1"}
