"""Instances as graph files: what is written comes back equal, and files of other programs are read."""

from __future__ import annotations

import json
import math

import networkx as nx
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import placer
from placer.errors import InstanceError, PlacerError
from placer.instance.problem import Instance
from placer.io.graph_files import load_graph, save_graph
from tests.effort import tries

ENDINGS = pytest.mark.parametrize("ending", [".json", ".graphml"])


#: Texts that XML can hold.
TEXT = st.text(
    st.characters(exclude_categories=["Cc", "Cs"], exclude_characters="\ufffe\uffff"), min_size=1, max_size=6
).filter(lambda name: name == name.strip())


#: Names that a list of jurisdictions can hold.
PLAIN = TEXT.filter(lambda name: not set("|,;") & set(name))


NUMBER = st.sampled_from([0.0, 1.0]) | st.floats(0.01, 1e5)


LIMIT = st.just(math.inf) | NUMBER


HOURLY = st.floats(1, 10) | st.lists(st.floats(1, 10), min_size=2, max_size=2)


@st.composite
def instances(draw):
    """Any instance of two hubs and data centres and two hours, with links and supplies side by side in any order."""
    hubs, sites = (draw(st.permutations([f"{kind}{place}" for place in range(2)])) for kind in "hd")
    names = dict(zip([*hubs, *sites, "z", "e"], draw(st.lists(TEXT, min_size=6, max_size=6, unique=True)), strict=True))
    hubs, sites = [names[hub] for hub in hubs], [names[site] for site in sites]
    directed, workload = draw(st.booleans()), draw(TEXT)
    every = [(hub, site) for hub in hubs for site in sites] + [(hubs[0], names["e"]), (names["e"], sites[1])]
    further = [tuple(reversed(ends)) for ends in every] + every
    ends = draw(st.permutations([*every, *draw(st.lists(st.sampled_from(further), max_size=4))]))
    regions = draw(st.lists(st.none() | TEXT, min_size=4, max_size=4))
    pairs = [(a, b) for a in regions[:2] for b in regions[2:] if a is not None and b is not None]
    return Instance.from_tables(
        {
            "hubs": [
                {"hub": hub, "region": region, "access_ms": draw(NUMBER), "lat": draw(st.none() | st.floats(-90, 90))}
                for hub, region in zip(hubs, regions[:2], strict=True)
            ],
            "data_centres": [
                {"data_centre": site, "region": region, "accelerators": draw(LIMIT), "pue": draw(HOURLY)}
                for site, region in zip(sites, regions[2:], strict=True)
            ],
            "power_zones": [{"power_zone": names["z"], "usd_per_mwh": draw(HOURLY)}],
            "exchanges": [{"exchange": names["e"]}],
            "links": [
                {"from": tail, "to": head, "rtt_ms": draw(NUMBER), "capacity_gbps": draw(LIMIT)} for tail, head in ends
            ],
            "supplies": [
                {"power_zone": names["z"], "data_centre": site, "limit_mw": draw(LIMIT)}
                for site in draw(st.lists(st.sampled_from(sites), max_size=4))
            ],
            "workloads": [
                {
                    "workload": workload,
                    "accelerator_hours_per_mtok": draw(NUMBER),
                    "kwh_per_mtok": draw(NUMBER),
                    "latency_slo_ms": draw(st.just(math.inf) | st.floats(0.01, 1e5)),
                    "jurisdictions": draw(st.none() | st.sets(PLAIN, min_size=1, max_size=3)),
                    "unserved_usd_per_mtok": draw(st.none() | st.floats(0.01, 1e5)),
                }
            ],
            "demand": [
                {"workload": workload, "hub": hub, "hour": 7 + hour, "mtok": draw(st.floats(0.01, 1e5))}
                for hour in range(2)
                for hub in hubs
            ],
        },
        directed=directed,
        cyclic=draw(st.booleans()),
        carbon_limit_kg=draw(LIMIT),
        hour_length=draw(st.floats(0.01, 100)),
        exports=draw(st.just("between_regions") | st.just(pairs)),
    )


