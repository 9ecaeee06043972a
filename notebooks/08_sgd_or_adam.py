# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown]
# # 8 · SGD or Adam
#
# *The textbook's network scored lower than its earlier one. Was it really the optimizer?*
#
# - **You will** compute the steps of three optimizers by hand, take the textbook's closing claim apart, and put it to a test that it could pass or fail.
# - **You need** [lesson 4](04_train.ipynb): what a gradient, a step and a learning rate are. A word that you have forgotten is in the [glossary](glossary.md).
# - **It takes** about 40 minutes to read and a minute to run. The experiment itself took hours; its records come with the lesson.

# %% [markdown]
# **You are ready if** you can answer these three, from lesson 4. Click a question to see its answer.
#
# <details><summary>A weight is 1, its slope is 3, the learning rate is 0.1. Where is it after a step of SGD?</summary>At 1 - 0.1·3 = 0.7: against the slope, by the learning rate times the slope.</details>
#
# <details><summary>What does a seed fix, and what does it not?</summary>The first weights and the order of the digits. Not the last digits of the numbers on another processor or with another version of the library.</details>
#
# <details><summary>What are the validation digits for, and what the test digits?</summary>We choose by the validation digits. The test digits are looked at last, and nothing is chosen by them.</details>

# %%
import numpy as np
from IPython.display import Markdown
from scipy import stats

from lenet_tutorial import figures, textbook
from lenet_tutorial.backend import keras
from lenet_tutorial.figures import show
from lenet_tutorial.studies import digits, machine
from lenet_tutorial.studies.optimizers import analysis, grid, verdict
from lenet_tutorial.studies.optimizers.run import STUDY, run_recipe, runs_of
from lenet_tutorial.training import Recipe, build

# %% tags=["data"]
few = digits.load(first=1000)
Markdown(f"**{few.note}** Where this lesson trains, it takes the first 1,000 digits of each part at most.")

# %% [markdown]
# ## The claim
#
# Before the section that you followed, the textbook's chapter builds the same network in plain TensorFlow. That one read a larger share of the test digits. The section closes by giving
# the reason: its Keras network was trained with SGD, and SGD lacks some of what Adam has, which trained the other.
#
# The network, the digits, the loss, ten epochs and batches of 100 were the same. Here is what differed. The numbers of the earlier network are from the
# [book's public code](https://github.com/PacktPublishing/Mastering-TensorFlow-1x).

# %% jupyter={"source_hidden": true}
gap = verdict.EARLIER_TEST_ACCURACY - textbook.TEST_ACCURACY
earlier, published = grid.TEXTBOOK_INITIALIZATION[0], grid.TEXTBOOK
Markdown(f"""
| | earlier, TensorFlow | the section, Keras |
|---|---|---|
| optimizer | {earlier.optimizer.capitalize()} | {published.optimizer.upper()} |
| learning rate | {earlier.learning_rate:g} | {published.learning_rate:g} |
| first weights | normal, standard deviation 0.1 | Glorot-uniform |
| first biases | normal, standard deviation 1 | 0 |
| runs | 1 | 1 |
| **test accuracy** | **{verdict.EARLIER_TEST_ACCURACY:.2%}** | **{textbook.TEST_ACCURACY:.2%}** |

The gap is {100 * gap:.2f} percentage points: {round(10_000 * gap)} of 10,000 digits. By the way, the public code shows the section's Keras recipe once more, with
{verdict.SECOND_TEST_ACCURACY:.2%}: the same recipe, another run, and {round(10_000 * (verdict.SECOND_TEST_ACCURACY - textbook.TEST_ACCURACY))} digits of the gap are gone.
""")

