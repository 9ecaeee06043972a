"""Lesson 3: counting parameters, shapes without padding, and pooling of any size."""

import itertools

import numpy as np

from lenet_tutorial.exercises import answers
from lenet_tutorial.exercises.exercise import Exercises, exercise
from lenet_tutorial.exercises.feedback import Feedback, off, right


def weights_and_biases():
    """Each kernel has a slice of 3×3 weights for each of the 16 maps, and one bias."""
    return 8 * (3 * 3 * 16 + 1)


@exercise(
    solution=weights_and_biases,
    hints=(
        "Begin with one kernel. On each of the 16 maps it has a slice of its own.",
        "One kernel has 3·3·16 weights and one bias. There are 8 kernels.",
    ),
)
def parameters(answer: object) -> Feedback:
    """How many parameters has a convolution with 8 kernels of 3×3 on 16 maps?"""
    known = {
        1160: right("8 · (3·3·16 + 1). Nearly all of them are weights; the biases hardly count."),
        1152: off("Those are the weights. Each kernel has a bias, too."),
        80: off("That would be right on a single image. Here each kernel has a slice for each of the 16 maps."),
        72: off("Each kernel has a slice for each of the 16 maps, and a bias."),
        1280: off("One bias for each kernel, not one for each slice."),
        1168: off("Each kernel has one bias, and there are 8 kernels, not 16."),
        145: off("That is one kernel. There are 8."),
        144: off("Those are the weights of one kernel."),
    }
    return known.get(answers.whole(answer)) or off("Count one kernel first: its slices, then its bias.")


def shape_of_pool2():
    """Twice: a window of 5 fits in 4 places fewer than there are pixels, and pooling halves what is left."""
    side = 28
    for _ in range(2):
        side = side - 5 + 1
        side = side // 2
    return side, side, 64


@exercise(
    solution=shape_of_pool2,
    hints=(
        "Begin small: in how many places does a window of 5 fit into a row of 6 pixels? Of 7?",
        "28 pixels have room for 24 such windows. Pooling halves them. Now the same again.",
    ),
)
def valid(answer: object) -> Feedback:
    """Which shape does pool2 give, with 5×5 kernels and no padding?"""
    known = {
        (4, 4, 64): right(
            "Of 7×7 places 4×4 are left: without padding, the edges are lost before anything is learned."
        ),
        (7, 7, 64): off("That is the shape with padding. Here a window must lie within its input altogether."),
        (24, 24, 32): off("That is what conv1 gives. Three layers are still to come."),
        (12, 12, 32): off("That is what pool1 gives. The same twice over is wanted, with 64 kernels the second time."),
        (8, 8, 64): off("That is what goes into the last pooling."),
        (3, 3, 64): off("A window of 5 does not cost 5 places: count how often it fits into a row of 6."),
        (6, 6, 64): off("One of the convolutions lost its edges, and the other one did not."),
        (5, 5, 64): off("One of the convolutions lost its edges, and the other one did not."),
        (4, 4, 32): off("Rows and columns are right. Which convolution gives the channels?"),
        (64, 4, 4): off("The numbers are right. In Keras the channels come last."),
    }
    answer = answers.shape(answer)
    if len(answer) == 1:
        return off("Nothing has been flattened yet: rows, columns and channels are wanted.")
    if len(answer) != 3:
        return off(f"Three sizes are wanted, rows, columns and channels; yours has {len(answer)}.")
    if answer in known:
        return known[answer]
    if answer[:2] == (4, 4):
        return off("Rows and columns are right, and the channels are not.")
    if answer[0] != answer[1]:
        return off("Nothing here treats rows and columns differently.")
    return off(f"There are {'fewer' if answer[0] > 4 else 'more'} rows and columns than that.")


def pooled(maps):
    """Drop what fills no square; give the two rows and the two columns of a square axes of their own."""
    rows, columns, channels = maps.shape[0] // 2, maps.shape[1] // 2, maps.shape[2]
    squares = maps[: 2 * rows, : 2 * columns].reshape(rows, 2, columns, 2, channels)
    return squares.max(axis=(1, 3))


@exercise(
    solution=pooled,
    asks_for_function=True,
    hints=(
        "`maps[0::2]` are the rows 0, 2, 4 and so on. Four such slices hold the four corners of all the squares.",
        "Or as in the lesson: reshape, so that the two rows and the two columns of a square have axes of their own.",
        "Of 7 rows, the first `7 // 2 * 2` fill squares.",
    ),
)
def pooling(pool: answers.Function) -> Feedback:
    """Max pooling over squares of 2×2, for maps of any shape (rows, columns, channels)."""
    random = np.random.default_rng(3)
    for shape in ((6, 4, 3), (28, 28, 2), (7, 6, 1), (5, 9, 4)):
        maps = random.normal(size=shape)
        found, wanted = pool.array(maps), pooled(maps)
        if found.shape != wanted.shape:
            return off(_of_another_shape(maps, found, wanted.shape))
        if not np.allclose(found, wanted):
            return off(_not_the_largest(maps, found))
    return right("Odd sizes, negative numbers and any number of channels: it does what Keras does.")


def _of_another_shape(maps, found, shape):
    """What is off with maps that were pooled to another shape."""
    rows, columns, channels = maps.shape
    known = {
        (rows - 1, columns - 1, channels): "Your squares overlap: each must begin where the last one ended.",
        (rows // 2, columns, channels): "Only the rows were pooled, and not the columns.",
        (rows, columns // 2, channels): "Only the columns were pooled, and not the rows.",
        (rows // 2, columns // 2): "You pooled across the channels, too: each keeps a map of its own.",
        (-(-rows // 2), -(-columns // 2), channels): "A last row or column that fills no square is to be dropped.",
    }
    wanted = f"From maps of shape {maps.shape} come maps of shape {shape}; yours are {found.shape}."
    return " ".join(filter(None, [wanted, known.get(found.shape)]))


def _not_the_largest(maps, found):
    """What is off with maps that were pooled in another way."""
    corners = [maps[row::2, column::2][: len(found), : found.shape[1]] for row in (0, 1) for column in (0, 1)]
    known = {
        "That is the mean of each square.": np.mean(corners, axis=0),
        "That is the smallest number of each square.": np.min(corners, axis=0),
        "Numbers below 0 got lost: a square may hold nothing else.": np.maximum(0, np.max(corners, axis=0)),
    }
    if any(np.allclose(found, corner) for corner in corners):
        return "That is always the same corner of each square, whatever the other three hold."
    if any(np.allclose(found, np.maximum(*pair)) for pair in itertools.combinations(corners, 2)):
        return "That is the larger of two corners of each square; it has four."
    return answers.mistake(found, known) or (
        f"The shape is right. The numbers, for maps of shape {maps.shape}, are not the largest of each square."
    )


LESSON = Exercises((parameters, valid, pooling))
tally = LESSON.tally
