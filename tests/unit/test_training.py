"""Training against a step by hand, and the cache of trained networks against what can happen to files."""

import os
import shutil
import subprocess
import sys
import zipfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lenet_tutorial import data, files, training
from lenet_tutorial.backend import keras, tf
from lenet_tutorial.model import build_lenet
from lenet_tutorial.training import Recipe, store, train, trained_lenet

QUICK = Recipe(epochs=1, batch_size=100, seed=3)


def some_digits(n=200, seed=0):
    """Random pictures with labels: enough to train on, and quick."""
    random = np.random.default_rng(seed)

    def split(n):
        labels = random.integers(0, 10, n)
        images = random.random((n, 784), dtype=np.float32)
        return data.Split(images=images, onehot=np.eye(10, dtype=np.float32)[labels], labels=labels)

    return data.Digits(name="noise", train=split(n), validation=split(10), test=split(10))


@pytest.fixture(scope="module")
def digits():
    return some_digits()


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv(data.CACHE_VARIABLE, str(tmp_path / "cache"))
    return tmp_path / "cache" / "networks"


@pytest.fixture
def no_training(monkeypatch):
    def refuse(*args, **kwargs):
        raise AssertionError("the network was trained again")

    monkeypatch.setattr(training, "train", refuse)


def weights(model):
    return np.concatenate([each.ravel() for each in model.get_weights()])


def test_one_step_of_sgd_is_the_gradient_times_the_learning_rate(digits):
    recipe = Recipe(learning_rate=0.05, epochs=1, batch_size=200, seed=4)  # one batch: one step
    keras.utils.set_random_seed(4)
    start = build_lenet()
    with tf.GradientTape() as tape:
        said = start(digits.train.images)
        loss = -tf.reduce_mean(tf.reduce_sum(digits.train.onehot * tf.math.log(said), axis=1))
    slopes = tape.gradient(loss, start.trainable_variables)
    by_hand = [w - 0.05 * slope.numpy() for w, slope in zip(start.get_weights(), slopes, strict=True)]

    trained = train(digits, recipe, verbose=0)
    for ours, expected in zip(trained.model.get_weights(), by_hand, strict=True):
        np.testing.assert_allclose(ours, expected, atol=2e-6)
    assert trained.history["loss"] == pytest.approx([float(loss)], abs=1e-4)


def test_training_lowers_the_loss(digits):
    losses = train(digits, Recipe(learning_rate=0.1, epochs=6, batch_size=20), verbose=0).history["loss"]
    assert losses[-1] < losses[0]


def test_the_optimizer_is_the_recipes():
    model = build_lenet()
    Recipe(optimizer="adam", learning_rate=0.002).compile(model)
    assert isinstance(model.optimizer, keras.optimizers.Adam)
    assert float(model.optimizer.learning_rate) == pytest.approx(0.002)
    assert model.loss == "categorical_crossentropy"


def test_the_seed_fixes_weights_and_order(digits):
    first, again = (weights(train(digits, QUICK, verbose=0).model) for _ in range(2))
    other = weights(train(digits, Recipe(epochs=1, seed=5), verbose=0).model)
    np.testing.assert_allclose(first, again, atol=1e-6)
    assert np.abs(first - other).max() > 0.01


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"optimizer": "sdg"}, "out of sgd, adam, got 'sdg'"),
        ({"learning_rate": 0}, "greater than 0, got 0"),
        ({"learning_rate": float("nan")}, "greater than 0, got nan"),
        ({"epochs": 0}, "epochs=0"),
        ({"batch_size": 0}, "batch_size=0"),
    ],
)
def test_a_bad_recipe_is_told(change, words):
    with pytest.raises(ValueError, match=words):
        Recipe(**change)


def test_a_trained_network_comes_back_from_the_disk(digits, cache, request):
    first = trained_lenet(QUICK, digits)
    request.getfixturevalue("no_training")
    again = trained_lenet(QUICK, digits)
    np.testing.assert_array_equal(weights(first.model), weights(again.model))
    assert again.history == first.history
    assert [each.suffix for each in cache.iterdir()] == [".keras"]  # nothing half-written is left


@pytest.mark.parametrize(
    "other",
    [
        Recipe(epochs=1, seed=3, learning_rate=0.02),
        Recipe(epochs=2, seed=3),
        Recipe(epochs=1, seed=4),
        Recipe(epochs=1, seed=3, batch_size=50),
        Recipe(epochs=1, seed=3, optimizer="adam"),
    ],
)
def test_another_recipe_is_another_network(digits, other):
    paths = {training._path(training._wanted(recipe, digits)) for recipe in (QUICK, other)}
    assert len(paths) == 2


@pytest.mark.parametrize("part", ["images", "onehot"])
def test_other_data_are_another_network(digits, part):
    other = replace(digits.train, **{part: getattr(some_digits(seed=1).train, part)})
    paths = {training._path(training._wanted(QUICK, each)) for each in (digits, replace(digits, train=other))}
    assert len(paths) == 2


