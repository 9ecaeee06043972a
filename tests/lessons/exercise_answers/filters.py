"""Lesson 5."""

import numpy as np
from scipy import signal

from tests.lessons.exercise_answers import Answers


def times_a_mask(kernels, k):
    return kernels * (np.arange(kernels.shape[2]) != k)[:, None]


def in_place(kernels, k):
    for going in range(kernels.shape[3]):
        kernels[..., k, going] = 0
    return kernels


def silenced(*where):
    """Weights of 0 where told; ``"k"`` stands for the map."""

    def silence(kernels, k):
        kernels[tuple(k if each == "k" else each for each in where)] = 0
        return kernels

    return silence


ALL = slice(None)


def by_loops(maps, kernel, bias):
    padded = np.pad(maps, ((1, 2), (1, 2), (0, 0)))
    rows, columns = maps.shape[:2]
    return [[max(0, (padded[r : r + 4, c : c + 4] * kernel).sum() + bias) for c in range(columns)] for r in range(rows)]


def by_scipy(maps, kernel, bias, before=1):
    """SciPy turns a kernel around, and in all three axes; turned before, it lies as it should."""
    padded = np.pad(maps, ((before, 3 - before), (before, 3 - before), (0, 0)))
    return np.maximum(0, signal.convolve(padded, kernel[::-1, ::-1, ::-1], mode="valid")[..., 0] + bias)


def map_by_map(maps, kernel, bias):
    padded = np.pad(maps, ((1, 2), (1, 2), (0, 0)))
    total = np.full(maps.shape[:2], bias)
    for k in range(maps.shape[2]):
        total = total + signal.correlate2d(padded[..., k], kernel[..., k], mode="valid")
    return total.clip(min=0)


def each_cut_off(maps, kernel, bias):
    each = [by_scipy(maps[..., [k]], kernel[..., [k]], 0) for k in range(maps.shape[2])]
    return np.maximum(0, sum(each) + bias)


ANSWERS = {
    "equivariance": Answers(
        right=[4.0, np.int64(2**2), np.array(4)],
        wrong=[
            (2, "pool2, which has squares of its own"),
            (1, "pool1 doesn't"),
            (8, "a smaller one"),
            (0, "no shift"),
            (-4, "number of pixels"),
            (2.5, "whole number"),
        ],
    ),
    "ablation": Answers(
        right=[times_a_mask, in_place],
        wrong=[
            (silenced(ALL, ALL, ALL, "k"), "goes *out*"),
            (silenced("k"), "row or a column"),
            (lambda kernels, k: kernels * 0, "all maps are ignored"),
            (lambda kernels, k: kernels, "Nothing has changed"),
            (silenced(1, 1, "k"), "still used"),
            (lambda kernels, k: in_place(kernels, k) * 2, "Other weights"),
            (lambda kernels, k: np.delete(kernels, k, axis=2), "An array of shape (4, 4, 5, 7) is wanted"),
            (lambda kernels: kernels, "your function stopped with `TypeError"),
        ],
    ),
    "conv2": Answers(
        right=[by_loops, by_scipy, map_by_map],
        wrong=[
            (
                lambda maps, kernel, bias: by_scipy(maps, kernel, bias) - by_scipy(maps, -kernel, -bias),
                "ReLU is missing",
            ),
            (lambda maps, kernel, bias: by_scipy(maps, kernel, 0), "bias is missing"),
            (lambda maps, kernel, bias: by_scipy(maps, kernel, 0) + bias, "Add the bias first"),
            (lambda maps, kernel, bias: by_scipy(maps, kernel, bias, before=2), "on the wrong side"),
            (lambda maps, kernel, bias: by_scipy(maps, kernel[::-1, ::-1], bias), "180°"),
            (lambda maps, kernel, bias: by_scipy(maps[..., :1], kernel[..., :1], bias), "Only the first map"),
            (lambda maps, kernel, bias: by_scipy(maps, kernel / maps.shape[2], bias), "mean over the maps"),
            (each_cut_off, "apply ReLU once"),
            (lambda maps, kernel, bias: by_scipy(maps, kernel.swapaxes(0, 1), bias), "Compute one position"),
            (lambda maps, kernel, bias: np.array(by_loops(maps, kernel, bias))[:-3, :-3], "shape (7, 7) is wanted"),
        ],
    ),
}
