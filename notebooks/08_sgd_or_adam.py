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
# - **You will** compute the steps of three optimizers by hand, take the textbook's closing claim apart, and test it on ten seeds.
# - **You need** [lesson 4](04_train.ipynb): what a gradient, a step and a learning rate are. A word that you have forgotten is in the [glossary](glossary.md).
# - **It takes** about 40 minutes to read and half a minute to run. The long runs were made beforehand, and their records come with the lesson.

# %% [markdown]
# **You are ready if** you can answer these three, from lesson 4. Click a question to see its answer.
#
# <details><summary>A weight is 1, its gradient is 3, the learning rate is 0.1. Where is the weight after one step of SGD?</summary>At 1 - 0.1·3 = 0.7. The step goes against the gradient, and its size is the learning rate times the gradient.</details>
#
# <details><summary>What does a seed fix?</summary>The first weights and the order of the digits.</details>
#
# <details><summary>What is the validation set for, and what is the test set for?</summary>The validation set is for your choices. The test set is for the score, and nothing is chosen by it.</details>

# %%
import numpy as np
from IPython.display import Markdown
from scipy import stats

from lenet_tutorial import data, evaluation, figures, textbook
from lenet_tutorial.backend import keras
from lenet_tutorial.figures import folded, show
from lenet_tutorial.recipe import Recipe
from lenet_tutorial.studies.optimizers import analysis, grid, verdict
from lenet_tutorial.studies.optimizers.run import ON_GPU, STUDY, runs_of
from lenet_tutorial.training import build

# %% tags=["data"]
digits = data.load_digits()
Markdown(f"**{digits.note}**")

# %% [markdown]
# ## The claim
#
# Before the section that you followed, the textbook builds the same network in plain TensorFlow. That one read more of the test digits. The section ends with a reason: the difference in accuracy can be put down to
# SGD, which doesn't have some of the advanced features of the Adam of the earlier network.
#
# Here are both networks. (The numbers of the earlier one are from the [book's public code](https://github.com/PacktPublishing/Mastering-TensorFlow-1x).) The layers, the digits, the loss, ten epochs and batches of 100 are the same.

# %% jupyter={"source_hidden": true}
gap = verdict.EARLIER_TEST_ACCURACY - textbook.TEST_ACCURACY
Markdown(f"""
| | earlier, TensorFlow | the section, Keras |
|---|---|---|
| optimizer | Adam, learning rate 0.001 | SGD, learning rate 0.01 |
| first weights | N(0, 0.1): normal, standard deviation 0.1 | Glorot-uniform |
| first biases | normal, standard deviation 1 | 0 |
| **test accuracy** | **{verdict.EARLIER_TEST_ACCURACY:.2%}** | **{textbook.TEST_ACCURACY:.2%}** |
| another run, in the book's code | | {verdict.SECOND_TEST_ACCURACY:.2%} |

The gap is **{100 * gap:.2f} percentage points**: {round(10_000 * gap)} of 10,000 digits. (With the other run it is {100 * (verdict.EARLIER_TEST_ACCURACY - verdict.SECOND_TEST_ACCURACY):.2f}.)
""")


# %% [markdown]
# *Glorot-uniform* is Keras's default: small random weights, the smaller the more inputs and outputs a layer has. *N(0, 0.1)* draws them from a bell curve instead, equally wide in every layer. We count first weights and biases as one thing, the
# *start*: wherever this lesson says "N(0, 0.1)", the large biases come with it.
#
# So two things changed at once: the optimizer (with its learning rate) and the start. And the networks were trained *once* or twice. So three questions are open:
#
# 1. Is the gap more than chance?
# 2. Does it come from the optimizer, or from the start?
# 3. If it's the optimizer: can SGD *not* do better, or was its learning rate too small?
#
# **Predict:** what will the answers be? Write them down.
#
# ## One weight, two steps
#
# The gradient says in which direction the loss falls. The **optimizer** says how far to go. Take a single weight, and suppose that its gradient is 2 in the first step and 2 again in the second.
#
# - **SGD** with learning rate 0.1 moves it by -0.1·2 = -0.2, and then by -0.2 again.
# - **Momentum** of 0.9 repeats nine tenths of the last step each time. The first step is -0.2, the second is 0.9·(-0.2) - 0.2 = -0.38.
# - **Adam** divides the gradient by its own typical size. The typical size of 2 and 2 is 2, so it moves by the learning rate: -0.1, and then -0.1.
#
# As functions of a list of gradients, for as many weights as you like:

