"""The charts of a report as SVG: they need no script, and a table beside each shows its figures."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

import numpy as np
import pandas as pd

from placer.report.html.calendar import Steps
from placer.report.html.markup import Html, fragment, name_of, shortened, tag
from placer.report.html.svg import (
    WIDTH,
    Scale,
    at_both_widths,
    box,
    chart,
    legend,
    line_legend,
    rule,
    text,
    ticks,
    time_axis,
    value_axis,
)
from placer.texts import spaced
from placer.tolerances import DISPLAY
from placer.utils.arrays import FloatArray
from placer.utils.numbers import figure, mark, plain_figure

#: Room around a chart: left for the values, right, above, and below for the hours.
LEFT, RIGHT, TOP, BOTTOM = 62, 12, 14, 34
#: Room for the unit above the values.
UNIT = 12
_ROW = 22
#: Room for names beside bars, wide and narrow, for figures behind them, and the width of a letter.
_NAMES, _NARROW_NAMES, _FIGURES, _LETTER = 150, 106, 100, 6.5
#: Width of a mark of the time in units of the drawing.
_MARK = 48


def stacked_bars(
    frame: pd.DataFrame,
    marks: pd.Series | None,
    unit: str,
    summary: str,
    marked: tuple[str, str] = ("price", "price: what one more would cost"),
    beside: Sequence[str] | None = None,
) -> Html:
    """Draw one bar per row, made of its columns, and a mark on each if given; leave out parts that are 0 everywhere.

    Parts below 0 lie to the left. A mark far beyond the longest bar is drawn at the edge with its figure, so that it
    does not shrink all bars. ``marked`` has the name of the marks in short and in full, ``beside`` a text behind the
    figure of each bar.
    """
    frame = _shown(frame)
    key = [(f"p-{part}", spaced(str(part))) for part in frame.columns]
    known = pd.Series(math.nan, frame.index) if marks is None else marks
    figures = list(map(plain_figure, frame.sum(axis=1, min_count=1)))
    if beside is not None:
        figures = list(map(" ".join, zip(figures, beside, strict=True)))
    drawing = at_both_widths(lambda width: _bars(frame, figures, known, marked[0], unit, summary, width))
    return fragment(legend(key if marks is None else [*key, ("mark", marked[1])]), drawing)


def _bars(
    frame: pd.DataFrame, figures: list[str], marks: pd.Series, marked: str, unit: str, summary: str, width: float
) -> Html:
    steps = _steps(frame, room=1.2)
    names = _NAMES if width == WIDTH else _NARROW_NAMES
    scale = Scale(steps[0], steps[-1], names, width - _FIGURES)
    bottom = TOP + _ROW * len(frame)
    every = 1 if width == WIDTH else 2
    grid = [
        part
        for step in steps[steps.index(0.0) % every :: every]
        for part in (
            rule(scale.at(step), TOP - 4, scale.at(step), bottom, "grid"),
            text(scale.at(step), bottom + 14, mark(step), class_="tick", text_anchor="middle"),
        )
    ]
    rows = [
        _bar(str(name), row, behind, marked, float(price), scale, TOP + _ROW * place, unit)
        for place, ((name, row), behind, price) in enumerate(zip(frame.iterrows(), figures, marks, strict=True))
    ]
    title = text(width - _FIGURES, bottom + 28, unit, class_="tick", text_anchor="end")
    return chart(width, bottom + 36, summary, *grid, *rows, title)


def _bar(name: str, row: pd.Series, behind: str, marked: str, price: float, scale: Scale, y: float, unit: str) -> Html:
    parts = [
        box(
            scale.at(low), y + 3, scale.at(high) - scale.at(low), _ROW - 7, f"{name}, {said} {unit}", class_=f"p-{part}"
        )
        for part, low, high, said in _ends(row)
    ]
    longest, edge = int((scale.start - 8) / _LETTER), scale.end + _FIGURES - 2
    shown = name if len(name) <= longest else shortened(name, longest=longest - 2)
    beyond = price > scale.high
    at = scale.at(price) if math.isfinite(price) and not beyond else None
    if at is not None:
        parts.append(box(at - 1.5, y, 3, _ROW - 1, f"{name}, {marked}: {figure(price)} {unit}", class_="mark"))
    end = max(scale.at(max((high for _, _, high, _ in _ends(row)), default=0.0)), at or 0.0)
    return fragment(
        text(scale.start - 8, y + 14, shown, class_="label", text_anchor="end"),
        *parts,
        text(end + 6, y + 14, behind, class_="value"),
        text(edge, y + 14, f"{marked} {figure(price)} \u25b8", class_="far", text_anchor="end") if beyond else None,
    )


def stacked_columns(
    frame: pd.DataFrame, steps: Steps, unit: str, summary: str, height: float = 230, line: pd.Series | None = None
) -> Html:
    """Draw one column per row (a step), made of its columns, and a line over them; omit parts that are 0 everywhere."""
    frame = _shown(frame)
    key = legend([(f"p-{part}", spaced(str(part))) for part in frame.columns]) if len(frame.columns) > 1 else None
    named = None if line is None else line_legend([("line over", str(line.name))])
    return fragment(
        key, named, at_both_widths(lambda width: _columns(frame, steps, unit, summary, height, line, width))
    )


def _columns(
    frame: pd.DataFrame, steps: Steps, unit: str, summary: str, height: float, line: pd.Series | None, width: float
) -> Html:
    above = np.empty(0) if line is None else line.to_numpy(float)
    values = _steps(frame, least=float(above[np.isfinite(above)].max(initial=0.0)))
    scale = Scale(values[0], values[-1], height - BOTTOM, TOP + UNIT)
    right = width - RIGHT
    each = (right - LEFT) / max(len(frame), 1)
    parts = []
    for place, (when, (_, row)) in enumerate(zip(steps.in_words, frame.iterrows(), strict=True)):
        left = round(LEFT + each * (place + 0.1), 1)
        for part, low, high, said in _ends(row):
            top, foot = scale.at(high), scale.at(low)
            parts.append(box(left, top, 0.8 * each, foot - top, f"{when}, {said} {unit}", class_=f"p-{part}"))
    middles = Scale(0, 1, LEFT + each / 2, LEFT + each * 1.5)
    return chart(
        width,
        height,
        summary,
        value_axis(scale, values, LEFT, right),
        unit_of(unit),
        *parts,
        None if line is None else tag("path", d=_broken(above, middles, scale), class_="line over"),
        _time(steps, right, height),
    )


def unit_of(unit: str) -> Html:
    """Return the unit of the values, above their axis."""
    return text(0, UNIT, unit, class_="tick")


def _time(steps: Steps, right: float, height: float) -> Html:
    """Return the time below a chart, each mark in the middle of its step's share of the width."""
    each = (right - LEFT) / len(steps)
    marks = steps.marks(max(int((right - LEFT) / _MARK), 1))
    return time_axis(
        [(LEFT + each * (place + 0.5), label) for place, label in marks.items()], right, height, steps.title
    )


