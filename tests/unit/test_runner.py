"""The runner: runs that are stopped, killed, on Dask or on other data, with a study that trains nothing."""

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from contextlib import contextmanager, suppress
from dataclasses import replace
from functools import partial
from pathlib import Path

import psutil
import pytest

from lenet_tutorial import data
from lenet_tutorial.studies import cluster, digits, machine, records, runner
from tests.unit import toy_study
from tests.unit.toy_study import STUDY, Toy, sample, toy  # noqa: F401

ROOT = Path(__file__).resolve().parents[2]


def seeds(path):
    return [each.settings["seed"] for each in records.read(path, Toy)]


# Runs


def test_a_run_says_what_was_run_on_what_where_and_with_what():
    loaded, done = digits.load(100), []
    made = STUDY.make({"seed": 3, "wait": 0.0}, loaded, progress=done.append)
    assert (made.results, sum(done)) == ({"result": 9, "digits": 100}, 1)
    assert made.data == digits.describe(loaded)
    assert made.data["name"] == "offline sample, first 100"
    assert made.data["sha256"] != digits.describe(digits.load(99))["sha256"]
    assert made.machine["cpu"] == machine.cpu() != ""
    assert made.machine["cores"] == os.cpu_count()
    assert made.versions["backend"].split()[0] in machine.BACKENDS
    assert machine.describe(made).startswith(f"{machine.cpu()}, {os.cpu_count()} cores, Keras ")
    assert Toy.parse(made.line()) == made


def test_a_plan_is_asked_again_once_its_runs_are_recorded(tmp_path, capsys):
    path = tmp_path / "new" / "records.jsonl"
    options = ["run", "--records", str(path), "--seeds", "3", "--then", "20"]
    assert toy_study.main(options) == 0
    assert seeds(path) == [0, 1, 2, 20]
    said = capsys.readouterr()
    assert "0 runs recorded, 3 to go." in said.out
    assert "3 runs recorded, 1 to go." in said.out
    assert "seed 20 has ended" in said.out + said.err
    before = path.read_bytes()
    assert toy_study.main(options) == 0
    assert path.read_bytes() == before


@contextmanager
def started(path, *options):
    """The study's command in a process of its own; it and its workers are ended, however the test ends."""
    command = [sys.executable, "-m", "tests.unit.toy_study", "run", "--records", str(path), "--wait", "1", *options]
    environment = os.environ | {"PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1"}
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True}
    process = subprocess.Popen(command, env=environment, start_new_session=True, **pipes)
    try:
        yield process
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.communicate()


def wait_for_a_line(path, process):
    """Wait till a run is recorded and the next has begun."""
    while not path.exists() or not path.read_bytes():
        assert process.poll() is None, process.communicate()[0]
        time.sleep(0.02)


def end(process):
    said = process.communicate(timeout=240)[0]
    assert process.returncode == 0, said
    return said


def test_kill_9_in_the_middle_of_a_run_loses_that_run_only(tmp_path):
    path = tmp_path / "records.jsonl"
    with started(path, "--seeds", "3") as process:
        wait_for_a_line(path, process)
        assert toy_study.main(["run", "--records", str(path)]) == 1  # while it writes, nobody else does
        assert toy_study.main(["merge", str(path), str(path)]) == 1
    before = path.read_bytes()
    assert before.count(b"\n") < 3
    with started(path, "--seeds", "3") as process:
        said = end(process)
    assert path.read_bytes().startswith(before)
    assert seeds(path) == [0, 1, 2]
    assert said.count("has ended") == 3 - before.count(b"\n")  # what had ended was not made again


def test_a_killed_worker_costs_a_repeat_of_its_run_and_nothing_else(tmp_path, monkeypatch):
    """Dask is told to give a run up at the first death of its worker, so the run must be asked for again."""
    monkeypatch.setenv("DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES", "0")
    path = tmp_path / "records.jsonl"
    with started(path, "--workers", "2", "--seeds", "4") as process:
        wait_for_a_line(path, process)
        before = path.read_bytes()
        lines = {each: " ".join(each.cmdline()) for each in psutil.Process(process.pid).children(recursive=True)}
        workers = [each for each, line in lines.items() if "spawn_main" in line or "dask worker" in line]
        assert len(workers) == 2  # under the second name where setproctitle is installed
        workers[0].kill()
        assert "A worker died during {'seed': " in end(process)  # else it had nothing to do, and this shows nothing
    assert path.read_bytes().startswith(before)
    assert sorted(seeds(path)) == [0, 1, 2, 3]


