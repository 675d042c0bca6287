"""Tests of ``placer.session``: every answer is that of ``placer.solve``, whatever was solved before."""

import importlib
import math
from dataclasses import replace

import pytest

import placer
from placer.ladder.price_memory import KEPT

FAR = "column generation: optimal, 0 price steps"


def more(instance, factor):
    return instance.replace(demand=instance.demand.assign(mtok=factor * instance.demand["mtok"]))


@pytest.fixture
def tiny():
    return placer.load("tiny")


def changes(instance):
    """The same instance with more demand, other prices of power, less capacity, less latency, and fewer hours."""
    links, zones = instance.links, instance.power_zones
    centres, workloads = instance.data_centres, instance.workloads
    return {
        "more demand": more(instance, 1.05),
        "carbon price": instance.replace(carbon_usd_per_kg=0.05),
        "dearer power": instance.replace(
            power_zones=zones.assign(usd_per_mwh=[tuple(2 * v for v in row) for row in zones["usd_per_mwh"]])
        ),
        "less capacity": instance.replace(
            data_centres=centres.assign(accelerators=0.8 * centres["accelerators"].astype(float))
        ),
        "shorter links": instance.replace(links=links.assign(rtt_ms=0.7 * links["rtt_ms"])),
        "tighter limit": instance.replace(workloads=workloads.assign(latency_slo_ms=0.6 * workloads["latency_slo_ms"])),
        "as before": instance,
    }


@pytest.mark.slow
def test_every_change_has_the_cost_of_a_fresh_solve(tiny):
    session = placer.Session()
    for name, changed in changes(tiny).items():
        fresh, again = placer.solve(changed), session.solve(changed)
        assert again.certificate.proven, name
        total = fresh.cost_usd + fresh.penalty_usd
        assert again.cost_usd + again.penalty_usd == pytest.approx(total, rel=1e-9), name
        assert again.instance is changed


def test_the_second_solve_starts_from_prices(tiny):
    session = placer.Session()
    assert "HiGHS" in session.solve(tiny).termination.detail
    assert session.solve(more(tiny, 1.01)).termination.detail.startswith(FAR)


@pytest.mark.slow
def test_another_shape_is_solved_afresh(tiny):
    session = placer.Session()
    session.solve(tiny)
    first = tiny.data_centres["data_centre"][0]
    fewer = tiny.replace(
        data_centres=tiny.data_centres.iloc[1:],
        supplies=tiny.supplies[tiny.supplies["data_centre"] != first],
        links=tiny.links[(tiny.links["from"] != first) & (tiny.links["to"] != first)],
    )
    assert "HiGHS" in session.solve(fewer).termination.detail
    assert session.solve(tiny).termination.detail.startswith(FAR)


def test_refused_answers_are_sought_from_the_fallback(tiny, monkeypatch):
    session = placer.Session()
    session.solve(tiny)
    ladder = importlib.import_module("placer.ladder.proven")
    proven = ladder.certify_answer

    def refuse(structure, answer, *, gap):
        return replace(proven(structure, answer, gap=gap), gap=math.inf)

    monkeypatch.setattr(ladder, "certify_answer", refuse)
    placement = session.solve(more(tiny, 1.01))
    assert placement.certificate.proven
    assert "after 1 refused: column generation" in placement.termination.detail


def test_failure_leaves_the_session_usable(tiny):
    session = placer.Session(placer.ColumnGeneration(time_limit_seconds=1e-9))
    with pytest.raises(placer.NoSolutionError) as caught:
        session.solve(tiny)
    assert caught.value.reason == placer.Reason.TIME_LIMIT
    with pytest.raises(placer.NoSolutionError):
        session.solve(tiny)


@pytest.mark.slow
def test_only_the_last_few_are_kept(tiny):
    session = placer.Session()
    for factor in (1.0, 1.01, 1.02, 1.03, 1.04, 1.05):
        session.solve(more(tiny, factor))
    assert len(session._memory._known) == KEPT


def test_other_solvers_are_refused():
    with pytest.raises(placer.SolverError, match="ColumnGeneration"):
        placer.Session(placer.HiGHS())


def test_ties_are_broken_on_demand(make_instance):
    """Tests that a session leaves ties as the solver breaks them unless told otherwise."""
    instance = make_instance()
    assert placer.Session().solve(instance).tie_break is None
    assert placer.Session(tie_break="round_trip").solve(instance).tie_break.proven
    with pytest.raises(placer.InstanceError, match="round_trip or None"):
        placer.Session(tie_break="none")


@pytest.mark.slow
def test_steps_of_value_are_placed_as_by_solve(tiny):
    """Tests steps of value between two plain solves: of the same welfare, and with no effect on the second's start."""
    elastic, session = tiny.with_elastic_demand(1.5, -1.11, between=(0.5, 6.0), steps=5), placer.Session()
    session.solve(tiny)
    found, fresh = session.solve(elastic), placer.solve(elastic)
    assert found.certificate.proven
    assert found.welfare_usd == pytest.approx(fresh.welfare_usd)
    assert found.steps["bought_mtok"].sum() == pytest.approx(fresh.steps["bought_mtok"].sum())
    assert session.solve(more(tiny, 1.01)).termination.detail.startswith(FAR)


def test_one_step_at_the_penalty_costs_as_much_as_no_step(tiny):
    """Tests less room than demand: what is not bought costs as much as what was unserved."""
    short = tiny.replace(data_centres=tiny.data_centres.assign(accelerators=40.0))
    short = short.replace(workloads=short.workloads.assign(unserved_usd_per_mtok=5.0))
    stepped = short.replace(demand=short.demand.assign(value_usd_per_mtok=5.0))
    plain, found = placer.Session().solve(short), placer.Session().solve(stepped)
    assert plain.unserved_mtok > 1.0
    assert found.cost_usd + 5.0 * found.not_bought_mtok == pytest.approx(plain.cost_and_penalty_usd)
