"""Checks that need environments of their own: ``nox -s version_bounds``, ``nox -s flakiness``."""

import re
import tomllib
from pathlib import Path

import nox

PROJECT = tomllib.loads(Path("pyproject.toml").read_text())["project"]
QUICK = ("tests", "notebooks/01_digits.ipynb", "notebooks/02_build.ipynb")


def oldest() -> list[str]:
    """Every package that the project names at its lower bound, as pip takes it."""
    extras = PROJECT["optional-dependencies"]
    named = [*PROJECT["dependencies"], *extras["lab"], *extras["cluster"], *extras["jax"]]
    return [re.sub(r">=\s*", "==", each) + ".*" * (each.count(".") == 0) for each in named]


@nox.session
@nox.parametrize("end", ["oldest", "newest"])
def version_bounds(session: nox.Session, end: str) -> None:
    """The tests, with the oldest versions that pyproject.toml allows, and with the newest there are."""
    session.install(*([] if end == "newest" else oldest()), "-e", ".[dev]")
    session.run("python", "-m", "pytest", "-n", "auto", *(session.posargs or QUICK))


@nox.session
def flakiness(session: nox.Session) -> None:
    """The unit tests ten times over: none may fail now and then."""
    session.install("-c", "constraints.txt", "-e", ".[dev]")
    session.run("python", "-m", "pytest", "-n", "auto", "--count=10", *(session.posargs or ("tests/unit",)))
