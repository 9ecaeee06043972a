"""The exercises: how they answer back, and that each of them judges right, wrong and nonsensical answers well."""

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

from lenet_tutorial import data, evaluation
from lenet_tutorial.exercises import answers, attribution, build, exercise, filters, train, visualization
from lenet_tutorial.exercises.exercise import Exercise, Exercises
from lenet_tutorial.exercises.feedback import Feedback, off, right
from tests.lessons.exercise_answers import Answers

NOTEBOOKS = Path(__file__).resolve().parents[2] / "notebooks"
# Lessons whose exercises are still to be written. Take a lesson out as soon as it has some.
TO_COME = set()
LESSONS = sorted(path.stem for path in NOTEBOOKS.glob("[0-9][0-9]_*.py"))
IMPORT = re.compile(r"^from lenet_tutorial\.exercises import (\w+) as exercises$", re.MULTILINE)


def written(lesson):
    return jupytext.read(NOTEBOOKS / f"{lesson}.py").cells


def code(lesson):
    return [cell.source for cell in written(lesson) if cell.cell_type == "code"]


def noun(lesson):
    """The lesson's file in lenet_tutorial/exercises and in tests/lessons/exercise_answers; None if it imports none."""
    found = IMPORT.findall("\n".join(code(lesson)))
    assert len(found) <= 1, found
    return found[0] if found else None


def exercises_of(name):
    """A lesson's exercises as a fresh kernel has them: copies, since they remember what was answered."""
    return Exercises(copy.copy(each) for each in importlib.import_module(f"lenet_tutorial.exercises.{name}").LESSON)


def answers_to(name, exercise_name) -> Answers:
    return importlib.import_module(f"tests.lessons.exercise_answers.{name}").ANSWERS[exercise_name]


DONE = [lesson for lesson in LESSONS if lesson[:2] not in TO_COME]
ALL = [
    pytest.param((noun(lesson), position), id=f"{noun(lesson)}-{each.name}")
    for lesson in DONE
    if noun(lesson)
    for position, each in enumerate(exercises_of(noun(lesson)))
]


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

    parts = {"solution": lambda: 4, "hints": ("Think.", "Count."), **parts}
    return Exercise(examine or four, **parts)


def test_feedback_is_one_line_that_begins_with_a_sign():
    assert str(Feedback("right", "So it is.")) == "✓ **Right.** So it is."
    assert str(Feedback("off", "Too large.")) == "✗ **Not yet.** Too large."
    assert str(Feedback("unanswered", "")) == "· *Not answered yet.*"
    with pytest.raises(ValueError, match="expected a verdict out of right, off, unanswered, got 'good'"):
        Feedback("good", "")


def test_check_shows_one_line_and_remembers(shown):
    trial = made()
    assert trial.check(5) is None
    assert not trial.solved
    trial.check(4)
    assert trial.solved
    trial.check(5)
    assert trial.solved  # who goes on trying loses nothing
    assert shown == ["✗ **Not yet.** Not four.", "✓ **Right.** Four.", "✗ **Not yet.** Not four."]


@pytest.mark.parametrize("blank", [..., None])
def test_no_answer_is_told_quietly(blank, shown):
    trial = made(lambda answer: pytest.fail("a blank answer was examined"))
    trial.check(blank)
    assert shown == ["· *Not answered yet.*"]
    assert not trial.solved


@pytest.mark.parametrize("blank", [..., None])
def test_a_function_that_gives_nothing_back_is_no_answer(blank, shown):
    trial = made(lambda function: off(str(function(1))), solution=double, asks_for_function=True)
    trial.check(lambda number: blank)
    assert shown == ["· *Not answered yet.* The function gives nothing back: it needs a `return`."]


def test_a_function_that_gives_nothing_back_later_is_told():
    def twice(function):
        return right("") if (function(1), function(2)) == (2, 4) else off("")

    trial = made(twice, solution=double, asks_for_function=True)
    said = trial.feedback(lambda number: 2 if number == 1 else None)
    assert said == off("Given 2, your function gives nothing back.")


