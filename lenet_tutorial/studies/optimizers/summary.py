"""Records and verdict, as text."""

from collections import Counter

import numpy as np

from lenet_tutorial.studies import intervals, machine
from lenet_tutorial.studies.optimizers.analysis import failures
from lenet_tutorial.studies.optimizers.grid import Grid, name
from lenet_tutorial.studies.optimizers.run import Run, runs_of
from lenet_tutorial.studies.optimizers.verdict import best, judge, points
from lenet_tutorial.studies.records import Records


def percent(share: float) -> str:
    """A share in percent, two decimals; "-" where it is not known."""
    return f"{100 * share:.2f}" if np.isfinite(share) else "-"


def table(records: Records[Run], grid: Grid) -> list[str]:
    """The grid's recipes, one line each: runs, how many failed, validation and test accuracy with t intervals."""
    lines = [f"{'recipe':<24}{'runs':>5}  {'validation %':>12}  {'test %':>7}  {'over seeds':<18}{'s a run':>8}"]
    for recipe in map(grid.adapt, grid.recipes):
        runs = runs_of(records, recipe)
        ended = [each for each in runs if not each.diverged]
        line = f"{name(recipe):<24}{len(runs):>5}  "
        if ended:
            validation = np.mean([each.last("validation_accuracy") for each in ended])
            test = intervals.mean([each.last("test_accuracy") for each in ended])
            spread = f"{percent(test.low)} to {percent(test.high)}" if test.known else ""
            seconds = np.median([each.seconds for each in ended])
            line += f"{percent(validation):>12}  {percent(test.value):>7}  {spread:<18}{seconds:>8.1f}"
        failed, n = failures(records, recipe)
        lines.append((line + (f"  {failed} of {n} FAILED" if failed else "")).rstrip())
    return lines


def provenance(records: Records[Run]) -> list[str]:
    """What the records were made with: data, processors, versions."""
    data = records.data
    made_on = Counter(machine.describe(each) for each in records)
    sizes = f"{data['train']:,} training, {data['validation']:,} validation, {data['test']:,} test digits"
    return [f"Data: {data['name']}: {sizes}.", *(f"{n} runs on {where}." for where, n in made_on.items())]


def summarize(records: Records[Run], grid: Grid) -> list[str]:
    """The whole summary, as lines; the last is the verdict."""
    if not len(records):
        return ["No runs are recorded yet."]
    lines = [*provenance(records), f"{grid.epochs} epochs, batches of {grid.batch_size}, {grid.precision}."]
    lines += ["", *table(records, grid), "", "Intervals in the table: 95%, over seeds.", ""]
    lines += ["Best on validation data: " + "; ".join(map(name, best(records, grid).values())) + "."]
    try:
        verdict = judge(records, grid)
    except ValueError as error:
        return [*lines, str(error)]
    lines += ["", "Differences in test accuracy; all six intervals together hold with 95%:"]
    for what in vars(verdict).values():
        seeds, digits = what.difference.over_seeds, what.difference.over_digits
        low, high = map(points, what.without_one)
        lines += [
            f"  {what}",
            f"    over seeds alone {points(seeds.low)} to {points(seeds.high)}, over test digits alone "
            f"{points(digits.low)} to {points(digits.high)}",
            f"    one seed left out: {low} to {high}; Wilcoxon's p against the margin: {what.wilcoxon:.3f}",
        ]
    return [*lines, "", str(verdict)]
