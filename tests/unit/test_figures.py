"""Figures by their data: what is drawn, and the numbers of the caption, against the arrays and counts by hand."""

import base64
import io
import re
from functools import partial

import matplotlib
import numpy as np
import pytest
from matplotlib.colors import to_hex, to_rgb
from PIL import Image
from scipy import stats

from lenet_tutorial import evaluation, figures, inspection, textbook
from lenet_tutorial.figures import maps as maps_file
from lenet_tutorial.figures import picture as picture_file
from lenet_tutorial.studies.intervals import Interval
from lenet_tutorial.studies.lenet5_1998.errors import Result
from lenet_tutorial.studies.lenet5_1998.table import Row

DIGITS = np.random.default_rng(0).integers(0, 256, (4, 28, 28), dtype=np.uint8)
LABELS = [3, 1, 4, 1]
FIELDS = {"near": inspection.ReceptiveField(4, 1, -1), "far": inspection.ReceptiveField(13, 4, -3)}
PROBABILITIES = np.random.default_rng(1).dirichlet(np.ones(10), 4)
MATRIX = np.diag(np.arange(10, 20)) + np.eye(10, k=1, dtype=int) * 2
EXPLAINED = {row: {"occlusion": np.eye(28) - 0.75, "gradient": np.tri(28) * 4} for row in ("for 3", "for 1")}
SCORES = {"occlusion": np.array([[1, 0.2, 0], [1, 0.4, 0]]), "noise": np.array([[1, 0.8, 0], [1, 0.6, 0.2]])}


def between(low, value, high):
    return Interval(value, low, high, 9)


POINTED = {
    "one": {
        "occlusion": between(0.1, 0.25, 0.4),
        "gradient": between(0.5, 0.5, 0.5),
        "gray levels": between(0.9, 0.95, 1),
    },
    "two": {
        "occlusion": between(0.2, 0.3, 0.4),
        "gradient": between(0.6, 0.7, 0.8),
        "gray levels": between(0.1, 0.15, 0.2),
    },
}
FALLING = {
    "occlusion": [between(0.4, 0.5, 0.6), between(0.1, 0.2, 0.3)],
    "noise": [between(0.1, 0.1, 0.1), between(0.0, 0.05, 0.1)],
}
RANDOM = np.random.default_rng(2)
PATCHES = RANDOM.random((3, 4, 11, 11))
SHEET = dict(zip("abc", zip(PATCHES, ([1, 2, 3, 4], [5, 6, 7, 8], [9, 0, 1, 2]), strict=True), strict=True))
GROUPS = np.repeat([0, 1, 2], 20)
LINE = RANDOM.normal(size=(60, 2)) * np.array([1, 1, 2])[GROUPS, None] + np.array([[0, 0], [20, 0], [80, 0]])[GROUPS]
POINTS = {"near": RANDOM.random((40, 2)), "far": RANDOM.random((40, 2))}
TABLE = {
    "linear": Result(Row("weighing pixels", 12.0, "linear"), (0.14,), 785, 785, 2.0),
    "net": Result(
        Row("a net", 0.95, "convolutional", 2, "net", (60_000, 401_000)), (0.01, 0.02), 60_000, 340_908, 300.0
    ),
    "new": Result(Row("a new one", None, "dense"), (0.05,), 10_000_000, 10_000_000, 9.0),
}
OLD = Row("an old one", 1.1, "kernel", short="old", paper_costs=(17_000, 260_000))
HISTORY = {"loss": [0.8, 0.3, 0.1], "accuracy": [0.7, 0.9, 0.95]}
WATCHED = HISTORY | {"val_loss": [0.5, 0.25, 0.375], "val_accuracy": [0.8, 0.9, 0.85]}


def hill(w):
    """A parabola: its slope at w is 2(w - 1), its lowest point at w = 1."""
    return (np.asarray(w) - 1) ** 2 + 0.5


PATHS = {0.25: [0, 0.5, 0.75], 1.25: [0, 2.5, -1.25]}
SAID = np.array([0.55, 0.65, 0.65, 0.95, 0.95, 0.95, 1.0])
RIGHT = np.array([0, 1, 0, 1, 1, 1, 0], bool)
MAPS = np.random.default_rng(2).random((5, 6, 7))
LAYERS = {f"layer {i}": np.moveaxis(MAPS, 0, -1) for i in range(4)}
CHANGES = {"by 1": {"conv1": 0.5, "pool1": 0.25}, "by 2": {"conv1": 0.75, "pool1": 0.5}}
RATES = {
    "SGD": {0.003: [0.4, 0.5], 0.01: [0.97, 0.98], 0.1: [0.99, 0.992], 1.0: [0.1, np.nan]},
    "Adam": {0.001: [0.99, 0.991]},
}
CORNERS = {("p", "a"): [0.98, 0.97], ("p", "b"): [0.99, 0.99], ("q", "a"): [0.96], ("q", "b"): [0.985]}
STEPS = {"first": {"slow": np.full(50, 1e-6), "fast": np.array([0, 1e-4, 1e-4, 1e-3])}, "last": {"slow": np.ones(3)}}
RUNS = {"a": np.array([[0.9, 0.96], [0.92, 0.98]]), "b": np.array([[0.95, 0.99]])}
CHANCES = {
    "a\nless b": {"seeds": between(0.001, 0.004, 0.007), "both": between(-0.001, 0.004, 0.009)},
    "c": {"seeds": between(-0.01, 0, 0.01), "both": between(-0.02, 0, 0.02)},
}
PAIRS = {"a\nless b": np.array([[0.01, 0.02], [-0.01, 0.0]]), "c": [-0.002, -0.001]}
SLOPE = np.linspace(-2, 4, 784).reshape(28, 28)
ATTACKS = {"random": [0, 0.025, 0.05], "step": [0, 0.25, 0.5], "a": [0, 0.1, 0.2], "b": [0, 0.5, 1], "c": [0, 0.3, 0.9]}
AREA = evaluation.Auroc(0.875, 0.8, 0.95)


COSTS = np.array([[0.0], [0.1], [0.2]]) + np.where(np.arange(10) == 4, 0.4, 0)


def as_intervals(ends):
    """From the lower ends, the values and the upper ends, (3, n)."""
    return [between(*each) for each in np.transpose(ends)]


WORDS = {"title": "A title", "caption": "How to read it."}


def given(*arrays, **settings):
    return arrays, settings


