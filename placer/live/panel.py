"""The controls of a live page as HTML: a fold for each group, a row for each assumption, empty places for errors."""

from __future__ import annotations

import math

from placer.live.assumptions import ControlGroup, Controls, Factor, Law, Row
from placer.live.source import Source
from placer.report.html.markup import Html, data_block, folded, fragment, name_of, plain, tag

#: The end of sliders, beside which a link may hold larger factors, and their step.
_END, _STEP = 3, 0.05


def panel(there: Controls, source: Source) -> Html:
    """Return the controls of an instance of a source."""
    return fragment(
        _scenarios(source),
        *(_group(number, group) for number, group in enumerate(there.groups)),
        _law(there) if there.law else None,
        _links(there) if there.links else None,
    )


def _wrong() -> Html:
    """Return the place for an error, at its control."""
    return tag("p", class_="wrong", role="alert", hidden=True)


def _scenarios(source: Source) -> Html | None:
    if not source.scenarios:
        return None
    rows = [
        tag(
            "label",
            tag("input", type="checkbox", data_scenario=name),
            tag("span", tag("strong", name_of(name)), " ", plain(said), class_="said"),
            class_="tick",
        )
        for name, said in source.scenarios.items()
    ]
    says = tag("p", "Applied in the order of ticking.", class_="note")
    return folded("Scenarios", tag("div", says, *rows, _wrong(), data_group="scenarios"))


def _group(number: int, group: ControlGroup) -> Html:
    rows = [_row(f"{number}-{place}", group, row) for place, row in enumerate(group.rows)]
    return folded(group.title, tag("div", tag("p", group.says, class_="note"), *rows))


def _row(identity: str, group: ControlGroup, row: Row) -> Html:
    """Return the slider and the switch of a row, each with the name of its group for screen readers."""
    named, label = f"{group.title}: {plain(row.label)}", tag("span", name_of(row.label), class_="label")
    if row.switch is not None:
        tick = tag("input", type="checkbox", checked=True, data_switch=row.switch.key, aria_label=f"{named}, there")
        label = tag("label", tick, label, class_="tick")
    slider = None if row.factor is None else _slider(f"f{identity}", named, row.factor)
    return tag("div", tag("div", label, _output(identity, row.factor), class_="head"), slider, _wrong(), class_="row")


def _output(identity: str, factor: Factor | None) -> Html | None:
    return None if factor is None else tag("output", for_=f"f{identity}")


def _slider(identity: str, named: str, factor: Factor) -> Html:
    base = None if math.isnan(factor.base) else f"{factor.base:.10g}"
    return tag(
        "input",
        type="range",
        id=identity,
        min=f"{_STEP if factor.least else 0:g}",
        max=str(_END),
        step=str(_STEP),
        value="1",
        aria_label=named,
        data_factor=factor.key,
        data_base=base,
        data_unit=factor.unit,
    )


def _law(there: Controls) -> Html:
    says = tag("p", "Where a workload may run; all ticked is anywhere.", class_="note")
    return folded("Law", tag("div", says, *(_law_of(law, there.jurisdictions) for law in there.law)))


def _law_of(law: Law, there: tuple[str, ...]) -> Html:
    boxes = ((name, tag("input", type="checkbox", checked=name in law.admitted, value=name)) for name in there)
    ticks = tag("div", *(tag("label", box, name_of(name), class_="tick") for name, box in boxes), class_="ticks")
    return tag("fieldset", tag("legend", name_of(law.workload)), ticks, _wrong(), data_law=law.workload)


def _links(there: Controls) -> Html:
    """Return the choice of a link by its two ends; the script fills it from the data beside it."""
    names = list(dict.fromkeys(end for ends in there.links for end in ends))
    place = {name: at for at, name in enumerate(names)}
    data = {"names": names, "links": [[place[first], place[second]] for first, second in there.links]}
    return folded(
        "Links",
        tag(
            "div",
            tag("p", "Switch off what lies between two places.", class_="note"),
            tag("label", "From", tag("select", data_link="from")),
            tag("label", "To", tag("select", data_link="to")),
            tag("button", "Switch off", type="button", data_link="off"),
            tag("ul", class_="links-off", aria_label="Links that are switched off"),
            _wrong(),
            data_block("links", data),
            data_group="links",
        ),
    )
