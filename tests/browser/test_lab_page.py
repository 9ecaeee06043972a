"""What is read off a page of JupyterLab, without a browser."""

import io
from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image, ImageDraw

from tests.browser import lab_page


def written(ink, ground):
    """A page with a title in its upper part and black on white beneath."""
    page = Image.new("RGB", (300, 200), "white")
    drawn = ImageDraw.Draw(page)
    drawn.rectangle((0, 0, 300, 100), fill=ground)
    drawn.text((20, 10), "A title", fill=ink, font_size=24)
    drawn.text((20, 120), "and more", fill="black", font_size=24)
    file = io.BytesIO()
    page.save(file, "PNG")
    return file.getvalue()


@pytest.mark.parametrize(
    ("ink", "ground", "expected"),
    [("black", "white", 21), ("#767676", "white", 4.54), ("#dddddd", "white", 1.36), ("#dddddd", "#111111", 13.9)],
)
def test_contrast_is_read_off_the_pixels(ink, ground, expected):
    """Against the ratios that the guidelines' own tools give."""
    assert lab_page.contrast(written(ink, ground), title=True) == pytest.approx(expected, abs=0.05)


def test_a_faint_title_is_not_hidden_by_what_stands_beneath():
    assert lab_page.contrast(written("#dddddd", "white")) == pytest.approx(21, abs=0.05)
    assert lab_page.contrast(written("white", "white"), title=True) == pytest.approx(21, abs=0.05)  # the next line


def test_luminance_of_white_and_black():
    np.testing.assert_allclose(lab_page.luminance(np.array([[1, 1, 1], [0, 0, 0]], float)), [1, 0], atol=1e-9)


def message(kind, address, text="no"):
    return SimpleNamespace(type=kind, text=text, location={"url": address})


@pytest.mark.parametrize(
    ("kind", "address", "ours"),
    [
        ("error", "http://127.0.0.1:8888/static/lab/main.js", False),
        ("error", "http://127.0.0.1:8888/lab/api/settings", False),
        ("log", "blob:http://127.0.0.1:8888/1", False),
        ("error", "blob:http://127.0.0.1:8888/1", True),
        ("error", "http://127.0.0.1:8888/lab/extensions/@jupyterlab/x/static/1.js", False),
        ("error", "http://127.0.0.1:8888/lab/extensions/@jupyter-widgets/jupyterlab-manager/static/1.js", True),
        ("error", "http://127.0.0.1:8888/lab/extensions/anywidget/static/1.js", True),
        ("warning", "", True),
        ("error", "http://127.0.0.1:8888/files/notebooks/lost.png", True),
    ],
)
def test_what_a_lesson_complains_of_is_told_from_what_jupyterlab_does(kind, address, ours):
    assert bool(lab_page._ours(message(kind, address))) is ours


def test_a_librarys_warning_is_a_complaint_wherever_it_is_written():
    def said(text):
        output = {"output_type": "stream", "name": "stdout", "text": text}
        return lab_page.complaints([{"execution_count": 1, "source": "", "outputs": [output]}])

    assert said("all is well\nWARNING:tensorflow:5 out of the last 5 calls") != []
    assert said("a WARNING that a lesson speaks of") == []


def cell(text, *tags, kind="text/plain"):
    return {"metadata": {"tags": list(tags)}, "outputs": [{"data": {kind: text}}]}


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (cell("0.50"), cell("0.50"), True),
        (cell("0.50"), cell("0.51"), False),
        (cell("0.50", "tol-0.02"), cell("0.51", "tol-0.02"), True),
        (cell("0.50", "varies"), cell("seven", "varies"), True),
        (cell("2s 5ms/step"), cell("7s 9ms/step"), True),
        (cell("# 4", kind="text/markdown"), cell("# 5", kind="text/markdown"), False),
        (cell("Box 1", kind=lab_page.WIDGET), cell("Box 2", kind=lab_page.WIDGET), True),
    ],
)
def test_two_runs_of_a_cell_are_compared(one, other, same):
    assert (lab_page.texts([one]) == lab_page.texts([other])) is same
