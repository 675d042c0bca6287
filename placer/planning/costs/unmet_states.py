"""Units at which a state has no placement, and the cuts that keep plans away from them.

Limits of one's own of at least an amount may not be met without builds. With all costs 0 and these limits elastic,

    V_o(z) = least sum_c relaxed_c / size_c       (``placer.least_cost.unmet_limits``)

is 0 where state o has a placement with z built, and above 0 elsewhere. It is convex in z, and prices bound it for every
z as they bound a cost (``placer.decomposition.cuts``):  ``V_o(z) >= constant - slope z``. So every plan with a
placement in state o keeps ``- slope z <= - constant``, a further build limit. A row enters when a plan has no placement
in a state.
"""

from __future__ import annotations

from dataclasses import replace

from placer.decomposition.closed_limits import prices_of
from placer.decomposition.cuts import CostCut, cuts_of
from placer.decomposition.member import Member
from placer.errors import NoSolutionError
from placer.ladder.whole_program import solve_program
from placer.least_cost.unmet_limits import NO_POINT, elastic_program, impossible, may_be_impossible
from placer.model.answer import read_duals
from placer.planning.question.plan_program import PlanProgram
from placer.security.coupling import without_costs
from placer.solvers.highs import HiGHS
from placer.termination import Reason
from placer.tolerances import SOLVER
from placer.utils.arrays import FloatArray


class UnmetStateError(NoSolutionError):
    """A state has no placement at some units.

    Attributes
    ----------
    units : (candidates,) array
    """

    def __init__(self, reason: Reason, detail: str, state: str, units: FloatArray) -> None:
        super().__init__(reason, detail)
        self.state, self.units = state, units

    def __reduce__(self) -> tuple[type[UnmetStateError], tuple[Reason, str, str, FloatArray]]:
        """Return the call that makes the error again in another process."""
        return UnmetStateError, (self.reason, self.detail, self.state, self.units)


def state_error(error: NoSolutionError, state: Member, units: FloatArray) -> NoSolutionError:
    """Return an error of a solver as one of a state at some units: an ``UnmetStateError`` if builds may help."""
    detail = f"state {state.name}: {error.detail}"
    if error.reason in NO_POINT and may_be_impossible(state.formulation):
        return UnmetStateError(error.reason, detail, state.name, units)
    return NoSolutionError(error.reason, detail)


def without_unmet(problem: PlanProgram, error: UnmetStateError) -> PlanProgram:
    """Return the problem with a cut that excludes the units of an error; itself if no cut does, beyond rounding.

    Raises
    ------
    NoSolutionError
        If the state has no placement with the most units either.
    """
    state = next(each for each in problem.states if each.name == error.state)
    units, most = error.units, problem.most
    cut = _cut(state, units)
    if not cut.at(units) > SOLVER:
        return problem
    if cut.at(most) > SOLVER:
        formulation = replace(state.formulation, structure=state.at(most))
        told = impossible(formulation, NoSolutionError(error.reason, "no placement")).detail
        raise NoSolutionError(error.reason, f"state {state.name}, with the most units of all candidates: {told}")
    return replace(problem, unmet_cuts=(*problem.unmet_cuts, cut))


def _cut(state: Member, units: FloatArray) -> CostCut:
    """Return the cut on ``V`` of a state that is highest at some units."""
    free = replace(state, formulation=replace(state.formulation, structure=without_costs(state.structure, 0.0)))
    structure = free.at(units)
    program, _ = elastic_program(structure, sum(limit.is_own or bool(limit.zone) for limit in free.formulation.limits))
    solution, _ = solve_program(program, HiGHS())
    duals = read_duals(structure, program, solution.duals)
    return cuts_of(prices_of(structure, free.opened, duals), [free])[0]
