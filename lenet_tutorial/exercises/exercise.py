"""One exercise, and the set of exercises of one lesson."""

import inspect

from IPython.display import Markdown, display

from lenet_tutorial.exercises import answers
from lenet_tutorial.exercises.feedback import off, unanswered


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

    def __init__(self, examine, *, solution, hints, asks_for_function=False):
        self.name = examine.__name__
        self.hints = tuple(hints)
        self.solved = False
        self._examine = examine
        self._solution = solution
        self._asks_for_function = asks_for_function
        self._hints_given = 0

    def __repr__(self):
        return f"<exercise {self.name}: {'solved' if self.solved else 'not solved yet'}>"

    def check(self, answer, *given):
        """Show what is to be said of an answer.

        Args:
            answer: the learner's; ``...`` and None are no answer yet.
            given: what the lesson hands over for the check, such as its digits.
        """
        _show(self.feedback(answer, *given))

    def feedback(self, answer, *given):
        """Examine an answer; whatever it is, nothing is raised. An exercise once solved stays solved.

        Args:
            answer, given: as for :meth:`check`.

        Returns:
            A :class:`~lenet_tutorial.exercises.feedback.Feedback`.
        """
        try:
            said = self._looked_at(answer, *given)
        except answers.Unanswered as nothing:
            said = unanswered(str(nothing))
        except answers.Unusable as trouble:
            said = off(str(trouble))
        except Exception as error:
            told = f"{type(error).__name__}: {error}".splitlines()[0]
            said = off(f"The check could not make sense of this answer ({told}).")
        self.solved = self.solved or said.verdict == "right"
        return said

    def _looked_at(self, answer, *given):
        if answers.is_blank(answer):
            raise answers.Unanswered
        return self._examine(answers.Function(answer) if self._asks_for_function else answer, *given)

    def hint(self):
        """Show the next hint; after the last one, say that there are no more."""
        count = len(self.hints)
        if self._hints_given == count:
            _show(f"No more hints. `exercises.{self.name}.solution()` shows a worked solution.")
            return
        self._hints_given += 1
        _show(f"**Hint {self._hints_given} of {count}.** {self.hints[self._hints_given - 1]}")

    def solution(self):
        """Show the code of the worked solution. Looking at it solves nothing."""
        _show(f"```python\n{inspect.getsource(self._solution).strip()}\n```")

    def worked(self, *given):
        """Give the answer of the worked solution; ``given`` as for :meth:`check`."""
        return self._solution if self._asks_for_function else self._solution(*given)


def exercise(**parts):
    """Make a function that examines an answer into an :class:`Exercise`; the parts are that class's arguments."""
    return lambda examine: Exercise(examine, **parts)


class Exercises(tuple):
    """All the exercises of one lesson, in the lesson's order."""

    def solved(self):
        """Give those that are solved."""
        return tuple(each for each in self if each.solved)

    def tally(self):
        """Show how many are solved, and which."""
        _show(self)

    def __str__(self):
        names = " · ".join(f"✓ {each.name}" if each.solved else each.name for each in self)
        count = len(self.solved())
        told = f"{count} of {len(self)} exercises solved"
        return f"*{told} so far:* {names}." if not count else f"**{told}:** {names}."


def _show(words):
    display(Markdown(str(words)))
