"""Greedy flows without a linear program: demand fills the arcs that have room, one arc after the other."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from placer.ceiling.walk.block import Block
from placer.utils.arrays import FloatArray, IntArray, numbered

#: Parts of a demand up to this share of it are left out.
_SMALLEST = 1e-6


def filled(block: Block, free: FloatArray, arcs: IntArray) -> tuple[IntArray, FloatArray]:
    """Send the demand of some nodes by their arcs as far as the rows have room.

    Parameters
    ----------
    free : (r,) array
        Room of the rows.
    arcs : int array
        The arcs in the order in which they are filled.

    Returns
    -------
    ways : (w, 3) int array
        See ``placer.ceiling.walk.columns``.
    amount : (w,) array
    """
    room, demand, first = free.tolist(), block.demand.tolist(), block.first_option.tolist()
    left: dict[int, float] = {}
    ways, amounts = [], []
    lists = [part[arcs].tolist() for part in (block.node, block.service, block.path)]
    for arc, node, service, path in zip(arcs.tolist(), *lists, strict=True):
        smallest = _SMALLEST * demand[node]
        for option in range(first[service], first[service + 1]):
            asked = left.get(node, demand[node])
            if asked <= smallest:
                break
            taken = block.taken_by(option, path)
            amount = min([room[row] / value for row, value in taken if value > 0], default=asked)
            if amount > smallest:
                amount = min(amount, asked)
                left[node] = asked - amount
                for row, value in taken:
                    room[row] -= value * amount
                ways.append((node, arc, option))
                amounts.append(amount)
    return np.array(ways, dtype=int).reshape(-1, 3), np.array(amounts)


def moved_whole(
    block: Block, free: list[float], arcs: IntArray, price: FloatArray, leave: Callable[[int], None]
) -> tuple[IntArray, IntArray]:
    """Send whole demands, each by the first of its arcs that has an option without a price and with room.

    Parameters
    ----------
    free : list of float
        Room of the rows; what is sent is taken from it.
    arcs : int array
        The arcs in the order in which they are tried, those of a node one after the other. Arcs to a service that had
        no room for an earlier demand are passed over.
    price : (o,) array
        Prices of the options.
    leave : callable
        Called with a node before it is sent; takes the flow that it has out of the rows.

    Returns
    -------
    arcs, options : int arrays
        Of the nodes that were sent.
    """
    services, which = numbered(block.service[arcs])
    room, asked = block.room(services, np.array(free), price), block.demand[block.node[arcs]]
    fit = asked <= room[which]
    most, first, last = room.tolist(), block.first_option.tolist(), -1
    sent, options = list[int](), list[int]()
    parts = arcs, block.node[arcs], block.service[arcs], block.path[arcs], which, asked
    for arc, node, service, path, place, amount in zip(*(part[fit].tolist() for part in parts), strict=True):
        if node == last or amount > most[place]:
            continue
        for option in range(first[service], first[service + 1]):
            if not price[option] and has_room(free, taken := block.taken_by(option, path), amount):
                break
        else:
            most[place] = 0.0
            continue
        leave(node)
        for row, value in taken:
            free[row] -= value * amount
        sent.append(arc)
        options.append(option)
        last = node
    return np.array(sent, dtype=int), np.array(options, dtype=int)


def has_room(free: list[float], taken: list[tuple[int, float]], amount: float) -> bool:
    """Return whether the rows have room for an amount that takes some of them."""
    return all([free[row] >= value * amount for row, value in taken])  # noqa: C419 - faster
