"""Scenarios: overrides of tables and columns, factors, and all their defects at once."""

from __future__ import annotations

import math

import pytest

from placer.datasets.folder import load

WITHOUT_HOURS = "workload,hub,mtok\nw,A,10\nv,B,20\n"
PROFILE = "workload,hour,share\nw,6,0.25\nw,7,0.75\nv,6,1\nv,7,0\n"


def test_scenario_settings(folder):
    """Tests that a scenario overrides the settings it names and keeps the others."""
    base = "[settings]\ncyclic = true\nhour_length = 2\n"
    change = '[scenarios.s.settings]\nhour_length = 3\nexports = [["east", "west"]]\n'
    place = folder({"dataset.toml": base + change})
    assert load(place).settings.hour_length == 2
    changed = load(place, ["s"]).settings
    assert (changed.cyclic, changed.hour_length, changed.exports) == (True, 3.0, (("east", "west"),))


def test_scenario_tables(folder):
    """Tests that a scenario replaces whole tables, and can bring one that was not there."""
    toml = '[scenarios.s.tables]\ndemand = "more/demand.csv"\nexchanges = "exchanges_s.csv"\n'
    files = {"dataset.toml": toml, "more/demand.csv": "workload,hub,mtok\nw,A,9\n", "exchanges_s.csv": "exchange\nX\n"}
    place = folder(files)
    assert load(place).exchanges.empty
    changed = load(place, "s")
    assert changed.demand["mtok"].tolist() == [9]
    assert changed.exchanges["exchange"].tolist() == ["X"]


@pytest.mark.parametrize(
    ("column", "value", "table", "expected"),
    [
        ("data_centres.pue", "1.5", "data_centres", [1.5, 1.5]),
        ("data_centres.speed", "2", "data_centres", [2.0, 2.0]),
        ("links.capacity_gbps", "inf", "links", [math.inf] * 3),
        ("links.usd_per_gb", "1e-3", "links", [0.001] * 3),
        ("hubs.region", '"north"', "hubs", ["north", "north"]),
        ("workloads.jurisdictions", '"CN|EU"', "workloads", [("CN", "EU")] * 2),
    ],
)
def test_scenario_constants(folder, column, value, table, expected, scenario):
    """Tests that a scenario sets a column of all rows, of any kind and whether it stands in the file or not."""
    instance = load(folder(scenario("[scenarios.s.columns]", f'"{column}" = {value}')), ["s"])
    assert instance.tables[table][column.split(".")[1]].tolist() == expected


@pytest.mark.parametrize("value", ['""', '" "'])
def test_columns_take_a_value_or_a_file(folder, value, violations_of, scenario):
    """Tests that an empty name of a file does not set a column of numbers to its default."""
    (violation,) = violations_of(load, folder(scenario("[scenarios.s.columns]", f'"links.rtt_ms" = {value}')), ["s"])
    assert violation.startswith("dataset.toml.scenarios.s.columns.links.rtt_ms: ")
    assert violation.endswith("or the name of a CSV file)")


LIMIT = "limit,kind,sense,amount,data_centre,hours\na,tokens,<=,5,D,\nb,share,<=,0.5,F,each\n"


def test_scenarios_bring_and_change_limits(folder):
    """Tests that a scenario brings limits of one's own, sets the amount of one, and scales the amounts of all."""
    toml = '[scenarios.s.tables]\nlimits = "s/limits.csv"\n[scenarios.t.columns]\n"limits.amount" = "t/amount.csv"\n'
    toml += '[scenarios.u.factors]\n"limits.amount" = 0.5\n'
    place = folder({"dataset.toml": toml, "s/limits.csv": LIMIT, "t/amount.csv": "limit,amount\na,7\n"})
    assert load(place).limits.empty
    assert load(place, ["s"]).limits["amount"].tolist() == [5.0, 0.5]
    assert load(place, ["s", "t", "u"]).limits["amount"].tolist() == [3.5, 0.25]
    assert load(place, ["s"]).limits["hours"].tolist() == [None, "each"]


