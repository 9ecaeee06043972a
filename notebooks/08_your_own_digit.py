# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown]
# # 8 · Your own digit, and how to fool the network
#
# *Does it read what you draw? Why not? And how little does it take to change its mind?*
#
# - **You will** draw digits, walk them through the steps that made MNIST, show the network a photo, a letter and a scribble, look inside it at your own digit,
#   and find how small a change flips its answer.
# - **You need** [lesson 4](04_filters_and_feature_maps.ipynb) for feature maps and [lesson 6](06_why_this_answer.ipynb) for occlusion and slopes. And the trained network;
#   if you have not run [lesson 3](03_train.ipynb), it is trained now, which takes two to eight minutes, once. A word that you have forgotten is in the [glossary](glossary.md).
# - **It takes** about 40 minutes to read and 30 seconds to run. What you draw goes to the kernel and nowhere else, and nothing is kept that you do not save.

# %% [markdown]
# **You are ready if** you can answer these three, from lessons 3 and 6. Click a question to see its answer.
#
# <details><summary>Which numbers does the network get for a digit, and what do 0 and 1 mean?</summary>784 numbers, 28 rows of 28. 0 is paper, 1 is full ink.</details>
#
# <details><summary>What does the slope of the loss at a pixel say?</summary>How fast the loss grows if there is a little more ink at that pixel.</details>
#
# <details><summary>A network gives a digit a probability of 99 %. May it be wrong?</summary>Yes. It says how far one logit leads, not whether it should.</details>

# %%
import itertools
import tempfile
from pathlib import Path

import numpy as np
from IPython.display import Markdown
from PIL import Image

from lenet_tutorial import data, digit_input, evaluation, figures, inspection
from lenet_tutorial.backend import keras, tf
from lenet_tutorial.digit_input import Drawings
from lenet_tutorial.figures import show
from lenet_tutorial.training import trained_lenet
from lenet_tutorial.widgets.pad import DrawingPad

# %% tags=["data"]
digits = data.load_digits()
model = trained_lenet(digits=digits).model
Markdown(f"**{digits.note}**")

# %% [markdown]
# ## Draw
#
# Draw a digit on the white page, with the mouse, a finger or a pen. (Or with keys: Tab brings you to the page, the arrows move, Space puts the pen down and lifts it.) On the right is
# what the network gets, and what it says. Try to write a digit that it misreads. Or write one on paper, and press *Photo…* to show it a picture.

# %%
pad = DrawingPad(model)
pad

# %% [markdown]
# (On a page without a running kernel, such as GitHub, there is no pad, only a line of text. Nothing below needs it.)
#
# It reads most of what you draw, does it not? It would not, if the pad gave it your page as it is. What happens in between is the first half of this lesson.
#
# So that everybody sees the same, we go on with digits drawn by code. A *stroke* is a chain of points, and a round brush of a certain width goes along it: ink is whatever lies within half a
# width of the chain. Here is a 7 with two straight pieces. How far is a pixel from a piece? Find the nearest point on it, and measure.

# %%
corners = [(0.25, 0.15), (0.75, 0.13), (0.42, 0.9)]
y, x = (np.mgrid[:280, :280] + 0.5) / 280
seven = np.zeros((280, 280))
for (ax, ay), (bx, by) in itertools.pairwise(corners):
    along = ((x - ax) * (bx - ax) + (y - ay) * (by - ay)) / ((bx - ax) ** 2 + (by - ay) ** 2)
    along = np.clip(along, 0, 1)
    distance = np.hypot(x - ax - along * (bx - ax), y - ay - along * (by - ay))
    seven = np.maximum(seven, np.clip(280 * (0.045 - distance) + 0.5, 0, 1))
np.testing.assert_allclose(seven, digit_input.draw_strokes([corners], width=0.09), atol=1e-4)
print(f"A page of {seven.shape}, 0 is paper and 1 is ink. By hand and by the module the same stroke.")

# %% [markdown]
# The module has all ten digits as strokes, and a hand that never writes twice the same: size, place, slant, width and bend are drawn by lot. We take 200 of them. Here is one of each.

# %%
random = np.random.default_rng(0)
meant = np.repeat(np.arange(10), 20)
drawings = [digit_input.handwritten(sign, random) for sign in meant]
told = "Ten of the pages, 280×280 pixels each, ink on white paper; beneath each the digit that was meant."
show(figures.class_visualizations({"": drawings[::20]}, {"": list("0123456789")}, title="Digits drawn by code", caption=told))

