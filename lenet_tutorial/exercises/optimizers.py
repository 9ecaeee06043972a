"""Lesson 8: how long momentum makes a step, an optimizer between SGD and Adam, and an interval from paired runs."""

import numpy as np
from scipy import stats

from lenet_tutorial.exercises import answers
from lenet_tutorial.exercises.exercise import Exercises, exercise
from lenet_tutorial.exercises.feedback import Feedback, off, right


def many_equal_gradients():
    """Take so many steps that the last one does not grow any more."""
    step = 0.0
    for _ in range(1000):
        step = 0.95 * step + 0.02 * 1.0
    return step


@exercise(
    solution=many_equal_gradients,
    hints=(
        "When the step has stopped growing, it is the same before and after. Without its sign: v = 0.95 v + 0.02.",
        "Solve that for v; or write a loop and watch.",
    ),
)
def longest_step(answer: object) -> Feedback:
    """How long do steps become with a learning rate of 0.02, a momentum of 0.95, and a gradient that stays at 1?"""
    known = {
        0.02: "That is the first step. Each later one adds 0.95 of the one before.",
        0.039: "That is the second step. They go on growing.",
        0.2: "That would be right for the momentum of the lesson, 0.9.",
        20: "That is how many times longer it gets than without momentum. How long is the step itself?",
        0.38: "That is what a step takes over from the last one. Add its own gradient's share.",
    }
    length = abs(answers.number(answer))
    if abs(length - 0.4) < 0.004:
        return right(
            "Twenty times as long as without momentum, as if the learning rate were 0.4. If you turn on momentum, "
            "you change the learning rate, too."
        )
    found = [words for near, words in known.items() if abs(length - near) < 0.01 * near]
    return off(found[0] if found else "Too long." if length > 0.4 else "Too short.")


def by_root_mean_square(gradients, rate):
    """Divide each gradient by the root of a running mean of squares; the gradients themselves are not averaged."""
    w, s = 0.0, 0.0
    for g in gradients:
        s = 0.9 * s + 0.1 * g**2
        w = w - rate * g / np.sqrt(s)
    return w


@exercise(
    solution=by_root_mean_square,
    asks_for_function=True,
    hints=(
        "Start from the lesson's `adam`, and take away m and both divisions by 1 - βᵗ.",
        "The order matters: first put this step's gradient into s, then divide by the root.",
    ),
)
def rmsprop(function: answers.Function) -> Feedback:
    """Write RMSprop: SGD with each gradient divided by the root of a running mean of its squares."""
    random = np.random.default_rng(7)
    for steps, rate in ((3, 0.1), (1, 0.01), (6, 0.3)):
        gradients = random.uniform(0.5, 4, (steps, 4)) * random.choice((-1, 1), (steps, 4))  # far above any epsilon
        moved = function.array(gradients, rate, wanted=(4,))
        if not np.allclose(moved, by_root_mean_square(gradients, rate), rtol=1e-3, atol=1e-3 * rate):
            return off(_misstepped(gradients, rate, moved))
    return right("Hinton taught it in 2012. Adam also averages the gradients, and corrects both means for their start.")


