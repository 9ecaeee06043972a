"""The experiment's runs: a few tiny trainings, killed ones among them."""

import math
import os
import signal
import socket
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import filelock
import numpy as np
import psutil
import pytest

from lenet_tutorial import data, training
from lenet_tutorial.backend import keras
from lenet_tutorial.recipe import NORMAL_BIASES, NORMAL_WEIGHTS, Recipe
from lenet_tutorial.studies.optimizers import __main__ as commands
from lenet_tutorial.studies.optimizers import cluster, grid, record, source, trial, verdict

ROOT = Path(__file__).resolve().parents[2]
TINY = Recipe(learning_rate=0.1, epochs=2, batch_size=20)
GRID = ["--epochs", "1", "--digits", "100", "--only", "SGD 0.01"]


@pytest.fixture(scope="module", autouse=True)
def sample():
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(data.MNIST_VARIABLE, "sample")
        yield


@pytest.fixture(scope="module")
def digits(sample):
    return source.load(100)


# One run


@pytest.fixture(scope="module")
def tiny(digits):
    return trial.run(TINY, digits)


def test_a_run_is_recorded_as_keras_sees_it(tiny, digits):
    trained = training.train(digits, TINY, verbose=0)
    np.testing.assert_allclose(tiny.curves["running_loss"], trained.history["loss"], atol=2e-6)
    np.testing.assert_allclose(tiny.curves["running_accuracy"], trained.history["accuracy"], atol=2e-6)
    for name in ("validation", "test"):
        part = getattr(digits, name)
        loss, accuracy = trained.model.evaluate(part.images, part.onehot, verbose=0)
        assert tiny.last(f"{name}_loss") == pytest.approx(loss, abs=1e-5)
        assert tiny.last(f"{name}_accuracy") == pytest.approx(accuracy, abs=1e-6)
    answers = trained.model.predict(digits.test.images, verbose=0).argmax(axis=1)
    assert tiny.misread == np.flatnonzero(answers != digits.test.labels).tolist()
    assert tiny.data == source.describe(digits)
    assert tiny.data["name"] == "offline sample, first 100"
    assert tiny.made_on["keras"] == keras.__version__
    assert record.parse(tiny.line()) == tiny


def test_a_run_does_not_depend_on_the_one_before(tiny, digits):
    trial.run(replace(TINY, optimizer="adam", learning_rate=0.001, epochs=1), digits)
    again = trial.run(TINY, digits)
    np.testing.assert_allclose(again.curves["running_loss"], tiny.curves["running_loss"], atol=1e-5)
    shorter = trial.run(replace(TINY, epochs=1), digits)
    assert shorter.curves["running_loss"][0] == pytest.approx(tiny.curves["running_loss"][0], abs=1e-5)


def test_a_recipe_that_diverges_is_recorded_as_diverged(digits):
    """One bad pixel spoils the weights. The loss may stay a number: on some processors, ReLU of NaN is 0."""
    images = digits.train.images.copy()
    images[7, 300] = np.nan
    broken = replace(digits, train=replace(digits.train, images=images))
    found = trial.run(replace(TINY, epochs=5), broken)
    assert found.diverged
    assert found.misread is None
    assert len(found.curves["test_accuracy"]) == 1  # nothing is to be had from going on
    assert record.parse(found.line()) == found


def test_digits_that_are_not_all_of_mnist_do_not_pass_for_it(digits):
    assert not digits.is_mnist
    assert len(digits.train) == len(digits.validation) == len(digits.test) == 100
    assert source.describe(digits) != source.describe(source.load(99))


def test_a_loss_that_is_no_number_is_recorded_as_none(digits, monkeypatch):
    monkeypatch.setattr(trial, "look", lambda said, labels: (math.nan, np.arange(3)))
    found = trial.run(replace(TINY, epochs=5), digits)
    assert found.diverged
    assert found.curves["validation_loss"] == found.curves["test_loss"] == [None]
    assert math.isnan(found.last("validation_loss"))
    assert record.parse(found.line()) == found


# Recipes


def first_weights(recipe):
    keras.utils.set_random_seed(recipe.seed)
    return training.build(recipe).get_weights()


