"""The origin of a page, for its foot: version, date, command and a digest of the data."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, field

from placer.batch.identity import digest
from placer.instance.problem import Instance
from placer.report.html.markup import Html, fragment, name_of, plain, tag
from placer.version import VERSION


def today() -> dt.date:
    """Return the local date of today."""
    return dt.datetime.now(tz=dt.UTC).astimezone().date()


@dataclass(frozen=True)
class Origin:
    """The command that wrote a page, and the date.

    Attributes
    ----------
    command : str
        The command that reproduces the page.
    date : date
        Today's unless another is given, so that the same page can be written again.
    """

    command: str = ""
    date: dt.date = field(default_factory=today)


def origin_of(command: str, date: dt.date | None = None) -> Origin:
    """Return the origin of a page; the date defaults to today's."""
    return Origin(command, date or today())


def foot(origin: Origin, instances: Iterable[tuple[str, Instance]]) -> Html:
    """Return the foot of a page on some instances by title."""
    written = f"Written by placer {VERSION} on {origin.date.isoformat()}"
    command = fragment(" by ", tag("code", plain(origin.command))) if origin.command else None
    digests = [
        tag("p", "SHA-256 of the tables and settings of ", name_of(title), ": ", tag("code", digest(instance)))
        for title, instance in instances
    ]
    return fragment(
        tag("p", written, command, ". The file holds all it shows and asks no server for anything."),
        *digests,
    )
