"""Steps of demand and policies, a tariff and a quota at once, through files, scenarios, changes and other products.

Abroad sells at 1.5 USD and 0.5 of tariff, at most 30 Mtok. Of 60 Mtok at home 50 are worth 4 USD and 10 are worth 2: 50
are bought at the 3 USD of home, which makes 20 of them. The revenue is 15 USD, the rent of the quota 30.
"""

from __future__ import annotations

import json

import pytest

import placer
from placer.placement.elastic import ElasticPlacement

TARIFF = {"policy": "tariff", "kind": "tariff_usd_per_mtok", "amount": 0.5, "to_region": "home", "paid_to": "importer"}
QUOTA = {"policy": "quota", "kind": "quota_mtok", "amount": 30.0, "to_region": "home"}


@pytest.fixture(scope="module")
def taxed(two):
    """Return the instance with both policies."""
    return two.replace(policies=[TARIFF, QUOTA])


def figures(instance):
    """Return price, Mtok bought and imported, revenue and rent."""
    placement = placer.solve(instance)
    assert isinstance(placement, ElasticPlacement)
    traded = placement.price_usd_per_mtok, placement.served_mtok, placement.exported_mtok
    return *traded, placement.transfers_usd, placement.settlement["limits_rent"]


@pytest.mark.parametrize("ending", ["", ".json", ".graphml", ".xlsx"])
def test_every_form_of_files(taxed, tmp_path, ending):
    """Tests that a folder, graphs and a workbook keep steps and policies, and give the answer by hand."""
    if ending == ".xlsx":
        pytest.importorskip("openpyxl")
    loaded = placer.load(placer.save(taxed, tmp_path / f"saved{ending}"))
    assert loaded == taxed
    assert figures(loaded) == pytest.approx((3, 50, 30, 15, 30))


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (['[scenarios.s.factors]\n"policies.amount" = 0.5'], (3, 50, 15, 3.75, 15 * 1.25)),
        (['[scenarios.s.tables]\npolicies = "open.csv"'], (3, 50, 45, 0, 0)),
    ],
    ids=["factor", "table"],
)
def test_scenarios_change_policies(taxed, tmp_path, lines, expected):
    """Tests half the tariff and half the quota at once, and a table of no policies."""
    folder = placer.save(taxed, tmp_path / "saved")
    with (folder / "dataset.toml").open("a") as toml:
        toml.writelines(lines)
    (folder / "open.csv").write_text("policy,kind\n")
    assert figures(placer.load(folder, "s")) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        (["policies[tariff].amount=1.2"], (3, 50, 30, 36, 9)),
        (["policies[tariff].amount=1.6"], (3.1, 50, 10, 16, 0)),
        (["policies[quota].amount=*0.5"], (3, 50, 15, 7.5, 15)),
        (["policies[kind=quota_mtok].amount=60", "policies[tariff].paid_to=exporter"], (3, 50, 45, 22.5, 0)),
    ],
)
def test_the_command_line_changes_policies(run_placer, taxed, tmp_path, changes, expected):
    """Tests ``--change`` on a tariff below and above the difference of costs, on a quota, and on who is paid."""
    folder = placer.save(taxed, tmp_path / "saved")
    options = [word for change in changes for word in ("--change", change)]
    code, out, _ = run_placer("trade", folder, *options, "--json")
    assert code == 0
    told = json.loads(out)
    by_name = {row["country"]: row for row in told["countries"]}
    home, authority = by_name["home"], by_name["authority"]
    found = home["price_usd_per_mtok"], home["used_mtok"], home["imports_mtok"]
    revenue = home["policy_revenue_usd"] + by_name["abroad"]["policy_revenue_usd"]
    assert (*found, revenue, authority["other_rent_usd"]) == pytest.approx(expected)


@pytest.mark.slow
def test_batches_ceilings_and_security_take_what_is_bought(taxed):
    """Tests demand of two sizes in a batch, the ceiling under the quota, and a secure placement."""
    sets = [taxed, taxed.scaled("demand.mtok", 1.2)]
    for instance, row in zip(sets, placer.solve_many(sets), strict=True):
        alone = placer.solve(instance)
        assert row["cost_usd"] == pytest.approx(alone.cost_usd)
        assert row["demand_mtok"] == pytest.approx(alone.served_mtok)
    bought = placer.solve(taxed).instance
    assert placer.export_ceiling(taxed).share == pytest.approx(placer.export_ceiling(bought).share)
    assert placer.export_ceiling(taxed).share == pytest.approx(30 / 50)
    security = placer.Security("data_centres", protected={"w": 0.5})
    secure, other = (placer.solve(instance, security=security) for instance in (taxed, bought))
    assert secure.served_mtok == pytest.approx(50)
    assert secure.cost_usd == pytest.approx(other.cost_usd)
    assert secure.transfers_usd == pytest.approx(other.transfers_usd)
