"""Tests that a report says what the placement says."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

import placer
from placer.report.content.findings import findings
from placer.report.content.page import Subject, alternatives_of, content_of
from placer.report.content.time_steps import PRICE_PARTS
from placer.report.sections.evidence import certificate_section


def test_parts_add_up(content):
    """Tests that the parts of costs by hub, and of prices by hour, add up to them."""
    parts = [f"{part}_usd_per_mtok" for part in ("accelerators", "operations", "energy", "carbon", "transit", "water")]
    np.testing.assert_allclose(content.hubs[parts].sum(axis=1), content.hubs["cost_usd_per_mtok"])
    rents = [f"{part}_usd_per_mtok" for part in PRICE_PARTS if part.endswith("rent")]
    for table in (content.hubs, content.workloads):
        short = (table["price_usd_per_mtok"] * table["demand_mtok"]).sum()
        settled = (table[[*parts, *rents]].sum(axis=1) * table["demand_mtok"]).sum()
        assert settled <= short * (1 + 1e-9)
    assert list(content.prices.columns) == list(PRICE_PARTS)


def test_prices_by_hour_are_the_mean_over_served_demand(content, on_map):
    """Tests that the sum of the parts of an hour is the mean price of the hour in the placement's own table."""
    parts = content.prices.sum(axis=1, min_count=1)
    np.testing.assert_allclose(parts, on_map.placement.hours["price_usd_per_mtok"], rtol=1e-9)
    assert content.price_summary["unserved_mtok"] == pytest.approx(on_map.placement.unserved_mtok)


def test_unproven_answers_are_not_called_proven(on_map):
    """Tests that the page takes its word from the certificate, and shows no negative gap."""
    failed = replace(on_map.placement.certificate, gap=-1e-3)
    content = content_of(Subject("x", replace(on_map.placement, certificate=failed)), 1_000)
    proof = next(item for item in content.headlines if item.label == "Least cost")
    assert proof.text == "not proven"
    assert proof.note == content.verdict == "not proven: gap 0.001 > 1e-09"
    assert "The placement is not proven" in findings(content)
    assert "The placement is not proven" in certificate_section(content)


def test_hours_and_sites(content, on_map):
    """Tests utilisation, energy, carbon and water by hour against the tables of the placement."""
    placement = on_map.placement
    assert content.utilisation.shape == (4, 5)
    table = placement.data_centre_hours["utilisation"]
    assert content.utilisation.loc["D1", "2"] == pytest.approx(table.loc["D1", 2])
    assert content.energy["mwh"].sum() == pytest.approx(placement.energy_mwh)
    assert content.energy["carbon_t"].sum() == pytest.approx(placement.carbon_kg / 1000)
    assert content.energy["water_m3"].sum() == pytest.approx(placement.water_litres / 1000)


def test_without_ceiling(on_map):
    """Tests that a report without a ceiling computes none, and has no figure of it."""
    content = content_of(Subject("x", on_map.placement), 100_000)
    assert content.ceiling is None
    assert [item.note for item in content.headlines if item.label == "Export ceiling"] == [
        "not computed for this report"
    ]


def test_rules_that_are_given_are_not_followed_again(on_map):
    """Tests that rules computed before are taken as they are."""
    rules = placer.compare(on_map.placement)
    assert content_of(Subject("x", on_map.placement, rules=rules), 100_000).rules is rules


def test_nothing_served(make_instance):
    """Tests that an instance in which nothing can be served is reported on without an error."""
    instance = make_instance(data_centres=[{"data_centre": name, "accelerators": 0.0} for name in ("X", "Y")])
    content = content_of(Subject("x", placer.solve(instance)), 1_000)
    assert np.isnan(content.headlines[0].value)
    assert content.hubs["cost_usd_per_mtok"].isna().all()


def test_those_to_another_placement_are_refused(make_instance):
    placement, other = (
        placer.solve(make_instance()),
        placer.solve(make_instance(hour_length=1.0, carbon_usd_per_kg=9.0)),
    )
    found = placer.alternatives(placement, groups="region", answers=0)
    assert alternatives_of(None, placement, None) is None
    assert alternatives_of(found, placement, None) is found
    dear = placer.solve(other.instance.replace(workloads=other.instance.workloads.assign(kwh_per_mtok=1100.0)))
    with pytest.raises(placer.InstanceError, match="the least cost is 320, that of the page 352"):
        alternatives_of(found, dear, None)
