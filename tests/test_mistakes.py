"""Mistakes of people with data of their own: each is named, by an error or by the warning of ``solve``.

The problem is as newcomers state it: six cities, four data centres, prices by timestamp, and a class that may wait.
"""

from __future__ import annotations

import math
import warnings
from decimal import Decimal

import networkx as nx
import numpy as np
import pandas as pd
import pytest

import placer
from placer.instance.remarks import likely_mistakes

BATTERY = {"battery": "b", "data_centre": "Lulea", "power_mw": 1.0, "energy_mwh": 4.0}
TARIFF = {"policy": "duty", "kind": "tariff_share", "from_region": "US", "paid_to": "importer"}
HOURS = pd.date_range("2026-03-10", periods=24, freq="h", tz="UTC")
REGIONS = {"London": "Europe", "Paris": "Europe", "Berlin": "Europe", "Madrid": "Europe", "New York": "US"} | {
    "Chicago": "US"
}
SITES = {"Frankfurt": "Europe", "Lulea": "Europe", "Ashburn": "US", "Des Moines": "US"}
PRICES = {"DE-LU": 90.0, "SE1": 30.0, "PJM": 60.0, "MISO": 40.0}
ROUND_TRIPS = {
    "London": (16, 38, 76, 100),
    "Paris": (12, 40, 82, 106),
    "Berlin": (10, 30, 92, 116),
    "Madrid": (32, 58, 96, 120),
    "New York": (88, 110, 8, 32),
    "Chicago": (104, 126, 20, 10),
}
WORK = [
    {"workload": "voice", "accelerator_hours_per_mtok": 0.02, "kwh_per_mtok": 0.016, "latency_slo_ms": 250.0}
    | {"server_ms": 180.0},
    {"workload": "chat", "accelerator_hours_per_mtok": 0.05, "kwh_per_mtok": 0.044, "latency_slo_ms": 500.0}
    | {"server_ms": 300.0},
    {"workload": "agent", "accelerator_hours_per_mtok": 0.05, "kwh_per_mtok": 0.044, "latency_slo_ms": 2000.0}
    | {"server_ms": 800.0, "tool_round_trips": 10.0},
    {"workload": "batch", "accelerator_hours_per_mtok": 0.03, "kwh_per_mtok": 0.03, "latency_slo_ms": math.inf}
    | {"server_ms": 0.0, "deadline_hours": 12.0},
]


def tables():
    """Return the tables of the problem, as a newcomer types them."""
    sites = [{"data_centre": name, "region": region, "jurisdiction": region} for name, region in SITES.items()]
    prices = [(zone, hour, price + hour.hour) for zone, price in PRICES.items() for hour in HOURS]
    demand = [(work["workload"], hub, hour, 1000.0) for work in WORK for hub in REGIONS for hour in HOURS]
    return {
        "hubs": pd.DataFrame(REGIONS.items(), columns=["hub", "region"]),
        "data_centres": pd.DataFrame(sites).assign(accelerators=4000.0, accelerator_usd_per_hour=2.0, pue=1.2),
        "power_zones": pd.DataFrame({"power_zone": list(PRICES)}),
        "power_zone_hours": pd.DataFrame(prices, columns=["power_zone", "hour", "usd_per_mwh"]),
        "supplies": pd.DataFrame(zip(PRICES, SITES, strict=True), columns=["power_zone", "data_centre"]),
        "links": pd.DataFrame(
            [(hub, site, float(ms)) for hub, row in ROUND_TRIPS.items() for site, ms in zip(SITES, row, strict=True)],
            columns=["from", "to", "rtt_ms"],
        ),
        "workloads": pd.DataFrame(WORK),
        "demand": pd.DataFrame(demand, columns=["workload", "hub", "hour", "mtok"]),
    }


def with_table(name, change):
    """Return the instance with one table changed."""
    given = tables()
    return placer.Instance.from_tables(given | {name: change(given[name].copy())})


