"""A few answers that differ most, hop by hop.

With ``p_ag`` in [0, 1] the place of group g in answer a, between the least and the most of the group over all answers
within the budget, each hop takes the answer of

    least  sum_g (mean_a p_ag - 1/2) p_g        within the budget, over the answers a so far

so that it has little of what these have much of, and much of what they have little of. It is the hop-skip-jump method
of Brill, Chang and Hopkins ('Modeling to generate alternatives', Management Science 28, 1982), with places for the
variables that are not 0. Hops end where an answer is no longer new.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from placer.utils.arrays import FloatArray

#: An answer is new if the place of some group in it is this far from that in every other one.
NEW = 1e-3


def hops(
    first: FloatArray, least: FloatArray, most: FloatArray, count: int, answer: Callable[[FloatArray], FloatArray]
) -> list[FloatArray]:
    """Return the counts of the groups in the first answer and in those of at most ``count`` hops.

    Parameters
    ----------
    first : (groups,) array
        Counts of the first answer.
    least, most : (groups,) arrays
        Over all answers within the budget. A group without a range counts for nothing.
    count : int
    answer : callable
        The counts of an answer within the budget of the least weighted sum of the groups, given their weights.
    """
    found = [first]
    while len(found) <= count and (most > least).any():
        mean = np.mean([places(each, least, most) for each in found], axis=0)
        weights = np.where(most > least, mean - 0.5, 0.0) / np.where(most > least, most - least, 1.0)
        new = answer(weights)
        apart = [np.abs(places(new, least, most) - places(each, least, most)).max() for each in found]
        if min(apart) < NEW:
            break
        found.append(new)
    return found


def places(counts: FloatArray, least: FloatArray, most: FloatArray) -> FloatArray:
    """Return the places of the groups in an answer (groups,): 0 at the least, 1 at the most, 1/2 without a range."""
    width = most - least
    return np.where(width > 0, (counts - least) / np.where(width > 0, width, 1.0), 0.5)
