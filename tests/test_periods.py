"""Tests representative days and hourly limits from the tables to the results, against answers by hand."""

import numpy as np
import pandas as pd
import pytest

import placer

DAY = 4


def _days(count, weights, scale=None, **settings):
    """Days of four hours, each a block: chat at once, batch within its day; power dear but in hour 2."""
    scale = scale or [1.0] * count
    chat = [2.0, 3.0, 4.0, 1.0]
    rows = []
    for day in range(count):
        for hour, mtok in enumerate(chat):
            rows.append({"workload": "chat", "hub": "A", "hour": day * DAY + hour, "mtok": mtok * scale[day]})
            rows.append({"workload": "batch", "hub": "A", "hour": day * DAY + hour, "mtok": 3.0 * (hour == 0)})
    price = pd.Series([[60.0, 50.0, 20.0, 80.0] * count], dtype=object)
    tables = {
        "hubs": [{"hub": "A"}],
        "data_centres": [{"data_centre": "X", "accelerators": 6.0}, {"data_centre": "Y", "accelerators": 4.0}],
        "links": [{"from": "A", "to": "X", "rtt_ms": 1.0}, {"from": "A", "to": "Y", "rtt_ms": 1.0, "usd_per_gb": 1.0}],
        "power_zones": pd.DataFrame({"power_zone": ["Z"], "usd_per_mwh": price}),
        "supplies": [{"power_zone": "Z", "data_centre": name} for name in "XY"],
        "workloads": [
            {"workload": "chat", "accelerator_hours_per_mtok": 1, "kwh_per_mtok": 1000, "gb_per_mtok": 1},
            {
                "workload": "batch",
                "accelerator_hours_per_mtok": 1,
                "kwh_per_mtok": 1000,
                "gb_per_mtok": 1,
                "deadline_hours": 3,
            },
        ],
        "demand": rows,
        "periods": pd.DataFrame(
            {
                "hour": range(count * DAY),
                "weight": np.repeat(weights, DAY),
                "block": np.repeat([f"day {day}" for day in range(count)], DAY),
            }
        ),
    }
    return placer.Instance.from_tables(tables, **settings)


@pytest.mark.slow
@pytest.mark.parametrize("cyclic", [False, True])
@pytest.mark.parametrize("solver", [placer.HiGHS(), placer.ColumnGeneration()], ids=["highs", "column generation"])
def test_two_days_of_weight_182_and_183_cost_what_365_days_cost(cyclic, solver):
    """Tests that weights stand for separate days, and that work waits within its own day."""
    one, other = (placer.solve(_days(1, [1.0], [scale], cyclic=cyclic)) for scale in (1.0, 1.2))
    both = placer.solve(_days(2, [182.0, 183.0], [1.0, 1.2], cyclic=cyclic), solver)
    assert both.certificate.proven
    assert both.cost_usd == pytest.approx(182 * one.cost_usd + 183 * other.cost_usd, rel=1e-9)
    assert both.demand_mtok == pytest.approx(182 * one.demand_mtok + 183 * other.demand_mtok)
    assert both.data_centres["mwh"].sum() == pytest.approx(
        182 * one.data_centres["mwh"].sum() + 183 * other.data_centres["mwh"].sum()
    )


@pytest.mark.slow
def test_a_year_of_equal_days_costs_365_times_the_day():
    """Tests 365 blocks against one day, to 1e-9."""
    day, year = placer.solve(_days(1, [1.0])), placer.solve(_days(365, [1.0] * 365))
    assert year.cost_usd == pytest.approx(365 * day.cost_usd, rel=1e-9)


def test_prices_and_settlement_are_those_of_the_day():
    """Tests that prices are per Mtok of the period, and that rents times limits add up with weights."""
    day, weighted = placer.solve(_days(1, [1.0], cyclic=True)), placer.solve(_days(1, [30.0], cyclic=True))
    columns = ["usd_per_mtok", "energy_usd_per_mtok", "accelerator_rent_usd_per_mtok"]
    np.testing.assert_allclose(weighted.prices[columns], day.prices[columns], rtol=1e-7, atol=1e-9)
    assert weighted.settlement["payments"] == pytest.approx(30 * day.settlement["payments"])
    assert weighted.settlement["difference"] == pytest.approx(0.0, abs=1e-6)
    utilisation = ["utilisation", "peak_utilisation"]
    np.testing.assert_allclose(weighted.data_centres[utilisation], day.data_centres[utilisation])


