"""The curve of the secure ceiling over a limit on latency."""

from __future__ import annotations

import itertools
from dataclasses import replace

import numpy as np
import pytest

import placer
from placer.ceiling.curve import within
from placer.ceiling.secure.curve import SecureFigures, figures_at, secure_curve
from placer.ceiling.walk.entering import entering
from placer.errors import InstanceError, NoSolutionError
from placer.model.formulation import formulate
from tests.model.modes_by_hand import FAST, MIDDLE, SLOW, modes_abroad

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


def figures(curve):
    """Return limits and figures as rows."""
    return curve.table[[*curve.table.columns[:3], "share"]].to_numpy()


@pytest.mark.slow
def test_a1_by_hand(ceiling):
    """Tests all three curves.

    A alone serves the 40 of voice, which strand without it. With B all is served: 5 of voice have room at B beside the
    80 of chat, 35 strand without A, and chat without B. With W nothing strands, and 35 of voice stay at A for it.
    """
    steps = np.array([[120.0, 0.0, 0.0], [80.0, 40.0, 0.0], [0.0, 115.0, 85 / 120], [0.0, 0.0, 85 / 120]])
    assert figures(ceiling.curve) == pytest.approx(np.column_stack([[0.0, 1.0, 3.0], steps[:3]]), abs=1e-6)
    assert figures(ceiling.slo_curve) == pytest.approx(np.column_stack([[0.0, 0.25, 0.75, 1.25], steps]), abs=1e-6)
    assert figures(ceiling.shorten_curve) == pytest.approx(np.column_stack([[0.0, 1.0], steps[2:]]), abs=1e-6)
    last = ceiling.slo_curve.table.iloc[-1]
    assert (last["exported"], last["displaced_hours"]) == pytest.approx((85.0, 0.0))


@pytest.mark.slow
def test_the_curve_of_an_instance(ceiling):
    """Tests that a curve of an instance takes a security as the ceiling does, and refuses a share that may strand."""
    instance = ceiling.without.instance
    curve = placer.ceiling_curve(instance, "slo", exporting="north", security="data_centres")
    assert curve.table.equals(ceiling.slo_curve.table)
    with pytest.raises(InstanceError, match="most_stranded"):
        placer.ceiling_curve(instance, exporting="north", security=placer.Security(most_stranded=0.5))


def test_rows_hold_up_to_the_next(ceiling):
    """Tests reading the curve between corners, its text, and that a limit is a number from 0 on."""
    curve = ceiling.slo_curve
    assert curve.at(0.5)["unserved_mtok"] == pytest.approx(80.0)
    assert curve.at(1.25 - 1e-12)["stranded_mtok"] == pytest.approx(0.0, abs=1e-6)
    assert curve.limits.tolist() == pytest.approx([0.0, 0.25, 0.75, 1.25])
    assert repr(curve) == (
        "Secure ceiling curve by slo_factor: 4 corners, 0.00% exportable at 0 and 70.83% from 1.25 on"
    )
    assert "<table" in curve._repr_html_()
    with pytest.raises(ValueError, match="not at least 0"):
        curve.at(-1.0)


@pytest.mark.slow
def test_a_limit_is_that_of_the_instance():
    """Tests tiny: at a factor, the curve is the secure ceiling of the instance with its latency limits times that."""
    tiny, security = placer.load("tiny"), placer.Security("power_zones")
    ceiling = placer.export_ceiling(tiny, security=security)
    curve, cut = ceiling.slo_curve, ceiling.without.cut.exporting
    for factor in (0.9, 1.0, 1.13):
        limited = tiny.replace(
            workloads=tiny.workloads.assign(latency_slo_ms=tiny.workloads["latency_slo_ms"] * factor)
        )
        alone = placer.export_ceiling(limited, exporting=cut, security=security)
        row = curve.at(factor)
        assert row["share"] == pytest.approx(alone.share, abs=1e-6)
        assert row["unserved_mtok"] == pytest.approx(alone.flows.unserved.sum(), abs=1e-6)
        assert row["stranded_mtok"] == pytest.approx(alone.contingencies["stranded_mtok"].sum(), abs=1e-4)


def test_equal_ends_need_no_limit_between():
    """Tests that two limits are solved where they have the same figures, and all where one limit has others."""
    formulation, largest = formulate(placer.load("tiny")), SecureFigures(1.0, 1.0, 1.0, 1.0, 1.0)
    flat = secure_curve(formulation, "slo", lambda *_: (SecureFigures(0.0, 0.0, 0.0, 0.5, 0.5), ()), largest)
    assert (flat.solved, len(flat.table)) == (2, 1)
    arcs = formulation.structure.arc_class.size

    def steep(limited, _):
        return SecureFigures(0.0, 0.0, 0.0, 0.0, float(limited.structure.arc_class.size / arcs)), ()

    assert len(secure_curve(formulation, "slo", steep, largest).table) > 2


def test_time_limit(ceiling):
    """Tests that a curve heeds the time limit of its ceiling."""
    hurried = replace(ceiling, without=replace(ceiling.without, time_limit_seconds=1e-9))
    with pytest.raises(NoSolutionError, match="time limit"):
        _ = hurried.curve


@pytest.mark.slow
def test_limits_that_ask_for_use_have_no_curve_from_0():
    """Tests a limit of at least 1 Mtok at a site that is 2 ms away: no placement keeps it at a round trip of 0."""
    instance = placer.Instance.from_tables(
        {
            "hubs": [{"hub": "h", "region": "a"}],
            "data_centres": [{"data_centre": name, "region": "b"} for name in "xy"],
            "links": [{"from": "h", "to": name, "rtt_ms": 2.0} for name in "xy"],
            "workloads": [{"workload": "w", "accelerator_hours_per_mtok": 1.0, "kwh_per_mtok": 0.0}],
            "demand": [{"workload": "w", "hub": "h", "mtok": 2.0}],
            "limits": [{"limit": "use of x", "kind": "tokens", "sense": ">=", "amount": 1.0, "data_centre": "x"}],
        }
    )
    ceiling = placer.export_ceiling(instance, security=placer.Security("data_centres"))
    assert ceiling.share == pytest.approx(1.0)
    with pytest.raises(placer.NoSolutionError, match="no placement keeps the limits of one's own at rtt_limit_ms 0"):
        _ = ceiling.curve
    assert ceiling.at_limits([2.0])["share"].tolist() == pytest.approx([1.0])


def test_points_are_those_of_the_curve(ceiling, monkeypatch):
    """Tests limits in any order and of any size of instance, and what is no limit."""
    monkeypatch.setattr("placer.ceiling.secure.curve.MOST_WORK", 0)
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
    monkeypatch.setattr("placer.ceiling.secure.curve.MOST_WORK", 3)
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


@pytest.mark.slow
def test_modes_enter_at_their_own_limits():
    """Tests that far takes over half at 80 a second, from 3.05 s of 4 on, and all at 40, from 4.3 s on.

    If near is lost, the rest strands; near has room for all that far exports.
    """
    ceiling = placer.export_ceiling(modes_abroad([SLOW, MIDDLE, FAST]), security="data_centres")
    table = ceiling.slo_curve.table
    assert table["slo_factor"].tolist() == pytest.approx([0.0, 1.25 / 4, 3.05 / 4, 4.3 / 4])
    assert table["share"].tolist() == pytest.approx([0.0, 0.0, 0.5, 1.0])
    assert table["stranded_mtok"].tolist() == pytest.approx([0.0, 36.0, 18.0, 0.0])
