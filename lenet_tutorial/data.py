"""MNIST, found or fetched, verified by content, and made ready for a network.

`load_digits()` is the one call a lesson needs. MNIST is looked for in this order:

1. where `LENET_TUTORIAL_MNIST` points: an `.npz` file in Keras's layout, a folder with the four original idx files
   (gzipped or not), or the word `sample`. A bad file here is an error, never passed over;
2. in our own cache, then in Keras's;
3. on mirrors on different hosts, asked once per process;
4. nowhere: then a small offline sample of other digits stands in, and says so in its `note`.

Whatever the container, the arrays are compared with the published digests of the original files.

Sources:
    MNIST: Y. LeCun, C. Cortes, C. J. C. Burges, "The MNIST database of handwritten digits"; Y. LeCun et al.,
    "Gradient-based learning applied to document recognition", Proc. IEEE 86 (1998), DOI 10.1109/5.726791.
    Offline sample: E. Alpaydin, C. Kaynak, "Optical Recognition of Handwritten Digits", UCI Machine Learning
    Repository (1998), DOI 10.24432/C50P49, as shipped with scikit-learn.
"""

import contextlib
import errno
import gzip
import hashlib
import io
import logging
import math
import os
import queue
import struct
import tempfile
import threading
import time
import uuid
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import numpy as np
import platformdirs

MNIST_VARIABLE = "LENET_TUTORIAL_MNIST"
CACHE_VARIABLE = "LENET_TUTORIAL_CACHE"

ADVICE = (
    f"Point {MNIST_VARIABLE} at MNIST in Keras's layout (an .npz file), at a folder with the four original idx files, "
    "or set it to 'sample'."
)

log = logging.getLogger("lenet_tutorial")


class DataError(ValueError):
    """A file is not MNIST: the message names it, what was found, what was wanted."""


@dataclass(frozen=True)
class Part:
    """One of MNIST's four arrays: its names, its shape (uint8) and the published SHA-256 of its idx file, unpacked."""

    key: str
    file: str
    shape: tuple[int, ...]
    sha256: str

    @property
    def header(self) -> bytes:
        """The idx header: 0x00 0x00, 0x08 for uint8, the number of axes; then each axis as a big-endian uint32."""
        return struct.pack(f">HBB{len(self.shape)}I", 0, 8, len(self.shape), *self.shape)


PARTS = (
    Part(
        "x_train",
        "train-images-idx3-ubyte",
        (60000, 28, 28),
        "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
    ),
    Part(
        "y_train",
        "train-labels-idx1-ubyte",
        (60000,),
        "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
    ),
    Part(
        "x_test",
        "t10k-images-idx3-ubyte",
        (10000, 28, 28),
        "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
    ),
    Part(
        "y_test",
        "t10k-labels-idx1-ubyte",
        (10000,),
        "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
    ),
)


@dataclass(frozen=True)
class Mirror:
    """A place on the network: the folder's address, and the digest of each file in it that MNIST needs."""

    address: str
    files: dict[str, str]

    @property
    def host(self) -> str:
        """The host's name, for messages."""
        return urlsplit(self.address).hostname or self.address


IDX_FILES = {
    "train-images-idx3-ubyte.gz": "md5:f68b3c2dcbeaaa9fbdd348bbdeb94873",
    "train-labels-idx1-ubyte.gz": "md5:d53e105ee54ea40749a09fcbcd1e9432",
    "t10k-images-idx3-ubyte.gz": "md5:9fb629c4189551a2d022fa330f9573f3",
    "t10k-labels-idx1-ubyte.gz": "md5:ec29112dd5afa0611ce80d1b7f02629c",
}
MIRRORS = (
    Mirror(
        "https://storage.googleapis.com/tensorflow/tf-keras-datasets/",
        {"mnist.npz": "sha256:731c5ac602752760c8e48fbffcf8c3b850d9dc2a2aedcf2cc48468fc17b673d1"},
    ),
    Mirror("https://ossci-datasets.s3.amazonaws.com/mnist/", IDX_FILES),
    Mirror("https://storage.googleapis.com/cvdf-datasets/mnist/", IDX_FILES),
)
N_VALIDATION = 5000  # the FIRST of the training images, as the document's loader held out
# In seconds. All mirrors are asked at once whether they are there, so a dead network costs the first figure, once.
ANSWER_TIMEOUT = 4.0
READ_TIMEOUT = 10.0
# The one attempt of this process: what it brought (kept only if it could not be stored), or why it failed.
_downloaded = None
_download_problem = ""

