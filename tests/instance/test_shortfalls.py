"""Less capacity than demand."""

from __future__ import annotations

from placer.instance.shortfalls import shortfalls


def test_units_that_are_mixed_up_are_far_off(make_instance):
    """Tests by hand 16 Mtok that need 16 accelerator-hours where there are 8, or a tenth of an hour, or none."""

    def short_of(accelerators):
        sites = [{"data_centre": name, "accelerators": accelerators} for name in ("X", "Y")]
        (found,) = shortfalls(make_instance(data_centres=sites))
        return found

    half, tenth, none = short_of(4.0), short_of(0.05), short_of(0.0)
    assert (half.need, half.there, half.is_far) == (16.0, 8.0, False)
    assert half.sentence == "demand needs 16 accelerator-hours in hour 0, 100% more than the 8 there are"
    assert (tenth.is_far, tenth.sentence[:57]) == (True, "demand needs 16 accelerator-hours in hour 0, 160 times th")
    assert (none.is_far, none.sentence[-28:]) == (False, " but none of the 0 there are")
    assert shortfalls(make_instance()) == []


def test_needs_are_those_of_the_most_sparing_mode(make_instance):
    """Tests by hand: 16 Mtok take 16 accelerator-hours and MWh, half in a mode of B: 8 do, 7 do not, at any speed."""
    mode = {"workload": "w", "mode": "b", "accelerator_type": "B", "server_ms": 0.0}
    modes = [mode | {"accelerator_hours_per_mtok": 0.5, "kwh_per_mtok": 500.0}]

    def told(accelerators, megawatts, speed=1.0):
        site = {"data_centre": "X", "accelerator_type": "B", "accelerators": accelerators, "speed": speed}
        supply = {"power_zone": "zx", "data_centre": "X", "limit_mw": megawatts}
        other = {"data_centre": "Y", "accelerators": 0.0}
        return [
            each.need for each in shortfalls(make_instance(data_centres=[site, other], supplies=[supply], modes=modes))
        ]

    assert told(8.0, 8.0) == []
    assert told(7.0, 7.0) == [8.0, 8.0]
    assert told(8.0, 8.0, speed=0.5) == []
