"""Sensitivity of the headline figures to the assumptions behind them."""

from placer.sensitivity.figures import FIGURES
from placer.sensitivity.result import Sensitivity
from placer.sensitivity.study import sensitivity

__all__ = ["FIGURES", "Sensitivity", "sensitivity"]