READ = np.zeros((3, 10), int)
READ[:, 1], READ[:, 7], READ[:, 4] = (40, 30, 10), (0, 8, 29), (0, 2, 1)  # a 4 is never one in ten
SUMS = [[(DIGITS[0, y : y + 4, x : x + 4] / 255 * (np.eye(4) - 0.5)).sum() for x in range(25)] for y in range(25)]
PHOTO = RANDOM.random((200, 160))
GIVEN = {
    "digit_sheet": given(DIGITS, LABELS, **WORDS),
    "pixel_values": given(DIGITS[0], 5, 9),
    "flattening": given(DIGITS[0], (9, 10)),
    "class_balance": given({"a": np.arange(10), "b": np.ones(10)}, title="Shares"),
    "network_values": given({"a": np.moveaxis(MAPS, 0, -1), "b": np.arange(12.0), "c": PROBABILITIES[0]}),
    "parameter_shares": given(textbook.LAYERS),
    "receptive_fields": given(DIGITS[0] / 255, FIELDS, row=12, column=14),
    "convolution": given(DIGITS[0] / 255, np.eye(4) - 0.5, row=9, column=27),
    "kernel_at_work": given(DIGITS[0, :4, :4] / 255, np.eye(4) - 0.5, 0.25),
    "training_curves": given(HISTORY, textbook.LOG, name="MNIST"),
    "confusion": given(MATRIX),
    "learning_curves": given(WATCHED, title="Curves"),
    "loss_curve": given([0.9, 0.5]),
    "slope_and_step": given(hill, start=0, slope=-2, rate=0.25),
    "descents": given(hill, PATHS),
    "reliability": given(SAID, RIGHT),
    "paired_sheets": given(MAPS - 0.5, 2 * MAPS - 0.5, title="Pairs"),
    "map_sheet": given(MAPS, title="Some maps", image=DIGITS[0] / 255),
    "restored_layers": given(
        {"first": {"a": 0.9, "b": 0.5}, "random": {"a": [0.1, 0.3], "b": [0.1]}}, whole=0.98, title="Back"
    ),
    "digit_journey": given(
        DIGITS[0] / 255, {name: (LAYERS, PROBABILITIES[i]) for i, name in enumerate("ab")}, title="On its way"
    ),
    "change_by_layer": given(CHANGES, title="Changes", xlabel="change (%)"),
    "drawn_digit": given(PHOTO[:100, :100], DIGITS[0] / 255, PROBABILITIES[0], who="network"),
    "rejection_curves": given({"a": (SAID, RIGHT), "b": (SAID, ~RIGHT)}, title="Refused"),
    "highest_probabilities": given(
        {"digits": SAID, "letters": SAID - 0.5}, {"letters": AREA}, title="Which?", threshold=0.65
    ),
    "reading_steps": given(
        PHOTO,
        (100, 140, 50, 90),
        PHOTO > 0.5,
        DIGITS[0] / 255,
        DIGITS[1] / 255,
        probabilities=PROBABILITIES[0],
        caption="How to read it.",
    ),
    "reading_curves": given(DIGITS[:3] / 255, [0, 10, 20], READ, xlabel="length (%)", **WORDS),
    "fgsm_step": given(DIGITS[0] / 255, SLOPE, DIGITS[1] / 255, PROBABILITIES[:2], epsilon=0.1),
    "adversarial_examples": given(DIGITS[0] / 255, DIGITS[::-1] / 255, list("abcd"), PROBABILITIES, **WORDS),
    "attack_curves": given([0, 16, 32], ATTACKS, n=40, title="Shares", shown=16),
    "prediction_bars": given(DIGITS, PROBABILITIES, LABELS, title="Answers"),
    "attribution_maps": given(DIGITS[:2], EXPLAINED, **WORDS),
    "deletion_curves": given(np.array([0, 0.5, 1]), SCORES, title="Erased"),
    "score_points": given(POINTED, title="Scores", xlabel="share", better="1 is best", limit=0.5),
    "layer_curves": given(["output", "dense"], FALLING, title="Layers", limit=0.5),
    "step_lengths": given(STEPS, title="Steps"),
    "runs_over_epochs": given(RUNS, title="Runs", level=(0.97, "textbook"), floor=0.8),
    "over_learning_rates": given(
        RATES, title="Rates", margin=0.003, floor=0.95, beyond={"Adam": {0.003: [0.98, 0.96]}}
    ),
    "corners": given(CORNERS, title="Corners"),
    "differences": given(CHANCES, margin=0.003, title="Chances"),
    "tiles": given([{"a": DIGITS[0] / 255, "b": MAPS[0] - 0.5}, {"c": np.eye(3)}], ink=["a"], **WORDS),
    "differences_from": given(DIGITS[0] / 255, {"as it is": DIGITS[0] / 255, "b": DIGITS[1] / 255}, title="Apart"),
    "shift_curves": given([0, 1, 2], {"a": [0.9, 0.8, 0.7], "b": np.full((3, 3), 0.7)}, title="Shifts"),
    "connection_table": given([(0, 1), (2,), (0, 1, 2)], 3, title="Connections"),
    "wiring": given(title="Wires"),
    "then_and_now": given(TABLE, {"old": OLD}, title="Then and now"),
    "costs": given(TABLE, {"old": OLD}, title="Costs"),
    "shift_panels": given(
        [0, 1, 2], {"few": {"a": np.full((3, 3), 0.5), "b": np.full((3, 3), 0.7)}, "many": {}}, title="Panels"
    ),
    "single_pairs": given(PAIRS, title="Pairs"),
    "kernel_slices": given(RANDOM.normal(size=(4, 4, 32)), title="One kernel"),
    "patch_origin": given(DIGITS[0] / 255, PATCHES[0, 0], row=-3, column=20, activation=1.5),
    "patch_sheet": given(SHEET, **WORDS),
    "class_visualizations": given(
        {"free": DIGITS / 255, "held": DIGITS / 510}, {"free": [1, 2, 3, 4], "held": list("wxyz")}, **WORDS
    ),
    "class_costs": given({"zero": as_intervals(COSTS), "other": as_intervals(COSTS / 2)}, title="Costs"),
    "accuracy_curves": given(
        ["a", "b"],
        {"x": as_intervals([[0.7, 0.8], [0.75, 0.85], [0.8, 0.9]]), "y": as_intervals(np.full((3, 2), 0.8))},
        xlabel="layer",
        levels={"high": 0.95, "low": 0.125},
        floor=0.5,
        **WORDS,
    ),
    "projections": given(POINTS, np.arange(40) % 10, **WORDS),
    "cluster_projections": given({"line": LINE, "bent": np.sqrt(np.abs(LINE))}, GROUPS, title="Groups"),
}