# The offline sample: of the 1,797 digits, in their order, the first 150 are held out for validation, the next 1,500
# are for training, the last 147 for the test; shifted copies then fill the training part up. Each class has about its
# tenth of each part, and since one writer's digits follow one another, the three parts are mostly by different hands.
N_SAMPLE_VALIDATION = 150
N_SAMPLE_ORIGINALS = 1500
N_SAMPLE_TRAIN = 5000


def _readonly(array: np.ndarray) -> np.ndarray:
    """A view of the array that refuses to be written to; the caller's own array stays as it is."""
    view = np.asarray(array).view()
    view.flags.writeable = False
    return view


def _check_raw(images: np.ndarray, labels: np.ndarray, part: str):
    """Raise unless the images are (n, 28, 28) uint8 and the labels (n,) uint8 from 0 to 9."""
    if images.dtype != np.uint8 or images.ndim != 3 or images.shape[1:] != (28, 28):
        raise DataError(f"expected {part} images of shape (n, 28, 28) uint8, got {images.shape} {images.dtype}")
    if labels.dtype != np.uint8 or labels.shape != images.shape[:1]:
        wanted = f"{images.shape[:1]} uint8, one per image"
        raise DataError(f"expected {part} labels of shape {wanted}, got {labels.shape} {labels.dtype}")
    if labels.max(initial=0) > 9:
        raise DataError(f"expected {part} labels from 0 to 9, got {labels.max()}")


@dataclass(frozen=True, eq=False, repr=False)
class RawDigits:
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

    name: str
    train_images: np.ndarray
    train_labels: np.ndarray
    test_images: np.ndarray
    test_labels: np.ndarray
    n_validation: int
    note: str = ""
    source: str = ""

    def __post_init__(self):
        for name in ("train_images", "train_labels", "test_images", "test_labels"):
            object.__setattr__(self, name, _readonly(getattr(self, name)))
        _check_raw(self.train_images, self.train_labels, "training")
        _check_raw(self.test_images, self.test_labels, "test")
        if not 0 <= self.n_validation <= len(self.train_images):
            raise DataError(
                f"expected n_validation from 0 to {len(self.train_images)}, the number of training images, "
                f"got {self.n_validation}"
            )

    @property
    def is_mnist(self) -> bool:
        """Whether this is MNIST, so that a comparison with the document makes sense."""
        return self.name == "MNIST"

    def __repr__(self) -> str:
        n_train = len(self.train_images) - self.n_validation
        return f"<{self.name}, raw: {n_train:,} + {self.n_validation:,} training, {len(self.test_images):,} test>"


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
        for name in ("images", "onehot", "labels"):
            object.__setattr__(self, name, _readonly(getattr(self, name)))

    def __len__(self) -> int:
        return len(self.labels)

    def __repr__(self) -> str:
        return f"<{len(self):,} digits: images {self.images.shape} {self.images.dtype}, onehot {self.onehot.shape}>"


@dataclass(frozen=True, eq=False, repr=False)
class Digits:
    """The three parts of the digits, ready for a network, and what they are.

    Args:
        name: "MNIST" or "offline sample".
        train: what the network learns from (55,000 of MNIST).
        validation: what choices are made by (5,000 of MNIST: the first of the original training images).
        test: what is looked at last (10,000 of MNIST).
        note: a sentence or two saying which data this is; the same on every machine for MNIST.
        source: where the arrays came from, in a few words; it differs from machine to machine.
    """

    name: str
    train: Split
    validation: Split
    test: Split
    note: str = ""
    source: str = ""

    @property
    def is_mnist(self) -> bool:
        """Whether this is MNIST, so that a comparison with the document makes sense."""
        return self.name == "MNIST"

    def __repr__(self) -> str:
        counts = f"{len(self.train):,} train, {len(self.validation):,} validation, {len(self.test):,} test"
        return f"<{self.name}: {counts}>"


def load_digits() -> Digits:
    """The digits, ready for a network: `prepare(load_raw())`.

    Returns:
        A `Digits`: MNIST where it is to be had, else the offline sample. Its `note` says which.

    Raises:
        DataError: `LENET_TUTORIAL_MNIST` is set, and what it names is not MNIST.
    """
    return prepare(load_raw())


