"""Files of records: read, added to, merged at the same time as others write, and damaged in every place."""

import multiprocessing
from concurrent.futures import ProcessPoolExecutor
from contextlib import suppress
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lenet_tutorial.studies import records
from lenet_tutorial.studies.records import RecordError
from tests.unit.toy_study import DATA, Toy, made_up, toy

SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text()
JSON = st.recursive(SCALARS, lambda each: st.lists(each) | st.dictionaries(st.text(), each), max_leaves=10)


def read(path):
    return records.read(path, Toy)


def seeds(path):
    return [each.settings["seed"] for each in read(path)]


@pytest.fixture
def path(tmp_path):
    """A file with two records."""
    for seed in (0, 1):
        records.append(tmp_path / "records.jsonl", toy(seed))
    return tmp_path / "records.jsonl"


@given(settings=st.dictionaries(st.text(), SCALARS), results=st.dictionaries(st.text(), JSON))
def test_a_record_comes_back_as_it_was_and_is_added_once(tmp_path_factory, settings, results):
    path, one = tmp_path_factory.mktemp("one") / "file", replace(toy(), settings=settings, results=results)
    records.append(path, one)
    records.append(path, replace(one, results={}))
    assert list(read(path)) == [one]
    assert path.read_bytes() == one.line().encode()
    assert read(path).missing([settings, {"seed": 2}, {"seed": 2.0}]) == [{"seed": 2}, {"seed": 2.0}]


def test_a_last_line_cut_anywhere_costs_its_own_run_only(path):
    whole, more = path.read_bytes(), toy(2).line().encode()
    for length in range(whole.index(b"\n") + 1, len(whole)):
        path.write_bytes(whole[:length])
        found = read(path)
        complete = 1 + (length == len(whole) - 1)  # only the newline is missing: the record is whole
        assert len(found) == complete
        assert bool(found.notes) == (complete == 1 and length > whole.index(b"\n") + 1)
        records.append(path, toy(1))
        records.append(path, toy(2))
        assert path.read_bytes() == whole + more
        if complete == 1 and found.notes:
            path.write_bytes(whole[:length] + b"\n" + more)
            with pytest.raises(RecordError, match="line 2 is not a record"):
                read(path)


@pytest.mark.parametrize("one", [toy(), made_up(), made_up(diverged=True)], ids=["toy", "finished", "diverged"])
def test_a_flipped_bit_never_raises_anything_else(tmp_path, one):
    line = one.line().encode()
    path = tmp_path / "records.jsonl"
    for bit in range(8 * len(line)):
        flipped = bytearray(line)
        flipped[bit // 8] ^= 1 << bit % 8
        path.write_bytes(flipped)
        with suppress(RecordError):
            records.read(path, type(one))


@pytest.mark.parametrize(
    ("one", "old", "new", "words"),
    [
        (toy(), '"schema":2', '"schema":7', "expected records of schema 2, got 7"),
        (toy(), '"study":"toy"', '"study":"shift"', "expected records of study 'toy', got 'shift'"),
        (toy(), '"schema":2,', "", "is not a record: it has no 'schema'"),
        (toy(), '"results"', '"outcome"', "is not a record: .*'outcome'"),
        (toy(), '"seed":0', '"seed":[0]', "a field is not as it should be"),
        (made_up(), '"sgd"', '"adagrad"', "expected an optimizer out of sgd, adam, got 'adagrad'"),
        (made_up(), "[3,5]", "[3]", "1 misread of 2000 digits do not make a test accuracy of 0.999"),
        (made_up(), '"running_loss":[0.5,0.5]', '"running_loss":[0.5]', "curves of one length"),
        (made_up(), '"finished"', '"fine"', "expected the outcome finished or diverged, got 'fine'"),
    ],
)
def test_a_whole_line_that_is_not_the_studys_record_is_an_error(tmp_path, one, old, new, words):
    assert old in one.line()
    path = tmp_path / "records.jsonl"
    path.write_text(one.line() + one.line().replace(old, new, 1))
    for use in (lambda: records.read(path, type(one)), lambda: records.append(path, one)):
        with pytest.raises(RecordError, match=f"line 2.*{words}"):
            use()


def test_records_of_other_data_are_refused(tmp_path, path):
    other, before = toy(2, data={**DATA, "name": "offline sample"}), path.read_bytes()
    words = r"holds records from MNIST .*, and here the data are offline sample"
    with pytest.raises(RecordError, match=words):
        records.append(path, other)
    records.write(tmp_path / "other", [other])
    with pytest.raises(RecordError, match="not mixed"):
        records.merge(path, tmp_path / "other", kind=Toy)
    with pytest.raises(RecordError, match="does not exist"):
        records.merge(path, tmp_path / "nothing", kind=Toy)
    assert path.read_bytes() == before


def test_a_file_that_cannot_be_used_is_an_error(tmp_path):
    assert len(read(tmp_path / "none")) == 0
    with pytest.raises(RecordError, match="cannot be read"):
        read(tmp_path)
    (tmp_path / "file").touch()
    with pytest.raises(RecordError, match="cannot be written to"):
        records.append(tmp_path / "file" / "records.jsonl", toy())
    with pytest.raises(RecordError, match="cannot be written to"), records.locked(tmp_path / "file" / "records.jsonl"):
        pass


def test_two_files_merge_and_merging_twice_changes_nothing(tmp_path):
    first, second = tmp_path / "first", tmp_path / "second"
    early, late = toy(1, result=8), toy(1, result=7, ended="2026-01-02T00:00:00.000+00:00")
    records.write(first, [toy(), late])
    records.write(second, [early, toy(2)])
    assert records.merge(first, second, kind=Toy) == 1
    assert list(read(first)) == [toy(), early, toy(2)]  # of one run made twice, the one that ended first
    once = first.read_bytes()
    assert records.merge(first, second, second, first, kind=Toy) == 0
    assert first.read_bytes() == once
    records.merge(second, first, kind=Toy)
    assert set(second.read_bytes().splitlines()) == set(once.splitlines())


def test_a_run_recorded_twice_counts_once(path):
    path.write_bytes(path.read_bytes() * 2)
    assert seeds(path) == [0, 1]
    assert "2 run(s) stood there more than once" in read(path).notes[0]


def append_locked(path, record):
    with records.locked(path):
        records.append(path, record)


def insist(function, path, items, **options):
    """Call with each item, again and again until nobody else holds the file."""
    for item in items:
        while True:
            try:
                function(path, item, **options)
                break
            except RecordError as error:
                if "Another run is writing" not in str(error):
                    raise


def test_a_merge_loses_no_record_that_is_written_meanwhile(tmp_path):
    path, sources = tmp_path / "records.jsonl", [tmp_path / f"{number}.jsonl" for number in range(100, 200)]
    for number, source in enumerate(sources, 100):
        records.write(source, [toy(number)])
    with ProcessPoolExecutor(2, mp_context=multiprocessing.get_context("spawn")) as pool:
        appending = pool.submit(insist, append_locked, path, [toy(number) for number in range(100)])
        pool.submit(insist, records.merge, path, sources, kind=Toy).result()
        appending.result()
    assert sorted(seeds(path)) == list(range(200))


def test_a_run_that_failed_lets_go_of_its_records(path):
    with pytest.raises(ZeroDivisionError) as kept, records.locked(path):  # its traceback keeps the lock in memory
        raise ZeroDivisionError
    assert records.merge(path, path, kind=Toy) == 0, kept
