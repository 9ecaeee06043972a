"""Checks that need environments of their own: ``nox -s version_bounds``, ``nox -s flakiness``, ``nox -s mutants``."""

import nox

QUICK = ("tests", "notebooks/01_digits.ipynb", "notebooks/02_convolution.ipynb", "notebooks/03_build.ipynb")


@nox.session(venv_backend="uv")
@nox.parametrize("end", ["lowest-direct", "highest"])
def version_bounds(session: nox.Session, end: str) -> None:
    """The tests, with the oldest versions that pyproject.toml allows, and with the newest there are."""
    session.install("--resolution", end, "-e", ".[dev]")
    session.run("python", "-m", "pytest", "-n", "auto", *(session.posargs or QUICK))


@nox.session
def flakiness(session: nox.Session) -> None:
    """The unit tests ten times over: none may fail now and then."""
    session.install("-c", "constraints.txt", "-e", ".[dev]")
    session.run("python", "-m", "pytest", "-n", "auto", "--count=10", *(session.posargs or ("tests/unit",)))


@nox.session
def mutants(session: nox.Session) -> None:
    """Faults that a tool makes up, in the pure-Python core: which does no test notice? See [tool.mutmut]."""
    session.install("-c", "constraints.txt", "-e", ".[dev]", "mutmut>=3.8")
    session.run("mutmut", "run", *session.posargs, env={"LENET_TUTORIAL_MNIST": "sample"})
    session.run("mutmut", "results")
