"""LeNet-5 of 1998: its numbers against the paper's, its arithmetic against NumPy and SciPy, its loss against both."""

import os
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from scipy import ndimage, special
from scipy.signal import correlate2d
from sklearn.datasets import load_digits
from sklearn.svm import SVC

from lenet_tutorial.backend import keras, tf
from lenet_tutorial.layers import RBF, LocallyConnected2D, Subsampling, TableConv2D
from lenet_tutorial.lenet5 import C3_TABLE, CompetitiveLoss, build_lenet5, codes, nearest_code
from lenet_tutorial.model import build_lenet, connections
from lenet_tutorial.studies import digits
from tests.unit.on_jax import NEEDS_JAX, ON_JAX
from tests.unit.toy_study import sample  # noqa: F401

# The paper, section II.B: trainable parameters and connections of each layer.
PARAMETERS = {"C1": 156, "S2": 12, "C3": 1516, "S4": 32, "C5": 48_120, "F6": 10_164}
CONNECTIONS = {"C1": 122_304, "S2": 5_880, "C3": 151_600, "S4": 2_000, "C5": 48_120, "F6": 10_164, "output": 840}
SHAPES = {"C1": (28, 28, 6), "S2": (14, 14, 6), "C3": (10, 10, 16), "S4": (5, 5, 16), "C5": (1, 1, 120), "F6": (84,)}


@pytest.fixture(scope="module")
def model():
    """LeNet-5, untrained. Not to be changed."""
    keras.utils.set_random_seed(1)
    return build_lenet5()


@pytest.fixture(scope="module")
def few():
    return digits.load(300)


@pytest.fixture(scope="module")
def trained(few):
    """LeNet-5 after some epochs on a few digits, what it measured before and after, and its losses."""
    keras.utils.set_random_seed(2)
    model = build_lenet5()
    optimizer = keras.optimizers.Adam(0.002)
    model.compile(optimizer=optimizer, loss=CompetitiveLoss(10.0), metrics=[nearest_code])
    before = model.evaluate(few.test.images, few.test.onehot, verbose=0)
    history = model.fit(few.train.images, few.train.onehot, batch_size=20, epochs=6, verbose=0).history
    return model, before, model.evaluate(few.test.images, few.test.onehot, verbose=0), history["loss"]


# Its layers


def test_each_layer_has_the_parameters_and_the_shape_that_the_paper_says(model):
    trainable = {
        each.name: sum(int(np.prod(weight.shape)) for weight in each.trainable_weights) for each in model.layers
    }
    assert {name: n for name, n in trainable.items() if n} == PARAMETERS
    assert sum(PARAMETERS.values()) == sum(trainable.values()) == 60_000
    fixed = model.non_trainable_weights
    assert [tuple(each.shape) for each in fixed] == [(10, 84)]
    assert {name: model.get_layer(name).output.shape[1:] for name in SHAPES} == SHAPES
    assert model.output_shape == (None, 10)


def test_it_has_the_papers_340908_connections(model):
    assert connections(model) == CONNECTIONS
    assert sum(connections(model).values()) == 340_908


def squash(values):
    return 1.7159 * np.tanh(2 / 3 * values)


def correlated(maps, kernels, bias):
    """Maps (height, width, n) with n kernels (size, size, n): their sum, squashed."""
    return squash(sum(correlate2d(maps[..., i], kernels[..., i], mode="valid") for i in range(maps.shape[-1])) + bias)


def subsampled(maps, coefficient, bias):
    return squash(sum(maps[i::2, j::2] for i in (0, 1) for j in (0, 1)) * coefficient + bias)


