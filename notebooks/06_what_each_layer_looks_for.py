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
# *What do the later layers look for, and what can a picture of that really show?*
#
# - **You will** find the pieces of digits that excite the second layer most, climb to the pages that each kernel and each class wants most,
#   ask the network about pages with ink only at the edge, and lay 1,024 features out on a flat one.
# - **You need** [lesson 5](05_filters_and_feature_maps.ipynb): kernels and feature maps. And the trained network; if you have not run
#   [lesson 4](04_train.ipynb), it is trained now, which takes two to eight minutes, once. A word that you have forgotten is in the [glossary](glossary.md).
# - **It takes** about 35 minutes to read and 30 seconds to run.

# %% [markdown]
# **You are ready if** you can answer these three, from lessons 3 and 5. Click a question to see its answer.
#
# <details><summary>Which of the two depends on the digit, a kernel or a feature map?</summary>The feature map. A kernel is weights, the same for every digit; its map is its answer to one digit.</details>
#
# <details><summary>How many weights has one kernel of <em>conv2</em>, and why so many?</summary>4·4·32 = 512: it reaches through all 32 maps of the first layer.</details>
#
# <details><summary>What are the ten logits, and what does softmax make of them?</summary>The sums of the ten output neurons, any numbers; softmax makes ten probabilities of them that add up to 1.</details>

# %%
import numpy as np
from IPython.display import Markdown
from sklearn.metrics import pairwise_distances, pairwise_distances_argmin
from sklearn.neighbors import KNeighborsClassifier

from lenet_tutorial import data, evaluation, figures, inspection
from lenet_tutorial.backend import keras, tf
from lenet_tutorial.figures import show
from lenet_tutorial.model import build_lenet
from lenet_tutorial.training import trained_lenet

# %% tags=["data"]
digits = data.load_digits()
images, labels = digits.test.images, digits.test.labels
Markdown(f"**{digits.note}**")

# %%
trained = trained_lenet(digits=digits)
model = trained.model
keras.utils.set_random_seed(trained.recipe.seed)
untrained = build_lenet()

# %% [markdown]
# `untrained` is the same network with its first weights, before it learned anything. It is our comparison: what it shows as well cannot have been learned.
#
# ## Why not look at the kernels?
#
# In lesson 5 you looked at the kernels of the first layer. A kernel of the second has not 4·4 weights but 4·4·32, a slice for each of the 32 maps that it reads.
# Here is the one with the largest weights.
#
# **Predict:** what is it looking for?

# %% tags=["data", "tol-0.08"]
conv2 = inspection.kernels(model, "conv2")
largest = conv2[np.linalg.norm(conv2.reshape(64, -1), axis=1).argmax()]
show(figures.kernel_slices(largest, title="One kernel of the second layer, slice by slice"))

# %% [markdown]
# Hard to say. A slice or two may look like an edge, but an edge *of what*? You would have to know what each of the 32 maps means, and to add up all the slices. A red weight says *more of this map, here*, and each map already means something of its own. The 32
# slices are added up, so they support or cancel each other. So we stop asking what a kernel *is*, and ask what it *answers to*.
#
# ## The strongest patches
#
# The idea is from [Zeiler and Fergus 2014](https://doi.org/10.1007/978-3-319-10590-1_53): show the channel many pictures, and cut out the pieces that
# excite it most. By hand, with up to 500 digits: which digit, which place and which channel give the strongest answer of all?

# %%
few = images[:500]
maps = inspection.feature_maps(model, few, ["conv2"])["conv2"]
which, row, column, k = np.unravel_index(maps.argmax(), maps.shape)
answer = maps[which, row, column, k]

# %% [markdown]
# How large a piece do we cut out? Exactly as large as that place can see, its receptive field. (The page is padded first, since the field may reach over the edge.)

# %% tags=["data", "tol-0.6"]
field = inspection.receptive_field(model, "conv2")
top, left = field.start + field.stride * row, field.start + field.stride * column
digit = few[which].reshape(28, 28)
patch = np.pad(digit, 11)[11 + top : 22 + top, 11 + left : 22 + left]
show(figures.patch_origin(digit, patch, row=top, column=left, activation=answer))

# %% [markdown]
# The module does the same for all channels at once, and keeps the best so far while the digits stream by. It must find the same patch.
#
# **Predict:** a *unit*, one number of a map, of `pool2` sees 13×13 pixels instead of 11×11. Will its strongest answers be other ones?

