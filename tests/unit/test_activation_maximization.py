"""The page that a unit wants: the score rises, and for one convolution the best page is known."""

import numpy as np
import pytest

from lenet_tutorial.backend import keras
from lenet_tutorial.inspection import Ascent, feature_maps, kernels, logits, maximize_activation
from tests.unit.networks import small, trained

SHORT = Ascent(steps=10)
HELD = Ascent(steps=10, decay=0.05, blur=0.5, jitter=2)


def roughness(pages):
    """Mean difference between neighboring pixels."""
    return np.abs(np.diff(pages, axis=1)).mean() + np.abs(np.diff(pages, axis=2)).mean()


@pytest.mark.parametrize(
    ("layer", "over", "units", "ascent"),
    [
        ("conv1", "center", None, SHORT),
        ("conv1", "map", None, SHORT),
        ("conv2", "center", None, SHORT),
        ("conv2", "map", None, HELD),
        ("pool1", "map", [0, 3], SHORT),
        ("pool2", "center", [0, 3], SHORT),
        ("dense", "center", [1023, 5], SHORT),
        ("output", "center", None, SHORT),
        ("output", "center", None, HELD),
    ],
)
def test_the_climb_raises_the_score_and_stays_on_the_page(layer, over, units, ascent):
    found = maximize_activation(trained(), layer, units=units, over=over, ascent=ascent)
    n = trained().get_layer(layer).output.shape[-1] if units is None else len(units)
    assert found.images.shape == (n, 28, 28)
    assert found.images.dtype == np.float32
    assert found.images.min() >= 0
    assert found.images.max() <= 1
    moved = found.after != found.before  # a pooled unit that is silent all over has no slope to climb
    assert (found.after >= found.before).all()
    assert moved.mean() > 0.9 or layer.startswith("pool")
    assert moved.any()


def test_the_best_page_for_a_kernel_has_ink_where_the_kernel_is_positive():
    model = trained()
    kernel, bias = kernels(model, "conv1")[..., 0], model.get_layer("conv1").get_weights()[1]
    found = maximize_activation(model, "conv1", ascent=Ascent(steps=60, step_size=0.5))
    firm = np.abs(kernel) > 0.1 * np.abs(kernel).max(axis=(1, 2), keepdims=True)
    np.testing.assert_allclose(found.after, np.maximum(kernel, 0).sum(axis=(1, 2)) + bias, rtol=0.02, atol=0.01)
    np.testing.assert_allclose(found.images[:, 12:16, 12:16][firm], (kernel > 0)[firm], atol=0.05)


def test_the_scores_are_those_of_the_network():
    model = trained()
    found = maximize_activation(model, "output", ascent=SHORT)
    np.testing.assert_allclose(found.after, np.diag(logits(model, found.images.reshape(-1, 784))), rtol=1e-4, atol=1e-4)
    found = maximize_activation(model, "conv2", ascent=SHORT)
    maps = feature_maps(model, found.images.reshape(-1, 784), ["conv2"])["conv2"]
    own = maps[np.arange(64), 6, 6, np.arange(64)]  # of all units, number 6 looks at 9 to 19, the middle of 0 to 27
    np.testing.assert_allclose(own, np.maximum(found.after, 0), rtol=1e-4, atol=1e-4)
    found = maximize_activation(model, "pool1", ascent=SHORT)
    maps = feature_maps(model, found.images.reshape(-1, 784), ["pool1"])["pool1"]
    np.testing.assert_allclose(maps[np.arange(32), 6, 6, np.arange(32)], found.after, rtol=1e-4, atol=1e-4)
    found = maximize_activation(model, "conv1", over="map", units=[4], ascent=SHORT)
    maps = feature_maps(model, found.images.reshape(-1, 784), ["conv1"])["conv1"]
    assert maps[0, ..., 4].mean() >= found.after[0]  # the ReLU only lifts


