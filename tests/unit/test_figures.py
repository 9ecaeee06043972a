"""Figures by their data: what the axes hold is what the arrays say; each carries its words; show shows one picture."""

import base64
import io

import matplotlib
import numpy as np
import pytest
from matplotlib.colors import to_hex, to_rgb
from PIL import Image
from scipy import stats

from lenet_tutorial import figures, inspection, textbook
from lenet_tutorial.figures import picture as picture_file

DIGITS = np.random.default_rng(0).integers(0, 256, (4, 28, 28), dtype=np.uint8)
LABELS = [3, 1, 4, 1]
FIELDS = {"near": inspection.ReceptiveField(4, 1, -1), "far": inspection.ReceptiveField(13, 4, -3)}
PROBABILITIES = np.random.default_rng(1).dirichlet(np.ones(10), 4)
MATRIX = np.diag(np.arange(10, 20)) + np.eye(10, k=1, dtype=int) * 2
EXPLAINED = {row: {"occlusion": np.eye(28) - 0.75, "gradient": np.tri(28) * 4} for row in ("for 3", "for 1")}
SCORES = {"occlusion": np.array([[1, 0.2, 0], [1, 0.4, 0]]), "random": np.array([[1, 0.8, 0], [1, 0.6, 0.2]])}
SIMILAR = {
    "with sign": {"a": [0.1, -0.1, 0.3], "b": [0.0, 0.0, -0.006]},
    "strength": {"a": [0.9, 1, 1], "b": [0, 1, 0]},
}
RANDOM = np.random.default_rng(2)
PATCHES = RANDOM.random((3, 4, 11, 11))
GROUPS = np.repeat([0, 1, 2], 20)
LINE = RANDOM.normal(size=(60, 2)) * np.array([1, 1, 2])[GROUPS, None] + np.array([[0, 0], [20, 0], [80, 0]])[GROUPS]
POINTS = {"near": RANDOM.random((40, 2)), "far": RANDOM.random((40, 2))}
HISTORY = {"loss": [0.9, 0.3], "accuracy": [0.7, 0.9]}
MAPS = np.random.default_rng(2).random((5, 6, 7))
CHANGES = {"by 1": {"conv1": 0.5, "pool1": 0.25}, "by 2": {"conv1": 0.75, "pool1": 0.5}}
RATES = {
    "SGD": {
        0.003: np.array([0.4, 0.5]),
        0.01: np.array([0.97, 0.98]),
        0.1: np.array([0.99, 0.992]),
        1.0: np.array([0.1, np.nan]),
    },
    "Adam": {0.001: np.array([0.99, 0.991])},
}
STEPS = {"first": {"slow": np.full(50, 1e-6), "fast": np.array([0, 1e-4, 1e-4, 1e-3])}, "last": {"slow": np.ones(3)}}
RUNS = {"a": np.array([[0.9, 0.96], [0.92, 0.98]]), "b": np.array([[0.95, 0.99]])}
CHANCES = {
    "a\nless b": {"seeds": (0.001, 0.004, 0.007), "both": (-0.001, 0.004, 0.009)},
    "c": {"seeds": (-0.01, 0, 0.01), "both": (-0.02, 0, 0.02)},
}
PAIRS = {"a\nless b": np.array([[0.01, 0.02], [-0.01, 0.0]]), "c": [-0.002, -0.001]}
SLOPE = np.linspace(-2, 4, 784).reshape(28, 28)
SMALLEST = {"by slope": np.array([0.1, 0.05, 0.3, 0.2]), "by lot": np.array([np.inf, 0.4, 0.1, np.inf])}

