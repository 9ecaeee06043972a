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
# *How do kernels become a network?*
#
# - **You will** build the textbook's network in Keras, layer by layer, try each layer on numbers that you can check in your head, and count all
#   3,255,914 numbers that training will change.
# - **You need** [lesson 2](02_convolution.ipynb): kernel, feature map, padding, ReLU and pooling. A word that you have forgotten is in the [glossary](glossary.md).
# - **It takes** about 35 minutes to read and 15 seconds to run.
#
# *The textbook* is one section of a book: "LeNet CNN for MNIST with Keras", chapter 9 of A. Fandango, *Mastering TensorFlow 1.x* (Packt, 2018). It has eleven steps. Steps 1 to 10
# are here, with the same numbers and in today's Keras. Step 11, training, is [lesson 4](04_train.ipynb).

# %% [markdown]
# **You are ready if** you can answer these three, from lesson 2. Click a question to see its answer.
#
# <details><summary>What are the numbers in a feature map?</summary>Sums. At each position, the weights of the kernel times the pixels under it, added up.</details>
#
# <details><summary>How large is the map of a 4×4 kernel on an image of 28×28 pixels, with "same" padding?</summary>28×28. The padding keeps the size of the image.</details>
#
# <details><summary>Why does a network need ReLU between two convolutions?</summary>Without it, the two would be equal to a single convolution with a larger kernel.</details>

# %%
import numpy as np
from IPython.display import Markdown

from lenet_tutorial import data, figures, inspection, textbook
from lenet_tutorial.figures import folded, show
from lenet_tutorial.model import build_lenet, layer_table

# %% tags=["data"]
digits = data.load_digits()
x = digits.test.images[:1]
Markdown(f"**{digits.note}** From here on, `x` is the first test digit, a row of {x.size} numbers.")

# %% [markdown]
# ## Step 1 · Import
#
# A **layer** is one step of a network: numbers in, numbers out. These are the layers that we need, plus `Input`, which tells today's Keras the shape of what comes in.

# %%
import keras
from keras.layers import Conv2D, Dense, Flatten, Input, MaxPooling2D, Reshape
from keras.models import Sequential
from keras.optimizers import SGD

# %% [markdown]
# ## Steps 2 and 3 · Hyperparameters
#
# A **parameter** is a number that training changes: a weight or a bias. A **hyperparameter** is a number that you choose, and that training doesn't change. The first one says how many kernels the two
# convolutions have. (The textbook and Keras call a kernel a *filter*.) The others belong to training and wait for lesson 4.

# %%
n_filters = [32, 64]
learning_rate, n_epochs, batch_size = 0.01, 10, 100

# %% [markdown]
# ## Step 4 · A model, and the shape of the image
#
# `Sequential` is a stack of layers, where each layer gets the output of the one before. The first layer, `Reshape`, undoes the flattening of lesson 1: 784 numbers become 28 rows
# of 28 pixels again. The last axis is for the **channels**. A gray image has one channel; a color image has three.
#
# The seed makes the random numbers the same each time. Each of the next steps adds layers to the model. If you ran a cell twice and got an error, come back to this one and continue from here.

# %%
keras.utils.set_random_seed(0)
model = Sequential(name="lenet")
model.add(Input((784,), name="pixels"))
model.add(Reshape((28, 28, 1), name="image"))

image = np.array(model(x))
np.testing.assert_array_equal(image[0, :, :, 0], x.reshape(28, 28))
print("from", x.shape, "to", image.shape, "= (digits, rows, columns, channels)")


# %% [markdown]
# After each step we check two things: the shape of the output, and the number of parameters, which we count by hand. Both must agree with Keras and with the table in the textbook.

# %%
def check(name, parameters):
    ours, theirs = layer_table(model)[-1], textbook.LAYERS[len(model.layers) - 1]
    assert (ours.name, ours.parameters) == (name, parameters)
    assert (ours.output_shape, ours.parameters) == (theirs.output_shape, theirs.parameters)
    print(f"{name}: output {ours.output_shape}, {ours.parameters:,} parameters, as in the textbook")


check("image", parameters=0)

# %% [markdown]
# ## Step 5 · The first convolution
#
# First on small numbers. Do you remember the image of 3×3 pixels and the kernel of 2×2 weights in lesson 2? By hand, the four sums were 2, 2, 0 and -1. Keras gives the same. It wants
# more axes: an image has the shape (digits, rows, columns, channels), and kernels have (rows, columns, channels, kernels).

