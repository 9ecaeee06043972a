# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown]
# # 3 · Build
#
# *What does each layer compute, what does it cost, and how much of the digit can it see?*
#
# - **You will** build the textbook's network layer by layer, compute one number of every layer by hand and find the same number in Keras,
#   and count all 3,255,914 *parameters*, the numbers that training will change.
# - **You need** [lesson 1](01_digits.ipynb): what a digit is as an array, flattening, one-hot. A word that you have forgotten is in the [glossary](glossary.md).
# - **It takes** about 30 minutes to read and 15 seconds to run.
#
# *The textbook* is here one section: "LeNet CNN for MNIST with Keras", from chapter 9 of *Mastering TensorFlow 1.x* by Armando
# Fandango (Packt, 2018). It goes in eleven steps. Ten of them are here, under the same numbers, in today's Keras; the eleventh,
# training, is [lesson 4](04_train.ipynb). Every departure from the textbook is named where it happens.
#
# The first cell starts TensorFlow, which takes a few seconds. Its start-up messages are set aside, and shown only if it fails.

# %% [markdown]
# **You are ready if** you can answer these three, from lesson 1. Click a question to see its answer.
#
# <details><summary>What does one digit look like in MNIST's file, and what when it is given to the network?</summary>28 rows of 28 whole numbers from 0 to 255; then one row of 784 fractional numbers from 0 to 1.</details>
#
# <details><summary>Why is the label 5 given as ten numbers?</summary>The network answers with ten numbers, one for each class, and the two must be comparable. A plain 5 would also claim that a 5 is nearer to a 6 than to a 0.</details>
#
# <details><summary>Why does moving all digits by two pixels hurt the nearest mean so much?</summary>It compares pixel with pixel and knows nothing of neighbors. A convolution does.</details>

# %%
import numpy as np
from IPython.display import Markdown

from lenet_tutorial import data, figures, inspection, textbook
from lenet_tutorial.figures import show
from lenet_tutorial.model import build_lenet, layer_table

# %% tags=["data"]
digits = data.load_digits()
Markdown(f"**{digits.note}**")

# %% [markdown]
# ## Step 1 · Import the Keras modules
#
# As in the textbook, plus one name: `Input`. Today's Keras wants to be told the shape of what comes in by a layer of its own.

# %%
import keras
from keras.layers import Conv2D, Dense, Flatten, Input, MaxPooling2D, Reshape
from keras.models import Sequential
from keras.optimizers import SGD

# %% [markdown]
# ## Step 2 · The number of filters in each layer
#
# A *filter*, or *kernel*, is a small block of weights that slides over the picture and is multiplied with what lies beneath it. A large result means that the kernel
# found what it looks for. A kernel's results, place by place, are a picture again, its *feature map*, in short its *map*. The textbook gives its first convolution 32 kernels
# and its second 64.

# %%
n_filters = [32, 64]

# %% [markdown]
# ## Step 3 · The other hyperparameters
#
# A *hyperparameter* is a number that we choose and training does not change. (What it does change, the weights and the biases, are the *parameters*.) These three belong to training, and wait for lesson 4.

# %%
learning_rate = 0.01
n_epochs = 10
batch_size = 100

# %% [markdown]
# From here on the textbook uses nine names that it never defines; its public code does. Here they are: the size of a picture, the length
# of the network's input and output, and the data from lesson 1.

# %% tags=["data"]
n_width, n_height, n_depth = 28, 28, 1
n_inputs = n_width * n_height * n_depth
n_outputs = 10
X_train, Y_train = digits.train.images, digits.train.onehot
X_test, Y_test = digits.test.images, digits.test.onehot
print("X_train", X_train.shape, " Y_train", Y_train.shape, " X_test", X_test.shape, " Y_test", Y_test.shape)

