"""The use of annual limits by the placements of all states with the builds."""

from __future__ import annotations

import numpy as np
import pandas as pd

from placer.errors import InstanceError, NoSolutionError, Violation
from placer.instance.checks.limit_checks import KINDS
from placer.instance.problem import Instance
from placer.model.loads import loads
from placer.planning.costs.evaluation import answer_state
from placer.planning.question.annual_limits import kind_of
from placer.planning.search.proven_plan import ProvenPlan
from placer.running import in_time
from placer.termination import Reason
from placer.utils.arrays import without_noise

#: The tables of annual limits, which take a solve of every state.
ANNUAL_TABLES = ("annual_limits", "allotments")


def allotment_table(plan: ProvenPlan) -> pd.DataFrame:
    """Return a row for each annual limit and state; ``placer.Plan.allotments`` documents it.

    Raises
    ------
    NoSolutionError
        If a state has no proven placement.
    """
    allotments, states = plan.problem.allotments, plan.problem.states
    used = np.zeros(len(allotments))
    for place in in_time(np.unique(allotments.state).tolist(), "the use of annual limits"):
        structure = states[place].at(plan.point)
        answer, _ = answer_state(states[place], structure, None)
        mine = allotments.state == place
        used[mine] = loads(structure, answer.point).capped[allotments.cap[mine]]
    labels = [allotments.names[row] for row in allotments.row.tolist()]
    names = [states[place].name for place in allotments.state.tolist()]
    return pd.DataFrame(
        {
            "horizons_per_year": allotments.weight,
            "allotted": plan.point[plan.problem.built.stop :],
            "use": without_noise(used, allotments.useful),
        },
        index=pd.MultiIndex.from_arrays([labels, names], names=["limit", "state"]),
    )


def annual_limit_table(plan: ProvenPlan, instance: Instance, allotted: pd.DataFrame) -> pd.DataFrame:
    """Return a row for each annual limit; ``placer.Plan.annual_limits`` documents it.

    Parameters
    ----------
    instance : Instance
        Of any state: all have the limits.
    allotted : DataFrame
        Of ``allotment_table``.
    """
    allotments = plan.problem.allotments
    kinds = [kind_of(instance, name) for name in allotments.limits]
    first, count = len(plan.problem.build_limits.names) - len(allotments.names), len(allotments.names)
    yearly = (allotted["horizons_per_year"] * allotted["use"]).to_numpy()
    return pd.DataFrame(
        {
            "kind": kinds,
            "amount": allotments.amount,
            "use": np.bincount(allotments.row, yearly, count),
            "unit": [KINDS[kind].unit for kind in kinds],
            "rent_usd_per_unit": plan.certificate.limit_rents[first : first + count],
        },
        index=pd.Index(allotments.names, name="limit", dtype=object),
    )


def annual_tables(plan: ProvenPlan) -> dict[str, pd.DataFrame]:
    """Return the tables of annual limits that files hold, by name; nothing without any, or if no time is left."""
    try:
        return {name: getattr(plan, name) for name in ANNUAL_TABLES} if len(plan.problem.allotments) else {}
    except NoSolutionError as error:
        if error.reason is not Reason.TIME_LIMIT:
            raise
        return {}


def allotted_amounts(plan: ProvenPlan, state: int) -> dict[str, float]:
    """Return what a state is allotted of each annual limit, by the name of the limit."""
    allotments, allotted = plan.problem.allotments, plan.point[plan.problem.built.stop :]
    mine = np.flatnonzero(allotments.state == state).tolist()
    return {allotments.limits[allotments.row[place]]: float(allotted[place]) for place in mine}


def need_no_annual_limits(plan: ProvenPlan, question: str) -> None:
    """Raise an error for a question about other states, among which annual limits are not shared out.

    Raises
    ------
    InstanceError
    """
    if len(plan.problem.allotments):
        problem = "are shared out among the states of the plan, not among others"
        raise InstanceError([Violation(question, "", "annual_limits", problem, "a plan without annual limits")])
