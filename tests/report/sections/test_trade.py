"""The section on who sells tokens to whom."""

from __future__ import annotations

import re

import pytest

import placer
from placer.report.content.page import Subject, content_of
from placer.report.sections.trade import trade_map, trade_section
from placer.report.write import page
from tests.home_and_abroad import home_and_abroad


@pytest.fixture(scope="module")
def elastic():
    """Return the trade of ``tiny`` with steps of value, its gains included."""
    found = placer.trade(placer.load("tiny").with_elastic_demand(1.5, -1.11, between=(0.5, 6.0), steps=4))
    assert found.gains["gain_on_autarky_usd"].sum() > 0
    return found


def _text(placement, **beside):
    return str(trade_section(content_of(Subject("small", placement, **beside), 1000)))


@pytest.mark.slow
def test_demand_without_steps_has_net_costs():
    """Tests matrix, prices and net costs, the note on gains, and the link in the navigation."""
    placement = placer.solve(placer.load("tiny"))
    text = _text(placement)
    for said in ("Tokens sold abroad, from rows to columns, Mtok", "Price by region", "Net cost by region"):
        assert said in text
    assert "Welfare by region" not in text
    assert "placer trade NAME --gains --report FILE" in text
    assert '<a href="#s0-trade">Trade<' in page([Subject("small", placement)])


@pytest.mark.slow
def test_demand_with_steps_has_welfare_and_gains(elastic):
    """Tests the surplus of consumers, and gains where they were asked for."""
    text = _text(elastic.accounts.placement, trade=elastic)
    for said in ("Welfare by region", "surplus of consumers", "Who gains by trade", "gain on autarky, USD"):
        assert said in text
    assert "sign reversed" not in text
    assert "not on this page" not in text


@pytest.mark.slow
def test_prices_stand_beside_their_mean():
    """Tests 210 Mtok at 1.444 USD and 30 at 1.48: 0.3 % below their mean of 1.449, and 2.2 % above it."""
    text = _text(placer.solve(placer.load("tiny")))
    assert "how far it is from the mean of all, 1.449 USD per million tokens" in text
    assert "1.444 -0.3%<" in text
    assert "1.480 +2.2%<" in text


@pytest.mark.slow
def test_prices_of_nothing_have_no_percentage():
    """Tests a mean price of 0, which nothing is far from."""
    costly = home_and_abroad([{"mtok": 50}])
    centres = costly.data_centres.assign(accelerators=[0.0, 100.0], accelerator_usd_per_hour=0.0)
    text = _text(placer.solve(costly.replace(data_centres=centres, links=costly.links.assign(usd_per_gb=0.0))))
    assert "Price by region" in text
    assert "how far it is" not in text


@pytest.mark.slow
def test_parties_that_are_no_country_are_explained():
    """Tests the authority, which earns the rent of a quota; the network earns nothing there."""
    quota = {"policy": "quota", "kind": "quota_mtok", "amount": 60, "to_region": "east"}
    text = _text(placer.solve(placer.load("tiny").replace(policies=[quota])))
    assert "The authority earns the rents of caps, limits and quotas." in text
    assert "The network earns" not in text


@pytest.mark.slow
def test_welfare_of_demand_without_steps_is_said():
    """Tests that gains of net costs say so."""
    found = placer.trade(placer.load("tiny"))
    assert len(found.gains)
    assert "Welfare is the net cost with its sign reversed" in _text(found.accounts.placement, trade=found)


@pytest.mark.slow
def test_other_currency_is_written():
    """Tests that no amount in EUR is called USD."""
    tiny = placer.load("tiny")
    text = _text(placer.solve(tiny.replace(currency="EUR")))
    assert "EUR per million tokens" in text
    assert "USD" not in text


@pytest.mark.slow
def test_a_report_takes_the_trade(elastic, tmp_path):
    """Tests the way of a user, and that a trade of another placement is refused."""
    file = placer.write_report(elastic.accounts.placement, tmp_path / "trade.html", trade=elastic)
    assert "Who gains by trade" in file.read_text(encoding="utf-8")
    with pytest.raises(placer.InstanceError, match="another placement"):
        placer.write_report(placer.solve(placer.load("tiny")), tmp_path / "trade.html", trade=elastic)


def test_without_trade_there_is_no_section(make_instance):
    """Tests hubs and data centres without regions."""
    tables = {"hubs": [{"hub": "A"}, {"hub": "B"}], "data_centres": [{"data_centre": "X"}, {"data_centre": "Y"}]}
    assert trade_section(content_of(Subject("small", placer.solve(make_instance(**tables))), 1000)) is None


@pytest.mark.slow
def test_an_arc_for_every_flow_and_a_square_for_every_seller(placed_tiny):
    """Tests one seller and one buyer, named in the legend and in the tip."""
    text = str(trade_map(content_of(Subject("small", placer.solve(placed_tiny)), 1000)))
    assert re.findall(r"<path[^>]*><title>([^<]*)</title>", text) == ["west to east: 100.0 Mtok"]
    assert text.count("<rect") == 1
    assert text.count("<circle") == 1
    assert "swatch c0" in text
    assert "others" not in text


@pytest.mark.slow
def test_sellers_beyond_the_largest_share_a_line(make_instance):
    """Tests eight countries that sell to one: five lines, and one of all others."""
    names = [f"c{place}" for place in range(8)]
    here = {"lat": 10.0, "accelerators": 10.0}
    instance = make_instance(
        hubs=[{"hub": "users", "region": "home", "lat": 0.0, "lon": 0.0}],
        data_centres=[
            {"data_centre": name, "region": name, "lon": 5.0 * place} | here for place, name in enumerate(names)
        ],
        links=[{"from": "users", "to": name, "rtt_ms": 1.0} for name in names],
        supplies=[{"power_zone": "zx", "data_centre": name} for name in names],
        demand=[{"workload": "w", "hub": "users", "mtok": 80.0}],
    )
    text = str(trade_map(content_of(Subject("small", placer.solve(instance)), 1000)))
    assert text.count("<rect") == len(names)
    assert re.findall(r'swatch (c\d)"', text) == ["c0", "c1", "c2", "c3", "c4", "c5"]
    assert "others" in text


@pytest.mark.slow
def test_without_places_there_is_no_map():
    """Tests the dataset ``tiny``, whose hubs have no places."""
    assert trade_map(content_of(Subject("small", placer.solve(placer.load("tiny"))), 1000)) is None
