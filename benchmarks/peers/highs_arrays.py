"""HiGHS' newer methods, given the arrays of ``placer.to_program``, at tolerances of their own: HiPO and PDLP."""

from __future__ import annotations

from functools import partial
from typing import Any

import highspy
import numpy as np

import placer
from placer.solvers.highs import Silent, arrays_of

from .peer import ABSENT, EXACT, FIRST_ORDER, GIVEN, Answer, Peer, PeerError


def _engine(options: dict[str, Any]) -> highspy.Highs:
    """Return HiGHS with options.

    Raises
    ------
    PeerError
        If it does not take one.
    """
    engine = Silent()
    for name, value in options.items():
        if engine.setOptionValue(name, value) != highspy.HighsStatus.kOk:
            raise PeerError(f"HiGHS does not take {name} = {value}")
    return engine


def _same(program: placer.LinearProgram) -> placer.LinearProgram:
    """Return the program: its hand-over is part of the solve."""
    return program


def _solve(options: dict[str, Any], program: placer.LinearProgram) -> Answer:
    engine = _engine(options)
    engine.passModel(*arrays_of(program))
    engine.run()
    status = engine.getModelStatus()
    if status != highspy.HighsModelStatus.kOptimal:
        raise PeerError(f"HiGHS says {status.name}")
    found, done = engine.getSolution(), placer.Termination(placer.Reason.OPTIMAL, "HiGHS")
    solution = placer.LPSolution(
        done, np.array(found.col_value), np.array(found.row_dual), basic=engine.getBasis().valid
    )
    return Answer(engine.getInfo().objective_function_value, solution=solution)


def _absent(options: dict[str, Any], needs: str) -> str:
    try:
        _engine(options)
    except PeerError:
        return f"{ABSENT}: {needs}"
    return ""


def _peer(name: str, about: str, tolerance: float, needs: str, **options: Any) -> Peer:
    return Peer(
        name,
        about,
        placer.to_program,
        _same,
        partial(_solve, options),
        absent=partial(_absent, options, needs),
        tolerance=tolerance,
        of_program=lambda program: partial(_solve, options, program),
    )


PEERS = (
    _peer("hipo", "HiGHS' HiPO with crossover, 1e-7, from arrays", EXACT, "highspy-extras", solver="hipo"),
    *(
        _peer(
            *(f"highs-pdlp-{name}", f"HiGHS' PDLP at {name}, from arrays", FIRST_ORDER, "HiGHS with PDLP"),
            solver="pdlp",
            kkt_tolerance=tolerance,
            pdlp_optimality_tolerance=tolerance,
        )
        for name, tolerance in GIVEN.items()
    ),
)
