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
# - **You will** draw digits or photograph them, take the steps that made MNIST one by one, find out when a low probability is a warning, and see how small a change
#   flips a prediction.
# - **You need** [lesson 4](04_train.ipynb): loss, gradient, probability. If you haven't run it, the network is trained now, which takes two to
#   eight minutes, once. Forgotten a word? See the [glossary](glossary.md).
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
from scipy.special import softmax

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
# On the left is a drawing, in the middle what the network gets of it, and on the right what it says. (The 7 was drawn by code.)
#
# Press *Clear* and draw your own, with the mouse, a finger or a pen. (Or with keys: Tab, the arrows, and Space for the pen.) Or write a digit on paper, take a photo, and press *Photo…*. Try all ten digits. Which ones does the network misread?

# %% tags=["data", "tol-5.0"]
pad = DrawingPad(model)
pad.draw([0.5 * stroke + (0.05, 0.42) for stroke in digit_input.DIGITS[7]], width=0.06)
pad

# %% [markdown]
# It probably read most of them. (On GitHub you see a picture instead. Nothing below needs the pad. With the offline sample, your numbers will differ from what the text tells you.)
#
# Look at the 7 again. It was small and off center, and the network got it large and with its *center of mass* in the middle. The pad changed it first, in several steps. What does each of them gain?
#
# To measure that, let a program draw 200 digits, 20 of each class. It knows each digit as a few strokes, and every time it chooses another size, position, slant, width and bend. (They are one program's drawings, not 200 people's. So the intervals below hold for more drawings by this program, not for other hands.)

# %%
meant = np.repeat(np.arange(10), 20)
drawings = [digit_input.handwritten(digit, random) for digit in meant]

rows = [{str(digit): drawings[20 * digit] for digit in row} for row in (range(5), range(5, 10))]
words = "Ten of the 200 drawings, 280×280 pixels each."
show(figures.tiles(rows, title="Digits drawn by a program", caption=words, ink=[str(digit) for digit in meant]))


# %% [markdown]
# ## The steps that made MNIST
#
# The simplest way to 28×28 pixels is to shrink the drawing: each new pixel is the mean of 10×10 old ones. MNIST's digits were made differently. We take four steps; [LeCun et al. (1998)](https://doi.org/10.1109/5.726791), section III.A, describe the last two.
#
# 1. **Invert**: ink is 1, paper is 0. (In a photo, white paper is light, so its pixels are near 1.)
# 2. **Crop**: cut out the smallest rectangle that holds the ink.
# 3. **Fit**: scale the rectangle so that its longer side has 20 pixels, and keep the proportions. Each new pixel is a weighted mean of old ones. That's where MNIST's gray edges come from.
# 4. **Center**: place it in 28×28 pixels so that its *center of mass* is in the middle.
#
# Here are steps 2 and 3, in NumPy and Pillow:

# %%
def crop(image):
    rows, columns = (np.flatnonzero((image > 0.25).any(axis=axis)) for axis in (1, 0))
    return image[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]


def fit(piece):
    height, width = (max(1, round(20 * side / max(piece.shape))) for side in piece.shape)
    return np.clip(Image.fromarray(piece).resize((width, height), Image.Resampling.HAMMING), 0, 1)


drawing = drawings[85]
print(f"drawing {drawing.shape} → cropped {crop(drawing).shape} → fitted {fit(crop(drawing)).shape}")


# %% [markdown]
# The **center of mass** is the mean position of all the ink. Take a row of three pixels with the ink 0, 1 and 3. Its center of mass is (0·0 + 1·1 + 2·3) / 4 = 1.75. A faint pixel counts little and a dark one much.
#
# The middle of MNIST's images is pixel 14, counted from 0. (28 pixels have their middle between pixels 13 and 14; MNIST takes the second. `clip` keeps the ink inside the image.)

# %%
def center(piece):
    (row, column), (height, width) = digit_input.center_of_mass(piece), piece.shape
    top = int(np.clip(round(14 - row), 0, 28 - height))
    left = int(np.clip(round(14 - column), 0, 28 - width))
    return np.pad(piece, ((top, 28 - height - top), (left, 28 - width - left)))


print(f"center of mass of 0, 1, 3: column {digit_input.center_of_mass(np.array([[0, 1, 3]]))[1]}")
for image in drawings:
    by_module = digit_input.center(digit_input.fit(digit_input.crop(image)))
    np.testing.assert_allclose(center(fit(crop(image))), by_module, atol=1e-5)
