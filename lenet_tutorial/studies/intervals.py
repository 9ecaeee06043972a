"""Means and differences, each with its interval. Two sources of chance are kept apart throughout.

*Seeds*: another first draw of the weights and another order of the images give another network. *Test digits*: another
10,000 digits from the same writers give another score to the same networks. More seeds shrink the one, never the other.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy import stats

LEVEL = 0.95


@dataclass(frozen=True)
class Interval:
    """An estimate with its two-sided interval, at 95% unless another level was asked for.

    ``low`` and ``high`` are NaN where there is too little to tell.

    Attributes:
        value, low, high: in the unit of what was given.
        n: how many values it rests on: seeds, or test digits.
    """

    value: float
    low: float
    high: float
    n: int

    @property
    def known(self) -> bool:
        """Whether there was enough to tell the interval."""
        return math.isfinite(self.low) and math.isfinite(self.high)

    def __format__(self, spec: str) -> str:
        """Write the value and, in brackets, its interval, all in the format of the value: ``f"{interval:.1%}"``."""
        return f"{self.value:{spec}} ({self.low:{spec}} to {self.high:{spec}})" if spec else str(self)

    @property
    def ends(self) -> tuple[float, float, float]:
        """``low``, ``value`` and ``high``."""
        return self.low, self.value, self.high

    @property
    def points(self) -> "Interval":
        """The same in percentage points, for shares: ``f"{interval.points:+.1f}"``."""
        return Interval(100 * self.value, 100 * self.low, 100 * self.high, self.n)

    @property
    def half_width(self) -> float:
        """Half the interval's width."""
        return (self.high - self.low) / 2


def mean(values: ArrayLike, *, level: float = LEVEL) -> Interval:
    """The mean of a few runs, with Student's t interval.

    Args:
        values: floats (n,), one a seed.
        level: of the interval; closer to 1 if several intervals shall hold together.

    Returns:
        An :class:`Interval`; of a single value only the value is known. Source: Student (1908), Biometrika 6, 1.

    Raises:
        ValueError: there are no values, or one is not a finite number.

    Example:

    >>> found = mean([0.98, 0.99, 1.00])
    >>> round(found.low, 3), round(found.value, 3), round(found.high, 3)
    (0.965, 0.99, 1.015)
    """
    values = np.asarray(values, dtype=float)
    if values.ndim != 1 or not len(values) or not np.isfinite(values).all():
        raise ValueError(f"expected one finite number a run, at least one, got {values}")
    n, value = len(values), float(values.mean())
    half = float(stats.t.ppf((1 + level) / 2, n - 1) * values.std(ddof=1) / math.sqrt(n)) if n > 1 else math.nan
    return Interval(value, value - half, value + half, n)


def another(values: ArrayLike, *, level: float = LEVEL) -> Interval:
    """Where another run of the same kind would fall: Student's prediction interval.

    It is wider than the interval of the mean, which tells where the mean of very many runs would fall.

    Args:
        values: floats (n,), one a seed.
        level: the chance that it holds the other run, if runs scatter normally.

    Returns:
        An :class:`Interval` around the mean; of a single value only the value is known.

    Raises:
        ValueError: as of :func:`mean`.
    """
    found = mean(values, level=level)
    half = found.half_width * math.sqrt(found.n + 1)
    return Interval(found.value, found.value - half, found.value + half, found.n)


def between(first: ArrayLike, second: ArrayLike, *, level: float = LEVEL) -> Interval:
    """The mean of some runs minus the mean of others, where nothing pairs one with another: Welch's t interval.

    Args:
        first, second: floats (n,) and (m,), one a run.
        level: of the interval; closer to 1 if several intervals should hold at once.

    Returns:
        An :class:`Interval`; with a single run on a side only the value is known. Source: Welch (1947), Biometrika 34,
        28.

    Raises:
        ValueError: as of :func:`mean`.

    Example:

    >>> print(f"{between([2.0, 3.0, 4.0], [1.0, 1.5, 2.0]):.2f}")
    1.50 (-0.58 to 3.58)
    """
    n, value = min(len(first), len(second)), mean(first).value - mean(second).value
    if n == 1:
        return Interval(value, math.nan, math.nan, 1)
    return Interval(value, *stats.ttest_ind(first, second, equal_var=False).confidence_interval(level), n)


@dataclass(frozen=True)
class Difference:
    """How much more accurate one recipe is than another, with both sources of chance.

    Attributes:
        over_seeds: interval over seeds, the test digits being what they are.
        over_digits: interval over test digits, the networks being what they are; predictions are paired by digit.
    """

    over_seeds: Interval
    over_digits: Interval

    @property
    def value(self) -> float:
        """The mean difference in test accuracy."""
        return self.over_seeds.value

    @property
    def both(self) -> Interval:
        """The interval with both sources of chance: half-widths added as the sides of a right triangle.

        Chance that a seed and a digit share is then counted twice: the interval is, if anything, too wide.
        """
        half = math.hypot(self.over_seeds.half_width, self.over_digits.half_width)
        return Interval(self.value, self.value - half, self.value + half, self.over_seeds.n)


def difference(
    first: Mapping[int, ArrayLike],
    second: Mapping[int, ArrayLike],
    n: int,
    *,
    level: float = LEVEL,
    paired: bool = True,
) -> Difference:
    """The first recipe's test accuracy minus the second's.

    Args:
        first, second: ``{seed: positions misread}``; the seeds that both have are compared.
        n: digits in the test data.
        level: of the intervals.
        paired: whether two runs with a seed share what it decides, such as the initial weights. Then they are compared
            seed by seed, and else mean with mean.

    Returns:
        A :class:`Difference`.

    Raises:
        ValueError: they have no seed in common, or a position is not in the test data.

    Example:

    >>> round(difference({0: [1], 1: [2, 3]}, {0: [1, 4], 1: [2, 5, 6]}, 10).value, 3)
    0.1
    """
    seeds = sorted(set(first) & set(second))
    if not seeds:
        raise ValueError(f"expected runs with a seed in common, got seeds {sorted(first)} and {sorted(second)}")
    ours, theirs = (np.stack([_correct(each[seed], n) for seed in seeds]) for each in (first, second))
    a, b = ours.mean(axis=1), theirs.mean(axis=1)
    return Difference(
        over_seeds=mean(a - b, level=level) if paired else between(a, b, level=level),
        over_digits=mean(ours.mean(axis=0) - theirs.mean(axis=0), level=level),
    )


def _correct(misread: ArrayLike, n: int) -> np.ndarray:
    """1 for each digit predicted correctly, 0 for each misread."""
    misread = np.asarray(misread, dtype=int)
    if misread.size and (misread.min() < 0 or misread.max() >= n):
        raise ValueError(f"expected misread positions from 0 to {n - 1}, got {misread.min()} to {misread.max()}")
    correct = np.ones(n)
    correct[misread] = 0
    return correct
