"""The content of a report on an audit: each contingency with what it displaces and strands; and on a secure ceiling."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from placer.errors import InstanceError, Violation
from placer.placement.result import Placement
from placer.report.html.markup import labelled, shortened
from placer.security.audit import audit as audit_of
from placer.security.placement import SecurePlacement
from placer.security.touched import touched

if TYPE_CHECKING:
    from placer.ceiling.secure.result import SecureCeiling
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


@dataclass(frozen=True, eq=False)
class SecuredContent:
    """The content of a secure ceiling; every text is printable and shortened.

    Attributes
    ----------
    cut : str
        Who exports to whom.
    weight : str
        Unit of the shares.
    share, share_without : float
        The ceilings with and without security.
    survivable : bool
        Whether each contingency has a ceiling of its own (the rule ``all``).
    worst : str
        The contingency with the least ceiling of its own; empty under the rule ``displaced``.
    contingencies : DataFrame
        Rows of ``SecureCeiling.contingencies``. Under the rule ``displaced``, those that bind or in which work strands,
        with those that strand most first; under the rule ``all``, all of them, with the least ceiling first.
    considered : int
        The number of contingencies.
    """

    cut: str
    weight: str
    share: float
    share_without: float
    survivable: bool
    worst: str
    contingencies: pd.DataFrame
    considered: int


def secured_content(ceiling: SecureCeiling | None, placement: Placement) -> SecuredContent | None:
    """Extract the content of a report from a secure ceiling; None without one.

    Raises
    ------
    InstanceError
        If the ceiling is of another instance than the placement.
    """
    if ceiling is None:
        return None
    without, table = ceiling.without, ceiling.contingencies
    if without.instance != placement.instance:
        problem, allowed = "it is of another instance", "a secure ceiling of the placement's instance"
        raise InstanceError([Violation("report", "", "secure_ceiling", problem, allowed)])
    survivable = ceiling.security.recourse == "all"
    if survivable:
        shown = table.sort_values("share", kind="stable")
    else:
        shown = table[table["binds"] | (table["stranded_mtok"] > 0)]
        shown = shown.sort_values(["stranded_mtok", "binds"], ascending=False, kind="stable")
    return SecuredContent(
        cut=shortened(str(without.cut), longest=200),
        weight=without.weight,
        share=ceiling.share,
        share_without=without.share,
        survivable=survivable,
        worst=shortened(ceiling.worst),
        contingencies=labelled(shown),
        considered=len(table),
    )
