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
# - **You will** find the patches of digits that activate a channel most, look at the rest of its range, take channels away and count the errors, read the class from
#   every layer with a linear probe, and let the network draw the image that each class scores highest.
# - **You need** [lesson 5](05_filters_and_feature_maps.ipynb): kernels, feature maps, and the untrained network as a control. If you haven't run [lesson 4](04_train.ipynb), the network is
#   trained now, which takes two to eight minutes, once. A word that you have forgotten is in the [glossary](glossary.md).
# - **It takes** about 45 minutes to read and half a minute to run.

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
from IPython.display import Markdown, display
from scipy.special import softmax
from sklearn.metrics import pairwise_distances

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
Markdown(f"**{digits.note}** This lesson uses {len(images):,} of the test digits, drawn at random.")

# %% [markdown]
# Why not the first ones? MNIST's test digits aren't in random order: networks misread more digits of the first half than of the second. So draw them at random, with a seed.
#
# ## What activates a channel most?
#
# A kernel of the first layer is a small picture. A kernel of the second has 32 slices, one for every map that comes in. Even if a slice looks like an edge, it is an edge in a *map*, and you would have to know what that map means.
# So stop reading weights, and ask which images make a channel respond most strongly.
#
# Begin with 300 digits. Of all the activations in all the maps of *conv2*, find the largest one: in which digit, at which position, in which channel? That place in the map is one **unit**. Then cut out what this unit sees: its receptive field, here 11×11 pixels.

# %% tags=["data", "tol-0.6"]
maps = inspection.feature_maps(model, images[:300], "conv2")["conv2"]
which, row, column, k = np.unravel_index(maps.argmax(), maps.shape)
field = inspection.receptive_field(model, "conv2")
top, left = field.start + field.stride * row, field.start + field.stride * column
digit = images[which].reshape(28, 28)
patch = np.pad(digit, 11)[11 + top : 22 + top, 11 + left : 22 + left]
show(figures.patch_origin(digit, patch, row=top, column=left, activation=maps.max()))

# %% [markdown]
# Such a piece of an image is called a **patch**. The module does the same for all channels at once. First check that it finds the same patch. Then let it find the nine **top-activating patches** of every channel among all the digits, at most
# one from each digit. (The idea is from [Zeiler and Fergus 2014](https://doi.org/10.1007/978-3-319-10590-1_53).)

# %%
found = inspection.top_activating_patches(model, images[:300], "conv2", n=1)
np.testing.assert_array_equal(found.pixels[k, 0], patch)

strongest = {name: inspection.top_activating_patches(each, images, "conv2") for name, each in networks.items()}
print("channels, patches, rows, columns:", strongest["trained"].pixels.shape)

# %% [markdown]
# Here are five channels, drawn at random, above the same five of the untrained network.
#
# **Predict:** do the nine patches of one channel show the same thing? And do their digits belong to the same class?

# %% jupyter={"outputs_hidden": true} tags=["data", "folded"]
alive = np.flatnonzero(np.all([each.activations[:, 0] > 0 for each in strongest.values()], axis=0))
five = random.permutation(alive)[:5]
rows = {f"{name} {c}": (each.pixels[c], labels[each.images[c]]) for name, each in strongest.items() for c in five}
words = "The trained network is above, the untrained one below."
show(figures.patch_sheet(rows, title="The nine top-activating patches of five channels", caption=words))


# %% [markdown]
# Look along the rows. Within a row the patches are alike: the same bend, or the same end of a stroke. So a channel responds to a *part* of a digit. But the untrained rows are just as uniform. Any kernel, even a random one, has some
# pattern that it responds to most.
#
# Now look at the classes on the right. How many of the nine digits belong to the most frequent class?
#
# **Predict:** is it more in the trained network than in the untrained one?

# %% tags=["data", "tol-0.5"]
def purity(classes):
    return np.stack([(classes == digit).sum(axis=1) for digit in range(10)]).max(axis=0)


nines = {name: labels[each.images[alive]] for name, each in strongest.items()}
nines["nine digits at random"] = random.choice(labels, (1000, 9))
rows = {name: {"from the most frequent class (95% interval)": f"{mean(purity(nine)):.2f}"} for name, nine in nines.items()}
folded(table("nine patches of a channel", rows))