def test_its_distances_are_those_of_numpy_and_scipy():
    model, random = build_lenet5(), np.random.default_rng(0)
    for each in model.trainable_weights:
        inputs = max(np.prod(each.shape[:-1]), 4) if each.name == "kernel" else 4
        each.assign(random.normal(0, 1 / np.sqrt(inputs), each.shape))
    weights = {layer.name: layer.get_weights() for layer in model.layers}
    pixels = random.random((2, 784), dtype=np.float32)
    expected = []
    for one in pixels:
        maps = np.pad(-0.1 + 1.275 * one.reshape(28, 28, 1), ((2, 2), (2, 2), (0, 0)), constant_values=-0.1)
        kernels, biases = weights["C1"]
        maps = np.stack([correlated(maps, kernels[..., k], biases[k]) for k in range(6)], axis=-1)
        maps = subsampled(maps, *weights["S2"])
        kernels, biases = weights["C3"]
        pairs = np.split(kernels, np.cumsum([len(seen) for seen in C3_TABLE])[:-1], axis=-1)
        maps = np.stack(
            [correlated(maps[..., seen], pairs[k], biases[k]) for k, seen in enumerate(map(list, C3_TABLE))], axis=-1
        )
        maps = subsampled(maps, *weights["S4"])
        kernels, biases = weights["C5"]
        features = squash(np.tensordot(maps, kernels, 3) + biases)
        features = squash(features @ weights["F6"][0] + weights["F6"][1])
        expected.append(((features - codes().reshape(10, 84)) ** 2).sum(axis=1))
    np.testing.assert_allclose(np.array(model(pixels)), expected, rtol=1e-4)


def test_white_is_a_tenth_below_zero_and_black_at_1_175(model):
    values = np.zeros((1, 784), np.float32)
    values[0, :392] = 1
    for layer in model.layers[:3]:
        values = np.array(layer(values))
    assert values.shape == (1, 32, 32, 1)
    np.testing.assert_allclose(values[0, 2:16, 2:30], 1.175, rtol=1e-6)
    values[0, 2:16, 2:30] = -0.1
    np.testing.assert_allclose(values, -0.1, rtol=1e-6)  # the border, too


# Connections, counted


def layers_of_each_kind():
    layers = keras.layers
    return keras.Sequential(
        [
            keras.Input((160,)),
            layers.Reshape((8, 10, 2), name="image"),
            layers.Conv2D(3, 3, activation="tanh", name="plain"),
            Subsampling(name="halved"),
            TableConv2D(((0,), (0, 2), (0, 1, 2)), 2, name="some"),
            layers.ZeroPadding2D(3, name="border"),
            layers.Conv2D(4, 3, strides=2, use_bias=False, name="steps"),
            layers.AveragePooling2D(2, strides=1, name="mean"),
            LocallyConnected2D(2, 2, name="own"),
            layers.Flatten(name="flatten"),
            layers.Dense(5, name="all"),
            RBF(np.ones((4, 5)), name="distances"),
        ]
    )


def moved_by(layer, inputs, weight=None):
    """How many pairs there are of a number, in the inputs or in a weight, and an output that changes with it."""
    before, pairs = np.array(layer(inputs)), 0
    changing = inputs if weight is None else weight.numpy()
    for position in np.ndindex(changing.shape):
        changed = changing.copy()
        changed[position] += 0.5
        if weight is not None:
            weight.assign(changed)
        after = layer(changed if weight is None else inputs)
        pairs += int((np.abs(np.array(after) - before) > 1e-6).sum())
    if weight is not None:
        weight.assign(changing)
    return pairs


def test_connections_are_the_pairs_of_an_input_or_a_bias_and_an_output_that_it_moves():
    keras.utils.set_random_seed(3)
    model, counted = layers_of_each_kind(), {}
    for layer in model.layers:
        inputs = np.random.default_rng(0).normal(0, 0.3, (1, *layer.input.shape[1:])).astype(np.float32)
        biases = [each for each in layer.weights if each.name == "bias"]
        if layer.weights:
            counted[layer.name] = moved_by(layer, inputs) + sum(moved_by(layer, inputs, each) for each in biases)
    assert connections(model) == counted


def test_each_connection_of_the_textbooks_network_is_a_product_or_a_bias():
    sides, kernel = {"conv1": (28, 1, 32), "conv2": (14, 32, 64)}, 4 * 4
    found = connections(build_lenet())
    for name, (side, maps, filters) in sides.items():
        assert found[name] == sum(kernel * maps + 1 for _ in range(side * side) for _ in range(filters))
    assert (found["dense"], found["output"]) == (3136 * 1024 + 1024, 1024 * 10 + 10)
    assert set(found) == {"conv1", "conv2", "dense", "output"}


