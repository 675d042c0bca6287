"""Stability: no region and no group of regions does better alone, proven by the duals of one solve.

A group S of regions alone serves the demand of its own hubs at its own data centres, and pays the rents of the
settlement for the links and caps that it uses, since it does not own them. Its program has a part of the rows and
columns of the whole, so that the duals of the whole are feasible in its dual. By weak duality (Owen, 'On the core of
linear production games', Mathematical Programming 9, 1975)

    sum of the net costs over S  <=  C(S)

With the prices of ``placer.proof.bound``, which are feasible to the last bit,

    net cost of R = sum over demands i of R of amount_i min(unserved_cost, least z_i)
                    - rents of the accelerators that R owns - rents of the supplies and sites in R

These net costs, those of the network and of the authority included, add up to the proven bound on the least cost.

The same holds for a secure placement (``placer.security.bound``): a group alone also has a part of the rows and columns
of every contingency, so that its demand pays ``Z_ip`` and its limits earn their rents in contingencies too. If security
would leave more demand unserved, a row limits unserved demand to its amount without security, at a rent of rho per USD
of penalty. No group owns this row. As for links and caps, each group pays its rent, so that an unserved token counts
``1 + rho`` times its penalty, in the net costs as in ``C(S)``. The penalty of stranded work, which the net costs of
the accounts leave out, counts in both.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from placer.accounting.groups import Groups
from placer.currency import USD, amount_in
from placer.model.answer import Duals
from placer.model.formulation import Formulation
from placer.model.structure import Structure
from placer.proof.bound import LimitRents, bound_prices, payments, rents_of
from placer.security.bound import secure_prices
from placer.tolerances import SOLVER
from placer.utils.arrays import FloatArray, sums_by
from placer.utils.numbers import quantity

if TYPE_CHECKING:
    from placer.security.placement import SecurePlacement


@dataclass(frozen=True, eq=False)
class Stability:
    """The proof that no group of regions does better alone.

    Attributes
    ----------
    proven_usd : (regions,) array
        Net costs at prices that are feasible to the last bit: over any group they add up to at most its cost alone.
        Unserved tokens count ``unserved_factor`` times their penalty in both.
    rounding_usd : float
        The largest amount by which a net cost of the accounts exceeds the proven one: the rounding of the solver.
    alone : str
        The assets of a group alone, in words.
    unserved_factor : float
        ``1 + rho``; above 1 only for a secure placement that limits unserved demand at a rent.
    is_stated : bool
        False with charges of policies that a region is paid: a region alone neither pays nor earns them.
    currency : str
        Of all amounts.
    """

    proven_usd: FloatArray
    rounding_usd: float
    alone: str = "its own demand and its own sites"
    unserved_factor: float = 1.0
    is_stated: bool = True
    currency: str = USD

    def __str__(self) -> str:
        """Return the statement as a sentence."""
        if not self.is_stated:
            return "Regions are paid charges between regions: whether one would do better on its own is not proven."
        if len(self.proven_usd) < 2:
            return "There is one region, and so no group that could do better alone."
        # The rent of the row that limits unserved demand, per USD of its penalty, is rounding up to this.
        held = self.unserved_factor > 1 + SOLVER
        times = f", each with unserved tokens at {quantity(self.unserved_factor)} times their penalty" if held else ""
        return (
            f"No region, and no coalition, could do better on its own, with {self.alone}, "
            f"at the same rents of links and caps{times} "
            f"(proven by the prices, to {amount_in(max(self.rounding_usd, 0.01), self.currency)} a region)."
        )


#: What stands for a proof where there is none.
NOT_STATED = Stability(np.zeros(0), 0.0, is_stated=False)


def stability_of(
    formulation: Formulation, duals: Duals, groups: Groups, net_cost_usd: FloatArray, currency: str = USD
) -> Stability:
    """Return the proof for net costs (regions,) of an answer with these duals."""
    proven = proven_net_costs(formulation, duals, groups)
    return Stability(proven, float(np.max(net_cost_usd - proven, initial=0.0)), currency=currency)


def secure_stability_of(placement: SecurePlacement, groups: Groups, net_cost_usd: FloatArray) -> Stability:
    """Return the proof for net costs (regions,) of a secure placement, the penalty of stranded work included."""
    formulation, secure, count = placement.formulation, placement.secure, len(groups.names)
    structure = formulation.structure
    duals, hub, rent = placement.answer.prices, groups.hub[structure.demand_origin], secure.unserved_rent
    prices = bound_prices(structure, duals)
    paid = structure.demand_amount * secure_prices(structure, prices, secure.contingents, rent)
    proven = sums_by(hub, paid, count) - own_rents(formulation, structure, rents_of(structure, prices), groups)
    for each in secure.contingents:
        proven = proven - own_rents(formulation, each.structure, rents_of(each.structure, each.prices), groups)
    penalty = placement.accounts.unserved * structure.unserved_cost[structure.demand_class]
    held = net_cost_usd + sums_by(hub, rent * penalty, count)
    factor = 1 + float(rent.max(initial=0.0))
    alone = "its own demand, its own sites and its own headroom for the same contingencies"
    return Stability(proven, float(np.max(held - proven, initial=0.0)), alone, factor, currency=placement.currency)


def proven_net_costs(formulation: Formulation, duals: Duals, groups: Groups) -> FloatArray:
    """Return the net cost of every region at prices that are feasible to the last bit (regions,), USD."""
    structure, count = formulation.structure, len(groups.names)
    prices = bound_prices(structure, duals)
    spent = sums_by(groups.hub[structure.demand_origin], structure.demand_amount * payments(structure, prices), count)
    return spent - own_rents(formulation, structure, rents_of(structure, prices), groups)


def own_rents(formulation: Formulation, structure: Structure, rents: LimitRents, groups: Groups) -> FloatArray:
    """Return the rents of the accelerators of regions and of their supplies, sites, batteries and contracts (regions,).

    They are those of the structure of the formulation, or of what a contingency leaves of it.
    """
    count, (cap, site, _) = len(groups.names), formulation.pool_caps
    accelerators, supply = rents.capacity.sum(axis=1), rents.supply.sum(axis=1)
    np.add.at(accelerators, site, rents.cap[cap])
    contract, of_contract = formulation.contract_caps
    np.add.at(supply, of_contract, rents.cap[contract])
    own = sums_by(groups.owner, accelerators, count) + sums_by(groups.site, supply, count)
    if (stores := structure.stores) is not None:
        own += sums_by(groups.site, stores.at_sites(rents.store, len(groups.site)).sum(axis=1), count)
    return own
