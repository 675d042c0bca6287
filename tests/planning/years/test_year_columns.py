"""When what is decided stands, and what it then costs, adds and takes."""

from __future__ import annotations

import numpy as np
import pytest

import placer
from placer.decomposition.risk import NEUTRAL
from placer.errors import InstanceError
from placer.planning.plan import program_of
from placer.planning.years.year_columns import years_problem

HALL = {"candidate": "west", "adds": "accelerators", "target": "West", "usd_per_unit_year": 10.0}


def problem_of(instance, *rows, limits=None, until=2034, rate=0.0):
    """Return the problem of 2026, 2028 and 2030."""
    years = placer.Years(dict.fromkeys((2026, 2028, 2030), instance), until=until, discount_rate=rate)
    return years_problem(years, list(rows), limits)


@pytest.mark.parametrize(
    ("lead", "lifetime", "stands"),
    [
        (0, None, {2026: "111", 2028: "011", 2030: "001"}),
        (1, None, {2026: "011", 2028: "001"}),
        (2, 2, {2026: "010", 2028: "001"}),
        (0, 3, {2026: "110", 2028: "011", 2030: "001"}),
        (5, None, {}),
    ],
)
def test_what_stands_was_built_and_still_lives(east_and_west, lead, lifetime, stands):
    """A unit decided in y stands in the planning years from y + lead, for its lifetime."""
    row = HALL | {"lead_years": lead} | ({} if lifetime is None else {"lifetime_years": lifetime})
    if lifetime is not None:
        row = {key: value for key, value in row.items() if key != "usd_per_unit_year"} | {"usd_per_unit": 1, "wacc": 0}
    columns = problem_of(east_and_west, row).columns
    found = {
        year: "".join(str(int(each)) for each in there)
        for year, there in zip(columns.decided.tolist(), columns.stands, strict=True)
    }
    assert found == stands


def test_a_column_pays_and_adds_while_it_stands(east_and_west):
    """2026 and 2028 count two years each, 2030 four: a unit that stands in the last two costs 3/4 of 10."""
    program = program_of(problem_of(east_and_west, HALL | {"lead_years": 2}), NEUTRAL)
    names = program.candidates.names
    assert names == ("west, 2026", "west, 2028")
    assert program.cost.tolist() == pytest.approx([7.5, 5.0])
    assert [each.name for each in program.states] == ["2026", "2028", "2030"]
    added = [np.asarray(each.added.sum(axis=0)).tolist() for each in program.states]
    assert added == [[0, 0], [24, 0], [24, 24]]  # two periods of 12 hours
    assert program.weights.tolist() == pytest.approx([365 * share for share in (0.25, 0.25, 0.5)])


def test_limits_hold_on_what_stands_in_each_year(east_and_west):
    """A limit of one's own and the most units hold year by year; one column alone keeps its bound."""
    found = problem_of(east_and_west, HALL | {"max_units": 5, "chips": 2}, limits={"chips": 8})
    limits = found.build_limits
    takes = dict(zip(limits.names, found.candidates.takes.T.tolist(), strict=True))
    assert takes == {
        "chips, 2026": [2, 0, 0],
        "chips, 2028": [2, 2, 0],
        "max_units of west, 2028": [1, 1, 0],
        "chips, 2030": [2, 2, 2],
        "max_units of west, 2030": [1, 1, 1],
    }
    assert limits.amount.tolist() == [8, 8, 5, 8, 5]


def test_every_violation_of_every_year(east_and_west):
    """What is wrong in every year is told once."""
    with pytest.raises(InstanceError) as caught:
        problem_of(east_and_west, HALL | {"target": "Atlantis"})
    assert str(caught.value).count("Atlantis") == 1
    with pytest.raises(InstanceError, match="lead_years"):
        problem_of(east_and_west, HALL | {"lead_years": -1})


def test_misspelt_columns(east_and_west):
    """A misspelt lead time would be no lead time."""
    with pytest.raises(InstanceError, match="perhaps lead_years"):
        problem_of(east_and_west, HALL | {"lead_year": 5})
