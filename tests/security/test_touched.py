"""What contingencies touch."""

from __future__ import annotations

import pytest

import placer
from placer.security.touched import touched


@pytest.mark.slow
def test_sites_and_links_have_their_worst_contingency():
    """Tests sites lost alone and together, and that links without a place are left out."""
    placement = placer.solve(placer.load("tiny"))
    rows = [{"contingency": name, "data_centre": name} for name in ("Metro", "Port")]
    both = [{"contingency": "both", "data_centre": name} for name in ("Metro", "Port")]
    sites, links = touched(placer.audit(placement, placer.Security([*rows, *both])))
    assert sites["contingency"].to_dict() == {"Metro": "both", "Port": "both"}
    assert sites["stranded_mtok"].iloc[0] == sites["stranded_mtok"].iloc[1]
    assert links.empty
    assert touched(placer.audit(placement, placer.Security("links")))[1].empty


def test_zones_touch_the_sites_that_they_supply():
    """Tests that the loss of a zone stands at the data centres that it supplies."""
    placement = placer.solve(placer.load("tiny"))
    audit = placer.audit(placement, placer.Security("power_zones"))
    sites, _ = touched(audit)
    supplied = placement.instance.supplies.groupby("data_centre")["power_zone"].first()
    assert sites["contingency"].to_dict() == supplied.to_dict()
    expected = audit.contingencies.loc[sites["contingency"], "stranded_mtok"].tolist()
    assert sites["stranded_mtok"].tolist() == pytest.approx(expected)
