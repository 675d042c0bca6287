"""What-ifs of sites, names and demand."""

# ruff: noqa: E501 - files and messages read best whole

from __future__ import annotations

import pytest

import placer
from placer.errors import InstanceError


def violations_of(call):
    with pytest.raises(InstanceError) as caught:
        call()
    return [str(violation) for violation in caught.value.violations]


def test_a_data_centre_is_added_with_its_links_and_supplies(make_instance):
    """Tests that a site is the same as one written into the tables, its defaults included."""
    small = make_instance()
    added = small.with_data_centre(
        "Z",
        {"A": 4, "Y": {"rtt_ms": 2, "capacity_gbps": 7}},
        {"zy": {"limit_mw": 3, "loss": 0.1}},
        region="west",
        pue=1.5,
    )
    assert added.data_centres.iloc[-1][["data_centre", "region", "accelerators", "pue"]].tolist() == [
        "Z", "west", float("inf"), 1.5
    ]  # fmt: skip
    links = added.links.iloc[-2:][["from", "to", "rtt_ms", "capacity_gbps"]].to_numpy().tolist()
    assert links == [["A", "Z", 4.0, float("inf")], ["Y", "Z", 2.0, 7.0]]
    assert added.supplies.iloc[-1][["power_zone", "data_centre", "limit_mw", "loss"]].tolist() == ["zy", "Z", 3.0, 0.1]
    assert added.without("Z") == small


def test_a_cheap_site_is_used(make_instance):
    """Tests the cost by hand: 16 Mtok at 1 MWh each, 10 of them at 50 USD; a site at 20 USD nearby saves 300 USD."""
    small = make_instance(
        workloads=[{"workload": "w", "accelerator_hours_per_mtok": 1, "kwh_per_mtok": 1000, "latency_slo_ms": 25}]
    )
    assert placer.solve(small).cost_usd == pytest.approx(10 * 50 + 6 * 20)
    added = small.with_data_centre("Z", {"A": 4}, "zy")
    assert placer.solve(added).cost_usd == pytest.approx(16 * 20)


def test_what_is_removed_takes_along_what_hangs_on_it(make_instance):
    """Tests that links, supplies and demand of what is removed go too, for every kind of name."""
    small = make_instance(
        workloads=[{"workload": name, "accelerator_hours_per_mtok": 1, "kwh_per_mtok": 1} for name in "wv"]
    )
    assert small.without("A").demand["hub"].tolist() == ["B"]
    assert small.without("A").links["from"].tolist() == ["B", "X"]
    without = small.without("X", "A")
    assert (without.supplies["data_centre"].tolist(), without.links["from"].tolist()) == (["Y"], ["B"])
    assert small.without("zx").supplies["power_zone"].tolist() == ["zy"]
    assert small.without("v").workloads["workload"].tolist() == ["w"]


def test_demand_is_scaled_where_asked(make_instance):
    """Tests that a factor holds for all demand, or for that of the workloads, hubs and hours that are named."""
    small = make_instance(
        demand=[{"workload": "w", "hub": hub, "hour": hour, "mtok": 2} for hub in "AB" for hour in (0, 1)]
    )
    assert small.scaled_demand(0.5).demand["mtok"].tolist() == [1] * 4
    assert small.scaled_demand(3, hub="A").demand["mtok"].tolist() == [6, 6, 2, 2]
    assert small.scaled_demand(3, workload=["w"], hour=1).demand["mtok"].tolist() == [2, 6, 2, 6]
    assert small.demand["mtok"].tolist() == [2] * 4


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (lambda each: each.without("x"), ["without: 'x' is unknown (allowed: perhaps X)"]),
        (lambda each: each.without(5), ["without: 5 is unknown (allowed: the name of a hub, data centre, power zone, exchange or workload; of a link or supply the pair of its ends)"]),
        (lambda each: each.without("X", "Y"), ["data_centres: table empty (allowed: at least one row)"]),
        (lambda each: each.with_data_centre("Z", {"A": 1}, gpus=5), ["data_centres[Z].gpus: unknown (allowed: perhaps accelerators)"]),
        (lambda each: each.with_data_centre("Z", {"A": {"rtt": 1}}), ["links[Z].rtt: unknown (allowed: perhaps rtt_ms)"]),
        (lambda each: each.with_data_centre("X", {"A": 1}), ["data_centres[X]: given twice (allowed: once)"]),
        (lambda each: each.with_data_centre("Z", ["A"]), ["with_data_centre.link_to: ['A'] is not a mapping (allowed: names with their rtt_ms, or with attributes by name)"]),
        (lambda each: each.scaled_demand(-1), ["demand.mtok: factor: -1 is out of range (allowed: number, >= 0, finite)"]),
        (lambda each: each.scaled_demand(1, workload="W"), ["demand.workload: 'W' is in no row (allowed: perhaps w)"]),
    ],
    ids=range(9),
)  # fmt: skip
def test_changes_that_cannot_be(make_instance, change, expected):
    """Tests that a name, attribute or factor that cannot be is one violation that says what would be right."""
    assert violations_of(lambda: change(make_instance())) == expected


