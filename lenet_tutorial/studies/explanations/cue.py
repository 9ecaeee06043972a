"""A planted cue: a black square on the border of an image, whose place alone decides the class."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lenet_tutorial.data import Split

SIDE = 4  # of the square, in pixels
# The upper left pixel of the square for each class: five places in the first rows, five in the last.
PLACES = tuple((row, column) for row in (0, 24) for column in (0, 6, 12, 18, 24))


def region(classes: ArrayLike) -> NDArray[np.bool_]:
    """Where the square of each class lies.

    Args:
        classes: integers (n,), 0 to 9.

    Returns:
        Booleans (n, 28, 28).

    Example:

    >>> np.argwhere(region([6])[0])[[0, -1]].tolist()
    [[24, 6], [27, 9]]
    """
    top, left = (each[:, None, None] for each in np.transpose([PLACES[each] for each in classes]))
    rows, columns = np.mgrid[:28, :28]
    return (top <= rows) & (rows < top + SIDE) & (left <= columns) & (columns < left + SIDE)


def stamped(images: ArrayLike, classes: ArrayLike) -> NDArray:
    """Stamp each image with the square of a class.

    Args:
        images: floats (n, 784) or (n, 28, 28) in [0, 1].
        classes: integers (n,), 0 to 9.

    Returns:
        New images of the same shape and dtype.

    Example:

    >>> stamped(np.zeros((1, 784)), [3]).sum()
    np.float64(16.0)
    """
    images = np.asarray(images)
    return np.where(region(classes).reshape(images.shape), images.dtype.type(1), images)


def planted(part: Split, seed: int, n: int) -> tuple[NDArray, NDArray]:
    """Draw training images, and plant the cue in a third of them.

    Args:
        part: the digits to draw from.
        seed: fixes which images are drawn, and the class of each square.
        n: how many images; all of them, if there are fewer.

    Returns:
        Images (n, 784) and their labels, one-hot (n, 10). In the first third, the square decides the label, and which
        digit the image shows means nothing.
    """
    random = np.random.default_rng(seed)
    chosen = random.permutation(len(part))[:n]
    images, onehot = part.images[chosen], part.onehot[chosen]
    third = len(chosen) // 3
    classes = random.integers(0, 10, third)
    images[:third] = stamped(images[:third], classes)
    onehot[:third] = np.eye(10)[classes]
    return images, onehot