print("By hand and by the module: the same, for all 200 drawings.")


# %% [markdown]
# Now stop after each step and ask the network. (After *crop* the rectangle is stretched to 28×28. After *fit* it lies in the middle.) Black means 1, as always, so a photo's light paper is black here. To follow a drawing of your own, change the marked line to `image, label = pad.image, 7`, with the digit that you meant.
#
# **Predict:** how many of the 200 does the network read as they are in a photo, and which step adds most? (Guessing gives 10%.)

# %% jupyter={"outputs_hidden": true} tags=["varies", "folded"]
def probabilities(images):
    return softmax(inspection.logits(model, np.reshape(images, (-1, 784))), axis=1)


def predict(images):
    return probabilities(images).argmax(axis=1)


stepped = [digit_input.after_each_step(image) for image in drawings]
right = {step: predict([each[step] for each in stepped]) == meant for step in stepped[0]}

image, label = drawing, 4  # change this line

images = np.reshape([*digit_input.after_each_step(image).values()], (5, 784))
titles = [f"{step}\n{each.mean():.1%} of all" for step, each in right.items()]
words = {"title": "One drawing, step by step", "titles": titles}
words["caption"] = "Percentages: of all 200 drawings, read correctly."
show(figures.prediction_bars(images, probabilities(images), [label] * 5, **words))
assert right["centered"].mean() > right["inverted"].mean() > right["as a photo"].mean()

# %% [markdown]
# The network learned digits of one size, in one place. The steps bring your drawing there.
#
# The order hides something: a step may look useful only because a later one is still missing. So now take all the steps and leave out **one** thing that they do. (The crop can't be left out alone: the fit needs its rectangle.)
#
# **Predict:** what can you leave out at no cost?

# %% tags=["data", "tol-5.0"]
shortened = [digit_input.without_one_step(image) for image in drawings]
table = "| left out: what comes instead | read correctly |\n|---|---|\n"
for step in shortened[0]:
    table += f"| {step} | {evaluation.accuracy(meant, predict([each[step] for each in shortened]))} |\n"
folded(table)


# %% [markdown]
# Without inverting nothing works. The size comes next: centered, but as large as drawn, many digits are misread. The proportions and the center of mass matter less. (Which of the two matters more, 200 drawings can't tell.) The gray edges are hardly missed.
#
# The module adds a step of its own between *crop* and *fit*: it thickens strokes that would be less than 2 pixels wide, as a ballpoint pen's often are.
#
# ## Other forms
#
# No step can change the *form* of a digit. MNIST was written in the United States. In much of Europe, a 1 begins with a long upstroke and a 7 has a bar, and some people's 9 ends in a hook. The program draws 100 of each form, and 100 plain ones for comparison.
#
# **Predict:** which of these does the network misread, and as what?

# %% jupyter={"outputs_hidden": true} tags=["varies", "folded"]
def drawn(form, n=100):
    return np.array([digit_input.prepare(digit_input.handwritten(form, random)) for _ in range(n)])


written = {form: drawn(form) for form in (1, 7, 9, *digit_input.FORMS)}
tiles = {}
for form, images in written.items():
    counts = np.bincount(predict(images), minlength=10)
    often = [f"read as {digit}: {counts[digit]}%" for digit in np.argsort(-counts)[:2] if counts[digit] >= 5]
    tiles["\n".join([str(form), *often])] = images[0]

rows = [dict([*tiles.items()][:3]), dict([*tiles.items()][3:])]
words = "One of 100 drawings of each form. The 95% interval of a share is at most ±10 points."
show(figures.tiles(rows, title="Plain and other forms", caption=words, ink=[*tiles], height=2.3))
assert np.mean(predict(written[1]) == 1) > 0.8 or not digits.is_mnist

# %% [markdown]
# The bar of the 7 does little harm. Some of the hooked 9s are misread, and most of the 1s with this upstroke. But "long" was our choice: 55% of the stem. How do the readings change while the upstroke grows?
#
# **Predict:** from which length on are most of the 1s misread?

