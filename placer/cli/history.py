"""Options of days of a history: ``placer batch``, ``placer plan`` and ``placer replay`` share them."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

import typer

from placer.cli.screen import mention
from placer.errors import InstanceError, Violation
from placer.histories.around import DemandHistory
from placer.histories.binding import classes_of
from placer.histories.gaps import Missing
from placer.histories.history import History
from placer.instance.problem import Instance

if TYPE_CHECKING:
    from placer.histories.history_sets import HistorySets

HistoryFile = Annotated[
    str | None,
    typer.Option(
        "--history",
        metavar="RATES",
        help="Demand sets are days of a history: a CSV file of rates, or servegen_rates, which ships. Without a number "
        "of sets all its days, and else as many drawn with their weekdays kept.",
    ),
]
ClassesFile = Annotated[
    str | None,
    typer.Option(
        "--classes",
        metavar="FILE",
        help="CSV file of workload and class of the history, such as servegen_china, which ships.",
    ),
]
MissingRule = Annotated[
    Missing, typer.Option("--missing", help="What fills empty steps of the history; the filled ones are counted.")
]


@dataclass(frozen=True)
class HistoryOptions:
    """The values of the options of a history."""

    rates: str | None = None
    classes: str | None = None
    missing: Missing = "error"

    def problems(self, uncertain: Collection[str], command: str) -> list[Violation]:
        """Return the options that are missing or do not go together."""
        found = []
        if self.rates is None:
            given = {"--classes": self.classes is not None, "--missing": self.missing != "error"}
            names = [name for name, is_given in given.items() if is_given]
            found += [Violation(command, "", name, "there is no history", "--history servegen_rates") for name in names]
        else:
            if self.classes is None:
                allowed = "a file, or servegen_china"
                found.append(Violation(command, "", "--classes", "missing: workloads need classes", allowed))
            if uncertain:
                problem = "days of a history are not drawn from distributions"
                found.append(Violation(command, "", "--set", problem, "one of --set and --history"))
        return found

    def sets(self, instance: Instance, count: int | None, seed: int) -> HistorySets:
        """Return the demand sets; say how many of their steps were filled.

        Raises
        ------
        InstanceError
            Listing every violation.
        """
        around = self.around(instance)
        return around.bootstrap(count, seed) if count else around.sets()

    def around(self, instance: Instance) -> DemandHistory:
        """Return the history around an instance; say how many of its steps were filled.

        Raises
        ------
        InstanceError
            Listing every violation.
        """
        if self.rates is None or self.classes is None:
            raise InstanceError(self.problems((), "history"))
        classes = classes_of(self.classes)
        named = dict.fromkeys(name for name in classes.values() if name is not None)
        history = History.of_rates(self.rates, list(named), missing=self.missing)
        around = DemandHistory(history, instance, classes)
        if filled := history.about_filled():
            mention(f"placer: {filled} by {self.missing}")
        return around
