# %% [markdown]
# # A plan: what to build before you know the demand
#
# A placement uses the sites that exist. A plan decides which sites to build, before demand shows its hand.
#
# **Question.** A hall inland costs 30 USD a day for each accelerator in it. Demand will be 80, 100, 120 or 140, a
# quarter of the year each. A unit of unserved work costs 100 a day. How large should the hall be?
#
# Any answer between 80 and 140 will be wrong on most days. The art is to be wrong in the cheapest way.
#
# *Needs `token-placer[plot]`.*

# %%
import placer


def day(demand):
    """Return a day with that many units of work, all of which needs the hall."""
    chat = {"workload": "chat", "accelerator_hours_per_mtok": 1, "kwh_per_mtok": 0, "unserved_usd_per_mtok": 100 / 24}
    tables = {
        "hubs": [{"hub": "coast"}],
        "data_centres": [{"data_centre": "inland", "accelerators": 0}],
        "links": [{"from": "coast", "to": "inland", "rtt_ms": 30}],
        "workloads": [chat],
        "demand": [{"workload": "chat", "hub": "coast", "hour": 0, "mtok": 24 * demand}],
    }
    return placer.Instance.from_tables(tables, accelerators="sunk", hour_length=24)


states = placer.States.of({f"demand {demand}": day(demand) for demand in (80, 100, 120, 140)})
hall = {"candidate": "hall", "adds": "accelerators", "target": "inland", "usd_per_unit_year": 30 * 365}
plan = placer.plan(day(80), [hall], states)
plan

# %% [markdown]
# ## By hand: the newsboy
#
# The last accelerator earns 100 USD on a day that needs it, and costs 30 on every day. It pays as long as at least
# three days in ten need it. One day in four needs more than 120; two in four need more than 100. So build 120, and
# shrug on the days with 140.

# %%
for size in (80, 100, 120, 140):
    short = sum(max(0, demand - size) for demand in (80, 100, 120, 140)) / 4
    print(f"hall of {size}: {30 * size + 100 * short:,.0f} USD a day")
print(f"the plan: {plan.builds['units'].iloc[0]:.0f} accelerators, {plan.cost_usd_per_year / 365:,.0f} USD a day")
assert abs(plan.cost_usd_per_year / 365 - 4100) < 1e-6

# %% [markdown]
# ## The value of thinking first

# %%
print(f"planning for all four, not for their mean: {plan.value_of_stochastic_solution() / 365:,.0f} USD a day")
print(f"knowing the demand before building:        {plan.value_of_perfect_information() / 365:,.0f} USD a day")

# %% [markdown]
# The first is what this tutorial saves you. The second is the most to pay a fortune teller.
#
# ## Several candidates, and a budget
#
# Now two sites. East exists: 100 accelerators with sunk cost, at 5 USD an hour of work. West is a meadow: cheap to run
# (3 USD), but a unit costs 30 USD a day to build. A new unit in the East would cost 24. The demand is 130 units of
# work in twelve busy hours and 60 in twelve quiet ones.

# %%
chat = {"workload": "chat", "accelerator_hours_per_mtok": 1, "kwh_per_mtok": 0, "unserved_usd_per_mtok": 1000}
instance = placer.Instance.from_tables(
    {
        "hubs": [{"hub": "coast"}],
        "data_centres": [
            {"data_centre": "East", "accelerators": 100, "operations_usd_per_hour": 5},
            {"data_centre": "West", "accelerators": 0, "operations_usd_per_hour": 3},
        ],
        "links": [{"from": "coast", "to": "East", "rtt_ms": 5}, {"from": "coast", "to": "West", "rtt_ms": 30}],
        "workloads": [chat],
        "demand": [
            {"workload": "chat", "hub": "coast", "hour": 0, "mtok": 12 * 130},
            {"workload": "chat", "hub": "coast", "hour": 1, "mtok": 12 * 60},
        ],
    },
    accelerators="sunk",
    hour_length=12,
)
candidates = [
    {"candidate": "West hall", "adds": "accelerators", "target": "West", "usd_per_unit_year": 30 * 365},
    {"candidate": "East hall", "adds": "accelerators", "target": "East", "usd_per_unit_year": 24 * 365},
]
free = placer.plan(instance, candidates)
columns = ["units", "unit_cost_usd_per_year", "value_usd_per_unit_year", "profit_usd_per_unit_year"]
free.builds[columns].round(2)

# %%
from placer.plots import plot_build_curve, plot_builds

axis = plot_builds(free)

# %% [markdown]
# A candidate whose bar reaches its line is built. The (negative) profit of a candidate that is *not* built is the fall
# in cost that it needs: the most useful figure for a seller of halls in the East.
#
# With a budget the last dollar earns a rent. Its whole curve has two stretches:

# %%
tight = placer.plan(instance, candidates, build_limits={"budget_usd_year": 900 * 365})
curve = tight.curve("budget_usd_year", 900 * 365, 3000 * 365)
curve.round(2) + 0.0

# %%
axis = plot_build_curve(curve, limit="budget, USD a year")

# %% [markdown]
# **What it means.** Up to the kink a dollar of budget comes back with interest, and the rent is the interest. Beyond it
# no build pays. `plan.certificate` proves that no plan costs less than the bound, for the states given. It
# proves nothing about a state that nobody thought of.
#
# **Try this next.**
#
# - Give the states shares of the year: `placer.States({"usual": (day(100), 0.95), "feast": (day(300), 0.05)})`. Does
#   the hall grow for the feast? And with `risk=placer.CVaR(level=0.95, weight=0.5)`?
# - Write the cost of the hall as `usd_per_unit`, `wacc` and `lifetime_years`.
# - [What to build](../plans.md) has lines, links, modules, outages and the plan for China.
