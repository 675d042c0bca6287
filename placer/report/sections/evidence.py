"""The sections of evidence: naive rules, certificate, assumptions and sources."""

from __future__ import annotations

import numpy as np

from placer.report.content.assumptions import MOST_SOURCES, Assumptions
from placer.report.content.page import PageContent
from placer.report.html.markup import Html, fragment, name_of, para, tag
from placer.report.html.tables import Cell, table, text_table, written_table
from placer.result_columns import long
from placer.texts import spaced
from placer.utils.arrays import NOISE, without_noise

_RULES = (
    *("cost_and_penalty_usd_per_mtok", "beside_optimum_share", "unserved_share"),
    *("cost_usd", "cost_usd_per_mtok", "penalty_usd", "export_share", "within_caps"),
)
#: What a certificate says, without integers and with them.
_PROOF = (
    "A proof is computed from the data themselves, not the solver's word: the placement keeps every limit, its prices "
    "prove that none can cost less, and the payments at those prices equal the cost and the rents."
)
_INTEGERS = (
    "Computed from the data themselves: the placement keeps every limit, and its prices prove that none with the same "
    "integers can cost less. Whether other integers cost less is decided by branch and bound: the solver's word."
)


def rules_section(content: PageContent) -> Html | None:
    """Return the naive rules beside the optimum; nothing beside a model."""
    if content.rules.empty:
        return None
    rules = content.rules
    whole = rules["cost_and_penalty_usd"] + rules["transfers_usd"]
    first = float(whole.iloc[0])
    frame = rules.assign(
        beside_optimum_share=whole / first - 1 if first > 0 else np.nan,
        within_caps=rules["within_caps"].map({True: "yes", False: "no"}),
    )
    return fragment(
        para(
            "Beside the optimum: every demand at the nearest data centre with room, and at the cheapest for it alone. "
            "Neither lets work wait or looks ahead. A rule may cost less where it leaves more unserved: the penalty "
            "counts in the comparison."
        ),
        table(frame, "rule", long(*_RULES, currency=content.currency), "Naive rules beside the optimum"),
    )


def certificate_section(content: PageContent) -> Html:
    """Return the proof, in figures."""
    proof, has_integers = content.certificate, content.own is not None and content.own.integers_fixed
    cells = [
        [_found(value), f"{most:.0e}", "yes" if holds else "no"]
        for value, most, holds in zip(proof["value"], proof["most"], proof["holds"], strict=True)
    ]
    sides = [[Cell(f"{usd:z,.2f}", usd)] for usd in without_noise(content.settlement.to_numpy(float)).tolist()]
    return fragment(
        para(f"The placement is {content.verdict}. {_INTEGERS if has_integers else _PROOF}"),
        tag("p", "Solver: ", name_of(content.solver), class_="note"),
        written_table(
            [str(name) for name in proof.index],
            cells,
            ["figure", "found", "allowed", "holds"],
            "Figures of the certificate",
        ),
        written_table(
            [spaced(str(name)) for name in content.settlement.index],
            sides,
            ["side", content.currency],
            "Settlement: payments = cost + penalty + rents",
        ),
    )


def _found(value: float) -> str | Cell:
    """Format a figure of the certificate; rounding errors are not spelt out."""
    return f"below {NOISE:.0e}" if abs(value) < NOISE else Cell(f"{value:.1e}", value)


def assumptions_section(content: PageContent) -> Html:
    """Return the assumptions and sources behind the figures."""
    return sources_of(content.assumptions)


def sources_of(found: Assumptions) -> Html:
    """Return settings and sources as a page lists them."""
    listed = found.sources
    counted = ", ".join(f"{count} {spaced(str(kind))}" for kind, count in found.kinds.items())
    shown = listed.head(MOST_SOURCES)
    left = len(listed) - len(shown)
    none = "No sources were given for this instance." if listed.empty and not found.named else None
    groups = [
        tag(
            "details",
            tag("summary", f"{spaced(str(kind))}: {len(group)} sources"),
            text_table(
                group[["covers", "source", "note"]].to_numpy().tolist(),
                ["figures", "source", "note"],
                spaced(str(kind)),
            ),
        )
        for kind, group in shown.groupby("kind", sort=False)
    ]
    entries = (
        tag("div", tag("dt", name_of(name)), tag("dd", name_of(said)))
        for name, said in (*found.scenarios, *found.settings)
    )
    return fragment(
        para(found.description) if found.description else None,
        tag("dl", *entries, class_="settings"),
        *(tag("p", "Source: ", name_of(source), class_="note") for source in found.named),
        tag("p", f"Licence of the data: {found.licence}", class_="note") if found.licence else None,
        para(f"Figures by where they come from: {counted}. An assumption is a judgement where nothing was published.")
        if counted
        else None,
        para(none) if none else None,
        *groups,
        para(f"{left} further sources stand in the dataset's sources.csv.") if left else None,
    )
