# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown]
# # 1 · Digits
#
# *What does a network that reads digits get to see, and how good is good?*
#
# - **You will** open MNIST, look at single pixels, prepare the digits for a network by hand, and build a reader of digits that is
#   no network at all. Its accuracy is what the network has to beat.
# - **You need** a little Python and NumPy. No TensorFlow yet.
# - **It takes** about 20 minutes to read and a few seconds to run.
#
# To run a cell, click into it and press Shift+Enter; the menu *Run → Run All Cells* runs them all.
# Every number beneath a cell is computed, so change things and watch it follow. (Where code only writes a sentence, it may be folded away:
# click the bar or the three dots to see it.)
#
# These lessons rebuild one network, from a section of a 2018 textbook that we call *the textbook*; lesson 3 says which. *The module* is `lenet_tutorial`,
# the Python package beside these lessons: it holds what more than one lesson needs. The [glossary](glossary.md) explains every technical word in a line.

# %% [markdown]
# **You are ready if** you can answer these three. Click a question to see its answer.
#
# <details><summary>What is <code>np.arange(6).reshape(2, 3)[1, 2]</code>?</summary>5, the last number of the second row: NumPy counts from 0.</details>
#
# <details><summary><code>a</code> has the shape (100, 28, 28). What shape has <code>a.mean(axis=0)</code>?</summary>(28, 28): the first axis is gone, and each number is the mean of 100.</details>
#
# <details><summary>What does <code>np.mean(np.array([3, 1, 4]) == np.array([3, 1, 5]))</code> give?</summary>0.667: the comparison is True, True, False, and True counts as 1.</details>

# %%
import numpy as np
from IPython.display import Markdown

from lenet_tutorial import data, evaluation, figures
from lenet_tutorial.figures import show

# %% [markdown]
# ## Where the digits come from
#
# MNIST is 70,000 handwritten digits, put together by Yann LeCun, Corinna Cortes and Christopher Burges out of two older collections
# of the US National Institute of Standards and Technology. One came from employees of the Census Bureau, the other from
# high-school students, and the second is clearly harder to read. So both were mixed, half and half, in the training
# and in the test part alike, and no writer appears in both parts
# ([LeCun et al. 1998](https://doi.org/10.1109/5.726791), section III.A).
#
# The black-and-white scans were shrunk to fit a box of 20×20 pixels, which made their edges gray, and placed in a field of 28×28 so that
# the center of mass of the ink sits in the middle. Hold on to that last step: it will matter at the end of this lesson.
#
# The next cell finds MNIST on this machine or fetches it, and checks every byte against published checksums. Without an internet connection and
# without a file, a small sample of other digits stands in, so that everything still runs; the line below says which one you have.

# %% tags=["data"]
raw = data.load_raw()
Markdown(f"**{raw.note}**")

# %% [markdown]
# Four arrays: pictures and labels, for training and for testing. The *shape* of an array is its size along each axis, its *dtype* the kind of
# number it holds. `uint8` is a whole number from 0 to 255, one byte.

# %% tags=["data"]
for name in ("train_images", "train_labels", "test_images", "test_labels"):
    array = getattr(raw, name)
    print(f"{name:12}  shape {array.shape!s:15}  dtype {array.dtype}  {array.nbytes / 1e6:5.2f} MB")

# %% [markdown]
# ## What one pixel is
#
# Read the first shape from left to right: so many pictures, each with 28 rows of 28 pixels. Here is the first picture, and
# a part of it with the number that each pixel holds.

# %% tags=["data"]
image, label = raw.train_images[0], raw.train_labels[0]
show(figures.pixel_values(image, 5, 9))

# %% [markdown]
# A pixel says how much ink there is, nothing else: no line, no loop, no "stroke from left to right". Whatever the network
# comes to know about strokes, it has to find in numbers such as these.
#
# **Predict:** in all the training pictures together, what share of the pixels holds no ink at all?

