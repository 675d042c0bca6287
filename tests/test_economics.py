"""Tests of the economic side of exporting."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

import placer
from placer.accounts import assignment_axes
from placer.economics import FACE_TOLERANCE, break_even_gaps, economic_range, export_cost, price_ranges
from placer.faces import optimal_face
from placer.solve import solve_program
from placer.solvers.highs import HiGHS


def test_range_of_a_tie(make_instance):
    """Tests that equal costs everywhere leave the export share anywhere between none and all of it."""
    zones = [{"power_zone": "zx", "usd_per_mwh": 20.0}, {"power_zone": "zy", "usd_per_mwh": 20.0}]
    low, high = economic_range(placer.solve(make_instance(power_zones=zones)))
    assert (low, high) == pytest.approx((0, 1), abs=1e-6)


def test_range_of_a_unique_optimum(make_instance):
    """Tests that one optimum leaves one share: all of A's 10 Mtok run at the cheap Y, B's 6 stay there."""
    low, high = economic_range(placer.solve(make_instance()))
    assert (low, high) == pytest.approx((10 / 16, 10 / 16), abs=1e-6)


@pytest.mark.parametrize("seed", range(8))
def test_range_is_that_of_the_whole_face(make_random_instance, seed):
    """Tests that leaving out arcs too dear for any optimal placement changes neither end."""
    placement = placer.solve(make_random_instance(seed, cyclic=bool(seed % 2)))
    formulation, program = placement.formulation, placement.program
    tolerance = FACE_TOLERANCE * np.abs(placement.rents.price).max()
    face = optimal_face(program, placement.solution, tolerance)
    every = formulation.structure.assignments
    _, origin, site, _ = assignment_axes(formulation.structure, every.demand, every.arc)
    exported = np.zeros(len(program.cost))
    exported[program.col_blocks["x"]] = formulation.exported[origin, site]
    ends = [
        exported @ solve_program(replace(face, cost=sign * exported), HiGHS())[0].point / placement.demand_mtok
        for sign in (1.0, -1.0)
    ]
    assert economic_range(placement) == pytest.approx(ends, abs=1e-7)


def test_cost_of_exporting_by_hand(make_instance):
    """Tests the curve by hand: A's Mtok costs 50 at home and 20 away, B's 20 at home and 50 away.

    From no export at 10 x 50 + 6 x 20 = 620 USD the first 10 Mtok save 30 each (320 USD), the other 6 cost 30 each.
    """
    curve = export_cost(placer.solve(make_instance()))
    assert curve.exact
    assert curve.table["exported_mtok"].to_numpy() == pytest.approx([0, 10, 16], abs=1e-6)
    assert curve.table["cost_usd"].to_numpy() == pytest.approx([620, 320, 500], rel=1e-8)
    assert curve.table["slope_usd_per_mtok"].to_numpy()[:2] == pytest.approx([-30, 30], rel=1e-6)


@pytest.mark.parametrize("seed", range(4))
def test_cost_of_exporting_is_convex_and_touches_the_optimum(make_random_instance, seed):
    """Tests that the curve is convex and that its least is the cost of the placement."""
    placement = placer.solve(make_random_instance(seed))
    curve = export_cost(placement)
    slopes = curve.table["slope_usd_per_mtok"].to_numpy()[:-1]
    assert (np.diff(slopes) >= -1e-6 * np.abs(slopes[1:])).all()
    assert curve.table["cost_usd"].min() == pytest.approx(placement.cost_usd + placement.penalty_usd, rel=1e-7)


def test_a_curve_cut_short_says_so(make_random_instance):
    """Tests that a curve whose programs ran out is labelled, with a bound on the error."""
    placement = placer.solve(make_random_instance(1))
    whole, short = export_cost(placement), export_cost(placement, most_programs=3)
    assert len(short.table) < len(whole.table)
    assert not short.exact
    assert short.error_usd > 0


def test_price_range_at_a_kink(make_instance):
    """Tests a price that is not unique: Y is exactly full with A's 10 Mtok and B's 6.

    One Mtok less saves 20 USD at Y; one more must go to X for 50.
    """
    centres = [
        {"data_centre": "X", "region": "east"},
        {"data_centre": "Y", "region": "west", "accelerators": 16.0},
    ]
    ranges = price_ranges(placer.solve(make_instance(data_centres=centres)), [0])
    assert ranges.to_numpy().ravel() == pytest.approx([20, 50])


@pytest.mark.parametrize("seed", range(4))
def test_prices_lie_in_their_ranges(make_random_instance, seed):
    """Tests that every price lies between its left and right values, and that those are slopes of the cost."""
    instance = make_random_instance(seed)
    placement = placer.solve(instance)
    chosen = [0, 7, 23, 41]
    ranges = price_ranges(placement, chosen)
    price = placement.prices["usd_per_mtok"].to_numpy()[chosen]
    assert (ranges["low_usd_per_mtok"] <= price + 1e-6 * (1 + abs(price))).all()
    assert (ranges["high_usd_per_mtok"] >= price - 1e-6 * (1 + abs(price))).all()
    demand = instance.demand
    step = 1e-3
    for position, high in zip(chosen, ranges["high_usd_per_mtok"], strict=True):
        more = demand.assign(mtok=demand["mtok"] + step * (np.arange(len(demand)) == position))
        grown = placer.solve(instance.replace(demand=more))
        slope = (grown.cost_usd + grown.penalty_usd - placement.cost_usd - placement.penalty_usd) / step
        assert slope == pytest.approx(high, rel=1e-5, abs=1e-4)


def test_break_even_gap_by_hand(make_instance):
    """Tests that A may export to Y as long as a MWh there is no dearer than at X, transit aside: 2 USD a Mtok.

    One Mtok takes one MWh, so exporting pays from a gap of 2 USD per MWh; there are 30.
    """
    base = make_instance()
    links = base.links.assign(usd_per_gb=[0.0, 0.0, 2.0])
    work = base.workloads.assign(gb_per_mtok=1.0)
    gaps = break_even_gaps(placer.solve(make_instance(links=links, workloads=work))).loc[("w", "A", "Y")]
    assert gaps["home"] == "X"
    assert gaps["break_even_usd_per_mwh"] == pytest.approx(2)
    assert gaps["gap_usd_per_mwh"] == pytest.approx(30)
    assert gaps["pays"]