# %% [markdown]
# Nine digits drawn at random already have two or three of one class. The channels have more, since some parts occur mostly in some digits. But compare the first two rows before you call anything a "detector of 7s": random kernels
# prefer some classes, too.
#
# ## The whole range
#
# Nine patches are the best nine of thousands. What does a channel respond to when it isn't at its best? Rank all digits by their largest activation in that channel, and take nine from further down: at the 99th **percentile** (1% of the
# digits respond more strongly), the 75th, and the 50th, the middle.
#
# Take the channel whose top nine are most often of one class.
#
# **Predict:** how far down does it keep responding to this class?

# %% jupyter={"outputs_hidden": true} tags=["data", "tol-0.6", "folded"]
pure = alive[purity(nines["trained"]).argmax()]
ranges = {f"{p}th": inspection.patches_at_percentile(model, images, "conv2", p) for p in (100, 99, 75, 50)}
rows = {name: (each.pixels[pure], labels[each.images[pure]]) for name, each in ranges.items()}
words = "Mean activation at the " + ", ".join(f"{name} percentile {each.activations[pure].mean():.1f}" for name, each in ranges.items()) + "."
show(figures.patch_sheet(rows, title=f"Channel {pure}, from its top to its middle", caption=words))

# %% [markdown]
# If you saw the top row alone, you might call this channel a detector for one class. Now read the classes in the lower rows, and compare the mean activations in the caption: the channel responds to other classes as well, and not much less.
#
# Is it the same for the other channels? Give each one a **favorite class**: the one with the largest mean activation on the validation digits. Then count, on the test digits: how many of a channel's strongest digits belong to its favorite class?

# %% tags=["data", "tol-2.0"]
checked = random.permutation(len(digits.validation))[:1000]
held_images, held_labels = digits.validation.images[checked], digits.validation.labels[checked]
favorites, ranked = {}, {}
for name, network in networks.items():
    held, test = (inspection.feature_maps(network, part, "pool2")["pool2"].max(axis=(1, 2)) for part in (held_images, images))
    favorites[name] = np.stack([held[held_labels == digit].mean(axis=0) for digit in range(10)]).argmax(axis=0)
    ranked[name] = labels[np.argsort(-test, axis=0)] == favorites[name]

