"""An answer to a placement problem, in the words of the structure: flows and duals.

Only assignments that carry anything are kept, so the size of an answer follows the flows and not the arcs. A solution
of the whole linear program is read into an answer, and an answer is written out as one for analyses of the whole
program.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, fields

import numpy as np

from placer.model.positions import Assignments
from placer.model.program import LinearProgram, LPSolution
from placer.model.stores import NO_STORES
from placer.model.structure import Structure, assignment_positions
from placer.model.unserved import unserved_by_column, unserved_of_demands
from placer.termination import Termination
from placer.utils.arrays import FloatArray, IntArray

#: The columns of stores, by the names of their amounts in ``Flows``.
STORE_COLUMNS = {"charged": "c", "discharged": "g", "content": "e"}


@dataclass(frozen=True, eq=False)
class Flows:
    """The primal side of an answer.

    Attributes
    ----------
    demand, arc : (used assignments,) int arrays
        Demand and arc of every assignment that carries anything, sorted by demand, then arc.
    amount : (used assignments,) array
        What they carry, ``x_ij``.
    unserved : (demands,) array
        ``u_i``.
    waiting : (queue flows,) array
        ``f_kjtt'``, in the order of ``Structure.queue_flows``.
    taken : (tiers, periods) array
        ``y_st``.
    charged, discharged, content : (stores, periods) arrays
        ``c_bt``, ``g_bt`` and ``e_bt`` of ``placer.model.stores``; empty without stores.
    """

    demand: IntArray
    arc: IntArray
    amount: FloatArray
    unserved: FloatArray
    waiting: FloatArray
    taken: FloatArray
    charged: FloatArray = field(default_factory=lambda: NO_STORES)
    discharged: FloatArray = field(default_factory=lambda: NO_STORES)
    content: FloatArray = field(default_factory=lambda: NO_STORES)


@dataclass(frozen=True, eq=False)
class Duals:
    """The dual side: the change of the cost per unit of each right-hand side, signed so that prices of limits are >= 0.

    Attributes
    ----------
    demand : (demands,) array
        Least cost per unit more of a demand.
    queue : (classes, sites, periods) array
        Cost of serving one unit more that arrives there and then; 0 for classes that do not wait.
    balance : (sites, periods) array
        Cost of one unit more of supply; of either sign.
    capacity, intake, link, cap : (sites, periods) twice, (links, periods), (caps,) arrays
        Saving per unit more of the limit, >= 0; 0 where the limit is infinite.
    stored : (stores, periods) array
        Saving per unit more that a store holds at the end of a period; of either sign.
    power : (stores, periods) array
        Saving per unit more of its power, >= 0.
    energy : (stores, periods) array
        Saving per unit more that a bank of several stores may hold, at the first of them, >= 0; empty without banks.
    source : (sources, periods) array
        Cost of one unit more that must be taken from the source at least, >= 0.
    """

    demand: FloatArray
    queue: FloatArray
    balance: FloatArray
    capacity: FloatArray
    intake: FloatArray
    link: FloatArray
    cap: FloatArray
    stored: FloatArray = field(default_factory=lambda: NO_STORES)
    power: FloatArray = field(default_factory=lambda: NO_STORES)
    source: FloatArray = field(default_factory=lambda: NO_STORES)
    energy: FloatArray = field(default_factory=lambda: NO_STORES)


def no_duals(structure: Structure, cap: FloatArray) -> Duals:
    """Return duals of caps; all other duals are 0."""
    shape = structure.capacity.shape
    return Duals(
        demand=np.zeros(len(structure.demand_amount)),
        queue=np.zeros((structure.classes, *shape)),
        balance=np.zeros(shape),
        capacity=np.zeros(shape),
        intake=np.zeros(shape),
        link=np.zeros(structure.link_capacity.shape),
        cap=cap,
        **_no_duals_of_stores(structure),
    )


def _no_duals_of_stores(structure: Structure) -> dict[str, FloatArray]:
    if (stores := structure.stores) is None:
        return {}
    energy = NO_STORES if stores.bank is None else stores.power
    like = {"stored": stores.power, "power": stores.power, "source": stores.source_cost, "energy": energy}
    return {name: np.zeros(each.shape) for name, each in like.items()}


@dataclass(frozen=True, repr=False)
class Answer:
    """What a solver says of a structure.

    Attributes
    ----------
    flows : Flows or None
        None if the solver has no point.
    duals : Duals or None
        None if the solver has none.
    basic : bool
        Whether the point is a vertex; a point inside is proven to a wider tolerance.
    iterations : int
        As the solver counts them; -1 if it does not say.
    seconds : float
        Time in the solver.
    bound : float
        The least any placement can cost, as far as the solver has shown; -inf if it does not say.
    """

    termination: Termination
    flows: Flows | None = None
    duals: Duals | None = None
    basic: bool = True
    iterations: int = -1
    seconds: float = 0.0
    bound: float = -math.inf

    def __repr__(self) -> str:
        """Return how the solver ended, and its time, in one line."""
        return f"<Answer: {self.termination.reason}, {self.termination.detail}, {self.seconds:.3g} s>"

    @property
    def point(self) -> Flows:
        """The flows; ValueError for an answer without flows."""
        if self.flows is None:
            raise ValueError(f"there is no point: {self.termination.detail}")
        return self.flows

    @property
    def prices(self) -> Duals:
        """The duals; ValueError for an answer without duals."""
        if self.duals is None:
            raise ValueError(f"there are no duals: {self.termination.detail}")
        return self.duals


def answer_of(
    structure: Structure, program: LinearProgram, solution: LPSolution, chosen: Assignments | None = None
) -> Answer:
    """Read a solution of the whole program of a structure.

    Parameters
    ----------
    program : LinearProgram
        ``placer.model.expansion.expand(structure, chosen)``, or one with the same blocks among its own.
    solution : LPSolution
        Of that program.
    chosen : Assignments, optional
        Those of the program; all if not given.
    """
    return Answer(
        termination=solution.termination,
        flows=None if solution.values is None else read_flows(structure, program, solution.values, chosen),
        duals=None if solution.row_duals is None else read_duals(structure, program, solution.row_duals),
        basic=solution.basic,
        iterations=solution.iterations,
        seconds=solution.seconds,
    )


def read_flows(
    structure: Structure, program: LinearProgram, values: FloatArray, chosen: Assignments | None = None
) -> Flows:
    """Split the values of the columns by block. Copies, so that the values of the whole can be freed."""
    part = program.col_blocks
    assigned = values[part["x"]]
    used, assignments = np.flatnonzero(assigned), structure.assignments if chosen is None else chosen
    return Flows(
        demand=assignments.demand[used],
        arc=assignments.arc[used],
        amount=assigned[used],
        unserved=unserved_of_demands(structure, values[part["u"]]),
        waiting=values[part["f"]].copy(),
        taken=values[part["y"]].reshape(structure.tier_cost.shape).copy(),
        **_read_stores(structure, part, values),
    )


def _read_stores(structure: Structure, part: Mapping[str, slice], values: FloatArray) -> dict[str, FloatArray]:
    """Return the amounts of stores by the names of their fields in ``Flows``."""
    if structure.stores is None:
        return {}
    shape = structure.stores.power.shape
    return {name: values[part[block]].reshape(shape).copy() for name, block in STORE_COLUMNS.items()}


def read_duals(structure: Structure, program: LinearProgram, row_duals: FloatArray) -> Duals:
    """Split the duals of the rows by block."""
    laid = structure.rows.laid_out(row_duals, program.row_blocks)
    return Duals(**{name: each if name == "demand" else 0.0 - each for name, each in laid.items()})


def whole_solution(structure: Structure, program: LinearProgram, answer: Answer) -> LPSolution:
    """Write an answer out as a solution of the whole program of its structure: the way back from ``answer_of``."""
    return LPSolution(
        termination=answer.termination,
        values=None if answer.flows is None else _values(structure, program, answer.flows),
        row_duals=None if answer.duals is None else _row_duals(structure, program, answer.duals),
        basic=answer.basic,
        iterations=answer.iterations,
        seconds=answer.seconds,
    )


def _values(structure: Structure, program: LinearProgram, flows: Flows) -> FloatArray:
    values, part = np.zeros(len(program.cost)), program.col_blocks
    values[part["x"].start + assignment_positions(structure, flows.demand, flows.arc)] = flows.amount
    values[part["u"]] = unserved_by_column(structure, flows.unserved)
    values[part["f"]] = flows.waiting
    values[part["y"]] = flows.taken.ravel()
    if structure.stores is not None:
        for name, block in STORE_COLUMNS.items():
            values[part[block]] = getattr(flows, name).ravel()
    return values


def _row_duals(structure: Structure, program: LinearProgram, duals: Duals) -> FloatArray:
    row_duals, rows = np.zeros(len(program.row_lower)), structure.rows
    row_duals[program.row_blocks["demand"]] = duals.demand
    for name in rows.sizes.keys() - {"demand"}:
        there = getattr(rows, name) >= 0
        row_duals[program.row_blocks[name]] = 0.0 - getattr(duals, name)[there]
    return row_duals


def check_shapes(structure: Structure, flows: Flows, duals: Duals) -> None:
    """Raise ValueError where an array cannot be one of this structure, naming each of them."""
    used, demands, shape = flows.amount.shape[:1], structure.demand_amount.shape, structure.capacity.shape
    expected = {
        "demand": (flows.demand, used),
        "arc": (flows.arc, used),
        "amount": (flows.amount, used),
        "unserved": (flows.unserved, demands),
        "waiting": (flows.waiting, structure.queue_flows.klass.shape),
        "taken": (flows.taken, structure.tier_cost.shape),
        "demand price": (duals.demand, demands),
        "queue price": (duals.queue, (*structure.window.shape, *shape)),
        "balance price": (duals.balance, shape),
        "capacity rent": (duals.capacity, shape),
        "intake rent": (duals.intake, shape),
        "link rent": (duals.link, structure.link_capacity.shape),
        "cap rent": (duals.cap, structure.cap_limit.shape),
    }
    stores, none = structure.stores, NO_STORES.shape
    held = none if stores is None else stores.power.shape
    expected |= {name: (getattr(flows, name), held) for name in STORE_COLUMNS}
    expected |= {f"{name} price": (getattr(duals, name), held) for name in ("stored", "power")}
    expected["energy price"] = (duals.energy, none if stores is None or stores.bank is None else held)
    expected["source price"] = (duals.source, none if stores is None else stores.source_cost.shape)
    wrong = [
        f"{name} {array.shape}, not {needed}" for name, (array, needed) in expected.items() if array.shape != needed
    ]
    if wrong:
        raise ValueError(f"shapes do not fit the structure: {'; '.join(wrong)}")


def is_readable(structure: Structure, flows: Flows, duals: Duals) -> bool:
    """Return whether every number is finite and every assignment is admissible, each once and in order."""
    return _finite(flows) and _finite(duals) and _fits(structure, flows)


def _finite(side: Flows | Duals) -> bool:
    return all(bool(np.isfinite(getattr(side, field.name)).all()) for field in fields(side))


def _fits(structure: Structure, flows: Flows) -> bool:
    """Return whether every assignment is of a demand over an arc that serves it, each once and in order."""
    demand, arc = flows.demand, flows.arc
    for position, count in ((demand, len(structure.demand_amount)), (arc, len(structure.arc_cost))):
        if len(position) and not (position.min() >= 0 and position.max() < count):
            return False
    step, onward = np.diff(demand), np.diff(arc)
    return bool(
        ((step > 0) | ((step == 0) & (onward > 0))).all()
        and (structure.arc_serves[arc] == structure.demand_class[demand]).all()
        and (structure.arc_origin[arc] == structure.demand_origin[demand]).all()
    )
