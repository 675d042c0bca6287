"""The least unserved protected work of states at given builds, with a cut for each limit that it breaks."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from placer.decomposition.cuts import cuts_of
from placer.errors import NoSolutionError
from placer.planning.costs.evaluation import Here, StateJob, solve_state
from placer.planning.question.protection import ProtectedState, SurvivalCut
from placer.running import in_time
from placer.termination import Reason
from placer.utils.arrays import FloatArray


def unserved_protected(states: Sequence[ProtectedState], units: FloatArray) -> tuple[FloatArray, list[SurvivalCut]]:
    """Return the least unserved protected work of each state at some units, in Mtok, and a cut for each broken limit.

    Raises
    ------
    NoSolutionError
        Naming the state, if it has no proven answer, or its prices do not prove its unserved work.
    """
    job = Here(StateJob(tuple(each.state for each in states)))
    unserved, cuts = np.zeros(len(states)), []
    for place, each in enumerate(in_time(states, "the unserved protected work of outages")):
        found = solve_state(job, place, units, (), np.inf)
        unserved[place] = found.cost
        if each.breaks(found.cost):
            cut = cuts_of(found.prices, [each.state])[0]
            if not each.breaks(cut.at(units)):
                problem = f"state {each.state.name}: its prices do not prove that {found.cost:.6g} Mtok are unserved"
                raise NoSolutionError(Reason.FAILED, problem)
            cuts.append(SurvivalCut(place, cut.constant, cut.slope))
    return unserved, cuts
