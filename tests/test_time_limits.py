"""Every verb ends within a few looks at the clock after its time limit, by a clock in which time passes at each look.

What it says then bounds the program that was asked for, and no other that it solves on the way.

So does it at once where SIGTERM comes at such a look, as the command line hears it: no verb takes that for an answer.

So no test here depends on the speed of the machine. ``python -m benchmarks.limits`` measures the seconds.
"""

from __future__ import annotations

import importlib
import math
import time
from dataclasses import replace
from types import SimpleNamespace

import pytest

import placer
from placer.column_generation.solver import WIDEST_GAP, ColumnGeneration
from placer.errors import NoSolutionError
from placer.ladder.proven import BY_SIZE
from placer.proof.answer_certificate import certify_answer
from placer.running import running
from placer.termination import Reason, Termination

#: The most looks between the end of the time and the end of the work: loops within loops end one after the other.
LATE = 10
HALL = {"candidate": "hall", "adds": "accelerators", "target": "Plateau", "usd_per_unit_year": 3_000.0}
METRO = {"candidate": "metro", "adds": "accelerators", "target": "Metro", "usd_per_unit_year": 6_000.0}
HALLS = [HALL | {"max_units": 300.0}, METRO | {"max_units": 200.0}]
MODULES = [HALL | {"module_units": 9.0, "max_units": 90.0}]
BUDGET = {"budget_usd_year": 1.5e6}
SITES, LINKS = placer.Security("data_centres"), placer.Security("links")


def _of_both(instance):
    return placer.States.of(placer.DemandSets(instance, count=2)).with_security("power_zones")


#: Verbs that an instance is enough for, each with the number of its items: it looks at least once at each.
OF_INSTANCE = {
    "solve": (placer.solve, 1),
    "Session.solve": (lambda tiny: placer.Session().solve(tiny), 1),
    "Model.solve": (lambda tiny: placer.Model(tiny).solve(), 1),
    "States.of": (lambda tiny: placer.States.of(placer.DemandSets(tiny, count=40)), 40),
    "with_security": (lambda tiny: placer.States({"all year": tiny}).with_security("links"), 8),
    "states of both": (_of_both, 6),
    "trade_obstacles": (lambda tiny: placer.trade_obstacles(lambda _: tiny, [], "west"), 2),
    "roll": (lambda tiny: placer.roll(tiny, hours=1, look_ahead=1), 2),
    "solve securely": (lambda tiny: placer.solve(tiny, security=SITES), 3),
    "solve securely, links": (lambda tiny: placer.solve(tiny, security=LINKS), 8),
    "export_ceiling": (placer.export_ceiling, 1),
    "ceiling_curve": (placer.ceiling_curve, 1),
    "secure ceiling": (lambda tiny: placer.export_ceiling(tiny, security=SITES), 3),
    "secure ceiling, links": (lambda tiny: placer.export_ceiling(tiny, security=LINKS), 8),
    "survivable ceiling": (lambda tiny: placer.export_ceiling(tiny, security=placer.Security("links", "all")), 8),
    "secure curve": (lambda tiny: placer.export_ceiling(tiny, security=SITES).curve, 3),
    "agent_sensitivity": (lambda tiny: placer.agent_sensitivity(tiny, "chat", (0, 1), {"mean": 2.0}), 4),
    "ceiling_at_quantiles": (lambda tiny: placer.ceiling_at_quantiles(tiny, {"p50": 1, "p99": 2.5}), 2),
    "ceilings_by_region": (placer.ceilings_by_region, 2),
    "cost_of_latency": (lambda tiny: placer.cost_of_latency(tiny, [27, 50]), 2),
    "carry_back": (lambda tiny: placer.carry_back(tiny.merge_hubs(2)), 2),
    "break_even_accelerator_price": (lambda tiny: placer.break_even_accelerator_price(tiny, "west"), 8),
}
#: Verbs that start from a placement.
OF_PLACEMENT = {
    "audit": (lambda placement: placer.audit(placement, LINKS), 8),
    "explain": (lambda placement: placer.explain(_short(placement.instance)), 3),
    "economic_range": (placer.economic_range, 1),
    "export_ranges": (placer.export_ranges, 3),
    "export_cost": (placer.export_cost, 3),
    "alternatives": (placer.alternatives, 10),
    "price_ranges": (lambda placement: placer.price_ranges(placement, [0, 1]), 4),
    "flexibility": (lambda placement: placer.flexibility(placement, "Plateau wind", 0), 2),
    "gains": (lambda placement: placer.accounts(placement).gains, 3),
    "gains by trade": (lambda placement: placer.trade(placement).gains, 2),
    "compare": (placer.compare, 6),
    "sensitivity": (lambda placement: _study(placement.instance), 3),
}
#: Verbs that start from a plan of six demand sets.
OF_PLAN = {
    "plan": (lambda _, sets: placer.plan(sets.instance, HALLS, placer.States.of(sets), BUDGET), 12),
    "alternatives to a plan": (lambda plan, _: placer.alternatives(plan), 2),
    "plan in modules": (
        lambda _, sets: placer.plan(sets.instance, [HALL | {"module_units": 9.0, "max_units": 90.0}]),
        3,
    ),
    "plan of outages": (lambda _, sets: _of_outages(sets.instance), 16),
    "plan_years": (lambda _, sets: placer.plan_years(_years(sets.instance), HALLS), 4),
    "curve": (lambda plan, _: plan.curve("budget_usd_year", 1.39e6, 1.4e6), 6),
    "break_even": (lambda plan, _: plan.break_even("metro"), 3),
    "ceilings": (lambda plan, _: plan.ceilings(), 6),
    "value_of_stochastic_solution": (lambda plan, _: plan.value_of_stochastic_solution(), 6),
    "value_of_perfect_information": (lambda plan, _: plan.value_of_perfect_information(), 6),
    "out_of_sample": (lambda plan, sets: plan.out_of_sample(sets), 6),
    "ranges": (lambda plan, _: plan.ranges(most_solves=12), 4),
    "stranded": (lambda plan, _: plan.stranded, 6),
    "plan accounts": (lambda plan, _: plan.accounts(), 6),
}


