"""Spoilt datasets: one InstanceError that names file or table, line or row, and what would be right."""

# ruff: noqa: E501 - the tables of bad input read best with one case a line

from __future__ import annotations

import shutil

import pytest

import placer
from tests.datasets.spoiling import add, gone, profile, put, recoded, scenario, swap

pytestmark = pytest.mark.usefixtures("no_solver")
NUMBER = ">= 0, finite"
LIMIT = ">= 0, finite or inf"


@pytest.fixture
def tiny_copy(tmp_path):
    """A copy of the tiny dataset to spoil."""
    return shutil.copytree(placer.datasets.describe("tiny").folder, tmp_path / "copy")


COLUMNS_OF_S = "[scenarios.s.columns]"
TABLES_OF_S = "[scenarios.s.tables]"
FILES = [
    (gone("hubs.csv"), "hubs", "table missing", "present"),
    (gone("demand.csv"), "demand", "table missing", "present"),
    (gone("workloads.csv"), "workloads", "table missing", "present"),
    (gone("links.csv"), "links", "table missing", "present"),
    (gone("exchanges.csv"), "links[Coast|East exchange].to", "'East exchange' is unknown", "a hub, data centre or exchange"),
    (gone("power_zones.csv"), "power_zones", "table missing beside power_zone_hours", "present"),
    (gone("power_zone_hours.csv"), "power_zones.usd_per_mwh", "column missing", "number, or one per hour"),
    (gone("dataset.toml"), "dataset", "is a folder without a dataset.toml", "which may be empty"),
    (put("hubs.csv", ""), "hubs.csv", "file empty", "a header row"),
    (put("hubs.csv", "\n\n"), "hubs.csv", "file empty", "a header row"),
    (put("hubs.csv", "hub,region,access_ms\n"), "hubs", "table empty", "at least one row"),
    (put("demand.csv", "workload,hub,hour,mtok\n"), "demand", "table empty", "at least one row"),
    (put("hubs.csv", "hub;region;access_ms\nCoast;east;10,5\nDelta;east;8.5\n"), "hubs.csv", "decimal comma and with a point, such as '8.5'", "one decimal sign"),
    (put("hubs.csv", "hub\tregion\nCoast\teast\n"), "hubs.csv[line 1]", "cells stand between tabs", "commas between"),
    (put("hubs.csv", b"\x00\x01\x02\xff"), "hubs.csv", "byte 3 is not UTF-8", "text in UTF-8"),
    (put("hubs.csv", b"PK\x03\x04\x14\x00\x06\x00\x08\x00!\x00\xdf"), "hubs.csv", "is not UTF-8", "text in UTF-8"),
    (recoded("hubs.csv", "latin-1"), "hubs.csv", "is not UTF-8", "text in UTF-8"),
    (recoded("hubs.csv", "utf-16"), "hubs.csv", "byte 0 is not UTF-8", "text in UTF-8"),
    (recoded("hubs.csv", "utf-16-le"), "hubs.csv", "is not UTF-8", "text in UTF-8"),
    (recoded("dataset.toml", "latin-1"), "dataset.toml", "is not UTF-8", "text in UTF-8"),
    (recoded("dataset.toml", "utf-16"), "dataset.toml", "byte 0 is not UTF-8", "text in UTF-8"),
    (swap("hubs.csv", "Coast,east,10", "Coast,east"), "hubs.csv[line 2]", "2 cells", "3 cells, as in the header"),
    (swap("hubs.csv", "Coast,east,10", "Coast,east,10,5"), "hubs.csv[line 2]", "4 cells", "3 cells, as in the header"),
    (swap("hubs.csv", "Coast,east,10", "Coast,east,1,5"), "hubs.csv[line 2]", "4 cells", "3 cells"),
    (swap("hubs.csv", "Coast,east,10", 'Coast,east,"1,5"'), "hubs[Coast].access_ms", "'1,5' is text", NUMBER),
    (swap("hubs.csv", "Coast,east,10", 'Coast,"east,10'), "hubs.csv[line 4]", "unexpected end of data", "CSV with commas"),
    (swap("hubs.csv", "Coast,east", 'Coast,"ea"st'), "hubs.csv[line 2]", "',' expected after '\"'", "CSV with commas"),
    (swap("hubs.csv", "access_ms", "hub"), "hubs.csv.hub", "column given twice", "once"),
    (swap("hubs.csv", "access_ms", ""), "hubs.csv[column 3]", "has no name", "a name"),
    (swap("hubs.csv", "access_ms", "acces_ms"), "hubs.acces_ms", "unknown column", "perhaps access_ms"),
    (swap("hubs.csv", "access_ms", " access_ms"), "hubs. access_ms", "unknown column", "perhaps access_ms"),
    (swap("hubs.csv", "hub,", "site_name,"), "hubs.hub", "column missing: write the name of the hub", "text"),
    (swap("hubs.csv", "Coast,east,10", "Coast,east,-10"), "hubs[Coast].access_ms", "-10 is out of range", NUMBER),
    (swap("hubs.csv", "Coast,east,10", "Coast,east,nan"), "hubs[Coast].access_ms", "'nan' is text", NUMBER),
    (swap("hubs.csv", "Coast,east,10", "Coast,east,inf"), "hubs[Coast].access_ms", "inf is out of range", NUMBER),
    (swap("hubs.csv", "Coast,east,10", "Coast,east,ten"), "hubs[Coast].access_ms", "'ten' is text", NUMBER),
    (swap("hubs.csv", "Coast,east,10", "Coast,east,10 ms"), "hubs[Coast].access_ms", "'10 ms' is text", NUMBER),
    (swap("hubs.csv", "Coast,east,10", "Coast,east,1_0"), "hubs[Coast].access_ms", "'1_0' is text", NUMBER),
    (swap("hubs.csv", "Coast,east,10", "Coast,east,1e999"), "hubs[Coast].access_ms", "'1e999' is text", NUMBER),
    (swap("hubs.csv", "Coast,east,10", "Coast,east,TRUE"), "hubs[Coast].access_ms", "'TRUE' is text", NUMBER),
    (swap("hubs.csv", "Coast,east,10", "Coast,east,#REF!"), "hubs[Coast].access_ms", "'#REF!' is text", NUMBER),
    (swap("hubs.csv", "Coast,east", "Coast, east"), "hubs[Coast].region", "' east' starts or ends with a blank", "text"),
    (swap("hubs.csv", "Coast,east", "Coast,ea\x07st"), "hubs[Coast].region", "holds a control character", "text"),
    (swap("hubs.csv", "Coast,east", ",east"), "hubs[row 1].hub", "empty", "text"),
    (swap("hubs.csv", "Coast", "Delta"), "hubs[Delta]", "given twice", "once"),
    (swap("hubs.csv", "Coast", "Metro"), "data_centres[Metro]", "name also in hubs", "one node a name"),
    (swap("data_centres.csv", "Metro,east,45", "Metro,east,1e999"), "data_centres[Metro].accelerators", "'1e999' is text", LIMIT),
    (swap("data_centres.csv", "1.2,east", "0.2,east"), "data_centres[Metro].pue", "0.2 is out of range", ">= 1, <= 10"),
    (swap("data_centres.csv", "accelerators,", "accelerator,"), "data_centres.accelerator", "unknown column", "perhaps acc"),
    (swap("links.csv", "Coast,East exchange,5", "Coast,East exchange,"), "links[Coast|East exchange].rtt_ms", "missing", NUMBER),
    (swap("links.csv", "Coast,East", "Coats,East"), "links[Coats|East exchange].from", "'Coats' is unknown", "the name of a hub"),
    (swap("links.csv", "Coast,East exchange", "Coast,Coast"), "links[Coast|Coast].to", "leads to itself", "another node"),
    (swap("links.csv", "Coast,East exchange", "Coast,Coast grid"), "links[Coast|Coast grid].to", "'Coast grid' is unknown", "a hub"),
    (swap("supplies.csv", "Coast grid,Metro", "Metro,Coast grid"), "supplies[Metro|Coast grid].power_zone", "'Metro' is", "a power zone"),
    (swap("workloads.csv", "voice,1,1,1,200", "voice,1,1,1,0"), "workloads[voice].latency_slo_ms", "0 is out", "> 0"),
    (swap("workloads.csv", "voice,1,", "voice,,"), "workloads[voice].accelerator_hours_per_mtok", "missing", NUMBER),
    (swap("workloads.csv", "kwh_per_mtok", "kwh"), "workloads.kwh", "unknown column", "perhaps kwh_per_mtok"),
    (swap("workloads.csv", "voice", "song"), "demand[voice|Coast|0].workload", "'voice' is unknown", "the name of a workload"),
    (swap("demand.csv", "voice,Coast,0,30", "voice,Coast,0,"), "demand[voice|Coast|0].mtok", "missing", NUMBER),
    (swap("demand.csv", "voice,Coast,0,30", "voice,Coast,0,-30"), "demand[voice|Coast|0].mtok", "-30 is out of range", NUMBER),
    (swap("demand.csv", "voice,Coast,0,30", "voice,Coast,0,3e-10"), "demand[voice|Coast|0].mtok", "taken for nothing", NUMBER),
    (swap("demand.csv", "voice,Coast,0,30", "voice,Coast,0,3e12"), "demand", "too far apart", "1e+09"),
    (swap("demand.csv", "voice,Coast,0", "voice,Coast,0.5"), "demand[voice|Coast|0.5].hour", "0.5 is not whole", "whole number"),
    (swap("demand.csv", "voice,Coast,0", "voice,Coast,-1"), "demand[voice|Coast|-1].hour", "-1 is out of range", "whole number, >= 0"),
    (swap("demand.csv", "voice,Coast,0", "voice,Coast,9"), "demand.hour", "hours have gaps: no demand at 2", "every hour from 0 to 9"),
    (swap("demand.csv", "voice,Coast,0", "voice,Coast,00:00"), "demand[voice|Coast|00:00].hour", "'00:00' is text", "whole number"),
    (add("demand.csv", "voice,Coast,0,30\n"), "demand[voice|Coast|0]", "given twice", "once"),
    (add("demand.csv", "voice,Coast,2,30\n"), "power_zones[Coast grid].usd_per_mwh", "2 hourly values for 3 hours", "one per hour"),
    (add("power_zone_hours.csv", "Coast grid,2,5\n"), "power_zones[Coast grid].usd_per_mwh", "3 hourly values for 2", "one per hour"),
    (add("power_zone_hours.csv", "Coast grid,5,5\n"), "power_zone_hours[Coast grid].hour", "hours have gaps", "every hour once, from 0"),
    (add("power_zone_hours.csv", "Coast grid,1,5\n"), "power_zone_hours[Coast grid|1]", "given twice", "once"),
    (add("power_zone_hours.csv", "Moon grid,0,5\n"), "power_zone_hours[Moon grid].power_zone", "'Moon grid' is unknown", "a row of power_zones"),
    (swap("power_zone_hours.csv", "Coast grid,0,100", "Coast grid,0,"), "power_zone_hours[Coast grid|0].usd_per_mwh", "missing: write the price", "finite"),
    (swap("power_zone_hours.csv", "Coast grid,0,100", "Coast grid,0,cheap"), "power_zone_hours[Coast grid|0].usd_per_mwh", "'cheap' is text", "finite"),
    (swap("power_zone_hours.csv", "Coast grid,0", "Coast grid,0.5"), "power_zone_hours[Coast grid|0.5].hour", "0.5 is not whole", "whole number"),
    (swap("power_zone_hours.csv", "Coast grid,0", "Coast grid,-1"), "power_zone_hours[Coast grid|-1].hour", "-1 is out of range", "whole number"),
    (swap("power_zone_hours.csv", "Coast grid,0", "Coast grid,noon"), "power_zone_hours[Coast grid|noon].hour", "'noon' is text", "whole number"),
    (swap("power_zone_hours.csv", "Coast grid,0", "Coast grid,"), "power_zone_hours[row 1].hour", "missing", "whole number"),
    (swap("power_zone_hours.csv", "usd_per_mwh", "price"), "power_zone_hours.price", "unknown column", "usd_per_mwh"),
    (swap("power_zone_hours.csv", "hour", "time"), "power_zone_hours.hour", "column missing", "whole number"),
    (swap("power_zones.csv", "power_zone,", "zone,"), "power_zones.power_zone", "column missing", "text"),
    (put("power_zones.csv", "power_zone,usd_per_mwh\nCoast grid,50\nPlateau wind,\n"), "power_zones[Coast grid].usd_per_mwh", "given here and in power_zone_hours", "only one of the two"),
    (put("data_centre_hours.csv", "data_centre,hour,pue\nMetro,0,1.1\nMetro,1,1.1\n"), "data_centres[Metro].pue", "given here and in data_centre_hours", "only one of the two"),
    (lambda folder: (folder / "supplies.csv").rename(folder / "Supplies.csv"), "Supplies.csv", "unknown file", "perhaps supplies.csv"),
    (put("demand_profile.csv", "workload,hour,share\n"), "demand.hour", "given beside demand_profile", "only one of the two"),
    (profile("workload,hour,share\nvoice,0,0.4\nvoice,1,0.4\n"), "demand_profile[voice].share", "shares sum to 0.8", "1"),
    (profile("workload,hour,share\nchat,0,1\n"), "demand_profile[voice]", "workload has no profile", "one share an hour"),
    (profile("workload,hour,share\n"), "demand_profile[voice]", "workload has no profile", "one share an hour"),
    (profile("workload,hour,part\nvoice,0,1\n"), "demand_profile.share", "column missing", ">= 0, <= 1"),
    (profile("workload,hour,share\nvoice,0,-1\nvoice,1,2\n"), "demand_profile[voice|0].share", "-1 is out of range", ">= 0, <= 1"),
    (profile("workload,hour,share\nvoice,0,half\n"), "demand_profile[voice|0].share", "'half' is text", ">= 0, <= 1"),
    (profile("workload,hour,share\nvoice,0,nan\n"), "demand_profile[voice|0].share", "'nan' is text", ">= 0, <= 1"),
    (profile("workload,hour,share\nvoice,0,\n"), "demand_profile[voice|0].share", "missing", ">= 0, <= 1"),
    (profile("workload,hour,share\nvoice,0.5,1\n"), "demand_profile[voice|0.5].hour", "0.5 is not whole", "whole number"),
    (profile("workload,hour,share\nvoice,0,0.5\nvoice,0,0.5\n"), "demand_profile[voice|0]", "given twice", "once"),
    (profile("workload,hour,share\nvoice,0,0.5\nvoice,2,0.5\n"), "demand.hour", "hours have gaps: no demand at 1", "every hour from 0 to 2"),
    (profile("workload,hour,share\nvoice,0,1\n", "workload,hub,mtok\nvoice,Coast,\n"), "demand[voice|Coast].mtok", "missing", NUMBER),
    (profile("workload,hour,share\nvoice,0,1\n", "workload,hub,mtok\nvoice,Coast,5\nvoice,Coast,5\n"), "demand[voice|Coast|0]", "given twice", "once"),
    (profile("workload,hour,share\nvoice,0,1\n", "workload,hub\nvoice,Coast\n"), "demand.mtok", "column missing", NUMBER),
    (put("dataset.toml", "name = "), "dataset.toml", "Invalid value", "TOML"),
    (put("dataset.toml", "name = 'a'\nname = 'b'"), "dataset.toml", "Cannot overwrite a value", "TOML"),
    (put("dataset.toml", "x = " + "[" * 100_000), "dataset.toml", "", "TOML"),
    (put("dataset.toml", "x = " + "1" * 5000), "dataset.toml", "Exceeds the limit", "TOML"),
    (put("dataset.toml", "{}"), "dataset.toml", "Invalid", "TOML"),
    (put("dataset.toml", "nmae = 'x'"), "dataset.toml.nmae", "unknown key", "name"),
    (put("dataset.toml", "name = 5"), "dataset.toml.name", "5", "text"),
    (put("dataset.toml", "description = ['x']"), "dataset.toml.description", "['x']", "text"),
    (put("dataset.toml", "currency = 'Euro'"), "dataset.toml.currency", "'Euro'", "perhaps EUR"),
    (put("dataset.toml", "sources = 'x'"), "dataset.toml.sources", "'x'", "a list of texts"),
    (put("dataset.toml", "sources = [1]"), "dataset.toml.sources", "[1]", "a list of texts"),
    (put("dataset.toml", "settings = 5"), "dataset.toml.settings", "5", "a table"),
    (put("dataset.toml", "scenarios = 5"), "dataset.toml.scenarios", "5", "tables [scenarios.NAME]"),
    (put("dataset.toml", "[scenarios]\ns = 5"), "dataset.toml.scenarios.s", "5", "a table"),
    (put("dataset.toml", "[settings]\ncarbon = 5"), "dataset.toml.settings.carbon", "unknown setting", "carbon_usd_per_kg"),
    (put("dataset.toml", "[settings]\nhour_length = nan"), "settings.hour_length", "NaN", "number, > 0, finite"),
    (put("dataset.toml", "[settings]\nhour_length = '1'"), "settings.hour_length", "'1' is text", "number, > 0, finite"),
    (put("dataset.toml", "[settings]\nhour_length = 2026-01-01"), "settings.hour_length", "is not a number", "number, > 0"),
    (put("dataset.toml", "[settings]\ncyclic = 'false'"), "settings.cyclic", "'false'", "true or false"),
    (put("dataset.toml", "[settings]\ncarbon_limit_kg = -1"), "settings.carbon_limit_kg", "-1 is out of range", LIMIT),
    (put("dataset.toml", "[settings]\naccelerators = 'owned'"), "settings.accelerators", "'owned'", "by_use or sunk"),
    (put("dataset.toml", "[settings]\nexports = [['east']]"), "settings.exports", "[['east']]", "pairs"),
    (put("dataset.toml", "[settings]\nexports = [['east', 'moon']]"), "settings.exports", "'moon' is no region", "a region"),
    (put("dataset.toml", "[settings.exports]\neast = 'west'"), "settings.exports", "{'east': 'west'}", "pairs"),
]  # fmt: skip
SCENARIOS = [
    (scenario("price = 5"), "dataset.toml.scenarios.s.price", "unknown key", "columns, description, factors, settings, tables"),
    (scenario("description = 5"), "dataset.toml.scenarios.s.description", "5", "text"),
    (scenario("settings = 5"), "dataset.toml.scenarios.s.settings", "5", "a table"),
    (scenario("tables = 'x.csv'"), "dataset.toml.scenarios.s.tables", "'x.csv'", "a table"),
    (scenario("columns = ['x']"), "dataset.toml.scenarios.s.columns", "['x']", "a table"),
    (scenario("[scenarios.s.settings]", "cyclik = true"), "dataset.toml.scenarios.s.settings.cyclik", "unknown setting", "cyclic"),
    (scenario("[scenarios.s.settings]", "cyclic = 1"), "settings.cyclic", "1", "true or false"),
    (scenario(TABLES_OF_S, "demands = 'x.csv'"), "dataset.toml.scenarios.s.tables.demands", "unknown", "demand"),
    (scenario(TABLES_OF_S, "demand = 5"), "dataset.toml.scenarios.s.tables.demand", "5", "the name of a CSV file"),
    (scenario(TABLES_OF_S, "demand = 'none.csv'"), "dataset.toml.scenarios.s", "'none.csv' is not there", "a CSV file in the"),
    (scenario(TABLES_OF_S, "demand = 'demand'"), "dataset.toml.scenarios.s", "'demand' is not there", "a CSV file in the"),
    (scenario(TABLES_OF_S, "demand = '../copy.csv'"), "dataset.toml.scenarios.s", "'../copy.csv' is not there", "in the dataset"),
    (scenario(TABLES_OF_S, "demand = '/etc/passwd'"), "dataset.toml.scenarios.s", "'/etc/passwd' is not there", "in the dataset"),
    (scenario(TABLES_OF_S, 'demand = "x\\u0000.csv"'), "dataset.toml.scenarios.s", "is not there", "a CSV file in the"),
    (scenario(TABLES_OF_S, f"demand = '{'x' * 5000}.csv'"), "dataset.toml.scenarios.s", "is not there", "a CSV file in the"),
    (scenario(TABLES_OF_S, "demand = 'd.csv'", d=""), "d.csv", "file empty", "a header row"),
    (scenario(TABLES_OF_S, "demand = 'd.csv'", d="workload,hub,mtok\nvoice,Moon,5\n"), "demand[voice|Moon|0].hub", "'Moon' is unknown", "a hub"),
    (scenario(COLUMNS_OF_S, "'hubs' = 5"), "dataset.toml.scenarios.s.columns.hubs", "unknown", "then a dot and a column"),
    (scenario(COLUMNS_OF_S, "'hub.access_ms' = 5"), "dataset.toml.scenarios.s.columns.hub.access_ms", "unknown", "hubs"),
    (scenario(COLUMNS_OF_S, "'hubs.acess_ms' = 5"), "dataset.toml.scenarios.s.columns.hubs.acess_ms", "unknown", "access_ms"),
    (scenario(COLUMNS_OF_S, "hubs.access_ms = 5"), "dataset.toml.scenarios.s.columns.hubs", "unknown", "then a dot"),
    (scenario(COLUMNS_OF_S, "'hubs.access_ms' = [5]"), "dataset.toml.scenarios.s.columns.hubs.access_ms", "[5]", "a value, or the name"),
    (scenario(COLUMNS_OF_S, "'hubs.access_ms' = -5"), "hubs[Coast].access_ms", "-5 is out of range", NUMBER),
    (scenario(COLUMNS_OF_S, "'hubs.access_ms' = true"), "hubs[Coast].access_ms", "'True' is text", NUMBER),
    (scenario(COLUMNS_OF_S, "'hubs.access_ms' = nan"), "hubs[Coast].access_ms", "'nan' is text", NUMBER),
    (scenario(COLUMNS_OF_S, "'hubs.hub' = 'x'"), "hubs[x]", "given twice", "once"),
    (scenario(COLUMNS_OF_S, "'demand_profile.share' = 1"), "dataset.toml.scenarios.s.columns.demand_profile.share", "no such table", "a table of the dataset"),
    (scenario(COLUMNS_OF_S, "'hubs.access_ms' = 'none.csv'"), "dataset.toml.scenarios.s", "'none.csv' is not there", "a CSV file"),
    (scenario(COLUMNS_OF_S, "'hubs.access_ms' = 'a.csv'", a="hub,access\nCoast,5\n"), "a.csv.access_ms", "column missing", "the key and the column"),
    (scenario(COLUMNS_OF_S, "'hubs.access_ms' = 'a.csv'", a="access_ms\n5\n"), "a.csv.hub", "column missing", "the key and the column"),
    (scenario(COLUMNS_OF_S, "'hubs.access_ms' = 'a.csv'", a="hub,access_ms\nMoon,5\n"), "a.csv[Moon]", "no such row in hubs", "a row of the table"),
    (scenario(COLUMNS_OF_S, "'hubs.access_ms' = 'a.csv'", a="hub,access_ms\nCoast,5\nCoast,6\n"), "a.csv[Coast]", "given twice", "once"),
    (scenario(COLUMNS_OF_S, "'hubs.access_ms' = 'a.csv'", a="hub,access_ms\nCoast,x\n"), "hubs[Coast].access_ms", "'x' is text", NUMBER),
    (scenario(COLUMNS_OF_S, "'links.rtt_ms' = 'a.csv'", a="from,to,rtt_ms\nEast exchange,Coast,5\n"), "a.csv[East exchange|Coast]", "no such row in links", "a row"),
]  # fmt: skip


