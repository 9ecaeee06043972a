"""What the inspection says to input that it cannot use: what came, what was wanted."""

import os
import subprocess
import sys
from functools import cache
from importlib.util import find_spec

import numpy as np
import pytest

from lenet_tutorial import inspection
from lenet_tutorial.backend import keras
from lenet_tutorial.model import build_lenet
from lenet_tutorial.recipe import PRECISIONS, Recipe
from lenet_tutorial.training import build
from tests.unit.networks import sample, trained

PAGE = np.zeros((2, 784), np.float32)
TAKES_IMAGES = {
    "logits": lambda model, images: inspection.logits(model, images),
    "feature_maps": lambda model, images: inspection.feature_maps(model, images, ["conv1"]),
    "top_activating_patches": lambda model, images: inspection.top_activating_patches(model, images, "conv1", n=1),
    "embedding": lambda model, images: inspection.embedding(model, images),
    "occlusion_map": lambda model, images: inspection.occlusion_map(model, images, 3),
    "saliency_map": lambda model, images: inspection.saliency_map(model, images, 3),
    "integrated_gradients": lambda model, images: inspection.integrated_gradients(model, images, 3),
    "grad_cam": lambda model, images: inspection.grad_cam(model, images, 3),
    "deletion_curve": lambda model, images: inspection.deletion_curve(model, images, np.zeros((2, 28, 28)), 3),
}
BAD_IMAGES = {
    "one page": (PAGE[0], r"shape \(n, 784\), got \(784,\): use images.None."),
    "square pages": (PAGE.reshape(2, 28, 28), r"shape \(n, 784\), got \(2, 28, 28\)"),
    "too few pixels": (PAGE[:, :100], r"shape \(n, 784\), got \(2, 100\)"),
    "none": (PAGE[:0], r"at least one image, got an array of shape \(0, 784\)"),
    "bytes": (PAGE.astype(np.uint8), r"floats from 0 to 1, got uint8: divide bytes by 255"),
    "words": (PAGE.astype(str), r"floats from 0 to 1, got <U"),
    "0 to 255": (PAGE + np.float32(255), r"from 0 to 1, got 255 to 255: divide pixels up to 255 by 255"),
    "below 0": (PAGE - np.float32(0.5), r"from 0 to 1, got -0.5 to -0.5"),
    "NaN": (np.where(np.arange(784) == 5, np.nan, PAGE), r"from 0 to 1, got 2 that are NaN or infinite"),
    "infinite": (np.where(np.arange(784) == 5, np.inf, PAGE), r"from 0 to 1, got 2 that are NaN or infinite"),
}


@pytest.fixture(scope="module")
def model():
    return build_lenet()


def branched():
    layers = keras.layers
    pixels = keras.Input((784,))
    left, right = layers.Dense(3)(pixels), layers.Dense(3)(pixels)
    return keras.Model(pixels, layers.Activation("softmax")(layers.Add()([left, right])), name="branched")


@pytest.mark.parametrize("name", TAKES_IMAGES)
@pytest.mark.parametrize("bad", BAD_IMAGES)
def test_bad_images(model, name, bad):
    images, message = BAD_IMAGES[bad]
    with pytest.raises(ValueError, match=message):
        TAKES_IMAGES[name](model, images)


BAD_MODELS = {
    "unbuilt": (lambda: keras.Sequential([keras.layers.Dense(10)], name="net"), "expected a built model, got 'net'"),
    "no model": (lambda: "lenet", "expected a built model, got 'lenet'"),
    "square input": (
        lambda: keras.Sequential([keras.Input((28, 28, 1)), keras.layers.Flatten(), keras.layers.Dense(10)]),
        r"flat square images.*got inputs of shape \(None, 28, 28, 1\)",
    ),
    "not square": (
        lambda: keras.Sequential([keras.Input((785,)), keras.layers.Dense(10)]),
        r"flat square images.*got inputs of shape \(None, 785\)",
    ),
    "branches": (branched, "layers follow one another, got branches in 'branched'"),
}


@pytest.mark.parametrize(
    "call",
    [
        *TAKES_IMAGES.values(),
        lambda model, images: inspection.kernels(model, "conv1"),
        lambda model, images: inspection.receptive_field(model, "conv1"),
        lambda model, images: inspection.maximize_activation(model, "conv1"),
    ],
)
@pytest.mark.parametrize("bad", BAD_MODELS)
def test_bad_models(call, bad):
    make, message = BAD_MODELS[bad]
    with pytest.raises(ValueError, match=message):
        call(make(), PAGE)


def test_a_network_that_does_not_end_in_scores():
    net = keras.Sequential([keras.Input((784,)), keras.layers.Reshape((28, 28, 1), name="image")])
    with pytest.raises(ValueError, match=r"ends in a Dense.*got 'image', a Reshape of shape \(None, 28, 28, 1\)"):
        inspection.logits(net, PAGE)