def _study(instance):
    return placer.sensitivity(instance, placer.read_assumptions("tiny")[0], figures=["cost_usd_per_mtok"])


def _short(instance):
    return placer.solve(_short_instance(instance))


def _short_instance(instance):
    return instance.replace(data_centres=instance.data_centres.assign(accelerators=[20, 100, 100]))


def _of_outages(instance):
    return placer.plan(instance, HALLS, security=placer.Security("links", most_stranded=0.9))


def _years(instance):
    return placer.Years({2026: instance, 2030: instance.scaled_demand(2)}, until=2034, discount_rate=0.07)


@pytest.fixture
def clock(monkeypatch):
    """Let a second pass at each look at the clock, and a signal end the program at one; return the clock."""
    counting = SimpleNamespace(looks=0, end_at=math.inf)

    def monotonic():
        counting.looks += 1
        if counting.looks == counting.end_at:
            raise SystemExit(143)
        return float(counting.looks)

    fake = SimpleNamespace(monotonic=monotonic, perf_counter=time.perf_counter, time=time.time)
    monkeypatch.setattr(importlib.import_module("placer.running"), "time", fake)
    return counting


@pytest.fixture(scope="module")
def placement():
    """Return the placement of the smallest dataset."""
    return placer.solve(placer.load("tiny"))


@pytest.fixture(scope="module")
def sets():
    """Return six demand sets of the smallest dataset, with accelerators that are paid for."""
    return placer.DemandSets(placer.load("tiny", ["dispatch"]), placer.Uncertainty(growth=3), 6, 0)


@pytest.fixture(scope="module")
def plan(sets):
    """Return the plan for them."""
    return placer.plan(sets.instance, HALLS, placer.States.of(sets), BUDGET)


def _need_end(clock, call, items):
    """Count the looks at the clock without a limit, and then let the time end after a part of them."""
    with running(time_limit_seconds=1e9):
        call()
    whole = clock.looks
    assert whole > items
    for share in (0.0, 0.3, 0.8):
        began, limit = clock.looks, max(share * whole, 1e-3)
        with running(time_limit_seconds=limit):
            assert _reason(call) is Reason.TIME_LIMIT
        assert clock.looks - began <= math.ceil(limit) + LATE
        clock.end_at = clock.looks + math.ceil(limit)
        with pytest.raises(SystemExit):
            call()


