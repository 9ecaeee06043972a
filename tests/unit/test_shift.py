"""The study of shifts: moving against NumPy, the summary against SciPy, and runs that start from the seed."""

import re
from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from lenet_tutorial import data, evaluation
from lenet_tutorial.backend import keras
from lenet_tutorial.data import MNIST_VARIABLE
from lenet_tutorial.model import connections
from lenet_tutorial.studies import digits, shift
from lenet_tutorial.studies.shift import __main__ as program
from lenet_tutorial.studies.shift import train
from lenet_tutorial.studies.shift.run import Recipe, planned
from tests.unit.toy_study import DATA, MADE_ON

SMALL = [*shift.EQUAL, "convolutional, 6 and 14", "locally connected, shuffled"]


def made_up(seed, accuracy, architecture="dense", **images):
    settings = {"architecture": architecture, "seed": seed} | images
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
    with pytest.raises(ValueError, match="runs of 'wide' on all images, got none"):
        shift.accuracies(records, "wide")


def test_accuracies_are_of_one_number_of_images():
    drawn = np.random.default_rng(2).uniform(0.5, 0.9, (2, 3, 5))
    records = [
        made_up(seed, row.tolist(), "convolutional, pooled", images=n)
        for n, rows in zip((500, 5000), drawn, strict=True)
        for seed, row in enumerate(rows)
    ]
    for n, rows in zip((500, 5000), drawn, strict=True):
        found = shift.accuracies(records, "convolutional, pooled", n)
        assert [each.value for each in found] == pytest.approx(rows.mean(axis=0).tolist())
    for n, words in ((60_000, "60000 images"), (None, "all images")):
        with pytest.raises(ValueError, match=f"runs of 'convolutional, pooled' on {words}, got none"):
            shift.accuracies(records, "convolutional, pooled", n)


def test_gains_are_differences_paired_by_seed():
    first, second = np.random.default_rng(3).uniform(0.5, 0.9, (2, 4, 5))
    names = "fully connected", "convolutional, pooled"
    pairs = zip(names, (first, second), strict=True)
    records = [made_up(seed, row.tolist(), name, images=500) for name, rows in pairs for seed, row in enumerate(rows)]
    records = [
        *records[::-1],
        made_up(9, [0] * 5, "convolutional, pooled", images=500),
        made_up(0, [0] * 5, "convolutional, pooled", images=5000),
    ]
    for i, found in enumerate(shift.gains(records, *names, 500)):
        low, high = stats.ttest_rel(second[:, i], first[:, i]).confidence_interval(0.95)
        assert (found.low, found.high, found.n) == pytest.approx((low, high, 4))
    with pytest.raises(ValueError, match="runs of 'fully connected' on 5000 images, got none"):
        shift.gains(records, *names, 5000)


@pytest.mark.parametrize("results", [{"accuracy": [0.5] * 4}, {"accuracy": [0.5] * 4 + [1.2]}, {}])
def test_results_that_cannot_be_right_are_refused(results):
    with pytest.raises((ValueError, KeyError)):
        shift.STUDY.record({"architecture": "dense", "seed": 0}, DATA, results, **MADE_ON).check()


def test_the_plan_holds_the_ten_runs_of_before_and_none_twice():
    plan = planned()
    before = [{"architecture": name, "seed": seed} for seed in range(5) for name in ("dense", "textbook")]
    assert [each for each in plan if "images" not in each] == before
    assert len({frozenset(each.items()) for each in plan}) == len(plan)
    others = {(each["architecture"], each["images"], each["seed"]) for each in plan if "images" in each}
    assert others == {(name, n, seed) for name in SMALL for n in (500, 5000, 60_000) for seed in range(5)}
    assert planned(["convolutional, pooled"], 1) == [
        {"architecture": "convolutional, pooled", "seed": 0, "images": n} for n in shift.SIZES
    ]


def test_runs_are_told_apart_in_words():
    runs = [made_up(1, [0.5] * 5), made_up(1, [0.5] * 5, "convolutional, pooled", images=500)]
    assert [str(run).split(":")[0] for run in runs] == ["dense, seed 1", "convolutional, pooled, 500 images, seed 1"]


