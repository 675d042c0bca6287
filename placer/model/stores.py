"""Stores of supply, at a site or at a source of tiers, as arrays.

    c_bt, g_bt   supply that store b charges and discharges in t
    e_bt         what it holds at the end of t

    stored    e_bt - e_b,t-1 - efficiency_b c_bt + g_bt / efficiency_b = 0      t-1 in the block of t, cyclic
    power     c_bt + g_bt <= power_bt
    source    sum_{s of z} y_st + sum_{b at z} (c_bt - g_bt) >= 0               every source z of a store

    0 <= c, g;   0 <= e_bt <= energy_bt;   cost  sum_bt cost_b g_bt + sum_zt source_cost_zt sum_{b at z} (c_bt - g_bt)

Stores of a bank, such as the green and the grey content of a battery, share its power and its energy:

    power     sum_{b of bank} (c_bt + g_bt) <= power_bt
    energy    sum_{b of bank} e_bt <= energy_bt                             a row only of banks of several

A store at a site stands in its balance and its intake: ``sum_k overhead draw s + c - g``. What is taken from a source
is what its tiers take and its stores charge, less what these discharge: a store there pays the cost of the source,
which is a part of ``tier_cost``, and counts towards the caps that count what is taken. Caps may count ``c - g`` of
single stores too.

Amounts of a period count as often as it does, contents too: all periods of a block count alike.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from placer.model.cap_rows import CapRows
from placer.utils.arrays import BoolArray, FloatArray, IntArray

#: Amounts and duals of stores where there are none.
NO_STORES = np.zeros((0, 0))
#: Attributes of each store.
_OF_EACH = ("site", "source", "efficiency", "cost", "power", "energy")


@dataclass(frozen=True, eq=False)
class Stores:
    """The stores of a structure: axes b stores, z sources, s tiers, t periods, c caps.

    Attributes
    ----------
    site, source : (b,) int arrays
        The site or the source where each stands; -1 in the other.
    efficiency : (b,) array
        Part that is left on the way in, and again on the way out, in (0, 1].
    cost : (b,) array
        Per unit discharged.
    power, energy : (b, t) arrays
        Finite.
    tier_source : (s,) int array
        The source that each tier takes from; -1 for one without stores.
    source_cost : (z, t) array
        Per unit taken from the source: the part of ``tier_cost`` that its stores pay too.
    cap_source : (c, z, t) CapRows
        What a unit taken from the source by its stores adds to each cap.
    bank : (b,) int array, optional
        The first store of the bank of each; each its own if not given. Stores of a bank have the same place and limits.
    cap_store : (c, b, t) CapRows, optional
        What a unit that a store charges, less what it discharges, adds to each cap by itself; nothing if not given.
    own_cost : (b, t) array, optional
        Cost of such a unit beside that of the source, as of caps at their prices; 0 if not given.
    """

    site: IntArray
    source: IntArray
    efficiency: FloatArray
    cost: FloatArray
    power: FloatArray
    energy: FloatArray
    tier_source: IntArray
    source_cost: FloatArray
    cap_source: CapRows
    bank: IntArray | None = None
    cap_store: CapRows | None = None
    own_cost: FloatArray | None = None

    @property
    def banks(self) -> IntArray:
        """The first store of the bank of each (b,)."""
        return np.arange(len(self.site)) if self.bank is None else self.bank

    @property
    def leads(self) -> BoolArray:
        """Whether each store is the first of its bank (b,): the one that has the rows of the bank."""
        return self.banks == np.arange(len(self.site))

    def of_bank(self, of_leads: FloatArray) -> FloatArray:
        """Return a figure (b, t) of the first store of the bank of every store (b, t)."""
        return of_leads if self.bank is None else of_leads[self.bank]

    def over_banks(self, figures: FloatArray) -> FloatArray:
        """Return a figure of stores (b, t), summed over its bank at the first store of each; 0 at the others."""
        return figures if self.bank is None else _summed(self.bank, figures, len(self.bank))

    def most_of_banks(self, figures: FloatArray) -> FloatArray:
        """Return the most of a figure of stores >= 0 (b, t) at the first store of each bank; 0 at the others."""
        if self.bank is None:
            return figures
        most = np.zeros(figures.shape)
        np.maximum.at(most, self.bank, figures)
        return most

    def own_prices(self, cap: FloatArray) -> FloatArray | float:
        """Return what a unit charged by each store (b, t) costs beside its place, at prices of caps."""
        cost = 0.0 if self.own_cost is None else self.own_cost
        return cost if self.cap_store is None else cost + self.cap_store.priced(cap)

    @property
    def counted(self) -> tuple[CapRows, ...]:
        """What stores count towards caps: at their sources, and by themselves."""
        return (self.cap_source,) if self.cap_store is None else (self.cap_source, self.cap_store)

    def without_costs(self) -> Stores:
        """Return the stores where neither what they discharge nor what they take costs anything."""
        return replace(self, cost=np.zeros_like(self.cost), source_cost=np.zeros_like(self.source_cost), own_cost=None)

    def within(self, stretches: Sequence[slice], caps: IntArray | slice) -> Stores:
        """Return the stores in some stretches of periods, one after the other, with some of the caps."""
        periods = np.concatenate([np.arange(each.start, each.stop) for each in stretches])
        return replace(
            self,
            power=self.power[:, periods],
            energy=self.energy[:, periods],
            source_cost=self.source_cost[:, periods],
            cap_source=self.cap_source.within_all(stretches)[caps],
            cap_store=None if self.cap_store is None else self.cap_store.within_all(stretches)[caps],
            own_cost=None if self.own_cost is None else self.own_cost[:, periods],
        )

    def at_cap_prices(self, prices: FloatArray) -> Stores:
        """Return the stores with what they count towards caps charged at some prices (caps,)."""
        source_cost = self.source_cost + self.cap_source.priced(prices)
        own_cost = None if self.cap_store is None else np.asarray(self.own_prices(prices))
        return replace(self, source_cost=source_cost, own_cost=own_cost)

    def without(self, lost: BoolArray) -> Stores:
        """Return the stores where some (stores,) have no power and hold nothing; all stay at their positions."""
        power, energy = (np.where(lost[:, None], 0.0, limit) for limit in (self.power, self.energy))
        return replace(self, power=power, energy=energy)

    def without_contents(self) -> Stores:
        """Return the first store of every bank alone, for all that the bank does, where no cap counts single stores."""
        if self.bank is None:
            return self
        own = {name: getattr(self, name)[self.leads] for name in _OF_EACH}
        return replace(self, **own, bank=None, cap_store=None, own_cost=None)

    def at_sites(self, of_stores: FloatArray, sites: int) -> FloatArray:
        """Return a figure of stores (b, t), summed over those of every site (sites, t)."""
        return _summed(self.site, of_stores, sites)

    def at_sources(self, of_stores: FloatArray) -> FloatArray:
        """Return a figure of stores (b, t), summed over those of every source (z, t)."""
        return _summed(self.source, of_stores, len(self.source_cost))

    def of_tiers(self, of_sources: FloatArray) -> FloatArray:
        """Return the figure of the source (z, t) of every tier (s, t); 0 for tiers without."""
        return np.concatenate([of_sources, np.zeros((1, of_sources.shape[1]))])[self.tier_source]

    def tiers_at_sources(self, of_tiers: FloatArray) -> FloatArray:
        """Return a figure of tiers (s, t), summed over those of every source (z, t)."""
        return _summed(self.tier_source, of_tiers, len(self.source_cost))

    def prices(self, of_sites: FloatArray, of_sources: FloatArray) -> FloatArray:
        """Return the figure of the site or the source (n, t) of every store (b, t)."""
        at_source = (self.source >= 0)[:, None]
        nothing = np.zeros((1, of_sites.shape[1]))
        own = np.concatenate([of_sites, nothing])[self.site]
        return np.where(at_source, np.concatenate([of_sources, nothing])[self.source], own)


def _summed(place: IntArray, figures: FloatArray, size: int) -> FloatArray:
    """Add figures up by place; those at -1 are left out."""
    total = np.zeros((size, figures.shape[1]))
    np.add.at(total, place[place >= 0], figures[place >= 0])
    return total
