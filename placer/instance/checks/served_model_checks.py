"""The table ``served_models``: what it may hold beside the ranges of its cells.

A model serves its workloads where a replica of it is loaded, on ``replica_accelerators`` of the site. A workload is of
one model at most, and the backlog of a workload is of the model of that workload. A replica that is larger than every
site could be loaded nowhere.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import numpy as np
import pandas as pd

from placer.errors import Violation
from placer.instance.attributes.synonyms import with_nearest
from placer.instance.attributes.validation import show
from placer.instance.checks.clean_tables import CleanTables
from placer.utils.records import records_of

_TABLE = "served_models"


def served_model_problems(tables: CleanTables) -> list[Violation]:
    """Return the defects of the clean table ``served_models`` beside those of its cells."""
    models, found = tables.frames[_TABLE], list[Violation]()
    if len(models) and tables.sound(_TABLE, "workloads") and tables.sound("workloads", "workload"):
        found += _workload_problems(models, tables.frames["workloads"])
    if len(models) and tables.sound(_TABLE, "replica_accelerators") and tables.sound("data_centres", "accelerators"):
        found += _too_large(models, tables.frames["data_centres"]["accelerators"])
    return found


def _workload_problems(models: pd.DataFrame, workloads: pd.DataFrame) -> Iterator[Violation]:
    """Yield a violation for every workload of a model that is unknown, of two models, or a backlog."""
    names = tuple(workloads["workload"])
    backlogs = set(workloads["workload"][workloads["backlog_of"].notna()])
    given = Counter(name for each in models["workloads"] for name in each)
    for row in records_of(models):
        for name in dict.fromkeys(row["workloads"]):
            if name not in names:
                problem, allowed = f"{show(name)} is unknown", with_nearest("a workload", name, names)
            elif name in backlogs:
                problem, allowed = f"{name} is a backlog", "no backlog: it is of the model of its workload"
            elif given[name] > 1:
                problem, allowed = f"{name} is given {given[name]} times", "each workload once, in one model"
            else:
                continue
            yield Violation(_TABLE, str(row["model"]), "workloads", problem, allowed)


def _too_large(models: pd.DataFrame, accelerators: pd.Series) -> Iterator[Violation]:
    """Yield a violation for every model whose replica is larger than every site in every hour."""
    most = max((float(np.max(value)) for value in accelerators), default=0.0)
    for name, size in zip(models["model"], models["replica_accelerators"], strict=True):
        if size > most:
            problem = f"a replica takes {size:g} accelerators, and no data centre has more than {most:g}"
            yield Violation(_TABLE, str(name), "replica_accelerators", problem, f"<= {most:g}")
