"""MNIST's containers, an npz file or four idx files: read, and verified by content.

Whatever the container, header and bytes of each array are compared with the published digest of the original file.
"""

import gzip
import hashlib
import math
import os
import struct
import textwrap
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from lenet_tutorial import textbook
from lenet_tutorial.data.split import DataError, RawDigits


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
MAGIC = {
    b"PK": "a zip archive that is damaged or cut off",
    b"\x1f\x8b": "a gzip file",
    b"\x93NUMPY": "a single .npy array",
    b"\0\0\x08": "one idx file (the folder with all four is wanted)",
}


def read(path: Path, source: str) -> RawDigits:
    """MNIST from an npz file or a folder of idx files; a `DataError` says which file is not right."""
    try:
        if path.is_dir():
            arrays = _read_folder(path)
        elif path.is_file():
            arrays = _read_npz(path)
        else:
            raise _wrong(path, "a file or a folder", "neither" if path.exists() else f"nothing at {path.absolute()}")
    except OSError as error:  # for one, a file that we may not read
        raise _wrong(path, "something readable", error.strerror or type(error).__name__) from None
    note = f"This is MNIST: {len(arrays[0]):,} training and {len(arrays[2]):,} test images, verified by content."
    return RawDigits("MNIST", *arrays, textbook.N_VALIDATION, note=note, source=source)


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


def _kind(path: Path) -> str:
    """What a file looks like from its first bytes."""
    with open(path, "rb") as stream:
        head = stream.read(256)
    if head.lstrip()[:5].lower() in (b"<!doc", b"<html", b"<?xml"):
        return "a web page"
    known = [name for magic, name in MAGIC.items() if head.startswith(magic)]
    return known[0] if known else f"a file that begins {head[:8]!r}" if head else "an empty file"


def _read_npz(path: Path) -> list[np.ndarray]:
    wanted = "an .npz file with " + ", ".join(part.key for part in PARTS)
    try:
        with zipfile.ZipFile(path) as archive:
            missing = [part.key for part in PARTS if f"{part.key}.npy" not in archive.namelist()]
            if missing:
                raise _wrong(path, wanted, f"no {', '.join(missing)} in it")
            return [_verified(path, part, _read_member(path, archive, part)) for part in PARTS]
    except (DataError, OSError):
        raise
    except Exception:  # zipfile, zlib, lzma, tokenize and NumPy each have kinds of their own for damaged bytes
        raise _wrong(path, wanted, _kind(path)) from None


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


def _read_folder(folder: Path) -> list[np.ndarray]:
    """The four original files, each as it is or gzipped."""
    paths = {}
    for part in PARTS:
        candidates = (folder / part.file, folder / f"{part.file}.gz")
        paths[part] = next((path for path in candidates if path.is_file()), None)
    missing = ", ".join(part.file for part, path in paths.items() if path is None)
    if missing:
        found = textwrap.shorten(", ".join(sorted(os.listdir(folder))), 150, placeholder=" …") or "nothing in it"
        raise _wrong(folder, f"the four original idx files, {missing} (or .gz) among them", found)
    return [_verified(path, part, _read_idx(path, part)) for part, path in paths.items()]


def _read_idx(path: Path, part: Part) -> np.ndarray:
    """One idx file, gzipped or not, which its first bytes tell (some browsers unpack and keep the name)."""
    wanted = f"the idx file of {part.key}, {part.shape} uint8"
    start, size = len(part.header), math.prod(part.shape)
    try:
        with open(path, "rb") as stream:
            opened = gzip.open if stream.read(2) == b"\x1f\x8b" else open
        with opened(path, "rb") as stream:
            content = stream.read(start + size + 1)
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise _wrong(path, wanted, f"a damaged gzip file ({error})") from None
    if not content.startswith(part.header):
        found = _kind(path)
        if content.startswith(b"\0\0\x08") and len(content) >= 8:
            found = "an idx file of {} axes, the first of length {:,}".format(*struct.unpack(">3xBI", content[:8]))
        raise _wrong(path, wanted, found)
    if len(content) != start + size:
        n = len(content) - start
        raise _wrong(path, wanted, f"{n:,} bytes after the header" if n < size else "more bytes")
    return np.frombuffer(content, np.uint8, offset=start).reshape(part.shape)