def test_a_network_typed_by_the_learner_is_found_if_it_is_the_recipes(digits, no_training):
    keras.utils.set_random_seed(QUICK.seed)
    model = build_lenet()
    model.compile(loss="categorical_crossentropy", optimizer=keras.optimizers.SGD(0.01), metrics=["accuracy"])
    kept = training.KernelHistory("conv1")
    model.fit(digits.train.images, digits.train.onehot, batch_size=100, epochs=1, verbose=0, callbacks=[kept])
    store(model, digits, seed=QUICK.seed, kernels=kept.kernels)
    np.testing.assert_array_equal(weights(trained_lenet(QUICK, digits).model), weights(model))


@pytest.mark.parametrize("change", ["learning rate", "fitted twice", "interrupted epoch", "padding"])
def test_a_network_changed_by_the_learner_does_not_pass_for_the_recipes(digits, change, no_training):
    keras.utils.set_random_seed(QUICK.seed)
    model = build_lenet(padding="valid" if change == "padding" else "same")
    rate = 0.02 if change == "learning rate" else 0.01
    model.compile(loss="categorical_crossentropy", optimizer=keras.optimizers.SGD(rate), metrics=["accuracy"])
    some = slice(0, 100 if change == "interrupted epoch" else None)
    kept = training.KernelHistory("conv1")
    for _ in range(2 if change == "fitted twice" else 1):
        images, onehot = digits.train.images[some], digits.train.onehot[some]
        model.fit(images, onehot, batch_size=100, epochs=1, verbose=0, callbacks=[kept])
    store(model, digits, seed=QUICK.seed, kernels=kept.kernels)
    with pytest.raises(AssertionError, match="trained again"):
        trained_lenet(QUICK, digits)


def truncate(path):
    path.write_bytes(path.read_bytes()[:5000])


def lose_the_lesson(path):
    with zipfile.ZipFile(path) as whole, zipfile.ZipFile(path.with_suffix(".part"), "w") as part:
        for name in whole.namelist():
            if name != "lesson.json":
                part.writestr(name, whole.read(name))
    shutil.move(path.with_suffix(".part"), path)


def put_another_in_its_place(path):
    other = Recipe(epochs=1, seed=9)
    digits = some_digits()
    trained_lenet(other, digits)
    shutil.move(training._path(training._wanted(other, digits)), path)


@pytest.mark.parametrize(
    "damage",
    [truncate, lose_the_lesson, put_another_in_its_place],
    ids=lambda f: f.__name__,
)
def test_a_damaged_network_is_told_set_aside_and_trained_again(digits, damage, capsys, cache):
    first = weights(trained_lenet(QUICK, digits).model)
    path = training._path(training._wanted(QUICK, digits))
    damage(path)
    capsys.readouterr()
    again = weights(trained_lenet(QUICK, digits).model)
    told = capsys.readouterr().out
    assert path.name in told
    assert "damaged" in told
    assert str(cache) not in told
    assert f"renamed to {path.name}.damaged" in told
    assert path.with_name(f"{path.name}.damaged").exists()
    np.testing.assert_allclose(first, again, atol=1e-6)
    assert trained_lenet(QUICK, digits)
    assert capsys.readouterr().out == ""


@pytest.fixture(scope="module")
def small_network(tmp_path_factory):
    """A stored network of a few kilobytes: its path, its key, its content and its weights."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(data.CACHE_VARIABLE, str(tmp_path_factory.mktemp("small")))
        patch.setattr(training, "build_lenet", lambda: build_lenet((1, 1), kernel_size=2, n_dense=1))
        model = trained_lenet(QUICK, some_digits()).model
        wanted = training._wanted(QUICK, some_digits())
        path = training._path(wanted)
    return path, wanted, path.read_bytes(), weights(model)


def check_damage(small_network, damaged):
    """Damaged bytes are either read as what they were, or the file is renamed and the network counts as missing."""
    path, wanted, _, before = small_network
    path.write_bytes(damaged)
    found = training._stored(path, wanted, QUICK)
    if found:
        np.testing.assert_array_equal(weights(found.model), before)
    else:
        assert path.with_name(f"{path.name}.damaged").read_bytes() == damaged


@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_no_flipped_bit_stops_a_lesson_or_is_used(small_network, data):
    whole = small_network[2]
    directory = whole.rindex(b"PK\1\2")  # half of the flips hit the last entry of the zip's own table of contents
    start = data.draw(st.sampled_from([0, directory]))
    position, bit = data.draw(st.integers(start, len(whole) - 1)), data.draw(st.integers(0, 7))
    damaged = bytearray(whole)
    damaged[position] ^= 1 << bit
    check_damage(small_network, bytes(damaged))


@settings(max_examples=30, deadline=None)
@given(end=st.floats(0, 1), zeros=st.floats(0, 1))
def test_no_cut_and_no_hole_stops_a_lesson_or_is_used(small_network, end, zeros):
    whole = small_network[2]
    check_damage(small_network, whole[: int(end * (len(whole) - 1))])
    start = int(zeros * (len(whole) - 1))
    check_damage(small_network, whole[:start] + bytes(len(whole[start : start + 512])) + whole[start + 512 :])


TRAINS = """
import time
from tests.unit.test_training import QUICK, data, some_digits, training
train = training.train

