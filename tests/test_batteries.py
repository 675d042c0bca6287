"""Batteries from tables to answers: by hand, at random beside explicit programs, and where they are refused."""

import warnings
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

import placer
from tests.batteries_at_random import explicit, random_instance, random_tables
from tests.batteries_by_hand import powered, windy
from tests.effort import tries
from tests.every_solver import every_placer


@every_placer
@pytest.mark.parametrize("at", ["D", "Z"])
def test_a_battery_buys_in_the_cheap_hour(at, solver):
    """Tests the example of two hours: 4 MWh are bought at 20 in place of 100, so 880 in place of 1,200."""
    assert placer.solve(powered(), solver).cost_usd == pytest.approx(1200)
    placement = placer.solve(powered(battery={}, at=at), solver)
    assert placement.cost_usd == pytest.approx(880)
    assert placement.certificate.proven


@every_placer
def test_a_battery_beside_work_that_waits(solver):
    """Tests the example of wind: 16 MWh of the grid without a battery, 12 with one that carries 4 MWh to hour 3."""
    assert placer.solve(windy(), solver).cost_usd == pytest.approx(800)
    assert placer.solve(windy({}), solver).cost_usd == pytest.approx(600)


def test_losses_and_wear():
    """Tests 4 MWh charged at 20: 3.6 are held, 3.24 come out; each saves 100 and costs 2 of wear."""
    placement = placer.solve(powered(battery={"efficiency": 0.9, "usd_per_mwh_throughput": 2.0}))
    assert placement.cost_usd == pytest.approx(1200 + 4 * 20 - 3.24 * 98)


def test_a_battery_without_limits_buys_all_in_the_cheapest_hour():
    """Tests that 40 MWh cost 10 each with a lossless battery that is large enough, in one block of hours."""
    endless = {"power_mw": 1e3, "energy_mwh": 1e6}
    assert placer.solve(powered((50.0, 10.0, 70.0, 90.0), endless)).cost_usd == pytest.approx(400)


@pytest.mark.slow
def test_more_battery_never_costs_more():
    """Tests that the cost falls in power and energy, and is convex along a ray."""
    prices = (30.0, 80.0, 20.0, 60.0, 90.0, 10.0)
    costs = [
        placer.solve(powered(prices, {"power_mw": size, "energy_mwh": 2 * size, "efficiency": 0.9})).cost_usd
        for size in (1.0, 2.0, 3.0, 4.0, 5.0)
    ]
    steps = np.diff(costs)
    assert (steps <= 1e-9).all()
    assert (np.diff(steps) >= -1e-9).all()


def test_the_meter_binds_what_is_bought():
    """Tests that a limit of 12 MW holds back the charging of hour 0 to 2 MWh: 12 * 20 + 8 * 100."""
    limited = [{"data_centre": "D", "power_limit_mw": 12.0}]
    assert placer.solve(powered(battery={}, data_centres=limited)).cost_usd == pytest.approx(1040)


def test_a_limit_of_a_zone_binds_what_is_bought():
    """Tests the same limit at the power zone, with the battery on either side of the supply."""
    zones = [{"power_zone": "Z", "usd_per_mwh": [20.0, 100.0], "limit_mw": 12.0}]
    for at in "DZ":
        assert placer.solve(powered(battery={}, at=at, power_zones=zones)).cost_usd == pytest.approx(1040)


def test_a_zone_takes_no_power_back():
    """Tests that a battery at a zone discharges no more than the supplies of the zone take: 2 MWh at 100."""
    demand = [{"workload": "w", "hub": "H", "hour": hour, "mtok": mtok} for hour, mtok in enumerate((10.0, 2.0))]
    placement = placer.solve(powered(battery={}, at="Z", demand=10.0).replace(demand=demand))
    assert placement.cost_usd == pytest.approx(12 * 20)
    assert placement.power_zones["mwh"].tolist() == pytest.approx([12.0, 0.0])


