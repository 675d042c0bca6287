"""Secure placements by cuts: the same as by the explicit program, proven as well."""

from __future__ import annotations

import pytest

import placer
from placer.security import cutting_planes, solving
from placer.security.program import UNSERVED_ROW
from tests.effort import tries

#: USD of an unserved Mtok, with costs of at most 1: above the first and above the last penalty of stranded work.
VALUES = (140.0, 1e6)


@pytest.fixture
def by_cuts(monkeypatch):
    """Return a function that solves by cuts whatever the size."""

    def solve(instance, security, cheap=cutting_planes.CHEAP):
        with monkeypatch.context() as patch:
            patch.setattr(solving, "LARGE_FROM", 0)
            patch.setattr(cutting_planes.solve_by_cuts, "__defaults__", (cheap,))
            return placer.solve(instance, security=security)

    return solve


def test_a1_by_hand(a1, by_cuts):
    """Tests A1 by cuts: 555, prices 6 and 5, and 640 = 555 + 85."""
    placement = by_cuts(a1, placer.Security())
    assert placement.cost_usd == pytest.approx(555.0)
    assert placement.prices["usd_per_mtok"].tolist() == pytest.approx([6.0, 5.0])
    assert placement.settlement[["payments", "security_rent"]].tolist() == pytest.approx([640.0, 85.0])
    assert placement.security_rents["rent_usd"].to_dict() == pytest.approx({("W", "accelerators", "B", 0): 85.0})
    assert placement.bound_usd == pytest.approx(555.0)
    assert list(placement.own_rows.index) == ["W: cut 0"]
    assert placer.audit(placement, placer.Security()).passed


def _agree(one, other):
    cost = one.certificate.objective
    assert other.certificate.proven
    assert other.certificate.objective == pytest.approx(cost, rel=1e-6)
    assert other.bound_usd == pytest.approx(cost, rel=1e-6)
    assert other.cost_and_penalty_usd == pytest.approx(one.cost_and_penalty_usd, rel=1e-5, abs=1e-6)
    assert sum(other.stranded_mtok.values()) == pytest.approx(sum(one.stranded_mtok.values()), abs=1e-5)
    payments = other.settlement["payments"]
    assert other.settlement["difference"] == pytest.approx(0.0, abs=1e-6 * payments)
    assert other.security_rents["rent_usd"].sum() == pytest.approx(
        other.settlement["security_rent"], abs=1e-6 * payments
    )


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["data_centres", "power_zones", "links"])
@pytest.mark.parametrize("seed", range(3))
def test_as_the_explicit_program(make_random_instance, by_cuts, seed, kind):
    """Tests cost, stranded work, settlement and bound on instances with every kind of row."""
    instance, security = make_random_instance(seed), placer.Security(kind)
    _agree(placer.solve(instance, security=security), by_cuts(instance, security))


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(3))
def test_limits_of_zones(make_random_instance, by_cuts, seed):
    """Tests zones whose power is short in a contingency: both ways agree, the audit too, and no less strands."""
    instance = make_random_instance(seed)
    short = instance.replace(power_zones=instance.power_zones.assign(limit_mw=[9.0, 7.0]))
    placement = placer.solve(short, security=placer.Security())
    _agree(placement, by_cuts(short, placer.Security()))
    found = placer.audit(placement, placer.Security()).contingencies["stranded_mtok"]
    assert found.sum() == pytest.approx(sum(placement.stranded_mtok.values()), abs=1e-5)
    rents = placement.security_rents
    assert rents["rent_usd"].sum() == pytest.approx(placement.settlement["security_rent"], rel=1e-6, abs=1e-6)


@pytest.mark.slow
def test_protected_work_that_waits(make_random_instance, by_cuts):
    """Tests cuts over all hours together."""
    instance, security = make_random_instance(1), placer.Security(protected={"night": 1.0, "soon": 0.5})
    _agree(placer.solve(instance, security=security), by_cuts(instance, security))


@pytest.mark.slow
@pytest.mark.parametrize("first", range(0, tries(12, 24), 6))
def test_small_instances(make_small, by_cuts, first):
    """Tests random instances of one hour, short of capacity or not."""
    for seed in range(first, first + 6):
        instance, security = make_small(seed), placer.Security(("data_centres", "power_zones", "links")[seed % 3])
        _agree(placer.solve(instance, security=security), by_cuts(instance, security))