def renamed(name, before, after):
    """Return a mistake: a column with another name."""
    return lambda: with_table(name, lambda table: table.rename(columns={before: after}))


def cell(name, column, value, row=5):
    """Return a mistake: another value in one cell."""

    def changed(table):
        table[column] = table[column].astype(object)
        table.loc[row, column] = value
        return table

    return lambda: with_table(name, changed)


def times(name, column, factor):
    """Return a mistake: a column in another unit."""
    return lambda: with_table(name, lambda table: table.assign(**{column: table[column] * factor}))


def rows(name, change):
    """Return a mistake: other rows in a table."""
    return lambda: with_table(name, change)


def moved(before, after):
    """Return a mistake: a file with another name."""
    return lambda folder: (folder / before).rename(folder / after)


def in_quarters(table):
    """Return the demand with steps of a quarter of an hour."""
    return table.assign(hour=HOURS[0] + (table["hour"] - HOURS[0]) / 4)


def each(name, **values):
    """Return a mistake: the same values in every row."""
    return lambda: with_table(name, lambda table: table.assign(**values))


def seconds(name, column):
    """Return a mistake: milliseconds given in seconds."""
    return times(name, column, 1e-3)


def setting(**values):
    """Return a mistake: a setting."""
    return lambda: placer.Instance.from_tables(tables(), **values)


def given(name, value):
    """Return a mistake: something else in place of a table."""
    return lambda: placer.Instance.from_tables(tables() | {name: value})


def graph_with(**kinds):
    """Return a mistake: a graph whose node has these attributes."""

    def build():
        graph = nx.Graph()
        graph.add_node("London", **kinds)
        return placer.Instance.from_graph(graph, WORK, tables()["demand"])

    return build


def wide(name, columns, values):
    """Return a mistake: a table with a column for each thing."""
    return rows(name, lambda table: table.pivot(index="hour", columns=columns, values=values))


