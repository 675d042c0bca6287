"""The section on limits of one's own: what they ask for, what is used, and what they cost at the margin."""

from __future__ import annotations

from typing import TYPE_CHECKING

from placer.report.content.own_limits import HEADINGS
from placer.report.html.layout import folded, para, section
from placer.report.html.markup import shortened
from placer.report.html.tables import written_table

if TYPE_CHECKING:
    import pandas as pd

    from placer.report.content.page import PageContent
    from placer.report.html.markup import Html


def own_limits_section(content: PageContent, prefix: str) -> Html | None:
    """Return the section on limits of one's own; nothing without any."""
    lines, rows = content.limit_lines, content.limit_rows
    if lines.empty:
        return None
    by_hour = len(rows) > len(lines)
    return section(
        f"{prefix}limits",
        "Limits of one's own",
        para(
            "What each limit asks for and what is used of it. The rent is what the least cost falls by for each unit "
            "by which the limit is relaxed; it is 0 where the limit binds nothing."
        ),
        _table(lines, "Limits of one's own"),
        folded("Hour by hour", _table(rows, "Limits of one's own, hour by hour")) if by_hour else None,
    )


def _table(lines: pd.DataFrame, caption: str) -> Html:
    names = [shortened(str(name), longest=120) for name in lines.index]
    return written_table(names, lines.to_numpy().tolist(), ["limit", *HEADINGS.values()], caption)
