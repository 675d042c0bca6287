"""Tests of the facts, of the verdicts on predictions, and of the page that is made from them."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import pytest

import placer

from . import observed
from .globe_fit import roles
from .observed_abroad import ABROAD, idle_accelerators, joined
from .observed_sites import hour_costs, hour_values, mean_price, prices_by_hour, rank_correlation, rank_of, utilisation

FACTS = observed.read_facts()
FACT = replace(FACTS[0], unit="share", value=0.1, low=0.1, high=0.2)
KINDS = {"measured", "official", "published_estimate", "derived", "assumption"}


def test_facts_are_complete() -> None:
    """Tests that every fact has a name of its own, a range around its value, a source, a kind and what it needs."""
    assert len({fact.name for fact in FACTS}) == len({fact.fact for fact in FACTS}) == len(FACTS)
    assert [fact.name for fact in FACTS if not fact.low <= fact.value <= fact.high] == []
    assert {fact.kind for fact in FACTS} <= KINDS
    assert {fact.dataset for fact in FACTS} == {"china", "world"}
    assert [fact.name for fact in FACTS if not (fact.source and fact.date and fact.needs and fact.definition)] == []


def test_no_fact_is_both_fitted_and_held_out() -> None:
    """Tests that at most two numbers are fitted, and that they and those held out are facts."""
    fitted, held_out = roles()["fitted"], roles()["held out"]
    assert len(fitted) == 2
    assert held_out
    assert not {*fitted} & {*held_out}
    assert {*fitted, *held_out} <= {fact.name for fact in FACTS}


@pytest.mark.parametrize(
    ("values", "verdict", "distance"),
    [
        ((0.1,), "without a range", "none"),
        ((0.1, 0.1), "without a range", "none"),
        ((0.15, 0.1, 0.2), "inside", "none"),
        ((0.05, 0.05, 0.1), "inside", "0.50 times"),
        ((0.05, 0.04, 0.1), "wide", "0.50 times"),
        ((0.0, 0.0, 0.1), "wide", "-10.0%"),
        ((0.4, 0.3, 0.5), "outside", "2.00 times"),
        ((-0.1,), "outside", "-20.0%"),
        ((0.15, -0.01, 0.2), "wide", "none"),
        ((1e-6,), "outside", "less than 0.01 times"),
    ],
)
def test_verdicts(values: tuple[float, ...], verdict: str, distance: str) -> None:
    """Tests ranges that meet 10 to 20 %, those that are too wide, and the distance of the prediction as given."""
    found = observed.Prediction(FACT, values)
    assert (found.verdict, found.distance) == (verdict, distance)


@pytest.mark.parametrize(
    ("values", "verdict"),
    [
        ((0.0, 0.0, 0.1), "inside"),
        ((-0.1, -0.2, 0.1), "inside"),
        ((-0.2, -0.3, -0.16), "inside"),
        ((-0.2, -0.5, -0.1), "wide"),
        ((0.0, -0.2, 0.2), "wide"),
        ((0.0, 0.0), "without a range"),
    ],
)
def test_verdicts_of_ranges_that_begin_at_0_or_below(values: tuple[float, ...], verdict: str) -> None:
    """Tests ranges from 0 or less: those in -20 to 10 % and narrow ones that meet it are inside."""
    assert observed.Prediction(replace(FACT, value=0.0, low=-0.2, high=0.1), values).verdict == verdict


def test_failures_come_first() -> None:
    """Tests the order, the count and a row by hand."""
    facts = [replace(FACT, name="a", fact="A"), replace(FACT, name="b", fact="B", unit="rank", value=1, low=1, high=1)]
    found = observed.predicted(facts, [{"a": 0.1}, {"a": 0.11, "b": 2.0}, {"b": 3.0}])
    assert observed.table(found).splitlines() == [
        "1 inside, 0 without a range, 0 wide, 1 outside, of 2 facts.",
        "",
        "| fact | observed | predicted | over the study | distance | |",
        "|---|---|---|---|---|---|",
        "| B | 1 | 2 | 2 to 3 | 1 | outside |",
        "| A | 10.0% (10.0% to 20.0%) | 10.0% | 10.0% to 11.0% | none | inside |",
    ]


def test_page_of_the_docs_has_every_fact() -> None:
    """Tests that the page was made from the facts as they are: their order, texts and sources."""
    made = observed.PAGE.read_text(encoding="utf-8")
    sections = {text.partition("\n")[0]: text for text in made.split("\n### ")[1:]}
    assert sections.keys() == {fact.fact for fact in FACTS}
    for fact in FACTS:
        section = observed.page([observed.Prediction(fact, (0.0,))]).split("\n### ")[1]
        assert sections[fact.fact].strip() == section.strip()
        assert f"| {fact.fact} | {fact.text(fact.value)}" in made


@pytest.mark.slow
def test_predictions_as_given(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path) -> None:
    """Tests that every fact has a prediction from the shipped data, and that the page is written."""
    monkeypatch.setattr(observed, "PAGE", tmp_path / "observed.md")
    assert observed.main(["--quick", "--page"]) == 0
    printed = capsys.readouterr().out.strip()
    assert printed in observed.PAGE.read_text(encoding="utf-8")
    assert len(printed.splitlines()) == 4 + len(FACTS)


@pytest.fixture(scope="module")
def tiny() -> placer.Placement:
    """Return the placement that ``datasets/README.md`` derives by hand."""
    return placer.solve(placer.load("tiny"))


def test_prices_and_sites_by_hand(tiny: placer.Placement) -> None:
    """Tests weights that are the same in both hours, means of prices, and costs, values and use of sites."""
    by_hour = [(50 * 1.15 + 10 * 1.11) / 60, (50 * 1.12 + 10 * 1.11) / 60]
    assert prices_by_hour(tiny, ["voice"]).tolist() == pytest.approx(by_hour)
    assert mean_price(tiny, "voice", ["Coast"]) == pytest.approx(1.135)
    kw = 1.2  # a kWh in an hour at the accelerator, times PUE
    assert hour_costs(tiny)["Metro"] == pytest.approx(1 + kw * 0.09)
    assert hour_values(tiny)["Metro"] == pytest.approx(1 + kw * 0.09 + 0.027)
    assert utilisation(tiny, ["Plateau"]) == pytest.approx(1)
    assert utilisation(tiny, ["Metro", "Port"]) == pytest.approx((90 + 20) / (90 + 200))


def test_ranks() -> None:
    """Tests that equal values count as higher, and that they share a rank in a correlation."""
    values = pd.Series({"a": 1.0, "b": 1.0, "c": 0.0})
    assert (rank_of(values, "a"), rank_of(values, "c")) == (2.0, 3.0)
    assert rank_correlation(values, pd.Series({"a": 3.0, "b": 2.0, "c": 1.0})) == pytest.approx(0.866, abs=1e-3)
    assert rank_correlation(pd.Series({"a": 1.0, "b": 1.0}), pd.Series({"a": 3.0, "b": 2.0})) == 0.0


def test_idle_accelerators(tiny: placer.Placement) -> None:
    """Tests that those at work are not idle: 310 hours of work in two hours, on 245 accelerators."""
    assert idle_accelerators(tiny) == pytest.approx(245 - 155)


@pytest.mark.slow
def test_china_joins_the_world_behind_hong_kong() -> None:
    """Tests the way from Hong Kong to Horinger, and that each way to Hong Kong goes on."""
    world, home = placer.load("world"), placer.solve(placer.load("china"))
    both = joined(world, home)
    ways = both.links[both.links["to"] == ABROAD].set_index("from")
    hong_kong = world.links[world.links["to"] == "East Asia"].set_index("from")
    assert (ways["rtt_ms"] - hong_kong["rtt_ms"]).tolist() == pytest.approx([37.45] * len(hong_kong))
    assert both.data_centres["accelerators"].iloc[-1] == pytest.approx(idle_accelerators(home))
