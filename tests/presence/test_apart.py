"""Tests that models apart cost together no more than all of them, at any prices."""

from dataclasses import replace

import numpy as np
import pytest

from placer.ladder.whole_program import solve_program
from placer.model.answer import no_duals
from placer.presence.apart import accelerator_rents, all_rents, apart, prices_of
from placer.presence.program import replica_program
from placer.presence.question import ask
from placer.solvers.highs import HiGHS
from tests.effort import tries


@pytest.mark.parametrize("by_hour", [False, True])
@pytest.mark.parametrize("seed", range(tries(3, 60)))
def test_any_prices_prove_a_bound(seed, by_hour, make_random_instance):
    """Tests the bound at random prices of supply, links, caps and accelerators against the whole relaxation."""
    instance, random = make_random_instance(seed), np.random.default_rng(seed)
    names = instance.workloads["workload"]
    models = [{"model": f"m{n}", "workloads": name, "replica_accelerators": 2.0} for n, name in enumerate(names)]
    question = ask(instance.replace(served_models=models), by_hour=by_hour)
    best = solve_program(replica_program(question).program, HiGHS())[1].objective
    duals = no_duals(question.structure, random.exponential(0.01, len(question.structure.cap_limit)))
    drawn = {name: random.exponential(10.0, getattr(duals, name).shape) for name in ("balance", "intake", "link")}
    mu = random.exponential(1.0, question.accelerators.shape)
    shared = prices_of(question.structure, replace(duals, **drawn))
    parts = [
        solve_program(replica_program(apart(question, shared, mu, model, question.accelerators)).program, HiGHS())[1]
        for model in range(len(models))
    ]
    assert sum(part.bound for part in parts) - all_rents(question, shared, mu) <= best + 1e-6 * abs(best)


def test_one_model_apart_is_all_of_it(by_hand):
    """Tests that one model costs apart what it costs, where it shares nothing."""
    question = ask(by_hand(), by_hour=False)
    shared = prices_of(question.structure, no_duals(question.structure, np.zeros(2)))
    mu = np.zeros((2, 1))
    part = replica_program(apart(question, shared, mu, 0, question.accelerators)).program
    assert all_rents(question, shared, mu) == 0
    assert solve_program(part, HiGHS())[1].objective == pytest.approx(12.5)


@pytest.mark.parametrize(("accelerators", "rent"), [(10.0, 0.0), (5.0, 2.0)])
def test_a_scarce_data_centre_earns_what_the_next_costs_more(by_hand, accelerators, rent):
    """Tests the rent of X, whose accelerators cost 1 USD an hour less than those of Y, over two hours."""
    centres = by_hand().data_centres.assign(accelerators=[accelerators, 6.0])
    question = ask(by_hand().replace(data_centres=centres), by_hour=False)
    shared = prices_of(question.structure, no_duals(question.structure, np.zeros(2)))
    assert accelerator_rents(question, shared)[:, 0] == pytest.approx([rent, 0.0])
