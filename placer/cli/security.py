"""The security that options ask for, and the text of audits and secure placements."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from placer.cli.batch_report import assignments
from placer.cli.run import Run
from placer.cli.screen import say
from placer.cli.tables import print_columns
from placer.errors import InstanceError, Violation, collected
from placer.security.definition import Kind, Security

if TYPE_CHECKING:
    from placer.security.placement import SecurePlacement
    from placer.security.result import Audit

_AUDIT_HEADINGS = ("displaced_share", "stranded_mtok", "stranded_share", "extra_usd")
_WORKLOAD_HEADINGS = ("displaced_mtok", "stranded_mtok", "stranded_share")
_HEADROOM_HEADINGS = ("security_usd", "security_rent_usd", "stranded_usd")
_SITE_HEADINGS = ("mtok", "utilisation", "peak_utilisation", "cost_usd")


def asked_security(run: Run) -> Security | None:
    """Return the security that the options ask for; None without.

    Raises
    ------
    InstanceError
        As ``security_against``, or listing all options that need --secure.
    """
    if run.secure is not None:
        return security_against(run.secure, run)
    parts = {
        "--recourse": run.recourse,
        "--protected": run.protected,
        "--most-stranded": run.most_stranded,
        "--outage-hours": run.outage_hours,
    }
    given = [name for name, part in parts.items() if part is not None]
    if given:
        allowed = "--secure data_centres, or leave it out"
        raise InstanceError(Violation("security", "", name, "nothing is lost", allowed) for name in given)
    return None


def security_against(kind: Kind, run: Run) -> Security:
    """Return the security against the loss of any one of a kind, with what the options say of it.

    Raises
    ------
    InstanceError
        Listing all values that are not understood.
    """
    found: list[Violation] = []
    shares = collected(found, lambda: assignments("--protected", run.protected or ())) or {}
    given = (kind, run.recourse, shares, run.most_stranded, run.outage_hours or 0.0)
    security = collected(found, lambda: Security(*given))
    if found or security is None:
        raise InstanceError(found)
    return security


def lost_in_words(security: Security) -> str:
    """Return what may be lost, for a line of progress."""
    return str(security.contingencies).replace("_", " ")


def print_audit(audit: Audit) -> None:
    """Print the headline figures of an audit, its contingencies, and what strands by workload in the worst."""
    say(repr(audit))
    table = audit.contingencies.sort_values(["stranded_mtok", "displaced_mtok"], ascending=False, kind="stable")
    of = "displaced" if audit.security.recourse == "displaced" else "protected"
    heading = f"If any one is lost; stranded share of {of} work"
    print_columns(heading, table, *_AUDIT_HEADINGS, currency=audit.currency)
    if audit.worst:
        rows = audit.workloads.reset_index("contingency")
        rows = rows[rows["contingency"] == audit.worst]
        of_worst = rows.sort_values("stranded_mtok", ascending=False, kind="stable")
        print_columns(f"If {audit.worst} is lost", of_worst, *_WORKLOAD_HEADINGS)


def print_secure(placement: SecurePlacement) -> None:
    """Print the headline figures of a secure placement, the contingencies that bind, and its data centres."""
    say(repr(placement))
    binding = placement.binding_contingencies
    print_columns("Binding contingencies", binding, "rent_usd", "stranded_mtok", currency=placement.currency)
    sites = placement.data_centres.sort_values("mtok", ascending=False)
    print_columns("Data centres", sites, *_SITE_HEADINGS, currency=placement.currency)


def print_headroom(regions: pd.DataFrame, currency: str) -> None:
    """Print what each region pays for headroom and is paid for it, and the penalty of its work that strands."""
    print_columns(f"Paid for headroom and by it, {currency}", regions, *_HEADROOM_HEADINGS, currency=currency)
