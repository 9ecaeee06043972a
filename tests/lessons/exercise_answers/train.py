"""Lesson 4. Only the worked solutions train."""

from functools import cache

import numpy as np

from lenet_tutorial import data
from lenet_tutorial.evaluation import Accuracy
from lenet_tutorial.exercises import train
from tests.lessons.exercise_answers import Answers


@cache
def sample():
    return (data.split_and_scale(data.offline_sample()),)


def losses(patch):
    """About as measured: fastest near 0.3, hopeless from 0.6 on, no number from 50 on."""

    def loss_after(digits, rate):
        return np.nan if rate > 50 else 2.31 if rate > 0.6 else 0.6 if rate > 0.05 else 2.25

    patch.setattr(train, "_loss_after", loss_after)


def accuracies(patch):
    """As measured on MNIST."""
    wide, slim = Accuracy(4754, 5000, 0.9508, 0.9445, 0.9565), Accuracy(4737, 5000, 0.9474, 0.9409, 0.9532)
    patch.setattr(train, "_wide_and_slim", lambda digits: (wide, slim))


def by_loops(matrix):
    return [matrix[k, k] / sum(matrix[row, k] for row in range(10)) for k in range(10)]


ANSWERS = {
    "too_fast": Answers(
        right=[1, np.float32(3.0), np.array(0.7)],
        wrong=[
            (0.01, "slow"),
            (0.3, "It bears more"),
            (100.0, "The edge is lower"),
            (-0.1, "greater than 0"),
            ("1.0", "the text '1.0'"),
        ],
        given=sample,
        pretend=losses,
    ),
    "tenfold": Answers(
        right=[0, 0.5, np.float64(1.9)],
        wrong=[
            (10, "less"),
            (90, "difference"),
            (-10, "Below 0"),
            (900, "only 100"),
            ("1 %", "the text"),
        ],
        given=sample,
        pretend=accuracies,
    ),
    "precision": Answers(
        right=[by_loops, lambda matrix: (matrix / matrix.sum(axis=0, keepdims=True)).diagonal()],
        wrong=[
            (lambda matrix: np.diag(matrix) / matrix.sum(axis=1), "that *are* k"),
            (lambda matrix: 1 - np.diag(matrix) / matrix.sum(axis=0), "wrong answers"),
            (lambda matrix: 100 * np.diag(matrix) / matrix.sum(axis=0), "percent"),
            (lambda matrix: np.diag(matrix) / matrix.sum(), "of all digits"),
            (np.diag, "counts"),
            (lambda matrix: np.diag(matrix) / (matrix.sum(axis=0) - np.diag(matrix)), "divide by"),
            (lambda matrix: matrix.max(axis=0) / 1000, "not these"),
            (lambda matrix: matrix[8, 8] / matrix[:, 8].sum(), "An array of shape (10,) is wanted"),
        ],
    ),
}
