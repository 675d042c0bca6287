"""A planning problem solved: the best plan found, its proof, and the prices that bound every other plan."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from contextlib import nullcontext
from dataclasses import dataclass, replace
from functools import cached_property, partial

import numpy as np

from placer.column_generation.kept_masters import KeptMasters
from placer.decomposition.closing import after_ctrl_c, check_gap
from placer.decomposition.cost_model import CostModel
from placer.decomposition.cuts import PriceVector
from placer.decomposition.price_pool import PricePool
from placer.errors import NoSolutionError
from placer.least_cost.unmet_limits import NO_POINT
from placer.planning.costs.memory import Memory
from placer.planning.costs.sent_states import evaluator_of
from placer.planning.costs.unmet_states import UnmetStateError, without_unmet
from placer.planning.costs.unserved import unserved_protected
from placer.planning.question.build_limit_changes import check_build_limits
from placer.planning.question.plan_program import PlanProgram
from placer.planning.search.best_plan import FoundPlan, find_plan
from placer.planning.search.certificate import PlanCertificate, certify_plan
from placer.planning.search.extensive import is_small, solve_extensive
from placer.planning.search.whole_units import FoundWhole, certify_whole, find_whole_plan, relaxed
from placer.running import check_time, running
from placer.termination import Reason
from placer.utils.arrays import FloatArray, IntArray
from placer.utils.numbers import in_full

#: Proves a plan of some problem with ``vectors=``, ``units=`` and ``masters=``; gap and workers are chosen.
Prover = Callable[..., "ProvenPlan"]

#: Of a plan without protected states.
_NOTHING = np.zeros(0)


@dataclass(frozen=True, eq=False, repr=False)
class ProvenPlan:
    """The best plan of a planning problem; ``certificate`` says how far it may be from the least cost.

    Attributes
    ----------
    point : (variables,) array
        Units of the candidates, then the allotments of annual limits.
    state_costs_usd : (states,) array
        Least cost of the horizon of each state with these units, penalty for unserved demand included. If the search
        was stopped before it had solved them, the cost of a placement of each.
    pool : PricePool
        Prices that were proven in the search, with their cuts: each bounds the cost of every plan in every state.
    evaluated : tuple of (point, USD a year)
        All plans with a placement of every state that the search found.
    solves : (states,) int array
        Solves of each state.
    stopped : str
        Why the search ended with an open gap; empty if it closed it.
    masters : KeptMasters
        Masters of the states: a search for a changed problem goes on from them.
    unserved_mtok : (protected states,) array
        Least unserved protected work of each, Mtok.
    """

    problem: PlanProgram
    point: FloatArray
    state_costs_usd: FloatArray
    certificate: PlanCertificate
    pool: PricePool
    evaluated: tuple[tuple[FloatArray, float], ...]
    solves: IntArray
    stopped: str
    masters: KeptMasters
    unserved_mtok: FloatArray

    @property
    def units(self) -> FloatArray:
        """The units built of each candidate (candidates,)."""
        return self.point[self.problem.built]

    @property
    def currency(self) -> str:
        """The currency of all amounts."""
        return self.problem.states[0].formulation.currency

    @property
    def cost_usd_per_year(self) -> float:
        """Yearly cost of the builds and of all states, penalty for unserved demand included.

        Of a plan over years it is the equivalent annual cost.
        """
        return self.certificate.cost_usd_per_year

    @property
    def bound_usd_per_year(self) -> float:
        """Proven lower bound on the yearly cost of every plan."""
        return self.certificate.bound_usd_per_year

    @property
    def vectors(self) -> tuple[PriceVector, ...]:
        """Prices that were proven in the search."""
        return self.pool.proven

    @property
    def gap(self) -> float:
        """Relative gap between cost and proven lower bound."""
        return self.certificate.gap

    @property
    def open_usd(self) -> float:
        """What the gap leaves open, in USD a year."""
        return max(self.cost_usd_per_year - self.bound_usd_per_year, 0.0)

    @property
    def known(self) -> PricePool | tuple[()]:
        """What a search for a changed problem starts from: the pool; nothing for a problem of one program."""
        return () if is_small(self.problem) else self.pool

    @property
    def plain(self) -> PlanProgram:
        """The problem, or its relaxation if units are whole."""
        return relaxed(self.problem) if self.problem.is_whole else self.problem

    @cached_property
    def cost_model(self) -> CostModel[PricePool]:
        """The lower bound of the prices on the cost of every plan; if units are whole, the bound of the relaxation."""
        return CostModel(self.plain, self.pool)

    def __repr__(self) -> str:
        """Return the headline figures as text."""
        return "\n".join(f"{label:<18}{value}" for label, value in self._headlines())

    def _headlines(self) -> list[tuple[str, str]]:
        return [
            ("Lower bound", f"{in_full(self.bound_usd_per_year)} {self.currency} a year"),
            ("Certificate", self.certificate.verdict + (f" ({self.stopped})" if self.stopped else "")),
        ]


@running()
def prove_plan(
    problem: PlanProgram,
    gap: float,
    workers: int = 1,
    vectors: Sequence[PriceVector] | PricePool = (),
    units: FloatArray | None = None,
    memory: Memory | None = None,
    executor: Executor | None = None,
    masters: KeptMasters | None = None,
) -> ProvenPlan:
    """Return the plan of least cost, proven to a gap: a small problem as one program, else by the search.

    Parameters
    ----------
    problem : PlanProgram
        With feasible build limits.
    workers : int
        Number of processes that solve states in parallel.
    vectors : sequence of PriceVector, or PricePool
        Of a plan of the same candidates; a pool of the same states is copied with its cuts.
    units : (candidates,) array, optional
        A plan for a warm start; ignored if it exceeds a limit.
    memory : Memory, optional
        The states solved in an earlier run; it records those of this run.
    executor : Executor, optional
        Solves the states, with as many workers; processes of this machine if not given.
    masters : KeptMasters, optional
        Of an earlier plan of this process. The plan keeps them.

    Raises
    ------
    InfeasibleBuildLimitsError
        If no plan serves the protected work of all states within the build limits.
    NoSolutionError
        If a state has no proven placement, or the time is over before any plan had a placement of every state, or
        before one served the protected work of all.
    """
    kept = KeptMasters() if masters is None else masters
    prove = partial(_prove, gap=gap, workers=workers, memory=memory, executor=executor, masters=kept)
    while True:
        try:
            return _protecting(problem, vectors, units, prove)
        except UnmetStateError as error:
            before, problem = problem, without_unmet(problem, error)
            if problem is before:
                raise
            check_build_limits(problem)
            check_time("the time is over")


def _protecting(
    problem: PlanProgram, vectors: Sequence[PriceVector] | PricePool, units: FloatArray | None, prove: Prover
) -> ProvenPlan:
    """Return the plan that serves the protected work of all states; ``prove`` returns the best one within some rows."""
    if not problem.protected:
        return prove(problem, vectors=vectors, units=units)
    cuts = [] if problem.survival_cuts else unserved_protected(problem.protected, problem.most)[1]
    while True:
        problem = replace(problem, survival_cuts=(*problem.survival_cuts, *cuts))
        check_build_limits(problem)
        check_time("the time is over")
        found = prove(problem, vectors=vectors, units=units)
        with after_ctrl_c() if found.stopped == str(Reason.INTERRUPTED) else nullcontext():
            unserved, cuts = unserved_protected(problem.protected, found.point)
        if not cuts:  # other plans that the search solved may break a limit
            return replace(found, evaluated=((found.point, found.cost_usd_per_year),), unserved_mtok=unserved)
        _need_end(found)
        if found.stopped:
            raise NoSolutionError(Reason.FAILED, f"no plan serves the protected work of all states: {found.stopped}")
        vectors, units = found.known, None


def prove_in_full(
    problem: PlanProgram,
    gap: float,
    workers: int,
    vectors: Sequence[PriceVector] | PricePool,
    units: FloatArray,
    executor: Executor | None = None,
    masters: KeptMasters | None = None,
) -> ProvenPlan:
    """Return the plan of ``prove_plan``, as one of the plans of an answer, which needs each of them in full.

    Raises
    ------
    SolverError
        If the gap is not a positive number.
    NoSolutionError, InfeasibleBuildLimitsError
        As ``prove_plan``, and if the time was over before the search ended.
    KeyboardInterrupt
        If Ctrl-C ended the search.
    """
    check_gap(gap)
    found = prove_plan(problem, gap, workers, vectors, units, executor=executor, masters=masters)
    _need_end(found)
    return found


def _need_end(found: ProvenPlan) -> None:
    """Raise an error if Ctrl-C or the time limit ended the search for a plan."""
    if found.stopped == str(Reason.INTERRUPTED):
        raise KeyboardInterrupt
    if found.stopped:
        check_time(found.stopped)


def _prove(
    problem: PlanProgram,
    gap: float,
    workers: int,
    vectors: Sequence[PriceVector] | PricePool,
    units: FloatArray | None,
    memory: Memory | None,
    executor: Executor | None,
    masters: KeptMasters,
) -> ProvenPlan:
    """Return the plan of least cost within its rows; parameters as of ``prove_plan``."""
    if not vectors and is_small(problem):
        whole = _of_one_program(problem, gap)
        if whole is not None and whole.certificate.proven:
            return whole
        if whole is not None:
            vectors, units = whole.pool, whole.point
    with evaluator_of(problem, workers, memory, executor, masters) as evaluator:
        first = _within_limits(problem, units)
        plain = relaxed(problem) if problem.is_whole else problem
        found, pool = find_plan(plain, evaluator, gap, vectors, first)
        certificate = certify_plan(
            plain, found.units, found.costs, found.bound, states_proven=found.proven, tolerance=gap
        )
        best: FoundPlan | FoundWhole = found
        if problem.is_whole:
            best = find_whole_plan(problem, pool, evaluator, gap)
            certificate = certify_whole(problem, best, certificate.bound_usd_per_year, gap)
        solves = np.array(evaluator.solves)
    return ProvenPlan(
        problem=problem,
        point=best.units,
        state_costs_usd=best.costs,
        certificate=certificate,
        pool=pool,
        evaluated=best.plans,
        solves=solves,
        stopped=best.stopped,
        masters=masters,
        unserved_mtok=_NOTHING,
    )


def _within_limits(problem: PlanProgram, units: FloatArray | None) -> FloatArray | None:
    """Return units that keep all limits: those given, else the same with annual limits shared out anew; or None."""
    if units is None or problem.keeps_limits(units):
        return units
    shared = problem.shared_out(units, problem)
    return shared if problem.keeps_limits(shared) else None


def _of_one_program(problem: PlanProgram, gap: float) -> ProvenPlan | None:
    """Return the plan of the extensive form, each state solved once; None if it has no proven answer.

    The search may then have one, or find the state without a placement.
    """
    try:
        found = solve_extensive(problem)
    except NoSolutionError as error:
        if error.reason not in (*NO_POINT, Reason.FAILED):
            raise
        return None
    certificate = certify_plan(problem, found.units, found.costs, found.bound, states_proven=True, tolerance=gap)
    return ProvenPlan(
        problem=problem,
        point=found.units,
        state_costs_usd=found.costs,
        certificate=certificate,
        pool=PricePool(problem.states, found.vectors),
        evaluated=((found.units, certificate.cost_usd_per_year),),
        solves=np.ones(len(found.costs), dtype=int),
        stopped="",
        masters=KeptMasters(),
        unserved_mtok=_NOTHING,
    )
