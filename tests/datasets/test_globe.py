"""Tests of the dataset globe: built from its facts, faithful to pings and published totals, solved as it must be."""

from __future__ import annotations

import csv
import runpy
from pathlib import Path

import numpy as np
import pytest

import placer
from placer.model.policies import charges

DATASETS = Path(__file__).resolve().parents[2] / "datasets"
KINDS = ("measured", "official", "published_estimate", "derived", "assumption")


def _rows(name):
    with (DATASETS / name).open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def _facts(name):
    return _rows(f"facts/globe/{name}.csv")


@pytest.fixture(scope="module")
def globe():
    return placer.load("globe")


@pytest.fixture(scope="module")
def placement(globe):
    return placer.solve(globe)


@pytest.fixture(scope="module")
def made_and_used(placement):
    """Mtok by country of the data centre and of the hub."""
    flows, instance = placement.flows.reset_index(), placement.instance
    made = flows["data_centre"].map(instance.data_centres.set_index("data_centre")["region"]).rename("made")
    used = flows["hub"].map(instance.hubs.set_index("hub")["region"]).rename("used")
    return flows["mtok"].groupby([made, used]).sum()


@pytest.mark.slow
def test_globe_is_as_built(monkeypatch):
    """Tests that the files are what the facts give, and that they are small."""
    monkeypatch.syspath_prepend(str(DATASETS))
    files = runpy.run_path(str(DATASETS / "build_globe.py"))["build"]()
    folder = DATASETS / "globe"
    assert sorted(files) == sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*.*"))
    assert [name for name, text in files.items() if (folder / name).read_bytes() != text.encode()] == []
    assert sum(len(text.encode()) for text in files.values()) <= 420_000


@pytest.mark.slow
def test_nodes_demand_and_load(globe):
    """Tests 87 nodes of 86 countries, China's published tokens and those of all others, and a load of 25 %."""
    assert len(globe.hubs) == len(globe.data_centres) == 87
    assert globe.hubs["region"].tolist() == globe.data_centres["region"].tolist()
    assert globe.hubs["region"].nunique() == len(_facts("countries")) == 86
    mtok = globe.demand["mtok"].groupby(globe.demand["hub"].str[:3] == "CHN").sum()
    assert mtok[True] == pytest.approx(140e6, rel=1e-5)
    assert mtok[False] == pytest.approx((3.2e15 / 31 + 15e9 * 1440) / 1e6, rel=1e-5)
    needs = globe.workloads.set_index("workload")["accelerator_hours_per_mtok"]
    work = (globe.demand["mtok"] * globe.demand["workload"].map(needs)).sum() / 24
    assert work / globe.data_centres["accelerators"].sum() == pytest.approx(0.25, rel=1e-4)
    assert len(globe.hours) == 24
    assert placer.check(globe) == []


def test_classes_have_the_coefficients_of_world():
    """Tests that every class has the needs and limits of the class of world that it stands for."""
    world = {row.pop("workload"): row for row in _rows("world/workloads.csv")}
    named = {row["workload"]: world[row["needs_of"]] for row in _facts("assumed_mix")}
    assert {row.pop("workload"): row for row in _rows("globe/workloads.csv")} == named


def test_round_trips_are_the_smaller_medians():
    """Tests all pairs with pings, and by hand: Thailand to China 101.79 and not 238.82, Shanghai to Chongqing on."""
    trips = {(row["from"], row["to"]): float(row["rtt_ms"]) for row in _rows("globe/links.csv")}
    name = {row["iso3"]: row["country"] for row in _facts("countries")} | {"CHN": "China coast"}
    hub = dict.fromkeys(name, "") | {iso3: iso3 for iso3 in name} | {"CHN": "CHN coast"}
    assert len(trips) == 87 * 87
    for row in _facts("round_trips"):
        one, other = row["one"], row["other"]
        if one != other:
            least = min(float(row["median_ms"]), float(row["back_median_ms"]))
            shown = round(least, 1) if least < 10 else round(least)
            assert trips[hub[one], name[other]] == trips[hub[other], name[one]] == pytest.approx(shown, abs=0.11)
    assert trips["THA", "China coast"] == 102
    inland = trips["THA", "China west"] - trips["THA", "China coast"]
    assert inland == pytest.approx(15.528 * 1.433, abs=1)  # 1,433 km from Shanghai to Chongqing
    assert min(trips.values()) >= 2.5


def test_every_round_trip_says_how_it_is_known():
    """Tests that a pair without pings is named by a line of its hub: Greenland has few."""
    lines = {
        (line["row"], line["kind"]): line["note"] for line in _rows("globe/sources.csv") if line["table"] == "links"
    }
    assert lines["GRL", "published_estimate"] == "to USA GBR DEU FRA NLD CAN SWE NOR FIN DNK ISL"
    assert lines["QAT", "derived"].startswith("to all but")
    assert "MKD" in lines["USA", "derived"].split()


