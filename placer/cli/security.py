"""Options and text of security: kinds of contingencies, audits and secure placements."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from placer.cli.screen import print_table, say, title
from placer.cli.tables import as_table
from placer.result_columns import short
from placer.security.definition import Kind, Recourse

if TYPE_CHECKING:
    import pandas as pd

    from placer.security.placement import SecurePlacement
    from placer.security.result import Audit


Lost = Annotated[Kind, typer.Option("--security", help="What is lost, each alone.")]
Secure = Annotated[Kind | None, typer.Option("--secure", help="Survive the loss of any one of these, at least cost.")]
Rule = Annotated[
    Recourse,
    typer.Option(help="Place anew only the work served at what is lost, or all: the most that could survive."),
]

_AUDIT_HEADINGS = short("displaced_share", "stranded_mtok", "stranded_share", "extra_usd")
_WORKLOAD_HEADINGS = short("displaced_mtok", "stranded_mtok", "stranded_share")
_HEADROOM_HEADINGS = short("security_usd", "security_rent_usd", "stranded_usd")
_SITE_HEADINGS = short("mtok", "utilisation", "peak_utilisation", "cost_usd")


def print_audit(audit: Audit, heading: str) -> None:
    """Print the headline figures of an audit, its contingencies, and what strands by workload in the worst."""
    title(heading)
    say(repr(audit))
    table = audit.contingencies.sort_values(["stranded_mtok", "displaced_mtok"], ascending=False, kind="stable")
    of = "displaced" if audit.security.recourse == "displaced" else "protected"
    print_table(as_table(f"If any one is lost; stranded share of {of} work", table, _AUDIT_HEADINGS))
    if audit.worst:
        rows = audit.workloads.reset_index("contingency")
        rows = rows[rows["contingency"] == audit.worst]
        of_worst = rows.sort_values("stranded_mtok", ascending=False, kind="stable")
        print_table(as_table(f"If {audit.worst} is lost", of_worst, _WORKLOAD_HEADINGS))


def print_secure(placement: SecurePlacement, heading: str) -> None:
    """Print the headline figures of a secure placement, the contingencies that bind, and its data centres."""
    title(heading)
    say(repr(placement))
    binding = placement.binding_contingencies
    print_table(as_table("Binding contingencies", binding, short("rent_usd", "stranded_mtok")))
    sites = placement.data_centres.sort_values("mtok", ascending=False)
    print_table(as_table("Data centres", sites, _SITE_HEADINGS))


def print_headroom(regions: pd.DataFrame) -> None:
    """Print what each region pays for headroom and is paid for it, and the penalty of its work that strands."""
    print_table(as_table("Paid for headroom and by it, USD", regions, _HEADROOM_HEADINGS))
