"""Digits, as they are stored and as a network wants them."""

from dataclasses import dataclass, field

import numpy as np

MNIST_VARIABLE = "LENET_TUTORIAL_MNIST"


class DataError(ValueError):
    """These are not the data that were wanted: the message says what came and what was wanted."""


def _freeze(record):
    """Make each array of a dataclass a view that refuses to be written to; the caller's own stay as they are."""
    for name, value in list(vars(record).items()):
        if isinstance(value, np.ndarray):
            view = value.view()
            view.flags.writeable = False
            object.__setattr__(record, name, view)


@dataclass(frozen=True, eq=False, repr=False)
class _Described:
    """What `RawDigits` and `Digits` say of themselves."""

    name: str
    note: str = field(default="", kw_only=True)
    source: str = field(default="", kw_only=True)

    @property
    def is_mnist(self) -> bool:
        """Whether this is MNIST, so that a comparison with the textbook makes sense."""
        return self.name == "MNIST"


@dataclass(frozen=True, eq=False, repr=False)
class RawDigits(_Described):
    """Digits as they are stored: one byte a pixel, 0 (background) to 255 (ink). All arrays are read-only.

    Args:
        name: "MNIST" or "offline sample".
        train_images: (n, 28, 28) uint8; the first `n_validation` of them are the validation part.
        train_labels: (n,) uint8, 0 to 9.
        test_images: (m, 28, 28) uint8.
        test_labels: (m,) uint8, 0 to 9.
        n_validation: how many of the first training images are held out (5,000 of MNIST, 150 of the sample).
        note: a sentence or two saying which data this is; the same on every machine for MNIST.
        source: where the arrays came from, in a few words; it differs from machine to machine.

    Raises:
        DataError: an array of another shape or dtype.
    """

    train_images: np.ndarray
    train_labels: np.ndarray
    test_images: np.ndarray
    test_labels: np.ndarray
    n_validation: int

    def __post_init__(self):
        _freeze(self)
        _check(self.train_images, self.train_labels, "training")
        _check(self.test_images, self.test_labels, "test")
        n, n_validation = len(self.train_images), self.n_validation
        if not 0 <= n_validation <= n:
            raise DataError(f"expected n_validation from 0 to {n}, the number of training images, got {n_validation}")

    def __repr__(self) -> str:
        n_train = len(self.train_images) - self.n_validation
        return f"<{self.name}, raw: {n_train:,} + {self.n_validation:,} training, {len(self.test_images):,} test>"


def _check(images: np.ndarray, labels: np.ndarray, part: str):
    if images.dtype != np.uint8 or images.ndim != 3 or images.shape[1:] != (28, 28):
        raise DataError(f"expected {part} images of shape (n, 28, 28) uint8, got {images.shape} {images.dtype}")
    if labels.dtype != np.uint8 or labels.shape != images.shape[:1]:
        wanted = f"{images.shape[:1]} uint8, one per image"
        raise DataError(f"expected {part} labels of shape {wanted}, got {labels.shape} {labels.dtype}")
    if labels.max(initial=0) > 9:
        raise DataError(f"expected {part} labels from 0 to 9, got {labels.max()}")


@dataclass(frozen=True, eq=False, repr=False)
class Split:
    """One part of the digits, ready for a network. All arrays are read-only.

    Args:
        images: (n, 784) float32 in [0, 1]: row by row, 0 background, 1 ink.
        onehot: (n, 10) float32: 1 in the label's column, 0 elsewhere.
        labels: (n,) int64, 0 to 9.
    """

    images: np.ndarray
    onehot: np.ndarray
    labels: np.ndarray

    def __post_init__(self):
        _freeze(self)

    def __len__(self) -> int:
        return len(self.labels)

    def __repr__(self) -> str:
        return f"<{len(self):,} digits: images {self.images.shape} {self.images.dtype}, onehot {self.onehot.shape}>"


@dataclass(frozen=True, eq=False, repr=False)
class Digits(_Described):
    """The three parts of the digits, ready for a network; `name`, `note` and `source` as in `RawDigits`.

    Args:
        train: what the network learns from (55,000 of MNIST).
        validation: what choices are made by (5,000 of MNIST: the first of the original training images).
        test: what is looked at last (10,000 of MNIST).
    """

    train: Split
    validation: Split
    test: Split

    def __repr__(self) -> str:
        counts = f"{len(self.train):,} train, {len(self.validation):,} validation, {len(self.test):,} test"
        return f"<{self.name}: {counts}>"


def split_and_scale(raw: RawDigits) -> Digits:
    """Scale to [0, 1], flatten, one-hot encode, and hold out the FIRST `n_validation` training images.

    The textbook's loader did the same: pixels / 255 in float32, the first 5,000 of 60,000 held out.

    Example:
        >>> from lenet_tutorial import data
        >>> digits = data.split_and_scale(data.offline_sample())
        >>> digits
        <offline sample: 5,000 train, 150 validation, 147 test>
        >>> digits.train
        <5,000 digits: images (5000, 784) float32, onehot (5000, 10)>
    """
    n, images, labels = raw.n_validation, raw.train_images, raw.train_labels
    train, validation = _split(images[n:], labels[n:]), _split(images[:n], labels[:n])
    test = _split(raw.test_images, raw.test_labels)
    return Digits(raw.name, train, validation, test, note=raw.note, source=raw.source)


def _split(images: np.ndarray, labels: np.ndarray) -> Split:
    # dtype: without it, a float64 array of 0.4 GB on the way.
    pixels = np.divide(images.reshape(len(images), 28 * 28), np.float32(255), dtype=np.float32)
    return Split(images=pixels, onehot=np.eye(10, dtype=np.float32)[labels], labels=labels.astype(np.int64))
