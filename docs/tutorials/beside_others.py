# %% [markdown]
# # The same problem in PuLP, linopy, PyPSA and placer
#
# Four tools walk into a bar and solve one linear program. They agree on the bill, as they should. What do you have to
# write, and what do you get?
#
# **Question.** One city, two data centres, two hours; voice may only be served nearby. What is the least cost?
#
# *Needs `token-placer[plot,pypsa]`.*

# %%
hours, sites = (0, 1), ("metro", "plateau")
work = {"voice": 0.02, "chat": 0.05}  # accelerator-hours, and kWh, of a Mtok
asked = {("voice", 0): 400, ("voice", 1): 900, ("chat", 0): 600, ("chat", 1): 1200}
accelerators, usd_per_hour = 50, {"metro": 2.0, "plateau": 1.8}
usd_per_mwh = {("metro", 0): 80, ("metro", 1): 120, ("plateau", 0): 50, ("plateau", 1): 50}
may_use = {("voice", "metro"), ("chat", "metro"), ("chat", "plateau")}  # you work this out yourself: 150 ms
unit_cost = {(j, t): usd_per_hour[j] + usd_per_mwh[j, t] / 1000 for j in sites for t in hours}
bill = {}

# %% [markdown]
# ## PuLP: term by term

# %%
import pulp

model = pulp.LpProblem("by_hand", pulp.LpMinimize)
x = model.add_variable_dicts("x", [(k, j, t) for k, j in sorted(may_use) for t in hours], 0)
model += pulp.lpSum(unit_cost[j, t] * work[k] * x[k, j, t] for k, j, t in x)
for (k, t), mtok in asked.items():
    model += pulp.lpSum(x[k, j, t] for j in sites if (k, j) in may_use) == mtok
for j in sites:
    for t in hours:
        model += pulp.lpSum(work[k] * x[k, j, t] for k in work if (k, j) in may_use) <= accelerators
_ = model.solve(pulp.HiGHS(msg=False))
bill["PuLP"] = pulp.value(model.objective)

# %% [markdown]
# Readable, and yours to the last sign. Latency, law and power are what *you* made of them, and so are the mistakes.
#
# ## linopy: array by array
#
# Labelled arrays in place of loops: far faster to build when the problem grows. (Libraries that warn of their own
# libraries are asked to do so quietly.)

# %%
import warnings

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import linopy
    import xarray as xr

    index = {"workload": list(work), "site": list(sites), "hour": list(hours)}
    need = xr.DataArray([[asked[k, t] for t in hours] for k in work], [("workload", list(work)), ("hour", list(hours))])
    cost = xr.DataArray(
        [[unit_cost[j, t] for t in hours] for j in sites], [("site", list(sites)), ("hour", list(hours))]
    )
    each = xr.DataArray(list(work.values()), [("workload", list(work))])
    allowed = xr.DataArray([[[(k, j) in may_use] * 2 for j in sites] for k in work], index)
    arrays = linopy.Model()
    sent = arrays.add_variables(lower=0, coords=allowed.coords, mask=allowed, name="sent")
    arrays.add_constraints(sent.sum("site") == need, name="demand")
    arrays.add_constraints((each * sent).sum("workload") <= accelerators, name="accelerators")
    arrays.add_objective((cost * each * sent).sum())
    arrays.solve("highs", output_flag=False)
bill["linopy"] = arrays.objective.value

# %% [markdown]
# ## placer: the network first
#
# The latency limit is data here, and who may use which site follows from it.

# %%
import placer

tables = {
    "hubs": [{"hub": "coast", "region": "east"}],
    "data_centres": [
        {"data_centre": j, "region": region, "accelerators": accelerators, "accelerator_usd_per_hour": usd_per_hour[j]}
        for j, region in zip(sites, ("east", "west"), strict=True)
    ],
    "power_zones": [{"power_zone": f"{j} grid", "usd_per_mwh": [usd_per_mwh[j, t] for t in hours]} for j in sites],
    "supplies": [{"power_zone": f"{j} grid", "data_centre": j} for j in sites],
    "links": [{"from": "coast", "to": "metro", "rtt_ms": 5}, {"from": "coast", "to": "plateau", "rtt_ms": 35}],
    "workloads": [
        {
            "workload": "voice",
            "accelerator_hours_per_mtok": 0.02,
            "kwh_per_mtok": 0.02,
            "latency_slo_ms": 150,
            "server_ms": 120,
        },
        {"workload": "chat", "accelerator_hours_per_mtok": 0.05, "kwh_per_mtok": 0.05},
    ],
    "demand": [{"workload": k, "hub": "coast", "hour": t, "mtok": mtok} for (k, t), mtok in asked.items()],
}
instance = placer.Instance.from_tables(tables)
placement = placer.solve(instance)
bill["placer"] = placement.cost_usd
placement.certificate

# %% [markdown]
# ## PyPSA: by the door that placer opens
#
# A network of buses, links and generators. Tokens, accelerators and power are carriers; `to_pypsa` writes them all,
# and refuses what PyPSA cannot state.

# %%
with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    network = placer.pypsa_export.to_pypsa(instance)
    network.optimize(solver_name="highs", output_flag=False)
bill["PyPSA"] = network.objective + network.objective_constant

# %% [markdown]
# ## The bill

# %%
import pandas as pd

assert max(bill.values()) - min(bill.values()) < 1e-5
pd.Series(bill, name="least cost, USD").to_frame().round(4)

# %% [markdown]
# One number, four ways. What differs is what comes with it:

# %%
parts = ["accelerators", "energy", "accelerator_rent", "latency_rent"]
prices = placement.prices[["usd_per_mtok", *(f"{part}_usd_per_mtok" for part in parts)]]
prices.set_axis(["price", *parts], axis=1).droplevel("hub").round(4)

# %%
placer.export_ceiling(instance)

# %%
from placer.plots import plot_price_stack

axis = plot_price_stack(placement)

# %% [markdown]
# | | PuLP, linopy | PyPSA | placer |
# |---|---|---|---|
# | you write | variables and rows | buses, links, generators | hubs, sites, links, workloads |
# | latency, law, deadlines | by hand | by hand; no deadlines | data |
# | rows of your own | of course | `extra_functionality` | a table of limits, or `placer.Model` |
# | is it optimal? | the solver says so | the solver says so | a certificate, computed again from the data |
# | prices | duals, with signs to look up | marginal prices at buses | prices in parts that add up |
# | ceiling on exports | no | no | exact curve |
#
# **What it means.** If your problem is *another* problem, PuLP and linopy let you write it, and PyPSA knows far more
# about power grids than placer ever will. If it is about where tokens run, placer has written it already, and checks
# its own sums.
#
# **Try this next.**
#
# - Take the model further in PuLP: `placer.to_pulp(placer.to_program(instance))`.
# - Let chat wait two hours. Which of the four need more than one number changed?
# - [Benchmarks](../../benchmarks/README.md) has the times of all four, and the cases where placer loses.
