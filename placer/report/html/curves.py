"""The drawings of a ceiling: its curve over a limit on the round trip, and the bar of what takes the rest."""

from __future__ import annotations

from typing import TYPE_CHECKING

from placer.report.html.charts import BOTTOM, LEFT, RIGHT, TOP
from placer.report.html.markup import Html, fragment, tag
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
    value_axis,
)
from placer.utils.numbers import mark, percent

if TYPE_CHECKING:
    from collections.abc import Sequence

    from placer.report.content.ceiling import CeilingContent

_HEIGHT = 282
#: Width of a letter of a label, and the units of the drawing that a mark of the limit takes.
_LETTER, _MARK = 6.5, 75
#: Height that the titles of limits take at the top.
_TITLES = 34
_UNSERVED = ("line unserved-line", "unserved")


def step_path(limits: Sequence[float], values: Sequence[float], across: Scale, up: Scale) -> str:
    """Return the path of a step function, from its first limit to the end of the scale."""
    path = ""
    for place, (limit, value) in enumerate(zip(limits, values, strict=True)):
        x, y = across.at(limit), up.at(value)
        path += f"M{x:g} {y:g}" if place == 0 else f"H{x:g}V{y:g}"
    return path + f"H{across.end:g}"


def ceiling_curve(curves: Sequence[tuple[str, CeilingContent]], identity: str) -> Html:
    """Draw the exportable share of one or several curves with their legend.

    Of a single one, what is unserved, the other ceilings and where the curve settles are drawn too.
    """
    names = [(f"line c{place}", name) for place, (name, _) in enumerate(curves)]
    names += [_UNSERVED] if len(curves) == 1 else []
    drawn = at_both_widths(lambda width: _curves(curves, identity if width == WIDTH else f"{identity}-narrow", width))
    return fragment(line_legend(names), drawn)


def _curves(curves: Sequence[tuple[str, CeilingContent]], identity: str, width: float) -> Html:
    longest = max(float(curve["rtt_limit_ms"].max()) for curve in (content.curve for _, content in curves))
    right = width - RIGHT
    across = Scale(0, 1.05 * longest or 1.0, LEFT, right)
    up = Scale(0, 1, _HEIGHT - 2 - BOTTOM, TOP)
    parts = [value_axis(up, [0, 0.25, 0.5, 0.75, 1], LEFT, right, "%")]
    parts += [
        text(across.at(limit), up.start + 16, mark(limit), class_="tick", text_anchor="middle")
        for limit in ticks(across.high, max(int((right - LEFT) / _MARK), 2))
        if limit <= across.high
    ]
    if len(curves) == 1:
        parts.append(_beside(curves[0][1], across, up))
    for place, (_, content) in enumerate(curves):
        curve = content.curve
        path = step_path(curve["rtt_limit_ms"].tolist(), curve["share"].tolist(), across, up)
        parts.append(tag("path", d=path, class_=f"line c{place}"))
    frame = {
        "data_left": across.start,
        "data_right": across.end,
        "data_top": up.end,
        "data_bottom": up.start,
        "data_most": f"{across.high:.8g}",
    }
    parts.append(tag("g", class_="cursor", **frame))
    said = "limit on the round trip of work that cannot wait, ms" if width == WIDTH else "limit on the round trip, ms"
    parts.append(text(right, _HEIGHT - 4, said, class_="tick", text_anchor="end"))
    summary = "; ".join(
        f"{name}: exportable {percent(content.share)}, all of it from {content.exportable_from:g} ms"
        for name, content in curves
    )
    return chart(width, _HEIGHT, f"Ceiling curve. {summary}", *parts, id=identity)


def _beside(content: CeilingContent, across: Scale, up: Scale) -> Html:
    """Draw what stands beside a single curve: what is unserved, other shares, and from where on it is level."""
    curve = content.curve
    path = step_path(curve["rtt_limit_ms"].tolist(), curve["unserved_share"].tolist(), across, up)
    low, high = content.economic_range
    band = box(
        across.start,
        up.at(high) - 1,
        across.end - across.start,
        up.at(low) - up.at(high) + 2,
        "exported at least cost",
        class_="band",
    )
    levels = [
        ("exported at least cost", high),
        ("with swaps", content.gross_share),
        ("distance and law alone", content.latency_share),
    ]
    return fragment(
        band,
        *(rule(across.start, up.at(share), across.end, up.at(share), "reference") for _, share in levels[1:]),
        _levels(levels, across, up),
        _settled(content, across, up),
        tag("path", d=path, class_="line unserved-line"),
    )


def _levels(levels: Sequence[tuple[str, float]], across: Scale, up: Scale) -> Html:
    """Write what levels of share stand for, none over another; equal ones stand together.

    They stand at the right end, and at the left where titles of limits are in the way.
    """
    written: list[Html] = []
    together: dict[str, list[str]] = {}
    for label, share in sorted(levels, key=lambda level: level[1]):
        together.setdefault(percent(share), []).append(label)
    shares = dict(zip((percent(share) for _, share in levels), (share for _, share in levels), strict=True))
    lowest = up.start + _LETTER
    for said, labels in together.items():
        y = lowest = min(up.at(shares[said]) - 6, lowest - 13)
        x, anchor = (across.start + 4, "start") if y < up.end + _TITLES else (across.end - 4, "end")
        written.append(text(x, y, f"{' and '.join(labels)}: {said}", class_="value", text_anchor=anchor))
    return fragment(*written)


def _settled(content: CeilingContent, across: Scale, up: Scale) -> Html:
    """Mark the limits from which on all that can be is served and exported; their names stand at the top."""
    parts = []
    for line, (limit, label) in enumerate(
        ((content.served_from, "all served"), (content.exportable_from, "all exportable"))
    ):
        x = across.at(limit)
        near_end = x > across.start + 0.6 * (across.end - across.start)
        said = f"{label} from {limit:.4g} ms"
        anchor = "end" if near_end else "start"
        parts.append(rule(x, up.end, x, up.start, "reference"))
        parts.append(
            text(x + (-5 if near_end else 5), up.end + 10 + 14 * line, said, class_="value", text_anchor=anchor)
        )
    return fragment(*parts)


def split_bar(parts: Sequence[tuple[str, str, float]], summary: str) -> Html:
    """Draw shares of one (class, label, share) as one bar with a legend; shares of 0 and below are left out."""
    shown = [part for part in parts if part[2] > 0]
    key = [(name, f"{label} {percent(share)}") for name, label, share in shown]
    return fragment(at_both_widths(lambda width: _split(shown, summary, width)), legend(key))


def _split(parts: Sequence[tuple[str, str, float]], summary: str, width: float) -> Html:
    across = Scale(0, max(sum(share for *_, share in parts), 1e-12), 0, width)
    x, drawn = 0.0, []
    for name, label, share in parts:
        start, end = across.at(x), across.at(x + share)
        drawn.append(box(start, 0, end - start - 1, 34, f"{label}: {percent(share)}", class_=name))
        x += share
    return chart(width, 34, summary, *drawn)
