"""placer: where token workloads should run, what a token then costs and why, and how much of the demand can leave."""

from placer import baselines, datasets
from placer.baselines import compare
from placer.ceiling import ExportCeiling, export_ceiling
from placer.certificate import Certificate
from placer.curve import CeilingCurve, ceiling_curve
from placer.datasets import load, save
from placer.economics import ExportCost, break_even_gaps, economic_range, export_cost, price_ranges
from placer.errors import (
    InstanceError,
    NoSolutionError,
    PlacerError,
    PlacerWarning,
    SolverError,
    Violation,
)
from placer.instance import Instance, check
from placer.placement import Placement
from placer.program import LinearProgram, LPSolution, Reason, Solver, Termination
from placer.settings import Settings
from placer.solve import solve, to_program
from placer.solvers.highs import HiGHS
from placer.solvers.pulp import PuLP, to_pulp, write_program

__version__ = "0.1.0"

__all__ = [
    "CeilingCurve",
    "Certificate",
    "ExportCeiling",
    "ExportCost",
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
    "break_even_gaps",
    "ceiling_curve",
    "check",
    "compare",
    "datasets",
    "economic_range",
    "export_ceiling",
    "export_cost",
    "load",
    "price_ranges",
    "save",
    "solve",
    "to_program",
    "to_pulp",
    "write_program",
]
