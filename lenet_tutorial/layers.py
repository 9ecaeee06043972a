"""Layers that Keras does not have: those of 1998's LeNet-5, and a convolution that does not share its weights.

Source of the first three: LeCun, Bottou, Bengio, Haffner, "Gradient-based learning applied to document recognition",
Proceedings of the IEEE 86 (1998), 2278-2324, doi:10.1109/5.726791, section II.B and appendix A.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from lenet_tutorial.backend import keras

AMPLITUDE, SLOPE = 1.7159, 2 / 3  # of the scaled hyperbolic tangent

registered = keras.saving.register_keras_serializable("lenet_tutorial")


@registered
def scaled_tanh(values):
    """Squash numbers by 1.7159 tanh(2/3 a), which sends 1 to 1 and -1 to -1 (equation 6).

    Args:
        values: float tensor of any shape.

    Returns:
        A tensor of the same shape and dtype, between -1.7159 and 1.7159.
    """
    return AMPLITUDE * keras.ops.tanh(SLOPE * values)


@registered
class FanInUniform(keras.initializers.Initializer):
    """Initial weights, uniform between plus and minus 2.4 divided by the inputs of a neuron (appendix A).

    Args:
        fan_in: how many inputs a neuron has; an array gives each weight along the last axis its own.
        seed: fixes the weights; otherwise ``keras.utils.set_random_seed`` does.
    """

    def __init__(self, fan_in: ArrayLike, seed: int | None = None):
        self.fan_in, self.seed, self.generator = fan_in, seed, keras.random.SeedGenerator(seed)

    def __call__(self, shape, dtype=None):
        reach = (2.4 / np.asarray(self.fan_in)).astype("float32")
        return keras.random.uniform(shape, -1, 1, dtype=dtype, seed=self.generator) * reach

    def get_config(self):
        return {"fan_in": np.asarray(self.fan_in).tolist(), "seed": self.seed}


@registered
class Subsampling(keras.layers.Layer):
    """Halve maps: sum each square of 2×2, multiply by a coefficient, add a bias, squash (layers S2 and S4).

    Coefficient and bias are trained, one of each a map. From float32 (n, height, width, maps) to (n, height // 2,
    width // 2, maps).
    """

    def build(self, input_shape):
        maps = (input_shape[-1],)
        self.coefficient = self.add_weight(name="coefficient", shape=maps, initializer=FanInUniform(4))
        self.bias = self.add_weight(name="bias", shape=maps, initializer="zeros")

    def call(self, maps):
        sums = 4 * keras.ops.average_pool(maps, 2, 2, data_format="channels_last")
        return scaled_tanh(sums * self.coefficient + self.bias)

    def compute_output_shape(self, input_shape):
        n, height, width, maps = input_shape
        return n, height // 2, width // 2, maps


@registered
class TableConv2D(keras.layers.Layer):
    """A convolution whose maps each see only some of the maps before them, as a table says (layer C3).

    Kernels that the table leaves out do not exist: ``kernel`` is (kernel_size, kernel_size, connections). From float32
    (n, height, width, maps) to (n, height - kernel_size + 1, width - kernel_size + 1, len(table)).

    Args:
        table: for each map, the maps of the input that it sees, counted from 0.
        kernel_size: height and width of a kernel.
        activation: the function at its end, or its name in Keras.

    Raises:
        ValueError: when built, if the table names a map that the input lacks, names one twice in a row, or leaves a
            row empty; or if a kernel is larger than the input.
    """

    def __init__(self, table: Sequence[Sequence[int]], kernel_size: int = 5, activation=scaled_tanh, **kwargs):
        super().__init__(**kwargs)
        self.table = tuple(tuple(int(each) for each in seen) for seen in table)
        self.kernel_size, self.activation = kernel_size, keras.activations.get(activation)

    def build(self, input_shape):
        maps, n_maps, size = input_shape[-1], len(self.table), self.kernel_size
        if not self.table or not all(seen and len(seen) == len(set(seen) & set(range(maps))) for seen in self.table):
            raise ValueError(
                f"expected a table of maps from 0 to {maps - 1}, at least one in a row and none twice, got {self.table}"
            )
        _fits(size, input_shape)
        pairs = [(seen, to) for to, row in enumerate(self.table) for seen in row]
        self.spread = np.zeros((len(pairs), maps * n_maps), "float32")  # from a kernel to its place among all pairs
        self.spread[range(len(pairs)), [seen * n_maps + to for seen, to in pairs]] = 1
        fan_in = [size * size * len(self.table[to]) for _, to in pairs]
        shape = (size, size, len(pairs))
        self.kernel = self.add_weight(name="kernel", shape=shape, initializer=FanInUniform(fan_in))
        self.bias = self.add_weight(name="bias", shape=(n_maps,), initializer="zeros")

    def call(self, maps):
        shape = (self.kernel_size, self.kernel_size, maps.shape[-1], len(self.table))
        spread = keras.ops.cast(self.spread, self.compute_dtype)
        kernel = keras.ops.reshape(keras.ops.matmul(self.kernel, spread), shape)
        return self.activation(keras.ops.conv(maps, kernel, padding="valid", data_format="channels_last") + self.bias)

    def compute_output_shape(self, input_shape):
        n, height, width, _ = input_shape
        return n, height - self.kernel_size + 1, width - self.kernel_size + 1, len(self.table)

    def get_config(self):
        activation = keras.activations.serialize(self.activation)
        return super().get_config() | {"table": self.table, "kernel_size": self.kernel_size, "activation": activation}


def _fits(kernel_size: int, input_shape: Sequence[int | None]) -> None:
    if min(input_shape[1:3]) < kernel_size:
        sides = "×".join(map(str, input_shape[1:3]))
        raise ValueError(f"expected maps of at least {kernel_size}×{kernel_size}, the window's size, got {sides}")


@registered
class RBF(keras.layers.Layer):
    """Squared Euclidean distance to fixed codes, one a class (equation 7). The nearest code is the prediction.

    From float32 (n, length) to (n, classes). The codes are weights that are not trained.

    Args:
        codes: numbers (classes, length).
    """

    def __init__(self, codes: ArrayLike, **kwargs):
        super().__init__(**kwargs)
        self.codes = np.asarray(codes, "float32")

    def build(self, input_shape):
        if self.codes.ndim != 2 or input_shape[-1] != self.codes.shape[1]:
            raise ValueError(f"expected codes of shape (classes, {input_shape[-1]}), got {self.codes.shape}")
        fixed = keras.initializers.Constant(self.codes)
        self.center = self.add_weight(name="center", shape=self.codes.shape, initializer=fixed, trainable=False)

    def call(self, values):
        return keras.ops.sum(keras.ops.square(values[:, None, :] - self.center), axis=-1)

    def compute_output_shape(self, input_shape):
        return input_shape[0], len(self.codes)

    def get_config(self):
        return super().get_config() | {"codes": self.codes.tolist()}


@registered
class LocallyConnected2D(keras.layers.Layer):
    """A convolution without sharing: the same windows, and at each position kernels of its own.

    From float32 (n, height, width, maps) to (n, positions down, positions across, filters). Weights start
    Glorot-uniform, counted as for a convolution of the same window; biases start at zero, one a position and map.

    Args:
        filters: maps that it makes.
        kernel_size: height and width of the window.
        strides: steps between windows.
        activation: the function at its end, or its name in Keras.

    Raises:
        ValueError: when built, if the window is larger than the input.
    """

    def __init__(self, filters: int, kernel_size: int, strides: int = 1, activation: str | None = None, **kwargs):
        super().__init__(**kwargs)
        self.filters, self.kernel_size, self.strides = filters, kernel_size, strides
        self.activation = keras.activations.get(activation)

    def build(self, input_shape):
        _fits(self.kernel_size, input_shape)
        _, down, across, _ = self.compute_output_shape(input_shape)
        window, shared = self.kernel_size**2, input_shape[-1]
        reach = (6 / (window * (shared + self.filters))) ** 0.5
        self.kernel = self.add_weight(
            name="kernel",
            shape=(down * across, window * shared, self.filters),
            initializer=keras.initializers.RandomUniform(-reach, reach),
        )
        self.bias = self.add_weight(name="bias", shape=(down, across, self.filters), initializer="zeros")

    def call(self, maps):
        ops, (_, down, across, filters) = keras.ops, self.compute_output_shape(maps.shape)
        windows = ops.image.extract_patches(
            maps, self.kernel_size, strides=self.strides, padding="valid", data_format="channels_last"
        )
        flat = ops.reshape(windows, (-1, down * across, self.kernel.shape[1]))
        sums = ops.transpose(ops.matmul(ops.transpose(flat, (1, 0, 2)), self.kernel), (1, 0, 2))
        return self.activation(ops.reshape(sums, (-1, down, across, filters)) + self.bias)

    def compute_output_shape(self, input_shape):
        n, *sides, _ = input_shape
        return n, *((side - self.kernel_size) // self.strides + 1 for side in sides), self.filters

    def get_config(self):
        return super().get_config() | {
            "filters": self.filters,
            "kernel_size": self.kernel_size,
            "strides": self.strides,
            "activation": keras.activations.serialize(self.activation),
        }