# %%
small = np.array([[1.0, 1, 1], [0, 0, 0], [0, 0, 1]]).reshape(1, 3, 3, 1)
weights = np.array([[1.0, 1], [-1, -1]]).reshape(2, 2, 1, 1)
sums = np.array(keras.ops.conv(small, weights))
print(sums[0, :, :, 0])

# %% [markdown]
# Now the real layer: 32 kernels of 4×4 weights, with "same" padding and ReLU.
#
# **Predict:** how many parameters does it have? Each kernel has its weights and one bias.

# %%
model.add(Conv2D(n_filters[0], kernel_size=4, padding="same", activation="relu", name="conv1"))
check("conv1", parameters=32 * (4 * 4 + 1))

# %% [markdown]
# 32 kernels with 16 weights and 1 bias each: 544. That's all, because each kernel uses the same 17 numbers at every position of the image.
#
# Here is what one kernel computes at one position. (We take the kernel with the largest result there.) Its weights are still random, so it doesn't look for anything in particular yet.

# %% tags=["data", "tol-0.002"]
conv1 = np.array(model(x))
kernels, biases = model.get_layer("conv1").get_weights()
row, column = 9, 12
k = int(conv1[0, row, column].argmax())  # the kernel with the largest activation here

patch = image[0, row - 1 : row + 3, column - 1 : column + 3, 0]
by_hand = max(0, (patch * kernels[:, :, 0, k]).sum() + biases[k])
np.testing.assert_allclose(by_hand, conv1[0, row, column, k], atol=1e-5)
show(figures.kernel_at_work(patch, kernels[:, :, 0, k], biases[k]))

# %% [markdown]
# The result is one of the 28·28·32 numbers in the output, an **activation**. The others are computed in the same way.
#
# ## Step 6 · Pooling
#
# Max pooling keeps the largest number of each 2×2 square. The **stride** is 2, so the next square begins two pixels further on, and no two squares overlap. Once more the small map of lesson 2:

# %%
tiny = np.array([[0.0, 3, 0, 0], [0, 0, 1, 0], [2, 0, 0, 0], [0, 0, 0, 4]]).reshape(1, 4, 4, 1)
print(np.array(keras.ops.max_pool(tiny, 2, strides=2))[0, :, :, 0])

# %%
model.add(MaxPooling2D(pool_size=(2, 2), strides=(2, 2), name="pool1"))
pool1 = np.array(model(x))
np.testing.assert_array_equal(pool1, conv1.reshape(1, 14, 2, 14, 2, 32).max(axis=(2, 4)))
check("pool1", parameters=0)

# %% [markdown]
# Each of the 32 maps has half as many rows and columns now. Pooling has nothing to learn, so it has no parameters.
#
# ## Step 7 · The second convolution
#
# The next layer has 64 kernels of 4×4. But its input isn't one image, it is 32 maps. What does a kernel do with 32 maps? It has *one slice for each map*. It computes a sum on each map, and adds the sums up. With two maps of 2×2 you can check it in your head:
#
# | map 1 | slice 1 | map 2 | slice 2 | sum |
# |---|---|---|---|---|
# | 1 0<br>0 1 | 1 0<br>0 1 | 0 1<br>1 0 | 2 2<br>2 2 | (1 + 1) + (2 + 2) = 6 |
#
# In the code, `transpose` moves the maps to the last axis, where Keras has its channels.

# %%
two_maps = np.array([[[1.0, 0], [0, 1]], [[0, 1], [1, 0]]]).transpose(1, 2, 0)[None]
one_kernel = np.array([[[1.0, 0], [0, 1]], [[2, 2], [2, 2]]]).transpose(1, 2, 0)[..., None]
print("two maps", two_maps.shape, "and one kernel", one_kernel.shape, "give", float(keras.ops.conv(two_maps, one_kernel).numpy().item()))

# %% [markdown]
# **Predict:** how many weights does *one* kernel of the second convolution have? And how many parameters do all 64 have?

# %%
model.add(Conv2D(n_filters[1], kernel_size=4, padding="same", activation="relu", name="conv2"))
check("conv2", parameters=64 * (4 * 4 * 32 + 1))

# %% [markdown]
# One kernel has 4·4·32 = 512 weights. Here are its 32 slices.

# %% tags=["tol-0.01"]
kernels, biases = model.get_layer("conv2").get_weights()
show(figures.kernel_slices(kernels[..., 0], title="One kernel of conv2: 32 slices of 4×4 weights"))

