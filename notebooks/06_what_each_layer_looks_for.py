# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown]
# # 6 · What each layer looks for
#
# *What is each channel for?*
#
# - **You will** find the patches of digits that activate a channel most, take channels away and count the errors, read the class from every layer with a linear probe,
#   and let the network draw an image for each class.
# - **You need** [lesson 5](05_filters_and_feature_maps.ipynb): kernels, feature maps, and the untrained network as a control. If you haven't run [lesson 4](04_train.ipynb), the network is
#   trained now, which takes two to eight minutes, once. A word that you have forgotten is in the [glossary](glossary.md).
# - **It takes** about 45 minutes to read and less than a minute to run.

# %% [markdown]
# **You are ready if** you can answer these three, from lessons 3 to 5. Click a question to see its answer.
#
# <details><summary>How many weights has one kernel of <em>conv2</em>, and why so many?</summary>4·4·32 = 512: it has a slice of 4×4 weights for each of the 32 maps of the first layer.</details>
#
# <details><summary>What are the ten logits, and what does softmax make of them?</summary>The sums of the ten output neurons, which can be any numbers. Softmax turns them into ten probabilities that add up to 1.</details>
#
# <details><summary>You find a kernel that prefers vertical bars. What do you check before you say that the network has learned to find them?</summary>Whether the untrained network has such a kernel, too. In lesson 5 it had.</details>

# %%
import numpy as np
from IPython.display import Markdown
from scipy.special import softmax

from lenet_tutorial import data, evaluation, figures, inspection
from lenet_tutorial.backend import keras, tf
from lenet_tutorial.figures import folded, show, table
from lenet_tutorial.model import build_lenet
from lenet_tutorial.studies.intervals import mean
from lenet_tutorial.training import trained_lenet

# %% tags=["data"]
digits = data.load_digits()
trained = trained_lenet(digits=digits)
model = trained.model
keras.utils.set_random_seed(trained.recipe.seed)
untrained = build_lenet()
networks = {"trained": model, "untrained": untrained}

random = np.random.default_rng(0)
some = random.permutation(len(digits.test))[:2000]
images, labels = digits.test.images[some], digits.test.labels[some]
few = random.permutation(len(digits.validation))[:1000]
held_images, held_labels = digits.validation.images[few], digits.validation.labels[few]
Markdown(f"**{digits.note}** This lesson measures on {len(images):,} test digits and chooses with {len(held_images):,} validation digits.")

# %% [markdown]
# Both are drawn at random, since networks misread more of MNIST's first test digits than of the later ones.
#
# ## What activates a channel most?
#
# A kernel of the first layer is a small picture. A kernel of the second has 32 slices, one for every map that comes in. Even if a slice looks like an edge, it is an edge in a *map*. So stop reading weights, and ask which images make a channel respond
# most strongly.
#
# Begin with 300 digits. Of all the activations in all the maps of *conv2*, find the largest one. Its position in the map of its channel is one **unit**. Then cut out what this unit sees: its receptive field, here 11×11 pixels.

# %% tags=["data", "tol-0.6"]
maps = inspection.feature_maps(model, images[:300], "conv2")["conv2"]
which, row, column, k = np.unravel_index(maps.argmax(), maps.shape)
field = inspection.receptive_field(model, "conv2")
top, left = field.start + field.stride * row, field.start + field.stride * column
digit = images[which].reshape(28, 28)
patch = np.pad(digit, 11)[11 + top : 22 + top, 11 + left : 22 + left]
show(figures.patch_origin(digit, patch, row=top, column=left, activation=maps.max()))

# %% [markdown]
# Such a piece of an image is called a **patch**. The module does the same for all channels. Check that it finds the same patch. Then let it find the nine **top-activating patches** of every channel ([Zeiler and Fergus 2014](https://doi.org/10.1007/978-3-319-10590-1_53)), at
# most one from each digit.