@pytest.mark.parametrize(
    "layer", [keras.layers.BatchNormalization, lambda: keras.layers.DepthwiseConv2D(3), lambda: keras.layers.PReLU()]
)
def test_a_layer_whose_connections_are_not_known_is_told(layer):
    unknown = layer()
    with pytest.raises(ValueError, match=f"connections can be counted, got {type(unknown).__name__}"):
        connections(keras.Sequential([keras.Input((8, 8, 2)), unknown]))


def test_a_dense_layer_at_several_positions_has_its_connections_at_each():
    assert connections(keras.Sequential([keras.Input((5, 8)), keras.layers.Dense(3, name="all")])) == {"all": 5 * 27}


# The table and the codes


def test_the_table_is_what_the_paper_says_of_it():
    seen = [set(row) for row in C3_TABLE]
    assert all(len(row) == len(each) for row, each in zip(C3_TABLE, seen, strict=True))

    def contiguous(n):
        return [{(first + i) % 6 for i in range(n)} for first in range(6)]

    def unordered(rows):
        return sorted(map(sorted, rows))

    assert unordered(seen[:6]) == unordered(contiguous(3))
    assert unordered(seen[6:12]) == unordered(contiguous(4))
    assert [len(row) for row in seen[12:]] == [4, 4, 4, 6]
    assert not any(row in contiguous(4) for row in seen[12:15])
    assert len({*map(frozenset, seen)}) == 16, "each sees another set of maps"
    assert [sum(each in row for row in seen) for each in range(6)] == [10] * 6


HOLES = [1, 0, 0, 0, 0, 0, 1, 0, 2, 1]


def test_codes_are_digits_drawn_with_ones_and_minus_ones():
    drawn = codes()
    assert (drawn.shape, drawn.dtype) == ((10, 12, 7), np.float32)
    assert set(np.unique(drawn)) == {-1, 1}
    assert len(np.unique(drawn.reshape(10, 84), axis=0)) == 10
    white = [np.pad(each, 1, constant_values=-1) < 0 for each in drawn]
    assert [ndimage.label(each)[1] - 1 for each in white] == HOLES


