"""``placer solve``: place the demand of a dataset, prove the placement and print it."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import pandas as pd
import typer

from placer.analysis.baselines import compare
from placer.cli.answers import print_grouped, print_placement
from placer.cli.options import command_time
from placer.cli.placing import placed
from placer.cli.ranges import Ranges, ranges_of
from placer.cli.run import Run, command
from placer.cli.screen import mention, occasionally, steps
from placer.cli.security import asked_security, lost_in_words, print_secure
from placer.cli.tables import records
from placer.cli.unserved import say_unserved, unserved_places
from placer.errors import PlacerError
from placer.instance import remarks
from placer.ladder.named import solver_of
from placer.ladder.proven import AnySolver, default_solver
from placer.model.formulation import formulate_to_solve
from placer.model.structure import Structure
from placer.placement.distance import modes_in_use
from placer.placement.groups import GROUPS, PERIODS, groups_of
from placer.placement.headlines import cut_short_in_words
from placer.placement.result import Placement
from placer.running import check_time_limit
from placer.security.secure import binding_security, secured
from placer.solve import place

if TYPE_CHECKING:
    from placer.security.definition import Security

SolverChoice = Callable[[Structure, Callable[[str], None]], AnySolver]

SolverName = Annotated[
    str,
    typer.Option(
        help="auto (by size); columns (column generation, for large instances); simplex, ipm or pdlp (HiGHS on the "
        "whole program); or pulp:NAME for a solver PuLP speaks to."
    ),
]


def solver_choice(name: str, time_limit_seconds: float = math.inf) -> SolverChoice:
    """Return the choice for a name: a function from a structure and a listener to a solver.

    Raises
    ------
    SolverError
        If the name is unknown or the solver is not available.

    Examples
    --------
    >>> import placer
    >>> structure = placer.model.formulation.formulate(placer.load("tiny")).structure
    >>> solver_choice("pulp:HiGHS")(structure, print).name
    'PuLP HiGHS'
    """
    solver = solver_of(name, time_limit_seconds)
    check_time_limit(time_limit_seconds)
    if solver is None:
        return lambda structure, tell: default_solver(structure, time_limit_seconds, tell)
    return lambda _structure, _tell: solver


Grouped = Annotated[
    str | None,
    typer.Option(
        "--by",
        help="Print the figures by month, week, day or block too, or by any groups with commas between them, such as "
        f"region,workload: {', '.join(GROUPS)}.",
    ),
]

#: Largest number of printed remarks.
_SHOWN_REMARKS = 10


@command("secure protected time_limit out require_served as_json")
def solve_command(
    run: Run,
    *,
    solver: SolverName = "auto",
    ranges: Ranges = False,
    by: Grouped = None,
) -> None:
    """Place the demand of a dataset at least cost and prove it.

    Demand that cannot be served is part of the answer: a line gives its amount and places, and the exit status is 0
    unless --require-served is given ('placer --help' lists all). With --secure the loss of any one thing strands as
    little as can be.
    """
    choose = solver_choice(solver, run.time_limit)
    if (security := asked_security(run)) is not None:
        for name, is_given in {"--ranges": ranges, "--by": by is not None}.items():
            if is_given:
                raise PlacerError(f"{name} is about placements without security; leave out one of {name} and --secure")
        _solve_secure(run, binding_security(security), choose)
    names = () if by is None else tuple(name.strip() for name in by.split(","))
    placement, rules, noted, found = _solved(run, choose, ranges_of if ranges else _no_ranges, names)
    grouped = _grouped(placement, names)
    unserved = unserved_places(placement.formulation, placement.accounts.unserved)
    summary = run.asked | {"remarks": noted} | _figures(placement, unserved, rules, found)
    summary |= {name: records(table) for name, table in grouped.items()}

    def show() -> None:
        print_placement(placement, rules, found)
        for table in grouped.values():
            print_grouped(table, placement.currency)

    run.tell(summary | {"data_centres": records(placement.data_centres)}, show)
    _say_remarks(noted)
    say_unserved(unserved, placement.formulation.structure.total_demand)
    if run.as_json and not placement.cut_short.empty:  # the tables say it themselves
        mention(f"note: {cut_short_in_words(placement.cut_short)}")
    run.save(summary, placement)
    run.end(unserved=len(unserved) > 0)


def _grouped(placement: Placement, names: tuple[str, ...]) -> dict[str, pd.DataFrame]:
    """Return the table of --by, if it is given, by its name in a summary."""
    if len(names) == 1 and names[0] in PERIODS:
        return {"periods": placement.by_period(PERIODS[names[0]])}
    return {"statistics": placement.statistics(names)} if names else {}


def _figures(
    placement: Placement, unserved: pd.DataFrame, rules: pd.DataFrame, ranges: dict[str, pd.DataFrame]
) -> dict[str, Any]:
    """Return the summary of a placement with its unserved demand, its naive rules, its ranges and its limits."""
    figures = placement.summary()
    figures |= {"unserved": records(unserved), "cut_short": records(placement.cut_short)}
    figures |= {"rules": rules.to_dict("index")}
    figures |= {"export_ranges": {by: records(table) for by, table in ranges.items()}} if ranges else {}
    figures |= {"modes": records(modes_in_use(placement))}
    figures |= {"pools": records(placement.pools)} if len(placement.pools) else {}
    return figures | {"limits": records(placement.limits)}


def _solve_secure(run: Run, security: Security, choose: SolverChoice) -> NoReturn:
    """Place the demand so that it survives the loss of any one thing, print it, and end."""
    with run.working() as (step, note):
        instance = run.loaded(step, "solving")
        formulation = formulate_to_solve(instance)
        placement = place(instance, formulation, choose(formulation.structure, occasionally(step)))
        note(placed(placement))
        step(f"securing it against the loss of {lost_in_words(security)}")
        found = secured(placement, security)
    summary = run.asked | found.summary()
    run.tell(summary | {"binding": records(found.binding_contingencies)}, lambda: print_secure(found))
    unserved = unserved_places(found.formulation, found.accounts.unserved)
    say_unserved(unserved, found.formulation.structure.total_demand)
    run.save(summary, found)
    run.end(unserved=len(unserved) > 0)


def _no_ranges(_placement: Placement, _step: Callable[[str], None]) -> dict[str, pd.DataFrame]:
    return {}


def _solved(
    run: Run,
    choose: SolverChoice,
    find_ranges: Callable[[Placement, Callable[[str], None]], dict[str, pd.DataFrame]],
    by: tuple[str, ...],
) -> tuple[Placement, pd.DataFrame, list[str], dict[str, pd.DataFrame]]:
    """Return the placement, the comparison with naive rules, the remarks on the instance, and its export ranges."""
    with steps() as step:
        with command_time(run.time_limit, occasionally(step)) as note:
            step("loading")
            instance = run.read()
            formulation = formulate_to_solve(instance)
            if by:
                groups_of(instance, formulation, by)  # before the work: whole hours have no month
            step(f"solving {instance!r}")
            solver = choose(formulation.structure, occasionally(step))
            placement = place(instance, formulation, solver, tie_break="round_trip")
            note(placed(placement))
            found = find_ranges(placement, occasionally(step))
        step("making tables")
        return placement, compare(placement), remarks.check(instance), found


def _say_remarks(noted: list[str]) -> None:
    """Print remarks on input that is probably not intended on standard error, apart from the tables."""
    for remark in noted[:_SHOWN_REMARKS]:
        mention(f"note: {remark}")
    if len(noted) > _SHOWN_REMARKS:
        mention(f"note: {len(noted) - _SHOWN_REMARKS} more; 'placer check' lists them all")