# %% tags=["data"]
empty = np.mean(raw.train_images == 0)
Markdown(
    f"The picture above is labeled **{label}**, and {np.mean(image == 0):.0%} of its pixels are 0. "
    f"Over all training pictures it is **{empty:.1%}**: a digit is mostly paper."
)

# %% [markdown]
# ## Many hands
#
# One picture is no data set. Here are the first forty, each with its label above it.

# %% tags=["data"]
forty = {"title": "The first forty training digits", "caption": "Dark is ink. Above each digit, its label."}
show(figures.digit_sheet(raw.train_images[:40], raw.train_labels[:40], **forty))

# %% [markdown]
# Compare digits with the same label: some lean, some stand; some are drawn with a thick pen, some with a thin one; a loop may be closed or open.
# *The same digit* is not the same picture, and that is the whole difficulty.
#
# ## Three preparations, by hand
#
# The network wants each picture as a row of small numbers, and each label as a row too. Three small steps do it.
#
# **Scaling.** Divide by 255, so that ink runs from 0 to 1. The network will multiply these numbers by others, its *weights*, and change the weights bit by bit
# as it learns. The larger the inputs, the larger these changes; small inputs keep them gentle. (Lesson 4 does it by hand.)
# `float32` is a number with a fractional part, in four bytes, so the prepared pictures take four times the memory.

# %% tags=["data"]
scaled = image.astype(np.float32) / 255
print("before:", image.dtype, "from", image.min(), "to", image.max())
print("after: ", scaled.dtype, "from", scaled.min(), "to", round(float(scaled.max()), 3))

# %% [markdown]
# **Flattening.** The textbook's network takes a flat row of 784 numbers per picture, so the 28 rows are laid end to end.
#
# **Predict:** at which position of the flat row will the pixel in row 9, column 12 end up? (Both count from 0.)

# %%
flat = scaled.reshape(784)
position = np.arange(784).reshape(28, 28)[9, 12]
assert flat[position] == scaled[9, 12]
print("scaled", scaled.shape, "→ flat", flat.shape, "— row 9, column 12 is at position", position)

# %% tags=["data"]
show(figures.flattening(image, (9, 10)))

# %% [markdown]
# 9·28 + 12: nine full rows and twelve pixels come before it. Nothing is lost, but neighbors are torn apart: the pixel just below is now 28 positions away. The first thing that the network
# does in lesson 3 is to undo this.
#
# **One-hot.** The network will answer with ten numbers, one for each class. So that label and answer can be compared, the label becomes ten numbers
# too: a 1 in the place of the right class and 0 elsewhere. A plain 5 would claim that a 5 is closer to a 6 than to a 0, which
# makes no sense for shapes.

# %% tags=["data"]
onehot = np.zeros(10, dtype=np.float32)
onehot[label] = 1
print(label, "→", onehot)

# %% [markdown]
# ## Three splits, and why
#
# A network can learn its training pictures by heart. Whether it can *read* shows only on pictures that it has never seen, so some are held
# back. The **validation** part is for our own choices, such as how long to train. The **test** part is for the
# one number at the end. Whoever chooses by the test part has spent it: its accuracy becomes part of the choice, and
# looks better than it is.
#
# The textbook trains on 55,000 pictures, since its loader held out the *first* 5,000 of the 60,000; so do we. The module
# does all that you have just done by hand, for every picture at once.

# %% tags=["data"]
digits = data.split_and_scale(raw)
for name in ("train", "validation", "test"):
    split = getattr(digits, name)
    print(f"{name:10}  images {split.images.shape!s:12} {split.images.dtype}  onehot {split.onehot.shape}")

# %% [markdown]
# By hand and by the module must agree. The picture that you prepared is the first of the original training pictures, so you find it
# first in the validation part.

# %%
np.testing.assert_array_equal(digits.validation.images[0], flat)
np.testing.assert_array_equal(digits.validation.onehot[0], onehot)
print("By hand and by the module: the same numbers.")

