"""Lesson 3."""

import numpy as np

from tests.lessons.exercise_answers import Answers


def corners(maps):
    """The four corners of all squares, row by row; a last row or column that fills no square is left out."""
    rows, columns = len(maps) // 2 * 2, maps.shape[1] // 2 * 2
    return [maps[row:rows:2, column:columns:2] for row in (0, 1) for column in (0, 1)]


def of_four_slices(maps):
    return np.maximum.reduce(corners(maps))


def by_loops(maps):
    rows, columns, channels = maps.shape
    return [
        [[maps[2 * r : 2 * r + 2, 2 * c : 2 * c + 2, k].max() for k in range(channels)] for c in range(columns // 2)]
        for r in range(rows // 2)
    ]


def even_sizes_only(maps):
    rows, columns, channels = maps.shape
    return maps.reshape(rows // 2, 2, columns // 2, 2, channels).max(axis=(1, 3))


def axes_in_disorder(maps):
    rows, columns, channels = maps.shape
    return maps.reshape(2, rows // 2, 2, columns // 2, channels).max(axis=(0, 2))


def from_zero(maps):
    return np.maximum(0, of_four_slices(maps))


def overlapping(maps):
    return np.lib.stride_tricks.sliding_window_view(maps, (2, 2), axis=(0, 1)).max(axis=(3, 4))


def what_fills_no_square_too(maps):
    rows, columns, _ = maps.shape
    edged = np.pad(maps, ((0, rows % 2), (0, columns % 2), (0, 0)), constant_values=-np.inf)
    return of_four_slices(edged)


def two_corners(maps):
    upper_left, *_, lower_right = corners(maps)
    return np.maximum(upper_left, lower_right)


def mean(maps):
    return np.mean(corners(maps), axis=0)


ANSWERS = {
    "parameters": Answers(
        right=[1160, np.int64(8 * 145), 1160.0],
        wrong=[
            (1152, "has a bias, too"),
            (80, "on a single image"),
            (72, "and a bias"),
            (1280, "not one for each slice"),
            (1168, "not 16"),
            (145, "There are 8"),
            (144, "weights of one kernel"),
            (1000, "Count one kernel first"),
        ],
    ),
    "valid": Answers(
        right=[[4, 4, 64], np.array([4, 4, 64]), (4.0, 4.0, np.int64(64))],
        wrong=[
            ((7, 7, 64), "with padding"),
            ((24, 24, 32), "what conv1 gives"),
            ((12, 12, 32), "what pool1 gives"),
            ((8, 8, 64), "goes into the last pooling"),
            ((3, 3, 64), "does not cost 5"),
            ((5, 5, 64), "and the other one did not"),
            ((4, 4, 32), "Which convolution"),
            ((4, 4, 1), "the channels are not"),
            ((64, 4, 4), "channels come last"),
            ((None, 4, 4, 64), "Leave this axis out"),
            (1024, "flattened"),
            ((4, 4), "yours has 2"),
            ((9, 9, 64), "There are fewer"),
            ((2, 2, 64), "There are more"),
            ((4, 5, 64), "rows and columns differently"),
        ],
    ),
    "pooling": Answers(
        right=[of_four_slices, by_loops],
        wrong=[
            (mean, "the mean"),
            (lambda maps: -of_four_slices(-maps), "smallest"),
            (lambda maps: corners(maps)[0], "same corner"),
            (from_zero, "below 0"),
            (axes_in_disorder, "The shape is right"),
            (even_sizes_only, "array of shape (7, 6, 1), your function stopped with `ValueError"),
            (lambda maps: maps[::2, ::2].max(axis=2), "across the channels"),
            (overlapping, "squares overlap"),
            (lambda maps: np.maximum(maps[: len(maps) // 2 * 2 : 2], maps[1::2]), "Only the rows"),
            (lambda maps: np.maximum(maps[:, : maps.shape[1] // 2 * 2 : 2], maps[:, 1::2]), "Only the columns"),
            (what_fills_no_square_too, "is to be dropped"),
            (lambda maps: maps.max(), "come maps of shape (3, 2, 3); yours are ()"),
            (two_corners, "two corners"),
        ],
    ),
}
