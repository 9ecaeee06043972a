"""Lesson 9."""

import numpy as np
from scipy import ndimage

from tests.lessons.exercise_answers import Answers


def by_average(image):
    return [np.average(np.arange(n), weights=image.sum(axis=1 - axis)) for axis, n in enumerate(image.shape)]


def unweighted(image):
    return np.argwhere(image > 0).mean(axis=0)


def rectangle(image):
    inked = np.argwhere(image > 0)
    return (inked.min(axis=0) + inked.max(axis=0)) / 2


def moments(image):
    rows, columns = np.indices(image.shape)
    return np.array([(rows * image).sum(), (columns * image).sum()])


def by_every_threshold(sure, correct, most):
    return min(each for each in sure if np.mean(~correct[sure >= each]) <= most)


def first_place(sure, correct, most):
    """Stop where the share of mistakes first gets too large."""
    falling = np.sort(sure)[::-1]
    too_many = [np.mean(~correct[sure >= each]) > most for each in falling]
    return falling[np.argmax(too_many) - 1]


def among_all(sure, correct, most):
    """At most that share of all predictions."""
    return min(each for each in sure if np.sum(~correct[sure >= each]) <= most * len(sure))


def by_trying(weights, bias, image):
    """Halve the interval in which the score crosses 0."""
    score = image @ weights + bias
    low, high = 0.0, 100.0
    for _ in range(60):
        step = (low + high) / 2
        still = (image - step * np.sign(score) * np.sign(weights)) @ weights + bias
        low, high = (step, high) if np.sign(still) == np.sign(score) else (low, step)
    return high


def by_matrix(weights, bias, image):
    return float(np.abs(np.dot(weights, image) + bias) / np.linalg.norm(weights, 1))


def score(weights, bias, image):
    return abs((weights * image).sum() + bias)


ANSWERS = {
    "center_of_mass": Answers(
        right=[ndimage.center_of_mass, by_average],
        wrong=[
            (lambda image: ndimage.center_of_mass(image)[::-1], "changed places"),
            (lambda image: (np.array(image.shape) - 1) / 2, "middle of the image"),
            (rectangle, "rectangle"),
            (unweighted, "counts the same"),
            (lambda image: moments(image) / image.size, "number of pixels"),
            (lambda image: moments(image) / image.sum() + 1, "the number 0"),
            (moments, "Sums"),
            (lambda image: np.round(ndimage.center_of_mass(image)), "whole pixels"),
            (lambda image: np.divide(ndimage.center_of_mass(image), image.shape), "Count in pixels"),
            (lambda image: (3, 4), "isn't there"),
            (lambda image: image, "An array of shape (2,) is wanted"),
        ],
    ),
    "refusal": Answers(
        right=[by_every_threshold, lambda s, c, m: by_every_threshold(s, c, m) - 1e-9],
        wrong=[
            (first_place, "first place"),
            (lambda s, c, m: by_every_threshold(s, c, m / 2), "could keep more"),
            (lambda s, c, m: 0.0, "of them are wrong. At most"),
            (among_all, "among *all* predictions"),
            (lambda s, c, m: 1 - m, "With your threshold, 0.900, you keep"),
            (lambda s, c, m: 2, "refuses everything"),
            (lambda s, c, m: s >= 0.9, "A number is wanted here"),
        ],
    ),
    "minimal_perturbation": Answers(
        right=[by_trying, by_matrix],
        wrong=[
            (lambda w, b, x: -score(w, b, x) / np.abs(w).sum(), "is positive"),
            (lambda w, b, x: score(w, 0, x) / np.abs(w).sum(), "has a bias"),
            (lambda w, b, x: score(w, b, x) / abs(w.sum()), "cancel"),
            (lambda w, b, x: score(w, b, x) / (w**2).sum(), "gradient itself"),
            (lambda w, b, x: score(w, b, x) / np.abs(w).max(), "largest weight"),
            (lambda w, b, x: score(w, b, x) / np.linalg.norm(w), "length of the weight vector"),
            (score, "must each pixel go"),
            (lambda w, b, x: score(w, b, x) / len(w), "number of pixels, as if"),
            (lambda w, b, x: 0.0, "After a step of your size"),
            (lambda w, b, x: x, "One single number"),
        ],
    ),
}
