"""The placement: summary figures, text and files."""

from __future__ import annotations

import dataclasses
import pickle

import numpy as np
import pandas as pd
import pytest

import placer
from placer.model.formulation import formulate
from placer.placement.result import TABLE_NAMES, _mtok
from placer.solve import solve

W = {"workload": "w", "accelerator_hours_per_mtok": 1.0, "kwh_per_mtok": 1000.0, "unserved_usd_per_mtok": 1000.0}


@pytest.fixture(scope="module")
def placement(make_instance):
    """A at X for its latency: 10 Mtok at 50; B may take 3 Mtok at Y at 20, and leaves 3 unserved."""
    return solve(
        make_instance(
            workloads=[W | {"latency_slo_ms": 15.0}],
            data_centres=[
                {"data_centre": "X", "region": "west", "water_litres_per_kwh": 2.0},
                {"data_centre": "Y", "region": "west", "accelerators": 3.0},
            ],
            power_zones=[
                {"power_zone": "zx", "usd_per_mwh": 50.0, "carbon_kg_per_mwh": 400.0},
                {"power_zone": "zy", "usd_per_mwh": 20.0},
            ],
        )
    )


def test_summary_figures(placement):
    """Tests every headline figure of a placement worked out by hand."""
    assert placement.cost_usd == pytest.approx(560)
    assert placement.penalty_usd == pytest.approx(3000)
    assert placement.demand_mtok == 16
    assert placement.served_mtok == pytest.approx(13)
    assert placement.unserved_mtok == pytest.approx(3)
    assert placement.cost_usd_per_mtok == pytest.approx(560 / 13)
    assert placement.cost_usd_per_token == pytest.approx(560 / 13e6)
    # A's 10 Mtok; B's 3 are served at the penalty of 1000.
    assert [placement.price_usd_per_mtok, placement.median_price_usd_per_mtok] == pytest.approx([50, 50])
    assert placement.exported_mtok == pytest.approx(10)
    assert placement.export_share == pytest.approx(10 / 16)
    assert placement.energy_mwh == pytest.approx(13)
    assert placement.carbon_kg == pytest.approx(4000)
    assert placement.water_litres == pytest.approx(20000)
    assert placement.gap == placement.certificate.gap
    assert placement.termination.detail == "HiGHS simplex: kOptimal"


def test_summary_holds_the_figures_as_plain_values(placement):
    """Tests that the summary agrees with the attributes and that a program can write it as JSON."""
    import json

    summary = placement.summary()
    for name in ("cost_usd", "penalty_usd", "served_mtok", "export_share", "carbon_kg", "gap", "cannot_be_served_mtok"):
        assert summary[name] == getattr(placement, name)
    assert summary["energy_usd"] == placement.cost_parts_usd["energy"]
    assert summary["termination"] == "optimal"
    assert json.loads(json.dumps(summary)) == summary


def test_cost_parts_keep_their_order(placement):
    """Tests that parts come in the order they are reported in, zeros included."""
    assert list(placement.cost_parts_usd) == ["accelerators", "operations", "energy", "carbon", "transit", "water"]


def test_nothing_served_has_no_cost_per_token(make_instance):
    """Tests that the cost per Mtok is NaN, not an error, where nothing is served."""
    nothing = solve(make_instance(workloads=[W | {"latency_slo_ms": 1.0}]))
    assert nothing.cost_usd == 0
    assert np.isnan(nothing.cost_usd_per_mtok)
    assert np.isnan(nothing.cost_usd_per_token)
    assert nothing.penalty_usd == pytest.approx(16000)
    assert "100.00% unserved" in repr(nothing)
    assert "nothing is served below the penalty" in repr(nothing)


def test_text_tells_the_headlines(placement):
    """Tests that printing a placement shows cost, service and exports."""
    text = repr(placement)
    assert "50 USD mean, 50 USD median of served demand" in text
    assert "560.00 USD (energy 100.0%)" in text
    assert "13 of 16 Mtok, 18.75% unserved" in text
    assert "62.50% of demand" in text


def test_unserved_demand_is_told_with_its_first_reason(placement):
    """Tests that the text says how much cannot be served, and that B's 3 Mtok want accelerators at Y."""
    assert "3 Mtok cannot be served; first reason: accelerators at Y are scarce" in repr(placement)
    assert "first reason" in placement._repr_html_()


def test_nothing_is_said_of_unserved_demand_where_all_is_served(make_instance):
    """Tests that a placement that serves all has no line on reasons."""
    assert "first reason" not in repr(solve(make_instance()))


def test_text_takes_its_word_from_the_certificate(placement):
    """Tests that only what the certificate proves is called proven, and that no gap is shown below 0."""
    assert "gap 0.0e+00, proven" in repr(placement)
    failed = dataclasses.replace(placement, certificate=dataclasses.replace(placement.certificate, gap=-1e-3))
    assert "gap 0.0e+00, not proven: gap 0.001 > 1e-09" in repr(failed)
    assert failed.gap == -1e-3
    assert failed.summary()["proven"] is False


