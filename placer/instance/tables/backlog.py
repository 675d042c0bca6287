"""Backlog: work that has arrived at data centres before the horizon begins, and waits there.

The tables of an instance state a backlog as demand of the first hour, so that solvers, certificates, prices and
ceilings need no rule of their own for it:

    workloads   one row for every workload and time left, named like ``indexing, 3 h left``: the columns of the
                workload, which ``backlog_of`` names, with ``deadline_hours`` = ``hours_left``, no traffic and no
                latency limit
    hubs        one row for every data centre with a backlog, named like ``backlog at plateau``: ``backlog_at`` names
                the data centre, and the only route leads there, over no link and in 0 ms
    demand      one row of the first hour for every row of the backlog

The work is served at its data centre, or not at all. Transit and surcharges were paid, and value was lost to latency,
when it was sent. A Mtok left unserved costs the penalty of its workload (``placer.model.formulation``). The hubs have
no region, so that nothing counts as export.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
from scipy.sparse import csr_array, diags_array

from placer.errors import Violation, refuse
from placer.instance.attributes.schema import BACKLOG
from placer.instance.attributes.settings import Settings
from placer.instance.attributes.synonyms import with_nearest
from placer.instance.attributes.validation import show
from placer.instance.hours.horizon import hours_of
from placer.instance.network.routes import Routes
from placer.instance.tables.cleaning import clean, tabulate
from placer.instance.tables.given import TableLike, as_tables
from placer.tolerances import INPUT

Tables = Mapping[str, pd.DataFrame]


def backlog_table(tables: Tables) -> pd.DataFrame:
    """Return the backlog of an instance: ``workload``, ``data_centre``, ``hours_left``, ``mtok``."""
    demand = tables["demand"]
    workloads, hubs = tables["workloads"].set_index("workload"), tables["hubs"].set_index("hub")
    rows = demand[demand["hub"].map(hubs["backlog_at"]).notna().to_numpy(bool)]
    return pd.DataFrame(
        {
            "workload": rows["workload"].map(workloads["backlog_of"]).to_numpy(object),
            "data_centre": rows["hub"].map(hubs["backlog_at"]).to_numpy(object),
            "hours_left": rows["workload"].map(workloads["deadline_hours"]).to_numpy(float),
            "mtok": rows["mtok"].to_numpy(float),
        }
    )


def without_backlog(tables: Tables) -> dict[str, pd.DataFrame]:
    """Return the tables of workloads, hubs and demand without the rows that state a backlog."""
    workloads, hubs, demand = tables["workloads"], tables["hubs"], tables["demand"]
    queues = hubs["hub"][hubs["backlog_at"].notna()]
    return {
        "workloads": workloads[workloads["backlog_of"].isna()],
        "hubs": hubs[hubs["backlog_at"].isna()],
        "demand": demand[~demand["hub"].isin(queues)],
    }


def stated(tables: Tables, settings: Settings, given: TableLike) -> dict[str, pd.DataFrame]:
    """Return the tables of workloads, hubs and demand with a backlog, in place of the one they have.

    Parameters
    ----------
    tables : mapping of str to DataFrame
        Of an instance.
    given : DataFrame or sequence of mappings
        ``workload``, ``data_centre``, ``hours_left``, ``mtok``.

    Raises
    ------
    InstanceError
        Listing every violation of the backlog.
    """
    base = without_backlog(tables)
    backlog, violations = _read(given)
    violations += _strangers(backlog, base["workloads"], tables["data_centres"])
    violations += _not_waiting(backlog, base["workloads"], tables["data_centres"], settings.hour_length)
    violations += out_of_order(tables, settings) if len(backlog) else []
    refuse(violations)
    if backlog.empty:
        return base
    first = hours_of(base["demand"]["hour"])[0]
    names = [f"{row.workload}, {row.hours_left:.9g} h left" for row in backlog.itertuples(index=False)]
    queues = [f"backlog at {name}" for name in backlog["data_centre"]]
    rows = pd.DataFrame({"workload": names, "hub": queues, "hour": first, "mtok": backlog["mtok"]})
    rows["hour"] = rows["hour"].astype(base["demand"]["hour"].dtype)
    return {
        "workloads": _below(base["workloads"], _waiting_workloads(base["workloads"], backlog, names)),
        "hubs": _below(base["hubs"], _queues(tables["data_centres"], backlog, queues)),
        "demand": _below(base["demand"], rows),
    }


def backlog_of_names(tables: Tables, names: Iterable[object]) -> list[str]:
    """Return the rows of workloads and hubs that state a backlog of one of the named workloads and data centres."""
    wanted = [str(name) for name in names]
    workloads, hubs = tables["workloads"], tables["hubs"]
    return [
        *workloads["workload"][workloads["backlog_of"].isin(wanted)],
        *hubs["hub"][hubs["backlog_at"].isin(wanted)],
    ]


def served_where_it_waits(routes: Routes, backlog_at: pd.Series, data_centres: pd.Series) -> Routes:
    """Return the routes with those of every backlog replaced by one of 0 ms to its data centre, over no link."""
    waits = backlog_at.notna().to_numpy(bool)
    if not waits.any():
        return routes
    own = backlog_at.to_numpy(object)[:, None] == data_centres.to_numpy(object)[None, :]
    at_own = np.full(routes.rtt_ms.shape, np.inf)
    at_own[:, :: routes.per_pair] = np.where(own, 0.0, np.inf)
    kept = np.repeat(~waits, routes.rtt_ms.shape[1]).astype(float)
    return replace(
        routes,
        rtt_ms=np.where(waits[:, None], at_own, routes.rtt_ms),
        usd_per_gb=np.where(waits[:, None], 0.0, routes.usd_per_gb),
        links=csr_array(diags_array(kept) @ routes.links),
    )


def backlog_problems(frames: Tables, settings: Settings) -> list[Violation]:
    """Return the violations of rows that state a backlog, in tables without other defects."""
    workloads, hubs, demand = frames["workloads"], frames["hubs"], frames["demand"]
    of = dict(zip(workloads["workload"], workloads["backlog_of"], strict=True))
    deadline = dict(zip(workloads["workload"], workloads["deadline_hours"], strict=True))
    queued = set(hubs["hub"][hubs["backlog_at"].notna()])
    if not queued and all(base is None for base in of.values()):
        return []  # the demand of a year is long
    violations = out_of_order(frames, settings)
    for name, base in of.items():
        if base is None:
            continue
        if of[base] is not None:
            problem = f"{show(base)} is itself a backlog"
            violations.append(Violation("workloads", name, "backlog_of", problem, "a workload that users ask for"))
        elif deadline[name] > deadline[base] + INPUT:
            problem = f"{deadline[name]:g} is more than {base} may wait"
            violations.append(Violation("workloads", name, "deadline_hours", problem, f"0 to {deadline[base]:g}"))
    first = hours_of(demand["hour"])[0]
    for row in demand[demand["hub"].isin(queued) | demand["workload"].map(of).notna()].itertuples(index=False):
        label = f"{row.workload}|{row.hub}|{row.hour}"
        if (of[row.workload] is None) or (row.hub not in queued):
            allowed = "a workload with backlog_of at a hub with backlog_at"
            violations.append(Violation("demand", label, "", "half a backlog", allowed))
        elif row.hour != first:
            violations.append(Violation("demand", label, "hour", "a backlog after the first hour", str(first)))
    return violations


def out_of_order(tables: Tables, settings: Settings) -> list[Violation]:
    """Return what keeps the hours of a horizon from following each other, so that no work can be handed on."""
    violations = []
    if settings.cyclic:
        problem = "a cyclic horizon has no beginning and no end, so no work is handed on"
        violations.append(Violation("settings", "", "cyclic", problem, "false"))
    periods = tables["periods"]
    if (periods["weight"] != 1).any() or len(set(periods["block"])) > 1:
        problem = "hours with weights or in blocks do not follow each other, so no work is handed on"
        violations.append(Violation("periods", "", "", problem, "no table of periods"))
    return violations


def _read(given: TableLike) -> tuple[pd.DataFrame, list[Violation]]:
    """Return a backlog with exact types, and its defects."""
    frames, violations, unreadable = as_tables({BACKLOG.name: given})
    frame = frames.get(BACKLOG.name)
    if frame is None or unreadable or (frame.empty and not len(frame.columns)):
        return clean(tabulate([], BACKLOG), BACKLOG)[0], violations
    cleaned, found = clean(frame, BACKLOG)
    return cleaned, violations + found


def _strangers(backlog: pd.DataFrame, workloads: pd.DataFrame, data_centres: pd.DataFrame) -> list[Violation]:
    """Return the names of a backlog that the instance does not have."""
    violations = []
    for column, known in (("workload", workloads["workload"]), ("data_centre", data_centres["data_centre"])):
        strange = backlog[column].notna() & ~backlog[column].isin(known)
        for place in np.flatnonzero(strange).tolist():
            name = str(backlog[column].iloc[place])
            allowed = with_nearest(f"the name of a {column.replace('_', ' ')}", name, known)
            violations.append(_violation_of(_label(backlog, place))(column, f"{show(name)} is unknown", allowed))
    return violations


def _not_waiting(
    backlog: pd.DataFrame, workloads: pd.DataFrame, data_centres: pd.DataFrame, hour_length: float
) -> list[Violation]:
    """Return the rows of a backlog that cannot wait, wait too long or may not be where they are."""
    violations = []
    deadlines = dict(zip(workloads["workload"], workloads["deadline_hours"], strict=True))
    jurisdictions = dict(zip(workloads["workload"], workloads["jurisdictions"], strict=True))
    places = dict(zip(data_centres["data_centre"], data_centres["jurisdiction"], strict=True))
    rows = zip(*(backlog[name] for name in BACKLOG.key), strict=True)
    for place, (name, data_centre, hours) in enumerate(rows):
        if name not in deadlines:
            continue
        say, deadline, allowed = _violation_of(_label(backlog, place)), deadlines[name], jurisdictions[name]
        if deadline < hour_length - INPUT:
            least = f"a workload with deadline_hours >= {hour_length:g}"
            violations.append(say("workload", f"{name} cannot wait", least))
        elif hours > deadline + INPUT:
            problem = f"{hours:g} is more than the {deadline:g} hours that {name} may wait"
            violations.append(say("hours_left", problem, f"0 to {deadline:g}"))
        if allowed and data_centre in places and places[data_centre] not in allowed:
            problem = f"{name} may not run at {data_centre}"
            violations.append(say("data_centre", problem, f"a data centre in {', '.join(allowed)}"))
    return violations


def _violation_of(row: str) -> Callable[[str, str, str], Violation]:
    return lambda column, problem, allowed: Violation(BACKLOG.name, row, column, problem, allowed)


def _label(backlog: pd.DataFrame, place: int) -> str:
    """Return the key of a row as the check of its columns writes it."""
    name, data_centre, hours = (backlog[column].iloc[place] for column in BACKLOG.key)
    return "|".join([*(str(each) for each in (name, data_centre) if each is not None), f"{hours:g}"])


def _waiting_workloads(workloads: pd.DataFrame, backlog: pd.DataFrame, names: list[str]) -> pd.DataFrame:
    """Return one row for every workload and time left, named as the demand of the backlog names it."""
    rows = workloads.set_index("workload", drop=False).loc[backlog["workload"]].reset_index(drop=True)
    rows = rows.assign(
        workload=names,
        backlog_of=backlog["workload"].to_numpy(object),
        deadline_hours=backlog["hours_left"].to_numpy(float),
        gb_per_mtok=0.0,
        server_ms=0.0,
        latency_slo_ms=np.inf,
    )
    return rows.drop_duplicates("workload")


def _queues(data_centres: pd.DataFrame, backlog: pd.DataFrame, names: list[str]) -> pd.DataFrame:
    """Return one hub for every data centre with a backlog, at the place of the data centre."""
    sites = data_centres.set_index("data_centre", drop=False).loc[backlog["data_centre"]].reset_index(drop=True)
    columns: dict[str, Any] = {"hub": names, "region": None, "access_ms": 0.0}
    columns |= {name: sites[name] for name in ("lat", "lon", "utc_offset_hours")}
    columns["backlog_at"] = sites["data_centre"]
    return pd.DataFrame(columns).drop_duplicates("hub")


def _below(table: pd.DataFrame, rows: pd.DataFrame) -> pd.DataFrame:
    """Return a table with rows below it; absent columns are missing, and hold the default."""
    empty = pd.Series([None] * len(rows), dtype=object)
    columns = {
        name: pd.concat([table[name], rows[name]], ignore_index=True)
        if name in rows
        else pd.Series([*table[name], *empty], dtype=object)
        for name in table.columns
    }
    return pd.DataFrame(columns)
