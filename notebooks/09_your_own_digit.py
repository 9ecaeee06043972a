# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown]
# # 9 · Your own digit, and how to fool the network
#
# *Does it read what you draw? Why not? And how little does it take to change its mind?*
#
# - **You will** draw digits, walk them through the steps that made MNIST, show the network a photo, a letter and a scribble, look inside it at your own digit,
#   and find how small a change flips its answer.
# - **You need** [lesson 7](07_why_this_prediction.ipynb) for occlusion and slopes. And the trained network;
#   if you have not run [lesson 4](04_train.ipynb), it is trained now, which takes two to eight minutes, once. A word that you have forgotten is in the [glossary](glossary.md).
# - **It takes** about 40 minutes to read and 30 seconds to run. What you draw goes to the kernel and nowhere else, and nothing is kept that you do not save.

# %% [markdown]
# **You are ready if** you can answer these three, from lessons 4 and 7. Click a question to see its answer.
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
from IPython.display import Markdown, display
from PIL import Image
from scipy import ndimage

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


def by_hand(page):
    fitted = fit(crop(page))
    return center(fitted / fitted.max())  # the darkest pixel becomes full ink


same = [np.allclose(by_hand(page), digit_input.prepare(page), atol=1e-5) for page in drawings]
assert sum(same) > 100
print(f"{sum(same)} of 200 drawings prepared by hand and by the module: the same digits. The others have thin strokes; that comes below.")


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
steps |= {"cropped": stretched, "fitted": boxed, "centered": by_hand}
pages = np.stack([step(drawing) for step in steps.values()])
reads = {name: share_read(step) for name, step in steps.items()}
names = [f"{name}\n{read.value:.1%} of all" for name, read in reads.items()]
told = f"The drawing was meant as a {label}. Above each page stands the share of all 200 that is read correctly at that step."
show(figures.prediction_grid(pages, names, says(pages), title="One drawing, step by step", caption=told))

gains = {after: 100 * (reads[after].value - reads[before].value) for before, after in itertools.pairwise(steps)}
without = {
    "invert": lambda page: 1 - by_hand(page),
    "fit (stretched to 20×20 instead)": lambda page: digit_input.center(np.array(Image.fromarray(crop(page)).resize((20, 20)))),
    "center (the rectangle in the middle)": boxed,
    "gray levels (only 0 and 1)": lambda page: (by_hand(page) > 0.5).astype("float32"),
}
rows = ["| all steps but this one | read correctly |", "|---|---|"]
shares = {name: share_read(prepare) for name, prepare in without.items()}
assert shares["invert"].high < reads["centered"].low
assert abs(shares["gray levels (only 0 and 1)"].value - reads["centered"].value) < 0.1
rows += [f"| {name} | {share} |" for name, share in shares.items()]
told = ", ".join(f"{name} {gain:+.1f}" for name, gain in gains.items())
display(Markdown("\n".join([*rows, f"| none: all the steps | **{reads['centered']}** |", f"\nPoints that each step added, in this order: {told}."])))
assert reads["centered"].low > reads["inverted"].high

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
# ## Thin pens, and other hands
#
# MNIST's writers used thick pencils and pens: once fitted, their strokes are about 2.4 pixels wide. A ballpoint pen on paper often leaves less than 1 of 20 pixels, and the network has never seen a line so thin. So the module adds a step
# of its own between *crop* and *fit*: it measures how wide the strokes are, and **thickens** thin ones to 2 of 20 pixels. What does that gain? We need real handwriting with a thin pen. So take test digits of MNIST, find the middle line of each stroke, where
# the distance to the paper is largest, and trace it with a pen of 0.6 of 20 pixels.
#
# **Predict:** how many of the traced digits does the network read without thickening, and how many with it?

# %% tags=["data", "tol-6.0"]
chosen = random.choice(len(digits.test), min(500, len(digits.test)), replace=False)
tests, labels = digits.test.images[chosen].reshape(-1, 28, 28), digits.test.labels[chosen]


def traced(digit, width=3):
    strokes = np.array(Image.fromarray(digit).resize((140, 140), Image.Resampling.BICUBIC)) > 0.5
    inside = ndimage.distance_transform_edt(strokes)
    middle = strokes & (inside > ndimage.maximum_filter(inside, size=5) - 0.5)
    return np.clip(width / 2 + 0.5 - ndimage.distance_transform_edt(~middle), 0, 1)


