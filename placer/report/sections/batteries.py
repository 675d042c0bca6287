"""The section on batteries: when they charge and discharge, what they hold, and what each earns."""

from __future__ import annotations

from placer.report.content.page import PageContent
from placer.report.html.charts import stacked_columns
from placer.report.html.markup import Html, fragment, para
from placer.report.html.tables import heat_table, table
from placer.result_columns import long

_GIVEN = {"at": "at", "power_mw": "power, MW", "energy_mwh": "holds at most, MWh"}
_DONE = ("charged_mwh", "discharged_mwh", "lost_mwh", "earned_usd")


def batteries_section(content: PageContent) -> Html | None:
    """Return the section on batteries; nothing where there are none."""
    found, steps = content.batteries, content.steps
    if found is None:
        return None
    when = "at the end of the hour" if steps.unit == "hour" else f"at the end of an hour, mean of the {steps.unit}"
    return fragment(
        para(
            "A battery charges where power is worth little and discharges where it is worth more. It earns the worth "
            "of what it discharges, less that of what it charges and its wear."
        ),
        stacked_columns(
            found.flows, steps, "MWh", f"Energy of all batteries by {steps.unit}: discharged above 0, charged below 0."
        ),
        heat_table(found.charge, steps, "battery", f"State of charge {when}, %"),
        table(
            found.table,
            "battery",
            _GIVEN | long(*_DONE, currency=content.currency),
            "Batteries, and what each earns",
        ),
    )
