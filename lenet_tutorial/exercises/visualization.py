"""Lesson 6: how far a logit must lead, an honest cost of ablation, and the image that a plain sum prefers."""

import numpy as np

from lenet_tutorial.exercises import answers
from lenet_tutorial.exercises.exercise import Exercises, exercise
from lenet_tutorial.exercises.feedback import Feedback, off, right

OTHERS, SURE = 9, 0.9


def margin_for_nine_tenths():
    """In softmax, e to the power of the lead must be nine times as much as the nine others, which are 1 each."""
    return np.log(9 * 9)


@exercise(
    solution=margin_for_nine_tenths,
    hints=(
        "Only differences between logits matter to softmax, so let the nine others be 0. What is *e* to each?",
        "With the lead L, the probability is *e* to the L, divided by *e* to the L plus nine.",
        "For 0.9, *e* to the L must be nine times as large as the nine others together.",
    ),
)
def logit_margin(answer: object) -> Feedback:
    """By how much must one logit be larger than nine equal ones, for a probability of 0.9?"""
    found, truth = answers.number(answer), float(np.log(OTHERS * SURE / (1 - SURE)))
    if abs(found - truth) <= 0.05:
        return right(
            "It doesn't matter whether the logits are 4.4 and nine times 0, or 104.4 and nine times 100. A large logit "
            "alone says nothing: on a strange image, the other logits may be large, too."
        )
    if abs(found - np.log(SURE / (1 - SURE))) <= 0.05:
        return off("That would be enough with one other class. Here are nine.")
    if abs(found - np.exp(truth)) <= 0.5:
        return off("That is *e* to the power of the lead. Which lead gives it?")
    if abs(found - truth / np.log(10)) <= 0.02 or abs(found - truth / np.log(2)) <= 0.05:
        return off("The idea is right, but the logarithm has another base. Softmax uses powers of *e*.")
    given = 1 / (1 + OTHERS * np.exp(-np.clip(found, -50, 50)))
    return off(
        f"A lead of {found:g} gives a probability of {given:.1%}. {'Less' if found > truth else 'More'} is needed."
    )


def cost_of_the_chosen(validation_costs, test_costs):
    """Choose the channel on one set of digits, and report what it costs on the other."""
    return test_costs[np.argmax(validation_costs)]


@exercise(
    solution=cost_of_the_chosen,
    asks_for_function=True,
    hints=(
        "You do two things: you choose a channel, and you report a number. May both use the same digits?",
        "Of 64 channels, the worst one on the test digits is partly the one with the most bad luck on the test digits.",
        "`np.argmax(costs)` gives the number of the channel. Which costs do you choose with?",
    ),
)
def honest_cost(function: answers.Function) -> Feedback:
    """The test cost of the channel that was chosen on the validation digits."""
    random = np.random.default_rng(11)
    for n in (5, 64, 20):
        true = random.normal(0.2, 0.1, n)
        validation, test = (true + random.normal(0, 0.2, n) for _ in range(2))
        found, wanted = function.number(validation, test), cost_of_the_chosen(validation, test)
        if not np.isclose(found, wanted):
            return off(_dishonest(validation, test, found))
    return right(
        "The number is usually smaller than the largest test cost, and that is the point: the largest of many noisy "
        "numbers is too large. People call this the winner's curse."
    )


def _dishonest(validation, test, found):
    """What is off with a cost that was not chosen and measured on different digits."""
    if found in (np.argmax(validation), np.argmax(test)):
        return "That is the number of a channel. What does this channel *cost*?"
    chosen = np.argmax(validation)
    both = (validation[chosen] + test[chosen]) / 2
    known = {
        "You chose and measured on the test digits. The largest of many noisy numbers is large partly by luck.": max(
            test
        ),
        "You report the cost on the validation digits. It was chosen for being large. Which digits are fresh?": max(
            validation
        ),
        "You chose on the test digits. Choose on the validation digits, and measure on the test digits.": validation[
            np.argmax(test)
        ],
        "That is the mean of all channels. Report only the one that matters most.": test.mean(),
        "You took the mean of both costs. The validation cost was chosen for being large, so leave it out.": both,
        "You chose the channel that costs least.": test[np.argmin(validation)],
    }
    return answers.mistake(found, known) or "This isn't the test cost of the channel that costs most in validation."


def best_image(weights, n):
    """Ink at the n largest weights, but only at those above 0: the others would lower the score."""
    image = np.zeros(weights.shape)
    largest = np.argsort(weights, axis=None)[::-1][:n]
    image.flat[largest] = weights.flat[largest] > 0
    return image


@exercise(
    solution=best_image,
    asks_for_function=True,
    hints=(
        "The gradient of this score is the same for every image. At which pixel does a little ink raise it most?",
        "`np.argsort(weights, axis=None)` gives positions in the flattened array, the smallest weight first; "
        "`image.flat[...]` takes such positions.",
        "What if fewer than n weights are above 0?",
    ),
)
def linear_maximum(function: answers.Function) -> Feedback:
    """The image with ink for n pixels at most that has the highest score, if the score is weights times pixels."""
    random = np.random.default_rng(7)
    for shape, n, shift in (((6, 5), 4, 0.0), ((28, 28), 60, 0.3), ((5, 4), 12, -1.0), ((4, 6), 5, -9.0)):
        weights = random.normal(size=shape) + shift
        image = function.array(weights, n, wanted=shape)
        if not np.isclose((image * weights).sum(), (best_image(weights, n) * weights).sum()) or _forbidden(image, n):
            return off(_forbidden(image, n) or _lower_score(weights, image, n))
    return right(
        "You don't need gradient ascent where the gradient is the same everywhere. And look at the image: ink wherever "
        "it raises the score, also where no digit has any. Nothing in the score asks for a stroke."
    )


def _forbidden(image, n):
    """What makes an image one that is not allowed; empty if it is allowed."""
    if image.min() < -1e-9:
        return "Some pixels are below 0. A pixel goes from 0, paper, to 1, full ink."
    if image.max() > 1 + 1e-9:
        return "Some pixels are above 1. A pixel goes from 0, paper, to 1, full ink."
    if image.sum() > n + 1e-6:
        return f"Your image has ink for {image.sum():.1f} pixels, but there is ink for {n}."
    return ""


def _lower_score(weights, image, n):
    """What is off with an image that is allowed, and not the best."""
    got, best = (image * weights).sum(), (best_image(weights, n) * weights).sum()
    scores = f"This image scores {got:.2f}, and another one scores {best:.2f}."
    largest = np.abs(weights) >= np.sort(np.abs(weights), axis=None)[-n]
    if np.array_equal(image > 0, largest) and (weights[largest] < 0).any():
        return f"{scores} You went by the size of the weights. What does ink do where a large weight is negative?"
    if np.any(image[weights < 0] > 0):
        return f"{scores} Some of your ink lowers the score. You needn't use all of it."
    if np.isclose(image.sum(), n) or np.all(image[weights > 0] > 0):
        return f"{scores} The same ink in other pixels gives more."
    return f"{scores} There is ink left, and there are pixels where it would raise the score."


LESSON = Exercises((logit_margin, honest_cost, linear_maximum))
tally = LESSON.tally
