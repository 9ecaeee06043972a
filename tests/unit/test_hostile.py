"""Disks that are full or read-only, processes that are stopped or killed: nothing is lost, and what is left is true.

Damaged files, mirrors that fail and two processes at once are in test_data.py; damaged networks in test_training.py.
"""

import logging
import os
import shutil
import signal
import subprocess
import sys
from contextlib import contextmanager
from types import SimpleNamespace

import numpy as np
import pytest

from lenet_tutorial import data, training
from lenet_tutorial.data import cache as data_cache
from lenet_tutorial.model import build_lenet
from lenet_tutorial.training import Recipe, store, trained_lenet

QUICK = Recipe(epochs=1, batch_size=100, seed=3)
POSIX = pytest.mark.skipif(os.name != "posix", reason="signals and file size limits are not those of this system")


@pytest.fixture(scope="module")
def digits():
    """Random pictures with labels."""
    random = np.random.default_rng(0)
    labels = random.integers(0, 10, 200)
    images = random.random((200, 784), dtype=np.float32)
    some = data.Split(images=images, onehot=np.eye(10, dtype=np.float32)[labels], labels=labels)
    return data.Digits(name="noise", train=some, validation=some, test=some)


@pytest.fixture(scope="module")
def raw():
    """Random pictures in the shapes and the amount of MNIST: 11 MB that hardly compress."""
    random = np.random.default_rng(1)
    images, labels = random.integers(0, 256, (14_000, 28, 28), dtype=np.uint8), np.zeros(14_000, np.uint8)
    return data.RawDigits("MNIST", images, labels, images[:1], labels[:1], 0)


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv(data.CACHE_VARIABLE, str(tmp_path / "cache"))
    return tmp_path / "cache"


def as_if_trained():
    """A network that says of itself that it was trained with QUICK; storing does not ask how well."""
    model = build_lenet()
    QUICK.compile(model)
    model.optimizer.iterations.assign(2)
    model.history = SimpleNamespace(epoch=[0], params={"steps": 2}, history={"loss": [2.3], "accuracy": [0.1]})
    return model


def stored(digits):
    model = as_if_trained()
    return store(model, digits, seed=QUICK.seed, kernels=np.array([model.get_layer("conv1").kernel]))


def left_in(folder):
    """All files in a folder, at any depth, by name."""
    return sorted(path.name for path in folder.rglob("*") if path.is_file())


# --- A full disk: a real one where that may be had, and a limit on the size of files everywhere else ---


