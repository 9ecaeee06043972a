"""Models as other people build them, with random weights, and for some of them a flat twin that computes the same."""

from contextlib import contextmanager
from functools import cache
from zlib import crc32

import numpy as np

from lenet_tutorial.backend import keras

layers = keras.layers
SQUARE = (28, 28, 1)


@contextmanager
def precision(policy):
    """Layers made inside are of that precision; in float64, inputs too."""
    floatx = keras.config.floatx()
    keras.config.set_dtype_policy(policy)
    keras.config.set_floatx("float64" if policy == "float64" else floatx)
    try:
        yield
    finally:
        keras.config.set_floatx(floatx)
        keras.config.set_dtype_policy("float32")


def randomized(model):
    """The model with random weights, the same for layers of the same name; biases and the like are from 0.2 to 0.6."""
    for each in model.weights:
        random = np.random.default_rng(crc32("/".join(each.path.split("/")[-2:]).encode()))
        if len(each.shape) > 1:
            each.assign(random.normal(0, np.sqrt(1.5 / np.prod(each.shape[:-1])), each.shape))
        elif "float" in each.dtype and "mean" not in each.name and each.name != "variance":
            each.assign(random.uniform(0.2, 0.6, each.shape))
    return model


def chain(*steps, shape=SQUARE):
    return keras.Sequential([keras.Input(shape), *steps])


def convolutions(padding="same", n=6):
    return [
        layers.Conv2D(n, 3, padding=padding, activation="relu", name="conv1"),
        layers.MaxPooling2D(2, name="pool1"),
        layers.Conv2D(n + 2, 3, padding=padding, activation="relu", name="conv2"),
    ]


def dense(activation="softmax"):
    return [
        layers.Flatten(name="flatten"),
        layers.Dense(16, activation="relu", name="dense"),
        layers.Dense(10, activation=activation, name="output"),
    ]


def flat(*steps):
    return chain(layers.Reshape(SQUARE, name="image"), *steps, shape=(784,))


def keras_example():
    """keras.io/examples/vision/mnist_convnet."""
    return chain(
        layers.Conv2D(32, kernel_size=(3, 3), activation="relu", name="conv1"),
        layers.MaxPooling2D(pool_size=(2, 2), name="pool1"),
        layers.Conv2D(64, kernel_size=(3, 3), activation="relu", name="conv2"),
        layers.MaxPooling2D(pool_size=(2, 2), name="pool2"),
        layers.Flatten(name="flatten"),
        layers.Dropout(0.5),
        layers.Dense(10, activation="softmax", name="output"),
    )


def keras_example_flat():
    return flat(*[each for each in keras_example().layers if not isinstance(each, layers.Dropout)])


def quickstart():
    """tensorflow.org/tutorials/quickstart/beginner."""
    return chain(
        layers.Flatten(name="flatten"),
        layers.Dense(128, activation="relu", name="dense"),
        layers.Dropout(0.2),
        layers.Dense(10, name="output"),
        shape=(28, 28),
    )


def quickstart_flat():
    return chain(layers.Dense(128, activation="relu", name="dense"), layers.Dense(10, name="output"), shape=(784,))


def lenet5_steps(*first):
    return [
        *first,
        layers.AveragePooling2D(2, name="pool1"),
        layers.Conv2D(16, 5, activation="tanh", name="conv2"),
        layers.AveragePooling2D(2, name="pool2"),
        layers.Flatten(name="flatten"),
        layers.Dense(120, activation="tanh", name="dense"),
        layers.Dense(84, activation="tanh", name="dense2"),
        layers.Dense(10, activation="softmax", name="output"),
    ]


def lenet5():
    padded = [layers.ZeroPadding2D(2, name="pad"), layers.Conv2D(6, 5, activation="tanh", name="conv1")]
    return chain(*lenet5_steps(*padded))


def lenet5_flat():
    return flat(*lenet5_steps(layers.Conv2D(6, 5, padding="same", activation="tanh", name="conv1")))


def nested():
    front = keras.Sequential([layers.RandomTranslation(0.1, 0.1), layers.Rescaling(1 / 255)], name="front")
    head = keras.Sequential([dense()[2]], name="head")
    return chain(front, keras.Sequential(convolutions(), name="features"), *dense()[:2], head)


def functional():
    inner = keras.Input((28, 28, 1))
    values = inner
    for each in convolutions():
        values = each(values)
    features = keras.Model(inner, values, name="features")
    image = keras.Input((28, 28))
    values = features(layers.Reshape((28, 28, 1))(image))
    for each in dense():
        values = each(values)
    return keras.Model(image, values)