#: Mistake -> how it is made, and what the message says.
ERRORS = {
    "gpus": (
        renamed("data_centres", "accelerators", "gpus"),
        "data_centres.gpus: unknown column (allowed: perhaps acc",
    ),
    "gpu price": (
        renamed("data_centres", "accelerator_usd_per_hour", "gpu_usd_per_hour"),
        "unknown column (allowed: perhaps accelerator_usd_per_hour)",
    ),
    "slo": (renamed("workloads", "latency_slo_ms", "slo_ms"), "unknown column (allowed: perhaps latency_slo_ms)"),
    "latency": (
        renamed("workloads", "latency_slo_ms", "max_latency"),
        "unknown column (allowed: perhaps latency_slo_ms)",
    ),
    "euros": (
        renamed("power_zone_hours", "usd_per_mwh", "eur_per_mwh"),
        'power_zone_hours.eur_per_mwh: unknown column (allowed: write usd_per_mwh and currency = "EUR")',
    ),
    "price": (
        renamed("power_zone_hours", "usd_per_mwh", "price"),
        "power_zone_hours.price: unknown column (allowed: perhaps usd_per_mwh)",
    ),
    "spelling of a key": (renamed("data_centres", "data_centre", "data_center"), "perhaps data_centre"),
    "delay": (renamed("links", "rtt_ms", "latency"), "links.latency: unknown column (allowed: perhaps rtt_ms)"),
    "another word": (
        rows("links", lambda table: table.rename(columns={"rtt_ms": "strecke"})),
        "finite)\n  note: column strecke of links is ignored",
    ),
    "no path": (
        rows("links", lambda table: table[table["from"] != "Madrid"]),
        "hubs[Madrid]: has demand but no path to any data centre",
    ),
    "unknown node": (cell("links", "to", "Franfurt"), "'Franfurt' is unknown (allowed: the name of a hub, data centre"),
    "text": (each("workloads", kwh_per_mtok="0.05"), "'0.05' is text: turn the column into numbers, as pandas.to_num"),
    "unit in a cell": (cell("links", "rtt_ms", "15 ms"), "'15 ms' is text: write the number alone; the unit stands in"),
    "thousands": (cell("data_centres", "accelerators", "6,000", 2), "no separator of thousands"),
    "decimal comma": (cell("data_centres", "pue", "1,3", 2), "write a point, not a comma, before the decimals"),
    "no demand": (
        cell("demand", "mtok", np.nan),
        "demand[voice|London|2026-03-10 05:00+00:00].mtok: NaN: write the dem",
    ),
    "no round trip": (
        cell("links", "rtt_ms", np.nan),
        "links[Paris|Lulea].rtt_ms: NaN: write the round trip over the li",
    ),
    "no price": (cell("power_zone_hours", "usd_per_mwh", np.nan), "power_zone_hours[DE-LU|2026-03-10 05:00+00:00]"),
    "a hub twice": (rows("hubs", lambda table: pd.concat([table, table[:1]])), "hubs[London]: given twice"),
    "demand twice": (
        rows("demand", lambda table: pd.concat([table, table[:1]])),
        "demand[voice|London|2026-03-10 00:00+00:00]: given twice",
    ),
    "negative demand": (cell("demand", "mtok", -1.0), "-1 is out of range (allowed: number, >= 0, finite)"),
    "negative round trip": (cell("links", "rtt_ms", -4.0), "-4 is out of range (allowed: number, >= 0, finite)"),
    "no time zone": (
        rows("power_zone_hours", lambda table: table.assign(hour=table["hour"].dt.tz_localize(None))),
        "it has no time zone, and the demand the time zone UTC; pandas' tz_localize gives it its own",
    ),
    "shifted prices": (
        rows("power_zone_hours", lambda table: table.assign(hour=table["hour"] + pd.Timedelta(hours=1))),
        "hour 2026-03-10 00:00+00:00 is missing, hour 2026-03-11 00:00+00:00 is not in the demand",
    ),
    "dates by day first": (
        rows("demand", lambda table: table.assign(hour=table["hour"].dt.strftime("%d/%m/%Y %H:%M"))),
        "'10/03/2026 00:00' is text: write ISO dates, such as 2026-12-31T00:00",
    ),
    "one date by day first": (
        cell("demand", "hour", "10.03.2026"),
        "is no timestamp: write ISO dates, such as 2026-12",
    ),
    "no links": (
        lambda: placer.Instance.from_tables({name: table for name, table in tables().items() if name != "links"}),
        "1 violation in the input\n  links: table missing (allowed: present, with a path for all demand)",
    ),
    "a column of batteries": (
        given("batteries", [BATTERY | {"self_discharge": 0.1}]),
        "batteries.self_discharge: unknown column (allowed: battery, data_centre, power_zone, power_mw, ",
    ),
    "short prices": (rows("power_zone_hours", lambda table: table[:-1]), "hour 2026-03-10 23:00+00:00 is missing"),
    "PUE below 1": (each("data_centres", pue=0.3), "0.3 is out of range"),
    "PUE in percent": (each("data_centres", pue=130), "130 is out of range"),
    "names by comma": (each("workloads", jurisdictions="Europe,US"), "holds ',': separate names by '|', as in EU|CH"),
    "case of a class": (
        cell("demand", "workload", "Voice"),
        "'Voice' is unknown (allowed: the name of a workload, per",
    ),
    "trailing blank": (cell("demand", "hub", "London "), "'London ' starts or ends with a blank"),
    "unknown table": (
        given("data_centers", tables()["hubs"]),
        "data_centers: unknown table (allowed: perhaps data_centr",
    ),
    "hours as text": (each("workloads", deadline_hours="12h"), "'12h' is text: write the number alone"),
    "unknown setting": (setting(carbon_price=1), "settings.carbon_price: unknown (allowed: carbon_usd_per_kg,"),
    "setting as text": (setting(cyclic="yes"), "settings.cyclic: 'yes' (allowed: true or false)"),
    "quarters of an hour": (rows("demand", in_quarters), "the timestamps of the demand are 0.25 hours apart"),
    "tables as a graph": (
        lambda: placer.Instance.from_graph(tables(), WORK, []),
        "is not a graph (allowed: a networkx",
    ),
    "kind of a node": (
        graph_with(type="hub"),
        "London].kind: missing (allowed: hub, data_centre, power_zone, exchange)",
    ),
    "names in place of a table": (given("hubs", ["London"]), "is not a table (allowed: DataFrame or list of mappings"),
    "a path in place of a table": (
        given("hubs", "hubs.csv"),
        "is not a table (allowed: DataFrame or list of mappings, or",
    ),
    "a Series without a name": (
        given("demand", pd.Series([1.0])),
        "a Series without a name (allowed: the column of its",
    ),
    "wide prices": (
        wide("power_zone_hours", "power_zone", "usd_per_mwh"),
        "placer.long_table(table, 'power_zone', 'usd_per_mwh') makes them",
    ),
    "wide demand": (
        wide("demand", ["hub", "workload"], "mtok"),
        "placer.long_table(table, ('hub', 'workload'), 'mtok')",
    ),
    "a name in place of an instance": (lambda: placer.solve("china"), "placer.load('china') returns one"),
    "a name to remove": (
        lambda: placer.Instance.from_tables(tables()).without("Lulae"),
        "without: 'Lulae' is unknown (allowed: perhaps Lulea)",
    ),
    "a dataset": (lambda: placer.load("chna"), "perhaps china"),
    "no such file": (lambda: placer.load("nothing.xlsx"), "there is no file 'nothing.xlsx'"),
}
#: Mistake -> what happens to the folder, and what the message says.
FOLDERS = {
    "no dataset.toml": (lambda folder: (folder / "dataset.toml").unlink(), "is a folder without a dataset.toml"),
    "case of a file": (moved("links.csv", "Links.csv"), "Links.csv: unknown file (allowed: perhaps links.csv)"),
    "another name of a file": (
        moved("power_zone_hours.csv", "power_prices.csv"),
        "power_prices.csv: unknown file (allowed: perhaps power_zone_hours.csv)",
    ),
    "a name far off": (
        moved("power_zone_hours.csv", "strom.csv"),
        "note: file strom.csv is ignored: no table has that name",
    ),
}
#: Mistake that is a valid instance -> how it is made, and what the warning of ``solve`` says.
WARNINGS = {
    "a limit in seconds": (
        seconds("workloads", "latency_slo_ms"),
        "workloads.latency_slo_ms of voice, chat, agent is 0.25 to 2 ms, below the typical 10: in seconds?",
    ),
    "round trips in seconds": (
        seconds("links", "rtt_ms"),
        "links.rtt_ms is at the median 0.067 ms, below the typical 0.1: in seconds?",
    ),
    "a limit below the time of servers": (
        each("workloads", latency_slo_ms=500.0),
        "workload agent can run nowhere: its latency_slo_ms of 500 is below its server_ms of 800",
    ),
    "prices per kWh": (
        times("power_zone_hours", "usd_per_mwh", 1e-3),
        "power_zones.usd_per_mwh is 0.0415 to 0.1015 USD per MWh, below the typical 1: in USD per kWh?",
    ),
    "watt-hours": (
        times("workloads", "kwh_per_mtok", 1e3),
        "workloads.kwh_per_mtok is 800 to 1,000 kWh per accelerator-hour, above the typical 10: in Wh?",
    ),
    "tokens": (
        times("demand", "mtok", 1e6),
        "demand.mtok is 1,000,000,000 Mtok per hour, above the typical 10,000,000: in tokens?",
    ),
    "few tokens": (
        times("demand", "mtok", 5e3),
        "225 times the 16,000 there are: is demand.mtok in tokens?",
    ),
    "USD a tonne": (
        setting(carbon_usd_per_kg=80),
        "settings.carbon_usd_per_kg is 80 USD per kg, above the typical 2: in ",
    ),
    "no supply": (
        rows("supplies", lambda table: table[table["data_centre"] != "Ashburn"]),
        "data centre Ashburn has no supply, so only workloads that need no energy can run there",
    ),
    "unknown jurisdiction": (
        each("workloads", jurisdictions="CN"),
        "workload chat may run in CN, where no data centre is and so nowhere",
    ),
    "case of a jurisdiction": (
        each("workloads", jurisdictions="us"),
        "where no data centre is and so nowhere: perhaps US",
    ),
    "case of a region": (
        cell("hubs", "region", "europe", 0),
        "regions Europe and europe count as different ones: one region spelt in two ways?",
    ),
    "kilowatts": (
        each("data_centres", power_limit_mw=4800.0),
        "data_centres.power_limit_mw is 1,200 kW per accelerator, above the usual 0.1 to 10: in kW?",
    ),
    "cents per kWh": (
        times("power_zone_hours", "usd_per_mwh", 0.1),
        "power_zones.usd_per_mwh is 6.15 USD per MWh on average, below the usual 10: in cents per kWh",
    ),
    "yuan": (
        times("power_zone_hours", "usd_per_mwh", 7.2),
        "power_zones.usd_per_mwh of DE-LU, PJM is 514.8 to 730.8 USD per MWh on average, above the usual 500: in anoth",
    ),
    "one site without accelerators": (
        cell("data_centres", "accelerators", np.nan, 2),
        "data centre Ashburn states no accelerators, so it has no limit: write inf if that is meant",
    ),
    "a tariff in per cent": (
        given("policies", [TARIFF | {"amount": 20.0}]),
        "policy duty charges 20 times the customs value: is 20 meant as 20 %?",
    ),
    "a link twice": (
        rows("links", lambda table: pd.concat([table, table[:1]])),
        "two links of the same values between London - Frankfurt: given twice?",
    ),
}
#: Mistake that changes no answer, or only what counts as an export -> how it is made, and what ``check`` says.
REMARKS = {
    "a region without a data centre": (
        cell("hubs", "region", "Eurpoe", 0),
        "region Eurpoe has hubs and no data centre, so all that it asks for is exported: perhaps Europe",
    ),
    "a slower link beside another": (
        rows("links", lambda table: pd.concat([table, table[:1].assign(rtt_ms=20.0)])),
        "several links of different values between London - Frankfurt",
    ),
    "one jurisdiction of several": (
        each("workloads", jurisdictions="Europe|CN"),
        "workload chat may run in CN, where no data centre is",
    ),
    "no region": (each("hubs", region=None), "no export is counted: hubs have no region"),
    "a column that nobody reads": (each("hubs", people=1), "column people of hubs is ignored"),
}
#: What is no mistake.
FINE = {
    "as it should be": rows("hubs", lambda table: table),
    "prices in another zone": rows(
        "power_zone_hours", lambda table: table.assign(hour=table["hour"].dt.tz_convert("Europe/Berlin"))
    ),
    "a site wired for more": each("data_centres", power_limit_mw=80.0),
    "a cheap grid": rows(
        "power_zone_hours",
        lambda table: table.assign(usd_per_mwh=table["usd_per_mwh"].where(table["power_zone"] != "SE1", 5.0)),
    ),
    "a site without a limit": cell("data_centres", "accelerators", math.inf, 2),
    "a site whose accelerators were stated later": lambda: cell("data_centres", "accelerators", np.nan, 2)().with_value(
        "data_centres.accelerators", 50.0, "Ashburn"
    ),
    "a tariff of a fifth": given("policies", [TARIFF | {"amount": 0.2}]),
    "a Series": rows("demand", lambda table: table.set_index(["hub", "workload", "hour"])["mtok"]),
    "Decimal": each("links", rtt_ms=Decimal(15)),
}


