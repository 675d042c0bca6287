"""placer itself, from the instance to a proven placement and all its tables, with each of its solvers."""

from __future__ import annotations

import sys
from dataclasses import replace
from functools import partial
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

import placer
from placer.ladder.whole_program import solve_program
from placer.placement.result import TABLE_NAMES

from .peer import ABSENT, EXACT, FIRST_ORDER, Answer, Peer, PeerError

if TYPE_CHECKING:
    from collections.abc import Callable


def same(instance: placer.Instance) -> placer.Instance:
    """Return the instance: placer needs no other input, and its model is part of the solve."""
    return instance


def solved_by(solver: Any) -> Callable[[placer.Instance], Answer]:
    """Return a function that solves an instance with one of placer's solvers."""
    return lambda instance: _answer(lambda: placer.solve(instance, solver()))


def _warm(solver: Callable[[], Any]) -> None:
    """Solve the smallest dataset."""
    make_tables(placer.solve(placer.load("tiny"), solver()))


def after(first: placer.Instance) -> Callable[[placer.Instance], Answer]:
    """Solve an instance in a session, and return a function that solves others in the same one."""
    session = placer.Session(placer.ColumnGeneration())
    session.solve(first)
    return lambda instance: _answer(lambda: session.solve(instance))


def _numpy_alone() -> placer.ColumnGeneration:
    """Return column generation without compiled loops: in this process nothing finds numba from now on."""
    sys.modules["numba"] = None  # type: ignore[assignment]
    return placer.ColumnGeneration()


def _after_numpy_alone(first: placer.Instance) -> Callable[[placer.Instance], Answer]:
    _numpy_alone()
    return after(first)


def _no_extra() -> str:
    return "" if find_spec("numba") else f"{ABSENT}: the extra fast, so columns are without it"


def make_tables(placement: placer.Placement) -> dict[str, Any]:
    """Build all tables of a placement once."""
    fresh = replace(placement)  # without cached tables
    made = {name: getattr(fresh, name) for name in TABLE_NAMES}
    return made | {"settlement": fresh.settlement, "summary": fresh.summary()}


def _of_program(method: str, program: placer.LinearProgram) -> Callable[[], Answer]:
    """Return the call that solves a program by a method of HiGHS and proves the answer."""

    def call() -> Answer:
        try:
            _, certificate = solve_program(program, placer.HiGHS(method))
        except placer.NoSolutionError as error:
            raise PeerError(str(error)) from error
        return Answer(certificate.objective, certificate.gap)

    return call


def _answer(solve: Callable[[], placer.Placement]) -> Answer:
    try:
        placement = solve()
    except placer.NoSolutionError as error:
        if "kMemoryLimit" in error.detail:  # HiGHS' message for a failed memory allocation
            raise MemoryError from error
        raise PeerError(str(error)) from error
    make_tables(placement)
    return Answer(placement.cost_usd + placement.penalty_usd, placement.gap)


def _highs(method: str, about: str, tolerance: float = EXACT) -> Peer:
    return Peer(
        method,
        about,
        same,
        same,
        solved_by(lambda: placer.HiGHS(method)),
        tolerance=tolerance,
        of_program=partial(_of_program, method),
        certified=True,
        warm=partial(_warm, lambda: placer.HiGHS(method)),
    )


COLUMNS = Peer(
    "columns",
    "placer with column generation",
    same,
    same,
    solved_by(placer.ColumnGeneration),
    again=after,
    certified=True,
    warm=partial(_warm, placer.ColumnGeneration),
)
PEERS = (
    COLUMNS,
    _highs("simplex", "placer with HiGHS on the whole program, dual simplex"),
    _highs("ipm", "placer with HiGHS on the whole program, interior point with crossover"),
    _highs("pdlp", "placer with HiGHS on the whole program, first order", FIRST_ORDER),
    Peer(
        "columns-2",
        "placer with column generation on two threads",
        same,
        same,
        solved_by(partial(placer.ColumnGeneration, threads=2)),
        certified=True,
        warm=partial(_warm, placer.ColumnGeneration),
    ),
    Peer(
        "columns-numpy",
        "placer with column generation, without the extra fast",
        same,
        same,
        solved_by(_numpy_alone),
        absent=_no_extra,
        again=_after_numpy_alone,
        certified=True,
        warm=partial(_warm, _numpy_alone),
    ),
)
REFERENCE = COLUMNS.name
