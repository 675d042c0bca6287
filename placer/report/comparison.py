"""Several placements side by side: headline figures with their differences to the first, curves, and costs by hub."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from placer.report import charts
from placer.report.drawing import line_legend
from placer.report.figures import NOTHING, figure, percent, signed
from placer.report.markup import Html, join, name_of, tag
from placer.report.parts import folded, para, section, written
from placer.report.tables import written_table

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

    from placer.report.content import Content, Headline


#: Units that are written with the figures.
_UNITS = {"share": "", "gap": ""}


#: The columns of tables that stand side by side, and what they are called.
_COLUMNS = (
    ("workloads", "cost_usd_per_mtok", "Cost by workload, USD per Mtok"),
    ("workloads", "export_share", "Exported by workload, % of demand"),
    ("hubs", "cost_usd_per_mtok", "Cost by hub, USD per Mtok"),
    ("data_centres", "utilisation", "Accelerators at work by data centre, %"),
)


def comparison_section(contents: Sequence[Content]) -> Html:
    """Return what stands side by side."""
    names = [content.title for content in contents]
    rows = list(zip(*(content.headlines for content in contents), strict=True))
    labels = [f"{row[0].label}{_UNITS.get(row[0].unit, f', {row[0].unit}')}" for row in rows]
    cells = [_compared(row) for row in rows]
    return section(
        "compared",
        "Side by side",
        para("Headline figures; differences are to ", name_of(names[0]), "."),
        written_table(labels, cells, ["figure", *names], "Headline figures side by side"),
        _curves(contents),
        *(folded(caption, _column_by_column(contents, table, column, caption)) for table, column, caption in _COLUMNS),
    )


def _compared(row: Sequence[Headline]) -> list[str]:
    """Write one figure of all, with its difference to the first."""
    first = row[0]
    differences = (_difference(item, first) for item in row[1:])
    others = zip(row[1:], differences, strict=True)
    return [written(first), *(f"{written(item)} ({change})" if change else written(item) for item, change in others)]


def _difference(item: Headline, first: Headline) -> str:
    """Return the difference of a figure to the first: in points for shares, else in per cent; empty if unknown."""
    change = item.value - first.value
    if math.isnan(change) or item.unit == "gap":
        return ""
    if item.unit == "share":
        return signed(f"{100 * change:.{2 if abs(change) < 0.01 else 1}f} points", change)
    if first.value == 0:
        return signed(f"{figure(change)} {item.unit}", change)
    return signed(percent(change / abs(first.value)), change)


def _curves(contents: Sequence[Content]) -> Html | None:
    """Draw the ceiling curves of those that have one."""
    found = [(content.title, content.ceiling) for content in contents if content.ceiling is not None]
    if not found:
        return None
    entries = [(f"line c{place}", name) for place, (name, _) in enumerate(found)]
    return join(tag("h3", "Exportable share"), line_legend(entries), charts.ceiling_curve(found, "curves"))


def _column_by_column(contents: Sequence[Content], table: str, column: str, caption: str) -> Html:
    """Return one column of a table for every placement, by the names all of them have or any."""
    frames: list[pd.DataFrame] = [getattr(content, table) for content in contents]
    names = list(dict.fromkeys(str(name) for frame in frames for name in frame.index))
    write = figure if column.endswith("mtok") else percent
    columns = [dict(zip(map(str, frame.index), frame[column].tolist(), strict=True)) for frame in frames]
    cells = [
        [write(values[name]).removesuffix("%") if name in values else NOTHING for values in columns] for name in names
    ]
    heading = str(frames[0].index.name).replace("_", " ")
    return written_table(names, cells, [heading, *(content.title for content in contents)], caption)
