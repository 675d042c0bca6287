"""Tests the accounts as a value: arguments, remarks and text."""

import pandas as pd
import pytest

import placer


def test_accounts_say_what_they_are(scarce_cheap):
    """Tests the text of the accounts."""
    accounts = placer.accounts(placer.solve(scarce_cheap))
    assert repr(accounts).splitlines()[0] == accounts.headline == "Accounts: 2 regions by region, 440.00 USD"
    assert repr(accounts).splitlines()[-1].split() == ["west", "300.0", "600.0", "300.0", "-60.00"]
    assert accounts.remarks == ()
    assert accounts.cost_usd == pytest.approx(440.0)


def test_trade_shows_who_pays_whom(scarce_cheap):
    """Tests that the east pays the west for 6 Mtok at 50 USD."""
    trade = placer.accounts(placer.solve(scarce_cheap)).trade
    assert trade.loc["west"].tolist() == pytest.approx([300.0, 300.0])
    assert trade.loc["east"].tolist() == pytest.approx([200.0, 0.0])
    assert trade.loc[["network", "authority"]].to_numpy().sum() == 0.0


def test_chain_shows_what_a_dollar_pays_for(scarce_cheap):
    """Tests that of a USD paid to the west 0.4 is energy and 0.6 the rent of its power."""
    chain = placer.accounts(placer.solve(scarce_cheap)).chain
    assert chain.loc["west", ["energy", "power_rent"]].tolist() == pytest.approx([0.4, 0.6])
    assert chain.loc["all", ["energy", "power_rent"]].tolist() == pytest.approx([440 / 800, 360 / 800])
    assert chain.loc["network"].isna().all()


def test_accounts_need_a_placement(make_instance):
    """Tests that an instance is an error that names the remedy."""
    with pytest.raises(placer.ArgumentError, match="expected a placement, not an instance"):
        placer.accounts(make_instance())


def test_tables_are_written(scarce_cheap, tmp_path):
    """Tests the files of the accounts, and that those of the gains are there once the gains were asked for."""
    accounts = placer.accounts(placer.solve(scarce_cheap))
    names = {"regions", "trade", "tokens", "workloads", "chain"}
    assert {file.stem for file in accounts.save_tables(tmp_path / "csv")} == names
    assert pd.read_csv(tmp_path / "csv" / "regions.csv")["net_cost_usd"].sum() == pytest.approx(440.0)
    assert accounts.gains.table is not None
    assert {file.stem for file in accounts.save_tables(tmp_path / "csv")} == names | {"gains", "alone"}


def test_sheets_are_written(scarce_cheap, tmp_path):
    """Tests that a workbook has a sheet for each table."""
    pytest.importorskip("openpyxl")
    accounts = placer.accounts(placer.solve(scarce_cheap))
    sheets = pd.read_excel(accounts.save_excel(tmp_path / "accounts.xlsx"), sheet_name=None)
    assert list(sheets) == ["summary", "regions", "trade", "tokens", "workloads", "chain"]
