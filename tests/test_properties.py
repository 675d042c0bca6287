"""What must hold for any instance, on small ones whose numbers lie on a half-integer grid, so that ties are common."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from placer.errors import NoSolutionError, SolverError
from placer.ladder.whole_program import solve_program
from placer.model.scaling import scale
from placer.placement.accounts import COST_PARTS, assignment_axes
from placer.placement.prices import RENTS
from placer.solve import solve, to_program
from placer.solvers.highs import HiGHS
from placer.solvers.pulp import PuLP
from placer.termination import Reason
from tests.random_cases import cases, few, halves, multiplied, total


def at_most(value, bound):
    """Whether a value is at most a bound, to the tolerance of a proof."""
    return value <= bound + 1e-8 * max(1.0, abs(bound))


def _reached(name):
    with suppress(SolverError):
        yield PuLP(name)


OTHERS = [HiGHS("ipm"), PuLP("HiGHS"), *(solver for name in ("PULP_CBC_CMD", "COIN_CMD") for solver in _reached(name))]


@pytest.mark.slow
@few
@given(cases())
def test_solvers_agree(case):
    """Tests that every exact solver reaches the same objective by itself, to 1e-6."""
    program, _ = scale(to_program(case.build()))
    least = program.cost @ HiGHS().solve(program).values
    for solver in OTHERS:
        answer = solver.solve(program)
        assert answer.termination.reason is Reason.OPTIMAL
        assert program.cost @ answer.values == pytest.approx(least, rel=1e-6, abs=1e-6)


@pytest.mark.slow
@few
@given(cases())
def test_any_solver_gives_a_proven_placement(case):
    """Tests that whatever solver is asked, the placement is proven and costs the same."""
    instance = case.build()
    placements = [solve(instance, solver=solver) for solver in (HiGHS(), HiGHS("pdlp"), *OTHERS)]
    costs = [placement.cost_usd + placement.penalty_usd for placement in placements]
    assert all(placement.certificate.proven for placement in placements)
    assert costs == pytest.approx([costs[0]] * len(costs), rel=1e-6, abs=1e-5)


RELIEFS = {
    "latency": ("workloads", "latency_slo_ms"),
    "accelerators": ("data_centres", "accelerators"),
    "site power": ("data_centres", "power_limit_mw"),
    "supply": ("supplies", "limit_mw"),
    "link": ("links", "capacity_gbps"),
    "deadline": ("workloads", "deadline_hours"),
}


@pytest.mark.slow
@few
@given(cases(), st.sampled_from(sorted(RELIEFS)), halves(0.5, 3))
def test_more_room_never_costs_more(case, relief, more):
    """Tests that a wider limit of any kind never raises cost and penalty."""
    table, column = RELIEFS[relief]

    def widen(name, row):
        return row | {column: row[column] + more} if name == table and column in row else row

    assert at_most(total(case.changed(widen)), total(case))


@pytest.mark.slow
@few
@given(cases(), st.sampled_from(["carbon_limit_kg", "water_limit_litres"]), halves(0.5, 500))
def test_wider_caps_never_cost_more(case, cap, more):
    """Tests that a wider cap never raises cost and penalty."""
    assert at_most(total(replace(case, settings=case.settings | {cap: case.settings[cap] + more})), total(case))


@pytest.mark.slow
@few
@given(cases(), halves(0, 20), halves(0, 5))
def test_another_data_centre_never_costs_more(case, usd_per_mwh, rtt_ms):
    """Tests that one data centre more, at the end of a link of its own, never raises cost and penalty."""
    added = {
        "data_centres": {"data_centre": "new", "region": "w", "jurisdiction": "CN", "accelerators": 2.0},
        "power_zones": {"power_zone": "new zone", "usd_per_mwh": usd_per_mwh},
        "links": {"from": "e0", "to": "new", "rtt_ms": rtt_ms},
        "supplies": {"power_zone": "new zone", "data_centre": "new"},
    }
    tables = {name: [*rows, added[name]] if name in added else rows for name, rows in case.tables.items()}
    assert at_most(total(replace(case, tables=tables)), total(case))


@pytest.mark.slow
@few
@given(cases())
def test_conservation_and_sums_of_prices(case):
    """Tests that served and unserved are the demand, that work runs where it was sent, within its window, and sums."""
    placement = solve(case.build())
    structure, accounts = placement.formulation.structure, placement.accounts
    sent = np.bincount(accounts.demand, accounts.sent, len(structure.demand_amount))
    np.testing.assert_allclose(sent + accounts.unserved, structure.demand_amount, rtol=1e-9, atol=1e-8)
    klass, _, site, period = assignment_axes(structure, accounts.demand, accounts.arc)
    waits = structure.window[klass] > 0
    queue = structure.rows.queue[klass[waits], site[waits], period[waits]]
    queued, queues = structure.queue_flows, structure.rows.sizes["queue"]
    arrived = np.bincount(queue, accounts.sent[waits], queues)
    served = np.bincount(queued.queue, accounts.waiting, queues)
    np.testing.assert_allclose(arrived, served, rtol=1e-9, atol=1e-8)
    delay = queued.service - queued.arrival
    delay = delay % structure.periods if structure.cyclic else delay
    assert (delay >= 0).all()
    assert (delay <= structure.window[queued.klass]).all()

    _check_prices_and_costs(placement)


def _check_prices_and_costs(placement):
    """Check settlement, the parts of every price, the parts of the cost, and latency rents, together."""
    settlement, prices = placement.settlement, placement.prices
    size = max(1.0, abs(settlement).max())
    assert abs(settlement["difference"]) <= 1e-8 * size
    assert placement.flows["cost_usd"].sum() == pytest.approx(placement.cost_usd, rel=1e-9, abs=1e-8)
    objective = placement.program.cost @ placement.solution.values
    assert placement.cost_usd + placement.penalty_usd == pytest.approx(objective, rel=1e-9, abs=1e-8)
    served = prices[placement.formulation.structure.demand_amount > 0]
    parts = served[[f"{part}_usd_per_mtok" for part in (*COST_PARTS, *RENTS, "unserved")]].sum(axis=1)
    np.testing.assert_allclose(parts, served["usd_per_mtok"], rtol=1e-9, atol=1e-6)
    rents = prices["latency_rent_usd_per_mtok"]
    assert (rents >= 0).all()
    workloads = placement.instance.workloads
    free = np.isinf(workloads["latency_slo_ms"]) & workloads["jurisdictions"].isna()
    anywhere = rents[rents.index.get_level_values("workload").isin(workloads.loc[free, "workload"])]
    np.testing.assert_allclose(anywhere, 0, atol=1e-6)


@pytest.mark.slow
@few
@given(cases(), st.data())
def test_duals_are_slopes(case, data):
    """Tests that where the cost has one slope in a row's side, the dual is that slope."""
    program = to_program(case.build())
    solution, here = solve_program(program, HiGHS())
    row = data.draw(st.integers(0, len(program.row_lower) - 1))
    step = 2.0**-10
    slopes = []
    for sign in (-1, 1):
        lower, upper = program.row_lower.copy(), program.row_upper.copy()
        lower[row] += sign * step
        upper[row] += sign * step
        try:
            _, there = solve_program(replace(program, row_lower=lower, row_upper=upper), HiGHS())
        except NoSolutionError:
            assume(False)  # a limit of 0 has no left side
        slopes.append((there.objective - here.objective) / (sign * step))
    assume(slopes[0] == pytest.approx(slopes[1], rel=1e-6, abs=1e-6))
    assert solution.row_duals[row] == pytest.approx(slopes[0], rel=1e-5, abs=1e-5)


@pytest.mark.slow
@few
@given(cases(), st.sampled_from([(0.5, 1.5), (0.25, 4.0), (1.0, 3.0)]))
def test_cost_is_convex_in_demand(case, ends):
    """Tests that half of two demands costs at most half of their costs together."""
    less, more = ends
    costs = [
        total(case.changed(multiplied({"demand": ("mtok",)}, factor))) for factor in (less, (less + more) / 2, more)
    ]
    assert at_most(costs[1], (costs[0] + costs[2]) / 2)
