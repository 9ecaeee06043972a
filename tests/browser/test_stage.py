"""The convolution stage, in JupyterLab and on a plain page: mouse, keys, touch, presets, themes, a phone's width."""

import math

import numpy as np
import pytest
from scipy.signal import correlate2d

from lenet_tutorial import digit_input
from lenet_tutorial.widgets.stage import PRESETS
from tests.browser.conftest import watched_page
from tests.browser.lab_page import OVERFLOW, dressed, luminance, made_anew, opened, run_cell, written

pytestmark = pytest.mark.browser

SEVEN = digit_input.prepare(digit_input.handwritten(7))
STAGE = """from lenet_tutorial import digit_input
from lenet_tutorial.widgets.stage import ConvolutionStage

stage = ConvolutionStage(digit_input.prepare(digit_input.handwritten(7)))
stage"""
HELD = "print(stage.row, stage.column, stage.stride, stage.padding, stage.shift, stage.kernel.ravel().tolist())"
SAID = ".lenet-stage .lenet-said"


@pytest.fixture(scope="module")
def stage_notebook(browser, server):
    with watched_page(browser) as page:
        opened(page, server, written(server, "stage.ipynb", STAGE, HELD))
        yield page


@pytest.fixture
def stage_in_lab(stage_notebook):
    """The notebook with a stage that has just been made and drawn."""
    return made_anew(stage_notebook, ".lenet-stage-input")


@pytest.fixture
def stage_on_page(browser, plain_address):
    """A plain page with a stage."""
    with watched_page(browser) as page:
        page.goto(plain_address)
        page.wait_for_selector(".lenet-stage-input")
        yield page


@pytest.fixture(params=["stage_in_lab", "stage_on_page"])
def stage(request):
    """A page with a stage that has just been made: in a notebook, or without Jupyter."""
    page = request.getfixturevalue(request.param)
    yield page
    assert page.console == []
    assert page.hosts <= {"127.0.0.1", None}, "the page asked another host"


def sums(kernel, image=SEVEN, *, stride=1, padding="same"):
    """All sums of products, by SciPy."""
    kernel = np.asarray(kernel, float)
    before = [math.ceil((side - 1) / 2 - 0.5) for side in kernel.shape]
    around = [(first, side - 1 - first) for first, side in zip(before, kernel.shape, strict=True)]
    padded = np.pad(image, around) if padding == "same" else image
    return correlate2d(padded, kernel, mode="valid")[::stride, ::stride]


def told(page):
    """Row, column and the sum without the bias, once the page has come to rest and says them."""
    page.wait_for_timeout(400)
    words = page.locator(SAID).inner_text().replace(",", "").replace(":", "").split()
    return int(words[1]), int(words[3]), float(words[words.index("products") + 1])


def agrees(page, kernel, **settings):
    row, column, value = told(page)
    assert value == pytest.approx(sums(kernel, **settings)[row, column], abs=0.006)
    return row, column


def test_the_window_follows_the_mouse_on_the_image_and_on_the_map(stage):
    kernel = PRESETS["horizontal edge"]
    assert agrees(stage, kernel) == (9, 9)
    for selector in (".lenet-stage-input", ".lenet-stage-map"):
        canvas = stage.locator(selector)
        canvas.scroll_into_view_if_needed()
        frame = canvas.bounding_box()
        stage.mouse.move(frame["x"] + 60, frame["y"] + 60)
        stage.mouse.down()
        stage.mouse.move(frame["x"] + 150, frame["y"] + 120, steps=8)
        stage.mouse.up()
        row, column = agrees(stage, kernel)
        cell = 280 / (31 if "input" in selector else 28)
        middle = 1.5 if "input" in selector else 0
        assert abs(row - (119 / cell - 0.5 - middle)) <= 0.5  # within the border
        assert abs(column - (149 / cell - 0.5 - middle)) <= 0.5


def test_the_window_follows_the_keys_and_stays_on_the_map(stage):
    stage.locator(".lenet-stage-input").focus()
    for key, place in (
        ("ArrowRight", (9, 10)),
        ("ArrowDown", (10, 10)),
        ("Shift+ArrowLeft", (10, 6)),
        ("End", (27, 27)),
    ):
        stage.keyboard.press(key)
        assert agrees(stage, PRESETS["horizontal edge"]) == place
    stage.keyboard.press("ArrowDown")
    assert agrees(stage, PRESETS["horizontal edge"]) == (27, 27)


def test_a_finger_moves_the_window_and_scrolls_nothing(stage):
    canvas = stage.locator(".lenet-stage-input")
    canvas.scroll_into_view_if_needed()
    frame = canvas.bounding_box()
    session = stage.context.new_cdp_session(stage)
    for kind, x, y in (("touchStart", 60, 60), ("touchMove", 90, 100), ("touchMove", 200, 200), ("touchEnd", 0, 0)):
        points = [] if kind == "touchEnd" else [{"x": frame["x"] + x, "y": frame["y"] + y}]
        session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})
    row, column = agrees(stage, PRESETS["horizontal edge"])
    assert row == column == 20
    assert canvas.bounding_box() == frame


@pytest.mark.parametrize("name", list(PRESETS))
def test_a_preset_changes_the_kernel(stage, name):
    stage.get_by_label("Kernel", exact=True).select_option(name)
    agrees(stage, PRESETS[name])


def test_a_weight_is_edited_in_place(stage):
    kernel = PRESETS["horizontal edge"].copy()
    kernel[1, 2] = -2.5
    stage.get_by_label("Weight 2, 3").fill("-2.5")
    agrees(stage, kernel)
    assert stage.get_by_label("Kernel", exact=True).input_value() == ""