def slowly(*args, **kwargs):
    print("training", flush=True)
    time.sleep(2)
    return train(*args, **kwargs)

training.train = slowly
print(training.trained_lenet(QUICK, some_digits()).history["loss"], flush=True)
"""


def test_a_second_kernel_waits_for_the_first_instead_of_training_its_own(cache):
    kernels = [
        subprocess.Popen(
            [sys.executable, "-c", TRAINS], stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[2]
        )
        for _ in range(2)
    ]
    first, second = sorted((kernel.communicate(timeout=180)[0].splitlines() for kernel in kernels), reverse=True)
    assert first[0] == "training"
    assert second[0] == "Another notebook is training this network: waiting until it ends."
    assert first[-1] == second[-1]
    assert len(list(cache.glob("*.keras"))) == 1


def test_a_damaged_network_that_another_kernel_repairs_meanwhile_stops_nobody(digits, capsys, monkeypatch):
    """Two kernels find it damaged; while one looks, the other renames it and trains."""
    trained_lenet(QUICK, digits)
    path = training._path(training._wanted(QUICK, digits))
    truncate(path)
    rename_damaged = files.rename_damaged

    def after_the_other(path):
        assert rename_damaged(path).startswith("renamed")
        return rename_damaged(path)

    monkeypatch.setattr(files, "rename_damaged", after_the_other)
    assert len(trained_lenet(QUICK, digits).history["loss"]) == 1
    assert "It is left as it is, and the network is trained again." in capsys.readouterr().out
    monkeypatch.setattr(training, "train", None)
    assert trained_lenet(QUICK, digits)


def test_a_stored_network_that_carries_code_is_not_run(digits, capsys, tmp_path):
    """Keras's safe mode refuses a Lambda layer, which would run pickled code."""
    trained_lenet(QUICK, digits)
    path = training._path(training._wanted(QUICK, digits))
    marker = tmp_path / "ran"
    name = str(marker)
    code = keras.Sequential([keras.Input((784,)), keras.layers.Lambda(lambda x: [os.mkdir(name), x][1])])
    with zipfile.ZipFile(path) as archive:
        lesson = archive.read("lesson.json")
    code.save(path)
    shutil.rmtree(marker, ignore_errors=True)
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("lesson.json", lesson)
    trained_lenet(QUICK, digits)
    assert "damaged" in capsys.readouterr().out
    assert not marker.exists()


def test_a_cache_that_cannot_be_written_is_told_and_loses_nothing(digits, tmp_path, monkeypatch, capsys):
    (tmp_path / "file").write_text("not a folder")
    monkeypatch.setenv(data.CACHE_VARIABLE, str(tmp_path / "file"))
    trained = trained_lenet(QUICK, digits)
    told = capsys.readouterr().out
    assert "could not be stored" in told
    assert data.CACHE_VARIABLE in told
    assert len(trained.history["loss"]) == 1


def test_an_interrupted_training_leaves_nothing_behind(digits, cache, monkeypatch):
    def interrupt(self, batch, logs=None):
        raise KeyboardInterrupt

    monkeypatch.setattr(training._EpochBar, "on_train_batch_end", interrupt)
    with pytest.raises(KeyboardInterrupt):
        trained_lenet(QUICK, digits)
    assert not cache.exists() or not list(cache.iterdir())


def test_an_untrained_network_is_not_stored(digits):
    with pytest.raises(ValueError, match="has not been trained here"):
        store(build_lenet(), digits, seed=0, kernels=np.zeros((2, 4, 4, 1, 32)))


def test_kernels_are_kept_from_before_training_to_its_end(digits, request):
    """Each epoch's are those of a training that ends there."""
    recipe = Recipe(epochs=2, batch_size=100, seed=3, learning_rate=0.1)
    trained = trained_lenet(recipe, digits)
    keras.utils.set_random_seed(3)
    np.testing.assert_array_equal(trained.kernels[0], build_lenet().get_layer("conv1").kernel)
    shorter = train(digits, replace(recipe, epochs=1), verbose=0).model
    np.testing.assert_allclose(trained.kernels[1], shorter.get_layer("conv1").kernel, atol=1e-6)
    np.testing.assert_array_equal(trained.kernels[2], trained.model.get_layer("conv1").kernel)
    assert np.abs(trained.kernels[2] - trained.kernels[1]).max() > 1e-4
    request.getfixturevalue("no_training")
    np.testing.assert_array_equal(trained_lenet(recipe, digits).kernels, trained.kernels)


def test_kernels_of_another_training_are_refused(digits):
    trained = train(digits, QUICK, verbose=0)
    with pytest.raises(ValueError, match="kernels that end in the model's own"):
        store(trained.model, digits, seed=QUICK.seed, kernels=trained.kernels[:1])
