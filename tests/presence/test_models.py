"""Tests the placement of models: against enumeration, its bounds, and what it refuses."""

import numpy as np
import pytest

import placer
from placer.errors import ArgumentError, InstanceError, NoSolutionError
from placer.presence import models as front
from placer.presence.models import place_models, place_over, with_replicas
from placer.presence.question import ask
from tests.effort import tries
from tests.presence.cases import instance_of, least_cost, least_cost_of_two_hours, tables


def holds(found):
    """Assert that the bounds are below the placement, which is certified and within its replicas."""
    cost = found.cost_and_penalty_usd
    assert found.placement.certificate.proven
    assert found.relaxed_bound_usd <= found.bound_usd + 1e-6 * cost
    assert found.bound_usd <= cost * (1 + 1e-6)
    assert found.relaxed_bound_usd <= found.relaxed_cost_usd * (1 + 1e-6)
    assert (found.count == np.round(found.count)).all()
    question = found.question
    taken = (found.count * question.size[:, None, None]).sum(axis=0)
    assert (taken <= question.accelerators * (1 + 1e-9)).all()


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(tries(3, 60)))
def test_one_hour_against_every_replica_vector(seed, monkeypatch):
    """Tests the least cost of one hour, as one program, and that models apart bound it from below and above."""
    given = tables(seed)
    best, instance = least_cost(given), instance_of(given)
    found = place_models(instance, gap=0.0)
    holds(found)
    assert found.cost_and_penalty_usd == pytest.approx(best, rel=1e-6)
    monkeypatch.setattr(front, "_WHOLE", 0)
    found = place_models(instance)
    holds(found)
    assert found.bound_usd <= best * (1 + 1e-6)
    assert found.cost_and_penalty_usd >= best * (1 - 1e-6)


@pytest.mark.slow
@pytest.mark.parametrize("cyclic", [False, True])
@pytest.mark.parametrize("seed", range(tries(2, 20)))
def test_two_hours_with_cold_starts_against_every_pair_of_vectors(seed, cyclic, monkeypatch):
    """Tests replicas by hour: the least cost with cold starts, and the bounds of models apart."""
    given = tables(seed, hours=2, models=1)
    best, instance = least_cost_of_two_hours(given, cyclic=cyclic), instance_of(given, cyclic=cyclic)
    found = place_models(instance, gap=0.0, by_hour=True)
    holds(found)
    assert found.cost_and_penalty_usd == pytest.approx(best, rel=1e-6)
    assert found.cost_and_penalty_usd <= place_models(instance, gap=0.0).cost_and_penalty_usd * (1 + 1e-6)
    monkeypatch.setattr(front, "_WHOLE", 0)
    apart = place_models(instance, by_hour=True)
    holds(apart)
    assert apart.bound_usd <= best * (1 + 1e-6)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(tries(3, 30)))
def test_tiny_replicas_are_no_models_at_all(seed):
    """Tests that one model of replicas of next to no size costs in one hour what the placement without models does."""
    given = tables(seed)
    names = "|".join(row["workload"] for row in given["workloads"])
    centres = [row | {"max_utilisation": 1.0} for row in given["data_centres"]]
    model = {"model": "all", "workloads": names, "replica_accelerators": 2.0**-12}
    instance = instance_of(given | {"data_centres": centres, "served_models": [model]})
    free = placer.solve(instance.replace(served_models=[])).certificate.objective
    found = place_models(instance, gap=0.0)
    assert found.relaxed_cost_usd == pytest.approx(free, rel=1e-9)
    assert free * (1 - 1e-9) <= found.cost_and_penalty_usd <= free * 1.001


@pytest.mark.slow
@pytest.mark.parametrize("by_hour", [False, True])
@pytest.mark.parametrize("seed", range(tries(1, 30)))
def test_bounds_hold_with_every_kind_of_row(seed, by_hour, make_random_instance, monkeypatch):
    """Tests instances with limits, links, caps, work that waits and power by the hour, as one program and apart."""
    instance = make_random_instance(seed)
    names = instance.workloads["workload"].tolist()
    models = [
        {"model": f"m{place}", "workloads": name, "replica_accelerators": 1.0 + place, "cold_start_seconds": 60.0}
        for place, name in enumerate(names)
    ]
    instance = instance.replace(served_models=models)
    whole = place_models(instance, gap=0.02, by_hour=by_hour)
    holds(whole)
    monkeypatch.setattr(front, "_WHOLE", 0)
    apart = place_models(instance, by_hour=by_hour)
    holds(apart)
    assert apart.bound_usd <= whole.cost_and_penalty_usd * (1 + 1e-6)
    assert apart.cost_and_penalty_usd >= whole.bound_usd * (1 - 1e-6)


def test_sunk_accelerators_charge_nothing_for_replicas():
    """Tests that idle replicas cost nothing where accelerators are paid for."""
    found = place_models(instance_of(tables(0), accelerators="sunk"))
    assert found.replicas_usd == 0
    assert found.models["idle_usd"].sum() == 0


def test_every_workload_with_demand_needs_a_model():
    """Tests the errors of an instance without models, of a workload of none, and of a gap that is none."""
    given = tables(0)
    with pytest.raises(InstanceError, match="w0 has demand and is of no model"):
        place_models(instance_of(given | {"served_models": []}))
    with pytest.raises(InstanceError, match="w1 has demand and is of no model"):
        place_models(instance_of(given | {"served_models": given["served_models"][:1]}))
    with pytest.raises(ArgumentError, match="a gap from 0 to below 1"):
        place_models(instance_of(given), gap=1.0)


def test_no_time_is_an_error():
    """Tests that an answer that was not found in time is none."""
    with pytest.raises(NoSolutionError):
        place_models(instance_of(tables(0)), time_limit_seconds=1e-9)


def test_work_stays_within_replicas(by_hand):
    """Tests that one replica at X and one at Y serve 3.2 Mtok each, and that the placement is certified."""
    placement = place_over(ask(by_hand(), by_hour=False), np.array([[[1.0], [1.0]]]))
    assert placement.certificate.proven
    assert placement.cost_usd == 0
    assert placement.unserved_mtok == pytest.approx(0.0)
    served = placement.flows["mtok"].groupby(["hour", "data_centre"]).sum()
    assert served[0].max() <= 3.2 + 1e-9


def test_a_model_serves_nowhere_else(by_hand):
    """Tests that arcs to a data centre without the model are closed, in the instance as well."""
    question = ask(by_hand(), by_hour=False)
    replicas = np.array([[[1.0], [0.0]]])
    placement = place_over(question, replicas)
    assert placement.unserved_mtok == pytest.approx(1.8)
    limits = with_replicas(question, replicas).limits
    assert limits["limit"].tolist() == ["large is not loaded", "replicas of large at X"]
    assert limits["amount"].tolist() == [0.0, 3.2]
    assert limits["data_centre"].tolist() == [("Y",), ("X",)]


def test_replicas_by_hour_are_limits_by_hour(by_hand):
    """Tests a limit for each hour where replicas change."""
    question = ask(by_hand(), by_hour=True)
    replicas = np.array([[[1.0, 0.0], [0.0, 0.0]]])
    limits = with_replicas(question, replicas).limits.set_index("limit")
    assert limits.loc["replicas of large at X [0]", ["amount", "hours"]].tolist() == [3.2, "0"]
    assert limits.loc["replicas of large at X [1]", ["amount", "hours"]].tolist() == [0.0, "1"]
    assert place_over(question, replicas).unserved_mtok == pytest.approx(1.8 + 1.0)
