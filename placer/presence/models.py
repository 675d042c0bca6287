"""Place models: whole replicas where they serve, and the placement over them, to a gap.

A small program is solved whole, by branch and bound: its bound is HiGHS' word.
"""

from __future__ import annotations

import logging
import math
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from placer.errors import ArgumentError, NoSolutionError, on_another_program
from placer.instance.arguments import need_instance, need_number
from placer.instance.hours.horizon import index_of
from placer.instance.hours.timestamps import short_text
from placer.instance.problem import Instance
from placer.instance.remarks import likely_mistakes, warn_of
from placer.ladder.whole_program import solve_program
from placer.model.answer import Duals
from placer.model.caps import OWN_CAPS
from placer.model.formulation import Formulation, formulate, with_arcs
from placer.model.limits import Limit
from placer.placement.result import Placement
from placer.presence.by_model import ByModel
from placer.presence.program import program_size, replica_program
from placer.presence.question import Question, ask
from placer.presence.result import Presence
from placer.presence.search import find_replicas
from placer.running import Progress, phase, running, seconds_left
from placer.solve import place
from placer.solvers.branch_and_bound import branch_and_bound
from placer.solvers.highs import HiGHS
from placer.utils.arrays import FloatArray

_log = logging.getLogger(__name__)
#: Columns of assignments and replicas up to which all models are one program with whole numbers.
_WHOLE = 10_000
#: Who says that no placement costs less: the relaxation, which placer proves, or HiGHS.
PROVEN, BRANCHED = "the relaxation, proven", "branch and bound of HiGHS"
#: Share of the time left that branch and bound may take; the rest is for the placement over its replicas.
_SEARCH = 0.8


def place_models(
    instance: Instance,
    gap: float = 0.01,
    *,
    by_hour: bool = False,
    time_limit_seconds: float = math.inf,
    progress: Progress | None = None,
) -> Presence:
    """Load whole replicas of models where they serve, and place the demand over them, at least cost to a gap.

    Parameters
    ----------
    instance : Instance
        With the table ``served_models``; each workload with demand is of one model.
    gap : float
        How far the cost may be above its bound, relative.
    by_hour : bool
        Whether replicas may change from hour to hour, each further one at the cost of a cold start: its accelerators
        for ``cold_start_seconds``. Else they are the same in all hours.
    time_limit_seconds, progress
        As in ``placer.running``. At the limit the best replicas count, and ``gap`` says how far they are from the
        bound.

    Raises
    ------
    InstanceError
        If there are no models, or a workload with demand is of none.
    ArgumentError
        If the gap is not a number from 0 to below 1.
    NoSolutionError
        If nothing was found in time, or nothing meets the limits of the instance.

    Examples
    --------
    >>> import placer
    >>> tiny = placer.load("tiny")
    >>> models = [{"model": name, "workloads": name, "replica_accelerators": 8} for name in ("chat", "voice", "batch")]
    >>> found = placer.place_models(tiny.replace(served_models=models))
    >>> found.gap <= 0.01
    True
    """
    need_instance(instance)
    need_number(gap, "gap")
    if not 0 <= gap < 1:
        raise ArgumentError(f"expected a gap from 0 to below 1, not {gap:g}")
    warn_of(likely_mistakes(instance))
    with running(progress, time_limit_seconds):
        with phase(_log, f"formulating {instance!r}"):
            question = ask(instance, by_hour=by_hour)
        if program_size(question) <= _WHOLE:
            return _as_one(question, float(gap))
        return _by_models(instance, question, float(gap))


def _by_models(instance: Instance, question: Question, gap: float) -> Presence:
    """Return the presence of a large question, its models apart."""
    found = find_replicas(instance, question, gap)
    with phase(_log, "placements over the replicas"):
        placement = place_over(question, found.replicas, found.duals)
        relaxed = place_over(question, found.fractions, found.duals)
    own, bound = float(found.proven.sum()) - found.rents_usd, float(found.bound.sum()) - found.rents_usd
    return Presence(
        question=question,
        count=found.replicas,
        placement=placement,
        bound_usd=bound,
        bound_by=PROVEN if own >= bound else f"{BRANCHED}, model by model",
        relaxed_cost_usd=relaxed.certificate.objective + question.charge(found.fractions),
        relaxed_bound_usd=own,
    )