def test_all_mistakes_of_the_first_hours_are_here():
    """Tests that the list is as long as the one that people met."""
    assert len(ERRORS) + len(FOLDERS) + len(WARNINGS) + len(REMARKS) >= 52


@pytest.mark.parametrize("mistake", ERRORS)
def test_errors(mistake):
    """Tests that a mistake is an error of the package that says what to do."""
    make, says = ERRORS[mistake]
    with pytest.raises(placer.PlacerError) as caught:
        make()
    assert says in str(caught.value)


@pytest.mark.parametrize("mistake", FOLDERS)
def test_errors_of_folders(mistake, tmp_path):
    """Tests that a mistake in the files of a folder is an error that names the file."""
    change, says = FOLDERS[mistake]
    folder = placer.save(placer.Instance.from_tables(tables()), tmp_path / "mine")
    change(folder)
    with pytest.raises(placer.InstanceError) as caught:
        placer.load(folder)
    assert says in str(caught.value)


@pytest.mark.parametrize("mistake", WARNINGS)
def test_warnings(mistake):
    """Tests that ``solve`` warns once of a mistake that changes the answer, and that ``check`` names it too."""
    make, says = WARNINGS[mistake]
    instance = make()
    with pytest.warns(placer.InputWarning) as caught:
        placer.solve(instance)
    assert [says in str(each.message) for each in caught] == [True]
    assert caught[0].filename == __file__
    assert any(says in remark for remark in placer.check(instance))


