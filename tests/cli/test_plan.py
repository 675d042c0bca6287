"""Tests of ``placer plan``, on an instance whose plan is known by hand: 60 units in the West at 10,320 USD a day.

East has 100 units that are paid for, at 5 USD an hour; West costs 30 USD a unit-day to build and 3 an hour. The day has
two periods of 12 hours, with 130 and 60 units of work. A unit in the West saves the first period's shortage, and works
cheaper in both: 12 x (5 - 3) + 12 x 0.5 = 30 USD a day is its value at the optimum.
"""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing

import pandas as pd
import pytest

import placer
from placer.batch.store import Store
from placer.errors import BatchError
from tests.home_and_abroad import home_and_abroad

TABLES = {
    "hubs": [{"hub": "coast"}],
    "data_centres": [
        {"data_centre": "East", "accelerators": 100, "operations_usd_per_hour": 5},
        {"data_centre": "West", "accelerators": 0, "operations_usd_per_hour": 3},
    ],
    "links": [{"from": "coast", "to": "East", "rtt_ms": 5}, {"from": "coast", "to": "West", "rtt_ms": 30}],
    "workloads": [{"workload": "w", "accelerator_hours_per_mtok": 1, "kwh_per_mtok": 0, "unserved_usd_per_mtok": 1000}],
    "demand": [
        {"workload": "w", "hub": "coast", "hour": hour, "mtok": 12 * units} for hour, units in enumerate((130, 60))
    ],
}
CANDIDATES = """candidate,adds,target,usd_per_unit_year,land_ha
West hall,accelerators,West,10950,2
East hall,accelerators,East,8760,1
"""


@pytest.fixture
def dataset(tmp_path):
    """Return the folder of the instance and its candidates."""
    instance = placer.Instance.from_tables(TABLES, accelerators="sunk", hour_length=12.0)
    place = placer.save(instance, tmp_path / "two")
    (place / "candidates.csv").write_text(CANDIDATES, encoding="utf-8")
    return place


@pytest.mark.slow
def test_plan_is_printed(run, dataset):
    """Tests figures and tables on standard output, and the status of a plan that is proven."""
    code, out, err = run("plan", dataset)
    assert code == 0
    for text in ("3,766,800 USD, of which 657,000 to build", "proven to a gap", "West hall", "657,000", "all year"):
        assert text in out
    assert "Build limits" not in out
    assert "loading" in err


def test_budget_and_json(run, dataset):
    """Tests by hand that 900 USD a day build 30 units, that the day then costs 10,860, and a dollar is worth 0.6."""
    code, out, _ = run("plan", dataset, "--build-limit", f"budget_usd_year={900 * 365}", "--json")
    found = json.loads(out)
    assert code == 0
    assert found["cost_usd_per_year"] / 365 == pytest.approx(10_860)
    assert found["proven"] is True
    assert [row["units"] for row in found["builds"]] == pytest.approx([30, 0])
    assert found["build_limits"][0]["rent_usd_per_unit_year"] == pytest.approx(0.6)
    assert found["states"][0]["horizons_per_year"] == 365


@pytest.mark.slow
def test_annual_limits(run, dataset, tmp_path):
    """Tests at most 1,200 Mtok a day in the West by hand: 50 units that work all day, at 10,500, and 0.75 USD a Mtok.

    A unit more costs 30 a day, and its 24 Mtok save 48: 18 for 24 Mtok more of the limit.
    """
    rows = [{"limit": "west", "kind": "tokens", "sense": "<=", "amount": 5000, "data_centre": "West"}]
    place = placer.save(placer.load(dataset).replace(limits=rows), tmp_path / "limited")
    (place / "candidates.csv").write_text(CANDIDATES, encoding="utf-8")
    limit, out = ("--annual-limit", f"west={1200 * 365}"), tmp_path / "out"
    code, printed, _ = run("plan", place, *limit, "--curve", "west=0:500000", "--out", out, "--json")
    found = json.loads(printed)
    assert code == 0
    assert found["cost_usd_per_year"] / 365 == pytest.approx(10_500)
    assert [row["units"] for row in found["builds"]] == pytest.approx([50, 0])
    (row,) = found["annual_limits"]
    assert [row["amount"], row["use"]] == pytest.approx([1200 * 365] * 2)
    assert (row["unit"], row["rent_usd_per_unit"]) == ("Mtok", pytest.approx(0.75))
    assert pd.read_csv(out / "allotments.csv")["use"].tolist() == pytest.approx([1200])
    assert "west" in (out / "curves.csv").read_text(encoding="utf-8")
    (place / "annual_limits.csv").write_text(f"limit,amount_per_year\nwest,{1200 * 365}\n", encoding="utf-8")
    assert "Annual limits" in run("plan", place)[1]
    twice = run("plan", place, "--annual-limit", f"west={2400 * 365}", "--json")[1]
    assert json.loads(twice)["annual_limits"][0]["amount"] == 2400 * 365
    code, _, err = run("plan", place, "--annual-limit", "west", "--annual-limit", "a=1", "--annual-limit", "a=2")
    assert code == 2
    assert "'west' is not NAME=AMOUNT" in err
    assert "'a' is given twice" in err


