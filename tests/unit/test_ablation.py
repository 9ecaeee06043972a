"""Ablated channels against networks that lack them, and another image's map against a forward pass by hand."""

import numpy as np
import pytest

from lenet_tutorial.backend import keras
from lenet_tutorial.inspection import ablated_logits, feature_maps, logits
from lenet_tutorial.model import build_lenet
from tests.unit.networks import sample, small, trained


def without(model, channels):
    """A copy whose conv2 gives 0 in these channels, by Keras alone."""
    copy = build_lenet()
    copy.set_weights(model.get_weights())
    weights, biases = copy.get_layer("conv2").get_weights()
    weights[..., channels], biases[channels] = 0, 0
    copy.get_layer("conv2").set_weights([weights, biases])
    return copy


def test_a_lost_channel_is_a_kernel_and_a_bias_of_zeros():
    model, images = trained(), sample()[0]
    groups = [[], [5], [63, 0, 17]]
    found = ablated_logits(model, images, "pool2", groups)
    assert found.shape == (3, 300, 10)
    for group, each in zip(groups, found, strict=True):
        np.testing.assert_allclose(each, logits(without(model, group), images), atol=1e-3)
    np.testing.assert_allclose(ablated_logits(model, images[:2], "flatten", [[]])[0], found[0, :2], atol=1e-4)


def test_by_default_each_channel_is_lost_alone():
    model, images = trained(), sample()[0][:3]
    found = ablated_logits(model, images, "pool2")
    np.testing.assert_allclose(found, ablated_logits(model, images, "pool2", [[k] for k in range(64)]), atol=1e-5)


def test_another_images_map_comes_in_its_place():
    model, images = trained(), sample()[0]
    maps = feature_maps(model, images, "pool2")["pool2"]
    mixed = maps[:20].copy()
    mixed[..., [3, 9]] = maps[20:40][..., [3, 9]]
    dense, output = model.get_layer("dense"), model.get_layer("output")
    by_keras = np.asarray(dense(mixed.reshape(20, -1))) @ output.get_weights()[0] + output.get_weights()[1]
    found = ablated_logits(model, images[:20], "pool2", [[3, 9], range(64)], others=images[20:40])
    np.testing.assert_allclose(found[0], by_keras, atol=1e-3)
    np.testing.assert_allclose(found[1], logits(model, images[20:40]), atol=1e-3)


def test_dense_layers_without_a_bias_and_with_another_activation():
    layers = keras.layers
    model = small(
        6,
        layers.Conv2D(3, 3, name="conv"),
        layers.Flatten(),
        layers.Dropout(0.5),
        layers.Dense(5, activation="tanh", use_bias=False),
        layers.Dense(4, activation="softmax"),
    )
    images = np.random.default_rng(0).random((7, 36))
    np.testing.assert_allclose(ablated_logits(model, images, "conv", [[]])[0], logits(model, images), atol=1e-5)
    weights, biases = model.get_layer("conv").get_weights()
    weights[..., 1], biases[1] = 0, 0
    found = ablated_logits(model, images, "conv", [[1]])[0]
    model.get_layer("conv").set_weights([weights, biases])
    np.testing.assert_allclose(found, logits(model, images), atol=1e-5)


@pytest.mark.parametrize(
    ("layer", "groups", "others", "words"),
    [
        ("conv2", None, None, "only Flatten, Dropout and Dense after it, got 'conv2', then 'pool2', a MaxPooling2D"),
        ("output", None, None, "got 'output', then nothing"),
        ("pool3", None, None, "expected the name of a layer"),
        ("pool2", [[64]], None, r"channels from 0 to 63, got \[64\]"),
        ("pool2", [[1, 1]], None, r"different channel numbers in a list, got \[1, 1\]"),
        ("pool2", [[0.5]], None, r"different channel numbers"),
        ("pool2", None, np.zeros((3, 784)), "one other image for each of 2, got 3"),
    ],
)
def test_bad_input_is_told(layer, groups, others, words):
    with pytest.raises(ValueError, match=words):
        ablated_logits(trained(), np.zeros((2, 784)), layer, groups, others=others)
