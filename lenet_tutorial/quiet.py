"""Keras on TensorFlow, imported without TensorFlow's start-up lines: ``from lenet_tutorial.quiet import keras``.

TensorFlow's C++ code writes to file descriptor 2 while it starts: which CPU instructions it found, that there is no
GPU. A learner takes these lines for errors, and a recorded lesson would hold them. ``TF_CPP_MIN_LOG_LEVEL`` alone
leaves some of them, so the descriptor itself is turned aside during the import, and what was written is shown only
if the import fails. oneDNN stays on: without it, training takes about 2.5 times as long.
"""

import os
import sys
import tempfile
from contextlib import contextmanager


@contextmanager
def stderr_aside():
    """Keep what is written to file descriptor 2 from being shown, unless the body raises: then show it all."""
    sys.stderr.flush()
    shown = os.dup(2)
    with tempfile.TemporaryFile() as aside:
        os.dup2(aside.fileno(), 2)
        try:
            yield
        except BaseException:
            aside.seek(0)
            os.write(shown, aside.read())
            raise
        finally:
            sys.stderr.flush()
            os.dup2(shown, 2)
            os.close(shown)


os.environ.setdefault("KERAS_BACKEND", "tensorflow")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
with stderr_aside():
    import keras
    import tensorflow as tf

    tf.config.list_physical_devices()  # TensorFlow looks for a GPU here, and says so

if keras.backend.backend() != "tensorflow":
    raise ImportError(
        f"the lessons run Keras on TensorFlow, found the backend {keras.backend.backend()!r}: "
        "unset KERAS_BACKEND and restart the kernel"
    )

__all__ = ["keras", "tf"]
