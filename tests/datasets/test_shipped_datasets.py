"""Tests of the datasets that ship: every figure has its source and kind, and every scenario is a valid instance."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest

import placer
from placer.instance.attributes.schema import INPUT_TABLES
from placer.planning.question.files import CANDIDATE_HOURS

KEYS = {name: table.key for name, table in INPUT_TABLES.items()} | {CANDIDATE_HOURS.name: CANDIDATE_HOURS.key}

KINDS = {"measured", "official", "published_estimate", "derived", "assumption"}
NAMES = placer.datasets.names()


def _rows(file):
    with file.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def _tables(folder):
    """Yield the name of every table, as sources call it, the columns that name its rows, and its rows."""
    for file in sorted(folder.glob("**/*.csv")):
        if file.name == "sources.csv":
            continue
        name = file.relative_to(folder).with_suffix("").as_posix()
        rows = _rows(file)
        first = next(iter(rows[0]))
        fits = [key for table, key in KEYS.items() if table == name or set(key) <= set(rows[0])]
        longest = max(fits, key=lambda key: (len(key), key[0] == first), default=(first,))
        yield name, KEYS.get(name) or longest, rows


@pytest.mark.parametrize("name", NAMES)
def test_every_figure_has_a_source(name):
    """Tests that every filled cell of every table and scenario is covered by a line of sources.csv with its kind."""
    folder = placer.datasets.describe(name).folder
    sources = _rows(folder / "sources.csv")
    assert {line["kind"] for line in sources} <= KINDS
    assert all(line["source"].strip() for line in sources)
    covered = {(line["table"], line["row"], line["column"]) for line in sources}
    missing = set()
    for table, key, rows in _tables(folder):
        for row in rows:
            label = "|".join(row[part] for part in key if part in row)
            for column, cell in row.items():
                ways = [(table, where, what) for where in (label, row[key[0]], "*") for what in (column, "*")]
                if cell and not covered.intersection(ways):
                    missing.add((table, label, column))
    assert not sorted(missing)[:5]


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_every_scenario_loads(name):
    """Tests that the dataset and each of its scenarios alone are valid, with nothing that is probably not meant.

    Some scenarios limit the use of accelerators so that demand exceeds them, and one has models for
    ``placer.place_models`` alone: both are remarks and meant.
    """
    for scenarios in ((), *((scenario,) for scenario in placer.datasets.describe(name).scenarios)):
        instance = placer.load(name, scenarios)
        assert instance.demand["mtok"].sum() > 0
        remarks = placer.check(instance)
        meant = ("demand needs", "served_models are for placer.place_models")
        assert all(remark.startswith(meant) for remark in remarks), (scenarios, remarks)
        assert scenarios or not remarks


def test_china_is_what_the_figures_say():
    """Tests totals of china against published figures: 140 million Mtok a day, and no route faster than light in fibre.

    Light in fibre needs 9.79 ms of round trip per 1000 km (datasets/facts/network.csv); the earth's radius is 6371 km.
    """
    china = placer.load("china")
    assert china.demand["mtok"].sum() == pytest.approx(140e6, rel=1e-6)
    assert len(china.hours) == 24
    (lat, lon), (lat2, lon2) = (
        np.radians(frame[["lat", "lon"]].to_numpy().T) for frame in (china.hubs, china.data_centres)
    )
    across, along = lat2 - lat[:, None], lon2 - lon[:, None]
    chord = np.sin(across / 2) ** 2 + np.cos(lat[:, None]) * np.cos(lat2) * np.sin(along / 2) ** 2
    floor_ms = 9.79 * 2 * 6.371 * np.arcsin(np.sqrt(chord))
    assert (china.routes.rtt_ms >= floor_ms).all()
    assert (placer.load("china", ["rtt_round_trip"]).routes.rtt_ms >= floor_ms).all()


def test_accelerators_of_china_follow_computing_power():
    """Tests the accelerators of china, recomputed by hand from datasets/facts.

    Published: 1,590 EFLOPS in the country; Horinger 218, Gui'an 135, Zhongwei 106, Qingyang 100, Zhangjiakou 272.5;
    Tianfu and Chongqing 50 together (assumed). That is 609 of 1,590 in the west, 38.3 %. Beijing has 524,130 of the
    3,782,880 racks at the sites without a figure (H20 sites count 0.43), and so that part of the other 708.5 EFLOPS.
    """
    sites = placer.load("china").data_centres.set_index("data_centre")
    joint = sites["accelerators"] * sites["speed"]
    assert joint[sites["region"] == "west"].sum() / joint.sum() == pytest.approx(609 / 1590, abs=1e-3)
    assert joint["Horinger"] / joint.sum() == pytest.approx(218 / 1590, abs=1e-3)
    assert joint["Zhangjiakou"] / joint.sum() == pytest.approx(272.5 / 1590, abs=1e-3)
    racks = {"Beijing": 524_130, "Jiangsu": 473_000, "Shanghai": 639_846, "Zhejiang": 537_743, "Guangdong": 1_006_074}
    old = {"Tianjin": 145_567, "Hubei": 178_106, "Shandong": 418_818, "Fujian": 229_960, "Liaoning": 116_671}
    others = racks["Beijing"] + racks["Jiangsu"] + racks["Shanghai"] + racks["Zhejiang"] + 0.88 * racks["Guangdong"]
    others += 134_490 + 120_000 + 0.43 * sum(old.values())  # Anhui, Shaoguan
    assert joint["Beijing metro"] / joint.sum() == pytest.approx(708.5 / 1590 * 524_130 / others, abs=1e-3)


@pytest.mark.parametrize(
    ("scenario", "load"), [(None, 0.25), ("racks", 0.25), ("load_15", 0.15), ("load_63", 0.6272), ("load_90", 0.9)]
)
def test_loads_of_china(scenario, load):
    """Tests that the mean work of the default mix over all accelerators is the load that each scenario names."""
    china = placer.load("china", [scenario] if scenario else [])
    needs = china.workloads.set_index("workload")["accelerator_hours_per_mtok"]
    work = (china.demand["mtok"] * china.demand["workload"].map(needs)).sum() / 24
    sites = china.data_centres
    assert work / (sites["accelerators"] * sites["speed"]).sum() == pytest.approx(load, rel=2e-3)


def test_load_of_china_beside_published_figures():
    """Tests the derived loads by hand: 293,000 H800 at work over 1,590 EFLOPS, and a fleet by its idle machines.

    An H800 has 0.989 PFLOPS, an Ascend 910C 0.752. Idle machines take 0.10 of the energy and draw 0.2 to 0.4 of a busy
    one, whose part is 0.83. The default is the middle of what is reported.
    """
    loads = {row["item"]: row for row in _rows(FACTS / "loads.csv")}
    china = placer.load("china")
    needs = china.workloads.set_index("workload")["accelerator_hours_per_mtok"]
    work = (china.demand["mtok"] * china.demand["workload"].map(needs)).sum() / 24
    derived = [float(end) for end in loads["load by the computing power of China"]["value"].split("-")]
    assert derived == pytest.approx([work / (1590e3 / 0.752), work / (1590e3 / 0.989)], abs=5e-4)
    assert [0.83 / (0.83 + 0.10 / draw) for draw in (0.2, 0.4)] == pytest.approx([0.62, 0.77], abs=5e-3)
    reported = loads["load of recently built local AI computing centres in China"]
    assert (reported["value"], reported["date"], reported["kind"]) == ("0.2-0.3", "2026-03-07", "published_estimate")
    assert placer.read_assumptions("china")[0][3].base == "0.25"
    assert china.data_centres["accelerators"].sum() == 1_257_536


@pytest.mark.slow
def test_contracts_of_china_follow_the_accelerators():
    """Tests that special prices hold for 70 % of a site's full load, whatever its accelerators; racks too."""
    for scenarios in ([], ["racks"], ["load_63"], ["load_90", "racks"]):
        china = placer.load("china", scenarios)
        sites = china.data_centres.set_index("data_centre")
        special = china.supplies[china.supplies["power_zone"].str.endswith("special")].set_index("data_centre")
        full = sites["accelerators"] * sites["speed"] * sites["energy_factor"] * sites["pue"] * 0.8925 / 1000
        assert special["limit_mw"].to_numpy() == pytest.approx(0.7 * full[special.index].to_numpy(), rel=1e-2)