def _misstepped(gradients, rate, moved):
    """What is wrong with weights that RMSprop would not have reached."""

    def ends(share=0.1, *, root=True, correct=False, sign=-1):
        w, s = 0.0, 0.0
        for t, g in enumerate(gradients, 1):
            s = (1 - share) * s + share * g**2
            mean = s / (1 - (1 - share) ** t) if correct else s
            w = w + sign * rate * g / (np.sqrt(mean) if root else mean)
        return w

    squares = np.cumsum(gradients**2, axis=0)
    known = {
        "These weights went uphill: a step goes against the gradient.": ends(sign=1),
        "You divide by the mean of the squares. Take its root first.": ends(root=False),
        "You divide by 1 - βᵗ, as Adam does. RMSprop doesn't.": ends(correct=True),
        "Keep nine tenths of the old mean and add a tenth of the new square. Yours does the reverse.": ends(0.9),
        "Your mean keeps 0.999 of its old value, as Adam's does. It should keep 0.9.": ends(0.001),
        "You don't divide the gradients by anything: that is SGD.": -rate * gradients.sum(axis=0),
        "You add up the squares and never forget one: that is AdaGrad.": -rate
        * (gradients / np.sqrt(squares)).sum(axis=0),
        "You divide by the root of the mean of all squares so far. A running mean forgets the old ones.": -rate
        * (gradients / np.sqrt(squares / np.arange(1, len(gradients) + 1)[:, None])).sum(axis=0),
        "You divide each gradient by its own size in this step alone. Where is the running mean?": -rate
        * np.sign(gradients).sum(axis=0),
    }
    return (
        answers.mistake(moved, known, rtol=1e-3, atol=1e-3 * rate)
        or "RMSprop ends somewhere else. Try it on a single gradient: by which number do you divide it?"
    )


def paired_half_width(first, second):
    """Take the difference of each pair, and Student's t for the mean of the differences."""
    from scipy import stats

    differences = first - second
    n = len(differences)
    return stats.t.ppf(0.975, n - 1) * differences.std(ddof=1) / np.sqrt(n)


@exercise(
    solution=paired_half_width,
    asks_for_function=True,
    hints=(
        "Seed 0 of the first belongs to seed 0 of the second. So subtract one array from the other.",
        "The rest is the lesson's interval over seeds: `stats.t.ppf`, a standard deviation, and a root.",
    ),
)
def half_width(function: answers.Function) -> Feedback:
    """How far does the 95% interval of the mean difference of paired runs reach to each side?"""
    random = np.random.default_rng(11)
    for n in (3, 5, 8):
        shared = random.normal(0, 1, n)  # what a seed does to both alike
        first, second = 98 + shared + random.normal(0, 0.2, (2, n))
        if not np.isclose(found := function.number(first, second), paired_half_width(first, second), rtol=1e-3):
            return off(_misjudged(first, second, found))
    return right(
        "In the runs of this check, a seed has nearly the same effect on both recipes. Pairing removes it, so the "
        "interval is narrower. Where a seed has no common effect, pairing gains nothing."
    )


def _misjudged(first, second, found):
    """What is wrong with a half-width."""
    differences, wanted = first - second, paired_half_width(first, second)
    n = len(differences)
    error, t = differences.std(ddof=1) / np.sqrt(n), stats.t.ppf(0.975, n - 1)
    apart = np.sqrt((first.var(ddof=1) + second.var(ddof=1)) / n)
    known = {
        "That is the whole width, from one end to the other.": 2 * wanted,
        "1.96 is right for many runs. With few runs you need Student's t.": 1.96 * error,
        "`std` divides by n. For a sample, give it `ddof=1`.": t * differences.std() / np.sqrt(n),
        "That is how far single runs spread. The mean of n runs spreads less: divide by the root of n.": t
        * differences.std(ddof=1),
        "That is the upper end of the interval. How far is it from the mean?": differences.mean() + wanted,
        "That is the lower end of the interval. How far is it from the mean?": differences.mean() - wanted,
        "That is a standard error. How many of them make half of a 95% interval?": error,
        "Student's t has to leave 2.5% at *each* end, so ask it for 0.975.": stats.t.ppf(0.95, n - 1) * error,
        "Use n - 1 degrees of freedom: the mean took one.": stats.t.ppf(0.975, n) * error,
    }
    unpaired = [factor * apart for factor in (1, 1.96, t, stats.t.ppf(0.975, 2 * n - 2))]
    if np.isclose(found, unpaired, rtol=1e-3).any():
        return "You didn't pair the runs. Subtract seed by seed first, then take the standard deviation."
    return answers.mistake(found, known, rtol=1e-3) or ("Too wide." if found > wanted else "Too narrow.")


LESSON = Exercises((longest_step, rmsprop, half_width))
tally = LESSON.tally
