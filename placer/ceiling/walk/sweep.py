"""The exact curve of one block: a sweep up the limits, with one program kept warm.

Three objectives come in order: most demand served S, least demand displaced D, most export E. The sweep holds a flow
and row prices v. The gain of an arc is ``g_m = worth_m - (lowest price of an option) - (price of the path)``. It is
compared with ``u_n``, the best gain among the assignments of node n that are known.

    1. Arcs with ``g_m > u_n`` are looked at in the order in which they enter. While there is none at the present limit,
       the present flow is optimal, and stays so up to the limit of the next one; arcs of one limit enter together.
    2. If neither the arc nor the present arcs of the node touch a row with a price, and the rows have room, the demand
       of the node moves there whole and u_n becomes g_m: the same prices prove the new flow. No program is solved.
    3. Otherwise the arcs become columns of the program (``placer.ceiling.walk.program``), which runs on from its last
       basis and gives a new flow and new prices.

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

Where the answer of HiGHS fails the proof, the program runs again from no basis; if that fails too, S, D and E have
bounds only. Where S or D is not proven, the bounds of E are 0 and the most that any flow exports.

After the allowed iterations the sweep goes on in leaps: all arcs up to a later limit enter at once. The answer at that
limit is exact; the limits passed over get intervals. S never falls as the limit grows. Where S is equal at both ends of
a leap, D does not rise; where D is equal too, E does not fall and lies between its values at the ends. Elsewhere the
interval of E is 0 to the most that any flow exports.
"""

from __future__ import annotations

import math
import time
from dataclasses import dataclass

import numpy as np

from placer.ceiling.walk.block import Block
from placer.ceiling.walk.climb import missing_ways, next_ways, noted
from placer.ceiling.walk.objectives import DISPLACED, EXPORTED, SERVED
from placer.ceiling.walk.parameters import SweepParameters
from placer.ceiling.walk.proof import optimise, weights_tested
from placer.ceiling.walk.state import SweepState, SweepTask
from placer.ceiling.walk.steps import Step
from placer.errors import NoSolutionError
from placer.termination import Reason
from placer.utils.arrays import FloatArray, IntArray


@dataclass(frozen=True, eq=False)
class Sweep:
    """A sweep over a block, from the lowest limit to beyond the last one.

    Attributes
    ----------
    steps : tuple of Step
        In the order of their limits; the first is at 0.
    state : SweepState
        At the end.
    """

    block: Block
    steps: tuple[Step, ...]
    state: SweepState

    @property
    def runs(self) -> int:
        """Linear programs run."""
        return self.state.program.runs

    @property
    def iterations(self) -> int:
        """Simplex iterations in all of them."""
        return self.state.program.iterations

    @property
    def moves(self) -> int:
        """Demands moved without a program."""
        return self.state.program.moves

    @property
    def flows(self) -> tuple[IntArray, FloatArray]:
        """The ways with a flow at the end, and their amounts."""
        return self.state.program.flows()

    @property
    def prices(self) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Prices of the rows by level: they prove the most served, the least displaced and the most exported demand.

        Their sum with weights of at least ``weights`` proves all three at once.
        """
        none, weighting, prices = np.zeros(len(self.block.upper)), self.state.weighting, self.state.prices.prices
        if weighting.by_levels:
            by_level = dict(zip(weighting.levels, prices, strict=True))
            return by_level[SERVED], by_level.get(DISPLACED, none), by_level[EXPORTED]
        big, mid = weighting.served, weighting.displaced
        served, displaced = (self.state.tests.get(counts) for counts in (SERVED, weighting.without_exports))
        alone = none if served is None else served.prices[0]
        second = none if displaced is None else (displaced.prices[0] - big * alone) / mid
        return alone, second, prices[0] - big * alone - mid * second

    @property
    def weights(self) -> tuple[float, float]:
        """Least weights of a served and a displaced unit with which a weighted sum keeps the order of objectives."""
        weighting = self.state.weighting
        if weighting.by_levels:
            return self.state.prices.weights()
        return weighting.served, weighting.displaced * weighting.displaces


def sweep(
    block: Block,
    parameters: SweepParameters | None = None,
    *,
    iterations: float = math.inf,
    deadline: float = math.inf,
) -> Sweep:
    """Sweep over a block, from the lowest limit to beyond the last one.

    Parameters
    ----------
    iterations : float
        Simplex iterations after which the sweep goes on in leaps.
    deadline : float
        By ``time.monotonic``.

    Raises
    ------
    NoSolutionError
        If HiGHS does not answer, or the time is over.
    """
    task = SweepTask.of(block, parameters or SweepParameters(), iterations, deadline)
    state = SweepState.first(task)
    steps: list[Step] = []
    while True:
        state, ways = _look(task, state, steps)
        if ways is None:
            break
        if time.monotonic() > deadline:
            raise NoSolutionError(Reason.TIME_LIMIT, f"walk: time limit, after {state.program.runs} programs")
        state = optimise(task, state, ways)
    state = noted(task, state, steps)
    return Sweep(block, tuple(steps), state)


def _look(task: SweepTask, state: SweepState, steps: list[Step]) -> tuple[SweepState, IntArray | None]:
    """Raise the limit until the program needs new ways; return these ways, or None at the end."""
    wanted = missing_ways(task, state)
    if len(wanted):
        return state, wanted
    state, in_order = weights_tested(task, state)
    if not in_order:
        return state, wanted
    return next_ways(task, state, steps)
