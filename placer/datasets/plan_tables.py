"""The tables of plans beside those of a dataset: candidates with their hours, and limits; also of scenarios."""

from __future__ import annotations

import os
from collections.abc import Sequence

import pandas as pd

from placer.datasets.csv_files import read_csv
from placer.datasets.folder import describe, strange_scenarios
from placer.datasets.manifest import entries_of
from placer.datasets.places import is_single_file
from placer.datasets.scenarios import inside
from placer.errors import refuse
from placer.utils.reading import is_there


def read_plan_table(dataset: str | os.PathLike[str], table: str, scenarios: Sequence[str] = ()) -> pd.DataFrame | None:
    """Return a table of plans of a dataset as text cells, None where it has none.

    Parameters
    ----------
    dataset : str or path
        As for ``placer.load``; workbooks and graph files have no tables of plans.
    table : str
        ``candidates``, ``candidate_hours``, ``build_limits`` or ``annual_limits``.
    scenarios : sequence of str
        The last of them that replaces the table holds.

    Raises
    ------
    InstanceError
        If the dataset or a scenario is unknown, or the file is no table.

    Examples
    --------
    >>> read_plan_table("tiny", "build_limits") is None
    True
    """
    if is_single_file(dataset):
        return None
    found = describe(dataset)
    refuse(strange_scenarios(scenarios, found.scenarios))
    file = found.folder / f"{table}.csv"
    for name in scenarios:
        entries = entries_of(found.scenarios[name], "tables")
        if table in entries:
            file = inside(found.folder, entries[table], name)
    return read_csv(file) if is_there(file) else None