# %% [markdown]
# We follow one of them, number 143. It was picked: the network of the textbook needs all the steps to read it, and most of the 200 need fewer. To follow a digit of your own, draw it or load its
# photo, write `drawing, label = pad.image, 7` in the next cell, with the digit that you meant, and run all cells from there on. (A restart empties the pad.)
#
# ## As it lies on the page
#
# The network wants 28×28 pixels. So shrink the page: each pixel becomes the mean of 10×10. And give the network what a camera would give, where white paper is light: 1.
#
# **Predict:** how many of the 200 will it read?

# %% tags=["data", "tol-6.0"]
drawing, label = drawings[143], 7


def says(pages):
    return np.array(model(np.reshape(pages, (-1, 784)).astype("float32")))


def shrunk(page):
    return page.reshape(28, 10, 28, 10).mean(axis=(1, 3))


def share_read(prepare):
    return evaluation.accuracy(meant, says(np.stack([prepare(page) for page in drawings])).argmax(axis=1))


on_white = share_read(lambda page: 1 - shrunk(page))
assert on_white.high < 0.5
Markdown(f"Read correctly: **{on_white}**. Blind guessing gives 10 %.")


# %% [markdown]
# You and I see digits. The network sees pages full of ink, with a gap in the shape of a digit, and it has never been shown such a thing. MNIST's digits are *not* as they were on paper. Their makers took several
# steps, which LeCun, Cortes and Burges describe on [the page of the data](http://yann.lecun.com/exdb/mnist/) and, with Bottou, Bengio and Haffner, in [the paper of 1998](https://doi.org/10.1109/5.726791), section III. Let us take them, one by one.
#
# ## The steps that made MNIST
#
# *First, invert:* ink is 1 and paper is 0, as in MNIST's files. Our drawings are so already.
#
# *Second, crop:* cut out the smallest rectangle that holds all the ink, but for the faint fringe of its edges. Where the digit lay on the paper is forgotten.
#
# *Third, fit:* scale it so that the longer side has 20 pixels, and keep the proportions. Each new pixel is a weighted mean of the old ones under it. That is where MNIST's gray levels come from: the original
# digits were black and white.

# %%
def crop(page):
    rows, columns = (np.flatnonzero((page > 0.25).any(axis=axis)) for axis in (1, 0))
    return page[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]


def fit(piece):
    height, width = (max(1, round(20 * side / max(piece.shape))) for side in piece.shape)
    return np.clip(Image.fromarray(piece).resize((width, height), Image.Resampling.HAMMING), 0, 1)


print(f"page {drawing.shape} → cropped {crop(drawing).shape} → fitted {fit(crop(drawing)).shape}")


# %% [markdown]
# *Fourth, center:* place it on the page of 28×28 so that the *center of mass*, the mean place of all the ink, comes to lie in the middle; in MNIST that is pixel 14, counted from 0. Not the middle of the
# rectangle: a long thin tail hardly pulls. Where that would push ink off the page, it stops at the edge.

# %%
def laid(piece, top, left, side=28):
    return np.pad(piece, ((top, side - piece.shape[0] - top), (left, side - piece.shape[1] - left)))


def center(piece):
    height, width = piece.shape
    down = np.average(np.arange(height), weights=piece.sum(axis=1))
    right = np.average(np.arange(width), weights=piece.sum(axis=0))
    top, left = (int(np.clip(round(14 - each), 0, 28 - side)) for each, side in ((down, height), (right, width)))
    return laid(piece, top, left)


for page in drawings:
    np.testing.assert_allclose(center(fit(crop(page))), digit_input.prepare(page), atol=1e-5)
print("200 drawings prepared by hand and by the module: the same digits.")


# %% [markdown]
# Now one drawing after each of the steps, and what the network says to it. To stop after the crop, the rectangle is stretched over the whole page; to stop after the fit, it is laid in the middle of the page.
#
# **Predict:** after which step will the network read it? Which step will matter most over all 200?

# %% tags=["varies"]
def stretched(page):
    return np.clip(Image.fromarray(crop(page)).resize((28, 28), Image.Resampling.HAMMING), 0, 1)