ALL = {
    "digit_sheet": lambda: figures.digit_sheet(DIGITS, LABELS, title="Some digits", caption="As they come."),
    "pixel_values": lambda: figures.pixel_values(DIGITS[0], 5, 9),
    "flattening": lambda: figures.flattening(DIGITS[0], (9, 10)),
    "class_balance": lambda: figures.class_balance({"a": np.arange(10), "b": np.ones(10)}, title="Shares"),
    "network_volumes": lambda: figures.network_volumes(textbook.LAYERS),
    "parameter_shares": lambda: figures.parameter_shares(textbook.LAYERS),
    "same_padding": lambda: figures.same_padding(6, 4),
    "receptive_fields": lambda: figures.receptive_fields(DIGITS[0] / 255, FIELDS, row=12, column=14),
    "kernel_at_work": lambda: figures.kernel_at_work(DIGITS[0, :4, :4] / 255, np.eye(4) - 0.5, 0.25),
    "training_curves": lambda: figures.training_curves(HISTORY, textbook.LOG, name="MNIST"),
    "confusion": lambda: figures.confusion(MATRIX),
    "kernel_sheets": lambda: figures.kernel_sheets(MAPS - 0.5, 2 * MAPS - 0.5),
    "map_sheet": lambda: figures.map_sheet(MAPS, title="Some maps", image=DIGITS[0] / 255),
    "digit_journey": lambda: figures.digit_journey(
        DIGITS[0] / 255, {f"layer {i}": np.moveaxis(MAPS, 0, -1) for i in range(4)}, np.arange(17), PROBABILITIES[0]
    ),
    "maps_by_digit": lambda: figures.maps_by_digit(
        DIGITS / 255, LABELS, {"near": MAPS[:4], "far": 3 * MAPS[:4]}, title="Over digits", caption="Two kernels."
    ),
    "stroke_activations": lambda: figures.stroke_activations(
        dict(zip("abcd", DIGITS / 255, strict=True)), MAPS[:4] - 0.5, 3 * MAPS[:4], numbers=[7, 0, 7, 31]
    ),
    "change_by_layer": lambda: figures.change_by_layer(CHANGES, title="Changes", xlabel="change (%)"),
    "prediction_grid": lambda: figures.prediction_grid(
        DIGITS / 255, ["as it\nlies", "b", "c", "d"], PROBABILITIES, title="Read", caption="Four pages."
    ),
    "fgsm_step": lambda: figures.fgsm_step(
        DIGITS[0] / 255, SLOPE, DIGITS[1] / 255, epsilon=0.1, predictions=("3, 99 %", "8, 60 %")
    ),
    "adversarial_examples": lambda: figures.adversarial_examples(
        DIGITS / 255, DIGITS[::-1] / 255, list("abcd"), title="AdversarialResult", caption="Four digits."
    ),
    "fooling_rates": lambda: figures.fooling_rates(SMALLEST, title="Shares", limit=0.5),
    "prediction_bars": lambda: figures.prediction_bars(DIGITS, PROBABILITIES, LABELS, title="Answers"),
    "attribution_maps": lambda: figures.attribution_maps(
        DIGITS[:2], EXPLAINED, title="Why?", caption="Explained are 3 and 1."
    ),
    "deletion_curves": lambda: figures.deletion_curves(np.array([0, 0.5, 1]), SCORES, title="Erased"),
    "similarity_bars": lambda: figures.similarity_bars(SIMILAR, title="How like?"),
    "step_lengths": lambda: figures.step_lengths(STEPS, title="Steps"),
    "runs_over_epochs": lambda: figures.runs_over_epochs(RUNS, title="Runs", level=(0.97, "textbook"), floor=0.8),
    "over_learning_rates": lambda: figures.over_learning_rates(RATES, title="Rates", margin=0.003, floor=0.95),
    "differences": lambda: figures.differences(CHANCES, margin=0.003, title="Differences", caption="Intervals."),
    "single_pairs": lambda: figures.single_pairs(PAIRS, title="Pairs"),
    "kernel_slices": lambda: figures.kernel_slices(RANDOM.normal(size=(4, 4, 32)), title="One kernel"),
    "patch_origin": lambda: figures.patch_origin(DIGITS[0] / 255, PATCHES[0, 0], row=-3, column=20, activation=1.5),
    "patch_sheet": lambda: figures.patch_sheet(PATCHES, "abc", "def", title="Patches", caption="The strongest."),
    "class_visualizations": lambda: figures.class_visualizations(
        {"free": DIGITS / 255, "held": DIGITS / 510},
        {"free": [1, 2, 3, 4], "held": list("wxyz")},
        title="T",
        caption="Four pages each.",
    ),
    "projections": lambda: figures.projections(POINTS, np.arange(40) % 10, title="Views", caption="Some points."),
    "cluster_projections": lambda: figures.cluster_projections(
        {"line": LINE, "bent": np.sqrt(np.abs(LINE))}, GROUPS, title="Groups"
    ),
}


