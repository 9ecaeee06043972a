"""A copy of the project to do things to, and the environment in which the copy, and nothing else, is imported."""

import os
import shutil
import subprocess
import sys
import tempfile
from contextlib import contextmanager
from pathlib import Path

from lenet_tutorial.data import MNIST_VARIABLE

ROOT = Path(__file__).resolve().parents[2]
NOT_COPIED = shutil.ignore_patterns(".git", ".venv*", "__pycache__", ".*_cache", "mine", "*.egg-info", "build")


@contextmanager
def copied(tree=ROOT):
    """Give a copy of the project in a folder that vanishes; nothing that git ignores comes along.

    It has no neighbors: what lies beside the checkout, such as the textbook's text, is not there.
    """
    with tempfile.TemporaryDirectory(prefix="hold-") as folder:
        copy = Path(folder, "project")
        _copy(Path(tree), copy)
        _check_imports(copy)
        yield copy


def _copy(tree, copy):
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=tree, capture_output=True, check=False)
    if listed.returncode or not listed.stdout:  # a ZIP of the project
        shutil.copytree(tree, copy, ignore=NOT_COPIED)
        return
    for name in filter(None, listed.stdout.decode().split("\0")):
        if (tree / name).is_file():
            (copy / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(tree / name, copy / name)


def environment(tree, **more):
    """The variables under which Python finds the package in `tree`, though another copy may be installed.

    No byte code is written: two versions of a file, written in one second and of one length, would share it.
    """
    variables = os.environ | {"PYTHONPATH": str(tree), "PYTHONDONTWRITEBYTECODE": "1", "PYTHONHASHSEED": "0"}
    named = variables.get(MNIST_VARIABLE, "").strip()
    if named and named.lower() != "sample":
        variables[MNIST_VARIABLE] = str(Path(named).expanduser().resolve())
    return variables | more


def _check_imports(tree):
    command = [sys.executable, "-c", "import lenet_tutorial; print(lenet_tutorial.__file__)"]
    done = subprocess.run(command, cwd=tree, env=environment(tree), capture_output=True, text=True, check=True)
    if not Path(done.stdout.strip()).is_relative_to(tree.resolve()):
        raise RuntimeError(f"expected the package from {tree}, and Python took it from {done.stdout.strip()}")
