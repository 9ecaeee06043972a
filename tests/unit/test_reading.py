"""Reading photos: sheets are cropped, what lies at the edge is left out and told, several digits are told apart."""

import warnings
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from lenet_tutorial import digit_input
from lenet_tutorial.digit_input import DigitInputWarning
from tests import photos
from tests.unit.test_digit_input import unlike

FIELD = Path(__file__).resolve().parents[3] / "shared" / "field"
NOT_ALONE = ("shadow", "table", "frame", "several")


@pytest.fixture(scope="module")
def readings():
    return [(photo, digit_input.look(photo.gray)) for photo in photos.photos()]


def test_every_photo_is_read_and_only_what_is_more_than_a_digit_is_told(readings):
    told = Counter(photo.kind for photo, reading in readings if reading.remarks)
    assert told == dict.fromkeys(NOT_ALONE, photos.EACH)


@pytest.mark.parametrize("kind", [kind for kind in photos.KINDS if kind != "several"])
def test_what_is_read_is_the_digit(readings, kind):
    """As prepared from its clean strokes; another digit is twice as far away."""
    apart = [
        unlike(digit_input.prepare(photo.clean), digit_input.prepare(reading.ink))
        for photo, reading in readings
        if photo.kind == kind
    ]
    assert np.median(apart) < 0.45
    assert np.mean(np.array(apart) < 0.7) >= 0.9


def test_a_sheet_is_cropped_to_its_digit(readings):
    for photo, reading in readings:
        top, bottom, left, right = reading.box
        inside = reading.gray[top:bottom, left:right]
        assert inside.size > 0
        if photo.kind in ("sheet", "shadow", "table"):
            assert inside.size < 0.3 * reading.gray.size


@pytest.mark.parametrize("n", range(2, 9))
def test_each_of_several_digits_is_found_from_left_to_right(n):
    signs = np.random.default_rng(n).integers(0, 10, n)
    row = [np.pad(digit_input.handwritten(int(sign), side=100, width=0.07), 5) for sign in signs]
    reading = digit_input.look(1 - 0.7 * np.pad(np.hstack(row), 30))
    assert len(reading.digits) == n
    assert f"There seem to be {n} digits" in reading.remarks[0]
    for sign, ink in zip(signs, reading.digits, strict=True):
        alone = digit_input.prepare(digit_input.handwritten(int(sign), side=100, width=0.07))
        assert unlike(alone, digit_input.prepare(ink)) < 0.45


def test_a_digit_in_pieces_is_one_digit():
    for sign in (4, 5, *digit_input.FORMS):
        page = digit_input.handwritten(sign, side=300, width=0.06)
        page[145:150] = 0  # a break from side to side
        assert digit_input.look(1 - page).remarks == ()


def test_read_warns_and_prepare_still_works():
    frame = np.zeros((200, 200))
    frame[20:26] = frame[:, 15:20] = 1
    frame[60:160, 60:160] = digit_input.handwritten(7, side=100)
    with pytest.warns(DigitInputWarning, match="reaches the edge.*left out.*crop closer"):
        ink = digit_input.read(1 - 0.8 * frame)
    assert unlike(digit_input.prepare(digit_input.handwritten(7)), digit_input.prepare(ink)) < 0.45
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        digit_input.read(1 - 0.8 * digit_input.handwritten(7))


ODD = {
    "only a table": (np.where(np.arange(200)[:, None] > 140, 0.2, 0.8) * np.ones(200), "reaches the edge.*Crop closer"),
    "a line on its side": (1 - np.rot90(digit_input.handwritten(1, width=0.07)), "times as wide .*upright"),
    "a blot": (1 - digit_input.draw_strokes([[(0.4, 0.5), (0.6, 0.55)]], width=0.3), "a blot and no line.*thinner pen"),
}


@pytest.mark.parametrize("kind", ODD)
def test_odd_pictures_are_told(kind):
    picture, message = ODD[kind]
    with pytest.warns(DigitInputWarning, match=message):
        digit_input.read(picture)


# What people took, where it is there: a right crop or the right words.
TAKEN = {
    "sheet_refused_0.jpg": "",
    "sheet_refused_6.jpg": "",
    "sheet_refused_7.jpg": "",
    "nguA_3_9.jpg": "",
    "nguB_6_4.jpg": "",
    "thin_8.png": "",
    "hooked_9.png": "",
    "upstroke_1.png": "",
    "sheet_shadow_5.jpg": "reaches the edge",
    "sheet_edge_0.jpg": "reaches the edge",
    "box_7.png": "reaches the edge",
    "several_2026.png": "4 digits",
    "several_05221859.jpg": "8 digits",
}


@pytest.mark.skipif(not FIELD.is_dir(), reason="the photos are not part of the repository")
@pytest.mark.parametrize("name", TAKEN)
def test_photos_that_failed_before(name):
    remarks = digit_input.look(FIELD / name).remarks
    assert TAKEN[name] in " ".join(remarks)
    assert bool(TAKEN[name]) == bool(remarks)
