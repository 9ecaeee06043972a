"""Other people's models: each function gives what it gives for a flat twin, or what Keras or finite differences say."""

import re

import numpy as np
import pytest
from scipy.special import softmax

from lenet_tutorial import inspection
from lenet_tutorial.backend import keras, tf
from lenet_tutorial.digit_input import DIGITS
from lenet_tutorial.inspection import logits, receptive_field
from lenet_tutorial.inspection.network import network
from lenet_tutorial.interface import interface, parts
from lenet_tutorial.widgets.explorer import NetworkExplorer
from lenet_tutorial.widgets.pad import DrawingPad
from tests.unit.networks import sample
from tests.unit.other_models import (
    MODELS,
    SQUARE,
    Subclassed,
    built,
    chain,
    convolutions,
    dense,
    flat,
    layers,
    predicted,
    randomized,
    twin,
)

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
    "grad_cam": lambda model: [
        inspection.grad_cam(model, NOISE, LABELS, layer=layer, average=average)
        for layer, average in (("conv1", True), ("conv2", True), ("conv2", False))
    ],
    "maximize_activation": lambda model: [
        getattr(inspection.maximize_activation(model, layer, over=over, units=[0, 3], ascent=SHORT), part)
        for layer, over in (("conv1", "center"), ("conv2", "map"), ("output", "center"))
        for part in ("images", "after")
    ],
    "receptive_field": lambda model: [
        [*vars(receptive_field(model, layer)).values()] for layer in ("conv1", "conv2", "flatten", "output")
    ],
    "fgsm": lambda model: [inspection.fgsm(model, NOISE, LABELS, 0.1)],
    "pgd": lambda model: [inspection.pgd(model, NOISE, LABELS, 0.1, steps=2)],
    "deletion_curve": lambda model: [inspection.deletion_curve(model, NOISE, NOISE.reshape(6, 28, 28), LABELS).scores],
}
TWINS = [name for name in MODELS if MODELS[name][1]]
OF_LAYERS = (
    *("kernels", "feature_maps", "top_activating_patches", "embedding", "grad_cam", "receptive_field"),
    "maximize_activation",
)


@pytest.mark.parametrize(
    ("name", "function"),
    [(name, function) for name in TWINS for function in FUNCTIONS if name != "quickstart" or function not in OF_LAYERS],
)
def test_every_function_gives_what_it_gives_for_the_flat_twin(name, function):
    for found, wanted in zip(*(FUNCTIONS[function](each) for each in (built(name), twin(name))), strict=True):
        close = np.isclose(found, wanted, rtol=2e-3, atol=2e-4 * np.abs(wanted).max())
        assert close.mean() > 0.999, "a sign, or the largest of a pool, may hang on rounding"


@pytest.mark.parametrize("function", ["kernels", "top_activating_patches", "grad_cam"])
def test_a_model_without_a_convolution_says_so(function):
    kind = "convolution" if function == "kernels" else "layer with feature maps"
    with pytest.raises(ValueError, match=rf"the name of a {kind} \(this model has none\), got 'conv\d'$"):
        FUNCTIONS[function](built("quickstart"))


def test_the_dense_layers_of_a_model_without_a_convolution_are_inspected():
    model, other = built("quickstart"), twin("quickstart")
    found, wanted = (inspection.embedding(each, NOISE) for each in (model, other))
    np.testing.assert_allclose(found, wanted, rtol=1e-5)
    for layer in ("dense", "output"):
        assert receptive_field(model, layer).size == 28
        found, wanted = (
            inspection.maximize_activation(each, layer, units=[3], ascent=SHORT) for each in (model, other)
        )
        np.testing.assert_allclose(found.images, wanted.images, atol=1e-4)


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


@pytest.mark.parametrize("policy", ["mixed_float16", "mixed_bfloat16"])
@pytest.mark.parametrize("name", ["keras_example", "nested", "subclassed", "rescaling"])
@pytest.mark.parametrize("function", [each for each in FUNCTIONS if each not in ("fgsm", "pgd")])
def test_mixed_precision_comes_near_to_full_precision(name, policy, function):
    for found, wanted in zip(*(FUNCTIONS[function](built(name, each)) for each in (policy, "float32")), strict=True):
        found, wanted = np.float64(found), np.float64(wanted)
        if function not in ("top_activating_patches", "maximize_activation") or found.ndim == 1:
            assert np.linalg.norm(found - wanted) < 0.2 * np.linalg.norm(wanted), "which unit wins may hang on rounding"


