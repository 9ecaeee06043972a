"""Faults to inject by name: ``pytest -p tests.qa.faults --fault "pixels are divided by 256" tests/unit/test_split.py``.

Each fault breaks one promise while the tests run, by replacing a function or a constant of the package or of the
lesson plugin, or by altering a notebook as it is read; no file is changed. Each names the tests that must notice it.
"""

import contextlib
import importlib
import sys
from collections.abc import Callable
from dataclasses import dataclass, replace

import nbformat
import numpy as np
import pytest


@dataclass(frozen=True)
class Fault:
    """A fault.

    Attributes:
        name: what is wrong then, in words.
        noticed_by: the tests, as pytest is given them, of which at least one must fail.
        inject: puts the fault in place.
    """

    name: str
    noticed_by: str
    inject: Callable[[pytest.MonkeyPatch], None]


FAULTS: dict[str, Fault] = {}


def fault(name: str, noticed_by: str) -> Callable:
    """Register the function below as the fault of that name."""

    def register(inject: Callable[[pytest.MonkeyPatch], None]) -> Callable[[pytest.MonkeyPatch], None]:
        FAULTS[name] = Fault(name, noticed_by, inject)
        return inject

    return register


def changed(patch: pytest.MonkeyPatch, path: str, change: Callable) -> None:
    """Replace a function, class or constant wherever the project has it by that name.

    Args:
        patch: undoes it at the end.
        path: ``package.module:name``, or ``package.module:Class.name``.
        change: a function from what was there to what takes its place.
    """
    module, _, name = path.partition(":")
    holder = importlib.import_module(module)
    for part in name.split(".")[:-1]:
        holder = getattr(holder, part)
    name = name.split(".")[-1]
    old = getattr(holder, name)
    new = change(old)
    patch.setattr(holder, name, new)
    for other in list(sys.modules.values()):
        if getattr(other, "__name__", "").startswith(("lenet_tutorial", "tests")) and vars(other).get(name) is old:
            patch.setattr(other, name, new)


def result(patch: pytest.MonkeyPatch, path: str, change: Callable) -> None:
    """Change what a function returns."""
    changed(patch, path, lambda old: lambda *args, **kwargs: change(old(*args, **kwargs)))


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--fault", choices=FAULTS, help="inject this fault")


def pytest_configure(config: pytest.Config) -> None:
    if config.option.fault:
        patch = pytest.MonkeyPatch()
        config.add_cleanup(patch.undo)
        FAULTS[config.option.fault].inject(patch)


# --- LeNet-5 ---

LENET5 = "tests/unit/test_lenet5.py"


@fault("subsampling takes the mean of a square instead of its sum", "tests/unit/test_layers.py -k subsampling")
def _(patch):
    changed(patch, "lenet_tutorial.layers:Subsampling.call", lambda old: lambda self, maps: old(self, maps / 4))


@fault("a map of C3 sees another map of S2 than the paper says", LENET5)
def _(patch):
    changed(patch, "lenet_tutorial.lenet5:C3_TABLE", lambda table: ((0, 1, 3), *table[1:]))


@fault("the rubbish class of LeNet-5's loss is left out", LENET5)
def _(patch):
    changed(
        patch,
        "lenet_tutorial.lenet5:CompetitiveLoss.__init__",
        lambda old: lambda self, rubbish, **kwargs: old(self, 1e9, **kwargs),
    )


@fault("connections leave the biases out", LENET5)
def _(patch):
    changed(
        patch,
        "lenet_tutorial.model:_connections",
        lambda old: lambda layer: old(layer) * 25 // 26 if layer.name == "C1" else old(layer),
    )


@fault("the network with windows shares its kernels, too", "tests/unit/test_layers.py -k locally")
def _(patch):
    from lenet_tutorial.backend import keras

    def call(old):
        def shared(self, maps):
            self.kernel.assign(keras.ops.broadcast_to(self.kernel[:1], self.kernel.shape))
            return old(self, maps)

        return shared

    changed(patch, "lenet_tutorial.layers:LocallyConnected2D.call", call)


# --- Data ---

SPLIT = "tests/unit/test_split.py::test_prepare_scales_encodes_and_holds_out_the_first"


@fault("a file of MNIST is used without a look at its content", "tests/unit/test_data.py -k bad_file")
def _(patch):
    changed(patch, "lenet_tutorial.data.mnist:_verified", lambda old: lambda path, part, array: array)


@fault("pixels are divided by 256", SPLIT)
def _(patch):
    result(
        patch,
        "lenet_tutorial.data.split:_split",
        lambda part: replace(part, images=part.images * np.float32(255 / 256)),
    )


