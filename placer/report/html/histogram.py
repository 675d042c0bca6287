"""A histogram: how many sets have a figure in each of some equal ranges, with the quantiles marked."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from placer.report.html.markup import Html, fragment, tag
from placer.report.html.svg import (
    WIDTH,
    Scale,
    at_both_widths,
    box,
    chart,
    round_marks,
    rule,
    text,
    ticks,
    value_axis,
    written_mark,
)
from placer.utils.arrays import FloatArray
from placer.utils.numbers import figure, percent

_HEIGHT, _LEFT, _RIGHT, _TOP, _BOTTOM = 190, 46, 14, 26, 34
#: Room for the name of a mark.
_NAME = 44
#: Largest number of ranges.
_MOST_BINS = 40


def histogram(values: FloatArray, marks: Mapping[str, float], title: str, summary: str, unit: str = "") -> Html:
    """Draw the distribution of values that are not all equal.

    Parameters
    ----------
    values : array of float
        Finite values of the sets.
    marks : mapping of str to float
        Values that are marked, by name.
    title : str
        Of the axis: the figure and its unit.
    summary : str
        Description of the chart for readers who cannot see it.
    unit : str
        % for shares.
    """
    edges = np.histogram_bin_edges(values, "auto")
    if len(edges) > _MOST_BINS + 1:
        edges = np.linspace(edges[0], edges[-1], _MOST_BINS + 1)
    counts, _ = np.histogram(values, edges)
    return at_both_widths(lambda width: _histogram(counts, edges, marks, title, summary, unit, width))


def _histogram(
    counts: NDArray[np.int64],
    edges: FloatArray,
    marks: Mapping[str, float],
    title: str,
    summary: str,
    unit: str,
    width: float,
) -> Html:
    bottom, right = _HEIGHT - _BOTTOM, width - _RIGHT
    steps = [step for step in ticks(float(counts.max()), 4) if step == int(step)]
    up, across = Scale(0, steps[-1], bottom, _TOP), Scale(float(edges[0]), float(edges[-1]), _LEFT, right)
    labels = [
        _tick(across.at(value), bottom + 16, written_mark(value, unit))
        for value in round_marks(float(edges[0]), float(edges[-1]), 5 if width == WIDTH else 3)
    ]
    named = [
        part
        for name, at in _apart([(name, across.at(value)) for name, value in marks.items()])
        for part in (rule(at, _TOP - 8, at, bottom, "reference"), _tick(at, _TOP - 12, name) if name else None)
    ]
    axis = fragment(value_axis(up, steps, _LEFT, right), _tick(_LEFT - 6, _TOP - 12, "sets", "end"))
    bars = tag("g", *_bars(counts, edges, up, across, unit), class_="marks")
    return chart(width, _HEIGHT, summary, axis, bars, *named, *labels, _tick(right, _HEIGHT - 3, title, "end"))


def _bars(counts: NDArray[np.int64], edges: FloatArray, up: Scale, across: Scale, unit: str) -> list[Html]:
    bars = []
    for count, low, high in zip(counts.tolist(), edges[:-1].tolist(), edges[1:].tolist(), strict=True):
        if count:
            left, top = across.at(low), up.at(count)
            tip = f"{_said(low, unit)} to {_said(high, unit)}: {count} {'set' if count == 1 else 'sets'}"
            bars.append(box(left + 0.5, top, across.at(high) - left - 1, up.start - top, tip, class_="p-accelerators"))
    return bars


def _tick(x: float, y: float, label: str, anchor: str = "middle") -> Html:
    return text(x, y, label, class_="tick", text_anchor=anchor)


def _apart(places: Sequence[tuple[str, float]]) -> list[tuple[str, float]]:
    """Return rising places of marks with their names; a name that has no room beside the last one is left out."""
    shown: list[tuple[str, float]] = []
    last = -math.inf
    for name, at in places:
        shown.append((name if at - last >= _NAME else "", at))
        last = at if at - last >= _NAME else last
    return shown


def _said(value: float, unit: str) -> str:
    return percent(value) if unit else figure(value)
