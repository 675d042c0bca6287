"""How much can leave, at which latency, at what cost."""

from placer.ceiling.curve import CeilingCurve, ceiling_curve
from placer.ceiling.exports import ExportCeiling, export_ceiling

__all__ = ["CeilingCurve", "ExportCeiling", "ceiling_curve", "export_ceiling"]
