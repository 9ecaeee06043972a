# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown]
# # 5 · Filters and feature maps
#
# *What did the network learn, and what was there before?*
#
# - **You will** look at the network's kernels and at the maps that they make of a digit, always beside the same network before training. You'll watch kernels form
#   over ten epochs, put the untrained weights back layer by layer, and explore all maps with your own drawing.
# - **You need** [lesson 4](04_train.ipynb), which trains the network and keeps it. If you haven't run it, the network is trained now, which takes two to
#   eight minutes, once. A word that you have forgotten is in the [glossary](glossary.md).
# - **It takes** about 35 minutes to read and half a minute to run.

# %% [markdown]
# **You are ready if** you can answer these three, from lessons 2 to 4. Click a question to see its answer.
#
# <details><summary>What belongs to the network, and what to a digit: a kernel or a feature map?</summary>A kernel is a set of weights and belongs to the network. A feature map is what a kernel makes of one digit.</details>
#
# <details><summary>How large are a kernel of <em>conv1</em> and one of <em>conv2</em>?</summary>4×4×1 and 4×4×32: a kernel has a slice for each map of its input.</details>
#
# <details><summary>What does a step of gradient descent do to a weight whose gradient is 0?</summary>Nothing. The step is the learning rate times the gradient.</details>

# %%
import numpy as np
from IPython.display import Markdown, display

from lenet_tutorial import data, evaluation, figures, inspection
from lenet_tutorial.backend import keras
from lenet_tutorial.figures import folded, show
from lenet_tutorial.model import build_lenet
from lenet_tutorial.training import trained_lenet
from lenet_tutorial.widgets.explorer import NetworkExplorer

# %% tags=["data"]
digits = data.load_digits()
images, labels = digits.test.images, digits.test.labels
one = images[0].reshape(28, 28)
Markdown(f"**{digits.note}**")

# %% [markdown]
# We need two networks: the trained one, and the same one *before* training. The seed makes that easy, since the same seed gives the same first weights.

# %%
trained = trained_lenet(digits=digits)
model = trained.model
keras.utils.set_random_seed(trained.recipe.seed)
untrained = build_lenet()
np.testing.assert_array_equal(untrained.get_layer("conv1").get_weights()[0], trained.kernels[0])

# %% [markdown]
# ## The kernels
#
# Here are the 32 kernels of the first layer. (The textbook calls them *filters*.) Each is drawn on a scale of its own, so that you can see its pattern.
#
# **Predict:** how different will they look before and after training?

# %% jupyter={"outputs_hidden": true} tags=["data", "folded"]
before, after = (inspection.kernels(network, "conv1")[..., 0] for network in (untrained, model))
show(figures.kernel_sheets(before, after))

# %% [markdown]
# Compare a kernel on the left with the same one on the right. You'll find most patterns again. A number for this is the **correlation** between a kernel's 16 weights before and after: 1 means the same pattern, 0 means
# that nothing is left of it.
#
# **Predict:** what is the correlation for a typical kernel?

# %% tags=["data", "tol-0.06"]
correlation = np.array([np.corrcoef(old.ravel(), new.ravel())[0, 1] for old, new in zip(before, after, strict=True)])
growth = np.linalg.norm(after, axis=(1, 2)) / np.linalg.norm(before, axis=(1, 2))
folded(
    f"Half of the kernels have a correlation above {np.median(correlation):.2f}; the lowest is {correlation.min():.2f}. "
    f"They did grow: a typical kernel is {np.median(growth):.1f} times as large as before."
)

# %% [markdown]
# That may surprise you. Pictures of learned filters are often shown as proof of what a network has learned. Here most of what you see was drawn at random *before* training. Without the left half of the picture, you couldn't
# know.
#
# Watch some of them form, from the random start to the tenth epoch: the three that changed most, and the one that changed least.

