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
    from placer import datasets as datasets
    from placer import plots as plots
    from placer import pypsa_export as pypsa_export
    from placer import synthetic as synthetic
    from placer.accounting.result import Accounts as Accounts
    from placer.accounting.result import accounts as accounts
    from placer.analysis import baselines as baselines
    from placer.analysis.baselines import compare as compare
    from placer.analysis.flexibility.curve import Flexibility as Flexibility
    from placer.analysis.flexibility.curve import flexibility as flexibility
    from placer.analysis.fronts.front import Front as Front
    from placer.analysis.fronts.front import abatement_front as abatement_front
    from placer.analysis.fronts.front import green_front as green_front
    from placer.analysis.price_ranges import price_ranges as price_ranges
    from placer.analysis.regimes import (
        AcceleratorBreakEven as AcceleratorBreakEven,
    )
    from placer.analysis.regimes import (
        break_even_accelerator_price as break_even_accelerator_price,
    )
    from placer.analysis.regimes import (
        with_accelerator_prices as with_accelerator_prices,
    )
    from placer.analysis.shortage.explanation import Explanation as Explanation
    from placer.analysis.shortage.explanation import cure as cure
    from placer.analysis.shortage.explanation import explain as explain
    from placer.batch import batch_report as batch_report
    from placer.batch.runner import solve_many as solve_many
    from placer.batch.store import Store as Store
    from placer.ceiling.agents import agent_sensitivity as agent_sensitivity
    from placer.ceiling.cost_of_exporting import ExportCost as ExportCost
    from placer.ceiling.cost_of_exporting import export_cost as export_cost
    from placer.ceiling.curve import CeilingCurve as CeilingCurve
    from placer.ceiling.directions import ceilings_by_region as ceilings_by_region
    from placer.ceiling.economics import (
        EconomicRange as EconomicRange,
    )
    from placer.ceiling.economics import (
        break_even_gaps as break_even_gaps,
    )
    from placer.ceiling.economics import (
        economic_range as economic_range,
    )
    from placer.ceiling.economics import (
        export_ranges as export_ranges,
    )
    from placer.ceiling.effort import EffortCurve as EffortCurve
    from placer.ceiling.exports import ceiling_curve as ceiling_curve
    from placer.ceiling.exports import export_ceiling as export_ceiling
    from placer.ceiling.latency_value import cost_of_latency as cost_of_latency
    from placer.ceiling.quantiles import ceiling_at_quantiles as ceiling_at_quantiles
    from placer.ceiling.result import ExportCeiling as ExportCeiling
    from placer.ceiling.secure.curve import SecureCurve as SecureCurve
    from placer.ceiling.secure.result import SecureCeiling as SecureCeiling
    from placer.column_generation.solver import ColumnGeneration as ColumnGeneration
    from placer.datasets.folder import load as load
    from placer.datasets.saving import save as save
    from placer.datasets.template import write_template as write_template
    from placer.decomposition.risk import CVaR as CVaR
    from placer.errors import (
        ArgumentError as ArgumentError,
    )
    from placer.errors import (
        BatchError as BatchError,
    )
    from placer.errors import (
        InfeasibleBuildLimitsError as InfeasibleBuildLimitsError,
    )
    from placer.errors import (
        InfeasibleModelError as InfeasibleModelError,
    )
    from placer.errors import (
        InputWarning as InputWarning,
    )
    from placer.errors import (
        InstanceError as InstanceError,
    )
    from placer.errors import (
        NoSolutionError as NoSolutionError,
    )
    from placer.errors import (
        OutputError as OutputError,
    )
    from placer.errors import (
        PlacerError as PlacerError,
    )
    from placer.errors import (
        SolverError as SolverError,
    )
    from placer.errors import (
        StoreError as StoreError,
    )
    from placer.errors import (
        Violation as Violation,
    )
    from placer.errors import (
        WorkerDiedError as WorkerDiedError,
    )
    from placer.extended.model import Model as Model
    from placer.extended.placement import ModelPlacement as ModelPlacement
    from placer.extended.solving import IntegerCertificate as IntegerCertificate
    from placer.flexibilities.values import FlexibilityValues as FlexibilityValues
    from placer.flexibilities.values import flexibility_values as flexibility_values
    from placer.histories.around import DemandHistory as DemandHistory
    from placer.histories.formats import read_requests as read_requests
    from placer.histories.history import History as History
    from placer.histories.requests import Requests as Requests
    from placer.instance.attributes.settings import Settings as Settings
    from placer.instance.cut import Cut as Cut
    from placer.instance.problem import Instance as Instance
    from placer.instance.queue_margin import (
        QueueMargin as QueueMargin,
    )
    from placer.instance.queue_margin import (
        erlang_c as erlang_c,
    )
    from placer.instance.queue_margin import (
        queue_margin as queue_margin,
    )
    from placer.instance.reduced import Reduced as Reduced
    from placer.instance.remarks import check as check
    from placer.instance.reshape import long_table as long_table
    from placer.io.graph_files import load_graph as load_graph
    from placer.io.graph_files import save_graph as save_graph
    from placer.least_cost.tie_break import TieBreak as TieBreak
    from placer.live.background import LivePage as LivePage
    from placer.live.background import explore as explore
    from placer.model.program import LinearProgram as LinearProgram
    from placer.model.program import LPSolution as LPSolution
    from placer.model.program import Solver as Solver
    from placer.near_optimal.alternatives import alternatives as alternatives
    from placer.near_optimal.result import Alternatives as Alternatives
    from placer.placement.elastic import ElasticPlacement as ElasticPlacement
    from placer.placement.result import Placement as Placement
    from placer.planning.answer.result import Plan as Plan
    from placer.planning.plan import plan as plan
    from placer.planning.question.build_limits import BuildLimits as BuildLimits
    from placer.planning.question.candidates import Candidates as Candidates
    from placer.planning.question.files import (
        read_annual_limits as read_annual_limits,
    )
    from placer.planning.question.files import (
        read_build_limits as read_build_limits,
    )
    from placer.planning.question.files import (
        read_candidates as read_candidates,
    )
    from placer.planning.question.pooled_candidates import pooled_candidates as pooled_candidates
    from placer.planning.question.states import States as States
    from placer.planning.years.planning_years import Years as Years
    from placer.planning.years.years_plan import YearsPlan as YearsPlan
    from placer.planning.years.years_plan import plan_years as plan_years
    from placer.presence.models import place_models as place_models
    from placer.presence.result import Presence as Presence
    from placer.proof.certificate import Certificate as Certificate
    from placer.queues.simulation import QueueSimulation as QueueSimulation
    from placer.queues.simulation import simulate as simulate
    from placer.reduced.carry_back import carry_back as carry_back
    from placer.reduced.result import CarriedBack as CarriedBack
    from placer.replays.replay import replay as replay
    from placer.replays.result import Replay as Replay
    from placer.report.batch_report import write_batch_report as write_batch_report
    from placer.report.placement_report import write_report as write_report
    from placer.report.side_by_side import Comparison as Comparison
    from placer.report.side_by_side import compare_placements as compare_placements
    from placer.rolling.horizon import roll as roll
    from placer.rolling.result import RolledPlacement as RolledPlacement
    from placer.running import running as running
    from placer.security.audit import audit as audit
    from placer.security.definition import Security as Security
    from placer.security.placement import SecurePlacement as SecurePlacement
    from placer.security.result import Audit as Audit
    from placer.sensitivity.assumptions import Assumption as Assumption
    from placer.sensitivity.assumptions import with_load as with_load
    from placer.sensitivity.conclusions import Conclusion as Conclusion
    from placer.sensitivity.files import read_assumptions as read_assumptions
    from placer.sensitivity.result import Sensitivity as Sensitivity
    from placer.sensitivity.saved import read_sensitivity as read_sensitivity
    from placer.sensitivity.study import sensitivity as sensitivity
    from placer.session import Session as Session
    from placer.solve import solve as solve
    from placer.solve import to_program as to_program
    from placer.solvers.highs import HiGHS as HiGHS
    from placer.solvers.pulp import PuLP as PuLP
    from placer.solvers.pulp import to_pulp as to_pulp
    from placer.solvers.pulp import write_program as write_program
    from placer.synthetic import DemandSets as DemandSets
    from placer.synthetic import Uncertainty as Uncertainty
    from placer.termination import Reason as Reason
    from placer.termination import Termination as Termination
    from placer.trades.obstacle_parts import TradeObstacles as TradeObstacles
    from placer.trades.obstacles import trade_obstacles as trade_obstacles
    from placer.trades.result import Trade as Trade
    from placer.trades.trade import trade as trade
    from placer.utils.readable import readable as readable

__version__ = VERSION

#: The module of every public name: imported when it or one of its names is first asked for, so that importing the
#: package takes no time; the imports above tell the same to type checkers.
_HOME = {name: module for module, names in PUBLIC_NAMES.items() for name in names.split()}

__all__ = [*_HOME, "datasets", "plots", "pypsa_export", "synthetic"]  # noqa: PLE0604 - of strings too


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
