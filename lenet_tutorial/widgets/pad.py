"""A drawing pad in the notebook: draw a digit with mouse, finger, pen or keys, and watch the ten probabilities.

The page in the browser sends strokes, chains of points, and photos, as files; what they become is computed here, by the
same functions as for any other ink. No host is asked but the kernel, and nothing is kept: all goes with the kernel.
"""

from pathlib import Path

import anywidget
import numpy as np
import traitlets

from lenet_tutorial import digit_input
from lenet_tutorial.backend import tf
from lenet_tutorial.inspection.checks import check_built

MOST_STROKES, MOST_POINTS = 500, 50_000  # more is no digit, and would keep the kernel busy
EMPTY = "The page is empty: draw a digit."
EMPTY_PAGE = np.zeros((digit_input.CANVAS, digit_input.CANVAS), np.float32)


class DrawingPad(anywidget.AnyWidget):
    """A page to draw on, what the network sees of it, and what it answers.

    While she draws, and at the end of each stroke, the page is prepared as MNIST's digits were, and read. A photo
    of a digit on paper can be laid under the strokes: its ink becomes ink of the page.

    Args:
        model: a built Keras model from flat 28×28 images to ten probabilities.

    Attributes:
        drawing: ``{"turn": ..., "strokes": [{"width": ..., "points": [[x, y], ...]}, ...]}``, in shares of the page's
            side; the browser counts the turns.
        photo: ``{"name": ..., "data": bytes of a PNG or JPEG file}``, or nothing.
        under: what the browser shows of the photo, as bytes of gray: its ink on white, 280×280, or nothing.
        answer: what the browser shows for it: ``turn``, ``said``, and, if there is a digit, ``seen`` (784 bytes) and
            ``probabilities``.

    Raises:
        ValueError: the model is not built, or of another shape.

    Example:

    >>> from lenet_tutorial.model import build_lenet
    >>> pad = DrawingPad(build_lenet())
    >>> pad.answer["said"]
    'The page is empty: draw a digit.'
    """

    _esm = Path(__file__).with_name("pad.js")
    _css = Path(__file__).with_name("pad.css")
    drawing = traitlets.Dict().tag(sync=True)
    photo = traitlets.Dict().tag(sync=True)
    under = traitlets.Bytes().tag(sync=True)
    answer = traitlets.Dict().tag(sync=True)

    def __init__(self, model):
        if check_built(model) != 28 or model.outputs[0].shape[-1] != 10:
            raise ValueError(f"expected a model from (n, 784) to (n, 10), got {model.inputs} to {model.outputs}")
        page = tf.TensorSpec((1, 784), tf.float32)
        self._ask = tf.function(lambda pixels: model(pixels, training=False), [page], autograph=False)
        self._ask(tf.zeros((1, 784)))  # compiled now, so that the first stroke does not wait for it
        self._finished = [], EMPTY_PAGE
        self._found = None, EMPTY_PAGE  # a photo, and its ink or the DigitInputError that says why it holds none
        super().__init__(drawing={"turn": 0, "strokes": []})
        self.answer = self._answered()

    def __repr__(self):
        return "A drawing pad. To draw on it, open this lesson in JupyterLab and run it."

    @property
    def image(self):
        """The drawing: float32 (280, 280), 0 paper and 1 ink; DigitInputError if a photo holds no digit."""
        found = self._photo_ink()
        if isinstance(found, digit_input.DigitInputError):
            raise found
        *finished, last = self.drawing["strokes"] or [None]
        if self._finished[0] != finished:
            points, widths = [each["points"] for each in finished], [each["width"] for each in finished]
            self._finished = finished, digit_input.draw_strokes(points, width=widths)
        page = self._finished[1].copy()
        if last:
            digit_input.draw_stroke(page, last["points"], last["width"])
        return np.maximum(page, found)

    @property
    def digit(self):
        """What the network sees: float32 (28, 28); DigitInputError if there is no digit."""
        return digit_input.prepare(self.image)

    @property
    def probabilities(self):
        """The network's answer to the digit: float32 (10,)."""
        return self._ask(self.digit.reshape(1, 784)).numpy()[0]

    def draw(self, strokes, width=digit_input.BRUSH):
        """Replace what is drawn, as if by hand.

        Args:
            strokes: arrays (n, 2) of points (x, y) in [0, 1].
            width: the brush's width as a share of the page's side.
        """
        told = [{"width": width, "points": np.asarray(each, float).tolist()} for each in strokes]
        self.photo = {}
        self.drawing = {"turn": self.drawing["turn"] + 1, "strokes": told}

    def clear(self):
        """Take an empty page."""
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

    def _photo_ink(self):
        """The photo's ink on a page, an empty one without a photo; or why it holds none. Found once a photo."""
        if self._found[0] is not self.photo:
            try:
                found = _ink_of(self.photo) if self.photo else EMPTY_PAGE
            except digit_input.DigitInputError as error:
                found = error
            self._found = self.photo, found
        return self._found[1]

    @traitlets.observe("drawing")
    def _read(self, change):
        if change["old"]:  # not while it is made
            found = self._photo_ink() if self.photo else None
            self.under = np.uint8(255 * (1 - found)).tobytes() if isinstance(found, np.ndarray) else b""
            self.answer = self._answered()

    def _answered(self):
        turn = self.drawing["turn"]
        try:
            digit = self.digit
        except digit_input.DigitInputError as error:
            some = self.photo or self.drawing["strokes"]
            return {"turn": turn, "said": f"Not yet a digit: {error}." if some else EMPTY}
        probabilities = self._ask(digit.reshape(1, 784)).numpy()[0]
        best = int(probabilities.argmax())
        return {
            "turn": turn,
            "said": f"The network says {best}, with {probabilities[best]:.1%}.",
            "seen": np.round(255 * digit).astype(int).ravel().tolist(),
            "probabilities": probabilities.astype(float).round(5).tolist(),
        }


def _ink_of(photo):
    return digit_input.fit_to_canvas(
        digit_input.find_ink(digit_input.read_bytes(bytes(photo["data"]), photo["name"])), digit_input.CANVAS
    )
