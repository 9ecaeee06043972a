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
# *How do 3,255,914 random numbers become a reader of digits, and do we get what the textbook got?*
#
# - **You will** compute a loss and a step of gradient descent by hand, train the network for the textbook's ten epochs, lay the result
#   beside the textbook's, and look at the digits it misreads.
# - **You need** [lesson 3](03_build.ipynb): the layers, and what their parameters are. A word that you have forgotten is in the [glossary](glossary.md).
# - **It takes** about 30 minutes to read. Training runs two to eight minutes on two cores; read on while it does.
#
# This is the textbook's step 11: compile, fit, evaluate. The first cell takes `keras` from our module, which starts it without TensorFlow's
# start-up messages; it is the same Keras.

# %% [markdown]
# **You are ready if** you can answer these three, from lesson 3. Click a question to see its answer.
#
# <details><summary>How many parameters have 32 kernels of 4×4 on a picture with one channel?</summary>32·(4·4·1 + 1) = 544: each kernel has 16 weights and a bias.</details>
#
# <details><summary>In which layer are nearly all the parameters of this network, and why there?</summary>In <em>dense</em>: each of its 1,024 neurons has a weight of its own for each of 3,136 numbers. A convolution uses the same few weights at every place.</details>
#
# <details><summary>What do the ten numbers of the output add up to, and what makes them do so?</summary>1. Softmax raises <em>e</em> to each logit and divides by the total.</details>

# %%
import time

import numpy as np
from IPython.display import Markdown, display

from lenet_tutorial import data, evaluation, figures, textbook
from lenet_tutorial.backend import keras
from lenet_tutorial.figures import show
from lenet_tutorial.model import build_lenet
from lenet_tutorial.training import KernelHistory, store

# %% tags=["data"]
digits = data.load_digits()
X_train, Y_train = digits.train.images, digits.train.onehot
X_test, Y_test = digits.test.images, digits.test.onehot
Markdown(f"**{digits.note}**")

# %% [markdown]
# ## What an untrained network says
#
# Build the network and ask it about five digits, before it has learned anything.
#
# **Predict:** how will its ten probabilities look?

# %% tags=["data", "tol-0.2"]
keras.utils.set_random_seed(0)
untrained = build_lenet()
five = X_test[:5]
before = np.array(untrained(five))
show(figures.prediction_bars(five, before, digits.test.labels[:5], title="Before training: the answers to five digits"))

# %% [markdown]
# Near one tenth for everything. The random weights do tell pictures apart a little, but not by digit.
#
# ## The loss: how wrong is an answer?
#
# The textbook's loss is the *categorical cross-entropy*: minus the natural logarithm of the probability that the network gave to the right class. Certain and right
# costs $-\ln 1 = 0$. One in ten costs $-\ln 0.1 = \ln 10 \approx 2.303$. Certain and wrong costs without limit.
# Its unit is the *nat*.

# %% tags=["data", "tol-0.02"]
label = digits.test.labels[0]
by_hand = -np.log(before[0, label])
by_keras = float(keras.losses.categorical_crossentropy(Y_test[0], before[0]))
np.testing.assert_allclose(by_hand, by_keras, rtol=1e-5)
print(f"The first test digit is a {label}. Its loss by hand: {by_hand:.3f}, by Keras: {by_keras:.3f}")

# %% [markdown]
# ## Step 11, first part · Compile
#
# `compile` tells the model how it is to be trained: by which loss, by which optimizer, and what to count on the way. `SGD` is *stochastic gradient
# descent*. A departure: the textbook's `lr=` is now `learning_rate=`, as you saw in lesson 3.

# %%
learning_rate = 0.01
untrained.compile(
    loss="categorical_crossentropy",
    optimizer=keras.optimizers.SGD(learning_rate=learning_rate),
    metrics=["accuracy"],
)

# %% [markdown]
# **Predict:** over the first 2,000 test digits, what loss and what accuracy will the untrained network have? And others, with other first weights?
# (One network borrows the weights of each new one, since Keras prepares `predict` once for every network, which takes a moment.)

