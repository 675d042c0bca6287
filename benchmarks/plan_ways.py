"""Ways to a plan: placer's search, HiGHS on the extensive form, plain Benders, and PyPSA's stochastic form.

Plain Benders has a cut of its own for each state and no trust region: every state is solved from scratch at every
optimum of the master, and prices are not shared. PyPSA expresses states as scenarios with the investments of all.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from benchmarks.peers.hush import hushed, quiet
from benchmarks.peers.plain import arrays_of
from benchmarks.peers.pypsa_network import lacks, pypsa_network
from placer.column_generation.kept_masters import KeptMasters
from placer.decomposition.cuts import cuts_of
from placer.decomposition.master import Cuts, floors, solve_master
from placer.decomposition.price_pool import PricePool
from placer.errors import NoSolutionError
from placer.planning.costs.evaluation import Here, StateJob, solve_state
from placer.planning.costs.sent_states import evaluator_of
from placer.planning.search.best_plan import find_plan
from placer.planning.search.certificate import certify_plan
from placer.planning.search.extensive import solve_extensive
from placer.running import running

if TYPE_CHECKING:
    from collections.abc import Sequence

    from placer.decomposition.cuts import PriceVector
    from placer.planning.costs.memory import Memory
    from placer.planning.question.plan_program import PlanProgram
    from placer.planning.question.problem import PlanningProblem
    from placer.utils.arrays import FloatArray

#: Factor on what sites of PyPSA's network could take, so that builds and not these limits decide.
_ROOM = 50.0


@dataclass(frozen=True)
class Planned:
    """What a way found; the gap is NaN where it proves none."""

    cost: float
    gap: float
    solves_per_state: float
    note: str = ""


@dataclass(frozen=True, eq=False)
class Searched:
    """What the search found, with what a re-plan starts from."""

    planned: Planned
    units: FloatArray
    pool: PricePool
    masters: KeptMasters


def search(
    problem: PlanProgram,
    gap: float,
    workers: int = 1,
    vectors: Sequence[PriceVector] | PricePool = (),
    units: FloatArray | None = None,
    memory: Memory | None = None,
    masters: KeptMasters | None = None,
) -> Searched:
    """Return the plan of the search, from the vectors and masters of an earlier one if there are any."""
    kept = KeptMasters() if masters is None else masters
    with evaluator_of(problem, workers, memory, masters=kept) as evaluator:
        found, pool = find_plan(problem, evaluator, gap, vectors, units)
        solves = float(evaluator.solves.mean())
    certificate = certify_plan(
        problem, found.units, found.costs, found.bound, states_proven=found.proven, tolerance=gap
    )
    note = f"{found.stopped} {certificate.verdict}".strip()
    planned = Planned(certificate.cost_usd_per_year, certificate.gap, solves, note)
    return Searched(planned, found.units, pool, kept)


def re_plan(problem: PlanProgram, before: Searched, gap: float, workers: int = 1) -> Searched:
    """Return the plan of the search from an earlier one of the same states and candidates."""
    units = before.units if problem.keeps_limits(before.units) else None
    return search(problem, gap, workers, before.pool, units, masters=before.masters)


def by_search(problem: PlanProgram, gap: float, workers: int = 1) -> Planned:
    """Return the plan of the search."""
    return search(problem, gap, workers).planned


def by_extensive_form(problem: PlanProgram, limit_seconds: float = math.inf) -> Planned:
    """Return the plan of one program of all states by HiGHS; a cost of NaN if the time does not suffice."""
    try:
        with running(time_limit_seconds=limit_seconds):
            found = solve_extensive(problem)
    except NoSolutionError as error:
        return Planned(math.nan, math.nan, 1.0, f"{error.reason} of {limit_seconds:g} s: {error.detail}")
    cost = problem.total(found.units, found.costs)
    return Planned(cost, (cost - found.bound.amount) / cost, 1.0)


def by_plain_benders(problem: PlanProgram, gap: float, most: int = 200) -> Planned:
    """Return the plan of a loop without shared prices, warm starts and trust region."""
    states, zero, job = problem.states, np.zeros(len(problem.cost)), Here(StateJob(problem.states))
    pool, numbers = PricePool(states), np.arange(len(states))
    least = pool.least(problem.most)
    constants, slopes = pool.rows(np.zeros(len(states), dtype=int), numbers)
    rows, owner = [*zip(constants, slopes, strict=True)], [*numbers]
    best, bound, steps = np.inf, -np.inf, 0
    while steps < most:
        steps += 1
        constant, slope = (np.array(part) for part in zip(*rows, strict=True))
        cuts = Cuts(np.zeros(len(rows), dtype=int), np.array(owner), constant, slope)
        floor = floors(problem, least, float(constant.max()))
        point = solve_master(problem, cuts, floor, zero, problem.most)
        bound = max(bound, point.objective)
        solved = [solve_state(job, int(number), point.z, (), np.inf) for number in numbers]
        best = min(best, problem.total(point.z, np.array([each.cost for each in solved])))
        if best - bound <= gap * best:
            break
        for each in solved:
            cut = cuts_of(each.prices, [states[each.member]])[0]
            rows.append((cut.constant, cut.slope))
            owner.append(each.member)
    return Planned(best, (best - bound) / best, float(steps))


def by_pypsa(question: PlanningProblem) -> Planned:
    """Return the plan of PyPSA's stochastic extensive form with HiGHS: states are scenarios, sites are extendable."""
    reason = "; ".join(filter(None, (lacks(state) for state in question.states.instances)))
    if reason:
        return Planned(math.nan, math.nan, 1.0, f"PyPSA lacks {reason}")
    network, scale = pypsa_plan(question), float(question.states.weights.sum())
    with quiet(), hushed():
        status, condition = network.optimize(solver_name="highs", output_flag=False)
    if (status, condition) != ("ok", "optimal"):
        return Planned(math.nan, math.nan, 1.0, f"PyPSA says {status}, {condition}")
    return Planned(scale * float(network.objective), math.nan, 1.0)


def pypsa_plan(question: PlanningProblem) -> Any:
    """Return the network with a scenario for each state; its costs are those of one horizon."""
    states, candidates = question.states, question.candidates
    data = [arrays_of(state) for state in states.instances]
    shares = (states.weights / states.weights.sum()).tolist()
    with hushed():
        network = pypsa_network(replace(data[0], accelerators=_ROOM * data[0].accelerators))
        chips = [f"chips {site}" for site in data[0].sites]
        network.generators.loc[chips, "p_nom"] = data[0].accelerators
        unserved = network.generators.index.str.startswith("unserved")
        network.generators.loc[unserved, "p_nom"] *= _ROOM
        network.add(
            "Generator",
            [f"new {name}" for name in candidates.names],
            bus=[f"chips {name}" for name in candidates.target],
            p_nom_extendable=True,
            capital_cost=candidates.cost_usd_per_unit_year / states.weights.sum(),
        )
        network.set_scenarios(dict(zip(states.names, shares, strict=True)))
        loads = network.loads_t.p_set
        for name, each in zip(states.names, data, strict=True):
            mtok = each.demand.reshape(-1, each.hours).T
            columns = [(name, f"{k} {h}") for k in each.workloads for h in each.hubs]
            loads[columns] = mtok
    return network