def _as_one(question: Question, gap: float) -> Presence:
    """Return the presence of a small question: all of it as one program with whole numbers."""
    whole = replica_program(question)
    _, relaxed = solve_program(whole.program, HiGHS())
    with phase(_log, f"branch and bound over {int(whole.integer.sum()):,} numbers of replicas"):
        left = seconds_left()
        solver = HiGHS(time_limit_seconds=_SEARCH * left if math.isfinite(left) else math.inf)
        found = branch_and_bound(whole.program, whole.integer, solver, 0.5 * gap)
    if found.values is None:
        raise NoSolutionError(found.termination.reason, found.termination.detail, relaxed.bound)
    replicas = whole.replicas(found.values)
    placement = place_over(question, replicas)
    own = relaxed.bound >= found.bound
    return Presence(
        question=question,
        count=replicas,
        placement=placement,
        bound_usd=max(found.bound, relaxed.bound),
        bound_by=PROVEN if own else BRANCHED,
        relaxed_cost_usd=relaxed.objective,
        relaxed_bound_usd=relaxed.bound,
    )


@on_another_program()
def place_over(question: Question, replicas: FloatArray, duals: Duals | None = None) -> Placement:
    """Return the certified placement of least cost over some replicas (m, j, p); its costs are without theirs.

    Parameters
    ----------
    replicas : (m, j, p) array
    duals : Duals, optional
        Of the structure of the question: prices at which models are tried one by one before all of them together.

    Raises
    ------
    NoSolutionError
        If none was proven, or none meets the limits of the instance.
    """
    instance = with_replicas(question, replicas)
    formulation = formulate(instance)
    structure = formulation.structure
    admitted = structure.admitted
    loaded = np.asarray((replicas > 0).any(axis=2))
    admitted &= np.repeat(loaded[question.model], structure.routes, axis=1)[:, None, :]
    formulation = with_arcs(formulation, admitted)
    if duals is None:
        return place(instance, formulation, HiGHS())
    return place(instance, formulation, ByModel(question.model, _with_caps(question, formulation, duals)))


def _with_caps(question: Question, formulation: Formulation, duals: Duals) -> Duals:
    """Return the duals with prices of the caps of another formulation: of those that the question has too."""
    known = {_key(limit): price for limit, price in zip(question.formulation.limits, duals.cap[OWN_CAPS:], strict=True)}
    own = [known.get(_key(limit), 0.0) for limit in formulation.limits]
    return replace(duals, cap=np.concatenate([duals.cap[:OWN_CAPS], own]))


def _key(limit: Limit) -> tuple[str, str, str]:
    return limit.name, limit.hours, limit.zone


def with_replicas(question: Question, replicas: FloatArray) -> Instance:
    """Return the instance with the limits that some replicas (m, j, p) are."""
    limits = question.instance.limits
    return question.instance.replace(limits=pd.concat([limits, pd.DataFrame(list(_limits(question, replicas)))]))


def _limits(question: Question, replicas: FloatArray) -> Iterator[dict[str, Any]]:
    """Yield a limit on the accelerator-hours of each model: at each data centre that has it, and at all others."""
    serving = question.serving(replicas)
    sites, models = question.formulation.data_centres, question.instance.served_models
    hours = [short_text(hour) for hour in index_of(question.formulation.hours)]
    for which, (name, workloads) in enumerate(zip(models["model"], models["workloads"], strict=True)):
        row = {"kind": "accelerator_hours", "sense": "<=", "workload": workloads}
        absent = sites[~serving[which].any(axis=1)]
        if len(absent):
            yield row | {"limit": f"{name} is not loaded", "amount": 0.0, "data_centre": tuple(absent)}
        for site in np.flatnonzero(serving[which].any(axis=1)).tolist():
            amounts, title = serving[which, site], f"replicas of {name} at {sites[site]}"
            at_site = row | {"data_centre": (sites[site],)}
            if (amounts == amounts[0]).all():
                yield at_site | {"limit": title, "amount": float(amounts[0]), "hours": "each"}
                continue
            for hour, amount in zip(hours, amounts.tolist(), strict=True):
                yield at_site | {"limit": f"{title} [{hour}]", "amount": amount, "hours": hour}
