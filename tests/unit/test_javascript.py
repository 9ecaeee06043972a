"""What the browser computes, run by node: the network against Keras, the preparation of drawings against Python's."""

import json
import os
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from lenet_tutorial import digit_input
from lenet_tutorial.backend import keras
from lenet_tutorial.interface import interface, listen, named, parts
from lenet_tutorial.model import build_lenet
from lenet_tutorial.widgets.network import PackedNetwork, pack_network
from tests.unit import other_models

JS = Path(__file__).resolve().parents[1] / "js"
needs_node = pytest.mark.skipif(shutil.which("node") is None, reason="node is not installed: its tests are left out")


def run(name: str, folder: Path, **variables: str) -> str:
    """Run a file of tests by node's own test runner; give what it says."""
    variables = os.environ | {"CASES": str(folder)} | variables
    done = subprocess.run(
        ["node", "--test", str(JS / name)], env=variables, capture_output=True, text=True, timeout=600, check=False
    )
    failed = [line for line in done.stdout.splitlines() if line.strip().startswith(("not ok", "error:"))]
    assert done.returncode == 0, "\n".join(failed[:10]) or done.stdout[-2000:] + done.stderr[-2000:]
    return done.stdout


def random_layer(random: np.random.Generator) -> keras.Layer:
    """A layer that the browser knows, with random settings; nearly half of them are convolutions."""
    layers = keras.layers
    window = {"strides": int(random.integers(1, 4)), "padding": str(random.choice(["same", "valid"]))}
    size = tuple(int(each) for each in random.integers(1, 5, 2))
    activation = str(random.choice(["linear", "relu", "tanh", "sigmoid", "leaky_relu"]))
    others = (
        layers.MaxPooling2D(size, **window),
        layers.AveragePooling2D(size, **window),
        layers.BatchNormalization(scale=bool(random.integers(2))),
        layers.Rescaling(float(random.choice([1 / 255, 0.5, 1, 1.5])), float(random.normal())),
        layers.LeakyReLU(0.1),
        layers.ReLU(),
        layers.Activation("tanh"),
        layers.Dropout(0.5),
    )
    if random.random() < 0.4:
        has_bias = bool(random.integers(2))
        return layers.Conv2D(int(random.integers(1, 6)), size, activation=activation, use_bias=has_bias, **window)
    return others[random.integers(len(others))]


def random_network(random: np.random.Generator) -> keras.Model:
    """A small network out of the layers that the browser knows, with random settings and weights."""
    layers, side = keras.layers, int(random.integers(6, 15))
    model = keras.Sequential([keras.Input(((side, side, 1), (side, side), (side * side,))[random.integers(3)])])
    model.add(layers.Reshape((side, side, 1)))
    for _ in range(random.integers(1, 6)):
        if min(model.output_shape[1:3]) >= 4:
            model.add(random_layer(random))
    model.add((layers.Flatten, layers.GlobalAveragePooling2D, layers.GlobalMaxPooling2D)[random.integers(3)]())
    model.add(layers.Dense(int(random.integers(2, 8)), activation=str(random.choice(["relu", "tanh", "linear"]))))
    model.add(layers.Dense(3, activation="softmax") if random.integers(2) else layers.Softmax())
    drawn = [np.abs(random.normal(0, 0.5, each.shape)) + 0.1 for each in model.weights]
    signs = [1 if "variance" in each.path else random.choice([-1, 1], each.shape) for each in model.weights]
    model.set_weights([sign * each for sign, each in zip(signs, drawn, strict=True)])
    return model


