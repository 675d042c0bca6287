"""Work that waits when the horizon begins: stated in the tables, served where it waits, refused where it cannot be."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import placer
from placer.errors import InstanceError
from placer.instance.attributes.schema import BACKLOG
from placer.model.formulation import formulate

#: One Mtok takes one hour and one MWh; ``late`` may wait two hours, ``w`` may not.
W = {"workload": "w", "accelerator_hours_per_mtok": 1.0, "kwh_per_mtok": 1000.0, "unserved_usd_per_mtok": 1000.0}
LATE = W | {"workload": "late", "deadline_hours": 2.0, "gb_per_mtok": 1.0}
DEMAND = [{"workload": name, "hub": "A", "hour": hour, "mtok": 1.0} for name in ("w", "late") for hour in range(3)]


def row(data_centre="X", hours_left=1.0, mtok=5.0, workload="late"):
    """Return a row of a backlog."""
    return {"workload": workload, "data_centre": data_centre, "hours_left": hours_left, "mtok": mtok}


@pytest.fixture
def instance(make_instance):
    """Three hours, in which X costs 50 and Y, 30 ms further, 20 a Mtok."""
    return make_instance(workloads=[W, LATE], demand=DEMAND)


def test_a_backlog_is_read_back(instance):
    """Tests that the backlog of an instance is the table it was given, and that another replaces it."""
    given = pd.DataFrame([row(), row("Y", 0.0, 2.0), row("X", 2.0, 0.0)])[list(BACKLOG.names)]
    found = instance.with_backlog(given)
    pd.testing.assert_frame_equal(found.backlog, given, check_dtype=False)
    assert found.with_backlog(given) == found
    assert found.with_backlog([row()]).backlog["mtok"].tolist() == [5]
    assert found.with_backlog([]) == instance.with_backlog(given.iloc[:0]) == instance
    assert instance.backlog.empty


def test_it_is_served_where_it_waits_without_transit(instance):
    """Tests the cost by hand: 5 Mtok stay at X for 50 each, though Y is cheaper and 0 ms from X, and pay no transit."""
    links = instance.links.assign(rtt_ms=0.0, usd_per_gb=7.0)
    plain = instance.replace(links=links)
    waits = placer.solve(plain.with_backlog([row()]))
    assert waits.cost_usd - placer.solve(plain).cost_usd == pytest.approx(5 * 50)
    assert waits.cost_parts_usd["transit"] == pytest.approx(placer.solve(plain).cost_parts_usd["transit"])
    assert waits.flows.xs("backlog at X", level="hub")["mtok"].to_dict() == {("late, 1 h left", "X", 0): 5}
    assert not waits.flows.xs("backlog at X", level="hub")["exported"].any()


@pytest.mark.slow
def test_it_is_served_in_time(make_instance):
    """Tests the hours by hand: X has room for 2 Mtok an hour, and of 5 Mtok due within 1 hour serves 4."""
    sites = [{"data_centre": "X", "accelerators": 2.0}, {"data_centre": "Y"}]
    instance = make_instance(
        workloads=[LATE], demand=[r for r in DEMAND if r["workload"] == "late"], data_centres=sites
    )
    placement = placer.solve(instance.with_backlog([row()]))
    assert placement.backlog_mtok == 5
    assert placement.backlog_unserved_mtok == pytest.approx(1)
    assert placement.penalty_usd == pytest.approx(1000)
    assert (placement.demand_mtok, placement.served_mtok, placement.unserved_mtok) == pytest.approx((3, 3, 0))
    assert placement.unserved_reasons["unserved_mtok"].to_dict() == pytest.approx({("accelerators", "X"): 1})
    due = placer.solve(instance.with_backlog([row(hours_left=0)]))
    assert due.backlog_unserved_mtok == pytest.approx(3)
    # Also what is not due yet has to be served by the end: 6 Mtok, at 2 Mtok an hour.
    assert placer.solve(instance.with_backlog([row(hours_left=2, mtok=7)])).backlog_unserved_mtok == pytest.approx(1)


@pytest.mark.slow
def test_tokens_and_shares_count_what_is_asked_for(instance):
    """Tests that a backlog is in no figure of demand, in no share and in no weight of a ceiling."""
    plain, waits = (placer.solve(each) for each in (instance, instance.with_backlog([row(mtok=60)])))
    for figure in ("demand_mtok", "served_mtok", "unserved_mtok", "exported_mtok", "export_share", "net_export_share"):
        assert getattr(waits, figure) == pytest.approx(getattr(plain, figure))
    assert waits.price_usd_per_mtok == pytest.approx(plain.price_usd_per_mtok)
    assert waits.cost_usd_per_mtok == pytest.approx(waits.cost_usd / (60 + plain.served_mtok))
    for weight in ("tokens", "work", "energy"):
        ceilings = [placer.export_ceiling(each.instance, weight) for each in (plain, waits)]
        assert ceilings[0].share == pytest.approx(ceilings[1].share)


def test_it_takes_room_from_a_ceiling(make_instance):
    """Tests by hand that a backlog at Y, of 4 Mtok in an hour with room for 6, leaves 2 for exports of A."""
    sites = [{"data_centre": "X", "region": "east"}, {"data_centre": "Y", "region": "west", "accelerators": 6.0}]
    demand = [{"workload": name, "hub": "A", "mtok": 4.0} for name in ("w", "late")]
    instance = make_instance(workloads=[W, LATE], data_centres=sites, demand=demand)
    assert placer.export_ceiling(instance).share == pytest.approx(6 / 8)
    assert placer.export_ceiling(instance.with_backlog([row("Y", 0, 4.0)])).share == pytest.approx(2 / 8)


def test_prices_settle(instance):
    """Tests strong duality with a backlog: what all pay is cost, penalty and rents."""
    sites = instance.data_centres.assign(accelerators=[2.0, 2.0])
    placement = placer.solve(instance.replace(data_centres=sites).with_backlog([row(), row("Y", 0, 9.0)]))
    assert placement.certificate.proven
    assert placement.backlog_unserved_mtok > 1
    assert abs(placement.settlement["difference"]) < 1e-6 * placement.settlement["payments"]


def test_unserved_work_costs_the_penalty_of_its_workload(instance):
    """Tests that a default penalty is that of the workload, whose dearest way includes transit."""
    free = instance.workloads.assign(unserved_usd_per_mtok=None)
    plain = instance.replace(workloads=free, links=instance.links.assign(usd_per_gb=9.0))
    usual, late = formulate(plain).structure.unserved_cost
    assert late > usual
    assert formulate(plain.with_backlog([row()])).structure.unserved_cost.tolist() == [usual, late, late]


def test_every_violation_is_listed(instance):
    """Tests that one error names all that is wrong, by row and column, with what is allowed."""
    rows = [
        row(workload="lat"),
        row("Z"),
        row(mtok=-1.0),
        row(hours_left=-1.0),
        row(hours_left=2.5),
        row("Y", workload="w", hours_left=0.0),
        row("Y", mtok=None),
    ]
    with pytest.raises(InstanceError) as raised:
        instance.with_backlog(rows)
    assert {(each.row, each.column): each.problem for each in raised.value.violations} == {
        ("late|X|-1", "hours_left"): "-1 is out of range",
        ("late|X|1", "mtok"): "-1 is out of range",
        ("late|Y|1", "mtok"): "missing: write the demand in the hour in Mtok (million tokens), such as 120; 0 if none",
        ("lat|X|1", "workload"): "'lat' is unknown",
        ("late|Z|1", "data_centre"): "'Z' is unknown",
        ("late|X|2.5", "hours_left"): "2.5 is more than the 2 hours that late may wait",
        ("w|Y|0", "workload"): "w cannot wait",
    }
    assert {each.table for each in raised.value.violations} == {"backlog"}
    assert any(each.allowed == "the name of a workload, perhaps late" for each in raised.value.violations)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (7, "is not a table"),
        ([{"workload": "late", "data_centre": "X", "mtok": 1}], "hours_left"),
        (pd.DataFrame({"workload": ["late"], "data_centre": ["X"], "hours_left": [1], "mtoks": [1]}), "mtok"),
        ([row(), row()], "late"),
    ],
)
def test_what_is_no_backlog_is_refused(instance, given, said):
    """Tests that another type, missing and misspelt columns, and rows twice are refused."""
    with pytest.raises(InstanceError, match=said):
        instance.with_backlog(given)


def test_a_cyclic_horizon_has_no_backlog(instance):
    """Tests that a backlog and a cyclic horizon exclude each other, in either order."""
    with pytest.raises(InstanceError, match="a cyclic horizon has no beginning"):
        instance.replace(cyclic=True).with_backlog([row()])
    with pytest.raises(InstanceError, match="a cyclic horizon has no beginning"):
        instance.with_backlog([row()]).replace(cyclic=True)
    assert instance.replace(cyclic=True).with_backlog([]).backlog.empty


def test_residency_holds(instance):
    """Tests that a backlog may not be where its workload may not run."""
    home = instance.replace(
        workloads=instance.workloads.assign(jurisdictions=[None, ("EU",)]),
        data_centres=instance.data_centres.assign(jurisdiction=["EU", None]),
    )
    assert len(home.with_backlog([row()]).backlog) == 1
    with pytest.raises(InstanceError, match="late may not run at Y"):
        home.with_backlog([row("Y")])


def test_it_goes_with_its_workload_and_data_centre(instance):
    """Tests that a backlog is removed with the workload, or the data centre, that it belongs to."""
    waits = instance.with_backlog([row(), row("Y")])
    assert waits.without("late").backlog.empty
    linked = [{"from": "A", "to": "Y", "rtt_ms": 9.0}, *instance.links.to_dict("records")]
    assert waits.replace(links=linked).without("X").backlog["data_centre"].tolist() == ["Y"]


def test_rows_that_are_half_a_backlog_are_refused(instance):
    """Tests the checks of tables in which the rows of a backlog do not fit together."""
    waits = instance.with_backlog([row()])
    late, workloads = waits.demand["workload"] == "late, 1 h left", waits.workloads

    def refused(**changes):
        with pytest.raises(InstanceError) as raised:
            waits.replace(**changes)
        return [f"{each.column}: {each.problem}" for each in raised.value.violations]

    assert refused(demand=waits.demand.assign(hub=waits.demand["hub"].where(~late, "B"))) == [": half a backlog"]
    assert refused(demand=waits.demand.assign(hour=waits.demand["hour"].where(~late, 1))) == [
        "hour: a backlog after the first hour"
    ]
    longer = workloads.assign(deadline_hours=workloads["deadline_hours"].where(workloads["workload"] == "late", 9.0))
    assert "deadline_hours: 9 is more than late may wait" in refused(workloads=longer)
    of_itself = workloads.assign(backlog_of=[None, None, "late, 1 h left"])
    assert refused(workloads=of_itself) == ["backlog_of: 'late, 1 h left' is itself a backlog"]
    assert refused(hubs=waits.hubs.assign(backlog_at=[None, None, "Z"])) == ["backlog_at: 'Z' is unknown"]
    assert refused(workloads=workloads.assign(backlog_of=[None, None, "no"])) == ["backlog_of: 'no' is unknown"]


def test_files_keep_it(instance, tmp_path):
    """Tests that an instance with a backlog comes back from a folder and from a graph."""
    waits = instance.with_backlog([row(), row("Y", 2.0)])
    assert placer.load(placer.save(waits, tmp_path / "waits")) == waits
    again = placer.Instance.from_graph(waits.to_graph(), waits.workloads, waits.demand)
    assert again.backlog.equals(waits.backlog)
    assert np.isclose(placer.solve(again).cost_usd, placer.solve(waits).cost_usd)


def test_other_columns_are_kept(instance):
    """Tests that columns that placer does not know, and those of timestamps, survive."""
    noted = instance.replace(demand=instance.demand.assign(note="x"))
    assert noted.with_backlog([row()]).demand["note"].tolist()[:6] == ["x"] * 6
    stamps = pd.date_range("2026-01-01", periods=3, freq="h", tz="Europe/Berlin")
    timed = instance.replace(demand=instance.demand.assign(hour=[stamps[hour] for hour in instance.demand["hour"]]))
    assert timed.with_backlog([row()]).hours.equals(timed.hours)
