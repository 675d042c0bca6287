"""From states to the programs that a plan is made of."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from scipy.sparse import csr_array

from placer.errors import InstanceError, Violation
from placer.instance.synonyms import nearest_name
from placer.model.formulation import formulate
from placer.planning.added_limits import added_limits
from placer.planning.state_program import StateProgram

if TYPE_CHECKING:
    from placer.instance.problem import Instance
    from placer.planning.problem import PlanningProblem
    from placer.planning.states import States
    from placer.utils.arrays import FloatArray


def named_position(kind: str, name: str, names: tuple[str, ...]) -> int:
    """Return where a name stands among those of candidates, build limits or states.

    Raises
    ------
    InstanceError
        If it is none of them.
    """
    if name in names:
        return names.index(name)
    near = nearest_name(str(name), names)
    allowed = f"perhaps {near}" if near else ", ".join(names[:5]) or "there are none"
    raise InstanceError([Violation("plan", "", kind, f"{name!r} is unknown", allowed)])


def state_programs(question: PlanningProblem, states: States) -> tuple[StateProgram, ...]:
    """Return states as the plan sees them: formulated, with what candidates add to their limits."""
    available = states.availability(question.candidates)
    return tuple(
        _state_program(question, name, weight, state, available[place])
        for place, (name, weight, state) in enumerate(
            zip(states.names, states.weights.tolist(), states.instances, strict=True)
        )
    )


def mean_instance(states: States) -> Instance:
    """Return the instance of the mean demand of all states, weighted by their shares of the year.

    Raises
    ------
    InstanceError
        If the states differ in more than their demand: the mean of networks is none.
    """
    shares = [share for _, share in states.given.values()]
    first = states.instances[0]
    for name, state in zip(states.names, states.instances, strict=True):
        if state.replace(demand=first.demand) != first:
            problem = "differs from the first state in more than demand, of which there is no mean"
            raise InstanceError([Violation("states", name, "", problem, "give the mean instance yourself: mean=")])
    key = ["workload", "hub", "hour"]
    parts = [state.demand[[*key, "mtok"]] for state in states.instances]
    weighted = pd.concat([part.assign(mtok=part["mtok"] * share) for part, share in zip(parts, shares, strict=True)])
    return first.replace(demand=weighted.groupby(key, sort=False, as_index=False)["mtok"].sum())


def yearly_program(question: PlanningProblem, state: Instance, name: str) -> StateProgram:
    """Return an instance as a state that occurs all year, with nothing lost."""
    weight = float(type(question.states)({name: (state, 1.0)}, year_hours=question.states.year_hours).weights[0])
    return _state_program(question, name, weight, state, np.ones(len(question.candidates)))


def _state_program(
    question: PlanningProblem, name: str, weight: float, state: Instance, available: FloatArray
) -> StateProgram:
    formulation = formulate(state)
    added = csr_array(added_limits(question.instance, state, formulation, question.candidates).multiply(available))
    added.eliminate_zeros()
    return StateProgram(name, weight, formulation, added)
