"""Linear probes against scikit-learn's ridge regression."""

import numpy as np
import pytest
from sklearn.linear_model import Ridge

from lenet_tutorial.inspection import linear_probe


def digits_like(n, features, seed):
    """Three classes of points around different middles, and their classes."""
    random = np.random.default_rng(seed)
    labels = random.integers(0, 3, n)
    labels[:3] = 0, 1, 2
    middles = np.random.default_rng(0).normal(size=(3, features))
    return middles[labels] + random.normal(0, 2, (n, features)) + 5, labels


@pytest.mark.parametrize("features", [4, 90])
@pytest.mark.parametrize("strength", [0.001, 0.3])
def test_the_weights_are_those_of_ridge_regression(features, strength):
    rows, labels = digits_like(30, features, 1)
    others, theirs = digits_like(20, features, 2)
    found = linear_probe(rows, labels, others, theirs, strengths=[strength])
    centered = rows - rows.mean(axis=0)
    ridge = Ridge(alpha=strength * (centered**2).sum() / 30, solver="svd").fit(rows, np.eye(3)[labels])
    np.testing.assert_allclose(found.weights, ridge.coef_.T, atol=1e-8)
    np.testing.assert_allclose(found.bias, ridge.intercept_, atol=1e-8)
    np.testing.assert_array_equal(found.predict(others), ridge.predict(others).argmax(axis=1))


def test_the_validation_digits_choose_the_strength_and_ties_go_to_the_largest():
    rows, labels = digits_like(40, 90, 1)
    others, theirs = digits_like(400, 90, 2)
    found = linear_probe(rows, labels, others, theirs, strengths=[1e-6, 0.1, 1e6, 1e7])
    alone = {s: linear_probe(rows, labels, others, theirs, strengths=[s]) for s in (1e-6, 0.1, 1e6, 1e7)}
    shares = {s: np.mean(each.predict(others) == theirs) for s, each in alone.items()}
    assert found.tried == pytest.approx(shares)
    assert len(set(shares.values())) > 1
    assert found.strength == max(s for s in shares if shares[s] == max(shares.values()))
    np.testing.assert_allclose(found.weights, alone[found.strength].weights)
    tie = linear_probe(rows, labels, others, theirs, strengths=[1e8, 1e9])
    assert tie.tried[1e8] == tie.tried[1e9]
    assert tie.strength == 1e9


def test_labels_of_noise_choose_a_strength_as_well_and_maps_are_flattened():
    random = np.random.default_rng(0)
    maps, labels = random.random((30, 4, 4, 2)), random.integers(0, 10, 30)
    found = linear_probe(maps, labels, maps[:5], labels[:5])
    assert found.weights.shape[0] == 32
    assert found.predict(maps[:7]).shape == (7,)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"labels": [0]}, "a label for each row"),
        ({"validation_features": np.ones((2, 3))}, "as many features in both parts"),
        ({"features": np.ones((0, 2)), "labels": []}, "a label for each row"),
        ({"strengths": [0.0, 1.0]}, "strengths above 0"),
        ({"strengths": []}, "strengths above 0"),
    ],
)
def test_bad_input_is_told(change, words):
    given = {"features": np.eye(2), "labels": [0, 1], "validation_features": np.eye(2), "validation_labels": [0, 1]}
    strengths = change.pop("strengths", [1.0])
    with pytest.raises(ValueError, match=words):
        linear_probe(*(given | change).values(), strengths=strengths)
