# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown]
# # 9 · Your own digit
#
# *Does the network read your hand, and does it know when it doesn't?*
#
# - **You will** draw digits or photograph them, take the steps that made MNIST one by one, let the network refuse what it isn't sure of, show it letters and
#   scribbles, and find out how small a change flips its prediction.
# - **You need** [lesson 4](04_train.ipynb): loss, gradient, calibration. If you haven't run it, the network is trained now, which takes two to
#   eight minutes, once. A word that you have forgotten is in the [glossary](glossary.md).
# - **It takes** about 45 minutes to read and less than a minute to run. What you draw stays in this notebook, and nothing is kept unless you save it.

# %% [markdown]
# **You are ready if** you can answer these three, from lesson 4. Click a question to see its answer.
#
# <details><summary>Which numbers does the network get for a digit? What do 0 and 1 mean?</summary>784 numbers, 28 rows of 28. 0 is paper and 1 is full ink.</details>
#
# <details><summary>What does the gradient of the loss at a weight tell you?</summary>How fast the loss grows if this weight grows a little.</details>
#
# <details><summary>A calibrated network gives 80% to each of 1,000 predictions. How many are wrong?</summary>About 200.</details>

# %%
import numpy as np
from IPython.display import Markdown
from PIL import Image
from scipy.special import log_softmax, softmax

from lenet_tutorial import data, digit_input, evaluation, figures, inspection
from lenet_tutorial.backend import keras, tf
from lenet_tutorial.figures import folded, show
from lenet_tutorial.model import build_lenet
from lenet_tutorial.training import trained_lenet
from lenet_tutorial.widgets.pad import DrawingPad

# %% tags=["data"]
digits = data.load_digits()
X_test, labels = digits.test.images, digits.test.labels
model = trained_lenet(digits=digits).model
random = np.random.default_rng(0)
Markdown(f"**{digits.note}**")

# %% [markdown]
# ## Draw
#
# Draw a digit on the white square, with the mouse, a finger or a pen. (Or with keys: Tab, the arrows, and Space for the pen.) On the right you see what the network gets, and what it says. You can also write a digit
# on paper, take a photo, and press *Photo…*.
#
# Write all ten digits, the way you usually do. Which ones does it misread?

# %%
pad = DrawingPad(model)
pad

# %% [markdown]
# It probably read most of them. (On GitHub you see a picture instead. Nothing below needs the pad. And if the lesson says above that it uses the offline sample, your numbers will differ from what the text tells you.)
#
# But the network didn't get your drawing as it was. The pad changed it first, in several steps. What are they, and what does each of them gain?
#
# To measure that, let a program draw 200 digits, 20 of each class. It knows each digit as a few strokes, and every time it chooses another size, position, slant, width and bend.

# %%
meant = np.repeat(np.arange(10), 20)
drawings = [digit_input.handwritten(digit, random) for digit in meant]

rows = [{str(digit): drawings[20 * digit] for digit in row} for row in (range(5), range(5, 10))]
words = "Ten of the 200 drawings, 280×280 pixels each."
show(figures.tiles(rows, title="Digits drawn by a program", caption=words, ink=[str(digit) for digit in meant]))


# %% [markdown]
# ## As it lies on the paper
#
# The network needs 28×28 pixels. The simplest way is to shrink the drawing: each new pixel is the mean of 10×10 old ones. And in a photo, white paper is light, so its pixels are near 1.
#
# **Predict:** how many of the 200 does the network read like this? And how many once ink is 1 and paper is 0?

# %% tags=["data", "tol-5.0"]
def probabilities(images):
    images = np.reshape(images, (-1, 784)).astype("float32")
    return softmax(inspection.logits(model, images), axis=1)


def predict(images):
    return probabilities(images).argmax(axis=1)


small = np.array([digit_input.shrink(page) for page in drawings])
as_a_photo, inverted = (evaluation.accuracy(meant, predict(each)) for each in (1 - small, small))
folded(f"Light paper, as in a photo: **{as_a_photo}**. Ink as 1 and paper as 0: **{inverted}**. Guessing gives 10%.")


