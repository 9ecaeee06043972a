"""The exercises: the feedback they give, and that each of them judges right, wrong and nonsensical answers well."""

import copy
import dataclasses
import gc
import importlib
import inspect
import re
import weakref
from pathlib import Path

import jupytext
import numpy as np
import pytest
from scipy import optimize, special
from sklearn import metrics

from lenet_tutorial import data, evaluation, inspection
from lenet_tutorial.backend import keras, tf
from lenet_tutorial.exercises import answers, attribution, build, exercise, filters, train, visualization
from lenet_tutorial.exercises.exercise import Exercise, Exercises
from lenet_tutorial.exercises.feedback import Feedback, off, right
from lenet_tutorial.model import build_lenet, layer_table
from tests.lessons.exercise_answers import Answers

NOTEBOOKS = Path(__file__).resolve().parents[2] / "notebooks"
LESSONS = sorted(path.stem for path in NOTEBOOKS.glob("[0-9][0-9]_*.py"))
IMPORT = re.compile(r"^from lenet_tutorial\.exercises import (\w+) as exercises$", re.MULTILINE)


def written(lesson):
    return jupytext.read(NOTEBOOKS / f"{lesson}.py").cells


def noun(lesson):
    """The lesson's file in lenet_tutorial/exercises and in tests/lessons/exercise_answers."""
    (found,) = IMPORT.findall("\n".join(cell.source for cell in written(lesson) if cell.cell_type == "code"))
    return found


def exercises_of(name):
    """A lesson's exercises as a fresh kernel has them: copies, since they remember what was answered."""
    return Exercises(copy.copy(each) for each in importlib.import_module(f"lenet_tutorial.exercises.{name}").LESSON)


def answers_to(name) -> dict[str, Answers]:
    return importlib.import_module(f"tests.lessons.exercise_answers.{name}").ANSWERS


@pytest.fixture
def shown(monkeypatch):
    """What is displayed, as text."""
    texts = []
    monkeypatch.setattr(exercise, "display", lambda markdown: texts.append(markdown.data))
    return texts


def double(number):
    return 2 * number


def made(examine=None, **parts):
    """An exercise for trying out: the answer is 4."""

    def four(answer):
        return right("Four.") if answers.number(answer) == 4 else off("Not four.")

    return Exercise(examine or four, **{"solution": lambda: 4, "hints": ("Think.", "Count."), **parts})


def asking(examine):
    return made(examine, solution=double, asks_for_function=True)


def test_check_shows_one_line_and_the_tally_counts_what_was_solved(shown):
    two = Exercises((made(), made(lambda answer: right(""))))
    two[1].name = "other"
    for answer in (..., None, 5, 4, 5):  # what was solved stays solved
        two[0].check(answer)
    two.tally()
    two[1].feedback(0)
    two.tally()
    blank, wrong = "· *Not answered yet.*", "✗ **Not yet.** Not four."
    half, whole = "**1 of 2 exercises solved:** ✓ four · other.", "**2 of 2 exercises solved:** ✓ four · ✓ other."
    assert shown == [blank, blank, wrong, "✓ **Right.** Four.", wrong, half, whole]
    assert str(Exercises([made()])) == "*0 of 1 exercises solved so far:* four."


def test_a_verdict_is_one_of_three():
    with pytest.raises(ValueError, match="expected a verdict out of right, off, unanswered, got 'good'"):
        Feedback("good", "")


def broken(image, n):
    raise ValueError("`no`\nsuch image")


def twice(function):
    return right("") if (function(1), function(2)) == (2, 4) else off("")


