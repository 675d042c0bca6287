"""Tests the accelerators and prices of data centres with pools, and what-ifs that change them."""

import numpy as np
import pytest

import placer
from placer.instance.pools import accelerators_of, pool_usd_per_hour, usd_per_hour
from placer.sensitivity.assumptions import with_region_share
from tests.model.pools_by_hand import NEW, OLD, any_pool, pooled, tables


def two_sites(**changes):
    """Return the instance with a second data centre without pools."""
    return any_pool(**changes).with_data_centre(
        "annexe", {"users": 20}, "grid", region="east", accelerators=7, accelerator_usd_per_hour=3.0
    )


def test_accelerators_of_a_data_centre_are_those_of_its_pools():
    """Tests the sum over pools beside the accelerators of a data centre without any."""
    assert accelerators_of(two_sites()).tolist() == [[110.0], [7.0]]
    assert (
        accelerators_of(placer.load("tiny")).tolist()
        == placer.load("tiny").hourly("data_centres", "accelerators").tolist()
    )


def test_prices_are_those_of_pools():
    """Tests the price of each class at each data centre; a pool without one has that of its data centre."""
    instance = two_sites()
    assert pool_usd_per_hour(instance).tolist() == [[1.0], [2.0]]
    assert usd_per_hour(instance)[:, 0, 0].tolist() == [1.0, 2.0]
    assert usd_per_hour(instance)[0, 1].tolist() == [3.0]
    dearer = instance.with_value("data_centres.accelerator_usd_per_hour", 5.0, where="hall")
    assert pool_usd_per_hour(dearer).tolist() == [[1.0], [5.0]]


def test_pools_change_with_what_ifs():
    """Tests factors on a column of pools, values of one row, and what goes with a data centre that is removed."""
    instance = two_sites()
    more = instance.scaled("accelerator_pools.accelerators", 2.0, where="hall")
    assert more.accelerator_pools["accelerators"].tolist() == [20.0, 200.0]
    old = instance.with_value("accelerator_pools.accelerators", 3.0, where={"accelerator_type": OLD})
    assert old.accelerator_pools["accelerators"].tolist() == [3.0, 100.0]
    assert instance.without("hall").accelerator_pools.empty
    assert "2 accelerator pools" in repr(instance)


def test_loads_and_shares_count_pools():
    """Tests that a mean load and the share of a region scale pools as they scale data centres."""
    instance = two_sites()
    half = placer.with_load(instance, 0.5)
    assert accelerators_of(half).sum() == pytest.approx(30.0)
    assert half.accelerator_pools["accelerators"].tolist() == pytest.approx([300 / 117, 3000 / 117])
    shared = with_region_share(instance, "west", 0.5)
    assert accelerators_of(shared).ravel().tolist() == pytest.approx([58.5, 58.5])
    assert np.isinf(shared.data_centres["accelerators"]).tolist() == [True, False]


def test_remarks_count_pools():
    """Tests that pools count as limited accelerators with a price, and as capacity beside the demand."""
    (centre,) = tables()["data_centres"]
    free = centre | {"accelerator_usd_per_hour": 0.0}
    assert not any("accelerator" in remark for remark in placer.check(pooled(data_centres=[free])))
    demand = [{"workload": "chat", "hub": "users", "mtok": 220.0}]
    (remark,) = [each for each in placer.check(pooled(demand=demand)) if "there are" in each]
    assert "220 accelerator-hours" in remark
    assert "110" in remark
    kinds = [row | {"accelerator_usd_per_hour": 400.0} for row in tables()["accelerator_pools"]]
    assert any("accelerator_pools" in each for each in placer.check(pooled(accelerator_pools=kinds)))


@pytest.mark.parametrize("form", ["folder", "workbook", "graph.json", "graph.graphml"])
def test_files_keep_pools(form, tmp_path):
    """Tests that pools come back from folders, workbooks and graphs as they were."""
    instance = pooled()
    if form.startswith("graph"):
        placer.save_graph(instance, tmp_path / form)
        found = placer.load_graph(tmp_path / form)
    else:
        place = tmp_path / ("data" if form == "folder" else "data.xlsx")
        placer.save(instance, place)
        found = placer.load(place)
    assert found == instance
    assert found.accelerator_pools["accelerator_type"].tolist() == [OLD, NEW]
