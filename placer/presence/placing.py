"""The placement over given replicas: an instance with a limit for every model, and its certified placement."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from placer.instance.hours.horizon import index_of
from placer.instance.hours.timestamps import short_text
from placer.model.caps import OWN_CAPS
from placer.model.formulation import Formulation, formulate, with_arcs
from placer.presence.by_model import ByModel
from placer.solve import place
from placer.solvers.highs import HiGHS

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from placer.instance.problem import Instance
    from placer.model.answer import Duals
    from placer.model.limits import Limit
    from placer.placement.result import Placement
    from placer.presence.question import Question
    from placer.utils.arrays import FloatArray


def place_over(question: Question, replicas: FloatArray, duals: Duals | None = None) -> Placement:
    """Return the certified placement of least cost over some replicas (m, j, p); its costs are without theirs.

    Parameters
    ----------
    question : Question
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
