"""Options and text of security: kinds of contingencies, audits and secure placements."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from placer.cli.screen import print_table, say, title
from placer.cli.tables import as_table

if TYPE_CHECKING:
    import pandas as pd

    from placer.security.placement import SecurePlacement
    from placer.security.result import Audit


class Contingencies(StrEnum):
    """Kinds of contingencies, each of which is lost alone."""

    DATA_CENTRES = "data_centres"
    POWER_ZONES = "power_zones"
    REGIONS = "regions"
    LINKS = "links"


class RecourseRule(StrEnum):
    """What may be placed anew in a contingency."""

    DISPLACED = "displaced"
    ALL = "all"


Lost = Annotated[Contingencies, typer.Option("--security", help="What is lost, each alone.")]
Secure = Annotated[
    Contingencies | None, typer.Option("--secure", help="Survive the loss of any one of these, at least cost.")
]
Rule = Annotated[
    RecourseRule,
    typer.Option(help="Place anew only the work served at what is lost, or all: the most that could survive."),
]

_AUDIT_HEADINGS = {
    "displaced_share": "displaced",
    "stranded_mtok": "stranded Mtok",
    "stranded_share": "of displaced",
    "extra_usd": "extra USD",
}
_WORKLOAD_HEADINGS = {"displaced_mtok": "displaced Mtok", "stranded_mtok": "stranded Mtok", "stranded_share": "share"}
_HEADROOM_HEADINGS = {"security_usd": "for headroom", "security_rent_usd": "by headroom", "stranded_usd": "stranded"}
_SITE_HEADINGS = {"mtok": "Mtok", "utilisation": "used", "peak_utilisation": "peak", "cost_usd": "USD"}


def print_audit(audit: Audit, heading: str) -> None:
    """Print the headline figures of an audit, its contingencies, and what strands by workload in the worst."""
    title(heading)
    say(repr(audit))
    table = audit.contingencies.sort_values(["stranded_mtok", "displaced_mtok"], ascending=False, kind="stable")
    of = "of displaced" if audit.security.recourse == "displaced" else "of all"
    print_table(as_table("If any one is lost", table, _AUDIT_HEADINGS | {"stranded_share": of}))
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
    print_table(as_table("Binding contingencies", binding, {"rent_usd": "rent USD", "stranded_mtok": "stranded Mtok"}))
    sites = placement.data_centres.sort_values("mtok", ascending=False)
    print_table(as_table("Data centres", sites, _SITE_HEADINGS))


def print_headroom(regions: pd.DataFrame) -> None:
    """Print what each region pays for headroom and is paid for it, and the penalty of its work that strands."""
    print_table(as_table("Paid for headroom and by it, USD", regions, _HEADROOM_HEADINGS))