def on_own_scales(arrays):
    return np.stack([each / np.abs(each).max() for each in arrays])


ALL = {name: partial(getattr(figures, name), *arrays, **settings) for name, (arrays, settings) in GIVEN.items()}


def images(axes):
    return [np.ma.getdata(each.get_array()) for each in axes.images]


def shown(axes):
    """What the first image of each of the axes shows."""
    return [images(each)[0] for each in axes if each.images]


def texts(axes):
    return [each.get_text() for each in axes.texts]


def heights(axes):
    return [bar.get_height() for bar in axes.patches]


def colored(axes, color):
    """The number of the one bar of that color."""
    (number,) = (i for i, bar in enumerate(axes.patches) if to_hex(bar.get_facecolor()) == color.lower())
    return number


def tiles(axes, shape, columns, n, gap=1):
    """Cut the n maps out of a sheet of them."""
    (sheet,) = images(axes)
    height, width = (side + gap for side in shape)
    corners = [divmod(i, columns) for i in range(n)]
    return [sheet[r * height : (r + 1) * height - gap, c * width : (c + 1) * width - gap] for r, c in corners]


def test_every_figure_function_is_tried_here():
    assert {name for name in figures.__all__ if name not in ("Picture", "as_png", "folded", "show", "table")} == set(
        ALL
    )


@pytest.mark.parametrize("draw", ALL.values(), ids=ALL)
def test_a_figure_carries_its_words_and_nothing_is_clipped(draw):
    """All that is drawn lies within the picture, to a hundredth of an inch, and that within a lesson's column."""
    made = draw()
    assert isinstance(made, figures.Picture)
    assert made.get_suptitle()
    for words in (made.alt, made.caption):
        assert len(words) > 10
        assert words[0].isupper() or words[0].isdigit()
        assert words.endswith(".")
        assert "nan" not in words
    assert made.get_figwidth() <= 7.2
    made.draw_without_rendering()
    drawn = made.get_tightbbox()
    assert min(drawn.x0, drawn.y0) >= -0.01
    assert drawn.x1 <= made.get_figwidth() + 0.01
    assert drawn.y1 <= made.get_figheight() + 0.01


def test_settings_of_the_learner_neither_leak_in_nor_out():
    with matplotlib.rc_context({"axes.facecolor": "black", "font.size": 30}):
        made = ALL["class_balance"]()
        assert to_hex(made.axes[0].get_facecolor()) == "#ffffff"
        assert matplotlib.rcParams["font.size"] == 30


def luminance(color):
    """Relative luminance, 0 to 1. Source: Web Content Accessibility Guidelines 2.2."""
    parts = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in to_rgb(color)]
    return np.dot([0.2126, 0.7152, 0.0722], parts)


def test_words_stand_out_from_their_ground():
    """The guidelines ask 4.5 to 1 of text, 3 to 1 of what else must be seen. The ground is white in any theme."""
    names = ("INK", "QUIET", "OURS", "TEXTBOOK", "GOOD")
    contrast = {name: 1.05 / (luminance(getattr(picture_file, name)) + 0.05) for name in names}
    assert picture_file.STYLE["figure.facecolor"] == picture_file.STYLE["savefig.facecolor"] == "#ffffff"
    assert min(contrast["INK"], contrast["QUIET"]) >= 4.5
    assert min(contrast.values()) >= 3


def test_color_maps_are_monotonic_in_gray_too():
    bright, signed = (
        np.array([luminance(color) for color in matplotlib.colormaps[name](np.linspace(0, 1, 101))[:, :3]])
        for name in (maps_file.ACTIVATION, maps_file.SIGNED)
    )
    assert (np.diff(bright) > 0).all()
    assert (np.diff(signed[:51]) > 0).all()
    assert (np.diff(signed[50:]) < 0).all()
    red, _, blue, _ = matplotlib.colormaps[maps_file.SIGNED](1.0)
    assert red > blue, "red is above 0"


def test_show_gives_one_picture_with_alt_text_and_a_caption(monkeypatch):
    displayed = []
    monkeypatch.setattr(picture_file, "display", lambda *args, **kwargs: displayed.append((args, kwargs)))
    made = ALL["digit_sheet"]()
    figures.show(made)
    ((bundle,), kwargs), ((caption,), _) = displayed
    assert kwargs["metadata"]["image/png"]["alt"] == made.alt == bundle["text/plain"]
    assert made.caption in caption.data
    with Image.open(io.BytesIO(base64.b64decode(bundle["image/png"]))) as image:
        assert image.width == pytest.approx(7.2 * picture_file.DOTS_PER_INCH, abs=1)
    assert kwargs["metadata"]["image/png"]["width"] == 720
    with pytest.raises(TypeError, match="expected a Picture"):
        figures.show(matplotlib.figure.Figure())
    with pytest.raises(ValueError, match="no words"):
        figures.show(figures.Picture(2, 2, title="mute"))


def wires(axes):
    """The lines between inputs and neurons."""
    return [line for line in axes.lines if line.get_linestyle() == "-" and line.get_marker() == "None"]


def dots(axes, fill=None):
    """The round marks of a panel: filled ones, or those filled with a color."""
    marks = [line for line in axes.lines if line.get_marker() == "o"]
    return [
        tuple(line.get_xydata()[0]) for line in marks if (line.get_markerfacecolor() == "white") == (fill == "white")
    ]