@fault("rows and columns change places", SPLIT)
def _(patch):
    changed(
        patch, "lenet_tutorial.data.split:_split", lambda old: lambda images, labels: old(images.swapaxes(1, 2), labels)
    )


@fault("the ones of one-hot are in the wrong column", SPLIT)
def _(patch):
    result(
        patch,
        "lenet_tutorial.data.split:_split",
        lambda part: replace(part, onehot=np.roll(part.onehot, 1, axis=1)),
    )


@fault("the last digits are held out, not the first", SPLIT)
def _(patch):
    def backwards(old):
        def split(raw):
            n = raw.n_validation
            images, labels = np.roll(raw.train_images, n, axis=0), np.roll(raw.train_labels, n)
            return old(replace(raw, train_images=images, train_labels=labels))

        return split

    changed(patch, "lenet_tutorial.data.split:split_and_scale", backwards)


@fault("the offline sample passes for MNIST", "tests/unit/test_split.py::test_the_sample_says_what_it_is")
def _(patch):
    changed(patch, "lenet_tutorial.data.split:_Described.is_mnist", lambda old: property(lambda self: bool(self.name)))


@fault("training digits of the sample stand in for its test digits", "tests/unit/test_split.py -k leaks")
def _(patch):
    def leaking(raw):
        n = raw.n_validation
        return replace(raw, test_images=raw.train_images[n : n + len(raw.test_images)])

    result(patch, "lenet_tutorial.data.sample:offline_sample", leaking)


@fault("a relative path means another folder to a kernel", "tests/unit/test_data.py -k relative_path")
def _(patch):
    changed(patch, "lenet_tutorial.data:use_absolute_paths", lambda old: lambda: None)


# --- The textbook, the network, training ---


@fault("the textbook has another learning rate", "tests/unit/test_textbook.py")
def _(patch):
    patch.setattr("lenet_tutorial.textbook.LOG", importlib.import_module("lenet_tutorial.textbook").LOG[::-1])


@fault("a count of parameters is off by one", "tests/unit/test_textbook.py")
def _(patch):
    changed(patch, "lenet_tutorial.textbook:PARAMETERS", lambda old: old + 1)


@fault("the convolutions have no padding", "tests/unit/test_model.py")
def _(patch):
    changed(patch, "lenet_tutorial.model:build_lenet", lambda old: lambda *args, **kwargs: old(*args, padding="valid"))


@fault("training has another learning rate than its recipe", "tests/unit/test_training.py -k one_step")
def _(patch):
    changed(
        patch,
        "lenet_tutorial.recipe:Recipe.compile",
        lambda old: lambda recipe, model: old(replace(recipe, learning_rate=2 * recipe.learning_rate), model),
    )


@fault("training ignores the seed", "tests/unit/test_training.py -k seed_fixes")
def _(patch):
    keras = importlib.import_module("lenet_tutorial.backend").keras
    patch.setattr(keras.utils, "set_random_seed", lambda seed: None)


@fault("a damaged network stops the lesson", "tests/unit/test_training.py -k damaged_network_is_told")
def _(patch):
    training = importlib.import_module("lenet_tutorial.training")

    def stored(path, wanted, recipe):
        return training._load(path, wanted, recipe) if path.exists() else None

    patch.setattr(training, "_stored", stored)


@fault("a network of other data passes for this one", "tests/unit/test_training.py -k other_data")
def _(patch):
    changed(
        patch,
        "lenet_tutorial.training:_key",
        lambda old: lambda *args, **kwargs: old(*args, **kwargs) | {"data_sha256": ""},
    )


@fault("two notebooks overwrite each other's drawings", "tests/unit/test_drawings.py")
def _(patch):
    class NoLock(contextlib.nullcontext):
        def acquire(self, timeout=None):
            return self

        def release(self):
            pass

    changed(patch, "lenet_tutorial.files:lock", lambda old: lambda path: NoLock())


@fault("a file is written in place", "tests/unit/test_files.py")
def _(patch):
    from pathlib import Path

    changed(
        patch,
        "lenet_tutorial.files:atomic_write",
        lambda old: contextlib.contextmanager(lambda path: iter([Path(path)])),
    )


# --- Evaluation and intervals ---


@fault("accuracy counts the mistakes", "tests/unit/test_evaluation.py")
def _(patch):
    changed(
        patch,
        "lenet_tutorial.evaluation:accuracy",
        lambda old: lambda labels, predicted: old(np.asarray(labels), (np.asarray(predicted) + 1) % 10),
    )


@fault("rows and columns of the confusion matrix change places", "tests/unit/test_evaluation.py")
def _(patch):
    result(patch, "lenet_tutorial.evaluation:confusion_matrix", np.transpose)


