"""Every verb of placer that calls an answer proven, asked on instances that take a fraction of a second."""

from __future__ import annotations

import math
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache, partial
from itertools import combinations
from pathlib import Path
from typing import Any
from unittest.mock import patch

import numpy as np
import pandas as pd

import placer
from placer.accounting.coalitions import cost_alone
from placer.batch import runner
from placer.batch.bounding import BOUNDS, bounded_rows
from placer.utils.processes import InThisProcess

from .verb_instances import HALLS, blocks, placed, sunk, three_sites, tiny

Figures = dict[str, float]

#: Relative gap of plans, well below what figures may be off.
_GAP = 1e-8
#: Relative gap of a batch with bounds, and how far proven figures may be from the truth, as a share of it or of 1.
_BOUNDS, CLOSE = 1e-3, 1e-6
#: An averse plan is sought state by state, and not as one program.
_SEARCHED = {"risk": placer.CVaR(0.5, 0.3)}


@dataclass(frozen=True)
class Verb:
    """A verb.

    Attributes
    ----------
    figures : callable
        Asks it in a folder; returns the figures that it calls proven, None if it says that they are not.
    before : callable
        What is done in the folder before, truly.
    forged : bool
        Whether rows of its store are proven again, so that one with the right digest may be forged.
    known : callable
        Returns further figures, which it calls proven only where a lie makes it take another way: by that way, truly.
    """

    figures: Callable[[Path], Figures | None]
    before: Callable[[Path], object] = lambda _: None
    forged: bool = True
    known: Callable[[], Figures] = dict


def solved(instance: placer.Instance, **given: Any) -> Figures:
    """Return the figures of a placement."""
    placement = placer.solve(instance, **given)
    found = {"cost": placement.certificate.objective, "bound": placement.certificate.bound}
    found["cost by parts"] = placement.cost_and_penalty_usd
    chosen = placement.tie_break
    if chosen is not None and chosen.proven:
        found["Mtok ms"] = chosen.mtok_ms
    return found


def secured(instance: placer.Instance) -> Figures:
    """Return the figures of a secure placement."""
    placement = placer.solve(instance, security=placer.Security())
    stranded = sum(placement.stranded_mtok.values())
    return {"cost": placement.cost_and_penalty_usd, "bound": placement.bound_usd, "stranded": stranded}


def audited() -> Figures:
    """Return the work that strands in each contingency of a placement, and what the rest then costs more."""
    found = placer.audit(placed(), placer.Security()).contingencies
    found = found[found["proven"]]
    return {f"{name} without {site}": float(row[name]) for site, row in found.iterrows() for name in _LOST}


def in_session() -> Figures:
    """Return the figures of two placements of a session, the second from the prices of the first."""
    session, found = placer.Session(), {}
    for factor in (1.0, 1.02):
        certificate = session.solve(tiny().scaled_demand(factor)).certificate
        found |= {f"cost at {factor:g}": certificate.objective, f"bound at {factor:g}": certificate.bound}
    return found


def ceiling(instance: placer.Instance, **given: Any) -> Figures:
    """Return the figures of a ceiling."""
    found = placer.export_ceiling(instance, **given)
    return {"share": found.share}


def curve(found: Any) -> Figures:
    """Return the shares of a curve at some limits; the curve says of each whether it is exact."""
    rows = {limit: found.at(limit) for limit in (0.0, 5.0, 20.0, 60.0, 1e3)}
    if not all(bool(row.get("exact", True)) for row in rows.values()):
        return {}
    return {f"share at {limit:g} ms": float(row["share"]) for limit, row in rows.items()}


def planned(found: Any) -> Figures | None:
    """Return the figures of a plan; None if it is not proven."""
    if not found.certificate.proven:
        return None
    return {"cost": found.cost_usd_per_year, "bound": found.bound_usd_per_year}


def plan(candidates: list[dict[str, Any]] = HALLS, **given: Any) -> Figures | None:
    """Return the figures of a plan over three states."""
    states = placer.States.of({f"{factor}": sunk().scaled_demand(factor) for factor in (2.0, 3.0, 3.5)}, sunk())
    return planned(placer.plan(sunk(), candidates, states, gap=_GAP, **given))


