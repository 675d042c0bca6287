"""Problems whose optimum is worked out by hand in the docstring."""

from __future__ import annotations

import itertools
import math

import pandas as pd
import pytest

import placer
from placer.solve import solve
from tests.known_work import W


def _one_site(make_instance, **changes):
    """One hub, one data centre, one supply."""
    tables = {
        "hubs": [{"hub": "A"}],
        "data_centres": [{"data_centre": "X"}],
        "links": [{"from": "A", "to": "X", "rtt_ms": 10.0}],
        "supplies": [{"power_zone": "zx", "data_centre": "X"}],
        "demand": [{"workload": "w", "hub": "A", "mtok": 12.0}],
    }
    return make_instance(**(tables | changes))


@pytest.mark.parametrize(("cyclic", "accelerators", "cost"), [(True, 9.0, 60), (True, 4.0, 240), (False, 9.0, 600)])
def test_queue_over_the_end_of_the_horizon(make_instance, cyclic, accelerators, cost):
    """Tests that work of the last hour runs in the first where the horizon is cyclic.

    6 Mtok arrive in hour 2 and may wait one hour; power costs 10, 100, 100. Cyclic: all run in hour 0, for 6 * 10.
    With 4 accelerators 4 do, and 2 run at once: 4 * 10 + 2 * 100. Clipped: all run at once, for 6 * 100.
    """
    placement = solve(
        _one_site(
            make_instance,
            workloads=[W | {"deadline_hours": 1.0}],
            data_centres=[{"data_centre": "X", "accelerators": accelerators}],
            power_zones=[{"power_zone": "zx", "usd_per_mwh": [10.0, 100.0, 100.0]}],
            demand=[
                {"workload": "w", "hub": "A", "hour": hour, "mtok": mtok} for hour, mtok in enumerate((0.0, 0.0, 6.0))
            ],
            cyclic=cyclic,
        )
    )
    assert placement.cost_usd == pytest.approx(cost)
    assert placement.unserved_mtok == pytest.approx(0, abs=1e-9)


def test_tiers_with_loss(make_instance):
    """Tests that a cheap tier with a loss is used up first, and what it would save on.

    12 MWh are needed. The tier at 30 loses a quarter: 40 a MWh delivered; its 8 MWh deliver 6. The other 6 cost 50.
    Cost 8 * 30 + 6 * 50 = 540. The price is 50; one more MWh of the lossy tier saves 0.75 * 50 - 30 = 7.5.
    """
    placement = solve(
        _one_site(
            make_instance,
            power_zones=[{"power_zone": "zx", "usd_per_mwh": 50.0}, {"power_zone": "zy", "usd_per_mwh": 30.0}],
            supplies=[
                {"power_zone": "zx", "data_centre": "X"},
                {"power_zone": "zy", "data_centre": "X", "limit_mw": 8.0, "loss": 0.25},
            ],
        )
    )
    assert placement.cost_usd == pytest.approx(540)
    assert placement.prices["usd_per_mtok"].tolist() == pytest.approx([50])
    assert placement.supplies["rent_usd_per_mwh"].tolist() == pytest.approx([0, 7.5])


CLEAN_AND_DIRTY = [
    {"power_zone": "zx", "usd_per_mwh": 50.0, "carbon_kg_per_mwh": 100.0},
    {"power_zone": "zy", "usd_per_mwh": 20.0, "carbon_kg_per_mwh": 800.0},
]


@pytest.mark.parametrize(("carbon", "site", "usd_per_mtok"), [(0.04, "Y", 20 + 32), (0.05, "X", 50 + 5)])
def test_carbon_price_turns_the_merit_order(make_instance, carbon, site, usd_per_mtok):
    """Tests that clean power wins once 50 + 100 p < 20 + 800 p, that is from p = 30 / 700 = 0.0429 USD per kg on."""
    placement = solve(make_instance(power_zones=CLEAN_AND_DIRTY, carbon_usd_per_kg=carbon))
    assert placement.data_centres.loc[site, "mtok"] == pytest.approx(16)
    assert placement.cost_usd == pytest.approx(16 * usd_per_mtok)
    assert placement.prices["usd_per_mtok"].tolist() == pytest.approx([usd_per_mtok] * 2)


def test_carbon_cap(make_instance):
    """Tests that a cap splits the work and is worth what the last kg saves.

    16 MWh under 8600 kg: with y dirty MWh, 800 y + 100 (16 - y) = 8600, so y = 10. Cost 10 * 20 + 6 * 50 = 500.
    A kg more moves 1/700 MWh from 50 to 20: 30 / 700 USD. One more Mtok is made clean, and its 100 kg push 1/7 MWh
    from dirty to clean: 50 + 30 / 7. Payments 16 (50 + 30 / 7) = 500 + 8600 * 30 / 700.
    """
    placement = solve(make_instance(power_zones=CLEAN_AND_DIRTY, carbon_limit_kg=8600.0))
    assert placement.cost_usd == pytest.approx(500)
    assert placement.carbon_kg == pytest.approx(8600)
    assert placement.rents.carbon == pytest.approx(30 / 700)
    assert placement.prices["usd_per_mtok"].tolist() == pytest.approx([50 + 30 / 7] * 2)
    assert placement.settlement["payments"] == pytest.approx(500 + 8600 * 30 / 700)


