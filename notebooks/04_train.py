# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown]
# # 4 · Train
#
# *How does the network find its kernels?*
#
# - **You will** compute a loss and a step of gradient descent by hand, train the network for ten epochs, compare it with the textbook's, and find
#   out where it goes wrong and how far you can trust it.
# - **You need** [lesson 3](03_build.ipynb): the layers and their parameters. A word that you have forgotten is in the [glossary](glossary.md).
# - **It takes** about 45 minutes to read. Training takes two to eight minutes on two cores; keep reading while it runs.
#
# This is the last of the textbook's eleven steps: compile, fit, evaluate. (*The textbook* is Fandango, *Mastering TensorFlow 1.x*, 2018, chapter 9.)

# %% [markdown]
# **You are ready if** you can answer these three, from lesson 3. Click a question to see its answer.
#
# <details><summary>How many parameters do 32 kernels of 4×4 have, on an image with one channel?</summary>32·(4·4·1 + 1) = 544: each kernel has 16 weights and one bias.</details>
#
# <details><summary>Two classes have the logits 0 and 0. What does softmax make of them?</summary>Two probabilities of 1/2: e<sup>0</sup> = 1 for each, divided by the sum, 2.</details>
#
# <details><summary>What are the shapes of the input and of the output of <em>dense</em>, for 8 digits?</summary>(8, 3136) goes in and (8, 1024) comes out.</details>

# %%
import numpy as np
from IPython.display import Markdown, display

from lenet_tutorial import data, digit_input, evaluation, figures, textbook
from lenet_tutorial.backend import keras, tf
from lenet_tutorial.figures import show
from lenet_tutorial.model import build_lenet
from lenet_tutorial.studies import shift
from lenet_tutorial.training import KernelHistory, store

# %% tags=["data"]
digits = data.load_digits()
X_train, Y_train = digits.train.images, digits.train.onehot
X_validation, Y_validation = digits.validation.images, digits.validation.onehot
X_test, Y_test = digits.test.images, digits.test.onehot
Markdown(f"**{digits.note}**")

# %% [markdown]
# ## How wrong is a prediction?
#
# The network starts with random kernels. Build it and ask it about five test digits, drawn at random, before it has learned anything.
#
# **Predict:** what will its ten probabilities look like?

# %% jupyter={"outputs_hidden": true} tags=["data", "tol-0.2", "folded"]
keras.utils.set_random_seed(0)
untrained = build_lenet()
five = np.random.default_rng(9).permutation(len(X_test))[:5]
before = np.array(untrained(X_test[five]))
show(figures.prediction_bars(X_test[five], before, digits.test.labels[five], title="Before training"))

# %% [markdown]
# Every probability is near one tenth, whatever the digit. How wrong is that? Training needs one number for it, a **loss**, to tell whether a change makes
# things better.
#
# The textbook's loss is the **cross-entropy**. It looks at one probability only, the one that the network gave to the *right* class:
#
# $$L = -\ln p$$
#
# If the network is sure and right, p = 1 and the loss is 0. (The unit of this loss is the *nat*, because the logarithm is the natural one.) Here are three other cases, by hand and by Keras. (Keras wants one-hot labels; two classes are enough here.)

# %%
for p in (0.9, 0.5, 0.1):
    by_keras = keras.losses.categorical_crossentropy([1.0, 0.0], [p, 1 - p])
    print(f"p = {p}   by hand {-np.log(p):.3f}   Keras {float(by_keras):.3f}")

# %%
show(figures.loss_curve([0.9, 0.5, 0.1]))


# %% [markdown]
# Look at how steep the curve gets on the left. From 0.9 to 0.5 the loss grows by 0.6; from 0.5 to 0.1 it grows by 1.6. Confident mistakes cost most.
#
# The untrained network is at p = 0.1: with ten classes, guessing costs $-\ln 0.1 = \ln 10 \approx 2.303$. Remember that number.
#
# ## One weight
#
# Which way should a weight move to make the loss smaller? Start with a tiny network. It has one weight, w, and sees one thing: whether a digit has a horizontal
# bar at its top. If there is a bar, its logit for "7" is w and its logit for "not 7" is 0. Softmax gives
#
# $$p = \frac{e^w}{e^w + e^0} = \frac{e^w}{e^w + 1}$$
#
# Four digits have such a bar: three are 7s and one is a 5. The loss is the mean over the four. For each 7 it is $-\ln p$, and for the 5 it is $-\ln(1 - p)$.
#
# At w = 0 you can do it in your head: p = 1/2, and each digit costs $\ln 2 \approx 0.693$. Now nudge w a little to each side. How fast does the loss change?

