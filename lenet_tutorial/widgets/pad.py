"""A drawing pad in the notebook: draw a digit with mouse, finger, pen or keys, and watch the ten probabilities.

The browser prepares what is drawn and runs the network on it. Here photos are read, and what the browser cannot run is
predicted. Strokes and photos come here at the end of each stroke. Nothing is sent elsewhere, and nothing is kept.
"""

from collections.abc import Callable
from contextlib import suppress
from typing import Any, Literal

import numpy as np
import traitlets
from numpy.typing import ArrayLike, NDArray
from scipy.special import softmax

from lenet_tutorial import digit_input, figures
from lenet_tutorial.backend import keras
from lenet_tutorial.interface import digit_interface
from lenet_tutorial.widgets.modules import joined, styles
from lenet_tutorial.widgets.network import PackedNetwork, pack_classifier
from lenet_tutorial.widgets.pictured import PicturedWidget

MOST_STROKES, MOST_POINTS = 500, 50_000  # more is no digit, and would keep the kernel busy
BLANK = np.zeros((digit_input.CANVAS, digit_input.CANVAS), np.float32)


class DrawingPad(PicturedWidget):
    """A canvas to draw on, the image that the network gets of it, and its prediction.

    While you draw, the drawing is prepared as MNIST's digits were, and classified. A photo of a digit on paper can be
    laid under the strokes: its ink becomes ink of the drawing. The browser gets the model's weights once, as they are
    now, and goes on without Python, but for new photos. What it cannot run needs Python for every prediction, and the
    pad says so.

    Args:
        predict: a built Keras model from 28×28 images to ten probabilities or logits, which gets pixels from 0 to 255
            if it rescales them itself; or any function from images, float32 (n, 784) in [0, 1], to scores (n, 10), of
            which the largest wins. Unless all of them lie from 0 to 1, they are shown through a softmax.
        centered: whether the digit is prepared as MNIST's are, fitted and centered; otherwise the page is only shrunk.
        dtype: of the weights in the browser: "float32", or "int8", a quarter of the bytes, and rounded.

    Attributes:
        drawing: ``{"turn": ..., "strokes": [{"width": ..., "points": [[x, y], ...]}, ...]}``, in shares of the canvas's
            side; the browser counts the turns.
        photo: ``{"name": ..., "data": bytes of a PNG or JPEG file}``, or nothing.
        under: what the browser shows of the photo, as bytes of gray: its ink on white, 280×280, or nothing.
        needs: why the browser needs Python for every prediction; empty if it does not.
        prediction: what the browser does not know: ``turn``, ``remarks`` about the photo, and ``probabilities`` where
            it needs Python for them.

    Raises:
        ValueError: the model is not built, or of another shape; the function gives something else than ten scores.
        TypeError: it is neither a model nor a function.

    Example:

    >>> from lenet_tutorial.model import build_lenet
    >>> pad = DrawingPad(build_lenet())
    >>> pad.draw([[(0.5, 0.2), (0.5, 0.8)]])
    >>> pad.digit.shape, pad.probabilities.shape, pad.needs
    ((28, 28), (10,), '')
    """

    _esm = joined("pad", "renderPad")
    _css = styles("widgets", "pad")
    description = traitlets.Dict().tag(sync=True)  # of the network, and the bytes of its weights
    data = traitlets.Bytes().tag(sync=True)
    centered = traitlets.Bool(True).tag(sync=True)
    who = traitlets.Unicode().tag(sync=True)  # what predicts, in a word
    needs = traitlets.Unicode().tag(sync=True)
    drawing = traitlets.Dict().tag(sync=True)
    photo = traitlets.Dict().tag(sync=True)
    under = traitlets.Bytes().tag(sync=True)
    prediction = traitlets.Dict().tag(sync=True)

    def __init__(
        self,
        predict: keras.Model | Callable[[NDArray[np.float32]], ArrayLike],
        *,
        centered: bool = True,
        dtype: Literal["float32", "int8"] = "float32",
    ):
        self._scores = _scores_of(predict)
        self._predict(np.zeros((28, 28), np.float32))  # what gives no ten scores is refused now
        self._finished = [], BLANK
        self._read = None, None  # a photo, and its Reading or the DigitInputError that says why it holds no ink
        packed, needs = _packed(predict, dtype)
        super().__init__(
            drawing={"turn": 0, "strokes": []},
            description=packed.description,
            data=bytes(packed.data),
            who="network" if isinstance(predict, keras.Model) else "classifier",
            needs=needs,
            centered=centered,
        )
        self.prediction = self._predicted()

    def __repr__(self) -> str:
        return "A drawing pad. To draw on it, open this lesson in JupyterLab and run it."

    @property
    def image(self) -> NDArray[np.float32]:
        """The drawing: float32 (280, 280), 0 paper and 1 ink; DigitInputError if a photo holds no digit."""
        reading = self._reading()
        if isinstance(reading, digit_input.DigitInputError):
            raise reading
        *finished, last = self.drawing["strokes"] or [None]
        if self._finished[0] != finished:
            points, widths = [each["points"] for each in finished], [each["width"] for each in finished]
            self._finished = finished, digit_input.draw_strokes(points, width=widths)
        canvas = self._finished[1].copy()
        if last:
            digit_input.draw_stroke(canvas, last["points"], last["width"])
        return np.maximum(canvas, _on_canvas(reading)) if reading else canvas

    @property
    def digit(self) -> NDArray[np.float32]:
        """The image that the network gets: float32 (28, 28); DigitInputError if there is no digit."""
        return self._prepared(self.image)

    @property
    def probabilities(self) -> NDArray[np.float32]:
        """The network's prediction for the digit: float32 (10,)."""
        return self._predict(self.digit)

    def static_picture(self) -> figures.Picture:
        """Draw the page, what is made of it, and the prediction."""
        try:
            return figures.drawn_digit(self.image, self.digit, self.probabilities, who=self.who)
        except digit_input.DigitInputError:  # there is no digit to show
            return figures.drawn_digit(BLANK, np.zeros((28, 28)), np.zeros(10), who=self.who)

    def draw(self, strokes: list[ArrayLike], *, width: float = digit_input.BRUSH) -> None:
        """Replace what is drawn, as if by hand.

        Args:
            strokes: arrays (n, 2) of points (x, y) in [0, 1].
            width: the brush's width as a share of the canvas's side.
        """
        chains = [{"width": width, "points": np.asarray(each, float).tolist()} for each in strokes]
        self.photo = {}
        self.drawing = {"turn": self.drawing["turn"] + 1, "strokes": chains}

    def clear(self) -> None:
        """Take an empty canvas."""
        self.draw([])

    @traitlets.validate("drawing")
    def _check(self, proposal):
        drawing = proposal["value"]
        try:
            strokes = [(each["points"], each["width"]) for each in drawing["strokes"]]
            turn = int(drawing["turn"])
        except (KeyError, TypeError, ValueError):
            raise digit_input.DigitInputError(
                "expected a drawing with a turn, and strokes with points and a width each"
            ) from None
        if len(strokes) > MOST_STROKES or sum(len(points) for points, _ in strokes) > MOST_POINTS:
            raise digit_input.DigitInputError(
                f"expected at most {MOST_STROKES} strokes with {MOST_POINTS:,} points, got more"
            )
        for points, width in strokes:
            digit_input.check_stroke(points, width)
        return {"turn": turn, "strokes": list(drawing["strokes"])}

    @traitlets.validate("photo")
    def _check_photo(self, proposal):
        photo = proposal["value"]
        if photo and not (isinstance(photo.get("name"), str) and isinstance(photo.get("data"), bytes | memoryview)):
            raise digit_input.DigitInputError("expected a photo with a name and the bytes of a file, or none")
        return photo

    def _reading(self) -> digit_input.Reading | digit_input.DigitInputError | None:
        """What was read in the photo, None without a photo; or why nothing was. Read once a photo."""
        if self._read[0] is not self.photo:
            try:
                self._read = self.photo, _look(**self.photo) if self.photo else None
            except digit_input.DigitInputError as error:
                self._read = self.photo, error
        return self._read[1]

    @traitlets.observe("drawing")
    def _update(self, change):
        if change["old"]:  # not while it is made
            reading = self._reading()
            is_read = isinstance(reading, digit_input.Reading)
            self.under = np.uint8(255 * (1 - _on_canvas(reading))).tobytes() if is_read else b""
            self.prediction = self._predicted()

    def _prepared(self, ink):
        return (digit_input.prepare if self.centered else digit_input.shrink)(ink)

    def _predict(self, digit):
        scores = np.asarray(self._scores(digit.reshape(1, 784)), np.float32)
        if scores.shape != (1, 10) or not np.isfinite(scores).all():
            raise ValueError(f"expected ten finite scores for one image, of shape (1, 10), got {scores.shape}")
        return scores[0] if scores.min() >= 0 and scores.max() <= 1 else softmax(scores[0])

    def _remarks(self) -> str:
        """What else was seen in the photo, and what is made of each digit if it shows several; or why none was read."""
        reading = self._reading()
        if not isinstance(reading, digit_input.Reading):
            return f"Not yet a digit: {reading}." if reading else ""
        remarks = [f"{remark}." for remark in reading.remarks]
        if len(reading.digits) > 1:
            each = [str(self._predict(self._prepared(ink)).argmax()) for ink in reading.digits]
            remarks.append(f"One by one, from left to right: {', '.join(each)}.")
        return " ".join(remarks)

    def _predicted(self) -> dict[str, Any]:
        prediction = {"turn": self.drawing["turn"], "remarks": self._remarks()}
        if self.needs:
            with suppress(digit_input.DigitInputError):
                prediction["probabilities"] = self.probabilities.astype(float).round(5).tolist()
        return prediction