def images(axes):
    return [np.ma.getdata(each.get_array()) for each in axes.images]


def texts(axes):
    return [each.get_text() for each in axes.texts]


def test_every_figure_function_is_tried_here():
    assert {name for name in figures.__all__ if name not in ("Picture", "as_png", "show")} == set(ALL)


@pytest.mark.parametrize("draw", ALL.values(), ids=ALL)
def test_a_figure_carries_its_words_and_fits_the_page(draw):
    made = draw()
    assert isinstance(made, figures.Picture)
    assert made.get_suptitle()
    for words in (made.alt, made.caption):
        assert len(words) > 10
        assert words[0].isupper() or words[0].isdigit()
        assert words.endswith(".")
        assert "nan" not in words
    assert made.get_figwidth() <= 7.2  # a lesson's column


@pytest.mark.parametrize("draw", ALL.values(), ids=ALL)
def test_nothing_is_clipped(draw):
    """All that is drawn lies within the page, to a hundredth of an inch."""
    made = draw()
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
    ground = luminance(picture_file.GROUND)
    contrast = {name: (ground + 0.05) / (luminance(getattr(picture_file, name)) + 0.05) for name in names}
    assert picture_file.STYLE["figure.facecolor"] == picture_file.STYLE["savefig.facecolor"] == "#ffffff"
    assert min(contrast["INK"], contrast["QUIET"]) >= 4.5
    assert min(contrast.values()) >= 3


def test_show_gives_one_picture_with_alt_text_and_a_caption(monkeypatch):
    shown = []
    monkeypatch.setattr(picture_file, "display", lambda *args, **kwargs: shown.append((args, kwargs)))
    made = ALL["digit_sheet"]()
    figures.show(made)
    ((bundle,), kwargs), ((caption,), _) = shown
    assert kwargs["metadata"]["image/png"]["alt"] == made.alt == bundle["text/plain"]
    assert made.caption in caption.data
    with Image.open(io.BytesIO(base64.b64decode(bundle["image/png"]))) as image:
        assert image.width == pytest.approx(7.2 * picture_file.DOTS_PER_INCH, abs=1)
    assert kwargs["metadata"]["image/png"]["width"] == 720


def test_show_wants_a_picture_with_words():
    with pytest.raises(TypeError, match="expected a Picture"):
        figures.show(matplotlib.figure.Figure())
    with pytest.raises(ValueError, match="no words"):
        figures.show(figures.Picture(2, 2, title="mute"))


def test_digits_are_drawn_on_one_scale_in_their_order():
    made = ALL["digit_sheet"]()
    drawn = [axes for axes in made.axes if axes.images]
    for axes, digit, label in zip(drawn, DIGITS, LABELS, strict=True):
        np.testing.assert_allclose(images(axes)[0], digit / 255)
        assert axes.get_title() == str(label)
        assert axes.images[0].get_clim() == (0, 1)


def test_pixel_values_are_the_windows_numbers():
    made = ALL["pixel_values"]()
    assert texts(made.axes[1]) == [str(value) for value in DIGITS[0, 5:15, 9:19].ravel()]


def test_flattening_shows_the_same_pixels_twice():
    whole, strip = ALL["flattening"]().axes
    np.testing.assert_array_equal(images(whole)[0].reshape(1, 784), images(strip)[0])