# %%
def predict(w):
    return np.exp(w) / (np.exp(w) + 1)


def loss(w):
    return (3 * -np.log(predict(w)) + 1 * -np.log(1 - predict(w))) / 4


slope = (loss(0.001) - loss(-0.001)) / 0.002
print(f"at w = 0: p = {predict(0)}, loss = {loss(0):.3f}, slope by nudging = {slope:.3f}")
print("what it says minus what it should say:", predict(0) - 3 / 4)

# %% [markdown]
# The slope is $-0.25$: if w grows a little, the loss falls by a quarter of that. With one weight this is the slope of a curve. With many weights, all
# their slopes together are called the **gradient**.
#
# The last line finds the same number without nudging. The network says "7" with probability 1/2. It should say 3/4, since three of the four are 7s. The slope is **what it
# says minus what it should say**. (Take the derivative of softmax and cross-entropy together, and this is what remains.)
#
# Now take a step. **Gradient descent** moves the weight *against* the slope:
#
# $$w \leftarrow w - \eta \cdot \text{slope}$$
#
# The **learning rate** $\eta$ says how far to go. With $\eta = 2$ the weight goes from 0 to $0 - 2 \cdot (-0.25) = 0.5$.

# %%
show(figures.slope_and_step(loss, start=0, slope=-0.25, rate=2))


# %% [markdown]
# Repeat it: compute the slope at the new point, and step again. At the bottom of the valley the slope is 0. There the network says 3/4.
#
# **Predict:** you make five steps with learning rate 1, five with 4, and five with 20. Which descent ends lowest?

# %% jupyter={"outputs_hidden": true} tags=["folded"]
def descend(rate, steps=5):
    path = [0.0]
    for _ in range(steps):
        path.append(path[-1] - rate * (predict(path[-1]) - 3 / 4))
    return path


show(figures.descents(loss, {rate: descend(rate) for rate in (1, 4, 20)}))

# %% [markdown]
# With 1 the weight moves slowly toward the bottom. With 4 it gets there quickly. With 20 it jumps over the bottom, again and again: a slope is only right near the point where you
# computed it.
#
# ## One step of the whole network
#
# Our network has 3,255,914 weights and biases. The rule stays the same, and for the output layer you can apply it by hand. Take a **batch** of eight training digits. Each array
# has one row for each digit:
#
# | array | shape | what it holds |
# |---|---|---|
# | `features` | (8, 1024) | what goes into the output layer: the activations of *dense* |
# | `said` | (8, 10) | what comes out: ten probabilities |
# | `batch_y` | (8, 10) | what should come out: the one-hot labels |
# | `error` | (8, 10) | what it says minus what it should say |

# %% tags=["data", "tol-0.02"]
batch_x, batch_y = X_train[:8], Y_train[:8]
get_features = keras.Model(untrained.inputs[0], untrained.get_layer("dense").output)
features, said = np.array(get_features(batch_x)), np.array(untrained(batch_x))
error = said - batch_y
print("features", features.shape, "  said", said.shape, "  error", error.shape)
print(f"the first digit is a {digits.train.labels[0]}; its errors:", *(f"{each:+.2f}" for each in error[0]))

# %% [markdown]
# Read the ten errors: the probability of the right class is about 0.9 too small, and each of the others about 0.1 too large.
#
# One weight of the output layer joins one feature to one class. It adds *weight times feature* to the logit. In the tiny network the feature was 1. In general
# the slope for one digit is **feature times error**, and the loss's slope is the mean over the batch. First take one weight: it joins the strongest feature to the class of the first digit. Then all 10,240
# at once, as a product of shapes (1024, 8) and (8, 10).

# %% tags=["data", "tol-0.0002"]
j, k = features.sum(axis=0).argmax(), digits.train.labels[0]
one_slope = np.mean(features[:, j] * error[:, k])

