"""The network explorer, in JupyterLab and on a plain page: the browser computes what Keras does, while you draw."""

import numpy as np
import pytest

from lenet_tutorial import digit_input
from lenet_tutorial.data import offline_sample, split_and_scale
from lenet_tutorial.inspection import receptive_field
from tests.browser.conftest import watched_page
from tests.browser.lab_page import OVERFLOW, complaints, opened, run_all, run_cell, written

pytestmark = pytest.mark.browser

EXPLORER = """from lenet_tutorial.data import offline_sample, split_and_scale
from lenet_tutorial.backend import keras
from lenet_tutorial.model import build_lenet
from lenet_tutorial.widgets.explorer import NetworkExplorer

keras.utils.set_random_seed(3)
model = build_lenet()
explorer = NetworkExplorer(model, split_and_scale(offline_sample()).test.images, untrained=build_lenet())
explorer"""
HELD = "print(explorer.number, explorer.layer, explorer.channel)"
SHARES = """() => [...document.querySelectorAll('.lenet-explorer .lenet-bars-share')]
    .map(each => parseFloat(each.textContent))"""
SHEETS = ".lenet-explorer-sheets figure:not([hidden]) canvas"


@pytest.fixture(scope="module")
def images():
    return split_and_scale(offline_sample()).test.images


@pytest.fixture(scope="module")
def notebook(browser, server):
    with watched_page(browser) as page:
        opened(page, server, written(server, "explorer.ipynb", EXPLORER, HELD))
        assert complaints(run_all(page)) == []
        page.wait_for_selector(".lenet-explorer .lenet-bars li")
        yield page


@pytest.fixture(scope="module")
def plain(browser, plain_address):
    with watched_page(browser) as page:
        page.goto(plain_address)
        page.wait_for_selector(".lenet-explorer .lenet-bars li")
        yield page


@pytest.fixture(params=["notebook", "plain"])
def explorer(request):
    page = request.getfixturevalue(request.param)
    yield page
    assert page.console == []
    assert page.hosts <= {"127.0.0.1", None}, "the page asked another host"


def test_the_prediction_for_a_chosen_digit_is_keras_s(explorer, network, images):
    for number in (0, 3, 7):
        explorer.get_by_label(f"Digit number {number}", exact=True).click()
        wanted = 100 * network.predict(images[number : number + 1], verbose=0)[0]
        np.testing.assert_allclose(explorer.evaluate(SHARES), wanted, atol=1)  # the page's weights have 8 bits


def test_the_maps_follow_the_pen(explorer, network):
    page = explorer.locator(".lenet-explorer-page")
    page.scroll_into_view_if_needed()
    frame = page.bounding_box()
    points = [(0.3, 0.2), (0.7, 0.2), (0.45, 0.85)]
    places = [(frame["x"] + 1 + 196 * x, frame["y"] + 1 + 196 * y) for x, y in points]  # within the border
    explorer.mouse.move(*places[0])
    explorer.mouse.down()
    explorer.mouse.move(*places[1], steps=6)
    explorer.wait_for_timeout(200)
    halfway = explorer.evaluate(SHARES)
    explorer.mouse.move(*places[2], steps=6)
    explorer.mouse.up()
    explorer.wait_for_timeout(200)
    digit = digit_input.prepare(digit_input.draw_strokes([points]))
    wanted = 100 * network.predict(digit.reshape(1, 784), verbose=0)[0]
    np.testing.assert_allclose(explorer.evaluate(SHARES), wanted, atol=1.5)  # the mouse goes by whole pixels
    assert halfway != explorer.evaluate(SHARES)
    explorer.locator(".lenet-explorer").get_by_role("button", name="Clear").click()


def test_a_digit_is_drawn_with_keys(explorer, network):
    explorer.locator(".lenet-explorer-page").focus()
    for key in ("ArrowUp",) * 6 + (" ",) + ("ArrowDown",) * 12 + (" ",):
        explorer.keyboard.press(key)
    explorer.wait_for_timeout(200)
    one = digit_input.prepare(digit_input.draw_strokes([[(0.5, 0.26), (0.5, 0.74)]]))
    wanted = 100 * network.predict(one.reshape(1, 784), verbose=0)[0]
    np.testing.assert_allclose(explorer.evaluate(SHARES), wanted, atol=1)
    explorer.keyboard.press("Delete")


def test_a_map_is_chosen_by_mouse_and_keys_and_a_position_tells_its_receptive_field(explorer, network):
    sheets = explorer.locator(SHEETS)
    assert sheets.count() == 4
    sheet = sheets.nth(2)  # conv2: 64 maps of 14 by 14, 16 in a row
    sheet.scroll_into_view_if_needed()
    frame = sheet.bounding_box()
    side = frame["width"] / 16
    explorer.mouse.click(frame["x"] + 2.5 * side, frame["y"] + 1.5 * side)
    said = explorer.locator(".lenet-explorer .lenet-said")
    assert said.inner_text().startswith("conv2, map 18.")
    sheet.focus()
    explorer.keyboard.press("ArrowRight")
    assert said.inner_text().startswith("conv2, map 19.")
    large = explorer.locator(".lenet-explorer-large")
    large.focus()
    for key in ("ArrowDown", "ArrowDown", "ArrowRight"):
        explorer.keyboard.press(key)
    assert "row 2, column 1" in said.inner_text()
    size = receptive_field(network, "conv2").size
    assert f"the {size} × {size} pixels" in said.inner_text()


def test_the_untrained_network_stands_beside(explorer):
    explorer.get_by_label("untrained beside").check()
    assert explorer.locator(SHEETS).count() == 8
    explorer.get_by_label("untrained beside").uncheck()
    assert explorer.locator(SHEETS).count() == 4


def test_python_holds_what_was_chosen(notebook):
    notebook.get_by_label("Digit number 4", exact=True).click()
    sheet = notebook.locator(SHEETS).first
    sheet.focus()
    notebook.keyboard.press("ArrowDown")
    notebook.wait_for_timeout(500)
    assert run_cell(notebook, 1).strip() == "4 conv1 16"


@pytest.mark.parametrize("width", [390, 1600])
def test_it_fits_a_phone_and_a_large_screen(plain, width):
    plain.set_viewport_size({"width": width, "height": 800})
    assert plain.evaluate(OVERFLOW) <= 0
    plain.set_viewport_size({"width": 1400, "height": 1000})
