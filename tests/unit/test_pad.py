"""The drawing pad's Python side: strokes in, what the network sees and says out. test_browser.py tries the rest."""

import io
import json

import numpy as np
import pytest
from PIL import Image

from lenet_tutorial import digit_input
from lenet_tutorial.backend import keras
from lenet_tutorial.model import build_lenet
from lenet_tutorial.widgets.pad import MOST_STROKES, DrawingPad
from tests.unit import other_models
from tests.unit.networks import linear, trained

BAR = [(0.5, 0.2), (0.5, 0.8)]


@pytest.fixture
def pad():
    """A pad whose network the browser computes."""
    return DrawingPad(trained())


def by_keras(images):
    return np.array(trained()(images))


@pytest.fixture
def asking_pad():
    """A pad whose classifier runs in Python: for the browser a function is a function."""
    return DrawingPad(by_keras)


def sent(pad, *strokes, turn=1, **photo):
    """What the browser would send; a photo by its name and its data."""
    drawing = {"turn": turn, "strokes": [{"width": 0.09, "points": each} for each in strokes]}
    pad.set_state({"drawing": drawing, "photo": photo})
    return pad.prediction


def taken(page, kind="PNG"):
    """A picture of a page, as a file's content: dark ink, and light that falls off to a corner."""
    y, x = np.mgrid[: page.shape[0], : page.shape[1]] / max(page.shape)
    file = io.BytesIO()
    Image.fromarray(np.uint8(255 * (0.95 - 0.35 * x - 0.35 * y) * (1 - 0.6 * page))).save(file, kind)
    return memoryview(file.getvalue())  # as it comes from the browser


def test_an_empty_pad_has_no_digit(pad, asking_pad):
    assert pad.prediction == asking_pad.prediction == {"turn": 0, "remarks": ""}
    assert repr(pad).startswith("A drawing pad. To draw on it")
    assert pad.image.shape == (280, 280)
    assert pad.image.max() == 0
    with pytest.raises(digit_input.DigitInputError, match="empty page"):
        pad.digit  # noqa: B018


def test_strokes_become_a_digit_and_a_prediction(pad, asking_pad):
    seven = [each.tolist() for each in digit_input.DIGITS[7]]
    for each in (pad, asking_pad):
        prediction = sent(each, *seven, turn=5)
        np.testing.assert_array_equal(each.image, digit_input.draw_strokes(seven))
        np.testing.assert_array_equal(each.digit, digit_input.prepare(digit_input.draw_strokes(seven)))
        np.testing.assert_allclose(each.probabilities, by_keras(each.digit.reshape(1, 784))[0], atol=1e-6)
        assert prediction["turn"] == 5
        assert ("probabilities" in prediction) == bool(each.needs)
    np.testing.assert_allclose(prediction["probabilities"], pad.probabilities, atol=1e-5)


def test_the_browser_gets_the_network_if_it_can_compute_it(pad, asking_pad):
    assert (pad.who, pad.needs, len(pad.data)) == ("network", "", 4 * trained().count_params())
    assert (asking_pad.who, len(asking_pad.data)) == ("classifier", 0)
    assert asking_pad.needs == "This classifier runs in Python: it needs a running kernel."
    residual = DrawingPad(other_models.built("residual"))
    assert (residual.who, len(residual.data)) == ("network", 0)
    assert "needs a running kernel: expected layers that follow one another, got branches" in residual.needs


def test_a_page_may_be_only_shrunk():
    """Then a digit in a corner stays in its corner, as Pillow shrinks the page, too."""
    pad = DrawingPad(by_keras, centered=False)
    corner = [(0.1, 0.1), (0.2, 0.1), (0.15, 0.3)]
    sent(pad, corner)
    np.testing.assert_allclose(pad.digit, np.float32(Image.fromarray(pad.image).reduce(10)), atol=1e-6)
    assert pad.digit[14:].max() == pad.digit[:, 14:].max() == 0
    np.testing.assert_allclose(pad.probabilities, by_keras(pad.digit.reshape(1, 784))[0], atol=1e-6)


@pytest.mark.parametrize("shape", [(280, 200), (100, 100), (0, 0), (28,)])
def test_what_cannot_be_shrunk_is_told(shape):
    with pytest.raises(digit_input.DigitInputError, match="a square page whose side is a multiple of 28"):
        digit_input.shrink(np.ones(shape))


def test_where_no_script_runs_a_picture_stands_in(pad):
    assert "There is no digit on it yet" in pad.static_picture().alt
    sent(pad, [(0.5, 0.2), (0.5, 0.8)])
    best = pad.probabilities.argmax()
    assert f"The network says {best}, with {pad.probabilities[best]:.1%}" in pad.static_picture().alt
    bundle, metadata = pad._repr_mimebundle_()
    assert bundle["text/plain"] == metadata["image/png"]["alt"] == pad.static_picture().alt