CHANGED = (DIGITS[::-1].astype(float) - DIGITS[0]) / 255
# The figure, what is read off its axes, and what that must be.
DRAWN = [
    ("digit_sheet", shown, DIGITS / 255),
    ("digit_sheet", lambda axes: [int(each.get_title()) for each in axes if each.images], LABELS),
    ("pixel_values", lambda axes: [int(text) for text in texts(axes[1])], DIGITS[0, 5:15, 9:19].ravel()),
    ("flattening", lambda axes: [each.ravel() for each in shown(axes)], [DIGITS[0].ravel() / 255] * 2),
    ("class_balance", lambda axes: heights(axes[0]), [*(100 * np.arange(10) / 45), *[10] * 10]),
    ("parameter_shares", lambda axes: [bar.get_width() for bar in axes[0].patches], [544, 32_832, 3_212_288, 10_250]),
    ("kernel_at_work", lambda axes: shown(axes)[2], DIGITS[0, :4, :4] / 255 * (np.eye(4) - 0.5)),
    ("training_curves", lambda axes: axes[0].lines[0].get_ydata(), [epoch.loss for epoch in textbook.LOG]),
    ("training_curves", lambda axes: [each.lines[1].get_ydata() for each in axes], [[0.8, 0.3, 0.1], [0.7, 0.9, 0.95]]),
    (
        "learning_curves",
        lambda axes: [each.lines[0].get_ydata() for each in axes],
        [WATCHED["loss"], WATCHED["accuracy"]],
    ),
    (
        "learning_curves",
        lambda axes: [each.lines[1].get_ydata() for each in axes],
        [WATCHED["val_loss"], WATCHED["val_accuracy"]],
    ),
    ("learning_curves", lambda axes: axes[0].lines[2].get_xydata(), [(2, 0.25)]),
    (
        "loss_curve",
        lambda axes: [each.get_xydata()[0] for each in axes[0].lines[1:]],
        [(0.9, np.log(10 / 9)), (0.5, np.log(2))],
    ),
    ("slope_and_step", lambda axes: np.diff(axes[0].lines[1].get_xydata(), axis=0) @ [[2], [1]], [[0]]),
    ("slope_and_step", lambda axes: axes[0].lines[2].get_xydata(), [(0, 1.5), (0.5, 0.75)]),
    ("descents", lambda axes: [each.lines[1].get_xdata() for each in axes], [*PATHS.values()]),
    ("descents", lambda axes: [each.lines[1].get_ydata() for each in axes], [[1.5, 0.75, 0.5625], [1.5, 2.75, 5.5625]]),
    (
        "reliability",
        lambda axes: [each[0].get_xydata()[0] for each in axes[0].containers],
        [(55, 0), (65, 50), (96.25, 75)],
    ),
    ("reliability", lambda axes: [int(text) for text in texts(axes[0])], [1, 2, 4]),
    ("confusion", lambda axes: np.ma.getmaskarray(axes[0].images[0].get_array()), np.eye(10, dtype=bool)),
    ("confusion", lambda axes: [int(text) for text in texts(axes[0])[:19]][::2], np.arange(10, 20)),
    ("confusion", lambda axes: [int(text) for text in texts(axes[0])[19:40]], [0, *[2] * 9, *[2] * 9, 0, 18]),
    ("prediction_bars", lambda axes: [heights(each) for each in axes[4:]], 100 * PROBABILITIES),
    (
        "prediction_bars",
        lambda axes: [colored(each, picture_file.OURS) for each in axes[4:]],
        PROBABILITIES.argmax(1),
    ),
    (
        "prediction_bars",
        lambda axes: [[tick.get_weight() for tick in each.get_xticklabels()].index("bold") for each in axes[4:]],
        LABELS,
    ),
    ("convolution", lambda axes: shown(axes)[:1], [DIGITS[0] / 255]),
    ("convolution", lambda axes: shown(axes)[1:2], [np.eye(4) - 0.5]),
    ("convolution", lambda axes: shown(axes)[2:3][0][1:-2, 1:-2], SUMS),
    ("reading_steps", lambda axes: shown(axes)[:1], [PHOTO[::4, ::4]]),
    ("reading_steps", lambda axes: shown(axes)[1:2], [PHOTO <= 0.5]),
    ("reading_steps", lambda axes: shown(axes)[2:], [1 - DIGITS[0] / 255, DIGITS[1] / 255]),
    ("reading_steps", lambda axes: [axes[0].patches[0].get_bbox().bounds], [(50, 100, 40, 40)]),
    ("fgsm_step", shown, [DIGITS[0] / 255, SLOPE / 4, np.sign(SLOPE), DIGITS[1] / 255]),
    ("adversarial_examples", lambda axes: shown(axes), [*CHANGED, *DIGITS[::-1] / 255]),
    ("paired_sheets", lambda axes: tiles(axes[0], (6, 7), 5, 5), on_own_scales(MAPS - 0.5)),
    ("paired_sheets", lambda axes: tiles(axes[0], (6, 7), 5, 10)[5:], on_own_scales(2 * MAPS - 0.5)),
    ("restored_layers", lambda axes: [bar.get_width() for bar in axes[0].patches], [90, 50, 20, 10]),
    ("map_sheet", lambda axes: tiles(axes[1], (6, 7), 8, 5), on_own_scales(MAPS)),
    ("map_sheet", lambda axes: [int(text) for text in texts(axes[1])], np.arange(5)),
    ("digit_journey", lambda axes: shown(axes)[0], DIGITS[0] / 255),
    (
        "digit_journey",
        lambda axes: [[each[::4, ::4] for each in tiles(one, (24, 28), 2, 5)] for one in axes[1:5]],
        [on_own_scales(MAPS)] * 4,
    ),
    ("digit_journey", lambda axes: [bar.get_width() for bar in axes[11].patches], 100 * PROBABILITIES[1]),
    ("change_by_layer", lambda axes: [bar.get_width() for bar in axes[0].patches], [50, 25, 75, 50]),
    ("patch_sheet", lambda axes: images(axes[0])[0][17:28, 26:37], PATCHES[1, 2]),
    ("class_costs", lambda axes: axes[0].containers[1].lines[0].get_ydata(), 50 * COSTS[1]),
    (
        "class_costs",
        lambda axes: axes[0].containers[0].lines[2][0].get_segments()[3][:, 1],
        100 * COSTS[[0, 2], 3],
    ),
    ("accuracy_curves", lambda axes: [line.get_ydata()[0] for line in axes[0].lines], [75, 80, 95]),
    ("accuracy_curves", lambda axes: np.ptp(axes[0].collections[0].get_paths()[0].vertices, axis=0), [1, 20]),
    ("accuracy_curves", lambda axes: [float(text) for text in texts(axes[0])[:4]], [75, 85, 80, 80]),
    ("class_visualizations", shown, [*DIGITS / 255, *DIGITS / 510]),
    ("class_visualizations", lambda axes: [float(each.get_xlabel()) for each in axes[:4]], [1, 2, 3, 4]),
    ("runs_over_epochs", lambda axes: [line.get_linewidth() for line in axes[0].lines[:-1]], [0.8, 0.8, 2, 0.8, 2]),
    (
        "runs_over_epochs",
        lambda axes: [axes[0].lines[i].get_ydata() for i in (0, 1, 2)],
        [[90, 96], [92, 98], [91, 97]],
    ),
    ("runs_over_epochs", lambda axes: axes[0].lines[-1].get_ydata(), [97, 97]),
    ("connection_table", lambda axes: axes[0].collections[0].get_array(), [[1, 0, 1], [1, 0, 1], [0, 1, 1]]),
    ("wiring", lambda axes: [len({str(line.get_color()) for line in wires(each)}) for each in axes], [24, 12, 3, 3]),
    ("wiring", lambda axes: [line.get_xdata() for line in wires(axes[2])][:3], [[0, 1], [1, 1], [2, 1]]),
    ("then_and_now", lambda axes: dots(axes[0], "white"), [(12, 0), (0.95, 1), (1.1, 3)]),
    ("then_and_now", lambda axes: dots(axes[0]), [(14, 0), (1.5, 1), (5, 2)]),
    (
        "then_and_now",
        lambda axes: [x for each in axes[0].lines for x in each.get_xdata() if each.get_marker() == "|"],
        [14, 1, 2, 5],
    ),
    ("costs", lambda axes: dots(axes[0]), [(785, 14), (60_000, 1.5), (10_000_000, 5)]),
    ("costs", lambda axes: dots(axes[1], "white"), [(785, 12), (401_000, 0.95), (260_000, 1.1)]),
    ("shift_panels", lambda axes: [line.get_ydata() for line in axes[0].lines[:2]], [[50] * 3, [70] * 3]),
    ("runs_over_epochs", lambda axes: axes[0].get_ylim()[0], 80),
]


