"""Lesson 8: how long momentum makes a step, an optimizer between SGD and Adam, and an interval from paired runs."""

import numpy as np
from scipy import stats

from lenet_tutorial.exercises import answers
from lenet_tutorial.exercises.exercise import Exercises, exercise
from lenet_tutorial.exercises.feedback import Feedback, off, right


def many_equal_slopes():
    """Take so many steps that the last one does not grow any more."""
    step = 0.0
    for _ in range(1000):
        step = 0.95 * step + 0.02 * 1.0
    return step


@exercise(
    solution=many_equal_slopes,
    hints=(
        "Once the step has stopped growing, it is the same before and after. Without its sign: v = 0.95 v + 0.02.",
        "Solve that for v; or write a loop and watch.",
    ),
)
def longest_step(answer: object) -> Feedback:
    """How long do steps become with a learning rate of 0.02, a momentum of 0.95, and a slope of 1 all the time?"""
    known = {
        0.02: "So long is the first step. Each further one adds a share of the last.",
        0.039: "So long is the second step. They go on growing.",
        0.2: "That would be right for the momentum of the lesson, 0.9.",
        20: "So many times longer than without momentum. How long is the step itself?",
        0.38: "That is what a step takes over from the last one. Its own slope is to be added.",
    }
    length = abs(answers.number(answer))
    if abs(length - 0.4) < 0.004:
        return right(
            "Twenty times as long as without momentum: that is as if the learning rate were 0.4. Whoever turns "
            "momentum on has changed the learning rate, too."
        )
    found = [words for near, words in known.items() if abs(length - near) < 0.01 * near]
    return off(found[0] if found else "Too long." if length > 0.4 else "Too short.")


def by_root_mean_square(slopes, rate):
    """Divide each slope by the root of a running mean of squares; nothing is averaged above the line."""
    w, s = 0.0, 0.0
    for g in slopes:
        s = 0.9 * s + 0.1 * g**2
        w = w - rate * g / np.sqrt(s)
    return w


@exercise(
    solution=by_root_mean_square,
    asks_for_function=True,
    hints=(
        "Start from the lesson's `adam` and take away what is not asked for: m, and both divisions by 1 - βᵗ. The "
        "weights begin at 0 here.",
        "Order matters: this step's slope goes into s first, and then divides by its root.",
    ),
)
def rmsprop(function: answers.Function) -> Feedback:
    """Write RMSprop: SGD whose slopes are divided by the root of a running mean of their squares."""
    random = np.random.default_rng(7)
    for steps, rate in ((3, 0.1), (1, 0.01), (6, 0.3)):
        slopes = random.uniform(0.5, 4, (steps, 4)) * random.choice((-1, 1), (steps, 4))  # far above any epsilon
        moved = function.array(slopes, rate, wanted=(4,))
        if not np.allclose(moved, by_root_mean_square(slopes, rate), rtol=1e-3, atol=1e-3 * rate):
            return off(_misstepped(slopes, rate, moved))
    return right("Hinton taught it in 2012. Adam adds a mean above the line, and corrects both for their start.")