pages = [traced(digit) for digit in tests]
thin, thick = (np.stack([step(page) for page in pages]) for step in (by_hand, digit_input.prepare))
read = [evaluation.accuracy(labels, says(each).argmax(axis=1)) for each in (tests, thin, thick)]
number = int(np.argmax((says(thick).argmax(axis=1) == labels) & (says(thin).argmax(axis=1) != labels)))
names = [f"{name}\n{each.value:.1%} of all" for name, each in zip(("MNIST's own", "traced", "thickened"), read, strict=True)]
shown = np.stack([each[number] for each in (tests, thin, thick)])
told = f"Above each image stands the share of all {len(tests)} digits that is read correctly: MNIST's own {read[0]}, traced {read[1]}, thickened {read[2]}."
show(figures.prediction_grid(shown, names, says(shown), title=f"A {labels[number]}, with a thin pen", caption=told))
assert read[2].value > read[1].value or not digits.is_mnist

# %% [markdown]
# Another difference can't be mended by any step: the hand itself. MNIST's digits were written by American census workers and American high school students. In much of Europe a 1 starts with an upstroke, a 7 has a bar, and a 9 ends in a
# hook; many people leave the 4 open. Here are 20 of each, drawn by code, next to 20 in the usual American form.
#
# **Predict:** which of these will the network misread, and as what?

# %% tags=["data", "tol-25.0"]
hands = [*digit_input.HANDS, 1, 4, 7, 9]
written_by = {hand: [digit_input.handwritten(hand, random, width=0.09) for _ in range(20)] for hand in hands}
first = np.stack([digit_input.prepare(written_by[hand][0]) for hand in digit_input.HANDS])
names = [hand.replace(" ", "\n", 1) for hand in digit_input.HANDS]
show(figures.prediction_grid(first, names, says(first), title="Four forms that MNIST hardly has", caption="One of 20 of each."))
rows = ["| hand | read correctly | most often read as |", "|---|---|---|"]
for hand, pages in written_by.items():
    read = says(np.stack([digit_input.prepare(page) for page in pages])).argmax(axis=1)
    rows.append(f"| {hand} | {np.sum(read == int(str(hand)[0]))} of 20 | {np.bincount(read, minlength=10).argmax()} |")
assert len(rows) == 2 + len(hands)
Markdown("\n".join(rows))

# %% [markdown]
# A network knows the hands that it was trained on. If yours is read badly, it isn't your handwriting that is wrong: the training data lack it.
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


limit = max(np.linspace(0.05, 0.5, 91), key=parted)
assert parted(digit_input.otsu_threshold(darkness)) > 0.999 * parted(limit)
inked = digit_input.read(photo)
plain = (1 - photo > digit_input.otsu_threshold(1 - photo)).astype("float32")
stages = [1 - photo, plain, 1 - paper, darkness, inked, digit_input.prepare(inked)]
without, last = says(np.stack([digit_input.prepare(plain), stages[-1]]))
words = ["photo", f"one threshold:\na {without.argmax()}, {without.max():.1%}", "its paper", "darkness"]
words += [f"ink, above {limit:.2f}", f"what it gets:\na {last.argmax()}, {last.max():.1%}"]
told = "Beneath the second and the last, what the network says. The module smooths the darkness first, and keeps gray edges."
show(figures.class_visualizations({"": stages}, {"": words}, title="From a photo to a digit", caption=told))

# %% [markdown]
# (The estimate follows the falling light, and misses part of the soft shadow: look for the gray blob in *darkness*. It stays below the threshold.)
#
# For a photo or a scan of your own, press *Photo…* on the pad. Or drop the file into JupyterLab's list of files, beside this lesson, and call `digit_input.read("photo.jpg")`; with `photo = digit_input.read_file("photo.jpg")` before
# `paper = …`, the cell above shows all its stages. PNG and JPEG will do. A JPEG is turned as the camera was held, which phones write into the file.
#
# ## A whole sheet
#
# Often the digit is small on a large sheet, and the sheet lies on a table. Then the module takes two looks. In the first one it finds the pieces of ink, and drops those that reach the edge of the picture: a shadow, a table. Then it crops the picture
# to what is left, and looks again from close by.

