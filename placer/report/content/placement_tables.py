"""The tables of a page that come straight from a placement: demand, scarce limits, and the certificate."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd

from placer.placement.accounts import COST_PARTS
from placer.placement.prices import RENTS
from placer.placement.result import Placement
from placer.report.content.own_limits import own_parts
from placer.report.content.ranges import with_ranges
from placer.report.html.markup import labelled, shortened
from placer.tolerances import SOLVER
from placer.utils.arrays import ratio

#: The ending of a solver's detail that holds a gap.
_OWN_GAP = re.compile(r", gap -?\d\.\de[-+]\d+$")


def solver_of(placement: Placement) -> str:
    """Return the solver's detail; where the certificate proves the answer, without the solver's own gap."""
    detail = placement.termination.detail
    return _OWN_GAP.sub(", proven", detail) if placement.certificate.proven else detail


def scarcities_of(placement: Placement) -> pd.DataFrame:
    """Return the scarce limits, each with its name on the page."""
    table = placement.scarcities.reset_index()
    names = [
        shortened(f"{limit}: {name}" if name else str(limit), longest=120)
        for limit, name in zip(table["limit"], table["name"], strict=True)
    ]
    return table[["hours", "rent_usd"]].set_axis(pd.Index(names, name="limit"))


def by_demand(placement: Placement, by: str, ranges: pd.DataFrame | None) -> pd.DataFrame:
    """Return the summary by hub or workload, with the parts of cost per Mtok and of price, and the export ranges."""
    table = placement.hubs if by == "hub" else placement.workloads
    served = table["served_mtok"].to_numpy()
    parts = {f"{part}_usd_per_mtok": ratio(table[f"{part}_usd"].to_numpy(), served) for part in COST_PARTS}
    summary = placement.price_summary("hub" if by == "hub" else "workload")
    price = table["price_usd_per_mtok"].to_numpy()
    rents = {}
    for rent in (*RENTS, *own_parts(placement), "latency_rent"):
        mean = summary[f"{rent}_usd_per_mtok"].to_numpy()
        rents[f"{rent}_usd_per_mtok"] = np.where(np.abs(mean) <= SOLVER * np.abs(price), 0.0, mean)
    return labelled(with_ranges(table.assign(**parts, **rents), ranges))


def certificate_of(placement: Placement) -> pd.DataFrame:
    """Return every figure of the certificate, the most that is allowed, and whether it holds."""
    found = placement.certificate
    most = found.tolerances
    rows = {
        "primal infeasibility": (found.primal_infeasibility, most.primal),
        "dual infeasibility": (found.dual_infeasibility, most.dual),
        "complementarity": (found.complementarity, most.complementarity),
        "gap": (abs(found.gap), most.gap),
        "serving gap": (abs(found.serving_gap), most.serving_gap),
    }
    table = pd.DataFrame.from_dict(rows, orient="index", columns=["value", "most"])
    return table.assign(holds=table["value"] <= table["most"])
