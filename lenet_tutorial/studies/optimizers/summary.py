"""Records and verdict, as text."""

from collections import Counter

import numpy as np

from lenet_tutorial.evaluation import wilson_interval
from lenet_tutorial.studies import intervals, machine
from lenet_tutorial.studies.optimizers.analysis import precision_differences
from lenet_tutorial.studies.optimizers.grid import Grid, conditions, name
from lenet_tutorial.studies.optimizers.run import Run, runs_of
from lenet_tutorial.studies.optimizers.verdict import Comparison, judge, points
from lenet_tutorial.studies.records import Records

# One prediction for every digit is right for about a tenth of them: a network below this has learned nothing.
CHANCE = 0.2


def percent(share: float) -> str:
    """A share in percent, two decimals; "-" where it is not known."""
    return f"{100 * share:.2f}" if np.isfinite(share) else "-"


def table(records: Records[Run], grid: Grid) -> list[str]:
    """The grid's recipes, one line each: runs, how many diverged, validation and test accuracy with t intervals."""
    lines = [f"{'recipe':<24}{'runs':>5}  {'validation %':>12}  {'test %':>7}  {'over seeds':<18}{'epochs: s':>10}"]
    for recipe in grid.recipes:
        runs = runs_of(records, grid.adapt(recipe))
        ended = [each for each in runs if not each.diverged]
        line = f"{name(recipe):<24}{len(runs):>5}  "
        if ended:
            validation = np.mean([each.last("validation_accuracy") for each in ended])
            test = intervals.mean([each.last("test_accuracy") for each in ended])
            spread = f"{percent(test.low)} to {percent(test.high)}" if test.known else ""
            seconds = np.median([np.median(each.curves["seconds"]) for each in ended])
            line += f"{percent(validation):>12}  {percent(test.value):>7}  {spread:<18}{seconds:>10.1f}"
        at_chance = sum(each.last("validation_accuracy") < CHANCE for each in ended)
        if at_chance:
            line += f"  {at_chance} of {len(runs)} LEARNED NOTHING"
        if len(ended) < len(runs):
            line += f"  {len(runs) - len(ended)} of {len(runs)} DIVERGED"
        lines.append(line.rstrip())
    return lines


def comparison(title: str, found: Comparison) -> list[str]:
    """A comparison in a few lines, the two sources of chance apart."""
    lines = [title, f"  {found}"]
    if found.known:
        seeds, digits = found.difference.over_seeds, found.difference.over_digits
        lines += [
            f"    over seeds, on these test digits:   {points(seeds.low)} to {points(seeds.high)}",
            f"    over test digits, of these networks: {points(digits.low)} to {points(digits.high)}",
        ]
    if found.difference is not None:
        values = ", ".join(f"{pair.p_value:.2g}" for pair in found.difference.pairs)
        lines.append(f"    each pair of runs alone, McNemar's exact p: {values}")
    return lines


def provenance(records: Records[Run]) -> list[str]:
    """What the records were made with: data, processors, versions."""
    data = records.data
    made_on = Counter(f"{each.machine['device']}, {machine.describe(each)}" for each in records)
    sizes = f"{data['train']:,} training, {data['validation']:,} validation, {data['test']:,} test digits"
    return [f"Data: {data['name']}: {sizes}.", *(f"{n} runs on {where}." for where, n in made_on.items())]


def sampling(records: Records[Run], grid: Grid) -> list[str]:
    """How far other test digits would move a network's accuracy: Wilson's interval, of the first recipe's first run."""
    runs = [each for each in runs_of(records, grid.adapt(grid.recipes[0])) if not each.diverged]
    if not runs:
        return []
    n = records.data["test"]
    correct = n - len(runs[0].misread)
    low, high = map(percent, wilson_interval(correct, n))
    return [
        f"Intervals are at 95 %. Those in the table are over seeds. Another {n:,} test digits would move any "
        f"network: one with {percent(correct / n)} % may be worth {low} to {high} %."
    ]


def arithmetic(records: Records[Run]) -> list[str]:
    """What the faster arithmetic changes, where recipes were run both ways."""
    lines = []
    for recipe, found in precision_differences(records).items():
        seeds = found.over_seeds
        spread = f" ({points(seeds.low)} to {points(seeds.high)} over seeds)" if seeds.known else ""
        lines.append(f"  {name(recipe)}: {points(found.value)} points{spread}, {len(found.pairs)} pairs of runs")
    return ["", "The same runs in float32 minus mixed bfloat16:", *lines] if lines else []


def summarize(records: Records[Run], grid: Grid) -> list[str]:
    """The whole summary, as lines; the last is the verdict."""
    if not len(records):
        return ["No runs are recorded yet.", str(judge(records, grid))]
    apart = [each for each in records if conditions(each.recipe) != conditions(grid.adapt(each.recipe))]
    verdict = judge(records, grid)
    lines = [*provenance(records), f"{grid.epochs} epochs, batches of {grid.batch_size}, {grid.precision}."]
    if apart:
        lines.append(f"{len(apart)} runs with other epochs, batches or precision are left out of what follows.")
    lines += ["", *table(records, grid), "", *sampling(records, grid), "", "Best on validation data, mean of seeds:"]
    lines += [f"  {family}: {name(one) if one else 'runs are missing'}" for family, one in verdict.best.items()]
    lines += ["", *comparison("Learning rates as in the two networks that are compared:", verdict.as_published)]
    lines += comparison("Each with its best learning rate:", verdict.at_best)
    for found in verdict.initialization:
        lines += comparison("Glorot-uniform initialization against that of the earlier network:", found)
    return [*lines, *arithmetic(records), "", str(verdict)]