# %%
def sgd(gradients, rate, momentum=0.0):
    w, step = 0.0, 0.0
    for g in gradients:
        step = momentum * step - rate * g
        w = w + step
    return w


print("SGD:     ", sgd([2.0, 2.0], rate=0.1))
print("momentum:", sgd([2.0, 2.0], rate=0.1, momentum=0.9))


# %% [markdown]
# What is a "typical size"? Adam ([Kingma and Ba 2014](https://arxiv.org/abs/1412.6980)) keeps two running means for each weight: *m* of its gradients, and *s* of its squared gradients. Each keeps a share $\beta$ of its old value and takes the rest from the new one. Both begin at 0, which makes them too small at first;
# dividing by $1-\beta^t$ makes up for that, where *t* counts the steps. The step is the first mean, divided by the root of the second:
#
# $$m \leftarrow \beta_1 m + (1-\beta_1)\,g \qquad s \leftarrow \beta_2 s + (1-\beta_2)\,g^2 \qquad
# w \leftarrow w - \text{rate} \cdot \frac{m/(1-\beta_1^t)}{\sqrt{s/(1-\beta_2^t)} + \epsilon}$$
#
# With Keras's $\beta_1 = 0.9$ and $\beta_2 = 0.999$, and a first gradient of 2: *m* becomes 0.1·2 = 0.2, which is divided by 0.1 and gives 2. *s* becomes 0.001·4 = 0.004, which is divided by 0.001 and gives 4. Its root is 2, too. So the step is the learning rate
# times 2/2. (The tiny $\epsilon$ only keeps us from dividing by 0.)

# %%
def adam(gradients, rate, beta_1=0.9, beta_2=0.999, epsilon=1e-7):
    w, m, s = 0.0, 0.0, 0.0
    for t, g in enumerate(gradients, 1):
        m = beta_1 * m + (1 - beta_1) * g
        s = beta_2 * s + (1 - beta_2) * g**2
        w = w - rate * (m / (1 - beta_1**t)) / (np.sqrt(s / (1 - beta_2**t)) + epsilon)
    return w


print("Adam:", round(adam([2.0, 2.0], rate=0.1), 6))

# %% [markdown]
# Now five weights at once. Their gradients have very different sizes, from 0.001 to 100, and two of them change their sign in the second step. Keras gives the same results as our functions:

# %%
gradients = np.array([[0.001, 0.01, 1.0, -1.0, 100.0], [0.001, -0.01, 1.0, 0.5, 100.0]])


def by_keras(optimizer):
    w = keras.Variable(np.zeros(5))
    for g in gradients:
        optimizer.apply([keras.ops.convert_to_tensor(g, "float32")], [w])
    return keras.ops.convert_to_numpy(w)


np.testing.assert_allclose(sgd(gradients, 0.01), by_keras(keras.optimizers.SGD(0.01)), rtol=1e-5)
np.testing.assert_allclose(sgd(gradients, 0.01, 0.9), by_keras(keras.optimizers.SGD(0.01, momentum=0.9)), rtol=1e-5)
np.testing.assert_allclose(adam(gradients, 0.001), by_keras(keras.optimizers.Adam(0.001)), atol=1e-5)
print("By hand and by Keras: the same.")

# %% [markdown]
# **Predict:** how far does SGD move each of the five weights in its *first* step, with learning rate 0.01? And Adam, with 0.001?

# %%
rows = {"gradient": gradients[0], "step of SGD": sgd(gradients[:1], 0.01), "step of Adam": adam(gradients[:1], 0.001)}
folded(figures.table("weight", {name: {i: f"{value:.4g}" for i, value in enumerate(each, 1)} for name, each in rows.items()}))


