"""The content of a report on an audit: each contingency with what it displaces and strands."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from placer.errors import InstanceError, Violation
from placer.report.content.link_ends import ENDS, link_ends
from placer.report.html.markup import labelled, shortened
from placer.security.audit import audit as audit_of
from placer.security.contingencies import contingencies_of
from placer.security.placement import SecurePlacement

if TYPE_CHECKING:
    from placer.placement.result import Placement
    from placer.security.result import Audit

_COLUMNS = ["displaced_mtok", "stranded_mtok"]


@dataclass(frozen=True, eq=False)
class LostContent:
    """The content of an audit; every text is printable and shortened.

    Attributes
    ----------
    contingencies : DataFrame
        As ``Audit.contingencies``, those that strand most first.
    workloads : DataFrame
        What strands in the worst contingency, by workload; empty if nothing strands in any.
    worst : str
        Name of that contingency; empty if there is none.
    moves_all : bool
        Whether all work may be placed anew in a contingency.
    sites : DataFrame
        One row per data centre that a contingency takes or takes power from: the ``contingency`` in which most strands,
        with its ``displaced_mtok`` and ``stranded_mtok``.
    links : DataFrame
        One row per link that a contingency takes and whose ends have a place, those that strand most first: likewise,
        with the places of its ends as ``link_ends`` has them.
    binding : DataFrame
        As ``SecurePlacement.binding_contingencies``; empty for other placements.
    security_usd : float
        The price of security; 0 for other placements.
    """

    contingencies: pd.DataFrame
    workloads: pd.DataFrame
    worst: str
    moves_all: bool
    sites: pd.DataFrame
    links: pd.DataFrame
    binding: pd.DataFrame
    security_usd: float


def lost_content(audit: Audit | None, placement: Placement) -> LostContent | None:
    """Extract the content of a report from an audit; None without one. A secure placement is audited if it is not yet.

    Raises
    ------
    InstanceError
        If the audit is of another placement.
    """
    secure = placement if isinstance(placement, SecurePlacement) else None
    if audit is None and secure is not None:
        audit = audit_of(secure, secure.security)
    if audit is None:
        return None
    if audit.placement is not placement:
        problem = Violation("audit", "", "placement", "it is of another placement", "placer.audit of this placement")
        raise InstanceError([problem])
    table = audit.contingencies.sort_values(["stranded_mtok", "displaced_mtok"], ascending=False, kind="stable")
    rows = audit.workloads.reset_index("contingency")
    sites, links = _touched(audit)
    return LostContent(
        contingencies=labelled(table),
        workloads=labelled(rows[(rows["contingency"] == audit.worst) & (rows["stranded_mtok"] > 0)]),
        worst=shortened(audit.worst),
        moves_all=audit.security.recourse == "all",
        sites=labelled(sites),
        links=labelled(links),
        binding=pd.DataFrame() if secure is None else labelled(secure.binding_contingencies),
        security_usd=0.0 if secure is None else secure.security_usd,
    )


def _touched(audit: Audit) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return, for every data centre and every link that a contingency touches, the one in which most strands."""
    instance = audit.placement.instance
    names, of_supplies = instance.data_centres["data_centre"], instance.supplies["data_centre"]
    sites, links = [], []
    for each in contingencies_of(instance, audit.security):
        said = {"contingency": shortened(each.name), **audit.contingencies.loc[each.name, _COLUMNS]}
        touched = names[each.sites | names.isin(of_supplies[each.supplies]).to_numpy()]
        sites += [{"data_centre": name, **said} for name in touched]
        links += [{"link": place, **said} for place in np.flatnonzero(each.links).tolist()]
    of_sites = _worst(sites, "data_centre")
    of_links = _worst(links, "link").join(link_ends(instance)).dropna(subset=list(ENDS))
    ends = instance.links.loc[of_links.index]
    labels = [f"{tail} - {head}" for tail, head in zip(ends["from"], ends["to"], strict=True)]
    return of_sites.reindex([name for name in names if name in of_sites.index]), of_links.set_axis(labels)


def _worst(rows: list[dict[str, Any]], key: str) -> pd.DataFrame:
    """Return the row of each key in which most strands, those first in which most does."""
    table = pd.DataFrame(rows, columns=[key, "contingency", *_COLUMNS])
    table = table.sort_values(_COLUMNS[::-1], ascending=False, kind="stable").drop_duplicates(key)
    return table.set_index(key)