@pytest.mark.parametrize("shape", [(28, 28), SQUARE])
@pytest.mark.parametrize("name", ["keras_example", "ensemble"])
def test_images_of_any_layout_give_the_same(name, shape):
    model, images = built(name), NOISE.reshape(-1, *shape)
    for function in (inspection.saliency_map, inspection.occlusion_map, inspection.integrated_gradients):
        np.testing.assert_array_equal(function(model, images, LABELS), function(model, NOISE, LABELS))
    moved = inspection.fgsm(model, images, LABELS, 0.1)
    assert moved.shape == images.shape
    np.testing.assert_array_equal(moved.reshape(-1, 784), inspection.fgsm(model, NOISE, LABELS, 0.1))
    signs = inspection.loss_gradient_sign(model, images, LABELS)
    assert signs.shape == images.shape
    moved = inspection.pgd(model, images, LABELS, 0.1, steps=2)
    np.testing.assert_array_equal(moved.reshape(-1, 784), inspection.pgd(model, NOISE, LABELS, 0.1, steps=2))
    baseline = inspection.integrated_gradients(model, images, LABELS, baseline=images[0])
    np.testing.assert_array_equal(baseline, inspection.integrated_gradients(model, NOISE, LABELS, baseline=NOISE[0]))


def named_layers(model):
    return [*network(model).calls]


def test_layers_are_named_by_their_own_name_and_where_that_is_not_the_only_one_by_their_path():
    names = [each.partition("_")[0] for each in named_layers(built("nested"))]
    assert names[:7] == ["random", "rescaling", "front", "conv1", "pool1", "conv2", "features"]
    two = [keras.Sequential([layers.Conv2D(2, 3, name="conv")], name=name) for name in ("left", "right")]
    assert named_layers(chain(*two, *dense()))[:4] == ["left/conv", "left", "right/conv", "right"]
    image, pool = keras.Input(SQUARE), layers.MaxPooling2D(2, name="pool")
    twice = keras.Model(image, layers.Dense(10, name="output")(layers.Flatten(name="flat")(pool(pool(image)))))
    assert named_layers(twice) == ["pool", "pool:2", "flat", "output"]
    assert [receptive_field(twice, each).size for each in ("pool", "pool:2")] == [2, 4]
    maps = inspection.feature_maps(twice, NOISE, ["pool", "pool:2"])
    np.testing.assert_array_equal(maps["pool:2"], maps["pool"].reshape(-1, 7, 2, 7, 2, 1).max(axis=(2, 4)))


def test_a_models_layers_are_as_they_were_after_a_look():
    model = randomized(chain(*convolutions(), *dense()))
    own = model.get_layer("conv1").call = model.get_layer("conv1").call
    logits(model, NOISE)
    assert vars(model.get_layer("conv1"))["call"] is own
    assert not any("call" in vars(each) for each in parts(model) if each.name != "conv1")
    broken = chain(layers.Lambda(lambda values: values), layers.Flatten(), layers.Dense(10))
    broken.layers[0].function = lambda values: 1 / 0
    with pytest.raises(ZeroDivisionError):
        logits(broken, NOISE)
    assert not any("call" in vars(each) for each in parts(broken))


