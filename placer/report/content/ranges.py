"""Lowest and highest exports among the placements of least cost, beside those of the reported placement."""

from __future__ import annotations

from collections.abc import Iterable

import pandas as pd

from placer.errors import ArgumentError
from placer.placement.result import Placement
from placer.utils.numbers import percent

#: The columns of ``placer.export_ranges`` that are shown, and the words before an unproven bound.
ENDS = {"low_share": "at least", "high_share": "at most"}
#: Their names beside the columns of a placement.
COLUMNS = {"low_share": "least_export_share", "high_share": "most_export_share"}


def ranges_by(ranges: Iterable[pd.DataFrame], placement: Placement) -> dict[str, pd.DataFrame]:
    """Return tables of export ranges by the kind of their rows: ``workload`` or ``hub``.

    Raises
    ------
    ArgumentError
        If one is not a table of ``placer.export_ranges``, or belongs to another placement.
    """
    found = {}
    for table in ranges:
        by = table.index.name if isinstance(table, pd.DataFrame) else None
        if by not in ("workload", "hub") or not {*ENDS, "proven"} <= set(table.columns):
            raise ArgumentError("ranges are tables that placer.export_ranges(placement) returns, in a list")
        whose = placement.workloads if by == "workload" else placement.hubs
        if not table.index.equals(whose.index):
            raise ArgumentError(f"export ranges by {by} are of another placement: their rows differ")
        found[by] = table
    return found


def with_ranges(table: pd.DataFrame, ranges: pd.DataFrame | None) -> pd.DataFrame:
    """Return a table with two more columns, the lowest and the highest ``export_share``.

    In rows without a proof they hold texts that say so, with the bounds of the share.

    Examples
    --------
    >>> rows = pd.Index(["chat", "batch"], name="workload")
    >>> found = pd.DataFrame({"low_share": [0.2, -0.5], "high_share": [0.3, 0.9], "proven": [True, False]}, rows)
    >>> shown = with_ranges(pd.DataFrame({"export_share": [0.25, 0.5]}, rows), found)
    >>> shown.loc["batch", "least_export_share"], shown.loc["batch", "most_export_share"]
    ('not proven: at least 0.0%', 'not proven: at most 90.0%')
    >>> shown.loc["chat", "least_export_share"]
    0.2
    """
    if ranges is None:
        return table
    added = {}
    for name, said in ENDS.items():
        share = ranges[name].clip(0.0, 1.0)  # 0 <= export share <= 1
        if not ranges["proven"].all():
            bounds = [f"not proven: {said} {percent(value)}" for value in share]
            share = share.astype(object).where(ranges["proven"], bounds)
        added[COLUMNS[name]] = share
    return table.assign(**added)


def note_on_ties(placement: Placement, by: str) -> str:
    """Return a note on exports by workload or hub if no rule chose among placements of least cost; otherwise empty."""
    chosen = placement.tie_break
    if chosen is not None and chosen.proven:
        return ""
    why = f" ({chosen.detail})" if chosen is not None and chosen.detail else ""
    return (
        f"Several placements may cost the same and export other shares by {by}. No rule chose among them{why}, so the "
        "column of exports depends on the solver. Its least and its largest values are shown with --ranges on the "
        f"command line, or with ranges=[placer.export_ranges(placement, by={by!r})] in Python."
    )
