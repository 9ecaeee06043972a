"""The study of explanations: the cue by loops, the verdicts against SciPy, and runs that train and measure."""

import numpy as np
import pytest
from scipy import stats

from lenet_tutorial import data, inspection
from lenet_tutorial.data import MNIST_VARIABLE, Split
from lenet_tutorial.studies import explanations
from lenet_tutorial.studies.explanations import __main__ as program
from lenet_tutorial.studies.explanations import run
from lenet_tutorial.studies.explanations.run import BASELINES, METHODS, NETWORKS, SCORES, Recipe, planned
from tests.unit.networks import linear, trained
from tests.unit.toy_study import DATA, MADE_ON

NAMES = (*METHODS, *BASELINES)


def made_up(network, seed, values):
    """A record with the same numbers in each of its scores: one a method or baseline."""
    scores = {
        score: {
            name: [value] * 4 if "random weights" in score else value for name, value in zip(NAMES, values, strict=True)
        }
        for score in SCORES[network]
    }
    settings = {"network": network, "seed": seed}
    return explanations.STUDY.record(settings, DATA, {"accuracy": {}, "scores": scores}, **MADE_ON)


def test_squares_lie_apart_and_within_the_image():
    regions = explanations.region(np.arange(10))
    assert regions.sum(axis=(1, 2)).tolist() == [16] * 10
    assert regions.sum(axis=0).max() == 1, "no two overlap"
    for place, region in zip(explanations.PLACES, regions, strict=True):
        assert region[place[0] : place[0] + 4, place[1] : place[1] + 4].all()


@pytest.mark.parametrize("shape", [(784,), (28, 28)])
def test_stamping_changes_the_square_alone(shape):
    images = np.random.default_rng(0).random((3, *shape)).astype(np.float32)
    found = explanations.stamped(images, [0, 7, 9])
    assert (found.dtype, found.shape) == (np.float32, images.shape)
    for one, before, (row, column) in zip(found, images, np.array(explanations.PLACES)[[0, 7, 9]], strict=True):
        wanted = before.reshape(28, 28).copy()
        wanted[row : row + 4, column : column + 4] = 1
        np.testing.assert_array_equal(one.reshape(28, 28), wanted)


def test_in_a_third_of_the_images_the_square_decides_the_label():
    random = np.random.default_rng(1)
    labels = random.integers(0, 10, 90)
    part = Split(0.5 * random.random((90, 784), np.float32), np.eye(10, dtype=np.float32)[labels], labels)
    images, onehot = explanations.planted(part, 3, 60)
    found = onehot.argmax(axis=1)
    regions = explanations.region(np.arange(10)).reshape(10, 784)
    black = np.array([[(image[region] == 1).all() for region in regions] for image in images])
    np.testing.assert_array_equal(black[:20], np.eye(10, dtype=bool)[found[:20]])
    assert not black[20:].any()
    for image, label in zip(images[20:], found[20:], strict=True):
        (at,) = np.flatnonzero((part.images == image).all(axis=1))
        assert labels[at] == label
    assert part.images.max() < 0.5, "the digits themselves are not stamped"


def test_a_margin_is_the_gap_to_the_pass_mark_with_its_interval():
    drawn = {network: np.random.default_rng(i).uniform(0.1, 0.9, (4, 6)) for i, network in enumerate(NETWORKS)}
    records = [made_up(network, seed, row.tolist()) for network, rows in drawn.items() for seed, row in enumerate(rows)]
    found = explanations.verdicts(records)
    margins = {
        "planted cue": drawn["cue"][:, 0] - drawn["cue"][:, 4:].max(axis=1),
        "random weights": 0.5 - drawn["digits"][:, 0],
        "deletion": drawn["digits"][:, 4:].min(axis=1) - drawn["digits"][:, 0],
    }
    for test, margin in margins.items():
        low, high = stats.t.interval(0.95, 3, loc=margin.mean(), scale=stats.sem(margin))
        verdict = found[test]["occlusion"].margin
        assert (verdict.low, verdict.value, verdict.high) == pytest.approx((low, margin.mean(), high))
        assert found[test]["occlusion"].passes == (low > 0)
    assert found["shuffled labels"]["occlusion"].margin.value == 0


