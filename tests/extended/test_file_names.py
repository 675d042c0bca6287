"""Names of rows and columns in files: legal in LP and MPS, unique, and those of what they are about."""

from __future__ import annotations

import re
from dataclasses import replace

import highspy
import pandas as pd
import pytest

import placer
from placer.extended.file_names import legal, unique
from tests.green_batteries import wind_by_day
from tests.model.modes_by_hand import FAST, MIDDLE, modes


@pytest.mark.slow
def test_blocks_have_their_labels():
    """Tests a name of every block of the tiny dataset, which has work that waits and supplies."""
    program = placer.to_program(placer.load("tiny", ["patient"]))
    for name in ("demand_chat_Delta_1", "queue_batch_Metro_0", "capacity_Port_1", "balance_Plateau_0"):
        assert name in program.row_names
    for name in ("x_voice_Coast_Metro_0", "u_chat_Inland_1", "f_batch_Metro_0_1", "y_Plateau_Plateau_wind_0"):
        assert name in program.col_names


def test_a_row_of_a_link_is_named_by_its_ends(make_instance):
    """Tests that the two ends of a link stand in the name of its limit."""
    links = [
        {"from": "A", "to": "X", "rtt_ms": 10.0},
        {"from": "B", "to": "Y", "rtt_ms": 10.0},
        {"from": "X", "to": "Y", "rtt_ms": 30.0, "capacity_gbps": 1.0},
    ]
    workload = {"workload": "w", "accelerator_hours_per_mtok": 1.0, "kwh_per_mtok": 1.0, "gb_per_mtok": 1.0}
    assert "link_X_Y_0" in placer.to_program(make_instance(links=links, workloads=[workload])).row_names


def test_times_are_short(make_instance):
    """Tests that an hour of a day is a date and a time, and that one that comes twice in autumn has two names."""
    hours = pd.date_range("2026-10-25T01:00", periods=3, freq="h", tz="Europe/Berlin")
    demand = [{"workload": "w", "hub": "A", "hour": hour, "mtok": 1.0} for hour in hours]
    names = placer.to_program(make_instance(demand=demand)).row_names
    assert names[:3] == ["demand_w_A_20261025T0100", "demand_w_A_20261025T0200", "demand_w_A_20261025T0200__2"]


def test_own_rows_and_columns_have_their_names(tmp_path):
    """Tests a model, and the placement that it gives."""
    model = placer.Model(placer.load("tiny"))
    model.add_columns("new hall", cost_usd=1.0)
    model.add_rows(model.columns["carbon_kg"], name="carbon, all", upper=1e6)
    for program in (model.program, model.solve().program):
        assert program.row_names[-1] == "own_carbon__all"
        assert program.col_names[-1] == "own_new_hall"


@pytest.mark.parametrize("ending", ["lp", "mps"])
@pytest.mark.parametrize("hub", ["São Paulo-1", "深圳", "=1+1;[e9]", "a" * 300])
def test_files_of_any_names_read_back(make_instance, tmp_path, ending, hub):
    """Tests that HiGHS finds the same optimum in files with accents, signs, other scripts and long names."""
    first, second = f"{hub}.", f"{hub},"
    instance = make_instance(
        hubs=[{"hub": first}, {"hub": second}],
        links=[{"from": name, "to": "Y", "rtt_ms": 10.0} for name in (first, second)],
        demand=[{"workload": "w", "hub": name, "mtok": 3.0} for name in (first, second)],
    )
    program = placer.to_program(instance)
    for names in (program.row_names, program.col_names):
        assert len(set(names)) == len(names)
        assert all(re.fullmatch(r"[A-Za-z0-9_]{1,255}", name) for name in names)
    file = tmp_path / f"program.{ending}"
    placer.write_program(program, file)
    engine = highspy.Highs()
    engine.setOptionValue("output_flag", False)
    engine.readModel(str(file))
    engine.run()
    placement = placer.solve(instance)
    assert engine.getInfo().objective_function_value == pytest.approx(placement.cost_usd + placement.penalty_usd)


def test_equal_names_are_numbered():
    """Tests that a name which is there, or whose second side is, gets a number that is not."""
    assert unique(["a", "a", "a__2", "a"]) == ["a", "a__2", "a__2__2", "a__3"]
    assert unique(["a_upper", "a"]) == ["a_upper", "a__2"]


def test_what_is_replaced():
    """Tests accents, signs, and a time."""
    assert legal("Île-de-France (Nord)") == "Ile_de_France__Nord_"
    assert legal(pd.Timestamp("2026-03-10T06:00", tz="UTC")) == "20260310T0600"


def test_rows_that_were_added_are_named_by_position():
    """Tests that a program with other rows than its names have is named by block and position."""
    program = placer.to_program(placer.load("tiny"))
    fewer = replace(program, matrix=program.matrix[:-1], row_blocks={"row": slice(0, program.matrix.shape[0] - 1)})
    assert fewer.row_names[0] == "row_0"
    assert fewer.col_names == program.col_names


def test_columns_of_modes_have_names_of_their_own():
    """Tests that parallel columns are named by their workload, each otherwise."""
    program = placer.to_program(modes([MIDDLE, FAST | {"kwh_per_mtok": 0.0}]))
    assert len(set(program.col_names)) == len(program.cost)
    assert sum(name.startswith("x_chat_users_near_0") for name in program.col_names) == 2


def test_the_content_of_a_battery_has_a_name_that_no_battery_has():
    """Tests that a battery may be named like the green content of another one."""
    instance = wind_by_day()
    (battery,) = instance.batteries.to_dict("records")
    program = placer.to_program(instance.replace(batteries=[battery, battery | {"battery": "B (green)"}]))
    names = [name for name in program.col_names if name.startswith("e_") and name.endswith("_0")]
    assert names == ["e_B_0", "e_B__green__0", "e_B__green___green__0", "e_B__green___green___green__0"]
