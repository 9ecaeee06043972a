"""Lesson 4: a learning rate that is too large, a network that is much smaller, and reading a confusion matrix."""

import functools
import zlib

import numpy as np

from lenet_tutorial import evaluation, textbook
from lenet_tutorial.data import Digits
from lenet_tutorial.exercises import answers
from lenet_tutorial.exercises.exercise import Exercises, exercise
from lenet_tutorial.exercises.feedback import Feedback, off, right

GUESSING = np.log(10)  # what ten equal probabilities cost, in nats
SHORT_STEPS = 0.05  # below this learning rate 50 steps may end near where they began, and not for being too long
NEAR = 2.0  # points of accuracy


def grow_until_it_fails(digits):
    """Three times the learning rate each time, until a short training ends no better than guessing."""
    from lenet_tutorial.backend import keras
    from lenet_tutorial.model import build_lenet

    images, onehot = digits.train.images[:5000], digits.train.onehot[:5000]
    rate, loss = 0.1, 0.0
    while loss < np.log(10) - 0.1:  # a loss that is no number any more ends it, too
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
        "The textbook's 0.01 is far below the edge. Make it larger in steps of three or ten, and watch the loss.",
        "Is the loss after an epoch near ln 10 or above it? Then the network knows no more than before.",
    ),
)
def too_fast(answer: object, digits: Digits) -> Feedback:
    """A learning rate with which training fails, while a tenth of it still learns."""
    rate = answers.number(answer)
    if rate <= 0:
        raise answers.Unusable("A learning rate is greater than 0: it says how far to step against the slope.")
    loss = _loss_after(digits, float(rate))
    if rate < SHORT_STEPS:
        return off(f"After an epoch with {rate:g} the loss is {_loss_text(loss)}: slow, since the steps are so short.")
    if loss < GUESSING - 0.1:
        return off(f"With {rate:g} the network learns: after an epoch the loss is {_loss_text(loss)}. It bears more.")
    tenth = _loss_after(digits, float(rate / 10))
    if not tenth < GUESSING - 0.1:
        return off(f"Training fails with {rate:g}, but with {rate / 10:g}, too. The edge is lower.")
    return right(
        f"After an epoch with {rate:g} the loss is {_loss_text(loss)}, where guessing costs {GUESSING:.2f}. "
        f"With {rate / 10:g} it is {_loss_text(tenth)}. A slope holds only near the point where it was taken: who goes "
        "too far lands anywhere."
    )


def _once_for_the_data(measure):
    """Remember what ``measure(digits, ...)`` gave by a checksum of the digits: keeping them would fill memory."""
    known = {}

    @functools.wraps(measure)
    def remembered(digits, *settings):
        checksum = 0
        for part in (digits.train, digits.validation):
            for values in (part.images[:5000], part.onehot[:5000]):
                checksum = zlib.crc32(np.ascontiguousarray(values), checksum)
        key = checksum, *settings
        if key not in known:
            known[key] = measure(digits, *settings)
        return known[key]

    return remembered


@_once_for_the_data
def _loss_after(digits, rate):
    """The loss over 1,000 training digits, in nats, after one epoch on 5,000 of them."""
    model = _trained(digits, rate=rate, batch_size=100)
    images, onehot = digits.train.images[:1000], digits.train.onehot[:1000]
    return float(model.evaluate(images, onehot, batch_size=500, verbose=0))


def _trained(digits, *, rate, batch_size, n_dense=textbook.N_DENSE):
    """The textbook's network, or one with fewer neurons, after one epoch on the first 5,000 training digits."""
    from lenet_tutorial.backend import keras
    from lenet_tutorial.model import build_lenet

    keras.utils.set_random_seed(0)
    model = build_lenet(n_dense=n_dense)
    model.compile(loss="categorical_crossentropy", optimizer=keras.optimizers.SGD(rate))
    model.fit(digits.train.images[:5000], digits.train.onehot[:5000], batch_size=batch_size, epochs=1, verbose=0)
    return model


