"""Cuts: valid at any placement, and tight at the one that they come from."""

from __future__ import annotations

from dataclasses import fields, replace

import numpy as np
import pytest

import placer
from placer.errors import NoSolutionError
from placer.model.answer import Duals
from placer.model.expansion import expand
from placer.model.formulation import formulate
from placer.model.structure import assignment_positions
from placer.security.contingencies import contingencies_of
from placer.security.coupling import merged_recourse
from placer.security.cuts import (
    CostLimit,
    cut_extension,
    cuts_at,
    need_new_cuts,
    weighted_duals,
    with_cuts,
)
from placer.security.definition import Security
from placer.security.outages import outage_of
from placer.security.program import UNSERVED_ROW
from placer.security.replacement import least_stranded


def _recourses(instance, share, kind="data_centres"):
    formulation = formulate(instance)
    outages = [outage_of(instance, formulation, each) for each in contingencies_of(instance, Security(kind))]
    return [merged_recourse(formulation.structure, outage, share) for outage in outages]


def _says(cut, flows, structure):
    """Return what a cut says must strand at some flows."""
    assigned = np.zeros(structure.assignment_count)
    assigned[assignment_positions(structure, flows.demand, flows.arc)] = flows.amount
    return float(cut.value @ assigned[cut.column]) - cut.limit


def test_a1_by_hand(a1):
    """Tests the cut of A1 where W is lost: chat at W and voice at B, together less 85, strand."""
    recourse = _recourses(a1, np.ones(2))[2]
    placement = placer.solve(a1)
    stranded, duals = least_stranded(recourse, placement.answer.point)
    assert stranded.sum() == pytest.approx(35.0)
    (cut,) = cuts_at(recourse, 2, duals, np.array([0]))
    # Voice at A and B, chat at B and W: what stays at B, and what was at W.
    whole = dict(zip(cut.column.tolist(), cut.value.tolist(), strict=True))
    assert whole == pytest.approx({1: 1.0, 2: 1.0, 3: 1.0})
    assert (cut.limit, cut.place, cut.group) == (pytest.approx(85.0), 2, 0)


@pytest.mark.slow
@pytest.mark.parametrize("share", [(1.0, 1.0, 0.0, 0.0), (1.0, 0.5, 1.0, 0.5)])
@pytest.mark.parametrize("seed", range(4))
def test_tight_where_found_and_valid_elsewhere(make_random_instance, seed, share):
    """Tests that cuts say what strands at their placement, hour by hour, and no more than that at another."""
    instance = make_random_instance(seed)
    here, there = placer.solve(instance), placer.solve(instance.replace(accelerators="sunk"))
    structure = here.formulation.structure
    for recourse in _recourses(instance, np.array(share), "links" if seed % 2 else "data_centres"):
        stranded, duals = least_stranded(recourse, here.answer.point)
        by_group = recourse.by_group(stranded)
        elsewhere = recourse.by_group(least_stranded(recourse, there.answer.point)[0])
        assert len(by_group) == (1 if share[2] else 5)
        for cut in cuts_at(recourse, 0, duals, np.arange(len(by_group))):
            assert _says(cut, here.answer.point, structure) == pytest.approx(by_group[cut.group], abs=1e-5)
            assert _says(cut, there.answer.point, structure) <= elsewhere[cut.group] + 1e-5


def test_hours_touch_where_protected_work_waits(make_random_instance):
    """Tests that hours are groups of their own unless work that waits is protected."""
    instance = make_random_instance(0)
    assert _recourses(instance, np.array([1.0, 1.0, 0.0, 0.0]))[0].groups.tolist() == [0, 1, 2, 3, 4]
    assert _recourses(instance, np.ones(4))[0].groups.tolist() == [0] * 5


def test_weighted_duals(make_random_instance):
    """Tests that prices of cuts add up at their weights, each in its own hours only."""
    instance = make_random_instance(1)
    recourse = _recourses(instance, np.array([1.0, 1.0, 0.0, 0.0]))[0]
    _, duals = least_stranded(recourse, placer.solve(instance).answer.point)
    ones = replace(duals, **{field.name: np.ones_like(getattr(duals, field.name)) for field in fields(Duals)})
    cuts = [*cuts_at(recourse, 0, ones, np.array([1])), *cuts_at(recourse, 0, ones, np.array([3]))]
    total = weighted_duals(recourse, cuts, np.array([2.0, 0.5]))
    assert total.capacity[0].tolist() == [0.0, 2.0, 0.0, 0.5, 0.0]
    assert total.link[0].tolist() == total.capacity[0].tolist()
    assert not total.demand.any()


def test_a_site_without_power_is_left_out(without_power):
    """Tests the cut if d0 is lost: the Mtok at d0 and at d2 less the 10 / 11 for which d2 has power strand.

    What h1 sends to d1, which has no power, has an infinite price and is 0.
    """
    recourse = _recourses(without_power, np.ones(1))[0]
    stranded, duals = least_stranded(recourse, placer.solve(without_power).answer.point)
    assert stranded.sum() == pytest.approx(1 / 11)
    (cut,) = cuts_at(recourse, 0, duals, np.array([0]))
    assert dict(zip(cut.column.tolist(), cut.value.tolist(), strict=True)) == pytest.approx({1: 1.0, 2: 1.0})
    assert cut.limit == pytest.approx(10 / 11)


