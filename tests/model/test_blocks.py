"""Blocks: cut apart and joined, against the whole program by HiGHS."""

from __future__ import annotations

from dataclasses import fields, replace

import numpy as np
import pytest

from placer.ladder.proven import solve_structure
from placer.model.blocks import (
    BY_PERIOD,
    CAPS_BY_PERIOD,
    at_cap_prices,
    block_count,
    cut,
    joined,
    mixed,
    parted,
    shared_caps,
    some_blocks,
    spans_of,
    taken_of_caps,
)
from placer.model.formulation import formulate, formulate_stored
from placer.model.loads import cost_of, loads
from placer.proof.answer_certificate import certify_answer
from placer.solvers.highs import HiGHS
from placer.utils.alike import is_alike
from tests.batteries_by_hand import powered

BLOCK = np.array([0, 0, 1, 1, 1])


@pytest.fixture(params=[(seed, cyclic) for seed in range(4) for cyclic in (False, True)], ids=str)
def whole(request, make_random_instance):
    """Return the structure of a random instance of five hours in two blocks, its demands in no order."""
    seed, cyclic = request.param
    structure = formulate(make_random_instance(seed, cyclic=cyclic)).structure
    return replace(structure, block=BLOCK, cap_limit=np.full(2, np.inf))


def _answers(structure):
    return [solve_structure(cut(structure, span), HiGHS())[0] for span in spans_of(structure)]


def test_joined_answers_of_blocks_are_optimal_for_the_whole(whole):
    """Tests that the join passes the certificate of the whole, at the cost of the whole program."""
    assert block_count(whole) == 2
    answers = _answers(whole)
    prices = np.zeros(len(whole.cap_limit))
    flows, duals = joined(whole, spans_of(whole), ((each.point, each.prices) for each in answers), prices)
    certificate = certify_answer(whole, replace(answers[0], flows=flows, duals=duals), gap=1e-6)
    assert certificate.proven, certificate.verdict
    expected, _ = solve_structure(whole, HiGHS())
    assert certificate.objective == pytest.approx(cost_of(whole, expected.point), rel=1e-9)


def test_stores_are_cut_and_joined():
    """Tests that cutting a placement with batteries apart and joining its parts gives it back, stores and all."""
    days = [{"hour": hour, "block": f"day {hour // 2}"} for hour in range(4)]
    formulation = formulate_stored(powered((20.0, 100.0, 30.0, 60.0), {}, at="Z", periods=days))
    structure, spans = formulation.structure, spans_of(formulation.structure)
    answer, certificate = solve_structure(structure, HiGHS())
    assert certificate.objective == pytest.approx(2100 - 4 * 80 - 4 * 30)
    parts = list(parted(structure, spans, answer.point, answer.prices))
    flows, duals = joined(structure, spans, parts, answer.prices.cap)
    for name in ("charged", "discharged", "content"):
        assert getattr(flows, name).tolist() == getattr(answer.point, name).tolist()
    for name in ("stored", "power", "source"):
        assert getattr(duals, name).tolist() == getattr(answer.prices, name).tolist()
    for span, (own, _) in zip(spans, parts, strict=True):
        block = cut(structure, span)
        assert cost_of(block, own) == pytest.approx(solve_structure(block, HiGHS())[1].objective)
    assert is_alike(some_blocks(structure, spans, structure.cap_limit).stores, structure.stores)


def test_cap_prices_charge_stores_of_sources():
    """Tests that a MWh that a battery of a zone charges pays for the carbon of the zone."""
    zone = {"power_zone": "Z", "usd_per_mwh": 20.0, "carbon_kg_per_mwh": 500.0}
    structure = formulate_stored(powered(battery={}, at="Z", power_zones=[zone], carbon_limit_kg=1e6)).structure
    prices = np.where(np.isfinite(structure.cap_limit), 0.1, 0.0)
    assert at_cap_prices(structure, prices).stores.source_cost.tolist() == [[70.0, 70.0]]


