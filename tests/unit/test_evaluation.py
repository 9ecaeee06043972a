"""Accuracy, confusion and AUROC against arithmetic by hand."""

import math

import numpy as np
import pytest
from scipy import special

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


def test_auroc_counts_pairs_and_halves_of_ties():
    random = np.random.default_rng(2)
    for n, m in ((1, 1), (7, 30), (40, 12)):
        inside, outside = random.integers(2, 9, n), random.integers(0, 7, m)
        pairs = [(a > b) + (a == b) / 2 for a in inside for b in outside]
        found = evaluation.auroc(inside, outside)
        assert found.value == pytest.approx(np.mean(pairs))
        assert 0 <= found.low <= found.value <= found.high <= 1


def test_the_interval_of_an_auroc_holds_the_truth_about_as_often_as_it_says():
    random = np.random.default_rng(0)
    for apart in (0.5, 2.0):
        truth, hits = special.ndtr(apart / math.sqrt(2)), 0
        for _ in range(300):
            found = evaluation.auroc(random.normal(apart, 1, 50), random.normal(0, 1, 80))
            hits += found.low <= truth <= found.high
        assert 0.92 < hits / 300 < 0.99


def test_a_perfect_separation_of_few_is_not_certain():
    found = evaluation.auroc([0.9, 0.8, 0.7], [0.1, 0.2, 0.3])
    assert (found.value, found.high) == (1, 1)
    assert 0.3 < found.low < 0.8
    mirrored = evaluation.auroc([0.1, 0.2, 0.3], [0.9, 0.8, 0.7])
    assert (mirrored.value, mirrored.low) == (0, 0)
    assert mirrored.high == pytest.approx(1 - found.low, abs=1e-6)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: evaluation.auroc([], [1]), r"two groups of finite scores \(n,\), got one of shape \(0,\)"),
        (lambda: evaluation.auroc([1, np.nan], [1]), "finite scores"),
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