@pytest.mark.parametrize(("name", "read", "wanted"), DRAWN)
def test_what_is_drawn_is_what_the_arrays_hold(name, read, wanted):
    np.testing.assert_allclose(read(ALL[name]().axes), wanted, atol=1e-12)


REACH = np.abs(CHANGED).max()
# The figure, which of its axes with images share a scale, and that scale.
SCALES = [
    ("digit_sheet", slice(None), (0, 1)),
    ("kernel_at_work", slice(1, None), (-0.5, 0.5)),
    ("fgsm_step", slice(1, 3), (-1, 1)),
    ("adversarial_examples", slice(0, 4), (-REACH, REACH)),
    ("paired_sheets", slice(None), (-1, 1)),
    ("map_sheet", slice(1, None), (0, 1)),
    ("class_visualizations", slice(None), (0, 1)),
]


@pytest.mark.parametrize(("name", "which", "scale"), SCALES)
def test_what_is_compared_shares_one_scale(name, which, scale):
    for axes in [each for each in ALL[name]().axes if each.images][which]:
        assert axes.images[0].get_clim() == pytest.approx(scale)


STROKE = np.zeros((28, 28), np.uint8)
STROKE[6, 6:9], STROKE[7, 6] = (100, 250, 255), 249
MISTAKES = np.diag(np.full(10, 90))
MISTAKES[3, 8], MISTAKES[8, 3], MISTAKES[4, 9] = 7, 2, 5
DARK = np.zeros((3, 2, 2))
DARK[1, 0, 1] = 2.5
LAYER = np.zeros((2, 2, 4))
LAYER[0, 0, 0] = 1.0
SURE = np.where(np.arange(10) == [[4], [7]], 0.82, 0.02)
EXACT = {"exact": np.array([[0, 1], [0, -1], [20, 2], [20, -2], [80, 3], [80, -3]])}
# The figure, and numbers that its caption states, in this order: counted or computed by hand.
STATED = [
    (lambda: figures.training_curves(HISTORY, textbook.LOG, name="MNIST"), "0.100 0.950 0.063 0.980"),
    (lambda: figures.training_curves(HISTORY, textbook.LOG[:3], name="MNIST"), "0.171 0.949 0.0712"),
    (ALL["learning_curves"], "0.800 0.100 0.500 0.250 0.375 0.800 0.850"),
    (lambda: figures.learning_curves(WATCHED, title="t", top=0.5), "0.250 0.5"),
    (ALL["reliability"], "7 81.4 57.1"),
    (ALL["slope_and_step"], "0 0 0.5 1.500 0.750"),
    (ALL["descents"], "1.500 0.562 0.25 5.562 1.25"),
    (lambda: figures.confusion(MISTAKES), "900 914 14 3 8 7 4 9 5 8 3 2"),
    (lambda: figures.prediction_bars(np.zeros((2, 784)), SURE, [4, 1], title="t"), "4 4 82.0 1 7 82.0"),
    (lambda: figures.pixel_values(STROKE, 5, 5, side=4), "16 12 0 2 250"),
    (
        lambda: figures.digit_journey(DIGITS[0], {"": (dict.fromkeys("abcd", LAYER), SURE[0])}, title="t"),
        "8 0 4 82.0",
    ),
    (lambda: figures.paired_sheets(np.full((2, 4, 4), -0.25), np.full((2, 4, 4), 0.5), title="t"), "0.25 0.50"),
    (ALL["restored_layers"], "98.0 90.0 50.0 20.0 10.0"),
    (lambda: figures.map_sheet(DARK, title="t"), "2.50 1 0 2 3"),
    (lambda: figures.kernel_slices(np.full((4, 4, 32), -0.75), title="t"), "32 4 4 -0.75 0.75"),
    (ALL["patch_origin"], "11 11 1.50"),
    (ALL["class_costs"], "10.0 50.0 4 5.0 25.0 4"),
    (ALL["accuracy_curves"], "75.0 85.0 80.0 80.0 95.0 12.5"),
    (ALL["change_by_layer"], "50.0 25.0 75.0 50.0"),
    (ALL["fgsm_step"], "66.6 33.3 26 255 0.100"),
    (ALL["reading_curves"], "95 1 100.0 0 75.0 10 25.0 20 7 0.0 0 20.0 10 72.5 20"),
    (ALL["rejection_curves"], "95 42.9 33.3 14 0.62 57.1 66.7 14 0.38"),
    (ALL["highest_probabilities"], "300 95 85.7 0.875 0.800 0.950 0.0"),
    (ALL["attack_curves"], "40 95 16 2.5 25.0 10.0 50.0 30.0"),
    (ALL["attribution_maps"], "0.75 4.00"),
    (ALL["deletion_curves"], "0.40 0.62"),  # means of 0.35 and 0.45, and of 0.65 and 0.6
    (ALL["score_points"], "0.25 0.50 0.95 0.30 0.70 0.15"),
    (ALL["layer_curves"], "0.20 0.05"),
    (ALL["step_lengths"], "1.0 10 1.0 10 1.0 10"),
    (ALL["runs_over_epochs"], "97.00 99.00"),
    (ALL["over_learning_rates"], "0.003 45.00 0.01 97.50 0.1 99.10 1 1 2 0.001 99.05"),
    (ALL["differences"], "0.40 -0.10 0.90 0.00 -2.00 2.00"),
    (ALL["connection_table"], "6 9 2"),
    (ALL["wiring"], "24 24 12 12 12 3 12 3"),
    (ALL["then_and_now"], "12 14.00 0.95 1.50 5.00"),
    (ALL["costs"], "785 785 14.00 1.50 5.00"),
    (ALL["shift_panels"], "50.0 50.0 50.0 70.0"),
    (ALL["single_pairs"], "0.50 50.0 -0.15 0.0"),
    (lambda: figures.cluster_projections(EXACT, np.repeat([0, 1, 2], 2), title="t"), "3.0 1.0 2.0 3.0"),
]


