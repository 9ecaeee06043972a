"""Whether a class can start on this machine without a network: fetch what is missing, then report.

Each check gives what it found, and what to do about it: nothing if all is well.
"""

import importlib.metadata
import platform
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Mapping

import psutil

from lenet_tutorial.data import MNIST_VARIABLE, cache_folder, load_raw
from lenet_tutorial.tools import lessons

MEMORY_NEEDED = 2.0  # GB: one lesson's kernel takes up to 1.5, JupyterLab and the browser tab the rest
DISK_NEEDED = 0.5  # GB: MNIST unpacked and the trained networks


def check_python() -> tuple[str, str]:
    """Give the running Python and the versions that the lessons support."""
    wanted = importlib.metadata.metadata("lenet-tutorial")["Requires-Python"]
    return f"{platform.python_version()} (wanted: {wanted}), {sys.executable}", ""


def check_tensorflow() -> tuple[str, str]:
    """Import TensorFlow and Keras, and give their versions."""
    start = time.perf_counter()
    from lenet_tutorial.backend import keras, tf  # here, because it takes seconds and may fail

    return f"{tf.__version__}, Keras {keras.__version__}, imported in {time.perf_counter() - start:.1f} s", ""


def check_lessons() -> tuple[str, str]:
    """Look for both files of every lesson, in a clone."""
    if not lessons.in_clone():
        return "none here: the package was installed without them", ""
    found = lessons.find_lessons()
    halves = [path.name for lesson in found for path in (lesson.source, lesson.notebook) if not path.exists()]
    if not found or halves:
        what = f"missing: {', '.join(halves)}" if halves else f"none in {lessons.NOTEBOOKS}"
        return what, "take them from a complete copy of the project"
    return ", ".join(lesson.name for lesson in found), ""


def check_disk() -> tuple[str, str]:
    """Look for room in the cache folder, and write to it."""
    folder = cache_folder()
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryFile(dir=folder):  # what cannot be stored here is gone when the class begins
        free = shutil.disk_usage(folder).free / 1e9
    return f"{free:.1f} GB free for {folder}", "" if free >= DISK_NEEDED else f"free {DISK_NEEDED} GB there"


def check_memory() -> tuple[str, str]:
    """Look for memory for one lesson."""
    free = psutil.virtual_memory().available / 1e9
    return f"{free:.1f} GB free", "" if free >= MEMORY_NEEDED else f"close programs until {MEMORY_NEEDED} GB are free"


def check_mnist() -> tuple[str, str]:
    """Fetch MNIST where it is missing, and verify it."""
    raw = load_raw()
    if raw.is_mnist:
        return f"{len(raw.train_images):,} + {len(raw.test_images):,} digits, content verified", ""
    todo = f"connect to a network once, or set {MNIST_VARIABLE} to mnist.npz or a folder with the original files"
    return f"not found: the lessons would run on the {raw.name}", todo


def check_network() -> tuple[str, str]:
    """Train the network where it is missing, and open it."""
    if not load_raw().is_mnist:
        return "not looked at: it is trained on MNIST", "get MNIST first"
    from lenet_tutorial.training import trained_lenet

    start = time.perf_counter()
    trained = trained_lenet()
    return f"{trained.model.count_params():,} parameters, at hand in {time.perf_counter() - start:.0f} s", ""


CHECKS = {
    "Python": check_python,
    "TensorFlow": check_tensorflow,
    "Lessons": check_lessons,
    "Disk": check_disk,
    "Memory": check_memory,
    "MNIST": check_mnist,
    "Trained network": check_network,
}


def report(checks: Mapping[str, Callable[[], tuple[str, str]]] = CHECKS) -> int:
    """Run the checks and print what each found; a check that fails is a finding, not the end.

    Returns:
        The exit status: 0 if the class can start, else 1.
    """
    missing = []
    for name, check in checks.items():
        try:
            found, todo = check()
        except Exception as error:  # whatever stops a lesson from running belongs in the report
            found, todo = f"{type(error).__name__}: {error}", "see the message above"
        print(f"{'MISSING' if todo else 'ok':8}{name:17}{found}", flush=True)
        if todo:
            missing.append(f"Not ready. {name}: {todo}.")
    print("\n".join(missing) or "Ready: the class can start, without a network too.")
    return int(bool(missing))
