"""Programs of the states of a plan."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import replace

import numpy as np
import pandas as pd
from scipy.sparse import csr_array

from placer.decomposition.member import Member
from placer.errors import InstanceError, Violation
from placer.instance.attributes.synonyms import nearest_or_all
from placer.instance.problem import Instance
from placer.model.batteries import stated_energy
from placer.model.formulation import Formulation, formulate_to_solve
from placer.model.limits import read_limits
from placer.model.parts import part_of
from placer.planning.question.added_limits import added_limits
from placer.planning.question.outages import Lost, stops
from placer.planning.question.problem import PlanningProblem
from placer.planning.question.state_inputs import horizon_hours
from placer.planning.question.states import States
from placer.running import in_time
from placer.utils.alike import changed, changes_from
from placer.utils.arrays import FloatArray


def named_position(kind: str, name: str, names: tuple[str, ...]) -> int:
    """Return the position of a name among those of candidates, build limits or states.

    Raises
    ------
    InstanceError
        If the name is unknown.
    """
    if name in names:
        return names.index(name)
    allowed = nearest_or_all(name, names, ", ".join(names[:5]) or "there are none")
    raise InstanceError([Violation("plan", "", kind, f"{name!r} is unknown", allowed)])


def state_programs(question: PlanningProblem, states: States) -> tuple[Member, ...]:
    """Return the formulated states, with the amounts that candidates add to their limits."""
    available = states.availability(question.candidates)
    programs: list[Member] = []
    every = zip(states.names, states.weights.tolist(), states.instances, strict=True)
    for place, (name, weight, state) in enumerate(in_time(every, "formulating the states")):
        program = _state_program(question, name, weight, state, available[place], states.lost.get(name, frozenset()))
        # A thousand states fit into memory where they share the arrays in which they do not differ.
        programs.append(changed(programs[0], changes_from(programs[0], program)) if programs else program)
    return tuple(programs)


def mean_instance(states: States) -> Instance:
    """Return the instance of the mean demand of all states, weighted by their shares of the year.

    Raises
    ------
    InstanceError
        If the states differ in more than their demand: networks have no mean.
    """
    shares = [share for _, share in states.given.values()]
    first = states.instances[0]
    for name, state in in_time(zip(states.names, states.instances, strict=True), "the mean demand of the states"):
        if state.replace(demand=first.demand) != first:
            problem = "differs from the first state in more than demand, of which there is no mean"
            raise InstanceError([Violation("states", name, "", problem, "give the mean instance yourself: mean=")])
    key = ["workload", "hub", "hour"]
    parts = [state.demand[[*key, "mtok"]] for state in states.instances]
    weighted = pd.concat([part.assign(mtok=part["mtok"] * share) for part, share in zip(parts, shares, strict=True)])
    return first.replace(demand=weighted.groupby(key, sort=False, as_index=False)["mtok"].sum())


def yearly_program(question: PlanningProblem, state: Instance, name: str) -> Member:
    """Return an instance as a state that occurs all year, with nothing lost."""
    weight = question.states.year_hours / horizon_hours(state)
    return _state_program(question, name, weight, state, np.ones(len(question.candidates)), frozenset())


def yearly_programs(question: PlanningProblem, states: States) -> Iterator[Member]:
    """Yield states as if each occurred all year, without what each has lost."""
    available = states.availability(question.candidates)
    for name, state, each in zip(states.names, states.instances, available, strict=True):
        weight = question.states.year_hours / horizon_hours(state)
        yield _state_program(question, name, weight, state, each, states.lost.get(name, frozenset()))


def _state_program(
    question: PlanningProblem, name: str, weight: float, state: Instance, available: FloatArray, lost: Lost
) -> Member:
    return raised_program(question, (name, weight), state, _formulated(state, stops(lost)), available)


def raised_program(
    question: PlanningProblem,
    named: tuple[str, float],
    state: Instance,
    formulation: Formulation,
    available: FloatArray,
) -> Member:
    """Return a formulation of a state as a member of its name and weight, with what builds add to its limits."""
    name, weight = named
    formulation = _with_room(question, state, formulation)
    added = csr_array(added_limits(question.instance, state, formulation, question.candidates).multiply(available))
    added.eliminate_zeros()
    return Member(name, weight, formulation, added)


def _with_room(question: PlanningProblem, state: Instance, formulation: Formulation) -> Formulation:
    """Return a state in which batteries hold what they state if builds raise their power: they may charge more."""
    structure, candidates = formulation.structure, question.candidates
    raised = {target for adds, target in zip(candidates.adds, candidates.target, strict=True) if adds == "power_mw"}
    if structure.stores is None or not raised:
        return formulation
    battery = structure.stores.banks
    own = state.batteries["battery"].isin(raised).to_numpy()[battery, None]
    stores = replace(structure.stores, energy=np.where(own, stated_energy(state)[battery], structure.stores.energy))
    return replace(formulation, structure=replace(structure, stores=stores))


def _formulated(state: Instance, stopped: Collection[str]) -> Formulation:
    """Return a state without the arcs that limits of 0 tokens stop: so all states have the caps of the instance."""
    rows = state.limits["limit"].isin(stopped)
    if not rows.any():
        return formulate_to_solve(state)
    formulation = formulate_to_solve(state.replace(limits=state.limits[~rows]))
    structure = formulation.structure
    arcs = structure.arc_serves, structure.arc_origin, structure.arc_site
    kept = np.ones(len(structure.arc_cost), dtype=bool)
    for limit in read_limits(state):
        if limit.name in stopped:
            kept &= ~(limit.workload[arcs[0]] & limit.hub[arcs[1]] & limit.site[arcs[2]])
    return replace(formulation, structure=part_of(structure, arcs=kept))
