"""The payments of every flow: its price divided by payee.

A Mtok of demand i over arc a pays its price p_i. With the parts of ``placer.placement.prices`` at their mean cost, so
that they add up over all flows,

    network        transit + value that latency loses + link rents
    policy         charges of policies that a region is paid         to the region of the hub or of the data centre
    authority      surcharges + rents of the caps and limits that it counts towards
    storage        what the batteries of power zones earn           to the authority
    accelerators   accelerators + accelerator rent                  to the owner of the accelerators
    place          the rest: operations, energy, carbon, water, rents of power and of batteries at the data centre
                                                                    to the region of the data centre

In a secure placement the price holds two further parts (``placer.accounting.headroom``): one for headroom, and if work
strands its penalty, which no party receives. A site receives accelerators and place *at the gate*. On arcs that are
used the price is the sum of the parts (complementary slackness), so that the rest is what the place costs and earns.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from placer.accounting.headroom import Headroom
from placer.model.caps import arc_rents
from placer.model.formulation import Formulation
from placer.placement.accounts import (
    ARC_PARTS,
    SettledFlows,
    arc_usd,
    assignment_axes,
    average_usd_per_mwh,
    over_service,
)
from placer.placement.alternatives import rent_along
from placer.placement.rents import Rents
from placer.placement.storage import spread_over_supplies, spread_over_work
from placer.utils.arrays import FloatArray


@dataclass(frozen=True, eq=False)
class Payments:
    """The payments of used assignments, USD.

    Attributes
    ----------
    accelerators, place, network, authority, storage, to_importer, to_exporter, headroom : (used assignments,) arrays
        By payee. They add up to price times Mtok, less the penalty of stranded work.
    stranded : (used assignments,) array
        That penalty.
    """

    accelerators: FloatArray
    place: FloatArray
    network: FloatArray
    authority: FloatArray
    storage: FloatArray
    to_importer: FloatArray
    to_exporter: FloatArray
    headroom: FloatArray
    stranded: FloatArray

    @property
    def spent(self) -> FloatArray:
        """Sum of the payments (used assignments,): price times Mtok, less the penalty of stranded work."""
        paid = self.accelerators + self.place + self.network + self.authority + self.storage
        return paid + self.to_importer + self.to_exporter + self.headroom


def payments_of(
    formulation: Formulation, accounts: SettledFlows, rents: Rents, headroom: Headroom | None = None
) -> Payments:
    """Divide the payments of all used assignments by payee; payments for headroom are 0 if not given."""
    structure, sent = formulation.structure, accounts.sent
    klass, origin, site, period = assignment_axes(structure, accounts.demand, accounts.arc)
    rent = over_service(structure, accounts.waiting, rents.accelerator_usd(structure))[klass, site, period]
    accelerators = arc_usd(structure, accounts, "accelerators") + rent * sent
    links = structure.link_use[klass] * rent_along(structure, rents.link, structure.arc_route[accounts.arc], period)
    transit, loss, surcharges = (arc_usd(structure, accounts, part) for part in ARC_PARTS)
    network = transit + loss + links * sent
    authority = surcharges + _paid_for_caps(formulation, accounts, rents) * sent
    storage = _paid_for_batteries(formulation, accounts, rents) * sent
    priced = rents.price[accounts.demand] * sent
    secured, stranded = (np.zeros(len(sent)),) * 2 if headroom is None else (headroom.paid, headroom.stranded)
    distance = formulation.distance
    importer, exporter = (
        usd[klass, origin, site] * sent for usd in (distance.to_importer_usd, distance.to_exporter_usd)
    )
    place = priced - accelerators - network - authority - storage - importer - exporter - secured - stranded
    return Payments(accelerators, place, network, authority, storage, importer, exporter, secured, stranded)


def _paid_for_caps(formulation: Formulation, accounts: SettledFlows, rents: Rents) -> FloatArray:
    """Return the payment per Mtok of every used assignment for caps and limits, USD."""
    structure, caps = formulation.structure, _common_caps(formulation, rents)
    klass, _, site, period = assignment_axes(structure, accounts.demand, accounts.arc)
    paid = structure.cap_tier.priced(caps)
    if (stores := structure.stores) is not None:
        of_zones = stores.cap_source.priced(caps) * stores.at_sources(accounts.net_charge)
        paid = paid + spread_over_supplies(structure, stores, accounts.bought, of_zones)
    per_mwh = average_usd_per_mwh(structure, paid, accounts.bought, accounts.metered)
    if stores is not None:
        of_contents = stores.at_sites(stores.own_prices(caps) * accounts.net_charge, structure.sites)
        at_sites = structure.at_sites(paid * accounts.bought) + of_contents
        per_mwh = per_mwh + spread_over_work(structure, accounts.drawn, at_sites, per_mwh)
    drawn = structure.draw[:, :, None] * structure.overhead[None]
    in_service = drawn * per_mwh[None] + structure.cap_work.priced(caps)
    served = over_service(structure, accounts.waiting, in_service)[klass, site, period]
    return served + arc_rents(structure, caps, accounts.arc, period)


def _paid_for_batteries(formulation: Formulation, accounts: SettledFlows, rents: Rents) -> FloatArray:
    """Return the payment per Mtok of every used assignment for what the batteries of power zones earn, USD.

    A MWh from a zone costs ``pi`` less than its price where the zone takes no power back, and what its batteries cost
    or save is spread over what it supplies in the block: ``- (pi + spread)`` a MWh is what they earn.
    """
    structure, stores = formulation.structure, formulation.structure.stores
    if stores is None:
        return np.zeros(len(accounts.sent))
    klass, _, site, period = assignment_axes(structure, accounts.demand, accounts.arc)
    paid = stores.source_cost + stores.cap_source.priced(_common_caps(formulation, rents))
    at_source, price = stores.source >= 0, np.zeros(paid.shape)
    price[stores.source[at_source]] = rents.store[at_source]
    of_zones = paid * stores.at_sources(accounts.net_charge) + stores.at_sources(accounts.wear_usd)
    spread = spread_over_supplies(structure, stores, accounts.bought, of_zones)
    earned = -structure.at_sites((stores.of_tiers(paid - price) + spread) * accounts.bought)
    per_mwh = spread_over_work(structure, accounts.drawn, earned, np.zeros(earned.shape))
    drawn = structure.draw[:, :, None] * structure.overhead[None]
    return over_service(structure, accounts.waiting, drawn * per_mwh[None])[klass, site, period]


def _common_caps(formulation: Formulation, rents: Rents) -> FloatArray:
    """Return the rents of caps without those of pools and contracts, which belong to data centres."""
    caps = replace(rents, pools=np.zeros_like(rents.pools)).caps
    caps[formulation.contract_caps[0]] = 0.0
    return caps
