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
    "fitted": Answers(
        right=[(20, 8), [20, 8.0], np.array([20, 8])],
        wrong=[
            ((8, 20), "Rows first"),
            ((20, 20), "stretched"),
            ((28, 28), "the page"),
            ((28, 11), "not into the whole page"),
            ((50, 20), "would not fit"),
            ((20, 9), "What becomes of the other"),
            (20, "two sides"),
            ("20x8", "the text '20x8'"),
        ],
    ),
    "center_of_mass": Answers(
        right=[ndimage.center_of_mass, by_average],
        wrong=[
            (lambda page: ndimage.center_of_mass(page)[::-1], "changed places"),
            (lambda page: (np.array(page.shape) - 1) / 2, "middle of the page"),
            (rectangle, "rectangle"),
            (unweighted, "counts alike"),
            (lambda page: moments(page) / page.size, "number of pixels"),
            (lambda page: moments(page) / page.sum() + 1, "the number 0"),
            (moments, "Sums"),
            (lambda page: np.round(ndimage.center_of_mass(page)), "whole pixels"),
            (lambda page: np.divide(ndimage.center_of_mass(page), page.shape), "Count in pixels"),
            (lambda page: (3, 4), "Not there"),
            (lambda page: page, "An array of shape (2,) is wanted"),
        ],
    ),
    "minimal_perturbation": Answers(
        right=[by_trying, by_matrix],
        wrong=[
            (lambda w, b, x: -score(w, b, x) / np.abs(w).sum(), "A size is wanted"),
            (lambda w, b, x: score(w, 0, x) / np.abs(w).sum(), "The bias"),
            (lambda w, b, x: score(w, b, x) / abs(w.sum()), "cancel"),
            (lambda w, b, x: score(w, b, x) / (w**2).sum(), "slope itself"),
            (lambda w, b, x: score(w, b, x) / np.abs(w).max(), "largest weight"),
            (lambda w, b, x: score(w, b, x) / np.linalg.norm(w), "length of the weights"),
            (score, "must each pixel"),
            (lambda w, b, x: score(w, b, x) / len(w), "by its weight"),
            (lambda w, b, x: 0.0, "After your step"),
            (lambda w, b, x: x, "One single number"),
        ],
    ),
}
