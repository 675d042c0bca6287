"""PuLP: the program of ``placer.model.formulation`` written term by term, with a comprehension for each sum."""

from __future__ import annotations

import math
from collections import defaultdict
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import numpy as np
import pulp

import placer
from placer.solvers.program_files import read_program
from placer.solvers.pulp import STATUS

from .hush import hushed, quiet
from .peer import ABSENT, Answer, Peer, PeerError
from .plain import PlainData, lacks, plain_data

if TYPE_CHECKING:
    from collections.abc import Iterator


OPTIMAL = 1


@dataclass(frozen=True)
class Variables:
    """The variables by name: sent x, unserved u, queued f, bought y."""

    sent: dict[tuple[str, str, str, int], Any]
    unserved: dict[tuple[str, str, int], Any]
    queued: dict[tuple[str, str, int, int], Any]
    bought: dict[tuple[int, int], Any]


def pulp_model(data: PlainData) -> pulp.LpProblem:
    """Write the program."""
    problem = pulp.LpProblem("placement", pulp.LpMinimize)
    these = _variables(problem, data)
    problem += (
        pulp.lpSum(data.transit[k, h, j] * mtok for (k, h, j, _), mtok in these.sent.items())
        + pulp.lpSum(data.supply_usd[key] * mwh for key, mwh in these.bought.items())
        + pulp.lpSum(data.unserved_usd[k] * mtok for (k, _, _), mtok in these.unserved.items())
    )
    for (k, h, t), mtok in data.demand.items():
        problem += pulp.lpSum(these.sent[k, h, j, t] for j in data.sites_of[k, h]) + these.unserved[k, h, t] == mtok
    for k, j, t in _queues(data):
        problem += pulp.lpSum(these.sent[k, h, j, t] for h in data.hubs_of[k, j]) == pulp.lpSum(
            these.queued[k, j, t, s] for s in data.served_in[k, t]
        )
    for (j, t), served in _served(data, these).items():
        problem += pulp.lpSum(data.accelerator_hours[k, j] * mtok for k, mtok in served) <= data.accelerators[j]
        problem += pulp.lpSum(data.mwh[k, j, t] * mtok for k, mtok in served) == pulp.lpSum(
            data.supply_yield[s] * these.bought[s, t] for s in data.supplies_of[j]
        )
    for (link, _), sent in _carried(data, these).items():
        problem += pulp.lpSum(data.gb[k] * mtok for k, mtok in sent) <= data.link_gb[link]
    if math.isfinite(data.carbon_limit):
        problem += pulp.lpSum(data.supply_kg[key] * mwh for key, mwh in these.bought.items()) <= data.carbon_limit
    return problem


def _variables(problem: pulp.LpProblem, data: PlainData) -> Variables:
    hours = {t for _, _, t in data.demand}
    queued = [(k, j, t, s) for k, j, t in _queues(data) for s in data.served_in[k, t]]
    return Variables(
        sent=problem.add_variable_dicts(
            "x", [(k, h, j, t) for (k, h, t) in data.demand for j in data.sites_of[k, h]], lowBound=0
        ),
        unserved=problem.add_variable_dicts("u", list(data.demand), lowBound=0),
        queued=problem.add_variable_dicts("f", queued, lowBound=0),
        bought={
            (s, t): problem.add_variable(f"y_{s}_{t}", 0, limit if math.isfinite(limit) else None)
            for s, limit in data.supply_limit.items()
            for t in sorted(hours)
        },
    )


def _queues(data: PlainData) -> Iterator[tuple[str, str, int]]:
    """Yield workload, site and hour of all work that may wait."""
    for k, t in data.served_in:
        for other, j in data.hubs_of:
            if other == k:
                yield k, j, t


def _served(data: PlainData, these: Variables) -> dict[tuple[str, int], list[tuple[str, Any]]]:
    """Return workload and variable of all served work, by site and hour."""
    served = defaultdict(list)
    waiting = {k for k, _ in data.served_in}
    for (k, _, j, t), mtok in these.sent.items():
        if k not in waiting:
            served[j, t].append((k, mtok))
    for (k, j, _, s), mtok in these.queued.items():
        served[j, s].append((k, mtok))
    return served


def _carried(data: PlainData, these: Variables) -> dict[tuple[int, int], list[tuple[str, Any]]]:
    """Return workload and variable of all sent work, by link of limited capacity and hour."""
    carried = defaultdict(list)
    for (k, h, j, t), mtok in these.sent.items():
        for link in data.links_of.get((h, j), ()):
            carried[link, t].append((k, mtok))
    return carried


def _engine(names: tuple[str, ...]) -> Any:
    """Return the first of these solvers that PuLP finds, or None: CBC shipped with PuLP before version 4."""
    for name in names:
        with suppress(pulp.PulpError), hushed():
            engine = pulp.getSolver(name, msg=False)
            if engine.available():
                return engine
    return None


def _absent(names: tuple[str, ...]) -> str:
    return "" if _engine(names) else f"{ABSENT}: PuLP finds no {' or '.join(names)} here"


def _solve(names: tuple[str, ...], problem: pulp.LpProblem) -> Answer:
    with quiet(), hushed():
        outcome = problem.solve(_engine(names))
    status = int(getattr(outcome, "status", outcome))  # PuLP 4 returns an object, PuLP 3 the number
    if status != OPTIMAL:
        raise PeerError(f"PuLP says {STATUS[status]}")
    return Answer(float(pulp.value(problem.objective)), solution=_solution(problem), program=partial(_read, problem))


def _solution(problem: pulp.LpProblem) -> placer.LPSolution | None:
    """Return what PuLP holds of the answer, in the order in which it writes a file; None if it has no duals."""
    rows = problem.constraints() if callable(problem.constraints) else problem.constraints.values()
    duals = [row.pi for row in rows]
    if any(dual is None for dual in duals):
        return None
    values = np.array([variable.value() for variable in problem.variables()], dtype=float)
    return placer.LPSolution(placer.Termination(placer.Reason.OPTIMAL, "PuLP"), values, np.array(duals, dtype=float))


def _read(problem: pulp.LpProblem) -> placer.LinearProgram:
    """Return the program that PuLP writes."""
    with TemporaryDirectory() as folder:
        file = Path(folder) / "program.mps"
        problem.writeMPS(str(file))
        return read_program(file)


def _peer(name: str, about: str, *solvers: str) -> Peer:
    return Peer(
        name,
        about,
        plain_data,
        pulp_model,
        partial(_solve, solvers),
        needs=("pulp",),
        absent=partial(_absent, solvers),
        lacks=lacks,
    )


PEERS = (
    _peer("pulp-highs", "PuLP, term by term, with HiGHS at its 1e-7", "HiGHS"),
    _peer("pulp-cbc", "PuLP, term by term, with CBC at its 1e-7", "PULP_CBC_CMD", "COIN_CMD"),
)
