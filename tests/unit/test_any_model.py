"""Other people's models: each function gives what it gives for a flat twin, or what Keras and finite differences say."""

import numpy as np
import pytest

from lenet_tutorial import inspection
from lenet_tutorial.backend import keras, tf
from lenet_tutorial.inspection import logits, receptive_field
from lenet_tutorial.inspection.network import network
from lenet_tutorial.interface import interface
from tests.unit.networks import sample
from tests.unit.other_models import MODELS, SQUARE, built, chain, convolutions, dense, layers, predicted, twin

IMAGES, LABELS = (each[:6] for each in sample())
NOISE = np.random.default_rng(5).random((6, 784), np.float32)
SHORT = inspection.Ascent(steps=3)
FUNCTIONS = {
    "kernels": lambda model: [inspection.kernels(model, "conv2")],
    "feature_maps": lambda model: [*inspection.feature_maps(model, NOISE, ["conv1", "conv2", "output"]).values()][:2],
    "top_activating_patches": lambda model: [
        *vars(inspection.top_activating_patches(model, NOISE, "conv2", n=2)).values()
    ],
    "embedding": lambda model: [inspection.embedding(model, NOISE, layer="flatten")],
    "logits": lambda model: [logits(model, NOISE)],
    "occlusion_map": lambda model: [inspection.occlusion_map(model, NOISE, LABELS, size=7, stride=7)],
    "saliency_map": lambda model: [inspection.saliency_map(model, NOISE, LABELS)],
    "integrated_gradients": lambda model: [inspection.integrated_gradients(model, NOISE, LABELS, steps=8)],
    "grad_cam": lambda model: [inspection.grad_cam(model, NOISE, LABELS, layer=layer) for layer in ("conv1", "conv2")],
    "maximize_activation": lambda model: [
        getattr(inspection.maximize_activation(model, layer, over=over, units=[0, 3], ascent=SHORT), part)
        for layer, over in (("conv1", "center"), ("conv2", "map"), ("output", "center"))
        for part in ("images", "after")
    ],
    "receptive_field": lambda model: [
        [*vars(receptive_field(model, layer)).values()] for layer in ("conv1", "conv2", "flatten", "output")
    ],
    "fgsm": lambda model: [inspection.fgsm(model, NOISE, LABELS, 0.1)],
    "minimal_perturbation": lambda model: [inspection.minimal_perturbation(model, NOISE, LABELS).epsilons],
    "deletion_curve": lambda model: [inspection.deletion_curve(model, NOISE, NOISE.reshape(6, 28, 28), LABELS).scores],
}
TWINS = [name for name in MODELS if MODELS[name][1]]
NO_MAPS = ("kernels", "feature_maps", "top_activating_patches", "grad_cam", "receptive_field", "maximize_activation")


@pytest.mark.parametrize("function", FUNCTIONS)
@pytest.mark.parametrize("name", TWINS)
def test_every_function_gives_what_it_gives_for_the_flat_twin(name, function):
    if name == "quickstart" and (function in NO_MAPS or function == "embedding"):
        pytest.skip("it has no convolution")
    for found, wanted in zip(*(FUNCTIONS[function](each) for each in (built(name), twin(name))), strict=True):
        close = np.isclose(found, wanted, rtol=2e-3, atol=2e-4 * np.abs(wanted).max())
        assert close.mean() > 0.999, "a sign, or the largest of a pool, may hang on rounding"


def log_odds(scores):
    """Logits minus that of class 0: the constant of a softmax goes."""
    return scores - scores[:, :1]


def keras_log_odds(name, pixels, policy="float64"):
    scores = predicted(name, pixels, policy)
    return log_odds(np.log(scores) if interface(built(name, policy)).exclusive else scores)


@pytest.mark.parametrize("name", MODELS)
def test_logits_are_those_of_keras_own_prediction(name):
    found = logits(built(name), NOISE)
    wanted = predicted(name, NOISE)
    if interface(built(name)).exclusive:
        found = np.exp(found - found.max(axis=1, keepdims=True))
        found /= found.sum(axis=1, keepdims=True)
    np.testing.assert_allclose(found, wanted, atol=1e-5 * np.abs(wanted).max(), rtol=1e-4)
    assert np.std(wanted[:, 0]) > 0, "the images differ"


