"""Studies: what takes hours to run, and is shipped as records.

    records     the record of one run, a line of JSON; files of records, and how two become one
    digits      which digits a study uses
    machine     what a run was made on
    intervals   means and differences with their intervals
    cluster     many calls on Dask
    runner      makes the runs that are missing and records each as it ends
    commands    run, status, summary and merge, for every study

To add a study, make a folder here with three things:

- ``run.py``: a subclass of :class:`records.Record` that names the study (``study = "shift"``); a function of settings,
  digits and ``progress`` that makes one run and returns its results; and the two as one, ``STUDY = Study(Shift, run)``.
- ``__main__.py``: the runs that are planned and what the records say, each a function of records and arguments, handed
  to :func:`commands.main`. ``python -m lenet_tutorial.studies.shift run`` then goes on wherever it was stopped.
- ``records.jsonl``: what came out. ``STUDY.read()`` reads it.
"""
