"""The answer: which models are loaded where, the placement over them, what it costs, and what bounds that cost."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from placer.currency import amount_in
from placer.io.results import Result
from placer.presence.tables import RARE, model_table, replica_table
from placer.utils import notebook
from placer.utils.numbers import gap_in_words
from placer.utils.readable import readable

if TYPE_CHECKING:
    import pandas as pd

    from placer.placement.result import Placement
    from placer.presence.question import Question
    from placer.utils.arrays import FloatArray

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
        shares = f"{summary['rare_share_of_tokens']:.2%} of the tokens and take {summary['rare_share_of_cost']:.2%}"
        return [
            f"{models} models in {replicas:,.6g} replicas: {cost}",
            f"the {rare} rarest serve {shares} of the cost",
            f"fractions of replicas would leave out {least} to {most}",
        ]

    def __repr__(self) -> str:
        """Return the headlines and the models as text."""
        return "\n".join([*self.headlines, readable(self.models[SHOWN], self.currency).to_string()])

    def _repr_html_(self) -> str:
        """Return the same as HTML, for notebooks."""
        return "".join(map(notebook.sentence, self.headlines)) + notebook.rows(self.models[SHOWN], self.currency)
