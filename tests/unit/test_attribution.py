"""Attributions and the scores that judge them, against loops, finite differences, SciPy and arithmetic."""

import numpy as np
import pytest
from scipy import stats

from lenet_tutorial.backend import keras, tf
from lenet_tutorial.inspection import (
    attributions,
    baseline_maps,
    deletion_curve,
    grad_cam,
    integrated_gradients,
    logits,
    occlusion_map,
    rank_similarity,
    saliency_map,
    share_inside,
)
from tests.unit.networks import linear, sample, small, trained


def random_images(n, side, seed=0):
    return np.random.default_rng(seed).random((n, side * side), np.float32)


def smooth():
    """A smooth network, (9 pixels) -> tanh -> 3 logits, and the same in float64 NumPy."""
    layers = keras.layers
    model = small(3, layers.Flatten(), layers.Dense(5, activation="tanh"), layers.Dense(3, activation="softmax"))
    w1, b1, w2, b2 = (each.astype(np.float64) for each in model.get_weights())
    return model, lambda images: np.tanh(images @ w1 + b1) @ w2 + b2


def test_saliency_is_the_finite_difference():
    model, by_numpy = smooth()
    images, classes = random_images(4, 3).astype(np.float64), np.array([0, 1, 2, 1])
    gradient = np.empty((4, 9))
    for pixel in range(9):
        nudge = 1e-6 * np.eye(9)[pixel]
        difference = (by_numpy(images + nudge) - by_numpy(images - nudge)) / 2e-6
        gradient[:, pixel] = difference[np.arange(4), classes]
    np.testing.assert_allclose(saliency_map(model, images, classes).reshape(4, 9), gradient, rtol=1e-4, atol=1e-5)


def test_saliency_of_the_textbooks_network_predicts_a_small_change():
    model, (images, labels) = trained(), sample()
    # Noise, as in a plain background the four of a pooling window tie, and a tie has no gradient of its own.
    images = 0.1 + 0.8 * images[:8] + 0.1 * random_images(8, 28)
    gradient = saliency_map(model, images, labels[:8]).reshape(8, 784)
    step = 2e-4 * gradient / np.abs(gradient).max(axis=1, keepdims=True)
    up, down = (logits(model, images + sign * step)[np.arange(8), labels[:8]] for sign in (1, -1))
    np.testing.assert_allclose(up - down, 2 * (gradient * step).sum(axis=1), rtol=0.03)


def test_integrated_gradients_add_up_to_the_difference_of_the_logits():
    model, (images, labels) = trained(), sample()
    images, labels = images[:3], labels[:3]
    for baseline in (0.0, 0.5, images[::-1].copy()):
        start = np.broadcast_to(np.float32(baseline), images.shape)
        attributions = integrated_gradients(model, images, labels, steps=200, baseline=baseline)
        wanted = (logits(model, images) - logits(model, start))[np.arange(3), labels]
        np.testing.assert_allclose(attributions.sum(axis=(1, 2)), wanted, rtol=0.01, atol=0.01)


def test_integrated_gradients_of_a_smooth_network_are_the_integral():
    model, by_numpy = smooth()
    image, baseline = random_images(1, 3), random_images(1, 3, seed=5)
    attributions = integrated_gradients(model, image, 2, steps=50, baseline=baseline)
    path = baseline + (np.arange(2000)[:, None] + 0.5) / 2000 * (image - baseline).astype(np.float64)
    nudges = 1e-6 * np.eye(9)
    gradient = [((by_numpy(path + each) - by_numpy(path - each)) / 2e-6)[:, 2].mean() for each in nudges]
    np.testing.assert_allclose(attributions.ravel(), ((image - baseline) * gradient).ravel(), rtol=1e-3, atol=1e-5)