@pytest.mark.parametrize(("draw", "numbers"), STATED)
def test_words_state_what_was_counted(draw, numbers):
    """In the caption, or in the text that stands in for the picture: every number, in order."""
    picture = draw()
    said = [re.findall(r"-?\d+(?:\.\d+)?", words) for words in (picture.caption, picture.alt)]
    assert any(all(number in left for number in numbers.split()) for left in map(iter, said))


def test_without_a_log_there_is_no_comparison():
    made = figures.training_curves(HISTORY, (), name="offline sample")
    assert len(made.axes[0].lines) == 1
    assert "textbook" not in made.alt + made.caption


def test_every_layer_has_an_area_of_its_number_of_values():
    """And shows each of them once, at one size."""
    outputs = {"maps": RANDOM.random((5, 4, 7)), "row": RANDOM.random(12)}
    for image, output in zip(figures.network_values(outputs).axes[0].images, outputs.values(), strict=True):
        left, right, bottom, top = image.get_extent()
        drawn = np.ma.getdata(image.get_array())
        assert drawn.shape == (top - bottom, right - left)
        np.testing.assert_array_equal(np.sort(drawn[np.isfinite(drawn)]), np.sort(output, axis=None))
    first = figures.network_values(outputs).axes[0].images[0].get_array()
    np.testing.assert_array_equal(first[5:10, 4:8], outputs["maps"][:, :, 4])


def test_receptive_fields_hold_their_pixel_and_lie_on_the_grid_of_their_layer():
    for axes, field in zip(ALL["receptive_fields"]().axes, FIELDS.values(), strict=True):
        frame = axes.patches[-1]
        assert frame.get_width() == frame.get_height() == field.size
        assert (frame.get_x() + 0.5 - field.start) % field.stride == 0
        assert frame.get_x() < 14 < frame.get_x() + frame.get_width()
        assert frame.get_y() < 12 < frame.get_y() + frame.get_height()


def test_curves_of_attacks_are_in_percent_and_two_of_a_kind_share_a_color():
    lines = ALL["attack_curves"]().axes[0].lines[:5]
    for line, shares in zip(lines, ATTACKS.values(), strict=True):
        np.testing.assert_allclose(line.get_data(), [[0, 16, 32], 100 * np.array(shares)])
    assert lines[3].get_color() == lines[4].get_color()
    assert [line.get_linestyle() for line in lines] == ["-"] * 4 + ["--"]


def test_rejection_leaves_the_surest_and_counts_their_mistakes():
    random = np.random.default_rng(4)
    sure, correct = random.random(200), random.random(200) < 0.7
    axes = figures.rejection_curves({"a": (sure, correct)}, title="t").axes[0]
    for refused, share in zip(*axes.lines[0].get_data(), strict=True):
        kept = np.argsort(-sure)[: round(200 * (1 - refused / 100))]
        assert share == pytest.approx(100 * np.mean(~correct[kept]))
    np.testing.assert_allclose(axes.lines[1].get_ydata(), 100 * np.mean(~correct))
    for refused, share in zip(*axes.lines[2].get_data(), strict=True):  # knowing which are wrong
        kept = np.sort(correct)[::-1][: round(200 * (1 - refused / 100))]
        assert share == pytest.approx(100 * np.mean(~kept))
    area = evaluation.auroc(sure[correct], sure[~correct])
    assert axes.get_title() == f"a\nAUROC {area.value:.2f} ({area.low:.2f} to {area.high:.2f})"


def test_readings_are_shares_in_percent_below_their_images():
    axes = ALL["reading_curves"]().axes
    np.testing.assert_allclose(shown(axes), DIGITS[:3] / 255)
    assert [each.get_title() for each in axes[:3]] == ["0", "10", "20"]
    lines = {line.get_label(): line.get_xydata().tolist() for line in axes[3].lines}
    assert lines == {
        "read as 1": [[0, 100], [10, 75], [20, 25]],
        "read as 7": [[0, 0], [10, 20], [20, 72.5]],
    }


def test_no_network_is_said_to_be_certain():
    sure = np.eye(10)[[3, 5]]
    assert "99.9%" in figures.fgsm_step(DIGITS[0] / 255, SLOPE, DIGITS[1] / 255, sure, epsilon=0.1).alt


def test_a_group_is_a_row_of_points_with_its_median_and_what_passes():
    picture = ALL["highest_probabilities"]()
    axes = picture.axes[0]
    for row, (line, each) in enumerate(zip(axes.lines[0:4:2], (SAID, SAID - 0.5), strict=True)):
        np.testing.assert_allclose(np.sort(line.get_xdata()), np.minimum(-np.log10(np.maximum(1 - each, 1e-12)), 5))
        assert np.abs(line.get_ydata() - row).max() < 0.31
    medians = [line.get_xdata()[0] for line in axes.lines[1:4:2]]
    np.testing.assert_allclose(medians, -np.log10([1 - 0.95, 1 - 0.45]))
    beside = axes.child_axes[0].get_yticklabels()
    assert [text.get_text() for text in beside] == ["85.7% above", "AUROC 0.88 (0.80 to 0.95)\n0.0% above"]


def test_pairs_are_named_above_their_columns_and_share_a_scale_if_asked():
    large, small = np.full((9, 2, 2), 4.0), np.ones((9, 2, 2))
    made = figures.paired_sheets(small, -large, title="t", numbers=range(7, 16), one_scale=True)
    names = [[text.get_text() for text in axes.texts if text.get_text().isdigit()] for axes in made.axes]
    assert names == [[str(i) for i in range(7, 15)], ["15"]]
    assert made.axes[0].texts[-1].get_position()[0] == 7 * 3 + 0.5, "the middle of columns 21 and 22"
    np.testing.assert_array_equal(shown(made.axes)[1][[0, 3], 0], [0.25, -1])


def test_layers_of_a_way_leave_out_what_is_zero_everywhere():
    maps = np.zeros((2, 2, 3))
    maps[0, 1, 1], maps[1, 0, 2] = 0.1, 5
    drawn = shown(figures.digit_journey(DIGITS[0], {"": ({"a": maps}, SURE[0])}, title="t").axes)[1]
    assert drawn.shape == (28, 57)
    assert (drawn[0, 20], drawn[20, 0], drawn[20, 29]) == (1, 0, 1)


