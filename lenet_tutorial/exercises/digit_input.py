"""Lesson 9: the center of mass, when to refuse an answer, and how small a step flips a plain sum."""

import numpy as np

from lenet_tutorial.exercises import answers
from lenet_tutorial.exercises.exercise import Exercises, exercise
from lenet_tutorial.exercises.feedback import Feedback, off, right


def weighted_mean_position(image):
    """A mean in which each pixel counts as much as it has ink."""
    rows, columns = np.indices(image.shape)
    return (rows * image).sum() / image.sum(), (columns * image).sum() / image.sum()


@exercise(
    solution=weighted_mean_position,
    asks_for_function=True,
    hints=(
        "It is a mean of the row numbers, in which each pixel counts as much as it has ink; the same for the columns.",
        "`np.indices(image.shape)` gives the row number and the column number of each pixel. By what do you divide?",
    ),
)
def center_of_mass(function: answers.Function) -> Feedback:
    """Where is the center of mass of the ink in an image, as (row, column)?"""
    random = np.random.default_rng(3)
    for shape in ((28, 28), (9, 14), (20, 5)):
        image = random.random(shape) ** 3
        image[random.random(shape) < 0.6] = 0
        image[: shape[0] // 3] = 0  # the ink lies low
        image[-1, 0] = 1
        found = function.array(image, wanted=(2,))
        if not np.allclose(found, weighted_mean_position(image), atol=1e-3):
            return off(_beside(image, found))
    return right("A faint pixel counts little and a dark one much, so a long thin tail hardly moves the center.")


def _beside(image, found):
    """What is off with a position that is not the center of mass."""
    wanted, inked = np.array(weighted_mean_position(image)), np.argwhere(image > 0)
    known = {
        "Row and column have changed places.": wanted[::-1],
        "That is the middle of the image. Where is the ink?": (np.array(image.shape) - 1) / 2,
        "That is the middle of the rectangle around the ink. How much ink lies where?": (inked.min(0) + inked.max(0))
        / 2,
        "There, all ink counts the same. A faint pixel should count less than a dark one.": inked.mean(axis=0),
        "That was divided by the number of pixels. Divide by all the ink together.": wanted * image.mean(),
        "The first row and the first column have the number 0.": wanted + 1,
        "Sums, not means: divide by all the ink together.": wanted * image.sum(),
        "Those are whole pixels. The center of mass may lie between two of them.": np.round(wanted),
        "Those are shares of the image's sides. Count in pixels.": wanted / image.shape,
    }
    return (
        answers.mistake(found, known, atol=1e-3)
        or "It isn't there. Try an image with a single pixel of ink, and then with two."
    )


def lowest_threshold(sure, correct, most):
    """Keep one more prediction at a time, the surest first; the last time the share of mistakes is small enough."""
    order = np.argsort(-sure)
    mistakes = np.cumsum(~correct[order]) / np.arange(1, len(order) + 1)
    return sure[order][np.flatnonzero(mistakes <= most)[-1]]


@exercise(
    solution=lowest_threshold,
    asks_for_function=True,
    hints=(
        "Sort the predictions by their probability, the surest first. If you keep the first n, how many are wrong?",
        "`np.cumsum` counts the mistakes among the first n, for every n. Divide by n, and look for the *last* n whose "
        "share is small enough.",
    ),
)
def refusal(function: answers.Function) -> Feedback:
    """The lowest threshold such that, of the predictions that are kept, at most a given share is wrong."""
    random = np.random.default_rng(6)
    for n, most in ((400, 0.1), (1000, 0.02), (60, 0.2)):
        sure = random.permutation(1 - random.random(n) ** 2 / 2)
        correct = random.random(n) < sure
        correct[sure.argmax()] = True
        found = function.number(sure, correct, most)
        if (words := _wrong_threshold(sure, correct, most, found)) is not None:
            return off(words)
    return right(
        "The share of mistakes can rise and fall again as you keep more, so the last place counts. In practice you "
        "choose such a threshold on validation digits."
    )


def _wrong_threshold(sure, correct, most, found):
    """What is off with a threshold; None if it keeps what the lowest one keeps."""
    kept, best = sure >= found, lowest_threshold(sure, correct, most)
    if not kept.any():
        return f"Your threshold, {found:.3f}, refuses everything: the highest probability is {sure.max():.3f}."
    if kept.sum() == np.sum(sure >= best):
        return None
    share = np.mean(~correct[kept])
    told = (
        f"With your threshold, {found:.3f}, you keep {kept.sum()} of {len(sure)}, and {share:.1%} of them are wrong. "
    )
    if share > most:
        hint = (
            " Is it that you count the mistakes among *all* predictions?"
            if np.sum(~correct[kept]) <= most * len(sure)
            else ""
        )
        return f"{told}At most {most:.0%} may be.{hint}"
    order = np.argsort(-sure)
    first = np.argmax(np.cumsum(~correct[order]) / np.arange(1, len(order) + 1) > most)
    if kept.sum() == first:
        return f"{told}That stops at the first place where the share gets too large. Further on it falls again."
    return f"{told}That is few enough, but you could keep more: a lower threshold is allowed, too."


def smallest_epsilon(weights, bias, image):
    """Moving each pixel by e along its weight's sign changes the score by e times the sum of all absolute weights."""
    score = (weights * image).sum() + bias
    return abs(score) / np.abs(weights).sum()


@exercise(
    solution=smallest_epsilon,
    asks_for_function=True,
    hints=(
        "The gradient of this score at a pixel is its weight. By how much does the score change if that pixel moves "
        "by e in the direction of its weight's sign?",
        "All the pixels together change it by e times what? They must bring it from its value to 0.",
    ),
)
def minimal_perturbation(function: answers.Function) -> Feedback:
    """How small a step along the signs brings a plain sum, weights · image + bias, to 0?"""
    random = np.random.default_rng(5)
    for n_pixels, bias in ((10, 2.0), (784, -9.0), (100, 0.5)):
        weights, image = random.normal(size=n_pixels), random.random(n_pixels)
        found = function.number(weights, bias, image)
        if not np.isclose(found, smallest_epsilon(weights, bias, image), rtol=1e-3):
            return off(_not_minimal(weights, bias, image, found))
    return right(
        "You divide by the sum of all absolute weights. The more pixels there are, the larger it is, so with 784 of "
        "them a step that you can hardly see is enough. With random signs the changes mostly cancel."
    )


def _not_minimal(weights, bias, image, found):
    """What is off with a step that does not bring the score to 0."""
    score, sizes = (weights * image).sum() + bias, np.abs(weights)
    known = {
        "The size of a step is positive. Its direction is in the signs.": -abs(score) / sizes.sum(),
        "The score has a bias, too.": abs(score - bias) / sizes.sum(),
        "Weights of both signs cancel in your sum. But each pixel moves along *its own* sign.": abs(score)
        / abs(weights.sum()),
        "That is right for a step along the gradient itself. Here only its sign is used.": abs(score)
        / (weights**2).sum(),
        "That is how far one pixel alone must go, the one with the largest weight. Here all of them move.": abs(score)
        / sizes.max(),
        "You divided by the length of the weight vector. What does each pixel add, one by one?": abs(score)
        / np.sqrt((weights**2).sum()),
        "That is how far the *score* must go. How far must each pixel go?": abs(score),
        "You divided by the number of pixels, as if each had the weight 1. What do the weights change?": abs(score)
        / len(sizes),
    }
    return (
        answers.mistake(found, known, rtol=1e-3)
        or f"After a step of your size the score is {abs(score) - found * sizes.sum():.3f}. It should be 0."
    )


LESSON = Exercises((center_of_mass, refusal, minimal_perturbation))
tally = LESSON.tally