@pytest.mark.slow
def test_files_and_options(run, dataset, tmp_path):
    """Tests that limits of the dataset hold, that an option replaces one, and that tables are written."""
    (dataset / "build_limits.csv").write_text("limit,amount\nland_ha,60\n", encoding="utf-8")
    assert run("plan", dataset, "--out", tmp_path / "out")[0] == 0
    builds = pd.read_csv(tmp_path / "out" / "builds.csv").set_index("candidate")
    assert builds.loc["West hall", "units"] == pytest.approx(30)
    assert json.loads((tmp_path / "out" / "summary.json").read_text(encoding="utf-8"))["built"] == 1
    mine = tmp_path / "mine.csv"
    mine.write_text(CANDIDATES.replace("10950", "9000"), encoding="utf-8")
    ask = ("plan", dataset, "--candidates", mine, "--build-limit", "land_ha=100", "--out", tmp_path / "all.xlsx")
    assert run(*ask)[0] == 0
    sheets = pd.read_excel(tmp_path / "all.xlsx", sheet_name=None)
    assert set(sheets) == {"summary", "builds", "build_limits", "states"}
    assert sheets["build_limits"]["use"].tolist() == pytest.approx([100])
    code, _, err = run("plan", dataset, "--build-limit", "land_ha>=200", "--json")
    assert code == 2
    assert "help to keep the build limit land_ha" in err


@pytest.mark.slow
def test_plot_and_report(run, dataset, tmp_path):
    """Tests that the folder of tables has a plot, that a report is written, and that a bad name of it is refused."""
    page = tmp_path / "plan.html"
    assert run("plan", dataset, "--out", tmp_path / "out", "--report", page)[0] == 0
    assert (tmp_path / "out" / "builds.png").stat().st_size > 0
    text = page.read_text(encoding="utf-8")
    assert "What to build" in text
    assert ": what to build</bdi></h1>" in text
    assert "State all year" in text
    assert run("plan", dataset, "--report", tmp_path / "plan.txt")[0] == 2


@pytest.mark.slow
def test_curves_and_sites(run, dataset, tmp_path):
    """Tests by hand that a dollar of budget saves 0.6 up to 1,800 USD a day, and nothing beyond; and the use of sites.

    The West works all the time, the East 70 of its 100 units in the first period and none in the second.
    """
    budget = ["--build-limit", f"budget_usd_year={1e4 * 365}", "--curve", f"budget_usd_year={900 * 365}:{3000 * 365}"]
    page = tmp_path / "plan.html"
    code, out, _ = run("plan", dataset, *budget, "--sites", "--out", tmp_path / "out", "--report", page)
    assert code == 0
    assert "Least cost over budget_usd_year" in out
    curve = pd.read_csv(tmp_path / "out" / "curves.csv")
    assert curve["limit"].unique().tolist() == ["budget_usd_year"]
    assert (curve["amount"] / 365).tolist() == pytest.approx([900, 1800, 3000], rel=1e-6)
    assert (curve["cost_usd_per_year"] / 365).tolist() == pytest.approx([10_860, 10_320, 10_320])
    assert curve["rent_usd_per_unit_year"].tolist()[:2] == pytest.approx([0.6, 0], abs=1e-9)
    sites = pd.read_csv(tmp_path / "out" / "stranded.csv").set_index("data_centre")
    assert sites["utilisation"].to_dict() == pytest.approx({"East": 0.35, "West": 1.0})
    assert (tmp_path / "out" / "curve_0.png").stat().st_size > 0
    text = page.read_text(encoding="utf-8")
    assert "Least cost over budget_usd_year" in text
    assert "What stands already" in text
    ask = ("plan", dataset, *budget, "--out", tmp_path / "all.xlsx")
    assert run(*ask)[0] == 0
    assert "curves" in pd.read_excel(tmp_path / "all.xlsx", sheet_name=None)


