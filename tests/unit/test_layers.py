"""The layers that Keras lacks, each against loops over NumPy arrays or SciPy's correlation."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from scipy.signal import correlate2d

from lenet_tutorial.backend import keras
from lenet_tutorial.layers import RBF, FanInUniform, LocallyConnected2D, Subsampling, TableConv2D, scaled_tanh

TABLE = ((0, 2), (1,), (0, 1, 2), (2, 0))  # the last names the same maps as the first, in the other order
CODES = np.random.default_rng(7).choice([-1, 1], (4, 6))
# name: (makes the layer, shape of its input, shape of its output)
LAYERS = {
    "subsampling": (Subsampling, (6, 8, 3), (3, 4, 3)),
    "subsampling of an odd image": (Subsampling, (5, 7, 2), (2, 3, 2)),
    "table": (lambda: TableConv2D(TABLE, 3), (6, 9, 3), (4, 7, 4)),
    "rbf": (lambda: RBF(CODES), (6,), (4,)),
    "local": (lambda: LocallyConnected2D(4, 3, activation="tanh"), (5, 8, 2), (3, 6, 4)),
    "local with strides": (lambda: LocallyConnected2D(3, 2, 2), (7, 4, 2), (3, 2, 3)),
}


def squash(values):
    return 1.7159 * np.tanh(2 / 3 * values)


def random_maps(*shape, seed=0):
    return np.random.default_rng(seed).normal(size=shape).astype(np.float32)


def randomized(layer, maps):
    """The layer, built for these maps, with random weights, biases too."""
    layer.build(maps.shape)
    layer.set_weights([random_maps(*each.shape, seed=1 + i) / 2 for i, each in enumerate(layer.get_weights())])
    return layer


# The activation


def test_the_squashing_is_the_papers():
    values = np.linspace(-6, 6, 1201)
    found = np.array(scaled_tanh(values))
    np.testing.assert_allclose(found, squash(values), rtol=1e-6)
    np.testing.assert_allclose(np.array(scaled_tanh(np.array([-1.0, 0.0, 1.0, 99.0]))), [-1, 0, 1, 1.7159], atol=1e-4)
    assert abs(values[np.abs(np.diff(found, 2)).argmax() + 1]) == pytest.approx(1, abs=0.02), "it bends most at 1"


# The layers


def test_subsampling_by_hand():
    layer = Subsampling()
    layer.build((None, 2, 2, 2))
    layer.set_weights([np.array([0.1, -0.25]), np.array([0.5, 1.0])])
    maps = np.array([[[1, 0], [2, 0]], [[3, 4], [4, 0]]], np.float32)  # one map holds 1, 2, 3, 4, the other a single 4
    found = np.array(layer(maps[None]))
    np.testing.assert_allclose(found, [[[[1.7159 * np.tanh(1.0), 0.0]]]], atol=1e-6)  # 2/3 (0.1·10 + 0.5) is 1


@pytest.mark.parametrize("sides", [(6, 8), (5, 7), (2, 3)])
def test_subsampling_sums_squares_and_leaves_an_odd_edge_out(sides):
    maps = random_maps(2, *sides, 3)
    layer = randomized(Subsampling(), maps)
    coefficient, bias = layer.get_weights()
    expected = np.zeros((2, sides[0] // 2, sides[1] // 2, 3))
    for n, row, column, k in np.ndindex(expected.shape):
        total = maps[n, 2 * row : 2 * row + 2, 2 * column : 2 * column + 2, k].sum()
        expected[n, row, column, k] = squash(total * coefficient[k] + bias[k])
    np.testing.assert_allclose(np.array(layer(maps)), expected, atol=1e-5)


def test_each_map_of_a_table_correlates_the_maps_that_it_sees():
    maps = random_maps(2, 6, 9, 3)
    layer = randomized(TableConv2D(TABLE, 3), maps)
    kernel, bias = layer.get_weights()
    assert kernel.shape == (3, 3, sum(map(len, TABLE)))
    kernels = iter(np.moveaxis(kernel, -1, 0))
    sums = [sum(correlate(maps[..., seen], next(kernels)) for seen in row) + bias[to] for to, row in enumerate(TABLE)]
    np.testing.assert_allclose(np.array(layer(maps)), squash(np.stack(sums, axis=-1)), atol=1e-5)


def correlate(images, kernel):
    return np.stack([correlate2d(image, kernel, mode="valid") for image in images])


@st.composite
def tables(draw):
    """How many maps there are, and a table of them."""
    n_maps = draw(st.integers(1, 5))
    row = st.lists(st.integers(0, n_maps - 1), min_size=1, max_size=n_maps, unique=True)
    return n_maps, draw(st.lists(row, min_size=1, max_size=5))


@settings(deadline=None, max_examples=30)
@given(tables(), st.integers(1, 3))
def test_a_table_is_a_convolution_whose_missing_kernels_are_zero(drawn, size):
    n_maps, table = drawn
    maps = random_maps(2, 4, 5, n_maps)
    layer = randomized(TableConv2D(table, size), maps)
    kernel, bias = layer.get_weights()
    full, pairs = np.zeros((size, size, n_maps, len(table))), iter(range(kernel.shape[-1]))
    for to, row in enumerate(table):
        for seen in row:
            full[:, :, seen, to] = kernel[:, :, next(pairs)]
    plain = keras.layers.Conv2D(len(table), size, activation=scaled_tanh)
    plain.build(maps.shape)
    plain.set_weights([full, bias])
    np.testing.assert_allclose(np.array(layer(maps)), np.array(plain(maps)), atol=1e-5)
    assert layer.count_params() == np.count_nonzero(full) + len(table)


def test_rbf_is_the_squared_distance_to_each_code():
    values = random_maps(3, 6)
    found = np.array(RBF(CODES)(values))
    for n, digit in np.ndindex(3, 4):
        assert found[n, digit] == pytest.approx(sum((values[n, i] - CODES[digit, i]) ** 2 for i in range(6)), rel=1e-5)
    own = np.array(RBF(CODES)(CODES.astype(np.float32)))
    np.testing.assert_array_equal(own, 4 * (CODES[:, None] != CODES).sum(axis=-1))  # a different dot is at distance 2


def test_training_leaves_the_codes_as_they_are():
    model = keras.Sequential([keras.Input((5,)), keras.layers.Dense(6), RBF(CODES)])
    model.compile(loss="mse", optimizer="sgd")
    before = model.layers[0].get_weights()[0]
    model.fit(random_maps(8, 5), random_maps(8, 4), verbose=0)
    np.testing.assert_array_equal(model.layers[1].get_weights(), [CODES])
    assert (model.layers[0].get_weights()[0] != before).any()


@pytest.mark.parametrize("activation", [None, "relu"])
@pytest.mark.parametrize(("size", "strides"), [(3, 1), (3, 2), (2, 3), (1, 1)])
def test_a_locally_connected_layer_has_kernels_of_its_own_at_each_position(size, strides, activation):
    maps = random_maps(2, 7, 10, 2)
    layer = randomized(LocallyConnected2D(3, size, strides, activation), maps)
    kernel, bias = layer.get_weights()
    down, across = range(0, 7 - size + 1, strides), range(0, 10 - size + 1, strides)
    assert kernel.shape == (len(down) * len(across), size * size * 2, 3)
    expected = np.zeros((2, len(down), len(across), 3))
    for i, row in enumerate(down):
        for j, column in enumerate(across):
            window = maps[:, row : row + size, column : column + size].reshape(2, -1)
            expected[:, i, j] = window @ kernel[i * len(across) + j] + bias[i, j]
    expected = np.maximum(0, expected) if activation else expected
    np.testing.assert_allclose(np.array(layer(maps)), expected, atol=1e-5)


@pytest.mark.parametrize("strides", [1, 2])
def test_it_is_a_convolution_if_all_positions_have_the_same_kernels_and_else_not(strides):
    maps = random_maps(2, 8, 6, 2)
    shared = randomized(keras.layers.Conv2D(4, 3, strides, activation="relu"), maps)
    local = LocallyConnected2D(4, 3, strides, "relu")
    local.build(maps.shape)
    kernel, bias = (each.shape for each in local.weights)
    one, level = shared.get_weights()
    same = [np.broadcast_to(one.reshape(-1, 4), kernel), np.broadcast_to(level, bias)]
    local.set_weights(same)
    convolved = np.array(shared(maps))
    np.testing.assert_allclose(np.array(local(maps)), convolved, atol=1e-5)
    local.set_weights([same[0] * np.where(np.arange(kernel[0]) == 1, -1, 1)[:, None, None], same[1]])
    differs = (np.abs(np.array(local(maps)) - convolved) > 1e-3).any(axis=(0, 3))
    assert [tuple(each) for each in np.argwhere(differs)] == [(0, 1)], "only where the kernels were changed"


@pytest.mark.parametrize("name", LAYERS)
def test_a_layer_tells_the_shape_that_it_gives(name):
    make, shape, wanted = LAYERS[name]
    assert make()(random_maps(3, *shape)).shape == (3, *wanted)
    assert make()(keras.Input(shape)).shape == (None, *wanted)
    assert tuple(make().compute_output_shape((None, *shape))) == (None, *wanted)


@pytest.mark.parametrize(
    ("make", "shape", "words"),
    [
        (lambda: TableConv2D([(0, 3)], 2), (4, 4, 3), r"maps from 0 to 2, .*got \(\(0, 3\),\)"),
        (lambda: TableConv2D([(0, -1)], 2), (4, 4, 3), r"maps from 0 to 2, .*got \(\(0, -1\),\)"),
        (lambda: TableConv2D([(0,), ()], 2), (4, 4, 3), r"at least one in a row and none twice, got \(\(0,\), \(\)\)"),
        (lambda: TableConv2D([(0, 0)], 2), (4, 4, 3), r"none twice, got \(\(0, 0\),\)"),
        (lambda: TableConv2D([(0,)], 5), (4, 6, 3), "at least 5×5, the window's size, got 4×6"),
        (lambda: LocallyConnected2D(2, 3), (1, 2, 1), "at least 3×3, the window's size, got 1×2"),
        (lambda: TableConv2D([], 2), (4, 4, 3), r"at least one in a row and none twice, got \(\)"),
        (lambda: RBF(CODES), (5,), r"codes of shape \(classes, 5\), got \(4, 6\)"),
        (lambda: RBF(CODES[0]), (6,), r"codes of shape \(classes, 6\), got \(6,\)"),
    ],
)
def test_what_does_not_fit_is_told(make, shape, words):
    with pytest.raises(ValueError, match=words):
        make()(keras.Input(shape))


# Initial weights


def fills(weights, reach):
    """They are uniform between minus and plus reach, and none is beyond."""
    assert np.abs(weights).max() <= reach * 1.000001
    assert stats.kstest(np.ravel(weights), stats.uniform(-reach, 2 * reach).cdf).pvalue > 1e-4


def test_fan_in_uniform_fills_its_range():
    keras.utils.set_random_seed(5)
    fills(np.array(FanInUniform(12)((5000,))), 2.4 / 12)
    each = np.array(FanInUniform([1, 10, 100])((2000, 3)))
    np.testing.assert_allclose(np.abs(each).max(axis=0), [2.4, 0.24, 0.024], rtol=0.01)


def test_a_seed_fixes_the_weights():
    first, again, other = (np.array(FanInUniform(4, seed)((50,))) for seed in (3, 3, 4))
    np.testing.assert_array_equal(first, again)
    assert (first != other).any()


@pytest.mark.parametrize("fan_in", [5, [3, 5, 8], np.array([3, 5, 8])])
def test_fan_in_uniform_comes_back_from_its_configuration(fan_in):
    config = keras.saving.serialize_keras_object(FanInUniform(fan_in))

    def drawn(make):
        keras.utils.set_random_seed(2)
        return np.array(make()((7, 3)))

    again = drawn(lambda: keras.saving.deserialize_keras_object(config))
    np.testing.assert_array_equal(again, drawn(lambda: FanInUniform(fan_in)))


def test_fan_in_uniform_keeps_its_seed():
    first = FanInUniform(4, seed=3)
    again = FanInUniform.from_config(first.get_config())
    np.testing.assert_array_equal(np.array(first((9,))), np.array(again((9,))))


def test_weights_start_within_a_range_that_the_inputs_of_a_neuron_set():
    keras.utils.set_random_seed(1)
    rows = [range(n) for n in (1, 2, 3) for _ in range(20)]
    table, halve = TableConv2D(rows, 4), Subsampling()
    table.build((None, 9, 9, 3))
    halve.build((None, 9, 9, 300))
    (kernel, bias), (coefficient, other) = table.get_weights(), halve.get_weights()
    first = 0
    for n in (1, 2, 3):  # twenty maps that each see n maps
        fills(kernel[:, :, first : first + 20 * n], 2.4 / (16 * n))
        first += 20 * n
    fills(coefficient, 2.4 / 4)
    assert not np.concatenate([bias, other]).any()


def test_local_kernels_start_as_those_of_a_convolution():
    keras.utils.set_random_seed(1)
    limit = np.sqrt(6 / (25 * 8 + 25 * 16))
    for layer in (LocallyConnected2D(16, 5), keras.layers.Conv2D(16, 5)):
        layer.build((None, 12, 12, 8))
        kernel, bias = layer.get_weights()
        fills(kernel, limit)
        assert not bias.any()


@pytest.mark.parametrize("name", LAYERS)
def test_keras_seed_fixes_a_layers_weights(name):
    make, shape, _ = LAYERS[name]

    def weights(seed):
        keras.utils.set_random_seed(seed)
        layer = make()
        layer.build((None, *shape))
        return np.concatenate([each.ravel() for each in layer.get_weights()])

    np.testing.assert_array_equal(weights(3), weights(3))
    assert (weights(3) != weights(4)).any() == (name != "rbf")


# Files


@pytest.mark.parametrize("name", LAYERS)
def test_a_layer_comes_back_from_a_file_and_training_goes_on(name, tmp_path):
    make, shape, _ = LAYERS[name]
    inputs = random_maps(8, *shape)
    model = keras.Sequential([keras.Input(shape), make(), keras.layers.Flatten(), keras.layers.Dense(2)])
    model.compile(loss="mse", optimizer=keras.optimizers.SGD(1e-3, momentum=0.9), run_eagerly=True)  # quick
    targets, settings = random_maps(8, 2, seed=1), {"verbose": 0, "shuffle": False}
    model.fit(inputs, targets, **settings)
    model.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras", safe_mode=True)
    np.testing.assert_array_equal(loaded.predict(inputs, verbose=0), model.predict(inputs, verbose=0))
    assert loaded.to_json() == model.to_json() == keras.models.model_from_json(model.to_json()).to_json()
    before = model.get_weights()
    for each in (model, loaded):
        each.fit(inputs, targets, **settings)
    for first, second in zip(model.get_weights(), loaded.get_weights(), strict=True):
        np.testing.assert_allclose(first, second, rtol=1e-6)
    assert any((one != other).any() for one, other in zip(before, loaded.get_weights(), strict=True))
