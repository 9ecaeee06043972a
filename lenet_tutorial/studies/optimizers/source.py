"""Which digits an experiment uses, and how to tell them from others."""

import hashlib

from lenet_tutorial import data


def load(first=None):
    """The digits; only the first so many of each part, and named so, if a number is given."""
    digits = data.load_digits()
    if first is None:
        return digits
    parts = (digits.train, digits.validation, digits.test)
    train, validation, test = (  # copies: views would keep all the others in memory, 220 MB of MNIST
        data.Split(
            images=part.images[:first].copy(), onehot=part.onehot[:first].copy(), labels=part.labels[:first].copy()
        )
        for part in parts
    )
    name = f"{digits.name}, first {first}"
    return data.Digits(name=name, train=train, validation=validation, test=test, note=digits.note, source=digits.source)


def describe(digits):
    """Which data these are: their name, a digest of all their arrays, and how many digits each part holds."""
    content = hashlib.sha256()
    for part in (digits.train, digits.validation, digits.test):
        content.update(part.images)
        content.update(part.labels)
    counts = {"train": len(digits.train), "validation": len(digits.validation), "test": len(digits.test)}
    return {"name": digits.name, "sha256": content.hexdigest()[:16], **counts}
