# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown]
# # 7 · Why this prediction
#
# *Why did the network give this answer, and which explanation deserves trust?*
#
# - **You will** explain one well-read and one misread digit in four ways, each by hand first, and then put the four explanations themselves to the test.
# - **You need** [lesson 4](04_train.ipynb), which trains the network and keeps it, and what a feature map is, from
#   [lesson 5](05_filters_and_feature_maps.ipynb). A word that you have forgotten is in the [glossary](glossary.md).
# - **It takes** about 40 minutes to read and 40 seconds to run.

# %% [markdown]
# **You are ready if** you can answer these three, from lessons 4 and 5. Click a question to see its answer.
#
# <details><summary>What does the slope of a loss along a weight say?</summary>How fast the loss grows if the weight grows a little. It says nothing of large changes.</details>
#
# <details><summary>What is a feature map of <em>conv2</em>, and how many places has it?</summary>The answer of one of its 64 kernels to one digit; 14×14 places.</details>
#
# <details><summary>Can the network be nearly certain, and wrong?</summary>Yes. Lesson 4 showed such mistakes: a probability near 1 says how far one logit leads, not whether it should.</details>

# %%
import numpy as np
from IPython.display import Markdown
from scipy import stats

from lenet_tutorial import data, evaluation, figures, inspection
from lenet_tutorial.backend import keras, tf
from lenet_tutorial.figures import show
from lenet_tutorial.model import build_lenet
from lenet_tutorial.training import trained_lenet

# %% tags=["data"]
digits = data.load_digits()
images, labels = digits.test.images, digits.test.labels
model = trained_lenet(digits=digits).model
Markdown(f"**{digits.note}**")

# %% [markdown]
# ## Two digits
#
# We take the most decided answers that there are: among the digits read correctly the one whose answer leads by most over the second best, and among the
# misread digits the one whose wrong answer leads by most over the right one. The lead is counted in *logits*, the sums before the softmax.

# %% tags=["data", "tol-2.0"]
logits = inspection.logits(model, images)
answer, second = np.argsort(-logits, axis=1)[:, :2].T
other = np.where(answer == labels, second, labels)
lead = logits.max(axis=1) - logits[np.arange(len(logits)), other]
good = int(np.where(answer == labels, lead, 0).argmax())
bad = int(np.where(answer == labels, 0, lead).argmax())
both = [good, bad]
probabilities = np.array(model(images[both]))
assert answer[good] == labels[good]
assert answer[bad] != labels[bad]
show(figures.prediction_bars(images[both], probabilities, labels[both], title="One well read, one misread"))

# %% [markdown]
# The first is right and sure. The second is wrong, and its bar need not show it. *Why* were they given? An explanation here will be a map of the page:
# which pixels spoke for the answer, and which against it?
#
# ## Which number shall we explain?
#
# For by-hand work we need the logits as a function that TensorFlow can differentiate: go through all layers but the last, and leave its softmax out.

# %%
weights, biases = model.get_layer("output").weights


def ask(pages):
    for layer in model.layers[:-1]:
        pages = layer(pages)
    return pages @ weights + biases


np.testing.assert_allclose(ask(images[:5]), logits[:5], atol=1e-3)

# %% [markdown]
# The *slope* of a score at a pixel says how fast the score would grow with more ink there. Lesson 4 needed slopes of the loss along the weights; these are slopes
# of a score along the pixels. TensorFlow's `GradientTape` notes what is computed while it runs, and then works out the slopes by the chain rule.
#
# **Predict:** for the well-read digit, how steep is the probability of its class, and how steep its logit?

# %% tags=["data", "tol-0.5"]
x, c = images[good : good + 1], answer[good]


def slope(score, pages):
    pages = tf.constant(pages)
    with tf.GradientTape() as tape:
        tape.watch(pages)
        value = score(pages)
    return tape.gradient(value, pages).numpy()


