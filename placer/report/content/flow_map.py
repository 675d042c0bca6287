"""Flows for a map: hubs of one place together, hour by hour, limited to the size of a page."""

from __future__ import annotations

import base64
import itertools
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from placer.instance.problem import Instance
from placer.placement.accounts import assignment_axes, carrying
from placer.placement.result import Placement
from placer.report.html.calendar import Steps
from placer.report.html.markup import labelled, labels
from placer.utils.arrays import FloatArray, IntArray

#: Flows below this share of all demand are never drawn: no eye tells them, and each takes room on the page.
LEAST_SHARE = 1e-7
#: Amounts are written as logarithms in 16 bits over this number of powers of ten: to 0.02 %.
DECADES = 9
_LEVELS = 65_535
#: Number of places with hubs that are drawn, the largest first.
MOST_PLACES = 1500
#: 16-bit words in front of a flow's amounts: workload, place, data centre, round trip in 0.1 ms, first step, steps, and
#: two of its sum over all steps, in single precision.
HEADER_WORDS = 8
#: Characters of a 16-bit word in base64.
_CHARACTERS_PER_WORD = 8 / 3


@dataclass(frozen=True, eq=False)
class FlowMap:
    """Places, data centres and flows between them.

    Attributes
    ----------
    places : DataFrame
        One row per place with hubs: ``lat``, ``lon``, ``label``, ``name`` (shorter, for the map), ``mtok`` demanded.
    sites : DataFrame
        One row per data centre with a place: ``lat``, ``lon``, ``label``, ``name``, ``mtok`` served, ``utilisation``.
    workload, place, site : (flows,) int arrays
        Positions in the workloads, ``places`` and ``sites``; the largest flows first.
    rtt_ms : (flows,) array
        Round trip with access, a mean over the tokens.
    mtok : (flows, steps) array
    off_map : tuple of str
        Hubs and data centres without a place.
    small_places : int
        Number of smaller places beyond ``MOST_PLACES``, omitted with their flows.
    shown_share : float
        Share of the served demand that the flows hold.
    served_mtok : mapping of str to array
        Mtok served: of ``all``, and by ``workload``, ``site`` and ``step``, flows that are left out included.
    place_of_hub, place_of_site : int arrays
        Positions of hubs and data centres of the instance in ``places`` and ``sites``; -1 for those not on the map.
    regions : DataFrame
        The degrees that the hubs and data centres of each region span: ``west``, ``south``, ``east``, ``north``.
    """

    places: pd.DataFrame
    sites: pd.DataFrame
    workload: IntArray
    place: IntArray
    site: IntArray
    rtt_ms: FloatArray
    mtok: FloatArray
    off_map: tuple[str, ...]
    small_places: int
    shown_share: float
    served_mtok: Mapping[str, FloatArray]
    place_of_hub: IntArray
    place_of_site: IntArray
    regions: pd.DataFrame


def flow_map(placement: Placement, steps: Steps, most_characters: int) -> FlowMap:
    """Collect the flows between hubs and data centres with a place: the largest that fit ``most_characters``."""
    instance = placement.instance
    hubs, sites = _located(instance.hubs), _located(instance.data_centres)
    hub_place, places = _places(hubs, placement.hubs["demand_mtok"].to_numpy())
    site_place = np.where(sites["here"], np.cumsum(sites["here"]) - 1, -1)
    table = placement.data_centres
    sites = sites.assign(
        name=sites["label"], mtok=table["mtok"].to_numpy(), utilisation=table["utilisation"].to_numpy()
    )
    drawn_place = np.where(hub_place < len(places), hub_place, -1)
    keys, rtt_ms, mtok = _series(placement, steps, drawn_place, site_place)
    order = _fitting(mtok, placement.demand_mtok, most_characters)
    served = placement.served_mtok
    drawn = sites[sites["here"]].drop(columns="here").reset_index(drop=True)
    return FlowMap(
        places=places,
        sites=drawn,
        workload=keys[0][order],
        place=keys[1][order],
        site=keys[2][order],
        rtt_ms=rtt_ms[order],
        mtok=mtok[order],
        small_places=int(hub_place.max(initial=-1)) + 1 - len(places),
        off_map=(*hubs["label"][~hubs["here"]], *sites["label"][~sites["here"]]),
        shown_share=float(mtok[order].sum() / served) if served > 0 else 1.0,
        served_mtok={
            "all": np.array([served]),
            "workload": placement.workloads["served_mtok"].to_numpy(),
            "site": drawn["mtok"].to_numpy(),
            "step": steps.total(placement.hours["served_mtok"].to_numpy()),
        },
        place_of_hub=drawn_place,
        place_of_site=site_place,
        regions=_regions(placement.instance),
    )


def largest_pairs(flows: FlowMap, most: int) -> list[tuple[int, int, float, float]]:
    """Return the largest flows over all workloads and steps: place, data centre, Mtok and mean round trip in ms."""
    total = flows.mtok.sum(axis=1)
    count = len(flows.sites)
    key, of_flow = np.unique(flows.place * count + flows.site, return_inverse=True)
    mtok = np.bincount(of_flow, total, len(key))
    rtt_ms = np.bincount(of_flow, total * flows.rtt_ms, len(key)) / mtok
    order = np.argsort(-mtok, kind="stable")[:most]
    place, site = np.divmod(key[order], count)
    return list(zip(place.tolist(), site.tolist(), mtok[order].tolist(), rtt_ms[order].tolist(), strict=True))