def test_padding_stride_shift_and_bias(stage):
    kernel = PRESETS["vertical edge"]
    stage.get_by_label("Kernel", exact=True).select_option("vertical edge")
    stage.get_by_label("Padding").select_option("valid")
    agrees(stage, kernel, padding="valid")
    stage.get_by_label("Stride").select_option("2")
    agrees(stage, kernel, padding="valid", stride=2)
    stage.get_by_label("Move the digit right").fill("3")
    agrees(stage, kernel, padding="valid", stride=2, image=np.pad(SEVEN, ((0, 0), (3, 0)))[:, :28])
    stage.get_by_label("Bias").fill("-0.5")
    stage.get_by_label("ReLU").check()
    agrees(stage, kernel, padding="valid", stride=2, image=np.pad(SEVEN, ((0, 0), (3, 0)))[:, :28])
    assert "+ bias -0.50" in stage.locator(".lenet-stage-sum").inner_text()
    assert "ReLU" in stage.locator(SAID).inner_text()


SHOWN = """() => {
    const canvas = document.querySelector('.lenet-stage-map');
    const copy = document.createElement('canvas');
    copy.width = canvas.width;
    copy.height = canvas.height;
    const draw = copy.getContext('2d', { willReadFrequently: true });
    draw.drawImage(canvas, 0, 0);
    const pixels = draw.getImageData(0, 0, canvas.width, canvas.height).data;
    return pixels.filter((value, i) => i % 4 === 3 && value > 250).length / (canvas.width * canvas.height);
}"""


def test_a_sweep_fills_the_map_and_can_be_paused(stage):
    assert stage.evaluate(SHOWN) < 0.05
    stage.get_by_role("button", name="Sweep").click()
    stage.wait_for_timeout(600)
    stage.get_by_role("button", name="Pause").click()
    some = stage.evaluate(SHOWN)
    assert 0.02 < some < 0.95
    stage.get_by_label("whole map").check()
    assert stage.evaluate(SHOWN) > 0.98


def test_a_reader_who_wants_no_motion_sees_the_whole_map_at_once(stage):
    stage.emulate_media(reduced_motion="reduce")
    stage.get_by_role("button", name="Sweep").click()
    assert stage.evaluate(SHOWN) > 0.98
    stage.emulate_media(reduced_motion="no-preference")


def test_you_draw_your_own_digit(stage_on_page):
    page, points = stage_on_page, [(0.3, 0.2), (0.7, 0.2), (0.45, 0.85)]
    page.get_by_role("button", name="Draw your own").click()
    sketch = page.locator(".lenet-stage .lenet-sketch")
    sketch.scroll_into_view_if_needed()
    frame = sketch.bounding_box()
    places = [(frame["x"] + 1 + 280 * x, frame["y"] + 1 + 280 * y) for x, y in points]  # within the border
    page.mouse.move(*places[0])
    page.mouse.down()
    for place in places[1:]:
        page.mouse.move(*place, steps=10)
    page.mouse.up()
    page.get_by_role("button", name="Done drawing").click()
    pixels = page.evaluate("() => [...new Float32Array(window.stage.get('image').buffer)]")
    wanted = digit_input.prepare(digit_input.draw_strokes([points]))
    np.testing.assert_allclose(np.reshape(pixels, (28, 28)), wanted, atol=0.1)
    agrees(page, PRESETS["horizontal edge"], image=np.reshape(pixels, (28, 28)))


def test_you_draw_your_own_digit_with_keys(stage):
    stage.get_by_role("button", name="Draw your own").click()
    stage.locator(".lenet-stage .lenet-sketch").focus()
    for key in ("ArrowUp",) * 6 + (" ",) + ("ArrowDown",) * 12 + (" ",):
        stage.keyboard.press(key)
    stage.get_by_role("button", name="Done drawing").click()
    one = digit_input.prepare(digit_input.draw_strokes([[(0.5, 0.26), (0.5, 0.74)]]))
    stage.locator(".lenet-stage-input").focus()
    stage.keyboard.press("ArrowDown")
    agrees(stage, PRESETS["horizontal edge"], image=one)


def test_python_and_the_page_hold_the_same(stage_in_lab):
    page = stage_in_lab
    page.get_by_label("Kernel", exact=True).select_option("blur")
    page.get_by_label("Stride").select_option("3")
    page.locator(".lenet-stage-input").focus()
    page.keyboard.press("Home")
    page.wait_for_timeout(500)
    assert run_cell(page, 1).startswith("0 0 3 same 0 [0.06, 0.06")


@pytest.mark.parametrize("theme", ["JupyterLab Light", "JupyterLab Dark"])
def test_words_can_be_read_in_either_theme(stage_in_lab, theme):
    page = stage_in_lab
    dressed(page, theme)
    try:
        colors = page.evaluate("""() => {
            const ground = getComputedStyle(document.querySelector('.jp-Notebook')).backgroundColor;
            const words = document.querySelectorAll('.lenet-stage :is(p, label, figcaption)');
            return [...words].map(each => [getComputedStyle(each).color, ground]);
        }""")
        assert colors
        for ink, ground in colors:
            assert contrast(ink, ground) >= 4.5, (ink, ground)
    finally:
        dressed(page, "JupyterLab Light")


def contrast(one, other):
    """Of two CSS colors, 1 to 21."""
    colors = [[float(part) for part in color[color.index("(") + 1 : -1].split(",")[:3]] for color in (one, other)]
    dark, light = sorted(luminance(np.array(color) / 255) for color in colors)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("width", [390, 1600])
def test_it_fits_a_phone_and_a_large_screen(stage_on_page, width):
    stage_on_page.set_viewport_size({"width": width, "height": 800})
    assert stage_on_page.evaluate(OVERFLOW) <= 0