@pytest.mark.slow
def test_whole_modules(run, dataset, tmp_path):
    """Tests that a plan in modules of 25 has status 0 once the gap is reached, and no values.

    By hand: 50 units cost 1,500 + 12 x (150 + 400) + 12 x (150 + 50) = 10,500 a day, 75 cost 2,250 + 12 x (225 + 275) +
    12 x 180 = 10,410, 100 cost 3,000 + 12 x (300 + 150) + 12 x 180 = 10,560.
    """
    mine = tmp_path / "mine.csv"
    lines = CANDIDATES.splitlines()
    mine.write_text("\n".join([f"{lines[0]},module_units,max_units", f"{lines[1]},25,200", f"{lines[2]},,9"]), "utf-8")
    code, out, _ = run("plan", dataset, "--candidates", mine, "--json")
    found = json.loads(out)
    assert code == 0
    assert found["builds"][0]["units"] == pytest.approx(75)
    assert found["builds"][0]["value_usd_per_unit_year"] is None
    assert run("plan", dataset, "--candidates", mine, "--out", tmp_path / "out")[0] == 0


@pytest.mark.slow
def test_demand_sets_are_states(run, dataset):
    """Tests that sets are drawn with the parameters given: without shocks, three sets are one."""
    calm = [f"--set={name}=0" for name in ("common_sigma", "regional_sigma", "hub_sigma", "shift_hours_sigma")]
    calm += ["--set=sharpness_sigma=0", "--set=steps_sigma=0", "--set=burst_rate=0", "--set=mix_concentration=inf"]
    code, out, _ = run("plan", dataset, "--sets", 3, "--seed", 5, *calm, "--json")
    found = json.loads(out)
    assert code == 0
    assert [row["state"] for row in found["states"]] == ["set 0", "set 1", "set 2"]
    assert found["cost_usd_per_year"] / 365 == pytest.approx(10_320, rel=1e-4)


@pytest.mark.slow
def test_plans_that_survive(run, dataset, tmp_path):
    """Tests by hand what the loss of either site asks for: 130 units in the West and 30 more in the East.

    They cost 130 x 30 + 30 x 24 = 4,620 a day, and all work runs in the West: 12 x 3 x (130 + 60) = 6,840. If a tenth
    of the 2,280 may be unserved, 19 units less are built at either site: 111 x 30 + 11 x 24 = 3,594 a day, and in the
    first period 19 units run in the East: 12 x (111 x 3 + 19 x 5) + 12 x 60 x 3 = 7,296.
    """
    survive = ("plan", dataset, "--secure", "data_centres", "--out", tmp_path / "out", "--gap", "1e-8")
    code, out, _ = run(*survive, "--most-stranded", 0)
    assert code == 0
    assert "Protected work if one is lost" in out
    assert "Security          data centres, each lost alone; at most 0.00% of protected work strands" in out
    builds = pd.read_csv(tmp_path / "out" / "builds.csv").set_index("candidate")["units"]
    assert builds.to_dict() == pytest.approx({"West hall": 130.0, "East hall": 30.0})
    assert len(pd.read_csv(tmp_path / "out" / "protection.csv")) == 2
    code, out, _ = run("plan", dataset, "--secure", "data_centres", "--json", "--gap", "1e-8")
    found = json.loads(out)
    assert found["cost_usd_per_year"] / 365 == pytest.approx(11_460)
    assert [row["unserved_mtok"] for row in found["protection"]] == pytest.approx([0.0, 0.0], abs=1e-6)
    code, out, _ = run("plan", dataset, "--secure", "data_centres", "--most-stranded", 0.1, "--json", "--gap", "1e-8")
    found = json.loads(out)
    assert found["cost_usd_per_year"] / 365 == pytest.approx(10_890)
    assert [row["unserved_mtok"] for row in found["protection"]] == pytest.approx([228.0, 228.0])


@pytest.mark.slow
def test_old_names_of_security(run, dataset):
    """Tests that --outages and --outage-hours alone still count by their hours and limit nothing, with a note."""
    old = ("plan", dataset, "--outages", "data_centres", "--outage-hours", 87.6, "--json")
    code, out, err = run(*old)
    found = json.loads(out)
    assert (code, "protection" in found, found["secure"]) == (0, False, "data_centres")
    assert "note: --outages is deprecated; write --secure" in err
    code, out, err = run(*old, "--most-unserved", 0.02, "--protect", "w=1")
    assert (code, len(json.loads(out)["protection"])) == (0, 2)
    assert "note: --most-unserved is deprecated; write --most-stranded" in err


