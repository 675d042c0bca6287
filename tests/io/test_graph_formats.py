"""Node-link JSON and GraphML: files of other programs, and what they cannot hold."""

from __future__ import annotations

import json

import networkx as nx
import pytest

import placer
from placer.errors import InstanceError, PlacerError
from placer.instance.problem import Instance
from placer.io.graph_files import load_graph, save_graph


def test_names_that_xml_cannot_hold(tmp_path, make_instance):
    """Tests that such a name is refused for GraphML, and written as JSON."""
    instance = make_instance(exchanges=[{"exchange": "a\uffff"}])
    with pytest.raises(PlacerError, match=r"U\+FFFF, which GraphML cannot; JSON can"):
        save_graph(instance, tmp_path / "x.graphml")
    assert load_graph(save_graph(instance, tmp_path / "x.json")) == instance


@pytest.mark.parametrize("graph_class", [nx.Graph, nx.DiGraph, nx.MultiGraph, nx.MultiDiGraph])
@pytest.mark.parametrize("form", ["edges", "links", "graphml"])
def test_files_of_other_programs(tmp_path, graph_class, form, foreign):
    """Tests that what networkx writes of any graph is read, with workloads, demand and settings given aside."""
    graph, workloads, demand = foreign(graph_class)
    if form == "graphml":
        file = tmp_path / "x.GraphML"
        nx.write_graphml(graph, file)
    else:
        file = tmp_path / "x.json"
        file.write_text(json.dumps(nx.node_link_data(graph, edges=form)), encoding="utf-8")
    expected = Instance.from_graph(graph, workloads, demand, cyclic=True)
    assert load_graph(file, workloads, demand, cyclic=True) == expected


def test_defaults_that_a_graphml_file_declares(tmp_path, foreign):
    """Tests that the defaults of the file count, which networkx leaves aside, and a declared encoding too."""
    graph, workloads, demand = foreign()
    nx.write_graphml(graph, tmp_path / "x.graphml")
    text = (tmp_path / "x.graphml").read_text(encoding="utf-8").replace("utf-8", "iso-8859-1")
    key = '<key id="d99" for="node" attr.name="utc_offset_hours" attr.type="int"><default>8</default></key>'
    (tmp_path / "x.graphml").write_text(text.replace("<key", f"{key}<key", 1), encoding="iso-8859-1")
    instance = load_graph(tmp_path / "x.graphml", workloads, demand)
    assert instance.hubs["utc_offset_hours"].tolist() == [8]


@pytest.mark.parametrize(
    ("name", "content", "problem"),
    [
        ("x.json", b"", "Expecting value"),
        ("x.json", b"[1]", "no nodes or no edges"),
        ("x.json", b'{"nodes": []}', "no nodes or no edges"),
        ("x.json", b'{"nodes": 5, "edges": []}', "5 is not a list of mappings"),
        ("x.json", b'{"nodes": null, "edges": null}', "None is not a list of mappings"),
        ("x.json", b'{"graph": null, "nodes": [], "edges": []}', "None is not a mapping"),
        ("x.json", b'{"multigraph": "false", "nodes": [], "edges": []}', "'false'"),
        ("x.json", b'{"nodes": [], "edges": [], "links": []}', "edges are given under two names"),
        ("x.graphml", b'<?xml version="1.0" encoding="utf-99"?><graphml/>', "unknown encoding"),
        ("x.json", b"null", "no nodes or no edges"),
        ("x.json", b'{"nodes": [{"id": "a"}], "edges": [{"source": "a"}]}', "KeyError"),
        ("x.json", b"\xff\xfe\x00", "utf-16"),
        ("x.json", b"[" * 100_000, "recursion"),
        ("x.graphml", b"", "no element found"),
        ("x.graphml", b"<graphml/>", "not successfully read"),
        ("x.graphml", b"<a><b></a>", "mismatched tag"),
        ("absent.json", None, "cannot be read: No such file"),
        ("absent.graphml", None, "cannot be read: No such file"),
    ],
)
def test_files_that_are_none(tmp_path, name, content, problem):
    """Tests that what is no such file is an error of the input that names the file."""
    if content is not None:
        (tmp_path / name).write_bytes(content)
    with pytest.raises(InstanceError, match=f"(?i){problem}") as caught:
        load_graph(tmp_path / name)
    assert caught.value.violations[0].table == name