FACTS = Path(__file__).resolve().parents[2] / "datasets" / "facts"


def _parameters():
    """Return the parameters of the classes by class and name."""
    rows = _rows(FACTS / "workload_parameters.csv")
    return {(row["workload_class"], row["parameter"]): float(row["value"]) for row in rows}


#: Factor on the accelerator-seconds of a call's decoding, by class; 1 elsewhere.
DECODING = {
    "reasoning_chat": 1.12,
    "agentic_coding_loop": 1.66 * 4,
    "computer_use_agent": 1.12 * 1.5,
    "deep_research": 1.5,
    "code_completion": 0.75 / (8000 / 14_800),
}
#: Active parameters against those of DeepSeek V3, 37 billion; 1 elsewhere.
SIZES = {"code_completion": 3 / 37, "embedding_index": 8 / 37}
OFFLINE = ("batch_api_24h", "evaluation_synthetic_data", "rl_rollout")


def test_coefficients_follow_from_the_facts():
    """Tests that accelerator-hours and energy of every text class re-derive from what ships in datasets/facts.

    DeepSeek's fleet of 8-accelerator nodes (27-28 Feb 2025): 73,700 input or 14,800 output tokens a second and node,
    608 billion input tokens of which 342 hit the cache. All input time is charged to the 266 that do not; a hit counts
    0.02.
    """
    parameters, china = _parameters(), placer.load("china").workloads.set_index("workload")
    missed, decoded = 8 / 73_700 * 608 / 266, 8 / 14_800
    names = {name for name, parameter in parameters if parameter == "cached_input_share"}
    assert len(names) == 12
    for name in names:
        sent, received, hit = (
            parameters[name, parameter]
            for parameter in ("input_tokens_per_call", "output_tokens_per_call", "cached_input_share")
        )
        seconds = sent * (1 - hit + 0.02 * hit) * missed * SIZES.get(name, 1) + received * decoded * DECODING.get(
            name, 1
        )
        seconds *= 0.557 if name in OFFLINE else 1
        per_mtok = seconds / (sent + received) * 1e6
        # The table of coefficients has four decimals of accelerator-seconds per 1,000 tokens and of kWh per Mtok.
        assert china.loc[name, "accelerator_hours_per_mtok"] * 3.6 == pytest.approx(per_mtok / 1000, abs=1.5e-4)
        assert china.loc[name, "kwh_per_mtok"] == pytest.approx(per_mtok * 0.8925 / 3600, abs=1e-4)