# %%
found = inspection.top_activating_patches(model, few, "conv2", n=3)
np.testing.assert_array_equal(found.pixels[k, 0], patch)

pooled = inspection.top_activating_patches(model, few, "pool2", n=3)
np.testing.assert_allclose(pooled.activations, found.activations, atol=1e-5)
print("conv2", found.pixels.shape, " pool2", pooled.pixels.shape, "— axes: channel, patch, row, column")

# %% [markdown]
# The same: the largest of the largest is the largest. Pooling widens what a unit *can* see, but adds nothing to look for. So we stay with `conv2`, and
# take all the test digits: nine patches a channel, at most one from each digit.
#
# **Predict:** do the nine patches of one channel come from digits of one class, or of many?

# %%
strongest = inspection.top_activating_patches(model, images, "conv2")
classes = labels[strongest.images]
counts = np.stack([(classes == digit).sum(axis=1) for digit in range(10)], axis=1)

# %% [markdown]
# 64 channels are too many for one look. Of the louder half, here are eight: the four whose patches come from the most mixed company, and the four whose come from the least mixed.

# %% tags=["varies"]
loud = np.argsort(strongest.activations[:, 0])[32:]
order = loud[np.argsort(counts[loud].max(axis=1), kind="stable")]
chosen = np.concatenate([order[:4], order[-4:]])
names = [f"channel {channel}" for channel in chosen]
notes = ["".join(map(str, classes[channel])) for channel in chosen]
told = "On the right, the classes of the nine digits, from the most mixed to the least."
show(figures.patch_sheet(strongest.pixels[chosen], names, notes, title="What excites eight channels most", caption=told))
within, overall = strongest.pixels.var(axis=1).mean(), strongest.pixels.reshape(-1, 11, 11).var(axis=0).mean()
assert within < 0.6 * overall

# %% [markdown]
# Look along the rows before you look at the classes. Within most rows the patches are alike, far more than patches of different rows: the same bend, the same end of a stroke. That is
# what the channel looks for. And then the numbers: the same piece of a stroke may come from a 3, a 5 or an 8, for these share their parts.
#
# How many of the nine belong to the most frequent class? Counted over all 64 channels, beside two comparisons: the untrained network, and nine digits drawn by lot.

# %% jupyter={"source_hidden": true} tags=["data", "tol-0.5"]
before = labels[inspection.top_activating_patches(untrained, images, "conv2").images]
lot = np.random.default_rng(0).choice(labels, (10_000, 9))
rows = ["| nine patches of a channel | from the most frequent class | different classes |", "|---|---|---|"]
shares = {}
for name, nine in {"trained": classes, "untrained": before, "nine digits by lot": lot}.items():
    each = np.stack([(nine == digit).sum(axis=1) for digit in range(10)], axis=1)
    shares[name] = each.max(axis=1).mean()
    rows.append(f"| {name} | {shares[name]:.2f} of 9 | {(each > 0).sum(axis=1).mean():.2f} |")
assert shares["nine digits by lot"] + 0.5 < shares["trained"] < 7
Markdown("\n".join(rows))


# %% [markdown]
# On the average, neither one class nor any class. A channel of `conv2` is no detector of a digit: it answers to a *part*, which some digits have more often, or more strongly, than
# others. A few channels come close to one class. And mind the second line: even random kernels prefer some classes, since whatever a kernel answers to, it is not spread evenly over the digits. Without this
# line we would have given all the credit to learning.
#
# What nine patches cannot show: what the channel answers to all the other digits. They are its strongest moments, and it says something weaker to many
# other pieces that may look quite different.
#
# ## Ask the network to draw
#
# Patches can only show what is in the data. The other way, from Erhan, Bengio, Courville and Vincent (2009, *Visualizing higher-layer
# features of a deep network*, technical report 1341, Université de Montréal), is to make the input ourselves. In lesson 4, training asked of each
# *weight*: would the loss fall if you changed a little? Now hold the weights fixed and ask each *pixel*: would this class's score rise? The score is the
# logit, for a probability close to 1 has hardly any slope left.

# %%
def slopes(pages, classes):
    pages = tf.constant(pages)
    weights, biases = model.get_layer("output").get_weights()
    with tf.GradientTape() as tape:
        tape.watch(pages)
        features = pages
        for layer in model.layers[:-1]:
            features = layer(features)
        scores = tf.gather(features @ weights + biases, classes, axis=1, batch_dims=1)
    return np.array(tape.gradient(scores, pages))


