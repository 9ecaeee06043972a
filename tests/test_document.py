"""The document's numbers against themselves, and against its text where that is to be had."""

import re
from pathlib import Path

import pytest

from lenet_tutorial import document

TEXT = Path(__file__).resolve().parents[2] / "shared" / "document"


def test_parameters_follow_from_the_shapes():
    kernel, (first, second), dense = document.KERNEL_SIZE, document.N_FILTERS, document.N_DENSE
    by_hand = [
        first * (kernel**2 * document.N_DEPTH + 1),
        second * (kernel**2 * first + 1),
        dense * (7 * 7 * second + 1),
        document.N_OUTPUTS * (dense + 1),
    ]
    assert [layer.parameters for layer in document.LAYERS if layer.parameters] == by_hand
    assert sum(by_hand) == document.PARAMETERS == 3_255_914


def test_log_counts_its_epochs_and_falls():
    assert [epoch.number for epoch in document.LOG] == list(range(1, document.N_EPOCHS + 1))
    losses = [epoch.loss for epoch in document.LOG]
    assert losses == sorted(losses, reverse=True)


@pytest.fixture(scope="module")
def text():
    files = sorted(TEXT.glob("*.txt"))
    if not files:
        pytest.skip("the document's text is not to be had here (../shared/document)")
    return files[0].read_text(encoding="utf-8")


def test_log_is_the_documents(text):
    lines = re.findall(r"Epoch (\d+)/10\n55000/55000 \[=+\] - (\d+)s - loss: ([\d.]+) - acc: ([\d.]+)", text)
    printed = [document.Epoch(int(n), float(loss), float(acc), int(seconds)) for n, seconds, loss, acc in lines]
    assert tuple(printed) == document.LOG


def test_results_and_hyperparameters_are_the_documents(text):
    assert f"Test loss: {document.TEST_LOSS}" in text
    assert f"Test accuracy: {document.TEST_ACCURACY}" in text
    assert f"n_filters=[{document.N_FILTERS[0]},{document.N_FILTERS[1]}]" in text
    assert f"learning_rate = {document.LEARNING_RATE}" in text
    assert f"n_epochs = {document.N_EPOCHS}" in text
    assert f"batch_size = {document.BATCH_SIZE}" in text
    assert f"kernel_size={document.KERNEL_SIZE}" in text
    assert f"units={document.N_DENSE}" in text


def test_layer_table_is_the_documents(text):
    rows = re.findall(r"^(\w+) \((\w+)\)? +\(None, ([\d, ]+)\) +(\d+)", text, re.MULTILINE)
    printed = [(name, tuple(int(n) for n in shape.split(",")), int(count)) for name, _, shape, count in rows]
    assert printed == [(layer.name, layer.output_shape, layer.parameters) for layer in document.LAYERS]
    assert all(layer.kind.startswith(kind) for layer, (_, kind, _, _) in zip(document.LAYERS, rows, strict=True))