def test_assumed_parameters_are_marked():
    """Tests that the factors that rest on judgement say so."""
    kinds = {(row["workload_class"], row["parameter"]): row["kind"] for row in _rows(FACTS / "workload_parameters.csv")}
    assert kinds["agentic_coding_loop", "context_factor"] == "assumption"
    assert kinds["agentic_coding_loop", "cached_input_share"] == "measured"
    assert kinds["deep_research", "cached_input_share"] == "assumption"


@pytest.mark.parametrize(
    ("name", "usd"),
    [
        # DeepSeek V3 in 2025: 0.27 uncached, 0.07 cached, 1.10 output. R1: 0.55, 0.14, 2.19. Batch at half.
        ("interactive_chat", (1155 * (0.437 * 0.27 + 0.563 * 0.07) + 211 * 1.10) / 1366),
        ("reasoning_chat", (1268 * (0.437 * 0.55 + 0.563 * 0.14) + 1527 * 2.19) / 2795),
        ("agentic_coding_loop", (153_700 * (0.042 * 0.27 + 0.958 * 0.07) + 523 * 1.10) / 154_223),
        ("batch_api_24h", 0.5 * (4096 * (0.9 * 0.27 + 0.1 * 0.07) + 512 * 1.10) / 4608),
        ("embedding_index", 0.13),
    ],
)
def test_values_are_list_prices(name, usd):
    """Tests that the value of a class is its list price, blended by the tokens of a call."""
    workloads = placer.load("china").workloads.set_index("workload")
    assert workloads.loc[name, "value_usd_per_mtok"] == pytest.approx(usd, rel=1e-3)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["china", "world"])
def test_every_class_is_worth_more_than_it_costs_at_its_cheapest(name):
    """Tests that no class would be turned away everywhere for its value alone."""
    placement = placer.solve(placer.load(name))
    values = placement.instance.workloads.set_index("workload")["value_usd_per_mtok"]
    assert (values > placement.workloads["cost_usd_per_mtok"]).all()


def test_agents_of_china_pair_means():
    """Tests that coding agents have 5 % of the mean task time over the mean of calls: 12.9 s / 8.7 = 1,483 ms."""
    agent = placer.load("china").workloads.set_index("workload").loc["agentic_coding_loop"]
    calls = agent["user_round_trips"] + agent["tool_round_trips"]
    assert (calls, agent["server_ms"]) == (pytest.approx(8.7), 258_000)
    assert (agent["latency_slo_ms"] - agent["server_ms"]) / calls == pytest.approx(0.05 * 258_000 / 8.7, abs=0.1)