# %% [markdown]
# Send the pages through all layers but the last, weigh up the logits, and let TensorFlow's tape, which wrote down what was computed, carry the slopes back to the pixels. Then climb: start from faint noise,
# take a step uphill, cut the pixels back to between 0 and 1, and make each step a little shorter than the last. (Divided by their
# root mean square, the slopes of all classes have the same size, so one step length suits all.) `allowed` says where ink may go; you will need it soon.

# %%
def climb(steps=64, allowed=1.0):
    noise = np.random.default_rng(0).uniform(0, 0.1, 784).astype("float32")
    pages = np.tile(noise, (10, 1)) * allowed
    for step in range(steps):
        slope = slopes(pages, np.arange(10))
        slope /= np.sqrt((slope**2).mean(axis=1, keepdims=True))
        pages = np.clip(pages + np.float32(0.1 * (1 - step / steps)) * slope, 0, 1) * allowed
    return pages


eight_steps = inspection.maximize_activation(model, "output", ascent=inspection.Ascent(steps=8))
np.testing.assert_allclose(climb(steps=8), eight_steps.images.reshape(10, 784), atol=1e-3)
print("Eight steps by hand and by the module: the same ten pages.")

# %% [markdown]
# First the kernels of the second layer: the module climbs with all 64 in one batch. Only the 11×11 pixels that the unit sees can change, so we cut them out. Do
# they look like the strongest real patches of the same channels?

# %% tags=["varies"]
drawn = inspection.maximize_activation(model, "conv2")
place = np.abs(field.center(np.arange(14)) - 13.5).argmin()
start = field.start + field.stride * place
seen = drawn.images[:, start : start + field.size, start : start + field.size]

rows = {"real": strongest.pixels[chosen, 0], "drawn": seen[chosen]}
scores = {"real": strongest.activations[chosen, 0], "drawn": drawn.after[chosen]}
times = np.median(drawn.after / strongest.activations[:, 0])
told = f"Beneath each the channel's answer. Of all 64 channels, the median one answers {times:.2f} times as much to its drawn patch."
show(figures.class_visualizations(rows, scores, title="The strongest patch of the test digits, and one drawn", caption=told))
assert 1 < times < 1.6

# %% [markdown]
# Often the drawn patch has the stroke of the real one, and something more: ink where the kernel likes it although no real stroke goes there. With so small a
# field, real digits come close to what a kernel wants. In the median channel the drawn patch scores higher, but far from twice as high.
#
# ## The ten classes
#
# Now the logits, which see the whole page. Three rows: the climb as it is; the climb *regularized*, held to something more like a drawing: after each step the page
# is faded and blurred a little ([Yosinski et al. 2015](https://arxiv.org/abs/1506.06579)), and each step looks at it shifted by up to a pixel
# (*jitter*); and, of all test digits of that class, the one with the largest logit.
#
# **Predict:** which row has the highest logits? And which pages could you read?

# %% tags=["data", "tol-4.0"]
free = inspection.maximize_activation(model, "output")
held = inspection.maximize_activation(model, "output", ascent=inspection.Ascent(steps=128, decay=0.1, blur=0.7, jitter=1))
real = inspection.logits(model, images)
best = np.array([np.where(labels == digit, real[:, digit], -np.inf).argmax() for digit in range(10)])
rows = {"free": free.images, "held": held.images, "real": images[best].reshape(-1, 28, 28)}
scores = {"free": free.after, "held": held.after, "real": real[best, np.arange(10)]}
told = "The classes 0 to 9 from left to right; beneath each page the logit of its class."
show(figures.class_visualizations(rows, scores, title="Two climbs and a real digit for each class", caption=told))


# %% [markdown]
# Some you can read, some hardly, and the free ones are covered with crumbs. Regularisation made them quieter, and more like digits. But mind what that means: *we* asked
# for smooth pages with little ink. What became more beautiful is not the network; the part that looks like handwriting is partly ours.
#
# Now the numbers. The network should be surest of real digits, should it not?

# %% jupyter={"source_hidden": true} tags=["data", "tol-3.0"]
def probability(pages, classes):
    logits = inspection.logits(model, pages.reshape(-1, 784)).astype(float)
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    return (powers / powers.sum(axis=1, keepdims=True))[np.arange(len(pages)), classes]


