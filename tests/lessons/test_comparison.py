"""What the comparison of lessons lets pass and what it does not, on toy notebooks with outputs recorded by hand."""

import os
import re
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace

import nbformat
import numpy as np
import pytest
from nbformat.v4 import new_code_cell, new_notebook, new_output

from lenet_tutorial.tools.lessons import find_lessons
from tests.plugins import cost, lessons
from tests.plugins.near import Near, numbers, tolerance_of

ROOT = Path(__file__).resolve().parents[2]
BAR = "\x1b[1m200/200\x1b[0m \x1b[32m━━━━\x1b[0m\x1b[37m\x1b[0m \x1b[1m{}\x1b[0m {}/step - accuracy: 0.9 - loss: {}{}"
PICTURE = "display({{'image/png': '{}', 'text/plain': 'alt'}}, raw=True)"


def bar(*parts: str) -> str:
    return BAR.format(*parts)


def printed(text: str) -> list:
    return [new_output("stream", name="stdout", text=text + "\n")]


def pictured(data: str) -> list:
    return [new_output("display_data", {"image/png": data, "text/plain": "alt"})]


# What it is about: tags, the cell's code, its recorded outputs, and what a fresh run must report ("" passes).
DIFFER, RAISED = "Cell outputs differ", "Cell execution caused an exception"
TROUBLE = "Cell shows what no learner should meet"
CASES = {
    "a number equal": ("", "print(0.5)", printed("0.5"), ""),
    "a number near, but no tag": ("", "print(0.5)", printed("0.504"), DIFFER),
    "a number near": ("tol-0.005", "print(0.5)", printed("0.504"), ""),
    "a number beyond the tolerance": ("tol-0.005", "print(0.5)", printed("0.506"), DIFFER),
    "an integer changed": ("tol-5", "print('7 of 0.5')", printed("8 of 0.5"), DIFFER),
    "a word changed": ("tol-5", "print('loss 0.5')", printed("cost 0.5"), DIFFER),
    "a number near, as the cell's value": (
        "tol-0.005",
        "0.5",
        [new_output("execute_result", {"text/plain": "0.504"}, execution_count=8)],
        "",
    ),
    "a line lost": ("", "print('a')", printed("a\nb"), DIFFER),
    "something on stderr": ("", "import sys; print('oh', file=sys.stderr)", [], DIFFER),
    "data": ("data", "print('sample')", printed("MNIST"), ""),
    "data, and an error": ("data", "raise ValueError", printed("MNIST"), RAISED),
    "data, and something on stderr": ("data", "import sys; print('oh', file=sys.stderr)", [], TROUBLE),
    "data, and a warning": ("data", "print('a')\nprint('WARNING:tensorflow:b')", printed("a"), TROUBLE),
    "varies": ("varies", "print(1); assert True", printed("2"), ""),
    "varies, and its assert fails": ("varies", "print(1); assert False", printed("2"), RAISED),
    "another picture": ("", PICTURE.format("AAAA"), pictured("BBBB"), ""),
    "a picture lost": ("", "display({'text/plain': 'alt'}, raw=True)", pictured("BBBB"), DIFFER),
    "a bar with other timing": (
        "tol-0.01",
        f"print({bar('0s', '850us', '0.401', '')!r})",
        printed(bar("12s", "3ms", "0.395", "   ")),
        "",
    ),
    "a bar with another loss": (
        "tol-0.01",
        f"print({bar('1s', '2ms', '0.401', '')!r})",
        printed(bar("1s", "2ms", "0.429", "")),
        DIFFER,
    ),
    "the kernel's data": ("", "import os; print(os.environ['LENET_TUTORIAL_MNIST'])", printed("sample"), ""),
    "the kernel's cache": ("", "print(os.path.isabs(os.environ['LENET_TUTORIAL_CACHE']))", printed("True"), ""),
    "the kernel's folder": ("", "print(os.path.exists('toy.ipynb'))", printed("True"), ""),
}


