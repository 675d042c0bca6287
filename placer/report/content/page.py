"""The content of a report as plain data: figures and tables of a placement, without HTML."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import pandas as pd

from placer.currency import USD
from placer.datasets.folder import Dataset
from placer.errors import InstanceError, Violation
from placer.placement.result import Placement
from placer.report.content.accounts import AccountsContent, accounts_content
from placer.report.content.assumptions import Assumptions, assumptions_of
from placer.report.content.batteries import BatteriesContent, batteries_content
from placer.report.content.ceiling import CeilingContent, ExportsAt, ceiling_content, exports_at_limits
from placer.report.content.flow_map import FlowMap, flow_map
from placer.report.content.headlines import Headline, headlines_of
from placer.report.content.lost import LostContent, SecuredContent, lost_content, secured_content
from placer.report.content.modes import ModesContent, modes_content
from placer.report.content.own_limits import (
    OwnContent,
    limit_lines,
    limit_rows,
    own_content,
    own_parts,
    refuse_analyses,
    rules_beside,
)
from placer.report.content.placement_tables import by_demand, certificate_of, scarcities_of, solver_of
from placer.report.content.plan import PlanContent, plan_content
from placer.report.content.ranges import note_on_ties, ranges_by
from placer.report.content.study import StudyContent, check_study, study_content
from placer.report.content.time_steps import (
    PriceIndex,
    energy_by_step,
    price_index,
    prices_by_step,
    utilisation_by_step,
)
from placer.report.content.trade import TradeContent, trade_content
from placer.report.html.calendar import Steps, steps_of
from placer.report.html.markup import labelled, shortened
from placer.tolerances import PROOF

if TYPE_CHECKING:
    from placer.ceiling.result import ExportCeiling
    from placer.ceiling.secure.result import SecureCeiling
    from placer.near_optimal.result import Alternatives
    from placer.planning.answer.accounts import PlanAccounts
    from placer.planning.answer.result import Plan
    from placer.replays.result import Replay
    from placer.security.result import Audit
    from placer.sensitivity.result import Sensitivity
    from placer.trades.result import Trade

#: Label of the figure that compares placements which serve unequal amounts.
LIKE_FOR_LIKE = "Cost and penalty per million tokens of demand"
#: Analyses of a subject that are made without the own rows of a model, and without contingencies.
_ANALYSES = (
    *("ceiling", "rules", "sensitivity", "plan", "plan_accounts", "ranges", "secure_ceiling", "replay", "trade"),
    "alternatives",
)


@dataclass(frozen=True, eq=False)
class Subject:
    """The subject of a report.

    Attributes
    ----------
    ceiling : ExportCeiling or None
        The ceiling of the same instance; its curve, limits and economic range are solved for if they are not yet.
    dataset : Dataset or None
        The source of the instance.
    scenarios : tuple of str
        The scenarios of the dataset that were applied.
    rules : DataFrame or None
        The naive rules beside the optimum, as ``placer.compare`` gives them; computed if not given.
    ranges : iterable of DataFrame
        As ``placer.export_ranges`` gives them, by workload, by hub or both; shown as columns of these tables.
    sensitivity : Sensitivity or None
        A finished study of the same instance.
    plan : Plan or None
        A plan of the same instance, or one that the placement is of a state of.
    build_curves : mapping of str to DataFrame
        Of ``Plan.curve``, by build limit.
    plan_accounts : PlanAccounts or None
        Of ``Plan.accounts``.
    audit : Audit or None
        Of the placement.
    secure_ceiling : SecureCeiling or None
        Of the same instance.
    replay : Replay or None
        Of days around the same instance.
    trade : Trade or None
        Of the placement, for its gains or for other countries than regions; computed if not given.
    alternatives : Alternatives or None
        To the placement, or to the plan.
    """

    title: str
    placement: Placement
    ceiling: ExportCeiling | None = None
    dataset: Dataset | None = None
    scenarios: tuple[str, ...] = ()
    rules: pd.DataFrame | None = None
    ranges: Iterable[pd.DataFrame] = ()
    sensitivity: Sensitivity | None = None
    plan: Plan | None = None
    build_curves: Mapping[str, pd.DataFrame] = field(default_factory=dict)
    plan_accounts: PlanAccounts | None = None
    audit: Audit | None = None
    secure_ceiling: SecureCeiling | None = None
    replay: Replay | None = None
    trade: Trade | None = None
    alternatives: Alternatives | None = None


@dataclass(frozen=True, eq=False)
class PageContent:
    """The content of one part of the page. Names are as shown; see ``placer.report.html.markup.labels``.

    Attributes
    ----------
    hubs, workloads : DataFrame
        As ``demand_summary``, with the cost parts and rents in USD per Mtok, and the given export ranges.
    ties : mapping of str to str
        Note on the exports in the table by ``hub`` and by ``workload``; empty if there is none.
    data_centres : DataFrame
        As ``data_centre_table``.
    utilisation : DataFrame
        Data centres by steps; NaN without a limit.
    prices : DataFrame
        Steps by ``PRICE_PARTS``, in a model also the part of own rows, USD per Mtok; means over demand served below
        the penalty, NaN without any.
    workload_prices : DataFrame
        Workloads by steps, likewise.
    price_summary : Series
        ``placement.price_summary()``: means, medians and payments of all demand, served and unserved apart.
    energy : DataFrame
        Steps by ``mwh``, ``carbon_t`` and ``water_m3``.
    limit_lines, limit_rows : DataFrame
        Limits of one's own in words, a line each, and hour by hour.
    certificate : DataFrame
        ``value``, ``most`` and ``holds`` by figure.
    verdict : str
        The verdict of the certificate: proven, or not proven and why.
    like_for_like : Headline
        The figure that compares placements which serve unequal amounts.
    mean_price : float
        Mean over demand served below the penalty, USD per Mtok.
    exports : tuple of ExportsAt
        The most exports at some corners of the curve of the ceiling; empty without a ceiling or a map.
    currency : str
        Of all amounts.
    """

    title: str
    headlines: tuple[Headline, ...]
    steps: Steps
    hubs: pd.DataFrame
    workloads: pd.DataFrame
    ties: dict[str, str]
    data_centres: pd.DataFrame
    utilisation: pd.DataFrame
    prices: pd.DataFrame
    workload_prices: pd.DataFrame
    price_index: PriceIndex
    price_summary: pd.Series
    energy: pd.DataFrame
    limit_lines: pd.DataFrame
    limit_rows: pd.DataFrame
    scarcities: pd.DataFrame
    rules: pd.DataFrame
    certificate: pd.DataFrame
    settlement: pd.Series
    verdict: str
    proven: bool
    like_for_like: Headline
    mean_price: float
    solver: str
    flows: FlowMap
    assumptions: Assumptions
    exports: tuple[ExportsAt, ...] = ()
    ceiling: CeilingContent | None = field(default=None)
    study: StudyContent | None = field(default=None)
    plan: PlanContent | None = field(default=None)
    own: OwnContent | None = field(default=None)
    accounts: AccountsContent | None = field(default=None)
    trade: TradeContent | None = field(default=None)
    modes: ModesContent | None = field(default=None)
    batteries: BatteriesContent | None = field(default=None)
    lost: LostContent | None = field(default=None)
    secured: SecuredContent | None = field(default=None)
    replay: Replay | None = field(default=None)
    alternatives: Alternatives | None = field(default=None)
    currency: str = USD
    prefix: str = "s0-"  # of the identities of its elements

    @property
    def compared(self) -> tuple[Headline, ...]:
        """What a comparison shows: cost and penalty first, unserved demand beside it, then the other headlines."""
        unserved = next(item for item in self.headlines if item.label == "Unserved")
        return (self.like_for_like, unserved, *(item for item in self.headlines if item is not unserved))


def _ranges(subject: Subject) -> dict[str, pd.DataFrame]:
    """Return the ranges of a subject by hub and workload, once its analyses are known to fit its placement."""
    given = tuple(subject.ranges)
    analyses = {name: getattr(subject, name) for name in _ANALYSES} | {"ranges": given or None}
    refuse_analyses(subject.placement, analyses)
    return ranges_by(given, subject.placement)


def content_of(subject: Subject, most_flow_characters: int) -> PageContent:
    """Extract the content of a report from a placement.

    Raises
    ------
    ArgumentError
        If ranges are not as ``placer.export_ranges`` gives them for this placement.
    InstanceError
        If the study, the plan or the secure ceiling is of another instance, or the audit or trade of another placement.
    """
    placement, ranges = subject.placement, _ranges(subject)
    if subject.sensitivity is not None:
        check_study(subject.sensitivity, placement)
    steps = steps_of(placement.formulation.hours)
    hours, prices = prices_by_step(placement, steps)
    flows = flow_map(placement, steps, most_flow_characters)
    content = PageContent(
        title=shortened(subject.title, longest=200),
        headlines=headlines_of(placement, None),
        steps=steps,
        hubs=by_demand(placement, "hub", ranges.get("hub")),
        workloads=by_demand(placement, "workload", ranges.get("workload")),
        ties=_ties(placement, ranges),
        data_centres=labelled(placement.data_centres),
        utilisation=utilisation_by_step(placement, steps),
        prices=hours,
        workload_prices=prices,
        price_index=price_index(placement, steps),
        price_summary=placement.price_summary().iloc[0],
        energy=energy_by_step(placement, steps),
        limit_lines=limit_lines(placement.limits, placement.currency),
        limit_rows=limit_rows(placement.limits, placement.currency),
        scarcities=scarcities_of(placement),
        rules=rules_beside(placement) if subject.rules is None else subject.rules,
        certificate=certificate_of(placement),
        settlement=placement.settlement,
        verdict=placement.certificate.verdict,
        proven=placement.certificate.proven,
        like_for_like=Headline(LIKE_FOR_LIKE, placement.cost_and_penalty_usd_per_mtok, placement.currency),
        mean_price=placement.price_usd_per_mtok,
        solver=shortened(solver_of(placement), longest=400),
        flows=flows,
        assumptions=assumptions_of(placement.instance, subject.dataset, subject.scenarios),
        study=None if subject.sensitivity is None else study_content(subject.sensitivity),
        plan=plan_content(subject.plan, placement, subject.build_curves, subject.plan_accounts),
        own=own_content(placement),
        accounts=accounts_content(placement),
        trade=trade_content(subject.trade, placement),
        modes=modes_content(placement),
        batteries=batteries_content(placement, steps),
        lost=lost_content(subject.audit, placement),
        secured=secured_content(subject.secure_ceiling, placement),
        replay=subject.replay,
        alternatives=alternatives_of(subject.alternatives, placement, subject.plan),
        currency=placement.currency,
    )
    if subject.ceiling is None:
        return content
    return with_exports(with_ceiling(content, placement, subject.ceiling), subject.ceiling)


def with_ceiling(content: PageContent, placement: Placement, ceiling: ExportCeiling) -> PageContent:
    """Return the content with the ceiling of the same placement, and solve for its missing parts."""
    found = ceiling_content(ceiling)
    return replace(content, headlines=headlines_of(placement, found), ceiling=found)


def with_exports(content: PageContent, ceiling: ExportCeiling) -> PageContent:
    """Return content that has a ceiling with the most exports at some corners of its curve, solved for here."""
    if content.ceiling is None:
        return content
    return replace(content, exports=exports_at_limits(ceiling, content.ceiling.curve, content.flows))


def _ties(placement: Placement, ranges: Mapping[str, pd.DataFrame]) -> dict[str, str]:
    """Return the note on the exports by hub and by workload; empty where ranges or own rows stand beside them."""
    is_noted = {by: by not in ranges and not own_parts(placement) for by in ("hub", "workload")}
    return {by: note_on_ties(placement, by) if noted else "" for by, noted in is_noted.items()}


def alternatives_of(found: Alternatives | None, placement: Placement, plan: Plan | None) -> Alternatives | None:
    """Return alternatives of which the cheapest costs what the placement does, or the plan.

    Raises
    ------
    InstanceError
        If they are to another one.
    """
    if found is None:
        return None
    of_plan = not found.placements
    own = placement.certificate.objective if not of_plan else math.nan if plan is None else plan.cost_usd_per_year
    if not math.isclose(found.least_usd, own, rel_tol=PROOF):
        problem = f"the least cost is {found.least_usd:.6g}, that of the page {own:.6g}"
        raise InstanceError(
            [Violation("alternatives", "", "least_usd", problem, "alternatives to what is on the page")]
        )
    return found