# %% [markdown]
# ## Step 4 · A sequential model, and the picture's shape
#
# `Sequential` is a stack of layers: each one's output is the next one's input. The first layer, `Reshape`, undoes the flattening: 784 numbers become
# 28 rows of 28 pixels with one *channel*, the ink. (A color picture would have three.)
#
# Two departures: the textbook passes `input_shape=` to `Reshape`, we add an `Input`. And we give each layer a name that can be said aloud. (`Reshape` takes the rows first, and
# the textbook writes its width there. With 28 by 28 pixels that is the same; with other pictures it would not be.) The seed makes
# the first, random weights the same each time you run this lesson.
#
# From here on each step adds its layers, so run each cell once. Has one run twice, and an error follows? Go back to this cell, which starts a new model, and run on from here.

# %%
keras.utils.set_random_seed(0)
model = Sequential(name="lenet")
model.add(Input((n_inputs,), name="pixels"))
model.add(Reshape(target_shape=(n_width, n_height, n_depth), name="image"))

# %% [markdown]
# Does it do what we think? Send one digit through, and compare. From here on `x` is the first test digit.

# %%
x = X_test[:1]
image = np.array(model(x))
np.testing.assert_array_equal(image[0, :, :, 0], x.reshape(28, 28))
print(x.shape, "→", image.shape, "— axes: digit, row, column, channel")


# %% [markdown]
# For every layer we shall ask three things: the shape of its output, the number of its parameters counted by hand, and its *receptive field*, the square
# of pixels that one number of its output can see. This function checks the first two against Keras *and* against the textbook's table,
# and stops the lesson if they differ.

# %%
def check(name, parameters_by_hand):
    ours, theirs = layer_table(model)[-1], textbook.LAYERS[len(model.layers) - 1]
    assert (ours.name, ours.parameters) == (name, parameters_by_hand), ours
    assert (ours.output_shape, ours.parameters) == (theirs.output_shape, theirs.parameters), theirs
    sees = inspection.receptive_field(model, name).size
    told = f"**{name}** gives {ours.output_shape} and has {ours.parameters:,} parameters, as in the textbook. "
    return Markdown(told + f"One number of its output sees {sees} × {sees} pixels.")


check("image", parameters_by_hand=0)

# %% [markdown]
# ## Step 5 · The first convolution
#
# 32 kernels of 4×4 weights each. `relu` replaces negative results by 0. `"same"` pads the picture with zeros so that the output has as many rows
# and columns as the input. (The textbook writes `'SAME'`; today's Keras takes both.)

# %%
model.add(Conv2D(filters=n_filters[0], kernel_size=4, padding="same", activation="relu", name="conv1"))
check("conv1", parameters_by_hand=32 * (4 * 4 * 1 + 1))

# %% [markdown]
# Each kernel has 4·4·1 weights and one *bias*, a number added to all its answers. That is all there is: the same 17 numbers are used at
# every place of the picture. And this is what such a layer computes, at one place and for one kernel.

# %% tags=["data", "tol-0.002"]
conv1 = np.array(model(x))
kernels, biases = model.get_layer("conv1").get_weights()
row, column = 9, 12
k = int(conv1[0, row, column].argmax())  # the kernel that answers most here, so that ReLU cuts nothing off

patch = image[0, row - 1 : row + 3, column - 1 : column + 3, 0]
by_hand = max(0, (patch * kernels[:, :, 0, k]).sum() + biases[k])
np.testing.assert_allclose(by_hand, conv1[0, row, column, k], atol=1e-5)
show(figures.kernel_at_work(patch, kernels[:, :, 0, k], biases[k]))

# %% [markdown]
# Multiply cell by cell, add up, add the bias (0 in every new network), cut off below 0. The kernel's weights are still random, so it looks for nothing in particular; training will
# change that. (Strictly, this is a *cross-correlation*: in mathematics a convolution would first turn the kernel around by 180°. Deep-learning
# libraries leave that out, and since the weights are learned, it makes no difference.)
#
# ### What "same" means for a kernel without a middle
#
# A 3×3 kernel reaches one pixel to each side. A 4×4 kernel has no middle, so it must lean.
#
# **Predict:** to keep the size, 3 zeros are needed along each axis. Where does Keras put them?
#
# To find out, let a kernel full of ones slide over a picture full of ones: each result counts the real pixels in its window.

