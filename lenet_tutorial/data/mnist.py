"""MNIST's arrays, read and verified by content from whatever holds them: npz, idx files, or comma-separated values.

Whatever the container, header and bytes of each array are compared with the published digest of the original file.
"""

import gzip
import hashlib
import io
import math
import os
import re
import struct
import textwrap
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from lenet_tutorial import textbook
from lenet_tutorial.data.members import Member, in_archive, in_folder, kind, one_file
from lenet_tutorial.data.split import DataError, RawDigits

TABLES = ("mnist_train.csv", "mnist_test.csv")
LONGEST_TABLE = 200_000_000  # bytes; MNIST's training digits as comma-separated values are 110 MB


@dataclass(frozen=True)
class Part:
    """One of MNIST's four arrays: its names, its shape (uint8) and the published SHA-256 of its idx file, unpacked."""

    key: str
    stem: str
    shape: tuple[int, ...]
    sha256: str

    @property
    def file(self) -> str:
        """The original file's name."""
        return f"{self.stem}-idx{len(self.shape)}-ubyte"

    def is_called(self, name: str) -> bool:
        """Whether its file may have that name: `train-images-idx3-ubyte`, `train-images.idx3-ubyte`, or with .gz."""
        return bool(re.fullmatch(rf"{self.stem}[-.]idx{len(self.shape)}[-.]ubyte(\.gz)?", name, re.IGNORECASE))

    @property
    def header(self) -> bytes:
        """The idx header: 0x00 0x00, 0x08 for uint8, the number of axes; then each axis as a big-endian uint32."""
        return struct.pack(f">HBB{len(self.shape)}I", 0, 8, len(self.shape), *self.shape)


PARTS = (  # in the order in which RawDigits has them
    Part(
        "x_train", "train-images", (60000, 28, 28), "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db"
    ),
    Part("y_train", "train-labels", (60000,), "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5"),
    Part("x_test", "t10k-images", (10000, 28, 28), "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7"),
    Part("y_test", "t10k-labels", (10000,), "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2"),
)


def read(path: Path, source: str) -> RawDigits:
    """MNIST from an npz file, or from a folder or zip archive; a `DataError` says which file is not right."""
    try:
        arrays = _read(path)
    except OSError as error:  # for one, a file that we may not read
        raise _wrong(path, "something readable", error.strerror or type(error).__name__) from None
    note = f"This is MNIST: {len(arrays[0]):,} training and {len(arrays[2]):,} test images, verified by content."
    return RawDigits("MNIST", *arrays, textbook.N_VALIDATION, note=note, source=source)


def _read(path: Path) -> list[np.ndarray]:
    if path.is_dir():
        members = in_folder(path)
        found = next((member.place for member in members if member.name.lower() == "mnist.npz"), None)
        arrays = _read_members(members) or (_read_npz(found) if found else None)
        if arrays is None:
            raise _wrong(path, _wanted_of_folder(members), _listed(members))
        return arrays
    if not path.is_file():
        raise _wrong(path, "a file or a folder", "neither" if path.exists() else f"nothing at {path.absolute()}")
    try:
        members = in_archive(path)
    except Exception:  # no archive, or one that is damaged: zipfile has kinds of its own for damaged bytes
        members = []
    return _read_members(members) or _read_npz(path)


def _read_members(members: list[Member]) -> list[np.ndarray] | None:
    """MNIST from the four idx files, or from the two tables, among some files; None if they aren't all there."""
    files = [[member for member in members if part.is_called(member.name)] for part in PARTS]
    if all(files):
        return [_first(each, part) for each, part in zip(files, PARTS, strict=True)]
    tables = [next((member for member in members if member.name.lower() == name), None) for name in TABLES]
    if all(tables):
        return [*_read_table(tables[0], *PARTS[:2]), *_read_table(tables[1], *PARTS[2:])]
    return None


def _first(members: list[Member], part: Part) -> np.ndarray:
    """The array from the first file that has it; if none has, what is wrong with the first."""
    problem = None
    for member in members:
        try:
            return _verified(member.place, part, _read_idx(member, part))
        except DataError as error:
            problem = problem or error
    raise problem


def _wanted_of_folder(members: list[Member]) -> str:
    missing = [part.file for part in PARTS if not any(part.is_called(member.name) for member in members)]
    return f"mnist.npz, or the four original idx files, {', '.join(missing)} (or .gz) among them"


def _listed(members: list[Member]) -> str:
    """What there is instead: names, and what kind of file the first one is that is none of MNIST's."""
    if not members:
        return "nothing in it"
    names = textwrap.shorten(", ".join(member.name for member in members), 150, placeholder=" …")
    others = (member for member in members if not any(part.is_called(member.name) for part in PARTS))
    other = next(others, None)
    return f"{names} ({other.name} is {kind(other)})" if other else names