def test_a_function_that_raises_is_told_in_words():
    trial = made(lambda function: right(str(function(np.ones((2, 3)), 7))), solution=double, asks_for_function=True)

    def broken(image, n):
        raise ValueError("`no`\nsuch image")

    said = trial.feedback(broken)
    assert said == off("Given an array of shape (2, 3) and 7, your function stopped with `ValueError: 'no'`.")


def test_a_function_that_is_none_is_told():
    trial = made(lambda function: right(""), solution=double, asks_for_function=True)
    assert trial.feedback(np.ones(3)).words.startswith("A function is wanted here; yours is an array of shape (3,).")


def test_a_function_cannot_change_what_later_checks_use():
    picture = np.ones((2, 2))

    def examine(function):
        function(picture)
        return right("") if picture.all() else off("the check's own picture was changed")

    def wipe(image):
        image[:] = 0
        return image

    assert made(examine, solution=double, asks_for_function=True).feedback(wipe).verdict == "right"


def test_a_function_cannot_take_back_what_it_gave():
    kept = np.zeros(1)

    def reused(number):
        kept[0] = number
        return kept

    function = answers.Function(reused)
    first = function.array(1.0)
    function.array(2.0)
    assert first == 1


def test_a_check_that_fails_shows_no_traceback():
    said = made(lambda answer, digits: right("")).feedback(4)
    assert said.verdict == "off"
    assert "could not make sense" in said.words
    assert "digits" in said.words


def test_interrupting_goes_through():
    def interrupted(number):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        made(lambda function: function(1), solution=double, asks_for_function=True).feedback(interrupted)


def test_hints_come_one_at_a_time(shown):
    trial = made()
    for _ in range(4):
        trial.hint()
    last = "No more hints. `exercises.four.solution()` shows a worked solution."
    assert shown == ["**Hint 1 of 2.** Think.", "**Hint 2 of 2.** Count.", last, last]
    assert not trial.solved


def test_the_solution_is_shown_as_code_and_solves_nothing(shown):
    trial = made(solution=double, asks_for_function=True)
    trial.solution()
    assert shown == ["```python\ndef double(number):\n    return 2 * number\n```"]
    assert not trial.solved


def test_the_tally_counts(shown):
    two = Exercises((made(), made(lambda answer: right(""))))
    two[1].name = "other"
    two.tally()
    two[1].feedback(0)
    two.tally()
    two[0].feedback(4)
    two.tally()
    assert shown == [
        "*0 of 2 exercises solved so far:* four · other.",
        "**1 of 2 exercises solved:** four · ✓ other.",
        "**2 of 2 exercises solved:** ✓ four · ✓ other.",
    ]
    assert two.solved() == tuple(two)


def test_a_mistake_is_recognized_by_what_it_gives():
    known = {"Half.": [1.0, 2.0], "Twice.": np.array([4.0, 8.0]), "Twice, told later.": [4.0, 8.0]}
    assert answers.mistake(np.array([4.0, 8.0]), known) == "Twice."
    assert answers.mistake(np.array([4.0, 8.1]), known) is None
    assert answers.mistake(np.array([4.0, 8.1]), known, rtol=0.02) == "Twice."
    assert answers.mistake(7, {"A tenth.": 0.7}) is None


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


def test_what_a_function_gives_back_is_read_too():
    with pytest.raises(answers.Unusable, match=r"An array of shape \(2,\) is wanted.*Your function was given 5\."):
        answers.Function(lambda number: np.ones(3)).array(5, wanted=(2,))
    with pytest.raises(answers.Unusable, match=r"A number is wanted.*text 'x'.*Your function was given 5\."):
        answers.Function(lambda number: "x").number(5)


# --- Every exercise ---


@pytest.fixture(params=ALL)
def case(request):
    """A lesson's exercises, one of them, and the answers to it."""
    name, position = request.param
    lesson = exercises_of(name)
    return lesson[position], answers_to(name, lesson[position].name)