def _packed(predict, dtype) -> tuple[PackedNetwork, str]:
    """Give a model for the browser; or, if it cannot run it, nothing and the reason."""
    if not isinstance(predict, keras.Model):
        return PackedNetwork(), "This classifier runs in Python: it needs a running kernel."
    try:
        return pack_classifier(predict, dtype=dtype), ""
    except ValueError as error:
        return PackedNetwork(), f"This network runs in Python, so it needs a running kernel: {error}."


def _scores_of(predict) -> Callable[[NDArray[np.float32]], ArrayLike]:
    """Give a function from images (n, 784) in [0, 1] to scores."""
    if not isinstance(predict, keras.Model):
        if callable(predict):
            return predict
        raise TypeError(f"expected a Keras model or a function from images (n, 784) to scores (n, 10), got {predict!r}")
    known = digit_interface(predict)

    def shares(pixels):
        scores = keras.ops.convert_to_numpy(predict(known.enter(pixels), training=False))
        return scores if known.probabilities else softmax(scores, axis=-1)

    return shares


def _look(name: str, data: bytes) -> digit_input.Reading:
    return digit_input.look(digit_input.read_bytes(bytes(data), name))


def _on_canvas(reading: digit_input.Reading) -> NDArray[np.float32]:
    return digit_input.fit_to_canvas(reading.ink, digit_input.CANVAS)
