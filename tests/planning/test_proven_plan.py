"""Planning problems solved."""

from __future__ import annotations

import numpy as np
import pytest

from placer.planning.proven_plan import prove_plan


def test_processes_find_the_same_cost(make_program_of_plan):
    """Tests that two processes prove the plan that one does."""
    problem = make_program_of_plan(4)
    alone, together = prove_plan(problem, 1e-8), prove_plan(problem, 1e-8, workers=2)
    assert together.certificate.proven
    assert together.certificate.cost_usd_per_year == pytest.approx(alone.certificate.cost_usd_per_year, rel=1e-7)


def test_units_that_exceed_a_limit_are_no_start(make_program_of_plan):
    """Tests that a start beyond a budget is left, and the plan keeps it."""
    problem = make_program_of_plan(1, limits={"budget_usd_year": 1e4})
    found = prove_plan(problem, 1e-8, units=np.array(problem.most))
    assert found.certificate.proven
    assert problem.keeps_limits(found.units)
    assert found.cost_model.costs(found.units) == pytest.approx(found.state_costs_usd, rel=1e-7)
