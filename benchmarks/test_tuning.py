"""Tests of the benchmark of tuned figures, on a tiny instance; people judge its measurements."""

from __future__ import annotations

import json
import math

import pytest

from placer.column_generation.dual.parameters import PATH, PathParameters
from placer.column_generation.parameters import DEFAULTS

from . import tuning
from .tuning import CASES, Measured, changed, classes, figures_of, main, moved, timed, verdicts

ONLY = ["--class", "PathParameters", "--field", "zero_widths", "--case", "columns fleet smoke", "--runs", "1"]


@pytest.mark.slow
def test_a_field_is_measured_once(tmp_path, capsys):
    """Tests that a field is measured at a quarter and four times its value, and that the same command goes on."""
    out = ["--out", str(tmp_path / "tuning.csv")]
    assert main([*ONLY, *out]) == 0
    assert capsys.readouterr().out.startswith("PathParameters.zero_widths = 1e-09 | ")
    rows = (tmp_path / "tuning.csv").read_text().splitlines()
    assert main([*ONLY, *out, "--show", "--json"]) == 0
    (verdict,) = json.loads(capsys.readouterr().out)
    assert (verdict["does_nothing"], verdict["is_equal"]) == (True, True)
    known = tuning.kept(tmp_path / "tuning.csv")
    assert len(rows) == 1 + len(known)
    assert {line.value / line.default for line in known} >= {0.25, 4.0}


@pytest.mark.slow
def test_all_instances_take_a_value():
    """Tests that the defaults, what holds them, and new instances take the value, and only within the context."""
    with changed(PathParameters, "shrink", 2.0):
        assert PATH.shrink == DEFAULTS.path.shrink == PathParameters().shrink == 3.0
    assert PATH.shrink == PathParameters().shrink == 2.0


@pytest.mark.parametrize(
    ("name", "value", "factor", "expected"),
    [
        ("most_steps", 2, 0.25, 0),
        ("room", 1, 4.0, 4),
        ("room", 1, 1.2, 2),
        ("shrink", 3.0, 0.5, 2.0),
        ("gap", 2.0, 4, 8.0),
    ],
)
def test_values_by_hand(name, value, factor, expected):
    """Tests whole numbers, which change by at least one, and multipliers, which tend to one."""
    assert moved(name, value, factor) == expected


@pytest.mark.slow
def test_a_run_that_fails_or_hangs():
    """Tests that it counts as infinite."""

    def fail():
        raise ValueError

    def hang():
        while True:
            pass

    assert timed(fail, 1) == (math.inf, [], "ValueError")
    assert timed(hang, 1, 0.01) == (math.inf, [], "OverlongError")


def test_ranges_by_hand():
    """Tests that values at which the mean changes by less than 5 % are within the range."""
    lines = [
        Measured("P", "a", 2.0, value, "case", seconds, 1.0, work, "w", is_equal=True)
        for value, seconds, work in ((1.0, 1.04, "w"), (4.0, 1.1, "v"))
    ]
    (verdict,) = verdicts(lines)
    assert (verdict.lowest, verdict.highest, verdict.does_nothing) == (1.0, 2.0, False)


def test_every_class_of_the_cases_has_figures(capsys):
    """Tests that cases name classes of the package with numeric fields, and that they are listed."""
    known = classes()
    assert all(figures_of(known[name]) for name in CASES)
    assert main(["--list"]) == 0
    assert "SweepParameters: gain" in capsys.readouterr().out


def test_help(capsys):
    """Tests that the help shows an example."""
    with pytest.raises(SystemExit):
        main(["--help"])
    assert "example:" in capsys.readouterr().out