# %%
first = inspection.top_activating_patches(model, images[:300], "conv2", n=1)
np.testing.assert_array_equal(first.pixels[k, 0], patch)

strongest = {name: inspection.top_activating_patches(network, images, "conv2") for name, network in networks.items()}
print("channels, patches, rows, columns:", strongest["trained"].pixels.shape)

# %% [markdown]
# Here are four channels, drawn at random. Below each of them is the same channel of the untrained network.
#
# **Predict:** do the nine patches of one channel show the same thing? And do their digits belong to the same class?

# %% jupyter={"outputs_hidden": true} tags=["data", "folded"]
alive = np.flatnonzero((strongest["trained"].activations[:, 0] > 0) & (strongest["untrained"].activations[:, 0] > 0))
rows = {}
for channel in random.permutation(alive)[:4]:
    for name, patches in strongest.items():
        rows[f"{channel}, {name}"] = (patches.pixels[channel], labels[patches.images[channel]])
words = "The strongest patch of a row is on the left."
show(figures.patch_sheet(rows, title="The nine top-activating patches of four channels", caption=words))


# %% [markdown]
# Look along the rows of the trained network. The patches of a row are mostly alike, while their classes often differ. A unit sees only 11×11 pixels, so it can only respond to a *part* of a digit. The patches show which: a bend, or the end of a stroke. Many untrained rows are alike, too, though often less so. Any
# kernel, even a random one, has some pattern that it responds to most.
#
# ## The whole range
#
# Nine patches are the best nine of thousands. What does a channel respond to when it isn't at its best? Rank all digits by their largest activation in that channel, and take nine from further down: at the 99th **percentile** (1% of the
# digits respond more strongly), the 75th, and the 50th, the middle. Here is the channel whose top nine are most often of one class:

# %% tags=["data", "tol-0.6"]
def count_classes(classes):
    return np.stack([(classes == digit).sum(axis=1) for digit in range(10)], axis=1)


purest = alive[count_classes(labels[strongest["trained"].images[alive]]).max(axis=1).argmax()]
rows = {}
for percentile in (100, 99, 75, 50):
    patches = inspection.patches_at_percentile(model, images, "conv2", percentile)
    name = f"{percentile}th: activation {patches.activations[purest].mean():.1f}"
    rows[name] = (patches.pixels[purest], labels[patches.images[purest]])
words = "The activation is the mean of the nine."
show(figures.patch_sheet(rows, title=f"Channel {purest}, from its top to its middle", caption=words))


# %% [markdown]
# The top row alone looks like a detector for one class. Now read the classes in the lower rows, and compare the activations on the left: the channel responds to other classes as well, and not much less.
#
# You chose this channel for its top row, so now take all of them. How many of the nine digits belong to the most frequent class among them?
#
# **Predict:** are there more in the trained network than in the untrained one?

# %% tags=["data", "tol-0.5"]
def same_class(network, percentile):
    patches = inspection.patches_at_percentile(network, images, "conv2", percentile)
    return count_classes(labels[patches.images[alive]]).max(axis=1)


rows = {}
for percentile in (100, 99, 75, 50):
    after, before = same_class(model, percentile), same_class(untrained, percentile)
    rows[f"{percentile}th"] = {"trained": f"{after.mean():.2f}", "untrained": f"{before.mean():.2f}"}
    rows[f"{percentile}th"]["difference (95% interval)"] = f"{mean(after - before):.2f}"
by_chance = count_classes(random.choice(labels, (1000, 9))).max(axis=1).mean()
folded(f"{table('of nine at the percentile', rows)}\n\nMeans over the channels. Nine digits drawn at random have {by_chance:.2f} of one class.")

