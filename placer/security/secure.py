"""Place demand so that the loss of any single element strands the least work, then at least cost.

Blocks that share no limit are secured apart (``placer.security.blocks``): each survives any one loss. All others are
one program (``placer.security.solving``).
"""

from __future__ import annotations

from concurrent.futures import Executor
from dataclasses import replace

from placer.errors import InstanceError, SolverError, Violation
from placer.ladder.proven import AnySolver, StructureSolver
from placer.model.blocks import block_count
from placer.placement.result import Placement
from placer.security.blocks import is_apart, secured_blocks
from placer.security.contingencies import protected_shares
from placer.security.definition import Security, need_least_stranded, security_of
from placer.security.outages import outages_of
from placer.security.placement import SecurePlacement
from placer.security.solving import secure_answer, unsecured_of
from placer.solvers.highs import HiGHS
from placer.solvers.memory import check_memory, whole_program_bytes


def secured(
    placement: Placement,
    security: Security,
    solver: AnySolver | None = None,
    workers: int | None = None,
    executor: Executor | None = None,
) -> SecurePlacement:
    """Return the secure placement of an instance, given its placement without security.

    Parameters
    ----------
    solver : Solver, optional
    workers, executor
        As in ``placer.solve``, for several blocks.

    Raises
    ------
    InstanceError
        If the security does not fit the instance, or its rule is ``all``.
    SolverError
        If the solver does not take whole programs.
    NoSolutionError
        If no answer was proven, or the program is too large for free memory.
    BatchError
        As ``placer.solve``.
    """
    security = binding_security(security)
    if isinstance(solver, StructureSolver):
        raise SolverError("a secure placement is solved as a whole linear program; use placer.HiGHS()")
    instance, formulation = placement.instance, placement.formulation
    outages, chosen = outages_of(instance, formulation, security), solver or HiGHS()
    share = protected_shares(formulation.structure, formulation.workloads, security)
    unsecured = unsecured_of(formulation.structure, placement.answer)
    if is_apart(formulation.structure):
        found, bound = secured_blocks(unsecured, outages, share, chosen, workers, executor)
    else:
        if block_count(formulation.structure) > 1:
            check_memory(whole_program_bytes(formulation.structure), _SHARING)
        found = secure_answer(unsecured, outages, share, chosen)
        bound = found.bound(formulation.structure, found.answer.prices, formulation.currency)
    return SecurePlacement(
        instance,
        formulation,
        replace(found.answer, bound=bound),
        found.certificate,
        extended=found.extended,
        security=security,
        share=share,
        without=placement,
        secure=found,
        contingencies=tuple(outage.name for outage in outages),
        bound_usd=bound,
    )


def binding_security(given: object) -> Security:
    """Return the security that binds a placement.

    Raises
    ------
    ArgumentError
        If it is neither a security nor text.
    InstanceError
        If no kind of contingencies has that name, its rule is ``all``, or it gives a share that may strand.
    """
    security = security_of(given)
    if security.recourse != "displaced":
        problem = f"{security.recourse!r} binds capacity, never a placement"
        raise InstanceError([Violation("security", "", "recourse", problem, "displaced; placer.audit takes both")])
    need_least_stranded(security)
    return security


_SHARING = (
    "one program of blocks that have batteries or share a limit (secure fewer days, or limit each day in place of all)"
)
