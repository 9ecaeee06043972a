"""How well a classifier does, and how far its probabilities can be trusted: accuracy, confusion, AUROC."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import brentq
from scipy.stats import binomtest, mannwhitneyu
from sklearn import metrics


@dataclass(frozen=True)
class Accuracy:
    """The share of digits that were classified correctly, with its 95% Wilson score interval.

    The interval is about the sampling of the test digits: what another test set of this size, drawn from the same
    writers, could have given. It says nothing about how much another training run would differ.

    Attributes:
        correct: digits classified correctly.
        n: digits in all.
        value, low, high: the share and its interval, 0 to 1.
    """

    correct: int
    n: int
    value: float
    low: float
    high: float

    def __str__(self):
        return f"{self.value:.2%} ({self.low:.2%} to {self.high:.2%})"


def accuracy(labels: ArrayLike, predicted: ArrayLike) -> Accuracy:
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


def wilson_interval(correct: int, n: int) -> tuple[float, float]:
    """Compute the 95% Wilson score interval of a share.

    Args:
        correct: how many of them.
        n: how many in all, at least 1.

    Returns:
        Its two ends, 0 to 1. Source: Wilson (1927), Probable inference, the law of succession, and statistical
        inference, J. Am. Stat. Assoc. 22, 209, doi:10.1080/01621459.1927.10502953; computed by SciPy.

    Example:

    >>> [round(end, 3) for end in wilson_interval(3, 4)]
    [0.301, 0.954]
    """
    interval = binomtest(correct, n).proportion_ci(0.95, method="wilson")
    return float(interval.low), float(interval.high)


def wilson_intervals(correct: ArrayLike, n: ArrayLike) -> NDArray[np.float64]:
    """Compute the Wilson score intervals of many shares.

    Args:
        correct: integers (k,), how many of them.
        n: integers (k,), how many in all, or one number for all.

    Returns:
        floats (2, k): the lower ends and the upper ends, 0 to 1.

    Example:

    >>> wilson_intervals([3, 4], 4).round(3).tolist()
    [[0.301, 0.51], [0.954, 1.0]]
    """
    return np.transpose([wilson_interval(int(k), int(m)) for k, m in np.broadcast(correct, n)])


def moved(images: ArrayLike, *, right: int = 0, down: int = 0) -> NDArray:
    """Move images by whole pixels: what leaves an image is lost, and what comes in is empty.

    Args:
        images: (n, 784) or (n, 28, 28), of any dtype.
        right, down: by how many pixels, from -28 to 28.

    Returns:
        Images of the same shape and dtype.

    Raises:
        ValueError: images of another shape, or a number of pixels that is none.

    Example:

    >>> image = np.zeros((1, 28, 28)); image[0, 0, 0] = 1
    >>> np.argwhere(moved(image, right=2, down=1)[0]).tolist()
    [[1, 2]]
    """
    images = np.asarray(images)
    if images.shape[1:] not in ((784,), (28, 28)):
        raise ValueError(f"expected images of shape (n, 784) or (n, 28, 28), got {images.shape}")
    if max(abs(right), abs(down)) > 28:
        raise ValueError(f"expected at most 28 pixels, got right={right}, down={down}")
    grids, result = images.reshape(-1, 28, 28), np.zeros((len(images), 28, 28), images.dtype)

    def slices(by):
        return slice(max(by, 0), 28 + min(by, 0)), slice(max(-by, 0), 28 + min(-by, 0))

    (to_row, from_row), (to_column, from_column) = slices(down), slices(right)
    result[:, to_row, to_column] = grids[:, from_row, from_column]
    return result.reshape(images.shape)


def confusion_matrix(labels: ArrayLike, predicted: ArrayLike) -> NDArray[np.int64]:
    """Count which class was predicted for which.

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


def misread(labels: ArrayLike, probabilities: ArrayLike) -> NDArray[np.int64]:
    """Find the misread digits, the most confident mistake first.

    Args:
        labels: integers (n,), the true classes.
        probabilities: floats (n, 10), a network's output.

    Returns:
        Integers (m,): positions of the misread digits, by decreasing probability of the wrong prediction.

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


@dataclass(frozen=True)
class Auroc:
    """The area under the ROC curve of a score that should be high for one group and low for another, and its interval.

    Attributes:
        value: how often a member of the first group has the higher score, over all pairs; ties count half. 0.5 is
            chance, 1 a perfect separation.
        low, high: its 95% interval.
    """

    value: float
    low: float
    high: float

    def __str__(self):
        return f"{self.value:.3f} ({self.low:.3f} to {self.high:.3f})"


def auroc(inside: ArrayLike, outside: ArrayLike) -> Auroc:
    """Compute how well a score separates two groups.

    Sources: Hanley and McNeil (1982), The meaning and use of the area under a ROC curve, Radiology 143, 29,
    doi:10.1148/radiology.143.1.7063747. The interval is method 5 of Newcombe (2006), Statistics in Medicine 25, 559,
    doi:10.1002/sim.2324, which has a width at 1, too. It knows nothing of how the members were chosen.

    Args:
        inside: numbers (n,), which should be high, such as the highest probability for digits.
        outside: numbers (m,), which should be low, such as the highest probability for letters.

    Returns:
        An :class:`Auroc`.

    Raises:
        ValueError: a group is empty, or holds something else than finite numbers.

    Example:

    >>> print(auroc([0.99, 0.9, 0.6], [0.8, 0.5, 0.4]))  # 8 of 9 pairs
    0.889 (0.401 to 0.988)
    """
    inside, outside = np.asarray(inside, np.float64), np.asarray(outside, np.float64)
    for each in (inside, outside):
        if each.ndim != 1 or not each.size or not np.isfinite(each).all():
            raise ValueError(f"expected two groups of finite scores (n,), got one of shape {each.shape}: {each[:3]}")
    pairs, mean_size = inside.size * outside.size, (inside.size + outside.size) / 2
    value = float(mannwhitneyu(inside, outside).statistic / pairs)

    def off(area, sign):
        extra = (mean_size - 1) * ((1 - area) / (2 - area) + area / (1 + area))
        return area - value - sign * 1.959964 * np.sqrt(area * (1 - area) * (1 + extra) / pairs)

    near = 1e-12  # at 0 and at 1 the equation holds trivially
    low = brentq(off, 0, min(value, 1 - near), args=(-1,)) if value > 0 else 0.0
    high = brentq(off, max(value, near), 1, args=(1,)) if value < 1 else 1.0
    return Auroc(value, float(low), float(high))


def _pair(labels: ArrayLike, predicted: ArrayLike) -> tuple[NDArray, NDArray]:
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
