"""The content of a report on a plan: builds, their value, and how far both are proven."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from placer.currency import USD
from placer.errors import InstanceError, Violation
from placer.placement.elastic import ElasticPlacement
from placer.placement.result import Placement
from placer.planning.answer.annual_use import annual_tables
from placer.planning.answer.build_places import builds_by_link, builds_by_site
from placer.planning.answer.plan_files import sites_of
from placer.planning.answer.state_parts import parts_in_time
from placer.report.content.accounts import PlanAccountsContent, plan_accounts_content
from placer.report.content.headlines import Headline
from placer.report.content.plan_headlines import counted_in_words, plan_headlines
from placer.report.html.markup import labelled, shortened
from placer.tolerances import PROOF
from placer.utils.arrays import without_noise

if TYPE_CHECKING:
    from placer.planning.answer.accounts import PlanAccounts
    from placer.planning.answer.result import Plan


@dataclass(frozen=True, eq=False)
class PlanContent:
    """The content of a plan; names are as shown.

    Attributes
    ----------
    verdict : str
        The verdict of the plan's certificate.
    stopped : str
        Why the search ended with an open gap; empty if it closed it.
    builds : DataFrame
        As ``Plan.builds``, the dearest builds first, then the candidates nearest to being built.
    builds_by_site, builds_by_link : DataFrame
        As of ``placer.planning.answer.build_places``.
    build_limits, annual_limits, states : DataFrame
        As of the plan.
    sites : DataFrame or None
        As ``Plan.stranded``, if it has been asked for.
    parts : DataFrame or None
        As ``Plan.parts``, if the cost holds more than cost and penalty, or it has been asked for.
    counted : str
        What the cost of a year holds beside builds and placements.
    headlines : tuple of Headline
        The builds, the cost of a year, the value, the runner-up and the range.
    state : str
        The state of the placement; empty if it is of the instance without the builds.
    curves : mapping of str to DataFrame
        As of ``Plan.curve``, by the name of the build limit.
    currency : str
        Of all amounts.
    """

    cost_usd_per_year: float
    build_cost_usd_per_year: float
    bound_usd_per_year: float
    verdict: str
    stopped: str
    builds: pd.DataFrame
    builds_by_site: pd.DataFrame
    builds_by_link: pd.DataFrame
    build_limits: pd.DataFrame
    annual_limits: pd.DataFrame
    states: pd.DataFrame
    sites: pd.DataFrame | None
    parts: pd.DataFrame | None
    counted: str
    headlines: tuple[Headline, ...]
    state: str
    curves: Mapping[str, pd.DataFrame]
    accounts: PlanAccountsContent | None = None
    currency: str = USD


def plan_content(
    plan: Plan | None, placement: Placement, curves: Mapping[str, pd.DataFrame], accounts: PlanAccounts | None = None
) -> PlanContent | None:
    """Extract the content of a report from a plan, a placement, its curves by build limit, and its accounts, if any.

    Raises
    ------
    InstanceError
        If the placement is neither of the instance that is planned for nor of a state with the builds, or if the
        accounts are not of the plan.
    """
    if plan is None:
        return None
    state = _state_of(plan, placement)
    builds = plan.builds.sort_values(["cost_usd_per_year", "profit_usd_per_unit_year"], ascending=False)
    size = np.abs(builds["value_usd_per_unit_year"].to_numpy()) + builds["unit_cost_usd_per_year"].to_numpy()
    profit = builds["profit_usd_per_unit_year"].to_numpy()
    sites = sites_of(plan)
    even = np.abs(profit) <= PROOF * size  # within what the gap leaves open on the page
    builds = builds.assign(profit_usd_per_unit_year=np.where(even, 0.0, without_noise(profit)))
    return PlanContent(
        cost_usd_per_year=plan.cost_usd_per_year,
        build_cost_usd_per_year=plan.build_cost_usd_per_year,
        bound_usd_per_year=plan.bound_usd_per_year,
        verdict=plan.certificate.verdict,
        stopped=shortened(plan.stopped, longest=400),
        builds=labelled(builds),
        headlines=plan_headlines(plan, labelled(builds)),
        state=shortened(state),
        builds_by_site=_shown(builds_by_site(plan)),
        builds_by_link=_shown(builds_by_link(plan)),
        build_limits=labelled(plan.build_limits),
        annual_limits=labelled(annual_tables(plan).get("annual_limits", pd.DataFrame())),
        states=labelled(plan.states),
        sites=None
        if sites is None
        else labelled(sites.sort_values([str(name) for name in list(sites)[1:]], kind="stable")),
        parts=None if (parts := parts_in_time(plan)) is None else labelled(parts),
        counted=counted_in_words(plan),
        curves={shortened(name): curve for name, curve in curves.items() if len(curve)},
        accounts=None if accounts is None else plan_accounts_content(accounts, plan),
        currency=plan.currency,
    )


def _shown(builds: pd.DataFrame) -> pd.DataFrame:
    """Return what is built at some places with printable names."""
    return labelled(builds).assign(said=[shortened(said, longest=200) for said in builds["said"]])


def _state_of(plan: Plan, placement: Placement) -> str:
    """Return the state of a plan that a placement is of; empty for the instance that is planned for."""
    instance = placement.instance
    if isinstance(placement, ElasticPlacement):
        instance = placement.offered.instance
    found = (str(name) for name in plan.states.index if instance == plan.instance(name))
    state = next(found, None)
    if state is None and instance != plan.question.instance:
        allowed = "a plan of the placement's instance, or the placement of one of its states"
        raise InstanceError([Violation("report", "", "plan", "it is of another instance", allowed)])
    return state or ""