of_probability = slope(lambda pages: tf.nn.softmax(ask(pages))[:, c], x)
of_logit = slope(lambda pages: ask(pages)[:, c], x)
assert np.abs(of_probability).max() < 0.01 * np.abs(of_logit).max()
print(f"probability {probabilities[0].max():.4f}, its steepest slope {np.abs(of_probability).max():.1e}")
print(f"logit       {logits[good, c]:.4f}, its steepest slope {np.abs(of_logit).max():.1e}")

# %% [markdown]
# The probability is *saturated*. It is so near 1 that nothing small can change it: its slope carries the factor $p\,(1-p)$, and $1-p$ is nearly nothing. That does not
# mean that no pixel matters. Besides, a probability can rise because another class lost; a logit belongs to one class alone. So from here on, we explain the logit.
#
# ## First way: cover a part and look
#
# *Occlusion* ([Zeiler and Fergus 2014](https://doi.org/10.1007/978-3-319-10590-1_53)) needs no slopes. Cover a square of 5×5 pixels with paper, ask again, and note how
# far the logit drops. Do that at all 24·24 positions, in one batch.

# %%
corners = [(row, column) for row in range(24) for column in range(24)]
covered = np.repeat(x.reshape(1, 28, 28), len(corners), axis=0)
for page, (row, column) in zip(covered, corners, strict=True):
    page[row : row + 5, column : column + 5] = 0
drops = logits[good, c] - np.array(ask(covered.reshape(-1, 784)))[:, c]

# %% [markdown]
# A pixel in the middle of the page lay under 25 of the squares, one in a corner under a single one. A pixel's value is the mean drop of all those that covered it.

# %%
total, times = np.zeros((28, 28)), np.zeros((28, 28))
for drop, (row, column) in zip(drops, corners, strict=True):
    total[row : row + 5, column : column + 5] += drop
    times[row : row + 5, column : column + 5] += 1
np.testing.assert_allclose(total / times, inspection.occlusion_map(model, x, c)[0], atol=1e-3)
print("Occlusion by hand and by the module: the same map.")

# %% [markdown]
# ## Second way: the gradient
#
# You have it already: `of_logit` is the *saliency map* of [Simonyan, Vedaldi and Zisserman 2013](https://arxiv.org/abs/1312.6034). They show its size without its sign; we
# keep the sign. To believe the tape, ask directly at one pixel: a little more ink, a little less, and the difference.

# %% tags=["data", "tol-0.1"]
np.testing.assert_allclose(of_logit.reshape(1, 28, 28), inspection.saliency_map(model, x, c), atol=1e-4)
steepest = np.abs(of_logit).argmax()
step = np.zeros_like(x)
step[0, steepest] = 0.005
asked = float((ask(x + step) - ask(x - step))[0, c]) / 0.01
np.testing.assert_allclose(asked, of_logit[0, steepest], rtol=0.25)
print(f"the steepest pixel, by asking: {asked:.3f}, by the tape: {of_logit[0, steepest]:.3f}")

# %% [markdown]
# The same, or nearly so: where a ReLU or a pooling switches between the two pages, the logit has a kink, and asking gives a mean of both sides.
#
# A slope tells what a *small change* would do. It does not tell what the ink that is there has done.
#
# ## Third way: integrated gradients
#
# That is what [Sundararajan, Taly and Yan 2017](https://arxiv.org/abs/1703.01365) ask. Let the digit fade in from an empty page, take the slopes all along the way, and
# give each pixel its ink times its mean slope.
#
# **Predict:** what will the values of all the pixels add up to?

# %% tags=["data", "tol-0.5"]
blank = np.zeros_like(x)
way = (np.arange(64, dtype="float32")[:, None] + 0.5) / 64
by_hand = x * slope(lambda pages: ask(pages)[:, c], way * x).mean(axis=0)
np.testing.assert_allclose(by_hand.reshape(1, 28, 28), inspection.integrated_gradients(model, x, c), atol=1e-4)

