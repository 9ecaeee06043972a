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
# - **You will** compute one number of a feature map by hand, look at kernels and maps beside those of the same network before training, put
#   untrained weights back layer by layer, and explore all maps with your own drawing.
# - **You need** [lesson 4](04_train.ipynb), which trains the network and keeps it. If you haven't run it, the network is trained now, which takes two to
#   eight minutes, once. A word that you have forgotten is in the [glossary](glossary.md).
# - **It takes** about 40 minutes to read and half a minute to run.

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
# You need two networks: the trained one, and the same one *before* training. The untrained network is this lesson's **control**: whatever you find in it as well needs no training. The seed brings it back, since the same
# seed gives the same first weights. The last line makes sure of that for *conv1*.

# %%
trained = trained_lenet(digits=digits)
model = trained.model
keras.utils.set_random_seed(trained.recipe.seed)
untrained = build_lenet()
np.testing.assert_array_equal(untrained.get_layer("conv1").get_weights()[0], trained.kernels[0])

# %% [markdown]
# ## One number of one map
#
# A feature map is made of numbers, so start with a single one. Take the kernel that training changed most, and the position at which it responds most strongly to the first test digit. There the window covers 4×4 pixels: multiply
# each by the weight at the same place, and add up the 16 products.

# %% tags=["data", "tol-0.3"]
before, after = (inspection.kernels(network, "conv1")[..., 0] for network in (untrained, model))
change = np.linalg.norm(after - before, axis=(1, 2))
k = int(change.argmax())
bias = model.get_layer("conv1").get_weights()[1][k]

maps = inspection.feature_maps(model, images[:1], ["conv1", "pool1", "conv2", "pool2", "output"])
row, column = np.unravel_index(maps["conv1"][0, :, :, k].argmax(), (28, 28))
window = np.pad(one, (1, 2))[row : row + 4, column : column + 4]
show(figures.kernel_at_work(window, after[k], bias))

# %% [markdown]
# That's all there is to one number of *conv1*: 16 products, one bias, and ReLU. (The window starts one pixel above and one to the left of its position. That's what the padding of lesson 3 does.) In NumPy it is one line, and the network
# gives the same number. If you do this at all 28·28 positions, you get the whole map.

# %%
activation = max((window * after[k]).sum() + bias, 0)
np.testing.assert_allclose(activation, maps["conv1"][0, row, column, k], rtol=1e-5)

windows = np.lib.stride_tricks.sliding_window_view(np.pad(one, (1, 2)), (4, 4))
whole_map = np.maximum((windows * after[k]).sum(axis=(2, 3)) + bias, 0)
np.testing.assert_allclose(whole_map, maps["conv1"][0, :, :, k], atol=1e-5)
print("windows", windows.shape, "→ map", whole_map.shape, "- by hand and by Keras: the same")

# %% [markdown]
# ## 32 kernels
#
# Now look at all 32 kernels of the first layer. (The textbook calls them *filters*.) In the next picture each is drawn on a scale of its own, so that you can see its pattern.
#
# **Predict:** how different will they look before and after training?

# %% jupyter={"outputs_hidden": true} tags=["data", "tol-0.05", "folded"]
show(figures.paired_sheets(before, after, title="The 32 kernels of conv1"))

# %% [markdown]
# Compare each kernel with the one right below it. You'll find most patterns again. A number for this is the **correlation** between a kernel's 16 weights before and after: 1 means the same pattern, 0 means
# that nothing is left of it.
#
# A correlation needs a control, too. How similar are two kernels that have nothing to do with each other, one before training and a *different* one after?
#
# **Predict:** what is the correlation for a typical kernel, and what is it for two different kernels?

# %% tags=["data", "tol-0.1"]
both = np.corrcoef(before.reshape(32, 16), after.reshape(32, 16))[:32, 32:]
same, different = np.diag(both), both[~np.eye(32, dtype=bool)]
growth = np.linalg.norm(after, axis=(1, 2)) / np.linalg.norm(before, axis=(1, 2))
folded(
    f"Half of the kernels have a correlation above {np.median(same):.2f} with their own first weights, and the lowest is "
    f"{same.min():.2f}. Two different kernels are mostly between {np.percentile(different, 2.5):.2f} and "
    f"{np.percentile(different, 97.5):.2f}."
)

