"""The textbook's network against a forward pass written with NumPy and SciPy."""

import numpy as np
import pytest
from scipy.signal import correlate2d

from lenet_tutorial import textbook
from lenet_tutorial.backend import keras
from lenet_tutorial.model import build_lenet, layer_table

NAMES = ["image", "conv1", "pool1", "conv2", "pool2", "flatten", "dense", "output"]


@pytest.fixture(scope="module")
def model():
    keras.utils.set_random_seed(1)
    return build_lenet()


def convolve(maps, kernels, biases):
    """SAME for a 4×4 kernel: one row and column of zeros before, two after; then ReLU."""
    padded = np.pad(maps, ((1, 2), (1, 2), (0, 0)))
    summed = [
        sum(correlate2d(padded[:, :, c], kernels[:, :, c, k], mode="valid") for c in range(maps.shape[2])) + biases[k]
        for k in range(kernels.shape[3])
    ]
    return np.maximum(0, np.stack(summed, axis=-1))


def pool(maps):
    return np.max([maps[row::2, column::2] for row in (0, 1) for column in (0, 1)], axis=0)


def test_every_layer_is_the_documents(model):
    table = layer_table(model)
    assert [layer.name for layer in table] == NAMES
    for ours, theirs in zip(table, textbook.LAYERS, strict=True):
        assert (ours.kind, ours.output_shape, ours.parameters) == (theirs.kind, theirs.output_shape, theirs.parameters)
    assert model.count_params() == textbook.PARAMETERS
    assert sum(int(np.prod(w.shape)) for w in model.trainable_weights) == textbook.PARAMETERS


def test_output_is_that_of_numpy_and_scipy(model):
    pixels = np.random.default_rng(0).random((2, 784), dtype=np.float32)
    weights = {layer.name: layer.get_weights() for layer in model.layers}
    expected = []
    for one in pixels:
        maps = pool(convolve(one.reshape(28, 28, 1), *weights["conv1"]))
        flat = pool(convolve(maps, *weights["conv2"])).reshape(-1)
        features = np.maximum(0, flat @ weights["dense"][0] + weights["dense"][1])
        logits = features @ weights["output"][0] + weights["output"][1]
        expected.append(np.exp(logits) / np.exp(logits).sum())
    np.testing.assert_allclose(np.array(model(pixels)), expected, atol=1e-5)


def test_first_weights_are_glorot_uniform_and_biases_zero(model):
    kernel, bias = model.get_layer("dense").get_weights()
    limit = np.sqrt(6 / (3136 + 1024))
    assert 0.99 * limit < np.abs(kernel).max() <= limit
    np.testing.assert_allclose(kernel.var(), limit**2 / 3, rtol=0.01)
    assert not bias.any()


def test_padding_valid_makes_the_maps_smaller():
    shapes = [layer.output_shape for layer in layer_table(build_lenet(padding="valid"))]
    assert shapes[1:5] == [(25, 25, 32), (12, 12, 32), (9, 9, 64), (4, 4, 64)]


def test_bad_input_is_told():
    with pytest.raises(ValueError, match=r"two convolutions.*got \(32,\)"):
        build_lenet((32,))
    with pytest.raises(ValueError, match="has no shapes yet"):
        layer_table(keras.Sequential([keras.layers.Dense(3)]))