@pytest.mark.parametrize(
    ("first", "white"),
    [
        ([layers.Rescaling(1 / 255)], 255),
        ([layers.Rescaling(1 / 127.5, offset=-1)], 255),
        ([layers.RandomRotation(0.1), layers.ZeroPadding2D(2), layers.Rescaling(1 / 256)], 255),
        ([layers.Rescaling(2.0, offset=-1)], 1),
        ([layers.Rescaling(255.0), layers.Rescaling(1 / 255)], 1),
        ([layers.Conv2D(1, 1), layers.Rescaling(1 / 255)], 1),
        ([layers.Normalization(axis=None, mean=0.13, variance=0.31**2)], 1),
        ([layers.Normalization(axis=None, mean=33.3, variance=78.6**2)], 255),
        ([layers.Rescaling(1 / 255), layers.Normalization(axis=None, mean=0.13, variance=0.31**2)], 255),
        ([layers.Rescaling(1 / 255), layers.ZeroPadding2D(2), layers.Resizing(40, 40)], 255),
        ([layers.Lambda(lambda images: images / 255)], 255),
        ([layers.BatchNormalization()], 1),
        ([], 1),
    ],
)
def test_the_range_that_a_model_expects(first, white):
    assert interface(chain(*first, *dense())).scale == white


def test_a_model_that_divides_its_images_outside_of_a_layer_gets_them_up_to_255():
    image = keras.Input(SQUARE)
    model = randomized(keras.Model(image, chain(*convolutions(), *dense(None))(image / 255 - 0.5)))
    assert interface(model).scale == 255
    np.testing.assert_allclose(logits(model, NOISE), model(255 * NOISE.reshape(-1, *SQUARE)), atol=1e-4)
    assert receptive_field(model, "conv1") == inspection.ReceptiveField(3, 1, -1)


def test_a_layer_that_learns_in_a_loop_of_its_own_gets_what_the_model_gets():
    assert interface(chain(layers.LSTM(4), layers.Dense(10), shape=(28, 28))).scale == 1
    rescaled = chain(layers.Rescaling(1 / 255), layers.LSTM(4), layers.Dense(10), shape=(28, 28))
    assert interface(rescaled).scale == 255
    np.testing.assert_allclose(logits(rescaled, NOISE), rescaled(255 * NOISE.reshape(-1, 28, 28)), atol=1e-6)


def test_a_normalization_of_each_pixel_tells_the_range_too():
    for white in (1, 255):
        first = layers.Normalization()
        first.adapt(white * sample()[0])  # some pixels are the same in all
        assert interface(chain(first, layers.Dense(10), shape=(784,))).scale == white


def test_a_range_that_cannot_be_told_is_asked_for_and_can_be_said():
    model = randomized(chain(layers.Rescaling(1 / 16), *convolutions(), *dense(), shape=SQUARE))
    with pytest.raises(ValueError, match="which divides them by about 16: put the range in front") as refused:
        logits(model, NOISE)
    way_out = eval(re.search(r"keras.Sequential\(.*model\]\)", str(refused.value))[0], {"keras": keras, "model": model})
    scores = np.asarray(model(16 * NOISE.reshape(-1, *SQUARE)))
    np.testing.assert_allclose(softmax(logits(way_out, NOISE), axis=1), scores, atol=1e-5)


def test_a_normalization_that_is_adapted_again_is_seen():
    first = layers.Normalization(axis=None)
    model = randomized(chain(first, *dense(None)))
    for factor in (1, 0.5):
        first.adapt(factor * sample()[0].reshape(-1, *SQUARE))
        wanted = np.asarray(model(NOISE.reshape(-1, *SQUARE)))
        np.testing.assert_allclose(logits(model, NOISE), wanted, atol=1e-4)


def any_size():
    return chain(*convolutions(), layers.GlobalMaxPooling2D(), layers.Dense(10), shape=(None, None, 1))


def two_outputs():
    image = keras.Input(SQUARE)
    flat_image = layers.Flatten()(image)
    return keras.Model(image, [layers.Dense(10)(flat_image), layers.Dense(2)(flat_image)])


WAYS_OUT = {
    "unbuilt": (Subclassed, r"keras.Sequential\(.*model\]\)"),
    "any size": (any_size, r"keras.Sequential\(.*model\]\)"),
    "colors": (lambda: chain(*convolutions(), *dense(), shape=(28, 28, 3)), r"image = .*image\]\)\)\)"),
    "bytes": (lambda: keras.Sequential([keras.Input(SQUARE, dtype="uint8"), *dense()]), r"copy = .*get_weights\(\)\)"),
    "batch": (lambda: keras.Sequential([keras.Input(batch_shape=(6, *SQUARE)), *dense()]), r"copy = .*weights\(\)\)"),
    "two": (two_outputs, r"keras.Model\(.*\[0\]\)"),
}


