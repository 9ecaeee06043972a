"""Lesson 5: which shifts all maps follow, ablating a map, and a map of the second convolution."""

import numpy as np

from lenet_tutorial.exercises import answers
from lenet_tutorial.exercises.exercise import Exercises, exercise
from lenet_tutorial.exercises.feedback import Feedback, off, right


def smallest_shift():
    """A position of pool1 is a square of 2 pixels, one of pool2 a square of 2 such squares."""
    return 2 * 2


@exercise(
    solution=smallest_shift,
    hints=(
        "conv1 follows every shift. The squares of pool1 stay where they are: which shifts move whole squares onto "
        "whole squares?",
        "If the digit moves by 2 pixels, by how many positions does the map of pool1 move? Now pool2's squares.",
    ),
)
def equivariance(answer: object) -> Feedback:
    """By how many pixels, at least, must a digit move so that every map up to pool2 moves along exactly?"""
    pixels = answers.whole(answer)
    if pixels == 4:
        return right(
            "The maps of conv1 then move by 4 positions, those of pool1 and conv2 by 2, those of pool2 by 1. After "
            "one more pooling the digit would have to move by 8 pixels."
        )
    if pixels == 0:
        return off("That is no shift at all.")
    if pixels < 0:
        return off("Left or right makes no difference. Give the number of pixels.")
    if pixels % 4 == 0:
        return off("All maps follow such a shift, but a smaller one is enough.")
    if pixels % 2 == 0:
        return off("pool1 and conv2 follow such a shift exactly. And pool2, which has squares of its own?")
    return off("conv1 follows such a shift, but pool1 doesn't: its squares stay where they are.")


def ablated(kernels, k):
    """Set the weights for map k to 0 and keep all others."""
    kernels = kernels.copy()
    kernels[:, :, k, :] = 0
    return kernels


@exercise(
    solution=ablated,
    asks_for_function=True,
    hints=(
        "Four axes: rows and columns of the window, maps that come in, maps that go out. Which of them counts k?",
        "A map that is multiplied by 0 is ignored. Which weights are multiplied by map k?",
    ),
)
def ablation(function: answers.Function) -> Feedback:
    """Change a layer's kernels so that it ignores one of the maps that come in."""
    random = np.random.default_rng(5)
    for shape, k in (((4, 4, 5, 7), 1), ((4, 4, 6, 6), 3), ((3, 3, 3, 3), 0)):
        kernels = random.normal(size=shape)
        found = function.array(kernels, k, wanted=shape)
        if not np.allclose(found, ablated(kernels, k)):
            return off(_not_ablated(kernels, k, found))
    return right(
        "The result is the same as if kernel k of the layer before and its bias had been set to 0. This is called an "
        "ablation: take a part away, and see which predictions change."
    )


def _not_ablated(kernels, k, found):
    """What is off with kernels that were to lose map k of those that come in."""
    changed = ~np.isclose(found, kernels)
    masks = np.zeros((4, *kernels.shape), bool)
    for axis in range(4):
        np.moveaxis(masks[axis], axis, 0)[k] = True
    rows, columns, coming, going = masks
    if not changed.any():
        return "Nothing has changed: map k is used as before."
    if not found.any():
        return "Now all maps are ignored. The others must be used as before."
    if np.array_equal(changed, going):
        return "That ablates a map that goes *out*. Map k comes *in*, and no map that goes out may use it."
    if np.array_equal(changed, rows) or np.array_equal(changed, columns):
        return "That removes a row or a column of the window, for all maps. Which axis is for the maps that come in?"
    if (changed & ~coming).any():
        return "Other weights changed, too. All the other maps must be used as before."
    return "No other weights changed, which is good. But map k is still used."


def map_of_conv2(maps, kernel, bias):
    """A window covers all the maps: multiply, add up along three axes, add the bias, apply ReLU."""
    padded = np.pad(maps, ((1, 2), (1, 2), (0, 0)))
    windows = np.lib.stride_tricks.sliding_window_view(padded, kernel.shape)[:, :, 0]
    return np.maximum(0, (windows * kernel).sum(axis=(2, 3, 4)) + bias)


@exercise(
    solution=map_of_conv2,
    asks_for_function=True,
    hints=(
        "Begin with the lesson's lines for conv1. What is new: the maps have a third axis, and so has the kernel.",
        "Pad only rows and columns: `np.pad(maps, ((1, 2), (1, 2), (0, 0)))`.",
        "`sliding_window_view(padded, kernel.shape)` has six axes, the third of length 1. Print its shape.",
    ),
)
def conv2(function: answers.Function) -> Feedback:
    """One map of a convolution over several maps, such as conv2: kernels of 4×4, padding "same", ReLU."""
    random = np.random.default_rng(6)
    for shape, bias in (((7, 7, 3), 1.5), ((14, 14, 2), -2.0), ((5, 9, 4), 0.5)):
        maps, kernel = random.normal(size=shape), random.normal(size=(4, 4, shape[2]))
        found = function.array(maps, kernel, bias, wanted=shape[:2])
        if not np.allclose(found, map_of_conv2(maps, kernel, bias)):
            return off(_another_map(maps, kernel, bias, found))
    return right(
        'Try it on the network: `maps["pool1"][0]` with kernel and bias number k of *conv2* gives '
        '`maps["conv2"][0, :, :, k]`.'
    )


def _another_map(maps, kernel, bias, found):
    """What is off with a map that is not the one that this kernel makes of these maps."""
    sums = _sums(maps, kernel)
    each = [np.maximum(0, _sums(maps[..., [k]], kernel[..., [k]])) for k in range(maps.shape[2])]
    cut_off = {
        "The bias is missing.": sums - bias,
        "The padding is on the wrong side. Keras puts one row of zeros before and two after.": _sums(maps, kernel, 2),
        "The kernel was rotated by 180°. Keras uses it as it is.": _sums(maps, kernel[::-1, ::-1]),
        "Only the first map was used. A kernel has a slice for each.": _sums(maps[..., :1], kernel[..., :1]),
        "That is the mean over the maps that come in. Keras adds up.": sums / len(each),
        "You applied ReLU to each map. Add them up first, then apply ReLU once.": sum(each),
    }
    known = {words: np.maximum(0, numbers + bias) for words, numbers in cut_off.items()}
    known["ReLU is missing: some of the numbers are negative."] = sums + bias
    known["Add the bias first, then apply ReLU."] = np.maximum(0, sums) + bias
    return (
        answers.mistake(found, known)
        or "The shape is right, but the numbers are not. Compute one position by hand, away from the edge."
    )


def _sums(maps, kernel, before=1):
    """What a kernel of 4×4 adds up at each position, padded with so many zeros before each axis, and 3 in all."""
    padded = np.pad(maps, ((before, 3 - before), (before, 3 - before), (0, 0)))
    windows = np.lib.stride_tricks.sliding_window_view(padded, kernel.shape)
    return (windows * kernel).sum(axis=(2, 3, 4, 5))


LESSON = Exercises((equivariance, ablation, conv2))
tally = LESSON.tally
