"""Which explanation deserves trust? Four attribution methods and two baselines, in tests that each can fail.

`python -m lenet_tutorial.studies.explanations --help` runs it:

    cue         a black square whose place alone decides the class
    run         the three networks of a seed, what is recorded of each, and what the records say
    train       training and measuring them; only this imports Keras

`records.jsonl` holds the recorded runs, made on MNIST by

    python -m lenet_tutorial.studies.explanations run
"""

from lenet_tutorial.studies.explanations.cue import PLACES, planted, region, stamped
from lenet_tutorial.studies.explanations.run import LAYERS, STUDY, Verdict, means, scores, verdict_table, verdicts

__all__ = [
    "LAYERS",
    "PLACES",
    "STUDY",
    "Verdict",
    "means",
    "planted",
    "region",
    "scores",
    "stamped",
    "verdict_table",
    "verdicts",
]
