"""The Shapley value of a game, its range where the worth of coalitions is not unique, and objections to costs.

    phi_i = sum over coalitions S without i of  |S|! (n - |S| - 1)! / n!  (v(S and i) - v(S))

the mean of what player i adds to the worth v, over all orders in which players may join (Shapley, 'A value for n-person
games', 1953). A coalition is a bit mask: player i is a member of coalition g if bit i of g is 1. ``worth[g]`` is the
worth or the cost of coalition g.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import comb
from typing import TypeVar

import numpy as np

from placer.utils.arrays import FloatArray

T = TypeVar("T")


def shapley_value(worth: FloatArray) -> FloatArray:
    """Return the Shapley value of each player (players,), given the worth or the cost of every coalition (2^players,).

    Examples
    --------
    >>> shapley_value(np.array([0.0, 500.0, 120.0, 440.0])).tolist()  # together they save 180, and halve it
    [410.0, 30.0]
    """
    return _mean_step(worth, worth)


def shapley_range(least: FloatArray, most: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return the least and the most Shapley value of each player, given the range of the worth of every coalition.

    Each worth may be anywhere in its range, whatever the others are; then both ends are attained.

    Examples
    --------
    >>> [each.tolist() for each in shapley_range(np.array([0.0, 3.0]), np.array([1.0, 5.0]))]
    [[2.0], [5.0]]
    """
    return _mean_step(least, most), _mean_step(most, least)


def _mean_step(joined: FloatArray, before: FloatArray) -> FloatArray:
    """Return the mean over all orders of what each player adds, to coalitions worth ``before`` that it then joins."""
    count = len(joined).bit_length() - 1
    coalition = np.arange(1 << count)
    size = np.array([int(each).bit_count() for each in coalition])
    value = np.zeros(count)
    for player in range(count):
        without = coalition[coalition >> player & 1 == 0]
        weight = 1 / np.array([count * comb(count - 1, int(each)) for each in size[without]])
        value[player] = weight @ (joined[without | 1 << player] - before[without])
    return value


def coalitions(players: Sequence[T]) -> list[tuple[T, ...]]:
    """Return the members of every coalition, by its mask: all parts of a coalition come before it.

    Examples
    --------
    >>> coalitions("ab")
    [(), ('a',), ('b',), ('a', 'b')]
    """
    masks = range(1 << len(players))
    return [tuple(player for bit, player in enumerate(players) if mask >> bit & 1) for mask in masks]


def largest_objection(costs: FloatArray, paid: FloatArray) -> tuple[int, float]:
    """Return the coalition whose payment exceeds its cost alone by most, and the excess; at most 0 in the core.

    Parameters
    ----------
    costs : (2^players,) array
        That of no player is 0.
    paid : (players,) array
        The payments; they add up to the cost of all players.

    Examples
    --------
    >>> largest_objection(np.array([0.0, 500.0, 120.0, 440.0]), np.array([300.0, 140.0]))
    (2, 20.0)
    """
    members = np.arange(len(costs))[:, None] >> np.arange(len(paid)) & 1
    excess = members @ paid - costs
    if len(costs) < 4:
        return 0, 0.0
    coalition = 1 + int(np.argmax(excess[1:-1]))
    return coalition, float(excess[coalition])
