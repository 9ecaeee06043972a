"""Was it really SGD? The textbook's closing claim, put to the test: a grid of recipes, its records, and two verdicts.

`python -m lenet_tutorial.studies.optimizers --help` runs it. One noun a file, a file importing only those above it:

    grid        which recipes, with which seeds, in which order
    run         one training of a recipe, as it is recorded
    train       training a recipe, with an evaluation after every epoch; only this imports Keras
    verdict     the claim, the margin stated before looking, the comparisons, and what the records say
    analysis    curves, learning rates that do well, single pairs of runs, failures, hard digits, two programs
    summary     records and verdict as text

Two files of records come with the package, one run a line, each with what it was made on:

- `h100.jsonl`: 14 recipes with ten seeds each, in float32, on one NVIDIA H100. A program in plain JAX made them, which
  trains the ten networks of a recipe side by side; `seconds` is a tenth of what they took together. From the same
  weights, its first three steps differ from Keras's on TensorFlow by at most 8e-7 in any weight. Its seeds are its own:
  Keras draws other first weights from the same number, so compare distributions, not runs.
  `python -m lenet_tutorial.studies.optimizers summary --seeds 10 --records h100.jsonl` prints them.
- `records.jsonl`: made by this program, on two cores and in float32, by

      python -m lenet_tutorial.studies.optimizers run --only "SGD 0.01" --only "Adam 0.001" \\
          --only "SGD 0.5" --only "SGD 1"

  Two recipes tell whether both programs agree, and two go on where the grid's learning rates end. The same command
  makes them again, elsewhere or from where it stopped; without `--only` it makes the whole grid.
"""