def test_a_linear_network_is_explained_by_its_weights():
    model, images = linear(4), random_images(300, 4)
    classes = np.arange(300) % 3
    weights = model.get_weights()[0].T[classes].reshape(300, 4, 4)
    np.testing.assert_allclose(saliency_map(model, images, classes), weights, atol=1e-6)
    weighted = weights * images.reshape(300, 4, 4)
    np.testing.assert_allclose(integrated_gradients(model, images, classes, steps=2), weighted, atol=1e-5)
    np.testing.assert_allclose(occlusion_map(model, images, classes, size=1), weighted, atol=1e-5)


@pytest.mark.parametrize(("size", "stride", "fill"), [(5, 4, 0.0), (6, 6, 1.0), (4, 3, 0.5)])
def test_occlusion_is_the_mean_drop_of_the_squares_over_a_pixel(size, stride, fill):
    model, (images, labels) = trained(), sample()
    images, labels = images[:2], labels[:2]
    starts = sorted({*range(0, 28 - size + 1, stride), 28 - size})
    total, times = np.zeros((2, 28, 28)), np.zeros((28, 28))
    whole = logits(model, images)[np.arange(2), labels]
    for row in starts:
        for column in starts:
            covered = images.reshape(2, 28, 28).copy()
            covered[:, row : row + size, column : column + size] = fill
            drop = whole - logits(model, covered.reshape(2, 784))[np.arange(2), labels]
            total[:, row : row + size, column : column + size] += drop[:, None, None]
            times[row : row + size, column : column + size] += 1
    found = occlusion_map(model, images, labels, size=size, stride=stride, fill=fill)
    np.testing.assert_allclose(found, total / times, atol=1e-4)
    assert found.dtype == np.float32


def test_occluding_the_whole_digit_gives_the_blank_images_logit():
    model, (images, labels) = trained(), sample()
    found = occlusion_map(model, images[:3], labels[:3], size=28)
    drop = (logits(model, images[:3]) - logits(model, np.zeros((1, 784))))[np.arange(3), labels[:3]]
    np.testing.assert_allclose(found, np.broadcast_to(drop[:, None, None], (3, 28, 28)), atol=1e-5)


def by_hand_network(pool):
    """4 by 4 pixels, two 1 by 1 kernels (x and 1 - x), perhaps pooled, two classes."""
    layers = keras.layers
    cam = [layers.Conv2D(2, 1, activation="relu", name="conv2")]
    pooled = [layers.MaxPooling2D(2, name="pool2")] if pool else []
    model = small(4, *cam, *pooled, layers.Flatten(), layers.Dense(2, activation="softmax", name="output"))
    n = 4 if pool else 16
    weighted = np.zeros((n, 2, 2))  # place, map, class: class 0 likes map 0 thrice as much as it dislikes map 1
    weighted[..., 0], weighted[..., 1] = (3.0, -1.0), (-1.0, -1.0)
    kernel = np.array([1.0, -1.0]).reshape(1, 1, 1, 2)
    model.set_weights([kernel, np.array([0.0, 1.0]), weighted.reshape(2 * n, 2), np.array([5.0, 0.0])])
    return model


def test_grad_cam_by_hand():
    model, image = by_hand_network(pool=False), random_images(1, 4)
    x = image.reshape(4, 4)
    np.testing.assert_allclose(grad_cam(model, image, 0)[0], np.maximum(3 * x - (1 - x), 0), atol=1e-6)
    np.testing.assert_array_equal(grad_cam(model, image, 1)[0], np.zeros((4, 4)))  # nothing speaks for class 1


def test_grad_cam_is_stretched_between_the_middles_of_what_the_units_see():
    model, image = by_hand_network(pool=True), np.zeros((1, 16), np.float32)
    image[0, 0] = 1.0  # pooled: x is 1, 0, 0, 0 and 1 - x is 1 everywhere, as each window has a 0
    peak = 3 - 1
    falling = np.array([1.0, 0.75, 0.25, 0.0])  # the units' middles are 0.5 and 2.5
    found = grad_cam(model, image, 0, layer="pool2")[0]
    np.testing.assert_allclose(found, peak * np.outer(falling, falling), atol=1e-6)


