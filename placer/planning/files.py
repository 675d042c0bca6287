"""Candidates and build limits in files: those of a dataset, or a CSV file of the user."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from placer.datasets.csv_files import read_csv, typed
from placer.datasets.plan_tables import read_plan_table
from placer.errors import InstanceError, Violation
from placer.instance.validation import show
from placer.planning.build_limits import BUILD_LIMITS
from placer.planning.candidates import CANDIDATES
from placer.utils.reading import with_home

if TYPE_CHECKING:
    import os
    from collections.abc import Sequence


def read_candidates(
    dataset: str | os.PathLike[str], scenarios: Sequence[str] = (), file: str | os.PathLike[str] | None = None
) -> pd.DataFrame:
    """Return the candidates of a dataset, from its ``candidates.csv`` or another file, as a table.

    Parameters
    ----------
    dataset : str or path
        As for ``placer.load``.
    scenarios : sequence of str
        Scenarios of the dataset, which may replace its candidates.
    file : path, optional
        A CSV file instead of that of the dataset.

    Raises
    ------
    InstanceError
        If there are none, or the file is no table. ``placer.plan`` checks the rows.

    Examples
    --------
    >>> read_candidates("china").loc[0, ["candidate", "adds", "target"]].tolist()
    ['Zhangjiakou accelerators', 'accelerators', 'Zhangjiakou']
    """
    cells = read_plan_table(dataset, "candidates", scenarios) if file is None else read_csv(with_home(file))
    if cells is None:
        problem = f"{show(str(dataset))} has no candidates"
        raise InstanceError(
            [Violation("candidates", "", "", problem, "a file candidates.csv in its folder, or another")]
        )
    return typed(cells, CANDIDATES)


def read_build_limits(
    dataset: str | os.PathLike[str], scenarios: Sequence[str] = (), file: str | os.PathLike[str] | None = None
) -> pd.DataFrame:
    """Return the build limits of a dataset, from its ``build_limits.csv`` or another file; no rows where it has none.

    Parameters
    ----------
    dataset : str or path
        As for ``placer.load``.
    scenarios : sequence of str
        Scenarios of the dataset, which may replace its build limits.
    file : path, optional
        A CSV file instead of that of the dataset.

    Raises
    ------
    InstanceError
        If the file is no table.

    Examples
    --------
    >>> len(read_build_limits("china"))
    0
    """
    cells = read_plan_table(dataset, "build_limits", scenarios) if file is None else read_csv(with_home(file))
    return pd.DataFrame(columns=list(BUILD_LIMITS.names)) if cells is None else typed(cells, BUILD_LIMITS)