def test_a_site_lives_on_its_battery_in_the_dark():
    """Tests an hour without supply: its 4 Mtok run on what was charged before, and 6 stay unserved."""
    supply = [{"power_zone": "Z", "data_centre": "D", "limit_mw": [20.0, 0.0]}]
    placement = placer.solve(powered(battery={}, supplies=supply))
    assert placement.unserved_mtok == pytest.approx(6)
    assert placement.cost_usd == pytest.approx(14 * 20)


@pytest.mark.slow
def test_carbon_counts_what_is_bought():
    """Tests that carbon follows the hour of purchase, and that a cap on it binds there."""
    zone = {"power_zone": "Z", "usd_per_mwh": [20.0, 100.0], "carbon_kg_per_mwh": [500.0, 100.0]}
    for at in "DZ":
        placement = placer.solve(powered(battery={}, at=at, power_zones=[zone]))
        assert placement.carbon_kg == pytest.approx(14 * 500 + 6 * 100)
        assert placement.data_centre_hours["carbon_kg"].sum() == pytest.approx(7600)
        capped = placer.solve(powered(battery={}, at=at, power_zones=[zone], carbon_limit_kg=6800.0))
        assert capped.carbon_kg == pytest.approx(6800)
        assert capped.cost_usd == pytest.approx(12 * 20 + 8 * 100)


def test_power_below_zero_is_burnt():
    """Tests an hour at -10 USD with 1 Mtok: 3.2 MWh are charged and 0.8 discharged at once, so that 2.4 are burnt."""
    placement = placer.solve(powered((-10.0,), {"efficiency": 0.5}, demand=1.0))
    assert placement.batteries[["lost_mwh", "burnt_mwh"]].loc[("B", 0)].tolist() == pytest.approx([2.4, 2.4])
    assert placement.cost_usd == pytest.approx(-34)
    assert placement.energy_mwh == pytest.approx(1)
    assert sum(placement.cost_parts_usd.values()) == pytest.approx(placement.certificate.objective)