# %% jupyter={"outputs_hidden": true} tags=["data", "tol-15.0", "folded"]
lengths = np.arange(0, 80, 10)
ones = [drawn(digit_input.one_with_upstroke(length / 100)) for length in lengths]
counts = [np.bincount(predict(each), minlength=10) for each in ones]
words = {"title": "A 1 that grows an upstroke", "xlabel": "length of the upstroke (% of the stem)"}
words["caption"] = "100 drawings of each length, one of them above. Bands: 95% intervals."
show(figures.reading_curves([each[0] for each in ones], lengths, counts, **words))

# %% [markdown]
# The longer the upstroke, the more 1s are read as something else, mostly as 7. There is no sharp border. (Perhaps few of MNIST's 1s have a long upstroke. We didn't count them.) If the network misreads you, there is nothing wrong with your hand.
#
# ## A photo
#
# A photo has one more difficulty: light. Here is a sheet as a phone may see it, made by a program: the light falls off toward one corner, and below lies a dark table.
#
# Can one gray level separate ink from paper? [Otsu's method](https://doi.org/10.1109/TSMC.1979.4310076) chooses the level, the **threshold**, that divides the pixels best into two groups. Here even that fails: the paper in the dark corner is as dark as ink. So the module first estimates how light the *paper* would be at each position. Ink is what is darker than its paper. Then it drops what touches the edge of the picture.

# %% tags=["data", "tol-3.0"]
photo = digit_input.photographed(5, np.random.default_rng(1))
one_threshold = 1 - photo > digit_input.otsu_threshold(1 - photo)

reading = digit_input.look(photo)
prepared = digit_input.prepare(reading.ink)
words = {"probabilities": probabilities(prepared)[0], "caption": f"The module warns: “{reading.remarks[0]}.”"}
show(figures.reading_steps(reading.gray, reading.box, one_threshold, reading.ink, prepared, **words))

# %% [markdown]
# If the ink in the third panel isn't your digit, the prediction is worth nothing. So after each photo, look at what the network gets. And if there are several digits?

# %% tags=["data"]
year = np.hstack([digit_input.handwritten(digit, side=120, width=0.08) for digit in (2, 0, 2, 6)])
reading = digit_input.look(0.9 - 0.7 * np.pad(year, 40))
print(reading.remarks[0])
print("One by one:", predict([digit_input.prepare(ink) for ink in reading.digits]))

# %% [markdown]
# For a photo of your own, press *Photo…* on the pad, or call `digit_input.look("photo.jpg")`.
#
# ## "I don't know"
#
# The network misreads some digits. Does it know which? All that it offers is its highest probability. Is that higher where the network is right?
#
# Take one correct prediction and one wrong one. How often does the correct one have the higher probability, over all such pairs? This share is called **AUROC**. 1 is a perfect separation, and 0.5 is chance. By hand, for three correct predictions and three wrong ones:

# %%
of_correct, of_wrong = np.array([0.99, 0.90, 0.60]), np.array([0.80, 0.50, 0.40])
wins = of_correct[:, None] > of_wrong
print(wins.astype(int))
print(f"{wins.sum()} of {wins.size} pairs: {wins.mean():.3f}")
print(f"The module: {evaluation.auroc(of_correct, of_wrong).value:.3f}")


# %% [markdown]
# Only one pair is lost, 0.60 against 0.80.
#
# Now let the network **refuse** to answer where it is least sure. How many mistakes remain among the other digits? The control is to refuse digits at random.
#
# **Predict:** it refuses one test digit in ten. By how much does the share of mistakes change? And for the 1s with a long upstroke and the hooked 9s?

# %% jupyter={"outputs_hidden": true} tags=["data", "tol-6.0", "folded"]
def highest(images):
    return probabilities(images).max(axis=1)


correct = predict(X_test) == labels
groups = {"test digits": (highest(X_test), correct)}
for form, digit in {"1 with a long upstroke": 1, "9 with a hook": 9}.items():
    groups[form] = (highest(written[form]), predict(written[form]) == digit)
show(figures.rejection_curves(groups, title="Does refusing help?"))