gained = logits[good, c] - float(ask(blank)[0, c])
np.testing.assert_allclose(by_hand.sum(), gained, rtol=0.03)
print(f"all the pixels together: {by_hand.sum():.3f}, logit of the digit less that of an empty page: {gained:.3f}")

# %% [markdown]
# Together they make up the digit's lead over the empty page, up to the small error of 64 steps. This is called *completeness*. It makes the values mean
# something: so many logits, for this much ink.
#
# ## Fourth way: Grad-CAM
#
# [Selvaraju and others 2017](https://doi.org/10.1109/ICCV.2017.74) ask about feature maps instead of pixels. How much is each of the 64 maps of `conv2` worth to the class?
# The slope of the logit, averaged over all places of a map, is its weight. Add the maps up with these weights and cut off below 0.

# %%
cut = [layer.name for layer in model.layers].index("conv2") + 1
maps = x
for layer in model.layers[:cut]:
    maps = layer(maps)


def rest(maps):
    for layer in model.layers[cut:-1]:
        maps = layer(maps)
    return (maps @ weights + biases)[:, c]


worth = slope(rest, maps).mean(axis=(1, 2))
coarse = np.maximum(0, (maps[0].numpy() * worth).sum(axis=-1))

# %% [markdown]
# The result has the 14×14 places of that layer. The module stretches it over the page so that each of them lies in the middle of what it sees: place *i* at pixel
# 2·*i* + 2, and evenly graded between. (The last one would lie just off the page.)

# %%
page = inspection.grad_cam(model, x, c)[0]
np.testing.assert_allclose(page[2::2, 2::2], coarse[:13, :13], rtol=1e-3, atol=1e-6)
print("weights", worth.shape, "→ map", coarse.shape, "→ page", page.shape, "— by hand and by the module: the same.")


# %% [markdown]
# ## Side by side
#
# The four explanations of the same answer. The thin line is the outline of the ink.
#
# **Predict:** will they agree?

# %% tags=["data", "tol-0.5"]
def explain(network, pages, classes, stride=1, steps=64):
    return {
        "occlusion": inspection.occlusion_map(network, pages, classes, stride=stride),
        "gradient": inspection.saliency_map(network, pages, classes),
        "integrated gradients": inspection.integrated_gradients(network, pages, classes, steps=steps),
        "Grad-CAM": inspection.grad_cam(network, pages, classes),
    }


def row(maps, i=0):
    return {name: each[i] for name, each in maps.items()}


well = explain(model, x, c)
title, caption = f"Why is this {labels[good]} a {c}? Four answers", f"Explained is the logit of {c}."
show(figures.attribution_maps(x, {f"for {c}": row(well)}, title=title, caption=caption))


# %% [markdown]
# Four maps, and four different pictures of one answer. Some of it lies in the questions. Occlusion cannot see finer than its square. The gradient also marks empty paper: blue there says
# that ink *would* speak against, and that what is missing counts, too. Integrated gradients give paper exactly nothing, for it is as empty as the page they start from.
# And Grad-CAM has no blue, for it is cut off below 0, and nothing fine, for it comes from 14×14 places. It can even be empty, if the sum is below 0 everywhere.
#
# How much do they differ? The *rank correlation* compares two maps by the order in which they put the pixels: 1 for the same order, 0 for unrelated, -1 for the opposite.
# SciPy has it. We also need it for maps that are the same everywhere and have no order; for these we say 0.

# %% tags=["data", "tol-0.15"]
def likeness(a, b):
    ranks = stats.rankdata([np.ravel(a), np.ravel(b)], axis=1)
    ranks -= ranks.mean(axis=1, keepdims=True)
    size = np.sqrt((ranks**2).sum(axis=1).prod())
    return (ranks[0] * ranks[1]).sum() / size if size else 0.0


