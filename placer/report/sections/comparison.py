"""Several placements side by side: differences from the first, also as a map, and charts of costs and prices."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import pandas as pd

from placer.placement.accounts import COST_PARTS
from placer.report.content.findings import changes
from placer.report.content.headlines import Headline, written
from placer.report.content.page import PageContent
from placer.report.html import charts
from placer.report.html.markup import Html, folded, name_of, para, section, tag
from placer.report.html.tables import Cell, shares, written_table
from placer.report.sections.ceiling import draw_ceilings
from placer.report.sections.changes_map import changes_map
from placer.report.sections.results import unit_of_prices
from placer.tolerances import DISPLAY
from placer.utils.arrays import without_noise
from placer.utils.numbers import NOTHING, figure, percent, points, signed

#: Units that are written with the figures.
_UNITS = {"share": "", "gap": ""}

#: The part of the cost that is of no hub.
_OTHER = "other"

#: The columns of tables that are shown side by side, and their titles with the currency to fill in.
_COLUMNS = (
    ("workloads", "cost_usd_per_mtok", "Cost by workload, {currency} per Mtok"),
    ("workloads", "price_usd_per_mtok", "Mean price by workload, {currency} per Mtok"),
    ("workloads", "export_share", "Exported by workload, % of demand"),
    ("hubs", "cost_usd_per_mtok", "Cost by hub, {currency} per Mtok"),
    ("hubs", "price_usd_per_mtok", "Mean price by hub, {currency} per Mtok"),
    ("data_centres", "mtok", "Served by data centre, Mtok"),
    ("data_centres", "utilisation", "Accelerators at work by data centre, %"),
)


def comparison_section(contents: Sequence[PageContent]) -> Html:
    """Return the differences of the other placements to the first."""
    return section(
        "compared",
        "What changed",
        *_sentences(contents),
        *_headlines(contents),
        *_maps(contents),
        *_costs(contents),
        *_prices(contents),
        *_curves(contents),
        tag("h3", "Side by side in full"),
        *(_folded_column(contents, table, column, title) for table, column, title in _COLUMNS),
    )


def _sentences(contents: Sequence[PageContent]) -> list[Html]:
    """Return sentences on the changes in each placement, with a warning where costs refer to unequal amounts."""
    first = contents[0]
    said = [
        tag("p", tag("strong", name_of(other.title)), " beside ", name_of(first.title), ": ", changes(first, other))
        for other in contents[1:]
    ]
    served = [float(content.hubs["served_mtok"].sum()) for content in contents]
    if any(abs(amount - served[0]) > DISPLAY * max(served[0], amount) for amount in served):
        said.append(
            para("They serve unequal amounts: compare cost and penalty for a million tokens of demand, like for like.")
        )
    return said


def _headlines(contents: Sequence[PageContent]) -> list[Html | None]:
    """Return the changed figures as a table, and the others folded."""
    rows = list(zip(*(content.compared for content in contents), strict=True))
    changed = [row for row in rows if any(_differs(item, row[0]) for item in row[1:])]
    same = [row for row in rows if row not in changed and not all(math.isnan(item.value) for item in row)]
    first = contents[0].title
    return [
        _table(contents, changed, f"Figures that changed; changes are to {first}") if changed else None,
        folded("Figures that did not change", _table(contents, same, "Figures that did not change")) if same else None,
    ]


def _differs(item: Headline, first: Headline) -> bool:
    """Return whether a figure differs or only one of the two is known; proofs differ by their verdict."""
    if item.unit == "gap":
        return item.text != first.text
    if math.isnan(item.value) or math.isnan(first.value):
        return math.isnan(item.value) != math.isnan(first.value)
    return abs(item.value - first.value) > DISPLAY * max(abs(item.value), abs(first.value))


def _table(contents: Sequence[PageContent], rows: Sequence[Sequence[Headline]], caption: str) -> Html:
    names = [content.title for content in contents]
    headings = ["figure", names[0]]
    for name in names[1:]:
        headings += [name, "change"]
    labels = [f"{row[0].label}{_UNITS.get(row[0].unit, f', {row[0].unit}')}" for row in rows]
    cells = [
        [_value(row[0]), *(cell for item in row[1:] for cell in (_value(item), _change(item, row[0])))] for row in rows
    ]
    return written_table(labels, cells, headings, caption)


def _value(item: Headline) -> str | Cell:
    return item.text or Cell(written(item), 100 * item.value if item.unit == "share" else item.value)


def _change(item: Headline, first: Headline) -> str | Cell:
    """Return the change of a figure to the first: in points for shares, else in per cent; a dash if unknown."""
    change = item.value - first.value
    if math.isnan(change) or item.unit == "gap":
        return NOTHING
    if item.unit == "share":
        return signed(points(change), change)
    if first.value == 0:
        return signed(f"{figure(change)} {item.unit}", change)
    return signed(percent(change / abs(first.value)), change)


def _maps(contents: Sequence[PageContent]) -> list[Html]:
    """Draw a map of differences to the first for each of the others."""
    drawn: list[Html] = []
    for place, other in enumerate(contents[1:], 1):
        found = changes_map(contents[0].flows, other.flows, f"changes{place}")
        if found is not None:
            drawn += [tag("h3", "Who serves more and who less: ", name_of(other.title)), found]
    if drawn:
        note = (
            "Squares are data centres, the larger the more their tokens change. Arcs are the largest changes of flows."
        )
        drawn.append(tag("p", note, class_="note"))
    return drawn


def _costs(contents: Sequence[PageContent]) -> list[Html]:
    """Draw the cost of a million tokens in its parts, and the mean price, one bar for each placement."""
    rows = []
    for content in contents:
        served = float(content.hubs["served_mtok"].sum())
        usd = [float(content.hubs[f"{part}_usd"].sum()) for part in COST_PARTS]
        rows.append([value / served if served > 0 else math.nan for value in [*usd, _of_no_hub(content, sum(usd))]])
    frame = pd.DataFrame(rows, index=[content.title for content in contents], columns=[*COST_PARTS, _OTHER])
    frame = frame if frame[_OTHER].fillna(0.0).any() else frame.drop(columns=_OTHER)
    marks = pd.Series([content.mean_price for content in contents], index=frame.index)
    unit = unit_of_prices(contents[0].currency)
    said = "Cost of a million tokens in its parts, one bar for each placement; the table holds the figures."
    return [tag("h3", f"Cost and mean price, {unit}"), charts.stacked_bars(frame, marks, unit, said)]


def _of_no_hub(content: PageContent, of_hubs_usd: float) -> float:
    """Return the cost that is of no hub, as of contracts and own columns; 0 where it is rounding."""
    (cost,) = (item.value for item in content.headlines if item.label == "Cost in all")
    return float(without_noise(np.array(cost - of_hubs_usd), abs(cost)))


def _prices(contents: Sequence[PageContent]) -> list[Html]:
    """Draw the mean price over the hours, if all placements have the same hours."""
    steps = contents[0].steps
    if any(content.steps.labels != steps.labels for content in contents):
        return []
    lines = np.column_stack([content.prices.sum(axis=1, min_count=1).to_numpy(float) for content in contents])
    frame = pd.DataFrame(lines, index=steps.labels, columns=[content.title for content in contents])
    unit = unit_of_prices(contents[0].currency)
    said = f"Mean price by {steps.unit}, one line for each placement; the tables of each hold the figures."
    return [tag("h3", f"Mean price by {steps.unit}, {unit}"), charts.lines(frame, steps, unit, said)]


def _curves(contents: Sequence[PageContent]) -> list[Html]:
    """Draw the ceiling curves of the placements that have one."""
    found = [(content.title, content.ceiling) for content in contents if content.ceiling is not None]
    return [tag("h3", "Exportable share"), draw_ceilings(found, "curves")] if found else []


def _folded_column(contents: Sequence[PageContent], table: str, column: str, title: str) -> Html:
    """Return one column of a table for every placement, over all names of any placement, folded."""
    caption = title.format(currency=contents[0].currency)
    frames: list[pd.DataFrame] = [getattr(content, table) for content in contents]
    names = list(dict.fromkeys(str(name) for frame in frames for name in frame.index))
    columns = [dict(zip(map(str, frame.index), frame[column].tolist(), strict=True)) for frame in frames]
    cells = [[_cell(values[name], column) if name in values else NOTHING for values in columns] for name in names]
    heading = str(frames[0].index.name).replace("_", " ")
    headings = [heading, *(content.title for content in contents)]
    return folded(caption, written_table(names, cells, headings, caption))


def _cell(value: float, column: str) -> Cell:
    return Cell(figure(value), value) if column.endswith("mtok") else shares([value])[0]
