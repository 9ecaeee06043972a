"""Files that are written whole or not at all, locks between processes, and damaged files renamed."""

import contextlib
import getpass
import hashlib
import os
import tempfile
from collections.abc import Iterator
from os import PathLike
from pathlib import Path

from filelock import BaseFileLock, FileLock


@contextlib.contextmanager
def atomic_write(path: str | PathLike) -> Iterator[Path]:
    """Give a temporary path to write to; it becomes the file once the block has ended without an error.

    Until then, and for good if the block raises, the file stays what it was before. If several processes write at the
    same time, the last one to end wins. Missing folders are made.

    Args:
        path: the file.

    Yields:
        A Path of the same name in a folder of its own beside the file; nothing is there yet.

    Raises:
        OSError: there is no room, or no permission to write.

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


def lock(path: str | PathLike) -> BaseFileLock:
    """Make a lock that one process of this user holds at a time, for one file.

    It lies in the folder for temporary files, so that nothing appears beside the file, and the file's own folder may be
    read-only. The system releases it if the process that holds it dies.

    Args:
        path: the file; relative, links and all, as long as it is the same file.

    Returns:
        A ``filelock.FileLock``: ``with files.lock(path): ...``, or ``acquire(timeout=0)``, which raises
        ``filelock.Timeout`` if another process holds it.
    """
    name = hashlib.sha256(f"{getpass.getuser()} {os.path.realpath(path)}".encode()).hexdigest()[:16]
    return FileLock(Path(tempfile.gettempdir(), f"lenet-tutorial-{name}.lock"))


def rename_damaged(path: str | PathLike) -> str:
    """Rename a damaged file of ours, so that you are told once and nothing is lost.

    Args:
        path: the file; its new name has `.damaged` at the end.

    Returns:
        What was done, in a few words. A file that cannot be renamed, in a read-only folder or because another process
        was quicker, is left as it is.
    """
    path = Path(path)
    try:
        return f"renamed to {path.replace(f'{path}.damaged').name}"
    except OSError:
        return "left as it is"
