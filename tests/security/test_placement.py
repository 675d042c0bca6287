"""What a secure placement says: prices, settlement, texts, files, and who refuses it."""

from __future__ import annotations

import pickle

import pytest

import placer
from placer.errors import ArgumentError, PlacerError
from placer.report.content.page import Subject, content_of


@pytest.fixture(scope="module")
def placement(a1):
    """Return the secure placement of A1."""
    return placer.solve(a1, security=placer.Security())


def test_figures(placement):
    """Tests the price of security in USD and per Mtok, and the summary."""
    assert placement.security_usd == pytest.approx(35.0)
    assert placement.security_usd_per_mtok == pytest.approx(35.0 / 120)
    summary = placement.summary()
    assert summary["binding_contingencies"] == ["W"]
    assert summary["stranding_contingencies"] == []
    assert (summary["contingencies"], summary["stranded_mtok"], summary["proven"]) == (3, 0.0, True)


def test_text(placement):
    """Tests the headline figures as text and as HTML."""
    lines = repr(placement).splitlines()
    assert lines[0] == "Placement       optimal, gap 0%, proven"
    assert lines[1] == "Security        35.00 USD more than without, 0.291667 a Mtok"
    assert lines[2] == "Contingencies   3, 1 of them bind: W"
    assert "rent_usd" not in lines[3]
    assert ">W<" in placement._repr_html_()


def test_prices(placement):
    """Tests that parts add up to prices, with a security part, and no latency rent for those that pay it."""
    prices = placement.prices
    parts = [name for name in prices if name.endswith("_usd_per_mtok") and not name.startswith("latency")]
    assert prices[parts].sum(axis=1).tolist() == pytest.approx([6.0, 5.0])
    # Voice pays the rent of B on the eighth that B serves; chat is backed up by B.
    assert prices["security_usd_per_mtok"].tolist() == pytest.approx([5 / 40, 1.0])
    assert prices["latency_rent_usd_per_mtok"].isna().all()
    assert placement.price_summary()["security_usd_per_mtok"].tolist() == pytest.approx([85 / 120])


def test_settlement(placement):
    """Tests that the lines add up, with the rent of headroom among them."""
    lines = placement.settlement
    others = lines.drop(["payments", "payments_served", "payments_unserved", "difference"])
    assert others.sum() == pytest.approx(lines["payments"])
    assert list(lines.index[-4:]) == ["stranded", "unserved_rent", "security_rent", "difference"]


def test_limits(placement):
    """Tests that B earns a dollar an hour where W is lost, and that the contingency stands among what is scarce."""
    rents = placement.security_rents
    assert rents["rent_usd"].to_dict() == pytest.approx({("W", "accelerators", "B", 0): 85.0})
    assert placement.binding_contingencies.to_dict("index") == {
        "W": {"rent_usd": pytest.approx(85.0), "stranded_mtok": 0.0}
    }
    assert placement.scarcities["rent_usd"].to_dict() == pytest.approx({("contingency", "W"): 85.0})


def test_stranded_work_is_told(make_random_instance):
    """Tests that work that strands is a line of the text and of the settlement."""
    placement = placer.solve(placer.load("tiny"), security=placer.Security())
    assert "Stranded        60 Mtok where Metro is lost, the least in total" in repr(placement)
    stranded = sum(placement.stranded_mtok.values())
    assert placement.settlement["stranded"] == pytest.approx(placement.secure.penalty * stranded)
    voice = placement.prices.loc["voice"]
    assert voice["at_penalty"].all()


def test_mean_prices_are_those_of_the_settlement():
    """Tests one mean in headline, tables and page, of work that would strand too: payments over served demand."""
    placement = placer.solve(placer.load("tiny"), security=placer.Security())
    assert placement.prices["at_penalty"].any()
    mean = placement.settlement["payments_served"] / placement.served_mtok
    assert placement.price_usd_per_mtok == pytest.approx(mean)
    assert f"{mean:.6g} USD mean" in repr(placement)
    assert "of served demand" in repr(placement)
    assert placement.price_summary()["mean_usd_per_mtok"].item() == pytest.approx(mean)
    assert content_of(Subject("tiny", placement), 1000).mean_price == pytest.approx(mean)
    for table in (placement.workloads, placement.hubs, placement.hours, placement.statistics("region")):
        paid = (table["price_usd_per_mtok"] * table["served_mtok"]).sum()
        assert paid / placement.served_mtok == pytest.approx(mean)


def test_files(placement, tmp_path):
    """Tests that rents and binding contingencies are files beside the others, and no own rows are."""
    files = {file.name for file in placement.save_tables(tmp_path)}
    assert {"security_rents.csv", "binding_contingencies.csv", "prices.csv"} <= files
    assert "own_rows.csv" not in files


def test_it_travels_between_processes(placement):
    """Tests that a secure placement is the same after pickling."""
    assert pickle.loads(pickle.dumps(placement)).security_usd == placement.security_usd  # noqa: S301 - our own


def test_who_refuses_it(placement, tmp_path):
    """Tests that analyses of an instance refuse it, since they know no contingencies; a report refuses these."""
    with pytest.raises(PlacerError, match="made without contingencies: sensitivity;"):
        placer.write_report(placement, tmp_path / "report.html", sensitivity=object())
    with pytest.raises(PlacerError, match=r"contingencies: ceiling;.*pass secure_ceiling=placer\.export_ceiling"):
        placer.write_report(placement, tmp_path / "report.html", ceiling=placer.export_ceiling(placement.instance))
    for ask in (placer.compare, placer.explain, placer.export_ranges):
        with pytest.raises(ArgumentError, match="not that of a model"):
            ask(placement)
    assert placer.audit(placement, placement.security).passed


@pytest.mark.slow
def test_report(placement, tmp_path):
    """Tests A1: its report has an audit, the price of security and its part in prices: all chat and 5 of voice pay."""
    content = content_of(Subject("A1", placement), 1000)
    assert content.prices["security"].tolist() == pytest.approx([85.0 / 120])
    assert content.workloads["security_usd_per_mtok"].tolist() == pytest.approx([5.0 / 40, 1.0])
    assert content.own is None
    assert content.rules.empty
    text = placer.write_report(placement, tmp_path / "report.html").read_text(encoding="utf-8")
    assert "It costs 35.00 USD more than the placement without." in text
    assert "Contingencies that bind" in text
    assert "p-security" in text
    assert "No protected work strands." in text
