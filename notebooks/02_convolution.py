# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown]
# # 2 · Convolution
#
# *What would a classifier need, so that a shift matters less?*
#
# - **You will** compute a convolution by hand, drag a kernel over a digit and watch its map appear, meet padding, stride, ReLU and pooling, and repeat the
#   shift test of lesson 1 with maps instead of pixels. At the end, the computer recovers a kernel from its maps.
# - **You need** [lesson 1](01_digits.ipynb): images as arrays, the nearest-centroid classifier, and the shift that broke it. A word that you have forgotten is in the [glossary](glossary.md).
# - **It takes** about 40 minutes to read and half a minute to run. Still no TensorFlow: NumPy is enough.

# %% [markdown]
# **You are ready if** you can answer these three. Click a question to see its answer.
#
# <details><summary>What does the nearest-centroid classifier compare?</summary>Pixels at the same position: each pixel of the image with the same pixel of the ten centroids.</details>
#
# <details><summary>Why does a shift by two pixels cost it so much?</summary>A stroke that lies next to its usual place counts as wrong twice: ink where the centroid has none, and no ink where it has some.</details>
#
# <details><summary><code>a = np.arange(16).reshape(4, 4)</code>. What is <code>a[1:3, 2:4]</code>?</summary><code>[[6, 7], [10, 11]]</code>: rows 1 and 2, columns 2 and 3. A small window of a larger array: that's what a kernel works on.</details>

# %%
import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from scipy.spatial.distance import cdist

from lenet_tutorial import data, digit_input, evaluation, figures
from lenet_tutorial.figures import folded, show
from lenet_tutorial.widgets.stage import PRESETS, ConvolutionStage

# %% [markdown]
# ## Four numbers by hand
#
# A **kernel** is a small grid of numbers, called **weights**. To apply it, lay it on a part of the image, multiply each weight by the pixel under it, and add up the products. Then move it one pixel to the right and do the same
# again; after the last column, go one row down. This is a **convolution**, and the sums form a new image, the **feature map**, or *map* for short.
#
# Here is the smallest example: an image of 3×3 pixels and a kernel of 2×2 weights.

# %%
small = np.array([[1, 1, 1], [0, 0, 0], [0, 0, 1]])
weights = np.array([[1, 1], [-1, -1]])
words = "The kernel fits into the image at four positions."
show(figures.tiles([{"image": small, "kernel": weights}], title="An image and a kernel", caption=words, ink=["image"], height=2.2))

# %% [markdown]
# At the top left, the kernel lies on the pixels 1, 1, 0, 0. The sum is 1·1 + 1·1 - 1·0 - 1·0 = 2.
#
# **Predict:** what are the other three sums?

# %%
sums = [[int((weights * small[row : row + 2, column : column + 2]).sum()) for column in (0, 1)] for row in (0, 1)]
folded(f"The map is `{sums[0]}` in its first row and `{sums[1]}` in its second. The kernel gives 2 where a line lies above an empty row, and -1 where there is ink only below.")


# %% [markdown]
# So this kernel looks for something: the lower edge of a horizontal line. Where it finds one, the sum is large. On empty paper and on solid ink it is 0. Where the ink is below instead of above, it is negative.
#
# The same as a function, for an image of any size. `sliding_window_view` lists all the windows, and `tensordot` multiplies each by the kernel and adds up.

# %%
def convolve(image, kernel):
    windows = sliding_window_view(image, kernel.shape)
    return np.tensordot(windows, kernel, axes=2)


np.testing.assert_array_equal(convolve(small, weights), sums)

# %% [markdown]
# ## Drag a kernel over a digit
#
# Now a real digit, of 28×28 pixels, and a kernel of 4×4 weights: two rows of 1 above two rows of -1. **Drag the orange window over the digit.** You see the pixels under the window, the kernel, the products, and their sum. The sum becomes one
# pixel of the map on the right.
#
# Try these, one after the other:
#
# 1. Move the window onto the lower edge of the horizontal bar, then onto its upper edge. What happens to the sign of the sum?
# 2. Press *Sweep* and watch the map grow. Then choose *vertical edge*. Which parts of the 7 light up now?
# 3. Choose *blur*. All its weights are equal. What does averaging do to the digit?
# 4. Change some weights yourself, or press *Draw your own* and use your own digit.

