"""Accounts of a plan by region: payments for tokens and builds, and earnings from rents, over all states.

The prices of state o are the means of its price vectors p, weighted by their multipliers in the certificate:

    price_i = sum_p mu_op min(v_i, min_j z_ij(p)) / sum_p mu_op        rent = sum_p mu_op r(p) / sum_p mu_op

The placement of each state, builds included, is settled at these prices as in ``placer.accounting``. Each state counts
as often as it occurs. A build belongs to the party of its target:

    accelerators    the owner of the accelerators        capacity_gbps    the network
    power           the region of the data centre        power zones      the authority

    net cost of R = spent + lost - rents + cost of its builds + payments of its builds for build limits

``v_i`` is the penalty of demand i, or the highest value of its steps. The value of steps that are not bought is lost to
the region of their users too.

Builds pay the rents of build limits to the authority. The authority pays builds that serve protected work in outages
the rent of the limit on unserved protected work.

The net costs add up to the yearly cost of the plan less transfers, the tariffs and premia that regions are paid: these
are costs of whoever serves tokens, and revenue of regions. The units of candidate r earn ``value_r z_r`` of the rents,
and existing capacity earns the rest. Prices and rents are optimal up to the gap of the plan.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from placer.accounting.payments import payments_of
from placer.accounting.result import SHOWN
from placer.accounting.tables import CONTRACT_COSTS, part_table, parties_of, region_table, trade_table
from placer.currency import USD, amount_in
from placer.decomposition.bound import Multiplied
from placer.decomposition.cuts import prices_and_rents
from placer.decomposition.limits import by_limit
from placer.decomposition.member import Member
from placer.errors import PlacerError, refuse
from placer.instance.checks.battery_checks import batteries_refused
from placer.instance.problem import Instance
from placer.io.results import Result
from placer.model.answer import Duals
from placer.model.unserved import penalties
from placer.placement.accounts import settle
from placer.placement.elastic import Offered
from placer.placement.rents import read_rents
from placer.planning.answer.plan_figures import PlanFigures
from placer.planning.answer.state_parts import instances_of
from placer.planning.costs.evaluation import answer_state
from placer.planning.question.problem import counted_beside_cost
from placer.planning.question.targets import target_rows
from placer.running import in_time
from placer.utils import notebook
from placer.utils.arrays import ratio, sums_by, without_noise
from placer.utils.readable import readable

if TYPE_CHECKING:
    from placer.accounting.groups import Groups
from placer.utils.arrays import FloatArray, IntArray

#: Columns of the accounts of a placement that are means, with the column that weights each mean.
_MEANS = {"value_usd_per_mtok": "made_mtok", "usd_per_mwh": "mwh", "uplift": "energy_usd"}
#: The column of the value of what is not bought.
NOT_BOUGHT = "not_bought_usd"
#: The columns of ``regions`` that a representation shows.
_SHOWN = [*SHOWN[:-1], "build_cost_usd", SHOWN[-1]]


@dataclass(frozen=True, eq=False, repr=False)
class PlanAccounts(Result):
    """Who pays for a plan and who earns by it.

    Attributes
    ----------
    groups : Groups
        The region of every hub and data centre, and of the owners of accelerators.
    regions : DataFrame
        One row a party, with the columns of ``placer.Accounts.regions`` in USD, Mtok and MWh a year; and
        ``build_cost_usd`` (cost of its builds), ``build_limits_usd`` (rents of build limits that its builds pay to the
        authority, less the payments of the authority for protected work in outages), ``build_value_usd`` (the part of
        its rents that its builds earn). With steps of demand also ``not_bought_usd``: the value of what its users do
        not buy. ``net_cost_usd`` adds up to the yearly cost of the plan less ``transfers_usd_per_year``, and with
        ``contracts_usd_per_year``.
    trade : DataFrame
        Payments of users a year, as ``placer.Accounts.trade``.
    builds : DataFrame
        One row a candidate: ``paid_by`` (the party that pays for it), ``units``, and for all its units a year
        ``cost_usd``, ``limits_usd``, ``value_usd`` (the rents that they earn) and ``profit_usd``.
    currency : str
        Of all amounts.
    """

    groups: Groups
    regions: pd.DataFrame
    trade: pd.DataFrame
    builds: pd.DataFrame
    currency: str = USD

    @property
    def cost_usd_per_year(self) -> float:
        """The sum of the net costs: the yearly cost of the plan less transfers, and with ``contracts_usd_per_year``."""
        return float(self.regions["net_cost_usd"].sum())

    @property
    def contracts_usd_per_year(self) -> float:
        """What contracts of power cost a year in any case, which the cost of the plan does not count."""
        return float(self.regions[CONTRACT_COSTS].sum()) if CONTRACT_COSTS in self.regions else 0.0

    @property
    def transfers_usd_per_year(self) -> float:
        """Tariffs and premia that regions are paid in a year."""
        return float(self.regions["policy_revenue_usd"].sum())

    def summary(self) -> dict[str, Any]:
        """Return the headline figures as plain values."""
        figures = {"regions": len(self.groups.names), "cost_usd_per_year": self.cost_usd_per_year}
        return {"by": self.groups.by} | figures

    @property
    def table(self) -> pd.DataFrame:
        """The main table: ``regions``."""
        return self.regions

    @property
    def tables(self) -> dict[str, pd.DataFrame]:
        """The tables by the names of their files: ``accounts``, ``accounts_trade``, ``accounts_builds``."""
        return {"accounts": self.regions, "accounts_trade": self.trade, "accounts_builds": self.builds}

    @property
    def headline(self) -> str:
        """The number of regions and the yearly cost in one line."""
        count, by, cost = len(self.groups.names), self.groups.by, amount_in(self.cost_usd_per_year, self.currency)
        return f"Accounts of the plan: {count} regions by {by}, {cost} a year"

    def __repr__(self) -> str:
        """Return the yearly cost, and what every party earns and pays in a year, as text."""
        return f"{self.headline}\n{readable(self.regions[_SHOWN], self.currency).to_string()}"

    def _repr_html_(self) -> str:
        """Return the same as HTML, for notebooks."""
        return notebook.sentence(self.headline) + notebook.rows(self.regions[_SHOWN], self.currency)


def plan_accounts(plan: PlanFigures, multiplied: Multiplied, groups: Groups) -> PlanAccounts:
    """Return the accounts of a plan, given the multipliers of its certificate; ``placer.Plan.accounts``.

    Raises
    ------
    NoSolutionError
        If a state has no proven placement.
    PlacerError
        If units are whole, a risk is given, or a state has no prices.
    InstanceError
        If there are batteries.
    """
    _need_prices(plan)
    problem, instances = plan.problem, instances_of(plan.question)
    refuse(batteries_refused(instances[0].batteries, "plan.accounts"))
    values, weighted = np.zeros(len(plan.point)), []
    for number in in_time(np.flatnonzero(problem.weights > 0).tolist(), "the accounts of the states"):
        state = problem.states[number]
        duals, rents = _prices_of(plan, multiplied, number)
        values += state.weight * np.asarray(state.added.T @ rents)
        settled = _settled(state, instances[number], plan.point, duals, groups)
        weighted.append([state.weight * table for table in settled])
    regions, trade = (_summed(tables) for tables in zip(*weighted, strict=True))
    if not counted_beside_cost(plan.question.by_year)[0]:
        regions = regions.drop(columns=NOT_BOUGHT)
    builds = _build_table(plan, values, multiplied.limit_rents, groups)
    return PlanAccounts(groups, _with_builds(regions, builds, groups), trade, builds, plan.currency)


def _summed(tables: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """Return the sum of tables; a column that one lacks, as of contracts, counts as 0 there."""
    columns = list(dict.fromkeys(name for table in tables for name in table))
    alike = [table.reindex(columns=columns, fill_value=0.0) for table in tables]
    return sum(alike[1:], start=alike[0])


def _need_prices(plan: PlanFigures) -> None:
    if plan.problem.is_whole:
        raise PlacerError("a plan in modules or with openings has no marginal prices, and so no accounts")
    if plan.problem.risk.weight > 0:
        raise PlacerError("accounts add up to the mean cost of the states; plan without a risk, or ask plan.placement")


def _prices_of(plan: PlanFigures, multiplied: Multiplied, number: int) -> tuple[Duals, FloatArray]:
    """Return the prices of a state, and the rents of all its limits (limits,)."""
    state, pool = plan.problem.states[number], plan.cost_model.pool
    chosen = np.flatnonzero(multiplied.member == number)
    if not len(chosen):
        raise PlacerError(f"no prices are known of state {state.name}: give the plan more time")
    share = multiplied.weight[chosen] / multiplied.weight[chosen].sum()
    vectors = [pool.vectors[int(vector)] for vector in multiplied.vector[chosen]]
    price, rents = (share @ each for each in prices_and_rents(vectors, state.opened))
    supply = sum(part * vector.supply for part, vector in zip(share, vectors, strict=True))
    limits = by_limit(state.structure, rents)
    duals = Duals(
        demand=price,
        queue=np.zeros(0),
        balance=supply - limits["intake"],
        capacity=limits["capacity"],
        intake=limits["intake"],
        link=limits["link_capacity"],
        cap=limits["cap_limit"],
    )
    return duals, rents


def _settled(
    state: Member, instance: Instance, units: FloatArray, duals: Duals, groups: Groups
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the accounts by region and the payments of one horizon of a state; each mean times its weight."""
    structure = state.at(units)
    answer, _ = answer_state(state, structure, None)
    formulation = replace(state.formulation, structure=structure)
    has_steps, unserved = Offered(instance, structure).has_steps, answer.point.unserved
    settled = replace(settle(formulation, answer.point), unserved=np.where(has_steps, 0.0, unserved))
    payments = payments_of(formulation, settled, read_rents(formulation, duals))
    parts = part_table(formulation, settled, payments, groups)
    trade = trade_table(formulation, settled, payments, groups)
    regions = region_table(formulation, settled, groups, payments, parts, trade)
    sums = {mean: (regions[mean] * regions[over]).fillna(0.0) for mean, over in _MEANS.items()}
    value = np.where(has_steps, penalties(structure, unserved), 0.0)
    not_bought = sums_by(groups.hub[structure.demand_origin], value, len(regions))
    net = regions["net_cost_usd"] + not_bought
    return regions.assign(**sums, not_bought_usd=not_bought, net_cost_usd=net), trade


