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
from typing import TYPE_CHECKING

import numpy as np

from placer.curve_program import NOWHERE, Program, Way

if TYPE_CHECKING:
    from collections.abc import Iterator

    from placer.curve_blocks import Block

#: An arc that gains less than this share of an export is passed over, which adds as much to the bound; a smaller share
#: where exports count little, but not below what rounding leaves.
GAIN, LEAST_GAIN = 1e-10, 1e-12
#: An answer that is not proven to this share of the demand of the block is sought again.
GAP = 2e-10
#: How far a flow may exceed a row or a demand, relative to 1 + its side.
FEASIBILITY = 1e-9
#: ``big`` grows by this factor up to a limit beyond which rounding of big * S would swallow exports.
GROWTH, BIGGEST = 16.0, 1e6
#: Leaps a walk makes once it has spent the iterations allowed.
LEAPS = 12
#: Most ways that enter the program at once, of those that gain because prices changed.
ROUND = 30
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
    """One walk over a block.

    Attributes
    ----------
    steps : list of Step
        Filled by ``run``, in the order of their limits; the first is at 0.
    program : Program
        Flow and program; ``program.lp`` counts the runs.
    moves : int
        How often a demand moved without a program.
    big : float
        What served demand counts, in the end.
    """

    def __init__(self, block: Block, iterations: float) -> None:
        self.block = block
        self.steps: list[Step] = []
        self.program = Program(block)
        self.moves = 0
        self.big = _first_big(block)
        self._allowed = iterations
        self._total = float(block.demand.sum())
        self._most = float(block.demand @ _largest(block.weight, block.node, len(block.demand)))
        self._pass = max(GAIN * min(1.0, self._most / self._total), LEAST_GAIN)
        self._levels = np.unique(block.enter[block.enter > 0])
        self._stride = 0
        self._first_option: list[int] = block.first_option.tolist()

        # The prices, and what they prove.
        self._priced = _Priced(block, np.zeros(len(block.upper)), self.big + block.weight)
        self._alone: _Priced | None = None

        # The part of the curve the walk is on: arcs before ``top`` are allowed.
        self._start, self._leapt_from = 0.0, np.nan
        self._top = int(np.searchsorted(block.enter, 0.0, side="right"))
        self._risen = False

    def run(self) -> Walk:
        """Walk from the least limit to beyond the last one."""
        while (wanted := self._look()) is not None:
            self._optimise(wanted)
        self._note()
        return self

    def _look(self) -> list[Way] | None:
        """Go up the limits as far as no program is needed; return the ways it must then have, or None at the end."""
        priced, node = self._priced, self.block.node
        candidates = np.flatnonzero(priced.gain - priced.have[node] > self._pass)
        wanted = [(int(one), NOWHERE, NOWHERE) for one in np.flatnonzero(priced.own < -self._pass)]
        wanted += self._inside(candidates[: np.searchsorted(candidates, self._top)])
        if wanted:
            return wanted
        alone = self._price_alone()
        if alone is not None:
            if alone.bound - self.program.served > GAP * self._total and self._raise():
                return []
            gains = priced.gain - priced.have[node] > self._pass
            candidates = np.flatnonzero(gains | (alone.gain - alone.have[node] > self._pass))
        for arc in _numbers(candidates[np.searchsorted(candidates, self._top) :]):
            if arc >= self._top:
                if wanted:
                    return wanted
                self._rise(arc)
            if priced.gain[arc] - priced.have[node[arc]] > self._pass:
                if not self._move(arc):
                    wanted.append((int(node[arc]), arc, priced.best(arc)))
            elif alone is not None and alone.gain[arc] - alone.have[node[arc]] > self._pass and self._raise():
                return wanted
        return wanted or None

    def _inside(self, candidates: np.ndarray) -> list[Way]:
        """Return the best way of every node that gains by an arc already allowed, unless it can move there."""
        priced, node = self._priced, self.block.node
        free = (priced.least[self.block.service[candidates]] == 0) & ~priced.held[node[candidates]]
        for arc in candidates[free].tolist():
            if priced.gain[arc] - priced.have[node[arc]] > self._pass:
                self._move(arc)
        more = priced.gain[candidates] - priced.have[node[candidates]]
        kept = more > self._pass
        candidates, more = candidates[kept], more[kept]
        order = np.lexsort((-more, node[candidates]))
        best = candidates[order[np.unique(node[candidates[order]], return_index=True)[1]]]
        if len(best) > ROUND:
            worth = (priced.gain[best] - priced.have[node[best]]) * self.block.demand[node[best]]
            best = best[np.argpartition(-worth, ROUND)[:ROUND]]
        return [(int(node[arc]), arc, priced.best(arc)) for arc in best.tolist()]

    def _rise(self, arc: int) -> None:
        """Note what holds so far, and allow the arcs that enter together with one."""
        self._note()
        self._risen = True
        enter = self.block.enter
        self._start = float(enter[arc])
        if self.program.lp.iterations > self._allowed:
            place = int(np.searchsorted(self._levels, self._start))
            self._stride = self._stride or max(1, (len(self._levels) - place) // LEAPS)
            further = float(self._levels[min(place + self._stride, len(self._levels)) - 1])
            if further > self._start:
                self._leapt_from, self._start = self._start, further
        self._top = int(np.searchsorted(enter, self._start, side="right"))

    def _note(self) -> None:
        """Note the present flow and its bounds, if they are not those of the last step."""
        unit, before = self.block.unit, self.steps[-1] if self.steps else None
        slack = self._pass * self._total
        served_high = self._total
        if self._alone is not None:
            served_high = min(served_high, self._alone.bound + slack)
        exported_high = min(self._most, self._priced.bound + slack - self.big * self.program.served)
        now = Step(
            limit=self._start,
            served=self.program.served * unit,
            served_high=max(served_high, self.program.served) * unit,
            exported=self.program.exported * unit,
            exported_low=self.program.exported * unit,
            exported_high=max(exported_high, self.program.exported) * unit,
        )
        if before is not None and not np.isnan(self._leapt_from):
            between = _between(self._leapt_from, before, now, self._most * unit, GAP * self._total * unit)
            self.steps += [between, now]
        elif before is None or abs(now.served - before.served) + abs(now.exported - before.exported) > LEAST_GAIN * (
            self._total * unit
        ):
            self.steps.append(now)
        self._leapt_from = np.nan

    def _move(self, arc: int) -> bool:
        """Move the whole demand of a node to an arc if no row with a price is touched and there is room."""
        block, priced, program = self.block, self._priced, self.program
        service, node = int(block.service[arc]), int(block.node[arc])
        if priced.held[node] or priced.least[service] or priced.path[block.path[arc]]:
            return False
        for option in range(self._first_option[service], self._first_option[service + 1]):
            if not priced.option[option] and program.has_room(arc, option):
                break
        else:
            return False
        program.move(node, arc, option)
        priced.raise_to(arc, node)
        if self._alone is not None:
            self._alone.raise_to(arc, node)
        self.moves += 1
        return True

    def _optimise(self, wanted: list[Way]) -> None:
        """Run the program with more columns, and prove what it answers; raise ``big`` until it is big enough."""
        if self._risen:
            self.program.restart(self._priced.prices, self.big)
            self._risen = False
        self.program.change(wanted, self.big)
        self._answer()

    def _raise(self) -> bool:
        """Raise ``big``, if it may still grow."""
        if self.big >= BIGGEST:
            return False
        self.big = min(self.big * GROWTH, BIGGEST)
        self.program.lp.set_gains(self.program.gains(self.big))
        return True

    def _answer(self) -> None:
        """Run the program and take its answer; once more, cold, if it is not proven."""
        self.program.lp.run()
        if not self._proven():
            self.program.lp.forget()
            self.program.lp.run()
            self._proven()

    def _proven(self) -> bool:
        """Take flow and prices of the program; return whether they prove each other."""
        block, program = self.block, self.program
        duals, infeasible = program.read()
        self._alone = None
        self._priced = _Priced(block, np.maximum(duals, 0.0), self.big + block.weight)
        self._priced.prove(program)
        gap = self._priced.bound_of(self._priced.own) - self.big * program.served - program.exported
        return infeasible <= FEASIBILITY and gap <= GAP * self._total * max(1.0, self.big * 1e-5)

    def _price_alone(self) -> _Priced | None:
        """Return the prices of serving alone in the basis of the last run; None if all is served."""
        block, program = self.block, self.program
        if self._total - program.served <= GAP * self._total:
            self._alone = None
        elif self._alone is None:
            duals = program.lp.duals_of(program.served_gains())[: len(block.upper)] if program.lp.columns else 0.0
            self._alone = _Priced(block, np.maximum(duals, np.zeros(len(block.upper))), np.ones(len(block.node)))
            self._alone.prove(program)
        return self._alone


class _Priced:
    """What every arc gains at some prices of the rows, what the nodes have, and the bound that both make.

    Attributes
    ----------
    prices : (r,) array
    option, least, path : arrays
        Price of every option, the least of every service, and the price of every path.
    gain : (m,) array
    own, have : (n,) array
        The most of any key and column of the node, and that or 0.
    held : (n,) bool array
        Whether the flow of the node touches a row with a price.
    bound : float
    """

    def __init__(self, block: Block, prices: np.ndarray, worth: np.ndarray) -> None:
        self._block, self._worth = block, worth
        self.prices = prices
        self.option = block.options @ prices
        self.least = np.minimum.reduceat(self.option, block.first_option[:-1])
        self.path = block.paths @ prices
        self.gain = worth - self.least[block.service] - self.path[block.path]
        self.own = self.have = np.zeros(len(block.demand))
        self.held = np.zeros(len(block.demand), dtype=bool)
        self.bound = 0.0

    def prove(self, program: Program) -> None:
        """Find what the nodes have by their keys and columns, and the bound that this makes."""
        price, key_price = self._price(program.arc, program.option), self._price(program.key_arc, program.key_option)
        self.held = (key_price > 0) & (program.rest > 0)
        self.held[program.node[(price > 0) & (program.amount > 0)]] = True
        self.own = self._gain(program.key_arc, program.key_option)
        np.maximum.at(self.own, program.node, self._gain(program.arc, program.option))
        for node, arc, _ in program.moved:
            self.own[node] = max(self.own[node], self.gain[arc])
        self.have = np.maximum(self.own, 0.0)
        self.bound = self.bound_of(self.have)

    def bound_of(self, have: np.ndarray) -> float:
        """Return what the prices bound big * S + E by, if the nodes have as much as said."""
        return float(self._block.demand @ have + self._block.upper @ self.prices)

    def best(self, arc: int) -> int:
        """Return the cheapest option of an arc."""
        service = self._block.service[arc]
        first, last = self._block.first_option[service : service + 2]
        return int(first + np.argmin(self.option[first:last]))

    def raise_to(self, arc: int, node: int) -> None:
        """Let a node have what an arc gains, if that is more."""
        more = float(self.gain[arc] - self.have[node])
        if more > 0:
            self.have[node] += more
            self.bound += more * float(self._block.demand[node])

    def _gain(self, arc: np.ndarray, option: np.ndarray) -> np.ndarray:
        """Return what arcs gain by given options: the sum that ``gain`` is, rounding included."""
        gain = self._worth[arc] - self.option[option] - self.path[self._block.path[arc]]
        return np.where(arc != NOWHERE, gain, 0.0)

    def _price(self, arc: np.ndarray, option: np.ndarray) -> np.ndarray:
        return np.where(arc != NOWHERE, self.option[option] + self.path[self._block.path[arc]], 0.0)


def _between(limit: float, before: Step, after: Step, most: float, same: float) -> Step:
    """Return what is known of the limits from one leapt over on, up to the end of the leap."""
    low, high = 0.0, min(most, after.exported_high)
    if after.served - before.served > same:
        high = most
    elif before.exported_low == before.exported:
        low = before.exported
    return Step(limit, before.served, after.served_high, before.exported, low, high)


def _first_big(block: Block) -> float:
    """Twice the number of rows that a chain may pass, times the widest ratio of what a row is taken of."""
    rows = block.options.shape[1]
    least, largest = np.full(rows, np.inf), np.zeros(rows)
    np.minimum.at(least, block.options.indices, block.options.data)
    np.maximum.at(largest, block.options.indices, block.options.data)
    used = largest > 0
    ratio = float((largest[used] / least[used]).max(initial=1.0))
    return min(2.0 * (rows + 1) * ratio, 1e4)


def _largest(values: np.ndarray, group: np.ndarray, groups: int) -> np.ndarray:
    largest = np.zeros(groups)
    np.maximum.at(largest, group, values)
    return largest


def _numbers(places: np.ndarray) -> Iterator[int]:
    for start in range(0, len(places), _CHUNK):
        yield from places[start : start + _CHUNK].tolist()