ink = (x > 0).reshape(28, 28)
by_scipy = stats.spearmanr(np.ravel(well["occlusion"]), of_logit[0]).statistic
np.testing.assert_allclose(likeness(well["occlusion"], well["gradient"]), by_scipy, atol=1e-4)
for i, a in enumerate(well):
    for b in list(well)[i + 1 :]:
        everywhere, on_ink = likeness(well[a], well[b]), likeness(well[a][0][ink], well[b][0][ink])
        print(f"{a:20} {b:20}  whole page {everywhere:6.3f}   on the ink {on_ink:6.3f}")

# %% [markdown]
# Gradient and integrated gradients are relatives: one is the slope, the other ink times a mean slope, so on full ink they may well agree.
#
# Somebody who is shown only one of these maps may find it convincing. Somebody who is shown all four must ask: which of them is right about
# this network? Before we test that, the second digit.
#
# ## The misread digit
#
# Here are two questions to ask: what spoke for the wrong answer, and what for the right one? The third row is the first less the second: what spoke for the *mistake*.

# %% tags=["data", "tol-0.5"]
z, wrong, right = images[bad : bad + 1], int(answer[bad]), int(labels[bad])
for_wrong, for_right = explain(model, z, wrong), explain(model, z, right)
contrast = {name: for_wrong[name] - for_right[name] for name in for_wrong}
rows = {f"for {wrong}": row(for_wrong), f"for {right}": row(for_right), f"{wrong} rather\nthan {right}": row(contrast)}
title, caption = f"Why was this {right} read as a {wrong}?", f"Explained are the logits of {wrong} and of {right}."
show(figures.attribution_maps(np.repeat(z, 3, axis=0), rows, title=title, caption=caption))

# %% jupyter={"source_hidden": true} tags=["data", "tol-0.5"]
gave = [each["integrated gradients"].sum() for each in (for_wrong, for_right)]
Markdown(
    f"By integrated gradients, the ink gave {gave[0]:.1f} logits to the {wrong} and {gave[1]:.1f} to the {right}. "
    f"The {wrong} won by {lead[bad]:.1f}."
)


# %% [markdown]
# (The two sums need not account for the whole lead, since an empty page has logits as well, and they are not the same for all classes.) Look in the
# third row for what is red. (Do not subtract the colors of the rows above by eye: each map has its own scale.) For the first three methods that row explains the lead itself, since the map of a difference is
# the difference of the maps. For Grad-CAM it is only one picture less another: each was cut off below 0 before.
#
# Is it true, though? A claim about causes can be tried. If these are the pixels that made the mistake, then without them the mistake should go. Take the most decided mistakes,
# up to 100, and erase from each *a tenth of its inked pixels*: those that speak most for the wrong class rather than for the right one. And for comparison, a tenth of
# the inked pixels drawn by lot. (The map prefers dark pixels, so it erases somewhat more ink than the lot.)

# %%
def erase(pages, importance, share=0.1):
    ink = pages > 0
    order = np.where(ink, importance.reshape(pages.shape), -np.inf).argsort(axis=1).argsort(axis=1)
    return np.where(order >= 784 - share * ink.sum(axis=1, keepdims=True), 0, pages)


# %% [markdown]
# **Predict:** how many will now be read correctly?

# %% tags=["data", "tol-10.0"]
mistakes = np.argsort(-np.where(answer == labels, 0, lead))[: min(100, np.sum(answer != labels))]
pages, truth = images[mistakes], labels[mistakes]
toward = inspection.integrated_gradients(model, pages, answer[mistakes], steps=16)
away = inspection.integrated_gradients(model, pages, truth, steps=16)
lots = np.random.default_rng(0).random(pages.shape)

erased = [erase(pages, toward - away), erase(pages, lots)]
mended, by_lot = (evaluation.accuracy(truth, inspection.logits(model, each).argmax(axis=1)) for each in erased)
assert mended.value > by_lot.value
Markdown(f"Read correctly now, and misread before: **{mended}**. With a tenth of the inked pixels erased by lot: {by_lot}.")

