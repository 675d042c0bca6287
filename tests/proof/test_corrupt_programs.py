"""Solutions of linear programs: honest ones are accepted, corrupted ones are refused."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from placer.model.scaling import scale
from placer.proof.certificate import certify
from placer.solve import to_program
from placer.solvers.highs import HiGHS

SEEDS = range(24)


@pytest.fixture(scope="module")
def honest(make_random_instance):
    """Scaled programs of random instances with their proven solutions."""
    programs = [scale(to_program(make_random_instance(seed, cyclic=bool(seed % 2))))[0] for seed in SEEDS]
    return [(program, HiGHS().solve(program)) for program in programs]


@pytest.mark.slow
@pytest.mark.parametrize("method", ["simplex", "ipm"])
def test_honest_solutions_are_accepted(make_random_instance, honest, method):
    """Tests that no solution of the exact methods is refused, with room to spare."""
    for program, _ in honest:
        certificate = certify(program, HiGHS(method).solve(program))
        assert certificate.proven
        assert abs(certificate.gap) < 1e-12


def _flow_changed(program, answer, random):
    values = answer.values.copy()
    values[random.choice(np.flatnonzero(np.abs(values) > 1e-3 * np.abs(values).max()))] *= 1 + 1e-4
    return replace(answer, values=values)


def _flow_dropped(program, answer, random):
    values = answer.values.copy()
    values[random.choice(np.flatnonzero(values > 1e-3 * values.max()))] = 0.0
    return replace(answer, values=values)


def _columns_swapped(program, answer, random):
    values = answer.values.copy()
    one = random.choice(np.flatnonzero(values > 1e-2))
    other = random.choice(np.flatnonzero(np.abs(values - values[one]) > 1e-2))
    values[[one, other]] = values[[other, one]]
    return replace(answer, values=values)


def _some_dual(program, duals, random):
    """A row with a dual, but no balance or queue: where nothing runs, several duals of those are right."""
    size = np.abs(duals)
    for block in ("queue", "balance"):
        size[program.row_blocks[block]] = 0.0
    return random.choice(np.flatnonzero(size > 1e-3 * size.max()))


def _dual_flipped(program, answer, random):
    duals = answer.row_duals.copy()
    duals[_some_dual(program, duals, random)] *= -1
    return replace(answer, row_duals=duals)


def _dual_changed(program, answer, random):
    duals = answer.row_duals.copy()
    duals[_some_dual(program, duals, random)] *= 1 + 1e-3
    return replace(answer, row_duals=duals)


def _all_negated(program, answer, random):
    return replace(answer, row_duals=-answer.row_duals)


def _stale(program, answer, random):
    """Duals of the same program at other power prices."""
    cost = program.cost.copy()
    cost[program.col_blocks["y"]] *= 1 + 0.2 * random.random(
        program.col_blocks["y"].stop - program.col_blocks["y"].start
    )
    return replace(answer, row_duals=HiGHS().solve(replace(program, cost=cost)).row_duals)


def _other_demand(program, answer, random):
    """The solution of the same program with 1 % more demand: optimal, but of another program."""
    demand = program.row_blocks["demand"]
    lower, upper = program.row_lower.copy(), program.row_upper.copy()
    lower[demand] *= 1.01
    upper[demand] *= 1.01
    return HiGHS().solve(replace(program, row_lower=lower, row_upper=upper))


def _wrong_objective(program, answer, random):
    """The solution of the program with the dearest flow that serves 50 % dearer.

    What is unserved stays as it is: its penalties are equal, so that leaving other work unserved may cost the same.
    """
    cost, spent = program.cost.copy(), np.abs(program.cost * answer.values)
    spent[program.col_blocks["u"]] = 0.0
    cost[np.argmax(spent)] *= 1.5
    return HiGHS().solve(replace(program, cost=cost))


CORRUPTIONS = {
    "a flow 1e-4 too large": (_flow_changed, 12),
    "a flow dropped": (_flow_dropped, 4),
    "two columns swapped": (_columns_swapped, 6),
    "a dual with the wrong sign": (_dual_flipped, 6),
    "a dual 1e-3 too large": (_dual_changed, 6),
    "all duals negated": (_all_negated, 1),
    "duals of other prices": (_stale, 1),
    "solution for other demand": (_other_demand, 1),
    "solution for another cost": (_wrong_objective, 1),
}


@pytest.mark.parametrize("name", CORRUPTIONS)
def test_corrupted_solutions_are_refused(honest, name):
    """Tests that none of about 900 corrupted solutions passes."""
    corrupt, times = CORRUPTIONS[name]
    random = np.random.default_rng(7)
    passed = [
        seed
        for seed, (program, answer) in zip(SEEDS, honest, strict=True)
        for _ in range(times)
        if certify(program, corrupt(program, answer, random)).proven
    ]
    assert passed == []