sure = probability(free.images, np.arange(10))
above = free.after - real.max(axis=0)
assert above.min() > 0
assert sure.min() > 0.99
Markdown(
    f"Every free page gets a higher logit for its class than **any** of the {len(images):,} test digits, "
    f"by {above.min():.1f} to {above.max():.1f}. "
    f"The lowest of their ten probabilities is {sure.min():.1%}."
)

# %% [markdown]
# If the logit measured how much a page *is* a 3, these would be the best threes ever seen. It measures something else. It is a sum that was trained to be larger than nine other sums
# whenever the page is a 3, among pages that are digits. Of other pages the training said nothing, and there the sum may grow as it likes.
#
# And the pages are away from the digits. How far is each from the nearest of 3,000 training digits, in the distance of lesson 1?

# %% tags=["data", "tol-2.0"]
training = digits.train.images[:3000]
nearest = {
    "test digits": pairwise_distances(images[:1000], training).min(axis=1),
    "held pages": pairwise_distances(held.images.reshape(10, 784), training).min(axis=1),
    "free pages": pairwise_distances(free.images.reshape(10, 784), training).min(axis=1),
}
for name, distance in nearest.items():
    print(f"{name:12} median {np.median(distance):5.2f}   from {distance.min():5.2f} to {distance.max():5.2f}")
assert np.median(nearest["free pages"]) > np.quantile(nearest["test digits"], 0.99)

# %% [markdown]
# ## Ink at the edge only
#
# To see how far this goes, forbid the climb to draw where most of the ink of digits is. Ink may go only into a frame of five pixels along the page's edge; the 18×18 pixels in the middle
# stay blank.
#
# **Predict:** what will the network say to such pages?

# %% tags=["varies"]
edge = np.ones((28, 28), np.float32)
edge[5:-5, 5:-5] = 0
framed = climb(allowed=edge.ravel()).reshape(-1, 28, 28)
sure = probability(framed, np.arange(10))
words = {"edge only": [f"{each:.1%}" for each in sure]}
ink = digits.train.images.sum(axis=0, dtype=float)
told = f"Beneath each the probability of its class, 0 to 9. Training digits have {ink @ edge.ravel() / ink.sum():.1%} of their ink there."
show(figures.class_visualizations({"edge only": framed}, words, title="Ink at the edge only, nothing in the middle", caption=told))
assert np.sum(sure > 0.9) >= 6 or not digits.is_mnist

# %% [markdown]
# Crumbs at the edge, and for most classes a probability above 90 %. (On the offline sample, with far fewer steps of training, it is often lower.) Nobody would read a digit there. The network is not broken. It was trained to tell ten kinds of digits apart,
# and nothing in the training ever said what to do with other pages: softmax has ten answers and none of them is *this is no digit*. [Nguyen, Yosinski and Clune
# 2015](https://doi.org/10.1109/CVPR.2015.7298640) showed the same for digits and for photographs: pages of noise or of stripes that the network takes, almost certainly, for a 3 or for an animal.
#
# So a picture of what a class wants is a true picture of the *network*, of where its slopes lead. It is not its idea of a 5.
#
# ## 1,024 features in a flat view
#
# The last question of this lesson: how does the network sort the digits before it answers? The `dense` layer describes each digit by 1,024 features. We cannot look along 1,024 axes.
# *Principal component analysis* (PCA) turns the axes so that the first ones show as much of the spread as possible, and we keep two. By hand: subtract the mean, and let the singular value
# decomposition find the directions.

# %% tags=["data", "tol-3.0"]
several, classes = images[:1000], labels[:1000]
features = {name: inspection.embedding(net, several) for name, net in (("untrained", untrained), ("trained", model))}

centered = features["trained"] - features["trained"].mean(axis=0, dtype=float)
_, spread, directions = np.linalg.svd(centered, full_matrices=False)
by_hand = centered @ directions[:2].T
np.testing.assert_allclose(np.abs(by_hand), np.abs(inspection.project_2d(features["trained"])), atol=1e-3)
kept = (spread[:2] ** 2).sum() / (spread**2).sum()
Markdown(f"By hand and by the module the same view, up to the sign of an axis. Two axes keep **{kept:.1%}** of the spread.")


# %% [markdown]
# The rest is left out, and the view does not tell. To have a number that does not depend on our eyes: how often is a point's nearest neighbor *in the view*
# of the same class?

# %%
def neighbors(views):
    shares = {}
    for name, points in views.items():
        distances = pairwise_distances(points)
        np.fill_diagonal(distances, np.inf)
        shares[name] = 100 * np.mean(classes[distances.argmin(axis=1)] == classes)
    return shares