# Dask, in this process


@pytest.fixture
def scheduler():
    from distributed import Client, LocalCluster

    local = LocalCluster(n_workers=1, threads_per_worker=3, processes=False, dashboard_address=None, protocol="tcp")
    with local, Client(local):
        yield local.scheduler_address


counts = {"loads": 0, "now": 0, "most at once": 0}


def count_runs(settings, digits, progress):
    counts["now"] += 1
    counts["most at once"] = max(counts["most at once"], counts["now"])
    time.sleep(0.05)
    counts["now"] -= 1
    return {"thread": threading.get_ident()}


def test_a_worker_reads_the_digits_once_and_makes_one_run_at_a_time(tmp_path, scheduler, monkeypatch):
    def load(first):
        counts["loads"] += 1
        return data.load_digits()

    runner._loaded.cache_clear()
    monkeypatch.setattr(digits, "load", load)
    planned = [{"seed": seed} for seed in range(7)]
    study = replace(STUDY, run=count_runs)
    found = runner.run_planned(study, tmp_path / "records.jsonl", lambda records: planned, scheduler=scheduler)
    runner._loaded.cache_clear()
    assert sorted(each.settings["seed"] for each in found) == list(range(7))
    assert counts == {"loads": 2, "now": 0, "most at once": 1}  # here, to say which are wanted, and on the worker


def test_a_worker_with_other_data_is_an_error(scheduler):
    function = partial(runner._on_worker, STUDY, toy_study.DATA, 100)
    with pytest.raises(records.RecordError, match=r"a worker has the data offline sample, first 100 .*, and MNIST"):
        list(cluster.run_all(function, [toy().settings], scheduler=scheduler))


def test_a_scheduler_that_does_not_answer_is_an_error(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(cluster, "SECONDS_TO_ANSWER", 1)
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port = one.getsockname()[1]
    for address in (f"tcp://127.0.0.1:{port}", "tcp:/nonsense"):
        path = tmp_path / "records.jsonl"
        assert toy_study.main(["run", "--records", str(path), "--scheduler", address]) == 1
        assert f"No scheduler answers at '{address}'" in capsys.readouterr().err
        assert not path.exists()
        with records.locked(path):  # nobody holds it any more
            pass


def test_a_scheduler_without_workers_is_an_error(monkeypatch):
    from distributed import LocalCluster

    monkeypatch.setattr(cluster, "SECONDS_TO_FIND_WORKERS", 1)
    with (
        LocalCluster(n_workers=0, processes=False, dashboard_address=None, protocol="tcp") as local,
        pytest.raises(cluster.ClusterError, match="has no workers"),
    ):
        list(cluster.run_all(str, [1], scheduler=local.scheduler_address))


def test_without_dask_its_absence_is_an_error(monkeypatch):
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(cluster.ClusterError, match="pip install distributed"):
        list(cluster.run_all(str, [1], workers=1))


# Commands


def test_status_says_what_is_missing(tmp_path, capsys):
    path = tmp_path / "records.jsonl"
    records.write(path, [toy(), toy(1)])
    path.write_bytes(path.read_bytes() + b"{")
    assert toy_study.main(["status", "--records", str(path), "--seeds", "32"]) == 0
    said = capsys.readouterr()
    assert "the last line is broken" in said.err
    assert "2 runs recorded, 30 to go." in said.out
    assert "A run took 2 s (median); the rest would take 1 minutes." in said.out
    assert "To go: toy (30)" in said.out
    assert toy_study.main(["summary", "--records", str(path)]) == 0
    assert capsys.readouterr().out == "Records: records.jsonl\nsum 1.0\n"


def test_a_file_that_is_not_there_is_an_error(tmp_path, capsys):
    assert toy_study.main(["status", "--records", str(tmp_path / "none.jsonl")]) == 1
    assert "none.jsonl does not exist" in capsys.readouterr().err


@pytest.mark.parametrize("options", [["--workers", "0"], ["--workers", "2", "--scheduler", "tcp://a:1"]])
def test_workers_make_sense(options, capsys):
    with pytest.raises(SystemExit):
        toy_study.main(["run", *options])
    assert "argument --" in capsys.readouterr().err
