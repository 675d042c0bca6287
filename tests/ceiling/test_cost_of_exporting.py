"""Tests of the least cost against what is exported."""

from __future__ import annotations

import math

import numpy as np
import pytest

import placer
from placer.ceiling.cost_of_exporting import export_cost
from tests.effort import tries
from tests.home_and_abroad import home_and_abroad
from tests.model.modes_by_hand import FAST, MIDDLE, SLOW, modes_abroad
from tests.paid_and_unpaid import paid_and_unpaid
from tests.watched import with_watched


def test_cost_of_exporting_by_hand(make_instance):
    """Tests the curve by hand: A's Mtok costs 50 at home and 20 away, B's 20 at home and 50 away.

    From no export at 10 x 50 + 6 x 20 = 620 USD the first 10 Mtok save 30 each (320 USD), the other 6 cost 30 each.
    """
    curve = export_cost(placer.solve(make_instance()))
    assert curve.exact
    assert curve.table["exported_mtok"].to_numpy() == pytest.approx([0, 10, 16], abs=1e-6)
    assert curve.table["cost_plus_penalty_usd"].to_numpy() == pytest.approx([620, 320, 500], rel=1e-8)
    assert curve.table["slope_usd_per_mtok"].to_numpy()[:2] == pytest.approx([-30, 30], rel=1e-6)


def exporting(limits, deadline_hours=0.0):
    """Return a hub in the east, and a site in each region: 1 USD a Mtok in the east, and 3 in the west."""
    return placer.Instance.from_tables(
        {
            "hubs": [{"hub": "h", "region": "east"}],
            "data_centres": [
                {"data_centre": name, "region": region, "accelerators": 4.0, "accelerator_usd_per_hour": usd}
                for name, region, usd in (("home", "east", 1.0), ("away", "west", 3.0))
            ],
            "links": [{"from": "h", "to": name, "rtt_ms": 1.0} for name in ("home", "away")],
            "workloads": [
                {
                    "workload": "w",
                    "accelerator_hours_per_mtok": 1.0,
                    "kwh_per_mtok": 0.0,
                    "deadline_hours": deadline_hours,
                    "unserved_usd_per_mtok": 10.0,
                }
            ],
            "demand": [{"workload": "w", "hub": "h", "hour": hour, "mtok": 3.0} for hour in range(2)],
            "limits": limits,
        }
    )


def test_export_of_work_that_waits():
    """Tests the curve where the exporting arcs alone have a queue: without it, all 6 Mtok stay and cost 6 USD."""
    curve = export_cost(placer.solve(exporting([], deadline_hours=1.0)))
    assert curve.table["exported_mtok"].to_numpy() == pytest.approx([0, 6], abs=1e-6)
    assert curve.table["cost_plus_penalty_usd"].to_numpy() == pytest.approx([6, 18], rel=1e-8)


@pytest.mark.parametrize(
    ("limit", "ends", "usd"),
    [
        ({"data_centre": "away", "amount": 2.0}, [2, 6], [10, 18]),
        ({"data_centre": "home", "amount": 2.0}, [0, 4], [6, 14]),
    ],
)
def test_curve_under_limits_of_at_least(limit, ends, usd):
    """Tests the ends where a limit asks for 2 Mtok at one site: exports are then at least 2 Mtok, or at most 4."""
    asked = {"limit": "used", "kind": "tokens", "sense": ">="} | limit
    curve = export_cost(placer.solve(exporting([asked])))
    assert curve.exact
    assert curve.most_mtok == pytest.approx(ends[-1])
    assert curve.table["exported_mtok"].to_numpy() == pytest.approx(ends, abs=1e-6)
    assert curve.table["cost_plus_penalty_usd"].to_numpy() == pytest.approx(usd, rel=1e-8)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(4))