def junk():
    class Hostile:
        def __array__(self, *args, **kwargs):
            raise ValueError("no array")

    return [
        "text",
        b"bytes",
        True,
        [],
        {},
        {1, 2},
        object(),
        Hostile(),
        1j,
        float("nan"),
        float("-inf"),
        10**400,
        [[1], [1, 2]],
        [None],
        np.zeros((2, 2, 2, 2)),
        np.array(["a"]),
        lambda: 0,
        lambda *inputs: "text",
        lambda *inputs: [[1], [1, 2]],
        lambda *inputs: np.nan,
        lambda *inputs: 1 / 0,
        lambda *inputs: [each.clear() for each in inputs],
        int,
    ]


def test_its_worked_solution_is_right(case):
    """As real code: the shown text itself, with nothing around it but NumPy."""
    trial, cases = case
    scope = {"np": np}
    source = inspect.getsource(trial._solution)
    exec(compile(source, "<the worked solution>", "exec"), scope)
    solution = scope[trial._solution.__name__]
    given = cases.given()
    answer = solution if trial._asks_for_function else solution(*given)
    said = trial.feedback(answer, *given)
    assert said.verdict == "right", said
    assert said.words


def test_right_answers_written_differently_are_right(case, monkeypatch):
    trial, cases = case
    cases.pretend(monkeypatch)
    assert len(cases.right) >= 2
    for answer in cases.right:
        said = trial.feedback(answer, *cases.given())
        assert said.verdict == "right", (answer, said)


def test_typical_wrong_answers_get_feedback_of_their_own(case, monkeypatch):
    trial, cases = case
    cases.pretend(monkeypatch)
    told = [trial.feedback(answer, *cases.given()) for answer, _ in cases.wrong]
    for said, (_, words) in zip(told, cases.wrong, strict=True):
        assert said.verdict == "off"
        assert words in said.words
    assert len(set(told)) == len(told) >= 3
    assert not trial.solved


def test_nonsense_gets_a_helpful_word(case, monkeypatch):
    trial, cases = case
    cases.pretend(monkeypatch)
    for answer in junk():
        said = trial.feedback(answer, *cases.given())
        assert said.verdict == "off", (answer, said)
        assert said.words
        assert "could not make sense" not in said.words, (answer, said)


def test_its_hints_are_hints(case):
    trial, _ = case
    assert 1 <= len(trial.hints) <= 4
    assert all(hint.endswith((".", "?")) for hint in trial.hints)
    assert all(len(hint.split()) >= 8 for hint in trial.hints), "too short to help"
    assert len(set(trial.hints)) == len(trial.hints)


@pytest.mark.parametrize("lesson", DONE)
def test_a_lesson_has_two_or_three_exercises_with_answers_to_test_them(lesson):
    name = noun(lesson)
    assert name, (
        f"{lesson} has no exercises. Write lenet_tutorial/exercises/NOUN.py and tests/lessons/exercise_answers/NOUN.py "
        "as the other lessons have them, and begin: from lenet_tutorial.exercises import NOUN as exercises"
    )
    names = [each.name for each in exercises_of(name)]
    assert 2 <= len(names) <= 3
    assert len(set(names)) == len(names)
    module = importlib.import_module(f"lenet_tutorial.exercises.{name}")
    assert [getattr(module, each.name) for each in module.LESSON] == list(module.LESSON)
    assert list(importlib.import_module(f"tests.lessons.exercise_answers.{name}").ANSWERS) == names


@pytest.mark.parametrize("lesson", DONE)
def test_a_lesson_asks_all_its_exercises_in_order_and_ends_in_the_tally(lesson):
    cells = written(lesson)
    heads = [re.findall("^## (.+)", cell.source, re.MULTILINE) for cell in cells]
    titles = [title for found in heads for title in found]
    assert titles[-3:] == ["What you saw", "Exercises", "Roads not taken"]
    start = next(at for at, found in enumerate(heads) if "Exercises" in found)
    ours = [cell.source for cell in cells[start:] if cell.cell_type == "code"]
    asked = [re.findall(r"\bexercises\.(\w+)\.check\(", source) for source in ours]
    assert [names[0] if names else None for names in asked] == [each.name for each in exercises_of(noun(lesson))] + [
        None
    ]
    assert all("..." in source for source in ours[:-1]), "where is the learner to write?"
    assert ours[-1] == "exercises.tally()"
    named = re.findall(r"\bexercises\.(\w+)\.(\w+)\(", "\n".join(cell.source for cell in cells))
    module = importlib.import_module(f"lenet_tutorial.exercises.{noun(lesson)}")
    assert all(callable(getattr(getattr(module, name), does)) for name, does in named)


