"""Lesson 6."""

import itertools

import numpy as np

from tests.lessons.exercise_answers import Answers


def pixel_by_pixel(weights, n):
    """Ink where it helps most, one pixel after another, as long as it helps."""
    weights, page = weights.copy(), np.zeros(weights.shape)
    for _ in range(n):
        best = np.unravel_index(weights.argmax(), weights.shape)
        if weights[best] > 0:
            page[best], weights[best] = 1, -np.inf
    return page


def above_a_threshold(weights, n):
    threshold = max(0, np.sort(weights.ravel())[-n])
    return np.where((weights >= threshold) & (weights > 0), 1, 0)


def by_size(weights, n):
    return (np.abs(weights) >= np.sort(np.abs(weights), axis=None)[-n]).astype(float)


def all_of_it(weights, n):
    return (weights >= np.sort(weights, axis=None)[-n]).astype(float)


def spread(weights, n):
    """The same ink for all pixels whose weight is above 0."""
    helps = weights > 0
    return helps * min(1, n / max(1, helps.sum()))


def too_thrifty(weights, n):
    return pixel_by_pixel(weights, n - 1)


def by_signs(a, b):
    return np.allclose(a, b * np.sign((a * b).sum(axis=0)))


def by_trying(a, b):
    return any(np.allclose(a, b * signs) for signs in itertools.product((1, -1), repeat=a.shape[1]))


def axis_by_axis(a, b):
    for k in range(a.shape[1]):
        if min(np.abs(a[:, k] - b[:, k]).max(), np.abs(a[:, k] + b[:, k]).max()) > 1e-6:
            return False
    return True


ANSWERS = {
    "logit_margin": Answers(
        right=[4.4, np.log(0.9 * 9 / 0.1), np.float32(4.39)],
        wrong=[
            (np.log(9), "Here are nine"),
            (81, "Which lead"),
            (np.log10(81), "another base"),
            (0.9, "probability of 21.5%. More"),
            (10, "Less is needed"),
            (-4.4, "0.1%. More"),
            ("ln 81", "the text"),
        ],
    ),
    "linear_maximum": Answers(
        right=[pixel_by_pixel, above_a_threshold],
        wrong=[
            (by_size, "strong one, too"),
            (all_of_it, "lowers the score"),
            (spread, "laid elsewhere"),
            (too_thrifty, "ink left"),
            (lambda weights, n: weights > 0, "there is ink for 4"),
            (lambda weights, n: weights, "Ink below 0"),
            (lambda weights, n: weights.clip(0), "More than full ink"),
            (lambda weights, n: np.argsort(weights, axis=None)[-n:], "An array of shape (6, 5) is wanted"),
        ],
    ),
    "same_projection": Answers(
        right=[by_signs, by_trying, axis_by_axis],
        wrong=[
            (lambda a, b: (a == b).all(), "from itself"),
            (lambda a, b: np.allclose(a, b), "all axes turned round"),
            (lambda a, b: np.allclose(a, b) or np.allclose(a, -b), "a sign of its own"),
            (lambda a, b: True, "nothing in common"),
            (lambda a, b: (np.abs(np.diag(np.corrcoef(a.T, b.T)[:3, 3:])) > 0.99).all(), "twice as large"),
            (
                lambda a, b: np.allclose(np.sort(np.abs(a).sum(axis=0)), np.sort(np.abs(b).sum(axis=0))),
                "changed places",
            ),
            (lambda a, b: np.allclose(np.abs(a), np.abs(b)), "single points"),
            (lambda a, b: np.isclose(np.abs(a), np.abs(b)), "an array of shape (40, 3)"),
            (lambda a, b: "same", "the text 'same'"),
        ],
    ),
}