# %% [markdown]
# Optimizer, learning rate and starting values changed at once, and one run of each was compared. To blame the optimizer, one would have to know that
#
# 1. the gap is more than *chance*: other first draws, other test digits;
# 2. it does not come from the *starting values*;
# 3. it does not come from the *learning rate*: SGD stays behind even with a learning rate that suits it.
#
# **Predict:** which of the three will fail, if any? Write it down. For the third, on which the claim hangs, a rule that was fixed beforehand will decide.
#
# ## What a step is
#
# A gradient says which way the loss falls. The optimizer says how far to go. Let us take two steps by hand, for five weights whose slopes are very different in size, and do so
# under the three rules. First *SGD*, and SGD with *momentum*, which keeps a share of its last step:
#
# $$v \leftarrow \mu\,v - \eta\,g \qquad w \leftarrow w + v$$
#
# With $\mu = 0$ that is plain SGD.

# %%
start = np.array([1.0, 1.0, 1.0, 1.0, 1.0])
slopes = np.array([[0.001, 0.01, 1.0, -1.0, 100.0], [0.001, -0.01, 1.0, 0.5, 100.0]])


def sgd(slopes, rate, momentum=0.0):
    w, v = start, 0.0
    for g in slopes:
        v = momentum * v - rate * g
        w = w + v
    return w


def by_keras(optimizer, slopes):
    w = keras.Variable(start)
    for g in slopes:
        optimizer.apply([keras.ops.convert_to_tensor(g, "float32")], [w])
    return keras.ops.convert_to_numpy(w)


np.testing.assert_allclose(sgd(slopes, 0.01), by_keras(keras.optimizers.SGD(0.01), slopes), rtol=1e-5)
with_momentum = keras.optimizers.SGD(0.01, momentum=0.9)
np.testing.assert_allclose(sgd(slopes, 0.01, momentum=0.9), by_keras(with_momentum, slopes), rtol=1e-5)
print("SGD:          ", sgd(slopes, 0.01))
print("with momentum:", sgd(slopes, 0.01, momentum=0.9))


# %% [markdown]
# Where the slope repeats itself, momentum makes the second step almost twice as long; after many equal slopes it would be $1/(1-\mu) = 10$ times as long. Where the slope
# turns round, the share of the old step works against the new one, which comes out short.
#
# *Adam* ([Kingma and Ba 2014](https://arxiv.org/abs/1412.6980)) keeps two running means for each weight: $m$ of its slopes, and $s$ of its squared slopes. Both begin at 0, and the
# divisions after them make up for that. The step is the one divided by the root of the other:
#
# $$m \leftarrow \beta_1 m + (1-\beta_1)\,g \qquad s \leftarrow \beta_2 s + (1-\beta_2)\,g^2 \qquad
# w \leftarrow w - \eta\,\frac{m/(1-\beta_1^t)}{\sqrt{s/(1-\beta_2^t)} + \epsilon}$$

# %%
def adam(slopes, rate, beta_1=0.9, beta_2=0.999, epsilon=1e-7):
    w, m, s = start, 0.0, 0.0
    for t, g in enumerate(slopes, 1):
        m = beta_1 * m + (1 - beta_1) * g
        s = beta_2 * s + (1 - beta_2) * g**2
        w = w - rate * (m / (1 - beta_1**t)) / (np.sqrt(s / (1 - beta_2**t)) + epsilon)
    return w


np.testing.assert_allclose(adam(slopes, 0.001), by_keras(keras.optimizers.Adam(0.001), slopes), atol=1e-5)
print("Adam:", adam(slopes, 0.001))

# %% [markdown]
# (Keras adds its $\epsilon$ of $10^{-7}$ at a slightly different place. In the first step it then acts like one thirty times larger, and shortens the steps of slopes
# below about $10^{-4}$. TensorFlow 1, which trained the earlier network, had $10^{-8}$.)
#
# Look at the slopes again: the last is a hundred thousand times the first. **Predict:** after *one* step each, how far has SGD moved these weights, and how far has Adam?

# %%
print("slopes: ", *(f"{g:>8.0e}" for g in slopes[0]))
print("by SGD: ", *(f"{step:>8.0e}" for step in sgd(slopes[:1], 0.01) - start))
print("by Adam:", *(f"{step:>8.0e}" for step in adam(slopes[:1], 0.001) - start))