@pytest.mark.parametrize("refused", WAYS_OUT)
def test_the_way_out_that_a_refusal_names_is_one(refused):
    make, code = WAYS_OUT[refused]
    model = make()
    with pytest.raises(ValueError, match=r"^expected a .*model") as told:
        logits(model, NOISE)
    *before, last = re.search(code, str(told.value))[0].replace(") and ", ")\n").splitlines()
    scope = {"keras": keras, "model": model}
    exec("\n".join(before), scope)
    changed = eval(last, scope) or scope["copy"]
    images = NOISE.round().reshape(-1, *SQUARE)  # 0 and 1, which a byte can hold
    wanted = model(np.repeat(images, 3, axis=-1) if refused == "colors" else interface(changed).scale * images)
    found = logits(changed, NOISE.round())
    found = softmax(found, axis=1) if interface(changed).exclusive else found
    np.testing.assert_allclose(found, wanted[0] if refused == "two" else wanted, atol=1e-5)


def test_a_model_of_one_probability_is_explained_and_attacked_as_one_of_two_classes():
    model = randomized(chain(*convolutions(), layers.Flatten(), layers.Dense(1, activation="sigmoid")))
    probability = np.asarray(model(NOISE.reshape(-1, *SQUARE)), np.float64)
    np.testing.assert_allclose(logits(model, NOISE), np.log(probability / (1 - probability)), rtol=1e-4, atol=1e-5)
    followed = inspection.deletion_curve(model, NOISE, NOISE.reshape(6, 28, 28), 0, steps=2)
    np.testing.assert_allclose(followed.scores[:, :1], probability, rtol=1e-5)
    with pytest.raises(ValueError, match="expected a model of at least two classes, got") as told:
        inspection.fgsm(model, NOISE, 0, 0.1)
    way_out = eval(re.search(r"keras.Sequential.*$", str(told.value))[0], {"keras": keras, "model": model})
    np.testing.assert_allclose(np.exp(logits(way_out, NOISE)), np.hstack([1 - probability, probability]), atol=1e-5)
    moved = inspection.fgsm(way_out, NOISE, 1, 0.05)
    assert (np.asarray(model(moved.reshape(-1, *SQUARE))) <= probability).all()


@pytest.mark.parametrize("function", ["receptive_field", "grad_cam", "top_activating_patches", "maximize_activation"])
def test_a_resized_image_has_no_whole_receptive_field_and_a_model_without_that_layer_has(function):
    words = (
        r"'resizing\w*' moves pixels by no whole number: resize the images to 32 × 32 yourself, and inspect the model"
    )
    with pytest.raises(ValueError, match=words):
        FUNCTIONS[function](built("resizing"))
    assert receptive_field(built("resizing"), "output").size == 28
    without = keras.Sequential([keras.Input((32, 32, 1)), *built("resizing").layers[1:]])
    images = np.asarray(keras.ops.image.resize(NOISE.reshape(-1, *SQUARE), (32, 32)))
    assert inspection.grad_cam(without, images, LABELS, layer="conv2").shape == (6, 32, 32)
    np.testing.assert_allclose(logits(without, images), logits(built("resizing"), NOISE), atol=1e-4)
    ascent = inspection.maximize_activation(built("resizing"), "conv1", over="map", ascent=SHORT)
    assert (ascent.after > ascent.before).all()


def test_a_map_whose_units_all_see_the_whole_image_has_no_positions():
    model = flat(
        *dense()[:2],
        layers.Dense(49, name="wide"),
        layers.Reshape((7, 7, 1), name="drawn"),
        layers.Conv2D(2, 3, name="conv"),
    )
    for function in (receptive_field, lambda *each: inspection.top_activating_patches(each[0], NOISE, each[1])):
        with pytest.raises(
            ValueError, match=r"each unit of 'conv' sees the whole image.*ask for a layer before the one"
        ):
            function(model, "conv")