# %% [markdown]
# So the map knows something about this network that chance does not. It is no way of repairing the network: to compute it, we had to know the right answer. And it says nothing
# about digits as such, only which pixels tipped *this* network's balance.
#
# ## First test: delete what the map calls important
#
# The same idea as a measurement, for all four methods and for up to 200 digits, read well or not: erase the pixels in a map's order, the most important first, and follow the
# probability of the network's answer ([Petsiuk, Das and Saenko 2018](https://arxiv.org/abs/1806.07421)). The sooner it falls, the better the map knew. The mean height
# of the curve is the score; low is good.
#
# What must it beat? A *random* order is an easy rival: most of what it erases is paper, and erasing paper changes nothing. A map need only tell ink from paper to beat it.
# The rival that counts is a random order *of the ink*.

# %%
many, answers = images[:200], answer[:200]
is_ink = (many > 0).reshape(-1, 28, 28)
dice = np.random.default_rng(0).random(is_ink.shape)
many_maps = explain(model, many, answers, stride=3, steps=16)
orders = {**many_maps, "random": dice, "random, ink first": is_ink + dice}

# %% [markdown]
# (To save time, the squares of the occlusion now move by 3 pixels, and integrated gradients take 16 steps.)
#
# **Predict:** which curve will fall first? Will all four maps beat the random order of the ink?

# %% tags=["data", "tol-3.0"]
curves = {name: inspection.deletion_curve(model, many, maps, answers) for name, maps in orders.items()}
assert curves["integrated gradients"].area.mean() + 0.05 < curves["random, ink first"].area.mean()
scores = {name: each.scores for name, each in curves.items()}
show(figures.deletion_curves(curves["random"].removed, scores, title="Erase the important first"))

# %% [markdown]
# All curves end at the same height, with an empty page, to which the network also gives an answer. On the way they may lie below it: a map with a sign keeps what speaks
# *against* the answer for last. To compare a map with the rival, take the difference of the two scores digit by digit, and then the mean: so it does not matter that some digits
# are harder to destroy than others.

# %% jupyter={"source_hidden": true} tags=["data", "tol-3.0"]
rival = curves["random, ink first"].area


def against_rival(area):
    difference = 100 * (area - rival)
    mean, reach = difference.mean(), 1.96 * difference.std(ddof=1) / np.sqrt(len(difference))
    if mean - reach <= 0 <= mean + reach:
        return mean, reach, "cannot be told from the rival"
    return mean, reach, "beats the rival" if mean < 0 else "loses to the rival"


found = {name: against_rival(curves[name].area) for name in many_maps}
peaks = many_maps["Grad-CAM"].max(axis=(1, 2), keepdims=True)
ink_first = 2 * is_ink + many_maps["Grad-CAM"] / np.maximum(peaks, 1e-9)
fair = against_rival(inspection.deletion_curve(model, many, ink_first, answers).area)
rows = ["| order | score less the rival's, in points | |", "|---|---|---|"]
for name, (mean, reach, word) in {**found, "Grad-CAM, ink first": fair}.items():
    rows.append(f"| {name} | {mean:+.1f} ± {reach:.1f} | {word} |")
told = "Below 0 is better. After ± stand 1.96 standard errors of the mean over the digits: a 95 % interval."
Markdown("\n".join(rows) + f"\n\n{told}")

# %% [markdown]
# The last line is a second chance for Grad-CAM. Its soft patches cover paper, too, and pay for it in this test; there it may only rank the ink. So compare its two lines: what is lost by blur, and what is
# left of the order.
#
# Be fair to the others in the opposite sense. This test erases ink, occlusion erases ink, and integrated gradients start from a page without ink: they answer very nearly the
# question that the test asks. And half-erased digits are pages such as the network never saw in training. Nor is beating a random order yet knowing this network: the third exercise beats it with a map that asked none.
#
# ## Second test: the same maps without the learning
#
# [Adebayo and others 2018](https://arxiv.org/abs/1810.03292) ask something simpler. An explanation of what the network *learned* must change when the learning is taken away. So give the network
# random weights, and explain the same answer again. They found, on large networks and photographs, that the gradient and Grad-CAM pass this test, and that guided backpropagation does not.
#
# **Predict:** which map will change most, and which least?