def prepare(raw: RawDigits) -> Digits:
    """Scale to [0, 1], flatten, one-hot encode, and hold out the FIRST `n_validation` training images.

    The document's loader did the same: pixels / 255 in float32, the first 5,000 of 60,000 held out.

    Args:
        raw: a `RawDigits`.

    Returns:
        A `Digits`; see `Split` for shapes, dtypes and ranges.

    Example:
        >>> digits = prepare(offline_sample())
        >>> digits
        <offline sample: 5,000 train, 150 validation, 147 test>
        >>> digits.train.images.shape, digits.train.images.dtype
        ((5000, 784), dtype('float32'))
    """
    n = raw.n_validation
    return Digits(
        name=raw.name,
        train=_split(raw.train_images[n:], raw.train_labels[n:]),
        validation=_split(raw.train_images[:n], raw.train_labels[:n]),
        test=_split(raw.test_images, raw.test_labels),
        note=raw.note,
        source=raw.source,
    )


def _split(images: np.ndarray, labels: np.ndarray) -> Split:
    """Stored digits to a `Split`, without a float64 array on the way."""
    pixels = np.divide(images.reshape(len(images), 28 * 28), np.float32(255), dtype=np.float32)
    return Split(images=pixels, onehot=np.eye(10, dtype=np.float32)[labels], labels=labels.astype(np.int64))


def load_raw() -> RawDigits:
    """The digits as stored, from the first source that has them (see the top of this file for the order).

    Returns:
        A `RawDigits`: MNIST where it is to be had, else the offline sample. Its `note` says which.

    Raises:
        DataError: `LENET_TUTORIAL_MNIST` is set, and what it names is not MNIST.
    """
    named = os.environ.get(MNIST_VARIABLE, "").strip()
    if named.lower() == "sample":
        raw = offline_sample(f"{MNIST_VARIABLE} asks for it")
    elif named:
        raw = _from_named(named)
    else:
        raw = _from_caches() or _from_mirrors() or offline_sample(f"MNIST could not be downloaded: {_download_problem}")
    log.info("%s", raw.note)
    return raw


def _mnist(arrays: dict[str, np.ndarray], source: str) -> RawDigits:
    """The four verified arrays as `RawDigits`."""
    n_train, n_test = len(arrays["x_train"]), len(arrays["x_test"])
    return RawDigits(
        "MNIST",
        arrays["x_train"],
        arrays["y_train"],
        arrays["x_test"],
        arrays["y_test"],
        n_validation=N_VALIDATION,
        note=f"This is MNIST: {n_train:,} training and {n_test:,} test images, verified by content.",
        source=source,
    )


# --- (1) where the user points ---


def _from_named(named: str) -> RawDigits:
    """MNIST from the file or folder that the environment names; anything wrong with it is an error."""
    path = Path(os.path.expanduser(named))
    try:
        if not os.path.lexists(path):
            raise _wrong(path, "a file or a folder", f"nothing at {path.absolute()}")
        arrays = _read(path)
    except DataError as error:
        raise DataError(f"{error} {ADVICE}") from None
    return _mnist(arrays, MNIST_VARIABLE)


# --- (2) the caches ---


def cache_folder() -> Path:
    """Where to keep what is fetched or trained: `LENET_TUTORIAL_CACHE`, else the platform's. It may not exist."""
    named = os.environ.get(CACHE_VARIABLE, "").strip()
    if named:
        return Path(os.path.expanduser(named)).absolute()
    return platformdirs.user_cache_path("lenet-tutorial", appauthor=False)


def _keras_cache() -> Path:
    """Where Keras keeps the `mnist.npz` that it downloaded."""
    home = os.environ.get("KERAS_HOME") or os.path.join(os.path.expanduser("~"), ".keras")
    return Path(home) / "datasets" / "mnist.npz"


def _tidy(path: Path) -> str:
    """The path for a message, the home folder written as ~."""
    home = os.path.expanduser("~")
    text = str(path)
    return "~" + text[len(home) :] if home != os.sep and text.startswith(home + os.sep) else text


def _from_caches() -> RawDigits | None:
    """MNIST from our cache or Keras's; a damaged file is told in one line, ours is set aside, the next is tried."""
    ours = cache_folder() / "mnist.npz"
    for path, source in ((ours, "our cache"), (_keras_cache(), "Keras's cache")):
        if not os.path.isfile(path):
            continue
        try:
            return _mnist(_read(path), source)
        except DataError as error:
            outcome = _set_aside(path) if path == ours else "Left as it is"
            log.warning("%s %s; the next source is tried.", str(error).replace(str(path), _tidy(path)), outcome)
    return None


