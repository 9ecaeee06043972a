"""Activation maximization: the score rises, and for one convolution the best image is known."""

import numpy as np
import pytest
from scipy.signal import correlate2d

from lenet_tutorial.backend import keras
from lenet_tutorial.inspection import Ascent, feature_maps, kernels, logits, maximize_activation
from lenet_tutorial.inspection.activation_maximization import _gradient_pass
from tests.unit.networks import small, trained

SHORT = Ascent(steps=10)
REGULARIZED = Ascent(steps=10, decay=0.05, blur=0.5, jitter=2)


def roughness(images):
    """Mean difference between neighboring pixels."""
    return np.abs(np.diff(images, axis=1)).mean() + np.abs(np.diff(images, axis=2)).mean()


@pytest.mark.parametrize(
    ("layer", "over", "units", "ascent"),
    [
        ("conv1", "center", None, SHORT),
        ("conv1", "map", None, SHORT),
        ("conv2", "center", None, SHORT),
        ("conv2", "map", None, REGULARIZED),
        ("pool1", "map", [0, 3], SHORT),
        ("pool2", "center", [0, 3], SHORT),
        ("dense", "center", [1023, 5], SHORT),
        ("output", "center", None, SHORT),
        ("output", "center", None, REGULARIZED),
    ],
)
def test_ascent_raises_the_score_and_pixels_stay_in_range(layer, over, units, ascent):
    found = maximize_activation(trained(), layer, units=units, over=over, ascent=ascent)
    n = trained().get_layer(layer).output.shape[-1] if units is None else len(units)
    assert found.images.shape == (n, 28, 28)
    assert found.images.dtype == np.float32
    assert found.images.min() >= 0
    assert found.images.max() <= 1
    moved = found.after != found.before  # a pooled unit that is 0 everywhere has no gradient
    assert (found.after >= found.before).all()
    assert moved.mean() > 0.9 or layer.startswith("pool")
    assert moved.any()


def test_the_best_image_for_a_kernel_has_ink_where_the_kernel_is_positive():
    model = trained()
    kernel, bias = kernels(model, "conv1")[..., 0], model.get_layer("conv1").get_weights()[1]
    found = maximize_activation(model, "conv1", ascent=Ascent(steps=60, step_size=0.5))
    firm = np.abs(kernel) > 0.1 * np.abs(kernel).max(axis=(1, 2), keepdims=True)
    np.testing.assert_allclose(found.after, np.maximum(kernel, 0).sum(axis=(1, 2)) + bias, rtol=0.02, atol=0.01)
    np.testing.assert_allclose(found.images[:, 12:16, 12:16][firm], (kernel > 0)[firm], atol=0.05)


@pytest.mark.parametrize("layer", ["conv1", "conv2", "pool1", "output"])
def test_the_scores_are_those_of_the_network(layer):
    model = trained()
    found = maximize_activation(model, layer, ascent=SHORT)
    images, units = found.images.reshape(-1, 784), np.arange(len(found.units))
    if layer == "output":
        own, score = np.diag(logits(model, images)), found.after
    else:
        center = 13 if layer == "conv1" else 6  # of the pooled units, number 6 is nearest to the image's center
        own = feature_maps(model, images, layer)[layer][units, center, center, units]
        score = np.maximum(found.after, 0)
    np.testing.assert_allclose(own, score, rtol=1e-4, atol=1e-4)


def test_over_the_map_the_score_is_the_mean_of_the_preactivations():
    found = maximize_activation(trained(), "conv1", over="map", units=[4], ascent=SHORT)
    kernel, bias = (each[..., 4] for each in trained().get_layer("conv1").get_weights())
    padded = np.pad(found.images[0], ((1, 2), (1, 2)))
    assert found.after[0] == pytest.approx(correlate2d(padded, kernel[..., 0], mode="valid").mean() + bias, abs=1e-4)


@pytest.mark.parametrize(("stride", "padding", "use_bias"), [(1, "valid", True), (2, "same", False)])
def test_one_position_of_another_convolution(stride, padding, use_bias):
    convolution = keras.layers.Conv2D(3, 3, strides=stride, padding=padding, use_bias=use_bias, name="conv")
    model = small(6, convolution)
    found = maximize_activation(model, "conv", ascent=SHORT)
    maps = feature_maps(model, found.images.reshape(-1, 36), ["conv"])["conv"]
    own = maps[np.arange(3), ..., np.arange(3)].reshape(3, -1)
    assert np.isclose(own, found.after[:, None], atol=1e-5).any(axis=1).all()
    assert (found.after > found.before).all()


