"""What holds, measured: ``make qa``. A check a file.

The tests prove the lessons and the module. What is here tries the tests themselves, a network with nobody in it,
hostile conditions, and other processors.
"""
