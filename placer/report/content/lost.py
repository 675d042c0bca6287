"""The content of a report on an audit: each contingency with what it displaces and strands."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from placer.errors import InstanceError, Violation
from placer.report.html.markup import labelled, shortened

if TYPE_CHECKING:
    import pandas as pd

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
    """

    contingencies: pd.DataFrame
    workloads: pd.DataFrame
    worst: str
    moves_all: bool


def lost_content(audit: Audit | None, placement: Placement) -> LostContent | None:
    """Extract the content of a report from an audit; None without one.

    Raises
    ------
    InstanceError
        If the audit is of another placement.
    """
    if audit is None:
        return None
    if audit.placement is not placement:
        problem = Violation("audit", "", "placement", "it is of another placement", "placer.audit of this placement")
        raise InstanceError([problem])
    table = audit.contingencies.sort_values(["stranded_mtok", "displaced_mtok"], ascending=False, kind="stable")
    rows = audit.workloads.reset_index("contingency")
    return LostContent(
        contingencies=labelled(table),
        workloads=labelled(rows[(rows["contingency"] == audit.worst) & (rows["stranded_mtok"] > 0)]),
        worst=shortened(audit.worst),
        moves_all=audit.security.recourse == "all",
    )
