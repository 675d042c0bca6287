"""The answer: which models are loaded where, the placement over them, what it costs, and what bounds that cost."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from placer.currency import amount_in
from placer.io.results import Result
from placer.model.loads import served_work
from placer.placement.result import Placement
from placer.placement.stacked import Axis, index_of_axes
from placer.presence.question import Question
from placer.utils import notebook
from placer.utils.arrays import FloatArray, ratio, sums_by
from placer.utils.numbers import gap_in_words, percent, quantity
from placer.utils.readable import readable

#: Columns of ``models`` that a representation shows.
SHOWN = ["half", "demand_mtok", "replicas", "data_centres", "utilisation", "cost_usd", "cost_usd_per_mtok"]


@dataclass(frozen=True, eq=False, repr=False)
class Presence(Result):
    """Models that are loaded where they serve, in whole replicas; ``placer.place_models`` returns one.

    Attributes
    ----------
    question : Question
        The models and data centres, as arrays.
    count : (models, data centres, periods) array
        Replicas.
    placement : Placement
        The certified placement over them. Its instance has limits on the work of each model where it is loaded, and
        sunk accelerators: replicas pay for them.
    bound_usd : float
        No placement over whole replicas costs less, penalty included.
    bound_by : str
        Who says so.
    relaxed_cost_usd : float
        Least cost with any number of replicas, fractions too, penalty included; NaN if it is not known.
    relaxed_bound_usd : float
        No placement over fractions of replicas costs less.
    """

    question: Question
    count: FloatArray
    placement: Placement
    bound_usd: float
    bound_by: str
    relaxed_cost_usd: float
    relaxed_bound_usd: float

    @property
    def currency(self) -> str:
        """The currency of all amounts."""
        return self.placement.currency

    @property
    def replicas_usd(self) -> float:
        """Cost of the accelerators of all replicas, busy and idle, and of cold starts."""
        return self.question.charge(self.count)

    @property
    def cost_usd(self) -> float:
        """Cost of served demand: that of the placement and of the replicas, without the penalty."""
        return self.placement.cost_usd + self.replicas_usd

    @property
    def cost_and_penalty_usd(self) -> float:
        """What is least, and what the bounds are of: cost, penalty of unserved demand, and charges of policies."""
        return self.placement.certificate.objective + self.replicas_usd

    @property
    def gap(self) -> float:
        """How far ``cost_and_penalty_usd`` is above its bound, as a share of it."""
        return (self.cost_and_penalty_usd - self.bound_usd) / (abs(self.cost_and_penalty_usd) or 1.0)

    @property
    def left_out_usd(self) -> tuple[float, float]:
        """The least and the most of the cost that an answer with fractions of replicas leaves out."""
        return (
            max(self.bound_usd - self.relaxed_cost_usd, 0.0),
            max(self.cost_and_penalty_usd - self.relaxed_bound_usd, 0.0),
        )

    @cached_property
    def replicas(self) -> pd.DataFrame:
        """One row per model and data centre that has it, by hour one for each hour in which it has.

        ``replicas`` and ``loaded_accelerators``; ``accelerator_hours`` of work and ``idle_accelerator_hours``;
        ``utilisation``, the first as a share of both.
        """
        return replica_table(self.question, self.count, self.placement)

    @cached_property
    def models(self) -> pd.DataFrame:
        """One row per model, the most asked first.

        ``half``: popular or rare, by demand; ``demand_mtok``, ``served_mtok``; ``replicas``, in the mean over the
        hours; ``data_centres`` that have it; ``utilisation`` of its accelerators; ``accelerators_usd`` of its replicas,
        ``idle_usd`` of them while nothing runs there, ``cold_starts_usd``; ``cost_usd`` of all, ``cost_usd_per_mtok``.
        """
        return model_table(self.question, self.count, self.placement)

    @property
    def table(self) -> pd.DataFrame:
        """The main table: ``models``."""
        return self.models

    @property
    def tables(self) -> dict[str, pd.DataFrame]:
        """``models`` and ``replicas``, and those of the placement."""
        return {"models": self.models, "replicas": self.replicas, **self.placement.tables}

    def summary(self) -> dict[str, Any]:
        """Return the headline figures as plain values, those of the rare half of the models among them."""
        models, (least, most) = self.models, self.left_out_usd
        rare = models[models["half"] == RARE]
        return {
            "models": len(models),
            "replicas": float(models["replicas"].sum()),
            "cost_usd": self.cost_usd,
            "replicas_usd": self.replicas_usd,
            "idle_usd": float(models["idle_usd"].sum()),
            "penalty_usd": self.placement.penalty_usd,
            "unserved_mtok": self.placement.unserved_mtok,
            "bound_usd": self.bound_usd,
            "bound_by": self.bound_by,
            "gap": self.gap,
            "relaxed_cost_usd": self.relaxed_cost_usd,
            "left_out_least_usd": least,
            "left_out_most_usd": most,
            "rare_models": len(rare),
            "rare_share_of_tokens": float(rare["served_mtok"].sum()) / (float(models["served_mtok"].sum()) or 1.0),
            "rare_cost_usd": float(rare["cost_usd"].sum()),
            "rare_share_of_cost": float(rare["cost_usd"].sum()) / (self.cost_usd or 1.0),
        }

    @property
    def headlines(self) -> list[str]:
        """Cost and its gap, the rare half of the models, and what fractions of replicas would leave out, as lines."""
        summary, currency = self.summary(), self.currency
        least, most = (amount_in(amount, currency) for amount in self.left_out_usd)
        models, replicas, rare = summary["models"], summary["replicas"], summary["rare_models"]
        cost = f"{amount_in(self.cost_usd, currency)}, {gap_in_words(self.gap)} to a bound by {self.bound_by}"
        tokens, taken = (percent(summary[f"rare_share_of_{what}"], 2) for what in ("tokens", "cost"))
        shares = f"{tokens} of the tokens and take {taken}"
        return [
            f"{models} models in {quantity(replicas)} replicas: {cost}",
            f"the {rare} rarest serve {shares} of the cost",
            f"fractions of replicas would leave out {least} to {most}",
        ]

    def __repr__(self) -> str:
        """Return the headlines and the models as text."""
        return "\n".join([*self.headlines, readable(self.models[SHOWN], self.currency).to_string()])

    def _repr_html_(self) -> str:
        """Return the same as HTML, for notebooks."""
        return "".join(map(notebook.sentence, self.headlines)) + notebook.rows(self.models[SHOWN], self.currency)


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
