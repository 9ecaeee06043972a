"""Passes through a network, forward and back: compiled once, run batch after batch.

A compiled pass takes half the time of an uncompiled one on a batch of 100 digits. Its batch axis is left open, so
that a last, shorter batch compiles nothing anew.
"""

from functools import lru_cache, wraps

import numpy as np

from lenet_tutorial.backend import keras, tf
from lenet_tutorial.inspection.checks import check_built, check_images, layers_in_order

BATCH = 256  # images a pass; all the maps of the textbook's network for so many digits are 53 MB


def batches(n, size=BATCH):
    """Slices that cut n rows into batches."""
    return [slice(start, min(start + size, n)) for start in range(0, n, size)]


def cached_per_model(build):
    """Keep what ``build(model, ...)`` compiled while the model's layers and their activations stay what they were.

    New weights need no new compilation: a compiled pass reads them where they are. The last 16 passes of a kind are
    kept, and their models with them.
    """

    @lru_cache(maxsize=16)
    def remembered(layers, model, *rest):
        return build(model, *rest)

    @wraps(build)
    def ask(model, *rest):
        return remembered(tuple((each, getattr(each, "activation", None)) for each in model.layers), model, *rest)

    return ask


def compile_pass(function, model, *more):
    """Compile a function of pixels (n, 784), and of what else ``more`` names, for any n.

    At once, not at the first call: calls that compile are counted by TensorFlow, which takes passes for several layers
    for one function compiled again and again, and warns.
    """
    pixels = tf.TensorSpec((None, check_built(model) ** 2), tf.float32)
    return tf.function(function, autograph=False).get_concrete_function(pixels, *more)


CLASSES = tf.TensorSpec((None,), tf.int32)


def split_at(model, name):
    """Give the layers before, the layer of that name, and the layers after it."""
    layers = layers_in_order(model)
    at = [each.name for each in layers].index(name)
    return layers[:at], layers[at], layers[at + 1 :]


def apply_layers(layers, values):
    """Send values through layers, one after another; the result is float32, whatever the layers compute in.

    Not by a ``keras.Model`` of the layers' own ``output`` tensors: in a Sequential read from a file these belong to
    different calls of the layers, and such a model would compute the first layers several times over.
    """
    for layer in layers:
        values = layer(values, training=False)
    return tf.cast(values, tf.float32)


@cached_per_model
def layer_pass(model, names):
    """Compile: pixels (n, 784) -> the outputs of the named layers, a list."""

    def outputs(values):
        found = {}
        for layer in layers_in_order(model):
            found[layer.name] = values = apply_layers([layer], values)
        return [found[name] for name in names]  # what lies beyond the last of them is pruned

    return compile_pass(outputs, model)


def preactivation(layer, inputs):
    """Compute what a Dense or Conv2D layer makes of its inputs before its activation; any other layer's output."""
    if isinstance(layer, keras.layers.Dense):
        sums = tf.matmul(inputs, tf.cast(layer.kernel, tf.float32))
    elif isinstance(layer, keras.layers.Conv2D):
        sums = layer.convolution_op(inputs, tf.cast(layer.kernel, tf.float32))
    else:
        return apply_layers([layer], inputs)
    return sums if layer.bias is None else sums + tf.cast(layer.bias, tf.float32)


def logit_head(model):
    """Give the function that computes the logits from what comes into the last layer."""
    last = layers_in_order(model)[-1]
    if len(last.output.shape) == 2 and isinstance(last, keras.layers.Dense):
        return lambda inputs: preactivation(last, inputs)
    if len(last.output.shape) == 2 and isinstance(last, keras.layers.Activation | keras.layers.Softmax):
        return tf.identity
    raise ValueError(
        "expected a model that ends in a Dense, Activation or Softmax layer of shape (n, classes), "
        f"got {last.name!r}, a {type(last).__name__} of shape {tuple(last.output.shape)}"
    )


def logit_function(model):
    """Give a function: pixels (n, 784) -> logits (n, classes), the scores that the softmax turns into probabilities."""
    end, body = logit_head(model), layers_in_order(model)[:-1]
    return lambda pixels: end(apply_layers(body, pixels))


def pick_class(scores, classes):
    """Each row's score of its own class: (n, classes) -> (n,)."""
    return tf.gather(scores, classes, axis=1, batch_dims=1)


def as_images(rows):
    """Reshape rows of pixels (n, side * side) into square pages (n, side, side)."""
    side = int(np.sqrt(rows.shape[1]))
    return rows.reshape(len(rows), side, side)


@cached_per_model
def logit_pass(model):
    """Compile: pixels (n, 784) -> logits (n, classes)."""
    return compile_pass(logit_function(model), model)


def logits(model, images):
    """Compute the logits: the class scores before the softmax.

    A saturated softmax hides what changes: at probabilities near 0 and 1 its gradient vanishes, and raising one class
    lowers all others. The logit of a class is the last layer's weighted sum for that class alone.

    Args:
        model: a built Keras model that ends in a Dense layer of any activation, or in an Activation or Softmax layer.
        images: floats (n, 784) in [0, 1].

    Returns:
        float32 (n, classes), unbounded. Their softmax is the model's output.

    Raises:
        ValueError: the model is not built or ends otherwise, or the images have another shape, dtype or range.

    Example:

    >>> import numpy as np
    >>> from lenet_tutorial.model import build_lenet
    >>> logits(build_lenet(), np.zeros((2, 784), "float32")).shape
    (2, 10)
    """
    images = check_images(model, images)
    forward = logit_pass(model)
    return np.concatenate([np.asarray(forward(images[batch])) for batch in batches(len(images))])
