"""All tables together: references, hours, regions and routes; every defect once, none that follows from another."""

from __future__ import annotations

import pandas as pd
import pytest

from placer.instance.attributes.settings import Settings
from placer.instance.checks.consistency import examine

TABLES = {
    "hubs": pd.DataFrame({"hub": ["A", "B"], "region": ["east", "west"]}),
    "data_centres": pd.DataFrame({"data_centre": ["D"], "region": ["west"]}),
    "links": pd.DataFrame({"from": ["A", "B"], "to": ["D", "D"], "rtt_ms": [5.0, 9.0]}),
    "workloads": pd.DataFrame({"workload": ["w"], "accelerator_hours_per_mtok": [1.0], "kwh_per_mtok": [1.0]}),
    "demand": pd.DataFrame({"workload": ["w", "w"], "hub": ["A", "B"], "hour": [0, 1], "mtok": [3.0, 2.0]}),
}


def found(changes=(), unknown=(), **settings):
    """Return the violations as texts, with some columns of some tables replaced."""
    tables = {name: frame.assign(**dict(changes).get(name, {})) for name, frame in TABLES.items()}
    return [str(each).split(" (")[0] for each in examine(tables, Settings(**settings), unknown).violations]


def test_sound_tables_have_routes_and_all_their_columns():
    """Tests that the shortest round trips come with frames of exact types."""
    examined = examine(TABLES, Settings())
    assert examined.violations == []
    assert examined.routes.rtt_ms.ravel().tolist() == [5.0, 9.0]
    assert examined.frames["data_centres"]["pue"].tolist() == [1.0]
    assert examined.frames["supplies"].empty


@pytest.mark.parametrize(
    ("changes", "problems"),
    [
        ({"demand": {"hub": ["A", "X"]}}, ["demand[w|X|1].hub: 'X' is unknown"]),
        ({"demand": {"workload": ["w", "v"]}}, ["demand[v|B|1].workload: 'v' is unknown"]),
        ({"demand": {"hour": [0, 2]}}, ["demand.hour: hours have gaps: no demand at 1"]),
        ({"data_centres": {"pue": [(1.1, 1.2, 1.3)]}}, ["data_centres[D].pue: 3 hourly values for 2 hours"]),
        ({"data_centres": {"data_centre": ["A"]}}, ["data_centres[A]: name also in hubs"]),
        ({"links": {"to": ["D", "B"]}}, ["links[B|B].to: leads to itself"]),
        ({"links": {"from": ["A", "A"]}}, ["hubs[B]: has demand but no path to any data centre"]),
    ],
)
def test_defects_between_tables(changes, problems):
    """Tests that each is named by table, row and column."""
    texts = found(changes)
    assert all(any(text.startswith(problem) for text in texts) for problem in problems), texts


def test_regions_of_exports_must_be_there():
    """Tests that a pair names a region of hubs first and one of data centres second."""
    assert found(exports=(("east", "west"),)) == []
    assert found(exports=(("south", "east"),)) == [
        "settings.exports: 'south' is no region of hubs",
        "settings.exports: 'east' is no region of data_centres",
    ]


def test_what_follows_from_an_unknown_column_is_not_told():
    """Tests that demand of hubs whose names are not known is not said to be of strangers."""
    changes = {"hubs": {"hub": ["Y", "Z"]}}
    assert len(found(changes)) >= 2
    assert found(changes, unknown={("hubs", "hub"), ("hubs", "")}) == []
