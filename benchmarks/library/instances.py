"""The instances of the library by name: what each is, and how it is made."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

import placer
from placer.column_generation.solver import ColumnGeneration
from placer.decomposition.risk import NEUTRAL
from placer.extended.file_names import legal, names_of, unique
from placer.ladder.proven import default_solver, solve_structure
from placer.model.answer import whole_solution
from placer.model.expansion import expand
from placer.model.formulation import formulate_stored
from placer.planning.plan import program_of
from placer.planning.question.problem import planning_problem
from placer.planning.search.extensive import extensive_program
from placer.presence.program import replica_program
from placer.presence.question import ask
from placer.security.contingencies import contingencies_of, protected_shares
from placer.security.coupling import merged_recourses
from placer.security.outages import outage_of
from placer.security.program import secure_program
from placer.security.replacement import penalty_usd

from ..families import FAMILIES, build, dataset  # noqa: TID252 - the package has another name where it is installed
from .mps import Named, named
from .proofs import tightened

if TYPE_CHECKING:
    from placer.model.structure import Structure

#: Sizes of families in the library, smallest first.
SIZES = ("smoke", "small", "medium", "large", "week")
#: Relative gap of column generation.
_GAP = 1e-10
#: Equations whose duals follow from others, after the columns that decide them.
_DECIDED = (("f", "queue"), ("x", "demand"))
#: Of plans: times the demand of the instance, the penalty of a Mtok that has none, and the seed of demand sets.
_PLANNED_DEMAND, _UNSERVED_USD, _PLAN_SEED, _HOURS_OF_YEAR = 1.5, 20.0, 7, 8760
#: Hours, power as a share of what the accelerators draw at most, and the rest of a battery at each data centre.
_BATTERY = {"hours": 4.0, "share": 0.1, "efficiency": 0.95, "usd_per_mwh_throughput": 2.0}


@dataclass(frozen=True, eq=False)
class Made:
    """An instance as it is made.

    Attributes
    ----------
    given : Named
    nodes, hours : int
        Hubs and data centres, and hours, of all states together where there are several.
    solve : callable, optional
        Finds the optimum where HiGHS on the whole program would take long.
    """

    given: Named
    nodes: int
    hours: int
    solve: Callable[[], placer.LPSolution] | None = None


@dataclass(frozen=True)
class Entry:
    """An instance of the library.

    Attributes
    ----------
    name, kind, about : str
        ``kind`` is that of the question: placement, plan, security, storage or presence.
    make : callable
    seed : int or None
        Of what is drawn; None where nothing is.
    """

    name: str
    kind: str
    about: str
    make: Callable[[], Made] = field(repr=False)
    seed: int | None = None


def _placed(instance_of: Callable[[], placer.Instance]) -> Made:
    """Return the program of a placement, and how column generation finds its optimum where it is large."""
    instance = instance_of()
    structure = formulate_stored(instance).structure
    given, solver = named(placer.to_program(instance)), default_solver(structure)
    solve = None
    if isinstance(solver, ColumnGeneration):
        solve = partial(_by_columns, structure, given.program, replace(solver, gap=_GAP, patience=np.inf))
    return Made(given, *_extent(instance), solve)


def _by_columns(structure: Structure, program: placer.LinearProgram, solver: ColumnGeneration) -> placer.LPSolution:
    solution = whole_solution(structure, program, solve_structure(structure, solver)[0])
    return replace(solution, row_duals=tightened(program, solution.duals, _DECIDED))


def _extent(instance: placer.Instance) -> tuple[int, int]:
    return len(instance.hubs) + len(instance.data_centres), len(instance.hours)


def _stored(instance_of: Callable[[], placer.Instance]) -> Made:
    """Return the program of a placement with a battery at each data centre."""
    return _placed(lambda: _with_batteries(instance_of()))


def _with_batteries(instance: placer.Instance) -> placer.Instance:
    centres, workloads = instance.data_centres, instance.workloads
    kw = (workloads["kwh_per_mtok"] / workloads["accelerator_hours_per_mtok"]).max()
    power_mw = _BATTERY["share"] * centres["accelerators"] * kw / 1000
    table = centres[["data_centre"]].assign(
        battery="battery of " + centres["data_centre"],
        power_mw=power_mw,
        energy_mwh=_BATTERY["hours"] * power_mw,
        efficiency=_BATTERY["efficiency"],
        usd_per_mwh_throughput=_BATTERY["usd_per_mwh_throughput"],
    )
    return instance.replace(batteries=table)


def _planned(instance_of: Callable[[], placer.Instance], sets: int) -> Made:
    """Return the extensive form of a plan: accelerators to build at each data centre, over sets of a greater demand."""
    given = instance_of().scaled_demand(_PLANNED_DEMAND)
    penalty = given.workloads["unserved_usd_per_mtok"].fillna(_UNSERVED_USD)
    instance = given.replace(accelerators="sunk", workloads=given.workloads.assign(unserved_usd_per_mtok=penalty))
    usd = instance.hourly("data_centres", "accelerator_usd_per_hour").mean(axis=1)
    candidates = [
        {"candidate": name, "adds": "accelerators", "target": name, "usd_per_unit_year": _HOURS_OF_YEAR * (each or 1.0)}
        for name, each in zip(instance.data_centres["data_centre"], usd.tolist(), strict=True)
    ]
    states = placer.States.of(placer.DemandSets(instance, count=sets, seed=_PLAN_SEED))
    question = planning_problem(instance, candidates, states)
    problem = program_of(question, NEUTRAL)
    program, alone = extensive_program(problem)
    rows, columns = np.full(len(program.row_lower), "", dtype=object), np.full(len(program.cost), "", dtype=object)
    columns[program.col_blocks["z"]] = [f"build_{legal(name)}" for name in problem.candidates.names]
    for place, (state, own, instance) in enumerate(zip(problem.states, alone, question.states.instances, strict=True)):
        names = names_of(instance, state.formulation, own.row_blocks, own.col_blocks)
        rows[program.row_blocks[f"state_{place}"]], columns[program.col_blocks[f"state_{place}"]] = (
            _prefixed(f"state_{place}", each) for each in names
        )
    _name_sides(program, rows, columns, len(alone))
    rows[program.row_blocks["limits"]] = [f"limit_{legal(name)}" for name in problem.build_limits.names]
    nodes, hours = _extent(question.instance)
    return Made(named(program, (unique(rows), unique(columns))), nodes, hours * len(alone))


def _name_sides(program: placer.LinearProgram, rows: np.ndarray, columns: np.ndarray, states: int) -> None:
    """Name the rows of raised upper sides after their columns."""
    matrix, units = program.matrix.tocsr(), program.col_blocks["z"]
    for place in range(states):
        block = program.row_blocks[f"sides_{place}"]
        for row in range(block.start, block.stop):
            inside = matrix.indices[matrix.indptr[row] : matrix.indptr[row + 1]]
            rows[row] = f"most_{columns[inside[inside >= units.stop][0]]}"


def _secured(instance_of: Callable[[], placer.Instance]) -> Made:
    """Return the explicit program of a placement that stands the loss of each data centre: a block for each."""
    instance = instance_of()
    formulation, security = formulate_stored(instance), placer.Security("data_centres")
    whole = formulation.structure
    outages = [outage_of(instance, formulation, each) for each in contingencies_of(instance, security)]
    shares = protected_shares(whole, formulation.workloads, security)
    base = expand(whole)
    secure = secure_program(whole, base, merged_recourses(whole, outages, shares), penalty_usd(whole))
    rows, columns = names_of(instance, formulation, base.row_blocks, base.col_blocks)
    for block in secure.blocks:
        own = replace(formulation, structure=block.structure)
        more = names_of(instance, own, block.program.row_blocks, block.program.col_blocks)
        prefix = f"without_{legal(block.recourse.outage.name)}"
        rows, columns = ([*names, *_prefixed(prefix, own)] for names, own in zip((rows, columns), more, strict=True))
    return Made(named(secure.extended, (unique(rows), unique(columns))), *_extent(instance))


def _with_models(models: int, centres: int, hubs: int, hours: int) -> placer.Instance:
    """Return an instance whose workloads are models so large that few replicas of each fit into a data centre."""
    instance = placer.synthetic.network(centres, hubs, models, hours, 0)
    table, names = instance.data_centres, instance.workloads["workload"].tolist()
    sizes = np.floor(table["accelerators"].median() / (2.0 + np.arange(models)))
    served = [
        {"model": f"model of {name}", "workloads": name, "replica_accelerators": size, "cold_start_seconds": 60.0}
        for name, size in zip(names, sizes.tolist(), strict=True)
    ]
    return instance.replace(
        data_centres=table.assign(accelerators=np.floor(table["accelerators"])), served_models=served
    )


def _present(instance_of: Callable[[], placer.Instance], *, by_hour: bool) -> Made:
    """Return the program of models in whole replicas."""
    instance = instance_of()
    question = ask(instance, by_hour=by_hour)
    made = replica_program(question)
    program, centres = made.program, [legal(name) for name in instance.data_centres["data_centre"]]
    alone = expand(question.structure)
    rows, columns = names_of(question.instance, question.formulation, alone.row_blocks, alone.col_blocks)
    models, hours = [legal(name) for name in question.names], [f"_{legal(hour)}" for hour in instance.hours]
    columns += [
        f"replicas_{models[model]}_{centres[site]}{hours[period] if by_hour else ''}"
        for model, site, period in np.argwhere(made.number >= 0).tolist()
    ]
    columns += [f"start_{place}" for place in range(len(program.cost) - len(columns))]
    rows += _names_of_replica_rows(program, columns, len(rows))
    upper, implied = (
        np.where(made.integer, np.floor(each), each) for each in (program.col_upper, program.implied_upper)
    )
    program = replace(program, col_upper=upper, implied_upper=implied)
    return Made(named(program, (unique(rows), unique(columns)), made.integer), *_extent(instance))


def _names_of_replica_rows(program: placer.LinearProgram, columns: list[str], first: int) -> list[str]:
    """Return the names of rows of replicas, from a row on: the block, and the first of its columns."""
    matrix = program.matrix.tocsr()
    return [
        f"{block}_{columns[int(matrix.indices[matrix.indptr[row] : matrix.indptr[row + 1]].min())]}"
        for block, part in program.row_blocks.items()
        for row in range(max(part.start, first), part.stop)
    ]


def _prefixed(prefix: str, names: Iterable[str]) -> list[str]:
    return [f"{prefix}_{name}" for name in names]


def _families() -> Iterator[Entry]:
    for (name, family), size in itertools.product(FAMILIES.items(), SIZES):
        if name != "network":
            shape = " x ".join(map(str, family.sizes[size]))
            about = f"{family.about}; {shape} data centres, hubs, workloads, hours"
            yield Entry(f"{name}-{size}", "placement", about, partial(_placed, partial(build, name, size)), 0)


def _datasets() -> Iterator[Entry]:
    for name, about in {
        "tiny": "an invented example to check by hand",
        "china": "China in 2026, at a load of 63 % of its accelerators",
        "world": "the world without mainland China in 2026",
        "globe": "86 countries in 2026",
    }.items():
        yield Entry(name, "placement", about, partial(_placed, partial(dataset, name)))
    for name, days in {"china-week": 7, "china-month": 30}.items():
        days_of = partial(placer.datasets.year, "china", days, scenarios=("load_63",))
        yield Entry(name, "placement", f"{days} days of China that differ, 24 hours each", partial(_placed, days_of), 0)


def _others() -> Iterator[Entry]:
    for name in ("fleet-smoke", "fleet-small", "tiers_linked-small", "china"):
        about = f"{name} with a battery of four hours at each data centre"
        yield Entry(f"battery-{name}", "storage", about, partial(_stored, _named(name)), 0)
    for name, sets in (("tiny", 4), *itertools.product(("fleet-smoke", "fleet-small", "china"), (10, 40))):
        about = f"accelerators to build at the data centres of {name}, over {sets} demand sets: the extensive form"
        yield Entry(f"plan-{name}-{sets}", "plan", about, partial(_planned, _named(name), sets), _PLAN_SEED)
    for name in ("tiny", "fleet-smoke", "fleet-small", "fleet-medium"):
        about = f"{name}, whose work finds another place when any one data centre is lost"
        yield Entry(f"secure-{name}", "security", about, partial(_secured, _named(name)), 0)
    for name, shape, by_hour in (("day", (3, 3, 4, 3), False), ("hours", (2, 2, 3, 2), True)):
        models, centres, hubs, hours = shape
        about = f"{models} models in whole replicas at {centres} data centres, for {hubs} hubs and {hours} hours"
        about += ", replicas by hour" * by_hour
        make = partial(_present, partial(_with_models, *shape), by_hour=by_hour)
        yield Entry(f"presence-{name}", "presence", about, make, 0)


def _named(name: str) -> Callable[[], placer.Instance]:
    """Return the function that makes the instance of a name: a dataset, or a family and a size."""
    family, _, size = name.partition("-")
    return partial(build, family, size) if size else partial(dataset, family)


ENTRIES = {entry.name: entry for entry in (*_datasets(), *_families(), *_others())}
