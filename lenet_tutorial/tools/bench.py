"""How fast the network is looked into, as ratios measured side by side: ``python -m lenet_tutorial.tools.bench``.

Seconds tell of a machine and of what else it was doing; a ratio of two calls, made in turn in one run, hardly does. The
median over the turns is taken. An untrained network serves: what it has learned changes no time.
"""

import time
from dataclasses import dataclass

import numpy as np

from lenet_tutorial.backend import keras, tf
from lenet_tutorial.inspection import Ascent, feature_maps, maximize_activation, occlusion_map
from lenet_tutorial.model import build_lenet
from lenet_tutorial.widgets.explorer import feature_map_explorer


@dataclass(frozen=True)
class Ratio:
    """One comparison: how many times longer ``slow`` takes than ``quick``, and how many times it should.

    Attributes:
        name: what is compared, in words.
        value: median time of the one over that of the other.
        wanted: the bound.
        at_least: whether the bound is the least, else the most.
    """

    name: str
    value: float
    wanted: float
    at_least: bool

    @property
    def met(self):
        """Whether the bound holds."""
        return self.value >= self.wanted if self.at_least else self.value <= self.wanted

    def __str__(self):
        bound = f"at {'least' if self.at_least else 'most'} {self.wanted:g}"
        return f"{self.name}: {self.value:.2f} ({bound}: {'met' if self.met else 'MISSED'})"


def side_by_side(first, second, *, turns):
    """Time two calls in turn; the first turn, which compiles, does not count.

    Args:
        first: a function of no arguments.
        second: another.
        turns: how often each is timed.

    Returns:
        Their median times in seconds.
    """
    times = [[_seconds(first), _seconds(second)] for _ in range(turns + 1)]
    return np.median(times[1:], axis=0)


def maps_against_pass(model, images):
    """All layers' maps of the images against one plain compiled forward pass."""
    plain = tf.function(lambda pixels: model(pixels, training=False), autograph=False)
    pixels = tf.constant(images)
    names = [each.name for each in model.layers]
    maps, forward = side_by_side(lambda: feature_maps(model, images, names), lambda: plain(pixels).numpy(), turns=31)
    return Ratio(f"all layers' maps of {len(images)} digits / one forward pass", maps / forward, 1.3, at_least=False)


def occlusion_against_predict(model, images, *, sampled=8):
    """An occlusion map at stride 1 against one ``model.predict`` a position, timed on a few of its 576 positions."""
    one = images[:1]

    def calls():
        for _ in range(sampled):
            model.predict(one, verbose=0)

    fast, few = side_by_side(lambda: occlusion_map(model, one, 3, size=5, stride=1), calls, turns=7)
    slow = few / sampled * (28 - 5 + 1) ** 2
    return Ratio("one model.predict a position / occlusion map", slow / fast, 10, at_least=True)


def batch_against_single(model, *, steps=8):
    """All kernels of the second convolution maximized in one batch against one after the other."""
    ascent = Ascent(steps=steps)
    units = range(model.get_layer("conv2").filters)

    def one_by_one():
        for unit in units:
            maximize_activation(model, "conv2", units=[unit], ascent=ascent)

    batch, single = side_by_side(lambda: maximize_activation(model, "conv2", ascent=ascent), one_by_one, turns=5)
    return Ratio(f"{len(units)} kernels one by one / in one batch", single / batch, 5, at_least=True)


def redraw_against_budget(model, images, *, seconds=0.3):
    """One redraw of the explorer's largest sheet, 64 maps, against the time in which a learner calls it immediate."""
    explorer = feature_map_explorer(model, images, np.zeros(len(images), int))
    explorer.layer.value = "conv2"
    times = []
    for number in range(1, 12):
        start = time.perf_counter()
        explorer.digit.value = number
        times.append(time.perf_counter() - start)
    return Ratio(f"one redraw of the explorer / {seconds} s", np.median(times) / seconds, 1, at_least=False)


def main():
    """Measure and print every ratio; the last line sums them up."""
    keras.utils.set_random_seed(0)
    model = build_lenet()
    images = np.random.default_rng(0).random((100, 784), dtype=np.float32)
    ratios = []
    for measure in (
        lambda: maps_against_pass(model, images),
        lambda: occlusion_against_predict(model, images),
        lambda: batch_against_single(model),
        lambda: redraw_against_budget(model, images),
    ):
        ratios.append(measure())
        print(ratios[-1], flush=True)
    missed = [each.name for each in ratios if not each.met]
    print(f"{len(ratios) - len(missed)} of {len(ratios)} bounds met" + "".join(f"; missed: {name}" for name in missed))


def _seconds(call):
    start = time.perf_counter()
    call()
    return time.perf_counter() - start


if __name__ == "__main__":
    main()
