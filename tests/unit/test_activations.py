"""Kernels, feature maps, strongest patches, features and receptive fields, against SciPy, NumPy and the gradient."""

from unittest import mock

import numpy as np
import pytest
from scipy.signal import correlate2d

from lenet_tutorial.backend import keras, tf
from lenet_tutorial.inspection import (
    embedding,
    feature_maps,
    grad_cam,
    kernels,
    logits,
    patches_at_percentile,
    project_2d,
    receptive_field,
    top_activating_patches,
)
from lenet_tutorial.inspection.forward import layer_pass
from lenet_tutorial.model import build_lenet
from tests.unit.networks import linear, sample, small, trained

LAYERS = ["image", "conv1", "pool1", "conv2", "pool2", "flatten", "dense", "output"]


def by_scipy(image, layer):
    """One image (height, width, channels) through a SAME convolution with ReLU: 1 zero before, 2 after."""
    kernel, bias = layer.get_weights()
    padded = np.pad(image.astype(np.float64), ((1, 2), (1, 2), (0, 0)))
    sums = [
        sum(correlate2d(padded[..., c], kernel[..., c, k], mode="valid") for c in range(image.shape[-1])) + bias[k]
        for k in range(kernel.shape[-1])
    ]
    return np.maximum(np.stack(sums, axis=-1), 0)


def test_feature_maps_are_scipys_correlation_and_the_largest_of_each_window():
    model, image = trained(), sample()[0][:1]
    maps = {name: each[0] for name, each in feature_maps(model, image, LAYERS).items()}
    np.testing.assert_allclose(maps["conv1"], by_scipy(image.reshape(28, 28, 1), model.get_layer("conv1")), atol=1e-5)
    pooled = maps["conv1"].reshape(14, 2, 14, 2, 32).max(axis=(1, 3))
    np.testing.assert_array_equal(maps["pool1"], pooled)
    np.testing.assert_allclose(maps["conv2"], by_scipy(pooled, model.get_layer("conv2")), atol=1e-4)
    np.testing.assert_allclose(maps["output"], model(image).numpy()[0], atol=1e-6)


def test_feature_maps_come_as_asked_for_whatever_the_number_of_batches():
    model, (images, _) = trained(), sample()
    maps = feature_maps(model, images, ["output", "pool2", "output"])
    assert list(maps) == ["output", "pool2"]
    assert maps["pool2"].shape == (300, 7, 7, 64)
    assert maps["pool2"].dtype == np.float32
    assert not maps["pool2"].flags.writeable
    for rows in (slice(0, 3), slice(254, 260), slice(297, 300)):
        alone = feature_maps(model, images[rows], "pool2")["pool2"]
        np.testing.assert_allclose(maps["pool2"][rows], alone, atol=1e-5)
        assert not alone.flags.writeable


def test_layer_after_layer_is_asked_for_without_a_warning():
    """TensorFlow takes five passes, each compiled at its first call, for one that is compiled again and again."""
    model = build_lenet()
    with mock.patch.object(tf.get_logger(), "warning") as said:
        for layer in model.layers:
            feature_maps(model, np.zeros((3, 784), np.float32), layer.name)
    said.assert_not_called()


def test_a_zeroed_kernel_gives_a_flat_map_at_once_and_its_bias_alone():
    model, image = build_lenet(), sample()[0][:2]
    assert feature_maps(model, image, ["conv1"])["conv1"][..., 5].std() > 0
    kernel, bias = model.get_layer("conv1").get_weights()
    kernel[..., 5], bias[5] = 0, 0.25
    model.get_layer("conv1").set_weights([kernel, bias])
    np.testing.assert_array_equal(feature_maps(model, image, ["conv1"])["conv1"][..., 5], np.full((2, 28, 28), 0.25))


def test_a_changed_activation_is_seen():
    model, image = linear(4), np.full((1, 16), 0.5)
    assert feature_maps(model, image, ["output"])["output"].sum() == pytest.approx(1)
    model.get_layer("output").activation = keras.activations.linear
    np.testing.assert_allclose(feature_maps(model, image, ["output"])["output"], logits(model, image), atol=1e-6)


def test_a_network_read_from_a_file_takes_one_pass_too(tmp_path):
    model, image = trained(), sample()[0][:1]
    model.save(tmp_path / "network.keras")
    read = keras.models.load_model(tmp_path / "network.keras")
    graph = layer_pass(read, tuple(LAYERS)).graph
    assert [each.type for each in graph.get_operations()].count("Conv2D") == 2
    np.testing.assert_allclose(grad_cam(read, image, 3), grad_cam(model, image, 3), atol=1e-6)