@pytest.mark.parametrize(
    ("examine", "answer", "verdict", "words"),
    [
        (twice, lambda number: ..., "unanswered", "The function gives nothing back: it needs a `return`."),
        (twice, lambda number: None, "unanswered", "The function gives nothing back: it needs a `return`."),
        (twice, lambda number: 2 if number == 1 else None, "off", "Given 2, your function gives nothing back."),
        (twice, np.ones(3), "off", "A function is wanted here; yours is an array of shape (3,)."),
        (
            lambda function: function(np.ones((2, 3)), 7),
            broken,
            "off",
            "Given an array of shape (2, 3) and 7, your function stopped with `ValueError: 'no'`.",
        ),
        (
            lambda function: function.array(5, wanted=(2,)),
            lambda number: np.ones(3),
            "off",
            "An array of shape (2,) is wanted here; yours is an array of shape (3,). Your function was given 5.",
        ),
        (
            lambda function: function.number(5),
            lambda number: "x",
            "off",
            "A number is wanted here; yours is the text 'x'. Your function was given 5.",
        ),
        (lambda function, digits: right(""), double, "off", "The check could not make sense of this answer (TypeError"),
    ],
)
def test_whatever_a_function_does_gets_feedback(examine, answer, verdict, words):
    found = asking(examine).feedback(answer)
    assert found.verdict == verdict
    assert found.words.startswith(words)


def test_a_function_can_change_neither_what_it_was_given_nor_what_it_gave():
    picture, kept = np.ones((2, 2)), np.zeros(1)

    def wipe(image, number):
        image[:], kept[0] = 0, number
        return kept

    function = answers.Function(wipe)
    first = function.array(picture, 1.0)
    function.array(picture, 2.0)
    assert first == 1
    assert picture.all()


def test_interrupting_goes_through():
    def interrupted(number):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        asking(twice).feedback(interrupted)


def test_hints_come_one_at_a_time(shown):
    trial = made()
    for _ in range(4):
        trial.hint()
    last = "No more hints. `exercises.four.solution()` shows a worked solution."
    assert shown == ["**Hint 1 of 2.** Think.", "**Hint 2 of 2.** Count.", last, last]
    assert not trial.solved


def test_the_solution_is_shown_as_code_and_solves_nothing(shown):
    trial = asking(twice)
    trial.solution()
    assert shown == ["```python\ndef double(number):\n    return 2 * number\n```"]
    assert not trial.solved


def test_a_mistake_is_recognized_by_what_it_gives():
    known = {"Half.": [1.0, 2.0], "Twice.": np.array([4.0, 8.0]), "Twice, told later.": [4.0, 8.0]}
    assert answers.mistake(np.array([4.0, 8.0]), known) == "Twice."
    assert answers.mistake(np.array([4.0, 8.1]), known) is None
    assert answers.mistake(np.array([4.0, 8.1]), known, rtol=0.02) == "Twice."


@pytest.mark.parametrize(
    ("read", "answer", "found"),
    [
        (answers.number, 3, 3),
        (answers.number, np.float32(0.5), 0.5),
        (answers.number, np.array(7), 7),
        (answers.whole, 26.0, 26),
        (answers.shape, [14, np.int64(14), 32.0], (14, 14, 32)),
        (answers.shape, np.array([14, 14]), (14, 14)),
        (answers.shape, 3136, (3136,)),
    ],
)
def test_answers_are_read_generously(read, answer, found):
    value = read(answer)
    assert value == found
    assert type(value) is type(found)


def test_arrays_are_read_as_new_floats():
    lists = [[1, 2], [3, 4]]
    np.testing.assert_array_equal(answers.array(lists, (2, 2)), np.array(lists, dtype=float))
    np.testing.assert_array_equal(answers.array([True, False]), [1.0, 0.0])
    own = np.ones(2)
    answers.array(own)[:] = 0
    assert own.all()


