"""Tests of placements side by side from Python."""

from __future__ import annotations

import datetime as dt

import pytest

import placer
from placer.errors import PlacerError


@pytest.fixture(scope="module")
def tiny():
    return placer.solve(placer.load("tiny"))


@pytest.fixture(scope="module")
def dearer():
    """Return the placement where an accelerator-hour costs a tenth more: 1.1 USD."""
    instance = placer.load("tiny")
    return placer.solve(instance.replace(data_centres=instance.data_centres.assign(accelerator_usd_per_hour=1.1)))


def test_changes_are_to_the_first(tiny, dearer):
    """Tests figures and changes against both placements: accelerators cost a tenth more, all else is the same."""
    found = placer.compare_placements({"as is": tiny, "dearer": dearer})
    assert found.figures.loc["cost_usd", "as is"] == pytest.approx(330.77)
    assert found.changes.loc["accelerators_usd", "dearer"] == pytest.approx(0.1 * 310)
    assert found.changes.loc["served_mtok", "dearer"] == pytest.approx(0)
    assert found.figures.loc["unserved_share"].tolist() == [0, 0]
    assert found.data_centres.columns.tolist() == ["as is", "dearer"]
    assert found.data_centres["as is"].sum() == pytest.approx(tiny.served_mtok)
    assert found.hubs["dearer"].gt(found.hubs["as is"]).all()


def test_ceilings_stand_beside(tiny, dearer):
    """Tests that shares of a ceiling are among the figures, and unknown for a placement without one."""
    ceiling = placer.export_ceiling(tiny.instance)
    figures = placer.compare_placements({"as is": tiny, "dearer": dearer}, {"as is": ceiling}).figures
    assert figures.loc["ceiling_latency_share", "as is"] == ceiling.latency_share
    assert figures.loc["ceiling_share"].isna().tolist() == [False, True]


def test_what_differs_is_shown(tiny, dearer):
    """Tests that text and notebook show the figures that differ and no other."""
    found = placer.compare_placements({"as is": tiny, "dearer": dearer})
    for text in (repr(found), found._repr_html_()):
        assert "dearer" in text
        assert "accelerators, USD" in text
        assert "served, Mtok" not in text


@pytest.mark.slow
def test_the_report_opens_with_what_changed(tiny, dearer, tmp_path):
    """Tests that the page names both, opens with the change of the cost, and is dated as told."""
    found = placer.compare_placements({"as is": tiny, "dearer": dearer})
    file = found.report(tmp_path / "page.html", date=dt.date(2026, 1, 2))
    text = file.read_text(encoding="utf-8")
    before, after = tiny.cost_usd_per_mtok, dearer.cost_usd_per_mtok
    assert f"A million tokens cost {after / before - 1:.1%} more ({after:.4} instead of {before:.4} USD)" in text
    assert text.index("What changed") < text.index("Headline figures")
    assert "on 2026-01-02 by" in text
    assert "Cost and mean price" in text
    assert "Mean price by hour" in text


@pytest.mark.slow
def test_unequal_service_is_told(tiny, tmp_path):
    """Tests that placements that serve unequal amounts come with the figure that compares them."""
    short = tiny.instance.replace(data_centres=tiny.instance.data_centres.assign(accelerators=10.0))
    found = placer.compare_placements({"as is": tiny, "short": placer.solve(short)})
    text = found.report(tmp_path / "page.html").read_text(encoding="utf-8")
    assert "unequal amounts" in text
    assert "Cost and penalty per million tokens of demand" in text


def test_serving_less_is_no_saving(tiny, tmp_path):
    """Tests a site lost: cost falls from 330.77 to 308.22 USD, with a penalty of 35 it rises to 343.22."""
    lost = placer.solve(tiny.instance.without("Port"))
    found = placer.compare_placements({"as is": tiny, "no Port": lost})
    assert found.figures.loc["cost_and_penalty_usd"].tolist() == pytest.approx([330.77, 343.22])
    assert found.changes.loc["cost_usd", "no Port"] < 0 < found.changes.loc["cost_and_penalty_usd", "no Port"]
    shown = [" ".join(line.split()[:3]) for line in repr(found).splitlines()[3:6]]
    assert shown == ["cost and penalty,", "cost and penalty", "unserved 0.0% 8.3%"]
    text = found.report(tmp_path / "page.html").read_text(encoding="utf-8")
    assert (
        "With the penalty, a million tokens of demand cost 3.8% more (1.430 instead of 1.378 USD), unserved demand is "
        "8.3 points higher (8.3% instead of 0.0%), a million tokens cost 1.7% more"
    ) in text


def test_wrong_arguments_are_told(tiny, dearer):
    """Tests that each is one sentence that says what was expected."""
    for placements, ceilings, said in (
        ([tiny, dearer], None, "given by name"),
        ({"as is": tiny, "other": "china"}, None, "given by name"),
        ({"as is": tiny}, None, "two or more"),
        ({"as is": tiny, "dearer": dearer}, {"missing": None}, "none of the placements"),
        ({"as is": tiny, "dearer": dearer}, {"dearer": placer.export_ceiling(tiny.instance)}, "another instance"),
    ):
        with pytest.raises(PlacerError, match=said):
            placer.compare_placements(placements, ceilings)