# %% tags=["data", "tol-0.02"]
some = slice(0, 2000)
reader = build_lenet()
for first_weights in (0, 1, 2, 3, 4):
    keras.utils.set_random_seed(first_weights)
    reader.set_weights(build_lenet().get_weights())
    said = reader.predict(X_test[some], batch_size=100, verbose=0)
    loss = -np.log(said[Y_test[some] == 1]).mean()
    assert abs(loss - np.log(10)) < 0.1
    accuracy = np.mean(said.argmax(axis=1) == digits.test.labels[some])
    print(f"first weights from seed {first_weights}: loss {loss:.3f} (ln 10 = {np.log(10):.3f}), accuracy {accuracy:.3f}")

# %% [markdown]
# The loss is close to ln 10 each time: it is what ten equal probabilities cost. The accuracy is near one in ten, but varies widely. A network that leans a little
# towards one answer gives that answer to many digits, and it depends on the first weights which one that is. So do not be proud of an accuracy near
# 0.15, nor alarmed by one near 0.05.
#
# ## One step, by hand
#
# Gradient descent asks of each weight: if you grew a little, how much would the loss grow? That is the weight's *slope*; all the slopes together are the *gradient*. Then it
# moves every weight a little way against its slope:
#
# $$w \leftarrow w - \eta\,\frac{\partial L}{\partial w}$$
#
# where $\eta$ is the learning rate. *Stochastic* means that the slope is estimated from a small *batch* of digits instead of all of them. For the output
# layer the slope can be written down. For softmax with cross-entropy it is as simple as can be: *what the layer got* times
# *(what it said minus what it should have said)*, averaged over the batch.

# %%
batch_x, batch_y = X_train[:8], Y_train[:8]
get_features = keras.Model(untrained.inputs[0], untrained.get_layer("dense").output)
features, said = np.array(get_features(batch_x)), np.array(untrained(batch_x))
weights, biases = untrained.get_layer("output").get_weights()

stepped_weights = weights - learning_rate * features.T @ (said - batch_y) / 8
stepped_biases = biases - learning_rate * (said - batch_y).mean(axis=0)

# %% [markdown]
# Now let Keras take its step on the same eight digits, and compare all 10,250 parameters of the layer. (Run this cell once: a second run is a second step, and does not fit. To
# repeat it, go back to *What an untrained network says* and run on from there.)

# %%
kernel_before = untrained.get_layer("conv1").get_weights()[0]
untrained.train_on_batch(batch_x, batch_y)
np.testing.assert_allclose(untrained.get_layer("output").get_weights()[0], stepped_weights, atol=1e-6)
np.testing.assert_allclose(untrained.get_layer("output").get_weights()[1], stepped_biases, atol=1e-6)
print("One step by hand and one step by Keras: the same output layer.")

# %% [markdown]
# For the layers further back, the *chain rule* carries the slopes from layer to layer; that is *backpropagation*, and Keras did it in the same
# step. To check one weight of the very first layer we need no chain rule, only the question itself: make the weight a little larger and
# a little smaller, and see what the loss does. We take the weight with the steepest slope.

# %% tags=["data", "tol-0.002"]
kernel_after = untrained.get_layer("conv1").get_weights()[0]
slopes = (kernel_before - kernel_after) / learning_rate
where = np.unravel_index(np.abs(slopes).argmax(), slopes.shape)


def loss_with(change):
    keras.utils.set_random_seed(0)
    twin = build_lenet()
    kernel, bias = twin.get_layer("conv1").get_weights()
    kernel[where] += change
    twin.get_layer("conv1").set_weights([kernel, bias])
    return float(keras.ops.mean(keras.losses.categorical_crossentropy(batch_y, twin(batch_x))))


asked = (loss_with(0.001) - loss_with(-0.001)) / 0.002
np.testing.assert_allclose(asked, slopes[where], rtol=0.05)
print(f"slope by asking: {asked:.4f}, slope behind Keras's step: {slopes[where]:.4f}")