# %% [markdown]
# Look at the two upper rows. On MNIST the whole interval of the difference lies above 0: training has made the channels of this network prefer one class more. (Another training could give another number.) But much of the preference is there without training, since some parts occur mostly in some digits. In the middle of the range
# the count is close to that of digits drawn at random. So a name such as "detector of 7s" describes only the top of the range.
#
# ## Take a channel away
#
# What does the network *need* a channel for? Only an experiment can tell: take the channel away and see what changes. This is called an **ablation**.
#
# After *pool2* there isn't much left of the network: a dense layer with ReLU, and the output layer. So you can do it by hand, on the digit of the first figure. Compute the ten logits, set the channel's map to 0, and compute them again.

# %% tags=["data", "tol-0.6"]
(dense, dense_bias), (output, output_bias) = (model.get_layer(name).get_weights() for name in ("dense", "output"))


def read(maps):
    hidden = np.maximum(maps.reshape(len(maps), -1) @ dense + dense_bias, 0)
    return hidden @ output + output_bias


its_maps = inspection.feature_maps(model, images[[which]], "pool2")["pool2"].copy()
with_it = read(its_maps)
its_maps[..., k] = 0
without_it = read(its_maps)
np.testing.assert_allclose(with_it, inspection.logits(model, images[[which]]), atol=1e-3)
np.testing.assert_allclose(without_it, inspection.ablated_logits(model, images[[which]], "pool2", [[k]])[0], atol=1e-3)
rows = {"with the channel": dict(enumerate(with_it[0].round(1))), "without": dict(enumerate(without_it[0].round(1)))}
Markdown(table("logit of class", rows))

# %% [markdown]
# All ten logits change. The prediction changes only if another logit is now the largest.
#
# Now ablate each of the 64 channels in turn, for all digits, and count the errors. First the map becomes 0, as above. But some channels are almost never 0 everywhere. For them a map of zeros is a strange input, and strange inputs cause errors of their
# own. So in a second round, the channel gets its map from *another digit*, drawn at random: an ordinary map that says nothing about this digit.

# %% tags=["data", "tol-0.4"]
swap = random.permutation(len(images))
groups = [[], *([channel] for channel in range(64))]


def points_lost(images, labels, others=None):
    logits = inspection.ablated_logits(model, images, "pool2", groups, others=others)
    correct = 100.0 * (logits.argmax(axis=2) == labels)
    return correct[0] - correct[1:]


costliest = points_lost(held_images, held_labels).mean(axis=1).argmax()
costs = {"set to 0": points_lost(images, labels)}
costs["another digit's map"] = points_lost(images, labels, images[swap])
costs["difference"] = costs["set to 0"] - costs["another digit's map"]
rows = {}
for how, cost in costs.items():
    rows[how] = {"median of 64 channels": f"{np.median(cost.mean(axis=1)):.2f}", "their mean": f"{cost.mean():.2f}"}
    rows[how][f"channel {costliest} (95% interval)"] = f"{mean(cost[costliest]):.2f}"
Markdown(table("points of accuracy lost", rows))

# %% [markdown]
# For a typical channel the accuracy hardly changes. Each of the 64 has its top-activating patches, and yet the network can do without almost any single one of them.
#
# The last column shows the channel that costs most when it is set to 0. It was *chosen* on the validation digits and *measured* on the test digits. (Exercise 2 asks why.) Look at its difference. The larger it is, the more damage came from the zeros
# themselves, not from losing what the channel tells. You chose the channel with zeros, so expect a difference. Still, *how* you take something away is part of your result.
#
# Does this channel matter for some classes only? Two controls tell what to compare with: an *average* other channel, set to 0, and the channel's own *untrained* kernel, put back in its place.
#
# **Predict:** will they all hurt the same classes?

# %% jupyter={"outputs_hidden": true} tags=["data", "tol-1.5", "folded"]
patched = build_lenet()
patched.set_weights(model.get_weights())
kernels, biases = (each.copy() for each in model.get_layer("conv2").get_weights())
kernels[..., costliest], biases[costliest] = untrained.get_layer("conv2").get_weights()[0][..., costliest], 0
patched.get_layer("conv2").set_weights([kernels, biases])
correct = [100.0 * (inspection.logits(each, images).argmax(axis=1) == labels) for each in (model, patched)]

