"""A plot of an audit: the work that strands in each contingency."""

from __future__ import annotations

from typing import TYPE_CHECKING

from placer.instance.arguments import need
from placer.plots.axes import FILLS, axis_or_new
from placer.security.result import Audit
from placer.utils.numbers import in_full

if TYPE_CHECKING:
    from matplotlib.axes import Axes

#: Contingencies that are drawn at most.
_MOST = 30


def plot_audit(audit: Audit, axis: Axes | None = None) -> Axes:
    """Draw the work that strands in each contingency as a bar, labelled with Mtok and share.

    The contingency in which most strands is on top, and 30 are drawn at most: the label of the axis counts the others.
    The share is ``stranded_share`` of ``Audit.contingencies``: of the displaced work, or under the rule ``all`` of all
    protected work.

    Parameters
    ----------
    audit : Audit
    axis : matplotlib Axes, optional
        A new one if not given.

    Raises
    ------
    ArgumentError
        If an argument is not an audit or an axis.
    """
    need(audit, Audit, "an audit", "placer.audit(placement, security) returns one")
    whole = audit.contingencies.sort_values(["stranded_mtok", "displaced_mtok"], ascending=False, kind="stable")
    table = whole.head(_MOST)
    axis = axis_or_new(axis, 8.0, 1.2 + 0.3 * len(table))
    rows = range(len(table))
    stranded = table["stranded_mtok"].to_numpy()
    axis.barh(rows, stranded, height=0.6, **FILLS[5])
    for row, (mtok, share) in enumerate(zip(stranded.tolist(), table["stranded_share"].tolist(), strict=True)):
        if mtok > 0:
            text = f"{in_full(mtok)} ({share:.1%})"
            axis.annotate(text, (mtok, row), (4, 0), textcoords="offset points", va="center", fontsize=8)
    axis.set_yticks(rows, [str(name) for name in table.index], parse_math=False)
    left_out = f"; {len(whole) - len(table)} more are left out" if len(whole) > len(table) else ""
    of = "the displaced work" if audit.security.recourse == "displaced" else "all protected work"
    axis.set(xlabel=f"strands if it is lost, Mtok (share of {of}){left_out}", ylim=(len(table) - 0.4, -0.6))
    axis.set_xlim(left=0.0)
    axis.margins(x=0.25)
    return axis
