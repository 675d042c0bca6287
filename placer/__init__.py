"""placer: where token workloads should run, what a token then costs and why, and how much of the demand can leave."""

from placer import baselines, datasets
from placer.baselines import compare
from placer.certificate import Certificate
from placer.datasets import load, save
from placer.errors import (
    InstanceError,
    NoSolutionError,
    PlacerError,
    PlacerWarning,
    SolverError,
    Violation,
)
from placer.instance import Instance, Settings, check
from placer.placement import Placement
from placer.program import LinearProgram, LPSolution, Reason, Solver, Termination
from placer.solve import solve, to_program
from placer.solvers.highs import HiGHS
from placer.solvers.pulp import PuLP, to_pulp, write_program

__version__ = "0.1.0"

__all__ = [
    "Certificate",
    "HiGHS",
    "Instance",
    "InstanceError",
    "LPSolution",
    "LinearProgram",
    "NoSolutionError",
    "Placement",
    "PlacerError",
    "PlacerWarning",
    "PuLP",
    "Reason",
    "Settings",
    "Solver",
    "SolverError",
    "Termination",
    "Violation",
    "baselines",
    "check",
    "compare",
    "datasets",
    "load",
    "save",
    "solve",
    "to_program",
    "to_pulp",
    "write_program",
]
