"""What a picture says of its data, against counts by hand; and colors that mean what the words say they mean."""

import matplotlib
import numpy as np
from matplotlib.colors import to_hex

from lenet_tutorial import figures, textbook
from lenet_tutorial.figures import maps as maps_file
from lenet_tutorial.figures.picture import OURS, TEXTBOOK


def lightness(name, n=101):
    """The relative luminance of a color map from its lower end to its upper one, of its colors as they are."""
    return matplotlib.colormaps[name](np.linspace(0, 1, n))[:, :3] ** 2.2 @ [0.2126, 0.7152, 0.0722]


def test_bright_is_more_at_every_step_and_in_gray_too():
    assert (np.diff(lightness(maps_file.ACTIVATION)) > 0).all()


def test_white_is_zero_and_both_ends_are_as_dark():
    light = lightness(maps_file.SIGNED)
    assert (np.diff(light[:51]) > 0).all()
    assert (np.diff(light[50:]) < 0).all()
    assert light[50] > 0.9
    assert max(light[0], light[-1]) < 0.15
    red, _, blue, _ = matplotlib.colormaps[maps_file.SIGNED](1.0)
    assert red > blue, "red is above 0"


def test_our_curve_has_our_color_and_the_words_say_where_it_goes():
    history = {"loss": [0.91, 0.31], "accuracy": [0.72, 0.93]}
    made = figures.training_curves(history, textbook.LOG, name="MNIST")
    for axes, label in zip(made.axes, ("training loss (nats)", "training accuracy (%)"), strict=True):
        colors = {line.get_label(): line.get_color() for line in axes.lines}
        assert colors == {"textbook": TEXTBOOK, "ours, MNIST": OURS}
        assert axes.get_ylabel() == label
    told = "Our loss falls from 0.910 to 0.310, our accuracy rises from 0.720 to 0.930"
    assert f"{told}; the textbook's end at 0.063 and 0.980." in made.caption
    assert told in made.alt


def test_the_words_of_a_confusion_matrix():
    matrix = np.diag(np.full(10, 90))
    matrix[3, 8], matrix[8, 3], matrix[4, 9] = 7, 2, 5
    made = figures.confusion(matrix)
    assert made.axes[0].get_xlabel() == "the network's answer"
    assert made.axes[0].get_ylabel() == "the digit it was"
    assert "900 of 914 digits read correctly" in made.caption
    assert "the 14 mistakes; the most frequent is 3 read as 8, 7 times." in made.caption
    assert made.alt.endswith("The most frequent mistake: 3 read as 8, 7 times.")


def test_the_words_of_answers():
    probabilities = np.full((2, 10), 0.02)
    probabilities[0, 3], probabilities[1, 7] = 0.82, 0.82
    made = figures.prediction_bars(np.zeros((2, 784)), probabilities, [3, 1], title="Answers")
    assert "a 3 is read as 3 with 82.0%; a 1 is read as 7 with 82.0%" in made.caption
    assert {axes.get_ylim() for axes in made.axes[2:]} == {(0, 100)}
    bars = made.axes[3].patches
    assert [n for n, bar in enumerate(bars) if to_hex(bar.get_facecolor()).upper() == OURS] == [1]


def test_the_words_of_pixel_values():
    image = np.zeros((28, 28), np.uint8)
    image[6, 6:9], image[7, 6] = (100, 250, 255), 249
    made = figures.pixel_values(image, 5, 5, side=4)
    assert "Of the 16 framed pixels 12 hold 0 and 2 hold 250 or more" in made.caption
    assert made.alt.endswith("from 0 to 255.")
    assert made.axes[1].get_title() == "rows 5–8, columns 5–8"


def test_the_words_of_a_journey():
    layer = np.zeros((2, 2, 4))
    layer[0, 0, 0] = 1.0
    probabilities = np.full(10, 0.05)
    probabilities[4] = 0.55
    names = ["a", "b", "c", "d"]
    made = figures.digit_journey(np.zeros((28, 28)), dict.fromkeys(names, layer), np.arange(9), probabilities)
    assert "a 93.8%, b 93.8%, c 93.8%, d 93.8%. The answer is 4, with 55.0%." in made.caption
    assert "of which 4 is the highest with 55.0%" in made.alt


def test_the_words_of_kernels_and_maps():
    before, after = np.full((2, 4, 4), -0.25), np.full((2, 4, 4), 0.5)
    made = figures.kernel_sheets(before, after)
    assert "from -0.50 (blue) to 0.50 (red)" in made.caption
    assert "0.250 before, 0.500 after" in made.caption
    made = figures.kernel_sheets(np.ones((20, 4, 4)), np.ones((20, 4, 4)))
    shown = {text.get_text(): text.get_position() for text in made.axes[0].texts}
    assert list(shown) == ["0", "8", "16", *(f"+{n}" for n in range(8))]
    middles = shown["8"][1], shown["+3"][0]
    assert middles == (7.5, 19.5), "the middles of rows 6 to 9 and of columns 18 to 21"
    maps = np.zeros((3, 2, 2))
    maps[1, 0, 1] = 2.5
    assert "dark is 0, bright is 2.50. Brightest: map 1. Exactly 0 everywhere: 2 of 3; a map" in (
        figures.map_sheet(maps, title="Maps").caption
    )
    made = figures.maps_by_digit(np.zeros((3, 28, 28)), "abc", {"one": maps}, title="Over", caption="Read.")
    assert "dark is 0, bright is 2.50; one is brightest over b." in made.caption


def test_the_words_of_a_kernel_in_slices_and_of_a_patch():
    made = figures.kernel_slices(np.full((4, 4, 32), -0.75), title="One kernel")
    assert "32 slices of 4 × 4 weights" in made.caption
    assert "from -0.75 (blue) to 0.75 (red), white is 0." in made.caption
    made = figures.patch_origin(np.zeros((28, 28)), np.zeros((11, 11)), row=0, column=0, activation=1.25)
    assert "the framed 11 × 11 pixels and nothing else. Its answer is 1.25." in made.caption


def test_the_words_of_changes_by_layer():
    changes = {"by 1": {"conv1": 0.5, "pool1": 0.25}, "by 2": {"conv1": 0.75, "pool1": 0.125}}
    made = figures.change_by_layer(changes, title="Changes", xlabel="change (%)")
    assert made.caption == "By 1: conv1 50.0% and pool1 25.0%; by 2: conv1 75.0% and pool1 12.5%."
