"""Lesson 6."""

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


def by_sorting(validation_costs, test_costs):
    return sorted(zip(validation_costs, test_costs, strict=True))[-1][1]


def by_a_loop(validation_costs, test_costs):
    best = 0
    for k, cost in enumerate(validation_costs):
        if cost > validation_costs[best]:
            best = k
    return test_costs[best]


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
    "honest_cost": Answers(
        right=[by_sorting, by_a_loop],
        wrong=[
            (lambda validation, test: max(test), "partly by luck"),
            (lambda validation, test: max(validation), "Which digits are fresh"),
            (lambda validation, test: validation[np.argmax(test)], "You chose on the test digits"),
            (lambda validation, test: np.argmax(validation), "the number of a channel"),
            (lambda validation, test: np.mean(test), "mean of all channels"),
            (lambda validation, test: (max(validation) + test[np.argmax(validation)]) / 2, "mean of both costs"),
            (lambda validation, test: test[np.argmin(validation)], "costs least"),
            (lambda validation, test: 0.5, "costs most in validation"),
            (lambda validation, test: test, "One single number"),
        ],
    ),
    "linear_maximum": Answers(
        right=[pixel_by_pixel, above_a_threshold],
        wrong=[
            (by_size, "size of the weights"),
            (all_of_it, "lowers the score"),
            (spread, "in other pixels"),
            (too_thrifty, "ink left"),
            (lambda weights, n: weights > 0, "there is ink for 4"),
            (lambda weights, n: weights, "below 0"),
            (lambda weights, n: weights.clip(0), "above 1"),
            (lambda weights, n: np.argsort(weights, axis=None)[-n:], "An array of shape (6, 5) is wanted"),
        ],
    ),
}
