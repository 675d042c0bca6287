"""Tests for the table of limits and their rents, by hand."""

import pytest

import placer

#: 10 Mtok at A, 6 at B; a Mtok takes 1 MWh, for 50 USD at X and 20 at Y.
MOST = {"limit": "most at Y", "kind": "share", "sense": "<=", "amount": 0.5, "workload": "w", "data_centre": "Y"}


def test_a_share_at_one_site(make_instance):
    """Tests that at most half of 16 Mtok runs at Y: 8 x 20 + 8 x 50, and that a Mtok more there saves 30."""
    placement = placer.solve(make_instance(limits=[MOST]))
    assert placement.cost_usd == pytest.approx(8 * 20 + 8 * 50)
    row = placement.limits.loc[("most at Y", "")]
    assert row[["kind", "sense", "unit"]].tolist() == ["share", "<=", "Mtok"]
    assert row[["use", "amount", "rent_usd_per_unit", "rent_usd"]].tolist() == pytest.approx([0.5, 0.5, 30, 240])
    assert placement.settlement["limits_rent"] == pytest.approx(240)
    assert placement.settlement["difference"] == 0
    assert placement.scarcities.loc[("limit", "most at Y"), "rent_usd"] == pytest.approx(240)


def test_a_minimum_use_is_subsidised_by_what_it_is_worth(make_instance):
    """Tests that 4 Mtok must run at X: it costs 4 x 30 more, and the rent, -120 of the settlement, is paid to them."""
    least = {"limit": "use X", "kind": "tokens", "sense": ">=", "amount": 4.0, "data_centre": "X"}
    placement = placer.solve(make_instance(limits=[least]))
    assert placement.cost_usd == pytest.approx(12 * 20 + 4 * 50)
    row = placement.limits.loc[("use X", "")]
    assert row[["use", "rent_usd_per_unit", "rent_usd"]].tolist() == pytest.approx([4, 30, -120])
    assert placement.settlement["limits_rent"] == pytest.approx(-120)
    assert placement.settlement["payments"] == pytest.approx(16 * 20)


def test_a_green_share_is_priced_as_a_certificate(make_instance):
    """Tests 80 % of X's dear power: green from Z at 90 USD, where zx is grey; each certificate is worth 40 USD."""
    zones = [{"power_zone": name, "usd_per_mwh": usd} for name, usd in (("zx", 50.0), ("zy", 20.0), ("zg", 90.0))]
    supplies = [
        {"power_zone": "zx", "data_centre": "X"},
        {"power_zone": "zg", "data_centre": "X", "green": 1.0},
        {"power_zone": "zy", "data_centre": "Y", "green": 1.0},
    ]
    work = [{"workload": "w", "accelerator_hours_per_mtok": 1.0, "kwh_per_mtok": 1000.0, "latency_slo_ms": 15.0}]
    limit = {"limit": "green", "kind": "green_share", "sense": ">=", "amount": 0.8, "region": "east"}
    tables = {"power_zones": zones, "supplies": supplies, "workloads": work}
    placement = placer.solve(make_instance(**tables, limits=[limit]))
    assert placement.cost_usd == pytest.approx(2 * 50 + 8 * 90 + 6 * 20)
    row = placement.limits.loc[("green", "")]
    assert row[["use", "rent_usd_per_unit", "rent_usd"]].tolist() == pytest.approx([0.8, 40, 0])
    price = placement.prices.loc[("w", "A", 0)]
    assert price["usd_per_mtok"] == pytest.approx(0.2 * 50 + 0.8 * 90)
    assert placement.settlement["difference"] == 0


def test_limits_hour_by_hour_have_a_row_each(make_instance):
    """Tests that a limit on each hour binds in the hours it binds in, and is listed by hour."""
    demand = [{"workload": "w", "hub": "A", "hour": hour, "mtok": mtok} for hour, mtok in enumerate((10.0, 2.0))]
    each = {"limit": "y", "kind": "tokens", "sense": "<=", "amount": 4.0, "data_centre": "Y", "hours": "each"}
    placement = placer.solve(make_instance(demand=demand, limits=[each]))
    assert placement.cost_usd == pytest.approx(6 * 50 + 4 * 20 + 2 * 20)
    assert placement.limits.index.tolist() == [("y", "0"), ("y", "1")]
    assert placement.limits["use"].tolist() == pytest.approx([4, 2])
    assert placement.limits["rent_usd_per_unit"].tolist() == pytest.approx([30, 0])


def test_without_limits_the_table_is_empty(make_instance):
    """Tests that the table has its columns and no rows."""
    table = placer.solve(make_instance()).limits
    assert table.empty
    assert list(table.columns) == ["kind", "sense", "use", "amount", "unit", "rent_usd_per_unit", "rent_usd"]


def test_a_limit_is_a_reason_why_demand_is_unserved(make_instance):
    """Tests that of 16 Mtok 9 may be served, and that the limit is named for the 7 others."""
    limit = {"limit": "all", "kind": "tokens", "sense": "<=", "amount": 9.0}
    placement = placer.solve(make_instance(limits=[limit]))
    assert placement.unserved_mtok == pytest.approx(7)
    assert placement.unserved_reasons["unserved_mtok"].to_dict() == pytest.approx({("limit", "all"): 7})
    assert "the limit all is reached" in repr(placement)
