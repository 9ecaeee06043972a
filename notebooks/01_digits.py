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
# *Can a computer read handwritten digits without learning what a stroke is?*
#
# - **You will** draw a digit and let a classifier guess it, look inside the MNIST data set, build that classifier yourself in a few lines of NumPy, measure it
#   fairly, and then break it by moving the digits by two pixels.
# - **You need** a little Python and NumPy. You don't need TensorFlow, and you don't need to know what a neural network is.
# - **It takes** about 30 minutes to read and a few seconds to run.
#
# To run a cell, click into it and press Shift+Enter. To run them all, choose *Run → Run All Cells*. Nothing here is fixed: change a number, run the cell
# again, and watch what follows.
#
# These eleven lessons rebuild one network from a textbook (A. Fandango, *Mastering TensorFlow 1.x*, 2018, chapter 9). The code that several lessons share is the Python package
# `lenet_tutorial` next to them. Every technical word is explained in the [glossary](glossary.md).

# %% [markdown]
# **You are ready if** you can answer these three. Click a question to see its answer.
#
# <details><summary>What is <code>np.arange(6).reshape(2, 3)[1, 2]</code>?</summary>5. It's the last number of the second row, because NumPy counts from 0.</details>
#
# <details><summary><code>a</code> has the shape (100, 28, 28). What shape has <code>a.mean(axis=0)</code>?</summary>(28, 28). The first axis is gone: each number is now the mean of 100 numbers.</details>
#
# <details><summary>What is <code>np.mean(np.array([3, 1, 4]) == np.array([3, 1, 5]))</code>?</summary>0.667. The comparison gives True, True, False, and True counts as 1.</details>

# %%
import numpy as np
from IPython.display import Markdown, display
from scipy.spatial.distance import cdist

from lenet_tutorial import data, digit_input, evaluation, figures
from lenet_tutorial.figures import folded, show
from lenet_tutorial.widgets.pad import DrawingPad

# %% [markdown]
# ## Draw a digit
#
# Let's start with the result. If you're online, the next cell downloads the digits once (11 MB) and checks every byte. Two lines load them and average all training images of each class. A third compares your drawing with the ten averages. That's a whole
# **classifier**: a program that gets an image and says which class it belongs to. Don't worry about the details; you'll rebuild it step by step below.

# %%
digits = data.load_digits()
averages = np.stack([digits.train.images[digits.train.labels == k].mean(axis=0) for k in range(10)])


def similarity(images):
    return -cdist(images, averages)


# %% [markdown]
# Now press *Clear* and draw a digit, large and in the middle of the page. (The 3 that you see was drawn by code.) The middle picture is what the classifier gets: your page, shrunk to 28×28 pixels. The bars compare it with the ten averages: a longer bar means more similar. They are close together, because to this classifier all digits look rather alike.
#
# Then clear the page and draw the same digit again, a little to the right. Does the classifier still recognize it?

# %% tags=["varies"]
off_center = [np.clip(0.62 * stroke + (0.31, 0.19), 0, 1) for stroke in digit_input.DIGITS[3]]
pad = DrawingPad(similarity, centered=False)
pad.draw(off_center, width=0.08)
display(pad)

assert similarity(pad.digit.reshape(1, 784)).argmax() != 3, "expected that the 3 drawn by code is misread"

# %% [markdown]
# You have no trouble reading that 3. The classifier takes it for something else. Is it because of how the 3 was drawn, or because of where it lies? Move it back to the middle, and compare:

# %% tags=["data"]
for name, right in {"as you see it": 0, "three pixels to the left": -3}.items():
    image = evaluation.moved(digit_input.shrink(digit_input.draw_strokes(off_center, width=0.08))[None], right=right)
    print(f"{name:24} prediction:", similarity(image.reshape(1, 784)).argmax())

# %% [markdown]
# The same 3 is read correctly when it lies in the middle. Why does the position matter so much? To find out, let's look at what a computer sees.
#
# ## An image is a grid of numbers
#
# **MNIST** is a data set of 70,000 handwritten digits, put together by Yann LeCun, Corinna Cortes and Christopher Burges. Half of the digits were written by employees of the US Census
# Bureau, half by high-school students ([LeCun et al. 1998](https://doi.org/10.1109/5.726791), section III.A).
#
# If MNIST is unavailable, a small sample of other digits stands in. The next cell tells you which of the two you have.