# %% [markdown]
# Inverting helps, but most of the digits are still misread. You read them without trouble: they only have another size than in MNIST, or another position.
#
# ## The steps that made MNIST
#
# MNIST's digits were *not* like that on paper. They were made in four steps. [LeCun, Bottou, Bengio and Haffner (1998)](https://doi.org/10.1109/5.726791), section III.A, describe the last two; the first two prepare for them.
#
# 1. **Invert**: ink is 1, paper is 0.
# 2. **Crop**: cut out the smallest rectangle that holds the ink. The position on the paper is gone.
# 3. **Fit**: scale the rectangle so that its longer side has 20 pixels, and keep the proportions. Each new pixel is a weighted mean of old ones. That's where MNIST's gray edges come from.
# 4. **Center**: place it in 28×28 pixels so that its *center of mass* is in the middle.
#
# Here are steps 2 and 3, in NumPy and Pillow:

# %%
def crop(page):
    rows, columns = (np.flatnonzero((page > 0.25).any(axis=axis)) for axis in (1, 0))
    return page[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]


def fit(piece):
    height, width = (max(1, round(20 * side / max(piece.shape))) for side in piece.shape)
    return np.clip(Image.fromarray(piece).resize((width, height), Image.Resampling.HAMMING), 0, 1)


drawing = drawings[143]
print(f"drawing {drawing.shape} → cropped {crop(drawing).shape} → fitted {fit(crop(drawing)).shape}")


# %% [markdown]
# The **center of mass** is the mean position of all the ink. Take a row of three pixels with the ink 0, 1 and 3. Its center of mass is (0·0 + 1·1 + 2·3) / 4 = 1.75. A faint pixel counts little and a dark one much. The middle of MNIST's images
# is pixel 14, counted from 0. (`clip` keeps the ink inside the image.)
#
# The cell also compares with the module, for all 200 drawings.

# %%
def center(piece):
    height, width = piece.shape
    row = np.average(np.arange(height), weights=piece.sum(axis=1))
    column = np.average(np.arange(width), weights=piece.sum(axis=0))
    top = int(np.clip(round(14 - row), 0, 28 - height))
    left = int(np.clip(round(14 - column), 0, 28 - width))
    return np.pad(piece, ((top, 28 - height - top), (left, 28 - width - left)))


for page in drawings:
    by_module = digit_input.center(digit_input.fit(digit_input.crop(page)))
    np.testing.assert_allclose(center(fit(crop(page))), by_module, atol=1e-5)
print("By hand and by the module: the same, for all 200 drawings.")

# %% [markdown]
# Now stop after each step and ask the network. (After *crop* the rectangle is stretched to 28×28. After *fit* it lies in the middle of the image.) The picture shows the drawing that needs the most steps. To follow one of your own, change the marked line to `page, label = pad.image, 7`, with the digit that you meant.
#
# **Predict:** which step adds most to the share of *all* drawings that are read?

# %% jupyter={"outputs_hidden": true} tags=["varies", "folded"]
stepped = [digit_input.after_each_step(page) for page in drawings]
right = {step: predict([each[step] for each in stepped]) == meant for step in stepped[0]}

needs_most = (right["centered"] * sum(~each for each in right.values())).argmax()
page, label = drawings[needs_most], meant[needs_most]  # change this line

images = np.reshape([*digit_input.after_each_step(page).values()], (5, 784))
titles = [f"{step}\n{each.mean():.1%} of all" for step, each in right.items()]
words = {"title": "One drawing, step by step", "titles": titles}
words["caption"] = "Above each image: the share of all 200 drawings that is read after this step."
show(figures.prediction_bars(images, probabilities(images), [label] * 5, **words))
assert right["centered"].mean() > right["inverted"].mean() > right["as a photo"].mean()

# %% [markdown]
# The network learned what digits look like in MNIST: at one size, in one place. The steps bring your drawing there. None of them knows anything about digits.
#
# The order hides something: a step may look useful only because a later one is still missing. So here is the opposite test. Take all the steps and leave out **one**.
#
# **Predict:** which one can you leave out at no cost?

# %% tags=["data", "tol-5.0"]
shortened = [digit_input.without_one_step(page) for page in drawings]
table = "| left out | read correctly |\n|---|---|\n"
for step in shortened[0]:
    table += f"| {step} | {evaluation.accuracy(meant, predict([each[step] for each in shortened]))} |\n"
