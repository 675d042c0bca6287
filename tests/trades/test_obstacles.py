"""What keeps tokens of a country from users abroad: by hand, on random instances, wrong arguments."""

from __future__ import annotations

import shutil
from concurrent.futures import ThreadPoolExecutor

import pytest

import placer
from placer.datasets.folder import describe
from placer.trades.obstacle_parts import UNEXPLAINED
from placer.trades.obstacles import without_distance
from tests.effort import tries
from tests.home_and_abroad import home_and_abroad

#: At 3.2 USD abroad is dearer than home at 3 with this premium, also without the transit of 0.5.
PREMIUM = {"policy": "premium", "kind": "premium_usd_per_mtok", "amount": 2.2, "to_region": "home"}
QUOTA = {"policy": "quota", "kind": "quota_mtok", "amount": 30, "to_region": "home"}
TARIFF = {"policy": "tariff", "kind": "tariff_usd_per_mtok", "amount": 0.3, "to_region": "e", "paid_to": "importer"}


def sixty(**workload):
    """Return 60 Mtok of demand, 40 at home at 3 USD and 100 abroad at 1 USD and 0.5 for transit."""
    return home_and_abroad([{"mtok": 60}], workload={"unserved_usd_per_mtok": 10} | workload)


def by_policies(instance, *rows):
    """Return the function that puts some policies, named as obstacles, in place; other names change nothing."""
    known = {row["policy"]: row for row in rows}
    return lambda names: instance.replace(policies=[known[name] for name in names if name in known])


def takes(*given, **options):
    """Return what every obstacle takes."""
    return placer.trade_obstacles(*given, **options).table["takes_mtok"].to_dict()


@pytest.mark.slow
def test_two_obstacles_by_hand():
    """Tests 20 Mtok sold with a premium, 30 with a quota, 60 with neither.

    Either first: the quota takes 0 beside the premium and 30 alone, the premium 10 beside the quota and 40 alone.
    """
    found = placer.trade_obstacles(by_policies(sixty(), QUOTA, PREMIUM), ["quota", "premium"], "abroad")
    sold = found.coalitions["exports_mtok"]
    wanted = {"none": 20, "quota": 20, "premium": 30, "quota + premium": 60}
    assert {lifted: sold[lifted] for lifted in wanted} == pytest.approx(wanted)
    wanted = {"distance": 0, "quota": 15, "premium": 25, UNEXPLAINED: 0}
    assert found.table["takes_mtok"].to_dict() == pytest.approx(wanted, abs=1e-9)
    assert found.demand_abroad_mtok == 60
    assert found.coalitions["proven"].all()


def test_transit_is_distance():
    """Tests that 2.5 USD of transit for 0.5 GB a Mtok leave 20 Mtok to abroad, and the difference is the part."""
    dear = sixty(gb_per_mtok=5)
    assert takes(lambda _: dear, [], "abroad") == pytest.approx({"distance": 40, UNEXPLAINED: 0})


def test_latency_is_distance(make_instance):
    """Tests that a limit of 20 ms keeps the 10 Mtok of the east at home, though the west is cheaper."""
    work = {"workload": "w", "accelerator_hours_per_mtok": 1.0, "kwh_per_mtok": 1000.0, "latency_slo_ms": 20.0}
    near = make_instance(workloads=[work])
    found = placer.trade_obstacles(lambda _: near, [], "west")
    assert found.coalitions["exports_mtok"].tolist() == pytest.approx([0, 10])
    assert found.table["takes_share"].to_dict() == pytest.approx({"distance": 1, UNEXPLAINED: 0})


def test_no_value_is_lost_without_distance(make_instance):
    """Tests that latency loses no value, and that links keep their round trips and capacities."""
    work = {"workload": "w", "accelerator_hours_per_mtok": 1.0, "kwh_per_mtok": 0.0, "value_usd_per_mtok": 9.0}
    lossy = make_instance(workloads=[work], latency_value=[{"workload": "w", "ms": 10.0, "share_lost": 0.5}])
    near = without_distance(lossy)
    assert len(lossy.tables["latency_value"]) == 1
    assert near.tables["latency_value"].empty
    assert near.links[["rtt_ms", "capacity_gbps"]].equals(lossy.links[["rtt_ms", "capacity_gbps"]])


