"""A user's own model: the program of an instance with added rows and columns. Create, add, solve, read."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from placer.errors import ArgumentError
from placer.extended.extension import Extension, extend, no_extension
from placer.extended.file_names import named
from placer.extended.given import Names, Numbers
from placer.extended.period_units import of_one_period
from placer.extended.placement import ModelPlacement
from placer.extended.positions import column_table, row_table
from placer.extended.reading import Positions, read_columns, read_rows
from placer.extended.solving import solve_extension
from placer.extended.stepped import need_no_step_columns
from placer.instance.arguments import need_instance, need_number
from placer.instance.problem import Instance
from placer.ladder.named import solver_of
from placer.ladder.proven import AnySolver
from placer.ladder.whole_program import limit_of
from placer.model.formulation import formulate_offered
from placer.model.program import LinearProgram
from placer.placement.elastic import Offered
from placer.running import Progress, running
from placer.solvers.memory import whole_program


class Model:
    """The linear program of an instance, to which own rows and own columns can be added.

    For limits that no table of an instance states: sites that are on or off, a minimum use or none, a ratio between
    workloads. The whole program is held in memory, which bounds its size (``placer.solvers.memory``). Where a period
    has a weight, columns and rows hold the amounts of one of the periods that it stands for.

    Parameters
    ----------
    instance : Instance

    Raises
    ------
    NoSolutionError
        If the program does not fit into free memory.

    Examples
    --------
    At most 90 kg of carbon, first as an own row, then as the limit that the instance knows:

    >>> import placer
    >>> tiny = placer.load("tiny")
    >>> model = placer.Model(tiny)
    >>> model.add_rows(model.columns["carbon_kg"], name="carbon", upper=90)
    >>> placement = model.solve()
    >>> placement.own_rows[["activity", "side", "rent_usd_per_unit"]].round(4)
            activity   side  rent_usd_per_unit
    row
    carbon      90.0  upper             0.5067
    >>> abs(placer.solve(tiny.replace(carbon_limit_kg=90)).cost_usd - placement.cost_usd) < 1e-6
    True
    """

    def __init__(self, instance: Instance) -> None:
        need_instance(instance)
        self._instance = instance
        self._formulation = formulate_offered(instance)
        self._program = of_one_period(self._formulation, whole_program(self._formulation.structure))
        self._extension = no_extension(len(self._program.cost))
        self._extended: LinearProgram | None = None
        self._columns: pd.DataFrame | None = None

    @property
    def instance(self) -> Instance:
        """The instance."""
        return self._instance

    @property
    def program(self) -> LinearProgram:
        """The extended linear program, integers relaxed, in the units of ``columns`` and ``rows``.

        Names in exported files are block and labels; see ``placer.extended.file_names``.
        """
        if self._extended is None:
            self._extended = named(self._instance, extend(self._program, self._extension), self._extension)
        return self._extended

    @property
    def columns(self) -> pd.DataFrame:
        """The meaning of every column: one row per position, own columns last; see ``placer.extended.positions``.

        Columns: ``block`` (``x``, ``u``, ``f``, ``y``, ``own``), ``workload``, ``hub``, ``data_centre``, ``hour``,
        ``service_hour``, ``supply``, ``name`` (of own columns), ``weight``, ``lower``, ``upper``, ``cost_usd``,
        ``integer``; and per unit ``accelerator_hours``, ``mwh``, ``water_litres``, ``gb``, ``carbon_kg``. Where
        workloads have modes, ``mode`` too.

        Demand with steps of value has a column ``u`` for each step, from its lowest value up: ``cost_usd`` is the value
        and ``upper`` the amount, without a limit in the last step. What is left in them is not bought.

        A unit is a Mtok or a MWh of one period, which counts ``weight`` times over the horizon. ``cost_usd`` is the
        cost of a unit in the objective, its weight included. A row over the horizon has coefficients times ``weight``.
        """
        if self._columns is None:
            self._columns = column_table(self._formulation, self.program, self._extension.columns)
        return self._columns

    @property
    def rows(self) -> pd.DataFrame:
        """The meaning of every row: one row per position, own rows last; see ``placer.extended.positions``.

        Columns: ``block`` (``demand``, ``queue``, ``capacity``, ``balance``, ``intake``, ``link``, ``cap``, ``own``),
        ``workload``, ``hub``, ``data_centre``, ``hour``, ``link``, ``cap``, ``limit``, ``power_zone``, ``name`` (of own
        rows), ``lower``, ``upper``. Sides are those of one period; of caps and limits of one's own, of the horizon.
        """
        return row_table(self._formulation, self.program, self._extension.rows)

    def add_columns(
        self,
        name: Names,
        *,
        cost_usd: Numbers = 0.0,
        lower: Numbers = 0.0,
        upper: Numbers = math.inf,
        integer: bool | Iterable[bool] | Mapping[str, bool] = False,
    ) -> pd.Series:
        """Add own columns, which own rows may then use, and return their positions by name.

        Parameters
        ----------
        name : str or iterable of str
        cost_usd, lower, upper : number, one per name, or one by name
            Cost of a unit in USD, as it enters the objective, and bounds. With two finite bounds the bound of the
            certificate is exact. Without them a reduced cost that violates its sign by rounding counts as 0.
        integer : bool, one per name, or one by name
            Whether the value must be an integer.

        Raises
        ------
        InstanceError
            With every violation; the model is then as it was.

        Examples
        --------
        >>> import placer
        >>> model = placer.Model(placer.load("tiny"))
        >>> model.add_columns(["open Metro", "open Port"], cost_usd=[900, 400], upper=1, integer=True).to_dict()
        {'open Metro': 57, 'open Port': 58}
        """
        own = self._extension.columns
        given = {"cost_usd": cost_usd, "lower": lower, "upper": upper}
        added = read_columns(name, **given, integer=integer, taken=own.names)
        first = len(self._program.cost) + len(own.names)
        self._keep(replace(self._extension, columns=own.joined(added)))
        return pd.Series(np.arange(first, first + len(added.names)), index=list(added.names), name="column")

    def add_rows(
        self,
        coefficients: pd.DataFrame | pd.Series | Any,
        *,
        name: Names | None = None,
        lower: Numbers = -math.inf,
        upper: Numbers = math.inf,
    ) -> None:
        """Add own rows: ``lower <= sum of coefficients times columns <= upper``.

        Parameters
        ----------
        coefficients : Series, DataFrame or sparse matrix
            One row: a Series whose index says columns, by position or own name. Several: a table with the columns
            ``row`` (name), ``column`` and ``value``; or a matrix with one line per name and one entry per column of the
            model. Columns that are left out have a coefficient of 0.
        name : str or iterable of str
            Names of the rows; a table has names already.
        lower, upper : number, one per row, or one by name
            The sides; at least one is finite.

        Raises
        ------
        ArgumentError
            If the coefficients are of another type.
        InstanceError
            With every violation; the model is then as it was.
        """
        own = self._extension.rows
        columns = self._extension.columns.names
        places = Positions(len(self._program.cost) + len(columns), columns)
        added = read_rows(coefficients, name, lower=lower, upper=upper, taken=own.names, columns=places)
        need_no_step_columns(Offered(self._instance, self._formulation.structure), self._program, added)
        self._keep(replace(self._extension, rows=own.joined(added)))

    def solve(
        self,
        solver: AnySolver | str | None = None,
        *,
        gap: float = 1e-6,
        time_limit_seconds: float = math.inf,
        progress: Progress | None = None,
    ) -> ModelPlacement:
        """Place the demand at least cost under all rows.

        Parameters
        ----------
        solver : Solver, optional
            ``placer.HiGHS()`` if not given, and required with integer columns.
        gap : float
            The relative gap at which branch and bound may stop; ignored without integer columns.
        time_limit_seconds, progress
            As in ``placer.running``; building the program does not count.

        Returns
        -------
        ModelPlacement
            Proven by the project's own certificate of the extended program. With integer columns the bound is that of
            branch and bound, and prices hold with the integers fixed. With steps of value it is an ``ElasticPlacement``
            too, of what is bought.

        Raises
        ------
        ArgumentError
            If the gap is not a number from 0 to below 1.
        SolverError
            If the solver cannot solve the program.
        InfeasibleModelError
            If no placement meets all own rows; the error lists the rows that must give, with amounts.
        NoSolutionError
            If no answer was proven. If branch and bound reached a limit, the error holds the best placement found.
        """
        solver = solver_of(solver)
        need_number(gap, "gap")
        if not 0 <= gap < 1:
            raise ArgumentError(f"expected a gap from 0 to below 1, not {gap:g}")
        with running(progress, min(time_limit_seconds, limit_of(solver))):
            parts = (self._instance, self._formulation, self._program, self._extension)
            return solve_extension(*parts, solver, float(gap))

    def _keep(self, extension: Extension) -> None:
        """Replace the extension; the program and the table of columns are built again at the next access."""
        self._extension, self._extended, self._columns = extension, None, None

    def __repr__(self) -> str:
        """Return the size of the model as text."""
        own, (rows, columns) = self._extension, self._program.matrix.shape
        integers = int(own.columns.integer.sum())
        return (
            f"<Model: {rows:,} rows and {columns:,} columns of the instance, {len(own.rows.names):,} own rows, "
            f"{len(own.columns.names):,} own columns ({integers:,} of them integer)>"
        )