gradient = features.T @ error / 8
np.testing.assert_allclose(gradient[j, k], one_slope, rtol=1e-4)
print(f"one slope: {one_slope:.4f}   all slopes: shape {gradient.shape}")

# %% [markdown]
# Is that what TensorFlow computes? A `GradientTape` records the calculation and then goes through it backward, from the loss to the first layer. This is
# **backpropagation**: the chain rule, layer by layer.

# %%
with tf.GradientTape() as tape:
    batch_loss = keras.ops.mean(keras.losses.categorical_crossentropy(batch_y, untrained(batch_x)))
gradients = tape.gradient(batch_loss, untrained.trainable_weights)

np.testing.assert_allclose(gradients[-2], gradient, atol=1e-6)
for weight, its_gradient in zip(untrained.trainable_weights, gradients, strict=True):
    print(f"{weight.path:14} gradient of shape {tuple(its_gradient.shape)}")

# %% [markdown]
# The gradient of `output/kernel` is the one that you computed: the assertion passed. Look at the first row, too. Each of the 32 kernels of *conv1* has a slope for each of its
# 16 weights. That is how a kernel finds out which way to change.
#
# ### Step 11, first part: compile
#
# `compile` tells the model how to train: with which loss, with which **optimizer** (the rule that turns a gradient into a step), and what to count along the way. `SGD` is
# **stochastic gradient descent**, which uses the gradient of one batch at a time. `train_on_batch` makes one step.

# %% tags=["data", "tol-0.02"]
learning_rate = 0.01
untrained.compile(
    loss="categorical_crossentropy",
    optimizer=keras.optimizers.SGD(learning_rate=learning_rate),
    metrics=["accuracy"],
)
start = untrained.get_weights()
stepped = start[-2] - learning_rate * gradient

untrained.train_on_batch(batch_x, batch_y)
np.testing.assert_allclose(untrained.get_layer("output").get_weights()[0], stepped, atol=1e-6)
after = untrained.evaluate(batch_x, batch_y, verbose=0)[0]
untrained.set_weights(start)
print(f"Your step and Keras's agree. The loss fell from {float(batch_loss):.3f} to {after:.3f}.")

# %% [markdown]
# The network is slightly better on these eight digits. Training is this step, repeated. (The cell puts the old weights back, so you can run it again.)
#
# ## Step 11, second part: fit
#
# One **epoch** is one pass over all the training digits. With MNIST's 55,000 digits in batches of 100 it has 550 steps. The textbook makes ten epochs.
#
# A departure: we pass `validation_data`, and the textbook doesn't. After each epoch Keras then measures loss and accuracy on the validation digits, too. The network does not
# learn from them, so no weight changes. `KernelHistory` keeps the first layer's kernels after each epoch, for lesson 5.
#
# **Predict:** after the *first* epoch, what share of the validation digits will it read correctly? More or less than lesson 1's nearest-centroid classifier?
#
# Start the cell and read on while it runs. It builds the network again, right after setting the seed.

# %% jupyter={"outputs_hidden": true} tags=["data", "tol-0.015", "folded"]
seed, n_epochs, batch_size = 0, 10, 100
keras.utils.set_random_seed(seed)
model = build_lenet()
optimizer = keras.optimizers.SGD(learning_rate=learning_rate)
model.compile(loss="categorical_crossentropy", optimizer=optimizer, metrics=["accuracy"])
kept = KernelHistory("conv1")

history = model.fit(
    X_train,
    Y_train,
    batch_size=batch_size,
    epochs=n_epochs,
    validation_data=(X_validation, Y_validation),
    callbacks=[kept],
)
show(figures.learning_curves(history.history, title="Ten epochs"))

# %% [markdown]
# Each line of the log is one epoch: its time, then accuracy and loss on the training digits, then both on the validation digits (`val_`).
#
# Did you predict it? On MNIST, the network reads some 90% of the validation digits after one epoch, and the nearest-centroid classifier about 80%.
#
# Look at the left end of the curves. In the first epoch the network seems to do *better* on digits that it has never seen. That comes from how Keras counts. The training numbers are **running
# averages** over the epoch, and a network that knew nothing read the first batches. The validation numbers are measured at the end of the epoch.
#
# Then look at the right end. Both losses are still falling, so the network could learn more than it does in ten epochs.
#
# ### Beside the textbook
#
# The textbook printed such a log in 2018. It used the same network and settings, but other random numbers and other versions of everything.
#
# **Predict:** how far apart will the two trainings be?

