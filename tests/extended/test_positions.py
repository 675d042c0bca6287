"""What positions of columns and rows mean, held against the program itself."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

import placer
from placer.extended.extension import extend, no_extension
from placer.extended.positions import column_table, row_table
from placer.model.expansion import expand
from placer.model.formulation import formulate


@pytest.fixture(scope="module")
def model(make_random_instance):
    return placer.Model(make_random_instance(1))


@pytest.fixture(scope="module")
def placement(model):
    return model.solve()


def test_positions_are_those_of_the_program(model):
    """Tests that bounds, costs and sides are the program's, position by position, and blocks its blocks."""
    columns, rows, program = model.columns, model.rows, model.program
    assert columns.index.equals(pd.RangeIndex(len(program.cost), name="column"))
    assert (columns["cost_usd"] == program.cost).all()
    assert (columns["upper"] == program.col_upper).all()
    assert (rows["lower"] == program.row_lower).all()
    assert (rows["upper"] == program.row_upper).all()
    for table, blocks in ((columns, program.col_blocks), (rows, program.row_blocks)):
        for name, part in blocks.items():
            assert (table["block"].iloc[part] == name).all()


def test_labels_agree_with_the_tables_of_the_placement(model, placement):
    """Tests that sums of values by label are what the placement's tables say of the same things."""
    columns = model.columns.assign(value=placement.solution.point)
    sent = columns[columns["block"] == "x"].set_index(["workload", "hub", "data_centre", "hour"])["value"]
    flows = placement.flows["mtok"]
    assert sent.loc[list(flows.index)].to_numpy() == pytest.approx(flows.to_numpy())
    waited = columns[columns["block"] == "f"].set_index(["workload", "data_centre", "hour", "service_hour"])["value"]
    waiting = placement.waiting["mtok"]
    assert waited.loc[list(waiting.index)].to_numpy() == pytest.approx(waiting.to_numpy())
    bought = columns[columns["block"] == "y"].set_index(["supply", "hour"])["value"]
    mwh = placement.supplies["mwh"].droplevel(["power_zone", "data_centre"])
    assert bought.loc[list(mwh.index)].to_numpy() == pytest.approx(mwh.to_numpy(), abs=1e-9)
    left = columns[columns["block"] == "u"].set_index(["workload", "hub", "hour"])["value"]
    unserved = placement.prices["unserved_mtok"]
    assert left.loc[list(unserved.index)].to_numpy() == pytest.approx(unserved.to_numpy(), abs=1e-9)


def test_what_a_unit_takes_adds_up(model, placement):
    """Tests that hours, energy, water and carbon of all columns are the placement's, by data centre and hour."""
    columns = model.columns.assign(value=placement.solution.point)
    done = columns[columns["service_hour"].notna()]
    by_hour = placement.data_centre_hours
    for name, table in (("mwh", "mwh"), ("water_litres", "water_litres")):
        taken = (done[name] * done["value"]).groupby([done["data_centre"], done["service_hour"]], observed=False).sum()
        assert taken.loc[list(by_hour.index)].to_numpy() == pytest.approx(by_hour[table].to_numpy(), abs=1e-6)
    assert columns["carbon_kg"] @ columns["value"] == pytest.approx(placement.carbon_kg)
    assert columns["gb"].where(columns["block"] != "x", 0).eq(0).all()
    rows = model.program.matrix.tocsr()[model.program.row_blocks["capacity"]]
    both = model.rows[model.rows["block"] == "capacity"]
    for position, (site, hour) in enumerate(zip(both["data_centre"], both["hour"], strict=True)):
        here = (columns["data_centre"] == site) & (columns["service_hour"] == hour)
        expected = columns["accelerator_hours"].where(here, 0.0)
        assert rows[[position]].toarray().ravel() == pytest.approx(expected.to_numpy())


