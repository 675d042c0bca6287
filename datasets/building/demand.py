"""Demand: 140 trillion tokens a day by class, city, access and hour; and the scenarios of the mix."""

from __future__ import annotations

from building.places import region
from building.tables import Cell, Dataset, Row, decimals, read, read_by, value

MIXES = ("default", "chat_heavy", "agent_heavy", "batch_heavy")
TOKENS = "China (all)|daily tokens"


def mtok_a_day() -> float:
    """Return the demand of a day in million tokens."""
    return float(read_by("volumes", "entity", "metric")[TOKENS]["value"]) / 1e6


def profile(name: str) -> list[float]:
    """Return the share of each hour of the day in a class."""
    if name == "flat":
        levels = [1.0] * 24
    else:
        series = {"deepseek": "deepseek_v3r1_token_revenue", "azure_code": "azure2024_code"}[name]
        shift = int(value("code trace shift")) if name == "azure_code" else 0
        rows = [row for row in read("demand_shapes") if row["series"] == series]
        found = {int(row["hour_local"]): float(row["rel_to_mean"]) for row in rows}
        levels = [found[(hour - shift) % 24] for hour in range(24)]
    shares = [round(level / sum(levels), 5) for level in levels]
    shares[max(range(24), key=shares.__getitem__)] += 1 - sum(shares)
    return shares


def demand(mix: str) -> list[dict[str, Cell]]:
    """Return the demand of a day by workload and hub."""
    rows: list[dict[str, Cell]] = []
    for row in read("assumed_mix"):
        for hub, share in hub_shares(row):
            mtok = mtok_a_day() * float(row[mix]) * share
            rows.append({"workload": row["workload"], "hub": hub, "mtok": decimals(mtok, 0)})
    return rows


def hub_shares(row: Row) -> list[tuple[str, float]]:
    """Return the share of each hub in a class: by product of the city, and by access."""
    cities = [city for city in read("cities") if row["hubs"] == "all" or region(city["province"]) == row["hubs"]]
    product = sum(float(city["gdp_1e8cny_2023"]) for city in cities)
    fixed = float(row["fixed_share"])
    shares = []
    for city in cities:
        share = float(city["gdp_1e8cny_2023"]) / product
        parts = {"fixed": fixed, "mobile": 1 - fixed}
        shares += [(f"{city['city']} {access}", share * part) for access, part in parts.items() if part]
    return shares


def add_demand(dataset: Dataset) -> None:
    """Add demand, its hours, and the other mixes."""
    for mix in MIXES:
        name = "demand" if mix == "default" else f"scenarios/{mix}_demand"
        dataset.tables[name] = demand(mix)
    rows: list[dict[str, Cell]] = []
    shapes = {row["series"]: row for row in reversed(read("demand_shapes"))}
    shapes = {"deepseek": shapes["deepseek_v3r1_token_revenue"], "azure_code": shapes["azure2024_code"]}
    for row in read("assumed_mix"):
        shares = profile(row["profile"])
        rows += [{"workload": row["workload"], "hour": str(h), "share": decimals(s, 5)} for h, s in enumerate(shares)]
        shape = shapes.get(row["profile"], {"source": "arrivals spread evenly", "kind": "assumption", "note": ""})
        note = "a weekday of the trace in UTC, five hours back: taken as Chinese office hours (an assumption)"
        said = note if row["profile"] == "azure_code" else shape["note"]
        dataset.cite("demand_profile", f"{row['workload']}|*", "share", shape["source"], shape["kind"], said)
    dataset.tables["demand_profile"] = rows