def lines(frame: pd.DataFrame, steps: Steps, unit: str, summary: str, height: float = 230) -> Html:
    """Draw one line per column over the rows (steps); where a value is unknown, the line breaks."""
    names = [(f"line c{place}", str(name)) for place, name in enumerate(frame.columns)]
    return fragment(
        line_legend(names), at_both_widths(lambda width: _lines(frame, steps, unit, summary, height, width))
    )


def _lines(frame: pd.DataFrame, when: Steps, unit: str, summary: str, height: float, width: float) -> Html:
    values = frame.to_numpy(float)
    known = values[np.isfinite(values)]
    steps = ticks(float(known.max(initial=0.0)))
    low = min(float(known.min(initial=0.0)), 0.0)
    scale, right = Scale(low, steps[-1], height - BOTTOM, TOP + UNIT), width - RIGHT
    each = (right - LEFT) / max(len(frame), 1)
    across = Scale(0, 1, LEFT + each / 2, LEFT + each * 1.5)
    drawn = [
        tag("path", d=_broken(column, across, scale), class_=f"line c{place}") for place, column in enumerate(values.T)
    ]
    axis = fragment(value_axis(scale, steps, LEFT, right), unit_of(unit))
    return chart(width, height, summary, axis, *drawn, _time(when, right, height))


def _broken(values: FloatArray, across: Scale, up: Scale) -> str:
    """Return the path of a line that breaks where a value is unknown."""
    path, pen = "", "M"
    for place, value in enumerate(values.tolist()):
        if math.isfinite(value):
            path += f"{pen}{across.at(place):g} {up.at(value):g}"
            pen = "L"
        else:
            pen = "M"
    return path


def _ends(row: pd.Series) -> Iterator[tuple[str, float, float, str]]:
    """Yield the parts of a row with their start and end; positive and negative parts are stacked separately."""
    above = below = 0.0
    for part, value in row.items():
        said = f"{spaced(str(part))}: {plain_figure(value)}"
        if value > 0:
            yield str(part), above, above + value, said
            above += value
        elif value < 0:
            yield str(part), below + value, below, said
            below += value


def _steps(frame: pd.DataFrame, room: float = 1.0, least: float = 0.0) -> list[float]:
    """Return round values from the lowest to the highest end of any row or to ``least``, with some room beyond."""
    above, below = (float(frame.clip(lower=0).sum(axis=1).max()), float(-frame.clip(upper=0).sum(axis=1).min()))
    above = max(above, least)
    upwards = ticks(room * above if above > 0 else 0.0)
    if not below > 0:
        return upwards
    both = ticks(below) if below > room * above else upwards
    highest = math.ceil(room * max(above, 0.0) / both[1])
    return [both[1] * place for place in range(-math.ceil(below / both[1]), max(highest, 1) + 1)]


def _shown(frame: pd.DataFrame) -> pd.DataFrame:
    """Leave out the parts that are 0 everywhere, up to rounding; keep the first if all are."""
    size = float(np.abs(np.nan_to_num(frame.to_numpy(float))).max(initial=0.0))
    frame = frame.mask(frame.abs() <= DISPLAY * size, 0.0)
    used = [name for name in frame.columns if (frame[name].fillna(0.0) != 0).any()]
    return frame[used or list(frame.columns[:1])]


def sparkline(name: str, values: FloatArray, unit: str) -> Html:
    """Draw one line over the hours, with its minimum and maximum as text."""
    known = values[np.isfinite(values)]
    caption = tag("figcaption", name_of(name))
    if not known.size:
        return tag("figure", caption, tag("p", "nothing asked for", class_="note"), class_="spark")
    low, high = float(known.min()), float(known.max())
    across, up = Scale(0, max(len(values) - 1, 1), 3, 197), Scale(min(low, 0.9 * high), high, 43, 5)
    path = _broken(values, across, up)
    said = f"{figure(low)} to {figure(high)} {unit}"
    line = tag("path", d=path, class_="line")
    drawing = tag("svg", line, viewBox="0 0 200 48", role="img", aria_label=f"{name}: {said}", class_="sparkline")
    return tag("figure", caption, drawing, tag("p", said, class_="note"), class_="spark")