folded(table)

# %% [markdown]
# Without the first step nothing works, whatever the others do. Without the fit or the center, the network misreads more digits. (Which of these two matters more, 200 drawings can't tell: look at the intervals.) The gray edges are hardly missed.
#
# ## A thin pen
#
# MNIST's strokes are two to three pixels wide, when the digit is 20 pixels tall. A ballpoint pen often leaves less than one. So the module adds a step of its own between *crop* and *fit*: it measures the width of the strokes and **thickens** thin ones to 2 pixels.
#
# What is that worth? Take real handwriting: 300 test digits, drawn at random. `retrace` draws each of them again with a very thin pen of 0.4 pixels, along the middle of its strokes.
#
# **Predict:** what does the thin pen cost, and how much of it does thickening win back?

# %% jupyter={"outputs_hidden": true} tags=["data", "tol-6.0", "folded"]
some = random.permutation(len(X_test))[:300]
own = X_test[some].reshape(-1, 28, 28)
thin = [digit_input.retrace(digit, 0.4) for digit in own]
pens = {
    "as it is": own,
    "thin pen": [center(fit(crop(page))) for page in thin],
    "thickened": [digit_input.prepare(page) for page in thin],
}

titles = [f"{name}\n{evaluation.accuracy(labels[some], predict(images))}" for name, images in pens.items()]
width = np.median([digit_input.stroke_width(digit) for digit in own])
words = f"Above each: the accuracy on all 300. As they are, half of them have strokes wider than {width:.1f} pixels."
one = [images[0] for images in pens.values()]
show(figures.digit_sheet(one, titles, title="The same digit with two pens", caption=words, columns=3))


# %% [markdown]
# ## Another hand
#
# One difference can't be removed by any step. MNIST's writers were employees of the American Census Bureau and American high-school students. In much of Europe, a 1 begins with a long upstroke, a 7 has a bar, a 9 ends in a hook, and many people leave the 4 open. The program
# draws 100 of each form, and 100 of the plain forms for comparison.
#
# **Predict:** which of these does the network misread, and as what?

# %% jupyter={"outputs_hidden": true} tags=["varies", "folded"]
def drawn(form, n=100):
    return np.array([digit_input.prepare(digit_input.handwritten(form, random)) for _ in range(n)])


written = {form: drawn(form) for form in (1, 4, 7, 9, *digit_input.HANDS)}
counts = {form: np.bincount(predict(images), minlength=10) for form, images in written.items()}
titles = []
for form, each in counts.items():
    often = [f"read as {digit}: {each[digit]}%" for digit in np.argsort(-each)[:3] if each[digit] >= 5]
    titles.append("\n".join([str(form), *often]))

words = "One of 100 drawings of each form; below, those that are common in Europe. "
words += "The 95% interval of a share is at most ±10%."
one = [each[0] for each in written.values()]
show(figures.digit_sheet(one, titles, title="Two hands", caption=words, columns=4))
assert counts["1 with an upstroke"][1] < counts[1][1] or not digits.is_mnist

# %% [markdown]
# The open 4 and the bar of the 7 do little harm: some American writers make them, too. But most of the 1s with an upstroke are misread, and some of the hooked 9s.
#
# If the network misreads you, there is nothing wrong with your hand: the training data lack it. To measure how well it reads you, collect what you draw on the pad:
#
# ```python
# mine = digit_input.Drawings("my drawings")    # a folder
# mine.add(pad.image, 7)                        # after each drawing: the digit that you meant
# mine.save()
# print(evaluation.accuracy(mine.labels, predict(mine.images)))
# ```
#
# ## A photo
#
# A photo has one more difficulty: light. Here is a sheet as a phone may see it, made by a program: the light falls off toward one corner, and below lies a dark table.
#
# Can one gray level separate ink from paper? [Otsu's method](https://doi.org/10.1109/TSMC.1979.4310076) chooses the level, the **threshold**, that divides the pixels best into two groups. Here even the best one fails: the paper in the dark corner is as dark as ink.
#
# So the module first estimates how light the *paper* would be at each position. Ink is what is darker than its paper. Then it drops what touches the edge of the picture, crops to the rest, and looks again.

