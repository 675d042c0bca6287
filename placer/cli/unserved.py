"""Messages of the commands on unserved demand."""

from __future__ import annotations

from collections.abc import Iterable

import pandas as pd

from placer.cli.screen import mention
from placer.cli.tables import cell_text
from placer.model.formulation import Formulation
from placer.placement.result import Placement
from placer.tolerances import SOLVER
from placer.utils.arrays import FloatArray
from placer.utils.numbers import percent

#: Largest number of named places with unserved demand.
_SHOWN_PLACES = 3


def unserved_places(formulation: Formulation, unserved: FloatArray) -> pd.DataFrame:
    """Return unserved demand by workload and hub, largest first: ``workload``, ``hub``, ``unserved_mtok``, ``share``.

    Parameters
    ----------
    unserved : (demands,) array
        Mtok of each demand.
    """
    structure = formulation.structure
    if not unserved.sum() > SOLVER * structure.total_demand:
        return pd.DataFrame(columns=["workload", "hub", "unserved_mtok", "share"])
    names = {
        "workload": pd.Index(formulation.workloads)[structure.demand_class],
        "hub": pd.Index(formulation.hubs)[structure.demand_origin],
    }
    table = pd.DataFrame(names | {"unserved_mtok": unserved, "demand": structure.demand_amount})
    by_place = table.groupby(["workload", "hub"], as_index=False, sort=False).sum()
    by_place["share"] = by_place["unserved_mtok"] / by_place.pop("demand")
    kept = by_place[by_place["unserved_mtok"] > SOLVER * structure.total_demand]
    return kept.sort_values("unserved_mtok", ascending=False, kind="stable", ignore_index=True)


def say_all_unserved(placements: Iterable[Placement]) -> bool:
    """Print the unserved demand of each placement and its main places; return whether there is any."""
    said = False
    for each in placements:
        places = unserved_places(each.formulation, each.accounts.unserved)
        say_unserved(places, each.formulation.structure.total_demand)
        said |= len(places) > 0
    return said


def say_unserved(places: pd.DataFrame, demand_mtok: float) -> None:
    """Print the amount of unserved demand and its main places in one line; nothing if all is served."""
    if places.empty:
        return
    total = places["unserved_mtok"].sum()
    named = [
        f"{row['workload']} at {row['hub']} {cell_text('mtok', row['unserved_mtok'])} Mtok"
        for _, row in places.head(_SHOWN_PLACES).iterrows()
    ]
    more = len(places) - len(named)
    mention(
        f"placer: {cell_text('mtok', total)} Mtok ({percent(total / demand_mtok, 2)} of demand) unserved: "
        + ", ".join(named)
        + (f" and {more} more" if more else "")
    )
