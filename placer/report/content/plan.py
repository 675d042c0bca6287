"""The content of a report on a plan: what is built, what it is worth, and how far both are proven."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from placer.errors import InstanceError, Violation
from placer.planning.plan_files import sites_of
from placer.planning.targets import row_labels
from placer.report.content.link_ends import ENDS, link_ends
from placer.report.content.plan_accounts import PlanAccountsContent, plan_accounts_content
from placer.report.html.markup import labelled, shortened
from placer.utils.arrays import without_noise
from placer.utils.numbers import figure

if TYPE_CHECKING:
    from collections.abc import Mapping

    from placer.placement.result import Placement
    from placer.planning.accounts import PlanAccounts
    from placer.planning.result import Plan

#: What may be added, in words.
_ADDED = {
    "accelerators": "accelerators",
    "power_limit_mw": "MW of power",
    "limit_mw": "MW of supplies",
    "capacity_gbps": "Gbit/s",
}
_OF_A_LINK = "capacity_gbps"
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
    builds_by_site : DataFrame
        One row per data centre with a candidate: ``cost_usd_per_year`` of all that is built there, and ``said``, what
        it is. What is built for a power zone counts in equal parts at the data centres that the zone supplies.
    builds_by_link : DataFrame
        One row per link with a candidate whose ends have a place: likewise, with the places as ``link_ends`` has them.
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
        builds_by_site=labelled(_by_site(plan)),
        builds_by_link=labelled(_by_link(plan)),
        build_limits=labelled(plan.build_limits),
        states=labelled(plan.states),
        sites=None
        if sites is None
        else labelled(sites.sort_values([str(name) for name in list(sites)[1:]], kind="stable")),
        curves={shortened(name): curve for name, curve in curves.items() if len(curve)},
        accounts=None if accounts is None else plan_accounts_content(accounts, plan),
    )


def _by_site(plan: Plan) -> pd.DataFrame:
    """Return what is built at every data centre that has candidates: those of its accelerators, power and supplies."""
    instance = plan.question.instance
    names, supplies = set(instance.data_centres["data_centre"]), instance.supplies
    supplied = supplies.drop_duplicates().groupby("power_zone")["data_centre"].unique().map(list).to_dict()
    builds = plan.builds[plan.builds["adds"] != _OF_A_LINK]
    zones = builds["target"].where(~builds["target"].isin(names))
    sites = [
        [target] if target in names else supplied.get(target, [target.rpartition("|")[2]])
        for target in builds["target"]
    ]
    said = [
        f"{each} for {zone}" if each and zone in supplied else each
        for each, zone in zip(_in_words(builds), zones, strict=True)
    ]
    parts = builds["cost_usd_per_year"] / [len(each) for each in sites]
    table = pd.DataFrame({"data_centre": sites, "said": said, "cost_usd_per_year": parts}).explode("data_centre")
    return _together(table[table["data_centre"].isin(names)], "data_centre")


def _by_link(plan: Plan) -> pd.DataFrame:
    """Return what is built of every link that has candidates, with the places of its ends."""
    builds = plan.builds[plan.builds["adds"] == _OF_A_LINK]
    table = builds[["target", "cost_usd_per_year"]].assign(said=_in_words(builds))
    targets = row_labels(plan.question.instance, "links")
    ends = link_ends(plan.question.instance).set_axis(targets).loc[list(dict.fromkeys(builds["target"]))]
    found = _together(table, "target").join(ends).dropna(subset=list(ENDS))
    return found.set_axis([target.replace("|", " - ") for target in found.index])


def _together(table: pd.DataFrame, key: str) -> pd.DataFrame:
    """Return cost and words of all builds of a key."""
    return table.groupby(key, sort=False).agg(
        cost_usd_per_year=("cost_usd_per_year", "sum"),
        said=("said", lambda said: "; ".join(each for each in said if each) or "nothing is built"),
    )


def _in_words(builds: pd.DataFrame) -> list[str]:
    """Return units and kind of what each candidate builds; empty for those that are not built."""
    return [
        f"{figure(units)} {_ADDED[adds]}" if units > 0 else ""
        for units, adds in zip(builds["units"].tolist(), builds["adds"], strict=True)
    ]


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