def test_class_balance_draws_shares():
    bars = [bar.get_height() for bar in ALL["class_balance"]().axes[0].patches]
    np.testing.assert_allclose(bars, [*(100 * np.arange(10) / 45), *[10] * 10])


def test_volumes_are_to_scale():
    """A front face of h rows and c channels has the area h·c, wherever it stands."""
    faces = [patch.get_xy()[:4] for patch in ALL["network_volumes"]().axes[0].patches][::3]
    areas = [(corners[1, 0] - corners[0, 0]) * (corners[2, 1] - corners[1, 1]) for corners in faces]
    np.testing.assert_allclose(areas, [28, 28 * 32, 14 * 32, 14 * 64, 7 * 64, 3136, 1024, 10])


def test_parameter_shares_are_linear():
    bars = [bar.get_width() for bar in ALL["parameter_shares"]().axes[0].patches]
    assert bars == [544, 32_832, 3_212_288, 10_250]


def test_same_padding_frames_the_first_and_the_last_window():
    made = ALL["same_padding"]()
    frames = [p for p in made.axes[0].patches if p.get_linewidth() == 2.5]
    assert [(p.get_x(), p.get_y(), p.get_width()) for p in frames] == [(-1, -1, 4), (4, 4, 4)]
    assert texts(made.axes[0]).count("0") == 9 * 9 - 6 * 6


def test_receptive_fields_have_their_size_and_lie_on_the_grid_of_their_layer():
    for axes, field in zip(ALL["receptive_fields"]().axes, FIELDS.values(), strict=True):
        frame = axes.patches[-1]
        assert frame.get_width() == frame.get_height() == field.size
        assert (frame.get_x() + 0.5 - field.start) % field.stride == 0


def test_receptive_fields_hold_the_pixel_they_are_drawn_on():
    for axes in ALL["receptive_fields"]().axes:
        frame = axes.patches[-1]
        assert frame.get_x() < 14 < frame.get_x() + frame.get_width()
        assert frame.get_y() < 12 < frame.get_y() + frame.get_height()


def test_kernel_and_products_share_one_symmetric_scale():
    patch, kernel, products = ALL["kernel_at_work"]().axes
    np.testing.assert_allclose(images(products)[0], images(patch)[0] * images(kernel)[0])
    low, high = kernel.images[0].get_clim()
    assert (low, high) == products.images[0].get_clim()
    assert low == -high


def test_curves_are_ours_and_the_documents():
    loss, accuracy = ALL["training_curves"]().axes
    np.testing.assert_allclose(loss.lines[0].get_ydata(), [epoch.loss for epoch in textbook.LOG])
    np.testing.assert_allclose(loss.lines[1].get_ydata(), HISTORY["loss"])
    np.testing.assert_allclose(accuracy.lines[1].get_ydata(), [70, 90])
    without = figures.training_curves(HISTORY, (), name="offline sample")
    assert len(without.axes[0].lines) == 1
    assert "textbook" not in without.alt + without.caption


def test_confusion_colors_the_mistakes_only():
    axes = ALL["confusion"]().axes[0]
    assert np.ma.getmaskarray(axes.images[0].get_array()).diagonal().all()
    assert [text for text in texts(axes) if int(text) >= 10] == [str(n) for n in range(10, 20)]


def test_answers_are_the_probabilities_with_the_true_class_marked():
    below = ALL["prediction_bars"]().axes[4:]
    for axes, probabilities, label in zip(below, PROBABILITIES, LABELS, strict=True):
        np.testing.assert_allclose([bar.get_height() for bar in axes.patches], 100 * probabilities)
        marked = [i for i, bar in enumerate(axes.patches) if to_hex(bar.get_facecolor()) == picture_file.OURS.lower()]
        assert marked == [label]


