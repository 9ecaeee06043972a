"""Pictures of LeNet-5's connections, and of the table of 1998 beside today's."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
from matplotlib import colormaps
from matplotlib.axes import Axes
from matplotlib.lines import Line2D

from lenet_tutorial.figures.picture import COLORS, FRAME, GRID, INK, OURS, QUIET, Picture, sentence, styled

if TYPE_CHECKING:
    from lenet_tutorial.studies.lenet5_1998.errors import Result
    from lenet_tutorial.studies.lenet5_1998.table import Row

FAMILIES = dict(zip(("linear", "neighbors", "kernel", "dense", "convolutional"), (*COLORS[1:5], OURS), strict=True))
THEN = {"ls": "none", "marker": "o", "ms": 7, "mfc": "white", "mew": 1.6}  # the dots of 1998
NOW = {"ls": "none", "marker": "o", "ms": 7}


@styled
def connection_table(table: Sequence[Sequence[int]], maps: int, *, title: str) -> Picture:
    """Draw which maps of one layer see which maps of the layer before.

    Args:
        table: for each map, the maps before it that it sees, counted from 0.
        maps: how many there are before it.
        title: what to see.

    Returns:
        A Picture: a column for each map, a row for each map before it, and the count under each column.
    """
    picture = Picture(7.2, 0.36 * maps + 1.8, title=title)
    axes = picture.subplots()
    sees = np.zeros((maps, len(table)))
    for column, seen in enumerate(table):
        sees[list(seen), column] = 1
    axes.pcolormesh(sees, cmap="Blues", vmin=0, vmax=1.3, edgecolors="white", linewidth=2)
    for column, seen in enumerate(table):
        axes.text(column + 0.5, maps + 0.5, str(len(seen)), ha="center", va="center", color=QUIET)
    axes.set_xticks(np.arange(len(table)) + 0.5, range(len(table)))
    axes.set_yticks(np.arange(maps + 1) + 0.5, [*range(maps), "sees"])
    axes.set_ylim(maps + 1, 0)
    axes.tick_params(length=0)
    axes.set_aspect("equal")
    axes.set_ylabel("map of S2")
    axes.set_xlabel("map of C3")
    pairs = int(sees.sum())
    return picture.describe(
        alt=f"{sentence(title)} A grid of {maps} by {len(table)}; {pairs} squares are filled.",
        caption=f"Blue: this map of C3 has a kernel for that map of S2. There are {pairs} kernels, of "
        f"{maps * len(table)} that all pairs would need. {int(sees.sum(axis=1).min())} maps of C3 see each map of S2.",
    )


@styled
def wiring(*, title: str) -> Picture:
    """Draw four ways to connect six inputs in a row with four neurons: everything, windows, sharing, pooling.

    Args:
        title: what to see.

    Returns:
        A Picture of four panels: inputs below, neurons above, a line for each product, in the color of its weight.
    """
    inputs, neurons, window = 6, range(1, 5), range(-1, 2)
    everything = [(at, neuron, (at, neuron)) for neuron in neurons for at in range(inputs)]
    windows = [(neuron + by, neuron, (by, neuron)) for neuron in neurons for by in window]
    shared = [(before, neuron, by) for before, neuron, (by, _) in windows]
    panels = {"fully connected": everything, "windows": windows, "windows, shared": shared, "shared and pooled": shared}
    picture, words = Picture(7.2, 2.4, title=title), []
    for axes, (name, lines) in zip(picture.subplots(1, 4, sharey=True), panels.items(), strict=True):
        weights = sorted({weight for *_, weight in lines})
        colors = COLORS[1:4] if len(weights) == len(window) else colormaps["turbo"](np.linspace(0, 1, len(weights)))
        for before, neuron, weight in lines:
            axes.plot([before, neuron], [0, 1], color=colors[weights.index(weight)], lw=1.6, zorder=1)
        dots = [(at, 0) for at in range(inputs)] + [(at, 1) for at in neurons]
        if name == "shared and pooled":
            pools = {1.5: (1, 2), 3.5: (3, 4)}
            for pool, members in pools.items():
                axes.plot([members[0], pool, members[1]], [1, 1.8, 1], color=QUIET, lw=1.2, ls=":", zorder=1)
                axes.annotate("max", (pool, 1.8), xytext=(0, 8), textcoords="offset points", ha="center", fontsize=9)
            dots += [(pool, 1.8) for pool in pools]
        axes.plot(*zip(*dots, strict=True), "o", ms=7, mfc="white", color=INK, zorder=2)
        axes.set_title(name)
        axes.set_xlabel(f"{len(weights)} weights")
        axes.set_xticks([])
        axes.set_yticks([])
        axes.set_ylim(-0.3, 2.3)
        for side in axes.spines.values():
            side.set_visible(False)
        words.append(f"{name}: {len(lines)} lines, {len(weights)} weights")
    return picture.describe(
        alt=f"{sentence(title)} Six inputs and four neurons, connected in four ways. {'; '.join(words)}.",
        caption="Below: six inputs. Above: four neurons. A line is a product with a weight, and lines of one color "
        "have the same weight. Dotted: the larger of two activations.",
    )


@styled
def then_and_now(results: Mapping[str, "Result"], only_then: Mapping[str, "Row"], *, title: str) -> Picture:
    """Draw the paper's test errors beside ours.

    Args:
        results: what the runs of some rows gave; rows that the paper lacks have no hollow dot.
        only_then: rows of the paper that were not run again.
        title: what to see.

    Returns:
        A Picture: a line for each row, a hollow dot for 1998, a filled one for the mean of our runs, each run a tick.
    """
    picture = Picture(7.2, 0.34 * (len(results) + len(only_then)) + 1.5, title=title)
    axes = picture.subplots()
    told = []
    for y, each in enumerate(results.values()):
        ours, color = 100 * each.error.value, FAMILIES[each.row.family]
        if each.row.paper:
            axes.plot([each.row.paper, ours], [y, y], color=FRAME, lw=2, zorder=1)
            axes.plot(each.row.paper, y, **THEN, color=color)
        axes.plot(100 * np.array(each.errors), [y] * len(each.errors), "|", ms=13, color=color, alpha=0.7)
        axes.plot(ours, y, **NOW, color=color)
        told.append(f"{each.row.words} {f'{each.row.paper:g} then, ' if each.row.paper else ''}{ours:.2f} now")
    for y, row in enumerate(only_then.values(), len(results)):
        axes.plot(row.paper, y, **THEN, color=FAMILIES[row.family])
        told.append(f"{row.words} {row.paper:g} then")
    rows = [*(each.row for each in results.values()), *only_then.values()]
    axes.set_yticks(range(len(rows)), [row.words for row in rows], fontsize=9.5)
    axes.invert_yaxis()
    axes.set_xscale("log")
    ticks = (0.5, 1, 2, 5, 10, 15)
    axes.set_xticks(ticks, [f"{tick:g}" for tick in ticks])
    axes.minorticks_off()
    axes.set_xlim(0.45, 16)
    axes.set_xlabel("test digits misread (%)")
    axes.grid(axis="x", color=GRID)
    dots = [
        Line2D([], [], **THEN, color=INK, label="1998"),
        Line2D([], [], **NOW, color=INK, label="today, mean"),
        Line2D([], [], ls="none", marker="|", ms=13, color=INK, label="today, one run"),
    ]
    picture.legend(handles=dots, loc="outside lower center", ncols=3, frameon=False)
    return picture.describe(
        alt=f"{sentence(title)} Errors in percent: {'; '.join(told)}.",
        caption="Hollow: the paper's error. Filled: ours, on the same 10,000 test digits. Ticks: single runs. The axis "
        "is logarithmic, so that equal distances are equal factors.",
    )


# Where a name stands beside its dot, in points, so that none collide; the others stand below.
NAME_BESIDE = {
    **dict.fromkeys(("reduced SVM", "RBF units"), ((8, -4), "left")),
    "SVM": ((20, -18), "left"),
    **dict.fromkeys(("linear", "textbook"), ((0, 8), "center")),
    "LeNet-4": ((-8, -4), "right"),
}


@styled
def costs(results: Mapping[str, "Result"], only_then: Mapping[str, "Row"], *, title: str) -> Picture:
    """Draw the test error against the parameters and against the operations for one digit.

    Args:
        results: what the runs of some rows gave.
        only_then: rows of the paper that were not run again, with its costs.
        title: what to see.

    Returns:
        A Picture of two panels on logarithmic axes: hollow dots for 1998, at the paper's costs where it gives them;
        filled ones for today.
    """
    picture = Picture(7.2, 4.4, title=title)
    panels = picture.subplots(1, 2, sharey=True)
    for at, (axes, cost) in enumerate(zip(panels, ("parameters", "operations"), strict=True)):
        for each in results.values():
            now, color = (getattr(each, cost), 100 * each.error.value), FAMILIES[each.row.family]
            if each.row.paper:
                then = each.row.paper_costs[at] if each.row.paper_costs else now[0], each.row.paper
                axes.plot(*zip(then, now, strict=True), color=color, lw=1, alpha=0.5)
                axes.plot(*then, **THEN, color=color)
            axes.plot(*now, **NOW, color=color)
            _name(axes, each.row, now, color)
        for row in only_then.values():
            place = row.paper_costs[at], row.paper
            axes.plot(*place, **THEN, color=FAMILIES[row.family])
            _name(axes, row, place, QUIET)
        axes.set_xscale("log")
        axes.set_yscale("log")
        axes.minorticks_off()
        axes.margins(x=0.2)
        axes.set_xlabel({"parameters": "parameters", "operations": "operations for one digit"}[cost])
        axes.grid(color=GRID)
        axes.set_box_aspect(1.15)
    ticks = (1, 2, 5, 10)
    panels[0].set_ylim(0.45, 18)
    panels[0].set_yticks(ticks, [str(tick) for tick in ticks])
    panels[0].set_ylabel("test digits misread (%)")
    told = "; ".join(
        f"{each.row.words}: {each.parameters:,} parameters, {each.operations:,} operations, "
        f"{100 * each.error.value:.2f}%"
        for each in results.values()
    )
    return picture.describe(
        alt=f"{sentence(title)} {told}.",
        caption="Hollow: 1998. Filled: today. Down and to the left is better. All axes are logarithmic. An operation "
        "is a multiplication with an addition.",
    )


def _name(axes: Axes, row: "Row", dot: tuple[float, float], color: str) -> None:
    """Write a row's short name beside its dot."""
    offset, align = NAME_BESIDE.get(row.short, ((0, -15), "center"))
    axes.annotate(row.short, dot, textcoords="offset points", xytext=offset, ha=align, fontsize=9, color=color)