# %% [markdown]
# **Predict:** will you see ten clouds, clearly apart?

# %% tags=["data", "tol-5.0"]
pca = {name: inspection.project_2d(each) for name, each in features.items()}
near = neighbors(pca)
told = "Each numeral is one test digit, written as its label. Nearest neighbor in the view of the same class: "
told += ", ".join(f"{name} {share:.1f} %" for name, share in near.items()) + "."
show(figures.projections(pca, classes, title="PCA of the 1,024 features", caption=told))
assert near["trained"] < 70 or not digits.is_mnist

# %% [markdown]
# You do not. A class or two stand apart, the others lie over each other, and even the untrained network sorts a little. Has training
# done so little? Ask the features themselves and not their view in two numbers. Three readers learn from 3,000 training digits and read test digits: lesson 1's nearest mean; the nearest
# single digit; and the nearest mean in the flat view, from two numbers. Each gets pixels, untrained features, trained features.

# %% jupyter={"source_hidden": true} tags=["data", "tol-2.5"]
from sklearn.decomposition import PCA

known, asked, truth = digits.train.labels[:3000], images[:2000], labels[:2000]


def read_by_mean(learn, ask):
    means = np.stack([learn[known == digit].mean(axis=0) for digit in range(10)])
    return evaluation.accuracy(truth, pairwise_distances_argmin(ask, means))


rows = ["| from | nearest mean | nearest digit | nearest mean, in the flat view |", "|---|---|---|---|"]
by_mean, by_digit, by_two = {}, {}, {}
for name, network in {"pixels": None, "untrained features": untrained, "trained features": model}.items():
    learn, ask = (inspection.embedding(network, each) if network else each for each in (training, asked))
    by_mean[name] = read_by_mean(learn, ask)
    by_digit[name] = evaluation.accuracy(truth, KNeighborsClassifier(1).fit(learn, known).predict(ask))
    flat = PCA(2, svd_solver="arpack", random_state=0).fit(learn)
    by_two[name] = read_by_mean(flat.transform(learn), flat.transform(ask))
    rows.append(f"| {name} | {by_mean[name]} | {by_digit[name]} | {by_two[name]} |")
assert by_mean["trained features"].value > by_mean["untrained features"].value
assert by_mean["trained features"].low > by_two["trained features"].high
assert by_mean["trained features"].low > by_mean["pixels"].high or not digits.is_mnist
assert abs(by_mean["untrained features"].value - by_mean["pixels"].value) < 0.1
Markdown("\n".join(rows))

# %% [markdown]
# The first column is the plainest. On MNIST ten means read better from trained features than from pixels: compared with the distances between the middles, the digits of a class
# lie closer to their own. Untrained features are about as good as pixels there: random layers change the digits, but lose little of what tells them apart. The last column is the warning: what the eye gets, the two numbers
# of a view, is far less than what is there. *Clouds that overlap in a view need not overlap in the network.*
#
# ## t-SNE, and what it does not show
#
# *t-SNE* ([van der Maaten and Hinton 2008](https://www.jmlr.org/papers/v9/vandermaaten08a.html)) gives up the large distances. It moves points about until
# those that were neighbors among 1,024 features are neighbors again.

# %% tags=["varies"]
tsne = {name: inspection.project_2d(each, method="tsne") for name, each in features.items()}
near = neighbors(tsne)
told = "Each numeral is one test digit. The axes mean nothing. Nearest neighbor in the view of the same class: "
told += ", ".join(f"{name} {share:.1f} %" for name, share in near.items()) + "."
show(figures.projections(tsne, classes, title="t-SNE of the same features", caption=told))
assert near["untrained"] > 70 or not digits.is_mnist

# %% [markdown]
# Islands! It is tempting to say: look how the network has learned to sort. Then look at the left half. The *untrained* network has islands, too. They show that digits
# of one class resemble each other, which was true of the pixels before any network. Only the comparison, and a number, tell what training added.
#
# And how far apart are two islands, which is large, which small? Try it where you know the answer: three groups of 100 points in 50 dimensions. The second gap is nine times
# the first, and the last group ten times as wide as the others.
#
# **Predict:** what will the two views make of them?