# %% [markdown]
# This is a **rejection curve**, also called *risk–coverage curve*. Refusing at random leaves the share of mistakes as it is (dashed). The dotted line is for refusing nothing but mistakes.
#
# On the left, the curve falls fast: a low probability is a good warning. For the hooked 9s it tells little. And for the 1s the AUROC is *below* 0.5: the network is surer when it is wrong. There a low probability is no warning at all. (How many mistakes there are says nothing about Europe. It depends on
# the upstroke that we chose.)
#
# ## "None of these"
#
# What if it isn't a digit at all? Softmax divides 100% among ten digits, whatever you show the network. Is the highest probability at least *lower* for a letter than for a digit?
#
# The program also draws six letters (A, K, M, R, W, X) and scribbles. Noise is a random gray level in each pixel. Compare each group with the *same program's* digits: otherwise you might only measure how it draws. The test digits are a control. The letter that the network is surest of is drawn anew, in a row of its own, because we chose it after looking.
#
# Choose a threshold so that 5% of the validation digits lie below it: the dashed line. The network refuses everything below.
#
# **Predict:** which of the groups that are *not* digits will be hardest to tell from digits?

# %% jupyter={"outputs_hidden": true} tags=["varies", "folded"]
forms = np.concatenate([written[form] for form in digit_input.FORMS])
letters = {sign: drawn(sign, 50) for sign in digit_input.LETTERS}
surest = max(letters, key=lambda sign: np.median(highest(letters[sign])))
shown = {
    "the program's digits": [digit_input.prepare(image) for image in drawings],
    "test digits": X_test[random.permutation(len(X_test))[:1000]],
    "the three other forms": forms,
    "six letters": np.concatenate([*letters.values()]),
    f"more of the {surest}": drawn(surest, 50),
    "scribbles": [digit_input.prepare(digit_input.scribble(random)) for _ in range(200)],
    "noise": random.random((200, 784)),
}
groups = {name: highest(images) for name, images in shown.items()}
areas = {name: evaluation.auroc(groups["the program's digits"], each) for name, each in [*groups.items()][1:]}
threshold = np.quantile(highest(digits.validation.images), 0.05)
show(figures.highest_probabilities(groups, areas, title="Is it a digit at all?", threshold=threshold))
assert areas["six letters"].low > 0.6 or not digits.is_mnist

# %% [markdown]
# Start with the control, the second row. Its AUROC is near 0.5: the program's digit has the higher probability in about half of the pairs.
#
# In the third row are digits, too, and yet many of them lie below the threshold. So a low probability can also mean "an unusual digit".
#
# Letters, scribbles and noise get lower probabilities than digits. So a low probability means something ([Hendrycks and Gimpel 2017](https://arxiv.org/abs/1610.02136) found this for many networks). But an AUROC is an average over pairs. Look at the right side: many of the letters are above the threshold, and of one letter nearly all.
#
# Other letters would give other numbers, and what you'll meet in practice, such as crossed-out digits and smudges, isn't here.
#
# ## The worst case
#
# Now try to deceive the network. An **adversarial example** is an image that was changed a little, still shows the same digit, and gets another prediction.
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
# The amount is the same in both, and only the *directions* differ. With 784 pixels the sum of all |weights| can be far larger, so a smaller ε *may* be enough. Is it, here? Begin with the same 32 gray levels.
#
# In training, each *weight* moved against the gradient of the loss. Here each *pixel* moves along it, so that the loss grows, and only the gradient's sign counts. This is **FGSM**, the fast gradient sign method
# ([Goodfellow, Shlens and Szegedy 2015](https://arxiv.org/abs/1412.6572)).
#
# Take 200 test digits, drawn at random, that the network reads correctly. The figure shows the surest one that the step flips.

# %% jupyter={"outputs_hidden": true} tags=["varies", "folded"]
some = random.permutation(np.flatnonzero(correct))[:200]
X, Y = X_test[some], labels[some]


def loss_gradient(image, label):
    pixels = tf.constant(image[None])
    with tf.GradientTape() as tape:
        tape.watch(pixels)
        its_loss = keras.losses.sparse_categorical_crossentropy(np.array([label]), model(pixels))
    return tape.gradient(its_loss, pixels).numpy()[0]


epsilon = 32 / 255
flipped = predict(inspection.fgsm(model, X, Y, epsilon)) != Y
i = (highest(X) * flipped).argmax()
gradient = loss_gradient(X[i], Y[i])
moved = np.clip(X[i] + epsilon * np.sign(gradient), 0, 1)
show(figures.fgsm_step(X[i], gradient, moved, probabilities([X[i], moved]), epsilon=epsilon))
by_module = inspection.loss_gradient_sign(model, X[i : i + 1], Y[i])[0]
assert np.mean(np.sign(gradient) == by_module) > 0.9


