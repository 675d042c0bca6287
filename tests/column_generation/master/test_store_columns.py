"""Columns of stores in the restricted master."""

import numpy as np

from placer.column_generation.market.definition import market
from placer.column_generation.master.columns import supply_columns
from placer.column_generation.master.rows import lay_rows
from placer.column_generation.master.store_columns import store_columns
from placer.model.formulation import formulate_stored
from tests.batteries_by_hand import powered
from tests.green_batteries import wind_by_day


def rows_of(**given):
    """Return the rows of a battery of 4 MW and 4 MWh with an efficiency of 0.5, at prices of 20 and 100 USD."""
    battery = {"efficiency": 0.5, "usd_per_mwh_throughput": 3.0}
    structure = formulate_stored(powered(battery=battery, **given)).structure
    return lay_rows(structure, market(structure))


def test_a_store_at_a_site_by_hand():
    """Tests what a MWh charged and discharged in hour 0, and a MWh held at its end, take of every row."""
    rows = rows_of()
    columns = supply_columns(rows, np.zeros(rows.count))
    tiers, takes = len(rows.tier), columns.takes.toarray()
    assert tiers == 2  # the price of supply may fall below that of the zone, so that its supply is a column
    (stored, later), (power, _), supply = rows.stored[0], rows.power[0], rows.supply[0, 0]
    charged, discharged, content = takes[tiers], takes[tiers + 2], takes[tiers + 4]
    assert {place: charged[place] for place in np.flatnonzero(charged)} == {stored: -0.5, power: 1, supply: 1}
    assert {place: discharged[place] for place in np.flatnonzero(discharged)} == {stored: 2, power: 1, supply: -1}
    assert {place: content[place] for place in np.flatnonzero(content)} == {stored: 1, later: -1}
    assert store_columns(rows)[0].tolist() == [0, 0, 3, 3, 0, 0]
    assert store_columns(rows)[1].tolist() == [4.0] * 6


def test_a_store_at_a_source_by_hand():
    """Tests that a battery of a zone pays the zone's price, and that the supplies of the zone count in its row."""
    rows = rows_of(at="Z")
    columns = supply_columns(rows, np.zeros(rows.count))
    takes = columns.takes.toarray()
    assert store_columns(rows)[0].tolist() == [20, 100, 3 - 20, 3 - 100, 0, 0]
    assert takes[:, rows.source[0, 0]].tolist() == [-1, 0, -1, 0, 1, 0, 0, 0]
    assert rows.is_equality[rows.stored].all()
    assert not rows.is_equality[rows.source].any()


def test_contents_of_a_battery_share_its_rows():
    """Tests that both contents stand in one row of power and one of energy, and in the row of green power by hour."""
    structure = formulate_stored(wind_by_day()).structure
    rows = lay_rows(structure, market(structure))
    columns = supply_columns(rows, np.zeros(rows.count))
    takes = columns.takes.toarray()[len(rows.tier) :].reshape(3, 2, 2, rows.count)  # c, g and e of both contents
    assert (rows.power[1] == -1).all()
    assert (rows.energy[1] == -1).all()
    for hour in range(2):
        assert takes[0, :, hour, rows.power[0, hour]].tolist() == [1, 1]
        assert takes[1, :, hour, rows.power[0, hour]].tolist() == [1, 1]
        assert takes[2, :, hour, rows.energy[0, hour]].tolist() == [1, 1]
    cap, (store, period), value = structure.stores.cap_store.entries()
    for each, which, hour, counted in zip(rows.cap[cap], store, period, value, strict=True):
        scale = columns.scale[len(rows.tier)] / rows.scale[each]
        assert takes[0, which, hour, each] == -takes[1, which, hour, each] == counted * scale
