"""Tests of own wind and sun in china: as the facts give them, without effect before they are built, and paying."""

from __future__ import annotations

import runpy
from pathlib import Path

import pytest

import placer

DATASETS = Path(__file__).resolve().parents[2] / "datasets"
SITES = ("Zhangjiakou", "Horinger", "Qingyang", "Zhongwei")


@pytest.fixture(scope="module")
def candidates():
    """Return the candidates of the scenario."""
    return placer.read_candidates("china", ["own_power"])


@pytest.mark.slow
def test_china_is_as_built(monkeypatch):
    """Tests that the files are what the facts give."""
    monkeypatch.syspath_prepend(str(DATASETS))
    files = runpy.run_path(str(DATASETS / "build_china.py"))["build"]()
    folder = DATASETS / "china"
    assert sorted(files) == sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*.*"))
    assert [name for name, text in files.items() if (folder / name).read_bytes() != text.encode()] == []


@pytest.mark.slow
def test_farms_that_are_not_built_change_nothing():
    """Tests that the scenario costs what the dataset costs."""
    as_is, with_farms = (placer.solve(placer.load("china", scenarios)) for scenarios in ([], ["own_power"]))
    assert with_farms.cost_usd == pytest.approx(as_is.cost_usd, rel=1e-6)
    assert with_farms.certificate.proven


def test_other_candidates_stay_as_they_are(candidates):
    """Tests that accelerators cost what they cost without the scenario, and that each of four sites has two farms."""
    accelerators = placer.read_candidates("china")
    count = len(accelerators)
    assert candidates[list(accelerators)].iloc[:count].equals(accelerators)
    farms = [f"{site} {source}|{site}" for site in SITES for source in ("wind", "sun")]
    assert candidates["target"].iloc[count:].tolist() == farms


@pytest.mark.parametrize(
    ("name", "usd", "fixed", "recovery"),
    [("Horinger wind", 1438.8845, 0.012347, 0.085941), ("Horinger sun", 594.8646, 0.021982, 0.080334)],
)
def test_costs_by_hand(candidates, name, usd, fixed, recovery):
    """Tests the cost of a MW a year against the published figures.

    Euros at 0.92 a USD. The capital recovery factors at 7.5 % are over 28.5 years (wind), 37.5 (sun) and, for the
    connection of 188.6002 EUR a kW with 2 % a year, 40 years.
    """
    built = placer.Candidates.of(candidates[candidates["candidate"] == name])
    own, connection = usd / 0.92 * 1000, 188.6002 / 0.92 * 1000
    by_hand = own * (recovery + fixed) + connection * (0.079400 + 0.02)
    assert built.cost_usd_per_unit_year[0] == pytest.approx(by_hand, rel=1e-4)


@pytest.mark.parametrize("site", SITES)
def test_yields_by_hand(candidates, site):
    """Tests the hours of full power a year: 8,900 GWh of 3,100 MW of wind, 970 GWh of 500 MW of sun, most at noon.

    At Zhongwei wind gives 4,300 - 970 GWh of 1,500 MW. It follows the published hours: 0.158 of the power from
    noon to one, 0.229 in the mean, most from one to two at night. Noon of UTC+8 is at
    120 degrees east, and an hour later for each 15 degrees further west.
    """
    shares = candidates.set_index("candidate")["usable_share"]
    wind = shares[f"{site} wind"].to_numpy()
    full = 3_330_000 / 1_500 if site == "Zhongwei" else 8_900_000 / 3_100
    assert wind.mean() * 8760 == pytest.approx(full, rel=1e-3)
    assert wind[12] / wind.mean() == pytest.approx(0.1583 / 0.2294, rel=5e-3)
    assert wind.argmax() == 1
    sun = shares[f"{site} sun"].to_numpy()
    assert sun.sum() * 365 == pytest.approx(970_000 / 500, rel=1e-3)
    east = placer.load("china").data_centres.set_index("data_centre")["lon"][site]
    noon = 12 + (120 - east) / 15
    centre = sum((hour + 0.5) * share for hour, share in enumerate(sun)) / sun.sum()
    assert centre == pytest.approx(noon, abs=0.05)
    assert (sun[:6] == 0).all()
    assert 0.6 < sun.max() < 0.7


@pytest.mark.slow
def test_plan_builds_what_pays(candidates):
    """Tests that farms are built at the published costs, by a proven plan that saves more than they cost."""
    china = placer.load("china", ["own_power", "dispatch"])
    farms = candidates[candidates["adds"] == "limit_mw"]
    without = placer.plan(china, farms.assign(max_units=0))
    plan = placer.plan(china, farms, gap=1e-2)
    assert plan.certificate.proven
    assert plan.builds.loc["Zhangjiakou wind", "units"] > 0
    assert plan.build_cost_usd_per_year > 0
    assert plan.cost_usd_per_year < without.cost_usd_per_year
