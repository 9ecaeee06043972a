"""Keras is imported quietly, set up the same everywhere, and on another backend as far as that goes."""

import json
import os
import subprocess
import sys

import pytest

from tests.unit.on_jax import NEEDS_JAX, ON_JAX, ROOT


def run(code, **variables):
    """Run code in a Python of its own; give its exit code, and what it wrote to stdout and to stderr."""
    environment = os.environ | {"PYTHONPATH": str(ROOT), "LENET_TUTORIAL_MNIST": "sample"} | variables
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout.strip(), done.stderr.strip()


def test_the_start_of_tensorflow_is_quiet_and_its_failure_is_not():
    assert run("from lenet_tutorial.backend import keras, tf; print(tf.constant(1).numpy())") == (0, "1", "")
    noisy = "import os\nfrom lenet_tutorial.backend import hide_stderr\nwith hide_stderr(): os.write(2, b'why'); {}"
    assert run(noisy.format("pass"))[2] == ""
    assert run(noisy.format("raise ValueError"))[2].startswith("why")


@pytest.mark.parametrize("gone", ["import os; os.close(2)", "import sys; sys.stderr = None"])
def test_without_a_standard_error_it_starts(gone):
    """As under pythonw."""
    assert run(f"{gone}; from lenet_tutorial.backend import keras; print(keras.backend.backend())")[:2] == (
        0,
        "tensorflow",
    )


def test_the_lessons_shapes_and_dtype_do_not_depend_on_the_users_configuration(tmp_path):
    settings = {"backend": "tensorflow", "floatx": "float16", "image_data_format": "channels_first", "epsilon": 1e-7}
    (tmp_path / "keras.json").write_text(json.dumps(settings))
    code = """
import numpy as np
from lenet_tutorial.model import build_lenet
model = build_lenet()
print(model.get_layer("conv1").output.shape, model.get_layer("conv1").compute_dtype, model.weights[0].dtype)
print(model.predict(np.zeros((2, 784), "float32"), verbose=0).shape)
"""
    told = run(code, KERAS_HOME=str(tmp_path))
    assert told == (0, "(None, 28, 28, 32) float32 float32\n(2, 10)", "")


@pytest.mark.parametrize("name", ["jax", "torch"])
def test_a_backend_that_is_not_installed_is_told_before_keras_fails(name):
    hidden = f"""
import importlib.util
find_spec = importlib.util.find_spec
importlib.util.find_spec = lambda wanted, *more: None if wanted == {name!r} else find_spec(wanted, *more)
import lenet_tutorial.backend
"""
    code, _, told = run(hidden, KERAS_BACKEND=name)
    assert code == 1
    assert f"KERAS_BACKEND asks for '{name}', and the package {name} is not installed" in told
    assert "unset KERAS_BACKEND and restart the kernel" in told


def test_a_backend_that_keras_does_not_have_is_told():
    assert (
        "one of tensorflow, jax, torch, got 'theano'" in run("import lenet_tutorial.backend", KERAS_BACKEND="theano")[2]
    )


@NEEDS_JAX
def test_models_and_training_run_on_jax_and_inspection_says_what_it_needs(tmp_path):
    code = """
import numpy as np
from lenet_tutorial import data
from lenet_tutorial.training import Recipe, trained_lenet
digits = data.load_digits()
few = data.Split(**{name: getattr(digits.train, name)[:200] for name in ("images", "onehot", "labels")})
digits = data.Digits(name="few", train=few, validation=few, test=few)
first = trained_lenet(Recipe(epochs=1), digits)
again = trained_lenet(Recipe(epochs=1), digits)  # from the disk
assert first.model is not again.model
for one, other in zip(first.model.get_weights(), again.model.get_weights()):
    np.testing.assert_array_equal(one, other)
print(len(first.history["loss"]))
import lenet_tutorial.inspection
"""
    code, printed, told = run(code, LENET_TUTORIAL_CACHE=str(tmp_path), **ON_JAX)
    assert code == 1
    assert printed.splitlines()[-1] == "1"
    assert "lenet_tutorial.inspection need Keras on TensorFlow, got the backend 'jax'" in told.splitlines()[-1]
