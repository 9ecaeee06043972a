"""Lesson 7: how flat a saturated probability is, integrated gradients on paper, and the share inside a cue."""

import numpy as np
from numpy.typing import NDArray

from lenet_tutorial.exercises import answers
from lenet_tutorial.exercises.exercise import Exercises, exercise
from lenet_tutorial.exercises.feedback import Feedback, off, right


def gradient_ratio():
    """The gradient contains the factor p(1-p), for both probabilities."""
    return (0.5 * (1 - 0.5)) / (0.999 * (1 - 0.999))


@exercise(
    solution=gradient_ratio,
    hints=(
        "What is p(1-p) at p = 0.5? And at p = 0.999?",
        "Divide the larger gradient by the smaller one.",
    ),
)
def saturation(answer: object) -> Feedback:
    """How many times flatter is a probability at 0.999 than at 0.5, along its own logit?"""
    found, steep, flat = answers.number(answer), 0.5 * 0.5, 0.999 * 0.001
    if abs(found - steep / flat) <= 2.5:
        return right(
            "The same step of the logit shows 250 times less in the probability. So a map of the probability's "
            "gradient is faintest for the digits that the network is surest of. The logit's gradient has no such "
            "factor."
        )
    known = {
        "That is the smaller gradient divided by the larger one. The question is how many times *flatter*.": flat
        / steep,
        "That is the gradient at 0.999. By how much is the one at 0.5 larger?": flat,
        "At 0.5 the gradient is not 1. Put 0.5 into the factor, too.": 1 / flat,
        "You compared 1-p with 1-p. The factor contains p as well.": 0.5 / 0.001,
        "That is the gradient at 0.5. By how much is the one at 0.999 smaller?": steep,
    }
    way = "smaller" if found > steep / flat else "larger"
    return off(answers.mistake(found, known, rtol=0.005) or f"The right number is {way}.")


def integrated(weights, image):
    """The gradient grows evenly from 0 to its value at the image, so its mean is half of that."""
    gradient_at_the_image = 2 * (weights @ image) * weights
    return image * gradient_at_the_image / 2


@exercise(
    solution=integrated,
    asks_for_function=True,
    hints=(
        "The gradient of (w·x)² at pixel i is 2·(w·x)·wᵢ. What is it halfway, for the image x/2?",
        "It grows evenly from 0 to its value at the image. What is its mean?",
        "Test yourself: all values together must give the score of the image, since a blank image has the score 0.",
    ),
)
def closed_form(function: answers.Function) -> Feedback:
    """Integrated gradients of the score (weights · image)², from a blank image, without 64 steps."""
    random = np.random.default_rng(9)
    for n_pixels in (6, 20, 784):
        weights, image = random.normal(size=n_pixels), random.random(n_pixels)
        image[random.random(n_pixels) < 0.4] = 0
        found = function.array(weights, image, wanted=(n_pixels,))
        if not np.allclose(found, integrated(weights, image), rtol=0.02, atol=1e-6):
            return off(_incomplete(weights, image, found))
    return right(
        "Pixel times the gradient at the image itself would add up to twice the score, because the gradient is smaller "
        "on the way. For a score that only adds up, the gradient is the same all the way."
    )


def _incomplete(weights, image, found):
    """What is off with values that are not the integrated gradients of the squared sum."""
    score = weights @ image
    at_the_image = 2 * weights * score
    known = {
        "That is pixel times the gradient *at the image*. Halfway, the gradient was smaller.": image * at_the_image,
        "That is the gradient at the image. Where is the pixel? And the gradients on the way?": at_the_image,
        "That is the mean gradient. Multiply it by the pixel: a pixel without ink contributes nothing.": weights
        * score,
        "That would be right for the score w·x. This one is squared.": weights * image,
        "You squared each pixel by itself. That leaves out what two pixels contribute together.": (weights * image)
        ** 2,
    }
    if words := answers.mistake(found, known, rtol=0.02):
        return words
    if np.isclose(found.sum(), score**2, rtol=0.02):
        return "The values add up to the score, as they must. But single pixels get too much or too little."
    return f"The values add up to {found.sum():.3f}. The score of the image is {score**2:.3f}, and a blank one has 0."


def share_inside(attribution, region):
    """Keep what is above 0, and divide what lies inside by all of it."""
    positive = np.maximum(attribution, 0)
    return positive[region].sum() / positive.sum()


@exercise(
    solution=share_inside,
    asks_for_function=True,
    hints=(
        "Only evidence for the class counts: set the negative values to 0 with `np.maximum(attribution, 0)`.",
        "With a boolean array as an index, `positive[region]` picks the pixels inside the region.",
    ),
)
def score(function: answers.Function) -> Feedback:
    """The share of a map's positive attribution that lies inside a region."""
    random = np.random.default_rng(4)
    for shape, rows in (((5, 5), slice(0, 2)), ((28, 28), slice(24, 28))):
        attribution, region = random.normal(size=shape), np.zeros(shape, bool)
        region[rows, 1:4] = True
        attribution[region] += 1
        found = function.number(attribution, region)
        if not np.isclose(found, share_inside(attribution, region), rtol=1e-3):
            return off(_another_share(attribution, region, found))
    return right(
        "This is score A. It is 1 if all the evidence for the class lies inside, whatever the size of the map."
    )


def _another_share(attribution: NDArray, region: NDArray, found: float) -> str:
    """What is off with a number that is not the share inside."""
    positive, strength = np.maximum(attribution, 0), np.abs(attribution)
    known = {
        "You used all values. Blue ones speak *against* the class: leave them out.": attribution[region].sum()
        / attribution.sum(),
        "You used absolute values, so evidence *against* the class counts as evidence for it.": strength[region].sum()
        / strength.sum(),
        "That is the sum inside. Divide it by the sum of all the positive values.": positive[region].sum(),
        "That is the share *outside*.": positive[~region].sum() / positive.sum(),
        "That is the mean inside. The score is a share: a sum divided by a sum.": positive[region].mean(),
        "That is the share of the *pixels* that lie inside. Count attribution, not pixels.": region.mean(),
        "You divided what is inside by what is outside. Divide it by all.": positive[region].sum()
        / positive[~region].sum(),
    }
    if words := answers.mistake(found, known, rtol=1e-3):
        return words
    return f"For a map with {share_inside(attribution, region):.3f} inside, your function gives {found:.3f}."


LESSON = Exercises((saturation, closed_form, score))
tally = LESSON.tally
