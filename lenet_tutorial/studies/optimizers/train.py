"""Train the textbook's network with a recipe, and evaluate it after every epoch. Plain Keras 3, on any backend."""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import numpy as np

from lenet_tutorial import training
from lenet_tutorial.backend import keras
from lenet_tutorial.data import Digits
from lenet_tutorial.recipe import Recipe


def train(recipe: Recipe, digits: Digits, progress: Callable[[float], object]) -> dict:
    """Train with a recipe.

    Args:
        recipe: how to train.
        digits: what to train, to validate and to test on.
        progress: told the share of the epochs that has been done since the last call.

    Returns:
        The results of a :class:`run.Run`.
    """
    keras.backend.clear_session()  # else every run leaves its network in memory
    evaluation = _Evaluation(digits, lambda: progress(1 / recipe.epochs))
    with _quiet_tensorflow():
        training.train(digits, recipe, callbacks=[evaluation], verbose=0)
    return {
        "outcome": "diverged" if evaluation.diverged else "finished",
        "curves": evaluation.curves,
        "misread": None if evaluation.diverged else evaluation.misread,
    }


@contextmanager
def _quiet_tensorflow() -> Iterator[None]:
    """Each run has a network of its own. That TensorFlow traces it anew is no mistake, and not worth its warning."""
    logger = logging.getLogger("tensorflow")
    before = logger.level
    logger.setLevel(logging.ERROR)
    try:
        yield
    finally:
        logger.setLevel(before)


class _Evaluation(keras.callbacks.Callback):
    """After every epoch, evaluates on validation and test data; ends a training whose numbers are not finite."""

    def __init__(self, digits, after_epoch):
        super().__init__()
        self.parts = {"validation": digits.validation, "test": digits.test}
        self.after_epoch = after_epoch
        self.curves: dict[str, list] = {}
        self.diverged = False
        self.misread = []

    def on_epoch_end(self, epoch, logs=None):
        numbers = {"running_loss": logs["loss"], "running_accuracy": logs["accuracy"]}
        for name, part in self.parts.items():
            predicted = self.model.predict(part.images, batch_size=500, verbose=0).argmax(axis=1)
            wrong = np.flatnonzero(predicted != part.labels)
            numbers[f"{name}_accuracy"] = 1 - len(wrong) / len(part)
        self.misread = wrong.tolist()  # the test data come last
        for name, value in numbers.items():
            self.curves.setdefault(name, []).append(round(float(value), 6) if np.isfinite(value) else None)
        # Weights, too: on some processors ReLU of NaN is 0, and a network of NaN predicts by its last biases.
        finite = all(np.isfinite(weight).all() for weight in self.model.get_weights())
        self.diverged = not finite or None in (values[-1] for values in self.curves.values())
        self.model.stop_training = self.diverged
        self.after_epoch()
