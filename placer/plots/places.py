"""Maps of what is lost and of what is built: data centres as squares and links as lines."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from matplotlib.collections import LineCollection
from matplotlib.lines import Line2D

from placer.errors import InstanceError, Violation
from placer.instance.arguments import need
from placer.instance.problem import Instance
from placer.planning.answer.build_places import builds_by_link, builds_by_site
from placer.planning.answer.result import Plan
from placer.plots.land import map_axis, name_nodes
from placer.security.result import Audit
from placer.security.touched import touched
from placer.utils.arrays import FloatArray
from placer.utils.numbers import in_full

if TYPE_CHECKING:
    from matplotlib.axes import Axes


#: Largest and least area of a square, in points squared, and width of a line, in points.
_LARGEST, _LEAST, _WIDEST, _FINEST = 320.0, 12.0, 5.0, 0.6
#: Colours of what has an amount and of what has none (Okabe and Ito).
_LOST, _BUILT, _NOTHING = "#d55e00", "#0072b2", "#8c8c8c"


def plot_lost(audit: Audit, axis: Axes | None = None) -> Axes:
    """Draw on a map what the contingencies of an audit touch: the larger, the more work strands.

    Power zones and regions stand as the data centres that they touch, each in the contingency in which most strands. A
    link is a line; exchanges stand at their nearest hub or data centre.

    Parameters
    ----------
    axis : matplotlib Axes, optional
        A new one if not given.

    Raises
    ------
    ArgumentError
        If an argument is not an audit or an axis.
    InstanceError
        If nothing that is lost has coordinates.
    """
    need(audit, Audit, "an audit", "placer.audit(placement, security) returns one")
    sites, links = (each.rename(columns={"stranded_mtok": "amount"}) for each in touched(audit))
    return _draw(audit.placement.instance, sites, links, axis, _LOST, ("strands", "Mtok", "plot_lost"))


def plot_build_map(plan: Plan, axis: Axes | None = None) -> Axes:
    """Draw on a map what may be built: the larger, the more is spent; grey where nothing is built.

    What is built for a power zone counts in equal parts at the data centres that the zone supplies. A link is a line;
    exchanges stand at their nearest hub or data centre.

    Parameters
    ----------
    axis : matplotlib Axes, optional
        A new one if not given.

    Raises
    ------
    ArgumentError
        If an argument is not a plan or an axis.
    InstanceError
        If no candidate has coordinates.
    """
    need(plan, Plan, "a plan", "placer.plan(instance, candidates) returns one")
    tables = (builds_by_site(plan), builds_by_link(plan))
    sites, links = (each.rename(columns={"cost_usd_per_year": "amount"}) for each in tables)
    return _draw(
        plan.question.instance, sites, links, axis, _BUILT, ("built", f"{plan.currency} a year", "plot_build_map")
    )


def _draw(
    instance: Instance,
    sites: pd.DataFrame,
    links: pd.DataFrame,
    axis: Axes | None,
    colour: str,
    words: tuple[str, str, str],
) -> Axes:
    """Draw data centres and links by their ``amount``; the words are what it is, its unit and the function."""
    places = instance.data_centres.set_index("data_centre")[["lon", "lat"]].astype(float)
    sites = sites.join(places, how="inner").dropna(subset=["lon", "lat"]).sort_values("amount", ascending=False)
    if not len(sites) + len(links):
        raise InstanceError([Violation(words[2], "", "lat", "nothing to draw has coordinates", "lat and lon of some")])
    links = links.sort_values("amount")
    ends = [links[["lon", "lat"]], links[["to_lon", "to_lat"]].set_axis(["lon", "lat"], axis=1)]
    axis = map_axis(axis, pd.concat([sites[["lon", "lat"]], *ends]))
    largest = max(float(each["amount"].max()) if len(each) else 0.0 for each in (sites, links))
    _draw_links(axis, links["amount"].to_numpy(float), ends, colour, largest)
    share = sites["amount"].to_numpy(float) / (largest or 1.0)
    axis.scatter(
        sites["lon"],
        sites["lat"],
        np.maximum(_LARGEST * share, _LEAST),
        c=np.where(share > 0, colour, _NOTHING),
        marker="s",
        edgecolors="white",
        linewidths=0.7,
        zorder=4,
    )
    name_nodes(axis, sites.assign(mtok=sites["amount"]))
    what, unit, _ = words
    shown = Line2D([], [], color=colour, marker="s", label=f"{what}, at most {in_full(largest)} {unit}")
    nothing = Line2D([], [], color=_NOTHING, marker="s", label="nothing")
    axis.legend(handles=[shown, nothing], loc="upper center", bbox_to_anchor=(0.5, -0.01), ncols=2, frameon=False)
    return axis


def _draw_links(axis: Axes, amount: FloatArray, ends: list[pd.DataFrame], colour: str, largest: float) -> None:
    """Draw links as lines, the widest on top; a link between nodes of one place as a ring around it."""
    there, back = (each.to_numpy(float) for each in ends)
    share = amount / (largest or 1.0)
    width, colours = np.maximum(_WIDEST * share, _FINEST), np.where(share > 0, colour, _NOTHING)
    apart = (there != back).any(axis=1)
    lines = np.stack([there[apart], back[apart]], axis=1)
    axis.add_collection(LineCollection(list(lines), linewidths=width[apart], colors=colours[apart], zorder=2))
    rings = there[~apart]
    axis.scatter(
        rings[:, 0],
        rings[:, 1],
        _LARGEST,
        facecolors="none",
        edgecolors=colours[~apart],
        linewidths=width[~apart],
        zorder=3,
    )