rows = {how: costs[how][costliest] for how in ("set to 0", "another digit's map")}
rows["its untrained kernel"] = correct[0] - correct[1]
rows["an average other channel, set to 0"] = np.delete(costs["set to 0"], costliest, axis=0).mean(axis=0)
by_class = {name: [mean(cost[labels == digit] / 100) for digit in range(10)] for name, cost in rows.items()}
show(figures.class_costs(by_class, title=f"What channel {costliest} costs each class"))

# %% [markdown]
# Suppose that you had only the circles. You might write: "This channel is for the class where they are highest." Now look at the square of the same class. On MNIST it is near 0: with an ordinary map in the channel's place, hardly anything is lost there. So the circle doesn't tell you what the network learns from this channel. Even the
# untrained kernel, the triangle, does less damage there than zeros. And the diamonds say that an average channel costs no class much. (An average hides something: single ones among those 63 cost one class several points, too. Below 0, a class is read better than before. Where no digit changes, the interval has no width.)
#
# ## What can be read, and where?
#
# Channels work together, so look at a whole layer. How much does it "know" about the class? Ask a **linear probe** ([Alain and Bengio 2016](https://arxiv.org/abs/1610.01644)): take the activations of the layer as plain numbers, and fit ten weighted sums to
# them, one for each class. The largest sum is the probe's prediction. The network itself isn't changed.
#
# The module fits the sums by **ridge regression**: they come as close as possible to 1 for the right class and 0 for the others, with a penalty for large weights. How strong a penalty? The *validation* digits choose, since the test digits measure the result.
# Begin with a probe on the pixels, fitted to 1,000 training digits.

# %% tags=["data", "tol-1.5"]
chosen = random.permutation(len(digits.train))[:1000]
train_images, train_labels = digits.train.images[chosen], digits.train.labels[chosen]
parts = (train_images, held_images, images)


def probed(network, layer):
    train, held, test = (inspection.feature_maps(network, part, layer)[layer] for part in parts)
    probe = inspection.linear_probe(train, train_labels, held, held_labels)
    return probe.predict(test)


of_pixels = probed(model, "image")
Markdown(f"Ten sums of 784 pixels read {(of_pixels == labels).mean():.1%} of the test digits correctly.")

# %% [markdown]
# Now put a probe on each layer of both networks, and compare with the networks themselves.
#
# **Predict:** how well can the class be read from the layers of the *untrained* network?

# %% jupyter={"outputs_hidden": true} tags=["data", "tol-1.5", "folded"]
layers = {"image": 784, "pool1": 6272, "pool2": 3136, "dense": 1024}
probes, correct, levels = {}, {}, {}
for name, network in networks.items():
    read_as = [probed(network, layer) for layer in layers]
    probes[f"probe, {name}"] = [evaluation.accuracy(labels, each) for each in read_as]
    correct[name] = 100.0 * (np.stack(read_as) == labels)
    levels[f"the {name} network itself"] = (inspection.logits(network, images).argmax(axis=1) == labels).mean()
_, pool1, pool2, last = [f"{mean(gap):.1f}" for gap in correct["trained"] - correct["untrained"]]
words = f"Trained minus untrained, in points (95% interval): pool1 {pool1}, pool2 {pool2}, dense {last}."
places = [f"{layer}\n{size:,} numbers" for layer, size in layers.items()]
title = "How well a linear probe reads each layer"
show(figures.accuracy_curves(places, probes, title=title, xlabel="layer", caption=words, levels=levels, floor=0.7))

# %% [markdown]
# The untrained network itself only guesses, and yet a probe reads its layers far better than the pixels. Part of that may be their number: a probe can do more with more numbers. So compare the two lines in
# the *same* layer. In *pool1* they are close, and on MNIST the untrained one is even a little higher. What training adds shows most clearly in *dense*. (The intervals are about the test digits only. Behind them are one untrained network and one draw of training digits.)
#
# So a probe tells you what *can be read* from a layer with the help of labels, not what the network *uses*. The untrained network uses none of it.
#
# Here is the difference in one experiment. Take away channels of *pool2*, up to half of them. One function gives the accuracy of the trained network without them, the other that of a new probe, fitted to the channels that are left.

