"""Lesson 10."""

import numpy as np
from scipy.spatial.distance import cdist

from lenet_tutorial import model
from lenet_tutorial.backend import keras
from lenet_tutorial.studies.lenet5_1998.run import STUDY
from tests.lessons.exercise_answers import Answers


def of_lenet1():
    misread = [len(run.results["misread"]) for run in STUDY.read() if run.settings["row"] == "lenet1"]
    return np.mean(misread) / 100


def of_all_pairs():
    layers = [keras.Input((14, 14, 6)), keras.layers.Conv2D(16, 5, name="C3")]
    return model.connections(keras.Sequential(layers))["C3"]


def expanded(values, codes):
    return (values**2).sum(1)[:, None] - 2 * values @ codes.T + (codes**2).sum(1)


ANSWERS = {
    "connections": Answers(
        right=[of_all_pairs(), 100 * 2416, 241_600.0],
        wrong=[
            (151_600, "with the table"),
            (240_000, "a bias"),
            (2_416, "its parameters"),
            (2_400, "its weights"),
            (240_100, "Each of the 16"),
            (100 * 96 * 26, "not to each of its kernels"),
            (196 * 2416, "14×14 positions"),
            (100 * 16 * 26, "one kernel for each map"),
            (7, "Too few"),
            (10**6, "Too many"),
            (1.5, "whole number"),
        ],
    ),
    "row": Answers(
        right=[of_lenet1(), of_lenet1() - 0.2, np.float32(of_lenet1() + 0.2)],
        wrong=[
            (0.013, "In percent"),
            (98.7, "misread"),
            (4.0, "better than that"),
            (0.5, "isn't that good"),
            ("1%", "text"),
        ],
    ),
    "distances": Answers(
        right=[lambda values, codes: cdist(values, codes, "sqeuclidean"), expanded],
        wrong=[
            (cdist, "without the root"),
            (lambda values, codes: ((values[:, None] - codes) ** 2).mean(-1), "The sum is wanted"),
            (lambda values, codes: (values[:, None] - codes).sum(-1), "without squares"),
            (lambda values, codes: cdist(values, codes, "cityblock"), "absolute"),
            (lambda values, codes: -cdist(values, codes, "sqeuclidean"), "never negative"),
            (lambda values, codes: values @ codes.T, "Those are products"),
            (lambda values, codes: cdist(codes, values, "sqeuclidean"), "a row for each digit"),
            (lambda values, codes: (values[:, None] - codes) ** 2, "add them up"),
            (lambda values, codes: cdist(values, codes, "sqeuclidean").argmin(1), "all ten codes"),
            (lambda values, codes: 0 * cdist(values, codes), "not the squared distances"),
        ],
    ),
}
