"""The data: every source, every kind of bad file, the split, the scaling, and the offline sample.

Most tests replace MNIST by a dozen random digits, whose idx files are written here byte by byte and whose digests are
those of these files: what is tested then is the reading and the choosing. That the real digests are MNIST's is tested
on MNIST itself, where it is to be had.
"""

import contextlib
import gzip
import hashlib
import http.server
import logging
import os
import pickle
import re
import shutil
import struct
import subprocess
import sys
import threading
import time
import tracemalloc
import zipfile
from pathlib import Path

import numpy as np
import pooch
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lenet_tutorial import data, textbook
from lenet_tutorial.data import DataError, cache, download, members, mnist
from lenet_tutorial.data.mnist import Part

REAL = Path(os.environ.get(data.MNIST_VARIABLE) or Path(__file__).parents[2] / ".." / "shared" / "mnist" / "mnist.npz")
needs_mnist = pytest.mark.skipif(
    not REAL.is_file(), reason=f"no MNIST file here: set {data.MNIST_VARIABLE} to an .npz in Keras's layout"
)
N_TRAIN, N_TEST = 12, 5
NAMES = ("x_train", "y_train", "x_test", "y_test")
FILES = {
    "x_train": "train-images-idx3-ubyte",
    "y_train": "train-labels-idx1-ubyte",
    "x_test": "t10k-images-idx3-ubyte",
    "y_test": "t10k-labels-idx1-ubyte",
}
DOTTED = {name: file.replace("-idx", ".idx") for name, file in FILES.items()}


def idx_bytes(array: np.ndarray) -> bytes:
    """An idx file as its inventors describe it: magic number 2051 for images, 2049 for labels, lengths, bytes."""
    if array.ndim == 3:
        return struct.pack(">IIII", 2051, *array.shape) + array.tobytes()
    return struct.pack(">II", 2049, *array.shape) + array.tobytes()


@pytest.fixture(autouse=True)
def nothing_around(tmp_path, monkeypatch):
    """No variable, no cache, no network, and a process that has not tried to download."""
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("USERPROFILE", str(tmp_path / "home"))
    monkeypatch.setenv("NO_PROXY", "*")
    monkeypatch.setenv(data.CACHE_VARIABLE, str(tmp_path / "cache"))
    monkeypatch.delenv("KERAS_HOME", raising=False)
    monkeypatch.delenv(data.MNIST_VARIABLE, raising=False)
    monkeypatch.setattr(download, "MIRRORS", ())
    download.from_mirrors.cache_clear()
    monkeypatch.setattr(download, "ANSWER_TIMEOUT", 2.0)
    monkeypatch.setattr(download, "READ_TIMEOUT", 0.5)
    monkeypatch.setattr(download, "FETCH_TIMEOUT", 3.0)


@pytest.fixture
def tiny(monkeypatch) -> dict[str, np.ndarray]:
    """A dozen random digits that take MNIST's place."""
    random = np.random.default_rng(1)
    arrays = {
        "x_train": random.integers(0, 256, (N_TRAIN, 28, 28), dtype=np.uint8),
        "y_train": random.integers(0, 10, N_TRAIN, dtype=np.uint8),
        "x_test": random.integers(0, 256, (N_TEST, 28, 28), dtype=np.uint8),
        "y_test": random.integers(0, 10, N_TEST, dtype=np.uint8),
    }
    parts = tuple(
        Part(name, FILES[name].split("-idx")[0], array.shape, hashlib.sha256(idx_bytes(array)).hexdigest())
        for name, array in arrays.items()
    )
    monkeypatch.setattr(mnist, "PARTS", parts)
    monkeypatch.setattr(textbook, "N_VALIDATION", 2)
    return arrays


