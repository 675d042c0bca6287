"""Figures of security of a demand set: the loss of any one data centre, work that waits unprotected."""

from __future__ import annotations

from typing import TYPE_CHECKING

from placer.ceiling.exports import export_ceiling
from placer.running import running
from placer.security.definition import Security
from placer.security.secure import secured

if TYPE_CHECKING:
    from placer.instance.problem import Instance
    from placer.placement.result import Placement

#: What every demand set must survive.
SECURITY = Security("data_centres")


def price_of_security(placement: Placement, time_limit_seconds: float) -> dict[str, float]:
    """Return what security costs beside a placement, and the work that strands over all contingencies together.

    Raises
    ------
    NoSolutionError
        As ``placer.solve`` with a security.
    """
    with running(time_limit_seconds=time_limit_seconds):
        found = secured(placement, SECURITY)
    return {
        "security_usd": found.security_usd,
        "security_usd_per_mtok": found.security_usd_per_mtok,
        "stranded_mtok": sum(found.stranded_mtok.values()),
    }


def secure_ceiling_figures(instance: Instance, time_limit_seconds: float) -> dict[str, float]:
    """Return the secure ceiling by tokens, and the work that strands over all contingencies together.

    Raises
    ------
    NoSolutionError
        As ``placer.export_ceiling`` with a security.
    """
    found = export_ceiling(instance, security=SECURITY, time_limit_seconds=time_limit_seconds)
    return {
        "secure_ceiling_share": found.share,
        "secure_ceiling_stranded_mtok": float(found.contingencies["stranded_mtok"].sum()),
    }
