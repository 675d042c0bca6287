"""The placement over given replicas: an instance with a limit for every model, and its certified placement."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from placer.instance.hours.horizon import index_of
from placer.instance.hours.timestamps import short_text
from placer.model.formulation import formulate, with_arcs
from placer.solve import place
from placer.solvers.highs import HiGHS

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from placer.instance.problem import Instance
    from placer.placement.result import Placement
    from placer.presence.question import Question
    from placer.utils.arrays import FloatArray

#: Columns up to which HiGHS solves the placement whole: thousands of limits are slow by column generation.
_WHOLE = 400_000


def place_over(question: Question, replicas: FloatArray) -> Placement:
    """Return the certified placement of least cost over some replicas (m, j, p); its costs are without theirs.

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
    small = formulation.structure.assignment_count <= _WHOLE
    return place(instance, formulation, HiGHS() if small else None)


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