# %% [markdown]
# That may surprise you. Pictures of learned filters are often shown as proof of what a network has learned. Here most of what you see was drawn at random *before* training. Without the untrained row in the picture, you couldn't
# know.
#
# So what did training do to them? A scale of its own for each kernel hides one thing: size. Here are the eight that changed most, all on **one scale**.

# %% tags=["data", "tol-0.1"]
ranked = np.argsort(-change)
eight = ranked[:8]
show(figures.paired_sheets(before[eight], after[eight], title="The eight kernels that changed most, on one scale", numbers=eight, one_scale=True))

# %% tags=["data", "tol-0.3"]
sums = before.sum(axis=(1, 2)), after.sum(axis=(1, 2))
Markdown(
    f"A typical kernel is now {np.median(growth):.1f} times as large as before, and one is {growth.max():.1f} times as large. "
    f"On average the 16 weights added up to {sums[0].mean():.2f} before training, and they add up to {sums[1].mean():.2f} now."
)

# %% [markdown]
# Most of the kernels that changed most are now red nearly all over. A kernel of positive weights responds to any ink and blurs it.
#
# Watch it happen. Here are three that changed most and the one that changed least, from their random start to the tenth epoch.
#
# **Predict:** in which epoch do they change most?

# %% jupyter={"outputs_hidden": true} tags=["data", "tol-0.1", "folded"]
epochs = (0, 1, 2, 4, 7, 10)
rows = [{f"kernel {k}\nepoch {epoch}": trained.kernels[epoch][:, :, 0, k] for epoch in epochs} for k in ranked[[0, 1, 2, -1]]]
words = "Epoch 0 is before training. Each row has a scale of its own."
show(figures.tiles(rows, title="Kernels change over ten epochs", caption=words, numbers=False))

# %% [markdown]
# Look at the first two columns. The kernels go most of the way in the first epoch, when the loss is still large and so are its gradients. After that they only get darker.
#
# ## 32 maps
#
# Now let all 32 kernels look at the digit, once with their untrained weights and once with the trained ones. These maps are meant for exploring, so each has a scale of its own.
#
# **Predict:** can you tell from its maps which network is trained?

# %% jupyter={"outputs_hidden": true} tags=["data", "tol-0.3", "folded"]
of_untrained = inspection.feature_maps(untrained, images[:1], list(maps))
sheets = [np.moveaxis(each["conv1"][0], -1, 0) for each in (of_untrained, maps)]
show(figures.paired_sheets(*sheets, title="What the 32 kernels make of one digit"))


# %% [markdown]
# You can: many trained maps are fuller, because their kernels turned red. And some have a bright background. There the bias is above 0, so that the map isn't 0 even where there is no ink. (All biases start at 0.)
#
# But look for edges and strokes. In some maps only one side of each stroke is bright, in others only the horizontal parts. You could easily say: "Look, this kernel has learned to find edges." The untrained rows show such maps, too.
#
# ## Have you found a detector?
#
# Put that to the test. You draw four bars with a little arithmetic and ask of each kernel: how strongly does its map respond to one bar, compared with its mean response to the other three? We subtract what the kernel makes of a
# blank image, and leave out kernels that hardly respond at all.

# %%
def bar(angle):
    y, x = np.mgrid[:28, :28] - 13.5
    across, along = np.abs(x * np.sin(angle) + y * np.cos(angle)), np.abs(x * np.cos(angle) - y * np.sin(angle))
    return np.float32(np.clip(2 - across, 0, 1) * np.clip(9.5 - along, 0, 1))


bars = {"horizontal": bar(0), "diagonal, up": bar(np.pi / 4), "vertical": bar(np.pi / 2), "diagonal, down": bar(-np.pi / 4)}


def preferences(network):
    blank, *found = inspection.feature_maps(network, np.stack([0 * bar(0), *bars.values()]), ["conv1"])["conv1"]
    total = np.stack([np.clip(each - blank, 0, None).sum(axis=(0, 1)) for each in found])
    others = (total.sum(axis=0) - total) / 3
    return np.where(total > total.max() / 50, total / np.maximum(others, 1e-9), 0)


# %% [markdown]
# For each bar, the trained network has a kernel that responds more to it than to the others on average. Such a kernel looks like a detector.
#
# **Predict:** what does the same test find in the untrained network?

