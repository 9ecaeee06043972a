"""Lesson 7."""

import numpy as np

from lenet_tutorial import inspection
from tests.lessons.exercise_answers import Answers


def on_the_way(weights, image, n=64):
    """The lesson's sum over the middles of 64 steps."""
    steps = (np.arange(n)[:, None] + 0.5) / n
    return image * np.mean(2 * ((steps * image) @ weights)[:, None] * weights, axis=0)


def pair_by_pair(weights, image):
    """Every product of two pixels is shared by the two, one half each."""
    each = weights * image
    products = np.outer(each, each)
    return (products.sum(axis=0) + products.sum(axis=1)) / 2


def shared_alike(weights, image):
    return np.full(len(image), (weights @ image) ** 2 / len(image))


def by_loops(attribution, region):
    inside = sum(value for value, within in zip(attribution.flat, region.flat, strict=True) if within and value > 0)
    return inside / sum(value for value in attribution.flat if value > 0)


def of_the_module(attribution, region):
    return inspection.share_inside(attribution[None], region)[0]


ANSWERS = {
    "saturation": Answers(
        right=[250, np.float64(250.25), 0.25 / np.prod([0.999, 0.001])],
        wrong=[
            (1 / 250.25, "*flatter*"),
            (0.000999, "the gradient at 0.999"),
            (1001, "At 0.5 the gradient is not 1"),
            (500, "1-p with 1-p"),
            (0.25, "the gradient at 0.5"),
            (2, "is larger"),
            (10_000, "is smaller"),
            ("p(1-p)", "the text"),
        ],
    ),
    "closed_form": Answers(
        right=[on_the_way, pair_by_pair, lambda w, x: [a * b * (w @ x) for a, b in zip(w, x, strict=True)]],
        wrong=[
            (lambda w, x: 2 * x * w * (w @ x), "*at the image*"),
            (lambda w, x: 2 * w * (w @ x), "gradients on the way"),
            (lambda w, x: w * (w @ x), "Multiply it by the pixel"),
            (lambda w, x: w * x, "This one is squared"),
            (lambda w, x: (w * x) ** 2, "two pixels contribute together"),
            (shared_alike, "too much or too little"),
            (lambda w, x: 0 * x, "add up to 0.000"),
            (lambda w, x: (w @ x) ** 2, "An array of shape (6,) is wanted"),
        ],
    ),
    "score": Answers(
        right=[by_loops, of_the_module, lambda a, r: a[r & (a > 0)].sum() / a[a > 0].sum()],
        wrong=[
            (lambda a, r: a[r].sum() / a.sum(), "leave them out"),
            (lambda a, r: np.abs(a)[r].sum() / np.abs(a).sum(), "absolute values"),
            (lambda a, r: a[r & (a > 0)].sum(), "the sum inside"),
            (lambda a, r: 1 - by_loops(a, r), "*outside*"),
            (lambda a, r: np.maximum(a, 0)[r].mean(), "the mean inside"),
            (lambda a, r: r.mean(), "Count attribution, not pixels"),
            (lambda a, r: by_loops(a, r) / (1 - by_loops(a, r)), "by what is outside"),
            (lambda a, r: 0.5, "your function gives 0.500"),
            (lambda a, r: np.maximum(a, 0) * r, "One single number is wanted"),
        ],
    ),
}