@pytest.mark.slow
def test_ceilings_of_weighted_days_are_shares_of_weighted_demand():
    """Tests that a ceiling weighs each day: 1 of 3 days of twice the demand."""
    regions = {
        "hubs": [{"hub": "A", "region": "east"}],
        "data_centres": [
            {"data_centre": "X", "accelerators": 6.0, "region": "east"},
            {"data_centre": "Y", "accelerators": 2.0, "region": "west"},
        ],
    }
    each = [(_days(1, [1.0], [scale]).replace(**regions), weight) for scale, weight in ((1.0, 2.0), (2.0, 1.0))]
    mtok = [weight * placer.export_ceiling(day).share * placer.solve(day).demand_mtok for day, weight in each]
    whole = _days(2, [2.0, 1.0], [1.0, 2.0]).replace(**regions)
    assert placer.export_ceiling(whole).share * placer.solve(whole).demand_mtok == pytest.approx(sum(mtok))


def _sink(wind):
    """The curtailed sink of four hours: ten accelerators, a grid at 50 and free wind in hours 1 and 2."""
    hours = range(4)
    supplies = [{"power_zone": "grid", "data_centre": "X", "limit_mw": np.inf}]
    zones = [{"power_zone": "grid", "usd_per_mwh": 50.0}]
    if wind:
        zones.append({"power_zone": "wind", "usd_per_mwh": 0.0})
        supplies.append({"power_zone": "wind", "data_centre": "X", "limit_mw": (0.0, 12.0, 12.0, 0.0)})
    work = {"accelerator_hours_per_mtok": 1.0, "kwh_per_mtok": 1000.0}
    return placer.Instance.from_tables(
        {
            "hubs": [{"hub": "A"}],
            "data_centres": [{"data_centre": "X", "accelerators": 10.0}],
            "links": [{"from": "A", "to": "X", "rtt_ms": 1.0}],
            "power_zones": zones,
            "supplies": supplies,
            "workloads": [{"workload": "chat", **work}, {"workload": "batch", "deadline_hours": 3, **work}],
            "demand": [{"workload": "chat", "hub": "A", "hour": hour, "mtok": 4.0} for hour in hours]
            + [{"workload": "batch", "hub": "A", "hour": 0, "mtok": 20.0}],
        }
    )


def test_curtailed_sink():
    """Tests 800 USD with 20 of 24 MWh of wind used, accelerators worth 50 in hours 1 and 2, and 1,800 without wind."""
    placement = placer.solve(_sink(wind=True))
    assert placement.cost_usd == pytest.approx(800)
    wind = placement.supplies.xs("wind", level="power_zone")
    assert wind["mwh"].sum() == pytest.approx(20)
    assert wind["spilt_mwh"].tolist() == pytest.approx([0, 2, 2, 0])
    assert placement.spilt_mwh == pytest.approx(4)
    assert "Spilt" in str(placement)
    rent = placement.data_centre_hours["accelerator_rent_usd_per_hour"].to_numpy()
    np.testing.assert_allclose(rent, [0, 50, 50, 0], atol=1e-6)
    assert placer.solve(_sink(wind=False)).cost_usd == pytest.approx(1800)


HOURLY = {
    "accelerators": ("data_centres", [1.0, 2.0, 3.0, 4.0]),
    "accelerator_usd_per_hour": ("data_centres", [1.0, 2.0, 3.0, 4.0]),
    "power_limit_mw": ("data_centres", [1.0, 2.0, 3.0, 4.0]),
    "limit_mw": ("supplies", [1.0, 2.0, 3.0, 4.0]),
    "usd_per_mwh_adder": ("supplies", [1.0, -2.0, 3.0, 4.0]),
    "capacity_gbps": ("links", [0.001, 0.002, np.inf, 0.0]),
}