# %% tags=["data"]
change = np.linalg.norm(after - before, axis=(1, 2))
chosen = [*np.argsort(-change)[:3], int(change.argmin())]
epochs = (0, 1, 2, 4, 7, 10)
rows = [{f"kernel {k}\nepoch {epoch}": trained.kernels[epoch][:, :, 0, k] for epoch in epochs} for k in chosen]
words = "Epoch 0 is before training. Each row has a scale of its own."
show(figures.tiles(rows, title="Kernels form over ten epochs", caption=words, numbers=False))

# %% [markdown]
# The ones that change most grow, and their first pattern is washed out. They become red nearly all over, so they respond to any ink.
#
# ## From a kernel to a map
#
# First by hand. Take the kernel that changed most and slide it over the digit, as in lesson 2: multiply, add up, add the bias, and replace what is negative by 0.

# %% tags=["data"]
k = chosen[0]
windows = np.lib.stride_tricks.sliding_window_view(np.pad(one, (1, 2)), (4, 4))
bias = model.get_layer("conv1").get_weights()[1][k]
by_hand = np.maximum((windows * after[k]).sum(axis=(2, 3)) + bias, 0)

maps = inspection.feature_maps(model, images[:1], ["conv1", "pool1", "conv2", "pool2", "dense", "output"])
np.testing.assert_allclose(by_hand, maps["conv1"][0, :, :, k], atol=1e-5)
print("windows", windows.shape, "→ map", by_hand.shape, "- by hand and by Keras: the same")

# %% [markdown]
# And all 32 maps of this digit. They are meant for exploring, so each has a scale of its own.

# %% tags=["data"]
title = "What the 32 trained kernels make of one digit"
show(figures.map_sheet(np.moveaxis(maps["conv1"][0], -1, 0), title=title, one_scale=False))

# %% [markdown]
# Some maps show the whole digit, a little blurred. Others are bright only along one side of its strokes. A map that is dark but for a few pixels belongs to a kernel whose weights are mostly negative.
#
# Are these maps the work of training? Here are the maps of three kernels, untrained above trained.

# %% tags=["data", "tol-0.3"]
pair = {"untrained": inspection.feature_maps(untrained, images[:1], ["conv1"])["conv1"][0], "trained": maps["conv1"][0]}
three = np.argsort(-pair["untrained"].max(axis=(0, 1)))[:3]
rows = [{f"kernel {k}, {name}\nlargest {each[:, :, k].max():.2f}": each[:, :, k] for k in three} for name, each in pair.items()]
words = "The three kernels with the largest activations before training. Each map has its own scale."
show(figures.tiles(rows, title="The same kernels, untrained and trained", caption=words, scale="own"))

# %% [markdown]
# The trained maps are stronger: look at the largest activations. But what they show was there before.
#
# ## What did training change, then?
#
# Let's ask the network itself. Take the trained network and **put the untrained weights back into one layer**, and only that one. If the accuracy stays, the training of that layer was hardly needed. If it falls, the network needs what this layer has
# learned.
#
# We also need a control. What if the layer gets *other* random weights, which the rest of the network has never worked with?
#
# **Predict:** which layer can you put back at the lowest cost?

# %% jupyter={"outputs_hidden": true} tags=["data", "tol-4.0", "folded"]
keras.utils.set_random_seed(trained.recipe.seed + 1)
other = build_lenet()
patched = build_lenet()


def accuracy_with(source, name):
    patched.set_weights(model.get_weights())
    patched.get_layer(name).set_weights(source.get_layer(name).get_weights())
    return evaluation.accuracy(labels, inspection.logits(patched, images).argmax(axis=1)).value


names = ("conv1", "conv2", "dense", "output")
sources = {"its own untrained weights": untrained, "other random weights": other}
shares = {kind: {name: accuracy_with(source, name) for name in names} for kind, source in sources.items()}
whole = evaluation.accuracy(labels, inspection.logits(model, images).argmax(axis=1)).value
show(figures.restored_layers(shares, whole=whole, title="One layer gets other weights"))

