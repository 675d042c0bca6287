"""What a plan builds at data centres and of links, for maps."""

from __future__ import annotations

import pandas as pd

from placer.instance.link_ends import ENDS, link_ends
from placer.planning.answer.result import Plan
from placer.planning.question.targets import OF_BATTERIES, row_labels
from placer.utils.numbers import figure

#: What may be added, in words.
_ADDED = {
    "accelerators": "accelerators",
    "power_limit_mw": "MW of power",
    "limit_mw": "MW of supplies",
    "capacity_gbps": "Gbit/s",
    "power_mw": "MW of batteries",
    "energy_mwh": "MWh of batteries",
}
_OF_A_LINK = "capacity_gbps"


def builds_by_site(plan: Plan) -> pd.DataFrame:
    """Return what is built at every data centre that has candidates: its accelerators, power, supplies and batteries.

    ``cost_usd_per_year`` of all that is built there, and ``said``, what it is. What is built for a power zone counts in
    equal parts at the data centres that the zone supplies, batteries at the zone too.
    """
    instance = plan.question.instance
    names, supplies = set(instance.data_centres["data_centre"]), instance.supplies
    of_pools = [[site] for site in instance.accelerator_pools["data_centre"]]
    pools = dict(zip(row_labels(instance, "accelerator_pools"), of_pools, strict=True))
    supplied = pools | supplies.drop_duplicates().groupby("power_zone")["data_centre"].unique().map(list).to_dict()
    builds = plan.builds[plan.builds["adds"] != _OF_A_LINK]
    places = instance.batteries.set_index("battery")
    at = places["data_centre"].fillna(places["power_zone"]).to_dict()
    targets = [
        at[target] if adds in OF_BATTERIES else target
        for adds, target in zip(builds["adds"], builds["target"], strict=True)
    ]
    zones = [None if target in names else target for target in targets]
    sites = [[target] if target in names else supplied.get(target, [target.rpartition("|")[2]]) for target in targets]
    said = [
        f"{each} for {zone}" if each and zone in supplied and zone not in pools else each
        for each, zone in zip(in_words(builds), zones, strict=True)
    ]
    parts = builds["cost_usd_per_year"] / [len(each) for each in sites]
    table = pd.DataFrame({"data_centre": sites, "said": said, "cost_usd_per_year": parts}).explode("data_centre")
    return _together(table[table["data_centre"].isin(names)], "data_centre")


def builds_by_link(plan: Plan) -> pd.DataFrame:
    """Return what is built of every link that has candidates and a place, by ``FROM - TO``.

    ``cost_usd_per_year``, ``said``, and the places of its ends as of ``placer.instance.link_ends``.
    """
    builds = plan.builds[plan.builds["adds"] == _OF_A_LINK]
    table = builds[["target", "cost_usd_per_year"]].assign(said=in_words(builds))
    targets = row_labels(plan.question.instance, "links")
    ends = link_ends(plan.question.instance).set_axis(targets).loc[list(dict.fromkeys(builds["target"]))]
    found = _together(table, "target").join(ends).dropna(subset=list(ENDS))
    return found.set_axis([target.replace("|", " - ") for target in found.index])


def _together(table: pd.DataFrame, key: str) -> pd.DataFrame:
    """Return cost and words of all builds of a key."""
    return table.groupby(key, sort=False).agg(
        cost_usd_per_year=("cost_usd_per_year", "sum"),
        said=("said", lambda said: "; ".join(each for each in said if each) or "nothing is built"),
    )


def in_words(builds: pd.DataFrame) -> list[str]:
    """Return units and kind of the builds of each candidate; empty for those that are not built."""
    return [
        f"{figure(units)} {_ADDED[adds]}" if units > 0 else ""
        for units, adds in zip(builds["units"].tolist(), builds["adds"], strict=True)
    ]