# %% [markdown]
# SGD's step is proportional to the gradient. Adam's first step has the size of the learning rate, whatever the gradient. (Almost: for tiny gradients $\epsilon$ makes it a little shorter. Later steps are shorter where the gradients disagree with each other.)
#
# So the two learning rates don't measure the same thing, and "0.01 against 0.001" doesn't tell you who goes farther. Measure it in the real network: twenty steps with each, from the same first weights, on the same digits.
#
# **Predict:** who takes the longer steps, SGD with 0.01 or Adam with 0.001?

# %% jupyter={"outputs_hidden": true} tags=["data", "tol-0.6", "folded"]
def parameters(model):
    return np.concatenate([each.ravel() for each in model.get_weights()])


steps = {"step 1": {}, "step 20": {}}
for recipe in (Recipe(), Recipe(learning_rate=0.1), Recipe("adam", 0.001)):
    keras.utils.set_random_seed(0)
    model = build(recipe)
    for step in range(1, 21):
        before, batch = parameters(model), slice(100 * step - 100, 100 * step)
        model.train_on_batch(digits.train.images[batch], digits.train.onehot[batch])
        if step in (1, 20):
            steps[f"step {step}"][grid.name(recipe)] = np.abs(parameters(model) - before)

assert all(np.median(by["Adam 0.001"]) > 100 * np.median(by["SGD 0.01"]) for by in steps.values())
show(figures.step_lengths(steps, title="How far the parameters move"))

# %% [markdown]
# Each mark on the axis is ten times the one before. Adam moves a typical parameter more than a hundred times as far as the textbook's SGD does. With ten times the learning rate, SGD's bar shifts to the right. So there is a
# simple suspicion: is what looks like a poor optimizer only a learning rate that is too small?
#
# ## Ten seeds
#
# To find out, you need many runs of ten epochs, which would take a laptop half a day. They were made on a graphics processor (GPU), by a program written for it in JAX, and each left a **record**. (`python -m lenet_tutorial.studies.optimizers run` makes such runs with Keras on your own
# machine.) The runs with the same seed start from the same first weights and see the digits in the same order.

# %% jupyter={"source_hidden": true}
records, ours, plan = STUDY.read(ON_GPU), STUDY.read(), grid.ON_GPU
assert len(records) == len(plan.planned())
Markdown(
    f"**{len(records)} runs**: {len(plan.recipes)} recipes with {plan.seeds} seeds each, in float32. Every run trains for {plan.epochs} epochs on "
    f"{records.data['train']:,} digits of {records.data['name']} and is tested on {records.data['test']:,}. Made on: {records.records[0].machine['device']}."
)


# %% [markdown]
# Three rules were fixed before any of these runs:
#
# - **The margin.** A difference below 0.3 points is too small to explain a gap of 0.69: it would leave more than half of it unexplained.
# - **Choices use the validation set.** The best learning rate of each optimizer is the one with the highest mean accuracy on the 5,000 validation digits.
# - **The whole interval decides.** A claim "A leads by more than 0.3 points" is *supported* if the whole interval lies above 0.3, *refuted* if it lies below, and *open* otherwise.
#
# First, all the learning rates. **Predict:** the textbook used 0.01 for SGD. Do larger ones do better or worse, and where does it break?

# %% jupyter={"outputs_hidden": true} tags=["folded"]
def last(records, recipes):
    return {recipe.learning_rate: analysis.curve(records, recipe, "validation_accuracy")[:, -1] for recipe in recipes}


families = {family: last(records, sorted(recipes, key=lambda each: each.learning_rate)) for family, recipes in plan.families().items()}
title = "Ten epochs at every learning rate"
show(figures.over_learning_rates(families, beyond={"SGD": last(ours, grid.BEYOND)}, title=title, margin=verdict.MARGIN, floor=0.955))

# %% [markdown]
# Look at SGD from left to right: it gets better up to 0.1, and 0.3 is no worse. That's thirty times the textbook's learning rate. It was the largest one that was tried on the GPU, so we went on: the hollow marks are three runs each with 0.5 and 1.0, made by this
# project's own program on a CPU. And there it breaks. The triangles are runs that learned nothing at all. A learning rate that is fine for one seed is too large for another.
#
# Here is how the four most interesting recipes learn, epoch by epoch.