# %% tags=["tol-0.2", "data"]
keras.utils.set_random_seed(100)
stranger = build_lenet()
rows = {"trained": row(well), "random": row(explain(stranger, x, c))}
title = "The same digit, explained for two networks"
caption = f"Explained is the logit of {c}. The second network has learned nothing."
show(figures.attribution_maps(np.repeat(x, 2, axis=0), rows, title=title, caption=caption))

# %% [markdown]
# Now ignore the colors and look only at where they are strong. The random network has never seen a digit, and still some of its maps may trace the digit: the *input* draws
# the shape, not the learning. Integrated gradients are ink times slope. Whatever the slopes are, the
# result is 0 on paper and can be strong only where the ink is.
#
# Here is that in numbers, for 50 digits and three random networks, in three ways: with the sign; *strength* only, without the sign, as such maps are often shown; and
# strength on the ink alone.

# %% tags=["data", "tol-0.12"]
few = slice(0, 50)
ways = {"with sign": np.asarray, "strength": np.abs, "strength on the ink": np.abs}
similar = {way: {name: np.zeros(50) for name in many_maps} for way in ways}
for seed in (100, 101, 102):
    keras.utils.set_random_seed(seed)
    stranger.set_weights(build_lenet().get_weights())
    strange = explain(stranger, many[few], answers[few], stride=3, steps=16)
    for way, change in ways.items():
        where = is_ink[few] if "ink" in way else np.ones_like(is_ink[few])
        for name in strange:
            pairs = zip(change(many_maps[name][few]), change(strange[name]), where, strict=True)
            similar[way][name] += np.array([likeness(a[at], b[at]) for a, b, at in pairs]) / 3

show(figures.similarity_bars(similar, title="A trained and a random network: how like are their maps?"))

# %% [markdown]
# The maps of a trained and of a random network should be unlike, near 0. With the sign, are they? And without it, over the whole page? (Grad-CAM has no sign, so its first two
# bars are the same. Compare it with the others by strength.)

# %% jupyter={"source_hidden": true} tags=["data", "tol-0.12"]
signed = {name: each.mean() for name, each in similar["with sign"].items()}
strength = {name: each.mean() for name, each in similar["strength"].items()}
closest = max(strength, key=strength.get)
assert strength["integrated gradients"] > 0.9
assert signed["integrated gradients"] < 0.5
Markdown(
    f"Most alike in strength: **{closest}**, {strength[closest]:.2f}. The same maps with their sign: {signed[closest]:.2f}. "
    "Drawn without its sign, such a map is little more than a drawing of the digit: it shows the ink more than the network."
)

# %% [markdown]
# ## Which deserves trust?
#
# Let us say what we ask, and let the numbers answer. A map with its sign must beat a random order of the ink, and its rank correlation with the maps of random networks must stay
# below 0.5. Both are our choice, the limit of 0.5 and taking the sign, and we made them with the bars before us.

# %% jupyter={"source_hidden": true} tags=["data", "tol-3.0"]
rows = ["| method | deletion (points) | likeness to random networks | verdict |", "|---|---|---|---|"]
trusted = [name for name in found if found[name][2].startswith("beats") and signed[name] < 0.5]
for name, (mean, _, word) in found.items():
    verdict = "passes both" if name in trusted else "does not pass"
    rows.append(f"| {name} | {word} ({mean:+.1f}) | {signed[name]:.2f} | {verdict} |")
