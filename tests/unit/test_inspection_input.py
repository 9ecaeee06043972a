"""What the inspection takes, networks of any precision among it, and what it says to input that it cannot use."""

import os
import subprocess
import sys
from functools import cache
from inspect import Parameter, signature

import numpy as np
import pytest

from lenet_tutorial import inspection
from lenet_tutorial.backend import keras
from lenet_tutorial.model import build_lenet
from lenet_tutorial.recipe import PRECISIONS, Recipe
from lenet_tutorial.training import build
from tests.unit.networks import sample, trained
from tests.unit.on_jax import NEEDS_JAX, ON_JAX

IMAGES, LABELS = (each[:20] for each in sample())
GIVEN = {
    "images": IMAGES,
    "labels": LABELS,
    "classes": LABELS,
    "layer": "conv1",
    "layers": "conv1",
    "maps": IMAGES.reshape(-1, 28, 28),
    "epsilon": 0.1,
    "percentile": 60,
}
OWN = {"ablated_logits": {"layer": "pool2"}}
FUNCTIONS = {
    name: signature(getattr(inspection, name)).parameters
    for name in inspection.__all__
    if name[0].islower() and "model" in signature(getattr(inspection, name)).parameters
}


OF_LAYERS = (
    *("kernels", "feature_maps", "top_activating_patches", "embedding", "grad_cam", "receptive_field"),
    *("maximize_activation", "patches_at_percentile"),
)


def run(name, model, **changed):
    """Call a function of the inspection with what it needs, and with what is changed."""
    needed = [each for each, parameter in FUNCTIONS[name].items() if parameter.default is Parameter.empty]
    given = {each: GIVEN[each] for each in needed if each != "model"} | OWN.get(name, {})
    return getattr(inspection, name)(model, **given | changed)


def taking(argument):
    return pytest.mark.parametrize("name", [name for name, arguments in FUNCTIONS.items() if argument in arguments])


@pytest.fixture(scope="module")
def model():
    return build_lenet()


@pytest.mark.parametrize(
    ("images", "message"),
    [
        (IMAGES[0], r"shape \(n, 784\), \(n, 28, 28\) or \(n, 28, 28, 1\), got \(784,\): use images.None."),
        (IMAGES[0].reshape(28, 28), r"got \(28, 28\): use images.None."),
        (IMAGES[0].reshape(28, 28, 1), r"got \(28, 28, 1\): use images.None."),
        (np.stack([IMAGES.reshape(20, 28, 28)] * 3, axis=-1), r"got \(20, 28, 28, 3\)$"),
        (IMAGES[:, :100], r"got \(20, 100\)$"),
        (IMAGES[:0], r"at least one image, got an array of shape \(0, 784\)"),
        (IMAGES.astype(np.uint8), r"floats from 0 to 1, got uint8: divide bytes by 255"),
        (IMAGES.astype(str), r"floats from 0 to 1, got <U"),
        (255 * IMAGES, r"from 0 to 1, got 0 to 255: divide pixels up to 255 by 255"),
        (IMAGES - np.float32(0.5), r"from 0 to 1, got -0.5 to 0.5"),
        (np.where(np.arange(784) == 5, np.nan, IMAGES), r"from 0 to 1, got 20 that are NaN or infinite"),
        (np.where(np.arange(784) == 5, np.inf, IMAGES), r"from 0 to 1, got 20 that are NaN or infinite"),
    ],
)
@taking("images")
def test_bad_images(model, name, images, message):
    with pytest.raises(ValueError, match=message):
        run(name, model, images=images)


def chain(*layers, **settings):
    return keras.Sequential([*layers, keras.layers.Dense(10)], **settings)


def two(*, inputs=1, outputs=1):
    pixels = [keras.Input((784,)) for _ in range(inputs)]
    return keras.Model(pixels, [keras.layers.Dense(10)(pixels[0]) for _ in range(outputs)], name="two")


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (
            lambda: chain(name="net"),
            r"built model, got 'net', .* keras.Sequential\(\[keras.Input\(\(28, 28, 1\)\), mod",
        ),
        (lambda: "lenet", "expected a built model, got 'lenet'"),
        (lambda: chain(keras.Input((785,))), r"square gray images.*got inputs of shape \(None, 785\)$"),
        (lambda: chain(keras.Input((28, 27, 1))), r"square gray images.*got inputs of shape \(None, 28, 27, 1\)$"),
        (lambda: two(inputs=2), r"one batch of .*got inputs of shape \(None, 784\), \(None, 784\)$"),
        (
            lambda: two(outputs=2),
            r"one tensor, got 'two', which gives a list of 2: .* keras.Model\(model.inputs, model.outputs\[0\]\)",
        ),
    ],
)
@taking("model")
def test_bad_models(name, make, message):
    with pytest.raises(ValueError, match=message):
        run(name, make())


