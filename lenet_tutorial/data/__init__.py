"""MNIST, found or fetched, verified by content, and made ready for a network.

`load_digits()` is the one call a lesson needs. MNIST is looked for in this order:

1. where `LENET_TUTORIAL_MNIST` points: an `.npz` file in Keras's layout; a folder or a zip archive, with `mnist.npz`,
   the four original idx files (gzipped or not), or `mnist_train.csv` and `mnist_test.csv` at most two folders deep in
   it; or the word `sample`. A bad file here is an error, never passed over;
2. in our own cache, then in Keras's;
3. on mirrors on different hosts, asked once per process;
4. nowhere: then a small offline sample of other digits stands in, and says so in its `note`.

Source:
    Y. LeCun, C. Cortes, C. J. C. Burges, "The MNIST database of handwritten digits"; Y. LeCun et al., "Gradient-based
    learning applied to document recognition", Proc. IEEE 86 (1998), DOI 10.1109/5.726791.
"""

import os
from pathlib import Path

from lenet_tutorial.data import cache, download, mnist
from lenet_tutorial.data.cache import CACHE_VARIABLE, cache_folder
from lenet_tutorial.data.sample import offline_sample
from lenet_tutorial.data.split import MNIST_VARIABLE, DataError, Digits, RawDigits, Split, split_and_scale

__all__ = [
    "CACHE_VARIABLE",
    "MNIST_VARIABLE",
    "DataError",
    "Digits",
    "RawDigits",
    "Split",
    "cache_folder",
    "load_digits",
    "load_raw",
    "offline_sample",
    "split_and_scale",
    "use_absolute_paths",
]


def load_digits() -> Digits:
    """The digits, ready for a network: `split_and_scale(load_raw())`, which see."""
    return split_and_scale(load_raw())


def load_raw() -> RawDigits:
    """The digits as stored, from the first source that has them (see the top of this file for the order).

    Returns:
        A `RawDigits`: MNIST where it is to be had, else the offline sample. Its `note` says which.

    Raises:
        DataError: `LENET_TUTORIAL_MNIST` is set, and what it names is not MNIST.
    """
    named = os.environ.get(MNIST_VARIABLE, "").strip()
    if named.lower() == "sample":
        return offline_sample(f"{MNIST_VARIABLE} asks for it")
    if named:
        return _read_named(named)
    if raw := cache.find():
        return raw
    raw, problem = download.from_mirrors()
    return raw or offline_sample(f"MNIST could not be downloaded: {problem}")


def _read_named(named: str) -> RawDigits:
    try:
        return mnist.read(Path(os.path.expanduser(named)), MNIST_VARIABLE)
    except DataError as error:
        raise DataError(
            f"{error} Point {MNIST_VARIABLE} at mnist.npz in Keras's layout, or at a folder or zip archive with the "
            "four original idx files or with mnist_train.csv and mnist_test.csv; or set it to 'sample'."
        ) from None


def use_absolute_paths() -> None:
    """Make our two variables and `KERAS_HOME` absolute paths, for this process and the kernels that it starts.

    A command calls this first: a relative path means the folder that you typed the command in, and a kernel, which runs
    in the folder of its notebook, must find the same place.
    """
    for variable in (MNIST_VARIABLE, CACHE_VARIABLE, "KERAS_HOME"):
        named = os.environ.get(variable, "").strip()
        if named and (variable, named.lower()) != (MNIST_VARIABLE, "sample"):
            os.environ[variable] = str(Path(os.path.expanduser(named)).absolute())
