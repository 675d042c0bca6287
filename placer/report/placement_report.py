"""The report of one placement, with the analyses of it that the caller gives."""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from placer.datasets.folder import Dataset
from placer.instance.arguments import need_placement
from placer.placement.result import Placement
from placer.report.content.origin import origin_of
from placer.report.content.page import Subject
from placer.report.write import write_page

if TYPE_CHECKING:
    from placer.ceiling.result import ExportCeiling
    from placer.ceiling.secure.result import SecureCeiling
    from placer.near_optimal.result import Alternatives
    from placer.planning.answer.accounts import PlanAccounts
    from placer.planning.answer.result import Plan
    from placer.replays.result import Replay
    from placer.security.result import Audit
    from placer.sensitivity.result import Sensitivity
    from placer.trades.result import Trade


def write_report(
    placement: Placement,
    path: str | os.PathLike[str],
    *,
    title: str | None = None,
    ceiling: ExportCeiling | None = None,
    dataset: Dataset | None = None,
    ranges: Iterable[pd.DataFrame] = (),
    sensitivity: Sensitivity | None = None,
    plan: Plan | None = None,
    plan_accounts: PlanAccounts | None = None,
    audit: Audit | None = None,
    secure_ceiling: SecureCeiling | None = None,
    replay: Replay | None = None,
    trade: Trade | None = None,
    alternatives: Alternatives | None = None,
    date: dt.date | None = None,
) -> Path:
    """Write a placement as one HTML file, which opens offline and prints well, and return its path.

    Parameters
    ----------
    placement : Placement
    path : str or path
        The file; its folder must exist. An existing file is replaced.
    title : str, optional
        ``Placement``, or ``What to build`` of a plan, if not given.
    ceiling : ExportCeiling, optional
        A ceiling of the same instance. The report solves for its curve, limits and economic range where they are
        missing, which may take longer than the placement did.
    dataset : Dataset, optional
        The source of the instance (``placer.datasets.describe``), for its description and sources.
    ranges : iterable of DataFrame
        Tables of ``placer.export_ranges``, by workload, by hub or both: least and most exports beside those shown.
    sensitivity : Sensitivity, optional
        A study of the same instance (``placer.sensitivity``, ``placer.read_sensitivity``).
    plan : Plan, optional
        A plan of the same instance, or the plan with a state that this placement belongs to.
    plan_accounts : PlanAccounts, optional
        The accounts of the plan (``Plan.accounts``), for a section on who pays for it.
    audit : Audit, optional
        An audit of this placement (``placer.audit``), for the section *If one is lost*.
    secure_ceiling : SecureCeiling, optional
        A secure ceiling of the same instance (``placer.export_ceiling`` with ``security``), for the same section.
    replay : Replay, optional
        Days around this instance (``placer.replay``), for the section *Without foresight*.
    trade : Trade, optional
        The trade of this placement (``placer.trade``), for its ``gains`` if they were asked for, or for other countries
        than regions, in the section *Who sells tokens to whom*.
    alternatives : Alternatives, optional
        Other answers of nearly the same cost (``placer.alternatives``), for the section *What else is nearly as cheap*.
    date : date, optional
        Date in the foot; today's if not given.

    Raises
    ------
    ArgumentError
        If ``placement`` is not a Placement, or export ranges are not those of the placement.
    InstanceError
        If an analysis belongs to another instance, or an audit or a trade to another placement.
    PlacerError
        If the file cannot be written.
    """
    need_placement(placement)
    subject = Subject(
        ("Placement" if plan is None else "What to build") if title is None else title,
        placement,
        ceiling,
        dataset,
        ranges=ranges,
        sensitivity=sensitivity,
        plan=plan,
        plan_accounts=plan_accounts,
        audit=audit,
        secure_ceiling=secure_ceiling,
        replay=replay,
        trade=trade,
        alternatives=alternatives,
    )
    return write_page(path, [subject], origin_of("placer.write_report", date))