@pytest.mark.slow
def test_others_are_cheaper_is_no_obstacle():
    """Tests that 40 Mtok at home cost less than abroad whatever is lifted."""
    dear = sixty().with_value("data_centres.accelerator_usd_per_hour", 3.5, where="far")
    assert takes(by_policies(dear, QUOTA), ["quota"], "abroad") == pytest.approx(
        {"distance": 0, "quota": 0, UNEXPLAINED: 40}, abs=1e-9
    )


def test_range_where_costs_tie():
    """Tests that abroad sells 20 to 60 Mtok at 3 USD, the price at home, and 20 to 60 less with a premium more."""
    tie = by_policies(sixty(), PREMIUM | {"amount": 1.5})
    found = placer.trade_obstacles(tie, ["premium"], "abroad")
    assert found.coalitions.loc["none", ["low_mtok", "high_mtok"]].tolist() == pytest.approx([20, 60])
    assert found.coalitions.loc["premium", ["low_mtok", "high_mtok"]].tolist() == pytest.approx([60, 60])
    assert found.table.loc["premium", ["least_takes_mtok", "most_takes_mtok"]].tolist() == pytest.approx([0, 20])
    assert found.table.loc["distance", ["least_takes_mtok", "most_takes_mtok"]].tolist() == pytest.approx([0, 20])


@pytest.mark.slow
def test_steps_of_value_are_demand_that_is_offered():
    """Tests that a premium of 2.7 USD leaves 10 Mtok, worth 2 USD, and 5 at home unsold, beside 40 made at home."""
    steps = home_and_abroad([{"mtok": 50, "value_usd_per_mtok": 4}, {"mtok": 10, "value_usd_per_mtok": 2}])
    found = placer.trade_obstacles(by_policies(steps, PREMIUM), ["premium"], "abroad")
    assert found.demand_abroad_mtok == 60
    assert found.coalitions["exports_mtok"].to_dict() == pytest.approx(
        {"none": 10, "distance": 10, "premium": 60, "distance + premium": 60}
    )


@pytest.mark.slow
def test_scenarios_of_a_dataset(tmp_path):
    """Tests that a scenario, 30 accelerators at every data centre, is lifted by leaving it out."""
    folder = shutil.copytree(describe("tiny").folder, tmp_path / "tiny")
    scenario = '\n[scenarios.chips]\ndescription = "few"\n[scenarios.chips.columns]\n"data_centres.accelerators" = 30\n'
    with (folder / "dataset.toml").open("a") as file:
        file.write(scenario)
    found = placer.trade_obstacles(folder, ["chips"], "west")
    for lifted, names in (("none", ["chips"]), ("chips", [])):
        sold = placer.trade(placer.load(folder, names)).countries.loc["west", "exports_mtok"]
        assert found.coalitions.loc[lifted, "exports_mtok"] == pytest.approx(sold)
    assert found.coalitions.loc["none", "exports_mtok"] < found.coalitions.loc["chips", "exports_mtok"]
    assert found.obstacles == ("distance", "chips")


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(tries(3, 60)))
def test_parts_of_random_instances_add_up(make_random_instance, seed):
    """Tests the sum of the parts, and the range around what is sold and around every part."""
    source = by_policies(make_random_instance(seed), TARIFF, QUOTA | {"amount": 10, "to_region": "e"})
    found = placer.trade_obstacles(source, ["quota" if seed % 2 else "tariff"], "w")
    parts, sold, size = found.table, found.coalitions["exports_mtok"], found.demand_abroad_mtok
    assert parts["takes_mtok"].sum() == pytest.approx(size - sold["none"], abs=1e-9 * size)
    assert parts["takes_share"].sum() == pytest.approx(1 - sold["none"] / size)
    assert (found.coalitions["low_mtok"] <= sold + 1e-6 * size).all()
    assert (found.coalitions["high_mtok"] >= sold - 1e-6 * size).all()
    assert (parts["least_takes_mtok"] <= parts["takes_mtok"] + 1e-6 * size).all()
    assert (parts["most_takes_mtok"] >= parts["takes_mtok"] - 1e-6 * size).all()


