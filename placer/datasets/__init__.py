"""A problem on disk: folders of CSV tables, their manifest and scenarios, and the datasets that ship."""

from placer.datasets.folder import describe, load, save
from placer.datasets.places import names

__all__ = ["describe", "load", "names", "save"]