@pytest.mark.parametrize(("stride", "padding", "use_bias"), [(1, "valid", True), (2, "same", False)])
def test_one_place_of_another_convolution(stride, padding, use_bias):
    convolution = keras.layers.Conv2D(3, 3, strides=stride, padding=padding, use_bias=use_bias, name="conv")
    model = small(6, convolution)
    found = maximize_activation(model, "conv", ascent=SHORT)
    maps = feature_maps(model, found.images.reshape(-1, 36), ["conv"])["conv"]
    own = maps[np.arange(3), ..., np.arange(3)].reshape(3, -1)
    assert np.isclose(own, found.after[:, None], atol=1e-5).any(axis=1).all()
    assert (found.after > found.before).all()


@pytest.mark.parametrize("ascent", [SHORT, HELD])
def test_a_unit_gets_the_same_page_in_any_company(ascent):
    model = trained()
    together = maximize_activation(model, "output", ascent=ascent)
    alone = maximize_activation(model, "output", units=[7, 2], ascent=ascent)
    np.testing.assert_array_equal(alone.units, [7, 2])
    np.testing.assert_allclose(alone.before, together.before[[7, 2]], atol=1e-5)
    np.testing.assert_allclose(alone.after, together.after[[7, 2]], rtol=1e-3)
    np.testing.assert_allclose(alone.images, together.images[[7, 2]], atol=0.02)


def test_only_what_the_unit_sees_is_drawn():
    found = maximize_activation(trained(), "conv2", units=[0, 9], ascent=SHORT)
    rest = np.ones((28, 28), bool)
    rest[9:20, 9:20] = False
    np.testing.assert_array_equal(found.images[0][rest], found.images[1][rest])
    assert found.images[:, rest].max() < 0.11
    faded = maximize_activation(trained(), "conv2", units=[0, 9], ascent=Ascent(steps=40, decay=0.5))
    assert faded.images[:, rest].max() < 1e-3


def test_regularized_pages_are_smoother_and_have_less_ink():
    model = trained()
    free = maximize_activation(model, "output", ascent=Ascent(steps=20))
    blurred = maximize_activation(model, "output", ascent=Ascent(steps=20, blur=0.7))
    faded = maximize_activation(model, "output", ascent=Ascent(steps=20, decay=0.1))
    assert roughness(blurred.images) < 0.7 * roughness(free.images)
    assert faded.images.mean() < free.images.mean()
    assert (free.after > blurred.after).all()  # held to more, it climbs less


def test_a_regularized_page_settles_and_does_not_dim():
    model = trained()
    free = maximize_activation(model, "output", ascent=Ascent(steps=40))
    for ascent in (Ascent(steps=40, blur=0.6), Ascent(steps=40, decay=0.05)):
        held = maximize_activation(model, "output", ascent=ascent)
        assert (held.after > 0.8 * free.after).all()


def test_a_blurred_plain_page_stays_plain():
    from lenet_tutorial.inspection.activation_maximization import _blur_matrix

    page = np.full((28, 28), 0.5, np.float32)
    matrix = _blur_matrix(28, 1.0)
    np.testing.assert_allclose(matrix @ page @ matrix.T, page, rtol=1e-5)


def test_a_seed_repeats_and_another_differs():
    pages = [
        maximize_activation(trained(), "output", units=[3], ascent=Ascent(steps=3, jitter=1, seed=seed)).images
        for seed in (1, 1, 2)
    ]
    np.testing.assert_array_equal(pages[0], pages[1])
    assert np.abs(pages[0] - pages[2]).max() > 0.01


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("steps", 0),
        ("steps", 2.5),
        ("step_size", 0),
        ("step_size", float("nan")),
        ("decay", 1.0),
        ("decay", -0.1),
        ("blur", -1),
        ("blur", float("inf")),
        ("jitter", -1),
        ("jitter", True),
    ],
)
def test_a_climb_that_makes_no_sense_is_refused(setting, value):
    with pytest.raises(ValueError, match=rf"expected {setting} .*got {value}"):
        Ascent(**{setting: value})