@cache
def stored_plan() -> bytes:
    """Return the store of a plan."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "plan.db")
        plan(store=file, **_SEARCHED)
        return file.read_bytes()


def years() -> Figures | None:
    """Return the figures of a plan over two years."""
    given = placer.Years({2026: sunk().scaled_demand(2.0), 2030: sunk().scaled_demand(3.0)}, 2034, 0.07)
    return planned(placer.plan_years(given, HALLS, gap=_GAP))


def batch(folder: Path | None, **given: Any) -> Figures:
    """Return the figures of the sets of a batch, from a store if it is there, which goes on; none of a failed set."""
    sets, figures = placer.DemandSets(tiny(), count=3, seed=0), {}
    if folder is None:
        rows = list(placer.solve_many(sets, executor=InThisProcess(), **given))
    else:
        file = folder / "batch.db"
        with placer.Store.resume(file, {}) if file.exists() else placer.Store.create(file, {}) as store:
            list(placer.solve_many(sets, executor=InThisProcess(), store=store))
            rows = list(store.rows())
    for row in rows:
        if row["status"] in ("optimal", "bounded"):
            figures[f"cost of set {row['number']}"] = row["cost_usd"] + row["penalty_usd"]
    return figures


@cache
def least_costs() -> Figures:
    """Return the least costs of the sets of a batch: asked for first when nobody lies."""
    return batch(None)


def bounded() -> Figures:
    """Return by how much the least cost of each set lies outside its interval, with one set in the pool: 0."""
    true, figures = least_costs(), {}
    few = partial(bounded_rows, parameters=replace(BOUNDS, pool=1))
    with patch.object(runner, "bounded_rows", few):
        found = batch(None, bounds=_BOUNDS)
    for name, cost in found.items():
        least = true[name]
        figures[name.replace("cost", "miss")] = max(least * (1 - CLOSE) - cost, cost - least * (1 + _BOUNDS), 0.0)
    return figures


def model(*, whole: bool) -> Figures:
    """Return the figures of a model with a row of its own, and with sites that are open or closed."""
    own = placer.Model(tiny())
    columns = own.columns
    metro = columns.index[(columns["data_centre"] == "Metro") & (columns["block"] == "x")]
    if whole:
        own.add_columns("open", cost_usd=5.0, upper=1, integer=True)
        used = pd.DataFrame({"row": "uses", "column": list(metro), "value": 1.0})
        own.add_rows(
            pd.concat([used, pd.DataFrame({"row": ["uses"], "column": ["open"], "value": [-100.0]})]), upper=0.0
        )
    own.add_rows(pd.Series(1.0, index=metro), name="at Metro", upper=20.0)
    found = own.solve().certificate
    return {"cost": found.objective, "bound": found.bound}


def rolled() -> Figures:
    """Return the cost of two steps of an hour."""
    return {"cost": placer.roll(tiny(), hours=1, look_ahead=1).cost_and_penalty_usd}


def flexible() -> Figures:
    """Return the cost of drawing less in a zone, at some reductions, and the error of the curve."""
    found = placer.flexibility(placer.solve(tiny()), "Coast grid", [0])
    table = found.table
    at = (0.0, 0.005, 0.0075, 0.03, 0.0615)
    return {f"usd at {mw:g} MW": float(np.interp(mw, table["mw"], table["usd"])) for mw in at} | {"firm": found.firm_mw}


def accounted() -> Figures:
    """Return the total of the accounts, the gains, and by how much a group would do better alone than is said: 0."""
    placement = placer.solve(tiny())
    accounts = placer.accounts(placement)
    proven, groups = accounts.stability.proven_usd, accounts.groups
    gains = accounts.gains
    found = {f"{name} alone": float(cost) for name, cost in gains.alone_usd.items()}
    found |= {f"Shapley of {name}": float(cost) for name, cost in gains.table["shapley_net_cost_usd"].items()}
    structure, duals = placement.formulation.structure, placement.answer.prices
    every = [group for size in (1, 2) for group in combinations(range(len(groups.names)), size)]
    costs = {group: cost_alone(structure, duals, groups, group) for group in every}
    excess = max(float(proven[list(group)].sum()) - cost for group, cost in costs.items())
    return found | {"better alone": max(excess, 0.0), "rounding": accounts.stability.rounding_usd}


def varied() -> Figures:
    """Return the figures of a sensitivity study; none of a case that failed."""
    table = placer.sensitivity(tiny(), placer.read_assumptions("tiny")[0][:2]).table
    figures = table.select_dtypes("number").drop(columns="seconds", errors="ignore")
    return {
        f"{name} of case {place}": float(value)
        for place, row in enumerate(figures.to_dict("records"))
        for name, value in row.items()
        if math.isfinite(value)
    }


def explained() -> Figures:
    """Return the demand that is short with few accelerators, before and after the cure, and how much that changes."""
    short = tiny().replace(data_centres=tiny().data_centres.assign(accelerators=[20, 100, 100]))
    found = placer.explain(placer.solve(short))
    cured = placer.solve(placer.cure(short, found)).unserved_mtok
    changes = {f"more {each.limit}": each.amount for each in found.changes if each.limit == "latency"}
    return changes | {"short": float(found.shortages.sum()), "short when cured": cured}


def ranged() -> Figures:
    """Return the range of exports at least cost, if it is proven."""
    found = placer.economic_range(placer.solve(tiny()))
    return {} if found.detail else {"low": found.low, "high": found.high}


_LOST = ("displaced_mtok", "stranded_mtok", "extra_usd")
_BY_COLUMNS = {"solver": placer.ColumnGeneration()}
_CAP = {"carbon_limit_kg": 60.0}
_LIMITS = [
    {"limit": "Metro", "kind": "tokens", "sense": "<=", "amount": 60.0, "data_centre": "Metro"},
    {"limit": "Port", "kind": "tokens", "sense": "<=", "amount": 70.0, "data_centre": "Port"},
]
#: The verbs by name.
VERBS = {
    "solve": Verb(lambda _: solved(tiny())),
    "solve by columns": Verb(lambda _: solved(tiny(), **_BY_COLUMNS)),
    "solve secure": Verb(lambda _: secured(three_sites())),
    "solve in a session": Verb(lambda _: in_session()),
    "audit": Verb(lambda _: audited(), before=lambda _: placed()),
    "ceiling": Verb(lambda _: ceiling(tiny())),
    "curve": Verb(lambda _: curve(placer.ceiling_curve(tiny()))),
    "secure ceiling": Verb(lambda _: ceiling(three_sites(), security=placer.Security())),
    "secure curve": Verb(lambda _: curve(placer.export_ceiling(three_sites(), security=placer.Security()).curve)),
    "export ranges": Verb(lambda _: ranged()),
    "plan": Verb(lambda _: plan(**_SEARCHED)),
    "plan as one program": Verb(lambda _: plan()),
    "plan in modules": Verb(
        lambda _: plan([row | {"module_units": 2.5, "max_units": 500.0} for row in HALLS], **_SEARCHED)
    ),
    "plan from a store": Verb(
        lambda folder: plan(store=folder / "plan.db", **_SEARCHED),
        before=lambda folder: (folder / "plan.db").write_bytes(stored_plan()),
    ),
    "plan over years": Verb(lambda _: years()),
    "blocks": Verb(lambda _: solved(blocks(), **_BY_COLUMNS)),
    "blocks that share a cap": Verb(
        lambda _: solved(blocks(**_CAP), **_BY_COLUMNS), known=lambda: solved(blocks(**_CAP), solver=placer.HiGHS())
    ),
    "blocks that share limits": Verb(lambda _: solved(blocks(limits=_LIMITS), **_BY_COLUMNS)),
    "batch": Verb(lambda _: batch(None)),
    "batch with bounds": Verb(lambda _: bounded()),
    "batch from a store": Verb(batch, before=batch, forged=False),
    "model": Verb(lambda _: model(whole=False)),
    "model with integers": Verb(lambda _: model(whole=True)),
    "roll": Verb(lambda _: rolled()),
    "flexibility": Verb(lambda _: flexible()),
    "accounts": Verb(lambda _: accounted()),
    "sensitivity": Verb(lambda _: varied()),
    "explain": Verb(lambda _: explained()),
}