# %%
best = verdict.best(records, plan)
shown = [grid.SGD_GLOROT, best["SGD"], grid.ADAM_GLOROT, grid.ADAM_NORMAL]
curves = {grid.name(recipe): analysis.curve(records, recipe, "test_accuracy") for recipe in shown}
show(figures.runs_over_epochs(curves, title="Test accuracy, epoch by epoch", level=(textbook.TEST_ACCURACY, "textbook"), floor=0.96))

# %% [markdown]
# The recipe of the textbook, *SGD 0.01*, is still rising after ten epochs. The two at the top can hardly be told apart at the end.
#
# Do these runs give what the textbook printed? And do the two programs agree? (They draw different first weights from the same seed, so only means can be compared.)

# %% jupyter={"source_hidden": true} tags=["tol-0.0005"]
printed = {grid.SGD_GLOROT: f"{textbook.TEST_ACCURACY:.2%}, {verdict.SECOND_TEST_ACCURACY:.2%}", grid.ADAM_NORMAL: f"{verdict.EARLIER_TEST_ACCURACY:.2%}"}
rows = {}
for recipe in (grid.SGD_GLOROT, grid.ADAM_NORMAL, grid.ADAM_GLOROT):
    theirs, mine = (analysis.curve(each, recipe, "test_accuracy")[:, -1] for each in (records, ours))
    apart = " to ".join(map(verdict.points, analysis.agreement(mine, theirs)["interval"])) if len(mine) else "–"
    words = {"ten runs on the GPU": f"{theirs.min():.2%} to {theirs.max():.2%}", "the textbook": printed.get(recipe, "–")}
    rows[grid.name(recipe)] = words | {"three runs on a CPU minus those, points (95%)": apart}
Markdown(figures.table("recipe", rows))

# %% [markdown]
# The textbook's two Keras runs lie among ours. Its earlier run scored a little less than all ten of ours. That needn't mean anything: an eleventh run of the same kind would be the lowest once in eleven times. And between the two programs there is no large difference; three runs can't tell more.
#
# ## How sure can you be?
#
# Take the two optimizers as they were set, with the same first weights. For each seed you get one difference: the runs are **paired**, so what the seed does to both cancels out. The mean of the differences has an interval, with Student's *t*, because another ten seeds would give another mean:

# %%
adam_runs, sgd_runs = (runs_of(records, recipe) for recipe in (grid.ADAM_GLOROT, grid.SGD_GLOROT))
differences = np.array([100 * (a.last("test_accuracy") - b.last("test_accuracy")) for a, b in zip(adam_runs, sgd_runs, strict=True)])
n = len(differences)
over_seeds = stats.t.ppf(0.975, n - 1) * differences.std(ddof=1) / np.sqrt(n)
print("differences, in points:", differences.round(2))
print(f"mean {differences.mean():+.2f}, give or take {over_seeds:.2f} over seeds")


# %% [markdown]
# That is one kind of chance. The other is the *test digits*: 10,000 others would give other scores to the same networks. So look at each digit: what share of the ten Adam networks reads it correctly, minus the share of the ten SGD networks?
# The mean over the digits is the same number, and it has an interval, too.

# %%
def share_correct(runs):
    correct = np.ones((len(runs), records.data["test"]))
    for row, run in zip(correct, runs, strict=True):
        row[run.misread] = 0
    return 100 * correct.mean(axis=0)


each_digit = share_correct(adam_runs) - share_correct(sgd_runs)
over_digits = 1.96 * each_digit.std(ddof=1) / np.sqrt(len(each_digit))
print(f"mean {each_digit.mean():+.2f}, give or take {over_digits:.2f} over test digits")
both = np.hypot(over_seeds, over_digits)
print(f"both together: give or take {both:.2f}")

by_module = verdict.compare(records, grid.ADAM_GLOROT, grid.SGD_GLOROT).difference
np.testing.assert_allclose(100 * by_module.both.half_width, both, rtol=1e-3)

# %% [markdown]
# We combine the two like the sides of a right triangle, as for independent errors. One more correction is due. We are going to make six comparisons, and if each interval fails in 5% of cases, one of six fails quite often. So we use wider intervals, at
# 99.2% each, and all six together hold with at least 95%. (This is called **Bonferroni's correction**.)