numbers = {"strongest 20": 20, "strongest tenth": len(images) // 10, "stronger half": len(images) // 2, "all": len(images)}
rows = {words: {name: f"{mean(each[:n, alive].mean(axis=0)):.1%}" for name, each in ranked.items()} for words, n in numbers.items()}
Markdown(table("share of the favorite class among a channel's", rows) + "\n\nMeans over the channels, with 95% intervals.")

# %% [markdown]
# Go down a column: the share falls quickly. In the stronger half it isn't far from the tenth that any class has among all digits. So a name such as "detector of 7s" would be wrong. A channel responds to nearly every digit, and only a little more
# strongly to some of them. And the two columns differ little: you would have said the same about random kernels.
#
# ## Take a channel away
#
# What activates a channel is one question. What the network *needs* it for is another, and you can only answer it by experiment: take the channel away and see what changes. This is called an **ablation**.
#
# After *pool2* there isn't much left of the network: a dense layer with ReLU, and the output layer. So you can do it by hand, on one digit. Compute the ten logits, set the channel's map to 0, and compute them again.
#
# **Predict:** will the prediction, the largest logit, be another one?

# %% tags=["data", "tol-0.6"]
(dense, dense_bias), (output, output_bias) = (model.get_layer(name).get_weights() for name in ("dense", "output"))


def read(maps):
    hidden = np.maximum(maps.reshape(len(maps), -1) @ dense + dense_bias, 0)
    return hidden @ output + output_bias


maps = inspection.feature_maps(model, images[[which]], "pool2")["pool2"].copy()
before = read(maps)
maps[..., k] = 0
after = read(maps)
np.testing.assert_allclose(before, inspection.logits(model, images[[which]]), atol=1e-3)
np.testing.assert_allclose(after, inspection.ablated_logits(model, images[[which]], "pool2", [[k]])[0], atol=1e-3)
folded(table("logit of class", {name: dict(enumerate(np.round(each[0], 1))) for name, each in (("with", before), ("without", after))}))

# %% [markdown]
# That is the digit from the first figure, and the channel that responds to it so strongly. All ten logits change. The prediction changes only if another logit is now the largest.
#
# One digit isn't enough for a result. So the module ablates each of the 64 channels in turn, for all digits, and counts the errors. It does so in two ways. In the first, the map becomes 0, as above. But some channels are almost never 0 everywhere. For
# them a map of zeros is a strange input, and strange inputs cause errors of their own. So in the second way, the channel gets its map from *another digit*, drawn at random: an ordinary map that says nothing about this digit.

# %% tags=["data", "tol-0.4"]
swap = random.permutation(len(images))
groups = [[], *([channel] for channel in range(64))]


def lost(images, labels, others=None):
    logits = inspection.ablated_logits(model, images, "pool2", groups, others=others)
    correct = (logits.argmax(axis=2) == labels).astype(float)
    return correct[0] - correct[1:]


costs = {"set to 0": lost(images, labels), "another digit's map": lost(images, labels, images[swap])}
costliest = lost(held_images, held_labels).mean(axis=1).argmax()
rows = {}
for how, each in costs.items():
    rows[how] = {"the median of 64 channels": f"{100 * np.median(each.mean(axis=1)):.2f}"}
    rows[how]["the one that costs most (95% interval)"] = f"{mean(100 * each[costliest]):.2f}"
Markdown(table("points of accuracy lost", rows))

# %% [markdown]
# Look at the first column: for a typical channel the accuracy hardly changes, since 63 others are still there. The second column is about one channel that matters more. It was *chosen* on the validation digits and *measured* on the test digits.
# (The worst of 64 channels is partly the one with the worst luck. On fresh digits that luck is gone. Exercise 2 comes back to this.)
#
# Does this channel matter for some classes only? That needs controls. One is a **random channel**: the mean loss over the other 63. Another is the channel's own **untrained kernel**, put back in its place.
#
# **Predict:** will the three ways of ablation hurt the same classes?

# %% jupyter={"outputs_hidden": true} tags=["data", "tol-1.5", "folded"]
patched = build_lenet()
patched.set_weights(model.get_weights())
weights, biases = (each.copy() for each in model.get_layer("conv2").get_weights())
weights[..., costliest], biases[costliest] = untrained.get_layer("conv2").get_weights()[0][..., costliest], 0
patched.get_layer("conv2").set_weights([weights, biases])
correct = [inspection.logits(each, images).argmax(axis=1) == labels for each in (model, patched)]

rows = {name: each[costliest] for name, each in costs.items()}
rows["its untrained kernel"] = correct[0].astype(float) - correct[1]
rows["a random channel set to 0"] = np.delete(costs["set to 0"], costliest, axis=0).mean(axis=0)
by_class = {name: [mean(each[labels == digit]) for digit in range(10)] for name, each in rows.items()}
zeros = (inspection.feature_maps(model, images, "pool2")["pool2"][..., costliest].max(axis=(1, 2)) == 0).mean()
words = f"Channel {costliest} of pool2, whose own map is all zeros for {zeros:.1%} of the digits. 95% intervals."
show(figures.class_costs(by_class, title="What one channel costs each class", caption=words))

# %% [markdown]
# Suppose you had only the circles. You might have written: "This channel is for that class." Now look at the squares above the same class. Where the loss nearly vanishes with another digit's map, the network didn't miss what this channel tells
# about the digit. The zeros themselves did the damage. So *how* you take something away is part of your result. (The triangles show what training changed in this channel, and the diamonds what any channel costs.)
#
# Now bring both questions together. Each channel has a favorite class, the one that activates it most. Does the network need the channel for *that* class? Compare the loss of the favorite class with what a random channel costs the same class.
#
# **Predict:** which of the two is larger?

# %% tags=["data", "tol-0.2"]
favorite, rows = favorites["trained"], {}
for how, each in costs.items():
    by_class = 100 * np.stack([each[:, labels == digit].mean(axis=1) for digit in range(10)], axis=1)
    own = by_class[np.arange(64), favorite]
    others = (by_class.sum(axis=0)[favorite] - own) / 63
    rows[how] = {"without its channel": f"{own.mean():.2f}", "without a random channel": f"{others.mean():.2f}"}
    rows[how]["difference"] = f"{mean(own - others):.2f}"
folded(table("points that the favorite class loses", rows) + "\n\nMeans over the 64 channels, with the 95% interval of their difference.")

# %% [markdown]
# Look at the interval of the difference. If it contains 0, there is no sign that the favorite class loses more without its own channel than without any other. So you can't conclude from what activates a channel what the network needs it for.
# [Morcos et al. 2018](https://arxiv.org/abs/1803.06959) found the same in larger networks: how much a unit prefers one class says little about its importance.
#
# ## What can be read, and where?
#
# Channels work together, so look at a whole layer at once. How much does a layer "know" about the class? One way to ask is a **linear probe** ([Alain and Bengio 2016](https://arxiv.org/abs/1610.01644)): take the activations of the layer as plain numbers, and
# fit ten weighted sums to them, one for each class. The largest sum is the probe's prediction. The network itself isn't changed.
#
# You can compute such a probe in one line. **Ridge regression** finds the weights whose sums come closest to 1 for the right class and 0 for the others, with a penalty for large weights. How strong should the penalty be? Try several strengths, and
# let the *validation* digits choose. Don't use the test digits for that, since they measure the result. Here it is on the pixels, with 1,000 training digits:

# %%
chosen = random.permutation(len(digits.train))[:1000]
train_images, train_labels = digits.train.images[chosen], digits.train.labels[chosen]
center, targets = train_images.mean(axis=0, dtype=float), np.eye(10)[train_labels]
X, Y = train_images - center, targets - targets.mean(axis=0)
size = (X**2).sum() / len(X)


def ridge(strength):
    return np.linalg.solve(X.T @ X + strength * size * np.eye(784), X.T @ Y)


def accuracy(weights):
    return np.mean(((held_images - center) @ weights + targets.mean(axis=0)).argmax(axis=1) == held_labels)


best = max((10, 1, 0.1, 0.01), key=lambda strength: accuracy(ridge(strength)))
probe = inspection.linear_probe(train_images, train_labels, held_images, held_labels, strengths=(10, 1, 0.1, 0.01))
np.testing.assert_allclose(probe.weights, ridge(best), atol=1e-6)
print("By hand and by the module: the same", probe.weights.size, "weights.")


# %% [markdown]
# Now put a probe on each layer, in the trained network and in the untrained one. For comparison you also see the accuracies of the two networks themselves.
#
# **Predict:** how well can the class be read from the layers of the *untrained* network?

# %% jupyter={"outputs_hidden": true} tags=["data", "tol-1.5", "folded"]
def probed(network, layer):
    parts = (train_images, held_images, images)
    train, held, test = (inspection.feature_maps(network, part, layer)[layer] for part in parts)
    return inspection.linear_probe(train, train_labels, held, held_labels).predict(test)


layers = ("image", "pool1", "pool2", "dense")
pixels = probed(model, "image")
read_as = {name: [pixels, *(probed(each, layer) for layer in layers[1:])] for name, each in networks.items()}
probes = {f"probe, {name}": [evaluation.accuracy(labels, each) for each in row] for name, row in read_as.items()}
itself = {name: evaluation.accuracy(labels, inspection.logits(each, images).argmax(axis=1)) for name, each in networks.items()}
levels = {f"the {name} network itself": each.value for name, each in itself.items()}
correct = {name: 100.0 * (np.stack(row) == labels) for name, row in read_as.items()}
gaps = [mean(each) for each in correct["trained"] - correct["untrained"]]
words = "With 95% intervals. Trained minus untrained, in points: " + ", ".join(f"{layers[i]} {gaps[i]:.1f}" for i in (1, 2, 3)) + "."
title = "How well a linear probe reads each layer"
show(figures.accuracy_curves(layers, probes, title=title, xlabel="layer", caption=words, levels=levels, floor=0.7))

# %% [markdown]
# This may be the most surprising picture of the lesson. The untrained network itself only guesses, and yet a probe reads its layers far better than the pixels. Convolution, ReLU and pooling with *random* kernels make more features out of the image, and
# with these, ten sums can tell the digits apart. On MNIST, what training adds shows most clearly in *dense*. (Compare the two networks in the same layer. From layer to layer the number of features changes as well, and a probe can do more with more of them.)
#
# So be careful with the sentence "this layer knows the class". A probe tells you what *can be read* from a layer with the help of labels. It doesn't tell you what the network *uses*. The untrained network uses none of it.
#
# Here is the difference in one experiment. Take away more and more channels of *pool2*, drawn at random. Ask the trained network, and ask a new probe that gets only the channels that are left.
#
# **Predict:** which of them suffers more?

# %% jupyter={"outputs_hidden": true} tags=["data", "tol-4.0", "folded"]
train, held, test = (inspection.feature_maps(model, part, "pool2")["pool2"] for part in (train_images, held_images, images))
orders, numbers = [random.permutation(64) for _ in range(6)], (16, 32, 48)
gone = [order[:n] for order in orders for n in numbers]
shares = {}
for name, others in (("network, another digit's maps", images[swap]), ("network, set to 0", None)):
    logits = inspection.ablated_logits(model, images, "pool2", gone, others=others)
    shares[name] = (logits.argmax(axis=2) == labels).mean(axis=1)
shares["a new probe"] = []
for each in gone:
    kept = np.setdiff1d(range(64), each)
    probe = inspection.linear_probe(train[..., kept], train_labels, held[..., kept], held_labels)
    shares["a new probe"].append((probe.predict(test[..., kept]) == labels).mean())
curves = {name: [mean(each) for each in np.reshape(row, (6, 3)).T] for name, row in shares.items()}
words = "Means of six random orders, with their 95% intervals."
show(figures.accuracy_curves(numbers, curves, title="What is used, and what can be read", xlabel="channels lost, of 64", caption=words))


# %% [markdown]
# The network needs channels that a probe can do without. From the channels that are left, the class can still be read well, since each of them tells something about every digit. But the dense layer was trained with all 64, and it needs them
# together. (With another digit's maps it is also misled, since they speak for another class. This may be why that line falls faster.) A probe shows what is **there**. Ablation shows what is **used**.
#
# ## Ask for an image
#
# Patches show only what is in the data. You can also let the network make an input itself. In lesson 4 the gradient told you how to change each *weight*. Now hold the weights fixed and ask for the gradient at each *pixel*: would the logit of this
# class grow with a little more ink here? Then follow the gradient uphill. This is **gradient ascent**, from Erhan, Bengio, Courville and Vincent (2009, *Visualizing higher-layer features of a deep network*). We take the logit, since a probability
# close to 1 has almost no gradient left.

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
# This sends the images through the layers, and TensorFlow's tape carries the gradient back to the pixels. Then come the steps. If a score were just 2*a* - *b* for two pixels *a* and *b*, the gradient would be (2, -1): more ink in *a*, less in
# *b*. So start from faint noise, add a part of the gradient, keep the pixels between 0 and 1, and repeat with steps that get shorter. (`allowed` says where ink may go. You'll need it soon.)

# %%
def ascend(steps=64, allowed=1.0):
    noise = np.random.default_rng(0).uniform(0, 0.1, 784).astype("float32")
    found = np.tile(noise, (10, 1)) * allowed
    for step in range(steps):
        slope = gradient(found, np.arange(10))
        slope /= np.sqrt((slope**2).mean(axis=1, keepdims=True))
        found = np.clip(found + np.float32(0.1 * (1 - step / steps)) * slope, 0, 1) * allowed
    return found


eight_steps = inspection.maximize_activation(model, "output", ascent=inspection.Ascent(steps=8))
np.testing.assert_allclose(ascend(steps=8), eight_steps.images.reshape(10, 784), atol=1e-3)
print("Eight steps by hand and by the module: the same ten images.")

# %% [markdown]
# The result is a **class visualization**: an image with a large logit for its class.
#
# Left alone, gradient ascent fills the image with specks. So people add **regularization**: rules that keep the image simple. Here we blur it a little after each step and fade it
# ([Yosinski et al. 2015](https://arxiv.org/abs/1506.06579)), and we shift it by up to one pixel before each step, which is called **jitter** ([Mordvintsev et al. 2015](https://research.google/blog/inceptionism-going-deeper-into-neural-networks/)).
#
# **Predict:** which row will have the highest logits: without regularization, with it, or the real digits?

# %% jupyter={"outputs_hidden": true} tags=["data", "tol-4.0", "folded"]
plain = inspection.Ascent()
smooth = inspection.Ascent(steps=128, decay=0.1, blur=0.7, jitter=1)
free, regular = (inspection.maximize_activation(model, "output", ascent=each) for each in (plain, smooth))
real = inspection.logits(model, images)
best = np.array([np.where(labels == digit, real[:, digit], -np.inf).argmax() for digit in range(10)])
rows = {"plain": free.images, "regularized": regular.images, "real": images[best].reshape(-1, 28, 28)}
scores = {"plain": free.after, "regularized": regular.after, "real": real[best, np.arange(10)]}
words = "The classes 0 to 9. Below each image is the logit of its class. The real ones are those with the largest logit."
show(figures.class_visualizations(rows, scores, title="An image for each class", caption=words))

# %% [markdown]
# The plain images are full of specks and have the highest logits. The regularized ones look more like digits, but be careful: *we* asked for smooth images with little ink. Part of what looks like handwriting comes from us, not from the network.
#
# Does the network take them for better digits than the real ones?

# %% tags=["data", "tol-4.0"]
sure = softmax(inspection.logits(model, free.images).astype(float), axis=1)[np.arange(10), np.arange(10)]
ahead = free.after - real.max(axis=0)
near = {"test digits": images[:500], "regularized images": regular.images, "plain images": free.images}
near = {name: pairwise_distances(each.reshape(len(each), 784), train_images).min(axis=1) for name, each in near.items()}
assert ahead.min() > 0
assert sure.min() > 0.99
distances = ", ".join(f"{np.median(each):.1f} for {name}" for name, each in near.items())
Markdown(
    f"Each plain image has a larger logit than every real digit, by {ahead.min():.1f} to {ahead.max():.1f}, and a "
    f"probability above 99%. The median distance to the nearest of {len(train_images):,} training digits: {distances}."
)

# %% [markdown]
# So a large logit doesn't mean "a very good 3". The network was trained to make the logit of the right class the largest *on digits*. Training never said what it should do with other images. The plain images lie further away than
# test digits do, and there the sum can grow freely.
#
# ## More than one image
#
# One image for each class suggests that there is one ideal 7. Try four for the same class. They start from different noise. In the second row there is a **diversity** term as well, as in
# [Olah, Mordvintsev and Schubert 2017](https://doi.org/10.23915/distill.00007): an image loses points for being similar to the other three.
#
# **Predict:** will different noise be enough to get different images?

# %% jupyter={"outputs_hidden": true} tags=["data", "tol-4.0", "folded"]
found = {}
for name, diversity in (("other noise", 0), ("and diversity", 9)):
    ascent = inspection.Ascent(steps=128, decay=0.1, blur=0.7, jitter=1, diversity=diversity)
    found[name] = inspection.maximize_activation(model, "output", units=[2] * 4 + [7] * 4, ascent=ascent)
rows = {name: each.images for name, each in found.items()}
scores = {name: each.after for name, each in found.items()}
apart = {name: [pairwise_distances(four, metric="cosine").sum() / 12 for four in each.reshape(2, 4, 784)] for name, each in rows.items()}
similar = ", ".join(f"{name} {1 - np.mean(each):.2f}" for name, each in apart.items())
words = f"Below each image is its logit. Mean cosine similarity between images of a class: {similar}."
show(figures.class_visualizations(rows, scores, title="Four images for a 2 and four for a 7", caption=words))

# %% [markdown]
# Different noise leads back to nearly the same image. With the diversity term the images differ, in a bend, a slant or a missing stroke, and their logits are still large. So the image above was one of many. Our regularization chose it.
#
# How far can you go? Forbid ink where digits have it: only a frame of five pixels along the edge is allowed.
#
# **Predict:** how sure will the network be?

# %% jupyter={"outputs_hidden": true} tags=["varies", "folded"]
edge = np.ones((28, 28), np.float32)
edge[5:-5, 5:-5] = 0
framed = ascend(allowed=edge.ravel())
sure = softmax(inspection.logits(model, framed).astype(float), axis=1)[np.arange(10), np.arange(10)]
share = (digits.train.images.sum(axis=0, dtype=float) @ edge.ravel()) / digits.train.images.sum(dtype=float)
words = f"Below each image is the probability of its class. The orange square stays empty. Training digits have {share:.1%} of their ink outside it."
rows = {"0 to 4": framed[:5].reshape(5, 28, 28), "5 to 9": framed[5:].reshape(5, 28, 28)}
scores = {"0 to 4": [f"{each:.0%}" for each in sure[:5]], "5 to 9": [f"{each:.0%}" for each in sure[5:]]}
show(figures.class_visualizations(rows, scores, title="Ink at the edge only", caption=words, outlined=(5, 22)))
assert np.sum(sure > 0.9) >= 5 or not digits.is_mnist

# %% [markdown]
# Specks at the edge, and yet the network is nearly sure of most classes. (With the offline sample it often isn't, since that network has had less training.) The network isn't broken. Softmax has ten classes, and none of them is *not a digit*.
# [Nguyen, Yosinski and Clune 2015](https://doi.org/10.1109/CVPR.2015.7298640) showed the same for digits and for photographs. So a class visualization is a true picture of where the *gradients* lead. It isn't the network's idea of a 7.
#
# ## 1,024 features in a flat view
#
# You have looked at channels, layers and classes. What about the *digits*: which of them look alike to the network? The *dense* layer turns each digit into 1,024 numbers, a point in a space with 1,024 axes. Two methods squeeze it into a plane:
#
# - **PCA** (principal component analysis) turns the axes, so that the first two show as much of the variance as two axes can. Distances in the view are real distances, seen from one side.
# - **t-SNE** ([van der Maaten and Hinton 2008](https://www.jmlr.org/papers/v9/vandermaaten08a.html)) gives up on large distances. It moves the points until those that were neighbors among the 1,024 features are neighbors again.
#
# **Predict:** will the *untrained* network have ten groups?

# %% jupyter={"outputs_hidden": true} tags=["varies", "folded"]
few, views, kept = labels[:700], {}, {}
features = {name: inspection.embedding(networks[name], images[:700]) for name in ("untrained", "trained")}
for name, each in features.items():
    views[f"PCA, {name}"] = inspection.project_2d(each)
    views[f"t-SNE, {name}"] = inspection.project_2d(each, method="tsne")
    kept[name] = views[f"PCA, {name}"].var(axis=0).sum() / each.var(axis=0).sum()
variance = " and ".join(f"{share:.0%} of the variance ({name})" for name, share in kept.items())
words = f"Each numeral is a test digit. PCA's two axes keep {variance}. The axes of t-SNE mean nothing."
show(figures.projections(views, few, title=f"{len(few)} digits in the dense layer", caption=words))
assert all(share < 0.9 for share in kept.values())


# %% [markdown]
# The islands of t-SNE are tempting: "Look how the network has learned to sort the digits!" But the untrained network has islands, too. And in PCA the classes overlap, although the probe can tell them apart: most of the variance is left out. So use a number instead of
# your eyes. How often does a digit's nearest neighbor have the same class?

# %% tags=["varies"]
def same_class(points):
    distances = pairwise_distances(points)
    np.fill_diagonal(distances, np.inf)
    return evaluation.accuracy(few, few[distances.argmin(axis=1)])


every = {"pixels": same_class(images[:700]), **{name: same_class(each) for name, each in features.items()}}
two = {name: same_class(each) for name, each in views.items()}
rows = {name: {"all numbers": share} for name, share in every.items()}
for method in ("PCA", "t-SNE"):
    rows["pixels"][f"two from {method}"] = ""
    for name in features:
        rows[name][f"two from {method}"] = two[f"{method}, {name}"]
display(Markdown(table("nearest neighbor of the same class", rows)))
assert every["trained"].value > two["PCA, trained"].value

# %% [markdown]
# What about the distances between islands, and their sizes? Try t-SNE where you know the truth: three groups of 100 points in 50 dimensions. The second gap is nine times the first, and the third group is ten times as wide as the others.
#
# **Predict:** what will the two views make of them?

# %% jupyter={"outputs_hidden": true} tags=["tol-3.0", "folded"]
truth = np.repeat([0, 1, 2], 100)
points = np.array([1, 1, 10])[truth, None] * np.random.default_rng(0).normal(size=(300, 50))
points[:, 0] += np.array([0, 30, 300])[truth]
two = {"PCA": inspection.project_2d(points), "t-SNE": inspection.project_2d(points, method="tsne")}
show(figures.cluster_projections(two, truth, title="The same three groups, twice"))

# %% [markdown]
# PCA keeps the gaps, since they lie along its first axis. t-SNE draws three groups of about the same size, at about the same distance. It gives each point about as many neighbors, however far away they are. So in a t-SNE picture, believe the
# neighbors. Don't believe the distances between islands, their sizes, or the empty space. ([Wattenberg, Viégas and Johnson 2016](https://doi.org/10.23915/distill.00002) let you play with it.)
#
# ## What you saw

# %% tags=["data", "tol-4.0"]
of_pool2 = {name: row[2].value for name, row in probes.items()}
middle, most = (100 * each(costs["set to 0"].mean(axis=1)) for each in (np.median, np.max))
half = {name: row[1].value for name, row in curves.items()}
Markdown(
    f"- Setting one channel to 0 costs {middle:.2f} points of accuracy in the median, and at most {most:.1f}.\n"
    f"- A probe reads *pool2* at {of_pool2['probe, trained']:.1%}, and in the untrained network at {of_pool2['probe, untrained']:.1%}.\n"
    f"- With half of the channels set to 0, the network reads {half['network, set to 0']:.1%}, and a new probe {half['a new probe']:.1%}."
)

# %% [markdown]
# - Top-activating patches show *parts* of digits, in the untrained network, too. The rest of the range shows that a channel responds to nearly all classes.
# - What activates a channel most doesn't tell you what the network needs it for. Ablation does, and the result depends on what you put in the channel's place.
# - A probe shows what can be read from a layer. Random layers can be read well. Ablation shows what the network uses.
# - A class visualization shows where the gradients lead. It needn't look like a digit, and regularization chooses one of many.
# - PCA leaves most of the variance out. In t-SNE, only the neighbors mean something.
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
# shape. Pixels go from 0 to 1, and there is ink for at most `n` full pixels. What does that say about the specks at the edge?

# %%
def best_image(weights, n):
    ...  # your code


exercises.linear_maximum.check(best_image)

# %%
exercises.tally()

# %% [markdown]
# ## For the curious
#
# - *The mean map.* Besides 0 and another digit's map, people put the channel's mean map in its place. Which of the three would you expect to cost least, and why?
# - *More images.* Change `diversity` or the class above. With too much diversity, the images stop being any class at all.
# - *Does a probe need more than 1,000 digits?* Try 5,000. Which line moves more, the trained or the untrained one?
# - *A probe could be too good.* [Hewitt and Liang 2019](https://arxiv.org/abs/1909.03368) test probes with labels that mean nothing, and
#   [Elazar et al. 2021](https://doi.org/10.1162/tacl_a_00359) remove what a probe has found and check whether the network misses it.
# - *Another diversity.* Our term compares pixels. Olah et al. compare the activations of a layer. What would you expect to change?
#
# **The next question.** You know more about channels and layers now, but not why the network read *this* digit as a 7. Many methods answer that with a colored map over the pixels. [Lesson 7](07_why_this_prediction.ipynb) asks: **which explanation of one
# prediction deserves trust?**
#
# Before you go on, shut down this notebook (*Kernel → Shut Down Kernel*): two running TensorFlow kernels need more memory than a small machine has.