def test_a_name_that_stands_for_two_things_is_refused(make_instance):
    """Tests that a workload and a hub of one name are not removed together."""
    small = make_instance(
        workloads=[{"workload": "A", "accelerator_hours_per_mtok": 1, "kwh_per_mtok": 1}],
        demand=[{"workload": "A", "hub": "B", "mtok": 1}],
    )
    assert violations_of(lambda: small.without("A")) == [
        "without: 'A' is in hubs and in workloads (allowed: a name in one table)"
    ]


def test_hourly_values_stay(make_random_instance):
    """Tests that values per hour of other sites are kept."""
    instance = make_random_instance(1)
    changed = instance.with_data_centre("Z", {"E0": 3}, "Z0").without("Z")
    assert changed == instance


def test_limits_lose_the_names_that_are_removed(make_instance):
    """Tests that a name leaves the scopes of limits, and that limits on nothing else go with it."""
    limit = {"kind": "tokens", "sense": "<=", "amount": 5.0}
    rows = [limit | {"limit": "v", "workload": "v"}, limit | {"limit": "v and w", "workload": "v|w"}]
    work = [{"workload": name, "accelerator_hours_per_mtok": 1, "kwh_per_mtok": 1} for name in "wv"]
    left = make_instance(limits=rows, workloads=work).without("v").limits
    assert left[["limit", "workload"]].to_numpy().tolist() == [["v and w", ("w",)]]


@pytest.mark.slow
def test_a_link_is_added_and_removed(make_instance):
    """Tests that a link holds its defaults, that a pair takes all between it away, and that lists of names are taken."""
    small = make_instance()
    linked = small.with_link("A", "B", 1, capacity_gbps=7)
    assert linked.links.iloc[-1][["from", "to", "rtt_ms", "capacity_gbps"]].tolist() == ["A", "B", 1.0, 7.0]
    assert linked.without(("B", "A")) == small
    assert linked.with_link("B", "A", 3).without(("A", "B")) == small
    assert small.without(("zx", "X")).supplies["power_zone"].tolist() == ["zy"]
    assert small.without(["X", "A"]) == small.without("X", "A")


def test_a_directed_link_is_removed_in_its_direction(make_instance):
    directed = make_instance(directed=True).with_link("A", "B", 1).with_link("B", "A", 2)
    assert directed.without(("B", "A")).links["rtt_ms"].iloc[-1] == 1
    assert directed.without(("B", "A")).without(("A", "B")) == make_instance(directed=True)


def test_everything_unknown_is_told_at_once(make_instance):
    assert violations_of(lambda: make_instance().without("x", ["b", ("A", "B")], 5)) == [
        "without: no link or supply between 'A' and 'B' (allowed: a pair with one; several names stand in a list)",
        "without: 'x' is unknown (allowed: perhaps X)",
        "without: 'b' is unknown (allowed: perhaps B)",
        "without: 5 is unknown (allowed: the name of a hub, data centre, power zone, exchange or workload; of a link or supply the pair of its ends)",
    ]
    assert violations_of(lambda: make_instance().with_link("A", "X", -1, gbps=3)) == [
        "links[A|X].gbps: unknown (allowed: perhaps capacity_gbps)"
    ]