def test_spans_share_out_demands_and_periods(whole):
    """Tests that every demand lies in the span of its period, once."""
    spans = spans_of(whole)
    assert [span.periods for span in spans] == [slice(0, 2), slice(2, 5)]
    assert sorted(np.concatenate([span.demands for span in spans]).tolist()) == list(range(len(whole.demand_amount)))
    for number, span in enumerate(spans):
        assert (BLOCK[whole.demand_period[span.demands]] == number).all()
        assert cut(whole, span).total_demand == pytest.approx(whole.demand_amount[span.demands].sum())


def test_some_blocks_are_a_structure_of_several(whole):
    """Tests that all blocks are the whole, and that one is the block cut apart, with the limits that are given."""
    spans, limit = spans_of(whole), np.array([3.0, 4.0])
    every, one = some_blocks(whole, spans, limit), some_blocks(whole, spans[1:], limit)
    assert every.cap_limit.tolist() == one.cap_limit.tolist() == limit.tolist()
    for found, expected in ((every, whole), (one, cut(whole, spans[1]))):
        for name in ("demand_class", "demand_origin", "demand_period", "demand_amount", *BY_PERIOD):
            assert getattr(found, name).tolist() == getattr(expected, name).tolist()
        for name in CAPS_BY_PERIOD:
            assert np.array_equal(getattr(found, name).array, getattr(expected, name).array)
    assert every.block.tolist() == BLOCK.tolist()
    assert one.block.tolist() == BLOCK[2:].tolist()


def test_prices_of_caps_are_charged_in_proportion_to_what_is_taken(whole):
    """Tests ``cost at prices = cost + prices . taken`` for the flows of the whole."""
    answer, _ = solve_structure(whole, HiGHS())
    prices = np.array([0.7, 0.2])
    taken = taken_of_caps(whole, answer.point)
    assert taken == pytest.approx(loads(whole, answer.point).capped, rel=1e-12)
    charged = cost_of(at_cap_prices(whole, prices), answer.point)
    assert charged == pytest.approx(cost_of(whole, answer.point) + float(prices @ taken), rel=1e-12)
    assert at_cap_prices(whole, np.zeros(2)) is whole


def test_caps_without_a_limit_count_assignments(whole):
    """Tests that the use of a cap without a limit, which blocks share, holds what it counts of assignments."""
    ones = {"cap_send": (2, whole.classes), "cap_route": whole.cap_route.shape, "cap_arrival": whole.cap_arrival.shape}
    counting = replace(whole, **{name: np.ones(shape) for name, shape in ones.items()})
    flows = solve_structure(whole, HiGHS())[0].point
    more = taken_of_caps(counting, flows) - taken_of_caps(whole, flows)
    assert more == pytest.approx([flows.amount.sum()] * 2, rel=1e-12)


def test_a_mix_of_placements_is_a_placement(whole):
    """Tests that costs and loads of a convex combination are those of its parts, in order and each arc once."""
    one = solve_structure(whole, HiGHS())[0].point
    other = solve_structure(at_cap_prices(whole, np.array([50.0, 0.0])), HiGHS())[0].point
    mix = mixed([(0.25, one), (0.75, other)])
    assert cost_of(whole, mix) == pytest.approx(0.25 * cost_of(whole, one) + 0.75 * cost_of(whole, other), rel=1e-12)
    assert loads(whole, mix).met == pytest.approx(whole.demand_amount, rel=1e-9)
    place = mix.demand * len(whole.arc_cost) + mix.arc
    assert (np.diff(place) > 0).all()
    assert mixed([(1.0, one)]) is one


def test_blocks_without_demand_are_blocks(make_random_instance):
    """Tests a block in which nothing arrives, and that a structure of one block has one span."""
    structure = formulate(make_random_instance(1)).structure
    assert block_count(structure) == len(spans_of(structure)) == 1
    amount = np.where(structure.demand_period < 3, structure.demand_amount, 0.0)
    parted = replace(structure, demand_amount=amount, block=np.array([3, 3, 3, 7, 7]))
    assert block_count(parted) == 2
    assert cut(parted, spans_of(parted)[1]).total_demand == 0
    assert shared_caps(replace(parted, cap_limit=np.array([np.inf, 5.0]))).tolist() == [1]