@pytest.mark.parametrize("mistake", REMARKS)
def test_remarks(mistake):
    """Tests that ``check`` names what may well be meant, of which ``solve`` does not warn."""
    make, says = REMARKS[mistake]
    instance = make()
    assert says in placer.check(instance)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        placer.solve(instance)


@pytest.mark.parametrize("name", FINE)
def test_no_remark_where_nothing_is_wrong(name):
    """Tests that nothing is said of what is no mistake."""
    assert placer.check(FINE[name]()) == []


@pytest.mark.slow
@pytest.mark.parametrize("name", placer.datasets.names())
def test_no_false_warning_of_what_ships(name):
    """Tests that ``solve`` would warn of no dataset that ships; ``tests/datasets`` checks every scenario."""
    assert likely_mistakes(placer.load(name)) == []


@pytest.mark.slow
def test_inner_solves_do_not_warn():
    """Tests that what solves many instances does not repeat the warning of each."""
    wrong = WARNINGS["watt-hours"][0]().between("2026-03-10 00:00", "2026-03-10 01:00")
    with warnings.catch_warnings():
        warnings.simplefilter("error", placer.InputWarning)
        placer.roll(wrong, 1)
        list(placer.solve_many([wrong], workers=1))
        assert placer.export_ceiling(wrong).economic_range.low >= 0


