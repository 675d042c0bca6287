"""The section on who runs how: the modes of workloads, and the accelerators that distance takes."""

from __future__ import annotations

import pandas as pd

from placer.report.content.page import PageContent
from placer.report.html.charts import stacked_bars
from placer.report.html.markup import Html, folded, fragment, name_of, para, tag
from placer.report.html.tables import table
from placer.result_columns import long, unit_of

_HOURS = "accelerator_hours_per_mtok"


def modes_section(content: PageContent) -> Html | None:
    """Return the section on who runs how; nothing where no workload is served in a mode."""
    found = content.modes
    if found is None:
        return None
    drawn = [
        part
        for name, bands in found.drawn.items()
        for part in (
            tag("h3", name_of(name)),
            stacked_bars(bands, None, unit_of(_HOURS), f"Accelerators of {name} by round trip; the table holds all."),
        )
    ]
    return fragment(
        para(
            "A mode that answers faster takes more accelerator-hours, and is in time over longer round trips. Hours "
            "are those that the modes state, before the speed of data centres. " + found.said
        ),
        *drawn,
        _table(found.modes, ("server_ms", "mtok", "mode_share", "rtt_ms", _HOURS), "Who runs how, by mode"),
        folded("By round trip", _table(found.distances, ("mtok", _HOURS), "Accelerators by round trip")),
    )


def _table(frame: pd.DataFrame, columns: tuple[str, ...], caption: str) -> Html:
    """Lay out a table of two levels, the second as a column."""
    second = str(frame.index.names[1])
    shown = frame.reset_index(level=second)
    return table(shown, "workload", {second: second.replace("band", "round trip"), **long(*columns)}, caption)
