"""MNIST from the network: mirrors on different hosts."""

import functools
import tempfile
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path
from urllib.parse import urlsplit

from lenet_tutorial.data import cache, mnist
from lenet_tutorial.data.split import RawDigits

# An npz file, or a folder with the four idx files. No digests here: whatever is sent, its arrays are verified.
MIRRORS = (
    "https://storage.googleapis.com/tensorflow/tf-keras-datasets/mnist.npz",
    "https://ossci-datasets.s3.amazonaws.com/mnist/",
    "https://storage.googleapis.com/cvdf-datasets/mnist/",
)
ANSWER_TIMEOUT = 4.0  # seconds, for all mirrors together
READ_TIMEOUT = 10.0  # for the next bytes
FETCH_TIMEOUT = 300.0  # for all of a mirror's 12 MB: one that sends drop by drop is left


class TooSlow(Exception):
    """A mirror sent, and had not ended in time."""


# The exceptions of requests, which pooch uses, and our own, by name; the more particular ones come first.
REASONS = {
    "TooSlow": "it was too slow",
    "SSLError": "its certificate is not trusted",
    "ProxyError": "the proxy gave no connection",
    "Timeout": "it did not answer",
    "TimeoutError": "it did not answer",
    "ChunkedEncodingError": "the connection broke off",
    "ConnectionError": "the connection failed",
    "ValueError": "it sent something else",
}


@functools.cache
def from_mirrors() -> tuple[RawDigits | None, str]:
    """MNIST from the first mirror that sends it, stored in our cache; or None, and why. Once per process.

    All are asked at once whether they are there, so a dead network costs one timeout, not one for each mirror.
    """
    asked = [(mirror, _ask(mirror)) for mirror in MIRRORS]
    deadline = time.monotonic() + ANSWER_TIMEOUT
    problems = []
    for mirror, answer in asked:
        try:
            answer.result(max(0, deadline - time.monotonic()))
            raw = _fetch(mirror, FETCH_TIMEOUT)
        except Exception as error:  # whatever it was, there is another mirror or the sample
            problems.append(f"{_host(mirror)}: {_reason(error)}")
        else:
            cache.store(raw)
            return raw, ""
    return None, "; ".join(problems)


def _ask(mirror: str) -> Future:
    """Begin to ask whether a mirror answers, be it with an error."""
    import pooch

    head = pooch.HTTPDownloader(timeout=ANSWER_TIMEOUT)
    return _begin(lambda: head(_addresses(mirror)[0], None, None, check_only=True))


def _begin(work: Callable) -> Future:
    """Begin a piece of work in a thread, which need not end.

    Looking up a host's name, or trying its many addresses one after the other, can take longer than any timeout that
    one can set, and a mirror that sends a few bytes at a time never runs into one.
    """
    answer = Future()

    def do():
        try:
            answer.set_result(work())
        except Exception as error:
            answer.set_exception(error)

    threading.Thread(target=do, daemon=True).start()
    return answer


def _fetch(mirror: str, seconds: float) -> RawDigits:
    """Download a mirror's files and read them, or give up once the time is over."""
    fetched = _begin(lambda: _fetch_all(mirror))
    try:
        return fetched.result(seconds)
    except TimeoutError:
        if fetched.done():  # it was the mirror's own
            raise
        raise TooSlow from None


def _fetch_all(mirror: str) -> RawDigits:
    """Download a mirror's files to a folder that vanishes afterwards, and read them."""
    import pooch

    fetch = pooch.HTTPDownloader(progressbar=True, chunk_size=2**16, timeout=(ANSWER_TIMEOUT, READ_TIMEOUT))
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        for address in _addresses(mirror):
            path = Path(folder, address.rpartition("/")[2])
            fetch(address, path, None)
        return mnist.read(Path(folder) if mirror.endswith("/") else path, f"a download from {_host(mirror)}")


def _addresses(mirror: str) -> list[str]:
    return [f"{mirror}{part.file}.gz" for part in mnist.PARTS] if mirror.endswith("/") else [mirror]


def _host(mirror: str) -> str:
    return urlsplit(mirror).hostname


def _reason(error: Exception) -> str:
    """A failed download in a few words, without addresses and paths."""
    if (response := getattr(error, "response", None)) is not None:
        return f"it answered HTTP {response.status_code}"
    kinds = {kind.__name__ for kind in type(error).__mro__}
    unknown = getattr(error, "strerror", None) or type(error).__name__
    return next((reason for name, reason in REASONS.items() if name in kinds), unknown)
