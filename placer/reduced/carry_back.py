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
from collections.abc import Iterable

import numpy as np

from placer.by_blocks.solve_blocks import is_by_blocks
from placer.errors import ArgumentError, InstanceError, NoSolutionError, Violation, refuse
from placer.instance.arguments import need, need_number, need_workers
from placer.instance.checks.battery_checks import batteries_refused
from placer.instance.hours.horizon import index_of
from placer.instance.hours.timestamps import short_text
from placer.instance.problem import Instance
from placer.instance.reduced import Reduced
from placer.instance.remarks import likely_mistakes, unread_models, warn_of
from placer.ladder.named import solver_of
from placer.ladder.proven import AnySolver
from placer.ladder.whole_program import limit_of
from placer.least_cost.unmet_limits import impossible
from placer.model.answer import Duals
from placer.model.formulation import formulate
from placer.model.structure import Structure
from placer.placement.result import Placement
from placer.reduced.by_blocks import carried_in_processes
from placer.reduced.carried import Carried, carried
from placer.reduced.headlines import HeadlineRanges, headline_names
from placer.reduced.laid import Places, laid_duals, places_of, used_positions
from placer.reduced.result import CarriedBack
from placer.running import Progress, phase, running
from placer.solve import place
from placer.tolerances import INPUT
from placer.utils.arrays import sums_by

_log = logging.getLogger(__name__)


def carry_back(
    reduced: Reduced[Instance],
    solver: AnySolver | str | None = None,
    *,
    gap: float = 1e-3,
    headlines: str | Iterable[str] = (),
    workers: int | None = None,
    time_limit_seconds: float = math.inf,
    progress: Progress | None = None,
) -> CarriedBack:
    """Solve a smaller instance, and carry its answer back to the whole, with a proven gap.

    Parameters
    ----------
    reduced : Reduced
        Of ``instance.merge_hubs``, ``merge_data_centres`` and ``representative_days``. A whole of several blocks is
        answered block by block (``placer.reduced.by_blocks``).
    solver : Solver, ColumnGeneration or str, optional
        For the smaller instance, as in ``placer.solve``.
    gap : float
        Relative gap at which to stop adding columns of the whole; a wider one may remain.
    headlines : str or iterable of str
        Headlines whose range over all placements that cost no more is wanted, of ``placer.reduced.headlines``. Each
        takes several solves of the smaller instance.
    workers : int, optional
        As in ``placer.solve``.
    time_limit_seconds, progress
        As in ``placer.running``.

    Raises
    ------
    ArgumentError, InstanceError, SolverError
        If an argument is none of the above, or the weights of the hours of ``reduced.instance`` are not the sums of
        those of the hours that they stand for.
    NoSolutionError
        If the smaller instance has no proven answer, the whole has no placement, or neither was found in time.

    Examples
    --------
    >>> import placer
    >>> placer.carry_back(placer.load("tiny").merge_hubs(2).merge_data_centres(2))
    CarriedBack: a placement of 330.77 USD, proven: none costs less
    """
    need(reduced, Reduced, "a smaller instance", "instance.merge_hubs(20) returns one")
    refuse(batteries_refused(reduced.whole.batteries, "carry_back"))
    solver = solver_of(solver)
    need_workers(workers, None)
    _need_gap(gap)
    names = headline_names(headlines)
    _need_weights(reduced)
    warn_of([*likely_mistakes(reduced.whole), *unread_models(reduced.whole)])
    with running(progress, min(time_limit_seconds, limit_of(solver))):
        with phase(_log, f"solving {reduced!r}"):
            first = _solved(reduced.instance, solver, workers)
        with phase(_log, f"carrying it back to {reduced.whole!r}"):
            whole = formulate(reduced.whole)
            structure, places = whole.structure, places_of(reduced, whole, first.formulation)
            laid = laid_duals(places, structure, first.answer.prices)
            try:
                found = _carried(structure, laid, places, first, gap, workers)
            except NoSolutionError as stopped:
                raise impossible(whole, stopped) from None
        placement = Placement(reduced.whole, whole, found.answer, found.certificate)
        with phase(_log, "ranges of headlines"):
            ranges = HeadlineRanges(placement, first, places, workers).table(names)
    return CarriedBack(reduced, placement, first, found.laid_bound, ranges)


def _carried(
    structure: Structure, laid: Duals, places: Places, small: Placement, gap: float, workers: int | None
) -> Carried:
    """Return an answer of the whole and its bounds: block by block where a solve would be."""
    if is_by_blocks(structure, None, workers):
        return carried_in_processes(structure, laid, places, small, gap, workers)
    used = used_positions(places, structure, small.formulation.structure, small.answer.point)
    return carried(structure, laid, used, gap)


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


def _need_weights(reduced: Reduced[Instance]) -> None:
    """Refuse hours whose weights are not the sums of those of the hours that they stand for."""
    small, whole = reduced.instance.weights, reduced.whole.weights
    sums = sums_by(reduced.hour, whole, len(small))
    wrong = np.flatnonzero(~np.isclose(small, sums[: len(small)], rtol=INPUT, atol=0.0))
    if len(wrong):
        hours = index_of(reduced.instance.hours)
        raise InstanceError(
            Violation("periods", short_text(hours[place]), "weight", f"{small[place]:g}", f"{sums[place]:g}, the sum")
            for place in wrong.tolist()
        )
