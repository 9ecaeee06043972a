"""Networks for the tests of the inspection: one quickly trained, and some small enough to compute by hand."""

from functools import cache

import numpy as np

from lenet_tutorial import data
from lenet_tutorial.backend import keras
from lenet_tutorial.model import build_lenet


@cache
def sample():
    """300 digits of the offline sample, images (300, 784) and labels (300,): more than one batch."""
    train = data.split_and_scale(data.offline_sample()).train
    return train.images[:300], train.labels[:300]


@cache
def trained():
    """The textbook's network after one short epoch: far from random, and there in seconds. Not to be changed."""
    train = data.split_and_scale(data.offline_sample()).train
    keras.utils.set_random_seed(0)
    model = build_lenet()
    model.compile(optimizer="adam", loss="categorical_crossentropy")
    model.fit(train.images[:1500], train.onehot[:1500], batch_size=50, epochs=1, verbose=0)
    return model


def small(side, *layers):
    """A chain from flat images of that side, with an ``image`` layer in front; its weights are random, biases too."""
    keras.utils.set_random_seed(1)
    model = keras.Sequential(
        [keras.Input((side * side,)), keras.layers.Reshape((side, side, 1), name="image"), *layers]
    )
    random = np.random.default_rng(1)
    model.set_weights([random.normal(0, 0.5, each.shape) for each in model.get_weights()])
    return model


def linear(side, n_classes=3):
    """A network without a bend before its softmax: its logits are ``images @ weights + bias``."""
    layers = keras.layers
    return small(side, layers.Flatten(), layers.Dense(n_classes, activation="softmax", name="output"))