@pytest.mark.slow
def test_order_and_idle_obstacles_do_not_matter():
    """Tests the parts of quota and premium with their names turned round, and 0 for what changes nothing."""
    turned = takes(by_policies(sixty(), QUOTA, PREMIUM), ["premium", "idle", "quota"], "abroad")
    wanted = {"distance": 0, "premium": 25, "idle": 0, "quota": 15, UNEXPLAINED: 0}
    assert turned == pytest.approx(wanted, abs=1e-9)


@pytest.mark.slow
def test_one_scenario_without_distance_is_the_plain_difference():
    """Tests that a part is what lifting adds where distance takes nothing."""
    free, kept = (placer.solve(by_policies(sixty(), PREMIUM)(names)).exported_mtok for names in ([], ["premium"]))
    assert takes(by_policies(sixty(), PREMIUM), ["premium"], "abroad")["premium"] == pytest.approx(free - kept)


@pytest.mark.slow
def test_workers_give_the_same():
    """Tests an executor with two workers, and progress."""
    source, told = by_policies(sixty(), QUOTA), []
    alone = placer.trade_obstacles(source, ["quota"], "abroad", progress=told.append)
    with ThreadPoolExecutor(2) as executor:
        beside = placer.trade_obstacles(source, ["quota"], "abroad", workers=2, executor=executor)
    assert beside.coalitions.equals(alone.coalitions)
    assert "4 of 4 sets of obstacles lifted" in told


def test_names_that_cannot_be_obstacles():
    """Tests distance, one name twice, too many, and what is no name."""
    for names, message in (
        (["distance"], "'distance' is an obstacle of every dataset"),
        (["law", "law"], "the obstacle 'law' is given twice"),
        ([str(number) for number in range(8)], "at most 7 obstacles beside distance, not 8"),
        ([3], "expected the name of a scenario as an obstacle, not 3"),
        (3, "expected scenarios as obstacles, not 3"),
    ):
        with pytest.raises(placer.ArgumentError, match=message):
            placer.trade_obstacles("tiny", names, "west")
    with pytest.raises(placer.InstanceError, match="moon"):
        placer.trade_obstacles("tiny", "moon", "west")
    with pytest.raises(placer.ArgumentError, match="expected an instance"):
        placer.trade_obstacles(lambda _: "tiny", [], "west")


def test_countries_that_cannot_sell_abroad():
    """Tests a region without data centres, and one that all users are in."""
    with pytest.raises(placer.InstanceError, match="'moon' is no region of data_centres"):
        placer.trade_obstacles("tiny", [], "moon")
    with pytest.raises(placer.InstanceError, match="nobody outside home asks for tokens"):
        placer.trade_obstacles(lambda _: sixty(), [], "home")


def test_demand_abroad_stays_as_it_is():
    """Tests an obstacle that is refused since it halves what users abroad ask for."""
    with pytest.raises(placer.InstanceError, match=r"obstacles\[.?poor.?\].*changes what users abroad ask for"):
        placer.trade_obstacles(lambda names: sixty().scaled_demand(0.5 if names else 1), ["poor"], "abroad")


def test_errors_name_what_is_lifted():
    """Tests limits that nothing can meet while the quota is in place."""
    most = {"limit": "all", "kind": "share", "sense": ">=", "amount": 0.9, "region": "abroad"}
    source = by_policies(sixty().replace(limits=[most]), QUOTA)
    with pytest.raises(placer.NoSolutionError, match="with none lifted: no placement can meet"):
        placer.trade_obstacles(source, ["quota"], "abroad")
