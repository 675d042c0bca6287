"""``placer audit``: what a placement loses if any one data centre, power zone, region or link is lost."""

from __future__ import annotations

from placer.cli.options import placed
from placer.cli.run import Run, command
from placer.cli.security import Lost, Rule, print_audit
from placer.cli.tables import records
from placer.security import audit as audits
from placer.security.definition import Security
from placer.solve import solve


@command("time_limit out require_served as_json")
def audit_command(run: Run, *, security: Lost = "data_centres", recourse: Rule = "displaced") -> None:
    """Audit the placement of a dataset: what moves and what strands if any one thing is lost.

    Work that waits is not protected: it may be dropped, and frees its accelerators. Stranded work is part of the
    answer; with --require-served the exit status is 3 where any strands.
    """
    with run.working() as (step, note):
        step("loading")
        instance = run.load()
        step(f"solving {instance!r}")
        placement = solve(instance)
        note(placed(placement))
        step(f"losing each of the {security.replace('_', ' ')}")
        found = audits.audit(placement, Security(security, recourse))
    summary = run.asked | {"security": security} | found.summary()
    tables = {"lost": records(found.contingencies), "workloads": records(found.workloads)}
    run.tell(summary | tables, lambda: print_audit(found, run.title))
    run.save(summary, found)
    run.end(unserved=not found.passed)
