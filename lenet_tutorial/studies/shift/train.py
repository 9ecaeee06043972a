"""Build and train an architecture, and measure it on moved digits. Plain Keras 3, on any backend."""

from collections.abc import Callable
from functools import partial

import numpy as np

from lenet_tutorial import evaluation
from lenet_tutorial.backend import keras
from lenet_tutorial.data import Digits, Split
from lenet_tutorial.layers import LocallyConnected2D
from lenet_tutorial.model import build_dense, build_lenet
from lenet_tutorial.studies.digits import all_training
from lenet_tutorial.studies.shift.run import ARCHITECTURES, SHIFTS

BATCH_SIZE = 100

layers = keras.layers


def windows(*between: keras.layers.Layer) -> keras.Model:
    """An image, layers that look at windows of it, and ten outputs."""
    output = layers.Dense(10, activation="softmax")
    return keras.Sequential(
        [keras.Input((784,)), layers.Reshape((28, 28, 1)), *between, layers.Flatten(), output],
    )


def locally_connected() -> keras.Model:
    """Kernels of their own at each position: 6 at 12×12 of them, then 14 at 4×4."""
    return windows(*(LocallyConnected2D(n, 5, 2, "relu") for n in (6, 14)))


def convolutional(*maps: int) -> keras.Model:
    """The same windows, with kernels that all positions share."""
    return windows(*(layers.Conv2D(n, 5, 2, activation="relu") for n in maps))


def pooled(layer: type[keras.layers.Layer], *maps: int) -> keras.Model:
    """Windows at every position, and of each 2×2 activations the largest. (A stride of 2 keeps the upper left one.)"""
    return windows(*(each for n in maps for each in (layer(n, 5, activation="relu"), layers.MaxPooling2D())))


def shuffled(model: keras.Model) -> keras.Model:
    """Put the pixels of every image into one other order first, so that neighbors are neighbors no more."""
    order = np.random.default_rng(0).permutation(784)
    mix = layers.Lambda(lambda pixels: keras.ops.take(pixels, order, axis=1))
    return keras.Sequential([keras.Input((784,)), mix, *model.layers])


BUILD = {
    "dense": partial(build_dense, 1024, 1024, activation="relu"),
    "textbook": build_lenet,
    "fully connected": partial(build_dense, 70, 48, activation="relu"),
    "locally connected": locally_connected,
    "convolutional": partial(convolutional, 32, 60),
    "locally connected, pooled": partial(pooled, LocallyConnected2D, 2, 8),
    "convolutional, pooled": partial(pooled, layers.Conv2D, 32, 60),
    "convolutional, 6 and 14": partial(convolutional, 6, 14),
    "locally connected, shuffled": lambda: shuffled(locally_connected()),
}


def train(
    architecture: str, images: int | None, seed: int, digits: Digits, progress: Callable[[float], object]
) -> dict:
    """Train one network.

    Args:
        architecture: a name of :data:`run.ARCHITECTURES`.
        images: how many training images to draw from all; None for the textbook's 55,000.
        seed: for the first weights, the order of the digits, and which are drawn.
        digits: what to train and to test on.
        progress: told the share of the run that has been done since the last call.

    Returns:
        The results of a :class:`run.Run`.
    """
    recipe = ARCHITECTURES[architecture]
    training = digits.train if images is None else drawn(all_training(digits), images, seed)
    keras.backend.clear_session()  # else every run leaves its network in memory
    keras.utils.set_random_seed(seed)
    model = BUILD[architecture]()
    optimizer = keras.optimizers.get(
        {"class_name": recipe.optimizer, "config": {"learning_rate": recipe.learning_rate}}
    )
    model.compile(loss="categorical_crossentropy", optimizer=optimizer)
    epochs = -(-recipe.steps * BATCH_SIZE // len(training))
    after_epoch = keras.callbacks.LambdaCallback(on_epoch_end=lambda epoch, logs: progress(1 / epochs))
    settings = {"batch_size": BATCH_SIZE, "epochs": epochs, "verbose": 0}
    model.fit(training.images, training.onehot, callbacks=[after_epoch], **settings)

    def accuracy(shift):
        images = evaluation.moved(digits.test.images, right=shift)
        predicted = model.predict(images, batch_size=1000, verbose=0).argmax(axis=1)
        return evaluation.accuracy(digits.test.labels, predicted).value

    return {"accuracy": [accuracy(shift) for shift in SHIFTS]}


def drawn(part: Split, n: int, seed: int) -> Split:
    """So many digits of a part, or all if it has fewer, drawn by a seed and repeated until there are as many as before.

    So a pass is as long for all, and each digit comes about equally often.
    """
    chosen = np.resize(np.random.default_rng(seed).permutation(len(part))[:n], len(part))
    return Split(part.images[chosen], part.onehot[chosen], part.labels[chosen])