# %% tags=["data", "tol-1.0"]
sheet = np.full((900, 700), 0.75) * (1 - 0.2 * np.linspace(0, 1, 700))
sheet[380:480, 300:400] *= 1 - 0.5 * digit_input.handwritten(5, side=100, width=0.06)
sheet[800:] *= 0.3  # the table
reading = digit_input.look(np.clip(sheet + np.random.default_rng(1).normal(0, 0.003, sheet.shape), 0, 1))
prepared = digit_input.prepare(reading.ink)
said = says(prepared)[0]
told = " ".join(f"The module warns: “{remark}.”" for remark in reading.remarks)
show(figures.reading_steps(reading.gray, reading.box, reading.ink, prepared, prediction=f"a {said.argmax()}, {said.max():.1%}", caption=told))
assert len(reading.remarks) == 1

# %% [markdown]
# The warning matters: from here on nothing can tell whether the piece that was kept is the digit that you meant. So look at the ink. If it isn't your digit, the prediction is worth nothing, however sure it sounds.
#
# Several digits are warned about, too. The module separates them, from left to right, and you can ask for a prediction of each:

# %% tags=["data", "tol-1.0"]
year = np.hstack([digit_input.handwritten(sign, side=120, width=0.08) for sign in (2, 0, 2, 6)])
reading = digit_input.look(0.9 - 0.7 * np.pad(year, 40))
each = [int(says(digit_input.prepare(ink)).argmax()) for ink in reading.digits]
Markdown(f"{reading.remarks[0]}. One by one, the network says **{each}**.")

# %% [markdown]
# Here is the photo from above by way of a file; and what the module says to things that are no picture of a digit.

# %% tags=["data", "tol-1.0"]
folder = tempfile.TemporaryDirectory()
path, letter, holiday = (Path(folder.name, name) for name in ("photo.jpg", "letter.png", "holiday.jpg"))
Image.fromarray(np.uint8(255 * photo)).save(path)
letter.write_text("Dear network, this is no picture.")
holiday.write_bytes(bytes(4) + b"ftypheic" + bytes(100))  # so begins what an iPhone takes, whatever its name says
told = [f"`photo.jpg`: {says(digit_input.prepare(digit_input.read(path))).argmax()}", ""]

blank = np.ones((280, 280))
huge = np.broadcast_to(np.uint8(255), (10_000, 10_000))
for bad in (blank, huge, np.ones((1, 1)), letter, holiday):
    try:
        digit_input.prepare(digit_input.read(bad))
    except digit_input.DigitInputError as error:
        told.append(f"- {error}.")
Markdown("\n".join(told))

# %% [markdown]
# ## Look inside
#
# Everything that lessons 5 and 7 did with digits of MNIST works with this one. Which parts of the drawing carry the answer?

# %% tags=["data", "tol-1.0"]
mine = digit_input.prepare(drawing).reshape(1, 784)
answer = int(says(mine).argmax())
maps = {
    "occlusion": inspection.occlusion_map(model, mine, answer)[0],
    "integrated gradients": inspection.integrated_gradients(model, mine, answer)[0],
}
title, told = f"Why is this drawing a {answer}?", f"Explained is the logit of {answer}."
show(figures.attribution_maps(mine, {f"for {answer}": maps}, title=title, caption=told))

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
rows = ["| pages | how many | median of the highest probability | above 90 % |", "|---|---|---|---|"]
for name, pages in {"digits drawn by code": written, **prepared}.items():
    highest = 100 * says(pages).max(axis=1)
    rows.append(f"| {name} | {len(pages)} | {np.median(highest):.1f} % | {100 * np.mean(highest > 90):.1f} % |")
display(Markdown("\n".join(rows)))
assert np.allclose(says(shown).sum(axis=1), 1, atol=1e-3)

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
# digit, and its slope gets lost in rounding. Lesson 7 called that saturated. The module does without: it takes the slope of the label's *lead* over the other logits, which points exactly the other way.)
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
# - *An eleventh class, "no digit".* What would one show it for training? There are more things that are no digit than one can collect, and lesson 6's pages would still be taken for digits.
# - *Stronger attacks.* Many small steps with a new slope each ([Madry and others 2017](https://arxiv.org/abs/1706.06083)) need less than one large one. The one step is the plainest, and shows enough.
# - *A defence.* Training on fooled digits helps against the step that it was trained on, and costs a training.
# - *Undoing slant and turn.* It would help some hands. MNIST's makers did not do it for this data set.
#
# Shut this notebook down (*Kernel → Shut Down Kernel*; Jupyter's kernel, the running Python, is no kernel of ours) before you open another.
