"""placer: where token workloads should run, what a token then costs and why, and how much of the demand can leave."""

from __future__ import annotations

import importlib
import importlib.util
import sys
from types import ModuleType
from typing import TYPE_CHECKING, Any

from placer.public_names import PUBLIC_NAMES
from placer.version import VERSION

if TYPE_CHECKING:
    from placer import datasets, plots, pypsa_export, synthetic
    from placer.accounting.result import Accounts, accounts
    from placer.analysis import baselines
    from placer.analysis.baselines import compare
    from placer.analysis.flexibility.curve import Flexibility, flexibility
    from placer.analysis.price_ranges import price_ranges
    from placer.analysis.regimes import AcceleratorBreakEven, break_even_accelerator_price, with_accelerator_prices
    from placer.analysis.shortage.explanation import Explanation, cure, explain
    from placer.batch import batch_report
    from placer.batch.runner import solve_many
    from placer.batch.store import Store
    from placer.ceiling.agents import agent_sensitivity
    from placer.ceiling.cost_of_exporting import ExportCost, export_cost
    from placer.ceiling.curve import CeilingCurve
    from placer.ceiling.directions import ceilings_by_region
    from placer.ceiling.economics import EconomicRange, break_even_gaps, economic_range, export_ranges
    from placer.ceiling.effort import EffortCurve
    from placer.ceiling.exports import ceiling_curve, export_ceiling
    from placer.ceiling.latency_value import cost_of_latency
    from placer.ceiling.quantiles import ceiling_at_quantiles
    from placer.ceiling.result import ExportCeiling
    from placer.ceiling.secure.curve import SecureCurve
    from placer.ceiling.secure.result import SecureCeiling
    from placer.column_generation.solver import ColumnGeneration
    from placer.datasets.folder import load
    from placer.datasets.saving import save
    from placer.datasets.template import write_template
    from placer.decomposition.risk import CVaR
    from placer.errors import (
        ArgumentError,
        BatchError,
        InfeasibleBuildLimitsError,
        InfeasibleModelError,
        InputWarning,
        InstanceError,
        NoSolutionError,
        OutputError,
        PlacerError,
        SolverError,
        StoreError,
        Violation,
        WorkerDiedError,
    )
    from placer.extended.model import Model
    from placer.extended.placement import ModelPlacement
    from placer.extended.solving import IntegerCertificate
    from placer.histories.around import DemandHistory
    from placer.histories.formats import read_requests
    from placer.histories.history import History
    from placer.histories.requests import Requests
    from placer.instance.attributes.settings import Settings
    from placer.instance.cut import Cut
    from placer.instance.problem import Instance
    from placer.instance.queue_margin import QueueMargin, erlang_c, queue_margin
    from placer.instance.reduced import Reduced
    from placer.instance.remarks import check
    from placer.instance.reshape import long_table
    from placer.io.graph_files import load_graph, save_graph
    from placer.least_cost.tie_break import TieBreak
    from placer.model.program import LinearProgram, LPSolution, Solver
    from placer.near_optimal.alternatives import alternatives
    from placer.near_optimal.result import Alternatives
    from placer.placement.elastic import ElasticPlacement
    from placer.placement.result import Placement
    from placer.planning.answer.result import Plan
    from placer.planning.plan import plan
    from placer.planning.question.build_limits import BuildLimits
    from placer.planning.question.candidates import Candidates
    from placer.planning.question.files import read_build_limits, read_candidates
    from placer.planning.question.pooled_candidates import pooled_candidates
    from placer.planning.question.states import States
    from placer.planning.years.planning_years import Years
    from placer.planning.years.years_plan import YearsPlan, plan_years
    from placer.presence.models import place_models
    from placer.presence.result import Presence
    from placer.proof.certificate import Certificate
    from placer.queues.simulation import QueueSimulation, simulate
    from placer.reduced.carry_back import carry_back
    from placer.reduced.result import CarriedBack
    from placer.replays.replay import replay
    from placer.replays.result import Replay
    from placer.report.batch_report import write_batch_report
    from placer.report.placement_report import write_report
    from placer.report.side_by_side import Comparison, compare_placements
    from placer.rolling.horizon import roll
    from placer.rolling.result import RolledPlacement
    from placer.running import running
    from placer.security.audit import audit
    from placer.security.definition import Security
    from placer.security.placement import SecurePlacement
    from placer.security.result import Audit
    from placer.sensitivity.assumptions import Assumption, with_load
    from placer.sensitivity.conclusions import Conclusion
    from placer.sensitivity.files import read_assumptions
    from placer.sensitivity.result import Sensitivity
    from placer.sensitivity.saved import read_sensitivity
    from placer.sensitivity.study import sensitivity
    from placer.session import Session
    from placer.solve import solve, to_program
    from placer.solvers.highs import HiGHS
    from placer.solvers.pulp import PuLP, to_pulp, write_program
    from placer.synthetic import DemandSets, Uncertainty
    from placer.termination import Reason, Termination
    from placer.trades.obstacle_parts import TradeObstacles
    from placer.trades.obstacles import trade_obstacles
    from placer.trades.result import Trade
    from placer.trades.trade import trade
    from placer.utils.readable import readable

