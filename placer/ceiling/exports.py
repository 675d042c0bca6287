"""The entry to export ceilings; ``placer.ceiling.shares`` defines the shares."""

from __future__ import annotations

import logging
import math
from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING, overload

from placer.ceiling.curve import LIMIT, By, CeilingCurve, check_by, need_steps, trace
from placer.ceiling.directions import largest_cut
from placer.ceiling.effort import EFFORT, Effort, EffortCurve
from placer.ceiling.maximum import most_export
from placer.ceiling.result import ExportCeiling
from placer.ceiling.secure.curve import SecureCurve
from placer.ceiling.secure.result import SecureCeiling, secure_ceiling, survived
from placer.errors import InstanceError, Violation
from placer.instance.arguments import need_instance, need_plain_placement, need_regions
from placer.instance.cut import cut_of
from placer.instance.problem import Instance
from placer.ladder.named import solver_of
from placer.ladder.proven import AnySolver
from placer.model.counts import Weight, export_weights, net
from placer.model.formulation import formulate
from placer.running import Progress, phase, running
from placer.security.definition import Kind, Security
from placer.solve import as_bought

if TYPE_CHECKING:
    from placer.placement.result import Placement

_log = logging.getLogger(__name__)


@overload
def export_ceiling(
    instance: Instance,
    weight: Weight = "tokens",
    solver: AnySolver | str | None = None,
    placement: Placement | None = None,
    exporting: Iterable[str] | str | None = None,
    *,
    time_limit_seconds: float = math.inf,
    progress: Progress | None = None,
    security: None = None,
) -> ExportCeiling: ...


@overload
def export_ceiling(
    instance: Instance,
    weight: Weight = "tokens",
    solver: AnySolver | str | None = None,
    placement: Placement | None = None,
    exporting: Iterable[str] | str | None = None,
    *,
    time_limit_seconds: float = math.inf,
    progress: Progress | None = None,
    security: Security | Kind,
) -> SecureCeiling: ...


def export_ceiling(
    instance: Instance,
    weight: Weight = "tokens",
    solver: AnySolver | str | None = None,
    placement: Placement | None = None,
    exporting: Iterable[str] | str | None = None,
    *,
    time_limit_seconds: float = math.inf,
    progress: Progress | None = None,
    security: Security | Kind | None = None,
) -> ExportCeiling | SecureCeiling:
    """Find how much demand could be exported at most, with least unserved and, second, least displaced demand.

    Parameters
    ----------
    instance : Instance
        Of demand with steps of value, what the optimum buys counts as the demand.
    weight : str
        Unit of the shares: ``tokens``, ``work`` (accelerator-hours of the reference), ``energy`` (MWh) or ``value``
        (USD that arrive, of those asked for: what latency loses by the table ``latency_value`` does not).
    solver : Solver or ColumnGeneration, optional
        As ``placer.solve`` chooses if not given.
    placement : Placement, optional
        A cost-optimal placement of the same instance; it saves the economic range a solve.
    exporting : str or iterable of str, optional
        The regions that export; all others receive. If not given, the instance's pairs of regions decide. Where exports
        are ``between_regions``, it is the set with the largest ceiling: all sets of up to 12 regions are compared.
    time_limit_seconds : float
        For the ceiling, and again for each part of the answer that is solved when first read.
    progress : callable, optional
        Called with lines of text on the progress, also of these parts; see ``placer.running``.
    security : Security or str, optional
        What exports must survive, or a kind of it by its name. The answer is a ``SecureCeiling`` then: the most export
        of which any one loss strands the least, or under the rule ``all`` the least of the ceiling and of those that
        the contingencies leave.

    Raises
    ------
    InstanceError
        If the weight is unknown or no demand has any; if exporting regions are unknown, none or all; if they are needed
        and not given; if the placement is of another instance; or if the security does not fit the instance.
    NoSolutionError
        If no answer passed the certificate, or not in time. If no placement can meet the limits of the instance; it
        names them and the least change that would.

    Examples
    --------
    >>> import placer
    >>> ceiling = placer.export_ceiling(placer.load("tiny"))
    >>> f"{ceiling.share:.2%} of tokens, {ceiling.gross_share:.2%} with swaps"
    '43.75% of tokens, 45.83% with swaps'
    """
    need_instance(instance)
    solver = solver_of(solver)
    need_regions(exporting)
    if placement is not None:
        need_plain_placement(placement, "export_ceiling")
    if placement is not None and placement.instance is not instance:
        problem = Violation("export_ceiling", "", "placement", "it is of another instance", "a placement of this one")
        raise InstanceError([problem])
    applied = None if security is None else survived(security)
    cut = cut_of(instance, exporting)
    with running(progress, time_limit_seconds), phase(_log, f"the export ceiling of {instance!r}"):
        instance, bought = as_bought(instance, solver)
        formulation = formulate(instance)
        weights = export_weights(instance, formulation.distance, weight)
        if cut is None:
            cut, extent = largest_cut(instance, formulation, weights, solver)
        else:
            extent = most_export(formulation, net(instance, weights, cut), solver)
        found = ExportCeiling(
            *(instance, formulation, weight, weights, cut, extent, solver, placement),
            time_limit_seconds=time_limit_seconds,
            progress=progress,
            bought_demand=bought if placement is None else placement.bought_demand,
        )
        return found if applied is None else secure_ceiling(found, applied, solver)