@pytest.mark.slow
@ENDINGS
@settings(max_examples=tries(10, 30), deadline=None)
@given(instance=instances())
def test_any_instance_comes_back(tmp_path_factory, ending, instance):
    """Tests that any instance survives: names, hours, limits, parallel and turned edges, settings, order of rows."""
    file = save_graph(instance, tmp_path_factory.mktemp("graph") / f"x{ending}")
    assert load_graph(file) == instance


@ENDINGS
def test_limits_of_ones_own_come_back(tmp_path, ending, limited_instance):
    """Tests that limits are attributes of the graph, with their scopes and hours."""
    file = save_graph(limited_instance, tmp_path / f"x{ending}")
    assert load_graph(file) == limited_instance
    assert load_graph(file).limits.equals(limited_instance.limits)


@pytest.mark.slow
@ENDINGS
@pytest.mark.parametrize("name", ["tiny", "china"])
def test_what_ships_comes_back(tmp_path, ending, name):
    """Tests that shipped datasets survive, and that writing twice gives the same bytes."""
    instance = placer.load(name)
    file = save_graph(instance, tmp_path / f"x{ending}")
    again = save_graph(load_graph(file), tmp_path / f"y{ending}")
    assert placer.load(again) == instance
    assert file.read_bytes() == again.read_bytes()
    assert sorted(found.name for found in tmp_path.iterdir()) == [f"x{ending}", f"y{ending}"]


@ENDINGS
def test_attributes_placer_does_not_know_are_kept(tmp_path, ending):
    """Tests that further columns of nodes, edges, workloads and demand come back."""
    tiny = placer.load("tiny")
    instance = tiny.replace(
        hubs=tiny.hubs.assign(note=["a <b>", None, "日本"], people=[1, 2, 3]),
        links=tiny.links.assign(cable=range(len(tiny.links))),
        workloads=tiny.workloads.assign(owner="x"),
    )
    back = load_graph(save_graph(instance, tmp_path / f"x{ending}"))
    assert back.hubs["note"].dropna().tolist() == ["a <b>", "日本"]
    assert back.hubs["people"].tolist() == [1, 2, 3]
    assert back.links["cable"].tolist() == list(range(len(tiny.links)))
    assert set(back.workloads["owner"]) == {"x"}
    assert set(back.tables["links"].columns) == set(instance.tables["links"].columns)


@ENDINGS
@pytest.mark.parametrize("value", [nx.Graph(), math.inf, ("\ud800",), {1, 2}])
def test_attributes_that_have_no_form_are_refused(tmp_path, ending, value):
    """Tests that what neither format can hold is named, and the file that was there is left."""
    tiny = placer.load("tiny")
    file = tmp_path / f"x{ending}"
    file.write_text("before")
    instance = tiny.replace(hubs=tiny.hubs.assign(note=pd.Series([value, None, None], dtype=object)))
    with pytest.raises(PlacerError, match=r"^hubs\[Coast\]\.note: .* has no form in a graph file$"):
        save_graph(instance, file)
    assert [found.read_text() for found in tmp_path.iterdir()] == ["before"]


def test_json_is_the_json_of_everybody(tmp_path, make_random_instance):
    """Tests that the file is strict JSON, without NaN or Infinity, and networkx reads it by itself."""
    instance = make_random_instance(2)
    text = save_graph(instance, tmp_path / "x.json").read_text(encoding="utf-8")

    def refuse(constant):
        raise AssertionError(constant)

    data = json.loads(text, parse_constant=refuse)
    graph = nx.node_link_graph(data, edges="edges")
    assert Instance.from_graph(graph, instance.workloads, instance.demand).hubs["hub"].tolist() == ["H0", "H1", "H2"]
    assert len({edge["key"] for edge in data["edges"]}) == len(data["edges"])


