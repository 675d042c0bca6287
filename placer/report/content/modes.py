"""Who runs how, as the page shows it: the modes in use, and accelerator-hours of a Mtok by its round trip."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from placer.placement.distance import chips_by_distance, distance_in_words, modes_in_use, parts_by_distance
from placer.placement.result import Placement
from placer.report.html.markup import labels

#: Workloads that are drawn, those whose accelerator-hours differ most.
MOST = 6


@dataclass(frozen=True, eq=False)
class ModesContent:
    """The modes of a placement; every text is printable and shortened.

    Attributes
    ----------
    said : str
        In which workloads accelerator-hours differ by the round trip.
    modes, distances : DataFrame
        Of ``placer.placement.distance``: ``modes_in_use``, and ``chips_by_distance``.
    drawn : dict of str to DataFrame
        Of the workloads that differ most, by workload: ``parts_by_distance``, a row for each band of round trips.
    """

    said: str
    modes: pd.DataFrame
    distances: pd.DataFrame
    drawn: dict[str, pd.DataFrame]


def modes_content(placement: Placement) -> ModesContent | None:
    """Return the modes of a placement; None if no workload is served in one."""
    if placement.modes.empty:
        return None
    chips, modes = _printable(chips_by_distance(placement)), _printable(modes_in_use(placement))
    parts = parts_by_distance(chips)
    names = parts.index.get_level_values("workload").unique()[:MOST]
    return ModesContent(
        said=distance_in_words(chips),
        modes=modes,
        distances=chips,
        drawn={str(name): parts.loc[[name]].droplevel("workload") for name in names},
    )


def _printable(frame: pd.DataFrame) -> pd.DataFrame:
    """Return a table with printable names in both levels of its rows."""
    for level in range(frame.index.nlevels):
        names = list(map(str, frame.index.get_level_values(level).unique()))
        frame = frame.rename(index=dict(zip(names, labels(names), strict=True)), level=level)
    return frame
