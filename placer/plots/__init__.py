"""Plots of results, each a function that takes a result and an optional axis and returns the axis.

Needs matplotlib: ``pip install 'token-placer[plot]'``.
"""

from placer.plots.axes import save_plot
from placer.plots.batches import plot_distributions, plot_profiles, plot_scaling, plot_tornado
from placer.plots.ceilings import plot_curve, plot_limits
from placer.plots.cost_curves import plot_cost_of_latency, plot_export_cost, plot_flexibility, plot_front, plot_premium
from placer.plots.maps import plot_map
from placer.plots.modes import plot_modes
from placer.plots.placements import plot_accounts, plot_audit, plot_batteries, plot_load, plot_price_stack
from placer.plots.places import plot_build_map, plot_lost
from placer.plots.plans import plot_alternatives, plot_build_curve, plot_builds
from placer.plots.requests import plot_history, plot_losses, plot_regret, plot_requests
from placer.plots.trades import plot_trade, plot_trade_prices, plot_welfare

__all__ = [
    "plot_accounts",
    "plot_alternatives",
    "plot_audit",
    "plot_batteries",
    "plot_build_curve",
    "plot_build_map",
    "plot_builds",
    "plot_cost_of_latency",
    "plot_curve",
    "plot_distributions",
    "plot_export_cost",
    "plot_flexibility",
    "plot_front",
    "plot_history",
    "plot_limits",
    "plot_load",
    "plot_losses",
    "plot_lost",
    "plot_map",
    "plot_modes",
    "plot_premium",
    "plot_price_stack",
    "plot_profiles",
    "plot_regret",
    "plot_requests",
    "plot_scaling",
    "plot_tornado",
    "plot_trade",
    "plot_trade_prices",
    "plot_welfare",
    "save_plot",
]
