"""The digits themselves: checked, scaled, encoded, split; and the offline sample, which is no MNIST and says so."""

import subprocess
import sys

import numpy as np
import pytest
from PIL import Image
from sklearn import datasets

from lenet_tutorial import data
from lenet_tutorial.data import DataError


def test_prepare_scales_encodes_and_holds_out_the_first():
    images = np.zeros((5, 28, 28), np.uint8)
    images[0, 0, 1], images[0, 1, 0], images[3, 27, 27] = 255, 51, 1
    labels = np.array([3, 0, 9, 1, 1], np.uint8)
    digits = data.split_and_scale(
        data.RawDigits("own", images, labels, images[:1], labels[:1], n_validation=2, note="mine")
    )
    assert [len(digits.validation), len(digits.train), len(digits.test)] == [2, 3, 1]
    assert digits.validation.labels.tolist() == [3, 0]
    assert digits.train.labels.tolist() == [9, 1, 1]
    first = digits.validation.images[0]
    assert (first[1], first[28], first.sum()) == (1, np.float32(0.2), np.float32(1.2))
    assert digits.train.images[1, 783] == np.float32(1 / 255)
    assert digits.train.onehot.tolist() == [[0] * 9 + [1], [0, 1] + [0] * 8, [0, 1] + [0] * 8]
    for split in (digits.train, digits.validation, digits.test):
        assert (split.images.dtype, split.onehot.dtype, split.labels.dtype) == (np.float32, np.float32, np.int64)
        assert (split.images.shape[1:], split.onehot.shape[1:]) == ((784,), (10,))
    assert (digits.name, digits.note, digits.is_mnist) == ("own", "mine", False)


def test_division_is_the_documents_for_every_pixel_value():
    images = np.resize(np.arange(256, dtype=np.uint8), (1, 28, 28))
    split = data.split_and_scale(
        data.RawDigits("own", images, np.zeros(1, np.uint8), images, np.zeros(1, np.uint8), 0)
    ).train
    exact = np.array([np.float32(value / 255) for value in range(256)])  # one rounding of the true quotient
    np.testing.assert_array_equal(split.images[0, :256], exact)


def test_no_array_can_be_written_to_and_the_callers_own_stay_writable():
    images, labels = np.zeros((2, 28, 28), np.uint8), np.zeros(2, np.uint8)
    raw = data.RawDigits("own", images, labels, images, labels, 1)
    digits = data.split_and_scale(raw)
    arrays = [raw.train_images, raw.train_labels, raw.test_images, raw.test_labels]
    arrays += [getattr(s, n) for s in (digits.train, digits.validation, digits.test) for n in s.__dataclass_fields__]
    assert len(arrays) == 13
    for array in arrays:
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 1
    images[0] = 1


X, Y = np.zeros((4, 28, 28), np.uint8), np.zeros(4, np.uint8)


@pytest.mark.parametrize(
    ("arrays", "message"),
    [
        ((X.reshape(4, 784), Y, X, Y, 1), r"training images of shape \(n, 28, 28\) uint8, got \(4, 784\) uint8"),
        ((X, Y, X / 255, Y, 1), r"test images of shape .*, got \(4, 28, 28\) float64"),
        ((X, Y[:3], X, Y, 1), r"training labels of shape \(4,\) uint8, one per image, got \(3,\) uint8"),
        ((X, Y, X, Y.astype(int), 1), r"test labels of .*got \(4,\) int64"),
        ((X, Y + 10, X, Y, 1), "training labels from 0 to 9, got 10"),
        ((X, Y, X, Y, 5), "n_validation from 0 to 4, the number of training images, got 5"),
    ],
)
def test_raw_digits_refuse_other_arrays(arrays, message):
    with pytest.raises(DataError, match=message):
        data.RawDigits("own", *arrays)


def test_importing_it_is_quick_work():
    heavy = "{'tensorflow', 'sklearn', 'scipy', 'pooch', 'matplotlib'}"
    code = f"import sys, lenet_tutorial.data as d; print({heavy} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout == "set()\n"


# --- the offline sample ---


@pytest.fixture(scope="module")
def sample() -> data.RawDigits:
    return data.offline_sample("a test asks for it")


def ink(image: np.ndarray) -> bytes:
    """The image cut to its ink: the same for every shifted copy that lost none."""
    rows, columns = np.flatnonzero(image.any(axis=1)), np.flatnonzero(image.any(axis=0))
    cut = image[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    return bytes(cut.shape) + cut.tobytes()


def test_the_sample_says_what_it_is(sample, tmp_path):
    assert sample.name == "offline sample"
    assert not sample.is_mnist
    assert not data.split_and_scale(sample).is_mnist
    assert "NOT MNIST" in sample.note
    assert "a test asks for it" in sample.note
    assert data.MNIST_VARIABLE in sample.note
    assert data.split_and_scale(sample).note == sample.note
    assert repr(data.split_and_scale(sample)) == "<offline sample: 5,000 train, 150 validation, 147 test>"


def test_the_sample_is_split_by_the_order_of_its_source(sample):
    labels = datasets.load_digits().target
    np.testing.assert_array_equal(sample.train_labels[:150], labels[:150])
    np.testing.assert_array_equal(sample.train_labels[150:1650], labels[150:1650])
    np.testing.assert_array_equal(sample.test_labels, labels[1650:])
    assert len(sample.train_labels) == 5150


def test_the_sample_loses_no_ink(sample):
    small = np.round(datasets.load_digits().images / 16 * 255).astype(np.uint8)
    large = [ink(np.asarray(Image.fromarray(one).resize((20, 20), Image.BICUBIC))) for one in small]
    placed = [*sample.train_images[:1650], *sample.test_images]
    assert [i for i, (one, other) in enumerate(zip(placed, large, strict=True)) if ink(one) != other] == []


def test_no_validation_or_test_digit_leaks_into_training(sample):
    validation = {ink(image) for image in sample.train_images[:150]}
    train = {ink(image) for image in sample.train_images[150:]}
    test = {ink(image) for image in sample.test_images}
    assert (len(validation), len(train), len(test)) == (150, 1500, 147)
    assert len(validation & train) == 0
    assert len(test & train) == 0
    assert len(test & validation) == 0


def test_the_copies_are_shifted_by_one_or_two_pixels_and_keep_their_label(sample):
    def corner(image):
        return np.array([np.flatnonzero(image.any(axis=axis))[0] for axis in (1, 0)])

    originals = {ink(image): i for i, image in enumerate(sample.train_images) if i < 1650}
    for image, label in zip(sample.train_images[1650:], sample.train_labels[1650:], strict=True):
        original = originals[ink(image)]
        assert label == sample.train_labels[original]
        assert 1 <= np.abs(corner(image) - corner(sample.train_images[original])).max() <= 2
    assert len(np.unique(sample.train_images.reshape(5150, -1), axis=0)) == 5150


def test_the_sample_is_centered_as_mnist_is(sample):
    ruler = np.arange(28)
    for image in [*sample.train_images[:1650], *sample.test_images]:
        assert abs(image.sum(axis=1) @ ruler / image.sum() - 14) <= 0.5
        assert abs(image.sum(axis=0) @ ruler / image.sum() - 14) <= 0.5


def test_the_sample_has_about_a_tenth_of_each_digit(sample):
    digits = data.split_and_scale(sample)
    for split, margin in ((digits.train, 0.005), (digits.validation, 0.005), (digits.test, 0.02)):
        shares = np.bincount(split.labels, minlength=10) / len(split)
        assert np.abs(shares - 0.1).max() < margin
