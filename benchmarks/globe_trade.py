"""What ``docs/globe.md`` shows of ``globe``: trade by case, the premia that end flows, policies, and buyers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

import placer

from .observed_globe import CHINA, US, china_abroad

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

#: Cases of the data: scenarios, loads, and multiples of the price of transit.
SCENARIOS = (
    *("free", "law", "chips", "trust_5", "trust", "all", "grey_market", "equal_chip_prices", "dispatch"),
    *("china_by_income", "estimated_capacity_low", "estimated_capacity_high"),
)
CASE_LOADS, TRANSIT = (0.15, 0.6272), (0, 3)
#: The largest distance of a chord above the curve of the cost of exporting, as a part of the least cost.
TOLERANCE = 1e-5
#: A trillion tokens, in Mtok.
TRILLION = 1e6
INTERIOR, COAST = "China west", "China coast"
#: Flows whose premia are shown, by maker and user.
FLOWS = ((CHINA, None), (CHINA, US), (CHINA, "India"), ("Russia", None), (US, None))
_TO_US = {"from_region": CHINA, "to_region": US}
#: Changes to the rules of trade: a policy, or a scenario.
CHANGES: Mapping[str, dict[str, object] | str] = {
    "tariff of the United States on China, 0.1 %": {
        **_TO_US,
        "kind": "tariff_share",
        "amount": 0.001,
        "paid_to": "importer",
    },
    "tariff of the United States on China, 10 %": {
        **_TO_US,
        "kind": "tariff_share",
        "amount": 0.1,
        "paid_to": "importer",
    },
    "tariff of the United States on all, 10 %": {
        "to_region": US,
        "kind": "tariff_share",
        "amount": 0.1,
        "paid_to": "importer",
    },
    "ban of the United States on China": {**_TO_US, "kind": "ban"},
    "ban of all countries on China": {"from_region": CHINA, "kind": "ban"},
    "export duty of China, 2 %": {"from_region": CHINA, "kind": "tariff_share", "amount": 0.02, "paid_to": "exporter"},
    "export control on chips": "chips",
    "want of trust, 10 %": "trust",
}
#: A country gains or loses by a change if it is more than this a day, USD.
LEAST_USD = 1.0
#: Loads at which changes are shown: as given, and the occupancy of China's racks.
LOADS = (0.25, 0.6272)


@dataclass(frozen=True)
class Case:
    """What one case of the data comes to, a day."""

    name: str
    traded: float
    abroad: float
    china_sells_mtok: float
    interior_sells_mtok: float
    china_buys_mtok: float
    mean_usd_per_mtok: float
    ends_usd_per_mtok: float
    gain_usd: float
    cost_usd: float
    china_gain_usd: float
    china_cost_usd: float


def cases() -> Iterator[tuple[str, placer.Instance]]:
    """Yield the names and instances of all cases."""
    for scenario in SCENARIOS:
        yield f"`{scenario}`", placer.load("globe", [scenario])
    free = placer.load("globe")
    for load in CASE_LOADS:
        yield f"load of {load:.0%}", placer.with_load(free, load)
    for factor in TRANSIT:
        yield f"transit {factor} times as dear", _scaled(free, "links", "usd_per_gb", factor)


def case_of(name: str, instance: placer.Instance) -> Case:
    """Return what a case comes to; the premium is that from which on China sells next to nothing abroad."""
    placement = placer.solve(with_parts(instance))
    trade = placer.trade(placement)
    table, gains = trade.countries, trade.gains["gain_on_autarky_usd"]
    curve = placer.export_cost(placement, made_in=CHINA, tolerance=TOLERANCE)
    return Case(
        name,
        trade.summary()["traded_share"],
        china_abroad(placement),
        float(table["exports_mtok"][CHINA]),
        float(interior(placement)["mtok"].sum()),
        float(table["imports_mtok"][CHINA]),
        placement.cost_usd_per_mtok,
        max(curve.premium_at(0)[0], 0.0),
        float(gains.sum()),
        placement.cost_usd,
        float(gains[CHINA]),
        float(table["net_cost_usd"][CHINA]),
    )


def with_parts(instance: placer.Instance) -> placer.Instance:
    """Return the instance in which a column ``part`` names the country, or the part of China."""
    return instance.replace(
        **{
            table: rows.assign(part=rows["region"].where(rows["region"] != CHINA, rows[name].str.replace("CHN", CHINA)))
            for table, name, rows in (
                ("hubs", "hub", instance.hubs),
                ("data_centres", "data_centre", instance.data_centres),
            )
        }
    )


def interior(placement: placer.Placement) -> pd.DataFrame:
    """Return the tokens that China's interior sells to each other country, and what is paid for them, most first."""
    flows = placer.trade(placement, by="part").flows.reset_index()
    sold = flows[(flows["made_in"] == INTERIOR) & ~flows["used_in"].isin([INTERIOR, COAST])]
    return sold.set_index("used_in")[["mtok", "paid_usd"]]


