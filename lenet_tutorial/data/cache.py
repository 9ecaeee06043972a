"""MNIST on this machine: our cache and Keras's."""

import logging
import os
from pathlib import Path

import numpy as np
import platformdirs

from lenet_tutorial import files
from lenet_tutorial.data.mnist import read, tidy
from lenet_tutorial.data.split import DataError, RawDigits

CACHE_VARIABLE = "LENET_TUTORIAL_CACHE"

log = logging.getLogger(__name__)


def cache_folder() -> Path:
    """Where to keep what is fetched or trained: `LENET_TUTORIAL_CACHE`, else the platform's. It may not exist."""
    named = os.environ.get(CACHE_VARIABLE, "").strip()
    if named:
        return Path(os.path.expanduser(named)).absolute()
    return platformdirs.user_cache_path("lenet-tutorial", appauthor=False)


def find() -> RawDigits | None:
    """MNIST from our cache or Keras's; a damaged file is logged in one line, ours is renamed, the next is tried."""
    ours = cache_folder() / "mnist.npz"
    keras = Path(os.environ.get("KERAS_HOME") or os.path.expanduser("~/.keras"), "datasets", "mnist.npz")
    for path, source in ((ours, "our cache"), (keras, "Keras's cache")):
        if os.path.isfile(path):  # Path.is_file raises where we may not look
            try:
                return read(path, source)
            except DataError as error:
                outcome = files.rename_damaged(path) if path == ours else "left as it is"
                log.warning(f"{error} {outcome.capitalize()}; the next source is tried.")
    return None


def store(raw: RawDigits) -> None:
    """Write MNIST to our cache, whole or not at all, whoever else writes at the same time; a failure is logged."""
    path = cache_folder() / "mnist.npz"
    try:
        with files.atomic_write(path) as place, open(place, "xb") as stream:
            np.savez_compressed(
                stream,
                x_train=raw.train_images,
                y_train=raw.train_labels,
                x_test=raw.test_images,
                y_test=raw.test_labels,
            )
    except OSError as error:
        reason = error.strerror or type(error).__name__
        log.warning(
            f"{tidy(path)}: MNIST could not be stored there ({reason}). It is used from memory, and the next kernel "
            f"downloads it again. Set {CACHE_VARIABLE} to a folder that can be written."
        )