def test_logits_become_probabilities_in_the_browser():
    model = keras.Sequential([keras.Input((784,)), keras.layers.Dense(10)])
    assert [each.get("activation") for each in DrawingPad(model).description["layers"]] == [None, "softmax"]


def test_stroke_after_stroke_is_the_same_as_all_at_once(pad):
    strokes = [each.tolist() for each in (*digit_input.DIGITS[4], *digit_input.DIGITS[5])]
    for n in (1, 2, 4, 3, 1, 4):  # more, fewer, other ones: undo and redo
        sent(pad, *strokes[:n])
        np.testing.assert_array_equal(pad.image, digit_input.draw_strokes(strokes[:n]))
    sent(pad, *strokes[::-1])
    pad.image[:] = 1  # a copy
    np.testing.assert_array_equal(pad.image, digit_input.draw_strokes(strokes[::-1]))


def test_a_dot_is_no_digit_yet(asking_pad):
    assert sent(asking_pad, [[0.5, 0.5]]) == {"turn": 1, "remarks": ""}
    with pytest.raises(digit_input.DigitInputError, match="draw a line"):
        asking_pad.digit  # noqa: B018


def test_cleared_and_drawn_from_python(asking_pad):
    asking_pad.draw(digit_input.DIGITS[3])
    assert asking_pad.prediction["turn"] == 1
    assert len(asking_pad.prediction["probabilities"]) == 10
    asking_pad.clear()
    assert asking_pad.prediction == {"turn": 2, "remarks": ""}


def test_a_photo_becomes_the_page(pad):
    page = digit_input.handwritten(2, width=0.06)
    assert sent(pad, name="two.png", data=taken(page)) == {"turn": 1, "remarks": ""}
    assert pad.image.shape == (280, 280)
    assert np.abs(pad.image - page).mean() < 0.01
    under = np.frombuffer(pad.under, np.uint8).reshape(280, 280)
    np.testing.assert_allclose(under / 255, 1 - pad.image, atol=0.005)


def test_strokes_go_over_the_photo_and_both_can_be_taken_away(pad):
    page, data = digit_input.handwritten(2, width=0.06), taken(digit_input.handwritten(2, width=0.06))
    sent(pad, name="two.png", data=data)
    alone = pad.image
    sent(pad, BAR, turn=2, name="two.png", data=data)
    np.testing.assert_array_equal(pad.image, np.maximum(alone, digit_input.draw_strokes([BAR])))
    assert sent(pad, turn=3) == {"turn": 3, "remarks": ""}
    assert pad.under == b""
    sent(pad, turn=4, name="two.png", data=data)
    pad.draw([BAR])
    np.testing.assert_array_equal(pad.image, digit_input.draw_strokes([BAR]))
    assert page.max() == 1


def test_a_photo_is_read_once(pad, monkeypatch):
    asked = []
    look = digit_input.look
    monkeypatch.setattr(digit_input, "look", lambda picture: asked.append(0) or look(picture))
    data = taken(digit_input.handwritten(2))
    pad.set_state({"photo": {"name": "two.png", "data": data}, "drawing": {"turn": 1, "strokes": []}})
    for turn in (2, 3):
        pad.set_state({"drawing": {"turn": turn, "strokes": [{"width": 0.09, "points": BAR}]}})
    assert asked == [0]


def test_a_photo_with_more_than_a_digit_is_told_beside_the_prediction(pad):
    row = np.hstack([digit_input.handwritten(sign, side=120, width=0.08) for sign in (2, 7, 3)])
    remarks = sent(pad, name="row.png", data=taken(np.pad(row, 40)))["remarks"]
    assert "There seem to be 3 digits" in remarks
    each = [
        np.argmax(pad._predict(digit_input.prepare(digit_input.handwritten(sign, width=0.08)))) for sign in (2, 7, 3)
    ]
    assert remarks.endswith(f"from left to right: {', '.join(map(str, each))}.")
    assert "digits" not in sent(pad, turn=2, name="two.png", data=taken(digit_input.handwritten(2)))["remarks"]


BAD_PHOTOS = {
    "holiday.heic": (b"\0\0\0\x18ftypheic" + bytes(500), "which is HEIC: on the phone choose JPEG"),
    "letter.png": (b"Dear network", "'letter.png', which is text"),
    "cut.png": (bytes(taken(digit_input.handwritten(2)))[:-300], "the picture 'cut.png' is damaged"),
    "blank.png": (bytes(taken(np.zeros((60, 60)))), "no ink stands out"),
}