# %% [markdown]
# Read it row by row, on MNIST. With its own untrained kernels in *conv1*, the network reads nearly as many digits as before: these kernels were good enough as they were. The later layers have learned to use exactly *them*, because other random
# kernels do much worse. Most of the learning is in *dense*, where most of the parameters are.
#
# So it isn't true that this network "learned edge detectors". It learned to read what 32 random kernels gave it. Other networks, trained longer and on photos, do change their first kernels
# a lot.
#
# ## All layers
#
# Here is the digit on its whole way through the trained network. Again each map has its own scale.

# %% tags=["data", "tol-6.0"]
outputs = {name: each[0] for name, each in maps.items()}
of_layers = {name: outputs[name] for name in ("conv1", "pool1", "conv2", "pool2")}
show(figures.digit_journey(one, of_layers, outputs["dense"], outputs["output"]))

# %% [markdown]
# In *conv1* you can read the digit in nearly every map. In *conv2* many maps show only parts of it, such as the bar or the lower end of the stroke. *dense* has no positions any more.
#
# Now explore it yourself. Draw a digit, and all 192 maps respond while your pen moves: the network runs in your browser. (Where no script runs, such as on GitHub, you see a picture instead.) Try these:
#
# 1. Draw a 7 slowly. Which maps of *conv1* respond to the bar, and which to the stroke?
# 2. Click a map of *conv2* and point at a bright position. The frame on the digit is its receptive field.
# 3. Tick *untrained beside*. Can you still tell which network is trained, if you look only at *conv1*? And at *conv2*?

# %% tags=["data"]
explorer = NetworkExplorer(model, images[:12], untrained=untrained)
explorer

# %% [markdown]
# ## The digit moves
#
# Lesson 2 showed it for one kernel: if the digit moves, its map moves with it. This holds for all 32 at once, away from the border.

# %%
moved = evaluation.moved(images[:1], right=2)
still, shifted = (inspection.feature_maps(model, each, ["conv1"])["conv1"][0] for each in (images[:1], moved))
np.testing.assert_allclose(np.roll(still, 2, axis=1)[:, 4:-4], shifted[:, 4:-4], atol=1e-5)
print("The digit moved by two pixels, and all its maps moved by two pixels.")

# %% [markdown]
# How much does each layer's output *change* when a digit moves by two pixels? We take the distance between the outputs before and after, divided by the length of the first, and average over 500 digits drawn at random.
#
# **Predict:** does the change grow or shrink from layer to layer? And is that something that training has brought about?

# %% jupyter={"outputs_hidden": true} tags=["data", "tol-4.0", "folded"]
some = images[np.random.default_rng(0).permutation(len(images))[:500]]
layers = ("image", *names[:1], "pool1", "conv2", "pool2", "dense")


def change_of(network, layer):
    pair = (inspection.feature_maps(network, each, [layer])[layer] for each in (some, evaluation.moved(some, right=2)))
    first, second = (each.reshape(len(some), -1) for each in pair)
    return np.mean(np.linalg.norm(second - first, axis=1) / np.linalg.norm(first, axis=1))


changes = {
    name: {layer: change_of(network, layer) for layer in layers}
    for name, network in (("untrained", untrained), ("trained", model))
}
xlabel = "change of the output (% of its own length)"
show(figures.change_by_layer(changes, title="What two pixels change, layer by layer", xlabel=xlabel))


# %% [markdown]
# It shrinks up to *pool2*, but look at the gray bars: in the untrained network it shrinks, too. That's what overlapping windows and pooling do, whatever the weights are. So a shrinking change doesn't show that the network has *learned* to ignore shifts.
#
# Even without any network, pooling the pixels of the image shrinks the change:

# %% tags=["data", "tol-1.0"]
def pooled(flat, side):
    return flat.reshape(-1, 28 // side, side, 28 // side, side).max(axis=(2, 4)).reshape(len(flat), -1)


for side in (2, 4):
    first, second = (pooled(each, side) for each in (some, evaluation.moved(some, right=2)))
    share = np.mean(np.linalg.norm(second - first, axis=1) / np.linalg.norm(first, axis=1))
    print(f"pixels pooled over {side}×{side}: {share:.1%}")

# %% [markdown]
# What counts is whether the network still gives the right prediction. You measured that in lesson 4.
#
# ## Dead ReLUs
#
# A unit whose sum is negative for *every* digit gives 0 to all of them. Its gradient is then 0 as well, so training can't change its weights any more. It is a **dead ReLU**. Let's count channels and neurons that give 0 for 1,000 digits
# drawn at random. (A channel is 0 everywhere exactly if its pooled map is.)

# %% tags=["varies"]
thousand = images[np.random.default_rng(1).permutation(len(images))[:1000]]
table = "| layer | dead when untrained | dead when trained | dead in both |\n|---|---|---|---|\n"
for layer in ("pool1", "pool2", "dense"):
    found = [inspection.feature_maps(network, thousand, [layer])[layer] for network in (untrained, model)]
    dead = [each.reshape(-1, each.shape[-1]).max(axis=0) == 0 for each in found]
    counts = [int(each.sum()) for each in (*dead, dead[0] & dead[1])]
    table += f"| {layer}, of {len(dead[0]):,} | " + " | ".join(map(str, counts)) + " |\n"
display(Markdown(table))
assert counts[2] <= min(counts[:2]) < len(dead[0]) / 2

# %% [markdown]
# Compare the columns. Many of the neurons that are dead at the end were dead from the start. The network has 1,024 neurons in *dense* and doesn't need them all.
#
# ## What you saw
#
# - The first layer's kernels keep most of their random pattern. You can only see this beside the untrained network.
# - With its untrained kernels put back, the trained network still reads nearly as well. Most of the learning is in the later layers.
# - Maps move with the digit, and pooling shrinks the change. Both hold without training.
# - Some neurons are dead, many of them from the start.
#
# ## Exercises
#
# Put your answer in place of `...` and run the cell. `exercises.equivariance.hint()` gives one hint at a time, `exercises.equivariance.solution()` shows a worked solution.
#
# **1 · In step.** The maps of *conv1* follow every shift. Maps after a pooling don't follow every shift exactly. By how many pixels, at least, must a digit move so that *all* maps up to *pool2* move along exactly, away from
# the border?

# %%
from lenet_tutorial.exercises import filters as exercises

pixels = ...
exercises.equivariance.check(pixels)


# %% [markdown]
# **2 · Ablation.** What does the network need kernel `k` of *conv1* for? To find out, make *conv2* ignore its map. Write a function that takes the kernels of *conv2* (rows, columns, maps that come in, maps that go out) and returns
# kernels of the same shape that ignore map `k` and use all the others as before.

# %%
def ablation(kernels, k):
    ...  # your code


exercises.ablation.check(ablation)


# %% [markdown]
# **3 · A map of the second convolution.** Write a function that makes one map of *conv2*: from `maps` of any shape (rows, columns, channels), one `kernel` (4, 4, channels) and its `bias` to a map (rows, columns), with ReLU and
# "same" padding.

# %%
def map_of_conv2(maps, kernel, bias):
    ...  # your code


exercises.conv2.check(map_of_conv2)

# %%
exercises.tally()

# %% [markdown]
# ## For the curious
#
# - *Put back two layers* at once, *conv1* and *conv2*. Is the loss the sum of the two?
# - *Another seed.* The kernels are others each time. That's why we don't give them names such as "edge detector number 5".
# - *Random first layers* are known to work well: Saxe et al., *On random weights and unsupervised feature learning* (ICML 2011), compare random and learned filters. And putting back the first weights of single layers is a test that
#   [Zhang, Bengio and Singer](https://arxiv.org/abs/1902.01996) made on much larger networks.
#
# **The next question: what is each channel for?** Patterns of weights didn't tell you. [Lesson 6](06_what_each_layer_looks_for.ipynb) asks which digits and which parts of them make a channel respond.
#
# Before you go on, shut down this notebook (*Kernel → Shut Down Kernel*): two running TensorFlow kernels need more memory than a small machine has.