def test_a_network_that_does_not_end_in_scores():
    net = keras.Sequential([keras.Input((784,)), keras.layers.Reshape((28, 28, 1), name="image")])
    for name in {*FUNCTIONS} - {*OF_LAYERS}:
        with pytest.raises(ValueError, match=r"class scores of shape \(n, classes\), got .*gives \(n, 28, 28, 1\)$"):
            run(name, net)


@pytest.mark.parametrize(
    ("classes", "message"),
    [
        ([3], r"one integer class per image, \(20,\), or one for all, got int64 of shape \(1,\)"),
        ([[3, 4]], r"got int64 of shape \(1, 2\)"),
        (np.ones(20), r"got float64 of shape \(20,\)"),
        (np.arange(20), "classes from 0 to 9, got 0 to 19"),
        (-1, "classes from 0 to 9, got -1 to -1"),
    ],
)
@pytest.mark.parametrize("argument", ["classes", "labels"])
def test_bad_classes(model, argument, classes, message):
    for name in (name for name, arguments in FUNCTIONS.items() if argument in arguments):
        with pytest.raises(ValueError, match=message):
            run(name, model, **{argument: classes})


EVERY = "image, conv1, pool1, conv2, pool2, flatten, dense, output"
MAPPED = "layer with feature maps out of image, conv1, pool1, conv2, pool2, got"
ONE_ROW = "one row of features an image out of flatten, dense, output, got 'conv1', which is a Conv2D"


@pytest.mark.parametrize(
    ("name", "changed", "message"),
    [
        ("feature_maps", {"layers": ["conv1", "conv3"]}, f"layer out of {EVERY}, got 'conv3'"),
        ("feature_maps", {"layers": []}, "at least one layer's name, got none"),
        ("feature_maps", {"layers": [1]}, f"layer out of {EVERY}, got 1"),
        ("feature_maps", {"layers": [["conv1"]]}, "name of a layer out of .*, got .'conv1'"),
        ("kernels", {"layer": ["conv1"]}, "name of a convolution out of conv1, conv2, got .'conv1'"),
        ("kernels", {"layer": "dense"}, "convolution out of conv1, conv2, got 'dense', which is a Dense"),
        ("receptive_field", {"layer": "x"}, f"layer out of {EVERY}, got 'x'"),
        ("top_activating_patches", {"layer": "dense"}, f"{MAPPED} 'dense', which is a Dense"),
        ("grad_cam", {"layer": "flatten"}, f"{MAPPED} 'flatten', which is a Flatten"),
        ("embedding", {"layer": "conv1"}, ONE_ROW),
        ("maximize_activation", {"layer": "x"}, f"units an image out of {EVERY}, got 'x'"),
        ("top_activating_patches", {"n": 0}, "n as an integer from 1 to 20, got 0"),
        ("top_activating_patches", {"n": 21}, "n as an integer from 1 to 20, got 21"),
        ("occlusion_map", {"size": 29}, "size as an integer from 1 to 28, got 29"),
        ("occlusion_map", {"size": 5, "stride": 6}, "stride as .* from 1 to 5, got 6"),
        ("occlusion_map", {"fill": 255}, "fill from 0 to 1, got 255"),
        ("integrated_gradients", {"steps": 0}, "steps as an integer of at least 1, got 0"),
        ("integrated_gradients", {"baseline": np.zeros(28)}, r"of shape \(784,\) or \(20, 784\), got \(28,\)"),
        ("integrated_gradients", {"baseline": 255}, "from 0 to 1, got 255"),
        ("deletion_curve", {"steps": 0}, "of at least 1, got 0"),
        ("deletion_curve", {"score": "loss"}, "score out of 'probability', 'logit', got 'loss'"),
        ("deletion_curve", {"maps": np.zeros((28, 28))}, r"shape \(20, 28, 28\), got float64 of shape \(28, 28\)"),
        ("deletion_curve", {"maps": GIVEN["maps"] + np.nan}, "finite maps, got 15680 values"),
        ("maximize_activation", {"layer": "output", "units": [10]}, "'output' from 0 to 9, got 10 to 10"),
        ("maximize_activation", {"units": []}, "units as a list of integers, got"),
        ("maximize_activation", {"units": 3}, r"list of integers, got int64 of shape \(\)"),
        ("maximize_activation", {"over": "all"}, "over out of 'center', 'map', got 'all'"),
        ("maximize_activation", {"ascent": inspection.Ascent(jitter=1)}, "expected jitter 0 with"),
        ("fgsm", {"epsilon": 2}, "epsilon from 0 to 1, one for all images or one each, got 2"),
        ("fgsm", {"epsilon": np.nan}, "got nan"),
        ("fgsm", {"epsilon": [0.1, 0.2, 0.3]}, "one for all images or one each"),
        ("pgd", {"epsilon": 2}, "epsilon from 0 to 1, one for all images or one each, got 2"),
        ("pgd", {"steps": 0}, "steps as an integer of at least 1, got 0"),
    ],
)
def test_bad_settings(model, name, changed, message):
    with pytest.raises(ValueError, match=message):
        run(name, model, **changed)