def test_any_curve(make_random_instance, seed):
    """Tests that the curve is convex, that its least is the cost of the placement, and that the parts add up.

    What is served costs what is not penalty, and the penalty grows with what is unserved. A curve whose programs ran
    out is labelled, with a bound on the error.
    """
    placement = placer.solve(make_random_instance(seed))
    curve, short = export_cost(placement), export_cost(placement, most_programs=4)
    table, slopes = curve.table, curve.table["slope_usd_per_mtok"].to_numpy()[:-1]
    assert (np.diff(slopes) >= -1e-6 * np.abs(slopes[1:])).all()
    assert table["cost_plus_penalty_usd"].min() == pytest.approx(placement.cost_usd + placement.penalty_usd, rel=1e-7)
    assert (table["cost_usd"] + table["penalty_usd"]).to_numpy() == pytest.approx(table["cost_plus_penalty_usd"])
    assert ((table["unserved_mtok"] > 1e-9) == (table["penalty_usd"] > 1e-6)).all()
    assert len(short.table) < len(table)
    assert not short.exact
    assert short.error_usd > 0


@pytest.fixture(scope="module")
def uncapped(make_random_instance):
    """Return a placement without caps, which column generation solves too."""
    return placer.solve(make_random_instance(1, carbon_limit_kg=np.inf, water_limit_litres=np.inf))


@pytest.mark.slow
def test_column_generation_bounds_the_same_curve(uncapped, monkeypatch):
    """Tests that the few chords found for a large program lie above the whole curve, by no more than is proven."""
    whole = export_cost(uncapped).table
    monkeypatch.setattr("placer.least_cost.slopes.default_solver", lambda _: placer.ColumnGeneration())
    found = export_cost(uncapped, most_programs=6)
    exports, totals = (found.table[name].to_numpy() for name in ("exported_mtok", "cost_plus_penalty_usd"))
    shown = whole[whole["exported_mtok"].between(exports[0], exports[-1])]
    above = np.interp(shown["exported_mtok"], exports, totals) - shown["cost_plus_penalty_usd"].to_numpy()
    rounding = 1e-6 * np.abs(totals).max()
    assert above.min() >= -rounding
    assert above.max() <= found.error_usd + rounding


@pytest.mark.slow
def test_progress_is_told(make_instance):
    """Tests that every slope is told in a sentence, also to what runs around the call."""
    placement = placer.solve(make_instance())
    told, around = [], []
    export_cost(placement, progress=told.append)
    with placer.running(around.append):
        export_cost(placement)
    assert any("exported" in sentence for sentence in told)
    assert set(told) <= set(around)


@pytest.mark.slow
def test_a_curve_ends_after_twenty_solves():
    """Tests that the tolerance reached is said, and that a tolerance goes on to it."""
    placement, told = placer.solve(placer.load("tiny")), []
    short = export_cost(placement, progress=told.append)
    assert told[-1].startswith("19 points of the curve")  # before the twentieth
    assert not short.exact
    assert "a smaller tolerance goes on" in repr(short)
    assert export_cost(placement, tolerance=1e-9).exact


@pytest.mark.slow
def test_a_tolerance_is_met(uncapped, monkeypatch):
    """Tests that chords of a large program end within the tolerance, and that the curve is then exact to it."""
    monkeypatch.setattr("placer.least_cost.slopes.default_solver", lambda _: placer.ColumnGeneration())
    found = export_cost(uncapped, tolerance=1e-3)
    assert found.exact
    assert found.tolerance_usd == pytest.approx(1e-3 * uncapped.certificate.objective)
    assert found.error_usd <= found.tolerance_usd
    assert len(found.table) <= len(export_cost(uncapped, tolerance=1e-6).table)


@pytest.mark.parametrize("tolerance", [0, -1e-6, float("nan"), float("inf"), "small"])
def test_a_tolerance_is_a_positive_number(make_instance, tolerance):
    """Tests that anything else is refused in one sentence."""
    with pytest.raises(placer.errors.ArgumentError, match="tolerance"):
        export_cost(placer.solve(make_instance()), tolerance=tolerance)


def test_a_curve_takes_one_blas_thread(make_instance, two_blas_threads):
    """Tests that no sum is split among BLAS threads, which would change its last digits."""
    assert two_blas_threads == {2}
    placement, seen = with_watched(placer.solve(make_instance()), "unserved_cost")
    export_cost(placement)
    assert seen
    assert all(threads == {1} for threads in seen)


