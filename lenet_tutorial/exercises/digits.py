"""Lesson 1: where pixels end up, why nothing is chosen by the test digits, and moving a digit."""

import math

import numpy as np

from lenet_tutorial.exercises import answers
from lenet_tutorial.exercises.exercise import Exercises, exercise
from lenet_tutorial.exercises.feedback import Feedback, off, right

READERS, DIGITS, CHANCE = 20, 100, 0.1


def positions_between():
    """From row r, column c to row r + 1, column c - 3."""
    return ((10 + 1) * 28 + (10 - 3)) - (10 * 28 + 10)


@exercise(
    solution=positions_between,
    hints=(
        "Choose any pixel, such as row 10, column 10. At which position of the flat row is it? And the other one?",
        "One row down is 28 positions further on. One column to the left is how many, and in which direction?",
    ),
)
def neighbor(answer: object) -> Feedback:
    """How many positions further on lies the pixel one row down and three columns to the left?"""
    known = {
        25: right("A stroke that leans is a chain of neighbors; in the flat row its pixels are scattered."),
        31: off("That is three columns to the other side."),
        28: off("That is the pixel straight below. The three columns count, too."),
        83: off("Rows and columns have changed places: that would be three rows down and one column to the left."),
        -25: off("The distance is right and the direction is not: which of the two pixels comes first in the row?"),
    }
    answer = answers.whole(answer)
    return known.get(answer) or off("Too far." if answer > 25 else "Not far enough.")


def keep_the_luckiest():
    """Play it 10,000 times: the numbers of right answers of 20 readers, of which the largest is kept."""
    correct = np.random.default_rng(0).binomial(100, 0.1, size=(10_000, 20))
    return correct.max(axis=1).mean() / 100


@exercise(
    solution=keep_the_luckiest,
    hints=(
        "A reader who guesses gets `np.random.default_rng(0).binomial(100, 0.1)` of the 100 digits right. "
        "With `size=20` there are twenty readers.",
        "Take the largest of the twenty. One such play tells little: `size=(10_000, 20)` plays it ten thousand times.",
    ),
)
def best_of_twenty(answer: object) -> Feedback:
    """What accuracy does the best of twenty guessing readers show, on the digits that chose it?"""
    answer, truth = answers.number(answer), _expected_best()
    if abs(answer - truth) <= 0.005:
        return right(
            f"About {truth:.1%}, from readers who know nothing. On other digits it is back at {CHANCE:.0%}. "
            "What was chosen by some digits looks better on them than it is."
        )
    if answer > 1 or answer < 0:
        return off("An accuracy is wanted as a share, from 0 to 1.")
    if abs(answer - CHANCE) <= 0.01:
        return off("So much one of them gets, or all of them on the average. You kept the best of twenty.")
    way = "large" if answer > truth else "small"
    near = " You are near: did you play it often enough to take an average?" if abs(answer - truth) < 0.06 else ""
    return off(f"Too {way}.{near}")


def _expected_best():
    """The mean of the largest of twenty binomial counts, as a share; exact, where the solution plays dice."""
    chances = [math.comb(DIGITS, k) * CHANCE**k * (1 - CHANCE) ** (DIGITS - k) for k in range(DIGITS + 1)]
    at_most = np.cumsum(chances)
    return float((1 - at_most[:-1] ** READERS).sum()) / DIGITS


def down(image, n):
    """Paper first; then the rows that stay in the picture, n rows lower."""
    moved = np.zeros_like(image)
    moved[n:] = image[: len(image) - n]
    return moved


@exercise(
    solution=down,
    asks_for_function=True,
    hints=(
        "Start from a page without ink, `np.zeros_like(image)`. Which of its rows get ink?",
        "Rows n and below get the picture's first rows. How many are these? Try your function with n = 0.",
        "`image[:-n]` are these rows, except for n = 0: `image[:-0]` is `image[:0]`, no row at all. Count them from "
        "the front, up to `len(image) - n`.",
    ),
)
def moved_down(move: answers.Function) -> Feedback:
    """Move a picture n pixels down; what leaves it is gone, and what comes in is paper."""
    random = np.random.default_rng(1)
    for rows, columns, n in ((28, 28, 2), (9, 6, 4), (28, 28, 0), (7, 7, 7)):
        image = random.random((rows, columns))
        moved = move.array(image, n, wanted=image.shape)
        if not np.allclose(moved, down(image, n)):
            return off(_misplaced(image, moved, n))
    return right("Now repeat the lesson's test with it: how does the nearest mean read digits that were moved down?")


def _misplaced(image, moved, n):
    """What is off with a picture that was not moved n rows down."""
    known = {
        "What left at the bottom came back in at the top.": np.roll(image, n, axis=0),
        "It moved to the right, and what left came back in on the left.": np.roll(image, n, axis=1),
        "It moved up, and what left came back in at the bottom.": np.roll(image, -n, axis=0),
        "The rows ran into each other: without an axis, `np.roll` moves the flat row.": np.roll(image, n),
        "It moved to the right: which axis is the rows?": down(image.T, n).T,
        "It moved up: row 0 is the top one.": down(image[::-1], n)[::-1],
    }
    if n == 0:
        return "Moved by 0 pixels, a picture must stay as it is."
    if n == len(image):
        return "Moved by as many pixels as it has rows, a picture must be all paper."
    if np.allclose(moved, image):
        return "The picture stayed where it was."
    return answers.mistake(moved, known) or f"A picture of shape {image.shape}, moved by {n}, did not come out right."


LESSON = Exercises((neighbor, best_of_twenty, moved_down))
tally = LESSON.tally