# %% tags=["data"]
raw = data.load_raw()
Markdown(f"**{raw.note}**")

# %% [markdown]
# The data are four arrays: images and labels, for training and for testing. A **label** is the digit that an image shows, from 0 to 9, and the ten possible labels are the ten **classes**.
# The **shape** of an array is its size along each axis. Its **dtype** is the kind of number it holds; `uint8` means a whole number from 0 to 255.

# %% tags=["data"]
for name in ("train_images", "train_labels", "test_images", "test_labels"):
    array = getattr(raw, name)
    print(f"{name:12}  shape {array.shape!s:15}  dtype {array.dtype}")

# %% [markdown]
# So an image is a grid of 28 rows and 28 columns. Each **pixel** holds one number: how much ink there is. Here is the first image, and a part of it with its numbers.

# %% tags=["data"]
image, label = raw.train_images[0], raw.train_labels[0]
show(figures.pixel_values(image, 5, 9))

# %% [markdown]
# That's all a computer gets. Nothing in these numbers says "line" or "loop". And no two people write the same digit in the same way, as the first forty images show.

# %% tags=["data"]
forty = {"title": "The first forty training digits", "caption": "The label of each digit is written above it."}
show(figures.digit_sheet(raw.train_images[:40], raw.train_labels[:40], **forty))

# %% [markdown]
# ## Three preparations
#
# Before we can compute with images, we change their form a little. It takes one line each, and every network in these lessons gets its digits like this.
#
# **1. Scale.** Divide by 255, so that ink runs from 0 to 1. Small numbers are easier to learn from, as you'll see in lesson 4.
#
# **2. Flatten.** Lay the 28 rows end to end, so that the grid becomes one row of 784 numbers.

# %% tags=["data"]
scaled = image.astype(np.float32) / 255
flat = scaled.reshape(784)
print(f"from {image.min()}-{image.max()} to {scaled.min():.1f}-{scaled.max():.1f}, from {scaled.shape} to {flat.shape}")

# %% [markdown]
# **Predict:** where in the flat row is the pixel in row 9, column 12? (Both count from 0.) Work it out before you open the answer.

# %%
position = np.arange(784).reshape(28, 28)[9, 12]
assert flat[position] == scaled[9, 12]
folded(
    f"At position **{position}** = 9 · 28 + 12. Nine full rows come before it, and then twelve pixels of its own row."
)

# %% [markdown]
# Look at what flattening does to neighbors. Two pixels, one above the other, end up 28 positions apart:

# %% tags=["data"]
show(figures.flattening(image, (9, 10)))

# %% [markdown]
# **3. One-hot.** From lesson 3 on, a network will predict ten numbers, one for each class. To compare a label with them, we turn it into ten numbers, too: a 1 at the position of its class, and 0 everywhere else.

# %% tags=["data"]
onehot = np.zeros(10)
onehot[label] = 1
print(label, "→", onehot)

# %% [markdown]
# ## Three sets of digits
#
# A program can learn its training images by heart. To find out whether it can really *read*, we must test it on images that it has never seen. So the digits are divided into three sets, and each one has one job:
#
# | set | its job |
# |---|---|
# | **training set** | to make the classifier: here the ten averages, later the weights of a network |
# | **validation set** | to decide what *you* choose, such as which of two classifiers you keep |
# | **test set** | to measure, when everything has been chosen |
#
# Once you use the test set to make a choice, it no longer gives a fair score. (Exercise 2 shows how large the effect is.) The textbook holds out the first 5,000 training images for validation, and so do we.

# %% tags=["data"]
for name in ("train", "validation", "test"):
    part = getattr(digits, name)
    print(f"{name:10}  images {part.images.shape!s:12} {part.images.dtype}  labels {part.labels.shape}")

# %% [markdown]
# How hard is the task? If you always guess the same digit, you're right about one time in ten, because all ten digits are about equally frequent. Every classifier has to beat that.
#
# ## A classifier by hand
#
# Start with a toy that you can do in your head. Images of only three pixels, and two classes:
#
# | | pixels |
# |---|---|
# | average of class A | 1, 0, 0 |
# | average of class B | 0, 1, 1 |
# | a new image | 1, 1, 0 |
#
# The **squared distance** between two images is the sum of the squared differences, pixel by pixel. From the new image to A it is 0² + 1² + 0² = 1. To B it is 1² + 0² + 1² = 2. A is nearer, so the prediction is A.

