"""The study of shifts: moving against NumPy, the summary against SciPy, and a run that starts from the seed."""

import numpy as np
import pytest
from scipy import stats

from lenet_tutorial import data, evaluation
from lenet_tutorial.data import MNIST_VARIABLE
from lenet_tutorial.studies import shift
from lenet_tutorial.studies.shift import __main__ as program
from lenet_tutorial.studies.shift.run import Recipe, planned
from tests.unit.toy_study import DATA, MADE_ON


def made_up(seed, accuracy, architecture="dense"):
    settings = {"architecture": architecture, "seed": seed}
    return shift.STUDY.record(settings=settings, data=DATA, results={"accuracy": accuracy}, **MADE_ON)


@pytest.mark.parametrize("shape", [(784,), (28, 28)])
@pytest.mark.parametrize(("right", "down"), [(0, 0), (2, 0), (0, -3), (-28, 1), (5, 7), (28, 28)])
def test_moving_is_rolling_with_what_comes_back_wiped_out(shape, right, down):
    images = np.random.default_rng(0).integers(1, 255, (3, *shape)).astype(np.uint8)
    rolled = np.roll(images.reshape(3, 28, 28), (down, right), axis=(1, 2))
    rows, columns = np.mgrid[:28, :28]
    came_back = (rows - down < 0) | (rows - down > 27) | (columns - right < 0) | (columns - right > 27)
    found = evaluation.moved(images, right=right, down=down)
    assert found.dtype == np.uint8
    np.testing.assert_array_equal(found, np.where(came_back, 0, rolled).reshape(images.shape))


def test_what_cannot_be_moved_is_told():
    with pytest.raises(ValueError, match=r"images of shape \(n, 784\) or \(n, 28, 28\), got \(784,\)"):
        evaluation.moved(np.zeros(784))
    with pytest.raises(ValueError, match="at most 28 pixels, got right=0, down=-29"):
        evaluation.moved(np.zeros((1, 784)), down=-29)


def test_accuracies_are_means_over_seeds_with_their_intervals():
    drawn = np.random.default_rng(1).uniform(0.5, 0.9, (4, 5))
    records = [made_up(seed, row.tolist()) for seed, row in enumerate(drawn)] + [made_up(0, [1] * 5, "textbook")]
    for found, column in zip(shift.accuracies(records, "dense"), drawn.T, strict=True):
        low, high = stats.t.interval(0.95, 3, loc=column.mean(), scale=stats.sem(column))
        assert (found.low, found.value, found.high) == pytest.approx((low, column.mean(), high))
    with pytest.raises(ValueError, match="runs of 'wide', got none"):
        shift.accuracies(records, "wide")


@pytest.mark.parametrize("results", [{"accuracy": [0.5] * 4}, {"accuracy": [0.5] * 4 + [1.2]}, {}])
def test_results_that_cannot_be_right_are_refused(results):
    with pytest.raises((ValueError, KeyError)):
        shift.STUDY.record({"architecture": "dense", "seed": 0}, DATA, results, **MADE_ON).check()


def test_the_shipped_records_are_the_plan_and_say_what_the_lesson_says():
    records = shift.STUDY.read()
    assert records.missing(planned()) == []
    assert records.data["name"] == "MNIST"
    dense, textbook = ([each.value for each in shift.accuracies(records, name)] for name in ("dense", "textbook"))
    assert dense[0] > 0.95
    assert dense[0] - dense[2] > 2 * (textbook[0] - textbook[2])
    assert sorted(dense) == dense[::-1]


def test_a_run_trains_and_measures_on_moved_digits(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv(MNIST_VARIABLE, "sample")
    monkeypatch.setitem(shift.ARCHITECTURES, "dense", Recipe("784-1024-1024-10", "adam", 0.001, 1))
    path = tmp_path / "records.jsonl"
    arguments = ["--records", str(path), "--only", "dense", "--seeds", "1"]
    assert program.main(["run", *arguments, "--digits", "200"]) == 0
    (record,) = shift.STUDY.read(path)
    accuracy, n = record.results["accuracy"], min(200, len(data.load_digits().test))
    np.testing.assert_allclose(np.round(np.multiply(accuracy, n)), np.multiply(accuracy, n), atol=1e-6)
    assert accuracy[0] > 0.2, "it has learned something"
    assert program.main(["summary", *arguments]) == 0
    assert f"{100 * accuracy[0]:7.2f}" in capsys.readouterr().out