# %% [markdown]
# SGD's step is the slope, times the learning rate. Adam's first step is the learning rate, whatever the slope, if only there is one: dividing by the root of the square leaves the sign.
# (Later steps are shorter where the slopes disagree with each other.)
#
# So the two learning rates do not measure the same thing. One multiplies slopes; the other sets the scale of the steps themselves. "0.01 against 0.001" says nothing about
# who goes farther. How far do they go in the real network? Take twenty steps with each, from the same first weights over the same digits, and look at the first and at the last.

# %% tags=["data", "tol-0.6"]
def parameters(model):
    return np.concatenate([each.ravel() for each in model.get_weights()])


steps = {"step 1": {}, "step 20": {}}
for recipe in (Recipe(), Recipe(learning_rate=0.1), Recipe("adam", 0.001)):
    keras.utils.set_random_seed(0)
    model = build(recipe)
    for step in range(1, 21):
        before = parameters(model)
        batch = slice(step % 10 * 100, step % 10 * 100 + 100)
        model.train_on_batch(few.train.images[batch], few.train.onehot[batch])
        if step in (1, 20):
            steps[f"step {step}"][grid.name(recipe)] = np.abs(parameters(model) - before)

assert all(np.median(by["Adam 0.001"]) > 10 * np.median(by["SGD 0.01"]) for by in steps.values())
show(figures.step_lengths(steps, title="How far 3,255,914 parameters move"))

# %% [markdown]
# In the first step, two shapes and three places. The *shape* belongs to the optimizer: SGD's moves differ by many powers of ten from one weight to the next, most of Adam's are one
# learning rate long. (The first bar holds weights with no slope, or next to none: those behind a neuron that was silent for the whole batch.) The *place* belongs to the learning rate: ten times the
# rate shifts SGD's whole hill ten times to the right. By the twentieth step the slopes of different batches have disagreed, and Adam's moves have become shorter. (A spike near $7 \cdot 10^{-5}$ is weights that had a slope in the first step and none since: their running mean
# carries them on.) And at both looks, the textbook's recipe makes by far the shortest moves of the three.
#
# So there is a plain suspicion: is what looks like a poor optimizer only a learning rate that is too small?
#
# ## A few short runs
#
# Try it on a small scale: the same network, 1,000 digits, five epochs, two seeds each. A run leaves a *record*, with its accuracy after every epoch.

# %% tags=["data", "tol-5.0"]
short = {}
for optimizer, rate in (("sgd", 0.01), ("sgd", 0.1), ("adam", 0.001)):
    runs = [run_recipe(Recipe(optimizer, rate, epochs=5, seed=seed), few) for seed in (0, 1)]
    short[grid.name(runs[0].recipe)] = [run.curves["test_accuracy"] for run in runs]
show(figures.runs_over_epochs(short, title=f"Short runs on {few.name}"))

# %% [markdown]
# On so few digits, the learning rate alone makes SGD another optimizer. Does it reach Adam? Look for yourself, and do not believe it yet: these runs answer another question than ours. They have few
# digits, few steps and two seeds. What is left of that after ten epochs over 55,000 digits? That takes hours on a laptop, so it was run once, and its records are part of this project.
#
# ## The experiment
#
# `python -m lenet_tutorial.studies.optimizers run --precision mixed_bfloat16` makes such runs, on one machine or many, and goes on where it stopped. The plan: six learning rates for SGD, three with
# momentum, four for Adam, and both networks' settings with the starting values of the earlier one (*normal* in the tables). Several seeds, and more of them for the recipes that decide. A run *diverges*
# when its loss is no number any more; one that merely learns nothing does not.

