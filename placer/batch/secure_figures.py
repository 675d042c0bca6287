"""Security figures of a demand set: loss of any one element of a kind; deferrable work is not protected."""

from __future__ import annotations

from placer.ceiling.exports import export_ceiling
from placer.instance.problem import Instance
from placer.placement.result import Placement
from placer.running import running
from placer.security.definition import KINDS, Kind, Security
from placer.security.secure import secured

#: The kind whose analyses and figures have no prefix.
PLAIN: Kind = "data_centres"
#: The kinds whose names stand before those of their analyses and figures.
PREFIXED: tuple[Kind, ...] = tuple(kind for kind in KINDS if kind != PLAIN)


def named(kind: Kind, name: str) -> str:
    """Return the name of an analysis or a figure for the loss of any one thing of a kind.

    Examples
    --------
    >>> named("data_centres", "secure_ceiling"), named("links", "secure_ceiling")
    ('secure_ceiling', 'links_secure_ceiling')
    """
    return name if kind == PLAIN else f"{kind}_{name}"


def price_of_security(placement: Placement, kind: Kind, time_limit_seconds: float) -> dict[str, float]:
    """Return what security costs beside a placement, and the work that strands over all contingencies together.

    Raises
    ------
    NoSolutionError
        As ``placer.solve`` with a security.
    """
    with running(time_limit_seconds=time_limit_seconds):
        found = secured(placement, Security(kind))
    figures = {
        "security_usd": found.security_usd,
        "security_usd_per_mtok": found.security_usd_per_mtok,
        "stranded_mtok": sum(found.stranded_mtok.values()),
    }
    return {named(kind, name): value for name, value in figures.items()}


def secure_ceiling_figures(instance: Instance, kind: Kind, time_limit_seconds: float) -> dict[str, float]:
    """Return the secure ceiling by tokens, and the work that strands over all contingencies together.

    Raises
    ------
    NoSolutionError
        As ``placer.export_ceiling`` with a security.
    """
    found = export_ceiling(instance, security=Security(kind), time_limit_seconds=time_limit_seconds)
    figures = {
        "secure_ceiling_share": found.share,
        "secure_ceiling_stranded_mtok": float(found.contingencies["stranded_mtok"].sum()),
    }
    return {named(kind, name): value for name, value in figures.items()}