# %%
train, held, test = (inspection.feature_maps(model, part, "pool2")["pool2"] for part in parts)


def network_without(groups, others=None):
    logits = inspection.ablated_logits(model, images, "pool2", groups, others=others)
    return (logits.argmax(axis=2) == labels).mean(axis=1)


def probe_without(group):
    kept = np.setdiff1d(range(64), group)
    probe = inspection.linear_probe(train[..., kept], train_labels, held[..., kept], held_labels)
    return (probe.predict(test[..., kept]) == labels).mean()


# %% [markdown]
# The channels go in random order. Try five orders.
#
# **Predict:** which suffers more, the network or the probe?

# %% jupyter={"outputs_hidden": true} tags=["data", "tol-4.0", "folded"]
orders = [random.permutation(64) for _ in range(5)]
shares = {"network, another digit's maps": [], "network, set to 0": [], "a new probe": []}
for n in (0, 16, 32):
    gone = [order[:n] for order in orders]
    shares["network, another digit's maps"].append(network_without(gone, images[swap]))
    shares["network, set to 0"].append(network_without(gone))
    shares["a new probe"].append([probe_without(group) for group in gone])
curves = {name: list(map(mean, row)) for name, row in shares.items()}
apart = mean(100 * (shares["network, set to 0"][2] - shares["network, another digit's maps"][2]))
contest = inspection.ablated_logits(model, images, "pool2", [order[:32] for order in orders], others=images[swap])
read_as_other = (contest.argmax(axis=2) == labels[swap]).mean()
words = f"Means of five orders, with 95% intervals. At 32, zeros leave {apart:.1f} points more than another digit's maps, with which {read_as_other:.0%} are read as that digit."
title = "What the network needs, and what can be read"
show(figures.accuracy_curves((0, 16, 32), curves, title=title, xlabel="channels lost, of 64", caption=words))


# %% [markdown]
# The probe is fitted anew to the channels that are left, and they are enough for it. The dense layer was trained with all 64, and it isn't fitted anew. Without half of them, it loses far more than 32 times the mean cost of one
# channel: channels can stand in for each other only while most of them are there.
#
# Compare the two lines of the network, too. For the one channel above, chosen with zeros, zeros did more damage (at least on MNIST). For half of the channels at once it is the other way round. All 32 maps come from the *same* other digit, so the dense layer gets half of each. How often it then reads that other digit is in the caption: this is a contest of two digits, not only a loss. So a probe shows what
# can be **read**. Ablation shows what the network, as it was trained, **depends on**, and how much depends on what you put in the channels' place.
#
# ## Ask for an image
#
# Patches show only what is in the data. You can also let the network make an input itself. In lesson 4 the gradient told you how to change each *weight*. Now hold the weights fixed and ask for the gradient at each *pixel*: would the logit of this
# class grow with a little more ink here? Then follow the gradient uphill. This is **gradient ascent** (Erhan, Bengio, Courville and Vincent 2009, *Visualizing higher-layer features of a deep network*). It takes the logit, since a probability close to 1
# has almost no gradient left.

# %%
def gradient(images, classes):
    images = tf.constant(images)
    with tf.GradientTape() as tape:
        tape.watch(images)
        features = images
        for layer in model.layers[:-1]:
            features = layer(features)
        scores = tf.gather(features @ output + output_bias, classes, axis=1, batch_dims=1)
    return np.array(tape.gradient(scores, images))


