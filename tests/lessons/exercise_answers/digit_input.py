"""Lesson 9."""

import numpy as np
from scipy import ndimage

from tests.lessons.exercise_answers import Answers


def by_average(page):
    return [np.average(np.arange(n), weights=page.sum(axis=1 - axis)) for axis, n in enumerate(page.shape)]


def unweighted(page):
    return np.argwhere(page > 0).mean(axis=0)


def rectangle(page):
    inked = np.argwhere(page > 0)
    return (inked.min(axis=0) + inked.max(axis=0)) / 2


def moments(page):
    rows, columns = np.indices(page.shape)
    return np.array([(rows * page).sum(), (columns * page).sum()])


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


def by_trying(weights, bias, page):
    """Halve the interval in which the score crosses 0."""
    score = page @ weights + bias
    low, high = 0.0, 100.0
    for _ in range(60):
        step = (low + high) / 2
        still = (page - step * np.sign(score) * np.sign(weights)) @ weights + bias
        low, high = (step, high) if np.sign(still) == np.sign(score) else (low, step)
    return high


def by_matrix(weights, bias, page):
    return float(np.abs(np.dot(weights, page) + bias) / np.linalg.norm(weights, 1))


def score(weights, bias, page):
    return abs((weights * page).sum() + bias)


ANSWERS = {
    "center_of_mass": Answers(
        right=[ndimage.center_of_mass, by_average],
        wrong=[
            (lambda page: ndimage.center_of_mass(page)[::-1], "changed places"),
            (lambda page: (np.array(page.shape) - 1) / 2, "middle of the image"),
            (rectangle, "rectangle"),
            (unweighted, "counts the same"),
            (lambda page: moments(page) / page.size, "number of pixels"),
            (lambda page: moments(page) / page.sum() + 1, "the number 0"),
            (moments, "Sums"),
            (lambda page: np.round(ndimage.center_of_mass(page)), "whole pixels"),
            (lambda page: np.divide(ndimage.center_of_mass(page), page.shape), "Count in pixels"),
            (lambda page: (3, 4), "isn't there"),
            (lambda page: page, "An array of shape (2,) is wanted"),
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