EVERY = "image, conv1, pool1, conv2, pool2, flatten, dense, output"
MAPPED = "image, conv1, pool1, conv2, pool2"
BAD_LAYERS = {
    "feature_maps": (
        lambda m: inspection.feature_maps(m, PAGE, ["conv1", "conv3"]),
        f"layer out of {EVERY}, got 'conv3'",
    ),
    "no layer": (lambda m: inspection.feature_maps(m, PAGE, []), "at least one layer's name, got none"),
    "not a name": (lambda m: inspection.feature_maps(m, PAGE, [1]), f"layer out of {EVERY}, got 1"),
    "a list in the list": (
        lambda m: inspection.feature_maps(m, PAGE, [["conv1"]]),
        "name of a layer out of .*, got .'conv1'",
    ),
    "a list": (lambda m: inspection.kernels(m, ["conv1"]), "name of a convolution out of conv1, conv2, got .'conv1'"),
    "kernels": (lambda m: inspection.kernels(m, "dense"), "convolution out of conv1, conv2, got 'dense', .* a Dense"),
    "receptive_field": (lambda m: inspection.receptive_field(m, "x"), f"layer out of {EVERY}, got 'x'"),
    "top_activating_patches": (
        lambda m: inspection.top_activating_patches(m, PAGE, "dense"),
        f"layer with feature maps out of {MAPPED}, got 'dense', which is a Dense",
    ),
    "grad_cam": (
        lambda m: inspection.grad_cam(m, PAGE, 3, layer="flatten"),
        f"layer with feature maps out of {MAPPED}, got 'flatten', which is a Flatten",
    ),
    "embedding": (
        lambda m: inspection.embedding(m, PAGE, layer="conv1"),
        "one row of features an image out of flatten, dense, output, got 'conv1', which is a Conv2D",
    ),
    "maximize_activation": (lambda m: inspection.maximize_activation(m, "x"), f"layer out of {EVERY}, got 'x'"),
}


@pytest.mark.parametrize("bad", BAD_LAYERS)
def test_bad_layers(model, bad):
    call, message = BAD_LAYERS[bad]
    with pytest.raises(ValueError, match=message):
        call(model)


@pytest.mark.parametrize(
    ("classes", "message"),
    [
        ([3], r"one integer class per image, \(2,\), or one for all, got int64 of shape \(1,\)"),
        ([[3, 4]], r"got int64 of shape \(1, 2\)"),
        ([3.0, 4.0], r"got float64 of shape \(2,\)"),
        ([3, 10], "classes from 0 to 9, got 3 to 10"),
        (-1, "classes from 0 to 9, got -1 to -1"),
    ],
)
@pytest.mark.parametrize("name", ["occlusion_map", "saliency_map", "integrated_gradients", "grad_cam"])
def test_bad_classes(model, name, classes, message):
    with pytest.raises(ValueError, match=message):
        getattr(inspection, name)(model, PAGE, classes)


MAPS = np.zeros((2, 28, 28))
BAD_SETTINGS = {
    "n of 0": (
        lambda m: inspection.top_activating_patches(m, PAGE, "conv1", n=0),
        "n as an integer from 1 to 2, got 0",
    ),
    "n too large": (
        lambda m: inspection.top_activating_patches(m, PAGE, "conv1", n=3),
        "n as an integer from 1 to 2, got 3",
    ),
    "size": (lambda m: inspection.occlusion_map(m, PAGE, 3, size=29), "size as an integer from 1 to 28, got 29"),
    "stride": (lambda m: inspection.occlusion_map(m, PAGE, 3, size=5, stride=6), "stride as .* from 1 to 5, got 6"),
    "fill": (lambda m: inspection.occlusion_map(m, PAGE, 3, fill=255), "fill from 0 to 1, got 255"),
    "steps": (
        lambda m: inspection.integrated_gradients(m, PAGE, 3, steps=0),
        "steps as an integer of at least 1, got 0",
    ),
    "baseline": (
        lambda m: inspection.integrated_gradients(m, PAGE, 3, baseline=np.zeros(28)),
        r"one number, of shape \(784,\) or \(2, 784\), got \(28,\)",
    ),
    "baseline of 255": (lambda m: inspection.integrated_gradients(m, PAGE, 3, baseline=255), "from 0 to 1, got 255"),
    "steps of deletion": (lambda m: inspection.deletion_curve(m, PAGE, MAPS, 3, steps=785), "from 1 to 784, got 785"),
    "score": (
        lambda m: inspection.deletion_curve(m, PAGE, MAPS, 3, score="loss"),
        "score out of 'probability', 'logit', got 'loss'",
    ),
    "one map": (
        lambda m: inspection.deletion_curve(m, PAGE, MAPS[0], 3),
        r"shape \(2, 28, 28\), got float64 of shape \(28, 28\)",
    ),
    "map of NaN": (lambda m: inspection.deletion_curve(m, PAGE, MAPS + np.nan, 3), "finite maps, got 1568 values"),
    "unit": (lambda m: inspection.maximize_activation(m, "output", units=[10]), "'output' from 0 to 9, got 10 to 10"),
    "no unit": (lambda m: inspection.maximize_activation(m, "output", units=[]), "units as a list of integers, got"),
    "one unit": (
        lambda m: inspection.maximize_activation(m, "output", units=3),
        r"list of integers, got int64 of shape \(\)",
    ),
    "over": (
        lambda m: inspection.maximize_activation(m, "conv1", over="all"),
        "over out of 'center', 'map', got 'all'",
    ),
    "jitter": (
        lambda m: inspection.maximize_activation(m, "conv1", ascent=inspection.Ascent(jitter=1)),
        "expected jitter 0 with",
    ),
    "method": (lambda m: inspection.project_2d(MAPS[0], method="umap"), "method out of 'pca', 'tsne', got 'umap'"),
    "features": (lambda m: inspection.project_2d(np.zeros(5)), r"shape \(n, units\), at least \(3, 2\), got \(5,\)"),
    "features of NaN": (lambda m: inspection.project_2d(MAPS[0] + np.nan), "finite features, got 784 that are NaN"),
}


