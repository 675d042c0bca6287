"""The export to PyPSA, by the name it always had; see ``placer.io.pypsa``."""

from placer.io.pypsa import to_pypsa

__all__ = ["to_pypsa"]