@pytest.mark.slow
def test_outages_with_demand_sets(run, dataset):
    """Tests that every set meets every outage, which lasts its hours: 87.6 of the year and two sets, 0.005 each."""
    hours = ("--secure", "data_centres", "--outage-hours", 87.6, "--most-stranded", 1)
    code, out, _ = run("plan", dataset, "--sets", 2, *hours, "--json")
    found = json.loads(out)
    assert code == 0
    assert [row["state"] for row in found["states"]][:3] == ["set 0, nothing lost", "set 0, East", "set 0, West"]
    assert found["states"][1]["horizons_per_year"] == pytest.approx(365 * 0.005)
    assert "protection" not in found


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--secure", "data_centres", "--outage-hours", "9000"), "hours for each of 2 contingencies"),
        (("--secure", "data_centres", "--most-stranded", "2"), "most_stranded"),
        (("--secure", "data_centres", "--protected", "w", "--set", "a"), "--protected[w]: not understood"),
        (("--secure", "data_centres", "--protected", "voice=1"), "voice"),
        (
            ("--most-stranded", "0", "--outage-hours", "3", "--protected", "w=1"),
            "--protected: nothing is lost",
        ),
        (("--build-limit", "land_ha"), "'land_ha' is not NAME=AMOUNT"),
        (("--build-limit", "land_ha=much"), "'land_ha=much' is not NAME=AMOUNT"),
        (("--build-limit", "land=3"), "no candidate takes anything of it (allowed: perhaps land_ha)"),
        (("--curve", "land_ha=3"), "'land_ha=3' is not NAME=LEAST:MOST"),
        (("--curve", "land_ha=a:b"), "'land_ha=a:b' is not NAME=LEAST:MOST"),
        (("--curve", "land_ha=1:2"), "no build limit 'land_ha'"),
        (("--set", "growth=2"), "there are no demand sets"),
        (("--sets", "2", "--set", "growth=2", "--set", "growth=3"), "--set[growth]: given twice"),
        (("--candidates", "/"), "/: is a folder"),
        (("--build-limit", "land_ha=9", "--curve", "land_ha=0:inf"), "inf is out of range"),
        (("--build-limit", "land_ha=9", "--build-limit", "land_ha<=8"), "given twice"),
        (("--candidates", "missing.csv"), "missing.csv"),
        (("--gap", "0"), "gap 0.0 is not a positive number"),
    ],
)
def test_bad_input(run, dataset, arguments, message):
    """Tests that bad input is one message, and status 2."""
    code, _, err = run("plan", dataset, *arguments)
    assert code == 2
    assert message in err


def test_build_limits_that_no_plan_keeps(run, dataset):
    """Tests that build limits against each other have status 1, and candidates that need a maximum status 2."""
    ask = ("plan", dataset, "--build-limit", "land_ha>=100", "--build-limit", "budget_usd_year=1000")
    code, _, err = run(*ask)
    assert code == 2
    assert "help to keep the build limit land_ha" in err
    limited = CANDIDATES.replace("land_ha", "max_units,land_ha").replace(",2\n", ",90,2\n").replace(",1\n", ",90,1\n")
    (dataset / "candidates.csv").write_text(limited, encoding="utf-8")
    code, _, err = run(*ask)
    assert code == 1
    assert "land_ha" in err