@pytest.mark.parametrize(
    ("features", "method", "message"),
    [
        (np.eye(5), "umap", "method out of 'pca', 'tsne', got 'umap'"),
        (np.zeros(5), "pca", r"shape \(n, units\), at least \(3, 2\), got \(5,\)"),
        (np.full((4, 3), np.nan), "pca", "finite features, got 12 that are NaN"),
    ],
)
def test_bad_features(features, method, message):
    with pytest.raises(ValueError, match=message):
        inspection.project_2d(features, method=method)


def test_a_float64_batch_and_numpy_integers_are_welcome(model):
    found = inspection.occlusion_map(model, IMAGES.astype(np.float64), np.int64(3), size=np.int32(14), stride=14)
    assert found.shape == (20, 28, 28)


FAST = {
    "attributions": {"stride": 5, "steps": 8},
    "occlusion_map": {"size": 7, "stride": 7},
    "integrated_gradients": {"steps": 8},
    "maximize_activation": {"layer": "conv2", "ascent": inspection.Ascent(steps=4)},
}
RESULTS = {
    "attributions": lambda found: found["integrated gradients"],
    "feature_maps": lambda found: found["conv1"],
    "top_activating_patches": lambda found: found.activations,
    "patches_at_percentile": lambda found: found.activations,
    "receptive_field": lambda found: found.center(np.arange(28, dtype=np.float32)),
    "maximize_activation": lambda found: found.after,
    "deletion_curve": lambda found: found.scores,
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
@pytest.mark.parametrize("name", sorted({*FUNCTIONS} - {"loss_gradient_sign"}))
def test_a_network_of_any_precision_is_inspected_in_float32(name, precision):
    result = RESULTS.get(name, lambda found: found)
    wanted, found = (result(run(name, each, **FAST.get(name, {}))) for each in (trained(), of_precision(precision)))
    assert found.dtype == np.float32
    difference = np.linalg.norm(found - wanted) / np.linalg.norm(wanted)
    assert difference < 0.1, "bfloat16 holds 8 binary digits of a number"


PAD_ON_JAX = """
from lenet_tutorial import digit_input
from lenet_tutorial.model import build_lenet
from lenet_tutorial.widgets.pad import DrawingPad
from lenet_tutorial.interface import interface
from tests.unit.other_models import nested, subclassed
for model, scale in ((build_lenet(), 1), (nested(), 255), (subclassed(), 255)):
    pad = DrawingPad(model)
    pad.draw(digit_input.DIGITS[7])
    assert pad.probabilities.shape == (10,)
    assert interface(model).scale == scale
import lenet_tutorial.inspection
"""


@NEEDS_JAX
def test_on_another_backend_the_pad_predicts_and_the_inspection_says_what_it_needs():
    run = subprocess.run([sys.executable, "-c", PAD_ON_JAX], env=os.environ | ON_JAX, capture_output=True)
    *_, last = run.stderr.decode().splitlines()
    assert "lenet_tutorial.inspection need Keras on TensorFlow, got the backend 'jax': unset KERAS_BACKEND" in last
