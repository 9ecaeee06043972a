"""How fast the network is inspected, as ratios of calls that are timed in turn; and how fast the widgets answer.

Seconds depend on the machine and on what else it is doing; a ratio of two calls made in turn hardly does. The widgets
have to keep up with a hand all the same, so they have bounds in milliseconds, on two cores. An untrained network
serves: what it has learned changes no time.
"""

import math
import threading
import timeit
from collections.abc import Callable, Iterator
from itertools import chain
from typing import NamedTuple

import numpy as np

from lenet_tutorial.backend import keras, tf
from lenet_tutorial.inspection import Ascent, feature_maps, maximize_activation, occlusion_map
from lenet_tutorial.model import build_lenet
from lenet_tutorial.tools import chromium, demo


class Measured(NamedTuple):
    """What was measured, such as a ratio of two times, and the bounds within which it is well."""

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


MOVES = 60  # of the pointer, across a widget and back
HOW_LONG = "widget => Number(document.querySelector(`.lenet-${widget}`).dataset.milliseconds)"
NEXT_FRAME = "() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))"


def ratio_of_times(slow: Callable[[], object], quick: Callable[[], object], *, turns: int) -> float:
    """Time two calls in turn, and divide their median times; the first turn, which compiles, does not count."""
    times = [[timeit.timeit(call, number=1) for call in (slow, quick)] for _ in range(turns + 1)]
    return float(np.divide(*np.median(times[1:], axis=0)))


def measure_widgets() -> Iterator[Measured]:
    """Yield the milliseconds from a movement of the pointer to the end of its work, for each widget.

    Raises:
        NoBrowser: there is none.
    """
    with chromium.started() as browser, demo.server(model=build_lenet()) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        page = browser.new_page(viewport={"width": 1280, "height": 900})
        page.goto(f"http://127.0.0.1:{server.server_port}/")
        for widget, canvas, bound in (("stage", "input", 16), ("explorer", "page", 50), ("pad", "page", 50)):
            times = _times_of_moves(page, widget, f".lenet-{widget}-{canvas}")
            name = (
                f"milliseconds of the {widget} for a movement, median (95th percentile {np.percentile(times, 95):.1f})"
            )
            yield Measured(name, float(np.median(times)), at_most=bound)
        server.shutdown()


def _times_of_moves(page, widget: str, selector: str) -> list[float]:
    canvas = page.wait_for_selector(selector)
    canvas.scroll_into_view_if_needed()
    frame, times = canvas.bounding_box(), []
    page.mouse.move(frame["x"] + 20, frame["y"] + 20)
    page.mouse.down()
    for angle in np.linspace(0, 2 * np.pi, MOVES):
        across, down = 0.5 - 0.35 * np.cos(angle), 0.5 - 0.35 * np.sin(2 * angle)  # an 8 that lies on its side
        page.mouse.move(frame["x"] + across * frame["width"], frame["y"] + down * frame["height"])
        page.evaluate(NEXT_FRAME)
        times.append(page.evaluate(HOW_LONG, widget))
    page.mouse.up()
    return times


def measure() -> Iterator[Measured]:
    """Yield each ratio as it is measured."""
    keras.utils.set_random_seed(0)
    model = build_lenet()
    images = np.random.default_rng(0).random((100, 784), dtype=np.float32)

    names = [layer.name for layer in model.layers]
    plain = tf.function(lambda pixels: model(pixels, training=False), autograph=False)
    pixels = tf.constant(images)
    value = ratio_of_times(lambda: feature_maps(model, images, names), lambda: plain(pixels).numpy(), turns=31)
    yield Measured("all layers' maps of 100 digits / one forward pass", value, at_most=1.3)

    one, timed, positions = images[:1], 8, (28 - 5 + 1) ** 2  # a few of the positions are timed, and stand for all
    value = ratio_of_times(
        lambda: [model.predict(one, verbose=0) for _ in range(timed)],
        lambda: occlusion_map(model, one, 3, size=5, stride=1),
        turns=7,
    )
    yield Measured("one model.predict a position / occlusion map", value * positions / timed, at_least=10)

    ascent, units = Ascent(steps=8), range(model.get_layer("conv2").filters)
    value = ratio_of_times(
        lambda: [maximize_activation(model, "conv2", units=[unit], ascent=ascent) for unit in units],
        lambda: maximize_activation(model, "conv2", ascent=ascent),
        turns=5,
    )
    yield Measured(f"{len(units)} kernels maximized one by one / in one batch", value, at_least=5)


def report() -> int:
    """Measure and print everything; without a browser, all but the widgets.

    Returns:
        The exit status: 1 if a bound is missed, else 0.
    """
    missed = 0
    try:
        for measured in chain(measure(), measure_widgets()):
            print(measured, flush=True)
            missed += not measured.is_met
    except chromium.NoBrowser as reason:
        print(f"skipped the widgets: {reason}")
    return int(missed > 0)
