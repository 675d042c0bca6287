"""The export ceiling: the demand that can leave, its latency and its cost."""

from placer.ceiling.curve import CeilingCurve
from placer.ceiling.exports import ceiling_curve, export_ceiling
from placer.ceiling.result import ExportCeiling

__all__ = ["CeilingCurve", "ExportCeiling", "ceiling_curve", "export_ceiling"]