def test_recipes_of_one_seed_start_from_the_same_weights():
    pair = first_weights(Recipe(seed=3)), first_weights(Recipe("adam", 0.001, seed=3))
    for first, second in zip(*pair, strict=True):
        np.testing.assert_array_equal(first, second)


def test_normal_first_weights_are_those_of_the_earlier_network():
    weights = first_weights(Recipe(initialization="normal"))
    kernels, biases = weights[0::2], weights[1::2]
    assert np.std(kernels[2]) == pytest.approx(NORMAL_WEIGHTS, rel=0.01)  # three million of them
    assert np.std(biases[2]) == pytest.approx(NORMAL_BIASES, rel=0.1)  # a thousand
    assert np.mean(biases[2]) == pytest.approx(0, abs=0.15)
    assert np.std(kernels[0]) == pytest.approx(NORMAL_WEIGHTS, rel=0.15)
    glorot = first_weights(Recipe())
    assert all(not each.any() for each in glorot[1::2])
    assert np.abs(glorot[4]).max() == pytest.approx(math.sqrt(6 / (3136 + 1024)), rel=0.01)


def test_mixed_precision_computes_in_bfloat16_and_answers_in_float32():
    model = training.build(Recipe(precision="mixed_bfloat16"))
    assert {layer.compute_dtype for layer in model.layers[:-1]} == {"bfloat16"}
    assert model.layers[-1].compute_dtype == "float32"
    assert {each.dtype for each in model.weights} == {"float32"}
    assert [layer.name for layer in model.layers] == [layer.name for layer in training.build(Recipe()).layers]


UPDATES = {
    # By hand, from a weight of 1 with the slopes 2 and 1.
    Recipe(learning_rate=0.1): [1 - 0.2, 1 - 0.2 - 0.1],
    Recipe(learning_rate=0.1, momentum=0.9): [1 - 0.2, 1 - 0.2 - (0.18 + 0.1)],
    # First m = 0.2, s = 0.004, corrected 2 and 4: a step of 2 / 2. Then m = 0.28, s = 0.004996, corrected 0.28 / 0.19
    # and 0.004996 / 0.001999.
    Recipe("adam", 0.1): [1 - 0.1, 1 - 0.1 - 0.1 * (0.28 / 0.19) / (0.004996 / 0.001999) ** 0.5],
}


@pytest.mark.parametrize("recipe", UPDATES, ids=lambda recipe: f"{recipe.optimizer} {recipe.momentum}")
def test_two_steps_are_those_by_hand(recipe):
    optimizer = training.build(recipe).optimizer
    weight = keras.Variable([1.0])
    optimizer.build([weight])
    for slope, wanted in zip((2.0, 1.0), UPDATES[recipe], strict=True):
        optimizer.apply([keras.ops.convert_to_tensor([slope])], [weight])
        assert float(weight[0]) == pytest.approx(wanted, abs=1e-5)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"momentum": 1}, "from 0 to less than 1, got 1"),
        ({"momentum": 0.5, "optimizer": "adam"}, "with sgd only"),
        ({"initialization": "zeros"}, "out of glorot, normal, got 'zeros'"),
        ({"precision": "float16"}, "out of float32, mixed_bfloat16, got 'float16'"),
    ],
)
def test_a_bad_recipe_is_told(change, words):
    with pytest.raises(ValueError, match=words):
        Recipe(**change)


# The command


def start(path, *options):
    environment = os.environ | {data.MNIST_VARIABLE: "sample", "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1"}
    command = [
        sys.executable,
        "-m",
        "lenet_tutorial.studies.optimizers",
        "run",
        "--records",
        str(path),
        *GRID,
        *options,
    ]
    return subprocess.Popen(
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, start_new_session=True
    )


def wait_for_lines(path, n, process):
    """Wait till so many runs are recorded and the next has begun."""
    deadline = time.monotonic() + 240
    while not path.exists() or path.read_bytes().count(b"\n") < n:
        assert process.poll() is None, process.communicate()[0]
        assert time.monotonic() < deadline
        time.sleep(0.02)


