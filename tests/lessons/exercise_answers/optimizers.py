"""Lesson 8."""

import numpy as np
from scipy import stats

from tests.lessons.exercise_answers import Answers


def by_keras(gradients, rate):
    from lenet_tutorial.backend import keras

    optimizer = keras.optimizers.RMSprop(rate, rho=0.9)
    weights = keras.Variable(np.zeros(gradients.shape[1]))
    for gradient in gradients:
        optimizer.apply([keras.ops.convert_to_tensor(gradient, "float32")], [weights])
    return keras.ops.convert_to_numpy(weights)


def backwards(gradients, rate):
    """All the means of squares at once."""
    n = len(gradients)
    shares = np.tril(0.1 * 0.9 ** (np.arange(n)[:, None] - np.arange(n)))
    return -(rate * gradients / np.sqrt(shares @ gradients**2)).sum(axis=0)


def like_adam(gradients, rate, beta=0.9, root=True, correct=True, sign=-1):
    w, s = 0.0, 0.0
    for t, g in enumerate(gradients, 1):
        s = beta * s + (1 - beta) * g**2
        mean = s / (1 - beta**t) if correct else s
        w = w + sign * rate * g / (np.sqrt(mean) if root else mean)
    return w


def so_far(values):
    """The mean of each value and those before it."""
    return np.cumsum(values, axis=0) / np.arange(1, len(values) + 1)[:, None]


def spread(differences, n=None):
    return differences.std(ddof=1) / np.sqrt(n or len(differences))


def t(n, share=0.975):
    return stats.t.ppf(share, n - 1)


def by_scipy(first, second):
    interval = stats.ttest_rel(first, second).confidence_interval(0.95)
    return (interval.high - interval.low) / 2


def by_sem(first, second):
    differences = np.array(first) - np.array(second)
    return stats.t.interval(0.95, len(differences) - 1, scale=stats.sem(differences))[1]


ANSWERS = {
    "longest_step": Answers(
        right=[0.4, np.float32(0.4), -0.4, 0.02 / (1 - 0.95)],
        wrong=[
            (0.02, "the first step"),
            (0.039, "the second step"),
            (0.2, "of the lesson"),
            (20, "times longer"),
            (0.38, "takes over"),
            (7, "Too long"),
            (0.1, "Too short"),
            ("0.4", "the text '0.4'"),
        ],
    ),
    "rmsprop": Answers(
        right=[by_keras, backwards],
        wrong=[
            (lambda gradients, rate: like_adam(gradients, rate, correct=False, sign=1), "against the gradient"),
            (lambda gradients, rate: like_adam(gradients, rate, correct=False, root=False), "Take its root"),
            (like_adam, "as Adam does"),
            (lambda gradients, rate: like_adam(gradients, rate, beta=0.1, correct=False), "the reverse"),
            (lambda gradients, rate: like_adam(gradients, rate, beta=0.999, correct=False), "0.999"),
            (lambda gradients, rate: -rate * gradients.sum(axis=0), "that is SGD"),
            (lambda gradients, rate: -rate * np.sign(gradients).sum(axis=0), "running mean"),
            (lambda gradients, rate: -(rate * gradients / np.sqrt(np.cumsum(gradients**2, 0))).sum(0), "AdaGrad"),
            (
                lambda gradients, rate: -(rate * gradients / np.sqrt(so_far(gradients**2))).sum(0),
                "forgets the old ones",
            ),
            (lambda gradients, rate: gradients[0] * 7, "ends somewhere else"),
            (lambda gradients, rate: rate, "An array of shape (4,) is wanted"),
        ],
    ),
    "half_width": Answers(
        right=[by_scipy, by_sem],
        wrong=[
            (lambda a, b: 2 * by_scipy(a, b), "whole width"),
            (lambda a, b: 1.96 * spread(a - b), "1.96"),
            (lambda a, b: t(len(a)) * (a - b).std() / np.sqrt(len(a)), "`ddof=1`"),
            (lambda a, b: t(len(a)) * spread(a - b, 1), "single runs"),
            (lambda a, b: spread(a - b), "a standard error"),
            (lambda a, b: (a - b).mean() + by_scipy(a, b), "the upper end"),
            (lambda a, b: (a - b).mean() - by_scipy(a, b), "the lower end"),
            (lambda a, b: t(len(a), 0.95) * spread(a - b), "*each* end"),
            (lambda a, b: t(len(a) + 1) * spread(a - b), "degrees of freedom"),
            (lambda a, b: t(len(a)) * np.hypot(spread(a), spread(b)), "pair the runs"),
            (lambda a, b: 1e9, "Too wide"),
            (lambda a, b: 1e-9, "Too narrow"),
            (lambda a, b: (1, 2), "One single number is wanted"),
        ],
    ),
}
