"""The machinery of ``make hold``: a table that tells, faults that fit, records that go on where they stopped."""

import json
import subprocess
from collections import Counter
from types import SimpleNamespace
from typing import ClassVar

import pytest
from nbval.plugin import IPyNbCell

from tests.plugins import near
from tests.qa import again, audit, bite, cases, ends, long, machines, moves, records, tables, tree
from tests.qa.check import Broken, Check, Skipped, run
from tests.qa.fault import Fault
from tests.qa.faults import FAULTS

TOY_TEST = """
from toy import answer

def test_answer():
    assert answer == 42

def test_nothing():
    pass
"""


@pytest.fixture
def toy(tmp_path, monkeypatch):
    """A project of two files in place of this one; bite copies it as it does the real one."""
    project = tmp_path / "toy-project"
    project.mkdir()
    (project / "toy.py").write_text("answer = 42\n")
    (project / "test_toy.py").write_text(TOY_TEST)
    (project / "pytest.ini").write_text("[pytest]\n")
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")  # which takes most of the time
    monkeypatch.setattr(tree, "_check_imports", lambda copy: None)
    monkeypatch.setattr(bite, "copied", lambda: tree.copied(project))
    return project


def seeded(old="42", new="41", fails="test_toy.py::test_answer", name="the wrong answer"):
    return Fault(name, "toy.py", old, new, fails)


# The table


def looked(outcome):
    if isinstance(outcome, Exception):
        raise outcome
    return outcome


def test_the_table_tells_what_was_seen_and_counts():
    outcomes = ["3 seen", Broken("1 of 3 broken\nthe second"), Skipped("none here"), ZeroDivisionError("by zero")]
    lines = []
    assert not run([Check(f"c{n}", lambda each=each: looked(each)) for n, each in enumerate(outcomes)], lines.append)
    assert [line.split()[0] for line in lines[1:]] == ["ok", "FAILED", "the", "skipped", "FAILED", "hold:"]
    assert lines[1].endswith("3 seen")
    assert lines[2].endswith("1 of 3 broken")
    assert lines[5].endswith("ZeroDivisionError: by zero")
    assert lines[-1].startswith("hold: 1 ok, 1 skipped, 2 failed in ")
    assert run([Check("c", lambda: "")], lines.append)


def test_what_is_slow_is_told():
    lines = []
    assert run([Check("c", lambda: "3 seen", limit=-1), Check("d", lambda: "")], lines.append, limit=-2)
    assert [line.strip() for line in lines if "slow" in line] == ["slow: more than -1 s", lines[-1]]
    assert lines[-1].endswith(" s, slow: more than -2 s")


# The faults


def test_there_are_enough_faults_and_few_train():
    assert len(FAULTS) >= 40
    assert sum(fault.trains for fault in FAULTS) <= 3
    assert max(Counter(fault.name for fault in FAULTS).values()) == 1


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_a_fault_fits_the_project(fault):
    """One whose text has changed is told here, in seconds, and need not wait for `make hold`."""
    assert fault.fits(tree.ROOT), f"{fault.old!r} does not stand in {fault.path} exactly once"
    assert fault.old != fault.new
    assert (tree.ROOT / fault.fails.partition("::")[0]).is_file()


def test_a_fault_goes_in_and_out_again(toy):
    with seeded().put_into(toy):
        assert (toy / "toy.py").read_text() == "answer = 41\n"
    assert (toy / "toy.py").read_text() == "answer = 42\n"


def test_a_caught_fault_is_counted_and_the_project_left_alone(toy):
    assert bite.look([seeded()], jobs=1) == "1 of 1 seeded faults caught"
    assert (toy / "toy.py").read_text() == "answer = 42\n"


@pytest.mark.parametrize(
    ("fault", "told"),
    [
        (seeded(new="42.0"), "missed: the wrong answer: expected test_toy.py::test_answer to fail, nothing did"),
        (seeded(fails="test_toy.py::test_nothing"), "missed: the wrong answer: expected test_toy.py::test_nothing"),
        (seeded(old="43"), "stale: the wrong answer: what it replaces does not stand in toy.py exactly once"),
        (seeded(old="answer = 42", new="answer = "), "missed: the wrong answer: pytest ended with "),
    ],
    ids=["no difference", "another test", "stale", "no Python any more"],
)
def test_a_fault_that_is_not_caught_fails_the_check(toy, fault, told):
    with pytest.raises(Broken) as caught:
        bite.look([fault, seeded(name="another")], jobs=1)
    first, line = str(caught.value).splitlines()
    assert first == "1 of 2 seeded faults caught"
    assert line.startswith(told)


