"""The section on how much can leave: the ceiling, what sets it, and its curve."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from placer.report import charts
from placer.report.drawing import line_legend
from placer.report.figures import percent
from placer.report.markup import Html, tag
from placer.report.parts import folded, para, section
from placer.report.tables import written_table

if TYPE_CHECKING:
    import pandas as pd

    from placer.report.content import Content

#: Corners of the curve listed as a table.
_CORNERS = 15


def ceiling_section(content: Content, prefix: str) -> Html:
    """Return the ceiling, what sets it, and its curve."""
    title, found = "How much can leave", content.ceiling
    if found is None:
        return section(f"{prefix}ceiling", title, para("The ceiling was not computed for this report."))
    low, high = found.economic_range
    parts = [("s-exportable", "exportable", found.share)]
    parts += [
        (f"s-{str(name).replace(' ', '-')}", str(name), float(value)) for name, value in found.limits["share"].items()
    ]
    economic = " to ".join(dict.fromkeys([percent(low), percent(high)]))
    if found.economic_detail:
        economic += f" (bounds only, not proven: {found.economic_detail})"
    said = "; ".join(f"{label} {percent(share)}" for _, label, share in parts)
    curve = found.curve
    return section(
        f"{prefix}ceiling",
        title,
        para(
            f"At most {percent(found.share)} of demand ({percent(found.work_share)} of the work) could be served in "
            f"another region, with {percent(found.unserved_share, 2)} unserved, the least possible, and nothing sent "
            f"in exchange. Distance and law alone would allow {percent(found.latency_share)}; swaps would make it "
            f"{percent(found.gross_share)}. {economic} leaves where cost decides. What takes the rest:",
        ),
        charts.split_bar(parts, f"What sets the ceiling: {said}"),
        written_table(
            [label for _, label, _ in parts],
            [
                [percent(share, 2).removesuffix("%"), percent(unserved, 2).removesuffix("%")]
                for (*_, share), unserved in zip(parts, [0.0, *found.limits["unserved_share"]], strict=True)
            ],
            ["limit", "% of demand", "unserved by it, %"],
            "What sets the ceiling: means over all orders of lifting the limits (Shapley)",
        ),
        para(
            "The same ceiling under a limit on the round trip of work that cannot wait, in ",
            tag("strong", f"{len(curve)} exact corners"),
            ". Below the limit from which all is served, unserved demand comes first, so that exports may fall.",
            *_thinned(found.corners_left_out),
        ),
        line_legend([("line c0", "exportable"), ("line unserved-line", "unserved")]),
        charts.ceiling_curve([("all demand", found)], f"{prefix}curve"),
        _curve_reader(content),
        _corners(curve),
    )


def _thinned(left_out: int) -> list[str]:
    return [f" {left_out} further corners are left out of this page."] if left_out else []


def _curve_reader(content: Content) -> Html:
    last = 0 if content.ceiling is None else len(content.ceiling.curve) - 1
    corner = tag("input", type="range", min="0", max=str(last), value=str(last // 2), data_role="corner")
    return tag(
        "div",
        tag("label", "Read the curve at a corner", corner),
        tag("output", data_role="corner-name"),
        class_="controls",
        hidden=True,
    )


def _corners(curve: pd.DataFrame) -> Html:
    places = np.unique(np.linspace(0, len(curve) - 1, min(_CORNERS, len(curve))).round().astype(int))
    shown = curve.iloc[places]
    names = [f"{limit:.6g}" for limit in shown["rtt_limit_ms"].tolist()]
    columns = (shown[name].tolist() for name in ("share", "unserved_share", "exact", "share_low", "share_high"))
    cells = [
        [
            percent(share, 2).removesuffix("%"),
            percent(unserved, 2).removesuffix("%"),
            "exact" if exact else f"{percent(low, 2)} to {percent(high, 2)}",
        ]
        for share, unserved, exact, low, high in zip(*columns, strict=True)
    ]
    caption = f"{len(shown)} of the {len(curve)} corners of the curve"
    whole = written_table(names, cells, ["limit, ms", "exportable, %", "unserved, %", "bounds"], caption)
    return folded(caption, whole)
