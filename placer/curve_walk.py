"""The exact curve of one block: a walk up the limits, with one program kept warm.

Served demand S comes first and export E second, so the program maximises ``big * S + E``. The walk holds a flow and row
prices v, and prices every arc with them: what a unit gains there, ``g_m = big + weight_m - (least price of an option) -
(price of the path)``, against what a unit of its node has already, ``u_n``, the most of any way its node is known by.

    1. Arcs with ``g_m > u_n`` are looked at in the order in which they enter. While there is none at the present limit,
       the present flow is optimal, and stays so up to the limit of the next one; arcs of one limit enter together.
    2. If neither the arc nor what the node uses now touches a row with a price, and the rows have room, the demand of
       the node moves there whole and u_n becomes g_m: the same prices prove the new flow. No program is solved.
    3. Otherwise the arcs become columns of the program (``placer.curve_program``), which runs on from its last basis
       and gives a new flow and new prices.

Proof. For any v >= 0 and every limit, ``sum demand_n max(0, max_m g_m) + upper . v`` over the arcs allowed there is at
least ``big * S + E`` of any feasible flow (weak duality). This bound is computed in float64 after every run; between
two runs it grows by exactly what step 2 adds, since step 1 looks at all arcs and those passed over gain at most
``GAIN``. The flow is checked against rows and demands after every run. So both are proven, whatever ``big`` is:

    S' <= S_high                                      for every feasible flow, from prices of S alone
    E' <= bound - big * S' <= bound - big * S         for every feasible flow that serves S' >= S

``big`` is large enough if and only if S is at its most, and that is tested rather than assumed. Where all demand is
served nothing is left to test. Elsewhere the basis of the last run, solved for a gain of 1 per unit served, gives
prices of S alone (the duals of the program are ``big`` times these plus those of E), which bound S over all arcs as
above. If S does not reach that bound, or an arc gains by these prices and not by the others, ``big`` was too small: it
is raised and the program runs on. To begin with it is twice the number of rows times the widest ratio of what a row is
taken of. One more Mtok served displaces at most one chain of others over the rows: where all workloads take the same of
a row it costs at most one export for each row it passes. Mixed ratios can need more; then the test says so.

An answer of HiGHS that is not proven is sought again cold; what is still not proven leaves S and E between the bounds.

Once the iterations allowed are spent, the walk goes on in leaps: all arcs up to a limit further on enter at once. The
answer there is as exact as any, and what lies between comes back as an interval: S does not fall as the limit grows;
where it is the same on both sides neither does E, which then lies between its values there. Where S differs, nothing is
claimed of E between but what can be exported at all.
"""

from __future__ import annotations