@pytest.mark.slow
@pytest.mark.parametrize("column", HOURLY)
def test_an_hourly_value_is_that_of_its_hour(column):
    """Tests each hourly column against the hours solved one by one, where nothing waits."""
    table, values = HOURLY[column]
    whole = _days(1, [1.0]).without("batch")
    frame = whole.tables[table].drop(columns=column)
    frame.insert(0, column, pd.Series([values] + [10.0] * (len(frame) - 1), dtype=object))
    total = penalty = 0.0
    for hour, value in enumerate(values):
        one = whole.tables[table].assign(**{column: [value] + [10.0] * (len(frame) - 1)})
        price = whole.power_zones["usd_per_mwh"].iloc[0][hour]
        alone = placer.solve(
            whole.replace(
                **{
                    "power_zones": [{"power_zone": "Z", "usd_per_mwh": price}],
                    "demand": whole.demand[whole.demand["hour"] == hour],
                    "periods": [],
                    table: one,
                }
            ),
            tie_break=None,
        )
        total, penalty = total + alone.cost_usd, penalty + alone.penalty_usd
    hourly = whole.replace(**{table: frame})
    for solver in (placer.HiGHS(), placer.ColumnGeneration()):
        placement = placer.solve(hourly, solver, tie_break=None)
        assert placement.certificate.proven
        assert placement.cost_usd == pytest.approx(total)
        assert placement.penalty_usd / (penalty or 1.0) == pytest.approx(float(penalty > 0), abs=0.5)


@pytest.mark.parametrize("kind", ["folder", "x.json", "x.graphml"])
def test_hourly_values_and_periods_are_kept_in_files(tmp_path, kind):
    """Tests that folders and graph files restore every hourly column, weights and blocks."""
    instance = _days(1, [7.0])
    tables = {table: instance.tables[table] for table, _ in HOURLY.values()}
    for column, (table, values) in HOURLY.items():
        cells = [tuple(values), *tables[table][column].tolist()[1:]]
        tables[table][column] = pd.Series(cells, dtype=object)
    changed = instance.replace(**tables)
    assert all(changed.tables[table][column][0] == tuple(values) for column, (table, values) in HOURLY.items())
    target = tmp_path / kind
    (placer.save if kind == "folder" else placer.save_graph)(changed, target)
    assert placer.load(target) == changed


@pytest.mark.slow
def test_hourly_limits_may_be_raised_by_the_cure():
    """Tests that a shortage of accelerators in hours of few is cured by as many more in every hour."""
    whole = _days(1, [1.0]).without("batch", "Y")
    centres = pd.DataFrame({"data_centre": ["X"], "accelerators": pd.Series([(1.0, 3.0, 4.0, 1.0)], dtype=object)})
    short = whole.replace(data_centres=centres)
    cured = placer.solve(placer.cure(short, placer.explain(placer.solve(short))))
    assert cured.unserved_share == pytest.approx(0.0, abs=1e-6)


LIMITS = {
    "a share of a site": {"kind": "share", "sense": "<=", "amount": 0.4, "workload": "chat", "data_centre": "X"},
    "least use of a site": {"kind": "accelerator_hours", "sense": ">=", "amount": 60.0, "data_centre": "Y"},
    "tokens of a hub": {"kind": "tokens", "sense": "<=", "amount": 40.0, "data_centre": "X", "hub": "A"},
    "energy of some hours": {"kind": "energy_mwh", "sense": "<=", "amount": 4.0, "hours": "0-1"},
}


@pytest.mark.slow
@pytest.mark.parametrize("limit", LIMITS.values(), ids=LIMITS)
def test_limits_over_weighted_blocks_are_priced_over_all_of_them(limit):
    """Tests that blocks solved apart, with the limit priced over them, cost what one program of all blocks costs."""
    days = _days(3, [1.0, 2.0, 3.0], [1.0, 1.2, 0.8])
    limited = days.replace(limits=[{"limit": "mine"} | limit])
    one, apart = (placer.solve(limited, solver) for solver in (placer.HiGHS(), placer.ColumnGeneration()))
    assert one.cost_and_penalty_usd > placer.solve(days).cost_and_penalty_usd + 1
    assert apart.certificate.proven
    assert apart.cost_and_penalty_usd == pytest.approx(one.cost_and_penalty_usd, rel=1e-6)
    assert apart.limits["rent_usd"].sum() == pytest.approx(one.limits["rent_usd"].sum(), rel=1e-6)
    assert apart.settlement["difference"] == pytest.approx(0.0, abs=1e-4)
