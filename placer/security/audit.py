"""Audit a placement: find displaced, moved and stranded work in each contingency.

The rule ``displaced`` places the displaced work again, within the capacity left by all other work. The rule ``all``
places all protected work again, within the remaining capacity of the contingency: no recourse strands less. A placement
that passes under ``displaced`` passes under ``all``; the converse need not hold.
"""

from __future__ import annotations

import logging
import math
from dataclasses import dataclass

import numpy as np

from placer.instance.arguments import need_placement
from placer.model.answer import Flows
from placer.model.structure import Structure
from placer.placement.accounts import COST_PARTS, POLICY, arc_usd
from placer.placement.result import Placement
from placer.running import Progress, in_time, phase, running
from placer.security.contingencies import contingencies_of, protected_shares
from placer.security.coupling import recourse_for
from placer.security.definition import Kind, Security, security_of
from placer.security.outages import Outage, outage_of
from placer.security.replacement import Replacement, delivered_cheapest_first, replace_all, replace_displaced
from placer.security.result import Audit, Finding
from placer.utils.arrays import BoolArray, FloatArray, sums_by, without_noise

_log = logging.getLogger(__name__)


@dataclass(frozen=True, eq=False)
class _Subject:
    """An audited placement.

    Attributes
    ----------
    share : (classes,) array
        The protected shares.
    """

    placement: Placement
    security: Security
    share: FloatArray

    @property
    def structure(self) -> Structure:
        """The structure of its instance."""
        return self.placement.formulation.structure

    @property
    def flows(self) -> Flows:
        """Its flows."""
        return self.placement.answer.point

    @property
    def protected(self) -> FloatArray:
        """The protected part of every flow, Mtok."""
        return np.asarray(self.flows.amount * self.share[self.structure.arc_class[self.flows.arc]])


def audit(
    placement: Placement,
    security: Security | Kind,
    *,
    time_limit_seconds: float = math.inf,
    progress: Progress | None = None,
) -> Audit:
    """Find the work that each contingency displaces, moves and strands, with the binding limits and the cost.

    Parameters
    ----------
    placement : Placement
    security : Security or str
        Contingencies, or a kind of them by its name, such as ``data_centres``.
    time_limit_seconds, progress
        As in ``placer.running``.

    Raises
    ------
    ArgumentError
        If ``placement`` is not a placement, or ``security`` neither a ``Security`` nor text.
    InstanceError
        If the security does not fit the instance; it lists every violation.
    NoSolutionError
        If the recourse of a contingency was not proven, or not in time.

    Examples
    --------
    >>> import placer
    >>> audit = placer.audit(placer.solve(placer.load("tiny")), placer.Security("data_centres"))
    >>> audit.contingencies["stranded_mtok"].round(1).to_dict()
    {'Metro': 60.0, 'Port': 10.0, 'Plateau': 20.0}
    """
    need_placement(placement)
    applied = security_of(security)
    contingencies = contingencies_of(placement.instance, applied)
    formulation = placement.formulation
    share = protected_shares(formulation.structure, formulation.workloads, applied)
    subject = _Subject(placement, applied, share)
    findings = []
    with running(progress, time_limit_seconds):
        for place, contingency in enumerate(in_time(contingencies, "the next contingency"), 1):
            with phase(_log, f"contingency {place} of {len(contingencies)}: {contingency.name}"):
                outage = outage_of(placement.instance, formulation, contingency)
                findings.append(_finding(subject, outage))
    return Audit(placement, applied, share, tuple(findings))


def _finding(subject: _Subject, outage: Outage) -> Finding:
    """Return the finding of one contingency."""
    structure, flows, protected = subject.structure, subject.flows, subject.protected
    count = len(structure.demand_amount)
    hit = outage.hit[flows.arc] & (protected > 0)
    displaced = sums_by(flows.demand[hit], protected[hit], count)
    if not hit.any():
        return Finding(outage, displaced, np.zeros(count), np.zeros(count), 0.0, None)
    if subject.security.recourse == "all":
        found = replace_all(outage.structure, sums_by(flows.demand, protected, count))
        stays = np.zeros(len(hit), dtype=bool)
    else:
        found = replace_displaced(recourse_for(structure, outage, subject.share, np.flatnonzero(displaced > 0)), flows)
        stays = ~hit
    stranded = np.zeros(count)
    stranded[found.demands] = found.stranded
    extra_usd = float(without_noise(np.array(found.usd - _before_usd(subject, found, stays)), abs(found.usd) * 1e3))
    return Finding(outage, displaced, stranded, _moved(subject, found, stays), extra_usd, found)


def _moved(subject: _Subject, found: Replacement, stays: BoolArray) -> FloatArray:
    """Return the Mtok of each demand at data centres beyond its Mtok there before (demands,)."""
    structure, flows, sites = subject.structure, subject.flows, subject.structure.sites
    size = len(structure.demand_amount) * sites
    left = found.answer.point
    at = found.demands[left.demand] * sites + found.structure.arc_site[left.arc]
    before = sums_by(
        flows.demand[~stays] * sites + structure.arc_site[flows.arc[~stays]], subject.protected[~stays], size
    )
    gained = np.maximum(sums_by(at, left.amount, size) - before, 0.0).reshape(-1, sites)
    return np.asarray(gained.sum(axis=1))


def _before_usd(subject: _Subject, found: Replacement, stays: BoolArray) -> float:
    """Return the cost before the contingency of the protected work that still runs in it.

    This work is all work that stays, and the displaced work that is not stranded. Work that waits has its mean cost.
    """
    structure, flows = subject.structure, subject.flows
    placed = np.zeros(len(structure.demand_amount))
    placed[found.demands] = 1.0 - np.divide(
        found.stranded, found.displaced, out=np.zeros_like(found.stranded), where=found.displaced > 0
    )
    running_share = subject.share[structure.arc_class[flows.arc]] * np.where(stays, 1.0, placed[flows.demand])
    klass, site = structure.arc_class[flows.arc], structure.arc_site[flows.arc]
    period, amount = structure.demand_period[flows.demand], running_share * flows.amount
    # A limit of a zone may bind the cheapest supplies, and batteries carry power. All work then has its mean cost.
    at_mean_cost = structure.stores is not None or np.isfinite(found.structure.cap_limit).any()
    waits = (structure.window[klass] > 0) | at_mean_cost
    drawn = np.zeros(structure.capacity.shape)
    mwh = np.where(waits, 0.0, structure.overhead[site, period] * structure.draw[klass, site] * amount)
    np.add.at(drawn, (site, period), mwh)
    energy = float((structure.tier_cost * delivered_cheapest_first(structure, drawn)).sum())
    settled = subject.placement.accounts
    mean = sum(arc_usd(structure, settled, part) for part in (*COST_PARTS, POLICY)) * running_share
    alone = (structure.arc_cost[flows.arc] + structure.work_cost[klass, site, period]) * amount
    return energy + float(np.where(waits, mean, alone).sum())
