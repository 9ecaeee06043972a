"""The textbook's network, built."""

import math
from collections.abc import Callable, Sequence

from lenet_tutorial import textbook
from lenet_tutorial.backend import keras
from lenet_tutorial.layers import RBF, LocallyConnected2D, Subsampling, TableConv2D


def build_lenet(
    n_filters: Sequence[int] = textbook.N_FILTERS,
    *,
    kernel_size: int = textbook.KERNEL_SIZE,
    padding: str = "same",
    n_dense: int = textbook.N_DENSE,
    n_outputs: int = textbook.N_OUTPUTS,
) -> keras.Sequential:
    """Build the network of the textbook's steps 4 to 9, untrained and not compiled.

    Args:
        n_filters: two numbers, the kernels of the first and of the second convolution.
        kernel_size: height and width of a kernel, in pixels of its input.
        padding: ``"same"`` keeps the height and width of a convolution's input, ``"valid"`` uses no padding.
        n_dense: neurons of the fully connected layer.
        n_outputs: classes.

    Returns:
        A ``keras.Sequential`` from float32 (n, 784) in [0, 1] to float32 probabilities (n, n_outputs). Its layers are
        ``image``, ``conv1``, ``pool1``, ``conv2``, ``pool2``, ``flatten``, ``dense`` and ``output``. Weights start
        Glorot-uniform and biases at zero, Keras's defaults; ``keras.utils.set_random_seed`` fixes them.

    Raises:
        ValueError: ``n_filters`` does not hold two numbers.

    Example:

    >>> build_lenet().count_params()
    3255914
    """
    if len(n_filters) != 2:
        raise ValueError(f"expected n_filters for two convolutions, such as (32, 64), got {n_filters!r}")
    layers = keras.layers
    return keras.Sequential(
        [
            keras.Input((textbook.N_INPUTS,), name="pixels"),
            layers.Reshape((textbook.N_WIDTH, textbook.N_HEIGHT, textbook.N_DEPTH), name="image"),
            layers.Conv2D(n_filters[0], kernel_size, padding=padding, activation="relu", name="conv1"),
            layers.MaxPooling2D((2, 2), strides=(2, 2), name="pool1"),
            layers.Conv2D(n_filters[1], kernel_size, padding=padding, activation="relu", name="conv2"),
            layers.MaxPooling2D((2, 2), strides=(2, 2), name="pool2"),
            layers.Flatten(name="flatten"),
            layers.Dense(n_dense, activation="relu", name="dense"),
            layers.Dense(n_outputs, activation="softmax", name="output"),
        ],
        name="lenet",
    )


def build_dense(*hidden: int, activation: str | Callable, output: str | Callable = "softmax") -> keras.Sequential:
    """Build a network without convolutions, in which every neuron sees everything before it, untrained.

    Args:
        hidden: how many neurons each hidden layer has.
        activation: the function at the end of the hidden layers, or its name in Keras.
        output: the same of the ten outputs.

    Returns:
        A ``keras.Sequential`` from float32 (n, 784) to float32 (n, 10).
    """
    layers = [keras.layers.Dense(n, activation=activation) for n in hidden]
    layers.append(keras.layers.Dense(textbook.N_OUTPUTS, activation=output))
    return keras.Sequential([keras.Input((textbook.N_INPUTS,)), *layers])


def layer_table(model: keras.Model) -> tuple[textbook.Layer, ...]:
    """List a built model's layers the way the textbook's summary does.

    Args:
        model: a built ``keras.Model`` whose layers follow one another.

    Returns:
        A tuple of :class:`lenet_tutorial.textbook.Layer`, one a layer, in order.

    Raises:
        ValueError: the model has not been built.

    Example:

    >>> layer_table(build_lenet())[1]
    Layer(name='conv1', kind='Conv2D', output_shape=(28, 28, 32), parameters=544)
    """
    _require_built(model)
    return tuple(
        textbook.Layer(layer.name, type(layer).__name__, tuple(layer.output.shape[1:]), layer.count_params())
        for layer in model.layers
    )


def _require_built(model: keras.Model) -> None:
    if not model.built:
        raise ValueError(
            f"the model {model.name!r} has no shapes yet: add keras.Input((784,)) as its first layer, "
            "or call model.build"
        )


def connections(model: keras.Model) -> dict[str, int]:
    """Count the connections of each layer as the paper of 1998 does: one for each product, and one for each bias.

    That is about how many multiplications with an addition a digit costs. Max pooling and reshaping have none.

    Args:
        model: a built ``keras.Model`` whose layers follow one another.

    Returns:
        ``{layer's name: connections}``, of the layers that have any.

    Raises:
        ValueError: the model has not been built, or a layer has weights, and it is not known how it uses them.

    Example:

    >>> connections(build_lenet())["conv1"]  # 28×28 positions, 32 kernels of 16 weights and a bias
    426496
    """
    _require_built(model)
    counts = {layer.name: _connections(layer) for layer in model.layers}
    return {name: count for name, count in counts.items() if count}


def _connections(layer: keras.layers.Layer) -> int:
    _, *positions, outputs = layer.output.shape
    if isinstance(layer, Subsampling):
        return math.prod(positions) * outputs * 5  # four inputs and a bias
    if isinstance(layer, keras.layers.Conv2D | keras.layers.Dense | TableConv2D):
        return math.prod(positions) * layer.count_params()
    if layer.weights and not isinstance(layer, LocallyConnected2D | RBF):
        raise ValueError(f"expected layers whose connections can be counted, got {type(layer).__name__}")
    return layer.count_params()