# %% [markdown]
# They agree to within 5 %; asking with a change that is not endlessly small cannot be exact. That is all that training is, and from here on it is only repeated.
#
# ## Step 11, second part · Fit
#
# One *epoch* is one pass over all the training digits, in batches of 100: 550 steps with MNIST. The textbook makes ten epochs.
#
# **Predict:** after the first epoch, which share of the digits will be read correctly? Better or worse than lesson 1's nearest mean?
#
# Start the cell and read on while it runs. A departure: a *callback*, a function that Keras calls while it trains, here after each epoch, notes the time. The network is built anew, right after
# its seed is set, so that nothing above has an influence.

# %% tags=["data", "tol-0.015"]
seed = 0
keras.utils.set_random_seed(seed)
model = build_lenet()
optimizer = keras.optimizers.SGD(learning_rate=learning_rate)
model.compile(loss="categorical_crossentropy", optimizer=optimizer, metrics=["accuracy"])

clock = [time.perf_counter()]
kept = KernelHistory("conv1")
tick = keras.callbacks.LambdaCallback(on_epoch_end=lambda epoch, logs: clock.append(time.perf_counter()))
history = model.fit(X_train, Y_train, batch_size=100, epochs=10, callbacks=[tick, kept])

# %% [markdown]
# How to read a line: after the bar, the time; then accuracy and loss. (Is the time much longer than that of a step, times the steps? Then TensorFlow paused between two epochs, which it sometimes
# does; nothing is wrong.) Accuracy and loss are Keras's *running averages* over the epoch. The first batches of an epoch
# were read with worse weights than the last ones, so in the first epoch, where most is learned, the average hides how good the
# network already is at its end.
#
# ### Beside the textbook
#
# The textbook printed ten such lines in 2018. Same network, same recipe, other random numbers, another version of everything.
#
# **Predict:** how far apart will two such trainings be?

# %% tags=["data", "tol-0.015"]
log = textbook.LOG if digits.is_mnist else ()
show(figures.training_curves(history.history, log, name=digits.name))

# %% jupyter={"source_hidden": true} tags=["data", "tol-0.015"]
rows = ["| epoch | loss, ours | the textbook's | accuracy, ours | the textbook's |", "|---|---|---|---|---|"]
ours = list(zip(history.history["loss"], history.history["accuracy"], strict=True))
theirs = [(f"{epoch.loss:.4f}", f"{epoch.accuracy:.4f}") for epoch in log] or [("–", "–")] * len(ours)
for number, ((loss, accuracy), (their_loss, their_accuracy)) in enumerate(zip(ours, theirs, strict=False), 1):
    rows.append(f"| {number} | {loss:.4f} | {their_loss} | {accuracy:.4f} | {their_accuracy} |")
told = "No comparison: the textbook trained on MNIST, for ten epochs."
if len(log) == len(ours):
    pairs = [((epoch.loss, epoch.accuracy), our) for epoch, our in zip(log, ours, strict=False)]
    gap = max(abs(a - b) for pair in pairs[2:] for a, b in zip(*pair, strict=True))
    verdict = "agree" if gap < 0.01 else "do **not** agree"
    told = f"From the third epoch on, the two {verdict} within 0.01; the largest gap is {gap:.4f}. "
    told += f"In the last epoch our loss went from {ours[-2][0]:.4f} to {ours[-1][0]:.4f}."
Markdown("\n".join(rows) + f"\n\n{told}")

# %% [markdown]
# In the first epochs the curves are steep, so that a small lead looks like a large gap; later the gaps stay small. With MNIST, such an agreement speaks for the same network,
# the same data and the same recipe. It does not say that the recipe is a good one: look how far the loss still moved in the last epoch.
#
# What certainly changed is the time.

# %% jupyter={"source_hidden": true} tags=["varies"]
seconds = np.diff(clock)
theirs = np.median([epoch.seconds for epoch in textbook.LOG])
told = f"An epoch took {np.median(seconds):.1f} s here (median of {len(seconds)}). "
display(Markdown(told + f"The textbook's took {theirs:.0f} s, on 55,000 digits and a machine it does not name."))
assert len(seconds) == len(history.history["loss"])