def test_labels_of_rows(model):
    """Tests that every column of a row carries the labels that the row has, for rows of demands, queues and links."""
    program, columns, rows = model.program, model.columns, model.rows
    entries = program.matrix.tocoo()
    for block, labels in (("demand", ["workload", "hub", "hour"]), ("queue", ["workload", "data_centre", "hour"])):
        inside = (rows["block"] == block).to_numpy()[entries.coords[0]]
        row, column = (place[inside] for place in entries.coords)
        for label in labels:
            ours, theirs = rows[label].iloc[row].astype(str), columns[label].iloc[column].astype(str)
            assert ours.tolist() == theirs.tolist()
    links = rows[rows["block"] == "link"]
    limited = np.flatnonzero(np.isfinite(model.instance.links["capacity_gbps"]))
    assert links["link"].unique().tolist() == limited.tolist()
    assert rows.loc[rows["block"] == "cap", "cap"].tolist() == ["carbon", "water"]


def test_labels_of_limits(make_instance):
    """Tests that rows of limits have the name of the limit or zone, and the hour where they are of one hour."""
    limits = [
        {"limit": "water", "kind": "tokens", "sense": "<=", "amount": 90.0},
        {"limit": "hourly", "kind": "energy_mwh", "sense": "<=", "amount": 80.0, "hours": "each"},
    ]
    zones = [{"power_zone": "zx", "usd_per_mwh": 50.0, "limit_mw": 7.0}, {"power_zone": "zy", "usd_per_mwh": 20.0}]
    demand = [{"workload": "w", "hub": "A", "hour": hour, "mtok": 4.0} for hour in range(2)]
    periods = [{"hour": hour, "weight": 3.0} for hour in range(2)]
    instance = make_instance(
        limits=limits, power_zones=zones, demand=demand, periods=periods, water_limit_litres=1e6, hour_length=0.5
    )
    rows = placer.Model(instance).rows
    caps = rows.loc[rows["block"] == "cap", ["cap", "limit", "power_zone", "hour", "upper"]].astype(object)
    nothing = float("nan")
    expected = [
        ("water", nothing, nothing, nothing, 1e6),
        (nothing, "water", nothing, nothing, 90.0),
        (nothing, "hourly", nothing, 0, 80.0),
        (nothing, "hourly", nothing, 1, 80.0),
        (nothing, nothing, "zx", 0, 7.0 * 0.5),
        (nothing, nothing, "zx", 1, 7.0 * 0.5),
    ]
    for (_, found), said in zip(caps.iterrows(), expected, strict=True):
        assert found.fillna("").tolist() == pd.Series(said, dtype=object).fillna("").tolist()


def test_comparisons_of_labels_are_true_or_false(model):
    """Tests that conditions on labels make coefficients, own columns and missing labels included."""
    model = placer.Model(model.instance)
    model.add_columns("own")
    columns = model.columns
    late = (columns["block"] == "x") & (columns["service_hour"] >= 3) & (columns["hour"] == 4)
    assert set(columns.loc[late, "service_hour"]) == {4}
    assert late.dtype == bool
    for condition in (columns["supply"] == 2, columns["data_centre"].isin(["D0"]), model.rows["link"] == 0, late):
        assert condition.astype(float).notna().all()
    model.add_rows(late.astype(float), name="late", upper=1.0)
    assert model.rows.iloc[-1][["block", "name", "upper"]].tolist() == ["own", "late", 1.0]


def test_timestamps_label_hours(make_instance):
    """Tests that hours are those of the instance where they are timestamps, and missing where a column has none."""
    stamps = pd.date_range("2026-01-01", periods=2, freq="h", tz="Asia/Shanghai")
    demand = [{"workload": "w", "hub": "A", "hour": stamp, "mtok": 1.0} for stamp in stamps]
    columns = placer.Model(make_instance(demand=demand)).columns
    assert columns["hour"].dropna().unique().tolist() == list(stamps)
    assert columns.loc[columns["block"] == "y", "service_hour"].isna().all()


def test_a_block_without_labels_is_no_trouble(make_instance):
    """Tests that a block that this module has no labels for stands in the tables with labels missing."""
    formulation = formulate(make_instance())
    program = expand(formulation.structure)
    extension = no_extension(len(program.cost))
    wide = extend(program, extension)
    blocks = {"zone" if name == "balance" else name: part for name, part in wide.row_blocks.items()}
    rows = row_table(formulation, replace(wide, row_blocks=blocks), extension.rows)
    assert rows.loc[rows["block"] == "zone", "data_centre"].isna().all()
    assert len(column_table(formulation, wide, extension.columns)) == len(program.cost)