def test_readings_are_the_probabilities_with_the_answer_marked():
    above, below = np.reshape(ALL["prediction_grid"]().axes, (2, 4))
    np.testing.assert_allclose([images(each)[0] for each in above], DIGITS / 255)
    assert [each.get_title() for each in above] == ["as it\nlies", "b", "c", "d"]
    for axes, probabilities in zip(below, PROBABILITIES, strict=True):
        np.testing.assert_allclose([bar.get_height() for bar in axes.patches], 100 * probabilities)
        marked = [i for i, bar in enumerate(axes.patches) if to_hex(bar.get_facecolor()) == picture_file.OURS.lower()]
        assert marked == [probabilities.argmax()]
        assert axes.get_xlabel() == f"says {probabilities.argmax()}, {probabilities.max():.0%}"
    with pytest.raises(ValueError, match="a name and ten probabilities for each image, got 1 and 4 for 4"):
        figures.prediction_grid(DIGITS, ["a"], PROBABILITIES, title="Read", caption="Four pages.")


def test_the_steps_of_a_sign_step():
    digit, slope, sign, page = ALL["fgsm_step"]().axes
    np.testing.assert_allclose(images(digit)[0], DIGITS[0] / 255)
    np.testing.assert_allclose(images(slope)[0], SLOPE / 4)
    np.testing.assert_array_equal(images(sign)[0], np.sign(SLOPE))
    np.testing.assert_allclose(images(page)[0], DIGITS[1] / 255)
    assert {each.images[0].get_clim() for each in (slope, sign)} == {(-1, 1)}
    assert "4.0e+00" in ALL["fgsm_step"]().caption


def test_what_fools_is_the_difference_on_one_symmetric_scale():
    digits, changes, sums = np.reshape(ALL["adversarial_examples"]().axes[:12], (3, 4))
    np.testing.assert_allclose([images(each)[0] for each in digits], DIGITS / 255)
    np.testing.assert_allclose([images(each)[0] for each in sums], DIGITS[::-1] / 255)
    difference = (DIGITS[::-1].astype(float) - DIGITS) / 255
    np.testing.assert_allclose([images(each)[0] for each in changes], difference)
    (scale,) = {each.images[0].get_clim() for each in changes}
    np.testing.assert_allclose(scale, [-np.abs(difference).max(), np.abs(difference).max()])


def test_shares_fooled_are_counted():
    made = ALL["fooling_rates"]()
    for line, sizes in zip(made.axes[0].lines, SMALLEST.values(), strict=False):
        for size, share in zip(*line.get_data(), strict=True):
            assert share == 100 * np.mean(sizes <= size)
        assert line.get_xdata()[-1] == 0.5
    assert "At 0.1, the pale line: by slope 50.0%; by lot 25.0%." in made.caption


def tiles(axes, shape, columns, n, gap=1):
    """Cut the n maps out of a sheet of them."""
    (sheet,) = images(axes)
    height, width = (side + gap for side in shape)
    corners = [divmod(i, columns) for i in range(n)]
    return [sheet[r * height : (r + 1) * height - gap, c * width : (c + 1) * width - gap] for r, c in corners]


def test_kernels_before_and_after_share_one_symmetric_scale():
    before, after = ALL["kernel_sheets"]().axes[:2]
    np.testing.assert_array_equal(tiles(before, (6, 7), 8, 5, gap=2), MAPS - 0.5)
    np.testing.assert_array_equal(tiles(after, (6, 7), 8, 5, gap=2), 2 * MAPS - 0.5)
    low, high = before.images[0].get_clim()
    assert (low, high) == after.images[0].get_clim()
    assert -low == high == np.abs(2 * MAPS - 0.5).max()


def test_maps_stand_in_order_on_one_scale_with_their_numbers():
    made = ALL["map_sheet"]()
    np.testing.assert_array_equal(tiles(made.axes[1], (6, 7), 8, 5), MAPS)
    assert made.axes[1].images[0].get_clim() == (0, MAPS.max())
    assert texts(made.axes[1]) == ["0", "1", "2", "3", "4"]
    assert f"number {MAPS.max(axis=(1, 2)).argmax()};" in made.alt