@pytest.mark.parametrize(
    ("read", "answer", "words"),
    [
        (answers.number, "0.1", "A number is wanted here; yours is the text '0.1'."),
        (answers.number, True, "yours is True, which is no number"),
        (answers.number, np.array(True), "A number is wanted here"),
        (answers.shape, [True, False], "yours is True, which is no number"),
        (answers.number, double, "yours is a function"),
        (answers.number, [1], "One single number is wanted here; yours is a list of length 1."),
        (answers.number, np.ones((2, 3)), "yours is an array of shape (2, 3)"),
        (answers.number, float("nan"), "A finite number is wanted here; yours is nan."),
        (answers.number, 10**400, "far too large"),
        (answers.number, {}, "yours is of type dict"),
        (answers.number, 1j, "yours is of type complex"),
        (answers.whole, 8.46, "A whole number is wanted here; yours is 8.46."),
        (answers.shape, "(4, 4)", "yours is the text '(4, 4)'"),
        (answers.shape, np.ones((4, 4)), "yours is an array of shape (4, 4), the thing itself"),
        (answers.shape, (None, 4, 4), "Leave this axis out"),
        (answers.shape, (4, 4.5), "One of yours is off: A whole number is wanted here; yours is 4.5."),
        (answers.shape, {4, 5}, "yours is of type set"),
        (answers.array, [[1], [1, 2]], "with rows of unlike length"),
        (answers.array, "ink", "An array is wanted here; yours is the text 'ink'."),
        (answers.array, ["a"], "yours is a list of length 1"),
        (answers.array, [np.inf], "infinite, or no numbers at all"),
        (lambda answer: answers.array(answer, (4, 4)), np.ones((3, 3)), "An array of shape (4, 4) is wanted here"),
    ],
)
def test_answers_of_another_kind_get_a_helpful_word(read, answer, words):
    with pytest.raises(answers.Unusable, match=re.escape(words)):
        read(answer)


# --- Every exercise ---


@pytest.fixture(
    params=[(noun(lesson), each.name) for lesson in LESSONS for each in exercises_of(noun(lesson))], ids="-".join
)
def case(request, monkeypatch):
    """An exercise, the answers to it, and a function that gives its feedback on one of them."""
    name, exercise_name = request.param
    (trial,) = (each for each in exercises_of(name) if each.name == exercise_name)
    cases = answers_to(name)[exercise_name]
    if "worked" not in request.node.name:
        cases.pretend(monkeypatch)
    return trial, cases, lambda answer: trial.feedback(answer, *cases.given())


class Hostile:
    def __array__(self, *args, **kwargs):
        raise ValueError("no array")


# fmt: off
NONSENSE = [
    "text", b"bytes", True, [], {}, {1, 2}, object(), Hostile(), 1j, float("nan"), float("-inf"), 10**400,
    [[1], [1, 2]], [None], np.zeros((2, 2, 2, 2)), np.array(["a"]), lambda: 0, lambda *inputs: "text",
    lambda *inputs: [[1], [1, 2]], lambda *inputs: np.nan, lambda *inputs: 1 / 0,
    lambda *inputs: [each.clear() for each in inputs], int,
]
# fmt: on


def test_its_worked_solution_is_right(case):
    """As real code: the shown text itself, with nothing around it but NumPy."""
    trial, cases, feedback = case
    scope = {"np": np}
    exec(compile(inspect.getsource(trial._solution), "<the worked solution>", "exec"), scope)
    solution = scope[trial._solution.__name__]
    found = feedback(solution if trial._asks_for_function else solution(*cases.given()))
    assert found.verdict == "right", found
    assert found.words


def test_right_answers_written_differently_are_right(case):
    _, cases, feedback = case
    assert [feedback(answer).verdict for answer in cases.right] == ["right"] * max(2, len(cases.right))


def test_typical_wrong_answers_get_feedback_of_their_own(case):
    trial, cases, feedback = case
    found = [feedback(answer) for answer, _ in cases.wrong]
    for each, (_, words) in zip(found, cases.wrong, strict=True):
        assert each.verdict == "off"
        assert words in each.words
    assert len(set(found)) == len(found) >= 3
    assert not trial.solved


def test_nonsense_gets_a_helpful_word(case):
    for answer in NONSENSE:
        found = case[-1](answer)
        assert found.verdict == "off", (answer, found)
        assert found.words
        assert "could not make sense" not in found.words, (answer, found)


def test_its_hints_are_hints(case):
    hints = case[0].hints
    assert 1 <= len(set(hints)) == len(hints) <= 4
    assert all(hint.endswith((".", "?")) and len(hint.split()) >= 8 for hint in hints), "too short to help"


