"""Create, add, solve, read."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import coo_array

import placer
from placer.errors import ArgumentError, InstanceError, NoSolutionError, SolverError
from tests.effort import tries
from tests.model.modes_at_random import with_random_modes
from tests.model.modes_by_hand import FAST, MIDDLE, SLOW, modes
from tests.model.pools_by_hand import NEW, OLD, any_pool

few = settings(max_examples=tries(9, 25), deadline=None, derandomize=True)


def test_by_hand(at_y):
    """Tests cost, rents, reduced costs and values of the model that is worked out by hand."""
    placement = at_y.solve()
    assert placement.certificate.proven
    assert placement.certificate.objective == pytest.approx(580)
    row, column = placement.own_rows.loc["at most 6 at Y"], placement.own_columns.loc["room"]
    assert (row["activity"], row["side"], row["rent_usd_per_unit"]) == (pytest.approx(6), "upper", pytest.approx(30))
    assert (column["value"], column["cost_usd"]) == (pytest.approx(2), pytest.approx(20))
    assert column["reduced_cost_usd_per_unit"] == pytest.approx(-20)


@pytest.mark.slow
@few
@given(seed=st.integers(0, 10_000))
def test_cost_is_that_of_another_solver(make_random_model, least_cost, seed):
    """Tests the least cost of random models against scipy on the arrays that ``program`` gives out."""
    model = make_random_model(seed)
    placement = model.solve()
    assert placement.certificate.proven
    assert placement.certificate.objective == pytest.approx(least_cost(model.program), rel=1e-7)
    assert placement.cost_usd + placement.penalty_usd == pytest.approx(placement.certificate.objective)


@pytest.mark.slow
@settings(few, max_examples=10)
@given(seed=st.integers(0, 10_000), share=st.sampled_from([0.5, 0.8, 0.95]))
def test_own_row_is_the_carbon_cap(make_random_instance, seed, share):
    """Tests that a carbon cap as an own row costs what the built-in cap costs, and is worth as much where it binds."""
    free = make_random_instance(seed, carbon_limit_kg=math.inf)
    limit = share * placer.solve(free, tie_break=None).carbon_kg
    model = placer.Model(free)
    model.add_rows(model.columns["carbon_kg"], name="carbon", upper=limit)
    own, built_in = model.solve(), placer.solve(free.replace(carbon_limit_kg=limit), tie_break=None)
    assert own.certificate.objective == pytest.approx(built_in.certificate.objective, rel=1e-8)
    assert own.carbon_kg <= limit * (1 + 1e-7)
    # Duals may be one of many: a little more of the limit saves at most the rent, a little less costs at least it.
    step = 1e-3 * limit
    less, more = (
        placer.solve(free.replace(carbon_limit_kg=limit + change), tie_break=None).certificate.objective
        for change in (-step, step)
    )
    rounding = 1e-6 * abs(own.certificate.objective)
    saved = own.own_rows.loc["carbon", "rent_usd_per_unit"] * step
    assert own.certificate.objective - more <= saved + rounding
    assert saved <= less - own.certificate.objective + rounding


@pytest.mark.slow
def test_own_carbon_cap_stands_in_every_part_of_the_price(make_instance):
    """Tests by hand that an own row on power is a part of the price where the built-in cap is."""
    zones = [
        {"power_zone": "zx", "usd_per_mwh": 50.0, "carbon_kg_per_mwh": 100.0},
        {"power_zone": "zy", "usd_per_mwh": 20.0, "carbon_kg_per_mwh": 400.0},
    ]
    instance = make_instance(power_zones=zones)
    model = placer.Model(instance)
    model.add_rows(model.columns["carbon_kg"], name="carbon", upper=4000.0)
    own, built_in = model.solve(), placer.solve(instance.replace(carbon_limit_kg=4000.0))
    # 8 Mtok at each: a kg saves 30 USD / 300 kg. A Mtok more at X: 50 + 0.1 x 100.
    assert own.own_rows.loc["carbon", "rent_usd_per_unit"] == pytest.approx(0.1)
    assert own.prices["usd_per_mtok"].tolist() == pytest.approx([60, 60])
    # Each demand is a mix of both sites, of which only the sums are unique.
    weight = own.prices["served_mtok"]
    for part, placement in (("own_rows", own), ("carbon_cap_rent", built_in)):
        assert weight @ placement.prices[f"{part}_usd_per_mtok"] == pytest.approx(0.1 * 4000)
        assert weight @ placement.prices["energy_usd_per_mtok"] == pytest.approx(8 * 50 + 8 * 20)
    assert own.prices["latency_rent_usd_per_mtok"].notna().all()


def test_without_own_rows_it_is_the_instance(make_random_instance):
    """Tests that a model to which nothing is added has the cost and the tables of its instance."""
    instance = make_random_instance(3)
    model, plain = placer.Model(instance), placer.solve(instance, tie_break=None)
    placement = model.solve()
    assert placement.certificate.objective == pytest.approx(plain.certificate.objective)
    assert placement.own_rows.empty
    assert placement.own_columns.empty
    assert placement.summary().keys() == plain.summary().keys() | {"own_usd", "bound", "prices"}
    assert "0 own rows, 0 own columns" in repr(model)


@pytest.mark.parametrize("form", ["table", "matrix", "dense"])
def test_forms_of_coefficients_say_the_same(at_y, form):
    """Tests that a Series, a table and matrices add the same row."""
    model = placer.Model(at_y.instance)
    place = model.add_columns("room", cost_usd=10.0, upper=2.0)["room"]
    there = np.flatnonzero((model.columns["block"] == "x") & (model.columns["data_centre"] == "Y"))
    value = np.append(np.ones(len(there)), -1.0)
    if form == "table":
        table = pd.DataFrame({"row": "at most 6 at Y", "column": [*there, "room"], "value": value})
        model.add_rows(table, upper={"at most 6 at Y": 6})
    else:
        matrix = coo_array((value, (np.zeros(len(value), int), np.append(there, place))), (1, len(model.columns)))
        model.add_rows(matrix if form == "matrix" else matrix.toarray(), name=["at most 6 at Y"], upper=[6.0])
    assert (model.program.matrix != at_y.program.matrix).nnz == 0
    assert model.solve().certificate.objective == pytest.approx(580)


def test_columns_that_come_later_leave_rows_as_they_are(make_instance):
    """Tests that own columns may be added after own rows, and rows after these."""
    model = placer.Model(make_instance())
    model.add_columns("first", upper=5.0)
    model.add_rows(pd.Series({"first": 1.0}), name="one", lower=2.0)
    model.add_columns(["second", "third"], cost_usd=[1.0, -1.0], upper=3.0)
    model.add_rows(pd.Series({"second": 1.0, "first": 1.0}), name="two", lower=6.0)
    placement = model.solve()
    assert placement.own_columns["value"].to_dict() == pytest.approx({"first": 5, "second": 1, "third": 3})
    assert placement.own_rows["activity"].to_dict() == pytest.approx({"one": 5, "two": 6})
    assert model.columns["name"].dropna().tolist() == ["first", "second", "third"]
    assert model.rows["name"].dropna().tolist() == ["one", "two"]


def test_a_refused_addition_leaves_the_model_as_it_was(at_y):
    """Tests that nothing of a call with a violation stays in the model."""
    before = repr(at_y)
    with pytest.raises(InstanceError):
        at_y.add_columns(["new", "room"])
    with pytest.raises(InstanceError):
        at_y.add_rows(pd.Series({"room": 1.0}), name="at most 6 at Y", upper=1.0)
    assert repr(at_y) == before


def test_arguments_of_another_kind(at_y):
    """Tests that what is no instance, no gap and no solver of whole programs is refused in one sentence."""
    with pytest.raises(ArgumentError, match="expected an instance"):
        placer.Model("china")
    for gap in (-0.1, 1.0, math.nan):
        with pytest.raises(ArgumentError, match="expected a gap from 0 to below 1"):
            at_y.solve(gap=gap)
    with pytest.raises(SolverError, match="solved as a whole linear program"):
        at_y.solve("columns")
    with pytest.raises(SolverError, match="solver 'HiGHS' is unknown"):
        at_y.solve("HiGHS")


class _Liar:
    """HiGHS, with a point or duals that are off by a thousandth."""

    name = "liar"

    def __init__(self, field):
        self.field = field

    def solve(self, program):
        """Answer what HiGHS does, with one side spoilt."""
        honest = placer.HiGHS().solve(program)
        return replace(honest, **{self.field: getattr(honest, self.field) * 1.001})

    def fallbacks(self):
        """Return none."""
        return ()


@pytest.mark.parametrize("field", ["values", "row_duals"])
def test_a_wrong_answer_is_refused(at_y, field):
    """Tests that the certificate of the extended program lets no point and no duals out that are a little off."""
    with pytest.raises(NoSolutionError, match=r"liar: .*(infeasibility|complementarity|gap)"):
        at_y.solve(_Liar(field))


@pytest.mark.slow
@pytest.mark.parametrize("method", ["ipm", "pdlp"])
def test_other_methods(make_random_model, method):
    """Tests that answers from within are proven to their own tolerance, and prices still add up."""
    model = make_random_model(11)
    placement = model.solve(placer.HiGHS(method))
    assert placement.certificate.objective == pytest.approx(model.solve().certificate.objective, rel=1e-6)
    assert placement.settlement["difference"] == pytest.approx(0, abs=1e-5 * placement.settlement["payments"])


def test_other_solvers_and_limits(at_y):
    """Tests that PuLP solves a model too, and that a time limit holds for all."""
    assert at_y.solve(placer.PuLP("HiGHS")).certificate.objective == pytest.approx(580)
    lines = []
    with pytest.raises(NoSolutionError, match="time limit"):
        at_y.solve(time_limit_seconds=1e-9, progress=lines.append)


def test_rows_over_a_mode_by_hand():
    """Tests that at most 18 Mtok at 80 a second leave half of the work near, which costs 13.75 and not 12.5 USD."""
    model = placer.Model(modes([SLOW, MIDDLE, FAST]))
    columns = model.columns
    fast = columns[columns["mode"] == "80 a second"]
    assert fast[["block", "workload", "data_centre"]].to_numpy().tolist() == [["x", "chat", "far"]]
    assert columns.loc[columns["block"] != "x", "mode"].isna().all()
    model.add_rows(pd.Series(1.0, fast.index), name="fast", upper=18.0)
    placement = model.solve()
    assert placement.cost_usd == pytest.approx(12.5 + 13.75)
    assert placement.modes["mtok"].tolist() == pytest.approx([18.0, 18.0])
    assert placement.own_rows.loc["fast", "rent_usd_per_unit"] == pytest.approx((13.75 - 12.5) / 18)
    assert placement.settlement["difference"] == pytest.approx(0.0, abs=1e-9)


def test_queues_have_modes(make_random_instance):
    """Tests that rows and columns of work that waits say in which mode, and that the cost is that of a solve."""
    instance = with_random_modes(make_random_instance(2), 2)
    model = placer.Model(instance)
    rows, columns = model.rows, model.columns
    assert rows.loc[rows["block"] == "queue", "mode"].notna().all()
    assert rows.loc[rows["block"] != "queue", "mode"].isna().all()
    assert columns.loc[columns["block"].isin(["x", "f"]), "mode"].notna().all()
    model.add_rows(model.columns["mwh"], name="power", upper=1e9)
    placement, plain = model.solve(), placer.solve(instance)
    assert placement.cost_and_penalty_usd == pytest.approx(plain.cost_and_penalty_usd)
    assert placement.prices["usd_per_mtok"].notna().all()


def test_columns_and_rows_say_their_pool():
    """Tests that columns and the rows of pools are labelled with the type, and that a row of one's own can name it."""
    model = placer.Model(any_pool())
    work = model.columns[model.columns["block"] == "x"]
    assert work["accelerator_type"].tolist() == [OLD, NEW]
    pools = model.rows[model.rows["accelerator_type"].notna()]
    assert pools[["data_centre", "accelerator_type", "hour", "upper"]].to_numpy().tolist() == [
        ["hall", OLD, 0, 10.0],
        ["hall", NEW, 0, 100.0],
    ]
    old = model.columns["accelerator_hours"].where(model.columns["accelerator_type"] == OLD, 0.0)
    model.add_rows(old, name="at most four old", upper=4.0)
    placement = model.solve()
    assert placement.cost_usd == pytest.approx(4 * 1.0 + 11 * 2.0)
    assert placement.own_rows.loc["at most four old", "rent_usd_per_unit"] == pytest.approx(1.0)
    assert placement.pools["accelerator_rent_usd_per_hour"].tolist() == pytest.approx([0.0, 0.0], abs=1e-9)
