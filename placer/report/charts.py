"""The charts of a report, drawn as SVG: they need no script, and what they show stands in a table beside them."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from placer.report.drawing import (
    WIDTH,
    Scale,
    box,
    chart,
    hour_axis,
    legend,
    rule,
    text,
    ticks,
    value_axis,
)
from placer.report.figures import figure, mark, percent
from placer.report.markup import Html, join, name_of, shorten, tag

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import pandas as pd

    from placer.report.content import CeilingContent

_LEFT, _RIGHT, _TOP, _BOTTOM = 62, WIDTH - 12, 14, 34
_NAME_WIDTH, _ROW = 150, 22
#: Longest names within a drawing.
_LONGEST = 22


def in_words(part: str) -> str:
    """Return the name of a part as people read it."""
    return part.replace("_", " ")


def stacked_bars(frame: pd.DataFrame, marks: pd.Series, unit: str, summary: str) -> Html:
    """Draw one bar per row, made of its columns, and a mark on each; parts that are 0 everywhere are left out.

    Parts below 0 stand to the left. A mark far beyond the longest bar stands at the edge with its figure, so that it
    does not shrink all others.
    """
    frame = _shown(frame)
    steps = _steps(frame, room=1.2)
    scale = Scale(steps[0], steps[-1], _NAME_WIDTH, WIDTH - 110)
    bottom = _TOP + _ROW * len(frame)
    grid = [
        part
        for step in steps
        for part in (
            rule(scale.at(step), _TOP - 4, scale.at(step), bottom, "grid"),
            text(scale.at(step), bottom + 14, mark(step), class_="tick", text_anchor="middle"),
        )
    ]
    rows = [
        _bar(str(name), row, float(price), scale, _TOP + _ROW * place, unit)
        for place, ((name, row), price) in enumerate(zip(frame.iterrows(), marks, strict=True))
    ]
    drawing = chart(bottom + 22, summary, *grid, *rows)
    key = [(f"p-{part}", in_words(part)) for part in frame.columns]
    return join(legend([*key, ("mark", "price: what one more would cost")]), drawing)


def _bar(name: str, row: pd.Series, price: float, scale: Scale, y: float, unit: str) -> Html:
    parts = [
        box(
            scale.at(low), y + 3, scale.at(high) - scale.at(low), _ROW - 7, f"{name}, {said} {unit}", class_=f"p-{part}"
        )
        for part, low, high, said in _ends(row)
    ]
    beyond = price > scale.high
    at = scale.at(price) if math.isfinite(price) and not beyond else None
    if at is not None:
        parts.append(box(at - 1.5, y, 3, _ROW - 1, f"{name}, price: {figure(price)} {unit}", class_="mark"))
    end = max(scale.at(max((high for _, _, high, _ in _ends(row)), default=0.0)), at or 0.0)
    return join(
        text(_NAME_WIDTH - 8, y + 14, shorten(name, longest=_LONGEST), class_="label", text_anchor="end"),
        *parts,
        text(end + 6, y + 14, figure(float(row.sum(min_count=1))), class_="value"),
        text(WIDTH - 2, y + 14, f"price {figure(price)} \u25b8", class_="far", text_anchor="end") if beyond else None,
    )


def stacked_columns(frame: pd.DataFrame, unit: str, summary: str, height: float = 230) -> Html:
    """Draw one column per row (an hour), made of its columns; parts that are 0 everywhere are left out."""
    frame = _shown(frame)
    steps = _steps(frame)
    scale = Scale(steps[0], steps[-1], height - _BOTTOM, _TOP)
    width = (_RIGHT - _LEFT) / max(len(frame), 1)
    parts = []
    for place, (hour, row) in enumerate(frame.iterrows()):
        left = round(_LEFT + width * (place + 0.1), 1)
        for part, low, high, said in _ends(row):
            top, foot = scale.at(high), scale.at(low)
            tip = f"Hour {hour}, {said} {unit}"
            parts.append(box(left, top, 0.8 * width, foot - top, tip, class_=f"p-{part}"))
    middles = [_LEFT + width * (place + 0.5) for place in range(len(frame))]
    drawing = chart(
        height,
        summary,
        value_axis(scale, steps, _LEFT, _RIGHT),
        *parts,
        hour_axis([str(hour) for hour in frame.index], middles, height - 16),
        text(_RIGHT, height - 2, "hour", class_="tick", text_anchor="end"),
    )
    key = legend([(f"p-{part}", in_words(str(part))) for part in frame.columns]) if len(frame.columns) > 1 else None
    return join(key, drawing)


def _ends(row: pd.Series) -> Iterator[tuple[str, float, float, str]]:
    """Yield the parts of a row with where they begin and end: above 0 on top of each other, below 0 likewise."""
    above = below = 0.0
    for part, value in row.items():
        said = f"{in_words(str(part))}: {figure(value)}"
        if value > 0:
            yield str(part), above, above + value, said
            above += value
        elif value < 0:
            yield str(part), below + value, below, said
            below += value


def _steps(frame: pd.DataFrame, room: float = 1.0) -> list[float]:
    """Return round values from the lowest to the highest end of any row, with some room beyond the highest."""
    above, below = (frame.clip(lower=0).sum(axis=1).max(), -frame.clip(upper=0).sum(axis=1).min())
    upwards = ticks(room * float(above) if above > 0 else 0.0)
    if not below > 0:
        return upwards
    step = upwards[1]
    return [-step * place for place in range(math.ceil(float(below) / step), 0, -1)] + upwards


def _shown(frame: pd.DataFrame) -> pd.DataFrame:
    """Leave out the parts that are 0 everywhere; keep the first if all are."""
    used = [name for name in frame.columns if (frame[name].fillna(0.0) != 0).any()]
    return frame[used or list(frame.columns[:1])]


def sparkline(name: str, values: np.ndarray, unit: str) -> Html:
    """Draw one line over the hours, with its least and its most as text."""
    known = values[np.isfinite(values)]
    caption = tag("figcaption", name_of(name))
    if not known.size:
        return tag("figure", caption, tag("p", "nothing asked for", class_="note"), class_="spark")
    low, high = float(known.min()), float(known.max())
    across, up = Scale(0, max(len(values) - 1, 1), 3, 197), Scale(min(low, 0.9 * high), high, 43, 5)
    path, pen = "", "M"
    for place, value in enumerate(values):
        if math.isfinite(value):
            path += f"{pen}{across.at(place):g} {up.at(value):g}"
            pen = "L"
        else:
            pen = "M"
    said = f"{figure(low)} to {figure(high)} {unit}"
    line = tag("path", d=path, class_="line")
    drawing = tag("svg", line, viewBox="0 0 200 48", role="img", aria_label=f"{name}: {said}", class_="sparkline")
    return tag("figure", caption, drawing, tag("p", said, class_="note"), class_="spark")


def step_path(limits: Sequence[float], values: Sequence[float], across: Scale, up: Scale) -> str:
    """Return the path of a step function, from its first limit to the end of the scale."""
    path = ""
    for place, (limit, value) in enumerate(zip(limits, values, strict=True)):
        x, y = across.at(limit), up.at(value)
        path += f"M{x:g} {y:g}" if place == 0 else f"H{x:g}V{y:g}"
    return path + f"H{across.end:g}"


def curve_scales(longest: float) -> tuple[Scale, Scale]:
    """Return the scales of a ceiling curve: limits across, shares upwards."""
    return Scale(0, 1.05 * longest or 1.0, _LEFT, _RIGHT), Scale(0, 1, 280 - _BOTTOM, _TOP)


def curve_frame(longest: float) -> dict[str, float]:
    """Return where the drawing of a curve stands, for the script that points at its corners."""
    across, up = curve_scales(longest)
    return {"left": across.start, "right": across.end, "top": up.end, "bottom": up.start, "most": across.high}


def ceiling_curve(curves: Sequence[tuple[str, CeilingContent]], identity: str) -> Html:
    """Draw the exportable share of one or several curves, and of a single one what is unserved and where it settles."""
    longest = max(float(curve["rtt_limit_ms"].max()) for curve in (content.curve for _, content in curves))
    across, up = curve_scales(longest)
    bottom = up.start
    parts = [value_axis(up, [0, 0.25, 0.5, 0.75, 1], _LEFT, _RIGHT, "%")]
    parts += [
        text(across.at(limit), bottom + 16, mark(limit), class_="tick", text_anchor="middle")
        for limit in ticks(across.high, 8)
        if limit <= across.high
    ]
    if len(curves) == 1:
        parts.append(_settled(curves[0][1], across, up))
    for place, (_, content) in enumerate(curves):
        curve = content.curve
        path = step_path(curve["rtt_limit_ms"].tolist(), curve["share"].tolist(), across, up)
        parts.append(tag("path", d=path, class_=f"line c{place}"))
    parts.append(tag("g", class_="cursor"))
    parts.append(
        text(_RIGHT, 278, "limit on the round trip of work that cannot wait, ms", class_="tick", text_anchor="end")
    )
    summary = "; ".join(
        f"{name}: exportable {percent(content.share)}, all of it from {content.exportable_from:g} ms"
        for name, content in curves
    )
    return chart(282, f"Ceiling curve. {summary}", *parts, id=identity)


def _settled(content: CeilingContent, across: Scale, up: Scale) -> Html:
    """Draw what is unserved, the economic range, and the limits from which on all is served or exportable."""
    curve = content.curve
    path = step_path(curve["rtt_limit_ms"].tolist(), curve["unserved_share"].tolist(), across, up)
    low, high = content.economic_range
    y = up.at(high)
    parts = [
        box(across.start, y - 1, across.end - across.start, up.at(low) - y + 2, "exported at least cost", class_="band")
    ]
    parts.append(
        text(across.end - 4, y - 6, f"exported at least cost: {percent(high)}", class_="value", text_anchor="end")
    )
    for limit, label, line in (
        (content.served_from, "all served", 0),
        (content.exportable_from, "all exportable", 1),
    ):
        x = across.at(limit)
        near_end = x > across.start + 0.6 * (across.end - across.start)
        anchor = {"text_anchor": "end" if near_end else "start"}
        parts.append(rule(x, up.end, x, up.start, "reference"))
        said = f"{label} from {limit:.4g} ms"
        parts.append(text(x + (-5 if near_end else 5), up.end + 10 + 14 * line, said, class_="value", **anchor))
    parts.append(tag("path", d=path, class_="line unserved-line"))
    return join(*parts)


def split_bar(parts: Sequence[tuple[str, str, float]], summary: str) -> Html:
    """Draw shares of one (class, label, share) as one bar, with labels beneath those that have room."""
    across = Scale(0, max(sum(share for *_, share in parts if share > 0), 1e-12), 0, WIDTH)
    x, drawn = 0.0, []
    for name, label, share in parts:
        if share <= 0:
            continue
        start, end = across.at(x), across.at(x + share)
        drawn.append(box(start, 0, end - start - 1, 34, f"{label}: {percent(share)}", class_=name))
        if end - start > 6.5 * len(label):
            drawn.append(text(start, 50, label, class_="label"))
            drawn.append(text(start, 65, percent(share), class_="value"))
        x += share
    return chart(70, summary, *drawn)
