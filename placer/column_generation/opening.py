"""The master of a run of column generation: opened at some prices, or moved from other limits of the same structure.

If nothing but limits changes between two solves, every basis of the master stays dual feasible. The dual simplex
method then goes on from the last basis, and only columns that the new prices make cheap are added. No other master is
opened for it, and no path is followed.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np

from placer.column_generation.descent import shortlist_size
from placer.column_generation.dual.path import cost_spread
from placer.column_generation.market.definition import Market, market
from placer.column_generation.market.groups import Group
from placer.column_generation.market.pricing import near
from placer.column_generation.master.columns import ColumnMaker
from placer.column_generation.master.contents import first_contents
from placer.column_generation.master.prices import row_prices
from placer.column_generation.master.program import Master
from placer.column_generation.master.rows import MasterRows, lay_rows
from placer.column_generation.master.store_prices import first_store_prices, write_store_prices
from placer.column_generation.parameters import ColumnGenerationParameters
from placer.column_generation.seed import union
from placer.column_generation.start import Start, demand_count, dual_bound
from placer.model.structure import LIMITS, Structure
from placer.utils.alike import differing

#: Fields of rows, and of groups of a market, that the columns of a master depend on and that limits may change.
_LAYOUT = ("capacity", "supply", "intake", "link", "cap", "is_equality", "single", "tier", "tier_period")
_OPEN = ("arc", "base")


@dataclass(frozen=True, eq=False)
class Opening:
    """A master, and where it starts from.

    Attributes
    ----------
    start : Start
        Its market is that of the structure at hand.
    maker : ColumnMaker
    master : Master
    room : int
        Number of columns that the master takes at a time.
    bound : float
        Dual bound at the starting prices; -inf if not computed.
    """

    start: Start
    maker: ColumnMaker
    master: Master
    room: int
    bound: float

    def is_light(self, most_per_demand: float) -> bool:
        """Whether the master has no more than some columns for each demand, so that it is worth keeping."""
        return self.master.lp.columns <= most_per_demand * demand_count(self.maker.market)


def open_master(structure: Structure, start: Start, parameters: ColumnGenerationParameters) -> Opening:
    """Build the first master: the columns near the starting prices, and those that came with them."""
    shortlist = parameters.shortlist
    priced, columns = near(start.market, start.prices, shortlist.reach_widths * start.width)
    if start.columns:
        columns = union([columns, *start.columns])
    rows = lay_rows(structure, start.market, parameters.master)
    maker = ColumnMaker(start.market, rows, [part.best_delay for part in priced])
    prices = row_prices(rows, start.market, start.prices, start.caps)
    stores = first_store_prices(structure, start.market, start.prices, start.caps)
    write_store_prices(prices, rows, start.market, start.prices, start.caps, stores)
    room = shortlist.room * shortlist_size(start.market, start.prices, shortlist)
    return Opening(
        start=start,
        maker=maker,
        master=Master(maker, first_contents(maker, prices, columns, room)),
        room=room,
        bound=dual_bound(structure, start.market, start.caps, start.prices, priced, stores),
    )


def move_master(structure: Structure, last: Opening, parameters: ColumnGenerationParameters) -> Opening | None:
    """Move a master to the limits of another structure; None if these are far, or more than limits differs.

    Parameters
    ----------
    structure : Structure
    last : Opening
        Of an earlier solve. Its master is changed.
    parameters : ColumnGenerationParameters

    Raises
    ------
    NoSolutionError
        If HiGHS refuses the limits.
    """
    before = last.maker.rows.structure
    if not set(differing(structure, before)) <= set(LIMITS):
        return None
    here = last.start.market if _is_same_market(structure, before) else market(structure, last.start.caps)
    rows = lay_rows(structure, here, parameters.master)
    if not (_are_alike(rows, last.maker.rows, _LAYOUT) and _are_as_open(here, last.maker.market)):
        return None
    warm = parameters.warm_start
    if _moved_beyond(rows, last.maker.rows, warm.most_moved_part):
        return None
    maker = ColumnMaker(here, rows, last.maker.delays)
    last.master.move(maker, warm.most_iterations)
    width = max(last.start.width, warm.moved_width_spreads * cost_spread(here))
    return Opening(replace(last.start, market=here, width=width, steps=0), maker, last.master, last.room, -np.inf)


def _moved_beyond(rows: MasterRows, before: MasterRows, most_part: float) -> bool:
    """Whether limits of any kind change by more than a part of their sum, which may be 0."""
    if math.isinf(most_part):
        return False
    kinds = (getattr(rows, name) for name in ("capacity", "supply", "intake", "link", "cap"))
    places = [kind[kind >= 0] for kind in kinds]
    changes = (np.abs(rows.limit[place] - before.limit[place]).sum() for place in places)
    sums = (np.abs(before.limit[place]).sum() for place in places)
    return any(change > most_part * total for change, total in zip(changes, sums, strict=True))


def _is_same_market(first: Structure, second: Structure) -> bool:
    """Whether structures that differ in limits alone share a market: they differ in finite limits of caps alone."""
    are_finite = np.array_equal(np.isfinite(first.cap_limit), np.isfinite(second.cap_limit))
    return are_finite and set(differing(first, second, LIMITS)) <= {"cap_limit"}


def _are_as_open(first: Market, second: Market) -> bool:
    """Whether limits of 0 close the same arcs and the same work in two markets of the same demands."""
    return all(_are_alike(one, two, _OPEN) for one, two in zip(first.groups, second.groups, strict=True))


def _are_alike(one: MasterRows | Group, other: MasterRows | Group, names: Iterable[str]) -> bool:
    return next(differing(one, other, names), None) is None
