"""The secure ceiling over demands that are alike, against the program of all demands and all contingencies."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

import placer
from placer.ceiling.programs import ExportPrograms
from placer.ceiling.secure.export import most_secure_export
from placer.ladder.whole_program import solve_program
from placer.model.counts import net
from placer.model.edits import optimal_face
from placer.model.expansion import expand
from placer.security.contingencies import contingencies_of, protected_shares
from placer.security.coupling import merged_recourse
from placer.security.outages import outage_of
from placer.security.program import secure_program
from placer.solvers.highs import HiGHS
from tests.effort import tries
from tests.model.modes_at_random import with_random_modes


def _figures(ceiling):
    """Return the figures of a secure ceiling in the order of its programs."""
    structure, flows = ceiling.without.formulation.structure, ceiling.flows
    arcs = (part[flows.arc] for part in (structure.arc_class, structure.arc_origin, structure.arc_site))
    displaced = ceiling.without.count.displaced[tuple(arcs)] @ flows.amount
    stranded = ceiling.contingencies["stranded_mtok"].sum()
    return [flows.unserved.sum(), displaced, stranded, ceiling.share * ceiling.without.total]


def _explicit(ceiling):
    """Return the same figures from the explicit program of all demands and all contingencies."""
    without, security = ceiling.without, ceiling.security
    formulation, instance = without.formulation, without.instance
    whole = ExportPrograms.of(formulation, net(instance, without.weights, without.cut)).structure
    share = protected_shares(whole, formulation.workloads, security)
    outages = [outage_of(instance, formulation, each) for each in contingencies_of(instance, security)]
    recourses = [merged_recourse(formulation.structure, outage, share) for outage in outages]
    secure = secure_program(whole, expand(whole), recourses, 1.0)
    face = secure.extended
    unserved, counted = np.zeros(len(face.cost)), np.zeros(len(face.cost))
    unserved[face.col_blocks["u"]] = 1.0
    counted[face.col_blocks["x"]] = whole.arc_cost[whole.assignments.arc]
    found = []
    for cost in (unserved, np.maximum(counted, 0.0), secure.stranding().cost, np.minimum(counted, 0.0)):
        face = replace(face, cost=cost)
        solution, certificate = solve_program(face, HiGHS())
        found.append(certificate.objective)
        face = optimal_face(face, solution, 1e-9 * float(np.abs(cost).max()))
    return [*found[:-1], -found[-1]]


@pytest.mark.parametrize("kind", ["data_centres", "power_zones", "links"])
@pytest.mark.parametrize("seed", range(2))
def test_as_the_explicit_program(make_random_instance, seed, kind):
    """Tests all four figures on instances with every kind of row."""
    ceiling = placer.export_ceiling(make_random_instance(seed), exporting="e", security=placer.Security(kind))
    size = ceiling.without.formulation.structure.total_demand
    assert _figures(ceiling) == pytest.approx(_explicit(ceiling), abs=2e-6 * size)
    assert all(certificate.proven for certificate in ceiling.certificates)


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["data_centres", "power_zones", "links"])
@pytest.mark.parametrize("seed", range(tries(1, 12)))
def test_modes_as_the_explicit_program(make_random_instance, seed, kind):
    """Tests all four figures where workloads have modes."""
    instance = with_random_modes(make_random_instance(seed), seed)
    ceiling = placer.export_ceiling(instance, exporting="e", security=placer.Security(kind))
    size = ceiling.without.formulation.structure.total_demand
    assert _figures(ceiling) == pytest.approx(_explicit(ceiling), abs=2e-6 * size)
    assert all(certificate.proven for certificate in ceiling.certificates)


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["data_centres", "power_zones", "links"])
def test_tight_sites(make_sites, kind):
    """Tests all four figures where most are one program at weights."""
    for seed in range(tries(4, 8)):
        ceiling = placer.export_ceiling(make_sites(seed), exporting="north", security=placer.Security(kind))
        assert _figures(ceiling) == pytest.approx(_explicit(ceiling), abs=1e-3)


@pytest.mark.slow
def test_protected_work_that_waits(make_random_instance):
    """Tests hours that touch in contingencies."""
    security = placer.Security(protected={"night": 1.0, "soon": 0.5})
    ceiling = placer.export_ceiling(make_random_instance(1), exporting="e", security=security)
    size = ceiling.without.formulation.structure.total_demand
    assert _figures(ceiling) == pytest.approx(_explicit(ceiling), abs=2e-6 * size)


@pytest.mark.slow
def test_any_method(make_random_instance):
    """Tests that the figures do not depend on the method, nor on whether the solver keeps a basis."""
    instance, security = make_random_instance(0), placer.Security()
    by_simplex = placer.export_ceiling(instance, exporting="e", security=security)
    by_interior = placer.export_ceiling(instance, "tokens", HiGHS("ipm"), exporting="e", security=security)
    size = by_simplex.without.formulation.structure.total_demand
    assert _figures(by_interior) == pytest.approx(_figures(by_simplex), abs=2e-6 * size)


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["data_centres", "power_zones", "links"])
def test_known_prices_change_no_figure(make_sites, kind):
    """Tests that prices of the same ceiling, with which the rounds begin, change no figure."""
    ceiling = placer.export_ceiling(make_sites(1), exporting="north", security=placer.Security(kind))
    without = ceiling.without
    whole = without.formulation.structure
    outages = [
        outage_of(without.instance, without.formulation, each)
        for each in contingencies_of(without.instance, ceiling.security)
    ]
    share = protected_shares(whole, without.formulation.workloads, ceiling.security)
    first = most_secure_export(without, outages, share, None)
    assert first.prices
    again = most_secure_export(without, outages, share, None, first.prices)
    assert again.exported == pytest.approx(first.exported, rel=1e-8)
    assert again.stranded.sum() == pytest.approx(first.stranded.sum(), abs=1e-6 * whole.total_demand)


def _one_site_each():
    """Return two hubs that ask for 10 each, of which room is for 10: the first has one site, the second two."""
    links = [("P", "X"), ("Q", "X"), ("Q", "Y")]
    return placer.Instance.from_tables(
        {
            "hubs": [{"hub": "P", "region": "e"}, {"hub": "Q", "region": "e"}],
            "data_centres": [
                {"data_centre": "X", "region": "e", "accelerators": 10.0},
                {"data_centre": "Y", "region": "w", "accelerators": 0.0},
            ],
            "links": [{"from": hub, "to": site, "rtt_ms": 1.0} for hub, site in links],
            "workloads": [
                {
                    "workload": "w",
                    "latency_slo_ms": 1.0,
                    "user_round_trips": 1.0,
                    "accelerator_hours_per_mtok": 1.0,
                    "kwh_per_mtok": 0.0,
                }
            ],
            "demand": [{"workload": "w", "hub": hub, "mtok": 10.0} for hub in "PQ"],
        }
    )


def test_what_strands_for_certain_counts():
    """Tests that 10 of 20 are served by X whoever they are for, strand without it, and that no program is larger."""
    ceiling = placer.export_ceiling(_one_site_each(), exporting="e", security=placer.Security())
    assert _figures(ceiling) == pytest.approx([10.0, 0.0, 10.0, 0.0])
    assert ceiling.contingencies["stranded_mtok"].tolist() == pytest.approx([10.0, 0.0])


def test_a_zone_of_one_site_is_the_site():
    """Tests A1 with power and 5 of video that only W may serve: a lost site and its lost zone strand and bind alike."""
    sites = {"A": ("north", 45.0, "a"), "B": ("south", 85.0, "b"), "W": ("west", 90.0, "w")}
    instance = placer.Instance.from_tables(
        {
            "hubs": [{"hub": "H", "region": "north"}],
            "data_centres": [
                {"data_centre": name, "region": region, "accelerators": size, "jurisdiction": place}
                for name, (region, size, place) in sites.items()
            ],
            "power_zones": [{"power_zone": f"Z{name}", "usd_per_mwh": 1.0} for name in sites],
            "supplies": [{"power_zone": f"Z{name}", "data_centre": name} for name in sites],
            "links": [{"from": "H", "to": name, "rtt_ms": 1.0} for name in sites],
            "workloads": [
                {"workload": name, "jurisdictions": at, "accelerator_hours_per_mtok": 1.0, "kwh_per_mtok": 1.0}
                for name, at in {"voice": ("a", "b"), "chat": ("b", "w"), "video": ("w",)}.items()
            ],
            "demand": [
                {"workload": name, "hub": "H", "mtok": mtok}
                for name, mtok in {"voice": 40.0, "chat": 80.0, "video": 5.0}.items()
            ],
        }
    )
    for kind in ("data_centres", "power_zones"):
        ceiling = placer.export_ceiling(instance, exporting="north", security=placer.Security(kind))
        assert _figures(ceiling) == pytest.approx([0.0, 0.0, 5.0, 90.0])
        assert ceiling.contingencies["stranded_mtok"].tolist() == pytest.approx([0.0, 0.0, 5.0])
        assert ceiling.contingencies["binds"].tolist() == [False, False, True]