# %% jupyter={"outputs_hidden": true} tags=["varies", "folded"]
scores = {"trained": preferences(model), "untrained": preferences(untrained)}
best = {name: each.argmax(axis=1) for name, each in scores.items()}
rows = [bars] + [
    {f"{name} {i}\n{times:.1f} times": kernels[i] for i, times in zip(best[name], scores[name].max(axis=1), strict=True)}
    for name, kernels in (("trained", after), ("untrained", before))
]
words = "Below each bar, the kernels that prefer it most, and how many times as strongly they respond to it. Each has its own scale."
show(figures.tiles(rows, title="The favorite kernel for each bar", caption=words, ink=bars, scale="own", numbers=False, height=1.7))
assert all((each.max(axis=1) > 1).all() for each in scores.values())

# %% [markdown]
# Compare the numbers. On MNIST the untrained network scores higher for every bar. Among 32 random kernels, some always prefer one direction: the test has found what *chance* put there, not what the
# network has learned. (Training even lowered the preferences: a kernel that has turned red responds to every bar.)
#
# ## Put the untrained weights back
#
# Looking at pictures hasn't told you what training was good for. So do an experiment. Take the trained network and put the untrained weights back **into one layer**, and only that one. If the accuracy stays, the network could do without the training of that layer.
# If the accuracy falls, it needs what this layer has learned.
#
# And the control: give the layer *other* random weights, which the rest of the network has never worked with. Five times, because a single draw may be lucky. We measure on 2,000 digits drawn at random from the test set, so differences
# of less than one percentage point mean little.
#
# **Predict:** which layer can you put back at the lowest cost?

# %% jupyter={"outputs_hidden": true} tags=["data", "tol-6.0", "folded"]
some = np.random.default_rng(0).permutation(len(images))[:2000]
patched = build_lenet()


def accuracy_with(source, name):
    patched.set_weights(model.get_weights())
    patched.get_layer(name).set_weights(source.get_layer(name).get_weights())
    return evaluation.accuracy(labels[some], inspection.logits(patched, images[some]).argmax(axis=1)).value


names = ("conv1", "conv2", "dense", "output")
sources = {"its own untrained weights": [untrained], "other random weights": [build_lenet() for _ in range(5)]}
shares = {kind: {name: [accuracy_with(each, name) for each in networks] for name in names} for kind, networks in sources.items()}
whole = evaluation.accuracy(labels[some], inspection.logits(model, images[some]).argmax(axis=1)).value
show(figures.restored_layers(shares, whole=whole, title="One layer gets other weights"))

# %% [markdown]
# Read it from top to bottom, on MNIST. With its own untrained kernels in *conv1*, the network reads as many digits as before, give or take chance. With *other* random kernels it reads fewer, and how many depends on the draw: look at the line. So the later layers have learned to use exactly the ones that
# they were given. The accuracy falls most in *dense*, where most of the parameters are. In *output* it hardly falls: with the random weights that it started from, the ten outputs can still be told apart by what *dense* has learned.
#
# Does a layer matter more if its weights have moved more?

# %% tags=["data", "tol-0.05"]
table = "| layer | correlation of its weights, before and after |\n|---|---|\n"
for name in names:
    first, last = (network.get_layer(name).get_weights()[0].ravel() for network in (untrained, model))
    table += f"| {name} | {np.corrcoef(first, last)[0, 1]:.3f} |\n"
Markdown(table)

# %% [markdown]
# (These correlations are over all weights of a layer together. That of *conv1* is below most of the 32 correlations above, because a kernel that turns red as a whole keeps its own pattern.) If anything, it's the opposite. The weights of *dense* are nearly the same as before, and yet the network can't do without the small changes: there are 3.2 million of them, and they work *together*.
#
# So it isn't true that this network "learned edge detectors". It learned to read what 32 random kernels gave it. (Networks that are trained longer, on photos, are known for first kernels that show clear edges and colors. When you see such a picture, ask for the untrained one beside it.)
#
# ## All layers
#
# Here is the digit on its whole way, through the trained network and through the untrained one. Each map has its own scale.

# %% tags=["data", "tol-6.0"]
ways = {name: {layer: each[0] for layer, each in found.items()} for name, found in (("trained", maps), ("untrained", of_untrained))}
networks = {name: (way, way.pop("output")) for name, way in ways.items()}
show(figures.digit_journey(one, networks, title="One digit, all the way through"))

