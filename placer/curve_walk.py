"""The exact curve of one block: a walk up the limits, with one program kept warm.

Served demand S comes first and export E second, so the program maximises ``big * S + E``. The walk holds a flow and row
prices v, and prices every arc with them: what a unit gains there, ``g_m = big + weight_m - (least price of an option) -
(price of the path)``, against what a unit of its node has already, ``u_n``, the most of any column of the node.

    1. Arcs with ``g_m > u_n`` are looked at in the order in which they enter. While there is none at the present limit,
       the present flow is optimal, and stays so up to the limit of the next one; all arcs of that limit enter together.
    2. If neither the arc nor what the node uses now touches a row with a price, and the rows have room, the whole demand
       of the node moves there and u_n becomes g_m: the same prices prove the new flow. No program is solved.
    3. Otherwise the arcs become columns of the program, which runs on from its last basis and gives a new flow and v.

Proof. For any v >= 0 and every limit, ``sum demand_n max(0, max_m g_m) + upper . v`` over the arcs allowed there is at
least ``big * S + E`` of any feasible flow. This bound is computed after every run in float64; between two runs it grows
exactly by what step 2 adds, since step 1 looks at all arcs and none that was passed over gains more than ``GAIN``. The
flow is checked against rows and demands after every run. So S and E are proven together:

    S' <= S_high                                     for every feasible flow, from prices of S alone (below)
    E' <= bound - big * S' <= bound - big * S         for every feasible flow that serves S' >= S

``big`` is large enough if and only if S is at its most, and that is what is tested rather than assumed. While all demand
is served nothing is left to prove. Otherwise the basis of the last run, solved for the gain 1 of every column, gives
prices of S alone (the duals of the program are ``big * these + those of E``); they bound S as above, over all arcs. If S
does not reach that bound, or an arc gains by these prices and not by the others, ``big`` was too small: it is raised in
the same warm program. One more Mtok served displaces at most one chain of others over the data centres: where all
workloads take as much of a row, it costs at most one export for each data centre, so the walk starts at twice that
number, times the widest ratio of what a row is taken of; mixed ratios can need more, and then the test says so.

An answer of HiGHS that is not proven is sought again cold; what is still not proven leaves S and E between the bounds.

Once the iterations allowed are spent, the walk goes on in leaps: all arcs up to a limit further on enter at once. The
answer there is as exact as any, and what lies between comes back as an interval: S does not fall as the limit grows;
where it is the same on both sides neither does E, which then lies between its values there. Where it is not, E is known
to be at least 0 and at most the bound of the upper side less big times S of the lower one.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from placer.errors import NoSolutionError
from placer.solvers.warm import Entries, WarmLP

if TYPE_CHECKING:
    from collections.abc import Iterator

    from placer.curve_blocks import Block

#: An arc that gains less than this share of an export is passed over. It adds as much to the bound.
GAIN = 1e-10
#: What is not proven to this share of the demand of the block is sought again.
GAP = 2e-10
#: ``big`` grows by this factor up to a limit beyond which rounding of big * S would swallow exports.
GROWTH, BIGGEST = 16.0, 1e6
#: Leaps a walk makes once it has spent the iterations allowed.
LEAPS = 12
#: Arcs turned to Python numbers at a time.
_CHUNK = 256


@dataclass(frozen=True)
class Step:
    """What holds from a limit on, up to that of the next step; Mtok, and Mtok times weight.

    ``served`` and ``exported`` are those of a feasible flow; the most that can be served lies between ``served`` and
    ``served_high``, and what can be exported then between ``exported_low`` and ``exported_high``.
    """

    limit: float
    served: float
    served_high: float
    exported: float
    exported_low: float
    exported_high: float


class Walk:
    """One walk over a block; ``steps`` makes it."""

    def __init__(self, block: Block, iterations: float) -> None:
        self.block = block
        self.allowed = iterations
        self.lp = WarmLP(block.upper)
        self.big = _first_big(block)
        self.raised = 0
        self.total = float(block.demand.sum())
        nodes = len(block.demand)
        self._node_row = np.full(nodes, -1)
        self._columns_of: list[list[int]] = [[] for _ in range(nodes)]
        self._column_at: dict[tuple[int, int], int] = {}
        self._arc, self._option = np.zeros(0, dtype=int), np.zeros(0, dtype=int)
        self._x = np.zeros(0)
        self._moved: dict[int, list[tuple[int, int, float]]] = {}
        self._option_entries = _as_tuples(block.options)
        self._path_entries = _as_tuples(block.paths)
        self._free: list[float] = block.upper.tolist()
        self._prices = _Prices(block, np.zeros(len(block.upper)))
        self._gain = self.big + block.weight
        self._have = np.zeros(nodes)
        self._serve_gain = np.ones(len(block.node))
        self._serve_have = np.zeros(nodes)
        self.served = self.exported = self.bound = self.serve_bound = 0.0

    def steps(self) -> list[Step]:
        """Walk from the least limit to beyond the last one."""
        return list(self._walk())

    def _walk(self) -> Iterator[Step]:
        block = self.block
        enter, node = block.enter, block.node
        top = int(np.searchsorted(enter, 0.0, side="right"))
        start, before, leap = 0.0, None, None
        while True:
            candidates = self._candidates()
            hard: list[int] = []
            short = False
            for arc in _numbers(candidates):
                if arc >= top:
                    if hard:
                        break
                    now = self._step(start)
                    if leap is not None and before is not None:
                        yield _between(leap, before, now)
                    yield now
                    start, before, leap = float(enter[arc]), now, None
                    top = int(np.searchsorted(enter, start, side="right"))
                    if self.lp.iterations > self.allowed and (further := self._leap(top)) > top:
                        leap, top = start, further
                        start = float(enter[top - 1])
                if self._gain[arc] - self._have[node[arc]] > GAIN:
                    if not self._move(arc):
                        hard.append(arc)
                elif self._serve_gain[arc] - self._serve_have[node[arc]] > GAIN and self.big < BIGGEST:
                    short = True
                    break
            if short:
                self._raise()
            elif hard:
                self._optimise(hard)
            elif candidates.size == 0 or arc < top:
                now = self._step(start)
                if leap is not None and before is not None:
                    yield _between(leap, before, now)
                yield now
                return
