"""Placements: both solvers, other money, prices, naive rules, own models and rolled horizons."""

from __future__ import annotations

import numpy as np
import pandas as pd

import placer
from placer.placement.placement_tables import TABLE_NAMES

from .checks import Subject, at_most, documented, holds, near, shown, whole

#: Columns that may lack numbers: means over nothing, use of limits that there are not, and rents that are not defined.
MAY_LACK = (
    *("export_share", "rtt_ms", "cost_usd_per_mtok", "price_usd_per_mtok", "median_price_usd_per_mtok"),
    *(
        "utilisation",
        "peak_utilisation",
        "mean_usd_per_mtok",
        "median_usd_per_mtok",
        "latency_rent_usd_per_mtok",
        "use",
    ),
)


def figures(subject: Subject, placement: placer.Placement) -> None:
    """Check the identities of a placement of an instance."""
    size, demand = subject.size, placement.demand_mtok
    holds("not proven", placement.certificate.proven)
    near("the parts of the cost", sum(placement.cost_parts_usd.values()), placement.cost_usd, size)
    near("the settlement", placement.settlement["difference"], 0.0, 10 * size)
    near("served and unserved", placement.served_mtok + placement.unserved_mtok, demand, demand)
    near("costs of workloads", placement.workloads["cost_usd"].sum(), placement.cost_usd, size)
    near("costs of hubs", placement.hubs["cost_usd"].sum(), placement.cost_usd, size)
    near("costs of sites", placement.data_centres["cost_usd"].sum(), placement.cost_usd, size)
    near("tokens of sites", placement.data_centres["mtok"].sum(), placement.served_mtok, demand)
    prices = placement.prices[placement.prices[["served_mtok", "unserved_mtok"]].sum(axis=1) > 0]
    whole("prices", prices)
    parts = prices.filter(regex="_usd_per_mtok$").drop(columns="latency_rent_usd_per_mtok")
    gap = (parts.sum(axis=1) - prices["usd_per_mtok"]).abs()
    largest = parts.abs().sum(axis=1)
    holds("the parts of a price do not add up to it", (gap <= 1e-6 * largest).all())
    reasons = placement.unserved_reasons["unserved_mtok"].sum()
    near("reasons of unserved demand", reasons, placement.unserved_mtok, demand)
    for name in TABLE_NAMES:
        whole(name, getattr(placement, name), ("*",) if name == "prices" else MAY_LACK)
    for by in (None, "workload", "hub", "hour"):
        whole(f"price_summary({by})", placement.price_summary(by), ("*",))
    whole("by_period", placement.by_period("block"), MAY_LACK)
    shown(placement)
    placement.summary()


def solve(subject: Subject) -> None:
    """Check ``placer.solve`` by HiGHS."""
    placement = subject.placement
    near("least cost", placement.cost_and_penalty_usd, subject.optimum[0], subject.size)
    figures(subject, placement)
    other = placer.solve(subject.instance, tie_break=None)
    near("the cost without a tie-break", other.cost_and_penalty_usd, placement.cost_and_penalty_usd, subject.size)
    placer.check(subject.instance)


def column_generation(subject: Subject) -> None:
    """Check ``placer.solve`` by column generation."""
    least = subject.placement.cost_and_penalty_usd
    placement = placer.solve(subject.instance, placer.ColumnGeneration())
    near("least cost", placement.cost_and_penalty_usd, least, subject.size)
    figures(subject, placement)
    session = placer.Session()
    near("least cost of a session", session.solve(subject.instance).cost_and_penalty_usd, least, subject.size)


def money(subject: Subject) -> None:
    """Check that costs are in proportion to tokens, and to money unless a default penalty of 1 USD counts."""
    wanted, draws = 8 * subject.placement.cost_and_penalty_usd, [subject.draw.with_tokens(8.0)]
    workloads = subject.instance.workloads
    if (workloads["unserved_usd_per_mtok"].notna() | (workloads["value_usd_per_mtok"] > 0)).all():
        draws.append(subject.draw.with_money(8.0))
    for scaled in draws:
        near("8 times the cost", placer.solve(scaled.instance()).cost_and_penalty_usd, wanted, 8 * subject.size)