# %% jupyter={"outputs_hidden": true} tags=["data", "tol-0.015", "folded"]
log = textbook.LOG if digits.is_mnist else ()
show(figures.training_curves(history.history, log, name=digits.name))

# %% [markdown]
# With MNIST, the dots lie in the circles from the second epoch on: you built the textbook's network and trained it the textbook's way. That doesn't make it the best way.
#
# ## When training goes on too long
#
# The two losses stayed close together above. What if you had only 500 digits? Train the same network on 500 of them, drawn at random. (To save time, the learning rate is 0.1, a batch has 10 digits, and only 1,000 validation digits
# are used. 20 epochs make 1,000 steps.)
#
# **Predict:** where will the training loss end? And the validation loss?

# %% jupyter={"outputs_hidden": true} tags=["data", "tol-0.05", "folded"]
random = np.random.default_rng(0)
few, some = random.permutation(len(X_train))[:500], random.permutation(len(X_validation))[:1000]
keras.utils.set_random_seed(0)
small = build_lenet()
small.compile(loss="categorical_crossentropy", optimizer=keras.optimizers.SGD(0.1), metrics=["accuracy"])
few_history = small.fit(
    X_train[few],
    Y_train[few],
    batch_size=10,
    epochs=20,
    validation_data=(X_validation[some], Y_validation[some]),
    verbose=0,
)
show(figures.learning_curves(few_history.history, title="The same network, trained on 500 digits", top=1.0))

# %% [markdown]
# The training loss goes to almost 0: the network has memorized its 500 digits. The validation loss falls, is lowest where the frame is, and then *rises*. From there on, the loss still falls on the digits that the network learns from, and rises on others. This is **overfitting**.
#
# Look at the right panel, too. The validation accuracy hardly changes while the validation loss rises. The network makes about as many mistakes as before, but they get more expensive: for some digits the right class gets a smaller and smaller probability.
#
# So this is what the validation digits are for. They show when to stop, and you may use them for any other choice. Don't use the test digits: once you use the test set to make a choice, it no
# longer gives a fair score.
#
# ## Step 11, third part: evaluate
#
# Now the test digits. The network has not learned from them, and you have used them for no choice. These three lines are the textbook's.

# %% tags=["data", "tol-0.01"]
score = model.evaluate(X_test, Y_test)
print("\nTest loss:", score[0])
print("Test accuracy:", score[1])

# %% [markdown]
# Put that number beside two others: the textbook's, and that of lesson 1's nearest-centroid classifier.

# %% tags=["data", "tol-0.6"]
centroids = np.stack([X_train[digits.train.labels == k].mean(axis=0) for k in range(10)])


def nearest_centroid(images):
    return ((centroids**2).sum(axis=1) - 2 * (images @ centroids.T)).argmin(axis=1)


probabilities = model.predict(X_test, batch_size=100, verbose=0)
predicted = probabilities.argmax(axis=1)
tested = evaluation.accuracy(digits.test.labels, predicted)
baseline = evaluation.accuracy(digits.test.labels, nearest_centroid(X_test))
theirs = f"{textbook.TEST_ACCURACY:.2%}" if digits.is_mnist else "trained on MNIST, so no comparison"
rows = f"| this network | {tested} |\n| the textbook's network | {theirs} |\n| nearest centroid | {baseline} |"
Markdown(f"| classifier | accuracy on the test digits |\n|---|---|\n{rows}")

# %% [markdown]
# In brackets is the 95% interval from lesson 1. It covers one kind of chance: *which* digits are in the test set. The seed is a second kind. Other first weights would give
# another number, and one run can't show by how much. Lesson 8 uses many seeds.
#
# ## Which digits are mistaken for which?
#
# A **confusion matrix** counts every combination. The row is the true digit, the column is the prediction.
#
# **Predict:** which two digits are confused most often?

# %% jupyter={"outputs_hidden": true} tags=["varies", "folded"]
matrix = evaluation.confusion_matrix(digits.test.labels, predicted)
show(figures.confusion(matrix))
assert np.trace(matrix) == tested.correct

# %% [markdown]
# Find the bold sums: the column and the row with the most mistakes. The next cell looks them up.