def test_a_test_that_fails_without_the_fault_or_is_skipped_proves_nothing(toy):
    text = (
        TOY_TEST + "\ndef test_red():\n    assert 0\n\ndef test_skipped():\n    import pytest\n    pytest.skip('why')\n"
    )
    (toy / "test_toy.py").write_text(text)
    faults = [seeded(fails=f"test_toy.py::test_{name}", name=name) for name in ("red", "skipped", "answer")]
    with pytest.raises(Broken) as caught:
        bite.look(faults, jobs=1)
    assert str(caught.value).splitlines() == [
        "1 of 3 seeded faults caught",
        "fails without the fault: test_toy.py::test_red",
        "not tried, since its test was skipped: skipped",
    ]
    with pytest.raises(Skipped, match="no fault was tried\nnot tried, since its test was skipped: skipped"):
        bite.look(faults[1:2], jobs=1)


def test_cases_are_told_as_pytest_names_them(toy):
    found = cases.run(toy, "test_toy.py")
    assert [(case.node, case.outcome) for case in found] == [
        ("test_toy.py::test_answer", "passed"),
        ("test_toy.py::test_nothing", "passed"),
    ]
    with pytest.raises(RuntimeError, match="pytest ended with 4"):
        cases.run(toy, "test_missing.py")


# The records of the long checks


@pytest.fixture
def path(tmp_path):
    return tmp_path / "records.jsonl"


def part(name="SSE41, 01_digits", check="machines", **settings):
    settings = {"failed": [], "found": {"Cell 3": [0.01, 0.004]}, "seconds": 1.0, "commit": "abc", **settings}
    return records.Part(check, name, **settings)


def test_a_part_comes_back_and_a_newer_one_takes_its_place(path):
    records.add(part(), path)
    records.add(part("SSE41, 02_build"), path)
    newer = part(seconds=2.0)
    records.add(newer, path)
    assert records.read(path) == [part("SSE41, 02_build", ended=records.read(path)[0].ended), newer]


def test_another_processor_keeps_its_own_records(path):
    records.add(part(cpu="old"), path)
    records.add(part(cpu="new"), path)
    assert [each.cpu for each in records.read(path)] == ["old", "new"]


def test_a_part_is_done_for_its_commit_and_processor_only(path):
    records.add(part(), path)
    assert records.done("machines", "SSE41, 01_digits", "abc", path)
    assert not records.done("machines", "SSE41, 01_digits", "abd", path)
    assert not records.done("again", "SSE41, 01_digits", "abc", path)
    records.add(part(commit="abc+"), path)  # files were changed: nobody knows which
    assert not records.done("machines", "SSE41, 01_digits", "abc+", path)
    records.add(part(cpu="another"), path)
    assert not records.done("machines", "SSE41, 01_digits", "abc", path)


def test_a_copy_without_history_is_of_no_known_commit(tmp_path, path, monkeypatch):
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    records.add(part(commit=records.commit(tmp_path)), path)
    assert records.read(path)[0].commit == "unknown+"
    assert not records.done("machines", "SSE41, 01_digits", "unknown+", path)


def test_committing_the_records_leaves_them_valid(tmp_path):
    def git(*arguments):
        who = ["-c", "user.name=n", "-c", "user.email=n@example.org", "-c", "commit.gpgsign=false"]
        done = subprocess.run(["git", *who, *arguments], cwd=tmp_path, capture_output=True, text=True, check=True)
        return done.stdout.strip()

    def changed(name, text):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        git("add", ".")

    git("init", "-q")
    changed("lesson.py", "1")
    changed("tests/qa/records.jsonl", "")
    git("commit", "-qm", "first")
    first = git("rev-parse", "--short=10", "HEAD")
    assert records.commit(tmp_path) == first
    changed("tests/qa/records.jsonl", "a part")
    assert records.commit(tmp_path) == first
    git("commit", "-qm", "records")
    assert records.commit(tmp_path) == first != git("rev-parse", "--short=10", "HEAD")
    changed("lesson.py", "2")
    assert records.commit(tmp_path) == f"{first}+"
    git("commit", "-qm", "second")
    second = git("rev-parse", "--short=10", "HEAD")
    assert records.commit(tmp_path) == second
    (tmp_path / "new.py").write_text("a file that git does not know")
    assert records.commit(tmp_path) == f"{second}+"


