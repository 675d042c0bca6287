"""The blocks of a capped market, each with the caps that count something in it."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from scipy.sparse import csr_array

from placer.column_generation.dual.cap_places import CapPlaces
from placer.column_generation.dual.capped_market import CappedMarket
from placer.column_generation.dual.class_caps import ClassCaps
from placer.column_generation.market.blocks import block_of
from placer.column_generation.market.definition import Market
from placer.utils.arrays import FloatArray, IntArray


@dataclass(frozen=True, eq=False)
class CappedBlock:
    """One block of a capped market, with what the caps count there.

    Attributes
    ----------
    periods : slice
    market : Market
        Of the block alone.
    caps : (c,) int array
        The caps that count something in the block, among those with a limit.
    classes : tuple of ClassCaps
        Of every group of the market, with positions among these caps.
    tiers : tuple of (c, t * s) sparse arrays
        As of ``CappedMarket``, for these caps.
    floor : (t, s) array
        As of ``CappedMarket``.
    places : CapPlaces
        Of these caps.
    """

    periods: slice
    market: Market
    caps: IntArray
    classes: tuple[ClassCaps, ...]
    tiers: tuple[csr_array, ...]
    floor: FloatArray
    places: CapPlaces


def capped_blocks(capped: CappedMarket) -> list[CappedBlock]:
    """Return the blocks of a capped market, in order."""
    return [_block(capped, periods) for periods in capped.market.blocks]


def _block(capped: CappedMarket, periods: slice) -> CappedBlock:
    classes = [_within(each, periods) for each in capped.classes]
    cells = slice(periods.start * capped.market.sites, periods.stop * capped.market.sites)
    tiers = [counted[:, cells] for counted in capped.tiers]
    counts = np.any([np.zeros(len(capped.caps)), *(np.diff(counted.indptr) for counted in tiers)], axis=0)
    for each in classes:
        counts[each.caps] = True
    caps = np.flatnonzero(counts)
    return CappedBlock(
        periods=periods,
        market=block_of(capped.market, periods),
        caps=caps,
        classes=tuple(replace(each, caps=np.searchsorted(caps, each.caps)) for each in classes),
        tiers=tuple(csr_array(counted[caps]) for counted in tiers),
        floor=capped.floor[periods],
        places=capped.places.within(periods, caps),
    )


def _within(counted: ClassCaps, periods: slice) -> ClassCaps:
    """Return what a class counts in some periods, without the caps that count nothing of it there."""
    lanes = counted.floor.shape[1]
    served = counted.served[:, periods.start * lanes : periods.stop * lanes]
    kept = (np.diff(served.indptr) > 0) | (counted.arc >= 0)
    return replace(counted, served=served, floor=counted.floor[periods]).part(kept)
