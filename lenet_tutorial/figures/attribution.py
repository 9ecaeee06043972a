"""Pictures of attributions: maps of the evidence for a prediction, and tests of how far to trust such maps."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lenet_tutorial.figures.maps import SIGNED
from lenet_tutorial.figures.picture import (
    COLORS,
    GRID,
    INK,
    OURS,
    QUIET,
    Picture,
    as_images,
    bare,
    draw_digit,
    listed,
    sentence,
    styled,
)

WIDTH = 1.96  # standard errors to each side of a mean, for a 95 % interval


def interval(values: ArrayLike) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Give the mean over the first axis, and how far its 95 % interval reaches to each side: 1.96 standard errors."""
    values = np.asarray(values, np.float64)
    return values.mean(axis=0), WIDTH * values.std(axis=0, ddof=1) / np.sqrt(len(values))


@styled
def attribution_maps(
    images: ArrayLike, rows: Mapping[str, Mapping[str, NDArray]], *, title: str, caption: str
) -> Picture:
    """Draw digits, and beside each its maps, each over the digit's outline.

    Args:
        images: digits (n, 784) or (n, 28, 28), floats in [0, 1], one a row.
        rows: dict from a row's name to a dict from a method's name to a map (28, 28); the same methods in each row.
        title: what to see.
        caption: how to read it; the scale and the largest values are added.

    Returns:
        A Picture of n rows: the digit, then its maps, each divided by its own largest absolute value. Red is evidence
        for the class, blue against it.
    """
    images, methods = as_images(images), list(next(iter(rows.values())))
    picture = Picture(7.2, 1.32 * len(rows) + 1.25, title=title)
    grid = picture.subplots(len(rows), 1 + len(methods), squeeze=False)
    text = []
    for line, image, (name, maps) in zip(grid, images, rows.items(), strict=True):
        draw_digit(line[0], image)
        line[0].set_ylabel(name, fontsize=9.5)
        for axes, one in zip(line[1:], maps.values(), strict=True):
            drawn = axes.imshow(one / max(np.abs(one).max(), 1e-9), cmap=SIGNED, vmin=-1, vmax=1)
            axes.contour(image, levels=[0.5], colors=INK, linewidths=0.5)
            bare(axes)
        largest = listed(f"{method} {np.abs(one).max():.2f}" for method, one in maps.items())
        text.append(f"{name.replace(chr(10), ' ')}: {largest}" if len(rows) > 1 else largest)
    grid[0, 0].set_title("digit", fontsize=9.5)
    for axes, method in zip(grid[0, 1:], methods, strict=True):
        axes.set_title(method.replace("integrated ", "integrated\n"), fontsize=9.5)
    bar = picture.colorbar(drawn, ax=grid, orientation="horizontal", shrink=0.5, aspect=45, ticks=(-1, 0, 1))
    bar.ax.set_xticklabels(["against", "0", "for"])
    text = "; ".join(text)
    return picture.describe(
        alt=f"{sentence(title)} Beside each digit its maps: {listed(methods)}. Largest absolute values: {text}.",
        caption=f"{caption} Each map is divided by its own largest absolute value, so compare places and not sizes. "
        f"These values are: {text}.",
    )


@styled
def deletion_curves(removed: NDArray, scores: Mapping[str, NDArray], *, title: str) -> Picture:
    """Draw the probability of the class while pixels are removed.

    Args:
        removed: floats (steps + 1,), the share of the pixels removed.
        scores: dict from an order's name to probabilities (n, steps + 1); an order named ``random...`` is dashed.
        title: what to see.

    Returns:
        A Picture: the mean curve of each order with its 95 % interval.
    """
    picture = Picture(7.2, 4.4, title=title)
    axes = picture.subplots()
    areas = {}
    for (name, each), color in zip(scores.items(), _colors(scores), strict=True):
        mean, reach = interval(100 * each)
        style = ("--", ":")["ink" in name] if name.startswith("random") else "-"
        axes.plot(100 * removed, mean, style, color=color, lw=2, label=name)
        axes.fill_between(100 * removed, mean - reach, mean + reach, color=color, alpha=0.18, lw=0)
        areas[name] = interval(100 * np.trapezoid(each, removed, axis=1))
    axes.set_xlim(0, 100)
    axes.set_ylim(0, 101)
    axes.set_xlabel("pixels removed (% of the page)")
    axes.set_ylabel("probability of the answer (%)")
    axes.grid(axis="y", color=GRID)
    axes.legend(frameon=False, loc="upper center", bbox_to_anchor=(0.5, -0.16), ncols=3)
    text = "; ".join(f"{name} {mean:.1f} ± {reach:.1f}" for name, (mean, reach) in areas.items())
    n = len(next(iter(scores.values())))
    return picture.describe(
        alt=f"{sentence(title)} Falling curves, one for each order of removal. Mean heights in percent: {text}.",
        caption=f"Means over {n} digits; bands reach 1.96 standard errors to each side, a 95 % interval. Mean height "
        f"of each curve, in percent, the lower the better: {text}.",
    )


@styled
def similarity_bars(similarities: Mapping[str, Mapping[str, ArrayLike]], *, title: str) -> Picture:
    """Draw how similar maps of two networks are, for several ways to compare them.

    Args:
        similarities: dict from a way to compare to a dict from a method's name to rank correlations (n,).
        title: what to see.

    Returns:
        A Picture of bars in groups, one group a method, from -1 to 1, with 95 % intervals.
    """
    methods = list(next(iter(similarities.values())))
    picture = Picture(7.2, 3.6, title=title)
    axes = picture.subplots()
    width = 0.8 / len(similarities)
    text = []
    for i, ((way, each), color) in enumerate(zip(similarities.items(), (OURS, "#E69F00", QUIET), strict=False)):
        means, reaches = np.transpose([interval(each[method]) for method in methods])
        where = np.arange(len(methods)) - 0.4 + width * (i + 0.5)
        axes.bar(where, means, width * 0.9, yerr=reaches, color=color, ecolor=INK, capsize=3, label=way)
        for x, mean, reach in zip(where, means, reaches, strict=True):
            axes.text(x, max(mean, 0) + reach + 0.03, f"{mean.round(2) + 0.0:.2f}", ha="center", fontsize=8.5)
        pairs = zip(methods, means.round(2) + 0.0, strict=True)  # + 0.0: no "-0.00"
        text.append(f"{way.capitalize()}: {listed(f'{method} {mean:.2f}' for method, mean in pairs)}")
    axes.axhline(0, color=INK, lw=0.8)
    axes.set_xticks(range(len(methods)), methods)
    axes.set_ylim(min(-0.1, axes.get_ylim()[0]), 1.12)
    axes.set_ylabel("rank correlation")
    axes.legend(frameon=False, loc="upper center", bbox_to_anchor=(0.5, -0.12), ncols=3)
    text = ". ".join(text)
    return picture.describe(
        alt=f"{sentence(title)} Bars from 0, no likeness, to 1, the same order of pixels. {text}.",
        caption=f"0: no likeness. 1: the same order of pixels. The lines reach 1.96 standard errors over the digits to "
        "each side. "
        f"{text}.",
    )


def _colors(scores):
    """Gray for the random orders, a color each for the others."""
    colors = iter(COLORS)
    return [QUIET if name.startswith("random") else next(colors) for name in scores]
