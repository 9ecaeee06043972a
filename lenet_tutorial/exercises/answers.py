"""Reading what a learner answered: numbers, shapes, arrays and functions, each with a helpful word if it is none."""

import copy
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray


class Unanswered(Exception):
    """Nothing has been answered yet; the message, if there is one, tells the learner why it counts as nothing."""


class Unusable(Exception):
    """An answer that cannot be looked at; the message tells the learner what came and what was wanted."""


def is_blank(answer: object) -> bool:
    """Whether an answer is still the ``...`` of the empty exercise, or None."""
    return answer is None or answer is ...


def number(answer: object) -> int | float:
    """Read one number.

    Args:
        answer: an int, a float, a NumPy scalar, or an array or tensor without axes.

    Returns:
        An int if the answer is of an integer type, else a float; always finite.

    Raises:
        Unusable: it is anything else.

    Example:

    >>> number(np.float32(0.5))
    0.5
    """
    if isinstance(answer, int) and answer.bit_length() > 63:
        raise Unusable("That number is far too large to be the answer.")
    values = _values(answer, "A number")
    if values.ndim:
        raise Unusable(f"One single number is wanted here; yours is {described(answer)}.")
    if not np.isfinite(values):
        raise Unusable(f"A finite number is wanted here; yours is {values}.")
    return values.item()


def whole(answer: object) -> int:
    """Read one whole number, such as 26 or 26.0; raises :class:`Unusable` for anything else."""
    value = number(answer)
    if value != int(value):
        raise Unusable(f"A whole number is wanted here; yours is {value}.")
    return int(value)


def shape(answer: object) -> tuple[int, ...]:
    """Read a shape.

    Args:
        answer: whole numbers in a tuple, a list or an array of one axis. One whole number n counts as (n,).

    Returns:
        A tuple of ints.

    Raises:
        Unusable: it is anything else, an array instead of its shape among others.

    Example:

    >>> shape([28, 28.0, 32])
    (28, 28, 32)
    """
    wanted = "A shape, whole numbers in brackets such as (28, 28, 1), is wanted here"
    if getattr(answer, "ndim", 1) > 1:
        raise Unusable(f"{wanted}; yours is {described(answer)}, the thing itself.")
    if isinstance(answer, str | bool | dict | set | frozenset) or callable(answer):
        raise Unusable(f"{wanted}; yours is {described(answer)}.")
    try:
        sizes = tuple(answer)
    except TypeError:
        sizes = (answer,)
    if any(size is None for size in sizes):
        raise Unusable("In a shape, Keras writes None for the number of digits. Leave this axis out here.")
    try:
        return tuple(whole(size) for size in sizes)
    except Unusable as trouble:
        raise Unusable(f"{wanted}. One of yours is off: {trouble}") from None


def array(answer: object, wanted: tuple[int, ...] | None = None) -> NDArray[np.float64]:
    """Read an array of finite numbers.

    Args:
        answer: an array or tensor, or lists of numbers; True counts as 1, False as 0.
        wanted: the shape that it must have; any, if none is given.

    Returns:
        A new array of floats.

    Raises:
        Unusable: it holds something else, or has another shape.
    """
    what = "An array" if wanted is None else f"An array of shape {wanted}"
    values = np.array(_values(answer, what, kinds="iufb"), dtype=float)
    if wanted is not None and values.shape != wanted:
        raise Unusable(f"{what} is wanted here; yours is {described(values)}.")
    if not np.isfinite(values).all():
        raise Unusable("Some of the numbers in your array are infinite, or no numbers at all (nan).")
    return values


class Function:
    """A learner's function, called in such a way that nothing it does can harm the check.

    It gets copies of its inputs. What it raises, and what it gives back if that is of no use, becomes
    :class:`Unusable`, in words. A function that gives nothing back when it is first called counts as not yet written.
    """

    def __init__(self, function: Callable[..., Any]):
        if not callable(function):
            raise Unusable(
                f"A function is wanted here; yours is {described(function)}. Hand over its name, without calling it."
            )
        self._function = function
        self._has_answered = False

    def __call__(self, *inputs: Any) -> Any:
        """Give what the function gives back, whatever that is."""
        try:
            result = self._function(*copy.deepcopy(inputs))
        except Exception as error:
            reason = f"{type(error).__name__}: {error}".splitlines()[0].replace("`", "'")
            raise Unusable(f"Given {_listed(inputs)}, your function stopped with `{reason}`.") from error
        if is_blank(result):
            if self._has_answered:
                raise Unusable(f"Given {_listed(inputs)}, your function gives nothing back.")
            raise Unanswered("The function gives nothing back: it needs a `return`.")
        self._has_answered = True
        return result

    def array(self, *inputs: Any, wanted: tuple[int, ...] | None = None) -> NDArray[np.float64]:
        """Give the array that the function gives back, read by :func:`array`."""
        return self._read(array, inputs, wanted)

    def number(self, *inputs: Any) -> int | float:
        """Give the number that the function gives back, read by :func:`number`."""
        return self._read(number, inputs)

    def _read(self, read, inputs, *more):
        result = self(*inputs)
        try:
            return read(result, *more)
        except Unusable as trouble:
            raise Unusable(f"{trouble} Your function was given {_listed(inputs)}.") from trouble


def mistake(found: ArrayLike, known: Mapping[str, ArrayLike], **tolerance: float) -> str | None:
    """Recognize a well-known mistake by what it gives.

    Args:
        found: a number or an array, the learner's.
        known: what each well-known mistake gives, by the words of its feedback.
        tolerance: ``rtol`` and ``atol`` of :func:`numpy.allclose`.

    Returns:
        The words of the first mistake that gives what was found; None if none does.

    Example:

    >>> mistake(6.0, {"That is the half of it.": 3, "That is twice as much.": 6})
    'That is twice as much.'
    """
    return next((words for words, given in known.items() if np.allclose(found, given, **tolerance)), None)


def described(value: object) -> str:
    """Describe a value in a few words.

    Example:

    >>> described("12"), described(np.zeros((2, 3))), described([1, 2])
    ("the text '12'", 'an array of shape (2, 3)', 'a list of length 2')
    """
    if isinstance(value, str):
        return f"the text {value[:40]!r}"
    if isinstance(value, bool | np.bool_):
        return f"{bool(value)}, which is no number"
    if callable(value):
        return "a function"
    if isinstance(value, np.ndarray) and not value.ndim:
        return f"a single number, {value}"
    if getattr(value, "shape", None):
        return f"an array of shape {tuple(value.shape)}"
    if isinstance(value, int | float | np.number):
        return f"{value}"
    if isinstance(value, list | tuple):
        return f"a {type(value).__name__} of length {len(value)}"
    return f"of type {type(value).__name__}"


def _values(answer, wanted, kinds="iuf"):
    """The numbers of an answer as an array: what NumPy reads as integers or floats, and with "b" as bools."""
    try:
        values = np.asarray(answer)
    except (TypeError, ValueError) as error:
        unlike = ", with rows of unlike length" if isinstance(answer, list | tuple) else ""
        raise Unusable(f"{wanted} is wanted here; yours is {described(answer)}{unlike}.") from error
    if values.dtype.kind not in kinds:
        raise Unusable(f"{wanted} is wanted here; yours is {described(answer)}.")
    return values


def _listed(inputs):
    return " and ".join(described(each) for each in inputs)