# %% [markdown]
# **Predict:** if somebody always answered with the same digit, how often would she be right? That depends on how many there are of each.

# %% tags=["data"]
splits = {name: getattr(digits, name).labels for name in ("train", "validation", "test")}
counts = {name: np.bincount(labels, minlength=10) for name, labels in splits.items()}
show(figures.class_balance(counts, title="The share of each digit in each split"))

# %% jupyter={"source_hidden": true} tags=["data"]
best = int(counts["train"].argmax())
Markdown(
    f"Nearly balanced. Always answering *{best}*, the most frequent training digit, is right for "
    f"**{np.mean(digits.test.labels == best):.1%}** of the test pictures. That is the floor; knowing nothing gets you that far."
)

# %% [markdown]
# ## A reader without a network
#
# What is the simplest thing that might work? Take the *mean* of all training pictures of a class, pixel by pixel. That gives
# ten blurred pictures, one for each digit.

# %% tags=["data"]
train, test = digits.train, digits.test
means = np.stack([train.images[train.labels == k].mean(axis=0, dtype=np.float64) for k in range(10)])
sharpest = int(means.max(axis=1).argmax())
seen = f"The darkest pixel of all lies in the mean {sharpest}: there the writers agree most that there is ink: {means.max():.0%} of it."
show(figures.digit_sheet(means, range(10), title="The mean digit of each class", caption=seen))

# %% [markdown]
# Where a mean is dark, the writers agree; where it is gray, they differ. To read a new digit, compare it with all ten and
# answer with the nearest one. *Near* means: the sum of the squared differences over the 784 pixels is small.

# %% tags=["data"]
distances = ((means - test.images[0]) ** 2).sum(axis=1)
for k, distance in enumerate(distances):
    print(k, f"{distance:6.2f}", "← nearest" if k == distances.argmin() else "")
print("The label says", test.labels[0])


# %% [markdown]
# For all the test digits at once, multiply out: $\lVert m - x \rVert^2 = \lVert m \rVert^2 - 2\,m \cdot x + \lVert x \rVert^2$. The last
# term is the same for all ten means, so it cannot change which one is nearest, and we drop it.
#
# **Predict** before you run it: of a hundred digits, how many will this read correctly?

# %% tags=["data"]
def nearest_mean(images):
    distances = (means**2).sum(axis=1) - 2 * images @ means.T
    return distances.argmin(axis=1)


baseline = evaluation.accuracy(test.labels, nearest_mean(test.images))
Markdown(f"It reads **{baseline}** of the {baseline.n:,} test digits correctly.")

# %% [markdown]
# The brackets hold a 95 % interval (Wilson's). The test digits are only a sample: the accuracy on endlessly many digits like these may well
# lie anywhere between the two numbers. If the intervals of two readers lie apart, one of them is better. If they overlap, the intervals alone do not tell; lesson 8 shows
# how to compare two readers digit by digit.
#
# Is it right? We multiplied out and dropped a term, so let a library that does neither check us: SciPy's `cdist` computes every distance
# in full. The two must agree on every single digit.

# %%
from scipy.spatial.distance import cdist

np.testing.assert_array_equal(nearest_mean(test.images), cdist(test.images, means).argmin(axis=1))
print("Our few lines and SciPy give the same answer to every test digit.")

# %% [markdown]
# ## What it gets wrong
#
# A surprising share is read correctly, from ten pictures and one line of arithmetic. Look at the first digits that are not.

# %% tags=["data"]
predicted = nearest_mean(test.images)
wrong = np.flatnonzero(predicted != test.labels)[:20]
titles = [f"{test.labels[i]} → {predicted[i]}" for i in wrong]
told = "Above each: what it is → what the nearest mean says."
show(figures.digit_sheet(test.images[wrong], titles, title="Misread by the nearest mean", caption=told))