@fault("the Wilson interval is the normal one", "tests/unit/test_evaluation.py")
def _(patch):
    def normal(correct, n):
        share = correct / n
        half = 1.96 * (share * (1 - share) / n) ** 0.5
        return share - half, share + half

    changed(patch, "lenet_tutorial.evaluation:wilson_interval", lambda old: normal)


@fault("the interval of a mean is too narrow", "tests/unit/test_optimizers.py -k students")
def _(patch):
    changed(
        patch, "lenet_tutorial.studies.intervals:mean", lambda old: lambda values, *, level=0.95: old(values, level=0.9)
    )


@fault("a difference has the other sign", "tests/unit/test_optimizers.py -k paired_by_seed")
def _(patch):
    changed(
        patch, "lenet_tutorial.studies.intervals:difference", lambda old: lambda a, b, n, **level: old(b, a, n, **level)
    )


@fault("the margin was changed after looking", "tests/unit/test_optimizers.py -k margin")
def _(patch):
    changed(patch, "lenet_tutorial.studies.optimizers.verdict:MARGIN", lambda old: 2 * old)


@fault("a run that is recorded twice counts twice", "tests/unit/test_records.py -k twice")
def _(patch):
    changed(patch, "lenet_tutorial.studies.records:_once", lambda old: list)


# --- Inspection ---


@fault("kernels come with rows and columns changed", "tests/unit/test_activations.py -k kernels_are")
def _(patch):
    result(patch, "lenet_tutorial.inspection.activations:kernels", lambda found: found.swapaxes(1, 2))


@fault("logits are probabilities", "tests/unit/test_activations.py -k logits_are")
def _(patch):
    from scipy.special import softmax

    result(patch, "lenet_tutorial.inspection.forward:logits", lambda found: softmax(found, axis=1).astype(np.float32))


@fault("the saliency map has lost a factor", "tests/unit/test_attribution.py -k saliency")
def _(patch):
    result(patch, "lenet_tutorial.inspection.attribution:saliency_map", lambda found: found / 2)


@fault("integrated gradients do not add up", "tests/unit/test_attribution.py -k integrated")
def _(patch):
    result(patch, "lenet_tutorial.inspection.attribution:integrated_gradients", lambda found: 1.05 * found)


@fault("an occlusion map has the other sign", "tests/unit/test_attribution.py -k occlu")
def _(patch):
    result(patch, "lenet_tutorial.inspection.attribution:occlusion_map", np.negative)


@fault("Grad-CAM shows what speaks against the class, too", "tests/unit/test_attribution.py -k grad_cam")
def _(patch):
    result(patch, "lenet_tutorial.inspection.attribution:grad_cam", lambda found: found - 0.1)


@fault("a deletion curve keeps a pixel too many", "tests/unit/test_attribution.py -k deletion")
def _(patch):
    changed(
        patch,
        "lenet_tutorial.inspection.faithfulness:deletion_curve",
        lambda old: lambda model, images, maps, *args, **kwargs: old(model, images, -np.asarray(maps), *args, **kwargs),
    )


@fault("evidence against a class counts as evidence for it", "tests/unit/test_attribution.py -k share_inside")
def _(patch):
    changed(
        patch,
        "lenet_tutorial.inspection.faithfulness:share_inside",
        lambda old: lambda maps, region: old(np.abs(maps), region),
    )


@fault("maps are compared on the paper, too", "tests/unit/test_attribution.py -k rank_similarity")
def _(patch):
    changed(
        patch,
        "lenet_tutorial.inspection.faithfulness:rank_similarity",
        lambda old: lambda maps, others, region: old(maps, others, np.ones_like(region)),
    )


@fault("FGSM lowers the loss", "tests/unit/test_adversarial.py")
def _(patch):
    result(patch, "lenet_tutorial.inspection.adversarial:loss_gradient_sign", np.negative)


@fault("PGD leaves its cube", "tests/unit/test_adversarial.py -k pgd")
def _(patch):
    changed(
        patch,
        "lenet_tutorial.inspection.adversarial:pgd",
        lambda old: lambda model, images, labels, epsilon, **how: old(model, images, labels, 1.1 * epsilon, **how),
    )


@fault("an AUROC compares the wrong way round", "tests/unit/test_evaluation.py -k auroc")
def _(patch):
    changed(patch, "lenet_tutorial.evaluation:auroc", lambda old: lambda inside, outside: old(outside, inside))


@fault("top-activating patches are the weakest", "tests/unit/test_activations.py -k patches")
def _(patch):
    result(
        patch,
        "lenet_tutorial.inspection.activations:top_activating_patches",
        lambda found: replace(found, images=found.images[:, ::-1]),
    )


