"""Shapes of a year: read from a dataset's folder, absent tables and rows, and every defect in one error."""

from __future__ import annotations

import numpy as np
import pytest

import placer
from placer.datasets.year_shapes import read_shapes
from placer.errors import InstanceError
from placer.synthetic import CERTAIN


def test_a_dataset_without_shapes_has_none(folder):
    """Tests that every factor is 1, every addition 0 and every price the day's own where there is no folder."""
    place = folder()
    shapes = read_shapes(place, placer.load(place))
    assert (shapes.weekday == 1).all()
    assert (shapes.month == 1).all()
    assert shapes.holidays == ()
    assert (shapes.added_pue == 0).all()
    assert np.isnan(shapes.price).all()
    assert shapes.variation == CERTAIN
    assert [part.shape for part in (shapes.weekday, shapes.month, shapes.added_pue, shapes.price)] == [
        (2, 7),
        (2, 12),
        (2, 12),
        (2, 12, 24),
    ]


def test_shapes_stand_where_the_instance_has_its_rows(folder):
    """Tests factors by hand: workload v on Sundays, zone Y in the hours of January, which March has too."""
    files = {
        "year/demand_weekdays.csv": "workload,weekday,factor\nv,6,0.5\n",
        "year/holidays.csv": "day,weekday\n2026-01-01,6\n2026-01-04,0\n",
        "year/demand_months.csv": "workload,month,factor\nw,2,2\n",
        "year/months.csv": "month,tariff_month\n3,1\n",
        "year/power_zone_hours.csv": "power_zone,tariff_month,hour,factor\nY,1,0,1.5\n",
        "year/data_centre_months.csv": "data_centre,month,added_pue\nF,12,-0.1\n",
        "year/variation.csv": "item,value\nhub_sigma,0.3\n",
    }
    place = folder(files)
    shapes = read_shapes(place, placer.load(place))
    assert shapes.weekday[1, 6] == 0.5
    assert shapes.weekday.sum() == 13.5
    assert shapes.holidays == (("2026-01-01", 6), ("2026-01-04", 0))
    assert shapes.month[0, 1] == 2
    assert shapes.price[1, [0, 2], 0].tolist() == [1.5, 1.5]
    assert np.isnan(shapes.price).sum() == shapes.price.size - 2
    assert shapes.added_pue[1, 11] == -0.1
    assert shapes.variation.hub_sigma == 0.3


def test_every_defect_is_named(folder):
    """Tests that unknown names, numbers out of range, doubled rows and unreadable files come in one error."""
    files = {
        "year/demand_weekdays.csv": "workload,weekday,factor\nx,7,1\nw,1,-1\n",
        "year/demand_months.csv": "workload,month,factor\nw,1,1\nw,1,2\n",
        "year/holidays.csv": "day,weekday\n2026-02-29,6\n2026-01-01,7\n2026-01-02,6\n2026-01-02,6\n",
        "year/months.csv": "month\n1\n",
        "year/data_centre_months.csv": "data_centre,month,added_pue\nF,1\n",
        "year/variation.csv": "item,value\nsigma,0.3\n",
    }
    place = folder(files)
    with pytest.raises(InstanceError) as error:
        read_shapes(place, placer.load(place))
    said = str(error.value)
    for part in (
        "year/demand_weekdays[x|7].weekday: 7 is out of range",
        "year/demand_weekdays[w|1].factor: -1 is out of range",
        "year/demand_weekdays[x].workload: unknown",
        "year/demand_months[w|1]: given twice",
        "year/months.tariff_month: column missing",
        "year/holidays[2026-02-29].day: is no day",
        "year/holidays[2026-01-01].weekday: 7 is out of range",
        "year/holidays[2026-01-02]: given twice",
        "year/data_centre_months.csv[line 2]: 2 cells",
        "year/variation[sigma].item: unknown",
    ):
        assert part in said, said