# %% [markdown]
# One activation by hand, with all 512 products in one line. Then the second pooling.

# %%
conv2 = np.array(model(x))
row, column = 5, 6
window = pool1[0, row - 1 : row + 3, column - 1 : column + 3, :]
by_hand = max(0, (window * kernels[..., 0]).sum() + biases[0])
np.testing.assert_allclose(by_hand, conv2[0, row, column, 0], atol=1e-5)

model.add(MaxPooling2D(pool_size=(2, 2), strides=(2, 2), name="pool2"))
check("pool2", parameters=0)

# %% [markdown]
# How much of the digit does one activation depend on? This is its **receptive field**. An activation of *conv1* sees 4×4 pixels. One of *pool1* is the largest of 2×2 neighbors, so it sees one more row and one more column: 4 + 1 = 5.
# After a pooling, neighbors are two pixels apart, and the field grows twice as fast: *conv2* sees 5 + 3·2 = 11 and *pool2* 11 + 2 = 13.

# %% tags=["data"]
fields = {name: inspection.receptive_field(model, name) for name in ("conv1", "pool1", "conv2", "pool2")}
show(figures.receptive_fields(image[0, :, :, 0], fields, row=14, column=16))

# %% [markdown]
# So the first layer can find an edge, and *pool2* a large part of a digit. Nothing had to be learned for that; it follows from how the layers are stacked.
#
# ## Step 8 · Flatten, and a dense layer
#
# `Flatten` lays the 7·7·64 numbers in one row of 3,136. Then comes a **dense** layer. It consists of **neurons**, and each neuron has a weight for *every* number of its input and a bias. An example with three inputs and two neurons:
#
# | input | weights of neuron 1 | weights of neuron 2 |
# |---|---|---|
# | 1 | 1 | 0 |
# | 2 | 1 | -1 |
# | 3 | 1 | 0 |
#
# With biases 0 and 1, neuron 1 gives 1 + 2 + 3 + 0 = 6. Neuron 2 gives -2 + 1 = -1, and ReLU makes it 0.

# %%
inputs, weights, biases = np.array([1, 2, 3]), np.array([[1, 0], [1, -1], [1, 0]]), np.array([0, 1])
print("by hand:", np.maximum(inputs @ weights + biases, 0))

toy = Sequential([Input((3,)), Dense(2, activation="relu")])
toy.set_weights([weights, biases])
print("Keras:  ", np.array(toy(inputs[None]))[0])

# %% [markdown]
# The textbook takes 1,024 neurons.
#
# **Predict:** the whole network will have 3,255,914 parameters. What share of them is in this one layer? (You'll see it after step 10.)

# %%
model.add(Flatten(name="flatten"))
model.add(Dense(1024, activation="relu", name="dense"))
check("dense", parameters=1024 * (3136 + 1))

# %% [markdown]
# ## Step 9 · The output
#
# The last layer has ten neurons, one for each digit. The number that a neuron computes is called a **logit**, and it can be anything. **Softmax** turns the logits into ten probabilities: it raises *e* to the power of each logit, which makes all of
# them positive, and divides by the sum, so that they add up to 1. For three classes with the logits 2, 1 and 0:

# %%
logits = np.array([2.0, 1.0, 0.0])
powers = np.exp(logits)
print("powers of e:  ", powers.round(3), " sum", powers.sum().round(3))
print("probabilities:", (powers / powers.sum()).round(3))
print("Keras:        ", np.array(keras.ops.softmax(logits)).round(3))

# %%
model.add(Dense(10, activation="softmax", name="output"))
check("output", parameters=10 * (1024 + 1))

# %% [markdown]
# ## Step 10 · The summary
#
# `summary` prints the table that is in the textbook, too.

# %%
model.summary(line_length=72)
assert model.count_params() == textbook.PARAMETERS

# %% [markdown]
# `None` stands for the number of digits: any number will do. Where are the parameters? Nearly all of them are in one layer, and it isn't a convolution:

# %%
show(figures.parameter_shares(layer_table(model)))

# %% [markdown]
# Kernels are cheap, since each uses the same few weights at every position. A dense layer has a weight for every input and every neuron, and that's expensive.
#
# And where are the *activations*? In this picture the first test digit goes through the network. Each small pixel is one number, so a larger area really means more numbers.

