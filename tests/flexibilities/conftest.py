"""Instances of fronts, for values of flexibilities."""

from tests.analysis.fronts.conftest import ladder, windy

__all__ = ["ladder", "windy"]