@pytest.fixture
def finished():
    """Ends what a test started, its workers included, however the test ends."""
    started = []
    yield started.append
    for process in started:
        for each in [*_family(process.pid), process]:
            try:
                each.kill()
            except psutil.NoSuchProcess:
                continue
        process.communicate()


def _family(pid):
    try:
        return psutil.Process(pid).children(recursive=True)
    except psutil.NoSuchProcess:
        return []


def test_kill_9_in_the_middle_of_a_run_loses_that_run_only(tmp_path, finished):
    path = tmp_path / "records.jsonl"
    process = start(path, "--seeds", "3", "--deciding-seeds", "3")
    finished(process)
    wait_for_lines(path, 1, process)
    assert commands.main(["run", "--records", str(path)]) == 1  # while it writes, nobody else does
    process.send_signal(signal.SIGKILL)
    process.wait()
    before = path.read_bytes()
    assert before.count(b"\n") < 3
    process = start(path, "--seeds", "3", "--deciding-seeds", "3")
    finished(process)
    said = process.communicate(timeout=240)[0]
    assert process.returncode == 0, said
    after = path.read_bytes()
    assert after.startswith(before)
    assert [each.recipe.seed for each in record.read(path)] == [0, 1, 2]
    assert said.count(": test accuracy ") == 3 - before.count(b"\n")  # what had ended was not made again
    assert after.count(b"\n") == 3


def test_a_killed_worker_costs_a_repeat_of_its_run_and_nothing_else(tmp_path, finished, monkeypatch):
    """Dask is told to give a run up at the first death of its worker, so the run must be asked for again."""
    monkeypatch.setenv("DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES", "0")
    path = tmp_path / "records.jsonl"
    process = start(path, "--workers", "2", "--seeds", "4", "--deciding-seeds", "4")
    finished(process)
    wait_for_lines(path, 1, process)
    before = path.read_bytes()
    workers = [each for each in _family(process.pid) if "spawn_main" in " ".join(each.cmdline())]
    assert len(workers) == 2
    workers[0].kill()
    said = process.communicate(timeout=240)[0]
    assert process.returncode == 0, said
    assert "A worker died during SGD 0.01, seed " in said  # else the worker had nothing to do, and this shows nothing
    assert path.read_bytes().startswith(before)
    assert path.read_bytes().count(b"\n") == 4
    assert sorted(each.recipe.seed for each in record.read(path)) == [0, 1, 2, 3]
    assert record.read(path).notes == ()


# Dask, in this process


@pytest.fixture
def scheduler():
    from distributed import Client, LocalCluster

    local = LocalCluster(n_workers=1, threads_per_worker=3, processes=False, dashboard_address=None, protocol="tcp")
    with local, Client(local):
        yield local.scheduler_address


def test_a_worker_reads_the_data_once_and_makes_one_run_at_a_time(scheduler, digits, tiny, monkeypatch):
    counts = {"loads": 0, "most at once": 0}
    now = []

    def load(first):
        counts["loads"] += 1
        return digits

    def run(recipe, digits, *, data):
        now.append(recipe)
        counts["most at once"] = max(counts["most at once"], len(now))
        time.sleep(0.05)
        now.remove(recipe)
        return replace(tiny, recipe=recipe)

    cluster._loaded.cache_clear()
    monkeypatch.setattr(cluster, "load", load)
    monkeypatch.setattr(trial, "run", run)
    recipes = [replace(TINY, seed=seed) for seed in range(7)]
    made = list(cluster.runs(recipes, source.describe(digits), first=100, scheduler=scheduler))
    cluster._loaded.cache_clear()
    assert sorted(each.recipe.seed for each in made) == list(range(7))
    assert counts == {"loads": 1, "most at once": 1}


def test_a_worker_with_other_data_is_told(scheduler, digits):
    wanted = source.describe(digits) | {"name": "MNIST", "sha256": "0" * 16}
    with pytest.raises(record.RecordError, match=r"a worker has the data offline sample, first 100 .*, and MNIST"):
        list(cluster.runs([TINY], wanted, first=100, scheduler=scheduler))


def closed_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