# %%
seven = digit_input.prepare(digit_input.handwritten(7))
stage = ConvolutionStage(seven, PRESETS["horizontal edge"])
stage

# %% [markdown]
# The stage computes the same as our function. (It begins with *padding*, a border of zeros around the image; you'll meet it below.) Here are four kernels and their maps, side by side.

# %%
kernels = {name: np.array(PRESETS[name]) for name in ("horizontal edge", "vertical edge", "rising diagonal", "blur")}
maps = {f"map of {name}": convolve(seven, kernel) for name, kernel in kernels.items()}
words = "Every map has a scale of its own, so that you can see all of it."
show(figures.tiles([kernels, maps], title="Each kernel finds something different", caption=words, scale="own"))

# %% [markdown]
# Look at the first map. It's red along the *lower* edge of the bar, and blue along the upper one. The second kernel does the same with the long stroke. Each map tells you *where* its pattern is, and that is more than a pixel can say.
#
# ## Padding and stride
#
# The 4×4 kernel fits into 28 pixels at only 25 positions, so the map is smaller than the image. Often you don't want that. **Padding** surrounds the image with zeros, so that the map gets the size of the image. A kernel of 4×4 needs three more rows for that: one above the image and two below it, and the same for the columns. Keras calls
# this `"same"`, and no padding `"valid"`. The **stride** is how far the window moves from one position to the next; with a stride of 2 it skips every second position.
#
# **Predict:** how large is the map with padding and a stride of 2? You can also find out on the stage, with its menus.

# %%
padded = np.pad(seven, ((1, 2), (1, 2)))
sizes = {"valid": convolve(seven, kernels["blur"]), "same": convolve(padded, kernels["blur"])}
sizes["same, stride 2"] = sizes["same"][::2, ::2]
folded(" ".join(f"*{name}*: {each.shape[0]}×{each.shape[1]}." for name, each in sizes.items()))

# %% [markdown]
# ## ReLU, or why two convolutions aren't one
#
# A negative value in the map means "the opposite of what I look for". A network usually throws it away: **ReLU** (rectified linear unit) replaces every negative number by 0 and keeps the others. Before ReLU, the network adds one more number to all the sums of a kernel, its **bias**: a negative
# bias says "only if the pattern is strong".

# %%
edge = convolve(seven, kernels["horizontal edge"])
relu = {"the map": edge, "after ReLU": np.maximum(edge, 0), "bias -2, then ReLU": np.maximum(edge - 2, 0)}
show(figures.tiles([relu], title="ReLU keeps what was found", caption="Left, the map as it is."))

# %% [markdown]
# That looks like a loss. Why do it? Because without it, a second convolution would be useless. Take the smallest example, a "network" of two steps on one number: first times 2, then times 3. That's the same as times 6, a single step. Convolutions are sums of products, too,
# so two in a row are equal to one with a larger kernel. SciPy's `convolve2d` computes that larger kernel:

# %%
from scipy.signal import convolve2d

first, second = kernels["horizontal edge"], kernels["vertical edge"]
one_kernel = convolve2d(first, second)
two_steps = convolve(convolve(seven, first), second)
print("one kernel of", one_kernel.shape, "gives the same:", np.allclose(two_steps, convolve(seven, one_kernel), atol=1e-4))

# %% [markdown]
# With ReLU between the two, no single kernel can do the same. If you turn the sign of every pixel, a sum of products turns its sign, too. With ReLU in between, does the result still do that?