def test_dark_maps_are_counted():
    maps = MAPS.copy()
    maps[[1, 3]] = 0
    assert "Exactly 0 everywhere: 2 of 5;" in figures.map_sheet(maps, title="Some maps").caption


def test_the_journey_shows_every_layer():
    start, *layers, dense, output = ALL["digit_journey"]().axes
    np.testing.assert_allclose(images(start)[0], DIGITS[0] / 255)
    for axes in layers:
        np.testing.assert_array_equal(tiles(axes, (6, 7), 8, 5), MAPS)
    np.testing.assert_array_equal(images(dense)[0], np.arange(16).reshape(4, 4))
    np.testing.assert_allclose([bar.get_height() for bar in output.patches], 100 * PROBABILITIES[0])


def test_maps_under_digits_share_one_scale():
    axes = ALL["maps_by_digit"]().axes
    assert {each.images[0].get_clim() for each in axes[4:]} == {(0, 3 * MAPS[:4].max())}
    np.testing.assert_array_equal([images(each)[0] for each in axes[4:8]], MAPS[:4])


def test_a_stroke_stands_over_its_kernel_and_its_map():
    grid = np.reshape(ALL["stroke_activations"]().axes, (3, 4))
    np.testing.assert_array_equal([images(each)[0] for each in grid[1]], MAPS[:4] - 0.5)
    np.testing.assert_array_equal([images(each)[0] for each in grid[2]], 3 * MAPS[:4])
    assert [each.get_title() for each in grid[1]] == ["kernel 7", "kernel 0", "kernel 7", "kernel 31"]
    assert (
        len({each.images[0].get_clim() for each in grid[1]})
        == len({each.images[0].get_clim() for each in grid[2]})
        == 1
    )


def test_changes_are_drawn_in_percent():
    bars = [bar.get_width() for bar in ALL["change_by_layer"]().axes[0].patches]
    np.testing.assert_allclose(bars, [50, 25, 75, 50])


def test_each_explanation_is_divided_by_its_own_largest_absolute_value():
    made = ALL["attribution_maps"]()
    shown = [axes for axes in made.axes if axes.images]
    for line, image, maps in zip((shown[:3], shown[3:]), DIGITS, EXPLAINED.values(), strict=False):
        np.testing.assert_allclose(images(line[0])[0], image / 255)
        for axes, one in zip(line[1:], maps.values(), strict=True):
            np.testing.assert_allclose(images(axes)[0], one / np.abs(one).max())
            assert axes.images[0].get_clim() == (-1, 1)
    assert "occlusion 0.75 and gradient 4.00" in made.caption


def test_a_deletion_curve_is_the_mean_and_its_band_the_interval():
    made = ALL["deletion_curves"]()
    axes = made.axes[0]
    for line, band, each in zip(axes.lines, axes.collections, SCORES.values(), strict=True):
        np.testing.assert_allclose(line.get_xdata(), [0, 50, 100])
        np.testing.assert_allclose(line.get_ydata(), 100 * each.mean(axis=0))
        heights = [y for x, y in band.get_paths()[0].vertices if x == 50]
        assert max(heights) - min(heights) == pytest.approx(2 * 100 * 1.96 * stats.sem(each[:, 1]))
    assert "occlusion 40.0 ± 9.8" in made.caption  # areas 0.35 and 0.45


def test_bars_of_similarity_are_means_and_their_lines_intervals():
    made = ALL["similarity_bars"]()
    axes = made.axes[0]
    for bars, each in zip(axes.containers[1::2], SIMILAR.values(), strict=True):
        np.testing.assert_allclose([bar.get_height() for bar in bars], [np.mean(values) for values in each.values()])
        lines = [line[1, 1] - line[0, 1] for line in bars.errorbar.lines[2][0].get_segments()]
        np.testing.assert_allclose(lines, [2 * 1.96 * stats.sem(values) for values in each.values()])
    assert "With sign: a 0.10 and b 0.00. Strength: a 0.97 and b 0.33" in made.caption