def test_every_array_by_period_is_cut(make_random_instance):
    """Tests that what has the periods along its last axis is known as such, or a block would keep those of others."""
    structure = formulate(make_random_instance(1)).structure
    arrays = {item.name: getattr(structure, item.name) for item in fields(structure)}
    last = {
        name for name, array in arrays.items() if getattr(array, "shape", ()) and array.shape[-1] == structure.periods
    }
    others = {"block", "demand_class", "demand_origin", "demand_period", "demand_amount"}
    assert {name for name in last if len(arrays[name].shape) > 1} - others <= {*BY_PERIOD, *CAPS_BY_PERIOD}
    assert set(BY_PERIOD) <= last


def _with_zone_limits(make_random_instance, seed):
    """Return the structure of a random instance in two blocks whose power zones have limits in every hour."""
    instance = make_random_instance(seed)
    periods = [{"hour": hour, "block": str(BLOCK[hour])} for hour in range(5)]
    limited = instance.power_zones.assign(limit_mw=[6.0, 4.0])
    return formulate(instance.replace(power_zones=limited, periods=periods)).structure


@pytest.mark.parametrize("seed", range(4))
def test_caps_that_count_in_one_block_hold_within_it(make_random_instance, seed):
    """Tests that limits by the hour do not tie blocks together, and that the join with their duals is optimal."""
    structure = _with_zone_limits(make_random_instance, seed)
    assert shared_caps(structure).tolist() == [0, 1]
    spans = spans_of(structure)
    assert [span.common.tolist() for span in spans] == [[0, 1]] * 2
    assert [span.caps.tolist() for span in spans] == [[2, 3, 7, 8], [4, 5, 6, 9, 10, 11]]
    block = cut(structure, spans[1])
    assert block.cap_limit.tolist() == [np.inf, np.inf, 6, 6, 6, 4, 4, 4]
    assert block.cap_tier.shape == (8, structure.tier_cost.shape[0], 3)
    separate = replace(structure, cap_limit=np.append([np.inf, np.inf], structure.cap_limit[2:]))
    answers = _answers(separate)
    parts = ((each.point, each.prices) for each in answers)
    flows, duals = joined(separate, spans_of(separate), parts, np.zeros(len(separate.cap_limit)))
    certificate = certify_answer(separate, replace(answers[0], flows=flows, duals=duals), gap=1e-6)
    assert certificate.proven, certificate.verdict
    whole, _ = solve_structure(separate, HiGHS())
    assert certificate.objective == pytest.approx(cost_of(separate, whole.point), rel=1e-9)


def test_a_cap_that_counts_nothing_holds_in_the_first_block(make_random_instance):
    """Tests that a limit that no flow counts towards is kept, since one below 0 is one that nothing can meet."""
    structure = _with_zone_limits(make_random_instance, 1)
    nothing = replace(structure, cap_tier=structure.cap_tier.array * (np.arange(12) != 11)[:, None, None])
    assert [11 in span.caps for span in spans_of(nothing)] == [True, False]


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("cyclic", [False, True])
def test_parts_join_to_the_whole(make_random_instance, seed, cyclic):
    """Tests every number of flows and duals, and that each part serves the demand of its block."""
    structure = formulate(make_random_instance(seed, cyclic=cyclic)).structure
    structure = replace(structure, block=np.array([0, 0, 1, 1, 1]), cap_limit=np.full(2, np.inf))
    answer, _ = solve_structure(structure, HiGHS())
    spans = spans_of(structure)
    parts = list(parted(structure, spans, answer.point, answer.prices))
    flows, duals = joined(structure, spans, parts, answer.prices.cap)
    for back, given in ((flows, answer.point), (duals, answer.prices)):
        for each in fields(given):
            np.testing.assert_array_equal(getattr(back, each.name), getattr(given, each.name), each.name)
    for span, (own, _) in zip(spans, parts, strict=True):
        block = cut(structure, span)
        assert loads(block, own).met == pytest.approx(block.demand_amount)
