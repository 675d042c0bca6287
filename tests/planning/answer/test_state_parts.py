"""The parts of the cost of states, and what users gain, by hand."""

from __future__ import annotations

import json

import pytest

import placer
from placer.cli.tables import json_text
from placer.planning.answer.plan_files import plan_tables
from placer.running import running
from tests.home_and_abroad import home_and_abroad
from tests.results import check_result

HALL = [{"candidate": "hall", "adds": "accelerators", "target": "far", "usd_per_unit_year": 12.0 * 8760}]
TARIFF = [{"policy": "duty", "kind": "tariff_usd_per_mtok", "amount": 2.0, "to_region": "home", "paid_to": "importer"}]
STEPS = [(40.0, 50.0), (60.0, 30.0), (10.0, 3.0)]


@pytest.fixture(scope="module")
def elastic():
    """Return an hour of three steps: 40 Mtok at home, 60 worth a hall abroad and a tariff of 2, and 10 that are not."""
    steps = [{"mtok": mtok, "value_usd_per_mtok": value} for mtok, value in STEPS]
    return home_and_abroad(steps, abroad=0, accelerators="sunk", policies=TARIFF)


@pytest.fixture(scope="module")
def found(elastic):
    """Return the plan of a hall abroad: 60 units at 12 USD, and 0.5 for transit of a Mtok."""
    return placer.plan(elastic, HALL, gap=1e-9)


@pytest.mark.slow
def test_parts_by_hand(found):
    """Tests every figure of an hour: 60 * 0.5 for transit, 60 * 2 of tariffs, and 10 Mtok worth 3 that are not bought.

    Users pay the price of the placement for 100 Mtok that are worth 40 * 50 + 60 * 30 = 3,800.
    """
    assert found.units == pytest.approx([60.0])
    parts, price = found.parts.loc["all year"], float(found.placement().prices["usd_per_mtok"].iloc[0])
    assert 2.5 <= price <= 30.0
    assert parts.to_dict() == pytest.approx(
        {
            "operating_usd": 30.0,
            "transfers_usd": 120.0,
            "penalty_usd": 0.0,
            "not_bought_usd": 30.0,
            "unserved_mtok": 0.0,
            "not_bought_mtok": 10.0,
            "value_bought_usd": 3800.0,
            "consumers_surplus_usd": 3800.0 - 100 * price,
            "welfare_usd": 3770.0,
        }
    )


def test_files_and_figures_hold_them(found):
    """Tests the summary of a year and the table of files: welfare less 60 * 12 an hour to build."""
    check_result(found)
    assert list(plan_tables(found)) == ["builds", "states", "parts"]
    figures = json.loads(json_text(found.summary()))
    assert figures["transfers_usd_per_year"] == pytest.approx(8760 * 120)
    assert figures["not_bought_mtok_per_year"] == pytest.approx(8760 * 10)
    assert figures["welfare_usd_per_year"] == pytest.approx(8760 * (3770 - 720))


@pytest.mark.slow
def test_years_have_them_too(elastic):
    """Tests a year of the plan over years, and a later one in which the same steps hold for twice the demand."""
    years = placer.Years({2030: elastic, 2031: elastic.scaled_demand(2.0)}, until=2032, discount_rate=0.0)
    plan = placer.plan_years(years, HALL, gap=1e-9)
    check_result(plan)
    assert plan.standing.loc["hall"].tolist() == pytest.approx([60.0, 160.0])
    assert plan.parts["not_bought_mtok"].tolist() == pytest.approx([10.0, 20.0])
    assert plan.parts["transfers_usd"].tolist() == pytest.approx([120.0, 320.0])
    assert "parts" in plan.tables
    assert plan.summary()["transfers_usd_per_year"] == pytest.approx(8760 * 220)
    assert plan.placement(2031).not_bought_mtok == pytest.approx(20.0)


def test_a_plan_without_steps_has_none_of_users(hall_plan):
    """Tests that other plans have cost, transfers and penalty, and that their files hold them only if asked for."""
    plan = placer.plan(hall_plan.question.instance, hall_plan.question.candidates)
    assert list(plan.tables) == ["builds", "states"]
    assert list(plan.parts) == ["operating_usd", "transfers_usd", "penalty_usd", "unserved_mtok"]
    assert plan.parts["operating_usd"].tolist() == pytest.approx(plan.states["cost_usd"].tolist())
    assert list(plan.tables) == ["builds", "states", "parts"]


def test_no_time_is_left(elastic):
    """Tests that files of a plan leave them out where an enclosing limit left no time to solve the states again."""
    plan = placer.plan(elastic, HALL)
    with running(time_limit_seconds=1e-9):
        assert "transfers_usd_per_year" not in plan.summary()
    assert plan.summary()["transfers_usd_per_year"] > 0