# %% tags=["data", "tol-3.0"]
photo = digit_input.photographed(5, np.random.default_rng(1))
one_threshold = 1 - photo > digit_input.otsu_threshold(1 - photo)

reading = digit_input.look(photo)
prepared = digit_input.prepare(reading.ink)
said = probabilities(prepared)[0]
said = f"a {said.argmax()}, {said.max():.1%}"
words = f"The module warns: “{reading.remarks[0]}.”"
steps = reading.gray, reading.box, one_threshold, reading.ink, prepared
show(figures.reading_steps(*steps, prediction=said, caption=words))

# %% [markdown]
# Take the warning seriously. If the ink in the third panel isn't your digit, the prediction is worth nothing. So after each photo, look at what the network gets.
#
# What does the module say to other pictures?

# %% tags=["data", "tol-1.0"]
year = np.hstack([digit_input.handwritten(digit, side=120, width=0.08) for digit in (2, 0, 2, 6)])
pictures = {
    "four digits in a row": 0.9 - 0.7 * np.pad(year, 40),
    "an empty sheet": np.full((280, 280), 0.9),
    "a text file": b"Dear network, this is no picture.",
    "an iPhone's HEIC file": bytes(4) + b"ftypheic" + bytes(100),
}

table = "| picture | the module says | read one by one |\n|---|---|---|\n"
for name, picture in pictures.items():
    try:
        reading = digit_input.look(picture)
        each = predict([digit_input.prepare(ink) for ink in reading.digits])
        table += f"| {name} | {reading.remarks[0]}. | {each} |\n"
    except digit_input.DigitInputError as error:
        table += f"| {name} | {error}. | |\n"
Markdown(table)

# %% [markdown]
# For a photo of your own, press *Photo…* on the pad, or call `digit_input.look("photo.jpg")`. PNG and JPEG work.
#
# ## How sure is it?
#
# The network misreads some hands. Does it know? All that it offers is its highest probability. In lesson 4's reliability diagram you saw whether "80% sure" means right in 80% of the cases. What can you do if it doesn't?
#
# The simplest cure is a **temperature** ([Guo et al. 2017](https://arxiv.org/abs/1706.04599)): divide all logits by one number T before softmax. The order of the classes stays, so no prediction changes.
#
# Try it by hand. Three classes have the logits ln 16, ln 4 and ln 1, so softmax gives 16/21, 4/21 and 1/21. With T = 2 the logits are halved. Half of ln 16 is ln 4, and half of ln 4 is ln 2, so softmax gives 4/7, 2/7 and 1/7. A temperature above 1 makes the network *less* sure, and one below 1 *more* sure.

# %%
shares = np.array([16, 4, 1])
for T in (0.5, 1, 2):
    by_hand = shares ** (1 / T) / (shares ** (1 / T)).sum()
    np.testing.assert_allclose(softmax(np.log(shares) / T), by_hand)
    print(f"T = {T:<3}  probabilities {by_hand.round(3)}")

# %% [markdown]
# To see a temperature at work, you need a network that isn't calibrated. Lesson 4 trained one on only 500 digits: its validation loss rose while its accuracy stayed, because it grew too sure of itself. Train another here, on 1,000 digits and with another seed. (You'll need it again.)

# %% tags=["data", "tol-2.0"]
few = random.permutation(len(digits.train))[:1000]
keras.utils.set_random_seed(1)
other = build_lenet()
other.compile(loss="categorical_crossentropy", optimizer=keras.optimizers.SGD(0.1))
other.fit(digits.train.images[few], digits.train.onehot[few], batch_size=50, epochs=12, verbose=0)

networks = {"lesson 4's network": model, "trained on 1,000 digits": other}
on_validation = {name: inspection.logits(each, digits.validation.images) for name, each in networks.items()}
on_test = {name: inspection.logits(each, X_test) for name, each in networks.items()}
correct = {name: each.argmax(axis=1) == labels for name, each in on_test.items()}
Markdown("\n".join(f"- {name}: {each.mean():.2%} of the test digits are read" for name, each in correct.items()))


