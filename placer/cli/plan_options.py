"""Options of ``placer plan`` and their values: build limits, and ends of curves over them."""

from __future__ import annotations

import re
from contextlib import suppress
from pathlib import Path
from typing import Annotated, Any

import pandas as pd
import typer

from placer.errors import InstanceError, Violation
from placer.instance.validation import show

CandidatesFile = Annotated[
    Path | None, typer.Option(help="CSV file of candidates, instead of those of the dataset and its scenarios.")
]
BuildLimits = Annotated[
    list[str] | None,
    typer.Option(
        metavar="NAME=AMOUNT",
        help="What all builds together may take at most, such as budget_usd_year=1e9; NAME>=AMOUNT for at least; "
        "several times. In place of the dataset's limit of that name.",
    ),
]
Sets = Annotated[
    int, typer.Option(min=0, help="Demand sets to plan for, drawn around the dataset; 0 for its demand alone.")
]
ReportFile = Annotated[
    Path | None, typer.Option(help="HTML file for a report on the plan and the placement of its first state.")
]
Curves = Annotated[
    list[str] | None,
    typer.Option(
        metavar="NAME=LEAST:MOST",
        help="Also the least cost between two amounts of a build limit, as budget_usd_year=1e8:1e9; several times.",
    ),
]
WithSites = Annotated[
    bool, typer.Option("--sites", help="Also the utilisation and the rents of every site: stranded capacity.")
]
Gap = Annotated[float, typer.Option(help="Relative gap between cost and bound at which to stop.")]

Ends = tuple[str, float, float]
_CURVE = re.compile(r"(.+)=([^=:]+):([^=:]+)")
_LIMIT = re.compile(r"(.+?)(<=|>=|=)([^<>=]+)")


def ends_of(options: list[str], limits: list[str]) -> list[Ends]:
    """Return the build limits and the amounts of options NAME=LEAST:MOST."""
    ends, violations = [], []
    for text in options:
        found = _CURVE.fullmatch(text)
        with suppress(ValueError):
            if found is not None:
                ends.append((found[1], float(found[2]), float(found[3])))
                if found[1] not in limits:
                    allowed = ", ".join(limits) or "one that --build-limit gives"
                    violations.append(Violation("plan", "", "--curve", f"no build limit {show(found[1])}", allowed))
                continue
        problem = f"{show(text)} is not NAME=LEAST:MOST"
        violations.append(Violation("plan", "", "--curve", problem, "such as budget_usd_year=0:1e9"))
    if violations:
        raise InstanceError(violations)
    return ends


def build_limits_with(given: pd.DataFrame, options: list[str]) -> pd.DataFrame:
    """Return the build limits of a dataset, with those of options replaced or added."""
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
