"""What contingencies touch: data centres and links, each with the contingency in which most work strands."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from placer.instance.link_ends import ENDS, link_ends
from placer.security.contingencies import contingencies_of
from placer.security.result import Audit

_COLUMNS = ["displaced_mtok", "stranded_mtok"]


def touched(audit: Audit) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return every data centre, and every link with a place, that a contingency touches.

    Returns
    -------
    sites : DataFrame
        One row per data centre that is lost or loses a supply, in the order of the instance: the ``contingency`` in
        which most strands, with its ``displaced_mtok`` and ``stranded_mtok``.
    links : DataFrame
        One row per lost link whose ends have a place, by ``FROM - TO``, those that strand most first: likewise, with
        the places of ``link_ends``.
    """
    instance = audit.placement.instance
    names, of_supplies = instance.data_centres["data_centre"], instance.supplies["data_centre"]
    sites, links = [], []
    for each in contingencies_of(instance, audit.security):
        said = {"contingency": each.name, **audit.contingencies.loc[each.name, _COLUMNS]}
        hit = names[each.sites | names.isin(of_supplies[each.supplies]).to_numpy()]
        sites += [{"data_centre": name, **said} for name in hit]
        links += [{"link": place, **said} for place in np.flatnonzero(each.links).tolist()]
    of_sites = _worst(sites, "data_centre")
    of_links = _worst(links, "link").join(link_ends(instance)).dropna(subset=list(ENDS))
    ends = instance.links.loc[of_links.index]
    labels = [f"{tail} - {head}" for tail, head in zip(ends["from"], ends["to"], strict=True)]
    return of_sites.reindex([name for name in names if name in of_sites.index]), of_links.set_axis(labels)


def _worst(rows: list[dict[str, Any]], key: str) -> pd.DataFrame:
    """Return the row of each key in which most strands, those first in which most does."""
    table = pd.DataFrame(rows, columns=[key, "contingency", *_COLUMNS]).astype(dict.fromkeys(_COLUMNS, float))
    table = table.sort_values(_COLUMNS[::-1], ascending=False, kind="stable").drop_duplicates(key)
    return table.set_index(key)
