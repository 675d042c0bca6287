"""The content of a report on an audit: each contingency with what it displaces and strands."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from placer.errors import InstanceError, Violation
from placer.report.html.markup import labelled, shortened
from placer.security.audit import audit as audit_of
from placer.security.placement import SecurePlacement
from placer.security.touched import touched

if TYPE_CHECKING:
    from placer.placement.result import Placement
    from placer.security.result import Audit


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
        with the places of its ends as ``placer.instance.link_ends`` has them.
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
    sites, links = (_shown(each) for each in touched(audit))
    return LostContent(
        contingencies=labelled(table),
        workloads=labelled(rows[(rows["contingency"] == audit.worst) & (rows["stranded_mtok"] > 0)]),
        worst=shortened(audit.worst),
        moves_all=audit.security.recourse == "all",
        sites=sites,
        links=links,
        binding=pd.DataFrame() if secure is None else labelled(secure.binding_contingencies),
        security_usd=0.0 if secure is None else secure.security_usd,
    )


def _shown(lost: pd.DataFrame) -> pd.DataFrame:
    """Return a table of what is lost with printable names."""
    return labelled(lost).assign(contingency=[shortened(name) for name in lost["contingency"]])