# %% [markdown]
# Which temperature is right? The one with the lowest loss on the **validation** digits. (On its training digits the network is surer than elsewhere, and test digits must not decide anything.) Try 200 temperatures and take the best.
#
# **Predict:** will T be above or below 1, for each network?

# %% tags=["data", "tol-0.5"]
def loss(logits, its_labels):
    return -log_softmax(logits, axis=1)[np.arange(len(its_labels)), its_labels].mean()


grid, best = np.geomspace(0.3, 5, 200), {}
table = "| network | T | test loss before | after |\n|---|---|---|---|\n"
for name, logits in on_validation.items():
    T = best[name] = grid[np.argmin([loss(logits / T, digits.validation.labels) for T in grid])]
    np.testing.assert_allclose(T, evaluation.temperature(logits, digits.validation.labels), rtol=0.02)
    before, after = (loss(on_test[name] / each, labels) for each in (1, T))
    table += f"| {name} | {T:.2f} | {before:.4f} | {after:.4f} |\n"
folded(table)

# %% [markdown]
# Lesson 4's network isn't quite sure enough, and the other one is too sure of itself. One number for each, found on the validation digits, lowers the loss on the test digits, too. Now their reliability diagrams.
#
# **Predict:** where do the points of the second network lie before, above or below the line?

# %% jupyter={"outputs_hidden": true} tags=["data", "tol-1.0", "folded"]
said = {}
for name, logits in on_test.items():
    said[name] = [softmax(logits / T, axis=1).max(axis=1) for T in (1, best[name])]
panels = {name: (*said[name], correct[name]) for name in networks}
after = {name: f"T = {T:.2f}" for name, T in best.items()}
show(figures.recalibrated(panels, title="Reliability before and after", after=after))

# %% [markdown]
# Look at the open circles on the right. Most of them are below the line: this network is right less often than it says. The temperature moves them up, and the mean gap (the *expected calibration error*) gets smaller. (One number can't put every group on the line. It goes by the loss, and most digits are in the last group.)
#
# But the network reads exactly as many digits as before: a temperature corrects the probabilities, never the predictions.
#
# ## "I don't know"
#
# Now use the probability. Let the network **refuse** to answer where it is least sure. How many mistakes remain among the other digits? The control is to refuse digits at random.
#
# **Predict:** it refuses one test digit in ten. By how much does the share of mistakes fall? And for the European hands?

# %% jupyter={"outputs_hidden": true} tags=["data", "tol-6.0", "folded"]
name = "lesson 4's network"
sure = said[name][0]
europeans = np.concatenate([written[form] for form in digit_input.HANDS])
of_europeans = probabilities(europeans)
read_right = of_europeans.argmax(axis=1) == np.repeat([1, 4, 7, 9], 100)
groups = {"test digits": (sure, correct[name]), "European hands": (of_europeans.max(axis=1), read_right)}
show(figures.rejection_curves(groups, title="Fewer answers, fewer mistakes"))

# %% [markdown]
# This is a **rejection curve**. At random, the share of mistakes would stay where it is (dashed). Both curves fall, so a low probability does warn you. For the European hands it helps less: many of their mistakes are confident.
#
# ## "None of these"
#
# What if it isn't a digit at all? Softmax divides 100% among ten digits, whatever you show the network. Is the highest probability at least *lower* for a letter than for a digit?
#
# A number for this is the **AUROC** (area under the receiver operating characteristic, or ROC curve). Take one digit and one letter. How often does the digit get the higher probability, over all such pairs? 1 is a perfect separation, and 0.5 is chance. By hand, for three digits and three letters:

# %%
of_digits, of_letters = np.array([0.99, 0.90, 0.60]), np.array([0.80, 0.50, 0.40])
wins = of_digits[:, None] > of_letters
print(wins.astype(int))
print(f"{wins.sum()} of {wins.size} pairs: {wins.mean():.3f}")
print(f"The module: {evaluation.auroc(of_digits, of_letters).value:.3f}")

