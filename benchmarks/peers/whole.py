"""placer itself, from the instance to a proven placement and all its tables, with each of its solvers."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import placer
from placer.placement.result import TABLE_NAMES

from .peer import EXACT, FIRST_ORDER, Answer, Peer, PeerError

if TYPE_CHECKING:
    from collections.abc import Callable


def same(instance: placer.Instance) -> placer.Instance:
    """Return the instance: it is all that placer starts from, and its model is part of the solve."""
    return instance


def solved_by(solver: Any) -> Callable[[placer.Instance], Answer]:
    """Return a function that solves an instance with a solver of placer."""
    return lambda instance: _answer(lambda: placer.solve(instance, solver()))


def after(first: placer.Instance) -> Callable[[placer.Instance], Answer]:
    """Solve an instance in a session, and return a function that solves others in the same one."""
    session = placer.Session(placer.ColumnGeneration())
    session.solve(first)
    return lambda instance: _answer(lambda: session.solve(instance))


def make_tables(placement: placer.Placement) -> dict[str, Any]:
    """Make everything a placement can show, once."""
    fresh = replace(placement)  # without what the placement has made already
    made = {name: getattr(fresh, name) for name in TABLE_NAMES}
    return made | {"settlement": fresh.settlement, "summary": fresh.summary()}


def _answer(solve: Callable[[], placer.Placement]) -> Answer:
    try:
        placement = solve()
    except placer.NoSolutionError as error:
        if "kMemoryLimit" in error.detail:  # HiGHS' word for memory that it asked for and did not get
            raise MemoryError from error
        raise PeerError(str(error)) from error
    make_tables(placement)
    return Answer(placement.cost_usd + placement.penalty_usd, placement.gap)


def _highs(method: str, about: str, tolerance: float = EXACT) -> Peer:
    return Peer(f"highs-{method}", about, same, same, solved_by(lambda: placer.HiGHS(method)), tolerance=tolerance)


COLUMNS = Peer("columns", "placer with column generation", same, same, solved_by(placer.ColumnGeneration), again=after)
PEERS = (
    COLUMNS,
    _highs("simplex", "placer with HiGHS on the whole program, dual simplex"),
    _highs("ipm", "placer with HiGHS on the whole program, interior point with crossover"),
    _highs("pdlp", "placer with HiGHS on the whole program, first order", FIRST_ORDER),
)
REFERENCE = COLUMNS.name
