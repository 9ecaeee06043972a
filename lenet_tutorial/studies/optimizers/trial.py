"""One run: train the textbook's network with a recipe, look at it after every epoch, and record."""

import os
import platform
import time
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import numpy as np

from lenet_tutorial import training
from lenet_tutorial.backend import keras, tf
from lenet_tutorial.studies.optimizers.record import CURVES, Record
from lenet_tutorial.studies.optimizers.source import describe

EPSILON = 1e-7  # as Keras clips probabilities before it takes their logarithm


@cache
def machine():
    """What a run is made on, as far as it may change numbers or seconds."""
    gpus = [tf.config.experimental.get_device_details(gpu) for gpu in tf.config.list_physical_devices("GPU")]
    return {
        "cpu": _cpu(),
        "cores": os.cpu_count(),
        "device": gpus[0].get("device_name", "GPU") if gpus else "CPU",
        "python": platform.python_version(),
        "numpy": np.__version__,
        "keras": keras.__version__,
        "tensorflow": tf.__version__,
    }


def _cpu():
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
        return next(line.split(":", 1)[1].strip() for line in lines if line.startswith("model name"))
    except (OSError, StopIteration, IndexError):  # not Linux, or a processor without a name
        return platform.processor() or platform.machine() or "unknown"


def run(recipe, digits, *, data=None, each_epoch=lambda: None):
    """Train with a recipe and record how it went.

    Args:
        recipe: a :class:`lenet_tutorial.recipe.Recipe`.
        digits: a :class:`lenet_tutorial.data.Digits`.
        data: what `describe` says of the digits, if it is known already.
        each_epoch: called, without arguments, after every epoch.

    Returns:
        A :class:`Record`.
    """
    data = data or describe(digits)
    tf.get_logger().setLevel("ERROR")  # each run has a network of its own: that it is traced anew is no mistake
    keras.backend.clear_session()  # else every run leaves its network in memory
    start = time.perf_counter()
    looks = _Looks(digits, each_epoch)
    training.train(digits, recipe, callbacks=[looks], verbose=0)
    return Record(
        recipe=recipe,
        data=data,
        outcome="diverged" if looks.diverged else "finished",
        curves=looks.curves,
        misread=None if looks.diverged else looks.misread,
        seconds=round(time.perf_counter() - start, 2),
        made_on=machine(),
        ended=datetime.now(UTC).isoformat(timespec="milliseconds"),
    )


class _Looks(keras.callbacks.Callback):
    """After every epoch, a look at validation and test data; ends a training that has lost its numbers."""

    def __init__(self, digits, each_epoch):
        super().__init__()
        self.parts = {"validation": digits.validation, "test": digits.test}
        self.each_epoch = each_epoch
        self.curves = {name: [] for name in CURVES}
        self.diverged = False
        self.misread = []

    def on_epoch_begin(self, epoch, logs=None):
        self.start = time.perf_counter()

    def on_epoch_end(self, epoch, logs=None):
        numbers = {"seconds": round(time.perf_counter() - self.start, 2)}
        numbers |= {"running_loss": logs["loss"], "running_accuracy": logs["accuracy"]}
        for name, part in self.parts.items():
            said = self.model.predict(part.images, batch_size=500, verbose=0)
            loss, wrong = look(said, part.labels)
            numbers |= {f"{name}_loss": loss, f"{name}_accuracy": 1 - len(wrong) / len(part)}
        self.misread = wrong.tolist()  # the test data are looked at last
        for name, value in numbers.items():
            self.curves[name].append(round(float(value), 6) if np.isfinite(value) else None)
        # Weights, too: on some processors ReLU of NaN is 0, and a network of NaN answers with its last biases.
        spoilt = not all(np.isfinite(weight).all() for weight in self.model.get_weights())
        self.diverged = spoilt or None in (values[-1] for values in self.curves.values())
        self.model.stop_training = self.diverged
        self.each_epoch()


def look(probabilities, labels):
    """Loss and mistakes of a network's answers.

    Args:
        probabilities: floats (n, 10).
        labels: integers (n,).

    Returns:
        The mean cross-entropy in nats, and the positions misread, integers (m,).
    """
    of_the_label = probabilities[np.arange(len(labels)), labels].astype(np.float64)
    loss = -np.log(np.clip(of_the_label, EPSILON, 1 - EPSILON)).mean()
    return loss, np.flatnonzero(probabilities.argmax(axis=1) != labels)
