"""Your drawings: added, saved whole, read back as they were, never run, never lost without a message."""

import itertools
import os
import pickle
import shutil
import threading
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from lenet_tutorial import digit_input
from lenet_tutorial.digit_input import Drawings, drawings


@pytest.fixture
def mine(tmp_path):
    collected = Drawings(tmp_path / "mine")
    for sign in (3, 8, 3):
        collected.add(digit_input.handwritten(sign), sign)
    return collected


def test_nothing_is_kept_that_was_not_saved(mine, tmp_path):
    assert os.listdir(tmp_path) == []
    assert len(Drawings(tmp_path / "mine")) == 0


def test_saved_and_read_back(mine, tmp_path):
    path = mine.save()
    again = Drawings(tmp_path / "mine")
    np.testing.assert_array_equal(again.images, mine.images)
    np.testing.assert_array_equal(again.labels, [3, 8, 3])
    assert os.listdir(tmp_path / "mine") == ["drawings.npz"]
    assert path == again.path
    again.add(digit_input.handwritten(1), 1)
    again.save()
    again.save()
    assert Drawings(tmp_path / "mine").labels.tolist() == [3, 8, 3, 1]


def test_drawings_are_prepared_digits(mine):
    np.testing.assert_allclose(
        mine.images[1].reshape(28, 28), digit_input.prepare(digit_input.handwritten(8)), atol=0.002
    )
    assert mine.images.dtype == np.float32


def test_one_can_be_taken_out_again(mine):
    mine.remove()
    assert mine.labels.tolist() == [3, 8]
    mine.remove(0)
    assert mine.labels.tolist() == [8]
    with pytest.raises(digit_input.DigitInputError, match="one of 1 drawings, got 1"):
        mine.remove(1)


def test_a_failed_writing_leaves_the_old_file(mine, tmp_path, monkeypatch):
    mine.save()
    mine.add(digit_input.handwritten(1), 1)
    monkeypatch.setattr(os, "replace", lambda a, b: (_ for _ in ()).throw(OSError(28, "No space left on device")))
    with pytest.raises(digit_input.DigitInputError, match=r"could not be saved in 'mine' \(No space left on device\)"):
        mine.save()
    monkeypatch.undo()
    assert os.listdir(tmp_path / "mine") == ["drawings.npz"]
    assert len(Drawings(tmp_path / "mine")) == 3
    assert len(mine) == 4  # and can be saved after all
    mine.save()
    assert len(Drawings(tmp_path / "mine")) == 4


def test_of_many_that_save_at_once_each_is_kept_or_refused(tmp_path):
    folder = tmp_path / "mine"
    for round_ in range(5):
        shutil.rmtree(folder, ignore_errors=True)
        start = threading.Barrier(8)

        def save(label, start=start):
            mine = Drawings(folder)
            mine.add(digit_input.handwritten(label), label)
            start.wait()
            try:
                mine.save()
            except digit_input.DigitInputError:
                return []
            return [label]

        with ThreadPoolExecutor(8) as pool:
            saved = [label for labels in pool.map(save, range(8)) for label in labels]
        assert saved == Drawings(folder).labels.tolist(), (
            f"round {round_}: who was told that it is saved, and what is there"
        )


def test_another_notebooks_drawings_are_not_lost(mine, tmp_path):
    mine.save()
    other = Drawings(tmp_path / "mine")
    other.add(digit_input.handwritten(1), 1)
    other.save()
    mine.add(digit_input.handwritten(2), 2)
    with pytest.raises(digit_input.DigitInputError, match="in 'mine' was changed since it was read"):
        mine.save()
    assert Drawings(tmp_path / "mine").labels.tolist() == [3, 8, 3, 1]


@pytest.mark.parametrize("label", [10, -1, 2.0, "3", True, None])
def test_bad_labels(mine, label):
    with pytest.raises(digit_input.DigitInputError, match="label from 0 to 9, the digit that was meant"):
        mine.add(digit_input.handwritten(3), label)
    assert len(mine) == 3


def test_an_empty_page_is_not_added(mine):
    with pytest.raises(digit_input.DigitInputError, match="empty page"):
        mine.add(np.zeros((280, 280)), 0)
    assert len(mine) == len(mine.images) == 3


def test_a_folder_that_is_a_file(tmp_path):
    (tmp_path / "mine").write_text("x")
    collected = Drawings(tmp_path / "mine")
    collected.add(digit_input.handwritten(3), 3)
    with pytest.raises(digit_input.DigitInputError, match="could not be saved in 'mine'"):
        collected.save()


class Trap:
    ran = False

    def __reduce__(self):
        return exec, ("import tests.unit.test_drawings; tests.unit.test_drawings.Trap.ran = True",)


DIGIT = np.zeros((1, 28, 28), np.uint8)
BAD_FILES = {
    "text": lambda path: path.write_text("drawings"),
    "empty": lambda path: path.write_bytes(b""),
    "cut": lambda path: (np.savez(path, images=DIGIT, labels=DIGIT[0, 0, :1]), os.truncate(path, 500)),
    "a pickle": lambda path: path.write_bytes(pickle.dumps(Trap())),
    "a pickle inside": lambda path: np.savez(path, images=np.array([Trap()]), labels=DIGIT[0, 0, :1]),
    "other names": lambda path: np.savez(path, x=DIGIT, y=DIGIT[0, 0, :1]),
    "other shape": lambda path: np.savez(path, images=DIGIT[:, :20], labels=DIGIT[0, 0, :1]),
    "other count": lambda path: np.savez(path, images=DIGIT, labels=DIGIT[0, 0, :3]),
    "floats": lambda path: np.savez(path, images=DIGIT / 1.0, labels=DIGIT[0, 0, :1]),
    "label 77": lambda path: np.savez(path, images=DIGIT, labels=np.array([77], np.uint8)),
}


@pytest.mark.parametrize("bad", BAD_FILES)
def test_a_file_that_holds_no_drawings(tmp_path, bad):
    BAD_FILES[bad](tmp_path / "drawings.npz")
    with pytest.raises(digit_input.DigitInputError, match=r"drawings\.npz|labels \(n,\) from 0 to 9") as caught:
        Drawings(tmp_path)
    assert str(tmp_path) not in str(caught.value)
    assert not Trap.ran


def test_a_file_that_unpacks_to_too_much(tmp_path, monkeypatch):
    monkeypatch.setattr(drawings, "MOST_BYTES", 100_000)
    np.savez_compressed(tmp_path / "drawings.npz", images=np.zeros((500, 28, 28), np.uint8), labels=DIGIT[0, 0])
    assert (tmp_path / "drawings.npz").stat().st_size < 100_000
    with pytest.raises(digit_input.DigitInputError, match=r"at most 0 MB, got drawings\.npz with more"):
        Drawings(tmp_path)


def test_every_flipped_bit_is_told_or_harmless(tmp_path):
    mine = Drawings(tmp_path)
    mine.add(digit_input.handwritten(4), 4)
    whole = mine.save().read_bytes()
    told = 0
    for position, bit in itertools.product(range(len(whole)), range(8)):
        damaged = bytearray(whole)
        damaged[position] ^= 1 << bit
        mine.path.write_bytes(damaged)
        try:
            found = Drawings(tmp_path)
        except digit_input.DigitInputError:
            told += 1
        else:
            np.testing.assert_array_equal(found.images, mine.images)
            assert found.labels.tolist() == [4]
    assert told > 4 * len(whole)