# %%
a, b, new = np.array([1, 0, 0]), np.array([0, 1, 1]), np.array([1, 1, 0])
print("to A:", ((new - a) ** 2).sum(), "  to B:", ((new - b) ** 2).sum())

# %% [markdown]
# Now with real digits. The average of all training images of a class is called its **centroid**. (These are the `averages` from the top.) Each centroid is an image, too:

# %% tags=["data"]
train, validation, test = digits.train, digits.validation, digits.test
centroids = np.stack([train.images[train.labels == k].mean(axis=0) for k in range(10)])
words = "Where a centroid is dark, most writers put ink there. Where it is gray, they differ."
show(figures.digit_sheet(centroids, range(10), title="The ten centroids", caption=words))

# %% [markdown]
# To classify a digit, compute its squared distance to all ten centroids and choose the nearest one. This is the **nearest-centroid classifier**. Here it is with the first test digit:

# %% tags=["data"]
distances = ((centroids - test.images[0]) ** 2).sum(axis=1)
for k, distance in enumerate(distances):
    print(k, f"{distance:6.1f}", "← nearest" if k == distances.argmin() else "")
print("label:", test.labels[0])


# %% [markdown]
# And for many digits at once. SciPy's `cdist` computes all the distances (not squared, but the nearest centroid stays the nearest), and `argmin` finds the nearest centroid of each digit. (At the top we took the *negative* distance, so that a larger number means more similar.)

# %%
def classify(images, centroids=centroids):
    return cdist(images, centroids).argmin(axis=1)


# %% [markdown]
# **A choice.** Is it worth averaging thousands of images? You could also take a single one, the first of each class. The *validation* set decides:

# %% tags=["data"]
first = np.stack([train.images[train.labels == k][0] for k in range(10)])
for name, candidate in {"the average": centroids, "the first image": first}.items():
    found = evaluation.accuracy(validation.labels, classify(validation.images, candidate))
    print(f"{name:16} {found.value:.1%} of the validation digits are right")

# %% [markdown]
# We keep the averages. The share of correct predictions is called the **accuracy**.
#
# **Predict:** the test set measures once. Of 100 test digits, how many will the classifier read correctly?

# %% tags=["data"]
baseline = evaluation.accuracy(test.labels, classify(test.images))
folded(
    f"**{baseline.value:.1%}** of the {baseline.n:,} test digits, with a 95% interval from {baseline.low:.1%} to {baseline.high:.1%}. "
    "Not bad for ten averages!"
)

# %% [markdown]
# Why an **interval**? The test digits are a sample. With other digits by the same kind of writers, you would get a slightly different accuracy. The interval says how far chance alone
# may move the number; "95%" means that such intervals contain the true value 95 times out of 100. Use it when you compare two classifiers: a difference smaller than the interval may be luck.
#
# Is our code correct? scikit-learn has a classifier that looks for the nearest of its training images. Give it the ten centroids as training images, and both must agree on every test digit.

# %%
from sklearn.neighbors import KNeighborsClassifier

library = KNeighborsClassifier(n_neighbors=1).fit(centroids, range(10))
assert (library.predict(test.images) == classify(test.images)).all()
print("Our classifier and scikit-learn's give the same predictions.")

# %% [markdown]
# ## What it gets wrong
#
# Here are twenty of the digits that it misreads, drawn at random. Above each stands its label, and after the arrow the prediction.

# %% tags=["data"]
predicted = classify(test.images)
wrong = np.random.default_rng(0).permutation(np.flatnonzero(predicted != test.labels))[:20]
titles = [f"{test.labels[i]} → {predicted[i]}" for i in wrong]
words = f"Twenty of the {np.sum(predicted != test.labels):,} misread test digits."
show(figures.digit_sheet(test.images[wrong], titles, title="Misread by the nearest-centroid classifier", caption=words))

# %% [markdown]
# You can read nearly all of them. So what goes wrong? The classifier compares pixel with pixel. If a stroke is off its usual place, by slant, by style or by a shift, that counts *twice*: there is ink that shouldn't be there, and
# ink is missing where it should be.
#
# Let's see this happen with a shift, in an extreme case. Take the test digit that is nearest to its own centroid, and move it two pixels to the right.

