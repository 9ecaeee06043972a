"""Lesson 7: how flat a saturated probability is, integrated gradients on paper, and a map that asked nobody."""

import numpy as np
from numpy.typing import NDArray

from lenet_tutorial import inspection
from lenet_tutorial.backend import keras
from lenet_tutorial.exercises import answers
from lenet_tutorial.exercises.exercise import Exercises, exercise
from lenet_tutorial.exercises.feedback import Feedback, off, right


def gradient_ratio():
    """The slope carries the factor p(1-p), at both places."""
    return (0.5 * (1 - 0.5)) / (0.999 * (1 - 0.999))


@exercise(
    solution=gradient_ratio,
    hints=(
        "What is p(1-p) at p = 0.5? And at p = 0.999?",
        "How many times does the smaller slope go into the larger one?",
    ),
)
def saturation(answer: object) -> Feedback:
    """How many times flatter is a probability at 0.999 than at 0.5, along its own logit?"""
    found, steep, flat = answers.number(answer), 0.5 * 0.5, 0.999 * 0.001
    if abs(found - steep / flat) <= 2.5:
        return right(
            "The same step of the logit, and 250 times less to be seen. A map of the probability's slopes is faintest "
            "for the very digits that the network is surest of; the logit's own slopes have no such factor."
        )
    known = {
        "That is the smaller slope divided by the larger. How many times *flatter* is asked for.": flat / steep,
        "That is the slope at 0.999. By how much is the one at 0.5 larger?": flat,
        "At 0.5 the slope is not 1. Put 0.5 into the factor, too.": 1 / flat,
        "That compares 1-p with 1-p. The factor has p in it as well.": 0.5 / 0.001,
        "That is the slope at 0.5. By how much is the one at 0.999 smaller?": steep,
    }
    way = "less" if found > steep / flat else "more"
    return off(answers.mistake(found, known, rtol=0.005) or f"It is {way} than that.")


def integrated(weights, page):
    """The slope grows evenly from 0 to its end at the page, so its mean is half of that."""
    slope_at_the_page = 2 * (weights @ page) * weights
    return page * slope_at_the_page / 2


@exercise(
    solution=integrated,
    asks_for_function=True,
    hints=(
        "The slope of (w·x)² at pixel i is 2·(w·x)·wᵢ. What is it half of the way, on the page x/2?",
        "It grows evenly from 0 to what it is at the page. What is its mean?",
        "Are you right? Then all values together are the score of the page, since an empty page has 0.",
    ),
)
def closed_form(function: answers.Function) -> Feedback:
    """Integrated gradients of the score (weights · page)², from an empty page, without 64 steps."""
    random = np.random.default_rng(9)
    for n_pixels in (6, 20, 784):
        weights, page = random.normal(size=n_pixels), random.random(n_pixels)
        page[random.random(n_pixels) < 0.4] = 0
        found = function.array(weights, page, wanted=(n_pixels,))
        if not np.allclose(found, integrated(weights, page), rtol=0.02, atol=1e-6):
            return off(_incomplete(weights, page, found))
    return right(
        "Ink times the slope at the page itself would have given twice as much as the score: here the slope is not the "
        "same all the way. For a score without a bend, both are the same."
    )


def _incomplete(weights, page, found):
    """What is off with values that are not the integrated gradients of the squared sum."""
    score = weights @ page
    known = {
        "That is ink times the slope *at the page*. Half of the way, the slope was smaller.": 2
        * page
        * weights
        * score,
        "That is the slope at the page. And the ink? And the slopes on the way?": 2 * weights * score,
        "That is the mean slope. A pixel without ink has given nothing: the ink is missing.": weights * score,
        "So it would be for the score w·x. This one is squared.": weights * page,
        "Each pixel squared by itself leaves out what two pixels give together.": (weights * page) ** 2,
    }
    if words := answers.mistake(found, known, rtol=0.02):
        return words
    if np.isclose(found.sum(), score**2, rtol=0.02):
        return "Together they make the score, and that is completeness. But they are not shared out rightly."
    return f"All together are {found.sum():.3f}, and the score of the page less that of an empty one is {score**2:.3f}."


def the_image_itself(page):
    """The digit itself: the darkest ink first."""
    return page


@exercise(
    solution=the_image_itself,
    asks_for_function=True,
    hints=(
        "What changes when a pixel of paper is erased?",
        "A map need only put all ink before all paper. Where do you find a picture of the ink?",
    ),
)
def model_independent(function: answers.Function, model: keras.Model, images: NDArray, classes: NDArray) -> Feedback:
    """A map made from the page alone that beats the random order in the deletion test."""
    images, classes = images[:100], classes[:100]
    pages = images.reshape(-1, 28, 28)
    maps = np.stack([function.array(page, wanted=page.shape) for page in pages])
    if np.ptp(maps, axis=(1, 2)).max() == 0:
        return off("Such a map is the same everywhere: it puts the pixels in no order.")
    dice = np.random.default_rng(0).random(pages.shape)
    yours, random, ink = (
        100 * inspection.deletion_curve(model, images, each, classes).area for each in (maps, dice, (pages > 0) + dice)
    )
    text = f"Its score is {yours.mean():.1f}, that of a random order {random.mean():.1f}"
    if _beats(random, yours):
        return off(f"{text}, and low is good. What does it erase first?")
    if not _beats(yours, random):
        return off(f"{text}: they cannot be told apart. What in a page is worth erasing?")
    even = ", and it beats even this one" if _beats(yours, ink) else ""
    return right(
        f"{text}, that of a random order of the ink {ink.mean():.1f}{even}. A map made from the page alone is the same "
        "for every network; the lesson's second test finds it out. Passing a test shows only what a map that asked "
        "nobody could not have shown."
    )


def _beats(areas, others):
    """Whether areas are smaller than others, digit by digit, beyond 1.96 standard errors of their mean difference."""
    gained = others - areas
    return gained.mean() > 1.96 * gained.std(ddof=1) / np.sqrt(len(gained))


LESSON = Exercises((saturation, closed_form, model_independent))
tally = LESSON.tally