def mounted(folder, options):
    """Put a file system of its own at a folder; skip where that is not allowed."""
    folder.mkdir()
    if sys.platform != "linux" or shutil.which("mount") is None:
        pytest.skip("no file system of its own can be mounted here")
    command = ["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.skip(f"no file system may be mounted here: {done.stderr.strip()}")


@contextmanager
def file_size_limit(n_bytes):
    """No file of this process may grow beyond a size: writing more fails, as it does on a full disk."""
    import resource

    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (n_bytes, limits[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)


@pytest.fixture(params=["full disk", "file size limit"])
def no_room(request, cache):
    """The cache folder on a disk of 2 MB: more than the names of files, less than MNIST or a network."""
    if request.param == "full disk":
        mounted(cache, "size=2m")
        yield
        subprocess.run(["umount", str(cache)], check=True)
    else:
        pytest.importorskip("resource", reason="this system has no limit on the size of files")
        with file_size_limit(2_000_000):
            yield


def test_mnist_that_finds_no_room_is_told_and_leaves_nothing(no_room, raw, cache, caplog):
    data_cache.store(raw)
    (record,) = [each for each in caplog.records if each.levelno >= logging.WARNING]
    assert "MNIST could not be stored there" in record.getMessage()
    assert "Set LENET_TUTORIAL_CACHE to a folder that can be written" in record.getMessage()
    assert left_in(cache) == []
    assert data_cache.find() is None


def test_a_network_that_finds_no_room_is_told_and_leaves_nothing(no_room, digits, cache, capsys):
    assert stored(digits) is None
    told = capsys.readouterr().out
    assert "could not be stored" in told
    assert "the next lesson will train it again" in told
    assert data.CACHE_VARIABLE in told
    assert left_in(cache) == []


def test_once_there_is_room_the_next_one_is_stored(digits, cache, capsys):
    with file_size_limit(2_000_000):
        assert stored(digits) is None
    assert "could not be stored" in capsys.readouterr().out
    path = stored(digits)
    assert left_in(cache) == [path.name]
    assert trained_lenet(QUICK, digits).history["loss"] == [2.3]
    assert capsys.readouterr().out == ""


# --- A home that cannot be written to ---


@pytest.fixture
def read_only_home(tmp_path, monkeypatch):
    """A home folder on a disk that is read only; nothing else says where to keep things."""
    home = tmp_path / "home"
    if hasattr(os, "geteuid") and os.geteuid() == 0:  # whom the permissions of a folder do not stop
        mounted(home, "ro")
    else:
        home.mkdir(mode=0o500)
    for name in (data.CACHE_VARIABLE, "XDG_CACHE_HOME", "XDG_CONFIG_HOME", "KERAS_HOME", "MPLCONFIGDIR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(home))
    yield home
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        subprocess.run(["umount", str(home)], check=True)


@POSIX
def test_a_read_only_home_is_told_and_nothing_is_lost(read_only_home, raw, digits, caplog, capsys):
    data_cache.store(raw)
    assert "MNIST could not be stored there" in caplog.text
    assert str(read_only_home) not in caplog.text
    assert stored(digits) is None
    assert "could not be stored" in capsys.readouterr().out


@POSIX
def test_in_a_read_only_home_a_lesson_begins_without_a_warning(read_only_home):
    """Each library that keeps things at home has its own idea of what to do when it cannot."""
    code = "from lenet_tutorial import data, figures, training; data.load_raw()"
    environment = os.environ | {data.MNIST_VARIABLE: "sample"}
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, timeout=120)
    assert (done.returncode, done.stderr) == (0, "")


# --- Stopped and killed ---


def test_after_an_interruption_the_next_call_starts_again_and_says_so(digits, cache, monkeypatch, capsys):
    """With the stop button, in the middle of an epoch."""
    seen = []

    def interrupt(self, batch, logs=None):
        seen.append(batch)
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(training._EpochBar, "on_train_batch_end", interrupt)
        with pytest.raises(KeyboardInterrupt):
            trained_lenet(QUICK, digits)
    assert seen == [0]
    assert left_in(cache) == []
    capsys.readouterr()
    assert len(trained_lenet(QUICK, digits).history["loss"]) == 1
    assert "Training the network, once" in capsys.readouterr().err
    assert len(left_in(cache)) == 1
    trained_lenet(QUICK, digits)
    assert "Training" not in capsys.readouterr().err


KILLED = """
import os, signal, zipfile
from tests.unit.test_hostile import data, np, stored

def kill(*args, **kwargs):
    os.kill(os.getpid(), signal.SIGKILL)

{where} = kill
labels = np.zeros(200, int)
some = data.Split(images=np.zeros((200, 784), np.float32), onehot=np.eye(10, dtype=np.float32)[labels], labels=labels)
stored(data.Digits(name="noise", train=some, validation=some, test=some))
"""


@POSIX
@pytest.mark.parametrize("where", ["zipfile.ZipFile.writestr", "os.replace"], ids=["half written", "not yet in place"])
def test_a_killed_process_leaves_nothing_that_passes_for_a_network(cache, where):
    done = subprocess.run([sys.executable, "-c", KILLED.format(where=where)], capture_output=True, timeout=120)
    assert done.returncode == -signal.SIGKILL, done.stderr
    assert list((cache / "networks").glob("*.keras")) == []


@POSIX
def test_a_killed_process_leaves_nothing_that_passes_for_mnist(raw, cache, monkeypatch, tmp_path):
    np.savez(tmp_path / "raw.npz", images=raw.train_images, labels=raw.train_labels)
    code = f"""
import os, signal, numpy as np
from lenet_tutorial import data
from lenet_tutorial.data import cache
with np.load({str(tmp_path / "raw.npz")!r}) as file:
    images, labels = file["images"], file["labels"]
def kill(stream, **arrays):
    stream.write(b"half"); stream.flush(); os.kill(os.getpid(), signal.SIGKILL)
np.savez_compressed = kill
cache.store(data.RawDigits("MNIST", images, labels, images[:1], labels[:1], 0))
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, timeout=60)
    assert done.returncode == -signal.SIGKILL, done.stderr
    assert not (cache / "mnist.npz").exists()
    assert data_cache.find() is None
