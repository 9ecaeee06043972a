"""Lesson 4. Only the worked solutions train."""

from functools import cache

import numpy as np

from lenet_tutorial import data
from lenet_tutorial.exercises import train
from tests.lessons.exercise_answers import Answers


@cache
def sample():
    return (data.split_and_scale(data.offline_sample()),)


def losses(patch):
    """About as measured: fastest near 0.3, hopeless from 0.6 on, NaN from 50 on."""

    def loss_after(digits, rate):
        return np.nan if rate > 50 else 2.31 if rate > 0.6 else 0.6 if rate > 0.05 else 2.25

    patch.setattr(train, "_loss_after", loss_after)


def by_loops(matrix):
    return [matrix[k, k] / sum(matrix[row, k] for row in range(10)) for k in range(10)]


ANSWERS = {
    "one_step": Answers(
        right=[-0.75, np.float32(-0.75), -3 / 4],
        wrong=[
            (0.75, "uphill"),
            (0.375, "That is the slope"),
            (-0.375, "learning rate of 1"),
            (0.5, "three 7s of four"),
            (-1, "prediction alone"),
            (-0.25, "share of 7s alone"),
            (3, "prediction at w = 0 first"),
        ],
    ),
    "too_fast": Answers(
        right=[1, np.float32(3.0), np.array(0.7)],
        wrong=[
            (0.01, "learns slowly"),
            (0.3, "Go higher"),
            (100.0, "Go lower"),
            (-0.1, "greater than 0"),
            ("1.0", "the text '1.0'"),
        ],
        given=sample,
        pretend=losses,
    ),
    "precision": Answers(
        right=[by_loops, lambda matrix: (matrix / matrix.sum(axis=0, keepdims=True)).diagonal()],
        wrong=[
            (lambda matrix: np.diag(matrix) / matrix.sum(axis=1), "that *are* k"),
            (lambda matrix: 1 - np.diag(matrix) / matrix.sum(axis=0), "wrong predictions"),
            (lambda matrix: 100 * np.diag(matrix) / matrix.sum(axis=0), "percent"),
            (lambda matrix: np.diag(matrix) / matrix.sum(), "by all digits"),
            (np.diag, "counts"),
            (lambda matrix: np.diag(matrix) / (matrix.sum(axis=0) - np.diag(matrix)), "whole column"),
            (lambda matrix: matrix.max(axis=0) / 1000, "the wrong ones"),
            (lambda matrix: matrix[8, 8] / matrix[:, 8].sum(), "An array of shape (10,) is wanted"),
        ],
    ),
}
