"""Carry the answer of a smaller instance back to the whole: a placement, and how far it may be from least cost.

Prices of the smaller answer, laid on the whole (``placer.reduced.laid``), bound every placement of the whole from
below, whatever they are. The columns near them, with those that the smaller answer uses, form a restricted program,
whose optimum is a placement of the whole. So the interval from bound to cost contains the least cost of the whole:

    bound  <=  least cost of the whole  <=  cost of the placement

``placer.reduced.carried`` has the mathematics. The certificate of the placement checks that it keeps every limit, and
its gap is that of the interval.
"""

from __future__ import annotations

import logging
import math
from typing import TYPE_CHECKING

from placer.errors import ArgumentError, NoSolutionError
from placer.instance.arguments import need, need_number, need_workers
from placer.instance.reduced import Reduced
from placer.instance.remarks import likely_mistakes, unread_models, warn_of
from placer.ladder.named import solver_of
from placer.ladder.whole_program import limit_of
from placer.least_cost.unmet_limits import impossible
from placer.model.formulation import formulate
from placer.placement.result import Placement
from placer.reduced.carried import carried
from placer.reduced.laid import laid_duals, places_of, used_positions
from placer.reduced.result import CarriedBack
from placer.running import phase, running
from placer.solve import place

if TYPE_CHECKING:
    from placer.instance.problem import Instance
    from placer.ladder.proven import AnySolver
    from placer.running import Progress

_log = logging.getLogger(__name__)


def carry_back(
    reduced: Reduced[Instance],
    solver: AnySolver | str | None = None,
    *,
    gap: float = 1e-3,
    workers: int | None = None,
    time_limit_seconds: float = math.inf,
    progress: Progress | None = None,
) -> CarriedBack:
    """Solve a smaller instance, and carry its answer back to the whole, with a proven gap.

    Parameters
    ----------
    reduced : Reduced
        Of ``instance.merge_hubs`` and ``instance.merge_data_centres``.
    solver : Solver, ColumnGeneration or str, optional
        For the smaller instance, as in ``placer.solve``.
    gap : float
        Relative gap at which to stop adding columns of the whole; a wider one may remain.
    workers : int, optional
        As in ``placer.solve``.
    time_limit_seconds, progress
        As in ``placer.running``.

    Raises
    ------
    ArgumentError, InstanceError, SolverError
        If an argument is none of the above.
    NoSolutionError
        If the smaller instance has no proven answer, the whole has no placement, or neither was found in time.

    Examples
    --------
    >>> import placer
    >>> placer.carry_back(placer.load("tiny").merge_hubs(2).merge_data_centres(2))
    CarriedBack: a placement of 330.77 USD, proven: none costs less
    """
    need(reduced, Reduced, "a smaller instance", "instance.merge_hubs(20) returns one")
    solver = solver_of(solver)
    need_workers(workers, None)
    _need_gap(gap)
    warn_of([*likely_mistakes(reduced.whole), *unread_models(reduced.whole)])
    with running(progress, min(time_limit_seconds, limit_of(solver))):
        with phase(_log, f"solving {reduced!r}"):
            first = _solved(reduced.instance, solver, workers)
        with phase(_log, f"carrying it back to {reduced.whole!r}"):
            whole = formulate(reduced.whole)
            structure, places = whole.structure, places_of(reduced, whole, first.formulation)
            laid = laid_duals(places, structure, first.answer.prices)
            used = used_positions(places, structure, first.formulation.structure, first.answer.point)
            try:
                found = carried(structure, laid, used, gap)
            except NoSolutionError as stopped:
                raise impossible(whole, stopped) from None
    placement = Placement(reduced.whole, whole, found.answer, found.certificate)
    return CarriedBack(reduced, placement, first, found.laid_bound)


def _solved(instance: Instance, solver: AnySolver | None, workers: int | None) -> Placement:
    """Return the placement of the smaller instance; raises as ``carry_back``."""
    try:
        return place(instance, formulate(instance), solver, workers=workers)
    except NoSolutionError as stopped:
        raise NoSolutionError(
            stopped.reason, f"the smaller instance: {stopped.detail}", currency=instance.settings.currency
        ) from None


def _need_gap(gap: float) -> None:
    """Refuse a gap that is no number above 0 and below 1."""
    need_number(gap, "gap")
    if not 0 < gap < 1:
        raise ArgumentError(f"expected a relative gap above 0 and below 1, such as 1e-3, not {gap!r}")
