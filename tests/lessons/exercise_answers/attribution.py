"""Lesson 7."""

from functools import cache

import numpy as np

from lenet_tutorial import inspection
from tests.lessons.exercise_answers import Answers
from tests.unit.networks import sample, trained


@cache
def attribution_maps():
    images, _ = sample()
    return trained(), images, inspection.logits(trained(), images).argmax(axis=1)


def way(weights, page, n=64):
    """The lesson's sum over the middles of 64 steps."""
    steps = (np.arange(n)[:, None] + 0.5) / n
    return page * np.mean(2 * ((steps * page) @ weights)[:, None] * weights, axis=0)


def pair_by_pair(weights, page):
    """Every product of two pixels is shared by the two, one half each."""
    each = weights * page
    products = np.outer(each, each)
    return (products.sum(axis=0) + products.sum(axis=1)) / 2


def shared_alike(weights, page):
    return np.full(len(page), (weights @ page) ** 2 / len(page))


def darkest_first(page):
    return page**2


def ink_from_the_middle(page):
    row, column = np.mgrid[:28, :28] - 13.5
    return (page > 0) - np.hypot(row, column) / 100


def by_lot(page):
    return np.random.default_rng(int(1000 * page.sum())).random(page.shape)


ANSWERS = {
    "saturation": Answers(
        right=[250, np.float64(250.25), 0.25 / np.prod([0.999, 0.001])],
        wrong=[
            (1 / 250.25, "*flatter*"),
            (0.000999, "the slope at 0.999"),
            (1001, "At 0.5 the slope is not 1"),
            (500, "1-p with 1-p"),
            (0.25, "the slope at 0.5"),
            (2, "more than that"),
            (10_000, "less than that"),
            ("p(1-p)", "the text"),
        ],
    ),
    "closed_form": Answers(
        right=[way, pair_by_pair, lambda w, x: [a * b * (w @ x) for a, b in zip(w, x, strict=True)]],
        wrong=[
            (lambda w, x: 2 * x * w * (w @ x), "*at the page*"),
            (lambda w, x: 2 * w * (w @ x), "slopes on the way"),
            (lambda w, x: w * (w @ x), "ink is missing"),
            (lambda w, x: w * x, "This one is squared"),
            (lambda w, x: (w * x) ** 2, "two pixels give together"),
            (shared_alike, "not shared out rightly"),
            (lambda w, x: 0 * x, "All together are 0.000"),
            (lambda w, x: (w @ x) ** 2, "An array of shape (6,) is wanted"),
        ],
    ),
    "model_independent": Answers(
        right=[darkest_first, ink_from_the_middle, lambda page: page > 0],
        wrong=[
            (lambda page: 1 - page, "What does it erase first"),
            (by_lot, "cannot be told apart"),
            (np.zeros_like, "in no order"),
            (np.ravel, "An array of shape (28, 28) is wanted"),
            (lambda page: inspection.logits(trained(), page), "your function stopped with `ValueError"),
        ],
        given=attribution_maps,
    ),
}