def test_a_graph_file_too_large_is_not_read(tmp_path, monkeypatch):
    """Tests that the limit on files holds for graphs, and that the environment lifts it."""
    file = save_graph(placer.load("tiny"), tmp_path / "x.json")
    monkeypatch.setenv("PLACER_MAX_FILE_BYTES", "100")
    with pytest.raises(InstanceError, match=r"too large: .* at most 100 bytes; set PLACER_MAX_FILE_BYTES"):
        load_graph(file)
    monkeypatch.setenv("PLACER_MAX_FILE_BYTES", "inf")
    assert load_graph(file) == placer.load("tiny")


NODE = '{"id": "a", "kind": "hub"}'


@pytest.mark.parametrize(
    ("content", "problems"),
    [
        (f'{{"nodes": [{NODE}, {NODE}], "edges": []}}', ["x.json[node a]: given twice (allowed: once)"]),
        ('{"nodes": [{"id": "a", "pue": 1, "pue": 2}], "edges": []}', ["x.json.pue: key given twice (allowed: once)"]),
        (
            '{"multigraph": false, "nodes": [{"id": "a"}], "edges": [{"source": "a", "target": "b"}, {"source": "b", "target": "a"}]}',  # noqa: E501 - one line of a message or file
            ['x.json[edge a-b]: given twice (allowed: "multigraph": true, for parallel edges)'],
        ),
        (
            '{"directed": true, "nodes": [{"id": "a"}], "edges": [{"source": "a", "target": "b", "key": 0}, {"source": "b", "target": "a", "key": 0}, {"source": "a", "target": "b", "key": 0}]}',  # noqa: E501 - one line of a message or file
            ["x.json[edge a-b]: given twice (allowed: different keys)"],
        ),
    ],
    ids=["node", "key", "parallel edge", "edge"],
)
def test_what_json_says_twice(tmp_path, content, problems):
    """Tests that nodes, edges and keys of which only the last would count are refused, not dropped."""
    (tmp_path / "x.json").write_text(content)
    with pytest.raises(InstanceError) as caught:
        load_graph(tmp_path / "x.json")
    assert list(map(str, caught.value.violations)) == problems


@pytest.mark.parametrize(
    ("before", "after", "problem"),
    [
        ('<node id="coast"', '<node id="coast"/><node id="coast"', "x.graphml[node coast]: given twice"),
        ("</graph>", "</graph><graph/>", "x.graphml.graph: 2 graphs"),
        ("</node>", '<data key="d0">x</data></node>', "x.graphml[node coast].data d0: given twice"),
        ("<key ", '<key id="d0" for="node" attr.name="x" attr.type="string"/><key ', "x.graphml[key d0]: given twice"),
    ],
    ids=["node", "graph", "value", "key"],
)
def test_what_graphml_says_twice(tmp_path, before, after, problem, foreign):
    """Tests the same for GraphML, and that a second graph is refused."""
    graph, workloads, demand = foreign()
    nx.write_graphml(graph, tmp_path / "x.graphml")
    text = (tmp_path / "x.graphml").read_text(encoding="utf-8")
    assert before in text
    if "data key" in after:
        first = text[text.index('<node id="coast"') :]
        key = first[first.index("<data") : first.index("</data>")].split('"')[1]
        after, problem = after.replace("d0", key), problem.replace("d0", key)
    (tmp_path / "x.graphml").write_text(text.replace(before, after, 1), encoding="utf-8")
    with pytest.raises(InstanceError) as caught:
        load_graph(tmp_path / "x.graphml", workloads, demand)
    assert problem in str(caught.value)
