"""Keras, imported quietly and set up the same way on every machine: ``from lenet_tutorial.backend import keras``.

Models, training and studies are plain Keras 3 and run on its TensorFlow, JAX and PyTorch backends. What takes gradients
of a network's input needs TensorFlow itself and says ``from lenet_tutorial.backend import tf``.

TensorFlow's C++ code writes to file descriptor 2 while it starts: which CPU instructions it found, that there is no
GPU. Beginners take these lines for errors, and a recorded lesson would hold them. ``TF_CPP_MIN_LOG_LEVEL`` alone leaves
some of them, so the descriptor itself is redirected during the import, and what was written is shown only if the import
fails. oneDNN stays on: without it, training takes about 2.5 times as long.
"""

import importlib
import importlib.util
import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType

PACKAGES = {"tensorflow": "tensorflow", "jax": "jax", "torch": "torch"}  # Keras's backends: the package of each


@contextmanager
def hide_stderr() -> Iterator[None]:
    """Keep what is written to file descriptor 2 from being shown, unless the body raises: then show it all.

    A process without a standard error, such as one started by pythonw, has nothing to hide.
    """
    try:
        shown = os.dup(2)
    except OSError:
        yield
        return
    _flush()
    with tempfile.TemporaryFile() as hidden:
        os.dup2(hidden.fileno(), 2)
        try:
            yield
        except BaseException:
            hidden.seek(0)
            os.write(shown, hidden.read())
            raise
        finally:
            _flush()
            os.dup2(shown, 2)
            os.close(shown)


def _flush() -> None:
    if sys.stderr is not None:
        sys.stderr.flush()


def require_backend(name: str) -> None:
    """Check that a Keras backend can be imported, before Keras fails with an error of its own.

    Args:
        name: ``"tensorflow"``, ``"jax"`` or ``"torch"``.

    Raises:
        ImportError: Keras has no such backend, or its package is not installed.
    """
    if name not in PACKAGES:
        raise ImportError(
            f"expected KERAS_BACKEND to be one of {', '.join(PACKAGES)}, got {name!r}: unset KERAS_BACKEND and restart "
            "the kernel"
        )
    if importlib.util.find_spec(PACKAGES[name]) is None:
        raise ImportError(
            f"KERAS_BACKEND asks for {name!r}, and the package {PACKAGES[name]} is not installed. The lessons run on "
            "TensorFlow: unset KERAS_BACKEND and restart the kernel"
        )


def _tensorflow() -> ModuleType:
    """TensorFlow, for what takes gradients of a network's input."""
    if keras.backend.backend() != "tensorflow":
        raise ImportError(
            f"the lessons and lenet_tutorial.inspection need Keras on TensorFlow, got the backend "
            f"{keras.backend.backend()!r}: unset KERAS_BACKEND and restart the kernel. Models, training and studies "
            "run on every backend"
        )
    return importlib.import_module("tensorflow")


def __getattr__(name: str) -> ModuleType:
    if name == "tf":
        return _tensorflow()
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def version() -> str:
    """Name the backend and its version, such as ``"tensorflow 2.21.0"``."""
    name = keras.backend.backend()
    return f"{name} {importlib.import_module(PACKAGES[name]).__version__}"


os.environ.setdefault("KERAS_BACKEND", "tensorflow")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
require_backend(os.environ["KERAS_BACKEND"])
with hide_stderr():
    import keras

    if keras.backend.backend() == "tensorflow":
        _tensorflow().config.list_physical_devices()  # TensorFlow looks for a GPU here, and says so

# ~/.keras/keras.json may say otherwise; the lessons' shapes and numbers rest on these two.
keras.config.set_image_data_format("channels_last")
keras.config.set_floatx("float32")
keras.config.set_dtype_policy("float32")

__all__ = ["hide_stderr", "keras", "require_backend", "tf", "version"]  # noqa: F822, since `tf` is imported on demand