def test_what_a_receptive_field_is_not_known_for_says_why():
    image = keras.Input(SQUARE)
    fine, coarse = layers.Conv2D(2, 3, padding="same")(image), layers.Conv2D(2, 3, strides=2, padding="same")(image)
    coarse = layers.UpSampling2D(2, name="up")(coarse)
    model = keras.Model(image, layers.Dense(10)(layers.Flatten()(layers.Add(name="sum")([fine, coarse]))))
    with pytest.raises(
        ValueError, match=r"field of 'sum' is not known, as 'up' is a UpSampling2D.* ask for a layer before"
    ):
        receptive_field(model, "sum")
    uneven = chain(layers.ZeroPadding2D(((1, 1), (2, 2)), name="pad"), *convolutions(), *dense())
    with pytest.raises(ValueError, match="'pad' moves rows and columns by different amounts: ask for a layer before"):
        receptive_field(uneven, "conv1")


def compiled(signature):
    class Compiled(Subclassed):
        call = tf.function(Subclassed.call, autograph=False, input_signature=signature)

    return Compiled()


@pytest.mark.parametrize("signature", [None, [tf.TensorSpec((None, *SQUARE))]])
def test_a_model_whose_layers_cannot_be_heard_is_explained_as_a_whole_and_says_so_of_its_layers(signature):
    model, blank = compiled(signature), np.zeros((1, *SQUARE), np.float32)
    Subclassed.call(model, blank)  # its weights are made outside of the compiled call
    model(blank)
    model.set_weights(built("subclassed").get_weights())
    np.testing.assert_allclose(softmax(logits(model, NOISE), axis=1), predicted("subclassed", NOISE), atol=1e-5)
    for function in ("saliency_map", "occlusion_map"):
        (found,), (wanted,) = (FUNCTIONS[function](each) for each in (model, built("subclassed")))
        np.testing.assert_allclose(found, wanted, atol=1)
    with pytest.raises(ValueError, match=r"cannot be seen: take @tf.function from its call method"):
        inspection.feature_maps(model, NOISE, "conv1")


@pytest.mark.parametrize("name", ["nested", "functional", "residual", "normalization"])
def test_a_model_from_a_file_gives_the_same(name, tmp_path):
    built(name).save(tmp_path / "model.keras")
    read = keras.models.load_model(tmp_path / "model.keras")
    np.testing.assert_array_equal(logits(read, NOISE), logits(built(name), NOISE))
    np.testing.assert_allclose(
        *(inspection.grad_cam(each, NOISE, LABELS, layer="conv2") for each in (read, built(name))), rtol=1e-4, atol=1e-6
    )


@pytest.mark.parametrize("name", MODELS)
def test_the_pad_takes_them_all(name):
    pad = DrawingPad(built(name))
    pad.draw(DIGITS[3])
    scores = predicted(name, pad.digit.reshape(1, 784))[0]
    wanted = scores if interface(built(name)).exclusive else softmax(scores)
    np.testing.assert_allclose(pad.probabilities, wanted, atol=1e-5)
    assert pad.who == "network"
    assert ("probabilities" in pad.prediction) == bool(pad.needs)


def test_ten_sigmoids_are_shown_on_the_pad_as_they_are():
    model = randomized(chain(layers.Flatten(), layers.Dense(10, activation="sigmoid")))
    pad = DrawingPad(model)
    pad.draw(DIGITS[3])
    np.testing.assert_allclose(pad.probabilities, np.asarray(model(pad.digit.reshape(1, *SQUARE)))[0], atol=1e-6)


@pytest.mark.parametrize("name", MODELS)
def test_the_explorer_takes_it_or_names_the_layer_and_shows_a_picture(name):
    if not any("Conv" in call.kind for call in network(built(name)).calls.values()):
        pytest.skip("a network without maps")
    explorer = NetworkExplorer(built(name), NOISE.reshape(-1, 28, 28))
    if explorer.message:
        assert re.search(r"cannot be explored in the browser: expected layers .*'\w+", explorer.message)
        assert explorer.picture.startswith(b"\x89PNG")
        assert not explorer.data
    else:
        assert "conv" in [layer["kind"] for layer in explorer.description["layers"]]
        assert not explorer.picture
    data, metadata = explorer._repr_mimebundle_()
    assert len(metadata["image/png"]["alt"].split()) > 5
    assert len(data["image/png"]) > 1000
