"""Trust: a premium on tokens from abroad, as a share of what tokens of a class cost on average.

    premium_k = share (a_k c + e_k u)

``a_k`` accelerator-hours and ``e_k`` kWh of IT a Mtok; ``c`` the price of an accelerator-hour, operations included, and
``u`` that of a kWh of IT, cooling included: both means of all countries and hours by accelerators.
"""

from __future__ import annotations

from functools import cache

from building.globe_demand import MIX
from building.globe_nodes import nodes
from building.globe_power import hourly
from building.globe_sites import accelerators, chosen, jurisdiction, pue, rental_price
from building.tables import Cell, Dataset, decimals, read, read_by
from building.world_workloads import classes

TRUST = "scenarios/trust"
PREMIUM = "premium on tokens from abroad"
#: The jurisdiction that is a bloc of several countries.
BLOC = "EEA"


@cache
def mean_prices() -> tuple[float, float]:
    """Return the mean price of an accelerator-hour and of a kWh of IT, in USD."""
    size = {node: accelerators(node) for node in nodes()}
    hour = sum(size[node] * rental_price(node) for node in nodes())
    kwh = sum(size[node] * pue(node) * sum(hourly(node)) / 24 / 1000 for node in nodes())
    return hour / sum(size.values()), kwh / sum(size.values())


def add_trust(dataset: Dataset) -> None:
    """Add the premia: on tokens that the bloc buys outside it, and on those that any other country buys abroad."""
    share, (hour, kwh) = float(chosen()[PREMIUM]), mean_prices()
    inside = {node.country: jurisdiction(node) == BLOC for node in nodes()}
    bloc, others = ("|".join(name for name in inside if inside[name] is there) for there in (True, False))
    alike: dict[tuple[float, float], list[str]] = {}
    for row in classes(read(MIX)):
        needs = float(row["accelerator_hours_per_mtok"]), float(row["kwh_per_mtok"])
        alike.setdefault(needs, []).append(str(row["workload"]))
    rows: list[dict[str, Cell]] = []
    for (hours, energy), names in alike.items():
        amount = {"kind": "premium_usd_per_mtok", "amount": decimals(share * (hours * hour + energy * kwh), 6)}
        on = {"workload": "|".join(names)}
        for where, sold, bought in ((f"in the {BLOC}", "", bloc), ("elsewhere", "|".join(inside), others)):
            name = {"policy": f"trust in foreign {names[0]} {where}"}
            rows.append(name | amount | {"from_region": sold, "to_region": bought} | on)
    dataset.tables[TRUST] = rows
    known = read_by("globe/assumed_values", "item")[PREMIUM]
    note = f"{100 * share:g} % of {hour:.3f} USD an accelerator-hour and {1000 * kwh:.1f} USD per MWh of IT"
    note = f"{note}; {known['note']}"
    dataset.cite(TRUST, "*", "amount", known["source"], "derived", note)
    note = "published premia are on tokens from outside the country or the data zone; that all are the same is assumed"
    dataset.cite(TRUST, "*", "*", "facts/globe/assumed_nodes.csv", "assumption", note)
