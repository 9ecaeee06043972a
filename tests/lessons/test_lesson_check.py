"""What the comparison of lessons lets pass and what it does not, on toy notebooks with outputs recorded by hand."""

import os
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace

import nbformat
import numpy as np
import pytest
from nbformat.v4 import new_code_cell, new_notebook, new_output

from tests.plugins import lesson_check
from tests.plugins.lesson_check import set_aside
from tests.plugins.nbval_runs import run_notebook
from tests.plugins.near import Near, numbers, tolerance_of

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


def toy_cell(*tags: str) -> SimpleNamespace:
    cell = SimpleNamespace(metadata={"tags": list(tags)})
    return SimpleNamespace(cell=cell, options={"check": True}, path=Path("01_toy.ipynb"))


@pytest.mark.parametrize(("on_mnist", "compared"), [(True, [True, True, False]), (False, [True, False, False])])
def test_what_is_compared_depends_on_tags_and_data(on_mnist: bool, compared: list[bool]):
    cells = [toy_cell("tol-0.1"), toy_cell("data", "tol-0.1"), toy_cell("varies", "data")]
    waiting = set_aside(cells, on_mnist=on_mnist)
    assert [cell.options["check"] for cell in cells] == compared
    assert waiting == ([] if on_mnist else [cells[1]])


def test_one_line_says_what_was_not_compared_and_why():
    cells = [toy_cell("data"), toy_cell("data")]
    line = lesson_check.say(cells, on_mnist=False, asked="")
    assert "2 cells tagged `data` in 1 lessons" in line
    assert "no MNIST found: set LENET_TUTORIAL_MNIST" in line
    assert "LENET_TUTORIAL_MNIST asks for it" in lesson_check.say(cells, on_mnist=False, asked="sample")
    assert "\n" not in line
    assert "on MNIST" in lesson_check.say([], on_mnist=True, asked="")


def toy_digits(*, is_mnist: bool) -> SimpleNamespace:
    arrays = {name: np.full(2, position) for position, name in enumerate(("train_images", "train_labels"))}
    return SimpleNamespace(is_mnist=is_mnist, test_images=np.full(2, 2), test_labels=np.full(2, 3), **arrays)


@pytest.mark.parametrize(
    ("asked", "is_mnist", "expected"),
    [
        ("", False, "sample"),  # and so no kernel tries the download again
        ("some/mnist.npz", True, str(Path.cwd() / "some" / "mnist.npz")),
        ("~/mnist.npz", True, str(Path.home() / "mnist.npz")),
    ],
)
def test_the_kernels_are_told_which_data(monkeypatch, tmp_path: Path, asked: str, is_mnist: bool, expected: str):
    monkeypatch.setenv("LENET_TUTORIAL_MNIST", asked)
    monkeypatch.setattr(lesson_check, "load_raw", lambda: toy_digits(is_mnist=is_mnist))
    assert lesson_check.hand_over_data(monkeypatch, tmp_path) is is_mnist
    assert os.environ["LENET_TUTORIAL_MNIST"] == expected


def test_mnist_from_the_users_cache_is_copied_for_the_kernels(monkeypatch, tmp_path: Path):
    monkeypatch.delenv("LENET_TUTORIAL_MNIST", raising=False)
    monkeypatch.setattr(lesson_check, "load_raw", lambda: toy_digits(is_mnist=True))
    assert lesson_check.hand_over_data(monkeypatch, tmp_path)
    with np.load(os.environ["LENET_TUTORIAL_MNIST"]) as copy:
        assert {name: int(copy[name][0]) for name in copy} == {"x_train": 0, "y_train": 1, "x_test": 2, "y_test": 3}
