"""How well a network reads: accuracy with its interval, who is mistaken for whom, and which digits were misread."""

from dataclasses import dataclass

import numpy as np
from scipy.stats import binomtest
from sklearn import metrics


@dataclass(frozen=True)
class Accuracy:
    """A share of digits read correctly, with its 95 % Wilson score interval.

    The interval is about the sampling of the test digits: what another test set of this size, drawn from the same
    writers, could have given. It knows nothing of how much another training run would have differed.
    Source: Wilson (1927), J. Am. Stat. Assoc. 22, 209, doi:10.1080/01621459.1927.10502953; computed by SciPy.

    Attributes:
        correct: digits read correctly.
        n: digits read.
        value, low, high: the share and its interval, 0 to 1.
    """

    correct: int
    n: int
    value: float
    low: float
    high: float

    def __str__(self):
        return f"{self.value:.2%} ({self.low:.2%} to {self.high:.2%})"


def wilson_interval(correct: int, n: int) -> tuple[float, float]:
    """The 95 % Wilson score interval of a share, as :class:`Accuracy` explains it.

    Args:
        correct: digits predicted correctly.
        n: digits predicted, at least 1.

    Returns:
        Low and high end, 0 to 1.
    """
    interval = binomtest(correct, n).proportion_ci(0.95, method="wilson")
    return float(interval.low), float(interval.high)


def accuracy(labels, predicted):
    """Share of labels predicted correctly.

    Args:
        labels: integers (n,), the true classes.
        predicted: integers (n,), the predicted classes.

    Returns:
        An :class:`Accuracy`.

    Raises:
        ValueError: the two do not pair up, are empty, or are not integer classes.

    Example:

    >>> print(accuracy([3, 1, 4, 1], [3, 1, 4, 7]))
    75.00% (30.06% to 95.44%)
    """
    labels, predicted = _pair(labels, predicted)
    correct = int(np.sum(labels == predicted))
    return Accuracy(correct, len(labels), correct / len(labels), *wilson_interval(correct, len(labels)))


def confusion_matrix(labels, predicted):
    """Count who is read as whom.

    Args:
        labels: integers (n,) from 0 to 9, the true classes.
        predicted: integers (n,) from 0 to 9.

    Returns:
        Integers (10, 10): row = true class, column = predicted class. A row sums to the count of its class.

    Raises:
        ValueError: the two do not pair up, are empty, or are not integer classes.
    """
    labels, predicted = _pair(labels, predicted)
    return metrics.confusion_matrix(labels, predicted, labels=range(10))


def misread(labels, probabilities):
    """Find the misread digits, the most confident mistake first.

    Args:
        labels: integers (n,), the true classes.
        probabilities: floats (n, 10), a network's output.

    Returns:
        Integers (m,): positions of the misread digits, by falling probability of the wrong answer.

    Raises:
        ValueError: the two do not pair up, or ``probabilities`` is not (n, 10).

    Example:

    >>> misread([0, 1], np.eye(10)[[0, 7]])
    array([1])
    """
    probabilities = np.asarray(probabilities)
    if probabilities.ndim != 2 or probabilities.shape[1] != 10:
        raise ValueError(f"expected probabilities of shape (n, 10), got {probabilities.shape}")
    labels, predicted = _pair(labels, probabilities.argmax(axis=1))
    wrong = np.flatnonzero(labels != predicted)
    return wrong[np.argsort(-probabilities[wrong].max(axis=1), kind="stable")]


def _pair(labels, predicted):
    labels, predicted = np.asarray(labels), np.asarray(predicted)
    if labels.ndim != 1 or labels.shape != predicted.shape or not len(labels):
        raise ValueError(f"expected labels and predictions of one shape (n,), got {labels.shape} and {predicted.shape}")
    for name, values in (("labels", labels), ("predictions", predicted)):
        if not np.issubdtype(values.dtype, np.integer):
            raise ValueError(
                f"expected integer {name} from 0 to 9, got {values.dtype}; "
                "probabilities become classes by .argmax(axis=1)"
            )
    return labels, predicted
