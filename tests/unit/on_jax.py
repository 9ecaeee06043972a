"""Keras on JAX, for the tests that need it.

JAX lies beside the packages of the environment, where ``make test`` puts it, not among them: TensorFlow imports a JAX
that is installed, and every kernel would take 110 MB more.
"""

import os
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
FOLDER = Path(sys.prefix, "jax")
NEEDS_JAX = pytest.mark.skipif(not (FOLDER / "jax").is_dir(), reason=f"there is no JAX in {FOLDER.name}: see make test")
ON_JAX = {"KERAS_BACKEND": "jax", "PYTHONPATH": os.pathsep.join([str(FOLDER), str(ROOT)])}