def _loss_text(loss):
    return f"{loss:.2f}" if np.isfinite(loss) else "no number any more"


def what_it_costs(digits):
    """Train both alike, and take the difference on digits that neither has seen."""
    from lenet_tutorial.backend import keras
    from lenet_tutorial.model import build_lenet

    shares = []
    for n_dense in (1024, 102):
        keras.utils.set_random_seed(0)
        model = build_lenet(n_dense=n_dense)
        model.compile(loss="categorical_crossentropy", optimizer=keras.optimizers.SGD(0.1), metrics=["accuracy"])
        model.fit(digits.train.images[:5000], digits.train.onehot[:5000], batch_size=20, epochs=1, verbose=0)
        shares.append(model.evaluate(digits.validation.images, digits.validation.onehot, verbose=0)[1])
    return 100 * (shares[0] - shares[1])


@exercise(
    solution=what_it_costs,
    hints=(
        "`build_lenet(n_dense=102)` has about a tenth of the parameters. Which layers stay as they were?",
        "Measure it: train both with the same seed, and compare their accuracies on `digits.validation`.",
    ),
)
def tenfold(answer: object, digits: Digits) -> Feedback:
    """How many points of accuracy does it cost to shrink the Dense layer tenfold?"""
    points = answers.number(answer)
    if abs(points) > 100:
        return off("There are only 100 points to lose.")
    wide, slim = _wide_and_slim(digits)
    cost = 100 * (wide.value - slim.value)
    if abs(points - cost) <= NEAR:
        return right(
            f"1,024 neurons: {wide}. 102 neurons: {slim}. That is {cost:.1f} points for nine tenths of the parameters, "
            "in one run each; another seed moves such numbers, too. Most of them are hardly missed here."
        )
    if points > 50:
        return off("Is that an accuracy? The *difference* between the two is asked for, in points.")
    if points < -NEAR:
        return off("Below 0 would mean that the smaller network reads clearly better.")
    return off(f"It costs {'less' if points > cost else 'more'} than that. What is it that those parameters do?")


@_once_for_the_data
def _wide_and_slim(digits):
    """The accuracies on the validation digits of the textbook's network and of one with 102 neurons."""
    found = []
    for n_dense in (textbook.N_DENSE, textbook.N_DENSE // 10):
        model = _trained(digits, rate=0.1, batch_size=20, n_dense=n_dense)
        read = model.predict(digits.validation.images, batch_size=500, verbose=0).argmax(axis=1)
        found.append(evaluation.accuracy(digits.validation.labels, read))
    return found


def precision_per_class(matrix):
    """A column holds all the digits that got this answer; those on the diagonal got it rightly."""
    return np.diag(matrix) / matrix.sum(axis=0)


@exercise(
    solution=precision_per_class,
    asks_for_function=True,
    hints=(
        "Which numbers of the matrix count digits that the network called 8: a row or a column?",
        "The right ones among them stand on the diagonal, `np.diag(matrix)`. Along which axis is the sum?",
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
    return right("Try it on `matrix`. Is the answer that deserves least belief also the digit that is misread most?")


def _misjudged(matrix, found):
    """What is off with ten numbers that are not the shares to be believed."""
    wanted, hits = precision_per_class(matrix), np.diag(matrix)
    known = {
        "That answers another question: of all the digits that *are* k, how many does it read rightly?": hits
        / matrix.sum(axis=1),
        "That is the share of wrong answers.": 1 - wanted,
        "That is in percent; a share is wanted, from 0 to 1.": 100 * wanted,
        "These shares are of all digits. Only those that the network calls k count.": hits / matrix.sum(),
        "These are counts; shares are wanted.": hits,
        "The right answers themselves belong to what you divide by, too.": hits / (matrix.sum(axis=0) - hits),
    }
    return answers.mistake(found, known) or "Ten numbers, but not these: take one class, and count by hand."


LESSON = Exercises((too_fast, tenfold, precision))
tally = LESSON.tally
