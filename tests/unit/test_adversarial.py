"""FGSM and the minimal perturbation, against finite differences and a network by hand."""

import numpy as np

from lenet_tutorial.backend import keras, tf
from lenet_tutorial.inspection import fgsm, logits, loss_gradient_sign, minimal_perturbation
from lenet_tutorial.inspection.adversarial import _perturbed
from tests.unit.networks import linear, sample, small, trained


def cross_entropy(model, images, labels):
    scores = logits(model, images).astype(np.float64)
    scores -= scores.max(axis=1, keepdims=True)
    return np.log(np.exp(scores).sum(axis=1)) - scores[np.arange(len(images)), labels]


def test_the_direction_is_that_of_the_losss_finite_difference():
    layers = keras.layers
    model = small(3, layers.Flatten(), layers.Dense(5, activation="tanh"), layers.Dense(3, activation="softmax"))
    w1, b1, w2, b2 = (each.astype(np.float64) for each in model.get_weights())

    def loss(images, labels):
        scores = np.tanh(images @ w1 + b1) @ w2 + b2
        return np.log(np.exp(scores).sum(axis=1)) - scores[np.arange(len(images)), labels]

    images, labels = np.random.default_rng(0).random((6, 9)), np.array([0, 1, 2, 0, 1, 2])
    gradient = np.stack(
        [(loss(images + 1e-6 * nudge, labels) - loss(images - 1e-6 * nudge, labels)) / 2e-6 for nudge in np.eye(9)],
        axis=1,
    )
    assert np.abs(gradient).min() > 1e-5  # no sign hangs on rounding
    np.testing.assert_array_equal(loss_gradient_sign(model, images, labels), np.sign(gradient))


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
    margin = np.abs(scores[:, 0] - scores[:, 1])
    by_hand = margin / np.abs(weights[:, 0] - weights[:, 1]).sum()
    inside = by_hand < 0.29  # then no pixel meets the end of its range
    assert inside.sum() > 20
    found = minimal_perturbation(model, images[inside], labels[inside], limit=0.3, step=0.01)
    np.testing.assert_allclose(found.epsilons, by_hand[inside], atol=0.01 / 2**8 + 1e-5)
    np.testing.assert_array_equal(found.predictions, 1 - labels[inside])


def test_the_minimal_perturbation_changes_the_prediction_and_a_smaller_one_does_not():
    model, (images, labels) = trained(), sample()
    images, labels = images[:60], labels[:60]
    found = minimal_perturbation(model, images, labels)
    done = np.isfinite(found.epsilons)
    assert done.mean() > 0.8
    assert (found.predictions != labels)[done].all()
    np.testing.assert_array_equal(logits(model, found.images.reshape(-1, 784)).argmax(axis=1), found.predictions)
    misread = logits(model, images).argmax(axis=1) != labels
    np.testing.assert_array_equal(found.epsilons == 0, misread)
    direction = loss_gradient_sign(model, images, labels)
    for i in np.flatnonzero(done & ~misread)[:10]:
        below = np.arange(0.02, found.epsilons[i] - 0.02 / 2**8, 0.02)  # the steps, and just below what was found
        for size in [*below, found.epsilons[i] - 0.02 / 2**8 - 1e-6]:
            perturbed = _perturbed(images[i : i + 1], direction[i : i + 1], [max(size, 0)])
            assert logits(model, perturbed).argmax() == labels[i]


def test_what_no_epsilon_changes_stays_as_it_is():
    model, (images, labels) = trained(), sample()
    found = minimal_perturbation(model, images[:60], labels[:60], limit=0.02)
    left = np.isinf(found.epsilons)
    assert left.mean() > 0.5
    np.testing.assert_array_equal(found.images[left].reshape(-1, 784), images[:60][left])
    np.testing.assert_array_equal(found.predictions[left], labels[:60][left])


def test_many_together_and_one_alone_give_the_same():
    model, (images, labels) = trained(), sample()
    together = minimal_perturbation(model, images[:8], labels[:8])
    alone = [minimal_perturbation(model, images[i : i + 1], labels[i : i + 1]).epsilons[0] for i in range(8)]
    np.testing.assert_allclose(together.epsilons, alone, atol=1e-4)


def test_other_directions_can_be_tried():
    model, (images, labels) = trained(), sample()
    images, labels = images[:30], labels[:30]
    signs = np.sign(np.random.default_rng(0).normal(size=images.shape))
    random = minimal_perturbation(model, images, labels, directions=signs)
    assert np.median(random.epsilons) > 2 * np.median(minimal_perturbation(model, images, labels).epsilons)
    none = minimal_perturbation(model, images, labels, directions=np.zeros_like(images), limit=0.1)
    assert set(none.epsilons) <= {0, np.inf}