# %% jupyter={"source_hidden": true}
records = STUDY.read()
plan = grid.RECORDED
wanted = plan.planned([recipe for recipe in verdict.best(records, plan).values() if recipe])
done = len({run.recipe for run in records} & set(wanted))
machines = sorted({machine.describe(run) for run in records})
Markdown(
    f"**{done} of {len(wanted)} runs** are recorded: seeds of each recipe: {plan.seeds}, of those that decide: "
    f"{plan.deciding_seeds}. Each is {plan.epochs} epochs over {records.data['train']:,} digits of "
    f"{records.data['name']}, tested on {records.data['test']:,}. {sum(run.diverged for run in records)} of them diverged. "
    f"Arithmetic: {plan.precision}. {sum(run.seconds for run in records) / 3600:.1f} hours on {'; '.join(machines)}."
)

# %% [markdown]
# Three things were fixed before the first of these runs:
#
# - **The margin.** Differences of less than 0.3 points shall count as too small to explain the gap: they would leave more than half of it to something else. (It was not set
#   quite blindly. A few single runs, made while this project was planned, were known by then.)
# - **Who chooses.** The best learning rate of each optimizer is chosen by the *validation* digits. Nothing is chosen by the test digits: that
#   would favour whoever tries more learning rates.
# - **What decides.** Adam at its best less SGD at its best, with an interval. The whole interval above the margin: the claim stands. The whole interval below it: a lead of Adam of that size is
#   ruled out, and the claim falls. Else: we cannot tell. (Momentum is tried, too, but decides nothing: the textbook used none, and its claim names SGD.)
#
# One more check comes first. To save hours, these runs computed in *bfloat16*, numbers with only 8 significant bits (the weights themselves are kept in float32). Does that change what
# we compare? Two recipes were run both ways, with the same seeds. What matters most is the last row: does their *difference* change?

# %% jupyter={"source_hidden": true}
as_set = [plan.adapt(grid.TEXTBOOK), plan.adapt(grid.ADAM_DEFAULT)]
changes = {grid.name(recipe): found.over_seeds for recipe, found in analysis.precision_differences(records).items()}
changes[" less ".join(grid.name(each) for each in reversed(as_set))] = analysis.interaction(records, *reversed(as_set))
rows = ["| recipe | seeds | float32 less bfloat16, points | |", "|---|---|---|---|"]
for name, found in changes.items():
    spread, word = "", "too few to tell"
    if found.known:
        spread = f" ({verdict.points(found.low)} to {verdict.points(found.high)})"
        within = max(abs(found.low), abs(found.high)) < verdict.MARGIN
        beyond = min(abs(found.low), abs(found.high)) > verdict.MARGIN and found.low * found.high > 0
        word = "within the margin" if within else "beyond the margin" if beyond else "cannot tell"
    rows.append(f"| {name} | {found.n} | {verdict.points(found.value)}{spread} | {word} |")
Markdown("\n".join(rows) + "\n\nIn brackets: the 95 % interval over seeds, where there are two or more. No comparison below mixes the two ways.")

# %% [markdown]
# ## Every learning rate
#
# **Predict:** the textbook used 0.01 for SGD. Will larger ones be better or worse, and where does it break?

# %%
families = {
    family: {
        recipe.learning_rate: analysis.curve(records, recipe, "validation_accuracy")[: plan.seeds, -1]
        for recipe in sorted(recipes, key=lambda recipe: recipe.learning_rate)
    }
    for family, recipes in plan.families().items()
}
title = "Ten epochs at every learning rate that was tried"
show(figures.over_learning_rates(families, title=title, margin=verdict.MARGIN, floor=0.95))

# %% [markdown]
# (Every dot has the same seeds as its neighbors. The further seeds of the deciding recipes come in below.) The best learning rate of each optimizer is the one with the highest mean:

# %%
means = {family: {rate: runs.mean() for rate, runs in rates.items()} for family, rates in families.items()}
best_rate = {family: max(rates, key=lambda rate: np.nan_to_num(rates[rate])) for family, rates in means.items()}
best = verdict.best(records, plan)
assert all(best[family].learning_rate == rate for family, rate in best_rate.items())
Markdown("; ".join(f"{family}: **{rate:g}**" for family, rate in best_rate.items()))

