"""The task of a worker: secure some blocks, each by itself."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from placer.by_blocks.block_answer import PackedFlows
from placer.errors import NoSolutionError
from placer.extended.extension import BLOCK, Extension
from placer.model.answer import Answer, Duals
from placer.model.program import Solver
from placer.model.structure import Structure
from placer.proof.certificate import Certificate
from placer.running import running_until
from placer.security.answer import SecureAnswer
from placer.security.outages import Outage, outage_in_block
from placer.security.program import Unsecured
from placer.security.solving import secure_answer
from placer.termination import Reason, Termination
from placer.utils.alike import Changes, changed
from placer.utils.arrays import FloatArray
from placer.utils.shared import Shared


@dataclass(frozen=True, eq=False)
class SecureBase:
    """The part that all tasks of a call share.

    Attributes
    ----------
    base : Structure
        The first block; each other block is given by its difference from it.
    outages : tuple of Outage
        The contingencies, applied to the first block.
    share : (classes,) array
        The protected shares.
    """

    base: Structure
    outages: tuple[Outage, ...]
    share: FloatArray
    solver: Solver


@dataclass(frozen=True, eq=False)
class SecureTask:
    """Some blocks to secure.

    Attributes
    ----------
    numbers : sequence of int
        Numbers of the blocks, for messages.
    changes : sequence of Changes
        How each block differs from the base.
    cap_limits : sequence of (caps of the block,) array
        Limits of power zones and pools in each block, inf for all other caps.
    unsecured : sequence of (PackedFlows, Duals)
        The answer of each block without security.
    penalties : tuple of float
        Of a stranded Mtok, as of ``Unsecured``.
    until : float
        Time at which the work ends, by ``time.time``.
    """

    common: Shared[SecureBase]
    numbers: Sequence[int]
    changes: Sequence[Changes]
    cap_limits: Sequence[FloatArray]
    unsecured: Sequence[tuple[PackedFlows, Duals]]
    penalties: tuple[float, ...]
    until: float


@dataclass(frozen=True, eq=False)
class SecuredBlock:
    """The proven secure answer of one block, without what the blocks have in common.

    Attributes
    ----------
    duals : Duals
        Of the limits of the placement.
    bound : float
        The bound with its inner minimum (``placer.security.bound``).
    prices : dict of str to Duals
        Of the contingencies that entered, by name.
    stranded : dict of str to float
        Mtok that strand in each of them.
    penalty : float
        Of a stranded Mtok, USD.
    unserved_rent, unserved_rent_usd : float
        Of the row that limits unserved demand, per USD of its penalty and in all.
    extension : Extension
        Own rows and own columns.
    implied, values, duals_of_rows : arrays
        Implied upper bounds and values of the own columns, and duals of the own rows.
    """

    flows: PackedFlows
    duals: Duals
    certificate: Certificate
    bound: float
    prices: dict[str, Duals]
    stranded: dict[str, float]
    penalty: float
    unserved_rent: float
    unserved_rent_usd: float
    extension: Extension
    implied: FloatArray
    values: FloatArray
    duals_of_rows: FloatArray
    iterations: int


def secure_blocks(task: SecureTask) -> list[SecuredBlock]:
    """Secure the blocks of a task; runs in the executor.

    Raises
    ------
    NoSolutionError
        If a block has no proven answer, or the time is over.
    """
    common, secured = task.common.value, []
    every = zip(task.numbers, task.changes, task.cap_limits, task.unsecured, strict=True)
    for number, changes, cap_limit, (flows, duals) in every:
        structure = changed(common.base, changes)
        outages = [outage_in_block(each, structure, cap_limit) for each in common.outages]
        answer = Answer(Termination(Reason.OPTIMAL, ""), flows.flows, duals)
        unsecured = Unsecured(structure, answer, task.penalties)
        try:
            with running_until(task.until, "no time was left"):
                secured.append(_packed(structure, secure_answer(unsecured, outages, common.share, common.solver)))
        except NoSolutionError as error:
            raise NoSolutionError(error.reason, f"block {number}: {error.detail}") from None
    return secured


def _packed(structure: Structure, found: SecureAnswer) -> SecuredBlock:
    """Return the answer of a block without what blocks have in common, once its bound has proven it."""
    program, solution = found.extended.program, found.extended.solution
    names = [each.recourse.outage.name for each in found.contingents]
    return SecuredBlock(
        flows=PackedFlows.of(found.answer.point),
        duals=found.answer.prices,
        certificate=found.certificate,
        bound=found.bound(structure, found.answer.prices),
        prices=dict(zip(names, (each.duals for each in found.contingents), strict=True)),
        stranded=dict(zip(names, found.stranded, strict=True)),
        penalty=found.penalty,
        unserved_rent=float(found.unserved_rent.max(initial=0.0)),
        unserved_rent_usd=found.unserved_rent_usd,
        extension=found.extended.extension,
        implied=program.implied_upper[program.col_blocks[BLOCK]],
        values=solution.point[program.col_blocks[BLOCK]],
        duals_of_rows=solution.duals[program.row_blocks[BLOCK]],
        iterations=found.answer.iterations,
    )