# %% [markdown]
# Only the digit with 0.60 loses, against the letter with 0.80.
#
# The program also draws six letters (A, K, M, R, W, X) and scribbles. Noise is a random gray level in each pixel. And you need a control: perhaps the network only notices that a *program* draws. Then the program's digits would be separated from MNIST's as well.
#
# Suppose that the network refuses everything below a threshold. The one in the picture comes from the validation digits: 5% of them lie below it.
#
# **Predict:** which of the groups will be hardest to tell from digits?

# %% jupyter={"outputs_hidden": true} tags=["varies", "folded"]
letters = {sign: probabilities(drawn(sign, 50)).max(axis=1) for sign in digit_input.LETTERS}
surest = max(letters, key=lambda sign: np.median(letters[sign]))
scribbles = [digit_input.prepare(digit_input.scribble(random)) for _ in range(200)]
groups = {
    "test digits": sure[random.permutation(len(sure))[:1000]],
    "digits by the program": probabilities([digit_input.prepare(page) for page in drawings]).max(axis=1),
    "European hands": of_europeans.max(axis=1),
    "six letters": np.concatenate([*letters.values()]),
    f"of these, the {surest}": letters[surest],
    "scribbles": probabilities(scribbles).max(axis=1),
    "noise": probabilities(random.random((200, 784))).max(axis=1),
}
areas = {name: evaluation.auroc(groups["test digits"], each) for name, each in list(groups.items())[1:]}
threshold = np.quantile(softmax(on_validation["lesson 4's network"], axis=1).max(axis=1), 0.05)
show(figures.highest_probabilities(groups, areas, title="Is it a digit at all?", threshold=threshold))
assert areas["six letters"].low > 0.6 or not digits.is_mnist

# %% [markdown]
# Start with the control, the second row. Its AUROC is near 0.5, so what separates the letters isn't the program.
#
# Letters, scribbles and noise do get lower probabilities than digits. So a low probability means something ([Hendrycks and Gimpel 2017](https://arxiv.org/abs/1610.02136) found this for many networks). The European hands lie in between: they are digits, and the network is less sure of them.
#
# But an AUROC is an average over pairs. Look at the right side: many of the letters are above the threshold. Of the letter that the network is surest of, in the row below, nearly all are.
#
# What can these stand-ins *not* show? Other letters would give another number, and what you'll meet in practice (crossed-out digits, smudges, two digits at once) isn't among them. And if you chose the threshold by looking at them, it would look better than it is. The numbers promise nothing about the next group.
#
# ## The worst case
#
# So far you haven't tried to deceive the network. Now you do. An **adversarial example** is an image that was changed a little, still shows the same digit, and gets another prediction.
#
# Start with a tiny model: four pixels, one weight for each, and a score that is positive for "7". The weights are 2, -1, 0.5 and -0.5, and all pixels are 0.5, so the score is 1 - 0.5 + 0.25 - 0.25 = 0.5.
#
# Move every pixel by the same small amount ε, each in the direction that lowers the score: down where the weight is positive, up where it is negative. Then each pixel lowers the score by ε·|weight|. Together that's ε·(2 + 1 + 0.5 + 0.5) = 4ε. So ε = 0.125 is enough to reach 0. On the scale
# of 255 gray levels that's 32.

# %%
weights, pixels = np.array([2, -1, 0.5, -0.5]), np.full(4, 0.5)
against = pixels - 0.125 * np.sign(weights)
all_down = pixels - 0.125
print("score", weights @ pixels, "- each in its own direction:", weights @ against, "- all down:", weights @ all_down)

# %% [markdown]
# The amount is the same in both, and only the *directions* differ. With 784 pixels the sum of all |weights| can be hundreds of times larger, and then a much smaller ε is enough.
#
# For a network, the direction comes from a gradient. In training, each *weight* moved against the gradient of the loss. Here each *pixel* moves along it, so that the loss grows, and only the gradient's sign counts. This is **FGSM**, the fast gradient sign method
# ([Goodfellow, Shlens and Szegedy 2015](https://arxiv.org/abs/1412.6572)), the simplest *attack*.
#
# Take 200 test digits, drawn at random, that both networks read correctly. The figure shows the one that the network was surest of, among those that a step of 32 gray levels flips.

