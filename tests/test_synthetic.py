"""Demand sets and networks made from seeds."""

from __future__ import annotations

import json
import math
import pickle
from dataclasses import fields, replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import placer
from placer import DemandSets, InstanceError, Uncertainty
from placer.synthetic import CERTAIN, demand, network, networks

DATASETS = Path(__file__).parents[1] / "datasets"

#: Draws of a mean, and how many standard errors it may be off.
DRAWS, ERRORS = 2000, 5

#: Three numbers of set 3 of seed 11, and its round trips.
PINNED = [0.602386527114, 0.973485580875, 8.30563370414]
PINNED_TRIPS = [0.0, 1.41758867984]
#: Of the small network: cost per Mtok, and numbers of its tables.
PINNED_COST = 0.10666049166956373
PINNED_DEMAND = [33919.6313177, 7275.13831399]
PINNED_RTT = [4.37280234853, 3.75528]
PINNED_ACCELERATORS = [23624.5636498, 20425.8298894]

HUBS = [{"hub": "A", "region": "e"}, {"hub": "B", "region": "e"}, {"hub": "C", "region": "w"}, {"hub": "D"}]
LINKS = [{"from": each["hub"], "to": "X", "rtt_ms": 10} for each in HUBS] + [{"from": "X", "to": "Y", "rtt_ms": 5}]
WORKLOADS = [
    {"workload": "chat", "accelerator_hours_per_mtok": 1, "kwh_per_mtok": 0},
    {"workload": "agent", "accelerator_hours_per_mtok": 1, "kwh_per_mtok": 0, "tool_round_trips": 3},
]
#: Four steps of six hours: what each workload asks for at every hub, the second hub twice as much and so on.
PROFILES = {"chat": (1.0, 2.0, 4.0, 1.0), "agent": (3.0, 3.0, 3.0, 3.0)}
DEMAND = [
    {"workload": workload, "hub": hub, "hour": hour, "mtok": mtok * size}
    for size, hub in enumerate("ABCD", start=1)
    for workload, profile in PROFILES.items()
    for hour, mtok in enumerate(profile)
]


@pytest.fixture
def instance(make_instance):
    """Return four hubs, two of one region, one of another and one of none, and an agent workload beside chat."""
    return make_instance(hubs=HUBS, links=LINKS, workloads=WORKLOADS, demand=DEMAND, hour_length=6.0)


@pytest.fixture
def factors(instance):
    """Return a function from shocks to the demand of many sets over the given: (sets, workloads, hubs, hours)."""
    base = demand.grid(instance)

    def of(**changes):
        shocks = replace(CERTAIN, **changes)
        return np.array([demand.draw(base, shocks, 5, number)[0] for number in range(DRAWS)]) / base.mtok

    return of


def near(values, expected):
    """Whether the mean over sets is what it should be, as far as so many draws show."""
    error = values.std(axis=0, ddof=1) / math.sqrt(len(values))
    return (np.abs(values.mean(axis=0) - expected) <= ERRORS * error).all()


def spread(values, sigma):
    """Whether the deviation of logarithms over sets is what it should be, as far as so many draws show."""
    return (np.abs(np.log(values).std(axis=0) / sigma - 1) <= ERRORS / math.sqrt(2 * len(values))).all()


# Sets ----------------------------------------------------------------------------------------------------------------


def test_no_uncertainty_gives_the_demand_to_the_last_bit(make_instance):
    third = [{"workload": "w", "hub": "A", "mtok": 1 / 3}]
    instance = make_instance(demand=third)
    sets = DemandSets(instance, CERTAIN, count=2)
    assert sets.demand(1)["mtok"].tolist() == [1 / 3]
    assert sets[0] == instance


def test_same_seed_gives_the_same_numbers_everywhere(instance):
    sets = DemandSets(instance, seed=11)
    assert sets.demand(3)["mtok"].to_numpy()[[0, 5, 31]].tolist() == PINNED
    assert sets[3].workloads["tool_round_trips"].tolist() == PINNED_TRIPS


def test_numbers_have_twelve_digits(instance):
    values = DemandSets(instance).demand(0)["mtok"]
    assert all(float(f"{value:.11e}") == value for value in values)
    rng = np.random.default_rng(0)
    drawn = np.append(10 ** rng.uniform(-8.9, 14.9, 2000), [0, 1e-9, 1, 10, 999999999999.6, 0.1, 123456789012.5])
    assert demand.rounded(drawn).tolist() == [float(f"{value:.11e}") for value in drawn]


