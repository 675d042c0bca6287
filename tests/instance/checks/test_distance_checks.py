"""Tests the checks of the tables of value and distance."""

import pytest

import placer

W = {"workload": "w", "accelerator_hours_per_mtok": 1.0, "kwh_per_mtok": 1000.0, "value_usd_per_mtok": 100.0}


@pytest.mark.parametrize(
    ("tables", "message"),
    [
        (
            {"latency_value": [{"workload": "x", "ms": 1, "share_lost": 0.5}]},
            r"latency_value\[x\]\.workload: 'x' is unknown \(allowed: a name of workloads\)",
        ),
        (
            {"latency_value": [{"workload": "w", "ms": 1, "share_lost": 1.5}]},
            r"latency_value\[.*\]\.share_lost: .*1\.5",
        ),
        (
            {"latency_value": [{"workload": "w", "ms": ms, "share_lost": lost} for ms, lost in ((1, 0.5), (2, 0.4))]},
            r"latency_value\[w\]\.share_lost: the share that is lost falls as latency rises",
        ),
        (
            {
                "workloads": [W | {"value_usd_per_mtok": 0.0}],
                "latency_value": [{"workload": "w", "ms": 1, "share_lost": 0.5}],
            },
            r"it has no value that latency could lose \(allowed: value_usd_per_mtok above 0\)",
        ),
        (
            {"surcharges": [{"hub_region": "north", "region": "west", "usd_per_mtok": 1.0}]},
            r"surcharges\[north\]\.hub_region: 'north' is unknown \(allowed: a region of hubs\)",
        ),
        (
            {"surcharges": [{"hub_region": "east", "region": "north", "usd_per_mtok": 1.0}]},
            r"surcharges\[north\]\.region: 'north' is unknown \(allowed: a region of data_centres\)",
        ),
    ],
)
def test_defects_are_named(make_instance, tables, message):
    """Tests each defect: its table, row, column and what is allowed."""
    with pytest.raises(placer.InstanceError, match=message):
        make_instance(**({"workloads": [W]} | tables))


def test_tables_survive_a_folder_and_a_graph(make_instance, tmp_path):
    """Tests that both tables come back from files, and that rows of a workload that is taken out go with it."""
    instance = make_instance(
        workloads=[W, W | {"workload": "v"}],
        demand=[{"workload": name, "hub": "A", "mtok": 1.0} for name in "wv"],
        latency_value=[{"workload": name, "ms": ms, "share_lost": ms / 100} for name in "wv" for ms in (0, 50)],
        surcharges=[{"hub_region": "east", "region": "west", "usd_per_mtok": 1.5}],
    )
    assert placer.load(placer.save(instance, tmp_path / "folder")) == instance
    placer.save_graph(instance, tmp_path / "graph.json")
    assert placer.load_graph(tmp_path / "graph.json") == instance
    assert instance.without("v").tables["latency_value"]["workload"].tolist() == ["w", "w"]