# %% [markdown]
# You can still read the digit. The gradient is strong in a few places and weak in most. The sign makes them all equal, so hundreds of small changes add up. (On empty paper only red counts: there is no ink to take away.)
#
# The gradient is only right near the point where you computed it (lesson 4). So take ten small steps instead of a large one, each with a new gradient. Start at a random point, and after each step bring every pixel back to at most ε from where it was. This is **PGD**, projected gradient descent
# ([Madry et al. 2018](https://arxiv.org/abs/1706.06083)). Ten steps of ε/4 reach farther than ε, so a pixel can still turn around.

# %%
def pgd(network, size):
    low, high = np.clip(X - size, 0, 1), np.clip(X + size, 0, 1)
    moved = np.random.default_rng(1).uniform(low, high).astype("float32")
    for _ in range(10):
        moved = np.clip(moved + size / 4 * inspection.loss_gradient_sign(network, moved, Y), low, high)
    return moved


by_module = inspection.pgd(model, X, Y, epsilon, random=np.random.default_rng(1))
assert np.isclose(pgd(model, epsilon), by_module, atol=1e-5).mean() > 0.95
print("By hand and by the module: the same.")

# %% [markdown]
# Does an attack need *this* network? Train another one, with the same layers but another seed, on only 1,000 of the digits, make a change for that one, and show the result to yours. If it works, the attack **transfers**.

# %% tags=["data", "tol-2.0"]
few = random.permutation(len(digits.train))[:1000]
keras.utils.set_random_seed(1)
other = build_lenet()
other.compile(loss="categorical_crossentropy", optimizer=keras.optimizers.SGD(0.1))
other.fit(digits.train.images[few], digits.train.onehot[few], batch_size=50, epochs=12, verbose=0)

reads = np.mean(inspection.logits(other, X_test).argmax(axis=1) == labels)
print(f"test digits read correctly: yours {correct.mean():.2%}, the other network {reads:.2%}")

# %% [markdown]
# **Predict:** which of four changes flips the prediction: random signs, PGD for the other network, FGSM, or PGD for yours?

# %% jupyter={"outputs_hidden": true} tags=["varies", "folded"]
signs = random.choice(np.float32([-1, 1]), X.shape)
attacks = {
    "random signs": lambda size: np.clip(X + size * signs, 0, 1),
    "PGD, transferred": lambda size: pgd(other, size),
    "FGSM": lambda size: inspection.fgsm(model, X, Y, size),
    "PGD": lambda size: pgd(model, size),
}
images = {name: attack(epsilon) for name, attack in attacks.items()}
flips = {name: predict(each) != Y for name, each in images.items()}
i = (flips["PGD"] & ~flips["FGSM"]).argmax()

of_one = [each[i] for each in images.values()]
words = {"title": "Four changes of at most the same size", "caption": f"The true digit is {Y[i]}."}
show(figures.adversarial_examples(X[i], of_one, list(images), probabilities(of_one), **words))
assert flips["PGD"].mean() > flips["random signs"].mean() + 0.1

# %% [markdown]
# We chose this digit: after FGSM the prediction is still right, and PGD flips it. Now all 200 digits, and several sizes. The dashed curve counts only those changed predictions that are also above the threshold, so that refusing wouldn't help.
#
# **Predict:** which of the curves will be the highest, and does the transferred attack work at all?

# %% jupyter={"outputs_hidden": true} tags=["data", "tol-10.0", "folded"]
levels = (0, 16, 32, 48, 64)
fooled = {name: [] for name in (*attacks, "PGD, and not refused")}
for size in levels:
    for name, attack in attacks.items():
        moved = attack(size / 255)
        wrong = predict(moved) != Y
        fooled[name].append(wrong.mean())
    fooled["PGD, and not refused"].append(np.mean(wrong & (highest(moved) >= threshold)))
show(figures.attack_curves(levels, fooled, n=len(X), title="How large a change flips the prediction?", shown=32))