def test_sets_do_not_depend_on_order_or_count_or_copies(instance):
    sets = DemandSets(instance, count=4, seed=2)
    forth = [each.demand for each in sets]
    back = [sets.demand(number) for number in (3, 2, 1, 0)]
    few = DemandSets(instance, count=2, seed=2)
    copy = pickle.loads(pickle.dumps(sets))  # noqa: S301 - our own bytes
    assert all(a.equals(b) for a, b in zip(forth, reversed(back), strict=True))
    assert few[1].demand.equals(forth[1])
    assert copy == sets
    assert copy[2].demand.equals(forth[2])
    assert len({float(each["mtok"].sum()) for each in forth}) == 4


def test_a_copy_leaves_behind_what_it_can_derive(instance):
    sets = DemandSets(instance)
    sets.demand(0)
    copy = pickle.loads(pickle.dumps(sets))  # noqa: S301 - our own bytes
    assert set(vars(copy)) == {"instance", "uncertainty", "count", "seed"}


def test_sets_are_a_sequence(instance):
    sets = DemandSets(instance, count=3)
    assert len(sets) == len(list(sets)) == len(list(reversed(sets))) == 3
    assert sets[-1] == sets[np.int64(2)]
    for place in (3, -4):
        with pytest.raises(IndexError, match="of 3"):
            sets[place]
        with pytest.raises(IndexError, match="of 3"):
            sets.demand(place)


def test_rows_and_other_columns_stay_as_they_are(make_instance):
    """Rows that are not there stay away, hours may begin anywhere, and a shift loses nothing."""
    rows = [
        {"workload": "w", "hub": "B", "hour": 8, "mtok": 4.0, "note": "b"},
        {"workload": "w", "hub": "A", "hour": 7, "mtok": 2.0, "note": "a"},
        {"workload": "w", "hub": "A", "hour": 9, "mtok": 1.0, "note": "c"},
    ]
    instance = make_instance(demand=rows)
    drawn = DemandSets(instance, replace(CERTAIN, shift_hours_sigma=1.0)).demand(0)
    kept = ["workload", "hub", "hour", "note"]
    assert drawn[kept].equals(instance.demand[kept])
    assert drawn["mtok"].iloc[0] == 4
    assert drawn["mtok"].iloc[1:].sum() == pytest.approx(3)
    assert drawn["mtok"].iloc[1] != 2


def test_switching_a_shock_off_leaves_the_others(instance):
    """What is left is one factor per hub: bursts are shares of what a hub asks for."""
    some = Uncertainty(burst_rate=3.0)
    ratios = [
        DemandSets(instance, some, seed=4).demand(0)["mtok"] / DemandSets(instance, other, seed=4).demand(0)["mtok"]
        for other in (replace(some, hub_sigma=0.0), replace(some, steps_sigma=0.0, burst_rate=0.0))
    ]
    assert np.ptp(ratios[0].to_numpy().reshape(4, 8), axis=1) == pytest.approx(0, abs=1e-10)
    chat = ratios[1].to_numpy().reshape(4, 2, 4)[:, 0]
    assert chat.min() == pytest.approx(1, abs=1e-10)


@pytest.mark.parametrize("scale", [1e-9, 1e-6, 2e13])
def test_the_wildest_draws_are_still_instances(make_instance, scale):
    wild = {item.name: 3.0 for item in fields(Uncertainty) if item.name.endswith("_sigma")}
    wild |= {"shift_hours_sigma": 24.0, "mix_concentration": 1e-3, "burst_rate": 100.0, "burst_share": 1.0}
    rows = [{**row, "mtok": row["mtok"] * scale} for row in DEMAND]
    instance = make_instance(hubs=HUBS, links=LINKS, workloads=WORKLOADS, demand=rows, hour_length=6.0)
    for growth in (1e-6, 1.0, 1e6):
        sets = DemandSets(instance, Uncertainty(**wild | {"growth": growth}), count=8)
        assert all(each.demand["mtok"].sum() > 0 for each in sets)


# Shocks --------------------------------------------------------------------------------------------------------------


def test_growth_is_a_factor(factors):
    assert factors(growth=2.5) == pytest.approx(2.5)


def test_common_shock_is_one_factor_of_mean_one(factors):
    found = factors(common_sigma=0.4).reshape(DRAWS, -1)
    assert np.ptp(found, axis=1) == pytest.approx(0, abs=1e-9)
    assert near(found[:, 0], 1)
    assert spread(found[:, 0], 0.4)


