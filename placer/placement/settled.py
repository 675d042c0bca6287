"""A proven answer with its accounts, rents and reasons, which all tables and figures of a placement read."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from placer.placement.accounts import SettledFlows, settle
from placer.placement.rents import Rents, read_rents
from placer.placement.unserved import reasons_of

if TYPE_CHECKING:
    from placer.instance.problem import Instance
    from placer.model.answer import Answer
    from placer.model.formulation import Formulation
    from placer.proof.certificate import Certificate
    from placer.utils.arrays import BoolArray, IntArray


@dataclass(frozen=True, eq=False, repr=False)
class SettledAnswer:
    """The instance, the answer and the proof of a placement; accounts, rents and reasons are made on first use.

    Attributes
    ----------
    instance : Instance
        The solved instance.
    formulation : Formulation
        The instance as arrays.
    answer : Answer
        Flows and duals.
    certificate : Certificate
        The proof, in figures.
    """

    instance: Instance
    formulation: Formulation
    answer: Answer
    certificate: Certificate

    @cached_property
    def accounts(self) -> SettledFlows:
        """The quantities all tables are made from."""
        return settle(self.formulation, self.answer.point)

    @cached_property
    def rents(self) -> Rents:
        """The duals, by limit."""
        return read_rents(self.formulation.structure, self.answer.prices)

    @cached_property
    def _reasons(self) -> tuple[IntArray, IntArray]:
        """Why each demand is unserved, and by which way it would be served; see ``reasons_of``."""
        return reasons_of(self.formulation, self.accounts, self.rents)

    @cached_property
    def asked_for(self) -> BoolArray:
        """Whether each demand is asked for within the horizon; a backlog is not (demands,)."""
        own = self.instance.workloads["backlog_of"].isna().to_numpy(bool)
        return own[self.formulation.structure.demand_class]