# %% [markdown]
# ## Step 11, third part · Evaluate
#
# Now the test digits: they had no part in the training, and nothing was chosen by them. The three lines are the textbook's.

# %% tags=["data", "tol-0.01"]
score = model.evaluate(X_test, Y_test)
print("\nTest loss:", score[0])
print("Test accuracy:", score[1])

# %% jupyter={"source_hidden": true} tags=["data", "tol-0.6"]
probabilities = model.predict(X_test, batch_size=100, verbose=0)
predicted = probabilities.argmax(axis=1)
tested = evaluation.accuracy(digits.test.labels, predicted)
told = f"Read correctly: **{tested}** of {tested.n:,} test digits."
if digits.is_mnist:
    gap = abs(100 * (tested.value - textbook.TEST_ACCURACY))
    near = "within" if gap < 0.6 else "**not** within"
    told += f" The textbook printed {textbook.TEST_ACCURACY:.2%}: ours is {near} 0.6 points of it (gap: {gap:.2f})."
    told += " Both are one run each, and another seed would have given yet another number."
Markdown(told)

# %% [markdown]
# The interval is Wilson's again, and it covers one kind of chance only, *which digits* are in the test. That another training run ends with other weights
# is a second kind, which no single run can show.
#
# Does the network read its training digits better than new ones? Measure the first 10,000 digits of each split, or all if there are fewer, with the same, finished weights.

# %% tags=["data", "tol-0.6"]
for name in ("train", "validation", "test"):
    split = getattr(digits, name)
    read = model.predict(split.images[:10_000], batch_size=100, verbose=0).argmax(axis=1)
    print(f"{name:10}  {evaluation.accuracy(split.labels[:10_000], read)}")

# %% [markdown]
# Compare the first line with the last accuracy that Keras printed while it trained, over all the training digits. The two need not agree: the running average mixes 550 sets of weights, one
# before each step, and this is the one set after the last step, a snapshot that can be a little better or worse. And compare the three lines: were the first far
# above the others, the network would have learned its training digits by heart.
#
# ## Who is mistaken for whom?

# %% tags=["varies"]
matrix = evaluation.confusion_matrix(digits.test.labels, predicted)
show(figures.confusion(matrix))
np.testing.assert_array_equal(matrix.sum(axis=1), np.bincount(digits.test.labels, minlength=10))
assert np.trace(matrix) == tested.correct

# %% [markdown]
# Rows are what the digits are, columns what the network says. Look for dark squares: do the pairs share strokes? Pairs such as 4 and 9, 7 and 2, or 3 and 5 differ
# by a small part, a gap or a bar. Is the table symmetric? It need not be.
#
# Which digits are misread, and how sure was the network? Here are the mistakes it was most certain of.

# %% tags=["varies"]
wrong = evaluation.misread(digits.test.labels, probabilities)
titles = [f"{digits.test.labels[i]} → {predicted[i]}\n{probabilities[i].max():.1%}" for i in wrong[:20]]
told = f"Above each: what it is → what the network says, and its probability. {len(wrong)} test digits are misread in all."
show(figures.digit_sheet(X_test[wrong[:20]], titles, title="The most confident mistakes", caption=told))
assert len(wrong) == tested.n - tested.correct
assert all(np.diff(probabilities[wrong].max(axis=1)) <= 0)

# %% [markdown]
# Be honest: would you have read them all? Some are hard for anybody, others you read at a glance. The network was nearly certain of the first of them, and wrong; its probability
# gave no warning. A softmax probability is a number between 0 and 1; that alone does not make it trustworthy.
#
# And the five digits of the beginning?

# %% tags=["data", "tol-2.0"]
after = np.array(model(five))
show(figures.prediction_bars(five, after, digits.test.labels[:5], title="After training: the same five digits"))

# %% [markdown]
# ## What the seed promises
#
# The same seed gives the same first weights and the same order of the digits. So on the same machine, with the same versions, you get nearly the same numbers again.

# %%
first = []
for this_seed in (0, 0, 1):
    keras.utils.set_random_seed(this_seed)
    first.append(build_lenet().get_layer("conv1").get_weights()[0])