@fault("a receptive field is one pixel too large", "tests/unit/test_activations.py -k receptive_field")
def _(patch):
    result(
        patch,
        "lenet_tutorial.inspection.receptive_field:receptive_field",
        lambda found: replace(found, size=found.size + 1),
    )


# --- Digit input ---


@fault("the center of mass is that of the box", "tests/unit/test_digit_input.py -k centre")
def _(patch):
    changed(
        patch,
        "lenet_tutorial.digit_input.preprocess:center_of_mass",
        lambda old: lambda ink: tuple((n - 1) / 2 for n in ink.shape),
    )


@fault("Otsu's threshold is the mean", "tests/unit/test_digit_input.py -k otsu")
def _(patch):
    changed(patch, "lenet_tutorial.digit_input.segment:otsu_threshold", lambda old: np.mean)


@fault("the light on the paper is not estimated", "tests/unit/test_digit_input.py -k uneven_light")
def _(patch):
    changed(
        patch,
        "lenet_tutorial.digit_input.segment:estimate_background",
        lambda old: lambda gray, window=0: np.ones_like(gray),
    )


@fault("thin strokes stay thin", "tests/unit/test_digit_input.py -k thin")
def _(patch):
    changed(patch, "lenet_tutorial.digit_input.preprocess:thicken", lambda old: lambda ink, *how: ink)


@fault("what lies at the edge of a photo counts as the digit", "tests/unit/test_reading.py -k only_what_is_more")
def _(patch):
    changed(patch, "lenet_tutorial.digit_input.pieces:digit_pieces", lambda old: lambda pieces, side: [])


@fault("several digits count as one", "tests/unit/test_reading.py -k several")
def _(patch):
    changed(patch, "lenet_tutorial.digit_input.pieces:group_digits", lambda old: lambda pieces: [pieces])


# --- Exercises ---


@fault("an exercise takes any answer", "tests/lessons/test_exercises.py -k typical_wrong")
def _(patch):
    right = importlib.import_module("lenet_tutorial.exercises.feedback").right
    changed(
        patch,
        "lenet_tutorial.exercises.exercise:Exercise.feedback",
        lambda old: lambda self, answer, *given: right("Well done."),
    )


# --- What compares the lessons ---

COMPARISON = "tests/lessons/test_comparison.py"


@fault("any tolerance is a hundred times as large", f"{COMPARISON} -k 'decimal or tolerance'")
def _(patch):
    result(patch, "tests.plugins.near:tolerance_of", lambda found: found and 100 * found)
    changed(patch, "tests.plugins.near:Near.__eq__", lambda old: lambda self, other: True)


@fault("a lesson may take as long as it likes", f"{COMPARISON} -k budget")
def _(patch):
    changed(patch, "tests.plugins.cost:SECONDS", lambda old: dict.fromkeys(old, 10_000))


def altered_lesson(patch: pytest.MonkeyPatch, alter: Callable) -> None:
    """Alter each notebook as it is read: the file stays as it is."""

    def read(*args, **kwargs):
        notebook = old(*args, **kwargs)
        code = [cell for cell in notebook.cells if cell.cell_type == "code"]
        alter(code)
        return notebook

    old = nbformat.read
    patch.setattr(nbformat, "read", read)


LESSON = "notebooks/01_digits.ipynb"


@fault("a recorded word is changed", LESSON)
def _(patch):
    def alter(code):
        compared = (cell for cell in code[1:] if not {"data", "varies"} & set(cell.metadata.get("tags", [])))
        output = next(each for cell in compared for each in cell.outputs)
        place, key = (output, "text") if "text" in output else (output.data, "text/markdown")
        place[key] = place.get(key, "") + "?"

    altered_lesson(patch, alter)


@fault("a recorded figure is lost", LESSON)
def _(patch):
    def alter(code):
        cell = next(cell for cell in code[1:] if "data" not in cell.metadata.get("tags", []))
        cell.outputs.append(nbformat.v4.new_output("display_data", {"image/png": "AAAA"}))

    altered_lesson(patch, alter)


@fault("a lesson was recorded without running a cell", "tests/lessons/test_lessons.py -k executed")
def _(patch):
    altered_lesson(patch, lambda code: code[3].update(execution_count=None))


@fault("a figure has no alt text", "tests/lessons/test_lessons.py -k alt_text")
def _(patch):
    def alter(code):
        for cell in code:
            for output in cell.outputs:
                if "image/png" in output.get("data", {}):
                    output.metadata = {}

    altered_lesson(patch, alter)
