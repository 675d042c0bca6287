"""The value ``Security``: what it accepts, and every violation at once."""

from __future__ import annotations

import pickle

import pandas as pd
import pytest

from placer.errors import ArgumentError, InstanceError
from placer.security.definition import Loss, Security, need_least_stranded, security_of


def test_defaults():
    """Tests that each data centre is lost alone, only displaced work moves, and shares are those by default."""
    security = Security()
    assert (security.contingencies, security.recourse, security.protected) == ("data_centres", None, ())


def test_a_table_is_held_as_losses():
    """Tests that a DataFrame and a list of rows are the same value, with empty cells left out."""
    rows = [
        {"contingency": "storm", "data_centre": "X"},
        {"contingency": "storm", "data_centre": "Y"},
        {"contingency": "cut", "from": "A", "to": "X"},
    ]
    security = Security(rows)
    assert security.losses == (Loss("storm", "X"), Loss("storm", "Y"), Loss("cut", from_node="A", to_node="X"))
    assert Security(pd.DataFrame(rows)) == security
    assert hash(Security(security.losses)) == hash(security)
    assert Security("links").losses == ()


def test_it_travels_between_processes():
    """Tests that a security is the same after pickling."""
    security = Security([{"contingency": "dark", "power_zone": "z"}], "all", {"w": 0.5})
    assert pickle.loads(pickle.dumps(security)) == security  # noqa: S301 - our own
    assert security.protected_shares == {"w": 0.5}


def test_all_violations_at_once():
    """Tests that a wrong kind, rule and share are named together, with what is allowed."""
    with pytest.raises(InstanceError) as caught:
        Security("datacentres", "some", {"w": 1.5, "v": "half"})  # type: ignore[arg-type]
    texts = [str(violation) for violation in caught.value.violations]
    assert texts == [
        "security.contingencies: 'datacentres' is unknown (allowed: perhaps data_centres)",
        "security.recourse: 'some' is unknown (allowed: displaced or all)",
        "security[w].protected: 1.5 is out of range (allowed: a share from 0 to 1)",
        "security[v].protected: 'half' is text (allowed: a share from 0 to 1)",
    ]


@pytest.mark.parametrize(
    ("rows", "place", "problem"),
    [
        ([], "contingencies", "no rows"),
        ([{"data_centre": "X"}], "contingencies[row 1].contingency", "missing"),
        ([{"contingency": "c"}], "contingencies[row 1]", "no single kind of loss (nothing)"),
        ([{"contingency": "c", "from": "A"}], "contingencies[row 1]", "no single kind of loss (from)"),
        (
            [{"contingency": "c", "data_centre": "X", "region": "r"}],
            "contingencies[row 1]",
            "no single kind of loss (data_centre, region)",
        ),
        ([{"contingency": "c", "data_center": "X"}], "contingencies[row 1].data_center", "unknown column"),
        ([{"contingency": "c", "data_centre": 4}], "contingencies[row 1].data_centre", "4 is no name"),
        (2 * [{"contingency": "c", "region": "r"}], "contingencies[row 2]", "given twice"),
        (
            pd.DataFrame([["c", "X", "Y"]], columns=["contingency", "region", "region"]),
            "contingencies.region",
            "column given",
        ),
        (7, "security.contingencies", "7 is no table"),
    ],
)
def test_bad_tables(rows, place, problem):
    """Tests that each defect of a table is named with its row and column."""
    with pytest.raises(InstanceError) as caught:
        Security(rows)
    assert any(str(each).startswith(f"{place}: {problem}") for each in caught.value.violations), str(caught.value)


@pytest.mark.parametrize("protected", [7, (("w",),), ("w",)])
def test_protected_is_a_mapping(protected):
    """Tests that shares are given by workload."""
    with pytest.raises(InstanceError, match="is no mapping"):
        Security(protected=protected)


def test_protected_twice():
    """Tests that pairs have one share for each workload."""
    with pytest.raises(InstanceError, match=r"security\[chat\].protected: given twice"):
        Security(protected=(("chat", 0.5), ("chat", 0.7)))


def test_a_kind_is_a_security():
    """Tests that a kind by its name is a security, and that a question gives the rule that is not given."""
    assert security_of("links") == Security("links", recourse="displaced")
    assert security_of("regions", "all") == Security("regions", recourse="all")
    assert security_of(Security(recourse="displaced"), "all").recourse == "displaced"
    with pytest.raises(InstanceError, match="perhaps links"):
        security_of("link")
    with pytest.raises(ArgumentError, match=r'expected a security, not 7; write placer.Security\("data_centres"\)'):
        security_of(7)


@pytest.mark.parametrize(("field", "value"), [("most_stranded", 1.5), ("most_stranded", "x"), ("hours_a_year", -1.0)])
def test_amounts(field, value):
    """Tests that shares and hours are numbers in range."""
    with pytest.raises(InstanceError, match=rf"security.{field}"):
        Security(**{field: value})


def test_what_strands_least_refuses_a_share():
    """Tests that placements and ceilings, which strand the least they can, refuse a share that may strand."""
    need_least_stranded(Security(hours_a_year=20.0))
    with pytest.raises(InstanceError, match=r"most_stranded: 0.1, and no more strands than has to"):
        need_least_stranded(Security(most_stranded=0.1))
