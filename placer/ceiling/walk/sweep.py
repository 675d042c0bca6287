"""The exact curve of one block: a walk up the limits, with one program kept warm.

Three objectives come in order: most demand served S, least demand displaced D, most export E. The walk holds a flow and
row prices v, and prices every arc with them: what a unit gains there, ``g_m = worth_m - (least price of an option) -
(price of the path)``, against what a unit of its node has already, ``u_n``, the most of any way its node is known by.

    1. Arcs with ``g_m > u_n`` are looked at in the order in which they enter. While there is none at the present limit,
       the present flow is optimal, and stays so up to the limit of the next one; arcs of one limit enter together.
    2. If neither the arc nor what the node uses now touches a row with a price, and the rows have room, the demand of
       the node moves there whole and u_n becomes g_m: the same prices prove the new flow. No program is solved.
    3. Otherwise the arcs become columns of the program (``placer.ceiling.walk.program``), which runs on from its last
    basis
       and gives a new flow and new prices.

To begin with the program maximises ``big S - mid D + E``: ``worth_m = big - mid displaced_m + weight_m``. Whether the
weights are large enough is tested (below). If they are not they grow, up to ``BIGGEST``. Beyond that the walk drops
them for the rest of its way and solves in the order of the objectives (``IncrementalLP.run_in_order``): worths, prices
and gains then have three levels, (1, -displaced_m, weight_m), and are compared in their order
(``placer.ceiling.walk.prices``).

Proof with weights. For any v >= 0 and every limit, ``sum demand_n max(0, max_m g_m) + upper . v`` over the arcs allowed
there is at least ``big S - mid D + E`` of any feasible flow (weak duality). This bound is computed in float64 after
every run; between two runs it grows by exactly what step 2 adds, since step 1 looks at all arcs and those passed over
gain at most ``GAIN``. The flow is checked against rows and demands after every run. The basis of the last run, solved
for other worths, gives prices for a bound on S alone and on ``big S - mid D`` in the same way, so that

    S' <= S_high                                               every feasible flow, from prices of S alone
    D' >= (big S - bound_SD) / mid                             every feasible flow that serves S' >= S
    E' <= bound - big S + mid D                                every feasible flow with S' >= S and D' <= D

S is at its most if it reaches S_high, and D at its least if it reaches its bound. That is the test of the weights;
where all is served, or nothing displaced, there is nothing to test. An arc that gains by these prices and not by the
others also shows that weights are too small.

Proof by levels. Let ``u_n`` be the best of (0, 0, 0) and of the gains of the arcs of a node, compared in order, and
``B_i = sum demand_n u_n,i + upper . v_i``, with v_0 >= 0, and v_i >= 0 on rows without a price before. By weak duality
``S' <= B_0`` for every feasible flow. Where S reaches B_0 (to ``GAP``), a flow that serves as much leaves no slack in a
row with v_0 > 0 or at a node with u_n,0 > 0, and uses no arc with a gain below u_n,0. Over the flows with these
properties weak duality gives ``-D' <= B_1`` although v_1 may have either sign on the rows without slack, and likewise
``E' <= B_2`` once D reaches -B_1. Gains closer than 1e-10 count as equal. So the flow proven is the optimum, in order,
of the program in which a unit served counts 1 up to 1e-10; no weight enters, however much export a unit served costs.

An answer of HiGHS that is not proven is sought again cold; what is still not proven leaves S, D and E between bounds.
Where S or D is not proven, E may be anything that can be exported at all.

Once the iterations allowed are spent, the walk goes on in leaps: all arcs up to a limit further on enter at once. The
answer there is as exact as any, and what lies between comes back as an interval: S does not fall as the limit grows;
where it is the same on both sides D does not rise, and where D is too E does not fall, and lies between its values
there. Elsewhere nothing is claimed of E between but what can be exported at all.
"""

from __future__ import annotations

import contextlib
import math
import time
from typing import TYPE_CHECKING

import numpy as np