@pytest.mark.slow
def test_assignments_are_listed_as_they_pay(make_random_instance, by_cuts):
    """Tests that few listed assignments lead to the same optimum, with the certificate over all of them."""
    instance, security = make_random_instance(2), placer.Security()
    few = by_cuts(instance, security, cheap=-1.0)
    _agree(placer.solve(instance, security=security), few)
    structure = few.formulation.structure
    assert len(few.program.cost) > structure.assignment_count


def test_rounds_end(a1, monkeypatch, by_cuts):
    """Tests that too few rounds are an error, not an answer."""
    monkeypatch.setattr("placer.security.rounds._MOST_ROUNDS", 0)
    with pytest.raises(placer.NoSolutionError, match="1 cuts in 0 rounds"):
        by_cuts(a1, placer.Security())


def test_unserved_demand_comes_before_stranded_work(make_a1, by_cuts):
    """Tests the order: leaving 6 of 16 unserved would strand nothing, and yet all is served and 6 strand twice."""
    sites = [{"data_centre": name, "accelerators": 10.0} for name in "XY"]
    instance = make_a1(
        data_centres=sites,
        links=[{"from": "H", "to": site["data_centre"], "rtt_ms": 1.0} for site in sites],
        workloads=[{"workload": "w", "accelerator_hours_per_mtok": 1.0, "kwh_per_mtok": 0.0}],
        demand=[{"workload": "w", "hub": "H", "mtok": 16.0}],
    )
    placement = by_cuts(instance, placer.Security())
    assert placement.unserved_mtok == pytest.approx(0.0)
    assert sum(placement.stranded_mtok.values()) == pytest.approx(12.0)
    assert UNSERVED_ROW in placement.own_rows.index


def test_a_site_without_power(without_power, by_cuts):
    """Tests that a site without power, whose arcs have an infinite price, takes nothing from the cuts."""
    placement = by_cuts(without_power, placer.Security())
    assert placement.stranded_mtok == pytest.approx({"d0": 1 / 11, "d1": 0.0, "d2": 0.0})
    assert placement.unserved_mtok == pytest.approx(1.0)


@pytest.mark.parametrize("usd", VALUES)
def test_values_far_above_the_cost(make_a1, by_cuts, usd):
    """Tests 10 of work that only A may serve and 6 that A or B may: all is served, and 10 strand without A."""
    work = {"accelerator_hours_per_mtok": 1.0, "kwh_per_mtok": 0.0, "unserved_usd_per_mtok": usd}
    instance = make_a1(
        workloads=[
            {"workload": "voice", "jurisdictions": ("a",)} | work,
            {"workload": "chat", "jurisdictions": ("a", "b")} | work,
        ],
        demand=[{"workload": "voice", "hub": "H", "mtok": 10.0}, {"workload": "chat", "hub": "H", "mtok": 6.0}],
    )
    placement = by_cuts(instance, placer.Security())
    assert placement.stranded_mtok == pytest.approx({"A": 10.0, "B": 0.0, "W": 0.0})
    assert (placement.unserved_mtok, placement.cost_usd) == pytest.approx((0.0, 10 * 6.0 + 6 * 5.0))


@pytest.mark.slow
def test_the_penalty_rises_as_for_the_explicit_program(a1, by_cuts, monkeypatch):
    """Tests that a penalty below the price of security is found out, and raised."""
    monkeypatch.setattr(solving, "penalty_usd", lambda _: 0.5)
    placement = by_cuts(a1, placer.Security())
    assert (placement.secure.penalty, placement.cost_usd) == pytest.approx((15.0, 555.0))
    assert not any(placement.stranded_mtok.values())
    assert placement.bound_usd == pytest.approx(555.0)
    monkeypatch.setattr(solving, "penalty_usd", lambda _: 1e-6)
    with pytest.raises(placer.NoSolutionError, match="more than need to"):
        by_cuts(a1, placer.Security())


@pytest.mark.parametrize("scale", [1e-8, 1.0, 1e8])
def test_any_scale(short_of_room, by_cuts, scale):
    """Tests that all is served at any scale, and that 6 of 10 strand without A."""
    placement = by_cuts(short_of_room(scale, 0.1), placer.Security())
    assert placement.served_mtok == pytest.approx(10 * scale, rel=1e-6)
    assert sum(placement.stranded_mtok.values()) == pytest.approx(6 * scale, rel=1e-5)


def test_nothing_is_protected(a1, by_cuts):
    """Tests that contingencies that displace no protected work change nothing."""
    placement = by_cuts(a1, placer.Security(protected={"voice": 0.0, "chat": 0.0}))
    assert placement.cost_usd == pytest.approx(520.0)
    assert not any(placement.stranded_mtok.values())
