"""What does not matter, over random instances: units, sizes, names, order, and hubs split in two."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.random_cases import cases, few, multiplied, total

#: What is money, and what is an amount or a limit on one; both scale together.
MONEY = {
    "data_centres": ("accelerator_usd_per_hour", "water_usd_per_litre"),
    "power_zones": ("usd_per_mwh",),
    "links": ("usd_per_gb",),
    "supplies": ("usd_per_mwh_adder",),
    "workloads": ("unserved_usd_per_mtok",),
}
AMOUNTS = {
    "data_centres": ("accelerators", "power_limit_mw"),
    "links": ("capacity_gbps",),
    "supplies": ("limit_mw",),
    "demand": ("mtok",),
}


@pytest.mark.slow
@few
@given(cases(), st.sampled_from([0.125, 3.0, 7.0, 1000.0]))
def test_cost_is_homogeneous_in_money(case, factor):
    """Tests that all prices times k make the objective times k."""
    dearer = case.changed(multiplied(MONEY, factor), carbon_usd_per_kg=case.settings["carbon_usd_per_kg"] * factor)
    assert total(dearer) == pytest.approx(factor * total(case), rel=1e-9, abs=1e-9)


@pytest.mark.slow
@few
@given(cases(), st.sampled_from([0.25, 3.0, 100.0]))
def test_cost_per_mtok_does_not_depend_on_size(case, factor):
    """Tests that demand and every limit times k leave the cost and penalty per Mtok."""
    caps = {name: case.settings[name] * factor for name in ("carbon_limit_kg", "water_limit_litres")}
    larger = case.changed(multiplied(AMOUNTS, factor), **caps)
    assert total(larger) / factor == pytest.approx(total(case), rel=1e-9, abs=1e-9)


@pytest.mark.slow
@few
@given(cases(), st.randoms(use_true_random=False))
def test_names_and_order_do_not_matter(case, random):
    """Tests that nodes by other names, in another order, leave the objective."""
    new_names = {}

    def rename(table, row):
        keys = ("hub", "data_centre", "power_zone", "exchange", "from", "to", "workload")
        return {
            key: new_names.setdefault(value, f"ü {99 - len(new_names)}") if key in keys else value
            for key, value in row.items()
        }

    renamed = case.changed(rename)
    for rows in renamed.tables.values():
        random.shuffle(rows)
    assert total(renamed) == pytest.approx(total(case), rel=1e-9, abs=1e-9)


@pytest.mark.slow
@few
@given(cases())
def test_hub_split_in_two_leaves_the_objective(case):
    """Tests that two hubs in the place of one, with half its demand each, cost the same."""
    tables = {
        "hubs": [*case.tables["hubs"], case.tables["hubs"][0] | {"hub": "twin"}],
        "links": [
            *case.tables["links"],
            *(link | {"from": "twin"} for link in case.tables["links"] if link["from"] == "h0"),
        ],
        "demand": [
            row | {"hub": hub, "mtok": row["mtok"] / (2 if row["hub"] == "h0" else 1)}
            for row in case.tables["demand"]
            for hub in (("h0", "twin") if row["hub"] == "h0" else (row["hub"],))
        ],
    }
    assert total(replace(case, tables=case.tables | tables)) == pytest.approx(total(case), rel=1e-9, abs=1e-9)