print("seed 0 and seed 0 start alike:", np.array_equal(first[0], first[1]))
print("seed 0 and seed 1 start alike:", np.array_equal(first[0], first[2]))

# %% [markdown]
# It does not promise the same numbers on another machine. Processors add up in different orders, sums of `float32` then differ in their last
# digits, and 5,500 steps make more of such differences. Other versions of TensorFlow may even draw other random numbers. So the numbers in these lessons are computed from the
# network that you have, and the text leans on nothing that the next run may overturn.
#
# Last, keep the trained network for the lessons that follow.

# %%
stored = store(model, digits, seed=seed, kernels=kept.kernels)
print("Stored." if stored else "Not stored.")

# %% [markdown]
# The network is stored under a key that is read off the network itself: layers, optimizer and learning rate, steps, data, versions. Train with another learning rate, and
# it is kept beside this one, not in its place. Later lessons ask for the textbook's recipe by `trained_lenet()`.
#
# ## What you saw

# %% jupyter={"source_hidden": true} tags=["data", "tol-0.6"]
Markdown(
    f"- Before training the loss is near ln 10 = {np.log(10):.2f}; after ten epochs it is {history.history['loss'][-1]:.2f} nats.\n"
    "- A step of training moves every weight against its slope. By hand and by Keras it is the same step.\n"
    f"- **{100 * tested.value:.1f} %** of the test digits are read correctly.\n"
    "- Being sure and being right are two things."
)

# %% [markdown]
# ## Exercises
#
# Put your answer in place of `...` and run the cell. `exercises.too_fast.hint()` gives one hint at a time, `exercises.too_fast.solution()` shows a worked solution. The first two checks
# train networks of their own, for one epoch on the first 5,000 training digits; give them some ten seconds.
#
# **1 · Too fast.** The textbook's learning rate is 0.01. How far can one go? Find a learning rate with which training fails, so that after an epoch the network is no better than guessing, while
# with a *tenth* of it, it still learns. Whoever trains networks has to find this edge again for each of them.

# %%
from lenet_tutorial.exercises import train as exercises

rate = ...
exercises.too_fast.check(rate, digits)

# %% [markdown]
# **2 · A tenth of it.** Build the network with 102 neurons in *dense* instead of 1,024, and nine tenths of all parameters are gone. How many points of accuracy does that cost? (From 90 % to 85 % are 5 points.)
# Guess, or measure it: train both from seed 0, for one epoch on the first 5,000 training digits, with SGD at 0.1 and batches of 20, and let them read the validation digits. Within 2 points is right.

# %%
points = ...
exercises.tenfold.check(points, digits)


# %% [markdown]
# **3 · When it says 8.** The network says: this is an 8. How far is it to be believed? Write a function that takes a confusion matrix and gives ten numbers: of all the digits that the network
# *calls* k, the share that *is* k. Then try it on `matrix`.

# %%
def precision(matrix):
    ...


exercises.precision.check(precision)

# %%
exercises.tally()

# %% [markdown]
# **Further**, without a check:
#
# - Set the learning rate to 0.1 and train for three epochs on all the training digits. What do you expect, and what do you get?
# - Train on the first 5,000 digits only (`X_train[:5000]`), for ten epochs. How far apart are training and test accuracy now?
# - `np.sort(probabilities.max(axis=1))`: if the network answered only when its probability is above 0.9, how many digits would it leave out, and how many mistakes
#   would remain?
#
# ## Roads not taken
#
# - *Validation while training* (`validation_data=`) is good practice; the textbook trains without, and since nothing is chosen here, nothing is lost.
# - *Adam, momentum, a larger learning rate.* The textbook ends with the claim that Adam would have done better than SGD. One run each cannot show that; it takes
#   an experiment with several seeds and learning rates.
# - *Early stopping* watches the validation loss, which we do not measure while training.
#
# Shut this notebook down (*Kernel → Shut Down Kernel*; Jupyter's kernel, the running Python, is no kernel of ours) before you open the next lesson.
