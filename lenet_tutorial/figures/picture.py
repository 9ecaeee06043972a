"""A figure that carries its words, and the one function that displays it."""

import base64
import functools
import io
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import pairwise

import matplotlib
import numpy as np
from IPython.display import Markdown, display
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import ArrayLike, NDArray
from PIL import Image

# One look for all lessons. The ground is always white, so a figure reads the same in a light and in a dark theme.
INK, QUIET, GROUND = "#1d2433", "#6b7280", "#ffffff"
GRID, FRAME = "#e5e7eb", "#d1d5db"
OURS, TEXTBOOK, GOOD = "#0072B2", "#D55E00", "#009E73"  # Okabe and Ito (2008): told apart by color-blind readers
COLORS = (OURS, TEXTBOOK, GOOD, "#CC79A7", "#E69F00", "#56B4E9")  # theirs, too: for several things side by side
STYLE = {
    "axes.edgecolor": QUIET,
    "axes.grid": False,
    "axes.labelcolor": INK,
    "axes.labelsize": 11,
    "axes.spines.right": False,
    "axes.spines.top": False,
    "axes.titlesize": 11,
    "figure.facecolor": GROUND,
    "figure.titlesize": 13,
    "figure.titleweight": "bold",
    "font.family": "DejaVu Sans",  # comes with matplotlib: the same glyphs and widths on every machine
    "font.size": 10.5,
    "savefig.facecolor": GROUND,
    "text.color": INK,
    "xtick.color": INK,
    "ytick.color": INK,
}
CSS_PIXELS_PER_INCH = 100
DOTS_PER_INCH = 180  # sharp on dense screens, and a lesson's file stays small


class Picture(Figure):
    """A matplotlib figure with its words.

    Attributes:
        alt: what somebody who cannot see the figure needs to know, computed from the data.
        caption: how to read the figure, computed from the data.
    """

    def __init__(self, width: float, height: float, *, title: str):
        """Make an empty picture of ``width`` × ``height`` inches; 7.2 inches fill a lesson's column."""
        super().__init__(figsize=(width, height), layout="constrained")
        self.suptitle(title)
        self.alt = self.caption = ""

    def describe(self, *, alt: str, caption: str) -> "Picture":
        """Give the picture its alt text and its caption, each beginning with a capital letter, and return it."""
        self.alt, self.caption = (words[:1].upper() + words[1:] for words in (alt, caption))
        return self

    def _ipython_display_(self) -> None:
        show(self)


def show(picture: Picture) -> None:
    """Display one picture, and its caption as text beneath it.

    The alternative text goes into the output's metadata, where nbconvert and GitHub find it. JupyterLab ignores it, so
    there the caption is what a screen reader reads.

    Args:
        picture: a :class:`Picture` with its words.

    Raises:
        TypeError: what came is not a Picture.
        ValueError: the picture has no alt text or no caption.
    """
    if not isinstance(picture, Picture):
        raise TypeError(f"expected a Picture, as the functions of lenet_tutorial.figures return, got {type(picture)!r}")
    if not (picture.alt and picture.caption):
        raise ValueError("the picture has no words: call picture.describe(alt=..., caption=...) before show")
    width = round(picture.get_figwidth() * CSS_PIXELS_PER_INCH)
    display(
        {"image/png": base64.b64encode(as_png(picture)).decode(), "text/plain": picture.alt},
        metadata={"image/png": {"alt": picture.alt, "width": width}},
        raw=True,
    )
    display(Markdown(f"*{picture.caption}*"))


def folded(text: str, summary: str = "Your prediction first. Then open this.") -> Markdown:
    """Give Markdown text that stays folded until the reader clicks on its summary.

    A figure is folded by the tag ``folded`` of its cell; of a text, JupyterLab would show the first line.
    """
    return Markdown(f"<details><summary>{summary}</summary>\n\n{text}\n\n</details>")


