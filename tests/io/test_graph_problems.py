"""What graph files say twice."""

from __future__ import annotations

import networkx as nx
import pytest

from placer.errors import InstanceError
from placer.io.graph_files import load_graph

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
