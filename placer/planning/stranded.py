"""Existing sites after the builds: their utilisation and their rents.

The rents are those of the certificate: the sums over the price vectors, weighted by their multipliers, ``sum_op mu_op
alpha_p . b_o``. The rents of a single solve need not add up to the values of a plan.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from placer.model.loads import loads
from placer.planning.added_limits import LIMITS
from placer.planning.cuts import rents_in
from placer.planning.evaluation import answer_state
from placer.running import in_time
from placer.utils.arrays import ratio

if TYPE_CHECKING:
    from placer.planning.cost_model import Multiplied
    from placer.planning.proven_plan import ProvenPlan
    from placer.utils.arrays import FloatArray


def site_table(plan: ProvenPlan, multiplied: Multiplied) -> pd.DataFrame:
    """Return a row for each site; ``placer.Plan.stranded`` documents it.

    Raises
    ------
    NoSolutionError
        If a state has no proven placement.
    """
    problem = plan.problem
    first = problem.states[0]
    sites = len(first.formulation.data_centres)
    used, there = np.zeros(sites), np.zeros(sites)
    for state in in_time(problem.states, "the use of every site"):
        structure = state.at(plan.units)
        answer, _ = answer_state(state, structure, None)
        used += state.weight * loads(structure, answer.point).used.sum(axis=1)
        there += state.weight * structure.capacity.sum(axis=1)
    rents = _yearly_rents(plan, multiplied)
    priced = np.nan if problem.is_whole else 1.0  # whole units have no marginal prices
    return pd.DataFrame(
        {
            "utilisation": ratio(used, np.where(np.isfinite(there), there, np.nan)),
            "accelerator_rents_usd_per_year": priced * rents["capacity"].sum(axis=1),
            "power_rents_usd_per_year": priced * (rents["intake"] + rents["supply"]).sum(axis=1),
        },
        index=pd.Index(first.formulation.data_centres, name="data_centre"),
    )


def _yearly_rents(plan: ProvenPlan, multiplied: Multiplied) -> dict[str, FloatArray]:
    """Return the yearly rents of existing limits, (sites, periods) each; tiers summed over their sites."""
    problem = plan.problem
    pool = plan.cost_model.pool
    shape = problem.states[0].structure.capacity.shape
    total = {"capacity": np.zeros(shape), "intake": np.zeros(shape), "supply": np.zeros(shape)}
    for vector, place, weight in zip(multiplied.vector, multiplied.state, multiplied.weight, strict=True):
        state = problem.states[int(place)]
        earned = weight * rents_in(pool.vectors[int(vector)], state) * state.finite_limits
        sizes = [getattr(state.structure, name).size for name in LIMITS]
        capacity, intake, tier, _, _ = np.split(earned, np.cumsum(sizes)[:-1])
        total["capacity"] += capacity.reshape(shape)
        total["intake"] += intake.reshape(shape)
        total["supply"] += state.structure.at_sites(tier.reshape(state.structure.tier_limit.shape))
    return total
