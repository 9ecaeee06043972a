"""pytest plugin: how many workers pytest-xdist starts, and in which order they take tests and lessons.

``--dist loadfile`` gives each file to one worker: a lesson's cells share a kernel, and the tests of a file what was
costly to make. (``loadgroup`` of pytest-xdist 3.8 is ignored under pytest 9.2.)
"""

import os

import pytest

from tests.plugins.lessons import TRAINS, Cell


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the lesson that trains first, since it takes longest, and those that open its network last."""

    def turn(item: pytest.Item) -> int:
        if not isinstance(item, Cell):
            return 1
        return 0 if item.path.stem == TRAINS else 3 if item.parent.opens_network else 2

    items.sort(key=turn)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers(config: pytest.Config) -> int:
    """As many workers as there are cores, and 2 GB of free memory for each."""
    import psutil

    return max(1, min(os.cpu_count() or 1, int(psutil.virtual_memory().available / 2e9)))
