"""Tests of the tables that come straight from a placement."""

from __future__ import annotations

from dataclasses import replace

import pytest

import placer
from placer.report.content.placement_tables import by_demand, certificate_of, scarcities_of, solver_of


def test_certificate_holds(on_map):
    """Tests that every figure of the certificate is there and within what is allowed."""
    table = certificate_of(on_map.placement)
    assert table["holds"].all()
    assert table.loc["gap", "value"] == abs(on_map.placement.certificate.gap)


def test_solver_of_a_proven_placement_has_no_gap_of_its_own(on_map):
    """Tests that rounding of the solver's own gap is not spelt out where the certificate proves the placement."""
    placement = on_map.placement
    detail = "column generation: optimal, 29 price steps, 2 masters, gap 2.5e-16"
    answer = replace(placement.answer, termination=replace(placement.termination, detail=detail))
    found = solver_of(replace(placement, answer=answer))
    assert found == "column generation: optimal, 29 price steps, 2 masters, proven"


def test_scarce_limits_are_named(make_instance):
    """Tests by hand that Y's 4 accelerators, where power is 30 USD cheaper, earn 30 USD each in the one hour."""
    instance = make_instance(data_centres=[{"data_centre": "X"}, {"data_centre": "Y", "accelerators": 4.0}])
    table = scarcities_of(placer.solve(instance))
    assert table.index.tolist() == ["accelerators: Y"]
    assert table["rent_usd"].tolist() == pytest.approx([4 * 30.0])


def test_costs_of_a_hub_are_told_by_the_mtok(make_instance):
    """Tests 20 USD of power for each Mtok of both hubs, which Y serves."""
    table = by_demand(placer.solve(make_instance()), "hub", None)
    assert table["energy_usd_per_mtok"].tolist() == pytest.approx([20.0, 20.0])
    assert table["price_usd_per_mtok"].tolist() == pytest.approx([20.0, 20.0])