# %% [markdown]
# TensorFlow's tape carries the gradient from the logit back to the pixels. If a score were just 2*a* - *b* for two pixels *a* and *b*, the gradient would be (2, -1): more ink in *a*, less in
# *b*. So start from faint noise, scale the gradient to a typical size of 1, add a part of it, keep the pixels between 0 and 1, and repeat with steps that get shorter. (`allowed` says where ink may go. You'll need it soon.)

# %%
def ascend(steps=64, allowed=1.0):
    noise = np.random.default_rng(0).uniform(0, 0.1, 784).astype("float32")
    made = np.tile(noise, (10, 1)) * allowed
    for step in range(steps):
        slope = gradient(made, np.arange(10))
        slope /= np.sqrt((slope**2).mean(axis=1, keepdims=True))
        made = np.clip(made + np.float32(0.1 * (1 - step / steps)) * slope, 0, 1) * allowed
    return made


eight_steps = inspection.maximize_activation(model, "output", ascent=inspection.Ascent(steps=8))
np.testing.assert_allclose(ascend(steps=8), eight_steps.images.reshape(10, 784), atol=1e-3)
print("Eight steps by hand and by the module: the same ten images.")

# %% [markdown]
# The result is a **class visualization**: an image with a large logit for its class.
#
# Left alone, gradient ascent makes specks. So people add **regularization**: rules that keep the image simple. Here we blur it a little after each step and fade it
# ([Yosinski et al. 2015](https://arxiv.org/abs/1506.06579)), and we shift it by up to one pixel before each step, which is called **jitter** (from [the code of DeepDream](https://github.com/google/deepdream/blob/master/dream.ipynb)).
#
# **Predict:** which row will have the highest logits: without regularization, with it, or the real digits?

# %% jupyter={"outputs_hidden": true} tags=["data", "tol-4.0", "folded"]
plain = inspection.maximize_activation(model, "output", ascent=inspection.Ascent())
smooth = inspection.Ascent(steps=128, decay=0.1, blur=0.7, jitter=1)
regular = inspection.maximize_activation(model, "output", ascent=smooth)
real = inspection.logits(model, images)
best = [np.where(labels == digit, real[:, digit], -np.inf).argmax() for digit in range(10)]
rows = {"plain": plain.images, "regularized": regular.images, "real": images[best].reshape(-1, 28, 28)}
scores = {"plain": plain.after, "regularized": regular.after, "real": real[best, np.arange(10)]}
words = f"Below each image is the logit of its class. The real digits have the largest one of {len(images):,} test digits."
show(figures.class_visualizations(rows, scores, title="An image for each class", caption=words))
assert np.all(plain.after > real.max(axis=0))

# %% [markdown]
# The plain images have specks and stray pieces, yet you can make out some of the digits. That much comes from the network. The smooth strokes of the second row come from *us*: we asked for them.
#
# Each plain image has a larger logit than every one of the test digits. So a large logit doesn't mean "a very good 3". Training made the logit of the right class the largest *on digits*. It never said what the network should do with other images.
#
# How far can you go? Forbid ink where digits have most of it, and allow it only in a frame of five pixels along the edge.
#
# **Predict:** how sure will the network be?

# %% jupyter={"outputs_hidden": true} tags=["varies", "folded"]
edge = np.ones((28, 28), np.float32)
edge[5:-5, 5:-5] = 0
framed = ascend(allowed=edge.ravel())
sure = softmax(inspection.logits(model, framed).astype(float), axis=1)[np.arange(10), np.arange(10)]
share = (digits.train.images.sum(axis=0, dtype=float) @ edge.ravel()) / digits.train.images.sum(dtype=float)
percent = [f"{each:.0%}" for each in sure]
rows = {"0 to 4": framed[:5].reshape(5, 28, 28), "5 to 9": framed[5:].reshape(5, 28, 28)}
scores = {"0 to 4": percent[:5], "5 to 9": percent[5:]}
words = f"Below each image is the probability of its class. Training digits have {share:.1%} of their ink outside the orange square."
show(figures.class_visualizations(rows, scores, title="Ink at the edge only", caption=words, outlined=(5, 22)))
assert np.sum(sure > 0.9) >= 5 or not digits.is_mnist