def shrunk(code):
    """The ink of a code, (64,), in 8×8 pixels as scikit-learn's digits have them."""
    rows, columns = (np.flatnonzero((code > 0).any(axis=axis)) for axis in (1, 0))
    ink = np.float32(code > 0)[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    return np.pad(Image.fromarray(ink).resize((6, 8), Image.Resampling.BOX), ((0, 0), (1, 1))).reshape(-1)


def test_a_classifier_of_handwritten_digits_reads_the_codes_and_not_their_mirror_images():
    handwritten = load_digits()
    classifier = SVC().fit(handwritten.data / 16, handwritten.target)
    upright, upside_down, mirrored = (
        np.sum(classifier.predict([shrunk(each) for each in drawn]) == range(10))
        for drawn in (codes(), codes()[:, ::-1], codes()[:, :, ::-1])
    )
    assert upright >= 7
    assert max(upside_down, mirrored) <= 5


def test_digits_that_look_alike_have_codes_that_share_many_dots():
    flat = codes().reshape(10, 84)
    shared = (flat[:, None] == flat).sum(axis=-1)
    alike, unlike = [(1, 7), (3, 8), (5, 6), (6, 8), (8, 9)], [(0, 1), (1, 4), (1, 6), (4, 7), (6, 7)]
    assert min(shared[pair] for pair in alike) >= 84 * 2 / 3 > max(shared[pair] for pair in unlike)
    for one, other in ((1, 7), (6, 8), (8, 6)):
        assert np.argsort(shared[one])[-2] == other, "the nearest"


# Its loss


def loss_by_hand(digit, distances, rubbish):
    """Equation 9 for one digit."""
    exponents = np.array([*-np.asarray(distances, np.float64), -rubbish])
    largest = exponents.max()
    return distances[digit] + largest + np.log(np.exp(exponents - largest).sum())


def loss_of_each(labels, distances, rubbish):
    loss = CompetitiveLoss(rubbish, reduction=None)
    return np.array(loss(np.eye(10, dtype=np.float32)[labels], np.float32(distances)))


@pytest.fixture
def some():
    """Labels (40,) and distances (40, 10), among them near ones and far ones."""
    random = np.random.default_rng(4)
    return random.integers(0, 10, 40), random.uniform(0, 1, (40, 10)) * np.geomspace(1, 300, 40)[:, None]


@pytest.mark.parametrize("rubbish", [0.5, 10.0, 200.0])
def test_the_loss_is_equation_9(some, rubbish):
    labels, distances = some
    expected = [loss_by_hand(*each, rubbish) for each in zip(*some, strict=True)]
    np.testing.assert_allclose(loss_of_each(labels, distances, rubbish), expected, rtol=1e-5, atol=1e-4)
    mean = CompetitiveLoss(rubbish)(np.eye(10)[labels], distances)
    assert float(mean) == pytest.approx(np.mean(expected), rel=1e-5)


def test_the_loss_is_cross_entropy_with_one_more_class(some):
    labels, distances = some
    logits = np.pad(-distances, ((0, 0), (0, 1)), constant_values=-10.0)
    entropy = keras.losses.sparse_categorical_crossentropy(labels, np.float32(logits), from_logits=True)
    np.testing.assert_allclose(loss_of_each(labels, distances, 10.0), entropy, rtol=1e-5, atol=1e-4)


def test_its_gradient_is_that_of_finite_differences(some):
    labels, distances = some[0][:12], some[1][:12] * 3  # near enough for every code to count
    variable, step = tf.constant(distances, tf.float64), 1e-5
    with tf.GradientTape() as tape:
        tape.watch(variable)
        total = tf.reduce_sum(CompetitiveLoss(3.0).call(tf.one_hot(labels, 10, dtype=tf.float64), variable))
    expected = np.empty_like(distances)
    for n, i in np.ndindex(expected.shape):
        nudge = step * np.eye(10)[i]
        above, below = (loss_by_hand(labels[n], distances[n] + sign * nudge, 3.0) for sign in (1, -1))
        expected[n, i] = (above - below) / (2 * step)
    np.testing.assert_allclose(tape.gradient(total, variable), expected, atol=1e-6)
    assert (expected[np.arange(12), labels] > 0).all(), "the true code draws"
    assert (expected[np.eye(10)[labels] == 0] < 0).all(), "and the others push"


def test_without_rubbish_it_is_the_cross_entropy_of_a_softmax(some):
    labels, distances = some
    expected = -special.log_softmax(-distances, axis=1)[np.arange(40), labels]
    np.testing.assert_allclose(loss_of_each(labels, distances, 1e6), expected, rtol=1e-5, atol=1e-4)


def test_a_wrong_code_that_is_far_away_no_longer_counts():
    true = np.linspace(0, 40, 9)
    distances = np.full((9, 10), 1e4)
    distances[:, 3] = true
    found = loss_of_each(np.full(9, 3), distances, 15.0)
    np.testing.assert_allclose(found, np.logaddexp(0, true - 15), atol=1e-5)
    np.testing.assert_array_equal(found, loss_of_each(np.full(9, 3), np.where(distances == 1e4, 2e4, distances), 15.0))


@settings(deadline=None, max_examples=60)
@given(
    st.lists(st.floats(0, 600, width=32), min_size=10, max_size=10),
    st.integers(0, 9),
    st.floats(0.125, 500, width=32),
)
def test_the_loss_is_never_negative_and_less_the_farther_rubbish_is(distances, label, rubbish):
    found, farther = (loss_of_each([label], [distances], each)[0] for each in (rubbish, 2 * rubbish))
    assert 0 <= farther <= found


def test_the_prediction_is_the_nearest_code():
    distances = np.array([[3.0, 1.0, 2.0], [0.5, 9.0, 1.0], [7.0, 8.0, 6.0]])
    found = nearest_code(np.eye(3)[[1, 2, 2]], distances)
    assert np.array(found).tolist() == [1, 0, 1]


# Training and files


def test_initial_weights_fill_the_range_that_the_paper_gives(model):
    inputs = {"C1": 25, "S2": 4, "S4": 4, "C5": 400, "F6": 120}
    for name, n in inputs.items():
        weights, bias = model.get_layer(name).get_weights()
        assert 0.75 * 2.4 / n < np.abs(weights).max() <= 2.4 / n * 1.000001, name
        assert not bias.any()
    kernel, _ = model.get_layer("C3").get_weights()
    seen = np.repeat([len(row) for row in C3_TABLE], [len(row) for row in C3_TABLE])
    for n in (3, 4, 6):
        assert 0.95 * 2.4 / (25 * n) < np.abs(kernel[..., seen == n]).max() <= 2.4 / (25 * n) * 1.000001


def test_a_seed_fixes_the_initial_weights(model):
    keras.utils.set_random_seed(1)
    same, other = build_lenet5(), build_lenet5()
    for first, again, next_one in zip(
        model.trainable_weights, same.trainable_weights, other.trainable_weights, strict=True
    ):
        np.testing.assert_array_equal(first, again)
        assert first.name == "bias" or (first.numpy() != next_one.numpy()).any()


def test_training_lowers_the_loss_and_reads_digits(trained, few):
    model, (loss_before, before), (loss_after, after), losses = trained
    assert losses[-1] < losses[0] / 2
    assert loss_after < loss_before / 2
    assert after > before + 0.3
    distances = model.predict(few.test.images, verbose=0)
    assert after == pytest.approx((distances.argmin(axis=1) == few.test.labels).mean())
    np.testing.assert_array_equal(model.get_layer("output").get_weights()[0], codes().reshape(10, 84))


def test_it_comes_back_from_a_file_and_training_goes_on(trained, few, tmp_path):
    model = trained[0]
    model.save(tmp_path / "lenet5.keras")
    loaded = keras.models.load_model(tmp_path / "lenet5.keras", safe_mode=True)
    np.testing.assert_array_equal(loaded.predict(few.test.images), model.predict(few.test.images))
    assert loaded.to_json() == model.to_json()
    assert loaded.get_compile_config() == model.get_compile_config()
    assert loaded.loss.rubbish == 10.0
    part = replace(few.train, **{name: getattr(few.train, name)[:100] for name in ("images", "onehot", "labels")})
    first = loaded.evaluate(part.images, part.onehot, verbose=0)
    assert first == pytest.approx(model.evaluate(part.images, part.onehot, verbose=0))
    loaded.fit(part.images, part.onehot, batch_size=20, epochs=2, verbose=0)
    assert loaded.evaluate(part.images, part.onehot, verbose=0)[0] < first[0]


ELSEWHERE = """
import sys
import numpy as np
from lenet_tutorial.backend import keras
from lenet_tutorial import lenet5
folder = sys.argv[1]
given = np.load(f"{folder}/given.npz")
models = {name: keras.models.load_model(f"{folder}/{name}.keras", compile=False) for name in ("lenet5", "own")}
found = {name: model.predict_on_batch(given["images"]) for name, model in models.items()}
model = lenet5.build_lenet5()
model.set_weights(models["lenet5"].get_weights())
model.compile(keras.optimizers.SGD(1e-4), loss=lenet5.CompetitiveLoss(10.0), metrics=[lenet5.nearest_code])
losses = [model.train_on_batch(given["images"], given["onehot"])[0] for _ in range(3)]
np.savez(f"{folder}/found.npz", losses=losses, **found)
assert keras.backend.backend() == "jax"
"""


@NEEDS_JAX
def test_on_jax_it_predicts_the_same_and_can_be_trained(trained, few, tmp_path):
    layers = keras.layers
    own = [LocallyConnected2D(2, 5, 3, "tanh"), layers.Flatten(), layers.Dense(3)]
    own = keras.Sequential([keras.Input((784,)), layers.Reshape((28, 28, 1)), *own])
    models, images = {"lenet5": trained[0], "own": own}, few.train.images[:100]
    for name, each in models.items():
        each.save(tmp_path / f"{name}.keras")
    np.savez(tmp_path / "given.npz", images=images, onehot=few.train.onehot[:100])
    command = [sys.executable, "-c", ELSEWHERE, str(tmp_path)]
    done = subprocess.run(command, env=os.environ | ON_JAX, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    found = np.load(tmp_path / "found.npz")
    for name, each in models.items():
        np.testing.assert_allclose(found[name], each.predict(images, verbose=0), rtol=1e-3, atol=1e-3)
    before, _ = trained[0].evaluate(images, few.train.onehot[:100], verbose=0)
    assert found["losses"][0] == pytest.approx(before, rel=1e-3)
    assert found["losses"][-1] < found["losses"][0]
