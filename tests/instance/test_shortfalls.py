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
