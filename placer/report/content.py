"""What a report says, as plain data: figures and tables taken from a placement, without a word of HTML."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from placer.accounts import COST_PARTS, NEGLIGIBLE
from placer.baselines import compare
from placer.price_summary import summarise_prices
from placer.prices import RENTS
from placer.report.assumptions import Assumptions, assumptions_of
from placer.report.figures import figure, percent
from placer.report.flows import FlowMap, flow_map
from placer.report.markup import labels, shorten
from placer.report.steps import Steps, steps_of
from placer.settings import BETWEEN_REGIONS
from placer.shortage import in_words
from placer.tables import ratio

if TYPE_CHECKING:
    from placer.ceiling import ExportCeiling
    from placer.datasets import Dataset
    from placer.instance import Instance
    from placer.placement import Placement

#: The parts a price is shown in: costs, then rents.
PRICE_PARTS = (*COST_PARTS, *RENTS)
#: Corners of a curve the page holds.
MOST_CORNERS = 2000
KG_PER_T = LITRES_PER_M3 = 1000.0


@dataclass(frozen=True, eq=False)
class Subject:
    """What a report is on.

    Attributes
    ----------
    title : str
    placement : Placement
    ceiling : ExportCeiling or None
        The ceiling of the same instance; its curve, limits and economic range are solved for if they are not yet.
    dataset : Dataset or None
        Where the instance comes from.
    scenarios : tuple of str
        The scenarios of the dataset that were applied.
    rules : DataFrame or None
        The naive rules beside the optimum, as ``placer.compare`` gives them; followed anew if not given.
    """

    title: str
    placement: Placement
    ceiling: ExportCeiling | None = None
    dataset: Dataset | None = None
    scenarios: tuple[str, ...] = ()
    rules: pd.DataFrame | None = None


@dataclass(frozen=True)
class Headline:
    """A figure that is worth standing at the top: its label, its value, its unit, and a line beneath.

    ``text`` stands in place of the value where there is a better word than a number.
    """

    label: str
    value: float
    unit: str
    note: str = ""
    text: str = ""


@dataclass(frozen=True, eq=False)
class CeilingContent:
    """The ceiling as the page shows it; fields as in ``ExportCeiling`` and ``CeilingCurve``.

    ``regions`` is None unless exports are between all regions.
    """

    cut: str
    weight: str
    regions: pd.DataFrame | None
    share: float
    work_share: float
    latency_share: float
    gross_share: float
    unserved_share: float
    limits: pd.DataFrame
    economic_range: tuple[float, float]
    economic_detail: str
    curve: pd.DataFrame
    served_from: float
    exportable_from: float
    corners_left_out: int


@dataclass(frozen=True, eq=False)
class Content:
    """Everything one part of the page shows. Names are those the page shows; see ``placer.report.markup.labels``.

    Attributes
    ----------
    hubs, workloads : DataFrame
        As ``demand_summary``, with the cost parts and rents in USD per Mtok.
    data_centres : DataFrame
        As ``data_centre_table``.
    utilisation : DataFrame
        Data centres by steps; NaN without a limit.
    prices : DataFrame
        Steps by ``PRICE_PARTS``, USD per Mtok, means over what is served below the penalty; NaN where nothing is.
    workload_prices : DataFrame
        Workloads by steps, likewise.
    price_summary : Series
        ``placement.price_summary()``: means, medians and payments of all demand, served and unserved apart.
    energy : DataFrame
        Steps by ``mwh``, ``carbon_t`` and ``water_m3``.
    scarcities, rules : DataFrame
    certificate : DataFrame
        ``value``, ``most`` and ``holds`` by figure.
    settlement : Series
    verdict : str
        What the certificate says: proven, or not and why.
    proven : bool
    like_for_like : Headline
        What placements that serve unequal amounts are compared by.
    mean_price : float
        Of what is served below the penalty, USD per Mtok.
    solver : str
    flows : FlowMap
    """

    title: str
    headlines: tuple[Headline, ...]
    steps: Steps
    hubs: pd.DataFrame
    workloads: pd.DataFrame
    data_centres: pd.DataFrame
    utilisation: pd.DataFrame
    prices: pd.DataFrame
    workload_prices: pd.DataFrame
    price_summary: pd.Series
    energy: pd.DataFrame
    scarcities: pd.DataFrame
    rules: pd.DataFrame
    certificate: pd.DataFrame
    settlement: pd.Series
    verdict: str
    proven: bool
    like_for_like: Headline
    mean_price: float
    solver: str
    flows: FlowMap
    assumptions: Assumptions
    ceiling: CeilingContent | None = field(default=None)


def content_of(subject: Subject, most_flow_characters: int) -> Content:
    """Take from a placement what a report shows of it."""
    placement = subject.placement
    steps = steps_of(placement.formulation)
    ceiling = None if subject.ceiling is None else _ceiling(subject.ceiling)
    hours, prices = _prices(placement, steps)
    return Content(
        title=shorten(subject.title, longest=200),
        headlines=_headlines(placement, ceiling),
        steps=steps,
        hubs=_by_demand(placement, "hub"),
        workloads=_by_demand(placement, "workload"),
        data_centres=_labelled(placement.data_centres),
        utilisation=_utilisation(placement, steps),
        prices=hours,
        workload_prices=prices,
        price_summary=placement.price_summary().iloc[0],
        energy=_energy(placement, steps),
        scarcities=_scarcities(placement),
        rules=compare(placement) if subject.rules is None else subject.rules,
        certificate=_certificate(placement),
        settlement=placement.settlement,
        verdict=placement.certificate.verdict,
        proven=placement.certificate.proven,
        like_for_like=Headline(
            "Cost and penalty per million tokens of demand", placement.cost_and_penalty_usd_per_mtok, "USD"
        ),
        mean_price=placement.price_usd_per_mtok,
        solver=shorten(placement.termination.detail, longest=400),
        flows=flow_map(placement, steps, most_flow_characters),
        assumptions=assumptions_of(placement.instance, subject.dataset, subject.scenarios),
        ceiling=ceiling,
    )


def _headlines(placement: Placement, ceiling: CeilingContent | None) -> tuple[Headline, ...]:
    cost, demand = placement.cost_usd, placement.demand_mtok
    parts = [
        f"{part} {value / cost:.1%}"
        for part, value in placement.cost_parts_usd.items()
        if abs(value) > 5e-4 * abs(cost)
    ]
    if ceiling is None:
        most, beneath = float("nan"), "not computed for this report"
    else:
        most = ceiling.share
        beneath = (
            f"of {ceiling.weight} could leave at most, {percent(ceiling.work_share)} of the work, net of swaps; "
            f"{percent(ceiling.latency_share)} by distance and law alone, {percent(ceiling.gross_share)} with swaps"
        )
    served = f"of {figure(demand)} Mtok asked for"
    if placement.unserved_share > NEGLIGIBLE:
        served = f"{served}; first reason: {in_words(*placement.unserved_reasons.index[0])}"
    return (
        Headline("Cost per million tokens", placement.cost_usd_per_mtok, "USD", ", ".join(parts)),
        Headline("Cost per token", placement.cost_usd_per_token, "USD", "of what is served, without penalties"),
        Headline(
            "Cost in all", cost, "USD", f"without the penalty for what is unserved, {figure(placement.penalty_usd)} USD"
        ),
        Headline(
            "Exported",
            placement.export_share,
            "share",
            "of demand is served in another region, at least cost; "
            f"{percent(placement.net_export_share)} net of what is sent in exchange",
        ),
        Headline("Export ceiling", most, "share", beneath),
        Headline("Unserved", placement.unserved_share, "share", served),
        Headline("Energy", placement.energy_mwh, "MWh", "at the meters"),
        Headline("Carbon", placement.carbon_kg / KG_PER_T, "t", "of the energy bought"),
        Headline("Water", placement.water_litres / LITRES_PER_M3, "m\u00b3", "at the data centres"),
        _proof(placement),
    )


def _proof(placement: Placement) -> Headline:
    """Return what the certificate says of the placement, in a word."""
    found = placement.certificate
    if found.proven:
        note = f"no placement costs less, to within {100 * found.tolerances.gap:g}% of the cost"
        return Headline("Least cost", abs(found.gap), "gap", note, "proven")
    return Headline("Least cost", abs(found.gap), "gap", found.verdict, "not proven")


def both_ways(instance: Instance) -> bool:
    """Return whether exports between all regions count, so that each region has a ceiling of its own."""
    return bool(instance.settings.exports == BETWEEN_REGIONS)


def _ceiling(ceiling: ExportCeiling) -> CeilingContent:
    curve = ceiling.curve
    table = curve.table.assign(unserved_share=curve.table["unserved_mtok"] / curve.total_mtok)
    kept = np.unique(np.linspace(0, len(table) - 1, min(MOST_CORNERS, len(table))).round().astype(int))
    return CeilingContent(
        cut=shorten(str(ceiling.cut), longest=200),
        weight=ceiling.weight,
        regions=_labelled(ceiling.regions) if both_ways(ceiling.instance) else None,
        share=ceiling.share,
        work_share=ceiling.work_share,
        latency_share=ceiling.latency_share,
        gross_share=ceiling.gross_share,
        unserved_share=ceiling.unserved_share,
        limits=ceiling.limits,
        economic_range=(ceiling.economic_range.low, ceiling.economic_range.high),
        economic_detail=ceiling.economic_range.detail,
        curve=table.iloc[kept],
        served_from=curve.served_from,
        exportable_from=curve.exportable_from,
        corners_left_out=len(table) - len(kept),
    )


def _labelled(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.set_axis(pd.Index(labels([str(name) for name in frame.index]), name=frame.index.name))


def _scarcities(placement: Placement) -> pd.DataFrame:
    """Return the scarce limits, each named as the page shows it."""
    table = placement.scarcities.reset_index()
    names = [
        shorten(f"{limit}: {name}" if name else str(limit), longest=120)
        for limit, name in zip(table["limit"], table["name"], strict=True)
    ]
    return table[["hours", "rent_usd"]].set_axis(pd.Index(names, name="limit"))


def _by_demand(placement: Placement, by: str) -> pd.DataFrame:
    """Return the summary by hub or workload, its cost per Mtok taken apart, and the rents within its price."""
    table = placement.hubs if by == "hub" else placement.workloads
    served = table["served_mtok"].to_numpy()
    parts = {f"{part}_usd_per_mtok": ratio(table[f"{part}_usd"].to_numpy(), served) for part in COST_PARTS}
    summary = placement.price_summary("hub" if by == "hub" else "workload")
    price = table["price_usd_per_mtok"].to_numpy()
    rents = {}
    for rent in (*RENTS, "latency_rent"):
        mean = summary[f"{rent}_usd_per_mtok"].to_numpy()
        rents[f"{rent}_usd_per_mtok"] = np.where(np.abs(mean) <= NEGLIGIBLE * np.abs(price), 0.0, mean)
    return _labelled(table.assign(**parts, **rents))


def _prices(placement: Placement, steps: Steps) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the mean price of what is served by step taken apart, and by workload and step."""
    structure = placement.formulation.structure
    at = steps.of_hour[structure.demand_period]
    by_step = summarise_prices(placement.prices, at, pd.Index(steps.labels, name="hour"))
    hours = by_step[[f"{part}_usd_per_mtok" for part in PRICE_PARTS]].set_axis(list(PRICE_PARTS), axis=1)
    names = labels([str(name) for name in placement.formulation.workloads])
    both = pd.RangeIndex(len(names) * len(steps))
    price = summarise_prices(placement.prices, structure.demand_class * len(steps) + at, both)["mean_usd_per_mtok"]
    by_workload = pd.DataFrame(
        price.to_numpy().reshape(len(names), len(steps)), index=names, columns=list(steps.labels)
    )
    return hours, by_workload


