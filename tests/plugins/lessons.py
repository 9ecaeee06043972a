"""pytest plugin: run the lessons with nbval, and compare what they show with what was recorded.

A cell's tags say how its outputs are compared:

    (no tag)   the text is the same, on MNIST and on the offline sample
    data       the output depends on the data: compared on MNIST, only run on the offline sample
    tol-0.005  decimal numbers may differ by 0.005 as printed; words, integers and layout may not
    varies     the output depends on the run: never compared, but an error in the cell still fails

Besides, the plugin
- ignores the timings of Keras's progress bars;
- compares which kinds of output a cell shows, since nbval skips pictures and a lost one would pass;
- fails a cell that writes to stderr or shows a library's warning, also where nothing is compared;
- looks up the data once, and hands it to all kernels, with one cache folder that is not the user's own;
- measures what each lesson costs, and fails far above its budget.
"""

import os
import re
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from nbval.plugin import IPyNbCell, IPyNbFile

from lenet_tutorial.data import CACHE_VARIABLE, MNIST_VARIABLE, DataError, load_raw, use_absolute_paths
from tests.plugins.cost import Cost, peak_memory
from tests.plugins.near import Near, tolerance_of
from tests.plugins.trouble import troubles

TRAINS = "04_train"  # trains the network that later lessons open
OPENS_NETWORK = "trained_lenet("
LONGEST_WAIT = 1200  # seconds for a lesson that needs the network which another worker trains

ON_MNIST = pytest.StashKey[bool]()
NOT_COMPARED, COST = "not compared", "cost"  # what a cell's report carries to the process that prints the summary
ASKED = pytest.StashKey[str]()

TIMING = re.compile(r"\d+s(?:\x1b\[0m)?(?: -)? \d+(?:us|ms|s)/step")
# Keras pads a finished bar with spaces to cover the longer text that it replaces; how many depends on the timing.
PADDING = re.compile(r"(/step.*?) +$", re.MULTILINE)


class Cell(IPyNbCell):
    """One code cell of a lesson."""

    @property
    def tags(self) -> list[str]:
        return self.cell.metadata.get("tags", [])

    def sanitize(self, value: object) -> object:
        """What is compared in place of an output's text."""
        value = super().sanitize(value)
        if not isinstance(value, str):
            return value
        text = PADDING.sub(r"\1", TIMING.sub("TIME/step", value))
        tolerance = tolerance_of(self.tags)
        return text if tolerance is None else Near(text, tolerance)

    def compare_outputs(self, now: list, recorded: list, skip_compare: tuple | None = None) -> bool:
        """nbval's comparison, and as many outputs of every MIME kind."""
        same = super().compare_outputs(now, recorded, skip_compare)
        if same and kinds(now) != kinds(recorded):
            self.comparison_traceback.append(f"recorded outputs: {kinds(recorded)}; now: {kinds(now)}")
            return False
        return same

    def runtest(self) -> None:
        """nbval's run; a line on stderr or a warning fails even where the tags switch the comparison off."""
        self.parent.last = self
        super().runtest()
        if found := troubles(self.test_outputs):
            self.raise_cell_error("Cell shows what no learner should meet", "\n".join(found))


class Lesson(IPyNbFile):
    """One lesson: a kernel, its cells, and what they cost."""

    def collect(self) -> Iterator[Cell]:
        for each in super().collect():
            yield Cell.from_parent(self, name=each.name, cell_num=each.cell_num, cell=each.cell, options=each.options)

    @property
    def opens_network(self) -> bool:
        """Whether it opens the network that another lesson trains."""
        return any(OPENS_NETWORK in cell.source for cell in self.nb.cells if cell.cell_type == "code")

    def setup(self) -> None:
        if getattr(self, "waits_for", None):
            wait_for(self.waits_for)
        super().setup()
        self.started = time.perf_counter()

    def teardown(self) -> None:
        cost = None
        if self.kernel is not None and self.kernel.is_alive():
            memory = peak_memory(self.kernel.km.provisioner.pid)
            cost = Cost(self.path.stem, time.perf_counter() - self.started, memory)
        super().teardown()
        if self.path.stem == TRAINS:
            trained_mark().touch()
        if cost:
            self.last.user_properties.append((COST, cost.told))
            assert cost.in_budget, cost.told


def kinds(outputs: list) -> dict[str, int]:
    """How many outputs of each MIME kind there are."""
    return dict(Counter(kind for output in outputs for kind in output.get("data", {})))


def trained_mark() -> Path:
    """The file that says: the lesson that trains the network has ended."""
    return Path(os.environ[CACHE_VARIABLE], f"{TRAINS}.ended")


def wait_for(mark: Path) -> None:
    """Wait until a file exists; after twenty minutes go on without it."""
    end = time.monotonic() + LONGEST_WAIT
    while not mark.exists() and time.monotonic() < end:
        time.sleep(0.5)


