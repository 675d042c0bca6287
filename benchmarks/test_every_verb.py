"""Tests of the campaign over every verb, and a few of its draws."""

from __future__ import annotations

import warnings

import numpy as np
import pytest

import placer
from placer.termination import Reason
from tests.effort import tries

from . import every_verb
from .every_verb import campaign, kind_of, main, outcome, shrunk
from .readable import draw_of
from .readable_draws import readable
from .verb_checks import VERBS
from .verb_checks.checks import DocumentedError, FindingError, Subject, documented, near, whole
from .verb_checks.planning import limits_refused

TINY = {
    "hubs": [{"hub": "h"}],
    "data_centres": [{"data_centre": "d"}, {"data_centre": "e", "accelerators": 1.0}],
    "links": [{"from": "h", "to": name, "rtt_ms": 1.0} for name in "de"],
    "workloads": [{"workload": "w", "accelerator_hours_per_mtok": 1.0, "kwh_per_mtok": 0.0}],
    "demand": [{"workload": "w", "hub": "h", "mtok": 1.0}],
}


@pytest.mark.slow
@pytest.mark.parametrize("verb", VERBS)
def test_every_verb(verb: str) -> None:
    """Tests that no draw of a few has a finding."""
    found = campaign(0, range(8, 8 + tries(2, 20)), [verb])[verb]
    assert found.findings == {}
    assert found.answered + found.refused.total() == tries(2, 20)


def test_draws_are_reproducible() -> None:
    """Tests that a seed gives the same draw again, and another one another draw."""
    one, same, other = (readable(np.random.default_rng([0, number])) for number in (3, 3, 4))
    assert one == same
    assert one != other


@pytest.mark.slow
def test_draws_vary() -> None:
    """Tests that draws are valid and small, and that a hundred have every corner that the campaign is after."""
    draws = [readable(np.random.default_rng([0, number])) for number in range(100)]
    for draw in draws[: tries(20, 100)]:
        draw.instance()
    for draw in draws:
        assert all(len(draw.tables[name]) <= 3 for name in ("hubs", "data_centres", "workloads"))
    sizes = {row["mtok"] for draw in draws for row in draw.tables["demand"]}
    assert min(size for size in sizes if size) < 1e-7
    assert max(sizes) > 1e8
    assert any(row["sense"] == ">=" for draw in draws for row in draw.tables["limits"])
    assert any(not draw.tables["supplies"] for draw in draws)
    assert any(row.get("value_usd_per_mtok", 0) >= 1e5 for draw in draws for row in draw.tables["workloads"])


@pytest.mark.parametrize("number", range(tries(3, 30)))
def test_scaled_draws(number: int) -> None:
    """Tests that a draw in another currency and in other tokens is itself again when scaled back."""
    draw = readable(np.random.default_rng([0, number]))
    assert draw.with_money(4.0).with_money(0.25) == draw
    assert draw.with_tokens(4.0).with_tokens(0.25) == draw


@pytest.mark.slow
def test_a_finding_is_shrunk_to_code_that_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tests that a finding about a link to a site loses all other sites, and that its code finds it."""

    def odd(subject: Subject) -> None:
        if "d" in set(subject.instance.links["to"]):
            raise FindingError("17 of 4e-8 at d")

    monkeypatch.setitem(VERBS, "odd", odd)
    smallest = shrunk("odd", draw_of(TINY, {"cyclic": True}))
    assert smallest.tables["data_centres"] == [{"data_centre": "d"}]
    assert smallest.settings == {}
    with pytest.raises(FindingError):
        exec(smallest.snippet("odd"), {})  # noqa: S102 - the code is what is tested


def test_kinds_of_findings() -> None:
    """Tests that findings that differ in their numbers alone are of one kind."""
    assert kind_of("cost: 17 and 4 differ") == kind_of("cost: 3 and 123456 differ")


@pytest.mark.slow
def test_outcomes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tests that a warning, another error and a hang are findings, and a documented refusal is none."""
    subject = Subject(draw_of(TINY, {}))

    def refused(_: Subject) -> None:
        with documented((placer.PlacerError, "no reason")):
            raise placer.PlacerError("there is no reason")

    def endless(_: Subject) -> None:
        while True:
            pass

    verbs = {
        "warned": lambda _: warnings.warn("odd", stacklevel=1),
        "broken": lambda _: 1 / 0,
        "endless": endless,
        "refused": refused,
        "fine": lambda _: None,
    }
    monkeypatch.setattr(every_verb, "LIMIT", 1)
    for name, check in verbs.items():
        monkeypatch.setitem(VERBS, name, check)
    found = {name: outcome(name, subject) for name in verbs}
    assert [found[name][0] for name in verbs] == ["finding", "finding", "finding", "refused", "answered"]
    assert found["broken"][1].startswith("ZeroDivisionError")
    assert "more than 1 s" in found["endless"][1]


