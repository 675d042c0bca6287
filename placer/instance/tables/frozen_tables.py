"""The tables of an instance: reading one gives a copy, so that an instance cannot be changed by accident."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import pandas as pd

from placer.instance.network.routes import Routes


class FrozenTables(Mapping[str, pd.DataFrame]):
    """Tables by name; each is copied when it is read."""

    def __init__(self, frames: Mapping[str, pd.DataFrame]) -> None:
        self._frames = dict(frames)

    def __getitem__(self, name: str) -> pd.DataFrame:
        """Return a copy of the table. It shares memory until it is written to, as pandas copies on write."""
        return self._frames[name].copy(deep=False)

    def __iter__(self) -> Iterator[str]:
        """Iterate over the names."""
        return iter(self._frames)

    def __len__(self) -> int:
        """Return the number of tables."""
        return len(self._frames)


class RevisedTables(FrozenTables):
    """The tables of an instance with some of them replaced.

    Attributes
    ----------
    checked : frozenset of str
        The tables that stay as they were. They need no second check of their own.
    routes : Routes or None
        The routes of the instance; None if they are to be found anew.
    """

    def __init__(
        self,
        tables: Mapping[str, pd.DataFrame],
        changes: Mapping[str, pd.DataFrame],
        routes: Routes | None = None,
    ) -> None:
        super().__init__({**tables, **changes})
        self.checked = frozenset(tables) - frozenset(changes)
        self.routes = routes