# %% jupyter={"outputs_hidden": true} tags=["varies", "folded"]
both = np.all([each.argmax(axis=1) == labels for each in on_test.values()], axis=0)
order = random.permutation(len(X_test))
chosen = order[both[order]][:200]
X, Y = X_test[chosen], labels[chosen]


def loss_gradient(image, label):
    pixels = tf.constant(image[None])
    with tf.GradientTape() as tape:
        tape.watch(pixels)
        its_loss = keras.losses.sparse_categorical_crossentropy(np.array([label]), model(pixels))
    return tape.gradient(its_loss, pixels).numpy()[0]


epsilon = 32 / 255
flipped = predict(inspection.fgsm(model, X, Y, epsilon)) != Y
i = (sure[chosen] * flipped).argmax()
gradient = loss_gradient(X[i], Y[i])
moved = np.clip(X[i] + epsilon * np.sign(gradient), 0, 1)
show(figures.fgsm_step(X[i], gradient, moved, probabilities([X[i], moved]), epsilon=epsilon))
by_module = inspection.loss_gradient_sign(model, X[i : i + 1], Y[i])[0]
assert np.mean(np.sign(gradient) == by_module) > 0.9

# %% [markdown]
# You can still read the digit. The gradient is strong in a few places and weak in most. The sign makes them all equal, so hundreds of small changes add up. (On empty paper only red counts: there is no ink to take away.)
#
# The gradient is only right near the point where you computed it (lesson 4). So take ten small steps instead of a large one, and compute the gradient anew each time. After each step, bring every pixel back to at most ε from where it started. This is **PGD**, projected gradient descent
# ([Madry et al. 2018](https://arxiv.org/abs/1706.06083)). In the cell it is a loop of two lines. (Each step is a quarter of ε, so that ten steps can go there and back.)
#
# And does an attack need *this* network? The cell also makes the change for the *other* one, which has another seed and learned from fewer digits, and shows the result to this one. This is called **transfer**.
#
# **Predict:** which of the four changes flips the prediction? (The figure shows a digit that FGSM leaves as it is and PGD flips, if there is one.)

# %% jupyter={"outputs_hidden": true} tags=["varies", "folded"]
signs = random.choice(np.float32([-1, 1]), X.shape)
attacks = {
    "random signs": lambda size: np.clip(X + size * signs, 0, 1),
    "transferred PGD": lambda size: inspection.pgd(other, X, Y, size),
    "FGSM": lambda size: inspection.fgsm(model, X, Y, size),
    "PGD": lambda size: inspection.pgd(model, X, Y, size),
}
images = {name: attack(epsilon) for name, attack in attacks.items()}
i = ((predict(images["PGD"]) != Y) * (2.0 - (predict(images["FGSM"]) != Y))).argmax()

by_hand = X[i : i + 1]
for _ in range(10):
    by_hand = by_hand + epsilon / 4 * inspection.loss_gradient_sign(model, by_hand, Y[i])
    by_hand = np.clip(np.clip(by_hand, X[i] - epsilon, X[i] + epsilon), 0, 1)

of_one = [each[i] for each in images.values()]
words = {"title": "Four changes of the same size", "caption": f"A {Y[i]}, and what the network says after each change."}
show(figures.adversarial_examples(X[i], of_one, list(images), probabilities(of_one), **words))
assert np.isclose(by_hand[0], of_one[-1], atol=1e-5).mean() > 0.95

# %% [markdown]
# Now all 200 digits, and several sizes. The dashed curve counts only those changed predictions that are also above the threshold, so that refusing wouldn't help.
#
# **Predict:** which of the curves will be the highest, and does the transferred attack work at all?

# %% jupyter={"outputs_hidden": true} tags=["data", "tol-10.0", "folded"]
levels = (0, 16, 32, 48, 64)
fooled = {name: [0.0] for name in (*attacks, "PGD, and not refused")}
for level in levels[1:]:
    for name, attack in attacks.items():
        moved = images[name] if level == 32 else attack(level / 255)
        wrong = predict(moved) != Y
        fooled[name].append(wrong.mean())
    fooled["PGD, and not refused"].append(np.mean(wrong & (probabilities(moved).max(axis=1) >= threshold)))
show(figures.attack_curves(levels, fooled, n=len(X), title="How large a change flips the prediction?", shown=32))