# %% [markdown]
# Blotches at the edge, and yet the network is nearly sure of most classes. (With the offline sample it often isn't.) It isn't broken. Softmax has ten classes, and none of them is *not a digit*.
# [Nguyen, Yosinski and Clune 2015](https://doi.org/10.1109/CVPR.2015.7298640) showed the same for digits and for photographs. So a class visualization shows where the *gradients* lead. It isn't the network's idea of a 7.
#
# ## 1,024 features in a flat view
#
# Which *digits* look alike to the network? The *dense* layer turns each digit into 1,024 numbers, a point in a space with 1,024 axes. Two methods squeeze it into a plane:
#
# - **PCA** (principal component analysis) turns the axes, so that the first two show as much of the **variance**, the spread of the points, as two axes can.
# - **t-SNE** ([van der Maaten and Hinton 2008](https://www.jmlr.org/papers/v9/vandermaaten08a.html)) moves the points until those that were neighbors are neighbors again. It gives up on large distances. (Ours starts from the first 50 axes of PCA.)
#
# **Predict:** will the *untrained* network have ten groups?

# %% jupyter={"outputs_hidden": true} tags=["varies", "folded"]
views, kept = {}, []
for name, network in networks.items():
    features = inspection.embedding(network, images[:500])
    views[f"PCA, {name}"] = inspection.project_2d(features)
    views[f"t-SNE, {name}"] = inspection.project_2d(features, method="tsne")
    kept.append(views[f"PCA, {name}"].var(axis=0).sum() / features.var(axis=0).sum())
words = f"PCA's two axes keep {kept[0]:.0%} of the variance (trained) and {kept[1]:.0%} (untrained). The axes of t-SNE mean nothing."
show(figures.projections(views, labels[:500], title="500 digits in the dense layer", caption=words))
assert max(kept) < 0.9

# %% [markdown]
# The islands of t-SNE are tempting: "Look how the network has learned to sort the digits!" But the untrained network has islands, too, though more mixed ones. And in PCA the classes overlap, although the probe can tell them apart: most of the variance is left out.
#
# What about the distances between islands, and their sizes? Try it where you know the truth: three groups of 100 points in 50 dimensions. The second gap is nine times the first, and the third group is ten times as wide as the others.
#
# **Predict:** what will the two views make of them?

# %% jupyter={"outputs_hidden": true} tags=["tol-3.0", "folded"]
truth = np.repeat([0, 1, 2], 100)
points = np.array([1, 1, 10])[truth, None] * np.random.default_rng(0).normal(size=(300, 50))
points[:, 0] += np.array([0, 30, 300])[truth]
two = {"PCA": inspection.project_2d(points), "t-SNE": inspection.project_2d(points, method="tsne")}
show(figures.cluster_projections(two, truth, title="The same three groups, twice"))

# %% [markdown]
# PCA keeps the gaps, since they lie along its first axis. (It draws the third group even wider than ten times, since its second axis points where that group spreads most.) t-SNE draws three groups of about the same size and distance: it gives each
# point about as many neighbors, however far away they are. So in a t-SNE picture, believe the nearest neighbors, mostly. Don't believe the distances between islands, their sizes, or the empty space
# ([Wattenberg, Viégas and Johnson 2016](https://doi.org/10.23915/distill.00002)).
#
# ## What you saw

# %% tags=["data", "tol-4.0"]
single = costs["set to 0"].mean(axis=1)
_, zeros, new_probe = (row[2] for row in curves.values())
of_pool2 = {name: row[2].value for name, row in probes.items()}
Markdown(
    f"- Setting one channel to 0 costs {np.median(single):.2f} points of accuracy in the median, and {single[costliest]:.1f} for the channel chosen on other digits.\n"
    f"- A probe reads *pool2* at {of_pool2['probe, trained']:.1%}, and in the untrained network at {of_pool2['probe, untrained']:.1%}.\n"
    f"- Without half of its channels, a new probe reads *pool2* at {new_probe.value:.1%}. The network reads {zeros:.1%} with zeros in their place."
)