# %% jupyter={"source_hidden": true}
judged = verdict.judge(records, plan)
Markdown(f"For this pair, ±{both:.2f} becomes **±{100 * judged.optimizer.difference.both.half_width:.2f}**.")

# %% [markdown]
# ## The gap taken apart
#
# The textbook went from one recipe to the other in one leap, and changed two things. Here are all four combinations.
#
# **Predict:** begin with the textbook's Keras recipe. By how many points does Adam alone change its accuracy? And the other start alone?

# %% jupyter={"outputs_hidden": true} tags=["folded"]
names = {"glorot": "Glorot-uniform", "normal": "N(0, 0.1)"}
accuracies = {(names[each.initialization], grid.name(each).split(",")[0]): analysis.curve(records, each, "test_accuracy")[:, -1] for each in grid.CORNERS}
show(figures.corners(accuracies, title="Two changes, one at a time"))

# %% [markdown]
# Start at the upper left, the textbook's Keras recipe. Its earlier network is at the lower right. You can walk there in two ways, and both tell the same story: Adam gained more than a point, and the start of the earlier network *cost* it about half of one.
# Add up either way, and you get the same: the gain minus the loss, about as much as the gap in the textbook. (What one change does may depend a little on the other: the two arrows of one color differ.)
#
# So the optimizer, as it was set, explains *more* than the whole gap. Now all six comparisons, with the wider intervals. The last one gives each optimizer the learning rate that was best on the validation set.

# %%
labels = {
    "textbook": "the textbook's pair:\nits earlier recipe minus its Keras recipe",
    "optimizer": "Adam 0.001 minus SGD 0.01,\nfrom Glorot-uniform",
    "initialization": "N(0, 0.1) minus Glorot-uniform,\nwith Adam 0.001",
    "initialization_first": "N(0, 0.1) minus Glorot-uniform,\nwith SGD 0.01",
    "optimizer_second": "Adam 0.001 minus SGD 0.01,\nfrom N(0, 0.1)",
    "at_best": f"each at its best:\n{grid.name(best['Adam'])} minus {grid.name(best['SGD'])}",
}
compared = {}
for what, label in labels.items():
    found = getattr(judged, what).difference
    compared[label] = {"over seeds": found.over_seeds, "over test digits": found.over_digits, "with both kinds of chance": found.both}
show(figures.differences(compared, margin=verdict.MARGIN, title="Six differences"))

# %% [markdown]
# Right of 0, the first of the two is better. Look at the last row: its interval lies within the band around 0. With a learning rate of 0.3, plain SGD is as good as Adam, to within the margin.
#
# And look at the two rows left of 0. The start of the earlier network cost it something, for sure. Whether that was *more* than 0.3 points is too close to call: both black lines end almost exactly at the edge of the band.
#
# ## Two claims, two verdicts
#
# The textbook's sentence says two things, and they have different fates. "The swap of optimizers explains the gap" is one. "SGD lacks something, and so it can't get there" is the other.

# %% jupyter={"source_hidden": true}
Markdown(
    "| claim | verdict | the number behind it, in points |\n|---|---|---|\n"
    f"| The swap of optimizers, as they were set, is worth more than 0.3 points, and so explains the gap | **{judged.swap_explains_the_gap}** | {judged.optimizer} |\n"
    f"| SGD stays behind Adam by more than 0.3 points in ten epochs, whatever its learning rate | **{judged.sgd_stays_behind}** | {judged.at_best} |"
)

# %% [markdown]
# The first interval even lies above the whole gap. So it *was* the optimizer, with the learning rate that it had been given. It wasn't SGD as such.
#
# Does a single odd run decide? Leave out one seed at a time, and see how far the mean moves. And do the verdicts hang on the bell curve behind Student's *t*? **Wilcoxon's test** does without it. It gives the chance to find the ten differences as much on one side of 0.3
# points as these, if they scattered evenly around it. With ten pairs, 0.002 is the smallest value that it can give.