def _build_table(plan: PlanFigures, values: FloatArray, limit_rents: FloatArray, groups: Groups) -> pd.DataFrame:
    """Return a row for each candidate, given the yearly earnings of a unit of each (candidates,), and rents."""
    problem, units, candidates = plan.problem, plan.units, plan.question.candidates
    rents, cost, values = (each[problem.built] for each in (limit_rents @ problem.takes, problem.cost, values))
    size = np.maximum(np.abs(cost), np.abs(values)) * units
    table = {
        "paid_by": parties_of(groups)[_payers(plan, groups)],
        "units": units,
        "cost_usd": cost * units,
        "limits_usd": rents * units,
        "value_usd": values * units,
        "profit_usd": without_noise((values - cost - rents) * units, size),
    }
    return pd.DataFrame(table, index=pd.Index(candidates.names, name="candidate"))


def _payers(plan: PlanFigures, groups: Groups) -> IntArray:
    """Return the party that pays for each candidate, by position among the parties."""
    instance, candidates = plan.question.instance, plan.question.candidates
    centres = pd.Index(instance.data_centres["data_centre"])
    network, authority = len(groups.names), len(groups.names) + 1
    payers = []
    for adds, (table, row) in zip(
        candidates.adds, target_rows(instance, candidates.adds, candidates.target), strict=True
    ):
        if adds == "accelerators":
            payers.append(groups.owner[centres.get_loc(instance.tables[table]["data_centre"].iloc[row])])
        elif adds == "capacity_gbps":
            payers.append(network)
        elif table == "power_zones":  # its limit is a cap, whose rents the authority earns
            payers.append(authority)
        else:
            payers.append(groups.site[centres.get_loc(instance.tables[table]["data_centre"].iloc[row])])
    return np.array(payers, dtype=int)


def _with_builds(regions: pd.DataFrame, builds: pd.DataFrame, groups: Groups) -> pd.DataFrame:
    """Return the accounts by region with sums divided into means, and with the columns of builds."""
    means = {mean: ratio(regions[mean].to_numpy(), regions[over].to_numpy()) for mean, over in _MEANS.items()}
    party = regions.index.get_indexer(pd.Index(builds["paid_by"]))
    cost, limits, value = (
        sums_by(party, builds[name].to_numpy(), len(regions)) for name in ("cost_usd", "limits_usd", "value_usd")
    )
    limits[len(groups.names) + 1] -= limits.sum()  # the authority is paid by all others
    net = regions["net_cost_usd"].to_numpy() + cost + limits
    return regions.assign(
        **means,
        build_cost_usd=cost,
        build_limits_usd=limits,
        build_value_usd=value,
        net_cost_usd=without_noise(net, float(np.abs(net).sum())),
    )
