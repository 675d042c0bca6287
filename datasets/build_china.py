"""Rebuild every file of datasets/china from datasets/facts.

``--check`` writes nothing and fails if a file differs; ``--routes`` compares round trips with the official figures.
"""

from __future__ import annotations

import heapq
import sys
from collections import defaultdict
from pathlib import Path

from building.backbone import add_network
from building.batteries import CENTRAL, add_batteries, beside
from building.centres import add_data_centres, by_computing_power, by_racks, full_load_mw
from building.command import run
from building.demand import add_demand
from building.hub import add_hub
from building.limits import add_limits
from building.modes import add_modes
from building.own_power import CHINA, SCENARIO, add_own_power
from building.places import add_hubs
from building.power import add_power, add_public_tariffs, add_supplies
from building.served_models import add_served_models
from building.tables import Dataset, read, read_by
from building.to_build import add_candidates
from building.workloads import add_workloads, budget_ms, check_coefficients
from building.year import add_year

HERE = Path(__file__).resolve().parent


def build() -> dict[str, str]:
    """Return the text of every file by its name within the dataset's folder."""
    dataset = Dataset()
    add_hubs(dataset)
    add_data_centres(dataset)
    add_power(dataset)
    add_supplies(dataset, full_load_mw(by_computing_power()), full_load_mw(by_racks()))
    add_public_tariffs(dataset)
    add_limits(dataset)
    add_network(dataset)
    add_workloads(dataset)
    add_modes(dataset, {str(row["workload"]): str(row["workload"]) for row in dataset.tables["workloads"]})
    add_demand(dataset)
    add_served_models(dataset)
    add_year(dataset)
    add_candidates(dataset)
    add_own_power(dataset, CHINA)
    add_batteries(dataset, f"{SCENARIO}_batteries", {CENTRAL: f"{SCENARIO}_candidates"}, beside(CHINA.rows))
    add_hub(dataset)
    check_coefficients()
    check_budgets(dataset)
    check_transit(dataset)
    return dataset.files("china", "general_sources")


def check_budgets(dataset: Dataset) -> None:
    """Refuse workloads whose round trip a call is not the published one (to a millisecond)."""
    published = read_by("workload_coefficients", "workload_class")
    for row in dataset.tables["workloads"]:
        name = str(row["workload"])
        text = published.get(name, {}).get("rtt_budget_ms_per_call_m1", "none")
        if not text.startswith("none") and abs(budget_ms(row) - float(text)) > 1:
            raise ValueError(f"{name}: {budget_ms(row):.1f} ms a call, published {text}")


def check_transit(dataset: Dataset) -> None:
    """Refuse a network in which a route passes through a hub or a data centre."""
    inner = {str(row["exchange"]) for row in dataset.tables["exchanges"]}
    for links in ("links", "scenarios/rtt_round_trip"):
        for hub in dataset.tables["hubs"]:
            for path in routes(dataset, str(hub["hub"]), links).values():
                if not inner.issuperset(path[1][1:-1]):
                    raise ValueError(f"a route passes through an end: {path}")


def routes(dataset: Dataset, start: str, links: str = "links") -> dict[str, tuple[float, tuple[str, ...]]]:
    """Return the least round trip and the path from ``start`` to every data centre (Dijkstra)."""
    steps: dict[str, list[tuple[str, float]]] = defaultdict(list)
    for row in dataset.tables[links]:
        one, other, rtt = str(row["from"]), str(row["to"]), float(row["rtt_ms"])
        steps[one].append((other, rtt))
        steps[other].append((one, rtt))
    done: dict[str, tuple[float, tuple[str, ...]]] = {}
    waiting: list[tuple[float, tuple[str, ...]]] = [(0.0, (start,))]
    while waiting:
        length, path = heapq.heappop(waiting)
        if path[-1] not in done:
            done[path[-1]] = (length, path)
            for other, rtt in steps[path[-1]]:
                heapq.heappush(waiting, (length + rtt, (*path, other)))
    centres = (str(row["data_centre"]) for row in dataset.tables["data_centres"])
    return {name: done[name] for name in centres}


def compare_routes() -> None:
    """Print the round trips from city to cluster beside the doubled official figures and the fibre floor."""
    dataset = Dataset()
    add_hubs(dataset)
    add_data_centres(dataset)
    add_network(dataset)
    print(f"{'route':24}{'model':>8}{'claim x 2':>11}{'floor':>8}   (round trips in ms)")
    for claim in read("latency_claims"):
        name, city = claim["src"], claim["dst"]
        if not claim["gc_km"] or name.startswith("Haidong"):
            continue
        model, path = routes(dataset, f"{city} fixed")[name]
        floor = float(claim["fibre_rtt_floor_ms"])
        twice, way = 2 * float(claim["latency_ms"]), " > ".join(path[1:-1])
        print(f"{name + ' - ' + city:24}{model:8.1f}{twice:11.1f}{floor:8.1f}   {way}")


if __name__ == "__main__":
    sys.exit(run(__doc__, build, HERE / "china", compare_routes))
