"""The accounts as tables: a row for every region, the payments between regions, and the parts of a USD of tokens.

    spent     price times Mtok, paid by the users of R          lost      penalty of their unserved tokens
    made      what R is paid: its costs and its rents           rents     made - costs: shadow prices times its limits
    exports   paid to R by the users of other regions           imports   paid by the users of R to other regions
    balance   exports - imports                                 net cost  spent + lost - rents - policy revenue
                                                                          + contracts

Contracts of power belong to the region of their data centre: it pays what they cost in any case, beside all prices, and
earns the rent of their energy.

In a secure placement headroom earns ``security_rent`` too, and ``security`` is the part of spent that pays for it. If
work strands, its penalty ``stranded`` is a part of prices that nobody pays: it is neither spent nor a part of net cost.

The net costs add up to cost and penalty: ``settlement`` of ``placer.placement.prices``, read by region.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from placer.accounting.groups import AUTHORITY, NETWORK, Groups
from placer.accounting.headroom import Headroom
from placer.accounting.payments import Payments
from placer.model.formulation import Formulation
from placer.placement.accounts import CONTRACTS, COST_PARTS, SettledFlows, arc_usd
from placer.placement.result import Placement
from placer.security.placement import SECURITY_PART
from placer.utils.arrays import FloatArray, ratio, sums_by, without_noise

#: The rents of the accounts, in the order they are reported.
RENT_PARTS = ("accelerator_rent", "power_rent", "link_rent", "limits_rent")
#: The charges of policies that a party is paid.
POLICY_REVENUE = "policy_revenue"
#: The parts of payments, in the order they are reported.
PARTS = (*COST_PARTS, *RENT_PARTS, POLICY_REVENUE)
#: What contracts of power cost in any case, only where there are some.
CONTRACT_COSTS = f"{CONTRACTS}_usd"
#: What batteries earn, only where there are some: those of power zones by the authority.
STORAGE_RENT = "storage_rent"
#: The rents of headroom, only in the accounts of a secure placement.
SECURITY_RENT = "security_rent"
#: The penalty of stranded work, likewise; no party pays or receives it.
STRANDED = "stranded_usd"


def parties_of(groups: Groups) -> pd.Index:
    """Return the regions, the network and the authority, as the index of the tables."""
    return pd.Index([*groups.names, NETWORK, AUTHORITY], name=groups.by)


def part_table(
    formulation: Formulation,
    accounts: SettledFlows,
    payments: Payments,
    groups: Groups,
    headroom: Headroom | None = None,
    of_batteries: FloatArray | None = None,
) -> pd.DataFrame:
    """Return the costs and rents of every party, USD: rows as ``parties_of``, columns as ``PARTS``.

    With headroom there is one more column, ``security_rent``, and with ``of_batteries``, what those at the data centres
    of every region earn (regions,), one more, ``storage_rent``.

    Rents are payments less costs. They equal shadow prices times limits up to the rounding of the proof, and costs and
    rents add up to payments to the last digit.
    """
    site = formulation.structure.arc_site[accounts.arc]
    place, owner = groups.site[site], groups.owner[site]
    network, authority = (np.full_like(place, len(groups.names) + further) for further in (0, 1))
    cost = {part: arc_usd(formulation.structure, accounts, part) for part in COST_PARTS}
    local = sum(cost[part] for part in ("operations", "energy", "carbon", "storage", "water"))
    paid = {
        **{part: (place, usd) for part, usd in cost.items()},
        "accelerators": (owner, cost["accelerators"]),
        "transit": (network, cost["transit"]),
        "latency_loss": (network, cost["latency_loss"]),
        "surcharges": (authority, cost["surcharges"]),
        "accelerator_rent": (owner, payments.accelerators - cost["accelerators"]),
        "power_rent": (place, payments.place - local),
        "link_rent": (network, payments.network - cost["transit"] - cost["latency_loss"]),
        "limits_rent": (authority, payments.authority - cost["surcharges"]),
    }
    size, parties = float(np.abs(payments.spent).sum()), parties_of(groups)
    columns = {part: without_noise(sums_by(*paid[part], len(parties)), size) for part in paid}
    used = groups.hub[formulation.structure.arc_origin[accounts.arc]]
    revenue = sums_by(used, payments.to_importer, len(parties)) + sums_by(place, payments.to_exporter, len(parties))
    columns[POLICY_REVENUE] = without_noise(revenue, size)
    if of_batteries is not None:
        own = _padded(of_batteries)
        columns["power_rent"] = without_noise(columns["power_rent"] - own, size)
        columns[STORAGE_RENT] = without_noise(own + sums_by(authority, payments.storage, len(parties)), size)
    if headroom is not None:
        columns[SECURITY_RENT] = without_noise(headroom.trade.sum(axis=1), size)
    return pd.DataFrame(columns, index=parties)


def price_table(placement: Placement, payments: Payments) -> pd.DataFrame:
    """Return the prices of a placement as users pay them; ``Accounts.prices`` documents them."""
    prices = placement.prices
    if SECURITY_PART not in prices:
        return prices
    stranded = sums_by(placement.accounts.demand, payments.stranded, len(prices))
    each = np.divide(stranded, prices["served_mtok"], out=np.zeros(len(prices)), where=stranded > 0)
    return prices.assign(**{part: prices[part] - each for part in ("usd_per_mtok", SECURITY_PART)})


def trade_table(
    formulation: Formulation,
    accounts: SettledFlows,
    payments: Payments,
    groups: Groups,
    headroom: Headroom | None = None,
) -> pd.DataFrame:
    """Return the payments of the users of every region (columns) to every party (rows), USD."""
    structure, count = formulation.structure, len(groups.names)
    site, used = structure.arc_site[accounts.arc], groups.hub[structure.arc_origin[accounts.arc]]

    def matrix(payee: np.ndarray, usd: FloatArray) -> FloatArray:
        return sums_by(payee * count + used, usd, count * count).reshape(count, count)

    between = (
        matrix(groups.owner[site], payments.accelerators)
        + matrix(groups.site[site], payments.place + payments.to_exporter)
        + matrix(used, payments.to_importer)
    )
    others = [sums_by(used, usd, count) for usd in (payments.network, payments.authority + payments.storage)]
    paid = np.vstack([between, *others]) + (0.0 if headroom is None else headroom.trade)
    table = without_noise(paid, float(np.abs(payments.spent).sum()))
    used_in = pd.Index(groups.names, name="used_in")
    return pd.DataFrame(table, index=parties_of(groups).rename("made_in"), columns=used_in)


def token_table(formulation: Formulation, accounts: SettledFlows, groups: Groups) -> pd.DataFrame:
    """Return the Mtok made in every region (rows) and used in every region (columns)."""
    structure, count = formulation.structure, len(groups.names)
    made, used = groups.site[structure.arc_site[accounts.arc]], groups.hub[structure.arc_origin[accounts.arc]]
    mtok = sums_by(made * count + used, accounts.sent, count * count).reshape(count, count)
    index, columns = (pd.Index(groups.names, name=name) for name in ("made_in", "used_in"))
    return pd.DataFrame(without_noise(mtok, structure.total_demand), index=index, columns=columns)


def workload_table(
    formulation: Formulation, accounts: SettledFlows, groups: Groups, payments: Payments
) -> pd.DataFrame:
    """Return the tokens made in every region by workload; rows and columns are those of ``Accounts.workloads``."""
    structure, count, workloads = formulation.structure, len(groups.names), len(formulation.workloads)
    workload, made = structure.arc_serves[accounts.arc], groups.site[structure.arc_site[accounts.arc]]
    cell, cells = made * workloads + workload, count * workloads
    mtok = without_noise(sums_by(cell, accounts.sent, cells), structure.total_demand)
    usd = sums_by(cell, payments.accelerators + payments.place, cells)
    of_region = np.repeat(mtok.reshape(count, -1).sum(axis=1), workloads)
    table = {
        "made_mtok": mtok,
        "made_share": ratio(mtok, of_region),
        "made_usd": without_noise(usd, float(np.abs(payments.spent).sum())),
        "value_usd_per_mtok": ratio(usd, mtok),
    }
    index = pd.MultiIndex.from_product([groups.names, formulation.workloads], names=["made_in", "workload"])
    whole = pd.DataFrame(table, index=index)
    return whole[whole["made_mtok"] > 0]


def region_table(
    formulation: Formulation,
    accounts: SettledFlows,
    groups: Groups,
    payments: Payments,
    parts: pd.DataFrame,
    trade: pd.DataFrame,
) -> pd.DataFrame:
    """Return a row for every party; the columns are those of ``Accounts.regions``.

    Parameters
    ----------
    parts, trade : DataFrame
        Of ``part_table`` and ``trade_table``.
    """
    structure, count = formulation.structure, len(groups.names)
    tokens = token_table(formulation, accounts, groups).to_numpy()
    penalty = accounts.unserved * structure.unserved_cost[structure.demand_class]
    lost = sums_by(groups.hub[structure.demand_origin], penalty, count)
    site, used = structure.arc_site[accounts.arc], groups.hub[structure.arc_origin[accounts.arc]]
    stranded = sums_by(used, payments.stranded, count)
    gate = sums_by(groups.site[site], payments.accelerators + payments.place, count)
    mwh = sums_by(groups.site, accounts.drawn.sum(axis=1), count)
    spent, home = trade.to_numpy().sum(axis=0), np.diagonal(trade.to_numpy()[:count])
    exports, imports = trade.to_numpy()[:count].sum(axis=1) - home, trade.to_numpy()[:count].sum(axis=0) - home
    contracts = _padded(contract_costs(formulation, groups))
    total = float(np.abs(payments.spent).sum() + penalty.sum() + np.abs(contracts).sum())
    earned = (*RENT_PARTS, POLICY_REVENUE, STORAGE_RENT, SECURITY_RENT)
    rents = parts[[part for part in parts if part in earned]].sum(axis=1).to_numpy()
    table = {
        "spent_usd": _padded(spent),
        "lost_usd": _padded(lost),
        "made_usd": parts.sum(axis=1).to_numpy(),
        **{f"{part}_usd": parts[part].to_numpy() for part in parts},
        "exports_usd": _padded(exports),
        "imports_usd": _padded(imports),
        "balance_usd": _padded(without_noise(exports - imports, total)),
        "made_mtok": _padded(tokens.sum(axis=1)),
        "used_mtok": _padded(tokens.sum(axis=0)),
        "mwh": _padded(mwh),
        "value_usd_per_mtok": _padded(ratio(gate, tokens.sum(axis=1)), np.nan),
        "usd_per_mwh": _padded(ratio(gate, mwh), np.nan),
        "uplift": _padded(ratio(gate, parts["energy"].to_numpy()[:count]), np.nan),
        "net_cost_usd": without_noise(_padded(spent + lost) + contracts - rents, total),
    }
    if len(formulation.contracts.names):
        table[CONTRACT_COSTS] = contracts
    if SECURITY_RENT in parts:
        table["security_usd"] = _padded(without_noise(sums_by(used, payments.headroom, count), total))
        table[STRANDED] = _padded(stranded)
    return pd.DataFrame(table, index=parties_of(groups))


def contract_costs(formulation: Formulation, groups: Groups) -> FloatArray:
    """Return what the contracts of the data centres of every region cost in any case (regions,), USD."""
    contracts = formulation.contracts
    return sums_by(groups.site[contracts.site], contracts.fixed_usd, len(groups.names))


def contract_payments(contracts: pd.DataFrame, formulation: Formulation, groups: Groups) -> pd.DataFrame:
    """Return the payments under every contract; the columns are those of ``Accounts.contracts``.

    Parameters
    ----------
    contracts : DataFrame
        ``Placement.contracts``.
    """
    paid_by = np.array(groups.names, dtype=object)[groups.site[formulation.contracts.site]]
    shown = ["payments_usd", "sales_usd", "cost_usd", "rent_usd", "profit_usd"]
    paid_to = formulation.contracts.power_zones
    return contracts[shown].assign(paid_by=paid_by, paid_to=paid_to)[["paid_by", "paid_to", *shown]]


def _padded(values: FloatArray, rest: float = 0.0) -> FloatArray:
    """Return a value of every region, followed by those of the network and the authority."""
    return np.concatenate([values, [rest, rest]])


def chain_table(parts: pd.DataFrame) -> pd.DataFrame:
    """Return the parts of a USD paid for tokens: rows are the parties and ``all``, columns as ``PARTS``.

    Each row adds up to 1; it is NaN if the party receives nothing.
    """
    usd = pd.concat([parts, parts.sum().to_frame("all").T])
    whole = np.repeat(usd.sum(axis=1).to_numpy()[:, None], len(usd.columns), axis=1)
    return pd.DataFrame(ratio(usd.to_numpy(), whole), index=usd.index.rename(parts.index.name), columns=usd.columns)
