"""Costs of demand sets with steps of value within a gap, from the assignments of solved sets.

Sets around an instance differ in their amounts, and optima use few assignments. The program of a set over those that
the solved sets use, with all steps, is small. Its answer is feasible for the whole set, and its prices prove a bound
over every assignment. Assignments near these prices are added until the gap is reached:

    sum_i amount_i sum_s share_s min(v_s, min_j z_ij)  -  rents          (``placer.model.unserved``)

Demands are not merged, since their steps differ.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from placer.errors import NoSolutionError
from placer.instance.problem import Instance
from placer.ladder.stepped import answers_of_masters, assignments_at, master_answer
from placer.model.answer import Answer
from placer.model.formulation import Formulation
from placer.model.structure import Structure
from placer.model.unserved import penalties
from placer.synthetic import SetsAround
from placer.termination import Reason
from placer.utils.arrays import BoolArray, FloatArray, IntArray


@dataclass(frozen=True, eq=False)
class SteppedSets:
    """Solved sets with steps of value.

    Attributes
    ----------
    base : Formulation
        Of the instance around which the sets lie, with its steps.
    position : int array
        The assignments that any of them uses.
    """

    base: Formulation
    position: IntArray

    def answers(self, structure: Structure) -> Iterator[Answer]:
        """Yield better and better answers to a structure that differs from the base in amounts alone.

        The first is the best over these assignments; further ones have the assignments near its prices too. There are
        none if those do not suffice, as where a limit asks for more than they can send.

        Raises
        ------
        NoSolutionError
            If the time is over.
        """
        try:
            first = master_answer(structure, assignments_at(structure, self.position))
            yield first
            yield from answers_of_masters(structure, first.prices, self.position)
        except NoSolutionError as stopped:
            if stopped.reason is Reason.TIME_LIMIT:
                raise


def stepped_demands(sets: Sequence[Instance], number: int) -> BoolArray:
    """Return which demands of a set have steps of their own (demands,)."""
    instance = sets.instance if isinstance(sets, SetsAround) else sets[number]
    return instance.demand["workload"].isin(instance.demand_steps["workload"]).to_numpy(bool)


def what_is_left(structure: Structure, has_steps: BoolArray, unserved: FloatArray) -> tuple[dict[str, float], float]:
    """Return the figures of what is not bought, if there are steps, and the penalty of unserved demand.

    Parameters
    ----------
    has_steps : (demands,) bool array
    unserved : (demands,) array
    """
    lost = penalties(structure, unserved)
    mtok, usd = (float(each[has_steps].sum()) for each in (unserved, lost))
    found = {"not_bought_mtok": mtok, "not_bought_usd": usd} if has_steps.any() else {}
    return found, float(lost[~has_steps].sum())
