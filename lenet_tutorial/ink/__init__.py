"""Ink: from a drawing, a photo or a scan to a digit as MNIST's are. Arrays in, arrays out; nothing leaves the machine.

Three kinds of arrays, each floats from 0 to 1: a *picture* has grey levels, 0 black and 1 white; *ink* has 0 for paper
and 1 for ink, on a page of any size; a *digit* is ink of 28×28 pixels, prepared as MNIST's were.
"""

from lenet_tutorial.ink.prepare import InkError, centre, crop, fit, middle, on_page, prepare
from lenet_tutorial.ink.reading import as_grey, find_ink, paper, read, read_bytes, read_file, threshold
from lenet_tutorial.ink.strokes import BRUSH, DIGITS, OTHERS, PAGE, brush, check_stroke, drawn, handwritten, scribble

__all__ = [
    "BRUSH",
    "DIGITS",
    "OTHERS",
    "PAGE",
    "InkError",
    "as_grey",
    "brush",
    "centre",
    "check_stroke",
    "crop",
    "drawn",
    "find_ink",
    "fit",
    "handwritten",
    "middle",
    "on_page",
    "paper",
    "prepare",
    "read",
    "read_bytes",
    "read_file",
    "scribble",
    "threshold",
]