def gains(scenario: str) -> pd.DataFrame:
    """Return what each country gains on autarky and leaves unserved in it, beside its cost and demand."""
    instance = placer.load("globe", [scenario])
    trade = placer.trade(instance)
    alone = placer.trade(instance.replace(policies=[{"policy": "autarky", "kind": "ban"}])).countries
    table = pd.DataFrame(
        {
            "gain_usd": trade.gains["gain_on_autarky_usd"],
            "cost_usd": trade.countries["net_cost_usd"],
            "used_mtok": trade.countries["used_mtok"],
            "unserved_mtok": trade.countries["used_mtok"] - alone["used_mtok"],
        }
    ).sort_values("gain_usd", ascending=False, kind="stable")
    return pd.concat([table, table.sum().to_frame("all").T])


def ends() -> pd.DataFrame:
    """Return for each flow of ``FLOWS`` in ``free`` its tokens, and the premia that halve and end it, USD/Mtok."""
    placement = placer.solve(placer.load("globe"))
    flows = placer.trade(placement).flows["mtok"]
    rows = {}
    for made, used in FLOWS:
        sold = flows[made].drop(made, errors="ignore")
        mtok = float(sold.sum() if used is None else sold.get(used, 0.0))
        curve = placer.export_cost(placement, made_in=made, used_in=used, tolerance=TOLERANCE)
        rows[made, used or "all others"] = {
            "mtok": mtok,
            "halves": curve.premium_at(mtok / 2)[0],
            "ends": curve.premium_at(0)[0],
        }
    return pd.DataFrame(rows).T


def changes(load: float) -> pd.DataFrame:
    """Return what each change moves and who pays: tokens in Mtok, and what each party gains in USD, a day.

    The load is that before the change. A change that takes accelerators away makes it higher.
    """
    free = placer.load("globe")
    base = placer.with_load(free, load)
    before = placer.trade(base).countries
    factor = float(base.data_centres["accelerators"].sum() / free.data_centres["accelerators"].sum())
    rows = {}
    for name, change in CHANGES.items():
        changed = (
            _scaled(placer.load("globe", [change]), "data_centres", "accelerators", factor)
            if isinstance(change, str)
            else base.replace(policies=[{"policy": name, **change}])
        )
        after = placer.trade(changed)
        table = after.countries
        gain = before["net_cost_usd"] - table["net_cost_usd"]
        rows[name] = {
            "china_to_us_mtok": float(after.flows["mtok"].get((CHINA, US), 0.0)),
            "china_abroad_mtok": float(table["exports_mtok"][CHINA]),
            "us_price": float(table["price_usd_per_mtok"][US]),
            "revenue_usd": float(table["policy_revenue_usd"].sum()),
            "china_usd": float(gain[CHINA]),
            "us_usd": float(gain[US]),
            "others_usd": float(gain.sum() - gain[CHINA] - gain[US]),
            "gains_most": str(gain.idxmax()) if gain.max() >= LEAST_USD else "",
            "loses_most": str(gain.idxmin()) if gain.min() <= -LEAST_USD else "",
        }
    return pd.DataFrame(rows).T


def _scaled(instance: placer.Instance, table: str, column: str, factor: float) -> placer.Instance:
    rows = instance.tables[table]
    return instance.replace(**{table: rows.assign(**{column: rows[column] * factor})})
