"""Print what every scenario of a dataset comes to, as the tables of datasets/README.md show it.

``python datasets/summarise.py china`` solves the dataset as it is and with each of its scenarios; names of scenarios
after the dataset choose some, joined by ``+`` where they are combined. ``--ceilings`` prints how much could be
exported.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence

import placer

#: The data centres whose use has a column of its own: column of the table, value and heading.
GROUPS = {
    "china": ("region", "west", "west"),
    "globe": ("region", "China", "China"),
    "world": ("jurisdiction", "US", "US"),
}
HEADINGS = (
    *("scenario", "USD/Mtok", "energy of full cost", "of operating cost", "exported", "unserved"),
    *("accelerators at work", "mean / peak load", "{} load", "GW", "t CO2 a day"),
)


HOURS_A_DAY = 24
CEILINGS = ("scenario", "ceiling, tokens", "ceiling, work", "latency ceiling, tokens", "swaps allowed, tokens")


def scenarios(dataset: str) -> list[str]:
    """Return the scenarios that change anything, and the dataset as it is."""
    known = placer.datasets.describe(dataset).scenarios
    return ["default", *(name for name, scenario in known.items() if scenario.keys() - {"description"})]


def row(dataset: str, scenario: str) -> list[str]:
    """Return the cells of one scenario."""
    placement = placer.solve(placer.load(dataset, [] if scenario == "default" else scenario.split("+")))
    column, value, _ = GROUPS[dataset]
    sites = placement.instance.data_centres.set_index("data_centre")
    joint = sites["accelerators"] * sites["speed"]
    worked = placement.data_centre_hours["accelerator_hours"].unstack("hour").loc[sites.index]
    work = worked.mul(sites["speed"], axis=0)
    group, weights = sites[column] == value, placement.instance.weights
    hours = weights.sum()
    return [
        f"`{scenario}`",
        f"{placement.cost_usd_per_mtok:.4f}",
        f"{placement.energy_share_of_cost:.1%}",
        f"{placement.energy_share_of_operating_cost:.0%}",
        f"{placement.export_share:.1%}",
        f"{placement.unserved_mtok / placement.demand_mtok:.2%}",
        f"{work.sum().sum() / hours:,.0f}",
        f"{work.sum().sum() / hours / joint.sum():.1%} / {(work.sum() / weights).max() / joint.sum():.1%}",
        f"{work[group].sum().sum() / hours / joint[group].sum():.0%}",
        f"{placement.energy_mwh / hours / 1000:.3f}",
        f"{placement.carbon_kg / 1000 * HOURS_A_DAY / hours:,.0f}",
    ]


def ceilings(dataset: str, scenario: str) -> list[str]:
    """Return the ceilings of one scenario: in tokens and work, by latency and law alone, and with swaps."""
    instance = placer.load(dataset, [] if scenario == "default" else scenario.split("+"))
    tokens, work = (placer.export_ceiling(instance, weight) for weight in ("tokens", "work"))
    shares = (tokens.share, work.share, tokens.latency_share, tokens.gross_share)
    return [f"`{scenario}`", *(f"{share:.1%}" for share in shares)]


def main(arguments: Sequence[str]) -> int:
    """Print the table in Markdown, and return the exit status."""
    given = [argument for argument in arguments if argument != "--ceilings"]
    if not given or given[0] not in GROUPS:
        print(__doc__)
        return 2
    dataset, chosen = given[0], given[1:]
    cells, names = (ceilings, CEILINGS) if "--ceilings" in arguments else (row, HEADINGS)
    heading = [name.format(GROUPS[dataset][2]) for name in names]
    print("|", " | ".join(heading), "|")
    print("|" + "---|" * len(heading))
    for scenario in chosen or scenarios(dataset):
        print("|", " | ".join(cells(dataset, scenario)), "|", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