def hand_over_data(patch: pytest.MonkeyPatch, folder: Path) -> bool:
    """Look for the data as a learner's kernel would, and tell the kernels where it is. True if it is MNIST.

    They work with an empty cache. So MNIST that came from the user's cache or from a download is copied to ``folder``,
    and no kernel tries again a download that has failed.
    """
    asked = os.environ.get(MNIST_VARIABLE, "").strip()
    raw = load_raw()
    if not raw.is_mnist:
        patch.setenv(MNIST_VARIABLE, "sample")
    elif not asked:
        parts = {"x_train": raw.train_images, "y_train": raw.train_labels}
        np.savez(folder / "mnist.npz", **parts, x_test=raw.test_images, y_test=raw.test_labels)
        patch.setenv(MNIST_VARIABLE, str(folder / "mnist.npz"))
    return raw.is_mnist


def hand_over(config: pytest.Config, *, data: bool) -> None:
    """Set the kernels' cache folder and, if it is asked for, their data, for this process and the workers it starts."""
    patch = pytest.MonkeyPatch()
    config.add_cleanup(patch.undo)
    folder = tempfile.TemporaryDirectory(prefix="lessons-")
    config.add_cleanup(folder.cleanup)
    use_absolute_paths()
    config.stash[ASKED] = os.environ.get(MNIST_VARIABLE, "").strip()
    if data:
        try:
            config.stash[ON_MNIST] = hand_over_data(patch, Path(folder.name))
        except (DataError, OSError) as error:
            raise pytest.UsageError(f"the lessons have no data. {error}") from error
    if not os.environ.get(CACHE_VARIABLE, "").strip():
        patch.setenv(CACHE_VARIABLE, str(Path(folder.name, "cache")))
    Path(os.environ[CACHE_VARIABLE]).mkdir(parents=True, exist_ok=True)
    trained_mark().unlink(missing_ok=True)


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> Lesson | None:
    """Collect notebooks as lessons; ``--nbval`` would be nbval's own, plain comparison."""
    if file_path.suffix == ".ipynb" and not (parent.config.option.nbval or parent.config.option.nbval_lax):
        return Lesson.from_parent(parent, path=file_path)
    return None


def pytest_configure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput"):
        config.pluginmanager.register(Summary())
    if hasattr(config, "workerinput"):
        config.stash[ON_MNIST] = config.workerinput["on_mnist"]
    elif getattr(config.option, "numprocesses", None):  # the workers inherit this process's environment
        hand_over(config, data=True)


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node) -> None:
    node.workerinput["on_mnist"] = node.config.stash[ON_MNIST]


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    cells = [item for item in items if isinstance(item, Cell)]
    if ON_MNIST not in config.stash:
        hand_over(config, data=bool(cells) or any("on_mnist" in getattr(item, "fixturenames", ()) for item in items))
    lessons = {cell.parent.path.stem: cell.parent for cell in cells}
    for cell in cells:
        cell.parent.waits_for = TRAINS in lessons and cell.parent.opens_network and trained_mark()
        if "varies" in cell.tags:
            cell.options["check"] = False
        elif "data" in cell.tags and not config.stash[ON_MNIST]:
            cell.options["check"] = False
            cell.user_properties.append((NOT_COMPARED, cell.parent.path.stem))


def pytest_assertrepr_compare(left: object, right: object) -> list[str] | None:
    """The numbers too far apart; a diff would hide them among those that are near enough."""
    return left.too_far(right) if isinstance(left, Near) and isinstance(right, Near) else None


class Summary:
    """Collects what the cells' reports carry, also those from workers, and prints it at the end."""

    def __init__(self) -> None:
        self.costs: list[str] = []
        self.not_compared: Counter[str] = Counter()

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        for name, value in report.user_properties:
            if name == COST and report.when == "teardown":
                self.costs.append(value)
            elif name == NOT_COMPARED and report.when == "call":
                self.not_compared[value] += 1

    def pytest_terminal_summary(self, terminalreporter: "pytest.TerminalReporter", config: pytest.Config) -> None:
        for line in sorted(self.costs):
            terminalreporter.write_line(line)
        if self.costs:
            terminalreporter.write_line(self.data_line(config.stash[ON_MNIST], config.stash[ASKED]))

    def data_line(self, on_mnist: bool, asked: str) -> str:
        """One line: what the lessons run on, and what could not be compared for it."""
        if on_mnist:
            return "lessons: run on MNIST, every recorded output is compared but those of cells tagged `varies`"
        why = f"{MNIST_VARIABLE} asks for it" if asked else f"no MNIST found: set {MNIST_VARIABLE}"
        return (
            f"lessons: run on the offline sample; {self.not_compared.total()} cells tagged `data` in "
            f"{len(self.not_compared)} lessons are run but not compared with their recorded MNIST outputs ({why})"
        )


@pytest.fixture
def on_mnist(pytestconfig: pytest.Config) -> bool:
    """Whether the lessons run on MNIST in this session, rather than on the offline sample."""
    return pytestconfig.stash[ON_MNIST]
