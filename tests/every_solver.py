"""Every solver that can be had, as parameters of a test."""

from __future__ import annotations

from contextlib import suppress

import pytest

from placer.column_generation.solver import ColumnGeneration
from placer.errors import SolverError
from placer.solvers.highs import HiGHS
from placer.solvers.pulp import PuLP


def found(name):
    with suppress(SolverError):
        yield PuLP(name)


SOLVERS = [
    *(HiGHS(method) for method in ("simplex", "ipm", "pdlp")),
    *(solver for name in ("HiGHS", "PULP_CBC_CMD", "COIN_CMD") for solver in found(name)),
]
every_solver = pytest.mark.parametrize("solver", SOLVERS, ids=lambda solver: solver.name)
#: Those that answer a placement.
PLACERS = [*SOLVERS, ColumnGeneration()]
every_placer = pytest.mark.parametrize("solver", PLACERS, ids=lambda solver: solver.name)
