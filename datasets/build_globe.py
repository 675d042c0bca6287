"""Rebuild every file of datasets/globe from datasets/facts.

``--check`` writes nothing and fails if a file differs; ``--routes`` says how the round trips are known.
"""

from __future__ import annotations

import sys
from collections import Counter
from pathlib import Path

from building.command import run
from building.globe_demand import MIX, add_demand
from building.globe_network import add_network, trip
from building.globe_nodes import add_hubs, nodes
from building.globe_power import add_power
from building.globe_sites import add_data_centres
from building.globe_trust import add_trust
from building.modes import add_modes
from building.tables import Dataset, read
from building.year import add_variation, add_weekdays

HERE = Path(__file__).resolve().parent


def build() -> dict[str, str]:
    """Return the text of every file by its name within the dataset's folder."""
    dataset = Dataset()
    add_hubs(dataset)
    add_data_centres(dataset)
    add_power(dataset)
    add_network(dataset)
    add_demand(dataset)
    add_modes(dataset, {row["workload"]: row["needs_of"] for row in read(MIX)})
    add_trust(dataset)
    add_weekdays(dataset, MIX, "that every country's week is the same is an assumption")
    add_variation(dataset)
    return dataset.files("globe", "globe/general_sources")


def tell_routes() -> None:
    """Print how many round trips are known in which way."""
    count = Counter(trip(hub, site).known for hub in nodes() for site in nodes())
    print("\n".join(f"{known}: {number} of {len(nodes()) ** 2}" for known, number in count.items()))


if __name__ == "__main__":
    sys.exit(run(__doc__, build, HERE / "globe", tell_routes))