without = ", ".join(f"{name} {like:.2f}" for name, like in strength.items())
told = f"Likeness without the sign: {without}. Grad-CAM, ink first, {fair[2]}."
Markdown("\n".join(rows) + f"\n\n{told}")

# %% [markdown]
# Passing makes nothing true, and other choices would pass other maps. It says: this map was put to two tests that it could have failed, on this network and these digits. A map that does not pass may still be of use for
# another question, such as roughly where on a large photograph the network looks, which is what Grad-CAM was made for. On 28×28 pixels, "roughly where" is not much.
#
# ## What you saw

# %% jupyter={"source_hidden": true} tags=["data", "tol-10.0"]
Markdown(
    "- Four methods, each a few lines by hand, give four different maps of one answer.\n"
    "- Of a sure answer the probability is saturated, so we explain the logit.\n"
    "- Erasing the tenth of the inked pixels that speak most for the wrong class rather than the right one mends "
    f"{mended.value:.1%} of the mistakes; a tenth by lot, {by_lot.value:.1%}.\n"
    f"- Both tests were passed by: {', '.join(trusted) or 'none'}.\n"
    f"- Without their sign, the maps by {closest} are like those of a network that has learned nothing: {strength[closest]:.2f}, "
    "where 1 is the same order of pixels."
)

# %% [markdown]
# ## Exercises
#
# Put your answer in place of `...` and run the cell. `exercises.saturation.hint()` gives one hint at a time, `exercises.saturation.solution()` shows a worked solution.
#
# **1 · How flat is flat?** Along its own logit, a probability has the slope $p\,(1-p)$. It is steepest at $p = 0.5$. How many times flatter is it at $p = 0.999$? Guess, then compute. This is why a
# slope of the probability tells so little about a sure answer.

# %%
from lenet_tutorial.exercises import attribution as exercises

times_flatter = ...
exercises.saturation.check(times_flatter)


# %% [markdown]
# **2 · On paper.** For some scores, integrated gradients need no 64 steps. Take the score $(w \cdot x)^2$: weights times pixels, added up, squared. Its slope at pixel $i$ is $2\,(w \cdot x)\,w_i$. Write a
# function that gives the integrated gradients of all pixels, from an empty page to `page`, without a loop over steps. Completeness tells you yourself whether you may be right.

# %%
def closed_form(weights, page):
    ...


exercises.closed_form.check(closed_form)


# %% [markdown]
# **3 · A map that asked nobody.** How much does it mean to pass a test? Write a function that makes a map (28, 28) from the page (28, 28) *alone*, without the network and without the class, and still does better in the deletion
# test than a random order of the pixels. The check runs the test on the first 100 digits; give it a few seconds.

# %%
def model_independent(page):
    ...


exercises.model_independent.check(model_independent, model, many, answers)

# %%
exercises.tally()

# %% [markdown]
# **Further**, without a check:
#
# - Explain the well-read digit for a class that it is *not*. What speaks for it?
# - Turn it around: erase from 100 well-read digits the tenth of the inked pixels that speak most for their class rather than for `second`. How many become mistakes?
# - Give integrated gradients another start: `baseline=1.0`, a page full of ink. What does the paper get now, and does the map still pass?
# - Use `layer="conv1"` for Grad-CAM. Is it finer? Is it better?
#
# ## Roads not taken
#
# - *Retraining after deletion* ([Hooker and others 2019](https://arxiv.org/abs/1806.10758)) meets the objection that half-erased digits are strange to the network. It takes a training for each method and
#   each share of erased pixels.
# - *SmoothGrad, guided backpropagation, SHAP, LIME.* More of the same questions; the two tests here apply to each of them.
# - *Giving the layers random weights one after another*, as Adebayo and others also do, shows which layers a map depends on. All at once is the plainest form.
# - *One score for "trust".* Two tests are two questions. An average of them would answer neither.
#
# Shut this notebook down (*Kernel → Shut Down Kernel*; Jupyter's kernel, the running Python, is no kernel of ours) before you open another.