def _misstepped(slopes, rate, moved):
    """What is off with weights that RMSprop would not have reached."""

    def ends(share=0.1, *, root=True, correct=False, sign=-1):
        w, s = 0.0, 0.0
        for t, g in enumerate(slopes, 1):
            s = (1 - share) * s + share * g**2
            mean = s / (1 - (1 - share) ** t) if correct else s
            w = w + sign * rate * g / (np.sqrt(mean) if root else mean)
        return w

    squares = np.cumsum(slopes**2, axis=0)
    known = {
        "These weights climbed: a step goes against the slope.": ends(sign=1),
        "The slope is divided by the mean of the squares itself; take its root.": ends(root=False),
        "There is a division by 1 - βᵗ in it, as in Adam. RMSprop does without.": ends(correct=True),
        "Nine tenths of the old mean are kept and one tenth is new; yours does it the other way round.": ends(0.9),
        "Your mean keeps 0.999 of what it was, as Adam's does. It was to keep 0.9.": ends(0.001),
        "The slopes are not divided by anything: that is SGD.": -rate * slopes.sum(axis=0),
        "Your squares are added up and none is ever forgotten: that is AdaGrad.": -rate
        * (slopes / np.sqrt(squares)).sum(axis=0),
        "You divide by the root of the mean of all squares so far. A running mean forgets the old ones.": -rate
        * (slopes / np.sqrt(squares / np.arange(1, len(slopes) + 1)[:, None])).sum(axis=0),
        "The slopes are divided by their own size in this step alone. Where is the running mean?": -rate
        * np.sign(slopes).sum(axis=0),
    }
    return (
        answers.mistake(moved, known, rtol=1e-3, atol=1e-3 * rate)
        or "Not where RMSprop ends. Try it on one slope: by which number is that one divided?"
    )


def paired_half_width(first, second):
    """The difference of each pair, and Student's t for the mean of these."""
    from scipy import stats

    differences = first - second
    n = len(differences)
    return stats.t.ppf(0.975, n - 1) * differences.std(ddof=1) / np.sqrt(n)


@exercise(
    solution=paired_half_width,
    asks_for_function=True,
    hints=(
        "Seed 0 of the one belongs to seed 0 of the other. What is left when you subtract one array from the other?",
        "From here on it is the lesson's interval over seeds: `stats.t.ppf`, a standard deviation, a root.",
    ),
)
def half_width(function: answers.Function) -> Feedback:
    """How far does the 95 % interval of the mean difference of paired runs reach to each side?"""
    random = np.random.default_rng(11)
    for n in (3, 5, 8):
        shared = random.normal(0, 1, n)  # what a seed does to both alike
        first, second = 98 + shared + random.normal(0, 0.2, (2, n))
        if not np.isclose(found := function.number(first, second), paired_half_width(first, second), rtol=1e-3):
            return off(_misjudged(first, second, found))
    return right(
        "In the runs of this check a seed does nearly the same to both, and that drops out: the interval is narrower "
        "than without pairing. Where it does nothing of the kind, pairing buys nothing, and costs degrees of freedom."
    )


def _misjudged(first, second, found):
    """What is off with half a width."""
    differences, wanted = first - second, paired_half_width(first, second)
    n = len(differences)
    error, t = differences.std(ddof=1) / np.sqrt(n), stats.t.ppf(0.975, n - 1)
    apart = np.sqrt((first.var(ddof=1) + second.var(ddof=1)) / n)
    known = {
        "That is the whole width, from one end to the other.": 2 * wanted,
        "1.96 is right for many runs. These are few, and Student's t knows it.": 1.96 * error,
        "`std` divides by n unless it is told `ddof=1`.": t * differences.std() / np.sqrt(n),
        "So far single runs spread. The mean of n runs spreads less.": t * differences.std(ddof=1),
        "That is an end of the interval. How far is it from the mean to there?": differences.mean() + wanted,
        "That is the other end of the interval. How far is it from the mean to there?": differences.mean() - wanted,
        "That is a standard error. How many of them reach to the end of a 95 % interval?": error,
        "Student's t has to leave 2.5 % at *each* end.": stats.t.ppf(0.95, n - 1) * error,
        "One degree of freedom fewer than runs: the mean took one.": stats.t.ppf(0.975, n) * error,
    }
    unpaired = [factor * apart for factor in (1, 1.96, t, stats.t.ppf(0.975, 2 * n - 2))]
    if np.isclose(found, unpaired, rtol=1e-3).any():
        return "The runs are not paired: both spreads went into it, and with them what each seed does to both."
    return answers.mistake(found, known, rtol=1e-3) or ("Too wide." if found > wanted else "Too narrow.")


LESSON = Exercises((longest_step, rmsprop, half_width))
tally = LESSON.tally