def run_notebook(path: Path, **environment: str) -> dict[int, str]:
    """Run one notebook in a pytest of its own: "" for a cell that passed, else what was reported, by nbval's number."""
    report = path.with_suffix(".xml")
    options = [
        "-c",
        "pyproject.toml",
        "-p",
        "tests.plugins.lessons",
        "-p",
        "no:cacheprovider",
        "--color=no",
        f"--junitxml={report}",
        str(path),
    ]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *options],
        cwd=ROOT,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode not in (0, 1):  # all passed, some failed
        raise RuntimeError(f"pytest ended with {done.returncode}\n{done.stdout}\n{done.stderr}")
    outcome = {}
    for case in ElementTree.parse(report).iter("testcase"):
        failures = [child.text or "" for child in case if child.tag in ("failure", "error", "skipped")]
        outcome[int(re.fullmatch(r"Cell (\d+)", case.get("name"))[1])] = "\n".join(failures)
    return outcome


@pytest.fixture(scope="module")
def outcome(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """One run over all cases; a kernel takes seconds to start."""
    cells = []
    for position, (tags, code, outputs, _) in enumerate(CASES.values(), 1):
        metadata = {"tags": tags.split()}
        cells.append(new_code_cell(code, outputs=outputs, execution_count=position, metadata=metadata))
    path = tmp_path_factory.mktemp("toy") / "toy.ipynb"
    nbformat.write(new_notebook(cells=cells), path)
    return dict(zip(CASES, run_notebook(path, LENET_TUTORIAL_MNIST="sample").values(), strict=True))


@pytest.mark.parametrize("case", CASES)
def test_a_fresh_run_is_compared(outcome: dict[str, str], case: str):
    reported = CASES[case][-1]
    assert reported in outcome[case]
    assert bool(outcome[case]) == bool(reported), outcome[case]


def test_a_failure_names_the_numbers_that_are_too_far_apart(outcome: dict[str, str]):
    assert "recorded 0.506, now 0.5: more than 0.005 apart" in outcome["a number beyond the tolerance"]
    assert "recorded 0.429, now 0.401: more than 0.01 apart" in outcome["a bar with another loss"]
    assert "recorded 0.9" not in outcome["a bar with another loss"]
    assert "apart" not in outcome["a word changed"]


def test_data_that_cannot_be_read_stops_the_run(tmp_path: Path):
    nbformat.write(new_notebook(cells=[new_code_cell("1")]), tmp_path / "toy.ipynb")
    with pytest.raises(RuntimeError, match=r"the lessons have no data.*nowhere\.npz"):
        run_notebook(tmp_path / "toy.ipynb", LENET_TUTORIAL_MNIST="nowhere.npz")


# --- Numbers ---


@pytest.mark.parametrize(
    ("recorded", "now", "equal"),
    [
        ("0.9785", "0.9885", True),  # the tolerance itself is allowed, whatever binary fractions make of it
        ("0.9785", "0.98851", False),
        ("97.85 %", "97.84 %", True),
        ("0.001", "-0.001", True),
        ("\N{MINUS SIGN}0.12", "-0.12", True),
        ("1,234.50", "1,234.51", True),
        ("1,234.5", "1,235.5", False),
        ("1e-05", "3.2e-05", True),
        ("9.9990e-04", "0.0010", True),
        ("1e+16", "2e+16", False),
        ("0.5", "0.5000", True),
        ("[0.1,234.5]", "[0.1,234.5]", True),
        ("(0.06, 0.98)", "(0.061, 0.979)", True),
        ("(0.06, 0.98)", "(0.061, 0.99001)", False),
        ("\x1b[1m0.50\x1b[0m", "\x1b[1m0.51\x1b[0m", True),
        ("\x1b[1m0.50\x1b[0m", "\x1b[2m0.50\x1b[0m", False),
        ("0.5s", "0.51s", True),
        ("The end is 0.5.", "The end is 0.51.", True),
        ("7", "7.0", False),
        ("7", "8", False),
        ("0.50", "nan", False),
        ("nan", "nan", True),
        ("0.5", "inf", False),
        ("0.5 and 0.6", "0.5", False),
        ("0.5  a", "0.5 a", False),
        ("version 2.21.0", "version 2.21.1", False),
        ("v0.5", "v0.501", False),
        ("3-0.5", "3+0.5", False),
    ],
)
def test_only_decimal_numbers_may_differ(recorded: str, now: str, equal: bool):
    a, b = (Near(text, Decimal("0.01")) for text in (recorded, now))
    assert (a == b) is equal
    assert (a != b) is not equal


def test_numbers_are_found_by_hand():
    text = "loss 0.0885, (28, 28) 1,234.5 \N{MINUS SIGN}2.5 1e-05 3-0.25 2.21.0 12.03.2024 v1.5 10 97.85% 8."
    assert numbers(text) == [Decimal(n) for n in ("0.0885", "1234.5", "-2.5", "0.00001", "0.25", "97.85")]


def test_a_tolerance_is_read_from_one_tag():
    assert tolerance_of(["data", "tol-0.005"]) == Decimal("0.005")
    assert tolerance_of(["data"]) is None


@pytest.mark.parametrize("tags", [["tol-small"], ["tol-0.1", "tol-0.2"], ["tol"], ["tol-0,1"], ["tolerance-1"]])
def test_a_tolerance_that_cannot_be_read_is_an_error(tags: list[str]):
    with pytest.raises(ValueError, match=f"expected one tolerance tag such as tol-0.005, got {tags[0]}"):
        tolerance_of(tags)


# --- Data ---


def toy_digits(*, is_mnist: bool) -> SimpleNamespace:
    arrays = {name: np.full(2, position) for position, name in enumerate(("train_images", "train_labels"))}
    return SimpleNamespace(is_mnist=is_mnist, test_images=np.full(2, 2), test_labels=np.full(2, 3), **arrays)


def test_without_mnist_no_kernel_tries_the_download_again(monkeypatch, tmp_path: Path):
    monkeypatch.setenv("LENET_TUTORIAL_MNIST", "")
    monkeypatch.setattr(lessons, "load_raw", lambda: toy_digits(is_mnist=False))
    assert not lessons.hand_over_data(monkeypatch, tmp_path)
    assert os.environ["LENET_TUTORIAL_MNIST"] == "sample"


def test_mnist_from_the_users_cache_is_copied_for_the_kernels(monkeypatch, tmp_path: Path):
    monkeypatch.delenv("LENET_TUTORIAL_MNIST", raising=False)
    monkeypatch.setattr(lessons, "load_raw", lambda: toy_digits(is_mnist=True))
    assert lessons.hand_over_data(monkeypatch, tmp_path)
    with np.load(os.environ["LENET_TUTORIAL_MNIST"]) as copy:
        assert {name: int(copy[name][0]) for name in copy} == {"x_train": 0, "y_train": 1, "x_test": 2, "y_test": 3}


# --- What a lesson costs ---


def test_every_lesson_is_in_the_readme_and_has_the_budget_that_is_promised_there():
    """A budget doubled in silence would let a lesson take six times as long as its reader was told."""
    rows = re.findall(r"^\| \[.+?\]\(notebooks/(\w+)\.ipynb\) .*\| ([^|]+) \|$", (ROOT / "README.md").read_text(), re.M)
    assert [name for name, _ in rows] == [lesson.name for lesson in find_lessons()]
    promised = {name[:2]: int(found[1]) for name, words in rows if (found := re.fullmatch(r"under (\d+) s", words))}
    assert promised
    assert {number: cost.SECONDS[number] for number in promised} == promised


@pytest.mark.parametrize(
    ("seconds", "memory", "in_budget"), [(30, 1499, True), (89, None, True), (91, 900, False), (5, 1751, False)]
)
def test_a_lesson_fails_far_above_its_budget(seconds: float, memory: float | None, in_budget: bool):
    assert cost.Cost("01_digits", seconds, memory).in_budget is in_budget


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a process's peak memory")
def test_peak_memory_remembers_what_was_freed():
    """In a process of its own, whose peak is not already higher because of another test."""
    code = (
        "import os, numpy as np; from tests.plugins.cost import peak_memory; before = peak_memory(os.getpid()); "
        "block = np.ones(50_000_000); del block; print(before, peak_memory(os.getpid()))"
    )
    run = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    before, after = map(float, run.stdout.split())
    assert 350 < after - before < 500  # the block has 400 MB