@pytest.mark.parametrize("lesson", DONE)
def test_solving_all_shows_all_solved(lesson, monkeypatch):
    name = noun(lesson)
    ours = exercises_of(name)
    for each in ours:
        cases = answers_to(name, each.name)
        with monkeypatch.context() as patch:
            cases.pretend(patch)
            each.feedback(cases.right[0], *cases.given())
    assert str(ours).startswith(f"**{len(ours)} of {len(ours)} exercises solved:** ✓ ")


@pytest.mark.parametrize("lesson", DONE)
def test_a_lesson_asks_first_whether_you_are_ready(lesson):
    """Folded answers open in JupyterLab and on GitHub if each stands in a paragraph of its own, as HTML."""
    cell = written(lesson)[1]
    assert cell.cell_type == "markdown"
    assert cell.source.startswith("**You are ready if**")
    assert len(cell.source.splitlines()) <= 12
    paragraphs = cell.source.split("\n\n")[1:]
    assert 2 <= len(paragraphs) <= 4
    for each in paragraphs:
        assert re.fullmatch(r"<details><summary>[^\n]+\?</summary>[^\n]+[.!]</details>", each), each
        assert "`" not in each, "Markdown is not read inside HTML: write <code>"


@pytest.mark.parametrize("lesson", [lesson for lesson in LESSONS if lesson[:2] in TO_COME])
def test_a_lesson_to_come_has_no_exercises_yet(lesson):
    assert noun(lesson) is None, f"{lesson} has exercises: take {lesson[:2]!r} out of TO_COME"


# --- Worked solutions against an independent truth ---


def test_keras_gives_the_shape_without_padding():
    from lenet_tutorial.model import build_lenet, layer_table

    (pool2,) = (layer for layer in layer_table(build_lenet(kernel_size=5, padding="valid")) if layer.name == "pool2")
    assert build.shape_of_pool2() == pool2.output_shape


@pytest.mark.parametrize("shape", [(6, 4, 3), (7, 9, 2)])
def test_keras_pools_alike(shape):
    from lenet_tutorial.backend import keras

    maps = np.random.default_rng(0).normal(size=shape).astype("float32")
    by_keras = keras.layers.MaxPooling2D((2, 2), strides=(2, 2))(maps[None])
    np.testing.assert_allclose(build.pooled(maps), by_keras[0], atol=1e-6)


class Untrained:
    """What the exercises of lesson 3 train, without the training."""

    trained = 0

    def __init__(self, digits, **settings):
        Untrained.trained += 1

    def evaluate(self, images, onehot, **settings):
        return 2.5

    def predict(self, images, **settings):
        return np.eye(10)[np.arange(len(images)) % 10]


@pytest.mark.parametrize("answered", [train.too_fast, train.tenfold])
def test_data_read_again_are_neither_kept_nor_trained_on_again(answered, monkeypatch):
    monkeypatch.setattr(train, "_trained", Untrained)
    kept = []

    def trainings(part="images", value=0.5):
        digits = data.split_and_scale(data.offline_sample())
        values = getattr(digits.train, part).copy()
        values[0] = value
        digits = dataclasses.replace(digits, train=dataclasses.replace(digits.train, **{part: values}))
        kept.extend((weakref.ref(digits), weakref.ref(digits.train.images)))
        before = Untrained.trained
        copy.copy(answered).feedback(2.0, digits)
        return Untrained.trained - before

    assert [trainings(), trainings(), trainings()] == [2, 0, 0]
    assert [trainings(value=0.25), trainings("onehot"), trainings("onehot", 0.25)] == [2, 2, 2], "other data"
    gc.collect()
    assert not any(each() is not None for each in kept)


def test_scikit_learn_trusts_alike():
    labels, predicted = np.random.default_rng(0).integers(0, 10, (2, 500))
    matrix = evaluation.confusion_matrix(labels, predicted)
    by_sklearn = metrics.precision_score(labels, predicted, average=None)
    np.testing.assert_allclose(train.precision_per_class(matrix), by_sklearn)


