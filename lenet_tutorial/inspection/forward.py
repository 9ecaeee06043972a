"""Passes through a network, forward and back: compiled once, run batch after batch.

A compiled pass takes half the time of an uncompiled one on a batch of 100 digits. Its batch axis is left open, so
that a last, shorter batch compiles nothing anew. Whatever precision the layers compute in, all results are float32.
"""

from collections.abc import Callable, Sequence
from functools import lru_cache, wraps
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lenet_tutorial.backend import keras, tf
from lenet_tutorial.inspection.checks import check_built, check_images, layers_in_order

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


def cached_per_model(build: Callable[..., Any]) -> Callable[..., Any]:
    """Keep what ``build(model, ...)`` compiled while the model's layers and their activations stay what they were.

    New weights need no new compilation: a compiled pass reads them where they are. The last 16 passes of a kind are
    kept, and their models with them.
    """

    @lru_cache(maxsize=16)
    def cached(layers, model, *rest):
        return build(model, *rest)

    @wraps(build)
    def compiled(model, *rest):
        return cached(tuple((each, getattr(each, "activation", None)) for each in model.layers), model, *rest)

    return compiled


def compile_pass(function: Callable[..., Any], model: keras.Model, *more: Any) -> Callable[..., Any]:
    """Compile a function of pixels (n, 784), and of the tensors that ``more`` specifies, for any n.

    At once, not at the first call: calls that compile are counted by TensorFlow, which takes passes for several layers
    for one function compiled again and again, and warns.
    """
    pixels = tf.TensorSpec((None, check_built(model) ** 2), tf.float32)
    return tf.function(function, autograph=False).get_concrete_function(pixels, *more)


def split_at(model: keras.Model, name: str) -> tuple[list[keras.Layer], keras.Layer, list[keras.Layer]]:
    """Give the layers before, the layer of that name, and the layers after it."""
    layers = layers_in_order(model)
    at = [each.name for each in layers].index(name)
    return layers[:at], layers[at], layers[at + 1 :]


def apply_layers(layers: Sequence[keras.Layer], values: Any) -> Any:
    """Send values through layers, one after another; the result is float32.

    Not by a ``keras.Model`` of the layers' own ``output`` tensors: in a Sequential read from a file these belong to
    different calls of the layers, and such a model would compute the first layers several times over.
    """
    for layer in layers:
        values = layer(values, training=False)
    return tf.cast(values, tf.float32)


@cached_per_model
def layer_pass(model: keras.Model, names: tuple[str, ...]) -> Callable[..., Any]:
    """Compile: pixels (n, 784) -> the outputs of the named layers, a list."""

    def outputs(values):
        found = {}
        for layer in layers_in_order(model):
            found[layer.name] = values = apply_layers([layer], values)
        return [found[name] for name in names]  # what lies beyond the last of them is pruned

    return compile_pass(outputs, model)


def preactivation(layer: keras.Layer, inputs: Any) -> Any:
    """Compute a Dense or Conv2D layer's weighted sums, before its activation; any other layer's output."""
    if isinstance(layer, keras.layers.Dense):
        sums = tf.matmul(inputs, tf.cast(layer.kernel, tf.float32))
    elif isinstance(layer, keras.layers.Conv2D):
        sums = layer.convolution_op(inputs, tf.cast(layer.kernel, tf.float32))
    else:
        return apply_layers([layer], inputs)
    return sums if layer.bias is None else sums + tf.cast(layer.bias, tf.float32)


def logit_head(model: keras.Model) -> Callable[[Any], Any]:
    """Give the function that computes the logits from the inputs of the last layer.

    Raises:
        ValueError: the model does not end in class scores.
    """
    last = layers_in_order(model)[-1]
    if len(last.output.shape) == 2 and isinstance(last, keras.layers.Dense):
        return lambda inputs: preactivation(last, inputs)
    if len(last.output.shape) == 2 and isinstance(last, keras.layers.Activation | keras.layers.Softmax):
        return tf.identity
    raise ValueError(
        "expected a model that ends in a Dense, Activation or Softmax layer of shape (n, classes), "
        f"got {last.name!r}, a {type(last).__name__} of shape {tuple(last.output.shape)}"
    )


def logit_function(model: keras.Model) -> Callable[[Any], Any]:
    """Give a function: pixels (n, 784) -> logits (n, classes), the scores that the softmax turns into probabilities."""
    head, body = logit_head(model), layers_in_order(model)[:-1]
    return lambda pixels: head(apply_layers(body, pixels))


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
    return in_batches(logit_pass(model), images)
