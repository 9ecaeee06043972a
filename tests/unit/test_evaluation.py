"""Accuracy, confusion and misread digits against arithmetic by hand."""

import math

import numpy as np
import pytest

from lenet_tutorial import evaluation


def wilson(correct, n, z=1.959963984540054):
    """The score interval's formula: Wilson (1927)."""
    share = correct / n
    middle = (share + z**2 / (2 * n)) / (1 + z**2 / n)
    half = z / (1 + z**2 / n) * math.sqrt(share * (1 - share) / n + z**2 / (4 * n**2))
    return middle - half, middle + half


@pytest.mark.parametrize(("correct", "n"), [(9785, 10_000), (0, 7), (7, 7), (1, 2)])
def test_accuracy_and_its_interval(correct, n):
    labels = np.zeros(n, dtype=int)
    predicted = np.r_[np.zeros(correct, dtype=int), np.ones(n - correct, dtype=int)]
    found = evaluation.accuracy(labels, predicted)
    low, high = wilson(correct, n)
    assert (found.correct, found.n, found.value) == (correct, n, correct / n)
    assert found.low == pytest.approx(low, abs=1e-9)
    assert found.high == pytest.approx(high, abs=1e-9)


def test_accuracy_is_told_in_percent():
    assert str(evaluation.Accuracy(9785, 10_000, 0.9785, 0.9755, 0.9812)) == "97.85% (97.55% to 98.12%)"


def test_confusion_matrix_counts_pairs():
    random = np.random.default_rng(0)
    labels, predicted = random.integers(0, 10, (2, 300))
    by_hand = np.zeros((10, 10), dtype=int)
    for true, read in zip(labels, predicted, strict=True):
        by_hand[true, read] += 1
    found = evaluation.confusion_matrix(labels, predicted)
    np.testing.assert_array_equal(found, by_hand)
    np.testing.assert_array_equal(found.sum(axis=1), np.bincount(labels, minlength=10))


def test_confusion_matrix_keeps_absent_classes():
    assert evaluation.confusion_matrix([3, 3], [3, 8]).shape == (10, 10)


def test_misread_comes_by_falling_confidence():
    probabilities = np.full((4, 10), 0.01)
    probabilities[[0, 1, 2, 3], [5, 6, 7, 8]] = [0.5, 0.9, 0.7, 0.8]
    np.testing.assert_array_equal(evaluation.misread([0, 6, 0, 0], probabilities), [3, 2, 0])


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: evaluation.accuracy([1, 2], [1]), r"one shape \(n,\), got \(2,\) and \(1,\)"),
        (lambda: evaluation.accuracy([], []), "one shape"),
        (lambda: evaluation.accuracy([1], [0.9]), "integer predictions.*got float64.*argmax"),
        (lambda: evaluation.accuracy(np.eye(10)[:2], np.eye(10)[:2]), r"got \(2, 10\)"),
        (lambda: evaluation.misread([1, 2], [1, 2]), r"probabilities of shape \(n, 10\), got \(2,\)"),
    ],
)
def test_bad_input_is_told(call, words):
    with pytest.raises(ValueError, match=words):
        call()
