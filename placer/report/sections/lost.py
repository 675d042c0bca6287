"""The section on what is lost: what an audit finds displaced, stranded and dearer, and the secure ceiling."""

from __future__ import annotations

from functools import partial

import numpy as np
import pandas as pd

from placer.report.content.lost import LostContent, SecuredContent
from placer.report.content.page import PageContent
from placer.report.html.markup import Html, fragment, para
from placer.report.html.tables import Cell, shares, table, written_table
from placer.report.sections.site_map import site_map
from placer.result_columns import long
from placer.utils.numbers import figure, percent

_COLUMNS = ("displaced_share", "stranded_mtok", "stranded_share", "extra_usd")
_BINDING = ("rent_usd", "stranded_mtok")
_WORKLOADS = ("displaced_mtok", "stranded_mtok", "stranded_share")


def lost_section(content: PageContent) -> Html | None:
    """Return the section on an audit and a secure ceiling; nothing without either."""
    parts = [_audited(content), secured_part(content.secured)]
    return fragment(*parts) if any(parts) else None


def _audited(content: PageContent) -> Html | None:
    """Return the part with a row for each contingency; nothing without an audit."""
    found = content.lost
    if found is None:
        return None
    headings = partial(long, currency=content.currency)
    whole = "all protected work" if found.moves_all else "the displaced work"
    caption = f"What each loss displaces and strands, as a share of {whole}"
    parts = [
        _map(content, f"{content.prefix}lost-map"),
        table(found.contingencies, "lost", headings(*_COLUMNS), caption),
    ]
    if found.worst:
        parts.append(
            table(found.workloads, "workload", headings(*_WORKLOADS), f"What strands if {found.worst} is lost")
        )
    if len(found.binding):
        parts.append(
            table(
                found.binding, "contingency", headings(*_BINDING), "Contingencies that bind: rents of headroom for them"
            )
        )
    return fragment(para(_said(found) + _price(found, content.currency)), *parts)


def _price(found: LostContent, currency: str) -> str:
    """Return the price of security in words; empty if nothing binds."""
    if found.binding.empty:
        return ""
    return (
        f" The placement keeps headroom for these losses. It costs {figure(found.security_usd)} {currency} more than "
        "the placement without. The part security of a price is the charge of headroom for a Mtok."
    )


def _map(content: PageContent, identity: str) -> Html | None:
    """Draw the data centres and links that are lost, larger where more strands; None if none has a place."""
    found = content.lost
    if found is None or (found.sites.empty and found.links.empty):
        return None
    summary = "Map of what is lost, by the work that strands; the table holds the figures."
    legend = [("less", "work strands, the larger the more"), ("more", "all that is displaced finds a place")]
    return site_map(content.flows, _marked(found.sites), identity, summary, legend, _marked(found.links))


def _marked(lost: pd.DataFrame) -> pd.DataFrame:
    """Return the amount, the kind and the tip of the mark of everything that is lost."""
    stranded = lost["stranded_mtok"].astype(float)
    said = [
        (f"{name} is lost, " if name != label else "") + f"{figure(strands)} of {figure(displaced)} Mtok strand"
        for label, name, displaced, strands in zip(
            lost.index, lost["contingency"], lost["displaced_mtok"].tolist(), stranded.tolist(), strict=True
        )
    ]
    kind = np.where(stranded > 0, "less", np.where(lost["displaced_mtok"] > 0, "more", "same"))
    return lost.assign(amount=stranded, kind=kind, said=said)


def _said(found: LostContent) -> str:
    """Return the finding in words."""
    stranding = int((found.contingencies["stranded_mtok"] > 0).sum())
    moves = "everything may be placed anew" if found.moves_all else "only work that was served at what is lost moves"
    rule = f"{len(found.contingencies)} things, each lost alone; {moves}. "
    if not found.worst:
        return rule + "No protected work strands."
    most = figure(float(found.contingencies["stranded_mtok"].max()))
    return rule + f"Protected work strands in {stranding} of them, most where {found.worst} is lost: {most} Mtok."


def secured_part(found: SecuredContent | None) -> Html | None:
    """Return the ceilings in words and as a table, and the contingencies that bind; nothing without a ceiling."""
    if found is None:
        return None
    with_security = "survivable, the least of it and those below" if found.survivable else "with security"
    ceilings = written_table(
        ["without security", with_security],
        [[cell] for cell in shares([found.share_without, found.share], 2)],
        ["export ceiling", f"% of {found.weight}"],
        f"Export ceilings with and without security, from {found.cut}",
    )
    return fragment(para(_said_of_ceiling(found)), ceilings, _contingencies(found))


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
        headings = ["lost", *long("exportable_share", "unserved_mtok").values()]
        return written_table([str(name) for name in rows.index], cells, headings, "The export ceiling if it is lost")
    caption = "Contingencies that bind the secure ceiling, or in which work strands"
    shown = rows.assign(binds=["yes" if binds else "" for binds in rows["binds"]])
    return table(shown, "lost", long("binds", "stranded_mtok"), caption)


def _said_of_ceiling(found: SecuredContent) -> str:
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
