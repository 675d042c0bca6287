"""The content of a report on an audit."""

from __future__ import annotations

import pytest

import placer
from placer.errors import InstanceError
from placer.report.content.lost import lost_content


def test_content():
    """Tests that the contingency that strands most comes first, with its workloads that strand."""
    placement = placer.solve(placer.load("tiny"))
    found = lost_content(placer.audit(placement, placer.Security()), placement)
    assert list(found.contingencies.index) == ["Metro", "Plateau", "Port"]
    assert (found.worst, found.moves_all) == ("Metro", False)
    assert list(found.workloads.index) == ["voice"]
    assert found.sites["stranded_mtok"].to_dict() == pytest.approx({"Metro": 60.0, "Port": 10.0, "Plateau": 20.0})
    assert found.sites["contingency"].tolist() == ["Metro", "Port", "Plateau"]


def test_sites_of_several_contingencies():
    """Tests that a site shows the contingency in which most strands, and that one which none touches is left out."""
    placement = placer.solve(placer.load("tiny"))
    rows = [{"contingency": name, "data_centre": name} for name in ("Metro", "Port")]
    both = [{"contingency": "both", "data_centre": name} for name in ("Metro", "Port")]
    found = lost_content(placer.audit(placement, placer.Security([*rows, *both])), placement).sites
    assert found["contingency"].to_dict() == {"Metro": "both", "Port": "both"}


def test_without_an_audit_or_of_another_placement():
    """Tests that there is no content without an audit, and that one of another placement is refused."""
    tiny = placer.load("tiny")
    placement = placer.solve(tiny)
    assert lost_content(None, placement) is None
    with pytest.raises(InstanceError, match="it is of another placement"):
        lost_content(placer.audit(placer.solve(tiny), placer.Security()), placement)