def test_prices_keep_their_mean_and_say_where_they_are_flat():
    """Tests power: means of facts, corrections, flat prices without a source of hours, the west below the coast."""
    zones = {row["power_zone"]: row["usd_per_mwh"] for row in _rows("globe/power_zones.csv")}
    hours = {}
    for row in _rows("globe/power_zone_hours.csv"):
        hours.setdefault(row["power_zone"], []).append(float(row["usd_per_mwh"]))
    assert {name for name, price in zones.items() if not price} == set(hours)
    assert all(len(prices) == 24 for prices in hours.values())
    means = {"USA": 81.3, "GBR": 285, "DEU": 155.2, "NOR": 54.1, "FIN": 57.1}
    for name, mean in means.items():
        assert np.mean(hours[f"{name} grid"]) == pytest.approx(mean, abs=0.05)
    assert (zones["JPN grid"], zones["TWN grid"], zones["ZAF grid"]) == ("135", "135", "99")
    assert np.mean(hours["CHN west grid"]) < 0.8 * np.mean(hours["CHN coast grid"])


def test_capacity_and_prices_of_chips():
    """Tests accelerators by megawatts, China's parts by computing power, and prices of chips by the published index."""
    rows = {row["data_centre"]: row for row in _rows("globe/data_centres.csv")}
    count = {name: float(row["accelerators"]) for name, row in rows.items()}
    assert count["United States"] / count["Japan"] == pytest.approx(53_700 / 2_400, rel=1e-3)
    china = count["China west"] + count["China coast"]
    assert china / count["Japan"] == pytest.approx(31_900 / 2_400, rel=1e-3)
    assert count["China west"] / china == pytest.approx(609 / 1590, abs=1e-3)
    price = {
        name: float(row["accelerator_usd_per_hour"]) + float(row["operations_usd_per_hour"])
        for name, row in rows.items()
    }
    index = {"Canada": 1.1, "Ireland": 1.08, "United Kingdom": 1.17, "Germany": 1.25, "Japan": 1.37, "Singapore": 1.38}
    assert {name: price[name] / price["United States"] for name in index} == pytest.approx(index, abs=1e-3)
    assert price["France"] == pytest.approx(2 + 0.033 * (10.43 - 10.78) / 6.12, abs=1e-3)
    assert float(rows["Norway"]["pue"]) == 1.08
    assert float(rows["India"]["pue"]) == pytest.approx(1.08 + 0.015 * (30.2 - 15), abs=1e-3)


@pytest.mark.slow
def test_scenarios_change_what_they_say(globe):
    """Tests law, chips, the grey market, estimated capacities and China's demand by income."""
    law = placer.load("globe", ["law"]).workloads.set_index("workload")["jurisdictions"]
    assert law.map(bool).sum() == 10
    assert set(law["regulated_eea"]) == {"EEA"}
    assert not globe.workloads["jurisdictions"].map(bool).any()
    chips = placer.load("globe", ["chips"]).data_centres.set_index("region")["accelerators"]
    assert chips["China"].sum() / chips.sum() == pytest.approx(0.15, abs=1e-4)
    before = globe.data_centres.set_index("data_centre")
    dear = placer.load("globe", ["grey_market"]).data_centres.set_index("data_centre")["accelerator_usd_per_hour"]
    changed = dear[dear != before["accelerator_usd_per_hour"]]
    assert set(changed.index) == {"China coast", "China west", "Russia", "Belarus", "Iran"}
    paid = (changed + before["operations_usd_per_hour"]) / before["accelerator_usd_per_hour"].add(0.066)[changed.index]
    assert paid.dropna().to_numpy() == pytest.approx(2_700_000 / 7.1875 / 325_000, abs=2e-3)
    low, high = (
        placer.load("globe", [f"estimated_capacity_{end}"]).data_centres["accelerators"] for end in ("low", "high")
    )
    assert ((high - low).to_numpy() > 0).sum() == 73
    income = placer.load("globe", ["china_by_income"]).demand
    by_country = income.groupby(income["hub"].str[:3])["mtok"].sum()
    assert by_country["CHN"] / by_country["USA"] == pytest.approx(1410.71 * 25_179 / (336.806231 * 82_305), rel=1e-3)


