"""Options of plans and their values: candidates, build limits, and ends of curves over them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any, TypeVar

import numpy as np
import pandas as pd
import typer

from placer.cli.batch import uncertainty_of
from placer.cli.history import HistoryOptions
from placer.cli.run import Run
from placer.errors import InstanceError, Violation, collected, refuse
from placer.instance.attributes.validation import show
from placer.instance.problem import Instance
from placer.instance.tables.cleaning import tabulate, with_key
from placer.instance.tables.given import TableLike
from placer.planning.answer.limit_curve import end_problems
from placer.planning.question.annual_limits import annual_limits_of
from placer.planning.question.build_limits import BUILD_LIMITS, build_limits_of
from placer.planning.question.build_limits import BuildLimits as PlanLimits
from placer.planning.question.files import read_annual_limits, read_build_limits, read_candidates
from placer.planning.question.problem import problems_of
from placer.planning.question.states import States
from placer.synthetic import DemandSets, Uncertainty
from placer.utils.records import records_of

T = TypeVar("T")

#: Reads options, given the instance and the build limits, None where they could not be read; adds violations.
ReadOptions = Callable[[Instance | None, pd.DataFrame | None, list[Violation]], T | None]

CandidatesFile = Annotated[
    Path | None, typer.Option(help="CSV file of candidates, instead of those of the dataset and its scenarios.")
]
BuildLimits = Annotated[
    list[str] | None,
    typer.Option(
        metavar="NAME=AMOUNT",
        help="What all builds together may take at most, such as budget_usd_year=1e9; NAME>=AMOUNT for at least; "
        "several times, both for a range. In place of the dataset's limit of that name.",
    ),
]
AnnualLimits = Annotated[
    list[str] | None,
    typer.Option(
        metavar="NAME=AMOUNT",
        help="What the placements of all states may use in a year at most, such as carbon_limit_kg=5e8, or of a limit "
        "of one's own by its name; several times. In place of the dataset's amount of that name.",
    ),
]
Sets = Annotated[
    int, typer.Option(min=0, help="Demand sets to plan for, drawn around the dataset; 0 for its demand alone.")
]
ReportFile = Annotated[
    Path | None, typer.Option(help="HTML file for a report on the plan and the placements of its states.")
]
Curves = Annotated[
    list[str] | None,
    typer.Option(
        metavar="NAME=LEAST:MOST",
        help="Also the least cost between two amounts of a build limit or an annual limit, as budget_usd_year=1e8:1e9; "
        "several times. NAME<=LEAST:MOST or NAME>=LEAST:MOST for a side of a range.",
    ),
]
WithSites = Annotated[
    bool, typer.Option("--sites", help="Also the utilisation and the rents of every site: stranded capacity.")
]
WithAlternatives = Annotated[
    float | None,
    typer.Option(metavar="SHARE", help="Also what all plans of at most this share more than the least cost build."),
]
Gap = Annotated[float, typer.Option(help="Relative gap between cost and bound at which to stop.")]

Ends = tuple[str, float, float]
_CURVE = re.compile(r"(.+?)(<=|>=|=)([^<>=:]+):([^<>=:]+)")
_LIMIT = re.compile(r"(.+?)(<=|>=|=)([^<>=]+)")


def ends_of(options: list[str], limits: PlanLimits) -> list[Ends]:
    """Return the limits, by their labels, and the amounts of options NAME=LEAST:MOST.

    Raises
    ------
    InstanceError
        Listing every option that has another form, names no build limit, or names a build limit again.
    """
    ends: list[Ends] = []
    violations: list[Violation] = []
    for text in options:
        found, amounts = _CURVE.fullmatch(text), list[float]()
        with suppress(ValueError):
            amounts = [] if found is None else [float(found[3]), float(found[4])]
        if found is None or not amounts:
            problem = f"{show(text)} is not NAME=LEAST:MOST"
            violations.append(_curve_problem(problem, "such as budget_usd_year=0:1e9"))
            continue
        label = _label(found[1], found[2], limits)
        violations += end_problems(found[1], *amounts)
        if label not in limits.labels:
            allowed = ", ".join(limits.labels) or "one that --build-limit gives"
            violations.append(_curve_problem(f"no build limit {show(label)}", allowed))
        elif label in (known for known, _, _ in ends):
            violations.append(_curve_problem(f"{show(label)} is given twice", "one curve of each build limit"))
        ends.append((label, amounts[0], amounts[1]))
    refuse(violations)
    return ends


def _curve_problem(problem: str, allowed: str) -> Violation:
    return Violation("plan", "", "--curve", problem, allowed)


def _label(name: str, sign: str, limits: PlanLimits) -> str:
    """Return the label of a build limit, or of a side of a range: with a sense, its label if it is no range."""
    if sign == "=":
        return name
    is_alone = (name, sign) in zip(limits.labels, limits.sense, strict=True)
    return name if is_alone else f"{name} {sign}"


def build_limits_with(given: pd.DataFrame, options: list[str]) -> pd.DataFrame:
    """Return the build limits of a dataset, with those of options replaced or added.

    Raises
    ------
    InstanceError
        Listing every option that is not NAME=AMOUNT.
    """
    rows: list[dict[str, Any]] = []
    violations: list[Violation] = []
    for text in options:
        found = _LIMIT.fullmatch(text)
        with suppress(ValueError):
            if found is not None:
                sense = ">=" if found[2] == ">=" else "<="
                rows.append({"limit": found[1], "sense": sense, "amount": float(found[3])})
                continue
        problem = f"{show(text)} is not NAME=AMOUNT"
        violations.append(Violation("plan", "", "--build-limit", problem, "such as budget_usd_year=1e9"))
    refuse(violations)
    before = with_key(given, BUILD_LIMITS)
    if not rows or not {"limit", "amount"} <= set(before):  # a violation of its own
        return given
    replaced = _by_name(records_of(before)) | _by_name(rows)
    return tabulate([row for alike in replaced.values() for row in alike], BUILD_LIMITS)


def annual_limits_with(run: Run, options: list[str]) -> dict[str, float]:
    """Return the annual limits of a dataset by name, with those of options replaced or added.

    Raises
    ------
    InstanceError
        Listing every violation of the dataset, every option that is not NAME=AMOUNT, and every name given twice.
    """
    before, violations = annual_limits_of(read_annual_limits(run.dataset, run.scenarios))
    limits: dict[str, float] = {}
    for text in options:
        name, _, amount = text.rpartition("=")
        with suppress(ValueError):
            if name and not name.endswith((">", "<")):
                if name in limits:
                    violations.append(Violation("plan", "", "--annual-limit", f"{show(name)} is given twice", "once"))
                limits[name] = float(amount)
                continue
        problem = f"{show(text)} is not NAME=AMOUNT"
        violations.append(Violation("plan", "", "--annual-limit", problem, "such as carbon_limit_kg=5e8"))
    refuse(violations)
    return dict(zip(before.names, before.amount.tolist(), strict=True)) | limits


def all_limits(build_limits: TableLike, annual_limits: Iterable[str]) -> PlanLimits:
    """Return build limits, and annual limits as further ones, for curves over either."""
    limits, annual = build_limits_of(build_limits)[0], tuple(annual_limits)
    senses = (*limits.sense, *("<=" for _ in annual))
    return PlanLimits((*limits.names, *annual), senses, np.append(limits.amount, np.full(len(annual), np.inf)))


def _by_name(rows: list[dict[str, Any]]) -> dict[object, list[dict[str, Any]]]:
    found: dict[object, list[dict[str, Any]]] = {}
    for row in rows:
        found.setdefault(row.get("limit"), []).append(row)
    return found


def plan_input(
    run: Run, file: Path | None, build_limit: list[str], read_options: ReadOptions[T]
) -> tuple[Instance, pd.DataFrame, pd.DataFrame, T]:
    """Return the instance, the candidates and the build limits of a dataset, and the values of options.

    Parameters
    ----------
    file : Path or None
        Candidates in place of those of the dataset.
    build_limit : list of str
        NAME=AMOUNT of build limits.
    read_options : callable

    Raises
    ------
    InstanceError
        Listing every violation of dataset, candidates, hours, build limits and options.
    """
    found: list[Violation] = []
    instance = collected(found, run.load)
    candidates = collected(found, lambda: read_candidates(run.dataset, run.scenarios, file))
    limits = collected(found, lambda: build_limits_with(read_build_limits(run.dataset, run.scenarios), build_limit))
    options = read_options(instance, limits, found)
    if found or instance is None or candidates is None or limits is None or options is None:
        raise InstanceError(dict.fromkeys([*found, *problems_of(instance, candidates, limits)]))
    return instance, candidates, limits, options


@dataclass(frozen=True)
class StateOptions:
    """The values of the options of states.

    Attributes
    ----------
    uncertain : sequence of str
        NAME=VALUE of demand sets.
    history : HistoryOptions
        Demand sets are days of it, if there is one.
    """

    sets: int
    seed: int
    uncertain: Sequence[str]
    history: HistoryOptions = field(default_factory=HistoryOptions)


def states_of(instance: Instance, options: StateOptions) -> States | None:
    """Return the states of demand sets; None for the demand as it is.

    Raises
    ------
    InstanceError
        As ``check_states``.
    """
    uncertainty = check_states(options)
    if options.history.rates is not None:
        return States.of(options.history.sets(instance, options.sets or None, options.seed))
    return States.of(DemandSets(instance, uncertainty, options.sets, options.seed)) if options.sets else None


def check_states(options: StateOptions) -> Uncertainty:
    """Return the uncertainty of demand that options ask for.

    Raises
    ------
    InstanceError
        Listing all conflicts, and all values NAME=VALUE that are not understood.
    """
    found: list[Violation] = []
    uncertainty = collected(found, lambda: uncertainty_of(options.uncertain))
    found += options.history.problems(options.uncertain, "plan")
    if options.uncertain and not options.sets and options.history.rates is None:
        found.append(Violation("plan", "", "--set", "there are no demand sets", "--sets 40, or no --set"))
    if found or uncertainty is None:
        raise InstanceError(found)
    return uncertainty
