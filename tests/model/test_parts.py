"""Parts of a structure: of some arcs, demands and sites."""

from dataclasses import fields, replace

import numpy as np
import pytest

from placer.ladder.proven import solve_structure
from placer.model.formulation import formulate
from placer.model.parts import part_of, part_of_sites
from placer.solvers.highs import HiGHS
from placer.utils.alike import is_alike

DEMANDS = ("demand_class", "demand_origin", "demand_period", "demand_amount")
ARCS = ("arc_class", "arc_origin", "arc_site", "arc_rank", "arc_cost")


@pytest.mark.parametrize(("kind", "names"), [("arcs", ARCS), ("demands", DEMANDS)])
def test_some_arcs_or_demands(make_random_instance, kind, names):
    """Tests that every other arc, or demand, is kept with all its fields, and that nothing else changes."""
    structure = formulate(make_random_instance(3)).structure
    kept = np.arange(len(getattr(structure, names[0]))) % 2 == 0
    part = part_of(structure, **{kind: kept})
    for each in fields(structure):
        whole, left = getattr(structure, each.name), getattr(part, each.name)
        if each.name in names:
            np.testing.assert_array_equal(left, whole[kept])
        else:
            assert left is whole


def test_sites_are_numbered_anew(make_instance):
    """Tests two hubs and three sites without the first: arcs, limits and routes of the others move up by one."""
    instance = make_instance(
        workloads=[{"workload": "w", "accelerator_hours_per_mtok": 1.0, "kwh_per_mtok": 1.0}],
        data_centres=[
            {"data_centre": name, "accelerators": most} for name, most in (("X", 5.0), ("Y", 6.0), ("Z", 7.0))
        ],
        links=[{"from": "A", "to": name, "rtt_ms": 10.0, "capacity_gbps": 1.0} for name in ("X", "Y", "Z")]
        + [{"from": "A", "to": "B", "rtt_ms": 10.0}],
    )
    structure = formulate(instance).structure
    part = part_of_sites(structure, np.array([False, True, True]))
    assert (part.sites, part.origins, part.ways) == (2, structure.origins, 2)
    assert part.capacity[:, 0].tolist() == [6.0, 7.0]
    assert part.arc_site.tolist() == (structure.arc_site[structure.arc_site > 0] - 1).tolist()
    assert part.tier_site.tolist() == (structure.tier_site[structure.tier_site > 0] - 1).tolist()
    own, whole = part.route_links.toarray(), structure.route_links.toarray()
    assert (own[part.route(0, 0)] == whole[structure.route(0, 1)]).all()
    assert (own[part.route(1, 1)] == whole[structure.route(1, 2)]).all()


@pytest.mark.parametrize("seed", range(4))
def test_sites_without_arcs_change_no_cost(make_random_instance, seed):
    """Tests random instances: once no arc leads to a site, the least cost is the same with and without it."""
    structure = formulate(make_random_instance(seed)).structure
    for site in range(structure.sites):
        kept = np.arange(structure.sites) != site
        arc = kept[structure.arc_site]
        without = replace(structure, **{name: getattr(structure, name)[arc] for name in ARCS})
        costs = [solve_structure(each, HiGHS())[1].objective for each in (without, part_of_sites(structure, kept))]
        assert costs[1] == pytest.approx(costs[0], rel=1e-7)


def test_all_sites_are_the_structure(make_random_instance):
    """Tests that nothing changes where every site is kept."""
    structure = formulate(make_random_instance(1)).structure
    part = part_of_sites(structure, np.ones(structure.sites, dtype=bool))
    for name in ("arc_site", "tier_site", "work_cost", "use", "capacity", "tier_limit"):
        np.testing.assert_array_equal(getattr(part, name), getattr(structure, name))
    assert is_alike(part.cap_work, structure.cap_work)
    assert is_alike(part.cap_tier, structure.cap_tier)
    assert is_alike(part.cap_route, structure.cap_route)
    assert (part.route_links != structure.route_links).nnz == 0
