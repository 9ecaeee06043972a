"""Both ends of what is supported: the oldest Python with the oldest packages, and the newest with the newest.

pyproject.toml states the range. The oldest end takes the lower bound of every package that it lists, in its newest
patch; what these in turn need is left to pip. Each end has an environment of its own, which takes minutes and 3 GB.
"""

import re
import shutil
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path

from packaging.requirements import Requirement

from lenet_tutorial.data import MNIST_VARIABLE
from tests.qa import again, cases
from tests.qa.check import Broken, Skipped
from tests.qa.records import Part
from tests.qa.tree import ROOT

NAME = "ends"
NOTHING = {"python": "-", "versions": [], "passed": 0}  # what is found where pytest itself breaks off
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
SHOWN = ("tensorflow", "keras", "numpy", "scipy", "scikit-learn", "matplotlib", "jupyterlab", "nbval", "pytest")
# What is run in each: the tests but the one that trains, two lessons to the digit, and all of them on the sample.
TRIED = (
    (("tests", f"--deselect={again.TRAINS}", "notebooks/01_digits.ipynb", "notebooks/02_build.ipynb"), {}),
    (("notebooks",), {MNIST_VARIABLE: "sample"}),
)


def parts():
    """The names of both ends."""
    return ["oldest", "newest"]


def pythons():
    """The oldest and the newest Python that pyproject.toml supports, as minor versions of Python 3."""
    low, high = re.fullmatch(r">=3\.(\d+),<3\.(\d+)", PROJECT["requires-python"]).groups()
    return {"oldest": int(low), "newest": int(high) - 1}


def floors():
    """The lower bound of every listed package as a constraint that allows its patches: ``numpy==2.0.*``."""
    listed = PROJECT["dependencies"] + PROJECT["optional-dependencies"]["dev"]
    bounds = {}
    for requirement in map(Requirement, listed):
        (floor,) = (each.version for each in requirement.specifier if each.operator == ">=")
        bounds[requirement.name] = f"{requirement.name}=={floor}{'.*' if floor.count('.') < 2 else ''}"
    return list(bounds.values())


def find_python(minor):
    """A Python of that version that starts: this one, one of pyenv's, or one on the path; None if there is none."""
    if sys.version_info[:2] == (3, minor):
        return sys.executable
    kept = sorted(Path("~/.pyenv/versions").expanduser().glob(f"3.{minor}.*/bin/python"), reverse=True)
    named = [*map(str, kept), *filter(None, [shutil.which(f"python3.{minor}")])]
    return next((each for each in named if _version(each) == f"3.{minor}"), None)


def _version(python):
    command = [python, "-c", "import sys; print('%d.%d' % sys.version_info[:2])"]
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout.strip()


def measure(name, tree):
    """Build one end's environment, and run tests and lessons in it.

    Raises:
        Skipped: there is no such Python here.
        Broken: its environment could not be built.
    """
    minor = pythons()[name]
    python = find_python(minor)
    if python is None:
        raise Skipped(f"no Python 3.{minor} was found")
    with tempfile.TemporaryDirectory(prefix="hold-end-") as folder:
        subprocess.run([python, "-m", "venv", folder], check=True)
        own = str(Path(folder, "Scripts" if sys.platform == "win32" else "bin", "python"))
        _install(own, tree, floors() if name == "oldest" else [])
        versions = _versions(own)
        subprocess.run([own, "-m", "lenet_tutorial", "settings"], cwd=tree, check=True, capture_output=True)
        found = []
        for nodes, variables in TRIED:
            found += cases.run(tree, *nodes, python=own, timeout=3600, **variables)
    passed = sum(case.outcome == "passed" for case in found)
    seconds = round(sum(case.seconds for case in found), 1)
    failed = [case.node for case in cases.failed(found)]
    return Part(NAME, name, failed, {"python": f"3.{minor}", "versions": versions, "passed": passed}, seconds)


def _install(python, tree, constraints):
    """Install the copy of the project, or raise :class:`Broken`: that may be the network's fault."""
    listed = tree.with_name("constraints.txt")
    listed.write_text("\n".join(constraints) + "\n")
    command = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-c", str(listed)]
    done = subprocess.run([*command, "-e", f"{tree}[dev]"], capture_output=True, text=True, check=False)
    if done.returncode:
        said = [line for line in done.stderr.splitlines() if line.startswith("ERROR")] or done.stderr.splitlines()
        raise Broken(f"pip could not install it: {' '.join(said)[:300]}")


def _versions(python):
    command = [python, "-m", "pip", "list", "--format=freeze", "--disable-pip-version-check"]
    listed = subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()
    found = dict(line.split("==") for line in listed if "==" in line)
    return [f"{name} {found[name]}" for name in SHOWN if name in found]