@pytest.fixture(scope="module")
def plain():
    """The textbook's network with its first weights."""
    from lenet_tutorial.backend import keras
    from lenet_tutorial.model import build_lenet

    keras.utils.set_random_seed(0)
    return build_lenet()


def test_all_maps_follow_a_move_by_so_many_pixels_and_by_no_fewer(plain):
    from lenet_tutorial import inspection

    pages = np.zeros((5, 28, 28), np.float32)
    for by, page in enumerate(pages):
        page[11:15, 9 + by : 13 + by] = np.random.default_rng(0).random((4, 4))
    maps = inspection.feature_maps(plain, pages.reshape(5, 784), ["pool2"])["pool2"]
    followed = [by for by in range(1, 5) if np.allclose(maps[by][:, 1:], maps[0][:, :-1], atol=1e-6)]
    assert followed == [filters.smallest_shift()]


def test_deaf_is_the_same_as_a_kernel_and_a_bias_of_zero(plain):
    from lenet_tutorial.model import build_lenet

    pages = np.random.default_rng(0).random((2, 784), np.float32)
    answers_of_two = []
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
        answers_of_two.append(network(pages))
    np.testing.assert_allclose(*answers_of_two, atol=1e-6)


def test_keras_makes_the_same_map(plain):
    from lenet_tutorial import inspection

    page = np.random.default_rng(0).random((1, 784), np.float32)
    outputs = inspection.feature_maps(plain, page, ["pool1", "conv2"])
    kernels, _ = plain.get_layer("conv2").get_weights()
    by_hand = filters.map_of_conv2(outputs["pool1"][0], kernels[..., 5], 0)
    np.testing.assert_allclose(by_hand, outputs["conv2"][0, :, :, 5], atol=1e-5)


def test_softmax_gives_nine_tenths_for_that_lead():
    assert special.softmax([visualization.margin_for_nine_tenths(), *[0] * 9])[0] == pytest.approx(0.9)


@pytest.mark.parametrize(("n", "shift"), [(3, 0.0), (15, -1.0), (2, -9.0)])
def test_linear_programming_wants_the_same_page(n, shift):
    weights = np.random.default_rng(n).normal(size=(4, 5)) + shift
    best = optimize.linprog(-weights.ravel(), A_ub=np.ones((1, 20)), b_ub=[n], bounds=(0, 1))
    page = visualization.best_image(weights, n)
    assert page.sum() <= n
    np.testing.assert_allclose((weights * page).sum(), -best.fun)


def test_two_ways_to_pca_give_the_same_view():
    from sklearn.decomposition import PCA

    points = np.random.default_rng(0).normal(size=(50, 4)) * [4, 3, 2, 1]
    centered = points - points.mean(axis=0)
    by_hand = centered @ np.linalg.svd(centered, full_matrices=False)[2][:2].T
    by_sklearn = PCA(2).fit_transform(points)
    assert visualization.same_up_to_sign(by_hand, by_sklearn)
    assert not visualization.same_up_to_sign(by_hand, by_sklearn[:, ::-1])


def test_asking_gives_the_same_slopes():
    def slope(p):
        logit, step = special.logit(p), 1e-6
        return (special.expit(logit + step) - special.expit(logit - step)) / (2 * step)

    assert slope(0.5) / slope(0.999) == pytest.approx(attribution.gradient_ratio(), rel=1e-5)


def test_tensorflow_s_slopes_on_the_way_add_up_alike():
    from lenet_tutorial.backend import tf

    random = np.random.default_rng(0)
    weights, page = random.normal(size=9), random.random(9)
    pages = tf.constant(np.linspace(0, 1, 1001)[:, None] * page)
    with tf.GradientTape() as tape:
        tape.watch(pages)
        scores = tf.reduce_sum(pages * weights, axis=1) ** 2
    mean_slope = np.trapezoid(tape.gradient(scores, pages), dx=1 / 1000, axis=0)
    found = attribution.integrated(weights, page)
    np.testing.assert_allclose(found, page * mean_slope)
    assert found.sum() == pytest.approx((weights @ page) ** 2)
