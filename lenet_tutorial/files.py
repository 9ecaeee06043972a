"""Files that are written whole or not at all, whatever interrupts the writing, and damaged ones set aside."""

import contextlib
import os
import tempfile
from collections.abc import Iterator
from os import PathLike
from pathlib import Path


@contextlib.contextmanager
def atomic_write(path: str | PathLike) -> Iterator[Path]:
    """Give a place to write to; what was written there becomes the file once the block has ended well.

    Until then, and for good if the block raises, the file is what it was before. Others may write it at the same
    time: the last one to end wins. Folders that are missing are made.

    Args:
        path: the file.

    Yields:
        A Path of the same name in a folder of its own beside the file; nothing is there yet.

    Raises:
        OSError: there is no room, or no right to write.

    Example:

    >>> with tempfile.TemporaryDirectory() as folder:
    ...     with atomic_write(Path(folder, "note.txt")) as place:
    ...         _ = place.write_text("all of it")
    ...     Path(folder, "note.txt").read_text()
    'all of it'
    """
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=path.parent, prefix=f".{path.name}.") as folder:
        place = Path(folder, path.name)
        yield place
        with open(place, "rb+") as file:
            os.fsync(file.fileno())  # else a power cut may leave the name without the content
        if path.exists():
            os.chmod(place, path.stat().st_mode & 0o777)
        os.replace(place, path)


def write_bytes(path: str | PathLike, content: bytes) -> None:
    """Write a file whole or not at all: :func:`atomic_write` for content that is at hand.

    Raises:
        OSError: there is no room, or no permission to write.
    """
    with atomic_write(path) as place:
        place.write_bytes(content)


def rename_damaged(path: str | PathLike) -> str:
    """Rename a damaged file of ours, so that it is told once and not lost.

    Args:
        path: the file; its new name has `.damaged` at the end.

    Returns:
        What was done, in a few words. A file that cannot be renamed, in a read-only folder or because another process
        was quicker, is left as it is.
    """
    path = Path(path)
    try:
        return f"set aside as {path.replace(f'{path}.damaged').name}"
    except OSError:
        return "left as it is"
