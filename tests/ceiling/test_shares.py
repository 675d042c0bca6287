"""Tests of the shares of an export ceiling."""

from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import placer
from placer.ceiling.shares import (
    demand_html,
    exports_by,
    intake_of_data_centres,
    limits_html,
    shares_table,
)
from tests.effort import tries


def test_tiny_by_hand(ceiling):
    """Tests the ceiling of tiny: of 240 Mtok the east's chat (60) and batch (50) may leave, voice may not.

    Plateau has 200 accelerator-hours in its two hours. Inland's own voice needs 20 of them, its own 10 Mtok of chat 20.
    The 160 left are 10 short of the 120 that the east's chat needs and the 50 of batch, so that 5 Mtok of chat stay:
    105 leave. If Inland's chat goes east in exchange, all 110 do.
    """
    assert ceiling.cut == placer.Cut(("east",), ("west",))
    assert ceiling.share == pytest.approx(105 / 240)
    assert ceiling.latency_share == pytest.approx(110 / 240)
    assert ceiling.gross_share == pytest.approx(110 / 240)
    assert ceiling.unserved_share == pytest.approx(0, abs=1e-9)


def test_shares_by_work_by_hand(make_instance):
    """Tests the three shares by work: chat takes 1 accelerator-hour a Mtok, batch 3, and A asks for 10 Mtok of each.

    Y, of 12 hours, is all that exports may use; B asks for 6 Mtok of chat there. By tokens the 6 hours left take 6 Mtok
    of chat, of 26; by work 6 of 46 hours. Distance lets all of A's 20 Mtok and 40 hours leave. Where X takes B's chat
    in exchange, 10 Mtok of chat and 2 hours of batch leave by tokens, and 12 hours of anything by work.
    """
    works = [
        {"workload": "chat", "accelerator_hours_per_mtok": 1.0, "kwh_per_mtok": 0.0},
        {"workload": "batch", "accelerator_hours_per_mtok": 3.0, "kwh_per_mtok": 0.0},
    ]
    asked = [("chat", "A", 10.0), ("batch", "A", 10.0), ("chat", "B", 6.0)]
    centres = [
        {"data_centre": "X", "region": "east", "accelerators": 100.0},
        {"data_centre": "Y", "region": "west", "accelerators": 12.0},
    ]
    instance = make_instance(
        workloads=works,
        data_centres=centres,
        demand=[dict(zip(("workload", "hub", "mtok"), row, strict=True)) for row in asked],
    )
    found = placer.export_ceiling(instance, exporting="east")
    assert found.shares.index.tolist() == ["net of swaps", "by distance and law alone", "with swaps"]
    tokens, work = (found.shares[f"share_of_{name}"].tolist() for name in ("tokens", "work"))
    assert tokens == pytest.approx([6 / 26, 20 / 26, (10 + 2 / 3) / 26])
    assert work == pytest.approx([6 / 46, 40 / 46, 12 / 46])
    by_work = placer.export_ceiling(instance, weight="work", exporting="east")
    assert by_work.shares.columns.tolist() == ["share_of_work"]
    assert by_work.shares["share_of_work"].tolist() == pytest.approx(work)
    shown = found._repr_html_()
    assert all(figure in shown for figure in ("23.1%", "13.0%", "26.1%", "of work"))


def test_a_notebook_shows_the_rest_where_a_share_is_not_found(monkeypatch):
    """Tests that a ceiling is shown although the time is up for its other shares."""

    def fails(*_, **__):
        raise placer.NoSolutionError("time limit", "no time was left")

    found = placer.export_ceiling(placer.load("tiny"))
    monkeypatch.setattr("placer.ceiling.shares.most_export", fails)
    shown = found._repr_html_()
    assert "43.75%" in shown
    assert "no time was left" in shown


