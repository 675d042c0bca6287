"""Solve again after a change: a session starts from the prices of earlier solves."""

from __future__ import annotations

import math

from placer.column_generation.solver import ColumnGeneration
from placer.instance.arguments import need_instance
from placer.instance.problem import Instance
from placer.ladder.price_memory import PriceMemory
from placer.least_cost.tie_break import Rule, check_rule
from placer.model.formulation import formulate_to_solve
from placer.placement.result import Placement
from placer.running import running
from placer.solve import place


class Session:
    """Solve a series of instances that differ little; see ``placer.ladder.price_memory``.

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
        self._memory = PriceMemory(solver)
        self._tie_break = check_rule(tie_break, "Session")

    def solve(self, instance: Instance, *, time_limit_seconds: float = math.inf) -> Placement:
        """Place the demand of an instance at least cost, as ``placer.solve``.

        Demand with steps of value is placed without known prices, and its prices are not kept.

        Parameters
        ----------
        instance : Instance
        time_limit_seconds : float
            As in ``placer.running``.

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
        with running(time_limit_seconds=time_limit_seconds):
            formulation = formulate_to_solve(instance)
            placement = place(instance, formulation, *self._memory.approach(formulation.structure), self._tie_break)
            self._memory.learn(formulation.structure, placement.answer)
            return placement
