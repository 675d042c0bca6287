"""Why the mutants of the proof that no test notices cannot matter; ``benchmarks.mutation`` reads this."""

from __future__ import annotations

#: By module, line and change.
ARGUED: dict[tuple[str, str, str], str] = {}
