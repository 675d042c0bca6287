"""``placer audit``: what a placement loses if any one data centre, power zone, region or link is lost."""

from __future__ import annotations

import typer

from placer.cli.options import (
    NO_LIMIT,
    Dataset,
    Folder,
    Json,
    RequireServed,
    Scenario,
    TimeLimit,
    command_time,
    dataset_title,
    placed,
    unserved_status,
    within_limit,
)
from placer.cli.outputs import check_out, write_out
from placer.cli.screen import occasionally, steps, write
from placer.cli.security import Contingencies, Lost, RecourseRule, Rule, print_audit
from placer.cli.tables import json_text, records
from placer.datasets import folder
from placer.security import audit as audits
from placer.security.definition import Security
from placer.solve import solve


@within_limit
def audit_command(
    *,
    dataset: Dataset,
    scenario: Scenario = None,
    security: Lost = Contingencies.DATA_CENTRES,
    recourse: Rule = RecourseRule.DISPLACED,
    time_limit: TimeLimit = NO_LIMIT,
    out: Folder = None,
    require_served: RequireServed = False,
    as_json: Json = False,
) -> None:
    """Audit the placement of a dataset: what moves and what strands if any one thing is lost.

    Work that waits is not protected: it may be dropped, and frees its accelerators. Stranded work is part of the
    answer; with --require-served the exit status is 3 where any strands.
    """
    scenarios = scenario or []
    check_out(out)
    with steps() as step, command_time(time_limit, occasionally(step)) as note:
        step("loading")
        instance = folder.load(dataset, scenarios)
        step(f"solving {instance!r}")
        placement = solve(instance)
        note(placed(placement))
        step(f"losing each of the {security.value.replace('_', ' ')}")
        found = audits.audit(placement, Security(security.value, recourse.value))
    summary = {"dataset": dataset, "scenarios": scenarios, "security": security.value} | found.summary()
    if as_json:
        tables = {"lost": records(found.contingencies), "workloads": records(found.workloads)}
        write(json_text(summary | tables))
    else:
        print_audit(found, dataset_title(dataset, scenarios))
    write_out(out, summary, excel=found.save_excel, tables=found.save_tables)
    raise typer.Exit(unserved_status(unserved=not found.passed, required=require_served))
