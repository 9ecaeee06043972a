"""FGSM and PGD, against finite differences and networks by hand."""

import numpy as np

from lenet_tutorial.backend import keras, tf
from lenet_tutorial.inspection import fgsm, logits, loss_gradient_sign, pgd
from tests.unit.networks import linear, sample, small, trained


def cross_entropy(model, images, labels):
    scores = logits(model, images).astype(np.float64)
    scores -= scores.max(axis=1, keepdims=True)
    return np.log(np.exp(scores).sum(axis=1)) - scores[np.arange(len(images)), labels]


def bent():
    """A small network with one hidden layer, and its loss in float64."""
    layers = keras.layers
    model = small(3, layers.Flatten(), layers.Dense(5, activation="tanh"), layers.Dense(3, activation="softmax"))
    w1, b1, w2, b2 = (each.astype(np.float64) for each in model.get_weights())

    def loss(images, labels):
        scores = np.tanh(images @ w1 + b1) @ w2 + b2
        return np.log(np.exp(scores).sum(axis=1)) - scores[np.arange(len(images)), labels]

    return model, loss


def nudged(loss, images, labels):
    """The gradient of a loss by central differences."""
    nudges = 1e-6 * np.eye(images.shape[1])
    return np.stack([(loss(images + each, labels) - loss(images - each, labels)) / 2e-6 for each in nudges], axis=1)


def test_the_direction_is_that_of_the_losss_finite_difference():
    model, loss = bent()
    images, labels = np.random.default_rng(0).random((6, 9)), np.array([0, 1, 2, 0, 1, 2])
    gradient = nudged(loss, images, labels)
    assert np.abs(gradient).min() > 1e-5  # no sign hangs on rounding
    np.testing.assert_array_equal(loss_gradient_sign(model, images, labels), np.sign(gradient))


def test_pgd_is_a_loop_of_small_steps_that_are_brought_back():
    model, loss = bent()
    images, labels = 0.3 + 0.4 * np.random.default_rng(3).random((6, 9)), np.array([0, 1, 2, 0, 1, 2])
    for epsilon, steps, seed in ((0.1, 4, None), (0.29, 10, None), (0.1, 10, 5)):
        start = {} if seed is None else {"random": np.random.default_rng(seed)}
        moved = images.copy()
        if start:
            moved = np.random.default_rng(seed).uniform(images - epsilon, images + epsilon)
        for _ in range(steps):
            moved = moved + 2.5 * epsilon / steps * np.sign(nudged(loss, moved, labels))
            moved = np.maximum(np.minimum(moved, images + epsilon), images - epsilon)
        found = pgd(model, images, labels, epsilon, steps=steps, **start)
        np.testing.assert_allclose(found, moved, atol=1e-5)
        assert (loss(found, labels) > loss(images, labels)).all()


def test_pgd_raises_the_loss_more_than_one_step_and_stays_in_its_cube():
    model, (images, labels) = trained(), sample()
    images, labels = images[:60], labels[:60]
    for random in (None, np.random.default_rng(1)):
        moved = pgd(model, images, labels, 0.1, random=random)
        assert np.abs(moved - images).max() <= 0.1 + 1e-6
        assert (moved.min(), moved.max()) >= (0, 0)
        assert moved.max() <= 1
        one_step = cross_entropy(model, fgsm(model, images, labels, 0.1), labels)
        assert cross_entropy(model, moved, labels).mean() > 1.1 * one_step.mean()
    start = pgd(model, images, labels, 0, random=np.random.default_rng(1))
    np.testing.assert_array_equal(start, images)
    each = pgd(model, images, labels, np.linspace(0, 0.1, 60), steps=3)
    np.testing.assert_allclose(np.abs(each - images).max(axis=1), np.linspace(0, 0.1, 60), atol=1e-6)


def test_of_the_textbooks_network_it_is_keras_cross_entropy():
    model, (images, labels) = trained(), sample()
    images, labels = images[:50], labels[:50]
    pixels = tf.constant(images)
    with tf.GradientTape() as tape:
        tape.watch(pixels)
        loss = keras.losses.sparse_categorical_crossentropy(labels, model(pixels))
    gradient = tape.gradient(loss, pixels).numpy()
    clear = np.abs(gradient) > 1e-3 * np.abs(gradient).max(axis=1, keepdims=True)
    assert clear.mean() > 0.3
    assert np.mean(loss_gradient_sign(model, images, labels)[clear] == np.sign(gradient)[clear]) > 0.999


def test_a_confident_network_has_a_direction_too():
    """Its loss is exactly 0 in float32, and so is its gradient."""
    model = linear(4)
    model.set_weights([100 * each for each in model.get_weights()])
    images = np.random.default_rng(1).random((20, 16), np.float32)
    labels = logits(model, images).argmax(axis=1)
    assert np.sum(np.array(model(images)).max(axis=1) == 1) > 10
    assert (np.abs(loss_gradient_sign(model, images, labels)) == 1).all()


def test_a_step_moves_every_pixel_by_its_size_and_raises_the_loss():
    model, (images, labels) = trained(), sample()
    images, labels = 0.2 + 0.6 * images[:40], labels[:40]  # away from both ends, so that nothing is cut
    moved = fgsm(model, images, labels, 0.02)
    direction = loss_gradient_sign(model, images, labels)
    np.testing.assert_allclose(moved - images, 0.02 * direction, atol=1e-6)
    assert (cross_entropy(model, moved, labels) > cross_entropy(model, images, labels)).all()
    each = fgsm(model, images, labels, np.linspace(0, 0.1, 40))
    np.testing.assert_array_equal(each[0], images[0])
    np.testing.assert_allclose(np.abs(each[39] - images[39]).max(), 0.1, atol=1e-6)


def test_no_pixel_leaves_its_range():
    model, (images, labels) = trained(), sample()
    moved = fgsm(model, images[:10], labels[:10], 1.0)
    assert set(np.unique(moved)) <= {0, 1} | set(np.unique(images[:10]))
    assert moved.min() == 0
    assert moved.max() == 1


def test_two_classes_of_a_linear_network_change_at_the_distance_by_hand():
    """For two logits the margin is (w·x + b), an epsilon e lowers it by e·|w|₁, and it falls at margin / |w|₁."""
    model = linear(4, 2)
    random = np.random.default_rng(2)
    images = 0.3 + 0.4 * random.random((30, 16), np.float32)
    scores = logits(model, images)
    labels = scores.argmax(axis=1)
    weights = model.get_weights()[0].astype(np.float64)
    distance = np.abs(scores[:, 0] - scores[:, 1]) / np.abs(weights[:, 0] - weights[:, 1]).sum()
    inside = distance < 0.29  # then no pixel meets the end of its range
    assert inside.sum() > 20
    for attack in (fgsm, pgd):
        for share, wanted in ((0.99, labels), (1.01, 1 - labels)):
            moved = attack(model, images[inside], labels[inside], share * distance[inside])
            np.testing.assert_array_equal(logits(model, moved).argmax(axis=1), wanted[inside])
