"""The table's networks and how they are trained today. Plain Keras 3, on any backend."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np

from lenet_tutorial import lenet5, model
from lenet_tutorial.backend import keras
from lenet_tutorial.data import Digits
from lenet_tutorial.layers import RBF, FanInUniform, Subsampling, TableConv2D, registered, scaled_tanh
from lenet_tutorial.studies.digits import all_training

layers = keras.layers
MOMENTUM_RATE = 0.003

# The maps that LeNet-1's twelve see: of each half of the first four one, the other, and four times both.
LENET1_TABLE = tuple(seen for a, b in ((0, 1), (2, 3)) for seen in ((a,), (b,), *[(a, b)] * 4))


@dataclass(frozen=True)
class Training:
    """How a network is trained.

    Attributes:
        optimizer: Keras's name.
        learning_rate: at the start.
        batch_size: images a step.
        epochs: passes over the training images.
        decay: whether the learning rate falls to zero along half a cosine.
    """

    optimizer: str = "adam"
    learning_rate: float = 0.002
    batch_size: int = 32
    epochs: int = 20
    decay: bool = True

    def make_optimizer(self, n: int) -> keras.optimizers.Optimizer:
        """The optimizer, for so many training images."""
        steps = self.epochs * -(-n // self.batch_size)
        rate = keras.optimizers.schedules.CosineDecay(self.learning_rate, steps) if self.decay else self.learning_rate
        if self.optimizer == "momentum":
            return keras.optimizers.SGD(rate, momentum=0.9)
        return keras.optimizers.get({"class_name": self.optimizer, "config": {"learning_rate": rate}})


@dataclass(frozen=True)
class Network:
    """A network of the table.

    Attributes:
        build: makes it, untrained.
        loss: what training lowers.
        training: how.
    """

    build: Callable[[], keras.Model]
    loss: str | Callable = "categorical_crossentropy"
    training: Training = Training()


def lenet1() -> keras.Sequential:
    """LeNet-1: 2,578 parameters, 98,442 connections. Source: LeCun et al. (1990), Handwritten digit recognition with a
    back-propagation network, NIPS 2, 396. Digits are made smaller, to about 16×16 pixels."""
    return keras.Sequential(
        [
            keras.Input((784,)),
            layers.Reshape((28, 28, 1)),
            layers.Resizing(22, 22, antialias=True),
            layers.ZeroPadding2D(3),
            layers.Rescaling(lenet5.INK - lenet5.PAPER, offset=lenet5.PAPER),
            layers.Conv2D(4, 5, activation=scaled_tanh, kernel_initializer=FanInUniform(25)),
            Subsampling(),
            TableConv2D(LENET1_TABLE, 5),
            Subsampling(),
            layers.Flatten(),
            layers.Dense(10, activation="softmax"),
        ]
    )


def variant(**replaced: Callable[[], keras.layers.Layer]) -> keras.Sequential:
    """LeNet-5 with some layers replaced, by their names.

    Raises:
        ValueError: it has no layer of that name.
    """
    kept = {layer.name: layer for layer in lenet5.build_lenet5().layers}
    if unknown := replaced.keys() - kept.keys():
        raise ValueError(f"expected names of LeNet-5's layers, {', '.join(kept)}, got {', '.join(unknown)}")
    return keras.Sequential([keras.Input((784,)), *(kept | {name: make() for name, make in replaced.items()}).values()])


def softmax() -> keras.layers.Layer:
    """Ten neurons that are trained, instead of ten fixed codes."""
    return layers.Dense(10, activation="softmax", name="output")


def modern() -> keras.Sequential:
    """LeNet-5's sizes and its table, with what is usual today: ReLU, max pooling, softmax, Keras's first weights."""
    return variant(
        C1=lambda: layers.Conv2D(6, 5, activation="relu", name="C1"),
        S2=lambda: layers.MaxPooling2D(2, name="S2"),
        C3=lambda: TableConv2D(lenet5.C3_TABLE, 5, "relu", name="C3"),
        S4=lambda: layers.MaxPooling2D(2, name="S4"),
        C5=lambda: layers.Conv2D(120, 5, activation="relu", name="C5"),
        F6=lambda: layers.Dense(84, activation="relu", name="F6"),
        output=softmax,
    )


@registered
class Distortion(layers.Layer):
    """Move, scale, squeeze and slant each image about its middle, another way each time, while a network is trained.

    From floats (n, height, width, 1) to the same. In uniform draws: up to 2 pixels in both directions, sides times 0.9
    to 1.1 each, and up to 0.2 pixels sideways for each row. The paper distorted digits in these ways, and does not say
    how far.
    """

    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.generator = keras.random.SeedGenerator()

    def call(self, images, training=False):
        if not training:
            return images
        ops, n = keras.ops, keras.ops.shape(images)[0]
        middle_y, middle_x = ((side - 1) / 2 for side in images.shape[1:3])
        draws = keras.random.uniform((5, n), -1, 1, seed=self.generator)
        right, down, slant = 2 * draws[0], 2 * draws[1], 0.2 * draws[2]
        wide, high, zero = 1 + 0.1 * draws[3], 1 + 0.1 * draws[4], ops.zeros((n,))
        rows = [wide, slant, middle_x - wide * middle_x - slant * middle_y + right]
        rows += [zero, high, middle_y - high * middle_y + down, zero, zero]
        return ops.image.affine_transform(images, ops.stack(rows, axis=1), data_format="channels_last")


def distorted() -> keras.Sequential:
    """LeNet-5 that sees each training digit a little distorted, another way in every pass."""
    image, border, *rest = lenet5.build_lenet5().layers
    return keras.Sequential([keras.Input((784,)), image, border, Distortion(), *rest])


def distance(onehot, distances):
    """The squared distance to the true code alone (equation 8): nothing pushes the other codes away."""
    return keras.ops.sum(onehot * distances, axis=1)


def squared_error(onehot, outputs):
    """Squared distance to +1 for the true class and -1 for the others, which scaled_tanh can reach."""
    return keras.ops.sum(keras.ops.square(2 * onehot - 1 - outputs), axis=1)


# Of 1, 10, 40 and 100, the one that misread the fewest of the 5,000 validation digits after four passes.
competitive = lenet5.CompetitiveLoss(10.0)
full_table = [range(6)] * 16

dense = partial(model.build_dense, activation=scaled_tanh)

NETWORKS = {
    "300": Network(partial(dense, 300)),
    "300 squared": Network(partial(dense, 300, output=scaled_tanh), squared_error),
    "1000": Network(partial(dense, 1000)),
    "300-100": Network(partial(dense, 300, 100)),
    "500-150": Network(partial(dense, 500, 150)),
    "lenet1": Network(lenet1),
    "lenet5": Network(lenet5.build_lenet5, competitive),
    "lenet5 squared": Network(lenet5.build_lenet5, distance),
    "lenet5 softmax": Network(lambda: variant(output=softmax)),
    "lenet5 full": Network(lambda: variant(C3=lambda: TableConv2D(full_table, 5, name="C3")), competitive),
    "lenet5 modern": Network(modern),
    "lenet5 distorted": Network(distorted, competitive),
    "lenet5 momentum": Network(lenet5.build_lenet5, competitive, Training("momentum", MOMENTUM_RATE)),
    "textbook": Network(model.build_lenet, training=Training("sgd", 0.01, 100, 10, decay=False)),
}


def train(row: str, seed: int, digits: Digits, progress: Callable[[float], object]) -> dict:
    """Train a network of the table on all training digits, and test it.

    Args:
        row: a name of :data:`NETWORKS`.
        seed: for the initial weights and the order of the digits.
        digits: what to train and to test on.
        progress: told the share of the run that has been done since the last call.

    Returns:
        The results of a :class:`run.Run`.
    """
    network, training = NETWORKS[row], all_training(digits)
    keras.backend.clear_session()  # else every run leaves its network in memory
    keras.utils.set_random_seed(seed)
    built, how = network.build(), network.training
    built.compile(loss=network.loss, optimizer=how.make_optimizer(len(training)))
    after_epoch = keras.callbacks.LambdaCallback(on_epoch_end=lambda epoch, logs: progress(1 / how.epochs))
    settings = {"batch_size": how.batch_size, "epochs": how.epochs, "verbose": 0}
    start = time.perf_counter()
    built.fit(training.images, training.onehot, callbacks=[after_epoch], **settings)
    seconds = time.perf_counter() - start

    def misread(part):
        outputs = built.predict(part.images, batch_size=1000, verbose=0)
        coded = isinstance(built.layers[-1], RBF)  # then the smallest output is the prediction
        return np.flatnonzero((outputs.argmin if coded else outputs.argmax)(axis=1) != part.labels).tolist()

    return {
        "misread": misread(digits.test),
        "training_misread": len(misread(training)),
        "parameters": sum(int(np.prod(weight.shape)) for weight in built.trainable_weights),
        "operations": sum(model.connections(built).values()),
        "training_seconds": round(seconds, 1),
    }