# %% [markdown]
# In *conv1* and *pool1* you can see the digit in most of the maps. In *conv2* and *pool2* the maps get coarse, and many show only parts of it. The untrained maps are emptier, but the digit is in them, too. Now look at the bars on the right:
# only one of the two networks can make use of its maps.
#
# Now explore it yourself. Draw a digit, and all 192 maps respond while your pen moves: the network runs in your browser. (Where no script runs, such as on GitHub, you see a picture instead.) Try these three:
#
# 1. Draw a 7 slowly. Which maps of *conv1* respond to the bar, and which to the stroke?
# 2. Click a map of *conv2* and point at a bright position. The frame on the digit is its receptive field: all that this unit sees.
# 3. Tick *untrained beside*. Can you still tell which network is trained, if you look only at *conv1*? And at *conv2*?

# %% tags=["data"]
explorer = NetworkExplorer(model, images[:12], untrained=untrained)
explorer

# %% [markdown]
# ## The digit moves
#
# Lesson 2 showed it for one kernel: if the digit moves, its map moves with it. This is called **equivariance**. Does it have to be learned?

# %% tags=["data", "tol-0.3"]
pair = np.concatenate([images[:1], evaluation.moved(images[:1], right=6)])
rows = [{"the digit": one}, {"moved by 6 pixels": pair[1].reshape(28, 28)}]
for name, network in (("untrained", untrained), ("trained", model)):
    still, shifted = inspection.feature_maps(network, pair, ["conv1"])["conv1"]
    np.testing.assert_allclose(np.roll(still, 6, axis=1)[:, 8:-2], shifted[:, 8:-2], atol=1e-5)
    rows[0][f"map of kernel {k}, {name}"] = still[:, :, k]
    rows[1][f"kernel {k}, {name} "] = shifted[:, :, k]
words = "Below, the same for the digit six pixels further right. Each map has its own scale."
show(figures.tiles(rows, title="The map moves with the digit", caption=words, ink=[*rows[0]][:1] + [*rows[1]][:1], scale="own", height=2.4))

# %% [markdown]
# It doesn't. The cell has checked all 32 maps of both networks, away from the border: every one moves by exactly six positions. A convolution uses the same weights at every position (**weight sharing**), so this holds for any weights.
#
# Pooling is coarser. Take one row of a map, with its peak at 3, and pool pairs by hand. Then move it by one position and by two.

# %%
peak = np.array([0, 0, 3, 1, 0, 0, 0, 0])
for by in range(3):
    moved = np.roll(peak, by)
    print(moved, "→", moved.reshape(4, 2).max(axis=1))

# %% [markdown]
# After one step the 3 is still in the same pair, so the largest numbers hardly change. After two steps it is in the next pair, and the pooled row has moved by one whole position. So pooling **hides part of a small shift**, and what it
# can't hide it shows all at once.
#
# How much does each layer's output *change* when a digit moves by one pixel? Take the distance between the outputs before and after, divide it by the length of the first, and average over 250 digits drawn at random. It is often said that the
# layers of a trained network "learn to ignore" a shift. To test that you need two controls: the untrained network, and one without any training or chance. In that one every weight of both convolutions is 1, so each kernel is a plain **blur**.
#
# **Predict:** does the change grow or shrink from layer to layer? And in which of the three networks?

# %% jupyter={"outputs_hidden": true} tags=["data", "tol-4.0", "folded"]
blurring = build_lenet()
for name in ("conv1", "conv2"):
    weights, biases = blurring.get_layer(name).get_weights()
    blurring.get_layer(name).set_weights([np.ones_like(weights), biases])


def changes(network, layers=("image", "conv1", "pool1", "conv2", "pool2")):
    views = images[some[:250]], evaluation.moved(images[some[:250]], right=1)
    pairs = zip(layers, *(inspection.feature_maps(network, each, layers).values() for each in views), strict=True)
    flat = ((layer, first.reshape(len(first), -1), second.reshape(len(first), -1)) for layer, first, second in pairs)
    return {layer: np.mean(np.linalg.norm(b - a, axis=1) / np.linalg.norm(a, axis=1)) for layer, a, b in flat}


moved_by_one = {"untrained": changes(untrained), "trained": changes(model), "plain blur": changes(blurring)}
xlabel = "change of the output (% of its own length)"
show(figures.change_by_layer(moved_by_one, title="What one pixel changes, layer by layer", xlabel=xlabel))

