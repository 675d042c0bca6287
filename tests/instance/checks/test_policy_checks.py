"""Tests the checks of the table of policies."""

import pytest

import placer
from placer.errors import InstanceError
from placer.instance.checks.policy_checks import quota_problems, transfer_problems

W = {"workload": "w", "accelerator_hours_per_mtok": 1.0, "kwh_per_mtok": 0.0}
#: Two regions of hubs, three of data centres; only one data centre is in jurisdiction EU.
THREE = {
    "hubs": [{"hub": "A", "region": "east"}, {"hub": "B", "region": "west"}],
    "data_centres": [
        {"data_centre": "X", "region": "west", "jurisdiction": "EU"},
        {"data_centre": "Y", "region": "north"},
        {"data_centre": "Z", "region": "north"},
    ],
    "links": [{"from": "A", "to": "B", "rtt_ms": 1.0}, *({"from": "B", "to": name, "rtt_ms": 1.0} for name in "XYZ")],
    "supplies": [],
    "workloads": [W, W | {"workload": "v", "jurisdictions": "EU"}],
    "demand": [{"workload": name, "hub": "A", "mtok": 1.0} for name in "wv"],
}


def policy(**cells):
    return {"policy": "p", "kind": "tariff_usd_per_mtok", "amount": 1.0, "paid_to": "importer"} | cells


def ban(name, **cells):
    return {"policy": name, "kind": "ban"} | cells


@pytest.mark.parametrize(
    ("row", "column", "problem", "allowed"),
    [
        (policy(from_region="nort"), "from_region", "'nort' is unknown", "perhaps north"),
        (policy(to_region="east|south"), "to_region", "'south' is unknown", "a region of hubs or data_centres"),
        (policy(workload="x"), "workload", "'x' is unknown", "a name of workloads"),
        (policy(kind="tarif_share"), "kind", "'tarif_share' is unknown", "perhaps tariff_share"),
        (policy(amount=-1.0), "amount", "-1", ">= 0"),
        (policy(kind="quota_mtok", amount=-3.0, paid_to=None), "amount", "-3", ">= 0"),
        (policy(amount=None), "amount", "without an amount", ">= 0"),
        (policy(kind="ban", paid_to=None), "amount", "1 of a ban", "empty"),
        (policy(paid_to=None), "paid_to", "a tariff that nobody is paid", "importer or exporter; kind premium"),
        (policy(kind="tariff_share", paid_to=None), "paid_to", "a tariff that nobody is paid", "importer or exporter"),
        (policy(paid_to="us"), "paid_to", "'us' is unknown", "importer or exporter"),
        (policy(kind="quota_mtok"), "paid_to", "nobody is paid by a policy of kind quota_mtok", "empty"),
        (ban("p", paid_to="exporter"), "paid_to", "nobody is paid by a policy of kind ban", "empty"),
        (policy(from_region="north", to_region="north"), "to_region", "from a region to itself", "another region"),
    ],
)
def test_each_defect_is_named(row, column, problem, allowed):
    """Tests each defect of a policy: its row, its column, and what is allowed."""
    with pytest.raises(InstanceError) as error:
        placer.Instance.from_tables(THREE | {"policies": [row]})
    (violation,) = error.value.violations
    assert (violation.table, violation.row, violation.column) == ("policies", "p", column)
    assert problem in violation.problem
    assert allowed in violation.allowed


def test_amounts_of_different_units_are_not_compared():
    """Tests a tariff of 0.002 USD a Mtok beside a quota of 5e6 Mtok, and quotas as far apart as limits may be."""
    rows = [
        policy(policy="tariff", amount=0.002, to_region="east", from_region="west"),
        policy(policy="share", kind="tariff_share", amount=1e-9, to_region="east", from_region="west"),
        policy(policy="some", kind="quota_mtok", amount=5e6, paid_to=None),
        policy(policy="more", kind="quota_mtok", amount=5e12, paid_to=None),
    ]
    cap = {"limit": "cap", "kind": "tokens", "sense": "<="}
    limits = [cap | {"limit": "few", "amount": 0.5}, cap | {"limit": "many", "amount": 5e12}]
    instance = placer.Instance.from_tables(THREE | {"policies": rows})
    placer.Instance.from_tables(THREE | {"policies": rows, "limits": limits})
    assert not [remark for remark in placer.check(instance) if ".amount" in remark]
    placement = placer.solve(instance)
    assert placement.unserved_mtok == 0.0
    assert placement.transfers_usd == pytest.approx(0.002)


def test_charges_too_far_apart():
    """Tests a tariff and a premium in USD a Mtok that are 2.5e9 apart, shares that are, and one that is nothing."""
    pairs = [
        (policy(policy="low", amount=0.002), policy(policy="high", kind="premium_usd_per_mtok", amount=5e6)),
        *(
            (policy(policy="low", kind=kind, amount=1e-9), policy(policy="high", kind=kind, amount=2.0))
            for kind in ("tariff_usd_per_mtok", "tariff_share")
        ),
    ]
    for rows in pairs:
        with pytest.raises(InstanceError, match=r"policies\[low\].amount: .* in \[high\] are too far apart"):
            placer.Instance.from_tables(THREE | {"policies": list(rows)})
    with pytest.raises(InstanceError, match=r"policies\[p\].amount: 1e-12 is taken for nothing"):
        placer.Instance.from_tables(THREE | {"policies": [policy(amount=1e-12)]})