def assert_as_explicit(instance, more=lambda *_: None):
    """Assert that the answer is that of the explicit program, and that all its tables add up to it."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", placer.InputWarning)
        placement = placer.solve(instance)
    least = explicit(instance, more).fun
    size = 1e-7 * max(1.0, abs(least), placement.settlement["payments"])
    assert placement.certificate.proven
    assert placement.cost_and_penalty_usd == pytest.approx(least, abs=size)
    assert placement.settlement["difference"] == pytest.approx(0, abs=size)
    assert placement.batteries["earned_usd"].sum() == pytest.approx(placement.settlement["storage_rent"], abs=size)
    for table in (placement.workloads, placement.flows, *map(placement.statistics, ("workload", "power_zone"))):
        assert table["cost_usd"].sum() == pytest.approx(placement.cost_usd, abs=size)
    carbon = [placement.data_centre_hours, *map(placement.statistics, ("workload", "power_zone"))]
    for table in (*carbon, placement.by_period("block")):
        assert table["carbon_kg"].sum() == pytest.approx(placement.carbon_kg, rel=1e-9)
    prices = placement.prices
    parts = [name for name in prices if name.endswith("_usd_per_mtok") and name != "latency_rent_usd_per_mtok"]
    asked = prices["served_mtok"] + prices["unserved_mtok"] > 0
    apart = (prices[parts].sum(axis=1) - prices["usd_per_mtok"])[asked]
    assert np.abs(apart).max() < 1e-6 * prices["usd_per_mtok"].abs().max()


@pytest.mark.parametrize("seed", range(tries(6, 30)))
def test_random_batteries_as_explicit_programs(seed):
    """Tests small random instances beside their explicit programs."""
    assert_as_explicit(random_instance(np.random.default_rng(seed)))


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(tries(1, 6)))
def test_many_random_batteries_as_explicit_programs(seed):
    """Tests 50 random instances beside their explicit programs; 300 where all cases are asked for."""
    for number in range(50):
        assert_as_explicit(random_instance(np.random.default_rng(1000 + 50 * seed + number)))


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(tries(4, 60)))
@pytest.mark.parametrize("solver", [None, "columns"])
def test_blocks_as_the_whole_program(seed, solver):
    """Tests three blocks of hours, some of which share a limit on carbon: block by block as in one program."""
    random = np.random.default_rng(seed)
    tables = random_tables(random, 9)
    tables["periods"] = [{"hour": hour, "block": f"day {hour // 3}", "weight": 1.0 + hour // 3} for hour in range(9)]
    with warnings.catch_warnings(), ThreadPoolExecutor(1) as executor:
        warnings.simplefilter("ignore", placer.InputWarning)
        instance = placer.Instance.from_tables(tables)
        if seed % 2:
            least = max(placer.solve(instance).carbon_kg, 1.0)
            instance = placer.Instance.from_tables(tables, carbon_limit_kg=random.uniform(0.8, 1.0) * least)
        whole = placer.solve(instance)
        placement = placer.solve(instance, solver, executor=executor)
    assert placement.certificate.objective == pytest.approx(whole.certificate.objective, rel=1e-7, abs=1e-6)
    assert placement.certificate.proven
    assert "3 blocks" in placement.termination.detail


def add_cost(rows, instance):
    """Add the row of a limit on all cost: energy at its price without carbon, and the adders of supplies."""
    usd = instance.hourly("power_zones", "usd_per_mwh")
    terms = [
        (("n", zone, t), usd[place, t])
        for place, zone in enumerate(instance.power_zones["power_zone"])
        for t in range(len(instance.hours))
    ]
    for each in instance.supplies.itertuples():
        terms += [(("y", each.Index, t), each.usd_per_mwh_adder) for t in range(len(instance.hours))]
    rows.below.append((terms, float(instance.limits["amount"].iloc[0])))


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(tries(6, 30)))
def test_random_limits_on_cost(seed):
    """Tests that a limit on cost that leaves some demand unserved has the answer of the explicit program."""
    tables = random_tables(np.random.default_rng(400 + seed), 6, negative=False)
    tables["batteries"] = [row | {"usd_per_mwh_throughput": 0.0} for row in tables["batteries"]]
    free = placer.Instance.from_tables(tables, carbon_usd_per_kg=0.05)
    spent = placer.solve(free).cost_parts_usd
    amount = 0.8 * (sum(spent.values()) - spent["carbon"])
    limits = [{"limit": "all", "kind": "cost_usd", "sense": "<=", "amount": amount}]
    assert_as_explicit(free.replace(limits=limits), add_cost)


@pytest.mark.parametrize("ending", ["folder", "tables.xlsx", "graph.json", "graph.graphml"])
def test_files_keep_batteries(tmp_path, ending):
    """Tests that every file of an instance holds its batteries."""
    instance = powered(battery={"efficiency": 0.9}, at="Z")
    file = tmp_path / ending
    if ending.startswith("graph"):
        placer.save_graph(instance, file)
        assert placer.load_graph(file) == instance
    else:
        placer.save(instance, file)
        assert placer.load(file) == instance


def test_what_ifs_carry_batteries():
    """Tests scaling, and that a battery leaves with its place."""
    instance = powered(battery={})
    assert instance.scaled("batteries.energy_mwh", 2.0).batteries["energy_mwh"].tolist() == [8.0]
    assert powered(battery={}, at="Z").between(0, 0).batteries["battery"].tolist() == ["B"]
    more = instance.with_data_centre("E", {"H": 1.0}, {"Z": 5.0})
    assert more.without("D").batteries.empty


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(tries(15, 150)))
@pytest.mark.parametrize("with_dark", [False, True])
def test_column_generation_as_explicit_programs(seed, with_dark):
    """Tests random instances, also with hours without supply, by column generation itself beside explicit programs."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", placer.InputWarning)
        instance = random_instance(np.random.default_rng(1000 + seed))
        if with_dark:
            supplies = instance.supplies.assign(limit_mw=[(0.0, 20.0) * 3, (30.0, 0.0, np.inf) * 2, (9.0, 0.0) * 3])
            instance = instance.replace(supplies=supplies)
        placement = placer.solve(instance, solver="columns")
    assert placement.certificate.objective == pytest.approx(explicit(instance).fun, rel=1e-9, abs=1e-6)
    assert placement.certificate.proven
    assert "HiGHS" not in placement.termination.detail