def place_and_problem(entry):
    """Name a spoilt dataset by what is found in it."""
    return f"{entry[1]}: {entry[2]}"[:90]


@pytest.mark.parametrize("entry", FILES, ids=place_and_problem)
def test_bad_dataset_is_named(tiny_copy, entry, violations_when_solved, assert_named):
    """Tests that a spoilt dataset is an InstanceError that names file or table, line or row, and what is allowed."""
    spoil, *expected = entry
    spoil(tiny_copy)
    assert_named(violations_when_solved(lambda: placer.load(tiny_copy)), *expected)


@pytest.mark.parametrize("entry", SCENARIOS, ids=place_and_problem)
def test_bad_scenario_is_named(tiny_copy, entry, violations_when_solved, assert_named):
    """Tests that a scenario that does not fit its dataset is an InstanceError in the same way."""
    spoil, *expected = entry
    spoil(tiny_copy)
    assert_named(violations_when_solved(lambda: placer.load(tiny_copy, ["s"])), *expected)


@pytest.mark.parametrize("dataset", ["nowhere", "tiny/hubs.csv", "a\0b", "x" * 5000, "/dev/null"])
def test_no_such_dataset(dataset, violations_when_solved, assert_named):
    """Tests that a name that is no dataset is answered with those there are."""
    assert_named(
        violations_when_solved(lambda: placer.load(dataset)), "dataset", "is neither a dataset nor a folder", "tiny"
    )


@pytest.mark.parametrize("scenarios", [["x"], "x", [""], [None], ["dispatch", "x"], ["Dispatch"]])
def test_no_such_scenario(scenarios, violations_when_solved, assert_named):
    """Tests that a name that is no scenario is answered with those there are."""
    assert_named(
        violations_when_solved(lambda: placer.load("tiny", scenarios)), "scenarios", "is unknown", "dispatch, patient"
    )


def test_the_corpus_is_large():
    """Tests that the table of bad inputs stays as broad as it was meant to be."""
    assert len(FILES + SCENARIOS) >= 100
