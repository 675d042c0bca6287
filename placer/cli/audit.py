"""``placer audit``: what a placement loses if any one data centre, power zone, region or link is lost."""

from __future__ import annotations

from placer.cli.placing import least_cost
from placer.cli.run import Run, command
from placer.cli.security import lost_in_words, print_audit, security_against
from placer.cli.tables import records
from placer.security import audit as audits


@command("secure security recourse protected most_stranded time_limit out require_served as_json")
def audit_command(run: Run) -> None:
    """Audit the placement of a dataset: what moves and what strands if any one thing is lost.

    Work that waits is not protected: it may be dropped, and frees its accelerators. Stranded work is part of the
    answer; with --require-served the exit status is 3 where more strands than --most-stranded. Without --secure, data
    centres are lost.
    """
    security = security_against(run.secure or "data_centres", run)
    with run.working() as (step, note):
        placement = least_cost(run, step, note)
        step(f"losing each of the {lost_in_words(security)}")
        found = audits.audit(placement, security)
    kind = str(security.contingencies)
    summary = run.asked | {"secure": kind, "security": kind} | found.summary()
    tables = {"lost": records(found.contingencies), "workloads": records(found.workloads)}
    run.tell(summary | tables, lambda: print_audit(found))
    run.save(summary, found)
    run.end(unserved=not found.passed)