def write(folder: Path, models: list[keras.Model], random: np.random.Generator, dtype: str = "float32") -> None:
    """Write networks, an image for each, and what Keras makes of it, layer by layer."""
    cases, data = [], bytearray()
    for model in models:
        packed, known = pack_network(model, dtype=dtype), interface(model)
        image = random.random((1, known.side**2), np.float32)
        _, calls = listen(model, known.enter(image))
        outputs = {name: np.ravel(call.output) for name, call in named(calls).items() if not parts(call.layer)}
        if known.scale != 1:
            outputs = {"pixels": known.scale * image[0]} | outputs
        case = {"description": packed.description, "start": len(data), "end": len(data) + len(packed.data)}
        outputs = {name: np.float64(each).tolist() for name, each in outputs.items()}
        cases.append(case | {"image": image[0].tolist(), "outputs": outputs})
        data += packed.data
    (folder / "networks.json").write_text(json.dumps(cases))
    (folder / "networks.bin").write_bytes(data)


@needs_node
@pytest.mark.parametrize("count", [60, pytest.param(1000, marks=pytest.mark.qa)])
def test_random_networks_in_the_browser_compute_what_keras_does(tmp_path, count):
    random = np.random.default_rng(count)
    write(tmp_path, [random_network(random) for _ in range(count)], random)
    assert f"# pass {count + 1}" in run("network.test.mjs", tmp_path)


CHAINS = ["keras_example", "quickstart", "nested", "functional", "rescaling", "augmented", "subclassed"]


@needs_node
def test_the_textbooks_network_and_other_peoples_are_computed_in_the_browser(tmp_path):
    models = [build_lenet(), *(other_models.built(name) for name in CHAINS)]
    write(tmp_path, models, np.random.default_rng(0))
    run("network.test.mjs", tmp_path)


@needs_node
def test_eight_bit_weights_are_rounded_a_channel_at_a_time(tmp_path):
    """At most half a step of each channel's own: outputs within 2% here, and a quarter of the bytes."""
    model = build_lenet()
    small, large = (pack_network(model, dtype=dtype) for dtype in ("int8", "float32"))
    assert len(small.data) < 0.26 * len(large.data)
    write(tmp_path, [model], np.random.default_rng(0), "int8")
    run("network.test.mjs", tmp_path, TOLERANCE="0.02")


@pytest.mark.parametrize("name", ["residual", "ensemble", "resizing"])
def test_what_the_browser_cannot_compute_is_named(name):
    with pytest.raises(ValueError, match=r"got .*'|branches at the layer '"):
        pack_network(other_models.built(name))
    with pytest.raises(ValueError, match="'float32' or 'int8', got 'float16'"):
        pack_network(build_lenet(), dtype="float16")


def test_what_goes_to_the_browser_is_plain():
    packed = pack_network(build_lenet())
    assert isinstance(packed, PackedNetwork)
    assert json.loads(json.dumps(packed.description)) == packed.description


def random_strokes(random: np.random.Generator, number: int) -> list[dict]:
    """One to four strokes; those of every third drawing on a grid, where ties are: they show how halves are rounded."""
    strokes = []
    for _ in range(random.integers(1, 5)):
        points = random.uniform(0.2, 0.8, 2) + np.cumsum(random.normal(0, 0.12, (random.integers(1, 9), 2)), axis=0)
        if number % 3 == 0:
            points = np.round(28 * points) / 28
        width = random.choice([0.02, 0.05, 0.09, random.uniform(0.01, 0.2)])
        strokes.append({"width": float(width), "points": np.clip(points, 0, 1).tolist()})
    return strokes


@needs_node
def test_drawings_are_prepared_in_the_browser_as_in_python(tmp_path):
    random, cases = np.random.default_rng(0), []
    for number in range(300):
        strokes = random_strokes(random, number)
        page = digit_input.draw_strokes([s["points"] for s in strokes], width=[s["width"] for s in strokes])
        try:
            digit = np.float64(digit_input.prepare(page)).ravel().tolist()
        except digit_input.DigitInputError:
            digit = None
        small = np.float64(Image.fromarray(page).reduce(10)).ravel().tolist()  # by Pillow
        cases.append({"strokes": strokes, "digit": digit, "small": small})
    (tmp_path / "drawings.json").write_text(json.dumps(cases))
    assert sum(case["digit"] is not None for case in cases) > 200
    run("preprocess.test.mjs", tmp_path)