# %% [markdown]
# And so they learn, epoch by epoch, the textbook's recipe, Adam at its default, and the best of each optimizer:

# %%
shown = dict.fromkeys([as_set[0], best["SGD"], as_set[1], best["Adam"], best["SGD with momentum"]])
curves = {grid.name(recipe): analysis.curve(records, recipe, "test_accuracy") for recipe in shown}
level = textbook.TEST_ACCURACY, "textbook"
show(figures.runs_over_epochs(curves, title="Test accuracy on MNIST", level=level, floor=0.90))

# %% [markdown]
# ## How sure can we be?
#
# Two kinds of chance are at work. More seeds shrink the one, and never the other.
#
# *Seeds.* Another first draw gives another network. We have a few runs of each recipe, with the same seeds, so we pair them and ask how the difference varies. (Pairing helps if a seed does the same to
# both recipes; exercise 3 looks whether it does.) *Student's t* says how wide the interval around a mean of so few must be. By hand, for the two recipes with the learning rates of the two networks:

# %% tags=["tol-0.0005"]
sgd_runs, adam_runs = (runs_of(records, recipe) for recipe in as_set)
points = [100 * np.array([run.last("test_accuracy") for run in runs]) for runs in (adam_runs, sgd_runs)]
differences = points[0] - points[1]
mean, n = differences.mean(), len(differences)
half = stats.t.ppf(0.975, n - 1) * differences.std(ddof=1) / np.sqrt(n)
print("each pair of runs, in points:", *(f"{one:.2f}" for one in differences))
print(f"mean {mean:.2f}, over seeds {mean - half:.2f} to {mean + half:.2f}")

# %% [markdown]
# One run that ends badly, high or low, makes such an interval wide. It stays in: to leave it out after looking would be choosing.
#
# *Test digits.* Other 10,000 digits from the same writers would give the same networks other scores. Here, too, we pair: what counts are the digits that only one of the two networks misreads. For seed 0 alone:

# %% tags=["tol-0.0005"]
first, second = set(adam_runs[0].misread), set(sgd_runs[0].misread)
only_adam, only_sgd = len(first - second), len(second - first)
p_value = 2 * stats.binom.cdf(min(only_adam, only_sgd), only_adam + only_sgd, 0.5)
print(f"Misread by both: {len(first & second)}; by Adam alone: {only_adam}; by SGD alone: {only_sgd}.")
print(f"If these two read equally well, a split at least so uneven would have a chance of {p_value:.1e} (McNemar's test).")

by_module = verdict.compare(records, as_set[1], as_set[0]).difference
np.testing.assert_allclose([100 * by_module.value, 100 * by_module.over_seeds.half_width], [mean, half])
np.testing.assert_allclose(by_module.pairs[0].p_value, min(p_value, 1), rtol=1e-6)

# %% [markdown]
# ## What is left of the gap?
#
# Now every comparison that the claim hangs on, each with both kinds of chance, beside the margin. (The two half widths are added like the sides of a right triangle.) **Predict:** which lie inside the
# band, which outside?

# %%
judged = verdict.judge(records, plan)


def words(compared):
    return f"{grid.name(compared.first)}\nless {grid.name(compared.second)}"


def lines(found):
    sources = ["over seeds", "over test digits", "with both kinds of chance"]
    intervals = [found.over_seeds, found.over_digits, found.both]
    return {source: (one.low, one.value, one.high) for source, one in zip(sources, intervals, strict=True)}


four = (judged.as_published, judged.at_best, *judged.initialization)
compared = {words(one): lines(one.difference) for one in four if one.known}
caption = "Lines are 95 % intervals. Right of 0: the first of the two reads better."
show(figures.differences(compared, margin=verdict.MARGIN, title="Is the difference beyond the margin?", caption=caption))

# %% jupyter={"source_hidden": true}
Markdown(f"> **{judged}**")