def price_ranges(subject: Subject) -> None:
    """Check that the range of every price contains it."""
    placement = subject.placement
    ranges = placer.price_ranges(placement, range(len(placement.prices)))
    price = placement.prices["usd_per_mtok"].to_numpy()
    # A demand of 0 Mtok has a price and no parts of it: the price itself counts beside its parts.
    rounding = 1e-6 * np.abs(placement.prices.filter(regex="usd_per_mtok$")).sum(axis=1).to_numpy()
    low, high = (ranges[name].fillna(-np.inf).to_numpy() for name in ("low_usd_per_mtok", "high_usd_per_mtok"))
    holds("a price below its range", (low <= price + rounding).all())
    holds("a price above its range", (price <= high + rounding).all())


def baselines(subject: Subject) -> None:
    """Check that no naive rule that keeps all caps costs less than the least cost: the others may, as documented."""
    table = placer.compare(subject.placement)
    whole("compare", table, MAY_LACK)
    least = table.loc[table["within_caps"], "cost_and_penalty_usd"].min()
    at_most("the least cost", subject.placement.cost_and_penalty_usd, least, subject.size)


def model(subject: Subject) -> None:
    """Check ``placer.Model`` without own rows, with a row that holds, and with an own integer column."""
    least, size = subject.placement.cost_and_penalty_usd, subject.size
    plain = placer.Model(subject.instance)
    whole("columns", plain.columns, ("*",))
    whole("rows", plain.rows, ("*",))
    shown(plain)
    near("the cost of a plain model", plain.solve().cost_and_penalty_usd, least, size)
    unserved = plain.columns.index[plain.columns["block"] == "u"]
    held = placer.Model(subject.instance)
    held.add_rows(pd.Series(1.0, index=unserved), name="unserved", lower=0.0)
    found = held.solve()
    near("the cost with a row that holds", found.cost_and_penalty_usd, least, size)
    near("the settlement", found.settlement["difference"], 0.0, 10 * size)
    whole("own_rows", found.own_rows, ("*",))
    whole("prices", found.prices, ("*",))
    switched = placer.Model(subject.instance)
    usd = float(np.abs(plain.program.cost).max()) or 1.0
    (switch,) = switched.add_columns("switch", cost_usd=usd, upper=1.0, integer=True)
    switched.add_rows(pd.Series({switch: 1.0}), name="on", lower=0.5)
    found = switched.solve()
    near("the cost with a switch that is on", found.cost_and_penalty_usd, least + usd, size + usd)
    whole("own_columns", found.own_columns, ("*",))
    shown(found)


def roll(subject: Subject) -> None:
    """Check that steps that look ahead to the end cost what the whole costs, and others no less."""
    placement, instance = subject.placement, subject.instance
    length, count = instance.settings.hour_length, len(instance.hours)
    with documented(
        (placer.InstanceError, "is not shared out among steps"),
        (placer.InstanceError, "cyclic"),
        (placer.InstanceError, "periods"),
    ):
        rolled = placer.roll(instance, hours=length, look_ahead=length * max(count - 1, 0))
    short = placer.roll(instance, hours=length, look_ahead=0.0)
    demand, size = placement.demand_mtok, subject.size
    for each in (rolled, short):
        at_most("the cost of the whole", placement.cost_and_penalty_usd, each.cost_and_penalty_usd, size)
        near("tokens", each.served_mtok + each.unserved_mtok, demand, demand)
        whole("steps", each.steps)
        whole("workloads", each.workloads)
        shown(each)
    capped = np.isfinite([instance.settings.carbon_limit_kg, instance.settings.water_limit_litres]).any()
    if not capped:
        near("the cost of steps", rolled.cost_and_penalty_usd, placement.cost_and_penalty_usd, size)
