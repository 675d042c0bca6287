"""The chart of ceiling curves: exportable shares over a limit on the round trip."""

from __future__ import annotations

from typing import TYPE_CHECKING

from placer.report.html.curves import Beside, StepCurve, step_curves
from placer.utils.numbers import percent

if TYPE_CHECKING:
    from collections.abc import Sequence

    from placer.report.content.ceiling import CeilingContent
    from placer.report.html.markup import Html

#: Title of the limit on wide and narrow screens.
_AXIS = ("limit on the round trip of work that cannot wait, ms", "limit on the round trip, ms")


def draw_ceilings(ceilings: Sequence[tuple[str, CeilingContent]], identity: str) -> Html:
    """Draw the exportable share of one or several ceilings by name, with their legend.

    A single curve also shows unserved demand, the other ceilings and the limits where the curve settles.
    """
    summary = "; ".join(
        f"{name}: exportable {percent(found.share)}, all of it from {found.exportable_from:g} ms"
        for name, found in ceilings
    )
    curves = [_curve(name, found, "share") for name, found in ceilings]
    beside = _beside(ceilings[0][1]) if len(ceilings) == 1 else None
    return step_curves(curves, identity, _AXIS, f"Ceiling curve. {summary}", beside)


def _curve(name: str, found: CeilingContent, column: str) -> StepCurve:
    return StepCurve(name, tuple(found.curve["rtt_limit_ms"].tolist()), tuple(found.curve[column].tolist()))


def _beside(found: CeilingContent) -> Beside:
    """Return the unserved share, the other ceilings and the marked limits."""
    return Beside(
        dashed=_curve("unserved", found, "unserved_share"),
        band=(*found.economic_range, "exported at least cost"),
        levels=(("with swaps", found.gross_share), ("distance and law alone", found.latency_share)),
        settled=(
            (found.served_from, f"all served from {found.served_from:.4g} ms"),
            (found.exportable_from, f"all exportable from {found.exportable_from:.4g} ms"),
        ),
    )
