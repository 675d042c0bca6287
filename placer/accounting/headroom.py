"""Who pays for headroom and who is paid for it, in the accounts of a secure placement.

In contingency o, work of demand i that is placed at p pays for each Mtok (``placer.security.bound``)

    protected_k s^o_ip                            where p is left: for what it keeps taking there
    protected_k min over backups b of z^o_ib      where p is lost: for its place elsewhere

and the limits that are left in o earn their rents: accelerators for their owner, power for the region of the site,
links for the network, power zones for the authority. By complementary slackness both sums are equal. The headroom of o
is one pool: each user pays the holders of its limits in proportion to their rents, since a Mtok has no backup of its
own where several are equally good.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from placer.accounting.stability import own_rents
from placer.errors import ArgumentError
from placer.proof.bound import bound_prices
from placer.security.bound import contingency_prices
from placer.utils.arrays import sums_by

if TYPE_CHECKING:
    from placer.accounting.groups import Groups
    from placer.security.bound import Contingent
    from placer.security.placement import SecurePlacement
    from placer.utils.arrays import FloatArray


@dataclass(frozen=True, eq=False)
class Headroom:
    """Payments for headroom, USD.

    Attributes
    ----------
    paid : (used assignments,) array
        By what pays.
    trade : (parties, regions) array
        To whom (regions, network, authority), by the users of each region; it adds up to ``paid``.
    """

    paid: FloatArray
    trade: FloatArray


def headroom_of(placement: SecurePlacement, groups: Groups) -> Headroom:
    """Return who pays and who is paid for headroom, over all contingencies."""
    structure, settled, count = placement.formulation.structure, placement.accounts, len(groups.names)
    used = groups.hub[structure.arc_origin[settled.arc]]
    paid, trade = np.zeros(len(settled.arc)), np.zeros((count + 2, count))
    for each in placement.secure.contingents:
        earned = _earned(each, groups)
        if earned.sum() > 0:
            usd = contingency_prices(each, settled.demand, settled.arc) * settled.sent
            paid += usd
            trade += np.outer(earned / earned.sum(), sums_by(used, usd, count))
    return Headroom(paid, trade)


def need_nothing_stranded(placement: SecurePlacement) -> None:
    """Refuse a secure placement in which work strands: its prices hold the penalty of it, which nobody is paid.

    Raises
    ------
    ArgumentError
    """
    stranding = [name for name, mtok in placement.stranded_mtok.items() if mtok > 0]
    if stranding:
        hint = "its prices hold the penalty of stranded work; protect less of what strands (placer.audit lists it)"
        raise ArgumentError(
            f"expected a placement that strands nothing, not one that does without {stranding[0]}: {hint}"
        )


def _earned(each: Contingent, groups: Groups) -> FloatArray:
    """Return what the limits that are left in a contingency earn, by party (regions, network, authority)."""
    left = each.structure
    prices = bound_prices(left, each.duals)
    link = left.link_capacity[prices.links]
    of_links = np.where(link > 0, prices.link, 0.0) * np.where(np.isfinite(link), link, 0.0)
    of_zones = prices.cap * np.where(np.isfinite(left.cap_limit), left.cap_limit, 0.0)
    return np.append(own_rents(left, prices, groups), [of_links.sum(), of_zones.sum()])