def boxed(page):
    piece = fit(crop(page))
    return laid(piece, *((28 - side) // 2 for side in piece.shape))


steps = {"on white": lambda page: 1 - shrunk(page), "inverted": shrunk}
steps |= {"cropped": stretched, "fitted": boxed, "centered": digit_input.prepare}
pages = np.stack([step(drawing) for step in steps.values()])
reads = {name: share_read(step) for name, step in steps.items()}
names = [f"{name}\n{read.value:.1%} of all" for name, read in reads.items()]
told = f"The drawing was meant as a {label}. Above each page stands the share of all 200 that is read correctly at that step."
show(figures.prediction_grid(pages, names, says(pages), title="One drawing, step by step", caption=told))
assert reads["centered"].low > reads["inverted"].high

# %% jupyter={"source_hidden": true} tags=["data", "tol-8.0"]
gains = {after: 100 * (reads[after].value - reads[before].value) for before, after in itertools.pairwise(steps)}
without = {
    "invert": lambda page: 1 - digit_input.prepare(page),
    "fit (stretched to 20×20 instead)": lambda page: digit_input.center(np.array(Image.fromarray(crop(page)).resize((20, 20)))),
    "center (the rectangle in the middle)": boxed,
    "gray levels (only 0 and 1)": lambda page: (digit_input.prepare(page) > 0.5).astype("float32"),
}
rows = ["| all steps but this one | read correctly |", "|---|---|"]
shares = {name: share_read(prepare) for name, prepare in without.items()}
assert shares["invert"].high < reads["centered"].low
assert abs(shares["gray levels (only 0 and 1)"].value - reads["centered"].value) < 0.1
rows += [f"| {name} | {share} |" for name, share in shares.items()]
told = ", ".join(f"{name} {gain:+.1f}" for name, gain in gains.items())
Markdown("\n".join([*rows, f"| none: all the steps | **{reads['centered']}** |", f"\nPoints that each step added, in this order: {told}."]))

# %% [markdown]
# So the network did not learn what a 7 looks like. It learned what a 7 looks like at one size, in one place, with ink as 1 on paper as 0. That was all it was ever shown, and the steps bring a drawing back to
# it. Not all steps matter alike: leave out the first, and the others cannot make up for it; leave out the gray levels, and they are hardly missed. None of them knows anything about digits.
# (The table and the line below it weigh the steps differently. What a step is worth depends on which others are there: where all are, leaving out the fit costs only the proportions.)
#
# Do our steps leave a digit of MNIST as it is? MNIST can tell. Take test digits, enlarge each three to eight times, put it anywhere on a large page, and let the steps bring it back.

# %% tags=["data", "tol-3.0"]
tests, labels = digits.test.images[:500].reshape(-1, 28, 28), digits.test.labels[:500]


def somewhere(digit):
    side = random.integers(3 * 28, 8 * 28)
    large = np.clip(Image.fromarray(digit).resize((side, side), Image.Resampling.BICUBIC), 0, 1)
    return laid(large, *random.integers(0, 281 - side, 2), side=280)


back = np.stack([digit_input.prepare(somewhere(digit)) for digit in tests])
before, after = (says(pages).argmax(axis=1) for pages in (tests, back))
read_before, read_after = (evaluation.accuracy(labels, each) for each in (before, after))
assert abs(read_before.value - read_after.value) < 0.02 or not digits.is_mnist
apart = np.linalg.norm(back - tests, axis=(1, 2)) / np.linalg.norm(tests, axis=(1, 2))
Markdown(
    f"Before: {read_before}. Brought back: **{read_after}**. To {np.mean(before == after):.1%} of the digits the network says the "
    f"same as before. The median digit has changed by {np.median(apart):.2f} of its own length."
)

# %% [markdown]
# (The *length* of a picture is the root of the sum of its squared pixels.) On MNIST they are read about as well as before. (On the offline sample the steps change more, for its digits were never cropped.) The change is not 0: enlarging and
# reducing blurs, and the center of mass may fall on the other side of a pixel.
#
# ## A photo
#
# A phone's picture of a page has one more difficulty: the light. In a shadow, paper can be darker than ink is in the sun. We make such a picture by code: light that falls off to a corner, a soft shadow, pale ink
# and the camera's noise.

# %%
noise = np.random.default_rng(1).normal(0, 0.015, seven.shape)
light = 0.95 - 0.35 * x - 0.35 * y - 0.1 * np.exp(-((x - 0.3) ** 2 + (y - 0.6) ** 2) / 0.05)
photo = np.clip(light * (1 - 0.55 * seven) + noise, 0, 1)
darkest_paper, lightest_ink = photo[seven == 0].min(), photo[seven == 1].max()
assert darkest_paper < lightest_ink
print(f"Gray levels, 0 black and 1 white: the darkest paper has {darkest_paper:.1f}, the lightest ink {lightest_ink:.1f}.")

# %% [markdown]
# So no one gray level parts ink from paper. The module first estimates how light the *paper* would be at each place. It lays a smooth surface through the light pixels: that is the light as a whole. Of what that
# leaves, it takes at each place the lightest gray around, which is never ink, and blurs it: softer shadows. Then it divides. The *darkness* that is left has two heaps, paper near 0 and ink above, and
# [Otsu's threshold (1979)](https://doi.org/10.1109/TSMC.1979.4310076) lies where it parts the two heaps best. By hand: try all.
#
# **Predict:** what would the network say if we took the best threshold for the photo as it is?

# %% tags=["data", "tol-5.0"]
paper = digit_input.estimate_background(photo)
darkness = np.clip(1 - photo / paper, 0, 1)


def parted(limit):
    low, high = darkness[darkness <= limit], darkness[darkness > limit]
    return len(low) * len(high) * (low.mean() - high.mean()) ** 2


by_hand = max(np.linspace(0.05, 0.5, 91), key=parted)
assert parted(digit_input.otsu_threshold(darkness)) > 0.999 * parted(by_hand)
inked = digit_input.read(photo)
plain = (1 - photo > digit_input.otsu_threshold(1 - photo)).astype("float32")
stages = [1 - photo, plain, 1 - paper, darkness, inked, digit_input.prepare(inked)]
without, last = says(np.stack([digit_input.prepare(plain), stages[-1]]))
words = ["photo", f"one threshold:\na {without.argmax()}, {without.max():.1%}", "its paper", "darkness"]
words += [f"ink, above {by_hand:.2f}", f"what it gets:\na {last.argmax()}, {last.max():.1%}"]
told = "Beneath the second and the last, what the network says. The module smooths the darkness first, and keeps gray edges."
show(figures.class_visualizations({"": stages}, {"": words}, title="From a photo to a digit", caption=told))

# %% [markdown]
# (The estimate follows the falling light, and misses part of the soft shadow: look for the gray blob in *darkness*. It stays below the threshold.)
#
# For a photo or a scan of your own, press *Photo…* on the pad. Or drop the file into JupyterLab's list of files, beside this lesson, and call `digit_input.read("photo.jpg")`; with `photo = digit_input.read_file("photo.jpg")` before
# `paper = …`, the cell above shows all its stages. PNG and JPEG will do. A JPEG is turned as the camera was held, which phones write into the file. One digit only, and nothing but paper around it: a desk, dark lines or the hard shadow
# of a hand are dark, too, and the module takes them for ink. So look at the ink: if it is not your digit, the answer is worth nothing, however sure it sounds.
#
# Here is the same photo by way of a file; and what the module says to things that are no picture of a digit.

# %% tags=["data", "tol-1.0"]
folder = tempfile.TemporaryDirectory()
path, letter, holiday = (Path(folder.name, name) for name in ("photo.jpg", "letter.png", "holiday.jpg"))
Image.fromarray(np.uint8(255 * photo)).save(path)
letter.write_text("Dear network, this is no picture.")
holiday.write_bytes(bytes(4) + b"ftypheic" + bytes(100))  # so begins what an iPhone takes, whatever its name says
told = [f"`photo.jpg`: {says(digit_input.prepare(digit_input.read(path))).argmax()}", ""]

blank, dot = np.ones((280, 280)), 1 - digit_input.draw_strokes([[(0.5, 0.5)]])
huge = np.broadcast_to(np.uint8(255), (10_000, 10_000))
for bad in (blank, dot, huge, np.ones((1, 1)), letter, holiday):
    try:
        digit_input.prepare(digit_input.read(bad))
    except digit_input.DigitInputError as error:
        told.append(f"- {error}.")
Markdown("\n".join(told))

# %% [markdown]
# ## Look inside
#
# Everything that lessons 4 and 6 did with digits of MNIST works with this one. Which parts of the drawing carry the answer? And what do the 32 kernels of the first layer make of it?

# %% tags=["data", "tol-1.0"]
mine = digit_input.prepare(drawing).reshape(1, 784)
answer = int(says(mine).argmax())
maps = {
    "occlusion": inspection.occlusion_map(model, mine, answer)[0],
    "integrated gradients": inspection.integrated_gradients(model, mine, answer)[0],
}
title, told = f"Why is this drawing a {answer}?", f"Explained is the logit of {answer}."
show(figures.attribution_maps(mine, {f"for {answer}": maps}, title=title, caption=told))

# %% tags=["data", "tol-0.5"]
conv1 = inspection.feature_maps(model, mine, ["conv1"])["conv1"][0]
title = "The 32 maps of the first layer, for this drawing"
show(figures.map_sheet(np.moveaxis(conv1, -1, 0), image=mine.reshape(28, 28), title=title))

# %% [markdown]
# ## It cannot say "none of these"
#
# A letter, a scribble, noise, an empty page. The first two go through the same steps as a digit; the last two are shown as they are, since there is nothing to crop.
#
# **Predict:** what will the network say, and how sure will it be?

# %% tags=["varies"]
written = np.stack([digit_input.prepare(page) for page in drawings])
prepared = {
    "letters": np.stack([digit_input.prepare(digit_input.handwritten(sign, random)) for sign in digit_input.LETTERS for _ in range(20)]),
    "scribbles": np.stack([digit_input.prepare(digit_input.scribble(random)) for _ in range(100)]),
    "noise": random.random((100, 28, 28)).astype("float32"),
    "empty": np.zeros((1, 28, 28), "float32"),
}
shown = np.concatenate([prepared["letters"][[0, 40, 80]], *(prepared[name][:1] for name in list(prepared)[1:])])
names = ["an A", "an M", "a W", "a scribble", "noise", "empty"]
show(figures.prediction_grid(shown, names, says(shown), title="Six pages that are no digit", caption="It reads them all the same."))
assert np.allclose(says(shown).sum(axis=1), 1, atol=1e-3)

# %% jupyter={"source_hidden": true} tags=["data", "tol-12.0"]
rows = ["| pages | how many | median of the highest probability | above 90 % |", "|---|---|---|---|"]
for name, pages in {"digits drawn by code": written, **prepared}.items():
    highest = 100 * says(pages).max(axis=1)
    rows.append(f"| {name} | {len(pages)} | {np.median(highest):.1f} % | {100 * np.mean(highest > 90):.1f} % |")
Markdown("\n".join(rows))

# %% [markdown]
# It always names a digit. The softmax shares out 100 % among ten classes, and there is no eleventh. Training has only ever asked *which* digit it is, never *whether* it is one. Here the probability is often lower than for a digit,
# and it is tempting to take that for "I do not know". Do not: some letters, and on some networks even noise, get a probability that a digit would be proud of.
#
# ## How little flips its answer
#
# Now the other way round: a page on which everybody reads the right digit, and the network does not, an *adversarial example*. [Goodfellow, Shlens and Szegedy (2014)](https://arxiv.org/abs/1412.6572) found a way that takes one slope. In training, each
# *weight* changed against the slope of the loss. Here the ink of each *pixel* changes along it, so that the loss grows; and all of them by the same small amount, so that only the *sign* of the slope is used: the *fast gradient sign method*.
#
# We take the drawing of which the network is 99 % sure, or nearest to it. (Of most it is surer, and those may take a larger step; how large, for many digits, comes below. Of some digits it is so sure that the loss is 0 to the last
# digit, and its slope gets lost in rounding. Lesson 6 called that saturated. The module does without: it takes the slope of the label's *lead* over the other logits, which points exactly the other way.)
#
# The last layer is taken apart here, so that the loss gets the *logits*, the scores before softmax.

# %%
sure = says(written)[np.arange(200), meant]
number = int(np.abs(sure - 0.99).argmin())
target, own = written[number].reshape(1, 784), int(meant[number])
weights, biases = model.get_layer("output").weights


def loss_slope(pages):
    pages = tf.constant(pages)
    with tf.GradientTape() as tape:
        tape.watch(pages)
        features = pages
        for layer in model.layers[:-1]:
            features = layer(features)
        loss = keras.losses.sparse_categorical_crossentropy(np.array([own]), features @ weights + biases, from_logits=True)
    return tape.gradient(loss, pages).numpy()


slope = loss_slope(target)
assert np.mean(np.sign(slope) == inspection.loss_gradient_sign(model, target, own)) > 0.95

# %% [markdown]
# Now the step along the signs. Try 0.005, 0.010, 0.015 and so on, cut off at 0 and 1, until the network says something else.
#
# **Predict:** how far must it go? Will you see it?

# %% tags=["varies"]
sizes = np.arange(0.005, 1, 0.005)
stepped = np.clip(target + sizes[:, None] * np.sign(slope), 0, 1)
first = int((says(stepped).argmax(axis=1) != own).argmax())
size, flipped = sizes[first], stepped[first]
said = [f"{each.argmax()}, {each.max():.0%}" for each in says(np.stack([target[0], flipped]))]
show(figures.fgsm_step(target.reshape(28, 28), slope.reshape(28, 28), flipped.reshape(28, 28), epsilon=size, predictions=said))
assert size < 0.5
assert says(flipped).argmax() != own

# %% [markdown]
# Look at the slope: strong in a few places and weak in most. The sign makes them all equal, so even the empty paper helps, with hundreds of pixels that each change a little in the direction that hurts. (Only the red ones: where the sign is blue and
# the paper empty, there is no ink to take away.)
#
# One drawing is one drawing. The module does it for many digits at once: it looks for the first step that changes the answer, and then halves the interval between that one and the one before again and again, until
# the size is exact to a ten-thousandth. We take up to 400 test digits that are read correctly. And the comparison
# without which the number means little: the same step with signs *drawn by lot*.

# %% tags=["data", "tol-6.0"]
images, labels = digits.test.images[:600], digits.test.labels[:600]
well = np.flatnonzero(says(images).argmax(axis=1) == labels)[:400]
images, labels = images[well], labels[well]
lots = random.choice([-1.0, 1.0], images.shape)
found = inspection.minimal_perturbation(model, images, labels)
by_lot = inspection.minimal_perturbation(model, images, labels, directions=lots)
smallest = {"along the slope": found.epsilons, "signs by lot": by_lot.epsilons}
assert np.median(by_lot.epsilons) > 2 * np.median(found.epsilons)
show(figures.fooling_rates(smallest, title="How large a step changes the answer?", limit=0.5))

# %% jupyter={"source_hidden": true} tags=["data", "tol-8.0"]
half = np.median(found.epsilons)
Markdown(
    f"Half of the digits fall to a step of **{half:.3f}** or less along the signs of the slope, that is {255 * half:.1f} of 255 gray levels. "
    f"The same step with signs by lot changes {100 * np.mean(by_lot.epsilons <= half):.1f} % of the answers. So it is not the amount of the noise. It is its direction."
)

# %% [markdown]
# Can one see it? Judge for yourself: five digits, from one of the easiest to fool to one of the hardest.

# %% tags=["varies"]
chosen = np.argsort(found.epsilons)[np.int64(np.array([0.05, 0.25, 0.5, 0.75, 0.95]) * (len(images) - 1))]
titles = [f"{labels[i]} read as {found.predictions[i]}\nstep {found.epsilons[i]:.3f}" for i in chosen]
told = "From left to right: of 100 digits, 5, 25, 50, 75 and 95 need no larger step than this."
show(figures.adversarial_examples(images[chosen], found.images[chosen], titles, title="Five digits and what fools the network", caption=told))
assert np.all(found.predictions[chosen] != labels[chosen])

# %% [markdown]
# You may see *that* something was done: MNIST's paper is perfectly clean, and now it is not. But can you still read the digits? Then it is not the reading that has become hard. On photographs, with many more pixels to
# push, far less is enough: Goodfellow and his colleagues show a panda that turns into a gibbon by a step of 0.007, less than two gray levels of 255.
#
# Why is that possible? Their explanation: seen from near by, a network is almost linear. Each logit is nearly a sum over the pixels, and hundreds of small pushes in the right directions add up. Drawn by lot, they mostly cancel, which is what
# you saw.
#
# ## Collect your drawings
#
# How well does the network read *your* hand? Draw, add, and measure. Nothing is written before `save`, and then one file, in the folder that you name. (Here it is a folder that vanishes with the lesson, and the drawings are every fifth of the 200. For yours:
# `collection = Drawings("mine")`, then after each drawing `collection.add(pad.image, 7)`, with the digit that you meant.)

# %% tags=["data", "tol-6.0"]
collection = Drawings(folder.name)
for page, sign in zip(drawings[::5], meant[::5], strict=True):
    collection.add(page, sign)
collection.save()
again = Drawings(folder.name)
np.testing.assert_array_equal(again.images, collection.images)
folder.cleanup()
predictions = inspection.logits(model, again.images).argmax(axis=1)
Markdown(f"{len(again)} drawings, saved and read back. Read correctly: **{evaluation.accuracy(again.labels, predictions)}**.")

# %% [markdown]
# Mind the interval: forty drawings say little about the next thousand. And the interval knows nothing of hands. All forty are by one, and so are yours.
#
# ## What you saw

# %% jupyter={"source_hidden": true} tags=["data", "tol-8.0"]
Markdown(
    f"- The same 200 drawings are read correctly at {100 * reads['on white'].value:.1f} % as they lie on the page, and at {100 * reads['centered'].value:.1f} % after MNIST's own steps.\n"
    "- In light as uneven as this, no one gray level parts ink from paper; the paper must be estimated first.\n"
    "- To whatever it is shown, the network says a digit.\n"
    f"- A step of {half:.3f} along the signs of the slope changes half of the answers; by lot it changes {100 * np.mean(by_lot.epsilons <= half):.1f} %."
)

# %% [markdown]
# ## Exercises
#
# Put your answer in place of `...` and run the cell. `exercises.center_of_mass.hint()` gives one hint at a time, `exercises.center_of_mass.solution()` shows a worked solution.
#
# **1 · Into the box.** The ink of a tall 1 has been cropped to 150 rows and 60 columns. Which shape has it after *fit*?

# %%
from lenet_tutorial.exercises import digit_input as exercises

shape = ...
exercises.fitted.check(shape)


# %% [markdown]
# **2 · The center of mass.** Write a function that gives the place of the center of mass of a page with ink, as (row, column), counted from 0, for a page of any shape.

# %%
def center_of_mass(page):
    ...


exercises.center_of_mass.check(center_of_mass)


# %% [markdown]
# **3 · A small push.** Why does so little fool it? Take a score that is only a sum, `(weights * page).sum() + bias`, and let the ink of every pixel change by the same small step, up or down by the sign of its weight, so that the score goes towards 0. How large must the step be to
# bring the score to exactly 0, the edge between two answers? Write a function that gives its size. (Let pixels leave the range from 0 to 1.)

# %%
def minimal_perturbation(weights, bias, page):
    ...


exercises.minimal_perturbation.check(minimal_perturbation)

# %%
exercises.tally()

# %% [markdown]
# **Further**, without a check:
#
# - Draw ten digits of your own, one of each, on the pad, and collect them. Which are misread? Look at what the network sees: is it the hand or a step?
# - Which step would a 1 need most, which a 0? `share_read` takes all classes together: write one that takes them apart.
# - Take fooled pages (`found.images`) as if they were photos: `digit_input.prepare(digit_input.read(1 - page))`. How many are read correctly again, and why?
# - Turn the sign around (`-np.sign(slope)`), with a size of 0.1: a step that *lowers* the loss. What becomes of the probability? And is it a better digit to your eyes?
#
# ## Roads not taken
#
# - *Teaching the network other sizes and places* instead of preparing the page. Shifted and scaled copies in training do that. They would make another network, and the lessons keep the textbook's.
# - *An eleventh class, "no digit".* What would one show it for training? There are more things that are no digit than one can collect, and lesson 5's pages would still be taken for digits.
# - *Stronger attacks.* Many small steps with a new slope each ([Madry and others 2017](https://arxiv.org/abs/1706.06083)) need less than one large one. The one step is the plainest, and shows enough.
# - *A defence.* Training on fooled digits helps against the step that it was trained on, and costs a training.
# - *Undoing slant and turn.* It would help some hands. MNIST's makers did not do it for this data set.
#
# Shut this notebook down (*Kernel → Shut Down Kernel*; Jupyter's kernel, the running Python, is no kernel of ours) before you open another.
