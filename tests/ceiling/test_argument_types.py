"""Arguments of the ceiling's public functions that have another type than they take."""

from __future__ import annotations

import pytest

import placer
from placer.errors import ArgumentError, InstanceError


@pytest.fixture(scope="module")
def placement():
    """Return the placement of the dataset tiny."""
    return placer.solve(placer.load("tiny"))


@pytest.mark.parametrize(
    "call",
    [
        placer.ceiling_curve,
        placer.ceilings_by_region,
        placer.export_ceiling,
        lambda name: placer.cost_of_latency(name, [20.0]),
        lambda name: placer.break_even_accelerator_price(name, "west"),
        lambda name: placer.with_accelerator_prices(name, {"west": 1.0}),
        lambda name: placer.with_load(name, 0.25),
    ],
)
def test_a_name_is_no_instance(call):
    """Tests that the name of a dataset is told with the call that loads it, in one line."""
    with pytest.raises(ArgumentError, match=r"expected an instance, not 'tiny'; placer.load\('tiny'\)") as caught:
        call("tiny")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "call",
    [placer.export_ranges, placer.economic_range, lambda tiny: placer.export_ceiling(tiny, placement=tiny)],
)
def test_an_instance_is_no_placement(call, placement):
    """Tests that what wants a placement says how to come by one."""
    with pytest.raises(ArgumentError, match="expected a placement, not an instance"):
        call(placement.instance)


@pytest.mark.parametrize("exporting", [5, 1.5, True])
def test_a_number_is_no_region(exporting, placement):
    """Tests that exporting regions are names."""
    calls = [placer.export_ceiling, placer.ceiling_curve, placer.ceiling_at_quantiles, placer.agent_sensitivity]
    for call in calls:
        with pytest.raises(ArgumentError, match="expected a name or several names as exporting regions"):
            call(placement.instance, exporting=exporting)


@pytest.mark.parametrize("weight", ["token", ["tokens"], 3, None])
def test_what_is_no_weight_is_told_with_those_there_are(weight, placement):
    """Tests that a weight of another type is the error that an unknown weight is."""
    for call in (placer.export_ceiling, placer.ceiling_curve, placer.ceilings_by_region):
        with pytest.raises(InstanceError, match="tokens, work, energy, value"):
            call(placement.instance, weight=weight)


@pytest.mark.parametrize("by", ["rt", ["rtt"], 5])
def test_what_is_no_kind_of_limit_is_told_with_those_there_are(by, placement):
    """Tests that curves and the cost of latency name the limits there are."""
    for call in (placer.ceiling_curve, lambda tiny, by: placer.cost_of_latency(tiny, [20.0], by)):
        with pytest.raises(InstanceError, match="rtt, slo, shorten"):
            call(placement.instance, by)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda at: placer.cost_of_latency(at.instance, 20.0), "expected several numbers as limits, not 20.0"),
        (lambda at: placer.cost_of_latency(at.instance, ["a"]), r"expected several numbers as limits, not \['a'\]"),
        (lambda at: placer.ceiling_curve(at.instance).at("20"), "expected a number as limit, not '20'"),
        (lambda at: placer.export_ranges(at, progress=2), "expected a function that takes a line of text"),
        (lambda at: placer.export_cost(at, progress=2), "expected a function that takes a line of text"),
        (lambda at: placer.export_cost(at, most_programs="9"), "expected a number as most_programs, not '9'"),
        (lambda at: placer.agent_sensitivity(at.instance, 5), "expected a name or several names as workload, not 5"),
        (
            lambda at: placer.agent_sensitivity(at.instance, "voice", 0.5),
            "expected several numbers as tools_colocated, not 0.5",
        ),
        (
            lambda at: placer.agent_sensitivity(at.instance, "voice", calls={"mean": "x"}),
            r"expected several numbers as calls, not \['x'\]",
        ),
        (
            lambda at: placer.agent_sensitivity(at.instance, "voice", calls={"mean": (1, 2, 3)}),
            r"expected calls, or calls and ms of a task, not \(1, 2, 3\)",
        ),
        (
            lambda at: placer.ceiling_at_quantiles(at.instance, {"p95": None}),
            "expected several numbers as quantile p95, not None",
        ),
        (
            lambda at: placer.break_even_accelerator_price(at.instance, 5),
            "expected a name or several names as regions, not 5",
        ),
        (
            lambda at: placer.break_even_accelerator_price(at.instance, "west", "5"),
            "expected a number as highest, not '5'",
        ),
        (lambda at: placer.with_load(at.instance, "0.25"), "expected a number as load, not '0.25'"),
        (lambda at: placer.with_accelerator_prices(at.instance, "west"), "a mapping of prices of an hour by region"),
        (
            lambda at: placer.with_accelerator_prices(at.instance, {"west": "1"}),
            "expected a number as price of west, not '1'",
        ),
    ],
)
def test_other_types_are_told(call, message, placement):
    """Tests numbers, names and functions of another type, each in one sentence."""
    with pytest.raises(ArgumentError, match=message) as caught:
        call(placement)
    assert "\n" not in str(caught.value)
