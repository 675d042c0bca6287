"""The tables of a presence: replicas by model and data centre, and what every model costs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from placer.model.loads import served_work
from placer.placement.stacked import Axis, index_of_axes
from placer.utils.arrays import FloatArray, ratio, sums_by

if TYPE_CHECKING:
    from placer.placement.result import Placement
    from placer.presence.question import Question

POPULAR, RARE = "popular", "rare"


def replica_table(question: Question, replicas: FloatArray, placement: Placement) -> pd.DataFrame:
    """One row per model and data centre that has it; by hour one for each hour in which it has.

    Columns: ``replicas``, ``loaded_accelerators``; ``accelerator_hours`` of work, ``idle_accelerator_hours``;
    ``utilisation``.
    """
    work, loaded, weights = _hours(question, replicas, placement)
    axes = [("model", question.names), ("data_centre", question.formulation.data_centres)]
    if question.by_hour:
        cells = np.nonzero(replicas > 0)
        axes.append(("hour", question.formulation.hour_labels.to_numpy()))
        busy, all_hours, count = work[cells], loaded[cells], replicas[cells]
    else:
        cells = np.nonzero(replicas[:, :, 0] > 0)
        busy, all_hours = (work @ weights)[cells], (loaded @ weights)[cells]
        count = replicas[:, :, 0][cells]
    index = index_of_axes([Axis(name, labels, place) for (name, labels), place in zip(axes, cells, strict=True)])
    columns = {
        "replicas": count,
        "loaded_accelerators": count * question.size[cells[0]],
        "accelerator_hours": busy,
        "idle_accelerator_hours": all_hours - busy,
        "utilisation": ratio(busy, all_hours),
    }
    return pd.DataFrame(columns, index=index)


def model_table(question: Question, replicas: FloatArray, placement: Placement) -> pd.DataFrame:
    """One row per model, the most asked first; ``place_models`` has the columns."""
    work, loaded, weights = _hours(question, replicas, placement)
    demand, served, cost = _of_workloads(question, placement)
    charged = replicas[:, :, question.period] * question.hour_usd
    starts = (question.starts(replicas) * question.start_usd).sum(axis=(1, 2))
    busy, all_hours = work.sum(axis=1) @ weights, loaded.sum(axis=1) @ weights
    idle = (charged * np.nan_to_num(1 - ratio(work, loaded))).sum(axis=(1, 2))
    total = cost + charged.sum(axis=(1, 2)) + starts
    mean = (replicas.sum(axis=1)[:, question.period] * weights).sum(axis=1) / weights.sum()
    table = pd.DataFrame(
        {
            "half": _halves(demand),
            "demand_mtok": demand,
            "served_mtok": served,
            "replicas": mean,
            "data_centres": (replicas > 0).any(axis=2).sum(axis=1),
            "utilisation": ratio(busy, all_hours),
            "accelerators_usd": charged.sum(axis=(1, 2)),
            "idle_usd": idle,
            "cold_starts_usd": starts,
            "cost_usd": total,
            "cost_usd_per_mtok": ratio(total, served),
        },
        index=pd.Index(question.names, name="model"),
    )
    return table.sort_values("demand_mtok", ascending=False, kind="stable")


def _hours(question: Question, replicas: FloatArray, placement: Placement) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return accelerator-hours of work and of replicas (m, j, t), each in one hour, and how often it counts (t,)."""
    structure, flows = placement.formulation.structure, placement.answer.point
    weights, length = question.formulation.weights, question.formulation.hour_length
    work = np.zeros((len(question.size), structure.sites, structure.periods))
    np.add.at(work, question.model, structure.use[:, :, None] * served_work(structure, flows) / weights)
    loaded = replicas[:, :, question.period] * question.size[:, None, None] * length
    return work, loaded, weights


def _of_workloads(question: Question, placement: Placement) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return demand, served tokens and the cost of placement of each model (m,)."""
    table = placement.workloads
    model, models = question.model[: len(table)], len(question.size)
    demand, served, cost = (table[name].to_numpy(float) for name in ("demand_mtok", "served_mtok", "cost_usd"))
    return sums_by(model, demand, models), sums_by(model, served, models), sums_by(model, cost, models)


def _halves(demand: FloatArray) -> list[str]:
    """Return whether each model is among the half that is asked for most; of an odd number one more is popular."""
    rank = np.empty(len(demand), dtype=int)
    rank[np.argsort(-demand, kind="stable")] = np.arange(len(demand))
    return [RARE if place >= (len(demand) + 1) // 2 else POPULAR for place in rank.tolist()]