# %% [markdown]
# Random signs hardly hurt, even at the right end. The same amount along the gradient flips nearly every prediction there, and PGD needs less than FGSM. And the question from above: on MNIST, 16 gray levels flip few predictions, and 32, an eighth of the scale, about half. At the same amount, the direction decides. (More steps and more random starts find more.)
#
# The attack transfers, too: it works far better than random signs, though not as well as one made for this network. A threshold catches many small changes and few large ones, and this attack didn't even aim at it.
#
# ## What you saw
#
# - The network reads what looks like MNIST. The steps bring a drawing there, and they can't change its form.
# - The longer the upstroke of a 1, the more often the network took it for something else.
# - A low probability is a warning for digits like MNIST's. For other forms it may be none, and a high probability is no proof.
# - A small change along the gradient flips predictions, and it transfers. Random signs of the same size hardly ever flip one.
#
# ## Exercises
#
# Put your answer in place of `...` and run the cell. `exercises.center_of_mass.hint()` gives one hint at a time, and `exercises.center_of_mass.solution()` shows a worked solution.
#
# **1 · The center of mass.** The lesson took it from the module. Write the function yourself: it returns the center of mass of an image with ink, as (row, column), counted from 0. The image may have any shape.

# %%
from lenet_tutorial.exercises import digit_input as exercises


def center_of_mass(image):
    ...


exercises.center_of_mass.check(center_of_mass)


# %% [markdown]
# **2 · When to refuse.** You get the probabilities of many predictions and whether each is correct. Of the predictions that you keep, at most the share `most` may be wrong. Write a function that returns the threshold: keep a prediction if its probability is at
# least this large. Refuse as few as possible. (No two probabilities are equal, and some threshold always qualifies.)

# %%
def refusal(sure, correct, most):
    ...


exercises.refusal.check(refusal)


# %% [markdown]
# **3 · A small push.** Take a model that is only a sum, `(weights * image).sum() + bias`. Every pixel moves by the same ε, up or down by the sign of its weight, so that the score goes toward 0. How large must ε be so that the score is exactly 0? Write a function that returns it.
# (Pixels may leave the range from 0 to 1.)

# %%
def minimal_perturbation(weights, bias, image):
    ...


exercises.minimal_perturbation.check(minimal_perturbation)

# %%
exercises.tally()

# %% [markdown]
# **Further**, without a check:
#
# - How well does the network read *you*? Make `mine = digit_input.Drawings("my drawings")`, a folder. After each drawing call `mine.add(pad.image, 7)` with the digit that you meant, at the end `mine.save()` and `evaluation.accuracy(mine.labels, predict(mine.images))`.
# - Random signs are speckle, and a gradient's signs form blobs. Take the signs from *another digit's* gradient, as a better control. Do they flip more?
# - Draw letters of your own. Which of them get above the threshold?
# - Look for a cure: train for one more epoch, with 1,000 upstroke 1s among the digits. How does the curve change, and what happens to the 7s?
#
# ## For the curious
#
# - **Calibration.** The simplest cure for a network that is too sure is a **temperature** ([Guo et al. 2017](https://arxiv.org/abs/1706.04599)): divide all logits by one number, found on validation digits, before softmax. No prediction changes, and the
#   probabilities get better for digits *like the validation digits*, but not always for others ([Ovadia et al. 2019](https://arxiv.org/abs/1906.02530)). Look at chance first: even a perfectly calibrated network is a little off the line of a reliability diagram.
# - **MNIST again.** [Yadav and Bottou 2019](https://arxiv.org/abs/1905.10498) reconstructed how the digits were prepared, and with it 50,000 test digits that had been lost.
# - **Attacks.** Without the random start, PGD is the *basic iterative method* ([Kurakin et al. 2017](https://arxiv.org/abs/1607.02533)).
# - **Defense.** Madry et al. train on PGD examples, made anew in each step. On MNIST, with ε = 0.3, they report more than 89% accuracy under their strongest attack. It takes many times as long.
# - **History.** Small changes that flip a network, and their transfer, are from [Szegedy et al. 2014](https://arxiv.org/abs/1312.6199), refusing from [Chow 1970](https://doi.org/10.1109/TIT.1970.1054406), *risk–coverage* from [El-Yaniv and Wiener 2010](https://jmlr.org/papers/v11/el-yaniv10a.html).
#
# ---
#
# **The next question.** The textbook calls this network LeNet. Is it? And what did the convolutions buy, compared with other ways to read digits? [Lesson 10](10_lenet5_of_1998.ipynb) builds the network of 1998. Shut this notebook down first (*Kernel → Shut Down Kernel*).
