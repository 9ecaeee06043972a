"""Lesson 6: how far a logit must lead, the page that a score without a bend wants, and when two views are the same."""

import numpy as np

from lenet_tutorial.exercises import answers
from lenet_tutorial.exercises.exercise import Exercises, exercise
from lenet_tutorial.exercises.feedback import Feedback, off, right

OTHERS, SURE = 9, 0.9


def margin_for_nine_tenths():
    """Softmax: e to the lead stands against nine times e to 0. It must be nine times as much as these together."""
    return np.log(9 * 9)


@exercise(
    solution=margin_for_nine_tenths,
    hints=(
        "Softmax takes only differences seriously: let the nine other logits be 0. What are e to the power of these?",
        "With the lead L, the probability is e to the L, divided by e to the L plus nine.",
        "For 0.9, e to the L must be nine times as large as the nine others together.",
    ),
)
def logit_margin(answer: object) -> Feedback:
    """By how much must one logit lead over nine equal ones, for a probability of 0.9?"""
    found, truth = answers.number(answer), float(np.log(OTHERS * SURE / (1 - SURE)))
    if abs(found - truth) <= 0.05:
        return right(
            "It is so whether the logits are 4.4 and nine times 0, or 104.4 and nine times 100. How large a logit is "
            "says nothing by itself: on a page with a larger one than any real digit, the others may be larger, too."
        )
    if abs(found - np.log(SURE / (1 - SURE))) <= 0.05:
        return off("That would do against one other class. Here are nine.")
    if abs(found - np.exp(truth)) <= 0.5:
        return off("So much larger its power of e must be. Which lead gives that?")
    if abs(found - truth / np.log(10)) <= 0.02 or abs(found - truth / np.log(2)) <= 0.05:
        return off("The right idea, with the logarithm to another base. Softmax takes powers of e.")
    given = 1 / (1 + OTHERS * np.exp(-np.clip(found, -50, 50)))
    return off(
        f"A lead of {found:g} gives a probability of {given:.1%}. {'Less' if found > truth else 'More'} is needed."
    )


def best_image(weights, n):
    """Ink for the n largest weights, and of these only for those above 0: the others would lower the score."""
    page = np.zeros(weights.shape)
    largest = np.argsort(weights, axis=None)[::-1][:n]
    page.flat[largest] = weights.flat[largest] > 0
    return page


@exercise(
    solution=best_image,
    asks_for_function=True,
    hints=(
        "The slope of this score is the same on every page. At which pixel does a little ink raise it most?",
        "`np.argsort(weights, axis=None)` gives positions in the flattened array, the smallest weight first; "
        "`page.flat[...]` takes such positions.",
        "What if fewer than n weights are above 0?",
    ),
)
def linear_maximum(function: answers.Function) -> Feedback:
    """The page with ink for n pixels at most that has the highest score, if the score is only weights times pixels."""
    random = np.random.default_rng(7)
    for shape, n, shift in (((6, 5), 4, 0.0), ((28, 28), 60, 0.3), ((5, 4), 12, -1.0), ((4, 6), 5, -9.0)):
        weights = random.normal(size=shape) + shift
        page = function.array(weights, n, wanted=shape)
        if not np.isclose((page * weights).sum(), (best_image(weights, n) * weights).sum()) or _forbidden(page, n):
            return off(_forbidden(page, n) or _lower_score(weights, page, n))
    return right(
        "No climb is needed where the slope is the same everywhere. And look what such a page is: ink wherever it "
        "raises the score most, also where no digit ever had any. Nothing in it asks for a stroke."
    )


def _forbidden(page, n):
    """What makes a page one that is not allowed; empty if it is allowed."""
    if page.min() < -1e-9:
        return "Ink below 0 there is none. A pixel goes from 0, paper, to 1, full ink."
    if page.max() > 1 + 1e-9:
        return "More than full ink there is none. A pixel goes from 0, paper, to 1, full ink."
    if page.sum() > n + 1e-6:
        return f"That is ink for {page.sum():.1f} pixels; there is ink for {n}."
    return ""


def _lower_score(weights, page, n):
    """What is off with a page that is allowed, and not the best."""
    got, best = (page * weights).sum(), (best_image(weights, n) * weights).sum()
    scores = f"This page scores {got:.2f}, another one {best:.2f}."
    largest = np.abs(weights) >= np.sort(np.abs(weights), axis=None)[-n]
    if np.array_equal(page > 0, largest) and (weights[largest] < 0).any():
        return f"{scores} A large weight below 0 is a strong one, too; but what does ink do there?"
    if np.any(page[weights < 0] > 0):
        return f"{scores} Some of the ink lowers the score; nobody says that all of it must be used."
    if np.isclose(page.sum(), n) or np.all(page[weights > 0] > 0):
        return f"{scores} The same ink, laid elsewhere, gives more."
    return f"{scores} There is ink left, and there are pixels where it would raise the score."


def same_up_to_sign(a, b):
    """Each axis for itself is the same in both, or turned round as a whole."""
    same = np.isclose(a, b).all(axis=0)
    flipped = np.isclose(a, -b).all(axis=0)
    return (same | flipped).all()


@exercise(
    solution=same_up_to_sign,
    asks_for_function=True,
    hints=(
        "A direction and its opposite say the same of the spread. Turn it round: what becomes of the points?",
        "`np.isclose(a, b).all(axis=0)` says for each axis whether all points agree. What is the other possibility?",
    ),
)
def same_projection(function: answers.Function) -> Feedback:
    """Whether two views are the same, up to rounding and to the sign of each axis."""
    random = np.random.default_rng(8)
    view = random.normal(size=(40, 3))
    pairs = {
        "You call a view different from itself. Rounding moved its points by a billionth or so.": (view + 1e-10, True),
        "With all axes turned round, the view is still the same.": (-view, True),
        "Each axis has a sign of its own: one may be turned round, and the others not.": (view * [1, -1, 1], True),
        "You call two views the same that have nothing in common.": (random.normal(size=(40, 3)), False),
        "One was twice as large. That is more than a sign.": (2 * view, False),
        "Two axes had changed places. The first one has the most spread; that is more than a sign.": (
            view[:, [1, 0, 2]],
            False,
        ),
        "In one of these views, single points had changed sides. An axis turns as a whole, with all its points.": (
            np.where(random.random(view.shape) < 0.5, view, -view),
            False,
        ),
    }
    for words, (other, truth) in pairs.items():
        same = function(view, other)
        if not isinstance(same, bool | np.bool_):
            raise answers.Unusable(
                f"True or False is wanted, one for the whole view; your function gave {answers.described(same)}."
            )
        if same != truth:
            return off(words)
    return right(
        "The lesson's own comparison, of absolute values, is too generous: for it, a view stays the same when single "
        "points change sides."
    )


LESSON = Exercises((logit_margin, linear_maximum, same_projection))
tally = LESSON.tally
