"""Export ranges on the command line: the option, the computation, and the tables."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Annotated

import pandas as pd
import typer

from placer.ceiling.economics import export_ranges
from placer.placement.result import Placement
from placer.report.content.ranges import COLUMNS, with_ranges
from placer.result_columns import short
from placer.running import check_time

Ranges = Annotated[
    bool,
    typer.Option(
        "--ranges", help="Find the least and the most exports, by workload and hub, of placements of the same cost."
    ),
]

#: Headings of the columns of a range on the screen.
HEADINGS = short(*COLUMNS.values())


def ranges_of(placement: Placement, step: Callable[[str], None]) -> dict[str, pd.DataFrame]:
    """Return the export ranges of a placement by workload and by hub.

    Raises
    ------
    NoSolutionError
        If no time is left of an enclosing time limit.
    """

    def told(text: str) -> None:
        check_time("no time was left for the export ranges")
        step(text)

    return {
        "workload": export_ranges(placement, "workload", progress=told),
        "hub": export_ranges(placement, "hub", progress=told),
    }


def shown_beside(
    table: pd.DataFrame, headings: Mapping[str, str], ranges: pd.DataFrame | None
) -> tuple[pd.DataFrame, dict[str, str]]:
    """Return a table of demand with its export ranges, and its headings with theirs after that of exports."""
    if ranges is None:
        return table, dict(headings)
    columns: dict[str, str] = {}
    for name, heading in headings.items():
        columns |= {name: heading} | (HEADINGS if name == "export_share" else {})
    return with_ranges(table, ranges), columns