def test_a_ceiling_without_regions_says_why():
    """Tests that a ceiling of zero says that no export is counted."""
    found = placer.export_ceiling(each("hubs", region=None)())
    assert repr(found).endswith("unserved; no export is counted: hubs have no region")


def test_a_warning_is_short():
    """Tests that ten remarks are spelt out, and the others counted."""
    voice = tables()["workloads"][:1].assign(jurisdictions="CN")
    many = pd.concat([voice.assign(workload=f"w{place}") for place in range(12)])
    demand = pd.DataFrame({"workload": many["workload"], "hub": "London", "hour": HOURS[0], "mtok": 1.0})
    instance = placer.Instance.from_tables(
        tables() | {"workloads": many, "demand": demand, "power_zone_hours": tables()["power_zone_hours"].iloc[::24]}
    )
    with pytest.warns(placer.InputWarning) as caught:
        placer.solve(instance)
    lines = str(caught[0].message).splitlines()
    assert (len(lines), lines[-1]) == (12, "  and 2 more")


def test_regions_without_a_data_centre_are_named_where_regions_are_exports():
    """Tests that nothing is said of exports where the setting names pairs of regions."""
    pairs = placer.Instance.from_tables(
        tables() | {"hubs": tables()["hubs"].replace({"region": {"US": "Canada"}})}, exports=[("Europe", "US")]
    )
    assert not any("all that it asks for is exported" in remark for remark in placer.check(pairs))
