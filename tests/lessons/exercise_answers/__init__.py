"""Answers to every exercise, right and wrong, one file a lesson: what test_exercises.py holds each check against."""

from collections.abc import Callable
from dataclasses import dataclass

import pytest


@dataclass(frozen=True)
class Answers:
    """Answers to one exercise.

    Attributes:
        right: at least two right answers, written differently from the worked solution and from each other.
        wrong: at least three answers that learners typically give, each with words that its feedback must contain.
        given: what the lesson hands to ``check`` besides the answer.
        pretend: puts something quick in place of what takes long, such as training. The worked solution is always
            checked without it.
    """

    right: list
    wrong: list[tuple[object, str]]
    given: Callable[[], tuple] = tuple
    pretend: Callable[[pytest.MonkeyPatch], None] = lambda patch: None
