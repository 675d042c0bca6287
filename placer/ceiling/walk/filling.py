"""A first flow by hand: demand is split over the ways that have room, one way after the other, without a program."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from placer.ceiling.walk.block import Block
    from placer.utils.arrays import FloatArray, IntArray

#: Parts of a demand up to this share of it are left out.
_SMALLEST = 1e-6


def filled(block: Block, free: FloatArray, arcs: IntArray) -> tuple[IntArray, FloatArray]:
    """Send the demand of some nodes by their arcs as far as the rows have room.

    Parameters
    ----------
    block : Block
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