def test_html_escapes_names(make_instance):
    """Tests that a name full of markup does no harm in a notebook."""
    name = "<script>alert(1)</script>"
    instance = make_instance(
        data_centres=[{"data_centre": name}],
        links=[{"from": hub, "to": name, "rtt_ms": 1.0} for hub in "AB"],
        supplies=[{"power_zone": "zx", "data_centre": name}],
    )
    page = solve(instance)._repr_html_()
    assert "<script>" not in page
    assert "&lt;script&gt;" in page


def test_tables_are_made_once(placement):
    """Tests that a table asked for twice is the same object."""
    for name in TABLE_NAMES:
        assert getattr(placement, name) is getattr(placement, name)


def test_save_tables(placement, tmp_path):
    """Tests that every table is written under its name and reads back with the same numbers."""
    files = placement.save_tables(tmp_path / "new" / "folder")
    assert [file.stem for file in files] == list(TABLE_NAMES)
    for name, file in zip(TABLE_NAMES, files, strict=True):
        table = getattr(placement, name)
        back = pd.read_csv(file)
        assert list(back) == [*table.index.names, *table.columns]
        numbers = list(table.select_dtypes("number"))
        np.testing.assert_allclose(back[numbers].astype(float), table[numbers], rtol=1e-12, equal_nan=True)
        assert b"\r" not in file.read_bytes()


def test_placement_is_frozen(placement):
    """Tests that a placement's parts cannot be replaced."""
    with pytest.raises(dataclasses.FrozenInstanceError):
        placement.answer = None


@pytest.mark.parametrize("seed", range(2))
def test_tables_need_no_linear_program(make_random_instance, seed):
    """Tests that every figure and table is made without the program, or anything per assignment there could be."""
    solved = solve(make_random_instance(seed, cyclic=bool(seed)))
    placement = dataclasses.replace(solved, formulation=formulate(solved.instance))
    for name in TABLE_NAMES:
        pd.testing.assert_frame_equal(getattr(placement, name), getattr(solved, name))
    pd.testing.assert_series_equal(placement.settlement, solved.settlement)
    assert placement.summary() == solved.summary()
    assert repr(placement) == repr(solved)
    assert "assignments" not in vars(placement.formulation.structure)
    assert vars(placement).keys().isdisjoint({"program", "solution"})


def test_program_and_solution_are_those_solved(placement):
    """Tests that the whole program and its solution can still be had, made once."""
    assert placement.program is placement.program
    assert placement.solution is placement.solution
    assert placement.solution.termination == placement.termination
    objective = placement.program.cost @ placement.solution.point
    assert objective == pytest.approx(placement.cost_usd + placement.penalty_usd)
    assert objective == pytest.approx(placement.certificate.objective)
    payments = placement.program.row_upper[placement.program.row_blocks["demand"]] @ placement.rents.price
    assert payments == pytest.approx(placement.settlement["payments"])


def test_placement_can_be_pickled(placement):
    """Tests that a placement comes back from pickling with its figures and tables."""
    copy = pickle.loads(pickle.dumps(placement))  # noqa: S301 - made on the line itself
    assert copy.summary() == placement.summary()
    pd.testing.assert_frame_equal(copy.prices, placement.prices)


def test_net_exports_by_hand(make_instance):
    """Tests that what is sent in exchange is taken off: X is cheap for half of the work, Y for the other.

    A (10 Mtok of w) goes to Y in the west, at 20 USD against 50. B (6 Mtok of v, which draws no power) goes to X, where
    accelerators are free. So all 16 Mtok are exported, 10 - 6 = 4 of them net, between regions as over the cut east.
    """
    work = {"accelerator_hours_per_mtok": 1.0}
    tables = {
        "data_centres": [
            {"data_centre": "X", "region": "east"},
            {"data_centre": "Y", "region": "west", "accelerator_usd_per_hour": 1.0},
        ],
        "workloads": [{"workload": "w", "kwh_per_mtok": 1000.0} | work, {"workload": "v", "kwh_per_mtok": 0.0} | work],
        "demand": [{"workload": "w", "hub": "A", "mtok": 10.0}, {"workload": "v", "hub": "B", "mtok": 6.0}],
    }
    between = placer.solve(make_instance(**tables))
    assert between.export_share == pytest.approx(1)
    assert between.net_export_share == pytest.approx(4 / 16)
    one_way = placer.solve(make_instance(**tables, exports=(("east", "west"),)))
    assert one_way.export_share == pytest.approx(10 / 16)
    assert one_way.net_export_share == pytest.approx(4 / 16)
    both = placer.solve(make_instance(**tables, exports=(("east", "west"), ("west", "east"))))
    assert both.net_export_share == pytest.approx(4 / 16)


@pytest.mark.parametrize(("amount", "text"), [(240.0, "240"), (0.125, "0.125"), (139_621_897.4, "139,621,897")])
def test_amounts_are_readable(amount, text):
    """Tests that amounts of millions are whole numbers, and others have six digits."""
    assert _mtok(amount) == text
