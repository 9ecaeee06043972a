"""Lesson 4: one step by hand, a learning rate that is too large, and reading a confusion matrix."""

import zlib

import numpy as np

from lenet_tutorial.data import Digits
from lenet_tutorial.exercises import answers
from lenet_tutorial.exercises.exercise import Exercises, exercise
from lenet_tutorial.exercises.feedback import Feedback, off, right

GUESSING = np.log(10)  # what ten equal probabilities cost, in nats
SHORT_STEPS = 0.05  # below this learning rate, 50 steps may end near where they began, and not for being too long


def weight_after_one_step():
    """At w = 0 both classes have the probability 1/2, and one digit of eight is a 7: the slope is 1/2 - 1/8."""
    return 0 - 2 * (1 / 2 - 1 / 8)


@exercise(
    solution=weight_after_one_step,
    hints=(
        "At w = 0, which probability does the network give to 7? Which share of the eight digits is a 7?",
        "The slope is what the network says minus what it should say. The new weight is w minus rate times slope.",
    ),
)
def one_step(answer: object) -> Feedback:
    """One step of gradient descent from w = 0, with the learning rate 2, where one digit of eight is a 7."""
    weight = answers.number(answer)
    if np.isclose(weight, weight_after_one_step()):
        return right(
            "The network said 7 too often, so its weight goes down. Its next prediction is 0.32 instead of 0.5."
        )
    known = {
        "The size is right and the direction is wrong: that step goes uphill. The step is *minus* the learning rate "
        "times the slope.": 2 * (1 / 2 - 1 / 8),
        "That is the slope. The step is minus the learning rate times the slope.": 1 / 2 - 1 / 8,
        "That is the step for a learning rate of 1. Here it is 2.": -(1 / 2 - 1 / 8),
        "That step is for the lesson's digits, three 7s of four. Here one digit of eight is a 7.": -2 * (1 / 2 - 3 / 4),
        "Is your slope the prediction alone? Subtract the share of 7s, which is what the network should say.": -2 / 2,
        "Is your slope the share of 7s alone? It is the prediction minus that share.": -2 / 8,
    }
    words = answers.mistake(weight, known)
    return off(
        words or "Compute the prediction at w = 0 first, then the slope, then the step. All three are fractions."
    )


def grow_until_it_fails(digits):
    """Three times the learning rate each time, until a short training ends no better than guessing."""
    from lenet_tutorial.backend import keras
    from lenet_tutorial.model import build_lenet

    few = np.random.default_rng(0).choice(len(digits.train), 5000, replace=False)
    images, onehot = digits.train.images[few], digits.train.onehot[few]
    rate, loss = 0.1, 0.0
    while loss < np.log(10) - 0.1:  # this is False for NaN, too
        rate = 3 * rate
        keras.utils.set_random_seed(0)
        model = build_lenet()
        model.compile(loss="categorical_crossentropy", optimizer=keras.optimizers.SGD(rate))
        model.fit(images, onehot, batch_size=100, epochs=1, verbose=0)
        loss = model.evaluate(images[:1000], onehot[:1000], verbose=0)
    return rate


@exercise(
    solution=grow_until_it_fails,
    hints=(
        "The textbook's 0.01 is far below the limit. Make it three or ten times larger, and watch the loss.",
        "Is the loss after an epoch near ln 10 or above it? Then the network does no better than guessing.",
    ),
)
def too_fast(answer: object, digits: Digits) -> Feedback:
    """A learning rate with which training fails, while a tenth of it still learns."""
    rate = answers.number(answer)
    if rate <= 0:
        raise answers.Unusable("A learning rate is greater than 0: it says how far to step against the gradient.")
    loss = _loss_after(digits, float(rate))
    if rate < SHORT_STEPS:
        return off(
            f"With {rate:g} the loss after an epoch is {_loss_text(loss)}. The steps are so short that it learns "
            "slowly. You are looking for steps that are too long."
        )
    if loss < GUESSING - 0.1:
        return off(f"With {rate:g} the network still learns: after an epoch its loss is {_loss_text(loss)}. Go higher.")
    tenth = _loss_after(digits, float(rate / 10))
    if not tenth < GUESSING - 0.1:
        return off(f"Training fails with {rate:g}, but it also fails with a tenth of it, {rate / 10:g}. Go lower.")
    return right(
        f"After an epoch with {rate:g} the loss is {_loss_text(loss)}; guessing costs {GUESSING:.2f}. "
        f"With {rate / 10:g} it is {_loss_text(tenth)}. The gradient is only right near the point where it was "
        "computed, so a step that is too long can land anywhere."
    )


_KNOWN = {}  # what trainings gave, by a checksum of their digits: keeping the digits themselves would fill memory


def _loss_after(digits, rate):
    """The loss over 1,000 training digits, in nats, after one epoch on 5,000 of them."""
    few = np.random.default_rng(0).choice(len(digits.train), 5000, replace=False)
    images, onehot = digits.train.images[few], digits.train.onehot[few]
    key = zlib.crc32(onehot, zlib.crc32(images)), rate
    if key not in _KNOWN:
        _KNOWN[key] = _trained_loss(images, onehot, rate)
    return _KNOWN[key]


def _trained_loss(images, onehot, rate):
    from lenet_tutorial.backend import keras
    from lenet_tutorial.model import build_lenet

    keras.utils.set_random_seed(0)
    model = build_lenet()
    model.compile(loss="categorical_crossentropy", optimizer=keras.optimizers.SGD(rate))
    model.fit(images, onehot, batch_size=100, epochs=1, verbose=0)
    return float(model.evaluate(images[:1000], onehot[:1000], batch_size=500, verbose=0))


def _loss_text(loss):
    return f"{loss:.2f}" if np.isfinite(loss) else "NaN, not a number"


def precision_per_class(matrix):
    """A column holds all the digits with this prediction; those on the diagonal are right."""
    return np.diag(matrix) / matrix.sum(axis=0)


@exercise(
    solution=precision_per_class,
    asks_for_function=True,
    hints=(
        "Which numbers of the matrix count digits that the network called 8: a row or a column?",
        "The right ones among them are on the diagonal, `np.diag(matrix)`. Along which axis do you sum the rest?",
    ),
)
def precision(function: answers.Function) -> Feedback:
    """Of all the digits that the network calls k, what share is k?"""
    random = np.random.default_rng(4)
    for _ in range(2):
        matrix = random.integers(1, 30, (10, 10)) + np.diag(random.integers(100, 300, 10))
        found = function.array(matrix, wanted=(10,))
        if not np.allclose(found, precision_per_class(matrix)):
            return off(_misjudged(matrix, found))
    return right("Try it on `matrix`. Is the class with the lowest precision the one whose column you looked at above?")


def _misjudged(matrix, found):
    """What is off with ten numbers that are not the precision of each class."""
    wanted, hits = precision_per_class(matrix), np.diag(matrix)
    known = {
        "You summed the rows. That answers another question, called *recall*: of all the digits that *are* k, what "
        "share is read as k?": hits / matrix.sum(axis=1),
        "That is the share of wrong predictions. Which share is right?": 1 - wanted,
        "That is in percent. Give a share from 0 to 1.": 100 * wanted,
        "You divided by all digits. Only those that the network calls k count here.": hits / matrix.sum(),
        "Those are counts. Divide them to get shares.": hits,
        "You left the right predictions out of what you divide by. The whole column counts.": hits
        / (matrix.sum(axis=0) - hits),
    }
    return answers.mistake(found, known) or "Ten numbers, but the wrong ones. Take one class, and count by hand."


LESSON = Exercises((one_step, too_fast, precision))
tally = LESSON.tally