# %% jupyter={"source_hidden": true}
rows = {}
for what in ("optimizer", "at_best"):
    found = getattr(judged, what)
    rows[" ".join(labels[what].split())] = {
        "mean, points": verdict.points(found.difference.value),
        "one seed left out": " to ".join(map(verdict.points, found.without_one)),
        "Wilcoxon's p": f"{found.wilcoxon:.3f}",
    }
folded(figures.table("difference", rows), "Open the two checks.")

# %% [markdown]
# Both verdicts stand. Two weaknesses are left. The seeds that chose the best learning rates are also the seeds that are compared. SGD had five rates to be lucky with, and Adam had four. And none of the ten runs with SGD 0.3 failed; if one in ten did, its mean would be nine points lower. You'll see below how sure we can be.
#
# ## Which one is easier to use?
#
# A learning rate that is hard to find is a poor tool. So count the learning rates that come within 0.3 points of the best recipe of *all*, by the same threshold for every optimizer:

# %% jupyter={"source_hidden": true}
rows = {}
for family, good in analysis.good_learning_rates(records, plan).items():
    tried, close = (", ".join(f"{rate:g}" for rate in rates) for rates in (families[family], good))
    rows[family] = {"tried, with ten seeds": tried, "good": close, "largest good one ÷ smallest": f"{good[-1] / good[0]:.0f}"}
Markdown(figures.table("optimizer", rows))

# %% [markdown]
# Every rate of Adam that we tried was good, and its true range may be wider still. Of SGD's, two were. (Don't count too exactly: SGD's 0.03 just misses the threshold, and Adam's 0.0001 just makes it. Look at the lower edge of the band in the figure.) And how far is it from a good
# learning rate to one with which nothing is learned?

# %% jupyter={"source_hidden": true}
rows = {}
for each, recipe in ((records, best["SGD"]), *((ours, recipe) for recipe in grid.BEYOND), (records, grid.MOMENTUM[-1])):
    failed, n = analysis.failures(each, recipe)
    low, high = evaluation.wilson_interval(failed, n)
    rows[grid.name(recipe)] = {"runs that learned nothing": f"{failed} of {n}", "true share, 95% interval": f"{low:.0%} to {high:.0%}"}
Markdown(figures.table("recipe", rows))

# %% [markdown]
# SGD's best rate lies less than a factor of two from one that can fail, and with so few runs you can't know how safe it is itself. With Adam, three times its default in Keras, 0.001, is still good, and where it breaks we didn't look. SGD's default, 0.01, isn't among the good rates. That's a reason to start with Adam. (Momentum's three rates lie too far apart to say anything about its range.)
#
# ## What one run would have told you
#
# The textbook compared one run with one run. Take every run of one recipe against every run of the other: that makes a hundred pairs, each of which could have been reported.
#
# **Predict:** in how many of the hundred does SGD with 0.01 win against Adam with 0.001? And SGD with 0.3?

# %% jupyter={"outputs_hidden": true} tags=["folded"]
pairs = {labels[what]: analysis.single_pairs(records, one.first, one.second) for what, one in (("textbook", judged.textbook), ("optimizer", judged.optimizer), ("at_best", judged.at_best))}
show(figures.single_pairs(pairs, title="A hundred single pairs of runs"))

# %% [markdown]
# The textbook needed no luck: any pair of its two recipes would have told the same story. A large difference shows in every pair. A small one doesn't: with each at its best, a single pair tells you that Adam wins, or that SGD does, as you like. And there is a way to get the wrong answer that needs no luck at all: give the rival a learning rate
# that doesn't suit it.
#
# ## The digits that twenty runs get wrong
#
# Last, a look at the digits. These were misread by every run of the two best recipes.

# %% tags=["data"]
hard = analysis.always_misread(records, [best["SGD"], best["Adam"]])
if digits.is_mnist:
    title, caption = "Misread by all 20 runs of the two best recipes", f"All {2 * plan.seeds} networks misread these {len(hard)} digits. Above each: its label."
else:
    title, caption = "Digits of the offline sample", f"The {len(hard)} digits that all 20 runs misread are MNIST's. These are others."
    hard = range(len(hard))
titles = [f"a {digits.test.labels[i]}" for i in hard]
show(figures.digit_sheet(digits.test.images[hard], titles, title=title, caption=caption))

