"""Solvers that PuLP speaks to, given the arrays of ``placer.to_program``: those with a licence, where installed."""

from __future__ import annotations

from contextlib import suppress
from functools import partial

import pulp

import placer

from .hush import hushed, quiet
from .peer import ABSENT, Answer, Peer, PeerError

#: Names of PuLP.
NAMES = ("HiGHS", "GUROBI", "CPLEX_PY", "COPT", "XPRESS_PY", "MOSEK")


def _same(program: placer.LinearProgram) -> placer.LinearProgram:
    """Return the program: its PuLP model is part of the solve."""
    return program


def _solve(name: str, program: placer.LinearProgram) -> Answer:
    with quiet(), hushed():
        solution = placer.PuLP(name).solve(program)
    if solution.values is None or solution.row_duals is None:
        raise PeerError(solution.termination.detail)
    return Answer(float(program.cost @ solution.values), solution=solution)


def _absent(name: str) -> str:
    with suppress(pulp.PulpError), quiet(), hushed():
        if pulp.getSolver(name, msg=False).available():
            return ""
    return f"{ABSENT}: PuLP finds no {name}"


def _peer(name: str) -> Peer:
    return Peer(
        f"pulp:{name}",
        f"{name} through PuLP, from arrays",
        placer.to_program,
        _same,
        partial(_solve, name),
        needs=("pulp",),
        absent=partial(_absent, name),
        of_program=lambda program: partial(_solve, name, program),
    )


PEERS = tuple(map(_peer, NAMES))