@pytest.mark.slow
def test_a_session_over_sizes_of_a_battery():
    """Tests a session over sizes of a battery, with and without one, beside placements of their own."""
    session = placer.Session()
    for battery in (None, {}, {"energy_mwh": 2.0}, None):
        instance = powered(battery=battery)
        assert session.solve(instance).cost_usd == pytest.approx(placer.solve(instance).cost_usd)


def test_steps_of_demand_beside_a_battery():
    """Tests demand worth 50 USD a Mtok: the battery serves 4 Mtok of hour 1, and 6 are not worth 100."""
    placement = placer.solve(powered(battery={}).replace(demand_steps=STEPS))
    assert placement.cost_usd == pytest.approx(14 * 20)


STEPS = [{"workload": "w", "hub": "H", "hour": hour, "value_usd_per_mtok": 50.0, "share": 1.0} for hour in (0, 1)]


def test_names_of_rows_and_columns():
    """Tests that a program names what batteries do."""
    program = placer.to_program(powered(battery={}, at="Z"))
    assert {"stored_B_0", "power_B_1", "source_Z_1"} <= set(program.row_names)
    assert {"c_B_0", "g_B_1", "e_B_1"} <= set(program.col_names)


def days(instance):
    """Return an instance whose hours are a day each."""
    return instance.replace(periods=[{"hour": hour, "block": f"day {hour}"} for hour in (0, 1)])


#: Calls that do not carry batteries, given an instance with one and a placement of it.
REFUSED = {
    "accounts.gains": lambda _, placement: placer.accounts(placement).gains,
    "alternatives": lambda _, placement: placer.alternatives(placement),
    "break_even_gaps": lambda _, placement: placer.break_even_gaps(placement),
    "carry_back": lambda instance, _: placer.carry_back(days(instance).representative_days(1)),
    "ceiling_curve": lambda instance, _: placer.ceiling_curve(instance),
    "cost_of_latency": lambda instance, _: placer.cost_of_latency(instance, [10.0]),
    "economic_range": lambda _, placement: placer.economic_range(placement),
    "explain": lambda _, placement: placer.explain(placement),
    "export_ceiling": lambda instance, _: placer.export_ceiling(instance),
    "export_cost": lambda _, placement: placer.export_cost(placement),
    "export_ranges": lambda _, placement: placer.export_ranges(placement),
    "flexibility": lambda _, placement: placer.flexibility(placement, "Z", [0]),
    "merge_hubs": lambda instance, _: instance.merge_hubs(1),
    "merge_data_centres": lambda instance, _: instance.merge_data_centres(1),
    "Model": lambda instance, _: placer.Model(instance),
    "price_ranges": lambda _, placement: placer.price_ranges(placement, [0]),
    "roll": lambda instance, _: placer.roll(instance, 1),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_carries_no_batteries_says_so(name):
    """Tests that every product that does not carry batteries refuses them, and names the way out."""
    instance = powered(battery={})
    placement = placer.solve(instance)
    with pytest.raises(placer.InstanceError, match="carries no batteries yet") as caught:
        REFUSED[name](instance, placement)
    assert "instance.replace(batteries=[])" in str(caught.value)


@pytest.mark.slow
def test_a_page_shows_a_placement_with_batteries(tmp_path):
    """Tests that the report is written, without the sections that do not carry batteries."""
    file = Path(tmp_path / "page.html")
    placer.write_report(placer.solve(powered(battery={})), file)
    assert file.stat().st_size > 1000