def test_kernels_are_keras_own_with_their_number_first():
    model = build_lenet()
    own = model.get_layer("conv2").get_weights()[0]
    found = kernels(model, "conv2")
    assert found.shape == (64, 4, 4, 32)
    np.testing.assert_array_equal(found[7, :, :, 3], own[:, :, 3, 7])
    found[:] = 0
    np.testing.assert_array_equal(model.get_layer("conv2").get_weights()[0], own)


def test_logits_are_the_sums_before_the_softmax():
    model, (images, _) = trained(), sample()
    weights, bias = model.get_layer("output").get_weights()
    features = embedding(model, images).astype(np.float64)
    np.testing.assert_allclose(logits(model, images), features @ weights + bias, atol=1e-4)
    before, dense_bias = model.get_layer("dense").get_weights()
    flat = feature_maps(model, images, ["flatten"])["flatten"].astype(np.float64)
    np.testing.assert_allclose(features, np.maximum(flat @ before + dense_bias, 0), atol=1e-4)
    odds = np.exp(logits(model, images).astype(np.float64))
    np.testing.assert_allclose(odds / odds.sum(axis=1, keepdims=True), model.predict(images, verbose=0), atol=1e-5)


@pytest.mark.parametrize("end", ["Activation", "Softmax", "sigmoid", "no bias"])
def test_logits_of_other_ends(end):
    layers = keras.layers
    ends = {
        "Activation": [layers.Dense(3), layers.Activation("softmax")],
        "Softmax": [layers.Dense(3), layers.Softmax()],
        "sigmoid": [layers.Dense(3, activation="sigmoid")],
        "no bias": [layers.Dense(3, activation="softmax", use_bias=False)],
    }
    model, images = small(4, layers.Flatten(), *ends[end]), np.random.default_rng(0).random((5, 16))
    weights, *bias = model.get_weights()
    np.testing.assert_allclose(logits(model, images), images @ weights + (bias[0] if bias else 0), atol=1e-5)


@pytest.mark.parametrize("layer", ["conv1", "pool1", "conv2", "pool2"])
def test_top_activating_patches_are_those_of_a_full_search(layer):
    model, (images, _) = trained(), sample()
    maps = feature_maps(model, images, [layer])[layer]
    peaks = maps.max(axis=(1, 2))
    found = top_activating_patches(model, images, layer, n=4)
    np.testing.assert_allclose(found.activations, -np.sort(-peaks, axis=0)[:4].T, rtol=1e-5, atol=1e-6)
    channels, field = np.arange(maps.shape[-1]), receptive_field(model, layer)
    assert found.pixels.shape == (len(channels), 4, field.size, field.size)
    for rank in (0, 3):
        rows, columns = found.positions[:, rank].T
        answers = maps[found.images[:, rank], rows, columns, channels]
        np.testing.assert_allclose(answers, found.activations[:, rank], rtol=1e-5, atol=1e-6)
        pages = np.zeros((len(channels), 100, 100), np.float32)  # the patch alone, put back: margins cut off again
        for page, patch, row, column in zip(pages, found.pixels[:, rank], rows, columns, strict=True):
            top, left = (36 + field.start + field.stride * each for each in (row, column))
            page[top : top + field.size, left : left + field.size] = patch
        alone = feature_maps(model, pages[:, 36:64, 36:64].reshape(-1, 784), [layer])[layer]
        np.testing.assert_allclose(alone[channels, rows, columns, channels], answers, rtol=1e-4, atol=1e-5)
    assert all(len(set(each)) == 4 for each in found.images)


