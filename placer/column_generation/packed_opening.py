"""A master in a form that leaves its process: its columns and its basis, some 25 bytes a column.

A solver cannot leave its process. A master built again from its columns, in the order in which they were added, has the
same rows and columns, so that its basis fits. This takes a part of the time of a path of prices.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np

from placer.column_generation.market.definition import market
from placer.column_generation.market.pricing import Near
from placer.column_generation.master.columns import ColumnMaker
from placer.column_generation.master.contents import MasterContents
from placer.column_generation.master.keys import choose_keys
from placer.column_generation.master.program import Master
from placer.column_generation.master.rows import lay_rows
from placer.column_generation.opening import Opening
from placer.column_generation.parameters import ColumnGenerationParameters
from placer.column_generation.start import Start
from placer.model.structure import LIMITS, Structure
from placer.solvers.simplex import Basis
from placer.utils.alike import digest_of
from placer.utils.arrays import FloatArray, IntArray


@dataclass(frozen=True, eq=False)
class PackedOpening:
    """The master of an opening, without its market and its program.

    Attributes
    ----------
    digest : bytes
        Of everything but the limits of the structure that it solved last.
    limits : dict of str to array
        Those of that structure, by name.
    prices, caps : arrays
        Of its start.
    width : float
        Of its start.
    delays : tuple of (t, s) int arrays
        Default delay of each group.
    row_prices, shortfall_prices : (rows,) arrays
    keys : Near
    added : tuple of Near
    basis : Basis
        As of ``MasterContents``, which has ``row_prices`` as ``prices``; columns without prices.
    room : int
    """

    digest: bytes
    limits: dict[str, FloatArray]
    prices: FloatArray
    caps: FloatArray
    width: float
    delays: tuple[IntArray, ...]
    row_prices: FloatArray
    shortfall_prices: FloatArray
    keys: Near
    added: tuple[Near, ...]
    basis: Basis
    room: int


def pack(opening: Opening) -> PackedOpening:
    """Return an opening in a form that leaves its process."""
    start, contents, structure = opening.start, opening.master.contents, opening.maker.rows.structure
    return PackedOpening(
        digest=digest_of(structure, without=LIMITS),
        limits={name: getattr(structure, name) for name in LIMITS},
        prices=start.prices,
        caps=start.caps,
        width=start.width,
        delays=tuple(_narrow(each) for each in opening.maker.delays),
        row_prices=contents.prices,
        shortfall_prices=contents.shortfall_prices,
        keys=_packed(contents.keys.columns),
        added=tuple(map(_packed, contents.added)),
        basis=opening.master.lp.basis(),
        room=opening.room,
    )


def unpack(structure: Structure, packed: PackedOpening, parameters: ColumnGenerationParameters) -> Opening | None:
    """Return the opening again; None if the structure differs in more than limits from the one that it solved last.

    Parameters
    ----------
    structure : Structure
    packed : PackedOpening
    parameters : ColumnGenerationParameters

    Raises
    ------
    NoSolutionError
        If HiGHS refuses the basis.
    """
    if digest_of(structure, without=LIMITS) != packed.digest:
        return None
    limits: dict[str, Any] = dict(packed.limits)
    structure = replace(structure, **limits)
    here = market(structure, packed.caps)
    delays = [each.astype(int) for each in packed.delays]
    maker = ColumnMaker(here, lay_rows(structure, here, parameters.master), delays)
    keys, _ = choose_keys(maker, _unpacked(packed.keys), packed.row_prices)
    added = tuple(map(_unpacked, packed.added))
    contents = MasterContents(packed.row_prices, packed.shortfall_prices, keys, added, packed.basis)
    start = Start(here, packed.prices, packed.caps, packed.width)
    return Opening(start, maker, Master(maker, contents), packed.room, bound=-np.inf)


def _packed(columns: Near) -> Near:
    """Return columns in narrow arrays, without their prices, which are those of another time."""
    narrow: dict[str, Any] = {name: _narrow(getattr(columns, name)) for name in _places()}
    return Near(**narrow, price=np.zeros(0))


def _unpacked(columns: Near) -> Near:
    wide: dict[str, Any] = {name: getattr(columns, name).astype(int) for name in _places()}
    return Near(**wide, price=np.zeros(len(columns)))


def _places() -> list[str]:
    return [each.name for each in fields(Near) if each.name != "price"]


def _narrow(values: IntArray) -> IntArray:
    """Return whole numbers in the narrowest type that holds them."""
    ends = values.min(initial=-1), values.max(initial=0)
    return values.astype(np.promote_types(*map(np.min_scalar_type, ends)))