# %%
picture, kernel = np.ones((1, 6, 6, 1), "float32"), np.ones((4, 4, 1, 1), "float32")
covered = np.array(keras.ops.conv(picture, kernel, padding="same"))
padded = np.pad(np.ones((6, 6)), (1, 2))
by_hand = np.lib.stride_tricks.sliding_window_view(padded, (4, 4)).sum(axis=(2, 3))
np.testing.assert_array_equal(covered[0, :, :, 0], by_hand)
print(by_hand.astype(int))
show(figures.same_padding(6, 4))

# %% [markdown]
# One before and two after: that is the `row - 1 : row + 3` of the cell above. The first window covers 9 real pixels, the last one only 4. And `row` is not the
# middle of the rows `row - 1` to `row + 2`, but half a pixel above it: the maps of this layer sit half a pixel off the picture.
#
# ## Step 6 · Pooling
#
# `MaxPooling2D` cuts each map into squares of 2×2 and keeps the largest number of each. Three quarters of the numbers go; what stays is
# *that* a kernel found something here, and no longer exactly where.

# %%
model.add(MaxPooling2D(pool_size=(2, 2), strides=(2, 2), name="pool1"))
pool1 = np.array(model(x))
by_hand = conv1.reshape(1, 14, 2, 14, 2, 32).max(axis=(2, 4))
np.testing.assert_array_equal(pool1, by_hand)
check("pool1", parameters_by_hand=0)

# %% [markdown]
# ## Step 7 · The second convolution and pooling
#
# The same again with 64 kernels, but now the input has 32 channels, one for each kernel of the first layer.
#
# **Predict:** how many weights does *one* kernel of this layer have?

# %%
model.add(Conv2D(filters=n_filters[1], kernel_size=4, padding="same", activation="relu", name="conv2"))
print("One kernel has", model.get_layer("conv2").get_weights()[0][..., 0].size, "weights.")
check("conv2", parameters_by_hand=64 * (4 * 4 * 32 + 1))

# %% [markdown]
# 4·4·32 = 512. A kernel always reaches through *all* channels of its input: it looks at 32 maps at once, in a window of 4×4, and adds everything up
# to one number.

# %%
conv2 = np.array(model(x))
kernels, biases = model.get_layer("conv2").get_weights()
row, column, k = 5, 6, 0
by_hand = (pool1[0, row - 1 : row + 3, column - 1 : column + 3, :] * kernels[..., k]).sum() + biases[k]
np.testing.assert_allclose(max(0, by_hand), conv2[0, row, column, k], atol=1e-5)

model.add(MaxPooling2D(pool_size=(2, 2), strides=(2, 2), name="pool2"))
check("pool2", parameters_by_hand=0)

# %% [markdown]
# The receptive field grew with every layer, though every kernel has 4×4 weights. Count along a row. A number of `conv1` sees 4 pixels; `pool1` joins two neighbors, one
# pixel apart, and sees 5. After a pooling, neighbors are two pixels apart: the four that `conv2` takes reach 3·2 pixels further, to 11, and the two of `pool2` another 2, to 13.

# %% tags=["data"]
fields = {name: inspection.receptive_field(model, name) for name in ("conv1", "pool1", "conv2", "pool2")}
show(figures.receptive_fields(image[0, :, :, 0], fields, row=14, column=16))

# %% [markdown]
# The first layer sees the edge of a stroke, the last pooling a good part of the digit. Early layers *can* only find small things;
# this follows from the arithmetic, before anything is learned.
#
# ## Step 8 · Flatten, and a fully connected layer
#
# `Flatten` lays the 7·7·64 numbers in one row. Then come 1024 *neurons*. Each of them takes all 3,136 numbers, multiplies every one by a weight, adds up, adds
# its bias and cuts off below 0: no sliding, no sharing, a weight of its own for every map *and* every place.
#
# **Predict:** of the 3,255,914 parameters of the whole network, what share will this layer have?