def test_scenario_column_files(folder, scenario):
    """Tests that a scenario changes only the rows its file lists, by key, in any order of columns."""
    files = scenario("[scenarios.s.columns]", '"links.rtt_ms" = "s/rtt.csv"', '"hubs.access_ms" = "s/access.csv"')
    files |= {"s/rtt.csv": "rtt_ms,to,from\n7,F,D\n8,D,A\n", "s/access.csv": "hub,access_ms\nB,3\n"}
    instance = load(folder(files), ["s"])
    assert instance.links["rtt_ms"].tolist() == [8, 20, 7]
    assert instance.hubs["access_ms"].tolist() == [0, 3]


def test_scenario_column_replaces_hourly_values(folder):
    """Tests that a value set once for all puts aside the hourly ones of the rows it sets."""
    hours = "power_zone,hour,usd_per_mwh\nZ,0,1\nZ,1,2\nY,0,3\nY,1,4\n"
    toml = '[scenarios.{0}.columns]\n"power_zones.usd_per_mwh" = {1}\n'
    files = {
        "dataset.toml": toml.format("all", 9) + toml.format("one", '"one.csv"'),
        "one.csv": "power_zone,usd_per_mwh\nY,7\n",
    }
    place = folder(files, power_zones="power_zone\nZ\nY\n", power_zone_hours=hours)
    prices = [load(place, scenarios).power_zones["usd_per_mwh"].tolist() for scenarios in ([], ["all"], ["one"])]
    assert prices == [[(1.0, 2.0), (3.0, 4.0)], [9.0, 9.0], [(1.0, 2.0), 7.0]]


def test_scenario_of_hourly_values(folder):
    """Tests that a scenario may set a column of an hourly table or a profile."""
    toml = '[scenarios.s.columns]\n"data_centre_hours.pue" = 1.7\n"demand_profile.share" = "flat.csv"\n'
    files = {"dataset.toml": toml, "flat.csv": "workload,hour,share\nw,6,0.5\nw,7,0.5\n"}
    hours = "data_centre,hour,pue\nF,6,1.1\nF,7,1.3\n"
    instance = load(folder(files, data_centre_hours=hours, demand=WITHOUT_HOURS, demand_profile=PROFILE), ["s"])
    assert instance.data_centres["pue"].tolist() == [1.2, (1.7, 1.7)]
    assert instance.demand.query("workload == 'w'")["mtok"].tolist() == [5, 5]


def test_scenarios_apply_in_the_order_given(folder):
    """Tests that of several scenarios the later overrides the earlier."""
    toml = (
        '[scenarios.a.settings]\nhour_length = 2\n[scenarios.a.columns]\n"data_centres.pue" = 2\n"hubs.access_ms" = 1\n'
        '[scenarios.b.settings]\nhour_length = 3\n[scenarios.b.columns]\n"data_centres.pue" = 3\n'
        '[scenarios.c.tables]\ndata_centres = "c.csv"\n'
    )
    place = folder({"dataset.toml": toml, "c.csv": "data_centre,pue\nD,4\nF,4\n"})
    both = load(place, ["a", "b"])
    assert (both.settings.hour_length, both.data_centres["pue"][0], both.hubs["access_ms"][0]) == (3, 3, 1)
    assert load(place, ["b", "a"]).data_centres["pue"][0] == 2
    assert load(place, ["a", "c"]).data_centres["pue"][0] == 4
    assert load(place, ["c", "a"]).data_centres["pue"][0] == 2
    assert load(place, iter(["a", "b"])) == both