def encode(flows: FlowMap) -> str:
    """Return the flows as base64 of 16-bit words, low byte first; ``script.js`` reads them.

    For each flow: ``HEADER_WORDS`` words, then an amount for every step from its first to its last that is not 0:
    0 for nothing, else ``1 + 65534 (1 + log10(amount / largest) / DECADES)``, rounded.
    """
    largest = flows.mtok.max(initial=0.0)
    words = []
    for row, amounts in enumerate(flows.mtok):
        used = np.flatnonzero(amounts)
        part = amounts[used[0] : used[-1] + 1]
        with np.errstate(divide="ignore"):
            level = 1 + (_LEVELS - 1) * (1 + np.log10(part / largest) / DECADES)
        rtt = min(round(10 * float(flows.rtt_ms[row])), _LEVELS)
        total = np.array([amounts.sum()], "<f4").view("<u2")
        header = [flows.workload[row], flows.place[row], flows.site[row], rtt, used[0], len(part), *total]
        words += [np.array(header), np.where(part > 0, np.clip(np.rint(level), 1, _LEVELS), 0)]
    packed = np.concatenate(words).astype("<u2") if words else np.array([], "<u2")
    return base64.b64encode(packed.tobytes()).decode("ascii")


def _located(table: pd.DataFrame) -> pd.DataFrame:
    """Return label, latitude and longitude of every node, and whether it has coordinates."""
    frame = pd.DataFrame({name: table[name].to_numpy(float) for name in ("lat", "lon")})
    here = frame.notna().all(axis=1)
    return frame.assign(label=labels([str(name) for name in table.iloc[:, 0]]), here=here)


def _regions(instance: Instance) -> pd.DataFrame:
    """Return the span of every region in degrees, names as shown."""
    nodes = pd.concat([table[["region", "lat", "lon"]] for table in (instance.hubs, instance.data_centres)])
    spans = (
        nodes.dropna()
        .groupby("region", sort=False)
        .agg(west=("lon", "min"), south=("lat", "min"), east=("lon", "max"), north=("lat", "max"))
    )
    return labelled(spans)


def _places(hubs: pd.DataFrame, demand: FloatArray) -> tuple[IntArray, pd.DataFrame]:
    """Return the place of every hub (-1 for none), and the largest places: hubs at the same spot are one."""
    of_hub = np.full(len(hubs), -1)
    hubs = hubs.assign(mtok=demand)[hubs["here"]]
    grouped = hubs.groupby(["lat", "lon"], sort=False)
    places = grouped.agg(
        label=("label", lambda names: _together(names.tolist())),
        name=("label", lambda names: _shared(names.tolist())),
        mtok=("mtok", "sum"),
    ).reset_index()
    order = np.argsort(-places["mtok"].to_numpy(float), kind="stable")
    rank = np.empty(len(order), dtype=int)
    rank[order] = np.arange(len(order))
    of_hub[hubs.index] = rank[grouped.ngroup().to_numpy()]
    return of_hub, places.iloc[order[:MOST_PLACES]].reset_index(drop=True)


def _together(names: list[str]) -> str:
    return ", ".join(names) if len(names) < 3 else f"{names[0]} and {len(names) - 1} more"


def _shared(names: list[str]) -> str:
    """Return the leading words that some names share; the first name if there are none.

    Examples
    --------
    >>> _shared(["Beijing fixed", "Beijing mobile"]), _shared(["A", "B"])
    ('Beijing', 'A')
    """
    words = [name.split(" ") for name in names]
    same = itertools.takewhile(lambda column: len(set(column)) == 1, zip(*words, strict=False))
    return " ".join(column[0] for column in same) or names[0]


def _series(
    placement: Placement, steps: Steps, hub_place: IntArray, site_place: IntArray
) -> tuple[tuple[IntArray, ...], FloatArray, FloatArray]:
    """Return workload, place and data centre of every flow, its round trip, and its Mtok by step."""
    formulation, accounts = placement.formulation, placement.accounts
    klass, origin, site, period = assignment_axes(formulation.structure, accounts.demand, accounts.arc)
    here = (hub_place[origin] >= 0) & (site_place[site] >= 0) & carrying(formulation.structure, accounts)
    klass, origin, site, period = (
        formulation.structure.served_class[klass[here]],
        origin[here],
        site[here],
        period[here],
    )
    way, sent = formulation.structure.arc_way[accounts.arc[here]], accounts.sent[here]
    shape = (len(formulation.workloads), max(len(hub_place), 1), max(len(site_place), 1))
    every = np.ravel_multi_index((klass, hub_place[origin], site_place[site]), shape)
    key, of_flow = np.unique(every, return_inverse=True)
    of_step = np.bincount(of_flow * len(steps) + steps.of_hour[period], sent, len(key) * len(steps))
    mtok = np.asarray(of_step, dtype=float).reshape(len(key), len(steps))
    rtt_ms = np.bincount(of_flow, sent * formulation.rtt_ms[origin, way], len(key)) / mtok.sum(axis=1)
    return tuple(np.unravel_index(key, shape)), rtt_ms, mtok


def _fitting(mtok: FloatArray, demand_mtok: float, most_characters: int) -> IntArray:
    """Return the flows to keep, the largest first."""
    total = mtok.sum(axis=1)
    order = np.argsort(-total, kind="stable")
    order = order[total[order] > LEAST_SHARE * demand_mtok]
    used = mtok[order] > 0
    length = used.shape[1] - used[:, ::-1].argmax(axis=1) - used.argmax(axis=1)
    characters = np.cumsum((HEADER_WORDS + length) * _CHARACTERS_PER_WORD)
    return order[: int(np.searchsorted(characters, most_characters, side="right"))]
