"""The offline sample: other people's digits, made to look like MNIST's, for when MNIST is not to be had.

Source:
    E. Alpaydin, C. Kaynak, "Optical Recognition of Handwritten Digits", UCI Machine Learning Repository (1998),
    DOI 10.24432/C50P49, as shipped with scikit-learn.
"""

import numpy as np
from PIL import Image

from lenet_tutorial.data.split import MNIST_VARIABLE, RawDigits

# Of the 1,797 digits, in their order; the last 147 are for the test. Each class has about its tenth of each part, and
# since one writer's digits follow one another, the three parts are mostly by different hands.
N_VALIDATION = 150
N_ORIGINALS = 1500
N_TRAIN = 5000  # once shifted copies have filled the training part up


def offline_sample(why: str = "asked for") -> RawDigits:
    """scikit-learn's 1,797 handwritten digits of 8x8 pixels, split first, then made to look like MNIST's.

    Each is enlarged to 20x20 and placed in 28x28 so that its center of mass is in the middle, as MNIST's are; shifted
    copies fill the training part up.

    Args:
        why: the reason that goes into the note.
    """
    from sklearn.datasets import load_digits  # here, because it takes a second

    small = load_digits()
    images, labels = _enlarged(small.images), small.target.astype(np.uint8)
    first, last = N_VALIDATION, N_VALIDATION + N_ORIGINALS
    which, shifts = _copies(N_ORIGINALS, N_TRAIN)
    return RawDigits(
        "offline sample",
        np.concatenate([_centered(images[:first]), _centered(images[first:last][which], shifts)]),
        np.concatenate([labels[:first], labels[first:last][which]]),
        _centered(images[last:]),
        labels[last:],
        n_validation=first,
        note=(
            f"This is NOT MNIST but the offline sample, scikit-learn's small digits enlarged ({why}). "
            f"For MNIST, restart the kernel with a network and {MNIST_VARIABLE} unset, or set it to the path "
            "of a copy: an .npz file in Keras's layout, or a folder with the four original idx files."
        ),
        source="scikit-learn",
    )


def _enlarged(images: np.ndarray) -> np.ndarray:
    """(n, 8, 8) values from 0 to 16, as (n, 20, 20) uint8. Pillow reckons in integers: the same bytes everywhere."""
    small = np.round(images * (255 / 16)).astype(np.uint8)
    return np.stack([Image.fromarray(one).resize((20, 20), Image.Resampling.BICUBIC) for one in small])


def _copies(n: int, total: int) -> tuple[np.ndarray, np.ndarray]:
    """Which of n images goes to each of `total` places, and its shift (down, right): first all unshifted, then copies.

    The 24 shifts by one or two pixels are dealt out in turn, so that no image gets the same one twice.
    """
    around = range(-2, 3)
    shifts = np.array([(down, right) for down in around for right in around if down or right])
    turn, which = np.divmod(np.arange(total), n)
    return which, np.where(turn[:, None] == 0, 0, shifts[(which + 7 * turn) % len(shifts)])


def _centered(images: np.ndarray, shifts: np.ndarray | int = 0) -> np.ndarray:
    """(n, 20, 20) placed whole into (n, 28, 28), the center of mass at pixel (14, 14) as MNIST's are, then shifted."""
    weight = images / images.sum(axis=(1, 2), keepdims=True, dtype=np.float64)
    ruler = np.arange(20)
    center = np.stack([weight.sum(axis=2) @ ruler, weight.sum(axis=1) @ ruler], axis=1)
    corner = np.clip(np.round(14 - center).astype(int) + shifts, 0, 28 - 20)
    placed = np.zeros((len(images), 28, 28), np.uint8)
    for target, image, (top, left) in zip(placed, images, corner, strict=True):
        target[top : top + 20, left : left + 20] = image
    return placed
