"""Coefficients of work and of power: the consumption and the cost of a Mtok at each data centre, and of a MWh bought.

``placer.model.formulation`` has their formulas.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from placer.instance.contracts import covered_supplies
from placer.instance.pools import usd_per_hour
from placer.instance.problem import Instance
from placer.utils.arrays import FloatArray, positions_in

KWH_PER_MWH = 1000.0


@dataclass(frozen=True, eq=False)
class WorkCoefficients:
    """Consumption and cost of one Mtok served, by class (``placer.instance.service_classes``).

    Attributes
    ----------
    accelerator_hours, peak_accelerator_hours : (classes, data centres) arrays
        ``a_kj`` and ``b_kj``.
    it_mwh, water_litres : (classes, data centres) arrays
        ``e_kj`` and ``litres_kj``.
    accelerator_usd : (classes, data centres, hours) array
    operations_usd, water_usd : (classes, data centres) arrays
        The three parts of ``w_kjt``.
    dearest_usd : (classes, data centres) array
        Their sum in the dearest hour, accelerators charged by use.
    """

    accelerator_hours: FloatArray
    peak_accelerator_hours: FloatArray
    it_mwh: FloatArray
    water_litres: FloatArray
    accelerator_usd: FloatArray
    operations_usd: FloatArray
    water_usd: FloatArray
    dearest_usd: FloatArray


@dataclass(frozen=True, eq=False)
class PowerCoefficients:
    """Cost and carbon of one MWh bought.

    Attributes
    ----------
    energy_usd, carbon_usd, carbon_kg : (supplies, hours) arrays
        The first two are the parts of ``p_st``.
    green : (supplies,) array
        Part of a supply that is green.
    """

    energy_usd: FloatArray
    carbon_usd: FloatArray
    carbon_kg: FloatArray
    green: FloatArray


def work_coefficients(instance: Instance) -> WorkCoefficients:
    """Return the consumption and the cost of one Mtok of each class at each data centre."""
    classes, centres = instance.service_classes, instance.data_centres
    site = {name: centres[name].to_numpy(float) for name in centres if centres[name].dtype == float}
    is_typed = classes.is_typed[:, None]
    speed = np.where(is_typed, 1.0, site["speed"])
    accelerator_hours = classes.accelerator_hours[:, None] / speed
    peak_hours = classes.peak_accelerator_hours[:, None] / speed
    it_mwh = classes.kwh[:, None] * np.where(is_typed, 1.0, site["energy_factor"]) / KWH_PER_MWH
    water_litres = site["water_litres_per_kwh"] * KWH_PER_MWH * it_mwh
    charged_usd = accelerator_hours[:, :, None] * usd_per_hour(instance)
    operations_usd = site["operations_usd_per_hour"] * accelerator_hours
    water_usd = site["water_usd_per_litre"] * water_litres
    return WorkCoefficients(
        accelerator_hours=accelerator_hours,
        peak_accelerator_hours=np.where(np.isnan(peak_hours), accelerator_hours, peak_hours),
        it_mwh=it_mwh,
        water_litres=water_litres,
        accelerator_usd=charged_usd * (instance.settings.accelerators == "by_use"),
        operations_usd=operations_usd,
        water_usd=water_usd,
        dearest_usd=charged_usd.max(axis=2) + operations_usd + water_usd,
    )


def list_price(instance: Instance) -> FloatArray:
    """Return the price of the energy of every supply (supplies, hours), USD per MWh, whoever pays it."""
    zone = positions_in(instance.power_zones["power_zone"], instance.supplies["power_zone"])
    return instance.hourly("power_zones", "usd_per_mwh")[zone] + instance.hourly("supplies", "usd_per_mwh_adder")


def power_coefficients(instance: Instance) -> PowerCoefficients:
    """Return the cost and the carbon of one MWh of each supply in each hour.

    A MWh of a contract that is used is not sold: it costs the price of sale (``placer.model.contracts``).
    """
    supplies, covered = instance.supplies, covered_supplies(instance)
    zone = positions_in(instance.power_zones["power_zone"], supplies["power_zone"])
    carbon_kg = instance.hourly("power_zones", "carbon_kg_per_mwh")[zone]
    energy_usd = list_price(instance)
    energy_usd[covered] = instance.hourly("contracts", "sale_usd_per_mwh")
    return PowerCoefficients(
        energy_usd=energy_usd,
        carbon_usd=instance.settings.carbon_usd_per_kg * carbon_kg,
        carbon_kg=carbon_kg,
        green=supplies["green"].to_numpy(float),
    )