# %%
model.add(Flatten(name="flatten"))
flat = np.array(model(x))
model.add(Dense(units=1024, activation="relu", name="dense"))
dense = np.array(model(x))
weights, biases = model.get_layer("dense").get_weights()
np.testing.assert_allclose(np.maximum(0, flat @ weights + biases), dense, atol=1e-4)
check("dense", parameters_by_hand=1024 * (3136 + 1))

# %% [markdown]
# All 1024 values by hand in one line: `flat @ weights + biases`, then ReLU.
#
# ## Step 9 · The output
#
# Ten neurons, one for each digit. Their sums, the *logits*, may be any numbers. `softmax` turns them into ten probabilities: it raises *e* to each of
# them, which makes all positive, and divides by the total, which makes their sum 1.

# %%
model.add(Dense(units=n_outputs, activation="softmax", name="output"))
weights, biases = model.get_layer("output").get_weights()
logits = dense @ weights + biases
by_hand = np.exp(logits) / np.exp(logits).sum()
np.testing.assert_allclose(by_hand, np.array(model(x)), atol=1e-5)
check("output", parameters_by_hand=n_outputs * (1024 + 1))

# %% [markdown]
# ## Step 10 · The summary
#
# Keras's own table, which the textbook prints too, and then the parameters as bars.

# %%
model.summary(line_length=72)

# %%
show(figures.parameter_shares(layer_table(model)))

# %% [markdown]
# The two convolutions, from which *convolutional* networks have their name, are a hundredth of the whole. Nearly all parameters sit where every place gets weights of its
# own. Keep this in mind when somebody judges a network by its number of parameters.
#
# Now the whole network in one drawing. Follow the volumes: the picture gets smaller and the channels more numerous, until places are
# gone and only features are left.

# %%
assert sum(layer.parameters for layer in layer_table(model)) == textbook.PARAMETERS
show(figures.network_volumes(layer_table(model)))

# %% [markdown]
# From now on you need not type all this: the module's `build_lenet` is the same network, layer for layer and setting for setting.

# %%
assert model.get_config() == build_lenet().get_config()
print("Typed here and built by the module: the same network.")

# %% [markdown]
# ## Then and now
#
# The textbook's code is from 2018. How much of it does today's Keras still take? `run` runs one line and reports the error or the first warning.

# %% jupyter={"source_hidden": true}
import warnings


def run(line):
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            eval(line)
        except Exception as error:
            return f"{type(error).__name__}: {error}".splitlines()[0]
    if not caught:
        return "runs as it stands"
    return f"{caught[0].category.__name__}: {caught[0].message}".split(". ")[0]


# %% [markdown]
# Here are five lines, run for real; what you read is what Keras says. The first two are lines of the textbook that have aged. The third is from the public code
# that loads its data. The last two are the textbook's again: they look old, and still run.

# %%
old = [
    "SGD(lr=learning_rate)",
    "Reshape(target_shape=(28, 28, 1), input_shape=(784,))",
    "__import__('tensorflow.examples.tutorials.mnist')",
    "Conv2D(filters=32, kernel_size=4, padding='SAME', activation='relu')",
    "MaxPooling2D(pool_size=(2,2), strides=(2,2))",
]
for line in old:
    print(f"{line}\n    {run(line)}\n")