# %% [markdown]
# Random changes hardly hurt, even the largest. The same amount along the gradient flips nearly every prediction at the right end, and PGD needs less than FGSM. So it isn't the amount of the change that counts, but its direction.
#
# The attack transfers, too: it works far better than random signs, though not as well as one made for this network. And the dashed curve shows that a threshold is no protection: many of the wrong predictions are confident.
#
# On photographs far less is enough. Goodfellow and his colleagues show a panda that is taken for a gibbon after a change of 0.007 times the sign: one gray level of an 8-bit image.
#
# ## What you saw

# %% tags=["data", "tol-10.0"]
at_32 = ", ".join(f"{fooled[name][levels.index(32)]:.1%}" for name in attacks)
upstroke = f"{counts[1][1] / 100:.1%} and {counts['1 with an upstroke'][1] / 100:.1%} read"
Markdown(
    "| the question | the answer |\n|---|---|\n"
    f"| 200 drawings, as in a photo and after MNIST's steps | {as_a_photo.value:.1%} and {right['centered'].mean():.1%} read |\n"
    f"| a plain 1 and a 1 with an upstroke | {upstroke} |\n"
    f"| letters above a threshold that lets 95% of the validation digits pass | {np.mean(groups['six letters'] >= threshold):.1%} |\n"
    f"| predictions flipped by 32 gray levels: {', '.join(attacks)} | {at_32} |"
)

# %% [markdown]
# - The network reads what looks like MNIST. The steps bring a drawing there, and they can't change a hand.
# - A temperature, found on validation digits, corrects the probabilities and changes no prediction.
# - A low probability is a warning: for mistakes, letters, scribbles and noise. A high probability is no proof.
# - A small change along the gradient flips predictions, noise of the same size doesn't, and the change transfers to another network.
#
# ## Exercises
#
# Put your answer in place of `...` and run the cell. `exercises.center_of_mass.hint()` gives one hint at a time, and `exercises.center_of_mass.solution()` shows a worked solution.
#
# **1 · The center of mass.** Write a function that returns the center of mass of an image with ink, as (row, column), counted from 0. The image may have any shape.

# %%
from lenet_tutorial.exercises import digit_input as exercises


def center_of_mass(page):
    ...


exercises.center_of_mass.check(center_of_mass)


# %% [markdown]
# **2 · When to refuse.** You get the probabilities of many predictions and whether each is correct. Of the predictions that you keep, at most the share `most` may be wrong. Write a function that returns the threshold: keep a prediction if its probability is at
# least this large. Refuse as few as possible.

# %%
def refusal(sure, correct, most):
    ...


exercises.refusal.check(refusal)


# %% [markdown]
# **3 · A small push.** Take a model that is only a sum, `(weights * page).sum() + bias`. Every pixel moves by the same ε, up or down by the sign of its weight, so that the score goes toward 0. How large must ε be so that the score is exactly 0? Write a function that returns it.
# (Pixels may leave the range from 0 to 1.)

# %%
def minimal_perturbation(weights, bias, page):
    ...


exercises.minimal_perturbation.check(minimal_perturbation)

# %%
exercises.tally()

# %% [markdown]
# **Further**, without a check:
#
# - Draw ten digits on the pad, one of each, and collect them. Which are misread: is it the hand, or one of the steps?
# - Draw letters of your own. Which of them get above the threshold?
#
# ## For the curious
#
# - **Defense.** Madry et al. train on PGD examples, made anew in each step. On MNIST that helps up to the size that it was trained for, and it takes many times as long.
# - **History.** Small changes that flip a network, and their transfer, are from [Szegedy et al. 2014](https://arxiv.org/abs/1312.6199). Refusing the least certain cases is from [Chow 1970](https://doi.org/10.1109/TIT.1970.1054406). That the AUROC
#   counts pairs is explained by [Hanley and McNeil 1982](https://doi.org/10.1148/radiology.143.1.7063747).
#
# ---
#
# **The next question.** The textbook calls this network LeNet. Is it? And what did the convolutions buy, compared with other ways to read digits? That will be lesson 10. Shut this notebook down first (*Kernel → Shut Down Kernel*).
