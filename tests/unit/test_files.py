"""A file that is written whole or not at all."""

import os

import pytest

from lenet_tutorial.files import atomic_write, rename_damaged


@pytest.fixture
def note(tmp_path):
    path = tmp_path / "note.txt"
    path.write_text("before")
    return path


def test_what_was_written_takes_the_place_of_what_was_there(note):
    with atomic_write(note) as place:
        place.write_text("after")
        assert note.read_text() == "before"
    assert note.read_text() == "after"
    assert os.listdir(note.parent) == ["note.txt"]


@pytest.mark.parametrize("error", [OSError(28, "No space left on device"), KeyboardInterrupt()])
def test_what_breaks_off_changes_nothing_and_leaves_nothing(note, error):
    def half():
        with atomic_write(note) as place:
            place.write_text("half")
            raise error

    with pytest.raises(type(error)):
        half()
    assert note.read_text() == "before"
    assert os.listdir(note.parent) == ["note.txt"]


def test_a_file_that_cannot_be_put_in_place_leaves_the_one_that_is_there(note, monkeypatch):
    def refuse(here, there):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(os, "replace", refuse)
    with pytest.raises(PermissionError), atomic_write(note) as place:
        place.write_text("after")
    assert note.read_text() == "before"
    assert os.listdir(note.parent) == ["note.txt"]


def test_a_damaged_file_is_set_aside_and_one_that_cannot_be_is_left(note, monkeypatch):
    assert rename_damaged(note) == "renamed to note.txt.damaged"
    assert [(each.name, each.read_text()) for each in note.parent.iterdir()] == [("note.txt.damaged", "before")]
    assert rename_damaged(note) == "left as it is"  # it is gone: another process was quicker


def test_folders_that_are_missing_are_made_and_the_file_keeps_its_name_and_ending(tmp_path):
    with atomic_write(tmp_path / "a" / "b" / "network.keras") as place:
        assert place.name == "network.keras"
        place.write_bytes(b"0")
    assert (tmp_path / "a" / "b" / "network.keras").read_bytes() == b"0"


@pytest.mark.skipif(os.name != "posix", reason="files have permissions of this kind on POSIX")
def test_a_new_file_gets_the_usual_permissions_and_an_old_one_keeps_its_own(note):
    usual = note.stat().st_mode
    with atomic_write(note.with_name("new.txt")) as place:
        place.write_text("new")
    assert note.with_name("new.txt").stat().st_mode == usual
    note.chmod(0o640)
    with atomic_write(note) as place:
        place.write_text("after")
    assert note.stat().st_mode & 0o777 == 0o640


def test_of_two_who_write_at_once_the_last_to_end_wins(note):
    with atomic_write(note) as first:
        first.write_text("first")
        with atomic_write(note) as second:
            second.write_text("second")
        assert note.read_text() == "second"
    assert note.read_text() == "first"
    assert os.listdir(note.parent) == ["note.txt"]
