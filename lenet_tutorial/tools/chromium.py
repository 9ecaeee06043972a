"""A browser of chromium's family, driven by playwright: for measuring and testing the widgets."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

NAMES = ("chromium", "chromium-browser", "google-chrome")
FLAGS = [
    "--no-sandbox",
    "--disable-dev-shm-usage",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]


class NoBrowser(Exception):
    """There is no browser here, or nothing to drive it with; the message says which."""


@contextmanager
def started() -> Iterator[Any]:
    """Start the browser, and end it afterwards: playwright's ``Browser``.

    Raises:
        NoBrowser: it is not installed, or playwright is not.
    """
    executable = next(filter(None, map(shutil.which, NAMES)), None)
    if executable is None:
        raise NoBrowser(f"no browser here: looked for {', '.join(NAMES)}")
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        raise NoBrowser("playwright is not installed: make test installs it") from None
    with sync_playwright() as api:
        browser = api.chromium.launch(executable_path=executable, args=FLAGS)
        try:
            yield browser
        finally:
            browser.close()
