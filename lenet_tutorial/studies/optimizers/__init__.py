"""Is it really SGD? The textbook's closing claim, put to the test: a grid of recipes, its records, and a verdict.

`python -m lenet_tutorial.studies.optimizers --help` runs it. One noun a file, a file importing only those above it:

    grid        which recipes, with which seeds, in which order
    run         one training of a recipe, as it is recorded
    train       training a recipe, with an evaluation after every epoch; only this imports Keras
    verdict     the claim, the margin stated before looking, and what the records say of it
    analysis    curves, epochs needed, learning rates that do well, sign reversals, precision
    summary     records and verdict as text

`records.jsonl` holds the recorded grid, one run a line, each with what it was made on and when. It was made on MNIST by

    python -m lenet_tutorial.studies.optimizers run --precision mixed_bfloat16
    python -m lenet_tutorial.studies.optimizers run --precision float32 --seeds 2 --deciding-seeds 2 \\
        --only "SGD 0.01" --only "Adam 0.001"

the second for the two recipes that were run in float32 as well, with `--records` naming that file. `grid.RECORDED` is
the plan. The same commands make it again, elsewhere or from where it stopped.
"""
