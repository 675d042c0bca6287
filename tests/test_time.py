"""Timestamps through the whole package: results carry them, files keep them, and nothing else changes."""

from __future__ import annotations

import warnings
from datetime import date, datetime

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest

import placer
from placer.datasets.template import write_template
from placer.instance.tables.hourly import split_hours
from placer.io.pypsa import to_pypsa
from placer.io.table_files import write_csv_tables, write_excel, write_parquet_tables

ZONES = [None, "UTC", "Europe/Berlin", "+08:00"]


def timed(zone, start="2026-03-29 01:00"):
    """Return ``tiny`` with timestamps in place of its two hours, and its prices by them: in Berlin 01:00 and 03:00."""
    tiny = placer.load("tiny")
    stamps = pd.date_range(start, periods=2, freq="h", tz=zone)
    tables = split_hours(tiny.tables, tiny.hours)
    for name in ("demand", "power_zone_hours"):
        tables[name] = tables[name].assign(hour=stamps[tables[name]["hour"].to_numpy(int)])
    return placer.Instance.from_tables(tables)


@pytest.fixture(scope="module", params=ZONES, ids=str)
def instance(request):
    return timed(request.param)


@pytest.fixture(scope="module")
def placement(instance):
    return placer.solve(instance)


@pytest.fixture(scope="module")
def berlin():
    return timed("Europe/Berlin")


@pytest.fixture(scope="module")
def counted():
    return placer.solve(placer.load("tiny"))


def test_results_carry_the_timestamps_they_were_given(instance, placement, counted):
    """Tests that every table with hours has the instance's own, and all figures are those of counted hours."""
    assert placement.cost_usd == counted.cost_usd
    for name in ("flows", "hours", "data_centre_hours", "supplies", "links", "prices"):
        table = getattr(placement, name)
        labels = table.index if table.index.nlevels == 1 else table.index.get_level_values("hour")
        assert set(labels) <= set(instance.hours), name
        assert labels.dtype == instance.hours.dtype
        np.testing.assert_array_equal(table.to_numpy(), getattr(counted, name).to_numpy())
    waiting = placement.waiting.index
    assert {waiting.get_level_values(level).dtype for level in ("arrival_hour", "service_hour")} == {
        instance.hours.dtype
    }
    assert placement.price_summary("hour").index.equals(placement.hours.index)


@pytest.mark.slow
def test_datasets_graph_files_and_tables_keep_them(instance, tmp_path):
    """Tests that saving and loading gives an equal instance, with the zone it had."""
    again = [
        placer.load(placer.save(instance, tmp_path / "folder")),
        placer.load(placer.save_graph(instance, tmp_path / "graph.json")),
        placer.load(placer.save_graph(instance, tmp_path / "graph.graphml")),
        placer.Instance.from_tables(instance.tables),
        placer.Instance.from_tables(split_hours(instance.tables, instance.hours)),
        instance.replace(demand=instance.demand),
    ]
    assert all(each == instance and each.hours.dtype == instance.hours.dtype for each in again)


def test_workbooks_keep_them(instance, tmp_path):
    """Tests that a workbook of the tables is the instance: dates of Excel without a zone, texts with one."""
    excel = pytest.importorskip("openpyxl")
    file = write_excel(split_hours(instance.tables, instance.hours), tmp_path / "tables.xlsx")
    cell = excel.load_workbook(file)["demand"].cell(2, 3).value
    assert isinstance(cell, datetime if instance.hours.tz is None else str)
    again = placer.load(file)
    assert again.demand.equals(instance.demand)
    assert again.power_zones["usd_per_mwh"].tolist() == instance.power_zones["usd_per_mwh"].tolist()


def test_tables_of_results_keep_them(instance, placement, tmp_path):
    """Tests that Parquet gives back the same tables, and CSV the same instants."""
    pytest.importorskip("pyarrow")
    hours = placement.hours
    (file,) = write_parquet_tables({"hours": hours}, tmp_path)
    again = pd.read_parquet(file)
    assert again.index.tolist() == hours.index.tolist()
    (file,) = write_csv_tables({"hours": hours}, tmp_path)
    times = pd.to_datetime(pd.read_csv(file)["hour"], utc=instance.hours.tz is not None)
    assert times.tolist() == hours.index.tolist()


