"""Cuts: valid at any placement, and tight at the one that they come from."""

from __future__ import annotations

from dataclasses import fields, replace

import numpy as np
import pytest

import placer
from placer.model.answer import Duals
from placer.model.formulation import formulate
from placer.model.structure import positions_of
from placer.security.contingencies import contingencies_of
from placer.security.coupling import merged_recourse
from placer.security.cuts import cuts_at, hour_groups, stranded_by_group, weighted_duals
from placer.security.definition import Security
from placer.security.outages import outage_of
from placer.security.replacement import least_stranded


def _recourses(instance, share, kind="data_centres"):
    formulation = formulate(instance)
    outages = [outage_of(instance, formulation, each) for each in contingencies_of(instance, Security(kind))]
    return [merged_recourse(formulation.structure, outage, share) for outage in outages]


def _says(cut, flows, structure):
    """Return what a cut says must strand at some flows."""
    assigned = np.zeros(structure.assignment_count)
    assigned[positions_of(structure, flows.demand, flows.arc)] = flows.amount
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


@pytest.mark.parametrize("share", [(1.0, 1.0, 0.0, 0.0), (1.0, 0.5, 1.0, 0.5)])
@pytest.mark.parametrize("seed", range(4))
def test_tight_where_found_and_valid_elsewhere(make_random_instance, seed, share):
    """Tests that cuts say what strands at their placement, hour by hour, and no more than that at another."""
    instance = make_random_instance(seed)
    here, there = placer.solve(instance), placer.solve(instance.replace(accelerators="sunk"))
    structure = here.formulation.structure
    for recourse in _recourses(instance, np.array(share), "links" if seed % 2 else "data_centres"):
        stranded, duals = least_stranded(recourse, here.answer.point)
        by_group = stranded_by_group(recourse, stranded)
        elsewhere = stranded_by_group(recourse, least_stranded(recourse, there.answer.point)[0])
        assert len(by_group) == (1 if share[2] else 5)
        for cut in cuts_at(recourse, 0, duals, np.arange(len(by_group))):
            assert _says(cut, here.answer.point, structure) == pytest.approx(by_group[cut.group], abs=1e-5)
            assert _says(cut, there.answer.point, structure) <= elsewhere[cut.group] + 1e-5


def test_hours_touch_where_protected_work_waits(make_random_instance):
    """Tests that hours are groups of their own unless work that waits is protected."""
    instance = make_random_instance(0)
    assert hour_groups(_recourses(instance, np.array([1.0, 1.0, 0.0, 0.0]))[0]).tolist() == [0, 1, 2, 3, 4]
    assert hour_groups(_recourses(instance, np.ones(4))[0]).tolist() == [0] * 5


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