@pytest.mark.parametrize("ascent", [SHORT, REGULARIZED])
def test_a_unit_gets_the_same_image_in_any_batch(ascent):
    model = trained()
    together = maximize_activation(model, "output", ascent=ascent)
    alone = maximize_activation(model, "output", units=[7, 2], ascent=ascent)
    np.testing.assert_array_equal(alone.units, [7, 2])
    np.testing.assert_allclose(alone.before, together.before[[7, 2]], atol=1e-5)
    np.testing.assert_allclose(alone.after, together.after[[7, 2]], rtol=1e-3)
    np.testing.assert_allclose(alone.images, together.images[[7, 2]], atol=0.02)


def test_only_the_receptive_field_is_drawn():
    found = maximize_activation(trained(), "conv2", units=[0, 9], ascent=SHORT)
    rest = np.ones((28, 28), bool)
    rest[9:20, 9:20] = False
    np.testing.assert_array_equal(found.images[0][rest], found.images[1][rest])
    assert found.images[:, rest].max() < 0.11
    faded = maximize_activation(trained(), "conv2", units=[0, 9], ascent=Ascent(steps=40, decay=0.5))
    assert faded.images[:, rest].max() < 1e-3


def test_regularized_images_are_smoother_have_less_ink_and_settle():
    free, blurred, faded = (
        maximize_activation(trained(), "output", ascent=Ascent(steps=40, **regularized))
        for regularized in ({}, {"blur": 0.6}, {"decay": 0.1})
    )
    assert roughness(blurred.images) < 0.7 * roughness(free.images)
    assert faded.images.mean() < free.images.mean()
    assert (free.after > blurred.after).all()
    assert (np.minimum(blurred.after, faded.after) > 0.7 * free.after).all()


def test_a_seed_repeats_and_another_differs():
    images = [
        maximize_activation(trained(), "output", units=[3], ascent=Ascent(steps=3, jitter=1, seed=seed)).images
        for seed in (1, 1, 2)
    ]
    np.testing.assert_array_equal(images[0], images[1])
    assert np.abs(images[0] - images[2]).max() > 0.01


def similarity(images):
    """Mean cosine similarity of each image with the others, by NumPy."""
    flat = images.reshape(len(images), -1)
    cosines = flat @ flat.T / np.outer(*[np.linalg.norm(flat, axis=1)] * 2)
    return (cosines.sum() - len(flat)) / (len(flat) ** 2 - len(flat))


def test_a_unit_that_comes_again_starts_from_other_noise():
    first, _, again = maximize_activation(trained(), "output", units=[3, 5, 3], ascent=Ascent(steps=1)).images
    alone = maximize_activation(trained(), "output", units=[3], ascent=Ascent(steps=1)).images[0]
    np.testing.assert_allclose(first, alone, atol=1e-3)
    assert np.abs(first - again).max() > 0.01


def test_diversity_makes_images_of_one_unit_unlike_and_leaves_single_ones_alone():
    def found(units, diversity):
        ascent = Ascent(steps=40, decay=0.05, blur=0.6, diversity=diversity)
        return maximize_activation(trained(), "output", units=units, ascent=ascent)

    units = [3, 3, 3, 8]
    alike, unlike = found(units, 0), found(units, 6)
    assert similarity(unlike.images[:3]) < similarity(alike.images[:3]) - 0.1
    np.testing.assert_allclose(unlike.images[3], alike.images[3], atol=0.02)
    np.testing.assert_allclose(unlike.before, alike.before, rtol=1e-5, atol=1e-5)  # a score is the unit's alone


def test_the_gradient_of_diversity_is_that_of_finite_differences():
    random = np.random.default_rng(0)
    images, units = random.random((3, 784), np.float32), np.array([2, 2, 2], np.int32)
    gradients = [
        np.asarray(
            _gradient_pass(trained(), "output", "center")(images, units, np.zeros(2, np.int32), np.float32(each))[1]
        )
        for each in (0, 100)
    ]

    def own(image):
        return np.mean([image @ each / np.linalg.norm(image) / np.linalg.norm(each) for each in images[1:]])

    step = np.eye(784)[[5, 300]] * 1e-4
    slopes = [(own(images[0] + each) - own(images[0] - each)) / 2e-4 for each in step]
    np.testing.assert_allclose((gradients[0] - gradients[1])[0, [5, 300]] / 100, slopes, rtol=0.01)


BAD = {
    "diversity": [-1, np.nan],
    "steps": [0, 2.5],
    "step_size": [0, np.nan],
    "decay": [1.0, -0.1],
    "blur": [-1, np.inf],
    "jitter": [-1, True],
}


@pytest.mark.parametrize(("setting", "value"), [(setting, value) for setting in BAD for value in BAD[setting]])
def test_an_ascent_that_makes_no_sense_is_refused(setting, value):
    with pytest.raises(ValueError, match=rf"expected {setting} .*got {value}"):
        Ascent(**{setting: value})