def _reason(call):
    """Return why a verb has no answer; an answer that is there says itself what time was left out of it."""
    try:
        call()
    except NoSolutionError as error:
        return error.reason
    return Reason.TIME_LIMIT


@pytest.mark.slow
@pytest.mark.parametrize("name", OF_INSTANCE)
def test_verbs_of_an_instance_end_in_time(placement, clock, name):
    """Tests each of them."""
    call, items = OF_INSTANCE[name]
    _need_end(clock, lambda: call(placement.instance), items)


@pytest.mark.slow
@pytest.mark.parametrize("name", OF_PLACEMENT)
def test_verbs_of_a_placement_end_in_time(placement, clock, name):
    """Tests each of them, for a placement without tables."""
    call, items = OF_PLACEMENT[name]
    _need_end(clock, lambda: call(replace(placement)), items)


@pytest.mark.slow
@pytest.mark.parametrize("name", OF_PLAN)
def test_verbs_of_a_plan_end_in_time(plan, sets, clock, name):
    """Tests each of them, for a plan without tables."""
    call, items = OF_PLAN[name]
    _need_end(clock, lambda: call(replace(plan), sets), items)


@pytest.fixture
def end_in(monkeypatch):
    """Solve everything by columns; return a function by which the time ends in a program of a call, by its number."""
    for name in ("large_from", "never_whole_from"):
        monkeypatch.setitem(vars(BY_SIZE), name, 0)
    answer = ColumnGeneration.answer

    def ending(call, number):
        numbers = iter(range(1_000_000))

        def late(self, structure, start=None):
            found = answer(self, structure, start)
            if next(numbers) != number or found.flows is None:
                return found
            bound = certify_answer(structure, found, gap=WIDEST_GAP).bound
            return replace(found, termination=Termination(Reason.TIME_LIMIT, "scripted"), bound=bound)

        monkeypatch.setattr(ColumnGeneration, "answer", late)
        try:
            call()
        except NoSolutionError as error:
            return error, next(numbers)
        return None, next(numbers)

    return ending


def _need_own_bounds(end_in, call, instance):
    """Let the time end in the first programs, and in the last one, and compare each bound with the least cost."""
    least = placer.solve(instance).certificate.objective
    _, count = end_in(call, -1)
    for number in {*range(min(count, 6)), max(count - 1, 0)}:
        error, _ = end_in(call, number)
        if error is None or math.isinf(error.bound_usd):
            assert error is None or error.placement is None
            assert "costs less" not in str(error)
        else:
            assert error.bound_usd == pytest.approx(least, rel=1e-6)
            assert error.placement is None or error.placement.certificate.objective == pytest.approx(least, rel=1e-6)


@pytest.mark.slow
@pytest.mark.parametrize("name", OF_INSTANCE)
def test_verbs_of_an_instance_bound_what_was_asked_for(placement, end_in, name):
    """Tests each of them."""
    call, _ = OF_INSTANCE[name]
    _need_own_bounds(end_in, lambda: call(placement.instance), placement.instance)


@pytest.mark.slow
@pytest.mark.parametrize("name", OF_PLACEMENT)
def test_verbs_of_a_placement_bound_what_was_asked_for(placement, end_in, name):
    """Tests each of them, for a placement without tables; one places an instance of its own first."""
    call, _ = OF_PLACEMENT[name]
    asked = _short_instance(placement.instance) if name == "explain" else placement.instance
    _need_own_bounds(end_in, lambda: call(replace(placement)), asked)


@pytest.mark.slow
@pytest.mark.parametrize("name", OF_PLAN)
def test_verbs_of_a_plan_bound_nothing_by_a_state(plan, sets, end_in, name):
    """Tests each of them, for a plan without tables: the cost of a state is not that of the plan."""
    call, _ = OF_PLAN[name]
    _, count = end_in(lambda: call(replace(plan), sets), -1)
    for number in range(min(count, 4)):
        error, _ = end_in(lambda: call(replace(plan), sets), number)
        assert error is None or (error.bound_usd, error.placement) == (-math.inf, None)