def test_light_work_beside_heavy_work_is_kept(make_a1):
    """Tests that a cut keeps the work of voice if a Mtok of chat takes the room of ten million of it."""
    heavy = 1e7
    sites = {"A": (1.0, "a"), "B": (1.0, "b")}
    needs = {"voice": (("a", "b"), 1 / heavy), "chat": (("b",), 1.0)}
    instance = make_a1(
        data_centres=[
            {"data_centre": name, "accelerators": size, "accelerator_usd_per_hour": 1.0, "jurisdiction": place}
            for name, (size, place) in sites.items()
        ],
        links=[{"from": "H", "to": name, "rtt_ms": 1.0} for name in sites],
        workloads=[
            {"workload": name, "jurisdictions": at, "accelerator_hours_per_mtok": need, "kwh_per_mtok": 0.0}
            for name, (at, need) in needs.items()
        ],
        demand=[{"workload": "voice", "hub": "H", "mtok": heavy}, {"workload": "chat", "hub": "H", "mtok": 1.0}],
    )
    placement = placer.solve(instance)
    recourse = _recourses(instance, np.ones(2))[0]
    stranded, duals = least_stranded(recourse, placement.answer.point)
    assert stranded.sum() == pytest.approx(heavy)
    (cut,) = cuts_at(recourse, 0, duals, np.array([0]))
    assert _says(cut, placement.answer.point, placement.formulation.structure) == pytest.approx(heavy)


def test_cuts_must_cut_off_their_placement(a1):
    """Tests that one cut that says more than ``v`` is enough, and that cuts without any are an error."""
    recourse, placement = _recourses(a1, np.ones(2))[2], placer.solve(a1)
    structure, flows = placement.formulation.structure, placement.answer.point
    cuts = cuts_at(recourse, 0, least_stranded(recourse, flows)[1], np.array([0]))
    empty = replace(cuts[0], column=cuts[0].column[:0], value=cuts[0].value[:0], limit=0.0)
    need_new_cuts(structure, flows, [empty, *cuts], np.full((1, 1), 30.0), 4.9)
    need_new_cuts(structure, flows, [], np.zeros((1, 1)), 1.0)
    with pytest.raises(NoSolutionError, match=r"2 cuts do not cut off the placement of their audit: 5\.0e\+00 Mtok"):
        need_new_cuts(structure, flows, [empty, *cuts], np.full((1, 1), 30.0), 5.1)


def test_rows_by_hand(a1):
    """Tests the cut of A1 where W is lost as a row, less what strands there, and the row of unserved demand."""
    recourses, placement = _recourses(a1, np.ones(2)), placer.solve(a1)
    _, duals = least_stranded(recourses[2], placement.answer.point)
    base = expand(placement.formulation.structure)
    cuts = cuts_at(recourses[2], 2, duals, np.array([0]))
    cost = np.append(base.cost, [600.0] * 3)
    unserved = np.zeros(len(cost))
    unserved[base.col_blocks["u"]] = base.cost[base.col_blocks["u"]]
    limit = CostLimit(UNSERVED_ROW, unserved, 7.0)
    found = cut_extension(base, recourses, cuts, [limit], cost)
    assert found.columns.names == ("A: stranded 0", "B: stranded 0", "W: stranded 0")
    assert found.columns.cost.tolist() == [600.0] * 3
    assert found.rows.names == ("W: cut 0", UNSERVED_ROW)
    assert found.rows.upper.tolist() == pytest.approx([85.0, 7.0])
    # voice at A, B; chat at B, W; unserved voice and chat; what strands where A, B, W is lost
    dense = found.rows.matrix.toarray()
    assert dense[0].tolist() == pytest.approx([0, 1, 1, 1, 0, 0, 0, 0, -1])
    assert dense[1].tolist() == pytest.approx([0, 0, 0, 0, *base.cost[base.col_blocks["u"]], 0, 0, 0])
    waiting = replace(limit, enters_above=7.0)
    assert cut_extension(base, recourses, cuts, [waiting], cost).rows.names == ("W: cut 0",)
    assert (waiting.exceeded_at(unserved), waiting.exceeded_at(0 * unserved)) == (True, False)


def test_without_cuts(a1):
    """Tests that without cuts there are the columns of what strands alone."""
    recourse, structure = _recourses(a1, np.ones(2))[0], formulate(a1).structure
    base = expand(structure)
    cost = np.append(base.cost, 600.0)
    found = cut_extension(base, [recourse], [], [], cost)
    assert found.rows.matrix.shape[0] == 0
    assert found.columns.names == ("A: stranded 0",)
    program = with_cuts(base, [recourse], found, 2 * cost)
    assert program.cost.tolist() == (2 * cost).tolist()
    assert program.implied_upper[-1] == pytest.approx(float(structure.demand_amount.sum()))
