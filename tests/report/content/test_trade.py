"""The content of the section on who sells tokens to whom."""

from __future__ import annotations

import pandas as pd
import pytest

import placer
from placer.report.content.trade import trade_content
from tests.home_and_abroad import home_and_abroad


@pytest.fixture(scope="module")
def two():
    """Return a placement of 50 Mtok bought at home at 3 USD, 45 of them from abroad."""
    steps = [{"mtok": 50, "value_usd_per_mtok": 4}, {"mtok": 10, "value_usd_per_mtok": 2}]
    return placer.solve(home_and_abroad(steps, abroad=45))


def test_two_countries_by_hand(two):
    """Tests matrix with sums, welfare of 117.5 USD, and what the page says; no gains, since nobody asked for them."""
    found = trade_content(None, two)
    assert found.sold.to_dict() == {"home": {"abroad": 45, "all": 45}, "all": {"abroad": 45, "all": 45}}
    assert found.said == (
        "90.0% of tokens are made in one region and used in another; most from abroad to home, 45.00 Mtok.",
    )
    assert (found.by, found.unit, found.sold_unit, found.is_welfare) == ("region", "USD", "Mtok", True)
    assert found.welfare.to_numpy().sum() == pytest.approx(117.5)
    assert found.gains is None
    assert found.largest_gains.empty


def test_gains_that_were_asked_for_are_shown(two):
    """Tests 77.5 USD more than in autarky, 67.5 of them abroad."""
    trade = placer.trade(two)
    assert trade.gains["gain_on_autarky_usd"].sum() == pytest.approx(77.5)
    found = trade_content(trade, two)
    assert found.said[1] == "All together gain 77.50 USD on autarky, in which no region buys from another."
    assert found.gains.index.tolist() == ["abroad", "home"]
    assert found.largest_gains["gain_on_autarky"].to_dict() == pytest.approx({"abroad": 67.5, "home": 10})


@pytest.mark.slow
def test_what_policies_cost_is_said(two):
    """Tests a quota of 30 Mtok: home makes 20 of 50 at 3 USD, and 15 Mtok from abroad would have cost 1.5 USD less."""
    quota = {"policy": "quota", "kind": "quota_mtok", "amount": 30, "to_region": "home"}
    trade = placer.trade(two.offered.instance.replace(policies=[quota]))
    assert trade.gains["gain_on_free_trade_usd"].sum() == pytest.approx(-22.5)
    found = trade_content(trade, trade.accounts.placement)
    assert found.said[2] == "Policies cost all together 22.50 USD against free trade."


@pytest.mark.slow
def test_a_country_stands_at_its_busiest_data_centre(placed_tiny):
    """Tests the places of sellers and buyers, and the arc between them."""
    found = trade_content(None, placer.solve(placed_tiny))
    sites, busy = placed_tiny.data_centres.set_index("data_centre"), {"west": "Plateau", "east": "Metro"}
    for region, site in busy.items():
        assert found.points.loc[region, ["lat", "lon"]].tolist() == sites.loc[site, ["lat", "lon"]].tolist()
    assert found.arcs["said"].tolist() == ["west to east: 100.0 Mtok"]
    assert [found.points.index[found.arcs[end].iloc[0]] for end in ("seller", "buyer")] == ["west", "east"]


def test_a_country_without_a_data_centre_stands_at_its_largest_hub(placed_tiny):
    """Tests users in a country of their own."""
    hubs = placed_tiny.hubs
    far = hubs.assign(region=hubs["region"].where(hubs["hub"] != "Coast", "coast"))
    found = trade_content(None, placer.solve(placed_tiny.replace(hubs=far)))
    coast = hubs.set_index("hub").loc["Coast", ["lat", "lon"]]
    assert found.points.loc["coast", ["lat", "lon"]].tolist() == coast.tolist()


@pytest.mark.slow
def test_no_trade_no_content(two):
    """Tests autarky, instances without places, and a trade of another placement."""
    ban = pd.DataFrame([{"policy": "ban", "kind": "ban"}])
    assert trade_content(None, placer.solve(two.offered.instance.replace(policies=ban))) is None
    assert trade_content(None, two).points.empty
    with pytest.raises(placer.InstanceError, match=r"report\.trade: it is of another placement"):
        trade_content(placer.trade(placer.load("tiny")), two)


def test_countries_by_another_column(placed_tiny):
    """Tests blocs in place of regions."""
    tables = {
        name: placed_tiny.tables[name].assign(
            trade_bloc=placed_tiny.tables[name]["region"].map({"east": "E", "west": "W"})
        )
        for name in ("hubs", "data_centres")
    }
    placement = placer.solve(placed_tiny.replace(**tables))
    found = trade_content(placer.trade(placement, by="trade_bloc"), placement)
    assert found.by == "trade bloc"
    assert found.sold.index.tolist() == ["W", "all"]
