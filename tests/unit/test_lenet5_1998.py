"""The table of 1998 run again: its plan, its classifiers against NumPy and scikit-learn, its networks by the papers."""

import os
import re
import subprocess
import sys
from dataclasses import replace
from itertools import combinations, pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from sklearn.linear_model import RidgeClassifier
from threadpoolctl import threadpool_limits

from lenet_tutorial import data
from lenet_tutorial.backend import keras
from lenet_tutorial.lenet5 import build_lenet5, codes
from lenet_tutorial.model import connections
from lenet_tutorial.studies import digits, intervals
from lenet_tutorial.studies.lenet5_1998 import __main__ as program
from lenet_tutorial.studies.lenet5_1998 import classical, errors, networks
from lenet_tutorial.studies.lenet5_1998.networks import LENET1_TABLE, NETWORKS, Training
from lenet_tutorial.studies.lenet5_1998.run import STUDY, planned
from lenet_tutorial.studies.lenet5_1998.table import ALL, ROWS, VARIANTS
from tests.unit.on_jax import ROOT
from tests.unit.toy_study import DATA, MADE_ON, N_TEST, sample  # noqa: F401

RESULTS = {
    "misread": [3, 5, 1999],
    "parameters": 60_000,
    "operations": 340_908,
    "training_seconds": 2.5,
    "training_misread": 4,
}


def made_up(row="lenet5", seed=0, **results):
    """A record of a run that never was."""
    return STUDY.record({"row": row, "seed": seed}, DATA, RESULTS | results, **MADE_ON)


@pytest.fixture(scope="module")
def few():
    """100 training digits, 100 for validation, 100 to test."""
    return digits.load(100)


@pytest.fixture(autouse=True)
def one_thread():
    """Threads of NumPy and scikit-learn wait for each other where other processes are busy, too."""
    with threadpool_limits(1):
        yield


# The plan


def test_every_row_of_the_paper_is_planned():
    rows = {each["row"] for each in planned()}
    assert rows == set(ALL) == set(ROWS) | set(VARIANTS)
    assert not set(ROWS) & set(VARIANTS)
    # Section III and figure 9: errors in percent, those that we have a row for.
    paper = {12.0, 8.4, 5.0, 2.4, 3.3, 3.6, 1.4, 1.1, 4.7, 4.5, 3.05, 2.95, 1.7, 0.95, 0.8}
    assert {row.paper for row in ROWS.values()} - {None} == paper


def test_rows_without_chance_are_planned_once_and_others_for_each_seed():
    plan = [(each["row"], each["seed"]) for each in planned(seeds=7)]
    assert len(plan) == len(set(plan))
    for name, row in ALL.items():
        chance = row.network or name == "rbf"  # k-means starts somewhere
        assert [seed for each, seed in plan if each == name] == list(range(7 if chance else 1))
    assert [seed for _, seed in plan] == sorted(seed for _, seed in plan), "every row once, before any again"
    assert planned(["svm", "300"], 2) == [
        {"row": "svm", "seed": 0},
        {"row": "300", "seed": 0},
        {"row": "300", "seed": 1},
    ]


def test_every_row_can_be_trained():
    assert {name for name, row in ALL.items() if row.network} == set(NETWORKS)
    assert {name for name, row in ALL.items() if not row.network} == set(classical.FIT)


# Digits


def test_all_training_digits_are_those_of_the_file_in_their_order():
    raw, found = data.load_raw(), digits.all_training(data.load_digits())
    np.testing.assert_array_equal(np.round(found.images * 255).reshape(-1, 28, 28), raw.train_images)
    np.testing.assert_array_equal(found.labels, raw.train_labels)
    np.testing.assert_array_equal(found.onehot.argmax(axis=1), raw.train_labels)
    assert (found.images.dtype, found.onehot.sum(), len(found)) == (np.float32, len(found), len(raw.train_labels))


def slant(images):
    """By how many pixels the ink moves to the right from a row to the next: a line of least squares through it."""
    rows, columns = np.mgrid[:28, :28].reshape(2, -1)
    fits = [np.polyfit(rows, columns, 1, w=np.sqrt(image.astype(np.float64)))[0] for image in images.reshape(-1, 784)]
    return np.array(fits)


def stroke(slope, width=2.0, top=5, bottom=22, column=13.5):
    """A straight stroke, (784,), with soft edges."""
    rows, columns = np.mgrid[:28, :28]
    away = np.abs(columns - column - slope * (rows - (top + bottom) / 2))
    ink = np.clip(width - away, 0, 1) * ((top <= rows) & (rows <= bottom))
    return ink.reshape(-1).astype(np.float32)