# %% tags=["varies"]
mistakes = matrix - np.diag(np.diag(matrix))
column, row = mistakes.sum(axis=0).argmax(), mistakes.sum(axis=1).argmax()
true, read = np.unravel_index(mistakes.argmax(), mistakes.shape)
told = f"- Column {column}: in {mistakes[:, column].sum()} of the {mistakes.sum()} mistakes, the prediction is {column}.\n"
told += f"- Row {row}: the digit that is missed most often is the {row}, {mistakes[row].sum()} times.\n"
told += f"- Row {true}, column {read}: {mistakes[true, read]} times a {true} was read as {read}. "
told += f"The other way round it happened {mistakes[read, true]} times."
display(Markdown(told))
assert mistakes[true, read] == mistakes.max()

# %% [markdown]
# Compare each pair with its mirror image across the diagonal. The matrix need not be symmetric: a network can be quick to say one class and slow to say another.
#
# Here are the mistakes that the network was most sure of.

# %% tags=["varies"]
wrong = evaluation.misread(digits.test.labels, probabilities)[:12]
titles = [f"{digits.test.labels[i]} → {predicted[i]}\n{probabilities[i].max():.1%}" for i in wrong]
words = {
    "title": "The most confident mistakes",
    "caption": "Above each digit: what it is → what the network says, and with which probability.",
}
show(figures.digit_sheet(X_test[wrong], titles, columns=6, **words))
assert (predicted[wrong] != digits.test.labels[wrong]).all()

# %% [markdown]
# Would you have read them all? Some are hard for anyone, and others are easy. For these twelve the probability gave no warning. But they are the worst cases:
#
# ## How far can you trust a probability?
#
# Take all the test digits where the network is "80 to 90% sure". It should read 80 to 90% of them correctly. If that holds at every level, the network is
# **calibrated**. (The loss rewards it: in the tiny network it was lowest where the network says 3/4 and is right 3 times out of 4.)
#
# **Predict:** is the network too sure of itself, or not sure enough?

# %% jupyter={"outputs_hidden": true} tags=["varies", "folded"]
sure, correct = probabilities.max(axis=1), predicted == digits.test.labels
show(figures.reliability(sure, correct))
assert correct.sum() == tested.correct


# %% [markdown]
# This is a **reliability diagram**. Each point's height says how often the network was right, and the number beside it says how many digits are in the group. On the dashed line
# the network is calibrated. Above it, the network is not sure enough; below it, too sure. Where a bar is long, the group is too small to say much.
#
# Where do the points lie, and do their intervals reach the line? On MNIST most do, and the two numbers below the figure are close together: this network is nearly calibrated. Nearly all the digits are in the last group. The confident mistakes above are in it, too, but among so many they are rare.
#
# ## The digits move
#
# In lesson 1 the nearest-centroid classifier failed when the digits moved by two pixels. Kernels slide, so they find a stroke wherever it is.
#
# **Predict:** move the test digits to the right. How much accuracy does this network lose at two pixels?

# %% jupyter={"outputs_hidden": true} tags=["data", "tol-2.0", "folded"]
def shares_right(classify):
    moved = (evaluation.moved(X_test, right=pixels) for pixels in range(5))
    return [np.mean(classify(images) == digits.test.labels) for images in moved]


def network(images):
    return model.predict(images, batch_size=100, verbose=0).argmax(axis=1)


curves = {"nearest centroid": shares_right(nearest_centroid), "this network": shares_right(network)}
if digits.is_mnist:
    dense = shift.accuracies(shift.STUDY.read(), "dense")
    curves["dense network"] = np.transpose([(each.low, each.value, each.high) for each in dense])
show(figures.shift_curves(range(5), curves, title="What a shift costs"))

# %% [markdown]
# Look at the curves at a shift of 2. The network loses a few points where the centroids lose many. It has never seen a moved digit, so this comes from how it is built: the dense network of lesson 2, which
# has neither kernels nor pooling, loses more (its pale band is the interval over five runs). At four pixels this network loses many digits, too. After the last pooling, *dense* has separate weights for each of 7×7 positions, and it learned them from centered digits.
#
# Last, the digit of lesson 1: a 3 drawn by code, off center. Nearest centroid misread it. What does the network say?

