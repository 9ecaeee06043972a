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
# *What has the network learned to look for, and what does it see when it looks at a digit?*
#
# - **You will** follow one digit through every layer, look at the 32 kernels of the first layer, find the kernels that answer to certain strokes,
#   and move a digit to see which layers notice.
# - **You need** [lesson 4](04_train.ipynb), which trains the network and keeps it. If you have not run it, the network is trained now, which takes
#   two to eight minutes, once. A word that you have forgotten is in the [glossary](glossary.md).
# - **It takes** about 30 minutes to read and 20 seconds to run.

# %% [markdown]
# **You are ready if** you can answer these three, from lessons 3 and 4. Click a question to see its answer.
#
# <details><summary>What does a convolution compute at one place, for one kernel?</summary>It multiplies the kernel's weights with what lies beneath them, adds everything up, adds the bias, and cuts off what is below 0.</details>
#
# <details><summary>How many pixels does one number of <em>pool1</em> see, and one of <em>conv1</em>?</summary>5×5 and 4×4: a square of four neighbors reaches one pixel further than each of them.</details>
#
# <details><summary>What does a step of gradient descent do to a weight whose slope is 0?</summary>Nothing: it moves each weight in proportion to its slope.</details>

# %%
import numpy as np
from IPython.display import Markdown, display

from lenet_tutorial import data, evaluation, figures, inspection
from lenet_tutorial.backend import keras
from lenet_tutorial.figures import show
from lenet_tutorial.model import build_lenet
from lenet_tutorial.training import trained_lenet
from lenet_tutorial.widgets.explorer import NetworkExplorer

# %% tags=["data"]
digits = data.load_digits()
images, labels = digits.test.images, digits.test.labels
Markdown(f"**{digits.note}**")

# %%
trained = trained_lenet(digits=digits)
model = trained.model

# %% [markdown]
# Two words first, and we shall keep to them. A *kernel* is a set of weights: it belongs to the network and is the same for every digit. (The
# textbook says *filter*; it means the same.) A *feature map* is a kernel's answer to one digit: a picture again, bright where the kernel found what it
# looks for. One kernel, one map.
#
# ## One digit, all the way
#
# Here is the first test digit with everything that the network makes of it: `feature_maps` gives the outputs of all the layers that we name, in one pass.

# %% tags=["data", "tol-6.0"]
names = ["conv1", "pool1", "conv2", "pool2", "dense", "output"]
outputs = {name: each[0] for name, each in inspection.feature_maps(model, images[:1], names).items()}
maps = {name: outputs[name] for name in names[:4]}
show(figures.digit_journey(images[0].reshape(28, 28), maps, outputs["dense"], outputs["output"]))

# %% [markdown]
# In the first maps you can still read the digit, again and again in other shades. In the second convolution some maps still show the whole digit, others only pieces.
# In the 1,024 neurons there are no places any more, and no digit to be seen. And then ten numbers. The rest of this lesson goes through the first half of this way slowly.
#
# ## The kernels, before and after
#
# The seed tells us what the kernels looked like before training: the same seed gives the same first weights.
#
# **Predict:** has training changed all 32 kernels by about as much?

# %% tags=["data", "tol-0.02"]
keras.utils.set_random_seed(trained.recipe.seed)
untrained = build_lenet()
before = inspection.kernels(untrained, "conv1")[..., 0]
after = inspection.kernels(model, "conv1")[..., 0]
show(figures.kernel_sheets(before, after))

# %% jupyter={"source_hidden": true} tags=["data", "tol-0.1"]
moved = np.linalg.norm(after - before, axis=(1, 2)) / np.linalg.norm(before, axis=(1, 2))
most, least = int(moved.argmax()), int(moved.argmin())
assert moved[most] > 3 * moved[least]
Markdown(
    f"Kernel {most} changed most: by {moved[most]:.2f} times its own first size. Kernel {least} changed least, by "
    f"{moved[least]:.2f} times. Half of the kernels changed by less than {np.median(moved):.2f} times."
)

# %% [markdown]
# Far from it. Gradient descent moves a weight in proportion to its slope, and slopes differ: some kernels grew, others hardly left their random start. Look for kernels that are
# red nearly all over: they answer to ink, whatever its shape. Where one side is red and the other pale or blue, the kernel answers more to one edge of a stroke.
#
# ## One feature map by hand
#
# Take the kernel that changed most, slide it over the digit, and multiply, add, cut off below 0 at each of the 28·28 places. NumPy's `sliding_window_view`
# lays out all the windows at once; the padding is the one from lesson 3, one before and two after.