# The networks


def sizes(name):
    """The shapes of a network's weights, as kernels and biases follow one another."""
    return [tuple(each.shape) for each in train.BUILD[name]().weights]


def test_each_architecture_can_be_built_and_five_are_of_equal_size():
    assert set(train.BUILD) == set(shift.ARCHITECTURES)
    assert len(shift.EQUAL) == 5
    counts = [sum(np.prod(shape) for shape in sizes(name)) for name in shift.EQUAL]
    assert max(counts) <= 1.05 * min(counts)


def test_networks_differ_as_their_words_say():
    local, shared, pooled = (
        train.BUILD[name]() for name in ("locally connected", "convolutional", "convolutional, pooled")
    )
    first, second = (np.array(layer.output.shape[1:3]) for layer in local.layers[1:3])
    for one, other in zip(local.layers[1:3], shared.layers[1:3], strict=True):
        assert one.output.shape[:3] == other.output.shape[:3], "windows at the same positions"
        n_positions = np.prod(one.output.shape[1:3])
        assert one.kernel.shape[0] == n_positions, "each with kernels of its own"
        assert one.kernel.shape[1] == np.prod((5, 5, one.input.shape[-1])), "of the same size"
        assert tuple(other.kernel.shape[:2]) == (5, 5)
    assert (first.tolist(), second.tolist()) == ([12, 12], [4, 4])
    assert sizes("convolutional") == sizes("convolutional, pooled"), "the same kernels, at more positions"
    few = train.BUILD["convolutional, 6 and 14"]()
    assert [layer.output.shape for layer in few.layers] == [layer.output.shape for layer in local.layers]
    assert sum(connections(few).values()) == sum(connections(local).values())
    images = np.random.default_rng(0).random((2, 784), dtype=np.float32)
    pooled.set_weights(shared.get_weights())
    maps = np.array(pooled.layers[1](pooled.layers[0](images)))
    np.testing.assert_allclose(maps[:, ::2, ::2], shared.layers[1](shared.layers[0](images)), atol=1e-5)
    blocks = np.array(pooled.layers[2](maps)), maps.reshape(2, 12, 2, 12, 2, 32).max(axis=(2, 4))
    np.testing.assert_array_equal(*blocks)


def test_the_fully_connected_networks_are_of_the_sizes_that_their_words_say():
    for name in ("dense", "fully connected"):
        numbers = re.findall(r"\d+", shift.ARCHITECTURES[name].layers)
        hidden = [str(shape[0]) for shape in sizes(name)[1::2]][:-1]
        assert [n for n in numbers if n not in ("784", "10")] == hidden


def test_a_shuffled_network_sees_the_pixels_in_one_other_order():
    shuffled, images = train.BUILD["locally connected, shuffled"](), np.random.default_rng(0).random((3, 784), "f4")
    order = np.argsort(np.array(shuffled.layers[0](np.arange(784.0, dtype="f4")[None]))[0])
    plain = keras.Sequential([keras.Input((784,)), *shuffled.layers[1:]])
    np.testing.assert_allclose(shuffled.predict(images[:, order]), plain.predict(images), rtol=1e-5)
    assert np.mean(np.abs(np.diff(order)) == 1) < 0.02, "neighbors no more"


# Training


def test_digits_are_drawn_by_the_seed_and_come_equally_often():
    part = data.Split(np.arange(50.0)[:, None], np.arange(50.0)[:, None], np.arange(50))
    for n in (1, 20, 50, 99):
        found = train.drawn(part, n, 7)
        np.testing.assert_array_equal(found.images[:, 0], found.labels)
        np.testing.assert_array_equal(found.onehot[:, 0], found.labels)
        which, counts = np.unique(found.labels, return_counts=True)
        assert (len(found), len(which)) == (50, min(n, 50))
        assert np.ptp(counts) <= 1
        np.testing.assert_array_equal(train.drawn(part, n, 7).labels, found.labels)
        assert (train.drawn(part, n, 8).labels != found.labels).any()
    few, more = (set(train.drawn(part, n, 7).labels) for n in (20, 30))
    assert few < more, "more images are the same ones and others"


