"""placer itself: ``placer.solve``, from the instance to a proven placement, with each of its solvers."""

from __future__ import annotations

from typing import Any

import placer

from .peer import EXACT, FIRST_ORDER, Answer, Peer, PeerError

#: The solver for large placements; a checkout that has none is measured without.
LARGE, LARGE_NAME = getattr(placer, "ColumnGeneration", None), "columns"


def same(instance: placer.Instance) -> placer.Instance:
    """Return the instance: it is all that placer starts from, and its model is part of the solve."""
    return instance


def solved_by(solver: Any) -> Any:
    """Return a function that solves an instance with a solver of placer."""

    def solve(instance: placer.Instance) -> Answer:
        try:
            placement = placer.solve(instance, solver())
        except placer.NoSolutionError as error:
            if "kMemoryLimit" in error.detail:  # HiGHS' word for memory that it asked for and did not get
                raise MemoryError from error
            raise PeerError(str(error)) from error
        return Answer(placement.cost_usd + placement.penalty_usd, placement.gap)

    return solve


def _highs(method: str, about: str, tolerance: float = EXACT) -> Peer:
    return Peer(f"highs-{method}", about, same, same, solved_by(lambda: placer.HiGHS(method)), tolerance=tolerance)


_HIGHS = (
    _highs("simplex", "placer with HiGHS on the whole program, dual simplex"),
    _highs("ipm", "placer with HiGHS on the whole program, interior point with crossover"),
    _highs("pdlp", "placer with HiGHS on the whole program, first order", FIRST_ORDER),
)
_OURS = () if LARGE is None else (Peer(LARGE_NAME, "placer with column generation", same, same, solved_by(LARGE)),)

PEERS = (*_OURS, *_HIGHS)
REFERENCE = PEERS[0].name
