"""Planning years: what each counts, what retires, and what is no year."""

from __future__ import annotations

import numpy as np
import pytest

import placer
from placer.errors import ArgumentError, InstanceError


@pytest.fixture(scope="module")
def tiny():
    """The smallest dataset."""
    return placer.load("tiny")


def test_a_planning_year_counts_up_to_the_next(tiny):
    """2026 stands for two years and 2028 for three: 1 + 1/1.1, and 1.1^-2 (1 + 1/1.1 + 1/1.21)."""
    years = placer.Years({2028: tiny, 2026: tiny}, until=2031, discount_rate=0.1)
    assert years.years == (2026, 2028)
    expected = np.array([1 + 1 / 1.1, 1.1**-2 * (1 + 1 / 1.1 + 1.1**-2)])
    assert years.discounted_years == pytest.approx(expected)
    assert years.shares == pytest.approx(expected / expected.sum())
    assert repr(years) == "<Years: 2026, 2028, until 2031>"
    assert len(years) == 2


def test_without_discount_years_are_counted(tiny):
    """Two years and three years."""
    years = placer.Years({2026: tiny, 2028: tiny}, until=2031, discount_rate=0.0)
    assert years.discounted_years.tolist() == [2.0, 3.0]


def test_what_is_retired_has_no_accelerators(tiny):
    """From the year on, in the network and in every state."""
    site = str(tiny.data_centres["data_centre"].iloc[0])
    states = placer.States({"all year": tiny}, tiny).with_security("data_centres")
    years = placer.Years({2026: tiny, 2030: states}, until=2031, discount_rate=0.0, retire={site: 2030})
    before, after = (each.data_centres.set_index("data_centre")["accelerators"] for each in years.instances)
    assert before[site] > 0
    assert after[site] == 0
    assert all(each.data_centres["accelerators"].iloc[0] == 0 for each in years.states[1].instances)
    assert years.states[1].names[:2] == ("2030, nothing lost", f"2030, {site}")
    assert years.states[1].with_losses == tuple(f"2030, {name}" for name in states.with_losses)


def test_every_violation_at_once(tiny):
    """Years that are none, a rate above 1, unknown data centres, and a year of retirement that is none."""
    with pytest.raises(InstanceError) as caught:
        placer.Years({2026: tiny, 2027.5: tiny}, until=2030, discount_rate=7, retire={"Atlantis": 2030, "Port": "soon"})
    problems = [(each.column, each.problem) for each in caught.value.violations]
    assert ("year", "not a whole number of four digits") in problems
    assert any(column == "discount_rate" for column, _ in problems)
    assert sum(column == "retire" for column, _ in problems) >= 2


@pytest.mark.parametrize("until", [2026, 2020])
def test_the_end_follows_the_last_year(tiny, until):
    """An end that is not after the last planning year is an error, as are no years."""
    with pytest.raises(InstanceError, match="a year after 2026"):
        placer.Years({2026: tiny}, until=until, discount_rate=0.07)
    with pytest.raises(InstanceError, match="no years"):
        placer.Years({}, until=until, discount_rate=0.07)


def test_years_without_end_are_refused(tiny):
    """Years are counted one by one: more than a thousand, or of more than four digits, are refused before that."""
    with pytest.raises(InstanceError, match="a year after 2026, up to 3026"):
        placer.Years({2026: tiny}, until=3027, discount_rate=0.07)
    assert len(placer.Years({2026: tiny}, until=3026, discount_rate=0.07)) == 1
    with pytest.raises(InstanceError, match="not a whole number of four digits"):
        placer.Years({2026: tiny}, until=10**30, discount_rate=0.07)


def test_one_way_of_protection(tiny):
    """Years that protect different shares are an error."""
    states, shares = placer.States({"all year": tiny}, tiny), {2026: 0.1, 2027: 0.2}
    pair = {year: states.with_security(placer.Security(most_stranded=most)) for year, most in shares.items()}
    with pytest.raises(InstanceError, match="several ways"):
        placer.Years(pair, until=2028, discount_rate=0.0)


def test_neither_instance_nor_states(tiny):
    """A table is no year."""
    with pytest.raises(ArgumentError):
        placer.Years({2026: tiny.demand}, until=2027, discount_rate=0.0)