@pytest.mark.parametrize("name", MODELS)
def test_saliency_is_the_finite_difference_of_keras_own_prediction(name):
    pixels = np.random.default_rng(0).choice(784, 25, replace=False)
    step = 1e-3 if name == "resizing" else 1e-5  # TensorFlow resizes in float32 only
    nudges = step * np.eye(784)[pixels]
    image = 0.1 + 0.8 * NOISE[:1].astype(np.float64)
    up, down = (keras_log_odds(name, image + sign * nudges) for sign in (1, -1))
    model = built(name)
    found = [inspection.saliency_map(model, image, label).ravel()[pixels] for label in (4, 0)]
    wanted = ((up - down) / (2 * step))[:, 4]
    np.testing.assert_allclose(found[0] - found[1], wanted, rtol=5e-3, atol=1e-3 * np.abs(wanted).max())
    assert np.abs(wanted).max() > 0


@pytest.mark.parametrize("name", MODELS)
def test_occlusion_and_integrated_gradients_by_keras_own_prediction(name):
    model, image = built(name), NOISE[:1]
    whole, blank = (keras_log_odds(name, each) for each in (image, 0 * image))
    first, other = (inspection.integrated_gradients(model, image, label, steps=200).sum() for label in (4, 0))
    assert first - other == pytest.approx((whole - blank)[0, 4], rel=0.02, abs=0.01)
    found = [inspection.occlusion_map(model, image, label, size=14, stride=14)[0, 20, 3] for label in (4, 0)]
    covered = image.reshape(28, 28).copy()
    covered[14:, :14] = 0
    dropped = (whole - keras_log_odds(name, covered.reshape(1, 784)))[0, 4]
    assert found[0] - found[1] == pytest.approx(dropped, rel=1e-3, abs=1e-3)


@pytest.mark.parametrize("name", [name for name in MODELS if name not in ("quickstart", "ensemble", "resizing")])
def test_the_receptive_field_is_what_reaches_a_unit(name):
    """Of a row of other pixels the units change that have it in their field, and no others."""
    model = built(name)
    spatial = {layer: each.shape[1] for layer, each in network(model).calls.items() if len(each.shape) == 4}
    before = inspection.feature_maps(model, NOISE, [*spatial])
    changed = {layer: np.zeros((units, 28), bool) for layer, units in spatial.items()}
    for row in range(28):
        pixels = NOISE.reshape(-1, 28, 28).copy()
        pixels[:, row] = NOISE.reshape(-1, 28, 28)[::-1, row]
        for layer, maps in inspection.feature_maps(model, pixels, [*spatial]).items():
            changed[layer][:, row] = (maps != before[layer]).any(axis=(0, 2, 3))
    for layer, units in spatial.items():
        field = receptive_field(model, layer)
        starts = field.start + field.stride * np.arange(units)[:, None]
        np.testing.assert_array_equal(changed[layer], (np.arange(28) >= starts) & (np.arange(28) < starts + field.size))


@pytest.mark.parametrize("layer", ["conv2", "sum", "relu", "pool"])
def test_grad_cam_of_branches_is_that_of_a_keras_submodel(layer):
    model = built("residual")
    part = keras.Model(model.inputs, [model.get_layer(each).output for each in (layer, "dense")])
    kernel, bias = model.get_layer("output").get_weights()
    image = tf.constant(NOISE.reshape(-1, *SQUARE))
    with tf.GradientTape() as tape:
        tape.watch(image)
        maps, features = part(image, training=False)
        score = tf.linalg.diag_part((features @ kernel + bias)[:, :6])
    weights = tape.gradient(score, maps).numpy().mean(axis=(1, 2), keepdims=True)
    coarse = np.maximum((weights * maps.numpy()).sum(axis=-1), 0)
    at = receptive_field(model, layer).center(np.arange(coarse.shape[1]))
    rows = np.stack([np.interp(np.arange(28), at, each) for each in np.eye(len(at))], axis=1)
    np.testing.assert_allclose(
        inspection.grad_cam(model, NOISE, np.arange(6), layer=layer), rows @ coarse @ rows.T, rtol=1e-3, atol=1e-5
    )
    assert coarse.max() > 0


@pytest.mark.parametrize("layer", ["sum", "relu", "pool"])
def test_a_unit_of_a_branched_model_is_maximized_and_its_patches_are_found(layer):
    model = built("residual")
    found = inspection.maximize_activation(model, layer, over="map", units=[2], ascent=SHORT)
    part = keras.Model(model.inputs, model.get_layer(layer).output)
    assert found.after[0] == pytest.approx(part(found.images[..., None]).numpy()[..., 2].mean(), rel=1e-4)
    assert found.after[0] > found.before[0]
    best = inspection.top_activating_patches(model, NOISE, layer, n=1)
    np.testing.assert_allclose(
        best.activations[:, 0], part(NOISE.reshape(-1, *SQUARE)).numpy().max(axis=(0, 1, 2)), rtol=1e-5
    )
