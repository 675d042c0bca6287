"""placer: where token workloads should run, what a token then costs and why, and how much of the demand can leave."""

from placer import baselines, batch_report, datasets, synthetic
from placer.agents import agent_sensitivity, ceiling_at_quantiles
from placer.baselines import compare
from placer.batch import solve_many
from placer.ceiling import ExportCeiling, export_ceiling
from placer.certificate import Certificate
from placer.column_generation import ColumnGeneration
from placer.curve import CeilingCurve, ceiling_curve
from placer.cut import Cut
from placer.datasets import load, save
from placer.directions import ceilings_by_region
from placer.economics import ExportCost, break_even_gaps, economic_range, export_cost, price_ranges
from placer.errors import (
    InstanceError,
    NoSolutionError,
    PlacerError,
    SolverError,
    Violation,
)
from placer.explain import Explanation, cure, explain
from placer.graphfiles import load_graph, save_graph
from placer.instance import Instance, check
from placer.latency_value import cost_of_latency
from placer.placement import Placement
from placer.program import LinearProgram, LPSolution, Reason, Solver, Termination
from placer.regimes import AcceleratorBreakEven, break_even_accelerator_price, with_accelerator_prices
from placer.session import Session
from placer.settings import Settings
from placer.solve import solve, to_program
from placer.solvers.highs import HiGHS
from placer.solvers.pulp import PuLP, to_pulp, write_program
from placer.synthetic import DemandSets, Uncertainty

__version__ = "0.1.0"

__all__ = [
    "AcceleratorBreakEven",
    "CeilingCurve",
    "Certificate",
    "ColumnGeneration",
    "Cut",
    "DemandSets",
    "Explanation",
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
    "PuLP",
    "Reason",
    "Session",
    "Settings",
    "Solver",
    "SolverError",
    "Termination",
    "Uncertainty",
    "Violation",
    "agent_sensitivity",
    "baselines",
    "batch_report",
    "break_even_accelerator_price",
    "break_even_gaps",
    "ceiling_at_quantiles",
    "ceiling_curve",
    "ceilings_by_region",
    "check",
    "compare",
    "cost_of_latency",
    "cure",
    "datasets",
    "economic_range",
    "explain",
    "export_ceiling",
    "export_cost",
    "load",
    "load_graph",
    "price_ranges",
    "save",
    "save_graph",
    "solve",
    "solve_many",
    "synthetic",
    "to_program",
    "to_pulp",
    "with_accelerator_prices",
    "write_program",
]