def test_edges_that_were_added_to_a_file_come_last(tmp_path, make_instance):
    """Tests that a link somebody adds to a file is read after those that say their place."""
    instance = make_instance()
    file = save_graph(instance, tmp_path / "x.json")
    data = json.loads(file.read_text())
    data["edges"].insert(0, {"source": "A", "target": "Y", "key": 99, "kind": "link", "rtt_ms": 1})
    file.write_text(json.dumps(data))
    links = load_graph(file).links
    assert links["rtt_ms"].tolist() == [*instance.links["rtt_ms"], 1]
    assert set(links.columns) == set(instance.links.columns)


def test_what_is_given_takes_the_place_of_the_files_own(tmp_path, make_instance):
    """Tests that workloads, demand and settings may be replaced one by one."""
    instance = make_instance(cyclic=True, hour_length=2.0)
    file = save_graph(instance, tmp_path / "x.json")
    demand = instance.demand.assign(mtok=1.0)
    assert load_graph(file, demand=demand, hour_length=3.0) == instance.replace(demand=demand, hour_length=3.0)


def test_violations_of_a_file_come_in_one_round(tmp_path, foreign):
    """Tests that what the file lacks and what is wrong in its network are told together."""
    graph, workloads, _ = foreign()
    graph.nodes["inland"]["gpus"] = 5
    graph.nodes["grid"]["usd_per_mwh"] = "dear"
    (tmp_path / "x.json").write_text(json.dumps(nx.node_link_data(graph, edges="edges")))
    with pytest.raises(InstanceError) as caught:
        load_graph(tmp_path / "x.json", workloads)
    assert [str(each).partition(" (")[0] for each in caught.value.violations] == [
        "x.json.demand: not in the file",
        "graph[node inland].gpus: unknown attribute",
        "power_zones[grid].usd_per_mwh: 'dear' is text",
    ]


def test_what_a_file_lacks_is_listed(tmp_path, foreign):
    """Tests that a file without workloads and demand, or with others than tables, is refused with all there is."""
    graph, _, _ = foreign()
    graph.graph |= {"settings": [1], "demand": 5}
    file = tmp_path / "x.json"
    file.write_text(json.dumps(nx.node_link_data(graph, edges="edges")))
    with pytest.raises(InstanceError) as caught:
        load_graph(file)
    assert [str(each) for each in caught.value.violations] == [
        "x.json.demand: 5 is not a table (allowed: a list of rows)",
        "x.json.settings: [1] is not a mapping (allowed: settings by name)",
        "x.json.workloads: not in the file (allowed: in the file, or given as workloads=)",
    ]


def test_endings_that_are_unknown(tmp_path):
    """Tests that the error says which there are."""
    for call in (lambda: save_graph(placer.load("tiny"), tmp_path / "x.gml"), lambda: load_graph(tmp_path / "x.gml")):
        with pytest.raises(PlacerError, match=r"ends in neither \.json nor \.graphml"):
            call()


def test_violations_within_a_file_are_named(tmp_path, foreign):
    """Tests that a bad value is named by its node, as in a graph."""
    graph, workloads, demand = foreign()
    graph.nodes["inland"]["pue"] = 0.5
    nx.write_graphml(graph, tmp_path / "x.graphml")
    with pytest.raises(InstanceError, match=r"data_centres\[inland\].pue: 0.5 is out of range"):
        load_graph(tmp_path / "x.graphml", workloads, demand)


@ENDINGS
def test_a_graph_file_has_no_scenarios(tmp_path, ending):
    """Tests that a scenario of a graph file is refused, not passed over."""
    file = save_graph(placer.load("tiny"), tmp_path / f"x{ending}")
    with pytest.raises(InstanceError, match=r"'dispatch' is unknown \(allowed: none in this dataset\)"):
        placer.load(file, ["dispatch"])


def test_numbers_of_numpy(tmp_path, make_instance):
    """Tests that arrays and numbers of numpy in further columns are written as lists and numbers."""
    instance = make_instance(hubs=[{"hub": "A", "n": np.int64(3), "a": np.array([1, 2])}, {"hub": "B"}])
    back = load_graph(save_graph(instance, tmp_path / "x.json"))
    assert (back.hubs["n"][0], back.hubs["a"][0]) == (3, [1, 2])
