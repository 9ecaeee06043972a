"""A drawing pad in the notebook: draw a digit with mouse, finger, pen or keys, and watch the ten probabilities.

The browser sends strokes, chains of points, and photos, as files. They are prepared here, by the same functions as any
other drawing, and predicted by plain Keras, on any of its backends. Nothing is sent elsewhere, and nothing is kept.
"""

from collections.abc import Callable
from typing import Any

import anywidget
import numpy as np
import traitlets
from numpy.typing import ArrayLike, NDArray
from scipy.special import softmax

from lenet_tutorial import digit_input
from lenet_tutorial.backend import keras
from lenet_tutorial.interface import digit_interface
from lenet_tutorial.widgets.modules import joined, styles

MOST_STROKES, MOST_POINTS = 500, 50_000  # more is no digit, and would keep the kernel busy
EMPTY = "The page is empty: draw a digit."
BLANK = np.zeros((digit_input.CANVAS, digit_input.CANVAS), np.float32)


class DrawingPad(anywidget.AnyWidget):
    """A canvas to draw on, the image that the network gets of it, and its prediction.

    While you draw, and at the end of each stroke, the drawing is prepared as MNIST's digits were, and classified. A
    photo of a digit on paper can be laid under the strokes: its ink becomes ink of the drawing.

    Args:
        predict: a built Keras model from 28×28 images to ten probabilities or logits, which gets pixels from 0 to 255
            if it rescales them itself; or any function from images, float32 (n, 784) in [0, 1], to scores (n, 10), of
            which the largest wins. Unless all of them lie from 0 to 1, they are shown through a softmax.

    Attributes:
        drawing: ``{"turn": ..., "strokes": [{"width": ..., "points": [[x, y], ...]}, ...]}``, in shares of the canvas's
            side; the browser counts the turns.
        photo: ``{"name": ..., "data": bytes of a PNG or JPEG file}``, or nothing.
        under: what the browser shows of the photo, as bytes of gray: its ink on white, 280×280, or nothing.
        prediction: what the browser shows for it: ``turn``, ``message``, and, if there is a digit, ``image`` (784
            bytes) and ``probabilities``.

    Raises:
        ValueError: the model is not built, or of another shape; the function gives something else than ten scores.
        TypeError: it is neither a model nor a function.

    Example:

    >>> from lenet_tutorial.model import build_lenet
    >>> pad = DrawingPad(build_lenet())
    >>> pad.prediction["message"]
    'The page is empty: draw a digit.'
    """

    _esm = joined("pad", "renderPad")
    _css = styles("widgets", "pad")
    drawing = traitlets.Dict().tag(sync=True)
    photo = traitlets.Dict().tag(sync=True)
    under = traitlets.Bytes().tag(sync=True)
    prediction = traitlets.Dict().tag(sync=True)

    def __init__(self, predict: keras.Model | Callable[[NDArray[np.float32]], ArrayLike]):
        is_model = isinstance(predict, keras.Model)
        self._who, self._scores = "network" if is_model else "classifier", _scores_of(predict)
        self._predict(np.zeros((28, 28), np.float32))  # compiled now, so that the first stroke does not wait for it
        self._finished = [], BLANK
        self._read = None, None  # a photo, and its Reading or the DigitInputError that says why it holds no ink
        super().__init__(drawing={"turn": 0, "strokes": []})
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
        return digit_input.prepare(self.image)

    @property
    def probabilities(self) -> NDArray[np.float32]:
        """The network's prediction for the digit: float32 (10,)."""
        return self._predict(self.digit)

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

    def _predict(self, digit):
        scores = np.asarray(self._scores(digit.reshape(1, 784)), np.float32)
        if scores.shape != (1, 10) or not np.isfinite(scores).all():
            raise ValueError(f"expected ten finite scores for one image, of shape (1, 10), got {scores.shape}")
        return scores[0] if scores.min() >= 0 and scores.max() <= 1 else softmax(scores[0])

    def _doubts(self) -> list[str]:
        """What else was seen in the photo, and what the network makes of each digit if it shows several."""
        reading = self._reading()
        if not reading or self.drawing["strokes"]:
            return []
        doubts = [f"{remark}." for remark in reading.remarks]
        if len(reading.digits) > 1:
            each = [str(self._predict(digit_input.prepare(ink)).argmax()) for ink in reading.digits]
            doubts.append(f"One by one, from left to right: {', '.join(each)}.")
        return doubts

    def _predicted(self) -> dict[str, Any]:
        turn = self.drawing["turn"]
        try:
            digit = self.digit
        except digit_input.DigitInputError as error:
            some = self.photo or self.drawing["strokes"]
            return {"turn": turn, "message": f"Not yet a digit: {error}." if some else EMPTY}
        probabilities = self._predict(digit)
        best = int(probabilities.argmax())
        return {
            "turn": turn,
            "message": " ".join([f"The {self._who} says {best}, with {probabilities[best]:.1%}.", *self._doubts()]),
            "image": np.round(255 * digit).astype(int).ravel().tolist(),
            "probabilities": probabilities.astype(float).round(5).tolist(),
        }


def _scores_of(predict) -> Callable[[NDArray[np.float32]], ArrayLike]:
    """Give a function from images (n, 784) in [0, 1] to scores."""
    if not isinstance(predict, keras.Model):
        if callable(predict):
            return predict
        raise TypeError(f"expected a Keras model or a function from images (n, 784) to scores (n, 10), got {predict!r}")
    known = digit_interface(predict)

    def shares(pixels):
        scores = np.asarray(predict.predict_on_batch(known.enter(pixels)), np.float32)
        return scores if known.probabilities else softmax(scores, axis=-1)

    return shares


def _look(name: str, data: bytes) -> digit_input.Reading:
    return digit_input.look(digit_input.read_bytes(bytes(data), name))


def _on_canvas(reading: digit_input.Reading) -> NDArray[np.float32]:
    return digit_input.fit_to_canvas(reading.ink, digit_input.CANVAS)
