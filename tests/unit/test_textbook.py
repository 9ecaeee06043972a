"""The textbook's numbers against themselves, and against its text where that is to be had."""

import ast
import re
from pathlib import Path

import pytest

from lenet_tutorial import textbook

NOTEBOOKS = Path(__file__).resolve().parents[2] / "notebooks"
TEXT = Path(__file__).resolve().parents[3] / "shared" / "document"


def test_parameters_follow_from_the_shapes():
    kernel, (first, second), dense = textbook.KERNEL_SIZE, textbook.N_FILTERS, textbook.N_DENSE
    by_hand = [
        first * (kernel**2 * textbook.N_DEPTH + 1),
        second * (kernel**2 * first + 1),
        dense * (7 * 7 * second + 1),
        textbook.N_OUTPUTS * (dense + 1),
    ]
    assert [layer.parameters for layer in textbook.LAYERS if layer.parameters] == by_hand
    assert sum(by_hand) == textbook.PARAMETERS == 3_255_914


def test_log_counts_its_epochs_and_falls():
    assert [epoch.number for epoch in textbook.LOG] == list(range(1, textbook.N_EPOCHS + 1))
    losses = [epoch.loss for epoch in textbook.LOG]
    assert losses == sorted(losses, reverse=True)


def test_the_figures_add_up_as_they_were_printed():
    """Where the textbook's text is not to be had, these sums by hand guard its figures."""
    sums = [sum(each.number * getattr(each, name) for each in textbook.LOG) for name in ("loss", "accuracy", "seconds")]
    assert sums == pytest.approx([5.9955, 53.2216, 15_339], abs=1e-9)
    assert (textbook.TEST_LOSS, textbook.TEST_ACCURACY) == (0.0628845927377, 0.9785)
    assert (textbook.LEARNING_RATE, textbook.N_EPOCHS, textbook.BATCH_SIZE) == (0.01, 10, 100)
    assert (textbook.N_TRAIN, textbook.N_VALIDATION, textbook.N_TEST) == (55_000, 5_000, 10_000)


@pytest.mark.parametrize("lesson", ["03_build", "04_train"])
def test_what_a_lesson_types_is_the_documents(lesson):
    """The textbook's own names, wherever these two lessons give them a plain value."""
    written = {"n_filters": list(textbook.N_FILTERS), "learning_rate": textbook.LEARNING_RATE}
    written |= {"n_epochs": textbook.N_EPOCHS, "batch_size": textbook.BATCH_SIZE}
    source = (NOTEBOOKS / f"{lesson}.py").read_text(encoding="utf-8")
    typed = [
        (target.id, ast.literal_eval(node.value))
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant | ast.List)
        for target in node.targets
        if isinstance(target, ast.Name) and target.id in written
    ]
    assert typed
    assert [each for each in typed if each[1] != written[each[0]]] == []


@pytest.fixture(scope="module")
def text():
    files = sorted(TEXT.glob("*.txt"))
    if not files:
        pytest.skip("the textbook's text is not to be had here (../shared/textbook)")
    return files[0].read_text(encoding="utf-8")


def test_log_is_the_documents(text):
    lines = re.findall(r"Epoch (\d+)/10\n55000/55000 \[=+\] - (\d+)s - loss: ([\d.]+) - acc: ([\d.]+)", text)
    printed = [textbook.Epoch(int(n), float(loss), float(acc), int(seconds)) for n, seconds, loss, acc in lines]
    assert tuple(printed) == textbook.LOG


def test_results_and_hyperparameters_are_the_documents(text):
    assert f"Test loss: {textbook.TEST_LOSS}" in text
    assert f"Test accuracy: {textbook.TEST_ACCURACY}" in text
    assert f"n_filters=[{textbook.N_FILTERS[0]},{textbook.N_FILTERS[1]}]" in text
    assert f"learning_rate = {textbook.LEARNING_RATE}" in text
    assert f"n_epochs = {textbook.N_EPOCHS}" in text
    assert f"batch_size = {textbook.BATCH_SIZE}" in text
    assert f"kernel_size={textbook.KERNEL_SIZE}" in text
    assert f"units={textbook.N_DENSE}" in text


def test_layer_table_is_the_documents(text):
    rows = re.findall(r"^(\w+) \((\w+)\)? +\(None, ([\d, ]+)\) +(\d+)", text, re.MULTILINE)
    printed = [(name, tuple(int(n) for n in shape.split(",")), int(count)) for name, _, shape, count in rows]
    assert printed == [(layer.name, layer.output_shape, layer.parameters) for layer in textbook.LAYERS]
    assert all(layer.kind.startswith(kind) for layer, (_, kind, _, _) in zip(textbook.LAYERS, rows, strict=True))