# %% tags=["data"]
names = [layer.name for layer in model.layers]
maps = inspection.feature_maps(model, x, names)
show(figures.network_values({name: maps[name][0] for name in names}))

# %% [markdown]
# Follow it from left to right. The first convolution makes 32 maps of one image, so the numbers grow from 784 to 25,088. Pooling leaves a quarter of them, and the second convolution doubles that again. At the end, two dense layers make 1,024 numbers of 3,136, and ten of 1,024.
#
# ## The whole model in one cell
#
# This is all of it, to copy into your own project. It needs nothing from this lesson but the imports of step 1. (The last line is for us: it checks that your model from above and `lenet_tutorial.model.build_lenet` are the same.)

# %%
lenet = Sequential(
    [
        Input((784,), name="pixels"),
        Reshape((28, 28, 1), name="image"),
        Conv2D(32, kernel_size=4, padding="same", activation="relu", name="conv1"),
        MaxPooling2D(pool_size=2, strides=2, name="pool1"),
        Conv2D(64, kernel_size=4, padding="same", activation="relu", name="conv2"),
        MaxPooling2D(pool_size=2, strides=2, name="pool2"),
        Flatten(name="flatten"),
        Dense(1024, activation="relu", name="dense"),
        Dense(10, activation="softmax", name="output"),
    ],
    name="lenet",
)
assert lenet.get_config() == model.get_config() == build_lenet().get_config()

# %% [markdown]
# **Predict:** the network is complete. What does it say about the first test digit?

# %% tags=["data", "tol-0.1"]
probabilities = np.array(model(x))[0]
folded("Each probability is near one tenth: " + ", ".join(f"{each:.2f}" for each in probabilities) + ". It knows nothing yet; all its weights are random.")

# %% [markdown]
# ## What you saw
#
# - A convolution on many maps has a slice for each map and adds everything up. Its kernels use the same weights at every position, so it has few parameters.
# - Pooling halves the rows and the columns of the maps, and the receptive field grows from layer to layer.
# - A dense layer has a weight for every input and every neuron. It holds nearly all the parameters of this network.
# - Softmax turns ten logits into ten probabilities.
#
# ## Exercises
#
# Put your answer in place of `...` and run the cell. `exercises.parameters.hint()` gives one hint at a time, `exercises.parameters.solution()` a worked solution.
#
# **1 · Count.** A convolution with 8 kernels of 3×3 gets 16 maps. How many parameters does it have?

# %%
from lenet_tutorial.exercises import build as exercises

answer = ...
exercises.parameters.check(answer)

# %% [markdown]
# **2 · Without padding.** Give both convolutions kernels of 5×5 and no padding (`padding="valid"`). Which shape does `pool2` have then, for one digit? Answer with a shape, such as `(7, 7, 64)`.

# %%
answer = ...
exercises.valid.check(answer)


# %% [markdown]
# **3 · Pooling of any size.** Write max pooling over squares of 2×2 in NumPy, for maps of any shape (rows, columns, channels). A last row or column that doesn't fill a square is dropped, as in Keras.

# %%
def pooled(maps):
    ...  # your code


exercises.pooling.check(pooled)

# %%
exercises.tally()

# %% [markdown]
# ## For the curious
#
# - *Where does "same" put the zeros?* A kernel of 4×4 has no middle. It needs three rows of zeros to keep the size, and Keras puts one before the image and two after it. That's why the patch above begins one row above `row` and ends two rows below.
# - *Then and now.* The textbook writes `Reshape(target_shape=..., input_shape=(784,))`; today's Keras warns and wants an `Input`. It writes `SGD(lr=0.01)`; today it's `learning_rate`. `padding='SAME'` still works.
# - *Is this LeNet?* Not really. LeNet-5 of [LeCun et al. 1998](https://doi.org/10.1109/5.726791) has 60,000 parameters, fifty times fewer, and other layers. Lesson 10 builds it.
# - *Logits apart.* Many programs leave softmax out of the model and hand the logits to the loss, which is safer numerically. Keras finds the logits behind the softmax, so the textbook's way works, too.
# - *Try this:* how many parameters does `build_lenet(padding="valid")` have? Predict it, then ask `layer_table`.
#
# **The next question: all these weights are random. How does the network find better ones?** [Lesson 4](04_train.ipynb) trains it.
#
# Before you go on, shut down this notebook (*Kernel → Shut Down Kernel*): two running TensorFlow kernels need more memory than a small machine has.