class Watched(keras.Sequential):
    """A small network that keeps the images that it was trained on."""

    def fit(self, images, *others, **settings):
        self.seen = images
        return super().fit(images, *others, **settings)


@pytest.mark.parametrize("images", [None, 20, 120])
def test_training_takes_as_many_steps_however_many_images_there_are(images, monkeypatch):
    monkeypatch.setenv(MNIST_VARIABLE, "sample")
    loaded, built, told = digits.load(100), [], []

    def build():
        built.append(Watched([keras.Input((784,)), keras.layers.Dense(10, activation="softmax")]))
        return built[-1]

    monkeypatch.setitem(train.BUILD, "convolutional, pooled", build)
    monkeypatch.setitem(
        shift.ARCHITECTURES, "convolutional, pooled", replace(shift.ARCHITECTURES["convolutional, pooled"], steps=6)
    )
    found = train.train("convolutional, pooled", images, 0, loaded, told.append)
    (model,) = built
    everything = loaded.train if images is None else digits.all_training(loaded)  # 100, or 200
    known = {image.tobytes() for image in everything.images}
    seen = {image.tobytes() for image in model.seen}
    assert seen <= known
    assert len(seen) == (images or 100)
    assert int(model.optimizer.iterations) == 6
    assert sum(told) == pytest.approx(1)
    assert len(found["accuracy"]) == len(shift.SHIFTS)


def test_planned_steps_are_whole_passes_over_mnist():
    for recipe in shift.ARCHITECTURES.values():
        for n in recipe.images:
            assert recipe.steps * train.BATCH_SIZE % (55_000 if n is None else 60_000) == 0


def test_the_shipped_records_are_the_plan_and_say_what_the_lesson_says():
    records = shift.STUDY.read()
    assert records.missing(planned()) == []
    assert records.data["name"] == "MNIST"
    dense, textbook = ([each.value for each in shift.accuracies(records, name)] for name in ("dense", "textbook"))
    assert dense[0] > 0.95
    assert dense[0] - dense[2] > 2 * (textbook[0] - textbook[2])
    assert sorted(dense) == dense[::-1]


@pytest.mark.parametrize("n", shift.SIZES)
def test_the_shipped_records_say_what_lesson_10_says(n):
    records = list(shift.STUDY.read())

    def gain(first, second, by=2):
        return shift.gains(records, first, second, n)[by]

    windows = gain("fully connected", "locally connected")
    sharing, pooling, both = (
        gain("locally connected", name).value
        for name in ("convolutional", "locally connected, pooled", "convolutional, pooled")
    )
    assert windows.low > 0
    assert gain("fully connected", "locally connected, shuffled").low < 0, "and nothing without neighbors"
    assert max(sharing, pooling) < 0.05
    assert both > max(0, sharing) + max(0, pooling)
    assert (both > windows.value) == (n == min(shift.SIZES))
    fewer = gain("locally connected", "convolutional, 6 and 14")
    assert fewer.low < 0 < fewer.high
    assert -0.011 < gain("locally connected", "convolutional, 6 and 14", by=0).high < 0


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


def test_a_run_at_equal_size_is_recorded_for_each_number_of_images(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv(MNIST_VARIABLE, "sample")
    recipe = replace(shift.ARCHITECTURES["locally connected"], steps=12, images=(50, 400))
    monkeypatch.setitem(shift.ARCHITECTURES, "locally connected", recipe)
    path = tmp_path / "records.jsonl"
    arguments = ["--records", str(path), "--only", "locally connected", "--seeds", "1"]
    assert program.main(["run", *arguments, "--digits", "300"]) == 0
    few, many = shift.STUDY.read(path)
    assert [run.settings.get("images") for run in (few, many)] == [50, 400]
    assert 0.15 < few.results["accuracy"][0] < many.results["accuracy"][0], "it has learned more from more"
    assert program.main(["summary", *arguments]) == 0
    told = capsys.readouterr().out
    for run, n in ((few, 50), (many, 400)):
        (line,) = (line for line in told.splitlines() if line.split()[:3] == ["locally", "connected", str(n)])
        assert all(f"{100 * each:7.2f}" in line for each in run.results["accuracy"])
