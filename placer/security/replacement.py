"""Place displaced work again: strand the least, then cost the least; proven by the project's certificate.

    1.  V* = least  sum v_i
    2.  least cost of the protected work in the contingency, with V* stranded

Program 2 has a penalty on stranded work, ``UNSERVED_FACTOR`` times the highest cost of serving a Mtok. If work strands,
program 1 gives V*. If more than V* strands, the penalty rises.

If no protected work waits, no power zone or pool has a limit, and there are no batteries, the use of all other work is
subtracted from every limit. The remainder is a structure, for a solver of structures. The other work draws power from
the cheapest supplies of its data centre first, which minimises the sum of both costs. In all other cases the whole
program is solved.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from placer.column_generation.solver import WIDEST_GAP
from placer.errors import NoSolutionError
from placer.ladder.proven import solve_structure
from placer.ladder.whole_program import solve_program
from placer.model.aggregation import merge
from placer.model.answer import Answer, Duals, Flows, answer_of
from placer.model.expansion import expand
from placer.model.parts import part_of
from placer.model.penalties import UNSERVED_FACTOR
from placer.model.program import LinearProgram
from placer.model.structure import Structure
from placer.proof.answer_certificate import certify_answer
from placer.proof.certificate import Certificate
from placer.security.coupling import RecourseStructure, coupling, without_costs
from placer.solvers.highs import HiGHS
from placer.termination import Reason
from placer.tolerances import PROOF
from placer.utils.arrays import FloatArray, IntArray, without_noise

#: Penalties of stranded work that are tried in turn, in units of the first.
PENALTIES = (1.0, 30.0, 1000.0, 30_000.0)


@dataclass(frozen=True, eq=False)
class Replacement:
    """The placement of work in a contingency.

    Attributes
    ----------
    structure : Structure
        The solved structure; its demands are ``demands`` of the instance.
    demands : int array
    displaced, stranded : (demands,) arrays
        Mtok to be placed, and Mtok without a place.
    answer : Answer
        Of the structure.
    certificate : Certificate
        Of the answer.
    usd : float
        Cost of all protected work in the contingency, work that stays included.
    """

    structure: Structure
    demands: IntArray
    displaced: FloatArray
    stranded: FloatArray
    answer: Answer
    certificate: Certificate
    usd: float


def penalty_usd(structure: Structure) -> float:
    """Return the penalty of a stranded Mtok: ``UNSERVED_FACTOR`` times the highest cost of serving a Mtok, USD.

    If nothing costs anything, the highest penalty of unserved demand replaces that cost, so that the penalty has the
    scale of the instance; without either it is ``UNSERVED_FACTOR``.
    """
    drawn = structure.draw[:, :, None] * structure.overhead
    mwh = np.zeros(structure.capacity.shape)
    np.maximum.at(mwh, structure.tier_site, structure.tier_cost / structure.tier_yield[:, None])
    dearest = float((structure.work_cost + drawn * mwh).max(initial=0.0) + structure.arc_cost.max(initial=0.0))
    return UNSERVED_FACTOR * (dearest or float(structure.unserved_cost.max(initial=0.0)) or 1.0)


def replace_displaced(recourse: RecourseStructure, flows: Flows) -> Replacement:
    """Place displaced work within the capacity left by the rest.

    Parameters
    ----------
    recourse : RecourseStructure
        For all demands with displaced work.
    flows : Flows
        Of the placement.

    Raises
    ------
    NoSolutionError
        If no answer was proven.
    """
    left, load = recourse.structure, coupling(recourse, flows.demand, flows.arc) @ flows.amount
    laid, staying = left.rows.laid_out(load), _staying_usd(recourse, flows)
    amount = np.maximum(-laid["demand"], 0.0)
    if not recourse.is_separable:
        asked = replace(left, demand_amount=amount)
        return _replacement(recourse.demands, asked, _WithLoad(asked, load), staying)
    residual = replace(left, demand_amount=amount, **_limits_left(left, laid))
    stay_usd = float((left.tier_cost * delivered_cheapest_first(left, laid["balance"])).sum())
    return _replacement(recourse.demands, residual, _Alone(residual), staying + stay_usd)


def replace_all(left: Structure, served: FloatArray) -> Replacement:
    """Place all protected work again within the remaining capacity of a contingency.

    Parameters
    ----------
    left : Structure
        ``Outage.structure``.
    served : (demands,) array
        The protected part of the served work of every demand.
    """
    asked = np.flatnonzero(served > 0)
    structure = part_of(left, demands=asked, demand_amount=served[asked])
    return _replacement(asked, structure, _Alone(structure), 0.0)


def least_stranded(recourse: RecourseStructure, flows: Flows) -> tuple[FloatArray, Duals]:
    """Return the least work that strands in a contingency under the rule ``displaced``, with the duals that prove it.

    Parameters
    ----------
    recourse : RecourseStructure
        With alike demands merged if there are many (``merged_recourse``).
    flows : Flows
        Of the placement.

    Returns
    -------
    stranded : (demands of recourse,) array
        Mtok.
    duals : Duals
        Per Mtok stranded.
    """
    left, load = recourse.structure, coupling(recourse, flows.demand, flows.arc) @ flows.amount
    laid = left.rows.laid_out(load)
    amount = np.maximum(-laid["demand"], 0.0)
    if not recourse.is_separable:
        answer = _WithLoad(replace(left, demand_amount=amount), load).stranding()
        return answer.point.unserved, answer.prices
    # A program needs a column: without displaced work, all demands are in it with an amount of 0.
    displaced = np.flatnonzero(amount > 0) if amount.any() else np.arange(len(amount))
    free = part_of(recourse.free, demands=displaced, demand_amount=amount[displaced], **_limits_left(left, laid))
    answer, _ = solve_structure(free)
    duals = answer.prices
    stranded, prices = np.zeros(len(amount)), np.zeros(len(amount))
    stranded[displaced], prices[displaced] = answer.point.unserved, duals.demand
    return stranded, replace(duals, demand=prices)


@dataclass(frozen=True, eq=False)
class _Alone:
    """Programs over a structure from which the rest has been subtracted."""

    structure: Structure

    def answer(self, penalty: float) -> tuple[Answer, Certificate]:
        """Solve at a penalty of stranded work."""
        priced = replace(self.structure, unserved_cost=np.full(self.structure.classes, penalty))
        return solve_structure(priced)

    def stranding(self) -> Answer:
        """Return the answer of least stranded work, proven; origins that are alike are merged."""
        whole = without_costs(self.structure)
        merged = merge(whole)
        spread = merged.spread(solve_structure(merged.structure)[0])
        if not certify_answer(whole, spread, gap=WIDEST_GAP).proven:
            spread, _ = solve_structure(whole)
        return spread


@dataclass(frozen=True, eq=False)
class _WithLoad:
    """Programs over a structure with the load of the rest in every row."""

    structure: Structure
    load: FloatArray

    def answer(self, penalty: float) -> tuple[Answer, Certificate]:
        """Solve at a penalty of stranded work."""
        return self._solved(replace(self.structure, unserved_cost=np.full(self.structure.classes, penalty)))

    def stranding(self) -> Answer:
        """Return the answer of least stranded work, proven."""
        return self._solved(without_costs(self.structure))[0]

    def _solved(self, structure: Structure) -> tuple[Answer, Certificate]:
        program = with_rows_loaded(expand(structure), structure, self.load)
        solution, certificate = solve_program(program, HiGHS())
        return answer_of(structure, program, solution), certificate


def with_rows_loaded(program: LinearProgram, left: Structure, load: FloatArray) -> LinearProgram:
    """Return the program of a structure with a load in every row, except that rows of demands have their own sides.

    A load above a limit by rounding leaves 0 of it: a row without columns cannot meet a side below 0.
    """
    shift = load.copy()
    shift[program.row_blocks["demand"]] = 0.0
    for limit in ("capacity", "intake", "link", "cap"):
        part = program.row_blocks[limit]
        shift[part] = np.minimum(shift[part], program.row_upper[part])
    implied = program.implied_upper.copy()
    flows, laid = left.queue_flows, left.rows.laid_out(load)
    queued = laid["queue"]
    implied[program.col_blocks["f"]] += queued[flows.klass, flows.site, flows.arrival]
    waiting = np.einsum("kj,kjt->j", left.draw, queued)[:, None] * left.overhead
    drawn = laid["balance"] + waiting
    more = drawn[left.tier_site] / left.tier_yield[:, None]
    part = program.col_blocks["y"]
    implied[part] = np.minimum(implied[part] + more.ravel(), left.tier_limit.ravel())
    return replace(
        program, row_lower=program.row_lower - shift, row_upper=program.row_upper - shift, implied_upper=implied
    )


def _replacement(
    demands: IntArray, structure: Structure, programs: _Alone | _WithLoad, staying_usd: float
) -> Replacement:
    """Solve program 2, and program 1 if work strands."""
    least, first, displaced = 0.0, penalty_usd(structure), float(structure.demand_amount.sum())
    for factor in PENALTIES:
        answer, certificate = programs.answer(first * factor)
        stranded = answer.point.unserved
        if stranded.sum() <= PROOF * displaced:
            stranded = np.zeros_like(stranded)
        elif not least:
            least = float(programs.stranding().point.unserved.sum())
        if stranded.sum() <= least + PROOF * displaced:
            usd = certificate.objective - first * factor * float(answer.point.unserved.sum())
            return Replacement(
                structure, demands, structure.demand_amount, stranded, answer, certificate, usd + staying_usd
            )
    raise NoSolutionError(Reason.FAILED, f"{stranded.sum():.6g} Mtok strand where {least:.6g} need to")


def _limits_left(left: Structure, laid: Mapping[str, FloatArray]) -> dict[str, Any]:
    """Return the limits less the load of the rest, by attribute; what rounding leaves is 0.

    No program takes work of 1e15 times a limit.
    """
    limits = {name: getattr(left, name) for name in ("capacity", "intake", "link_capacity", "tier_limit")}
    taken = delivered_cheapest_first(left, laid["balance"])
    load = np.concatenate([laid["capacity"].ravel(), laid["intake"].ravel(), laid["link"].ravel(), taken.ravel()])
    whole = np.concatenate([each.ravel() for each in limits.values()])
    remaining = without_noise(np.maximum(whole - load, 0.0), load)
    parts = np.split(remaining, np.cumsum([each.size for each in limits.values()])[:-1])
    return {name: part.reshape(each.shape) for (name, each), part in zip(limits.items(), parts, strict=True)}


def delivered_cheapest_first(structure: Structure, drawn: FloatArray) -> FloatArray:
    """Return the delivery of each supply for the power drawn (tiers, periods), the cheapest of a site first."""
    taken, left = np.zeros(structure.tier_limit.shape), drawn.copy()
    usd = structure.tier_cost / structure.tier_yield[:, None]
    period = np.arange(structure.periods)
    # The n-th cheapest tier of a period, for each n: each of them at its own site.
    for tier in np.argsort(usd, axis=0, kind="stable"):
        site = structure.tier_site[tier]
        most = structure.tier_yield[tier] * structure.tier_limit[tier, period]
        given = np.minimum(left[site, period], most)
        left[site, period] -= given
        taken[tier, period] = given / structure.tier_yield[tier]
    return taken


def _staying_usd(recourse: RecourseStructure, flows: Flows) -> float:
    """Return the cost of work that stays, without its power and without the cost of waiting work at its data centre."""
    whole = recourse.whole
    stays = ~recourse.outage.hit[flows.arc]
    arc, amount = flows.arc[stays], flows.amount[stays]
    klass, site, period = whole.arc_class[arc], whole.arc_site[arc], whole.demand_period[flows.demand[stays]]
    served = np.where(whole.window[klass] == 0, whole.work_cost[klass, site, period], 0.0)
    return float((recourse.share[klass] * amount * (whole.arc_cost[arc] + served)).sum())