# %% tags=["tol-3.0"]
random = np.random.default_rng(0)
groups = np.repeat([0, 1, 2], 100)
points = np.array([1, 1, 10])[groups, None] * random.normal(size=(300, 50))
points[:, 0] += np.array([0, 30, 300])[groups]
views = {"PCA": inspection.project_2d(points), "t-SNE": inspection.project_2d(points, method="tsne")}
middles = np.stack([views["t-SNE"][groups == group].mean(axis=0) for group in range(3)])
first_gap, second_gap = np.linalg.norm(np.diff(middles, axis=0), axis=1)
assert second_gap < 3 * first_gap
show(figures.cluster_projections(views, groups, title="The same three groups, twice"))

# %% [markdown]
# Here PCA keeps the gaps, because they lie along its first axis, and shows that the last group is wide, though not exactly how wide. t-SNE draws all three groups alike, since it gives every point about as many neighbors, however far these are. [Wattenberg, Viégas and
# Johnson 2016](https://doi.org/10.23915/distill.00002) show more of this, to be played with. Of a t-SNE view believe at most the neighbors. Do not believe the distances
# between islands, their sizes, or the empty sea.
#
# ## What you saw

# %% jupyter={"source_hidden": true} tags=["data", "tol-3.0"]
Markdown(
    "- The kernels of a later layer are hard to read; the pieces of digits that excite them are easier. "
    f"Of nine such pieces, {shares['trained']:.1f} come from one class, on the average: they are parts, not digits.\n"
    f"- A page made to order scores {above.min():.1f} to {above.max():.1f} above every real digit, and need not be one. "
    f"Ink at the edge alone brought half of the classes above {100 * np.median(sure):.1f} %.\n"
    f"- Nearest mean reads {100 * by_mean['pixels'].value:.1f} % from pixels and {100 * by_mean['trained features'].value:.1f} % from "
    f"trained features, but {100 * by_two['trained features'].value:.1f} % from their two largest directions.\n"
    "- t-SNE draws islands for an untrained network as well, and their distances and sizes cannot be trusted."
)

# %% [markdown]
# ## Exercises
#
# Put your answer in place of `...` and run the cell. `exercises.logit_margin.hint()` gives one hint at a time, `exercises.logit_margin.solution()` shows a worked solution.
#
# **1 · How far ahead?** The pages of this lesson had large logits. But how much logit makes the network sure? Let nine of the ten logits be equal. By how much must the tenth lead for
# a probability of 90 %? Guess first, then work it out from softmax. Within 0.05 is right.

# %%
from lenet_tutorial.exercises import visualization as exercises

logits_ahead = ...
exercises.logit_margin.check(logits_ahead)


# %% [markdown]
# **2 · The page that a plain sum wants.** Suppose that there were no layers between the pixels and a class: its score is `(weights * page).sum()`, and nothing else. Write a function that gives the page with the
# highest score, for weights of any shape. Pixels go from 0 to 1, and there is ink for at most `n` full pixels. What does that say about crumbs at the edge?

# %%
def best_image(weights, n):
    ...


exercises.linear_maximum.check(best_image)


# %% [markdown]
# **3 · The same view?** By hand and by the module, PCA gave the same view up to the sign of an axis: a direction and its opposite show the same spread. The lesson compared `np.abs` of both, which is
# a little too generous. Write a function that says `True` if two views of shape (points, axes) are the same up to rounding and up to the sign of each axis, and `False` if not.

# %%
def same_up_to_sign(a, b):
    ...


exercises.same_projection.check(same_up_to_sign)

# %%
exercises.tally()

# %% [markdown]
# **Further**, without a check:
#
# - Draw the strongest patches of `pool1` (`inspection.top_activating_patches(model, images, "pool1")`). How large are they, and can you name what you see?
# - Climb from other noise (`inspection.Ascent(seed=1)`). Which of the ten pages stay the same, and what does that say about "the" page that a class wants?
# - Take more and more of PCA's directions (`PCA(5)`, `PCA(20)`, `PCA(50)`). From how many on does the nearest mean read as well as from all 1,024?
#
# ## Roads not taken
#
# - *The deconvolution of Zeiler and Fergus*, which projects an answer back to the pixels. Patches show the same places without a second network to understand.
# - *A learned prior.* A generator that knows handwriting would turn every wanted page into a fine digit. It would be the generator's handwriting.
# - *UMAP* instead of t-SNE: faster, another dependency, and the same warning.
# - *Choosing t-SNE's perplexity by eye.* With some settings the picture looks better, and looking better is no evidence.
#
# Shut this notebook down (*Kernel → Shut Down Kernel*; Jupyter's kernel, the running Python, is no kernel of ours) before you open [lesson 7](07_why_this_prediction.ipynb).