def test_water_cap(make_instance):
    """Tests that a cap on water moves work from thirsty cheap power.

    Y takes 2000 litres per Mtok, X none. 24 000 litres let 12 Mtok run at Y: 12 * 20 + 4 * 50 = 440. A litre more
    moves 1/2000 Mtok and saves 30 / 2000 USD.
    """
    centres = [{"data_centre": "X"}, {"data_centre": "Y", "water_litres_per_kwh": 2.0}]
    placement = solve(make_instance(data_centres=centres, water_limit_litres=24000.0))
    assert placement.cost_usd == pytest.approx(440)
    assert placement.rents.water == pytest.approx(30 / 2000)


def test_jurisdiction(make_instance):
    """Tests that work bound to X's jurisdiction pays X's power, and other work Y's: 10 * 50 + 6 * 20."""
    placement = solve(
        make_instance(
            workloads=[W | {"jurisdictions": ("CN",)}, W | {"workload": "v"}],
            data_centres=[{"data_centre": "X", "jurisdiction": "CN"}, {"data_centre": "Y", "jurisdiction": "EU"}],
            demand=[{"workload": "w", "hub": "B", "mtok": 10.0}, {"workload": "v", "hub": "A", "mtok": 6.0}],
        )
    )
    assert placement.cost_usd == pytest.approx(620)


def test_site_power_limit(make_instance):
    """Tests that a limit at the meter counts the overhead.

    Y may draw 5 MW at a PUE of 1.25: 4 Mtok, for 5 * 20. The other 12 run at X for 12 * 50. A MW more carries 0.8
    Mtok from 50 to 25 USD: a rent of 20.
    """
    centres = [{"data_centre": "X"}, {"data_centre": "Y", "pue": 1.25, "power_limit_mw": 5.0}]
    placement = solve(make_instance(data_centres=centres))
    assert placement.cost_usd == pytest.approx(700)
    assert placement.data_centres.loc["Y", "power_rent_usd"] == pytest.approx(20)


def test_unserved_where_serving_costs_more(make_instance):
    """Tests that demand kept at X by its latency is left unserved where X's 50 exceed the penalty of 35.

    B's 6 Mtok run at Y for 120. A's 10 stay unserved, for 350.
    """
    workload = W | {"latency_slo_ms": 15.0, "unserved_usd_per_mtok": 35.0}
    placement = solve(make_instance(workloads=[workload]))
    assert placement.cost_usd == pytest.approx(120)
    assert placement.penalty_usd == pytest.approx(350)
    assert placement.prices["usd_per_mtok"].tolist() == pytest.approx([35, 20])


def test_negative_power_price(make_instance):
    """Tests that power at -10 is drawn as far as there is work for it and no further: 16 Mtok cost -160."""
    zones = [{"power_zone": "zx", "usd_per_mwh": 50.0}, {"power_zone": "zy", "usd_per_mwh": -10.0}]
    placement = solve(make_instance(power_zones=zones))
    assert placement.cost_usd == pytest.approx(-160)
    assert placement.energy_mwh == pytest.approx(16)
    assert placement.prices["usd_per_mtok"].tolist() == pytest.approx([-10, -10])


def test_negative_power_price_with_loss_and_limit(make_instance):
    """Tests that of two negative tiers the one that is paid more per MWh delivered comes first.

    -10 with half lost pays 20 a MWh delivered, -15 without loss 15. The first delivers 2 of its 4 MWh: -40. The other
    10 of 12 MWh come from the second: -150. One more Mtok is paid 15.
    """
    placement = solve(
        _one_site(
            make_instance,
            power_zones=[{"power_zone": "zx", "usd_per_mwh": -10.0}],
            supplies=[
                {"power_zone": "zx", "data_centre": "X", "loss": 0.5, "limit_mw": 4.0},
                {"power_zone": "zx", "data_centre": "X", "usd_per_mwh_adder": -5.0},
            ],
        )
    )
    assert placement.cost_usd == pytest.approx(-190)
    assert placement.prices["usd_per_mtok"].tolist() == pytest.approx([-15])


