"""How fast the network is inspected, as ratios of calls that are timed in turn.

Seconds depend on the machine and on what else it is doing; a ratio of two calls made in turn hardly does. An untrained
network serves: what it has learned changes no time.
"""

import math
import timeit
from collections.abc import Callable, Iterator
from typing import NamedTuple

import numpy as np

from lenet_tutorial.backend import keras, tf
from lenet_tutorial.inspection import Ascent, feature_maps, maximize_activation, occlusion_map
from lenet_tutorial.model import build_lenet


class Ratio(NamedTuple):
    """How many times longer one call takes than another, and the bounds within which that is well."""

    name: str
    value: float
    at_least: float = 0
    at_most: float = math.inf

    @property
    def is_met(self) -> bool:
        """Whether the value is within its bounds."""
        return self.at_least <= self.value <= self.at_most

    def __str__(self) -> str:
        bound = f"at least {self.at_least:g}" if self.at_least else f"at most {self.at_most:g}"
        return f"{'ok' if self.is_met else 'MISSED':8}{self.name}: {self.value:.2f} ({bound})"


def ratio_of_times(slow: Callable[[], object], quick: Callable[[], object], *, turns: int) -> float:
    """Time two calls in turn, and divide their median times; the first turn, which compiles, does not count."""
    times = [[timeit.timeit(call, number=1) for call in (slow, quick)] for _ in range(turns + 1)]
    return float(np.divide(*np.median(times[1:], axis=0)))


def measure() -> Iterator[Ratio]:
    """Yield each ratio as it is measured."""
    keras.utils.set_random_seed(0)
    model = build_lenet()
    images = np.random.default_rng(0).random((100, 784), dtype=np.float32)

    names = [layer.name for layer in model.layers]
    plain = tf.function(lambda pixels: model(pixels, training=False), autograph=False)
    pixels = tf.constant(images)
    value = ratio_of_times(lambda: feature_maps(model, images, names), lambda: plain(pixels).numpy(), turns=31)
    yield Ratio("all layers' maps of 100 digits / one forward pass", value, at_most=1.3)

    one, timed, positions = images[:1], 8, (28 - 5 + 1) ** 2  # a few of the positions are timed, and stand for all
    value = ratio_of_times(
        lambda: [model.predict(one, verbose=0) for _ in range(timed)],
        lambda: occlusion_map(model, one, 3, size=5, stride=1),
        turns=7,
    )
    yield Ratio("one model.predict a position / occlusion map", value * positions / timed, at_least=10)

    ascent, units = Ascent(steps=8), range(model.get_layer("conv2").filters)
    value = ratio_of_times(
        lambda: [maximize_activation(model, "conv2", units=[unit], ascent=ascent) for unit in units],
        lambda: maximize_activation(model, "conv2", ascent=ascent),
        turns=5,
    )
    yield Ratio(f"{len(units)} kernels maximized one by one / in one batch", value, at_least=5)


def report() -> int:
    """Measure and print every ratio.

    Returns:
        The exit status: 1 if a bound is missed, else 0.
    """
    ratios = []
    for ratio in measure():
        ratios.append(ratio)
        print(ratio, flush=True)
    return int(not all(ratio.is_met for ratio in ratios))