# %%
with_relu = convolve(np.maximum(convolve(seven, first), 0), second)
of_negative = convolve(np.maximum(convolve(-seven, first), 0), second)
print("sign turns without ReLU:", np.allclose(convolve(convolve(-seven, first), second), -two_steps, atol=1e-4))
print("sign turns with ReLU:   ", np.allclose(of_negative, -with_relu, atol=1e-4))

# %% [markdown]
# That's why networks put ReLU (or another **nonlinearity**) after each layer. Only then do more layers help.
#
# ## Pooling
#
# The map says where an edge is, to the pixel. For reading a digit, that's more than you need. **Max pooling** divides the map into squares and keeps the largest number of each: there *is* an edge about here. By hand, on a map of 4×4, with squares of 2×2:

# %%
tiny = np.array([[0, 3, 0, 0], [0, 0, 1, 0], [2, 0, 0, 0], [0, 0, 0, 4]])


def pool(maps, size):
    rows, columns = maps.shape[0] // size, maps.shape[1] // size
    return maps[: rows * size, : columns * size].reshape(rows, size, columns, size).max(axis=(1, 3))


print(pool(tiny, 2))

# %% [markdown]
# The 3 could move by one pixel within its square, and the pooled map would stay the same. On the digit, with squares of 4×4, a map of 28×28 becomes one of 7×7:

# %%
same = {name: np.maximum(convolve(padded, kernel), 0) for name, kernel in kernels.items()}
steps = {"after ReLU, 28×28": same["horizontal edge"], "pooled, 7×7": pool(same["horizontal edge"], 4)}
show(figures.tiles([steps], title="Pooling keeps the largest of each square", caption="The same kernel as before.", height=2.6))

# %% [markdown]
# ## Shift the digit
#
# Now the question of this lesson. Move the digit two pixels to the right.
#
# **Predict:** what happens to its map, and to its pooled map?

# %% jupyter={"outputs_hidden": true} tags=["folded"]
moved = evaluation.moved(seven[None], right=2)[0]


def map_and_pooled(image, name):
    found = np.maximum(convolve(np.pad(image, ((1, 2), (1, 2))), kernels[name]), 0)
    return {"image": image, f"map after ReLU, {name}": found, f"pooled map, {name}": pool(found, 4)}


rows = [map_and_pooled(image, "vertical edge") for image in (seven, moved)]
words = "Above, the digit. Below, the digit two pixels further right."
show(figures.tiles(rows, title="The map moves with the digit", caption=words, ink=["image"], scale="all"))

# %% [markdown]
# The map has moved by two pixels, exactly like the digit. This is called **equivariance**, and it's no accident: the kernel has the same weights at every position, so it finds the same edge wherever it is. The pooled map has changed less, because part of
# the edge stayed in its squares. As a number, the change is the distance between the two, divided by the length of the first. (Distance and length as in lesson 1: square all the numbers, add them up, take the root.)

# %%
for name in ("vertical edge", "horizontal edge"):
    for (what, first), second in zip(map_and_pooled(seven, name).items(), map_and_pooled(moved, name).values(), strict=True):
        print(f"{what:28} changed by {np.linalg.norm(second - first) / np.linalg.norm(first):.0%}")

# %% [markdown]
# A horizontal edge that moves to the right lies on itself for most of its length, so its maps change less.
#
# ## The test
#
# One digit proves nothing. So let's repeat the shift test of lesson 1, with the *same* classifier, and give it pooled maps instead of pixels. We take eight hand-made kernels: for two edges, for two diagonal lines, and the opposite of each.

# %%
directions = ("horizontal edge", "vertical edge", "falling diagonal", "rising diagonal")
eight = np.stack([sign * np.array(PRESETS[name]) for name in directions for sign in (1, -1)]).astype(np.float32)


def pooled_maps(images):
    images = np.pad(images.reshape(-1, 28, 28), ((0, 0), (1, 2), (1, 2)))
    windows = sliding_window_view(images, (4, 4), axis=(1, 2))
    maps = np.maximum(np.tensordot(windows, eight, axes=((3, 4), (1, 2))), 0)
    return maps.reshape(-1, 7, 4, 7, 4, 8).max(axis=(2, 4)).reshape(len(images), -1)


