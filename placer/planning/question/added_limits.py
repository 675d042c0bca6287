"""How builds raise the limits of a state, in its structure and in the tables of its instance.

The limits of a structure, laid end to end,

    b = (capacity, intake, tier_limit, link_capacity, cap_limit, power, energy)

are ``b + M z`` at z units of the candidates. In a period t of ``h_t`` hours a unit adds

    accelerators     max_utilisation_j h_t share_jt     to  capacity_jt, and of a pool to its row, where it has one,
                                                            there times the max_utilisation of the pool
    power_limit_mw   h_t share_jt                       to  intake_jt
    limit_mw         h_t share_st                       to  tier_limit_st     of a supply
    limit_mw         h_t share_zt                       to  cap_limit_c       of a power zone: c is its row of period t
    capacity_gbps    450 h_t share_lt                   to  link_capacity_lt
    power_mw         h_t share_bt                       to  power_bt          of a battery
    energy_mwh       w_t share_bt                       to  energy_bt         w_t: how often the period counts

``share`` is the availability: the limit of the state in that period, divided by the largest limit of the instance in
any period, and at most 1. So a wind unit follows the wind of the state, and builds add nothing to a target in outage.
If the largest limit of the instance is 0 or infinite, the share is 1. It is then multiplied by the candidate's own
``usable_share`` of the period. An unlimited row stays unlimited: M is 0 there. M
is also 0 for a target that the state has lost. Arcs and costs do not change with z.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy.sparse import coo_array, csr_array

from placer.decomposition.limits import first_position, limits_of
from placer.instance.attributes.schema import ACCELERATOR_POOLS, BATTERIES
from placer.instance.pools import pool_site
from placer.instance.problem import Instance
from placer.model.assembly import GB_PER_GBPS_HOUR
from placer.model.caps import OWN_CAPS
from placer.model.formulation import Formulation
from placer.model.structure import Structure
from placer.planning.question.candidates import Candidates, UsableShare
from placer.planning.question.targets import OF_BATTERIES, target_limits
from placer.utils.arrays import FloatArray, IntArray

#: The limit of a structure that each kind of candidate raises, if its row has a limit in every period.
_RAISES = {
    "accelerators": "capacity",
    "power_limit_mw": "intake",
    "limit_mw": "tier_limit",
    "capacity_gbps": "link_capacity",
    "power_mw": "power",
    "energy_mwh": "energy",
}
#: What a unit of other kinds than accelerators adds to the limit in an hour, if that is not 1.
_FACTORS = {"capacity_gbps": GB_PER_GBPS_HOUR}


def added_limits(base: Instance, state: Instance, formulation: Formulation, candidates: Candidates) -> csr_array:
    """Return ``M``: the amount that a unit of each candidate adds to each limit of a state (limits, candidates).

    Parameters
    ----------
    base : Instance
        Availability is relative to its limits.
    formulation : Formulation
        Of the state.
    """
    structure = formulation.structure
    rows, columns, values = [], [], []
    in_base = target_limits(base, candidates.adds, candidates.target)
    in_state = in_base if state is base else target_limits(state, candidates.adds, candidates.target)
    hours = formulation.period_hours
    targets = zip(candidates.adds, candidates.target, in_base, in_state, candidates.usable_share, strict=True)
    for place, (adds, target, (_, _, before), (table, row, limit), usable) in enumerate(targets):
        if row < 0 or (adds == "power_mw" and not _may_hold(state, candidates, target)):
            continue
        share = share_of(before, limit, usable)
        site, part = int(pool_site(state)[row]) if table == ACCELERATOR_POOLS.name else row, np.ones(1)
        if table == "power_zones":
            periods, raised = _cap_rows(formulation, [limit.zone == target for limit in formulation.limits])
        elif table == ACCELERATOR_POOLS.name:
            own = float(state.accelerator_pools["max_utilisation"].iloc[row])
            periods, raised, part = _pool_rows(formulation, row, site, own)
        else:
            periods, raised = _rows(structure, adds, row)
        rows.append(raised)
        columns.append(np.full(len(raised), place))
        factor = formulation.max_utilisation[site] if adds == "accelerators" else _FACTORS.get(adds, 1.0)
        counted = formulation.weights if adds == "energy_mwh" else hours
        values.append((factor * counted * share)[periods] * part)
    shape = (len(limits_of(structure)), len(candidates.names))
    if not rows:
        return csr_array(shape)
    entries = (np.concatenate(values), (np.concatenate(rows), np.concatenate(columns)))
    added = csr_array(coo_array(entries, shape=shape))
    added.eliminate_zeros()
    return added


def _may_hold(state: Instance, candidates: Candidates, battery: str) -> bool:
    """Return whether a battery holds energy or may be built to: power alone, which could burn power, is no battery."""
    held = state.batteries.set_index("battery")["energy_mwh"][battery]
    return bool(held > 0) or ("energy_mwh", battery) in zip(candidates.adds, candidates.target, strict=True)


def share_of(base: FloatArray, state: FloatArray, usable: UsableShare = 1.0) -> FloatArray:
    """Return the availability of builds by period; 0 where the state has no limit to raise.

    Parameters
    ----------
    base, state : (periods,) arrays
        The limit by period, in the instance and in the state.
    usable : float or sequence of (periods,) float
        Of a unit at full availability.
    """
    most = float(base.max())
    share = np.ones_like(state) if most == 0 or np.isinf(most) else np.minimum(state / most, 1.0)
    return np.where(np.isfinite(state), share * np.asarray(usable, dtype=float), 0.0)


def _rows(structure: Structure, adds: str, row: int) -> tuple[IntArray, IntArray]:
    """Return all periods, and the positions in ``b`` of the limits of a table row in these periods.

    A battery with a green and a grey content is a row for each, of the same limits.
    """
    stores, rows = structure.stores, np.array([row])
    if adds in OF_BATTERIES and stores is not None and stores.bank is not None:
        rows = np.flatnonzero(stores.bank == row)
    periods = np.tile(np.arange(structure.periods), len(rows))
    first = first_position(structure, _RAISES[adds])
    return periods, first + np.repeat(rows, structure.periods) * structure.periods + periods


def _cap_rows(formulation: Formulation, chosen: list[bool]) -> tuple[IntArray, IntArray]:
    """Return the periods of some limits by the hour, and their positions in ``b``."""
    places = np.flatnonzero(chosen)
    periods = [int(formulation.limits[place].hour.argmax()) for place in places.tolist()]
    return np.array(periods, dtype=int), first_position(formulation.structure, "cap_limit") + OWN_CAPS + places


def _pool_rows(
    formulation: Formulation, pool: int, site: int, max_utilisation: float
) -> tuple[IntArray, IntArray, FloatArray]:
    """Return the limits that a pool adds to, of its data centre and its own: periods, positions in ``b``, and the part.

    The part is that of what a data centre adds: the pool's own ``max_utilisation`` in its own limits.
    """
    of_site = _rows(formulation.structure, "accelerators", site)
    limited = np.isfinite(formulation.structure.capacity[site])
    own = _cap_rows(formulation, [limit.pool == pool for limit in formulation.limits])
    both = [np.append(part[limited], more) for part, more in zip(of_site, own, strict=True)]
    return both[0], both[1], np.repeat([1.0, max_utilisation], [int(limited.sum()), len(own[0])])


def with_builds(base: Instance, state: Instance, candidates: Candidates, units: FloatArray) -> Instance:
    """Return a state with some units of the candidates built; ``added_limits`` makes the same change in its structure.

    A battery with power and no energy, or energy and no power, which no instance may have, has neither.

    Parameters
    ----------
    base : Instance
        Availability is relative to its limits.
    units : (candidates,) array
        At least 0.
    """
    in_base, in_state = (target_limits(each, candidates.adds, candidates.target) for each in (base, state))
    frames: dict[str, pd.DataFrame] = {}
    shares = candidates.usable_share
    targets = zip(candidates.adds, in_base, in_state, units.tolist(), shares, strict=True)
    for adds, (_, _, before), (table, row, limit), built, usable in targets:
        if row < 0 or not built:
            continue
        added = built * share_of(before, limit, usable)
        frame = frames.setdefault(table, state.tables[table])
        already = np.broadcast_to(np.asarray(frame[adds].iloc[row], dtype=float), added.shape)
        frame[adds] = _with_cell(frame[adds], row, already + added)
    if BATTERIES.name in frames:
        frames[BATTERIES.name] = _of_use(frames[BATTERIES.name])
    return state.replace(**frames) if frames else state


def _of_use(batteries: pd.DataFrame) -> pd.DataFrame:
    """Return batteries with neither power nor energy where one of both is 0: the other is of no use."""
    sizes = batteries[list(OF_BATTERIES)].astype(float)
    return batteries.assign(**sizes.where((sizes > 0).all(axis=1), 0.0))


def _with_cell(column: pd.Series, row: int, values: FloatArray) -> pd.Series:
    """Return a column with other values in one row: one number if the values of all hours are equal."""
    changed = column.astype(object)
    changed.iloc[row] = float(values[0]) if (values == values[0]).all() else tuple(values.tolist())
    return changed