def test_step_lengths_are_shares_of_all_parameters():
    made = ALL["step_lengths"]()
    slow, _, fast, _ = (patch.get_data() for patch in made.axes[0].patches)
    for values, at in ((slow.values, {1e-6: 100}), (fast.values, {1e-8: 25, 1e-4: 50, 1e-3: 25})):
        bars = {slow.edges[i]: share for i, share in enumerate(values) if share}
        assert list(bars.values()) == list(at.values())
        np.testing.assert_allclose(list(bars), list(at), rtol=0.17)  # a bar is a fifteenth of a power of ten
    assert made.axes[1].patches[0].get_data().values.sum() == 100  # with those beyond the axis
    assert "first: slow 1.0 · 10⁻⁶ and fast 1.0 · 10⁻⁴; last: slow 1.0 · 10⁰" in made.caption


def test_runs_are_thin_and_their_mean_is_thick():
    made = ALL["runs_over_epochs"]()
    *lines, level = made.axes[0].lines
    drawn = [line.get_ydata().tolist() for line in lines]
    np.testing.assert_allclose(np.concatenate(drawn), [90, 96, 92, 98, 91, 97, 95, 99, 95, 99])
    assert [line.get_linewidth() for line in lines] == [0.8, 0.8, 2, 0.8, 2]
    np.testing.assert_allclose(level.get_ydata(), 97)
    assert made.axes[0].get_ylim()[0] == 80
    assert "a 97.00; b 99.00" in made.caption


def test_every_run_stands_over_its_learning_rate():
    made = ALL["over_learning_rates"]()
    sgd, adam = made.axes
    drawn = {line.get_marker(): [] for line in sgd.lines}
    for line in sgd.lines:
        drawn[line.get_marker()] += [*zip(line.get_xdata(), line.get_ydata(), strict=True)]
    np.testing.assert_allclose(sorted(drawn["o"]), [(0.01, 97), (0.01, 98), (0.1, 99), (0.1, 99.2)])
    assert [rate for rate, _ in drawn["v"]] == [0.003, 0.003, 1.0]  # below the floor
    assert [rate for rate, _ in drawn["x"]] == [1.0]  # diverged
    means = sgd.lines[0].get_ydata()
    np.testing.assert_allclose(means, [np.nan, 97.5, 99.1, np.nan])
    band = sgd.patches[0]
    assert band.get_y() + band.get_height() == pytest.approx(99.1)
    assert band.get_height() == pytest.approx(0.3)
    assert sgd.get_ylim() == adam.get_ylim()
    assert "SGD, 0.003: 45.00, 0.01: 97.50, 0.1: 99.10 and 1: 1 of 2 diverged; Adam, 0.001: 99.05" in made.caption


def test_differences_are_intervals_beside_the_margin():
    axes = ALL["differences"]().axes[0]
    band = axes.patches[0]
    assert (band.get_x(), band.get_x() + band.get_width()) == pytest.approx((-0.3, 0.3))
    intervals = [line.get_xdata() for line in axes.lines if len(line.get_xdata()) == 2 and line.get_linewidth() > 1]
    np.testing.assert_allclose(intervals, [(0.1, 0.7), (-0.1, 0.9), (-1, 1), (-2, 2)], atol=1e-9)
    assert "a less b +0.40 (-0.10 to +0.90); c +0.00 (-2.00 to +2.00)" in ALL["differences"]().caption


def test_a_pair_that_misleads_has_another_color():
    first, second = ALL["single_pairs"]().axes[0].collections
    np.testing.assert_allclose(first.get_offsets()[:, 0], [-1, 0, 1, 2], atol=1e-9)
    np.testing.assert_allclose(second.get_offsets()[:, 0], [-0.2, -0.1])
    against, along = [to_hex(color).upper() for color in (picture_file.TEXTBOOK, picture_file.OURS)]
    assert [to_hex(color).upper() for color in first.get_facecolors()] == [against, against, along, along]
    assert {to_hex(color).upper() for color in second.get_facecolors()} == {along}
    caption = ALL["single_pairs"]().caption
    assert "a less b: mean +0.50, of another sign in 50.0% of pairs; c: mean -0.15, of another sign in 0.0%" in caption