@pytest.mark.parametrize("name", BAD_PHOTOS)
def test_a_photo_without_a_digit_is_told_on_the_page_and_in_python(asking_pad, name):
    pad = asking_pad
    content, message = BAD_PHOTOS[name]
    prediction = sent(pad, name=name, data=memoryview(content))
    assert message in prediction["remarks"]
    assert "probabilities" not in prediction
    assert pad.under == b""
    with pytest.raises(digit_input.DigitInputError, match=message):
        pad.image  # noqa: B018
    assert "probabilities" in sent(pad, BAR, turn=2)


@pytest.mark.parametrize(
    "photo", [{"name": "a.png"}, {"data": b""}, {"name": 3, "data": b""}, {"name": "a", "data": "b"}]
)
def test_what_is_no_photo_is_refused(pad, photo):
    with pytest.raises(digit_input.DigitInputError, match="expected a photo with a name and the bytes of a file"):
        pad.photo = photo
    assert pad.photo == {}


def test_new_weights_give_new_answers():
    model = build_lenet()
    pad = DrawingPad(model)
    pad.draw([BAR])
    before = pad.probabilities
    model.set_weights([2 * each for each in model.get_weights()])
    assert not np.allclose(before, pad.probabilities)


def test_what_goes_to_the_browser_is_plain(asking_pad):
    """Numbers, words and lists only: bytes would fail there without a word."""
    sent(asking_pad, BAR)
    state = asking_pad.get_state()
    assert json.loads(json.dumps(state["prediction"])) == state["prediction"]
    assert len(json.dumps(state["prediction"])) < 5000


def test_nothing_of_the_page_comes_from_elsewhere(pad):
    for text in (str(pad._esm), str(pad._css)):
        assert "lenet-pad" in text
        for word in ("http:", "https:", "//cdn", "import(", "fetch(", "XMLHttpRequest", "localStorage", "url("):
            assert word not in text


def test_it_tells_what_it_is_where_no_widget_is_shown(pad):
    assert repr(pad) == "A drawing pad. To draw on it, open this lesson in JupyterLab and run it."


BAD = {
    "no strokes": ({"turn": 1}, "a drawing with a turn, and strokes"),
    "no width": ({"turn": 1, "strokes": [{"points": BAR}]}, "points and a width each"),
    "no points": ({"turn": 1, "strokes": [{"points": [], "width": 0.1}]}, r"of shape \(n, 2\), got \(0,\)"),
    "off the page": ({"turn": 1, "strokes": [{"points": [[2, 0]], "width": 0.1}]}, "points from 0 to 1"),
    "a huge brush": ({"turn": 1, "strokes": [{"points": BAR, "width": 7}]}, "at most half the page"),
    "too many": (
        {"turn": 1, "strokes": [{"points": BAR, "width": 0.1}] * (MOST_STROKES + 1)},
        "at most 500 strokes with 50,000 points",
    ),
}


@pytest.mark.parametrize("bad", BAD)
def test_bad_drawings_are_told_and_change_nothing(pad, bad):
    drawing, message = BAD[bad]
    sent(pad, BAR)
    with pytest.raises(digit_input.DigitInputError, match=message):
        pad.drawing = drawing
    np.testing.assert_array_equal(pad.image, digit_input.draw_strokes([BAR]))


def test_any_classifier_can_have_a_pad():
    """A nearest-centroid classifier in NumPy: its scores are negative distances."""
    centroids = np.stack([digit_input.prepare(digit_input.handwritten(sign)).ravel() for sign in range(10)])
    pad = DrawingPad(lambda images: -((images[:, None] - centroids) ** 2).sum(axis=-1))
    pad.draw(digit_input.DIGITS[7])
    assert np.argmax(pad.prediction["probabilities"]) == 7
    assert sum(pad.prediction["probabilities"]) == pytest.approx(1, abs=1e-3)
    np.testing.assert_allclose(pad.digit.ravel(), centroids[7], atol=1e-6)


@pytest.mark.parametrize(
    ("predict", "error", "message"),
    [
        (lambda images: images[:, :9], ValueError, r"of shape \(1, 10\), got \(1, 9\)"),
        (lambda images: np.full((1, 10), np.nan), ValueError, "ten finite scores"),
        ("lenet.keras", TypeError, "a Keras model or a function .* got 'lenet.keras'"),
    ],
)
def test_what_gives_no_ten_scores_is_told(predict, error, message):
    with pytest.raises(error, match=message):
        DrawingPad(predict)


def test_a_network_that_does_not_fit_is_told():
    with pytest.raises(ValueError, match=r"from 28×28 images to ten classes, .* to outputs of shape \(3,\)"):
        DrawingPad(linear(28, 3))
    with pytest.raises(ValueError, match=r"from 28×28 images to ten classes, .* from images of shape \(16,\)"):
        DrawingPad(linear(4, 10))
    with pytest.raises(ValueError, match="built model"):
        DrawingPad(keras.Sequential([keras.layers.Dense(10)]))