@pytest.mark.slow
def test_what_ifs_take_them(berlin):
    """Tests that demand is scaled at a timestamp, and that tables are replaced and taken out."""
    first = berlin.hours[0]
    more = berlin.scaled_demand(2, hour=first).demand.groupby("hour")["mtok"].sum()
    before = berlin.demand.groupby("hour")["mtok"].sum()
    assert (more / before).tolist() == [2.0, 1.0]
    assert berlin.without("Port", "voice").hours.equals(berlin.hours)
    site = berlin.with_data_centre("Mesa", {"West exchange": 8}, {"Plateau wind": 5}, accelerators=50)
    assert placer.solve(site).cost_usd < placer.solve(berlin).cost_usd


def test_synthetic_sets_and_sessions_take_them(berlin):
    """Tests that demand sets keep the timestamps, and draws do not depend on them."""
    sets = placer.synthetic.demand_sets(berlin, 2, seed=1)
    counted = placer.synthetic.demand_sets(placer.load("tiny"), 2, seed=1)
    session = placer.Session()
    for each, other in zip(sets, counted, strict=True):
        assert each.hours.equals(berlin.hours)
        np.testing.assert_array_equal(each.demand["mtok"], other.demand["mtok"])
        assert session.solve(each).cost_usd == pytest.approx(placer.solve(other).cost_usd)


@pytest.mark.slow
def test_ceilings_take_them(berlin):
    """Tests that the ceiling is that of counted hours."""
    assert placer.export_ceiling(berlin).share == placer.export_ceiling(placer.load("tiny")).share
    curve = placer.ceiling_curve(berlin)
    assert curve.table.equals(placer.ceiling_curve(placer.load("tiny")).table)


@pytest.mark.slow
def test_remarks_and_shortages_name_them(berlin):
    """Tests that hours are named as timestamps where placer speaks of them."""
    short = berlin.replace(data_centres=berlin.data_centres.assign(accelerators=1.0))
    assert any("in hour 2026-03-29 01:00+01:00" in remark for remark in placer.check(short))
    table = placer.explain(placer.solve(short)).table
    assert any("2026-03-29 01:00+01:00" in hours for hours in table["hours"])


@pytest.mark.slow
def test_reports_and_plots_take_them(berlin, tmp_path):
    """Tests that a page and the figures are made, and the page names the hours, their date and their zone."""
    mpl.use("Agg")
    placed = berlin.replace(hubs=berlin.hubs.assign(lat=30.0, lon=[100.0, 110.0, 120.0]))
    placement = placer.solve(placed)
    page = placer.write_report(placement, tmp_path / "page.html", date=date(2026, 1, 1)).read_text(encoding="utf-8")
    assert "29 Mar 2026, Europe/Berlin" in page
    assert "<title>03:00, " in page
    placer.plots.plot_load(placement)
    placer.plots.plot_map(placement, hour=berlin.hours[1])
    mpl.pyplot.close("all")


def test_templates_say_so(tmp_path):
    """Tests that the template of a workbook or folder tells that an hour may be a timestamp."""
    written = write_template(tmp_path / "template")
    text = "".join(file.read_text(encoding="utf-8") for file in written.rglob("*") if file.is_file())
    assert "or its timestamp" in text


@pytest.mark.slow
def test_batches_take_them(berlin):
    """Tests that demand sets on timestamps give the figures of counted hours."""
    rows = [
        list(placer.solve_many(placer.synthetic.demand_sets(base, n=2, seed=7), ["cost"]))
        for base in (berlin, placer.load("tiny"))
    ]
    timed_rows, counted = (pd.DataFrame(each).filter(regex="usd|mtok|share") for each in rows)
    assert len(timed_rows.columns) > 3
    pd.testing.assert_frame_equal(timed_rows, counted)


@pytest.mark.slow
def test_pypsa_takes_them(instance):
    """Tests that snapshots are the same instants, without a zone, and the network gives placer's cost."""
    pytest.importorskip("pypsa")
    alone = instance.replace(workloads=instance.workloads.assign(deadline_hours=0.0))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # PyPSA's own
        network = to_pypsa(alone)
    zone = instance.hours.tz
    expected = instance.hours if zone is None else instance.hours.tz_convert("UTC").tz_localize(None)
    assert network.snapshots.equals(pd.DatetimeIndex(expected, name=network.snapshots.name))
