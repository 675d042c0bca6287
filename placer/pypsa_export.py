"""The export to PyPSA, under its old name; see ``placer.io.pypsa``."""

from placer.io.pypsa import to_pypsa

__all__ = ["to_pypsa"]
