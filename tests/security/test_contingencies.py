"""Contingencies of a security on an instance."""

from __future__ import annotations

import numpy as np
import pytest

import placer
from placer.errors import InstanceError
from placer.model.formulation import formulate
from placer.security.contingencies import batteries_lost, contingencies_of, protected_shares
from placer.security.definition import Security
from tests.batteries_by_hand import powered


def _lost(instance, contingencies):
    """Return the names of what each contingency loses."""
    found = {}
    for each in contingencies_of(instance, Security(contingencies)):
        links = instance.links[each.links]
        found[each.name] = (
            instance.data_centres["data_centre"][each.sites].tolist(),
            instance.supplies[each.supplies][["power_zone", "data_centre"]].to_numpy().tolist(),
            list(zip(links["from"], links["to"], strict=True)),
        )
    return found


def test_kinds(make_instance):
    """Tests that each kind loses each thing of its kind alone, by its name."""
    instance = make_instance()
    assert _lost(instance, "data_centres") == {"X": (["X"], [], []), "Y": (["Y"], [], [])}
    assert _lost(instance, "regions") == {"east": (["X"], [], []), "west": (["Y"], [], [])}
    assert _lost(instance, "power_zones") == {"zx": ([], [["zx", "X"]], []), "zy": ([], [["zy", "Y"]], [])}
    assert _lost(instance, "links")["A - X"] == ([], [], [("A", "X")])


def test_parallel_links_are_lost_one_by_one(make_instance):
    """Tests that two links between the same nodes are two contingencies."""
    links = [{"from": "A", "to": "X", "rtt_ms": 1.0}] * 2 + [{"from": "B", "to": "Y", "rtt_ms": 1.0}]
    found = contingencies_of(make_instance(links=links), Security("links"))
    assert [(each.name, each.links.tolist()) for each in found] == [
        ("A - X", [True, False, False]),
        ("A - X (2)", [False, True, False]),
        ("B - Y", [False, False, True]),
    ]


def test_table(make_instance):
    """Tests that rows of one name are lost together, and that links are lost whichever way they are named."""
    instance = make_instance()
    rows = [
        {"contingency": "flood", "region": "east"},
        {"contingency": "flood", "from": "Y", "to": "B"},
        {"contingency": "feeder", "power_zone": "zx", "data_centre": "X"},
        {"contingency": "zone", "power_zone": "zy"},
    ]
    assert _lost(instance, rows) == {
        "flood": (["X"], [], [("B", "Y")]),
        "feeder": ([], [["zx", "X"]], []),
        "zone": ([], [["zy", "Y"]], []),
    }


def test_all_violations_at_once(make_instance):
    """Tests that unknown names, things that are not there and unknown workloads are named together."""
    rows = [
        {"contingency": "a", "data_centre": "Z"},
        {"contingency": "b", "power_zone": "zx", "data_centre": "Y"},
        {"contingency": "c", "from": "A", "to": "Y"},
        {"contingency": "d", "region": "eats"},
    ]
    with pytest.raises(InstanceError) as caught:
        contingencies_of(make_instance(), Security(rows, protected={"ww": 1}))
    assert [str(each) for each in caught.value.violations] == [
        "security.protected: 'ww' is unknown (allowed: a workload by name)",
        "contingencies[row 1].data_centre: 'Z' is unknown (allowed: a data_centre by name)",
        "contingencies[row 2]: nothing of the kind is there (allowed: supplies or links by name)",
        "contingencies[row 3]: nothing of the kind is there (allowed: supplies or links by name)",
        "contingencies[row 4].region: 'eats' is unknown (allowed: perhaps east)",
    ]


def test_a_contingency_leaves_something(make_instance):
    """Tests that contingencies that lose all data centres, or all power, are no contingencies."""
    both = [{"contingency": "all", "data_centre": name} for name in ("X", "Y")]
    dark = [{"contingency": "dark", "power_zone": name} for name in ("zx", "zy")]
    for rows in (both, dark):
        with pytest.raises(InstanceError, match="everything is lost"):
            contingencies_of(make_instance(), Security(rows))


def test_a_kind_that_is_not_there(a1):
    """Tests that zones are no contingencies where there are none."""
    with pytest.raises(InstanceError, match="there are no power_zones"):
        contingencies_of(a1, Security("power_zones"))


def test_protected_shares():
    """Tests that work that waits is not protected by default, all else is, and given shares hold."""
    tiny = placer.load("tiny")
    formulation = formulate(tiny)
    shares = protected_shares(formulation.structure, formulation.workloads, Security(protected={"chat": 0.5}))
    assert dict(zip(formulation.workloads, shares.tolist(), strict=True)) == {"voice": 1.0, "chat": 0.5, "batch": 0.0}
    assert np.isclose(shares.sum(), 1.5)


def test_batteries_are_lost_with_their_places():
    """Tests that a battery is lost with its data centre, and with its power zone once no supply is left."""
    at_site, at_zone = (powered(battery={}, at=at, **TWO) for at in "DZ")
    for instance, lost in ((at_site, {"D": True, "E": False}), (at_zone, {"D": False, "E": False})):
        found = contingencies_of(instance, Security("data_centres"))
        assert {each.name: batteries_lost(instance, each).tolist() for each in found} == {
            name: [is_lost] for name, is_lost in lost.items()
        }
    supplies = [
        {"contingency": "one", "power_zone": "Z", "data_centre": "D"},
        {"contingency": "all", "power_zone": "Z"},
    ]
    one, every = contingencies_of(at_zone, Security(supplies))
    assert (batteries_lost(at_zone, one).tolist(), batteries_lost(at_zone, every).tolist()) == ([False], [True])
    assert batteries_lost(at_site, every).tolist() == [False]


#: A second data centre of the zone.
TWO = {
    "data_centres": [{"data_centre": name} for name in "DE"],
    "links": [{"from": "H", "to": name, "rtt_ms": 1} for name in "DE"],
    "power_zones": [{"power_zone": zone, "usd_per_mwh": 1.0} for zone in "YZ"],
    "supplies": [{"power_zone": zone, "data_centre": name} for zone, name in ("ZD", "ZE", "YE")],
}
