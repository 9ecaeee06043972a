"""Pictures of LeNet-5's connections, and of the table of 1998 beside today's."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
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
            x, ours, color = getattr(each, cost), 100 * each.error.value, FAMILIES[each.row.family]
            if each.row.paper:
                then = each.row.paper_costs[at] if each.row.paper_costs else x
                axes.plot([then, x], [each.row.paper, ours], color=color, lw=1, alpha=0.5)
                axes.plot(then, each.row.paper, **THEN, color=color)
            axes.plot(x, ours, **NOW, color=color)
            _name(axes, each.row, (x, ours), color, above=not each.row.paper or each.row.paper < 0.95 * ours)
        for row in only_then.values():
            place = row.paper_costs[at], row.paper
            axes.plot(*place, **THEN, color=FAMILIES[row.family])
            _name(axes, row, place, QUIET)
        axes.set_xscale("log")
        axes.set_yscale("log")
        axes.minorticks_off()
        axes.margins(x=0.15)
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


def _name(axes: Axes, row: "Row", place: tuple[float, float], color: str, *, above: bool = False) -> None:
    """Write a row's short name beside its dot: kernels' to the right, others' above or below, so that few collide."""
    if row.family == "kernel":
        where = {"xytext": (8, -4), "ha": "left"}
    else:
        where = {"xytext": (0, 8 if above else -15), "ha": "center"}
    axes.annotate(row.short, place, textcoords="offset points", fontsize=9, color=color, **where)
