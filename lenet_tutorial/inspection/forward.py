"""Passes through a network, forward and back: compiled once, run batch after batch.

A compiled pass takes half the time of an uncompiled one on a batch of 100 digits. Its batch axis is left open, so
that a last, shorter batch compiles nothing anew. Whatever precision the layers compute in, all results are float32.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lenet_tutorial.backend import keras, tf
from lenet_tutorial.inspection.checks import check_images, check_scores
from lenet_tutorial.inspection.network import Network, float32, network
from lenet_tutorial.interface import Call, cached_per_model

BATCH = 256  # images a pass; all the maps of the textbook's network for so many digits are 53 MB
CLASSES = tf.TensorSpec((None,), tf.int32)


def batches(n: int, size: int = BATCH) -> list[slice]:
    """Slices that cut n rows into batches."""
    return [slice(start, min(start + size, n)) for start in range(0, n, size)]


def in_batches(run: Callable[..., Any], *rows: NDArray) -> NDArray:
    """Run a pass over rows, such as images and their classes, batch after batch; its outputs are put together."""
    return np.concatenate([np.asarray(run(*(each[cut] for each in rows))) for cut in batches(len(rows[0]))])


def scores_of_variants(
    run: Callable[..., Any], classes: NDArray[np.int32], n_variants: int, variant: Callable[[NDArray, NDArray], NDArray]
) -> NDArray[np.float32]:
    """Score variants of each image, such as an image occluded in many positions, in full batches.

    Args:
        run: a pass from pixels (m, 784) to scores (m, classes).
        classes: int32 (n,), the class to score of each image.
        n_variants: variants of an image.
        variant: gives pixels (m, 784) for the numbers (m,) of images and of their variants.

    Returns:
        float32 (n, n_variants), the score of each image's class.
    """
    scores = np.empty(len(classes) * n_variants, np.float32)
    for cut in batches(len(scores)):
        image, number = np.divmod(np.arange(cut.start, cut.stop), n_variants)
        scores[cut] = np.asarray(run(variant(image, number)))[np.arange(len(image)), classes[image]]
    return scores.reshape(-1, n_variants)


def compile_pass(function: Callable[..., Any], model: keras.Model, *more: Any) -> Callable[..., Any]:
    """Compile a function of pixels (n, 784), and of the tensors that ``more`` specifies, for any n.

    At once, not at the first call: calls that compile are counted by TensorFlow, which takes passes for several layers
    for one function compiled again and again, and warns.
    """
    pixels = tf.TensorSpec((None, network(model).side ** 2), tf.float32)
    return tf.function(function, autograph=False).get_concrete_function(pixels, *more)


@cached_per_model
def layer_pass(model: keras.Model, names: tuple[str, ...]) -> Callable[..., Any]:
    """Compile: pixels (n, 784) -> the outputs of the named layers, a list."""
    net = network(model)

    def outputs(pixels):
        _, calls = net.run(pixels)
        return [float32(calls[name].output) for name in names]  # what lies beyond the last of them is pruned

    return compile_pass(outputs, model)


def preactivation(call: Call) -> Any:
    """Compute a Dense or Conv2D layer's weighted sums, before its activation; any other layer's output."""
    layer = call.layer
    if isinstance(layer, keras.layers.Dense):
        sums = tf.matmul(float32(call.inputs[0]), float32(layer.kernel))
    elif isinstance(layer, keras.layers.Conv2D):
        sums = layer.convolution_op(float32(call.inputs[0]), float32(layer.kernel))
    else:
        return float32(call.output)
    return sums if layer.bias is None else sums + float32(layer.bias)


def class_scores(net: Network, output: Any, calls: dict[str, Call]) -> Any:
    """Give the logits of a pass: its output before the last softmax, sigmoid or other activation.

    The first of the layers that gave the output tells what to undo. Where the end is of another kind, such as the mean
    of two softmaxes, and the output is probabilities that sum to 1, the logits are their logarithms; else they are the
    output itself.
    """
    ends = [each for each in calls.values() if each.output is output]
    if ends and isinstance(ends[0].layer, keras.layers.Dense):
        return preactivation(ends[0])
    if ends and isinstance(ends[0].layer, keras.layers.Activation | keras.layers.Softmax):
        return float32(ends[0].inputs[0])
    if output.op.type in ("Softmax", "Sigmoid"):
        return float32(output.op.inputs[0])
    output = float32(output)
    return tf.math.log(tf.maximum(output, 1e-30)) if net.interface.exclusive else output


def logit_function(model: keras.Model) -> Callable[[Any], Any]:
    """Give a function: pixels (n, 784) -> logits (n, classes), the scores that the softmax turns into probabilities."""
    net = network(model)
    return lambda pixels: class_scores(net, *net.run(pixels))


def pick_class(scores: Any, classes: Any) -> Any:
    """Each row's score of its own class: (n, classes) -> (n,)."""
    return tf.gather(scores, classes, axis=1, batch_dims=1)


def with_gradient(score: Callable[[Any], Any], values: Any) -> tuple[Any, Any]:
    """Give the score of some values, and its gradient with respect to them."""
    with tf.GradientTape() as tape:
        tape.watch(values)
        result = score(values)
    return result, tape.gradient(result, values)


def unflattened(rows: NDArray) -> NDArray:
    """Reshape flat images (n, side * side) into (n, side, side)."""
    side = int(np.sqrt(rows.shape[1]))
    return rows.reshape(len(rows), side, side)


@cached_per_model
def logit_pass(model: keras.Model) -> Callable[..., Any]:
    """Compile: pixels (n, 784) -> logits (n, classes)."""
    return compile_pass(logit_function(model), model)


def logits(model: keras.Model, images: ArrayLike) -> NDArray[np.float32]:
    """Compute the logits: the class scores before the softmax.

    A saturated softmax hides what changes: at probabilities near 0 and 1 its gradient vanishes, and raising one class
    lowers all others. The logit of a class is the last layer's weighted sum for that class alone.

    Args:
        model: a built Keras model of class scores. If it ends in a Dense, Activation or Softmax layer, or in a softmax
            or sigmoid of its own, the logits are what came before that activation. If it gives probabilities in another
            way, such as the mean of two softmaxes, they are the probabilities' logarithms. Else they are its output.
        images: floats (n, 784) in [0, 1].

    Returns:
        float32 (n, classes), unbounded. Where the model gives probabilities by a softmax, theirs is the same.

    Raises:
        ValueError: the model is not built or gives no class scores, or the images have another shape, dtype or range.

    Example:

    >>> import numpy as np
    >>> from lenet_tutorial.model import build_lenet
    >>> logits(build_lenet(), np.zeros((2, 784), "float32")).shape
    (2, 10)
    """
    check_scores(model)
    images = check_images(model, images)
    return in_batches(logit_pass(model), images)
