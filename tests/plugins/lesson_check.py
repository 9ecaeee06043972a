"""pytest plugin on top of nbval: what a lesson's recorded outputs must have in common with a fresh run.

nbval runs every cell and compares text exactly. A cell's tags say what else is meant:

    (no tag)   the text is the same, on MNIST and on the offline sample alike
    data       the output depends on the data: compared on MNIST, only run on the offline sample
    tol-0.005  decimal numbers may differ by 0.005 as printed; words, integers and layout may not
    varies     the output depends on the run: never compared, but an error in the cell still fails

Besides, the plugin
- leaves the timings of Keras's progress bars out of the comparison;
- compares which kinds of output a cell shows: nbval skips pictures, so that a lost one would pass;
- fails a cell that writes to stderr or shows a library's warning, also where nothing is compared;
- finds out once which data the lessons get, and hands it to their kernels through the environment, with a cache
  folder of the session's own, so that no run reads or changes the networks that the user has trained.
"""

import os
import re
import tempfile
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from nbval.plugin import IPyNbCell

from lenet_tutorial.data import CACHE_VARIABLE, MNIST_VARIABLE, DataError, load_raw
from tests.plugins.near import Near, tolerance_of
from tests.plugins.trouble import troubles

ON_MNIST = pytest.StashKey[bool]()
REPORT = pytest.StashKey[str]()

TIMING = re.compile(r"\d+s(?:\x1b\[0m)?(?: -)? \d+(?:us|ms|s)/step")
# Keras pads a finished bar with spaces to cover the longer text that it replaces; how many depends on the timing.
PADDING = re.compile(r"(/step.*?) +$", re.MULTILINE)

nbval_sanitize, nbval_compare_outputs = IPyNbCell.sanitize, IPyNbCell.compare_outputs
nbval_runtest = IPyNbCell.runtest


def sanitize(cell: IPyNbCell, value: object) -> object:
    """What nbval compares in place of an output's text."""
    value = nbval_sanitize(cell, value)
    if not isinstance(value, str):
        return value
    text = PADDING.sub(r"\1", TIMING.sub("TIME/step", value))
    tolerance = tolerance_of(tags_of(cell))
    return text if tolerance is None else Near(text, tolerance)


def compare_outputs(cell: IPyNbCell, now: list, recorded: list, skip_compare: tuple | None = None) -> bool:
    """nbval's comparison, and as many outputs of every MIME kind."""
    same = nbval_compare_outputs(cell, now, recorded, skip_compare)
    if same and kinds(now) != kinds(recorded):
        cell.comparison_traceback.append(f"recorded outputs: {kinds(recorded)}; now: {kinds(now)}")
        return False
    return same


def runtest(cell: IPyNbCell) -> None:
    """nbval's run of a cell; a line on stderr or a warning fails even where the tags switch the comparison off."""
    nbval_runtest(cell)
    if found := troubles(cell.test_outputs):
        cell.raise_cell_error("Cell shows what no learner should meet", "\n".join(found))


IPyNbCell.sanitize, IPyNbCell.compare_outputs, IPyNbCell.runtest = sanitize, compare_outputs, runtest


def pytest_assertrepr_compare(left: object, right: object) -> list[str] | None:
    """The numbers too far apart; a diff would hide them among those that are near enough."""
    return left.too_far(right) if isinstance(left, Near) and isinstance(right, Near) else None


def kinds(outputs: list) -> dict[str, int]:
    return dict(Counter(kind for output in outputs for kind in output.get("data", {})))


def tags_of(cell: IPyNbCell) -> list[str]:
    return cell.cell.metadata.get("tags", [])


def set_aside(cells: list[IPyNbCell], *, on_mnist: bool) -> list[IPyNbCell]:
    """Switch the comparison off where the tags say so; return the cells that are not compared for want of MNIST."""
    waiting = []
    for cell in cells:
        tags = tags_of(cell)
        if "varies" in tags:
            cell.options["check"] = False
        elif "data" in tags and not on_mnist:
            cell.options["check"] = False
            waiting.append(cell)
    return waiting


def hand_over_data(patch: pytest.MonkeyPatch, folder: Path) -> bool:
    """Look for the data as a learner's kernel would, and tell the kernels where it is. True if it is MNIST.

    They work in another folder and with an empty cache. So a path is made absolute, MNIST that came from the user's
    cache or from a download is copied to ``folder``, and no kernel tries again a download that has failed.
    """
    asked = os.environ.get(MNIST_VARIABLE, "").strip()
    raw = load_raw()
    if not raw.is_mnist:
        patch.setenv(MNIST_VARIABLE, "sample")
    elif asked:
        patch.setenv(MNIST_VARIABLE, str(Path(asked).expanduser().resolve()))
    else:
        parts = {"x_train": raw.train_images, "y_train": raw.train_labels}
        np.savez(folder / "mnist.npz", **parts, x_test=raw.test_images, y_test=raw.test_labels)
        patch.setenv(MNIST_VARIABLE, str(folder / "mnist.npz"))
    return raw.is_mnist


def say(waiting: list[IPyNbCell], *, on_mnist: bool, asked: str) -> str:
    """One line: what the lessons run on, and what could not be compared for it."""
    if on_mnist:
        return "lessons: run on MNIST, every recorded output is compared but those of cells tagged `varies`"
    lessons = len({cell.path for cell in waiting})
    why = f"{MNIST_VARIABLE} asks for it" if asked else f"no MNIST found: set {MNIST_VARIABLE}"
    return (
        f"lessons: run on the offline sample; {len(waiting)} cells tagged `data` in {lessons} lessons are run but not "
        f"compared with their recorded MNIST outputs ({why})"
    )


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    patch = pytest.MonkeyPatch()
    config.add_cleanup(patch.undo)
    folder = tempfile.TemporaryDirectory(prefix="lessons-")
    config.add_cleanup(folder.cleanup)
    cells = [item for item in items if isinstance(item, IPyNbCell)]
    if cells or any("on_mnist" in getattr(item, "fixturenames", ()) for item in items):
        asked = os.environ.get(MNIST_VARIABLE, "").strip()
        try:
            on_mnist = hand_over_data(patch, Path(folder.name))
        except (DataError, OSError) as error:
            raise pytest.UsageError(f"the lessons have no data. {error}") from error
        config.stash[ON_MNIST] = on_mnist
        config.stash[REPORT] = say(set_aside(cells, on_mnist=on_mnist), on_mnist=on_mnist, asked=asked)
    cache = os.environ.get(CACHE_VARIABLE, "").strip() or Path(folder.name, "cache")
    patch.setenv(CACHE_VARIABLE, str(Path(cache).expanduser().resolve()))


def pytest_report_collectionfinish(config: pytest.Config) -> str | list[str]:
    return config.stash.get(REPORT, [])


def pytest_terminal_summary(terminalreporter: "pytest.TerminalReporter", config: pytest.Config) -> None:
    if REPORT in config.stash:
        terminalreporter.write_line(config.stash[REPORT])


@pytest.fixture
def on_mnist(pytestconfig: pytest.Config) -> bool:
    """Whether the lessons run on MNIST in this session, rather than on the offline sample."""
    return pytestconfig.stash[ON_MNIST]