@settings(deadline=None, max_examples=50)
@given(
    st.floats(-0.8, 0.8), st.floats(1, 3), st.integers(3, 8), st.integers(18, 24), st.floats(12, 15), st.integers(-1, 1)
)
def test_a_slanted_stroke_comes_out_upright_and_keeps_its_ink(slope, width, top, bottom, column, second):
    image = stroke(slope, width, top, bottom, column)
    if second:  # and a shorter one beside it
        image = np.maximum(image, stroke(slope, width, top + 4, bottom, column + 4 * second))
    found = classical.deslanted(image[None])
    assert found.dtype == np.float32
    assert slant(found)[0] == pytest.approx(0, abs=0.01)
    rows, before = (each.reshape(28, 28).sum(axis=1) for each in (found, image))
    np.testing.assert_allclose(rows, before, atol=1e-3)  # each row moves sideways, and nothing gets lost
    if not second:
        center = np.average(np.arange(28), weights=before)
        columns = found.reshape(28, 28)[rows > 0] @ np.arange(28) / rows[rows > 0]
        np.testing.assert_allclose(columns, column + slope * (center - (top + bottom) / 2), atol=0.1)


@settings(deadline=None, max_examples=20)
@given(st.integers(0, 2**32 - 1))
def test_a_symmetric_digit_is_left_alone(seed):
    half = np.pad(np.random.default_rng(seed).random((2, 28, 13), dtype=np.float32), ((0, 0), (0, 0), (1, 0)))
    images = np.concatenate([half, half[..., ::-1]], axis=2).reshape(2, 784)
    np.testing.assert_allclose(classical.deslanted(images), images, atol=1e-5)


def test_an_empty_image_and_real_digits_are_deslanted_without_harm():
    images = data.load_digits().test.images
    found = classical.deslanted(images)
    assert np.abs(slant(images)).max() > 0.2
    np.testing.assert_allclose(slant(found), 0, atol=0.01)
    np.testing.assert_allclose(found.sum(axis=1), images.sum(axis=1), rtol=1e-4)
    np.testing.assert_allclose(classical.deslanted(found), found, atol=0.02)
    assert not classical.deslanted(np.zeros((1, 784), np.float32)).any()


# Classifiers that are not networks


def size_of(model):
    """How many fitted numbers a scikit-learn model or each step of a pipeline holds that its prediction needs."""
    names = ("coef_", "intercept_", "components_", "mean_", "support_vectors_", "dual_coef_", "_fit_X")
    held = {name: getattr(model, name) for name in names if hasattr(model, name)}
    if "support_vectors_" in held:
        held = {name: held[name] for name in ("support_vectors_", "dual_coef_")}
    own = sum(np.size(each) for each in held.values())
    return own + sum(size_of(step) for _, step in getattr(model, "steps", []))


@pytest.mark.parametrize("row", ["linear", "logistic", "neighbors", "quadratic", "quadratic products", "svm"])
def test_a_classifier_reads_digits_and_its_parameters_are_the_numbers_that_it_holds(row):
    some = digits.load(400)
    training = digits.all_training(some)
    found = classical.FIT[row](training.images, training.labels, 0)
    assert np.mean(found.predict(some.test.images) == some.test.labels) > 0.8
    assert found.parameters == size_of(found.predict.__self__)
    assert 0 < found.parameters <= found.operations + 784


