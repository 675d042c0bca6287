"""Security: audits, secure placements by one program and by cuts, secure ceilings."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

import placer
from placer.security import solving

from .checks import DocumentedError, Subject, at_most, documented, holds, near, shown, whole
from .exporting import exports
from .placing import MAY_LACK


def securities(subject: Subject) -> Iterator[placer.Security]:
    """Yield the losses that the instance can have."""
    yield placer.Security("data_centres")
    if not subject.instance.supplies.empty:
        yield placer.Security("power_zones")
    yield placer.Security("links", protected=dict.fromkeys(subject.instance.workloads["workload"], 0.5))


@contextmanager
def by_cuts() -> Iterator[None]:
    """Take cuts for a problem of any size."""
    before = solving.LARGE_FROM
    solving.LARGE_FROM = 0
    try:
        yield
    finally:
        solving.LARGE_FROM = before


def for_each_loss(subject: Subject, check: Callable[[Subject, placer.Security], None]) -> None:
    """Check every security that the instance can have; refuse the draw if all of them are refused."""
    subject.need_placement()
    answered, refusals = 0, []
    for security in securities(subject):
        try:
            check(subject, security)
            answered += 1
        except DocumentedError as error:
            refusals.append(error)
    if not answered:
        raise refusals[0]


def audit(subject: Subject) -> None:
    """Check the audit of a placement under both rules."""
    for_each_loss(subject, _audit)


def secure(subject: Subject) -> None:
    """Check secure placements by one program."""
    for_each_loss(subject, _secure)


def cuts(subject: Subject) -> None:
    """Check that secure placements by cuts are those of one program."""
    for_each_loss(subject, _cuts)


def secure_ceiling(subject: Subject) -> None:
    """Check secure ceilings under both rules, and a curve."""
    for_each_loss(subject, _secure_ceiling)


def _audit(subject: Subject, security: placer.Security) -> None:
    placement, both = subject.placement, []
    for recourse in ("displaced", "all"):
        rule = placer.Security(security.contingencies, recourse, security.protected)
        with refused(subject):
            found = placer.audit(placement, rule)
        whole("contingencies", found.contingencies, ("*",))
        whole("workloads", found.workloads, ("*",))
        whole("binding", found.binding, ("*",))
        shown(found)
        found.summary()
        holds("passed", found.passed == (found.stranded_mtok <= 1e-9 * placement.demand_mtok))
        both.append(found.contingencies["stranded_mtok"].sum())
    if not subject.has_limits:
        at_most("work that strands if all may move", both[1], both[0], placement.demand_mtok)


def refused(subject: Subject) -> AbstractContextManager[None]:
    """Return a context that takes the refusal of an instance with limits that a loss leaves no way to meet."""
    reasons = [(placer.InstanceError, "limits")] if subject.has_limits else []
    return documented(*reasons, (placer.InstanceError, "everything is lost"))


def _secure(subject: Subject, security: placer.Security) -> None:
    with refused(subject):
        found = placer.solve(subject.instance, security=security)
    _figures(subject, security, found)


def _cuts(subject: Subject, security: placer.Security) -> None:
    with refused(subject):
        one = placer.solve(subject.instance, security=security)
        with by_cuts():
            other = placer.solve(subject.instance, security=security)
    demand = one.demand_mtok
    near("work that strands", *(sum(each.stranded_mtok.values()) for each in (one, other)), demand)
    near("secure cost by cuts", one.cost_and_penalty_usd, other.cost_and_penalty_usd, subject.size)
    _figures(subject, security, other)


def _figures(subject: Subject, security: placer.Security, found: placer.SecurePlacement) -> None:
    """Check the identities of a secure placement.

    It is compared with its own placement without security. Where serving costs as much as the penalty, placements of
    least cost differ in unserved demand, and so in the work that may strand.
    """
    without, size, demand = found.without, subject.size, subject.placement.demand_mtok
    near("its cost without security", without.cost_and_penalty_usd, subject.placement.cost_and_penalty_usd, size)
    holds("not proven", found.certificate.proven)
    at_most("the cost without security", without.cost_and_penalty_usd, found.cost_and_penalty_usd, size)
    at_most("the penalty", found.penalty_usd, without.penalty_usd, size)
    stranded = sum(found.stranded_mtok.values())
    near("work that strands", placer.audit(found, security).contingencies["stranded_mtok"].sum(), stranded, demand)
    before = placer.audit(without, security).contingencies["stranded_mtok"].sum()
    at_most("work that strands with security", stranded, before, demand)
    near("the settlement", found.settlement["difference"], 0.0, 1e3 * size)
    for name in ("prices", "security_rents", "binding_contingencies", "scarcities", "workloads", "hubs"):
        whole(name, getattr(found, name), ("*",) if name == "prices" else MAY_LACK)
    shown(found)
    found.summary()


def _secure_ceiling(subject: Subject, security: placer.Security) -> None:
    for recourse in ("displaced", "all"):
        rule = placer.Security(security.contingencies, recourse, security.protected)
        with exports(), refused(subject):
            found = placer.export_ceiling(subject.instance, security=rule)
        at_most("the secure ceiling", found.share, found.without.share, 1.0)
        holds("not proven", found.summary()["proven"])
        whole("contingencies", found.contingencies)
        shown(found)
        if recourse == "displaced" and security.contingencies != "links":
            with documented((placer.NoSolutionError, "no placement keeps the limits of one's own at")):
                table = found.curve.table
            whole("curve", table, ("*",))
            near("the end of the curve", table["share"].iloc[-1], found.share, 1.0)
