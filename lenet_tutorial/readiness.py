"""Whether a class can start on this machine without a network: fetch what is missing, then report."""

import importlib.metadata
import platform
import shutil
import sys
import time
from dataclasses import dataclass

from lenet_tutorial import lessons
from lenet_tutorial.data import MNIST_VARIABLE, cache_folder, load_raw

MEMORY_NEEDED = 2.0  # GB: one lesson's kernel takes up to 1.5, JupyterLab and the browser tab the rest
DISK_NEEDED = 0.5  # GB: MNIST unpacked and the trained networks


@dataclass(frozen=True)
class Finding:
    """One line of the report: what was looked at, what was found, and what to do about it (empty if all is well)."""

    name: str
    found: str
    todo: str = ""


def check_python():
    wanted = importlib.metadata.metadata("lenet-tutorial")["Requires-Python"]
    return Finding("Python", f"{platform.python_version()} (wanted: {wanted}), {sys.executable}")


def check_keras():
    start = time.perf_counter()
    from lenet_tutorial.quiet import keras, tf  # here, because it takes seconds and may fail

    seconds = time.perf_counter() - start
    return Finding("TensorFlow", f"{tf.__version__} with Keras {keras.__version__}, imported in {seconds:.1f} s")


def check_mnist():
    raw = load_raw()
    if raw.is_mnist:
        return Finding("MNIST", f"{len(raw.train_images):,} + {len(raw.test_images):,} digits, content verified")
    todo = f"connect to a network once, or set {MNIST_VARIABLE} to mnist.npz or a folder with the original files"
    return Finding("MNIST", f"not found: the lessons would run on the {raw.name}", todo)


def check_network():
    if not load_raw().is_mnist:
        return Finding("Trained network", "not looked at: it is trained on MNIST", "get MNIST first")
    from lenet_tutorial.training import trained_lenet

    start = time.perf_counter()
    trained = trained_lenet()
    seconds = time.perf_counter() - start
    return Finding("Trained network", f"{trained.model.count_params():,} parameters, at hand in {seconds:.0f} s")


def check_memory():
    try:
        import psutil
    except ImportError:
        return Finding("Memory", "unknown")
    free = psutil.virtual_memory().available / 1e9
    todo = "" if free >= MEMORY_NEEDED else f"close other programs until {MEMORY_NEEDED:.1f} GB are free"
    return Finding("Memory", f"{free:.1f} GB free", todo)


def check_disk():
    folder = cache_folder()
    there = next(path for path in (folder, *folder.parents) if path.exists())
    free = shutil.disk_usage(there).free / 1e9
    todo = "" if free >= DISK_NEEDED else f"free {DISK_NEEDED:.1f} GB for {folder}"
    return Finding("Disk", f"{free:.1f} GB free for {folder}", todo)


def check_lessons():
    found = lessons.find_lessons()
    names = ", ".join(lesson.name for lesson in found)
    if not found:
        return Finding("Lessons", f"none in {lessons.NOTEBOOKS}", "run this in a complete copy of the project")
    edited = [lesson.name[:2] for lesson in found if lessons.differences(lesson)]
    todo = f"edited, or half missing: {', '.join(edited)}; make fresh LESSON={edited[0]}" if edited else ""
    return Finding("Lessons", names, todo)


CHECKS = (check_python, check_keras, check_lessons, check_disk, check_memory, check_mnist, check_network)


def report(checks=CHECKS):
    """Run the checks and print what each found; a check that fails is a finding, not the end.

    Returns:
        True if the class can start.
    """
    findings = []
    for check in checks:
        try:
            finding = check()
        except Exception as error:  # whatever stops a lesson from running belongs into the report
            name = check.__name__.removeprefix("check_")
            finding = Finding(name, f"{type(error).__name__}: {error}", f"see the message at {name} above")
        print(f"{'ok  ' if not finding.todo else 'MISS'}  {finding.name:16} {finding.found}", flush=True)
        findings.append(finding)
    missing = [finding for finding in findings if finding.todo]
    for finding in missing:
        print(f"Not ready. {finding.name}: {finding.todo}")
    if not missing:
        print("Ready: the class can start, without a network too.")
    return not missing