@pytest.mark.slow
def test_trust_is_a_tenth_of_what_tokens_cost(globe, placement):
    """Tests the premia: recomputed from the tables, near the mean price of every class, and free within the bloc."""
    trust = placer.load("globe", ["trust"])
    size = globe.data_centres["accelerators"].to_numpy()
    paid = globe.data_centres["accelerator_usd_per_hour"] + globe.data_centres["operations_usd_per_hour"]
    power = globe.data_centres["pue"] * globe.hourly("power_zones", "usd_per_mwh").mean(axis=1)
    hour, mwh = np.average(paid, weights=size), np.average(power, weights=size)
    needs = globe.workloads.set_index("workload")
    cost = needs["accelerator_hours_per_mtok"] * hour + needs["kwh_per_mtok"] * mwh / 1000
    amounts = trust.tables["policies"].explode("workload").groupby("workload")["amount"].agg(["min", "max"])
    for end in ("min", "max"):
        assert amounts[end].to_numpy() == pytest.approx(0.1 * cost[amounts.index].to_numpy(), rel=1e-3)
    served = placement.prices["served_mtok"]
    spent = (placement.prices["usd_per_mtok"] * served).groupby("workload").sum()
    mean = spent / served.groupby("workload").sum()
    assert (cost / mean).min() > 1
    assert (cost / mean).max() < 1.06
    charged = charges(trust)[None] > 0
    assert (charged == charged[0]).all()
    place = globe.data_centres["jurisdiction"].to_numpy()
    assert (charged[0] == (place[:, None] != place)).all()
    half = placer.load("globe", ["trust_5"]).tables["policies"]["amount"]
    assert half.to_numpy() == pytest.approx(trust.tables["policies"]["amount"].to_numpy() / 2)


@pytest.mark.slow
def test_all_is_law_trust_and_chips():
    """Tests that the scenario of all three equals the three scenarios loaded together."""
    assert placer.load("globe", ["all"]) == placer.load("globe", ["law", "trust", "chips"])


@pytest.mark.slow
def test_sold_by_china_counts_what_all_others_buy_there(globe):
    """Tests that exports are all pairs of another country and China, and that nothing else changes."""
    sold = placer.load("globe", ["sold_by_China"])
    assert set(sold.settings.exports) == {(name, "China") for name in set(globe.hubs["region"]) - {"China"}}
    assert sold.replace(exports=globe.settings.exports) == globe


@pytest.mark.slow
def test_a_week_follows_the_published_days(globe):
    """Tests that code of a Tuesday is 1.33 and of a Saturday 0.41 of the mean day but for the variation, in UTC."""
    week = placer.datasets.year("globe", days=7, time_zone="UTC")
    assert str(week.hours[0]) == "2026-01-01 00:00:00+00:00"
    assert len(week.hours) == 168
    code = week.demand[week.demand["workload"] == "code"]
    by_day = code.groupby(code["hour"].dt.day_name())["mtok"].sum()
    day = globe.demand.groupby("workload")["mtok"].sum()
    ratio = by_day[["Tuesday", "Saturday"]].to_numpy() / day["code"]
    assert ratio == pytest.approx([1.3323, 0.4081], rel=0.2)
    batch = week.demand[week.demand["workload"] == "batch"]["mtok"].sum()
    assert batch / 7 == pytest.approx(day["batch"], rel=0.1)


@pytest.mark.slow
def test_assumptions_make_valid_instances(globe):
    """Tests that every value of every assumption makes an instance and has its reason."""
    assumptions, _ = placer.read_assumptions("globe")
    made = [change(globe) for each in assumptions for change in each.changes.values()]
    assert len(made) == 27
    assert all(each.description and each.source and each.kind for each in assumptions)


@pytest.mark.slow
def test_the_answer_is_proven_and_all_is_served(placement, made_and_used):
    """Tests the placement, and that countries of cheap chips and power sell: China more than it uses, Japan nothing."""
    assert placement.gap < 1e-6
    assert placement.unserved_mtok < 1e-6 * placement.demand_mtok
    made, used = (made_and_used.groupby(side).sum() for side in ("made", "used"))
    assert made["China"] > used["China"]
    assert "Japan" not in made or made["Japan"] < 0.1 * used["Japan"]


@pytest.mark.slow
def test_scenarios_cost_what_they_must(placement):
    """Tests the order of costs: law, want of trust and few chips cost, equal prices of chips save."""
    total = placement.cost_usd + placement.penalty_usd
    for scenario, sign in (("law", 1), ("trust", 1), ("chips", 1), ("equal_chip_prices", -1)):
        other = placer.solve(placer.load("globe", [scenario]), tie_break=None)
        assert sign * (other.cost_usd + other.penalty_usd - total) > -1e-9 * total


def test_facts_name_their_kind():
    """Tests that every line of the facts that has a kind names a known one."""
    folder = DATASETS / "facts" / "globe"
    lines = [row for file in folder.glob("*.csv") for row in _rows(f"facts/globe/{file.name}") if "kind" in row]
    assert lines
    assert {row["kind"] for row in lines} <= set(KINDS)