def test_a_baseline_does_not_pass_where_it_is_the_mark():
    records = [
        made_up(network, seed, [0.4, 0.3, 0.2, 0.1, 0.2, 0.3 + 0.01 * seed]) for network in NETWORKS for seed in (0, 1)
    ]
    found = explanations.verdicts(records)
    assert not any(found[test][name].passes for test in ("planted cue", "deletion") for name in BASELINES)
    assert found["planted cue"]["occlusion"].score.value == pytest.approx(0.4)
    assert "**passes**" in explanations.verdict_table(records)
    with pytest.raises(ValueError, match="expected runs with 'deletion', got none"):
        explanations.scores(records[:2], "deletion")


@pytest.mark.parametrize("broken", ["a score is missing", "a score is too large", "a method is missing"])
def test_results_that_cannot_be_right_are_refused(broken):
    record = made_up("cue", 0, [0.1] * 6)
    scores = record.results["scores"]
    if broken == "a score is missing":
        del scores["inside"]
    elif broken == "a score is too large":
        scores["inside"]["noise"] = 1.5
    else:
        del scores["inside"]["Grad-CAM"]
    with pytest.raises((ValueError, KeyError)):
        record.check()


def test_the_shipped_records_are_the_plan_and_say_what_the_lesson_says():
    records = explanations.STUDY.read()
    assert records.missing(planned()) == []
    assert records.data["name"] == "MNIST"
    of_cue = [each.results["accuracy"] for each in records if each.settings["network"] == "cue"]
    assert min(each["follows the cue"] for each in of_cue) > 0.99, "the reason is known"
    found = explanations.verdicts(records)
    passed = {name: [test for test, of in found.items() if of[name].passes] for name in NAMES}
    assert all(passed[name] == list(found) for name in METHODS[:3])
    assert passed["Grad-CAM"] == ["random weights", "shuffled labels", "deletion"]
    assert (passed["gray levels"], passed["noise"]) == ([], ["random weights"])
    wider = stats.t.ppf(1 - 0.025 / 24, 4) / stats.t.ppf(0.975, 4)  # Bonferroni, for 24 verdicts
    margins = {(test, name): each.margin for test, of in found.items() for name, each in of.items() if each.passes}
    lost = [key for key, margin in margins.items() if margin.value < wider * margin.half_width]
    assert lost == [("shuffled labels", "Grad-CAM"), ("deletion", "Grad-CAM")]
    true = explanations.scores(records, "true labels")
    assert min(true[name].mean() for name in METHODS[:3]) > 0.8 > 0.6 > true["Grad-CAM"].mean(), "the same maps"
    strength = explanations.scores(records, "strength, random weights")["integrated gradients"][:, -1].mean()
    assert 0.3 < strength < 0.6


def test_occlusion_of_a_model_that_sees_the_square_alone_scores_one_half():
    """The lesson says so: a cover of 5 by 5 pixels reaches beyond the square."""
    model, region = linear(28, n_classes=10), explanations.region(np.arange(10))
    model.set_weights([region.reshape(10, 784).T.astype(np.float32), np.zeros(10)])
    images = explanations.stamped(np.zeros((10, 784)), np.arange(10))
    maps = inspection.occlusion_map(model, images, np.arange(10))
    assert inspection.share_inside(maps, region).mean() == pytest.approx(0.507, abs=0.001)


@pytest.mark.parametrize("network", NETWORKS)
def test_a_run_trains_and_measures(network, tmp_path, monkeypatch, capsys):
    monkeypatch.setenv(MNIST_VARIABLE, "sample")
    monkeypatch.setitem(NETWORKS, network, Recipe(60, 1))
    path = tmp_path / "records.jsonl"
    arguments = ["--records", str(path), "--only", network, "--seeds", "1"]
    assert program.main(["run", *arguments, "--digits", "60"]) == 0
    (record,) = explanations.STUDY.read(path)
    for name, found in record.results["scores"].items():
        assert set(found) == set(NAMES), name
    if network == "digits":
        assert record.results["scores"]["random weights"]["gray levels"] == pytest.approx([1] * 4)
    assert f"{network}, seed 0" in capsys.readouterr().out


def test_layers_get_random_weights_from_the_last_to_the_first():
    names = [layer.name for layer in trained().layers if layer.weights]
    assert list(explanations.LAYERS) == names[::-1]


def test_the_same_seed_draws_the_same_images():
    part = data.split_and_scale(data.offline_sample()).train
    first, again, other = (explanations.planted(part, seed, 50)[0] for seed in (0, 0, 1))
    np.testing.assert_array_equal(first, again)
    assert (first != other).any()
    assert run.SEEDS == 5