def test_operations_of_china():
    """Tests that electricity is half of operating cost at the mean public tariff, and that a rental covers operations.

    The mean is over the sites by computing power. Sites with cheap power have a lower share of electricity, as
    published (0.3 in Inner Mongolia, 0.45-0.55 south of the Yangtze).
    """
    china = placer.load("china", ["public_tariffs"])
    sites = china.data_centres.set_index("data_centre")
    h800 = sites[(sites["speed"] == 1) & (sites["energy_factor"] == 1)]
    assert (h800["accelerator_usd_per_hour"] + h800["operations_usd_per_hour"]).tolist() == pytest.approx(
        [2.0] * len(h800)
    )
    zone = china.supplies.groupby("data_centre")["power_zone"].last()
    price = china.power_zones.set_index("power_zone")["usd_per_mwh"].map(np.mean)
    usd_per_kw = sites["pue"] * zone.map(price) / 1000
    joint = sites["accelerators"] * sites["speed"]
    mean = (usd_per_kw * joint).sum() / joint.sum()
    assert h800["operations_usd_per_hour"].iloc[0] == pytest.approx(0.8925 * mean, rel=1e-2)
    share = usd_per_kw * 0.8925 / (usd_per_kw * 0.8925 + h800["operations_usd_per_hour"].iloc[0])
    assert share["Horinger"] < 0.45 < share["Shanghai metro"]


@pytest.mark.slow
def test_regimes_of_china():
    """Tests that the regimes change the price of accelerators and nothing else."""
    rented, mixed = placer.load("china"), placer.load("china", ["east_paid_west_to_build"])
    west = rented.data_centres["region"] == "west"
    assert (mixed.data_centres["accelerator_usd_per_hour"][~west] == 0).all()
    assert mixed.data_centres[west].equals(rented.data_centres[west])
    assert placer.load("china", ["siting"]) == placer.load("china", ["rented"]) == rented


def test_peak_throughput_of_china():
    """Tests the scenario against the published peak: 278 nodes where the mean rate needs 1.3254 x 226.75 = 300.5."""
    workloads = placer.load("china", ["peak_throughput"]).workloads
    ratio = workloads["peak_accelerator_hours_per_mtok"] / workloads["accelerator_hours_per_mtok"]
    assert ratio.to_numpy() == pytest.approx(278 / 300.5, rel=2e-3)


@pytest.mark.slow
def test_corrected_prices_and_places_of_world():
    """Tests the corrections of world: UK and South African power, and six regions at their cities."""
    world = placer.load("world")
    prices = world.power_zones.set_index("power_zone")["usd_per_mwh"].map(np.mean)
    assert prices["United Kingdom grid"] == pytest.approx(223.2 * 1.278, abs=1)
    assert prices["South Africa grid"] == pytest.approx(99, abs=0.1)
    places = world.data_centres.set_index("data_centre")[["lat", "lon"]]
    assert places.loc["West Central US"].tolist() == [41.14, -104.82]
    assert places.loc["France Central"].tolist() == [48.857, 2.352]
    hubs = world.hubs.set_index("hub")[["lat", "lon"]]
    for region, city in (("Germany North", "Berlin"), ("France Central", "Paris"), ("France South", "Marseille")):
        assert places.loc[region].to_numpy() == pytest.approx(hubs.loc[city].to_numpy(), abs=0.01)


def test_facts_ship_no_path_but_their_own():
    """Tests that the excerpts of the facts name their kind on every line that has one."""
    facts = Path(__file__).resolve().parents[2] / "datasets" / "facts"
    kinds = {line["kind"] for file in facts.glob("*.csv") for line in _rows(file) if "kind" in line}
    assert kinds
    assert all(any(kind.startswith(known) for known in KINDS) for kind in kinds), kinds


@pytest.mark.slow
@pytest.mark.parametrize("column", ["accelerator_hours_per_mtok", "kwh_per_mtok"])
def test_context_factors_change_decoding_alone(column):
    """Tests that a coefficient is linear in the factor: from 4 to 16 it moves four times as far as from 1 to 4."""
    low, default, high = (
        placer.load("china", scenarios).workloads.set_index("workload")[column]
        for scenarios in (["context_factor_low"], [], ["context_factor_high"])
    )
    coding = "agentic_coding_loop"
    assert high[coding] - default[coding] == pytest.approx(4 * (default[coding] - low[coding]), rel=0.02)
    agents = [coding, "computer_use_agent", "deep_research"]
    assert (low[agents] < default[agents]).all()
    assert low.drop(agents).equals(high.drop(agents))
