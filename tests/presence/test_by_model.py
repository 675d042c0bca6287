"""Tests placements model by model against the whole program."""

import numpy as np
import pytest

from placer.model.formulation import formulate
from placer.presence.by_model import ByModel, cap_owners
from placer.presence.models import place_over, with_replicas
from placer.presence.question import ask
from placer.solve import place
from tests.effort import tries
from tests.presence.cases import instance_of, tables


def priced(instance):
    """Return the duals of the placement without models."""
    return place(instance, formulate(instance), None).answer.prices


@pytest.mark.parametrize("seed", range(tries(4, 40)))
def test_models_that_share_nothing_scarce_are_solved_one_by_one(seed):
    """Tests that the answer is proven without the whole program, and costs what that does."""
    instance = instance_of(tables(seed, hours=2, models=3))
    question = ask(instance, by_hour=False)
    replicas = np.minimum(question.fitting // 3, 1.0)
    apart, whole = place_over(question, replicas, priced(instance)), place_over(question, replicas)
    assert apart.termination.detail == f"{ByModel.name}: 3 programs"
    assert apart.certificate.proven
    assert apart.certificate.objective == pytest.approx(whole.certificate.objective, rel=1e-6)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(tries(2, 20)))
def test_shared_rows_lead_to_the_same_cost(seed, make_random_instance):
    """Tests instances whose models share power, links and caps: whichever way, the placement is proven and as cheap."""
    instance = make_random_instance(seed)
    names = instance.workloads["workload"]
    models = [{"model": f"m{n}", "workloads": name, "replica_accelerators": 2.0} for n, name in enumerate(names)]
    instance = instance.replace(served_models=models)
    question = ask(instance, by_hour=False)
    replicas = np.floor(question.fitting / len(models))
    apart, whole = place_over(question, replicas, priced(instance)), place_over(question, replicas)
    assert apart.certificate.proven
    assert apart.certificate.objective == pytest.approx(whole.certificate.objective, rel=1e-6)


def test_caps_of_one_model_are_its_own(by_hand):
    """Tests that limits of replicas are those of their model, and carbon and water are shared."""
    question = ask(by_hand(), by_hour=False)
    structure = formulate(with_replicas(question, np.array([[[1.0], [0.0]]]))).structure
    assert cap_owners(structure, question.model).tolist() == [-1, -1, 0, 0, 0]


def test_caps_on_what_models_share_are_shared():
    """Tests that water, which work alone takes, is the one model's own, and cost is shared: it counts power bought."""
    given = tables(0, models=1)
    given["data_centres"] = [row | {"water_litres_per_kwh": 1.0} for row in given["data_centres"]]
    given["data_centres"][0]["water_usd_per_litre"] = 0.01
    given["limits"] = [{"limit": "budget", "kind": "cost_usd", "sense": "<=", "amount": 1000.0}]
    question = ask(instance_of(given), by_hour=False)
    assert cap_owners(question.structure, question.model).tolist() == [-1, 0, -1]
