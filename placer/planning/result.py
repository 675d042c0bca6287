"""A plan as planners read it: what to build, what it is worth, what it costs."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import pandas as pd

from placer.errors import InstanceError, Violation
from placer.instance.synonyms import nearest_name
from placer.planning.built import with_builds
from placer.solve import solve
from placer.utils import notebook
from placer.utils.arrays import without_noise

if TYPE_CHECKING:
    from placer.instance.problem import Instance
    from placer.placement.result import Placement
    from placer.planning.certificate import PlanCertificate
    from placer.planning.cuts import PriceVector
    from placer.planning.plan_program import PlanProgram
    from placer.planning.problem import PlanningProblem
    from placer.utils.arrays import FloatArray, IntArray


@dataclass(frozen=True, eq=False, repr=False)
class Plan:
    """What to build, and what it is worth; ``certificate`` says how far it may be from the least cost.

    Attributes
    ----------
    question : PlanningProblem
        Instance, candidates, states and build limits.
    problem : PlanProgram
        The same as arrays.
    units : (candidates,) array
    state_costs_usd : (states,) array
        Least cost of the horizon of each state with these units, penalty for unserved demand included.
    certificate : PlanCertificate
    vectors : tuple of PriceVector
        Prices that were proven on the way: each bounds the cost of every plan in every state.
    evaluated : tuple of (units, USD a year)
        All plans that were solved in every state.
    solves : (states,) int array
        Solves of each state.
    stopped : str
        Why the search ended with an open gap; empty if it closed it.
    """

    question: PlanningProblem
    problem: PlanProgram
    units: FloatArray
    state_costs_usd: FloatArray
    certificate: PlanCertificate
    vectors: tuple[PriceVector, ...]
    evaluated: tuple[tuple[FloatArray, float], ...]
    solves: IntArray
    stopped: str = ""

    @property
    def cost_usd_per_year(self) -> float:
        """Yearly cost of what is built and of all states, penalty for unserved demand included."""
        return self.certificate.cost_usd_per_year

    @property
    def bound_usd_per_year(self) -> float:
        """The least that any plan can cost a year, as far as it is proven."""
        return self.certificate.bound_usd_per_year

    @property
    def gap(self) -> float:
        """Relative gap between cost and proven lower bound."""
        return self.certificate.gap

    @property
    def build_cost_usd_per_year(self) -> float:
        """Yearly cost of what is built."""
        return float(self.problem.cost @ self.units)

    @cached_property
    def builds(self) -> pd.DataFrame:
        """One row a candidate.

        ``adds``, ``target``, ``units``; ``cost_usd_per_year`` of all units; and of one unit a year in USD:
        ``unit_cost``, ``limits_rent`` (what it takes of build limits, at their rents), ``value`` (what it saves over
        all states) and ``profit``, the value less both. A candidate that is built in part has profit 0, one that is not
        built at most 0, one at its maximum at least 0, all within the gap (``certificate``).
        """
        candidates, certificate = self.question.candidates, self.certificate
        rents = certificate.limit_rents @ self.problem.takes
        return pd.DataFrame(
            {
                "adds": candidates.adds,
                "target": candidates.target,
                "units": self.units,
                "max_units": candidates.max_units,
                "cost_usd_per_year": self.problem.cost * self.units,
                "unit_cost_usd_per_year": self.problem.cost,
                "limits_rent_usd_per_unit_year": without_noise(rents, 1.0),
                "value_usd_per_unit_year": certificate.value_usd_per_unit_year,
                "profit_usd_per_unit_year": certificate.profit_usd_per_unit_year,
            },
            index=pd.Index(candidates.names, name="candidate"),
        )

    @cached_property
    def build_limits(self) -> pd.DataFrame:
        """One row a build limit: ``sense``, ``amount``, ``use`` and ``rent_usd_per_unit_year``.

        The rent is what a unit more of a limit of at most an amount would save a year, and a unit less of one of at
        least an amount.
        """
        limits = self.question.build_limits
        return pd.DataFrame(
            {
                "sense": limits.sense,
                "amount": limits.amount,
                "use": self.question.candidates.takes.T @ self.units,
                "rent_usd_per_unit_year": self.certificate.limit_rents,
            },
            index=pd.Index(limits.names, name="limit"),
        )

    @cached_property
    def states(self) -> pd.DataFrame:
        """One row a state.

        ``horizons_per_year``, its weight; ``cost_usd`` of one horizon and ``cost_usd_per_year`` of all of them, penalty
        included; ``certificate_weight``, its weight in the certificate, larger for dear states where a risk is given;
        ``solves``, how often it was solved.
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

    def instance(self, state: str) -> Instance:
        """Return the instance of a state with all that is built in it.

        Raises
        ------
        InstanceError
            If there is no such state.
        """
        names = self.question.states.names
        if state not in names:
            near = nearest_name(str(state), names)
            allowed = f"perhaps {near}" if near else ", ".join(names[:5])
            raise InstanceError([Violation("plan", "", "state", f"{state!r} is unknown", allowed)])
        place = names.index(state)
        lost = self.question.states.availability(self.question.candidates)[place]
        given = self.question.states.instances[place]
        return with_builds(self.question.instance, given, self.question.candidates, self.units * lost)

    def placement(self, state: str | None = None) -> Placement:
        """Return the placement of a state with all that is built in it; of the first state if none is named.

        Raises
        ------
        InstanceError
            If there is no such state.
        NoSolutionError
            As ``placer.solve``.
        """
        return solve(self.instance(self.question.states.names[0] if state is None else state))

    def __repr__(self) -> str:
        """Return the headline figures as text."""
        return "\n".join(f"{label:<18}{value}" for label, value in self._headlines())

    def _repr_html_(self) -> str:
        """Return the headline figures and what is built as HTML, for notebooks."""
        built = self.builds[self.units > 0]
        return notebook.figures(self._headlines()) + notebook.rows(built)

    def _headlines(self) -> list[tuple[str, str]]:
        count = int((self.units > 0).sum())
        return [
            (
                "Cost a year",
                f"{self.cost_usd_per_year:,.6g} USD, of which {self.build_cost_usd_per_year:,.6g} to build",
            ),
            ("Lower bound", f"{self.bound_usd_per_year:,.6g} USD"),
            ("Certificate", self.certificate.verdict + (f" ({self.stopped})" if self.stopped else "")),
            ("Built", f"{count} of {len(self.units)} candidates"),
            ("States", f"{len(self.state_costs_usd)}, solved {int(self.solves.sum()):,} times"),
        ]
