"""Linear probes: how well the class can be read from a layer's activations."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import linalg
from threadpoolctl import threadpool_limits

STRENGTHS = tuple(10.0**power for power in range(-4, 2))


@dataclass(frozen=True, eq=False)
class Probe:
    """A linear classifier of a layer's activations.

    Attributes:
        weights: floats (features, classes).
        bias: floats (classes,).
        strength: that of its regularization, the best of those that were tried on the validation digits.
        tried: the validation accuracy, 0 to 1, for each strength.
    """

    weights: NDArray[np.float64]
    bias: NDArray[np.float64]
    strength: float
    tried: dict[float, float]

    def predict(self, features: ArrayLike) -> NDArray[np.int64]:
        """Give the class of each row of activations, which may come as maps."""
        rows = _rows(features)
        return (rows @ self.weights.astype(rows.dtype) + self.bias).argmax(axis=1)


def linear_probe(
    features: ArrayLike,
    labels: ArrayLike,
    validation_features: ArrayLike,
    validation_labels: ArrayLike,
    *,
    strengths: Sequence[float] = STRENGTHS,
) -> Probe:
    """Fit a linear probe: ridge regression on one-hot labels, with the strength that the validation digits prefer.

    It minimizes the squared distance between the sums and the one-hot labels, plus the strength times the squared
    weights. A strength of 1 weighs as much as the mean squared length of the centered rows, so that one list of
    strengths suits all layers. Sources: Hoerl and Kennard (1970), Ridge regression, Technometrics 12, 55; Alain and
    Bengio (2016), Understanding intermediate layers using linear classifier probes, arXiv:1610.01644.

    Args:
        features: floats (n, ...), activations of training digits; each row is flattened.
        labels: integers (n,), their classes from 0.
        validation_features, validation_labels: the same of validation digits, for the choice of the strength alone.
        strengths: numbers above 0; of equally good ones, the largest is taken.

    Returns:
        A :class:`Probe`.

    Raises:
        ValueError: features and labels do not pair up, or a strength is not above 0.

    Example:

    >>> found = linear_probe([[0.0], [1.0], [5.0], [6.0]], [0, 0, 1, 1], [[2.0], [4.0]], [0, 1])
    >>> found.predict([[-1.0], [9.0]])
    array([0, 1])
    """
    rows, others = _rows(features), _rows(validation_features)
    labels, theirs = np.asarray(labels), np.asarray(validation_labels)
    for came, wanted in ((rows, labels), (others, theirs)):
        if len(came) != len(wanted) or not len(came) or came.shape[1] != rows.shape[1]:
            raise ValueError(
                f"expected a label for each row of activations, and as many features in both parts, got "
                f"{rows.shape} and {others.shape} for {len(labels)} and {len(theirs)} labels"
            )
    if not len(strengths) or not min(strengths) > 0:
        raise ValueError(f"expected strengths above 0, got {strengths}")
    middle, onehot = rows.mean(axis=0, dtype=np.float64), np.eye(labels.max() + 1)[labels]
    means = onehot.mean(axis=0)
    tried, best = {}, None
    with threadpool_limits(1):  # on busy cores, threads wait for one another longer than they work
        solve = _solver(rows - middle, onehot - means)
        for strength in sorted(strengths, reverse=True):
            weights = solve(strength)
            bias = means - middle @ weights
            tried[strength] = float((Probe(weights, bias, strength, {}).predict(others) == theirs).mean())
            if best is None or tried[strength] > tried[best.strength]:
                best = Probe(weights, bias, strength, tried)
    return best


def _rows(features):
    features = np.asarray(features)
    features = features if np.issubdtype(features.dtype, np.floating) else features.astype(np.float64)
    return features.reshape(len(features), int(np.prod(features.shape[1:])))


def _solver(rows, targets):
    """Give a function from a strength to the weights. It solves for as many unknowns as there are rows or features."""
    wide = rows.shape[1] > rows.shape[0]
    products = rows @ rows.T if wide else rows.T @ rows
    right = targets if wide else rows.T @ targets
    unit = np.vdot(rows, rows) / len(rows)

    def solve(strength):
        found = linalg.solve(products + strength * unit * np.eye(len(products)), right, assume_a="pos")
        return rows.T @ found if wide else found

    return solve
