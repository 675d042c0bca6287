"""Steps and policies with every defect at once, as a user reads them: from Python, and from a folder of CSV files."""

# ruff: noqa: E501 - messages read best whole

from __future__ import annotations

import pandas as pd
import pytest

import placer
from placer.errors import InstanceError

NAMES = ("w", "v", "u", "t")
#: Users in the east, who may be served in the west and the north.
TABLES = {
    "hubs": [{"hub": "A", "region": "east"}, {"hub": "B", "region": "west"}],
    "data_centres": [{"data_centre": "X", "region": "west"}, {"data_centre": "Y", "region": "north"}],
    "links": [{"from": hub, "to": name, "rtt_ms": 1.0} for hub, name in ("AX", "AY", "BX")],
    "workloads": [{"workload": name, "accelerator_hours_per_mtok": 1.0, "kwh_per_mtok": 0.0} for name in NAMES],
}
#: No values beside other demand with values; a value below 0; one value of two; and one value twice.
VALUES = {"w": (None, None), "v": (-2.0, 5.0), "u": (5.0, None), "t": (5.0, 5.0)}
DEMAND = [
    {"workload": name, "hub": "A", "hour": 0, "mtok": 1.0, "value_usd_per_mtok": value}
    for name, values in VALUES.items()
    for value in values
]
POLICIES = [
    {"policy": "far", "kind": "tariff_usd_per_mtok", "amount": 1.0, "from_region": "nort", "to_region": "eats"}
    | {"paid_to": "importer"},
    {"policy": "few", "kind": "quota_mtok", "amount": -3.0},
    {"policy": "shut", "kind": "ban", "to_region": "east"},
    {"policy": "unpaid", "kind": "tariff_share", "amount": 0.1},
    {"policy": "risk", "kind": "premium_usd_per_mtok", "amount": 0.1},
]
#: The rows of the error, without the premium that nobody is paid, which is allowed.
TOLD = [
    "demand[v|A|0|-2].value_usd_per_mtok: -2 is out of range (allowed: number, >= 0, finite)",
    "demand[t|A|0|5]: given twice (allowed: one row of each value)",
    "demand[w|A|0].value_usd_per_mtok: missing beside other rows (allowed: a value for each step)",
    "demand[u|A|0].value_usd_per_mtok: missing beside other rows (allowed: a value for each step)",
    "policies[few].amount: -3 is out of range (allowed: number, >= 0, < 1e+15, finite)",
    "policies[far].from_region: 'nort' is unknown (allowed: a region of hubs or data_centres, perhaps north)",
    "policies[far].to_region: 'eats' is unknown (allowed: a region of hubs or data_centres, perhaps east)",
    "policies[unpaid].paid_to: a tariff that nobody is paid (allowed: importer or exporter; kind premium_usd_per_mtok may pay nobody)",
    "policies[shut]: no data centre is left for w, v, u, t in east (allowed: the least change: lift shut)",
]


def told(**changes):
    """Return the texts of the violations of the tables with some of them changed."""
    with pytest.raises(InstanceError) as error:
        placer.Instance.from_tables(TABLES | changes)
    return [str(each) for each in error.value.violations]


def test_every_defect_is_told_at_once():
    """Tests that each of nine defects has one row: its table, its row, its column, and what is allowed."""
    assert told(demand=DEMAND, policies=POLICIES) == TOLD


def test_the_command_line_tells_the_same_of_a_folder(run_placer, tmp_path):
    """Tests the status and the lines of the same tables as CSV files; rows with one defect share a line."""
    (tmp_path / "dataset.toml").touch()
    for name, rows in (TABLES | {"demand": DEMAND, "policies": POLICIES}).items():
        pd.DataFrame(rows).to_csv(tmp_path / f"{name}.csv", index=False)
    code, _, err = run_placer("trade", tmp_path)
    assert code == 2
    assert f"{len(TOLD)} violations in the input" in err
    for line in (*TOLD[:3], "and 1 more like it: u|A|0", *TOLD[4:]):
        assert line in err
    assert "is ignored" not in err


def test_rows_without_any_value_may_be_steps():
    """Tests that two rows of one demand without values are told how they may be given."""
    rows = [{"workload": "w", "hub": "A", "mtok": mtok} for mtok in (1.0, 2.0)]
    assert told(demand=rows) == [
        "demand[w|A|0]: given twice (allowed: once, or value_usd_per_mtok in every row: steps of demand)"
    ]


@pytest.mark.parametrize("table", ["hubs", "workloads", "data_centres"])
def test_a_name_given_twice_hides_no_ban(table):
    """Tests that the first of two rows of a name counts for the ban, and that both defects are told."""
    rows = TABLES[table]
    demand = [{"workload": "w", "hub": "A", "mtok": 1.0}]
    name = next(iter(rows[0].values()))
    assert told(**{table: [*rows, rows[0]], "demand": demand, "policies": POLICIES[2:3]}) == [
        f"{table}[{name}]: given twice (allowed: once)",
        "policies[shut]: no data centre is left for w in east (allowed: the least change: lift shut)",
    ]


def test_a_ban_with_a_defect_closes_nothing():
    """Tests that a ban from an unknown region is told for its region alone."""
    ban = {"policy": "shut", "kind": "ban", "from_region": "nort|west", "to_region": "east"}
    demand = [{"workload": "w", "hub": "A", "mtok": 1.0}]
    (only,) = told(demand=demand, policies=[ban, ban | {"policy": "other", "from_region": "north"}])
    assert only.startswith("policies[shut].from_region: 'nort' is unknown")


def test_amounts_with_defects_are_told_once():
    """Tests a step with an amount below 0: its value is fine, and nothing follows from the amount."""
    demand = [DEMAND[4] | {"mtok": -1.0}, DEMAND[4] | {"value_usd_per_mtok": 2.0}]
    assert told(demand=demand) == ["demand[u|A|0|5].mtok: -1 is out of range (allowed: number, >= 0, finite)"]


@pytest.mark.parametrize("elasticity", [0.0, 0.5])
def test_an_elasticity_from_0_up_and_a_reference_of_0(elasticity):
    """Tests that both arguments are told at once, with what is allowed."""
    with pytest.raises(InstanceError) as error:
        placer.load("tiny").with_elastic_demand(0.0, elasticity, between=(0.5, 6.0))
    assert [str(each) for each in error.value.violations] == [
        "with_elastic_demand.reference_usd_per_mtok: 0.0 (allowed: > 0)",
        f"with_elastic_demand.elasticity: {elasticity} (allowed: < 0)",
    ]