def test_regional_shock_is_shared_within_a_region_alone(factors):
    found = factors(regional_sigma=0.4)[:, 0, :, 0]
    assert near(found, 1)
    assert spread(found, 0.4)
    related = np.corrcoef(np.log(found).T)
    assert related[0, 1] == pytest.approx(1)
    assert np.abs(related[[0, 0, 2], [2, 3, 3]]).max() < ERRORS / math.sqrt(DRAWS)


def test_hub_shock_is_each_hub_s_own(factors):
    found = factors(hub_sigma=0.4)
    assert np.ptp(found, axis=(1, 3)) == pytest.approx(0, abs=1e-9)
    assert near(found[:, 0, :, 0], 1)
    assert spread(found[:, 0, :, 0], 0.4)
    related = np.corrcoef(np.log(found[:, 0, :, 0]).T)
    assert np.abs(related[np.triu_indices(4, 1)]).max() < ERRORS / math.sqrt(DRAWS)


def test_mix_moves_shares_and_keeps_the_total(factors):
    """Chat is 8 of 20 tokens: with concentration 9 its share has mean 0.4 and variance 0.4 * 0.6 / 10."""
    found = factors(mix_concentration=9.0)
    assert np.ptp(found, axis=(2, 3)) == pytest.approx(0, abs=1e-9)
    share = found[:, :, 0, 0] * [0.4, 0.6]
    assert share.sum(axis=1) == pytest.approx(1)
    assert near(share, [0.4, 0.6])
    assert near((share[:, 0] - 0.4) ** 2, 0.024)


def test_shift_keeps_totals_and_is_shared_within_a_region(factors, instance):
    base = demand.grid(instance).mtok
    found = factors(shift_hours_sigma=6.0) * base
    assert found.sum(axis=3) == pytest.approx(np.broadcast_to(base.sum(axis=2), found.shape[:3]))
    assert found[:, 0, 1] == pytest.approx(2 * found[:, 0, 0])
    assert not np.allclose(found[:, 0, 2], 3 * found[:, 0, 0])
    assert found[:, 1] == pytest.approx(np.broadcast_to(base[1], found[:, 1].shape))


def test_shift_by_hand():
    """One step and a half later: each hour gets half of what stood one step before and half of two before."""
    day = np.array([[[1.0, 2.0, 4.0, 1.0]]])
    anywhere = np.full(day.shape, fill_value=True)
    assert demand._shifted(day, anywhere, np.array([1.0])).ravel().tolist() == [1, 1, 2, 4]
    assert demand._shifted(day, anywhere, np.array([1.5])).ravel().tolist() == [2.5, 1, 1.5, 3]
    assert demand._shifted(day, anywhere, np.array([-1.0])).ravel().tolist() == [2, 4, 1, 1]


def test_shift_counts_hours_and_not_steps(make_instance):
    rows = [{"workload": "w", "hub": "A", "hour": hour, "mtok": mtok} for hour, mtok in enumerate((1.0, 2.0, 5.0, 3.0))]
    shift = replace(CERTAIN, shift_hours_sigma=1.0)
    hours = DemandSets(make_instance(demand=rows), replace(shift, shift_hours_sigma=0.5)).demand(0)
    halves = DemandSets(make_instance(demand=rows, hour_length=2.0), shift).demand(0)
    assert hours.equals(halves)


def test_sharpness_by_hand():
    day = np.array([[[0.0, 2.0, 4.0, 2.0], [3.0, 3.0, 3.0, 3.0], [0.0, 0.0, 0.0, 0.0]]])
    found = demand._sharpened(day, 2.0)[0]
    assert found[0] == pytest.approx([0, 8 / 6, 32 / 6, 8 / 6])
    assert found[1] == pytest.approx([3, 3, 3, 3])
    assert found[2].tolist() == [0, 0, 0, 0]


def test_sharpness_draws_one_exponent_a_set(factors, instance):
    """Chat's second hour is twice its first, so the ratio's binary logarithm is the exponent."""
    base = demand.grid(instance).mtok
    found = factors(sharpness_sigma=0.3) * base
    assert found.sum(axis=3) == pytest.approx(np.broadcast_to(base.sum(axis=2), found.shape[:3]))
    exponent = np.log2(found[:, 0, :, 1] / found[:, 0, :, 0])
    assert np.ptp(exponent, axis=1) == pytest.approx(0, abs=1e-9)
    assert near(np.log(exponent[:, 0]), 0)
    assert spread(exponent[:, 0], 0.3)