# %% tags=["data", "tol-5.0"]
off_center = [np.clip(0.62 * stroke + (0.31, 0.19), 0, 1) for stroke in digit_input.DIGITS[3]]
three = digit_input.shrink(digit_input.draw_strokes(off_center, width=0.08)).reshape(1, 784)
print("Nearest centroid says:", nearest_centroid(three)[0])
said = np.concatenate([untrained(three), model(three)])
words = {"title": "The digit of lesson 1", "titles": ["before training", "after training"]}
show(figures.prediction_bars(np.repeat(three, 2, axis=0), said, [3, 3], **words))

# %% [markdown]
# Keep the trained network for the lessons that follow.

# %%
stored = store(model, digits, seed=seed, kernels=kept.kernels)
print("Stored." if stored else "Not stored.")

# %% [markdown]
# ## What you saw
#
# - The loss of a digit is $-\ln p$, where *p* is the probability of the right class. Guessing among ten classes costs $\ln 10$.
# - A slope tells you which way to move a weight. Backpropagation finds it for every weight of every kernel.
# - Training repeats one step: take a batch, compute its gradient, move a little against it.
# - The training loss can't tell you when to stop. The validation loss can. The test set gives the score.
# - Look behind the accuracy: at the confusion matrix, at the mistakes, at the probabilities.
# - The network loses much less than nearest centroid when the digits move.

# %% [markdown]
# ## Exercises
#
# Put your answer in place of `...` and run the cell. `exercises.one_step.hint()` gives one hint at a time, and `exercises.one_step.solution()` shows a worked solution.
#
# **1 · One step.** Take the tiny network with one weight again. This time eight digits have a bar at the top, and only one of them is a 7. You start at w = 0 and the learning rate is 2. What is w after one step?

# %%
from lenet_tutorial.exercises import train as exercises

weight = ...
exercises.one_step.check(weight)

# %% [markdown]
# **2 · Too fast.** The textbook's learning rate is 0.01. How far can you go? Find a learning rate with which training fails: after an epoch the network is no better than guessing. With a *tenth* of your rate it must still learn.
# The check trains your network for one epoch on 5,000 training digits, and a second one with a tenth of your rate, so give it some ten seconds.

# %%
rate = ...
exercises.too_fast.check(rate, digits)


# %% [markdown]
# **3 · When it says 8.** The network says that a digit is an 8. How often is that right? Write a function that takes a confusion matrix and returns ten shares: of all the digits that the network
# *calls* k, the share that really *is* k. This is called **precision**. Then try it on `matrix`.

# %%
def precision(matrix):
    ...


exercises.precision.check(precision)

# %%
exercises.tally()

# %% [markdown]
# **Further**, without a check:
#
# - Train with learning rate 0.1 for three epochs on all the training digits. What do you expect, and what do you get?
# - Train on 5,000 digits instead of 500. How far apart do the two losses end?
# - Suppose the network may refuse to answer when its probability is below 0.9. How many digits does it refuse, and how many mistakes remain?
#
# ## For the curious
#
# - **The seed.** The same seed gives the same first weights and the same order of the digits. Another processor adds numbers in another order, so the last digits of its `float32` sums differ, and 5,500 steps amplify that.
# - **Old names.** The textbook writes `SGD(lr=0.01)`, and its log says `acc`. Keras now says `learning_rate` and `accuracy`.
# - **Early stopping.** `keras.callbacks.EarlyStopping` watches the validation loss and stops when it no longer falls.
# - **Calibration.** Cross-entropy is a *proper scoring rule*: it is lowest if you say the true probability ([Gneiting and Raftery 2007](https://doi.org/10.1198/016214506000001437)). Large networks can still be much too sure
#   of themselves ([Guo et al. 2017](https://arxiv.org/abs/1706.04599)).
# - **History.** Stochastic steps are from [Robbins and Monro 1951](https://doi.org/10.1214/aoms/1177729586). Backpropagation became famous with [Rumelhart, Hinton and Williams 1986](https://doi.org/10.1038/323533a0).
#
# ---
#
# **The next question.** The kernels began as random numbers. What did they become? [Lesson 5](05_filters_and_feature_maps.ipynb)
# looks at them. Shut this notebook down first (*Kernel → Shut Down Kernel*).
