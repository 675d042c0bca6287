"""Payments and earnings for headroom in the accounts of a secure placement.

In contingency o, work of demand i that is placed at p pays for each Mtok (``placer.security.bound``)

    protected_k s^o_ip                            where p is left: for what it keeps taking there
    protected_k min over backups b of z^o_ib      where p is lost: for its place elsewhere

and the limits that are left in o earn their rents: accelerators for their owner, power for the region of the site,
links for the network, power zones for the authority. Stranded work v has no place elsewhere: it counts at the penalty
P, which no party receives. By complementary slackness

    sum of payments of work  =  sum of rents + P v

The headroom of o is one pool: each user pays the holders of its limits in proportion to their rents, since a Mtok has
no unique backup if several are equally good. The stranded work of a demand is shared between its arcs that are hit, in
proportion to their protected work.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from placer.accounting.groups import Groups
from placer.accounting.stability import own_rents
from placer.currency import amount_in
from placer.model.formulation import Formulation
from placer.proof.bound import rents_of
from placer.security.bound import Contingent, contingency_prices
from placer.security.replacement import least_stranded
from placer.utils.arrays import FloatArray, sums_by
from placer.utils.numbers import quantity

if TYPE_CHECKING:
    from placer.security.placement import SecurePlacement


@dataclass(frozen=True, eq=False)
class Headroom:
    """Payments for headroom, USD.

    Attributes
    ----------
    paid : (used assignments,) array
        By paying assignment: the part of its price that holders of headroom receive.
    stranded : (used assignments,) array
        The part of its price that no party receives: the penalty of its stranded work, over all contingencies.
    trade : (parties, regions) array
        By payee (regions, network, authority) and region of the users; it adds up to ``paid``.
    """

    paid: FloatArray
    stranded: FloatArray
    trade: FloatArray


def headroom_of(placement: SecurePlacement, groups: Groups) -> Headroom:
    """Return the payments and earnings for headroom, over all contingencies."""
    structure, settled, count = placement.formulation.structure, placement.accounts, len(groups.names)
    used = groups.hub[structure.arc_origin[settled.arc]]
    paid, lost, trade = np.zeros(len(settled.arc)), np.zeros(len(settled.arc)), np.zeros((count + 2, count))
    for each in placement.secure.contingents:
        earned, stranded = (
            _earned(placement.formulation, each, groups),
            placement.secure.penalty * _stranded_mtok(placement, each),
        )
        lost += stranded
        if earned.sum() > 0:
            usd = contingency_prices(each, settled.demand, settled.arc) * settled.sent - stranded
            paid += usd
            trade += np.outer(earned / earned.sum(), sums_by(used, usd, count))
    return Headroom(paid, lost, trade)


def stranding_in_words(placement: SecurePlacement) -> str:
    """Return a sentence on stranded work, for readers of accounts; empty if none strands."""
    stranding = {name: mtok for name, mtok in placement.stranded_mtok.items() if mtok > 0}
    if not stranding:
        return ""
    worst = max(stranding, key=lambda name: stranding[name])
    penalty = amount_in(placement.secure.penalty, placement.currency)
    return (
        f"work strands in {len(stranding)} of {len(placement.contingencies)} contingencies, most without {worst} "
        f"({quantity(stranding[worst])} Mtok): stranded_usd counts it at {penalty} a Mtok, "
        "a penalty that puts it before cost and is no value, and headroom that it lacks earns rents at that penalty"
    )


def _stranded_mtok(placement: SecurePlacement, each: Contingent) -> FloatArray:
    """Return the stranded work of every used assignment of the placement in a contingency, Mtok."""
    settled, recourse = placement.accounts, each.recourse
    if not placement.stranded_mtok[recourse.outage.name] > 0:
        return np.zeros(len(settled.arc))
    share = recourse.share[recourse.whole.arc_class[settled.arc]]
    displaced = np.where(recourse.outage.hit[settled.arc], share, 0.0) * settled.sent
    moved = np.flatnonzero(displaced > 0)
    place = recourse.place[settled.demand[moved]]
    stranded, _ = least_stranded(recourse, placement.answer.point)
    asked = sums_by(place, displaced[moved], len(stranded))
    part = np.divide(stranded, asked, out=np.zeros_like(stranded), where=asked > 0)
    mtok = np.zeros(len(settled.arc))
    mtok[moved] = displaced[moved] * part[place]
    return mtok


def _earned(formulation: Formulation, each: Contingent, groups: Groups) -> FloatArray:
    """Return the rents of the limits that are left in a contingency, by party (regions, network, authority)."""
    rents = rents_of(each.structure, each.prices)
    of_zones = np.delete(rents.cap, np.append(formulation.pool_caps[0], formulation.contract_caps[0]))
    of_authority = of_zones.sum()
    if (stores := each.structure.stores) is not None:
        of_authority += stores.at_sources(rents.store).sum()
    own = own_rents(formulation, each.structure, rents, groups)
    return np.append(own, [rents.link.sum(), of_authority])