# %% [markdown]
# It shrinks in all three. Overlapping windows and pooling do most of that. (Not with every kernel: the pure edges of lesson 2 come near 100% at two pixels.) The trained network shrinks it more than the untrained one, but the plain blur shrinks it more than both. And you have seen that
# the strongest trained kernels *are* nearly blurs. So a shrinking change is no sign that the network has learned to ignore shifts.
#
# What counts is whether the prediction is still right. You measured that in lesson 4.
#
# ## Dead ReLUs
#
# Some neurons never respond at all. Here is how that can happen. Suppose that a neuron has the weights -1 and -2 and the bias -0.5. Its inputs are never negative, so its sum is always negative, and ReLU gives 0:

# %%
inputs = np.array([[0, 0], [1, 0], [0.5, 2], [3, 1]])
for its_weights in ([-1, -2], [-0.99, -1.99]):
    total = inputs @ its_weights - 0.5
    print(its_weights, "sums", total, "after ReLU", np.maximum(total, 0))

# %% [markdown]
# A small change of the weights changes nothing, so their gradient is 0 for all these inputs, and a step of training leaves them alone. This is a **dead ReLU**. (To be sure of it, you'd have to try every possible input. We try many digits.) Only the layers *before* it can bring it back, by changing its
# inputs.
#
# Count the channels and neurons that give 0 for all of 1,000 digits drawn at random. (A channel is 0 everywhere exactly when its pooled map is.)
#
# **Predict:** does the trained network have more dead units than the untrained one?

# %% tags=["varies"]
table = "| layer | dead, untrained | dead, trained | dead in both |\n|---|---|---|---|\n"
for layer in ("pool1", "pool2", "dense"):
    found = [inspection.feature_maps(network, images[some[:1000]], [layer])[layer] for network in (untrained, model)]
    dead = [each.reshape(-1, each.shape[-1]).max(axis=0) == 0 for each in found]
    counts = [int(each.sum()) for each in (*dead, dead[0] & dead[1])]
    table += f"| {layer}, of {len(dead[0]):,} | " + " | ".join(map(str, counts)) + " |\n"
display(folded(table))
assert counts[2] <= min(counts[:2]) < len(dead[0]) / 2

# %% [markdown]
# Look at the row of *dense*. Some neurons are dead from the start and stay dead. Others have come back, and others have died: the last column tells you how many are dead in both. Here again, a count for the trained network alone would say
# little about training.
#
# ## What you saw

# %% tags=["data", "tol-6.0"]
own = {name: found[0] for name, found in shares["its own untrained weights"].items()}
size = [np.median(np.abs(kernels).max(axis=(1, 2))) for kernels in (before, after)]
choosy = [scores[name].max() for name in ("untrained", "trained")]
one_pixel = {name: each["pool2"] for name, each in moved_by_one.items()}
Markdown(
    "| | without training | trained |\n|---|---|---|\n"
    f"| largest weight of a typical kernel | {size[0]:.2f} | {size[1]:.2f} |\n"
    f"| strongest preference for one bar | {choosy[0]:.1f} times | {choosy[1]:.1f} times |\n"
    f"| one pixel changes *pool2* by | {one_pixel['untrained']:.1%} (plain blur: {one_pixel['plain blur']:.1%}) | {one_pixel['trained']:.1%} |\n"
    f"| accuracy with the *conv1* of this column | {own['conv1']:.1%} | {whole:.1%} |\n"
    f"| accuracy with the *dense* of this column | {own['dense']:.1%} | {whole:.1%} |"
)

# %% [markdown]
# - A feature map is made of sums: 16 products, a bias, and ReLU.
# - The first layer's kernels keep most of their random pattern and grow. You can only see this beside the untrained network.
# - Maps move with the digit, and pooling hides part of a small shift. Both hold without any training.
# - What training changed shows when you take it back: with its first kernels the network reads as well, and with its first *dense* layer far worse.
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
# - *Another seed.* The kernels differ each time. That's why we don't give them names such as "edge detector number 5".
# - *Random first layers* are known to work well: Saxe et al., *On random weights and unsupervised feature learning* (ICML 2011), compare random and learned filters. And putting back the first weights of single layers is a test that
#   [Zhang, Bengio and Singer](https://arxiv.org/abs/1902.01996) made on much larger networks.
#
# **The next question: what is each channel for?** Patterns of weights didn't tell you. [Lesson 6](06_what_each_layer_looks_for.ipynb) asks which digits and which parts of them make a channel respond.
#
# Before you go on, shut down this notebook (*Kernel → Shut Down Kernel*): two running TensorFlow kernels need more memory than a small machine has.