# %%
k = int(np.linalg.norm(after - before, axis=(1, 2)).argmax())
padded = np.pad(images[0].reshape(28, 28), (1, 2))
windows = np.lib.stride_tricks.sliding_window_view(padded, (4, 4))
by_hand = np.maximum(0, (windows * after[k]).sum(axis=(2, 3)) + model.get_layer("conv1").get_weights()[1][k])
np.testing.assert_allclose(by_hand, outputs["conv1"][:, :, k], atol=1e-5)
print("windows", windows.shape, "→ map", by_hand.shape, "— by hand and by Keras: the same map.")

# %% [markdown]
# Now watch it happen. The orange window is where the kernel lies; beside it grows the map. Drag the window, or press *Sweep*. The three tables multiply the pixels in the window by the kernel; below them the products are added up. Choose other
# kernels, or type weights of your own; switch ReLU on, and see what happens to everything blue.

# %% tags=["data"]
from lenet_tutorial.widgets.stage import ConvolutionStage

stage = ConvolutionStage(images[0], after[k], presets={f"kernel {k}, trained": after[k], f"kernel {k}, untrained": before[k]})
stage

# %% [markdown]
# Here are all 32 maps of this digit, larger than above.

# %% tags=["data", "tol-0.3"]
show(figures.map_sheet(np.moveaxis(outputs["conv1"], -1, 0), title="What the 32 kernels answer to one digit"))


# %% [markdown]
# Compare the maps with the kernels in the sheet above, number by number. A kernel that is red all over copies the digit and blurs it. A kernel with two sides
# is bright along one side of the strokes only. And a kernel that hardly grew gives a map that is hardly bright.
#
# ## Which kernel answers to which stroke?
#
# To ask this fairly we need strokes and nothing else. Here are four, drawn by two lines of arithmetic: a bar of 18 pixels, turned.

# %%
def stroke(angle, length=18, width=3):
    y, x = np.mgrid[:28, :28] - 13.5
    across = np.abs(x * np.sin(angle) + y * np.cos(angle))
    along = np.abs(x * np.cos(angle) - y * np.sin(angle))
    return np.float32(np.clip((width + 1) / 2 - across, 0, 1) * np.clip((length + 1) / 2 - along, 0, 1))


strokes = {"level": stroke(0), "rising": stroke(np.pi / 4), "upright": stroke(np.pi / 2), "falling": stroke(-np.pi / 4)}
pages = np.stack([np.zeros((28, 28), np.float32), *strokes.values()]).reshape(-1, 784)
blank, *answers = inspection.feature_maps(model, pages, ["conv1"])["conv1"]

# %% [markdown]
# How strongly does a kernel answer to a stroke? Add up its map, less what it says to an empty page. A kernel *prefers* the stroke to which it answers most, compared
# with the mean of its answers to the other three. We leave out kernels that answer to everything with less than a fiftieth of the strongest kernel's answer.
#
# **Predict:** will the best kernel for a stroke answer to nothing else? Or only a little more?

# %% tags=["varies"]
total = np.stack([np.clip(each - blank, 0, None).sum(axis=(0, 1)) for each in answers])
others = (total.sum(axis=0) - total) / (len(total) - 1)
preference = np.where(total > total.max() / 50, total / np.maximum(others, 1e-9), 0)
best = preference.argmax(axis=1)
shown = np.stack([each[:, :, kernel] for each, kernel in zip(answers, best, strict=True)])
show(figures.stroke_activations(strokes, after[best], shown, numbers=best))
told = ", ".join(f"{name} {times:.1f} times" for name, times in zip(strokes, preference.max(axis=1), strict=True))
display(Markdown(f"Answer to the preferred stroke, compared with the mean answer to the others: {told}."))
assert (preference.max(axis=1) > 1).all()

# %% [markdown]
# Preference is not strength: kernels that are red all over answer far more, but to every stroke alike. One kernel may win twice. And a preference is not a rule: a kernel that prefers upright
# strokes is no "detector of upright strokes". Each kernel gives a hint, and the next layer reads all 32 at once.
#
# Two of these kernels over all ten digits: the one that prefers level strokes, and the one that prefers upright ones. **Predict** where each will be bright in the 7.

# %% tags=["varies"]
ten = np.array([np.flatnonzero(labels == digit)[0] for digit in range(10)])
over = inspection.feature_maps(model, images[ten], ["conv1"])["conv1"] - blank
chosen = {"level": best[0], "upright": best[2]}
rows = {f"{name} ({kernel})": np.clip(over[..., kernel], 0, None) for name, kernel in chosen.items()}
told = {"title": "The same two kernels over ten digits", "caption": "In brackets the kernel's number."}
show(figures.maps_by_digit(images[ten].reshape(-1, 28, 28), [f"the {digit}" for digit in range(10)], rows, **told))
assert all(each.min() >= 0 for each in rows.values())

