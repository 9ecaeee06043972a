"""The lessons' exercises, which answer back: one file a lesson.

A lesson writes ``from lenet_tutorial.exercises import digits as exercises`` and then, for each of its exercises,
``exercises.NAME.check(answer)``, and ``exercises.tally()`` at its end. ``.hint()`` gives one hint at a time, and
``.solution()`` shows a worked one.
"""
