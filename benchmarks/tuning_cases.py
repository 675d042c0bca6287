"""The cases of ``benchmarks.tuning``: what runs for each class of parameters, and the figures that it answers with."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import placer
from benchmarks.families import build, dataset
from benchmarks.measure import noisy
from benchmarks.plan import changes, china, fleet, online, tiny
from benchmarks.plan_ways import re_plan, search
from benchmarks.revision_side import hourly, pools
from benchmarks.year import energy_limits
from placer.by_blocks.dispatch import lay_out
from placer.by_blocks.shared_caps import answer_sharing
from placer.decomposition.risk import NEUTRAL
from placer.model.formulation import formulate
from placer.planning.plan import program_of
from placer.utils.processes import InThisProcess
from placer.utils.tasks import dispatcher_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from placer.planning.question.plan_program import PlanProgram

    Run = Callable[[], list[float]]


@cache
def instance_of(name: str) -> placer.Instance:
    """Return an instance by the words of its name: a family or a dataset, a size, and caps."""
    family, *rest = name.split()
    size = next((word for word in rest if word not in ("pools", "hourly")), "")
    instance = build(family, size) if size else dataset(family)
    return pools(instance) if "pools" in rest else hourly(instance) if "hourly" in rest else instance


@cache
def placed(name: str) -> placer.Placement:
    """Return the placement of an instance, ties unbroken."""
    return placer.solve(instance_of(name), tie_break=None)


def columns(name: str) -> Run:
    """Return a solve by column generation; it answers with the cost."""
    instance = instance_of(name)
    return lambda: [placer.solve(instance, placer.ColumnGeneration(), tie_break=None).cost_usd]


def ties(name: str) -> Run:
    """Return a solve whose ties are broken; it answers with the cost and the mean round trip."""
    instance = instance_of(name)

    def run() -> list[float]:
        found = placer.solve(instance)
        return [found.cost_usd, found.tie_break.mtok_ms if found.tie_break else 0.0]

    return run


def warm(name: str) -> Run:
    """Return a session of four solves: as given, with noise on demand twice, with more demand; costs."""
    instance = instance_of(name)
    several = (instance, noisy(instance), noisy(instance, 1), instance.scaled_demand(1.01))

    def run() -> list[float]:
        session = placer.Session()
        return [session.solve(each).cost_usd for each in several]

    return run


def moved(name: str) -> Run:
    """Return the curve of the cost of lower power in an hour: masters that are kept and moved with a limit."""
    placement = placed(name)
    zone = str(placement.instance.power_zones["power_zone"].iloc[0])

    def run() -> list[float]:
        table = placer.flexibility(placement, zone, 6).table
        return [float(each) for each in table.iloc[-1:, 1]]

    return run


@cache
def problem_of(name: str) -> PlanProgram:
    """Return the problem of a plan by the words of its name: a question of ``benchmarks.plan``, and states."""
    family, *size, states = name.split()
    questions = {"fleet": fleet, "online": lambda size, states: online(states, size)}
    question = questions[family](size[0], int(states)) if size else {"china": china, "tiny": tiny}[family](int(states))
    return program_of(question, NEUTRAL)


def plan(name: str) -> Run:
    """Return a plan over states, proven within a gap; two such plans may differ, and no cost is returned."""
    problem, gap = problem_of(name), 1e-4 if "china" in name else 1e-6
    return lambda: [float(search(problem, gap).planned.gap <= gap)]


def again(name: str) -> Run:
    """Return plans after changes, each from the plan before them, proven within a gap."""
    problem = problem_of(name)
    before = search(problem, 1e-4)
    changed = [each for _, each in changes(problem, before)]
    return lambda: [float(re_plan(each, before, 1e-4).planned.gap <= 1e-4) for each in changed]


def shared(name: str) -> Run:
    """Return hours in blocks that share limits on the energy of power zones, by their prices; costs.

    The words of the name are a family, its size, the hours of a block, and the number of limits, each of 90 % of what
    is bought without them.
    """
    *family, hours, limits = name.split()
    whole = instance_of(" ".join(family))
    blocks = [{"hour": hour, "block": str(hour // int(hours))} for hour in range(len(whole.hours))]
    free = placer.solve(whole.replace(periods=blocks), tie_break=None)
    mwh = free.power_zones["mwh"].groupby("power_zone").sum().nlargest(int(limits))
    structure = formulate(free.instance.replace(limits=energy_limits(0.9 * mwh))).structure

    def run() -> list[float]:
        with dispatcher_of(1, None) as dispatcher:
            _, certificate, _ = answer_sharing(lay_out(structure, None, None), dispatcher)
        return [float(certificate.proven)]

    return run


def batch(name: str) -> Run:
    """Return demand sets within a gap of 1e-4; it answers with the number that has a cost."""
    sets = placer.DemandSets(instance_of(name), count=60, seed=7)
    return lambda: [
        float(sum(float(row["gap"]) <= 1e-4 for row in placer.solve_many(sets, executor=InThisProcess(), bounds=1e-4)))
    ]


def ceiling(name: str) -> Run:
    """Return an export ceiling; it answers with its share."""
    instance = instance_of(name)
    return lambda: [float(placer.export_ceiling(instance).share)]


def curve(name: str) -> Run:
    """Return a ceiling and its curve; it answers with the mean share of its corners."""
    instance = instance_of(name)
    return lambda: [float(placer.export_ceiling(instance).curve.table["share"].iloc[-1])]


def economic(name: str) -> Run:
    """Return the least and the most export share among placements of least cost."""
    placement = placed(name)

    def run() -> list[float]:
        found = placer.economic_range(placement)
        return [found.low, found.high]

    return run


def secure(name: str) -> Run:
    """Return a placement that survives the loss of any one of a kind; it answers with its cost."""
    kind, instance = name.split(maxsplit=1)
    given = instance_of(instance)
    return lambda: [placer.solve(given, security=kind, tie_break=None).cost_usd]  # type: ignore[arg-type]


#: Cases of column generation, of waiting, queues, links, tiers, caps and shortages: each under a second.
_COLUMNS = tuple(f"columns {name} small" for name in ("tiers", "short", "capped", "online"))
_WARM = ("warm fleet small", "warm tiers small", "moved fleet small", "plan fleet smoke 6")
#: Cases of plans whose states are whole programs, and of limits that blocks share.
_PLANS = ("plan tiny 12", "plan fleet smoke 12", "plan online smoke 20", "plan fleet small 3")
_SHARED = ("shared fleet small 3 2", "shared online small 1 2")
_WALK = (
    "ceiling china",
    "ceiling capped medium",
    "ceiling short medium",
    "ceiling tiers_linked medium",
    "curve fleet medium",
)
_TIES = ("ties fleet small", "ties tied medium", "ties tiers small", "economic tied medium")
_SECURE = ("secure data_centres tiny", "secure data_centres online smoke", "secure links linked smoke")
#: The cases of each class of parameters.
CASES: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(
        (
            "PathParameters",
            "SmoothedDualParameters",
            "NewtonParameters",
            "DescentParameters",
            "ShortlistParameters",
            "MasterParameters",
            "EffortParameters",
            "ColumnGenerationParameters",
        ),
        _COLUMNS,
    ),
    "WarmStartParameters": _WARM,
    "NearbyParameters": ("batch fleet smoke",),
    "BoundParameters": ("batch fleet smoke",),
    "SweepParameters": _WALK,
    "SimplexParameters": (*_WALK[1:3], *_COLUMNS[1:4], *_SECURE[1:]),
    "FaceParameters": _TIES,
    **dict.fromkeys(("SearchParameters", "SketchParameters"), _PLANS),
    "BundleParameters": (*_PLANS, *_SHARED),
    "SharedCapsParameters": _SHARED,
}
TASKS: dict[str, Callable[[str], Run]] = {
    task.__name__: task
    for task in (
        columns,
        ties,
        warm,
        moved,
        plan,
        again,
        shared,
        batch,
        ceiling,
        curve,
        economic,
        secure,
    )
}


def case(name: str) -> Run:
    """Return the run of a case by its name: a task and what it is about."""
    task, about = name.split(maxsplit=1)
    return TASKS[task](about)