def test_lines_of_layers_that_got_other_weights_end_at_the_extremes():
    lines = ALL["restored_layers"]().axes[0].collections
    np.testing.assert_allclose([line[:, 0] for line in lines[1].get_segments()], [[10, 30], [10, 10]])


def test_each_attribution_is_divided_by_its_own_largest_absolute_value():
    axes = [each for each in ALL["attribution_maps"]().axes if each.images]
    for line, image, maps in zip((axes[:3], axes[3:]), DIGITS, EXPLAINED.values(), strict=False):
        np.testing.assert_allclose(shown(line), [image / 255, *(one / np.abs(one).max() for one in maps.values())])
        assert all(each.images[0].get_clim() == (-1, 1) for each in line[1:])


def test_a_deletion_curve_is_the_mean_and_its_band_the_interval():
    axes = ALL["deletion_curves"]().axes[0]
    for line, band, each in zip(axes.lines, axes.collections, SCORES.values(), strict=True):
        np.testing.assert_allclose(line.get_xdata(), [0, 50, 100])
        np.testing.assert_allclose(line.get_ydata(), 100 * each.mean(axis=0))
        ends = [y for x, y in band.get_paths()[0].vertices if x == 50]
        assert max(ends) - min(ends) == pytest.approx(2 * 100 * 1.96 * stats.sem(each[:, 1]))


def test_maps_are_framed_where_asked():
    made = figures.attribution_maps(DIGITS[:2], EXPLAINED, **WORDS, boxes=[(0, 6, 4), (24, 18, 4)])
    frames = [[patch.get_bbox().bounds for patch in each.patches] for each in made.axes if each.images]
    assert frames[:6] == [[(5.5, -0.5, 4, 4)]] * 3 + [[(17.5, 23.5, 4, 4)]] * 3


def test_points_lie_at_their_scores_and_lines_end_at_their_intervals():
    axes = ALL["score_points"]().axes[0]
    wanted = [(name, score) for group in POINTED.values() for name, score in group.items()]
    for bar, (name, score) in zip(axes.containers, wanted, strict=True):
        low, value, high = score.ends
        point, _, (line,) = bar.lines
        assert point.get_xdata() == [value]
        np.testing.assert_allclose(line.get_segments()[0][:, 0], [low, high])
        assert abs(point.get_ydata()[0] - list(POINTED["one"]).index(name)) < 0.3
    gray = [bar.lines[0].get_color() == picture_file.QUIET for bar in axes.containers]
    assert gray == [False, False, True] * 2


def test_curves_over_layers_begin_with_the_trained_network_itself():
    axes = ALL["layer_curves"]().axes[0]
    for line, band, found in zip(axes.lines, axes.collections, FALLING.values(), strict=False):
        np.testing.assert_allclose(line.get_ydata(), [1, *(each.value for each in found)])
        ends = [y for x, y in band.get_paths()[0].vertices if x == 1]
        assert (min(ends), max(ends)) == (found[0].low, found[0].high)
    assert [each.get_text() for each in axes.get_xticklabels()] == ["trained", "output", "+ dense"]


def test_blue_means_against_and_no_method_is_blue():
    colors = {line.get_color() for each in ("layer_curves", "deletion_curves") for line in ALL[each]().axes[0].lines}
    assert picture_file.OURS not in colors


def test_step_lengths_are_percentiles_of_the_parameters_that_moved():
    first, last = ALL["step_lengths"]().axes
    bars = [line.get_xdata() for line in first.lines]
    np.testing.assert_allclose(np.concatenate(bars[:2]), [1e-6] * 3)
    np.testing.assert_allclose(bars[2], np.percentile([1e-4, 1e-4, 1e-3], (10, 90)))
    np.testing.assert_allclose(bars[3], 1e-4)
    assert [label.get_text() for label in first.get_yticklabels()] == ["slow", "fast"]
    assert last.get_xscale() == "log"


def test_every_run_stands_over_its_learning_rate():
    sgd, adam = ALL["over_learning_rates"]().axes
    drawn = {line.get_marker(): [] for line in sgd.lines}
    for line in sgd.lines:
        drawn[line.get_marker()] += [*zip(line.get_xdata(), line.get_ydata(), strict=True)]
    np.testing.assert_allclose(sorted(drawn["o"]), [(0.01, 97), (0.01, 98), (0.1, 99), (0.1, 99.2)])
    assert [rate for rate, _ in drawn["v"]] == [0.003, 0.003, 1.0]  # below the floor
    assert [rate for rate, _ in drawn["x"]] == [1.0]  # diverged
    np.testing.assert_allclose(sgd.lines[0].get_ydata(), [np.nan, 97.5, 99.1, np.nan])
    band = sgd.patches[0]
    assert (band.get_y() + band.get_height(), band.get_height()) == pytest.approx((99.1, 0.3))
    assert sgd.get_ylim() == adam.get_ylim()
    assert (adam.patches[0].get_y() + adam.patches[0].get_height()) == pytest.approx(99.1)  # one threshold for all
    hollow = [line for line in adam.lines if line.get_markerfacecolor() == "white" and len(line.get_xdata())]
    np.testing.assert_allclose([line.get_ydata() for line in hollow], [[98, 96]])


def test_corners_show_what_each_change_does():
    picture = ALL["corners"]()
    words = texts(picture.axes[0])
    assert [each for each in words if each.startswith(("+", "-"))] == ["+1.50", "-1.50", "+2.50", "-0.50"]
    assert "a\np\n97.50%" in words


def test_differences_are_intervals_beside_the_margin():
    axes = ALL["differences"]().axes[0]
    band = axes.patches[0]
    assert (band.get_x(), band.get_x() + band.get_width()) == pytest.approx((-0.3, 0.3))
    intervals = [line.get_xdata() for line in axes.lines if len(line.get_xdata()) == 2 and line.get_linewidth() > 1]
    np.testing.assert_allclose(intervals, [(0.1, 0.7), (-0.1, 0.9), (-1, 1), (-2, 2)], atol=1e-9)


def test_a_pair_that_misleads_has_another_color():
    first, second = ALL["single_pairs"]().axes[0].collections
    np.testing.assert_allclose(first.get_offsets()[:, 0], [-1, 0, 1, 2], atol=1e-9)
    np.testing.assert_allclose(second.get_offsets()[:, 0], [-0.2, -0.1])
    against, along = (picture_file.TEXTBOOK, picture_file.OURS)
    assert [to_hex(color).upper() for color in first.get_facecolors()] == [against, against, along, along]
    assert {to_hex(color).upper() for color in second.get_facecolors()} == {along}


