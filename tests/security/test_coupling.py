"""The terms of a placement in the rows of recourse."""

from __future__ import annotations

import numpy as np
import pytest

import placer
from placer.model.expansion import expand
from placer.model.formulation import formulate
from placer.model.program import blocks
from placer.security.contingencies import contingencies_of
from placer.security.coupling import coupling, recourse_for
from placer.security.definition import Security
from placer.security.outages import outage_of


def _recourse(instance, kind, place, share):
    formulation = formulate(instance)
    contingency = contingencies_of(instance, Security(kind))[place]
    demands = np.flatnonzero(np.array(share)[formulation.structure.demand_class] > 0)
    return recourse_for(formulation.structure, outage_of(instance, formulation, contingency), np.array(share), demands)


def test_terms_by_hand(a1):
    """Tests the terms of A1 when B is lost: what B serves is to be replaced, what A and W serve takes of them."""
    recourse = _recourse(a1, "data_centres", 1, [1.0, 0.5])
    whole, rows = recourse.whole, blocks(recourse.structure.rows.sizes)
    assert recourse.demands.tolist() == [0, 1]
    names = [(int(klass), int(site)) for klass, site in zip(whole.arc_class, whole.arc_site, strict=True)]
    assert names == [(0, 0), (0, 1), (1, 1), (1, 2)]  # voice at A, B; chat at B, W
    terms = coupling(recourse, np.array([0, 0, 1, 1]), np.arange(4)).toarray()
    assert terms[rows["demand"]].tolist() == [[0, -1, 0, 0], [0, 0, -0.5, 0]]
    assert terms[rows["capacity"]].tolist() == [[1, 0, 0, 0], [0, 0, 0, 0], [0, 0, 0, 0.5]]


def test_unprotected_work_is_left_out(a1):
    """Tests that work with a share of 0 neither is replaced nor takes of anything."""
    recourse = _recourse(a1, "data_centres", 1, [0.0, 1.0])
    assert recourse.demands.tolist() == [1]
    terms = coupling(recourse, np.array([0, 0]), np.array([0, 1]))
    assert terms.nnz == 0


@pytest.mark.parametrize("seed", range(6))
def test_what_stays_is_what_the_program_counts(make_random_instance, seed):
    """Tests that with nothing hit the terms are the coefficients of the program itself, except demand and caps."""
    instance = make_random_instance(seed)
    formulation = formulate(instance)
    structure = formulation.structure
    nothing = contingencies_of(instance, Security("links"))[0]
    outage = outage_of(instance, formulation, type(nothing)("", *(np.zeros_like(each) for each in _lost(nothing))))
    recourse = recourse_for(structure, outage, np.ones(structure.classes), np.arange(len(structure.demand_amount)))
    program, chosen = expand(structure), structure.assignments
    terms, parts = coupling(recourse, chosen.demand, chosen.arc), blocks(recourse.structure.rows.sizes)
    columns = program.matrix[:, [*range(len(chosen.demand))]].toarray()
    for name in ("queue", "capacity", "balance", "intake", "link"):
        assert np.array_equal(terms[parts[name]].toarray(), columns[program.row_blocks[name]]), name
    assert terms[parts["demand"]].nnz == 0


def _lost(contingency):
    return contingency.sites, contingency.supplies, contingency.links


def test_links_count_over_the_routes_of_the_placement(make_instance):
    """Tests that what stays takes of a link whose neighbour is lost."""
    tiny = placer.load("tiny")
    links = [f"{a} - {b}" for a, b in zip(tiny.links["from"], tiny.links["to"], strict=True)]
    lost, kept = links.index("West exchange - Plateau"), links.index("East exchange - West exchange")
    recourse = _recourse(tiny, "links", lost, [1.0, 1.0, 1.0])
    whole, chosen = recourse.whole, recourse.whole.assignments
    terms = coupling(recourse, chosen.demand, chosen.arc)
    rows = recourse.structure.rows.link[kept] + blocks(recourse.structure.rows.sizes)["link"].start
    passes = whole.route_links.toarray()[whole.arc_route[chosen.arc], kept] > 0
    stays = ~recourse.outage.hit[chosen.arc]
    assert (terms[rows].sum(axis=0) > 0).tolist() == (passes & stays).tolist()