def test_the_slices_of_a_kernel_stand_side_by_side_on_one_symmetric_scale():
    kernel = RANDOM.normal(size=(4, 4, 32))
    (drawn,) = figures.kernel_slices(kernel, title="One kernel").axes[0].images
    sheet = np.ma.getdata(drawn.get_array())
    np.testing.assert_array_equal(sheet[:4, 5:9], kernel[:, :, 1])
    np.testing.assert_array_equal(sheet[5:9, :4], kernel[:, :, 16])
    assert drawn.get_clim() == (-np.abs(kernel).max(), np.abs(kernel).max())


def test_a_patch_is_framed_where_it_lies_and_stays_on_the_page():
    whole, part = ALL["patch_origin"]().axes
    frame = whole.patches[0]
    assert (frame.get_x(), frame.get_y(), frame.get_width()) == (19.5, -3.5, 11)
    assert whole.get_ylim()[1] < -3.5
    assert whole.get_xlim()[1] > 30.5
    np.testing.assert_array_equal(images(part)[0], PATCHES[0, 0])


def test_a_row_of_the_patch_sheet_is_one_channel():
    axes = ALL["patch_sheet"]().axes[0]
    np.testing.assert_array_equal(images(axes)[0][13:24, 26:37], PATCHES[1, 2])
    assert texts(axes) == list("adbecf")
    rows = [text.get_position()[1] for text in axes.texts]
    assert rows == [5, 5, 18, 18, 31, 31]


def test_wanted_pages_have_their_score_beneath_and_one_scale():
    free, held = np.array(ALL["class_visualizations"]().axes).reshape(2, 4)
    for axes, digit, score in zip(free, DIGITS, "1234", strict=True):
        np.testing.assert_allclose(images(axes)[0], digit / 255)
        assert axes.images[0].get_clim() == (0, 1)
        assert axes.get_xlabel() == f"{score}.0"
    assert [axes.get_xlabel() for axes in held] == list("wxyz")
    assert (free[0].get_ylabel(), held[0].get_ylabel()) == ("free", "held")


def test_flat_views_draw_every_point_under_its_own_class():
    for axes, points in zip(ALL["projections"]().axes, POINTS.values(), strict=True):
        for digit, drawn in enumerate(axes.collections):
            np.testing.assert_allclose(drawn.get_offsets(), points[digit::10])
        assert len(axes.collections) == 10


def test_cluster_views_measure_gaps_and_widths():
    exact = np.array([[0, 1], [0, -1], [20, 2], [20, -2], [80, 3], [80, -3]])
    made = figures.cluster_projections({"exact": exact}, np.repeat([0, 1, 2], 2), title="Groups")
    assert "the second gap is 3.0 times the first, and the groups are 1.0, 2.0 and 3.0 wide" in made.caption
    np.testing.assert_allclose(made.axes[0].collections[1].get_offsets(), exact[2:4])


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (
            lambda: figures.patch_sheet(PATCHES, "ab", "def", title="t", caption="c"),
            "a name and a note.*got 2 and 3 for 3",
        ),
        (lambda: figures.digit_sheet(DIGITS, [1], title="t", caption="c"), "one title for each.*got 1 for 4"),
        (lambda: figures.digit_sheet(DIGITS[0], [1], title="t", caption="c"), r"got \(28, 28\)"),
        (lambda: figures.pixel_values(DIGITS[0], 20, 9), "window of 10×10 within 28×28, got one from row 20"),
    ],
)
def test_bad_input_is_told(call, words):
    with pytest.raises(ValueError, match=words):
        call()