#: Griggs et al. 2024 (arXiv 2404.14527), melange/config/example.json: 30 requests a second by size of input and output,
#: and USD an hour and requests a second of two types of machines, by the same sizes.
SHARES = {"short to short": 0.2, "short to long": 0.1, "long to short": 0.5, "long to long": 0.2}
MACHINES = {"A10G": (1.01, (2, 1, 5, 2)), "A100-80GB": (3.67, (20, 20, 40, 20))}


def _machines(**settings):
    """Return the example: a Mtok stands for a request a second over an hour, and a machine is an accelerator."""
    modes = [
        {"workload": size, "mode": name, "accelerator_type": name, "accelerator_hours_per_mtok": 1 / rate}
        for name, (_, rates) in MACHINES.items()
        for size, rate in zip(SHARES, rates, strict=True)
    ]
    pools = [
        {"data_centre": "hall", "accelerator_type": name, "accelerator_usd_per_hour": usd, "accelerators": 100.0}
        for name, (usd, _) in MACHINES.items()
    ]
    tables = {
        "hubs": [{"hub": "users"}],
        "data_centres": [{"data_centre": "hall"}],
        "links": [{"from": "users", "to": "hall", "rtt_ms": 1.0}],
        "accelerator_pools": pools,
        "workloads": [{"workload": size, "accelerator_hours_per_mtok": 1.0, "kwh_per_mtok": 0.0} for size in SHARES],
        "modes": [mode | {"server_ms": 1.0, "kwh_per_mtok": 0.0} for mode in modes],
        "demand": [{"workload": size, "hub": "users", "mtok": 30 * share} for size, share in SHARES.items()],
    }
    return placer.Instance.from_tables(tables, **settings)


def _bought_whole(model):
    """Add whole machines of each type to a model, which hold the work of their pool; return their names."""
    columns = model.columns
    work = columns[columns["accelerator_hours"] > 0]
    for name, (usd, _) in MACHINES.items():
        model.add_columns(name, cost_usd=usd, upper=100, integer=True)
        hours = work["accelerator_hours"].where(work["accelerator_type"] == name, 0.0)
        model.add_rows(pd.concat([hours, pd.Series({name: -1.0})]), name=f"hours of {name}", upper=0)


def test_published_mix_of_machines():
    """Tests the example of Mélange: 4.12875 USD an hour for hours of machines, all of them of A100-80GB.

    6, 3, 15 and 6 requests a second take 0.3, 0.15, 0.375 and 0.3 of an A100: 1.125 hours at 3.67 USD.
    """
    for solver in (placer.HiGHS(), placer.ColumnGeneration()):
        placement = solve(_machines(), solver)
        assert placement.cost_usd == pytest.approx(4.12875, rel=1e-9)
        assert placement.pools["accelerator_hours"].tolist() == pytest.approx([0.0, 1.125], abs=1e-9)


@pytest.mark.slow
def test_published_mix_of_whole_machines():
    """Tests whole machines: 6.70 USD for three A10G and an A100 where each size has one type, as Mélange has it.

    Long to short on an A100 beside all others needs 1.125 of it. A third of it on an A10G takes 0.125 less of the A100
    and one whole A10G: 4.68 USD, if a size may be split.
    """
    model = placer.Model(_machines(accelerators="sunk"))
    _bought_whole(model)
    split = model.solve()
    assert split.cost_usd == pytest.approx(4.68)
    assert split.own_columns["value"].tolist() == pytest.approx([1.0, 1.0])
    model = placer.Model(_machines(accelerators="sunk"))
    _bought_whole(model)
    work = model.columns[model.columns["accelerator_hours"] > 0]
    for position, row in work.iterrows():
        chosen = f"{row['workload']} on {row['mode']}"
        model.add_columns(chosen, upper=1, integer=True)
        all_of_it = {position: 1.0, chosen: -30 * SHARES[row["workload"]]}
        model.add_rows(pd.Series(all_of_it), name=f"all of {chosen} or none", lower=0, upper=0)
    whole = model.solve()
    assert whole.cost_usd == pytest.approx(6.70)
    assert whole.own_columns["value"].iloc[:2].tolist() == pytest.approx([3.0, 1.0])
    assert _least_by_enumeration() == pytest.approx(6.70)


def _least_by_enumeration():
    """Return the least cost over all choices of a type for each size."""
    (few, slow), (more, fast) = MACHINES.values()
    costs = []
    for choice in itertools.product((False, True), repeat=len(SHARES)):
        loads = [(30 * share / rate) for share, rate in zip(SHARES.values(), slow, strict=True)]
        others = [(30 * share / rate) for share, rate in zip(SHARES.values(), fast, strict=True)]
        one = math.ceil(sum(load for load, is_fast in zip(loads, choice, strict=True) if not is_fast) - 1e-9)
        other = math.ceil(sum(load for load, is_fast in zip(others, choice, strict=True) if is_fast) - 1e-9)
        costs.append(one * few + other * more)
    return min(costs)