def test_the_slices_of_a_kernel_stand_side_by_side_on_one_symmetric_scale():
    kernel = RANDOM.normal(size=(4, 4, 32))
    axes = figures.kernel_slices(kernel, title="One kernel").axes[0]
    np.testing.assert_array_equal(tiles(axes, (4, 4), 16, 32), np.moveaxis(kernel, -1, 0))
    assert axes.images[0].get_clim() == (-np.abs(kernel).max(), np.abs(kernel).max())


def test_a_patch_is_framed_where_it_lies_and_stays_in_the_picture():
    whole, part = ALL["patch_origin"]().axes
    frame = whole.patches[0]
    assert (frame.get_x(), frame.get_y(), frame.get_width()) == (19.5, -3.5, 11)
    assert whole.get_ylim()[1] < -3.5
    assert whole.get_xlim()[1] > 30.5
    np.testing.assert_array_equal(images(part)[0], PATCHES[0, 0])


def test_a_row_of_the_patch_sheet_has_its_name_and_each_patch_its_class():
    axes = ALL["patch_sheet"]().axes[0]
    assert texts(axes) == ["a", *"1234", "b", *"5678", "c", *"9012"]
    names, classes = axes.texts[::5], [axes.texts[i] for i in range(15) if i % 5]
    assert [name.get_position()[1] for name in names] == [5, 22, 39]
    sheet = axes.images[0].get_array().mask
    for text in classes:
        column, row = (int(end) for end in text.get_position())
        assert sheet[row, column]
        assert not sheet[row - 3, column]


def test_the_place_where_no_ink_may_go_is_outlined():
    picture = figures.class_visualizations({"a": DIGITS[:2]}, {"a": "xy"}, outlined=(5, 22), **WORDS)
    for axes in picture.axes:
        (square,) = axes.patches
        assert (square.get_x(), square.get_y(), square.get_width(), square.get_height()) == (4.5, 4.5, 18, 18)


def test_a_level_below_the_floor_is_told_and_not_drawn():
    axes = ALL["accuracy_curves"]().axes[0]
    assert axes.get_ylim()[0] == 50
    assert texts(axes)[-2:] == ["high: 95.0%", "↓ low: 12.5%"]


def test_a_table_is_markdown():
    rows = {"one": {"a": 1, "b": "x"}, "two": {"a": 2, "b": ""}}
    assert figures.table("name", rows).splitlines() == [
        "| name | a | b |",
        "|---|---|---|",
        "| one | 1 | x |",
        "| two | 2 |  |",
    ]


def test_projections_draw_every_point_under_its_own_class():
    for axes, points in zip(ALL["projections"]().axes, POINTS.values(), strict=True):
        for digit, drawn in enumerate(axes.collections):
            np.testing.assert_allclose(drawn.get_offsets(), points[digit::10])
        assert len(axes.collections) == 10
    groups = ALL["cluster_projections"]().axes[0].collections
    np.testing.assert_allclose(np.concatenate([each.get_offsets() for each in groups]), LINE)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (
            lambda: figures.patch_sheet({"a": (PATCHES[0], [1])}, **WORDS),
            "as many patches and classes in each row",
        ),
        (lambda: figures.digit_sheet(DIGITS, [1], **WORDS), "one title for each.*got 1 for 4"),
        (lambda: figures.digit_sheet(DIGITS[0], [1], **WORDS), r"got \(28, 28\)"),
        (lambda: figures.pixel_values(DIGITS[0], 20, 9), "window of 10×10 within 28×28, got one from row 20"),
    ],
)
def test_bad_input_is_told(call, words):
    with pytest.raises(ValueError, match=words):
        call()


def test_the_difference_from_a_centroid_is_their_squared_distance():
    image, centroid = DIGITS[1] / 255, DIGITS[0] / 255
    picture = figures.differences_from(centroid, {"a": image}, title="Apart")
    np.testing.assert_allclose(shown(picture.axes)[2], image - centroid)
    assert f"a: {np.linalg.norm(image - centroid) ** 2:.1f}" in picture.caption


def test_shift_curves_show_percent_and_their_labels_stand_apart():
    picture = figures.shift_curves([0, 1], {"a": [0.9, 0.7], "b": [[0.7, 0.6], [0.8, 0.7], [0.9, 0.8]]}, title="Shifts")
    (axes,) = picture.axes
    np.testing.assert_allclose([line.get_ydata() for line in axes.lines[:2]], [[90, 70], [80, 70]])
    low, high = np.sort([text.get_position()[1] for text in axes.texts[:2]])
    assert high - low >= 6
    assert "a: 90 → 70%; b: 80 → 70%" in picture.alt
    assert "at 0 and 1 pixels: a 90.0, 70.0; b 80.0, 70.0." in picture.caption


def test_the_tiles_of_a_row_share_a_scale_and_small_ones_have_numbers():
    picture = figures.tiles(
        [{"page": np.eye(8), "kernel": [[1, -2], [0.25, 0]]}, {"map": -4 * np.eye(9)}], ink=["page"], **WORDS
    )
    page, kernel, lower, _ = picture.axes
    assert [axes.images[0].get_clim() for axes in (page, kernel, lower)] == [(0, 1), (-2, 2), (-4, 4)]
    assert texts(kernel) == ["1", "-2", "0.25", "0"]
    assert texts(page) == texts(lower) == []
    for scale, reach in (("own", 1 / 9), ("row", 1), ("all", 3)):
        drawn = figures.tiles([{"a": np.eye(8), "b": np.eye(8) / 9}, {"c": 3 * np.eye(4)}], scale=scale, **WORDS)
        assert drawn.axes[1].images[0].get_clim() == (-reach, reach)
    assert texts(figures.tiles([{"a": np.eye(3)}], numbers=False, **WORDS).axes[0]) == []
    assert "±2, 4" in picture.caption
    for bad in ([], [{}], [{"a": np.ones(3)}]):
        with pytest.raises(ValueError, match="rows of arrays with two axes each"):
            figures.tiles(bad, **WORDS)


def test_differences_have_a_band_only_beside_a_margin():
    for margin in (0, 0.003):
        picture = figures.differences(CHANCES, margin=margin, title="Chances")
        legend = " ".join(text.get_text() for text in picture.legends[0].get_texts())
        assert ("within the margin of 0.3 points" in legend) == bool(picture.axes[0].patches) == bool(margin)