def _hourly(placement: Placement, column: str) -> np.ndarray:
    formulation = placement.formulation
    shape = (len(formulation.data_centres), len(formulation.hours))
    return placement.data_centre_hours[column].to_numpy().reshape(shape)


def _utilisation(placement: Placement, steps: Steps) -> pd.DataFrame:
    values = steps.mean(_hourly(placement, "utilisation"))
    names = labels([str(name) for name in placement.formulation.data_centres])
    return pd.DataFrame(values, index=pd.Index(names, name="data_centre"), columns=list(steps.labels))


def _energy(placement: Placement, steps: Steps) -> pd.DataFrame:
    units = {
        "mwh": ("mwh", 1.0),
        "carbon_t": ("carbon_kg", KG_PER_T),
        "water_m3": ("water_litres", LITRES_PER_M3),
    }
    values = {
        name: steps.total(_hourly(placement, column).sum(axis=0)) / unit for name, (column, unit) in units.items()
    }
    return pd.DataFrame(values, index=pd.Index(steps.labels, name="hour"))


def _certificate(placement: Placement) -> pd.DataFrame:
    found = placement.certificate
    most = found.tolerances
    rows = {
        "primal infeasibility": (found.primal_infeasibility, most.primal),
        "dual infeasibility": (found.dual_infeasibility, most.dual),
        "complementarity": (found.complementarity, most.complementarity),
        "gap": (abs(found.gap), most.gap),
        "serving gap": (abs(found.serving_gap), most.serving_gap),
    }
    table = pd.DataFrame.from_dict(rows, orient="index", columns=["value", "most"])
    return table.assign(holds=table["value"] <= table["most"])