def table(corner: str, rows: Mapping[str, Mapping[str, object]]) -> str:
    """Give a Markdown table.

    Args:
        corner: what the names of the rows are.
        rows: dict from a row's name to a dict from a column's name to what stands there; all have the same columns.

    Example:

    >>> print(table("layer", {"conv1": {"maps": 32}}))
    | layer | maps |
    |---|---|
    | conv1 | 32 |
    """
    columns = list(next(iter(rows.values())))
    lines = [[corner, *columns], ["---"] * (len(columns) + 1)]
    lines += [[name, *(row[column] for column in columns)] for name, row in rows.items()]
    head, rule, *body = (list(map(str, line)) for line in lines)
    return "\n".join([f"| {' | '.join(head)} |", f"|{'|'.join(rule)}|", *(f"| {' | '.join(line)} |" for line in body)])


def as_png(picture: Picture, *, quick: bool = False) -> bytes:
    """Render a picture as PNG bytes.

    Args:
        picture: a :class:`Picture`.
        quick: for a widget, which redraws at once and is not stored. Otherwise the PNG is sharper and has at most 256
            colors, which takes longer, looks the same and is a third of the size.
    """
    drawn, small = io.BytesIO(), io.BytesIO()
    with matplotlib.rc_context(STYLE):
        picture.savefig(drawn, format="png", dpi=CSS_PIXELS_PER_INCH if quick else DOTS_PER_INCH)
    if quick:
        return drawn.getvalue()
    with Image.open(drawn) as image:
        few = image.convert("RGB").quantize(256, Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE)
        few.save(small, "png", optimize=True)
    return small.getvalue()


def styled(draw: Callable[..., Picture]) -> Callable[..., Picture]:
    """Let a figure function draw in the lessons' one look, whatever the learner's own matplotlib settings are."""

    @functools.wraps(draw)
    def drawn(*args, **kwargs):
        with matplotlib.rc_context():
            matplotlib.rcdefaults()
            matplotlib.rcParams.update(STYLE)
            return draw(*args, **kwargs)

    return drawn


def apart(heights: Sequence[float], least: float) -> list[float]:
    """Move the heights of labels apart, so that each lies at least so far above the one below it."""
    order = np.argsort(heights)
    placed = dict(zip(order, np.sort(np.asarray(heights, float)), strict=True))
    for below, above in pairwise(order):
        placed[above] = max(placed[above], placed[below] + least)
    return [placed[at] for at in range(len(heights))]


def as_images(images: ArrayLike) -> NDArray:
    """Bring digits into the shape (n, 28, 28), in ink from 0 to 1.

    Args:
        images: (n, 28, 28) or (n, 784); uint8 from 0 to 255, or floats from 0 to 1.

    Raises:
        ValueError: another shape.
    """
    images = np.asarray(images)
    if images.shape[1:] not in ((28, 28), (784,)):
        raise ValueError(f"expected digits of shape (n, 28, 28) or (n, 784), got {images.shape}")
    ink = images / 255 if images.dtype == np.uint8 else images
    return ink.reshape(-1, 28, 28)


def bare(axes: Axes) -> None:
    """Take the ticks and the frame away."""
    axes.set_xticks([])
    axes.set_yticks([])
    for spine in axes.spines.values():
        spine.set_visible(False)


def framed(axes: Axes) -> None:
    """Take the ticks away, and draw a quiet frame all round."""
    bare(axes)
    for spine in axes.spines.values():
        spine.set_visible(True)
        spine.set_color(FRAME)


def draw_digit(axes: Axes, image: ArrayLike) -> None:
    """Draw one digit, dark ink on white, on one scale from 0 (paper) to 1 (full ink); no ticks."""
    axes.imshow(image, cmap="gray_r", vmin=0, vmax=1, interpolation="nearest")
    framed(axes)


def draw_probabilities(axes: Axes, probabilities: ArrayLike, marked: int) -> None:
    """Draw ten bars from 0 to 100%, one of them marked in blue."""
    axes.bar(range(10), 100 * np.asarray(probabilities), color=QUIET)[marked].set_color(OURS)
    axes.set_ylim(0, 100)


def listed(words: Iterable[object]) -> str:
    """Join words as a sentence does: ``a, b and c``."""
    words = [str(word) for word in words]
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"


def sentence(title: str) -> str:
    """Close a title as a sentence."""
    return title if title.endswith(("?", ".")) else f"{title}."
