"""Solve again after a change: a session starts from the prices of what it solved before.

Whatever changes (demand, prices, capacities, latency), the prices of scarce things change less than the placement does.
A session keeps the prices of its last few answers, starts column generation from those that prove most of the instance
at hand, and lets every answer pass the certificate like any other. Where the prices are too far off, or the number of
data centres, hours or links differs, it solves as ``placer.solve`` does.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from placer.errors import SolverError
from placer.instance.arguments import need_instance
from placer.least_cost.tie_break import Rule, check_rule
from placer.model.formulation import formulate
from placer.solve import default_solver, place, solve_structure
from placer.solvers.column_generation.solver import AnySolver, ColumnGeneration
from placer.solvers.column_generation.warm_start import Known, nearest, remember

if TYPE_CHECKING:
    from placer.instance.problem import Instance
    from placer.model.answer import Answer
    from placer.model.structure import Structure
    from placer.placement.result import Placement
    from placer.proof.certificate import Certificate
    from placer.solvers.column_generation.start import Start

#: Answers whose prices are kept.
KEPT = 4


class Session:
    """Solve instances that differ little, one after the other.

    Parameters
    ----------
    solver : ColumnGeneration, optional
        With the gap, time limit and progress that hold for every solve; ``placer.ColumnGeneration()`` if not given.
    tie_break : str or None
        As in ``placer.solve``; None, the default, takes the placement that the solver found, which is faster.

    Raises
    ------
    SolverError
        If the solver is another one: only column generation can start from prices.

    Examples
    --------
    >>> import placer
    >>> tiny, session = placer.load("tiny"), placer.Session()
    >>> first = session.solve(tiny)
    >>> more = tiny.demand.assign(mtok=1.02 * tiny.demand["mtok"])
    >>> session.solve(tiny.replace(demand=more)).cost_usd > first.cost_usd
    True
    """

    def __init__(self, solver: ColumnGeneration | None = None, tie_break: Rule = None) -> None:
        if solver is not None and not isinstance(solver, ColumnGeneration):
            raise SolverError(f"a session solves with placer.ColumnGeneration(), not with {solver!r}")
        self._given = solver
        self._tie_break = check_rule(tie_break, "Session")
        self._known: list[Known] = []

    def solve(self, instance: Instance) -> Placement:
        """Place the demand of an instance at least cost, as ``placer.solve``.

        Parameters
        ----------
        instance : Instance

        Returns
        -------
        Placement
            Proven optimal by the project's own certificate.

        Raises
        ------
        NoSolutionError
            As ``placer.solve``. The session remains usable.
        """
        need_instance(instance)
        formulation = formulate(instance)
        placement = place(instance, formulation, *self._approach(formulation.structure), self._tie_break)
        self._learn(formulation.structure, placement.answer)
        return placement

    def solve_structure(self, structure: Structure) -> tuple[Answer, Certificate]:
        """Answer a structure and prove the answer, as ``placer.solve.solve_structure``."""
        answer, certificate = solve_structure(structure, *self._approach(structure))
        self._learn(structure, answer)
        return answer, certificate

    def _approach(self, structure: Structure) -> tuple[AnySolver, Start | None]:
        start = nearest(structure, self._known)
        if start is None:
            return self._given or default_solver(structure), None
        return self._given or ColumnGeneration(), start

    def _learn(self, structure: Structure, answer: Answer) -> None:
        self._known = [remember(structure, answer.prices), *self._known][:KEPT]
