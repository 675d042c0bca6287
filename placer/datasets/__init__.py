"""Problems on disk: folders of CSV tables, their manifest and scenarios, and the shipped datasets."""

from placer.datasets.folder import describe, load
from placer.datasets.places import names, traces
from placer.datasets.saving import save
from placer.datasets.year_of_days import year

__all__ = ["describe", "load", "names", "save", "traces", "year"]