def test_the_quadratic_classifiers_see_products_of_components_and_one_the_components_too(few):
    training = digits.all_training(few)
    for row, n_terms in (("quadratic", 40 + 40 * 41 // 2), ("quadratic products", 40 * 41 // 2)):
        model = classical.FIT[row](training.images, training.labels, 0).predict.__self__
        components = model[0].transform(training.images)
        products = np.stack([np.outer(each, each)[np.triu_indices(40)] for each in components])
        terms = np.concatenate([components, products], axis=1)[:, -n_terms:]
        np.testing.assert_allclose(model[:2].transform(training.images), terms, rtol=1e-4, atol=1e-5)


def test_rbf_units_are_as_wide_as_their_clusters():
    some = digits.load(3000)
    training = digits.all_training(some)
    found = classical.FIT["rbf"](training.images, training.labels, 0)
    assert np.mean(found.predict(some.test.images) == some.test.labels) > 0.7
    units = found.predict.__self__[0].transform(training.images)
    assert units.shape == (len(training), 1000)
    own = units.reshape(-1, 10, 100)[np.arange(len(training)), training.labels].max(axis=1)
    assert np.mean(-2 * np.log(own)) == pytest.approx(1, rel=0.01), "distance² / width², on the average"
    assert found.parameters == found.operations == 1000 * 784 + size_of(found.predict.__self__)


def test_a_few_digits_have_fewer_rbf_units():
    training = digits.all_training(digits.load(300))
    found = classical.FIT["rbf"](training.images, training.labels, 0)
    units = np.ceil(np.bincount(training.labels) / 2).sum()
    assert units < 1000
    assert found.parameters == units * 784 + (units + 1) * 10


def linear_by_hand(some):
    """Positions that least squares with a penalty of 1 misread, from the normal equations."""
    training = digits.all_training(some)
    images, wanted = training.images.astype(np.float64), 2 * training.onehot.astype(np.float64) - 1
    centered, center = images - images.mean(axis=0), images.mean(axis=0)
    weights = np.linalg.solve(centered.T @ centered + np.eye(784), centered.T @ (wanted - wanted.mean(axis=0)))
    scores = (some.test.images - center) @ weights + wanted.mean(axis=0)
    return np.flatnonzero(scores.argmax(axis=1) != some.test.labels).tolist()


def test_deslanted_rows_are_trained_and_tested_on_deslanted_digits(few):
    changed = replace(
        few,
        **{
            name: replace(getattr(few, name), images=classical.deslanted(getattr(few, name).images))
            for name in ("train", "validation", "test")
        },
    )
    assert classical.train("linear deslanted", 0, few)["misread"] == linear_by_hand(changed)
    assert linear_by_hand(changed) != linear_by_hand(few)


# Networks


@pytest.fixture(scope="module")
def built():
    """Each network of the table, untrained. Not to be changed."""
    keras.utils.set_random_seed(0)
    return {row: network.build() for row, network in NETWORKS.items()}


def n_trained(model):
    return sum(int(np.prod(each.shape)) for each in model.trainable_weights)


def test_each_network_takes_pixels_and_has_ten_outputs(built):
    pixels = np.random.default_rng(0).random((3, 784), dtype=np.float32)
    for row, model in built.items():
        outputs = np.array(model(pixels))
        assert outputs.shape == (3, 10), row
        assert np.isfinite(outputs).all(), row
        if NETWORKS[row].loss == "categorical_crossentropy":
            np.testing.assert_allclose(outputs.sum(axis=1), 1, rtol=1e-5)


def test_dense_networks_are_of_the_sizes_that_their_names_say(built):
    names = [name for name, row in ALL.items() if row.family == "dense"]
    for name in names:
        sizes = [int(each) for each in re.search(r"784[-\d]+-10", ALL[name].words).group().split("-")]
        n = sum((before + 1) * after for before, after in pairwise(sizes))
        assert n_trained(built[name]) == sum(connections(built[name]).values()) == n
        assert name.startswith("-".join(map(str, sizes[1:-1])))


def test_lenet1_has_the_2578_parameters_and_98442_connections_of_1990(built):
    assert n_trained(built["lenet1"]) == 2_578
    assert sum(connections(built["lenet1"]).values()) == 98_442
    assert sorted(LENET1_TABLE) == sorted([(0,), (1,), (2,), (3,), *[(0, 1)] * 4, *[(2, 3)] * 4])


def test_lenet1_sees_digits_made_smaller_as_pillow_does(built):
    """MNIST's digits are 20 pixels high; the network of 1990 saw them 16 pixels high."""
    image = np.zeros((28, 28), np.float32)
    image[4:24, 5:20] = np.random.default_rng(0).random((20, 15))
    values = image.reshape(1, 784)
    for layer in built["lenet1"].layers[:4]:
        values = np.array(layer(values))
    smaller = np.asarray(Image.fromarray(image).resize((22, 22), Image.Resampling.BILINEAR))
    np.testing.assert_allclose(values[0, ..., 0], 1.275 * np.pad(smaller, 3) - 0.1, atol=1e-3)
    assert np.ptp(np.flatnonzero(smaller.max(axis=1) > 0.1)) + 1 == pytest.approx(16, abs=1)


def test_variants_of_lenet5_change_what_they_say_and_nothing_else(built):
    published, changed = build_lenet5(), {"lenet5 softmax": {"output"}, "lenet5 full": {"C3"}, "lenet5 squared": set()}
    for row, names in changed.items():
        for ours, theirs in zip(built[row].layers, published.layers, strict=True):
            same = ours.get_config() == theirs.get_config() and type(ours) is type(theirs)
            assert same == (theirs.name not in names), (row, theirs.name)
    assert n_trained(built["lenet5 softmax"]) == 60_000 + 10 * (84 + 1)
    assert built["lenet5 full"].get_layer("C3").count_params() == 16 * (6 * 25 + 1)
    modern = {each.name: each.output.shape for each in built["lenet5 modern"].layers}
    assert modern == {each.name: each.output.shape for each in published.layers}


def test_the_distorted_network_changes_digits_in_training_only():
    keras.utils.set_random_seed(3)
    model, published = networks.distorted(), build_lenet5()
    published.set_weights(model.get_weights())
    images = data.load_digits().test.images[:20]
    np.testing.assert_allclose(model.predict(images), published.predict(images), rtol=1e-5)
    (distortion,) = (layer for layer in model.layers if isinstance(layer, networks.Distortion))
    shown = [np.pad(images.reshape(-1, 28, 28, 1), ((0, 0), (2, 2), (2, 2), (0, 0)))] * 3
    shown[1:] = [np.array(distortion(each, training=True)) for each in shown[1:]]
    for one, other in combinations(shown, 2):
        assert (np.abs(one - other).max(axis=(1, 2, 3)) > 0.1).mean() > 0.9, "each digit, and another way in every pass"
    assert 0 <= shown[1].min() <= shown[1].max() <= 1.001
    ink = [each.sum(axis=(1, 2, 3)) for each in shown]
    np.testing.assert_allclose(ink[1], ink[0], rtol=0.35)
    for axis in (1, 2):
        centers = [each.sum(axis=axis)[..., 0] @ np.arange(32) / total for each, total in zip(shown, ink, strict=True)]
        assert np.abs(centers[1] - centers[0]).max() < 3, "a little, about the middle"


def test_squared_error_pulls_to_plus_and_minus_one():
    outputs = np.random.default_rng(0).normal(size=(3, 10)).astype("f4")
    labels = np.array([3, 1, 4])
    targets = np.where(np.arange(10) == labels[:, None], 1, -1)
    found = np.array(networks.squared_error(np.eye(10, dtype="f4")[labels], outputs))
    np.testing.assert_allclose(found, ((outputs - targets) ** 2).sum(1), rtol=1e-5)


def test_a_layer_that_lenet5_lacks_cannot_be_replaced():
    with pytest.raises(ValueError, match=r"names of LeNet-5's layers, image, .*, got C4"):
        networks.variant(C4=networks.softmax)


def test_the_distance_to_the_true_code_is_one_of_ten():
    distances = np.random.default_rng(0).random((6, 10))
    found = np.array(networks.distance(np.eye(10)[[3, 1, 4, 1, 5, 9]], distances))
    np.testing.assert_allclose(found, distances[range(6), [3, 1, 4, 1, 5, 9]])


def test_the_learning_rate_falls_along_half_a_cosine():
    optimizer = Training("adam", 0.002, batch_size=32, epochs=4).make_optimizer(450)
    assert isinstance(optimizer, keras.optimizers.Adam)
    n = 4 * 15  # 14 full batches and one of two digits
    steps = np.arange(n + 1)
    rates = [float(optimizer.learning_rate if not step else optimizer._learning_rate(step)) for step in steps]
    np.testing.assert_allclose(rates, 0.001 * (1 + np.cos(np.pi * steps / n)), atol=1e-8)
    momentum = Training("momentum", 0.01, decay=False).make_optimizer(450)
    assert (type(momentum), momentum.momentum) == (keras.optimizers.SGD, 0.9)
    plain = Training("sgd", 0.01, decay=False).make_optimizer(450)
    assert (type(plain), plain.momentum, float(plain.learning_rate)) == (keras.optimizers.SGD, 0, pytest.approx(0.01))


def train_and_keep(row, few, monkeypatch, epochs=2, seed=0):
    """Train a row for some epochs; give its results, the network, and what progress was told."""
    network, kept, told = NETWORKS[row], [], []
    shorter = replace(
        network,
        build=lambda: kept.append(network.build()) or kept[-1],
        training=replace(network.training, epochs=epochs),
    )
    monkeypatch.setitem(NETWORKS, row, shorter)
    results = networks.train(row, seed, few, told.append)
    monkeypatch.setitem(NETWORKS, row, network)
    return results, kept[0], told


@pytest.mark.parametrize("row", ["lenet5", "300"])
def test_what_a_network_misreads_is_what_its_outputs_say(row, few, monkeypatch):
    results, model, told = train_and_keep(row, few, monkeypatch)

    def misread(part):
        values = part.images
        for layer in model.layers[:-1]:
            values = np.array(layer(values))
        if row == "lenet5":
            scores = -((values[:, None] - codes().reshape(10, 84)) ** 2).sum(axis=-1)
        else:
            weights, bias = model.layers[-1].get_weights()
            scores = values @ weights + bias
        return np.flatnonzero(scores.argmax(axis=1) != part.labels).tolist()

    assert results["misread"] == misread(few.test)
    assert results["training_misread"] == len(misread(digits.all_training(few)))
    assert (results["parameters"], results["operations"]) == {
        "lenet5": (60_000, 340_908),
        "300": (238_510, 238_510),
    }[row]
    assert results["training_seconds"] > 0
    assert told == [0.5, 0.5]
    assert int(model.optimizer.iterations) == 2 * 7, "200 digits are six batches of 32 and a rest"
    assert float(model.optimizer.learning_rate) == pytest.approx(0, abs=1e-9)


def test_a_seed_fixes_a_run(few, monkeypatch):
    first, again, other = (train_and_keep("300", few, monkeypatch, 1, seed)[0] for seed in (1, 1, 2))
    assert again["misread"] == first["misread"]
    assert other["misread"] != first["misread"]


# Records


@pytest.fixture(scope="module")
def recorded(tmp_path_factory):
    """The records of two rows on a few digits of the sample, and the arguments that made them."""
    path = tmp_path_factory.mktemp("study") / "records.jsonl"
    arguments = ["--records", str(path), "--only", "linear", "--only", "300", "--seeds", "1"]
    assert program.main(["run", *arguments, "--digits", "300"]) == 0
    return path, arguments


def test_a_run_records_the_digits_that_its_classifier_misreads(recorded):
    linear, dense = STUDY.read(recorded[0])
    some = digits.load(300)
    training = digits.all_training(some)
    theirs = RidgeClassifier(alpha=1).fit(training.images, training.labels).predict(some.test.images)
    assert linear.results["misread"] == np.flatnonzero(theirs != some.test.labels).tolist() == linear_by_hand(some)
    assert linear.error == np.mean(theirs != some.test.labels)
    assert (linear.settings, dense.settings) == ({"row": "linear", "seed": 0}, {"row": "300", "seed": 0})
    assert linear.results["parameters"] == 785 * 10
    assert dense.results["parameters"] == 785 * 300 + 301 * 10
    assert dense.error < 0.4, "it has learned something"


def test_a_run_goes_on_where_it_was_and_tells_what_was_found(recorded, capsys):
    path, arguments = recorded
    before = path.read_bytes()
    assert program.main(["run", *arguments, "--digits", "300"]) == 0
    assert path.read_bytes() == before
    assert program.main(["status", "--records", str(path), "--only", "linear", "--seeds", "5"]) == 0
    assert "2 runs recorded, 0 to go." in capsys.readouterr().out
    assert program.main(["summary", *arguments]) == 0
    told = capsys.readouterr().out
    for run in STUDY.read(path):
        (line,) = (line for line in told.splitlines() if line.startswith(f"{run.settings['row']} "))
        assert re.findall(r"[\d.,]+", line.removeprefix(run.settings["row"]))[:3] == [
            str(ALL[run.settings["row"]].paper),
            f"{100 * run.error:.2f}",
            f"{run.results['parameters']:,}",
        ]


def test_a_record_comes_back_and_tells_its_error():
    one = made_up(misread=[1, 2, 3, 4])
    assert STUDY.record.parse(one.line()) == one
    assert one.error == 4 / N_TEST
    assert str(one).startswith("lenet5, seed 0: 0.20% misread")


@pytest.mark.parametrize(
    "results",
    [
        {"misread": [5, 3]},
        {"misread": [3, 3]},
        {"misread": [-1, 3]},
        {"misread": [3, N_TEST]},
        {"misread": [3, 5.5]},
        {"misread": None},
        {"parameters": -1},
        {"operations": -1},
        {"training_seconds": -0.1},
        {"training_seconds": None},
        {"parameters": float("nan")},
    ],
)
def test_results_that_cannot_be_right_are_refused(results):
    assert made_up().check() is None
    with pytest.raises((ValueError, KeyError, TypeError)):
        made_up(**results).check()


@pytest.mark.parametrize("name", ["misread", "parameters", "operations", "training_seconds"])
def test_results_that_are_missing_are_refused(name):
    one = made_up()
    del one.results[name]
    with pytest.raises(KeyError, match=name):
        one.check()


def test_an_unknown_row_is_refused():
    with pytest.raises(ValueError, match=r"a row out of linear, logistic, .*, got 'lenet6'"):
        made_up("lenet6").check()


@pytest.mark.parametrize("name", ["operations", "training_seconds"])
def test_results_that_are_no_number_are_refused(name):
    with pytest.raises(ValueError, match="from 0 on"):
        made_up(**{name: float("nan")}).check()


# Errors


def test_the_error_of_a_row_is_the_mean_over_its_seeds():
    random = np.random.default_rng(6)
    misread = [sorted(random.choice(N_TEST, n, replace=False).tolist()) for n in (20, 31, 27)]
    seconds = [3.0, 10.0, 4.0]
    runs = [made_up("300", seed, misread=misread[seed], training_seconds=seconds[seed]) for seed in (2, 0, 1)]
    found = errors.result([*runs, made_up("lenet5")], "300")
    assert found.errors == pytest.approx([20 / N_TEST, 31 / N_TEST, 27 / N_TEST])
    assert found.error.value == pytest.approx(26 / N_TEST)
    assert (found.seconds, found.parameters, found.row) == (4.0, 60_000, ALL["300"])
    assert set(errors.results([*runs, made_up("lenet5")])) == {"300", "lenet5"}
    with pytest.raises(ValueError, match=r"runs of 'svm', got none: .*--only \"svm\""):
        errors.result(runs, "svm")


def test_the_change_is_the_second_rows_error_minus_the_firsts():
    counts = {"lenet5": [10, 14, 12], "lenet5 full": [13, 15, 11]}
    runs = [made_up(row, seed, misread=list(range(n))) for row, each in counts.items() for seed, n in enumerate(each)]
    found = errors.change(runs, "lenet5", "lenet5 full")
    assert found.value == pytest.approx(1 / N_TEST)
    assert found.over_seeds.n == 3
    assert errors.change(runs, "lenet5 full", "lenet5").value == pytest.approx(-1 / N_TEST)


def test_parameters_are_whole_numbers_however_many_runs_there_are():
    lines = errors.summarize([made_up("300", 0), made_up("300", 1)])
    assert " 60,000 " in lines[-1]


def test_help_is_quick_and_does_without_keras():
    code = (
        "import runpy, sys\n"
        "sys.argv = ['lenet5_1998', '--help']\n"
        "try: runpy.run_module('lenet_tutorial.studies.lenet5_1998', run_name='__main__')\n"
        "except SystemExit: pass\n"
        "slow = {'tensorflow', 'keras', 'distributed', 'sklearn'} & set(sys.modules)\n"
        "sys.exit(f'imported: {slow}' if slow else 0)\n"
    )
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert all(name in done.stdout for name in ("run", "status", "summary", "merge"))


def test_the_shipped_records_are_the_plan_and_say_what_the_lesson_says():
    records = STUDY.read()
    assert records.missing(planned()) == []
    assert records.data["name"] == "MNIST"
    error = {name: each.error.value for name, each in errors.results(list(records)).items()}
    for name in ("linear", "linear deslanted", "svm", "svm deslanted"):
        assert 100 * error[name] > ROWS[name].paper, "worse than in 1998"
    assert error["300"] < error["300 squared"] < 0.03 < 0.047, "the loss is a small part"
    lenet = errors.result(records, "lenet5")
    prediction = intervals.another(lenet.errors)
    assert prediction.low < 0.0095 < prediction.high
    changes = ["squared", "softmax", "full", "momentum", "modern", "distorted"]
    found = {
        name: errors.change(list(records), "lenet5", f"lenet5 {name}", level=1 - 0.05 / 6).both for name in changes
    }
    assert [name for name, each in found.items() if not each.low < 0 < each.high] == ["distorted"]
    assert found["distorted"].value < 0
    assert all(error[f"lenet5 {name}"] == pytest.approx(0.01, abs=0.001) for name in ("squared", "softmax", "full"))
    assert all(lenet.error.value < error[name] for name in ("300", "1000", "300-100", "500-150", "svm deslanted"))