# %% [markdown]
# That's convolution, ReLU and pooling for many images at once: 8 maps of 7×7, so 392 numbers for each digit instead of 784. Everything else is as before: ten centroids, and the nearest one wins. To keep it quick, the centroids are made from
# 10,000 training digits.
#
# A good test needs a **control**. Perhaps the pooling alone does it, without any kernels? So we also pool the pixels themselves.

# %% tags=["data"]
digits = data.load_digits()
chosen = np.random.default_rng(0).permutation(len(digits.train.images))[:10_000]
images, labels = digits.train.images[chosen], digits.train.labels[chosen]
print(f"{len(images):,} training digits, {len(digits.test.images):,} test digits")


# %%
def pooled_pixels(images):
    return images.reshape(-1, 7, 4, 7, 4).max(axis=(2, 4)).reshape(len(images), -1)


def in_parts(features, images):
    return np.concatenate([features(part) for part in np.array_split(images, -(-len(images) // 1000))])


def accuracies(features):
    found = in_parts(features, images)
    centroids = np.stack([found[labels == k].mean(axis=0) for k in range(10)])
    test = [in_parts(features, evaluation.moved(digits.test.images, right=shift)) for shift in range(5)]
    return [evaluation.accuracy(digits.test.labels, cdist(each, centroids).argmin(axis=1)).value for each in test]


# %% [markdown]
# There is one more rival. A **dense** network is the simplest kind of neural network. It consists of **neurons**: each one multiplies *every* pixel by a weight of its own and adds up. It learns very well, but it looks at fixed pixels, without kernels. Training takes a while, so we trained five such networks beforehand, on all 55,000 training digits
# (`python -m lenet_tutorial.studies.shift` does it again) and read their results. The pale band in the figure is the interval over the five runs.

# %%
from lenet_tutorial.studies import shift

recorded = shift.accuracies(shift.STUDY.read(), "dense")
dense = np.transpose([(each.low, each.value, each.high) for each in recorded])

# %% [markdown]
# **Predict:** which of the four lose least when the digits move by two pixels? (Two of them are about equal.) And which is best when they don't move at all?

# %% jupyter={"outputs_hidden": true} tags=["data", "folded"]
found = {name: accuracies(each) for name, each in {"pixels": np.asarray, "pooled pixels": pooled_pixels, "pooled maps": pooled_maps}.items()}
rivals = {"dense network": dense} if digits.is_mnist else {}
show(figures.shift_curves(range(5), found | rivals, title="What a shift costs"))

# %% tags=["data"]
print("percentage points lost, two pixels to the right:")
for name, each in ({name: np.array(each)[None] for name, each in found.items()} | rivals).items():
    middle = each[len(each) // 2]
    print(f"  {name:14} {100 * (middle[0] - middle[2]):5.1f}")

# %% [markdown]
# Read the figure line by line:
#
# - The **dense network** starts far above the others. It has learned a lot, but about *pixels at fixed positions*, so its curve falls steeply. At two pixels it's just ahead of the pooled maps. From three pixels on, even the hand-made kernels are better.
# - The **pooled maps** lose much less than the pixels do, with the same simple classifier and kernels that were made by hand.
# - The **pooled pixels** lose about as much as the pooled maps. So it's the pooling that makes a shift cheap! But they start lowest of all: without kernels, pooling hides what the classifier needs.
#
# So pooling makes the shift cheap, and kernels make what is pooled worth reading. Can we have that *and* the accuracy of a network that learns? Lesson 4 answers with numbers.
#
# ## Can a kernel be found?
#
# We made our kernels by hand. Which kernels would be best for digits? That's hard to say. But a computer can *find* a kernel, if you tell it what the maps should be. Start with a random kernel. Compare its maps of ten digits with the wanted ones. Change each weight a little, in
# the direction that makes the error smaller, and repeat. This is **gradient descent**; lesson 4 explains it properly.

# %%
ten = [digit_input.prepare(digit_input.handwritten(sign)) for sign in range(10)]
windows = np.concatenate([sliding_window_view(image, (4, 4)).reshape(-1, 16) for image in ten])
wanted = windows @ kernels["horizontal edge"].ravel()
kernel = np.random.default_rng(1).normal(size=16)
history = {"start": kernel.reshape(4, 4)}
for step in range(1, 3001):
    error = windows @ kernel - wanted
    slope = 2 * windows.T @ error / len(windows)
    kernel = kernel - 0.5 * slope
    if step in (10, 100, 3000):
        history[f"step {step}"] = kernel.reshape(4, 4)

# %% [markdown]
# **Predict:** after 3,000 small steps, how close is it to the kernel that made the wanted map?

# %% jupyter={"outputs_hidden": true} tags=["folded"]
words = "From random numbers to the edge kernel. The program saw only ten digits and the wanted maps."
show(figures.tiles([history], title="A kernel that was recovered from its maps", caption=words))

# %%
difference = np.abs(kernel.reshape(4, 4) - kernels["horizontal edge"]).max()
print(f"The largest difference from the kernel that made the maps: {difference:.3f}")

# %% [markdown]
# ## What you saw
#
# - A kernel multiplies and adds up, at every position with the same weights. Its map shows where its pattern is.
# - Padding keeps the size, the stride sets the step, ReLU removes what is negative and makes a second layer worthwhile, and pooling keeps the fact that something is there and forgets exactly where.
# - When the digit moves, its map moves with it, and its pooled map changes less.
# - Pooled maps lose fewer points from a shift than pixels do, and fewer than a dense network. The pooling makes the shift cheap; the kernels keep what the classifier needs.
# - A kernel can be recovered by gradient descent from the maps that it should make.
#
# ## Exercises
#
# **1 · One value of a map.** The kernel `[[1, 2], [0, -1]]` lies on the pixels `[[1, 0], [1, 1]]`. The bias is 0.5. What is the value after ReLU?

# %%
from lenet_tutorial.exercises import convolution as exercises

answer = ...
exercises.one_value.check(answer)

# %% [markdown]
# **2 · Positions.** An image has 28×28 pixels, the kernel 5×5 weights, and the stride is 2. There is no padding. How large is the map? Answer with a shape, such as `(28, 28)`.

# %%
answer = ...
exercises.positions.check(answer)

# %% [markdown]
# **3 · Your own kernel.** Design a kernel of 4×4 weights that finds *vertical* strokes: after ReLU it should be large for a vertical stroke, and at most half as large for a horizontal stroke or for solid ink. Try it on the stage first: `stage.kernel = answer` shows it there.

# %%
answer = ...
exercises.vertical.check(answer)

# %%
exercises.tally()

# %% [markdown]
# ## For the curious
#
# - *Is this really a convolution?* Mathematicians flip the kernel first and call what we do a **cross-correlation**. In deep learning everyone says convolution. For a network that finds its own kernels, the flip makes no difference.
# - *Where does the idea come from?* From Kunihiko Fukushima's neocognitron ([Fukushima 1980](https://doi.org/10.1007/BF00344251)), which alternated layers that find features with layers that forgive shifts, and from Yann LeCun's networks, which learned their
#   kernels ([LeCun et al. 1989](https://doi.org/10.1162/neco.1989.1.4.541)).
# - *Larger squares forgive more.* In `pooled_maps`, pool over 7×7 instead of 4×4. What do you gain at four pixels, and what do you pay at none?
# - *Random kernels.* Replace `eight` by random numbers. How much of the effect remains?
#
# **The next question: How do kernels become a network?** [Lesson 3](03_build.ipynb) stacks them, layer by layer, as the textbook does.
#
# Before you go on, shut down this notebook (*Kernel → Shut Down Kernel*) to free its memory. (Jupyter calls the program that runs your cells a *kernel*, too. It has nothing to do with the kernels of a convolution.)