def test_scenario_factors(folder):
    """Tests that factors multiply given cells and defaults, hourly values too, and leave what is unlimited."""
    toml = '[scenarios.s.factors]\n"power_zones.usd_per_mwh" = 3\n"data_centres.speed" = 0.5\n"links.rtt_ms" = 2\n'
    toml += '"links.capacity_gbps" = 0.5\n"data_centres.pue" = 1.5\n'
    hours = "power_zone,hour,usd_per_mwh\nZ,0,1\nZ,1,2\n"
    zones = "power_zone,usd_per_mwh\nZ,\nY,20\n"
    instance = load(folder({"dataset.toml": toml}, power_zones=zones, power_zone_hours=hours), ["s"])
    assert instance.power_zones["usd_per_mwh"].tolist() == [(3.0, 6.0), 60.0]
    assert instance.data_centres["speed"].tolist() == [0.5, 0.5]
    assert instance.data_centres["pue"].tolist() == [pytest.approx(1.8), 1.5]
    assert instance.links["rtt_ms"].tolist() == [20, 40, 10]
    assert instance.links["capacity_gbps"].tolist() == [math.inf] * 3


def test_factors_apply_after_all_replacements(folder):
    """Tests that a factor multiplies what the other scenarios set, in whatever order they are given."""
    toml = '[scenarios.half.factors]\n"hubs.access_ms" = 0.5\n[scenarios.far.columns]\n"hubs.access_ms" = 10\n'
    place = folder({"dataset.toml": toml})
    for scenarios in (["half", "far"], ["far", "half"]):
        assert load(place, scenarios).hubs["access_ms"].tolist() == [5, 5]
    assert load(place, ["far", "half", "half"]).hubs["access_ms"].tolist() == [2.5, 2.5]


def test_factors_leave_bad_cells_to_the_checks(folder, violations_of):
    """Tests that a cell that is no number is reported as it stands in the file."""
    place = folder(
        {"dataset.toml": '[scenarios.s.factors]\n"links.rtt_ms" = 2\n'}, links="from,to,rtt_ms\nA,D,ten\nB,D,\n"
    )
    found = violations_of(load, place, ["s"])
    assert len(found) == 2
    assert "'ten'" in found[0]


def test_scenarios_of_the_shipped_dataset():
    """Tests that the scenarios of the tiny dataset do what they say."""
    assert load("tiny", ["dispatch"]).settings.accelerators == "sunk"
    patient = load("tiny", ["patient", "dispatch"])
    assert patient.workloads["latency_slo_ms"].tolist() == [300, 500, math.inf]
    assert patient.settings.accelerators == "sunk"


@pytest.fixture
def outside(tmp_path):
    """A file beside the folder that a scenario must not reach."""
    file = tmp_path / "outside.csv"
    file.write_text("hub,region\nA,east\nB,east\n")
    return file


@pytest.mark.parametrize("part", ["tables", "columns"])
@pytest.mark.parametrize(
    "file", ["../outside.csv", "s/../../outside.csv", "absolute", "symbolic.csv", "dir.csv", "none.csv", "loop.csv"]
)
def test_scenario_files_stay_in_the_folder(folder, outside, part, file, violations_of, scenario):
    """Tests that a scenario reads no file outside its folder, by whatever way, and nothing but files."""
    name = str(outside) if file == "absolute" else file
    key = "hubs" if part == "tables" else '"hubs.region"'
    place = folder(scenario(f"[scenarios.s.{part}]", f"{key} = '{name}'") | {"s/x.csv": "hub\nA\n"})
    (place / "symbolic.csv").symlink_to(outside)
    (place / "loop.csv").symlink_to(place / "loop.csv")
    (place / "dir.csv").mkdir()
    (violation,) = violations_of(load, place, ["s"])
    assert violation.startswith("dataset.toml.scenarios.s: ")
    assert violation.endswith("is not there (allowed: a CSV file in the dataset's folder)")


def test_a_folder_may_be_reached_by_a_link(folder, tmp_path, scenario):
    """Tests that confining scenarios to their folder does not refuse a folder that is itself linked to."""
    place = folder(scenario("[scenarios.s.tables]", 'hubs = "h.csv"') | {"h.csv": "hub,region\nA,east\nB,east\n"})
    (tmp_path / "linked").symlink_to(place)
    assert load(tmp_path / "linked", ["s"]) == load(place)