def _set_aside(path: Path) -> str:
    """Rename a damaged file of ours, so that it is reported once and not lost; say what was done."""
    aside = path.with_name(path.name + ".damaged")
    try:
        os.replace(path, aside)
    except OSError:  # a read-only folder, or another process was quicker
        return "Left as it is"
    return f"Set aside as {aside.name}"


def _store(arrays: dict[str, np.ndarray]) -> bool:
    """Write the arrays to our cache, whole or not at all, whoever else writes at the same time; say if it worked."""
    path = cache_folder() / "mnist.npz"
    part = path.with_name(f"{path.name}.{uuid.uuid4().hex}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            with open(part, "xb") as stream:
                np.savez_compressed(stream, **arrays)
            os.replace(part, path)
        finally:
            part.unlink(missing_ok=True)
    except OSError as error:
        log.warning(
            "%s: MNIST could not be stored there (%s). It is used from memory, and the next kernel downloads it again. "
            "Set %s to a folder that can be written.",
            _tidy(path),
            error.strerror or type(error).__name__,
            CACHE_VARIABLE,
        )
        return False
    return True


# --- (3) the network ---


def _from_mirrors() -> RawDigits | None:
    """MNIST from the first mirror that sends it, stored in our cache; None after a failure, and ever after."""
    global _downloaded, _download_problem
    if _downloaded or _download_problem:
        return _downloaded
    problems = {}
    answers = _ask(MIRRORS)
    for mirror in MIRRORS:
        problem = answers.get(mirror.address, TimeoutError(errno.ETIMEDOUT, "it did not answer"))
        if problem is None:
            try:
                arrays = _fetch(mirror)
                raw = _mnist(arrays, f"a download from {mirror.host}")
                _downloaded = None if _store(arrays) else raw
                return raw
            except (OSError, ValueError) as error:
                problem = error
        problems[mirror.host] = _reason(problem)
    _download_problem = "; ".join(f"{host}: {reason}" for host, reason in problems.items()) or "no mirror is known"
    return None


def _ask(mirrors: tuple[Mirror, ...]) -> dict[str, Exception | None]:
    """Which mirrors answer within the timeout: None for an answer of any kind, or the error, by address.

    They are asked at once, and in threads: looking up a host's name, or trying its many addresses one after the other,
    can take longer than any timeout that one can set.
    """
    import pooch

    answers: queue.SimpleQueue = queue.SimpleQueue()

    def ask(mirror: Mirror):
        try:
            url = mirror.address + next(iter(mirror.files))
            pooch.HTTPDownloader(timeout=ANSWER_TIMEOUT)(url, None, None, check_only=True)
            answers.put((mirror.address, None))
        except Exception as error:  # whatever it was, this mirror is of no use
            answers.put((mirror.address, error))

    for mirror in mirrors:
        threading.Thread(target=ask, args=(mirror,), daemon=True).start()
    heard = {}
    deadline = time.monotonic() + ANSWER_TIMEOUT
    with contextlib.suppress(queue.Empty):
        while len(heard) < len(mirrors):
            address, problem = answers.get(timeout=max(0, deadline - time.monotonic()))
            heard[address] = problem
    return heard


def _fetch(mirror: Mirror) -> dict[str, np.ndarray]:
    """Download a mirror's files to a folder that vanishes afterwards; return the verified arrays."""
    import pooch

    logger = pooch.get_logger()
    level = logger.level
    logger.setLevel(logging.WARNING)  # below that it announces the temporary folder
    downloader = pooch.HTTPDownloader(progressbar=True, chunk_size=2**16, timeout=(ANSWER_TIMEOUT, READ_TIMEOUT))
    try:
        with tempfile.TemporaryDirectory(prefix="lenet-tutorial-", ignore_cleanup_errors=True) as folder:
            for file, digest in mirror.files.items():
                pooch.retrieve(mirror.address + file, digest, fname=file, path=folder, downloader=downloader)
            npz = Path(folder, "mnist.npz")
            return _read(npz if npz.exists() else Path(folder))
    finally:
        logger.setLevel(level)


def _reason(error: Exception) -> str:
    """A failed download in a few words, without addresses and paths."""
    response = getattr(error, "response", None)
    if response is not None:
        return f"it answered HTTP {response.status_code}"
    words = {
        "SSLError": "its certificate is not trusted",
        "ProxyError": "the proxy gave no connection",
        "Timeout": "it did not answer",
        "ChunkedEncodingError": "the connection broke off",
        "ConnectionError": "the connection failed",
        "ValueError": "it sent something else",
    }
    kinds = [kind.__name__ for kind in type(error).__mro__]  # requests, which pooch uses, has these under OSError
    known = [text for name, text in words.items() if name in kinds]
    return known[0] if known else getattr(error, "strerror", None) or type(error).__name__


# --- reading and verifying, whatever the container ---


def _read(path: Path) -> dict[str, np.ndarray]:
    """The four arrays from an npz file or a folder of idx files, verified; a DataError says which file is not right."""
    try:
        if path.is_dir():
            return _read_idx_folder(path)
        if not path.is_file():
            raise _wrong(path, "a file or a folder", "neither")
        return _read_npz(path)
    except OSError as error:  # for one, a file that we may not read
        raise _wrong(path, "something readable", error.strerror or type(error).__name__) from None


def _wrong(path: Path, wanted: str, found: str) -> DataError:
    return DataError(f"{path}: expected {wanted}, found {found}.")


def _verified(path: Path, part: Part, array: np.ndarray) -> np.ndarray:
    """The array, if header and bytes have the digest of the original file."""
    array = np.ascontiguousarray(array)
    digest = hashlib.sha256(part.header)
    digest.update(array)
    if digest.hexdigest() != part.sha256:
        wanted = f"{part.key} with MNIST's content (SHA-256 {part.sha256[:8]}…)"
        raise _wrong(path, wanted, f"the right shape but other bytes ({digest.hexdigest()[:8]}…)")
    return array


def _kind(path: Path) -> str:
    """What a file looks like from its first bytes."""
    with open(path, "rb") as stream:
        head = stream.read(256)
    if not head:
        return "an empty file"
    if head.lstrip()[:5].lower() in (b"<!doc", b"<html", b"<?xml"):
        return "a web page"
    known = {
        b"PK": "a zip archive that is damaged or cut off",
        b"\x1f\x8b": "a gzip file",
        b"\x93NUMPY": "a single .npy array",
        b"\0\0\x08": "one idx file (the folder with all four is wanted)",
    }
    for magic, name in known.items():
        if head.startswith(magic):
            return name
    return f"a file that begins {head[:8]!r}"


def _read_npz(path: Path) -> dict[str, np.ndarray]:
    """The four arrays of an npz file. Shape and dtype are checked before an array is read into memory."""
    wanted = "an .npz file with " + ", ".join(part.key for part in PARTS)
    try:
        with zipfile.ZipFile(path) as archive:
            members = set(archive.namelist())
            missing = [part.key for part in PARTS if part.key + ".npy" not in members]
            if missing:
                raise _wrong(path, wanted, f"no {', '.join(missing)} in it")
            return {part.key: _verified(path, part, _read_member(path, archive, part)) for part in PARTS}
    except (DataError, OSError):
        raise
    except zipfile.BadZipFile:
        raise _wrong(path, wanted, _kind(path)) from None
    except Exception as error:  # zipfile, zlib, lzma, tokenize and NumPy each have kinds of their own for damaged bytes
        raise _wrong(path, wanted, f"a damaged one ({type(error).__name__})") from None


def _read_member(path: Path, archive: zipfile.ZipFile, part: Part) -> np.ndarray:
    """One array of an npz file, read only if its header announces what is wanted."""
    readers = {(1, 0): np.lib.format.read_array_header_1_0, (2, 0): np.lib.format.read_array_header_2_0}
    wanted = f"{part.key} of shape {part.shape} uint8"
    with archive.open(part.key + ".npy") as stream:
        head = io.BytesIO(stream.read(2**14))
    version = np.lib.format.read_magic(head)
    if version not in readers:
        raise _wrong(path, wanted, f"an array in format version {version}")
    shape, _, dtype = readers[version](head)
    if dtype.hasobject:
        raise _wrong(path, wanted, "Python objects, which need pickle; pickle can run any code and is not read here")
    if shape != part.shape or dtype != np.uint8:
        raise _wrong(path, wanted, f"{shape} {dtype}")
    with archive.open(part.key + ".npy") as stream:
        return np.lib.format.read_array(stream, allow_pickle=False)


def _read_idx_folder(folder: Path) -> dict[str, np.ndarray]:
    """The four arrays from the four original files, each as it is or gzipped."""
    paths, missing = {}, []
    for part in PARTS:
        candidates = [folder / part.file, folder / (part.file + ".gz")]
        paths[part.key] = next((path for path in candidates if path.is_file()), None)
        if paths[part.key] is None:
            missing.append(part.file)
    if missing:
        names = sorted(path.name for path in folder.iterdir())
        found = ", ".join(names[:6]) + (", …" if len(names) > 6 else "") if names else "nothing in it"
        raise _wrong(folder, f"the four original idx files, {', '.join(missing)} (or .gz) among them", found)
    return {part.key: _verified(paths[part.key], part, _read_idx(paths[part.key], part)) for part in PARTS}


def _read_idx(path: Path, part: Part) -> np.ndarray:
    """One idx file, gzipped or not, which its first bytes tell (some browsers unpack and keep the name)."""
    wanted = f"the idx file of {part.key}, {part.shape} uint8"
    size = math.prod(part.shape)
    try:
        with open(path, "rb") as stream:
            is_gzip = stream.read(2) == b"\x1f\x8b"
        with gzip.open(path) if is_gzip else open(path, "rb") as stream:
            header = stream.read(len(part.header))
            content = stream.read(size + 1) if header == part.header else b""
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise _wrong(path, wanted, f"a damaged gzip file ({error})") from None
    if header != part.header:
        found = _kind(path)
        if header[:3] == b"\0\0\x08" and len(header) >= 8:
            axes, length = struct.unpack(">3xBI", header[:8])
            found = f"an idx file of {axes} axes, the first of length {length:,}"
        raise _wrong(path, wanted, found)
    if len(content) != size:
        raise _wrong(path, wanted, f"{len(content):,} bytes after the header" if len(content) < size else "more bytes")
    return np.frombuffer(content, np.uint8).reshape(part.shape)


# --- (4) the offline sample ---


def offline_sample(why: str = "asked for") -> RawDigits:
    """Other people's digits, made to look like MNIST's, for when MNIST is not to be had.

    scikit-learn's 1,797 handwritten digits of 8x8 pixels are split first, by their order: 150 for validation, 1,500
    for training, 147 for the test. Then each is enlarged to 20x20 and placed in 28x28 so that its centre of mass
    is in the middle, as MNIST's are; and shifted copies fill the training part up to 5,000.

    Args:
        why: the reason that goes into the note.

    Returns:
        A `RawDigits` named "offline sample": 150 + 5,000 training and 147 test images.

    Source:
        E. Alpaydin, C. Kaynak, "Optical Recognition of Handwritten Digits", UCI (1998), DOI 10.24432/C50P49.
    """
    from sklearn.datasets import load_digits as scikit_digits

    small = scikit_digits()
    large = _enlarged(small.images)
    labels = small.target.astype(np.uint8)
    first, last = N_SAMPLE_VALIDATION, N_SAMPLE_VALIDATION + N_SAMPLE_ORIGINALS
    which, shifts = _copies(N_SAMPLE_ORIGINALS, N_SAMPLE_TRAIN)
    return RawDigits(
        "offline sample",
        np.concatenate([_centred(large[:first]), _centred(large[first:last][which], shifts)]),
        np.concatenate([labels[:first], labels[first:last][which]]),
        _centred(large[last:]),
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
    from PIL import Image

    small = np.round(images * (255 / 16)).astype(np.uint8)
    return np.stack([np.asarray(Image.fromarray(one).resize((20, 20), Image.Resampling.BICUBIC)) for one in small])


def _copies(n: int, total: int) -> tuple[np.ndarray, np.ndarray]:
    """Which of n images goes to each of `total` places, and its shift (down, right): first all unshifted, then copies.

    The 24 shifts by one or two pixels are dealt out in turn, so that no image gets the same one twice.
    """
    around = range(-2, 3)
    shifts = np.array([(down, right) for down in around for right in around if (down, right) != (0, 0)])
    place = np.arange(total)
    which, turn = place % n, place // n
    return which, np.where(turn[:, None] == 0, 0, shifts[(which + 7 * turn) % len(shifts)])


def _centred(images: np.ndarray, shifts: np.ndarray | int = 0) -> np.ndarray:
    """(n, 20, 20) placed whole into (n, 28, 28), the centre of mass at pixel (14, 14) as MNIST's are, then shifted."""
    weight = images / images.sum(axis=(1, 2), keepdims=True, dtype=np.float64)
    ruler = np.arange(20)
    centre = np.stack([weight.sum(axis=2) @ ruler, weight.sum(axis=1) @ ruler], axis=1)
    corner = np.clip(np.round(14 - centre).astype(int) + shifts, 0, 28 - 20)
    placed = np.zeros((len(images), 28, 28), np.uint8)
    for target, image, (top, left) in zip(placed, images, corner, strict=True):
        target[top : top + 20, left : left + 20] = image
    return placed