# %% [markdown]
# - Top-activating patches show *parts* of digits, often in the untrained network, too. Further down its range, a channel responds to nearly all classes.
# - What activates a channel most doesn't tell you whether the network needs it. Ablation shows what the network depends on, and the result varies with what you put in the channel's place.
# - A probe shows what can be read from a layer, and random layers can be read well.
# - A class visualization shows where the gradients lead. It needn't look like a digit, and it is one of many.
# - PCA leaves most of the variance out. In t-SNE, mostly the nearest neighbors mean something.
#
# ## Exercises
#
# Put your answer in place of `...` and run the cell. `exercises.logit_margin.hint()` gives one hint at a time, `exercises.logit_margin.solution()` shows a worked solution.
#
# **1 · How far ahead?** The images of this lesson had large logits. But what makes the network *sure*? Let nine of the ten logits be equal. By how much must the tenth be larger for a probability of 90%? Guess first, then work it out from
# softmax. Within 0.05 is right.

# %%
from lenet_tutorial.exercises import visualization as exercises

logits_ahead = ...
exercises.logit_margin.check(logits_ahead)


# %% [markdown]
# **2 · An honest cost.** You have ablated each channel and measured what it costs, once on validation digits and once on test digits. Write a function that gets both lists (one number for each channel) and returns the cost that you would report for the channel
# that matters most.

# %%
def honest_cost(validation_costs, test_costs):
    ...  # your code


exercises.honest_cost.check(honest_cost)


# %% [markdown]
# **3 · The image that a plain sum prefers.** Suppose that there were no layers between the pixels and a class: its score is `(weights * image).sum()` and nothing else. Write a function that gives the image with the highest score, for weights of any
# shape. Pixels go from 0 to 1, and there is ink for at most `n` full pixels. What does that say about the blotches at the edge?

# %%
def best_image(weights, n):
    ...  # your code


exercises.linear_maximum.check(best_image)

# %%
exercises.tally()

# %% [markdown]
# ## For the curious
#
# - *A favorite class.* Does the network need a channel most for the class that is most frequent among its top nine? Compare how much the logit of this class drops, for its own digits, without this channel and without the others.
#   [Morcos et al. 2018](https://arxiv.org/abs/1803.06959) found that how much a unit prefers one class says little about its importance. [Zhou et al. 2018](https://arxiv.org/abs/1806.02891) disagree in part: losing one unit hurt a few classes badly.
# - *The mean map.* People also put the channel's mean map in its place. Would you expect it to cost less than 0 and another digit's map?
# - *More images.* Give `maximize_activation` four times the same class, `units=[7] * 4`, and an `Ascent` with `diversity=9`: an image then loses points for being similar to the others, as in
#   [Olah, Mordvintsev and Schubert 2017](https://doi.org/10.23915/distill.00007). You get four different 7s. Without diversity, different faint noise leads to nearly the same image.
# - *A probe could be too good.* [Hewitt and Liang 2019](https://arxiv.org/abs/1909.03368) test probes with labels that mean nothing, and
#   [Elazar et al. 2021](https://doi.org/10.1162/tacl_a_00359) remove what a probe has found and check whether the network misses it.
# - *Nearest neighbors.* How often does a digit's nearest neighbor have the same class: among the 1,024 numbers, the pixels, and in each view? With 500 digits, small differences mean little.
#
# **The next question.** You know more about channels and layers now, but not why the network read *this* digit as a 7. Many methods answer that with a colored map over the pixels. [Lesson 7](07_why_this_prediction.ipynb) asks: **which explanation of one
# prediction deserves trust?**
#
# Before you go on, shut down this notebook (*Kernel → Shut Down Kernel*): two running TensorFlow kernels need more memory than a small machine has.
