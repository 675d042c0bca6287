"""Blocks of a structure: cut apart, and their answers joined into one of the whole.

Work waits within its block only (``Structure.block``), so that nothing but caps that count in several blocks ties
blocks together. With a price gamma_c >= 0 on each of these, and its limit lifted, the program falls apart:

    L(gamma) = sum_b min { cost(x_b) + gamma . taken(x_b) } - gamma . limit  <=  cost of any placement

Block b has the periods of the block, the demands that arrive in them, and every arc, site, tier, link and class of the
whole. Positions of all but demands, periods, queue flows and caps are therefore the same in the whole and in its parts.
A block has the caps that tie blocks together, without their limits, and then those that count in it alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from placer.model.answer import STORE_COLUMNS, Duals, Flows, no_duals
from placer.model.caps import arc_rents_of_all_periods, caps_of_arcs
from placer.model.loads import loads
from placer.model.parts import OF_DEMANDS, part_of
from placer.model.structure import Structure
from placer.utils.arrays import FloatArray, IntArray, expand_counts

#: Arrays of a structure by period, along their last axis.
BY_PERIOD = (
    "work_cost",
    "capacity",
    "intake",
    "overhead",
    "tier_cost",
    "tier_limit",
    "link_capacity",
)
#: Those of caps.
CAPS_BY_PERIOD = ("cap_work", "cap_tier", "cap_arrival")
#: What blocks of a structure may differ in, but for limits and routes of caps.
OF_BLOCKS = (*OF_DEMANDS, *BY_PERIOD, *CAPS_BY_PERIOD, "cap_send", "block", "stores")
#: Duals by period, along their last axis.
_DUALS_BY_PERIOD = ("queue", "balance", "capacity", "intake", "link", "stored", "power", "energy", "source")


@dataclass(frozen=True, eq=False)
class Span:
    """Where a block lies within the whole.

    Attributes
    ----------
    demands : (block's demands,) int array
        Positions among the demands of the whole, ascending.
    common, caps : int arrays
        Positions of the caps that all blocks have, and of those with a limit that count in this block only.
    """

    periods: slice
    demands: IntArray
    common: IntArray
    caps: IntArray


def block_count(structure: Structure) -> int:
    """Return the number of blocks."""
    return int((np.diff(structure.block) != 0).sum()) + 1


def demand_blocks(structure: Structure) -> IntArray:
    """Return the number of the block of every demand (demands,)."""
    return np.cumsum(np.append(0, np.diff(structure.block) != 0))[structure.demand_period]


def shared_caps(structure: Structure) -> IntArray:
    """Return the positions of the caps with a limit that count in several blocks: what ties blocks together."""
    return np.flatnonzero(np.isfinite(structure.cap_limit) & (_block_of_caps(structure) < 0))


def _block_of_caps(structure: Structure) -> IntArray:
    """Return the block that every cap counts in: -1 without a limit or where they are several, the first if none."""
    number = np.cumsum(np.append(0, np.diff(structure.block) != 0))
    first, last = np.full(len(structure.cap_limit), structure.periods), np.full(len(structure.cap_limit), -1)
    of_arcs = np.isin(np.arange(len(first)), caps_of_arcs(structure))
    of_stores = [] if structure.stores is None else structure.stores.counted
    for rows in (structure.cap_tier, structure.cap_work, structure.cap_arrival, *of_stores):
        counts = rows.counts & (of_arcs if rows is structure.cap_arrival else True)
        starts, stops = rows.first_and_last
        first[counts], last[counts] = np.minimum(first, starts)[counts], np.maximum(last, stops)[counts]
    begins, ends = number[first.clip(max=structure.periods - 1)], number[last.clip(min=0)]
    apart = np.isfinite(structure.cap_limit) & ((last < 0) | (begins == ends))
    return np.where(apart, ends, -1)


def spans_of(structure: Structure) -> list[Span]:
    """Return the spans of all blocks, in their order."""
    starts = np.concatenate([[0], np.flatnonzero(np.diff(structure.block)) + 1, [structure.periods]])
    number = np.searchsorted(starts, structure.demand_period, side="right") - 1
    order = np.argsort(number, kind="stable")
    ends = np.searchsorted(number[order], np.arange(len(starts)))
    of_caps = _block_of_caps(structure)
    return [
        Span(
            periods=slice(int(starts[b]), int(starts[b + 1])),
            demands=order[ends[b] : ends[b + 1]],
            common=np.flatnonzero(of_caps < 0),
            caps=np.flatnonzero(of_caps == b),
        )
        for b in range(len(starts) - 1)
    ]


def cut(structure: Structure, span: Span) -> Structure:
    """Return one block as a structure, with limits of those caps alone that count in no other block."""
    periods, caps = span.periods, np.concatenate([span.common, span.caps])
    lifted = np.append(np.full(len(span.common), np.inf), structure.cap_limit[span.caps])
    by_period: dict[str, Any] = {
        name: np.ascontiguousarray(getattr(structure, name)[..., periods]) for name in BY_PERIOD
    }
    by_period |= {name: getattr(structure, name).within(periods)[caps] for name in CAPS_BY_PERIOD}
    part = part_of(structure, demands=span.demands)
    return replace(
        part,
        demand_period=part.demand_period - periods.start,
        cap_limit=lifted,
        cap_send=structure.cap_send[caps],
        cap_route=structure.cap_route[caps],
        block=np.zeros(periods.stop - periods.start, dtype=int),
        stores=None if structure.stores is None else structure.stores.within([periods], caps),
        **by_period,
    )


def some_blocks(structure: Structure, spans: Sequence[Span], cap_limit: FloatArray) -> Structure:
    """Return some blocks as one structure, given limits of all caps (caps,); those of other blocks are lifted.

    Parameters
    ----------
    spans : sequence of Span
        In the order of the blocks.
    cap_limit : (caps,) array
    """
    stretches = [span.periods for span in spans]
    periods = np.concatenate([np.arange(structure.periods)[stretch] for stretch in stretches])
    place = np.zeros(structure.periods, dtype=int)
    place[periods] = np.arange(len(periods))
    has = np.concatenate([spans[0].common, *(span.caps for span in spans)])
    lifted = np.full(len(cap_limit), np.inf)
    lifted[has] = cap_limit[has]
    by_period: dict[str, Any] = {name: getattr(structure, name).take(periods, -1) for name in BY_PERIOD}
    by_period |= {name: getattr(structure, name).within_all(stretches) for name in CAPS_BY_PERIOD}
    part = part_of(structure, demands=np.sort(np.concatenate([span.demands for span in spans])))
    return replace(
        part,
        demand_period=place[part.demand_period],
        cap_limit=lifted,
        block=structure.block[periods],
        stores=None if structure.stores is None else structure.stores.within(stretches, slice(None)),
        **by_period,
    )


def at_cap_prices(structure: Structure, prices: FloatArray) -> Structure:
    """Return the structure with every contribution to its caps charged at some prices (caps,).

    Caps count assignments of all periods of arrival alike (``placer.model.caps.counts_by_arrival``).
    """
    if not prices.any():
        return structure
    return replace(
        structure,
        arc_cost=structure.arc_cost + arc_rents_of_all_periods(replace(structure, cap_limit=prices), prices),
        work_cost=structure.work_cost + structure.cap_work.priced(prices),
        tier_cost=structure.tier_cost + structure.cap_tier.priced(prices),
        stores=None if structure.stores is None else structure.stores.at_cap_prices(prices),
    )


def joined(
    structure: Structure, spans: Sequence[Span], parts: Iterable[tuple[Flows, Duals]], cap: FloatArray
) -> tuple[Flows, Duals]:
    """Return flows and duals of the whole, given those of its blocks in their order and the prices of shared caps.

    Parameters
    ----------
    structure : Structure
        The whole.
    parts : iterable of (Flows, Duals)
        May be made as they are asked for, so that no two copies of all are held.
    cap : (caps,) array
        Those of caps that count in one block only come from that block.
    """
    cap = cap.copy()
    duals = no_duals(structure, cap)
    assigned: list[tuple[IntArray, IntArray, FloatArray]] = []
    unserved, taken = np.zeros(len(structure.demand_amount)), np.zeros_like(structure.tier_cost)
    counts = structure.queue_flow_counts
    starts = (np.cumsum(counts) - counts.ravel()).reshape(counts.shape)
    waiting = np.zeros(int(counts.sum()))
    stored = {name: np.zeros_like(duals.power) for name in STORE_COLUMNS}
    for span, (flows, prices) in zip(spans, parts, strict=True):
        assigned.append((span.demands[flows.demand], flows.arc, flows.amount))
        unserved[span.demands] = flows.unserved
        taken[:, span.periods] = flows.taken
        # The queue flows of a class and site in a block stand together in the whole as in the block.
        which, rank = expand_counts(counts[..., span.periods].sum(axis=-1).ravel())
        waiting[starts[..., span.periods.start].ravel()[which] + rank] = flows.waiting
        duals.demand[span.demands] = prices.demand
        cap[span.caps] = prices.cap[len(span.common) :]
        for name in STORE_COLUMNS:
            stored[name][:, span.periods] = getattr(flows, name)
        for name in _DUALS_BY_PERIOD:
            getattr(duals, name)[..., span.periods] = getattr(prices, name)
    demand, arc, amount = map(np.concatenate, zip(*assigned, strict=True))
    return _sorted(Flows(demand, arc, amount, unserved, waiting, taken, **stored)), duals


def parted(structure: Structure, spans: Sequence[Span], flows: Flows, duals: Duals) -> Iterator[tuple[Flows, Duals]]:
    """Yield flows and duals of each block, in their order: the way back from ``joined``.

    Duals of caps that blocks have in common are 0 there: the price of such a cap is that of the whole.

    Parameters
    ----------
    structure : Structure
        The whole.
    spans : sequence of Span
        Of all its blocks.
    flows, duals
        Of the whole.
    """
    of_queue = structure.queue_flows.arrival
    for span in spans:
        place = np.full(len(structure.demand_amount), -1)
        place[span.demands] = np.arange(len(span.demands))
        mine = np.flatnonzero(place[flows.demand] >= 0)
        waiting = (of_queue >= span.periods.start) & (of_queue < span.periods.stop)
        own = Flows(
            demand=place[flows.demand[mine]],
            arc=flows.arc[mine],
            amount=flows.amount[mine],
            unserved=flows.unserved[span.demands],
            waiting=flows.waiting[waiting],
            taken=flows.taken[:, span.periods],
            **{name: getattr(flows, name)[:, span.periods] for name in STORE_COLUMNS},
        )
        yield own, duals_of_block(span, duals)


def duals_of_block(span: Span, duals: Duals) -> Duals:
    """Return the duals of one block, given those of the whole; of the caps that blocks have in common they are 0."""
    by_period = {name: getattr(duals, name)[..., span.periods] for name in _DUALS_BY_PERIOD}
    cap = np.concatenate([np.zeros(len(span.common)), duals.cap[span.caps]])
    return Duals(demand=duals.demand[span.demands], cap=cap, **by_period)


def mixed(parts: Sequence[tuple[float, Flows]]) -> Flows:
    """Return the convex combination of flows of one structure, each with its weight; weights sum to 1.

    A convex combination of placements is a placement: it keeps every row that all of them keep.
    """
    (first, flows), *others = parts
    if not others:
        return flows
    demand, arc, amount = (
        np.concatenate([weight * each.amount if name == "amount" else getattr(each, name) for weight, each in parts])
        for name in ("demand", "arc", "amount")
    )
    order = np.lexsort((arc, demand))
    demand, arc, amount = demand[order], arc[order], amount[order]
    new = np.append(True, (np.diff(demand) != 0) | (np.diff(arc) != 0))[: len(demand)]
    begins = np.flatnonzero(new)
    return Flows(
        demand=demand[begins],
        arc=arc[begins],
        amount=np.add.reduceat(amount, begins) if len(begins) else amount,
        **{
            name: first * getattr(flows, name) + sum(weight * getattr(each, name) for weight, each in others)
            for name in ("unserved", "waiting", "taken", *STORE_COLUMNS)
        },
    )


def taken_of_caps(structure: Structure, flows: Flows) -> FloatArray:
    """Return the use of every cap by flows (caps,), of those without a limit too: blocks share them."""
    return loads(replace(structure, cap_limit=np.zeros(len(structure.cap_limit))), flows).capped


def _sorted(flows: Flows) -> Flows:
    """Return flows whose assignments are in order: demands of blocks may alternate in the whole."""
    if (np.diff(flows.demand) >= 0).all():
        return flows
    order = np.lexsort((flows.arc, flows.demand))
    return replace(flows, demand=flows.demand[order], arc=flows.arc[order], amount=flows.amount[order])
