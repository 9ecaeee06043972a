"""Lesson 2."""

import numpy as np

from tests.lessons.exercise_answers import Answers

VERTICAL = np.outer(np.ones(4), [1, 1, -1, -1])

ANSWERS = {
    "one_value": Answers(
        right=[0.5, np.float32(0.5), np.maximum(np.sum([[1, 0], [0, -1]]) + 0.5, 0)],
        wrong=[
            (0, "bias is still missing"),
            (-0.5, "you subtracted it"),
            (2.5, "sign of the last product"),
            (1.5, "One product is missing"),
            (3.5, "empty pixel"),
            (7, "its own pixel"),
        ],
    ),
    "positions": Answers(
        right=[(12, 12), [12, 12], np.array([12, 12])],
        wrong=[
            ((24, 24), "stride of 1"),
            ((14, 14), "with padding"),
            ((11, 11), "Count all"),
            ((13, 13), "all of its 5 pixels"),
            ((28, 28), "the image itself"),
            (12, "give both"),
            (144, "number of values"),
            ((12, 12, 1), "two axes"),
            ((9, 9), "0, 2, 4"),
        ],
    ),
    "vertical": Answers(
        right=[VERTICAL, VERTICAL.tolist(), -VERTICAL, np.outer(np.ones(4), [-1, 2, -1, 0])],
        wrong=[
            (VERTICAL.T, "the horizontal ones"),
            (-np.ones((4, 4)), "Without a positive weight"),
            (np.ones((4, 4)), "add up to"),
            (VERTICAL[:3], "Four rows of four weights"),
            (np.pad(np.full((2, 2), 4), (0, 2)) - 1, "too much"),
        ],
    ),
}