# %% [markdown]
# Which of the three it is was computed from the records by a rule that was written before them. A test of this project makes up records in which Adam wins, ties and loses, and checks that it says so.
#
# (One weakness is left: the seeds that chose the best learning rates are among those that are compared. A network that was lucky is lucky on the validation and the test digits alike, and SGD had six
# rates to be lucky with, Adam four. The seeds that came later, for the deciding recipes only, are free of that.)
#
# ## How forgiving is each?
#
# Being told "choose the learning rate well" is cheap advice if it takes many runs to follow. So ask the other way: over how wide a range of learning rates does an optimizer come within the margin of
# its own best?

# %% jupyter={"source_hidden": true}
rows = ["| optimizer | learning rates that serve | factor | tried |", "|---|---|---|---|"]
for family, recipes in plan.families().items():
    serves = analysis.good_learning_rates(records, recipes, seeds=plan.seeds)
    rates = sorted(recipe.learning_rate for recipe in recipes)
    edge = ", up to the edge of what was tried" if serves.at_edge else ""
    rows.append(
        f"| {family} | {serves.low:g} to {serves.high:g}{edge} | {serves.factor:.0f} "
        f"| {', '.join(f'{rate:g}' for rate in rates)} |"
    )
Markdown("\n".join(rows))

# %% [markdown]
# The rates that were tried lie about a factor of three apart, with momentum ten, so the factors are no finer than that. *At the edge* means that the range may be wider than was tried. And mind where each
# range lies: for whoever tries one learning rate only, what counts is whether the library's default is in it. Keras starts SGD with 0.01 and Adam with 0.001.
#
# ## How to lie with one run
#
# The textbook compared one run with one run. How often would a single pair have had the other sign than the mean of all? Take every run of one recipe against every run of the other.

# %%
pairs = {}
for one in (judged.as_published, judged.at_best):
    runs = [analysis.curve(records, recipe, "test_accuracy")[:, -1] for recipe in (one.first, one.second)]
    pairs[words(one)] = np.subtract.outer(*runs)
show(figures.single_pairs(pairs, title="What one run of each would have said"))

# %% jupyter={"source_hidden": true}
told = []
for one in (judged.as_published, judged.at_best):
    found = analysis.sign_reversal_rate(records, one.first, one.second)
    told.append(
        f"{grid.name(one.first)} against {grid.name(one.second)}: **{found.reversed} of {found.pairs} pairs** have the other "
        f"sign, {found.ties} are even"
    )
Markdown("; ".join(told) + ". (So many pairs are made of far fewer runs: one odd run shows in several of them.)")

# %% [markdown]
# A difference that is large beside the spread of single runs shows in any pair. Where it is small, one unlucky last epoch turns it round, and who wants to may pick a pair that says either; where there is
# none, the sign is a coin. And there is a way to lie that needs no luck: give the rival a learning rate that does not suit it.
#
# ## How soon?
#
# After how many epochs does each recipe read as well as the textbook's network did after ten?

# %% jupyter={"source_hidden": true}
rows, soon = [f"| recipe | runs | epochs to {textbook.TEST_ACCURACY:.2%} |", "|---|---|---|"], {}
for recipe in plan.recipes:
    runs = runs_of(records, plan.adapt(recipe))
    reached = [analysis.epochs_to_reach(run) for run in runs]
    if runs:
        rows.append(f"| {grid.name(recipe)} | {len(runs)} | {', '.join(str(epoch or 'never') for epoch in reached)} |")
    if runs and None not in reached:
        soon[grid.name(recipe)] = np.mean(reached)
first = sorted(soon, key=soon.get)[:3]
told = "; ".join(f"{name}, after {soon[name]:.1f} epochs" for name in first)
Markdown("\n".join(rows) + f"\n\nSoonest, on the mean of their runs: {told}.")


# %% [markdown]
# (One number a run, in the order of the seeds. *Never* means not within ten epochs.) Ten epochs were the textbook's choice, not the end of what its recipe can learn: a recipe that is slow is not
# a recipe that is bad, if there is time.
#
# ## What you saw