def test_three_shares_by_hand(make_instance, uneven):
    """Tests that swaps are no exports: B's own 50 Mtok fill 50 of the 60 at Y, so that 10 of A's 100 fit beside them.

    With swaps B goes to X, and 60 of A's fit. Without limits on Y all 100 leave.
    """
    ceiling = placer.export_ceiling(make_instance(**uneven))
    assert ceiling.share == pytest.approx(10 / 150)
    assert ceiling.gross_share == pytest.approx(60 / 150)
    assert ceiling.latency_share == pytest.approx(100 / 150)
    assert (ceiling.unserved_share, ceiling.displaced_share) == (0, 0)
    assert len(ceiling.extent.certificates) == 3


@pytest.mark.parametrize("solver", [None, placer.HiGHS(), placer.ColumnGeneration()])
def test_what_must_be_displaced_is_no_obstacle(make_instance, uneven, solver):
    """Tests a displacement that cannot be avoided: 20 of B's Mtok are of work that only X may do.

    The other 30 stay at Y, which leaves 30 of its 60 to A: 30 of 150 exported, 20 of 150 hours displaced. With swaps 60
    of A's fit.
    """
    work = {"workload": "w", "accelerator_hours_per_mtok": 1.0, "kwh_per_mtok": 0.0}
    demand = [*uneven["demand"][:1], *({"workload": w, "hub": "B", "mtok": m} for w, m in (("w", 30.0), ("law", 20.0)))]
    centres = [row | {"jurisdiction": row["region"]} for row in uneven["data_centres"]]
    tables = {
        "workloads": [work, work | {"workload": "law", "jurisdictions": ("east",)}],
        "demand": demand,
        "data_centres": centres,
    }
    ceiling = placer.export_ceiling(make_instance(**(uneven | tables)), solver=solver)
    assert ceiling.share == pytest.approx(30 / 150)
    assert ceiling.displaced_share == pytest.approx(20 / 150)
    assert ceiling.gross_share == pytest.approx(60 / 150)
    assert ceiling.latency_share == pytest.approx(100 / 150)
    assert all(certificate.proven for certificate in ceiling.extent.certificates)
    assert ceiling.extent.certificates[1].objective == pytest.approx(20)


