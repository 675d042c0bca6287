"""Shortages explained and cured, flexibility, regimes, batches and sensitivity."""

from __future__ import annotations

from functools import partial

import placer
from placer.utils.processes import InThisProcess

from .checks import DocumentedError, Subject, at_most, documented, holds, near, shown, whole

#: Analyses of a batch that need no region and no second solver.
ANALYSES = ("cost", "hub_prices", "own_limits", "accounts", "unserved", "price_of_security")


def explain(subject: Subject) -> None:
    """Check that the changes that an explanation names cure the shortage."""
    placement = subject.placement
    found = placer.explain(placement)
    whole("table", found.table, ("*",))
    shown(found)
    if found.changes:
        cured = placer.solve(placer.cure(subject.instance, found))
        if subject.instance.tables["latency_value"].empty:
            least = placer.solve(_priceless(placer.cure(subject.instance, found)))
            at_most("what is short after the cure", least.unserved_mtok, 0.0, placement.demand_mtok)
        at_most("what is unserved after the cure", cured.unserved_mtok, placement.unserved_mtok, placement.demand_mtok)


def _priceless(instance: placer.Instance) -> placer.Instance:
    """Return the instance with the default penalty of unserved demand, far above the cost to serve it."""
    workloads = instance.workloads
    return instance.replace(workloads=workloads.assign(unserved_usd_per_mtok=None, value_usd_per_mtok=0.0))


def flexibility(subject: Subject) -> None:
    """Check the cost of drawing less power, in an hour in which a zone draws."""
    drawn = subject.placement.supplies["mwh"].groupby(["power_zone", "hour"]).sum()
    drawn = drawn[drawn > 0]
    if drawn.empty:
        raise DocumentedError("no zone draws power")
    zone, hour = drawn.index[0]
    limited = [(placer.NoSolutionError, "MW less: no placement can meet")] if subject.has_limits else []
    with documented(*limited):
        found = placer.flexibility(subject.placement, str(zone), str(hour))
    whole("table", found.table, ("usd_per_mwh", "error_usd"))
    holds("a smaller draw saves cost", (found.table["usd"] >= -1e-6 * subject.size).all())
    at_most("firm power", found.firm_mw, found.table["mw"].iloc[-1], found.table["mw"].iloc[-1])
    whole("responses", found.responses)
    found.rebound()
    shown(found)


def regimes(subject: Subject) -> None:
    """Check the break-even price of accelerators of a region."""
    regions = subject.instance.data_centres["region"].dropna().unique()
    if not len(regions):
        raise DocumentedError("no region")
    subject.need_placement()
    with documented((placer.InstanceError, "sunk"), (placer.NoSolutionError, "at any penalty")):
        found = placer.break_even_accelerator_price(subject.instance, str(regions[0]), highest=4.0, tolerance=0.5)
    whole("prices", found.prices, ("cost_usd_per_mtok",))
    holds("a break-even price below 0 or above the highest", 0 <= found.usd_per_hour <= 4.0)


def batches(subject: Subject) -> None:
    """Check that a batch has the figures of its sets, and that bounds hold."""
    placement, size = subject.placement, subject.size
    sets = [subject.instance, subject.instance.scaled_demand(0.5)]
    analyses = ANALYSES if len(subject.instance.data_centres) > 1 else ANALYSES[:-1]
    rows = sorted(placer.solve_many(sets, analyses, executor=InThisProcess()), key=lambda row: row["number"])
    if rows[0]["status"] == "refused":
        holds(f"refused: {rows[0]['detail']}", "everything is lost" in rows[0]["detail"])
        raise DocumentedError("everything is lost")
    near("the cost in a batch", rows[0]["cost_usd"] + rows[0]["penalty_usd"], placement.cost_and_penalty_usd, size)
    for row in placer.solve_many(sets, executor=InThisProcess(), bounds=1e-3):
        if row["status"] in ("optimal", "bounded"):
            at_most("the bound", row["bound_usd"], row["cost_usd"] + row["penalty_usd"], size)
        elif not subject.has_limits:
            raise DocumentedError(str(row["detail"]))


def sensitivity(subject: Subject) -> None:
    """Check that the case as given has the figures of the placement."""
    placement = subject.placement
    double = placer.Assumption("demand", {"twice": partial(placer.Instance.scaled, columns="demand.mtok", factor=2.0)})
    found = placer.sensitivity(subject.instance, [double], figures=["cost_usd_per_mtok", "unserved_share"])
    near("the unserved share", found.table["unserved_share"].iloc[0], placement.unserved_share, 1.0)
    shown(found)
