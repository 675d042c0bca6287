"""Tests for the defects of limits of one's own: each is named by limit and column, all at once."""

import pytest

from placer.errors import InstanceError

GOOD = {"limit": "cap", "kind": "tokens", "sense": "<=", "amount": 5.0}
CASES = [
    ({"kind": "token"}, "kind", "'token' is unknown", "perhaps tokens"),
    ({"sense": "<"}, "sense", "'<' is unknown", "<="),
    ({"amount": -1.0}, "amount", "-1 is out of range", ">= 0"),
    ({"amount": 1e15}, "amount", "1e+15 is out of range", "< 1e+15"),
    ({"kind": "share", "amount": 1.5, "workload": "w"}, "amount", "1.5 is more than all", "from 0 to 1"),
    ({"kind": "green_share", "amount": 80.0}, "amount", "80 is more than all", "from 0 to 1"),
    ({"kind": "share", "amount": 0.5}, "", "a share of all of everything: the limit has no scope", "data_centre"),
    (
        {"kind": "share", "amount": 0.5, "workload": "w", "of": "served"},
        "of",
        "a share of what is served, wherever it is served",
        "data_centre",
    ),
    ({"of": "asked"}, "of", "a limit of tokens is not of anything", "kind share"),
    ({"kind": "share", "amount": 0.5, "data_centre": "X", "of": "askd"}, "of", "'askd' is unknown", "perhaps asked"),
    ({"workload": "ww"}, "workload", "'ww' is unknown", "a name of workloads"),
    ({"hub": "C"}, "hub", "'C' is unknown", "a name of hubs"),
    ({"hub_region": "eats"}, "hub_region", "'eats' is unknown", "perhaps east"),
    ({"data_centre": "X|Z"}, "data_centre", "'Z' is unknown", "a name of data_centres"),
    ({"region": "north"}, "region", "'north' is unknown", "a name of data_centres"),
    ({"kind": "energy_mwh", "power_zone": "zz"}, "power_zone", "'zz' is unknown", "a name of power_zones"),
    ({"hours": "1"}, "hours", "'1' is no hour of the demand", "each"),
    ({"power_zone": "zx"}, "power_zone", "tokens cannot be told apart by power_zone", "kind tokens"),
    ({"kind": "carbon_kg", "workload": "w"}, "workload", "carbon_kg cannot be told apart by workload", "power_zone"),
    ({"kind": "cost_usd", "hub": "A"}, "hub", "cost_usd cannot be told apart by hub", "data_centre"),
    (
        {"kind": "energy_mwh", "workload": "w", "power_zone": "zx"},
        "workload",
        "energy bought of a power zone cannot be told apart by workload",
        "workload or power_zone",
    ),
    ({"hub": "A", "hub_region": "west"}, "", "no row of hubs is in both hub and hub_region", "one"),
    ({"data_centre": "Y", "region": "east"}, "", "no row of data_centres is in both data_centre and region", "one"),
]


def _violations(make_instance, *rows):
    with pytest.raises(InstanceError) as caught:
        make_instance(limits=list(rows))
    return caught.value.violations


@pytest.mark.parametrize(("changes", "column", "problem", "allowed"), CASES)
def test_a_defect_of_a_limit_is_named(make_instance, changes, column, problem, allowed):
    """Tests table, row, column, problem and what is allowed of every defect that a limit may have."""
    (found,) = _violations(make_instance, GOOD | changes)
    assert (found.table, found.row, found.column, found.problem) == ("limits", "cap", column, problem)
    assert allowed in found.allowed


def test_all_defects_of_all_limits_are_found_at_once(make_instance):
    """Tests that every defect above is found in one table of all of them, and a limit given twice too."""
    rows = [GOOD | changes | {"limit": f"l{number}"} for number, (changes, *_) in enumerate(CASES)]
    found = _violations(make_instance, *rows, GOOD, GOOD)
    assert [(each.row, each.column) for each in found if each.problem == "given twice"] == [("cap", "")]
    expected = {(f"l{number}", column) for number, (_, column, *_) in enumerate(CASES)}
    assert {(each.row, each.column) for each in found} - {("cap", "")} == expected


def test_a_defect_of_another_table_is_not_told_twice(make_instance):
    """Tests that names of a table with defects are not looked up in limits."""
    found = _violations(
        lambda **changes: make_instance(**changes, workloads=[{"workload": 3.5}]), GOOD | {"workload": "w"}
    )
    assert "limits" not in {each.table for each in found}


def test_limits_are_a_table_like_the_others(make_instance):
    """Tests that a limit comes back with types and defaults, and that an instance without any has an empty table."""
    instance = make_instance(limits=[GOOD | {"workload": "w", "region": "east|west"}])
    row = instance.limits.iloc[0]
    assert (row["workload"], row["region"], row["hours"], row["amount"]) == (("w",), ("east", "west"), None, 5.0)
    assert make_instance().limits.empty
    assert "1 limits" in repr(instance)
    assert "limits" not in repr(make_instance())
