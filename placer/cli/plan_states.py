"""Options of the states of ``placer plan``: demand sets, outages, and the work that outages must serve."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from placer.cli.batch import uncertainty_of
from placer.cli.batch_report import assignments
from placer.cli.history import HistoryOptions
from placer.errors import InstanceError, Violation, collected
from placer.planning.question.states import States
from placer.synthetic import DemandSets

if TYPE_CHECKING:
    from collections.abc import Sequence

    from placer.instance.problem import Instance
    from placer.synthetic import Uncertainty


#: The kinds of single outages.
Outages = Literal["data_centres", "power_zones", "links"]

Lost = Annotated[
    Outages | None, typer.Option("--outages", help="Also plan for the loss of any one of these, with every demand set.")
]
LostHours = Annotated[
    float,
    typer.Option(
        "--outage-hours",
        help="Hours a year that each outage lasts; 0 for outages to survive at no cost.",
    ),
]
MostUnserved = Annotated[
    float | None,
    typer.Option(
        metavar="SHARE",
        help="Largest share of protected work that may be unserved in an outage; 0 if only --protect is given.",
    ),
]
Protect = Annotated[
    list[str] | None,
    typer.Option(
        metavar="WORKLOAD=SHARE",
        help="Share of a workload that is protected in an outage; several times. If not given 1, and 0 for work that "
        "waits.",
    ),
]


@dataclass(frozen=True)
class StateOptions:
    """The values of the options of states.

    Attributes
    ----------
    sets, seed : int
    uncertain : sequence of str
        NAME=VALUE of demand sets.
    lost : Outages or None
    hours : float
        Of each outage.
    most_unserved : float or None
    protect : sequence of str
        WORKLOAD=SHARE.
    history : HistoryOptions
        Demand sets are days of it, if there is one.
    """

    sets: int
    seed: int
    uncertain: Sequence[str]
    lost: Outages | None
    hours: float
    most_unserved: float | None
    protect: Sequence[str]
    history: HistoryOptions = field(default_factory=HistoryOptions)

    @property
    def protects(self) -> bool:
        """Whether any work must be served in outages."""
        return self.most_unserved is not None or bool(self.protect)


def states_of(instance: Instance, options: StateOptions) -> States | None:
    """Return the states of demand sets and outages; None for the demand as it is.

    Raises
    ------
    InstanceError
        As ``check_states``, ``States.outages`` and ``States.protecting``.
    """
    uncertainty, shares = check_states(options)
    sets: States | None = None
    if options.history.rates is not None:
        sets = States.of(options.history.sets(instance, options.sets or None, options.seed))
    elif options.sets:
        sets = States.of(DemandSets(instance, uncertainty, options.sets, options.seed))
    if options.lost is None:
        return sets
    outages = States.outages(instance, options.lost, options.hours)
    if options.protects:
        outages = outages.protecting(options.most_unserved or 0.0, shares)
    return outages if sets is None else sets * outages


def check_states(options: StateOptions) -> tuple[Uncertainty, dict[str, float]]:
    """Return the uncertainty of demand and the protected shares that options ask for.

    Raises
    ------
    InstanceError
        Listing all conflicts, and all values NAME=VALUE that are not understood.
    """
    found: list[Violation] = []
    uncertainty = collected(found, lambda: uncertainty_of(options.uncertain))
    shares = collected(found, lambda: assignments("--protect", options.protect))
    found += options.history.problems(options.uncertain, "plan")
    if options.uncertain and not options.sets and options.history.rates is None:
        found.append(Violation("plan", "", "--set", "there are no demand sets", "--sets 40, or no --set"))
    if options.lost is None:
        given = {"--outage-hours": options.hours, "--most-unserved": options.most_unserved is not None}
        names = [name for name, value in (given | {"--protect": options.protect}).items() if value]
        found += [Violation("plan", "", name, "there are no outages", "--outages data_centres") for name in names]
    elif not (options.hours or options.protects):
        allowed = "--outage-hours 20, or --most-unserved 0"
        found.append(Violation("plan", "", "--outages", "outages of 0 hours change nothing", allowed))
    if found or uncertainty is None or shares is None:
        raise InstanceError(found)
    return uncertainty, shares
