"""The parts of the cost of every state with the builds, and what users gain in it.

    cost of a horizon = operating cost + transfers + penalty of unserved demand + value of what is not bought

Transfers are tariffs and premia that regions are paid. The last part is of demand with steps of value
(``placer.placement.elastic``): least cost is then most welfare, the value bought less operating cost and penalty.
Prices are those of the placement of the state.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import pandas as pd

from placer.decomposition.member import Member
from placer.errors import NoSolutionError
from placer.instance.problem import Instance
from placer.model.unserved import penalties
from placer.placement.accounts import POLICY, arc_usd, settle
from placer.placement.elastic import Offered
from placer.planning.answer.annual_use import allotment_table, annual_limit_table
from placer.planning.costs.evaluation import answer_state
from placer.planning.question.problem import PlanQuestion, counted_beside_cost
from placer.planning.search.proven_plan import ProvenPlan
from placer.running import in_time
from placer.termination import Reason
from placer.utils.arrays import FloatArray, without_noise

#: The table by its name among those of a plan.
PARTS = "parts"
_OF_STEPS = ["not_bought_usd", "not_bought_mtok", "value_bought_usd", "consumers_surplus_usd", "welfare_usd"]


@dataclass(frozen=True, eq=False, repr=False)
class PlanByState(ProvenPlan):
    """A plan with its question, and what each state costs and uses.

    Attributes
    ----------
    question : PlanQuestion
        What the plan answers.
    """

    question: PlanQuestion

    @cached_property
    def allotments(self) -> pd.DataFrame:
        """One row an annual limit and state: what one horizon of the state is allotted of it, and uses.

        A plan over years has each limit in every planning year. ``horizons_per_year``,
        ``allotted`` and ``use``, in the unit of the limit. Allotments in all horizons of a year sum to at most the
        amount of the limit.

        Raises
        ------
        NoSolutionError
            If a state has no proven placement.
        """
        return allotment_table(self)

    @cached_property
    def annual_limits(self) -> pd.DataFrame:
        """One row an annual limit: ``kind``, ``amount``, ``use``, ``unit`` and ``rent_usd_per_unit``.

        A plan over years has each limit in every planning year. Amount and use are those of a year, over all states.
        The rent is the saving by one more unit of the amount in that year; over years, as an equivalent annual amount.

        Raises
        ------
        NoSolutionError
            If a state has no proven placement.
        """
        return annual_limit_table(self, instances_of(self.question)[0], self.allotments)

    @cached_property
    def parts(self) -> pd.DataFrame:
        """One row a state: the parts of ``states.cost_usd`` of a horizon with the builds, and what users gain.

        ``operating_usd``, ``transfers_usd`` (charges that regions are paid), ``penalty_usd`` (of ``unserved_mtok``)
        and, with steps of demand, ``not_bought_usd`` (value of ``not_bought_mtok``) add up to the cost. Then also
        ``value_bought_usd``, ``consumers_surplus_usd`` (that value less its price in the placement of the state), and
        ``welfare_usd``: that value less operating cost and penalty.

        Raises
        ------
        NoSolutionError
            If a state has no proven placement.
        """
        return state_parts(self)


def instances_of(question: PlanQuestion) -> list[Instance]:
    """Return the instance of every state, without builds, in the order of the states."""
    return [state for each in question.by_year for state in each.states.instances]


def state_parts(plan: PlanByState) -> pd.DataFrame:
    """Return a row for each state; ``placer.Plan.parts`` documents it.

    Raises
    ------
    NoSolutionError
        If a state has no proven placement.
    """
    states, instances = plan.problem.states, instances_of(plan.question)
    pairs = zip(states, instances, strict=True)
    rows = [_parts_of(state, instance, plan.point) for state, instance in in_time(pairs, "the parts of every state")]
    table = pd.DataFrame(rows, index=pd.Index([state.name for state in states], name="state"))
    with_steps, _ = counted_beside_cost(plan.question.by_year)
    return table if with_steps else table.drop(columns=_OF_STEPS)


def parts_in_time(plan: PlanByState) -> pd.DataFrame | None:
    """Return the parts of a plan that files and figures hold.

    None if the cost has no transfers and no value of what is not bought, unless they were requested before; and if no
    time is left of an enclosing limit.
    """
    if not any(counted_beside_cost(plan.question.by_year)) and PARTS not in vars(plan):
        return None
    try:
        return plan.parts
    except NoSolutionError as error:
        if error.reason is not Reason.TIME_LIMIT:
            raise
        return None


def figures_of_parts(plan: PlanByState) -> dict[str, float]:
    """Return what contracts cost a year in any case, the transfers, and with steps the welfare, builds paid for.

    With steps also what is not bought.
    """
    figures, parts = _contract_figures(plan), parts_in_time(plan)
    if parts is None:
        return figures
    year = parts.mul(plan.problem.weights, axis=0).sum()
    figures["transfers_usd_per_year"] = float(year["transfers_usd"])
    if "welfare_usd" in year:
        figures["not_bought_mtok_per_year"] = float(year["not_bought_mtok"])
        figures["welfare_usd_per_year"] = float(year["welfare_usd"]) - plan.problem.build_cost(plan.point)
    return figures


def _contract_figures(plan: PlanByState) -> dict[str, float]:
    """Return what contracts of power cost a year in any case, which no cost of a plan counts; nothing without any."""
    contracts = [state.formulation.contracts for state in plan.problem.states]
    if not any(len(each.names) for each in contracts):
        return {}
    fixed = np.array([each.fixed_usd.sum() for each in contracts])
    return {"contracts_usd_per_year": float(plan.problem.weights @ fixed)}


def _parts_of(state: Member, instance: Instance, units: FloatArray) -> dict[str, float]:
    """Return the row of a state."""
    structure = state.at(units)
    answer, certificate = answer_state(state, structure, None)
    has_steps, unserved = Offered(instance, structure).has_steps, answer.point.unserved
    settled = settle(replace(state.formulation, structure=structure), answer.point)
    transfers = float(arc_usd(structure, settled, POLICY).sum())
    left, offered = (penalties(structure, mtok) for mtok in (unserved, structure.demand_amount))
    not_bought, penalty = float(left[has_steps].sum()), float(left[~has_steps].sum())
    operating = certificate.objective - transfers - not_bought - penalty
    value, bought = float(offered[has_steps].sum()) - not_bought, structure.demand_amount - unserved
    mtok = without_noise(np.array([unserved[~has_steps].sum(), unserved[has_steps].sum()]), structure.total_demand)
    return {
        "operating_usd": operating,
        "transfers_usd": transfers,
        "penalty_usd": penalty,
        "not_bought_usd": not_bought,
        "unserved_mtok": mtok[0],
        "not_bought_mtok": mtok[1],
        "value_bought_usd": value,
        "consumers_surplus_usd": value - float(answer.prices.demand[has_steps] @ bought[has_steps]),
        "welfare_usd": value - operating - penalty,
    }