@pytest.mark.parametrize(("percentile", "ranks"), [(100, [0, 1, 2]), (0, [297, 298, 299]), (50, [148, 149, 150])])
def test_patches_from_the_middle_of_the_range_are_neighbors_in_the_ranking(percentile, ranks):
    model, (images, _) = trained(), sample()
    peaks = feature_maps(model, images, "conv1")["conv1"].max(axis=(1, 2))
    found = patches_at_percentile(model, images, "conv1", percentile, n=3)
    np.testing.assert_allclose(found.activations, -np.sort(-peaks, axis=0)[ranks].T, rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(peaks[found.images.T, np.arange(32)], found.activations.T, rtol=1e-5, atol=1e-6)


def test_a_percentile_leaves_its_share_of_the_images_above():
    images = np.zeros((101, 784), np.float32)
    images[:, 400] = np.linspace(0, 1, 101)
    model = build_lenet()
    model.get_layer("conv1").set_weights([np.ones((4, 4, 1, 32)), np.zeros(32)])
    for percentile in (75, 99):
        found = patches_at_percentile(model, images, "conv1", percentile, n=1)
        np.testing.assert_allclose(found.activations, percentile / 100, atol=1e-6)
    for bad in (-1, 101, np.nan):
        with pytest.raises(ValueError, match="percentile from 0 to 100"):
            patches_at_percentile(model, images, "conv1", bad)


def test_a_dead_channel_says_so_and_ties_go_to_the_earlier_image():
    model = small(4, keras.layers.Conv2D(2, 1, activation="relu", name="conv"))
    model.set_weights([np.array([[[[0.0, 1.0]]]]), np.array([-1.0, 0.0])])
    images = np.zeros((3, 16), np.float32)
    images[1:, 6] = 0.5
    found = top_activating_patches(model, images, "conv", n=2)
    np.testing.assert_array_equal(found.activations, [[0, 0], [0.5, 0.5]])
    np.testing.assert_array_equal(found.images, [[0, 1], [1, 2]])
    np.testing.assert_array_equal(found.positions[1], [[1, 2], [1, 2]])
    np.testing.assert_array_equal(found.pixels[1, :, 0, 0], [0.5, 0.5])


def test_a_patch_is_black_where_its_receptive_field_leaves_the_image():
    model, pages = build_lenet(), np.ones((1, 784), np.float32)
    found = top_activating_patches(model, pages, "conv1", n=1)
    rows, columns = found.positions[:, 0].T
    for patch, row, column in zip(found.pixels[:, 0], rows, columns, strict=True):
        see = [((at - 1 + np.arange(4) >= 0) & (at - 1 + np.arange(4) < 28)).astype(float) for at in (row, column)]
        np.testing.assert_array_equal(patch, np.outer(*see))


@pytest.mark.parametrize("layer", ["conv1", "pool1", "conv2", "pool2"])
def test_the_receptive_field_is_where_the_gradient_is_not_zero(layer):
    keras.utils.set_random_seed(0)
    model = build_lenet()
    model.set_weights([np.abs(each) for each in model.get_weights()])  # no ReLU shuts
    field = receptive_field(model, layer)
    part = keras.Model(model.inputs[0], model.get_layer(layer).output)
    at = part.output.shape[1] // 2
    pixels = tf.constant(np.random.default_rng(0).random((256, 784), np.float32))  # the largest of a pool varies
    with tf.GradientTape() as tape:
        tape.watch(pixels)
        score = tf.reduce_sum(part(pixels)[:, at, at, :])
    slope = np.abs(tape.gradient(score, pixels).numpy()).sum(axis=0).reshape(28, 28)
    seen = np.arange(field.start + at * field.stride, field.start + at * field.stride + field.size)
    np.testing.assert_array_equal(np.flatnonzero(slope.sum(axis=0)), seen)
    np.testing.assert_array_equal(np.flatnonzero(slope.sum(axis=1)), seen)
    assert field.center(at) == seen.mean()


def test_the_view_by_pca_is_that_of_the_singular_values():
    features = np.random.default_rng(0).normal(size=(40, 6)) * [5, 3, 1, 1, 1, 1]
    centered = features - features.mean(axis=0)
    directions = np.linalg.svd(centered)[2][:2]
    view = project_2d(features)
    np.testing.assert_allclose(np.abs(view), np.abs(centered @ directions.T), rtol=1e-4, atol=1e-4)


def test_the_view_by_tsne_keeps_neighbors_together_and_repeats():
    random = np.random.default_rng(0)
    groups = np.repeat([0, 1, 2], 20)
    features = random.normal(size=(60, 80)) + 20 * np.eye(3, 80)[groups]
    view = project_2d(features, method="tsne")
    distances = np.linalg.norm(view[:, None] - view[None], axis=-1) + np.diag(np.full(60, np.inf))
    np.testing.assert_array_equal(groups[distances.argmin(axis=1)], groups)
    np.testing.assert_array_equal(view, project_2d(features, method="tsne"))