@overload
def ceiling_curve(
    instance: Instance,
    by: By = "rtt",
    *,
    weight: Weight = "tokens",
    exporting: Iterable[str] | str | None = None,
    time_limit_seconds: float = math.inf,
    progress: Progress | None = None,
    security: None = None,
) -> CeilingCurve: ...


@overload
def ceiling_curve(
    instance: Instance,
    by: By = "rtt",
    *,
    weight: Weight = "tokens",
    exporting: Iterable[str] | str | None = None,
    time_limit_seconds: float = math.inf,
    progress: Progress | None = None,
    security: Security | Kind,
) -> SecureCurve: ...


@overload
def ceiling_curve(
    instance: Instance,
    by: Effort,
    *,
    weight: Weight = "tokens",
    exporting: Iterable[str] | str | None = None,
    time_limit_seconds: float = math.inf,
    progress: Progress | None = None,
    security: None = None,
) -> EffortCurve: ...


def ceiling_curve(
    instance: Instance,
    by: By | Effort = "rtt",
    *,
    weight: Weight = "tokens",
    exporting: Iterable[str] | str | None = None,
    time_limit_seconds: float = math.inf,
    progress: Progress | None = None,
    security: Security | Kind | None = None,
) -> CeilingCurve | SecureCurve | EffortCurve:
    """Return the export ceiling as an exact function of a latency limit, or of accelerator-hours spent.

    Parameters
    ----------
    instance : Instance
        Of demand with steps of value, what the optimum buys counts as the demand.
    by : str
        ``rtt``: a limit on the round trip of workloads that cannot wait; ``slo``: a factor on every latency limit;
        ``shorten``: milliseconds off every round trip; ``accelerators``: the accelerator-hours that all work takes
        where it is served, in the mode in which it is. The curve is an ``EffortCurve`` then.
    weight : str
        ``tokens``, ``work``, ``energy`` or ``value``; see ``placer.model.counts``.
    exporting : str or iterable of str, optional
        The regions that export, against the others. If not given, those the instance's pairs of regions say; where all
        pairs count, those of the largest ceiling without a further limit.
    time_limit_seconds : float
        For all of it.
    progress : callable, optional
        Called with lines of text on the progress; see ``placer.running``.
    security : Security or str, optional
        What exports must survive, or a kind of it by its name. The curve is a ``SecureCurve`` then.

    Raises
    ------
    InstanceError
        If ``by`` or the weight is unknown, or as ``placer.export_ceiling`` for regions; or by ``shorten``, where the
        weight is the value that ``latency_value`` makes fall with latency: that curve would have no corners. If a limit
        is of at least an amount, a share of what flows, or on cost with transit or prices below 0; it names them. By
        ``accelerators``: if there is security.
    ArgumentError
        If an argument is of another type.
    NoSolutionError
        If HiGHS does not answer, or not in time; of effort, if a point cannot be proven.

    Examples
    --------
    >>> import placer
    >>> curve = placer.ceiling_curve(placer.load("tiny"), "slo")
    >>> curve.by, bool(curve.table["exact"].all())
    ('slo', True)
    >>> placer.ceiling_curve(placer.load("tiny"), "accelerators").table["accelerator_hours"].tolist()
    [310.0]
    """
    need_instance(instance)
    need_regions(exporting)
    check_by(by, EFFORT)
    applied = None if security is None else survived(security)
    with running(progress, time_limit_seconds):
        if by == EFFORT:
            if applied is not None:
                problem, allowed = f"'{EFFORT}' has no curve with security", f"{', '.join(LIMIT)}, or no security"
                raise InstanceError([Violation("ceiling_curve", "", "by", problem, allowed)])
            return export_ceiling(instance, weight, exporting=exporting).effort_curve
        if applied is not None:
            return export_ceiling(instance, weight, exporting=exporting, security=applied).over(by)
        instance, bought = as_bought(instance)
        formulation = formulate(instance)
        weights = export_weights(instance, formulation.distance, weight)
        need_steps(weights, by)
        cut = cut_of(instance, exporting) or largest_cut(instance, formulation, weights)[0]
        return replace(trace(formulation, weights.asked, net(instance, weights, cut), by), bought_demand=bought)
