"""Tests of the cases of a study."""

from __future__ import annotations

from functools import partial

import pytest

import placer
from placer.errors import InstanceError
from placer.sensitivity.assumptions import Assumption
from placer.sensitivity.cases import about, cases_of

LINKS = {"2": partial(placer.Instance.scaled, columns="links.rtt_ms", factor=2)}


def test_case_as_given_comes_first(tiny):
    """Tests the cases by hand: tiny itself, and its longest link of 30 ms at 60 ms."""
    first, second = cases_of(tiny, [Assumption("links", LINKS, "times")])
    assert (first.name, first.instance) == ("as given", tiny)
    assert (second.name, second.unit) == ("links 2", "times")
    assert second.instance.links["rtt_ms"].max() == 60


def test_values_that_make_no_instance_are_all_listed(tiny):
    """Tests that two values are told with their assumption, before anything is solved."""
    below = {str(value): partial(placer.Instance.with_value, column="links.rtt_ms", value=value) for value in (-1, -2)}
    with pytest.raises(InstanceError) as error:
        cases_of(tiny, [Assumption("links", below)])
    assert {found.table.partition(":")[0] for found in error.value.violations} == {"links -1", "links -2"}


def test_names_are_given_once(tiny):
    for names in (["links", "links"], ["as given"]):
        with pytest.raises(InstanceError, match="given twice"):
            cases_of(tiny, [Assumption(name, LINKS) for name in names])


def test_texts_of_assumptions():
    table = about([Assumption("links", LINKS, "times", "1", source="a guess")])
    assert table.loc["links"].tolist() == ["1", "times", "", "a guess", ""]
