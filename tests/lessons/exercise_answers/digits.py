"""Lesson 1."""

import numpy as np

from tests.lessons.exercise_answers import Answers


def padded(image, n):
    return np.pad(image, ((n, 0), (0, 0)))[: len(image)]


def rolled_and_wiped(image, n):
    image = np.roll(image, n, axis=0)
    image[:n] = 0
    return image


def row_by_row(image, n):
    rows, columns = image.shape
    return [[image[row - n, column] if row >= n else 0 for column in range(columns)] for row in range(rows)]


def sliced_to_minus_n(image, n):
    moved = np.zeros_like(image)
    moved[n:] = image[:-n]
    return moved


def nothing_at_zero(image, n):
    moved = np.zeros_like(image)
    if n:
        moved[n:] = image[:-n]
    return moved


def at_least_one_row(image, n):
    n = min(n, len(image) - 1)
    return padded(image, n)


def one_too_many(image, n):
    return padded(image, n + 1)


def to_the_right(image, n):
    return np.pad(image, ((0, 0), (n, 0)))[:, : image.shape[1]]


def up(image, n):
    return np.pad(image, ((0, n), (0, 0)))[n:]


ANSWERS = {
    "neighbor": Answers(
        right=[25.0, np.int64(28 - 3), np.array(25)],
        wrong=[
            (31, "other side"),
            (28, "straight below"),
            (83, "changed places"),
            (-25, "direction"),
            (24, "Not far enough"),
            (26, "Too far"),
            (25.5, "whole number"),
        ],
    ),
    "best_of_twenty": Answers(
        right=[
            0.16,
            np.mean([np.random.default_rng(seed).binomial(100, 0.1, 20).max() for seed in range(2000)]) / 100,
            (np.random.default_rng(3).random((5000, 20, 100)) < 0.1).mean(axis=2).max(axis=1).mean(),
        ],
        wrong=[
            (0.1, "on the average"),
            (15.9, "as a share"),
            (0.15, "Too small. You are near"),
            (0.2, "Too large. You are near"),
            (0.5, "Too large."),
            (0.01, "Too small."),
        ],
    ),
    "moved_down": Answers(
        right=[padded, rolled_and_wiped, row_by_row],
        wrong=[
            (lambda image, n: np.roll(image, n, axis=0), "came back in at the top"),
            (lambda image, n: np.roll(image, n, axis=1), "to the right, and what left came back"),
            (lambda image, n: np.roll(image, -n, axis=0), "moved up, and what left came back"),
            (lambda image, n: np.roll(image, n), "without an axis"),
            (to_the_right, "which axis"),
            (up, "row 0 is the top one"),
            (lambda image, n: image, "stayed where it was"),
            (lambda image, n: np.pad(image, ((n, 0), (0, 0))), "An array of shape (28, 28) is wanted"),
            (sliced_to_minus_n, "and 0, your function stopped with `ValueError"),
            (nothing_at_zero, "Moved by 0 pixels"),
            (at_least_one_row, "all paper"),
            (one_too_many, "did not come out right"),
        ],
    ),
}