# %% [markdown]
# It is the same kernel in every picture of a row: *weight sharing*. It was not told that 7s have a level bar; it answers most to level ink wherever that lies, in a 7,
# a 2 or a 5.
#
# ## Does anything stay silent?
#
# A neuron whose sum is negative for every digit gives 0 to all of them. ReLU then has slope 0, so no step of training changes its own weights; only a change in the layers
# before it could wake it. It is *silent*, perhaps *dead*. Let us look for such maps and neurons over up to 1,000 test digits. (After pooling there are fewer
# numbers to keep, and a map is silent exactly if its pooled map is.)

# %% tags=["varies"]
several = inspection.feature_maps(model, images[:1000], ["pool1", "pool2", "dense"])
silent = {name: int(np.sum(each.reshape(-1, each.shape[-1]).max(axis=0) == 0)) for name, each in several.items()}
told = ", ".join(f"{silent[name]} of {several[name].shape[-1]:,} in {name}" for name in silent)
display(Markdown(f"Silent over {len(several['dense']):,} digits: {told}."))
assert all(count < several[name].shape[-1] / 2 for name, count in silent.items())

# %% [markdown]
# If you see some in `dense`: for these digits the network would answer the same without them. It was given 1,024 neurons before anybody knew how many it would use.
#
# ## Move the digit
#
# Lesson 1's nearest mean lost much of its accuracy when the digits were moved by two pixels. What does a network of convolutions do? The kernel is the same at every place, so
# its map must move *with* the digit.

# %%
one = images[0].reshape(28, 28)
right = np.roll(one, 2, axis=1)
still, moved_map = inspection.feature_maps(model, np.stack([one, right]).reshape(2, 784), ["conv1"])["conv1"]
np.testing.assert_allclose(np.roll(still, 2, axis=1)[:, 4:-4], moved_map[:, 4:-4], atol=1e-5)
print("Digit moved by two pixels, maps moved by two pixels: the same, away from the border.")

# %% [markdown]
# This is called *equivariance*. A convolution has it by construction, away from the border; after a pooling it holds only for moves by whole squares. But an answer should not move with the digit, it
# should *stay*. How much does each layer's output change when the digit moves by one pixel, and by two? We measure the distance between the outputs before and after, as a share of the
# output's own length (square all its numbers, add up, take the root), over up to 500 digits.
#
# **Predict:** does the change grow or shrink from layer to layer?

# %% tags=["data", "tol-4.0"]
many = images[:500]


def change(layer, by):
    shifted = np.roll(many.reshape(-1, 28, 28), by, axis=2).reshape(-1, 784)
    a, b = (inspection.feature_maps(model, each, [layer])[layer].reshape(len(many), -1) for each in (many, shifted))
    return np.mean(np.linalg.norm(b - a, axis=1) / np.linalg.norm(a, axis=1))


changes = {f"moved by {by}": {layer: change(layer, by) for layer in ["image", *names]} for by in (1, 2)}
for each in changes.values():
    assert each["image"] > each["conv1"] > each["pool1"] > each["pool2"] > each["output"]
xlabel = "change of the output (% of its own length)"
show(figures.change_by_layer(changes, title="How much each layer's output changes when the digit moves", xlabel=xlabel))

# %% [markdown]
# On the whole it shrinks. A convolution with a wide kernel blurs a little, pooling forgives what happens within its squares, and the softmax, once it is nearly certain, hardly shows a change at
# all. Nothing forgives everything: there are only two poolings, and after them each place has weights of its own again.
#
# So what is left for the answers? The same test as in lesson 1, with all the test digits moved by two pixels.

# %% tags=["data", "tol-3.0"]
shifted = np.roll(images.reshape(-1, 28, 28), 2, axis=2).reshape(-1, 784)
centered = evaluation.accuracy(labels, inspection.logits(model, images).argmax(axis=1))
off = evaluation.accuracy(labels, inspection.logits(model, shifted).argmax(axis=1))
means = np.stack([digits.train.images[digits.train.labels == digit].mean(axis=0) for digit in range(10)])
nearest = ((means**2).sum(axis=1) - 2 * shifted @ means.T).argmin(axis=1)
nearest = evaluation.accuracy(labels, nearest)
if digits.is_mnist:  # the sample has few test digits, and its training digits are shifted ones
    assert nearest.high < off.low < off.high < centered.low