def tidy(path: Path) -> str:
    """The path for a message, the home folder written as ~."""
    home = os.path.expanduser("~")
    return str(Path("~", path.relative_to(home)) if path.is_relative_to(home) else path)


def _wrong(path: Path, wanted: str, found: str) -> DataError:
    return DataError(f"{tidy(path)}: expected {wanted}, found {found}.")


def _verified(path: Path, part: Part, array: np.ndarray) -> np.ndarray:
    digest = hashlib.sha256(part.header + array.tobytes()).hexdigest()
    if digest != part.sha256:
        wanted = f"{part.key} with MNIST's content (SHA-256 {part.sha256[:8]}…)"
        raise _wrong(path, wanted, f"the right shape but other bytes ({digest[:8]}…)")
    return array


def _read_npz(path: Path) -> list[np.ndarray]:
    wanted = "an .npz file with " + ", ".join(part.key for part in PARTS)
    try:
        with zipfile.ZipFile(path) as archive:
            missing = [part.key for part in PARTS if f"{part.key}.npy" not in archive.namelist()]
            if missing:
                held = textwrap.shorten(", ".join(archive.namelist()), 150, placeholder=" …") or "nothing"
                raise _wrong(path, wanted, f"no {', '.join(missing)} in it, but {held}")
            return [_verified(path, part, _read_member(path, archive, part)) for part in PARTS]
    except (DataError, OSError):
        raise
    except Exception:  # zipfile, zlib, lzma, tokenize and NumPy each have kinds of their own for damaged bytes
        raise _wrong(path, wanted, kind(one_file(path))) from None


def _read_member(path: Path, archive: zipfile.ZipFile, part: Part) -> np.ndarray:
    """One array of an npz file, read into memory only if its header announces what is wanted."""
    with archive.open(f"{part.key}.npy") as stream:
        np.lib.format.read_magic(stream)
        shape, _, dtype = np.lib.format.read_array_header_1_0(stream)  # later versions are for longer headers
        if shape != part.shape or dtype != np.uint8:
            pickled = "Python objects, which need pickle; pickle can run any code and is not read here"
            found = pickled if dtype.hasobject else f"{shape} {dtype}"
            raise _wrong(path, f"{part.key} of shape {part.shape} uint8", found)
        stream.seek(0)
        return np.lib.format.read_array(stream, allow_pickle=False)


def _read_idx(member: Member, part: Part) -> np.ndarray:
    """One idx file, gzipped or not, which its first bytes tell (some browsers unpack and keep the name)."""
    wanted = f"the idx file of {part.key}, {part.shape} uint8"
    start, size = len(part.header), math.prod(part.shape)
    try:
        with member.open() as stream:
            is_gzip = stream.read(2) == b"\x1f\x8b"
        with member.open() as stream:
            content = (gzip.GzipFile(fileobj=stream) if is_gzip else stream).read(start + size + 1)
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise _wrong(member.place, wanted, f"a damaged gzip file ({error})") from None
    except OSError:
        raise
    except Exception as error:  # zipfile and its decoders have kinds of their own for damaged bytes
        raise _wrong(member.place, wanted, f"a damaged zip archive ({error})") from None
    if not content.startswith(part.header):
        found = kind(member)
        if content.startswith(b"\0\0\x08") and len(content) >= 8:
            found = "an idx file of {} axes, the first of length {:,}".format(*struct.unpack(">3xBI", content[:8]))
        raise _wrong(member.place, wanted, found)
    if len(content) != start + size:
        n = len(content) - start
        raise _wrong(member.place, wanted, f"{n:,} bytes after the header" if n < size else "more bytes")
    return np.frombuffer(content, np.uint8, offset=start).reshape(part.shape)


def _read_table(member: Member, images: Part, labels: Part) -> list[np.ndarray]:
    """Images and labels from comma-separated values, a row a digit: the label, then 784 pixels, all from 0 to 255."""
    n = images.shape[0]
    wanted = f"{n:,} rows of a label and 784 pixels, numbers from 0 to 255"
    try:
        with member.open() as stream:
            content = stream.read(LONGEST_TABLE)
        header = 0 if content[:1].isdigit() else 1
        rows = np.loadtxt(io.BytesIO(content), np.uint8, delimiter=",", skiprows=header, max_rows=n + 1, ndmin=2)
    except OSError:
        raise
    except Exception as error:  # NumPy's reader, zipfile and zlib each have kinds of their own for damaged bytes
        raise _wrong(member.place, wanted, str(error).splitlines()[0] or type(error).__name__) from None
    if rows.shape != (n, 785):
        raise _wrong(member.place, wanted, f"{rows.shape[0]:,} rows of {rows.shape[1]}")
    found = rows[:, 1:].reshape(images.shape), rows[:, 0]
    return [_verified(member.place, part, array) for part, array in zip((images, labels), found, strict=True)]
