"""The table of 1998, run again: the classifiers that LeNet-5's paper compares, on all 60,000 training digits.

`python -m lenet_tutorial.studies.lenet5_1998 --help` runs it:

    table       the rows, with the paper's test errors, and variants of them
    run         one training as it is recorded
    classical   the rows that are not networks, from scikit-learn
    networks    the rows that are, and how they are trained; only this imports Keras
    errors      what the records say

`records.jsonl` holds the recorded runs, made on MNIST by

    python -m lenet_tutorial.studies.lenet5_1998 run

and one row again, from the start, by

    python -m lenet_tutorial.studies.lenet5_1998 run --only lenet5 --records again.jsonl
"""
