"""The content of a report on a secure ceiling: the ceilings with and without security, and what sets the first."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from placer.errors import InstanceError, Violation
from placer.report.html.markup import labelled, shortened

if TYPE_CHECKING:
    import pandas as pd

    from placer.ceiling.secure.result import SecureCeiling
    from placer.placement.result import Placement


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
