"""How much does a shift matter? Networks of several kinds, on test digits that were moved by a few pixels.

`python -m lenet_tutorial.studies.shift --help` runs it:

    run         the architectures, one training as it is recorded, and what the records say
    train       building and training them; only this imports Keras

`records.jsonl` holds the recorded runs, made on MNIST by

    python -m lenet_tutorial.studies.shift run
"""

from lenet_tutorial.studies.shift.run import ARCHITECTURES, EQUAL, SHIFTS, SIZES, STUDY, accuracies, gains

__all__ = ["ARCHITECTURES", "EQUAL", "SHIFTS", "SIZES", "STUDY", "accuracies", "gains"]