# %% tags=["data"]
best = int(((test.images - centroids[test.labels]) ** 2).sum(axis=1).argmin())
digit, moved = test.images[best], evaluation.moved(test.images[[best]], right=2)[0]
pair = {"as it is": digit, "two pixels to the right": moved}
show(figures.differences_from(centroids[test.labels[best]], pair, title="The same digit, and the same centroid"))

# %% [markdown]
# Red is ink that the centroid doesn't have, blue is ink that it has and the image hasn't. The digit is the same, but its squared distance has grown a lot.
#
# **Predict:** move *all* the test digits two pixels to the right. What happens to the accuracy? (We measure on the test set again, but we choose nothing by it.)

# %% tags=["data"]
shifted = evaluation.moved(test.images, right=2)
after = evaluation.accuracy(test.labels, classify(shifted))
folded(f"It falls from {baseline.value:.1%} to **{after.value:.1%}**. To you, they are still the same digits.")

# %% [markdown]
# The classifier works as well as it does because the makers of MNIST prepared every digit: they scaled it to one size and moved the center of its ink to the middle of the image. The classifier
# depends on that. Your drawing, at the top of this lesson, had no such help.
#
# ## What you saw
#
# - An image is a grid of numbers, 28×28 for MNIST. Flattened, it's a row of 784.
# - The training set is for learning, the validation set for your choices, and the test set for measuring once.
# - The nearest-centroid classifier compares images pixel by pixel. It reads most digits that are centered, and loses many of them when they move by two pixels.

# %% tags=["data"]
Markdown(
    f"On {digits.name}: {baseline.value:.1%} as they are, {after.value:.1%} two pixels to the right. "
    "The network of these lessons has to beat the first number, and to suffer less from the shift."
)

# %% [markdown]
# ## Exercises
#
# Put your answer in place of `...` and run the cell. It tells you whether you're right, or what is off. If you're stuck, run `exercises.neighbor.hint()` in a new cell; each time it gives one more hint.
# `exercises.neighbor.solution()` shows a worked solution.
#
# **1 · A distant neighbor.** In the flat row, the pixel straight below is 28 positions further on. How many positions further on is the pixel *one row down and three
# columns to the left*?

# %%
from lenet_tutorial.exercises import digits as exercises

answer = ...
exercises.neighbor.check(answer)

# %% [markdown]
# **2 · The best of twenty.** Twenty classifiers know nothing. Each one guesses on the same 100 test digits, and each guess is right one time in ten. You keep the classifier with the highest accuracy. What accuracy does
# this winner show on these 100 digits, on average? Guess first. Then let NumPy repeat the experiment many times. Answer with a share, such as 0.12; within 0.005 is right.

# %%
answer = ...
exercises.best_of_twenty.check(answer)


# %% [markdown]
# **3 · Move down.** Write a function that moves an image of any size `n` pixels down. What leaves the image is lost, and what comes in at the top is 0. `n` may be anything from 0 to the number of rows.

# %%
def moved_down(image, n):
    ...  # your code


exercises.moved_down.check(moved_down)

# %%
exercises.tally()

# %% [markdown]
# ## For the curious
#
# - *Use all the training images.* Instead of ten centroids, you can compare a new digit with every training image and choose the label of the nearest ones. This **k-nearest-neighbors classifier** makes far fewer mistakes:
#   [LeCun et al. 1998](https://doi.org/10.1109/5.726791), section III.C, report 5.0%. But each prediction then needs a search through 60,000 images. Lesson 10 runs it.
# - *Shuffle before you split?* Usually yes. The textbook's loader takes the first 5,000 images as they are, and we do the same, so that our numbers can be compared with the textbook's.
# - *Which interval is it?* The Wilson score interval for a share ([Wilson 1927](https://doi.org/10.1080/01621459.1927.10502953)).
# - *Try this:* move the digits by one pixel and by three, or down instead of right. Is the loss the same in every direction?
#
# **The next question: What would a classifier need, so that a shift matters less?** It would have to find a stroke wherever it is. [Lesson 2](02_convolution.ipynb) shows you an operation that does
# exactly that: the convolution.
#
# Before you go on, shut down this notebook (*Kernel → Shut Down Kernel*) to free its memory.