def test_grad_cam_of_the_textbooks_network_by_keras_alone():
    model, (images, labels) = trained(), sample()
    after = keras.Sequential([keras.Input((14, 14, 64)), *model.layers[4:]])
    maps = tf.constant(keras.Sequential([keras.Input((784,)), *model.layers[:4]])(images[:2]))
    weights, bias = model.layers[-1].get_weights()
    body = keras.Sequential([keras.Input((14, 14, 64)), *after.layers[:-1]])
    with tf.GradientTape() as tape:
        tape.watch(maps)
        scores = tf.gather(body(maps) @ weights + bias, labels[:2], axis=1, batch_dims=1)
    weighted = tape.gradient(scores, maps).numpy().mean(axis=(1, 2), keepdims=True)
    coarse = np.maximum((weighted * maps.numpy()).sum(axis=-1), 0)
    found = grad_cam(model, images[:2], labels[:2])
    np.testing.assert_allclose(found[:, 2::2, 2::2], coarse[:, :13, :13], atol=1e-5)  # unit i sits at pixel 2 i + 2
    np.testing.assert_allclose(found[:, 0, 2::2], coarse[:, 0, :13], atol=1e-5)


def test_without_its_average_grad_cam_weights_each_position_by_its_own_gradient():
    model, image = by_hand_network(pool=False), random_images(1, 4)
    kernel, offset, weighted, bias = model.get_weights()
    weighted = weighted.reshape(16, 2, 2)
    weighted[5:, 0, 0] = -3  # map 0 is worth 3 at the first five positions and -3 at the others
    model.set_weights([kernel, offset, weighted.reshape(32, 2), bias])
    x, worth = image.reshape(4, 4), np.where(np.arange(16) < 5, 3, -3).reshape(4, 4)
    np.testing.assert_allclose(
        grad_cam(model, image, 0, average=False)[0], np.maximum(worth * x - (1 - x), 0), atol=1e-6
    )
    np.testing.assert_allclose(
        grad_cam(model, image, 0)[0], np.maximum(worth.mean() * x - (1 - x), 0), atol=1e-6, err_msg="averaged"
    )


def test_all_attributions_are_those_of_the_four_functions():
    model, (images, labels) = trained(), sample()
    found = attributions(model, images[:2], labels[:2], stride=4, steps=3)
    np.testing.assert_array_equal(found["occlusion"], occlusion_map(model, images[:2], labels[:2], stride=4))
    np.testing.assert_array_equal(found["gradient"], saliency_map(model, images[:2], labels[:2]))
    np.testing.assert_array_equal(
        found["integrated gradients"], integrated_gradients(model, images[:2], labels[:2], steps=3)
    )
    np.testing.assert_array_equal(found["Grad-CAM"], grad_cam(model, images[:2], labels[:2]))


def test_baselines_ask_no_network():
    images = random_images(3, 28)
    found = baseline_maps(images, seed=4)
    np.testing.assert_array_equal(found["gray levels"].reshape(3, 784), images)
    np.testing.assert_array_equal(found["noise"], baseline_maps(0 * images, seed=4)["noise"])
    assert abs(np.corrcoef(found["noise"].ravel(), baseline_maps(images, seed=5)["noise"].ravel())[0, 1]) < 0.1


def test_share_inside_counts_what_is_above_zero():
    maps = np.array([[[1.0, 3], [-9, 4]], [[-1, -2], [0, -3]], [[0, 0], [0, 2]]])
    region = np.array([[True, False], [True, True]])
    np.testing.assert_allclose(share_inside(maps, region), [5 / 8, 0, 1])
    np.testing.assert_allclose(share_inside(maps, np.stack([region, region, ~region])), [5 / 8, 0, 0])


def test_rank_similarity_is_the_size_of_spearmans_correlation_in_the_region():
    random = np.random.default_rng(0)
    maps, region = random.integers(0, 9, (2, 6, 7, 7)), random.random((6, 7, 7)) < 0.5  # integers: ties
    maps[1, 2] = -maps[0, 2]
    wanted = [
        abs(stats.spearmanr(one[where], other[where]).statistic)
        for one, other, where in zip(*maps, region, strict=True)
    ]
    np.testing.assert_allclose(rank_similarity(*maps, region), wanted)
    assert wanted[2] == pytest.approx(1)
    np.testing.assert_array_equal(rank_similarity(np.ones((1, 7, 7)), maps[0, :1], region[:1]), [0])


