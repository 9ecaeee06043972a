"""Feedback on an answer: a verdict, and a few words."""

from dataclasses import dataclass

SIGNS = {"right": "✓ **Right.**", "off": "✗ **Not yet.**", "unanswered": "· *Not answered yet.*"}


@dataclass(frozen=True)
class Feedback:
    """Feedback on an answer; as text, one line of Markdown.

    Attributes:
        verdict: ``"right"``, ``"off"`` or ``"unanswered"``.
        words: why it is right, or what is off and in which direction, without giving the answer away.

    Example:

    >>> print(off("Too large."))
    ✗ **Not yet.** Too large.
    """

    verdict: str
    words: str

    def __post_init__(self) -> None:
        if self.verdict not in SIGNS:
            raise ValueError(f"expected a verdict out of {', '.join(SIGNS)}, got {self.verdict!r}")

    def __str__(self) -> str:
        return f"{SIGNS[self.verdict]} {self.words}".rstrip()


def right(words: str) -> Feedback:
    """Say that an answer is right, and what follows from it."""
    return Feedback("right", words)


def off(words: str) -> Feedback:
    """Say what is off with an answer, and in which direction."""
    return Feedback("off", words)


def unanswered(words: str = "") -> Feedback:
    """Say, quietly, that there is no answer yet."""
    return Feedback("unanswered", words)