def test_a_line_that_broke_off_is_measured_again_and_another_is_told(path):
    records.add(part(), path)
    whole = path.read_text()
    path.write_text(whole + whole[:40])
    assert len(records.read(path)) == 1
    path.write_text(whole[:40] + "\n" + whole)
    with pytest.raises(ValueError, match=r"records\.jsonl, line 1 is no record"):
        records.read(path)


class Counted:
    """A long check of three parts, of which the second fails."""

    NAME = "machines"

    NOTHING: ClassVar = {}

    def __init__(self, stop_at=None, stops=KeyboardInterrupt):
        self.made, self.stop_at, self.stops = [], stop_at, stops

    def parts(self):
        return ["SSE41, 01_a", "SSE41, 02_b", "AVX2, 01_a"]

    def measure(self, name, copy):
        if name == self.stop_at:
            raise self.stops
        self.made.append(name)
        return part(name, failed=["Cell 4"] if "02" in name else [])


@pytest.fixture
def counted(toy, monkeypatch):
    monkeypatch.setattr(long, "copied", lambda: tree.copied(toy))
    monkeypatch.setattr(records, "commit", lambda: "abc")

    def made(**settings):
        module = Counted(**settings)
        monkeypatch.setattr(long, "CHECKS", {"machines": module})
        return module

    return made


def test_what_was_stopped_goes_on_where_it_was(counted, path):
    first = counted(stop_at="AVX2, 01_a")
    with pytest.raises(KeyboardInterrupt):
        long.look("machines", show=lambda line: None, path=path)
    assert first.made == ["SSE41, 01_a", "SSE41, 02_b"]
    second, lines = counted(), []
    with pytest.raises(Broken, match=r"3 parts, 1 of them made now; see records.md; 1 failures\nSSE41, 02_b: Cell 4"):
        long.look("machines", show=lines.append, path=path)
    assert second.made == ["AVX2, 01_a"]
    assert len(lines) == 1
    assert path.with_suffix(".md").read_text() == tables.written(records.read(path))


def test_pytest_breaking_off_is_a_failure_that_stays(counted, path):
    counted(stop_at="SSE41, 01_a", stops=RuntimeError("pytest ended with 3"))
    with pytest.raises(Broken, match="2 failures\nSSE41, 01_a: pytest ended with 3\n"):
        long.look("machines", show=lambda line: None, path=path)
    assert records.read(path)[0].found == Counted.NOTHING
    assert records.done("machines", "SSE41, 01_a", "abc", path)


@pytest.mark.parametrize("reason", [Skipped("no Python"), Broken("no network")])
def test_what_could_not_be_tried_is_told_and_tried_again(counted, path, reason):
    counted(stop_at="AVX2, 01_a", stops=reason)
    with pytest.raises(type(reason), match=f"not made: AVX2, 01_a: {reason}"):
        long.look("machines", only="AVX2", show=lambda line: None, path=path)
    assert not records.done("machines", "AVX2, 01_a", "abc", path)
    counted()
    assert long.look("machines", only="AVX2", show=lambda line: None, path=path).startswith("1 parts, 1 of them made")


def test_only_the_parts_that_were_asked_for_are_made(counted, path):
    module = counted()
    assert long.look("machines", only="AVX2", show=lambda line: None, path=path).startswith("1 parts, 1 of them made")
    assert module.made == ["AVX2, 01_a"]


def test_the_tables_tell_how_far_numbers_moved_and_what_failed():
    runs = {"passed": 9, "slowest": "test_a 3 s"}
    text = tables.written(
        [
            part(cpu="a processor"),
            part(
                "AVX2, 01_digits", commit="abd", cpu="a processor", found={"Cell 3": [0.01, 0.012]}, failed=["Cell 3"]
            ),
            part("unit tests, 1", "again", cpu="a processor", found=runs, seconds=4.0),
            part("unit tests, 2", "again", cpu="a processor", commit="abe", found=runs, seconds=6.0, failed=["test_a"]),
        ]
    )
    assert "| lesson | cell | tolerance | SSE41 | AVX2 | most, of the tolerance |" in text
    assert "| 01_digits | 3 | 0.01 | 0.004 | 0.012 | 120% |" in text
    assert "Failed with AVX2: Cell 3" in text
    assert "| lesson | SSE41 | AVX2 |\n| --- | --- | --- |\n| 01_digits | abc | abd |" in text
    assert "| unit tests | 2 | 1 | test_a | 5 | abc, abe |" in text
    assert "Slowest of the unit tests: test_a 3 s." in text


