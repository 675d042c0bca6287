"""What batteries did and earned, as the page shows it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from placer.placement.result import Placement
from placer.report.html.calendar import Steps
from placer.report.html.markup import labels

#: Columns of the table of a placement that are added up over the hours.
_SUMS = ["charged_mwh", "discharged_mwh", "lost_mwh", "earned_usd"]


@dataclass(frozen=True, eq=False)
class BatteriesContent:
    """The batteries of a placement, those that earn most first. Names are as shown.

    Attributes
    ----------
    table : DataFrame
        By battery: ``at``, its data centre or power zone, ``power_mw``, ``energy_mwh``, and sums over the horizon of
        ``charged_mwh``, ``discharged_mwh``, ``lost_mwh`` and ``earned_usd``.
    charge : DataFrame
        Batteries by steps: what they hold at the end of an hour as a share of what they can hold, the mean over the
        hours of the step; NaN for one that can hold nothing.
    flows : DataFrame
        Steps by ``discharged`` and ``charged``, MWh of all batteries, what they charge below 0.
    """

    table: pd.DataFrame
    charge: pd.DataFrame
    flows: pd.DataFrame


def batteries_content(placement: Placement, steps: Steps) -> BatteriesContent | None:
    """Return the batteries of a placement; None if it has none of any power: those that a plan may build have none."""
    given, hourly = placement.instance.batteries, placement.batteries
    if not (given["power_mw"] > 0).any():
        return None
    by_hour = {name: hourly[name].to_numpy().reshape(len(given), -1) for name in (*_SUMS, "content_mwh")}
    names = pd.Index(labels(given["battery"].astype(str).tolist()), name="battery")
    places = given["data_centre"].fillna(given["power_zone"]).astype(str).tolist()
    table = pd.DataFrame(
        {"at": labels(places), "power_mw": given["power_mw"].to_numpy(), "energy_mwh": given["energy_mwh"].to_numpy()}
        | {name: by_hour[name].sum(axis=1) for name in _SUMS},
        index=names,
    )
    held = given["energy_mwh"].to_numpy(float)[:, np.newaxis]
    share = np.divide(by_hour["content_mwh"], held, out=np.full(by_hour["content_mwh"].shape, np.nan), where=held > 0)
    order = table["earned_usd"].to_numpy().argsort(kind="stable")[::-1]
    signed = {"discharged": by_hour["discharged_mwh"], "charged": -by_hour["charged_mwh"]}
    return BatteriesContent(
        table=table.iloc[order],
        charge=pd.DataFrame(steps.mean(share), index=names, columns=list(steps.labels)).iloc[order],
        flows=pd.DataFrame(
            {name: steps.total(mwh.sum(axis=0)) for name, mwh in signed.items()},
            index=pd.Index(steps.labels, name=steps.unit),
        ),
    )