# %% jupyter={"source_hidden": true}
def beyond(compared, sign=1):
    if not compared.known:
        return "Too few runs to tell"
    low, high = sorted(sign * end for end in (compared.difference.both.low, compared.difference.both.high))
    return "Yes" if low > verdict.MARGIN else "No, so much is ruled out" if high < verdict.MARGIN else "Cannot tell"


ahead = "Yes" if four[0].known and four[0].difference.both.low > 0 else "Not shown"
Markdown(
    "- SGD multiplies slopes by its learning rate; Adam's learning rate sets the scale of its steps. "
    "The two cannot be compared.\n"
    f"- *Is Adam ahead by more than chance, with the two learning rates as they were?* {ahead}: {four[0]}.\n"
    f"- *Did its starting values help the earlier network by more than the margin?* {beyond(four[2], -1)}: "
    f"{four[2]}. (Would they have helped under SGD? {beyond(four[3], -1)}: {four[3]}.)\n"
    f"- *Is SGD behind by more than the margin at its best learning rate, too?* {beyond(four[1])}: {four[1]}.\n"
    f"- {judged}"
)

# %% [markdown]
# ## Exercises
#
# Put your answer in place of `...` and run the cell. `exercises.rmsprop.hint()` gives one hint at a time, `exercises.rmsprop.solution()` shows a worked solution.
#
# **1 · As if it were larger.** SGD runs with a learning rate of 0.02 and a momentum of 0.95. The slope of a weight stays 1, step after step. How long do its steps become?

# %%
from lenet_tutorial.exercises import optimizers as exercises

length = ...
exercises.longest_step.check(length)


# %% [markdown]
# **2 · Between the two.** *RMSprop* is half of Adam: it divides each slope by the root of a running mean of the squares, which keeps 0.9 of what it was and begins at 0. It does not average the slopes themselves, and
# corrects nothing for the start. Write it for `slopes` of shape (steps, weights), from weights of 0; give back where the weights end. ($\epsilon$ may be left out.)

# %%
def rmsprop(slopes, rate):
    ...


exercises.rmsprop.check(rmsprop)


# %% [markdown]
# **3 · Worth pairing?** Two recipes were run with the same seeds; `first` and `second` hold their accuracies, seed by seed. How far does the 95 % interval of the mean difference reach to each side? Then try it
# on the records, `half_width(*points)`, beside SciPy's interval without pairing, `stats.ttest_ind(*points).confidence_interval()`. What did pairing buy?

# %%
def half_width(first, second):
    ...


exercises.half_width.check(half_width)

# %%
exercises.tally()

# %% [markdown]
# **Further**, without a check:
#
# - Run a recipe of your own: `run_recipe(Recipe("sgd", 0.3, momentum=0.5, epochs=5), few).last("validation_accuracy")`. Can you beat Adam on 1,000 digits?
# - What would the verdict be with another margin? Change `verdict.MARGIN` *after* looking, and feel how easy it is.
# - Repeat the experiment on your machine: `python -m lenet_tutorial.studies.optimizers run --only "SGD 0.1" --seeds 1 --deciding-seeds 1` is one run of some minutes. Does it lie among the recorded ones?
#
# ## Roads not taken
#
# - *More networks, more data.* All this is one small network on one easy set of digits. On others Adam may win, or lose: see [Wilson and others 2017](https://arxiv.org/abs/1705.08292) and
#   [Choi and others 2019](https://arxiv.org/abs/1910.05446), who come to opposite conclusions; the second shows that the ranking depends on how widely the settings of each were searched.
# - *Schedules, weight decay, other batch sizes.* Each would be one more thing that differs.
# - *More seeds.* A few seeds can rule out a large difference. They cannot prove that two recipes are equal; the interval says what is left open.
# - *Choosing by test accuracy.* It is what we warned of above.
#
# Shut this notebook down (*Kernel → Shut Down Kernel*) before you open another.
