"""Lesson 2: one value of a map, how many positions a kernel has, and a kernel designed by hand."""

import numpy as np

from lenet_tutorial.exercises import answers
from lenet_tutorial.exercises.exercise import Exercises, exercise
from lenet_tutorial.exercises.feedback import Feedback, off, right


def products_and_bias():
    """Four products, their sum, the bias, and ReLU."""
    total = 1 * 1 + 2 * 0 + 0 * 1 + (-1) * 1
    return max(total + 0.5, 0)


@exercise(
    solution=products_and_bias,
    hints=(
        "Multiply each weight by the pixel at the same position. That gives four products.",
        "Add the four products and the bias. ReLU changes the result only if it is negative.",
    ),
)
def one_value(answer: object) -> Feedback:
    """What is the value of the map after ReLU, from four weights, four pixels and a bias?"""
    answer = answers.number(answer)
    known = {
        0.0: off("That's the sum of the four products. The bias is still missing."),
        -0.5: off("Add the bias; you subtracted it. And after ReLU nothing is negative."),
        2.5: off("Check the sign of the last product: the weight is -1."),
        1.5: off("One product is missing: the weight -1 lies on a pixel with ink."),
        3.5: off("The weight 2 lies on an empty pixel, so its product is 0."),
    }
    if answer == 0.5:
        return right("The products add up to 0, so only the bias is left, and ReLU lets it pass.")
    return known.get(float(answer)) or off(
        "Multiply each weight by its own pixel, add the four products, then the bias."
    )


def positions_of_the_window():
    """The first position is 0; the last one leaves room for five pixels; every second one counts."""
    side = len(range(0, 28 - 5 + 1, 2))
    return side, side


@exercise(
    solution=positions_of_the_window,
    hints=(
        "Begin with a stride of 1: at how many positions does a window of 5 fit into a row of 6 pixels? Of 28?",
        "It fits at 24 positions, from 0 to 23. With a stride of 2 you use the positions 0, 2, 4 and so on.",
    ),
)
def positions(answer: object) -> Feedback:
    """How large is the map of a 5×5 kernel on 28×28 pixels, without padding and with a stride of 2?"""
    known = {
        (12, 12): right("24 positions without stride, and every second one of them."),
        (24, 24): off("That is the map with a stride of 1."),
        (14, 14): off("That is the map with padding. Here the window must lie inside the image."),
        (11, 11): off("The window starts at 0, 2, 4 and so on. Which is the last start that fits? Count all of them."),
        (13, 13): off("The last window must fit into the image with all of its 5 pixels."),
        (28, 28): off("That is the image itself."),
        (12,): off("A map has rows and columns: give both."),
        (144,): off("That is the number of values in the map. Give its rows and its columns."),
    }
    answer = answers.shape(answer)
    if len(answer) not in (1, 2):
        return off(f"A map of one kernel has two axes, rows and columns; yours has {len(answer)}.")
    return known.get(answer) or off("Count the positions along one side: 0, 2, 4, …, as long as 5 pixels still fit.")


def ink_left_and_none_right():
    """A vertical stroke has ink on the left and none on the right of its edge. Each row adds up to 0."""
    return np.array([[1, 1, -1, -1], [1, 1, -1, -1], [1, 1, -1, -1], [1, 1, -1, -1]])


@exercise(
    solution=ink_left_and_none_right,
    hints=(
        "Lay the kernel on the right edge of a vertical stroke: which of its columns lie on ink?",
        "Positive weights where ink should be, negative weights where it should not be.",
        "On solid ink the sum is the sum of all 16 weights. Make it 0.",
    ),
)
def vertical(answer: object) -> Feedback:
    """Find vertical strokes, and neither horizontal ones nor solid ink."""
    kernel = answers.array(answer)
    if kernel.shape != (4, 4):
        return off(f"Four rows of four weights are wanted; yours is {answers.described(kernel)}.")
    if kernel.max() <= 0:
        return off("Without a positive weight the sum is never above 0, and ReLU leaves nothing.")
    along, across, solid = _largest_activations(kernel)
    if across > 2 * along:
        return off("Your kernel finds strokes, but the horizontal ones. Turn it by 90 degrees.")
    if along < 1e-6:
        return off("On a vertical stroke the sum is never above 0, so ReLU leaves nothing.")
    if solid > along / 2:
        return off(
            f"Solid ink gives {solid:.1f} and a vertical stroke {along:.1f}. What do your 16 weights add up to? On "
            "solid ink, that sum is all that counts."
        )
    if across > along / 2:
        return off(f"A horizontal stroke gives {across:.1f} and a vertical one {along:.1f}: that's too much.")
    return right(
        f"It gives {along:.1f} for vertical strokes, {across:.1f} for horizontal ones and {solid:.1f} for solid ink."
    )


def _largest_activations(kernel):
    """The kernel's mean largest activations, after ReLU: on vertical strokes, on horizontal ones, on solid ink."""
    random = np.random.default_rng(2)
    found = []
    for _ in range(20):
        image, left, width = np.zeros((16, 16)), random.integers(4, 10), random.integers(2, 4)
        image[:, left : left + width] = random.uniform(0.8, 1)
        for picture in (image, image.T, np.ones((16, 16))):
            windows = np.lib.stride_tricks.sliding_window_view(picture, (4, 4))
            found.append(max(0.0, (windows * kernel).sum(axis=(2, 3)).max()))
    return np.reshape(found, (-1, 3)).mean(axis=0)


LESSON = Exercises((one_value, positions, vertical))
tally = LESSON.tally
