"""Lesson 9: the size of a digit that was fitted, its center of mass, and how small a step fools a plain sum."""

import numpy as np

from lenet_tutorial.exercises import answers
from lenet_tutorial.exercises.exercise import Exercises, exercise
from lenet_tutorial.exercises.feedback import Feedback, off, right


def size_in_the_box():
    """The longer side becomes 20 pixels, and the other one keeps its proportion to it."""
    height, width = 150, 60
    scale = 20 / max(height, width)
    return round(scale * height), round(scale * width)


@exercise(
    solution=size_in_the_box,
    hints=(
        "Which of the two sides is the longer one, and how long does it become?",
        "The proportions stay: the shorter side is 60/150 of the longer one.",
    ),
)
def fitted(answer: object) -> Feedback:
    """What shape has ink of 150 rows and 60 columns once it is fitted?"""
    shape = answers.shape(answer)
    known = {
        (8, 20): "Rows first: this digit is taller than it is wide.",
        (20, 20): "So it would be stretched: the proportions are lost.",
        (28, 28): "That is the page. The ink is fitted into a smaller square of it.",
        (28, 11): "The proportions are right, but the ink is fitted into 20×20, not into the whole page.",
        (50, 20): "So the shorter side would become 20, and the longer one would not fit.",
    }
    if shape == (20, 8):
        return right(
            "Tall and narrow, and so it stays: a 1 does not become a block. Then it goes on the page of 28×28."
        )
    if len(shape) != 2:
        return off("A digit that was fitted has two sides: rows and columns.")
    return off(known.get(shape, "The longer side becomes 20 pixels. What becomes of the other?"))


def weighted_mean_position(page):
    """Each pixel counts as much as it has ink."""
    rows, columns = np.indices(page.shape)
    return (rows * page).sum() / page.sum(), (columns * page).sum() / page.sum()


@exercise(
    solution=weighted_mean_position,
    asks_for_function=True,
    hints=(
        "It is a mean of the row numbers, in which each pixel counts as much as it has ink; the same for the columns.",
        "`np.indices(page.shape)` gives the row number and the column number of each pixel. By what do you divide?",
    ),
)
def center_of_mass(function: answers.Function) -> Feedback:
    """Where does the center of mass of the ink on a page lie, as (row, column)?"""
    random = np.random.default_rng(3)
    for shape in ((28, 28), (9, 14), (20, 5)):
        page = random.random(shape) ** 3
        page[random.random(shape) < 0.6] = 0
        page[: shape[0] // 3] = 0  # the ink lies low
        page[-1, 0] = 1
        found = function.array(page, wanted=(2,))
        if not np.allclose(found, weighted_mean_position(page), atol=1e-3):
            return off(_beside(page, found))
    return right("A faint pixel pulls little and a dark one much. A long thin tail hardly moves it.")


def _beside(page, found):
    """What is off with a place that is not the center of mass."""
    wanted, inked = np.array(weighted_mean_position(page)), np.argwhere(page > 0)
    known = {
        "Row and column have changed places.": wanted[::-1],
        "That is the middle of the page. Where is the ink?": (np.array(page.shape) - 1) / 2,
        "That is the middle of the rectangle around the ink. How much ink lies where?": (inked.min(0) + inked.max(0))
        / 2,
        "There all ink counts alike. A faint pixel should pull less than a dark one.": inked.mean(axis=0),
        "That was divided by the number of pixels. Divide by all the ink together.": wanted * page.mean(),
        "The first row and the first column have the number 0.": wanted + 1,
        "Sums, not means: divide by all the ink together.": wanted * page.sum(),
        "Those are whole pixels. The center of mass may lie between two of them.": np.round(wanted),
        "Those are shares of the page's sides. Count in pixels.": wanted / page.shape,
    }
    return (
        answers.mistake(found, known, atol=1e-3)
        or "Not there. Try it on a page with a single pixel of ink, and then with two."
    )


def smallest_epsilon(weights, bias, page):
    """Each pixel moved by e along the sign changes the score by e times the sum of the sizes of all weights."""
    score = (weights * page).sum() + bias
    return abs(score) / np.abs(weights).sum()


@exercise(
    solution=smallest_epsilon,
    asks_for_function=True,
    hints=(
        "The slope of this score at a pixel is its weight. By how much does the score change if that pixel moves by e "
        "in the direction of its weight's sign?",
        "All the pixels together change it by e times what? It must go as far as from the score to 0.",
    ),
)
def minimal_perturbation(function: answers.Function) -> Feedback:
    """How small a step along the signs brings a plain sum, weights · page + bias, to 0?"""
    random = np.random.default_rng(5)
    for n_pixels, bias in ((10, 2.0), (784, -9.0), (100, 0.5)):
        weights, page = random.normal(size=n_pixels), random.random(n_pixels)
        found = function.number(weights, bias, page)
        if not np.isclose(found, smallest_epsilon(weights, bias, page), rtol=1e-3):
            return off(_not_minimal(weights, bias, page, found))
    return right(
        "The more pixels, the larger the sum below: with 784 of them, a step too small to see adds up. "
        "Signs drawn by lot add up to nearly nothing."
    )


def _not_minimal(weights, bias, page, found):
    """What is off with a step that does not bring the score to 0."""
    score, sizes = (weights * page).sum() + bias, np.abs(weights)
    known = {
        "A size is wanted, above 0; the direction is in the signs.": -abs(score) / sizes.sum(),
        "The bias belongs to the score, too.": abs(score - bias) / sizes.sum(),
        "Weights of both signs cancel in this sum. Each pixel goes along *its own* sign.": abs(score)
        / abs(weights.sum()),
        "That would be a step along the slope itself. Here only its sign is used.": abs(score) / (weights**2).sum(),
        "So one pixel alone would do it, the one with the largest weight. Here all of them move.": abs(score)
        / sizes.max(),
        "That divides by the length of the weights. How much do all pixels add, each by its own share?": abs(score)
        / np.sqrt((weights**2).sum()),
        "That is how far the score must go. How far must each pixel?": abs(score),
        "That shares it out as if each pixel counted the same. A pixel moves the score by its weight.": abs(score)
        / len(sizes),
    }
    return (
        answers.mistake(found, known, rtol=1e-3)
        or f"After your step the score is {abs(score) - found * sizes.sum():.3f}, and 0 is wanted."
    )


LESSON = Exercises((fitted, center_of_mass, minimal_perturbation))
tally = LESSON.tally
