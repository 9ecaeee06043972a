"""Files that may be MNIST's, wherever people have them: in a folder, at most two folders deep, or in a zip archive."""

import gzip
import os
import zipfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

DEPTH = 2  # folders below the one that was named
MOST = 10_000  # files that are looked at, so that a whole disk is not
# What a file is by how it begins. Each is a kind that people have MNIST in, or that a failed download leaves.
MAGIC = {
    b"PK": "a zip archive that is damaged or cut off",
    b"\x93NUMPY": "a single .npy array",
    b"\0\0\x08": "one idx file (name the folder with all four)",
    b"version https://git-lfs": "a Git LFS pointer instead of the file: run `git lfs pull` in its repository",
    b"MATLAB 5.0": "a MATLAB file",
    b"\x89HDF": "an HDF5 file",
    b"PAR1": "a Parquet file",
    b"ARROW1": "an Arrow file",
    b"7z\xbc\xaf": "a 7z archive: unpack it",
    b"Rar!": "a RAR archive: unpack it",
    b"\xfd7zXZ": "an xz archive: unpack it",
    b"BZh": "a bzip2 archive: unpack it",
    b"\x80\x02": "a pickle, which can run any code and is never read here",
    b"\x80\x03": "a pickle, which can run any code and is never read here",
    b"\x80\x04": "a pickle, which can run any code and is never read here",
    b"\x80\x05": "a pickle, which can run any code and is never read here",
    b"<!doc": "a web page",
    b"<html": "a web page",
    b"<?xml": "a web page",
}


@dataclass(frozen=True)
class Member:
    """A file in a folder or in an archive.

    Attributes:
        place: where it is, as messages say it.
        name: its name, without the folders that it lies in.
        open: opens it for reading bytes, for use in a ``with`` statement.
    """

    place: Path
    name: str
    open: Callable[[], AbstractContextManager[IO[bytes]]]


def in_folder(folder: Path) -> list[Member]:
    """List the files of a folder, at most two folders deep, in the order of their depth and names.

    Raises:
        OSError: the folder cannot be read.
    """
    os.scandir(folder).close()  # os.walk would pass over it without a word
    found: list[Path] = []
    for root, folders, names in os.walk(folder):
        depth = len(Path(root).relative_to(folder).parts)
        folders[:] = sorted(each for each in folders if not each.startswith(".")) if depth < DEPTH else []
        found += [Path(root, name) for name in sorted(names)]
        if len(found) >= MOST:
            break
    found.sort(key=lambda path: len(path.parts))
    return [Member(path, path.name, lambda path=path: path.open("rb")) for path in found if path.is_file()]


def in_archive(path: Path) -> list[Member]:
    """List the files of a zip archive. Nothing is unpacked to disk.

    Raises:
        zipfile.BadZipFile: it is none, or damaged.
    """
    with zipfile.ZipFile(path) as archive:
        infos = [info for info in archive.infolist() if not info.is_dir()]

    @contextmanager
    def opened(info: zipfile.ZipInfo) -> Iterator[IO[bytes]]:
        with zipfile.ZipFile(path) as archive, archive.open(info) as stream:
            yield stream

    return [Member(path / info.filename, Path(info.filename).name, lambda info=info: opened(info)) for info in infos]


def one_file(path: Path) -> Member:
    """A file on its own."""
    return Member(path, path.name, lambda: path.open("rb"))


def kind(member: Member) -> str:
    """What a file looks like, from its first bytes."""
    with member.open() as stream:
        head = stream.read(256)
    prefix = ""
    if head.startswith(b"\x1f\x8b"):
        prefix = "a gzip file that holds "
        try:
            with member.open() as stream, gzip.GzipFile(fileobj=stream) as content:
                head = content.read(256)
        except (EOFError, OSError):
            return "a damaged gzip file"
    for magic, name in MAGIC.items():
        if head.startswith(magic) or head.lstrip().lower().startswith(magic):
            return prefix + name
    if "tfrecord" in member.name:
        return "a TFRecord file"
    return prefix + (f"a file that begins {head[:8]!r}" if head else "an empty file")
