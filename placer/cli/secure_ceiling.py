"""``placer ceiling --secure``: what may still be exported if the loss of any one thing strands as little as can be."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from placer.ceiling.secure.curve import SecureCurve
from placer.cli.outputs import write_out
from placer.cli.screen import print_table, say, title
from placer.cli.tables import as_table, records
from placer.cli.unserved import say_unserved, unserved_places
from placer.result_columns import short

if TYPE_CHECKING:
    import pandas as pd

    from placer.ceiling.secure.result import SecureCeiling
    from placer.cli.run import Run

_EXPORTABLE = {"share": "exportable_share"}
_DISPLACED = short("binds", "stranded_mtok")
_ALL = short("exportable_share", "unserved_mtok")
_CURVE = short("exportable_share", "unserved_mtok", "stranded_mtok")


def tell_secure_ceiling(run: Run, found: SecureCeiling, curve: SecureCurve | pd.DataFrame | None) -> bool:
    """Print and write a secure ceiling, and return whether any demand is unserved.

    Parameters
    ----------
    run : Run
    found : SecureCeiling
    curve : SecureCurve, DataFrame or None
        Of the ceiling, or points of its curve, where they are asked for.
    """
    formulation = found.without.formulation
    unserved = unserved_places(formulation, found.flows.unserved)
    summary = run.asked | found.summary() | {"unserved": records(unserved)}
    name, points = _points(curve)
    tables = {"by_contingency": records(found.contingencies)} | ({} if points is None else {name: records(points)})
    run.tell(summary | tables, lambda: _print(found, curve, run.title))
    say_unserved(unserved, formulation.structure.total_demand)
    write_out(
        run.out,
        summary,
        excel=lambda file: found.save_excel(file, curve),
        tables=lambda folder: found.save_tables(folder, curve),
    )
    return len(unserved) > 0


def _print(found: SecureCeiling, curve: SecureCurve | pd.DataFrame | None, heading: str) -> None:
    """Print the ceilings with and without security, the contingencies and the curve."""
    title(heading)
    say(repr(found))
    if found.security.recourse == "all":
        shown = found.contingencies.sort_values("share", kind="stable").rename(columns=_EXPORTABLE)
        print_table(as_table("The ceiling if it is lost", shown, _ALL))
    else:
        table = found.contingencies.sort_values(["stranded_mtok", "binds"], ascending=False, kind="stable")
        shown = table[table["binds"] | (table["stranded_mtok"] > 0)]
        shown = shown.assign(binds=np.where(shown["binds"], "yes", ""))
        print_table(as_table("If any one is lost", shown, _DISPLACED))
    _, points = _points(curve)
    if points is not None:
        heading = f"By {curve.by}" if isinstance(curve, SecureCurve) else "At these limits"
        print_table(as_table(heading, points.set_index(str(points.columns[0])).rename(columns=_EXPORTABLE), _CURVE))


def _points(curve: SecureCurve | pd.DataFrame | None) -> tuple[str, pd.DataFrame | None]:
    """Return the name and the rows of a curve, or of points of it."""
    return ("curve", curve.table) if isinstance(curve, SecureCurve) else ("at_limits", curve)
