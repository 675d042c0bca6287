"""Options of the states of ``placer plan``: demand sets, drawn around the dataset or days of a history."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from placer.cli.batch import uncertainty_of
from placer.cli.history import HistoryOptions
from placer.errors import InstanceError, Violation, collected
from placer.planning.question.states import States
from placer.synthetic import DemandSets, Uncertainty

if TYPE_CHECKING:
    from collections.abc import Sequence

    from placer.instance.problem import Instance


@dataclass(frozen=True)
class StateOptions:
    """The values of the options of states.

    Attributes
    ----------
    sets, seed : int
    uncertain : sequence of str
        NAME=VALUE of demand sets.
    history : HistoryOptions
        Demand sets are days of it, if there is one.
    """

    sets: int
    seed: int
    uncertain: Sequence[str]
    history: HistoryOptions = field(default_factory=HistoryOptions)


def states_of(instance: Instance, options: StateOptions) -> States | None:
    """Return the states of demand sets; None for the demand as it is.

    Raises
    ------
    InstanceError
        As ``check_states``.
    """
    uncertainty = check_states(options)
    if options.history.rates is not None:
        return States.of(options.history.sets(instance, options.sets or None, options.seed))
    return States.of(DemandSets(instance, uncertainty, options.sets, options.seed)) if options.sets else None


def check_states(options: StateOptions) -> Uncertainty:
    """Return the uncertainty of demand that options ask for.

    Raises
    ------
    InstanceError
        Listing all conflicts, and all values NAME=VALUE that are not understood.
    """
    found: list[Violation] = []
    uncertainty = collected(found, lambda: uncertainty_of(options.uncertain))
    found += options.history.problems(options.uncertain, "plan")
    if options.uncertain and not options.sets and options.history.rates is None:
        found.append(Violation("plan", "", "--set", "there are no demand sets", "--sets 40, or no --set"))
    if found or uncertainty is None:
        raise InstanceError(found)
    return uncertainty
