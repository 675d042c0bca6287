"""Options that the commands for plans share, and the build limits that they name."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated, Any

import pandas as pd
import typer

from placer.errors import InstanceError, Violation
from placer.instance.validation import show

CandidatesFile = Annotated[
    Path | None, typer.Option(help="CSV file of candidates, instead of candidates.csv of the dataset.")
]
BuildLimit = Annotated[
    list[str] | None,
    typer.Option(
        metavar="NAME=AMOUNT",
        help="What all builds together may take at most, such as budget_usd_year=1e9; NAME>=AMOUNT for at least; "
        "several times. In place of the dataset's limit of that name.",
    ),
]
Gap = Annotated[float, typer.Option(help="Relative gap between cost and bound at which to stop.")]

_LIMIT = re.compile(r"(.+?)(<=|>=|=)([^<>=]+)")


def build_limits_of_options(given: pd.DataFrame, options: list[str]) -> pd.DataFrame:
    """Return the build limits of a dataset, those replaced and added that options name.

    Raises
    ------
    InstanceError
        If an option is not NAME=AMOUNT.
    """
    rows = {str(row["limit"]): row for row in given.to_dict("records")}
    for text in options:
        found = _LIMIT.fullmatch(text)
        try:
            amount = float(found[3]) if found else None
        except ValueError:
            amount = None
        if found is None or amount is None:
            problem = f"{show(text)} is not NAME=AMOUNT"
            raise InstanceError([Violation("plan", "", "--build-limit", problem, "such as budget_usd_year=1e9")])
        row: dict[Any, Any] = {"limit": found[1], "sense": ">=" if found[2] == ">=" else "<=", "amount": amount}
        rows[found[1]] = row
    return pd.DataFrame(list(rows.values()), columns=given.columns)
