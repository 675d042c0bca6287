"""A limit on unserved protected work in the states of outages, and the cuts that enforce it in a plan.

With the share ``r_k`` of workload k that is protected, the least protected work that is unserved in state o is

    V_o(z) = least sum_i v_i      over the placements of the demands r_k d_i in o, with z built

the cost of the state if an unserved Mtok costs 1 and all other costs are 0. It is convex in z, and proven prices bound
it for every z (``placer.decomposition.cuts``):  ``V_o(z) >= constant - slope z``. So every plan that keeps

    V_o(z) <= most_o = most_stranded sum_i r_k d_i

keeps the rows ``- slope z <= most_o - constant``, which are further build limits. A row enters when a plan breaks the
limit, until the plan keeps it. The bound of each intermediate plan holds for all plans that keep the limit.

Demand with steps of value cannot be protected. The demand to protect would be what is bought with nothing lost, which
depends on z through another state. V_o would then grow with units too, and not be convex in z: a plan with more units
sells more, and may break a limit that a plan with fewer units keeps.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from placer.decomposition.member import Member
from placer.errors import InstanceError, Violation
from placer.instance.attributes.validation import show
from placer.instance.problem import Instance
from placer.model.formulation import Formulation
from placer.model.unserved import columns_of_unserved
from placer.running import in_time
from placer.security.contingencies import protected_shares, unknown_workloads
from placer.security.coupling import without_costs
from placer.security.definition import Security
from placer.tolerances import PROOF
from placer.utils.arrays import FloatArray


@dataclass(frozen=True, eq=False)
class ProtectedState:
    """A state whose protected work is limited.

    Attributes
    ----------
    state : Member
        With protected work only; an unserved Mtok costs 1.
    most_mtok : float
        The largest amount of it that may be unserved.
    """

    state: Member
    most_mtok: float

    @property
    def protected_mtok(self) -> float:
        """All protected work of a horizon."""
        return self.state.structure.total_demand

    def breaks(self, unserved_mtok: float) -> bool:
        """Return whether unserved work exceeds the limit by more than rounding."""
        return unserved_mtok > self.most_mtok + PROOF * self.protected_mtok


@dataclass(frozen=True, eq=False)
class SurvivalCut:
    """``V_o(z) >= constant - slope z``.

    Attributes
    ----------
    state : int
        Position among the protected states.
    slope : (candidates,) array
        At least 0.
    """

    state: int
    constant: float
    slope: FloatArray


def protected_states(
    instance: Instance, states: Sequence[Member], lost: Iterable[str], security: Security
) -> tuple[ProtectedState, ...]:
    """Return the states of losses, with their protected work only; none where all of it may strand.

    Parameters
    ----------
    lost : iterable of str
        Names of the states of losses.

    Raises
    ------
    InstanceError
        Listing every unknown protected workload, and every protected one whose demand has steps.
    """
    most = security.most_stranded or 0.0
    names = set(lost) if most < 1 else set()
    found = unknown_workloads(instance, security)
    found += [each for state in states if state.name in names for each in _with_steps(state.formulation, security)]
    if found:
        raise InstanceError(dict.fromkeys(found))
    protected = []
    for state in in_time(states, "the protected work of outages"):
        if state.name in names:
            whole = state.structure
            share = protected_shares(whole, state.formulation.workloads, security)
            amount = whole.demand_amount * share[whole.demand_class]
            alone = replace(without_costs(whole), demand_amount=amount)
            twin = replace(state, formulation=replace(state.formulation, structure=alone))
            protected.append(ProtectedState(twin, most * float(amount.sum())))
    return tuple(protected)


def _with_steps(formulation: Formulation, security: Security) -> list[Violation]:
    """Return a violation for every protected workload whose demand has steps of other values than its penalty."""
    structure, names = formulation.structure, formulation.workloads
    demand, value, _ = columns_of_unserved(structure)
    klass = structure.demand_class[demand]
    falls = np.bincount(klass, value != structure.unserved_cost[klass], structure.classes) > 0
    found = falls & (protected_shares(structure, names, security) > 0)
    problem = "has steps of demand: what is bought, and must survive, would depend on what is built"
    allowed = "a share of 0, most_stranded=1, or a plan for what is bought: placer.solve(instance).instance"
    return [
        Violation("security", "", "protected", f"{show(str(name))} {problem}", allowed)
        for name in names[found[: len(names)]]
    ]
