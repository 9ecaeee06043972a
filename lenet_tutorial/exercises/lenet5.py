"""Lesson 10: the connections of a layer without its table, a row of the table of 1998, and distances to codes."""

import numpy as np

from lenet_tutorial.exercises import answers
from lenet_tutorial.exercises.exercise import Exercises, exercise
from lenet_tutorial.exercises.feedback import Feedback, off, right


def without_a_table():
    """Each of 16 maps sees six, so there are 96 kernels of 25 weights; each map has a bias. All are used 100 times."""
    return 10 * 10 * (16 * 6 * 25 + 16)


@exercise(
    solution=without_a_table,
    hints=(
        "Begin with one map and one position: a map that sees six others has six kernels of 5×5 and one bias.",
        "There are 16 maps, and each has 10×10 positions.",
        "Check your way of counting: with the table there are 60 kernels, and you should get 151,600.",
    ),
)
def connections(answer: object) -> Feedback:
    """How many connections would C3 have if each of its maps saw all six?"""
    known = {
        151_600: off("That's with the table. Now let each map see all six."),
        240_000: off("Almost: each position of each map also adds a bias."),
        2_416: off("Those would be its parameters. Each of them is used at every position."),
        2_400: off("Those would be its weights. Add the biases, and count every position."),
        240_100: off("One bias for all? Each of the 16 maps has one."),
        249_600: off("A bias belongs to a map, not to each of its kernels."),
        473_536: off("A 5×5 window has fewer than 14×14 positions."),
        41_600: off("That's one kernel for each map. Each map has one for every map that it sees."),
    }
    count = answers.whole(answer)
    if count == without_a_table():
        return right("2,416 parameters, each used at 100 positions. The table saves more than a third of both.")
    return known.get(count) or off("Too many." if count > without_a_table() else "Too few.")


def recorded():
    """Read the records: the mean error of LeNet-1's runs, in percent."""
    from lenet_tutorial.studies.lenet5_1998 import errors
    from lenet_tutorial.studies.lenet5_1998.run import STUDY

    return 100 * errors.result(STUDY.read(), "lenet1").error.value


@exercise(
    solution=recorded,
    hints=(
        "LeNet-5 and the dense networks are its neighbors. Is it likely to be better than LeNet-5? Worse than the "
        "dense networks?",
        "It shares its kernels as LeNet-5 does. It has far fewer of them, and it sees less of each digit.",
        "In 1998 it was 1.7. Did the other networks get better since, or worse?",
    ),
)
def row(answer: object) -> Feedback:
    """Which percentage of the test digits does LeNet-1 misread today?"""
    percent, wanted = answers.number(answer), recorded()
    if abs(percent - wanted) < 0.3:
        return right(
            f"{wanted:.2f}%, with 2,578 parameters: fewer errors than any dense network of the table, with less than "
            "one in ninety of their parameters."
        )
    if 0 < percent < 0.05:
        return off("In percent, please: 0.01 of the digits is 1%.")
    if percent > 50:
        return off("Which percentage is *misread*?")
    return off("It does better than that." if percent > wanted else "It isn't that good.")


def by_loops(values, codes):
    """Go through all digits and all codes."""
    return np.array([[((value - code) ** 2).sum() for code in codes] for value in values])


@exercise(
    solution=by_loops,
    asks_for_function=True,
    hints=(
        "Two loops are fine: one over the digits, one over the codes.",
        "Without loops: `values[:, None] - codes[None]` has the shape (n, 10, 84).",
    ),
)
def distances(function: answers.Function) -> Feedback:
    """Squared distances between what F6 draws (n, 84) and the codes (10, 84)."""
    random = np.random.default_rng(10)
    for n in (4, 1, 7):
        values, codes = random.normal(size=(n, 84)), random.choice([-1.0, 1.0], size=(10, 84))
        found, wanted = function.array(values, codes), by_loops(values, codes)
        if found.shape != wanted.shape:
            return off(_of_another_shape(found, n))
        if not np.allclose(found, wanted):
            return off(_not_the_distances(found, values, codes, wanted))
    return right("The smallest of each row is the prediction. You have written LeNet-5's last layer.")


def _of_another_shape(found, n):
    known = {
        (10, n): "You have a row for each code: a row for each digit is wanted.",
        (n, 10, 84): "You still have a number for each dot: add them up.",
        (n,): "That's one number for each digit. Each has a distance to all ten codes.",
    }
    wanted = f"For {n} digits the shape ({n}, 10) is wanted; yours is {found.shape}."
    return " ".join(filter(None, [wanted, known.get(found.shape)]))


def _not_the_distances(found, values, codes, wanted):
    known = {
        "That is the distance. The *squared* distance is wanted, without the root.": np.sqrt(wanted),
        "That is the mean over the dots. The sum is wanted.": wanted / 84,
        "Those are the differences without squares: let none cancel another.": values.sum(1)[:, None] - codes.sum(1),
        "Those are sums of absolute differences. Square them instead.": np.abs(values[:, None] - codes).sum(-1),
        "The sign is turned around: a squared distance is never negative.": -wanted,
        "Those are products, as a dense layer has them. Take differences.": values @ codes.T,
    }
    return answers.mistake(found, known) or "The shape is right. The numbers are not the squared distances."


LESSON = Exercises((connections, row, distances))
tally = LESSON.tally