# %% [markdown]
# | the textbook | today |
# |---|---|
# | `SGD(lr=learning_rate)` | `SGD(learning_rate=learning_rate)` |
# | `Reshape(..., input_shape=(n_inputs,))` | `Input((n_inputs,))` first, then `Reshape(...)` |
# | `tensorflow.examples.tutorials.mnist`, the loader in its public code, gone since TensorFlow 2 | `data.load_digits()` |
# | `acc` in the training log | `accuracy` |
#
# ## Is this LeNet?
#
# The textbook calls its network LeNet. The network that made the name is LeNet-5 of [LeCun, Bottou, Bengio and Haffner
# 1998](https://doi.org/10.1109/5.726791), section II.B. They share the plan, convolution and subsampling in turn and then fully connected
# layers, and hardly a detail:
#
# | | LeNet-5, 1998 | the textbook |
# |---|---|---|
# | input | 32×32 | 28×28 |
# | kernels | 5×5, without padding | 4×4, padded to the same size |
# | feature maps | 6, then 16; all but one of the 16 see only 3 or 4 of the 6 | 32, then 64, each seeing all |
# | subsampling | sum of 2×2, times a weight, plus a bias, both learned; then a squashing function | maximum of 2×2, nothing learned |
# | activation | scaled tanh | ReLU |
# | before the output | 120, then 84 units | 1024 units |
# | output | distance to ten fixed codes (radial basis functions) | softmax |
# | parameters | about 60,000 | 3,255,914 |
#
# The textbook's network is a plain convolutional network (CNN) of the 2010s. It has more than fifty times LeNet-5's parameters, nearly all of
# them in one layer.
#
# ## What you saw

# %% jupyter={"source_hidden": true}
table = layer_table(model)
biggest = max(table, key=lambda layer: layer.parameters)
Markdown(
    "- A convolution is multiply, add, cut off below 0, with the same few weights at every place.\n"
    f"- One number of the last map sees {fields['pool2'].size} × {fields['pool2'].size} of the 28 × 28 pixels.\n"
    f"- {textbook.PARAMETERS:,} parameters, counted by hand, by Keras and by the textbook; "
    f"**{biggest.parameters / textbook.PARAMETERS:.1%}** of them in one layer, *{biggest.name}*.\n"
    "- Nothing has been learned yet."
)

# %% [markdown]
# ## Exercises
#
# As in lesson 1: put your answer in place of `...` and run the cell. `exercises.valid.hint()` gives one hint at a time, `exercises.valid.solution()` shows a worked solution.
#
# **1 · Without padding.** LeNet-5's kernels are 5×5, and it pads nothing. Suppose that both convolutions of our network had 5×5 kernels and `padding="valid"`. Which shape would
# `pool2` give for one digit? Work it out on paper before you let Keras say it: in a network of your own, this sum decides whether the layers fit together.

# %%
from lenet_tutorial.exercises import build as exercises

answer = ...
exercises.valid.check(answer)

# %% [markdown]
# **2 · A kernel by hand.** Training finds kernels; design one. Choose 4×4 weights that answer loudly to strokes that run across the page, and at most half as loudly to strokes that run
# up and down, or to a page full of ink. As in `conv1`, what is below 0 is cut off; the bias is 0.

# %%
kernel = ...
exercises.horizontal.check(kernel)


# %% [markdown]
# **3 · Pooling of any size.** Write max pooling over squares of 2×2 with NumPy, for maps of any shape (rows, columns, channels). A last row or column that fills no square is dropped, as Keras
# does it.

# %%
def pooled(maps):
    ...


exercises.pooling.check(pooled)

# %%
exercises.tally()

# %% [markdown]
# **Further**, without a check:
#
# - `build_lenet(padding="valid")`: predict the output shape of every layer, then ask `layer_table`. How many parameters are left?
# - Which `n_dense` would bring the whole network down to LeNet-5's 60,000 parameters?
# - How large would the receptive field be after a third convolution and pooling? Add them and ask `inspection.receptive_field`.
#
# ## Roads not taken
#
# - *Today's usual style* would be `kernel_size=3`, an `Input((28, 28, 1))` without the detour over 784 numbers, and a list of layers given to
#   `Sequential` at once. We keep the textbook's steps, so that you can lay them side by side.
# - *One layer for logits and softmax apart* is numerically safer in training. Here the textbook's way works, since Keras finds the logits behind the softmax.
# - *Rebuilding LeNet-5 itself* would be history rather than this section.
#
# Shut this notebook down (*Kernel → Shut Down Kernel*; Jupyter's kernel, the running Python, is no kernel of ours) before you go on: two TensorFlow kernels need more memory than a small machine has.
# [Lesson 4](04_train.ipynb) trains the network.
