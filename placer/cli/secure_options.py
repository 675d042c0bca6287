"""Options of security, the same in every command: what may be lost, what must stay, and their older names."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from placer.cli.screen import mention
from placer.errors import PlacerError
from placer.security.definition import Kind, Recourse

Secure = Annotated[
    Kind | None, typer.Option("--secure", help="What may be lost, each alone: the answer survives the loss of any one.")
]
Rule = Annotated[
    Recourse | None,
    typer.Option(
        help="Place anew only the work served at what is lost (default), or all: the most that could survive."
    ),
]
Protected = Annotated[
    list[str] | None,
    typer.Option(
        metavar="WORKLOAD=SHARE",
        help="Share of a workload that must survive a loss; several times. If not given 1, and 0 for work that waits.",
    ),
]
MostStranded = Annotated[
    float | None,
    typer.Option(metavar="SHARE", help="Largest share of protected work that may strand in a loss; 0 if not given."),
]
OutageHours = Annotated[
    float | None,
    typer.Option(help="Hours a year that each loss lasts, which weight its cost; 0 if not given: it costs nothing."),
]

_HIDDEN = typer.Option(hidden=True)
#: Options of the last release, hidden, and the options that they are now.
OLD: dict[str, Any] = {
    **dict.fromkeys(("security", "audit", "outages"), Annotated[Kind | None, _HIDDEN]),
    "protect": Annotated[list[str] | None, _HIDDEN],
    "most_unserved": Annotated[float | None, _HIDDEN],
}
#: The options of security that both commands of plans have, with those of the last release.
SECURE_PLAN = "secure protected most_stranded outage_hours outages protect most_unserved"
_RENAMED = dict.fromkeys(("security", "audit", "outages"), "secure")
_RENAMED |= {"protect": "protected", "most_unserved": "most_stranded"}


def renamed(given: dict[str, Any]) -> dict[str, Any]:
    """Return the values of options under the names of this release, with a note on each older name.

    Raises
    ------
    PlacerError
        If an option is given by both names.
    """
    old = {name: value for name in _RENAMED if (value := given.get(name)) is not None}
    found = {name: value for name, value in given.items() if name not in _RENAMED}
    for name, value in old.items():
        new = _RENAMED[name]
        if found[new] is not None:
            raise PlacerError(f"{_flag(name)} is {_flag(new)} now; leave out {_flag(name)}")
        mention(f"note: {_flag(name)} is deprecated; write {_flag(new)}")
        found[new] = value
    if "outages" in old and found["most_stranded"] is None and found["protected"] is None:
        mention("note: all work may strand in --outages alone; write --secure and --most-stranded 1")
        found["most_stranded"] = 1.0
    return found


def _flag(name: str) -> str:
    return f"--{name.replace('_', '-')}"