Markdown(f"Centered: {centered}. Moved by two pixels: **{off}**. The nearest mean, moved by two pixels: {nearest}.")

# %% [markdown]
# On MNIST that is far better than the nearest mean, and clearly worse than on centered digits. How much of that is due to convolution and pooling this cannot say. In any case they do not make the network blind to where a digit
# lies, and MNIST has only ever shown it centered ones.
#
# ## Look around yourself
#
# Draw a digit, and all the maps of all four layers answer while your pen moves: the whole network runs in your browser. Click a map to see it large, with its kernel. Point at a position of it: the frame on the digit is all that this unit
# sees. Then tick *untrained beside*: which of this was there before training? (Where no script runs, such as on GitHub, you see one picture instead.)

# %% tags=["data"]
explorer = NetworkExplorer(model, images[:12], untrained=untrained)
explorer

# %% tags=["data", "tol-0.5"]
conv2 = inspection.feature_maps(model, images[:1], ["conv2"])["conv2"][0]
title = "The 64 maps of the second convolution"
show(figures.map_sheet(np.moveaxis(conv2, -1, 0), image=images[0].reshape(28, 28), title=title))

# %% [markdown]
# ## What you saw

# %% jupyter={"source_hidden": true} tags=["data", "tol-4.0"]
Markdown(
    "- A kernel is weights, a feature map is its answer to one digit; by hand and by Keras it is the same map.\n"
    "- Training made some kernels large and left others nearly as they were.\n"
    "- Kernels prefer some strokes to others.\n"
    f"- Moving a digit by one pixel changes the picture by {100 * changes['moved by 1']['image']:.1f} % and the last maps by "
    f"{100 * changes['moved by 1']['pool2']:.1f} %: the maps move with the digit, and convolution and pooling each forgive a part."
)

# %% [markdown]
# ## Exercises
#
# Put your answer in place of `...` and run the cell. `exercises.equivariance.hint()` gives one hint at a time, `exercises.equivariance.solution()` shows a worked solution.
#
# **1 · In step.** You moved a digit by two pixels, and the maps of `conv1` moved by two places. Maps of later layers do not follow every move. By how many pixels, at least, must a digit move
# so that *all* maps up to `pool2` move along exactly, away from the border? This number says how coarse the last maps are.

# %%
from lenet_tutorial.exercises import filters as exercises

pixels = ...
exercises.equivariance.check(pixels)


# %% [markdown]
# **2 · Deaf to one map.** What does the network need kernel `k` of `conv1` for? Switch it off, and see. There are two ways: set the kernel and its bias to 0, or let `conv2` no longer hear its
# map. Write the second: a function that takes the kernels of `conv2`, as Keras keeps them (rows, columns, maps that come in, maps that go out), and gives kernels of the same shape that are deaf
# to map `k` and hear all others as before.

# %%
def ablation(kernels, k):
    ...


exercises.ablation.check(ablation)


# %% [markdown]
# **3 · A map of the second convolution.** By hand, the lesson made a map of `conv1` only. Write a function for one of `conv2`: from `maps` of any shape (rows, columns, channels), one `kernel`
# (4, 4, channels) and its `bias` it makes the map (rows, columns), with ReLU, and with zeros around so that no place is lost, as Keras puts them.

# %%
def map_of_conv2(maps, kernel, bias):
    ...


exercises.conv2.check(map_of_conv2)

# %%
exercises.tally()

# %% [markdown]
# **Further**, without a check:
#
# - Turn the stroke further (`stroke(np.pi / 8)`). Which kernel prefers it? Does the preference pass smoothly from one kernel to the next?
# - Make `conv2` deaf to the kernel that changed most (`get_weights`, `set_weights`) and measure the accuracy. Then to one that hardly changed. (Run `model = trained_lenet(digits=digits).model` afterwards.)
# - Move the digits up and down instead of sideways. Is the change the same?
#
# ## Roads not taken
#
# - *Looking at the second layer's kernels.* Each has 4·4·32 weights, and no sheet of colors makes sense of them. Lesson 6 asks in another way.
# - *One color scale for all layers* in the first picture: then the later layers would outshine the first. The caption says that each has its own.
# - *Naming the kernels* ("the edge detector", "the loop detector"). After another training they are other kernels. What is said of a kernel here is computed.
#
# Shut this notebook down (*Kernel → Shut Down Kernel*; Jupyter's kernel, the running Python, is no kernel of ours) before you open [lesson 6](06_what_each_layer_looks_for.ipynb).
