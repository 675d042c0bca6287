"""The sections on limits of one's own, and on own rows and columns of a model."""

from __future__ import annotations

from functools import partial

import pandas as pd

from placer.report.content.own_limits import TEXTS
from placer.report.content.page import PageContent
from placer.report.html.markup import Html, folded, fragment, labelled, para, shortened
from placer.report.html.tables import table, written_table
from placer.result_columns import long
from placer.utils.numbers import figure


def own_limits_section(content: PageContent) -> Html | None:
    """Return the section on limits of one's own; nothing without any."""
    lines, rows = content.limit_lines, content.limit_rows
    if lines.empty:
        return None
    by_hour = len(rows) > len(lines)
    return fragment(
        para(
            "What each limit asks for and what is used of it. The rent is what the least cost falls by for each unit "
            "by which the limit is relaxed; it is 0 where the limit binds nothing."
        ),
        _table(lines, "Limits of one's own"),
        folded("Hour by hour", _table(rows, "Limits of one's own, hour by hour")) if by_hour else None,
    )


def _table(lines: pd.DataFrame, caption: str) -> Html:
    names = [shortened(str(name), longest=120) for name in lines.index]
    return written_table(names, lines.to_numpy().tolist(), ["limit", *long(*TEXTS).values()], caption)


_ROW_COLUMNS = ("lower", "upper", "activity", "side", "rent_usd_per_unit", "rent_usd")
_COLUMN_COLUMNS = ("value", "usd_per_unit", "cost_usd", "reduced_cost_usd_per_unit")


def own_rows_section(content: PageContent) -> Html | None:
    """Return the section on own rows and columns; nothing for the placement of an instance."""
    own = content.own
    if own is None:
        return None
    headings = partial(long, currency=content.currency)
    fixed = " Rents, reduced costs and prices hold with the integers fixed." if own.integers_fixed else ""
    return fragment(
        para(
            "Limits and decisions that the model adds to those of the instance. The rent of a row is what the least "
            "cost falls by for each unit by which its side gives. Flows are as the solver found them: no rule chose "
            f"among placements of the same cost.{fixed}"
        ),
        para(
            f"Own columns cost {figure(own.own_usd)} {content.currency}. The cost in all includes it; costs by hub, "
            "workload and data centre leave it out."
        ),
        table(labelled(own.rows), "row", headings(*_ROW_COLUMNS), "Own rows") if len(own.rows) else None,
        table(labelled(own.columns), "column", headings(*_COLUMN_COLUMNS), "Own columns") if len(own.columns) else None,
    )