def test_steps_move_tokens_and_round_trips_of_agents_alike(factors, instance):
    found = factors(steps_sigma=0.7)[:, :, 0, 0]
    chat, agent = found.T
    assert chat.tolist() == [1.0] * DRAWS
    assert near(agent, 1)
    assert spread(agent, 0.7)
    below, above = 1 - np.quantile(agent, 0.01), np.quantile(agent, 0.99) - 1
    assert above > 3 * below
    sets = DemandSets(instance, replace(CERTAIN, steps_sigma=0.7))
    changed = sets[0]
    factor = changed.demand["mtok"].iloc[4] / 3
    assert factor != 1
    assert changed.workloads["tool_round_trips"].tolist() == pytest.approx([0, 3 * factor])
    assert changed.workloads.drop(columns="tool_round_trips").equals(
        instance.workloads.drop(columns="tool_round_trips")
    )


def test_bursts_add_their_share_of_a_day(factors, instance):
    """The horizon is a day: half a burst a hub, each a tenth of the day."""
    base = demand.grid(instance).mtok
    found = factors(burst_rate=0.5, burst_share=0.1)
    assert found.min() == pytest.approx(1)
    assert found[:, 0] == pytest.approx(found[:, 1])
    added = ((found - 1) * base).sum(axis=(1, 3)) / base.sum(axis=(0, 2))
    assert near(added, 0.05)
    assert near((added < 1e-9).astype(float), math.exp(-0.5))


def test_a_burst_falls_on_one_step_and_half_of_it_on_the_next(factors, instance):
    base = demand.grid(instance).mtok
    added = ((factors(burst_rate=0.02, burst_share=0.1) - 1) * base).sum(axis=1)
    alone = [day for day in added.reshape(-1, 4) if 0 < (day > 1e-9).sum() <= 2]
    assert len(alone) > 50
    for day in alone:
        first = int(day.argmax())
        assert day[(first + 1) % 4] == pytest.approx(day[first] / 2, rel=1e-6)


# Numbers -------------------------------------------------------------------------------------------------------------


def test_uncertainty_lists_every_violation():
    wrong = dict.fromkeys((item.name for item in fields(Uncertainty)), -1)
    with pytest.raises(InstanceError) as caught:
        Uncertainty(**wrong)
    assert [each.column for each in caught.value.violations] == list(wrong)
    for value in (math.nan, "1", None, True):
        with pytest.raises(InstanceError, match=r"uncertainty\.growth"):
            Uncertainty(growth=value)
    for item in fields(Uncertainty):
        if item.name != "mix_concentration":
            with pytest.raises(InstanceError, match=item.name):
                Uncertainty(**{item.name: math.inf})


def test_uncertainty_is_stored_and_read_again():
    for uncertainty in (Uncertainty(growth=2), CERTAIN):
        stored = json.loads(json.dumps(uncertainty.as_dict()))
        assert Uncertainty(**stored) == uncertainty


def test_sets_list_every_violation(instance):
    with pytest.raises(InstanceError) as caught:
        DemandSets(instance, count=0, seed=1.5)
    assert [each.column for each in caught.value.violations] == ["count", "seed"]


# Networks ------------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def made():
    """Return a small made-up network."""
    return network(data_centres=6, hubs=24, workloads=6, hours=6, seed=3)


def test_network_is_the_same_each_time_and_solves(made):
    assert network(data_centres=6, hubs=24, workloads=6, hours=6, seed=3) == made
    assert network(data_centres=6, hubs=24, workloads=6, hours=6, seed=4) != made
    assert placer.check(made) == []
    placement = placer.solve(made)
    assert placement.unserved_mtok < 0.01 * placement.served_mtok
    assert 0 < placement.export_share < 1
    assert placement.cost_usd_per_mtok == pytest.approx(PINNED_COST, rel=1e-9)


def test_network_has_pinned_numbers(made):
    assert made.demand["mtok"].iloc[[0, 100]].tolist() == PINNED_DEMAND
    assert made.links["rtt_ms"].iloc[[0, 30]].tolist() == PINNED_RTT
    assert made.data_centres["accelerators"].iloc[[0, 5]].tolist() == PINNED_ACCELERATORS


@pytest.mark.parametrize("size", [(1, 1, 1, 1), (2, 1, 14, 2), (1, 2, 30, 3), (5, 9, 3, 1)])
def test_network_may_be_tiny(size):
    instance = network(*size)
    assert (len(instance.data_centres), len(instance.hubs), len(instance.workloads)) == size[:3]
    assert instance.hours == range(size[3])
    assert placer.solve(instance).served_mtok > 0