def test_all_defects_are_told_at_once():
    """Tests policies with one to three defects each, a cell out of range, and a quota with the name of a limit."""
    rows = [
        policy(policy="a", from_region="south", to_region="sowth", workload="x"),
        policy(policy="b", kind="toll"),
        policy(policy="c", paid_to=None),
        policy(policy="d", amount=-1.0),
        policy(policy="cap", kind="quota_mtok", paid_to=None),
    ]
    cap = {"limit": "cap", "kind": "tokens", "sense": "<=", "amount": 5.0}
    with pytest.raises(InstanceError) as error:
        placer.Instance.from_tables(THREE | {"policies": rows, "limits": [cap]})
    found = [(violation.row, violation.column) for violation in error.value.violations]
    assert found == [
        ("d", "amount"),
        *(("a", column) for column in ("from_region", "to_region", "workload")),
        *(("b", "kind"), ("c", "paid_to"), ("cap", "policy")),
    ]


def test_a_ban_without_a_way_out_names_the_least_change():
    """Tests a country whose data centres abroad are all banned: X for both workloads, Y and Z by two bans each.

    Law lets v run at X alone, behind one ban; w could run at X behind one ban, and at Y and Z behind two.
    """
    bans = [ban("west", from_region="west"), ban("north", from_region="north"), ban("all", from_region="north|west")]
    with pytest.raises(InstanceError) as error:
        placer.Instance.from_tables(THREE | {"policies": [bans[0], bans[1]]})
    assert [str(each) for each in error.value.violations] == [
        "policies[west]: no data centre is left for w, v in east (allowed: the least change: lift west)",
    ]
    with pytest.raises(InstanceError) as error:
        placer.Instance.from_tables(THREE | {"policies": bans})
    assert [violation.allowed for violation in error.value.violations] == ["the least change: lift west and all"]
    assert placer.solve(placer.Instance.from_tables(THREE | {"policies": bans[1:2]})).unserved_mtok == 0.0


def test_demand_of_nothing_and_other_regions_need_no_way_out():
    """Tests that the same bans are allowed where east asks for nothing, or has no name."""
    bans = [ban("abroad", to_region="east")]
    asked = [{"workload": "w", "hub": "B", "mtok": 1.0}, {"workload": "w", "hub": "A", "mtok": 0.0}]
    placer.Instance.from_tables(THREE | {"policies": bans, "demand": asked})
    nowhere = [{"hub": "A"}, {"hub": "B", "region": "east"}]
    placer.Instance.from_tables(THREE | {"policies": bans, "hubs": nowhere})


def test_products_that_cannot_tell_charges_from_costs_name_the_policies():
    """Tests quotas and charges that a region is paid, each by name."""
    rows = [
        policy(policy="paid"),
        policy(policy="unpaid", kind="premium_usd_per_mtok", paid_to=None),
        policy(policy="quota", kind="quota_mtok", paid_to=None),
    ]
    instance = placer.Instance.from_tables(THREE | {"policies": rows})
    table = instance.tables["policies"]
    assert [each.row for each in transfer_problems(table, "PyPSA")] == ["paid"]
    assert [each.row for each in quota_problems(table, "a quota", "none")] == ["quota"]
    assert "not proven" in str(placer.accounts(placer.solve(instance)).stability)


@pytest.mark.slow
def test_policies_survive_a_folder_a_workbook_and_a_graph(tmp_path):
    """Tests that the table comes back from files, and that a workload that is taken out leaves its policies."""
    rows = [
        policy(policy="a", from_region=("north", "west"), workload=("v", "w")),
        policy(policy="b", workload="v"),
        ban("c", from_region="north", to_region="west"),
    ]
    instance = placer.Instance.from_tables(THREE | {"policies": rows})
    assert placer.load(placer.save(instance, tmp_path / "folder")) == instance
    assert placer.load(placer.save(instance, tmp_path / "book.xlsx")) == instance
    placer.save_graph(instance, tmp_path / "graph.json")
    assert placer.load_graph(tmp_path / "graph.json") == instance
    left = instance.without("v").tables["policies"]
    assert left["policy"].tolist() == ["a", "c"]
    assert left["workload"].tolist() == [("w",), None]
    assert not (tmp_path / "folder" / "surcharges.csv").exists()


def test_remarks_name_the_deprecated_table_and_idle_policies():
    """Tests the remark on surcharges, and that on a policy between regions without hub or data centre."""
    idle = policy(policy="idle", from_region="east", to_region="north")
    charged = [{"hub_region": "east", "region": "west", "usd_per_mtok": 1.0}]
    remarks = placer.check(placer.Instance.from_tables(THREE | {"policies": [idle], "surcharges": charged}))
    assert any(remark.startswith("table surcharges is deprecated") for remark in remarks)
    assert "policy idle holds for no hub and data centre" in remarks