def test_a_scheduler_that_does_not_answer_is_told(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(cluster, "SECONDS_TO_ANSWER", 1)
    for address in (f"tcp://127.0.0.1:{closed_port()}", "tcp:/nonsense"):
        options = ["run", *GRID, "--records", str(tmp_path / "records.jsonl"), "--scheduler", address]
        assert commands.main(options) == 1
        said = capsys.readouterr().err
        assert f"No scheduler answers at '{address}'" in said
        assert "dask scheduler" in said
    assert not (tmp_path / "records.jsonl").exists()


def test_a_run_that_failed_keeps_nobody_from_the_records(tmp_path, monkeypatch):
    held = []

    class Kept(filelock.FileLock):  # as long as it is referred to, it is not let go of by the way
        def __init__(self, *args, **kwargs):
            super().__init__(*args, **kwargs)
            held.append(self)

    monkeypatch.setattr(filelock, "FileLock", Kept)
    monkeypatch.setattr(cluster, "SECONDS_TO_ANSWER", 1)
    options = ["run", *GRID, "--records", str(tmp_path / "records.jsonl"), "--scheduler", "tcp:/nonsense"]
    assert commands.main(options) == 1
    assert [each.is_locked for each in held] == [False]


def test_a_scheduler_without_workers_is_told(digits, monkeypatch):
    from distributed import LocalCluster

    monkeypatch.setattr(cluster, "SECONDS_TO_FIND_WORKERS", 1)
    with (
        LocalCluster(n_workers=0, processes=False, dashboard_address=None, protocol="tcp") as local,
        pytest.raises(cluster.ClusterError, match="has no workers"),
    ):
        list(cluster.runs([TINY], source.describe(digits), first=100, scheduler=local.scheduler_address))


def test_without_dask_its_absence_is_told(digits, monkeypatch):
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(cluster.ClusterError, match="pip install distributed"):
        list(cluster.runs([TINY], source.describe(digits), workers=1))


def test_help_is_quick_and_does_without_tensorflow():
    code = (
        "import runpy, sys\n"
        "sys.argv = ['experiments', '--help']\n"
        "try: runpy.run_module('lenet_tutorial.studies.optimizers', run_name='__main__')\n"
        "except SystemExit: pass\n"
        "slow = {'tensorflow', 'keras', 'distributed', 'scipy.stats', 'sklearn'} & set(sys.modules)\n"
        "sys.exit(f'imported: {slow}' if slow else 0)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "run" in done.stdout
    assert "summary" in done.stdout


# The recorded grid


@pytest.fixture(scope="module")
def records():
    return record.read(record.SHIPPED)


class TestShipped:
    """The records that come with the lessons."""

    def test_they_are_of_the_plan_on_mnist(self, records):
        assert records.notes == ()
        assert records.data["name"] == "MNIST"
        chosen = [each for each in verdict.best(records, grid.RECORDED).values() if each]
        both = grid.Grid(recipes=grid.DECIDING)  # in float32
        assert records.runs() <= {*grid.RECORDED.runs(chosen), *both.runs()}

    def test_what_decides_is_there(self, records):
        assert {each for each in grid.RECORDED.runs() if each.seed == 0} <= records.runs()
        for recipe in grid.DECIDING:
            assert len(records.of(grid.RECORDED.settle(recipe))) == grid.DECIDING_SEEDS

    @pytest.mark.parametrize("recipe", grid.DECIDING, ids=grid.name)
    def test_a_recorded_epoch_comes_out_again(self, recipe, records, sample, monkeypatch):
        mnist = Path(os.environ.get("RECORDED_ON") or ROOT / "../shared/mnist/mnist.npz")
        if not mnist.exists():
            pytest.skip("MNIST was not found")
        monkeypatch.setenv(data.MNIST_VARIABLE, str(mnist))
        (wanted,) = (each for each in records.of(recipe) if each.recipe.seed == 0)  # float32, as on any processor
        found = trial.run(replace(recipe, epochs=1), source.load())
        assert found.data == wanted.data
        assert found.curves["running_loss"][0] == pytest.approx(wanted.curves["running_loss"][0], abs=0.01)
        assert found.curves["test_accuracy"][0] == pytest.approx(wanted.curves["test_accuracy"][0], abs=0.01)
