"""The content of a report on a plan: what is built, what it is worth, and how far both are proven."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from placer.errors import InstanceError, Violation
from placer.planning.answer.build_places import builds_by_link, builds_by_site
from placer.planning.answer.plan_files import sites_of
from placer.report.content.accounts import PlanAccountsContent, plan_accounts_content
from placer.report.html.markup import labelled, shortened
from placer.utils.arrays import without_noise

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

    from placer.placement.result import Placement
    from placer.planning.answer.accounts import PlanAccounts
    from placer.planning.answer.result import Plan

#: Profits of at most this share of a unit's cost are within what the gap leaves open on the page.
_EVEN = 1e-6


@dataclass(frozen=True, eq=False)
class PlanContent:
    """The content of a plan; names are as shown.

    Attributes
    ----------
    cost_usd_per_year, build_cost_usd_per_year, bound_usd_per_year : float
    verdict : str
        The verdict of the plan's certificate.
    stopped : str
        Why the search ended with an open gap; empty if it closed it.
    builds : DataFrame
        As ``Plan.builds``, the dearest builds first, then the candidates nearest to being built.
    builds_by_site, builds_by_link : DataFrame
        As of ``placer.planning.answer.build_places``.
    build_limits, states : DataFrame
        As of the plan.
    sites : DataFrame or None
        As ``Plan.stranded``, if it has been asked for.
    curves : mapping of str to DataFrame
        As of ``Plan.curve``, by the name of the build limit.
    accounts : PlanAccountsContent or None
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
    states: pd.DataFrame
    sites: pd.DataFrame | None
    curves: Mapping[str, pd.DataFrame]
    accounts: PlanAccountsContent | None = None


def plan_content(plan: Plan, curves: Mapping[str, pd.DataFrame], accounts: PlanAccounts | None = None) -> PlanContent:
    """Extract the content of a report from a plan, its curves by build limit, and its accounts.

    Raises
    ------
    InstanceError
        If the accounts are not of the plan.
    """
    builds = plan.builds.sort_values(["cost_usd_per_year", "profit_usd_per_unit_year"], ascending=False)
    size = np.abs(builds["value_usd_per_unit_year"].to_numpy()) + builds["unit_cost_usd_per_year"].to_numpy()
    profit = builds["profit_usd_per_unit_year"].to_numpy()
    sites = sites_of(plan)
    even = np.abs(profit) <= _EVEN * size
    builds = builds.assign(profit_usd_per_unit_year=np.where(even, 0.0, without_noise(profit)))
    return PlanContent(
        cost_usd_per_year=plan.cost_usd_per_year,
        build_cost_usd_per_year=plan.build_cost_usd_per_year,
        bound_usd_per_year=plan.bound_usd_per_year,
        verdict=plan.certificate.verdict,
        stopped=shortened(plan.stopped, longest=400),
        builds=labelled(builds),
        builds_by_site=_shown(builds_by_site(plan)),
        builds_by_link=_shown(builds_by_link(plan)),
        build_limits=labelled(plan.build_limits),
        states=labelled(plan.states),
        sites=None
        if sites is None
        else labelled(sites.sort_values([str(name) for name in list(sites)[1:]], kind="stable")),
        curves={shortened(name): curve for name, curve in curves.items() if len(curve)},
        accounts=None if accounts is None else plan_accounts_content(accounts, plan),
    )


def _shown(builds: pd.DataFrame) -> pd.DataFrame:
    """Return what is built at some places with printable names."""
    return labelled(builds).assign(said=[shortened(said, longest=200) for said in builds["said"]])


def check_plan(plan: Plan, placement: Placement) -> None:
    """Refuse a plan that is not about the instance of a placement.

    Raises
    ------
    InstanceError
        If the placement is neither of the instance that is planned for nor of a state with what is built.
    """
    instance = placement.instance
    if instance == plan.question.instance or any(instance == plan.instance(name) for name in plan.states.index):
        return
    allowed = "a plan of the placement's instance, or the placement of one of its states"
    raise InstanceError([Violation("report", "", "plan", "it is of another instance", allowed)])