def plain_flat():
    return flat(*convolutions(), *dense())


def rescaling():
    return chain(layers.Rescaling(1 / 127.5, offset=-1), *convolutions("valid"), *dense(None))


def normalization():
    first = layers.Normalization(axis=None, mean=33.3, variance=78.6**2)
    return chain(first, *convolutions("valid"), *dense(None), layers.Activation("softmax"))


def augmented():
    moves = [layers.RandomTranslation(0.1, 0.1), layers.RandomRotation(0.1), layers.RandomZoom(0.1)]
    return chain(*moves, *convolutions(), *dense(None), layers.Softmax())


class Subclassed(keras.Model):
    """As in TensorFlow's tutorial for experts, but that its layers stand in another order than they are called in."""

    def __init__(self):
        super().__init__()
        self.head, (self.conv1, self.pool, self.conv2) = dense(None), convolutions()
        self.front = layers.Rescaling(1 / 255)

    def call(self, images):
        values = self.conv2(self.pool(self.conv1(self.front(images))))
        for each in self.head:
            values = each(values)
        return keras.ops.softmax(values)


def subclassed():
    model = Subclassed()
    model(np.zeros((1, *SQUARE), np.float32))
    return model


def resizing():
    return chain(layers.Resizing(32, 32), *convolutions("valid"), *dense())


def residual():
    image = keras.Input(SQUARE)
    values = layers.Conv2D(6, 3, padding="same", activation="relu", name="conv1")(image)
    bent = layers.Conv2D(6, 5, padding="same", name="conv2")(values)
    values = layers.ReLU(name="relu")(layers.BatchNormalization()(layers.Add(name="sum")([values, bent])))
    values = layers.AveragePooling2D(2, name="pool")(values + layers.DepthwiseConv2D(3, padding="same")(values))
    for each in dense():
        values = each(values)
    return keras.Model(image, values)


def ensemble():
    image = keras.Input((784,))
    both = [layers.Dense(10, activation="softmax")(layers.Dense(8, activation="tanh")(image)) for _ in range(2)]
    return keras.Model(image, layers.Average()(both))


def valid_flat():
    return flat(*convolutions("valid"), *dense())


# What the layer in front does to pixels from 0 to 1, a factor and an offset, the twin's first convolution does.
FOLDED = {"rescaling": (2, -1), "normalization": (255 / 78.6, -33.3 / 78.6)}
# name: (builder, builder of the twin or None, shape of an image and what its white is, as this model wants it)
MODELS = {
    "keras_example": (keras_example, keras_example_flat, SQUARE, 1),
    "quickstart": (quickstart, quickstart_flat, (28, 28), 1),
    "lenet5": (lenet5, lenet5_flat, SQUARE, 1),
    "nested": (nested, plain_flat, SQUARE, 255),
    "functional": (functional, plain_flat, (28, 28), 1),
    "rescaling": (rescaling, valid_flat, SQUARE, 255),
    "normalization": (normalization, valid_flat, SQUARE, 255),
    "augmented": (augmented, plain_flat, SQUARE, 1),
    "subclassed": (subclassed, plain_flat, SQUARE, 255),
    "resizing": (resizing, None, SQUARE, 1),
    "residual": (residual, None, SQUARE, 1),
    "ensemble": (ensemble, None, (784,), 1),
}


def built(name, policy="float32"):
    """One of the models, with the same weights in each precision. Not to be changed."""
    return _built(name, policy)


@cache
def _built(name, policy):
    with precision(policy):
        model = MODELS[name][0]()
    if policy == "float32":
        return randomized(model)
    model.set_weights(built(name).get_weights())
    return model


@cache
def twin(name):
    """A flat Sequential that computes what the model does from pixels in [0, 1]."""
    scale, offset = FOLDED.get(name, (1, 0))
    model = randomized(MODELS[name][1]())
    if name in FOLDED:
        kernel, bias = model.get_layer("conv1").get_weights()
        model.get_layer("conv1").set_weights([scale * kernel, bias + offset * kernel.sum(axis=(0, 1, 2))])
    return model


def predicted(name, pixels, policy="float32"):
    """What Keras predicts for pixels (n, 784) in [0, 1], given as this model wants them."""
    _, _, shape, white = MODELS[name]
    return np.asarray(built(name, policy)(white * pixels.reshape(-1, *shape), training=False), np.float64)
