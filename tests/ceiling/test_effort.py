"""The ceiling by effort: by hand, and against programs with an explicit limit on accelerator-hours."""

from __future__ import annotations

import numpy as np
import pytest

import placer
from placer.column_generation.solver import ColumnGeneration
from placer.errors import ArgumentError, InstanceError
from placer.solvers.highs import HiGHS
from tests.effort import tries
from tests.model.modes_at_random import with_random_modes
from tests.model.modes_by_hand import FAST, MIDDLE, SLOW, modes, modes_abroad, tables

#: Accelerator-hours of a Mtok at 80 tokens a second less those at 40: what an exported Mtok takes more at 600 ms.
DEARER = 1e6 / 3600 * (1 / 400 - 1 / 800)


def effort_of(instance, **arguments):
    """Return the ceiling of what the near region exports, by effort."""
    return placer.ceiling_curve(instance, "accelerators", exporting="near", **arguments)


def limited(instance, hours):
    """Return the instance with a limit on accelerator-hours."""
    return instance.replace(
        limits=[{"limit": "effort", "kind": "accelerator_hours", "sense": "<=", "amount": float(hours)}]
    )


def test_distance_is_paid_in_accelerators_by_hand():
    """Tests 36 Mtok at 600 ms: near they take 12.5 hours at 40 a second, far 25 at 80; half of them fit far away."""
    curve = effort_of(modes_abroad([SLOW, MIDDLE, FAST]))
    assert curve.table["accelerator_hours"].tolist() == pytest.approx([12.5, 18.75])
    assert curve.table["accelerator_hours_per_mtok"].tolist() == pytest.approx([12.5 / 36, 18.75 / 36])
    assert curve.table["exported"].tolist() == pytest.approx([0, 18])
    assert curve.table["share"].tolist() == pytest.approx([0, 0.5])
    assert curve.table["hours_per_exported"].iloc[0] == pytest.approx(DEARER)
    assert curve.exact
    assert curve.at(15.0)["exported"] == pytest.approx(2.5 / DEARER)
    assert curve.at(99.0)["share"] == pytest.approx(0.5)


def test_what_takes_no_more_leaves_first_by_hand():
    """Tests a second place abroad at 500 ms, where 40 a second are in time: its 3.125 accelerators serve 9 Mtok."""
    middle = {"data_centre": "between", "region": "far", "accelerators": 3.125}
    more = {
        "data_centres": [*tables()["data_centres"], middle],
        "links": [*tables()["links"], {"from": "users", "to": "between", "rtt_ms": 500.0}],
        "supplies": [*tables()["supplies"], {"power_zone": "grid", "data_centre": "between"}],
    }
    curve = effort_of(modes([MIDDLE, FAST], **more))
    assert curve.table["accelerator_hours"].tolist() == pytest.approx([12.5, 12.5 + 27 * DEARER])
    assert curve.table["exported"].tolist() == pytest.approx([9, 36])
    assert repr(curve) == (
        "Ceiling by effort: 2 rows, 25.00% of tokens exportable at the least 12.5 accelerator-hours and 100.00% at "
        "21.875"
    )


def test_one_mode_has_one_effort():
    """Tests that where all is served in one mode at one speed, the ceiling takes no more than any other placement."""
    curve = effort_of(modes([FAST]))
    assert curve.table["accelerator_hours"].tolist() == pytest.approx([25])
    assert curve.summary()["share"] == pytest.approx(1)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(tries(3, 60)))
def test_every_point_is_the_program_with_that_limit(seed, make_random_instance):
    """Tests the ends, concavity, and points against ceilings with an explicit limit, by whole programs."""
    instance = with_random_modes(make_random_instance(seed), seed)
    weight = ("tokens", "work", "energy")[seed % 3]
    ceiling = placer.export_ceiling(instance, weight)
    curve = ceiling.effort_curve
    hours, exported = curve.table["accelerator_hours"].to_numpy(), curve.table["exported"].to_numpy()
    slopes = curve.table["hours_per_exported"].to_numpy()[:-1]
    assert exported[-1] == pytest.approx(ceiling.extent.exported, abs=1e-8 * ceiling.total)
    assert (np.diff(hours) > 0).all()
    assert (np.diff(slopes) > 0).all()
    assert curve.exact
    for spent in {hours[0] * (1 + 1e-9), (hours[0] + 2 * hours[-1]) / 3 + 1e-9 * hours[0]}:
        one = placer.export_ceiling(limited(instance, spent), weight, HiGHS(), exporting=ceiling.cut.exporting)
        assert one.unserved_share == pytest.approx(ceiling.unserved_share, abs=1e-8)
        assert one.extent.displaced_hours == pytest.approx(ceiling.extent.displaced_hours, rel=1e-7, abs=1e-5)
        assert one.extent.exported == pytest.approx(curve.at(spent)["exported"], abs=3e-6 * ceiling.total)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(tries(2, 20)))
def test_less_than_the_least_effort_serves_less(seed, make_random_instance):
    """Tests that one percent below the first row, more demand is unserved or displaced."""
    instance = with_random_modes(make_random_instance(seed), seed)
    ceiling = placer.export_ceiling(instance)
    least = ceiling.effort_curve.table["accelerator_hours"].iloc[0]
    less = placer.export_ceiling(limited(instance, 0.99 * least), exporting=ceiling.cut.exporting)
    worse = (less.unserved_share - ceiling.unserved_share, less.displaced_share - ceiling.displaced_share)
    assert max(worse) > 1e-6


@pytest.mark.parametrize("rtt_ms", [250.0, 500.0, 600.0])
def test_generated_columns_find_the_same_curve(rtt_ms):
    """Tests the curve by column generation."""
    instance = modes_abroad([SLOW, MIDDLE, FAST], rtt_ms)
    whole, generated = (
        placer.export_ceiling(instance, solver=each).effort_curve for each in (None, ColumnGeneration())
    )
    for name in ("accelerator_hours", "exported"):
        assert generated.table[name].tolist() == pytest.approx(whole.table[name].tolist(), rel=1e-7, abs=1e-6)


def test_what_has_no_curve_is_refused():
    """Tests security, an unknown axis, and hours below the least effort, each with what is allowed."""
    with pytest.raises(InstanceError, match="'accelerators' has no curve with security"):
        effort_of(modes([FAST]), security="data_centres")
    with pytest.raises(InstanceError, match=r"'chips' is unknown.*rtt, slo, shorten, accelerators"):
        placer.ceiling_curve(modes([FAST]), "chips")
    with pytest.raises(ArgumentError, match=r"accelerator_hours 12\.0 is below the least effort, 25"):
        effort_of(modes([FAST])).at(12.0)


def test_files_have_the_curve(tmp_path):
    """Tests the name of its file."""
    assert [file.name for file in effort_of(modes([FAST])).save_tables(tmp_path)] == ["curve_accelerators.csv"]
