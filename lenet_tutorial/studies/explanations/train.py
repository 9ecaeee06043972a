"""Train the networks of a run, explain their predictions, and score the explanations. Needs TensorFlow."""

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lenet_tutorial import inspection
from lenet_tutorial.backend import keras
from lenet_tutorial.data import Digits, Split
from lenet_tutorial.model import build_lenet
from lenet_tutorial.studies.explanations import cue
from lenet_tutorial.studies.explanations.run import LAYERS, NETWORKS

N_EXPLAINED = 100  # test digits whose predictions are explained
HOW = {"stride": 2, "steps": 16}  # of occlusion and integrated gradients, to save time
OTHER_SEED = 1000  # added to the seed for networks and noise that must not share it


def fitted(images: ArrayLike, onehot: ArrayLike, *, seed: int, epochs: int) -> keras.Model:
    """Train the textbook's network by Adam, with first weights and an order of the images that the seed fixes."""
    keras.utils.set_random_seed(seed)
    model = build_lenet()
    model.compile("adam", "categorical_crossentropy")
    model.fit(images, onehot, batch_size=100, epochs=epochs, verbose=0)
    return model


def predicted(model: keras.Model, images: ArrayLike) -> NDArray[np.int64]:
    """The class with the largest logit."""
    return inspection.logits(model, images).argmax(axis=1)


def all_maps(model: keras.Model, images: NDArray, classes: ArrayLike, seed: int) -> dict[str, NDArray]:
    """The maps of every method and of the baselines."""
    return inspection.attributions(model, images, classes, **HOW) | inspection.baseline_maps(images, seed)


def similarity(one: dict[str, NDArray], other: dict[str, NDArray], ink: NDArray) -> dict[str, float]:
    """Mean absolute rank correlation on the ink, for each method."""
    return {name: float(inspection.rank_similarity(one[name], other[name], ink).mean()) for name in one}


def measure_cue(seed: int, digits: Digits, progress: Callable[[float], object]) -> dict:
    """Plant the cue, and see which maps find it."""
    recipe, random = NETWORKS["cue"], np.random.default_rng(seed + OTHER_SEED)
    images, onehot = cue.planted(digits.train, seed, recipe.images)
    model = fitted(images, onehot, seed=seed, epochs=recipe.epochs)
    progress(0.6)
    test = _drawn(digits.test, random, 10 * N_EXPLAINED)
    classes = (test.labels + random.integers(1, 10, len(test))) % 10  # never the digit's own
    stamped = cue.stamped(test.images, classes)
    following = predicted(model, stamped) == classes
    accuracy = {
        "follows the cue": _share(following),
        "digits without a cue": _share(predicted(model, test.images) == test.labels),
    }
    follows = np.flatnonzero(following)[:N_EXPLAINED]
    stamped, region = stamped[follows], cue.region(classes[follows])
    maps = all_maps(model, stamped, classes[follows], seed)
    n_inside = cue.SIDE**2
    strongest = {name: np.argsort(-np.abs(each).reshape(len(each), -1), axis=1) for name, each in maps.items()}
    found = {
        "inside": {name: inspection.share_inside(each, region) for name, each in maps.items()},
        "strength inside": {name: inspection.share_inside(np.abs(each), region) for name, each in maps.items()},
        "strongest inside": {
            name: np.take_along_axis(region.reshape(len(region), -1), order[:, :n_inside], axis=1)
            for name, order in strongest.items()
        },
    }
    scores = {score: {name: _share(each) for name, each in of.items()} for score, of in found.items()}
    return {"accuracy": accuracy, "scores": scores}


def measure_digits(seed: int, digits: Digits, progress: Callable[[float], object]) -> dict:
    """Give the layers random weights, from the last to the first; and erase the ink in every order."""
    recipe, random = NETWORKS["digits"], np.random.default_rng(seed + OTHER_SEED)
    train, test = _drawn(digits.train, np.random.default_rng(seed), recipe.images), _drawn(digits.test, random)
    model = fitted(train.images, train.onehot, seed=seed, epochs=recipe.epochs)
    progress(0.3)
    classes, ink = predicted(model, test.images), _ink(test.images)
    accuracy = {"digits": _share(predicted(model, digits.test.images) == digits.test.labels)}
    maps = all_maps(model, test.images, classes, seed)
    areas = {
        name: _share(inspection.deletion_curve(model, test.images, each, classes).area) for name, each in maps.items()
    }
    progress(0.1)
    signed, strength = [], []
    keras.utils.set_random_seed(seed + OTHER_SEED)
    stranger = build_lenet()
    for name in LAYERS:
        model.get_layer(name).set_weights(stranger.get_layer(name).get_weights())
        changed = all_maps(model, test.images, classes, seed + OTHER_SEED + len(signed))
        signed.append(similarity(maps, changed, ink))
        strength.append(similarity(_strength(maps), _strength(changed), ink))
        progress(0.6 / len(LAYERS))
    scores = {"random weights": _by_name(signed), "strength, random weights": _by_name(strength), "deletion": areas}
    return {"accuracy": accuracy, "scores": scores}


def measure_labels(seed: int, digits: Digits, progress: Callable[[float], object]) -> dict:
    """Train one network, and two others that differ from it in their first weights, and one also in its labels."""
    recipe, random = NETWORKS["labels"], np.random.default_rng(seed + OTHER_SEED)
    train, test = _drawn(digits.train, np.random.default_rng(seed), recipe.images), _drawn(digits.test, random)
    shuffled = random.permutation(train.onehot)
    first = fitted(train.images, train.onehot, seed=seed, epochs=recipe.epochs)
    classes, ink = predicted(first, test.images), _ink(test.images)
    maps = all_maps(first, test.images, classes, seed)
    progress(0.4)
    accuracy, scores = {}, {}
    for name, onehot in {"true labels": train.onehot, "shuffled labels": shuffled}.items():
        other = fitted(train.images, onehot, seed=seed + OTHER_SEED, epochs=recipe.epochs)
        accuracy[f"{name}, training"] = _share(predicted(other, train.images) == onehot.argmax(axis=1))
        accuracy[f"{name}, test"] = _share(predicted(other, digits.test.images) == digits.test.labels)
        scores[name] = similarity(maps, all_maps(other, test.images, classes, seed + OTHER_SEED), ink)
        progress(0.3)
    return {"accuracy": accuracy, "scores": scores}


MEASURE = {"cue": measure_cue, "digits": measure_digits, "labels": measure_labels}


def _drawn(part: Split, random: np.random.Generator, n: int = N_EXPLAINED) -> Split:
    chosen = random.permutation(len(part))[:n]
    return Split(part.images[chosen], part.onehot[chosen], part.labels[chosen])


def _ink(images):
    return (images > 0).reshape(-1, 28, 28)


def _strength(maps):
    return {name: np.abs(each) for name, each in maps.items()}


def _by_name(levels):
    """A list of dicts from a name to a number, as a dict from a name to a list of numbers."""
    return {name: [each[name] for each in levels] for name in levels[0]}


def _share(values):
    return round(float(np.mean(values)), 5)