def test_deletion_by_hand():
    model = linear(2, n_classes=2)
    model.set_weights([np.array([[4.0, 0], [3.0, 0], [2.0, 0], [1.0, 0]]), np.array([0.5, 0.0])])
    images, order = np.ones((2, 4)), np.array([[[4.0, 3], [2, 1]], [[1, 1], [1, 1]]])
    curve = deletion_curve(model, images, order, 0, steps=4, score="logit")
    np.testing.assert_allclose(curve.erased, [0, 0.25, 0.5, 0.75, 1])
    np.testing.assert_allclose(curve.scores, [[10.5, 6.5, 3.5, 1.5, 0.5]] * 2)  # equals go from the upper left
    np.testing.assert_allclose(curve.area, [(10.5 / 2 + 6.5 + 3.5 + 1.5 + 0.5 / 2) / 4] * 2)
    upside_down = deletion_curve(model, images, -order, 0, steps=2, score="logit")
    np.testing.assert_allclose(upside_down.scores[0], [10.5, 7.5, 0.5])
    probability = deletion_curve(model, images, order, 0, steps=1).scores[0]
    np.testing.assert_allclose(probability, 1 / (1 + np.exp([-10.5, -0.5])), rtol=1e-5)


def test_every_order_erases_the_same_ink_and_no_paper():
    """Ink 0.5, 0.3 and 0.2 in three of four pixels, so that each order erases whole pixels at other shares."""
    model = linear(2, n_classes=2)
    model.set_weights([np.array([[1.0, 0], [1.0, 0], [1.0, 0], [1.0, 0]]), np.zeros(2)])
    image, paper_first = np.array([[0.5, 0.0, 0.3, 0.2]]), np.array([[[2.0, 9.0], [3.0, 1.0]]])
    curve = deletion_curve(model, image, paper_first, 0, steps=10, score="logit")
    left = 1 - curve.scores[0]
    np.testing.assert_allclose(left, [0, 0, 0, 0.3, 0.3, 0.3, 0.3, 0.3, 0.8, 0.8, 1], atol=1e-6)
    darkest_first = deletion_curve(model, image, image.reshape(1, 2, 2), 0, steps=10, score="logit")
    assert (1 - darkest_first.scores[0] <= darkest_first.erased + 1e-6).all(), "never more than its share"


def test_equally_important_pixels_go_row_by_row():
    model, images = linear(28), random_images(2, 28)
    two_levels = np.random.default_rng(0).integers(0, 2, (2, 28, 28))
    by_rows = deletion_curve(model, images, 1000 * two_levels - np.arange(784).reshape(28, 28), 1, score="logit")
    found = deletion_curve(model, images, two_levels, 1, score="logit")
    np.testing.assert_array_equal(found.scores, by_rows.scores)


def test_deletion_goes_from_the_image_to_the_blank_one_and_favors_what_matters():
    model, (images, labels) = trained(), sample()
    images, labels = images[:40], labels[:40]
    weighted = integrated_gradients(model, images, labels, steps=16)
    chance = np.random.default_rng(0).random(weighted.shape)
    curves = [deletion_curve(model, images, each, labels) for each in (weighted, chance)]
    for curve in curves:
        rows = np.arange(40)
        np.testing.assert_allclose(curve.scores[:, 0], model.predict(images, verbose=0)[rows, labels], atol=1e-5)
        blank = model.predict(np.zeros((1, 784)), verbose=0)[0]
        np.testing.assert_allclose(curve.scores[:, -1], blank[labels], atol=1e-5)
    assert curves[0].scores.shape == (40, 26)
    assert curves[0].area.mean() < curves[1].area.mean()