@pytest.mark.slow
def test_a_range_of_the_dataset_keeps_both_sides(run, dataset, tmp_path):
    """Tests by hand that at least 140 ha build 70 units in the West; use and rents of both sides, curve and report."""
    limited = CANDIDATES.replace("land_ha", "max_units,land_ha").replace(",2\n", ",90,2\n").replace(",1\n", ",90,1\n")
    (dataset / "candidates.csv").write_text(limited.replace(",90,1\n", ",0,1\n"), encoding="utf-8")
    (dataset / "build_limits.csv").write_text("limit,sense,amount\nland_ha,>=,140\nland_ha,<=,150\n", encoding="utf-8")
    curve, page = ("--curve", "land_ha>=0:140"), tmp_path / "plan.html"
    code, out, _ = run("plan", dataset, *curve, "--out", tmp_path / "out", "--report", page)
    assert code == 0
    assert "land_ha <=" in out
    limits = pd.read_csv(tmp_path / "out" / "build_limits.csv").set_index("limit")
    assert limits["use"].tolist() == pytest.approx([140, 140])
    assert (limits["rent_usd_per_unit_year"] / 365).to_dict() == pytest.approx({"land_ha >=": 3, "land_ha <=": 0})
    curves = pd.read_csv(tmp_path / "out" / "curves.csv")
    assert curves["limit"].unique().tolist() == ["land_ha >="]
    assert (curves["cost_usd_per_year"].iloc[[0, -1]] / 365).tolist() == pytest.approx([10_320, 10_380])
    assert "land_ha &gt;=" in page.read_text(encoding="utf-8")


def test_all_violations_at_once(run, dataset):
    """Tests that dataset, candidates, hours, build limits and options with defects are told in one message."""
    (dataset / "build_limits.csv").write_text("limit,sense,amount\nland_ha,>=,9\nland_ha,>=,8\n", encoding="utf-8")
    (dataset / "candidates.csv").write_text(CANDIDATES.replace("10950", "-3"), encoding="utf-8")
    (dataset / "candidate_hours.csv").write_text("candidate,hour,usable_share\nWest hall,0,7\n", encoding="utf-8")
    hubs = (dataset / "hubs.csv").read_text(encoding="utf-8")
    (dataset / "hubs.csv").write_text(hubs.replace("coast", ""), encoding="utf-8")
    code, _, err = run("plan", dataset, "--set", "growth=2", "--curve", "money=0:inf")
    assert code == 2
    for said in (
        "hubs[",
        "candidate_hours[",
        "build_limits[land_ha >=]",
        "plan.--set",
        "no build limit",
        "curve[money]",
    ):
        assert said in err
    (dataset / "candidate_hours.csv").unlink()
    code, _, err = run("plan", dataset)
    assert code == 2
    for said in ("hubs[", "candidates[West hall].usd_per_unit_year", "build_limits[land_ha >=]"):
        assert said in err


def test_a_dataset_without_candidates(run):
    """Tests that a dataset without candidates says so."""
    code, _, err = run("plan", "tiny")
    assert code == 2
    assert "'tiny' has no candidates" in err


@pytest.mark.slow
def test_a_store_is_gone_on_with_where_asked_for(run, dataset, tmp_path):
    """Tests that a store that is there is an error without --resume, and with other candidates."""
    store = ("--store", tmp_path / "plan.db")
    assert run("plan", dataset, *store)[0] == 0
    code, _, err = run("plan", dataset, *store)
    assert code == 2
    assert "give --resume to go on with it" in err
    assert run("plan", dataset, *store, "--resume")[0] == 0
    other = tmp_path / "other.csv"
    other.write_text(CANDIDATES.replace("accelerators,East", "accelerators,West"), encoding="utf-8")
    code, _, err = run("plan", dataset, *store, "--resume", "--candidates", other)
    assert code == 2
    assert "candidates was" in err


@pytest.mark.slow
def test_accounts_of_a_plan(run, dataset, tmp_path):
    """Tests who pays and who earns: West pays 60 x 30 USD a day for its units, and earns as much by them."""
    code, out, _ = run("plan", dataset, "--accounts", "data_centre", "--json", "--out", tmp_path / "out")
    told = json.loads(out)
    assert code == 0
    west = next(row for row in told["accounts"] if row["data_centre"] == "West")
    assert west["build_cost_usd"] / 365 == pytest.approx(1_800)
    assert west["build_value_usd"] / 365 == pytest.approx(1_800)
    assert sum(row["net_cost_usd"] for row in told["accounts"]) / 365 == pytest.approx(10_320)
    assert {row["candidate"]: row["paid_by"] for row in told["accounts_builds"]} == {
        "West hall": "West",
        "East hall": "East",
    }
    written = pd.read_csv(tmp_path / "out" / "accounts.csv", index_col=0)
    assert written.loc["West", "build_cost_usd"] / 365 == pytest.approx(1_800)
    page = tmp_path / "plan.html"
    code, out, _ = run("plan", dataset, "--accounts", "data_centre", "--report", page)
    assert "Who pays for the plan" in page.read_text(encoding="utf-8")
    assert "Who earns what, USD a year" in out
    assert "Who pays for what is built" in out


