"""The examples in the docstrings, run."""

import doctest
import importlib
import pkgutil
from pathlib import Path

import numpy as np
import pytest

import lenet_tutorial

MODULES = [
    name
    for _, name, _ in pkgutil.walk_packages(lenet_tutorial.__path__, "lenet_tutorial.")
    if not name.endswith("__main__")
]


@pytest.mark.parametrize("name", MODULES)
def test_examples_say_what_happens(name):
    module = importlib.import_module(name)
    found = doctest.testmod(module, extraglobs={"np": np})
    assert found.failed == 0
    assert (found.attempted > 0) == (">>> " in Path(module.__file__).read_text(encoding="utf-8"))