def test_checks() -> None:
    """Tests that a comparison and a table without a number are seen."""
    near("cost", 1.0, 1.0 + 1e-9, 1.0)
    with pytest.raises(FindingError, match="cost: 1 and 2 differ"):
        near("cost", 1.0, 2.0, 1.0)
    table = placer.solve(placer.load("tiny")).workloads.assign(odd=float("nan"))
    whole("table", table, ("odd",))
    with pytest.raises(FindingError, match="no number in column odd"):
        whole("table", table)


def test_limits_that_nothing_meets_are_refused() -> None:
    """Tests that a solver of its own confirms what placer refuses."""
    limit = {"limit": "most", "kind": "tokens", "sense": ">=", "amount": 9.0}
    subject = Subject(draw_of(TINY | {"limits": [limit]}, {}))
    assert subject.optimum is None
    with pytest.raises(DocumentedError):
        subject.need_placement()


@pytest.mark.slow
def test_years_that_no_builds_serve_are_refused() -> None:
    """Tests that every year is looked at: the only accelerator serves the first one, and power of no use no other."""
    sites, zones = [{"data_centre": "e", "accelerators": 1.0}], [{"power_zone": "z", "usd_per_mwh": 1, "limit_mw": 0}]
    limit = {"limit": "all", "kind": "share", "sense": ">=", "amount": 1.0, "hub": "h"}
    power = {"candidate": "c", "adds": "limit_mw", "target": "z", "usd_per_unit_year": 1.0}
    more = {
        "data_centres": sites,
        "power_zones": zones,
        "links": TINY["links"][1:],
        "limits": [limit],
        "candidates": [power],
    }
    found = outcome("plan_years", Subject(draw_of(TINY | more, {})))
    assert found == ("refused", "no builds meet the limits")


def test_refused_build_limits_are_looked_at() -> None:
    """Tests 2 units of 1 land and 1 USD: 3 land, or 2 for 1 USD, cannot be kept; 2 can, and a refusal is a finding."""
    candidate = {"candidate": "c", "adds": "accelerators", "target": "e", "usd_per_unit_year": 1.0}
    subject = Subject(draw_of(TINY | {"candidates": [candidate | {"land": 1.0, "max_units": 2.0}]}, {}))
    for land, usd, expected in ((3.0, 9.0, DocumentedError), (2.0, 1.0, DocumentedError), (2.0, 2.0, FindingError)):
        budget = {"limit": "budget_usd_year", "sense": "<=", "amount": usd}
        limits = [{"limit": "land", "sense": ">=", "amount": land}, budget]
        with pytest.raises(expected), limits_refused(subject, limits):
            raise placer.InfeasibleBuildLimitsError(Reason.INFEASIBLE, "none", ())


@pytest.mark.slow
def test_report(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """Tests the table, the refusals and the code of a finding."""
    assert main(["--verbs", "solve", "--count", "1", "--first", "8"]) == 0
    assert "| solve | 1 | 0 | 0 |" in capsys.readouterr().out

    def odd(_: Subject) -> None:
        raise FindingError("odd")

    monkeypatch.setitem(VERBS, "solve", odd)
    monkeypatch.setattr(every_verb, "TRIES", 1)
    assert main(["--verbs", "solve", "--count", "1", "--first", "8"]) == 1
    printed = capsys.readouterr().out
    assert "| solve | 0 | 0 | 1 |" in printed
    assert "VERBS['solve']" in printed