@pytest.mark.parametrize("bad", BAD_SETTINGS)
def test_bad_settings(model, bad):
    call, message = BAD_SETTINGS[bad]
    with pytest.raises(ValueError, match=message):
        call(model)


def test_a_float64_batch_and_numpy_integers_are_welcome(model):
    found = inspection.occlusion_map(model, PAGE.astype(np.float64), np.int64(3), size=np.int32(14), stride=14)
    assert found.shape == (2, 28, 28)


IMAGES, LABELS = (each[:20] for each in sample())
INSPECTED = {
    "kernels": lambda m: inspection.kernels(m, "conv1"),
    "feature_maps": lambda m: inspection.feature_maps(m, IMAGES, "conv2")["conv2"],
    "top_activating_patches": lambda m: inspection.top_activating_patches(m, IMAGES, "conv2", n=2).activations,
    "embedding": lambda m: inspection.embedding(m, IMAGES),
    "logits": lambda m: inspection.logits(m, IMAGES),
    "occlusion_map": lambda m: inspection.occlusion_map(m, IMAGES, LABELS, size=7, stride=7),
    "saliency_map": lambda m: inspection.saliency_map(m, IMAGES, LABELS),
    "integrated_gradients": lambda m: inspection.integrated_gradients(m, IMAGES, LABELS, steps=8),
    "grad_cam": lambda m: inspection.grad_cam(m, IMAGES, LABELS),
    "maximize_activation": lambda m: inspection.maximize_activation(m, "output", ascent=inspection.Ascent(4)).after,
    "maximize_activation of a convolution": lambda m: (
        inspection.maximize_activation(m, "conv2", ascent=inspection.Ascent(4)).after
    ),
    "receptive_field": lambda m: np.float32(inspection.receptive_field(m, "conv2").center(np.arange(14))),
    "fgsm": lambda m: inspection.fgsm(m, IMAGES, LABELS, 0.1),
    "minimal_perturbation": lambda m: inspection.minimal_perturbation(m, IMAGES, LABELS).images,
    "deletion_curve": lambda m: inspection.deletion_curve(m, IMAGES, IMAGES.reshape(-1, 28, 28), LABELS).scores,
}


@cache
def of_precision(precision):
    """The trained network in another precision: that of a recipe, or one for all of its layers."""
    if precision in PRECISIONS:
        model = build(Recipe(precision=precision))
    else:
        model = keras.models.clone_model(
            trained(), clone_function=lambda each: type(each).from_config({**each.get_config(), "dtype": precision})
        )
    model.set_weights(trained().get_weights())
    return model


@pytest.mark.parametrize("precision", [*PRECISIONS, "bfloat16", "float64"])
@pytest.mark.parametrize("name", INSPECTED)
def test_a_network_of_any_precision_is_inspected_in_float32(name, precision):
    wanted, found = (np.asarray(INSPECTED[name](model)) for model in (trained(), of_precision(precision)))
    assert found.dtype == np.float32
    difference = np.linalg.norm(found - wanted) / np.linalg.norm(wanted)
    assert difference < 0.1, "bfloat16 holds 8 binary digits of a number"


ON_JAX = """
from lenet_tutorial import digit_input
from lenet_tutorial.model import build_lenet
from lenet_tutorial.widgets.pad import DrawingPad
pad = DrawingPad(build_lenet())
pad.draw(digit_input.DIGITS[7])
assert pad.prediction["message"].startswith("The network says"), pad.prediction
import lenet_tutorial.inspection
"""


@pytest.mark.skipif(not find_spec("jax"), reason="jax is not installed")
def test_on_another_backend_the_pad_predicts_and_the_inspection_says_what_it_needs():
    run = subprocess.run([sys.executable, "-c", ON_JAX], env=os.environ | {"KERAS_BACKEND": "jax"}, capture_output=True)
    *_, last = run.stderr.decode().splitlines()
    assert "lenet_tutorial.inspection need Keras on TensorFlow, got the backend 'jax': unset KERAS_BACKEND" in last