@pytest.mark.parametrize("lesson", LESSONS)
def test_a_lesson_asks_its_two_or_three_exercises_in_order_and_ends_in_the_tally(lesson):
    module = importlib.import_module(f"lenet_tutorial.exercises.{noun(lesson)}")
    names = [each.name for each in module.LESSON]
    assert 2 <= len(set(names)) == len(names) <= 3
    assert [getattr(module, name) for name in names] == list(module.LESSON)
    assert list(answers_to(noun(lesson))) == names
    cells = written(lesson)
    heads = [re.findall("^## (.+)", cell.source, re.MULTILINE) for cell in cells]
    *_, saw, asked, beside = [title for found in heads for title in found]
    assert (saw, asked) == ("What you saw", "Exercises")
    assert beside == "For the curious"
    start = next(at for at, found in enumerate(heads) if "Exercises" in found)
    *ours, last = [cell.source for cell in cells[start:] if cell.cell_type == "code"]
    assert [re.findall(r"\bexercises\.(\w+)\.check\(", source) for source in ours] == [[name] for name in names]
    assert all("..." in source for source in ours), "where is the learner to write?"
    assert last == "exercises.tally()"
    named = re.findall(r"\bexercises\.(\w+)\.(\w+)\(", "\n".join(cell.source for cell in cells))
    assert all(callable(getattr(getattr(module, name), does)) for name, does in named)


@pytest.mark.parametrize("lesson", LESSONS)
def test_a_lesson_asks_first_whether_you_are_ready(lesson):
    """Folded answers open in JupyterLab and on GitHub if each stands in a paragraph of its own, as HTML."""
    cell = written(lesson)[1]
    first, *paragraphs = cell.source.split("\n\n")
    assert first.startswith("**You are ready if**")
    assert 2 <= len(paragraphs) <= 4
    for each in paragraphs:
        assert re.fullmatch(r"<details><summary>[^\n]+\?</summary>[^\n]+[.!]</details>", each), each
        assert "`" not in each, "Markdown is not read inside HTML: write <code>"


# --- Worked solutions against an independent truth ---


def test_keras_gives_the_shape_without_padding():
    (pool2,) = (layer for layer in layer_table(build_lenet(kernel_size=5, padding="valid")) if layer.name == "pool2")
    assert build.shape_of_pool2() == pool2.output_shape


@pytest.mark.parametrize("shape", [(6, 4, 3), (7, 9, 2)])
def test_keras_pools_alike(shape):
    maps = np.random.default_rng(0).normal(size=shape).astype("float32")
    by_keras = keras.layers.MaxPooling2D((2, 2), strides=(2, 2))(maps[None])
    np.testing.assert_allclose(build.pooled(maps), by_keras[0], atol=1e-6)


def test_data_read_again_are_neither_kept_nor_trained_on_again(monkeypatch):
    trained, kept = [], []
    monkeypatch.setattr(train, "_trained_loss", lambda images, onehot, rate: trained.append(rate) or 2.5)

    def trainings(part="images", value=0.5):
        digits = data.split_and_scale(data.offline_sample())
        values = getattr(digits.train, part).copy()
        values[0] = value
        digits = dataclasses.replace(digits, train=dataclasses.replace(digits.train, **{part: values}))
        kept.extend((weakref.ref(digits), weakref.ref(digits.train.images)))
        before = len(trained)
        copy.copy(train.too_fast).feedback(2.0, digits)
        return len(trained) - before

    assert [trainings(), trainings(), trainings()] == [2, 0, 0]
    assert [trainings(value=0.25), trainings("onehot"), trainings("onehot", 0.25)] == [2, 2, 2], "other data"
    gc.collect()
    assert not any(each() is not None for each in kept)


def test_nudging_the_loss_gives_the_same_step():
    def loss(w):
        return -(np.log(special.expit(w)) + 7 * np.log(special.expit(-w))) / 8

    slope = (loss(1e-5) - loss(-1e-5)) / 2e-5
    assert train.weight_after_one_step() == pytest.approx(0 - 2 * slope)
    assert f"{special.expit(train.weight_after_one_step()):.2f}" in train.one_step.feedback(-0.75).words


def test_precision_is_that_of_scikit_learn():
    labels, predicted = np.random.default_rng(0).integers(0, 10, (2, 500))
    matrix = evaluation.confusion_matrix(labels, predicted)
    by_sklearn = metrics.precision_score(labels, predicted, average=None)
    np.testing.assert_allclose(train.precision_per_class(matrix), by_sklearn)


@pytest.fixture(scope="module")
def plain():
    """The textbook's network with its first weights."""
    keras.utils.set_random_seed(0)
    return build_lenet()


