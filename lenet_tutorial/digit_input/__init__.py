"""Ink: from a drawing, a photo or a scan to a digit as MNIST's are. Arrays in, arrays out; nothing leaves the machine.

Three kinds of arrays, each floats from 0 to 1: a *picture* has gray levels, 0 black and 1 white; *ink* has 0 for paper
and 1 for ink, on a page of any size; a *digit* is ink of 28×28 pixels, prepared as MNIST's were.
"""

from lenet_tutorial.digit_input.decode import as_gray, read_bytes, read_file
from lenet_tutorial.digit_input.drawings import Drawings
from lenet_tutorial.digit_input.preprocess import (
    DigitInputError,
    after_each_step,
    center,
    center_of_mass,
    crop,
    fit,
    fit_to_canvas,
    prepare,
    shrink,
    stroke_width,
    thicken,
    without_one_step,
)
from lenet_tutorial.digit_input.reading import DigitInputWarning, Reading, look, read
from lenet_tutorial.digit_input.segment import estimate_background, otsu_threshold
from lenet_tutorial.digit_input.strokes import (
    BRUSH,
    CANVAS,
    DIGITS,
    FORMS,
    LETTERS,
    check_stroke,
    draw_stroke,
    draw_strokes,
    handwritten,
    one_with_upstroke,
    photographed,
    scribble,
)

__all__ = [
    "BRUSH",
    "CANVAS",
    "DIGITS",
    "FORMS",
    "LETTERS",
    "DigitInputError",
    "DigitInputWarning",
    "Drawings",
    "Reading",
    "after_each_step",
    "as_gray",
    "center",
    "center_of_mass",
    "check_stroke",
    "crop",
    "draw_stroke",
    "draw_strokes",
    "estimate_background",
    "fit",
    "fit_to_canvas",
    "handwritten",
    "look",
    "one_with_upstroke",
    "otsu_threshold",
    "photographed",
    "prepare",
    "read",
    "read_bytes",
    "read_file",
    "scribble",
    "shrink",
    "stroke_width",
    "thicken",
    "without_one_step",
]
