"""Your own drawings, collected into a small test set: added one by one, saved when you say so, read back."""

import zipfile
from os import PathLike
from pathlib import Path

import numpy as np
from filelock import Timeout
from numpy.typing import ArrayLike, NDArray

from lenet_tutorial import files
from lenet_tutorial.digit_input.preprocess import DigitInputError, prepare

NAME = "drawings.npz"
MOST_BYTES = 50_000_000  # of the file, and of what it unpacks to: sixty thousand digits, as many as MNIST's
LONGEST_WAIT = 10  # seconds for another notebook that is saving


class Drawings:
    """A collection of drawn digits with their labels, kept in one file of a folder.

    Nothing is written before :meth:`save`, and nothing is read but that file.

    Args:
        folder: where the file ``drawings.npz`` lies, or shall lie; the folder need not exist yet.

    Attributes:
        path: the file.
        images: float32 (n, 784) in [0, 1], as the network wants them.
        labels: int64 (n,).

    Raises:
        DigitInputError: there is such a file, and it holds no drawings.

    Example:

    >>> import tempfile
    >>> from lenet_tutorial.digit_input import handwritten
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     mine = Drawings(folder)
    ...     mine.add(handwritten(3), 3)
    ...     mine.add(handwritten(8), 8)
    ...     _ = mine.save()
    ...     len(Drawings(folder)), Drawings(folder).labels.tolist()
    (2, [3, 8])
    """

    def __init__(self, folder: str | PathLike):
        self.path = Path(folder).expanduser() / NAME
        self._seen = _stamp(self.path)
        self._digits, self._labels = _read(self.path) if self._seen else ([], [])

    def __len__(self) -> int:
        return len(self._labels)

    def __repr__(self) -> str:
        return f"<{len(self)} drawings of {len(set(self._labels))} digits>"

    @property
    def images(self) -> NDArray[np.float32]:
        return np.array(self._digits, np.uint8).reshape(-1, 784) / np.float32(255)

    @property
    def labels(self) -> NDArray[np.int64]:
        return np.array(self._labels, np.int64)

    def add(self, ink: ArrayLike, label: int) -> None:
        """Add one drawing.

        Args:
            ink: floats (height, width) in [0, 1] of any size, such as ``pad.image``; prepared as MNIST's digits were.
            label: the digit that was meant, 0 to 9.

        Raises:
            DigitInputError: there is no digit in the image, or the label is not a digit.
        """
        if isinstance(label, bool) or not isinstance(label, int | np.integer) or not 0 <= label <= 9:
            raise DigitInputError(f"expected a label from 0 to 9, the digit that was meant, got {label!r}")
        self._digits.append(np.round(255 * prepare(ink)).astype(np.uint8))
        self._labels.append(int(label))

    def remove(self, number: int = -1) -> None:
        """Remove one drawing: the last one, or the one of that number."""
        if not -len(self) <= number < len(self):
            raise DigitInputError(f"expected the number of one of {len(self)} drawings, got {number}")
        del self._digits[number], self._labels[number]

    def save(self) -> Path:
        """Write all drawings to the file, whole or not at all.

        Returns:
            The file's path.

        Raises:
            DigitInputError: the folder cannot be written to, or the file was changed after it was read.
        """
        images, labels = np.array(self._digits, np.uint8).reshape(-1, 28, 28), np.array(self._labels, np.uint8)
        try:
            with files.lock(self.path).acquire(timeout=LONGEST_WAIT):  # between the look and the writing nobody writes
                if _stamp(self.path) != self._seen:
                    raise DigitInputError(
                        f"{NAME} in {self.path.parent.name!r} was changed since it was read, perhaps by another "
                        "notebook, and saving would lose that: read it with Drawings(folder) and add the new ones, or "
                        "name another folder"
                    )
                with files.atomic_write(self.path) as place:
                    np.savez_compressed(place, images=images, labels=labels)
                self._seen = _stamp(self.path)
        except Timeout:
            raise DigitInputError(f"another notebook is saving {NAME}: try again when it is done") from None
        except OSError as error:
            raise DigitInputError(
                f"the drawings could not be saved in {self.path.parent.name!r} ({error.strerror}): name another folder"
            ) from None
        return self.path


def _stamp(path: Path) -> tuple[int, int, int] | None:
    """What tells one state of a file from another; None if there is no file."""
    try:
        state = path.stat()
    except OSError:
        return None
    return state.st_mtime_ns, state.st_size, state.st_ino


def _read(path: Path) -> tuple[list[NDArray[np.uint8]], list[int]]:
    """The digits and labels of a file, as lists; nothing that it holds is run."""
    try:
        with zipfile.ZipFile(path) as archive:
            unpacked = sum(part.file_size for part in archive.infolist())
        if max(path.stat().st_size, unpacked) > MOST_BYTES:
            raise DigitInputError(f"expected drawings of at most {MOST_BYTES // 10**6} MB, got {path.name} with more")
        with np.load(path, allow_pickle=False) as stored:
            images, labels = stored["images"], stored["labels"]
    except DigitInputError:
        raise
    except Exception as error:  # zipfile, zlib and NumPy each have errors of their own for damaged bytes
        told = f"{type(error).__name__}: {error}".split("\n")[0].replace(str(path), path.name)
        raise DigitInputError(
            f"expected saved drawings, got {path.name}, which holds none ({told}): move it away"
        ) from None
    if (
        (images.dtype, labels.dtype) != (np.uint8, np.uint8)
        or images.shape[1:] != (28, 28)
        or labels.shape != images.shape[:1]
        or labels.max(initial=0) > 9
    ):
        raise DigitInputError(
            f"expected drawings (n, 28, 28) and labels (n,) from 0 to 9, both uint8, got {images.shape} {images.dtype} "
            f"and {labels.shape} {labels.dtype} in {path.name}"
        )
    return list(images), labels.tolist()