def test_all_maps_follow_that_shift_and_no_smaller_one(plain):
    pages = np.zeros((5, 28, 28), np.float32)
    for by, page in enumerate(pages):
        page[11:15, 9 + by : 13 + by] = np.random.default_rng(0).random((4, 4))
    maps = inspection.feature_maps(plain, pages.reshape(5, 784), ["pool2"])["pool2"]
    followed = [by for by in range(1, 5) if np.allclose(maps[by][:, 1:], maps[0][:, :-1], atol=1e-6)]
    assert followed == [filters.smallest_shift()]


def test_ablation_is_the_same_as_a_kernel_and_a_bias_of_zero(plain):
    pages = np.random.default_rng(0).random((2, 784), np.float32)
    outputs = []
    for layer in ("conv1", "conv2"):
        network = build_lenet()
        network.set_weights(plain.get_weights())
        kernels, biases = network.get_layer(layer).get_weights()
        biases[:] = 0.1
        if layer == "conv1":
            kernels[..., 3] = biases[3] = 0
        else:
            kernels, biases = filters.ablated(kernels, 3), 0 * biases
        network.get_layer(layer).set_weights([kernels, biases])
        if layer == "conv2":
            network.get_layer("conv1").bias.assign(np.full(32, 0.1))
        outputs.append(network(pages))
    np.testing.assert_allclose(*outputs, atol=1e-6)


def test_keras_makes_the_same_map(plain):
    page = np.random.default_rng(0).random((1, 784), np.float32)
    outputs = inspection.feature_maps(plain, page, ["pool1", "conv2"])
    kernels, _ = plain.get_layer("conv2").get_weights()
    by_hand = filters.map_of_conv2(outputs["pool1"][0], kernels[..., 5], 0)
    np.testing.assert_allclose(by_hand, outputs["conv2"][0, :, :, 5], atol=1e-5)


def test_softmax_gives_nine_tenths_for_that_margin():
    assert special.softmax([visualization.margin_for_nine_tenths(), *[0] * 9])[0] == pytest.approx(0.9)


@pytest.mark.parametrize(("n", "shift"), [(3, 0.0), (15, -1.0), (2, -9.0)])
def test_linear_programming_finds_the_same_image(n, shift):
    weights = np.random.default_rng(n).normal(size=(4, 5)) + shift
    best = optimize.linprog(-weights.ravel(), A_ub=np.ones((1, 20)), b_ub=[n], bounds=(0, 1))
    page = visualization.best_image(weights, n)
    assert page.sum() <= n
    np.testing.assert_allclose((weights * page).sum(), -best.fun)


def test_the_honest_cost_is_right_on_average_and_the_largest_is_too_large():
    random = np.random.default_rng(0)
    true = random.normal(size=(2000, 20))
    validation, test = (true + random.normal(size=true.shape) for _ in range(2))
    chosen = validation.argmax(axis=1)
    honest = np.mean([visualization.cost_of_the_chosen(*each) for each in zip(validation, test, strict=True)])
    assert honest == pytest.approx(true[np.arange(2000), chosen].mean(), abs=0.1)
    assert test.max(axis=1).mean() > honest + 0.5


def test_finite_differences_give_the_same_gradients():
    def slope(p):
        logit, step = special.logit(p), 1e-6
        return (special.expit(logit + step) - special.expit(logit - step)) / (2 * step)

    assert slope(0.5) / slope(0.999) == pytest.approx(attribution.gradient_ratio(), rel=1e-5)


def test_tensorflows_gradients_on_the_path_add_up_alike():
    random = np.random.default_rng(0)
    weights, image = random.normal(size=9), random.random(9)
    images = tf.constant(np.linspace(0, 1, 1001)[:, None] * image)
    with tf.GradientTape() as tape:
        tape.watch(images)
        scores = tf.reduce_sum(images * weights, axis=1) ** 2
    mean_gradient = np.trapezoid(tape.gradient(scores, images), dx=1 / 1000, axis=0)
    found = attribution.integrated(weights, image)
    np.testing.assert_allclose(found, image * mean_gradient)
    assert found.sum() == pytest.approx((weights @ image) ** 2)
