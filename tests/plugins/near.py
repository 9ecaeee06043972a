"""Texts that may differ in their decimal numbers by a little, and in nothing else: the tag ``tol-0.005``."""

import re
from decimal import Decimal

# A sign belongs to the number unless it stands between two things, as in 3-0.5. "2.21.0" holds no decimal number (a
# version or a date does not vary by a little), nor does "v0.5"; after a color code, such as ESC[1m, there may be one.
NUMBER = re.compile(
    r"(?:(?<![\w.)])[-+\N{MINUS SIGN}])?(?:(?<![\w.])|(?<=\dm))"
    r"(?:(?:\d{1,3}(?:,\d{3})+|\d+)\.\d+(?:e[-+]\d+)?|\d+e[-+]\d+)(?!\.?\d)",
    re.IGNORECASE,
)
TOLERANCE = re.compile(r"tol-(\d+(?:\.\d+)?)")


class Near(str):
    """A text equal to another one when they differ in decimal numbers only, and in each by ``tolerance`` at most.

    How many digits a number is printed with does not matter, its value does: 0.5 equals 0.5000. nan and inf are
    words, an integer is exact.
    """

    def __new__(cls, text: str, tolerance: Decimal) -> "Near":
        near = super().__new__(cls, text)
        near.tolerance = tolerance
        return near

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, str) or NUMBER.split(self) != NUMBER.split(other):
            return False
        pairs = zip(numbers(self), numbers(other), strict=True)
        return all(abs(mine - its) <= self.tolerance for mine, its in pairs)

    def __ne__(self, other: object) -> bool:
        return not self == other

    def too_far(self, now: "Near") -> list[str]:
        """One line for each number that is farther from now's than is allowed; none if other things differ, too."""
        if NUMBER.split(self) != NUMBER.split(now):
            return []
        pairs = zip(NUMBER.findall(self), NUMBER.findall(now), numbers(self), numbers(now), strict=True)
        return [
            f"recorded {mine}, now {its}: more than {self.tolerance} apart"
            for mine, its, a, b in pairs
            if abs(a - b) > self.tolerance
        ]

    __hash__ = None  # near is not transitive: such texts do not belong in a set


def numbers(text: str) -> list[Decimal]:
    """The decimal numbers of a text as printed, without binary rounding."""
    return [Decimal(found.replace(",", "").replace("\N{MINUS SIGN}", "-")) for found in NUMBER.findall(text)]


def tolerance_of(tags: list[str]) -> Decimal | None:
    """The amount that a ``tol-`` tag allows, None without one, ValueError for one that cannot be read."""
    asked = [tag for tag in tags if tag.startswith("tol")]
    if not asked:
        return None
    match = TOLERANCE.fullmatch(asked[0])
    if len(asked) > 1 or not match:
        raise ValueError(f"expected one tolerance tag such as tol-0.005, got {', '.join(asked)}")
    return Decimal(match[1])
