"""Tests of the sections that a report rests on."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd

from placer.report.content.page import content_of
from placer.report.sections.evidence import assumptions_section, certificate_section, rules_section


def test_rules_stand_beside_the_optimum(content):
    """Tests that each rule has its row, and the optimum no difference to itself."""
    text = rules_section(content)
    assert all(f"<bdi>{name}</bdi>" in text for name in content.rules.index)
    assert ">0.0</td>" in text


def test_rounding_of_the_certificate_is_not_spelt_out(content):
    """Tests that a figure below 1e-12 is written so, and one above as it is."""
    proof = pd.DataFrame({"value": [2.5e-16, 3e-4], "most": [1e-9, 1e-9], "holds": [True, False]}, ["gap", "other"])
    text = certificate_section(replace(content, certificate=proof))
    assert ">below 1e-12</td>" in text
    assert ">3.0e-04</td>" in text
    assert ">no</td>" in text


def test_sources_are_grouped_by_kind(tiny):
    text = assumptions_section(content_of(tiny, 1000))
    assert "<summary>" in text
    assert "Licence of the data" in text


def test_instance_without_a_dataset_has_no_sources(content):
    assert "No sources were given for this instance." in assumptions_section(content)
