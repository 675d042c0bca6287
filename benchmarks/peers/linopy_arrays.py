"""linopy: the program of ``placer.model.formulation`` in labelled arrays, with HiGHS."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
from scipy.sparse import csc_array

import placer
from placer.model.program import blocks

from .hush import hushed, quiet
from .peer import Answer, Peer, PeerError
from .plain import Arrays, arrays_of, lacks


def linopy_model(data: Arrays) -> Any:
    """Build the program: one variable for each array, one constraint for each array of rows."""
    with hushed():
        return _model(data)


def _model(data: Arrays) -> Any:
    import linopy  # noqa: PLC0415 - an extra

    model = linopy.Model()
    label = _labels(data)
    admitted = label(data.admitted, "workload", "hub", "site").expand_dims(hour=range(data.hours), axis=3)
    sent = model.add_variables(0, mask=admitted, coords=admitted.coords, name="x")
    unserved = model.add_variables(0, coords=label(data.demand, "workload", "hub", "hour").coords, name="u")
    limit = np.repeat(data.supply_limit[:, None], data.hours, axis=1)
    bought = model.add_variables(0, label(limit, "supply", "hour"), name="y")
    model.add_constraints(sent.sum("site") + unserved == label(data.demand, "workload", "hub", "hour"))
    _add_sites(model, data, sent.sum("hub"), bought)
    gb = label(data.gb, "workload")
    for crosses, capacity in zip(data.crosses, data.link_gb, strict=True):
        passing = gb * label(crosses.astype(float), "hub", "site") * sent
        model.add_constraints(passing.sum(["workload", "hub", "site"]) <= capacity)
    if math.isfinite(data.carbon_limit):
        model.add_constraints((label(data.supply_kg, "supply", "hour") * bought).sum() <= data.carbon_limit)
    model.add_objective(
        (label(data.transit, "workload", "hub", "site") * sent).sum()
        + (label(data.unserved_usd, "workload") * unserved).sum()
        + (label(data.supply_usd, "supply", "hour") * bought).sum()
    )
    return model


def _labels(data: Arrays) -> Callable[..., Any]:
    """Return a function that names the axes of an array."""
    from xarray import DataArray  # noqa: PLC0415 - comes with linopy

    axes = {
        "workload": data.workloads,
        "hub": data.hubs,
        "site": data.sites,
        "hour": list(range(data.hours)),
        "supply": list(range(len(data.supply_site))),
    }
    return lambda values, *dims: DataArray(values, [(dim, axes[dim]) for dim in dims])


def _add_sites(model: Any, data: Arrays, arrived: Any, bought: Any) -> None:
    """Add the resources of the sites: accelerators and power, for work served at once and from queues."""
    label = _labels(data)
    use, mwh = label(data.accelerator_hours, "workload", "site"), label(data.mwh, "workload", "site", "hour")
    at_once = [name for name, window in zip(data.workloads, data.window, strict=True) if not window]
    taken, drawn = ([(part * arrived).sel(workload=at_once).sum("workload")] for part in (use, mwh))
    for place in np.flatnonzero(data.window):
        served = _queue(model, data, int(place), arrived.sel(workload=data.workloads[place], drop=True))
        taken.append(use.isel(workload=place, drop=True) * served)
        drawn.append(mwh.isel(workload=place, drop=True) * served)
    model.add_constraints(sum(taken[1:], taken[0]) <= label(data.accelerators, "site"))
    at_site = (data.supply_site[:, None] == np.arange(len(data.sites))) * data.supply_yield[:, None]
    delivered = (label(at_site, "supply", "site") * bought).sum("supply")
    model.add_constraints(sum(drawn[1:], drawn[0]) - delivered == 0)


def _queue(model: Any, data: Arrays, place: int, arrived: Any) -> Any:
    """Add the queue of a workload at every site; return the served work by site and hour."""
    from xarray import DataArray  # noqa: PLC0415 - comes with linopy

    delays = range(min(int(data.window[place]), data.hours - 1) + 1)
    allowed = np.ones((len(data.sites), data.hours, len(delays)), dtype=bool)
    if not data.cyclic:
        allowed &= np.arange(data.hours)[:, None] + np.arange(len(delays)) < data.hours
    axes = [("site", data.sites), ("hour", list(range(data.hours))), ("delay", list(delays))]
    reached = data.admitted[place].any(axis=0)
    mask = DataArray(allowed & reached[:, None, None], axes)
    queued = model.add_variables(0, coords=mask.coords, mask=mask, name=f"f_{place}")
    somewhere = DataArray(np.repeat(reached[:, None], data.hours, axis=1), axes[:2])
    model.add_constraints(arrived - queued.sum("delay") == 0, mask=somewhere)
    parts = [1 * queued.sel(delay=delay, drop=True).roll(hour=delay) for delay in delays]
    return sum(parts[1:], parts[0])


def _solve(model: Any) -> Answer:
    with quiet(), hushed():
        status, condition = model.solve("highs", io_api="direct", output_flag=False)
    if status != "ok" or condition != "optimal":
        raise PeerError(f"linopy says {status}, {condition}")
    matrices, done = model.matrices, placer.Termination(placer.Reason.OPTIMAL, "linopy")
    solution = placer.LPSolution(done, matrices.sol, matrices.dual)
    return Answer(float(model.objective.value), solution=solution, program=partial(_program_of, matrices))


def _program_of(matrices: Any) -> placer.LinearProgram:
    """Return the program that linopy handed over."""
    rows, columns = matrices.A.shape
    return placer.LinearProgram(
        cost=matrices.c,
        matrix=csc_array(matrices.A),
        row_lower=np.where(matrices.sense == "<", -np.inf, matrices.b),
        row_upper=np.where(matrices.sense == ">", np.inf, matrices.b),
        col_lower=matrices.lb,
        col_upper=matrices.ub,
        implied_upper=np.full(columns, np.inf),
        row_blocks=blocks({"row": rows}),
        col_blocks=blocks({"column": columns}),
    )


PEERS = (
    Peer(
        "linopy",
        "linopy, array style, with HiGHS at its 1e-7",
        arrays_of,
        linopy_model,
        _solve,
        needs=("linopy", "xarray"),
        lacks=lacks,
    ),
)