import contextlib
import math
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from placer.curve_prices import Prices
from placer.curve_program import NOWHERE, Program
from placer.curve_rows import distinct
from placer.errors import NoSolutionError
from placer.program import Reason

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
#: ``big`` grows by this factor up to a limit beyond which rounding of big * S would swallow exports. Where units differ
#: widely, serving one unit can cost millions.
GROWTH, BIGGEST = 16.0, 1e8
#: Leaps a walk makes once it has spent the iterations allowed.
LEAPS = 12
#: Most ways that enter the program at once, of those that gain because prices changed.
ROUND = 200
#: Arcs beyond the present limit looked at first; then twice as many, and so on.
_CHUNK = 4096


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

    Parameters
    ----------
    block : Block
    iterations : float
        Simplex iterations after which it goes on in leaps.
    big : float, optional
        What served demand counts to begin with.
    deadline : float
        By ``time.monotonic``.

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

    def __init__(
        self, block: Block, iterations: float = math.inf, big: float | None = None, deadline: float = math.inf
    ) -> None:
        self.block = block
        self.steps: list[Step] = []
        self.program = Program(block)
        self.moves = 0
        self.big = _first_big(block) if big is None else big
        self._allowed, self._deadline = iterations, deadline
        self._total = float(block.demand.sum())
        self._most = float(block.demand @ _largest(block.weight, block.node, len(block.demand)))
        self._pass = max(GAIN * min(1.0, self._most / self._total), LEAST_GAIN)
        self._levels = distinct(block.enter[block.enter > 0])
        self._stride = 0
        self._first_option: list[int] = block.first_option.tolist()

        # The prices, and what they prove.
        self._scratch = np.empty((2, len(block.node)))
        self._worth = self.big + block.weight
        self._priced = Prices(block, np.zeros(len(block.upper)), self._worth)
        self._alone: Prices | None = None

        # The part of the curve the walk is on: arcs before ``top`` are allowed.
        self._start, self._leapt_from = 0.0, np.nan
        self._top = int(np.searchsorted(block.enter, 0.0, side="right"))
        self._risen = False

    def run(self) -> Walk:
        """Walk from the least limit to beyond the last one.

        Raises
        ------
        NoSolutionError
            If HiGHS does not answer, or the time is over.
        """
        while (wanted := self._look()) is not None:
            if time.monotonic() > self._deadline:
                raise NoSolutionError(Reason.TIME_LIMIT, f"walk: time limit, after {self.program.lp.runs} programs")
            self._optimise(wanted)
        self._note()
        return self

    @property
    def prices(self) -> np.ndarray:
        """Prices of the rows at which the present flow is at its best, in exports."""
        return self._priced.prices

    @property
    def prices_alone(self) -> np.ndarray:
        """Prices of the rows at which no more can be served, in demand served."""
        return np.zeros(len(self.block.upper)) if self._alone is None else self._alone.prices

    def _look(self) -> np.ndarray | None:
        """Go up the limits as far as no program is needed; return the ways it must then have, or None at the end."""
        wanted = self._inside()
        if len(wanted) or not self._serves_first():
            return wanted
        return self._climb()

    def _inside(self) -> np.ndarray:
        """Return what is missing at the present limit: the best way of every node that gains and cannot just move."""
        priced, node = self._priced, self.block.node
        shed = np.flatnonzero(priced.own < -self._pass)
        nowhere = np.column_stack([shed, np.full((len(shed), 2), NOWHERE)])
        arcs = self._gaining(priced, 0, self._top)
        self._move_all(arcs)
        best = self._best(arcs)
        return np.concatenate([nowhere, np.column_stack([node[best], best, priced.best(best)])])

    def _move_all(self, arcs: np.ndarray) -> None:
        """Move what can just move to some arcs; of a service that has no room for a demand, no more is asked."""
        priced, block = self._priced, self.block
        service, node = block.service[arcs], block.node[arcs]
        free = np.flatnonzero((priced.least[service] == 0) & ~priced.held[node])
        services, which = np.unique(service[free], return_inverse=True)
        room = self.program.room(services, priced.option).tolist()
        demand = block.demand[node[free]].tolist()
        for place, of, asked in zip(free.tolist(), which.tolist(), demand, strict=True):
            arc = int(arcs[place])
            if asked <= room[of] and priced.more_by(arc, int(node[place])) > self._pass and not self._move(arc):
                room[of] = 0.0

    def _best(self, arcs: np.ndarray) -> np.ndarray:
        """Return the best of the arcs that gain, for every node; of too many nodes, those with the most to gain."""
        more, node = self._priced.more(arcs), self.block.node[arcs]
        most = np.full(len(self.block.demand), self._pass)
        np.maximum.at(most, node, more)
        best = np.full(len(most), -1)
        leads = np.flatnonzero((more == most[node]) & (more > self._pass))
        best[node[leads]] = arcs[leads]
        nodes = np.flatnonzero(best >= 0)
        if len(nodes) > ROUND:
            worth = most[nodes] * self.block.demand[nodes]
            nodes = nodes[np.argpartition(-worth, ROUND)[:ROUND]]
        return best[nodes]

    def _serves_first(self) -> bool:
        """Return whether no more could be served at the present limit; if more could, ``big`` has been raised."""
        alone = self._price_alone()
        if alone is None:
            return True
        inside = self._gaining(alone, 0, self._top)
        if (inside.size or alone.bound - self.program.served > GAP * self._total) and self._raise():
            return False
        for arc in inside.tolist():
            alone.raise_to(arc, int(self.block.node[arc]))
        return True

    def _climb(self) -> np.ndarray | None:
        """Go up from limit to limit until arcs enter that the program must have."""
        priced, alone = self._priced, self._alone
        wanted: list[int] = []
        for arc in self._ahead():
            node = int(self.block.node[arc])
            if arc >= self._top:
                if wanted:
                    break
                self._rise(arc)
            if priced.more_by(arc, node) > self._pass:
                if not self._move(arc):
                    wanted.append(arc)
            elif alone is not None and alone.more_by(arc, node) > self._pass:
                if self._raise():
                    break
                alone.raise_to(arc, node)
        else:
            if not wanted:
                return None
        arcs = np.array(wanted, dtype=int)
        return np.column_stack([self.block.node[arcs], arcs, self._priced.best(arcs)])

    def _ahead(self) -> Iterator[int]:
        """Yield the arcs beyond the present limit that gain more than their node has, by either prices."""
        first, many = self._top, _CHUNK
        while first < len(self.block.node):
            arcs = self._gaining(self._priced, first, first + many)
            if self._alone is not None:
                arcs = np.union1d(arcs, self._gaining(self._alone, first, first + many))
            yield from arcs.tolist()
            first, many = first + many, 2 * many

    def _gaining(self, prices: Prices, first: int, last: int) -> np.ndarray:
        """Return the arcs of a stretch that gain more than their node has."""
        return prices.gaining(first, last, self._pass, self._scratch)

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
            if not priced.option[option] and program.has_room(node, arc, option):
                break
        else:
            return False
        program.move(node, arc, option)
        priced.raise_to(arc, node)
        if self._alone is not None:
            self._alone.raise_to(arc, node)
        self.moves += 1
        return True

    def _optimise(self, wanted: np.ndarray) -> None:
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
        self._worth = self.big + self.block.weight
        self.program.lp.set_gains(self.program.gains(self.big))
        return True

    def _answer(self) -> None:
        """Run the program and take its answer; once more, cold, if there is none or it is not proven."""
        with contextlib.suppress(NoSolutionError):
            self.program.lp.run()
            if self._proven():
                return
        self.program.lp.forget()
        self.program.lp.run()
        self._proven()
        if self.program.infeasible > FEASIBILITY:
            raise NoSolutionError(Reason.FAILED, f"HiGHS, warm: primal infeasibility {self.program.infeasible:.2g}")

    def _proven(self) -> bool:
        """Take flow and prices of the program; return whether they prove each other."""
        block, program = self.block, self.program
        duals = program.read()
        self._alone = None
        self._priced = Prices(block, np.maximum(duals, 0.0), self._worth)
        self._priced.prove(program)
        gap = self._priced.bound_of(self._priced.own) - self.big * program.served - program.exported
        return program.infeasible <= FEASIBILITY and gap <= GAP * self._total * max(1.0, self.big * 1e-5)

    def _price_alone(self) -> Prices | None:
        """Return the prices of serving alone in the basis of the last run; None if all is served."""
        block, program = self.block, self.program
        if self._total - program.served <= GAP * self._total:
            self._alone = None
        elif self._alone is None:
            duals = program.lp.duals_of(program.served_gains())[: len(block.upper)] if program.lp.columns else 0.0
            self._alone = Prices(block, np.maximum(duals, np.zeros(len(block.upper))), np.ones(len(block.node)))
            self._alone.prove(program)
        return self._alone


def _between(limit: float, before: Step, after: Step, most: float, same: float) -> Step:
    """Return what is known of the limits from one leapt over on, up to the end of the leap."""
    low, high = 0.0, most
    if after.served_high - before.served <= same:
        low, high = before.exported_low, after.exported_high
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
