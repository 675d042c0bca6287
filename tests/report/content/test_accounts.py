"""Tests the content of the section on who earns what."""

from __future__ import annotations

import pytest

import placer
from placer.report.content.accounts import accounts_content, plan_accounts_content


def test_parties_that_are_paid_have_a_row(make_instance):
    """Tests two regions whose bars add up to what they are paid; no authority and no network is paid."""
    found = accounts_content(placer.solve(make_instance()))
    assert found.regions["made_usd"].sum() == pytest.approx(320.0)
    assert found.parts.sum(axis=1).tolist() == pytest.approx(found.regions["made_usd"].tolist())
    assert found.unit == "USD"
    assert found.spent.sum() == pytest.approx(320.0)
    assert list(found.regions.index) == ["east", "west"]
    assert list(found.trade.columns) == ["east", "west"]
    assert found.stability.startswith("No region")


def test_one_region_has_no_accounts(make_instance):
    """Tests that without two regions there is nobody to pay."""
    instance = make_instance(hubs=[{"hub": "A"}, {"hub": "B"}])
    centres = instance.data_centres.assign(region="one")
    assert accounts_content(placer.solve(instance.replace(data_centres=centres))) is None


def test_bars_add_up(hall_plan):
    """Tests 16 units at Y, which has no region: they cost and earn 87,600 each; users pay 30 USD."""
    found = plan_accounts_content(hall_plan.accounts(), hall_plan)
    users, built = 16 * 8760 * 30 / 1e6, 16 * 87_600.0 / 1e6
    assert found.unit == "million USD a year"
    assert found.by == "region"
    assert found.regions.index.tolist() == ["east", "west", "other"]
    assert found.spent.sum() == pytest.approx(users)
    assert found.earned.sum(axis=1).tolist() == pytest.approx([0.0, 0.0, users])
    assert found.earned.loc["other", "accelerator_rent"] == pytest.approx(built)
    assert found.net.loc["other", ["build_cost", "rents"]].tolist() == pytest.approx([built, -built])
    assert found.net.sum(axis=1).tolist() == pytest.approx(found.net_cost.tolist())
    assert found.net_cost.sum() * 1e6 == pytest.approx(hall_plan.cost_usd_per_year)
    assert found.builds.index.tolist() == ["hall"]
    assert found.builds["paid_by"].tolist() == ["other"]


def test_a_build_limit_is_paid_to_the_authority(hall_plan):
    """Tests that the rent of a limit adds to the net cost of who builds and takes from that of the authority."""
    row = {"candidate": "hall", "adds": "accelerators", "target": "Y", "usd_per_unit_year": 87_600.0, "chips": 1.0}
    plan = placer.plan(hall_plan.question.instance, [row], build_limits={"chips": 10.0}, gap=1e-9)
    found = plan_accounts_content(plan.accounts(), plan)
    paid = found.net["build_limits"]
    assert paid["other"] > 0
    assert paid["authority"] == pytest.approx(-paid["other"])
    assert found.net.sum(axis=1).tolist() == pytest.approx(found.net_cost.tolist())


def test_accounts_belong_to_their_plan(hall_plan):
    """Tests that accounts of another plan are refused: of other candidates, or of another cost."""
    row = {"candidate": "hall", "adds": "accelerators", "target": "Y", "usd_per_unit_year": 80_000.0}
    dear = row | {"candidate": "dear hall", "usd_per_unit_year": 100_000.0}
    for rows in ([row], [row, dear]):
        other = placer.plan(hall_plan.question.instance, rows)
        with pytest.raises(placer.InstanceError, match=r"report\.plan_accounts: they are of another plan"):
            plan_accounts_content(other.accounts(), hall_plan)
