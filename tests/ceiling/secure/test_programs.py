"""The programs of the secure ceiling: one at weights, or in turn."""

from __future__ import annotations

import numpy as np
import pytest

import placer
from placer.ceiling.secure import programs as secure_programs
from placer.ceiling.secure.programs import certain_at_least
from placer.model.formulation import formulate


@pytest.fixture
def three_demands(make_instance):
    """Return a structure of three demands of 10, 20 and 30, the last without an arc."""
    instance = make_instance(
        hubs=[{"hub": name, "region": "east"} for name in "ABC"],
        links=[{"from": hub, "to": "X", "rtt_ms": rtt_ms} for hub, rtt_ms in {"A": 1.0, "B": 1.0, "C": 9.0}.items()],
        data_centres=[{"data_centre": "X", "region": "east", "accelerators": 100.0}],
        supplies=[],
        power_zones=[],
        demand=[{"workload": "w", "hub": hub, "mtok": mtok} for hub, mtok in {"A": 10.0, "B": 20.0, "C": 30.0}.items()],
        workloads=[
            {
                "workload": "w",
                "latency_slo_ms": 5.0,
                "user_round_trips": 1.0,
                "accelerator_hours_per_mtok": 1.0,
                "kwh_per_mtok": 0.0,
            }
        ],
    )
    return formulate(instance).structure


def test_certain_by_hand(three_demands):
    """Tests 10 at 2 and 20 at 1.5: 50 strand if nothing else is unserved than what no arc serves; then 2 come first."""
    certain = np.array([2.0, 1.5, 0.0])
    least = {0.0: 50.0, 30.0: 50.0, 40.0: 30.0, 45.0: 22.5, 60.0: 0.0}
    for unserved, stranded in least.items():
        assert certain_at_least(three_demands, certain, unserved) == pytest.approx(stranded)


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["data_centres", "power_zones"])
@pytest.mark.parametrize("seed", range(3))
def test_three_ways(make_random_instance, monkeypatch, seed, kind):
    """Tests one program at weights, with a second one for the least stranded work, and two in turn: equal figures."""
    instance, security = make_random_instance(seed), placer.Security(kind)
    first = placer.export_ceiling(instance, exporting="e", security=security)
    monkeypatch.setattr(secure_programs, "certain_at_least", lambda *_: -np.inf)
    second = placer.export_ceiling(instance, exporting="e", security=security)
    assert len(second.certificates) == len(first.certificates)
    monkeypatch.setattr(secure_programs, "_at_weights", lambda *_: None)
    third = placer.export_ceiling(instance, exporting="e", security=security)
    assert len(third.certificates) == len(first.certificates)
    for other in (second, third):
        assert other.share == pytest.approx(first.share, abs=1e-6)
        assert other.contingencies["stranded_mtok"].sum() == pytest.approx(
            first.contingencies["stranded_mtok"].sum(), abs=1e-4
        )
        assert all(certificate.proven for certificate in (*first.certificates, *other.certificates))


def _light_and_heavy(hours):
    """Return demand of a heavy Mtok, which fills X, beside as many of light work as it takes hours, which fill Y."""
    sites = {"X": "x", "Y": "y"}
    needs = {"heavy": (("x",), hours), "light": (("x", "y"), 1.0)}
    return placer.Instance.from_tables(
        {
            "hubs": [{"hub": "H", "region": "north"}],
            "data_centres": [
                {"data_centre": name, "region": "south", "accelerators": hours, "jurisdiction": place}
                for name, place in sites.items()
            ],
            "links": [{"from": "H", "to": name, "rtt_ms": 1.0} for name in sites],
            "workloads": [
                {"workload": name, "jurisdictions": at, "accelerator_hours_per_mtok": need, "kwh_per_mtok": 0.0}
                for name, (at, need) in needs.items()
            ],
            "demand": [
                {"workload": "heavy", "hub": "H", "mtok": 1.0},
                {"workload": "light", "hub": "H", "mtok": hours},
            ],
        }
    )


@pytest.mark.parametrize(("hours", "tried"), [(4.0, [8.0]), (30.0, [8.0, 64.0]), (100.0, [8.0, 64.0])])
def test_a_heavy_unit_takes_the_room_of_many(monkeypatch, hours, tried):
    """Tests that all is served though the heavy Mtok strands the light work of Y: its weight is raised, then in turn.

    If Y is lost, the light work strands, since X is full; if X is lost, the heavy Mtok. Left unserved, it would leave
    room in X for all light work.
    """
    seen = []
    weights = secure_programs.Objectives.weights

    def keep(objectives, ahead):
        seen.append(ahead)
        return weights(objectives, ahead)

    monkeypatch.setattr(secure_programs.Objectives, "weights", keep)
    found = placer.export_ceiling(_light_and_heavy(hours), exporting="north", security=placer.Security())
    assert seen == tried
    assert found.share == pytest.approx(1.0)
    assert found.contingencies["stranded_mtok"].to_dict() == pytest.approx({"X": 1.0, "Y": hours})
    assert found.summary()["proven"]


@pytest.mark.parametrize("heavy_mtok", [1e-9, 1e-6])
def test_rounding_of_unserved_demand_buys_no_export(heavy_mtok):
    """Tests that a heavy demand that takes 0.001 of W is served, though it is rounding beside all demand.

    It leaves W 0.999 for light work, which loses 0.999 with W and has room at A. One contingency strands work that
    nothing else can take, so that programs are solved.
    """
    sites = {"A": ("north", 5.0, "a"), "W": ("west", 1.0, "w"), "V": ("west", 1.0, "v")}
    needs = {"heavy": (("w",), 1e-3 / heavy_mtok), "light": (("a", "w"), 1.0), "bound": (("v",), 1.0)}
    instance = placer.Instance.from_tables(
        {
            "hubs": [{"hub": "H", "region": "north"}],
            "data_centres": [
                {"data_centre": name, "region": region, "accelerators": size, "jurisdiction": place}
                for name, (region, size, place) in sites.items()
            ],
            "links": [{"from": "H", "to": name, "rtt_ms": 1.0} for name in sites],
            "workloads": [
                {"workload": name, "jurisdictions": at, "accelerator_hours_per_mtok": need, "kwh_per_mtok": 0.0}
                for name, (at, need) in needs.items()
            ],
            "demand": [
                {"workload": name, "hub": "H", "mtok": mtok}
                for name, mtok in {"heavy": heavy_mtok, "light": 1.0, "bound": 1.0}.items()
            ],
        }
    )
    found = placer.export_ceiling(instance, exporting="north", security=placer.Security())
    assert found.flows.unserved.sum() == 0
    assert found.share == pytest.approx(found.without.share, abs=1e-9)
    assert found.share * found.without.total == pytest.approx(1.999 + heavy_mtok, abs=1e-9)