@pytest.fixture(scope="module")
def sixty():
    """Return 60 Mtok of demand, 40 at home at 3 USD and 100 abroad at 1 USD and 0.5 for transit."""
    return home_and_abroad([{"mtok": 60}], workload={"unserved_usd_per_mtok": 10})


def test_premium_of_a_flow_by_hand(sixty):
    """Tests 1.5 USD for any flow between 20 and 60 Mtok, and 8.5 USD, the penalty less 1.5, below 20."""
    curve = placer.export_cost(placer.solve(sixty), made_in="abroad", used_in="home")
    assert curve.premium_at(40) == pytest.approx((1.5, 1.5))
    assert curve.premium_at(60) == pytest.approx((-math.inf, 1.5))
    assert curve.premium_at(20) == pytest.approx((1.5, 8.5))
    assert curve.premium_at(5) == pytest.approx((8.5, 8.5))
    with pytest.raises(placer.ArgumentError, match="61 is not between 0 and 60"):
        curve.premium_at(61)


def test_premium_ends_a_flow(sixty):
    """Tests that the flow at a premium a little lower, or higher, is that of the other side."""
    for premium, mtok in ((1.49, 60), (1.51, 20), (8.49, 20), (8.51, 0)):
        surcharge = [{"hub_region": "home", "region": "abroad", "usd_per_mtok": premium}]
        assert placer.solve(sixty.replace(surcharges=surcharge)).exported_mtok == pytest.approx(mtok, abs=1e-9)


def test_unknown_regions_are_named(sixty):
    """Tests both regions at once."""
    with pytest.raises(placer.InstanceError) as caught:
        placer.export_cost(placer.solve(sixty), made_in="moon", used_in="mars")
    assert {each.column for each in caught.value.violations} == {"made_in", "used_in"}


def test_charges_that_a_region_is_paid_by_hand():
    """Tests 60 Mtok at home at a tariff of 1.4: imports of 20 to 60 cost 1.5 and 1.4 of transfers, at home 3."""
    tariff = {"policy": "t", "kind": "tariff_usd_per_mtok", "amount": 1.4, "to_region": "home", "paid_to": "importer"}
    workload = {"unserved_usd_per_mtok": 6}
    curve = export_cost(placer.solve(home_and_abroad([{"mtok": 60.0}], workload=workload, policies=[tariff])))
    assert curve.table["exported_mtok"].to_numpy() == pytest.approx([0, 20, 60], abs=1e-6)
    assert curve.table["cost_usd"].to_numpy() == pytest.approx([120, 150, 90])
    assert curve.table["transfers_usd"].to_numpy() == pytest.approx([0, 28, 84], abs=1e-6)
    assert curve.objective_usd.to_numpy() == pytest.approx([240, 178, 174])
    assert curve.table["slope_usd_per_mtok"].to_numpy()[:2] == pytest.approx([-3.1, -0.1])
    assert curve.summary()["least_usd"] == pytest.approx(174)
    assert repr(curve).startswith("Cost of exporting, transfers and penalties included: 240.00 USD")


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(tries(2, 10)))
def test_charges_that_a_region_is_paid_cost_as_much_as_those_that_nobody_is(seed):
    """Tests that the curve is that of premia which nobody is paid, with transfers apart from cost."""
    paid, unpaid = (export_cost(placer.solve(each)) for each in paid_and_unpaid(seed))
    assert paid.table["exported_mtok"].to_numpy() == pytest.approx(unpaid.table["exported_mtok"].to_numpy(), abs=1e-6)
    assert paid.objective_usd.to_numpy() == pytest.approx(unpaid.objective_usd.to_numpy())
    assert not unpaid.table["transfers_usd"].any()


def test_modes_by_hand():
    """Tests that exporting all saves 27.5 - 25 USD at 80 a second, 600 ms away."""
    curve = export_cost(placer.solve(modes_abroad([SLOW, MIDDLE, FAST], chips=100.0)))
    assert curve.exact
    assert curve.table["exported_mtok"].tolist() == pytest.approx([0.0, 36.0])
    assert curve.table["cost_usd"].tolist() == pytest.approx([27.5, 25.0])
