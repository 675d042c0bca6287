"""Tests the content of the section on who earns what."""

import pytest

import placer
from placer.report.content.accounts import accounts_content


def test_parties_that_are_paid_have_a_row(make_instance):
    """Tests two regions whose bars add up to what they are paid; no authority and no network is paid."""
    found = accounts_content(placer.solve(make_instance()))
    assert found.regions["made_usd"].sum() == pytest.approx(320.0)
    assert (found.parts.sum(axis=1) * 1000).tolist() == pytest.approx(found.regions["made_usd"].tolist())
    assert found.spent.sum() * 1000 == pytest.approx(320.0)
    assert list(found.regions.index) == ["east", "west"]
    assert list(found.trade.columns) == ["east", "west"]
    assert found.stability.startswith("No region")


def test_one_region_has_no_accounts(make_instance):
    """Tests that without two regions there is nobody to pay."""
    instance = make_instance(hubs=[{"hub": "A"}, {"hub": "B"}])
    centres = instance.data_centres.assign(region="one")
    assert accounts_content(placer.solve(instance.replace(data_centres=centres))) is None
