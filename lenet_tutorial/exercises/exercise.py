"""One exercise, and the set of exercises of one lesson."""

import inspect
from collections.abc import Callable, Iterable
from typing import Any

from IPython.display import Markdown, display

from lenet_tutorial.exercises import answers
from lenet_tutorial.exercises.feedback import Feedback, off, unanswered


class Exercise:
    """One exercise of a lesson: it checks an answer, gives hints one at a time, and shows a worked solution.

    What it remembers, whether it was solved and which hint comes next, lives as long as the kernel.

    Args:
        examine: a function of the answer, and of whatever else the lesson hands to :meth:`check`, that returns a
            :class:`~lenet_tutorial.exercises.feedback.Feedback`. It never sees a blank answer. Its name is the
            exercise's. What :mod:`~lenet_tutorial.exercises.answers` raises need not be caught.
        solution: the worked solution, a function that stands alone. It gives the answer; where a function is asked
            for, it is the answer.
        hints: texts, each saying more than the one before.
        asks_for_function: if true, ``examine`` gets an :class:`answers.Function` that wraps the learner's own.
    """

    def __init__(
        self,
        examine: Callable[..., Feedback],
        *,
        solution: Callable[..., Any],
        hints: Iterable[str],
        asks_for_function: bool = False,
    ):
        self.name = examine.__name__
        self.hints = tuple(hints)
        self.solved = False
        self._examine = examine
        self._solution = solution
        self._asks_for_function = asks_for_function
        self._hints_given = 0

    def __repr__(self) -> str:
        return f"<exercise {self.name}: {'solved' if self.solved else 'not solved yet'}>"

    def check(self, answer: object, *given: Any) -> None:
        """Show the feedback on an answer.

        Args:
            answer: the learner's; ``...`` and None are no answer yet.
            given: what the lesson hands over for the check, such as its digits.
        """
        _show(self.feedback(answer, *given))

    def feedback(self, answer: object, *given: Any) -> Feedback:
        """Examine an answer; whatever it is, nothing is raised. An exercise once solved stays solved.

        Args:
            answer, given: as for :meth:`check`.

        Returns:
            A :class:`~lenet_tutorial.exercises.feedback.Feedback`.
        """
        try:
            if answers.is_blank(answer):
                raise answers.Unanswered
            result = self._examine(answers.Function(answer) if self._asks_for_function else answer, *given)
        except answers.Unanswered as error:
            result = unanswered(str(error))
        except answers.Unusable as error:
            result = off(str(error))
        except Exception as error:
            reason = f"{type(error).__name__}: {error}".splitlines()[0]
            result = off(f"The check could not make sense of this answer ({reason}).")
        self.solved = self.solved or result.verdict == "right"
        return result

    def hint(self) -> None:
        """Show the next hint; after the last one, say that there are no more."""
        count = len(self.hints)
        if self._hints_given == count:
            _show(f"No more hints. `exercises.{self.name}.solution()` shows a worked solution.")
            return
        self._hints_given += 1
        _show(f"**Hint {self._hints_given} of {count}.** {self.hints[self._hints_given - 1]}")

    def solution(self) -> None:
        """Show the code of the worked solution. Looking at it solves nothing."""
        _show(f"```python\n{inspect.getsource(self._solution).strip()}\n```")


def exercise(**parts: Any) -> Callable[[Callable[..., Feedback]], Exercise]:
    """Make a function that examines an answer into an :class:`Exercise`; the parts are that class's arguments."""
    return lambda examine: Exercise(examine, **parts)


class Exercises(tuple):
    """All the exercises of one lesson, in the lesson's order."""

    def solved(self) -> tuple[Exercise, ...]:
        """Give those that are solved."""
        return tuple(each for each in self if each.solved)

    def tally(self) -> None:
        """Show how many are solved, and which."""
        _show(self)

    def __str__(self) -> str:
        names = " · ".join(f"✓ {each.name}" if each.solved else each.name for each in self)
        count = len(self.solved())
        text = f"{count} of {len(self)} exercises solved"
        return f"*{text} so far:* {names}." if not count else f"**{text}:** {names}."


def _show(words):
    display(Markdown(str(words)))