def test_network_has_the_stated_totals():
    instance = network(data_centres=22, hubs=43, workloads=6, seed=1)
    table, need = instance.demand, instance.workloads.set_index("workload")["accelerator_hours_per_mtok"]
    assert table["mtok"].sum() == pytest.approx(140e6)
    hourly = (table["mtok"] * table["workload"].map(need)).groupby(table["hour"]).sum()
    sites = instance.data_centres
    assert sites["accelerators"].sum() == pytest.approx(hourly.mean() / 0.6272)
    inland = sites["region"] == "inland"
    assert inland.sum() == 6
    assert sites["accelerators"][inland].sum() / sites["accelerators"].sum() == pytest.approx(0.23)


def test_network_is_cheap_far_away():
    """Inland sites pay less for power and are farther from the coast's hubs."""
    instance = network(data_centres=22, hubs=43, workloads=1, seed=2)
    price = instance.hourly("power_zones", "usd_per_mwh").mean(axis=1)
    coast = (instance.hubs["region"] == "coast").to_numpy()
    away = instance.routes.rtt_ms[coast].mean(axis=0)
    inland = (instance.data_centres["region"] == "inland").to_numpy()
    assert price[inland].max() < price[~inland].min()
    assert away[inland].min() > np.median(away[~inland])
    assert np.corrcoef(price, away)[0, 1] < -0.5


def test_network_hubs_have_a_heavy_tail():
    """Pareto of exponent 1 / 0.6: a least size of 1 has a mean of 2.5 and a median of 2 ** 0.6."""
    instance = network(data_centres=2, hubs=4000, workloads=1, hours=1)
    hubs = instance.hubs["region"].to_numpy()
    mtok = instance.demand["mtok"].to_numpy()
    coast = mtok[hubs == "coast"]
    assert (hubs == "coast").mean() == pytest.approx(26 / 43, abs=0.04)
    assert coast.sum() / mtok.sum() == pytest.approx(0.71, abs=0.05)
    assert np.median(coast) / np.mean(coast) == pytest.approx(2**0.6 / 2.5, abs=0.06)
    largest = np.sort(coast)[::-1][:400]
    slope = np.polyfit(np.log(np.arange(400) + 0.5), np.log(largest), 1)[0]
    assert slope == pytest.approx(-networks.ZIPF_EXPONENT, abs=0.15)


def test_network_keeps_regulated_work_on_the_coast(made):
    asking = made.demand[made.demand["workload"] == networks.LOCAL]["hub"]
    region = made.hubs.set_index("hub")["region"]
    assert set(asking.map(region)) == {"coast"}
    flows = placer.solve(made).flows.reset_index()
    sites = made.data_centres.set_index("data_centre")["region"]
    assert set(flows.loc[flows["workload"] == networks.LOCAL, "data_centre"].map(sites)) == {"coast"}


def test_network_lists_every_violation():
    with pytest.raises(InstanceError) as caught:
        network(data_centres=0, hubs=1.5, workloads="two", hours=0, seed=-1)
    names = ["data_centres", "hubs", "workloads", "hours", "seed"]
    assert [each.column for each in caught.value.violations] == names


def test_network_has_the_published_hours():
    shapes = pd.read_csv(DATASETS / "facts" / "demand_shapes.csv")
    level = shapes.pivot_table(index="hour_local", columns="series", values="rel_to_mean")
    assert level["deepseek_v3r1_token_revenue"].tolist() == list(networks.PEOPLE)
    assert np.roll(level["azure2024_code"], -5).tolist() == list(networks.DEVELOPERS)
    prices = pd.read_csv(DATASETS / "facts" / "price_shapes.csv").set_index("zone")
    assert prices.loc["CN Shanghai", "h00":"h23"].tolist() == list(networks.TARIFF)


def test_network_has_the_workloads_of_china():
    given = pd.read_csv(DATASETS / "china" / "workloads.csv").set_index("workload")
    made = network(data_centres=2, hubs=2, workloads=14, hours=1).workloads.set_index("workload")
    columns = [name for name in given if name != "jurisdictions"]
    expected = given.loc[made.index, columns].fillna({"latency_slo_ms": math.inf, "server_ms": 0})
    assert (made[columns] == expected).all(axis=None)
    share = pd.read_csv(DATASETS / "facts" / "assumed_mix.csv").set_index("workload")["default"]
    assert [part for _, part, _ in networks.CLASSES] == share[made.index].tolist()


def test_demand_sets_are_those_of_the_class():
    """Tests that the function and the class mean the same sets."""
    tiny, calm = placer.load("tiny"), placer.Uncertainty(hub_sigma=0.0)
    assert placer.synthetic.demand_sets(tiny, n=3, seed=7) == placer.DemandSets(tiny, count=3, seed=7)
    assert placer.synthetic.demand_sets(tiny, n=3, seed=7, uncertainty=calm) == placer.DemandSets(tiny, calm, 3, 7)
