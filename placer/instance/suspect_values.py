"""Values that are typical alone and suspect beside others of their instance, one sentence each.

power_limit_mw       beside the accelerators: kilowatts where megawatts are meant
usd_per_mwh          of a grid, on average over the horizon: cents per kWh, or another currency
amount               of a tariff on customs value: per cent where a share is meant
accelerators         not stated at a data centre, beside others that state theirs
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from placer.currency import NEAR_USD
from placer.instance.checks.policy_checks import TARIFF_SHARE
from placer.instance.pools import accelerators_of
from placer.instance.problem import Instance
from placer.instance.tables.given import unstated
from placer.instance.typical import TYPICAL, amounts_of
from placer.utils.arrays import BoolArray, FloatArray
from placer.utils.numbers import in_full, quantity

#: Usual power of an accelerator with its share of the servers, the network and the cooling, in kW.
USUAL_KW = (0.1, 10.0)
_KW_PER_MW = 1e3
#: Usual mean price of power from a grid, in USD per MWh.
USUAL_USD_PER_MWH = (10.0, 500.0)
#: Number of names that a sentence spells out.
_NAMED = 3


def suspect_values(instance: Instance) -> list[str]:
    """Return a sentence for every kind of value that is suspect beside others."""
    return [*_kilowatts(instance), *_grid_prices(instance), *_tariffs_in_percent(instance)]


def _kilowatts(instance: Instance) -> list[str]:
    """Name the data centres whose power limit, taken for kilowatts, is what their accelerators usually take.

    A limit of some ten kilowatts an accelerator is no slip: a site may be wired for more accelerators than it has.
    """
    limit_mw = instance.hourly("data_centres", "power_limit_mw")
    with np.errstate(divide="ignore", invalid="ignore"):
        mw_each = _median_of_given(limit_mw / accelerators_of(instance))
    beyond = mw_each >= USUAL_KW[0]
    if not beyond.any():
        return []
    usual = f"above the usual {quantity(USUAL_KW[0])} to {quantity(USUAL_KW[1])}"
    of, kw_each = _of(instance.data_centres["data_centre"], beyond), _span(_KW_PER_MW * mw_each[beyond])
    return [f"data_centres.power_limit_mw{of} is {kw_each} kW per accelerator, {usual}: in kW?"]


def _grid_prices(instance: Instance) -> list[str]:
    """Name the grids whose mean price is unusual, where the typical price of an hour says nothing.

    A single cheap grid is no mistake, since some countries subsidise power: the median of all grids is judged.
    """
    if instance.settings.currency not in NEAR_USD:
        return []
    weights, hourly = instance.weights, instance.hourly("power_zones", "usd_per_mwh")
    mean, named = np.abs(hourly @ weights) / weights.sum(), instance.tables["power_zones"]["power_zone"]
    typical = next(each for each in TYPICAL if (each.table, each.column) == ("power_zones", "usd_per_mwh"))
    hour = amounts_of(instance, typical)
    judged = _is_grid(instance) & (mean > 0) & (hour >= typical.low) & (hour <= typical.high)
    if not judged.any():
        return []
    low, high = USUAL_USD_PER_MWH
    unit = f"{instance.settings.currency} per MWh on average"
    dear, found = judged & (mean > high), []
    if (median := float(np.median(mean[judged]))) < low:
        slip = f"in cents per kWh, or in {instance.settings.currency} per kWh?"
        found.append(
            f"power_zones.usd_per_mwh is {_span(np.array([median]))} {unit}, below the usual {quantity(low)}: {slip}"
        )
    if dear.any():
        said = f"{_span(mean[dear])} {unit}, above the usual {quantity(high)}: in another currency?"
        found.append(f"power_zones.usd_per_mwh{_of(named, dear)} is {said}")
    return found


def _is_grid(instance: Instance) -> BoolArray:
    """Mark the power zones that sell to some data centre without a limit: plants have one."""
    supplies = instance.supplies["power_zone"].to_numpy(object)
    is_open = np.isinf(instance.hourly("supplies", "limit_mw")).all(axis=1)
    named = instance.tables["power_zones"]["power_zone"].isin(set(supplies[is_open])).to_numpy(bool)
    return np.asarray(named & np.isinf(instance.hourly("power_zones", "limit_mw")).all(axis=1))


def _tariffs_in_percent(instance: Instance) -> list[str]:
    """Name the tariffs of more than the customs value."""
    policies = instance.tables["policies"]
    above = policies[(policies["kind"] == TARIFF_SHARE) & (policies["amount"] > 1)]
    return [
        f"policy {name} charges {quantity(amount)} times the customs value: "
        f"is {quantity(amount)} meant as {quantity(amount)} %?"
        for name, amount in zip(above["policy"], above["amount"], strict=True)
    ]


def unlimited_unawares(instance: Instance) -> list[str]:
    """Return the notes of ``unstated_accelerators`` that still hold for an instance whose work takes accelerators."""
    if not instance.workloads["accelerator_hours_per_mtok"].any():
        return []
    is_unlimited = np.asarray(np.isinf(accelerators_of(instance)).all(axis=1))
    names = instance.tables["data_centres"]["data_centre"].to_numpy(object)[is_unlimited]
    return [note for note in map(unstated, names) if note in instance.notes] if not is_unlimited.all() else []


def _median_of_given(hourly: FloatArray) -> FloatArray:
    """Return the median over the hours with a positive finite value of every row; 0 without any (rows,)."""
    given = np.isfinite(hourly) & (hourly > 0)
    return np.array([np.median(row[own]) if own.any() else 0.0 for row, own in zip(hourly, given, strict=True)])


def _span(values: FloatArray) -> str:
    least, most = in_full(values.min()), in_full(values.max())
    return least if least == most else f"{least} to {most}"


def _of(names: Iterable[object], chosen: BoolArray) -> str:
    """Return which rows are meant; nothing if all are."""
    if chosen.all():
        return ""
    found = [str(name) for name, is_chosen in zip(names, chosen, strict=True) if is_chosen]
    more = len(found) - _NAMED
    return f" of {', '.join(found[:_NAMED])}" + (f" and {more:,} more" if more > 0 else "")
