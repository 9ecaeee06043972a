"""Which digits a study uses, and how to tell them from others."""

import hashlib
from dataclasses import replace

import numpy as np

from lenet_tutorial import data


def load(first: int | None = None) -> data.Digits:
    """The digits; only the first so many of each part, and named so, if a number is given."""
    digits = data.load_digits()
    if first is None:
        return digits
    parts = {}
    for name in ("train", "validation", "test"):
        part = getattr(digits, name)  # copies: views would keep all the others in memory, 220 MB of MNIST
        parts[name] = data.Split(*(getattr(part, each)[:first].copy() for each in ("images", "onehot", "labels")))
    return replace(digits, name=f"{digits.name}, first {first}", **parts)


def describe(digits: data.Digits) -> dict:
    """Which data these are: their name, a digest of all their arrays, and how many digits each part holds."""
    content = hashlib.sha256()
    for part in (digits.train, digits.validation, digits.test):
        content.update(part.images)
        content.update(part.labels)
    counts = {"train": len(digits.train), "validation": len(digits.validation), "test": len(digits.test)}
    return {"name": digits.name, "sha256": content.hexdigest()[:16], **counts}


def all_training(digits: data.Digits) -> data.Split:
    """All 60,000 training images of MNIST, the 5,000 that the textbook holds out first, as they are in the file."""
    parts = digits.validation, digits.train
    fields = ("images", "onehot", "labels")
    return data.Split(*(np.concatenate([getattr(part, each) for part in parts]) for each in fields))
