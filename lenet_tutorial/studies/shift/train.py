"""Build and train an architecture, and measure it on moved digits. Plain Keras 3, on any backend."""

from collections.abc import Callable

from lenet_tutorial import evaluation
from lenet_tutorial.backend import keras
from lenet_tutorial.data import Digits
from lenet_tutorial.model import build_lenet
from lenet_tutorial.studies.shift.run import ARCHITECTURES, SHIFTS

BATCH_SIZE = 100


def dense() -> keras.Model:
    """784-1024-1024-10: every pixel has a weight of its own for every neuron."""
    layers = [keras.layers.Dense(1024, activation="relu") for _ in range(2)]
    return keras.Sequential([keras.Input((784,)), *layers, keras.layers.Dense(10, activation="softmax")])


BUILD = {"dense": dense, "textbook": build_lenet}


def train(architecture: str, seed: int, digits: Digits, progress: Callable[[float], object]) -> dict:
    """Train one network.

    Args:
        architecture: a name of :data:`run.ARCHITECTURES`.
        seed: for the first weights and the order of the digits.
        digits: what to train and to test on.
        progress: told the share of the run that has been done since the last call.

    Returns:
        The results of a :class:`run.Run`.
    """
    recipe = ARCHITECTURES[architecture]
    keras.backend.clear_session()  # else every run leaves its network in memory
    keras.utils.set_random_seed(seed)
    model = BUILD[architecture]()
    optimizer = keras.optimizers.get(
        {"class_name": recipe.optimizer, "config": {"learning_rate": recipe.learning_rate}}
    )
    model.compile(loss="categorical_crossentropy", optimizer=optimizer)
    after_epoch = keras.callbacks.LambdaCallback(on_epoch_end=lambda epoch, logs: progress(1 / recipe.epochs))
    settings = {"batch_size": BATCH_SIZE, "epochs": recipe.epochs, "verbose": 0}
    model.fit(digits.train.images, digits.train.onehot, callbacks=[after_epoch], **settings)

    def accuracy(shift):
        images = evaluation.moved(digits.test.images, right=shift)
        predicted = model.predict(images, batch_size=1000, verbose=0).argmax(axis=1)
        return evaluation.accuracy(digits.test.labels, predicted).value

    return {"accuracy": [accuracy(shift) for shift in SHIFTS]}
