"""The part of *If one is lost* on a secure ceiling: the ceilings with and without security, and what sets the first."""

from __future__ import annotations

from typing import TYPE_CHECKING

from placer.report.html.layout import para
from placer.report.html.markup import fragment
from placer.report.html.tables import Cell, shares, table, written_table
from placer.utils.numbers import figure, percent

if TYPE_CHECKING:
    from placer.report.content.secured import SecuredContent
    from placer.report.html.markup import Html


def secured_part(found: SecuredContent | None) -> Html | None:
    """Return the ceilings in words and as a table, and the contingencies that bind; nothing without a ceiling."""
    if found is None:
        return None
    with_security = "survivable, the least of those below" if found.survivable else "with security"
    ceilings = written_table(
        ["without security", with_security],
        [[cell] for cell in shares([found.share_without, found.share], 2)],
        ["export ceiling", f"% of {found.weight}"],
        f"Export ceilings with and without security, from {found.cut}",
    )
    return fragment(para(_said(found)), ceilings, _contingencies(found))


def _contingencies(found: SecuredContent) -> Html | None:
    """Return the table of contingencies; nothing where none binds and nothing strands."""
    rows = found.contingencies
    if rows.empty:
        return None
    if found.survivable:
        unserved = rows["unserved_mtok"].tolist()
        cells: list[list[str | Cell]] = [
            [cell, Cell(figure(mtok), mtok)]
            for cell, mtok in zip(shares(rows["share"].tolist(), 2), unserved, strict=True)
        ]
        headings = ["lost", "export ceiling, %", "unserved, Mtok"]
        return written_table([str(name) for name in rows.index], cells, headings, "The export ceiling if it is lost")
    caption = "Contingencies that bind the secure ceiling, or in which work strands"
    shown = rows.assign(binds=["yes" if binds else "" for binds in rows["binds"]])
    return table(shown, "lost", {"binds": "binds", "stranded_mtok": "strands, Mtok"}, caption)


def _said(found: SecuredContent) -> str:
    """Return the finding in words."""
    share, without = percent(found.share, 2), percent(found.share_without, 2)
    if found.survivable:
        return (
            f"Without security {without} of {found.weight} can be exported. If any one of {found.considered} things is "
            f"lost and everything may be placed anew, at least {share} still can; least if {found.worst} is lost."
        )
    said = (
        f"Without security {without} of {found.weight} can be exported. {share} can be exported if the loss of any one "
        f"of {found.considered} things is to strand as little as possible."
    )
    binding = int(found.contingencies["binds"].sum())
    if binding == 1:
        return f"{said} 1 of them binds: more could be exported without it."
    return f"{said} {binding} of them bind: each lowers the ceiling." if binding else f"{said} None of them binds."