__version__ = VERSION

#: The module of every public name: imported when it or one of its names is first asked for, so that importing the
#: package takes no time; the imports above tell the same to type checkers.
_HOME = {name: module for module, names in PUBLIC_NAMES.items() for name in names.split()}

__all__ = [
    "AcceleratorBreakEven",
    "Accounts",
    "Alternatives",
    "ArgumentError",
    "Assumption",
    "Audit",
    "BatchError",
    "BuildLimits",
    "CVaR",
    "Candidates",
    "CarriedBack",
    "CeilingCurve",
    "Certificate",
    "ColumnGeneration",
    "Comparison",
    "Conclusion",
    "Cut",
    "DemandHistory",
    "DemandSets",
    "EconomicRange",
    "EffortCurve",
    "ElasticPlacement",
    "Explanation",
    "ExportCeiling",
    "ExportCost",
    "Flexibility",
    "HiGHS",
    "History",
    "InfeasibleBuildLimitsError",
    "InfeasibleModelError",
    "InputWarning",
    "Instance",
    "InstanceError",
    "IntegerCertificate",
    "LPSolution",
    "LinearProgram",
    "Model",
    "ModelPlacement",
    "NoSolutionError",
    "OutputError",
    "Placement",
    "PlacerError",
    "Plan",
    "Presence",
    "PuLP",
    "QueueMargin",
    "QueueSimulation",
    "Reason",
    "Reduced",
    "Replay",
    "Requests",
    "RolledPlacement",
    "SecureCeiling",
    "SecureCurve",
    "SecurePlacement",
    "Security",
    "Sensitivity",
    "Session",
    "Settings",
    "Solver",
    "SolverError",
    "States",
    "Store",
    "StoreError",
    "Termination",
    "TieBreak",
    "Trade",
    "TradeObstacles",
    "Uncertainty",
    "Violation",
    "WorkerDiedError",
    "Years",
    "YearsPlan",
    "accounts",
    "agent_sensitivity",
    "alternatives",
    "audit",
    "baselines",
    "batch_report",
    "break_even_accelerator_price",
    "break_even_gaps",
    "carry_back",
    "ceiling_at_quantiles",
    "ceiling_curve",
    "ceilings_by_region",
    "check",
    "compare",
    "compare_placements",
    "cost_of_latency",
    "cure",
    "datasets",
    "economic_range",
    "erlang_c",
    "explain",
    "export_ceiling",
    "export_cost",
    "export_ranges",
    "flexibility",
    "load",
    "load_graph",
    "long_table",
    "place_models",
    "plan",
    "plan_years",
    "plots",
    "pooled_candidates",
    "price_ranges",
    "pypsa_export",
    "queue_margin",
    "read_assumptions",
    "read_build_limits",
    "read_candidates",
    "read_requests",
    "read_sensitivity",
    "readable",
    "replay",
    "roll",
    "running",
    "save",
    "save_graph",
    "sensitivity",
    "simulate",
    "solve",
    "solve_many",
    "synthetic",
    "to_program",
    "to_pulp",
    "trade",
    "trade_obstacles",
    "with_accelerator_prices",
    "with_load",
    "write_batch_report",
    "write_program",
    "write_report",
    "write_template",
]


def __getattr__(name: str) -> Any:
    """Import a public name, or a module, when it is first asked for."""
    if name in _HOME:
        found = getattr(importlib.import_module(f"{__name__}.{_HOME[name]}"), name)
    elif name.startswith("_") or importlib.util.find_spec(f"{__name__}.{name}") is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    else:
        found = importlib.import_module(f"{__name__}.{name}")
    setattr(sys.modules[__name__], name, found)
    return found


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})


class _Package(ModuleType):
    """Keeps ``placer.solve`` the function where the import of the module ``placer.solve`` would put the module."""

    def __setattr__(self, name: str, value: Any) -> None:
        if isinstance(value, ModuleType) and name in _HOME:
            value = getattr(value, name, value)
        super().__setattr__(name, value)


sys.modules[__name__].__class__ = _Package