@pytest.mark.slow
@given(data=st.data())
@settings(max_examples=tries(21, 60), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_order_of_the_shares(make_instance, data):
    """Tests that a share is at most what distance and law allow, what swaps allow, and what its regions ask for."""
    size = st.sampled_from([0.0, 3.0, 5.0, 8.0, 20.0])
    mtok = st.sampled_from([1.0, 4.0, 7.0, 10.0])
    rtt = st.sampled_from([5.0, 20.0, 40.0])
    hubs = [{"hub": f"h{place}", "region": data.draw(st.sampled_from(["e", "w", "s"]))} for place in range(3)]
    centres = [
        {"data_centre": f"d{place}", "region": region, "accelerators": data.draw(size)}
        for place, region in enumerate(("e", "w", "s"))
    ]
    tables = {
        "hubs": hubs,
        "data_centres": centres,
        "power_zones": [{"power_zone": "z", "usd_per_mwh": 1.0}],
        "supplies": [{"power_zone": "z", "data_centre": row["data_centre"]} for row in centres],
        "links": [
            {"from": hub["hub"], "to": row["data_centre"], "rtt_ms": data.draw(rtt)} for hub in hubs for row in centres
        ],
        "workloads": [
            {"workload": "w", "accelerator_hours_per_mtok": 1.0, "kwh_per_mtok": 0.0, "latency_slo_ms": 30.0},
            {"workload": "v", "accelerator_hours_per_mtok": 0.5, "kwh_per_mtok": 0.0},
        ],
        "demand": [{"workload": work, "hub": hub["hub"], "mtok": data.draw(mtok)} for work in "wv" for hub in hubs],
    }
    instance = make_instance(**tables)
    regions = sorted({hub["region"] for hub in hubs} | {"e", "w", "s"})
    exporting = data.draw(st.sets(st.sampled_from(regions), min_size=1, max_size=2))
    ceiling = placer.export_ceiling(instance, exporting=exporting)
    asked = {hub["hub"]: hub["region"] for hub in hubs}
    own = instance.demand["mtok"][instance.demand["hub"].map(asked).isin(exporting)].sum()
    assert ceiling.share <= ceiling.gross_share + 1e-9
    assert ceiling.gross_share <= ceiling.latency_share + 1e-9
    assert ceiling.latency_share <= own / instance.demand["mtok"].sum() + 1e-9
    cold = placer.export_ceiling(instance, exporting=exporting, solver=placer.HiGHS())
    assert ceiling.share == pytest.approx(cold.share, abs=1e-7)
    assert ceiling.displaced_share == pytest.approx(cold.displaced_share, abs=1e-7)


def test_value_is_what_arrives(make_instance, valued):
    """Tests the ceiling by value by hand: all 10 Mtok may leave, and lose 0.08 of 100 USD at Y, 0.18 at Z.

    Y has room for 4: 4 x 92 + 6 x 82 = 860 of 1,000 USD arrive; with more room 920 would.
    """
    ceiling = placer.export_ceiling(make_instance(**valued), "value", exporting="east")
    assert (ceiling.share, ceiling.latency_share, ceiling.gross_share) == pytest.approx((0.86, 0.92, 0.86))
    assert ceiling.work_share == pytest.approx(1)
    assert ceiling.workloads.loc["w"].tolist() == pytest.approx([1000, 860, 0.86])
    assert ceiling.data_centres["exported"].to_dict() == pytest.approx({"X": 0.0, "Y": 368.0, "Z": 492.0})
    limits = {"latency": 0, "residency": 0, "accelerators": 0.06, "power": 0, "links": 0, "not exportable": 0.08}
    assert ceiling.limits["share"].to_dict() == pytest.approx(limits, abs=1e-9)
    assert all(certificate.proven for certificate in ceiling.extent.certificates)


def test_surcharges_take_no_value(make_instance, valued):
    """Tests that a surcharge is a cost of an export, and that as much value arrives."""
    surcharges = [{"hub_region": "east", "region": "west", "usd_per_mtok": 50.0}]
    instance = make_instance(**valued, surcharges=surcharges)
    assert placer.export_ceiling(instance, "value", exporting="east").share == pytest.approx(0.86)


def test_exports_by_hand(make_instance):
    """Tests the tables of one export: A's 10 of all 16 Mtok go to Y, and B's 6 stay."""
    found = placer.export_ceiling(make_instance(exports=(("east", "west"),)))
    flows, count = found.extent.flows, found.count
    hubs = exports_by(found.formulation, flows, count, found.weights.asked, "hub")
    assert hubs.loc[["A", "B"]].to_numpy().tolist() == [pytest.approx([10, 10, 1]), pytest.approx([6, 0, 0])]
    workloads = exports_by(found.formulation, flows, count, found.weights.asked, "workload")
    assert workloads.to_numpy().tolist() == [pytest.approx([16, 10, 10 / 16])]
    taken = intake_of_data_centres(found.formulation, flows, count, found.total)
    assert taken.loc[["X", "Y"]].to_numpy().tolist() == [pytest.approx([0, 0]), pytest.approx([10, 10 / 16])]


def test_work_has_one_column():
    """Tests that shares by work stand once where work is the weight."""
    assert shares_table("work", (0.1, 0.2, 0.3), (0.1, 0.2, 0.3)).columns.tolist() == ["share_of_work"]
    assert shares_table("tokens", (1, 2, 3), (4, 5, 6)).to_numpy().tolist() == [[1, 4], [2, 5], [3, 6]]


def test_html_has_what_is_known():
    """Tests that limits of no share are left out, that no split gives no table, and that most demand comes first."""
    split = pd.DataFrame({"share": [0.25, 0.0]}, index=["latency", "links"])
    assert limits_html(None) == limits_html(split.iloc[1:]) == ""
    assert "25.00%" in limits_html(split)
    assert "links" not in limits_html(split)
    shown = demand_html(pd.DataFrame({"demand": [1.0, 2.0]}, index=pd.Index(["small", "large"], name="hub")))
    assert shown.index("large") < shown.index("small")
