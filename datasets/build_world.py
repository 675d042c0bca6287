"""Rebuild every file of datasets/world from datasets/facts.

``--check`` writes nothing and fails if a file differs; ``--routes`` says what the measured round trips are like.
"""

from __future__ import annotations

import sys
from pathlib import Path

from building.backbone import FLOOR
from building.batteries import CENTRAL, add_batteries, beside
from building.carbon_hours import add_carbon_hours
from building.command import run
from building.modes import add_modes
from building.own_power import SCENARIO, WORLD, add_own_power
from building.places import distance_km
from building.tables import Dataset, read, read_by
from building.to_build import add_world_candidates
from building.world_connections import add_connections
from building.world_places import add_hubs, add_network, entries, hub_places, measured_ms, regions
from building.world_sites import add_data_centres, add_power
from building.world_workloads import add_demand

HERE = Path(__file__).resolve().parent
TELLING_MS = 10  # a way over a third region is told of as much shorter from here


def build() -> dict[str, str]:
    """Return the text of every file by its name within the dataset's folder."""
    dataset = Dataset()
    add_hubs(dataset)
    add_data_centres(dataset)
    add_power(dataset)
    add_network(dataset)
    add_demand(dataset)
    add_modes(dataset, {row["workload"]: row["needs_of"] for row in read("assumed_world_mix")})
    add_world_candidates(dataset)
    add_own_power(dataset, WORLD)
    add_connections(dataset)
    add_batteries(dataset, f"{SCENARIO}_batteries", {CENTRAL: f"{SCENARIO}_candidates"}, beside(WORLD.rows))
    add_carbon_hours(dataset)
    return dataset.files("world", "world_sources")


def tell_routes() -> None:
    """Print what the measured matrix lacks, how it compares with light in fibre, and where a way round is shorter."""
    trips, places = measured_ms(), regions()
    floor = float(read_by("network", "item")[FLOOR]["value"]) / 1000
    both = [(one, other) for one in places for other in places if one < other]
    known = [pair for pair in both if pair in trips]
    apart = sorted(
        trips[pair] / (floor * km) for pair in known if (km := distance_km(places[pair[0]], places[pair[1]])) > 1
    )
    print(f"{len(both)} pairs, {len(both) - len(known)} of them not measured")
    middle = apart[len(apart) // 2]
    print(f"times the round trip of light in fibre: {apart[0]:.2f} at least, {middle:.2f} in the middle")
    saved = [gain for one, other in known if (gain := way_round(trips, list(places), one, other)) > 0]
    far = sum(gain > TELLING_MS for gain in saved)
    print(f"shorter over a third region: {len(saved)} pairs, {far} of them by more than {TELLING_MS} ms")
    reach = sorted(entries(place)[0][1] for place in hub_places().values())
    print(f"hub to the nearest region: {reach[len(reach) // 2]:.0f} km in the middle, {reach[-1]:.0f} at most")


def way_round(trips: dict[tuple[str, str], float], codes: list[str], one: str, other: str) -> float:
    """Return by how many ms the best way over a third region is shorter than the measured one."""
    ways = [trips[one, by] + trips[by, other] for by in codes if (one, by) in trips and (by, other) in trips]
    return trips[one, other] - min(ways)


if __name__ == "__main__":
    sys.exit(run(__doc__, build, HERE / "world", tell_routes))
