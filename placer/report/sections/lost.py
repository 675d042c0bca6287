"""The section on an audit: what is displaced, stranded and dearer if any one thing is lost."""

from __future__ import annotations

from typing import TYPE_CHECKING

from placer.report.html.layout import para, section
from placer.report.html.tables import table
from placer.utils.numbers import figure

if TYPE_CHECKING:
    from placer.report.content.lost import LostContent
    from placer.report.content.page import PageContent
    from placer.report.html.markup import Html

_COLUMNS = {
    "displaced_share": "displaced, %",
    "stranded_mtok": "strands, Mtok",
    "stranded_share": "strands, %",
    "extra_usd": "extra USD",
}
_WORKLOADS = {"displaced_mtok": "displaced, Mtok", "stranded_mtok": "strands, Mtok", "stranded_share": "strands, %"}


def lost_section(content: PageContent, prefix: str) -> Html | None:
    """Return the section with a row for each contingency; nothing without an audit."""
    found = content.lost
    if found is None:
        return None
    whole = "all protected work" if found.moves_all else "the displaced work"
    caption = f"What each loss displaces and strands, as a share of {whole}"
    parts = [table(found.contingencies, "lost", _COLUMNS, caption)]
    if found.worst:
        parts.append(table(found.workloads, "workload", _WORKLOADS, f"What strands if {found.worst} is lost"))
    return section(f"{prefix}lost", "If one is lost", para(_said(found)), *parts)


def _said(found: LostContent) -> str:
    """Return the finding in words."""
    stranding = int((found.contingencies["stranded_mtok"] > 0).sum())
    moves = "everything may be placed anew" if found.moves_all else "only work that was served at what is lost moves"
    rule = f"{len(found.contingencies)} things, each lost alone; {moves}. "
    if not found.worst:
        return rule + "No protected work strands."
    most = figure(float(found.contingencies["stranded_mtok"].max()))
    return rule + f"Protected work strands in {stranding} of them, most where {found.worst} is lost: {most} Mtok."