def write_npz(path: Path, arrays: dict[str, np.ndarray]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    np.savez_compressed(path, **arrays)
    return path


def write_idx(folder: Path, arrays: dict[str, np.ndarray], *, zipped: bool = False) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for name, array in arrays.items():
        if zipped:
            (folder / (FILES[name] + ".gz")).write_bytes(gzip.compress(idx_bytes(array)))
        else:
            (folder / FILES[name]).write_bytes(idx_bytes(array))
    return folder


def assert_same(raw: data.RawDigits, arrays: dict[str, np.ndarray]):
    assert raw.name == "MNIST"
    assert raw.is_mnist
    np.testing.assert_array_equal(raw.train_images, arrays["x_train"])
    np.testing.assert_array_equal(raw.train_labels, arrays["y_train"])
    np.testing.assert_array_equal(raw.test_images, arrays["x_test"])
    np.testing.assert_array_equal(raw.test_labels, arrays["y_test"])


def load_named(monkeypatch, path) -> data.RawDigits:
    monkeypatch.setenv(data.MNIST_VARIABLE, str(path))
    return data.load_raw()


# --- (1) the file or folder that the user names ---


def test_named_npz(tiny, tmp_path, monkeypatch):
    raw = load_named(monkeypatch, write_npz(tmp_path / "m.npz", tiny))
    assert_same(raw, tiny)
    assert raw.n_validation == 2


def test_named_npz_in_another_memory_order_and_with_more_arrays(tiny, tmp_path, monkeypatch):
    arrays = {name: np.asfortranarray(array) for name, array in tiny.items()}
    assert_same(load_named(monkeypatch, write_npz(tmp_path / "m.npz", {"extra": np.zeros(3), **arrays})), tiny)


@pytest.mark.parametrize("zipped", [False, True])
def test_named_folder(tiny, tmp_path, monkeypatch, zipped):
    assert_same(load_named(monkeypatch, write_idx(tmp_path / "idx", tiny, zipped=zipped)), tiny)


def test_a_folder_may_mix_and_an_unpacked_file_may_still_be_called_gz(tiny, tmp_path, monkeypatch):
    folder = write_idx(tmp_path / "idx", tiny)
    labels = folder / FILES["y_test"]
    labels.rename(labels.with_name(labels.name + ".gz"))
    images = folder / FILES["x_test"]
    images.write_bytes(gzip.compress(images.read_bytes()))
    assert_same(load_named(monkeypatch, folder), tiny)


def test_named_relative_and_with_a_tilde(tiny, tmp_path, monkeypatch):
    write_npz(tmp_path / "home" / "m.npz", tiny)
    assert_same(load_named(monkeypatch, "~/m.npz"), tiny)
    monkeypatch.chdir(tmp_path / "home")
    assert_same(load_named(monkeypatch, "m.npz"), tiny)
    with pytest.raises(DataError, match=re.escape(f"found nothing at {Path.cwd() / 'n.npz'}")):
        load_named(monkeypatch, "n.npz")


def change_npz(**changes):
    def make(path: Path, arrays):
        return write_npz(path / "m.npz", {**arrays, **changes})

    return make


def raw_file(content):
    def make(path: Path, arrays):
        path.mkdir(parents=True)
        (path / "m.npz").write_bytes(content(arrays, path) if callable(content) else content)
        return path / "m.npz"

    return make


def npz_bytes(arrays, path: Path) -> bytes:
    return write_npz(path / "whole.npz", arrays).read_bytes()


def without(name):
    return lambda path, arrays: write_npz(path / "m.npz", {n: a for n, a in arrays.items() if n != name})


def idx_changed(name, change, *, zipped=False):
    def make(path: Path, arrays):
        folder = write_idx(path, arrays, zipped=zipped)
        file = folder / (FILES[name] + ".gz" * zipped)
        content = change(file.read_bytes())
        file.unlink() if content is None else file.write_bytes(content)
        return folder

    return make


def flipped(array: np.ndarray) -> np.ndarray:
    """The array with one bit of its middle changed."""
    copy = array.copy()
    copy.flat[copy.size // 2] ^= 1
    return copy


class Changed(dict):
    """`change_npz` for arrays made of those that only exist once the test runs."""

    def __call__(self, path: Path, arrays):
        return write_npz(path / "m.npz", {**arrays, **{name: make(arrays) for name, make in self.items()}})


def npy(header: bytes) -> bytes:
    """A .npy file with this header and nothing behind it."""
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header


def zip_with(name: str, content: bytes, *, alone: bool = False):
    """An .npz file in which one member is something else; alone, or in place of the array of that name."""

    def make(path: Path, arrays):
        path.mkdir(parents=True)
        members = {} if alone else {f"{each}.npy": b"" for each in arrays}
        with zipfile.ZipFile(path / "m.npz", "w") as archive:
            for member, held in (members | {name: content}).items():
                archive.writestr(member, held)
        return path / "m.npz"

    return make


def others(path: Path, contents: dict[str, bytes]) -> Path:
    """A folder with some files."""
    for name, content in contents.items():
        (path / name).parent.mkdir(parents=True, exist_ok=True)
        (path / name).write_bytes(content)
    return path


def table(images: np.ndarray, labels: np.ndarray) -> str:
    """Comma-separated values: a row a digit, the label first."""
    rows = np.column_stack([labels, images.reshape(len(images), -1)]).tolist()
    return "\n".join(",".join(map(str, row)) for row in rows)


def tables(path: Path, arrays, change=lambda text: text, *, header: str = "") -> Path:
    train, test = (header + table(arrays[f"x_{part}"], arrays[f"y_{part}"]) for part in ("train", "test"))
    return others(path, {"mnist_train.csv": change(train).encode(), "mnist_test.csv": test.encode()})


def zipped(folder: Path) -> Path:
    """The folder as an archive beside it, with its own name as the first folder."""
    return Path(shutil.make_archive(str(folder) + "-archive", "zip", folder.parent, folder.name))


# How people have MNIST, beside the originals: each makes a folder of it.
LAYOUTS = {
    "dots in the names": lambda path, arrays: others(path, {DOTTED[name]: idx_bytes(a) for name, a in arrays.items()}),
    "dots, gzipped": lambda path, arrays: others(
        path, {f"{DOTTED[name]}.gz": gzip.compress(idx_bytes(a)) for name, a in arrays.items()}
    ),
    "in folders called as the files": lambda path, arrays: others(
        path, {f"{FILES[name]}/{FILES[name]}": idx_bytes(a) for name, a in arrays.items()}
    ),
    "Kaggle's archive": lambda path, arrays: others(
        path,
        {DOTTED[name]: idx_bytes(a) for name, a in arrays.items()}
        | {f"{FILES[name]}/{FILES[name]}": idx_bytes(a) for name, a in arrays.items()},
    ),
    "torchvision's root": lambda path, arrays: write_idx(path / "MNIST" / "raw", arrays).parents[1],
    "upper case": lambda path, arrays: others(path, {FILES[name].upper(): idx_bytes(a) for name, a in arrays.items()}),
    "tables": tables,
    "tables with a header": lambda path, arrays: tables(path, arrays, header="label,1x1,1x2\n"),
    "a good file beside a bad one": lambda path, arrays: others(
        write_idx(path / "later", arrays).parent, {FILES["y_test"]: b"half a download"}
    ),
}


@pytest.mark.parametrize("archived", [False, True])
@pytest.mark.parametrize("layout", LAYOUTS)
def test_mnist_as_people_have_it(tiny, tmp_path, monkeypatch, layout, archived):
    folder = LAYOUTS[layout](tmp_path / "mine", tiny)
    assert_same(load_named(monkeypatch, zipped(folder) if archived else folder), tiny)
    assert not list(tmp_path.glob("**/*.damaged"))


@pytest.mark.parametrize("place", ["mnist.npz", "datasets/mnist.npz", "a/b/mnist.npz"])
def test_a_folder_that_holds_an_npz(tiny, tmp_path, monkeypatch, place):
    write_npz(tmp_path / "mine" / place, tiny)
    assert_same(load_named(monkeypatch, tmp_path / "mine"), tiny)


def test_a_whole_disk_is_not_searched(tiny, tmp_path, monkeypatch):
    monkeypatch.setattr(members, "MOST", 5)
    for number in range(30):
        write_npz(tmp_path / "mine" / f"{number:02}" / "other.npz", {"a": np.zeros(1)})
    write_npz(tmp_path / "mine" / "99" / "mnist.npz", tiny)
    with pytest.raises(DataError, match=r"found other\.npz"):
        load_named(monkeypatch, tmp_path / "mine")


def test_names_that_lead_out_of_an_archive_are_only_names(tiny, tmp_path, monkeypatch):
    with zipfile.ZipFile(tmp_path / "m.zip", "w") as archive:
        for name, array in tiny.items():
            archive.writestr(f"../../{FILES[name]}", idx_bytes(array))
    before = sorted(tmp_path.rglob("*"))
    assert_same(load_named(monkeypatch, tmp_path / "m.zip"), tiny)
    assert sorted(tmp_path.rglob("*")) == before


def test_an_archive_that_unpacks_to_gigabytes_is_read_no_further_than_mnist_is_long(tiny, tmp_path, monkeypatch):
    with zipfile.ZipFile(tmp_path / "m.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        for name, array in tiny.items():
            content = idx_bytes(array)
            archive.writestr(FILES[name], content + bytes(200_000_000) if name == "x_train" else content)
    tracemalloc.start()
    with pytest.raises(DataError, match=r"x_train.*found more bytes"):
        load_named(monkeypatch, tmp_path / "m.zip")
    assert tracemalloc.get_traced_memory()[1] < 50e6
    tracemalloc.stop()


@pytest.mark.parametrize("layout", ["Kaggle's archive", "tables"])
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_a_damaged_archive_is_mnist_or_told(layout, tiny, tmp_path, monkeypatch, drawn):
    path = tmp_path / "m.zip"
    if not path.exists():
        zipped(LAYOUTS[layout](tmp_path / "mine", tiny)).rename(path)
        path.with_suffix(".good").write_bytes(path.read_bytes())
    damaged = bytearray(path.with_suffix(".good").read_bytes())
    tail = drawn.draw(st.sampled_from([len(damaged), 800]))  # half of them in the table of contents
    for _ in range(drawn.draw(st.integers(1, 3))):
        damaged[-drawn.draw(st.integers(1, min(tail, len(damaged))))] = drawn.draw(st.integers(0, 255))
    path.write_bytes(damaged)
    with contextlib.suppress(DataError):
        assert_same(load_named(monkeypatch, path), tiny)


HTML = b"\n<!DOCTYPE html><html><body>Please log in to the school's network</body></html>"
BAD_NPZ = {
    "one bit flipped in the pixels": (
        Changed(x_train=lambda a: flipped(a["x_train"])),
        "x_train with MNIST's content .* other bytes",
    ),
    "one bit flipped in the labels": (
        Changed(y_test=lambda a: flipped(a["y_test"])),
        "y_test with MNIST's content .* other bytes",
    ),
    "another shape and dtype": (
        change_npz(x_train=np.zeros((100, 28, 28))),
        r"expected x_train of shape \(12, 28, 28\) uint8, found \(100, 28, 28\) float64",
    ),
    "another dtype": (
        change_npz(y_train=np.zeros(N_TRAIN, np.int64)),
        r"expected y_train of shape \(12,\) uint8, found \(12,\) int64",
    ),
    "pickle": (change_npz(x_test=np.array([{"a": 1}, None])), "Python objects, which need pickle"),
    "no y_test": (without("y_test"), r"an \.npz file with x_train.*found no y_test in it"),
    "a web page": (raw_file(HTML), "found a web page"),
    "empty": (raw_file(b""), "found an empty file"),
    "text": (raw_file(b"version 1 of my file"), "found a file that begins b'version '"),
    "a pointer of Git LFS": (
        raw_file(b"version https://git-lfs.github.com/spec/v1"),
        "a Git LFS pointer.*git lfs pull",
    ),
    "gzip": (raw_file(gzip.compress(b"x")), "found a gzip file that holds a file that begins b'x'"),
    "a pickle": (raw_file(pickle.dumps({"x": [1, 2]})), "a pickle, which can run any code and is never read here"),
    "a gzipped pickle": (
        raw_file(gzip.compress(pickle.dumps((1, 2)))),
        "a gzip file that holds a pickle, which can run",
    ),
    "PyTorch's own": (zip_with("archive/data.pkl", b"", alone=True), "found no x_train.*but archive/data.pkl"),
    "MATLAB's": (raw_file(b"MATLAB 5.0 MAT-file, Platform: posix"), "found a MATLAB file"),
    "HDF5": (raw_file(b"\x89HDF\r\n\x1a\n"), "found an HDF5 file"),
    "Parquet": (raw_file(b"PAR1" + bytes(100)), "found a Parquet file"),
    "other names": (zip_with("images.npy", b"", alone=True), "found no x_train, y_train.*in it, but images.npy"),
    "one idx file": (raw_file(lambda arrays, _: idx_bytes(arrays["x_test"])), "one idx file .* all four"),
    "one npy array": (raw_file(b"\x93NUMPY\x01\x00"), r"a single \.npy array"),
    "cut off": (raw_file(lambda *a: npz_bytes(*a)[:-100]), "a zip archive that is damaged or cut off"),
    "half": (raw_file(lambda *a: npz_bytes(*a)[:5000]), "a zip archive that is damaged or cut off"),
    "images that were turned": (Changed(x_test=lambda a: a["x_test"].swapaxes(1, 2)), "x_test with MNIST's content"),
    "the images in another order": (Changed(x_train=lambda a: a["x_train"][::-1]), "x_train with MNIST's content"),
    "inverted ink": (Changed(x_train=lambda a: 255 - a["x_train"]), "x_train with MNIST's content"),
    "training and test exchanged": (
        Changed(x_train=lambda a: a["x_test"], x_test=lambda a: a["x_train"]),
        r"expected x_train of shape \(12, 28, 28\) uint8, found \(5, 28, 28\) uint8",
    ),
    "flat images": (Changed(x_test=lambda a: a["x_test"].reshape(5, 784)), r"found \(5, 784\) uint8"),
    "signed bytes": (Changed(x_test=lambda a: a["x_test"].astype(np.int8)), r"found \(5, 28, 28\) int8"),
    "a header that is code": (zip_with("x_train.npy", npy(b"__import__('os').system('exit')")), "damaged or cut off"),
    "a header without an end": (zip_with("x_train.npy", b"\x93NUMPY\x01\x00\xff\xff{"), "damaged or cut off"),
    "a picture": (raw_file(b"\x89PNG\r\n\x1a\n" + bytes(500)), "found a file that begins b'.x89PNG"),
    "zeros, as a crash leaves them": (raw_file(bytes(5000)), "found a file that begins"),
    "an archive of something else": (zip_with("readme.txt", b"hello", alone=True), "found no x_train, y_train"),
    "arrays in a folder": (zip_with("mnist/x_train.npy", b"", alone=True), "found no x_train, y_train"),
}
BAD_FOLDERS = {
    "a folder of Parquet files": (
        lambda path, arrays: others(path, {"train.parquet": b"PAR1", "README.md": b"# MNIST"}),
        r"found README.md, train.parquet \(README.md is a file that begins",
    ),
    "TFRecords": (
        lambda path, arrays: others(path, {"mnist/3.0.1/mnist-test.tfrecord-00000-of-00001": b"\x9a\x07"}),
        "is a TFRecord file",
    ),
    "too deep": (lambda path, arrays: write_idx(path / "a" / "b" / "c", arrays).parents[2], "nothing in it"),
    "a table cut off": (
        lambda path, arrays: tables(path, arrays, lambda text: text[: len(text) // 2]),
        "mnist_train.csv: expected 12 rows of a label and 784 pixels, numbers from 0 to 255, found",
    ),
    "a table with one pixel changed": (
        lambda path, arrays: tables(path, arrays, lambda text: text[:-1] + ("1" if text[-1] != "1" else "2")),
        "mnist_train.csv: expected x_train with MNIST's content",
    ),
    "a table with words": (
        lambda path, arrays: tables(path, arrays, lambda text: text.replace(",", ",seven,", 1)),
        "mnist_train.csv: expected 12 rows .*found",
    ),
    "an empty folder": (
        lambda path, arrays: write_idx(path, {}),
        "four original idx files, train-images.*nothing in it",
    ),
    "three of four": (
        idx_changed("y_test", lambda content: None),
        r"four original idx files, t10k-labels-idx1-ubyte \(or \.gz\) among them, found t10k-images-idx3-ubyte, train",
    ),
    "a folder called npz": (lambda path, arrays: write_idx(path / "m.npz", {}), "four original idx files"),
    "an idx file cut off": (
        idx_changed("x_train", lambda content: content[:-1]),
        r"the idx file of x_train, \(12, 28, 28\) uint8, found 9,407 bytes after the header",
    ),
    "an idx file too long": (idx_changed("x_train", lambda content: content + b"\0"), "found more bytes"),
    "an idx file with one bit flipped": (
        idx_changed("x_test", lambda content: content[:-1] + bytes([content[-1] ^ 1])),
        "t10k-images-idx3-ubyte: expected x_test with MNIST's content .* other bytes",
    ),
    "labels for images": (
        idx_changed("x_test", lambda content: struct.pack(">II", 2049, 5) + bytes(5)),
        "the idx file of x_test.* found an idx file of 1 axes, the first of length 5",
    ),
    "a web page for labels": (idx_changed("y_train", lambda content: HTML), "ubyte: .*found a web page"),
    "an empty idx file": (idx_changed("y_train", lambda content: b""), "ubyte: .*found an empty file"),
    "gzip cut off": (idx_changed("x_train", lambda content: content[:4000], zipped=True), r"gz: .*damaged gzip file"),
    "gzip with one bit flipped": (
        idx_changed("y_train", lambda content: content[:-12] + bytes([content[-12] ^ 1]) + content[-11:], zipped=True),
        r"gz: expected .*, found",
    ),
    "a web page called gz": (idx_changed("y_test", lambda content: HTML, zipped=True), r"gz: .*found a web page"),
}


@pytest.mark.parametrize("case", BAD_NPZ | BAD_FOLDERS)
def test_a_bad_file_that_the_user_named_is_an_error_that_says_what_to_do(tiny, tmp_path, monkeypatch, case):
    make, message = (BAD_NPZ | BAD_FOLDERS)[case]
    path = make(tmp_path / "bad", tiny)
    write_npz(tmp_path / "cache" / "mnist.npz", tiny)  # good data elsewhere do not hide the user's mistake
    with pytest.raises(DataError, match=message) as caught:
        load_named(monkeypatch, path)
    text = str(caught.value)
    assert text.startswith(str(path))
    assert "Point LENET_TUTORIAL_MNIST at" in text
    assert "\n" not in text


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes on this system")
def test_a_pipe_is_refused_and_not_waited_for(tiny, tmp_path, monkeypatch):
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(DataError, match="expected a file or a folder, found neither"):
        load_named(monkeypatch, tmp_path / "pipe")


def test_a_file_that_may_not_be_read_is_named(tiny, tmp_path, monkeypatch):
    path = write_npz(tmp_path / "m.npz", tiny)

    def refuse(*args, **kwargs):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(mnist.zipfile, "ZipFile", refuse)
    with pytest.raises(DataError, match=r"m\.npz: expected something readable, found Permission denied"):
        load_named(monkeypatch, path)


def test_a_huge_array_is_refused_by_its_header_before_it_is_read(tiny, tmp_path, monkeypatch):
    header = b"{'descr': '|u1', 'fortran_order': False, 'shape': (10000000000000,), }"
    with zipfile.ZipFile(tmp_path / "m.npz", "w") as archive:
        for name in NAMES:
            archive.writestr(name + ".npy", b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header)
    with pytest.raises(DataError, match=r"found \(10000000000000,\) uint8"):
        load_named(monkeypatch, tmp_path / "m.npz")


def test_no_damage_anywhere_in_the_file_goes_unnoticed(tiny, tmp_path, monkeypatch):
    """One bit flipped at each of some 500 places, and the file cut at as many: the right arrays, or a DataError."""
    good = write_npz(tmp_path / "good.npz", tiny).read_bytes()
    path = tmp_path / "m.npz"
    n_errors = 0
    places = sorted({*range(0, len(good), 61), *range(150), *range(len(good) - 300, len(good), 2)})
    for i in places:
        for damaged in (good[:i] + bytes([good[i] ^ (1 << i % 8)]) + good[i + 1 :], good[:i]):
            path.write_bytes(damaged)
            try:
                assert_same(load_named(monkeypatch, path), tiny)
            except DataError:
                n_errors += 1
    assert n_errors > 1.5 * len(places)


def test_short_names_for_what_was_loaded(tiny, tmp_path, monkeypatch):
    raw = load_named(monkeypatch, write_npz(tmp_path / "m.npz", tiny))
    assert repr(raw) == "<MNIST, raw: 10 + 2 training, 5 test>"
    assert repr(data.split_and_scale(raw)) == "<MNIST: 10 train, 2 validation, 5 test>"
    assert repr(data.split_and_scale(raw).test) == "<5 digits: images (5, 784) float32, onehot (5, 10)>"
    assert raw.note == "This is MNIST: 12 training and 5 test images, verified by content."


# --- (2) the caches ---


def test_our_cache_comes_before_keras_and_the_variable_before_both(tiny, tmp_path, monkeypatch):
    write_npz(tmp_path / "home" / ".keras" / "datasets" / "mnist.npz", tiny)
    assert data.load_raw().source == "Keras's cache"
    write_npz(tmp_path / "cache" / "mnist.npz", tiny)
    assert data.load_raw().source == "our cache"
    assert load_named(monkeypatch, write_npz(tmp_path / "m.npz", tiny)).source == data.MNIST_VARIABLE
    assert load_named(monkeypatch, " Sample ").name == "offline sample"


def test_keras_home_is_respected(tiny, tmp_path, monkeypatch):
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "k"))
    write_npz(tmp_path / "k" / "datasets" / "mnist.npz", tiny)
    assert_same(data.load_raw(), tiny)


@pytest.mark.parametrize("case", BAD_NPZ)
def test_a_damaged_cache_is_told_in_one_line_set_aside_and_the_next_is_tried(tiny, tmp_path, monkeypatch, caplog, case):
    monkeypatch.setenv(data.CACHE_VARIABLE, str(tmp_path / "home" / "cache"))
    make, message = BAD_NPZ[case]
    ours = make(tmp_path / "home" / "cache", tiny).rename(tmp_path / "home" / "cache" / "mnist.npz")
    damaged = ours.read_bytes()
    write_npz(tmp_path / "home" / ".keras" / "datasets" / "mnist.npz", tiny)
    assert data.load_raw().source == "Keras's cache"
    (record,) = caplog.records
    text = record.getMessage()
    assert text.startswith(f"~{os.sep}{Path('cache', 'mnist.npz')}: expected")
    assert re.search(message, text)
    assert text.endswith("Renamed to mnist.npz.damaged; the next source is tried.")
    assert str(tmp_path) not in text
    assert ours.with_name("mnist.npz.damaged").read_bytes() == damaged
    assert not ours.exists()


def test_a_damaged_file_of_keras_is_left_alone(tiny, tmp_path, caplog):
    path = tmp_path / "home" / ".keras" / "datasets" / "mnist.npz"
    path.parent.mkdir(parents=True)
    path.write_bytes(HTML)
    assert data.load_raw().name == "offline sample"
    assert "found a web page. Left as it is; the next source is tried." in caplog.text
    assert path.read_bytes() == HTML


@pytest.mark.parametrize(
    ("named", "expected"),
    [
        ("here/mnist.npz", "{folder}/here/mnist.npz"),
        ("../mnist", "{folder}/../mnist"),
        ("~/mnist.npz", "{home}/mnist.npz"),
        ("/media/mnist.npz", "/media/mnist.npz"),
        ("", ""),
        ("Sample", "Sample"),
        ("~nobody-has-this-name/mnist.npz", "{folder}/~nobody-has-this-name/mnist.npz"),
    ],
)
def test_a_relative_path_means_the_folder_of_the_command(named, expected, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("LENET_TUTORIAL_MNIST", named)
    monkeypatch.setenv("LENET_TUTORIAL_CACHE", named)
    monkeypatch.setenv("KERAS_HOME", named)
    data.use_absolute_paths()
    expected = expected.format(folder=tmp_path, home=tmp_path / "home")
    assert os.environ["LENET_TUTORIAL_MNIST"] == expected
    if named.lower() != "sample":  # a folder may be called so
        assert os.environ["LENET_TUTORIAL_CACHE"] == os.environ["KERAS_HOME"] == expected


def test_cache_folder(tmp_path, monkeypatch):
    assert data.cache_folder() == tmp_path / "cache"
    assert not data.cache_folder().exists()
    monkeypatch.setenv(data.CACHE_VARIABLE, "~/c")
    assert data.cache_folder() == tmp_path / "home" / "c"
    monkeypatch.setenv(data.CACHE_VARIABLE, "")
    assert "lenet-tutorial" in str(data.cache_folder())


# --- (3) the mirrors: a server on this machine, good and bad ---


class Handler(http.server.BaseHTTPRequestHandler):
    """Serves /good/ well; badly /html/, /half/, /stall/ (mid-file), /drip/, /mute/ (never answers) and /404/."""

    def do_HEAD(self):
        self.answer(with_body=False)

    def do_GET(self):
        self.answer(with_body=True)

    def answer(self, *, with_body):
        _, kind, name = self.path.split("/")
        self.server.requests.append((self.command, self.path))
        if kind == "mute":
            self.server.over.wait(20)
            return
        body = HTML if kind == "html" else self.server.files[name]
        self.send_response(404 if kind == "404" else 200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if with_body and kind == "drip":
            for byte in body:
                self.wfile.write(bytes([byte]))
                if self.server.over.wait(0.1):
                    return
        elif with_body:
            self.wfile.write(body[: len(body) // 2] if kind in ("half", "stall") else body)
            self.wfile.flush()
            if kind == "stall":
                self.server.over.wait(20)

    def log_message(self, *args):
        pass


class Server(http.server.ThreadingHTTPServer):
    """A web server on this machine: what it serves, what it was asked, and its mirror of each kind."""

    daemon_threads = True

    def __init__(self, files: dict[str, bytes]):
        super().__init__(("127.0.0.1", 0), Handler)
        self.files = files
        self.requests = []
        self.over = threading.Event()

    def mirror(self, kind: str, *, npz: bool = False) -> str:
        return f"http://127.0.0.1:{self.server_port}/{kind}/{'mnist.npz' if npz else ''}"


@pytest.fixture
def server(tiny, tmp_path):
    files = {f.name: f.read_bytes() for f in write_idx(tmp_path / "serve", tiny, zipped=True).iterdir()}
    files["mnist.npz"] = write_npz(tmp_path / "serve" / "mnist.npz", tiny).read_bytes()
    served = Server(files)
    thread = threading.Thread(target=served.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    yield served
    served.over.set()
    served.shutdown()
    served.server_close()
    thread.join()


@pytest.mark.parametrize("npz", [True, False])
def test_a_download_is_verified_and_stored_for_the_next_time(tiny, tmp_path, monkeypatch, server, npz):
    monkeypatch.setattr(download, "MIRRORS", (server.mirror("good", npz=npz),))
    raw = data.load_raw()
    assert_same(raw, tiny)
    assert raw.source == "a download from 127.0.0.1"
    assert [file.name for file in (tmp_path / "cache").iterdir()] == ["mnist.npz"]
    with np.load(tmp_path / "cache" / "mnist.npz", allow_pickle=False) as stored:
        for name in NAMES:
            np.testing.assert_array_equal(stored[name], tiny[name])
    n_requests = len(server.requests)
    assert data.load_raw().source == "our cache"
    assert len(server.requests) == n_requests


@pytest.mark.parametrize("kind", ["html", "half", "stall", "drip", "mute", "404"])
def test_a_bad_mirror_is_passed_over_in_good_time(tiny, tmp_path, monkeypatch, server, kind, caplog):
    monkeypatch.setattr(download, "ANSWER_TIMEOUT", 0.5)
    monkeypatch.setattr(download, "MIRRORS", (server.mirror(kind), server.mirror("good", npz=True)))
    start = time.monotonic()
    assert_same(data.load_raw(), tiny)
    assert time.monotonic() - start < 5
    assert [file.name for file in (tmp_path / "cache").iterdir()] == ["mnist.npz"]
    assert not [record for record in caplog.records if record.levelno >= logging.WARNING]


@pytest.mark.parametrize(
    ("kind", "reason"),
    [
        ("html", "it sent something else"),
        ("half", "the connection broke off"),
        ("stall", "the connection failed"),
        ("drip", "it was too slow"),
        ("mute", "it did not answer"),
        ("404", "it answered HTTP 404"),
    ],
)
def test_when_all_mirrors_fail_the_sample_says_why_and_nobody_is_asked_again(
    tiny, tmp_path, monkeypatch, server, kind, reason
):
    monkeypatch.setattr(download, "ANSWER_TIMEOUT", 0.5)
    monkeypatch.setattr(download, "MIRRORS", (server.mirror(kind),))
    first = data.load_raw()
    assert first.name == "offline sample"
    assert f"MNIST could not be downloaded: 127.0.0.1: {reason}" in first.note
    assert not (tmp_path / "cache").exists()
    n_requests = len(server.requests)
    assert data.load_raw().note == first.note
    assert len(server.requests) == n_requests


@pytest.mark.parametrize("npz", [True, False])
def test_a_mirror_that_sends_other_digits_is_not_taken(tiny, tmp_path, monkeypatch, server, npz):
    other = {**tiny, "y_test": flipped(tiny["y_test"])}
    server.files["mnist.npz"] = write_npz(tmp_path / "other.npz", other).read_bytes()
    server.files[FILES["y_test"] + ".gz"] = gzip.compress(idx_bytes(other["y_test"]))
    monkeypatch.setattr(download, "MIRRORS", (server.mirror("good", npz=npz),))
    assert "127.0.0.1: it sent something else" in data.load_raw().note
    assert not (tmp_path / "cache").exists()


def test_nothing_listens(tiny, monkeypatch, server):
    two = ("http://127.0.0.1:9/x/mnist.npz", server.mirror("good", npz=True))
    monkeypatch.setattr(download, "MIRRORS", two[:1])
    assert "127.0.0.1: the connection failed" in data.load_raw().note
    download.from_mirrors.cache_clear()
    monkeypatch.setattr(download, "MIRRORS", two)
    assert_same(data.load_raw(), tiny)


def test_a_cache_that_cannot_be_written_is_told_and_the_download_serves_from_memory(
    tiny, tmp_path, monkeypatch, server, caplog
):
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "file").write_bytes(b"in the way")
    monkeypatch.setenv(data.CACHE_VARIABLE, str(tmp_path / "home" / "file" / "cache"))
    monkeypatch.setattr(download, "MIRRORS", (server.mirror("good", npz=True),))
    assert_same(data.load_raw(), tiny)
    (record,) = [record for record in caplog.records if record.levelno >= logging.WARNING]
    assert "mnist.npz: MNIST could not be stored there" in record.getMessage()
    assert "Set LENET_TUTORIAL_CACHE to a folder that can be written" in record.getMessage()
    assert str(tmp_path) not in record.getMessage()
    n_requests = len(server.requests)
    assert_same(data.load_raw(), tiny)
    assert len(server.requests) == n_requests


def test_a_write_that_breaks_off_leaves_nothing_behind(tiny, tmp_path, monkeypatch, server):
    def full(stream, **arrays):
        stream.write(b"half")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(np, "savez_compressed", full)
    monkeypatch.setattr(download, "MIRRORS", (server.mirror("good"),))
    assert_same(data.load_raw(), tiny)
    assert list((tmp_path / "cache").iterdir()) == []


def test_a_mirror_whose_name_cannot_be_looked_up_in_time_does_not_hold_up_the_lesson(tiny, monkeypatch):
    over = threading.Event()
    monkeypatch.setattr(pooch.HTTPDownloader, "__call__", lambda *args, **kwargs: over.wait(20))
    monkeypatch.setattr(download, "ANSWER_TIMEOUT", 0.3)
    monkeypatch.setattr(download, "MIRRORS", tuple(f"https://{n}.invalid/mnist.npz" for n in "abc"))
    start = time.monotonic()
    note = data.load_raw().note
    over.set()
    assert time.monotonic() - start < 5
    assert "a.invalid: it did not answer; b.invalid: it did not answer; c.invalid" in note


def test_another_process_may_store_while_we_write(tiny, tmp_path, monkeypatch, caplog):
    raw = data.RawDigits("MNIST", *tiny.values(), 2)
    write = np.savez_compressed

    def write_late(stream, **arrays):
        monkeypatch.setattr(np, "savez_compressed", write)
        stream.write(b"we have begun")
        cache.store(raw)  # the other one begins after us and is done before us
        assert data.load_raw().source == "our cache"
        stream.seek(0)
        write(stream, **arrays)

    monkeypatch.setattr(np, "savez_compressed", write_late)
    cache.store(raw)
    assert_same(data.load_raw(), tiny)
    assert [file.name for file in (tmp_path / "cache").iterdir()] == ["mnist.npz"]
    assert not caplog.records


def test_two_processes_at_once(tiny, tmp_path, monkeypatch, server):
    code = f"""
import sys
from lenet_tutorial import data, textbook
from lenet_tutorial.data import download, mnist
from lenet_tutorial.data.mnist import Part
mnist.PARTS, download.MIRRORS, textbook.N_VALIDATION = {mnist.PARTS!r}, ({server.mirror("good")!r},), 2
print("ready", flush=True)
sys.stdin.readline()
raw = data.load_raw()
print(raw.name, int(raw.train_images.sum()))
"""
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    both = [subprocess.Popen([sys.executable, "-c", code], **pipes) for _ in range(2)]
    for process in both:
        assert process.stdout.readline() == "ready\n"
    for process in both:
        process.stdin.write("go\n")
        process.stdin.flush()
    for process in both:
        out, err = process.communicate(timeout=20)
        assert out == f"MNIST {tiny['x_train'].sum()}\n", err
    assert [file.name for file in (tmp_path / "cache").iterdir()] == ["mnist.npz"]
    assert data.load_raw().source == "our cache"


# --- MNIST itself ---


@pytest.fixture(scope="module")
def arrays() -> dict[str, np.ndarray]:
    with np.load(REAL, allow_pickle=False) as file:
        return {name: file[name] for name in NAMES}


@needs_mnist
def test_mnist_is_loaded_and_split_as_the_document_had_it(arrays, monkeypatch):
    monkeypatch.setenv(data.MNIST_VARIABLE, str(REAL))
    digits = data.load_digits()
    assert repr(digits) == "<MNIST: 55,000 train, 5,000 validation, 10,000 test>"
    np.testing.assert_array_equal(digits.validation.labels, arrays["y_train"][:5000])
    np.testing.assert_array_equal(digits.train.labels, arrays["y_train"][5000:])
    np.testing.assert_array_equal(digits.test.images[-1] * 255, arrays["x_test"][-1].ravel())
    # The counts and the first digits that everyone who ever printed MNIST knows.
    both = np.bincount(digits.train.labels) + np.bincount(digits.validation.labels)
    assert both.tolist() == [5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949]
    assert np.bincount(digits.test.labels).tolist() == [980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009]
    assert digits.validation.labels[:5].tolist() == [5, 0, 4, 1, 9]
    assert digits.test.labels[:5].tolist() == [7, 2, 1, 0, 4]


@needs_mnist
def test_the_published_md5_agrees_with_the_sha256_that_we_compare(arrays):
    published = {
        "x_train": "6bbc9ace898e44ae57da46a324031adb",
        "y_train": "a25bea736e30d166cdddb491f175f624",
        "x_test": "2646ac647ad5339dbf082846283269ea",
        "y_test": "27ae3e4e09519cfbb04c329615203637",
    }
    for part in mnist.PARTS:
        original = idx_bytes(arrays[part.key])
        assert hashlib.md5(original).hexdigest() == published[part.key]
        assert hashlib.sha256(original).hexdigest() == part.sha256


@needs_mnist
def test_one_flipped_bit_of_mnist_is_found(arrays, tmp_path, monkeypatch):
    folder = write_idx(tmp_path / "idx", {**arrays, "y_test": flipped(arrays["y_test"])})
    with pytest.raises(DataError, match="t10k-labels-idx1-ubyte: expected y_test with MNIST's content"):
        load_named(monkeypatch, folder)
    write_idx(folder, {"y_test": arrays["y_test"]})
    assert load_named(monkeypatch, folder).is_mnist
