"""The figures and tables of a plan, and the utilisation and rents of existing sites after the builds.

The rents of sites are those of the certificate: the sums over the price vectors, weighted by their multipliers,
``sum_op mu_op alpha_p . b_o``. The rents of a single solve need not add up to the values of a plan.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from placer.decomposition.bound import Multiplied
from placer.decomposition.cuts import rents_in
from placer.decomposition.limits import by_limit
from placer.errors import NoSolutionError
from placer.instance.arguments import need_at_least_0
from placer.model.loads import loads
from placer.planning.answer.group_ranges import group_ranges
from placer.planning.answer.state_parts import PlanByState
from placer.planning.costs.evaluation import answer_state
from placer.planning.question.problem import PlanningProblem, in_words
from placer.planning.search.proven_plan import ProvenPlan
from placer.running import in_time
from placer.termination import Reason
from placer.utils import notebook
from placer.utils.arrays import FloatArray, ratio, without_noise
from placer.utils.numbers import in_full


@dataclass(frozen=True, eq=False, repr=False)
class PlanFigures(PlanByState):
    """The figures and tables of a plan.

    Attributes
    ----------
    question : PlanningProblem
        Instance, candidates, states and build limits.
    """

    question: PlanningProblem

    @property
    def build_cost_usd_per_year(self) -> float:
        """Yearly cost of the builds."""
        return self.problem.build_cost(self.point)

    @cached_property
    def builds(self) -> pd.DataFrame:
        """One row a candidate.

        ``adds``, ``target``, ``units``; ``cost_usd_per_year`` of all units; and of one unit a year in USD:
        ``unit_cost``, ``limits_rent`` (its use of build limits, less the protected work that it serves and its part in
        limits of at least an amount, all at the rents of their limits), ``value`` (its saving over all states) and
        ``profit``, the value less both. Within the gap (``certificate``), profit is 0 for a candidate between 0 and its
        maximum, at most 0 for one that is not built or has no maximum, and at least 0 for one at its maximum. ``least``
        and ``most``: no plan that costs up to a thousandth more has fewer or more units (``ranges``); NaN if they
        are not proven, or if an enclosing time limit left no time for them.
        """
        candidates, certificate, built = self.question.candidates, self.certificate, self.problem.built
        rents, ranges = (certificate.limit_rents @ self.problem.takes)[built], self._ranges_if_proven()
        cost, opening = self.problem.cost[built], self.problem.opening[built]
        return pd.DataFrame(
            {
                "adds": candidates.adds,
                "target": candidates.target,
                "units": self.units,
                "least": ranges["least"].to_numpy(),
                "most": ranges["most"].to_numpy(),
                "max_units": candidates.max_units,
                "cost_usd_per_year": cost * self.units + opening * (self.units > 0),
                "unit_cost_usd_per_year": cost,
                "limits_rent_usd_per_unit_year": without_noise(rents, 1.0),
                "value_usd_per_unit_year": certificate.value_usd_per_unit_year[built],
                "profit_usd_per_unit_year": certificate.profit_usd_per_unit_year[built],
            },
            index=pd.Index(candidates.names, name="candidate"),
        )

    @cached_property
    def build_limits(self) -> pd.DataFrame:
        """One row a build limit: ``sense``, ``amount``, ``use`` and ``rent_usd_per_unit_year``.

        A range has a row for each side, ``NAME <=`` and ``NAME >=``.

        The rent is the yearly saving by one more unit of an upper limit, and by one unit less of a limit of at least an
        amount.
        """
        return build_limit_table(self, pd.Index(self.question.build_limits.labels, name="limit"))

    @cached_property
    def protection(self) -> pd.DataFrame:
        """One row a contingency with protected work, see ``placer.Security``; no rows without.

        ``protected_mtok`` of a horizon, ``most_unserved_mtok``, ``unserved_mtok`` (the least that a placement with
        these builds leaves) and ``rent_usd_per_mtok_year``: the saving by one more Mtok of ``most_unserved_mtok``.
        """
        states, cuts = self.problem.protected, self.problem.survival_cuts
        first = len(self.problem.build_limits.names)
        rents = self.certificate.limit_rents[first : first + len(cuts)]
        return pd.DataFrame(
            {
                "protected_mtok": [each.protected_mtok for each in states],
                "most_unserved_mtok": [each.most_mtok for each in states],
                "unserved_mtok": self.unserved_mtok,
                "rent_usd_per_mtok_year": np.bincount([cut.state for cut in cuts], rents, len(states)),
            },
            index=pd.Index([each.state.name for each in states], name="state", dtype=object),
        )

    @cached_property
    def states(self) -> pd.DataFrame:
        """One row a state.

        ``horizons_per_year``, its weight; ``cost_usd`` of one horizon, all its ``parts`` included, and
        ``cost_usd_per_year`` of all of them; ``certificate_weight``, its weight in the certificate, larger for dear
        states where a risk is given; ``solves``, the number of times it was solved.
        """
        return pd.DataFrame(
            {
                "horizons_per_year": self.problem.weights,
                "cost_usd": self.state_costs_usd,
                "cost_usd_per_year": self.problem.weights * self.state_costs_usd,
                "certificate_weight": self.certificate.state_weights,
                "solves": self.solves,
            },
            index=pd.Index(self.question.states.names, name="state"),
        )

    @cached_property
    def stranded(self) -> pd.DataFrame:
        """One row a data centre, new and existing: its utilisation and the rents of its limits.

        ``utilisation``: accelerators in use divided by installed accelerators, builds included, over all states.
        ``accelerator_rents_usd_per_year``, ``power_rents_usd_per_year``: the yearly rents of the existing limits, at
        the multipliers of the certificate. If both are 0, the existing capacity of the site is stranded.
        """
        return site_table(self, self.cost_model.optimum()[1])

    def ranges(self, within: float = 1e-3, most_solves: int | None = None) -> pd.DataFrame:
        """Return the ranges of the units of each candidate over plans of nearly least cost.

        Parameters
        ----------
        within : float
            Excess cost allowed for the other plans, as a share of the cost of this plan, finite and at least 0.
        most_solves : int, optional
            Maximum number of solves of states for exact ends. The default is 200 for small problems, which takes
            seconds, and 0 for others, whose search has left many prices.

        Returns
        -------
        DataFrame
            ``least`` and ``most``: no plan within that cost has fewer or more; inf for a candidate that has no maximum,
            no cost and no build limit. ``least_found`` and ``most_found``: there are such plans with these units, and
            with all units between.

        Raises
        ------
        ArgumentError
            If an argument is no finite number of at least 0.
        NoSolutionError
            If a state has no proven placement.
        """
        need_at_least_0(within, "within")
        need_at_least_0(0 if most_solves is None else most_solves, "most_solves")
        found = group_ranges(self, np.eye(len(self.units)), within, most_solves)
        names = ("least", "most", "least_found", "most_found")
        columns = {name: getattr(found, name) for name in names}
        return pd.DataFrame(columns, index=pd.Index(self.question.candidates.names, name="candidate"))

    def _ranges_if_proven(self) -> pd.DataFrame:
        """Return ``ranges``, unknown if they are not proven or no time is left for them."""
        try:
            return self.ranges()
        except NoSolutionError as error:
            if error.reason not in {Reason.TIME_LIMIT, Reason.FAILED}:
                raise
            names = pd.Index(self.question.candidates.names, name="candidate")
            return pd.DataFrame(np.nan, index=names, columns=["least", "most"])

    def _repr_html_(self) -> str:
        """Return the headline figures and the builds as HTML, for notebooks."""
        return notebook.figures(self._headlines()) + notebook.rows(self.builds[self.units > 0], self.currency)

    def _headlines(self) -> list[tuple[str, str]]:
        count, cost = int((self.units > 0).sum()), in_full(self.cost_usd_per_year)
        return [
            ("Cost a year", f"{cost} {self.currency}, of which {in_full(self.build_cost_usd_per_year)} to build"),
            *super()._headlines(),
            ("Built", f"{count} of {len(self.units)} candidates"),
            ("States", f"{len(self.state_costs_usd)}, solved {int(self.solves.sum()):,} times"),
            *in_words(self.question.by_year),
        ]


def build_limit_table(plan: ProvenPlan, index: pd.Index) -> pd.DataFrame:
    """Return a row for each build limit; ``placer.Plan.build_limits`` documents it."""
    limits, count = plan.problem.build_limits, len(index)
    table = {
        "sense": limits.sense[:count],
        "amount": limits.amount[:count],
        "use": (plan.problem.candidates.takes.T @ plan.point)[:count],
        "rent_usd_per_unit_year": plan.certificate.limit_rents[:count],
    }
    return pd.DataFrame(table, index=index)


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
        structure = state.at(plan.point)
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
    for vector, place, weight in zip(multiplied.vector, multiplied.member, multiplied.weight, strict=True):
        state = problem.states[int(place)]
        rents = weight * rents_in(pool.vectors[int(vector)], state.opened)
        earned = by_limit(state.structure, rents * state.finite_limits)
        total["capacity"] += earned["capacity"]
        cap, site, hour = state.formulation.pool_caps
        np.add.at(total["capacity"], (site, hour), earned["cap_limit"][cap])
        total["intake"] += earned["intake"]
        total["supply"] += state.structure.at_sites(earned["tier_limit"])
    return total
