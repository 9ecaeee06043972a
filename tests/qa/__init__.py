"""What holds, measured: ``make hold`` and, for what takes hours, ``make hold-long``. A check a file.

The tests prove the lessons and the module. What is here tries the tests themselves, real machines, and hostile ones.
"""
