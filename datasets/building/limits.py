"""Limits of one's own: the scenario ``own_limits``, an illustration."""

from __future__ import annotations

from building.tables import Dataset, read

SPECIAL = "special"  # the contracts of the clusters beside wind and solar power


def add_limits(dataset: Dataset) -> None:
    """Add the table of limits and the green supplies of the scenario."""
    rows = [
        {"kind" if column == "counts" else column: cell for column, cell in row.items() if column != "note"}
        for row in read("assumed_limits")
    ]
    green = [
        {"power_zone": row["power_zone"], "data_centre": row["data_centre"], "green": "1"}
        for row in read("assumed_supplies")
        if row["power_zone"].endswith(SPECIAL)
    ]
    dataset.tables |= {"scenarios/own_limits": rows, "scenarios/own_limits_green": green}
    dataset.cite("scenarios/own_limits", "*", "*", "facts/assumed_limits.csv", "assumption", "for illustration")
    note = "wind and solar power counted as green for illustration; no contract says so"
    dataset.cite("scenarios/own_limits_green", "*", "*", "none published", "assumption", note)
