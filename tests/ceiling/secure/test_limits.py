"""The secure ceiling at limits on latency."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

import placer
from placer.ceiling.curve import within
from placer.ceiling.secure.limits import figures_at
from placer.ceiling.walk.entering import entering
from placer.errors import InstanceError

#: Sites with their regions, sizes, jurisdictions and round trips.
SITES = {"A": ("north", 45.0, "a", 1.0), "B": ("south", 85.0, "b", 3.0), "W": ("west", 90.0, "w", 5.0)}


@pytest.fixture(scope="module")
def ceiling():
    """Return the secure ceiling of A1 with round trips of 1, 3 and 5 ms and a limit of 4 ms, which leaves W out."""
    work = {"accelerator_hours_per_mtok": 1.0, "kwh_per_mtok": 0.0, "latency_slo_ms": 4.0, "user_round_trips": 1.0}
    instance = placer.Instance.from_tables(
        {
            "hubs": [{"hub": "H", "region": "north"}],
            "data_centres": [
                {"data_centre": name, "region": region, "accelerators": size, "jurisdiction": place}
                for name, (region, size, place, _) in SITES.items()
            ],
            "links": [{"from": "H", "to": name, "rtt_ms": site[-1]} for name, site in SITES.items()],
            "workloads": [
                {"workload": name, "jurisdictions": at} | work
                for name, at in {"voice": ("a", "b"), "chat": ("b", "w")}.items()
            ],
            "demand": [{"workload": "voice", "hub": "H", "mtok": 40.0}, {"workload": "chat", "hub": "H", "mtok": 80.0}],
        }
    )
    return placer.export_ceiling(instance, exporting="north", security=placer.Security())


def test_points_are_those_of_the_curve(ceiling, monkeypatch):
    """Tests limits in any order and of any size of instance, and what is no limit."""
    monkeypatch.setattr("placer.ceiling.secure.limits.MOST_WORK", 0)
    table = ceiling.at_limits([1.25, 0.3], by="slo")
    assert table[["slo_factor", "unserved_mtok", "stranded_mtok", "share"]].to_numpy() == pytest.approx(
        np.array([[0.3, 80.0, 40.0, 0.0], [1.25, 0.0, 0.0, 85 / 120]]), abs=1e-6
    )
    for limit in (-1.0, float("nan")):
        with pytest.raises(ValueError, match="not at least 0"):
            ceiling.at_limits([limit])
    with pytest.raises(InstanceError, match="'ms' is unknown"):
        ceiling.at_limits([1.0], by="ms")
    assert ceiling.at_limits([]).empty


def test_what_has_no_curve(ceiling, monkeypatch):
    """Tests that the rule ``all``, lost links and large instances are refused, with every violation."""
    both = placer.Security([{"contingency": "l", "from": "H", "to": "B"}], recourse="all")
    other = placer.export_ceiling(ceiling.without.instance, exporting="north", security=both)
    with pytest.raises(InstanceError) as refused:
        _ = other.curve
    assert [each.column for each in refused.value.violations] == ["recourse", "contingencies"]
    with pytest.raises(InstanceError, match="a lost link changes round trips"):
        other.at_limits([1.0])
    monkeypatch.setattr("placer.ceiling.secure.limits.MOST_WORK", 3)
    fresh = placer.export_ceiling(ceiling.without.instance, exporting="north", security=placer.Security())
    with pytest.raises(InstanceError, match="limits of up to 3 columns"):
        _ = fresh.curve


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["data_centres", "power_zones"])
@pytest.mark.parametrize("seed", range(2))
def test_any_instance(make_random_instance, seed, kind):
    """Tests that figures improve in their order, end at the ceiling, and depend on no prices of other limits."""
    security = placer.Security(kind)
    ceiling = placer.export_ceiling(make_random_instance(seed), exporting="e", security=security)
    without = ceiling.without
    enter = entering(without.formulation, "rtt")
    limits = np.quantile(enter[np.isfinite(enter)], [0.2, 0.5, 0.8, 1.0])
    table = ceiling.at_limits([*limits, 1e6])
    size = without.formulation.structure.total_demand
    ordered = table[["unserved_mtok", "displaced_hours", "stranded_mtok"]].to_numpy()
    for before, after in itertools.pairwise(ordered):
        step = np.flatnonzero(np.abs(after - before) > 1e-6 * size)
        assert not step.size or after[step[0]] < before[step[0]]
    last = table.iloc[-1]
    assert last["share"] == pytest.approx(ceiling.share, abs=2e-6)
    assert last["stranded_mtok"] == pytest.approx(ceiling.contingencies["stranded_mtok"].sum(), abs=2e-6 * size)
    for limit, stranded, share in table[["rtt_limit_ms", "stranded_mtok", "share"]].to_numpy().tolist():
        alone, _ = figures_at(without, security, within(without.formulation, limit), ())
        assert alone.share == pytest.approx(share, abs=2e-6)
        assert alone.stranded_mtok == pytest.approx(stranded, abs=2e-6 * size)