from placer.ceiling.walk.prices import Prices, in_order
from placer.ceiling.walk.program import DISPLACED, EXPORTED, NOWHERE, SERVED, WALK_SIMPLEX, Program
from placer.ceiling.walk.steps import Step, between, differ
from placer.errors import NoSolutionError
from placer.termination import Reason
from placer.utils.arrays import sorted_unique

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from placer.ceiling.walk.block import Block
    from placer.ceiling.walk.program import Counts

#: An arc that gains less than this share of an export is passed over, which adds as much to the bound; a smaller share
#: where exports count little, but not below what rounding leaves.
GAIN, LEAST_GAIN = 1e-10, 1e-12
#: An answer that is not proven to this share of the demand of the block is sought again.
GAP = 2e-10
#: How far a flow may exceed a row or a demand, relative to 1 + its side.
FEASIBILITY = 1e-9
#: The weights grow by this factor, up to where ``big`` would exceed the limit; from there on the walk goes by levels.
GROWTH, BIGGEST = 16.0, 1e5
#: What ``big`` is to begin with, in units of ``mid``, where demand may be displaced.
_AHEAD = 2.0
#: Leaps a walk makes once it has spent the iterations allowed.
LEAPS = 12
#: Most ways that enter the program at once, of those that gain because prices changed.
ROUND = 200
#: Arcs beyond the present limit looked at first; then twice as many, and so on.
_CHUNK = 4096


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
    big, mid : float
        What served and displaced demand count, in the end; not used once the walk goes by levels.
    """

    def __init__(
        self, block: Block, iterations: float = math.inf, big: float | None = None, deadline: float = math.inf
    ) -> None:
        self.block = block
        self.steps: list[Step] = []
        self.program = Program(block)
        self.moves = 0
        self._may_displace = bool(block.displaced.any())
        self.big = self.mid = _first_big(block) if big is None else big
        if self._may_displace:
            self.big *= _AHEAD
        self._allowed, self._deadline = iterations, deadline
        self._total = float(block.demand.sum())
        self._most = float(block.demand @ _largest(block.weight, block.node, len(block.demand)))
        self._pass = max(GAIN * min(1.0, self._most / self._total), LEAST_GAIN)
        self._limits = sorted_unique(block.enter[block.enter > 0])
        self._stride = 0
        self._first_option: list[int] = block.first_option.tolist()

        # The prices, and what they prove.
        self._scratch = np.empty((2, len(block.node)))
        self._counts: tuple[Counts, ...] = ((self.big, self.mid, 1.0),)
        if self.big > BIGGEST:
            self._counts = self._levels_in_order()
        self._known_worths: dict[Counts, np.ndarray] = {}
        self._worths = [self._worth(counts) for counts in self._counts]
        self._priced = self._prices([np.zeros(len(block.upper))] * len(self._counts), self._worths)
        self._tests: dict[Counts, Prices] = {}

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
    def prices(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Prices of the rows by level: at which no more is served, no less displaced then, and no more exported then.

        With ``weights`` as large as said, or larger, sums of them prove the same at once.
        """
        none = np.zeros(len(self.block.upper))
        if len(self._counts) > 1:
            by_level = dict(zip(self._counts, self._priced.prices, strict=True))
            return by_level[SERVED], by_level.get(DISPLACED, none), by_level[EXPORTED]
        served, displaced = (self._tests.get(counts) for counts in (SERVED, (self.big, self.mid, 0.0)))
        alone = none if served is None else served.prices[0]
        second = none if displaced is None else (displaced.prices[0] - self.big * alone) / self.mid
        return alone, second, self._priced.prices[0] - self.big * alone - self.mid * second

    @property
    def weights(self) -> tuple[float, float]:
        """What a unit served and a unit displaced must count at least for the objectives to come in their order."""
        if len(self._counts) == 1:
            return self.big, self.mid * self._may_displace
        return self._priced.weights()

    def _look(self) -> np.ndarray | None:
        """Go up the limits as far as no program is needed; return the ways it must then have, or None at the end."""
        wanted = self._inside()
        if len(wanted) or not self._serves_first():
            return wanted
        return self._climb()

    def _inside(self) -> np.ndarray:
        """Return what is missing at the present limit: the best way of every node that gains and cannot just move."""
        priced, node = self._priced, self.block.node
        shed = np.flatnonzero(priced.sheds)
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
        """Return whether the objectives come in their order at the present limit; if not, the weights have grown."""
        for counts, prices in self._price_tests().items():
            inside = self._gaining(prices, 0, self._top)
            short = prices.bounds[0] - self._reached(counts)
            if (inside.size or short > GAP * self._total * max(counts[1], 1.0)) and self._raise():
                return False
            for arc in inside.tolist():
                prices.raise_to(arc, int(self.block.node[arc]))
        return True

    def _climb(self) -> np.ndarray | None:
        """Go up from limit to limit until arcs enter that the program must have."""
        priced, tests = self._priced, self._tests.values()
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
            elif any(test.more_by(arc, node) > self._pass for test in tests):
                if self._raise():
                    break
                for test in tests:
                    test.raise_to(arc, node)
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
            for test in self._tests.values():
                arcs = np.union1d(arcs, self._gaining(test, first, first + many))
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
            place = int(np.searchsorted(self._limits, self._start))
            self._stride = self._stride or max(1, (len(self._limits) - place) // LEAPS)
            further = float(self._limits[min(place + self._stride, len(self._limits)) - 1])
            if further > self._start:
                self._leapt_from, self._start = self._start, further
        self._top = int(np.searchsorted(enter, self._start, side="right"))

    def _note(self) -> None:
        """Note the present flow and its bounds, if either are not those of the last step."""
        before, now = self.steps[-1] if self.steps else None, self._now()
        size = self._total * self.block.unit
        if before is not None and not np.isnan(self._leapt_from):
            self.steps += [between(self._leapt_from, before, now, self._most * self.block.unit, GAP * size), now]
        elif before is None or differ(before, now, LEAST_GAIN * size, GAP * size):
            self.steps.append(now)
        self._leapt_from = np.nan

    def _now(self) -> Step:
        """Return the present flow and its bounds."""
        program, unit, slack = self.program, self.block.unit, self._pass * self._total
        served_high, displaced_low, exported_high = self._bounds(slack)
        same = GAP * self._total + slack
        in_order = served_high - program.served <= 2 * same and program.displaced - displaced_low <= 2 * same
        exported_low = program.exported if in_order else 0.0
        exported_high = min(self._most, exported_high) if in_order else self._most
        return Step(
            limit=self._start,
            served=program.served * unit,
            served_high=max(served_high, program.served) * unit,
            displaced=program.displaced * unit,
            displaced_low=min(displaced_low, program.displaced) * unit,
            exported=program.exported * unit,
            exported_low=exported_low * unit,
            exported_high=max(exported_high, program.exported) * unit,
        )

    def _bounds(self, slack: float) -> tuple[float, float, float]:
        """Return what no more is served than, then no less displaced than, then no more exported than."""
        program = self.program
        if len(self._counts) > 1:
            bound = dict(zip(self._counts, self._priced.bounds, strict=True))
            displaced_low = -bound[DISPLACED] - slack if DISPLACED in bound else 0.0
            return min(self._total, bound[SERVED] + slack), displaced_low, bound[EXPORTED] + slack
        tests = self._price_tests()
        served_high, displaced_low, middle = self._total, 0.0, (self.big, self.mid, 0.0)
        if SERVED in tests:
            served_high = min(served_high, tests[SERVED].bounds[0] + slack)
        if middle in tests:
            displaced_low = max((self.big * program.served - tests[middle].bounds[0] - slack) / self.mid, 0.0)
        exported_high = self._priced.bounds[0] + slack - self._reached(middle)
        return served_high, displaced_low, exported_high

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
        for test in self._tests.values():
            test.raise_to(arc, node)
        self.moves += 1
        return True

    def _optimise(self, wanted: np.ndarray) -> None:
        """Run the program with more columns, and prove what it answers."""
        if self._risen:
            self.program.restart(np.sum([np.abs(one) for one in self._priced.prices], axis=0), self._counts[-1])
            self._risen = False
        self.program.change(wanted, self._counts[-1])
        self._answer()

    def _raise(self) -> bool:
        """Let the weights grow, or do without them; False if the walk does so already."""
        if len(self._counts) > 1:
            return False
        self.big, self.mid = self.big * GROWTH, self.mid * GROWTH
        self._counts = ((self.big, self.mid, 1.0),) if self.big <= BIGGEST else self._levels_in_order()
        self._known_worths.clear()
        self._worths = [self._worth(counts) for counts in self._counts]
        self.program.lp.set_costs(self.program.gains(self._counts[-1]))
        self._tests = {}
        return True

    def _levels_in_order(self) -> tuple[Counts, ...]:
        return (SERVED, DISPLACED, EXPORTED) if self._may_displace else (SERVED, EXPORTED)

    def _worth(self, counts: Counts) -> np.ndarray:
        """Return what a unit counts by every arc."""
        if counts not in self._known_worths:
            served, displaced, exported = counts
            block = self.block
            self._known_worths[counts] = served - displaced * block.displaced + exported * block.weight
        return self._known_worths[counts]

    def _reached(self, counts: Counts) -> float:
        """Return what the present flow counts."""
        served, displaced, exported = counts
        program = self.program
        return served * program.served - displaced * program.displaced + exported * program.exported

    def _prices(self, duals: Sequence[np.ndarray], worths: Sequence[np.ndarray]) -> Prices:
        return Prices(self.block, in_order(duals), worths, self._pass if len(worths) == 1 else WALK_SIMPLEX.tie)

    def _answer(self) -> None:
        """Run the program and take its answer; once more, cold, if there is none or it is not proven."""
        with contextlib.suppress(NoSolutionError):
            self._run()
            if self._proven():
                return
        self.program.lp.forget()
        self._run()
        self._proven()
        if self.program.infeasible > FEASIBILITY:
            raise NoSolutionError(Reason.FAILED, f"HiGHS, walk: primal infeasibility {self.program.infeasible:.2g}")

    def _run(self) -> None:
        program = self.program
        if len(self._counts) == 1:
            program.lp.run()
        else:
            program.lp.run_in_order([program.gains(counts) for counts in self._counts])

    def _proven(self) -> bool:
        """Take flow and prices of the program; return whether they prove each other."""
        block, program = self.block, self.program
        duals = [program.read()]
        if len(self._counts) > 1:
            duals = [program.lp.duals_of(program.gains(counts))[: len(block.upper)] for counts in self._counts]
        self._tests = {}
        self._priced = self._prices(duals, self._worths)
        self._priced.prove(program)
        if program.infeasible > FEASIBILITY:
            return False
        allowed = GAP * self._total * max(1.0, self._counts[0][0] * 1e-5)
        most = zip(self._counts, self._priced.reached, strict=True)
        return all(value - self._reached(counts) <= allowed for counts, value in most)

    def _price_tests(self) -> dict[Counts, Prices]:
        """Return the prices, in the basis of the last run, that test whether the objectives come in their order."""
        program = self.program
        wanted: list[Counts] = []
        if len(self._counts) == 1:
            wanted += [SERVED] * (self._total - program.served > GAP * self._total)
            wanted += [(self.big, self.mid, 0.0)] * (program.displaced > GAP * self._total)
        self._tests = {counts: self._tests.get(counts) or self._test(counts) for counts in wanted}
        return self._tests

    def _test(self, counts: Counts) -> Prices:
        block, program = self.block, self.program
        duals = np.zeros(len(block.upper))
        if program.lp.columns:
            duals = program.lp.duals_of(program.gains(counts))[: len(block.upper)]
        prices = self._prices([duals], [self._worth(counts)])
        prices.prove(program)
        return prices


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