def test_the_tables_in_the_repository_are_those_of_its_records():
    written = records.FILE.with_suffix(".md")
    assert not records.FILE.exists() or written.read_text(encoding="utf-8") == tables.written(records.read())


def test_what_trains_is_left_out_by_its_name():
    """A name that no test has any more would leave out nothing, and say nothing."""
    place, _, name = again.TRAINS.partition("::")
    assert f"def {name}(" in (tree.ROOT / place).read_text(encoding="utf-8")


def test_how_far_numbers_moved():
    assert moves.distance("loss 0.50 of 2.25", "loss 0.51 of 2.00") == 0.25
    assert moves.distance("7 digits", "7 digits") == 0
    assert moves.distance("7 digits", "8 digits") is None


def test_what_notes_the_moves_changes_nothing_until_it_is_asked_for(monkeypatch):
    """The lessons of this very run are compared by nbval itself; only a plugin that was asked for takes its place."""
    assert IPyNbCell.compare_outputs is moves.compare_outputs
    assert near.Near.__eq__ is moves.near_equal
    monkeypatch.setattr(IPyNbCell, "compare_outputs", moves.compare_outputs)
    monkeypatch.setattr(near.Near, "__eq__", moves.near_equal)
    moves.pytest_configure()
    assert IPyNbCell.compare_outputs is moves.compare_and_write
    assert near.Near.__eq__ is moves.note_and_compare


def test_mnist_of_our_own_cache_goes_along_to_another_cache(monkeypatch, tmp_path):
    """Else a setting would run on the sample, and pass."""
    monkeypatch.delenv("LENET_TUTORIAL_MNIST", raising=False)
    monkeypatch.setenv("LENET_TUTORIAL_CACHE", str(tmp_path))
    assert machines._mnist() == {}
    (tmp_path / "mnist.npz").touch()
    assert machines._mnist() == {"LENET_TUTORIAL_MNIST": str(tmp_path / "mnist.npz")}
    monkeypatch.setenv("LENET_TUTORIAL_MNIST", "elsewhere.npz")
    assert machines._mnist() == {}


def test_every_setting_runs_every_lesson():
    names = machines.parts()
    assert len(names) == len(set(names)) == len(machines.SETTINGS) * len(machines.find_lessons())


def test_both_ends_of_what_is_supported_are_read_off_the_project():
    assert ends.pythons()["oldest"] < ends.pythons()["newest"]
    floors = ends.floors()
    assert "numpy==2.0.*" in floors
    assert "pooch==1.8.2" in floors


# The audit


def answer(*packages):
    return json.dumps({"dependencies": list(packages)})


FINE, ILL = {"name": "a", "version": "1", "vulns": []}, {"name": "b", "version": "2", "vulns": [{"id": "CVE-1"}]}
UNKNOWN = {"name": "c", "skip_reason": "not found"}


def test_an_advisory_fails_the_audit_and_what_it_does_not_know_is_told():
    seen = audit.judge(0, answer(FINE, UNKNOWN), "")
    assert seen == "1 pinned packages, 0 known advisories; nothing is known of c"
    with pytest.raises(Broken, match=r"2 pinned packages, 1 known advisories\nb 2: CVE-1"):
        audit.judge(1, answer(FINE, ILL), "")


@pytest.mark.parametrize("said", ["", "[]", answer(UNKNOWN)])
def test_an_audit_that_cannot_tell_is_skipped(said):
    with pytest.raises(Skipped):
        audit.judge(1, said, "ERROR: no connection")


def test_a_part_without_data_is_skipped(monkeypatch, path):
    monkeypatch.setattr(long, "load_raw", lambda: SimpleNamespace(is_mnist=False))
    with pytest.raises(Skipped, match="MNIST was not found"):
        long.look("machines", path=path)