def test_defects_of_scenarios_are_told_beside_those_of_the_manifest(folder, violations_of):
    """Tests that a manifest, its scenarios and the tables with a defect each are told all in one round."""
    lines = [
        'nmae = "x"',
        "[scenarios.s.settings]\ncyclc = true\nhour_length = 0",
        '[scenarios.s.tables]\nlinks = "links_s.csv"\nsupplies = "none.csv"\nworkloads = 5',
        '[scenarios.s.columns]\n"hubs.access_ms" = "access.csv"\n"demand.mtok" = -1\n"data_centres.pu" = 2',
        '[scenarios.s.factors]\n"demand.mtk" = 2',
    ]
    files = {"dataset.toml": "\n".join(lines), "links_s.csv": "from,to,rtt_ms\nA\n", "access.csv": "hub\nA\n"}
    found = violations_of(load, folder(files, data_centres="data_centre,pue\nD,0.5\n"), ["s"])
    places = [text.split(":")[0] for text in found]
    assert places == [
        "dataset.toml.nmae",
        "dataset.toml.scenarios.s.settings.cyclc",
        "dataset.toml.scenarios.s.tables.workloads",
        "dataset.toml.scenarios.s.columns.data_centres.pu",
        "dataset.toml.scenarios.s.factors.demand.mtk",
        "links_s.csv[line 2]",
        "dataset.toml.scenarios.s",
        "access.csv.access_ms",
        "data_centres[D].pue",
        "demand[w|A|0].mtok",
        "demand[w|B|1].mtok",
        "demand[v|A|1].mtok",
        "settings.hour_length",
    ]


def test_defects_of_scenarios_are_told_beside_those_of_the_tables(folder, violations_of, scenario):
    """Tests that two files of a scenario and a table of the dataset that cannot be read are told in one round."""
    toml = scenario('[tables]\nlinks = "l.csv"'.replace("[tables]", "[scenarios.s.tables]") + '\nhubs = "h.csv"')
    files = toml | {"l.csv": "from,to,rtt_ms\nA\n", "h.csv": "hub,hub\nA,A\n"}
    found = violations_of(load, folder(files, workloads="workload\nw,1\n"), ["s"])
    assert [text.split(":")[0] for text in found] == ["workloads.csv[line 2]", "l.csv[line 2]", "h.csv.hub"]


def test_rows_of_a_scenario_that_are_not_there_are_told_beside_those_given_twice(folder, violations_of, scenario):
    """Tests that both defects of a file of rows are told in one round."""
    files = scenario("[scenarios.s.columns]", '"hubs.access_ms" = "a.csv"') | {
        "a.csv": "hub,access_ms\nA,1\nA,2\nX,3\n"
    }
    assert violations_of(load, folder(files), ["s"]) == [
        "a.csv[A]: given twice (allowed: once)",
        "a.csv[X]: no such row in hubs (allowed: a row of the table)",
    ]


def test_a_scenario_that_reads_a_table_anew_makes_it_known(folder, violations_of, scenario):
    """Tests that the defects of a table are told that a scenario puts in place of one that cannot be read."""
    toml = scenario("[scenarios.s.tables]", 'data_centres = "d.csv"')
    place = folder(toml | {"d.csv": "data_centre,pue\nD,0.5\nF,2\n"}, data_centres="data_centre\nD,1\n")
    found = violations_of(load, place, ["s"])
    assert [text.split(":")[0] for text in found] == ["data_centres.csv[line 2]", "data_centres[D].pue"]


def test_an_unknown_scenario_is_told_beside_files_that_cannot_be_read(folder, violations_of, scenario):
    """Tests that a misspelt scenario hides no file with a defect, and brings no word on tables it would change."""
    place = folder(
        scenario("[scenarios.s.tables]", 'demand = "d.csv"'), links="from,to\nA\n", hubs="hub,access_ms\nA,-1\n"
    )
    found = violations_of(load, place, ["t"])
    assert [text.split(":")[0] for text in found] == ["scenarios", "links.csv[line 2]"]