def test_accounts_of_a_plan_in_modules_are_refused(run, dataset):
    """Tests that the reason is told, since whole units have no prices."""
    table = "candidate,adds,target,usd_per_unit_year,module_units,max_units\nhall,accelerators,West,10950,20,100\n"
    (dataset / "candidates.csv").write_text(table, encoding="utf-8")
    code, _, err = run("plan", dataset, "--accounts", "data_centre")
    assert code == 2
    assert "no marginal prices, and so no accounts" in err


@pytest.mark.slow
def test_damaged_rows_are_named(run, dataset, tmp_path):
    """Tests that a store with a changed row is not gone on with without a word."""
    file = tmp_path / "plan.db"
    with Store.create(file, {}) as store:
        store.add(0, {"status": "solved", "cost_usd": 1.0})
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("UPDATE results SET row = replace(row, 'cost_usd', 'cost_was')")
        connection.commit()
    _, _, err = run("plan", dataset, "--store", file, "--resume")
    assert f"placer: {file}: row 0 is damaged; solved again\n" in err


def test_lost_cluster_is_no_bad_input(run, dataset, monkeypatch, tmp_path):
    """Tests that the command says how to go on, and ends as one without a solution."""

    def lost(*_, **__):
        raise BatchError("the scheduler of the cluster is gone")

    monkeypatch.setattr("placer.cli.plan.plan", lost)
    file = tmp_path / "plan.db"
    code, out, err = run("plan", dataset, "--store", file)
    assert (code, out) == (1, "")
    assert f"the cluster is gone; the same command with --store {file} --resume goes on\n" in err


@pytest.mark.slow
def test_steps_and_tariffs_are_printed(run, tmp_path):
    """Tests by hand a hall that pays since users then buy 60 Mtok more: the printed parts of an hour, and the JSON."""
    steps = [{"mtok": mtok, "value_usd_per_mtok": usd} for mtok, usd in ((40.0, 50.0), (60.0, 30.0), (10.0, 3.0))]
    tariff = {"policy": "duty", "kind": "tariff_usd_per_mtok", "amount": 2.0, "to_region": "home"}
    instance = home_and_abroad(steps, abroad=0, accelerators="sunk", policies=[tariff | {"paid_to": "importer"}])
    place = placer.save(instance, tmp_path / "two")
    candidates = f"candidate,adds,target,usd_per_unit_year\nhall,accelerators,far,{12 * 8760}\n"
    (place / "candidates.csv").write_text(candidates, encoding="utf-8")
    code, out, _ = run("plan", place, "--out", tmp_path / "out")
    assert code == 0
    for text in ("in steps; the cost counts", "tariffs and premia that regions are paid", "A horizon of each state"):
        assert text in out
    parts = pd.read_csv(tmp_path / "out" / "parts.csv").iloc[0]
    assert parts[["operating_usd", "transfers_usd", "not_bought_usd"]].tolist() == pytest.approx([30.0, 120.0, 30.0])
    options = "plan-years", place, "--year", "2030=1", "--until", "2031", "--discount-rate", "0"
    code, out, _ = run(*options, "--json")
    assert code == 0
    figures = json.loads(out)
    assert figures["transfers_usd_per_year"] == pytest.approx(120 * 8760)
    assert figures["parts"][0]["not_bought_mtok"] == pytest.approx(10.0)
    assert "A horizon of each state" in run(*options)[1]


@pytest.mark.slow
def test_alternatives_of_a_plan(run, dataset, tmp_path):
    """Tests 1 % of 10,320 USD a day: West loses 103.2 / 30 units at most, and East's hall is in some plans."""
    code, out, _ = run("plan", dataset, "--alternatives", 0.01, "--out", tmp_path / "plan")
    assert code == 0
    assert "Every plan that costs at most 1% more than the least has at least" in out
    assert "Over all within the budget, units" in out
    ranges = pd.read_csv(tmp_path / "plan" / "alternatives_ranges.csv")
    assert ranges["group"].tolist() == ["West hall", "East hall"]
    summary = json.loads((tmp_path / "plan" / "summary.json").read_text(encoding="utf-8"))
    assert summary["alternatives"]["within"] == 0.01


def test_a_wrong_share_is_told_with_the_rest(run, dataset):
    code, _, err = run("plan", dataset, "--alternatives", -0.1, "--curve", "budget")
    assert code == 2
    assert "-0.1" in err
    assert "NAME=LEAST:MOST" in err