# %% [markdown]
# You read nearly all of them without effort. The nearest mean cannot, since it compares pixel with pixel: a stroke that lies
# a little to the side counts as wrong twice, once where ink is missing and once where it is too much.
#
# So here is the test that shows its weakness. Move every test digit two pixels to the right. To you they are the same digits. (`np.roll` brings what leaves on
# the right back in on the left; in nearly all digits these columns are empty.)
#
# **Predict:** what happens to the accuracy?

# %% tags=["data"]
moved = np.roll(test.images.reshape(-1, 28, 28), 2, axis=2).reshape(-1, 784)
after = evaluation.accuracy(test.labels, nearest_mean(moved))
Markdown(
    f"Accuracy falls from {baseline.value:.2%} to **{after.value:.2%}**. That the digits came centered did much of the work. "
    "A good reader would know a stroke wherever it lies. That is what a *convolution* is for."
)

# %% [markdown]
# ## What you saw

# %% jupyter={"source_hidden": true} tags=["data"]
Markdown(
    f"- A digit is 784 numbers, {empty:.0%} of them 0.\n"
    f"- Always the same answer: {np.mean(test.labels == best):.1%}. Nearest mean: **{baseline.value:.1%}**, "
    f"and {after.value:.1%} once the digits are moved by two pixels.\n"
    f"- So a network that is worth its trouble must read clearly more than {baseline.high:.1%}, the upper end of its interval."
)

# %% [markdown]
# ## Exercises
#
# Put your answer in place of `...` and run the cell. It says whether you are right, or what is off. Stuck? `exercises.neighbor.hint()`, in a cell of your own,
# gives a hint, and the next one when you run it again; `exercises.neighbor.solution()` shows a worked solution.
#
# **1 · A neighbor, far away.** In the flat row, the pixel straight below lies 28 positions further on. How many positions further on lies the pixel *one row down and three
# columns to the left*? A stroke that leans runs through such neighbors.

# %%
from lenet_tutorial.exercises import digits as exercises

answer = ...
exercises.neighbor.check(answer)

# %% [markdown]
# **2 · The luckiest of twenty.** Twenty readers know nothing: each guesses at the same 100 test digits and is right one time in ten. You keep the one that did best. What accuracy
# did it show on these digits, on the average? Guess first, then let NumPy play it many times. An answer within 0.005 is right. This is why nothing is chosen by the test digits.

# %%
answer = ...
exercises.best_of_twenty.check(answer)


# %% [markdown]
# **3 · Down, without coming back.** `np.roll` brings in at the top what leaves at the bottom. Write a function that moves a picture, of any size, `n` pixels down: what leaves is gone, and
# what comes in is paper, 0. `n` may be anything from 0 to the number of rows.

# %%
def moved_down(image, n):
    ...


exercises.moved_down.check(moved_down)

# %%
exercises.tally()

# %% [markdown]
# **Further**, without a check:
#
# - Move the digits by one pixel, and by three. Is the fall even? Move them down, with your function: why might that hurt less, or more?
# - Which two classes have the nearest means? Compute all 45 distances between means, and look for that pair among the misread digits.
#
# ## Roads not taken
#
# - *The nearest training pictures* instead of the nearest mean make fewer mistakes: [LeCun et al. 1998](https://doi.org/10.1109/5.726791),
#   section III.C, report 5.0 % of the test digits, and 2.4 % once slanted digits were set upright. But every answer then
#   needs a search through all the training pictures, and nothing is learned of what a stroke is.
# - *Shuffling before the split.* The textbook's loader took the first 5,000 as they lie, and so do we, so that our numbers can be laid beside its own.
# - *Subtracting the mean, dividing by the standard deviation.* Common, and good for learning; the textbook only divides by 255.
#
# Before you go on, shut this notebook down (*Kernel → Shut Down Kernel*; what Jupyter calls a kernel is the Python that runs your cells), so that the memory is
# free for the next one:
# [lesson 3](03_build.ipynb) builds the network.