# %% [markdown]
# Would you have read them? For some of them you may even doubt the label. Better recipes alone don't help with those, though some runs of other recipes read one or the other by luck.
#
# ## What you saw

# %% jupyter={"source_hidden": true}
Markdown(
    f"- *Is the gap more than chance?* Yes. Ten pairs of the textbook's two recipes differ by {verdict.points(judged.textbook.difference.value)} points ({' to '.join(map(verdict.points, (judged.textbook.difference.both.low, judged.textbook.difference.both.high)))}).\n"
    f"- *Where does it come from?* From the optimizer as it was set: {verdict.points(judged.optimizer.difference.value)} points. "
    f"The start of the earlier network cost it {abs(100 * judged.initialization.difference.value):.2f}.\n"
    f"- *Can SGD get there?* Yes, with a learning rate of {best['SGD'].learning_rate:g} instead of 0.01. The difference is then {verdict.points(judged.at_best.difference.value)} points.\n"
    "- SGD's steps are proportional to the gradient; Adam's have at first the size of the learning rate, later usually less. Don't compare their learning rates.\n"
    "- One run of each is no comparison. Give each rival its best setting, several seeds, and an interval."
)

# %% [markdown]
# ## Exercises
#
# Put your answer in place of `...` and run the cell. `exercises.rmsprop.hint()` gives one hint at a time, `exercises.rmsprop.solution()` shows a worked solution.
#
# **1 · As if it were larger.** SGD runs with a learning rate of 0.02 and a momentum of 0.95. The gradient of a weight stays at 1, step after step. How long do its steps become in the end?

# %%
from lenet_tutorial.exercises import optimizers as exercises

length = ...
exercises.longest_step.check(length)


# %% [markdown]
# **2 · RMSprop.** This optimizer is half of Adam. It divides each gradient by the root of a running mean of the squared gradients. The mean keeps 0.9 of its old value and begins at 0. The gradients themselves are not averaged, and
# nothing is corrected for the start. Write it for `gradients` of shape (steps, weights), from weights of 0, and return the weights at the end. (You may leave out $\epsilon$.)

# %%
def rmsprop(gradients, rate):
    ...


exercises.rmsprop.check(rmsprop)


# %% [markdown]
# **3 · Is pairing worth it?** Two recipes were run with the same seeds. `first` and `second` hold their accuracies, seed by seed. How far does the 95% interval of the mean difference reach to each side? Return that half-width. Then try your function on the records,
# and compare it with SciPy's interval *without* pairing, `stats.ttest_ind(first, second).confidence_interval()`.

# %%
def half_width(first, second):
    ...


exercises.half_width.check(half_width)

# %%
exercises.tally()

# %% [markdown]
# ## For the curious
#
# - *Keras's ε.* Keras adds $\epsilon = 10^{-7}$ at a slightly different place than our formula. In the first step it acts like one thirty times as large, which shortens the steps of gradients below about $10^{-4}$.
# - *Seeds.* How much of a difference between two methods is only the choice of seeds, of the order of the data or of the test data? [Bouthillier et al. 2021](https://arxiv.org/abs/2103.03098) measured it for several tasks.
# - *Other tasks.* All this is one small network on one easy set of digits. Elsewhere Adam may win or lose: [Wilson et al. 2017](https://arxiv.org/abs/1705.08292) and [Choi et al. 2019](https://arxiv.org/abs/1910.05446) come to
#   opposite conclusions. The second shows that the ranking depends on how widely the settings of each optimizer are searched.
# - *A run of your own.* `python -m lenet_tutorial.studies.optimizers run --only "SGD 0.1" --seeds 1` takes some minutes. Does it lie among the recorded ones?
# - *More epochs.* The textbook's recipe is still rising after ten. Does it arrive, too, if you let it go on? Add `--epochs 30` to the command, with `--only "SGD 0.01"`.
# - *Another margin.* Change `verdict.MARGIN` after looking, and see how easily you get the verdict that you want. That's why it was fixed before.
#
# **The next question: does it read *your* handwriting?** All these digits were prepared by the makers of MNIST. [Lesson 9](09_your_own_digit.ipynb) takes your own.
#
# Shut down this notebook (*Kernel → Shut Down Kernel*) before you open another.
